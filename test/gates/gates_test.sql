-- What the two gates of src/pg/server/gates.h make of every kind of exception. :module is the compiled gates_test.cpp.
-- Run by gates.sh.
BEGIN;
SELECT plan(52);

CREATE FUNCTION gates_error(sqlstate text, message text, detail text DEFAULT '', hint text DEFAULT '') RETURNS void
  LANGUAGE C STRICT AS :'module', 'persona_gates_error';
CREATE FUNCTION gates_throw(kind text) RETURNS void LANGUAGE C STRICT AS :'module', 'persona_gates_throw';
CREATE FUNCTION gates_run(sql text) RETURNS void LANGUAGE C STRICT AS :'module', 'persona_gates_run';
CREATE FUNCTION gates_value(x float8) RETURNS float8 LANGUAGE C STRICT AS :'module', 'persona_gates_value';
CREATE FUNCTION gates_live() RETURNS bigint LANGUAGE C AS :'module', 'persona_gates_live';
CREATE FUNCTION gates_resident() RETURNS bigint LANGUAGE C AS :'module', 'persona_gates_resident';

CREATE FUNCTION caught(query text, OUT state text, OUT message text, OUT detail text, OUT hint text, OUT context text)
  LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE query;
EXCEPTION WHEN OTHERS OR query_canceled THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
    hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT;
END $$;

-- Gate A.
SELECT is(gates_value(21), 42::float8, 'a value passes both gates');
SELECT lives_ok($$ SELECT gates_throw('nothing') $$, 'nothing is thrown');
SELECT is(ROW(c.state, c.message, c.detail, c.hint), ROW(expected, 'a message'::text, 'A detail.'::text, 'A hint.'::text),
          'persona::Error with ' || expected)
FROM unnest('{22000,22003,22023,42704,42501,53200,54000,XX000,0A000}'::text[]) expected,
     caught(format('SELECT gates_error(%L, %L, %L, %L)', expected, 'a message', 'A detail.', 'A hint.')) c;
SELECT is(ROW(c.state, c.message, c.detail, c.hint), ROW('22023'::text, 'only %s a message'::text, ''::text, ''::text),
          'without detail and hint, and no format')
FROM caught($$SELECT gates_error('22023', 'only %s a message')$$) c;
SELECT is(ROW(c.state, c.message), ROW(v.expected, v.message), 'thrown: ' || kind)
FROM (VALUES ('bad_alloc', '53200', 'out of memory'), ('length_error', '54000', 'a value is too large'),
             ('runtime_error', 'XX000', 'a runtime error'), ('logic_error', 'XX000', 'a logic error'),
             ('int', 'XX000', 'unrecognized exception')) v(kind, expected, message),
     caught(format('SELECT gates_throw(%L)', kind)) c;
SELECT is(c.state, 'XX000', 'any std::exception is a bug of ours') FROM caught($$SELECT gates_throw('out_of_range')$$) c;
SELECT is(gates_live(), 0::bigint, 'every destructor ran');

-- Texts longer than the buffers are cut between characters: 1023 bytes of message and detail, 2047 of hint.
CREATE TEMP TABLE cut AS
SELECT letter, head, c.* FROM (VALUES ('a'), ('é'), ('€'), ('😀')) l(letter), (VALUES (''), ('x'), ('xx'), ('xxx')) h(head),
  caught(format('SELECT gates_error(%L, %L, %L, %L)', '22000', head || repeat(letter, 3000), head || repeat(letter, 3000),
                head || repeat(letter, 3000))) c;
SELECT is(message, head || repeat(letter, (1023 - length(head)) / octet_length(letter)), 'a message of ' || head || letter || letter || '...')
FROM cut;
SELECT is((SELECT count(*) FROM cut
           WHERE detail = head || repeat(letter, (1023 - length(head)) / octet_length(letter))
             AND hint = head || repeat(letter, (2047 - length(head)) / octet_length(letter))
             AND convert_from(convert_to(message || detail || hint, 'UTF8'), 'UTF8') = message || detail || hint),
          16::bigint, 'details and hints, too, and all of it is valid');

