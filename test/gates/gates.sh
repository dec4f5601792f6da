#!/usr/bin/env bash
# Compiles gates_test.cpp against the gates and runs gates_test.sql with it, beside the private server of
# scripts/private_server.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
root=$here/../..

folder=$(mktemp -d "${TMPDIR:-/tmp}/persona_gates.XXXXXX")
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"

"${CXX:-g++}" -std=c++17 -O1 -Wall -Wextra -Wno-register -Wno-unused-parameter -Wno-clobbered -fPIC -shared -Wl,-Bsymbolic \
  -I"$root/src" -isystem "$(pg_config --includedir-server)" -isystem /usr/include/eigen3 \
  -o "$folder/gates_test.so" "$here/gates_test.cpp" "$root/src/pg/server/gates.cpp"
psql -X -q -v ON_ERROR_STOP=1 -c 'CREATE EXTENSION pgtap'
pg_prove --set module="$folder/gates_test.so" "$here/gates_test.sql"
echo "gates: every exception became an error, and nothing was left behind"
