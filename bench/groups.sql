-- One model a group in one scan, beside the fit without groups: 1,000,000 rows of 20 columns, 1,000 groups whose rows are
-- interleaved. Alternating runs after a warm one, medians of five; with the storing of 21,000 coefficients, and without.
\set ON_ERROR_STOP on
\pset footer off
SET client_min_messages = warning;
SET jit = off;
SET max_parallel_workers_per_gather = 0;

SELECT format('CREATE TABLE bench_group AS SELECT (random() * 999)::int::text AS store, %s, random() AS y FROM setseed(0.42), generate_series(1, 1000000)',
              string_agg(format('%1$s * 10 + random() * %1$s AS x%1$s', i), ', ' ORDER BY i)) AS statement
FROM generate_series(1, 20) AS i \gset
:statement;
VACUUM ANALYZE bench_group;
CREATE TEMP TABLE bench_run (method text, ms float8, fit_ms float8);
DO $bench$
DECLARE
  method text;
  started timestamptz;
  seconds float8;
BEGIN
  FOR turn IN 0 .. 5 LOOP
    FOREACH method IN ARRAY ARRAY['{"ignore": ["store"]}', '{"group_by": "store"}'] LOOP
      started := clock_timestamp();
      SELECT m.seconds INTO seconds FROM persona.fit('bench_group', 'linear_regression', 'bench_group', 'y', method::jsonb) m;
      IF turn > 0 THEN
        INSERT INTO bench_run VALUES (method, 1000 * extract(epoch FROM clock_timestamp() - started), 1000 * seconds);
      END IF;
    END LOOP;
  END LOOP;
END
$bench$;
SELECT what, round(a::numeric, 1) AS with_groups_ms, round(b::numeric, 1) AS without_ms, round((a / b)::numeric, 2) AS ratio, 1.5 AS goal
FROM (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE method ~ 'group') AS total,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE method !~ 'group') AS total_without,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY fit_ms) FILTER (WHERE method ~ 'group') AS fit,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY fit_ms) FILTER (WHERE method !~ 'group') AS fit_without FROM bench_run) q
CROSS JOIN LATERAL (VALUES ('linear fit of 1,000 groups', fit, fit_without), ('the same and stored', total, total_without)) v(what, a, b);
