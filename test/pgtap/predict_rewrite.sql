-- The planner's rewriting of predict(model, row) into predict_columns: it must answer what the record form answers,
-- wherever a row can stand in a query, and must not happen where it cannot. pg_temp.predict_record is the record form:
-- the same C function without the support function. `same` runs a query whose columns are (rewritten, record form) and
-- compares them row by row, to the last bit, and the number of rows and of NULLs with what is known by hand.
BEGIN;
SELECT plan(100);
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

-- The same for the row of t in a LATERAL subquery.
CREATE FUNCTION pg_temp.lateral(subquery text, description text) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.same(format('SELECT l.p, l.r FROM t, LATERAL (%s) l', subquery), 4, 3, description)
$$;

CREATE TABLE t (id int PRIMARY KEY, c1 float8, c2 numeric, c3 int, note text);
INSERT INTO t VALUES (1, 1, 2, 3, 'a'), (2, 10, NULL, 30, 'b'), (3, NULL, NULL, NULL, NULL), (4, 4, 5, 6, 'd');
DO $$ BEGIN
  PERFORM persona.fit('m', 'linear_regression',
    'SELECT 3 * (g % 5) - (g % 3) + 7 AS y, g % 5 AS c1, g % 3 AS c3 FROM generate_series(1, 30) g', 'y');
  PERFORM persona.fit('id', 'linear_regression', 'SELECT 2 * g + 1 AS y, g AS id FROM generate_series(1, 30) g', 'y');
  PERFORM persona.fit('nothing', 'linear_regression', 'SELECT g % 4 AS y FROM generate_series(1, 30) g', 'y');
END $$;

-- Where it happens.
SELECT pg_temp.rewritten($$SELECT persona.predict('m', t) FROM t$$, true, 'a table');
SELECT alike(pg_temp.plan_of($$SELECT persona.predict('m', t) FROM t$$),
             $$%persona.predict_columns('m'::text, '{c1,c3,id,c2,note}'::text[], true, c1, c3)%$$,
             'with the columns that the model reads; the names of the others follow');
SELECT pg_temp.rewritten($$SELECT persona.predict('m', t.*) FROM t$$, true, 't.*');
SELECT pg_temp.rewritten($$SELECT pg_temp.predict_record('m', t) FROM t$$, false, 'not without the support function');
SELECT pg_temp.rewritten($$SELECT persona.predict('m', to_jsonb(t)) FROM t$$, false, 'not for jsonb');
SELECT pg_temp.same($$SELECT persona.predict('m', t), pg_temp.predict_record('m', t) FROM t$$, 4, 3, 'a table');
SELECT is((SELECT array_agg(round(persona.predict('m', t)::numeric, 6) ORDER BY id) FROM t), ARRAY[7, 7, NULL,
  13]::numeric[], 'the scores: 3 c1 - c3 + 7');
CREATE VIEW v AS SELECT id, c1, c2 * 2 AS c2, c3 + 0 AS c3, 1 AS extra FROM t WHERE id < 9;
SELECT pg_temp.rewritten($$SELECT persona.predict('m', v) FROM v$$, true, 'a view');
SELECT pg_temp.same($$SELECT persona.predict('m', v), pg_temp.predict_record('m', v) FROM v$$, 4, 3, 'a view');
SELECT pg_temp.rewritten($$SELECT persona.predict('m', q) FROM (SELECT c1, c3 FROM t LIMIT 3) q$$, true,
  'a subquery that is not pulled up');
SELECT pg_temp.same($$SELECT persona.predict('m', q), pg_temp.predict_record('m', q) FROM (SELECT c1, c3 FROM t
  ORDER BY id LIMIT 3) q$$, 3, 2, 'a subquery that is not pulled up');
SELECT pg_temp.same($$SELECT persona.predict('m', q), pg_temp.predict_record('m', q) FROM (SELECT c3 AS c1,
  c1::int AS c3 FROM t) q$$, 4, 3, 'a subquery that is, with renamed columns');
