-- Lasso and elastic net from SQL against glmnet (test/reference/glmnet.R says how its values came about), what serves,
-- the choice of the penalty by cross-validation, and what is refused.
BEGIN;
SELECT plan(54);
SET LOCAL client_min_messages = warning;
\ir ../reference/glmnet_values.sql

CREATE FUNCTION pg_temp.metric(model text, the_metric text) RETURNS float8 LANGUAGE sql AS $$
  SELECT value FROM persona.metric JOIN persona.deployed_model m USING (model_id)
  WHERE m.name = model AND metric = the_metric
$$;
CREATE FUNCTION pg_temp.near(got float8, want float8, relative float8, description text) RETURNS text
LANGUAGE sql AS $$
  SELECT coalesce(CASE WHEN abs(got - want) <= relative * greatest(abs(want), 1e-300) THEN pass(description) END,
                  fail(description) || E'\n' || diag(format('got %s, want %s', got, want)))
$$;
-- The penalties of a stored path, the greatest first.
CREATE VIEW pg_temp.stored_path AS
SELECT name, lambda, term, estimate, std_error, dense_rank() OVER (PARTITION BY name ORDER BY lambda DESC) AS step
FROM persona.deployed_coefficient;
-- The worst disagreement with glmnet's path, penalties multiplied by `scale`: of a lambda, and of an estimate, relative
-- to it or to 1e-3 where it is smaller.
CREATE FUNCTION pg_temp.disagreement(model text, the_path text, scale float8 DEFAULT 1) RETURNS float8 LANGUAGE sql AS $$
  SELECT CASE WHEN count(*) = (SELECT count(*) FROM glmnet_path g
                        WHERE g.path = the_path AND (g.term <> '(intercept)' OR g.estimate <> 0)) THEN
           max(greatest(abs(s.lambda * scale / g.lambda - 1),
                        abs(s.estimate - g.estimate) / greatest(abs(g.estimate), 1e-3),
                        CASE WHEN (s.estimate = 0) <> (g.estimate = 0) THEN 1 END)) END
  FROM stored_path s JOIN glmnet_path g USING (step, term) WHERE s.name = model AND g.path = the_path
$$;

-- The lasso's whole path. Without l1 and l2 the model that serves is least squares, with its errors.
SELECT lives_ok($$SELECT persona.fit('lasso', 'linear_regression', 'prostate', 'lpsa', '{"path": true}')$$, 'a path');
SELECT is((SELECT count(DISTINCT lambda) FROM persona.deployed_coefficient WHERE name = 'lasso'), 101::bigint,
  'a path of 100 penalties, and what serves');
SELECT cmp_ok(pg_temp.disagreement('lasso', 'lasso'), '<', 1e-9::float8, 'the lasso of prostate is glmnet''s');
SELECT is(pg_temp.metric('lasso', 'lambda'), 0::float8, 'least squares serve');
SELECT is((SELECT count(std_error) FROM persona.deployed_coefficient WHERE name = 'lasso' AND lambda = 0), 9::bigint,
  'and have standard errors');
SELECT is((SELECT count(std_error) + count(p_value) + count(ci_low) FROM persona.deployed_coefficient
           WHERE name = 'lasso' AND lambda > 0), 0::bigint, 'which penalized fits have not');
SELECT is((SELECT string_agg(term, ' ' ORDER BY term_no) FROM persona.deployed_coefficient
           WHERE name = 'lasso' AND lambda > 0 GROUP BY lambda LIMIT 1),
          '(intercept) lcavol lweight age lbph svi lcp gleason pgg45', 'terms in the order of the columns');
SELECT lives_ok($$SELECT persona.fit('ols', 'linear_regression', 'prostate', 'lpsa')$$, 'least squares alone');
SELECT is((SELECT sum(persona.predict('lasso', p) - persona.predict('ols', p)) FROM prostate p), 0::float8,
  'predictions of a path without a penalty are those of least squares');

-- Half lasso, half ridge: glmnet takes the target in units of its deviation s, so that its 0.5 is l1 : l2 = s : 1.
SELECT persona.fit('half', 'linear_regression', 'prostate', 'lpsa',
                   jsonb_build_object('path', true, 'l1', y_deviation, 'l2', 1)) FROM glmnet_scale \g /dev/null
