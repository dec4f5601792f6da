-- Who may see, use and change a model: its owner, members of the owner (inheriting or not), a grantee and her
-- members, everybody, a stranger and a superuser. And that nothing hidden in a stored source, in a temporary
-- schema or in a search_path runs with the rights of somebody else. Roles and all end with the transaction.
-- Expected values are what DESIGN's "Who may do what" says; none is a figure.
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(437);

CREATE ROLE own;
CREATE ROLE member IN ROLE own;
CREATE ROLE sleeping_member NOINHERIT IN ROLE own;
CREATE ROLE analyst;
CREATE ROLE analyst_member IN ROLE analyst;
CREATE ROLE stranger;
CREATE ROLE attacker;
CREATE ROLE "Öwner @ 7";

-- What `query` answers to `role`, as text; or the error, as SQLSTATE: message.
CREATE FUNCTION pg_temp.as_role(role text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
  PERFORM set_config('role', role, true);
  EXECUTE query INTO answer;
  PERFORM set_config('role', 'none', true);
  RETURN answer;
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ': ' || SQLERRM;
END $$;

CREATE SCHEMA shop AUTHORIZATION own;
GRANT USAGE ON SCHEMA shop TO PUBLIC;
SET LOCAL ROLE own;
CREATE TABLE shop.customer AS
SELECT i::float8 AS visits, ((i * 7) % 11)::float8 AS spend, (i + (i * 5) % 17 > 30)::boolean AS stays
FROM generate_series(1, 60) i;
CREATE TABLE shop.purchase AS SELECT i % 25 AS buyer, 'p' || (i * 7 + i / 25) % 13 AS product FROM generate_series(1, 200) i;
CREATE INDEX ON shop.purchase (buyer);
-- Buyer 3 has 8 of the 13 products: 7 (3 + 25 j) + j differ modulo 13 for j < 8. So 5 are left to recommend.
SELECT persona.fit('churn', 'logistic_regression', 'shop.customer', 'stays', '{"l2": 1}');
SELECT persona.fit('churn', 'logistic_regression', 'shop.customer', 'stays', '{"l2": 2}');
SELECT persona.fit('basket', 'item_knn', 'SELECT buyer, product FROM shop.purchase',
                   options => '{"user": "buyer", "item": "product"}');
SELECT persona.fit('open', 'linear_regression', 'SELECT visits, spend FROM shop.customer', 'spend');
-- Sorting all rows before one user's are taken is dear: this model keeps the histories.
SELECT persona.fit('kept', 'item_knn', 'SELECT (buyer + p.n) AS buyer, product FROM shop.purchase,
                   generate_series(0, 200000, 1000) AS p(n) ORDER BY product OFFSET 0',
                   options => '{"user": "buyer", "item": "product"}');
RESET ROLE;

SELECT is(pg_temp.as_role('own', $$SELECT (persona.grant_model('churn', 'analyst')).name$$), 'churn', 'an owner grants');
SELECT is(pg_temp.as_role('member', $$SELECT (persona.grant_model('basket', 'analyst')).name$$), 'basket', 'and so does a member');
SELECT is(pg_temp.as_role('own', $$SELECT (persona.grant_model('open', 'public')).name$$), 'open', 'to everybody, too');
SELECT is(pg_temp.as_role('own', $$SELECT persona.grant_model('open', 'nobody')$$), '42704: role "nobody" does not exist',
          'but not to nobody');
SELECT is(pg_temp.as_role('own', $$SELECT persona.grant_model('open', 'analyst', 'drop')$$),
          '22023: unrecognized privilege "drop"', 'nor what there is not');
SELECT is((SELECT count(*) FROM persona.history WHERE model_id = (SELECT model_id FROM persona.model WHERE name = 'kept')) > 0,
          true, 'the model that is to keep histories does');

-- Rows. `names` are all the names the table has rows of; a role sees those of them it may.
CREATE TEMP TABLE model_of AS SELECT model_id, name FROM persona.model;
GRANT SELECT ON model_of TO PUBLIC;
-- Rows such as other kinds of recommenders store.
INSERT INTO persona.factor SELECT model_id, 'item', 'p1', 0, 1, '{1}' FROM model_of WHERE name IN ('basket', 'kept');
INSERT INTO persona.factor_block SELECT model_id, 0, '{0}', '{1}' FROM model_of WHERE name IN ('basket', 'kept');
INSERT INTO persona.rule SELECT model_id, 1, '{p1}', 'p2', 0.1, 0.5, 2, 0.05, 1.5, 20, '{0}', 1 FROM model_of WHERE name IN ('basket', 'kept');
INSERT INTO persona.session SELECT model_id, 0, '{0,1}' FROM model_of WHERE name IN ('basket', 'kept');
INSERT INTO persona.item_session SELECT model_id, 0, '{0}' FROM model_of WHERE name IN ('basket', 'kept');
CREATE TEMP TABLE relation (query text, names text[]);
INSERT INTO relation VALUES
  ('persona.model_name', '{basket,churn,kept,open}'),
  ('persona.model', '{basket,churn,kept,open}'),
  ('persona.deployment', '{basket,churn,kept,open}'),
  ('persona.deployed_model', '{basket,churn,kept,open}'),
  ('persona.coefficient JOIN model_of USING (model_id)', '{churn,open}'),
  ('persona.feature JOIN model_of USING (model_id)', '{churn,open}'),
  ('persona.metric JOIN model_of USING (model_id) WHERE name IN (''churn'', ''open'')', '{churn,open}'),
  ('persona.neighbor JOIN model_of USING (model_id)', '{basket,kept}'),
  ('persona.history JOIN model_of USING (model_id)', '{kept}'),
  ('persona.popularity JOIN model_of USING (model_id)', '{basket,kept}'),
  ('persona.factor JOIN model_of USING (model_id)', '{basket,kept}'),
  ('persona.factor_block JOIN model_of USING (model_id)', '{basket,kept}'),
  ('persona.rule JOIN model_of USING (model_id)', '{basket,kept}'),
  ('persona.session JOIN model_of USING (model_id)', '{basket,kept}'),
  ('persona.item_session JOIN model_of USING (model_id)', '{basket,kept}'),
  ('persona.deployed_popularity', '{basket,kept}'),
  ('persona.deployed_factor', '{basket,kept}'),
  ('persona.deployed_rule', '{basket,kept}'),
  ('persona.deployed_coefficient', '{churn,open}'),
  ('persona.deployed_neighbor', '{basket,kept}');
CREATE TEMP TABLE visitor (role text, may text[]);
INSERT INTO visitor VALUES
  ('postgres', '{basket,churn,kept,open}'), ('own', '{basket,churn,kept,open}'), ('member', '{basket,churn,kept,open}'),
  ('analyst', '{basket,churn,open}'), ('analyst_member', '{basket,churn,open}'),
  ('sleeping_member', '{open}'), ('stranger', '{open}');
SELECT is(pg_temp.as_role(v.role, 'SELECT string_agg(DISTINCT name, '' '' ORDER BY name) FROM ' || r.query),
          (SELECT string_agg(n, ' ' ORDER BY n) FROM unnest(r.names) n WHERE n = ANY (v.may)),
          v.role || ' sees of ' || split_part(r.query, ' ', 1) || ' what he may')
FROM visitor v, relation r;
SELECT is(pg_temp.as_role(role, 'SELECT string_agg(name || '':'' || grantee, '' '' ORDER BY name) FROM persona.model_grant'), sees,
          role || ' sees of the grants what he may')
FROM (VALUES ('own', 'basket:analyst churn:analyst open:-'), ('member', 'basket:analyst churn:analyst open:-'),
             ('analyst', 'basket:analyst churn:analyst open:-'), ('analyst_member', 'basket:analyst churn:analyst open:-'),
             ('sleeping_member', 'open:-'), ('stranger', 'open:-')) v(role, sees);
SELECT is(pg_temp.as_role('stranger', 'SELECT count(*) FROM persona.kind'), (SELECT count(*)::text FROM persona.kinds()),
          'everybody sees the kinds');

-- Use.
CREATE TEMP TABLE verb (model text, query text);
INSERT INTO verb VALUES
  ('churn', $$SELECT persona.predict('churn', r) FROM (VALUES (3::float8, 4::float8)) r(visits, spend)$$),
  ('churn', $$SELECT persona.predict('churn', '{"visits": 3, "spend": 4}'::jsonb)$$),
  ('churn', $$SELECT persona.predict('churn', '{"visits": 3, "spend": 4}')$$),
  ('churn', $$SELECT persona.predict_array('churn', '{3,4}')$$),
  ('churn', $$SELECT persona.predict_columns('churn', '{visits,spend}', true, 3::float8, 4::float8)$$),
  ('churn', $$SELECT persona.classify('churn', '{"visits": 3, "spend": 4}')$$),
  ('churn', $$SELECT string_agg(p::text, ' ') FROM persona.probabilities('churn', '{"visits": 3, "spend": 4}') p$$),
  ('churn', $$SELECT string_agg(e::text, ' ') FROM persona.explain('churn', '{"visits": 3, "spend": 4}') e$$),
  ('churn', $$SELECT persona.reasons('churn', '{"visits": 3, "spend": 4}')$$),
  ('churn', $$SELECT string_agg(e::text, ' ') FROM persona.evaluate('churn', 'SELECT i::float8 AS visits, 4.0 AS spend, i > 2 AS stays FROM generate_series(1, 4) i') e$$),
  ('churn', $$SELECT string_agg(e::text, ' ') FROM persona.calibration('churn', 'SELECT i::float8 AS visits, 4.0 AS spend, i > 2 AS stays FROM generate_series(1, 4) i') e$$),
  ('churn', $$SELECT string_agg(e::text, ' ') FROM persona.gains('churn', 'SELECT i::float8 AS visits, 4.0 AS spend, i > 2 AS stays FROM generate_series(1, 4) i') e$$),
  ('churn', $$SELECT string_agg(e::text, ' ') FROM persona.compare('{churn,churn@1}', 'SELECT i::float8 AS visits, 4.0 AS spend, i > 2 AS stays FROM generate_series(1, 4) i') e$$),
  ('churn', $$SELECT string_agg(e::text, ' ') FROM persona.drift('churn', 'SELECT i::float8 AS visits, 4.0 AS spend FROM generate_series(1, 4) i') e$$),
  ('churn', $$SELECT string_agg(e::text, ' ') FROM persona.importance('churn') e$$),
  ('churn', $$SELECT w::text FROM persona.what_if('churn', '{"visits": 3, "spend": 4}', '{"spend": 9}') w$$),
  ('basket', $$SELECT string_agg(r::text, ' ') FROM persona.recommend('basket', 3) r$$),
  ('basket', $$SELECT string_agg(r::text, ' ') FROM persona.recommend('basket', '3') r$$),
  ('basket', $$SELECT string_agg(e::text, ' ') FROM persona.evaluate('basket', 'SELECT 3 AS buyer, ''p5'' AS product', '{"exclude_seen": false}') e$$),
  ('basket', $$SELECT string_agg(e::text, ' ') FROM persona.compare('{basket}', 'SELECT 3 AS buyer, ''p5'' AS product', '{"exclude_seen": false}') e$$),
  ('basket', $$SELECT string_agg(r::text, ' ') FROM persona.recommend_for_items('basket', '{p1}') r$$),
  ('basket', $$SELECT string_agg(r::text, ' ') FROM persona.similar_items('basket', 'p1') r$$),
  ('basket', $$SELECT persona.preference('basket', 3, 'p5')$$);
SELECT unalike(pg_temp.as_role('own', query), '_____: %', 'an owner uses: ' || query) FROM verb;
SELECT is(pg_temp.as_role(role, query), pg_temp.as_role('own', query), role || ' gets the same: ' || query)
FROM verb, (VALUES ('analyst'), ('analyst_member')) v(role);
SELECT is(pg_temp.as_role(role, query), '42704: model "' || model || '" does not exist', role || ' may not use: ' || query)
FROM verb, (VALUES ('stranger'), ('sleeping_member')) v(role);
SELECT is(pg_temp.as_role('analyst', replace(query, 'churn', 'churn@1')), pg_temp.as_role('own', replace(query, 'churn', 'churn@1')),
          'a grant covers every version') FROM verb WHERE query LIKE '%predict_array%';
SELECT is(pg_temp.as_role('stranger', $$SELECT persona.predict_array('churn@1', '{3,4}')$$), '42704: model "churn@1" does not exist',
          'and no other way leads to one');
SELECT unalike(pg_temp.as_role('stranger', $$SELECT persona.predict_array('open', '{3}')$$), '_____: %', 'everybody uses what is public');
SELECT is(pg_temp.as_role('analyst', $$SELECT count(*) FROM persona.evaluate('churn', 'shop.customer')$$),
          '42501: permission denied for table customer', 'evaluate reads its source as the caller');
SELECT is(pg_temp.as_role('analyst', format('SELECT count(*) FROM persona.%s, ''shop.customer'')', verb)),
          '42501: permission denied for table customer', verb || ' too')
FROM unnest(ARRAY['calibration(''churn''', 'gains(''churn''', 'compare(''{churn}''', 'drift(''churn''']) verb;
SELECT is(pg_temp.as_role('analyst', $$SELECT count(*) FROM persona.cross_validate('linear_regression', 'shop.customer', 'spend')$$),
          '42501: permission denied for table customer', 'and cross_validate');
SELECT is(pg_temp.as_role('analyst', $$SELECT count(*) FROM persona.tune('item_knn', 'shop.purchase', NULL, '{}', '{"user": "buyer", "item": "product"}')$$),
          '42501: permission denied for table purchase', 'and tune');
SELECT is(pg_temp.as_role('stranger', $$SELECT persona.fit('mine', 'linear_regression', 'shop.customer', 'spend')$$),
          '42501: permission denied for table customer', 'and so does fit');

-- Change.
CREATE TEMP TABLE change (query text);
INSERT INTO change VALUES
  ($$SELECT persona.deploy('churn', 1)$$), ($$SELECT persona.revert('churn')$$), ($$SELECT persona.drop_model('churn')$$),
  ($$SELECT persona.drop_model('churn@1')$$), ($$SELECT persona.refresh_model('churn')$$),
  ($$SELECT persona.grant_model('churn', 'stranger')$$), ($$SELECT persona.revoke_model('churn', 'analyst')$$);
SELECT is(pg_temp.as_role(role, query), '42501: must be owner of model "churn"', role || ' may use, but not: ' || query)
FROM change, (VALUES ('analyst'), ('analyst_member')) v(role);
SELECT is(pg_temp.as_role(role, query), CASE WHEN query LIKE '%drop_model(''churn@1%' THEN '42704: model "churn@1" does not exist'
            ELSE '42704: model "churn" does not exist' END, role || ' may not: ' || query)
FROM change, (VALUES ('stranger'), ('sleeping_member')) v(role);
SELECT is(pg_temp.as_role('stranger', replace(query, 'churn', 'open')), '42501: must be owner of model "open"',
          'public is for use, not: ' || query) FROM change;
SELECT is(pg_temp.as_role(role, $$SELECT persona.fit('churn', 'linear_regression', 'SELECT 1.0 AS x, 2.0 AS y', 'y')$$),
          '42501: model name "churn" is taken', role || ' may not fit under another''s name')
FROM (VALUES ('analyst'), ('stranger'), ('sleeping_member')) v(role);
SELECT is((SELECT count(*) FROM persona.model WHERE name = 'churn'), 2::bigint, 'all that left no version');
SELECT is((SELECT version FROM persona.deployed_model WHERE name = 'churn'), 2, 'and no deployment');

SELECT is(pg_temp.as_role('member', $$SELECT (persona.deploy('churn', 1)).version$$), '1', 'a member deploys');
SELECT is(pg_temp.as_role('own', $$SELECT (persona.revert('churn')).version$$), '2', 'an owner reverts it');
SELECT is(pg_temp.as_role('member', $$SELECT (persona.fit('churn', 'logistic_regression', 'shop.customer', 'stays', '{"l2": 3}')).version$$),
          '3', 'a member fits the next version');
SELECT is((SELECT owner::text FROM persona.model_name WHERE name = 'churn'), 'own', 'which belongs to the owner');
SELECT is((SELECT fitted_by::text FROM persona.model WHERE name = 'churn' AND version = 3), 'member', 'and says who fitted it');
SELECT is(pg_temp.as_role('member', $$SELECT (persona.refresh_model('churn')).version$$), '4', 'a member refreshes');
SELECT is(pg_temp.as_role('postgres', $$SELECT (persona.refresh_model('churn')).version$$), '5', 'a superuser does');
SELECT is(pg_temp.as_role('member', $$SELECT (persona.drop_model('churn@3')).version$$), '3', 'a member drops a version');

-- The tables themselves.
SELECT is(pg_temp.as_role(role, format(action, name)), '42501: permission denied for table ' || name, role || ' may not: ' || format(action, name))
FROM (VALUES ('own'), ('analyst')) r(role),
     unnest('{model_name,model_grant,model,deployment,coefficient,feature,metric,neighbor,history}'::text[]) name,
     (VALUES ('INSERT INTO persona.%I DEFAULT VALUES'), ('DELETE FROM persona.%I'), ('TRUNCATE persona.%I')) a(action);
SELECT is(pg_temp.as_role('own', $$UPDATE persona.model_name SET owner = 'stranger'$$), '42501: permission denied for table model_name',
          'an owner gives nothing away by hand');
SELECT is(pg_temp.as_role('own', $$SELECT 1 FROM persona.model_name FOR UPDATE$$), '42501: permission denied for table model_name',
          'nor locks names');
SELECT is(pg_temp.as_role('own', $$SELECT nextval('persona.model_model_id_seq')$$), '42501: permission denied for sequence model_model_id_seq',
          'nor takes numbers');
SELECT is(pg_temp.as_role('own', 'CREATE TABLE persona.mine ()'), '42501: permission denied for schema persona', 'nor adds tables');

-- Rights that come and go are noticed at once.
SELECT is(pg_temp.as_role('own', $$SELECT (persona.revoke_model('churn', 'analyst')).name$$), 'churn', 'an owner revokes');
SELECT is(pg_temp.as_role(role, $$SELECT persona.predict_array('churn', '{3,4}')$$), '42704: model "churn" does not exist', 'at once for ' || role)
FROM (VALUES ('analyst'), ('analyst_member')) v(role);
SELECT is(pg_temp.as_role('own', $$SELECT (persona.grant_model('churn', 'analyst')).name$$), 'churn', 'and grants again');
SELECT unalike(pg_temp.as_role('analyst_member', $$SELECT persona.predict_array('churn', '{3,4}')$$), '_____: %', 'at once');
REVOKE analyst FROM analyst_member;
SELECT is(pg_temp.as_role('analyst_member', $$SELECT persona.predict_array('churn', '{3,4}')$$), '42704: model "churn" does not exist',
          'who is no member any more');
ALTER ROLE sleeping_member INHERIT;
SELECT is(pg_temp.as_role('sleeping_member', $$SELECT (persona.deploy('churn', 1)).version$$), '1', 'who inherits now');
ALTER ROLE sleeping_member NOINHERIT;
SELECT is(pg_temp.as_role('sleeping_member', $$SELECT persona.predict_array('churn', '{3,4}')$$), '42704: model "churn" does not exist',
          'and no more');

-- Quoted names, of roles as of models.
SELECT is(pg_temp.as_role('own', $$SELECT (persona.grant_model('churn', 'Öwner @ 7')).name$$), 'churn', 'a grantee''s name is no SQL');
SELECT unalike(pg_temp.as_role('Öwner @ 7', $$SELECT persona.predict_array('churn', '{3,4}')$$), '_____: %', 'and works');
SELECT is(pg_temp.as_role('Öwner @ 7', $$SELECT (persona.fit('Größe; DROP', 'linear_regression',
            'SELECT i::float8 AS x, 2.0 * i + i % 2 AS y FROM generate_series(1, 9) i', 'y')).name$$), 'Größe; DROP', 'so is a model''s');
SELECT is(pg_temp.as_role('Öwner @ 7', $$SELECT (persona.grant_model('Größe; DROP', 'analyst')).name$$), 'Größe; DROP', 'and is found again');

-- A role that is dropped leaves a model to the superusers, and grants to nobody.
DROP ROLE "Öwner @ 7";
SELECT is((SELECT count(*) FROM persona.deployed_model WHERE name = 'Größe; DROP'), 1::bigint, 'a superuser sees the orphan');
SELECT unalike(pg_temp.as_role('postgres', $$SELECT persona.predict_array('Größe; DROP', '{3}')$$), '_____: %', 'uses it');
SELECT unalike(pg_temp.as_role('analyst', $$SELECT persona.predict_array('Größe; DROP', '{3}')$$), '_____: %', 'as the grantee goes on to');
SELECT is(pg_temp.as_role('stranger', $$SELECT persona.predict_array('Größe; DROP', '{3}')$$), '42704: model "Größe; DROP" does not exist',
          'and a stranger does not');
SELECT is((persona.deploy('Größe; DROP', 1)).version, 1, 'a superuser deploys it');
SELECT is((persona.drop_model('Größe; DROP')).name, 'Größe; DROP', 'and drops it');
SELECT unalike(pg_temp.as_role('own', $$SELECT persona.predict_array('churn', '{3,4}')$$), '_____: %', 'a dropped grantee harms nobody');

-- A trap in a stored source. Armed once its models are fitted, it notes who runs it and tries what only a superuser
-- may; PUBLIC may write to the note, so that nothing hides a call with somebody else's rights.
CREATE SCHEMA den AUTHORIZATION attacker;
GRANT USAGE ON SCHEMA den TO PUBLIC;
SET LOCAL ROLE attacker;
CREATE TABLE den.note (runs_as text, attempt text);
GRANT SELECT, INSERT ON den.note TO PUBLIC;
CREATE TABLE den.armed AS SELECT false AS yes;
GRANT SELECT ON den.armed TO PUBLIC;
CREATE FUNCTION den.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO den.note VALUES (current_user, 'deferred');
  RETURN NULL;
END $$;
CREATE TABLE den.later (x int);
GRANT INSERT ON den.later TO PUBLIC;
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON den.later DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION den.note();
CREATE FUNCTION den.trap() RETURNS void LANGUAGE plpgsql AS $$
DECLARE attempt text;
BEGIN
  IF NOT (SELECT yes FROM den.armed) THEN RETURN; END IF;
  INSERT INTO den.note SELECT current_user, '' WHERE NOT EXISTS (SELECT FROM den.note n WHERE n.runs_as = current_user AND n.attempt = '');
  IF (SELECT count(*) FROM den.note n WHERE n.attempt LIKE 'tried%') > 5 THEN RETURN; END IF;
  PERFORM set_config('work_mem', '77kB', false), set_config('search_path', 'den', false);
  FOREACH attempt IN ARRAY ARRAY['ALTER ROLE attacker SUPERUSER', 'SET ROLE postgres', 'RESET ROLE', 'SET SESSION AUTHORIZATION postgres',
                                 'CREATE TEMP TABLE trophy ()', 'INSERT INTO den.later VALUES (1)', 'LISTEN trophy'] LOOP
    BEGIN
      EXECUTE attempt;
      INSERT INTO den.note VALUES (current_user, 'done: ' || attempt);
    EXCEPTION WHEN OTHERS THEN
      INSERT INTO den.note VALUES (current_user, 'tried: ' || SQLSTATE || ' ' || attempt);
    END;
  END LOOP;
END $$;
-- Dear enough for the planner to have a source's histories stored where all rows have to be read for one user's.
CREATE FUNCTION den.spring(x text) RETURNS text LANGUAGE plpgsql COST 10000 AS $$ BEGIN PERFORM den.trap(); RETURN x; END $$;
CREATE FUNCTION den.spring(x float8) RETURNS float8 LANGUAGE plpgsql AS $$ BEGIN PERFORM den.trap(); RETURN x; END $$;
-- Said to be immutable: the planner itself runs it.
CREATE FUNCTION den.folded(x float8) RETURNS float8 IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
  IF current_user <> 'attacker' THEN RAISE EXCEPTION 'folded as %', current_user; END IF;
  RETURN x;
END $$;
CREATE TABLE den.bought AS SELECT i % 25 AS buyer, 'p' || (i * 7 + i / 25) % 13 AS product FROM generate_series(1, 200) i;
CREATE INDEX ON den.bought (buyer);
GRANT SELECT ON den.bought TO PUBLIC;
CREATE VIEW den.springs AS SELECT den.spring(i::float8) AS x, den.folded(1) * 2 * i + i % 3 AS y FROM generate_series(1, 9) i;
GRANT SELECT ON den.springs TO PUBLIC;
SELECT persona.fit('trap', 'linear_regression', 'den.springs', 'y');
SELECT persona.fit('trap_basket', 'item_knn', 'SELECT buyer, den.spring(product) AS product FROM den.bought WHERE den.folded(1) > 0',
                   options => '{"user": "buyer", "item": "product"}');
SELECT persona.fit('trap_kept', 'item_knn', 'SELECT buyer + p.n AS buyer, den.spring(product) AS product FROM den.bought,
                   generate_series(0, 200000, 20000) AS p(n) WHERE den.folded(1) > 0 ORDER BY product OFFSET 0',
                   options => '{"user": "buyer", "item": "product"}');
SELECT persona.grant_model(name, 'public') FROM persona.model_name WHERE name LIKE 'trap%';
UPDATE den.armed SET yes = true;
RESET ROLE;
SELECT is((SELECT string_agg(DISTINCT name, ' ') FROM persona.history JOIN persona.model USING (model_id) WHERE name LIKE 'trap%'),
          'trap_kept', 'one trap has its histories stored, the other is read live');

CREATE FUNCTION pg_temp.sprung(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE failed text;
BEGIN
  DELETE FROM den.note;
  BEGIN
    EXECUTE query;
  EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ': ' || SQLERRM;
  END;
  RETURN (SELECT string_agg(DISTINCT runs_as, ' ') FROM den.note) ||
         coalesce((SELECT string_agg(DISTINCT attempt, ', ') FROM den.note WHERE attempt LIKE 'done%' OR attempt = 'deferred'), '');
END $$;
SELECT is(pg_temp.sprung(query), 'attacker', 'a superuser springs the trap as its owner: ' || query)
FROM (VALUES ($$SELECT persona.refresh_model('trap')$$), ($$SELECT persona.refresh_model('trap_basket')$$),
             ($$SELECT persona.refresh_model('trap_kept')$$), ($$SELECT persona.recommend('trap_basket', 3)$$),
             ($$SELECT persona.recommend('trap_basket', '3')$$), ($$SELECT persona.preference('trap_basket', 3, 'p5')$$),
             ($$CALL persona.refresh_all()$$)) v(query);
SELECT is(pg_temp.as_role('own', $$SELECT count(*) FROM persona.recommend('trap_basket', 3)$$), '5', 'a stranger recommends with it');
SELECT is((SELECT string_agg(DISTINCT runs_as, ' ') FROM den.note), 'attacker', 'at no risk');
SELECT is((SELECT count(*) FROM den.note WHERE attempt LIKE 'tried: 42501 %') > 0, true, 'the trap did try');
SELECT is((SELECT rolsuper FROM pg_roles WHERE rolname = 'attacker'), false, 'and has won nothing');
SELECT isnt(current_setting('work_mem'), '77kB', 'no setting stays');
SELECT isnt(current_setting('search_path'), 'den', 'least of all the search_path');
SET CONSTRAINTS ALL IMMEDIATE;
SELECT is((SELECT count(*) FROM den.note WHERE attempt = 'deferred'), 0::bigint, 'nor left anything for the commit');

-- The other way round: a user's temporary view takes the name of the owner's table.
SET LOCAL ROLE own;
SET LOCAL search_path = shop;
SELECT persona.fit('unqualified', 'item_knn', 'purchase', options => '{"user": "buyer", "item": "product"}');
SELECT persona.grant_model('unqualified', 'attacker');
RESET ROLE;
SET LOCAL search_path = public;
SET LOCAL ROLE attacker;
CREATE TEMP VIEW purchase AS SELECT 3 AS buyer, den.spring('p1') AS product;
GRANT SELECT ON pg_temp.purchase TO PUBLIC;
RESET ROLE;
DELETE FROM den.note;
SELECT is(pg_temp.as_role('attacker', $$SELECT count(*) FROM persona.recommend('unqualified', 3)$$), 
          '42501: temporary objects of this session could stand in for those of the owner of model "unqualified"', 'with a view that hides the owner''s table nothing is read');
SELECT is((SELECT count(*) FROM den.note), 0::bigint, 'not the view that hides it');
DROP INDEX shop.purchase_buyer_idx;
ALTER TABLE shop.purchase RENAME TO purchase_gone;
SELECT is(pg_temp.as_role('attacker', $$SELECT count(*) FROM persona.recommend('unqualified', 3)$$),
          '42501: temporary objects of this session could stand in for those of the owner of model "unqualified"', 'not even when the table is gone');
SELECT is((SELECT count(*) FROM den.note), 0::bigint, 'nothing of the view runs');
ALTER TABLE shop.purchase_gone RENAME TO purchase;
DROP VIEW pg_temp.purchase;

-- Row security of live history is the owner's, whoever asks.
CREATE TABLE shop.all_purchases (seller name, buyer int, product text);
INSERT INTO shop.all_purchases
VALUES ('own', 1, 'a'), ('own', 2, 'a'), ('own', 2, 'b'), ('own', 3, 'b'), ('own', 3, 'c'), ('own', 4, 'a'), ('own', 4, 'c'),
       ('stranger', 1, 'c');
ALTER TABLE shop.all_purchases ENABLE ROW LEVEL SECURITY;
CREATE POLICY seller ON shop.all_purchases USING (seller = current_user);
CREATE INDEX ON shop.all_purchases (buyer);
GRANT SELECT ON shop.all_purchases TO own, stranger, analyst;
SET LOCAL ROLE own;
SELECT persona.fit('seller', 'item_knn', 'shop.all_purchases', options => '{"user": "buyer", "item": "product"}');
SELECT persona.grant_model('seller', 'public');
RESET ROLE;
-- Buyer 1 has a from own, and c from the stranger: seen in the rows of own, c is new to him.
SELECT is(pg_temp.as_role(role, $$SELECT string_agg(item, ' ' ORDER BY item) FROM persona.recommend('seller', 1)$$), 'b c',
          role || ' reads history as the owner') FROM (VALUES ('own'), ('postgres'), ('stranger'), ('analyst')) v(role);

-- Names and operators of the caller's, ahead in the search_path, are no part of our own statements.
SET LOCAL ROLE attacker;
CREATE TABLE den.model_name AS SELECT 'churn'::text AS name, 'attacker'::regrole AS owner;
CREATE TABLE den.model AS SELECT 1::bigint AS model_id, 'churn'::text AS name, 1 AS version;
CREATE TABLE den.deployment AS SELECT 1::bigint AS deployment_id, 'churn'::text AS name, 1 AS version;
CREATE FUNCTION den.same(text, text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN INSERT INTO den.note VALUES (current_user, 'operator'); RETURN true; END $$;
CREATE OPERATOR den.= (LEFTARG = text, RIGHTARG = text, FUNCTION = den.same);
CREATE FUNCTION den.same(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN INSERT INTO den.note VALUES (current_user, 'operator'); RETURN true; END $$;
CREATE OPERATOR den.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = den.same);
CREATE FUNCTION den.same(int, int) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN INSERT INTO den.note VALUES (current_user, 'operator'); RETURN true; END $$;
CREATE OPERATOR den.= (LEFTARG = int, RIGHTARG = int, FUNCTION = den.same);
CREATE FUNCTION den.pg_has_role(oid, text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN INSERT INTO den.note VALUES (current_user, 'function'); RETURN true; END $$;
CREATE FUNCTION den.max(int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN INSERT INTO den.note VALUES (current_user, 'function'); RETURN 0; END $$;
CREATE FUNCTION den.unnest(int[]) RETURNS SETOF int LANGUAGE plpgsql AS $$
BEGIN INSERT INTO den.note VALUES (current_user, 'function'); END $$;
CREATE DOMAIN den.float8 AS pg_catalog.text;
CREATE DOMAIN den.regrole AS pg_catalog.text;
DELETE FROM den.note;
SET LOCAL search_path = den, pg_catalog;
SELECT persona.fit('honest', 'linear_regression',
                   'SELECT i::pg_catalog.float8 AS x, 2 * i + i % 3 AS y FROM generate_series(1, 9) i', 'y');
SELECT persona.refresh_model('honest');
SELECT persona.deploy('honest', 1);
SELECT persona.grant_model('honest', 'stranger');
RESET ROLE;
SET LOCAL search_path = public;
CREATE FUNCTION pg_temp.in_den(query text) RETURNS text LANGUAGE plpgsql SET search_path = den, pg_catalog AS $$
BEGIN RETURN pg_temp.as_role('attacker', query); END $$;
SELECT is(pg_temp.in_den($$SELECT persona.predict_array('churn', '{3,4}')$$), '42704: model "churn" does not exist', 'no table of his makes a model his');
SELECT is(pg_temp.in_den($$SELECT persona.deploy('churn', 1)$$), '42704: model "churn" does not exist', 'nor lets him deploy it');
SELECT is(pg_temp.in_den($$SELECT persona.fit('churn', 'linear_regression', 'SELECT 1 AS x, 2 AS y', 'y')$$),
          '42501: model name "churn" is taken', 'nor take its name');
SELECT is(pg_temp.in_den($$SELECT count(*) FROM persona.explain('honest', '{"x": 1}')$$), '1', 'his own serves');
SELECT is(pg_temp.in_den($$SELECT round(persona.predict_array('honest@2', '{3}')::numeric, 6) = round(persona.predict_array('honest@1', '{3}')::numeric, 6)$$),
          'true', 'and was fitted right');
SELECT is((SELECT string_agg(version::text, ' ' ORDER BY version) FROM persona.model WHERE name = 'honest'), '1 2', 'in two versions');
SELECT is(pg_temp.in_den($$SELECT count(*) FROM persona.recommend('unqualified', 3)$$), '5', 'another''s recommends');
SELECT is(pg_temp.in_den($$SELECT count(*) FROM persona.recommend_for_items('unqualified', '{p1}', 10, NULL, '{p2,p3}', '{p3}')$$), '1', 'for items, too');
SELECT is(pg_temp.in_den($$SELECT (persona.drop_model('honest')).name$$), 'honest', 'and goes');
SELECT is((SELECT count(*) FROM den.note), 0::bigint, 'none of his operators or functions ran');

SELECT * FROM finish();
ROLLBACK;
