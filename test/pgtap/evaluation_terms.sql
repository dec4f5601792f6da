-- The verbs of evaluation and explanation on what columns may become: bins, splines, parts of dates, arrays, interactions,
-- offsets, missing values; and on counts. Expected values are computed by SQL from predict and explain.
BEGIN;
SELECT plan(43);
SET LOCAL client_min_messages = warning;
SET LOCAL TimeZone = 'UTC';

CREATE FUNCTION pg_temp.near(got float8, want float8, relative float8, description text) RETURNS text
LANGUAGE sql AS $$
  SELECT coalesce(CASE WHEN abs(got - want) <= relative * greatest(abs(want), 1e-300) THEN pass(description) END,
                  fail(description) || E'\n' || diag(format('got %s, want %s', got, want)))
$$;
-- age and country are independent of each other: every age has every country equally often.
CREATE TABLE customer (id int PRIMARY KEY, age float8, income float8, country text, joined_at timestamptz, v float8[], months float8, visits int, y float8, stays boolean);
INSERT INTO customer
SELECT g, 20 + g % 40, CASE WHEN g % 9 > 0 THEN 1000 + (g * 7919 % 1009) END, CASE WHEN g % 11 > 0 THEN (ARRAY['DE', 'FR', 'GB'])[1 + (g / 40) % 3] END,
       timestamptz '2024-01-01' + g * interval '7 hours', ARRAY[g % 7, (g * 31 % 13)], 1 + g % 12,
       floor((1 + g % 12) * exp(sin(g) / 2) / 3)::int + g % 3, 3 * sin(g % 40 / 6.0) + (g * 31 % 13) + CASE (g / 40) % 3 WHEN 2 THEN (g % 40) / 10.0 ELSE 0 END,
       (g * 104729 % 1000) / 1000.0 < 1 / (1 + exp(2 - (g % 40) / 10.0))
FROM generate_series(1, 2400) g;
CREATE VIEW known AS SELECT * FROM customer WHERE income IS NOT NULL AND country IS NOT NULL;
DO $$ BEGIN
  PERFORM persona.fit('bins', 'linear_regression', 'SELECT id, age, country, y FROM known', 'y', '{"bins": {"age": [30, 45]}}', 'id');
  PERFORM persona.fit('spline', 'linear_regression', 'SELECT id, age, country, y FROM known', 'y', '{"splines": {"age": 4}}', 'id');
  PERFORM persona.fit('date', 'linear_regression', 'SELECT id, joined_at, v, y FROM customer', 'y', '{"date_parts": {"joined_at": ["weekday", "year"]}}', 'id');
  PERFORM persona.fit('pair', 'linear_regression', 'SELECT id, age, country, y FROM customer WHERE country IS NOT NULL', 'y', '{"interactions": ["age:country"]}', 'id');
  PERFORM persona.fit('impute', 'logistic_regression', 'SELECT id, age, income, country, stays FROM customer', 'stays', '{"nulls": "impute"}', 'id');
  PERFORM persona.fit('omit', 'logistic_regression', 'SELECT id, age, income, stays FROM customer', 'stays', key => 'id');
  PERFORM persona.fit('count', 'poisson_regression', 'SELECT id, age, v, visits FROM customer', 'visits', key => 'id');
  PERFORM persona.fit('rate', 'poisson_regression', 'SELECT id, age, ln(months) AS exposure, visits FROM customer', 'visits', '{"offset": "exposure"}', 'id');
END $$;

-- Counts: scikit-learn's mean_poisson_deviance, by SQL.
CREATE TEMP TABLE scored AS SELECT c.*, persona.predict('count', c) AS s FROM customer c;
SELECT pg_temp.near((SELECT value FROM persona.evaluate('count', 'customer') WHERE metric = 'poisson_deviance'),
  (SELECT 2 * avg(CASE WHEN visits > 0 THEN visits * ln(visits / s) ELSE 0 END - visits + s) FROM scored), 1e-12, 'Poisson deviance');
SELECT pg_temp.near((SELECT value FROM persona.evaluate('count', 'customer') WHERE metric = 'deviance_explained'),
  1 - (SELECT m.value FROM persona.metric m JOIN persona.deployed_model USING (model_id) WHERE name = 'count' AND metric = 'deviance')
    / (SELECT m.value FROM persona.metric m JOIN persona.deployed_model USING (model_id) WHERE name = 'count' AND metric = 'null_deviance'),
  1e-10, 'on its training rows the share of the null deviance that the fit explains');
SELECT is((SELECT array_agg(metric) FROM persona.evaluate('count', 'customer')),
  '{rows,r_squared,rmse,mae,poisson_deviance,deviance_explained,skipped}', 'figures of a count');
