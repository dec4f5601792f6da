#!/usr/bin/env bash
# Portraits live through a crash in the middle of writes, a dump and restore, and feed on a subscription: each time they
# are what plain SQL computes from the events. Needs the server of scripts/private_server, which it restarts.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
as_postgres=$here/../../scripts/as_postgres
folder=$(mktemp -d "${TMPDIR:-/tmp}/persona_portraits.XXXXXX")
trap 'rm -rf "$folder"' EXIT
# shellcheck source=test/recovery/psql_session
. "$here/psql_session"
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }
export PGOPTIONS='-c synchronous_commit=on -c client_min_messages=warning'

columns="count(*) AS events, sum(amount) AS total, persona.activity_agg(ts, amount) AS activity"
create() { # DATABASE: the table of events with its portraits
  sql -d "$1" >/dev/null <<SQL
CREATE EXTENSION IF NOT EXISTS persona;
CREATE TABLE event (id int PRIMARY KEY, customer text, ts timestamptz, amount float8);
CREATE INDEX ON event (customer);
SELECT persona.create_portrait('live', 'SELECT customer, $columns FROM event GROUP BY customer', 'ts');
SELECT persona.create_portrait('later', 'SELECT customer, $columns FROM event GROUP BY customer', 'ts', true);
SQL
}
fill() {
  sql -c "INSERT INTO event SELECT i, 'c' || i % 9, '2024-01-01'::timestamptz + i * interval '1 hour', i % 5 FROM generate_series(1, 300) i"
}
# Customers whose row in a portrait is not that of plain SQL, and what check_portrait says.
differences() { # DATABASE PORTRAIT
  sql -d "$1" -c "SELECT count(*) FROM (SELECT customer, events, total, persona.events(activity) AS activity_events, persona.total_amount(activity) AS activity_total FROM $2) p
    FULL JOIN (SELECT customer, count(*) AS events, sum(amount) AS total FROM event GROUP BY customer) e ON p.customer = e.customer
    WHERE (p.customer, p.events, p.total, activity_events, activity_total) IS DISTINCT FROM (e.customer, e.events, e.total, e.events, e.total)" \
    -c "SELECT count(*) FROM persona.check_portrait('$2')" | tr '\n' ' '
}
same() { # DATABASE WHEN
  expect "there are events $2" "$(sql -d "$1" -c 'SELECT count(*) > 0 FROM event')" t
  expect "the portrait $2" "$(differences "$1" live)" "0 0 "
  expect "the deferred portrait's check $2" "$(sql -d "$1" -c "SELECT count(*) FROM persona.check_portrait('later')")" 0
  sql -d "$1" -c "SELECT persona.refresh_portrait('later')" >/dev/null
  expect "the deferred portrait $2" "$(differences "$1" later)" "0 0 "
}

create "$PGDATABASE"
fill
same "$PGDATABASE" "at first"

expect "one made in an older snapshot" "$(psql -X -q -A -t -v VERBOSITY=sqlstate -c "BEGIN ISOLATION LEVEL REPEATABLE READ" \
  -c "SELECT persona.create_portrait('late', 'SELECT customer, count(*) AS n FROM event GROUP BY 1')" -c ROLLBACK 2>&1)" "ERROR:  25001"

# What check_portrait warns of, until refresh_portrait has put it right.
warnings() { psql -X -q -A -t -v VERBOSITY=terse -c "SELECT * FROM persona.check_portrait('live')" 2>&1; }
expect "warnings" "$(warnings)" ""
sql -c "ALTER TABLE event DISABLE TRIGGER USER"
expect "warnings of disabled triggers" "$(warnings)" "WARNING:  changes made directly to public.event are not seen by the portrait"
sql -c "ALTER TABLE event ENABLE TRIGGER USER"
expect "warnings where those for replicas are not" "$(warnings)" "WARNING:  changes made directly to public.event are not seen by the portrait"
sql -c "SELECT persona.refresh_portrait('live')" -c "SELECT persona.refresh_portrait('later', true)" >/dev/null
expect "warnings after a refresh" "$(warnings)" ""

# A crash: what is committed counts, the open transaction does not.
for name in writer other; do open_session $name; done
ask writer "BEGIN; INSERT INTO event VALUES (900, 'c1', '2024-06-01', 1), (901, 'new', '2024-06-01', 1); UPDATE event SET customer = 'c2' WHERE id < 20" >/dev/null
cat >"$folder/write.sql" <<'SQL'
\set id random(1000, 100000000)
INSERT INTO event VALUES (:id, 'd' || :id % 5, '2024-03-01', 1) ON CONFLICT DO NOTHING;
UPDATE event SET amount = amount + 1, customer = 'e' || :id % 3 WHERE id = (SELECT max(id) FROM event WHERE id >= 1000);
SQL
pgbench -n -c 2 -T 30 -f "$folder/write.sql" >/dev/null 2>&1 &
bench=$!
until [ "$(sql -c 'SELECT count(*) > 50 FROM event WHERE id >= 1000')" = t ]; do sleep 0.1; done
"$as_postgres" pg_ctl stop -s -m immediate -D "$PGDATA"
wait $bench || true
echo "wal_level = logical" >>"$PGDATA/postgresql.conf"
"$as_postgres" pg_ctl start -s -w -D "$PGDATA" -l "$PGDATA.log"
expect "the open transaction" "$(sql -c 'SELECT count(*) FROM event WHERE id IN (900, 901)')" 0
same "$PGDATABASE" "after the crash"
sql -c "INSERT INTO event VALUES (902, 'c1', '2024-06-01', 1); DELETE FROM event WHERE id % 3 = 0"
same "$PGDATABASE" "and after writes since"

