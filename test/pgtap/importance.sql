-- importance: the population standard deviation of each column's contribution over the training rows, which SQL computes
-- from explain.
BEGIN;
SELECT plan(21);
SET LOCAL client_min_messages = warning;

CREATE TABLE train (id int PRIMARY KEY, visits float8, "Spend, €" int, country text, member boolean, same float8, y float8, bought boolean);
INSERT INTO train SELECT g, g % 7, g * 31 % 57, (ARRAY['DE', 'FR', 'GB', 'IT'])[1 + (g * g) % 4], g % 3 = 0, 5,
  1 + 2 * (g % 7) - 3 * (g * 31 % 57) + CASE (g * g) % 4 WHEN 1 THEN 40 ELSE 0 END + g % 11,
  (g * 7919) % 13 + g % 7 > 9 FROM generate_series(1, 400) g;
DO $$ BEGIN
  PERFORM persona.fit('lin', 'linear_regression', 'train', 'y', '{"ignore": ["bought"]}');
  PERFORM persona.fit('log', 'logistic_regression', 'train', 'bought', '{"ignore": ["y"]}');
  PERFORM persona.fit('constant', 'linear_regression', 'SELECT same, y FROM train', 'y');
  PERFORM persona.fit('one', 'linear_regression', 'SELECT visits, y FROM train WHERE id = 1', 'y');
  PERFORM persona.fit('none', 'linear_regression', 'SELECT y FROM train', 'y');
END $$;

CREATE FUNCTION pg_temp.by_explain(model text) RETURNS TABLE (feature text, importance float8) LANGUAGE sql AS $$
  SELECT split_part(e.term, '=', 1), stddev_pop(e.contribution) FROM train t, persona.explain(model, t) e GROUP BY 1
$$;
SELECT is((SELECT count(*) FROM persona.importance(model)), 5::bigint, model || ': all features') FROM unnest(ARRAY['lin', 'log']) model;
SELECT cmp_ok(max(abs(i.importance - e.importance)), '<', 1e-11 * (SELECT max(importance) FROM persona.importance(model)), model || ': as explain has it')
FROM unnest(ARRAY['lin', 'log']) model, persona.importance(model) i LEFT JOIN LATERAL pg_temp.by_explain(model) e USING (feature) GROUP BY model;
SELECT is((SELECT array_agg(feature ORDER BY rank) FROM persona.importance(model)),
          (SELECT array_agg(feature ORDER BY importance DESC) FROM persona.importance(model)), model || ': ranked')
FROM unnest(ARRAY['lin', 'log']) model;
SELECT cmp_ok(abs(sum(share) - 1), '<', 1e-15::float8, model || ': shares add up to 1')
FROM unnest(ARRAY['lin', 'log']) model, persona.importance(model) GROUP BY model;
SELECT ok(bool_and(abs(share - importance / total) < 1e-15), model || ': shares of the sum')
FROM unnest(ARRAY['lin', 'log']) model, LATERAL (SELECT *, sum(importance) OVER () AS total FROM persona.importance(model)) s GROUP BY model;
SELECT is((SELECT importance FROM persona.importance('lin') WHERE feature = 'same'), 0::float8, 'a constant does not matter');
SELECT is((SELECT array_agg(rank || ' ' || feature || ' ' || importance || coalesce(' ' || share, ''))  FROM persona.importance('constant')), '{"1 same 0"}',
  'alone it has no share');
SELECT is((SELECT array_agg(importance) FROM persona.importance('one')), '{0}', 'one row has no spread');
SELECT is((SELECT count(*) FROM persona.importance('none')), 0::bigint, 'no features');
-- With one feature the deviation of the linear predictor itself.
DO $$ BEGIN PERFORM persona.fit('single', 'linear_regression', 'SELECT visits, y FROM train', 'y'); END $$;
SELECT cmp_ok(abs((SELECT importance FROM persona.importance('single')) - (SELECT stddev_pop(persona.predict('single', t)) FROM train t)), '<', 1e-12::float8,
  'one feature: the spread of the score');
SELECT is((SELECT array_agg(i::text) FROM persona.importance('single') i), (SELECT array_agg(i::text) FROM persona.importance('single@1') i), 'a version');

-- Where groups have models it is that of the model of all rows, which is fitted again here without groups.
DO $$ BEGIN
  PERFORM persona.fit('grouped', 'linear_regression', 'train', 'y', '{"ignore": ["bought"], "group_by": "country"}');
  PERFORM persona.fit('pooled', 'linear_regression', 'train', 'y', '{"ignore": ["bought", "country"]}');
  PERFORM persona.fit('grouped_log', 'logistic_regression', 'train', 'bought', '{"ignore": ["y"], "group_by": "country"}');
  PERFORM persona.fit('pooled_log', 'logistic_regression', 'train', 'bought', '{"ignore": ["y", "country"]}');
END $$;
SELECT is((SELECT array_agg(i::text) FROM persona.importance('grouped' || kind) i), (SELECT array_agg(i::text) FROM persona.importance('pooled' || kind) i),
  'of a model with groups' || kind) FROM unnest('{"",_log}'::text[]) kind;

SELECT throws_ok($$SELECT persona.importance('nobody')$$, '42704', 'model "nobody" does not exist', 'no model');
DO $$ BEGIN PERFORM persona.fit('also', 'item_knn', 'SELECT id, country FROM train', options => '{"user": "id", "item": "country"}'); END $$;
SELECT throws_ok($$SELECT persona.importance('also')$$, '0A000', NULL, 'of a recommender');
CREATE ROLE analyst;
DO $$ BEGIN PERFORM persona.grant_model('lin', 'analyst'); END $$;
SET LOCAL ROLE analyst;
SET LOCAL transaction_read_only = on;
SELECT is((SELECT count(*) FROM persona.importance('lin')), 5::bigint, 'who may use it may ask, in a READ ONLY transaction');

SELECT * FROM finish();
ROLLBACK;
