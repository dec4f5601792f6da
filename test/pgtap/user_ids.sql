-- Users' and items' ids of many types, the history read live or stored: an id is found as the type of the user's column
-- reads it, and how a session prints dates, floats or intervals changes nothing. And a recommendation that fails
-- inside a PL/pgSQL EXCEPTION block undoes that block's work and no other.
-- In every model four users (the first has i1, the next two i1 and i2, the last i3): so the first is recommended i2, which
-- goes with i1, and a user who is not found gets i1, the most popular. All expected values follow from this.
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(368);

-- Where each row is dear, asking for one user is too, and the model stores its histories.
CREATE FUNCTION dear(x text) RETURNS text COST 100000 LANGUAGE plpgsql AS $$ BEGIN RETURN x; END $$;
CREATE PROCEDURE fit_both(name text, type text, first text, others text[]) LANGUAGE plpgsql AS $$
DECLARE users text[] := first || others;
BEGIN
  EXECUTE format('CREATE TABLE %I AS SELECT (ARRAY[%L,%L,%L,%L,%L,%L])[n]::%s AS u, (ARRAY[''i1'',''i1'',''i2'',''i1'',''i2'',''i3''])[n] AS i FROM generate_series(1, 6) n',
                 name, users[1], users[2], users[2], users[3], users[3], users[4], type);
  PERFORM persona.fit(name || ' live', 'item_knn', name, options => '{"user": "u", "item": "i"}');
  PERFORM persona.fit(name || ' stored', 'item_knn', format('SELECT u, dear(i) AS i FROM %I OFFSET 0', name), options => '{"user": "u", "item": "i"}');