SELECT pg_temp.near((SELECT value FROM persona.evaluate('rate', 'SELECT *, ln(months) AS exposure FROM customer') WHERE metric = 'mae'),
  (SELECT avg(abs(visits - persona.predict('rate', c))) FROM (SELECT *, ln(months) AS exposure FROM customer) c), 1e-12, 'with an offset');
SELECT throws_ok($$SELECT persona.evaluate('count', 'SELECT age, v, -1 AS visits FROM customer')$$, '22003', 'a target is negative', 'a negative count');
SELECT is((SELECT sum(rows) FROM persona.calibration('count', 'customer')), 2400::numeric, 'calibration of a count');
SELECT is((SELECT cumulative_gain FROM persona.gains('count', 'customer') WHERE bin = 10), 1::float8, 'gains of a count');
SELECT is((SELECT count(*) FROM persona.cross_validate('poisson_regression', 'customer', 'visits', 3, '{"features": ["age"]}') WHERE metric = 'poisson_deviance'),
  4::bigint, 'folds of a count');
-- Bins by number have edges of the rows each fold may see.
SELECT is((SELECT count(*) FROM persona.cross_validate('linear_regression', 'customer', 'y', 3, '{"features": ["age"], "bins": {"age": 5}}') WHERE metric = 'rmse'),
  4::bigint, 'folds with bins');

-- Missing values: a model that takes them measures all rows; together with one that does not, what both can score.
SELECT is((SELECT value FROM persona.evaluate('impute', 'customer') WHERE metric = 'rows'), 2400::float8, 'imputed rows are measured');
SELECT pg_temp.near((SELECT value FROM persona.evaluate('impute', 'customer') WHERE metric = 'brier'),
  (SELECT avg((stays::int - persona.predict('impute', c)) ^ 2) FROM customer c), 1e-12, 'with their scores');
SELECT is((SELECT array_agg(DISTINCT value) FROM persona.compare('{impute,omit}', 'customer') WHERE metric = 'rows'),
  (SELECT ARRAY[count(*)::float8] FROM customer WHERE income IS NOT NULL), 'compared on the rows that each can score');
SELECT is((SELECT array_agg(DISTINCT value) FROM persona.compare('{omit,impute}', 'customer') WHERE metric = 'rows'),
  (SELECT ARRAY[count(*)::float8] FROM customer WHERE income IS NOT NULL), 'in any order');

