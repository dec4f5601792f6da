-- A kind for each job, on the orders of a small shop: what is popular, what comes next, what is bought again, which rules
-- hold, and which kind is best on the last order of each customer.
\pset null '(null)'
SET extra_float_digits = 0;

-- Customers 1 to 4 buy coffee in every order, and a filter after beans; 5 and 6 live elsewhere and drink tea.
CREATE TABLE line (customer int, invoice int, day date, product text, country text);
INSERT INTO line VALUES
  (1, 1, '2026-01-01', 'coffee', 'AT'), (1, 1, '2026-01-01', 'beans', 'AT'), (1, 2, '2026-01-05', 'coffee', 'AT'),
  (1, 2, '2026-01-05', 'filter', 'AT'), (1, 3, '2026-01-09', 'coffee', 'AT'), (1, 3, '2026-01-09', 'cup', 'AT'),
  (2, 4, '2026-01-02', 'coffee', 'AT'), (2, 4, '2026-01-02', 'beans', 'AT'), (2, 5, '2026-01-06', 'filter', 'AT'),
  (2, 5, '2026-01-06', 'coffee', 'AT'), (3, 6, '2026-01-03', 'beans', 'AT'), (3, 7, '2026-01-07', 'filter', 'AT'),
  (3, 7, '2026-01-07', 'coffee', 'AT'), (4, 8, '2026-01-04', 'coffee', 'AT'), (4, 8, '2026-01-04', 'beans', 'AT'),
  (5, 9, '2026-01-02', 'tea', 'UK'), (5, 9, '2026-01-02', 'pot', 'UK'), (5, 10, '2026-01-08', 'tea', 'UK'),
  (6, 11, '2026-01-03', 'tea', 'UK'), (6, 11, '2026-01-03', 'cup', 'UK');
CREATE FUNCTION shop(more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql RETURN
  '{"user": "customer", "item": "product", "time": "day", "basket": "invoice"}'::jsonb || more;

-- What is popular: in how many orders, over all and where the customer lives.
SELECT name, version, rows FROM persona.fit('popular', 'popularity', 'line', options => shop('{"segment": "country"}'));
SELECT segment, rank, item, score FROM persona.deployed_popularity WHERE name = 'popular' ORDER BY segment NULLS FIRST, rank;
SELECT rank, item, score, reason FROM persona.recommend('popular', 6, 2);
SELECT rank, item, score, reason FROM persona.recommend('popular', 'nobody yet', 2);

-- What comes next: customer 4 has bought beans.
SELECT name, version, rows FROM persona.fit('next', 'next_item', 'line', options => shop());
SELECT rank, item, round(score::numeric, 6) AS score, reason FROM persona.recommend('next', 4, 2);
SELECT rank, item, round(score::numeric, 6) AS score, reason FROM persona.recommend_for_items('next', '{cup,beans}', 1);

-- What is bought again.
SELECT name, version, rows FROM persona.fit('again', 'repurchase', 'line', options => shop());
SELECT rank, item, round(score::numeric, 6) AS score, reason, because FROM persona.recommend('again', 1, 4);
SELECT rank, item, reason FROM persona.recommend('again', 4, 2, exclude_seen => true);

-- Rules over orders.
SELECT name, version, rows FROM persona.fit('rules', 'association_rules', 'line',
  options => shop('{"min_support": 0.2, "min_confidence": 0.6}'));
SELECT antecedent, consequent, count, support, confidence, lift, leverage, conviction FROM persona.deployed_rule ORDER BY rule_no;
SELECT rank, item, score, reason FROM persona.recommend_for_items('rules', '{filter}', 1);

-- Similar past orders.
SELECT name, version, rows FROM persona.fit('session', 'session_knn', $$SELECT *, invoice * 10 + row_number() OVER () AS at FROM line$$,
  options => '{"basket": "invoice", "item": "product", "time": "at"}');
SELECT rank, item, round(score::numeric, 6) AS score, reason FROM persona.recommend_for_items('session', '{beans}', 1);

-- Which is best on each customer's last order?
CREATE VIEW numbered AS
  SELECT l.*, dense_rank() OVER (PARTITION BY customer ORDER BY day DESC, invoice DESC) AS age FROM line l;
SELECT name, version, rows FROM persona.fit('again', 'repurchase', 'SELECT * FROM numbered WHERE age > 1', options => shop());
SELECT name, version, rows FROM persona.fit('next', 'next_item', 'SELECT * FROM numbered WHERE age > 1', options => shop());
SELECT metric, round(value::numeric, 6) AS value FROM persona.evaluate('again', 'SELECT * FROM numbered WHERE age = 1', '{"k": 2}');
SELECT model, version, metric, round(value::numeric, 6) AS value, rank
FROM persona.compare('{next,again}', 'SELECT * FROM numbered WHERE age = 1', '{"k": 2}') WHERE metric IN ('hit_rate', 'ndcg');
SELECT rank, options - 'user' - 'item' - 'time' - 'basket' AS options, metric, round(value::numeric, 6) AS value
FROM persona.tune('repurchase', 'line', NULL, '{"decay": [0.5, 1], "pairs_weight": [0, 0.2]}', shop());

-- All customers at once.
CALL persona.recommend_all('again', 'recommended', 2);
SELECT user_id, rank, item, round(score::numeric, 6) AS score FROM recommended ORDER BY user_id, rank;
CALL persona.recommend_all('again', 'recommended', 1, options => '{"parts": 2, "part": 1}');
SELECT rank, count(*) FROM recommended GROUP BY rank ORDER BY rank;

-- Mistakes.
SELECT persona.fit('next', 'next_item', 'line', options => '{"user": "customer", "item": "product"}');
SELECT persona.fit('rules', 'association_rules', 'line', options => '{"item": "product"}');
SELECT persona.fit('popular', 'popularity', 'line', options => '{"item": "product", "user": "customer", "half_life": 3}');
SELECT persona.fit('blended', 'blend', 'line', options => shop('{"models": ["again"]}'));
SELECT persona.fit('next', 'next_item', 'line', options => '{"user": "customer", "item": "product", "time": "country"}');
SELECT * FROM persona.tune('repurchase', 'line', NULL, '{"decays": [0.5, 1]}', shop());
SELECT * FROM persona.tune('repurchase', 'line', NULL, '{"decay": []}', shop());
CALL persona.recommend_all('again', 'recommended', options => '{"parts": 2, "part": 3}');

SELECT count(persona.drop_model(name)) FROM persona.model_name;
DROP TABLE recommended;
DROP VIEW numbered;
DROP TABLE line;
DROP FUNCTION shop;
