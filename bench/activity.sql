-- activity_agg against the built-in aggregates that answer the plainest of the same questions: 1,000,000 events
-- of 50,000 customers over a year, amounts like prices, in the order in which they happened. Prints milliseconds,
-- the ratio of the medians of five interleaved runs after one to warm up, and the size of states.
\set ON_ERROR_STOP on
\pset footer off
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '256MB';

CREATE TEMP TABLE bench_event AS
SELECT (1 + floor(random_customer * 50000))::int AS customer,
       timestamptz '2022-01-01 00:00+00' + random_day * interval '365 days' AS ts,
       round((exp(random_price * 3) * 4)::numeric, 2)::float8 AS amount
FROM (SELECT random() AS random_customer, random() AS random_day, random() AS random_price
      FROM setseed(0.42), generate_series(1, 1000000)) r
ORDER BY ts;
VACUUM ANALYZE bench_event;

CREATE TEMP TABLE bench_run (method text, ms float8);

DO $bench$
DECLARE
  method record;
  started timestamptz;
BEGIN
  FOR turn IN 0 .. 5 LOOP
    FOR method IN VALUES
      ('activity_agg', 'SELECT count(s) FROM (SELECT customer, persona.activity_agg(ts, amount) AS s
                        FROM bench_event GROUP BY customer OFFSET 0) q'),
      ('built-in', 'SELECT count(q) FROM (SELECT customer, count(*), sum(amount), avg(amount), stddev_samp(amount),
                    min(ts), max(ts) FROM bench_event GROUP BY customer OFFSET 0) q')
    LOOP
      started := clock_timestamp();
      EXECUTE method.column2;
      IF turn > 0 THEN
        INSERT INTO bench_run VALUES (method.column1, 1000 * extract(epoch FROM clock_timestamp() - started));
      END IF;
    END LOOP;
  END LOOP;
END
$bench$;

\echo 'activity_agg(ts, amount) GROUP BY customer, 1,000,000 events of 50,000 customers (at most 1.0):'
SELECT round(mine::numeric, 1) AS activity_agg_ms, round(theirs::numeric, 1) AS built_in_ms,
       round((mine / theirs)::numeric, 2) AS ratio
FROM (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE method = 'activity_agg') AS mine,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE method = 'built-in') AS theirs
      FROM bench_run) m;

\echo 'bytes of a state (ten years of daily activity: under 800):'
SELECT history, pg_column_size(state) AS bytes
FROM (SELECT n AS place, to_char(n, 'FM999,999') || ' event(s) spread over a year' AS history,
             (SELECT persona.activity_agg(timestamptz '2022-01-01 00:00+00' + i * (interval '365 days' / n), 9.99)
              FROM generate_series(0, n - 1) i) AS state
      FROM unnest('{1,10,20,100,10000}'::int[]) n
      UNION ALL
      SELECT 1000000 + hours, 'ten years, one in ' || hours || ' hour(s)',
             (SELECT persona.activity_agg(hour, 9.99)
              FROM generate_series(timestamp '2014-01-01', timestamp '2023-12-31', make_interval(hours => hours)) hour)
      FROM unnest('{1,24}'::int[]) hours) s
ORDER BY place;
