-- Bad input to fit and the verbs around it: each is an error with its SQLSTATE, a message that names what is wrong and a
-- hint that lists what exists; or, where a model can still be fitted, a model. No test here may leave a model behind
-- that the source did not warrant.
BEGIN;
SELECT plan(175);
SET LOCAL client_min_messages = warning;

CREATE FUNCTION pg_temp.hint_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE hint text;
BEGIN
  EXECUTE statement;
  RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
  RETURN hint;
END $$;
CREATE FUNCTION pg_temp.detail_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text;
BEGIN
  EXECUTE statement;
  RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RETURN detail;
END $$;
-- A fit of a source that must fail.
CREATE FUNCTION pg_temp.refused(kind text, source text, target text, state text, message text, description text,
  options jsonb DEFAULT '{}', key text DEFAULT NULL)
RETURNS text LANGUAGE sql AS $$
  SELECT throws_ok(format('SELECT persona.fit(%L, %L, %L, %L, %L, %L)', 'bad', kind, source, target, options, key),
    state, message, description)
$$;

CREATE TABLE t (id int PRIMARY KEY, x float8, label text, flag boolean, y float8);
INSERT INTO t SELECT g, g % 5, 'l' || g % 3, g % 2 = 0, g % 7 FROM generate_series(1, 30) g;

-- Arguments.
SELECT throws_ok($$SELECT persona.fit(NULL, 'linear_regression', 't', 'y')$$, '22004',
  'argument "model" must not be null', 'no name');
SELECT throws_ok($$SELECT persona.fit('bad', NULL, 't', 'y')$$, '22004', 'argument "kind" must not be null',
  'no kind');
SELECT throws_ok($$SELECT persona.fit('bad', 'linear_regression', NULL, 'y')$$, '22004',
  'argument "source" must not be null', 'no source');
SELECT throws_ok($$SELECT persona.fit('bad', 'linear_regression', 't', 'y', NULL)$$, '22004',
  'argument "options" must not be null', 'no options');
SELECT throws_ok($$SELECT persona.fit('', 'linear_regression', 't', 'y')$$, '22023', 'model name is empty',
  'an empty name');
SELECT throws_ok($$SELECT persona.fit('a@b', 'linear_regression', 't', 'y')$$, '22023',
  'model name "a@b" must not contain "@"', '@ in a name');
SELECT throws_ok($$SELECT persona.fit('a@1', 'linear_regression', 't', 'y')$$, '22023', NULL,
  'a version is never fitted by its number');
SELECT pg_temp.refused('linear', 't', 'y', '42704', 'model kind "linear" does not exist', 'an unknown kind');
SELECT is(pg_temp.hint_of($$SELECT persona.fit('bad', 'linear', 't',
  'y')$$) ~ 'linear_regression.*logistic_regression|item_knn', true, 'its hint lists the kinds');
SELECT pg_temp.refused('linear_regression', 't', NULL, '22023', 'kind "linear_regression" needs a target',
  'no target');
SELECT pg_temp.refused('linear_regression', 't', 'z', '42703', 'target column "z" does not exist',
  'an unknown target');
SELECT is(pg_temp.hint_of($$SELECT persona.fit('bad', 'linear_regression', 't', 'z')$$),
  'Columns of the source are: id, x, label, flag, y.', 'its hint lists the columns');
SELECT pg_temp.refused('linear_regression', 't', 'Y', '42703', 'target column "Y" does not exist',
  'a name is as it is written');
SELECT pg_temp.refused('linear_regression', 't', 'y', '42703', 'key column "z" does not exist', 'an unknown key',
  key => 'z');
SELECT pg_temp.refused('linear_regression', 't', 'y', '42703', NULL, 'an unknown key among two', key => 'id, z');
SELECT pg_temp.refused('linear_regression', 't', 'y', '42703', 'ignored column "z" does not exist',
  'an unknown column to ignore', options => '{"ignore": ["z"]}');
SELECT pg_temp.refused('linear_regression', 't', 'y', '42703', 'feature column "z" does not exist',
  'an unknown feature', options => '{"features": ["z"]}');
