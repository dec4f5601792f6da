-- Portraits after every kind of change to their events: each leaves check_portrait empty and the portrait equal to a
-- plain GROUP BY written here.
BEGIN;
SET LOCAL client_min_messages = error;
SELECT plan(104);
SET LOCAL search_path = public, persona;  -- the operators of the types, where is() compares

CREATE TABLE account (name text PRIMARY KEY);
INSERT INTO account VALUES ('free'), ('paid');
CREATE TABLE event (id int PRIMARY KEY, customer int, ts timestamptz DEFAULT '2024-01-01', amount int, note text, account text REFERENCES account ON DELETE CASCADE);
CREATE INDEX ON event (customer);
INSERT INTO event SELECT i, i % 4, '2024-01-01'::timestamptz + i * interval '1 day', i, 'n', CASE WHEN i % 2 = 0 THEN 'free' ELSE 'paid' END FROM generate_series(1, 20) i;
SELECT persona.create_portrait('live', $$ SELECT customer, count(*) AS n, sum(amount) AS total, max(ts) AS latest, persona.activity_agg(ts, amount) AS a
  FROM event WHERE amount >= 0 GROUP BY customer $$, 'ts');
SELECT persona.create_portrait('later', $$ SELECT customer, count(*) AS n, sum(amount) AS total, max(ts) AS latest, persona.activity_agg(ts, amount) AS a
  FROM event WHERE amount >= 0 GROUP BY customer $$, 'ts', true);

CREATE VIEW counted AS SELECT customer, count(*) AS n, sum(amount) AS total, max(ts) AS latest, count(*) AS events, sum(amount)::float8 AS amounts
  FROM event WHERE amount >= 0 AND customer IS NOT NULL GROUP BY customer;
-- What differs from the independent count, and what check_portrait finds, of both portraits; folds the deferred one.
CREATE FUNCTION differences() RETURNS TABLE (what text) LANGUAGE plpgsql AS $$
DECLARE p text;
BEGIN
  RETURN QUERY SELECT 'later: unchecked ' || key::text || ' ' || column_name FROM persona.check_portrait('later');
  PERFORM persona.refresh_portrait('later');
  FOREACH p IN ARRAY ARRAY['live', 'later'] LOOP
    RETURN QUERY SELECT p || ': check ' || key::text || ' ' || column_name FROM persona.check_portrait(p);
    RETURN QUERY EXECUTE format($q$ WITH stored AS (SELECT customer, n, total, latest, persona.events(a), persona.total_amount(a) FROM %I)
      SELECT '%1$s: extra ' || e::text FROM (TABLE stored EXCEPT TABLE counted) e UNION ALL SELECT '%1$s: missing ' || m::text FROM (TABLE counted EXCEPT TABLE stored) m $q$, p);
  END LOOP;
