-- Portraits of partitioned and inherited tables: rows that come through the parent, straight into a partition, or move
-- between them; partitions that are attached and detached later.
BEGIN;
SET LOCAL client_min_messages = error;
SELECT plan(33);
SET LOCAL search_path = public, persona;

CREATE TABLE event (id int, customer int, ts timestamptz DEFAULT '2024-01-01', amount float8) PARTITION BY RANGE (id);
CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM (0) TO (100);
-- A partition that numbers its columns otherwise.
CREATE TABLE event_2 (junk text, amount float8, gone int, ts timestamptz DEFAULT '2024-01-01', customer int, id int);
ALTER TABLE event_2 DROP gone, DROP junk;
ALTER TABLE event ATTACH PARTITION event_2 FOR VALUES FROM (100) TO (200);
CREATE TABLE event_3 PARTITION OF event FOR VALUES FROM (200) TO (400) PARTITION BY LIST (customer);
CREATE TABLE event_3_1 PARTITION OF event_3 FOR VALUES IN (1);
CREATE TABLE event_3_other PARTITION OF event_3 DEFAULT;
INSERT INTO event (id, customer, amount) SELECT i * 10, i % 3, i FROM generate_series(1, 30) i;
SELECT persona.create_portrait('live', 'SELECT customer, count(*) AS n, sum(amount) AS total FROM event GROUP BY customer', 'ts');
SELECT persona.create_portrait('later', 'SELECT customer, count(*) AS n, sum(amount) AS total FROM event GROUP BY customer', 'ts', true);
CREATE VIEW counted AS SELECT customer, count(*) AS n, sum(amount) AS total FROM event WHERE customer IS NOT NULL GROUP BY customer;
CREATE FUNCTION differences() RETURNS TABLE (what text) LANGUAGE plpgsql AS $$
DECLARE p text;
BEGIN
  RETURN QUERY SELECT 'later: unchecked ' || key::text FROM persona.check_portrait('later');
  PERFORM persona.refresh_portrait('later');
  FOREACH p IN ARRAY ARRAY['live', 'later'] LOOP
    RETURN QUERY SELECT p || ': check ' || key::text FROM persona.check_portrait(p);
    RETURN QUERY EXECUTE format($q$ SELECT '%1$s: extra ' || e::text FROM (TABLE %1$I EXCEPT TABLE counted) e UNION ALL
      SELECT '%1$s: missing ' || m::text FROM (TABLE counted EXCEPT TABLE %1$I) m $q$, p);
  END LOOP;
END $$;
CREATE FUNCTION after(sql text, description text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE sql;
  RETURN QUERY SELECT is_empty('SELECT * FROM differences()', description);
END $$;

SELECT after('SELECT 1', 'equal at first');
SELECT is((SELECT sum(n) FROM live), 30::numeric, 'to every partition''s rows');
SELECT after($$ INSERT INTO event (id, customer, amount) VALUES (1, 1, 1), (101, 1, 2), (201, 1, 4), (202, 2, 8) $$, 'through the parent into all');
SELECT after($$ INSERT INTO event_2 (id, customer, amount) VALUES (102, 1, 16) $$, 'one row straight into a partition of other column numbers');
SELECT after($$ INSERT INTO event_2 (id, customer, amount) VALUES (103, 1, 16), (104, 2, 1) $$, 'two rows');
SELECT after($$ INSERT INTO event_3 (id, customer, amount) VALUES (203, 1, 16), (204, 2, 1) $$, 'straight into a partition with partitions');
SELECT after($$ INSERT INTO event_3_1 (id, customer, amount) VALUES (205, 1, 16) $$, 'straight into one below it');
SELECT after($$ UPDATE event_2 SET amount = amount + 1, customer = 3 - customer WHERE id < 150 $$, 'UPDATE of that partition');
SELECT after($$ DELETE FROM event_2 WHERE id = 102 $$, 'DELETE');
SELECT after($$ UPDATE event SET id = id + 100 WHERE id < 200 $$, 'rows that move between partitions');
SELECT after($$ UPDATE event SET id = id - 100, customer = customer + 1 WHERE id >= 200 AND id < 300 $$, 'and to another key besides');
SELECT after($$ UPDATE event SET id = id - 100 WHERE customer = 1 AND id BETWEEN 100 AND 199 $$, 'without a change of what is read');
SELECT after($$ SET LOCAL session_replication_role = replica; UPDATE event SET id = id + 100 WHERE id < 200; UPDATE event_3_1 SET amount = 3; INSERT INTO event_2 (id, customer, amount) VALUES (110, 2, 5), (111, 2, 5); SET LOCAL session_replication_role = origin $$,
  'the same as a subscriber would apply them');
SELECT after('TRUNCATE event_2', 'TRUNCATE of one partition');
SELECT isnt_empty('TABLE live', 'leaves the others');
SELECT after($$ INSERT INTO event_2 (id, customer, amount) VALUES (110, 2, 5); TRUNCATE event_3 $$, 'of one with partitions');

-- A partition that comes later.
CREATE TABLE event_4 (LIKE event);
INSERT INTO event_4 VALUES (401, 7, '2024-01-01', 1);
ALTER TABLE event ATTACH PARTITION event_4 FOR VALUES FROM (400) TO (500);
SELECT results_eq($$ SELECT DISTINCT key FROM persona.check_portrait('live') $$, $$ VALUES ('{"customer": 7}'::jsonb) $$, 'check_portrait finds the rows it came with');
INSERT INTO event VALUES (402, 8, '2024-01-01', 1);
INSERT INTO event_4 VALUES (403, 9, '2024-01-01', 1);
SELECT results_eq($$ SELECT DISTINCT key FROM persona.check_portrait('live') ORDER BY 1 $$, $$ VALUES ('{"customer": 7}'::jsonb), ('{"customer": 9}') $$, 'and those straight into it, but not those through the parent');
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgrelid = 'event_4'::regclass AND tgname ~ 'live' AND tgparentid = 0), 0::bigint, 'it lacks triggers');
SELECT persona.refresh_portrait('live'), persona.refresh_portrait('later', true);
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgrelid = 'event_4'::regclass AND tgname ~ 'live' AND tgparentid = 0), 4::bigint, 'until refresh_portrait gives it some');
SELECT after($$ INSERT INTO event_4 VALUES (404, 9, '2024-01-01', 1), (405, 1, '2024-01-01', 1); UPDATE event_4 SET customer = 1 WHERE id = 403 $$, 'and it is kept up to date');
SELECT after($$ SET LOCAL session_replication_role = replica; INSERT INTO event_4 VALUES (406, 9, '2024-01-01', 1); SET LOCAL session_replication_role = origin $$, 'on a subscriber, too');

