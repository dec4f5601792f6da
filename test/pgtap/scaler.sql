-- The kind scaler and scale: parameters and values against scikit-learn 1.2.1 (StandardScaler, MinMaxScaler, RobustScaler;
-- its deviation divides by n, so a standard scale is sqrt(n / (n - 1)) times scale_), every form of a row, what is null
-- and what is refused, and the life of a scaler as a model: versions, refresh, rights.
BEGIN;
SELECT plan(243);
SET LOCAL client_min_messages = warning;

CREATE FUNCTION pg_temp.near(got float8, want float8, relative float8, description text) RETURNS text
LANGUAGE sql AS $$
  SELECT coalesce(CASE WHEN abs(got - want) <= relative * greatest(abs(want), 1) THEN pass(description) END,
                  fail(description) || E'\n' || diag(format('got %s, want %s', got, want)))
$$;
CREATE FUNCTION pg_temp.hint_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE hint text;
BEGIN
  EXECUTE statement;
  RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
  RETURN hint;
END $$;
CREATE FUNCTION pg_temp.refused(options jsonb, state text, message text, description text) RETURNS text LANGUAGE sql AS $$
  SELECT throws_ok(format('SELECT persona.fit(%L, %L, %L, options => %L, key => %L)', 'bad', 'scaler', 'customer', options,
                          'id'), state, message, description)
$$;
CREATE FUNCTION pg_temp.parameter(model text, feature text, parameter text) RETURNS float8 LANGUAGE sql AS $$
  SELECT estimate FROM persona.deployed_coefficient WHERE name = model AND term = feature AND outcome = parameter
$$;

-- Hosmer and Lemeshow, "Applied Logistic Regression", 1989 (birthwt of the R package MASS): age, lwt, ftv, bwt.
CREATE TABLE birth (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, age int, lwt float8, ftv numeric, bwt bigint);
INSERT INTO birth (age, lwt, ftv, bwt)
SELECT f[1]::int, f[2]::float8, f[3]::numeric, f[4]::bigint
FROM regexp_split_to_table($data$19 182 0 2523; 33 155 3 2551; 20 105 1 2557; 21 108 2 2594; 18 107 0 2600; 21 124 0 2622; 22 118 1 2637
17 103 1 2637; 29 123 1 2663; 26 113 0 2665; 19 95 0 2722; 19 150 1 2733; 22 95 0 2751; 30 107 2 2750
18 100 0 2769; 18 100 0 2769; 15 98 0 2778; 25 118 3 2782; 20 120 0 2807; 28 120 1 2821; 32 121 2 2835
31 100 3 2835; 36 202 1 2836; 28 120 0 2863; 25 120 2 2877; 28 167 0 2877; 17 122 0 2906; 29 150 2 2920
26 168 0 2920; 17 113 1 2920; 17 113 1 2920; 24 90 1 2948; 35 121 1 2948; 25 155 1 2977; 25 125 0 2977
29 140 2 2977; 19 138 2 2977; 27 124 0 2922; 31 215 2 3005; 33 109 1 3033; 21 185 2 3042; 19 189 2 3062
23 130 1 3062; 21 160 0 3062; 18 90 0 3062; 18 90 0 3062; 32 132 4 3080; 19 132 0 3090; 24 115 2 3090
22 85 0 3090; 22 120 1 3100; 23 128 0 3104; 22 130 0 3132; 30 95 2 3147; 19 115 0 3175; 16 110 0 3175
21 110 0 3203; 30 153 0 3203; 20 103 0 3203; 17 119 0 3225; 17 119 0 3225; 23 119 2 3232; 24 110 0 3232
28 140 0 3234; 26 133 0 3260; 20 169 1 3274; 24 115 2 3274; 28 250 6 3303; 20 141 1 3317; 22 158 2 3317
22 112 0 3317; 31 150 2 3321; 23 115 1 3331; 16 112 0 3374; 16 135 0 3374; 18 229 0 3402; 25 140 1 3416
32 134 4 3430; 20 121 0 3444; 23 190 0 3459; 22 131 1 3460; 32 170 0 3473; 30 110 0 3544; 20 127 0 3487
23 123 0 3544; 17 120 0 3572; 19 105 0 3572; 23 130 0 3586; 36 175 0 3600; 22 125 1 3614; 24 133 0 3614
21 134 2 3629; 19 235 0 3629; 25 95 0 3637; 16 135 0 3643; 29 135 1 3651; 29 154 1 3651; 19 147 0 3651
19 147 0 3651; 30 137 1 3699; 24 110 1 3728; 19 184 0 3756; 24 110 0 3770; 23 110 1 3770; 20 120 0 3770
25 241 0 3790; 30 112 1 3799; 22 169 0 3827; 18 120 2 3856; 16 170 4 3860; 32 186 2 3860; 18 120 1 3884
29 130 2 3884; 33 117 1 3912; 20 170 0 3940; 28 134 1 3941; 14 135 0 3941; 28 130 0 3969; 25 120 2 3983
16 95 1 3997; 20 158 1 3997; 26 160 0 4054; 21 115 1 4054; 22 129 0 4111; 25 130 2 4153; 31 120 2 4167
35 170 1 4174; 19 120 0 4238; 24 116 1 4593; 45 123 1 4990; 28 120 0 709; 29 130 2 1021; 34 187 0 1135
25 105 0 1330; 25 85 0 1474; 27 150 0 1588; 23 97 1 1588; 24 128 1 1701; 24 132 0 1729; 21 165 1 1790
32 105 0 1818; 19 91 0 1885; 25 115 0 1893; 16 130 1 1899; 25 92 0 1928; 20 150 2 1928; 21 200 2 1928
24 155 0 1936; 21 103 0 1970; 20 125 0 2055; 25 89 1 2055; 19 102 2 2082; 19 112 0 2084; 26 117 0 2084
24 138 0 2100; 17 130 0 2125; 20 120 3 2126; 22 130 1 2187; 27 130 0 2187; 20 80 0 2211; 17 110 0 2225
25 105 1 2240; 20 109 0 2240; 18 148 0 2282; 18 110 0 2296; 20 121 0 2296; 21 100 4 2301; 26 96 0 2325
31 102 1 2353; 15 110 0 2353; 23 187 1 2367; 20 122 0 2381; 24 105 0 2381; 15 115 0 2381; 23 120 0 2410
30 142 0 2410; 22 130 1 2410; 17 120 3 2414; 23 110 0 2424; 17 120 2 2438; 26 154 1 2442; 20 105 3 2450
26 190 0 2466; 14 101 0 2466; 28 95 2 2466; 14 100 2 2495; 23 94 0 2495; 17 142 0 2495; 21 130 3 2495$data$, '; |\n') AS r(row),
  string_to_array(row, ' ') AS s(f);
