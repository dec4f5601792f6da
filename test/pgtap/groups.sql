-- The option group_by: a model a group in one scan. Expected values are fits of each group's rows alone; a row is served
-- by its group's model, or by the model of all rows where its group has none.
BEGIN;
SELECT plan(69);
SET LOCAL client_min_messages = error;

CREATE TABLE sale AS
SELECT g AS id, (ARRAY['north', 'süd', 'it''s'])[1 + g % 3] AS store, 1 + g % 3 AS n,
       100 + random() * 10 AS price, (random() * 8)::int AS visits, (ARRAY['web', 'app'])[1 + (random() < 0.4)::int] AS channel,
       0::float8 AS amount, 0 AS orders, false AS again
FROM setseed(0.5), generate_series(1, 600) g;
UPDATE sale SET amount = price * (1 + n) - visits * n + random(), orders = (random() * (visits + n))::int,
                again = random() < 1 / (1 + exp(1.5 - 0.2 * visits * n));
INSERT INTO sale VALUES (1000, 'alone', 4, 103, 2, 'web', 200, 3, true);

CREATE FUNCTION pg_temp.fit(name text, kind text, target text, condition text, options jsonb DEFAULT '{}') RETURNS integer LANGUAGE sql
  AS $$ SELECT version FROM persona.fit(name, kind, format('SELECT id, store, price, visits, channel, %I FROM sale WHERE %s', target, condition),
          target, options, key => 'id') $$;
