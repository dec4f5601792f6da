#!/usr/bin/env bash
# Three servers: every event is on the first, and again on one of the other two, the shards, which the first reads
# by postgres_fdw. Each customer has events on both. Checks that every summary made on the shards and added up by rollup is what
# one pass over all events gives, and that the shards send one row a group, no events, for the query shapes of
# docs/scale.md; and that the shapes which it says pull every row do so.
# Needs the server of scripts/private_server, and starts the two others in the same way.
set -euo pipefail
script=$(readlink -f "$0")
here=$(dirname "$script")
if [ $# -lt 2 ]; then exec "$here/../../scripts/private_server" bash "$script" "$@" "$PGHOST"; fi
first=$1
shards=("$2" "$PGHOST")
folder=$(mktemp -d "${TMPDIR:-/tmp}/persona_shards.XXXXXX")
trap 'rm -rf "$folder"' EXIT
# shellcheck source=test/recovery/psql_session
. "$here/psql_session"
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -h "$@"; }

export PGOPTIONS='-c client_min_messages=warning'
sql "$first" -c 'CREATE EXTENSION persona' -c 'CREATE EXTENSION postgres_fdw' -f "$here/merged_summaries.sql" -c 'CREATE SCHEMA sharded'
expect "customers with events on both shards" \
  "$(sql "$first" -c 'SELECT count(*) FROM (SELECT FROM event GROUP BY customer HAVING count(DISTINCT shard) = 2) c')" 3000
pg_dump -h "$first" --schema-only -t event >"$folder/event.sql"
sql "$first" -c "SELECT format('CREATE TABLE %I AS SELECT shard, customer, day, %s AS s FROM event_days GROUP BY 1, 2, 3;', 'daily ' || name, call)
                 FROM tried" >"$folder/daily.sql"
for n in 1 2; do
  shard=${shards[$((n - 1))]}
  sql "$shard" -c 'CREATE EXTENSION persona' -f "$folder/event.sql" -c "ALTER DATABASE $PGDATABASE SET TimeZone = 'Asia/Kathmandu'" >/dev/null
  sql "$first" -c "COPY (SELECT * FROM event WHERE shard = $n) TO STDOUT" | sql "$shard" -c 'COPY event FROM STDIN'
  sql "$shard" -c "CREATE VIEW event_days AS SELECT *, (ts AT TIME ZONE 'UTC')::date AS day FROM event" -f "$folder/daily.sql" -c 'ANALYZE'
  sql "$first" -c "CREATE SERVER shard_$n FOREIGN DATA WRAPPER postgres_fdw
      OPTIONS (host '$shard', port '$PGPORT', dbname '$PGDATABASE', extensions 'persona', async_capable 'true', fetch_size '10000')" \
    -c "CREATE USER MAPPING FOR CURRENT_USER SERVER shard_$n OPTIONS (user '$PGUSER')"
done

cat >"$folder/foreign_tables.sql" <<'SQL'
CREATE TABLE sharded.event (LIKE event) PARTITION BY LIST (shard);
CREATE TABLE sharded.event_days (LIKE event, day date) PARTITION BY LIST (shard);
SELECT format('CREATE TABLE sharded.%I (shard integer, customer integer, day date, s persona.%I) PARTITION BY LIST (shard)',
              'daily ' || name, split_part(regexp_replace(needs, '_any_order', ''), '_agg', 1)) FROM tried
\gexec
SELECT format('CREATE FOREIGN TABLE sharded.%I PARTITION OF sharded.%I FOR VALUES IN (%s) SERVER %I OPTIONS (schema_name ''public'', table_name %L)',
              relname || ' ' || n, relname, n, 'shard_' || n, relname)
FROM pg_class, generate_series(1, 2) n WHERE relnamespace = 'sharded'::regnamespace AND relkind = 'p'
\gexec
ANALYZE;

-- The queries of one pass and of the shards, by a name of the shape.
CREATE VIEW question AS
WITH grouping (by, key, clause) AS (VALUES ('customer', 'customer', ', customer'), ('channel', 'channel', ', channel'), ('all', '0', ''))
SELECT name, 'partitions by ' || by AS shape, split_part(call, '(', 1) || '(' AS aggregate, by <> 'all' AS grouped,
       format('SELECT %s AS g, %s AS s FROM event GROUP BY 1%s', key, call, nullif(clause, '')) AS one_pass,
       format('SELECT g, persona.rollup(s) AS s FROM (SELECT shard, %s AS g, %s AS s FROM sharded.event GROUP BY shard%s) q GROUP BY g', key, call, clause) AS sharded
FROM tried, grouping
UNION ALL
SELECT name, 'union by ' || by, split_part(call, '(', 1) || '(', by <> 'all',
       format('SELECT %s AS g, %s AS s FROM event GROUP BY 1%s', key, call, nullif(clause, '')),
       format('SELECT g, persona.rollup(s) AS s FROM (SELECT %1$s AS g, %2$s AS s FROM sharded."event 1" %3$s UNION ALL SELECT %1$s, %2$s FROM sharded."event 2" %3$s) q GROUP BY g',
              key, call, 'GROUP BY ' || nullif(ltrim(clause, ', '), ''))
