#!/usr/bin/env bash
# The server dies in the middle of a fit and of an uncommitted deployment: after recovery the models that were committed
# answer as before, and nothing of the rest is there. Needs the server of scripts/private_server, which it kills.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
as_postgres=$here/../../scripts/as_postgres
folder=$(mktemp -d "${TMPDIR:-/tmp}/persona_crash.XXXXXX")
trap 'rm -rf "$folder"' EXIT
# shellcheck source=test/recovery/psql_session
. "$here/psql_session"

export PGOPTIONS='-c synchronous_commit=on'
psql -X -q -v ON_ERROR_STOP=1 -f "$here/shop.sql"
psql -X -A -t -f "$here/answers.sql" >"$folder/before"
open_session deployer
open_session fitter
ask deployer "BEGIN; SELECT persona.deploy('churn', 2); SELECT persona.drop_model('basket'); SELECT persona.fit('new', 'linear_regression', 'SELECT visits, spend FROM shop.customer', 'spend')" >/dev/null
ask fitter "SELECT persona.fit('endless', 'linear_regression', 'SELECT visits + i AS x, spend AS y FROM shop.customer, generate_series(1, 10000000) i', 'y')" >/dev/null &
until [ "$(psql -X -A -t -c "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%endless%' AND pid <> pg_backend_pid()")" = 1 ]; do sleep 0.05; done

"$as_postgres" pg_ctl stop -s -m immediate -D "$PGDATA"
"$as_postgres" pg_ctl start -s -w -D "$PGDATA" -l "$PGDATA.log"
psql -X -A -t -f "$here/answers.sql" >"$folder/after"
diff "$folder/before" "$folder/after"
expect "errors" "$(grep -c ERROR "$folder/before" || true)" 0
expect "the models" "$(psql -X -A -t -c "SELECT string_agg(name || '@' || version, ' ' ORDER BY name, version) FROM persona.model")" \
  "als@1 association_rules@1 basket@1 churn@1 churn@2 kept@1 mixed@1 norm@1 repurchase@1 session_knn@1 spend@1"
expect "what serves" "$(psql -X -A -t -c "SELECT version FROM persona.deployed_model WHERE name = 'churn'")" 1
expect "orphaned rows" "$(psql -X -A -t -c 'SELECT count(*) FROM persona.coefficient LEFT JOIN persona.model USING (model_id) WHERE name IS NULL')" 0
expect "the next fit" "$(psql -X -q -A -t -c "SELECT version FROM persona.refresh_model('churn')")" 3
echo "crash: $(wc -l <"$folder/after") lines of answers equal after recovery"
