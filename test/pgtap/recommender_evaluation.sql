-- evaluate, compare and tune of recommenders against hit rate, recall and the others computed by plain SQL from the lists
-- that recommend gives; recommend_all against recommend; who may do so.
BEGIN;
SELECT plan(132);
SET LOCAL client_min_messages = warning;

-- Thirty customers of ten products; what comes after day 20 is held out. Some customers and a product are new then.
CREATE TABLE sale (customer int, sku text, qty int, at timestamptz, country text);
INSERT INTO sale
SELECT c, 'p' || p, 1 + (c + p) % 3, timestamptz '2024-01-01' + ((c * p + 5 * o) % 31) * interval '1 day', (ARRAY['DE', 'FR'])[1 + c % 2]
FROM generate_series(1, 30) c, generate_series(1, 10) p, generate_series(1, 2) o WHERE (c * c + p * p + o * p + 2 * o) % 5 < 2 AND p <= 1 + c % 10;
INSERT INTO sale VALUES (31, 'p1', 1, '2024-01-25', 'FR'), (31, 'p9', 1, '2024-01-25', 'FR'), (32, 'new', 1, '2024-01-26', 'FR'), (5, 'new', 1, '2024-01-26', 'FR'),
  (6, 'p1', 2, '2024-01-27', 'DE'), (6, 'p1', -2, '2024-01-28', 'DE');
CREATE TABLE before AS SELECT * FROM sale WHERE at <= '2024-01-20';
CREATE TABLE after AS SELECT * FROM sale WHERE at > '2024-01-20';
CREATE INDEX ON before (customer);
ANALYZE before;
DO $$ DECLARE o jsonb := '{"user": "customer", "item": "sku"}'; BEGIN
  PERFORM persona.fit('knn', 'item_knn', 'before', options => o);
  PERFORM persona.fit('weighed', 'item_knn', 'before', options => o || '{"weight": "qty"}');
  PERFORM persona.fit('pop', 'popularity', 'before', options => o || '{"time": "at"}');
  PERFORM persona.fit('land', 'popularity', 'before', options => o || '{"time": "at", "segment": "country"}');
  PERFORM persona.fit('next', 'next_item', 'before', options => o || '{"time": "at"}');
  PERFORM persona.fit('again', 'repurchase', 'before', options => o || '{"time": "at"}');
END $$;

-- The metrics from lists (customer, rank, item) and what was taken up (customer, item).
CREATE TEMP TABLE list (customer int, rank int, item text);
CREATE TEMP TABLE taken (customer int, item text);
CREATE FUNCTION pg_temp.metrics(model text, k int, exclude_seen boolean, weighed boolean DEFAULT false) RETURNS TABLE (metric text, value float8) LANGUAGE plpgsql AS $$
BEGIN
  TRUNCATE list; TRUNCATE taken;
  INSERT INTO taken SELECT customer, sku FROM after GROUP BY 1, 2 HAVING NOT weighed OR sum(qty) > 0;
  IF exclude_seen THEN DELETE FROM taken t USING before b WHERE b.customer = t.customer AND b.sku = t.item; END IF;
  INSERT INTO list SELECT c.customer, r.rank, r.item FROM (SELECT DISTINCT customer FROM taken) c
    CROSS JOIN persona.recommend(model, c.customer::bigint, k, exclude_seen) r;
  RETURN QUERY
  WITH wanted AS (SELECT customer, count(*)::float8 AS n FROM taken GROUP BY 1),
  hit AS (SELECT l.customer, l.rank, row_number() OVER (PARTITION BY l.customer ORDER BY l.rank) AS nth FROM list l JOIN taken t USING (customer, item)),
  of_user AS (
    SELECT w.customer, w.n, count(h.rank)::float8 AS hits, coalesce(sum(1 / log(2, h.rank + 1)), 0)::float8 AS gain,
      (SELECT sum(1 / log(2, i + 1))::float8 FROM generate_series(1, least(k, w.n)::int) i) AS best,
      coalesce(sum(h.nth::float8 / h.rank), 0) / least(k, w.n) AS ap, coalesce(1.0 / min(h.rank), 0) AS rr
    FROM wanted w LEFT JOIN hit h USING (customer) GROUP BY 1, 2),
  times AS (SELECT n.item, n.support, (SELECT count(*) FROM list WHERE list.item = n.item)::float8 AS x,
      row_number() OVER (ORDER BY (SELECT count(*) FROM list WHERE list.item = n.item)) AS i, count(*) OVER () AS n
    FROM persona.neighbor n JOIN persona.deployed_model m USING (model_id) WHERE m.name = model)
  SELECT v.* FROM (SELECT count(*)::float8 AS users, avg((hits > 0)::int)::float8 AS hit_rate, avg(hits / n) AS recall, avg(hits / k) AS precision,
    avg(2 * hits / (k + n)) AS f1, avg(gain / best) AS ndcg, avg(ap) AS map, avg(rr)::float8 AS mrr FROM of_user) u
  CROSS JOIN (SELECT avg((x > 0)::int)::float8 AS coverage, sum((2 * i - n - 1) * x) / (max(n) * sum(x)) AS gini,
    sum(-x * log(2, support / (SELECT m.value::numeric FROM persona.metric m JOIN persona.deployed_model d USING (model_id)
      WHERE d.name = model AND m.metric = 'users')))::float8 / sum(x) AS novelty FROM times) c,
  LATERAL (VALUES ('users', users), ('hit_rate', hit_rate), ('recall', recall), ('precision', precision), ('f1', f1), ('ndcg', ndcg), ('map', map),
    ('mrr', mrr), ('coverage', coverage), ('gini', gini), ('novelty', novelty)) v;
