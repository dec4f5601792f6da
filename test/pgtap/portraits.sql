-- Portraits: what create_portrait makes of a query, which queries it refuses and how, names, drop_portrait.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS citext;
SELECT plan(110);
SET LOCAL search_path = public, persona;  -- the operators of the types, where is() compares

CREATE TABLE event (id int PRIMARY KEY, customer int, ts timestamptz, amount float8, category text, tag citext,
                    local_ts timestamp, day date, note text, cents int GENERATED ALWAYS AS (amount * 100) STORED);
CREATE INDEX ON event (customer);
INSERT INTO event VALUES (1, 1, '2024-01-01 10:00+00', 10, 'a', 'x', '2024-01-01 10:00', '2024-01-01', 'n'),
                         (2, 1, '2024-01-02 10:00+00', 20, 'b', 'X', '2024-01-02 10:00', '2024-01-02', NULL),
                         (3, 2, '2024-01-03 10:00+00', 30, 'a', 'y', '2024-01-03 10:00', '2024-01-03', 'n'),
                         (4, NULL, '2024-01-03 10:00+00', 5, 'a', 'y', '2024-01-03 10:00', '2024-01-03', 'n');

-- What is made, from the query alone.
SELECT persona.create_portrait('shopper', $$ SELECT customer, count(*) AS events, persona.activity_agg(ts, amount) AS activity,
  sum(amount) FILTER (WHERE category = 'a') AS of_a FROM event WHERE amount > 0 GROUP BY customer $$, 'ts');
SELECT columns_are('public', 'shopper', ARRAY['customer', 'events', 'activity', 'of_a'], 'the table');
SELECT col_type_is('public', 'shopper', 'activity', 'persona', 'activity', 'holds states');
SELECT col_is_pk('shopper', 'customer', 'one row a key');
SELECT has_view('public', 'shopper_features', 'the features');
SELECT has_view('public', 'shopper_recomputed', 'the definition');
SELECT has_function('public', 'shopper_as_of', ARRAY['timestamp with time zone'], 'the portrait as of a time');
SELECT has_function('public', 'shopper_features_as_of', ARRAY['timestamp with time zone'], 'the features as of a time');
SELECT results_eq('SELECT customer, events, of_a, persona.total_amount(activity) FROM shopper ORDER BY 1',
                  'VALUES (1, 2::bigint, 10::float8, 30::float8), (2, 1, 30, 30)', 'its rows, without the NULL key');
SELECT results_eq($$ SELECT attname::text COLLATE "default" FROM pg_attribute WHERE attrelid = 'shopper_features'::regclass AND attnum > 0 ORDER BY attnum LIMIT 6 $$,
                  $$ VALUES ('customer'), ('events'), ('activity_events'), ('activity_active_days'), ('activity_first_at'), ('activity_last_at') $$,
                  'features are called COLUMN_accessor, scalars by their own name');
SELECT results_eq('SELECT customer, events, activity_total_amount, round(activity_recency_days::numeric, 6), of_a FROM shopper_features ORDER BY 1',
  $$ VALUES (1, 2::bigint, 30::float8, round((extract(epoch FROM now() - '2024-01-02 10:00+00') / 86400)::numeric, 6), 10::float8),
            (2, 1, 30, round((extract(epoch FROM now() - '2024-01-03 10:00+00') / 86400)::numeric, 6), 30) $$, 'features are as of now');
SELECT results_eq($$ SELECT portrait::text, source::text, deferred, event_time, features::text, recomputed::text, delta::text FROM persona.portraits $$,
                  $$ VALUES ('shopper', 'event', false, 'ts', 'shopper_features', 'shopper_recomputed', NULL) $$, 'it is listed');
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgrelid = 'event'::regclass AND NOT tgisinternal), 5::bigint, 'triggers for every kind of change');
SELECT is_empty($$ SELECT * FROM persona.check_portrait('shopper') $$, 'and it is right');
SELECT is((SELECT reloptions FROM pg_class WHERE oid = 'shopper'::regclass), '{fillfactor=70}', 'with room for updates in place');

