-- explain, reasons and evaluate. Contributions are what each column adds to the linear predictor compared with the
-- average training row, so they must sum to the difference; the figures of evaluate are computed again by SQL.
BEGIN;
SELECT plan(56);
SET LOCAL client_min_messages = warning;

CREATE FUNCTION pg_temp.near(got float8, want float8, relative float8, description text) RETURNS text
LANGUAGE sql AS $$
  SELECT coalesce(CASE WHEN abs(got - want) <= relative * greatest(abs(want), 1e-300) THEN pass(description) END,
                  fail(description) || E'\n' || diag(format('got %s, want %s', got, want)))
$$;
CREATE FUNCTION pg_temp.logit(p float8) RETURNS float8 LANGUAGE sql AS $$ SELECT ln(p / (1 - p)) $$;

CREATE TABLE train (id int PRIMARY KEY, a float8, b int, c text, d boolean, y float8, bought boolean);
INSERT INTO train SELECT g, g % 7, g % 5, (ARRAY['x', 'y', 'z'])[1 + g % 3], g % 2 = 0,
  1 + 2 * (g % 7) - 3 * (g % 5) + CASE g % 3 WHEN 1 THEN 10 ELSE 0 END + CASE g % 2 WHEN 0 THEN 100
    ELSE 0 END + g % 11,
  (g * 7919) % 13 + g % 7 > 9
FROM generate_series(1, 400) g;
DO $$ BEGIN
  PERFORM persona.fit('lin', 'linear_regression', 'train', 'y', '{"ignore": ["bought"]}');
  PERFORM persona.fit('log', 'logistic_regression', 'train', 'bought', '{"ignore": ["y"]}');
END $$;

-- Linear: score = mean of y + sum of contributions, since a least squares fit goes through the means.
SELECT cmp_ok(max(abs(persona.predict('lin', t) - (SELECT avg(y) FROM train) - (SELECT sum(contribution)
  FROM persona.explain('lin', t)))),
              '<', 1e-12::float8 * 100, 'contributions of a linear model sum to the score less the average')
                FROM train t;
-- Logistic: the linear predictor less its average over the training rows.
CREATE TEMP TABLE average AS SELECT avg(pg_temp.logit(persona.predict('log', t))) AS eta FROM train t;
SELECT cmp_ok(max(abs(pg_temp.logit(persona.predict('log', t)) - (SELECT eta FROM average) - (SELECT sum(contribution)
  FROM persona.explain('log', t)))),
              '<', 1e-12::float8, 'contributions of a logistic model sum to its linear predictor less the average')
                FROM train t;
SELECT cmp_ok(abs(sum(contribution)), '<', 1e-10::float8,
  'over the training rows the contributions of a column cancel: ' || column_name)
FROM (SELECT split_part(e.term, '=', 1) AS column_name, e.contribution FROM train t, persona.explain('log', t) e) s
  GROUP BY column_name ORDER BY column_name;
-- By hand: each contribution is the slope times the distance from the mean; a level's is its effect less the mean effect.
SELECT results_eq(
  $$SELECT e.term, e.value, round(e.estimate::numeric, 9), round(e.contribution::numeric, 9) FROM train t,
    persona.explain('lin', t) e WHERE id = 100 ORDER BY rank$$,
  $$WITH k AS (SELECT term, estimate FROM persona.deployed_coefficient WHERE name = 'lin'), r AS (SELECT * FROM train
    WHERE id = 100),
    lines AS (
      SELECT 'a' AS term, r.a::text AS value, k.estimate AS e, k.estimate * (r.a - (SELECT avg(a) FROM train)) AS c
        FROM k, r WHERE k.term = 'a'
      UNION ALL SELECT 'b', r.b::text, k.estimate, k.estimate * (r.b - (SELECT avg(b)::float8 FROM train)) FROM k, r
        WHERE k.term = 'b'
      UNION ALL SELECT 'c=' || r.c, r.c, coalesce(k.estimate, 0), coalesce(k.estimate,
        0) - (SELECT avg(coalesce(k.estimate, 0)) FROM train t LEFT JOIN k ON k.term = 'c=' || t.c)
                FROM r LEFT JOIN k ON k.term = 'c=' || r.c
      UNION ALL SELECT 'd=' || r.d, r.d::text, coalesce(k.estimate, 0), coalesce(k.estimate,
        0) - (SELECT avg(coalesce(k.estimate, 0)) FROM train t LEFT JOIN k ON k.term = 'd=' || t.d)
                FROM r LEFT JOIN k ON k.term = 'd=' || r.d)
    SELECT term, value, round(e::numeric, 9), round(c::numeric, 9) FROM lines ORDER BY abs(c) DESC$$,
      'every line by hand');
