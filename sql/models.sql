-- Models as one types them: fit, look at the tables, score, explain, evaluate, refresh, go back. The notices say what a
-- fit found. Times and durations are left out. The customers' spend is 10 + 2 visits + 5 for the south, so that the
-- coefficients, scores and contributions can be checked by eye.
\pset null '(null)'
SET extra_float_digits = 0;

CREATE TABLE customer (customer_id int PRIMARY KEY, visits int, region text, spend numeric);
INSERT INTO customer
SELECT g, g % 5, CASE g % 2 WHEN 1 THEN 'south' ELSE 'north' END, 10 + 2 * (g % 5) + 5 * (g % 2) FROM generate_series(1, 20) g;
INSERT INTO customer VALUES (21, NULL, 'south', 3), (22, 2, 'north', 'NaN');

-- A relation: its primary key is no feature.
SELECT name, version, kind, source, target, key, rows, skipped FROM persona.fit('spend', 'linear_regression', 'customer', 'spend');
SELECT name, version, term, round(estimate::numeric, 6) AS estimate FROM persona.deployed_coefficient ORDER BY term_no;
SELECT feature, role, type, mean, min, max, levels, shares FROM persona.feature ORDER BY feature_no;

-- Scores inside queries: a row, or JSON.
SELECT customer_id, round(persona.predict('spend', c)::numeric, 6) AS score FROM customer c WHERE customer_id IN (1, 2, 21) ORDER BY 1;
SELECT round(persona.predict('spend', '{"visits": 3, "region": "south"}')::numeric, 6) AS score;
SELECT rank, term, value, round(estimate::numeric, 6) AS estimate, round(contribution::numeric, 6) AS contribution
FROM customer c, persona.explain('spend', c) WHERE customer_id = 4;
SELECT persona.reasons('spend', c) FROM customer c WHERE customer_id = 4;
SELECT metric, round(value::numeric, 6) AS value FROM persona.evaluate('spend', 'SELECT * FROM customer WHERE customer_id < 10') ORDER BY metric;
EXPLAIN (VERBOSE, COSTS OFF) SELECT persona.predict('spend', c) FROM customer c;

-- Collinear columns have no estimate, and prediction is right.
CREATE TABLE seed (x1 float8, x2 float8, x3 float8, y int);
INSERT INTO seed VALUES (100, 10, 30, 1), (200, 20, 60, 0), (300, 30, 90, 1);
SELECT name, version FROM persona.fit('seed', 'linear_regression', 'seed', 'y');
SELECT term, round(estimate::numeric, 6) AS estimate FROM persona.deployed_coefficient WHERE name = 'seed' ORDER BY term_no;
SELECT round(persona.predict('seed', s)::numeric, 12) AS score FROM seed s;
SELECT name, version FROM persona.fit('one', 'linear_regression', 'SELECT 7 AS c, x1, y FROM seed', 'y');
SELECT name, version FROM persona.fit('exact', 'linear_regression', 'SELECT x1, y FROM seed LIMIT 2', 'y');

-- Classes; separation is reported, a penalty mends it.
CREATE TABLE visit (minutes int, bought text);
INSERT INTO visit SELECT g, CASE WHEN g > 5 THEN 'yes' ELSE 'no' END FROM generate_series(1, 10) g;
SELECT name, version FROM persona.fit('buys', 'logistic_regression', 'visit', 'bought');
SELECT name, version FROM persona.fit('buys', 'logistic_regression', 'visit', 'bought', '{"l2": 1}');
SELECT minutes, persona.classify('buys', v), class, probability > 0.5 AS likely FROM visit v, persona.probabilities('buys', v) WHERE minutes IN (1, 9) ORDER BY 1, 3;
SELECT name, version FROM persona.fit('buys', 'logistic_regression', 'SELECT (minutes > 8)::int AS long, minutes > 8 OR minutes % 2 = 0 AS bought FROM visit', 'bought', deploy => false);

-- Versions.
SELECT name, version FROM persona.deployed_model ORDER BY name;
SELECT name, version FROM persona.deploy('buys', 1);
SELECT name, version FROM persona.revert('buys');
SELECT version, action FROM persona.deployment WHERE name = 'buys' ORDER BY deployment_id;
SELECT name, version FROM persona.drop_model('buys@3');
SELECT name, version FROM persona.refresh_model('seed');
SELECT name, version FROM persona.drop_model('seed');

-- The procedure for a scheduler commits after each model; one whose source fails keeps its version.
DROP TABLE visit;
CALL persona.refresh_all();
SELECT name, version FROM persona.deployed_model ORDER BY name;
BEGIN;
CALL persona.refresh_all();
ROLLBACK;
SELECT name, version FROM persona.deployed_model ORDER BY name;

-- Mistakes.
SELECT persona.predict('spend', c) FROM (SELECT visits FROM customer) c;
SELECT persona.predict('spent', c) FROM customer c;
SELECT persona.fit('spend', 'linear_regression', 'customer', 'spent');
SELECT persona.fit('spend', 'regression', 'customer', 'spend');
SELECT persona.fit('spend', 'linear_regression', 'customer', 'spend', '{"ridge": 1}');
SELECT persona.fit('spend', 'linear_regression', 'DELETE FROM customer RETURNING *', 'spend');
SELECT persona.fit('spend', 'linear_regression', 'WITH d AS (DELETE FROM customer RETURNING *) SELECT * FROM d', 'spend');
SELECT persona.fit('spend', 'logistic_regression', 'customer', 'region', '{"class_weight": {"nowhere": 2}}');
SELECT persona.drop_model('spend@2');
SELECT persona.drop_model('spend@5');

SELECT kind, task FROM persona.kind ORDER BY kind;
SELECT option, type, default_value, summary FROM persona.kind_option WHERE kind = 'item_knn' ORDER BY option;

SELECT count(persona.drop_model(name)) FROM persona.model_name;
SELECT (SELECT count(*) FROM persona.model) + (SELECT count(*) FROM persona.coefficient) + (SELECT count(*) FROM persona.deployment) AS rows_left;
DROP TABLE customer, seed;