CREATE TEMP TABLE fitted AS SELECT * FROM persona.fit('standard', 'scaler', 'birth');
SELECT is((SELECT (name, version, kind, target, key, rows, skipped)::text FROM fitted), '(standard,1,scaler,,id,189,0)',
          'the row of a fit; a relation''s primary key is not normalized');
DO $$ BEGIN
  PERFORM persona.fit('minmax', 'scaler', 'birth', options => '{"method": "minmax"}');
  PERFORM persona.fit('robust', 'scaler', 'birth', options => '{"method": "robust"}');
  PERFORM persona.fit('log', 'scaler', 'birth', options => '{"method": "log"}');
  PERFORM persona.fit('standard_clip', 'scaler', 'birth', options => '{"clip": [0.05, 0.9]}');
  PERFORM persona.fit('minmax_clip', 'scaler', 'birth', options => '{"method": "minmax", "clip": [0.05, 0.9]}');
  PERFORM persona.fit('robust_clip', 'scaler', 'birth', options => '{"method": "robust", "clip": [0.05, 0.9]}');
END $$;
-- center_ and scale_ (data_min_ and data_range_ of minmax), and transform() of the first and the last row; clipped at
-- numpy's quantiles first, logarithms by numpy.
CREATE TEMP TABLE sklearn (model text, feature text, center float8, scale float8, first float8, last float8);
INSERT INTO sklearn VALUES
  ('standard', 'age', 23.238095238095237, 5.298677933404264, -0.7998401283039239, -0.4223874834863418),
  ('standard', 'lwt', 129.8148148148148, 30.579380352748764, 1.7065481570653964, 0.0060558841627588525),
  ('standard', 'ftv', 0.7936507936507936, 1.0592861429875458, -0.7492317339415293, 2.082864220357452),
  ('standard', 'bwt', 2944.5873015873017, 729.2142952167976, -0.5781391071906544, -0.6165365990989494),
  ('minmax', 'age', 14.0, 31.0, 0.16129032258064518, 0.2258064516129032),
  ('minmax', 'lwt', 80.0, 170.0, 0.6, 0.2941176470588235),
  ('minmax', 'ftv', 0.0, 6.0, 0.0, 0.5),
  ('minmax', 'bwt', 709.0, 4281.0, 0.42373277271665494, 0.41719224480261613),
  ('robust', 'age', 23.0, 7.0, -0.5714285714285714, -0.2857142857142857),
  ('robust', 'lwt', 121.0, 30.0, 2.033333333333333, 0.3),
  ('robust', 'ftv', 0.0, 1.0, 0.0, 3.0),
  ('robust', 'bwt', 2977.0, 1073.0, -0.42311276794035413, -0.44920782851817337),
  ('log', 'age', 3.165062337590102, 0.21322411632381297, -0.7941412395348274, -0.34714593033827346),
  ('log', 'lwt', 4.849817103893242, 0.21392376741294505, 1.6812954133043831, 0.118641418926194),
  ('log', 'ftv', 0.4424550712856704, 0.5125567229754009, -0.8632314267915772, 1.8414338306894433),
  ('log', 'bwt', 7.952484873736338, 0.28218651725137606, -0.4212981230755608, -0.46083046601116695),
  ('standard_clip', 'age', 23.037037037037038, 4.6646821177074065, -0.8654474056682683, -0.43669364506197034),
  ('standard_clip', 'lwt', 127.28042328042332, 23.19525556382046, 1.8417377037315297, 0.11724711168169347),
  ('standard_clip', 'ftv', 0.6931216931216931, 0.8128000532734813, -0.8527579326923098, 1.6078718272900805),
  ('standard_clip', 'bwt', 2941.3925925925923, 641.9210183306238, -0.6517820427202426, -0.6954011160959931),
  ('robust_clip', 'age', 23.0, 7.0, -0.5714285714285714, -0.2857142857142857),
  ('robust_clip', 'lwt', 121.0, 30.0, 1.6333333333333333, 0.3),
  ('robust_clip', 'ftv', 0.0, 1.0, 0.0, 2.0),
  ('robust_clip', 'bwt', 2977.0, 1073.0, -0.42311276794035413, -0.44920782851817337),
  ('minmax_clip', 'age', 16.0, 15.0, 0.19999999999999996, 0.33333333333333326),
  ('minmax_clip', 'lwt', 94.4, 75.6, 1.0, 0.47089947089947093),
  ('minmax_clip', 'ftv', 0.0, 2.0, 0.0, 1.0),
  ('minmax_clip', 'bwt', 1801.2, 2063.6, 0.34977708858305867, 0.3362085675518509);
