-- what_if against predict of the changed row.
BEGIN;
SELECT plan(36);
SET LOCAL client_min_messages = warning;

CREATE TABLE customer (id int PRIMARY KEY, visits float8, spend numeric, country text, member boolean, grade "char", stays boolean, y float8);
INSERT INTO customer SELECT g, g % 7, g * 31 % 57, (ARRAY['DE', 'FR', 'GB'])[1 + (g * g) % 3], g % 3 = 0, 'x',
  (g * 7919) % 13 + g % 7 > 9, g % 7 + 3 * (g * 31 % 57) + CASE g % 3 WHEN 0 THEN 5 ELSE 0 END FROM generate_series(1, 300) g;
DO $$ BEGIN
  PERFORM persona.fit('churn', 'logistic_regression', 'SELECT id, visits, spend, country, member, stays FROM customer', 'stays', key => 'id');
  PERFORM persona.fit('y', 'linear_regression', 'SELECT visits, spend, member, y FROM customer', 'y', '{"unseen": "error"}');
END $$;

SELECT is_empty($$SELECT c.id, w FROM customer c, persona.what_if('churn', c, '{"visits": 3, "country": "GB"}') w,
    (SELECT id, 3.0 AS visits, spend, 'GB' AS country, member FROM customer) n
  WHERE n.id = c.id AND (w.score, w.new_score, w.difference) IS DISTINCT FROM
    (persona.predict('churn', c), persona.predict('churn', n), persona.predict('churn', n) - persona.predict('churn', c))$$,
  'the scores of the row and of the changed row');
SELECT is((SELECT count(*) FROM customer c, persona.what_if('churn', c, '{"visits": 3, "country": "GB"}')), 300::bigint, 'one row each');
SELECT is((SELECT w FROM persona.what_if('y', '{"visits": 1, "spend": 2, "member": true}'::jsonb, '{"member": false}') w),
          (SELECT w FROM persona.what_if('y', '{"visits": 1, "spend": 2, "member": true}', '{"member": false}') w), 'jsonb and text');
SELECT is((SELECT w FROM customer c, persona.what_if('y', to_jsonb(c), '{"member": false}') w WHERE id = 5),
          (SELECT w FROM customer c, persona.what_if('y', c, '{"member": false}') w WHERE id = 5), 'jsonb and record');
SELECT is((SELECT round(difference::numeric, 9) FROM persona.what_if('y', '{"visits": 1, "spend": 2, "member": true}', '{"visits": 11}')),
          (SELECT round((10 * estimate)::numeric, 9) FROM persona.deployed_coefficient WHERE name = 'y' AND term = 'visits'), 'ten times the slope');
SELECT is((SELECT difference FROM persona.what_if('y', '{"visits": 1, "spend": 2, "member": true}', '{}')), 0::float8, 'no changes');
SELECT is((SELECT new_score FROM persona.what_if('churn', '{"visits": 1, "spend": 2, "country": "DE", "member": true}', '{"country": "XX"}')),
          persona.predict('churn', '{"visits": 1, "spend": 2, "country": "XX", "member": true}'), 'an unseen label');

-- NULLs: of the row, filled in by a change, and by a change.
SELECT results_eq(format($$SELECT score IS NULL, new_score IS NULL, difference IS NULL FROM persona.what_if('churn', %s, %L)$$, features, changes),
                  format('VALUES (%L::boolean, %L::boolean, %L::boolean)', no_score, no_new, no_score OR no_new), description)
FROM (VALUES
  ($${"visits": null, "spend": 2, "country": "DE", "member": true}$$, '{"spend": 3}', true, true, 'a null'),
  ($${"visits": null, "spend": 2, "country": "DE", "member": true}$$, '{"visits": 3}', true, false, 'a null filled in'),
  ($${"visits": null, "spend": 2, "country": null, "member": true}$$, '{"visits": 3}', true, true, 'one of two nulls filled in'),
  ($${"visits": 1, "spend": 2, "country": "DE", "member": true}$$, '{"visits": null}', false, true, 'a change to null'),
  ($${"visits": 1, "spend": 2, "country": null, "member": true}$$, '{"country": "GB", "member": null}', true, true, 'one filled in, one taken away'))
  v(json, changes, no_score, no_new, kind),
  LATERAL (VALUES (quote_literal(json), kind || ', as text'), (quote_literal(json) || '::jsonb', kind || ', as jsonb'),
                  ('jsonb_populate_record(NULL::customer, ' || quote_literal(json) || ')', kind || ', as a record')) f(features, description);
SELECT is((SELECT new_score FROM persona.what_if('churn', jsonb_populate_record(NULL::customer, '{"spend": 2, "country": "DE", "member": true}'), '{"visits": 3}')),
          persona.predict('churn', '{"visits": 3, "spend": 2, "country": "DE", "member": true}'), 'what is filled in counts');
SELECT is((SELECT score FROM persona.what_if('churn', NULL::jsonb, '{}')), NULL, 'of no row');

SELECT throws_ok(format('SELECT persona.what_if(%L, ''{"visits": 1, "spend": 2, "member": true}'', %L)', model, changes), state, message, changes)
FROM (VALUES ('y', '{"visit": 3}', '42703', 'model "y@1" does not read "visit"'),
             ('y', '{"y": 3}', '42703', 'model "y@1" does not read "y"'),
             ('y', '{"visits": "many"}', '42804', '"visits" has the wrong type for model "y@1"'),
             ('y', '{"visits": [1]}', '42804', '"visits" has the wrong type for model "y@1"'),
             ('y', '{"member": 1}', '42804', '"member" has the wrong type for model "y@1"'),
             ('y', '{"member": "maybe"}', '22023', 'label "maybe" of column "member" was not seen in training'),
             ('y', '[1]', '22023', NULL), ('y', '3', '22023', NULL),
             ('nobody', '{}', '42704', 'model "nobody" does not exist')) v(model, changes, state, message);
SELECT throws_ok($$SELECT persona.what_if('y', '{"visits": 1}', '{"spend": 2}')$$, '42703', NULL, 'a row that lacks a column');
DO $$ BEGIN PERFORM persona.fit('also', 'item_knn', 'SELECT id, country FROM customer', options => '{"user": "id", "item": "country"}'); END $$;
SELECT throws_ok($$SELECT persona.what_if('also', '{}', '{}')$$, '0A000', NULL, 'of a recommender');
CREATE ROLE analyst;
DO $$ BEGIN PERFORM persona.grant_model('y', 'analyst'); END $$;
SET LOCAL ROLE analyst;
SET LOCAL transaction_read_only = on;
SELECT is((SELECT difference FROM persona.what_if('y', '{"visits": 1, "spend": 2, "member": true}', '{}')), 0::float8,
  'who may use it may ask, in a READ ONLY transaction');

SELECT * FROM finish();
ROLLBACK;
