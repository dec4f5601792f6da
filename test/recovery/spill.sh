#!/usr/bin/env bash
# A fit whose rows exceed the option memory keeps them in a temporary file: the answer is the same, the file counts
# against temp_file_limit and in the server's statistics, and it is gone after success, errors, a cancel request and the
# backend's end by any means. Needs the server of scripts/private_server.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
folder=$(mktemp -d "${TMPDIR:-/tmp}/persona_spill.XXXXXX")
trap 'rm -rf "$folder"' EXIT
# shellcheck source=test/recovery/psql_session
. "$here/psql_session"

value() { psql -X -A -t -c "$1"; }
# shellcheck disable=SC2012  # our own names
files() { ls "$PGDATA/base/pgsql_tmp" 2>/dev/null | wc -l; }
some_file() { [ "$(files)" -gt 0 ]; }
no_file() { [ "$(files)" = 0 ]; }
counted() { [ "$(value 'SELECT temp_files FROM pg_stat_database WHERE datname = current_database()')" -ge 3 ]; }
answers() { pg_isready -q -h "$PGHOST"; }

# soon WHAT CONDITION: waits until the condition holds.
soon() {
  local tries
  for ((tries = 0; tries < 600; tries++)); do
    if "$2"; then return; fi
    sleep 0.05
  done
  expect "$1" "not after 30 s" "soon"
}

psql -X -q -v ON_ERROR_STOP=1 <<'SQL'
CREATE EXTENSION persona;
CREATE TABLE customer AS
SELECT sin(i) AS a, cos(i * 1.7) AS b, 'g' || i % 7 AS g, (i * 7919) % 11 > 4 + 3 * sin(i) AS y, i % 4 AS n, i FROM generate_series(1, 150000) i;
SQL
open_session fitter

# Both kinds that go over their rows again and again, and robust errors of the one that does not.
for fit in "'logistic_regression', 'SELECT a, b, g, y FROM customer', 'y', '{%s}'" "'poisson_regression', 'SELECT a, b, g, n FROM customer', 'n', '{%s}'" \
  "'linear_regression', 'SELECT a, b, g, n FROM customer', 'n', '{\"standard_errors\": \"robust\"%s}'"; do
  comma=
  if [[ $fit == *standard_errors* ]]; then comma=,; fi
  # shellcheck disable=SC2059  # the fit is the format
  ask fitter "SELECT persona.fit('whole', $(printf "$fit" ''))" >/dev/null
  # shellcheck disable=SC2059
  ask fitter "SELECT persona.fit('spilled', $(printf "$fit" "$comma\"memory\": 1"))" >/dev/null
  expect "coefficients that differ" "$(value "SELECT count(*) FROM persona.deployed_coefficient a JOIN persona.deployed_coefficient b USING (term_no)
    WHERE a.name = 'whole' AND b.name = 'spilled' AND (a.estimate, a.std_error) IS DISTINCT FROM (b.estimate, b.std_error)")" 0
  expect "coefficients" "$(value "SELECT count(*) FROM persona.deployed_coefficient WHERE name = 'spilled'")" 9
  expect "files after it" "$(files)" 0
done
soon "temporary files are counted" counted

# The limit on temporary files.
expect "temp_file_limit" "$(ask fitter "SET temp_file_limit = '1MB'; SELECT persona.fit('m', 'logistic_regression', 'SELECT a, b, g, y FROM customer', 'y', '{\"memory\": 1}')")" "ERROR:  53400"
expect "files after it" "$(files)" 0
ask fitter 'RESET temp_file_limit'

# An error of the source, after rows have been stored, also where it is caught.
late="SELECT a, b, y, 1 / (i - 140000) AS c FROM customer"
expect "a late error" "$(ask fitter "SELECT persona.fit('m', 'logistic_regression', '$late', 'y', '{\"memory\": 1}')")" "ERROR:  22012"
expect "files after it" "$(files)" 0
psql -X -q -v ON_ERROR_STOP=1 <<SQL
DO \$\$ BEGIN PERFORM persona.fit('m', 'logistic_regression', '$late', 'y', '{"memory": 1}'); EXCEPTION WHEN division_by_zero THEN NULL; END \$\$;
SQL
expect "files after it" "$(files)" 0

# Cancel, terminate, kill: while rows are stored, which for so many takes long.
endless="SELECT persona.fit('m', 'logistic_regression', 'SELECT c.a, c.b, c.y FROM customer c, generate_series(1, 100000)', 'y', '{\"memory\": 1}')"
for how in cancel terminate kill; do
  psql -X -q -A -t -v VERBOSITY=sqlstate -c "$endless" >"$folder/answer" 2>&1 &
  asking=$!
  soon "$how: a file" some_file
  pid=$(value "SELECT pid FROM pg_stat_activity WHERE query LIKE '%100000%' AND pid <> pg_backend_pid()")
  case $how in
  cancel) value "SELECT pg_cancel_backend($pid)" >/dev/null ;;
  terminate) value "SELECT pg_terminate_backend($pid)" >/dev/null ;;
  kill) kill -KILL "$pid" ;;
  esac
  wait $asking || true
  if [ "$how" = cancel ]; then expect "$how" "$(cat "$folder/answer")" "ERROR:  57014"; fi
  if [ "$how" = kill ]; then soon "the server is back" answers; fi
  soon "$how: no file is left" no_file
done
expect "what was stored" "$(value "SELECT count(*) FROM persona.model WHERE name = 'm'")" 0
