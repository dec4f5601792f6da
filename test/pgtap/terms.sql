-- How source columns become terms: bins, splines, parts of dates, arrays and interactions. Each fit must equal that of
-- columns made by plain SQL, every way to score a row must give one answer, and explanations must add up. Figures of
-- R 4.2.2 (test/reference/terms.R) are those of lm and glm with splines::ns on the birthwt data of MASS.
BEGIN;
SELECT plan(159);
SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'Europe/Berlin';

CREATE FUNCTION pg_temp.near(got float8, want float8, relative float8, description text) RETURNS text
LANGUAGE sql AS $$
  SELECT coalesce(CASE WHEN abs(got - want) <= relative * greatest(abs(want), 1e-300) THEN pass(description) END,
                  fail(description) || E'\n' || diag(format('got %s, want %s', got, want)))
$$;
CREATE FUNCTION pg_temp.coefficient(model text, the_term text) RETURNS persona.coefficient LANGUAGE sql AS $$
  SELECT c FROM persona.coefficient c JOIN persona.deployed_model m USING (model_id)
  WHERE m.name = model AND c.term = the_term
$$;
CREATE FUNCTION pg_temp.metric(model text, the_metric text) RETURNS float8 LANGUAGE sql AS $$
  SELECT value FROM persona.metric JOIN persona.deployed_model m USING (model_id)
  WHERE m.name = model AND metric = the_metric
$$;
-- Two fits of one table are the same model when they predict the same in every row.
CREATE FUNCTION pg_temp.largest_difference(model text, features text, other text, by_hand text) RETURNS float8
LANGUAGE plpgsql AS $$
DECLARE result float8;
BEGIN
  EXECUTE format('SELECT max(abs(persona.predict(%L, a) - persona.predict(%L, b))) FROM (%s) a JOIN (%s) b USING (id)',
                 model, other, features, by_hand) INTO result;
  RETURN result;
END $$;
-- One row scored in all ways, and its explanation against the average row that persona.coefficient describes.
CREATE FUNCTION pg_temp.scores(model text, source text) RETURNS TABLE (ways bigint, worst float8)
LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE format(
    'SELECT count(DISTINCT (persona.predict(%1$L, r) = persona.predict(%1$L, to_jsonb(r)), '
    '                       persona.predict(%1$L, r) = persona.predict(%1$L, to_jsonb(r)::text), '
    '                       persona.predict(%1$L, r) = persona.predict(%1$L, (SELECT x FROM (SELECT r.*) x)))) '
    '         + count(*) FILTER (WHERE persona.predict(%1$L, r) IS DISTINCT FROM persona.predict(%1$L, to_jsonb(r))), '
    '       max(abs(persona.predict(%1$L, r) - average.eta - '
    '               (SELECT sum(contribution) FROM persona.explain(%1$L, r)))) '
    'FROM (%2$s) r, (SELECT sum(estimate * coalesce(mean, 1)) AS eta FROM persona.deployed_coefficient '
    '                WHERE name = %1$L) average', model, source);
END $$;
CREATE FUNCTION pg_temp.refused(options jsonb, state text, message text, description text,
                                source text DEFAULT 'SELECT * FROM visit', target text DEFAULT 'y') RETURNS text
LANGUAGE sql AS $$
  SELECT throws_ok(format($q$SELECT persona.fit('bad', 'linear_regression', %L, %L, %L, key => 'id')$q$, source, target,
                          options), state, message, description)
$$;

-- Birth weights: Hosmer and Lemeshow, "Applied Logistic Regression", 1989, as in R's MASS.
CREATE TEMP TABLE birthwt (low int, age int, lwt int, race int, smoke int, ptl int, ht int, ui int, ftv int, bwt int);
\copy birthwt FROM 'test/reference/data/birthwt.csv' (FORMAT csv, HEADER)
CREATE TEMP TABLE birth AS
SELECT low, age, lwt, ('{white,black,other}'::text[])[race] AS race, ('{no,yes}'::text[])[1 + smoke] AS smoke, bwt FROM birthwt;
SELECT persona.fit('lm', 'linear_regression', 'SELECT age, lwt, race, smoke, bwt FROM birth', 'bwt',
  '{"interactions": ["age:lwt", "race:smoke"]}');
