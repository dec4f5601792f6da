-- persona.affinity: what each aggregate and accessor answers, how parts merge, what holds past the bound, what is
-- refused, and that states survive storing, sorting, hashing, windows and parallel plans.
BEGIN;
SELECT plan(93);
SET LOCAL search_path = public, persona;  -- the operators of the type, where is() compares

CREATE TEMP TABLE event (customer int, category text, product bigint, amount float8);
-- Customer 2: one event; customer 3: none that counts.
INSERT INTO event VALUES
  (1, 'toys', 7, 1), (1, 'garden', -3, 3), (1, 'wine', 7, 2), (1, 'toys', 9, 4), (1, NULL, NULL, 50), (1, 'wine', 9, NULL),
  (2, 'books', 1, 2.5), (3, NULL, NULL, 7);
CREATE TEMP TABLE state AS
SELECT customer, persona.affinity_agg(category, amount) AS a, persona.affinity_agg(category) AS n,
       persona.affinity_agg(product, amount) AS p, persona.affinity_agg(product) AS pn
FROM event GROUP BY customer;

SELECT is((SELECT persona.total_weight(a) FROM state WHERE customer = 1), 10::float8, 'total, rows with a NULL left out');
SELECT is((SELECT persona.key_count(a) FROM state WHERE customer = 1), 3::bigint, 'different keys');
SELECT is((SELECT persona.top_keys(a, 2) FROM state WHERE customer = 1), '{toys,garden}', 'the two heaviest');
SELECT is((SELECT persona.top_keys(a, 10) FROM state WHERE customer = 1), '{toys,garden,wine}', 'all there are');
SELECT is((SELECT persona.top_key(a) FROM state WHERE customer = 1), 'toys', 'the heaviest');
SELECT is((SELECT persona.share(a, 'toys') FROM state WHERE customer = 1), 0.5::float8, 'share');
SELECT is((SELECT persona.share(a, 'books') FROM state WHERE customer = 1), 0::float8, 'share of a key that is not there');
SELECT is((SELECT persona.key_weight(a, 'garden') FROM state WHERE customer = 1), 3::float8, 'weight of a key');
SELECT is((SELECT persona.key_weight(a, 'books') FROM state WHERE customer = 1), 0::float8, 'of one that is not there');
-- In multiple precision: of 0.5, 0.3 and 0.2.
SELECT is((SELECT round(persona.entropy(a)::numeric, 14) FROM state WHERE customer = 1), 1.02965301406457, 'entropy in nats');
SELECT is((SELECT persona.entropy(a) FROM state WHERE customer = 2), 0::float8, 'entropy of one key');
SELECT is((SELECT persona.similarity(a, a) FROM state WHERE customer = 1), 1::float8, 'like itself');
SELECT is((SELECT persona.similarity(x.a, y.a) FROM state x, state y WHERE x.customer = 1 AND y.customer = 2), 0::float8, 'no key in common');
-- 5 * 1 / sqrt((25 + 9 + 4) (1 + 16))
SELECT is((SELECT round(persona.similarity(a, persona.affinity_agg(k, w))::numeric, 14) FROM state, (VALUES ('toys', 1), ('books', 4)) v(k, w)
           WHERE customer = 1 GROUP BY a), 0.19672236884116, 'the cosine');
SELECT is((SELECT persona.is_exact(a) FROM state WHERE customer = 1), true, 'exact');
SELECT is((SELECT persona.error_bound(a) FROM state WHERE customer = 1), 0::float8, 'no error');
SELECT results_eq($$ SELECT (persona.keys(a)).* FROM state WHERE customer = 1 $$,
                  $$ VALUES ('toys', 5::float8, 0::float8), ('garden', 3, 0), ('wine', 2, 0) $$, 'keys as rows');