END $$;
CREATE FUNCTION found(model text, id text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
  SELECT item || ': ' || reason INTO answer FROM persona.recommend(model, id) WHERE rank = 1;
  IF answer = 'i2: goes with i1' THEN RETURN true; END IF;
  IF answer LIKE 'i1: nothing known of this user yet; popular: %' THEN RETURN false; END IF;
  RAISE '%', answer;
END $$;

CREATE DOMAIN customer_id AS int CHECK (VALUE > 0);
CREATE DOMAIN customer_key AS uuid;
CREATE DOMAIN customer_name AS text CHECK (VALUE <> '');
CREATE DOMAIN vip AS customer_id;
CREATE TYPE tier AS ENUM ('gold', 'silver', 'bronze', 'lead');
CREATE TABLE kept_type (name text, type text, first text, others text[]);
INSERT INTO kept_type VALUES
  ('int', 'int', '5', '{6,7,8}'), ('big', 'bigint', '5', '{6,7,9223372036854775807}'), ('small', 'smallint', '4464', '{6,7,8}'),
  ('minus', 'int', '-5', '{5,7,8}'), ('numeric', 'numeric', '5', '{6,7,8}'), ('text', 'text', '007', '{7,6,8}'),
  ('char', 'char(6)', 'ab', '{cd,ef,gh}'), ('varchar', 'varchar(6)', '007', '{7,6,8}'),
  ('uuid', 'uuid', 'a0000000-0000-0000-0000-000000000005', '{00000000-0000-0000-0000-000000000006,00000000-0000-0000-0000-000000000007,00000000-0000-0000-0000-000000000008}'),
  ('date', 'date', '2026-02-01', '{2026-01-02,2026-03-01,2026-04-01}'), ('float', 'float8', '0.1', '{0.2,0.3,0.30000000000000004}'),
  ('interval', 'interval', '1 day 02:03:04', '{2 days,3 days,1 mon}'), ('regclass', 'regclass', 'pg_class', '{pg_type,pg_proc,pg_index}'),
  ('enum', 'tier', 'gold', '{silver,bronze,lead}'), ('domain', 'customer_id', '5', '{6,7,8}'), ('domain2', 'vip', '5', '{6,7,8}'),
  ('key', 'customer_key', 'a0000000-0000-0000-0000-000000000005', '{00000000-0000-0000-0000-000000000006,00000000-0000-0000-0000-000000000007,00000000-0000-0000-0000-000000000008}'),
  ('name', 'customer_name', '007', '{7,6,8}');
DO $$ DECLARE t kept_type; BEGIN FOR t IN SELECT * FROM kept_type LOOP CALL fit_both(t.name, t.type, t.first, t.others); END LOOP; END $$;
SELECT is((SELECT string_agg(DISTINCT split_part(m.name, ' ', 2), ' ') FROM persona.history h JOIN persona.model m USING (model_id)), 'stored',
          'one half of the models stores its histories');
SELECT is((SELECT count(DISTINCT model_id) FROM persona.history), (SELECT count(*) FROM kept_type), 'all of it');

CREATE TABLE asked (name text, id text, known boolean);
INSERT INTO asked SELECT name, first, true FROM kept_type;
INSERT INTO asked SELECT name, id, known FROM
  (VALUES ('int'), ('big'), ('numeric'), ('domain'), ('domain2')) t(name),
  (VALUES ('005', true), (' 5', true), ('5 ', true), (' 5 ', true), ('+5', true), ('+-5', false), ('-+5', false), ('++5', false), ('-5', false),
          ('+ 5', false), ('5x', false), ('five', false), ('', false), (' ', false), ('+', false), ('-', false), ('4', false),
          ('99999999999999999999999', false)) v(id, known);
INSERT INTO asked VALUES
  ('int', '4294967301', false), ('big', '18446744073709551621', false), ('small', '70000', false), ('small', '04464', true),
  ('int', '5.0', false), ('numeric', '5.0', true), ('numeric', '5e0', true), ('numeric', '50e-1', true), ('numeric', 'NaN', false),
  ('minus', '-5', true), ('minus', ' -5', true), ('minus', '-05', true), ('minus', '+-5', false), ('minus', '--5', false),
  ('domain', '-5', false), ('domain', '0', false),
  ('text', ' 007', false), ('text', '+007', false), ('text', '0007', false), ('text', '', false),
  ('varchar', ' 007', false), ('varchar', '0007', false), ('varchar', '007 and far too long for it', false),
  ('name', '', false), ('name', ' 007', false), ('char', 'ab    ', true), ('char', 'ab ', true), ('char', ' ab', false),
  ('uuid', 'A0000000-0000-0000-0000-000000000005', true), ('uuid', '{a0000000-0000-0000-0000-000000000005}', true),
  ('uuid', 'a0000000000000000000000000000005', true), ('uuid', 'a0000000-0000-0000-0000-000000000009', false), ('uuid', '5', false),
  ('uuid', '', false), ('key', 'A0000000000000000000000000000005', true), ('key', 'key', false),
  ('date', '20260201', true), ('date', 'Feb 1 2026', true), ('date', '2026-02-30', false), ('date', '', false), ('date', 'no day', false),
  ('float', '1e-1', true), ('float', '0.10', true), ('float', '.1', true), ('float', '0.1000001', false), ('float', '1e400', false),
  ('interval', 'P1DT2H3M4S', true), ('interval', '1 02:03:04', true), ('interval', 'a while', false),
  ('regclass', 'pg_catalog.pg_class', true), ('regclass', '1259', true), ('regclass', '5', false),
  ('enum', 'Gold', false), ('enum', '', false);
SELECT is(found(name || ' ' || history, id), known, format('%s, %s: %L', name, history, id))
FROM asked, (VALUES ('live'), ('stored')) h(history);
SELECT is((SELECT string_agg(item, ' ' ORDER BY rank) FROM persona.recommend(name || ' ' || history, 5::bigint)), 'i2 i3', format('%s, %s: a number', name, history))
FROM (VALUES ('int'), ('big'), ('numeric'), ('domain')) v(name), (VALUES ('live'), ('stored')) h(history);
-- The user 7 has i1 and i2 where 007 is another.
SELECT is((SELECT item FROM persona.recommend(name || ' ' || history, '7') WHERE rank = 1), 'i3', format('%s, %s: 7 is not 007', name, history))
FROM (VALUES ('text'), ('varchar'), ('name')) v(name), (VALUES ('live'), ('stored')) h(history);
SELECT throws_ok(format('SELECT persona.recommend(%L, %L)', 'regclass ' || history, 'no_such_table'), '42P01', 'relation "no_such_table" does not exist',
                 'regclass, ' || history || ': what is no data error is raised') FROM (VALUES ('live'), ('stored')) h(history);

-- How a session prints. Under each of these settings every answer is the one above, whichever the models were fitted
-- under; and items of such types are told apart as ever. Of these items user 1 has A, user 2 A and B.
CREATE TABLE setting (name text, value text);
INSERT INTO setting VALUES ('datestyle', 'German, DMY'), ('datestyle', 'SQL, MDY'), ('datestyle', 'Postgres, DMY'), ('extra_float_digits', '-14'),
  ('extra_float_digits', '3'), ('intervalstyle', 'iso_8601'), ('intervalstyle', 'sql_standard'), ('intervalstyle', 'postgres_verbose'),
  ('timezone', 'America/New_York'), ('timezone', 'Asia/Kolkata'), ('bytea_output', 'escape');
CREATE TABLE printed_type (name text, type text, a text, b text);
INSERT INTO printed_type VALUES ('date', 'date', '2026-02-01', '2026-01-02'), ('float8', 'float8', '0.1', '0.30000000000000004'),
  ('float4', 'float4', '0.1', '1.2345678'), ('interval', 'interval', '1 day 02:03:04', '1 mon 2 days'),
  ('timestamp', 'timestamp', '2026-02-01 10:00:00', '2026-01-02 00:00:00'),
  ('timestamptz', 'timestamptz', '2026-02-01 10:00:00+00', '2026-01-02 00:00:00+00'), ('bytea', 'bytea', '\x00ff5c', '\x61');
CREATE PROCEDURE fit_printed(suffix text) LANGUAGE plpgsql AS $$
DECLARE p printed_type; source text;
BEGIN
  FOR p IN SELECT * FROM printed_type LOOP
    source := format('(SELECT n AS u, CASE i WHEN 1 THEN %L ELSE %L END::%s AS i, CASE n WHEN 1 THEN %L ELSE %L END::%s AS v FROM (VALUES (1, 1), (2, 1), (2, 2)) r(n, i))',
                     p.a, p.b, p.type, p.a, p.b, p.type);
    PERFORM persona.fit(p.name || ' items' || suffix, 'item_knn', 'SELECT u, i FROM ' || source || ' q', options => '{"user": "u", "item": "i"}');
    PERFORM persona.fit(p.name || ' users' || suffix, 'item_knn', 'SELECT v, dear(''i'' || i) AS i FROM ' || replace(source, ' AS i,', ' AS shown, i,') || ' q OFFSET 0',
                        options => '{"user": "v", "item": "i"}');
  END LOOP;
END $$;
CREATE FUNCTION answers(suffix text) RETURNS SETOF text LANGUAGE sql AS $$
  -- User 1 has A; B goes with A. The user A has i1; i2 goes with i1.
  SELECT format('%s items: %s', p.name, string_agg(r.item || '/' || round(r.score::numeric, 4) || '/' || r.reason, ' ')) FROM printed_type p, persona.recommend(p.name || ' items' || suffix, '1') r GROUP BY p.name
  UNION ALL
  SELECT format('%s users: %s', p.name, string_agg(r.item || '/' || r.reason, ' ')) FROM printed_type p, persona.recommend(p.name || ' users' || suffix, p.a) r GROUP BY p.name
  ORDER BY 1
$$;
CALL fit_printed('');
CREATE TABLE reference AS SELECT answers('') AS answer;
SELECT is((SELECT string_agg(answer, E'\n') FROM reference WHERE answer LIKE '% users:%' AND answer NOT LIKE '% users: i2/goes with i1'), NULL, 'users found');
SELECT is((SELECT string_agg(answer, E'\n') FROM reference WHERE answer LIKE '% items:%' AND answer NOT LIKE '%/goes with %'), NULL, 'items found');
SELECT is((SELECT count(*) FROM reference), (SELECT 2 * count(*) FROM printed_type), 'one item for each');
CREATE FUNCTION pg_temp.differ(setting setting) RETURNS text LANGUAGE plpgsql AS $$
DECLARE different text;
BEGIN
  PERFORM set_config(setting.name, setting.value, true);
  SELECT string_agg(a, E'\n') INTO different FROM answers('') a WHERE a NOT IN (SELECT answer FROM reference);
  PERFORM persona.drop_model(name) FROM persona.model_name WHERE name LIKE '%again';
  CALL fit_printed(' again');
  EXECUTE format('RESET %I', setting.name);
  SELECT concat_ws(E'\n', different, string_agg('fitted: ' || a, E'\n')) INTO different FROM answers(' again') a
  -- Ids that are times with a zone are written in the fit's; A has users 1 and 2, B user 2: the cosine is 1 / sqrt(2).
  WHERE a NOT IN (SELECT answer FROM reference) AND NOT (setting.name = 'timezone' AND a LIKE 'timestamptz items: %/0.7071/goes with %');
  RETURN different;
END $$;
SELECT is(pg_temp.differ(s), '', format('%s = %s', s.name, s.value)) FROM setting s;

-- Parallel plans, in which no subtransaction begins.
CREATE TABLE visit AS SELECT ('a0000000-0000-0000-0000-00000000000' || 5 + i % 5)::uuid AS who, i AS at FROM generate_series(1, 3000) i;
ANALYZE visit;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
CREATE FUNCTION pg_temp.parallel(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE line text; gathers boolean := false;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP gathers := gathers OR line LIKE '%Gather%'; END LOOP;
  RETURN gathers;
END $$;
SELECT ok(pg_temp.parallel($$SELECT who, persona.preference('uuid live', who::text, 'i2') AS p FROM visit WHERE at <= 100$$), 'a parallel plan');
CREATE TEMP TABLE live AS SELECT who, persona.preference('uuid live', who::text, 'i2') AS p FROM visit WHERE at <= 100;
CREATE TEMP TABLE stored AS SELECT who, persona.preference('uuid stored', who::text, 'i2') AS p FROM visit WHERE at <= 100;
CREATE TEMP TABLE listed AS SELECT who, (SELECT item FROM persona.recommend('uuid live', who::text) WHERE rank = 1) AS item FROM visit WHERE at <= 100;
-- i1 has three users, i2 two of them: the cosine is 2 / sqrt(3 * 2), stored in single precision.
SELECT is((SELECT array_agg(DISTINCT p::real) FROM live WHERE who = 'a0000000-0000-0000-0000-000000000005'), ARRAY[(2 / sqrt(6))::real], 'answers, live');
SELECT is((SELECT array_agg(DISTINCT p) FROM live WHERE who <> 'a0000000-0000-0000-0000-000000000005'), '{0}', 'and for whom there is nothing');
SELECT results_eq('SELECT * FROM stored ORDER BY 1, 2', 'SELECT * FROM live ORDER BY 1, 2', 'answers, stored');
SELECT results_eq('SELECT DISTINCT item FROM listed ORDER BY 1', $$VALUES ('i1'), ('i2')$$, 'recommendations');
SELECT throws_ok($$SELECT who, persona.preference('uuid live', 'nobody' || at, 'i2') FROM visit WHERE at <= 100$$, '22P02', NULL,
                 'an id that is none of the type is an error there');
RESET max_parallel_workers_per_gather;

-- An EXCEPTION block undoes what it did itself, whatever the recommendation raised or caught.
CREATE TABLE log (line text);
CREATE FUNCTION asks(model text, id text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE caught text := 'nothing';
BEGIN
  TRUNCATE log;
  INSERT INTO log VALUES ('before');
  BEGIN
    INSERT INTO log VALUES ('outer block');
    BEGIN
      INSERT INTO log VALUES ('inner block');
      PERFORM persona.recommend(model, id);
      INSERT INTO log VALUES ('after it');
    EXCEPTION WHEN OTHERS THEN
      caught := SQLSTATE;
      INSERT INTO log VALUES ('handler');
    END;
    INSERT INTO log VALUES ('after the block');
  END;
  RETURN caught || ': ' || (SELECT string_agg(line, ', ') FROM log);
END $$;
SELECT is(asks('regclass ' || history, 'no_such_table'), '42P01: before, outer block, handler, after the block', 'an error, ' || history)
FROM (VALUES ('live'), ('stored')) h(history);
SELECT is(asks('uuid ' || history, 'nobody'), 'nothing: before, outer block, inner block, after it, after the block', 'an unknown user, ' || history)
FROM (VALUES ('live'), ('stored')) h(history);
SAVEPOINT s;
INSERT INTO log VALUES ('lost');
SELECT throws_ok($$SELECT persona.preference('regclass live', 'no_such_table', 'i1')$$, '42P01', NULL, 'an error after a savepoint');
ROLLBACK TO s;
SELECT is((SELECT count(*) FROM log WHERE line = 'lost'), 0::bigint, 'to which we come back');
RELEASE s;

SELECT * FROM finish();
ROLLBACK;