-- summary(lm(bwt ~ age * lwt + race * smoke)) in R 4.2.2, race and smoke being factors.
CREATE TEMP TABLE r_lm (term text, estimate float8, std_error float8);
INSERT INTO r_lm VALUES
  ('(intercept)', 1236.00148796649568794, 1050.51018643332599822),
  ('age', 43.12568317494321235, 42.22689619608025424),
  ('lwt', 12.39066096716767973, 7.63457885573096728),
  ('race=other', 110.97511078144054864, 203.47154259533135701),
  ('race=white', 670.99263199603433350, 210.37655721014570531),
  ('smoke=yes', -273.26597649063688777, 278.49721398597273492),
  ('age:lwt', -0.36238368519497594, 0.31038994132035724),
  ('race=other:smoke=yes', 225.15281023471618482, 351.83195532479521717),
  ('race=white:smoke=yes', -311.94768538092915833, 317.73246363660132374);
SELECT pg_temp.near((pg_temp.coefficient('lm', term)).estimate, estimate, 1e-9, 'lm: estimate of ' || term) FROM r_lm;
SELECT pg_temp.near((pg_temp.coefficient('lm', term)).std_error, std_error, 1e-9, 'lm: std_error of ' || term) FROM r_lm;
SELECT is((SELECT array_agg(term ORDER BY term_no) FROM persona.deployed_coefficient WHERE name = 'lm'),
  (SELECT array_agg(term) FROM r_lm), 'lm: terms in the order of R');
-- summary(glm(low ~ age + race * smoke + lwt + age:smoke, binomial)), to 1e-14.
SELECT persona.fit('glm', 'logistic_regression', 'SELECT age, race, smoke, lwt, low FROM birth', 'low',
  '{"interactions": ["race:smoke", "age:smoke"]}');
CREATE TEMP TABLE r_glm (term text, estimate float8, std_error float8);
INSERT INTO r_glm VALUES
  ('(intercept)', 1.61398082088421923608, 1.3898127350534756896),
  ('age', -0.03464963086255771346, 0.0509764517381983626),
  ('race=other', -0.00091898601864955347, 0.6545805882517800045),
  ('race=white', -1.43215058419250884647, 0.8125672883620955744),
  ('smoke=yes', 0.63500094717840427361, 1.7710368946050154548),
  ('lwt', -0.01183938958693921996, 0.0064713285802291149),
  ('race=other:smoke=yes', -1.02102576744697848277, 1.0976100112590028157),
  ('race=white:smoke=yes', 0.23949159466751099301, 1.0859629994350707971),
  ('age:smoke=yes', 0.02879614217006786978, 0.0704420014193666844);
SELECT pg_temp.near((pg_temp.coefficient('glm', term)).estimate, estimate, 1e-6, 'glm: estimate of ' || term) FROM r_glm;
SELECT pg_temp.near((pg_temp.coefficient('glm', term)).std_error, std_error, 1e-6, 'glm: std_error of ' || term)
FROM r_glm;
SELECT pg_temp.near(pg_temp.metric('glm', 'log_likelihood'), -106.06332743361052, 1e-12, 'glm: log likelihood');
-- lm(bwt ~ ns(age, knots = c(21, 25), Boundary.knots = c(16, 33)) + race * smoke + lwt), and its predictions for
-- race black, smoke yes, lwt 120.
SELECT persona.fit('ns', 'linear_regression', 'SELECT age, race, smoke, lwt, bwt FROM birth', 'bwt',
  '{"interactions": ["race:smoke"], "splines": {"age": [16, 21, 25, 33]}}');
SELECT pg_temp.near(pg_temp.metric('ns', 'rss'), 80807734.381856367, 1e-12, 'ns: residual sum of squares');
SELECT pg_temp.near(persona.predict('ns', jsonb_build_object('age', age, 'race', 'black', 'smoke', 'yes', 'lwt', 120)),
                    expected, 1e-11, 'ns: prediction at age ' || age)
FROM (VALUES (10, 2472.1857845335353), (14, 2479.1925010926698), (18, 2481.7890034381194), (30, 2315.2740360185562),
             (45, 3217.7659273134655), (60, 4132.7895933067230)) v(age, expected);
SELECT is((SELECT array_agg(term ORDER BY term_no) FROM persona.deployed_coefficient WHERE name = 'ns' AND term ~ 'spline'),
  '{"spline(age,1)","spline(age,2)","spline(age,3)"}', 'ns: terms');