SELECT pg_temp.same($$WITH q AS MATERIALIZED (SELECT c1, c3 FROM t) SELECT persona.predict('m', q),
  pg_temp.predict_record('m', q) FROM q$$, 4, 3, 'a materialized CTE');
SELECT pg_temp.same($$WITH q AS NOT MATERIALIZED (SELECT c1, c3 FROM t) SELECT persona.predict('m', q),
  pg_temp.predict_record('m', q) FROM q, q AS again$$, 16, 12, 'an inlined CTE');
SELECT pg_temp.same($$WITH RECURSIVE q(c1, c3) AS (SELECT 1, 1 UNION ALL SELECT c1 + 1, c3 FROM q WHERE c1 < 5)
  SELECT persona.predict('m', q), pg_temp.predict_record('m', q) FROM q$$, 5, 5, 'a recursive CTE');
SELECT pg_temp.rewritten($$SELECT persona.predict('m', q) FROM (VALUES (1.0, 2), (2, 4)) q(c1, c3)$$, true, 'VALUES');
SELECT pg_temp.same($$SELECT persona.predict('m', q), pg_temp.predict_record('m', q) FROM (VALUES (1.0::float8, 2),
  (NULL, 3)) q(c1, c3)$$, 2, 1, 'VALUES');
SELECT pg_temp.same($$SELECT persona.predict('m', q), pg_temp.predict_record('m', q) FROM (SELECT c1, c3 FROM t
  UNION ALL SELECT 5, 7) q$$, 5, 4, 'UNION ALL');
SELECT pg_temp.same($$SELECT persona.predict('m', q), pg_temp.predict_record('m', q) FROM (SELECT c1, c3 FROM t
  UNION SELECT 4, 6 EXCEPT SELECT 1, 3) q$$, 3, 2, 'UNION and EXCEPT');
SELECT pg_temp.same($$SELECT persona.predict('m', q), pg_temp.predict_record('m', q)
  FROM json_to_record('{"c1": 3, "c3": 1}') q(c1 float8, c3 int)$$, 1, 1, 'a function that answers a record');
SELECT pg_temp.same($$SELECT persona.predict('m', x), pg_temp.predict_record('m', x)
  FROM json_populate_record(NULL::t, '{"c1": 3, "c3": 1}') x$$, 1, 1, 'a function that answers a row type');
SELECT pg_temp.same($$SELECT persona.predict('m', x), pg_temp.predict_record('m', x) FROM t AS x(k, foo, bar)$$, 4, 3,
  'aliases of a table''s columns do not rename the row''s');
SELECT pg_temp.same($$SELECT persona.predict('nothing', t), pg_temp.predict_record('nothing', t) FROM t$$, 4, 4,
  'a model without features');
SELECT pg_temp.same($$SELECT persona.predict('m', t), pg_temp.predict_record('m', t)
  FROM t TABLESAMPLE system (100)$$, 4, 3, 'TABLESAMPLE');

-- Outer joins: an absent row is NULL, which for a model without features tells it from a row of NULLs.
SELECT pg_temp.same($$SELECT persona.predict('m', t), pg_temp.predict_record('m', t) FROM generate_series(1, 6) g LEFT
  JOIN t ON t.id = g$$, 6, 3, 'LEFT JOIN');
SELECT pg_temp.rewritten($$SELECT persona.predict('m', t) FROM generate_series(1, 6) g LEFT JOIN t ON t.id = g$$,
  true, 'LEFT JOIN');
SELECT pg_temp.same($$SELECT persona.predict('nothing', t), pg_temp.predict_record('nothing', t)
  FROM generate_series(1, 6) g LEFT JOIN t ON t.id = g$$, 6, 4, 'absent is not all NULL: a table');
SELECT pg_temp.same($$SELECT persona.predict('nothing', v), pg_temp.predict_record('nothing', v)
  FROM generate_series(1, 6) g LEFT JOIN v ON v.id = g$$, 6, 4, 'absent is not all NULL: a view');