END $$;
CREATE TEMP TABLE asked (model text, k int, exclude_seen boolean);
INSERT INTO asked SELECT * FROM unnest('{knn,weighed,pop,land,next,again}'::text[]) m, unnest('{1,3,10,25}'::int[]) k, unnest('{true,false}'::boolean[]) e;
SELECT is_empty(format($$SELECT * FROM (SELECT * FROM persona.evaluate(%L, 'after', '{"k": %s, "exclude_seen": %s}')) got
  FULL JOIN (SELECT metric, value AS want FROM pg_temp.metrics(%L, %s, %L, %L)) w USING (metric)
  WHERE value IS NULL OR want IS NULL OR abs(value - want) > 1e-12 * (1 + abs(want))$$,
  model, k, exclude_seen::text, model, k, exclude_seen, model = 'weighed'), format('%s, k %s, exclude_seen %s', model, k, exclude_seen)) FROM asked;
SELECT results_eq(format($$SELECT * FROM persona.evaluate(%L, 'after')$$, model), format($$SELECT * FROM persona.evaluate(%L, 'after',
  '{"k": 10, "exclude_seen": %s}')$$, model, (model <> 'again')::text), model || ' has its own default') FROM unnest('{knn,again}'::text[]) model;
SELECT results_eq($$SELECT * FROM persona.evaluate('knn', 'SELECT sku, customer FROM after')$$, $$SELECT * FROM persona.evaluate('knn', 'after')$$,
  'a query with who and what is enough');
SELECT results_eq($$SELECT * FROM persona.evaluate('knn', 'SELECT sku, customer::text || '''' AS customer FROM after ORDER BY random()')$$,
  $$SELECT * FROM persona.evaluate('knn', 'after')$$, 'of other types, in any order');
SELECT is((SELECT count(DISTINCT customer) FROM after WHERE customer > 30), 2::bigint, 'new customers are among them');

-- Ids that a session prints otherwise than it sorts them.
CREATE TABLE dated AS SELECT date '2024-02-27' + customer AS day, customer * 0.1::float8 AS num, * FROM sale;
DO $$ DECLARE c text; BEGIN
  FOREACH c IN ARRAY '{day,num}'::text[] LOOP
    PERFORM persona.fit('by ' || c, 'item_knn', $q$SELECT * FROM dated WHERE at <= '2024-01-20'$q$, options => jsonb_build_object('user', c, 'item', 'sku'));
  END LOOP; END $$;
SET LOCAL datestyle = 'SQL, DMY';
SET LOCAL extra_float_digits = -15;
SELECT results_eq(format($$SELECT metric, round(value::numeric, 12) FROM persona.evaluate('by %s', 'SELECT * FROM dated WHERE at > ''20/01/2024''')$$, c),
  $$SELECT metric, round(value::numeric, 12) FROM persona.evaluate('knn', 'after')$$, 'users by ' || c) FROM unnest('{day,num}'::text[]) c;
