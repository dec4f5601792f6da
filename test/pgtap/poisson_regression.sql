-- poisson_regression from SQL, against R 4.2.2's glm (test/reference/glm_sql.R prints the values) and small cases
-- whose answer is known by hand.
BEGIN;
SELECT plan(45);
SET LOCAL client_min_messages = warning;

CREATE FUNCTION pg_temp.near(got float8, want float8, relative float8, description text) RETURNS text
LANGUAGE sql AS $$
  SELECT coalesce(CASE WHEN abs(got - want) <= relative * greatest(abs(want), 1e-300) THEN pass(description) END,
                  fail(description) || E'\n' || diag(format('got %s, want %s', got, want)))
$$;
CREATE FUNCTION pg_temp.coefficient(model text, the_term text) RETURNS persona.coefficient LANGUAGE sql AS $$
  SELECT c FROM persona.coefficient c JOIN persona.deployed_model m USING (model_id)
  WHERE m.name = model AND c.term = the_term
$$;
CREATE FUNCTION pg_temp.metric(model text, the_metric text) RETURNS float8 LANGUAGE sql AS $$
  SELECT value FROM persona.metric JOIN persona.deployed_model m USING (model_id)
  WHERE m.name = model AND metric = the_metric
$$;
-- Expected terms: name, estimate, standard error.
CREATE FUNCTION pg_temp.terms(model text, names text[], estimates float8[], errors float8[]) RETURNS SETOF text
LANGUAGE sql AS $$
  SELECT pg_temp.near((pg_temp.coefficient(model, t)).estimate, e, 1e-9, format('%s: estimate of %s', model, t))
  FROM unnest(names, estimates) AS u(t, e)
  UNION ALL
  SELECT pg_temp.near((pg_temp.coefficient(model, t)).std_error, e, 1e-7, format('%s: standard error of %s', model, t))
  FROM unnest(names, errors) AS u(t, e)
$$;

