-- Missing values: rows left out, refused or imputed, and what a model that imputes says of a row without a value.
BEGIN;
SELECT plan(70);
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
CREATE TEMP TABLE customer AS
SELECT g AS id, CASE g % 9 WHEN 2 THEN NULL WHEN 4 THEN 'NaN' WHEN 7 THEN 'Infinity' ELSE g * 7919 % 1000 * 0.1 END::float8 AS age,
       CASE WHEN g % 5 <> 1 THEN g * 104729 % 500 END AS spend, CASE WHEN g % 6 <> 3 THEN ('{DE,FR,GB}'::text[])[1 + g % 3] END AS country,
       ARRAY[g % 5, CASE WHEN g % 8 <> 2 THEN sqrt(g) END]::float8[] AS v,
       CASE WHEN g % 10 = 0 THEN 'infinity' WHEN g % 10 <> 6 THEN date '2024-01-01' + g END AS day,
       CASE WHEN g % 50 <> 0 THEN sin(g) + g % 3 END AS y, g % 13 < 5 + g % 2 AS bought
FROM generate_series(1, 900) g;

-- omit, the default: the rows are left out, and it is said why.
SELECT is((SELECT (rows, skipped)::text FROM persona.fit('omit', 'linear_regression', 'SELECT id, age, spend, y FROM customer',
                                                         'y', key => 'id')),
          (SELECT (count(*), 900 - count(*))::text FROM customer
           WHERE age < 'Infinity' AND spend IS NOT NULL AND y IS NOT NULL), 'omit: rows and skipped');
SELECT results_eq($$SELECT feature, missing FROM persona.feature JOIN persona.deployed_model USING (model_id)
                    WHERE name = 'omit' AND role = 'feature' ORDER BY 1$$,
  $$SELECT 'age', count(*) FROM customer WHERE age IS NULL OR age >= 'Infinity'
    UNION ALL SELECT 'spend', count(*) FROM customer WHERE spend IS NULL ORDER BY 1$$, 'what was missing, by column');
SELECT is(persona.predict('omit', customer), NULL, 'omit: a NULL input has no score') FROM customer WHERE id = 2;

-- error: the first such row is refused.
SELECT throws_ok($$SELECT persona.fit('bad', 'linear_regression', 'SELECT id, age, y FROM customer', 'y', '{"nulls": "error"}', 'id')$$,
  '22004', 'column "age" has a NULL, NaN or infinite value', 'error: names the column');
SELECT throws_ok($$SELECT persona.fit('bad', 'linear_regression', 'SELECT id, v, y FROM customer', 'y', '{"nulls": "error"}', 'id')$$,
  '22004', 'column "v" has a NULL, NaN or infinite value', 'error: an element of an array');
SELECT throws_ok($$SELECT persona.fit('bad', 'linear_regression', 'SELECT id, country, y FROM customer', 'y', '{"nulls": "error"}', 'id')$$,
  '22004', 'column "country" has a NULL, NaN or infinite value', 'error: a label');
SELECT throws_ok($$SELECT persona.fit('bad', 'linear_regression', 'SELECT id, y FROM customer', 'y', '{"nulls": "error"}', 'id')$$,
  '22004', 'column "y" has a NULL, NaN or infinite value', 'error: the target');
SELECT throws_ok($$SELECT persona.fit('bad', 'linear_regression', 'SELECT id, day, y FROM customer', 'y',
  '{"nulls": "error", "date_parts": {"day": "month"}}', 'id')$$,
  '22004', 'column "day" has a NULL, NaN or infinite value', 'error: an infinite date');
SELECT lives_ok($$SELECT persona.fit('whole', 'linear_regression',
  'SELECT id, spend, y FROM customer WHERE spend IS NOT NULL AND y IS NOT NULL', 'y', '{"nulls": "error"}', 'id')$$, 'error: nothing is missing');
SELECT throws_ok($$SELECT persona.fit('bad', 'linear_regression', 'customer', 'y', '{"nulls": "guess"}', 'id')$$, '22023',
  'option "nulls" cannot be "guess"', 'another way');

-- impute: as columns made by hand, in both kinds, on every basis.
CREATE TEMP VIEW filled AS
WITH there AS (
  SELECT c.*, CASE WHEN age < 'Infinity' THEN age END AS a, CASE WHEN day < 'infinity' THEN day END AS d FROM customer c)
