-- predict in each of its forms: a row, f.*, jsonb, JSON text, an array; what is found by name, what is NULL, what is
-- refused. The model is y = 1 + 2 a - 3 b + 10 (c = 'y') + 100 (d) without an error, so each score is known by hand.
BEGIN;
SELECT plan(100);
SET LOCAL client_min_messages = warning;

CREATE FUNCTION pg_temp.near(got float8, want float8, relative float8, description text) RETURNS text
LANGUAGE sql AS $$
  SELECT coalesce(CASE WHEN abs(got - want) <= relative * greatest(abs(want), 1e-300) THEN pass(description) END,
                  fail(description) || E'\n' || diag(format('got %s, want %s', got, want)))
$$;
-- The record form as such: the same C function without the planner's support.
CREATE FUNCTION pg_temp.predict_record(text, record) RETURNS float8 LANGUAGE C STRICT STABLE
  AS '$libdir/persona', 'persona_predict_record';
CREATE FUNCTION pg_temp.hint_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE hint text;
BEGIN
  EXECUTE statement;
  RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
  RETURN hint;
END $$;

CREATE TABLE train (id int PRIMARY KEY, a float8, b int, c text, d boolean, y float8);
INSERT INTO train SELECT g, g % 7, g % 5, (ARRAY['x', 'y', 'z'])[1 + g % 3], g % 2 = 0,
  1 + 2 * (g % 7) - 3 * (g % 5) + CASE g % 3 WHEN 1 THEN 10 ELSE 0 END + CASE g % 2 WHEN 0 THEN 100 ELSE 0 END
FROM generate_series(1, 210) g;
CREATE TABLE numbers AS SELECT id, a, b, 4 + 0.5 * a - 0.25 * b AS y FROM train;
DO $$ BEGIN
  PERFORM persona.fit('m', 'linear_regression', 'train', 'y');
  PERFORM persona.fit('n', 'linear_regression', 'numbers', 'y', key => 'id');
  PERFORM persona.fit('l', 'logistic_regression', 'SELECT a, b, a + b > 5 OR id % 4 = 0 AS y FROM train', 'y');
  PERFORM persona.fit('strict', 'linear_regression', 'train', 'y', '{"unseen": "error"}');
END $$;

-- Another order, and a column more.
CREATE TABLE f (d boolean, unused date DEFAULT '2020-02-02', b int, c text, a float8);
INSERT INTO f (a, b, c, d) VALUES (2, 1, 'y', true), (5, 0, 'x', false);

-- A row.
SELECT pg_temp.near(persona.predict('m', f), CASE a WHEN 2 THEN 112 ELSE 11 END, 1e-12,
  'a row, whatever its order: a = ' || a) FROM f;
SELECT pg_temp.near(persona.predict('m', f.*), CASE a WHEN 2 THEN 112 ELSE 11 END, 1e-12, 'f.*: a = ' || a) FROM f;
SELECT pg_temp.near(pg_temp.predict_record('m', f), CASE a WHEN 2 THEN 112 ELSE 11 END, 1e-12,
  'the record form: a = ' || a) FROM f;
SELECT ok(bool_and(persona.predict('m', t) = pg_temp.predict_record('m', t)),
  'rewritten or not, the same to the last bit: linear') FROM train t;
SELECT ok(bool_and(persona.predict('l', t) = pg_temp.predict_record('l', t)), 'the same to the last bit: logistic')
  FROM train t;
SELECT pg_temp.near(max(abs(persona.predict('m', t) - y)) + 1, 1, 1e-12, 'the training rows come out as they went in')
  FROM train t;
SELECT is((SELECT count(persona.predict('m@1', t)) FROM train t), 210::bigint, 'a version by its number');
SELECT pg_temp.near(persona.predict('m', r), 112, 1e-12, 'ROW() with names of a type') FROM (SELECT ROW(true,
  '2020-01-01', 1, 'y', 2)::f AS r) s;