SELECT pg_temp.same($$SELECT persona.predict('nothing', q), pg_temp.predict_record('nothing', q)
  FROM generate_series(1, 6) g
  LEFT JOIN (SELECT id, c1, c3 FROM t OFFSET 0) q ON q.id = g$$, 6, 4, 'absent is not all NULL: a subquery');
SELECT pg_temp.same($$SELECT persona.predict('nothing', q), pg_temp.predict_record('nothing', q)
  FROM generate_series(1, 6) g
  LEFT JOIN (VALUES (1, NULL), (2, 5)) q(id, c1) ON q.id = g$$, 6, 2, 'absent is not all NULL: VALUES');
SELECT pg_temp.same($$WITH q AS MATERIALIZED (SELECT id, c1 FROM t) SELECT persona.predict('nothing', q),
  pg_temp.predict_record('nothing', q)
  FROM generate_series(1, 6) g LEFT JOIN q ON q.id = g$$, 6, 4, 'absent is not all NULL: a CTE');
SELECT pg_temp.same($$SELECT persona.predict('nothing', t), pg_temp.predict_record('nothing', t) FROM t RIGHT
  JOIN generate_series(3, 6) g ON t.id = g$$, 4, 2, 'RIGHT JOIN');
SELECT pg_temp.same($$SELECT persona.predict('nothing', t), pg_temp.predict_record('nothing', t) FROM t FULL
  JOIN (VALUES (1), (7)) x(a) ON t.id = x.a$$, 5, 4, 'FULL JOIN');
SELECT pg_temp.same($$SELECT persona.predict('nothing', x), pg_temp.predict_record('nothing', x) FROM t FULL
  JOIN (VALUES (1), (7)) x(a) ON t.id = x.a$$, 5, 2, 'FULL JOIN, the other side');
SELECT pg_temp.same($$SELECT persona.predict('nothing', u), pg_temp.predict_record('nothing', u) FROM t LEFT
  JOIN (t AS s JOIN t AS u ON s.id = u.id AND u.id > 2) ON s.id = t.id$$, 4, 2, 'a join within an outer join');
SELECT pg_temp.same($$SELECT persona.predict('nothing', u), pg_temp.predict_record('nothing', u) FROM t LEFT
  JOIN t AS s ON s.id = t.id + 2 LEFT JOIN t AS u ON u.id = s.id$$, 4, 2, 'a chain of outer joins');
SELECT pg_temp.same($$SELECT persona.predict('m', t), pg_temp.predict_record('m', t) FROM generate_series(1, 6) g LEFT
  JOIN t ON t.id = g WHERE t.c1 > 0$$, 3, 3, 'an outer join that is none');
SELECT pg_temp.same($$SELECT persona.predict('m', j), pg_temp.predict_record('m', j) FROM (t JOIN (VALUES (1,
  5)) x(id, c4) USING (id)) AS j$$, 1, 1, 'an alias of a join');
SELECT pg_temp.same($$SELECT persona.predict('id', j), pg_temp.predict_record('id', j) FROM (t FULL JOIN (VALUES (9,
  5)) x(id, c4) USING (id)) AS j$$, 5, 5, 'an alias of a full join');
SELECT pg_temp.same($$SELECT l.p, l.r FROM generate_series(1, 6) g LEFT JOIN (SELECT id, persona.predict('m', t) AS p,
  pg_temp.predict_record('m', t) AS r FROM t) l ON l.id = g$$, 6, 3, 'pulled up through an outer join');
SELECT pg_temp.same($$SELECT l.p, l.r FROM generate_series(1, 6) g LEFT JOIN (SELECT id, persona.predict('nothing',
  v) AS p, pg_temp.predict_record('nothing', v) AS r FROM v) l ON l.id = g$$, 6, 4, 'pulled up twice');
SELECT pg_temp.same($$SELECT persona.predict('nothing', q), pg_temp.predict_record('nothing', q) FROM t LEFT
  JOIN (SELECT s.*, 7 AS seven FROM t s LEFT JOIN t u ON u.id = s.id + 1) q ON q.id = t.id + 1$$, 4, 3,
  'a constant column in a nullable subquery');