SELECT id, coalesce(a, avg(a) OVER used) AS age, (a IS NULL)::int AS age_missing,
       coalesce(spend, avg(spend) OVER used) AS spend, (spend IS NULL)::int AS spend_missing,
       coalesce(country, 'none') AS country, v[1] AS v1, coalesce(v[2], avg(v[2]) OVER used) AS v2, (v[2] IS NULL)::int AS v2_missing,
       coalesce(to_char(d, 'MM'), 'none') AS month, coalesce(extract(day FROM d), avg(extract(day FROM d)) OVER used) AS day,
       (d IS NULL)::int AS day_missing,
       CASE WHEN spend IS NULL THEN 'z' WHEN spend < 100 THEN 'a' WHEN spend < 300 THEN 'b' ELSE 'c' END AS bin,
       y, bought
FROM there WHERE y IS NOT NULL WINDOW used AS ();
SELECT persona.fit('impute', 'linear_regression', 'SELECT id, age, spend, country, v, day, y FROM customer', 'y',
  '{"nulls": "impute", "date_parts": {"day": ["month", "day"]}}', 'id');
SELECT persona.fit('by_hand', 'linear_regression',
  'SELECT id, age, age_missing, spend, spend_missing, country, v1, v2, v2_missing, month, day, day_missing, y FROM filled', 'y',
  key => 'id');
SELECT is((SELECT (rows, skipped)::text FROM persona.deployed_model WHERE name = 'impute'), '(882,18)',
  'impute: a row without a target is left out still');
SELECT pg_temp.near((pg_temp.coefficient('impute', a)).estimate, (pg_temp.coefficient('by_hand', b)).estimate, 1e-9, a)
FROM (VALUES ('age', 'age'), ('age=NULL', 'age_missing'), ('spend', 'spend'), ('spend=NULL', 'spend_missing'), ('v[1]', 'v1'),
             ('v[2]', 'v2'), ('v[2]=NULL', 'v2_missing'), ('day.day', 'day')) v(a, b);
SELECT pg_temp.near((pg_temp.coefficient('impute', a)).std_error, (pg_temp.coefficient('by_hand', b)).std_error, 1e-9,
                    a || ': std_error')
FROM (VALUES ('age', 'age'), ('age=NULL', 'age_missing'), ('v[2]=NULL', 'v2_missing'), ('day.day', 'day')) v(a, b);
SELECT ok((SELECT max(abs(persona.predict('impute', c) - persona.predict('by_hand', f))) < 1e-9 FROM customer c JOIN filled f USING (id)),
  'impute: the scores of rows with and without the values');
SELECT is((SELECT count(*) FROM customer c WHERE persona.predict('impute', c) IS DISTINCT FROM
    persona.predict('impute', (SELECT r FROM (SELECT c.*) r))), 0::bigint, 'impute: a record has the same score');
SELECT is((SELECT count(*) FROM customer c WHERE persona.predict('impute', c) IS DISTINCT FROM
    persona.predict('impute', to_jsonb(c) || jsonb_build_object('age', CASE WHEN age < 'Infinity' THEN age END))), 0::bigint,
  'impute: and a JSON object');
SELECT results_eq($$SELECT feature, round(mean::numeric, 9), round(sd::numeric, 9), min, max, missing
    FROM persona.feature JOIN persona.deployed_model USING (model_id) WHERE name = 'impute' AND feature IN ('age', 'spend')
    ORDER BY feature_no$$,
  $$SELECT 'age', round(avg(age)::numeric, 9), round(stddev(age)::numeric, 9), min(age), max(age),
           (SELECT count(*) FROM customer WHERE y IS NOT NULL AND (age IS NULL OR age >= 'Infinity'))
              + (SELECT count(*) FROM customer WHERE y IS NULL AND (age IS NULL OR age >= 'Infinity'))
    FROM customer WHERE age < 'Infinity' AND y IS NOT NULL
    UNION ALL SELECT 'spend', round(avg(spend), 9), round(stddev(spend), 9), min(spend), max(spend),
           (SELECT count(*) FROM customer WHERE spend IS NULL)
    FROM customer WHERE spend IS NOT NULL AND y IS NOT NULL$$, 'impute: figures are those of the values that are there');
