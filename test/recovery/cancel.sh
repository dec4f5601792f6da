#!/usr/bin/env bash
# A fit of any kind stops within 100 ms of its deadline, whatever it was doing, and at a cancel request; the backend goes
# on, nothing is stored, and a thousand failing fits leave no memory behind. Needs the server of scripts/private_server.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
folder=$(mktemp -d "${TMPDIR:-/tmp}/persona_cancel.XXXXXX")
trap 'rm -rf "$folder"' EXIT
# shellcheck source=test/recovery/psql_session
. "$here/psql_session"

psql -X -q -v ON_ERROR_STOP=1 <<'SQL'
CREATE EXTENSION persona;
CREATE TABLE long AS
SELECT sin(i) * 10 AS x1, cos(i * 1.3) AS x2, sin(i * 0.7) AS x3, cos(i * 2.1) AS x4, sin(i * 3.3) AS x5, cos(i * 0.3) AS x6, sin(i * 5.1) AS x7,
       cos(i * 7.7) AS x8, sin(i * 10) * 10 + cos(i * 17.0) * 5 > 0 AS y
FROM generate_series(1, 300000) i;
SELECT format('CREATE TABLE wide AS SELECT cos(i * 1.37) AS y, %s FROM generate_series(1, 600) i', string_agg(format('sin(i * %s.37 + %s) AS c%s', j, j, j), ', '))
FROM generate_series(1, 400) j
\gexec
CREATE TABLE bought AS SELECT i / 400 AS buyer, (i::bigint * 7919) % 10007 AS product FROM generate_series(1, 500000) i;
-- Milliseconds from the statement's deadline to here, or 'finished', with nothing kept.
CREATE FUNCTION overrun(query text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE query;
  RAISE SQLSTATE 'FIN00';
EXCEPTION
  WHEN SQLSTATE 'FIN00' THEN RETURN 'finished';
  WHEN query_canceled THEN RETURN ceil(extract(epoch FROM clock_timestamp() - statement_timestamp()) * 1000 - (SELECT setting::float8 FROM pg_settings WHERE name = 'statement_timeout'));
END $$;
SQL
open_session fitter
pid=$(ask fitter 'SELECT pg_backend_pid()')

# The deadline at four points of the time the whole takes. The machine may be busy: the best of five tries counts, and
# where the fit has finished before its deadline, the whole takes less than it seemed.
stops() {
  local name=$1 query=$2 begin took percent deadline tries found worst=0
  begin=${EPOCHREALTIME/./}
  expect "$name undisturbed" "$(ask fitter "BEGIN; SELECT 1 FROM ($query) q; ROLLBACK")" 1
  took=$(((${EPOCHREALTIME/./} - begin) / 1000))
  for percent in 10 30 50 70; do
    for tries in 1 2 3 4 5; do
      deadline=$((took * percent / 100 + 1))
      ask fitter "SET statement_timeout = $deadline"
      found=$(ask fitter "SELECT overrun(\$q\$$query\$q\$)")
      ask fitter 'RESET statement_timeout'
      if [[ $found =~ ^-?[0-9]+$ ]] && [ "$found" -le 100 ]; then break; fi
      if [ "$found" = finished ]; then took=$deadline; fi
      if [ "$tries" = 5 ]; then expect "$name, the deadline at $deadline ms" "$found" "at most 100"; fi
    done
    if [ "$found" -gt "$worst" ]; then worst=$found; fi
  done
  echo "$name: $took ms, stopped at most $worst ms late"
}
stops 'a stream' "SELECT persona.fit('m', 'linear_regression', 'SELECT sin(i) AS a, cos(i) AS b, i::float8 AS y FROM generate_series(1, 3000000) i', 'y')"
stops 'linear regression, wide' "SELECT persona.fit('m', 'linear_regression', 'wide', 'y')"
stops 'logistic regression' "SELECT persona.fit('m', 'logistic_regression', 'SELECT l.* FROM long l, generate_series(1, 4)', 'y')"
stops 'logistic regression, wide' "SELECT persona.fit('m', 'logistic_regression', 'SELECT *, y > 0 AS z FROM wide, generate_series(1, 3)', 'z', '{\"ignore\": [\"y\", \"generate_series\"], \"l2\": 1}')"
stops 'item_knn' "SELECT persona.fit('m', 'item_knn', 'bought', options => '{\"user\": \"buyer\", \"item\": \"product\"}')"
stops 'ease' "SELECT persona.fit('m', 'ease', 'SELECT buyer, product % 1201 AS product FROM bought', options => '{\"user\": \"buyer\", \"item\": \"product\"}')"
stops 'als' "SELECT persona.fit('m', 'als', 'bought', options => '{\"user\": \"buyer\", \"item\": \"product\", \"iterations\": 3}')"
stops 'als, two threads' "SELECT persona.fit('m', 'als', 'bought', options => '{\"user\": \"buyer\", \"item\": \"product\", \"iterations\": 3, \"threads\": 2}')"
stops 'next_item' "SELECT persona.fit('m', 'next_item', 'SELECT buyer, product, product AS at FROM bought WHERE buyer < 300', options => '{\"user\": \"buyer\", \"item\": \"product\", \"time\": \"at\"}')"
stops 'association_rules' "SELECT persona.fit('m', 'association_rules', 'SELECT buyer, product % 101 AS product FROM bought', options => '{\"basket\": \"buyer\", \"item\": \"product\", \"min_support\": 0.9, \"max_length\": 3}')"
stops 'session_knn' "SELECT persona.fit('m', 'session_knn', 'SELECT buyer, product, product AS at FROM bought WHERE buyer < 300', options => '{\"user\": \"buyer\", \"item\": \"product\", \"time\": \"at\"}')"

# So do the verbs that measure a model.
ask fitter "SELECT persona.fit('stored', 'linear_regression', 'SELECT x1, x2 FROM long', 'x2')" >/dev/null
stops 'gains' "SELECT count(*) FROM persona.gains('stored', 'SELECT x1, x2 FROM long, generate_series(1, 10)')"
stops 'compare' "SELECT count(*) FROM persona.compare('{stored}', 'SELECT x1, x2 FROM long, generate_series(1, 10)')"
stops 'drift' "SELECT count(*) FROM persona.drift('stored', 'SELECT x1 FROM long, generate_series(1, 10)')"
stops 'cross_validate' "SELECT count(*) FROM persona.cross_validate('logistic_regression', 'long', 'y', 3)"
ask fitter "SELECT persona.fit('also', 'item_knn', 'bought', options => '{\"user\": \"buyer\", \"item\": \"product\"}')" >/dev/null
stops 'evaluate, of a recommender' "SELECT count(*) FROM persona.evaluate('also', 'SELECT buyer, product + 1 AS product FROM bought')"
ask fitter "SELECT persona.drop_model('also')" >/dev/null

# A cancel request from another session, in the stream and after it.
for query in "persona.fit('m', 'linear_regression', 'SELECT l.* , x1 + x2 AS z FROM long l, generate_series(1, 100000)', 'z', '{\"ignore\": [\"y\"]}')" \
  "persona.evaluate('stored', 'SELECT x1, x2 FROM long, generate_series(1, 100000)')"; do
  ask fitter "SELECT persona.fit('stored', 'linear_regression', 'SELECT x1, x2 FROM long', 'x2')" >/dev/null
  ask fitter "SELECT $query" >"$folder/canceled" &
  asking=$!
  until [ "$(psql -X -A -t -c "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = $pid AND state = 'active' AND query LIKE '%100000%'
                               AND clock_timestamp() - query_start > interval '0.2 s'")" = t ]; do sleep 0.05; done
  wait $asking
  expect "canceled: $query" "$(cat "$folder/canceled")" "ERROR:  57014"
done
# refresh_all works in subtransactions of its own; the deadline ends it all the same.
ask fitter "SET shop.times = 1; SELECT persona.fit('sized', 'linear_regression', 'SELECT x1, x2 FROM long, generate_series(1, current_setting(''shop.times'')::int)', 'x2')" >/dev/null
expect "refresh_all" "$(ask fitter "SET shop.times = 1000000; SET statement_timeout = 300; CALL persona.refresh_all()")" "ERROR:  57014"
expect "after it" "$(ask fitter "RESET statement_timeout; SELECT version FROM persona.deployed_model WHERE name = 'sized'")" 1
ask fitter "SELECT persona.drop_model('sized')" >/dev/null
expect "the backend goes on" "$(ask fitter 'SELECT pg_backend_pid()')" "$pid"
expect "what is stored" "$(psql -X -A -t -c 'SELECT count(*) FROM persona.model WHERE name <> '"'stored'")" 0
expect "and serves" "$(ask fitter "SELECT persona.predict_array('stored', '{1}') IS NOT NULL")" t

# Fits that fail in the middle of the stream, at its end, in their arguments, and for want of rows.
psql -X -q -v ON_ERROR_STOP=1 <<'SQL'
CREATE PROCEDURE fail(times int) LANGUAGE plpgsql AS $$
DECLARE
  queries text[] := ARRAY[
    $q$SELECT persona.fit('m', 'linear_regression', 'SELECT x1, 1 / (5000 - row_number() OVER ()) AS y FROM (SELECT * FROM long LIMIT 6000) l', 'y')$q$,
    $q$SELECT persona.fit('m', 'logistic_regression', 'SELECT x1, x2, true AS y FROM (SELECT * FROM long LIMIT 6000) l', 'y')$q$,
    $q$SELECT persona.fit('m', 'logistic_regression', 'long', 'nothing')$q$,
    $q$SELECT persona.fit('m', 'item_knn', 'SELECT 1 / (5000 - i) AS a, ''item '' || i AS b FROM generate_series(1, 6000) i', options => '{"user": "a", "item": "b"}')$q$,
    $q$SELECT persona.fit('m', 'linear_regression', 'SELECT x1, x2 FROM long WHERE false', 'x2')$q$];
BEGIN
  FOR i IN 1..times LOOP
    BEGIN
      EXECUTE queries[1 + i % 5];
    EXCEPTION WHEN OTHERS THEN
      CONTINUE;
    END;
    RAISE 'no failure: %', queries[1 + i % 5];
  END LOOP;
END $$;
SQL
resident="SELECT split_part(pg_read_file('/proc/self/statm'), ' ', 2)::bigint * 4096"
contexts='SELECT sum(total_bytes) FROM pg_backend_memory_contexts'
expect "failing fits" "$(ask fitter 'CALL fail(100)')" ""
before=$(ask fitter "$resident") before_contexts=$(ask fitter "$contexts")
expect "failing fits" "$(ask fitter 'CALL fail(1000)')" ""
growth=$((($(ask fitter "$resident") - before) / 1024)) growth_contexts=$((($(ask fitter "$contexts") - before_contexts) / 1024))
# One of these fits holds 96 kB of rows and more: a thousand that leaked were a hundred times this.
if [ $growth -gt 4096 ] || [ $growth_contexts -gt 1024 ]; then
  expect "memory after 1,000 failing fits" "$growth kB resident, $growth_contexts kB in contexts, more than before" "at most 4096 and 1024 kB"
fi
expect "what is stored" "$(psql -X -A -t -c 'SELECT count(*) FROM persona.model_name')" 1
echo "cancel: every fit stopped; after 1,000 failing ones $growth kB more resident, $growth_contexts kB more in contexts"