-- LATERAL, sublinks, correlation.
SELECT pg_temp.same($$SELECT l.p, l.r FROM t, LATERAL (SELECT persona.predict('m', t) AS p,
  pg_temp.predict_record('m', t) AS r) l$$, 4, 3, 'LATERAL');
SELECT pg_temp.same($$SELECT l.p, l.r FROM t LEFT JOIN LATERAL (SELECT persona.predict('m', q) AS p,
  pg_temp.predict_record('m', q) AS r FROM (SELECT t.c1, t.c3 OFFSET 0) q) l ON true$$, 4, 3, 'LATERAL, correlated');
SELECT pg_temp.same($$SELECT (SELECT persona.predict('m', t)), (SELECT pg_temp.predict_record('m', t) OFFSET 0)
  FROM t$$, 4, 3, 'a sublink');
SELECT pg_temp.same($$SELECT (SELECT persona.predict('nothing', t) WHERE g > 0),
  (SELECT pg_temp.predict_record('nothing', t) WHERE g > 0) FROM generate_series(3, 6) g LEFT JOIN t ON t.id = g$$, 4,
  2, 'a sublink on a nullable row');
SELECT pg_temp.same($$SELECT (SELECT persona.predict('nothing', v) WHERE g > 0),
  (SELECT pg_temp.predict_record('nothing', v) WHERE g > 0) FROM generate_series(3, 6) g LEFT JOIN v ON v.id = g$$, 4,
  2, 'a sublink on a nullable view');
SELECT pg_temp.same($$SELECT (SELECT persona.predict('nothing', q) WHERE g > 0),
  (SELECT pg_temp.predict_record('nothing', q) WHERE g > 0)
  FROM generate_series(3, 6) g LEFT JOIN (SELECT * FROM t OFFSET 0) q ON q.id = g$$, 4, 2,
    'a sublink on a nullable subquery');
SELECT pg_temp.same($$SELECT max(persona.predict('m', s)), max(pg_temp.predict_record('m', s)) FROM t s
  WHERE EXISTS (SELECT FROM t u WHERE persona.predict('m', u) = persona.predict('m', s) AND u.id <> s.id)$$, 1, 1,
  'EXISTS');
SELECT pg_temp.same($$SELECT persona.predict('m', t), pg_temp.predict_record('m', t) FROM t WHERE persona.predict('m',
  t) IN (SELECT persona.predict('m', v) FROM v)$$, 3, 3, 'IN');

-- Grouping. With grouping sets a row may be nulled by a level: those keep the record form.
SELECT pg_temp.same($$SELECT persona.predict('m', t), pg_temp.predict_record('m', t) FROM t GROUP BY t$$, 4, 3,
  'GROUP BY t');
SELECT pg_temp.same($$SELECT persona.predict('m', t), pg_temp.predict_record('m', t) FROM t GROUP BY t.id$$, 4, 3,
  'GROUP BY its primary key');
SELECT pg_temp.same($$SELECT DISTINCT persona.predict('m', t), pg_temp.predict_record('m', t) FROM t$$, 3, 2,
  'DISTINCT');
SELECT pg_temp.same($$SELECT p, p FROM (SELECT persona.predict('m', t) AS p FROM t GROUP BY persona.predict('m',
  t)) q$$, 3, 2, 'GROUP BY the score');
SELECT pg_temp.same($$SELECT persona.predict('m', t), pg_temp.predict_record('m', t) FROM t
  GROUP BY GROUPING SETS ((t), ())$$, 5, 3, 'GROUPING SETS');
SELECT pg_temp.same($$SELECT persona.predict('nothing', t), pg_temp.predict_record('nothing', t) FROM t
  GROUP BY GROUPING SETS ((t), ())$$, 5, 4, 'GROUPING SETS: the nulled row is NULL');