-- Gate B: a backend error raised beneath C++ frames.
SELECT is(ROW(c.state, c.message), ROW('22012'::text, 'division by zero'::text), 'an error of the backend keeps its state')
FROM caught($$SELECT gates_run('SELECT 1 / 0')$$) c;
SELECT is(ROW(c.state, c.message, c.detail, c.hint), ROW('P7777'::text, 'mine'::text, 'd'::text, 'h'::text), 'and its texts')
FROM caught($$SELECT gates_run('DO $d$ BEGIN RAISE EXCEPTION ''mine'' USING ERRCODE = ''P7777'', DETAIL = ''d'', HINT = ''h''; END $d$')$$) c;
SELECT alike(c.context, '%inline_code_block%', 'and its context')
FROM caught($$SELECT gates_run('DO $d$ BEGIN RAISE EXCEPTION ''mine''; END $d$')$$) c;
SELECT is(gates_live(), 0::bigint, 'the destructors of the frames above ran');
SELECT is(ROW(c.state, c.message), ROW('22012'::text, 'division by zero'::text), 'two deep')
FROM caught($$SELECT gates_run('SELECT gates_run(''SELECT 1 / 0'')')$$) c;
SELECT is(c.state, '22023', 'an exception of C++ two deep')
FROM caught($$SELECT gates_run('SELECT gates_error(''22023'', ''m'')')$$) c;
SELECT is(c.state, 'XX000', 'and an unknown one') FROM caught($$SELECT gates_run('SELECT gates_throw(''int'')')$$) c;
SELECT is(gates_live(), 0::bigint, 'with all destructors');
SET LOCAL statement_timeout = '50ms';
SELECT is(c.state, '57014', 'a timeout beneath C++ frames') FROM caught($$SELECT gates_run('SELECT pg_sleep(60)')$$) c;
SET LOCAL statement_timeout = 0;
SELECT is(gates_live(), 0::bigint, 'runs them as well');

-- Work before, in and after.
CREATE TEMP TABLE work (x text);
SELECT lives_ok($$ DO $d$
BEGIN
  INSERT INTO work VALUES ('before');
  BEGIN
    INSERT INTO work VALUES ('undone');
    PERFORM gates_run('INSERT INTO work VALUES (''undone beneath''); SELECT 1 / 0');
  EXCEPTION WHEN division_by_zero THEN
    INSERT INTO work VALUES ('handled');
  END;
  PERFORM gates_run('INSERT INTO work VALUES (''after'')');
END $d$ $$, 'an EXCEPTION block goes on');
SELECT is((SELECT string_agg(x, ' ') FROM work), 'before handled after', 'and undid its own part only');
SAVEPOINT s;
\set ON_ERROR_STOP 0
SELECT gates_run('INSERT INTO work VALUES (''undone''); SELECT 1 / 0');
\set ON_ERROR_STOP 1
ROLLBACK TO s;
SELECT is((SELECT string_agg(x, ' ') FROM work), 'before handled after', 'a savepoint, too');
SELECT is(gates_live(), 0::bigint, 'nothing is alive after it');

-- Many failures leave nothing. The first thousand fill whatever is filled once.
CREATE PROCEDURE fail(times int) LANGUAGE plpgsql AS $$
DECLARE queries text[] := ARRAY['SELECT gates_error(''22000'', ''m'', ''d'', ''h'')', 'SELECT gates_throw(''bad_alloc'')',
                                'SELECT gates_run(''SELECT 1 / 0'')', 'SELECT gates_run(''SELECT gates_throw(''''int'''')'')'];
BEGIN
  FOR i IN 1..times LOOP
    BEGIN
      EXECUTE queries[1 + i % 4];
    EXCEPTION WHEN OTHERS THEN
      CONTINUE;
    END;
    RAISE 'no failure: %', queries[1 + i % 4];
  END LOOP;
END $$;
CALL fail(1000);
SELECT gates_resident() AS resident \gset
CALL fail(10000);
-- 10,000 lost objects of 512 bytes, or 10,000 lost ErrorData of 200, were more.
SELECT cmp_ok(gates_resident() - :resident, '<', 1500000::bigint, '10,000 failures keep the memory flat');
SELECT is(gates_live(), 0::bigint, 'and no object alive');

SELECT * FROM finish();
ROLLBACK;
