#!/usr/bin/env bash
# One pass that computes activity, sessions, affinity and recent items of every customer against the same features in
# plain SQL, over 1,000,000 events of 50,000 customers: medians of three runs that alternate, and how much memory each
# side's session took at its peak. Then rollup of 365 daily states a customer against rescanning the events; and the
# sizes of states.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
chmod 755 "$scratch"
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1; }

# Customers come back in visits of some events a few minutes apart; events arrive in the order of time.
sql <<'SQL'
SET client_min_messages = warning;
CREATE TABLE bench_visits AS
SELECT customer, ts, 'category ' || (category % 20) AS category, 'item ' || item AS item, amount
FROM (SELECT 1 + (g / 4 * 7919) % 50000 AS customer,
             timestamptz '2026-01-01 00:00+00' + (g / 4) * interval '126 seconds' + (g % 4) * random() * interval '12 minutes' AS ts,
             (random() * random() * 20)::int AS category, (random() * 4999)::int AS item,
             round((exp(random() * 3) * 4)::numeric, 2)::float8 AS amount
      FROM setseed(0.42), generate_series(0, 999999) AS g) AS events
ORDER BY ts;
VACUUM ANALYZE bench_visits;
SQL

cat >"$scratch/settings.sql" <<'SQL'
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '1GB';
SQL
cat >"$scratch/persona.sql" <<'SQL'
SELECT count(*), sum(orders), sum(active_days), round(sum(total)::numeric, 2), sum(sessions), round(sum(browsing)::numeric, 0),
       round(sum(bounce)::numeric, 3), round(sum(entropy)::numeric, 3), sum(cardinality(last_items)), sum(evening)
FROM (SELECT customer, persona.events(a) AS orders, persona.active_days(a) AS active_days, persona.first_at(a), persona.last_at(a),
             persona.total_amount(a) AS total, persona.mean_amount(a), persona.stddev_amount(a), persona.weekday_profile(a),
             (persona.hour_profile(a))[20] AS evening,
             persona.session_count(s) AS sessions, persona.browsing_seconds(s) AS browsing, persona.bounce_rate(s) AS bounce,
             persona.top_keys(t, 3), persona.entropy(t) AS entropy, persona.items(r) AS last_items
      FROM (SELECT customer, persona.activity_agg(ts, amount) AS a, persona.sessions_agg(ts) AS s,
                   persona.affinity_agg(category, amount) AS t, persona.recent_agg(ts, item, 10) AS r
            FROM bench_visits GROUP BY customer) AS summaries OFFSET 0) AS features
SQL
cat >"$scratch/plain.sql" <<'SQL'
SELECT count(*), sum(orders), sum(active_days), round(sum(total)::numeric, 2), sum(sessions), round(sum(browsing)::numeric, 0),
       round(sum(bounce)::numeric, 3), round(sum(entropy)::numeric, 3), sum(cardinality(last_items)), sum(evening)
FROM (WITH base AS (
        SELECT customer, count(*) AS orders, count(DISTINCT (ts AT TIME ZONE 'UTC')::date) AS active_days, min(ts), max(ts),
               sum(amount) AS total, avg(amount), stddev_samp(amount),
               count(*) FILTER (WHERE extract(isodow FROM ts AT TIME ZONE 'UTC') = 1) AS monday,
               count(*) FILTER (WHERE extract(isodow FROM ts AT TIME ZONE 'UTC') = 6) AS saturday,
               count(*) FILTER (WHERE extract(isodow FROM ts AT TIME ZONE 'UTC') = 7) AS sunday,
               count(*) FILTER (WHERE extract(hour FROM ts AT TIME ZONE 'UTC') = 19) AS evening,
               (array_agg(item ORDER BY ts DESC))[1:10] AS last_items
        FROM bench_visits GROUP BY customer),
      gaps AS (
        SELECT customer, ts, ts - lag(ts) OVER (PARTITION BY customer ORDER BY ts) <= interval '30 minutes' AS continues
        FROM bench_visits),
      numbered AS (
        SELECT customer, ts, count(*) FILTER (WHERE continues IS NOT TRUE) OVER (PARTITION BY customer ORDER BY ts) AS session
        FROM gaps),
      visits AS (
        SELECT customer, session, count(*) AS events, extract(epoch FROM max(ts) - min(ts)) AS seconds
        FROM numbered GROUP BY customer, session),
      browsing AS (
        SELECT customer, count(*) AS sessions, sum(seconds) AS browsing, avg((events = 1)::int) AS bounce FROM visits GROUP BY customer),
      totals AS (
        SELECT customer, category, sum(amount) AS weight FROM bench_visits GROUP BY customer, category),
      shares AS (
        SELECT customer, category, weight, weight / sum(weight) OVER (PARTITION BY customer) AS share FROM totals),
      taste AS (
        SELECT customer, (array_agg(category ORDER BY weight DESC))[1:3] AS top, -sum(share * ln(share)) AS entropy
        FROM shares GROUP BY customer)
      SELECT * FROM base JOIN browsing USING (customer) JOIN taste USING (customer) OFFSET 0) AS features
SQL

