-- The verbs of evaluation and explanation on a target of three classes. Expected values are computed by SQL from
-- probabilities and explain.
BEGIN;
SELECT plan(19);
SET LOCAL client_min_messages = warning;

CREATE FUNCTION pg_temp.near(got float8, want float8, relative float8, description text) RETURNS text
LANGUAGE sql AS $$
  SELECT coalesce(CASE WHEN abs(got - want) <= relative * greatest(abs(want), 1e-300) THEN pass(description) END,
                  fail(description) || E'\n' || diag(format('got %s, want %s', got, want)))
$$;
CREATE TABLE customer (id int PRIMARY KEY, age float8, country text, plan text);
INSERT INTO customer SELECT g, g * 7 % 40, (ARRAY['DE', 'FR', 'GB'])[1 + (g / 40) % 3],
  (ARRAY['basic', 'family', 'plus'])[1 + ((g * 7 % 40) + (g * 104729 % 30) + 10 * ((g / 40) % 3)) / 34] FROM generate_series(1, 900) g;
DO $$ BEGIN
  PERFORM persona.fit('plan', 'logistic_regression', 'customer', 'plan');
  PERFORM persona.fit('age', 'logistic_regression', 'customer', 'plan', '{"features": ["age"]}');
END $$;
CREATE TEMP TABLE p AS SELECT c.*, class, probability, probability = max(probability) OVER (PARTITION BY id) AS called
FROM customer c, persona.probabilities('plan', c);
CREATE TEMP TABLE m AS SELECT * FROM persona.evaluate('plan', 'customer');
CREATE FUNCTION pg_temp.m(the_metric text) RETURNS float8 LANGUAGE sql AS $$ SELECT value FROM m WHERE metric = the_metric $$;
SELECT is((SELECT array_agg(metric) FROM m), '{rows,log_loss,accuracy,macro_precision,macro_recall,macro_f1,skipped}', 'figures of several classes');
SELECT pg_temp.near(pg_temp.m('log_loss'), (SELECT -avg(ln(probability)) FROM p WHERE class = plan), 1e-12, 'log loss');
SELECT pg_temp.near(pg_temp.m('log_loss') * -900, (SELECT value FROM persona.metric JOIN persona.deployed_model USING (model_id)
  WHERE name = 'plan' AND metric = 'log_likelihood'), 1e-10, 'which is the log likelihood of the fit');
SELECT is(pg_temp.m('accuracy'), (SELECT avg((class = plan)::int)::float8 FROM p WHERE called), 'accuracy');
SELECT is(pg_temp.m('accuracy'), (SELECT avg((persona.classify('plan', c) = plan)::int)::float8 FROM customer c), 'calls are those of classify');
CREATE TEMP TABLE by_class AS SELECT class, count(*) FILTER (WHERE called AND class = plan)::float8 AS hits,
  count(*) FILTER (WHERE called) AS calls, count(*) FILTER (WHERE class = plan) AS there FROM p GROUP BY class;
SELECT pg_temp.near(pg_temp.m('macro_precision'), (SELECT avg(hits / calls) FROM by_class), 1e-13, 'macro precision');
SELECT pg_temp.near(pg_temp.m('macro_recall'), (SELECT avg(hits / there) FROM by_class), 1e-13, 'macro recall');
SELECT pg_temp.near(pg_temp.m('macro_f1'), (SELECT avg(2 * hits / (calls + there)) FROM by_class), 1e-13, 'macro F1');
SELECT is((SELECT array_agg(model || ' ' || rank ORDER BY rank) FROM persona.compare('{age,plan}', 'customer') WHERE metric = 'log_loss'), '{"plan 1","age 2"}', 'compared');
SELECT is((SELECT count(*) FROM persona.cross_validate('logistic_regression', 'customer', 'plan', 3) WHERE metric = 'macro_f1'), 4::bigint, 'folds');
SELECT throws_ok($$SELECT persona.evaluate('plan', 'SELECT *, ''none'' AS plan FROM (SELECT age, country FROM customer) c')$$, '22000',
  'target "plan" has a class the model does not know', 'an unknown class');
SELECT throws_ok(format('SELECT persona.%s(''plan'', ''customer'')', verb), '0A000',
  'model "plan@1" tells 3 classes apart and has no single score to sort rows by', verb) FROM unnest(ARRAY['calibration', 'gains']) verb;
SELECT throws_ok($$SELECT persona.what_if('plan', '{"age": 3, "country": "DE"}', '{"age": 4}')$$, '0A000', NULL, 'nor a single number to change');

-- Importance: the root of the mean, over the classes, of the variance of a feature's part in the class's linear predictor
-- less its mean over the classes; by the coefficients, that of the reference being 0.
SELECT pg_temp.near((SELECT importance FROM persona.importance('age') WHERE feature = 'age'),
  (SELECT stddev_pop(b) * (SELECT stddev_pop(age) FROM customer) FROM (SELECT estimate AS b FROM persona.deployed_coefficient
    WHERE name = 'age' AND term = 'age' UNION ALL SELECT 0) k), 1e-12, 'importance of a number for three classes');
SELECT is((SELECT array_agg(feature ORDER BY feature) FROM persona.importance('plan')), '{age,country}', 'of all features');
SELECT is((SELECT array_agg(feature ORDER BY feature) FROM persona.drift('plan', 'customer')), '{age,country}', 'drift has no score');
SELECT is((SELECT count(*) FROM persona.drift('plan', 'customer') WHERE psi > 1e-20), 0::bigint, 'and sees none here');
SELECT matches((SELECT persona.reasons('plan', c) FROM customer c WHERE id = 1), '^(age|country) is [^(]* [(](raises|lowers) the chance of ' || (SELECT persona.classify('plan', c) FROM customer c WHERE id = 1), 'reasons');

SELECT * FROM finish();
ROLLBACK;