-- Importance.
CREATE FUNCTION pg_temp.spread(model text, source text, feature text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE answer float8;
BEGIN
  EXECUTE format('SELECT stddev_pop(e.contribution) FROM %s c, persona.explain(%L, c) e WHERE e.term ~ %L', source, model, feature) INTO answer;
  RETURN answer;
END $$;
CREATE FUNCTION pg_temp.importance(the_model text, the_feature text) RETURNS float8 LANGUAGE sql AS $$
  SELECT importance FROM persona.importance(the_model) WHERE feature = the_feature
$$;
SELECT pg_temp.near(pg_temp.importance('bins', 'age'), pg_temp.spread('bins', 'known', '^age'), 1e-12, 'importance of bins');
SELECT pg_temp.near(pg_temp.importance('spline', 'age'), pg_temp.spread('spline', 'known', '^spline'), 0.03, 'of a spline, to a few percent');
SELECT pg_temp.near(pg_temp.importance('spline', 'country'), pg_temp.spread('spline', 'known', '^country'), 1e-12, 'of a label beside it');
SELECT pg_temp.near(pg_temp.importance('date', 'joined_at.weekday'), pg_temp.spread('date', 'customer', 'weekday'), 1e-12, 'of a part of a date');
SELECT pg_temp.near(pg_temp.importance('date', 'v[2]'), pg_temp.spread('date', 'customer', '^v.2.'), 1e-12, 'of an element');
SELECT pg_temp.near(pg_temp.importance('impute', 'income'), pg_temp.spread('impute', 'customer', '^income'), 1e-12, 'of a number with missing values');
SELECT pg_temp.near(pg_temp.importance('impute', 'country'), pg_temp.spread('impute', 'customer', '^country'), 1e-12, 'of a label with missing values');
SELECT pg_temp.near(pg_temp.importance('pair', 'age:country'), pg_temp.spread('pair', '(SELECT * FROM customer WHERE country IS NOT NULL)', '^age:'), 0.03, 'of an interaction of two that are all but independent');
SELECT is((SELECT array_agg(feature ORDER BY feature) FROM persona.importance('pair')), '{age,age:country,country}', 'which is a line of its own');
SELECT pg_temp.near(pg_temp.importance('rate', 'exposure'), (SELECT stddev_pop(ln(months)) FROM customer), 1e-12, 'of an offset');
SELECT cmp_ok(abs((SELECT sum(share) FROM persona.importance('pair')) - 1), '<', 1e-15::float8, 'shares add up to 1');

-- What-if.
SELECT is((SELECT new_score FROM customer c, persona.what_if('date', c, '{"joined_at": "2024-06-03 12:00", "v": [1, 2]}') WHERE id = 9),
  persona.predict('date', '{"joined_at": "2024-06-03 12:00", "v": [1, 2]}'), 'a date and an array change');
SELECT is((SELECT score FROM customer c, persona.what_if('date', c, '{"v": [1, 2]}') WHERE id = 9), (SELECT persona.predict('date', c) FROM customer c WHERE id = 9), 'the score before');
SELECT throws_ok($$SELECT persona.what_if('date', c, '{"v[1]": 3}') FROM customer c$$, '42703', 'model "date@1" does not read "v[1]"', 'an element cannot change alone');
SELECT throws_ok($$SELECT persona.what_if('date', c, '{"v": [3]}') FROM customer c$$, '22023', NULL, 'nor an array its length');
SELECT is_empty($$SELECT c.id FROM customer c, persona.what_if('impute', c, '{"income": null, "country": "GB"}') w
  WHERE (w.score, w.new_score) IS DISTINCT FROM (persona.predict('impute', c), persona.predict('impute', jsonb_build_object('age', age, 'income', NULL, 'country', 'GB')))$$,
  'a value is taken away from a model that takes missing ones');
SELECT is_empty($$SELECT c.id FROM customer c, persona.what_if('impute', c, '{"age": 30}') w
  WHERE w.new_score IS DISTINCT FROM persona.predict('impute', jsonb_build_object('age', 30, 'income', income, 'country', country))$$, 'what was missing stays so');

-- Drift.
SELECT is((SELECT array_agg(feature || ' ' || missing || ' ' || training_missing ORDER BY feature) FROM persona.drift('impute', 'customer') WHERE feature <> '(score)'),
  (SELECT ARRAY['age 0 0', 'country ' || a.c || ' ' || a.c, 'income ' || a.i || ' ' || a.i] FROM (SELECT count(*) FILTER (WHERE country IS NULL) / 2400.0::float8 AS c,
    count(*) FILTER (WHERE income IS NULL) / 2400.0::float8 AS i FROM customer) a), 'what was missing in training, and is now');
SELECT is((SELECT count(*) FROM persona.drift('impute', 'customer') WHERE psi > 1e-20), 0::bigint, 'which has not drifted');
SELECT is((SELECT count(*) FROM persona.drift(model, 'customer') WHERE psi > 1e-20 OR rows <> 2400), 0::bigint, model || ': nor have all others')
FROM unnest(ARRAY['date', 'count']) model;
SELECT is((SELECT count(*) FROM persona.drift('omit', 'customer') WHERE psi > 1e-20 AND feature = 'income' OR psi > 0.001), 0::bigint, 'nor what a model leaves out');
SELECT pg_temp.near((SELECT training_missing FROM persona.drift('omit', 'customer') WHERE feature = 'income'), 266 / 2400.0, 1e-15, 'and has counted');
SELECT is((SELECT assessment FROM persona.drift('omit', 'SELECT age, CASE WHEN id % 2 = 0 THEN income END AS income FROM customer') WHERE feature = 'income'), 'major',
  'half of the values lost is major');
SELECT is((SELECT count(*) FROM persona.drift('rate', 'SELECT *, ln(months) AS exposure FROM customer') WHERE psi > 1e-20), 0::bigint, 'a model with an offset');
SELECT is((SELECT array_agg(feature) FROM persona.drift('rate', 'SELECT *, ln(months) AS exposure FROM customer') WHERE psi IS NULL), '{exposure}',
  'whose offset is compared by its mean');
SELECT is((SELECT ROW(rows, missing, outside, round((mean - training_mean)::numeric, 12))::text FROM persona.drift('rate', 'SELECT *, ln(months) AS exposure FROM customer') WHERE feature = 'exposure'),
  '(2400,0,,0.000000000000)', 'and counted');
SELECT is((SELECT array_agg(feature ORDER BY feature) FROM persona.drift('date', 'customer')), '{(score),joined_at.weekday,joined_at.year,v[1],v[2]}', 'parts and elements');
SELECT is((SELECT assessment FROM persona.drift('date', 'SELECT joined_at + interval ''1 year'' AS joined_at, v FROM customer') WHERE feature = 'joined_at.year'), 'major', 'a year on');
SELECT is((SELECT array_agg(DISTINCT feature) FROM persona.drift('bins', 'known')), '{(score),age,country}', 'bins are compared as the number they are of');

SELECT * FROM finish();
ROLLBACK;
