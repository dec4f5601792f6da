-- persona.moments: what each accessor answers, how parts merge, what is refused.
BEGIN;
SELECT plan(38);
SET LOCAL search_path = public, persona;  -- the operators of the type, where is() compares

CREATE TEMP TABLE state AS
SELECT persona.moments_agg(x) AS m FROM (VALUES (2::float8), (8), (0), (4), (NULL), (1), (9), (9), (0)) v(x);
SELECT is((SELECT persona.moments_count(m) FROM state), 8::bigint, 'count of the values');
SELECT is((SELECT persona.moments_nulls(m) FROM state), 1::bigint, 'count of the NULLs');
SELECT is((SELECT persona.mean(m) FROM state), 4.125::float8, 'mean');
SELECT is((SELECT persona.moments_min(m) FROM state), 0::float8, 'minimum');
SELECT is((SELECT persona.moments_max(m) FROM state), 9::float8, 'maximum');
-- By hand: (247 - 33^2 / 8) / 7.
SELECT is((SELECT persona.moments_variance(m) FROM state), ((247 - 33.0 * 33 / 8) / 7)::float8, 'sample variance');
SELECT is((SELECT round(persona.moments_stddev(m)::numeric, 14) FROM state), 3.97986001189561::numeric, 'deviation');
-- In rational arithmetic: sqrt(n) m3 / m2^1.5 and n m4 / m2^2 - 3.
SELECT is((SELECT round(persona.skewness(m)::numeric, 14) FROM state), 0.26505541226986, 'skewness g1');
SELECT is((SELECT round(persona.kurtosis(m)::numeric, 14) FROM state), -1.66600107528385, 'excess kurtosis g2');
SELECT is((SELECT m::text FROM (SELECT persona.moments_agg(x) AS m FROM (VALUES (1::float8), (2), (3), (NULL)) v(x)) q),
          'moments:1 n=3 nulls=1 min=1 max=3 sum=6 m2=2 m3=0 m4=2', 'the text form');

SELECT is((SELECT persona.moments_agg(x) FROM (SELECT 1::float8 WHERE false) v(x)), NULL, 'no rows: NULL');
CREATE TEMP TABLE only_nulls AS SELECT persona.moments_agg(x) AS m FROM (VALUES (NULL::float8), (NULL)) v(x);
SELECT is((SELECT persona.moments_count(m) FROM only_nulls), 0::bigint, 'only NULLs: no values');
SELECT is((SELECT persona.moments_nulls(m) FROM only_nulls), 2::bigint, 'and two NULLs');
SELECT is((SELECT persona.mean(m) FROM only_nulls), NULL, 'no mean');
SELECT is((SELECT persona.moments_min(m) FROM only_nulls), NULL, 'no minimum');
SELECT is((SELECT persona.moments_max(m) FROM only_nulls), NULL, 'no maximum');
SELECT is((SELECT persona.moments_variance(persona.moments_agg(x)) FROM (VALUES (5::float8)) v(x)), NULL, 'no variance of one');
SELECT is((SELECT persona.moments_stddev(persona.moments_agg(x)) FROM (VALUES (5::float8)) v(x)), NULL, 'no deviation of one');
SELECT is((SELECT persona.moments_variance(persona.moments_agg(x)) FROM (VALUES (0.1::float8), (0.1), (0.1)) v(x)), 0::float8,
          'equal values do not vary');
SELECT is((SELECT persona.skewness(persona.moments_agg(x)) FROM (VALUES (5::float8), (5)) v(x)), NULL, 'and have no skewness');
SELECT is((SELECT persona.kurtosis(persona.moments_agg(x)) FROM (VALUES (5::float8), (5)) v(x)), NULL, 'nor kurtosis');

SELECT throws_ok($$ SELECT persona.moments_agg('NaN') $$, '22003', 'value is NaN or infinite', 'NaN');
SELECT throws_ok($$ SELECT persona.moments_agg('Infinity') $$, '22003', NULL, 'infinity');
SELECT lives_ok($$ SELECT persona.moments_agg(x) FILTER (WHERE x <> ALL ('{NaN,Infinity,-Infinity}'))
                   FROM (VALUES ('NaN'::float8), ('-Infinity'), (1)) v(x) $$, 'the filter the hint names');
