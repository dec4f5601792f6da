-- Fitting and scoring against what the user would write instead, on 1,000,000 rows of 20 columns in one process:
-- the built-in sums of the same columns, and the linear predictor as SQL arithmetic. Alternating runs after a warm
-- one, medians of five, ratio of the medians.
\set ON_ERROR_STOP on
\pset footer off
SET client_min_messages = warning;
SET jit = off;
SET max_parallel_workers_per_gather = 0;

\ir rows.psql

SELECT string_agg('x' || i, ', ' ORDER BY i) AS columns, string_agg(format('sum(x%s)', i), ', ' ORDER BY i) AS sums
FROM generate_series(1, 20) AS i \gset

SELECT set_config('bench.sums', format('SELECT %s FROM bench_row', :'sums'), false),
       set_config('bench.linear', format('SELECT persona.fit(''bench_linear'', ''linear_regression'', %L, ''y'')',
                                         format('SELECT y, %s FROM bench_row', :'columns')), false),
       set_config('bench.logistic', format('SELECT persona.fit(''bench_logistic'', ''logistic_regression'', %L, ''z'')',
                                           format('SELECT z, %s FROM bench_row', :'columns')), false) \g /dev/null
SELECT persona.fit('bench_linear', 'linear_regression', format('SELECT y, %s FROM bench_row', :'columns'), 'y') \g /dev/null
SELECT set_config('bench.predict', 'SELECT sum(persona.predict(''bench_linear'', r)) FROM bench_row AS r', false),
       set_config('bench.arithmetic', format('SELECT sum(%s) FROM bench_row',
         (SELECT string_agg(CASE term WHEN '(intercept)' THEN estimate::text ELSE format('%s * %s', estimate, term) END,
                            ' + ' ORDER BY term_no)
          FROM persona.deployed_coefficient WHERE name = 'bench_linear')), false) \g /dev/null
CREATE FUNCTION pg_temp.predict_record(text, record) RETURNS float8
  LANGUAGE C STRICT STABLE AS '$libdir/persona', 'persona_predict_record';
SELECT set_config('bench.record', 'SELECT sum(pg_temp.predict_record(''bench_linear'', r)) FROM bench_row AS r', false) \g /dev/null

CREATE TEMP TABLE bench_run (method text, ms float8);
DO $bench$
DECLARE
  method text;
  started timestamptz;
BEGIN
  FOR turn IN 0 .. 5 LOOP
    FOREACH method IN ARRAY ARRAY['sums', 'linear', 'logistic', 'predict', 'arithmetic', 'record'] LOOP
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
FROM (VALUES (1, 'fit linear_regression', 'linear', 'the 20 sums', 'sums', '1.1'),
             (2, 'fit logistic_regression', 'logistic', 'the 20 sums', 'sums', '2.0'),
             (3, 'sum(predict(model, row))', 'predict', 'SQL arithmetic', 'arithmetic', '0.7'),
             (4, 'the record form of predict', 'record', 'SQL arithmetic', 'arithmetic', '-'))
  AS line (place, what, method, beside, other, goal)
JOIN bench_median AS a ON a.method = line.method
JOIN bench_median AS b ON b.method = line.other
ORDER BY place;

\echo 'logistic_regression at its solution (gradient at most 1e-8 of the rows):'
SELECT metric, value FROM persona.metric JOIN persona.deployed_model USING (model_id)
WHERE name = 'bench_logistic' AND metric IN ('gradient_norm', 'iterations', 'converged') ORDER BY metric;
