-- Whatever a recommender is given: smallest and oddest sources, ids of every kind, counts and filters out of range, models and
-- sources that change between two calls, stored rows that no fit has written. Each is a right answer or an error that
-- names the mend.
BEGIN;
SELECT plan(178);
SET LOCAL client_min_messages = warning;

CREATE FUNCTION pg_temp.options(kind text) RETURNS jsonb LANGUAGE sql AS $$ SELECT '{"user": "u", "item": "i"}'::jsonb
  || CASE WHEN kind IN ('next_item', 'repurchase') THEN '{"time": "t"}' ELSE '{}' END::jsonb $$;
CREATE FUNCTION pg_temp.items(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
  EXECUTE format('SELECT string_agg(item, '' '' ORDER BY rank) FROM %s', query) INTO answer;
  RETURN coalesce(answer, '');
END $$;
CREATE TEMP TABLE recommender AS SELECT kind FROM persona.kind WHERE kind IN ('popularity', 'item_knn', 'next_item', 'repurchase');
-- Fits every kind on a source and answers what each recommends to a user, seen or not.
CREATE FUNCTION pg_temp.all_kinds(source text, id text, more jsonb DEFAULT '{}') RETURNS TABLE (kind text, answer text) LANGUAGE plpgsql AS $$
BEGIN
  FOR kind IN SELECT r.kind FROM recommender r ORDER BY 1 LOOP
    PERFORM persona.fit('odd ' || kind, kind, source, options => pg_temp.options(kind) || more);
    answer := pg_temp.items(format('persona.recommend(%L, %L, 5, false)', 'odd ' || kind, id));
    RETURN NEXT;
  END LOOP;
END $$;
CREATE TABLE ev (u text, i text, w float8, t timestamptz, b text, s text);

-- One user, one item, both, a user with every item, an item that all have, duplicates, equal times.
CREATE TEMP TABLE odd (name text, rows text, id text, want text);
INSERT INTO odd VALUES
  ('one row', '(''1'', ''a'', 1)', '1', 'a'),
  ('one item', '(''1'', ''a'', 1), (''2'', ''a'', 2), (''3'', ''a'', 2)', '2', 'a'),
  ('equal times', '(''1'', ''a'', 1), (''1'', ''b'', 1), (''2'', ''a'', 1), (''2'', ''b'', 1)', '1', 'a b'),
  ('duplicates', '(''1'', ''a'', 1), (''1'', ''a'', 1), (''1'', ''a'', 1), (''2'', ''b'', 1), (''3'', ''b'', 1)', '4', 'b a'),
  ('an item that all have', '(''1'', ''a'', 1), (''2'', ''a'', 1), (''2'', ''b'', 2), (''3'', ''a'', 1)', 'nobody', 'a b');
SELECT is((SELECT string_agg(kind || ': ' || answer, ', ' ORDER BY kind) FROM pg_temp.all_kinds(format('SELECT u, i, to_timestamp(t) AS t FROM (VALUES %s) v(u, i, t)', rows), id)),
  (SELECT string_agg(kind || ': ' || want, ', ' ORDER BY kind) FROM recommender), name)
FROM odd;
SELECT is((SELECT array_agg(length(answer)) FROM pg_temp.all_kinds($$SELECT '1' AS u, i, to_timestamp(t) AS t FROM (VALUES ('a', 1), ('b', 2), ('c', 3)) v(i, t)$$, '1')),
  '{5,5,5,5}', 'one user has all three, in each kind');
INSERT INTO ev SELECT 'all', 'i' || g, 1, '2024-01-01'::timestamptz + g * interval '1 day', 'b' || g FROM generate_series(1, 6) g;
INSERT INTO ev SELECT 'u' || g, 'i' || g, 1, '2024-01-01', 'x' || g FROM generate_series(1, 6) g;
SELECT is((SELECT string_agg(DISTINCT array_length(string_to_array(answer, ' '), 1)::text, ',') FROM pg_temp.all_kinds('ev', 'all')), '5', 'a user with every item');
SELECT is(pg_temp.items(format('persona.recommend(%L, %L)', 'odd ' || kind, 'all')), CASE kind WHEN 'repurchase' THEN pg_temp.items(format('persona.recommend(%L, %L, 6)', 'odd ' || kind, 'all')) ELSE '' END,
  kind || ': nothing is left for him unless it is bought again') FROM recommender;
SELECT is((SELECT count(*) FROM persona.fit('idf', 'item_knn', $$SELECT 'all' AS u, i FROM ev$$, options => '{"user": "u", "item": "i", "similarity": "tfidf"}') f
  JOIN persona.deployed_neighbor n ON n.name = 'idf'), 0::bigint, 'tfidf of one user who has everything says nothing');

-- Weights: negative, NULL, NaN, infinite, enormous, all cancelled.
CREATE TEMP TABLE weight_case (name text, rows text, want text);
INSERT INTO weight_case VALUES
  ('a return cancels', '(''1'', ''a'', 2, 1), (''1'', ''a'', -2, 2), (''1'', ''b'', 1, 3), (''2'', ''a'', 1, 1)', 'b a'),
  ('NULL and NaN are skipped', '(''1'', ''b'', 1::float8, 1), (''1'', ''c'', NULL, 1), (''1'', ''d'', ''NaN'', 1), (''1'', ''e'', ''Infinity'', 1), (''2'', ''a'', 1, 1)', 'b a');
SELECT is((SELECT array_agg(DISTINCT (SELECT array_agg(x ORDER BY x) FROM unnest(string_to_array(answer, ' ')) x)) FROM pg_temp.all_kinds(
  format('SELECT u, i, w::float8 AS w, to_timestamp(t) AS t FROM (VALUES %s) v(u, i, w, t)', rows), '1', '{"weight": "w"}')), ARRAY[ARRAY['a', 'b']], name) FROM weight_case;
SELECT throws_ok(format($$SELECT persona.fit('odd', %L, 'SELECT u, i, -1 AS w, now() AS t FROM ev', options => pg_temp.options(%L) || '{"weight": "w"}')$$, kind, kind),
  '55000', 'there are no interactions to fit', kind || ': nothing but returns') FROM recommender;
SELECT throws_ok(format($$SELECT persona.fit('odd', %L, 'SELECT * FROM ev WHERE false', options => pg_temp.options(%L))$$, kind, kind),
  '55000', 'there are no rows to fit', kind || ': no rows') FROM recommender;
SELECT throws_ok(format($$SELECT persona.fit('odd', %L, 'SELECT u, NULL::text AS i, now() AS t FROM ev', options => pg_temp.options(%L))$$, kind, kind),
  '55000', 'there are no rows to fit', kind || ': nothing but NULL') FROM recommender;
SELECT throws_ok(format($$SELECT persona.fit('odd', %L, 'SELECT ''1'' AS u, ''a'' AS i, 1.7e308::float8 AS w, now() AS t FROM generate_series(1, 2)',
  options => pg_temp.options(%L) || '{"weight": "w"}')$$, kind, kind), '22003', NULL, kind || ': a total that is no number') FROM recommender;
SELECT is(pg_temp.items(format('persona.recommend(%L, ''1'', 5, false)', 'huge ' || similarity)), 'b a c', 'weights near the largest number: ' || similarity)
FROM unnest('{cosine,jaccard,tfidf}'::text[]) similarity,
LATERAL persona.fit('huge ' || similarity, 'item_knn', $$SELECT u, i, w FROM (VALUES ('1', 'a', 1e300::float8), ('1', 'b', 1e299), ('2', 'b', 1e300), ('2', 'a', 3e299), ('3', 'a', 1), ('3', 'c', 1e-300), ('4', 'z', 1)) v(u, i, w) WHERE i <> 'z'$$,
  options => jsonb_build_object('user', 'u', 'item', 'i', 'weight', 'w', 'similarity', similarity));

-- Infinite times are skipped, by the fit and by every reading after it; dates and numbers are times too.
TRUNCATE ev;
INSERT INTO ev (u, i, t) VALUES ('1', 'a', '2024-01-01'), ('1', 'b', 'infinity'), ('1', 'c', '-infinity'), ('1', 'd', NULL), ('2', 'a', '2024-01-01'), ('2', 'b', '2024-01-02'), ('3', 'b', '2024-01-01'), ('3', 'c', '2024-01-02');
SELECT is((SELECT (rows, skipped)::text FROM persona.fit('timed', 'next_item', 'ev', options => pg_temp.options('next_item'))), '(5,3)', 'infinite times are skipped');
SELECT is(pg_temp.items($$persona.recommend('timed', '1')$$), 'b c', 'by the history too: of what he has only a counts');
SELECT is((SELECT because FROM persona.recommend('timed', '1', 1)), '{a}'::text[], 'and is a reason');
SELECT results_eq(format($$SELECT item, score FROM persona.recommend('timed %s', '2', 5, false)$$, type), $$SELECT item, score FROM persona.recommend('timed', '2', 5, false)$$, 'times of type ' || type)
FROM unnest('{date,timestamp,timestamptz,int,numeric,float8}'::text[]) type, LATERAL persona.fit('timed ' || type, 'next_item',
  format('SELECT u, i, %s AS t FROM ev WHERE isfinite(t)', CASE WHEN type IN ('int', 'numeric', 'float8') THEN format('extract(day FROM t)::%s', type) ELSE 't::' || type END), options => pg_temp.options('next_item'));
SELECT throws_ok(format($$SELECT persona.fit('odd', 'next_item', 'SELECT u, i, t::%s AS t FROM ev', options => pg_temp.options('next_item'))$$, type), '42804', NULL, 'a time of type ' || type)
FROM unnest('{text,time}'::text[]) type;

-- Ids with quotes, braces, blanks and Chinese, as users, items, orders and segments.
TRUNCATE ev;
INSERT INTO ev (u, i, t, b, s) SELECT u, i, '2024-01-01'::timestamptz + p * interval '1 day', '订单 "' || p, E'中''国 \\"' FROM (VALUES ('张 "三"', '茶''s', 1), ('张 "三"', 'a,{b}', 2), (E'O''Brien\\', '茶''s', 1),
  (E'O''Brien\\', 'a,{b}', 2), ('', '茶''s', 3)) v(u, i, p);
SELECT is((SELECT string_agg(kind || ': ' || answer, ', ' ORDER BY kind) FROM pg_temp.all_kinds('ev', '', '{"basket": "b", "segment": "s", "time": "t"}')),
  'item_knn: a,{b} 茶''s, next_item: a,{b} 茶''s, popularity: 茶''s a,{b}, repurchase: 茶''s a,{b}', 'an empty id is an id');
SELECT is((SELECT reason FROM persona.recommend('odd popularity', E'O''Brien\\', 1, false)), E'popular in 中''国 \\": 3 customers have it', 'a segment in two scripts');
SELECT is((SELECT reason FROM persona.recommend_for_items('odd next_item', ARRAY['茶''s'], 1)), 'often follows 茶''s', 'an item in a reason');
SELECT is(pg_temp.items($$persona.recommend('odd item_knn', '张 "三"', candidates => ARRAY['茶', '"', 'NULL'])$$), '" NULL 茶', 'candidates that match nothing');

SELECT throws_ok(format($$SELECT persona.fit('odd', 'popularity', %L, options => '{"user": "u", "item": "i", "segment": "s"}')$$, format('SELECT 1 AS u, %s AS i, %s AS s', i, s)), '54000',
  message, message) FROM (VALUES ('repeat(''x'', 2501)', '1', 'the id of an item has 2501 bytes'), ('1', 'repeat(''é'', 2000)', 'the id of a segment has 4000 bytes')) v(i, s, message);

-- k, candidates and exclude out of range, in every kind.
SELECT is(pg_temp.items(format('persona.recommend(%L, ''x'', 0)', 'odd ' || kind)), '', kind || ': k of 0') FROM recommender;
SELECT throws_ok(format($$SELECT persona.recommend(%L, 'x', -1)$$, 'odd ' || kind), '22023', 'k must not be negative', kind || ': k below 0') FROM recommender;
SELECT is((SELECT count(*) FROM persona.recommend('odd ' || kind, 'x', 2147483647)), 2::bigint, kind || ': k beyond the catalogue') FROM recommender;
SELECT is((SELECT count(*) FROM persona.recommend('odd ' || kind, 'x', 2147483647, options => '{"diversity": 0.5}')), 2::bigint, kind || ': with variety') FROM recommender;
SELECT is((SELECT string_agg(item || ': ' || reason, ', ' ORDER BY rank) FROM persona.recommend('odd ' || kind, 'x', candidates => '{no,such}')),
  'no: new: nobody has it yet, such: new: nobody has it yet', kind || ': candidates that match nothing') FROM recommender;
SELECT is((SELECT count(*) FROM persona.recommend('odd ' || kind, 'x', candidates => '{}')), 0::bigint, kind || ': no candidates') FROM recommender;
SELECT is((SELECT count(*) FROM persona.recommend('odd ' || kind, 'x', exclude => ARRAY(SELECT DISTINCT i FROM ev))), 0::bigint, kind || ': everything excluded') FROM recommender;
SELECT is((SELECT count(*) FROM persona.similar_items('odd popularity', '茶''s')), 0::bigint, 'nothing is near what is merely popular');
SELECT throws_ok($$SELECT persona.recommend_for_items('odd item_knn', NULL::text[], -1)$$, '22023', NULL, 'no items and a bad k');
SELECT is((SELECT count(*) FROM persona.recommend_for_items('odd ' || kind, '{NULL,NULL}', 2)), 2::bigint, kind || ': a list of NULL') FROM recommender;

-- A model that is dropped, or replaced by another kind, between two calls of a prepared statement.
SELECT persona.fit('comes', 'item_knn', 'ev', options => '{"user": "u", "item": "i"}');
PREPARE ask AS SELECT item FROM persona.recommend('comes', '', 5) ORDER BY rank;
SELECT results_eq('EXECUTE ask', '{"a,{b}"}'::text[], 'a prepared statement');
SELECT persona.drop_model('comes');
SELECT throws_ok('EXECUTE ask', '42704', 'model "comes" does not exist', 'after the model is dropped');
SELECT persona.fit('comes', 'popularity', 'ev', options => '{"user": "u", "item": "i"}');
SELECT results_eq('EXECUTE ask', '{"a,{b}"}'::text[], 'after another kind has its name');
SELECT persona.drop_model('comes');
SELECT persona.fit('comes', 'linear_regression', 'SELECT g AS x, 2 * g AS y FROM generate_series(1, 9) g', 'y');
SELECT throws_ok('EXECUTE ask', '0A000', NULL, 'after it is no recommender');

-- The source's columns are renamed, retyped, dropped.
CREATE TABLE moving (u int, i text, w int, t timestamptz, b text, s text);
INSERT INTO moving SELECT u, 'i' || i, 1, '2024-01-01'::timestamptz + i * interval '1 day', 'b' || u || i % 2, 's' FROM generate_series(1, 4) u, generate_series(1, 5) i WHERE (u * i) % 3 > 0;
CREATE INDEX ON moving (u);
SELECT persona.fit('moving', 'next_item', 'SELECT * FROM moving', options => '{"user": "u", "item": "i", "weight": "w", "time": "t", "basket": "b", "segment": "s"}');
CREATE TEMP TABLE answer AS SELECT * FROM persona.recommend('moving', 1);
CREATE FUNCTION pg_temp.after(change text, statement text DEFAULT $$SELECT persona.recommend('moving', 1)$$) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
  EXECUTE change;
  EXECUTE statement;
  IF EXISTS ((TABLE answer EXCEPT SELECT * FROM persona.recommend('moving', 1)) UNION ALL (SELECT * FROM persona.recommend('moving', 1) EXCEPT TABLE answer)) THEN RAISE 'another answer'; END IF;
  RAISE 'the same answer';
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM; END $$;
SELECT is(pg_temp.after(format('ALTER TABLE moving RENAME %I TO gone', c)), format('42703 source has no column "%s"', c), 'renamed: ' || c) FROM unnest('{u,i,w,t,b,s}'::text[]) c;
SELECT is(pg_temp.after(format('ALTER TABLE moving RENAME %I TO gone', c), $$CALL persona.recommend_all('moving', 'recs')$$), format('42703 source has no column "%s"', c), 'recommend_all, renamed: ' || c)
FROM unnest('{u,i,w,t,b,s}'::text[]) c;
SELECT is(pg_temp.after(format('ALTER TABLE moving RENAME %I TO gone', c), $$SELECT persona.evaluate('moving', 'SELECT 1 AS u, ''i3'' AS i')$$), format('42703 source has no column "%s"', c), 'evaluate, renamed: ' || c)
FROM unnest('{u,t}'::text[]) c;
SELECT is(pg_temp.after(change), 'P0001 the same answer', change) FROM (VALUES ('ALTER TABLE moving ALTER u TYPE bigint'), ('ALTER TABLE moving ALTER u TYPE text'), ('ALTER TABLE moving ALTER w TYPE numeric'),
  ('ALTER TABLE moving ALTER w TYPE text USING w::text'), ('ALTER TABLE moving ALTER t TYPE timestamp'), ('ALTER TABLE moving ALTER b TYPE varchar(9)'), ('ALTER TABLE moving ADD x int')) v(change);
SELECT is(pg_temp.after('ALTER TABLE moving ALTER w TYPE text USING ''much'''), '22P02 invalid input syntax for type double precision: "much"', 'a weight that is none');
SELECT matches(pg_temp.after('ALTER TABLE moving ALTER t TYPE text'), '^42804 time column "t" is of type text, not', 'a time that is none');
SELECT is(pg_temp.after('DROP TABLE moving'), '42P01 relation "moving" does not exist', 'dropped');

-- Stored rows that no fit has written.
CREATE TABLE honest (u text, i text, t int, s text);
INSERT INTO honest SELECT 'u' || u, 'i' || i, i, 's' FROM generate_series(1, 5) u, generate_series(1, 6) i WHERE (u + i * i) % 4 > 0 AND (u < 5 OR i = 6);
CREATE INDEX ON honest (u);
CREATE FUNCTION dear(x text) RETURNS text COST 100000 LANGUAGE plpgsql AS $$ BEGIN RETURN x; END $$;
-- Each change is made to a model of its own, since what a backend has loaded of a version it keeps.
CREATE FUNCTION pg_temp.forged(kind text, source text, change text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE id bigint; BEGIN
  id := (persona.fit('forged', kind, source, options => '{"user": "u", "item": "i", "time": "t", "segment": "s"}')).model_id;
  EXECUTE format('UPDATE persona.%s WHERE model_id = %s', change, id);
  EXECUTE statement;
  RAISE 'no error';
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || CASE WHEN SQLERRM ~ 'corrupt|damaged' THEN '' ELSE ' ' || SQLERRM END; END $$;
CREATE TEMP TABLE forgery (kind text, change text, statement text);
INSERT INTO forgery SELECT kind, change, statement FROM
  (VALUES ('popularity', 'popularity SET items = ''{0,99}'', scores = ''{1,1}'''), ('popularity', 'popularity SET items = ''{-1}'', scores = ''{1}'''),
    ('popularity', 'popularity SET scores = ''{1}'''), ('popularity', 'popularity SET scores = array_fill(''NaN''::real, ARRAY[cardinality(items)])'),
    ('popularity', 'popularity SET items = ''{2147483647}'', scores = ''{Infinity}'''),
    ('item_knn', 'neighbor SET neighbors = ''{99}'', scores = ''{1}'''), ('item_knn', 'neighbor SET neighbors = ''{-2}'', scores = ''{1}'''),
    ('item_knn', 'neighbor SET scores = ''{}'''), ('item_knn', 'neighbor SET scores = array_fill(''-Infinity''::real, ARRAY[cardinality(neighbors)])'),
    ('next_item', 'neighbor SET neighbors = ''{0,99}'', scores = ''{1,1}'''), ('repurchase', 'neighbor SET neighbors = ''{0,99}'', scores = ''{1,1}'''),
    ('repurchase', 'popularity SET items = ''{99}'', scores = ''{1}'''),
    ('item_knn', 'neighbor SET item_no = item_no + 1000000000'), ('item_knn', 'neighbor SET item_no = -item_no - 1'), ('item_knn', 'neighbor SET item_no = 2147483647 - item_no'),
    ('repurchase', 'neighbor SET item_no = item_no + 7'),
    ('item_knn', 'popularity SET items = ''{99}'', scores = ''{1}''')) f(kind, change),
  (VALUES ($$SELECT persona.recommend('forged', 'u5', 50, false)$$), ($$CALL persona.recommend_all('forged', 'recs', 50, false)$$),
    ($$SELECT persona.evaluate('forged', 'SELECT ''u5'' AS u, ''i1'' AS i', '{"exclude_seen": false, "k": 50}')$$)) s(statement);
SELECT is(pg_temp.forged(kind, 'honest', change, statement), '22000', format('%s, %s: %s', kind, change, statement)) FROM forgery;
SELECT is(pg_temp.forged('item_knn', 'SELECT u, dear(i) AS i, t, s FROM honest OFFSET 0', change, statement), '22000', change || ': ' || statement) FROM
  (VALUES ('history SET items = ''{99}'', weights = ''{1}'', ages = ''{0}'''), ('history SET items = ''{-1}'', weights = ''{1}'', ages = ''{0}'''), ('history SET weights = ''{1}'''),
    ('history SET ages = ''{0}'''), ('history SET ages = array_fill(-1, ARRAY[cardinality(items)])'), ('history SET weights = array_fill(''NaN''::real, ARRAY[cardinality(items)])'),
    ('history SET ages = array_fill(2147483647, ARRAY[cardinality(items)])')) f(change),
  (VALUES ($$SELECT persona.recommend('forged', 'u1', 3, false)$$), ($$SELECT persona.preference('forged', 'u1', 'i1')$$)) s(statement);
-- What the backend kept of the versions above does not stand for the honest one.
SELECT persona.fit('forged', 'item_knn', 'honest', options => '{"user": "u", "item": "i", "time": "t", "segment": "s"}');
SELECT is((SELECT count(*) FROM persona.recommend('forged', 'u1', 50, false)), 6::bigint, 'fitted again');

SELECT * FROM finish();
ROLLBACK;