SELECT throws_ok($$ SELECT persona.moments_agg(x) FROM (VALUES (1e100::float8), (-1e100)) v(x) $$, '22003',
                 'value out of range: overflow', 'a fourth moment out of range');
SELECT throws_ok($$ SELECT 'moments:1 n=3 nulls=1 min=3 max=1 sum=6 m2=2 m3=0 m4=2'::persona.moments $$, '22P02',
                 'invalid input syntax for type persona.moments', 'a forged text');
SELECT throws_ok($$ SELECT persona.moments_add(m, 1) FROM state $$, 'XX000', NULL, 'a transition function outside an aggregate');
SELECT throws_ok($$ SELECT persona.moments_combine(m, m) FROM state $$, 'XX000', NULL, 'a combine function outside one');

SELECT is((SELECT persona.merge(m, NULL) FROM state), (SELECT m FROM state), 'NULL is no values');
SELECT is((SELECT persona.merge(NULL, m) FROM state), (SELECT m FROM state), 'on either side');
SELECT is((SELECT persona.moments_nulls(persona.merge(s.m, o.m)) FROM state s, only_nulls o), 3::bigint, 'NULLs add up');
SELECT is((SELECT persona.mean(persona.merge(o.m, s.m)) FROM state s, only_nulls o), 4.125::float8, 'with a part without values');
CREATE TEMP TABLE parts AS
SELECT i % 31 AS part, persona.moments_agg(sin(i) * i) AS m FROM generate_series(1, 5000) i GROUP BY 1;
CREATE TEMP TABLE whole AS SELECT persona.moments_agg(sin(i) * i) AS m FROM generate_series(1, 5000) i;
SELECT is((SELECT count(*) FROM whole w, (SELECT persona.rollup(m) AS m FROM parts) p
           WHERE persona.moments_count(w.m) = persona.moments_count(p.m)
             AND persona.moments_min(w.m) = persona.moments_min(p.m) AND persona.moments_max(w.m) = persona.moments_max(p.m)
             AND abs(persona.mean(w.m) - persona.mean(p.m)) <= 1e-13 * abs(persona.mean(w.m))
             AND abs(persona.moments_variance(w.m) - persona.moments_variance(p.m)) <= 1e-13 * persona.moments_variance(w.m)
             AND abs(persona.skewness(w.m) - persona.skewness(p.m)) <= 1e-13 * abs(persona.skewness(w.m))
             AND abs(persona.kurtosis(w.m) - persona.kurtosis(p.m)) <= 1e-13 * abs(persona.kurtosis(w.m))), 1::bigint,
          'rollup of parts is one pass');
SELECT ok((SELECT abs(persona.moments_stddev(m) - sd) <= 1e-12 * sd AND persona.mean(m) - a <= 1e-12 * abs(a)
           FROM whole, (SELECT stddev_samp(sin(i) * i) AS sd, avg(sin(i) * i) AS a FROM generate_series(1, 5000) i) b),
          'agrees with the built-in aggregates');
SELECT is((SELECT count(*) FROM parts WHERE m::text::persona.moments <> m), 0::bigint, 'text there and back');
SELECT is((SELECT count(*) FROM (SELECT DISTINCT m FROM (SELECT m FROM parts UNION ALL SELECT m FROM parts) u) d), 31::bigint,
          'DISTINCT');
SELECT is((SELECT array_agg(persona.moments_count(m) ORDER BY i) FROM
           (SELECT i, persona.moments_agg(i) OVER (ORDER BY i) AS m FROM generate_series(1, 4) i) w), '{1,2,3,4}'::bigint[],
          'a running window');
SELECT is((SELECT pg_column_size(persona.moments_agg(i)) FROM generate_series(1, 4) i), 112, 'always 112 bytes');

SELECT * FROM finish();
ROLLBACK;