SELECT pg_temp.near(pg_temp.parameter(model, feature, 'center'), center, 1e-14, model || ': center of ' || feature) FROM sklearn;
SELECT pg_temp.near(pg_temp.parameter(model, feature, 'scale'), scale, 1e-13, model || ': scale of ' || feature) FROM sklearn;
SELECT pg_temp.near((persona.scale(model, b) ->> feature)::float8, first, 1e-13, model || ': the first ' || feature)
FROM sklearn, birth b WHERE id = 1;
SELECT pg_temp.near((persona.scale(model, b) ->> feature)::float8, last, 1e-13, model || ': the last ' || feature)
FROM sklearn, birth b WHERE id = 189;
SELECT results_eq($$SELECT term, outcome, round(estimate::numeric, 9)::float8 FROM persona.deployed_coefficient WHERE name = 'minmax_clip'
  AND outcome IN ('lower', 'upper') ORDER BY term_no$$,
  $$VALUES ('age', 'lower', 16::float8), ('age', 'upper', 31), ('lwt', 'lower', 94.4), ('lwt', 'upper', 170),
           ('ftv', 'lower', 0), ('ftv', 'upper', 2), ('bwt', 'lower', 1801.2), ('bwt', 'upper', 3864.8)$$,
  'the bounds of clipping');
SELECT is((SELECT array_agg(DISTINCT group_key) FROM persona.deployed_coefficient WHERE name = 'log'), '{log}',
          'the method is the group');
SELECT results_eq($$SELECT feature, role, type, min, max, array_length(quantiles, 1) FROM persona.feature
  JOIN persona.deployed_model USING (model_id) WHERE name = 'log' ORDER BY feature_no$$,
  $$VALUES ('age', 'feature', 'number', 14::float8, 45::float8, 21), ('lwt', 'feature', 'number', 80, 250, 21),
           ('ftv', 'feature', 'number', 0, 6, 21), ('bwt', 'feature', 'number', 709, 4990, 21)$$,
  'the features as they were, not their logarithms');

-- The same arithmetic in SQL, on the parameters as rows: equal to the last bit.
CREATE TEMP VIEW parameter AS
  SELECT name, term, max(estimate) FILTER (WHERE outcome = 'center') AS center,
         max(estimate) FILTER (WHERE outcome = 'scale') AS scale,
         coalesce(max(estimate) FILTER (WHERE outcome = 'lower'), '-inf') AS lower,
         coalesce(max(estimate) FILTER (WHERE outcome = 'upper'), 'inf') AS upper
  FROM persona.deployed_coefficient GROUP BY name, term;
