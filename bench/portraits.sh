#!/usr/bin/env bash
# What a live portrait costs the writers of its source: transactions a second of single-row INSERTs through pgbench with
# 4 clients, with the portrait and without, commits flushed and not; a bulk INSERT ... SELECT; and the portrait's size
# after 100,000 single-row updates. Runs alternate, medians of 7, since a flush takes now longer and now less long;
# PERSONA_BENCH_SECONDS (default 2) is the length of one.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
chmod 755 "$scratch"
seconds=${PERSONA_BENCH_SECONDS:-2}
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

# An orders table with what every shop's has: a primary key, an index by customer, a year of history.
make_orders() {
  sql <<SQL
SET client_min_messages = warning;
CREATE TABLE $1 (order_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id bigint NOT NULL,
                 ts timestamptz NOT NULL, category text NOT NULL, amount float8 NOT NULL);
INSERT INTO $1 (customer_id, ts, category, amount)
SELECT 1 + (random() * 49999)::int, '2026-01-01'::timestamptz + random() * interval '365 days',
       'category ' || (random() * 19)::int, random() * 100
FROM setseed(0.42), generate_series(1, 200000);
CREATE INDEX ON $1 (customer_id, ts);
SQL
}

one="customer_id, persona.activity_agg(ts, amount) AS activity"
three="$one, persona.affinity_agg(category, amount) AS taste, persona.recent_agg(ts, category, 10) AS recent"
create() { # table, deferred, columns
  sql -c "SET client_min_messages = warning" \
    -c "SELECT portrait FROM persona.create_portrait('portrait_of_$1', 'SELECT $3 FROM $1 GROUP BY customer_id', 'ts', deferred => $2)" >/dev/null
}
for table in plain live_one live_three deferred_one; do make_orders "$table"; done
create live_one false "$one"
create live_three false "$three"
create deferred_one true "$one"
sql -c "VACUUM ANALYZE"

script() { # table, key expression
  cat >"$scratch/$1_$2.sql" <<SQL
\set spread random(1, 50000)
\set hot 1
\set category random(0, 19)
INSERT INTO $1 (customer_id, ts, category, amount) VALUES (:$2, now(), 'category ' || :category, 12.5);
SQL
}
tps() { pgbench -n -M prepared -T "$seconds" -c 4 -j 2 -f "$scratch/$1_$2.sql" 2>/dev/null | sed -n 's/^tps = \([0-9.]*\).*/\1/p'; }
median() { sort -n "$1" | sed -n 4p; }

measure() { # what, key, goal, table
  local table=$4 run
  script plain "$2"
  script "$table" "$2"
  rm -f "$scratch/with" "$scratch/without"
  for run in 1 2; do  # after a checkpoint the first change of each page is logged whole
    : "$run"
    tps plain "$2" >/dev/null
    tps "$table" "$2" >/dev/null
  done
  for run in 1 2 3 4 5 6 7; do
    : "$run"
    tps plain "$2" >>"$scratch/without"
    tps "$table" "$2" >>"$scratch/with"
  done
  awk -v what="$1" -v a="$(median "$scratch/with")" -v b="$(median "$scratch/without")" -v goal="$3" 'BEGIN {
    printf "%-58s %8.0f with, %8.0f without, ratio %.2f%s\n", what, a, b, a / b, goal == "" ? "" : " (at least " goal ")" }'
}

settings() { # fsync, synchronous_commit
  sql -c "ALTER SYSTEM SET fsync = $1" -c "ALTER SYSTEM SET synchronous_commit = $2" -c "ALTER SYSTEM SET full_page_writes = $1" -c "SELECT pg_reload_conf()" >/dev/null
  sql -c "CHECKPOINT"
}

echo "single-row INSERT, 4 clients, transactions a second:"
settings on on
measure "commits flushed, spread keys, activity" spread 0.9 live_one
measure "commits flushed, spread keys, activity, affinity, recent" spread "" live_three
measure "commits flushed, one hot key, deferred" hot 0.8 deferred_one
settings on off
measure "commits not flushed, spread keys, activity" spread 0.6 live_one
measure "commits not flushed, spread keys, activity, affinity, recent" spread "" live_three
measure "commits not flushed, one hot key, deferred" hot 0.8 deferred_one
settings off off

psql -X -q -v ON_ERROR_STOP=1 <<'SQL'
\pset footer off
SET client_min_messages = warning;
SET jit = off;
-- 10,000 rows over 1,000 keys at once, in turn with the portrait and without.
CREATE TEMP TABLE bulk (with_portrait boolean, ms float8);
CREATE TEMP TABLE incoming AS
SELECT 1 + i % 1000 AS customer_id, '2026-06-01'::timestamptz + i * interval '1 second' AS ts, 'category ' || i % 20 AS category,
       i * 0.01 AS amount FROM generate_series(1, 10000) i;
DO $$
DECLARE started timestamptz; target text;
BEGIN
  FOR run IN 0 .. 5 LOOP
    FOREACH target IN ARRAY ARRAY['plain', 'live_one'] LOOP
      started := clock_timestamp();
      EXECUTE format('INSERT INTO %I (customer_id, ts, category, amount) SELECT * FROM incoming', target);
      IF run > 0 THEN
        INSERT INTO bulk VALUES (target <> 'plain', 1000 * extract(epoch FROM clock_timestamp() - started));
      END IF;
    END LOOP;
  END LOOP;
END $$;
SELECT 'INSERT ... SELECT of 10,000 rows over 1,000 keys' AS measured, round(a::numeric, 1) AS with_portrait_ms,
       round(b::numeric, 1) AS without_ms, round((a / b)::numeric, 2) AS ratio, 2.0 AS goal
FROM (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE with_portrait) AS a,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE NOT with_portrait) AS b FROM bulk) q;
SQL

# 100,000 updates of rows that are there: the table may not grow.
sql -c "VACUUM FULL portrait_of_live_one"
before=$(sql -c "SELECT pg_relation_size('portrait_of_live_one')")
script live_one spread
pgbench -n -M prepared -t 25000 -c 4 -j 2 -f "$scratch/live_one_spread.sql" >/dev/null 2>&1
after=$(sql -c "SELECT pg_relation_size('portrait_of_live_one')")
sleep 1
hot=$(sql -c "SELECT round(100.0 * n_tup_hot_upd / n_tup_upd, 1) FROM pg_stat_user_tables WHERE relname = 'portrait_of_live_one'")
awk -v a="$after" -v b="$before" -v h="$hot" 'BEGIN {
  printf "after 100,000 updates of 50,000 rows: %d bytes, before %d, ratio %.3f (at most 1.1), %s %% of all updates HOT\n", a, b, a / b, h }'