CREATE TEMP TABLE half_path AS SELECT * FROM pg_temp.stored_path WHERE name = 'half' AND lambda <> pg_temp.metric('half', 'lambda');
SELECT pg_temp.near(pg_temp.metric('half', 'lambda'), (y_deviation + 1) / 97, 1e-15, 'lambda is (l1 + l2) / rows')
FROM glmnet_scale;
SELECT pg_temp.near(pg_temp.metric('half', 'alpha'), y_deviation / (y_deviation + 1), 1e-15, 'alpha is l1 / (l1 + l2)')
FROM glmnet_scale;
SELECT is((SELECT count(*) FROM half_path), 900::bigint, 'the path beside what serves');
SELECT cmp_ok((SELECT max(greatest(
    abs(s.lambda * y_deviation / (y_deviation + 1) / 0.5 / g.lambda - 1),
    abs(s.estimate - g.estimate) / greatest(abs(g.estimate), 1e-3)))
  FROM (SELECT lambda, term, estimate, dense_rank() OVER (ORDER BY lambda DESC) AS step FROM half_path) s
  JOIN glmnet_path g USING (step, term), glmnet_scale WHERE g.path = 'half'), '<', 1e-9::float8,
  'the elastic net of prostate is glmnet''s');

SELECT persona.fit('origin', 'linear_regression', 'prostate', 'lpsa', '{"path": true, "l1": 1e-9, "intercept": false}')
\g /dev/null
SELECT cmp_ok(pg_temp.disagreement('origin', 'origin'), '<', 1e-9::float8, 'without an intercept too');

-- One penalty: what serves is the fit at it.
SELECT persona.fit('one', 'linear_regression', 'prostate', 'lpsa', jsonb_build_object('l1', 97 * lambda))
FROM (SELECT DISTINCT lambda FROM glmnet_path WHERE path = 'lasso' AND step = 34) AS g \g /dev/null
SELECT is((SELECT count(*) FROM persona.deployed_coefficient WHERE name = 'one'), 9::bigint, 'one penalty');
SELECT cmp_ok((SELECT max(abs(c.estimate - g.estimate)) FROM persona.deployed_coefficient c JOIN glmnet_path g USING (term)
               WHERE name = 'one' AND path = 'lasso' AND step = 34), '<', 1e-10::float8, 'is the path''s');
SELECT is(pg_temp.metric('one', 'converged'), 1::float8, 'converged');
SELECT is(pg_temp.metric('one', 'nonzero'), (SELECT count(*) FROM glmnet_path WHERE path = 'lasso' AND step = 34
  AND estimate <> 0 AND term <> '(intercept)')::float8, 'terms that are left');
SELECT pg_temp.near(pg_temp.metric('one', 'rss'), (SELECT sum((lpsa - persona.predict('one', p)) ^ 2) FROM prostate p),
  1e-10, 'the residual sum of squares is that of the predictions');
SELECT pg_temp.near(pg_temp.metric('one', 'r_squared'),
  (SELECT 1 - sum((lpsa - persona.predict('one', p)) ^ 2) / (var_pop(lpsa) * 97) FROM prostate p), 1e-10, 'and so is R2');
SELECT cmp_ok((SELECT max(abs(persona.predict('one', p)
    - (SELECT sum(g.estimate * coalesce((to_jsonb(p) ->> term)::float8, 1)) FROM glmnet_path g
       WHERE path = 'lasso' AND step = 34))) FROM prostate p), '<', 1e-9::float8, 'predictions are glmnet''s');
SELECT cmp_ok((SELECT max(abs(contribution - (persona.predict('one', p) - mean))) FROM prostate p,
    LATERAL (SELECT sum(contribution) AS contribution FROM persona.explain('one', p)) AS e,
    (SELECT avg(lpsa) AS mean FROM prostate) AS m), '<', 1e-12::float8, 'contributions add up to the prediction');
SELECT is((SELECT (rows, pg_temp.metric('one', 'lambda'))::text FROM persona.refresh_model('one')),
          (SELECT (97, pg_temp.metric('one', 'lambda'))::text), 'a refresh has the same penalty');

