-- What goes when a portrait, its table, its source or a column it reads is dropped; and what create_portrait refuses before
-- it makes anything.
BEGIN;
SELECT plan(18);

CREATE TABLE ev (c int PRIMARY KEY, ts timestamptz DEFAULT now(), a float8);
CREATE FUNCTION pg_temp.make(name text, deferred boolean DEFAULT false) RETURNS text LANGUAGE sql AS $$
  SELECT portrait::text FROM persona.create_portrait(name, 'SELECT c, count(*) AS n, sum(a) AS s FROM ev GROUP BY c', 'ts', deferred => deferred)
$$;
CREATE FUNCTION pg_temp.left_over() RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', (SELECT string_agg(tgname, ',') FROM pg_trigger WHERE tgrelid = to_regclass('ev') AND NOT tgisinternal),
    (SELECT string_agg(relname, ',') FROM pg_class WHERE relname LIKE 'p\_%' AND relnamespace = 'public'::regnamespace),
    (SELECT string_agg(proname, ',') FROM pg_proc WHERE proname LIKE 'p\_%' AND pronamespace = 'public'::regnamespace),
    (SELECT count(*) FROM persona.portraits))
$$;

SELECT is(pg_temp.make('p'), 'p', 'a portrait');
SELECT throws_ok($$SELECT pg_temp.make('p')$$, '42P07', 'relation public.p already exists', 'its name is taken');
SELECT throws_ok('DROP TABLE p', '2BP01', NULL, 'its table is not dropped beneath its view');
SELECT lives_ok('DROP TABLE p CASCADE', 'but with CASCADE');
SELECT is(pg_temp.left_over(), '0', 'which takes the views, functions and triggers along');
SELECT lives_ok('INSERT INTO ev VALUES (1, now(), 1)', 'writers go on');
SELECT is(pg_temp.make('p', true), 'p', 'and the name is free');
SELECT lives_ok('DROP TABLE p CASCADE', 'a deferred one goes');
SELECT is(pg_temp.left_over(), '0', 'with its deltas');

SELECT is(pg_temp.make('p'), 'p', 'a third');
SELECT throws_ok('ALTER TABLE ev DROP COLUMN a', '2BP01', NULL, 'a column it reads is protected');
SELECT lives_ok('ALTER TABLE ev DROP COLUMN a CASCADE', 'but with CASCADE');
SELECT lives_ok('INSERT INTO ev VALUES (2)', 'then writers go on, without triggers');
SELECT is((SELECT n FROM p WHERE c = 1), 1::bigint, 'the portrait stands still');
SELECT throws_ok($$SELECT persona.check_portrait('p')$$, '55000', 'the definition of portrait public.p is gone', 'which is told');
SELECT lives_ok($$SELECT persona.drop_portrait('p')$$, 'it can still be dropped');
SELECT is(pg_temp.left_over(), '0', 'and nothing is left');

CREATE ROLE portraits_drop_other;
GRANT SELECT, TRIGGER ON ev TO portraits_drop_other;
GRANT CREATE ON SCHEMA public TO portraits_drop_other;
SET LOCAL ROLE portraits_drop_other;
SELECT throws_ok($$SELECT persona.create_portrait('theirs', 'SELECT c, count(*) AS n FROM ev GROUP BY c')$$, '42501',
  'must be owner of table public.ev', 'only the owner of a table puts triggers on it');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
