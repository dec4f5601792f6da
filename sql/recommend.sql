-- Recommendations as one types them: who bought what, what goes with what, and why. Two items score the number of
-- customers who have both over the root of the product of the customers who have each: cup and tea 2 / 3, and so on.
\pset null '(null)'
SET extra_float_digits = 0;

CREATE TABLE purchase (customer_id int, product text, quantity int DEFAULT 1);
INSERT INTO purchase VALUES (1, 'tea'), (1, 'cup'), (1, 'pot'), (2, 'tea'), (2, 'cup'), (3, 'tea'), (3, 'milk'),
  (4, 'cup'), (4, 'pot'), (5, 'ink'), (6, NULL);

SELECT name, version, kind, rows, skipped
FROM persona.fit('shop', 'item_knn', 'purchase', options => '{"user": "customer_id", "item": "product"}');
SELECT item, rank, neighbor, round(score::numeric, 6) AS score FROM persona.deployed_neighbor ORDER BY item, rank;
SELECT item, support FROM persona.neighbor ORDER BY item_no;
SELECT metric, round(value::numeric, 6) AS value FROM persona.metric ORDER BY metric;

SELECT rank, item, round(score::numeric, 6) AS score, reason, because FROM persona.recommend('shop', 2);
SELECT rank, item, round(score::numeric, 6) AS score, reason FROM persona.recommend('shop', 2, 2, exclude_seen => false);
SELECT rank, item, reason FROM persona.recommend('shop', 'nobody yet', 2);
SELECT rank, item, reason FROM persona.recommend('shop', 2, candidates => '{ink,pen,pot}', exclude => '{pot}');
SELECT rank, item, round(score::numeric, 6) AS score, because FROM persona.recommend_for_items('shop', '{tea,pot}', 2);
SELECT rank, item, round(score::numeric, 6) AS score FROM persona.similar_items('shop', 'tea', 2);
SELECT round(persona.preference('shop', 2, 'pot')::numeric, 6) AS pot, persona.preference('shop', 2, 'ink') AS ink, persona.preference('shop', 2, 'pen') AS pen;

-- The history is read live.
INSERT INTO purchase VALUES (2, 'pot'), (7, 'milk');
SELECT rank, item, reason FROM persona.recommend('shop', 2);
SELECT rank, item, reason FROM persona.recommend('shop', 7, 1);

-- For several customers at once.
SELECT c.customer_id, r.rank, r.item FROM generate_series(1, 3) c(customer_id), persona.recommend('shop', c.customer_id, 2) r ORDER BY 1, 2;

-- Weights: a return cancels a purchase; ink has one customer only.
INSERT INTO purchase VALUES (3, 'milk', -1), (3, 'tea', -1), (7, 'tea', 2), (7, 'cup', NULL);
SELECT name, version, rows, skipped
FROM persona.fit('shop', 'item_knn', 'purchase', options => '{"user": "customer_id", "item": "product", "weight": "quantity", "min_support": 2}');
SELECT item, rank, neighbor, round(score::numeric, 6) AS score FROM persona.deployed_neighbor ORDER BY item, rank;

-- A big table without an index on the customer: histories are stored, and a notice says so.
CREATE TABLE event AS SELECT g % 2000 AS visitor, 'page ' || (g * 7 % 97 + g % 3) AS page FROM generate_series(1, 200000) g;
ANALYZE event;
SELECT name, version, rows FROM persona.fit('pages', 'item_knn', 'event', options => '{"user": "visitor", "item": "page", "neighbors": 5}');
SELECT count(*) FROM persona.history;
CREATE INDEX ON event (visitor);
ANALYZE event;
SELECT name, version, rows FROM persona.refresh_model('pages');
SELECT count(*) FROM persona.history JOIN persona.deployed_model USING (model_id);

-- Mistakes.
SELECT persona.recommend('shop', 2, -1);
SELECT persona.recommend('shops', 2);
SELECT persona.recommend('shop', 2, options => '{"depth": 1}');
SELECT persona.fit('shop', 'item_knn', 'purchase');
SELECT persona.fit('shop', 'item_knn', 'purchase', options => '{"user": "customer", "item": "product"}');
SELECT persona.predict('shop', p) FROM purchase p;
ALTER TABLE purchase RENAME COLUMN customer_id TO buyer;
SELECT persona.recommend('shop', 2);

SELECT count(persona.drop_model(name)) FROM persona.model_name;
DROP TABLE purchase, event;
