-- logistic_regression from SQL, against statsmodels 0.13.5 (Logit, Newton to 1e-14) on two published data sets, and
-- small cases whose answer is known by hand: a two-by-two table, separation, ridge, every type of target.
BEGIN;
SELECT plan(171);
SET LOCAL client_min_messages = warning;

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

-- Spector and Mazzeo, "Program effectiveness in teaching intermediate microeconomics", J. Econ. Educ. 11(2), 1980.
CREATE TEMP TABLE spector (gpa float8, tuce int, psi int, grade int);
COPY spector FROM stdin WITH (DELIMITER ' ');
2.66 20 0 0
2.89 22 0 0
3.28 24 0 0
2.92 12 0 0
4 21 0 1
2.86 17 0 0
2.76 17 0 0
2.87 21 0 0
3.03 25 0 0
3.92 29 0 1
2.63 20 0 0
3.32 23 0 0
3.57 23 0 0
3.26 25 0 1
3.53 26 0 0
2.74 19 0 0
2.75 25 0 0
2.83 19 0 0
3.12 23 1 0
3.16 25 1 1
2.06 22 1 0
3.62 28 1 1
2.89 14 1 0
3.51 26 1 0
3.54 24 1 1
2.83 27 1 1
3.39 17 1 1
2.67 24 1 0
3.65 21 1 1
4 23 1 1
3.1 21 1 0
2.39 19 1 1
\.
CREATE TEMP TABLE statsmodels (model text, term text, estimate float8, std_error float8, statistic float8,
  p_value float8,
                               ci_low float8, ci_high float8);
INSERT INTO statsmodels VALUES
  ('spector', '(intercept)', -13.021346858115693, 4.931324213602702, -2.6405375704556695, 0.008277461435487486,
    -22.686564712867295, -3.356129003364094),
  ('spector', 'gpa', 2.8261125948893224, 1.262941075629078, 2.2377232393693585, 0.025239108802562523,
    0.350793572060053, 5.301431617718592),
  ('spector', 'tuce', 0.09515766131790933, 0.14155420567369437, 0.6722347871264477, 0.5014342380819212,
    -0.18228348366270702, 0.37259880629852565),
  ('spector', 'psi', 2.378687655093354, 1.0645642544971308, 2.234423751356349, 0.02545520436127809,
    0.2921800570502455, 4.4651952531364625),
  ('birthwt', '(intercept)', 0.48062320910078066, 1.1969041073745508, 0.40155531770631464, 0.688011319367389,
    -1.8652657343014005, 2.826512152502962),
  ('birthwt', 'age', -0.0295490270744752, 0.03703141738577715, -0.7979448036419002, 0.4249025217994017,
    -0.1021292714470688, 0.043031217298118415),
  ('birthwt', 'lwt', -0.015424283979852378, 0.006919381067258843, -2.2291421486868344, 0.02580444827554776,
    -0.02898602166698803, -0.0018625462927167255),
  ('birthwt', 'race=2', 1.2722597977543888, 0.5273637031774521, 2.41249026068502, 0.015843960737153225,
    0.23864593277291157, 2.3058736627358662),
  ('birthwt', 'race=3', 0.8804959257825395, 0.44078566451273565, 1.997560258126542, 0.045764355469547865,
    0.016571898436022692, 1.7444199531290563),
  ('birthwt', 'smoke', 0.9388457015782627, 0.40215407684982535, 2.3345422951632835, 0.01956734408906663,
    0.15063819471665196, 1.7270532084398735),
  ('birthwt', 'ptl', 0.5433370311245405, 0.34540543066144463, 1.5730413678906574, 0.11570923975495072,
    -0.13364517303643797, 1.220319235285519),
  ('birthwt', 'ht', 1.863302870378843, 0.6975400592624547, 2.67124854785976, 0.007556966780516021, 0.496149476450497,
    3.230456264307189),
  ('birthwt', 'ui', 0.767648145771582, 0.459321478228453, 1.6712655126259444, 0.09466924520217708,
    -0.13260540888188432, 1.6679017004250483),
  ('birthwt', 'ftv', 0.06530183477943462, 0.17239582600198017, 0.3787901151312361, 0.704843728344507,
    -0.27258777526948025, 0.4031914448283495);
