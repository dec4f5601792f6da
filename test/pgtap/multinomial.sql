-- logistic_regression of a target with more than two classes from SQL, against R 4.2.2's nnet::multinom
-- (test/reference/glm.R prints the values) and small cases whose answer is known by hand.
BEGIN;
SELECT plan(47);
SET LOCAL client_min_messages = warning;

CREATE FUNCTION pg_temp.near(got float8, want float8, relative float8, description text) RETURNS text
LANGUAGE sql AS $$
  SELECT coalesce(CASE WHEN abs(got - want) <= relative * greatest(abs(want), 1e-300) THEN pass(description) END,
                  fail(description) || E'\n' || diag(format('got %s, want %s', got, want)))
$$;
CREATE FUNCTION pg_temp.coefficient(model text, class text, the_term text) RETURNS persona.coefficient LANGUAGE sql AS $$
  SELECT c FROM persona.coefficient c JOIN persona.deployed_model m USING (model_id)
  WHERE m.name = model AND c.outcome = class AND c.term = the_term
$$;
CREATE FUNCTION pg_temp.metric(model text, the_metric text) RETURNS float8 LANGUAGE sql AS $$
  SELECT value FROM persona.metric JOIN persona.deployed_model m USING (model_id)
  WHERE m.name = model AND metric = the_metric
$$;

-- Anderson's irises (R's iris): how many of each species have a sepal of a width.
CREATE TEMP TABLE iris (width float8, species text, n integer);
COPY iris FROM stdin WITH (DELIMITER ' ');
2.3 setosa 1
2.9 setosa 1
3 setosa 6
3.1 setosa 4
3.2 setosa 5
3.3 setosa 2
3.4 setosa 9
3.5 setosa 6
3.6 setosa 3
3.7 setosa 3
3.8 setosa 4
3.9 setosa 2
4 setosa 1
4.1 setosa 1
4.2 setosa 1
4.4 setosa 1
2 versicolor 1
2.2 versicolor 2
2.3 versicolor 3
2.4 versicolor 3
2.5 versicolor 4
2.6 versicolor 3
2.7 versicolor 5
2.8 versicolor 6
2.9 versicolor 7
3 versicolor 8
3.1 versicolor 3
3.2 versicolor 3
3.3 versicolor 1
3.4 versicolor 1
2.2 virginica 1
2.5 virginica 4
2.6 virginica 2
2.7 virginica 4
2.8 virginica 8
2.9 virginica 2
3 virginica 12
3.1 virginica 4
3.2 virginica 5
3.3 virginica 3
3.4 virginica 2
3.6 virginica 1
3.8 virginica 2
\.

-- The rows themselves, and each width and species once with its count as the weight.
CREATE TEMP VIEW irises AS SELECT width, species FROM iris, generate_series(1, n);
SELECT lives_ok($$SELECT persona.fit('rows', 'logistic_regression', 'irises', 'species')$$, 'fit');
SELECT lives_ok($$SELECT persona.fit('counts', 'logistic_regression', 'iris', 'species', '{"weight": "n"}')$$, 'weighted');
-- multinom stops by its objective: seven digits.
SELECT pg_temp.near((pg_temp.coefficient(m, class, term)).estimate, e, 1e-6, format('%s: estimate %s of %s', m, term, class))
FROM (VALUES ('versicolor', '(intercept)', 18.85843709269259), ('versicolor', 'width', -6.118961688939526),
             ('virginica', '(intercept)', 12.99732467806583), ('virginica', 'width', -4.079098189315171)) v(class, term, e),
     unnest('{rows,counts}'::text[]) m;
SELECT pg_temp.near((pg_temp.coefficient(m, class, term)).std_error, e, 1e-5, format('%s: error of %s of %s', m, term, class))
FROM (VALUES ('versicolor', '(intercept)', 3.064290804622668), ('versicolor', 'width', 0.9912252386108122),
             ('virginica', '(intercept)', 2.688316500150827), ('virginica', 'width', 0.8435593832605162)) v(class, term, e),
     unnest('{rows,counts}'::text[]) m;