# A dump: with deltas that wait.
sql -c "INSERT INTO event VALUES (903, 'c1', '2024-06-01', 1); UPDATE event SET amount = 9 WHERE id = 1"
createdb restored
pg_dump | sql -d restored >/dev/null
expect "triggers restored" "$(sql -d restored -c "SELECT count(*), count(*) FILTER (WHERE tgenabled = 'A'), count(*) FILTER (WHERE tgenabled = 'R') FROM pg_trigger WHERE tgfoid = 'persona.maintain_portrait'::regproc")" "10|2|2"
same restored "restored"
sql -d restored <<'SQL'
INSERT INTO event VALUES (904, 'c1', '2024-06-01', 1), (905, 'new', '2024-06-01', 1);
UPDATE event SET customer = 'moved' WHERE id BETWEEN 1 AND 20;
DELETE FROM event WHERE customer = 'c3';
SQL
same restored "and written to"
expect "as of a time" "$(sql -d restored -c "SELECT count(*) > 0 AND count(*) = sum((r.events = e.events)::int) FROM live_as_of('2024-01-05') r
  JOIN (SELECT customer, count(*) AS events FROM event WHERE ts < '2024-01-05' GROUP BY customer) e USING (customer)")" t
bound="SELECT count(*) FROM pg_depend WHERE classid = 'pg_trigger'::regclass AND refobjid IN ('live'::regclass, 'live_recomputed'::regclass) AND deptype = 'a'"
expect "what a dump does not carry" "$(sql -d restored -c "$bound")" 0
sql -d restored -c "SELECT persona.refresh_portrait('live')" >/dev/null
expect "refresh_portrait brings back" "$(sql -d restored -c "$bound")" "$(sql -c "$bound")"
sql -d restored -c "DROP TABLE later CASCADE" 2>/dev/null
sql -d restored -c "INSERT INTO event VALUES (906, 'c1', '2024-06-01', 1)" # a trigger left without its portrait
expect "the portrait beside" "$(differences restored live)" "0 0 "
sql -d restored -c "SELECT persona.drop_portrait('live')"
expect "left of a dropped portrait" "$(sql -d restored -c "SELECT (SELECT count(*) FROM pg_class WHERE relname ~ '^live'), (SELECT count(*) FROM pg_proc WHERE proname ~ '^live'),
  (SELECT count(*) FROM pg_trigger WHERE tgname ~ 'live'), (SELECT count(*) FROM persona.portraits WHERE portrait::text = 'live'), (SELECT count(*) FROM persona.portrait_trigger WHERE trigger_name ~ 'live')")" "0|0|0|0|0"
sql -d restored -c "INSERT INTO event VALUES (907, 'c1', '2024-06-01', 1)"

# A subscription: the portraits are on the subscriber's table alone. The slot is made first, for a subscription to its
# own server waits for itself otherwise.
createdb subscriber
create subscriber
sql -c "CREATE PUBLICATION events FOR TABLE event; ALTER TABLE event REPLICA IDENTITY FULL" \
  -c "SELECT pg_create_logical_replication_slot('events', 'pgoutput')" >/dev/null
sql -d subscriber -c "CREATE SUBSCRIPTION events CONNECTION 'host=$PGHOST port=$PGPORT user=$PGUSER dbname=$PGDATABASE' PUBLICATION events WITH (slot_name = events, create_slot = false)" >/dev/null 2>&1
digest="SELECT count(*) || ' ' || coalesce(md5(string_agg(e::text, ',' ORDER BY id)), '') FROM event e"
applied() { # WHEN
  local tries=0
  until [ "$(sql -c "$digest")" = "$(sql -d subscriber -c "$digest")" ]; do
    tries=$((tries + 1))
    if [ $tries -gt 300 ]; then
      echo "portraits: $1 is not applied" >&2
      tail -5 "$PGDATA.log" >&2
      exit 1
    fi
    sleep 0.1
  done
  same subscriber "after $1"
}
applied "the initial copy"
sql -c "INSERT INTO event SELECT i, 'c' || i % 9, '2024-01-01'::timestamptz + i * interval '1 hour', i % 5 FROM generate_series(500, 600) i"
applied "insertions"
sql -c "UPDATE event SET customer = 'moved', amount = amount + 1 WHERE id % 5 = 0"
applied "changes"
sql -c "BEGIN; UPDATE event SET amount = 7 WHERE id = 1; INSERT INTO event VALUES (700, 'c1', '2024-06-01', 1); DELETE FROM event WHERE id = 2; COMMIT"
applied "a transaction of all kinds"
sql -c "DELETE FROM event WHERE customer IN ('c1', 'moved')"
applied "deletions"
sql -c "BEGIN; TRUNCATE event; INSERT INTO event VALUES (800, 'c1', '2024-06-01', 1); COMMIT"
applied "TRUNCATE"
expect "what is left" "$(sql -d subscriber -c 'SELECT customer, events FROM live')" "c1|1"
sql -d subscriber -c "ALTER SUBSCRIPTION events DISABLE; ALTER SUBSCRIPTION events SET (slot_name = NONE)" -c "DROP SUBSCRIPTION events"
echo "portraits: equal after a crash, a restore and 6 changes applied by a subscription"