-- Hosmer and Lemeshow, "Applied Logistic Regression", 1989 (birthwt of the R package MASS).
CREATE TEMP TABLE birthwt (low boolean, age int, lwt int, race text, smoke int, ptl int, ht int, ui int, ftv int);
INSERT INTO birthwt
SELECT f[1]::boolean, f[2]::int, f[3]::int, f[4], f[5]::int, f[6]::int, f[7]::int, f[8]::int, f[9]::int
FROM regexp_split_to_table($data$0 19 182 2 0 0 0 1 0
0 33 155 3 0 0 0 0 3; 0 20 105 1 1 0 0 0 1; 0 21 108 1 1 0 0 1 2; 0 18 107 1 1 0 0 1 0
0 21 124 3 0 0 0 0 0; 0 22 118 1 0 0 0 0 1; 0 17 103 3 0 0 0 0 1; 0 29 123 1 1 0 0 0 1; 0 26 113 1 1 0 0 0 0
0 19 95 3 0 0 0 0 0; 0 19 150 3 0 0 0 0 1; 0 22 95 3 0 0 1 0 0; 0 30 107 3 0 1 0 1 2; 0 18 100 1 1 0 0 0 0
0 18 100 1 1 0 0 0 0; 0 15 98 2 0 0 0 0 0; 0 25 118 1 1 0 0 0 3; 0 20 120 3 0 0 0 1 0; 0 28 120 1 1 0 0 0 1
0 32 121 3 0 0 0 0 2; 0 31 100 1 0 0 0 1 3; 0 36 202 1 0 0 0 0 1; 0 28 120 3 0 0 0 0 0; 0 25 120 3 0 0 0 1 2
0 28 167 1 0 0 0 0 0; 0 17 122 1 1 0 0 0 0; 0 29 150 1 0 0 0 0 2; 0 26 168 2 1 0 0 0 0; 0 17 113 2 0 0 0 0 1
0 17 113 2 0 0 0 0 1; 0 24 90 1 1 1 0 0 1; 0 35 121 2 1 1 0 0 1; 0 25 155 1 0 0 0 0 1; 0 25 125 2 0 0 0 0 0
0 29 140 1 1 0 0 0 2; 0 19 138 1 1 0 0 0 2; 0 27 124 1 1 0 0 0 0; 0 31 215 1 1 0 0 0 2; 0 33 109 1 1 0 0 0 1
0 21 185 2 1 0 0 0 2; 0 19 189 1 0 0 0 0 2; 0 23 130 2 0 0 0 0 1; 0 21 160 1 0 0 0 0 0; 0 18 90 1 1 0 0 1 0
0 18 90 1 1 0 0 1 0; 0 32 132 1 0 0 0 0 4; 0 19 132 3 0 0 0 0 0; 0 24 115 1 0 0 0 0 2; 0 22 85 3 1 0 0 0 0
0 22 120 1 0 0 1 0 1; 0 23 128 3 0 0 0 0 0; 0 22 130 1 1 0 0 0 0; 0 30 95 1 1 0 0 0 2; 0 19 115 3 0 0 0 0 0
0 16 110 3 0 0 0 0 0; 0 21 110 3 1 0 0 1 0; 0 30 153 3 0 0 0 0 0; 0 20 103 3 0 0 0 0 0; 0 17 119 3 0 0 0 0 0
0 17 119 3 0 0 0 0 0; 0 23 119 3 0 0 0 0 2; 0 24 110 3 0 0 0 0 0; 0 28 140 1 0 0 0 0 0; 0 26 133 3 1 2 0 0 0
0 20 169 3 0 1 0 1 1; 0 24 115 3 0 0 0 0 2; 0 28 250 3 1 0 0 0 6; 0 20 141 1 0 2 0 1 1; 0 22 158 2 0 1 0 0 2
0 22 112 1 1 2 0 0 0; 0 31 150 3 1 0 0 0 2; 0 23 115 3 1 0 0 0 1; 0 16 112 2 0 0 0 0 0; 0 16 135 1 1 0 0 0 0
0 18 229 2 0 0 0 0 0; 0 25 140 1 0 0 0 0 1; 0 32 134 1 1 1 0 0 4; 0 20 121 2 1 0 0 0 0; 0 23 190 1 0 0 0 0 0
0 22 131 1 0 0 0 0 1; 0 32 170 1 0 0 0 0 0; 0 30 110 3 0 0 0 0 0; 0 20 127 3 0 0 0 0 0; 0 23 123 3 0 0 0 0 0
0 17 120 3 1 0 0 0 0; 0 19 105 3 0 0 0 0 0; 0 23 130 1 0 0 0 0 0; 0 36 175 1 0 0 0 0 0; 0 22 125 1 0 0 0 0 1
0 24 133 1 0 0 0 0 0; 0 21 134 3 0 0 0 0 2; 0 19 235 1 1 0 1 0 0; 0 25 95 1 1 3 0 1 0; 0 16 135 1 1 0 0 0 0
0 29 135 1 0 0 0 0 1; 0 29 154 1 0 0 0 0 1; 0 19 147 1 1 0 0 0 0; 0 19 147 1 1 0 0 0 0; 0 30 137 1 0 0 0 0 1
0 24 110 1 0 0 0 0 1; 0 19 184 1 1 0 1 0 0; 0 24 110 3 0 1 0 0 0; 0 23 110 1 0 0 0 0 1; 0 20 120 3 0 0 0 0 0
0 25 241 2 0 0 1 0 0; 0 30 112 1 0 0 0 0 1; 0 22 169 1 0 0 0 0 0; 0 18 120 1 1 0 0 0 2; 0 16 170 2 0 0 0 0 4
0 32 186 1 0 0 0 0 2; 0 18 120 3 0 0 0 0 1; 0 29 130 1 1 0 0 0 2; 0 33 117 1 0 0 0 1 1; 0 20 170 1 1 0 0 0 0
0 28 134 3 0 0 0 0 1; 0 14 135 1 0 0 0 0 0; 0 28 130 3 0 0 0 0 0; 0 25 120 1 0 0 0 0 2; 0 16 95 3 0 0 0 0 1
0 20 158 1 0 0 0 0 1; 0 26 160 3 0 0 0 0 0; 0 21 115 1 0 0 0 0 1; 0 22 129 1 0 0 0 0 0; 0 25 130 1 0 0 0 0 2
0 31 120 1 0 0 0 0 2; 0 35 170 1 0 1 0 0 1; 0 19 120 1 1 0 0 0 0; 0 24 116 1 0 0 0 0 1; 0 45 123 1 0 0 0 0 1
1 28 120 3 1 1 0 1 0; 1 29 130 1 0 0 0 1 2; 1 34 187 2 1 0 1 0 0; 1 25 105 3 0 1 1 0 0; 1 25 85 3 0 0 0 1 0
1 27 150 3 0 0 0 0 0; 1 23 97 3 0 0 0 1 1; 1 24 128 2 0 1 0 0 1; 1 24 132 3 0 0 1 0 0; 1 21 165 1 1 0 1 0 1
1 32 105 1 1 0 0 0 0; 1 19 91 1 1 2 0 1 0; 1 25 115 3 0 0 0 0 0; 1 16 130 3 0 0 0 0 1; 1 25 92 1 1 0 0 0 0
1 20 150 1 1 0 0 0 2; 1 21 200 2 0 0 0 1 2; 1 24 155 1 1 1 0 0 0; 1 21 103 3 0 0 0 0 0; 1 20 125 3 0 0 0 1 0
1 25 89 3 0 2 0 0 1; 1 19 102 1 0 0 0 0 2; 1 19 112 1 1 0 0 1 0; 1 26 117 1 1 1 0 0 0; 1 24 138 1 0 0 0 0 0
1 17 130 3 1 1 0 1 0; 1 20 120 2 1 0 0 0 3; 1 22 130 1 1 1 0 1 1; 1 27 130 2 0 0 0 1 0; 1 20 80 3 1 0 0 1 0
1 17 110 1 1 0 0 0 0; 1 25 105 3 0 1 0 0 1; 1 20 109 3 0 0 0 0 0; 1 18 148 3 0 0 0 0 0; 1 18 110 2 1 1 0 0 0
1 20 121 1 1 1 0 1 0; 1 21 100 3 0 1 0 0 4; 1 26 96 3 0 0 0 0 0; 1 31 102 1 1 1 0 0 1; 1 15 110 1 0 0 0 0 0
1 23 187 2 1 0 0 0 1; 1 20 122 2 1 0 0 0 0; 1 24 105 2 1 0 0 0 0; 1 15 115 3 0 0 0 1 0; 1 23 120 3 0 0 0 0 0
1 30 142 1 1 1 0 0 0; 1 22 130 1 1 0 0 0 1; 1 17 120 1 1 0 0 0 3; 1 23 110 1 1 1 0 0 0; 1 17 120 2 0 0 0 0 2
1 26 154 3 0 1 1 0 1; 1 20 105 3 0 0 0 0 3; 1 26 190 1 1 0 0 0 0; 1 14 101 3 1 1 0 0 0; 1 28 95 1 1 0 0 0 2
1 14 100 3 0 0 0 0 2; 1 23 94 3 1 0 0 0 0; 1 17 142 2 0 0 1 0 0; 1 21 130 1 1 0 1 0 3$data$, '; |\n') AS r(row),
  string_to_array(row, ' ') AS s(f);
