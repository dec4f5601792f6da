-- cross_validate: models that statsmodels fits on the same folds, measured by scikit-learn, give the same numbers
-- (test/reference/cross_validation.py writes them).
BEGIN;
SELECT plan(83);
SET LOCAL client_min_messages = warning;

CREATE FUNCTION pg_temp.near(got float8, want float8, relative float8, description text) RETURNS text
LANGUAGE sql AS $$
  SELECT coalesce(CASE WHEN abs(got - want) <= relative * greatest(abs(want), 1e-300) THEN pass(description) END,
                  fail(description) || E'\n' || diag(format('got %s, want %s', got, want)))
$$;

-- Hosmer and Lemeshow, "Applied Logistic Regression", 1989, as in the R package MASS: low birth weight, mother's age,
-- weight, smoking, earlier premature labors, hypertension, uterine irritability, birth weight in grams.
CREATE TEMP TABLE csv (id int GENERATED ALWAYS AS IDENTITY, low int, age int, lwt int, race int, smoke int, ptl int, ht int, ui int, ftv int, bwt int);
\copy csv (low, age, lwt, race, smoke, ptl, ht, ui, ftv, bwt) FROM 'test/reference/data/birthwt.csv' (FORMAT csv, HEADER)
CREATE TABLE birthwt (id int PRIMARY KEY, low int, age int, lwt int, smoke int, ptl int, ht int, ui int, bwt int);
INSERT INTO birthwt SELECT id, low, age, lwt, smoke, ptl, ht, ui, bwt FROM csv;
SELECT is((SELECT count(*) || ' ' || sum(low) || ' ' || sum(bwt) FROM birthwt), '189 59 556527', 'the data');

CREATE TEMP TABLE reference (kind text, fold int, metric text, value float8);
INSERT INTO reference VALUES
  ('logistic_regression', 1, 'rows', 48.0), ('logistic_regression', 1, 'auc', 0.8230958230958231),
  ('logistic_regression', 1, 'log_loss', 0.4624990209179524), ('logistic_regression', 1, 'brier', 0.1450707393561913),
  ('logistic_regression', 1, 'accuracy', 0.8333333333333334),
  ('logistic_regression', 1, 'precision', 0.7142857142857143), ('logistic_regression', 1, 'recall', 0.45454545454545453),
  ('logistic_regression', 1, 'f1', 0.5555555555555556), ('linear_regression', 1, 'rows', 48.0),
  ('linear_regression', 1, 'r_squared', -0.003012117088652122), ('linear_regression', 1, 'rmse', 750.7958140352337),
  ('linear_regression', 1, 'mae', 586.9326238012563), ('logistic_regression', 2, 'rows', 48.0),
  ('logistic_regression', 2, 'auc', 0.693359375), ('logistic_regression', 2, 'log_loss', 0.6588776241719428),
  ('logistic_regression', 2, 'brier', 0.2293925600809532), ('logistic_regression', 2, 'accuracy', 0.6458333333333334),
  ('logistic_regression', 2, 'precision', 0.42857142857142855), ('logistic_regression', 2, 'recall', 0.1875),
  ('logistic_regression', 2, 'f1', 0.26086956521739124), ('linear_regression', 2, 'rows', 48.0),
  ('linear_regression', 2, 'r_squared', -0.18856577559446652), ('linear_regression', 2, 'rmse', 660.2023156225158),
  ('linear_regression', 2, 'mae', 528.2087284146301), ('logistic_regression', 3, 'rows', 48.0),
  ('logistic_regression', 3, 'auc', 0.6656565656565656), ('logistic_regression', 3, 'log_loss', 0.6475817663764949),
  ('logistic_regression', 3, 'brier', 0.2216237330387004), ('logistic_regression', 3, 'accuracy', 0.6666666666666666),
  ('logistic_regression', 3, 'precision', 0.45454545454545453), ('logistic_regression', 3, 'recall', 0.3333333333333333),
  ('logistic_regression', 3, 'f1', 0.3846153846153846), ('linear_regression', 3, 'rows', 48.0),
  ('linear_regression', 3, 'r_squared', -0.06447240137691956), ('linear_regression', 3, 'rmse', 680.0889221979787),
  ('linear_regression', 3, 'mae', 559.8956833391758), ('logistic_regression', 4, 'rows', 45.0),
  ('logistic_regression', 4, 'auc', 0.6260504201680672), ('logistic_regression', 4, 'log_loss', 0.6850483879300205),
  ('logistic_regression', 4, 'brier', 0.23636441551679435), ('logistic_regression', 4, 'accuracy', 0.6222222222222222),
  ('logistic_regression', 4, 'precision', 0.5), ('logistic_regression', 4, 'recall', 0.17647058823529413),
  ('logistic_regression', 4, 'f1', 0.2608695652173913), ('linear_regression', 4, 'rows', 45.0),
  ('linear_regression', 4, 'r_squared', 0.1526026887098978), ('linear_regression', 4, 'rmse', 795.2233894147618),
  ('linear_regression', 4, 'mae', 644.2600102365055);