CREATE TABLE g (f int, a float8, b int, c text, d boolean);
INSERT INTO g VALUES (0, 2, 1, 'y', true);
SELECT pg_temp.near(persona.predict('m', f.*), 112, 1e-12, 'f.* where f has a column f') FROM g f;
SELECT is(persona.predict('m', NULL::f), NULL, 'a row that is NULL');
SELECT is(persona.predict(NULL, f), NULL, 'a model that is NULL') FROM f WHERE a = 2;
SELECT is(persona.predict('m', x), NULL, 'a NULL among the features: ' || what)
FROM f, LATERAL (VALUES ('a', ROW(true, '2020-01-01', 1, 'y', NULL)::f), ('b', ROW(true, '2020-01-01', NULL, 'y',
  2)::f),
                        ('c', ROW(true, '2020-01-01', 1, NULL, 2)::f), ('d', ROW(NULL, '2020-01-01', 1, 'y',
                          2)::f)) v(what, x)
WHERE a = 2;
SELECT pg_temp.near(persona.predict('m', ROW(true, NULL, 1, 'y', 2)::f), 112, 1e-12,
  'a NULL in a column that is no feature');
SELECT is((SELECT persona.predict('m', s) FROM (SELECT NULL::float8 AS a, 1 AS b, 'x' AS c, true AS d) s), NULL,
  'a NULL in a subquery''s row');
-- Number types of the scoring row need not be those of the training rows.
SELECT pg_temp.near(persona.predict('m', s), 112, 1e-12, 'other number types') FROM (SELECT 2::smallint AS a,
  1.0::numeric AS b, 'y'::varchar(9) AS c, true AS d) s;
SELECT pg_temp.near(persona.predict('m', s), 112, 1e-12, 'more number types') FROM (SELECT 2::real AS a,
  1::bigint AS b, 'y'::char(9) AS c, 'true'::text AS d) s;
SELECT pg_temp.near(persona.predict('m', s), 112, 1e-12, 'name and domain')
FROM (SELECT 2::float4 AS a, 1::information_schema.cardinal_number AS b, 'y'::name AS c, true AS d) s;
-- A level unseen in training is the reference level, or an error if the model says so.
SELECT pg_temp.near(persona.predict('m', ROW(true, NULL, 1, 'never', 2)::f), 102, 1e-12,
  'an unseen level counts as the reference');
SELECT throws_ok($$SELECT persona.predict('strict', ROW(true, NULL, 1, 'never', 2)::f)$$, '22023',
                 'label "never" of column "c" was not seen in training', 'or is refused');
SELECT throws_ok($$SELECT persona.predict('strict', s) FROM (SELECT 1 AS a, 1 AS b, 'né"ver' AS c, true AS d) s$$,
  '22023',
                 'label "né"ver" of column "c" was not seen in training', 'in the rewritten form too');
SELECT throws_ok($$SELECT persona.predict('strict', '{"a": 1, "b": 2, "c": "q", "d": true}'::jsonb)$$, '22023', NULL,
  'and in JSON');
-- Values past a double's: the sum is what arithmetic makes of it.
SELECT is(persona.predict('n', s), 'inf'::float8, 'an infinite feature') FROM (SELECT 'inf'::float8 AS a, 1 AS b) s;
SELECT is(persona.predict('n', s), 'NaN'::float8, 'NaN stays NaN') FROM (SELECT 'NaN'::float8 AS a, 1 AS b) s;
SELECT is(pg_temp.predict_record('n', s), 'NaN'::float8, 'in the record form too') FROM (SELECT 'NaN'::float8 AS a,
  1 AS b) s;

-- Errors that name what is missing.
SELECT throws_ok($$SELECT persona.predict('m', s) FROM (SELECT 1 AS a, 2 AS b, 'x' AS c) s$$, '42703',
                 'the row lacks column "d", which model "m@1" needs', 'a column is missing');
SELECT is(pg_temp.hint_of($$SELECT persona.predict('m', s) FROM (SELECT 1 AS a, 2 AS b, 'x' AS c) s$$),
  'The row has: a, b, c.', 'the hint has what is there');
SELECT throws_ok($$SELECT pg_temp.predict_record('m', s) FROM (SELECT 1 AS a, 2 AS b, 'x' AS c) s$$, '42703',
                 'the row lacks column "d", which model "m@1" needs', 'the record form says the same');