SELECT is((SELECT rows FROM persona.fit('spector', 'logistic_regression', 'spector', 'grade')), 32::bigint,
  'spector: rows');
SELECT is((SELECT rows FROM persona.fit('birthwt', 'logistic_regression', 'birthwt', 'low')), 189::bigint,
  'birthwt: rows');
SELECT pg_temp.near((pg_temp.coefficient(model, term)).estimate, estimate, 1e-8, model || ': estimate of ' || term)
  FROM statsmodels;
SELECT pg_temp.near((pg_temp.coefficient(model, term)).std_error, std_error, 1e-8, model || ': std_error of ' || term)
  FROM statsmodels;
SELECT pg_temp.near((pg_temp.coefficient(model, term)).statistic, statistic, 1e-8, model || ': z of ' || term)
  FROM statsmodels;
SELECT pg_temp.near((pg_temp.coefficient(model, term)).p_value, p_value, 1e-7, model || ': p value of ' || term)
  FROM statsmodels;
SELECT pg_temp.near((pg_temp.coefficient(model, term)).ci_low, ci_low, 1e-7, model || ': lower limit of ' || term)
  FROM statsmodels;
SELECT pg_temp.near((pg_temp.coefficient(model, term)).ci_high, ci_high, 1e-7, model || ': upper limit of ' || term)
  FROM statsmodels;
