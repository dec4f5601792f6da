-- calibration and gains against the same figures computed by SQL from predict; evaluate's own figures are in explain.sql.
BEGIN;
SELECT plan(34);
SET LOCAL client_min_messages = warning;

CREATE FUNCTION pg_temp.near(got float8, want float8, relative float8, description text) RETURNS text
LANGUAGE sql AS $$
  SELECT coalesce(CASE WHEN abs(got - want) <= relative * greatest(abs(want), 1e-300) THEN pass(description) END,
                  fail(description) || E'\n' || diag(format('got %s, want %s', got, want)))
$$;

-- 1,003 rows, so that bins differ in size; distinct scores, so that no bin has ties.
CREATE TABLE customer (id int PRIMARY KEY, visits float8, spend float8, country text, stays boolean, orders int);
INSERT INTO customer
SELECT g, g % 37 + g / 1003.0, (g * 7919 % 1009)::float8 / 10, (ARRAY['DE', 'FR', 'GB'])[1 + g % 3],
       (g * 104729 % 1000) / 1000.0 < 1 / (1 + exp(2 - (g % 37) / 10.0 - (g * 7919 % 1009) / 500.0)),
       (g * 31 % 57) * (g % 37) / 40
FROM generate_series(1, 1003) g;
DO $$ BEGIN
  PERFORM persona.fit('churn', 'logistic_regression', 'customer', 'stays', '{"ignore": ["orders"]}');
  PERFORM persona.fit('orders', 'linear_regression', 'customer', 'orders', '{"ignore": ["stays"]}');
END $$;
CREATE TEMP TABLE scored AS
SELECT c.*, persona.predict('churn', c) AS p, persona.predict('orders', c) AS n FROM customer c;

-- The middle of a row's rank decides its bin: row i of n, from 0, is in bin 1 + floor(bins (i + 1/2) / n).
CREATE TEMP TABLE by_hand AS
SELECT bin, count(*) AS rows, min(p) AS lowest, max(p) AS highest, avg(p) AS predicted, avg(stays::int)::float8 AS observed
FROM (SELECT *, 1 + floor(10 * (row_number() OVER (ORDER BY p) - 0.5) / 1003)::int AS bin FROM scored) s GROUP BY bin;
CREATE TEMP TABLE calibrated AS SELECT * FROM persona.calibration('churn', 'customer');
SELECT is((SELECT count(DISTINCT p) FROM scored), 1003::bigint, 'no ties');
SELECT results_eq('SELECT bin, rows, lowest, highest FROM calibrated',
                  'SELECT bin, rows, lowest, highest FROM by_hand ORDER BY bin', 'calibration: bins');
SELECT cmp_ok(max(abs(c.predicted - h.predicted) + abs(c.observed - h.observed)), '<', 1e-13::float8, 'calibration: means')
FROM calibrated c JOIN by_hand h USING (bin);
-- Wilson's limits, solved the other way round: |p - limit| = z sqrt(limit (1 - limit) / n), z = 1.959963984540054.
SELECT cmp_ok(max(abs(abs(observed - l) - 1.959963984540054 * sqrt(l * (1 - l) / rows))), '<', 1e-12::float8,
              'calibration: limits')
FROM calibrated, LATERAL (VALUES (lower), (upper)) v(l);
SELECT ok(bool_and(lower <= observed AND observed <= upper AND upper <= 1 AND lower >= 0), 'around the share') FROM calibrated;
SELECT is((SELECT sum(rows) FROM persona.calibration('churn', 'customer', 7)), 1003::numeric, 'other bins');
SELECT is((SELECT array_agg(rows) FROM persona.calibration('churn', 'customer', 1)), '{1003}', 'one bin');
SELECT is((SELECT count(*) FROM persona.calibration('churn', 'customer', 1000)), 1000::bigint, 'as many as may be');
-- Of a number: means, and Student's limits where the bin has spread: t = 1.9842169515086827 with 99, 1.983971518523552
-- with 100 degrees of freedom (scipy.stats.t.ppf(.975)).
SELECT pg_temp.near((SELECT upper - lower FROM persona.calibration('orders', 'customer', 10) WHERE bin = 5),
  2 * CASE n WHEN 100 THEN 1.9842169515086827 WHEN 101 THEN 1.983971518523552 END * sd / sqrt(n), 1e-9, 'limits of a mean')
FROM (SELECT stddev_samp(orders)::float8 AS sd, count(*) AS n
      FROM (SELECT *, 1 + floor(10 * (row_number() OVER (ORDER BY n) - 0.5) / 1003)::int AS bin FROM scored) s
      WHERE bin = 5) b;
SELECT pg_temp.near(sum(predicted * rows)::float8, (SELECT sum(orders)::float8 FROM customer), 1e-12,
  'over its training rows a linear model is right on average') FROM persona.calibration('orders', 'customer');