-- Terms and scores of a group that differ from those of a fit of its rows.
CREATE FUNCTION pg_temp.differences(kind text, target text, group_key text, condition text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE terms bigint; scores bigint;
BEGIN
  PERFORM pg_temp.fit('alone', kind, target, condition, '{"ignore": ["store"]}');
  SELECT count(*) INTO terms
  FROM (SELECT term_no, term, estimate, std_error FROM persona.deployed_coefficient c WHERE name = 'grouped' AND c.group_key = $3) g
  FULL JOIN (SELECT term_no, term, estimate, std_error FROM persona.deployed_coefficient WHERE name = 'alone') a USING (term_no, term)
  WHERE (abs(g.estimate - a.estimate) <= 1e-7 * (1 + abs(a.estimate)) AND abs(g.std_error - a.std_error) <= 1e-7 * (1 + a.std_error)) IS NOT TRUE;
  EXECUTE format('SELECT count(*) FROM sale WHERE %s AND (abs(persona.predict(''grouped'', sale) - persona.predict(''alone'', sale)) <= 1e-7
    * (1 + abs(persona.predict(''alone'', sale)))) IS NOT TRUE', CASE group_key WHEN '' THEN 'store = ''alone''' ELSE condition END) INTO scores;
  RETURN terms + scores;
END $$;

SELECT pg_temp.fit('grouped', 'linear_regression', 'amount', 'true', '{"group_by": "store"}') \g /dev/null
SELECT is(pg_temp.differences('linear_regression', 'amount', 'north', 'n = 1'), 0::bigint, 'linear regression of a group');
SELECT is(pg_temp.differences('linear_regression', 'amount', 'süd', 'n = 2'), 0::bigint, 'of another');
SELECT is(pg_temp.differences('linear_regression', 'amount', 'it''s', 'n = 3'), 0::bigint, 'of one with a quote');
SELECT is(pg_temp.differences('linear_regression', 'amount', '', 'true'), 0::bigint, 'and of all rows, which serves a group of one row');
SELECT results_eq($$SELECT group_key, value FROM persona.metric JOIN persona.deployed_model USING (model_id) WHERE name = 'grouped'
  AND metric = 'rows' AND group_key <> '' ORDER BY group_key COLLATE "C"$$, $$VALUES ('it''s', 200::float8), ('north', 200), ('süd', 200)$$, 'rows of each group');
SELECT results_eq($$SELECT role, levels FROM persona.feature JOIN persona.deployed_model USING (model_id) WHERE feature = 'store'
  AND name = 'grouped'$$, $$VALUES ('group', '{it''s,north,süd}'::text[])$$, 'the groups that have a model');
SELECT is(persona.predict('grouped', '{"store": "never seen", "price": 103, "visits": 2, "channel": "web"}'::jsonb),
          persona.predict('grouped', '{"store": null, "price": 103, "visits": 2, "channel": "web"}'::jsonb), 'an unknown group and none');
SELECT isnt(persona.predict('grouped', '{"store": "north", "price": 103, "visits": 2, "channel": "web"}'::jsonb),
            persona.predict('grouped', '{"store": "süd", "price": 103, "visits": 2, "channel": "web"}'::jsonb), 'groups differ');
SELECT throws_ok($$SELECT persona.predict('grouped', '{"price": 103, "visits": 2, "channel": "web"}'::jsonb)$$, '42703', NULL, 'a row without the column');
SELECT is((SELECT count(DISTINCT (persona.predict('grouped', s) = persona.predict('grouped', to_jsonb(s)))) FROM sale s), 1::bigint, 'a row and its JSON score alike');
SELECT is((SELECT count(*) FROM persona.explain('grouped', (SELECT s FROM sale s WHERE id = 1))), 3::bigint, 'explained by its group''s model');
SELECT is((SELECT value > 0.9 FROM persona.evaluate('grouped', 'SELECT * FROM sale') WHERE metric = 'r_squared'), true, 'evaluated by groups');

SELECT pg_temp.fit('grouped', 'logistic_regression', 'again', 'true', '{"group_by": "store"}') \g /dev/null
SELECT is(pg_temp.differences('logistic_regression', 'again', 'süd', 'n = 2'), 0::bigint, 'logistic regression of a group');
SELECT is(pg_temp.differences('logistic_regression', 'again', '', 'true'), 0::bigint, 'and of all rows');
SELECT pg_temp.fit('grouped', 'poisson_regression', 'orders', 'true', '{"group_by": "store"}') \g /dev/null
SELECT is(pg_temp.differences('poisson_regression', 'orders', 'north', 'n = 1'), 0::bigint, 'Poisson regression of a group');

-- Each group's own penalty, as the fit of its rows alone has it: stored with the path, and in a model that is only loaded.
CREATE FUNCTION pg_temp.lambda(model text, group_key text DEFAULT '') RETURNS float8 LANGUAGE sql AS $$
  SELECT value FROM persona.metric m JOIN persona.deployed_model USING (model_id) WHERE name = $1 AND metric = 'lambda' AND m.group_key = $2 $$;
CREATE FUNCTION pg_temp.path_differences(kind text, target text, store text, options jsonb) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE what text[];
BEGIN
  PERFORM pg_temp.fit('alone', kind, target, CASE store WHEN '' THEN 'true' ELSE format('store = %L', store) END, options - 'group_by' || '{"ignore": ["store"]}');
  IF abs(pg_temp.lambda('grouped', store) - pg_temp.lambda('alone')) <= 1e-12 * pg_temp.lambda('alone') IS NOT TRUE THEN what := what || 'lambda'::text; END IF;
  PERFORM FROM (SELECT c.*, row_number() OVER (PARTITION BY term ORDER BY lambda DESC) AS step FROM persona.deployed_coefficient c WHERE name = 'grouped' AND c.group_key = store) g
  FULL JOIN (SELECT c.*, row_number() OVER (PARTITION BY term ORDER BY lambda DESC) AS step FROM persona.deployed_coefficient c WHERE name = 'alone') a USING (step, term, term_no)
  WHERE (abs(g.estimate - a.estimate) <= 1e-6 * (1 + abs(a.estimate)) AND abs(g.lambda - a.lambda) <= 1e-12 * a.lambda) IS NOT TRUE;
  IF FOUND THEN what := what || 'path'::text; END IF;
  PERFORM FROM sale s WHERE (s.store = path_differences.store OR s.store = 'alone' AND path_differences.store = '')
    AND (abs(persona.predict('grouped', s) - persona.predict('alone', s)) <= 1e-6 * (1 + abs(persona.predict('alone', s)))) IS NOT TRUE;
  IF FOUND THEN what := what || 'score'::text; END IF;
  RETURN what;
END $$;
CREATE TABLE penalized AS SELECT k.kind, k.target, o.options, s.store
FROM (VALUES ('linear_regression', 'amount'), ('logistic_regression', 'again'), ('poisson_regression', 'orders')) k(kind, target),
     (VALUES ('{"group_by": "store", "l1": 1, "l2": 0.5, "path": true, "folds": 4}'::jsonb), ('{"group_by": "store", "l1": 2, "path": true}')) o(options),
     (VALUES ('north'), ('süd'), ('')) s(store);
DO $$ DECLARE p record; BEGIN
  ALTER TABLE penalized ADD COLUMN differences text[], ADD COLUMN lambda float8;
  FOR p IN SELECT DISTINCT kind, target, options FROM penalized LOOP
    PERFORM pg_temp.fit('grouped', p.kind, p.target, 'true', p.options);
    UPDATE penalized SET differences = pg_temp.path_differences(p.kind, p.target, store, p.options), lambda = pg_temp.lambda('grouped', store)
    WHERE kind = p.kind AND options = p.options;
  END LOOP;
END $$;
SELECT is(differences, NULL, format('%s of %s with %s as alone', kind, coalesce(nullif(store, ''), 'all rows'), options)) FROM penalized
ORDER BY kind, options, store;
SELECT is((SELECT count(DISTINCT lambda) FROM penalized WHERE kind = 'linear_regression' AND options ? 'folds'), 3::bigint, 'each has a penalty of its own');
-- cross_validate loads what it fitted; the same by fits that are stored.
CREATE FUNCTION pg_temp.by_hand(fold integer, options jsonb) RETURNS float8 LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_temp.fit('others', 'linear_regression', 'amount', format('persona.fold(id::text, 3, 1) <> %s', fold), options);
  RETURN (SELECT sqrt(avg((amount - persona.predict('others', s)) ^ 2)) FROM sale s WHERE persona.fold(id::text, 3, 1) = fold);
END $$;
SELECT cmp_ok(abs(value - pg_temp.by_hand(fold, '{"group_by": "store", "l1": 1, "path": true, "folds": 4}')), '<', 1e-9 * value, 'cross_validate, fold ' || fold)
FROM persona.cross_validate('linear_regression', 'SELECT id, store, price, visits, channel, amount FROM sale', 'amount', 3,
  '{"group_by": "store", "l1": 1, "path": true, "folds": 4}', key => 'id', seed => 1) WHERE metric = 'rmse' AND fold IS NOT NULL;

-- Several classes: probabilities, explanations and reasons are those of the group's rows alone.
CREATE TABLE visit AS SELECT g AS id, (ARRAY['a', 'b', 'c'])[1 + g % 3] AS site, (g * 7919 % 101) / 10.0 AS age, 0 AS plan,
  (ARRAY['app', 'phone', 'web'])[CASE g % 3 WHEN 0 THEN 1 + g / 3 % 3 WHEN 1 THEN 2 + g / 3 % 2 ELSE 1 + 2 * (g / 3 % 2) END] AS channel FROM generate_series(1, 900) g;
UPDATE visit SET plan = CASE WHEN site = 'c' THEN 1 + (id / 3 * 31 % 7) / 4 ELSE (id / 3 * 31 % 17 + age::int + length(channel)) / 5 % 3 END;
DO $$ BEGIN
  PERFORM persona.fit('plans', 'logistic_regression', 'SELECT * FROM visit', 'plan', '{"group_by": "site"}', key => 'id');
  PERFORM persona.fit('a', 'logistic_regression', 'SELECT * FROM visit WHERE site = ''a''', 'plan', '{"ignore": ["site"]}', key => 'id');
  PERFORM persona.fit('b', 'logistic_regression', 'SELECT * FROM visit WHERE site = ''b''', 'plan', '{"ignore": ["site"]}', key => 'id');
  PERFORM persona.fit('c', 'logistic_regression', 'SELECT * FROM visit', 'plan', '{"ignore": ["site"]}', key => 'id');
