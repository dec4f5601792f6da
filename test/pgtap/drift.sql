-- drift, and what fits store for it: ranks of the quantiles, and the scores of the training rows. The figures are summed
-- again by SQL over the rows themselves.
BEGIN;
SELECT plan(64);
SET LOCAL client_min_messages = warning;

CREATE FUNCTION pg_temp.near(got float8, want float8, relative float8, description text) RETURNS text
LANGUAGE sql AS $$
  SELECT coalesce(CASE WHEN abs(got - want) <= relative * greatest(abs(want), 1e-300) THEN pass(description) END,
                  fail(description) || E'\n' || diag(format('got %s, want %s', got, want)))
$$;

CREATE TABLE train (id int PRIMARY KEY, x float8, n int, country text, member boolean, y float8, bought boolean);
INSERT INTO train SELECT g, sin(g) * 10, (g * 7 % 10) * (g % 3), (ARRAY['DE', 'DE', 'FR', 'GB'])[1 + g % 4], g % 5 = 0,
  sin(g) * 20 + g % 3 + CASE g % 4 WHEN 3 THEN 5 ELSE 0 END, sin(g) + g % 3 + (g * 7919 % 13) / 13.0 > 1.5
FROM generate_series(1, 2000) g;
DO $$ BEGIN
  PERFORM persona.fit('lin', 'linear_regression', 'train', 'y', '{"ignore": ["bought"]}');
  PERFORM persona.fit('log', 'logistic_regression', 'train', 'bought', '{"ignore": ["y"]}');
END $$;
CREATE TEMP TABLE f AS SELECT m.name, f.* FROM persona.deployed_model m JOIN persona.feature f USING (model_id);

-- What is stored: 2,000 rows are all in the sample.
SELECT is((SELECT array_agg(feature || ' ' || role || ' ' || type ORDER BY feature_no) FROM f WHERE name = 'log'),
  '{"x feature number","n feature number","country feature label","member feature label","bought target label","(score) score number"}',
  'the features, the target, and the scores');
SELECT is((SELECT ranks FROM f WHERE name = 'lin' AND feature = 'n'),
  (SELECT array_agg((SELECT count(*) FROM train WHERE n <= q)::float8 / 2000 ORDER BY k)
   FROM f, unnest(quantiles) WITH ORDINALITY AS u(q, k) WHERE name = 'lin' AND feature = 'n'), 'ranks: the share of rows at or below each quantile');
SELECT is((SELECT count(*) FROM f WHERE (ranks IS NULL) <> (type = 'label') OR cardinality(ranks) <> 21), 0::bigint, 'of every number');
SELECT unnest(ARRAY[
  pg_temp.near(mean, (SELECT avg(persona.predict(name, t)) FROM train t), 1e-12, name || ': mean score'),
  pg_temp.near(sd, (SELECT stddev(persona.predict(name, t)) FROM train t), 1e-12, name || ': its deviation'),
  is(ARRAY[min, max], (SELECT ARRAY[min(persona.predict(name, t)), max(persona.predict(name, t))] FROM train t), name || ': its extremes')])
FROM f WHERE role = 'score';
SELECT cmp_ok((SELECT max(abs(q - w)) FROM f, unnest(quantiles,
    (SELECT percentile_cont((SELECT array_agg(k / 20.0::float8) FROM generate_series(0, 20) k)) WITHIN GROUP (ORDER BY persona.predict('log', t)) FROM train t)) AS u(q, w)
   WHERE name = 'log' AND role = 'score'), '<', 1e-14::float8, 'quantiles of the score');

-- The rows of the fit have not drifted.
SELECT is((SELECT count(*) FROM persona.drift(model, 'train') WHERE psi > 1e-20 OR ks > 1e-12 OR assessment <> 'stable' OR outside > 0 OR missing > 0
           OR abs(mean - training_mean) > 1e-12 * abs(mean)), 0::bigint, model || ' on its own rows') FROM unnest(ARRAY['lin', 'log']) model;
SELECT is((SELECT array_agg(feature) FROM persona.drift('log', 'train') WHERE rows = 2000), (SELECT array_agg(feature) FROM persona.drift('log', 'train')),
  'which are all compared');

-- Rows that have. PSI and KS by SQL from the training rows: bins between the deciles, shares floored at 0.0001.
CREATE TEMP TABLE now AS SELECT g AS id, sin(g) * 10 + 3 AS x, (g * 7 % 10) * (g % 2) AS n,
  (ARRAY['DE', 'FR', 'GB', 'IT'])[1 + g % 4] AS country, g % 2 = 0 AS member FROM generate_series(5001, 5800) g;
