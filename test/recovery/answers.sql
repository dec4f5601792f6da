-- What the models of shop.sql answer, every digit.
SET search_path = shop;
SET extra_float_digits = 3;
SELECT id, persona.predict('churn', c), persona.predict('churn@2', c), persona.classify('churn', c), persona.predict('spend', c)
FROM customer c ORDER BY id;
SELECT e.* FROM customer c, persona.explain('churn', c) e WHERE id < 5 ORDER BY id, rank;
SELECT buyer, r.* FROM generate_series(0, 24, 6) buyer, persona.recommend('basket', buyer) r ORDER BY buyer, rank;
SELECT buyer, r.* FROM generate_series(0, 24, 6) buyer, persona.recommend('kept', buyer) r ORDER BY buyer, rank;
SELECT buyer, model, r.* FROM unnest('{als,association_rules,session_knn,repurchase,mixed}'::text[]) model, generate_series(0, 24, 6) buyer,
       persona.recommend(model, buyer, 5) r ORDER BY model, buyer, rank;
SELECT s.* FROM persona.similar_items('basket', 'p3') s;
SELECT * FROM persona.evaluate('churn', 'customer');
SELECT * FROM persona.calibration('churn', 'customer');
SELECT * FROM persona.gains('churn', 'customer');
SELECT * FROM persona.compare('{churn,churn@1,churn@2}', 'customer');
SELECT * FROM persona.cross_validate('linear_regression', 'customer', 'spend', 3, key => 'id');
SELECT * FROM persona.importance('churn');
SELECT 'drift', d.* FROM persona.drift('churn', 'customer') d;
SELECT id, w.* FROM customer c, persona.what_if('churn', c, '{"visits": 1}') w ORDER BY id;
SELECT id, persona.scale('norm', c) FROM customer c ORDER BY id;
SELECT buyer, activity_events, activity_active_days, recent_last_item, recent FROM buyer_portrait_features JOIN buyer_portrait USING (buyer) ORDER BY buyer;
SELECT count(*) FROM persona.check_portrait('buyer_portrait');
SELECT d.* FROM persona.describe('customer') d;
SELECT count(*), sum(copies) FROM persona.duplicates('purchase', '{buyer,product}');