FROM tried, grouping
UNION ALL
SELECT name, 'daily tables', 'persona.rollup(', true, format('SELECT customer AS g, %s AS s FROM event GROUP BY 1', call),
       format('SELECT customer AS g, persona.rollup(s) AS s FROM (SELECT shard, customer, persona.rollup(s) AS s FROM sharded.%I GROUP BY shard, customer) q GROUP BY 1',
              'daily ' || name)
FROM tried;

-- What the foreign scans of a query fetch.
CREATE FUNCTION fetched(query text, OUT remote_sql text[], OUT rows numeric) LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, VERBOSE, TIMING OFF, FORMAT JSON) ' || query INTO plan;
  SELECT array_agg(scan ->> 'Remote SQL'), sum((scan ->> 'Actual Rows')::numeric * (scan ->> 'Actual Loops')::numeric)
  INTO remote_sql, rows
  FROM jsonb_path_query(plan::jsonb, 'strict $.** ? (@."Node Type" == "Foreign Scan")') scan;
END
$$;
SQL
sql "$first" -f "$folder/foreign_tables.sql"

# Every question, and what is wrong with its answer or its plan. Partitions need a setting, UNION ALL none.
cat >"$folder/questions.sql" <<'SQL'
SET TimeZone = 'America/New_York';
CREATE TEMP VIEW asked AS SELECT * FROM question q, LATERAL compared(name, one_pass, sharded) c, LATERAL fetched(sharded) f;
CREATE TEMP TABLE answer AS SELECT * FROM asked WHERE shape LIKE 'union%';
SET enable_partitionwise_aggregate = on;
INSERT INTO answer SELECT * FROM asked WHERE shape NOT LIKE 'union%';
CREATE TEMP TABLE wanted AS
SELECT 'customer' AS by, 3000 AS groups, 6000 AS rows UNION ALL SELECT 'channel', 12, 24 UNION ALL SELECT 'all', 1, 2 UNION ALL SELECT 'tables', 3000, 6000;
SELECT name, shape, a.groups, different, a.rows, remote_sql
FROM answer a LEFT JOIN wanted w ON shape LIKE '% ' || w.by
WHERE (a.groups, different, a.rows, cardinality(remote_sql)) IS DISTINCT FROM (w.groups, 0, w.rows, 2)
   OR EXISTS (SELECT FROM unnest(remote_sql) r WHERE strpos(r, aggregate) = 0 OR (r LIKE '%GROUP BY%') IS DISTINCT FROM (grouped OR shape LIKE 'partitions%'));
\o :counts
SELECT count(DISTINCT name) || ' aggregates in ' || count(*) || ' queries' FROM answer;
SQL
expect "summaries of the shards" "$(sql "$first" -v counts="$folder/counts" -f "$folder/questions.sql")" ""

# The comparison itself: one shard alone is not the whole.
expect "one shard alone" "$(sql "$first" -c "SELECT DISTINCT different > 2800 FROM tried,
  compared(name, format('SELECT customer AS g, %s AS s FROM event GROUP BY 1', call),
           format('SELECT customer AS g, %s AS s FROM sharded.\"event 1\" GROUP BY 1', call)) c")" t

# rows_of WHAT QUERY ROWS: what a query of the shards fetches, partitionwise.
rows_of() {
  expect "rows fetched: $1" "$(sql "$first" -c 'SET enable_partitionwise_aggregate = on' -v query="$2" -f - <<<"SELECT rows FROM fetched(:'query')")" "$3"
}
shaped() { echo "SELECT g, persona.rollup(s) FROM (SELECT shard, customer AS g, $1 AS s FROM sharded.$2 GROUP BY shard, customer) q GROUP BY g"; }
rows_of "grouped without the shard" 'SELECT customer, persona.moments_agg(minutes) FROM sharded.event GROUP BY customer' 120000
rows_of "a text literal as an argument" "$(shaped "persona.recent_agg(ts, 'visit', 5)" event)" 120000
rows_of "a text literal within one" "$(shaped "persona.activity_agg(ts AT TIME ZONE 'UTC')" event)" 120000
rows_of "a text literal beside a column" "$(shaped "persona.recent_agg(ts, page || '!', 5)" event)" 6000
rows_of "a text literal in a comparison" "$(shaped "persona.moments_agg(minutes) FILTER (WHERE page = 'cart')" event)" 6000
rows_of "a STABLE cast" "$(shaped 'persona.activity_agg(ts::date)' event)" 120000
rows_of "the same as a column of a view" "$(shaped 'persona.activity_agg(day)' event_days)" 6000
rows_of "a STABLE condition" "$(shaped 'persona.activity_agg(ts)' 'event WHERE ts < now()')" 120000
rows_of "a constant condition" "$(shaped 'persona.activity_agg(ts)' "event WHERE ts < '2030-01-01 00:00+00'")" 6000
rows_of "a sorted aggregate" "$(shaped 'persona.activity_agg(ts ORDER BY ts)' event)" 6000
sql "$first" -c 'ALTER SERVER shard_1 OPTIONS (DROP extensions)' -c 'ALTER SERVER shard_2 OPTIONS (DROP extensions)'
rows_of "servers without the option extensions" "$(shaped 'persona.activity_agg(ts)' event)" 120000
echo "shards: $(cat "$folder/counts") equal on one server and on two shards, one row a group fetched"