CREATE TEMP TABLE drifted AS SELECT row_number() OVER () AS line, d.* FROM persona.drift('log', 'now') d;
CREATE FUNCTION pg_temp.psi(shares float8[], before float8[]) RETURNS float8 LANGUAGE sql AS $$
  SELECT sum((greatest(s, 1e-4) - greatest(b, 1e-4)) * ln(greatest(s, 1e-4) / greatest(b, 1e-4))) FROM unnest(shares, before) u(s, b)
$$;
CREATE FUNCTION pg_temp.number_psi(column_name text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE edges float8[]; shares float8[]; before float8[];
BEGIN
  SELECT array_agg(DISTINCT q) INTO edges FROM f, unnest(quantiles[3:19]) WITH ORDINALITY u(q, k)
  WHERE name = 'log' AND feature = column_name AND k % 2 = 1;
  EXECUTE format($q$SELECT array_agg((SELECT count(*) FROM now WHERE %1$I > a AND %1$I <= b)::float8 / 800 ORDER BY b),
    array_agg((SELECT count(*) FROM train WHERE %1$I > a AND %1$I <= b)::float8 / 2000 ORDER BY b)
    FROM (SELECT coalesce(lag(e) OVER (ORDER BY e), '-infinity') AS a, e AS b FROM unnest($1 || 'infinity'::float8) e) s$q$, column_name)
  INTO shares, before USING edges;
  RETURN pg_temp.psi(shares, before);
END $$;
SELECT pg_temp.near((SELECT psi FROM drifted WHERE feature = 'x'), pg_temp.number_psi('x'), 1e-12, 'PSI of a number');
-- n is 0 in a third of the rows and more, so that the smallest value fills the first bins: nothing was below.
SELECT pg_temp.near((SELECT psi FROM drifted WHERE feature = 'n'), pg_temp.number_psi('n'), 1e-12, 'PSI of a number with repeated values');
SELECT pg_temp.near((SELECT psi FROM drifted WHERE feature = 'country'), pg_temp.psi('{.25,.25,.25,.25}', '{.5,.25,.25,0}'), 1e-12, 'PSI of a label with one unseen');
SELECT pg_temp.near((SELECT psi FROM drifted WHERE feature = 'member'), pg_temp.psi('{.5,.5}', '{.8,.2}'), 1e-12, 'PSI of a boolean');
SELECT pg_temp.near((SELECT ks FROM drifted WHERE feature = 'x'), (SELECT max(abs((SELECT count(*) FROM now WHERE x <= q) / 800.0 - r)) FROM f, unnest(quantiles, ranks) u(q, r)
  WHERE name = 'log' AND feature = 'x')::float8, 1e-12, 'KS at the quantiles');
SELECT cmp_ok(abs((SELECT ks FROM drifted WHERE feature = 'x') - (SELECT max(abs((SELECT count(*) FROM now w WHERE w.x <= v.x) / 800.0 - (SELECT count(*) FROM train t WHERE t.x <= v.x) / 2000.0))
  FROM (SELECT x FROM now UNION SELECT x FROM train) v)::float8), '<', 0.05::float8, 'which is within 0.05 of the truth');
SELECT is((SELECT array_agg(ks IS NULL ORDER BY feature) FROM drifted), '{f,t,t,f,f}', 'a label has none');
SELECT is((SELECT outside FROM drifted WHERE feature = 'country'), 0.25::float8, 'the share of labels unseen');
SELECT is((SELECT outside FROM drifted WHERE feature = 'x'), (SELECT count(*) FROM now WHERE x > (SELECT max(x) FROM train) OR x < (SELECT min(x) FROM train)) / 800.0::float8,
  'the share beyond the extremes');
SELECT pg_temp.near((SELECT mean FROM drifted WHERE feature = 'x'), (SELECT avg(x) FROM now), 1e-12, 'the mean now');
SELECT is((SELECT training_mean FROM drifted WHERE feature = 'x'), (SELECT mean FROM f WHERE name = 'log' AND feature = 'x'), 'and then');
SELECT ok(bool_and(assessment = CASE WHEN psi < 0.1 THEN 'stable' WHEN psi <= 0.25 THEN 'moderate' ELSE 'major' END), 'the conventional thresholds') FROM drifted;
SELECT is((SELECT feature FROM drifted WHERE line = 1), '(score)', 'the score comes first');
SELECT is((SELECT array_agg(feature ORDER BY line) FROM drifted WHERE line > 1), (SELECT array_agg(feature ORDER BY psi DESC) FROM drifted WHERE line > 1), 'then the most changed');
CREATE TEMP TABLE scores AS SELECT persona.predict('log', w) AS s FROM now w;
SELECT pg_temp.near((SELECT ks FROM drifted WHERE line = 1), (SELECT max(abs((SELECT count(*) FROM scores WHERE s <= q) / 800.0 - r)) FROM f, unnest(quantiles, ranks) u(q, r)
  WHERE name = 'log' AND role = 'score')::float8, 1e-12, 'KS of the score');
SELECT pg_temp.near((SELECT mean FROM drifted WHERE line = 1), (SELECT avg(s) FROM scores), 1e-12, 'mean of the score');

-- Rows without a value.
CREATE TEMP TABLE gappy AS SELECT id, CASE id % 4 WHEN 0 THEN NULL WHEN 1 THEN 'NaN' ELSE x END AS x, n, CASE WHEN id % 5 > 0 THEN country END AS country, member FROM now;
SELECT is((SELECT array_agg(ROW(rows, missing)::text ORDER BY feature) FROM persona.drift('log', 'gappy') WHERE feature IN ('(score)', 'country', 'n', 'x')),
  '{"(320,0.6)","(640,0.2)","(800,0)","(400,0.5)"}', 'each column counts its own; the score needs all');
SELECT is((SELECT array_agg(ROW(psi, ks, assessment, rows, outside, mean)::text) FROM persona.drift('log', 'SELECT NULL::float8 AS x, n, country, member FROM now') WHERE feature = 'x'),
  (SELECT array_agg(ROW(d.psi, NULL::float8, d.assessment, 0::bigint, NULL::float8, NULL::float8)::text) FROM persona.drift('log', 'SELECT NULL::float8 AS x, n, country, member FROM now') d WHERE feature = 'x'),
  'a column of which nothing is left');
SELECT is((SELECT array_agg(feature || ' ' || rows) FROM persona.drift('log', 'SELECT * FROM now LIMIT 1') WHERE rows <> 1), NULL, 'one row');

-- A model from before: no ranks, no score.
UPDATE persona.feature SET ranks = NULL WHERE model_id = (SELECT model_id FROM persona.deployed_model WHERE name = 'lin');
DELETE FROM persona.feature WHERE role = 'score' AND model_id = (SELECT model_id FROM persona.deployed_model WHERE name = 'lin');
SELECT is((SELECT array_agg(feature ORDER BY feature) FROM persona.drift('lin', 'train')), '{country,member,n,x}', 'a model without a score summary');
SELECT is((SELECT array_agg(feature ORDER BY feature) FROM persona.drift('lin', 'train') WHERE psi IS NULL AND ks IS NULL AND assessment IS NULL AND mean IS NOT NULL),
  '{n,x}', 'and without ranks knows the means of numbers only');

-- Groups: the column is compared as a label, and scores are those of the groups' own models. Country IT has too few rows
-- for a model: its share is that of labels unseen.
CREATE TABLE land AS SELECT t.*, CASE WHEN id <= 3 THEN 'IT' ELSE country END AS land FROM train t;
DO $$ BEGIN
  PERFORM persona.fit('lin_land', 'linear_regression', 'SELECT id, x, n, member, land, y FROM land', 'y', '{"group_by": "land"}', key => 'id');
  PERFORM persona.fit('log_land', 'logistic_regression', 'SELECT id, x, n, member, land, bought FROM land', 'bought', '{"group_by": "land"}', key => 'id');
END $$;
CREATE TEMP TABLE g AS SELECT m.name, f.* FROM persona.deployed_model m JOIN persona.feature f USING (model_id) WHERE name LIKE '%\_land';
SELECT is(levels, '{DE,FR,GB}', name || ': the groups that have a model') FROM g WHERE role = 'group' ORDER BY name;
SELECT is(shares, (SELECT array_agg((SELECT count(*) FROM land WHERE land = l) / 2000.0::float8 ORDER BY l) FROM unnest(levels) l), name || ': and their shares of all rows') FROM g WHERE role = 'group' ORDER BY name;
SELECT unnest(ARRAY[
  pg_temp.near(mean, (SELECT avg(persona.predict(name, t)) FROM land t), 1e-12, name || ': mean score'),
  pg_temp.near(sd, (SELECT stddev(persona.predict(name, t)) FROM land t), 1e-12, name || ': its deviation'),
  is(ARRAY[min, max], (SELECT ARRAY[min(persona.predict(name, t)), max(persona.predict(name, t))] FROM land t), name || ': its extremes')])
FROM g WHERE role = 'score' ORDER BY name;
SELECT is((SELECT count(*) FROM persona.drift(model, 'land') WHERE psi > 1e-20 OR ks > 1e-12 OR assessment <> 'stable' OR missing > 0 OR training_missing > 0
           OR abs(mean - training_mean) > 1e-12 * abs(mean)), 0::bigint, model || ' on its own rows') FROM unnest(ARRAY['lin_land', 'log_land']) model;
CREATE TEMP TABLE now_land AS SELECT id, x, n, member, CASE WHEN id <= 5200 THEN 'XX' WHEN id > 5300 THEN country END AS land FROM now;
SELECT pg_temp.near(psi, (SELECT pg_temp.psi(array_agg((SELECT count(*) FROM now_land WHERE land = l) / 800.0::float8 ORDER BY l)
    || (SELECT count(*) / 800.0::float8 FROM now_land WHERE land IN ('IT', 'XX')) || 0.125::float8, array_agg(s ORDER BY l) || 0.0015::float8 || 0::float8)
  FROM g, unnest(levels, shares) u(l, s) WHERE name = 'log_land' AND role = 'group'), 1e-12, 'PSI of the groups, with groups unknown and rows without one')
FROM persona.drift('log_land', 'now_land') WHERE feature = 'land';
SELECT is(ARRAY[rows, missing], ARRAY[700, 0.125]::float8[], 'rows with a group') FROM persona.drift('log_land', 'now_land') WHERE feature = 'land';
SELECT pg_temp.near(mean, (SELECT avg(persona.predict('log_land', t)) FROM now_land t), 1e-12, 'the mean of the scores now')
FROM persona.drift('log_land', 'now_land') WHERE feature = '(score)';
SELECT pg_temp.near(ks, (SELECT max(abs((SELECT count(*) FROM now_land t WHERE persona.predict('log_land', t) <= q) / 800.0 - r)) FROM g, unnest(quantiles, ranks) u(q, r)
  WHERE name = 'log_land' AND role = 'score')::float8, 1e-12, 'and their KS') FROM persona.drift('log_land', 'now_land') WHERE feature = '(score)';

SELECT throws_ok($$SELECT persona.drift('log', 'SELECT * FROM now WHERE false')$$, '55000', 'no rows to compare', 'no rows');
SELECT throws_ok($$SELECT persona.drift('log', 'SELECT x, n, country FROM now')$$, '42703', 'the row lacks column "member", which model "log@1" needs', 'no such column');
SELECT throws_ok($$SELECT persona.drift('log', 'SELECT x::text AS x, n, country, member FROM now')$$, '42804', NULL, 'another type');
SELECT throws_ok($$SELECT persona.drift('nobody', 'now')$$, '42704', 'model "nobody" does not exist', 'no model');
DO $$ BEGIN PERFORM persona.fit('also', 'item_knn', 'SELECT id, country FROM train', options => '{"user": "id", "item": "country"}'); END $$;
SELECT throws_ok($$SELECT persona.drift('also', 'now')$$, '0A000', NULL, 'of a recommender');
-- Forged rows.
SAVEPOINT forged;
UPDATE persona.feature SET quantiles = '{1}' WHERE feature = 'x' AND role = 'feature';
SELECT throws_ok($$SELECT persona.drift('log', 'now')$$, '22000', NULL, 'one quantile');
UPDATE persona.feature SET quantiles = array_fill('NaN'::float8, '{21}') WHERE feature = 'x' AND role = 'feature';
SELECT throws_ok($$SELECT persona.drift('log', 'now')$$, '22000', NULL, 'quantiles that are none');
UPDATE persona.feature SET quantiles = (SELECT array_agg(g::float8) FROM generate_series(1, 21) g), ranks = '{1,2}' WHERE feature = 'x' AND role = 'feature';
SELECT throws_ok($$SELECT persona.drift('log', 'now')$$, '22000', NULL, 'too few ranks');
UPDATE persona.feature SET quantiles = (SELECT array_agg(-g::float8) FROM generate_series(1, 21) g), ranks = (SELECT array_agg('NaN'::float8) FROM generate_series(1, 21) g) WHERE feature = 'x' AND role = 'feature';
SELECT throws_ok($$SELECT persona.drift('log', 'now')$$, '22000', NULL, 'ranks that are none');
UPDATE persona.feature SET quantiles = (SELECT array_agg(-g::float8) FROM generate_series(1, 21) g), ranks = (SELECT array_agg(-g::float8) FROM generate_series(1, 21) g) WHERE feature = 'x' AND role = 'feature';
SELECT lives_ok($$SELECT persona.drift('log', 'now')$$, 'quantiles out of order');
DELETE FROM persona.feature WHERE feature = 'x' AND role = 'feature';
SELECT throws_ok($$SELECT persona.drift('log', 'now')$$, '22000', NULL, 'a feature that is gone');
SELECT throws_ok($$SELECT persona.importance('log')$$, '22000', NULL, 'which importance misses too');
ROLLBACK TO forged;

CREATE ROLE analyst;
DO $$ BEGIN PERFORM persona.grant_model('log', 'analyst'); END $$;
GRANT SELECT ON now TO analyst;
SET LOCAL ROLE analyst;
SET LOCAL transaction_read_only = on;
SELECT is((SELECT count(*) FROM persona.drift('log', 'now')), 5::bigint, 'who may use it may ask, in a READ ONLY transaction');
SELECT throws_ok($$SELECT persona.drift('log', 'train')$$, '42501', 'permission denied for table train', 'about rows he may read');

SELECT * FROM finish();
ROLLBACK;