SELECT pg_temp.near(pg_temp.metric(m, metric), v, 1e-11, m || ': ' || metric)
FROM (VALUES ('log_likelihood', -126.2684794038595), ('aic', 260.5369588077190), ('null_deviance', 300 * ln(3::float8)),
             ('converged', 1), ('classes', 3), ('rank', 4)) t(metric, v), unnest('{rows,counts}'::text[]) m;
SELECT is((SELECT array_agg(DISTINCT outcome ORDER BY outcome) FROM persona.deployed_coefficient WHERE name = 'rows'),
  '{versicolor,virginica}', 'the first class is the reference and has no coefficients');
SELECT pg_temp.near((pg_temp.coefficient('rows', 'virginica', 'width')).odds_ratio,
  exp((pg_temp.coefficient('rows', 'virginica', 'width')).estimate), 1e-14, 'odds against the reference');
SELECT is((SELECT levels FROM persona.feature JOIN persona.deployed_model m USING (model_id) WHERE m.name = 'rows'
  AND role = 'target'), '{setosa,versicolor,virginica}', 'the classes in order');

-- Scoring.
SELECT pg_temp.near(probability, exp(e) / (1 + exp(18.85843709269259 - 6.118961688939526 * 3) + exp(12.99732467806583 - 4.079098189315171 * 3)),
  1e-6, 'probability of ' || class)
FROM persona.probabilities('rows', '{"width": 3}') JOIN (VALUES ('setosa', 0), ('versicolor', 18.85843709269259 - 6.118961688939526 * 3),
  ('virginica', 12.99732467806583 - 4.079098189315171 * 3)) v(class, e) USING (class);
SELECT pg_temp.near(max(abs(p - share)) + 1, 1, 1e-9, 'the mean probabilities are the shares of the classes')
FROM (SELECT avg(probability) AS p, 1.0 / 3 AS share FROM irises i, persona.probabilities('rows', i) GROUP BY class) q;
SELECT is((SELECT array_agg(persona.classify('rows', jsonb_build_object('width', w)) ORDER BY w) FROM unnest('{2,3.1,4}'::float8[]) w),
  '{versicolor,virginica,setosa}', 'classify answers the most probable class');
SELECT throws_ok($$SELECT persona.predict('rows', '{"width": 3}')$$, '0A000', 'model "rows@1" has 3 classes, not one number',
  'predict has no single number');
SELECT throws_ok($$SELECT sum(persona.predict('rows', i)) FROM irises i$$, '0A000', NULL, 'for rows of a query neither');
-- Explanations are of the most probable class, less the mean of all: setosa's are minus a third of the others' sum.
SELECT pg_temp.near(contribution, -(-6.118961688939526 - 4.079098189315171) / 3 * (4 - 3.0573333333333333), 1e-6,
  'explain the most probable class') FROM persona.explain('rows', '{"width": 4}');
SELECT is(persona.classify('rows', '{"width": null}'), NULL, 'classify of an unknown row');

-- By hand: odds of 2 and 3 where x is 0, of 1 and 6 where it is 1.
CREATE TEMP TABLE three AS SELECT * FROM (VALUES (0, 'a', 1), (0, 'b', 2), (0, 'c', 3), (1, 'a', 1), (1, 'b', 1), (1, 'c', 6)) v(x, y, w);
SELECT lives_ok($$SELECT persona.fit('three', 'logistic_regression', 'three', 'y', '{"weight": "w"}')$$, 'a table of odds');
SELECT pg_temp.near((pg_temp.coefficient('three', 'b', 'x')).estimate, ln(0.5::float8), 1e-10, 'log ratio of odds of b');
SELECT pg_temp.near((pg_temp.coefficient('three', 'c', 'x')).odds_ratio, 2, 1e-10, 'ratio of odds of c');

-- A class that a feature tells from the others.
SELECT lives_ok($$SELECT persona.fit('apart', 'logistic_regression',
  'SELECT g % 3 * 10 + g % 7 AS x, (g % 3)::text AS y FROM generate_series(1, 60) g', 'y')$$, 'separation is no error');
SELECT is(pg_temp.metric('apart', 'converged'), 0::float8, 'and not claimed to have converged');

SELECT * FROM finish();
ROLLBACK;