SELECT pg_temp.near(pg_temp.metric('spector', 'log_likelihood'), -12.889634222131415, 1e-12,
  'spector: log likelihood');
SELECT pg_temp.near(pg_temp.metric('spector', 'aic'), 33.779268444262826, 1e-12, 'spector: AIC');
SELECT pg_temp.near(pg_temp.metric('birthwt', 'deviance'), 201.28479505588112, 1e-12, 'birthwt: deviance');
SELECT is(round(pg_temp.metric('birthwt', 'deviance')::numeric, 2), 201.28, 'birthwt: the published deviance');
-- 11 of 32 passed.
SELECT pg_temp.near(pg_temp.metric('spector', 'null_deviance'),
  -2 * (11 * ln(11.0 / 32) + 21 * ln(21.0 / 32))::float8, 1e-12,
                    'spector: null deviance');
SELECT pg_temp.near(pg_temp.metric('spector', 'pseudo_r_squared'),
                    1 - -12.889634222131415 / (11 * ln(11.0 / 32) + 21 * ln(21.0 / 32))::float8, 1e-12,
                      'spector: McFadden''s R2');
SELECT is(pg_temp.metric('spector', 'converged'), 1::float8, 'spector: converged');
SELECT cmp_ok(pg_temp.metric('birthwt', 'gradient_norm'), '<=', 1e-8 * 189::float8, 'birthwt: the gradient is zero');
-- statsmodels: the first three fitted probabilities.
SELECT pg_temp.near(persona.predict('spector', format('{"gpa": %s, "tuce": %s, "psi": 0}', gpa, tuce)::jsonb), p,
  1e-8,
                    'spector: fitted probability at gpa ' || gpa)