-- Ties: rows of one score are never split.
SELECT results_eq($$SELECT bin, rows, predicted, observed FROM persona.calibration('orders',
    'SELECT CASE WHEN g <= 6 THEN 1.0 WHEN g = 7 THEN 2.0 ELSE 3.0 END AS visits, 5.0 AS spend, ''DE'' AS country, g AS orders
     FROM generate_series(1, 10) g', 5)$$,
  $$SELECT bin, rows, persona.predict('orders', v), observed FROM (VALUES (2, 6::bigint, 1::float8, 5::float8, 'DE', 3.5::float8),
    (4, 1, 2, 5, 'DE', 7), (5, 3, 3, 5, 'DE', 9)) v(bin, rows, visits, spend, country, observed)$$, 'tied scores');

CREATE TEMP TABLE gained AS SELECT * FROM persona.gains('churn', 'customer');
CREATE TEMP TABLE gained_by_hand AS
SELECT bin, count(*) AS rows, sum(stays::int) AS total, min(p) AS threshold
FROM (SELECT *, 1 + floor(10 * (row_number() OVER (ORDER BY p DESC) - 0.5) / 1003)::int AS bin FROM scored) s GROUP BY bin;
SELECT results_eq('SELECT bin, rows, total, threshold FROM gained',
                  'SELECT bin, rows, total::float8, threshold FROM gained_by_hand ORDER BY bin', 'gains: bins');
SELECT cmp_ok(max(abs(g.rate - h.total::float8 / h.rows) + abs(g.lift - h.total::float8 / h.rows / base)
                  + abs(g.cumulative_gain - h.gain) + abs(g.cumulative_share - h.share)
                  + abs(g.cumulative_lift - h.gain / h.share)), '<', 1e-12::float8, 'gains: rates, lifts and sums')
FROM gained g JOIN (SELECT *, sum(total) OVER (ORDER BY bin)::float8 / sum(total) OVER () AS gain,
                           sum(rows) OVER (ORDER BY bin)::float8 / 1003 AS share,
                           sum(total) OVER ()::float8 / 1003 AS base FROM gained_by_hand) h USING (bin);
SELECT is((SELECT cumulative_gain FROM gained WHERE bin = 10), 1::float8, 'all of them in the end');
-- The threshold is what to contact from on: the rows from it on are those up to its bin.
SELECT is((SELECT array_agg((SELECT count(*) FROM scored WHERE p >= threshold) ORDER BY bin) FROM gained),
          (SELECT array_agg(n ORDER BY bin) FROM (SELECT bin, sum(rows) OVER (ORDER BY bin)::bigint AS n FROM gained) s),
          'rows from the threshold on');
SELECT pg_temp.near((SELECT sum(total) FROM persona.gains('orders', 'customer')), (SELECT sum(orders)::float8 FROM customer),
  1e-12, 'gains of a number: its sum');
SELECT is((SELECT count(lift) FROM persona.gains('orders', 'SELECT visits, spend, country, -orders AS orders FROM customer')),
  0::bigint, 'no lift over a negative average');
SELECT is((SELECT count(*) FROM persona.gains('churn', 'SELECT visits, NULL::float8 AS spend, country, stays FROM customer
  UNION ALL SELECT visits, spend, country, stays FROM customer')), 10::bigint, 'incomplete rows are left out');

-- READ ONLY, and what cannot be.
SELECT throws_ok($$SELECT persona.calibration('churn', 'customer', 0)$$, '22023', 'argument "bins" must be between 1 and 1000',
  'no bins');
SELECT throws_ok($$SELECT persona.gains('churn', 'customer', 1001)$$, '22023', 'argument "bins" must be between 1 and 1000',
  'too many');
SELECT throws_ok(format('SELECT persona.%s(''churn'', ''SELECT * FROM customer WHERE false'')', verb), '55000',
  'no usable rows to evaluate the model on', verb || ' without rows') FROM unnest(ARRAY['calibration', 'gains']) verb;
SELECT throws_ok(format('SELECT persona.%s(''churn'', ''SELECT visits, spend, country FROM customer'')', verb), '42703',
  'the row lacks column "stays", which model "churn@1" needs', verb || ' without a target') FROM unnest(ARRAY['calibration', 'gains']) verb;
SELECT throws_ok(format('SELECT persona.%s(''churn'', ''SELECT visits, spend, country, 7 AS stays FROM customer'')', verb),
  '22000', 'target "stays" has a class the model does not know', verb || ' with another class') FROM unnest(ARRAY['calibration', 'gains', 'evaluate']) verb;
SELECT throws_ok(format('SELECT persona.%s(''nobody'', ''customer'')', verb), '42704', 'model "nobody" does not exist',
  verb || ' of no model') FROM unnest(ARRAY['calibration', 'gains']) verb;
SELECT throws_ok($$SELECT persona.evaluate('orders', 'SELECT 1e308 * visits AS visits, spend, country, orders FROM customer WHERE id = 36')$$,
  '22003', NULL, 'a score past float8''s range');
DO $$ BEGIN PERFORM persona.fit('also', 'item_knn', 'SELECT id, country FROM customer', options => '{"user": "id", "item": "country"}'); END $$;
SELECT throws_ok(format('SELECT persona.%s(''also'', ''customer'')', verb), '0A000', NULL, verb || ' of a recommender')
FROM unnest(ARRAY['calibration', 'gains']) verb;
SELECT is((SELECT count(*) FROM persona.gains(NULL, 'customer')), 0::bigint, 'nothing of nothing');
SET LOCAL transaction_read_only = on;
SELECT is((SELECT count(*) FROM persona.gains('churn', 'customer')) + (SELECT count(*) FROM persona.calibration('churn', 'customer'))
          + (SELECT count(*) FROM persona.evaluate('churn', 'customer')), 31::bigint, 'in a READ ONLY transaction');

SELECT * FROM finish();
ROLLBACK;
