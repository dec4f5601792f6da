#!/usr/bin/env bash
# pg_dump and restore into new databases, in custom and plain format and as schema and data apart: every row of the
# catalog is there, the models answer the same to the last digit, rights hold, identities and versions go on.
# Needs the server of scripts/private_server.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
folder=$(mktemp -d "${TMPDIR:-/tmp}/persona_dump.XXXXXX")
trap 'rm -rf "$folder"' EXIT
# shellcheck source=test/recovery/psql_session
. "$here/psql_session"
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

psql -X -q -v ON_ERROR_STOP=1 -f "$here/shop.sql"
cat >"$folder/rows.sql" <<'SQL'
SET extra_float_digits = 3;
SELECT format('SELECT %L, count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM persona.%I t', relname, relname)
FROM pg_class WHERE relnamespace = 'persona'::regnamespace AND relkind = 'r' ORDER BY relname
\gexec
SELECT md5(string_agg(p::text, chr(10) ORDER BY buyer)) FROM shop.portrait p;
SQL

contents() {
  sql -d "$1" -f "$folder/rows.sql"
  sql -d "$1" -f "$here/answers.sql"
}
contents "$PGDATABASE" >"$folder/original"
expect "an empty table in the original" "$(grep -c '^[a-z_]*|0|' "$folder/original" || true)" 0

pg_dump -Fc -f "$folder/custom"
pg_dump -f "$folder/plain"
pg_dump --schema-only -f "$folder/schema"
pg_dump --data-only --disable-triggers -f "$folder/rows"  # else the restored events would be merged into the restored portraits
for name in restored_custom restored_plain restored_apart; do createdb "$name"; done
pg_restore --exit-on-error -d restored_custom "$folder/custom"
sql -d restored_plain -f "$folder/plain" >/dev/null
sql -d restored_apart -f "$folder/schema" >/dev/null
sql -d restored_apart -f "$folder/rows" >/dev/null

for database in restored_custom restored_plain restored_apart; do
  contents "$database" >"$folder/$database"
  diff "$folder/original" "$folder/$database"
  expect "the owner in $database" "$(sql -d $database -c "SELECT DISTINCT owner FROM persona.model_name")" shop_owner
  expect "the grantee's use" "$(sql -d $database -c 'SET ROLE shop_analyst' -c \
    "SELECT count(persona.predict('churn', jsonb_build_object('visits', 1, 'spend', 2, 'channel', 'web')))")" 1
  expect "and no more" "$(sql -d $database -c 'SET ROLE shop_analyst' -v VERBOSITY=sqlstate -c "SELECT persona.deploy('churn', 2)" 2>&1)" \
    "ERROR:  42501"
  expect "what a stranger sees" "$(sql -d $database -c 'SET ROLE pg_monitor' -c 'SELECT name FROM persona.model_name')" spend
  last=$(sql -d $database -c 'SELECT max(model_id) FROM persona.model')
  expect "the next version and identity" "$(sql -d $database -c 'SET ROLE shop_owner' -c 'SET search_path = shop' -c \
    "SELECT version, model_id FROM persona.fit('churn', 'logistic_regression', 'customer', 'stays', '{\"l2\": 1}')" 2>/dev/null)" "3|$((last + 1))"
  sql -d $database -c "SELECT persona.refresh_portrait('shop.buyer_portrait')" >/dev/null  # binds its triggers, enables them as they were
  sql -d $database -c "INSERT INTO shop.purchase (buyer, product, at) SELECT buyer, product, at + interval '1 year' FROM shop.purchase WHERE buyer < 3" >/dev/null
  expect "a portrait that lives on" "$(sql -d $database -c "SELECT count(*) FROM persona.check_portrait('shop.buyer_portrait')")" 0
  expect "a refresh" "$(sql -d $database -c "SELECT version FROM persona.refresh_model('basket')")" 2
done
echo "dump_restore: $(wc -l <"$folder/original") lines equal in 3 databases, which go on from there"
