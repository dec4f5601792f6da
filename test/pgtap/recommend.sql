-- item_knn and recommend: small data whose cosines are computed by a self-join, the history read live, filters, ties,
-- cold users, unknown items, ids of every kind, weights, stored histories. Scores are stored in single precision.
BEGIN;
SELECT plan(126);
SET LOCAL client_min_messages = warning;

CREATE FUNCTION pg_temp.near(got float8, want float8, relative float8, description text) RETURNS text
LANGUAGE sql AS $$
  SELECT coalesce(CASE WHEN abs(got - want) <= relative * greatest(abs(want), 1e-300) THEN pass(description) END,
                  fail(description) || E'\n' || diag(format('got %s, want %s', got, want)))
$$;
-- Items in order, as one text.
CREATE FUNCTION pg_temp.items(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
  EXECUTE format('SELECT string_agg(item, '' '' ORDER BY rank) FROM %s', query) INTO answer;
  RETURN coalesce(answer, '');
END $$;

-- p1: A B C, p2: A B D, p3: A D, p4: C, p5: E.
CREATE TABLE purchase (customer text, product text);
INSERT INTO purchase VALUES ('A', 'p1'), ('A', 'p2'), ('A', 'p3'), ('B', 'p1'), ('B', 'p2'), ('C', 'p1'), ('C', 'p4'),
  ('D', 'p2'), ('D', 'p3'), ('E', 'p5');
SELECT is((SELECT (name, kind, target, key, rows)::text FROM persona.fit('r', 'item_knn', 'purchase',
  options => '{"user": "customer", "item": "product"}')),
          '(r,item_knn,,,10)', 'fit');
CREATE TEMP TABLE cosine AS
  SELECT a.product AS item, b.product AS neighbor, count(*) / sqrt(max(x.n) * max(y.n)) AS score
  FROM purchase a JOIN purchase b ON a.customer = b.customer AND a.product <> b.product
  JOIN (SELECT product, count(DISTINCT customer)::float8 AS n FROM purchase GROUP BY 1) x ON x.product = a.product
  JOIN (SELECT product, count(DISTINCT customer)::float8 AS n FROM purchase GROUP BY 1) y ON y.product = b.product
  GROUP BY 1, 2;
SELECT results_eq($$SELECT item, neighbor, score::real FROM persona.deployed_neighbor WHERE name = 'r' ORDER BY 1,
  2$$,
                  $$SELECT item, neighbor, score::real FROM cosine ORDER BY 1, 2$$,
                    'the neighbors are the cosines of the self-join');
SELECT results_eq($$SELECT item, support FROM persona.neighbor JOIN persona.deployed_model m USING (model_id)
  WHERE m.name = 'r' ORDER BY item_no$$,
                  $$VALUES ('p1', 3::bigint), ('p2', 3), ('p3', 2), ('p4', 1), ('p5', 1)$$,
                    'items by popularity, then by id');
SELECT results_eq($$SELECT metric, value FROM persona.metric JOIN persona.deployed_model m USING (model_id)
  WHERE m.name = 'r' ORDER BY 1$$,
                  $$VALUES ('density', 0.4::float8), ('interactions', 10), ('items', 5), ('mean_neighbors', 8 / 5.0),
                    ('users', 5)$$, 'metrics');

-- B has p1 and p2: p3 scores 1/sqrt(6) + 2/sqrt(6), p4 1/sqrt(3), p5 is only popular.
SELECT results_eq($$SELECT rank, item, reason, because FROM persona.recommend('r', 'B')$$,
  $$VALUES (1, 'p3', 'goes with p2, p1', '{p2,p1}'::text[]), (2, 'p4', 'goes with p1', '{p1}'), (3, 'p5',
    'popular: 1 customer has it', '{}')$$,
  'recommend, with reasons');
SELECT pg_temp.near(score, want, 1e-7, 'score of ' || item)
FROM persona.recommend('r', 'B') JOIN (VALUES ('p3', 3 / sqrt(6)), ('p4', 1 / sqrt(3)), ('p5', 0)) v(item, want)
  USING (item);
SELECT is(pg_temp.items($$persona.recommend('r', 'B', 1)$$), 'p3', 'k = 1');
SELECT is(pg_temp.items($$persona.recommend('r', 'B', 0)$$), '', 'k = 0');
SELECT is((SELECT count(*) FROM persona.recommend('r', 'B', NULL)), 3::bigint, 'k NULL is the default');
SELECT throws_ok($$SELECT persona.recommend('r', 'B', -1)$$, '22023', 'k must not be negative', 'k below 0');
SELECT is(pg_temp.items($$persona.recommend('r', 'B', exclude_seen => false)$$), 'p3 p1 p2 p4 p5',
  'what he has too; equal scores by popularity, then id');
SELECT is(pg_temp.items($$persona.recommend('r', 'B', exclude_seen => NULL)$$), 'p3 p4 p5',
  'NULL is the kind''s own default');
SELECT is(pg_temp.items($$persona.recommend('r', 'B', exclude_seen => true)$$), 'p3 p4 p5', 'exclude_seen');
SELECT is(pg_temp.items($$persona.recommend('r@1', 'B')$$), 'p3 p4 p5', 'a version');
-- Filters come first: k rows whenever k candidates are left.
SELECT is((SELECT array_agg((SELECT count(*) FROM persona.recommend('r', u, k, exclude_seen => false))::int
  ORDER BY u, k)
           FROM unnest('{A,B,C,D,E,cold}'::text[]) u, generate_series(1, 5) k),
          (SELECT array_agg(k ORDER BY u, k) FROM unnest('{A,B,C,D,E,cold}'::text[]) u, generate_series(1, 5) k),
            'exactly k rows');
SELECT is(pg_temp.items($$persona.recommend('r', 'B', candidates => '{p5,p4}')$$), 'p4 p5', 'candidates');
SELECT is(pg_temp.items($$persona.recommend('r', 'B', 1, candidates => '{p5}')$$), 'p5',
  'a candidate that nothing speaks for');
SELECT is(pg_temp.items($$persona.recommend('r', 'B', candidates => '{p1,p2}')$$), '', 'candidates he has');
SELECT is(pg_temp.items($$persona.recommend('r', 'B', exclude_seen => false, candidates => '{p1,p2}')$$), 'p1 p2',
  'unless what he has counts');
SELECT is(pg_temp.items($$persona.recommend('r', 'B', candidates => '{}')$$), '', 'no candidates at all');
SELECT is(pg_temp.items($$persona.recommend('r', 'B', candidates => NULL)$$), 'p3 p4 p5', 'NULL: everything');
SELECT results_eq($$SELECT rank, item, score, reason FROM persona.recommend('r', 'B',
  candidates => '{zz,p4,NULL,aa,p1,zz}')$$,
  $$SELECT 1, 'p4', score, 'goes with p1' FROM persona.recommend('r', 'B') WHERE item = 'p4' UNION ALL
    VALUES (2, 'aa', 0::float8, 'new: nobody has it yet'), (3, 'zz', 0, 'new: nobody has it yet')$$,
      'candidates nobody has come last, by id');
SELECT is(pg_temp.items($$persona.recommend('r', 'B', 2, candidates => '{zz,p4,aa}')$$), 'p4 aa', 'within k');
SELECT is(pg_temp.items($$persona.recommend('r', 'B', candidates => '{zz,p4,aa}', exclude => '{zz}')$$), 'p4 aa',
  'exclude beats candidates');
SELECT is(pg_temp.items($$persona.recommend('r', 'B', exclude => '{p3,nothing,NULL}')$$), 'p4 p5', 'exclude');
SELECT is(pg_temp.items($$persona.recommend('r', 'B', candidates => ARRAY(SELECT DISTINCT product FROM purchase
  WHERE product > 'p3'))$$), 'p4 p5', 'candidates from a query');
SELECT throws_ok($$SELECT persona.recommend('r', 'B', options => '{"depth": 3}')$$, '22023',
  'unrecognized option "depth"', 'an unknown option');
SELECT lives_ok($$SELECT persona.recommend('r', 'B', options => NULL)$$, 'no options');
-- Cold users.
SELECT results_eq($$SELECT item, score, reason, because FROM persona.recommend('r', 'nobody', 2)$$,
  $$VALUES ('p1', 0::float8, 'nothing known of this user yet; popular: 3 customers have it', '{}'::text[]),
           ('p2', 0, 'nothing known of this user yet; popular: 3 customers have it', '{}')$$,
             'a cold user gets what is popular');
SELECT is(pg_temp.items($$persona.recommend('r', 42::bigint, 2)$$), 'p1 p2', 'a number that is nobody''s id');
SELECT is(pg_temp.items($$persona.recommend('r', '', 2)$$), 'p1 p2', 'an empty id');
SELECT throws_ok($$SELECT persona.recommend('r', NULL::text)$$, '22004', 'argument "user_id" must not be null',
  'no id');
SELECT throws_ok($$SELECT persona.recommend(NULL, 'B')$$, '22004', 'argument "model" must not be null', 'no model');
-- Live: what is written a moment ago, and within this transaction, counts.
INSERT INTO purchase VALUES ('B', 'p3');
SELECT is(pg_temp.items($$persona.recommend('r', 'B')$$), 'p4 p5', 'a purchase of a second ago is seen');
SELECT is((SELECT because FROM persona.recommend('r', 'B', exclude_seen => false) WHERE item = 'p1'),
  '{p2,p3}'::text[], 'and is a reason');
INSERT INTO purchase VALUES ('new', 'p4');
SELECT results_eq($$SELECT item, reason FROM persona.recommend('r', 'new', 2)$$, $$VALUES ('p1', 'goes with p4'),
  ('p2', 'popular: 3 customers have it')$$, 'a customer of a second ago');
INSERT INTO purchase VALUES ('odd', 'p9'), ('odd', NULL);
SELECT results_eq($$SELECT item, reason FROM persona.recommend('r', 'odd', 1)$$, $$VALUES ('p1',
  'popular: 3 customers have it')$$, 'a history of unknown items is a history');
SELECT is(pg_temp.items($$persona.recommend('r', 'odd', candidates => '{p9,p8}')$$), 'p8',
  'what he has is seen, known to the model or not');
SAVEPOINT s;
DELETE FROM purchase WHERE customer = 'B';
SELECT is(pg_temp.items($$persona.recommend('r', 'B', 2)$$), 'p1 p2', 'what is deleted is gone');
ROLLBACK TO s;
SELECT is(pg_temp.items($$persona.recommend('r', 'B')$$), 'p4 p5', 'and comes back with the rollback');
DELETE FROM purchase WHERE customer = 'B' AND product = 'p3';
-- A row more of the same pair: the cosine counts a customer once, the history as often as he came back.
INSERT INTO purchase VALUES ('B', 'p2');
SELECT pg_temp.near((SELECT score FROM persona.recommend('r', 'B') WHERE item = 'p3'), 1 / sqrt(6) + 2 * 2 / sqrt(6),
  1e-7, 'bought twice weighs twice');
SELECT is((SELECT (rows, (SELECT round(score::numeric, 6) FROM persona.deployed_neighbor n WHERE n.name = 'r'
  AND (item, neighbor) = ('p1', 'p2')))::text
           FROM persona.fit('twice', 'item_knn', $$SELECT * FROM purchase WHERE customer < 'a'$$,
             options => '{"user": "customer", "item": "product"}')),
          '(11,0.666667)', 'eleven rows');
SELECT results_eq($$SELECT item, neighbor, score FROM persona.deployed_neighbor WHERE name = 'twice' ORDER BY 1, 2$$,
                  $$SELECT item, neighbor, score FROM persona.deployed_neighbor WHERE name = 'r' ORDER BY 1, 2$$,
                    'the cosine counts a customer once');
DELETE FROM purchase WHERE ctid = (SELECT max(ctid) FROM purchase WHERE customer = 'B' AND product = 'p2');

-- Baskets, similar items, preference.
SELECT results_eq($$SELECT * FROM persona.recommend_for_items('r', '{p1,p2}')$$, $$SELECT *
  FROM persona.recommend('r', 'B')$$, 'a basket is a history');
SELECT is(pg_temp.items($$persona.recommend_for_items('r', '{p4,zz}', 2)$$), 'p1 p2',
  'with items the model does not know');
SELECT is(pg_temp.items($$persona.recommend_for_items('r', '{p1}', exclude_seen => false, candidates => '{p1,p4}',
  exclude => '{p4}')$$), 'p1', 'with the same filters');
SELECT is(pg_temp.items($$persona.recommend_for_items('r', '{}', 2)$$), 'p1 p2', 'an empty basket');
SELECT results_eq($$SELECT rank, item, score::real FROM persona.similar_items('r', 'p1')$$,
                  $$SELECT row_number() OVER (ORDER BY score DESC)::int, neighbor, score::real FROM cosine
                    WHERE item = 'p1'$$, 'similar items');
SELECT is(pg_temp.items($$persona.similar_items('r', 'p1', 1)$$), 'p2', 'the nearest');
SELECT is(pg_temp.items($$persona.similar_items('r', 'p1', exclude => '{p2}')$$), 'p4 p3', 'without one');
SELECT is(pg_temp.items($$persona.similar_items('r', 'p1', candidates => '{p3,p5,p1,zz}')$$), 'p3',
  'among candidates');
SELECT is(pg_temp.items($$persona.similar_items('r', 'p5')$$), '', 'an item nobody has with another');
SELECT is(pg_temp.items($$persona.similar_items('r', 'zz')$$), '', 'an unknown item');
SELECT is(pg_temp.items($$persona.similar_items('r', 7::bigint)$$), '', 'a number that is no item');
SELECT throws_ok($$SELECT persona.similar_items('r', 'p1', -3)$$, '22023', NULL, 'k below 0');
SELECT is((SELECT count(*) FROM (SELECT item, score FROM persona.recommend('r', 'B') EXCEPT SELECT i,
  persona.preference('r', 'B', i) FROM unnest('{p3,p4,p5}'::text[]) i) x),
          0::bigint, 'preference is the score of recommend');
SELECT pg_temp.near(persona.preference('r', 'B', 'p1'), 2 / 3.0, 1e-7, 'also of what he has');
SELECT is(persona.preference('r', 'B', 'zz'), NULL, 'NULL of an item the model does not know');
SELECT is(persona.preference('r', 'nobody', 'p1'), 0::float8, '0 of a cold user');
SELECT is(persona.preference('r', 'B', 3::bigint), NULL, 'text and bigint');
SELECT is(persona.preference('r', 3::bigint, 'p1'), 0::float8, 'bigint and text');
SELECT is(persona.preference('r', NULL::text, 'p1'), NULL, 'NULL of no user');
SELECT throws_ok($$SELECT persona.predict('r', p) FROM purchase p$$, '0A000', NULL, 'a recommender scores no rows');
SELECT throws_ok($$SELECT persona.explain('r', p) FROM purchase p$$, '0A000', NULL, 'nor explains them');
SELECT throws_ok($$SELECT persona.evaluate('r', 'purchase')$$, '55000', 'there is no user to evaluate on',
  'on what it was fitted on nothing is new to anybody');
DO $$ BEGIN PERFORM persona.fit('lin', 'linear_regression', 'SELECT g AS x, g AS y FROM generate_series(1, 5) g',
  'y'); END $$;
SELECT throws_ok($$SELECT persona.recommend('lin', 'B')$$, '0A000', NULL, 'a regression does not recommend');

SELECT throws_ok($$SELECT persona.preference('lin', 'B', 'x')$$, '0A000', NULL, 'nor has preferences');
SELECT throws_ok($$SELECT persona.similar_items('lin', 'B')$$, '0A000', NULL, 'nor items');

-- Used in queries: LATERAL, a join by an id cast back.
SELECT is((SELECT string_agg(c.customer || ':' || r.item, ' ' ORDER BY c.customer, r.rank) FROM (VALUES ('B'),
  ('E')) c(customer), persona.recommend('r', c.customer, 2) r),
          'B:p3 B:p4 E:p1 E:p2', 'for each of several customers');

PREPARE by_parameter AS SELECT item FROM persona.recommend('r', $1) ORDER BY rank;
SELECT results_eq($$EXECUTE by_parameter('B')$$, '{p3,p4,p5}'::text[], 'an untyped parameter is text');
CREATE FUNCTION pg_temp.top(customer text) RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN (SELECT item
  FROM persona.recommend('r', customer, 1)); END $$;
SELECT is((SELECT array_agg(pg_temp.top(c) ORDER BY c) FROM unnest('{A,B,C,D,E}'::text[]) c),
  '{p4,p3,p2,p1,p1}'::text[], 'in a function, for each');

-- Ids that are numbers, dates, uuids; ids with quotes, blanks and Chinese.
CREATE TABLE numbered (c int, p bigint, d date, u uuid, t smallint);
INSERT INTO numbered SELECT x, y, date '2024-01-01' + x, md5(x::text)::uuid, x FROM (VALUES (1, 100), (1, 200), (2,
  100), (2, 200), (2, 300), (3, 300), (3, 9000000000)) v(x, y);
DO $$ DECLARE c text; BEGIN
  FOREACH c IN ARRAY '{c,d,u,t}'::text[] LOOP
    PERFORM persona.fit('by_' || c, 'item_knn', 'numbered', options => jsonb_build_object('user', c, 'item', 'p'));
  END LOOP;
END $$;
SELECT is(pg_temp.items($$persona.recommend('by_c', 1)$$), '300 9000000000', 'a bigint literal for an int column');
SELECT is(pg_temp.items($$persona.recommend('by_c', '1'::text)$$), '300 9000000000', 'text for an int column');
SELECT is(pg_temp.items($$persona.recommend('by_c', ' +1 ')$$), '300 9000000000', 'as its input function reads it');
SELECT is(pg_temp.items($$persona.recommend('by_t', 1)$$), '300 9000000000', 'a smallint column');
SELECT is(pg_temp.items($$persona.recommend('by_d', '2024-01-02')$$), '300 9000000000', 'a date column');
SELECT is(pg_temp.items($$persona.recommend('by_d', 'January 2, 2024')$$), '300 9000000000', 'written otherwise');
SELECT is(pg_temp.items($$persona.recommend('by_u', upper(md5('1')))$$), '300 9000000000', 'a uuid column');
SELECT is((SELECT min(reason) FROM persona.recommend(m, id, 1)),
  'nothing known of this user yet; popular: 2 customers have it', m || ' cannot hold ' || id)
FROM (VALUES ('by_c', 'abc'), ('by_c', '3000000000'), ('by_c', '1.5'), ('by_c', ''), ('by_c', '1x'), ('by_c',
  '99999999999999999999'), ('by_t', '40000'), ('by_d', 'no date'),
             ('by_d', '2024-02-30'), ('by_u', '1'), ('by_u', '')) v(m, id);
SELECT is((SELECT (r.item::bigint, pg_typeof(item))::text FROM persona.recommend('by_c', 1) r WHERE rank = 2),
  '(9000000000,text)', 'items leave as text');
SELECT is(persona.preference('by_c', 1, 300) > 0, true, 'bigint and bigint');
SELECT is(pg_temp.items($$persona.similar_items('by_c', 9000000000)$$), '300', 'a bigint item');
SELECT is(pg_temp.items($$persona.recommend('by_c', 1, candidates => '{300}')$$), '300', 'candidates are text');
CREATE TABLE "购 买" ("客户" varchar(20), "品""名" text);
INSERT INTO "购 买" VALUES ('张 三', '茶''s'), ('张 三', 'a "b"'), ('李', '茶''s'), ('李', 'a "b"'), ('李', E'x\\y,{}'), ('王',
  E'x\\y,{}'), ('王', '');
SELECT is((SELECT rows FROM persona.fit('荐', 'item_knn', '"购 买"', options => '{"user": "客户", "item": "品\"名"}')),
  7::bigint, 'identifiers and ids of every kind');
SELECT results_eq($$SELECT item, because FROM persona.recommend('荐', '张 三')$$, $$VALUES (E'x\\y,{}', ARRAY['a "b"',
  '茶''s']), ('', '{}')$$, 'come out as they went in');
SELECT is(pg_temp.items($$persona.recommend('荐', '张 三', candidates => ARRAY['品', E'x\\y,{}'])$$), E'x\\y,{} 品',
  'candidates too');
SELECT is(pg_temp.items($$persona.similar_items('荐', '茶''s', 1)$$), 'a "b"', 'similar items too');
CREATE TABLE padded (c char(6), p char(4));
INSERT INTO padded VALUES ('a', 'x'), ('a', 'y'), ('b', 'x');
SELECT is((SELECT rows FROM persona.fit('padded', 'item_knn', 'padded', options => '{"user": "c", "item": "p"}')),
  3::bigint, 'char(n)');
SELECT is(pg_temp.items($$persona.recommend('padded', 'b')$$), 'y', 'ids without their padding');

-- Weights: cosine of the weights' vectors; what is returned cancels what was bought.
CREATE TABLE rated (c text, p text, w numeric);
INSERT INTO rated VALUES ('a', 'x', 2), ('a', 'y', 1), ('b', 'x', 1), ('b', 'y', 3), ('b', 'z', 2), ('c', 'z', 1),
  ('d', 'x', 1), ('d', 'q', 0.1), ('d', 'q', 0.2), ('d', 'q', -0.3),
  ('e', 'x', NULL), ('e', 'y', 'NaN');
SELECT is((SELECT (rows, skipped)::text FROM persona.fit('rated', 'item_knn', 'rated',
  options => '{"user": "c", "item": "p", "weight": "w"}')), '(10,2)', 'weights');
SELECT results_eq($$SELECT item, neighbor, score::real FROM persona.deployed_neighbor WHERE name = 'rated' ORDER BY 1,
  2$$,
  $$WITH s AS (SELECT c, p, sum(w) AS w FROM rated WHERE w < 'NaN' GROUP BY c, p HAVING sum(w) > 0), n AS (SELECT p,
    sqrt(sum(w * w))::float8 AS n FROM s GROUP BY p)
    SELECT a.p, b.p, (sum(a.w * b.w)::float8 / max(x.n) / max(y.n))::real FROM s a JOIN s b ON a.c = b.c
      AND a.p <> b.p JOIN n x ON x.p = a.p JOIN n y ON y.p = b.p
    GROUP BY 1, 2 ORDER BY 1, 2$$, 'the cosine of the weights by a self-join');
SELECT pg_temp.near(persona.preference('rated', 'a', 'z'),
  (SELECT 2 * max(score) FILTER (WHERE item = 'x') + max(score) FILTER (WHERE item = 'y')
  FROM persona.deployed_neighbor
  WHERE name = 'rated' AND neighbor = 'z'), 1e-14, 'the history weighs');
SELECT is(persona.preference('rated', 'd', 'q'), NULL, 'an item wholly returned is no item');
SELECT is(pg_temp.items($$persona.recommend('rated', 'd')$$), 'y z', 'what he sent back is seen');
-- Options.
DO $$ BEGIN
  PERFORM persona.fit('few', 'item_knn', 'SELECT * FROM purchase WHERE customer < ''a''',
    options => '{"user": "customer", "item": "product", "neighbors": 1}');
  PERFORM persona.fit('support', 'item_knn', 'SELECT * FROM purchase WHERE customer < ''a''',
    options => '{"user": "customer", "item": "product", "min_support": 2}');
  PERFORM persona.fit('all', 'item_knn', 'SELECT * FROM purchase WHERE customer < ''a''',
    options => '{"user": "customer", "item": "product", "neighbors": 0}');
END $$;
SELECT results_eq($$SELECT item, neighbor FROM persona.deployed_neighbor WHERE name = 'few' ORDER BY 1$$,
  $$SELECT DISTINCT ON (item) item, neighbor FROM cosine ORDER BY item, score DESC$$, 'neighbors: 1');
SELECT results_eq($$SELECT item, neighbor, score::real FROM persona.deployed_neighbor WHERE name = 'support'
  ORDER BY 1, 2$$,
  $$SELECT item, neighbor, score::real FROM cosine WHERE item <= 'p3' AND neighbor <= 'p3' ORDER BY 1, 2$$,
    'min_support');
SELECT is(pg_temp.items($$persona.recommend('support', 'B')$$), 'p3 p4 p5',
  'items of less support are still there to fill up');
SELECT is((SELECT count(*) FROM persona.deployed_neighbor WHERE name = 'all'), (SELECT count(*) FROM cosine),
  'neighbors: 0 keeps all');

-- The source changes beneath: a retyped column is probed anew, a renamed one is an error that says so.
CREATE TABLE moving (c int, p text);
INSERT INTO moving VALUES (1, 'x'), (1, 'y'), (2, 'x');
DO $$ BEGIN PERFORM persona.fit('moving', 'item_knn', 'moving', options => '{"user": "c", "item": "p"}'); END $$;
SELECT is(pg_temp.items($$persona.recommend('moving', '2')$$), 'y', 'an int column');
ALTER TABLE moving ALTER COLUMN c TYPE text USING c || 'x';
SELECT is(pg_temp.items($$persona.recommend('moving', '2x')$$), 'y', 'retyped to text');
ALTER TABLE moving ALTER COLUMN c TYPE bigint USING rtrim(c, 'x')::bigint;
SELECT is(pg_temp.items($$persona.recommend('moving', 2)$$), 'y', 'and to bigint');
ALTER TABLE moving RENAME COLUMN c TO customer;
SELECT throws_ok($$SELECT persona.recommend('moving', 2)$$, '42703', 'source has no column "c"', 'renamed');
SELECT throws_ok($$SELECT persona.refresh_model('moving')$$, '42703', NULL, 'a refresh says so too');
ALTER TABLE moving RENAME COLUMN customer TO c;
SELECT is(pg_temp.items($$persona.recommend('moving', 2)$$), 'y', 'and back');
DROP TABLE moving;
SELECT throws_ok($$SELECT persona.recommend('moving', 2)$$, '42P01', NULL, 'dropped');
SELECT is(pg_temp.items($$persona.recommend_for_items('moving', '{x}')$$), 'y', 'a basket needs no source');

-- A big table without an index: histories are stored with the model, as old as the fit.
CREATE TABLE big AS SELECT g % 2000 AS c, 'i' || (g * 7 % 97 + g % 3) AS p FROM generate_series(1, 200000) g;
ANALYZE big;
SELECT is((SELECT rows FROM persona.fit('big', 'item_knn', 'big', options => '{"user": "c", "item": "p"}')),
  200000::bigint, 'a big table');
SELECT is((SELECT count(*) FROM persona.history JOIN persona.deployed_model m USING (model_id) WHERE m.name = 'big'),
  2000::bigint, 'its histories are stored');
SELECT is((SELECT count(*) FROM persona.history JOIN persona.deployed_model m USING (model_id) WHERE m.name <> 'big'),
  0::bigint, 'those of no other');
CREATE TEMP TABLE stored AS SELECT * FROM persona.recommend('big', 17, 50, false);
INSERT INTO big SELECT 17, 'i5' FROM generate_series(1, 500);
SELECT is((SELECT string_agg(s::text, ';' ORDER BY rank) FROM stored s), (SELECT string_agg(r::text, ';'
  ORDER BY rank) FROM persona.recommend('big', 17, 50, false) r), 'and do not change');
SELECT is((SELECT min(reason) FROM persona.recommend('big', 5000, 1)),
  (SELECT 'nothing known of this user yet; popular: ' || max(n) || ' customers have it'
  FROM (SELECT count(DISTINCT c) AS n FROM big GROUP BY p) s), 'a cold user there');
DELETE FROM big WHERE ctid IN (SELECT ctid FROM big WHERE c = 17 AND p = 'i5' LIMIT 500);
CREATE INDEX ON big (c);
ANALYZE big;
SELECT is((SELECT version FROM persona.refresh_model('big')), 2, 'indexed and refreshed');
SELECT is((SELECT count(*) FROM persona.history JOIN persona.deployed_model m USING (model_id) WHERE m.name = 'big'),
  0::bigint, 'they are read live');
INSERT INTO big VALUES (5000, 'i5');
SELECT is((SELECT because FROM persona.recommend('big', 5000, 1)), '{i5}'::text[], 'at once');

SELECT * FROM finish();
ROLLBACK;
