-- Models of every kind on a small shop, for the tests of recovery: churn (two versions), spend, basket (its history
-- read live), kept (its history stored), other recommenders and norm.
CREATE EXTENSION persona;
CREATE ROLE shop_owner;
CREATE ROLE shop_analyst;
CREATE SCHEMA shop AUTHORIZATION shop_owner;
GRANT USAGE ON SCHEMA shop TO PUBLIC;
SET client_min_messages = warning;
SET ROLE shop_owner;
SET search_path = shop;
CREATE TABLE customer AS
SELECT i AS id, i::float8 AS visits, ((i * 7) % 11)::float8 AS spend, (ARRAY['web', 'shop', 'phone'])[1 + i % 3] AS channel,
       i + (i * 5) % 17 > 30 AS stays
FROM generate_series(1, 60) i;
ALTER TABLE customer ADD PRIMARY KEY (id);
CREATE TABLE purchase AS
SELECT i % 25 AS buyer, 'p' || (i * 7 + i / 25) % 13 AS product, '2026-01-01'::timestamptz + i * interval '1 day' AS at
FROM generate_series(1, 200) i;
CREATE INDEX ON purchase (buyer);
CREATE TABLE portrait AS SELECT buyer, persona.activity_agg(at) AS activity FROM purchase GROUP BY buyer;
\o /dev/null
SELECT persona.fit('churn', 'logistic_regression', 'customer', 'stays', '{"l2": 1}');
SELECT persona.fit('churn', 'logistic_regression', 'customer', 'stays', '{"l2": 30}', deploy => false);
SELECT persona.fit('spend', 'linear_regression', 'SELECT visits, channel, spend FROM customer', 'spend');
SELECT persona.fit('basket', 'item_knn', 'SELECT buyer, product FROM purchase', options => '{"user": "buyer", "item": "product"}');
SELECT persona.fit('kept', 'item_knn', 'SELECT buyer + p.n AS buyer, product FROM purchase,
                   generate_series(0, 200000, 1000) AS p(n) ORDER BY product OFFSET 0',
                   options => '{"user": "buyer", "item": "product"}');
SELECT persona.fit(kind, kind, 'SELECT buyer, product, at FROM purchase', options => '{"user": "buyer", "item": "product", "time": "at"}'::jsonb || more)
FROM (VALUES ('als', '{"factors": 4}'), ('association_rules', '{"min_confidence": 0.1, "basket": "buyer"}'), ('session_knn', '{}'), ('repurchase', '{}')) k(kind, options),
     LATERAL (SELECT options::jsonb) m(more);
SELECT persona.fit('mixed', 'blend', 'SELECT buyer, product, at FROM purchase',
                   options => '{"user": "buyer", "item": "product", "time": "at", "models": ["repurchase", "als"], "weights": [2, 1]}');
SELECT persona.fit('norm', 'scaler', 'customer', options => '{"methods": {"spend": "log"}, "clip": 0.1, "ignore": ["stays", "channel"]}');
SELECT persona.create_portrait('buyer_portrait', 'SELECT buyer, persona.activity_agg(at) AS activity, persona.recent_agg(at, product, 3) AS recent
                                FROM purchase GROUP BY buyer', 'at');
SELECT persona.grant_model('churn', 'shop_analyst');
SELECT persona.grant_model('spend', 'public');
\o
RESET ROLE;