RESET datestyle;
RESET extra_float_digits;

SELECT throws_ok($$SELECT persona.evaluate('knn', 'before')$$, '55000', 'there is no user to evaluate on', 'nothing new');
SELECT throws_ok($$SELECT persona.evaluate('knn', 'SELECT * FROM after WHERE false')$$, '55000', 'there is no user to evaluate on', 'no rows');
SELECT throws_ok($$SELECT persona.evaluate('knn', 'SELECT customer AS who, sku FROM after')$$, '42703', 'source has no column "customer"', 'no customer');
SELECT throws_ok($$SELECT persona.evaluate('knn', 'SELECT customer FROM after')$$, '42703', 'source has no column "sku"', 'no product');
SELECT throws_ok($$SELECT persona.evaluate('knn', 'nowhere')$$, '42P01', NULL, 'no source');
SELECT throws_ok(format($$SELECT persona.evaluate('knn', 'after', %L)$$, options), '22023', NULL, options)
FROM (VALUES ('{"k": 0}'), ('{"k": -2}'), ('{"k": 10001}'), ('{"k": 1.5}'), ('{"exclude_seen": "maybe"}'), ('{"threshold": 0.5}')) v(options);

-- compare: popularity first, on the same users, seen items alike for all.
SELECT persona.fit('plainly', 'popularity', 'before', options => '{"user": "customer", "item": "sku"}');
SELECT results_eq($$SELECT metric, value FROM persona.compare('{knn,next}', 'after') WHERE model = 'popularity' AND version IS NULL$$,
  $$SELECT metric, value FROM persona.evaluate('plainly', 'after')$$, 'the baseline is what the kind popularity does');
SELECT results_eq($$SELECT metric, value FROM persona.compare('{next@1,knn}', 'after') WHERE model = 'next' AND version = 1$$,
  $$SELECT metric, value FROM persona.evaluate('next', 'after')$$, 'a model as evaluate has it');
SELECT is((SELECT array_agg(DISTINCT model || coalesce('@' || version, '') ORDER BY model || coalesce('@' || version, '')) FROM persona.compare('{pop,again}', 'after')),
  '{again@1,pop@1}', 'no second baseline beside a model of popularity');
SELECT results_eq($$SELECT metric, value FROM persona.compare('{pop,again}', 'after') WHERE model = 'pop'$$,
  $$SELECT * FROM persona.evaluate('pop', 'after', '{"exclude_seen": false}')$$, 'where one recommends what is seen, all do');
SELECT results_eq($$SELECT metric, value FROM persona.compare('{pop,again}', 'after', '{"exclude_seen": true, "k": 3}') WHERE model = 'again'$$,
  $$SELECT * FROM persona.evaluate('again', 'after', '{"exclude_seen": true, "k": 3}')$$, 'unless asked otherwise');
SELECT is_empty($$SELECT * FROM (SELECT *, rank() OVER (PARTITION BY metric ORDER BY value DESC) AS want FROM persona.compare('{knn,next,again}', 'after')) c
  WHERE metric IN ('hit_rate', 'recall', 'precision', 'f1', 'ndcg', 'map', 'mrr', 'coverage', 'novelty') AND rank IS NOT NULL AND rank <> want$$, 'the larger the better');
SELECT is((SELECT count(*) FROM persona.compare('{knn,next,again}', 'after') WHERE metric = 'ndcg' AND rank IS NULL), 0::bigint, 'all are ranked');

