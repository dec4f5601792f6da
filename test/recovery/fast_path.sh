#!/usr/bin/env bash
# Functions called by the fast-path interface of the protocol, where any role chooses each argument's bytes and the
# server has no expression to take a type from: the answers are a query's, errors are clean, and the server stays up.
# Needs the server of scripts/private_server and libpq.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
folder=$(mktemp -d "${TMPDIR:-/tmp}/persona_fast_path.XXXXXX")
trap 'rm -rf "$folder"' EXIT
# shellcheck source=test/recovery/psql_session
. "$here/psql_session"

psql -X -q -v ON_ERROR_STOP=1 -f "$here/shop.sql"
started=$(psql -X -A -t -c 'SELECT pg_postmaster_start_time()')
psql -X -A -t -f "$here/answers.sql" >"$folder/before"
cc -std=c11 -O1 -Wall -Wextra -Werror -I"$(pg_config --includedir)" -o "$folder/fast_path" "$here/fast_path.c" -L"$(pg_config --libdir)" -lpq
if ! "$folder/fast_path" >"$folder/called"; then
  echo "fast_path: the last call was $(tail -n 1 "$folder/called")" >&2
  exit 1
fi
expect "crashes" "$(grep -c 'terminated by signal' "$PGDATA.log" || true)" 0
expect "the server" "$(psql -X -A -t -c 'SELECT pg_postmaster_start_time()')" "$started"
psql -X -A -t -f "$here/answers.sql" | diff "$folder/before" -
