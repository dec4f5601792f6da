-- The tour: from a shop's raw order lines to live portraits, scored, explained customers and recommendations, by SQL alone.
-- It reads shop.order_line_raw (demo/load.sql) and leaves everything in schema shop, where `make shell` lets you try it.
--   psql -q < demo/tour.sql
\set ON_ERROR_STOP on
\pset footer off
\pset null '-'
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS persona;
SET client_min_messages = notice;


\echo
\echo '== 1. Clean: what is in the file, and what of it is a customer buying a product'
\echo

-- Every line gets its type and a verdict; nothing is thrown away unseen.
CREATE TABLE shop.order_line_typed AS
SELECT *,
       CASE WHEN copy > 1                                   THEN 'repeated line'
            WHEN stock_code !~ '^[0-9]{5}'                  THEN 'not a product (postage, fees, discounts)'
            WHEN unit_price <= 0 OR description IS NULL     THEN 'no price or name (gifts, stock corrections)'
            WHEN customer_id IS NULL                        THEN 'no customer'
            WHEN invoice_no LIKE 'C%' OR quantity <= 0      THEN 'cancellation'
            ELSE 'purchase' END AS verdict
FROM (
  SELECT invoice_no,
         upper(trim(stock_code)) AS stock_code,
         trim(description) AS description,
         quantity::integer AS quantity,
         CASE WHEN invoice_date LIKE '%/%' THEN to_timestamp(invoice_date, 'MM/DD/YYYY HH24:MI')::timestamp
              ELSE invoice_date::timestamp END AS ordered_at,
         unit_price::numeric(12, 2) AS unit_price,
         customer_id::numeric::bigint AS customer_id,
         country,
         row_number() OVER (PARTITION BY invoice_no, stock_code, description, quantity, invoice_date, unit_price,
                                         customer_id, country) AS copy
  FROM shop.order_line_raw) AS line;

-- A cancellation also takes back its purchase: the last earlier one of the same customer, product and quantity.
WITH numbered AS (
  SELECT ctid AS line, verdict, customer_id, stock_code, abs(quantity) AS quantity, ordered_at,
         row_number() OVER (PARTITION BY verdict, customer_id, stock_code, abs(quantity)
                            ORDER BY ordered_at DESC) AS nth
  FROM shop.order_line_typed
  WHERE verdict IN ('purchase', 'cancellation'))
UPDATE shop.order_line_typed AS bought
SET verdict = 'purchase cancelled in full'
FROM numbered AS purchase
JOIN numbered AS cancelled USING (customer_id, stock_code, quantity, nth)
WHERE purchase.verdict = 'purchase' AND cancelled.verdict = 'cancellation'
  AND purchase.ordered_at <= cancelled.ordered_at
  AND bought.ctid = purchase.line;

SELECT verdict, count(*) AS lines, round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS percent,
       sum(quantity * unit_price) AS amount
FROM shop.order_line_typed GROUP BY verdict ORDER BY lines DESC;

-- What is left are ordinary tables with keys and indexes.
CREATE TABLE shop.customer (
  customer_id bigint PRIMARY KEY,
  country     text NOT NULL,
  market      text GENERATED ALWAYS AS (
                CASE WHEN country IN ('United Kingdom', 'Germany', 'France') THEN country ELSE 'elsewhere' END) STORED);
INSERT INTO shop.customer (customer_id, country)
SELECT customer_id, mode() WITHIN GROUP (ORDER BY country)
FROM shop.order_line_typed WHERE verdict = 'purchase' GROUP BY customer_id;

CREATE TABLE shop.product (
  stock_code text PRIMARY KEY,
  name       text NOT NULL,
  price      numeric(12, 2) NOT NULL);
INSERT INTO shop.product
SELECT stock_code, mode() WITHIN GROUP (ORDER BY description), mode() WITHIN GROUP (ORDER BY unit_price)
FROM shop.order_line_typed WHERE verdict = 'purchase' GROUP BY stock_code;

CREATE TABLE shop.order_line (
  line_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  invoice_no  text NOT NULL,
  customer_id bigint NOT NULL,
  stock_code  text NOT NULL,
  quantity    integer NOT NULL,
  unit_price  numeric(12, 2) NOT NULL,
  ordered_at  timestamp NOT NULL,
  amount      double precision GENERATED ALWAYS AS (quantity * unit_price) STORED);
INSERT INTO shop.order_line (invoice_no, customer_id, stock_code, quantity, unit_price, ordered_at)
SELECT invoice_no, customer_id, stock_code, quantity, unit_price, ordered_at
FROM shop.order_line_typed WHERE verdict = 'purchase' ORDER BY ordered_at, invoice_no;
CREATE INDEX ON shop.order_line (customer_id, ordered_at);
CREATE INDEX ON shop.order_line (stock_code);
ALTER TABLE shop.order_line
  ADD FOREIGN KEY (customer_id) REFERENCES shop.customer,
  ADD FOREIGN KEY (stock_code) REFERENCES shop.product;

