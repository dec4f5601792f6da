-- A portrait as one types it: create it, let events come, read it, check it, drop it.
\pset null '(null)'
SET TimeZone = 'UTC';

CREATE TABLE purchase (customer text, ts timestamptz, product text, amount float8);
CREATE INDEX ON purchase (customer);
INSERT INTO purchase VALUES
  ('ann', '2024-03-01 09:30+00', 'tea', 20), ('ann', '2024-03-08 18:05+00', 'mug', 35.5), ('ben', '2024-03-04 12:00+00', 'tea', 100),
  (NULL, '2024-03-04 12:00+00', 'tea', 7);

SELECT portrait, source, deferred, event_time, features
FROM persona.create_portrait('customer', event_time => 'ts', query => $$
  SELECT customer, persona.activity_agg(ts, amount) AS activity, count(*) FILTER (WHERE product = 'tea') AS teas
  FROM purchase GROUP BY customer $$);

-- One row a customer; every accessor is a column.
SELECT customer, persona.events(activity), teas FROM customer ORDER BY customer;
SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'customer_features' ORDER BY ordinal_position;

-- An event counts at once, also a late one and one that brings a new customer.
INSERT INTO purchase VALUES ('ann', '2024-02-01 10:00+00', 'tea', 1), ('cat', '2024-03-09 08:00+00', 'mug', 9.5);
SELECT customer, activity_events, activity_first_at, activity_last_at, activity_total_amount, teas
FROM customer_features ORDER BY customer;

-- As of a date: the events before it.
SELECT customer, activity_events, activity_recency_days, teas FROM customer_features_as_of('2024-03-08 18:05+00') ORDER BY customer;
SELECT customer, persona.events(activity), teas FROM customer_as_of('2024-03-01') ORDER BY customer;

-- What is corrected or deleted is corrected.
UPDATE purchase SET amount = 10 WHERE customer = 'ben';
UPDATE purchase SET customer = 'ann' WHERE customer = 'cat';
DELETE FROM purchase WHERE customer = 'ann' AND product = 'tea';
SELECT customer, activity_events, activity_total_amount, teas FROM customer_features ORDER BY customer;
BEGIN;
TRUNCATE purchase;
SELECT count(*) FROM customer;
ROLLBACK;
SELECT count(*) FROM customer;

-- What the triggers did not see is found and mended.
SELECT * FROM persona.check_portrait('customer');
ALTER TABLE purchase DISABLE TRIGGER persona_customer_insert;
INSERT INTO purchase VALUES ('dan', '2024-03-10 08:00+00', 'tea', 5), ('ben', '2024-03-10 08:00+00', 'tea', 5);
ALTER TABLE purchase ENABLE TRIGGER persona_customer_insert;
SELECT key, column_name, persona.events(stored::persona.activity), persona.events(recomputed::persona.activity)
FROM persona.check_portrait('customer') WHERE column_name = 'activity' ORDER BY key;
SELECT key, stored, recomputed FROM persona.check_portrait('customer') WHERE column_name = 'teas' ORDER BY key;
SELECT portrait FROM persona.refresh_portrait('customer');
SELECT * FROM persona.check_portrait('customer');

-- A deferred portrait collects, and a refresh folds in.
SELECT portrait, deferred, delta
FROM persona.create_portrait('product', 'SELECT product, count(*) AS purchases, sum(amount) AS amount FROM purchase GROUP BY product',
                             deferred => true);
INSERT INTO purchase VALUES ('ann', '2024-03-11 08:00+00', 'tea', 20), ('ann', '2024-03-11 08:00+00', 'jam', 5);
SELECT * FROM product ORDER BY product;
SELECT portrait FROM persona.refresh_portrait('product');
SELECT * FROM product ORDER BY product;
DELETE FROM purchase WHERE product = 'jam';
CALL persona.refresh_all();
SELECT * FROM product_features ORDER BY product;

-- What the portraits are.
SELECT portrait, source, deferred, event_time, features, recomputed, delta FROM persona.portraits ORDER BY portrait::text;

-- What cannot be kept says why, and what to do.
SELECT persona.create_portrait('p', 'SELECT customer, avg(amount) AS mean FROM purchase GROUP BY customer');
SELECT persona.create_portrait('p', 'SELECT customer, sum(amount) / count(*) AS mean FROM purchase GROUP BY customer');
SELECT persona.create_portrait('p', 'SELECT customer, count(DISTINCT product) AS products FROM purchase GROUP BY customer');
SELECT persona.create_portrait('p', 'SELECT customer, count(*) FROM purchase WHERE ts > now() - interval ''30 days'' GROUP BY customer');
SELECT persona.create_portrait('p', 'SELECT customer, count(*) FROM customer_features GROUP BY customer');
SELECT persona.create_portrait('p', 'SELECT customer, count(*) FROM purchase JOIN product USING (product) GROUP BY customer');
SELECT persona.create_portrait('p', 'SELECT count(*) FROM purchase');
SELECT persona.create_portrait('p', 'SELECT customer, count(*) FROM purchase GROUP BY customer', event_time => 'product');
SELECT persona.check_portrait('nobody');
\set VERBOSITY terse
ALTER TABLE purchase DROP COLUMN amount;
\set VERBOSITY default

-- Dropped, nothing is left of them.
SELECT persona.drop_portrait('customer'), persona.drop_portrait('product');
SELECT tgname FROM pg_trigger WHERE tgrelid = 'purchase'::regclass;
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname ~ '^(customer|product)';
SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname ~ '^(customer|product)';
DROP TABLE purchase;