-- The closed form of a ridge and what is stored of it are as ever; coordinate descent gives the same.
SELECT persona.fit('ridge', 'linear_regression', 'prostate', 'lpsa', '{"l2": 24.25}') \g /dev/null
SELECT is((SELECT count(*) FROM persona.deployed_coefficient WHERE name = 'ridge' AND lambda = 0), 9::bigint, 'a ridge');
SELECT persona.fit('ridge_path', 'linear_regression', 'prostate', 'lpsa', '{"l2": 24.25, "path": true}') \g /dev/null
SELECT is(pg_temp.metric('ridge_path', 'lambda'), 0.25::float8, 'with a path it has its lambda');
SELECT cmp_ok((SELECT max(abs(a.estimate - b.estimate)) FROM persona.deployed_coefficient a
               JOIN persona.deployed_coefficient b USING (term)
               WHERE a.name = 'ridge' AND b.name = 'ridge_path' AND b.lambda = 0.25), '<', 1e-12::float8,
  'and the same estimates');

-- Folds. They repeat, whatever the order of the rows.
SELECT persona.fit('cv', 'linear_regression', 'prostate', 'lpsa', '{"folds": 10}') \g /dev/null
SELECT persona.fit('cv_back', 'linear_regression', 'SELECT * FROM prostate ORDER BY lpsa DESC, age', 'lpsa',
                   '{"folds": 10, "lambda_rule": "1se", "path": true}') \g /dev/null
SELECT is(pg_temp.metric('cv', 'lambda'), pg_temp.metric('cv', 'lambda_min'), 'the best penalty serves');
SELECT is(pg_temp.metric('cv_back', 'lambda'), pg_temp.metric('cv_back', 'lambda_1se'), 'or the greatest that is as good');
SELECT pg_temp.near(pg_temp.metric('cv_back', the_metric), pg_temp.metric('cv', the_metric), 1e-12,
                    the_metric || ' does not depend on the order of rows')
FROM (VALUES ('lambda_min'), ('lambda_1se')) AS v(the_metric);
SELECT cmp_ok(pg_temp.metric('cv', 'lambda_1se'), '>', pg_temp.metric('cv', 'lambda_min'), 'fewer terms within one error');
SELECT ok(pg_temp.metric('cv', 'cv_deviance') BETWEEN 0.5 AND 0.62, 'held-out error near glmnet''s, whose folds are others');
SELECT ok(pg_temp.metric('cv', 'cv_std_error') > 0, 'with its standard error');
SELECT is((SELECT count(DISTINCT lambda) FROM persona.deployed_coefficient WHERE name = 'cv'), 1::bigint,
  'folds alone store what serves');
SELECT is((SELECT count(DISTINCT lambda) FROM persona.deployed_coefficient WHERE name = 'cv_back'), 100::bigint,
  'with path, the path, of which it is one');
SELECT pg_temp.near((SELECT sum(persona.predict('cv_back', p)) FROM prostate p), (SELECT sum(lpsa) FROM prostate), 1e-12,
  'predictions of the chosen penalty are right on average');

-- Logistic and Poisson regression.
SELECT persona.fit('low', 'logistic_regression', 'birth', 'low', '{"path": true, "l1": 7, "l2": 3}') \g /dev/null
CREATE TEMP TABLE low_path AS SELECT * FROM persona.deployed_coefficient
  WHERE name = 'low' AND lambda <> pg_temp.metric('low', 'lambda');
SELECT cmp_ok((SELECT max(greatest(abs(s.lambda / g.lambda - 1), abs(s.estimate - g.estimate) / greatest(abs(g.estimate), 1e-3)))
  FROM (SELECT lambda, term, estimate, dense_rank() OVER (ORDER BY lambda DESC) AS step FROM low_path) s
  JOIN glmnet_path g USING (step, term) WHERE g.path = 'binomial'), '<', 1e-7::float8, 'the path of birth is glmnet''s');
SELECT is((SELECT count(*) FROM low_path), 900::bigint, 'all of it');
SELECT pg_temp.near(pg_temp.metric('low', 'lambda'), 10 / 189.0, 1e-15, 'lambda');
SELECT pg_temp.near(pg_temp.metric('low', 'deviance'),
  (SELECT -2 * sum(ln(CASE WHEN low THEN persona.predict('low', b) ELSE 1 - persona.predict('low', b) END)) FROM birth b),
  1e-10, 'the deviance is that of the predictions');
