#!/usr/bin/env bash
# Out of memory is an error, not a crash: a backend whose address space is limited from outside fails with 53200 in
# fits that need more, and goes on. Needs the server of scripts/private_server.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
as_postgres=$here/../../scripts/as_postgres
folder=$(mktemp -d "${TMPDIR:-/tmp}/persona_memory.XXXXXX")
trap 'rm -rf "$folder"' EXIT
# shellcheck source=test/recovery/psql_session
. "$here/psql_session"

psql -X -q -v ON_ERROR_STOP=1 <<'SQL'
CREATE EXTENSION persona;
CREATE TABLE event AS SELECT i AS id, sin(i) AS x1, cos(i) AS x2, cos(i * 0.7) + sin(i * 3.1) > 0 AS y FROM generate_series(1, 20000) i;
SQL
started=$(psql -X -A -t -c 'SELECT pg_postmaster_start_time()')
open_session fitter
pid=$(ask fitter 'SELECT pg_backend_pid()')
expect "a small fit" "$(ask fitter "SELECT version FROM persona.fit('small', 'logistic_regression', 'event', 'y', key => 'id')")" 1
small=$(ask fitter "SELECT persona.predict_array('small', '{1,2}')")
size=$(awk '/^VmSize/ { print $2 * 1024 }' "/proc/$pid/status")
# As the server's user, who may, and the soft limit only, so that it can be lifted again. 100 MB more than now.
"$as_postgres" prlimit --pid "$pid" --as=$((size + 100 * 1024 * 1024)):

# 20,000 rows a copy; each of these needs some hundreds of MB.
declare -A fit=(
  [logistic_regression]="'SELECT x1, x2, x1 + i AS x3, x2 * i AS x4, y FROM event, generate_series(1, 500) i', 'y'"
  [item_knn]="'SELECT id AS buyer, (id::bigint * 7919 + i) % 1000003 AS product FROM event, generate_series(1, 500) i', options => '{\"user\": \"buyer\", \"item\": \"product\"}'"
)
for kind in "${!fit[@]}"; do
  for try in 1 2 3; do
    expect "$kind, try $try" "$(ask fitter "SELECT persona.fit('large', '$kind', ${fit[$kind]})")" "ERROR:  53200"
    expect "the backend" "$(ask fitter 'SELECT pg_backend_pid()')" "$pid"
    expect "a small fit then" "$(ask fitter "BEGIN; SELECT version FROM persona.fit('other', 'logistic_regression', 'event', 'y', key => 'id');
                                             SELECT persona.predict_array('other', '{1,2}'); ROLLBACK")" "1"$'\n'"$small"
  done
done
"$as_postgres" prlimit --pid "$pid" --as=unlimited:
expect "what is stored" "$(ask fitter 'SELECT string_agg(name, chr(32)) FROM persona.model')" small
expect "the server" "$(psql -X -A -t -c 'SELECT pg_postmaster_start_time()')" "$started"
echo "out_of_memory: ${#fit[@]} kinds failed with 53200 three times each, in one backend that goes on"