SELECT is((SELECT count(*) FROM parameter p, birth b,
             LATERAL (SELECT (to_jsonb(b) ->> p.term)::float8 AS x, (persona.scale(p.name, b) ->> p.term)::float8 AS y) v
           WHERE p.name <> 'log' AND v.y = (least(greatest(x, p.lower), p.upper) - p.center) / p.scale),
          6 * 4 * 189::bigint, 'values are (x - center) / scale of the rows of coefficient');
SELECT ok((SELECT abs(avg(y)) < 1e-13 AND abs(stddev_samp(y) - 1) < 1e-13 FROM birth b,
             LATERAL (SELECT (persona.scale(m, b) ->> 'lwt')::float8 AS y) v), m || ': mean 0 and deviation 1')
FROM unnest('{standard,log,standard_clip}'::text[]) m;
SELECT is((SELECT (min(y), max(y))::text FROM birth b, LATERAL (SELECT (persona.scale(m, b) ->> 'bwt')::float8 AS y) v), '(0,1)',
          m || ': from 0 to 1')
FROM unnest('{minmax,minmax_clip}'::text[]) m;

-- More rows than the sample holds: moments exact, quantiles near. The same integers in numpy.
CREATE TABLE many AS SELECT g, (g * g * 7919 % 10007)::float8 AS a, ((g * g * 7919 % 10007) ^ 2)::bigint % 1009 - 500 AS b
FROM generate_series(1, 40000::bigint) g;
DO $$ BEGIN
  PERFORM persona.fit('many', 'scaler', 'many', key => 'g');
  PERFORM persona.fit('many_log', 'scaler', 'many', options => '{"method": "log", "ignore": ["g"]}');
  PERFORM persona.fit('many_robust', 'scaler', 'many', options => '{"method": "robust", "features": ["a", "b"]}');
END $$;
SELECT pg_temp.near(pg_temp.parameter(m, feature, 'center'), center, 1e-13, m || ': center of ' || feature) ||
  E'\n' || pg_temp.near(pg_temp.parameter(m, feature, 'scale'), scale, 1e-13, m || ': scale of ' || feature)
FROM (VALUES ('many', 'a', 4925.688525, 2887.552538483046::float8), ('many', 'b', 2.270325, 301.15357882041724),
             ('many_log', 'a', 8.185215627604649, 1.0198708933377607), ('many_log', 'b', 0.007397893551143894,
              5.359721904456609)) v(m, feature, center, scale);
SELECT ok(abs(pg_temp.parameter('many_robust', 'a', 'center') - 4917) < 5009 * 0.05
          AND abs(pg_temp.parameter('many_robust', 'a', 'scale') / 5009 - 1) < 0.05
          AND abs(pg_temp.parameter('many_robust', 'b', 'center') - 2) < 521 * 0.05
          AND abs(pg_temp.parameter('many_robust', 'b', 'scale') / 521 - 1) < 0.05, 'robust: near the quartiles of all rows');

-- Every form of a row.
CREATE TABLE customer (since date DEFAULT '2020-02-02', visits int, id int, country text DEFAULT 'GB', spend float8,
                       vip boolean DEFAULT true);
INSERT INTO customer (id, visits, spend) VALUES (1, 0, 10), (2, 4, 20), (3, 8, 60), (4, 2, 30);
CREATE TEMP TABLE norm AS SELECT * FROM persona.fit('norm', 'scaler', 'SELECT * FROM customer', key => 'id',
  options => '{"method": "minmax", "methods": {"spend": "robust"}}');
SELECT results_eq($$SELECT term, group_key, outcome, estimate FROM persona.coefficient JOIN norm USING (model_id)
  ORDER BY term_no$$,
  $$VALUES ('visits', 'minmax', 'center', 0::float8), ('visits', 'minmax', 'scale', 8),
           ('spend', 'robust', 'center', 25), ('spend', 'robust', 'scale', 20)$$,
  'numbers only, in the order of the columns, one with a method of its own');
SELECT is(persona.scale('norm', c), '{"visits": 0.5, "spend": -0.25}'::jsonb, 'a row') FROM customer c WHERE id = 2;
SELECT is(persona.scale('norm', c.*), '{"visits": 1, "spend": 1.75}'::jsonb, 'c.*') FROM customer c WHERE id = 3;
SELECT is(persona.scale('norm', s), '{"visits": 0.25, "spend": 0.25}'::jsonb, 'a subquery, other types and order')
FROM (SELECT 30::numeric AS spend, true AS more, 2::smallint AS visits) s;
SELECT is(persona.scale('norm', ROW('2020-01-01', 2, 0, '', 30, NULL)::customer), '{"visits": 0.25, "spend": 0.25}'::jsonb,
          'ROW() with names of a type');