CREATE TEMP TABLE got AS
SELECT 'logistic_regression' AS kind, v.*
FROM persona.cross_validate('logistic_regression', 'birthwt', 'low', 4, '{"ignore": ["bwt"]}', seed => 7) v
UNION ALL
SELECT 'linear_regression', v.*
FROM persona.cross_validate('linear_regression', 'birthwt', 'bwt', 4, '{"ignore": ["low"]}', seed => 7) v;
SELECT pg_temp.near(g.value, r.value, 1e-9, format('%s, fold %s: %s', r.kind, r.fold, r.metric))
FROM reference r LEFT JOIN got g USING (kind, fold, metric) ORDER BY r.kind, r.fold, r.metric;
-- scikit-learn's cross_val_score with these folds.
SELECT is((SELECT array_agg(round(value::numeric, 12) ORDER BY fold) FROM got WHERE metric = 'auc' AND fold IS NOT NULL),
          (SELECT array_agg(round(v::numeric, 12)) FROM unnest(ARRAY[0.8230958230958231, 0.693359375, 0.6656565656565656, 0.6260504201680672]) v), 'AUC of scikit-learn''s own loop');
-- The summary: mean and sample standard deviation over the folds.
SELECT cmp_ok(max(abs(g.value - s.mean) + abs(g.sd - s.sd)), '<', 1e-10::float8, 'mean and spread')
FROM got g JOIN (SELECT kind, metric, avg(value) AS mean, stddev_samp(value) AS sd FROM got WHERE fold IS NOT NULL
                 GROUP BY kind, metric) s USING (kind, metric) WHERE g.fold IS NULL;
SELECT is((SELECT array_agg(metric) FROM got WHERE kind = 'linear_regression' AND fold IS NULL),
          '{rows,r_squared,rmse,mae,skipped}', 'of every metric');
SELECT is((SELECT count(*) FROM got WHERE fold IS NOT NULL AND sd IS NOT NULL), 0::bigint, 'one fold has no spread');

-- The folds are those of persona.fold over the key: fold 2 by hand.
DO $$ BEGIN PERFORM persona.fit('others', 'logistic_regression', 'SELECT * FROM birthwt WHERE persona.fold(id, 4, 7) <> 2',
                                'low', '{"ignore": ["bwt"]}', 'id'); END $$;
SELECT results_eq($$SELECT metric, value FROM persona.evaluate('others', 'SELECT * FROM birthwt WHERE persona.fold(id, 4, 7) = 2')
                    ORDER BY metric$$,
                  $$SELECT metric, value FROM got WHERE kind = 'logistic_regression' AND fold = 2 ORDER BY metric$$, 'fold 2 by hand');
SELECT is((SELECT count(*) FROM persona.model WHERE name <> 'others'), 0::bigint, 'nothing is stored');

-- Whatever names the key, the folds are the same; without a key they are those of the rows' content.
CREATE FUNCTION pg_temp.answer(source text, key text, seed bigint DEFAULT 7) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(concat(fold, ' ', metric, ' ', round(value::numeric, 6)), '; ')
  FROM persona.cross_validate('linear_regression', source, 'bwt', 3, '{"features": ["age", "lwt"]}', key, seed)
$$;
SELECT is(pg_temp.answer('birthwt', 'id'), pg_temp.answer('birthwt', NULL), 'the primary key by default');
SELECT is(pg_temp.answer('SELECT id::text AS "Iḍ, ""s""", bwt, lwt, age FROM birthwt', 'Iḍ, "s"'), pg_temp.answer('birthwt', 'id'),
  'a text key with an odd name');
SELECT isnt(pg_temp.answer('birthwt', 'id', 8), pg_temp.answer('birthwt', 'id'), 'another seed');
SELECT is(pg_temp.answer('SELECT age, lwt, bwt FROM birthwt ORDER BY id DESC;', NULL),
          pg_temp.answer('SELECT age, lwt, bwt FROM birthwt', NULL), 'rows without a key: their order does not matter');
SELECT isnt(pg_temp.answer('SELECT s.*, ''c''::text AS s FROM birthwt s', NULL), NULL, 'a column named as the subquery');
SELECT is((SELECT array_agg(value ORDER BY fold) FROM persona.cross_validate('linear_regression', 'birthwt', 'bwt', 3,
             '{"features": ["lwt"]}', 'ht, age') WHERE metric = 'rows' AND fold IS NOT NULL),
          (SELECT array_agg(n ORDER BY f) FROM (SELECT persona.fold(ROW(ht, age)::text, 3) AS f, count(*)::float8 AS n
                                                FROM birthwt GROUP BY 1) s), 'two key columns: rows of one key stay together');
SELECT is((SELECT sum(value) FROM persona.cross_validate('linear_regression',
            'SELECT nullif(id, 5) AS id, age, bwt FROM birthwt', 'bwt', 3, key => 'id') WHERE metric = 'rows' AND fold IS NOT NULL),
          189::float8, 'a NULL key is in a fold too');