FROM (VALUES (2.66, 20, 0.026577993870354626), (2.89, 22, 0.059501254982424624), (3.28, 24,
  0.18725993218892192)) v(gpa, tuce, p);
-- With an intercept the fitted probabilities sum to the positives: 11 and 59.
SELECT pg_temp.near(sum(persona.predict('spector', s)), 11, 1e-12, 'spector: the probabilities sum to the positives')
  FROM spector s;
SELECT pg_temp.near(sum(persona.predict('birthwt', b)), 59, 1e-12, 'birthwt: the probabilities sum to the positives')
  FROM birthwt b;

-- A two-by-two table by hand: log odds ln(1/3) without, ln(2/1) with the exposure; the standard error of the slope is
-- sqrt(1/1 + 1/3 + 1/2 + 1/1), that of the intercept sqrt(1/1 + 1/3).
CREATE TEMP TABLE twobytwo AS SELECT * FROM (VALUES (0, 'no'), (0, 'no'), (0, 'no'), (0, 'yes'), (1, 'yes'), (1,
  'yes'), (1, 'no')) v(x, y);
SELECT lives_ok($$SELECT persona.fit('twobytwo', 'logistic_regression', 'twobytwo', 'y')$$, 'a table');
SELECT pg_temp.near((pg_temp.coefficient('twobytwo', '(intercept)')).estimate, ln(1 / 3::float8), 1e-12, 'intercept');
SELECT pg_temp.near((pg_temp.coefficient('twobytwo', 'x')).estimate, ln(6::float8), 1e-12, 'log odds ratio');
SELECT pg_temp.near((pg_temp.coefficient('twobytwo', 'x')).std_error, sqrt(17.0 / 6), 1e-12, 'its standard error');
SELECT pg_temp.near((pg_temp.coefficient('twobytwo', '(intercept)')).std_error, sqrt(4.0 / 3), 1e-12,
  'that of the intercept');
SELECT pg_temp.near(persona.predict('twobytwo', '{"x": 1}'), 2.0 / 3, 1e-12, 'probability of the later class');
SELECT is(persona.classify('twobytwo', '{"x": 1}'), 'yes', 'classify');
SELECT is(persona.classify('twobytwo', '{"x": 0}'), 'no', 'classify below one half');
SELECT is(persona.classify('twobytwo', '{"x": null}'), NULL, 'classify of an unknown row');
SELECT is((SELECT array_agg(persona.classify('twobytwo', t) ORDER BY x, y) FROM twobytwo t),
          ARRAY['no', 'no', 'no', 'no', 'yes', 'yes', 'yes'], 'classify of rows');
SELECT is((SELECT array_agg(class || ' ' || round(probability::numeric, 10)) FROM persona.probabilities('twobytwo',
  '{"x": 0}')),
          ARRAY['no 0.7500000000', 'yes 0.2500000000'], 'probabilities');