SELECT is(pg_temp.hint_of($$SELECT pg_temp.predict_record('m', s) FROM (SELECT 1 AS a, 2 AS b, 'x' AS c) s$$),
  'The row has: a, b, c.', 'with the same hint');
SELECT throws_ok($$SELECT persona.predict('m', '{"a": 1, "b": 2, "c": "x"}'::jsonb)$$, '42703',
                 'the row lacks column "d", which model "m@1" needs', 'so does JSON');
SELECT throws_ok($$SELECT persona.predict('m', ROW(1, 2, 'x', true))$$, '42703',
  'the row lacks column "a", which model "m@1" needs',
                 'a row without names');
SELECT throws_ok($$SELECT persona.predict('m', s) FROM (SELECT 'one' AS a, 2 AS b, 'x' AS c, true AS d) s$$, '42804',
                 'column "a" has type text, but model "m@1" was fitted on a number', 'text for a number');
SELECT throws_ok($$SELECT persona.predict('m', s) FROM (SELECT 1 AS a, 2 AS b, 3 AS c, true AS d) s$$, '42804',
                 'column "c" has type integer, but model "m@1" was fitted on a label', 'a number for a label');
SELECT throws_ok($$SELECT persona.predict('m', s) FROM (SELECT now() AS a, 2 AS b, 'x' AS c, true AS d) s$$, '42804',
  NULL, 'a time for a number');
SELECT throws_ok($$SELECT persona.predict('m', s) FROM (SELECT 1 AS a, 2 AS b, '{x}'::text[] AS c, true AS d) s$$,
  '42804', NULL, 'an array for a label');
SELECT throws_ok($$SELECT persona.predict('nobody', f) FROM f$$, '42704', 'model "nobody" does not exist',
  'an unknown model');
SELECT throws_ok($$SELECT persona.predict('m@99', f) FROM f$$, '42704', 'model "m@99" does not exist',
  'an unknown version');
SELECT throws_ok(format($$SELECT persona.predict(%L, f) FROM f$$, address), '22023', NULL,
  'not an address: ' || address)
FROM unnest(ARRAY['m@', 'm@x', 'm@0', 'm@-1', 'm@1x', 'm@1@1', 'm@99999999999', '@1', '']) address;
SELECT throws_ok($$SELECT persona.classify('m', f) FROM f$$, '0A000', 'model "m@1" predicts a number, not a class',
  'classify needs classes');
SELECT throws_ok($$SELECT * FROM f, persona.probabilities('m', f)$$, '0A000', NULL, 'so do probabilities');

-- JSON.
SELECT pg_temp.near(persona.predict('m', '{"a": 2, "b": 1, "c": "y", "d": true}'::jsonb), 112, 1e-12, 'jsonb');
SELECT pg_temp.near(persona.predict('m', '{"a": 2, "b": 1, "c": "y", "d": true}'), 112, 1e-12, 'an unknown literal');
SELECT pg_temp.near(persona.predict('m', '{"a": 2, "b": 1, "c": "y", "d": "true"}'::text), 112, 1e-12, 'text');
SELECT pg_temp.near(persona.predict('m', '{"a": 9, "a": 2, "b": 1, "c": "y", "d": true}'), 112, 1e-12,
  'of two equal keys the last counts, as in jsonb');
SELECT ok(bool_and(persona.predict('m', t) = persona.predict('m', to_jsonb(t))), 'rows and their JSON score alike')
  FROM train t;
SELECT lives_ok($$SELECT persona.predict('m',
  '{"a": 2, "b": 1, "c": "y", "d": true, "more": [1, {"deep": null}]}'::jsonb)$$,
                'keys that are no feature may hold anything');
SELECT lives_ok($$SELECT persona.reasons('m',
  '{"a": 2, "b": 1, "c": "y", "d": true, "more": {"deep": [1]}}'::jsonb)$$,
                'for reasons too');
SELECT throws_ok($$SELECT persona.predict('m', '{"a": [2], "b": 1, "c": "y", "d": true}')$$, '42804', NULL,
  'a list for a number');
