#!/usr/bin/env bash
# recommend(model, customer, 10) through pairs (5,000 items, 50 neighbors), through factors a backend keeps (50,000 items of
# 64) and through factors it does not keep (200,000 items): median and 99th percentile in a warm session, what the backend
# grew by, the first call of a new connection, and transactions a second by pgbench with one client and with four.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=bench/recommender_events
. bench/recommender_events
make_events
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
chmod 755 "$scratch"

psql -X -q -v ON_ERROR_STOP=1 <<'SQL'
SET client_min_messages = warning;
CREATE TABLE bench_large AS
SELECT floor(50000 * random())::int AS customer, CASE WHEN g <= 50000 THEN g ELSE floor(50000 * random() ^ 2)::int END AS sku
FROM setseed(0.42), generate_series(1, 1000000) g;
CREATE TABLE bench_larger AS
SELECT floor(50000 * random())::int AS customer, CASE WHEN g <= 200000 THEN g ELSE floor(200000 * random() ^ 2)::int END AS sku
FROM setseed(0.42), generate_series(1, 1000000) g;
CREATE INDEX ON bench_large (customer);
CREATE INDEX ON bench_larger (customer);
VACUUM ANALYZE bench_event, bench_large, bench_larger;
SELECT version FROM persona.fit('bench_pairs', 'item_knn', 'SELECT customer, sku FROM bench_event',
                                options => '{"user": "customer", "item": "sku"}') \g /dev/null
SELECT version FROM persona.fit('bench_factors', 'als', 'SELECT customer, sku FROM bench_large',
                                options => '{"user": "customer", "item": "sku", "factors": 64, "iterations": 2}') \g /dev/null
SELECT version FROM persona.fit('bench_many_factors', 'als', 'SELECT customer, sku FROM bench_larger',
                                options => '{"user": "customer", "item": "sku", "factors": 64, "iterations": 2}') \g /dev/null
VACUUM ANALYZE persona.neighbor, persona.factor, persona.factor_block;
SQL
for model in pairs factors many_factors; do
  goal=(' (goal 2)' ' (goal 60)')
  case $model in
    pairs) goal=(' (goal 1)' ' (goal 60)') ;;
    many_factors) goal=('' '') ;;
  esac
  psql -X -q -At -v ON_ERROR_STOP=1 -v model="bench_$model" -v goal="${goal[0]}" <<'SQL'
SET client_min_messages = warning;
SET jit = off;
SELECT set_config('bench.model', :'model', false) \g /dev/null
CREATE FUNCTION pg_temp.own_memory() RETURNS int LANGUAGE sql AS
  $$SELECT substring(pg_read_file('/proc/self/status') FROM 'RssAnon:\s+(\d+)')::int$$;
SELECT pg_temp.own_memory() AS before \gset
CREATE TEMP TABLE call (ms float8);
DO $$
DECLARE
  started timestamptz;
BEGIN
  FOR turn IN 0 .. 1200 LOOP
    started := clock_timestamp();
    PERFORM * FROM persona.recommend(current_setting('bench.model'), turn * 17 % 50000, 10);
    IF turn > 200 THEN
      INSERT INTO call VALUES (1000 * extract(epoch FROM clock_timestamp() - started));
    END IF;
  END LOOP;
END
$$;
SELECT format('%s: p50 %s ms%s, p99 %s ms, the backend grew by %s MB', :'model', round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric, 2),
              :'goal', round(percentile_cont(0.99) WITHIN GROUP (ORDER BY ms)::numeric, 2),
              (pg_temp.own_memory() - :before) / 1024) FROM call;
SQL
  for _ in 1 2 3 4 5; do
    psql -X -q -At <<SQL
SELECT clock_timestamp() AS started \gset
SELECT count(*) FROM persona.recommend('bench_$model', 17, 10) \g /dev/null
SELECT 1000 * extract(epoch FROM clock_timestamp() - :'started'::timestamptz);
SQL
  done | sort -n | sed -n 3p | awk -v model="bench_$model" -v goal="${goal[1]}" '{ printf "%s: first call of a new connection %.0f ms%s\n", model, $1, goal }'
  printf '\\set customer random(0, 49999)\nSELECT item FROM persona.recommend('"'bench_%s'"', :customer, 10);\n' "$model" >"$scratch/$model.sql"
  for clients in 1 4; do
    pgbench -n -M prepared -T 5 -c "$clients" -j "$clients" -f "$scratch/$model.sql" 2>/dev/null |
      sed -n "s/^tps = \([0-9]*\).*/bench_$model: \1 transactions a second with $clients client(s)/p"
  done
done
