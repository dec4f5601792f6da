-- blend: given weights against the weighted sum of the members' shares, computed here from recommend(); weights that are found;
-- members that are refreshed, dropped, refused; who may use it.
BEGIN;
SELECT plan(25);
SET LOCAL client_min_messages = warning;

CREATE TABLE visit (customer int, item text, at int);
-- Half of the customers go round in circles of a and b, the others through c, d, e; f is popular with all.
INSERT INTO visit SELECT c, CASE WHEN t % 5 = 4 THEN 'f' WHEN c % 2 = 0 THEN (ARRAY['a','b'])[1 + t % 2] ELSE (ARRAY['c','d','e'])[1 + t % 3] END, t
FROM generate_series(1, 30) c, generate_series(1, 6 + c % 5) t;
INSERT INTO visit VALUES (31, 'g', 1), (31, 'a', 2);
CREATE INDEX ON visit (customer);
CREATE FUNCTION pg_temp.options(more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
  SELECT '{"user": "customer", "item": "item", "time": "at"}'::jsonb || more $$;
SELECT is((persona.fit('next', 'next_item', 'visit', options => pg_temp.options())).version, 1, 'a member');
SELECT is((persona.fit('popular', 'popularity', 'visit', options => pg_temp.options())).version, 1, 'another');
SELECT is((persona.fit('again', 'repurchase', 'visit', options => pg_temp.options())).version, 1, 'one that recommends what is there');

SELECT is((persona.fit('mix', 'blend', 'visit', options => pg_temp.options('{"models": ["next", "popular"], "weights": [2, 0.5]}'))).version, 1,
  'with given weights');
SELECT results_eq($$SELECT term, estimate FROM persona.deployed_coefficient WHERE name = 'mix' ORDER BY term_no$$,
  $$VALUES ('next', 2::float8), ('popular', 0.5)$$, 'the weights are rows');
-- The definition: each member's scores over its largest for the customer, before any filter.
CREATE TEMP TABLE share AS
SELECT m.model, c.customer, r.item, m.weight * r.score / max(r.score) OVER (PARTITION BY m.model, c.customer) AS part
FROM (VALUES ('next', 2), ('popular', 0.5)) m(model, weight), (SELECT DISTINCT customer FROM visit) c,
     persona.recommend(m.model, c.customer, 100, exclude_seen => false) r;
SELECT is((SELECT count(*) FROM (SELECT DISTINCT customer FROM visit) c, persona.recommend('mix', c.customer, 100, exclude_seen => false) r
           JOIN (SELECT customer, item, sum(part) AS want FROM share GROUP BY 1, 2) s USING (item)
           WHERE s.customer = c.customer AND abs(r.score - s.want) > 1e-6), 0::bigint, 'scores are the weighted sums of shares');
SELECT is((SELECT count(*) FROM (SELECT DISTINCT customer FROM visit) c, persona.recommend('mix', c.customer, 100, exclude_seen => false)),
  (SELECT count(DISTINCT customer) * 7 FROM visit), 'of the whole catalogue');
SELECT is((SELECT count(*) FROM persona.recommend('mix', 2) r JOIN visit v ON v.item = r.item AND v.customer = 2), 0::bigint,
  'all members leave out what is there, so does the blend');
SELECT matches((SELECT reason FROM persona.recommend('mix', 2, 1, exclude_seen => false)), '^often follows', 'a reason of the member it owes most to');
SELECT isnt_empty($$SELECT * FROM persona.similar_items('mix', 'a', 2)$$, 'similar items');
SELECT is(persona.preference('mix', 2, 'nothing'), NULL, 'an unknown item');

-- Found weights: customers come back to what they had, which repurchase sees and popularity does not.
SELECT is((persona.fit('found', 'blend', 'visit', options => pg_temp.options('{"models": ["popular", "again"]}'))).version, 1, 'weights are found');
SELECT is((SELECT round(sum(estimate)::numeric, 9) FROM persona.deployed_coefficient WHERE name = 'found'), 1.0, 'they add to one');
SELECT cmp_ok((SELECT estimate FROM persona.deployed_coefficient WHERE name = 'found' AND term = 'again'), '>',
  (SELECT estimate FROM persona.deployed_coefficient WHERE name = 'found' AND term = 'popular'), 'the better member weighs more');
-- The NDCG it reports is that of tune for a member alone, or better.
SELECT cmp_ok((SELECT value FROM persona.metric JOIN persona.deployed_model USING (model_id) WHERE name = 'found' AND metric = 'ndcg'), '>=',
  (SELECT value - 1e-9 FROM persona.tune('repurchase', 'visit', NULL, '{"decay": [1]}', pg_temp.options())), 'no member alone is better');
SELECT is((persona.fit('seen', 'blend', 'visit', options => pg_temp.options('{"models": ["again", "next"]}'))).version, 1, 'with repurchase');
SELECT isnt_empty($$SELECT FROM persona.recommend('seen', 2) r JOIN visit v ON v.item = r.item AND v.customer = 2$$,
  'it recommends what is there when a member does');

-- What a member deploys serves at once.
CREATE TEMP TABLE before AS SELECT * FROM persona.recommend('mix', 31, 3);
SELECT is((persona.fit('next', 'next_item', 'SELECT * FROM visit WHERE item <> ''b''', options => pg_temp.options())).version, 2, 'a member is fitted anew');
SELECT isnt((SELECT array_agg((item, score) ORDER BY rank)::text FROM persona.recommend('mix', 31, 3)),
  (SELECT array_agg((item, score) ORDER BY rank)::text FROM before), 'and the blend changes');

SELECT throws_ok($$SELECT persona.fit('bad', 'blend', 'visit', options => pg_temp.options('{"models": ["next", "mix"]}'))$$, '22023',
  'model "mix" is a blend itself', 'a blend of blends');
SELECT throws_ok($$SELECT persona.fit('bad', 'blend', 'visit', options => pg_temp.options('{"models": ["next", "none"]}'))$$, '42704', NULL, 'no such member');
SELECT throws_ok($$SELECT persona.fit('bad', 'blend', 'visit', options => pg_temp.options('{"models": ["next", "again"], "weights": [1]}'))$$, '22023',
  'option "weights" does not fit option "models"', 'too few weights');
SELECT throws_ok($$SELECT * FROM persona.tune('blend', 'visit', NULL, '{"weights": [[1, 0]]}', pg_temp.options('{"models": ["next", "again"]}'))$$, '0A000',
  'kind "blend" cannot be tuned', 'a blend is not tuned');

-- Who may use the blend needs no right on its members.
CREATE ROLE blend_reader;
SELECT persona.grant_model('mix', 'blend_reader') IS NULL \g /dev/null
SET LOCAL ROLE blend_reader;
SELECT is((SELECT count(*) FROM persona.recommend('mix', 2, 2)), 2::bigint, 'a grantee of the blend');
RESET ROLE;
SELECT persona.drop_model('next') IS NULL \g /dev/null
SELECT throws_ok($$SELECT * FROM persona.recommend('mix', 2)$$, '42704', 'model "next" does not exist', 'a member that is dropped');
SELECT * FROM finish();
ROLLBACK;