SELECT ok(bool_and(ranks = ARRAY[1, 2, 3, 4] AND ordered), 'ranked by size')
FROM (SELECT array_agg(e.rank) AS ranks, bool_and(e.bigger >= abs(e.contribution)) AS ordered
      FROM train t, LATERAL (SELECT rank, contribution, coalesce(lag(abs(contribution)) OVER (ORDER BY rank),
        'inf') AS bigger FROM persona.explain('lin', t)) e GROUP BY t.id) s;
SELECT results_eq($$SELECT term, value, round(contribution::numeric, 9) FROM train t, persona.explain('log', t)
  WHERE id = 7$$,
                  $$SELECT term, value, round(contribution::numeric, 9) FROM train t, persona.explain('log',
                    to_jsonb(t)) WHERE id = 7$$, 'jsonb explains alike');
SELECT results_eq($$SELECT term, round(contribution::numeric, 9) FROM persona.explain('log',
  '{"a": 1, "b": 2, "c": "x", "d": true}')$$,
                  $$SELECT term, round(contribution::numeric, 9) FROM persona.explain('log',
                    '{"a": 1, "b": 2, "c": "x", "d": true}'::jsonb)$$, 'JSON text too');
SELECT is((SELECT count(*) FROM persona.explain('lin', '{"a": null, "b": 2, "c": "x", "d": true}')), 0::bigint,
  'an incomplete row has no explanation');
SELECT is((SELECT count(*) FROM persona.explain('lin', NULL::train)), 0::bigint, 'nor has none');
SELECT is((SELECT (term, value, estimate)::text FROM persona.explain('lin', '{"a": 1, "b": 2, "c": "q", "d": true}')
  WHERE term LIKE 'c%'),
          '(c,q,0)', 'an unseen level has the column''s name and no effect');
SELECT throws_ok($$SELECT persona.explain('lin', '{"a": 1}')$$, '42703', NULL, 'a row that lacks a column');