SELECT pg_temp.refused('linear_regression', 't', 'y', '22023', 'the target "y" cannot be a feature',
  'the target as a feature', options => '{"features": ["x", "y"]}');
SELECT pg_temp.refused('linear_regression', 't', 'y', '22023', 'the source has no features',
  'no feature and no intercept', options => '{"features": [], "intercept": false}');
-- Options.
SELECT pg_temp.refused('linear_regression', 't', 'y', '22023',
  'unrecognized option "lambda" for kind "linear_regression"', 'an unknown option', options => '{"lambda": 1}');
SELECT is(pg_temp.hint_of($$SELECT persona.fit('bad', 'linear_regression', 't', 'y',
  '{"lambda": 1}')$$) ~ 'Valid options are: .*l2', true, 'its hint lists the options');
SELECT pg_temp.refused('linear_regression', 't', 'y', '22023',
  'unrecognized option "threshold" for kind "linear_regression"', 'another kind''s option',
  options => '{"threshold": 0.5}');
SELECT pg_temp.refused('linear_regression', 't', 'y', '22023', 'option "l2" has the wrong type',
  'a string for a number', options => '{"l2": "1"}');
SELECT pg_temp.refused('linear_regression', 't', 'y', '22023', 'option "seed" has the wrong type',
  'a fraction for an integer', options => '{"seed": 1.5}');
SELECT pg_temp.refused('linear_regression', 't', 'y', '22023', 'option "l2" is out of range', 'a negative penalty',
  options => '{"l2": -1}');
SELECT pg_temp.refused('linear_regression', 't', 'y', '22023', NULL, 'a number past a double''s',
  options => '{"l2": 1e400}');
SELECT pg_temp.refused('linear_regression', 't', 'y', '22023', NULL, 'a string for a list',
  options => '{"ignore": "x"}');
SELECT pg_temp.refused('linear_regression', 't', 'y', '22023', NULL, 'numbers in a list of strings',
  options => '{"ignore": [1]}');
SELECT pg_temp.refused('linear_regression', 't', 'y', '22023', NULL, 'an object for a value',
  options => '{"l2": {"a": 1}}');
SELECT pg_temp.refused('linear_regression', 't', 'y', '22023', 'option "unseen" cannot be "skip"', 'not a choice',
  options => '{"unseen": "skip"}');
SELECT is(pg_temp.hint_of($$SELECT persona.fit('bad', 'linear_regression', 't', 'y', '{"unseen": "skip"}')$$),
  'Valid values are: reference, error.', 'its hint lists the choices');
SELECT pg_temp.refused('linear_regression', 't', 'y', '22023', 'options must be a JSON object',
  'options that are a list', options => '[]');
SELECT pg_temp.refused('linear_regression', 't', 'y', '22023', 'options must be a JSON object',
  'options that are a number', options => '1');

-- Sources that are not one SELECT.
SELECT pg_temp.refused('linear_regression', source, 'y', '22023', 'source must be a relation or one SELECT',
  'a source: ' || what)
FROM (VALUES ('two statements', 'SELECT 1 AS y; SELECT 2 AS y'), ('a data-modifying CTE',
  'WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d'),
             ('an inserting CTE', 'WITH d AS (INSERT INTO t VALUES (99) RETURNING *) SELECT x, y FROM t'),
               ('SELECT INTO', 'SELECT x, y INTO stolen FROM t'),
             ('two CTEs, one writes',
               'WITH a AS (SELECT 1), d AS (UPDATE t SET x = 1 RETURNING x, y) SELECT * FROM d'),
             ('an EXPLAIN', '/* */ EXPLAIN SELECT 1 AS y')) v(what, source);
SELECT pg_temp.refused('linear_regression', source, 'y', NULL, NULL, 'a source that is a statement: ' || source)
FROM unnest(ARRAY['DELETE FROM t', 'UPDATE t SET x = 1', 'INSERT INTO t VALUES (99)', 'DROP TABLE t',
  'CALL persona.refresh_all()', 'SELECT', 'WITH', 'TABLE', '(SELECT 1 AS y', 'SELECT 1 AS y)',
  'COPY t TO STDOUT', 'EXPLAIN SELECT 1', '--', ';', 't; DROP TABLE t', 't t', 'a.b.c.d', '"t',
    'SELECT 1 AS y) AS s; DROP TABLE t; --', '$1', 'SELECT $1 AS y', 'SELECT $1::int AS y']) source;
