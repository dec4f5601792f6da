-- The option group_by: a model a group in one scan. Expected values are fits of each group's rows alone; a row is served
-- by its group's model, or by the model of all rows where its group has none.
BEGIN;
SELECT plan(20);
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
