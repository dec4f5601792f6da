#!/usr/bin/env bash
# An extension that was installed as an earlier version and updated is the same, object by object, as one installed today; and
# dropping it leaves nothing. Needs the server of scripts/private_server.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
folder=$(mktemp -d "${TMPDIR:-/tmp}/persona_upgrade.XXXXXX")
trap 'rm -rf "$folder"' EXIT
# shellcheck source=test/recovery/psql_session
. "$here/psql_session"
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

# Every object of the extension, and all that its creation said of it: no oids, which differ.
cat >"$folder/objects.sql" <<'SQL'
SET search_path = pg_catalog;
CREATE TEMP VIEW member AS
  SELECT d.classid, d.objid FROM pg_depend d
  WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
    AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'persona');
CREATE TEMP VIEW relation AS
  SELECT c.* FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'persona';
SELECT 'member', i.type, i.identity, obj_description(objid, classid::regclass::name)
FROM member, pg_identify_object(classid, objid, 0) i ORDER BY i.type, i.identity;
SELECT 'function', p.oid::regprocedure, pg_get_functiondef(p.oid), p.proacl, p.prosupport, p.procost, p.prorows
FROM pg_proc p WHERE p.oid IN (SELECT objid FROM member WHERE classid = 'pg_proc'::regclass) AND p.prokind <> 'a' ORDER BY p.oid::regprocedure::text;
SELECT 'aggregate', a.aggfnoid::regprocedure, a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn,
       a.aggtranstype::regtype, a.agginitval, a.aggtransspace, p.proparallel, p.proacl, p.proargnames
FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid
WHERE a.aggfnoid IN (SELECT objid FROM member WHERE classid = 'pg_proc'::regclass) ORDER BY a.aggfnoid::regprocedure::text;
SELECT 'type', t.oid::regtype, t.typlen, t.typbyval, t.typcategory, t.typalign, t.typstorage, t.typinput, t.typoutput, t.typreceive, t.typsend, t.typacl
FROM pg_type t WHERE t.oid IN (SELECT objid FROM member WHERE classid = 'pg_type'::regclass) ORDER BY t.oid::regtype::text;
SELECT 'operator', o.oid::regoperator, o.oprcode, o.oprcom::regoperator, o.oprnegate::regoperator, o.oprrest, o.oprjoin, o.oprcanhash, o.oprcanmerge
FROM pg_operator o WHERE o.oid IN (SELECT objid FROM member WHERE classid = 'pg_operator'::regclass) ORDER BY o.oid::regoperator::text;
SELECT 'opclass', opcname, opcintype::regtype, opcdefault, amname FROM pg_opclass JOIN pg_am am ON am.oid = opcmethod
WHERE pg_opclass.oid IN (SELECT objid FROM member WHERE classid = 'pg_opclass'::regclass) ORDER BY 2, 5;
SELECT 'amop', opfname, amopstrategy, amopopr::regoperator FROM pg_amop JOIN pg_opfamily f ON f.oid = amopfamily
WHERE f.oid IN (SELECT objid FROM member WHERE classid = 'pg_opfamily'::regclass) ORDER BY amopmethod, 2, 3;
SELECT 'amproc', opfname, amprocnum, amproc FROM pg_amproc JOIN pg_opfamily f ON f.oid = amprocfamily
WHERE f.oid IN (SELECT objid FROM member WHERE classid = 'pg_opfamily'::regclass) ORDER BY f.opfmethod, 2, 3;
SELECT 'cast', castsource::regtype, casttarget::regtype, castfunc::regprocedure, castcontext FROM pg_cast
WHERE oid IN (SELECT objid FROM member WHERE classid = 'pg_cast'::regclass) ORDER BY 2, 3;
SELECT 'relation', relname, relkind, relrowsecurity, relforcerowsecurity, relacl, reloptions, relreplident FROM relation ORDER BY relname;
SELECT 'column', c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, a.attacl,
       pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
FROM relation c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE a.attnum > 0 ORDER BY c.relname, a.attnum;
SELECT 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid IN (SELECT oid FROM relation) ORDER BY 2::text, 3;
SELECT 'index', pg_get_indexdef(oid) FROM relation WHERE relkind = 'i' ORDER BY 2;
SELECT 'view', relname, pg_get_viewdef(oid) FROM relation WHERE relkind = 'v' ORDER BY relname;
SELECT 'sequence', relname, s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqcache FROM relation JOIN pg_sequence s ON s.seqrelid = relation.oid ORDER BY relname;
SELECT 'policy', polrelid::regclass, polname, polcmd, polroles, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
FROM pg_policy WHERE polrelid IN (SELECT oid FROM relation) ORDER BY 2::text, 3;
SELECT 'trigger', tgrelid::regclass, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM relation) ORDER BY 2::text, 3;
SELECT 'schema', nspname, nspacl, obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = 'persona';
SELECT 'default acl', * FROM pg_default_acl;
SELECT 'extension', extversion, extrelocatable, extnamespace::regnamespace, obj_description(oid, 'pg_extension') FROM pg_extension WHERE extname = 'persona';
SELECT 'dumped', c.t::regclass, e.extcondition[c.n] FROM pg_extension e, unnest(e.extconfig) WITH ORDINALITY c(t, n) WHERE extname = 'persona' ORDER BY 2::text;
SQL
cat >"$folder/all.sql" <<'SQL'
SELECT 'class', relname, relkind FROM pg_class WHERE relkind <> 't' AND relnamespace <> 'pg_toast'::regnamespace ORDER BY 2;
SELECT 'proc', oid::regprocedure FROM pg_proc ORDER BY 2::text;
SELECT 'type', typname, typnamespace::regnamespace FROM pg_type ORDER BY 2, 3::text;
SELECT 'operator', oid::regoperator FROM pg_operator ORDER BY 2::text;
SELECT 'schema', nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 2;
SELECT 'count', (SELECT count(*) FROM pg_depend), (SELECT count(*) FROM pg_description), (SELECT count(*) FROM pg_policy), (SELECT count(*) FROM pg_opclass),
       (SELECT count(*) FROM pg_constraint), (SELECT count(*) FROM pg_init_privs), (SELECT count(*) FROM pg_shdepend WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()));
