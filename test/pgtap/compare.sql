-- compare: what evaluate says of each model on the rows all of them can score, ranked.
BEGIN;
SELECT plan(20);
SET LOCAL client_min_messages = warning;

CREATE TABLE customer (id int PRIMARY KEY, visits float8, spend float8, country text, stays boolean, late boolean);
INSERT INTO customer
SELECT g, g % 37, CASE WHEN g % 50 <> 0 THEN (g * 7919 % 1009)::float8 / 10 END, CASE WHEN g % 60 <> 0 THEN (ARRAY['DE', 'FR', 'GB'])[1 + g % 3] END,
       (g * 104729 % 1000) / 1000.0 < 1 / (1 + exp(2 - (g % 37) / 10.0 - (g * 7919 % 1009) / 500.0)), g % 2 = 0
FROM generate_series(1, 600) g;
CREATE VIEW complete AS SELECT * FROM customer WHERE spend IS NOT NULL AND country IS NOT NULL;
DO $$ BEGIN
  PERFORM persona.fit('churn', 'logistic_regression', 'customer', 'stays', '{"features": ["visits", "spend"]}');
  PERFORM persona.fit('churn', 'logistic_regression', 'customer', 'stays', '{"features": ["visits", "country"]}');
  PERFORM persona.fit('simple', 'logistic_regression', 'customer', 'stays', '{"features": ["visits"], "threshold": 0.4}');
  PERFORM persona.fit('double', 'logistic_regression', 'SELECT visits * 2 AS visits, stays FROM customer', 'stays');
  PERFORM persona.fit('late', 'logistic_regression', 'customer', 'late', '{"features": ["visits"]}');
  PERFORM persona.fit('number', 'linear_regression', 'SELECT visits, stays::int AS stays FROM customer', 'stays');
  PERFORM persona.fit('bit', 'logistic_regression', 'SELECT visits, stays::int AS stays FROM customer', 'stays');
  PERFORM persona.fit('also', 'item_knn', 'SELECT id, country FROM customer', options => '{"user": "id", "item": "country"}');
END $$;

CREATE TEMP TABLE compared AS SELECT * FROM persona.compare('{churn,churn@1,simple}', 'customer');
SELECT bag_eq('SELECT model, version, metric, value FROM compared',
  $$SELECT v.model, v.version, e.metric, e.value FROM (VALUES ('churn', 2), ('churn', 1), ('simple', 1)) v(model, version),
    persona.evaluate(v.model || '@' || v.version, 'complete') e WHERE metric <> 'skipped'$$, 'what evaluate says on the rows all can score');
SELECT is((SELECT DISTINCT value FROM compared WHERE metric = 'rows'), (SELECT count(*)::float8 FROM complete), 'which are these');
SELECT is_empty($$SELECT * FROM (SELECT *, rank() OVER (PARTITION BY metric ORDER BY CASE WHEN metric IN ('log_loss', 'brier') THEN value ELSE -value END) AS want
                  FROM compared WHERE metric NOT IN ('rows', 'positive_share')) s WHERE rank IS DISTINCT FROM want$$, 'ranked, the lower loss first');
SELECT is((SELECT count(*) FROM compared WHERE rank IS NULL), 6::bigint, 'what speaks for none has no rank');
SELECT is((SELECT array_agg(model || '@' || version || ' ' || rank) FROM (SELECT * FROM compared WHERE metric = 'log_loss') s),
          (SELECT array_agg(model || '@' || version || ' ' || rank ORDER BY rank) FROM compared WHERE metric = 'log_loss'), 'the best comes first');
-- Ties.
SELECT is((SELECT array_agg(model || ' ' || rank ORDER BY model) FROM persona.compare('{simple,double,churn@1}', 'complete') WHERE metric = 'auc'),
          CASE WHEN (SELECT value FROM persona.evaluate('churn@1', 'complete') WHERE metric = 'auc') > (SELECT value FROM persona.evaluate('simple', 'complete') WHERE metric = 'auc')
          THEN '{churn 1,double 2,simple 2}' ELSE '{churn 3,double 1,simple 1}' END::text[], 'equal values share a rank');
SELECT is((SELECT array_agg(model || '@' || version || ' ' || rank) FROM persona.compare('{churn@2,churn}', 'customer') WHERE metric = 'auc'),
          '{churn@2 1}', 'one version named twice is one');
SELECT is((SELECT array_agg(DISTINCT value) FROM persona.compare('{simple,churn}', 'customer', '{"threshold": 1}') WHERE metric = 'recall'), '{0}',
  'a threshold for all');
SELECT is((SELECT array_agg(model || ' ' || metric || ' ' || rank) FROM persona.compare('{number,bit}', 'SELECT visits, stays::int AS stays FROM customer')
           WHERE metric IN ('auc', 'rmse')), '{"number rmse 1","bit auc 1"}', 'models of two kinds share the metrics both have');

SELECT throws_ok($$SELECT persona.compare('{churn,late}', 'customer')$$, '22023', 'models of different targets cannot be compared', 'two targets');
SELECT throws_ok($$SELECT persona.compare('{churn,also}', 'customer')$$, '22023', 'recommenders can be compared only with recommenders', 'no target');
SELECT throws_ok($$SELECT persona.compare('{also}', 'customer')$$, '55000', 'there is no user to evaluate on', 'a recommender, on what it was fitted on');
SELECT throws_ok($$SELECT persona.compare('{churn,NULL}', 'customer')$$, '22004', 'argument "models" must not contain nulls', 'a NULL');
SELECT throws_ok($$SELECT persona.compare('{}', 'customer')$$, '22023', 'argument "models" is empty', 'no models');
SELECT throws_ok($$SELECT persona.compare('{churn@3}', 'customer')$$, '42704', 'model "churn@3" does not exist', 'no such version');
SELECT throws_ok($$SELECT persona.compare('{churn}', 'SELECT visits, spend, country FROM customer')$$, '42703',
  'the row lacks column "stays", which model "churn@2" needs', 'no target in the source');
SELECT throws_ok($$SELECT persona.compare('{churn,simple}', 'SELECT visits, stays, late FROM customer')$$, '42703',
  'the row lacks column "country", which model "churn@2" needs', 'a feature that one needs');
SELECT throws_ok($$SELECT persona.compare('{churn}', 'customer', '{"thresh": 1}')$$, '22023', NULL, 'an unknown option');
SELECT throws_ok($$SELECT persona.compare('{churn}', 'SELECT * FROM customer WHERE false')$$, '55000', NULL, 'no rows');
SET LOCAL transaction_read_only = on;
SELECT is((SELECT count(DISTINCT metric) FROM persona.compare('{churn,simple}', 'customer')), 10::bigint, 'in a READ ONLY transaction');

SELECT * FROM finish();
ROLLBACK;
