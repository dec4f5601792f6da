-- als and ease through SQL: factors as rows, features and vectors; who is folded in; catalogues too large to be kept; what the
-- closed form says; damaged rows and systems without a solution. The arithmetic is tested by the core's unit tests.
BEGIN;
SELECT plan(36);
SET LOCAL client_min_messages = warning;

CREATE TABLE bought (customer int, item text);
INSERT INTO bought SELECT DISTINCT c, (CASE WHEN c % 2 = 0 THEN 'a' ELSE 'b' END) || (c * 7 + n * n) % 9
FROM generate_series(1, 60) c, generate_series(1, 2 + c % 4) n;
CREATE INDEX ON bought (customer);
CREATE FUNCTION pg_temp.options(more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$ SELECT '{"user": "customer", "item": "item"}'::jsonb || more $$;
CREATE FUNCTION pg_temp.dot(a real[], b real[]) RETURNS float8 LANGUAGE sql AS $$ SELECT sum(x::float8 * y) FROM unnest(a, b) AS v(x, y) $$;

SELECT is((persona.fit('taste', 'als', 'bought', options => pg_temp.options('{"factors": 8}'))).version, 1, 'als');
SELECT is((SELECT count(*) FROM persona.deployed_factor WHERE role = 'item'), (SELECT count(DISTINCT item) FROM bought), 'a vector an item');
SELECT is((SELECT count(*) FROM persona.deployed_factor WHERE role = 'user'), (SELECT count(DISTINCT customer) FROM bought), 'a vector a user');
SELECT is((SELECT array_agg(DISTINCT cardinality(factors)) FROM persona.deployed_factor), '{8}', 'of the length asked for');
SELECT is((SELECT count(*) FROM persona.deployed_factor WHERE abs(norm - sqrt(pg_temp.dot(factors, factors))) > 1e-5), 0::bigint, 'and its norm');
-- Whoever has what he had at the fit is folded in to the vector of the fit: the scores are inner products.
SELECT is((SELECT count(*) FROM persona.deployed_factor u, persona.recommend('taste', u.id, 100, exclude_seen => false) r,
                  persona.deployed_factor i
           WHERE u.role = 'user' AND i.role = 'item' AND i.id = r.item AND abs(r.score - pg_temp.dot(u.factors, i.factors)) > 1e-4),
  0::bigint, 'scores are inner products');
SELECT is((SELECT array_agg(item ORDER BY item) FROM persona.recommend('taste', 2, 5)),
  (SELECT array_agg(id ORDER BY id) FROM (SELECT i.id FROM persona.deployed_factor u, persona.deployed_factor i
     WHERE u.role = 'user' AND u.id = '2' AND i.role = 'item' AND i.id NOT IN (SELECT item FROM bought WHERE customer = 2)
     ORDER BY pg_temp.dot(u.factors, i.factors) DESC LIMIT 5) best), 'the five best of what he has not');
SELECT is((SELECT count(*) FROM persona.recommend('taste', 2, 3) WHERE item LIKE 'a%'), 3::bigint, 'of his own kind');
INSERT INTO bought VALUES (1000, 'a1'), (1000, 'a2');
SELECT is((SELECT count(*) FROM persona.recommend('taste', 1000, 4) WHERE item LIKE 'a%' AND reason LIKE 'like a%'), 4::bigint, 'a new customer is folded in');
SELECT is((SELECT left(reason, 30) FROM persona.recommend('taste', 'nobody', 1)), 'nothing known of this user yet', 'nobody is not');
SELECT is((SELECT item LIKE 'b%' FROM persona.recommend_for_items('taste', '{b1,b3}', 1)), true, 'a basket');
SELECT is((SELECT count(*) FROM persona.similar_items('taste', 'a1', 3) s, persona.deployed_factor a, persona.deployed_factor b
           WHERE a.id = 'a1' AND b.id = s.item AND abs(s.score - pg_temp.dot(a.factors, b.factors) / (a.norm * b.norm)) > 1e-5), 0::bigint,
  'similar items by the cosine');
SELECT is((persona.fit('taste_too', 'als', 'bought', options => pg_temp.options('{"factors": 8, "threads": 3}'))).version, 1, 'three threads');
SELECT isnt_empty($$SELECT FROM persona.deployed_factor a JOIN persona.deployed_factor b ON a.role = b.role AND a.id = b.id
  WHERE a.name = 'taste' AND b.name = 'taste_too' AND a.role = 'user'$$, 'find the same users');
SELECT is((persona.fit('taste_too', 'als', 'SELECT * FROM bought WHERE customer < 1000', options => pg_temp.options('{"factors": 8, "threads": 3}'))).version, 2, 'on the rows of the first');
SELECT is((SELECT count(*) FROM persona.deployed_factor a JOIN persona.deployed_factor b ON a.role = b.role AND a.id = b.id
  WHERE a.name = 'taste' AND b.name = 'taste_too' AND a.factors <> b.factors), 0::bigint, 'the factors are the same, whatever the threads');

-- As features of another model, and as vectors of pgvector.
CREATE TABLE spent AS SELECT customer, (random() * 10)::float8 + 20 * (customer % 2) AS amount FROM generate_series(1, 60) customer;
SELECT is((persona.fit('spend', 'linear_regression', $$SELECT s.amount, f.factors FROM spent s JOIN persona.deployed_factor f
  ON f.name = 'taste' AND f.role = 'user' AND f.id = s.customer::text$$, 'amount')).rows, 60::bigint, 'factors are features');
SELECT cmp_ok((SELECT value FROM persona.metric JOIN persona.deployed_model USING (model_id) WHERE name = 'spend' AND metric = 'r_squared'), '>', 0.5::float8,
  'that tell what customers are like');
SELECT is((persona.fit('also', 'item_knn', 'bought', options => pg_temp.options())).version, 1, 'item_knn');
SELECT is((persona.fit('near', 'linear_regression', $$SELECT s.amount, coalesce(n.score, 0) AS nearness FROM spent s LEFT JOIN
  (SELECT b.customer, max(d.score) AS score FROM bought b JOIN persona.deployed_neighbor d ON d.name = 'also' AND d.item = b.item AND d.neighbor = 'a1' GROUP BY 1) n USING (customer)$$,
  'amount')).rows, 60::bigint, 'so are neighbors'' scores');
SELECT CASE WHEN EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector') THEN
  lives_ok($$CREATE EXTENSION vector; SELECT factors::vector(8) FROM persona.deployed_factor$$, 'castable to pgvector''s type')
  ELSE skip('pgvector is not installed') END;

-- ease: B by Gauss and Jordan would be long in SQL, so its definition is checked: P (G + lambda I) = I, read from B.
SELECT is((persona.fit('linear', 'ease', 'bought', options => pg_temp.options('{"lambda": 2, "drop": 0, "user_normalization": 0}'))).version, 1, 'ease');
CREATE TEMP TABLE gram AS SELECT a.item AS i, b.item AS j, count(*)::float8 + CASE WHEN a.item = b.item THEN 2 ELSE 0 END AS g
  FROM bought a JOIN bought b USING (customer) GROUP BY 1, 2;
-- With B_ij = -P_ij / P_jj off the diagonal, sum over i of A_ki B_ij = A_kj for k <> j, A = G + lambda I.
SELECT is((SELECT count(*) FROM (
    SELECT k.i AS k, n.neighbor AS j, sum(k.g * n.score) AS have, max(w.g) AS want
    FROM gram k JOIN persona.deployed_neighbor n ON n.name = 'linear' AND n.item = k.j LEFT JOIN gram w ON w.i = k.i AND w.j = n.neighbor
    WHERE k.i <> n.neighbor GROUP BY 1, 2) x WHERE abs(have - coalesce(want, 0)) > 1e-4), 0::bigint, 'its weights solve the ridge regressions');
SELECT is((SELECT count(*) FROM persona.deployed_neighbor WHERE name = 'linear' AND item = neighbor), 0::bigint, 'no item is its own neighbor');
SELECT throws_ok($$SELECT persona.fit('bad', 'ease', $q$SELECT * FROM (VALUES (1, 'x'), (1, 'y'), (2, 'x'), (2, 'y')) v(customer, item)$q$,
  options => pg_temp.options('{"lambda": 0, "drop": 0}'))$$, '55000', NULL, 'twins without a penalty');
SELECT throws_ok($$SELECT persona.fit('bad', 'ease', 'bought', options => pg_temp.options('{"drop": 1}'))$$, '22023', NULL, 'drop of 1');
SELECT is((persona.fit('one', 'ease', $$SELECT 1 AS customer, 'x' AS item$$, options => pg_temp.options())).version, 1, 'one user and item');
SELECT is((persona.fit('one', 'als', $$SELECT 1 AS customer, 'x' AS item$$, options => pg_temp.options())).version, 2, 'by als');
SELECT is((SELECT item FROM persona.recommend('one', 1, exclude_seen => false)), 'x', 'it is recommended');

-- 66,000 items of 64 factors are more than a backend keeps: they are read in pieces, until no other can be among the best.
SELECT is((persona.fit('large', 'als', $$SELECT g % 300 AS customer, g AS item FROM generate_series(1, 66000) g UNION ALL
  SELECT g % 300, g FROM generate_series(1, 66000) g WHERE g % 50 = 0$$, options => pg_temp.options('{"factors": 64, "iterations": 1, "threads": 2}'))).version, 1, 'a large catalogue');
SELECT is((SELECT array_agg(item) FROM persona.recommend('large', 7, 10, exclude_seen => false)),
  (SELECT array_agg(id) FROM (SELECT i.id FROM persona.deployed_factor u, persona.deployed_factor i
     WHERE u.name = 'large' AND i.name = 'large' AND u.role = 'user' AND u.id = '7' AND i.role = 'item' ORDER BY pg_temp.dot(u.factors, i.factors) DESC, i.item_no LIMIT 10) best),
  'is ranked exactly');

-- Damaged rows.
SET LOCAL session_replication_role = replica;
UPDATE persona.factor_block f SET factors[3] = 'NaN' FROM persona.deployed_model m WHERE m.model_id = f.model_id AND m.name = 'taste_too';
SELECT throws_ok($$SELECT * FROM persona.recommend('taste_too', 2)$$, '22000', NULL, 'a factor that is no number');
SELECT persona.fit('taste_too', 'als', 'bought', options => pg_temp.options('{"factors": 8}')) IS NULL \g /dev/null
UPDATE persona.factor_block f SET factors = factors[1:9] FROM persona.deployed_model m WHERE m.model_id = f.model_id AND m.name = 'taste_too';
SELECT throws_ok($$SELECT * FROM persona.recommend('taste_too', 2)$$, '22000', NULL, 'a vector of another length');
SELECT persona.fit('taste_too', 'als', 'bought', options => pg_temp.options('{"factors": 8}')) IS NULL \g /dev/null
UPDATE persona.factor_block f SET items[2] = 1000000 FROM persona.deployed_model m WHERE m.model_id = f.model_id AND m.name = 'taste_too';
SELECT throws_ok($$SELECT * FROM persona.recommend('taste_too', 4)$$, '22000', NULL, 'an item out of range');
SELECT persona.fit('taste_too', 'als', 'bought', options => pg_temp.options('{"factors": 8}')) IS NULL \g /dev/null
UPDATE persona.factor f SET factors = '{1,2}' FROM persona.deployed_model m WHERE m.model_id = f.model_id AND m.name = 'taste_too' AND f.role = 'item';
SELECT throws_ok($$SELECT * FROM persona.recommend('taste_too', 4)$$, '22000', NULL, 'vectors of the history of another length');
DELETE FROM persona.factor f USING persona.deployed_model m WHERE m.model_id = f.model_id AND m.name = 'taste';
SELECT is((SELECT count(*) FROM persona.recommend('taste', 2, 3)), 3::bigint, 'without factors what is popular is left');
SELECT * FROM finish();
ROLLBACK;
