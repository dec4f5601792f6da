#!/usr/bin/env bash
# A streaming standby of the server of scripts/private_server: it answers as the primary does, reads no deployment
# stale once it is replayed, sees a purchase made a moment ago, and refuses to fit.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
as_postgres=$here/../../scripts/as_postgres
folder=$(mktemp -d "${TMPDIR:-/tmp}/persona_standby.XXXXXX")
stop() {
  local status=$?
  if [ -f "$folder/data/postmaster.pid" ]; then "$as_postgres" pg_ctl stop -s -m immediate -D "$folder/data"; fi
  rm -rf "$folder"
  exit $status
}
trap stop EXIT
if [ "$(id -u)" -eq 0 ]; then chown postgres: "$folder"; fi
# shellcheck source=test/recovery/psql_session
. "$here/psql_session"

export PGOPTIONS='-c synchronous_commit=on'
psql -X -q -v ON_ERROR_STOP=1 -f "$here/shop.sql"
"$as_postgres" pg_basebackup -D "$folder/data" --write-recovery-conf --checkpoint=fast --no-sync
if ! "$as_postgres" pg_ctl start -s -w -D "$folder/data" -l "$folder/log" \
  -o "-c unix_socket_directories='$folder' -c shared_buffers=64MB -c hot_standby=on"; then
  cat "$folder/log" >&2
  exit 1
fi

open_session primary
open_session standby -h "$folder"
expect "in recovery" "$(ask standby 'SELECT pg_is_in_recovery()')" t
# Returns when the standby has replayed all that the primary has committed.
replay() {
  local lsn tries=0
  lsn=$(ask primary 'SELECT pg_current_wal_flush_lsn()')
  until [ "$(ask standby "SELECT pg_last_wal_replay_lsn() >= '$lsn'")" = t ]; do
    tries=$((tries + 1))
    if [ $tries -gt 3000 ]; then
      echo "standby: $lsn is not replayed" >&2
      exit 1
    fi
    sleep 0.01
  done
}

replay
psql -X -A -t -f "$here/answers.sql" >"$folder/primary.answers"
psql -X -A -t -f "$here/answers.sql" -h "$folder" >"$folder/standby.answers"
expect "errors on the primary" "$(grep -c ERROR "$folder/primary.answers" || true)" 0
diff "$folder/primary.answers" "$folder/standby.answers"
expect "lines of answers" "$(($(wc -l <"$folder/primary.answers") > 100))" 1
expect "a fit on the standby" "$(ask standby "SELECT persona.fit('m', 'linear_regression', 'shop.customer', 'spend')")" "ERROR:  25006"
expect "a deployment there" "$(ask standby "SELECT persona.deploy('churn', 2)")" "ERROR:  25006"

churn="SELECT persona.predict('churn', c) FROM shop.customer c WHERE id = 7"
version=([1]=$(ask primary "${churn//churn\'/churn@1\'}") [2]=$(ask primary "${churn//churn\'/churn@2\'}"))
stale=0
for i in $(seq 1 50); do
  v=$((1 + i % 2))
  expect "deployment $i" "$(ask primary "SELECT (persona.deploy('churn', $v)).version")" $v
  replay
  if [ "$(ask standby "$churn")" != "${version[$v]}" ]; then stale=$((stale + 1)); fi
done
expect "stale reads" $stale 0

# A transaction of the standby keeps its version.
ask standby "BEGIN ISOLATION LEVEL REPEATABLE READ; $churn" >/dev/null
before=$(ask standby "$churn")
ask primary "SELECT persona.revert('churn')" >/dev/null
replay
expect "in one snapshot" "$(ask standby "$churn")" "$before"
expect "in the next" "$(ask standby "COMMIT; $churn")" "${version[2]}"

# A purchase counts at once; a model fitted now is there; one dropped is not.
seen="SELECT count(*) FROM persona.recommend('basket', 3, 20) WHERE item = 'p0'"
expect "before the purchase" "$(ask standby "$seen")" 1
ask primary "INSERT INTO shop.purchase VALUES (3, 'p0', now())"
replay
expect "after it" "$(ask standby "$seen")" 0
ask primary "SELECT persona.fit('late', 'linear_regression', 'SELECT visits, spend FROM shop.customer', 'spend')" >/dev/null
replay
expect "a new model" "$(ask standby "SELECT persona.predict_array('late', '{3}')")" "$(ask primary "SELECT persona.predict_array('late', '{3}')")"
ask primary "SELECT persona.drop_model('late')" >/dev/null
replay
expect "a dropped model" "$(ask standby "SELECT persona.predict_array('late', '{3}')")" "ERROR:  42704"
echo "standby: $(wc -l <"$folder/standby.answers") lines of answers equal, 50 deployments, $stale stale"