-- tune: every choice of the grid, on the last basket of those with two, as a user would split by hand.
CREATE TABLE twice AS SELECT *, dense_rank() OVER (PARTITION BY customer ORDER BY at DESC) AS age, min(at) OVER (PARTITION BY customer) < max(at) OVER (PARTITION BY customer) AS more FROM sale;
SELECT is((SELECT array_agg(options ORDER BY options) FROM persona.tune('item_knn', 'sale', NULL, '{"neighbors": [2, 50], "similarity": ["cosine", "jaccard", "bm25"], "shrinkage": 1}',
    '{"user": "customer", "item": "sku", "time": "at"}')),
  (SELECT array_agg(jsonb_build_object('user', 'customer', 'item', 'sku', 'time', 'at', 'neighbors', n, 'similarity', s, 'shrinkage', 1) ORDER BY
    jsonb_build_object('user', 'customer', 'item', 'sku', 'time', 'at', 'neighbors', n, 'similarity', s, 'shrinkage', 1)) FROM unnest('{2,50}'::int[]) n, unnest('{cosine,jaccard,bm25}'::text[]) s),
  'every combination');
DO $$ DECLARE n int; BEGIN FOREACH n IN ARRAY '{1,3,50}'::int[] LOOP PERFORM persona.fit('last ' || n, 'item_knn', 'SELECT * FROM twice WHERE age > 1 OR NOT more',
  options => jsonb_build_object('user', 'customer', 'item', 'sku', 'time', 'at', 'neighbors', n)); END LOOP; END $$;
SELECT results_eq($$SELECT (options->>'neighbors')::int, metric, value FROM persona.tune('item_knn', 'sale', NULL, '{"neighbors": [1, 3, 50]}', '{"user": "customer", "item": "sku", "time": "at"}') ORDER BY 1$$,
  $$SELECT n, metric, value FROM unnest('{1,3,50}'::int[]) n, persona.evaluate('last ' || n, 'SELECT * FROM twice WHERE age = 1 AND more') WHERE metric = 'ndcg' ORDER BY 1$$,
  'as fitted and evaluated by hand');
SELECT results_eq($$SELECT rank, value FROM persona.tune('item_knn', 'sale', NULL, '{"neighbors": [1, 3, 50], "decay": [0.5, 1]}', '{"user": "customer", "item": "sku", "time": "at"}', metric => 'recall')$$,
  $$SELECT (rank() OVER (ORDER BY value DESC))::int, value FROM persona.tune('item_knn', 'sale', NULL, '{"neighbors": [1, 3, 50], "decay": [0.5, 1]}',
    '{"user": "customer", "item": "sku", "time": "at"}', metric => 'recall') ORDER BY value DESC$$, 'ranked, ties alike');
SELECT is((SELECT count(*) FROM persona.tune('popularity', 'sale', NULL, '{}', '{"user": "customer", "item": "sku"}')), 1::bigint, 'an empty grid is one trial, without a time too');
SELECT is((SELECT count(*) FROM persona.tune('next_item', 'SELECT *, at AS "odd time" FROM sale', NULL, '{"exponents": [[0.5, 0.25], [1, 0]]}',
  '{"user": "customer", "item": "sku", "time": "odd time"}')), 2::bigint, 'a list of lists; a time with a blank in its name');