SELECT is((SELECT levels FROM persona.feature JOIN persona.deployed_model USING (model_id) WHERE name = 'impute' AND feature = 'country'),
  '{DE,FR,GB,NULL}', 'impute: a missing label is a level without a name');
SELECT ok((SELECT max(abs(persona.predict('impute', c) - a.eta -
                          (SELECT sum(contribution) FROM persona.explain('impute', c)))) < 1e-12
           FROM customer c, (SELECT sum(estimate * coalesce(mean, 1)) AS eta FROM persona.deployed_coefficient
                             WHERE name = 'impute') a), 'impute: explanations add up');
SELECT is((SELECT (term, value)::text FROM customer c, persona.explain('impute', c) WHERE id = 2 AND term ~ 'age'), '(age=NULL,)',
  'impute: explain shows a missing value');
SELECT ok((SELECT persona.reasons('impute', c, 9) ~ 'age is unknown [(](raises|lowers) ' FROM customer c WHERE id = 2),
  'impute: reasons say so');
SELECT pg_temp.near((SELECT value FROM persona.evaluate('impute', 'customer') WHERE metric = 'r_squared'),
  (SELECT value FROM persona.metric JOIN persona.deployed_model USING (model_id) WHERE name = 'impute' AND metric = 'r_squared'),
  1e-12, 'impute: evaluate scores rows without values');
SELECT is((SELECT value FROM persona.evaluate('impute', 'customer') WHERE metric = 'skipped'), 18::float8,
  'impute: but not those without a target');

SELECT persona.fit('binned', 'logistic_regression', 'SELECT id, spend, age, country, bought FROM customer WHERE y IS NOT NULL', 'bought',
  '{"nulls": "impute", "bins": {"spend": [100, 300]}, "interactions": ["spend:age"]}', 'id');
SELECT persona.fit('binned_by_hand', 'logistic_regression',
  'SELECT id, bin AS spend, age, age_missing, country, bought FROM filled', 'bought',
  '{"interactions": ["spend:age", "spend:age_missing"]}', 'id');
SELECT pg_temp.near((pg_temp.coefficient('binned', a)).estimate, (pg_temp.coefficient('binned_by_hand', b)).estimate, 1e-6, a)
FROM (VALUES ('spend=[100,300)', 'spend=b'), ('spend=NULL', 'spend=z'), ('age', 'age'), ('age=NULL', 'age_missing'),
             ('spend=[300,):age', 'spend=c:age'), ('spend=NULL:age=NULL', 'spend=z:age_missing')) v(a, b);
SELECT ok((SELECT max(abs(persona.predict('binned', c) - persona.predict('binned_by_hand', f))) < 1e-7
           FROM customer c JOIN (SELECT id, bin AS spend, age, age_missing, country FROM filled) f USING (id)), 'bins: scores');
SELECT persona.fit('splined', 'linear_regression', 'SELECT id, age, y FROM customer', 'y',
  '{"nulls": "impute", "splines": {"age": [20, 50, 80]}}', 'id');
SELECT persona.fit('there', 'linear_regression', $$SELECT id, age, y FROM customer WHERE age < 'Infinity'$$, 'y',
  '{"splines": {"age": [20, 50, 80]}}', 'id');
SELECT pg_temp.near((pg_temp.coefficient('splined', term)).estimate, (pg_temp.coefficient('there', term)).estimate, 1e-9,
                    'with an indicator the rest of the rows decide: ' || term)
FROM (VALUES ('spline(age,1)'), ('spline(age,2)')) v(term);
SELECT pg_temp.near(persona.predict('splined', '{"age": null}'),
  (SELECT avg(y) FROM customer WHERE age IS NULL OR age >= 'Infinity'), 1e-9, 'and the score of what is missing is its own mean');

-- With weights, an offset and errors by cluster: the mean is the weighted one.
CREATE TEMP TABLE visit AS
SELECT g AS id, CASE WHEN g % 7 <> 0 THEN 1e6 + g * 37 % 500 END AS x, ('{a,b,NULL}'::text[])[1 + g % 3] AS l, 1 + g % 4 AS w,
       ln(1 + g % 5) AS exposure, g % 20 AS shop, g * 31 % 6 AS n