SELECT is(persona.scale('norm', '{"visits": 2, "spend": 30, "more": {"deep": [1]}}'::jsonb),
          '{"visits": 0.25, "spend": 0.25}'::jsonb, 'jsonb');
SELECT is(persona.scale('norm', '{"spend": 30, "visits": 2}'), '{"visits": 0.25, "spend": 0.25}'::jsonb, 'an unknown literal');
SELECT is(persona.scale('norm', '{"spend": 30, "visits": 2}'::text), '{"visits": 0.25, "spend": 0.25}'::jsonb, 'text');
SELECT is(persona.scale_array('norm', ARRAY[2, 30]), '{0.25,0.25}'::float8[], 'an array');
SELECT is(persona.scale_array('norm', '[3:4]={2,30}'::float8[]), '{0.25,0.25}'::float8[], 'other bounds');
SELECT ok(bool_and(persona.scale('standard', b) = persona.scale('standard', to_jsonb(b))
                   AND (persona.scale_array('standard', ARRAY[age, lwt, ftv, bwt]))[2]
                       = (persona.scale('standard', b) ->> 'lwt')::float8), 'all alike') FROM birth b;
SELECT is((SELECT count(DISTINCT persona.scale(m, b)) FROM unnest('{standard,minmax,standard@1,log}'::text[]) m, birth b
           WHERE id = 1), 3::bigint, 'one call site, several models');
CREATE FUNCTION pg_temp.any_row(i int) RETURNS record LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
  IF i = 1 THEN SELECT * INTO r FROM customer WHERE id = 2; ELSE SELECT 1 AS spend, 2 * i AS visits INTO r; END IF;
  RETURN r;
END $$;
SELECT is((SELECT array_agg(persona.scale('norm', pg_temp.any_row(i)) ->> 'visits' ORDER BY i) FROM generate_series(1, 3) i),
          '{0.5,0.5,0.75}', 'one call site, several row types');
SELECT is((SELECT string_agg(t::text, ' ' ORDER BY t.id) FROM (SELECT c.id, s.* FROM customer c,
             jsonb_to_record(persona.scale('norm', c)) AS s(visits float8, spend float8)) t),
          '(1,0,-0.75) (2,0.5,-0.25) (3,1,1.75) (4,0.25,0.25)', 'columns again');
SELECT is((SELECT persona.scale('norm@1', c) FROM customer c WHERE id = 2), '{"visits": 0.5, "spend": -0.25}'::jsonb,
          'a version by its number');
-- Digits are the shortest that read back, whatever the session says.
SET LOCAL extra_float_digits = -10;
SELECT is(persona.scale('standard', '{"age": 19, "lwt": 182, "ftv": 0, "bwt": 2523}') ->> 'age', '-0.7998401283039239', 'all digits');
RESET extra_float_digits;
SELECT is(persona.scale('norm', '{"visits": 8e20, "spend": 25}')::text, '{"spend": 0, "visits": 100000000000000000000}',
          'no exponent, no minus zero');
SELECT is((SELECT persona.scale('norm', s) ->> 'visits' FROM (SELECT 8e-7 AS visits, 1 AS spend) s), '0.0000001', 'a small one');

-- Nothing, and what is no number.
SELECT is(persona.scale('norm', NULL::customer), NULL, 'a row that is NULL');
SELECT is(persona.scale(NULL, c), NULL, 'a model that is NULL') FROM customer c WHERE id = 1;
SELECT is((SELECT persona.scale('norm', c) FROM (VALUES (99)) v(id) LEFT JOIN customer c USING (id)), NULL,
          'no match of an outer join');
SELECT is((SELECT persona.scale('norm', s) FROM (SELECT NULL::int AS visits, 30 AS spend) s),
          '{"visits": null, "spend": 0.25}'::jsonb, 'a NULL is null, the rest is normalized');
SELECT is(persona.scale('norm', '{"visits": null, "spend": 30}'), '{"visits": null, "spend": 0.25}'::jsonb, 'a JSON null');
SELECT is((SELECT persona.scale('norm', s) FROM (SELECT x AS spend, 4 AS visits) s), '{"visits": 0.5, "spend": null}'::jsonb,
          'null, since JSON has no such number: ' || x)
FROM unnest('{NaN,inf,-inf}'::float8[]) x;
SELECT is(persona.scale('norm', '{"visits": 1e400, "spend": 30}'), '{"visits": null, "spend": 0.25}'::jsonb,
          'a JSON number past a double''s');
