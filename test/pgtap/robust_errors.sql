-- The options standard_errors and cluster from SQL, against statsmodels 0.13.5 (cov_type HC1 and cluster, use_t).
BEGIN;
SELECT plan(33);
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

CREATE TEMP VIEW loom AS SELECT breaks, wool, tension, 1 + n % 4 AS w, (n - 1) % 9 AS loom FROM yarn;
CREATE FUNCTION pg_temp.errors(model text, errors float8[]) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT pg_temp.near((pg_temp.coefficient(model, t)).std_error, e, 1e-9, format('%s: standard error of %s', model, t))
  FROM unnest('{(intercept),wool=B,tension=L,tension=M}'::text[], errors) AS u(t, e)
$$;

SELECT lives_ok($$SELECT persona.fit('robust', 'linear_regression', 'loom', 'breaks',
  '{"standard_errors": "robust", "ignore": ["w", "loom"]}')$$, 'robust');
SELECT * FROM pg_temp.errors('robust', '{2.7206949608434328,3.1617831089408304,4.055837128733703,3.0815159809322297}');
SELECT pg_temp.near((pg_temp.coefficient('robust', 'tension=L')).p_value, 6.662759685176765e-04, 1e-8,
  'p value by Student''s t with 50 degrees of freedom');
SELECT lives_ok($$SELECT persona.fit('cluster', 'linear_regression', 'loom', 'breaks',
  '{"standard_errors": "cluster", "cluster": "loom", "ignore": ["w"]}')$$, 'by cluster');
SELECT * FROM pg_temp.errors('cluster', '{2.6244135147297776,2.0615078983149226,4.617206480006333,2.6473752433329776}');
SELECT pg_temp.near((pg_temp.coefficient('cluster', 'tension=L')).p_value, 1.2831225226673708e-02, 1e-8,
  'p value by Student''s t with 8 degrees of freedom');
SELECT is(pg_temp.metric('cluster', 'clusters'), 9::float8, 'the clusters are counted');
SELECT is((SELECT count(*) FROM persona.deployed_coefficient WHERE name = 'cluster'), 4::bigint, 'and are no feature');
SELECT lives_ok($$SELECT persona.fit('weighted', 'linear_regression', 'loom', 'breaks',
  '{"standard_errors": "robust", "weight": "w", "ignore": ["loom"]}')$$, 'robust and weighted');
SELECT * FROM pg_temp.errors('weighted', '{2.894656207587541,3.1731166051958137,4.241035298372659,3.1576759363160236}');
SELECT lives_ok($$SELECT persona.fit('both', 'linear_regression', 'loom', 'breaks',
  '{"standard_errors": "cluster", "cluster": "loom", "weight": "w"}')$$, 'by cluster and weighted');
SELECT * FROM pg_temp.errors('both', '{2.7873440497658666,2.0711509481944566,5.001359179957458,2.288366815214077}');
-- statsmodels leaves the factor n / (n - p) of HC1 out where the model is not linear.
SELECT lives_ok($$SELECT persona.fit('counts', 'poisson_regression', 'loom', 'breaks',
  '{"standard_errors": "robust", "ignore": ["w", "loom"]}')$$, 'poisson');
SELECT pg_temp.near((pg_temp.coefficient('counts', 'wool=B')).std_error, sqrt(54.0 / 50) * 0.10432135915856261, 1e-9,
  'counts: standard error of wool=B');
SELECT lives_ok($$SELECT persona.fit('clustered_counts', 'poisson_regression', 'loom', 'breaks',
  '{"standard_errors": "cluster", "cluster": "loom", "ignore": ["w"]}')$$, 'poisson by cluster');
SELECT * FROM pg_temp.errors('clustered_counts', '{0.10791924282045323,0.06670728406053096,0.14251014530058584,0.11291332285979651}');

SELECT throws_ok($$SELECT persona.fit('bad', 'linear_regression', 'loom', 'breaks', '{"standard_errors": "cluster"}')$$,
  '22023', 'standard errors by cluster need a cluster', 'no cluster');
SELECT throws_ok($$SELECT persona.fit('bad', 'linear_regression', 'loom', 'breaks', '{"cluster": "loom"}')$$,
  '22023', NULL, 'a cluster for nothing');

SELECT * FROM finish();
ROLLBACK;