-- Keys: several, expressions, of every kind of type; names that need quoting.
SELECT lives_ok($$ SELECT persona.create_portrait('two', 'SELECT category, customer % 2 = 0 AS even, count(*) AS n, min(ts) AS first FROM event GROUP BY 1, 2') $$, 'several keys');
SELECT results_eq('SELECT * FROM two ORDER BY 1, 2', 'SELECT category, customer % 2 = 0, count(*), min(ts) FROM event WHERE customer IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2', 'as the query answers, NULL keys left out');
SELECT lives_ok($$ SELECT persona.create_portrait('daily', 'SELECT (ts AT TIME ZONE ''Europe/Paris'')::date AS day, customer, count(*) AS n FROM event GROUP BY 1, 2') $$, 'a local day');
SELECT lives_ok($$ SELECT persona.create_portrait('tags', 'SELECT tag, count(*) AS n FROM event GROUP BY tag') $$, 'a citext key');
SELECT results_eq('SELECT tag::text COLLATE "default", n FROM tags ORDER BY 1', $$ VALUES ('x', 2::bigint), ('y', 2) $$, 'compared as citext is');
CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
CREATE TABLE word (w text COLLATE blind, c text COLLATE "C", n numeric(10, 2));
SELECT lives_ok($$ SELECT persona.create_portrait('words', 'SELECT w, c, sum(n) AS n FROM word GROUP BY w, c') $$, 'keys of collations of their own');
INSERT INTO word VALUES ('cote', 'a', 1.10);
INSERT INTO word VALUES ('CÔTE', 'a', 1.20), ('cote', 'A', 1.40), ('Cöte', 'A', 1.50);
UPDATE word SET n = n + 1 WHERE c = 'A';
SELECT results_eq('SELECT lower(c) COLLATE "default", n FROM words ORDER BY n', $$ VALUES ('a', 2.30), ('a', 4.90) $$, 'kept apart and together as the collations say');
SELECT is_empty($$ SELECT * FROM persona.check_portrait('words') $$, 'and right');
CREATE DOMAIN customer_id AS int CHECK (value > 0);
CREATE DOMAIN moment AS timestamptz;
CREATE TABLE typed (k customer_id, at moment, amount float8, twice float8 GENERATED ALWAYS AS (amount * 2) STORED);
SELECT lives_ok($$ SELECT persona.create_portrait('typed_portrait', 'SELECT k, persona.activity_agg(at, twice) AS a, max(twice) AS m FROM typed GROUP BY k', 'at') $$, 'domains and generated columns');
INSERT INTO typed VALUES (1, '2024-01-01', 5);
INSERT INTO typed VALUES (1, '2024-01-01', 7), (2, '2024-01-01', 1);
UPDATE typed SET amount = 6 WHERE amount = 5;
SELECT results_eq('SELECT k::int, persona.total_amount(a), m FROM typed_portrait ORDER BY 1', 'VALUES (1, 26::float8, 14::float8), (2, 2, 2)', 'are read as stored');
SELECT results_eq($$ SELECT k::int, a_total_amount FROM typed_portrait_features_as_of('2024-06-01') ORDER BY 1 $$, 'VALUES (1, 26::float8), (2, 2)', 'a domain over timestamptz tells the time');