SELECT is((SELECT array_agg(value) FROM persona.cross_validate('linear_regression',
            'SELECT id, CASE WHEN id % 20 <> 0 THEN age END AS age, bwt FROM birthwt', 'bwt', 3, key => 'id')
           WHERE metric = 'skipped' AND fold IS NOT NULL),
          (SELECT array_agg(n ORDER BY f) FROM (SELECT persona.fold(id, 3) AS f, count(*) FILTER (WHERE id % 20 = 0)::float8 AS n
                                                FROM birthwt GROUP BY 1) s), 'skipped rows of each fold');
SELECT is((SELECT count(*) FROM persona.cross_validate('logistic_regression', 'birthwt', 'low', 3,
             '{"ignore": ["bwt"], "threshold": 1}', 'id') WHERE metric = 'recall' AND value = 0), 4::bigint, 'at the threshold of the options');

-- What cannot be; the error names the fold.
CREATE FUNCTION pg_temp.context(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE context text;
BEGIN
  EXECUTE query;
  RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS context = PG_EXCEPTION_CONTEXT;
  RETURN SQLSTATE || ' ' || (regexp_match(context, 'fold [0-9]+ of [0-9]+ of cross_validate'))[1];
END $$;
SELECT throws_ok($$SELECT persona.cross_validate('logistic_regression',
                     'SELECT i AS x, i > 39 AS y FROM generate_series(1, 40) i', 'y', key => 'x')$$,
  '55000', format('fold %s of 5: target "y" has only one class, "false"', persona.fold(40, 5)), 'one class');
SELECT throws_ok($$SELECT persona.cross_validate('linear_regression', 'SELECT i, i AS y FROM generate_series(1, 4) i', 'y', 30, key => 'i')$$,
  '55000', 'fold 1 of 30: no usable rows to evaluate the model on', 'an empty fold');
SELECT is(pg_temp.context($$SELECT persona.cross_validate('linear_regression', 'SELECT i, CASE WHEN i = 7 THEN ''a'' ELSE ''b'' END AS l,
  i AS y FROM generate_series(1, 60) i', 'y', 5, '{"unseen": "error"}', 'i')$$),
  format('22023 fold %s of 5 of cross_validate', persona.fold(7, 5)), 'a label unseen in the other folds');
SELECT throws_ok(format('SELECT persona.cross_validate(%s)', arguments), state, message, arguments)
FROM (VALUES
  ('''linear_regression'', ''birthwt'', ''bwt'', 1', '22023', 'argument "folds" must be between 2 and 1000'),
  ('''linear_regression'', ''birthwt'', ''bwt'', 1001', '22023', 'argument "folds" must be between 2 and 1000'),
  ('''linear_regression'', ''birthwt'', ''bwt'', NULL', '22004', 'argument "folds" must not be null'),
  ('''linear_regression'', ''birthwt'', NULL', '22004', 'argument "target" must not be null'),
  ('''linear_regression'', ''birthwt'', ''bwt'', seed => NULL', '22004', 'argument "seed" must not be null'),
  ('''linear_regression'', ''birthwt'', ''bwt'', options => NULL', '22004', 'argument "options" must not be null'),
  ('''linear_regression'', ''birthwt'', ''weight''', '42703', 'target column "weight" does not exist'),
  ('''linear_regression'', ''birthwt'', ''bwt'', key => ''mother''', '42703', 'key column "mother" does not exist'),
  ('''linear_regression'', ''birthwt'', ''bwt'', options => ''{"l3": 1}''', '22023', 'unrecognized option "l3" for kind "linear_regression"'),
  ('''item_knn'', ''birthwt'', ''bwt''', '0A000', 'kind "item_knn" does not predict a target'),
  ('''scaler'', ''birthwt'', ''bwt''', '0A000', 'kind "scaler" does not predict a target'),
  ('''boosting'', ''birthwt'', ''bwt''', '42704', 'model kind "boosting" does not exist')) v(arguments, state, message);
SELECT throws_ok($$SELECT persona.cross_validate('linear_regression', 'DELETE FROM birthwt', 'bwt')$$, '22023', NULL, 'a source that writes');

CREATE ROLE stranger;
SET LOCAL ROLE stranger;
SELECT throws_ok($$SELECT persona.cross_validate('linear_regression', 'birthwt', 'bwt')$$, '42501', 'permission denied for table birthwt',
  'the source is read as the caller');
SELECT is((SELECT count(*) FROM persona.cross_validate('linear_regression', 'SELECT i AS x, i * i AS y FROM generate_series(1, 40) i', 'y')),
  30::bigint, 'for which anybody may ask');
RESET ROLE;
SET LOCAL transaction_read_only = on;
SELECT is((SELECT count(*) FROM persona.cross_validate('linear_regression', 'birthwt', 'bwt')), 30::bigint, 'in a READ ONLY transaction');

SELECT * FROM finish();
ROLLBACK;
