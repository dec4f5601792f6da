-- cross_products_agg of 20 columns against the built-in sums of the same columns, on 1,000,000 rows in one process; then
-- with the columns as an array, in many small groups, and rolled up from days. Alternating runs after a warm one,
-- medians of five, ratio of the medians.
\set ON_ERROR_STOP on
\pset footer off
SET client_min_messages = warning;
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '1GB';

-- Columns at different offsets and spreads.
SELECT format('CREATE TEMP TABLE bench_row AS SELECT g %% 50000 AS customer, %s FROM generate_series(1, 1000000) AS g',
              string_agg(format('%1$s * 10 + random() * %1$s AS x%1$s', i), ', ' ORDER BY i)) AS statement
FROM generate_series(1, 20) AS i \gset
SELECT setseed(0.42) \g /dev/null
:statement;
VACUUM ANALYZE bench_row;

SELECT string_agg('x' || i, ', ' ORDER BY i) AS columns, string_agg('x' || i, ', ' ORDER BY i) FILTER (WHERE i > 1) AS rest,
       string_agg(format('sum(x%s)', i), ', ' ORDER BY i) AS sums
FROM generate_series(1, 20) AS i \gset

CREATE TEMP TABLE bench_day AS
SELECT customer % 365 AS day, persona.cross_products_agg(:columns) AS c FROM bench_row GROUP BY 1;

SELECT set_config('bench.sums', format('SELECT %s FROM bench_row', :'sums'), false),
       set_config('bench.numbers', format('SELECT persona.cross_products_agg(%s) FROM bench_row', :'columns'), false),
       set_config('bench.array', format('SELECT persona.cross_products_agg(x1, VARIADIC ARRAY[%s]) FROM bench_row', :'rest'), false),
       set_config('bench.grouped_sums', format('SELECT count(q) FROM (SELECT %s FROM bench_row GROUP BY customer OFFSET 0) q', :'sums'), false),
       set_config('bench.grouped', format('SELECT count(q) FROM (SELECT persona.cross_products_agg(%s) FROM bench_row GROUP BY customer OFFSET 0) q',
                                          :'columns'), false),
       set_config('bench.rollup', 'SELECT persona.linear_fit(persona.rollup(c)) FROM bench_day', false) \g /dev/null

CREATE TEMP TABLE bench_run (method text, ms float8);
DO $bench$
DECLARE
  method text;
  started timestamptz;
BEGIN
  FOR turn IN 0 .. 5 LOOP
    FOREACH method IN ARRAY ARRAY['sums', 'numbers', 'array', 'grouped_sums', 'grouped', 'rollup'] LOOP
      started := clock_timestamp();
      EXECUTE current_setting('bench.' || method);
      IF turn > 0 THEN
        INSERT INTO bench_run VALUES (method, 1000 * extract(epoch FROM clock_timestamp() - started));
      END IF;
    END LOOP;
  END LOOP;
END
$bench$;

CREATE TEMP VIEW bench_median AS
SELECT method, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS ms FROM bench_run GROUP BY method;

SELECT what, round(a.ms::numeric, 1) AS ms, beside, round(b.ms::numeric, 1) AS beside_ms,
       round((a.ms / b.ms)::numeric, 2) AS ratio, goal
FROM (VALUES (1, 'cross_products_agg(y, x1, ..., x19)', 'numbers', 'the 20 sums', 'sums', '1.1'),
             (2, 'cross_products_agg(y, VARIADIC ARRAY[x1, ..., x19])', 'array', 'the 20 sums', 'sums', '-'),
             (3, 'the first by 50,000 customers', 'grouped', 'the sums by customer', 'grouped_sums', '-'),
             (4, 'linear_fit of 365 days rolled up', 'rollup', 'the 20 sums', 'sums', '-'))
  AS line (place, what, method, beside, other, goal)
JOIN bench_median AS a ON a.method = line.method
JOIN bench_median AS b ON b.method = line.other
ORDER BY place;

\echo 'bytes of a value by the number of x:'
SELECT n AS x, pg_column_size(persona.cross_products_agg(0, VARIADIC array_fill(0::float8, ARRAY[n]))) AS bytes
FROM unnest('{1,5,19,50,100}'::int[]) AS n GROUP BY n ORDER BY n;