-- The shop's today is the day after its last order; the last 90 days are the future that we learn to predict.
CREATE TABLE shop.calendar AS
SELECT last_day + 1 AS today, (last_day + 1 - 90)::timestamp AS cutoff
FROM (SELECT max(ordered_at)::date AS last_day FROM shop.order_line) AS last_order;

ANALYZE;

SELECT (SELECT count(*) FROM shop.customer) AS customers, (SELECT count(*) FROM shop.product) AS products,
       (SELECT count(DISTINCT invoice_no) FROM shop.order_line) AS orders, (SELECT count(*) FROM shop.order_line) AS lines,
       today, cutoff::date AS cutoff
FROM shop.calendar;


\echo '== 2. Portrait: one row a customer, kept by the server from now on'
\echo

-- A portrait reads one table, here the order lines, so its events are lines; what counts as coming back is active_days,
-- the days with an order. It keeps: when and for how much they bought; what they spent, an amount counting half after 30
-- days; and the last five products.
SELECT portrait, source, features
FROM persona.create_portrait('shop.customer_portrait', event_time => 'ordered_at', query => $$
  SELECT customer_id,
         persona.activity_agg(ordered_at, amount) AS activity,
         persona.decayed_agg(ordered_at, amount, '30 days') AS spending,
         persona.recent_agg(ordered_at, stock_code, 5) AS recent
  FROM shop.order_line GROUP BY customer_id $$);

\echo 'Each summary is columns of a view, for any SQL and any BI tool:'
SELECT customer_id, activity_active_days AS order_days, activity_events AS lines,
       round(activity_total_amount::numeric, 2) AS total_amount, activity_first_at::date AS first_order,
       activity_last_at::date AS last_order, recent_last_item AS last_product
FROM shop.customer_portrait_features
ORDER BY activity_total_amount DESC LIMIT 5;

\echo 'The same of any past date, from the orders before it alone. The first of these customers, half a year apart:'
SELECT customer_id AS best_customer FROM shop.customer_portrait_features ORDER BY activity_total_amount DESC LIMIT 1 \gset
SELECT as_of::date, activity_active_days AS order_days, round(activity_total_amount::numeric, 2) AS total_amount,
       round(activity_recency_days::numeric) AS recency_days, round(spending_decayed_total::numeric, 2) AS spending_of_late
FROM shop.calendar, generate_series(today - 330, today, interval '165 days') AS as_of,
     shop.customer_portrait_features_as_of(as_of::timestamp) AS f
WHERE customer_id = :best_customer ORDER BY as_of;

\echo 'Summaries work in any query. What an order is worth:'
SELECT persona.moments_count(m) AS orders, round(persona.mean(m)::numeric, 2) AS mean,
       round(persona.moments_stddev(m)::numeric, 2) AS stddev, round(persona.skewness(m)::numeric, 2) AS skewness,
       round(persona.moments_min(m)::numeric, 2) AS smallest, round(persona.moments_max(m)::numeric, 2) AS largest
FROM (SELECT persona.moments_agg(amount) AS m
      FROM (SELECT sum(amount) AS amount FROM shop.order_line GROUP BY customer_id, invoice_no) AS orders) AS amounts;

-- To learn from: the features as of the cut-off date, which know nothing of what came later, and whether the customer
-- bought again after it.
CREATE VIEW shop.customer_history AS
SELECT f.*, c.market, EXISTS (SELECT FROM shop.order_line AS l
                              WHERE l.customer_id = f.customer_id AND l.ordered_at >= cutoff) AS bought_again
FROM shop.calendar, shop.customer_portrait_features_as_of(cutoff) AS f JOIN shop.customer AS c USING (customer_id);

-- To score: the same features as of today. This shop's clock stands at its last day; one that is open reads
-- shop.customer_portrait_features, which is as of now.
CREATE VIEW shop.customer_today AS
SELECT f.*, c.market
FROM shop.calendar, shop.customer_portrait_features_as_of(today) AS f JOIN shop.customer AS c USING (customer_id);


\echo '== 3. Learn: who buys again? Four customers in five teach, the fifth is kept unseen'
\echo

SELECT name, version, kind, rows, skipped
FROM persona.fit(
  model  => 'repeat_buyer',
  kind   => 'logistic_regression',
  source => 'SELECT customer_id, market, activity_recency_days, activity_active_days, activity_events,
                    activity_mean_amount, bought_again
             FROM shop.customer_history WHERE customer_id % 5 <> 0',
  target => 'bought_again',
  key    => 'customer_id');