SELECT is((SELECT a::text FROM state WHERE customer = 1), 'affinity:1 text counts exact keys="garden":3,"toys":5,"wine":2', 'the text form');
SELECT is((SELECT persona.exact_part(a) FROM state WHERE customer = 1), (SELECT a::text FROM state WHERE customer = 1), 'all of it is exact');
SELECT is((SELECT n::text FROM state WHERE customer = 1), 'affinity:1 text counts exact keys="garden":1,"toys":2,"wine":2', 'without weights rows are counted');
SELECT is((SELECT a FROM state WHERE customer = 3), NULL, 'only rows that do not count: NULL');
SELECT is((SELECT persona.affinity_agg(category) FROM event WHERE false), NULL, 'no rows: NULL');
SELECT is(persona.top_key(NULL::persona.affinity), NULL, 'an accessor of NULL is NULL');
SELECT is((SELECT persona.share(a, NULL::text) FROM state WHERE customer = 1), NULL, 'of a NULL key too');

-- bigint keys.
SELECT is((SELECT p::text FROM state WHERE customer = 1), 'affinity:1 bigint counts exact keys=-3:3,7:3,9:4', 'bigint keys in numeric order');
SELECT is((SELECT persona.top_keys(p, 3) FROM state WHERE customer = 1), '{9,-3,7}', 'equal ones too');
SELECT is((SELECT persona.share(p, 9) FROM state WHERE customer = 1), 0.4::float8, 'share of a bigint');
SELECT is((SELECT persona.key_weight(pn, 7) FROM state WHERE customer = 1), 2::float8, 'number of a bigint');
SELECT is((SELECT persona.top_keys(persona.affinity_agg(k), 4) FROM (VALUES (9223372036854775807), (-9223372036854775808), (0), (-1)) v(k)),
          '{-9223372036854775808,-1,0,9223372036854775807}', 'the whole range');
SELECT is((SELECT persona.top_key(persona.affinity_agg(k)) FROM (VALUES (5::smallint)) v(k)), '5', 'smallint goes as bigint');
SELECT is((SELECT persona.top_key(persona.affinity_agg(k)) FROM (VALUES ('x'::varchar)) v(k)), 'x', 'varchar as text');
SELECT throws_ok($$ SELECT persona.share(p, 'toys') FROM state WHERE customer = 1 $$, '22000', 'affinity of bigint keys has no text key', 'a text of bigints');
SELECT throws_ok($$ SELECT persona.key_weight(a, 7) FROM state WHERE customer = 1 $$, '22000', 'affinity of text keys has no bigint key', 'a bigint of texts');
SELECT throws_ok($$ SELECT persona.similarity(a, p) FROM state WHERE customer = 1 $$, '22000', NULL, 'texts and bigints compared');
SELECT throws_ok($$ SELECT persona.merge(a, p) FROM state WHERE customer = 1 $$, '22000',
                 'cannot merge an affinity of text keys with one of bigint keys', 'and merged');
SELECT throws_ok($$ SELECT persona.rollup(x) FROM (SELECT a FROM state UNION ALL SELECT p FROM state) q(x) $$, '22000', NULL, 'and rolled up');

-- Texts of every kind.
SELECT is((SELECT persona.top_keys(persona.affinity_agg(k), 5) FROM (VALUES ('b'), ('a'), ('B'), (''), ('ä')) v(k)), '{"",B,a,b,ä}', 'equal texts in byte order');
SELECT is((SELECT persona.affinity_agg(k)::text FROM (VALUES ('a "b" \c')) v(k)), 'affinity:1 text counts exact keys="a \"b\" \\c":1', 'quotes');
CREATE TEMP TABLE long AS
SELECT persona.affinity_agg(k, w) AS a FROM (VALUES (repeat('ä', 40), 1), ('x' || repeat('ä', 40), 2), ('x' || repeat('ä', 41), 3), (repeat('ä', 32), 5),
                                                    ('x' || repeat('ä', 40), 6)) v(k, w);