SELECT is((SELECT count(*) FROM t), 30::bigint, 'none of them did anything');
SELECT is(to_regclass('stolen'), NULL, 'nor made a table');
SELECT pg_temp.refused('linear_regression', '', 'y', '22023', 'source is empty', 'an empty source');
SELECT pg_temp.refused('linear_regression', E' \n\t', 'y', '22023', 'source is empty', 'a blank source');
SELECT pg_temp.refused('linear_regression', 'nowhere', 'y', '42P01', 'relation "nowhere" does not exist',
  'an unknown relation');
SELECT pg_temp.refused('linear_regression', 'no.where', 'y', '3F000', NULL, 'an unknown schema');
SELECT pg_temp.refused('linear_regression', 'SELECT nothing FROM t', 'y', '42703', NULL, 'a query that is wrong');
SELECT pg_temp.refused('linear_regression', 'SELEC x FROM t', 'y', NULL, NULL, 'a query that is misspelled');
SELECT pg_temp.refused('linear_regression', 'SELECT x, y, 1 / (id - 9) FROM t', 'y', '22012', 'division by zero',
  'a query that fails midway');
SELECT pg_temp.refused('linear_regression', 'SELECT x, x, y FROM t', 'y', '22023',
  'the source has two columns named "x"', 'two columns of one name');
SELECT pg_temp.refused('linear_regression', 'SELECT x, y, y FROM t', 'y', '22023',
  'the source has two columns named "y"', 'two targets');
SELECT pg_temp.refused('item_knn', 'SELECT id AS c, label AS p, label AS p FROM t', NULL, NULL, NULL, 'two items',
  options => '{"user": "c", "item": "p"}');
SELECT pg_temp.refused('linear_regression', 'SELECT 1, 2, y FROM t', 'y', '22023', NULL,
  'two columns without a name');
SELECT pg_temp.refused('linear_regression', 't_pkey', 'y', NULL, NULL, 'an index');
CREATE TYPE pair AS (x float8, y float8);
SELECT pg_temp.refused('linear_regression', 'pair', 'y', NULL, NULL, 'a type');

-- Sources that are no tables and work all the same.
CREATE VIEW a_view AS SELECT x, y FROM t;
CREATE MATERIALIZED VIEW a_matview AS SELECT x, y FROM t;
CREATE TEMP TABLE a_temp AS SELECT x, y FROM t;
CREATE FUNCTION a_function() RETURNS TABLE (x float8, y float8) LANGUAGE sql STABLE AS $$ SELECT x, y FROM t $$;
SELECT is((SELECT rows FROM persona.fit('good', 'linear_regression', source, 'y')), 30::bigint,
  'a source: ' || source)
FROM unnest(ARRAY['a_view', 'a_matview', 'a_temp', 'pg_temp.a_temp', 'SELECT * FROM a_function()',
  'SELECT (f).* FROM (SELECT a_function() AS f) s']) source;
SELECT throws_ok($$SELECT persona.fit('bad', 'linear_regression', 'SELECT x, y FROM t FOR UPDATE', 'y')$$, NULL, NULL,
  'FOR UPDATE locks rows and is refused');

-- Column types.
SELECT pg_temp.refused('linear_regression', format('SELECT y, %s AS odd FROM t', expression), 'y', '42804',
  format('column "odd" has type %s and cannot be a feature', type), 'a feature of type ' || type)