-- Reasons.
DO $$ BEGIN PERFORM persona.fit('r', 'linear_regression',
  'SELECT g % 5 AS visits, (ARRAY[''north'', ''south''])[1 + g % 2] AS region,
  100 * (g % 5) + CASE g % 2 WHEN 1 THEN 50 ELSE 0 END AS y FROM generate_series(1, 20) g', 'y'); END $$;
SELECT is(persona.reasons('r', '{"visits": 4, "region": "north"}'),
  'visits is 4, where 2 is usual (raises the score); region is north (lowers it)', 'reasons');
SELECT is(persona.reasons('r', '{"visits": 0, "region": "south"}', 1), 'visits is 0, where 2 is usual (lowers the score)',
  'only the strongest');
SELECT is(persona.reasons('r', '{"visits": 2, "region": "south"}'), 'region is south (raises the score)',
  'what adds nothing is no reason');
SELECT is(persona.reasons('r', '{"visits": 2.5, "region": "south"}', 1), 'visits is 2.5, where 2 is usual (raises the score)', 'k = 1');
SELECT is(persona.reasons('r', '{"visits": 4, "region": "north"}', 0), 'nothing sets it apart from the average',
  'k = 0');
SELECT is(persona.reasons('r', '{"visits": null, "region": "north"}'), NULL, 'reasons of an incomplete row');
SELECT is(persona.reasons('r', s), 'visits is 1234567, where 2 is usual (raises the score); region is north (lowers it)',
  'a record, and a number in full')
FROM (SELECT 1234567 AS visits, 'north' AS region) s;
-- Names and values in words: what each becomes is in test/unit/reason_test.cpp.
DO $$ BEGIN PERFORM persona.fit('shop', 'linear_regression',
  'SELECT (g * 7 % 20)::numeric AS days_since_last_order, g % 3 = 0 AS is_member, g % 4 = 0 AS weekend, (ARRAY[''DE'', ''GB''])[1 + g % 2] AS country,
  1000 - 100 * (g * 7 % 20) + CASE g % 3 WHEN 0 THEN 50 ELSE 0 END + CASE g % 4 WHEN 0 THEN 20 ELSE 0 END + g % 2 AS y
  FROM generate_series(1, 240) g', 'y'); END $$;
SELECT is(persona.reasons('shop', '{"days_since_last_order": 1, "is_member": false, "weekend": true, "country": "GB"}', 4),
  'last order was 1 day ago, where 9.5 is usual (raises the score); is not member (lowers it); weekend: yes (raises it); country is GB (raises it)',
  'in words');
SELECT is(persona.reasons('shop', s),
  'last order was 20 days ago, where 9.5 is usual (lowers the score); is member (raises it); weekend: no (lowers it)', 'of a record')
FROM (SELECT 20.0 AS days_since_last_order, true AS is_member, false AS weekend, 'DE' AS country) s;

-- evaluate on rows the model has not seen.
CREATE TABLE test AS SELECT 1000 + g AS id, (g * 3 % 7)::float8 AS a, g * 2 % 5 AS b, (ARRAY['x', 'y',
  'z'])[1 + g * 5 % 3] AS c, g % 4 > 1 AS d,
  (g * 31 % 57)::float8 AS y, (g * 7919) % 17 + g * 3 % 7 > 9 AS bought FROM generate_series(1, 150) g;
CREATE TEMP TABLE lin AS SELECT * FROM persona.evaluate('lin', 'test');
CREATE TEMP TABLE log AS SELECT * FROM persona.evaluate('log', 'test');
CREATE TEMP TABLE scored AS SELECT persona.predict('lin', t) AS yhat, persona.predict('log', t) AS p, t.* FROM test t;
SELECT is((SELECT array_agg(metric ORDER BY metric) FROM lin), '{mae,r_squared,rmse,rows,skipped}',
  'figures of a regression');
SELECT is((SELECT value FROM lin WHERE metric = 'rows'), 150::float8, 'rows');
SELECT pg_temp.near((SELECT value FROM lin WHERE metric = 'r_squared'),
  (SELECT 1 - sum((y - yhat) ^ 2) / (SELECT sum((y - m) ^ 2) FROM scored, (SELECT avg(y) AS m FROM scored) q)
  FROM scored), 1e-11, 'R2');
SELECT pg_temp.near((SELECT value FROM lin WHERE metric = 'rmse'), (SELECT sqrt(avg((y - yhat) ^ 2)) FROM scored),
  1e-12, 'RMSE');
SELECT pg_temp.near((SELECT value FROM lin WHERE metric = 'mae'), (SELECT avg(abs(y - yhat)) FROM scored), 1e-12,
  'MAE');
-- AUC: the Mann-Whitney count, ties one half.
SELECT pg_temp.near((SELECT value FROM log WHERE metric = 'auc'),
  (SELECT avg(CASE WHEN p.p > n.p THEN 1 WHEN p.p = n.p THEN 0.5 ELSE 0 END) FROM scored p, scored n WHERE p.bought
    AND NOT n.bought)::float8, 1e-12, 'AUC by pairs');
SELECT pg_temp.near((SELECT value FROM log WHERE metric = 'auc'),
  (SELECT (sum(r) FILTER (WHERE bought) - count(*) FILTER (WHERE bought) * (count(*) FILTER (WHERE bought) + 1) / 2.0)
          / (count(*) FILTER (WHERE bought) * count(*) FILTER (WHERE NOT bought))
   FROM (SELECT bought, rank() OVER (ORDER BY p) + (count(*) OVER (PARTITION BY p) - 1) / 2.0 AS r
     FROM scored) s)::float8, 1e-12, 'AUC by ranks');
SELECT pg_temp.near((SELECT value FROM log WHERE metric = 'ks'), (SELECT max(abs(f1 - f0)) FROM (SELECT
    (count(*) FILTER (WHERE bought) OVER (ORDER BY p))::float8 / (SELECT count(*) FROM scored WHERE bought) AS f1,
    (count(*) FILTER (WHERE NOT bought) OVER (ORDER BY p))::float8 / (SELECT count(*) FROM scored
      WHERE NOT bought) AS f0 FROM scored) s), 1e-12, 'Kolmogorov-Smirnov');
SELECT pg_temp.near((SELECT value FROM log WHERE metric = 'log_loss'), (SELECT -avg(CASE WHEN bought THEN ln(p)
  ELSE ln(1 - p) END) FROM scored), 1e-11, 'log loss');
SELECT pg_temp.near((SELECT value FROM log WHERE metric = 'brier'), (SELECT avg((bought::int - p) ^ 2) FROM scored),
  1e-12, 'Brier');
SELECT pg_temp.near((SELECT value FROM log WHERE metric = 'positive_share'), (SELECT avg(bought::int)::float8
  FROM scored), 1e-15, 'share of positives');
SELECT pg_temp.near((SELECT value FROM log WHERE metric = 'accuracy'), (SELECT avg(((p >= 0.5) = bought)::int)::float8
  FROM scored), 1e-15, 'accuracy');
SELECT pg_temp.near((SELECT value FROM log WHERE metric = 'precision'), (SELECT avg(bought::int)::float8 FROM scored
  WHERE p >= 0.5), 1e-15, 'precision');
SELECT pg_temp.near((SELECT value FROM log WHERE metric = 'recall'), (SELECT avg((p >= 0.5)::int)::float8 FROM scored
  WHERE bought), 1e-15, 'recall');
SELECT pg_temp.near((SELECT value FROM log WHERE metric = 'f1'), 2 / (1 / (SELECT value FROM log
  WHERE metric = 'precision') + 1 / (SELECT value FROM log WHERE metric = 'recall')), 1e-14, 'F1');
SELECT pg_temp.near((SELECT value FROM persona.evaluate('log', 'test', '{"threshold": 0.3}') WHERE metric = 'recall'),
                    (SELECT avg((p >= 0.3)::int)::float8 FROM scored WHERE bought), 1e-15, 'another threshold');
SELECT is((SELECT value FROM persona.evaluate('log',
  'SELECT * FROM test UNION ALL SELECT 1, NULL, 1, ''x'', true, 1, true') WHERE metric = 'skipped'), 1::float8,
  'skipped rows are counted');
SELECT is((SELECT count(*) FROM persona.evaluate('log', 'SELECT * FROM test WHERE bought') WHERE metric IN ('auc',
  'ks')), 0::bigint, 'one class has no AUC');
SELECT is((SELECT value FROM persona.evaluate('log',
  'SELECT 1 AS a, 1 AS b, ''x'' AS c, true AS d, g = 1 AS bought FROM generate_series(1, 4) g') WHERE metric = 'auc'),
          0.5::float8, 'equal scores: one half');
-- On its training rows the model answers its own figures.
SELECT pg_temp.near((SELECT value FROM persona.evaluate('lin', 'train') WHERE metric = 'r_squared'),
  (SELECT value FROM persona.metric JOIN persona.deployed_model m USING (model_id) WHERE m.name = 'lin'
    AND metric = 'r_squared'), 1e-12, 'R2 of the fit');
SELECT pg_temp.near((SELECT value FROM persona.evaluate('log@1', 'train') WHERE metric = 'log_loss') * -400,
  (SELECT value FROM persona.metric JOIN persona.deployed_model m USING (model_id) WHERE m.name = 'log'
    AND metric = 'log_likelihood'), 1e-12, 'log likelihood of the fit');
-- Errors.
SELECT throws_ok($$SELECT persona.evaluate('log', 'SELECT * FROM test WHERE false')$$, '55000',
  'no usable rows to evaluate the model on', 'no rows');
SELECT throws_ok($$SELECT persona.evaluate('lin', 'SELECT a, b, c, d FROM test')$$, '42703', NULL, 'no target');
SELECT throws_ok($$SELECT persona.evaluate('lin', 'SELECT y, b, c, d FROM test')$$, '42703',
  'the row lacks column "a", which model "lin@1" needs', 'no feature');
SELECT throws_ok($$SELECT persona.evaluate('lin', 'SELECT ''1'' AS a, y, b, c, d FROM test')$$, '42804', NULL,
  'a feature of another type');
SELECT throws_ok($$SELECT persona.evaluate('lin', 'SELECT a, now() AS c, y, b, d FROM test')$$, '42804', NULL,
  'a time for a label');
SELECT throws_ok($$SELECT persona.evaluate('lin', 'SELECT a, c, ''1'' AS y, b, d FROM test')$$, '42804', NULL,
  'a target of another type');
SELECT throws_ok($$SELECT persona.evaluate('log', 'SELECT a, b, c, d, ''maybe'' AS bought FROM test')$$, '22000',
  'target "bought" has a class the model does not know', 'an unknown class');
SELECT throws_ok($$SELECT persona.evaluate('log', 'test', '{"treshold": 0.3}')$$, '22023', NULL, 'an unknown option');
SELECT throws_ok($$SELECT persona.evaluate('log', 'test', '{"threshold": 2}')$$, '22023', NULL,
  'an option out of range');
SELECT throws_ok($$SELECT persona.evaluate('nobody', 'test')$$, '42704', 'model "nobody" does not exist',
  'an unknown model');
SELECT throws_ok($$SELECT persona.evaluate('lin', 'DELETE FROM test')$$, NULL, NULL, 'a source that writes');
SELECT is((SELECT count(*) FROM test), 150::bigint, 'has written nothing');

SELECT * FROM finish();
ROLLBACK;
