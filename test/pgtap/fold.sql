-- fold(key, folds, seed). The pinned values are those of the same formula in Python (docs/evaluation.md has it):
-- FNV-1a of the key's UTF-8 bytes, splitmix64 with the seed, the remainder by the folds, plus one.
BEGIN;
SELECT plan(27);
SET LOCAL client_min_messages = warning;

SELECT is(persona.fold(key, folds, seed), want, format('fold(%L, %s, %s)', key, folds, seed))
FROM (VALUES ('', 10, 0, 5), ('a', 1000, 0, 175), ('1', 5, 0, 5), ('-9223372036854775808', 2147483647, 0, 980449217),
             ('17850', 10, 0, 10), ('17850', 10, 1, 9), ('17850', 10, -1, 7), ('Zoë', 1000000, 42, 608490),
             ('6f1f4a1e-8c5b-4b5e-9f63-0d5f2f0c1a2b', 100, 0, 61)) v(key, folds, seed, want);
SELECT is((SELECT array_agg(persona.fold(i, 5) ORDER BY i) FROM generate_series(1, 10) i), '{5,3,5,4,3,1,1,4,3,5}',
  'integers');
SELECT is((SELECT count(*) FROM generate_series(-1000, 1000) i WHERE persona.fold(i, 97, 3) <> persona.fold(i::text, 97, 3)),
  0::bigint, 'a number and its text');
SELECT is((SELECT count(*) FROM (VALUES (9223372036854775807), (-9223372036854775808), (0)) v(i)
           WHERE persona.fold(i, 97) <> persona.fold(i::text, 97)), 0::bigint, 'at the ends of bigint too');
SELECT is(persona.fold(7::smallint, 50), persona.fold('7', 50), 'a smallint');
SELECT is(persona.fold('7'::varchar, 50), persona.fold('7', 50), 'a varchar');
SELECT is(persona.fold(key => '6f1f4a1e-8c5b-4b5e-9f63-0d5f2f0c1a2b'::uuid, folds => 100), 61, 'a uuid, by names');
SELECT is(persona.fold('a', 1), 1, 'one fold');
SELECT is(persona.fold(repeat('long key ', 100000), 10, 7), persona.fold(repeat('long key ', 100000), 10, 7), 'a compressed key');
SELECT isnt(persona.fold('a'::text || ' ', 1000000), persona.fold('a', 1000000), 'blanks count');
SELECT is(persona.fold(NULL::text, 5), NULL, 'a NULL is in no fold');
SELECT is(persona.fold(1, NULL), NULL, 'nor is a key without folds');

-- Uniform: Pearson's statistic of 100,000 keys in 10 folds is below the 99.99 % point of chi-square with 9 degrees of
-- freedom, 33.72 (scipy.stats.chi2.ppf), for keys in a row, for text, for even numbers, and for another seed.
SELECT cmp_ok((SELECT sum((n - 10000.0) ^ 2 / 10000) FROM (SELECT count(*) AS n FROM generate_series(1, 100000) i
               GROUP BY CASE kind WHEN 'in a row' THEN persona.fold(i, 10) WHEN 'text' THEN persona.fold('customer ' || i, 10)
                             WHEN 'even' THEN persona.fold(2 * i, 10) ELSE persona.fold(i, 10, 1) END) s), '<', 33.72, 'uniform: ' || kind)
FROM unnest(ARRAY['in a row', 'text', 'even', 'another seed']) kind;
-- Folds of two seeds are independent: 100 cells, 99 degrees of freedom, chi2.ppf(.9999, 99) = 160.06.
SELECT cmp_ok((SELECT sum((n - 1000.0) ^ 2 / 1000) FROM (SELECT count(*) AS n FROM generate_series(1, 100000) i
               GROUP BY persona.fold(i, 10, 1), persona.fold(i, 10, 2)) s), '<', 160.06, 'two seeds are two splits');

SELECT throws_ok($$SELECT persona.fold('a', 0)$$, '22023', 'argument "folds" must be at least 1', 'no folds');
SELECT throws_ok($$SELECT persona.fold(1, -3)$$, '22023', 'argument "folds" must be at least 1', 'negative folds');

SELECT * FROM finish();
ROLLBACK;