FROM (VALUES ('ARRAY[now()]', 'timestamp with time zone[]'),
  ('''{}''::jsonb', 'jsonb'), ('''x''::bytea', 'bytea'), ('interval ''1 day''', 'interval'), ('t', 't')) v(expression,
  type);
-- Times are left out, so that a portrait's features can be fitted as they are; naming one as a feature is an error.
SELECT is((SELECT rows FROM persona.fit('times_' || kind, kind,
    'SELECT x, now() AS at, current_date AS day, localtimestamp AS local, (row_number() OVER ())::int % 2 AS y FROM t', 'y')),
  30::bigint, kind || ' fits a source with times')
FROM (VALUES ('linear_regression'), ('logistic_regression')) v(kind);
SELECT is((SELECT array_agg(term ORDER BY term_no) FROM persona.deployed_coefficient WHERE name = 'times_' || kind),
  ARRAY['(intercept)', 'x'], 'and leaves them out: ' || kind)
FROM (VALUES ('linear_regression'), ('logistic_regression')) v(kind);
SELECT throws_ok(format($$SELECT persona.fit('bad', 'linear_regression', 'SELECT y, %s AS odd FROM t', 'y', '{"features": ["odd"]}')$$, expression),
  '42804', format('column "odd" has type %s and cannot be a feature', type), type || ' named as a feature')
FROM (VALUES ('now()', 'timestamp with time zone'), ('current_date', 'date')) v(expression, type);
SELECT pg_temp.refused('linear_regression', 'SELECT x, label FROM t', 'label', '42804',
  'target column "label" has type text', 'a label as the target of a linear regression');
SELECT is(pg_temp.hint_of($$SELECT persona.fit('bad', 'linear_regression', 'SELECT x, flag FROM t', 'flag')$$),
  'Use the kind logistic_regression to predict a label or a boolean.', 'its hint has the kind to use');
SELECT pg_temp.refused('logistic_regression', 'SELECT x, now() AS n FROM t', 'n', '42804',
  'target column "n" has type timestamp with time zone', 'a time as a target');

-- Rows.
SELECT pg_temp.refused(kind, 'SELECT x, flag::int AS y FROM t WHERE false', 'y', '55000',
  'no usable rows to fit the model', kind || ': no rows') FROM (VALUES ('linear_regression'),
  ('logistic_regression')) v(kind);
SELECT pg_temp.refused('linear_regression', 'SELECT NULL::float8 AS x, y FROM t', 'y', '55000',
  'no usable rows to fit the model', 'only NULLs');
SELECT is(pg_temp.detail_of($$SELECT persona.fit('bad', 'linear_regression', 'SELECT NULL::float8 AS x, y FROM t',
  'y')$$), 'The source gave 30 rows; each has a NULL, NaN or infinite value in a column the model uses.',
  'its detail counts them');
SELECT pg_temp.refused('linear_regression', 'SELECT ''NaN''::float8 AS x, y FROM t', 'y', '55000',
  'no usable rows to fit the model', 'only NaN');
SELECT pg_temp.refused('item_knn', 'SELECT id AS c, label AS p FROM t WHERE false', NULL, '55000',
  'there are no rows to fit', 'item_knn: no rows', options => '{"user": "c", "item": "p"}');
SELECT pg_temp.refused('item_knn', 'SELECT id AS c, label AS p, -1 AS w FROM t', NULL, '55000',
  'there are no interactions to fit', 'only returns', options => '{"user": "c", "item": "p", "weight": "w"}');
SELECT pg_temp.refused('logistic_regression', 'SELECT x, true AS y FROM t', 'y', '55000',
  'target "y" has only one class, "true"', 'one class');
SELECT pg_temp.refused('logistic_regression', 'SELECT x, 0 AS y FROM t', 'y', '55000',
  'target "y" has only one class, "0"', 'one class, a number');
SELECT pg_temp.refused('logistic_regression', 'SELECT x, 0 AS o, label AS y FROM t', 'y', '0A000',
  'an offset needs a target of two classes', 'three classes and an offset', options => '{"offset": "o"}');
SELECT pg_temp.refused('logistic_regression', 'SELECT g AS x, g AS y FROM generate_series(1, 101) g', 'y', '22023',
  'target "y" has more than 100 distinct values', '101 classes');
SELECT pg_temp.refused('logistic_regression', 'SELECT id AS x, random() AS y FROM t', 'y', '22023', NULL,
  'a continuous target');
SELECT pg_temp.refused('linear_regression', 'SELECT ''l'' || g AS label, g AS y FROM generate_series(1, 101) g', 'y',
  '54000', 'column "label" has more than 100 distinct labels', 'too many labels');
SELECT is(pg_temp.hint_of($$SELECT persona.fit('bad', 'linear_regression',
  'SELECT md5(g::text) AS label, g AS y FROM generate_series(1, 100000) g', 'y')$$),
  'Name the column in the option "ignore", or raise "max_levels".', 'its hint has what to do');
SELECT lives_ok($$SELECT persona.fit('good', 'linear_regression',
  'SELECT ''l'' || g AS label, g AS y FROM generate_series(1, 101) g', 'y', '{"max_levels": 101}')$$, 'or raised');
SELECT pg_temp.refused('linear_regression',
  'SELECT true AS a, ''x'' AS "a=true", y FROM (SELECT g % 2 = 0 AS a, g::text AS t, g AS y FROM generate_series(1, 9) g) s',
  'q', '42703', NULL, 'an unknown target again');
SELECT pg_temp.refused('linear_regression',
  'SELECT g % 2 = 0 AS a, g % 3 AS "a=true", g AS y FROM generate_series(1, 9) g', 'y', '22023',
  'two terms would be named "a=true"', 'a column named as a term');
SELECT pg_temp.refused('linear_regression', 'SELECT g % 3 AS "(intercept)", g AS y FROM generate_series(1, 9) g', 'y',
  '22023', 'two terms would be named "(intercept)"', 'a column named as the intercept');
SELECT pg_temp.refused('linear_regression', format('SELECT %s, 1 AS y', (SELECT string_agg(g || ' AS c' || g, ', ')
  FROM generate_series(1, 1600) g)), 'y', '54000', 'too many terms', 'more columns than a model takes');

-- Numbers at the edge of a double: a finite answer, or an error; never infinity in a table.
SELECT lives_ok($$SELECT persona.fit('huge', 'linear_regression',
  'SELECT 1e300 * g AS x, 2e300 * g + 1e300 AS y FROM generate_series(1, 9) g', 'y')$$, 'values of 1e300');
SELECT is((SELECT round(estimate::numeric, 9) FROM persona.deployed_coefficient WHERE name = 'huge' AND term = 'x'),
  2.0, 'their slope');
SELECT lives_ok($$SELECT persona.fit('tiny', 'linear_regression',
  'SELECT 1e-300 * g AS x, 2e-300 * g AS y FROM generate_series(1, 9) g', 'y')$$, 'values of 1e-300');
SELECT is((SELECT round(estimate::numeric, 9) FROM persona.deployed_coefficient WHERE name = 'tiny' AND term = 'x'),
  2.0, 'their slope');
SELECT pg_temp.refused('linear_regression', 'SELECT 1e-200 * g AS x, 1e200 * g AS y FROM generate_series(1, 9) g',
  'y', '22003', 'an estimate is out of range', 'a slope past a double''s');
SELECT lives_ok($$SELECT persona.fit('far', 'logistic_regression',
  'SELECT 1e300 * g AS x, g % 3 = 0 AS y FROM generate_series(1, 20) g', 'y')$$, 'logistic regression of 1e300');
SELECT is((SELECT count(*) FROM persona.coefficient WHERE abs(estimate) = 'inf' OR estimate = 'NaN'
  OR abs(std_error) = 'inf' OR std_error = 'NaN')
          + (SELECT count(*) FROM persona.feature WHERE abs(mean) = 'inf' OR mean = 'NaN' OR abs(sd) = 'inf'
            OR sd = 'NaN')
          + (SELECT count(*) FROM persona.metric WHERE abs(value) = 'inf' OR value = 'NaN'), 0::bigint,
            'nothing stored is infinite or NaN');
SELECT is((SELECT skipped FROM persona.fit('num', 'linear_regression',
  'SELECT g AS y, (CASE g WHEN 1 THEN ''1e400'' ELSE g::text END)::numeric AS x FROM generate_series(1, 9) g', 'y')),
  1::bigint, 'a numeric past a double''s is skipped');
SELECT pg_temp.refused('item_knn',
  'SELECT id AS c, label AS p, 1e308::float8 AS w FROM (SELECT 1 AS id, label FROM t) s', NULL, '22003', NULL,
  'weights that overflow', options => '{"user": "c", "item": "p", "weight": "w"}');

-- item_knn's columns.
SELECT pg_temp.refused('item_knn', 't', NULL, '22023', 'kind "item_knn" needs option "user"', 'no user');
SELECT pg_temp.refused('item_knn', 't', NULL, '22023', 'kind "item_knn" needs option "item"', 'no item',
  options => '{"user": "id"}');
SELECT pg_temp.refused('item_knn', 't', NULL, '42703', 'column "z" does not exist in the source', 'an unknown item',
  options => '{"user": "id", "item": "z"}');
SELECT is(pg_temp.hint_of($$SELECT persona.fit('bad', 'item_knn', 't', options => '{"user": "z", "item": "id"}')$$),
  'Columns of the source are: "id", "x", "label", "flag", "y".', 'its hint lists the columns');
SELECT pg_temp.refused('item_knn', 't', NULL, '22023', NULL, 'one column as user and item',
  options => '{"user": "id", "item": "id"}');
SELECT pg_temp.refused('item_knn', 't', 'y', '22023', 'kind "item_knn" takes no target', 'a target',
  options => '{"user": "id", "item": "label"}');
SELECT pg_temp.refused('item_knn', 't', NULL, '42804', 'weight column "flag" is of type boolean, not numeric',
  'a weight that is no number', options => '{"user": "id", "item": "label", "weight": "flag"}');

-- Models that are not there.
SELECT throws_ok(format(statement, 'nobody'), '42704', 'model "nobody" does not exist',
  'an unknown model: ' || statement)
FROM unnest(ARRAY['SELECT persona.deploy(%L, 1)', 'SELECT persona.revert(%L)', 'SELECT persona.drop_model(%L)',
  'SELECT persona.refresh_model(%L)', 'SELECT persona.grant_model(%L, ''public'')',
  'SELECT persona.revoke_model(%L, ''public'')', 'SELECT persona.recommend(%L, ''x'')',
    'SELECT persona.recommend_for_items(%L, ''{x}'')', 'SELECT persona.similar_items(%L, ''x'')',
  'SELECT persona.preference(%L, ''x'', ''y'')', 'SELECT persona.predict(%L, ''{}'')',
    'SELECT persona.predict_array(%L, ''{}'')', 'SELECT persona.classify(%L, ''{}'')',
  'SELECT persona.probabilities(%L, ''{}'')', 'SELECT persona.explain(%L, ''{}'')',
    'SELECT persona.reasons(%L, ''{}'')', 'SELECT persona.evaluate(%L, ''t'')']) statement;
DO $$ BEGIN PERFORM persona.fit('one', 'linear_regression', 't', 'y'); END $$;
SELECT throws_ok($$SELECT persona.deploy('one', 2)$$, '42704', 'model "one@2" does not exist', 'an unknown version');
SELECT throws_ok($$SELECT persona.deploy('one@1', 1)$$, '22023', NULL, 'a version twice');
SELECT throws_ok($$SELECT persona.deploy('one', -1)$$, '42704', NULL, 'a negative version');
SELECT throws_ok($$SELECT persona.drop_model('one@7')$$, '42704', 'model "one@7" does not exist',
  'dropping an unknown version');
SELECT throws_ok($$SELECT persona.grant_model('one', 'nobody_at_all')$$, '42704',
  'role "nobody_at_all" does not exist', 'an unknown role');
SELECT throws_ok($$SELECT persona.grant_model('one', 'public', 'own')$$, '22023', 'unrecognized privilege "own"',
  'an unknown privilege');
SELECT throws_ok($$DELETE FROM persona.model_grant; INSERT INTO persona.model_name VALUES ('x@y',
  current_user::regrole)$$, '23514', NULL, 'the table keeps @ out of names too');

-- A source its reader may not read; another's name; a role that is gone.
CREATE SCHEMA hidden;
CREATE TABLE hidden.t AS TABLE t;
CREATE ROLE persona_reader;
CREATE ROLE persona_leaver;
GRANT CREATE ON SCHEMA public TO persona_leaver;
CREATE TABLE secret AS TABLE t;
SET LOCAL ROLE persona_reader;
SELECT throws_ok($$SELECT persona.fit('bad', 'linear_regression', 'secret', 'y')$$, '42501',
  'permission denied for table secret', 'a table one may not read');
SELECT throws_ok($$SELECT persona.fit('bad', 'linear_regression', 'SELECT x, y FROM secret', 'y')$$, '42501',
  'permission denied for table secret', 'nor in a query');
SELECT throws_ok($$SELECT persona.fit('bad', 'linear_regression', 'hidden.t', 'y')$$, '42501',
  'permission denied for schema hidden', 'nor in a schema one may not use');
SELECT throws_ok($$SELECT persona.fit('one', 'linear_regression', 'SELECT 1 AS x, 2 AS y', 'y')$$, '42501',
  'model name "one" is taken', 'another''s name');
SELECT throws_ok($$SELECT persona.deploy('one', 1)$$, '42704', 'model "one" does not exist',
  'a model one may not use is not there');
SELECT throws_ok($$INSERT INTO persona.model_name VALUES ('mine', 'persona_reader')$$, '42501', NULL,
  'the tables are not written by hand');
SELECT throws_ok($$UPDATE persona.coefficient SET estimate = 0$$, '42501', NULL, 'nor changed');
SET LOCAL ROLE persona_leaver;
CREATE TABLE of_leaver AS SELECT g AS x, 2.0 * g AS y, g % 2 AS c FROM generate_series(1, 9) g;
SELECT lives_ok($$SELECT persona.fit('left', 'linear_regression', 'of_leaver', 'y')$$, 'a model of a role');
SELECT lives_ok($$SELECT persona.fit('leftk', 'item_knn', 'of_leaver', options => '{"user": "x", "item": "c"}')$$,
  'a recommender of a role');
RESET ROLE;
REASSIGN OWNED BY persona_leaver TO CURRENT_USER;
DROP OWNED BY persona_leaver;
DROP ROLE persona_leaver;
SELECT is(round(persona.predict('left', '{"x": 3, "c": 1}')::numeric, 9), 6::numeric,
  'a model of a dropped role goes on predicting');
SELECT is((SELECT count(*) FROM persona.deployed_model WHERE name LIKE 'left%'), 2::bigint, 'and is listed');
SELECT throws_ok($$SELECT persona.refresh_model('left')$$, NULL, NULL, 'its source is not read by nobody');
SELECT throws_ok($$SELECT persona.recommend('leftk', 3)$$, NULL, NULL, 'nor its history');
SET LOCAL client_min_messages = error;
SELECT lives_ok($$DO 'BEGIN CALL persona.refresh_all(); END'$$, 'refresh_all goes on past it');
SET LOCAL client_min_messages = warning;
CREATE ROLE persona_passer_by;
DO $$ BEGIN PERFORM persona.grant_model('one', 'persona_passer_by'); END $$;
SET LOCAL ROLE persona_reader;
SELECT is((SELECT count(*) FROM persona.model), 0::bigint, 'nor does it trouble those who see nothing of it');
SET LOCAL ROLE persona_passer_by;
SELECT is((SELECT array_agg(DISTINCT name) FROM persona.model), '{one}'::text[], 'a grantee sees what was granted');
RESET ROLE;
DROP ROLE persona_passer_by;
SET LOCAL ROLE persona_reader;
SELECT lives_ok($$SELECT * FROM persona.model_grant$$, 'a grant to a dropped role does no harm');
RESET ROLE;
SELECT is((SELECT name FROM persona.drop_model('left')), 'left', 'a superuser may drop it');

SELECT is((SELECT count(*) FROM persona.model_name WHERE name IN ('bad', 'a@b', '')), 0::bigint,
  'nothing that failed left a model');
SELECT * FROM finish();
ROLLBACK;
