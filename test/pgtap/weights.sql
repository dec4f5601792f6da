-- The options weight, offset and class_weight from SQL, against R 4.2.2's lm and glm.
BEGIN;
SELECT plan(61);
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

CREATE TEMP VIEW weighted AS SELECT breaks, breaks > 27 AS many, wool, translate(tension, 'LMH', '123') AS tension,
  1 + n % 4 AS w, ln(1 + n % 5) AS o FROM yarn;

SELECT lives_ok($$SELECT persona.fit('linear', 'linear_regression', 'weighted', 'breaks',
  '{"weight": "w", "ignore": ["o", "many"]}')$$, 'weighted least squares');
SELECT * FROM pg_temp.terms('linear', '{(intercept),wool=B,tension=2,tension=3}',
  '{40.386788449076825,-6.553900157633491,-12.538215038678219,-16.179560712362559}',
  '{3.090345771579341,3.055403972743493,3.784417268349186,3.744866720713551}');
SELECT pg_temp.near(pg_temp.metric('linear', m), v, 1e-11, 'linear: ' || m)
FROM (VALUES ('log_likelihood', -208.3038582177677), ('rss', 15745.8553315062236), ('aic', 426.6077164355353),
  ('r_squared', 0.3322221549327756), ('sigma', sqrt(15745.8553315062236::float8 / 50)), ('rows', 54)) t(m, v);
SELECT is(pg_temp.metric('linear', 'total_weight'), (SELECT sum(w) FROM weighted)::float8, 'total weight');
SELECT pg_temp.near(mean, (SELECT sum(w * breaks)::float8 / sum(w) FROM weighted), 1e-14, 'the mean is weighted')
FROM persona.feature JOIN persona.deployed_model m USING (model_id) WHERE m.name = 'linear' AND role = 'target';

SELECT lives_ok($$SELECT persona.fit('poisson', 'poisson_regression', 'weighted', 'breaks',
  '{"weight": "w", "offset": "o", "ignore": ["many"]}')$$, 'poisson with weights and offset');
SELECT * FROM pg_temp.terms('poisson', '{(intercept),wool=B,tension=2,tension=3}',
  '{2.6555947894323220,-0.2511414227630983,-0.4263860732904030,-0.6182219947666634}',
  '{0.02826058852965443,0.03334989458759578,0.03920417347179025,0.04048607380625905}');
SELECT pg_temp.near(pg_temp.metric('poisson', m), v, 1e-11, 'poisson: ' || m)
FROM (VALUES ('log_likelihood', -948.849416867797), ('deviance', 1215.655435463509), ('null_deviance', 1540.115708203941)) t(m, v);

SELECT lives_ok($$SELECT persona.fit('logistic', 'logistic_regression', 'weighted', 'many',
  '{"weight": "w", "offset": "o", "ignore": ["breaks"]}')$$, 'logistic with weights and offset');
SELECT * FROM pg_temp.terms('logistic', '{(intercept),wool=B,tension=2,tension=3}',
  '{0.05129093070284354,-0.59548593461431609,-1.26234636888367557,-2.17383102718945720}',
  '{0.3990216243641835,0.3941499969805712,0.4650534667222156,0.5008425766490153}');
SELECT pg_temp.near(pg_temp.metric('logistic', m), v, 1e-11, 'logistic: ' || m)
FROM (VALUES ('log_likelihood', -79.80148749047416), ('deviance', 159.60297498094832), ('null_deviance', 183.2211629946196)) t(m, v);

-- class_weight multiplies the weights of a class's rows.
SELECT lives_ok($$SELECT persona.fit('five', 'logistic_regression', 'weighted', 'many',
  '{"class_weight": {"true": 5}, "features": ["wool", "tension"]}')$$, 'class weights');
SELECT * FROM pg_temp.terms('five', '{(intercept),wool=B,tension=2,tension=3}',
  '{2.3067213333366690,-0.4774018745513752,-0.4221012473191373,-1.7632079920333283}',
  '{0.4710023793748830,0.4371565238601859,0.5448801119906758,0.5384378294469331}');
SELECT lives_ok($$SELECT persona.fit('balanced', 'logistic_regression', 'weighted', 'many',
  '{"class_weight": "balanced", "features": ["wool"]}')$$, 'balanced');
SELECT pg_temp.near(sum((CASE WHEN many THEN 54 / 2.0 / p ELSE 54 / 2.0 / (54 - p) END) *
  (many::int - persona.predict('balanced', t))) + 1, 1, 1e-9, 'the weighted residuals of both classes cancel')
FROM weighted t, (SELECT count(*) FILTER (WHERE many) AS p FROM weighted) c;
SELECT throws_ok($$SELECT persona.fit('bad', 'logistic_regression', 'weighted', 'many', '{"class_weight": {"yes": 5}}')$$,
  '22023', 'option "class_weight" names "yes", which is no class of the target', 'an unknown class');
SELECT throws_ok($$SELECT persona.fit('bad', 'logistic_regression', 'weighted', 'many', '{"class_weight": {"true": 0}}')$$,
  '22023', NULL, 'a class weight of 0');
SELECT throws_ok($$SELECT persona.fit('bad', 'logistic_regression', 'weighted', 'many', '{"class_weight": "even"}')$$,
  '22023', NULL, 'an unknown word');

-- Rows of weight 0 are left out and counted; negative weights are an error; so are roles that make no sense.
SELECT lives_ok($$SELECT persona.fit('some', 'linear_regression',
  'SELECT *, (n > 27)::int AS w FROM yarn', 'breaks', '{"weight": "w", "features": ["wool"], "intercept": true}')$$,
  'weights of 0');
SELECT results_eq($$SELECT rows, skipped FROM persona.deployed_model WHERE name = 'some'$$,
  $$VALUES (27::bigint, 27::bigint)$$, 'leave rows out');
SELECT throws_ok($$SELECT persona.fit('bad', 'linear_regression', 'SELECT *, 1 - n AS w FROM yarn', 'breaks', '{"weight": "w"}')$$,
  '22023', NULL, 'a negative weight');
SELECT throws_ok($$SELECT persona.fit('bad', 'linear_regression', 'yarn', 'breaks', '{"weight": "wool"}')$$, '42804', NULL,
  'a label as weight');
SELECT throws_ok($$SELECT persona.fit('bad', 'linear_regression', 'yarn', 'breaks', '{"weight": "breaks"}')$$, '22023', NULL,
  'the target as weight');
SELECT throws_ok($$SELECT persona.fit('bad', 'linear_regression', 'yarn', 'breaks', '{"offset": "nowhere"}')$$, '42703', NULL,
  'a column that is not there');

SELECT * FROM finish();
ROLLBACK;