-- The hash by an implementation of SipHash-2-4 in Python.
SELECT ok((SELECT position('"' || repeat('ä', 28) || '"#c29bf4147c8a57c7:1' IN a::text) > 0 FROM long), '80 bytes: cut after 56, with a hash of all');
SELECT is((SELECT persona.top_keys(a, 3) FROM long), ARRAY['x' || repeat('ä', 27) || '...', repeat('ä', 32), 'x' || repeat('ä', 27) || '...'],
          'never within a character; a cut key is shown with dots');
SELECT is((SELECT persona.key_weight(a, 'x' || repeat('ä', 40)) FROM long), 8::float8, 'a long key is found by its whole text');
SELECT is((SELECT persona.key_weight(a, 'x' || repeat('ä', 41)) FROM long), 3::float8, 'and told from one that begins alike');
SELECT is((SELECT persona.key_weight(a, 'x' || repeat('ä', 42)) FROM long), 0::float8, 'also from one that is not there');
SELECT is((SELECT a::text::persona.affinity FROM long), (SELECT a FROM long), 'text there and back');

-- Bad input.
SELECT throws_ok($$ SELECT persona.affinity_agg('a', 'NaN') $$, '22003', 'weight is NaN or infinite', 'NaN');
SELECT throws_ok($$ SELECT persona.affinity_agg('a', 'Infinity') $$, '22003', NULL, 'infinity');
SELECT throws_ok($$ SELECT persona.affinity_agg('a', -1) $$, '22003', 'weight is negative', 'a return');
SELECT is((SELECT persona.affinity_agg('a', x)::text FROM (VALUES ('-0'::float8)) v(x)), 'affinity:1 text counts exact keys="a":0', 'minus zero is zero');
SELECT throws_ok($$ SELECT persona.affinity_agg('a', 1e301) $$, '22003', 'value out of range: overflow', 'a weight out of range');
SELECT throws_ok($$ SELECT persona.affinity_agg(1, x) FROM (VALUES (1e300::float8), (1e300)) v(x) $$, '22003', 'value out of range: overflow', 'a sum out of range');
SELECT lives_ok($$ SELECT persona.affinity_agg('a', x) FILTER (WHERE x >= 0) FROM (VALUES (1::float8), (-1)) v(x) $$, 'the filter the hint names');
SELECT throws_ok($$ SELECT persona.top_keys(a, 0) FROM state $$, '22023', 'k must be positive', 'no keys');
SELECT throws_ok($$ SELECT ''::persona.affinity $$, '22P02', 'invalid input syntax for type persona.affinity', 'no text');
SELECT throws_ok($$ SELECT 'affinity:1 text counts exact keys="b":1,"a":1'::persona.affinity $$, '22P02', NULL, 'a forged text');
SELECT throws_ok($$ SELECT persona.affinity_add(a, 'toys') FROM state WHERE customer = 1 $$, 'XX000', NULL, 'a transition function outside an aggregate');
SELECT throws_ok($$ SELECT persona.affinity_combine(a, a) FROM state WHERE customer = 1 $$, 'XX000', NULL, 'a combine function outside an aggregate');

-- No weight at all.
CREATE TEMP TABLE weightless AS SELECT persona.affinity_agg(k, 0) AS a FROM (VALUES ('a'), ('b')) v(k);
SELECT is((SELECT persona.key_count(a) FROM weightless), 2::bigint, 'keys without weight');
SELECT is((SELECT persona.share(a, 'a') FROM weightless), NULL, 'have no shares');
SELECT is((SELECT persona.entropy(a) FROM weightless), NULL, 'no entropy');
SELECT is((SELECT persona.similarity(a, a) FROM weightless), NULL, 'and are like nothing');

