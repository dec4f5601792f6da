#!/usr/bin/env bash
# A search_path that names pg_temp first, at the fit, does not let a grantee's temporary view stand in for the owner's
# table: not in a session that has asked before the view was there. In a server of its own, since a session
# that runs pgTAP has a temporary schema from the start.
set -euo pipefail

run() { psql -X -q -At -v ON_ERROR_STOP=1 "$@"; }

run <<'SQL'
CREATE EXTENSION persona;
CREATE ROLE grantee LOGIN;
CREATE SCHEMA app_pg_temp;
CREATE TABLE purchase (buyer integer, item text);
INSERT INTO purchase VALUES (5, 'i1'), (6, 'i1'), (6, 'i2'), (7, 'i1'), (7, 'i2'), (8, 'i3');
CREATE TABLE note (who text);
GRANT INSERT ON note TO PUBLIC;
CREATE FUNCTION trap() RETURNS text LANGUAGE plpgsql IMMUTABLE AS
  $$BEGIN INSERT INTO public.note VALUES (current_user); RETURN 'i3'; END$$;
SQL

for path in 'pg_temp, public' 'app_pg_temp, public' 'public'; do
  run -v path="$path" <<'SQL'
SET search_path = :path;
SET client_min_messages = warning;
SELECT FROM persona.fit('path', 'item_knn', 'SELECT buyer, item FROM purchase', options => '{"user": "buyer", "item": "item"}');
SELECT FROM persona.grant_model('path', 'grantee');
SQL
  answer=$(run -U grantee 2>&1 <<'SQL' || true
SELECT item FROM persona.recommend('path', 5::bigint, 1);
CREATE TEMP VIEW purchase AS SELECT 5 AS buyer, public.trap() AS item;
GRANT SELECT ON purchase TO PUBLIC;
SELECT item FROM persona.recommend('path', 5::bigint, 1);
SQL
  )
  if [ "$(run -c 'SELECT count(*) FROM note')" != 0 ] || ! grep -q '^i2$' <<<"$answer" ||
    ! grep -q 'temporary objects of this session could stand in' <<<"$answer"; then
    printf 'temporary_objects: with search_path = %s:\n%s\n' "$path" "$answer" >&2
    exit 1
  fi
done
echo "temporary objects: 3 search paths, nothing of a grantee's ran as the owner"