SELECT is((SELECT sum(probability) FROM twobytwo t, persona.probabilities('twobytwo', t)), 7::float8,
  'sum to one a row');
SELECT is((SELECT count(*) FROM persona.probabilities('twobytwo', '{"x": null}')), 0::bigint,
  'none for an unknown row');
SELECT is((SELECT levels FROM persona.feature JOIN persona.deployed_model m USING (model_id) WHERE m.name = 'twobytwo'
  AND role = 'target'),
          ARRAY['no', 'yes'], 'the negative class stands first');
SELECT lives_ok($$SELECT persona.fit('twobytwo', 'logistic_regression', 'twobytwo', 'y', '{"threshold": 0.2}')$$,
  'threshold');
SELECT is(persona.classify('twobytwo', '{"x": 0}'), 'yes', 'a lower threshold');
SELECT is(persona.classify('twobytwo@1', '{"x": 0}'), 'no', 'the version before keeps its own');
-- Far out a probability is exactly as small as it is, and neither 0/0 nor NaN.
SELECT pg_temp.near((SELECT probability FROM persona.probabilities('twobytwo', '{"x": -300}') WHERE class = 'yes'),
                    1.0 / 3 * 6 ^ (-300::float8), 1e-9, 'a tiny probability keeps its digits');
SELECT pg_temp.near((SELECT probability FROM persona.probabilities('twobytwo', '{"x": 300}') WHERE class = 'no'),
                    3 * 6 ^ (-300::float8), 1e-9, 'at the other end too');
SELECT is(persona.predict('twobytwo', '{"x": 1e300}'), 1::float8, 'certain');
SELECT is(persona.predict('twobytwo', '{"x": -1e300}'), 0::float8, 'certainly not');

-- Targets of every type give the same model: false/true, 0/1, 1/2, -1/1, text, enum, a domain.
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE DOMAIN flag AS boolean;
CREATE FUNCTION pg_temp.target(what text, expression text, positive text) RETURNS SETOF text LANGUAGE plpgsql AS $f$
BEGIN
  RETURN NEXT lives_ok(format($$SELECT persona.fit('target', 'logistic_regression', %L, 'y')$$,
                              format('SELECT x, %s AS y FROM twobytwo', expression)), 'a target of ' || what);
  RETURN NEXT pg_temp.near(persona.predict('target', '{"x": 1}'), 2.0 / 3, 1e-12,
    what || ': the probability of the positive');
  RETURN NEXT is(persona.classify('target', '{"x": 1}'), positive, what || ': by its name');
END $f$;
SELECT t FROM (VALUES ('boolean', $$y = 'yes'$$, 'true'), ('int', $$(y = 'yes')::int$$, '1'), ('smallint',
  $$(y = 'yes')::int::smallint$$, '1'),
             ('one and two', $$1 + (y = 'yes')::int::bigint$$, '2'), ('signs', $$CASE y WHEN 'yes' THEN 1.0
               ELSE -1.0 END$$, '1'),
             ('float8', $$(y = 'yes')::int::float8 / 2$$, '0.5'), ('enum', $$CASE y WHEN 'yes' THEN 'sad'
               ELSE 'glad' END::mood$$, 'sad'),
             ('a domain', $$(y = 'yes')::flag$$, 'true'), ('char(5)', $$y::char(5)$$, 'yes'),
             ('Chinese text', $$CASE y WHEN 'yes' THEN '買' ELSE '不' END$$, '買')) v(what, expression, positive),
     pg_temp.target(what, expression, positive) t;

-- Separation: reported (see the expected output of models), finite, without standard errors; l2 mends it.
CREATE TEMP TABLE separated AS SELECT g::float8 AS x, g > 5 AS y FROM generate_series(1, 10) g;
SELECT lives_ok($$SELECT persona.fit('separated', 'logistic_regression', 'separated', 'y')$$,
  'perfect separation is no error');