\echo 'The model is rows of a table:'
SELECT term, round(estimate::numeric, 4) AS estimate, round(std_error::numeric, 4) AS std_error,
       round(p_value::numeric, 4) AS p_value
FROM persona.deployed_coefficient WHERE name = 'repeat_buyer' ORDER BY abs(statistic) DESC;

\echo 'and so is how well it fits the customers it learned from:'
SELECT metric, trim_scale(round(value::numeric, 4)) AS value
FROM persona.metric JOIN persona.deployed_model USING (model_id) WHERE name = 'repeat_buyer' ORDER BY metric;


\echo '== 4. Score and explain the customers it has not seen'
\echo

CREATE VIEW shop.unseen AS SELECT * FROM shop.customer_history WHERE customer_id % 5 = 0;

SELECT metric, trim_scale(round(value::numeric, 4)) AS value
FROM persona.evaluate('repeat_buyer', 'SELECT * FROM shop.unseen');

\echo 'The auc once more, by ranks: how often a customer who bought again has the higher score of two.'
CREATE VIEW shop.auc_by_ranks AS
SELECT (sum(middle_rank) FILTER (WHERE bought_again) - buyers * (buyers + 1) / 2.0)
       / (buyers * (customers - buyers)) AS auc
FROM (SELECT bought_again,
             rank() OVER (ORDER BY score) + (count(*) OVER (PARTITION BY score) - 1) / 2.0 AS middle_rank,
             count(*) FILTER (WHERE bought_again) OVER () AS buyers, count(*) OVER () AS customers
      FROM (SELECT u.bought_again, persona.predict('repeat_buyer', u) AS score FROM shop.unseen AS u) AS scored
     ) AS ranked
GROUP BY buyers, customers;
SELECT round(auc::numeric, 4) AS auc_by_ranks FROM shop.auc_by_ranks;

DO $$
BEGIN
  ASSERT abs((SELECT value FROM persona.evaluate('repeat_buyer', 'SELECT * FROM shop.unseen') WHERE metric = 'auc')
             - (SELECT auc FROM shop.auc_by_ranks)) < 1e-9, 'persona.evaluate and the ranks differ in the AUC';
END $$;

\echo 'Does a score mean what it says? Unseen customers in five groups, from the lowest score to the highest:'
SELECT fifth, count(*) AS customers, round(100 * avg(score)::numeric, 1) AS predicted_percent,
       round(100 * avg(bought_again::int), 1) AS bought_percent
FROM (SELECT u.bought_again, persona.predict('repeat_buyer', u) AS score,
             ntile(5) OVER (ORDER BY persona.predict('repeat_buyer', u)) AS fifth
      FROM shop.unseen AS u) AS scored
GROUP BY fifth ORDER BY fifth;

\echo 'The surest of them, and why:'
SELECT u.customer_id, round(persona.predict('repeat_buyer', u)::numeric, 3) AS score, u.bought_again,
       persona.reasons('repeat_buyer', u) AS reasons
FROM shop.unseen AS u ORDER BY persona.predict('repeat_buyer', u) DESC, customer_id LIMIT 5;

\echo 'One customer, term by term:'
SELECT e.rank, e.term, e.value, round(e.contribution::numeric, 3) AS contribution
FROM (SELECT * FROM shop.unseen ORDER BY customer_id LIMIT 1) AS u, persona.explain('repeat_buyer', u) AS e
ORDER BY e.rank;


\echo '== 5. Recommend: products bought by the same customers'
\echo

SELECT name, version, kind, rows
FROM persona.fit(
  model   => 'also_bought',
  kind    => 'item_knn',
  source  => 'SELECT customer_id, stock_code FROM shop.order_line',
  options => '{"user": "customer_id", "item": "stock_code", "min_support": 5}');

SELECT stock_code AS best_seller, name AS best_seller_name,
       format('Who buys %s (%s customers) also buys:', name, count(DISTINCT customer_id)) AS heading
FROM shop.order_line JOIN shop.product USING (stock_code)
GROUP BY stock_code, name ORDER BY count(DISTINCT customer_id) DESC, stock_code LIMIT 1 \gset
\echo :heading
SELECT s.rank, s.item, p.name, round(s.score::numeric, 3) AS similarity
FROM persona.similar_items('also_bought', :'best_seller', 5) AS s JOIN shop.product AS p ON p.stock_code = s.item
ORDER BY s.rank;