-- Merging.
SELECT is((SELECT persona.merge(a, NULL) FROM state WHERE customer = 1), (SELECT a FROM state WHERE customer = 1), 'NULL is no events');
SELECT is((SELECT persona.merge(NULL, a) FROM state WHERE customer = 1), (SELECT a FROM state WHERE customer = 1), 'on either side');
SELECT is(persona.merge(NULL::persona.affinity, NULL), NULL, 'and both');
SELECT is((SELECT persona.rollup(a) FROM (SELECT persona.affinity_agg(category, amount) AS a FROM event WHERE customer = 1 GROUP BY amount) q),
          (SELECT a FROM state WHERE customer = 1), 'rollup of parts is the whole');
SELECT is((SELECT persona.merge(x.a, y.a)::text FROM state x, state y WHERE x.customer = 1 AND y.customer = 2),
          'affinity:1 text sums exact keys="books":2.5,"garden":3,"toys":5,"wine":2', 'counts and sums make sums');

-- Many customers of few categories: the same as plain SQL, and the same bytes in any partition.
CREATE TABLE public.persona_parallel AS
SELECT i % 97 AS customer, i % 13 AS day, 'category ' || (i * 7919 % 100003) % (1 + i % 40) AS category, (i * 7919 % 100003) % (1 + i % 40) AS product,
       round((i * 31 % 9973) / 100.0, 2)::float8 AS amount
FROM generate_series(1, 30000) i;
CREATE TEMP TABLE whole AS
SELECT customer, persona.affinity_agg(category, amount) AS a, persona.affinity_agg(product, amount) AS p, persona.affinity_agg(category) AS n
FROM public.persona_parallel GROUP BY customer;
SELECT is((SELECT count(*) FROM whole WHERE persona.is_exact(a) AND persona.is_exact(p) AND persona.is_exact(n)), 97::bigint, 'forty categories fit');
CREATE TEMP TABLE truth AS
SELECT customer, category, product, sum(amount::numeric) AS w, count(*) AS times, sum(sum(amount::numeric)) OVER (PARTITION BY customer) AS total
FROM public.persona_parallel GROUP BY 1, 2, 3;
SELECT is((SELECT count(*) FROM truth t JOIN whole USING (customer)
           WHERE abs(persona.key_weight(a, category) - t.w::float8) > 1e-14 * t.w::float8 OR persona.key_weight(p, product) <> persona.key_weight(a, category)
              OR persona.key_weight(n, category) <> times OR abs(persona.share(a, category) - (t.w / total)::float8) > 1e-14
              OR abs(persona.total_weight(a) - total::float8) > 1e-14 * total::float8), 0::bigint, 'agrees with GROUP BY');
SELECT is((SELECT count(*) FROM whole JOIN (SELECT customer, array_agg(category ORDER BY times DESC, category COLLATE "C") AS keys FROM truth GROUP BY 1) t USING (customer)
           WHERE persona.top_keys(n, 100) = keys), 97::bigint, 'top_keys is ORDER BY weight DESC, key COLLATE "C"');
SELECT is((SELECT count(*) FROM whole JOIN (SELECT customer, -sum(w / total * ln(w / total)) AS h FROM truth WHERE w > 0 GROUP BY 1) t USING (customer)
           WHERE abs(persona.entropy(a) - h::float8) > 1e-14 * h), 0::bigint, 'entropy as in numeric');
SELECT is((SELECT count(*) FROM whole x JOIN whole y ON y.customer = x.customer + 1,
             LATERAL (SELECT sum(s.w * t.w) AS dot FROM truth s JOIN truth t USING (category) WHERE s.customer = x.customer AND t.customer = y.customer) d,
             LATERAL (SELECT sum(w * w) AS xx FROM truth WHERE customer = x.customer) n,
             LATERAL (SELECT sum(w * w) AS yy FROM truth WHERE customer = y.customer) m
           WHERE abs(persona.similarity(x.a, y.a) - (dot / sqrt(xx * yy))::float8) > 1e-14), 0::bigint, 'similarity as in numeric');