-- Breaks of yarn by wool and tension (Tippett, "Technological Applications of Statistics", 1950; R's warpbreaks).
CREATE TEMP TABLE yarn (n integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, breaks integer, wool text, tension text);
COPY yarn (breaks, wool, tension) FROM stdin WITH (DELIMITER ' ');
26 A L
30 A L
54 A L
25 A L
70 A L
52 A L
51 A L
26 A L
67 A L
18 A M
21 A M
29 A M
17 A M
12 A M
18 A M
35 A M
30 A M
36 A M
36 A H
21 A H
24 A H
18 A H
10 A H
43 A H
28 A H
15 A H
26 A H
27 B L
14 B L
29 B L
19 B L
29 B L
31 B L
41 B L
20 B L
44 B L
42 B M
26 B M
19 B M
16 B M
39 B M
28 B M
21 B M
39 B M
29 B M
20 B H
21 B H
24 B H
17 B H
13 B H
15 B H
15 B H
16 B H
28 B H
\.

SELECT lives_ok($$SELECT persona.fit('yarn', 'poisson_regression',
  'SELECT breaks, wool, translate(tension, ''LMH'', ''123'') AS tension FROM yarn', 'breaks')$$, 'fit');
SELECT * FROM pg_temp.terms('yarn', '{(intercept),wool=B,tension=2,tension=3}',
  '{3.6919631449407966,-0.2059884426386217,-0.3213204316006118,-0.5184884965115607}',
  '{0.04541079434255785,0.05157124278357521,0.06026591669522039,0.06395951939574689}');
SELECT pg_temp.near(pg_temp.metric('yarn', m), v, 1e-11, m)
FROM (VALUES ('log_likelihood', -242.5279832089789), ('deviance', 210.3918887624538), ('null_deviance', 297.3722118046053),
  ('aic', 493.0559664179577), ('bic', 501.0119026042148), ('pearson_chi2', 213.0760941982214),
  ('dispersion', 213.0760941982214 / 50), ('residual_df', 50), ('rank', 4), ('rows', 54), ('converged', 1)) t(m, v);
SELECT pg_temp.near((pg_temp.coefficient('yarn', 'wool=B')).odds_ratio, exp(-0.2059884426386217::float8), 1e-9,
  'the rate ratio');
SELECT is((pg_temp.coefficient('yarn', '(intercept)')).odds_ratio, NULL, 'the intercept has none');
SELECT pg_temp.near((pg_temp.coefficient('yarn', 'tension=2')).vif, 4.0 / 3, 1e-12, 'variance inflation');
SELECT is((SELECT count(*) FROM persona.deployed_coefficient WHERE name = 'yarn' AND vif IS NULL), 1::bigint,
  'of all terms but the intercept; the view shows it');
SELECT pg_temp.near(persona.predict('yarn', '{"wool": "A", "tension": "1"}'), exp(3.6919631449407966::float8), 1e-9,
  'predict answers the mean');
SELECT pg_temp.near(sum(persona.predict('yarn', jsonb_build_object('wool', wool, 'tension',
  translate(tension, 'LMH', '123')))), sum(breaks), 1e-11, 'fitted means add up to the counts') FROM yarn;
SELECT throws_ok($$SELECT persona.classify('yarn', '{"wool": "A", "tension": "1"}')$$, '0A000', NULL, 'no classes');
SELECT pg_temp.near(sum(contribution), ln(persona.predict('yarn', '{"wool": "B", "tension": "3"}')) -
  (3.6919631449407966 - 0.2059884426386217 / 2 - (0.3213204316006118 + 0.5184884965115607) / 3), 1e-9,
  'contributions add up on the log scale') FROM persona.explain('yarn', '{"wool": "B", "tension": "3"}');
SELECT is((SELECT array_agg(metric ORDER BY metric) FROM persona.evaluate('yarn',
  'SELECT breaks, wool, translate(tension, ''LMH'', ''123'') AS tension FROM yarn') WHERE metric IN ('rmse', 'mae')),
  '{mae,rmse}', 'evaluate');

-- The rate of events per exposure, by hand: log(6 / 3) and log(12 / 2) - log(6 / 3).
CREATE TEMP TABLE visit AS SELECT * FROM (VALUES (0, 1.0, 1), (0, 2.0, 5), (1, 0.5, 2), (1, 1.5, 10)) v(x, exposure, y);
SELECT lives_ok($$SELECT persona.fit('visit', 'poisson_regression', 'SELECT x, ln(exposure) AS log_exposure, y FROM visit',
  'y', '{"offset": "log_exposure"}')$$, 'an offset');
SELECT pg_temp.near((pg_temp.coefficient('visit', '(intercept)')).estimate, ln(2::float8), 1e-12, 'the rate');
SELECT pg_temp.near((pg_temp.coefficient('visit', 'x')).estimate, ln(3::float8), 1e-12, 'the ratio of rates');
SELECT is((pg_temp.coefficient('visit', 'log_exposure')).term, NULL, 'the offset has no coefficient');
SELECT is((SELECT role FROM persona.feature f JOIN persona.deployed_model m USING (model_id)
  WHERE m.name = 'visit' AND feature = 'log_exposure'), 'offset', 'and is a column that scoring reads');
SELECT pg_temp.near(persona.predict('visit', '{"x": 1, "log_exposure": 0}'), 6, 1e-12, 'predict adds it');
SELECT pg_temp.near(persona.predict('visit', jsonb_build_object('x', 1, 'log_exposure', ln(2::float8))), 12, 1e-12,
  'at twice the exposure twice the count');
SELECT throws_ok($$SELECT persona.predict('visit', '{"x": 1}')$$, '42703', NULL, 'it must be there');

-- Wrong targets, and no finite maximum.
SELECT throws_ok($$SELECT persona.fit('bad', 'poisson_regression', 'SELECT 1 AS x, -1 AS y', 'y')$$, '22023',
  'target "y" is negative', 'a negative count');
SELECT throws_ok($$SELECT persona.fit('bad', 'poisson_regression', 'SELECT g AS x, 0 AS y FROM generate_series(1, 5) g', 'y')$$,
  '55000', 'target "y" is zero in all rows', 'no events at all');
SELECT throws_ok($$SELECT persona.fit('bad', 'poisson_regression', 'SELECT 1 AS x, ''a'' AS y', 'y')$$, '42804', NULL,
  'a label');
SELECT lives_ok($$SELECT persona.fit('zeros', 'poisson_regression',
  'SELECT CASE g % 3 WHEN 0 THEN ''a'' WHEN 1 THEN ''b'' ELSE ''c'' END AS level, CASE g % 3 WHEN 1 THEN 0 ELSE g END AS y
   FROM generate_series(1, 30) g', 'y')$$, 'a level whose counts are all zero');
SELECT is(pg_temp.metric('zeros', 'converged'), 0::float8, 'is not claimed to have converged');
SELECT ok(bool_and(abs(estimate) < 'inf' AND std_error IS NULL), 'and has no standard errors')
FROM persona.deployed_coefficient WHERE name = 'zeros';
SELECT lives_ok($$SELECT persona.fit('zeros', 'poisson_regression',
  'SELECT CASE g % 3 WHEN 0 THEN ''a'' WHEN 1 THEN ''b'' ELSE ''c'' END AS level, CASE g % 3 WHEN 1 THEN 0 ELSE g END AS y
   FROM generate_series(1, 30) g', 'y', '{"l2": 0.1}')$$, 'l2 mends it');
SELECT is(pg_temp.metric('zeros', 'converged'), 1::float8, 'and converges');

SELECT * FROM finish();
ROLLBACK;
