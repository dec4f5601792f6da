-- The kinds popularity, item_knn with its similarities, next_item and repurchase against SQL self-joins written here;
-- baskets in order, segments, variety, reasons, and histories stored with the model. Neighbors are stored in single
-- precision.
BEGIN;
SELECT plan(85);
SET LOCAL client_min_messages = warning;

-- Forty customers, two to five orders each, of twelve products in four categories; orders of one instant among them.
CREATE TABLE sale (customer int, sku text, qty numeric, at timestamptz, order_id text, country text, category text);
INSERT INTO sale
SELECT c, 'p' || lpad(p::text, 2, '0'), 1 + (c + p + o) % 3, timestamptz '2024-01-01' + (c * 7 % 30 + 9 * (o / 2)) * interval '1 day',
       'o' || c || '-' || (9 - o), (ARRAY['DE', 'FR', 'UK'])[1 + c % 3], 'k' || p % 4
FROM generate_series(1, 40) c, generate_series(1, 5) o, generate_series(1, 12) p
WHERE o <= 2 + c % 4 AND (c * c + 5 * p + 3 * o * p + c * o) % 7 < 2 AND p * (c % 5 + 1) % 11 < 7;
CREATE INDEX ON sale (customer);
ANALYZE sale;
CREATE TEMP VIEW basket AS
  SELECT customer, sku, age, max(age) OVER (PARTITION BY customer) - age AS place
  FROM (SELECT DISTINCT customer, sku, dense_rank() OVER (PARTITION BY customer ORDER BY dated DESC, order_id COLLATE "C" DESC) - 1 AS age
        FROM (SELECT *, min(at) OVER (PARTITION BY customer, order_id) AS dated FROM sale) d) x;
CREATE FUNCTION pg_temp.fit(name text, kind text, options jsonb = '{}', source text = 'sale') RETURNS void LANGUAGE sql AS $$
  SELECT persona.fit(name, kind, source, options => '{"user": "customer", "item": "sku"}' || options) $$;