END $$;
SELECT is((SELECT levels FROM persona.feature JOIN persona.deployed_model USING (model_id) WHERE name = 'plans' AND role = 'group'), '{a,b}', 'a group without one of three classes has no model');
SELECT is((SELECT array_agg(DISTINCT levels::text) FROM persona.feature JOIN persona.deployed_model USING (model_id) WHERE name = 'plans' AND feature = 'channel' AND group_key = 'b'),
  '{"{phone,web}"}', 'the levels that a group has seen');
SELECT is((SELECT count(*) FROM visit v, persona.probabilities('plans', v) p JOIN LATERAL persona.probabilities(site, v) o USING (class) WHERE site = s AND NOT abs(p.probability - o.probability) < 1e-7),
  0::bigint, s || ': probabilities') FROM unnest('{a,b,c}'::text[]) s;
SELECT is((SELECT count(*) FROM visit v, persona.explain('plans', v) e FULL JOIN LATERAL persona.explain(site, v) o USING (term)
           WHERE site = s AND (abs(e.contribution - o.contribution) < 1e-6 AND abs(e.estimate - o.estimate) < 1e-6) IS NOT TRUE), 0::bigint, s || ': explain')
FROM unnest('{a,b,c}'::text[]) s;
SELECT is((SELECT count(*) FROM visit v WHERE site = s AND persona.reasons('plans', v, 2) IS DISTINCT FROM persona.reasons(site, v, 2)), 0::bigint, s || ': reasons')
FROM unnest('{a,b,c}'::text[]) s;
SELECT cmp_ok(abs((SELECT value FROM persona.evaluate('plans', 'SELECT * FROM visit') WHERE metric = 'log_loss')
  - (SELECT avg(-ln(p.probability)) FROM visit v, persona.probabilities(site, v) p WHERE p.class = plan::text)), '<', 1e-7::float8, 'evaluated');