SELECT is(persona.scale_array('norm', '{NULL,NaN}'), '{NULL,NULL}'::float8[], 'in an array too');
SELECT throws_ok($$SELECT persona.scale('norm', s) FROM (SELECT 1 AS visits, 'x' AS country) s$$, '42703',
                 'the row lacks column "spend", which model "norm@1" needs', 'a column is missing');
SELECT is(pg_temp.hint_of($$SELECT persona.scale('norm', s) FROM (SELECT 1 AS visits, 'x' AS country) s$$),
          'The row has: visits, country.', 'the hint has what is there');
SELECT throws_ok($$SELECT persona.scale('norm', '{"spend": null}')$$, '42703',
                 'the row lacks column "visits", which model "norm@1" needs', 'so does JSON');
SELECT throws_ok($$SELECT persona.scale('norm', s) FROM (SELECT '1' AS visits, 2 AS spend) s$$, '42804',
                 'column "visits" has type text, but model "norm@1" was fitted on a number', 'text for a number');
SELECT throws_ok($$SELECT persona.scale('norm', '{"visits": "1", "spend": 2}')$$, '42804', NULL, 'in JSON too');
SELECT throws_ok($$SELECT persona.scale('norm', '{"visits": true, "spend": 2}')$$, '42804', NULL, 'a boolean');
SELECT throws_ok($$SELECT persona.scale('norm', '[1, 2]')$$, '22023', 'features must be a JSON object', 'no object');
SELECT throws_ok($$SELECT persona.scale('norm', 'visits')$$, '22P02', NULL, 'no JSON');
SELECT throws_ok($$SELECT persona.scale_array('norm', '{1}')$$, '22000', 'model "norm@1" needs 2 values, not 1', 'a short array');
SELECT throws_ok($$SELECT persona.scale('nobody', '{}')$$, '42704', 'model "nobody" does not exist', 'an unknown model');

-- Rows of the source that are left out, and columns without a spread.
SELECT is((SELECT (rows, skipped)::text FROM persona.fit('gaps', 'scaler', $$SELECT * FROM (VALUES (1, 1::float8), (2, NULL),
  (NULL, 3), (4, 'NaN'), (5, '-inf'), (6, 6)) v(a, b)$$)), '(2,4)', 'rows with NULL, NaN or infinity are skipped and counted');
SELECT is(pg_temp.parameter('gaps', 'a', 'center'), 3.5::float8, 'from all columns alike');
SELECT throws_ok($$SELECT persona.fit('bad', 'scaler', 'SELECT NULL::float8 AS x FROM customer')$$, '55000',
                 'no usable rows to fit the model', 'no rows are left');