run() { # side: one session; prints milliseconds, kB beyond those of a session that scanned the table, and the answer
  {
    cat "$scratch/settings.sql"
    echo "SELECT count(ts) FROM bench_visits \\g /dev/null"
    echo "SELECT substring(pg_read_file('/proc/self/status') FROM 'VmHWM:\\s+(\\d+)') AS before, clock_timestamp() AS started \\gset"
    cat "$scratch/$1.sql"
    echo "\\gset answer_"
    echo "SELECT round(1000 * extract(epoch FROM clock_timestamp() - :'started')) AS ms, substring(pg_read_file('/proc/self/status') FROM 'VmHWM:\\s+(\\d+)')::int - :before AS kb"
    echo "\\gset"
    printf '%s\n' '\echo :ms :kb'
  } | sql >>"$scratch/$1.runs"
}
for side in persona plain; do
  cat "$scratch/settings.sql" "$scratch/$side.sql" | sql >"$scratch/$side.answer"
done
cmp "$scratch/persona.answer" "$scratch/plain.answer" || { echo "the two sides differ:"; cat "$scratch/persona.answer" "$scratch/plain.answer"; }
for _ in 1 2 3; do
  run persona
  run plain
done
middle() { sort -n "$scratch/$1.runs" | sed -n 2p; }
awk -v a="$(middle persona)" -v b="$(middle plain)" 'BEGIN {
  split(a, x, " "); split(b, y, " ")
  printf "activity, sessions, affinity and recent of 50,000 customers, 1,000,000 events: %d ms, plain SQL %d ms, %.1f times faster (at least 3)\n", x[1], y[1], y[1] / x[1]
  printf "peak memory beyond a scan: %.0f MB, plain SQL %.0f MB\n", x[2] / 1024, y[2] / 1024 }'

sql <<'SQL'
DROP TABLE bench_visits;
CREATE TABLE bench_clicks AS
SELECT 1 + g % 100 AS customer, timestamptz '2026-01-01 00:00+00' + (g / 100) * (interval '365 days' / 21900) AS ts,
       round((random() * 100)::numeric, 2)::float8 AS amount
FROM setseed(0.42), generate_series(0, 100 * 365 * 60 - 1) AS g;
CREATE TABLE bench_daily AS
SELECT customer, (ts AT TIME ZONE 'UTC')::date AS day, persona.activity_agg(ts, amount) AS activity FROM bench_clicks GROUP BY 1, 2;
VACUUM ANALYZE bench_clicks, bench_daily;
SQL
psql -X -q -v ON_ERROR_STOP=1 <<'SQL'
\pset footer off
SET jit = off;
SET max_parallel_workers_per_gather = 0;
CREATE TEMP TABLE run (rolled boolean, ms float8);
DO $$
DECLARE started timestamptz;
BEGIN
  FOR turn IN 0 .. 5 LOOP
    started := clock_timestamp();
    PERFORM count(a) FROM (SELECT customer, persona.rollup(activity) AS a FROM bench_daily GROUP BY customer OFFSET 0) q;
    IF turn > 0 THEN INSERT INTO run VALUES (true, 1000 * extract(epoch FROM clock_timestamp() - started)); END IF;
    started := clock_timestamp();
    PERFORM count(a) FROM (SELECT customer, persona.activity_agg(ts, amount) AS a FROM bench_clicks GROUP BY customer OFFSET 0) q;
    IF turn > 0 THEN INSERT INTO run VALUES (false, 1000 * extract(epoch FROM clock_timestamp() - started)); END IF;
  END LOOP;
END $$;
\echo 'rollup of 365 daily states of 100 customers against rescanning their 60 events a day (at least 20 times faster):'
SELECT round(rolled::numeric, 1) AS rollup_ms, round(rescanned::numeric, 1) AS rescan_ms, round((rescanned / rolled)::numeric, 1) AS times_faster
FROM (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE rolled) AS rolled,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE NOT rolled) AS rescanned FROM run) m;

\echo 'bytes of a state by the events of a customer, spread over a year, 20 categories:'
CREATE TEMP TABLE event AS
SELECT n AS events, timestamptz '2026-01-01 00:00+00' + i * (interval '365 days' / n) AS ts, 'category ' || i * 7 % 20 AS category,
       round((10 + random() * 90)::numeric, 2)::float8 AS amount, random() AS x
FROM unnest('{1,100,10000}'::int[]) n, generate_series(0, n - 1) i;
SELECT s.summary, max(s.bytes) FILTER (WHERE events = 1) AS one_event, max(s.bytes) FILTER (WHERE events = 100) AS hundred,
       max(s.bytes) FILTER (WHERE events = 10000) AS ten_thousand
FROM (SELECT events, pg_column_size(persona.activity_agg(ts, amount)) AS activity, pg_column_size(persona.moments_agg(amount)) AS moments,
             pg_column_size(persona.sessions_agg(date_trunc('second', ts))) AS sessions, pg_column_size(persona.affinity_agg(category, amount)) AS affinity,
             pg_column_size(persona.recent_agg(ts, category, 10)) AS recent,
             pg_column_size(persona.decayed_agg(ts, amount, interval '30 days')) AS decayed,
             pg_column_size(persona.cross_products_agg(amount, x, x * x)) AS cross_products,
             pg_column_size(persona.funnel_agg(ts, interval '1 day', category = 'category 1', category = 'category 2')) AS funnel,
             pg_column_size(persona.retention_agg(timestamptz '2026-01-01 00:00+00', ts, interval '7 days')) AS retention
      FROM event GROUP BY events) states,
     LATERAL (VALUES (1, 'activity', activity), (2, 'moments', moments), (3, 'sessions', sessions), (4, 'affinity', affinity), (5, 'recent', recent),
              (6, 'decayed', decayed), (7, 'cross_products', cross_products), (8, 'funnel', funnel), (9, 'retention', retention)) AS s (place, summary, bytes)
GROUP BY s.place, s.summary ORDER BY s.place;
SQL
