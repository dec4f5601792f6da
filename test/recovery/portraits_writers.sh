#!/usr/bin/env bash
# Four clients insert, change, delete and move events of few customers at once, while others refresh: afterwards a
# portrait and a deferred portrait are what plain SQL computes from the events, and no statement met a deadlock.
# Needs the server of scripts/private_server.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
folder=$(mktemp -d "${TMPDIR:-/tmp}/persona_writers.XXXXXX")
trap 'rm -rf "$folder"' EXIT
# shellcheck source=test/recovery/psql_session
. "$here/psql_session"
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

sql -c "CREATE EXTENSION persona" >/dev/null
sql >/dev/null 2>&1 <<'SQL'
CREATE TABLE event (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer int, ts timestamptz, amount float8);
CREATE INDEX ON event (customer);
INSERT INTO event (customer, ts, amount) SELECT i % 12, '2024-01-01'::timestamptz + i * interval '1 hour', i % 7 FROM generate_series(1, 400) i;
SELECT persona.create_portrait('live', $$ SELECT customer, count(*) AS events, sum(amount) AS total, max(ts) AS latest,
  persona.activity_agg(ts, amount) AS activity FROM event GROUP BY customer $$, 'ts');
SELECT persona.create_portrait('later', $$ SELECT customer, count(*) AS events, sum(amount) AS total, max(ts) AS latest,
  persona.activity_agg(ts, amount) AS activity FROM event GROUP BY customer $$, 'ts', true);
SQL

# Amounts are whole numbers, so that sums are exact in any order. A client changes its own events only: what could
# deadlock is the portraits' own rows. Customers come and go: of the last of these few there are hardly any events.
client='\set customer random(0, 14)
\set other random(0, 14)
\set id random(0, 400) * 4 + :client_id'
new_time="'2024-01-01'::timestamptz + (random() * 1e6)::int * interval '1 second'"
write() { printf '%s\n%s\n' "$client" "$2" >"$folder/$1.sql"; }
write one "INSERT INTO event (customer, ts, amount) VALUES (:customer, $new_time, :other);"
write many "INSERT INTO event (customer, ts, amount) SELECT (:customer + 7 * i) % 15, $new_time, i FROM generate_series(1, 6) i;"
write change "UPDATE event SET amount = amount + 1 WHERE id = :id;"
write move "UPDATE event SET customer = (customer + :other) % 15 WHERE id % 4 = :client_id AND id BETWEEN :id - 20 AND :id;"
write upsert "INSERT INTO event (id, customer, ts, amount) OVERRIDING SYSTEM VALUE SELECT v.id, e.customer, $new_time, 1
  FROM event e, (VALUES (:id), (nextval(pg_get_serial_sequence('event', 'id')))) v (id) WHERE e.id = :id
  ON CONFLICT (id) DO UPDATE SET amount = event.amount + 1;"
write delete "DELETE FROM event WHERE id % 4 = :client_id AND customer IN (:customer, :other);"
write undo "BEGIN; INSERT INTO event (customer, ts, amount) VALUES (:customer, $new_time, 1000); ROLLBACK;"
write fold "SELECT persona.refresh_portrait('later');"
write mend "SELECT persona.refresh_portrait('live');"
PGOPTIONS='-c synchronous_commit=off' pgbench -n -c 4 -j 2 -T 4 --random-seed=7 -f "$folder/one.sql@30" -f "$folder/many.sql@20" \
  -f "$folder/change.sql@20" -f "$folder/move.sql@10" -f "$folder/upsert.sql@10" -f "$folder/delete.sql@3" -f "$folder/undo.sql@5" -f "$folder/fold.sql@2" \
  -f "$folder/mend.sql@1" >"$folder/out" 2>"$folder/errors" || { cat "$folder/errors" >&2; exit 1; }
expect "failed transactions" "$(sed -n 's/^number of failed transactions: \([0-9]*\) .*/\1/p' "$folder/out")" 0
expect "deadlocks" "$(grep -c 'deadlock detected' "$PGDATA.log" || true)" 0
done=$(sed -n 's/^number of transactions actually processed: \([0-9]*\).*/\1/p' "$folder/out")
expect "enough transactions" "$((done > 100))" 1

computed="SELECT customer, count(*) AS events, sum(amount) AS total, max(ts) AS latest FROM event GROUP BY customer"
same() {
  sql -c "SELECT count(*) FROM (SELECT customer, events, total, latest, persona.events(activity), persona.total_amount(activity) FROM $1
          EXCEPT SELECT *, events, total FROM ($computed) c) extra"
  sql -c "SELECT count(*) FROM ($computed EXCEPT SELECT customer, events, total, latest FROM $1) missing"
}
expect "events are left" "$(sql -c 'SELECT count(*) > 20 FROM event')" t
expect "differences of the portrait" "$(sql -c "SELECT count(*) FROM persona.check_portrait('live')")" 0
expect "it and plain SQL" "$(same live | tr '\n' ' ')" "0 0 "
expect "differences of the deferred one, deltas counted in" "$(sql -c "SELECT count(*) FROM persona.check_portrait('later')")" 0
sql -c "SELECT persona.refresh_portrait('later')" >/dev/null
expect "differences once they are folded" "$(sql -c "SELECT count(*) FROM persona.check_portrait('later')")" 0
expect "it and plain SQL" "$(same later | tr '\n' ' ')" "0 0 "
expect "deltas left" "$(sql -c 'SELECT count(*) FROM later_delta')" 0
echo "portraits_writers: $done transactions of 4 clients, both portraits are what plain SQL computes"
