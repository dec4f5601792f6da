-- Prints the reference page as Markdown from the catalogs and from the COMMENT of every object of the extension.
-- Functions that only the server calls (a type's input and output, an aggregate's or operator's parts) are left out.
\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on
SET search_path = pg_catalog;

SELECT $$# Reference

Every object of the extension, in schema `persona`. This page is written by `scripts/reference` from the objects' comments;
`\dx+ persona` and `\df+ persona.*` show the same in psql.$$;

CREATE TEMP VIEW member AS
SELECT d.classid, d.objid, d.objsubid
FROM pg_extension e JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
WHERE e.extname = 'persona';

CREATE TEMP VIEW inner_part AS
SELECT p.oid
FROM pg_proc p
WHERE p.prorettype IN ('internal'::regtype, 'cstring'::regtype, 'trigger'::regtype)
   OR p.proargtypes::oid[] && ARRAY['internal'::regtype::oid, 'cstring'::regtype::oid]
   OR EXISTS (SELECT FROM pg_aggregate a
              WHERE p.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggmtransfn, a.aggminvtransfn))
   OR EXISTS (SELECT FROM pg_operator o WHERE o.oprcode = p.oid)
   OR EXISTS (SELECT FROM pg_amproc a WHERE a.amproc = p.oid)
   OR EXISTS (SELECT FROM pg_type t WHERE p.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend));

CREATE TEMP VIEW routine AS
SELECT CASE p.prokind WHEN 'a' THEN 2 WHEN 'f' THEN 3 WHEN 'w' THEN 3 ELSE 4 END AS part,
       p.proname::text AS name,
       format('%s%s(%s)%s', CASE p.prokind WHEN 'p' THEN 'CALL ' END, p.oid::regproc, pg_get_function_arguments(p.oid),
              ' -> ' || pg_get_function_result(p.oid)) AS signature,
       obj_description(p.oid, 'pg_proc') AS comment,
       p.oid
FROM member m JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid
WHERE p.oid NOT IN (SELECT oid FROM inner_part);

-- Overloads share a heading; those with one comment share that too.
CREATE TEMP VIEW routine_section AS
SELECT part, name,
       format(E'\n### %s\n\n%s', name, string_agg(one, E'\n\n' ORDER BY first)) AS text
FROM (SELECT part, name, min(oid) AS first,
             format(E'```\n%s\n```\n\n%s', string_agg(signature, E'\n' ORDER BY oid), coalesce(comment, '(no comment)')) AS one
      FROM routine GROUP BY part, name, comment) AS overload
GROUP BY part, name;

SELECT E'\n## Types';
SELECT format(E'\n### %s\n\n%s', t.typname, coalesce(obj_description(t.oid, 'pg_type'), '(no comment)'))
FROM member m JOIN pg_type t ON m.classid = 'pg_type'::regclass AND m.objid = t.oid
WHERE t.typtype IN ('b', 'e', 'd') AND t.typelem = 0
ORDER BY t.typname;

SELECT E'\n## Aggregates';
SELECT text FROM routine_section WHERE part = 2 ORDER BY name;

SELECT E'\n## Functions';
SELECT text FROM routine_section WHERE part = 3 ORDER BY name;

SELECT E'\n## Procedures';
SELECT text FROM routine_section WHERE part = 4 ORDER BY name;

SELECT E'\n## Model kinds';
SELECT format(E'\n### %s\n\n%s A kind of %s.\n\n| option | type | default | meaning |\n|---|---|---|---|\n%s', k.kind, k.summary, k.task,
              (SELECT string_agg(format('| `%s` | %s | %s | %s |', o.option, o.type, '`' || o.default_value::text || '`', o.summary), E'\n'
                                 ORDER BY o.option)
               FROM persona.kind_option o WHERE o.kind = k.kind))
FROM persona.kind k ORDER BY k.kind;

SELECT E'\n## Tables and views';
SELECT format(E'\n### %s\n\n%s (%s)\n\n| column | type | meaning |\n|---|---|---|\n%s',
              c.relname, coalesce(obj_description(c.oid, 'pg_class'), '(no comment)'),
              CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END,
              (SELECT string_agg(format('| `%s` | %s | %s |', a.attname, format_type(a.atttypid, a.atttypmod),
                                        coalesce(col_description(c.oid, a.attnum), '')), E'\n' ORDER BY a.attnum)
               FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped))
FROM member m JOIN pg_class c ON m.classid = 'pg_class'::regclass AND m.objid = c.oid
WHERE c.relkind IN ('r', 'v', 'p')
ORDER BY c.relkind, c.relname;