SELECT is((SELECT count(*) FROM persona.metric JOIN persona.deployed_model USING (model_id)
           WHERE name = 'low' AND metric IN ('aic', 'bic')), 0::bigint, 'a penalized fit has no AIC');
SELECT persona.fit('visits', 'poisson_regression', 'SELECT age, lwt, race, smoke, ptl, ht, ui, ftv FROM birth', 'ftv',
                   '{"path": true, "l1": 7, "l2": 3}') \g /dev/null
SELECT cmp_ok((SELECT max(greatest(abs(s.lambda / g.lambda - 1), abs(s.estimate - g.estimate) / greatest(abs(g.estimate), 1e-3)))
  FROM (SELECT lambda, term, estimate, dense_rank() OVER (ORDER BY lambda DESC) AS step
        FROM persona.deployed_coefficient WHERE name = 'visits' AND lambda <> pg_temp.metric('visits', 'lambda')) s
  JOIN glmnet_path g USING (step, term) WHERE g.path = 'poisson'), '<', 1e-7::float8, 'and that of visits');
SELECT persona.fit('low_cv', 'logistic_regression', 'birth', 'low', '{"folds": 5, "l1": 7, "l2": 3}') \g /dev/null
SELECT ok(pg_temp.metric('low_cv', 'cv_deviance') BETWEEN 1.1 AND 1.25, 'folds of classes: held-out deviance near glmnet''s');
SELECT is(pg_temp.metric('low_cv', 'lambda'), pg_temp.metric('low_cv', 'lambda_min'), 'the best penalty serves');
SELECT persona.fit('visits_cv', 'poisson_regression', 'SELECT age, lwt, race, smoke, ptl, ht, ui, ftv FROM birth', 'ftv',
                   '{"folds": 5, "l1": 7, "l2": 3}') \g /dev/null
SELECT ok(pg_temp.metric('visits_cv', 'cv_deviance') BETWEEN 1.3 AND 1.55, 'folds of counts');

-- Nothing to choose from, and what cannot be.
SELECT persona.fit('flat', 'linear_regression', 'SELECT lcavol, 1.5 AS lpsa, 7 AS seven FROM prostate', 'lpsa',
                   '{"folds": 3}') \g /dev/null
SELECT is((SELECT string_agg(estimate::text, ' ' ORDER BY term_no) FROM persona.deployed_coefficient WHERE name = 'flat'),
          '1.5 0 0', 'a constant target has no terms');
SELECT persona.fit('seven', 'linear_regression', 'SELECT lcavol, lpsa, 7 AS seven, ''"'' || svi AS "Label ""é""" FROM prostate',
                   'lpsa', '{"l1": 1}') \g /dev/null
SELECT is((SELECT estimate FROM persona.deployed_coefficient WHERE name = 'seven' AND term = 'seven'), 0::float8,
  'a constant column has the estimate 0');
SELECT ok((SELECT estimate <> 0 FROM persona.deployed_coefficient WHERE name = 'seven' AND term = 'Label "é"="1'),
  'labels have terms as ever');
SELECT throws_ok($$SELECT persona.fit('same', 'linear_regression', 'SELECT 1 AS x, 2 AS y FROM generate_series(1, 9)', 'y',
                                      '{"folds": 3}')$$, '55000', 'too few distinct rows for cross-validation');
SELECT throws_ok($$SELECT persona.fit('bad', 'linear_regression', 'prostate', 'lpsa', '{"l1": -1}')$$, '22023');
SELECT throws_ok($$SELECT persona.fit('bad', 'linear_regression', 'prostate', 'lpsa', '{"folds": 1}')$$, '22023');
SELECT throws_ok($$SELECT persona.fit('bad', 'linear_regression', 'prostate', 'lpsa', '{"folds": 101}')$$, '22023');
SELECT throws_ok($$SELECT persona.fit('bad', 'linear_regression', 'prostate', 'lpsa', '{"lambda_rule": "max"}')$$, '22023');

-- A forged penalty names no coefficients.
UPDATE persona.metric SET value = 0.123 WHERE metric = 'lambda'
  AND model_id = (SELECT model_id FROM persona.deployed_model WHERE name = 'half');
SELECT throws_ok($$SELECT persona.predict('half', p) FROM prostate p$$, '22000');

SELECT * FROM finish();
ROLLBACK;