SELECT pg_temp.rewritten($$SELECT persona.predict('m', t) FROM t GROUP BY GROUPING SETS ((t), ())$$, false,
  'GROUPING SETS are not rewritten');
SELECT pg_temp.same($$SELECT persona.predict('nothing', t), pg_temp.predict_record('nothing', t) FROM t
  GROUP BY ROLLUP (t)$$, 5, 4, 'ROLLUP');
SELECT pg_temp.rewritten($$SELECT persona.predict('m', t) FROM t GROUP BY ROLLUP (t)$$, false,
  'ROLLUP is not rewritten');
SELECT pg_temp.same($$SELECT persona.predict('nothing', t), pg_temp.predict_record('nothing', t) FROM t
  GROUP BY CUBE (t, note)$$, 13, 8, 'CUBE');
SELECT pg_temp.same($$SELECT 1.0::float8, 1.0::float8 FROM t GROUP BY GROUPING SETS ((t), ())
  HAVING persona.predict('nothing', t) IS NULL$$, 1, 1, 'GROUPING SETS in HAVING');
SELECT pg_temp.rewritten($$SELECT count(*) FROM t GROUP BY GROUPING SETS ((t), ()) HAVING persona.predict('m',
  t) IS NULL$$, false, 'nor in HAVING');
SELECT pg_temp.same($$SELECT persona.predict('nothing', q), pg_temp.predict_record('nothing', q) FROM (SELECT c1, note
  FROM t GROUP BY GROUPING SETS ((c1, note), ())) q$$, 5, 5, 'above grouping sets every row is one');
SELECT pg_temp.same($$SELECT (SELECT persona.predict('nothing', t)), (SELECT pg_temp.predict_record('nothing', t))
  FROM t GROUP BY GROUPING SETS ((t), ())$$, 5, 4, 'a sublink over grouping sets');
SELECT results_eq($$SELECT id FROM (SELECT id, rank() OVER (ORDER BY persona.predict('id', t) DESC) AS n FROM t) s
  ORDER BY n$$, ARRAY[4, 3, 2, 1], 'a window');
SELECT is((SELECT max(persona.predict('m', t)) FILTER (WHERE persona.predict('id', t) < 9) FROM t),
  (SELECT max(pg_temp.predict_record('m', t)) FROM t WHERE id < 4), 'an aggregate with a filter');
SELECT is((SELECT (array_agg(t.id ORDER BY persona.predict('id', t) DESC))[1] FROM t), 4, 'an ordered aggregate');

-- Conditions of joins and levels above.
SELECT pg_temp.same($$SELECT persona.predict('nothing', t), pg_temp.predict_record('nothing', t)
  FROM generate_series(1, 6) g LEFT JOIN t ON t.id = g AND persona.predict('m', t) > 10$$, 6, 1,
  'the condition of its own outer join');
SELECT pg_temp.same($$SELECT persona.predict('nothing', q), pg_temp.predict_record('nothing', q)
  FROM generate_series(1, 6) g
  LEFT JOIN (SELECT id, c1, c3 FROM t OFFSET 0) q ON q.id = g AND persona.predict('m', q) > 10$$, 6, 1,
    'that of a subquery');
SELECT pg_temp.same($$SELECT persona.predict('nothing', q), pg_temp.predict_record('nothing', q)
  FROM generate_series(1, 6) g
  LEFT JOIN (SELECT id, c1 FROM t UNION ALL SELECT 5, NULL) q ON q.id = g$$, 6, 5, 'UNION ALL in an outer join');
