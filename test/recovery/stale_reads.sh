#!/usr/bin/env bash
# A hundred deployments in one session, each asked for in another that has the model cached: none may be read stale.
# Needs the server of scripts/private_server.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
folder=$(mktemp -d "${TMPDIR:-/tmp}/persona_stale.XXXXXX")
trap 'rm -rf "$folder"' EXIT
# shellcheck source=test/recovery/psql_session
. "$here/psql_session"

psql -X -q -v ON_ERROR_STOP=1 -f "$here/shop.sql"
churn="SELECT persona.predict('churn', c) FROM shop.customer c WHERE id = 7"
open_session writer
open_session reader
ask reader "PREPARE churn AS $churn"
version=([1]=$(ask reader "${churn//churn\'/churn@1\'}") [2]=$(ask reader "${churn//churn\'/churn@2\'}"))
if [ "${version[1]}" = "${version[2]}" ]; then
  echo "stale_reads: both versions answer ${version[1]}" >&2
  exit 1
fi
stale=0
for i in $(seq 1 100); do
  v=$((1 + i % 2))
  expect "deployment $i" "$(ask writer "SELECT (persona.deploy('churn', $v)).version")" $v
  for question in "$churn" "EXECUTE churn"; do
    if [ "$(ask reader "$question")" != "${version[$v]}" ]; then stale=$((stale + 1)); fi
  done
done
expect "stale reads" $stale 0
expect "deployments" "$(psql -X -A -t -c "SELECT count(*) FROM persona.deployment WHERE name = 'churn'")" 101
echo "stale_reads: 100 deployments, 200 reads, $stale stale"