-- A table with a column of every kind.
CREATE TYPE pg_temp.size AS ENUM ('small', 'large');
CREATE TEMP TABLE visit AS
SELECT g AS id, 18 + (g * 7919 % 1000) * 0.05 AS age, ('{DE,FR,GB,US}'::text[])[1 + g * 31 % 4] AS country,
       g % 3 = 0 AS member, ('{small,large}'::pg_temp.size[])[1 + g * 17 % 2] AS size,
       timestamptz '2023-03-24 22:10+01' + g * interval '1 day 7 hours 13 minutes' AS at,
       timestamp '2023-10-27 22:40' + g * interval '23 hours 11 minutes' AS local_at,
       date '2023-12-25' + g AS day, ARRAY[g % 5, sqrt(g), -g % 7]::float8[] AS v,
       sin(g) + (g * 7919 % 1000) * 0.002 + g % 4 AS y
FROM generate_series(1, 600) g;

-- Bins.
SELECT persona.fit('bins', 'linear_regression', 'SELECT id, age, y FROM visit', 'y', '{"bins": {"age": [25, 40, 60.5]}}',
                   'id');
SELECT persona.fit('bins_by_hand', 'linear_regression',
  $$SELECT id, CASE WHEN age < 25 THEN 'a' WHEN age < 40 THEN 'b' WHEN age < 60.5 THEN 'c' ELSE 'd' END AS age, y FROM visit$$,
  'y', key => 'id');
SELECT pg_temp.near((pg_temp.coefficient('bins', a)).estimate, (pg_temp.coefficient('bins_by_hand', b)).estimate, 1e-12, a)
FROM (VALUES ('(intercept)', '(intercept)'), ('age=[25,40)', 'age=b'), ('age=[40,60.5)', 'age=c'),
             ('age=[60.5,)', 'age=d')) v(a, b);
SELECT results_eq($$SELECT feature, type, basis, knots, levels, round(mean::numeric, 9), missing FROM persona.feature
    JOIN persona.deployed_model USING (model_id) WHERE name = 'bins' AND role = 'feature'$$,
  $$SELECT 'age', 'number', 'bins', '{25,40,60.5}'::float8[], '{"(,25)","[25,40)","[40,60.5)","[60.5,)"}'::text[],
           round(avg(age), 9), 0::bigint FROM visit$$, 'bins: the row of persona.feature');
SELECT persona.fit('five', 'linear_regression', 'SELECT id, age, y FROM visit', 'y', '{"bins": {"age": 5}}', 'id');
SELECT is((SELECT knots FROM persona.feature JOIN persona.deployed_model USING (model_id)
           WHERE name = 'five' AND feature = 'age'),
          (SELECT percentile_cont('{0.2,0.4,0.6,0.8}'::float8[]) WITHIN GROUP (ORDER BY age) FROM visit),
          'bins: equal frequencies are exact quantiles');
SELECT is((SELECT sum(abs(s - 0.2)) < 0.01 FROM persona.feature JOIN persona.deployed_model USING (model_id),
                  unnest(shares) s WHERE name = 'five' AND feature = 'age'), true, 'bins: of equal frequency');

-- Splines, the number of knots given: against the basis written in SQL.
SELECT persona.fit('spline', 'linear_regression', 'SELECT id, age, y FROM visit', 'y', '{"splines": {"age": 4}}', 'id');
CREATE TEMP TABLE knot AS
SELECT k[1] AS k1, k[2] AS k2, k[3] AS k3, k[4] AS k4
FROM (SELECT percentile_cont('{0.05,0.35,0.65,0.95}'::float8[]) WITHIN GROUP (ORDER BY age) AS k FROM visit) q;
CREATE FUNCTION pg_temp.d(x float8, k float8, last float8) RETURNS float8 LANGUAGE sql AS $$
  SELECT (greatest(x - k, 0) ^ 3 - greatest(x - last, 0) ^ 3) / (last - k) $$;
CREATE TEMP VIEW spline_by_hand AS
SELECT id, age::float8 AS b1, (pg_temp.d(age, k1, k4) - pg_temp.d(age, k3, k4)) / (k4 - k1) AS b2,
       (pg_temp.d(age, k2, k4) - pg_temp.d(age, k3, k4)) / (k4 - k1) AS b3, y
