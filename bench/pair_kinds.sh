#!/usr/bin/env bash
# item_knn and next_item, 50 neighbors, on 1,000,000 events of 50,000 users and 5,000 items, beside what SQL takes for the
# 50 nearest items by the cosine: a self-join (goal: 20 times faster). Then recommend_all for the 50,000 users.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=bench/recommender_events
. bench/recommender_events
make_events

theirs=$(psql -X -q -At <<'SQL'
SET max_parallel_workers_per_gather = 0;
SET work_mem = '1GB';
SET jit = off;
CREATE TEMP TABLE run AS SELECT clock_timestamp() AS started;
CREATE TEMP TABLE nearest AS
WITH pair AS (SELECT DISTINCT customer, sku FROM bench_event),
     support AS (SELECT sku, count(*)::float8 AS n FROM pair GROUP BY sku),
     together AS (SELECT a.sku, b.sku AS neighbor, count(*) AS n
                  FROM pair a JOIN pair b ON a.customer = b.customer AND a.sku <> b.sku GROUP BY 1, 2),
     ranked AS (SELECT t.sku, t.neighbor, t.n / sqrt(x.n * y.n) AS score,
                       row_number() OVER (PARTITION BY t.sku ORDER BY t.n / sqrt(x.n * y.n) DESC) AS rank
                FROM together t JOIN support x ON x.sku = t.sku JOIN support y ON y.sku = t.neighbor)
SELECT * FROM ranked WHERE rank <= 50;
SELECT extract(epoch FROM clock_timestamp() - started) FROM run;
SQL
)
pairs=$(for _ in 1 2 3; do recommender_seconds item_knn '{}'; done | sort -n | sed -n 2p)
psql -X -q -c 'CREATE TABLE IF NOT EXISTS bench_sequence AS SELECT customer, sku, row_number() OVER () AS at FROM bench_event' \
  -c 'CREATE INDEX ON bench_sequence (customer)' -c 'VACUUM ANALYZE bench_sequence'
following=$(for _ in 1 2 3; do recommender_seconds next_item '{"time": "at", "neighbors": 50}' bench_sequence; done | sort -n | sed -n 2p)
awk -v knn="$pairs" -v next_item="$following" -v sql="$theirs" 'BEGIN {
  printf "fit item_knn %.2f s, next_item %.2f s, the self-join in SQL %.1f s: %.0f and %.0f times faster (goal 20)\n",
         knn, next_item, sql, sql / knn, sql / next_item }'

# Seconds of recommend_all by one session, or by two that share the users.
for workers in 1 2; do
  psql -X -q -c 'SET client_min_messages = warning' -c 'DROP TABLE IF EXISTS bench_recommended' \
    -c 'CREATE TABLE bench_recommended (user_id text, rank integer, item text, score float8)'
  started=$(date +%s.%N)
  for ((part = 1; part <= workers; part++)); do
    psql -X -q -c 'SET client_min_messages = warning' \
      -c "CALL persona.recommend_all('bench_item_knn', 'bench_recommended', 10, options => '{\"parts\": $workers, \"part\": $part}')" &
  done
  wait
  awk -v workers="$workers" -v started="$started" -v ended="$(date +%s.%N)" -v users="$(psql -X -At -c 'SELECT count(DISTINCT user_id) FROM bench_recommended')" 'BEGIN {
    printf "recommend_all, item_knn, %d session(s): %d users in %.1f s, %.0f users/s\n", workers, users, ended - started, users / (ended - started) }'
done