SQL

createdb fresh
sql -d fresh -f "$folder/all.sql" >"$folder/empty"
sql -d fresh -c 'CREATE EXTENSION persona'
sql -d fresh -f "$folder/objects.sql" >"$folder/fresh"
expect "few objects" "$(($(grep -c '^member' "$folder/fresh") > 100))" 1
model="SELECT name, version FROM persona.fit('m', 'linear_regression', 'SELECT i::float8 AS x, 2.0 * i + i % 3 AS y FROM generate_series(1, 9) i', 'y')"
# A model as the earlier versions stored it: their tables, written by hand, since a fit by today's library needs today's.
stored="INSERT INTO persona.model_name VALUES ('m', current_user::regrole);
INSERT INTO persona.model (name, version, kind, source, search_path, time_zone, date_style, target, options, fitted_by, rows, skipped, seconds, format)
VALUES ('m', 1, 'linear_regression', 'SELECT i::float8 AS x, 2.0 * i + i % 3 AS y FROM generate_series(1, 9) i', 'public, pg_temp', 'UTC', 'ISO, MDY', 'y', '{}',
        current_user::regrole, 9, 0, 0, 1);
INSERT INTO persona.deployment (name, version, action, deployed_by) VALUES ('m', 1, 'deploy', current_user::regrole);
INSERT INTO persona.coefficient (model_id, term_no, term, estimate) SELECT model_id, t.* FROM persona.model, (VALUES (1, '(intercept)', 0.5), (2, 'x', 2.1)) t;
INSERT INTO persona.feature (model_id, feature_no, feature, role, type, mean, sd, min, max)
SELECT model_id, t.* FROM persona.model, (VALUES (1, 'x', 'feature', 'number', 5, 2.7, 1, 9), (2, 'y', 'target', 'number', 11, 5.5, 3, 19)) t"
for version in 0.1 0.2 0.3 0.4; do
  dropdb --if-exists updated
  createdb updated
  sql -d updated -c "CREATE EXTENSION persona VERSION '$version'"
  expect "the old version" "$(sql -d updated -c "SELECT extversion FROM pg_extension WHERE extname = 'persona'")" $version
  # What the old version stored is read by the new one.
  sql -d updated -c "CREATE TABLE old AS SELECT persona.moments_agg(i) AS m, persona.activity_agg('2026-01-01'::timestamptz + i * interval '1 hour') AS a FROM generate_series(1, 100) i"
  before=$(sql -d updated -c 'SELECT m, a, persona.mean(m) FROM old')
  [ $version = 0.1 ] || sql -d updated -c "$stored"
  # Until then a newer library says what is to be done.
  [ $version = 0.1 ] || expect "a fit before the update" "$(sql -d updated -c "$model" 2>&1 | grep -c 'run ALTER EXTENSION persona UPDATE')" 1
  sql -d updated -c 'ALTER EXTENSION persona UPDATE'
  expect "states of $version" "$(sql -d updated -c 'SELECT m, a, persona.mean(m) FROM old')" "$before"
  [ $version = 0.1 ] || expect "models of $version" "$(sql -d updated -c "SELECT round(persona.predict('m', '{\"x\": 4}'::jsonb)::numeric, 3)")" "$(sql -d updated -c "SELECT round(sum(estimate * CASE term WHEN 'x' THEN 4 ELSE 1 END)::numeric, 3) FROM persona.coefficient")"
  sql -d updated -f "$folder/objects.sql" >"$folder/updated"
  diff "$folder/fresh" "$folder/updated"
done

sql -d updated -c "$model" >/dev/null
sql -d updated -c 'DROP TABLE old' -c 'DROP EXTENSION persona'
sql -d updated -f "$folder/all.sql" >"$folder/dropped"
diff "$folder/empty" "$folder/dropped"
echo "upgrade: $(grep -c '^member' "$folder/fresh") objects equal; dropped, $(wc -l <"$folder/empty") objects of the server are as before"