CREATE SCHEMA "Ünï ""co';de";
CREATE TABLE "Ünï ""co';de"."sel""ect {a}" ("Кл'юч {x}" int, "event" timestamptz, "dirty" float8, "fresh" int, "excluded" int);
SELECT lives_ok($$ SELECT persona.create_portrait('"Ünï ""co'';de"."P {b} ü"', 'SELECT "Кл''юч {x}" AS "dirty", "excluded" AS "stored", sum("fresh") AS "portrait",
  count(*) AS "event", persona.activity_agg("event") AS "{a} ''" FROM "Ünï ""co'';de"."sel""ect {a}" GROUP BY 1, 2', 'event') $$, 'names of all sorts');
INSERT INTO "Ünï ""co';de"."sel""ect {a}" VALUES (1, '2024-01-01', 1, 1, 1), (2, '2024-01-01', 1, 1, 1);
INSERT INTO "Ünï ""co';de"."sel""ect {a}" VALUES (1, '2024-01-02', 1, 1, 1);
UPDATE "Ünï ""co';de"."sel""ect {a}" SET fresh = fresh + 1;
SELECT results_eq($$ SELECT dirty, stored, portrait, event, "{a} '_events" FROM "Ünï ""co';de"."P {b} ü" p JOIN "Ünï ""co';de"."P {b} ü_features" USING (dirty, stored, portrait, event) ORDER BY 1 $$,
                  'VALUES (1, 1, 4::bigint, 2::bigint, 2::bigint), (2, 1, 2, 1, 1)', 'are kept up to date');
SELECT is_empty($$ SELECT * FROM persona.check_portrait('"Ünï ""co'';de"."P {b} ü"') $$, 'and right');
SELECT results_eq($$ SELECT dirty, "{a} '_events" FROM "Ünï ""co';de"."P {b} ü_features_as_of"('2024-01-02') ORDER BY 1 $$, 'VALUES (1, 1::bigint), (2, 1)', 'and as of a time');
SELECT lives_ok($$ SELECT persona.drop_portrait('"Ünï ""co'';de"."P {b} ü"') $$, 'and dropped');

-- The server's own aggregates, of every type that adds up exactly.
SELECT persona.create_portrait('sums', $$ SELECT customer, sum(cents) AS c, sum(amount::numeric) AS d, sum(local_ts - '2024-01-01') AS i, min(category COLLATE "C") AS lo,
  max(day) AS hi, min(ARRAY[cents]) AS ar, bool_and(note IS NULL) AS a, every(amount > 5) AS e, bool_or(note IS NULL) AS o, count(note) AS notes FROM event GROUP BY customer $$);
INSERT INTO event VALUES (30, 1, '2024-01-09', 1, 'Z', 'x', '2024-01-09 10:00', '2023-01-01', 'n'), (31, 4, '2024-01-09', NULL, NULL, 'x', NULL, NULL, NULL);
INSERT INTO event VALUES (32, 4, '2024-01-09', 7, 'Z', 'x', '2024-01-09 10:00', '2023-01-01', 'n');
SELECT results_eq('SELECT * FROM sums ORDER BY 1', $$ SELECT customer, sum(cents), sum(amount::numeric), sum(local_ts - '2024-01-01'), min(category COLLATE "C"), max(day), min(ARRAY[cents]),
  bool_and(note IS NULL), every(amount > 5), bool_or(note IS NULL), count(note) FROM event WHERE customer IS NOT NULL GROUP BY 1 ORDER BY 1 $$, 'the server''s own aggregates');
SELECT is_empty($$ SELECT * FROM persona.check_portrait('sums') $$, 'add up');
DELETE FROM event WHERE id >= 30;

-- Which clock the features count on follows the column.
SELECT persona.create_portrait('on_local', 'SELECT customer, persona.activity_agg(local_ts) AS a FROM event GROUP BY customer', 'local_ts');
SELECT has_function('public', 'on_local_as_of', ARRAY['timestamp without time zone'], 'as of a timestamp');
SELECT persona.create_portrait('on_day', 'SELECT customer, persona.activity_agg(day) AS a FROM event GROUP BY customer', 'day');
SELECT has_function('public', 'on_day_features_as_of', ARRAY['date'], 'as of a date');
SELECT col_type_is('public', 'on_day_features', 'a_first_at', 'timestamp without time zone', 'features on the local clock');
SELECT persona.create_portrait('timeless', 'SELECT customer, count(*) AS n FROM event GROUP BY customer');
SELECT hasnt_function('public', 'timeless_as_of', 'no event_time: no functions as of a time');

-- A hostile search_path changes nothing: names are resolved once, operators too.
CREATE SCHEMA attacker;
CREATE FUNCTION attacker.strike(int, int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'struck'; END $$;
CREATE OPERATOR attacker.= (leftarg = int, rightarg = int, function = attacker.strike);
CREATE FUNCTION attacker.strike(bigint, bigint) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RAISE 'struck'; END $$;
CREATE OPERATOR attacker.+ (leftarg = bigint, rightarg = bigint, function = attacker.strike);
CREATE FUNCTION attacker.now() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN RAISE 'struck'; END $$;
CREATE FUNCTION attacker.quote_ident(name) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'struck'; END $$;
CREATE FUNCTION attacker.portrait_same(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'struck'; END $$;
CREATE TABLE attacker.dirty (customer int);
CREATE TABLE attacker.new_rows (LIKE event);
CREATE FUNCTION under_attack(sql text) RETURNS void LANGUAGE plpgsql SET search_path = attacker, pg_catalog, public AS $$ BEGIN EXECUTE sql; END $$;
SELECT throws_ok($$ SELECT under_attack('SELECT 1::int = 1::int') $$, 'P0001', 'struck', 'the attack strikes who is careless');
SELECT lives_ok(format('SELECT under_attack(%L)', sql), why) FROM (VALUES
  ($$ SELECT persona.create_portrait('public.safe', 'SELECT customer, count(*) AS n, persona.activity_agg(ts) AS a FROM event GROUP BY customer', 'ts') $$, 'not a portrait that is created'),
  ($$ INSERT INTO event (id, customer, ts, amount) VALUES (20, 1, '2024-02-01', 1), (21, 3, '2024-02-01', 1) $$, 'written to'),
  ($$ INSERT INTO event (id, customer, ts, amount) VALUES (22, 1, '2024-02-01', 1) $$, 'with one row'),
  ($$ UPDATE event SET amount = 2, ts = '2024-02-02' WHERE id OPERATOR(pg_catalog.=) 20 $$, 'changed'),
  ($$ DELETE FROM event WHERE id OPERATOR(pg_catalog.>=) 21 $$, 'deleted from'),
  ($$ SELECT * FROM persona.check_portrait('public.safe') $$, 'checked'),
  ($$ SELECT * FROM public.safe_features, public.safe_as_of('2025-01-01'), public.safe_features_as_of('2025-01-01') $$, 'read'),
  ($$ SELECT persona.refresh_portrait('public.safe') $$, 'refreshed')) v(sql, why);
SELECT is_empty($$ SELECT * FROM persona.check_portrait('safe') $$, 'and it is right');
SELECT results_eq('SELECT customer, n FROM safe ORDER BY 1', 'VALUES (1, 3::bigint), (2, 1)', 'to the number');
SELECT lives_ok($$ SELECT under_attack($_$ SELECT persona.drop_portrait('public.safe') $_$) $$, 'and dropped');
DELETE FROM event WHERE id = 20;


-- What is refused, with the mend.
CREATE VIEW event_view AS SELECT * FROM event;
CREATE MATERIALIZED VIEW event_matview AS SELECT * FROM event;
CREATE TEMP TABLE event_temp (LIKE event);
CREATE FUNCTION refused(query text, event_time text DEFAULT NULL, name text DEFAULT 'refused') RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; hint text; message text;
BEGIN
  PERFORM persona.create_portrait(name, query, event_time);
  RETURN 'created';
EXCEPTION WHEN others THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, hint = PG_EXCEPTION_HINT, message = MESSAGE_TEXT;
  RETURN state || CASE WHEN hint = '' THEN '' ELSE ' with hint' END;
END $$;
SELECT is(refused(q), wanted, why) FROM (VALUES
  ('SELECT e.customer, count(*) AS n FROM event e JOIN event f USING (id) GROUP BY 1', '22023 with hint', 'a join'),
  ('SELECT e.customer, count(*) AS n FROM event e, event f GROUP BY 1', '22023 with hint', 'two tables'),
  ('SELECT customer, count(*) AS n FROM (SELECT * FROM event) e GROUP BY 1', '22023 with hint', 'a subquery in FROM'),
  ('SELECT customer, count(*) FILTER (WHERE id IN (SELECT 1)) AS n FROM event GROUP BY 1', '22023 with hint', 'a subquery in an expression'),
  ('SELECT DISTINCT customer, count(*) AS n FROM event GROUP BY 1', '22023 with hint', 'DISTINCT'),
  ('SELECT customer, count(*) AS n FROM event GROUP BY 1 HAVING count(*) > 1', '22023 with hint', 'HAVING'),
  ('SELECT customer, count(*) AS n FROM event GROUP BY 1 ORDER BY 1', '22023 with hint', 'ORDER BY'),
  ('SELECT customer, count(*) AS n FROM event GROUP BY 1 LIMIT 5', '22023 with hint', 'LIMIT'),
  ('SELECT customer, count(*) AS n FROM event GROUP BY ROLLUP (customer)', '22023 with hint', 'grouping sets'),
  ('SELECT customer, sum(count(*)) OVER () AS n FROM event GROUP BY 1', '22023 with hint', 'a window function'),
  ('WITH e AS (SELECT * FROM event) SELECT customer, count(*) AS n FROM e GROUP BY 1', '22023 with hint', 'WITH'),
  ('SELECT customer, count(*) AS n FROM event GROUP BY 1 UNION ALL SELECT 1, 2', '22023 with hint', 'UNION'),
  ('SELECT count(*) AS n FROM event', '22023 with hint', 'no key'),
  ('SELECT count(*) AS n FROM event TABLESAMPLE BERNOULLI (1) GROUP BY customer', '22023 with hint', 'a sample'),
  ('SELECT customer FROM event GROUP BY 1', '22023 with hint', 'no aggregate'),
  ('SELECT count(*) AS n FROM event GROUP BY customer', '22023 with hint', 'a key that is not selected'),
  ('SELECT customer, customer AS again, count(*) AS n FROM event GROUP BY customer', '22023 with hint', 'a key twice'),
  ('SELECT customer, 1 AS one, count(*) AS n FROM event GROUP BY 1, 2', '22023 with hint', 'a constant as a key'),
  ('SELECT customer, count(*) + 1 AS n FROM event GROUP BY 1', '22023 with hint', 'an expression of aggregates'),
  ('SELECT customer, avg(amount) AS mean FROM event GROUP BY 1', '22023 with hint', 'avg'),
  ('SELECT customer, sum(amount::real) AS n FROM event GROUP BY 1', '22023 with hint', 'a sum of type real'),
  ('SELECT customer, count(DISTINCT category) AS n FROM event GROUP BY 1', '22023 with hint', 'count(DISTINCT)'),
  ('SELECT customer, string_agg(category, '','') AS n FROM event GROUP BY 1', '22023 with hint', 'string_agg'),
  ('SELECT customer, array_agg(category ORDER BY ts) AS n FROM event GROUP BY 1', '22023 with hint', 'ORDER BY in an aggregate'),
  ('SELECT customer, percentile_cont(0.5) WITHIN GROUP (ORDER BY amount) AS n FROM event GROUP BY 1', '22023 with hint', 'an ordered-set aggregate'),
  ('SELECT customer, count(*) AS n FROM event WHERE ts > now() GROUP BY 1', '22023 with hint', 'now()'),
  ('SELECT customer, ts::date AS day, count(*) AS n FROM event GROUP BY 1, 2', '22023 with hint', 'timestamptz::date'),
  ('SELECT customer, count(*) FILTER (WHERE random() < 0.5) AS n FROM event GROUP BY 1', '22023 with hint', 'random()'),
  ('SELECT customer, count(*) FILTER (WHERE tag IS DISTINCT FROM ''x'') AS n FROM event GROUP BY 1', '22023 with hint', 'IS DISTINCT FROM of a type outside pg_catalog'),
  ('SELECT nullif(tag, ''x'') AS tag, count(*) AS n FROM event GROUP BY 1', '22023 with hint', 'NULLIF of one'),
  ('SELECT CASE tag WHEN ''x'' THEN 1 ELSE 2 END AS tag, count(*) AS n FROM event GROUP BY 1', '22023 with hint', 'CASE value WHEN of one'),
  ('SELECT customer, count(event) AS n FROM event GROUP BY 1', '22023 with hint', 'a whole row'),
  ('SELECT customer, max(ctid) AS n FROM event GROUP BY 1', '22023 with hint', 'a system column'),
  ('SELECT customer, tableoid, count(*) AS n FROM event GROUP BY 1, 2', '22023 with hint', 'tableoid'),
  ('SELECT customer, count(*) AS n FROM ONLY event GROUP BY 1', '22023 with hint', 'ONLY'),
  ('SELECT customer, count(*) AS n FROM event_view GROUP BY 1', '42809 with hint', 'a view'),
  ('SELECT customer, count(*) AS n FROM event_matview GROUP BY 1', '42809 with hint', 'a materialized view'),
  ('SELECT customer, count(*) AS n FROM event_temp GROUP BY 1', '0A000', 'a temporary table'),
  ('SELECT relkind, count(*) AS n FROM pg_class GROUP BY 1', '42501', 'a catalog'),
  ('SELECT customer, count(*) AS n, sum(amount) AS n FROM event GROUP BY 1', '42701', 'two columns of one name'),
  ('SELECT customer, count(*) AS a_events, persona.activity_agg(ts) AS a FROM event GROUP BY 1', '42701 with hint', 'two features of one name'),
  ('SELECT customer, persona.activity_agg(ts) AS ' || repeat('n', 55) || ' FROM event GROUP BY 1', '42622 with hint', 'a feature name that is too long'),
  ('INSERT INTO event VALUES (1)', '22023 with hint', 'no SELECT'),
  ('SELECT customer, count(*) AS n FROM event GROUP BY 1; SELECT 1', '22023 with hint', 'two statements'),
  ('nonsense', '42601', 'a syntax error')) v(q, wanted, why);
SELECT is(refused('SELECT customer, count(*) AS n FROM event GROUP BY 1', 'never'), '42703 with hint', 'an event_time that is not there');
SELECT is(refused('SELECT customer, count(*) AS n FROM event GROUP BY 1', 'amount'), '42804 with hint', 'an event_time that is no time');
SELECT is(refused('SELECT customer, count(*) AS n FROM event GROUP BY 1', NULL, repeat('p', 49)), '42622 with hint', 'a name too long');
SELECT is(refused('SELECT customer, count(*) AS n FROM event GROUP BY 1', NULL, repeat('p', 48)), 'created', 'and one that just fits');
SELECT is(refused('SELECT customer, count(*) AS n FROM event GROUP BY 1', NULL, ''), '42602', 'no name');
SELECT is(refused('SELECT customer, count(*) AS n FROM event GROUP BY 1', NULL, 'pg_temp.refused'), '0A000 with hint', 'a temporary portrait');
SELECT is(refused('SELECT customer, count(*) AS n FROM event GROUP BY 1', NULL, 'shopper'), '42P07 with hint', 'a name that is taken');
SELECT is((SELECT count(*) FROM persona.portraits WHERE portrait::text = 'refused'), 0::bigint, 'nothing is left of them');
SELECT throws_ok($$ SELECT persona.check_portrait('nobody') $$, '42704', 'portrait "nobody" does not exist', 'a portrait that is not there');
SELECT throws_ok($$ SELECT persona.refresh_portrait('event') $$, '42704', 'portrait "event" does not exist', 'a table that is none');
SELECT throws_ok($$ SELECT persona.drop_portrait('nobody') $$, '42704', NULL, 'none to drop');

-- drop_portrait leaves nothing.
CREATE TEMP TABLE gone AS SELECT 'shopper'::regclass::oid AS portrait;
SELECT persona.drop_portrait('shopper');
SELECT is((SELECT count(*) FROM pg_class WHERE relname ~ '^shopper' AND relnamespace = 'public'::regnamespace), 0::bigint, 'no relation is left');
SELECT is((SELECT count(*) FROM pg_proc WHERE proname ~ '^shopper'), 0::bigint, 'no function');
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgrelid = 'event'::regclass AND tgname ~ 'shopper'), 0::bigint, 'no trigger');
SELECT is((SELECT count(*) FROM persona.portrait, gone WHERE portrait.portrait = gone.portrait), 0::bigint, 'no row');
SELECT is((SELECT count(*) FROM persona.portrait_trigger t, gone WHERE t.portrait = gone.portrait), 0::bigint, 'in neither table');
SELECT is((SELECT count(*) FROM pg_depend, gone WHERE objid = gone.portrait OR refobjid = gone.portrait), 0::bigint, 'no dependency');

SELECT * FROM finish();
ROLLBACK;