SELECT is((SELECT count(*) FROM persona.model WHERE name = 'trial'), 0::bigint, 'nothing is stored');
SELECT throws_ok(format($$SELECT persona.tune(%s)$$, arguments), sqlstate, message, description) FROM (VALUES
  ($$'item_knn', 'sale', NULL, '{"neighbors": []}', '{"user": "customer", "item": "sku"}'$$, '22023', 'argument "grid" has an empty list', 'an empty list'),
  ($$'item_knn', 'sale', NULL, '{"neighbours": [1]}', '{"user": "customer", "item": "sku"}'$$, '22023', 'unrecognized option "neighbours" for kind "item_knn"', 'an unknown option'),
  ($$'item_knn', 'sale', NULL, '{"neighbors": [1, -1]}', '{"user": "customer", "item": "sku"}'$$, '22023', NULL, 'a value out of range, before anything is tried'),
  ($$'item_knn', 'sale', NULL, '[1]', '{"user": "customer", "item": "sku"}'$$, '22023', NULL, 'no object'),
  ($$'item_knn', 'sale', NULL, '{"neighbors": [1]}', '{"item": "sku"}'$$, '22023', NULL, 'no user'),
  ($$'item_knn', 'sale', NULL, '{"neighbors": [1]}', '{"user": "customer", "item": "sku"}', metric => 'auc'$$, '22023', 'there is no metric "auc" to tune by', 'a metric of other kinds'),
  ($$'item_knn', 'sale', NULL, '{"neighbors": [1]}', '{"user": "customer", "item": "sku"}', metric => 'users'$$, '22023', 'there is no metric "users" to tune by', 'a figure that says nothing'),
  ($$'item_knn', 'sale', 'qty', '{"neighbors": [1]}', '{"user": "customer", "item": "sku"}'$$, '22023', 'kind "item_knn" takes no target', 'a target'),
  ($$'scaler', 'sale', NULL, '{}'$$, '0A000', 'kind "scaler" cannot be tuned', 'a scaler'),
  ($$'knn', 'sale', NULL, '{}'$$, '42704', 'model kind "knn" does not exist', 'an unknown kind'),
  ($$'item_knn', 'sale', NULL, NULL$$, '22004', 'argument "grid" must not be null', 'no grid'),
  ($$'item_knn', 'SELECT customer, sku, at FROM sale WHERE customer = 32', NULL, '{}', '{"user": "customer", "item": "sku", "time": "at"}'$$, '55000', 'there is no user to evaluate on', 'nobody with two baskets'),
  (format($$'item_knn', 'sale', NULL, '{"neighbors": %s, "shrinkage": [1, 2]}', '{"user": "customer", "item": "sku"}'$$, (SELECT jsonb_agg(g) FROM generate_series(1, 501) g)),
    '54000', 'argument "grid" has more than 1000 combinations', 'too many')) v(arguments, sqlstate, message, description);

-- recommend_all: what recommend gives each user of the source.
CREATE FUNCTION pg_temp.same(destination text, model text, k int, more text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE wrong bigint; total bigint;
BEGIN
  EXECUTE format('WITH want AS (SELECT c.customer::text, r.rank, r.item, r.score FROM (SELECT DISTINCT customer FROM before) c
      CROSS JOIN persona.recommend(%L, c.customer::bigint, %s %s) r), got AS (SELECT user_id::text, rank, item::text, score FROM %s)
    SELECT (SELECT count(*) FROM got), (SELECT count(*) FROM ((TABLE want EXCEPT ALL TABLE got) UNION ALL (TABLE got EXCEPT ALL TABLE want)) x)',
    model, k, more, destination) INTO total, wrong;
  RETURN ok(total > 0 AND wrong = 0, format('%s of %s', destination, model)) || CASE WHEN wrong > 0 THEN E'\n' || diag(format('%s of %s differ', wrong, total)) ELSE '' END;
