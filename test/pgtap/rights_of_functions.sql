-- Rights that a rewritten call, a setting or a schema's name must not get around: EXECUTE on predict where the planner
-- passes columns instead of the row, row_security = off, and a search_path that only looks as if it named pg_temp.
-- Expected values are what GRANT, REVOKE and DESIGN's "Who may do what" say; the scores are y = 2 x + 1, by hand.
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(68);

CREATE ROLE low;
CREATE ROLE owner_of_path;
CREATE FUNCTION pg_temp.as_role(role text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
  PERFORM set_config('role', role, true);
  EXECUTE query INTO answer;
  PERFORM set_config('role', 'none', true);
  RETURN answer;
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ': ' || SQLERRM;
END $$;
CREATE FUNCTION pg_temp.rewritten(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
    IF line LIKE '%predict_columns%' THEN RETURN true; END IF;
  END LOOP;
  RETURN false;
END $$;

CREATE TABLE public.t AS SELECT i::float8 AS x FROM generate_series(1, 3) i;
GRANT SELECT ON public.t TO low;
SELECT persona.fit('m', 'linear_regression', 'SELECT i AS x, 2 * i + 1 + (i % 2) * 1e-9 AS y FROM generate_series(1, 30) i', 'y');
SELECT persona.grant_model('m', 'low');

-- EXECUTE on predict.
CREATE FUNCTION public.total() RETURNS numeric STABLE LANGUAGE plpgsql
AS $$ BEGIN RETURN (SELECT round(sum(persona.predict('m', t))::numeric, 6) FROM public.t); END $$;
CREATE FUNCTION public.total_of_owner() RETURNS numeric STABLE SECURITY DEFINER LANGUAGE plpgsql
AS $$ BEGIN RETURN (SELECT round(sum(persona.predict('m', t))::numeric, 6) FROM public.t); END $$;
CREATE VIEW public.scored AS SELECT persona.predict('m', t) AS score FROM public.t;
GRANT SELECT ON public.scored TO low;
CREATE TEMP TABLE question (query text);
INSERT INTO question VALUES
  ('SELECT round(sum(persona.predict(''m'', t))::numeric, 6) FROM public.t'),
  ('SELECT round(sum(persona.predict(''m'', s))::numeric, 6) FROM (SELECT x FROM public.t OFFSET 0) s'),
  ('SELECT round(sum(persona.predict(''m'', row(t.*)))::numeric, 6) FROM (SELECT x FROM public.t) t WHERE false'),
  ('SELECT round(sum(score)::numeric, 6) FROM public.scored'),
  ('SELECT public.total()'),
  ('EXECUTE by_low'), ('EXECUTE by_low_generic');
SET LOCAL ROLE low;
PREPARE by_low AS SELECT round(sum(persona.predict('m', t))::numeric, 6) FROM public.t;
SET LOCAL plan_cache_mode = force_generic_plan;
PREPARE by_low_generic AS SELECT round(sum(persona.predict('m', t))::numeric, 6) FROM public.t WHERE x < 100;
RESET ROLE;
-- (2 + 1) + (4 + 1) + (6 + 1) = 15.
SELECT is(pg_temp.as_role('low', query), CASE WHEN query LIKE '%WHERE false' THEN NULL ELSE '15.000000' END, 'before: ' || query) FROM question;
SELECT ok(pg_temp.rewritten(query), 'rewritten: ' || query) FROM question
WHERE query LIKE 'EXECUTE%' OR query LIKE '%.t' OR query LIKE '%scored';
REVOKE EXECUTE ON FUNCTION persona.predict(text, record) FROM PUBLIC;
SELECT is(pg_temp.as_role('low', query), '42501: permission denied for function predict', 'revoked: ' || query) FROM question
WHERE query NOT LIKE '%WHERE false';
SELECT is(pg_temp.as_role('low', 'SELECT public.total_of_owner()'), '15.000000', 'a function of one who may, may');
SELECT is(pg_temp.as_role('postgres', query), '15.000000', 'a superuser may: ' || query) FROM question WHERE query NOT LIKE '%WHERE false';
-- A plan made for a superuser is not executed for somebody else.
PREPARE by_superuser AS SELECT round(sum(persona.predict('m', t))::numeric, 6) FROM public.t WHERE x < 1000;
SELECT is(pg_temp.as_role('postgres', 'EXECUTE by_superuser'), '15.000000', 'a superuser''s prepared statement');
SELECT is(pg_temp.as_role('low', 'EXECUTE by_superuser'), '42501: permission denied for function predict', 'is not low''s');
GRANT EXECUTE ON FUNCTION persona.predict(text, record) TO low;
SELECT is(pg_temp.as_role('low', query), '15.000000', 'granted again: ' || query) FROM question WHERE query NOT LIKE '%WHERE false';
SELECT is(pg_temp.as_role('low', 'EXECUTE by_superuser'), '15.000000', 'and so is a statement prepared by another role');
SET LOCAL plan_cache_mode = auto;

-- row_security = off: a role whose rows are filtered gets an error from SELECT, but our own reading goes on. The models
-- are new, so that nothing of them is cached.
SELECT persona.fit('n', 'logistic_regression', 'SELECT i AS x, (i % 7 > 2) AS y FROM generate_series(1, 70) i', 'y');
SELECT persona.grant_model('n', 'low');
CREATE TABLE public.bought (u int, i text);
INSERT INTO public.bought VALUES (5, 'i1'), (6, 'i1'), (6, 'i2'), (7, 'i1'), (7, 'i2'), (8, 'i3');
SELECT persona.fit('r', 'item_knn', 'public.bought', options => '{"user": "u", "item": "i"}');
SELECT persona.grant_model('r', 'low');
SET LOCAL row_security = off;
SELECT matches(pg_temp.as_role('low', 'SELECT count(*) FROM persona.model'), '^42501: query would be affected by row-level security',
               'the rows themselves are refused');
SELECT is(pg_temp.as_role('low', $$SELECT round(persona.predict('m', '{"x": 4}')::numeric, 6)$$), '9.000000', 'predict');
SELECT is(pg_temp.as_role('low', $$SELECT round(persona.predict('m@1', '{"x": 4}')::numeric, 6)$$), '9.000000', 'of a version');
SELECT is(pg_temp.as_role('low', $$SELECT round(sum(persona.predict('m', t))::numeric, 6) FROM public.t$$), '15.000000', 'of rows');
SELECT unalike(pg_temp.as_role('low', query), '_____: %', 'no error: ' || query)
FROM (VALUES ($$SELECT persona.classify('n', '{"x": 4}')$$), ($$SELECT persona.explain('n', '{"x": 4}')$$), ($$SELECT persona.reasons('n', '{"x": 4}')$$),
             ($$SELECT count(*) FROM persona.evaluate('m', 'SELECT x, 2 * x AS y FROM public.t')$$)) v(query);
SELECT is(pg_temp.as_role('low', $$SELECT item FROM persona.recommend('r', 5) WHERE rank = 1$$), 'i2', 'recommend');
SELECT is(pg_temp.as_role('low', $$SELECT persona.predict('of_nobody', '{"x": 4}')$$), '42704: model "of_nobody" does not exist', 'and no more than that');
SET LOCAL row_security = on;

-- Schemas whose names hold pg_temp, and pg_temp itself named first: a temporary relation never hides the owner's, also
-- where the plan was made before it was there.
CREATE SCHEMA my_pg_temp AUTHORIZATION owner_of_path;
CREATE SCHEMA "my, pg_temp, odd" AUTHORIZATION owner_of_path;
CREATE TABLE public.note (runs_as text);
GRANT INSERT ON public.note TO PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO owner_of_path;
CREATE FUNCTION public.trap() RETURNS int LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.note VALUES (current_user); RETURN 5; END $$;
CREATE TABLE path (model text, search_path text, stored text);
INSERT INTO path VALUES ('similar', 'my_pg_temp, public', 'my_pg_temp, public, pg_temp'),
  ('quoted', '"my, pg_temp, odd", public', '"my, pg_temp, odd", public, pg_temp'), ('none', '', 'pg_temp'),
  ('last', 'public, pg_temp', 'public, pg_temp'), ('plain', 'public', 'public, pg_temp'), ('first', 'pg_temp, public', NULL);
GRANT SELECT ON path TO PUBLIC;
SET LOCAL ROLE owner_of_path;
CREATE TABLE public.pairs (u int, i text);
INSERT INTO public.pairs VALUES (5, 'i1'), (6, 'i1'), (6, 'i2'), (7, 'i1'), (7, 'i2'), (8, 'i3');
DO $$
DECLARE p record;
BEGIN
  FOR p IN SELECT * FROM public.path LOOP
    PERFORM set_config('search_path', p.search_path, true);
    PERFORM persona.fit(p.model, 'item_knn', CASE p.search_path WHEN '' THEN 'public.pairs' ELSE 'SELECT u, i FROM pairs' END,
                        options => '{"user": "u", "item": "i"}');
    PERFORM persona.grant_model(p.model, 'low');
  END LOOP;
END $$;
SET LOCAL search_path = public;
RESET ROLE;
SELECT is(m.search_path, p.stored, p.model || ': the stored search_path') FROM path p JOIN persona.model m ON m.name = p.model WHERE p.stored IS NOT NULL;
SELECT is(pg_temp.as_role('low', format('SELECT item FROM persona.recommend(%L, 5) WHERE rank = 1', model)), 'i2', model || ': before') FROM path;
SET LOCAL ROLE low;
CREATE TEMP VIEW pairs AS SELECT public.trap() AS u, 'i3'::text AS i;
GRANT SELECT ON pg_temp.pairs TO PUBLIC;
RESET ROLE;
DO $$
DECLARE p record;
BEGIN
  FOR p IN SELECT model FROM public.path LOOP
    PERFORM pg_temp.as_role('low', format('SELECT item FROM persona.recommend(%L, 5) WHERE rank = 1', p.model));
    PERFORM pg_temp.as_role('low', format('SELECT persona.preference(%L, 5, ''i2'')', p.model));
  END LOOP;
END $$;
SELECT is((SELECT string_agg(DISTINCT runs_as, ' ') FROM public.note WHERE runs_as <> 'low'), NULL, 'a temporary view runs as nobody else');
SELECT matches(pg_temp.as_role('low', format('SELECT item FROM persona.recommend(%L, 5) WHERE rank = 1', model)), '^(i2$|42501: )', model || ': the owner''s table is read, or none')
FROM path WHERE model <> 'first';
-- Nor when the table is gone; and the planner, which runs immutable functions, does not so much as look at the view.
ALTER TABLE public.pairs RENAME TO pairs_gone;
CREATE FUNCTION public.folded() RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'runs as %', current_user; END $$;
SET LOCAL ROLE low;
CREATE OR REPLACE TEMP VIEW pairs AS SELECT 5 AS u, public.folded() AS i;
RESET ROLE;
SELECT matches(pg_temp.as_role('low', format('SELECT persona.preference(%L, 5, ''i2'')', model)), '^(42501|42P01): ', model || ': nothing of it runs') FROM path;
DROP VIEW pg_temp.pairs;

-- A type that is gone is not found among the caller's either.
CREATE DOMAIN public.uid AS int;
SELECT persona.fit('typed', 'item_knn', 'SELECT u::uid AS u, i FROM public.bought', options => '{"user": "u", "item": "i"}');
SELECT persona.grant_model('typed', 'low');
DROP DOMAIN public.uid;
SET LOCAL ROLE low;
CREATE FUNCTION pg_temp.checked(int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.note VALUES (current_user); RETURN true; END $$;
CREATE DOMAIN pg_temp.uid AS int CHECK (pg_temp.checked(VALUE));
GRANT USAGE ON TYPE pg_temp.uid TO PUBLIC;
RESET ROLE;
SELECT matches(pg_temp.as_role('low', $$SELECT count(*) FROM persona.recommend('typed', 5)$$), '^(42704|42501): ', 'a temporary type does not stand in');
SELECT is((SELECT string_agg(DISTINCT runs_as, ' ') FROM public.note WHERE runs_as <> 'low'), NULL, 'nor runs as the owner');

SELECT * FROM finish();
ROLLBACK;
