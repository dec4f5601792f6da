-- Whose rights a portrait's work is done with: writers need none on it, nobody forges its triggers, and code in its query
-- runs as its owner, whoever writes.
BEGIN;
SET LOCAL client_min_messages = error;
SELECT plan(66);
CREATE ROLE portrait_owner;
CREATE ROLE portrait_writer;
CREATE ROLE portrait_stranger;
CREATE SCHEMA shop AUTHORIZATION portrait_owner;
GRANT USAGE ON SCHEMA shop TO portrait_writer, portrait_stranger;
CREATE FUNCTION fails_with(role text, sql text, state text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE found text;
BEGIN
  EXECUTE format('SET LOCAL ROLE %I', role);
  EXECUTE sql;
  RESET ROLE;
  RETURN 'no error';
EXCEPTION WHEN others THEN
  GET STACKED DIAGNOSTICS found = RETURNED_SQLSTATE;
  RETURN CASE WHEN found = state THEN 'refused' ELSE found || ': ' || SQLERRM END;
END $$;

SET LOCAL ROLE portrait_owner;
CREATE TABLE shop.event (id int PRIMARY KEY, customer int, ts timestamptz DEFAULT '2024-01-01', amount float8);
CREATE INDEX ON shop.event (customer);
GRANT INSERT, UPDATE, DELETE, TRUNCATE, SELECT (id) ON shop.event TO portrait_writer;
-- Declared immutable, which the server cannot check, it tells as whom it runs and tries what it should not.
CREATE FUNCTION shop.attempt(what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF what = 'role' THEN SET LOCAL ROLE postgres; END IF;
  IF what = 'reset' THEN RESET ROLE; END IF;
  IF what = 'session' THEN RESET SESSION AUTHORIZATION; END IF;
  IF what = 'temp' THEN CREATE TEMP TABLE x (); END IF;
  IF what = 'cursor' THEN EXECUTE 'DECLARE c CURSOR WITH HOLD FOR SELECT 1'; END IF;
  IF what = 'path' THEN PERFORM count_of_the_session(); END IF;
END $$;
CREATE FUNCTION shop.spy(customer int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF current_user <> 'portrait_owner' THEN RAISE 'spy ran as %', current_user; END IF;
  PERFORM shop.attempt(current_setting('shop.attempt', true));
  RETURN customer;
END $$;
SELECT persona.create_portrait('shop.live', 'SELECT shop.spy(customer) AS customer, count(*) AS n, persona.activity_agg(ts, amount) AS a FROM shop.event GROUP BY 1', 'ts');
SELECT persona.create_portrait('shop.later', 'SELECT customer, count(*) AS n FROM shop.event GROUP BY 1', 'ts', true);
RESET ROLE;
SELECT is((SELECT array_agg(DISTINCT relowner::regrole::text) FROM pg_class WHERE relnamespace = 'shop'::regnamespace), '{portrait_owner}', 'all of it belongs to who created it');
SELECT is((SELECT owner FROM persona.portraits WHERE portrait = 'shop.live'::regclass), 'portrait_owner', 'which is listed');

-- A writer with rights on the source alone.
SET LOCAL ROLE portrait_writer;
SELECT lives_ok($$ INSERT INTO shop.event (id, customer, amount) VALUES (1, 1, 1) $$, 'writer: a row');
SELECT lives_ok($$ INSERT INTO shop.event (id, customer, amount) VALUES (2, 1, 1), (3, 2, 1), (4, 3, 1) $$, 'writer: rows');
SELECT lives_ok($$ UPDATE shop.event SET amount = 5, customer = 2 WHERE id = 2 $$, 'writer: a change');
SELECT lives_ok($$ DELETE FROM shop.event WHERE id = 4 $$, 'writer: a deletion');
RESET ROLE;
SELECT results_eq('SELECT customer, n, persona.total_amount(a) FROM shop.live ORDER BY 1', 'VALUES (1, 1::bigint, 1::float8), (2, 2, 6)', 'are counted');
SELECT is(fails_with('portrait_writer', 'SELECT * FROM shop.live', '42501'), 'refused', 'the writer cannot read the portrait');
SELECT is(fails_with('portrait_writer', 'SELECT * FROM shop.live_features', '42501'), 'refused', 'nor its features');
SELECT is(fails_with('portrait_writer', 'INSERT INTO shop.live (customer) VALUES (5)', '42501'), 'refused', 'nor write it');
SELECT is(fails_with('portrait_writer', 'INSERT INTO shop.later_delta (customer) VALUES (5)', '42501'), 'refused', 'nor its deltas');
SELECT is(fails_with('portrait_writer', $$ SELECT persona.check_portrait('shop.live') $$, '42501'), 'refused', 'nor check it');
SELECT is(fails_with('portrait_writer', $$ SELECT persona.refresh_portrait('shop.live') $$, '42501'), 'refused', 'nor refresh it');
SELECT is(fails_with('portrait_writer', $$ SELECT persona.drop_portrait('shop.live') $$, '42501'), 'refused', 'nor drop it');
SELECT is(fails_with('portrait_writer', $$ SELECT * FROM shop.live_as_of('2025-01-01') $$, '42501'), 'refused', 'nor see the past of what it may not read');
SET LOCAL ROLE portrait_writer;
SELECT is((SELECT count(*) FROM persona.portraits), 0::bigint, 'nor see that there is one');
SELECT is((SELECT count(*) FROM persona.portrait_trigger), 0::bigint, 'nor its triggers');
RESET ROLE;
GRANT SELECT ON shop.live TO portrait_stranger;
SET LOCAL ROLE portrait_stranger;
SELECT is((SELECT string_agg(portrait::text, ' ') FROM persona.portraits), 'shop.live', 'who may read it sees it');
RESET ROLE;

-- Creating one needs the source.
CREATE TABLE public.not_yours (k int, v int);
GRANT CREATE ON SCHEMA public TO portrait_stranger;
SELECT is(fails_with('portrait_stranger', $$ SELECT persona.create_portrait('public.p', 'SELECT k, count(*) AS n FROM public.not_yours GROUP BY k') $$, '42501'), 'refused', 'of a table one may not read');
GRANT ALL ON public.not_yours TO portrait_stranger;
SELECT is(fails_with('portrait_stranger', $$ SELECT persona.create_portrait('public.p', 'SELECT k, count(*) AS n FROM public.not_yours GROUP BY k') $$, '42501'), 'refused', 'of a table one does not own');
SELECT is(fails_with('portrait_owner', $$ SELECT persona.create_portrait('persona.p', 'SELECT customer, count(*) AS n FROM shop.event GROUP BY 1') $$, '42501'), 'refused', 'in a schema one may not create in');
SELECT is(fails_with('portrait_owner', $$ SET LOCAL transaction_read_only = on; SELECT persona.create_portrait('shop.p', 'SELECT customer, count(*) AS n FROM shop.event GROUP BY 1') $$, '25006'), 'refused', 'in a read-only transaction');
SELECT is(fails_with('portrait_owner', $$ SET LOCAL transaction_read_only = on; SELECT persona.refresh_portrait('shop.later') $$, '25006'), 'refused', 'nor a refresh');
SELECT is(fails_with('portrait_owner', $$ SET LOCAL transaction_read_only = on; SELECT persona.drop_portrait('shop.later') $$, '25006'), 'refused', 'nor a drop');

-- Nobody writes the catalog.
SELECT is(fails_with(role, sql, '42501'), 'refused', role || ': ' || sql) FROM (VALUES ('portrait_owner'), ('portrait_stranger')) r (role), (VALUES
  ($$ INSERT INTO persona.portrait_trigger VALUES ('shop.event', 'x', 'shop.live') $$), ($$ UPDATE persona.portrait SET source = 'shop.event' $$),
  ($$ DELETE FROM persona.portrait $$), ($$ DELETE FROM persona.portrait_trigger $$), ('TRUNCATE persona.portrait CASCADE')) s (sql);

-- Nobody forges its triggers.
CREATE TEMP TABLE stored AS SELECT customer, n FROM shop.live;
CREATE TABLE public.forged (id int, customer int, ts timestamptz, amount float8);
ALTER TABLE public.forged OWNER TO portrait_stranger;
CREATE FUNCTION forge(kind text, arguments text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
  SET LOCAL ROLE portrait_stranger;
  EXECUTE format('CREATE TRIGGER persona_live_insert %s EXECUTE FUNCTION persona.maintain_portrait(%s)', kind, arguments);
  INSERT INTO public.forged VALUES (1, 1, now(), 1000), (2, 1, now(), 1000);
  UPDATE public.forged SET amount = 2000;
  RETURN 'no error';
EXCEPTION WHEN others THEN
  GET STACKED DIAGNOSTICS answer = RETURNED_SQLSTATE;
  RETURN answer;
END $$;
SELECT throws_ok('SELECT persona.maintain_portrait()', '39P01', 'maintain_portrait can only be called as a trigger', 'called as a function');
SELECT is(forge('AFTER INSERT ON public.forged REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT'), '55000', 'a trigger of the same name on one''s own table');
SELECT is(forge('AFTER INSERT ON public.forged REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT', $$'shop.live'$$), '55000', 'with arguments');
SELECT is(forge('AFTER INSERT ON public.forged FOR EACH STATEMENT'), '39P01', 'without transition tables');
SELECT is(forge('AFTER UPDATE ON public.forged REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT'), '39P01', 'with half of them');
SELECT is(forge('BEFORE INSERT ON public.forged FOR EACH STATEMENT'), '39P01', 'BEFORE');
SELECT is(forge('BEFORE INSERT ON public.forged FOR EACH ROW'), '39P01', 'BEFORE each row');
SELECT is(forge('AFTER INSERT ON public.forged FOR EACH ROW'), '55000', 'AFTER each row');
SELECT is(forge('AFTER UPDATE ON public.forged FOR EACH ROW'), '55000', 'AFTER each changed row');
SELECT is_empty('SELECT customer, n FROM shop.live EXCEPT SELECT * FROM stored', 'nothing was counted');

-- The owner's code cannot use a writer's rights: a superuser writes.
SELECT is((SELECT usesuper FROM pg_user WHERE usename = session_user), true, 'a superuser');
SELECT lives_ok($$ INSERT INTO shop.event (id, customer, amount) VALUES (10, 1, 1), (11, 5, 1) $$, 'the function of the query runs as the owner: INSERT');
SELECT lives_ok($$ UPDATE shop.event SET amount = 7 WHERE id = 10 $$, 'UPDATE');
SELECT lives_ok($$ DELETE FROM shop.event WHERE id = 11 $$, 'DELETE');
SELECT lives_ok($$ SELECT persona.check_portrait('shop.live') $$, 'check_portrait');
SELECT lives_ok($$ SELECT persona.refresh_portrait('shop.live') $$, 'refresh_portrait');
SELECT is(fails_with(session_user::text, format('SET LOCAL shop.attempt = %L; INSERT INTO shop.event (id, customer) VALUES (12, 1)', what), '42501'), 'refused', 'and may not ' || what)
FROM (VALUES ('role'), ('reset'), ('session'), ('temp'), ('cursor')) v (what);
CREATE FUNCTION pg_temp.count_of_the_session() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE 'found'; END $$;
CREATE FUNCTION public.count_of_the_session() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE 'found'; END $$;
SELECT is(fails_with(session_user::text, $$ SET LOCAL shop.attempt = 'path'; INSERT INTO shop.event (id, customer) VALUES (12, 1) $$, '42883'), 'refused', 'nor is the writer''s search_path its own');
-- Code on the owner's own tables does not get hold of the writer either.
SET LOCAL ROLE portrait_owner;
CREATE FUNCTION shop.on_portrait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF current_user <> 'portrait_owner' THEN RAISE 'ran as %', current_user; END IF; RETURN NULL; END $$;
CREATE TRIGGER own AFTER INSERT OR UPDATE ON shop.live FOR EACH ROW EXECUTE FUNCTION shop.on_portrait();
RESET ROLE;
SELECT lives_ok($$ INSERT INTO shop.event (id, customer) VALUES (13, 1) $$, 'a trigger on the portrait runs as the owner');
SET LOCAL ROLE portrait_owner;
DROP TRIGGER own ON shop.live;
CREATE CONSTRAINT TRIGGER own AFTER INSERT OR UPDATE ON shop.live DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION shop.on_portrait();
RESET ROLE;
SELECT throws_ok($$ INSERT INTO shop.event (id, customer) VALUES (14, 1) $$, '42501', 'cannot fire deferred trigger within security-restricted operation', 'none is left to run at the commit, as the writer');
DROP TRIGGER own ON shop.live;
SET LOCAL ROLE portrait_owner;
CREATE FUNCTION shop.policy() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN IF current_user <> 'portrait_owner' THEN RAISE 'ran as %', current_user; END IF; RETURN true; END $$;
CREATE POLICY p ON shop.later_delta USING (shop.policy());
ALTER TABLE shop.later_delta ENABLE ROW LEVEL SECURITY;
ALTER TABLE shop.later_delta FORCE ROW LEVEL SECURITY;
RESET ROLE;
CREATE ROLE portrait_admin NOSUPERUSER ROLE postgres;
GRANT portrait_owner TO portrait_admin;
SET LOCAL ROLE portrait_admin;
SELECT lives_ok('CALL persona.refresh_all()', 'refresh_all runs an owner''s policies as the owner');
RESET ROLE;
DROP POLICY p ON shop.later_delta;
ALTER TABLE shop.later_delta DISABLE ROW LEVEL SECURITY;

-- Row security on the source.
ALTER TABLE shop.event ENABLE ROW LEVEL SECURITY;
CREATE POLICY first_four ON shop.event USING (id < 5);
SELECT lives_ok($$ UPDATE shop.event SET amount = 8 WHERE id = 10 $$, 'the owner of the table sees all rows');
ALTER TABLE shop.event FORCE ROW LEVEL SECURITY;
SELECT is(fails_with('portrait_owner', $$ SELECT persona.create_portrait('shop.p', 'SELECT customer, count(*) AS n FROM shop.event GROUP BY 1') $$, '0A000'), 'refused', 'unless it is forced: no portrait');
SELECT throws_ok($$ UPDATE shop.event SET amount = 9 WHERE id = 10 $$, '42501', NULL, 'nor a recomputation that would not see them');
SELECT throws_ok($$ SELECT persona.check_portrait('shop.live') $$, '42501', NULL, 'nor a check');
ALTER TABLE shop.event NO FORCE ROW LEVEL SECURITY;
SELECT is_empty($$ SELECT * FROM persona.check_portrait('shop.live') $$, 'right all along');

-- Another owner.
ALTER TABLE shop.later OWNER TO portrait_stranger;
SELECT is((SELECT owner FROM persona.portraits WHERE portrait = 'shop.later'::regclass), 'portrait_stranger', 'a portrait goes to another owner');
SELECT is(fails_with('portrait_owner', $$ SELECT persona.refresh_portrait('shop.later') $$, '42501'), 'refused', 'who alone refreshes it');

SELECT * FROM finish();
ROLLBACK;