END $$;
CALL persona.recommend_all('knn', 'all_knn', 4);
SELECT pg_temp.same('all_knn', 'knn', 4);
SELECT col_is_pk('all_knn', ARRAY['user_id', 'rank'], 'the table that is made has a key');
CALL persona.recommend_all('knn', 'all_knn', 2, exclude_seen => false, exclude => '{p1,zz}');
SELECT pg_temp.same('all_knn', 'knn', 2, $$, exclude_seen => false, exclude => '{p1,zz}'$$);
CALL persona.recommend_all('knn', 'all_knn', 9, candidates => '{p2,p3,zz,aa,zz,p7}', exclude => '{aa}');
SELECT pg_temp.same('all_knn', 'knn', 9, $$, candidates => '{p2,p3,zz,aa,zz,p7}', exclude => '{aa}'$$);
CALL persona.recommend_all('land', 'all_land', 100);
SELECT pg_temp.same('all_land', 'land', 100);
CALL persona.recommend_all('again', 'all_again');
SELECT pg_temp.same('all_again', 'again', 10);
CALL persona.recommend_all('next', '"Odd "" name"', 3);
SELECT pg_temp.same('"Odd "" name"', 'next', 3);
CREATE SCHEMA "My Schema";
CALL persona.recommend_all('next', '"My Schema".recs', 3);
SELECT pg_temp.same('"My Schema".recs', 'next', 3);
CREATE TABLE numbered (note text DEFAULT 'x', score real, item varchar(3), rank smallint, user_id bigint);
INSERT INTO numbered VALUES ('old', 0, 'zz', 1, 1);
CALL persona.recommend_all('pop', 'numbered', 3);
SELECT is((SELECT count(*) FROM numbered n WHERE note <> 'x' OR user_id IS NULL), 0::bigint, 'a table with other types and columns; old rows go');
SELECT pg_temp.same('numbered', 'pop', 3);
CALL persona.recommend_all('knn', 'all_knn', 0);
SELECT is((SELECT count(*) FROM all_knn), 0::bigint, 'k = 0 leaves it empty');
-- In parts, as several sessions at once would.
CALL persona.recommend_all('knn', 'in_parts', 4, options => '{"parts": 3, "part": 1}');
CALL persona.recommend_all('knn', 'in_parts', 4, options => '{"parts": 3, "part": 3}');
SELECT is((SELECT array_agg(DISTINCT persona.fold(user_id, 3)) FROM in_parts), '{1,3}', 'two parts of three');
CALL persona.recommend_all('knn', 'in_parts', 4, options => '{"parts": 3, "part": 2}');
CALL persona.recommend_all('knn', 'in_parts', 4, options => '{"parts": 3, "part": 1}');
SELECT pg_temp.same('in_parts', 'knn', 4);
SELECT throws_ok(format($$CALL persona.recommend_all(%s)$$, arguments), sqlstate, message, description) FROM (VALUES
  ($$'knn', 'x', -1$$, '22023', 'k must not be negative', 'k below 0'),
  ($$'knn', 'x', options => '{"parts": 2, "part": 3}'$$, '22023', 'option "part" is larger than "parts"', 'a part beyond the last'),
  ($$'knn', 'x', options => '{"diversity": 0.5}'$$, '22023', 'unrecognized option "diversity"', 'an option of recommend'),
  ($$'knn', 'all_knn', options => NULL$$, '22004', 'argument "options" must not be null', 'no options'),
  ($$'knn', NULL$$, '22004', 'argument "destination" must not be null', 'no destination'),
  ($$'knn', 'a b'$$, '22023', NULL, 'no name'),
  ($$'knn', 'nowhere.x'$$, '3F000', NULL, 'no schema'),
  ($$'knn', 'before'$$, '42703', NULL, 'a table of another kind'),
  ($$'nothing', 'x'$$, '42704', 'model "nothing" does not exist', 'no model')) v(arguments, sqlstate, message, description);
SELECT is((SELECT count(*) FROM before), (SELECT count(*) FROM sale WHERE at <= '2024-01-20'), 'which keeps its rows');