FROM generate_series(1, 2000) g;
CREATE TEMP TABLE visit_by_hand AS
SELECT id, coalesce(x, (SELECT sum(w * x) / sum(w) FILTER (WHERE x IS NOT NULL) FROM visit)) AS x, (x IS NULL)::int AS x_missing,
       coalesce(l, 'z') AS l, w, exposure, shop, n
FROM visit;
SELECT persona.fit('visit', kind, 'visit', 'n', '{"nulls": "impute", "weight": "w", "offset": "exposure", "cluster": "shop",
  "standard_errors": "cluster", "interactions": ["x:l"]}', 'id'),
  persona.fit('visit_by_hand', kind, 'visit_by_hand', 'n', '{"weight": "w", "offset": "exposure", "cluster": "shop",
  "standard_errors": "cluster", "interactions": ["x:l", "x_missing:l"]}', 'id')
FROM unnest('{linear_regression,poisson_regression}'::text[]) WITH ORDINALITY k(kind, n) ORDER BY n;
SELECT pg_temp.near(a.estimate, b.estimate, 1e-7, m.kind || ': ' || a.term)
FROM persona.coefficient a JOIN persona.model m USING (model_id)
JOIN persona.model h ON h.name = 'visit_by_hand' AND h.version = m.version
JOIN persona.coefficient b ON b.model_id = h.model_id
     AND b.term = replace(replace(a.term, 'x=NULL', 'x_missing'), 'l=NULL', 'l=z')
WHERE m.name = 'visit' AND a.term <> '(intercept)' ORDER BY m.version, a.term_no;
SELECT pg_temp.near(mean, (SELECT sum(w * x) / sum(w) FROM visit WHERE x IS NOT NULL), 1e-14, 'the weighted mean stands for x')
FROM persona.feature JOIN persona.deployed_model USING (model_id) WHERE name = 'visit' AND feature = 'x';
SELECT is(persona.predict('visit', '{"x": null, "l": null, "exposure": null}'), NULL, 'an offset is never imputed');

-- A column that is never missing in training.
SELECT persona.fit('never', 'linear_regression', 'SELECT id, id % 7 AS x, country, y FROM customer WHERE country IS NOT NULL', 'y',
                   '{"nulls": "impute"}', 'id');
SELECT is((pg_temp.coefficient('never', 'x=NULL')).term, NULL, 'has no term for it');
SELECT pg_temp.near(persona.predict('never', '{"x": null, "country": null}'),
  persona.predict('never', jsonb_build_object('x', mean, 'country', 'DE')), 1e-14, 'and is then taken for its mean, a label for the reference')
FROM persona.feature JOIN persona.deployed_model USING (model_id) WHERE name = 'never' AND feature = 'x';
SELECT persona.fit('strict', 'linear_regression', 'SELECT id, id % 7 AS x, country, y FROM customer WHERE country IS NOT NULL', 'y',
                   '{"nulls": "impute", "unseen": "error"}', 'id');
SELECT throws_ok($$SELECT persona.predict('strict', '{"x": 1, "country": null}')$$, '22023',
  'a missing value of column "country" was not seen in training', 'which may be an error');
SELECT persona.fit('numbers', 'linear_regression', 'SELECT id, age, spend, y FROM customer', 'y', '{"nulls": "impute"}', 'id');
SELECT is(persona.predict_array('numbers', '{NULL,5}'), persona.predict('numbers', '{"age": null, "spend": 5}'), 'an array with a NULL');
SELECT is(persona.predict_array('numbers', '{NaN,5}'), persona.predict_array('numbers', '{NULL,5}'), 'or a NaN');
SELECT is(persona.predict_array('omit', '{NULL,5}'), NULL, 'which has no score where rows were left out');
SELECT is(persona.predict_array('omit', '{NaN,5}'), 'NaN', 'and a NaN has one that is not a number');
SELECT ok(persona.predict('numbers', customer) IS NOT NULL, 'a row on the nullable side of a join with its values NULL')
FROM (SELECT 1) one LEFT JOIN customer ON customer.id = 2;
SELECT is(persona.predict('numbers', customer), NULL, 'and none at all where there is no row')
FROM (SELECT 1) one LEFT JOIN customer ON false;
SELECT * FROM finish();
ROLLBACK;
