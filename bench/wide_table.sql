-- Scoring a table of 90 columns of which the model uses 20, beside the same rows in a table of those 20; and explaining
-- one row. Only the needed columns are fetched; that a row of 90 columns is longer and its columns are found one after the
-- other is the server's part, measured by a bare sum of the last needed column. Alternating runs, medians of five.
\set ON_ERROR_STOP on
\pset footer off
SET client_min_messages = warning;
SET jit = off;
SET max_parallel_workers_per_gather = 0;

SELECT format('CREATE TABLE bench_wide AS SELECT %s FROM setseed(0.42), generate_series(1, 200000)',
              string_agg(format('random() * %1$s AS x%1$s', i), ', ' ORDER BY i)) AS statement
FROM generate_series(1, 90) AS i \gset
:statement;
-- The model's columns are spread over the row: the first 20, the last 20, or every fourth.
SELECT string_agg('x' || i, ', ' ORDER BY i) FILTER (WHERE i <= 20) AS first,
       string_agg('x' || i, ', ' ORDER BY i) FILTER (WHERE i % 4 = 2 AND i <= 78) AS spread
FROM generate_series(1, 90) AS i \gset
CREATE TABLE bench_first AS SELECT :first FROM bench_wide;
CREATE TABLE bench_spread AS SELECT :spread FROM bench_wide;
VACUUM ANALYZE bench_wide;
VACUUM ANALYZE bench_first;
VACUUM ANALYZE bench_spread;
SELECT persona.fit('bench_first', 'linear_regression', format('SELECT %s, x1 + x2 + random() AS y FROM bench_wide', :'first'), 'y'),
       persona.fit('bench_spread', 'linear_regression', format('SELECT %s, x2 + x6 + random() AS y FROM bench_wide', :'spread'), 'y') \g /dev/null
CREATE TEMP TABLE bench_run (columns text, tab text, what text, ms float8);
DO $bench$
DECLARE
  columns text;
  tab text;
  what text;
  started timestamptz;
BEGIN
  FOR turn IN 0 .. 5 LOOP
    FOREACH columns IN ARRAY ARRAY['first', 'spread'] LOOP
      FOREACH tab IN ARRAY ARRAY['wide', columns] LOOP
        FOREACH what IN ARRAY ARRAY['predict', 'sum'] LOOP
          started := clock_timestamp();
          EXECUTE CASE what WHEN 'predict'
            THEN format('SELECT sum(persona.predict(%L, r)) FROM %I AS r', 'bench_' || columns, 'bench_' || tab)
            ELSE format('SELECT sum(%I) FROM %I', CASE columns WHEN 'first' THEN 'x20' ELSE 'x78' END, 'bench_' || tab) END;
          IF turn > 0 THEN
            INSERT INTO bench_run VALUES (columns, tab, what, 1000 * extract(epoch FROM clock_timestamp() - started));
          END IF;
        END LOOP;
      END LOOP;
    END LOOP;
  END LOOP;
END
$bench$;
SELECT CASE what WHEN 'predict' THEN 'predict' ELSE 'the server''s sum of the last of them' END || ' on 90 columns, the model''s 20 ' ||
         CASE columns WHEN 'first' THEN 'are the first' ELSE 'are spread' END AS what,
       round(a::numeric, 1) AS ms, round(b::numeric, 1) AS of_20_columns_ms, round((a / b)::numeric, 2) AS ratio,
       CASE what WHEN 'predict' THEN 1.3 END AS goal
FROM (SELECT columns, what, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE tab = 'wide') AS a,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE tab <> 'wide') AS b FROM bench_run GROUP BY columns, what) q
ORDER BY columns, what;

CREATE TEMP TABLE bench_explain (ms float8);
DO $bench$
DECLARE
  started timestamptz;
BEGIN
  FOR turn IN 0 .. 1000 LOOP
    started := clock_timestamp();
    PERFORM count(*) FROM bench_spread AS r CROSS JOIN LATERAL persona.explain('bench_spread', r) WHERE r.ctid = '(7,3)';
    IF turn > 0 THEN
      INSERT INTO bench_explain VALUES (1000 * extract(epoch FROM clock_timestamp() - started));
    END IF;
  END LOOP;
END
$bench$;
SELECT 'explain of one row of 20 columns, warm' AS what, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric, 3) AS p50_ms,
       round(percentile_cont(0.99) WITHIN GROUP (ORDER BY ms)::numeric, 3) AS p99_ms, 0.2 AS goal
FROM bench_explain;