-- One that goes.
ALTER TABLE event DETACH PARTITION event_4;
SELECT isnt_empty($$ SELECT * FROM persona.check_portrait('live') $$, 'check_portrait finds that a partition was detached');
SELECT persona.refresh_portrait('live'), persona.refresh_portrait('later', true);
SELECT after($$ INSERT INTO event_4 VALUES (410, 1, '2024-01-01', 1); UPDATE event_4 SET amount = 5; DELETE FROM event_4 WHERE id = 410 $$, 'its rows count no more');
SELECT after($$ ALTER TABLE event_4 ALTER amount TYPE text, ALTER customer TYPE text, DROP COLUMN ts; INSERT INTO event_4 VALUES (411, 'x', 'y'), (412, 'x', 'y'); UPDATE event_4 SET amount = 'zz'; TRUNCATE event_4 $$,
  'whatever becomes of its columns');
ALTER TABLE event_3 DETACH PARTITION event_3_other;
INSERT INTO event_3_other VALUES (210, 77, '2024-01-01', 1);
ALTER TABLE event_3_other ALTER customer TYPE text;
SELECT after($$ INSERT INTO event_3_other VALUES (211, 'x', '2024-01-01', 1); UPDATE event_3_other SET customer = 'y' $$, 'also from two levels below');

-- Plain inheritance.
CREATE TABLE parent (k int, v int);
CREATE TABLE child (extra text) INHERITS (parent);
INSERT INTO child VALUES (1, 1, 'x');
SELECT persona.create_portrait('heirs', 'SELECT k, count(*) AS n, sum(v) AS v FROM parent GROUP BY k');
INSERT INTO parent VALUES (1, 2);
INSERT INTO child VALUES (1, 4, 'x'), (2, 8, 'y');
SELECT results_eq('SELECT * FROM heirs ORDER BY 1', 'VALUES (1, 3::bigint, 7::bigint), (2, 1, 8)', 'rows of parent and child');
UPDATE parent SET v = v + 1;
SELECT results_eq('SELECT * FROM heirs ORDER BY 1', 'VALUES (1, 3::bigint, 10::bigint), (2, 1, 9)', 'UPDATE through the parent');
UPDATE child SET k = 3;
DELETE FROM parent WHERE v = 9;
SELECT results_eq('SELECT * FROM heirs ORDER BY 1', 'VALUES (1, 1::bigint, 3::bigint), (3, 2, 7)', 'UPDATE of the child, DELETE through the parent');
UPDATE child SET extra = 'z';
TRUNCATE ONLY parent;
SELECT results_eq('SELECT * FROM heirs ORDER BY 1', 'VALUES (3, 2::bigint, 7::bigint)', 'TRUNCATE of the parent only');
SELECT is_empty($$ SELECT * FROM persona.check_portrait('heirs') $$, 'and it is right');

SELECT lives_ok($$ SELECT persona.drop_portrait('live'), persona.drop_portrait('later'), persona.drop_portrait('heirs') $$, 'all are dropped');
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgfoid = 'persona.maintain_portrait'::regproc), 0::bigint, 'with every trigger of every partition');

SELECT * FROM finish();
ROLLBACK;