FROM visit, knot;
SELECT persona.fit('spline_by_hand', 'linear_regression', 'spline_by_hand', 'y', key => 'id');
SELECT pg_temp.near((pg_temp.coefficient('spline', a)).estimate, (pg_temp.coefficient('spline_by_hand', b)).estimate,
                    1e-8, a)
FROM (VALUES ('(intercept)', '(intercept)'), ('spline(age,1)', 'b1'), ('spline(age,2)', 'b2'),
             ('spline(age,3)', 'b3')) v(a, b);
SELECT pg_temp.near((pg_temp.coefficient('spline', 'spline(age,3)')).mean, (SELECT avg(b3) FROM spline_by_hand), 1e-10,
                    'the mean of a term of a spline');

-- Parts of dates, against extract() and to_char(): in the zone of the fit, across changes of the clocks.
SELECT persona.fit('parts', 'linear_regression', 'SELECT id, at, local_at, day, y FROM visit', 'y',
  '{"date_parts": {"at": ["month", "weekday", "hour", "day"], "local_at": ["hour", "quarter"], "day": ["weekday", "year"]}}',
  'id');
CREATE TEMP VIEW parts_by_hand AS
SELECT id, trim(to_char(at, 'month')) AS m, trim(to_char(at, 'day')) AS w, to_char(at, 'HH24') AS h,
       extract(day FROM at) AS d, to_char(local_at, 'HH24') AS lh, to_char(local_at, 'Q') AS q,
       extract(isodow FROM day)::text AS dw, extract(year FROM day) AS dy, y
FROM visit;
SELECT persona.fit('parts_by_hand', 'linear_regression', 'parts_by_hand', 'y', key => 'id');
SELECT ok(pg_temp.largest_difference('parts', 'SELECT * FROM visit', 'parts_by_hand', 'SELECT * FROM parts_by_hand')
          < 1e-11, 'parts of dates are those of extract');
SELECT results_eq($$SELECT feature, source_column, type, basis, levels[1] FROM persona.feature
    JOIN persona.deployed_model USING (model_id) WHERE name = 'parts' AND role = 'feature' ORDER BY feature_no$$,
  $$VALUES ('at.month', 'at', 'label', 'month', 'january'), ('at.weekday', 'at', 'label', 'weekday', 'monday'),
           ('at.hour', 'at', 'label', 'hour', '0'), ('at.day', 'at', 'number', 'day', NULL),
           ('local_at.hour', 'local_at', 'label', 'hour', '0'), ('local_at.quarter', 'local_at', 'label', 'quarter', '1'),
           ('day.weekday', 'day', 'label', 'weekday', 'monday'), ('day.year', 'day', 'number', 'year', NULL)$$,
  'parts: the rows of persona.feature');
