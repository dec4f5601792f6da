-- describe against the SQL a user would write for the same figures, over 1,000,000 order lines of eight columns: a few
-- labels, skewed quantities and prices, times and continuous weights. One statement asks for the figures of all columns, and
-- one for the duplicate rows. Prints milliseconds and the ratio of the medians of three interleaved runs after one to warm up.
\set ON_ERROR_STOP on
\pset footer off
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '64MB';

CREATE TEMP TABLE bench_line AS
SELECT 1 + (i / 20) AS invoice,
       'sku ' || floor(4000 * random_sku ^ 2) AS sku,
       1 + floor(-ln(1 - random_quantity) * 8)::int AS quantity,
       timestamp '2023-01-01' + (i / 20) * interval '10 minutes' AS ordered_at,
       round((exp(random_price * 3) * 2)::numeric, 2) AS price,
       random_weight * 30 AS weight,
       CASE WHEN random_customer > 0.2 THEN (1 + floor(random_customer * 50000))::int END AS customer,
       (ARRAY['GB', 'DE', 'FR', 'IE'])[1 + floor(4 * random_country ^ 6)::int] AS country
FROM (SELECT i, random() AS random_sku, random() AS random_quantity, random() AS random_price, random() AS random_weight,
             random() AS random_customer, random() AS random_country
      FROM setseed(0.42), generate_series(1, 1000000) i) r;
VACUUM ANALYZE bench_line;

SELECT 'SELECT ' || string_agg(
         format(CASE WHEN a.attname IN ('quantity', 'price', 'weight', 'invoice', 'customer')
                  THEN 'count(*) - count(%1$I), count(DISTINCT %1$I), mode() WITHIN GROUP (ORDER BY %1$I), min(%1$I), max(%1$I), avg(%1$I), '
                       'stddev_samp(%1$I), percentile_cont(ARRAY[.05, .25, .5, .75, .95]) WITHIN GROUP (ORDER BY %1$I)'
                WHEN a.attname = 'ordered_at'
                  THEN 'count(*) - count(%1$I), count(DISTINCT %1$I), mode() WITHIN GROUP (ORDER BY %1$I), min(%1$I), max(%1$I), '
                       'percentile_disc(ARRAY[.05, .25, .5, .75, .95]) WITHIN GROUP (ORDER BY %1$I)'
                ELSE 'count(*) - count(%1$I), count(DISTINCT %1$I), mode() WITHIN GROUP (ORDER BY %1$I), min(%1$I), max(%1$I)' END, a.attname),
         ', ' ORDER BY a.attnum) || ' FROM bench_line' AS figures
FROM pg_attribute a WHERE a.attrelid = 'bench_line'::regclass AND a.attnum > 0
\gset

CREATE TEMP TABLE bench_method (method text, query text);
INSERT INTO bench_method VALUES
  ('describe', 'SELECT count(*) FROM persona.describe(''bench_line'')'),
  ('figures', :'figures'),
  ('duplicate rows', 'SELECT sum(n) - count(*) FROM (SELECT count(*) AS n FROM bench_line l
                      GROUP BY invoice, sku, quantity, ordered_at, price, weight, customer, country) g');
CREATE TEMP TABLE bench_run (method text, ms float8);

DO $bench$
DECLARE
  m record;
  started timestamptz;
BEGIN
  FOR turn IN 0 .. 3 LOOP
    FOR m IN SELECT * FROM bench_method LOOP
      started := clock_timestamp();
      EXECUTE m.query;
      IF turn > 0 THEN
        INSERT INTO bench_run VALUES (m.method, 1000 * extract(epoch FROM clock_timestamp() - started));
      END IF;
    END LOOP;
  END LOOP;
END
$bench$;

\echo 'describe over 1,000,000 rows of eight columns (at most 0.5 of the two statements in SQL):'
SELECT round(describe::numeric) AS describe_ms, round(figures::numeric) AS figures_ms, round(duplicates::numeric) AS duplicate_rows_ms,
       round((describe / (figures + duplicates))::numeric, 2) AS ratio
FROM (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE method = 'describe') AS describe,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE method = 'figures') AS figures,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE method = 'duplicate rows') AS duplicates
      FROM bench_run) m;