-- A subquery that is planned after its outer level has collected what it hands down: the row as a whole, no columns.
SELECT pg_temp.lateral(l, description) FROM (VALUES
  ($$SELECT persona.predict('m', t) AS p, pg_temp.predict_record('m', t) AS r OFFSET 0$$, 'LATERAL with OFFSET'),
  ($$SELECT persona.predict('m', t) AS p, pg_temp.predict_record('m', t) AS r LIMIT 1$$, 'LATERAL with LIMIT'),
  ($$SELECT max(persona.predict('m', t) * x) AS p, max(pg_temp.predict_record('m', t) * x) AS r
    FROM generate_series(1, 3) x$$, 'LATERAL with an aggregate'),
  ($$SELECT persona.predict('m', t) AS p, pg_temp.predict_record('m', t) AS r INTERSECT SELECT persona.predict('m',
    t), pg_temp.predict_record('m', t)$$, 'LATERAL with INTERSECT'),
  ($$SELECT (SELECT persona.predict('m', t) + x) AS p, (SELECT pg_temp.predict_record('m', t) + x) AS r
    FROM generate_series(1, 1) x OFFSET 0$$, 'LATERAL with a sublink'),
  ($$SELECT (SELECT max(persona.predict('m', t) + x) FROM generate_series(1, 3) x) AS p,
    (SELECT max(pg_temp.predict_record('m', t) + x) FROM generate_series(1, 3) x) AS r$$,
    'LATERAL that is pulled up, with a sublink')) q(l, description);
SELECT pg_temp.same($$SELECT (SELECT l.p FROM generate_series(1, 2) x, LATERAL (SELECT persona.predict('nothing',
  t) * x AS p OFFSET 0) l LIMIT 1),
                             (SELECT l.p FROM generate_series(1, 2) x,
                               LATERAL (SELECT pg_temp.predict_record('nothing', t) * x AS p OFFSET 0) l LIMIT 1)
  FROM generate_series(1, 6) g LEFT JOIN t ON t.id = g$$, 6, 4,
    'LATERAL within a sublink, two levels below a nullable row');
SELECT pg_temp.same($$SELECT persona.predict('m', t), pg_temp.predict_record('m', t) FROM t, generate_series(1,
  persona.predict('m', t)::int / 7) x, LATERAL (VALUES (persona.predict('m', t) > 8)) y$$, 3, 3,
  'functions and VALUES in FROM');
SELECT pg_temp.same($$SELECT l.p, l.r FROM generate_series(1, 6) g LEFT JOIN t ON t.id = g,
  LATERAL (SELECT persona.predict('nothing', t) AS p, pg_temp.predict_record('nothing', t) AS r OFFSET 0) l$$, 6, 4,
  'a nullable table from a level below');
SELECT pg_temp.same($$SELECT l.p, l.r FROM generate_series(1, 6) g LEFT JOIN v ON v.id = g,
  LATERAL (SELECT persona.predict('nothing', v) AS p, pg_temp.predict_record('nothing', v) AS r OFFSET 0) l$$, 6, 4,
  'a nullable view from a level below');
SELECT pg_temp.same($$SELECT persona.predict('nothing', j), pg_temp.predict_record('nothing', j)
  FROM generate_series(1, 6) g LEFT JOIN (t JOIN (VALUES (1, 5)) x(id, c4) USING (id)) AS j ON j.id = g$$, 6, 6,
  'an alias of a nullable join is a row of NULLs');
SELECT pg_temp.same($$SELECT persona.predict('m', t), pg_temp.predict_record('m', t) FROM t GROUP BY t.id
  HAVING persona.predict('m', t) > 10$$, 1, 1, 'HAVING');
SELECT pg_temp.same($$SELECT max(persona.predict('m', t)) OVER (PARTITION BY persona.predict('m', t) > 10),
  max(pg_temp.predict_record('m', t)) OVER (PARTITION BY pg_temp.predict_record('m', t) > 10) FROM t$$, 4, 3,
  'PARTITION BY');
SELECT pg_temp.same($$SELECT persona.predict('m', a), pg_temp.predict_record('m', b) FROM t a JOIN t b USING (id)$$,
  4, 3, 'a table twice');