END $$;
-- Runs a statement, and looks.
CREATE FUNCTION after(sql text, description text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE sql;
  RETURN QUERY SELECT is_empty('SELECT * FROM differences()', description);
END $$;

SELECT is_empty('SELECT * FROM differences()', 'equal at first');
SELECT is((SELECT count(*) FROM counted), 4::bigint, 'of four customers');
SELECT after($$ INSERT INTO event (id, customer, amount) VALUES (100, 1, 5) $$, 'one row');
SELECT after($$ INSERT INTO event (id, customer, amount) VALUES (101, 1, 5), (102, 2, 5), (103, 1, 5), (104, 7, 5) $$, 'several rows, a new key');
SELECT after($$ INSERT INTO event (id, customer, amount) SELECT i, i % 300, i FROM generate_series(1000, 1999) i $$, 'many rows and keys');
SELECT after($$ INSERT INTO event (id, customer, amount) SELECT 1, 1, 1 WHERE false $$, 'no row');
SELECT after($$ INSERT INTO event (id, customer, amount) VALUES (105, NULL, 5), (106, 1, -1), (107, 1, NULL) $$, 'a NULL key and rows the filter leaves out');
SELECT after($$ INSERT INTO event (id, customer, amount, ts) VALUES (108, 1, 5, '2019-01-01') $$, 'a late event');
SELECT after($$ INSERT INTO event (id, customer, amount) VALUES (100, 1, 6), (109, 1, 6) ON CONFLICT DO NOTHING $$, 'ON CONFLICT DO NOTHING');
SELECT after($$ INSERT INTO event (id, customer, amount) VALUES (100, 1, 7), (110, 1, 7), (101, 5, 7) ON CONFLICT (id) DO UPDATE SET amount = excluded.amount, customer = excluded.customer $$,
  'ON CONFLICT DO UPDATE that inserts and updates one key');
SELECT after($$ INSERT INTO event (id, customer, amount) VALUES (100, 1, 7), (111, 1, 7) ON CONFLICT (id) DO UPDATE SET note = 'seen' $$, 'ON CONFLICT DO UPDATE of an unread column');
SELECT after($$ MERGE INTO event USING (VALUES (100, 1), (112, 1), (102, 2), (103, 1)) v (id, c) ON event.id = v.id
  WHEN MATCHED AND v.id = 103 THEN DELETE WHEN MATCHED THEN UPDATE SET amount = 70 WHEN NOT MATCHED THEN INSERT (id, customer, amount) VALUES (v.id, v.c, 8) $$, 'MERGE of all three');
SELECT after($$ WITH u AS (UPDATE event SET amount = amount + 1 WHERE id = 100 RETURNING *) INSERT INTO event SELECT 113, customer, ts, amount, note, account FROM u $$, 'an UPDATE in WITH before an INSERT');
SELECT after($$ WITH d AS (DELETE FROM event WHERE id = 113 RETURNING *) INSERT INTO event SELECT 114, customer, ts, amount, note, account FROM d $$, 'a DELETE in WITH before an INSERT');
SELECT after($$ WITH i AS (INSERT INTO event (id, customer, amount) VALUES (115, 1, 9) RETURNING *) UPDATE event SET amount = 10 WHERE id = 114 $$, 'an INSERT in WITH before an UPDATE');
SELECT after($$ DO $d$ BEGIN
  INSERT INTO event (id, customer, amount) VALUES (116, 1, 1); UPDATE event SET amount = 3 WHERE id = 116; INSERT INTO event (id, customer, amount) VALUES (117, 1, 1);
  INSERT INTO event (id, customer, amount) VALUES (118, 1, 1), (119, 9, 1); DELETE FROM event WHERE id = 117; INSERT INTO event (id, customer, amount) VALUES (117, 9, 1);
  END $d$ $$, 'statements of a block');
\copy event (id, customer, amount) FROM PROGRAM 'printf "120,1,1\n121,2,1\n122,1,1\n123,55,1\n"' WITH (FORMAT csv)
SELECT is_empty('SELECT * FROM differences()', 'COPY');
SELECT is((SELECT n FROM live WHERE customer = 55), 2 + 1 + 1::bigint, 'of as many rows');

-- Triggers of the table itself, which write to it.
CREATE FUNCTION renumber() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE event SET amount = amount + 1 WHERE customer = new.customer AND id <> new.id AND amount < 50; RETURN NULL; END $$;
CREATE TRIGGER renumber AFTER INSERT ON event FOR EACH ROW EXECUTE FUNCTION renumber();
SELECT after($$ INSERT INTO event (id, customer, amount) VALUES (130, 1, 1) $$, 'an AFTER trigger that updates rows of the key');
SELECT after($$ INSERT INTO event (id, customer, amount) VALUES (131, 1, 1), (132, 2, 1), (133, 1, 1) $$, 'of many');
DROP TRIGGER renumber ON event;
CREATE FUNCTION copy_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF new.id < 10000 THEN INSERT INTO event (id, customer, amount) VALUES (new.id + 10000, new.customer, 1); END IF; RETURN new; END $$;
CREATE TRIGGER copy_row BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION copy_row();
SELECT after($$ INSERT INTO event (id, customer, amount) VALUES (140, 1, 1), (141, 99, 1) $$, 'a BEFORE trigger that inserts');
DROP TRIGGER copy_row ON event;
CREATE TRIGGER renumber BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION copy_row();
CREATE OR REPLACE FUNCTION copy_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE event SET amount = amount + 1 WHERE customer = new.customer; RETURN new; END $$;
SELECT after($$ INSERT INTO event (id, customer, amount) VALUES (150, 1, 1), (151, 1, 1), (152, 99, 1) $$, 'a BEFORE trigger that updates rows of the same statement');
DROP TRIGGER renumber ON event;
CREATE TABLE inbox (id int, customer int);
CREATE FUNCTION take() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO event (id, customer, amount) VALUES (new.id, new.customer, 1); RETURN NULL; END $$;
CREATE TRIGGER take AFTER INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION take();
SELECT after($$ INSERT INTO inbox VALUES (160, 1), (161, 1), (162, 2) $$, 'rows inserted by another table''s trigger');

-- UPDATE: what the portrait does not read costs nothing, everything else is recomputed.
CREATE TEMP TABLE versions AS SELECT customer, xmin::text AS version, ctid AS place FROM live;
SELECT after($$ UPDATE event SET note = 'other', account = 'free' $$, 'columns that are not read');
SELECT is_empty('SELECT customer, xmin::text, ctid FROM live EXCEPT SELECT customer, version, place FROM versions', 'no row of the portrait is written');
SELECT is((SELECT count(*) FROM later_delta), 0::bigint, 'nor queued');
SELECT after($$ UPDATE event SET amount = amount $$, 'a column that is read and stays');
SELECT is_empty('SELECT customer, xmin::text, ctid FROM live EXCEPT SELECT customer, version, place FROM versions', 'is not written either');
SELECT after($$ UPDATE event SET amount = amount + 1 WHERE customer = 1 $$, 'a value');
SELECT isnt_empty('SELECT customer, xmin::text, ctid FROM live EXCEPT SELECT customer, version, place FROM versions', 'is written');
SELECT after($$ UPDATE event SET customer = 2 WHERE id = 1 $$, 'a key');
SELECT after($$ UPDATE event SET customer = customer + 1 $$, 'all keys');
SELECT after($$ UPDATE event SET customer = NULL WHERE id = 2 $$, 'a key to NULL');
SELECT after($$ UPDATE event SET customer = 3 WHERE customer IS NULL $$, 'and back');
SELECT after($$ UPDATE event SET amount = -amount WHERE id % 3 = 0 $$, 'rows that leave the filter, or come into it');
SELECT after($$ UPDATE event SET ts = ts - interval '3 years' WHERE id % 5 = 0 $$, 'times');
SELECT after($$ UPDATE event SET amount = 1 WHERE false $$, 'no row');
SELECT after($$ UPDATE event SET amount = v.a, note = 'joined' FROM (VALUES (3, 100), (4, 200)) v (id, a) WHERE event.id = v.id $$, 'from a join');

-- DELETE and TRUNCATE.
SELECT after($$ DELETE FROM event WHERE id = 3 $$, 'one row');
SELECT after($$ DELETE FROM event WHERE customer = 5 $$, 'a whole key');
SELECT is((SELECT count(*) FROM live WHERE customer = 5), 0::bigint, 'its row is gone');
SELECT after($$ UPDATE event SET account = 'paid' WHERE id % 2 = 0 $$, 'a reference');
SELECT after($$ DELETE FROM account WHERE name = 'paid' $$, 'rows deleted by a foreign key');
SELECT after($$ DELETE FROM event WHERE id % 7 = 0 $$, 'many rows');
SELECT isnt_empty('TABLE counted', 'while there are some left');
SELECT after($$ TRUNCATE event $$, 'TRUNCATE');
SELECT is_empty('TABLE live', 'leaves no row');
INSERT INTO account VALUES ('paid');
SELECT after($$ INSERT INTO event (id, customer, amount) SELECT i, i % 4, i FROM generate_series(1, 20) i $$, 'rows after it');
SELECT after($$ TRUNCATE account CASCADE $$, 'TRUNCATE of a table it refers to');
SELECT is((SELECT count(*) FROM live), 0::bigint, 'empties it too');
SELECT after($$ INSERT INTO event (id, customer, amount) SELECT i, i % 4, i FROM generate_series(1, 20) i; TRUNCATE event; INSERT INTO event (id, customer, amount) SELECT i, i % 5, i FROM generate_series(1, 20) i $$, 'rows before and after');

-- What is rolled back is not counted.
SAVEPOINT s;
INSERT INTO event (id, customer, amount) VALUES (200, 1, 1), (201, 77, 1);
UPDATE event SET customer = 78 WHERE id = 1;
DELETE FROM event WHERE id = 2;
SELECT is_empty('SELECT * FROM differences()', 'in a savepoint');
ROLLBACK TO s;
SELECT is_empty('SELECT * FROM differences()', 'and undone');
SELECT is((SELECT count(*) FROM live WHERE customer IN (77, 78)), 0::bigint, 'with its keys');
SAVEPOINT s;
TRUNCATE event;
ROLLBACK TO s;
SELECT after($$ INSERT INTO event (id, customer, amount) VALUES (202, 1, 1) $$, 'after a TRUNCATE that was undone');
SELECT after($$ DO $d$ BEGIN UPDATE event SET amount = amount + 1; RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN INSERT INTO event (id, customer, amount) VALUES (203, 1, 1); END $d$ $$, 'a block that failed');

-- What nothing tells of is found and mended: one row, also one whose values are all NULL.
ALTER TABLE event DISABLE TRIGGER USER;
INSERT INTO event (id, customer, amount) VALUES (300, 1, 1), (301, 88, 1);
DELETE FROM event WHERE customer = 2;
ALTER TABLE event ENABLE TRIGGER USER;
INSERT INTO event (id, customer, amount) VALUES (302, 3, 1);  -- which a trigger for replicas, enabled for all now, must not count again
SELECT set_eq($$ SELECT DISTINCT key->>'customer' FROM persona.check_portrait('live') $$, ARRAY['1', '2', '88'], 'changes while triggers were disabled are found');
SELECT results_eq($$ SELECT column_name, stored, recomputed FROM persona.check_portrait('live') WHERE key = '{"customer": 88}' AND column_name IN ('n', 'total') ORDER BY 1 $$,
                  $$ VALUES ('n', NULL, '1'), ('total', NULL, '1') $$, 'with what is stored and what should be');
SELECT persona.refresh_portrait('live'), persona.refresh_portrait('later', true);
SELECT is_empty('SELECT * FROM differences()', 'and mended');
SELECT is((SELECT string_agg(tgenabled::text, '' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = 'event'::regclass AND tgname LIKE 'persona_live%'), 'OORAO', 'with its triggers as they were');
SELECT persona.create_portrait('sums', 'SELECT customer, sum(amount) AS total FROM event GROUP BY customer');
ALTER TABLE event DISABLE TRIGGER USER;
INSERT INTO event (id, customer, amount) VALUES (310, 600, NULL);
DELETE FROM event WHERE customer = 88;
ALTER TABLE event ENABLE TRIGGER USER;
SELECT results_eq($$ SELECT key->>'customer', stored, recomputed FROM persona.check_portrait('sums') ORDER BY 1 $$, $$ VALUES ('600', NULL, NULL), ('88', '1', NULL) $$, 'a key whose only value is NULL');
SELECT persona.refresh_portrait('sums');
SELECT results_eq('SELECT customer, total FROM sums WHERE customer > 80', 'VALUES (600, NULL::bigint)', 'is mended as well');
DELETE FROM event WHERE customer = 600;
SELECT persona.drop_portrait('sums'), persona.refresh_portrait('live'), persona.refresh_portrait('later', true);
UPDATE live SET total = 12345 WHERE customer = 1;
SELECT is((SELECT count(*) FROM persona.check_portrait('live')), 1::bigint, 'a row that was tampered with');
SELECT persona.refresh_portrait('live');

-- A subscriber's apply process sets this.
SET LOCAL session_replication_role = replica;
SELECT after($$ INSERT INTO event (id, customer, amount) VALUES (400, 1, 1), (401, 2, 2), (402, 90, 1) $$, 'replica: rows');
SELECT after($$ UPDATE event SET customer = customer + 1 WHERE id > 5 $$, 'replica: keys');
SELECT after($$ INSERT INTO event (id, customer, amount) VALUES (400, 1, 9), (403, 1, 9) ON CONFLICT (id) DO UPDATE SET amount = 9 $$, 'replica: both in one statement');
SELECT after($$ DELETE FROM event WHERE id IN (4, 5, 401) $$, 'replica: deletions');
SELECT after($$ TRUNCATE event $$, 'replica: TRUNCATE');
SET LOCAL session_replication_role = origin;

-- The deferred portrait in between: what it has is as of the last refresh.
INSERT INTO event (id, customer, amount) VALUES (1, 1, 1), (2, 2, 2), (3, 2, 3);
SELECT is((SELECT count(*) FROM later), 0::bigint, 'deferred: nothing yet');
SELECT is((SELECT deferred FROM persona.portraits WHERE portrait = 'later'::regclass), true, 'it is listed as such');
CALL persona.refresh_all();
SELECT results_eq('SELECT customer, n FROM later ORDER BY 1', 'VALUES (1, 1::bigint), (2, 2)', 'refresh_all folds');
SELECT is((SELECT count(*) FROM later_delta), 0::bigint, 'all of it');
UPDATE event SET customer = 1 WHERE id = 3;
INSERT INTO event (id, customer, amount) VALUES (4, 1, 4), (5, 8, 5);
SELECT is_empty($$ SELECT * FROM persona.check_portrait('later') $$, 'dirty keys and deltas wait');
ALTER TABLE event DISABLE TRIGGER USER;
INSERT INTO event (id, customer, amount) VALUES (6, 8, 4);
ALTER TABLE event ENABLE TRIGGER USER;
SELECT results_eq($$ SELECT key, stored, recomputed FROM persona.check_portrait('later') WHERE column_name = 'n' $$, $$ VALUES ('{"customer": 8}'::jsonb, '1', '2') $$, 'check_portrait counts the deltas in, and finds what is in neither');
SELECT persona.refresh_portrait('later', true), persona.refresh_portrait('live');
SELECT is_empty('SELECT * FROM differences()', 'a refresh with repair mends it');
SELECT after($$ DELETE FROM event WHERE id = 5; INSERT INTO event (id, customer, amount) VALUES (7, 8, 4); TRUNCATE event; INSERT INTO event (id, customer, amount) VALUES (8, 8, 4) $$, 'deferred: TRUNCATE among others');

-- Constants of the query mean the same in sessions of other settings, also where these change between two statements.
CREATE TABLE setting (id int, k int, ts timestamp, label text, length interval, size float8);
SELECT persona.create_portrait('settled', $$ SELECT k, count(*) AS n FROM setting WHERE ts >= '2024-03-02' AND label <> 'a\b' AND length > '-1 day -2 hours' AND size > 0.1 + 0.2 GROUP BY k $$);
CREATE FUNCTION settled(dates text, intervals text, digits text, strings text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('DateStyle', dates, true), set_config('IntervalStyle', intervals, true), set_config('extra_float_digits', digits, true), set_config('standard_conforming_strings', strings, true);
  INSERT INTO setting SELECT i, i % 3, '2024-01-01'::timestamp + i * interval '1 day', CASE WHEN i % 5 = 0 THEN 'a' || chr(92) || 'b' ELSE 'c' END, make_interval(hours => -i % 40), 0.3 + (i % 7 - 1) * 4e-17 FROM generate_series(1, 100) i;
  UPDATE setting SET id = 100 + k, k = k + 1 WHERE id = 70;
  RETURN QUERY SELECT is_empty($q$ SELECT * FROM persona.check_portrait('settled') $q$, concat_ws(', ', dates, intervals, digits, strings));
END $$;
INSERT INTO setting VALUES (0, 1, '2024-05-01', 'x', '1 hour', 1);
SELECT settled('SQL, DMY', 'sql_standard', '-5', 'off');
SELECT settled('SQL, MDY', 'postgres', '1', 'on');
SELECT settled('German', 'iso_8601', '0', 'off');
INSERT INTO setting SELECT 500, i, '2024-05-01', 'x', '1 hour', 1 FROM generate_series(1, 100) i;
SELECT set_config('DateStyle', 'SQL, DMY', true), set_config('standard_conforming_strings', 'off', true);
UPDATE setting SET k = k + 1 WHERE id = 500;
SELECT is_empty($$ SELECT * FROM persona.check_portrait('settled') $$, 'and many keys at once');
SET LOCAL standard_conforming_strings = on;
SET LOCAL DateStyle = 'ISO, YMD';
SET LOCAL IntervalStyle = 'postgres';
SELECT results_eq('SELECT k, n FROM settled ORDER BY 1', $$ SELECT k, count(*) FROM setting WHERE ts >= '2024-03-02' AND label <> 'a\b' AND length > '-1 day -2 hours' AND size > 0.1 + 0.2 GROUP BY k ORDER BY 1 $$, 'as plain SQL counts');
SELECT cmp_ok((SELECT sum(n) FROM settled), '<', (SELECT count(*) FROM setting)::numeric, 'what is not all of it');
SELECT lives_ok($$ SELECT persona.drop_portrait('settled') $$, 'dropped');

-- Renamed and altered relations.
SELECT after($$ ALTER TABLE event RENAME COLUMN customer TO buyer; ALTER TABLE event RENAME COLUMN amount TO price; ALTER TABLE event RENAME TO happening;
  CREATE OR REPLACE VIEW event AS SELECT id, buyer AS customer, ts, price AS amount FROM happening;
  INSERT INTO happening (id, buyer, price) VALUES (10, 1, 1), (11, 8, 1); UPDATE happening SET price = 2 WHERE id = 10 $$, 'columns and the source renamed');
SELECT after($$ CREATE SCHEMA moved; ALTER TABLE happening SET SCHEMA moved; INSERT INTO moved.happening (id, buyer, price) VALUES (12, 1, 1); UPDATE moved.happening SET price = 3 WHERE id = 10 $$, 'the source moved to another schema');
SELECT after($$ ALTER TABLE moved.happening ADD COLUMN extra text DEFAULT 'x'; ALTER TABLE moved.happening DROP COLUMN note; INSERT INTO moved.happening (id, buyer, price) VALUES (13, 1, 1), (14, 1, 1); UPDATE moved.happening SET price = 4 WHERE id = 10 $$, 'unrelated columns added and dropped');
SELECT throws_ok('ALTER TABLE moved.happening ALTER COLUMN price TYPE bigint', '0A000', NULL, 'the type of a column it reads cannot change');
SELECT throws_ok('ALTER TABLE moved.happening DROP COLUMN price', '2BP01', NULL, 'nor be dropped');
ALTER TABLE live RENAME TO renamed;
INSERT INTO moved.happening (id, buyer, price) VALUES (15, 1, 1);
UPDATE moved.happening SET price = 5 WHERE id = 10;
SELECT is_empty($$ SELECT * FROM persona.check_portrait('renamed') $$, 'the portrait renamed');
SELECT is((SELECT n FROM renamed WHERE customer = 1), 5::bigint, 'goes on counting');
ALTER TABLE renamed RENAME TO live;

-- Dropped ones: writers go on.
SELECT lives_ok('DROP TABLE later CASCADE', 'a portrait dropped as a table');
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgrelid = 'moved.happening'::regclass AND tgname LIKE 'persona_later%'), 0::bigint, 'takes its triggers along');
SELECT lives_ok('INSERT INTO moved.happening (id, buyer, price) VALUES (16, 1, 1)', 'and lets its writers go on');
SELECT lives_ok('ALTER TABLE moved.happening DROP COLUMN price CASCADE', 'a column it reads dropped by CASCADE');
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgrelid = 'moved.happening'::regclass AND NOT tgisinternal), 0::bigint, 'takes the triggers along');
SELECT lives_ok('INSERT INTO moved.happening (id, buyer) VALUES (17, 1), (18, 1)', 'and lets its writers go on');
SELECT throws_ok($$ SELECT persona.check_portrait('live') $$, '55000', 'the definition of portrait public.live is gone', 'which the portrait says');
SELECT throws_ok($$ SELECT persona.refresh_portrait('live') $$, '55000', NULL, 'when it is refreshed, too');
SELECT lives_ok($$ SELECT persona.drop_portrait('live') $$, 'and it can be dropped');
CREATE TABLE source (k int, n int);
SELECT persona.create_portrait('of_source', 'SELECT k, sum(n) AS n FROM source GROUP BY k');
SELECT lives_ok('DROP TABLE source CASCADE', 'a source dropped by CASCADE');
SELECT lives_ok($$ SELECT persona.drop_portrait('of_source') $$, 'leaves a portrait that can be dropped');
CREATE TABLE source (k int, n int);
SELECT persona.create_portrait('of_source', 'SELECT k, sum(n) AS n FROM source GROUP BY k');
SELECT lives_ok('DROP EXTENSION persona CASCADE', 'the extension dropped');
SELECT lives_ok('INSERT INTO source VALUES (1, 1), (2, 2)', 'leaves writers going on');
SELECT is((SELECT count(*) FROM of_source), 0::bigint, 'and the table, which stands still');

SELECT * FROM finish();
ROLLBACK;
