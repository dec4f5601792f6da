-- The planner's rewriting of predict(model, row), as predict_rewrite, in statements that write, over partitions and
-- inheritance, in functions, triggers, constraints and policies, in prepared statements while the table changes, under
-- security barriers and row security. pg_temp.predict_record is the record form:
-- the same C function without the support function. `same` runs a query whose columns are (rewritten, record form) and
-- compares them row by row, to the last bit, and the number of rows and of NULLs with what is known by hand.
BEGIN;
SELECT plan(48);
SET LOCAL client_min_messages = warning;
SET LOCAL jit = off;

CREATE FUNCTION pg_temp.predict_record(text, record) RETURNS float8 LANGUAGE C STRICT STABLE PARALLEL SAFE
  AS '$libdir/persona', 'persona_predict_record';
-- Planned with and without the chance of a rewriting, counted: rows, and rows with a score.
CREATE FUNCTION pg_temp.same(query text, all_rows int, scored int,
  description text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE got int[];
BEGIN
  EXECUTE format('SELECT ARRAY[count(*), count(r), count(*) FILTER (WHERE p IS DISTINCT FROM r)] FROM (%s) q(p, r)',
    query)
  INTO got;
  RETURN is(got, ARRAY[all_rows, scored, 0], description);
EXCEPTION WHEN internal_error OR data_exception THEN
  RETURN fail(description) || E'\n' || diag(SQLERRM);
END $$;
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; plan text := '';
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP plan := plan || line || E'\n'; END LOOP;
  RETURN plan;
END $$;
CREATE FUNCTION pg_temp.rewritten(query text, expected boolean, description text) RETURNS text LANGUAGE sql AS $$
  SELECT is(pg_temp.plan_of(query) LIKE '%predict_columns%', expected, description)
$$;

CREATE TABLE t (id int PRIMARY KEY, c1 float8, c2 numeric, c3 int, note text);
INSERT INTO t VALUES (1, 1, 2, 3, 'a'), (2, 10, NULL, 30, 'b'), (3, NULL, NULL, NULL, NULL), (4, 4, 5, 6, 'd');
DO $$ BEGIN
  PERFORM persona.fit('m', 'linear_regression',
    'SELECT 3 * (g % 5) - (g % 3) + 7 AS y, g % 5 AS c1, g % 3 AS c3 FROM generate_series(1, 30) g', 'y');
  PERFORM persona.fit('id', 'linear_regression', 'SELECT 2 * g + 1 AS y, g AS id FROM generate_series(1, 30) g', 'y');
  PERFORM persona.fit('nothing', 'linear_regression', 'SELECT g % 4 AS y FROM generate_series(1, 30) g', 'y');
END $$;

-- Statements that write.
CREATE TABLE u (id int PRIMARY KEY, c1 float8, c3 int DEFAULT 0, score float8);
INSERT INTO u SELECT g, g, 0, 0 FROM generate_series(1, 3) g;
WITH done AS (UPDATE u SET score = persona.predict('m', u) WHERE persona.predict('m', u) > 11
  RETURNING persona.predict('m', u) AS p, pg_temp.predict_record('m', u) AS r)
SELECT is((SELECT ARRAY[count(*), count(r), count(*) FILTER (WHERE p IS DISTINCT FROM r)]::int[] FROM done), ARRAY[2,
  2, 0], 'UPDATE RETURNING');
SELECT is((SELECT array_agg(round(score::numeric, 6) ORDER BY id) FROM u), ARRAY[0, 13, 16]::numeric[], 'UPDATE');
WITH done AS (INSERT INTO u VALUES (1, 50, 0) ON CONFLICT (id) DO UPDATE SET score = persona.predict('m', excluded),
  c1 = u.c1 + persona.predict('m', u) RETURNING *)
SELECT is((SELECT (id, round(c1::numeric, 6), round(score::numeric, 6))::text FROM done), '(1,11.000000,157.000000)',
  'ON CONFLICT');
MERGE INTO u USING (SELECT g AS id, g::float8 AS c1, 0 AS c3 FROM generate_series(2, 12, 10) g) x ON u.id = x.id
  WHEN MATCHED THEN UPDATE SET score = persona.predict('m', u) - persona.predict('m', x)
  WHEN NOT MATCHED THEN INSERT VALUES (x.id, 7, 0, persona.predict('m', x));
SELECT is((SELECT array_agg((id, round(score::numeric, 6))::text ORDER BY id) FROM u WHERE id IN (2, 12)),
  ARRAY['(2,0.000000)', '(12,43.000000)'], 'MERGE');
WITH done AS (DELETE FROM u WHERE persona.predict('id', u) > 6 RETURNING persona.predict('id', u) AS p,
  pg_temp.predict_record('id', u) AS r)
SELECT is((SELECT (count(*), bool_and(p = r))::text FROM done), '(2,t)', 'DELETE RETURNING');
WITH done AS (INSERT INTO u VALUES (77, 2, 2) RETURNING persona.predict('m', u) AS p)
SELECT is((SELECT round(p::numeric, 6) FROM done), 11::numeric, 'INSERT RETURNING');
SELECT results_eq($$SELECT round(persona.predict('m', t)::numeric, 6) FROM t WHERE id = 4 FOR UPDATE$$,
  ARRAY[13::numeric], 'FOR UPDATE');

-- Partitions whose columns stand in another order and with a dropped one; inheritance.
CREATE TABLE part (id int, c1 float8, c3 int) PARTITION BY RANGE (id);
CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (10);
CREATE TABLE part2 (c3 int, gone int, id int, c1 float8);
ALTER TABLE part2 DROP COLUMN gone;
ALTER TABLE part ATTACH PARTITION part2 FOR VALUES FROM (10) TO (20);
INSERT INTO part VALUES (1, 1, 1), (11, 2, 2), (12, NULL, 1);
SELECT pg_temp.same($$SELECT persona.predict('m', part), pg_temp.predict_record('m', part) FROM part$$, 3, 2,
  'partitions');
SELECT is((SELECT array_agg(round(persona.predict('m', part)::numeric, 6) ORDER BY id) FROM part), ARRAY[9, 11,
  NULL]::numeric[], 'the scores of partitions');
SELECT pg_temp.same($$SELECT persona.predict('m', part), pg_temp.predict_record('m', part) FROM (VALUES (11),
  (15)) x(i) LEFT JOIN part ON id = i$$, 2, 1, 'partitions in an outer join');
SELECT pg_temp.same($$SELECT persona.predict('nothing', part), pg_temp.predict_record('nothing', part)
  FROM (VALUES (11), (12), (15)) x(i) LEFT JOIN part ON id = i$$, 3, 2, 'partitions: absent is not all NULL');
WITH done AS (UPDATE part SET c1 = persona.predict('m', part) RETURNING persona.predict('m', part) AS p,
  pg_temp.predict_record('m', part) AS r)
SELECT is((SELECT ARRAY[count(*), count(r), count(*) FILTER (WHERE p IS DISTINCT FROM r)]::int[] FROM done), ARRAY[3,
  2, 0], 'UPDATE of partitions');
CREATE TABLE child (more text) INHERITS (t);
INSERT INTO child VALUES (5, 2, 2, 2, 'e', 'm');
SELECT pg_temp.same($$SELECT persona.predict('m', t), pg_temp.predict_record('m', t) FROM t$$, 5, 4, 'inheritance');
SELECT pg_temp.same($$SELECT persona.predict('m', t), pg_temp.predict_record('m', t) FROM ONLY t$$, 4, 3, 'ONLY');
SELECT pg_temp.same($$SELECT persona.predict('m', c::t), pg_temp.predict_record('m', c::t) FROM child c$$, 1, 1,
  'a child cast to its parent');
DROP TABLE child;

-- PL/pgSQL and SQL functions.
CREATE FUNCTION pg_temp.scores() RETURNS TABLE (p float8, r float8) LANGUAGE plpgsql AS $$
DECLARE a t; q record;
BEGIN
  FOR i IN 1..7 LOOP PERFORM persona.predict('m', t) FROM t; END LOOP;
  FOR a IN SELECT * FROM t ORDER BY id LOOP p := persona.predict('m', a); r := pg_temp.predict_record('m',
    a); RETURN NEXT; END LOOP;
  FOR q IN SELECT * FROM t ORDER BY id LOOP p := persona.predict('m', q); r := pg_temp.predict_record('m',
    q); RETURN NEXT; END LOOP;
  RETURN QUERY SELECT persona.predict('m', t), pg_temp.predict_record('m', t) FROM t;
END $$;
SELECT pg_temp.same('SELECT * FROM pg_temp.scores()', 12, 9, 'PL/pgSQL');
CREATE FUNCTION score_of(t) RETURNS float8 LANGUAGE sql STABLE AS $$ SELECT persona.predict('m', $1) $$;
SELECT pg_temp.same('SELECT score_of(t), pg_temp.predict_record(''m'', t) FROM t', 4, 3, 'a SQL function');
SELECT pg_temp.rewritten('SELECT score_of(t) FROM t', true, 'inlined, it is rewritten too');
SELECT pg_temp.same('SELECT t.score_of, pg_temp.predict_record(''m'', t) FROM t', 4, 3,
  'in the notation of a column');

-- Prepared statements while the table changes.
CREATE TABLE s (id int, c1 float8, c2 float8, gone int, c3 int);
INSERT INTO s VALUES (1, 1, 1, 0, 1), (2, 20, 2, 0, 2);
PREPARE scores AS SELECT id, round(persona.predict('m', s)::numeric, 6), round(pg_temp.predict_record('m',
  s)::numeric, 6) FROM s ORDER BY id;
SELECT results_eq('EXECUTE scores', 'VALUES (1, 9::numeric, 9::numeric), (2, 65, 65)', 'prepared');
ALTER TABLE s DROP COLUMN gone;
ALTER TABLE s DROP COLUMN c2;
SELECT results_eq('EXECUTE scores', 'VALUES (1, 9::numeric, 9::numeric), (2, 65, 65)', 'columns dropped');
ALTER TABLE s ADD COLUMN extra text DEFAULT 'x';
SELECT results_eq('EXECUTE scores', 'VALUES (1, 9::numeric, 9::numeric), (2, 65, 65)', 'a column added');
ALTER TABLE s ALTER COLUMN c3 TYPE float8, ALTER COLUMN c1 TYPE numeric;
SELECT results_eq('EXECUTE scores', 'VALUES (1, 9::numeric, 9::numeric), (2, 65, 65)', 'types changed');
ALTER TABLE s RENAME COLUMN c3 TO other;
SELECT throws_ok('EXECUTE scores', '42703', 'the row lacks column "c3", which model "m@1" needs',
  'a feature renamed');
ALTER TABLE s RENAME COLUMN extra TO c3;
SELECT throws_ok('EXECUTE scores', '42804', NULL, 'another in its place');
ALTER TABLE s DROP COLUMN c3;
ALTER TABLE s RENAME COLUMN other TO c3;
SELECT results_eq('EXECUTE scores', 'VALUES (1, 9::numeric, 9::numeric), (2, 65, 65)', 'and back');
SET LOCAL plan_cache_mode = force_generic_plan;
PREPARE by_model(text) AS SELECT round(persona.predict($1, s)::numeric, 6) FROM s WHERE id = 1;
SELECT results_eq($$EXECUTE by_model('m')$$, ARRAY[9::numeric], 'the model as a parameter');
SELECT results_eq($$EXECUTE by_model('id')$$, ARRAY[3::numeric], 'another');
RESET plan_cache_mode;

-- Security barriers, row security and column privileges hold; the function that leaks runs after them.
CREATE ROLE persona_stranger;
DO $$ BEGIN PERFORM persona.grant_model('m', 'persona_stranger'); END $$;
CREATE SCHEMA shop;
CREATE TABLE shop.d (id int, c1 float8, c3 int, secret text);
INSERT INTO shop.d VALUES (1, 1, 1, 'a'), (2, 2, 2, 'b');
CREATE VIEW shop.barrier WITH (security_barrier) AS SELECT id, c1, c3 FROM shop.d WHERE id = 1;
GRANT USAGE ON SCHEMA shop TO persona_stranger;
GRANT SELECT ON shop.barrier TO persona_stranger;
CREATE TABLE shop.seen (score float8);
GRANT INSERT ON shop.seen TO persona_stranger;
CREATE FUNCTION shop.leak(float8) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN INSERT INTO shop.seen
  VALUES ($1); RETURN true; END $$;
SET LOCAL ROLE persona_stranger;
CREATE TEMP TABLE answer AS SELECT persona.predict('m', b) AS p FROM shop.barrier b
  WHERE shop.leak(persona.predict('m', b));
RESET ROLE;
SELECT is((SELECT array_agg(round(score::numeric, 6)) FROM shop.seen), ARRAY[9::numeric],
  'a security barrier view leaks no row');
ALTER TABLE shop.d ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON shop.d FOR SELECT TO persona_stranger USING (id = 2);
GRANT SELECT ON shop.d TO persona_stranger;
TRUNCATE shop.seen;
SET LOCAL ROLE persona_stranger;
CREATE TEMP TABLE answer2 AS SELECT persona.predict('m', d) AS p FROM shop.d WHERE shop.leak(persona.predict('m', d));
RESET ROLE;
SELECT is((SELECT array_agg(round(score::numeric, 6)) FROM shop.seen), ARRAY[11::numeric],
  'row security leaks no row');
REVOKE SELECT ON shop.d FROM persona_stranger;
GRANT SELECT (id, c1, c3) ON shop.d TO persona_stranger;
SET LOCAL ROLE persona_stranger;
SELECT throws_ok($$SELECT persona.predict('m', d) FROM shop.d$$, '42501', 'permission denied for table d',
  'a whole row takes the privilege on every column');
SELECT lives_ok($$SELECT persona.predict('m', q) FROM (SELECT id, c1, c3 FROM shop.d) q$$,
  'the columns one may read are enough in a subquery');
SELECT throws_ok($$SELECT persona.predict('id', q) FROM (SELECT id, c1, c3 FROM shop.d) q$$, '42704', NULL,
  'another''s model is not there');
RESET ROLE;

-- Constraints, triggers, policies, the check option of a view.
WITH w AS (UPDATE t SET note = 'w' RETURNING *)
SELECT is((SELECT ARRAY[count(*), count(persona.predict('m', w))]::int[] FROM w), ARRAY[4, 3],
  'what an UPDATE returned');
CREATE TABLE checked (c1 float8, c3 int, score float8, CHECK (persona.predict('m', checked) < 100));
CREATE FUNCTION score_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.score := persona.predict('m',
  NEW); RETURN NEW; END $$;
CREATE TRIGGER score BEFORE INSERT OR UPDATE ON checked FOR EACH ROW EXECUTE FUNCTION score_row();
CREATE TRIGGER high BEFORE UPDATE ON checked FOR EACH ROW WHEN (persona.predict('m', OLD) < persona.predict('m',
  NEW)) EXECUTE FUNCTION score_row();
INSERT INTO checked VALUES (1, 2), (3, 4);
UPDATE checked SET c1 = c1 + 1;
SELECT is((SELECT array_agg(round(score::numeric, 6) ORDER BY c3) FROM checked), ARRAY[11, 15]::numeric[],
  'triggers');
SELECT throws_ok($$INSERT INTO checked VALUES (1000, 0)$$, '23514', NULL, 'a check constraint');
CREATE VIEW high_scores AS SELECT * FROM t WHERE persona.predict('m', t) > 10 WITH CHECK OPTION;
SELECT throws_ok($$UPDATE high_scores SET c1 = 0$$, '44000', NULL, 'WITH CHECK OPTION');
CREATE TABLE policed AS SELECT id, c1, c3 FROM t;
ALTER TABLE policed ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE ROLE persona_owner;
DO $$ BEGIN PERFORM persona.grant_model('m', 'persona_owner'); END $$;
CREATE POLICY high ON policed USING (persona.predict('m', policed) > 10);
ALTER TABLE policed OWNER TO persona_owner;
SET LOCAL ROLE persona_owner;
SELECT is((SELECT array_agg(id) FROM policed), ARRAY[4], 'a policy');
RESET ROLE;
MERGE INTO part USING (VALUES (1), (13)) x(i) ON part.id = x.i
  WHEN MATCHED AND persona.predict('m', part) > 0 THEN UPDATE SET c1 = persona.predict('m', part)
  WHEN NOT MATCHED THEN INSERT VALUES (x.i, 0, 0);
SELECT is((SELECT array_agg(round(c1::numeric, 6) ORDER BY id) FROM part WHERE id IN (1, 13)), ARRAY[33,
  0]::numeric[], 'MERGE into partitions: 3 * 9 - 1 + 7');
-- A cursor keeps the version it began with, whatever is deployed meanwhile.
DECLARE scores_of_t CURSOR FOR SELECT round(persona.predict('m', t)::numeric, 6) FROM t WHERE c1 IS NOT NULL
  ORDER BY id;
SELECT results_eq('FETCH 1 FROM scores_of_t', ARRAY[7::numeric], 'a cursor begins');
DO $$ BEGIN PERFORM persona.fit('m', 'linear_regression',
  'SELECT 1000 + 3 * (g % 5) - (g % 3) AS y, g % 5 AS c1, g % 3 AS c3 FROM generate_series(1, 30) g', 'y'); END $$;
SELECT results_eq('FETCH 2 FROM scores_of_t', ARRAY[7::numeric, 13], 'and ends with the version it began with');
SELECT is((SELECT round(min(persona.predict('m', t))::numeric, 6) FROM t), 1000::numeric,
  'a new query has the new one');
DO $$ BEGIN PERFORM persona.revert('m'); END $$;

-- A kept plan passes on the columns that the versions read, and is made anew for a version that reads others.
CREATE TABLE wide (a float8 DEFAULT 1, b float8 DEFAULT 2, c float8 DEFAULT 3, unused text DEFAULT 'x');
INSERT INTO wide DEFAULT VALUES;
DO $$ BEGIN PERFORM persona.fit('columns', 'linear_regression', 'SELECT g AS a, 2 * g AS y FROM generate_series(1, 9) g', 'y'); END $$;
SET LOCAL plan_cache_mode = force_generic_plan;
PREPARE kept AS SELECT round(persona.predict('columns', wide)::numeric, 6) FROM wide;
PREPARE kept_version AS SELECT round(persona.predict('columns@2', wide)::numeric, 6) FROM wide;
SELECT results_eq('kept', ARRAY[2::numeric], 'a model of column a');
SELECT alike(pg_temp.plan_of('EXECUTE kept'), $$%'{a,b,c,unused}'::text[], true, a)%$$, 'only that column is passed');
SELECT throws_ok('kept_version', '42704', NULL, 'a version that is yet to come');
DO $$ BEGIN PERFORM persona.fit('columns', 'linear_regression', 'SELECT g AS c, 5 * g AS y FROM generate_series(1, 9) g', 'y', deploy => false); END $$;
SELECT results_eq('kept_version', ARRAY[15::numeric], 'a version of column c, not deployed');
SELECT results_eq('kept', ARRAY[2::numeric], 'while the first one serves');
DO $$ BEGIN PERFORM persona.deploy('columns', 2); END $$;
SELECT results_eq('kept', ARRAY[15::numeric], 'and once it serves');
RESET plan_cache_mode;

SELECT * FROM finish();
ROLLBACK;