-- Wide rows: of a constant model only its columns are passed, of any other up to 97; all answer the same.
DO $$ DECLARE n int; BEGIN
  FOREACH n IN ARRAY ARRAY[97, 98, 300] LOOP
    EXECUTE format('CREATE TABLE wide%s (%s)', n, (SELECT string_agg('c' || g || ' float8 DEFAULT ' || g, ', ')
      FROM generate_series(1, n) g));
    EXECUTE format('INSERT INTO wide%s DEFAULT VALUES', n);
  END LOOP;
END $$;
SELECT pg_temp.rewritten(format($$SELECT persona.predict('m', wide%1$s) FROM wide%1$s$$, n), true, n || ' columns')
FROM unnest(ARRAY[97, 98, 300]) n;
CREATE TABLE chosen AS SELECT 'm' AS model;
SELECT pg_temp.rewritten(format($$SELECT persona.predict(model, wide%1$s) FROM chosen, wide%1$s$$, n), n <= 97,
  n || ' columns, whatever model')
FROM unnest(ARRAY[97, 98, 300]) n;
SELECT pg_temp.same(format($$SELECT persona.predict('m', wide%1$s), pg_temp.predict_record('m', wide%1$s)
  FROM wide%1$s$$, n), 1, 1, n || ' columns')
FROM unnest(ARRAY[97, 98, 300]) n;
-- Columns that are toasted or compressed, and no feature or one.
CREATE TABLE toasty (c1 float8, c3 int, note text, label text);
ALTER TABLE toasty ALTER COLUMN note SET STORAGE EXTERNAL, ALTER COLUMN label SET STORAGE EXTERNAL;
INSERT INTO toasty SELECT g, g % 3, repeat(md5(g::text), 200), repeat(chr(97 + g % 3), 5000) FROM generate_series(1,
  30) g;
SELECT pg_temp.same($$SELECT persona.predict('m', toasty), pg_temp.predict_record('m', toasty) FROM toasty$$, 30, 30,
  'a toasted column beside the features');
DO $$ BEGIN PERFORM persona.fit('label', 'linear_regression', 'SELECT label, c1 FROM toasty', 'c1'); END $$;
SELECT pg_temp.same($$SELECT persona.predict('label', toasty), pg_temp.predict_record('label', toasty) FROM toasty$$,
  30, 30, 'a toasted feature');
-- Generated, system-like and odd column names.
CREATE TABLE odd (c1 float8, c3 int GENERATED ALWAYS AS IDENTITY, "c 1,{}""" float8 DEFAULT 4,
  doubled float8 GENERATED ALWAYS AS (c1 * 2) STORED);
INSERT INTO odd (c1) VALUES (1), (2);
DO $$ BEGIN PERFORM persona.fit('odd', 'linear_regression',
  'SELECT g AS "c 1,{}""", g % 3 AS doubled, g + (g % 3) AS y FROM generate_series(1, 9) g', 'y'); END $$;
SELECT pg_temp.same($$SELECT persona.predict('odd', odd), pg_temp.predict_record('odd', odd) FROM odd$$, 2, 2,
  'odd names and generated columns');

-- Parallel plans.
CREATE TABLE big AS SELECT g AS id, (g % 5)::float8 AS c1, g % 3 AS c3 FROM generate_series(1, 20000) g;
ALTER TABLE big SET (parallel_workers = 2);
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT ok(pg_temp.plan_of($$SELECT count(*), max(persona.predict('m', big))
  FROM big$$) LIKE '%Partial Aggregate%predict_columns%', 'workers score');
SELECT is((SELECT count(*) FROM big WHERE persona.predict('m', big) IS DISTINCT FROM pg_temp.predict_record('m',
  big)), 0::bigint, 'as the leader does');
SELECT is((SELECT round(sum(persona.predict('m', big))::numeric, 3) FROM big), (SELECT sum(3 * c1 - c3 + 7)::numeric
  FROM big), 'and it sums up');
SELECT pg_temp.same($$SELECT sum(persona.predict('nothing', t)), sum(pg_temp.predict_record('nothing', t)) FROM big
  LEFT JOIN t USING (id)$$, 1, 1, 'a parallel outer join');

SELECT * FROM finish();
ROLLBACK;