SELECT is(pg_temp.metric('separated', 'converged'), 0::float8, 'did not converge');
SELECT ok(bool_and(abs(estimate) < 'inf' AND std_error IS NULL AND p_value IS NULL),
  'estimates are finite and have no standard errors')
FROM persona.deployed_coefficient WHERE name = 'separated';
SELECT is((SELECT bool_and((persona.predict('separated', s) > 0.5) = y) FROM separated s), true,
  'and tell the classes apart');
-- l2: at the maximum of LL - l2 / 2 (sd b)^2 with sd^2 = 8.25 the derivatives by intercept and slope are 0.
SELECT lives_ok($$SELECT persona.fit('ridge', 'logistic_regression', 'separated', 'y', '{"l2": 2}')$$, 'l2');
SELECT is(pg_temp.metric('ridge', 'converged'), 1::float8, 'converges');
SELECT cmp_ok(abs(sum(y::int - persona.predict('ridge', s))), '<', 1e-8::float8,
  'the gradient by the intercept is zero') FROM separated s;
SELECT pg_temp.near(sum(x * (y::int - persona.predict('ridge', s))), 2 * 8.25 * (pg_temp.coefficient('ridge',
  'x')).estimate, 1e-8,
                    'the gradient by the slope is that of the penalty') FROM separated s;
SELECT is((pg_temp.coefficient('ridge', 'x')).std_error, NULL, 'a penalized fit has no standard errors');
SELECT is(pg_temp.metric('ridge', 'aic'), NULL, 'nor an AIC');
-- Quasi-separation: x = 1 has only positives.
SELECT lives_ok($$SELECT persona.fit('quasi', 'logistic_regression',
  'SELECT (g > 8)::int AS x, g > 8 OR g % 2 = 0 AS y FROM generate_series(1, 12) g', 'y')$$, 'quasi-separation');
SELECT is(pg_temp.metric('quasi', 'converged'), 0::float8, 'did not converge either');
SELECT pg_temp.near(persona.predict('quasi', '{"x": 0}'), 0.5, 1e-6, 'what is determined is right');

-- Collinear and constant columns.
SELECT lives_ok($$SELECT persona.fit('alias', 'logistic_regression',
  'SELECT x, 2 * x + 1 AS x2, 4 AS c, y FROM twobytwo', 'y')$$, 'collinear columns');
SELECT is((SELECT array_agg(term ORDER BY term_no) FROM persona.deployed_coefficient WHERE name = 'alias'
  AND estimate IS NULL), ARRAY['x2', 'c'],
          'have no estimate');
SELECT pg_temp.near(persona.predict('alias', '{"x": 1, "x2": 3, "c": 4}'), 2.0 / 3, 1e-12, 'predict all the same');
-- Without an intercept: one column of ones is the intercept.
SELECT lives_ok($$SELECT persona.fit('none', 'logistic_regression', 'SELECT 1 AS one, x, y FROM twobytwo', 'y',
  '{"intercept": false}')$$, 'no intercept');
SELECT pg_temp.near((pg_temp.coefficient('none', 'one')).estimate, ln(1 / 3::float8), 1e-12,
  'its place taken by a column of ones');
-- Shifted and scaled columns (by powers of two, so without rounding): the slope scales, the fit is the same.
SELECT lives_ok($$SELECT persona.fit('shifted', 'logistic_regression',
  'SELECT 1048576 + tuce / 1024::float8 AS t, gpa * 2 ^ 40 AS g, psi, grade FROM spector', 'grade')$$,
    'columns far from zero');
SELECT pg_temp.near((pg_temp.coefficient('shifted', 'g')).estimate, 2.8261125948893224 / 2 ^ 40, 1e-8,
  'slope of a scaled column');
SELECT pg_temp.near((pg_temp.coefficient('shifted', 't')).estimate, 0.09515766131790933 * 1024, 1e-8,
  'slope of a shifted column');

SELECT * FROM finish();
ROLLBACK;