SELECT is((SELECT count(*) FROM whole JOIN (SELECT customer, persona.rollup(a) AS a, persona.rollup(p) AS p, persona.rollup(n) AS n
             FROM (SELECT customer, persona.affinity_agg(category, amount) AS a, persona.affinity_agg(product, amount) AS p, persona.affinity_agg(category) AS n
                   FROM public.persona_parallel GROUP BY customer, day) d GROUP BY customer) parts USING (customer)
           WHERE whole.a = parts.a AND whole.p = parts.p AND whole.n = parts.n), 97::bigint, 'rollup of days is one pass, to the byte');

-- Past the bound: 2,000 products, most of them bought once. The bound holds for every key, and the total is exact.
CREATE TEMP TABLE purchase AS
SELECT i % 5 AS customer, i % 7 AS day, 'product ' || CASE WHEN i % 3 = 0 THEN i / 15 % 10 ELSE (i * 7919) % 2003 END AS product, (1 + i % 4) * 0.25::float8 AS amount
FROM generate_series(1, 20000) i;
CREATE TEMP TABLE bounded AS SELECT customer, persona.affinity_agg(product, amount) AS a FROM purchase GROUP BY customer;
CREATE TEMP TABLE bounded_rollup AS
SELECT customer, persona.rollup(a) AS a FROM (SELECT customer, persona.affinity_agg(product, amount) AS a FROM purchase GROUP BY customer, day) d GROUP BY customer;
CREATE TEMP TABLE bought AS
SELECT b.customer, b.product, coalesce(sum(amount), 0) AS w FROM (SELECT x.customer, y.product FROM (SELECT DISTINCT customer FROM purchase) x, (SELECT DISTINCT product FROM purchase) y) b
LEFT JOIN purchase USING (customer, product) GROUP BY 1, 2;
ANALYZE truth, bought;
SELECT is((SELECT count(*) FROM bounded WHERE persona.is_exact(a)), 0::bigint, 'they do not fit');
SELECT ok((SELECT max(octet_length(persona.affinity_send(a))) + 4 <= 2000 FROM (TABLE bounded UNION ALL TABLE bounded_rollup) u), 'never more than 2,000 bytes');
SELECT is((SELECT count(*) FROM (TABLE bounded UNION ALL TABLE bounded_rollup) u JOIN bought USING (customer)
           WHERE w NOT BETWEEN persona.key_weight(a, product) AND persona.key_weight(a, product) + persona.error_bound(a)), 0::bigint,
          'every weight lies between key_weight and error_bound more');
SELECT is((SELECT count(*) FROM (TABLE bounded UNION ALL TABLE bounded_rollup) u, LATERAL persona.keys(a) k JOIN bought b ON b.product = k.key
           WHERE b.customer = u.customer AND (b.w NOT BETWEEN k.weight AND k.weight + k.error OR k.error > persona.error_bound(a))), 0::bigint,
          'and closer, as keys says');
SELECT is((SELECT count(*) FROM (TABLE bounded UNION ALL TABLE bounded_rollup) u JOIN (SELECT customer, sum(amount) AS total FROM purchase GROUP BY 1) t USING (customer)
           WHERE persona.total_weight(a) = total), 10::bigint, 'the total is exact');
-- Such a key takes at most 32 bytes, so that at least 61 stay: error <= total / 62.
SELECT ok((SELECT max(persona.error_bound(a) / persona.total_weight(a)) <= 1 / 62.0 FROM (TABLE bounded UNION ALL TABLE bounded_rollup) u), 'the error is bounded');
SELECT is((SELECT count(*) FROM (TABLE bounded UNION ALL TABLE bounded_rollup) u
           JOIN (SELECT customer, array_agg(product ORDER BY w DESC, product COLLATE "C") AS keys FROM bought GROUP BY 1) t USING (customer)
           WHERE persona.top_keys(a, 10) @> keys[1:10] AND persona.top_keys(a, 10) <@ keys[1:10]), 10::bigint, 'the ten favourites are found');
SELECT is((SELECT count(*) FROM bounded JOIN bounded_rollup USING (customer) WHERE persona.exact_part(bounded.a) = persona.exact_part(bounded_rollup.a)), 5::bigint,
          'what is exact does not depend on the partition');