SELECT throws_ok($$SELECT persona.predict('m', '{"a": {"b": 2}, "b": 1, "c": "y", "d": true}')$$, '42804', NULL,
  'an object for a number');
SELECT is(persona.predict('m', '{"a": null, "b": 1, "c": "y", "d": true}'::jsonb), NULL, 'a JSON null');
SELECT is(persona.predict('m', NULL::jsonb), NULL, 'no JSON');
SELECT is(persona.predict('m', NULL::text), NULL, 'no text');
SELECT throws_ok($$SELECT persona.predict('m', '{"a": null, "b": 1, "c": "y"}'::jsonb)$$, '42703', NULL,
  'a missing key is an error beside a null');
SELECT throws_ok($$SELECT persona.predict('m', '{"a": "2", "b": 1, "c": "y", "d": true}')$$, '42804',
  '"a" has the wrong type for model "m@1"', 'a string for a number');
SELECT throws_ok($$SELECT persona.predict('m', '{"a": 2, "b": 1, "c": 3, "d": true}')$$, '42804',
  '"c" has the wrong type for model "m@1"', 'a number for a label');
SELECT throws_ok($$SELECT persona.predict('m', '[1, 2]')$$, '22023', 'features must be a JSON object',
  'a JSON array');
SELECT throws_ok($$SELECT persona.predict('m', '7')$$, '22023', 'features must be a JSON object', 'a JSON number');
SELECT throws_ok($$SELECT persona.predict('m', '{')$$, '22P02', NULL, 'no JSON at all');
SELECT is(persona.predict('n', '{"a": 1e400, "b": 1}'), 'inf'::float8, 'a number past a double''s');
PREPARE untyped AS SELECT persona.predict('m', $1);
SELECT results_eq($$EXECUTE untyped('{"a": 2, "b": 1, "c": "y", "d": true}')$$, $$SELECT persona.predict('m',
  '{"a": 2, "b": 1, "c": "y", "d": true}'::jsonb)$$,
                  'an untyped parameter is text');

-- Arrays, in the order of persona.feature.
SELECT pg_temp.near(persona.predict_array('n', ARRAY[2, 1]), 4.75, 1e-12, 'an array');
SELECT is(persona.predict_array('n', ARRAY[2, NULL]::float8[]), NULL, 'with a NULL');
SELECT is(persona.predict_array('n', NULL), NULL, 'no array');
SELECT pg_temp.near(persona.predict_array('n', '[3:4]={2,1}'::float8[]), 4.75, 1e-12, 'other bounds');
SELECT throws_ok($$SELECT persona.predict_array('n', ARRAY[2, 1, 3])$$, '22000', 'model "n@1" needs 2 values, not 3',
  'too long');
SELECT throws_ok($$SELECT persona.predict_array('n', ARRAY[2])$$, '22000', 'model "n@1" needs 2 values, not 1',
  'too short');
SELECT throws_ok($$SELECT persona.predict_array('n', '{}')$$, '22000', 'model "n@1" needs 2 values, not 0', 'empty');
SELECT throws_ok($$SELECT persona.predict_array('m', ARRAY[2, 1, 3, 4])$$, '42804', NULL,
  'a model with labels takes no array');
SELECT ok(bool_and(persona.predict_array('n', ARRAY[a, b]) = persona.predict('n', t)), 'an array scores as its row')
  FROM train t;

-- predict_columns is what the planner writes; PUBLIC can call it, so it checks what it is given.
SELECT pg_temp.near(persona.predict_columns('n', '{b,a}', true, 1, 2.0::float8), 4.75, 1e-12, 'predict_columns');
SELECT is(persona.predict_columns('n', '{b,a}', NULL::oid, 1, 2), NULL, 'an absent row');
SELECT is(persona.predict_columns('n', '{b,a}', true, 1, NULL::int), NULL, 'a NULL');
SELECT throws_ok($$SELECT persona.predict_columns('n', '{b}', true, 1, 2)$$, '22000', NULL,
  'fewer names than columns');
