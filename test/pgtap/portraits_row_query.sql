-- The sum that a portrait's trigger keeps ready from one event to the next, also of the next transaction: it follows changes
-- of the functions it calls, an error in the midst of it leaves nothing behind, and calls may be nested.
BEGIN;
SELECT plan(20);
SET LOCAL client_min_messages = warning;

CREATE TABLE event (customer int, ts timestamptz, amount float8);
CREATE FUNCTION euro(amount float8) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF amount < 0 THEN RAISE EXCEPTION 'a negative amount'; END IF;
  RETURN amount * 2;
END
$$;
CREATE FUNCTION counts(amount float8) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT amount <> 7';
SELECT persona.create_portrait('portrait', 'SELECT customer, persona.activity_agg(ts, euro(amount)) AS activity, sum(amount) AS total, count(*) AS n FROM event WHERE counts(amount) GROUP BY customer', 'ts') IS NULL \g /dev/null
INSERT INTO event VALUES (1, '2026-01-01', 1);
-- Each a statement of its own, as an application sends them.
CREATE FUNCTION pg_temp.insert(customer int, VARIADIC amounts float8[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  each float8;
BEGIN
  FOREACH each IN ARRAY amounts LOOP
    INSERT INTO event VALUES (customer, '2026-01-02', each);
  END LOOP;
END
$$;
CREATE FUNCTION pg_temp.total() RETURNS float8 LANGUAGE sql AS
  $$SELECT total FROM portrait WHERE customer = 1$$;
CREATE FUNCTION pg_temp.spent() RETURNS float8 LANGUAGE sql AS
  $$SELECT persona.total_amount(activity) FROM portrait WHERE customer = 1$$;

SELECT pg_temp.insert(1, 2, 3, 4);
SELECT is(pg_temp.total(), 10::float8, 'one event after the other');
SELECT is(pg_temp.spent(), 20::float8, 'by a function of the user');
SELECT pg_temp.insert(1, 7, NULL, 7);
SELECT is((SELECT n FROM portrait WHERE customer = 1), 4::bigint, 'what the filter leaves out changes nothing');
SELECT pg_temp.insert(1, 5);
SELECT is(pg_temp.total(), 15::float8, 'nor the event after it');

-- An error in the midst of it.
SELECT throws_ok('SELECT pg_temp.insert(1, 1, -1)', 'P0001', 'a negative amount', 'an error of the function');
SELECT throws_ok('SELECT pg_temp.insert(1, -1)', 'P0001', 'a negative amount', 'and again');
SELECT pg_temp.insert(1, 1);
SELECT is(pg_temp.spent(), 32::float8, 'leaves nothing behind');

-- A change of the function.
CREATE OR REPLACE FUNCTION euro(amount float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT amount * 3';
SELECT pg_temp.insert(1, 10);
SELECT is(pg_temp.spent(), 62::float8, 'its next definition counts');
REVOKE EXECUTE ON FUNCTION euro FROM PUBLIC;
CREATE OR REPLACE FUNCTION counts(amount float8) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT amount < 100';
SELECT pg_temp.insert(1, 7, 200);
SELECT is(pg_temp.total(), 33::float8, 'so does the next definition of the filter''s');

-- A function that inserts an event while the first one is being added.
CREATE OR REPLACE FUNCTION euro(amount float8) RETURNS float8 LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF amount = 50 THEN
    INSERT INTO public.event VALUES (2, '2026-01-02', 51);
  END IF;
  RETURN amount;
END
$$;
SELECT pg_temp.insert(2, 1);
SELECT pg_temp.insert(1, 50, 3, 50);
SELECT is(pg_temp.total(), 136::float8, 'events added while another is');
SELECT is((SELECT total FROM portrait WHERE customer = 2), 103::float8, 'of either customer');

-- Nothing is left behind of 4,000 events in one session.
CREATE OR REPLACE FUNCTION euro(amount float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT amount * 2';
CREATE FUNCTION pg_temp.memory() RETURNS bigint LANGUAGE sql AS
  $$SELECT sum(total_bytes)::bigint FROM pg_backend_memory_contexts WHERE name IN ('persona row query', 'ExecutorState', 'persona portrait') OR parent = 'persona row query'$$;
SELECT pg_temp.insert(1, 1, 1);
SELECT pg_temp.memory() AS before \gset
SELECT pg_temp.insert(1, VARIADIC array_fill(1::float8, ARRAY[4000]));
SELECT cmp_ok(pg_temp.memory() - :before, '<', 65536::bigint, 'the memory stays');
SELECT isnt((SELECT count(*) FROM pg_backend_memory_contexts WHERE name = 'persona row query'), 0::bigint, 'of the sum that is kept');

-- A function in SQL that is not put in place, and that calls another.
CREATE FUNCTION rate() RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT 2::float8';
CREATE OR REPLACE FUNCTION euro(amount float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT 1; SELECT amount * public.rate()';
SELECT pg_temp.insert(3, 1, 1);
SELECT is((SELECT persona.total_amount(activity) FROM portrait WHERE customer = 3), 4::float8, 'by a rate');
CREATE OR REPLACE FUNCTION rate() RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT 3::float8';
SELECT pg_temp.insert(3, 1);
SELECT is((SELECT persona.total_amount(activity) FROM portrait WHERE customer = 3), 7::float8, 'by the next rate in the same transaction');

-- A right that the owner had through a role.
CREATE ROLE writers;
CREATE ROLE keeper;
GRANT writers TO keeper;
GRANT ALL ON SCHEMA public TO keeper;
CREATE FUNCTION pound(amount float8) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN amount; END';
REVOKE EXECUTE ON FUNCTION pound FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pound TO writers;
SET LOCAL ROLE keeper;
CREATE TABLE sale (customer int, ts timestamptz, amount float8, cost numeric);
SELECT persona.create_portrait('buyer', 'SELECT customer, sum(pound(amount)) AS f, sum(cost) AS n FROM sale GROUP BY customer', 'ts') IS NULL \g /dev/null
RESET ROLE;
INSERT INTO sale VALUES (1, '2026-01-01', 10, 1);
INSERT INTO sale VALUES (1, '2026-01-01', 10, 1);
REVOKE writers FROM keeper;
SELECT throws_ok($$INSERT INTO sale VALUES (1, '2026-01-01', 10, 1)$$, '42501', NULL, 'a right that is taken away is gone');
SELECT throws_ok($$INSERT INTO sale VALUES (1, '2026-01-01', 10, 1)$$, '42501', NULL, 'and stays so');
GRANT writers TO keeper;
SELECT lives_ok($$INSERT INTO sale VALUES (1, '2026-01-01', 10, 1)$$, 'until it is given back');

-- Columns that took each other's names, or another type: no value is stored as what it is not.
ALTER TABLE buyer RENAME f TO t;
ALTER TABLE buyer RENAME n TO f;
ALTER TABLE buyer RENAME t TO n;
INSERT INTO sale VALUES (1, '2026-01-01', 10, 1);
SELECT is((SELECT (pg_typeof(f), f, pg_typeof(n), n)::text FROM buyer), '(numeric,13,"double precision",31)', 'columns that took each other''s names');
ALTER TABLE buyer RENAME f TO t;
ALTER TABLE buyer RENAME n TO f;
ALTER TABLE buyer RENAME t TO n;
DROP VIEW buyer_features;
ALTER TABLE buyer ALTER f TYPE real;
ALTER TABLE buyer ALTER n TYPE numeric(12,1);
INSERT INTO sale VALUES (1, '2026-01-01', 0.5, 0.26);
SELECT is((SELECT (f, n)::text FROM buyer), '(31.5,13.3)', 'columns of another type');
SELECT * FROM finish();
ROLLBACK;