CREATE FUNCTION pg_temp.items(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
  EXECUTE format('SELECT string_agg(item, '' '' ORDER BY rank) FROM %s', query) INTO answer;
  RETURN coalesce(answer, '');
END $$;
-- Whether two queries of (item, neighbor, score) agree to a relative 1e-6, in both directions.
CREATE FUNCTION pg_temp.agree(model text, query text, description text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE wrong text; total bigint;
BEGIN
  EXECUTE format('SELECT count(*), string_agg(format(''%%s %%s: got %%s, want %%s'', item, neighbor, got, want), E''\n'')
    FILTER (WHERE got IS NULL OR want IS NULL OR abs(got - want) > 1e-6 * want)
    FROM (SELECT item, neighbor, score AS got FROM persona.deployed_neighbor WHERE name = %L) g
    FULL JOIN (SELECT item, neighbor, score::float8 AS want FROM (%s) q WHERE score > 0) w USING (item, neighbor)', model, query) INTO total, wrong;
  RETURN ok(total > 0 AND wrong IS NULL, description) || coalesce(E'\n' || diag(left(wrong, 1000)), '');
END $$;

-- Similarities: w is 1, or the sum of qty, of every pair of customer and product; n_u a customer's products.
CREATE TEMP TABLE cell AS SELECT customer, sku, 1::float8 AS one, sum(qty)::float8 AS qty,
  count(*) OVER (PARTITION BY customer)::float8 AS n_u FROM sale GROUP BY 1, 2;
CREATE FUNCTION pg_temp.pairs(weight text, p float8 = 0) RETURNS text LANGUAGE sql AS $$
  SELECT format('SELECT a.sku AS item, b.sku AS neighbor, sum(a.w * b.w / power(a.n_u, %s)) AS c, max(a.d) AS di, max(b.d) AS dj
    FROM (SELECT *, sum(w * w) OVER (PARTITION BY sku) AS d FROM (SELECT *, %s AS w FROM cell) x) a
    JOIN (SELECT *, sum(w * w) OVER (PARTITION BY sku) AS d FROM (SELECT *, %s AS w FROM cell) x) b
      ON a.customer = b.customer AND a.sku <> b.sku GROUP BY 1, 2', p, weight, weight) $$;
CREATE TEMP TABLE variant (name text, options jsonb, weight text, p float8, score text);
INSERT INTO variant VALUES
  ('cosine', '{}', 'one', 0, 'c / sqrt(di * dj)'),
  ('cosine of weights', '{"weight": "qty"}', 'qty', 0, 'c / sqrt(di * dj)'),
  ('shrunk cosine', '{"shrinkage": 3.5}', 'one', 0, 'c / (sqrt(di * dj) + 3.5)'),
  ('exponents', '{"exponents": [0.3, 0.9]}', 'one', 0, 'c / (power(di, 0.3) * power(dj, 0.9))'),
  ('no exponents', '{"exponents": [0, 0]}', 'one', 0, 'c'),
  ('exponents of weights', '{"exponents": [1, 0.25], "shrinkage": 2, "weight": "qty"}', 'qty', 0, 'c / (di * power(dj, 0.25) + 2)'),
  ('jaccard', '{"similarity": "jaccard"}', 'one', 0, 'c / (di + dj - c)'),
  ('shrunk jaccard', '{"similarity": "jaccard", "shrinkage": 5}', 'one', 0, 'c / (di + dj - c + 5)'),
  ('jaccard of weights', '{"similarity": "jaccard", "weight": "qty"}', 'qty', 0, 'c / (di + dj - c)'),
  ('conditional', '{"similarity": "conditional"}', 'one', 0, 'c / di'),
  ('shrunk conditional', '{"similarity": "conditional", "shrinkage": 4}', 'one', 0, 'c / (di + 4)'),
  ('normalized', '{"user_normalization": 1}', 'one', 1, 'c / sqrt(di * dj)'),
  ('normalized by half, weighted', '{"user_normalization": 0.5, "weight": "qty"}', 'qty', 0.5, 'c / sqrt(di * dj)'),
  ('normalized conditional', '{"user_normalization": 1, "similarity": "conditional"}', 'one', 1, 'c / di'),
  ('tfidf', '{"similarity": "tfidf"}', 'one * ln(12 / n_u)', 0, 'c / sqrt(di * dj)'),
  ('tfidf of weights', '{"similarity": "tfidf", "weight": "qty"}', 'qty * ln(12 / n_u)', 0, 'c / sqrt(di * dj)'),
  ('bm25', '{"similarity": "bm25"}',
   'ln(1 + (12 - n_u + 0.5) / (n_u + 0.5)) * 2.2 / (1 + 1.2 * (0.25 + 0.75 * sum(one) OVER (PARTITION BY sku) / (sum(one) OVER () / 12)))',
   0, 'c / sqrt(di * dj)'),
  ('bm25 of weights', '{"similarity": "bm25", "weight": "qty", "exponents": [0.5, 0.75]}',
   'ln(1 + (12 - n_u + 0.5) / (n_u + 0.5)) * 2.2 * qty / (qty + 1.2 * (0.25 + 0.75 * sum(qty) OVER (PARTITION BY sku) / (sum(qty) OVER () / 12)))',
   0, 'c / (sqrt(di) * power(dj, 0.75))');
SELECT is((SELECT count(DISTINCT sku) FROM sale), 12::bigint, 'twelve products');
DO $$ DECLARE v variant; BEGIN FOR v IN SELECT * FROM variant LOOP
  PERFORM pg_temp.fit(v.name, 'item_knn', '{"neighbors": 0}' || v.options); END LOOP; END $$;
SELECT pg_temp.agree(name, format('SELECT item, neighbor, %s AS score FROM (%s) x', score, pg_temp.pairs(weight, p)), 'item_knn: ' || name)
FROM variant;
SELECT throws_ok(format($$SELECT pg_temp.fit('bad', 'item_knn', %L)$$, options), '22023', message, message)
FROM (VALUES ('{"exponents": [1]}', 'option "exponents" takes two numbers, and a cosine'),
             ('{"exponents": [1, 1], "similarity": "jaccard"}', 'option "exponents" takes two numbers, and a cosine'),
             ('{"exponents": [-1, 1]}', NULL), ('{"decay": 0.9, "basket": "order_id"}', 'option "decay" needs option "time"'), ('{"similarity": "dice"}', NULL), ('{"shrinkage": -1}', NULL)) v(options, message);

-- next_item and repurchase: directed pairs of baskets, numbered from the oldest.
CREATE FUNCTION pg_temp.lagged(fade text, a float8, b float8) RETURNS text LANGUAGE sql AS $$
  SELECT format('SELECT i.sku AS item, j.sku AS neighbor, sum(%s) / power(max(i.d), %s) / power(max(j.d), %s) AS score
    FROM (SELECT *, count(*) OVER (PARTITION BY sku) AS d FROM basket) i JOIN (SELECT *, count(*) OVER (PARTITION BY sku) AS d FROM basket) j
      USING (customer) CROSS JOIN LATERAL (SELECT (j.place - i.place)::float8 AS gap) g WHERE gap <> 0 GROUP BY 1, 2', fade, a, b) $$;
SELECT lives_ok($$SELECT pg_temp.fit('next', 'next_item', '{"time": "at", "basket": "order_id"}'),
  pg_temp.fit('onward', 'next_item', '{"time": "at", "basket": "order_id", "backward": 0, "lag_exponent": 2, "exponents": [1, 0]}'),
  pg_temp.fit('again', 'repurchase', '{"time": "at", "basket": "order_id", "segment": "country"}'),
  pg_temp.fit('own', 'repurchase', '{"time": "at", "basket": "order_id", "popularity_weight": 0, "pairs_weight": 0}'),
  pg_temp.fit('faded', 'repurchase', '{"time": "at", "basket": "order_id", "decay": 0.9, "popularity_weight": 0.1, "pairs_weight": 0.3}')$$,
  'next_item, repurchase');
SELECT pg_temp.agree('next', pg_temp.lagged('power(abs(gap), -0.5) * CASE WHEN gap > 0 THEN 1 ELSE 0.3 END', 0.5, 0.25), 'next_item');
SELECT pg_temp.agree('onward', pg_temp.lagged('CASE WHEN gap > 0 THEN power(gap, -2) ELSE 0 END', 1, 0), 'next_item, forward only');
SELECT pg_temp.agree('again', pg_temp.lagged('CASE WHEN gap BETWEEN 1 AND 5 THEN power(2, 1 - gap) ELSE 0 END', 0.5, 0.25), 'repurchase');
-- The scores of every customer and product: the history weighed by age.
CREATE TEMP VIEW personal AS SELECT customer, sku, count(*)::float8 AS times, sum(power(0.7, age)) AS by7, sum(power(0.9, age)) AS by9
  FROM basket GROUP BY 1, 2;
SELECT is_empty($$SELECT customer, sku, got, want FROM (SELECT customer, sku, persona.preference('next', customer::bigint, sku) AS got,
    (SELECT coalesce(sum(p.by7 * n.score), 0) FROM personal p JOIN persona.deployed_neighbor n ON n.name = 'next' AND n.item = p.sku
      AND n.neighbor = i.sku WHERE p.customer = c.customer) AS want
    FROM (SELECT DISTINCT customer FROM sale) c, (SELECT DISTINCT sku FROM sale) i) x WHERE abs(got - want) > 1e-6$$, 'scores of next_item');
SELECT is_empty(format($$WITH part AS (
    SELECT c.customer, i.sku, coalesce(p.%s, 0) AS own, (SELECT count(*) FROM basket b WHERE b.sku = i.sku)::float8 AS popular,
      (SELECT coalesce(sum(h.%s * n.score), 0) FROM personal h JOIN persona.deployed_neighbor n ON n.name = %L AND n.item = h.sku
        AND n.neighbor = i.sku WHERE h.customer = c.customer) AS pairs
    FROM (SELECT DISTINCT customer FROM sale) c CROSS JOIN (SELECT DISTINCT sku FROM sale) i LEFT JOIN personal p USING (customer, sku))
  SELECT customer, sku FROM (SELECT *, persona.preference(%L, customer::bigint, sku) AS got,
    own / max(own) OVER u + %s * popular / max(popular) OVER u + %s * coalesce(pairs / nullif(max(pairs) OVER u, 0), 0) AS want
    FROM part WINDOW u AS (PARTITION BY customer)) x WHERE abs(got - want) > 1e-6$$, own, own, model, model, popularity, pairs), 'scores of ' || model)
FROM (VALUES ('again', 'times', 0.2, 0.2), ('own', 'times', 0, 0), ('faded', 'by9', 0.1, 0.3)) v(model, own, popularity, pairs);
-- A merchant reads the reasons: what was bought how often, after what, and what is merely popular.
SELECT is_empty($$SELECT c, r.item, r.reason FROM generate_series(1, 40) c CROSS JOIN persona.recommend('again', c::bigint, 12) r
  LEFT JOIN personal p ON p.customer = c AND p.sku = r.item
  WHERE CASE WHEN p.times = 1 THEN r.reason <> 'bought before' WHEN p.times > 1 THEN r.reason <> format('bought %s times before', p.times)
        WHEN r.because <> '{}' THEN r.reason <> 'often bought after ' || array_to_string(r.because, ', ')
        ELSE r.reason !~ '^popular: \d+ customers have it$' END$$, 'reasons of repurchase');
SELECT is((SELECT count(*) FROM generate_series(1, 40) c, persona.recommend('again', c::bigint, 12) r), 480::bigint, 'what he has is recommended again');
SELECT is((SELECT count(*) FROM generate_series(1, 40) c CROSS JOIN persona.recommend('next', c::bigint, 12) r JOIN personal p ON p.customer = c AND p.sku = r.item),
  0::bigint, 'next_item recommends what is new');
SELECT is((SELECT bool_and(r.reason = 'often follows ' || array_to_string(r.because, ', ') AND cardinality(r.because) BETWEEN 1 AND 3)
  FROM generate_series(1, 40) c, persona.recommend('next', c::bigint, 12) r WHERE r.score > 0), true, 'reasons of next_item');
SELECT is((SELECT bool_and(because = (SELECT (array_agg(p.sku ORDER BY p.by7 * n.score DESC, m.item_no))[1:3] FROM personal p
    JOIN persona.deployed_neighbor n ON n.name = 'next' AND n.item = p.sku AND n.neighbor = r.item
    JOIN persona.neighbor m ON m.item = p.sku JOIN persona.deployed_model d ON d.model_id = m.model_id AND d.name = 'next' WHERE p.customer = c))
  FROM generate_series(1, 40, 4) c, persona.recommend('next', c::bigint, 3) r WHERE r.score > 0), true, 'the three that count most');
-- A basket or session in order: the last of the list is the newest, and a list in another order is another session.
CREATE FUNCTION pg_temp.session(items text[], item text) RETURNS float8 LANGUAGE sql AS $$
  SELECT coalesce(sum(power(0.7, cardinality(items) - place) * n.score), 0) FROM unnest(items) WITH ORDINALITY l(h, place)
  JOIN persona.deployed_neighbor n ON n.name = 'next' AND n.item = l.h AND n.neighbor = session.item $$;
SELECT is_empty(format($$SELECT item, score, pg_temp.session(%L, item) FROM persona.recommend_for_items('next', %L, 12)
  WHERE abs(score - pg_temp.session(%L, item)) > 1e-6$$, list, list, list), 'a session: ' || list)
FROM (VALUES ('{p01,p02,p03}'), ('{p03,p02,p01}'), ('{p01,p02,p01}'), ('{p05}'), ('{}')) v(list);
SELECT isnt((SELECT array_agg(score) FROM persona.recommend_for_items('next', '{p01,p02,p03}')), (SELECT array_agg(score)
  FROM persona.recommend_for_items('next', '{p03,p02,p01}')), 'the order counts');
SELECT is((SELECT array_agg(r::text) FROM persona.recommend_for_items('cosine', '{p01,p02,p03}') r), (SELECT array_agg(r::text)
  FROM persona.recommend_for_items('cosine', '{p03,p02,p01}') r), 'unless the kind knows none');
SELECT is((SELECT (score)::text FROM persona.recommend_for_items('next', '{p01,unknown}', 1)),
  (SELECT (score * 0.7::float8)::text FROM persona.recommend_for_items('next', '{p01}', 1)), 'an unknown item is a place in the session');

-- popularity: in how many baskets, by segment, and what is left of them after a half-life.
SELECT lives_ok($$SELECT pg_temp.fit('pop', 'popularity'), pg_temp.fit('pop baskets', 'popularity', '{"time": "at", "basket": "order_id"}'),
  pg_temp.fit('pop times', 'popularity', '{"time": "at"}'),
  pg_temp.fit('pop segment', 'popularity', '{"time": "at", "basket": "order_id", "segment": "country"}'),
  pg_temp.fit('pop fading', 'popularity', '{"time": "at", "basket": "order_id", "half_life": 6.5, "segment": "country"}')$$, 'popularity');
SELECT results_eq(format($$SELECT rank, item, score::real FROM persona.deployed_popularity WHERE name = %L AND segment IS NULL ORDER BY rank$$, model),
  format($$SELECT row_number() OVER (ORDER BY score DESC, sku)::int, sku, score::real FROM (SELECT sku, %s AS score FROM sale GROUP BY sku) x ORDER BY 1$$, score), model)
FROM (VALUES ('pop', 'count(DISTINCT customer)'), ('pop baskets', 'count(DISTINCT order_id)'), ('pop times', 'count(DISTINCT (customer, at))')) v(model, score);
SELECT results_eq($$SELECT segment, item, score::real FROM persona.deployed_popularity WHERE name = 'pop segment' AND segment > '' ORDER BY 1, rank$$,
  $$SELECT country, sku, count(DISTINCT order_id)::real FROM sale GROUP BY 1, 2
    ORDER BY 1, count(DISTINCT order_id) DESC, (SELECT -count(DISTINCT order_id) FROM sale s WHERE s.sku = sale.sku), 2$$, 'by segment; ties as over all');
SELECT is_empty($$SELECT * FROM (SELECT sku AS item, sum(power(0.5, extract(epoch FROM newest - dated)::float8 / 86400 / 6.5)) AS want
    FROM (SELECT DISTINCT sku, order_id, dated, max(dated) OVER () AS newest FROM (SELECT *, min(at) OVER (PARTITION BY order_id) AS dated FROM sale) d) b GROUP BY 1) w
  FULL JOIN (SELECT item, score FROM persona.deployed_popularity WHERE name = 'pop fading' AND segment IS NULL) g USING (item)
  WHERE want IS NULL OR score IS NULL OR abs(score - want) > 1e-6 * want$$, 'half_life, in days');
SELECT is((SELECT array_agg(item || ' ' || reason) FROM persona.recommend('pop baskets', 1, 3)),
  (SELECT array_agg(format('%s popular: %s customers have it', item, (SELECT count(DISTINCT customer) FROM sale WHERE sku = item)) ORDER BY rank)
   FROM (SELECT * FROM persona.deployed_popularity WHERE name = 'pop baskets' AND item NOT IN (SELECT sku FROM sale WHERE customer = 1)
         ORDER BY rank LIMIT 3) p), 'what is popular and he has not');
SELECT is((SELECT array_agg(item ORDER BY rank) FROM persona.recommend('pop segment', 1, 12, false)),
  (SELECT array_agg(item ORDER BY place) FROM (SELECT item, min(place) AS place FROM
    (SELECT item, rank AS place FROM persona.deployed_popularity WHERE name = 'pop segment' AND segment = 'FR'
     UNION ALL SELECT item, 100 + rank FROM persona.deployed_popularity WHERE name = 'pop segment' AND segment IS NULL) b GROUP BY item) x), 'the segment''s first');
SELECT is((SELECT min(reason) FROM persona.recommend('pop segment', 1, 1)) ~ '^popular in FR: \d+ customers have it$', true, 'and the reason says so');
SELECT is((SELECT min(reason) FROM persona.recommend('pop segment', 'nobody', 1)) ~ '^nothing known of this user yet; popular: \d+ customers have it$',
  true, 'nobody has no segment');
SELECT throws_ok($$SELECT pg_temp.fit('bad', 'popularity', '{"half_life": 3}')$$, '22023', 'option "half_life" needs option "time"', 'half_life without time');

-- A customer with a segment and nothing else that the model knows: popular there, before what is popular at all.
SELECT pg_temp.fit('goes', 'item_knn', '{"time": "at", "segment": "country", "diversity_key": "category"}');
INSERT INTO sale VALUES (1000, 'unheard of', 1, '2024-03-01', 'x1', 'UK', 'k9'), (1001, 'unheard of', 1, '2024-03-01', 'x2', 'PL', 'k9'),
  (1002, 'p01', 1, '2024-03-01', 'x3', NULL, NULL);
SELECT is((SELECT array_agg(item ORDER BY rank) FROM persona.recommend('goes', 1000, 5)), (SELECT array_agg(item ORDER BY rank)
  FROM persona.deployed_popularity WHERE name = 'goes' AND segment = 'UK' AND rank <= 5), 'the segment falls in where a history says nothing');
SELECT is((SELECT bool_and(reason ~ '^popular in UK: \d+ customers have it$') FROM persona.recommend('goes', 1000, 5)), true, 'with its reason');
SELECT is((SELECT array_agg(item ORDER BY rank) FROM persona.recommend('goes', 1001, 5)), (SELECT array_agg(item ORDER BY rank)
  FROM persona.deployed_popularity WHERE name = 'goes' AND segment IS NULL AND rank <= 5), 'an unknown segment');
SELECT is((SELECT bool_and(reason ~ '^popular: ') FROM persona.recommend('goes', 1001, 5)), true, 'is none');
SELECT is((SELECT count(*) FROM persona.recommend('goes', 1002, 12)), 11::bigint, 'nor is NULL');
-- The latest rows say which segment: he has moved.
INSERT INTO sale VALUES (1000, 'unheard of', 1, '2024-03-05', 'x4', 'DE', 'k9');
SELECT is((SELECT min(reason) FROM persona.recommend('goes', 1000, 1)) ~ '^popular in DE', true, 'the segment of his latest row');

-- Variety. By the category: half of the score against none of the same category among those chosen.
CREATE TEMP TABLE plain AS SELECT * FROM persona.recommend('goes', 2, 12, false);
CREATE FUNCTION pg_temp.varied(k int, d float8, alike text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE chosen text[] := '{}'; best text; largest float8 := (SELECT max(score) FROM plain);
BEGIN
  FOR n IN 1..k LOOP
    EXECUTE format('SELECT p.item FROM plain p WHERE p.item <> ALL ($1) ORDER BY (1 - $2) * p.score / $3
      - $2 * coalesce((SELECT max(%s) FROM unnest($1) c), 0) DESC, rank LIMIT 1', alike) INTO best USING chosen, d, largest;
    chosen := chosen || best;
  END LOOP;
  RETURN array_to_string(chosen, ' ');
END $$;
SELECT is(pg_temp.items(format($$persona.recommend('goes', 2, 8, false, options => '{"diversity": %s}')$$, d)),
  pg_temp.varied(8, d, $$CASE WHEN (SELECT min(category) FROM sale WHERE sku = p.item) = (SELECT min(category) FROM sale WHERE sku = c) THEN 1 ELSE 0 END$$),
  'diversity by the category: ' || d) FROM unnest('{0,0.3,0.7,1}'::float8[]) d;
SELECT pg_temp.fit('near', 'item_knn', '{"time": "at"}', 'SELECT * FROM sale WHERE customer < 1000');
TRUNCATE plain;
INSERT INTO plain SELECT * FROM persona.recommend('near', 2, 12, false);
SELECT is(pg_temp.items(format($$persona.recommend('near', 2, 8, false, options => '{"diversity": %s}')$$, d)),
  pg_temp.varied(8, d, $$coalesce((SELECT n.score / (SELECT max(m.score) FROM persona.deployed_neighbor m WHERE m.name = 'near' AND m.item = c)
    FROM persona.deployed_neighbor n WHERE n.name = 'near' AND n.item = c AND n.neighbor = p.item), 0)$$),
  'diversity by what the model finds alike: ' || d) FROM unnest('{0.3,0.7,1}'::float8[]) d;
SELECT results_eq($$SELECT item, score, reason, because FROM persona.recommend('near', 2, 12, options => '{"diversity": 0.4}') ORDER BY item$$,
  $$SELECT item, score, reason, because FROM persona.recommend('near', 2, 12) ORDER BY item$$, 'scores and reasons stay');
SELECT is((SELECT count(*) FROM persona.recommend('near', 'nobody', 5, options => '{"diversity": 0.4}')), 5::bigint, 'nobody has variety too');
SELECT throws_ok(format($$SELECT persona.recommend('near', 2, options => %L)$$, options), '22023', NULL, options)
FROM (VALUES ('{"diversity": 1.1}'), ('{"diversity": -0.1}'), ('{"diversity": "much"}')) v(options);

-- Stored with the model, where asking for one customer is dear: the order, the segment and the weights stay.
CREATE FUNCTION dear(x text) RETURNS text COST 100000 LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN x; END $$;
DELETE FROM sale WHERE customer >= 1000;
DO $$ DECLARE kind text; options jsonb := '{"time": "at", "basket": "order_id", "segment": "country", "weight": "qty"}'; BEGIN
  FOREACH kind IN ARRAY '{popularity,item_knn,next_item,repurchase}'::text[] LOOP
    PERFORM pg_temp.fit('live ' || kind, kind, options);
    PERFORM pg_temp.fit('stored ' || kind, kind, options, 'SELECT customer, dear(sku) AS sku, qty, at, order_id, country FROM sale OFFSET 0');
  END LOOP; END $$;
SELECT is((SELECT string_agg(DISTINCT m.name, ',' ORDER BY m.name) FROM persona.history JOIN persona.model m USING (model_id)),
  'stored item_knn,stored next_item,stored popularity,stored repurchase', 'histories are stored');
SELECT is_empty(format($$SELECT c, r FROM generate_series(1, 41) c, persona.recommend('live ' || %L, c::bigint, 12) r
  EXCEPT ALL SELECT c, r FROM generate_series(1, 41) c, persona.recommend('stored ' || %L, c::bigint, 12) r$$, kind, kind),
  kind || ' answers from them as from the rows') FROM unnest('{popularity,item_knn,next_item,repurchase}'::text[]) kind;
SELECT results_eq($$SELECT h.ages FROM persona.history h JOIN persona.deployed_model m USING (model_id) WHERE m.name = 'stored next_item' AND h.user_id = '7'$$,
  $$SELECT array_agg(age::int ORDER BY place, item_no) FROM basket b JOIN persona.neighbor n ON n.item = b.sku
    JOIN persona.deployed_model m ON m.model_id = n.model_id AND m.name = 'stored next_item' WHERE customer = 7$$, 'ages, the oldest basket first');
SELECT is((SELECT string_agg(DISTINCT h.segment, ',') FROM persona.history h WHERE h.user_id = '7'), 'FR', 'the segment');

-- As versions before 0.5 have stored them: one basket a customer, and no popularity.
UPDATE persona.history SET ages = NULL, segment = NULL WHERE model_id = (SELECT model_id FROM persona.deployed_model WHERE name = 'stored item_knn');
DELETE FROM persona.popularity WHERE model_id = (SELECT model_id FROM persona.deployed_model WHERE name = 'stored item_knn');
SELECT is((SELECT count(*) FROM persona.recommend('stored item_knn', 7, 3)), 3::bigint, 'an older model recommends');
SELECT is((SELECT array_agg(item ORDER BY rank) FROM persona.recommend('stored item_knn', 'nobody', 12)),
  (SELECT array_agg(item ORDER BY item_no) FROM persona.neighbor JOIN persona.deployed_model m USING (model_id) WHERE m.name = 'stored item_knn'), 'to nobody by its items'' numbers');
SELECT is((SELECT count(*) FROM persona.evaluate('stored item_knn', 'sale', '{"exclude_seen": false}')), 11::bigint, 'and is evaluated');

SELECT * FROM finish();
ROLLBACK;