SELECT pg_temp.near(persona.predict_columns('n', '{b,a,c}', true, 1, 2), 4.75, 1e-12, 'names of columns that are not needed');
SELECT throws_ok($$SELECT persona.predict_columns('n', '{b,c,a}', true, 1, 2)$$, '55000', NULL,
  'a column that a version stored meanwhile needs');
SELECT throws_ok($$SELECT persona.predict_columns('n', '{b,NULL}', true, 1, 2)$$, '22004', NULL,
  'a name that is NULL');
SELECT throws_ok($$SELECT persona.predict_columns('n', '{b,a}', true, VARIADIC ARRAY[1, 2])$$, '0A000', NULL,
  'an array for the columns');
SELECT throws_ok($$SELECT persona.predict_columns('n', '{a}', true, VARIADIC ARRAY[1, 2])$$, '0A000', NULL,
  'and for one');
SELECT throws_ok($$SELECT persona.predict_columns('n', '{b,a}', true, 1, 'x'::text)$$, '42804', NULL,
  'text for a number');

-- Several models and versions at one call site; a model from a column.
SELECT is((SELECT array_agg(round(persona.predict(model, s)::numeric, 6) ORDER BY o) FROM (VALUES (1, 'm'), (2, 'n'),
  (3, 'm@1'), (4, NULL), (5, 'n')) v(o, model),
                  (SELECT 2.0 AS a, 1 AS b, 'y' AS c, true AS d) s), ARRAY[112, 4.75, 112, NULL, 4.75]::numeric[],
                    'the model may differ by row');
SELECT is((SELECT array_agg(round(pg_temp.predict_record(model, s)::numeric, 6) ORDER BY o) FROM (VALUES (1, 'm'), (2,
  'n'), (3, 'm@1'), (4, NULL), (5, 'n')) v(o, model),
                  (SELECT 2.0 AS a, 1 AS b, 'y' AS c, true AS d) s), ARRAY[112, 4.75, 112, NULL, 4.75]::numeric[],
                    'in the record form too');
-- Rows of different types at one call site of the record form.
CREATE TABLE h (b int, a float8);
INSERT INTO h VALUES (1, 2);
CREATE FUNCTION pg_temp.score_both() RETURNS SETOF float8 LANGUAGE plpgsql AS $$
DECLARE q record;
BEGIN
  FOR q IN EXECUTE 'SELECT 2.0 AS a, 1 AS b' LOOP RETURN NEXT persona.predict('n', q); END LOOP;
  FOR q IN SELECT * FROM h LOOP RETURN NEXT persona.predict('n', q); END LOOP;
  FOR i IN 1..2 LOOP
    IF i = 1 THEN SELECT 7 AS z, 1 AS b, 2 AS a INTO q; ELSE SELECT * FROM h INTO q; END IF;
    RETURN NEXT persona.predict('n', q);
  END LOOP;
END $$;
SELECT is((SELECT array_agg(round(s::numeric, 6)) FROM pg_temp.score_both() s), ARRAY[4.75, 4.75, 4.75, 4.75],
  'record variables of several types');
-- A deploy in the same transaction counts from the next statement on, also in a prepared one.
PREPARE score AS SELECT round(persona.predict('n', f)::numeric, 6) FROM f WHERE a = 2;
SELECT results_eq('EXECUTE score', ARRAY[4.75], 'prepared');
DO $$ BEGIN PERFORM persona.fit('n', 'linear_regression', 'SELECT a, b, y + 1 AS y FROM numbers', 'y'); END $$;
SELECT results_eq('EXECUTE score', ARRAY[5.75], 'a new version');
DO $$ BEGIN PERFORM persona.revert('n'); END $$;
SELECT results_eq('EXECUTE score', ARRAY[4.75], 'and back');
SAVEPOINT s;
DO $$ BEGIN PERFORM persona.deploy('n', 2); END $$;
SELECT results_eq('EXECUTE score', ARRAY[5.75], 'within a savepoint');
ROLLBACK TO s;
SELECT results_eq('EXECUTE score', ARRAY[4.75], 'which is rolled back');

SELECT * FROM finish();
ROLLBACK;