-- A level that the group has not seen, and others have: as any unseen one.
SELECT is((SELECT array_agg(term ORDER BY term) FROM persona.explain('plans', '{"site": "b", "age": 3, "channel": "app"}'::jsonb)), '{age,channel}', 'a level unseen in the group');
SELECT is((SELECT array_agg(p.probability) FROM persona.probabilities('plans', '{"site": "b", "age": 3, "channel": "app"}'::jsonb) p),
          (SELECT array_agg(p.probability) FROM persona.probabilities('plans', '{"site": "b", "age": 3, "channel": "phone"}'::jsonb) p), 'scores as the group''s reference');
DO $$ BEGIN PERFORM persona.fit('strict', 'linear_regression', 'SELECT * FROM visit', 'plan', '{"group_by": "site", "unseen": "error"}', key => 'id'); END $$;
SELECT throws_ok($$SELECT persona.predict('strict', '{"site": "b", "age": 3, "channel": "app"}'::jsonb)$$, '22023',
  'label "app" of column "channel" was not seen in training of group "b"', 'or is an error there');
SELECT isnt(persona.predict('strict', '{"site": "a", "age": 3, "channel": "app"}'::jsonb), NULL, 'and not elsewhere');
SELECT is(persona.what_if('strict', '{"site": "b", "age": 3, "channel": "web"}'::jsonb, '{"site": "a"}')::text,
  (SELECT row(x, y, y - x)::text FROM (SELECT persona.predict('strict', '{"site": "b", "age": 3, "channel": "web"}'::jsonb), persona.predict('strict', '{"site": "a", "age": 3, "channel": "web"}'::jsonb)) v(x, y)),
  'what_if changes the group');

