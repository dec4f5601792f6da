-- persona.cross_products: what each accessor answers, how parts merge and are taken out again, what is refused.
BEGIN;
SELECT plan(91);
SET LOCAL search_path = public, persona;  -- the operators of the type, where is() compares
SET LOCAL client_min_messages = warning;

CREATE FUNCTION pg_temp.near(got float8, want float8, relative float8, description text) RETURNS text
LANGUAGE sql AS $$
  SELECT coalesce(CASE WHEN abs(got - want) <= relative * greatest(abs(want), 1e-300) THEN pass(description) END,
                  fail(description) || E'\n' || diag(format('got %s, want %s', got, want)))
$$;

-- Longley: NIST StRD (https://www.itl.nist.gov/div898/strd/lls/data/Longley.shtml), certified estimates and deviations.
CREATE TEMP TABLE longley (y float8, x1 float8, x2 float8, x3 float8, x4 float8, x5 float8, x6 float8);
COPY longley FROM stdin WITH (DELIMITER ' ');
60323 83.0 234289 2356 1590 107608 1947
61122 88.5 259426 2325 1456 108632 1948
60171 88.2 258054 3682 1616 109773 1949
61187 89.5 284599 3351 1650 110929 1950
63221 96.2 328975 2099 3099 112075 1951
63639 98.1 346999 1932 3594 113270 1952
64989 99.0 365385 1870 3547 115094 1953
63761 100.0 363112 3578 3350 116219 1954
66019 101.2 397469 2904 3048 117388 1955
67857 104.6 419180 2822 2857 118734 1956
68169 108.4 442769 2936 2798 120445 1957
66513 110.8 444546 4681 2637 121950 1958
68655 112.6 482704 3813 2552 123366 1959
69564 114.2 502601 3931 2514 125368 1960
69331 115.7 518173 4806 2572 127852 1961
70551 116.9 554894 4007 2827 130081 1962
\.
CREATE TEMP TABLE certified (term text, estimate float8, std_error float8);
INSERT INTO certified VALUES
  ('(intercept)', -3482258.63459582, 890420.383607373), ('x1', 15.0618722713733, 84.9149257747669),
  ('x2', -0.358191792925910e-01, 0.334910077722432e-01), ('x3', -2.02022980381683, 0.488399681651699),
  ('x4', -1.03322686717359, 0.214274163161675), ('x5', -0.511041056535807e-01, 0.226073200069370),
  ('x6', 1829.15146461355, 455.478499142212);
CREATE TEMP TABLE longley_products AS SELECT persona.cross_products_agg(y, x1, x2, x3, x4, x5, x6) AS c FROM longley;
CREATE TEMP TABLE longley_fit AS SELECT f.* FROM longley_products, persona.linear_fit(c) f;
SELECT is((SELECT array_agg(f.term) FROM longley_products, persona.linear_fit(c) f),
          '{(intercept),x1,x2,x3,x4,x5,x6}'::text[], 'the intercept, then the x in order');
SELECT pg_temp.near(f.estimate, c.estimate, 1e-12, 'Longley: estimate of ' || term) FROM longley_fit f JOIN certified c USING (term);
SELECT pg_temp.near(f.std_error, c.std_error, 1e-12, 'Longley: std_error of ' || term) FROM longley_fit f JOIN certified c USING (term);
SELECT pg_temp.near(persona.r_squared(c), 0.995479004577296, 1e-12, 'Longley: R2') FROM longley_products;
-- From the certified figures by scipy 1.10, as in linear_regression.sql.
SELECT pg_temp.near(statistic, 1829.15146461355 / 455.478499142212, 1e-12, 'Longley: t') FROM longley_fit WHERE term = 'x6';
SELECT pg_temp.near(p_value, 0.003036803341630311, 1e-9, 'Longley: p value') FROM longley_fit WHERE term = 'x6';
SELECT pg_temp.near(ci_low, 798.7875153044786, 1e-10, 'Longley: lower limit') FROM longley_fit WHERE term = 'x6';
SELECT pg_temp.near(ci_high, 2859.5154139226215, 1e-10, 'Longley: upper limit') FROM longley_fit WHERE term = 'x6';
SELECT is((SELECT array_agg(f.term) FROM longley_products, persona.linear_fit(c, '{deflator,gnp,unemployed,army,population,year}') f),
          '{(intercept),deflator,gnp,unemployed,army,population,year}'::text[], 'terms by their names');
SELECT is((SELECT count(*) FROM (SELECT (persona.linear_fit(c)).* FROM longley_products) q), 7::bigint, 'linear_fit in a select list');

-- An array, and numbers of other types, give the same.
SELECT is((SELECT persona.cross_products_agg(y, VARIADIC ARRAY[x1, x2, x3, x4, x5, x6]) FROM longley), c,
          'an array of the x') FROM longley_products;
SELECT is((SELECT persona.cross_products_agg(y::int, x1::numeric, x2::bigint, x3::int, x4::smallint, x5::real, x6) FROM longley), c,
          'other numeric types') FROM longley_products;
SELECT is((SELECT persona.cross_products_agg(1, VARIADIC array_fill(2::float8, ARRAY[25]))),
          (SELECT persona.cross_products_agg(1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2)),
          'more than 24 x one by one go through an array');

-- Small numbers by hand: y 1 2 3, x 2 4 9.
CREATE TEMP TABLE small AS
SELECT persona.cross_products_agg(y, x) AS c FROM (VALUES (1::float8, 2::float8), (2, 4), (NULL, 5), (3, 9), (7, NULL)) v(y, x);
SELECT is((SELECT c::text FROM small), 'cross_products:1 columns=2 rows=3 skipped=2 error=1 units=0,0 means=2,5 products=2,7,26', 'the text form');
SELECT is((SELECT persona.cross_products_rows(c) FROM small), 3::bigint, 'complete rows');
SELECT is((SELECT persona.cross_products_skipped(c) FROM small), 2::bigint, 'skipped rows');
SELECT is((SELECT persona.covariance(c) FROM small), '{{1,3.5},{3.5,13}}'::float8[], 'covariance');
SELECT is((SELECT array_agg(round(r::numeric, 14)) FROM small, unnest(persona.correlation(c)) r),
          ARRAY[1, round(7 / sqrt(52.0), 14), round(7 / sqrt(52.0), 14), 1], 'correlation');
SELECT is((SELECT array_agg(round(f.estimate::numeric, 14)) FROM small, persona.linear_fit(c) f),
          ARRAY[round(17.0 / 26, 14), round(7.0 / 26, 14)], 'the line');
SELECT is((SELECT persona.cross_products_agg(y, VARIADIC xs) FROM (VALUES (1::float8, '{2}'::float8[]), (2, '{4}'), (NULL, '{5}'), (3, '{9}'),
          (7, '{NULL}')) v(y, xs)), c, 'NULLs of an array') FROM small;
SELECT is((SELECT pg_column_size(persona.cross_products_agg(y, x1)) FROM longley), 128, 'bytes');

SELECT is((SELECT persona.cross_products_agg(y, x1) FROM longley WHERE false), NULL, 'no rows: NULL');
CREATE TEMP TABLE only_nulls AS SELECT persona.cross_products_agg(NULL, 1) AS c FROM longley;
SELECT is((SELECT c::text FROM only_nulls), 'cross_products:1 columns=2 rows=0 skipped=16', 'only NULLs');
SELECT is((SELECT persona.correlation(c) FROM only_nulls), NULL, 'no correlation');
SELECT is((SELECT persona.covariance(c) FROM only_nulls), NULL, 'no covariance');
SELECT is((SELECT persona.r_squared(c) FROM only_nulls), NULL, 'no R2');
SELECT is((SELECT array_agg(f.term) FROM only_nulls, persona.linear_fit(c) f WHERE f.estimate IS NULL), '{(intercept),x1}'::text[], 'no estimates');

-- A column that does not vary, and one that depends on others.
CREATE TEMP TABLE collinear AS
SELECT persona.cross_products_agg(i + sin(i), i, 0.1, 3 * i, sin(i * i)) AS c FROM generate_series(1, 100) i;
SELECT is((SELECT array_agg(f.term) FROM collinear, persona.linear_fit(c) f WHERE f.estimate IS NULL AND f.std_error IS NULL
             AND f.statistic IS NULL AND f.p_value IS NULL AND f.ci_low IS NULL AND f.ci_high IS NULL), '{x2,x3}'::text[],
          'constant and dependent columns have no estimate');
SELECT is((SELECT count(*) FROM collinear, unnest(persona.correlation(c)) r WHERE r IS NULL), 9::bigint, 'a constant has no correlations');
SELECT is((SELECT (persona.correlation(c))[3][3] FROM collinear), NULL, 'not even with itself');
SELECT is((SELECT (persona.correlation(c))[2][4] FROM collinear), 1::float8, 'a correlation of 1');
SELECT is((SELECT (persona.covariance(c))[3][3] FROM collinear), 0::float8, 'a constant does not vary');

-- Against the built-in aggregates and persona.fit, in days and whole.
CREATE TEMP TABLE event AS
SELECT i % 365 AS day, i % 211 AS customer, 3 + x1 - 2 * x2 + 0.5 * x3 + sin(i * 7919) AS y, x1, x2, x3
FROM (SELECT i, 100 + 10 * sin(i) AS x1, 5 + cos(i * i) AS x2, CASE WHEN i % 97 = 0 THEN NULL ELSE sqrt(i) END AS x3
      FROM generate_series(1::bigint, 20000) i) s;
CREATE TEMP TABLE day AS SELECT day, persona.cross_products_agg(y, x1, x2, x3) AS c FROM event GROUP BY day;
CREATE TEMP TABLE whole AS SELECT persona.cross_products_agg(y, x1, x2, x3) AS c FROM event;
DO $$ BEGIN PERFORM persona.fit('event', 'linear_regression', 'SELECT y, x1, x2, x3 FROM pg_temp.event', 'y'); END $$;
SELECT is((SELECT count(*) FROM (SELECT persona.rollup(c) AS c FROM day) r, persona.linear_fit(c) f
           JOIN persona.deployed_coefficient d ON d.name = 'event' AND d.term = f.term
           WHERE abs(f.estimate - d.estimate) <= 1e-12 * abs(d.estimate) AND abs(f.std_error - d.std_error) <= 1e-12 * d.std_error
             AND abs(f.statistic - d.statistic) <= 1e-12 * abs(d.statistic) AND abs(f.ci_low - d.ci_low) <= 1e-12 * abs(d.ci_low)
             AND abs(f.ci_high - d.ci_high) <= 1e-12 * abs(d.ci_high)), 4::bigint, 'a year of days rolled up is one fit of all rows');
SELECT is((SELECT (persona.cross_products_rows(persona.rollup(c)), persona.cross_products_skipped(persona.rollup(c)))::text FROM day),
          (SELECT (count(x3), count(*) FILTER (WHERE x3 IS NULL))::text FROM event), 'rows and skipped rows add up');
SELECT pg_temp.near((persona.covariance(c))[2][3], (SELECT covar_samp(x1, x2) FROM event WHERE x3 IS NOT NULL), 1e-10, 'covar_samp') FROM whole;
SELECT pg_temp.near((persona.covariance(c))[4][4], (SELECT var_samp(x3) FROM event), 1e-12, 'var_samp') FROM whole;
SELECT pg_temp.near((persona.correlation(c))[1][4], (SELECT corr(y, x3) FROM event), 1e-12, 'corr') FROM whole;
SELECT pg_temp.near(f.estimate, (SELECT regr_slope(y, x1) FROM event), 1e-12, 'regr_slope')
FROM (SELECT persona.cross_products_agg(y, x1) AS c FROM event) s, persona.linear_fit(c) f WHERE f.term = 'x1';
SELECT pg_temp.near(persona.r_squared(persona.cross_products_agg(y, x1)), regr_r2(y, x1), 1e-12, 'regr_r2') FROM event;

-- Parallel workers.
CREATE TABLE shared_event AS SELECT * FROM event;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_leader_participation = off;
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; plan text := '';
BEGIN
  FOR line IN EXECUTE 'EXPLAIN ' || query LOOP plan := plan || line || E'\n'; END LOOP;
  RETURN plan;
END $$;
SELECT matches(pg_temp.plan_of('SELECT persona.cross_products_agg(y, x1, x2, x3) FROM shared_event'), 'Finalize Aggregate(.|\n)*Gather(.|\n)*Partial Aggregate',
               'a parallel plan');
CREATE TEMP TABLE parallel AS SELECT persona.cross_products_agg(y, x1, x2, x3) AS c FROM shared_event;
SELECT is((SELECT count(*) FROM whole w, parallel p, LATERAL (SELECT unnest(persona.covariance(w.c)) AS a, unnest(persona.covariance(p.c)) AS b) e
           WHERE persona.cross_products_rows(w.c) = persona.cross_products_rows(p.c) AND persona.cross_products_skipped(w.c) = persona.cross_products_skipped(p.c)
             AND abs(a - b) <= 1e-13 * abs(a)), 16::bigint, 'workers give what one process gives');
SELECT is((SELECT count(*) FROM (SELECT customer % 5 AS part, persona.rollup(c) AS c FROM
             (SELECT customer, persona.cross_products_agg(y, x1, x2, x3) AS c FROM shared_event GROUP BY customer) q GROUP BY 1) g
           JOIN (SELECT customer % 5 AS part, var_samp(x3) AS v FROM shared_event GROUP BY 1) b USING (part)
           WHERE abs((persona.covariance(c))[4][4] - v) <= 1e-10 * v), 5::bigint, 'rollup of customers');
SET LOCAL max_parallel_workers_per_gather = 0;

-- Merging.
SELECT is((SELECT persona.merge(c, NULL) FROM small), (SELECT c FROM small), 'NULL is no rows');
SELECT is((SELECT persona.merge(NULL, c) FROM small), (SELECT c FROM small), 'on either side');
SELECT is(persona.merge(NULL::persona.cross_products, NULL), NULL, 'or both');
SELECT is((SELECT persona.cross_products_skipped(persona.merge(s.c, o.c)) FROM small s, only_nulls o), 18::bigint, 'with a part without rows');
SELECT is((SELECT count(*) FROM day a JOIN day b ON a.day < b.day WHERE persona.merge(a.c, b.c) <> persona.merge(b.c, a.c)), 0::bigint, 'whichever is first');
SELECT is((SELECT array_agg(persona.cross_products_rows(c)) FROM (SELECT persona.cross_products_agg(y, x1) OVER (ORDER BY x6) AS c FROM longley) w),
          ARRAY(SELECT generate_series(1::bigint, 16)), 'a running window');
SELECT is((SELECT count(*) FROM (SELECT DISTINCT c FROM (SELECT c FROM day UNION ALL SELECT c FROM day) u) d), 365::bigint, 'DISTINCT');
SELECT is((SELECT count(*) FROM day WHERE c::text::persona.cross_products <> c), 0::bigint, 'text there and back');
CREATE TEMP TABLE copied (LIKE day);
DO $$
DECLARE file text := current_setting('data_directory') || '/cross_products.bin';
BEGIN
  EXECUTE format('COPY day TO %L (FORMAT binary)', file);
  EXECUTE format('COPY copied FROM %L (FORMAT binary)', file);
  EXECUTE format('COPY (SELECT) TO PROGRAM %L', format('rm %L', file));
END $$;
SELECT is((SELECT count(*) FROM day JOIN copied USING (day) WHERE day.c = copied.c), 365::bigint, 'binary COPY there and back');

-- Taking a customer out again.
CREATE TEMP TABLE forgotten AS SELECT persona.cross_products_agg(y, x1, x2, x3) AS c FROM event WHERE customer = 7;
CREATE TEMP TABLE others AS SELECT persona.cross_products_agg(y, x1, x2, x3) AS c FROM event WHERE customer <> 7;
SELECT is((SELECT count(*) FROM others o, persona.linear_fit(o.c) e
           JOIN (SELECT f.* FROM whole w, forgotten p, persona.linear_fit(persona.subtract(w.c, p.c)) f) f USING (term)
           WHERE abs(f.estimate - e.estimate) <= 1e-12 * abs(e.estimate) AND abs(f.std_error - e.std_error) <= 1e-12 * e.std_error), 4::bigint,
          'what remains is the fit of the others');
SELECT is((SELECT persona.cross_products_rows(persona.subtract(w.c, p.c)) FROM whole w, forgotten p), (SELECT persona.cross_products_rows(c) FROM others), 'their rows');
SELECT is((SELECT persona.cross_products_skipped(persona.subtract(w.c, p.c)) FROM whole w, forgotten p), (SELECT persona.cross_products_skipped(c) FROM others),
          'their skipped rows');
SELECT is((SELECT persona.subtract(c, c) FROM whole), NULL, 'nothing remains: NULL');
SELECT is((SELECT persona.subtract(c, NULL) FROM whole), (SELECT c FROM whole), 'NULL takes nothing away');
SELECT is(persona.subtract(NULL::persona.cross_products, NULL), NULL, 'nor from nothing');
SELECT throws_ok('SELECT persona.subtract(NULL, c) FROM whole', '22000', 'the part to subtract cannot have been in these cross products', 'not from NULL');
SELECT throws_ok('SELECT persona.subtract(p.c, w.c) FROM whole w, forgotten p', '22000', 'the part to subtract cannot have been in these cross products', 'more rows than there are');
SELECT throws_ok($$ SELECT persona.subtract(w.c, (SELECT persona.cross_products_agg(1e6 * i, i, i, i) FROM generate_series(1, 9) i)) FROM whole w $$, '22000', NULL,
                 'rows that were never in');
SELECT throws_ok($$ SELECT persona.subtract(persona.cross_products_agg(y, x), persona.cross_products_agg(y, x) FILTER (WHERE abs(y) > 1e9))
                    FROM (SELECT sin(i) * CASE WHEN i > 90 THEN 1e15 ELSE 1 END, cos(i) FROM generate_series(1, 100) i) v(y, x) $$, '22003',
                 'subtracting this part would lose too many digits', 'a customer with all but 1e-29 of the sum of squares');
SELECT throws_ok($$ SELECT persona.subtract(c, persona.cross_products_agg(1, 2, 3)) FROM small GROUP BY c $$, '22023', 'cross products of different numbers of columns',
                 'a part of other columns');

-- What is refused.
SELECT throws_ok($$ SELECT persona.cross_products_agg('NaN', 1) $$, '22003', 'y is NaN or infinite', 'NaN');
SELECT throws_ok($$ SELECT persona.cross_products_agg(1, 2, '-Infinity', 3) $$, '22003', 'x2 is NaN or infinite', 'infinity');
SELECT throws_ok($$ SELECT persona.cross_products_agg(1, VARIADIC '{1,NaN}'::float8[]) $$, '22003', 'x2 is NaN or infinite', 'NaN in an array');
SELECT throws_ok($$ SELECT persona.cross_products_agg(1, VARIADIC NULL::float8[]) $$, '22023', 'x must not be a NULL array', 'no array');
SELECT throws_ok($$ SELECT persona.cross_products_agg(1, VARIADIC '{}'::float8[]) $$, '22023', NULL, 'an empty array');
SELECT throws_ok($$ SELECT persona.cross_products_agg(1, VARIADIC '{{1},{2}}'::float8[]) $$, '22023', NULL, 'a matrix');
SELECT throws_ok($$ SELECT persona.cross_products_agg(1, VARIADIC xs) FROM (VALUES ('{1,2}'::float8[]), ('{1}')) v(xs) $$, '22023', 'rows with different numbers of x',
                 'arrays of different lengths');
SELECT throws_ok($$ SELECT persona.cross_products_agg(1, VARIADIC array_fill(1::float8, ARRAY[101])) $$, '54000', 'too many x for cross_products', '101 x');
SELECT lives_ok($$ SELECT persona.linear_fit(persona.cross_products_agg(sin(i), VARIADIC ARRAY(SELECT sin(i * k) FROM generate_series(2, 101) k))) FROM generate_series(1, 300) i $$, '100 x');
SELECT throws_ok($$ SELECT persona.linear_fit(c, '{a,b}') FROM small $$, '22023', 'names must be one for each x', 'too many names');
SELECT throws_ok($$ SELECT persona.linear_fit(c, '{NULL}') FROM small $$, '22023', NULL, 'a name that is NULL');
SELECT throws_ok($$ SELECT persona.linear_fit(c, '{a,b,a,d}') FROM collinear $$, '22023', 'two terms would be named "a"', 'one name twice');
SELECT throws_ok($$ SELECT persona.rollup(c) FROM (SELECT c FROM small UNION ALL SELECT c FROM whole) q $$, '22023', 'cross products of different numbers of columns', 'other columns do not merge');
SELECT throws_ok($$ SELECT 'cross_products:1 columns=2 rows=3 skipped=0 error=1 units=0,0 means=2,5 products=2,8,26'::persona.cross_products $$, '22P02',
                 'invalid input syntax for type persona.cross_products', 'a forged text');
SELECT throws_ok('SELECT persona.cross_products_add(c, 1, 2) FROM small', 'XX000', NULL, 'a transition function outside an aggregate');
SELECT throws_ok('SELECT persona.cross_products_combine(c, c) FROM small', 'XX000', NULL, 'a combine function outside one');
SELECT throws_ok('SELECT persona.cross_products_final(c) FROM small', 'XX000', NULL, 'a final function outside one');

SELECT * FROM finish();
ROLLBACK;