-- A read-only transaction, as on a standby, evaluates and writes nothing.
CREATE FUNCTION pg_temp.read_only(statement text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
  PERFORM set_config('transaction_read_only', 'on', true);
  EXECUTE statement;
  RAISE 'done';
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM; END $$;
SELECT is(pg_temp.read_only(statement), answer, statement) FROM (VALUES
  ($$CALL persona.recommend_all('knn', 'all_knn')$$, '25006 cannot execute recommend_all() in a read-only transaction'),
  ($$SELECT persona.evaluate('knn', 'after')$$, 'P0001 done'),
  ($$SELECT persona.tune('item_knn', 'sale', NULL, '{}', '{"user": "customer", "item": "sku", "time": "at"}')$$, 'P0001 done')) v(statement, answer);

-- A grantee of use evaluates, and recommends to all into a table of his own, while the source is the owner's.
CREATE ROLE rec_owner;
CREATE ROLE rec_user;
CREATE ROLE rec_other;
CREATE SCHEMA den AUTHORIZATION rec_user;
GRANT CREATE ON SCHEMA public TO rec_owner;
SET LOCAL ROLE rec_owner;
CREATE TABLE secret_sale (customer int, sku text);
INSERT INTO secret_sale SELECT c, 'p' || (c * i) % 7 FROM generate_series(1, 9) c, generate_series(1, 3) i;
CREATE INDEX ON secret_sale (customer);
SELECT persona.fit('lent', 'item_knn', 'secret_sale', options => '{"user": "customer", "item": "sku"}');
SELECT persona.grant_model('lent', 'rec_user');
SET LOCAL ROLE rec_user;
SELECT throws_ok('SELECT * FROM secret_sale', '42501', NULL, 'he may not read the source');
CREATE TEMP TABLE seen_later AS SELECT c AS customer, 'p' || p AS sku FROM generate_series(1, 9) c, generate_series(1, 6) p;
SELECT is((SELECT value FROM persona.evaluate('lent', 'SELECT * FROM seen_later') WHERE metric = 'users'), 9::float8, 'and evaluates on rows of his own');
SELECT is((SELECT count(DISTINCT model) FROM persona.compare('{lent}', 'SELECT * FROM seen_later')), 2::bigint, 'compares');
CALL persona.recommend_all('lent', 'den.recs', 3);
SELECT is((SELECT count(*) FROM den.recs r JOIN LATERAL persona.recommend('lent', r.user_id, 3) x ON (x.rank, x.item, x.score) = (r.rank, r.item, r.score)),
  (SELECT count(*) FROM den.recs), 'and recommends to all');
SELECT is((SELECT tableowner FROM pg_tables WHERE schemaname = 'den' AND tablename = 'recs'), 'rec_user', 'the table is his');
SELECT throws_ok($$CALL persona.recommend_all('lent', 'public.recs', 3)$$, '42501', NULL, 'not where he may not create');
SELECT throws_ok($$SELECT persona.evaluate('lent', 'secret_sale')$$, '42501', NULL, 'nor evaluates on what he may not read');
SET LOCAL ROLE rec_other;
SELECT throws_ok($$SELECT persona.evaluate('lent', 'SELECT 1 AS customer, ''p1'' AS sku')$$, '42704', NULL, 'others see no model');
RESET ROLE;
-- Plain temporary tables of a grantee's do not stand in for the owner's, nor does what they hold for the planner.
ALTER TABLE secret_sale RENAME TO secret_gone;
SET LOCAL ROLE rec_user;
CREATE TEMP TABLE secret_sale AS SELECT * FROM seen_later;
GRANT SELECT ON secret_sale TO PUBLIC;
CREATE TABLE den.note (who text);
GRANT INSERT ON den.note TO PUBLIC;
GRANT USAGE ON SCHEMA den TO PUBLIC;
CREATE FUNCTION den.writes() RETURNS int LANGUAGE plpgsql AS $$ BEGIN INSERT INTO den.note VALUES (current_user); RETURN 1; END $$;
CREATE FUNCTION den.trap(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN den.writes(); END $$;
SELECT throws_ok(query, '42501', 'temporary objects of this session could stand in for those of the owner of model "lent"', query)
FROM (VALUES ($$SELECT persona.recommend('lent', 1)$$), ($$SELECT persona.evaluate('lent', 'SELECT * FROM seen_later')$$), ($$CALL persona.recommend_all('lent', 'den.recs')$$)) v(query);
CREATE INDEX trapped ON secret_sale ((den.trap(1)));
ALTER INDEX trapped SET (fillfactor = 80);  -- so that its expression is read anew
DELETE FROM den.note;
SELECT throws_ok(query, '42501', 'temporary objects of this session could stand in for those of the owner of model "lent"', 'a trap: ' || query)
FROM (VALUES ($$SELECT persona.recommend('lent', 1)$$), ($$SELECT persona.evaluate('lent', 'SELECT * FROM seen_later')$$), ($$CALL persona.recommend_all('lent', 'den.recs')$$)) v(query);
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
