#!/usr/bin/env bash
# recommend(model, customer, 10) for every customer of Online Retail (PERSONA_DATA names the folder of the real data, else
# the generated shop): median and 99th percentile of the latency in a warm session, and the time of the fit.
set -euo pipefail
data=${PERSONA_DATA:-../shared/data}/online_retail/onlineretail.csv.gz
if [ -r "$data" ]; then
  export RETAIL=$data
fi
createdb bench_tour  # whose models are all that the tour refreshes
export PGDATABASE=bench_tour
scripts/tour >/dev/null 2>&1
psql -X -q -v ON_ERROR_STOP=1 <<'SQL'
SET client_min_messages = warning;
SET jit = off;
\pset footer off
SELECT rows, round(seconds::numeric, 2) AS fit_seconds
FROM persona.fit('bench_also', 'item_knn', 'SELECT customer_id, stock_code FROM shop.order_line',
                 options => '{"user": "customer_id", "item": "stock_code"}');
CREATE TEMP TABLE bench_call (ms float8);
DO $$
DECLARE
  customer bigint;
  started timestamptz;
BEGIN
  FOR turn IN 0 .. 1 LOOP
    FOR customer IN SELECT customer_id FROM shop.customer ORDER BY customer_id LOOP
      started := clock_timestamp();
      PERFORM * FROM persona.recommend('bench_also', customer, 10);
      IF turn > 0 THEN
        INSERT INTO bench_call VALUES (1000 * extract(epoch FROM clock_timestamp() - started));
      END IF;
    END LOOP;
  END LOOP;
END
$$;
SELECT count(*) AS customers, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric, 2) AS p50_ms,
       round(percentile_cont(0.99) WITHIN GROUP (ORDER BY ms)::numeric, 2) AS p99_ms, '3' AS goal_p50_ms
FROM bench_call;
SQL