-- Numbers name groups too, in rows and in JSON.
SELECT pg_temp.fit('grouped', 'linear_regression', 'amount', 'true', '{"group_by": "store"}') \g /dev/null
DO $$ BEGIN PERFORM persona.fit('numbered', 'linear_regression', 'SELECT id, n + 9007199254740992 AS shop, price, visits, channel, amount FROM sale', 'amount', '{"group_by": "shop"}', key => 'id'); END $$;
SELECT is((SELECT count(*) FROM sale s, LATERAL (SELECT n + 9007199254740992 AS shop, price, visits, channel) t WHERE abs(persona.predict('numbered', t) - persona.predict('grouped', s)) < 1e-9
  AND persona.predict('numbered', t) = persona.predict('numbered', to_jsonb(t))), 601::bigint, 'groups that are numbers');
SELECT throws_ok($$SELECT persona.fit('timed', 'linear_regression', 'SELECT now() AS at, price, amount FROM sale', 'amount', '{"group_by": "at"}')$$,
  '42804', 'group_by column "at" has type timestamp with time zone', 'and not times');

-- Forged rows: each a new version, since what is loaded is kept.
CREATE FUNCTION pg_temp.forge(change text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM persona.fit('forged', 'logistic_regression', 'SELECT * FROM visit', 'plan', '{"group_by": "site"}', key => 'id');
  EXECUTE 'UPDATE persona.feature SET ' || change || ' AND model_id = (SELECT model_id FROM persona.deployed_model WHERE name = ''forged'')';
  RETURN (SELECT count(persona.classify('forged', v)) FROM visit v);
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END $$;
SELECT is(pg_temp.forge($$shares = shares WHERE group_key = 'b'$$), '900', 'as they were');
SELECT is(pg_temp.forge($$levels = '{app,web}' WHERE group_key = 'b'$$), '900', 'another reference');
SELECT is(pg_temp.forge($$levels = '{app,phone}' WHERE group_key = 'b'$$), '22000', 'levels without coefficients');
SELECT is(pg_temp.forge($$levels = '{app,phone,web}' WHERE group_key = 'b'$$), '22000', 'more levels than shares');
SELECT is(pg_temp.forge($$levels = NULL, shares = NULL WHERE group_key = 'b'$$), '22000', 'no levels');
SELECT is(pg_temp.forge($$group_key = 'nobody' WHERE group_key = 'b'$$), '22000', 'levels of no group');
SELECT is(pg_temp.forge($$feature = 'nothing' WHERE group_key = 'b'$$), '22000', 'levels of no feature');
SELECT is(pg_temp.forge($$levels = '{b,a}' WHERE role = 'group'$$), '22000', 'groups out of order');

SELECT is((SELECT count(*) FROM sale WHERE store IS NULL), 0::bigint, 'every row has a store');
UPDATE sale SET store = NULL WHERE id <= 30;
SELECT is((SELECT skipped FROM persona.fit('gaps', 'linear_regression', 'SELECT id, store, price, amount FROM sale', 'amount', '{"group_by": "store"}',
  key => 'id')), 30::bigint, 'rows without a group are left out');
UPDATE sale SET store = '' WHERE store IS NULL;
SELECT throws_ok($$SELECT persona.fit('gaps', 'linear_regression', 'SELECT id, store, price, amount FROM sale', 'amount', '{"group_by": "store"}')$$,
  '22023', 'a group of column "store" has no name', 'a group without a name');
SELECT throws_ok($$SELECT persona.fit('gaps', 'linear_regression', 'sale', 'amount', '{"group_by": "shop"}')$$, '42703', NULL, 'no such column');
SELECT throws_ok($$SELECT persona.fit('gaps', 'linear_regression', 'SELECT g AS store, g AS y FROM generate_series(1, 20001) g', 'y', '{"group_by": "store"}')$$,
  '54000', NULL, 'too many groups');

SELECT * FROM finish();
ROLLBACK;