-- Products by name, and the customer's own products that speak for each.
CREATE FUNCTION shop.recommended_products(customer bigint, k integer)
RETURNS TABLE (rank integer, stock_code text, product text, score numeric, bought_before text)
LANGUAGE sql STABLE AS $$
  SELECT r.rank, r.item, p.name, round(r.score::numeric, 3),
         (SELECT string_agg(own.name, ', ' ORDER BY b.nth)
          FROM unnest(r.because) WITH ORDINALITY AS b(item, nth) JOIN shop.product AS own ON own.stock_code = b.item)
  FROM persona.recommend('also_bought', customer, k) AS r JOIN shop.product AS p ON p.stock_code = r.item
  ORDER BY r.rank
$$;

-- A customer to recommend to: of those who came back before but not lately, and own a handful of products, the last.
SELECT customer_id AS shopper FROM shop.order_line, shop.calendar
GROUP BY customer_id, cutoff
HAVING count(DISTINCT invoice_no) > 1 AND count(DISTINCT stock_code) BETWEEN 5 AND 15 AND max(ordered_at) < cutoff
ORDER BY max(ordered_at) DESC, customer_id LIMIT 1 \gset
\echo 'Customer' :shopper 'bought, the latest first:'
SELECT l.ordered_at::date AS ordered_on, p.name AS product, l.quantity
FROM shop.order_line AS l JOIN shop.product AS p USING (stock_code)
WHERE l.customer_id = :shopper ORDER BY l.ordered_at DESC, l.line_id LIMIT 8;

\echo 'is recommended, and because of what:'
SELECT * FROM shop.recommended_products(:shopper, 5);


\echo '== 6. The report: one row a customer, for any BI tool'
\echo

-- Columns that a report leaves out cost nothing.
CREATE VIEW shop.customer_report AS
SELECT c.customer_id, c.country,
       f.activity_last_at::date AS last_order,
       f.activity_active_days AS order_days,
       round(f.activity_total_amount::numeric, 2) AS total_amount,
       round(f.spending_decayed_total::numeric, 2) AS spending_of_late,
       (SELECT name FROM shop.product WHERE stock_code = f.recent_last_item) AS last_product,
       round(persona.predict('repeat_buyer', f)::numeric, 3) AS repeat_score,
       persona.reasons('repeat_buyer', f) AS repeat_reasons,
       (SELECT string_agg(product, ', ' ORDER BY rank)
        FROM shop.recommended_products(c.customer_id, 3)) AS recommended
FROM shop.customer AS c JOIN shop.customer_today AS f USING (customer_id);

\x on
SELECT * FROM shop.customer_report ORDER BY total_amount DESC LIMIT 3;
\x off


\echo '== 7. Live: an order counts in the transaction that takes it'
\echo

\echo 'Customer' :shopper 'before'
\x on
SELECT last_order, order_days, total_amount, repeat_score, recommended
FROM shop.customer_report WHERE customer_id = :shopper;
\x off

-- No job, no refresh: the INSERT itself changes the portrait, and with it the score; recommendations read the order lines.
BEGIN;
INSERT INTO shop.order_line (invoice_no, customer_id, stock_code, quantity, unit_price, ordered_at)
SELECT 'NOW', :shopper, stock_code, 1, price, today - interval '1 hour'
FROM shop.recommended_products(:shopper, 1) JOIN shop.product USING (stock_code), shop.calendar;

\echo 'and in the transaction that buys the first of the recommended products:'
\x on
SELECT last_order, order_days, total_amount, repeat_score, recommended
FROM shop.customer_report WHERE customer_id = :shopper;
\x off

\echo 'The portrait''s own row has it, too, and nothing in the portrait differs from the orders:'
SELECT activity_events AS lines, activity_last_at AS last_order, recent_last_item AS last_product,
       (SELECT count(*) FROM persona.check_portrait('shop.customer_portrait')) AS differences
FROM shop.customer_portrait_features WHERE customer_id = :shopper;

DO $$
BEGIN
  ASSERT (SELECT sum(activity_events) FROM shop.customer_portrait_features) = (SELECT count(*) FROM shop.order_line),
         'the portrait and the order lines differ in their number';
  ASSERT NOT EXISTS (SELECT FROM persona.check_portrait('shop.customer_portrait')), 'the portrait differs from its source';
END $$;
ROLLBACK;

\echo 'It was a trial; rolled back, the portrait is what it was:'
SELECT activity_events AS lines, activity_last_at AS last_order, recent_last_item AS last_product
FROM shop.customer_portrait_features WHERE customer_id = :shopper;


\echo '== 8. Keep it fresh: one line a night refits every model that has grown old'
\echo
\echo '  SELECT cron.schedule(''refresh personas'', ''0 3 * * *'', ''CALL persona.refresh_all()'');'
\echo
CALL persona.refresh_all();

\echo 'What serves now; the versions before stay, and persona.revert goes back to them:'
SELECT name, version, kind, rows, round(seconds::numeric, 2) AS seconds FROM persona.deployed_model ORDER BY name;