SELECT is((SELECT persona.exact_part(a) FROM bounded WHERE customer = 0), (SELECT 'affinity:1 text bounded total=' || sum(amount) FROM purchase WHERE customer = 0), 'which is the total');
SELECT is((SELECT count(*) FROM bounded WHERE persona.similarity(a, a) = 1), 5::bigint, 'like itself past the bound too');
-- 166 keys of weight 1, of which 139 fit: the rest counts as keys of weight 1, which it is.
SELECT is((SELECT round(persona.entropy(persona.affinity_agg(i))::numeric, 13) FROM generate_series(1, 166) i), round(ln(166)::numeric, 13), 'entropy past the bound');

-- Storing, comparing, windows, parallel plans.
SELECT is((SELECT count(*) FROM (SELECT DISTINCT a FROM (SELECT a FROM state UNION ALL SELECT a FROM state) u) d), 3::bigint, 'DISTINCT');
SELECT is((SELECT count(*) FROM whole x JOIN whole y USING (a)), (SELECT sum(n * n)::bigint FROM (SELECT count(*) AS n FROM whole GROUP BY a::text) q), 'a join on states');
SELECT is((SELECT array_agg(persona.total_weight(a) ORDER BY i) FROM (SELECT i, persona.affinity_agg(i % 3, i) OVER (ORDER BY i) AS a FROM generate_series(1, 4) i) w),
          '{1,3,6,10}'::float8[], 'a running window');
CREATE TEMP TABLE stored (id int PRIMARY KEY, a persona.affinity UNIQUE);
INSERT INTO stored SELECT customer, a FROM state WHERE customer < 3;
UPDATE stored SET a = persona.merge(a, (SELECT persona.affinity_agg('wine', 0.5))) WHERE id = 2;
SELECT is((SELECT a::text FROM stored WHERE id = 2), 'affinity:1 text sums exact keys="books":2.5,"wine":0.5', 'a stored state updated');
SELECT is((SELECT persona.total_weight(persona.rollup(a)) FROM stored), 13::float8, 'rollup reads stored states');
SELECT is((SELECT persona.total_weight(a) FROM stored WHERE id = 1), 10::float8, 'and leaves them as they were');
SELECT is((SELECT count(*) FROM (SELECT a FROM whole UNION ALL SELECT p FROM whole UNION ALL SELECT a FROM bounded) q WHERE a::text::persona.affinity <> a), 0::bigint, 'text there and back');
CREATE TEMP TABLE sent AS SELECT a FROM whole UNION ALL SELECT p FROM whole UNION ALL SELECT a FROM bounded UNION ALL SELECT a FROM long;
CREATE TEMP TABLE received (a persona.affinity);
DO $$
DECLARE
  file text := current_setting('data_directory') || '/affinity.bin';
BEGIN
  EXECUTE format('COPY sent TO %L (FORMAT binary)', file);
  EXECUTE format('COPY received FROM %L (FORMAT binary)', file);
  EXECUTE format('COPY (SELECT) TO PROGRAM %L', format('rm %L', file));
END $$;
SELECT is((SELECT count(*) FROM received), (SELECT count(*) FROM sent), 'COPY BINARY, there and back');
SELECT is((SELECT count(*) FROM (TABLE sent EXCEPT TABLE received) q), 0::bigint, 'to the same states');
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
SELECT is((SELECT count(*) FROM whole JOIN (SELECT customer, persona.affinity_agg(category, amount) AS a FROM public.persona_parallel GROUP BY customer) p USING (customer)
           WHERE whole.a = p.a), 97::bigint, 'parallel workers add up, to the byte');
SELECT is((SELECT persona.affinity_agg(category, amount) FROM public.persona_parallel), (SELECT persona.rollup(a) FROM whole), 'of everybody too');

SELECT * FROM finish();
ROLLBACK;