CREATE FUNCTION pg_temp.constant(m text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM persona.fit('same', 'scaler', 'SELECT 7 AS x, id FROM customer', key => 'id', options => jsonb_build_object('method', m));
  RETURN is(persona.scale('same', '{"x": 7}'), '{"x": 0}', 'a constant column becomes 0: ' || m);
END $$;
SELECT pg_temp.constant(m) FROM unnest('{standard,minmax,robust,log}'::text[]) m;
SELECT is(pg_temp.parameter('same', 'x', 'scale'), 1::float8, 'its scale is 1');

-- What fit refuses.
SELECT throws_ok($$SELECT persona.fit('bad', 'scaler', 'customer', 'spend')$$, '22023', 'kind "scaler" takes no target', 'a target');
SELECT is(pg_temp.hint_of($$SELECT persona.fit('bad', 'scaler', 'customer', 'spend')$$),
  'Leave the target out; name a column that is not to be normalized in the option "ignore".', 'its hint');
SELECT pg_temp.refused('{"method": "zscore"}', '22023', 'option "method" cannot be "zscore"', 'an unknown method');
SELECT pg_temp.refused('{"methods": {"spend": "zscore"}}', '22023', 'option "methods" cannot set column "spend" to "zscore"',
                       'for one column');
SELECT pg_temp.refused('{"methods": {"country": "log"}}', '22023',
                       'option "methods" names column "country", which is not normalized', 'a method for a label');
SELECT pg_temp.refused('{"methods": {"id": "log"}}', '22023', NULL, 'for the key');
SELECT pg_temp.refused('{"methods": {"nobody": "log"}}', '42703', 'methods column "nobody" does not exist', 'for no column');
SELECT pg_temp.refused('{"methods": {"spend": 1}}', '22023', 'option "methods" has the wrong type', 'a number as a method');
SELECT pg_temp.refused('{"methods": {"spend": ["log"]}}', '22023', 'option "methods" has the wrong type', 'a list');
SELECT pg_temp.refused('{"methods": "log"}', '22023', 'option "methods" has the wrong type', 'a method for methods');
SELECT pg_temp.refused('{"features": ["country"]}', '42804', 'column "country" has type text and cannot be normalized',
                       'a label as a feature');
SELECT pg_temp.refused('{"ignore": ["spend", "visits"]}', '22023', 'the source has no column to normalize', 'nothing left');
SELECT pg_temp.refused(jsonb_build_object('clip', clip), '22023', message, 'clip: ' || clip::text)
FROM (VALUES ('0.5'::jsonb, 'option "clip" must be two probabilities in order'),
             ('[0.9, 0.1]', 'option "clip" must be two probabilities in order'),
             ('[0.1, 0.2, 0.3]', 'option "clip" must be two probabilities in order'),
             ('-0.1', 'option "clip" is out of range'), ('[0, 1.1]', 'option "clip" is out of range'),
             ('[]', 'option "clip" has the wrong type'), ('"0.1"', 'option "clip" has the wrong type'),
             ('[0.1, "0.9"]', '"clip" must be a list of strings or of numbers'),
             ('[0.1, [0.9]]', '"clip" must be a scalar, a list or an object')) v(clip, message);
SELECT throws_ok($$SELECT persona.fit('bad', 'scaler', 'SELECT 1.7e308 * (2 * g - 1) AS x FROM generate_series(0, 1) g',
  options => '{"method": "minmax"}')$$, '22003', 'the scale of column "x" is out of range', 'a range past a double''s');
SELECT is((SELECT count(*) FROM persona.model_name WHERE name = 'bad'), 0::bigint, 'nothing that failed left a model');

-- Verbs of other kinds.
SELECT throws_ok(format(statement, 'norm'), '0A000', 'model "norm@1" of kind "scaler" does not ' || what, statement)
FROM (VALUES ('SELECT persona.predict(%L, c) FROM customer c', 'score rows'), ('SELECT persona.predict(%L, ''{}'')', 'score rows'),
  ('SELECT persona.predict_array(%L, ''{}'')', 'score rows'), ('SELECT persona.classify(%L, ''{}'')', 'score rows'),
  ('SELECT persona.probabilities(%L, ''{}'')', 'score rows'), ('SELECT persona.explain(%L, ''{}'')', 'score rows'),
  ('SELECT persona.reasons(%L, ''{}'')', 'score rows'), ('SELECT persona.evaluate(%L, ''customer'')', 'score rows'),
  ('SELECT persona.recommend(%L, ''1'')', 'recommend'), ('SELECT persona.recommend_for_items(%L, ''{1}'')', 'recommend'),
  ('SELECT persona.similar_items(%L, ''1'')', 'recommend'), ('SELECT persona.preference(%L, ''1'', ''2'')', 'recommend'))
  v(statement, what);
SELECT is(pg_temp.hint_of($$SELECT persona.predict('norm', '{}')$$), 'Use scale or scale_array.', 'the hint has the verb');
DO $$ BEGIN
  PERFORM persona.fit('line', 'linear_regression', 'birth', 'bwt');
  PERFORM persona.fit('items', 'item_knn', 'customer', options => '{"user": "id", "item": "visits"}');
END $$;
SELECT throws_ok($$SELECT persona.scale('line', b) FROM birth b$$, '0A000',
                 'model "line@1" of kind "linear_regression" does not scale rows', 'scale of a regression');
SELECT throws_ok($$SELECT persona.scale_array('items', '{}')$$, '0A000',
                 'model "items@1" of kind "item_knn" does not scale rows', 'and of a recommender');
SELECT is(pg_temp.hint_of($$SELECT persona.scale('line', '{}')$$), 'Use predict, classify, probabilities or explain.', 'its hint');

-- Training on normalized columns is serving on them: the regression answers as the one on the columns as they are.
DO $$ BEGIN
  PERFORM persona.fit('on_scaled', 'linear_regression',
    $q$SELECT b.id, s.*, b.bwt FROM birth b, jsonb_to_record(persona.scale('standard', b)) AS s(age float8, lwt float8, ftv float8)$q$,
    'bwt', key => 'id');
END $$;
SELECT ok((SELECT max(abs(persona.predict('on_scaled', persona.scale('standard', b)) - persona.predict('line', b))) < 1e-9
           FROM birth b), 'a regression on normalized columns');
SELECT ok((SELECT bool_and(persona.predict('on_scaled', persona.scale('standard', b))
                           = persona.predict('on_scaled', to_jsonb(b) || persona.scale('standard', b))) FROM birth b),
          'the row with its numbers replaced');

-- As a model: versions, refresh, rights, drop.
SELECT is((SELECT version FROM persona.fit('norm', 'scaler', 'SELECT id, visits FROM customer', key => 'id', deploy => false)), 2,
          'a second version');
SELECT is(persona.scale('norm@2', '{"visits": 3.5}'), '{"visits": 0}', 'by its number');
SELECT is((SELECT version FROM persona.deploy('norm', 2)), 2, 'deployed');
SELECT is(persona.scale('norm', '{"visits": 3.5}'), '{"visits": 0}', 'serves from the next call on');
SELECT is((SELECT version FROM persona.revert('norm')), 1, 'reverted');
INSERT INTO customer (id, visits, spend) VALUES (5, 16, 25);
SELECT is(persona.scale('norm', c), '{"visits": 2, "spend": 0}'::jsonb, 'a version does not change with its source') FROM customer c WHERE id = 5;
SELECT is((SELECT (version, rows)::text FROM persona.refresh_model('norm')), '(3,5)', 'a refresh reads it again');
SELECT is(persona.scale('norm', c), '{"visits": 1, "spend": 0}'::jsonb, 'and serves') FROM customer c WHERE id = 5;
SELECT is((SELECT array_agg(DISTINCT group_key) FROM persona.deployed_coefficient WHERE name = 'norm'), '{minmax,robust}',
          'with the options of the fit');
CREATE ROLE persona_scaler_user;
SET LOCAL ROLE persona_scaler_user;
SELECT throws_ok($$SELECT persona.scale('norm', '{"visits": 1, "spend": 1}')$$, '42704', 'model "norm" does not exist', 'not everybody''s');
RESET ROLE;
DO $$ BEGIN PERFORM persona.grant_model('norm', 'persona_scaler_user'); END $$;
SET LOCAL ROLE persona_scaler_user;
SELECT is(persona.scale('norm', '{"visits": 16, "spend": 25}'), '{"visits": 1, "spend": 0}'::jsonb, 'who was granted may');
SELECT is((SELECT count(DISTINCT term) FROM persona.deployed_coefficient WHERE name = 'norm'), 2::bigint, 'and reads the parameters');
SELECT throws_ok($$UPDATE persona.coefficient SET estimate = 1$$, '42501', NULL, 'but changes nothing');
RESET ROLE;
SELECT is((SELECT version FROM persona.drop_model('norm@2')), 2, 'a version is dropped');
SELECT throws_ok($$SELECT persona.scale('norm@2', '{"visits": 1}')$$, '42704', 'model "norm@2" does not exist', 'and gone');
SELECT is((SELECT name FROM persona.drop_model('norm')), 'norm', 'the model is dropped');
SELECT throws_ok($$SELECT persona.scale('norm', '{"visits": 1}')$$, '42704', 'model "norm" does not exist', 'with all of it');

-- Rows that no fit wrote.
CREATE FUNCTION pg_temp.forged(change text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM persona.fit('forged', 'scaler', 'SELECT id, spend FROM customer', key => 'id', options => '{"clip": 0.1}');
  EXECUTE format('WITH m AS (SELECT model_id FROM persona.deployed_model WHERE name = ''forged'') %s', change);
  RETURN throws_ok($q$SELECT persona.scale('forged', '{"spend": 1}')$q$, '22000', NULL, 'refused: ' || change);
END $$;
SELECT pg_temp.forged(change) FROM unnest(ARRAY[
  'UPDATE persona.coefficient SET estimate = 0 WHERE outcome = ''scale'' AND model_id = (TABLE m)',
  'UPDATE persona.coefficient SET estimate = ''NaN'' WHERE outcome = ''center'' AND model_id = (TABLE m)',
  'UPDATE persona.coefficient SET estimate = NULL WHERE outcome = ''center'' AND model_id = (TABLE m)',
  'UPDATE persona.coefficient SET group_key = ''other'' WHERE model_id = (TABLE m)',
  'UPDATE persona.coefficient SET term = ''other'' WHERE model_id = (TABLE m)',
  'DELETE FROM persona.coefficient WHERE outcome = ''lower'' AND model_id = (TABLE m)',
  'DELETE FROM persona.feature WHERE model_id = (TABLE m)']) change;

-- In parallel workers.
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL force_parallel_mode = on;
SELECT is((SELECT round(sum((persona.scale('many', m) ->> 'a')::float8 ^ 2)) FROM many m), 39999::float8,
          'workers: the squares of standardized values add to rows - 1');

SELECT * FROM finish();
ROLLBACK;