SET LOCAL timezone = 'America/New_York';
SELECT ok((SELECT max(abs(persona.predict('parts', r) - x.p)) = 0 FROM visit r,
           LATERAL (SELECT persona.predict('parts', jsonb_set(to_jsonb(r), '{at}',
             to_jsonb(to_char(at AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM-DD"T"HH24:MI:SS"+09:00"')))) AS p) x),
          'a time is seen in the zone of the model, whatever the session''s and its own');
SELECT is(persona.predict('parts', jsonb_build_object('at', '2024-06-05 13:10:00', 'local_at', '2024-03-31T02:30:00',
                                                      'day', '2024-02-29')),
          persona.predict('parts', jsonb_build_object('at', '2024-06-05T11:10:00Z', 'local_at', '2024-03-31 02:30',
                                                      'day', '2024-02-29T10:00:00')),
          'a time without a zone is read as it stands');
SET LOCAL timezone = 'Europe/Berlin';
SELECT throws_ok($$SELECT persona.predict('parts', '{"at": "tomorrowish", "local_at": "2024-01-01", "day": "2024-01-01"}')$$,
  '22007', NULL, 'what is no time');
SELECT throws_ok($$SELECT persona.predict('parts', '{"at": 5, "local_at": "2024-01-01", "day": "2024-01-01"}')$$,
  '42804', '"at" has the wrong type for model "parts@1"', 'a number for a time');
SELECT is(persona.predict('parts', jsonb_build_object('at', 'infinity', 'local_at', '2024-01-01', 'day', '2024-01-01')), NULL,
  'an infinite time is missing');
SELECT throws_ok($$SELECT persona.predict('parts', (SELECT r FROM (SELECT 1 AS at, local_at, day FROM visit LIMIT 1) r))$$,
  '42804', 'column "at" has type integer, but model "parts@1" was fitted on a date or timestamp', 'nor in a row');

-- Arrays.
SELECT persona.fit('array', 'linear_regression', 'SELECT id, v, y FROM visit', 'y', key => 'id');
SELECT persona.fit('array_by_hand', 'linear_regression', 'SELECT id, v[1] AS a, v[2] AS b, v[3] AS c, y FROM visit', 'y',
                   key => 'id');
SELECT is((pg_temp.coefficient('array', a)).estimate, (pg_temp.coefficient('array_by_hand', b)).estimate, a)
FROM (VALUES ('v[1]', 'a'), ('v[2]', 'b'), ('v[3]', 'c')) v(a, b);
SELECT is(persona.predict_array('array', v), persona.predict('array', visit), 'an array of the values in order') FROM visit
WHERE id = 5;
SELECT persona.fit('other_arrays', 'linear_regression',
  format('SELECT id, v::%s[] AS v, y FROM visit', type), 'y', key => 'id') FROM unnest('{real,numeric,int,bigint,smallint}'::text[]) type;
SELECT is((SELECT count(DISTINCT estimate) FROM persona.coefficient JOIN persona.model USING (model_id)
           WHERE name = 'other_arrays' AND term = 'v[1]' AND version > 2), 1::bigint, 'arrays of integers are alike');
SELECT throws_ok($$SELECT persona.predict('array', (SELECT r FROM (SELECT '{1,2}'::float8[] AS v) r))$$, '22023',
  'array column "v" has a row with 2 elements and not 3', 'an array of another length to score');
SELECT throws_ok($$SELECT persona.predict('array', '{"v": [1, 2, 3, 4]}')$$, '22023',
  'array "v" has 4 elements and not 3', 'in JSON');
SELECT throws_ok($$SELECT persona.predict('array', '{"v": [1, "2", 3]}')$$, '42804', '"v" has the wrong type for model "array@1"',
  'an array of something else');
SELECT is(persona.predict('array', '{"v": [1, null, 3]}'), NULL, 'a NULL element');
SELECT pg_temp.refused('{}', '22023', 'array column "v" has a row with 2 elements and not 3', 'an array of another length',
                       'SELECT id, CASE WHEN id = 300 THEN v[1:2] ELSE v END AS v, y FROM visit ORDER BY id');

-- Everything at once, in both kinds: every way to score a row, and what explain says.
SELECT persona.fit('all', 'linear_regression', 'SELECT * FROM visit', 'y',
  '{"bins": {"age": 4}, "date_parts": {"at": ["weekday", "year"], "local_at": ["hour"]}, "ignore": ["day"],
    "interactions": ["age:country", "v[1]:v[2]", "size:at.weekday", "member:v[3]"]}', 'id');
SELECT is((SELECT ways FROM pg_temp.scores('all', 'SELECT * FROM visit')), 1::bigint, 'a row has one score');
SELECT ok((SELECT worst FROM pg_temp.scores('all', 'SELECT * FROM visit')) < 1e-12, 'explanations add up');
SELECT persona.fit('splined', 'linear_regression', 'SELECT id, age, country, v, y FROM visit', 'y',
  '{"splines": {"age": 5}, "interactions": ["age:country", "v[1]:age"]}', 'id');
SELECT is((SELECT ways FROM pg_temp.scores('splined', 'SELECT * FROM visit')), 1::bigint, 'also with splines');
SELECT ok((SELECT worst FROM pg_temp.scores('splined', 'SELECT * FROM visit')) < 1e-11, 'explanations add up with splines');
SELECT is((SELECT string_agg(term, ' ' ORDER BY term) FROM visit r, persona.explain('splined', r) WHERE id = 8),
  'country=DE spline(age) spline(age):country=DE v[1] v[1]:spline(age) v[2] v[3]', 'names of what explain answers');
SELECT is((SELECT value FROM visit r, persona.explain('splined', r) WHERE id = 8 AND term = 'v[1]:spline(age)'),
  '3:' || (SELECT age FROM visit WHERE id = 8), 'the values of an interaction');
SELECT ok((SELECT persona.reasons('all', r) ~ '(raises|lowers) it' FROM visit r WHERE id = 8), 'reasons');
SELECT pg_temp.near((SELECT value FROM persona.evaluate('all', 'visit') WHERE metric = 'r_squared'),
                    pg_temp.metric('all', 'r_squared'), 1e-12, 'evaluate scores as the fit does');
SELECT persona.fit('class', 'logistic_regression', 'SELECT *, y > 2 AS high FROM visit', 'high',
  '{"splines": {"age": 4}, "ignore": ["y", "day", "local_at"], "date_parts": {"at": ["quarter"]},
    "interactions": ["age:member"]}', 'id');
SELECT pg_temp.near((SELECT sum(persona.predict('class', visit)) FROM visit), (SELECT count(*) FROM visit WHERE y > 2), 1e-9,
                    'a logistic fit with an intercept is right on average');
SELECT is((SELECT count(*) FROM visit WHERE persona.predict('class', visit) IS DISTINCT FROM
           persona.predict('class', to_jsonb(visit))), 0::bigint, 'and has one score for a row');
SELECT pg_temp.near((SELECT value FROM persona.evaluate('class', 'SELECT *, y > 2 AS high FROM visit') WHERE metric = 'log_loss'),
                    -pg_temp.metric('class', 'log_likelihood') / 600, 1e-12, 'its log loss is that of evaluate');

-- A refresh chooses edges and knots anew.
SELECT persona.fit('moving', 'linear_regression', 'SELECT id, age, y FROM visit', 'y', '{"bins": {"age": 2}}', 'id');
UPDATE visit SET age = age + 100;
SELECT persona.refresh_model('moving');
SELECT is((SELECT array_agg(round(knots[1]::numeric, 6) ORDER BY version) FROM persona.feature JOIN persona.model USING (model_id)
           WHERE name = 'moving' AND feature = 'age'),
          (SELECT ARRAY[round(m - 100, 6), round(m, 6)] FROM (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY age)::numeric AS m
                                                            FROM visit) q), 'edges move with the rows');
UPDATE visit SET age = age - 100;

-- What cannot be.
SELECT pg_temp.refused('{"bins": {"nobody": 5}}', '42703', 'bins column "nobody" does not exist', 'bins of no column');
SELECT pg_temp.refused('{"bins": {"id": 5}}', '22023', 'option "bins" names column "id", which is no feature', 'of the key');
SELECT pg_temp.refused('{"bins": {"y": 5}}', '22023', 'option "bins" names column "y", which is no feature', 'of the target');
SELECT pg_temp.refused('{"bins": {"country": 5}}', '42804', 'option "bins" names column "country", which has type text',
                       'of a label');
SELECT pg_temp.refused(jsonb_build_object(option, jsonb_build_object('age', value)), '22023',
                       format('option "%s" for column "age" ', option) || message, option || ' ' || value)
FROM (VALUES ('bins', '[40, 25]'::jsonb, 'must be in increasing order'), ('bins', '[25, 25]', 'must be in increasing order'),
             ('bins', '1', 'must be a list, or a number from 2 to 100'), ('bins', '2.5', 'must be a list, or a number from 2 to 100'),
             ('bins', '[]', 'must list 1 to 99 edges'), ('splines', '2', 'must be a list, or a number from 3 to 30'),
             ('splines', '[1, 2]', 'must list 3 to 30 knots'), ('splines', '[1, 3, 2]', 'must be in increasing order')) v(option, value, message);
SELECT pg_temp.refused('{"bins": {"age": "many"}}', '22023', 'option "bins" has the wrong type', 'bins of text');
SELECT pg_temp.refused('{"bins": {"age": 3}, "splines": {"age": 4}}', '22023',
                       'option "splines" for column "age" cannot stand beside "bins"', 'bins and splines');
SELECT pg_temp.refused('{"splines": {"member": 4}}', '42804', 'option "splines" names column "member", which has type boolean',
                       'a spline of a boolean');
SELECT pg_temp.refused('{"splines": {"one": 4}}', '22023', 'option "splines" for column "one" finds fewer than 3 distinct quantiles',
                       'a spline of a constant', 'SELECT id, 1 AS one, y FROM visit');
SELECT pg_temp.refused('{"splines": {"x": 3}}', '22023', 'option "splines" for column "x" spans too wide a range',
                       'knots too far apart', 'SELECT id, (id - 300.5) / 300 * 1.7e308::float8 AS x, y FROM visit');
SELECT pg_temp.refused('{"splines": {"x": 4}}', '55000', 'column "x" has no value from which splines could be chosen',
                       'a spline of nothing', 'SELECT id, NULL::float8 AS x, y FROM visit');
SELECT pg_temp.refused('{"date_parts": {"at": ["century"]}}', '22023', 'option "date_parts" for column "at" cannot be "century"',
                       'an unknown part');
SELECT pg_temp.refused('{"date_parts": {"at": ["month", "month"]}}', '22023', 'option "date_parts" for column "at" names "month" twice',
                       'a part twice');
SELECT pg_temp.refused('{"date_parts": {"age": "month"}}', '42804', 'option "date_parts" names column "age", which has type numeric',
                       'a part of a number');
SELECT pg_temp.refused('{"date_parts": {"at": []}}', '22023', 'option "date_parts" has the wrong type', 'no part');
SELECT pg_temp.refused('{"date_parts": {"at": [], "local_at": "hour"}}', '22023', 'option "date_parts" for column "at" names no part',
                       'no part of one column');
SELECT pg_temp.refused('{"features": ["at"]}', '42804', 'column "at" has type timestamp with time zone and cannot be a feature',
                       'a whole time');
SELECT pg_temp.refused(jsonb_build_object('interactions', jsonb_build_array(text)), '22023',
                       format('interaction "%s" ', text) || message, 'interaction ' || text)
FROM (VALUES ('age', 'does not name two features'), ('age:', 'does not name two features'), ('age:id', 'does not name two features'),
             ('age:y', 'does not name two features'), ('age:age', 'names one feature twice'),
             ('age:country:size', 'does not name two features')) v(text, message);
SELECT pg_temp.refused('{"interactions": ["age:country", "country:age"]}', '22023', 'interaction "country:age" is there twice',
                       'an interaction twice');
SELECT pg_temp.refused('{"interactions": ["a:b:c"]}', '22023', 'interaction "a:b:c" can be read in two ways', 'an ambiguous one',
                       'SELECT id, age AS a, age AS "b:c", age AS "a:b", age AS c, y FROM visit');
SELECT pg_temp.refused('{"interactions": ["a:b"]}', '22003', 'a product of two columns that interact is out of range',
                       'a product past a double''s range', 'SELECT id, 1e200 * id AS a, 1e200 * id AS b, y FROM visit');
SELECT pg_temp.refused('{"interactions": ["a:b"]}', '22023', 'two terms would be named "a:b"', 'a name that is taken',
                       'SELECT id, age AS a, sqrt(age) AS b, id AS "a:b", y FROM visit');
SELECT lives_ok($$SELECT persona.fit('quoted', 'linear_regression',
  'SELECT id, age AS "ä ""b"":c", country AS "=", y FROM visit', 'y', '{"splines": {"ä \"b\":c": 3}, "interactions": ["ä \"b\":c:="]}',
  'id')$$, 'awkward names');
SELECT is((SELECT ways FROM pg_temp.scores('quoted', 'SELECT id, age AS "ä ""b"":c", country AS "=" FROM visit')), 1::bigint,
  'and their scores');

-- Forged rows are refused.
CREATE FUNCTION pg_temp.forged(change text, description text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE id bigint;
BEGIN
  SELECT (persona.fit('forged', 'linear_regression', 'SELECT id, age, size, at, v, id * 0.1 AS x, y FROM visit', 'y',
    '{"bins": {"x": [10, 20]}, "splines": {"age": 4}, "date_parts": {"at": ["weekday", "day"]},
      "interactions": ["age:size", "v[1]:x"]}', 'id')).model_id INTO id;
  EXECUTE replace(change, ':id', id::text);
  RETURN throws_ok($q$SELECT persona.predict('forged', visit) FROM (SELECT *, id * 0.1 AS x FROM visit) visit LIMIT 1$q$,
                   '22000', NULL, description);
END $$;
SELECT pg_temp.forged(change, change) FROM unnest(ARRAY[
  $$UPDATE persona.feature SET basis = 'linear' WHERE model_id = :id AND feature = 'x'$$,
  $$UPDATE persona.feature SET basis = 'bins' WHERE model_id = :id AND feature = 'age'$$,
  $$UPDATE persona.feature SET basis = 'label' WHERE model_id = :id AND feature = 'age'$$,
  $$UPDATE persona.feature SET basis = 'month' WHERE model_id = :id AND feature = 'at.weekday'$$,
  $$UPDATE persona.feature SET basis = 'weekday' WHERE model_id = :id AND feature = 'at.day'$$,
  $$UPDATE persona.feature SET basis = 'cubic' WHERE model_id = :id AND feature = 'age'$$,
  $$UPDATE persona.feature SET basis = 'spline', type = 'label' WHERE model_id = :id AND feature = 'age'$$,
  $$UPDATE persona.feature SET knots = NULL WHERE model_id = :id AND feature = 'age'$$,
  $$UPDATE persona.feature SET knots = '{1,2,3}' WHERE model_id = :id AND feature = 'age'$$,
  $$UPDATE persona.feature SET knots = '{1,2,3,NaN}' WHERE model_id = :id AND feature = 'age'$$,
  $$UPDATE persona.feature SET knots = '{4,3,2,1}' WHERE model_id = :id AND feature = 'age'$$,
  $$UPDATE persona.feature SET knots = '{-1e308,1,2,1.7e308}' WHERE model_id = :id AND feature = 'age'$$,
  $$UPDATE persona.feature SET knots = (SELECT array_agg(g) FROM generate_series(1, 40) g) WHERE model_id = :id AND feature = 'age'$$,
  $$UPDATE persona.feature SET knots = '{10}' WHERE model_id = :id AND feature = 'x'$$,
  $$UPDATE persona.feature SET knots = '{20,10}' WHERE model_id = :id AND feature = 'x'$$,
  $$UPDATE persona.feature SET knots = '{1,2}' WHERE model_id = :id AND feature = 'size'$$,
  $$UPDATE persona.feature SET levels = '{"[10,20)","(,10)","[20,)"}' WHERE model_id = :id AND feature = 'x'$$,
  $$UPDATE persona.feature SET levels[2] = 'funday' WHERE model_id = :id AND feature = 'at.weekday'$$,
  $$UPDATE persona.feature SET levels = array_append(levels, NULL) WHERE model_id = :id AND feature = 'size'$$,
  $$UPDATE persona.feature SET levels = '{NULL,NULL}' WHERE model_id = :id AND feature = 'size'$$,
  $$UPDATE persona.feature SET levels = NULL, shares = NULL WHERE model_id = :id AND feature = 'size'$$,
  $$UPDATE persona.feature SET element = 3 WHERE model_id = :id AND feature = 'v[1]'$$,
  $$UPDATE persona.feature SET element = -1 WHERE model_id = :id AND feature = 'v[1]'$$,
  $$UPDATE persona.feature SET element = NULL WHERE model_id = :id AND feature = 'v[2]'$$,
  $$UPDATE persona.feature SET source_column = 'w' WHERE model_id = :id AND feature = 'v[2]'$$,
  $$DELETE FROM persona.feature WHERE model_id = :id AND feature = 'v[2]'$$,
  $$UPDATE persona.feature SET role = 'offset' WHERE model_id = :id AND feature = 'v[3]'$$,
  $$UPDATE persona.feature SET role = 'group' WHERE model_id = :id AND feature = 'v[3]'$$,
  $$UPDATE persona.coefficient SET mean = NULL WHERE model_id = :id AND term = 'spline(age,2)'$$,
  $$UPDATE persona.coefficient SET mean = 'NaN' WHERE model_id = :id AND term = 'spline(age,2):size=small'$$,
  $$UPDATE persona.coefficient SET estimate = 'Infinity' WHERE model_id = :id AND term = 'spline(age,1)'$$,
  $$DELETE FROM persona.coefficient WHERE model_id = :id AND term = 'spline(age,2):size=small'$$,
  $$UPDATE persona.model SET options = options || '{"interactions": ["age:size"]}' WHERE model_id = :id$$,
  $$UPDATE persona.model SET options = options || '{"interactions": ["age:size", "v[1]:x", "v[1]:v[2]"]}' WHERE model_id = :id$$,
  $$UPDATE persona.model SET options = options || '{"interactions": ["age:nobody"]}' WHERE model_id = :id$$]) change;
SELECT * FROM finish();
ROLLBACK;
