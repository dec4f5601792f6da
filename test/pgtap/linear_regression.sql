-- linear_regression from SQL, against published figures: NIST's certified Longley, the prostate table of Hastie,
-- Tibshirani and Friedman, and small cases whose answer is known by hand.
BEGIN;
SELECT plan(97);
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

-- Longley: NIST StRD (https://www.itl.nist.gov/div898/strd/lls/data/Longley.shtml). Certified estimates, standard
-- deviations, residual deviation, R2 and F; to 11 digits.
CREATE TEMP TABLE longley (y float8, x1 float8, x2 float8, x3 float8, x4 float8, x5 float8, x6 float8);
COPY longley FROM stdin WITH (DELIMITER ' ');
60323 83.0 234289 2356 1590 107608 1947
61122 88.5 259426 2325 1456 108632 1948
60171 88.2 258054 3682 1616 109773 1949
61187 89.5 284599 3351 1650 110929 1950
63221 96.2 328975 2099 3099 112075 1951
63639 98.1 346999 1932 3594 113270 1952
64989 99.0 365385 1870 3547 115094 1953
63761 100.0 363112 3578 3350 116219 1954
66019 101.2 397469 2904 3048 117388 1955
67857 104.6 419180 2822 2857 118734 1956
68169 108.4 442769 2936 2798 120445 1957
66513 110.8 444546 4681 2637 121950 1958
68655 112.6 482704 3813 2552 123366 1959
69564 114.2 502601 3931 2514 125368 1960
69331 115.7 518173 4806 2572 127852 1961
70551 116.9 554894 4007 2827 130081 1962
\.
CREATE TEMP TABLE certified (term text, estimate float8, std_error float8);
INSERT INTO certified VALUES
  ('(intercept)', -3482258.63459582, 890420.383607373), ('x1', 15.0618722713733, 84.9149257747669),
  ('x2', -0.358191792925910e-01, 0.334910077722432e-01), ('x3', -2.02022980381683, 0.488399681651699),
  ('x4', -1.03322686717359, 0.214274163161675), ('x5', -0.511041056535807e-01, 0.226073200069370),
  ('x6', 1829.15146461355, 455.478499142212);
SELECT is((SELECT (rows, skipped)::text FROM persona.fit('longley', 'linear_regression', 'longley', 'y')), '(16,0)',
  'rows');
SELECT pg_temp.near((pg_temp.coefficient('longley', term)).estimate, estimate, 1e-11, 'Longley: estimate of ' || term)
  FROM certified;
SELECT pg_temp.near((pg_temp.coefficient('longley', term)).std_error, std_error, 1e-11,
  'Longley: std_error of ' || term)
FROM certified;
SELECT pg_temp.near((pg_temp.coefficient('longley', term)).statistic, estimate / std_error, 1e-11,
  'Longley: t of ' || term)
FROM certified;
SELECT pg_temp.near(pg_temp.metric('longley', 'sigma'), 304.854073561965, 1e-11, 'Longley: residual deviation');
SELECT pg_temp.near(pg_temp.metric('longley', 'r_squared'), 0.995479004577296, 1e-11, 'Longley: R2');
SELECT pg_temp.near(pg_temp.metric('longley', 'rss'), 836424.055505915, 1e-11, 'Longley: residual sum of squares');
SELECT pg_temp.near(pg_temp.metric('longley', 'f_statistic'), 330.285339234588, 1e-11, 'Longley: F');
SELECT is(pg_temp.metric('longley', 'residual_df'), 9::float8, 'Longley: degrees of freedom');
SELECT is(pg_temp.metric('longley', 'rank'), 7::float8, 'Longley: rank');
-- From the certified figures by scipy 1.10: stats.t.sf(., 9), stats.f.sf(., 6, 9), and estimate -+ 2.2621571627409915 std_error.
SELECT pg_temp.near((pg_temp.coefficient('longley', term)).p_value, p, 1e-9, 'Longley: p value of ' || term)
FROM (VALUES ('(intercept)', 0.0035604036637262282), ('x1', 0.8631408328092145), ('x2', 0.31268106109271143),
             ('x3', 0.002535091734111225), ('x4', 0.000944366764161797), ('x5', 0.8262117957636468),
             ('x6', 0.003036803341630311)) v(term, p);
SELECT pg_temp.near(pg_temp.metric('longley', 'f_p_value'), 4.98403052872481e-10, 1e-9, 'Longley: p value of F');
SELECT pg_temp.near((pg_temp.coefficient('longley', 'x6')).ci_low, 798.7875153044786, 1e-10,
  'Longley: lower confidence limit');
SELECT pg_temp.near((pg_temp.coefficient('longley', 'x6')).ci_high, 2859.5154139226215, 1e-10,
  'Longley: upper confidence limit');
-- Their definitions, from the certified sum of squares.
SELECT pg_temp.near(pg_temp.metric('longley', 'adjusted_r_squared'), 1 - (1 - 0.995479004577296) * 15 / 9, 1e-11,
  'adjusted R2');
SELECT pg_temp.near(pg_temp.metric('longley', 'log_likelihood'), -8 * (ln(2 * pi() * 836424.055505915 / 16) + 1),
  1e-11,
                    'log likelihood, as R''s logLik');
SELECT pg_temp.near(pg_temp.metric('longley', 'aic'), 2 * 8 + 16 * (ln(2 * pi() * 836424.055505915 / 16) + 1), 1e-11,
  'AIC');
SELECT pg_temp.near(pg_temp.metric('longley', 'bic'),
  ln(16::float8) * 8 + 16 * (ln(2 * pi() * 836424.055505915 / 16) + 1), 1e-11,
                    'BIC');
SELECT pg_temp.near(sum((y - persona.predict('longley', l)) ^ 2), 836424.055505915, 1e-9,
  'predictions leave the certified residuals')
FROM longley l;
DO $$ BEGIN PERFORM persona.fit('longley', 'linear_regression', 'longley', 'y', '{"confidence": 0.9}'); END $$;
-- scipy: stats.t.ppf(0.95, 9)
SELECT pg_temp.near((pg_temp.coefficient('longley', 'x6')).ci_high,
  1829.15146461355 + 1.8331129326536335 * 455.478499142212, 1e-10,
                    'confidence 0.9');
SELECT is((SELECT count(*) FROM persona.coefficient c JOIN persona.deployed_model m USING (model_id)
  WHERE m.name = 'longley'
           AND c.ci_low < c.estimate AND c.estimate < c.ci_high), 7::bigint, 'limits on both sides');

-- Prostate: Hastie, Tibshirani, Friedman, "The Elements of Statistical Learning", 2nd ed., tables 3.2 and 3.3: predictors
-- standardized over all 97 men, 67 of them the training set; test error 0.521.
CREATE TEMP TABLE prostate (lcavol float8, lweight float8, age int, lbph float8, svi int, lcp float8, gleason int,
  pgg45 int,
                            lpsa float8, train boolean);
COPY prostate FROM stdin WITH (DELIMITER ' ');
-0.579818495 2.769459 50 -1.38629436 0 -1.38629436 6 0 -0.4307829 TRUE
-0.994252273 3.319626 58 -1.38629436 0 -1.38629436 6 0 -0.1625189 TRUE
-0.510825624 2.691243 74 -1.38629436 0 -1.38629436 7 20 -0.1625189 TRUE
-1.203972804 3.282789 58 -1.38629436 0 -1.38629436 6 0 -0.1625189 TRUE
0.751416089 3.432373 62 -1.38629436 0 -1.38629436 6 0 0.3715636 TRUE
-1.049822124 3.228826 50 -1.38629436 0 -1.38629436 6 0 0.7654678 TRUE
0.737164066 3.473518 64 0.61518564 0 -1.38629436 6 0 0.7654678 FALSE
0.693147181 3.539509 58 1.53686722 0 -1.38629436 6 0 0.8544153 TRUE
-0.776528789 3.539509 47 -1.38629436 0 -1.38629436 6 0 1.047319 FALSE
0.223143551 3.244544 63 -1.38629436 0 -1.38629436 6 0 1.047319 FALSE
0.254642218 3.604138 65 -1.38629436 0 -1.38629436 6 0 1.2669476 TRUE
-1.347073648 3.598681 63 1.2669476 0 -1.38629436 6 0 1.2669476 TRUE
1.613429934 3.022861 63 -1.38629436 0 -0.597837 7 30 1.2669476 TRUE
1.477048724 2.998229 67 -1.38629436 0 -1.38629436 7 5 1.3480731 TRUE
1.205970807 3.442019 57 -1.38629436 0 -0.43078292 7 5 1.3987169 FALSE
1.541159072 3.061052 66 -1.38629436 0 -1.38629436 6 0 1.446919 TRUE
-0.415515444 3.516013 70 1.24415459 0 -0.597837 7 30 1.4701758 TRUE
2.288486169 3.649359 66 -1.38629436 0 0.37156356 6 0 1.4929041 TRUE
-0.562118918 3.267666 41 -1.38629436 0 -1.38629436 6 0 1.5581446 TRUE
0.182321557 3.825375 70 1.65822808 0 -1.38629436 6 0 1.5993876 TRUE
1.147402453 3.419365 59 -1.38629436 0 -1.38629436 6 0 1.6389967 TRUE
2.059238834 3.501043 60 1.47476301 0 1.34807315 7 20 1.6582281 FALSE
-0.544727175 3.37588 59 -0.7985077 0 -1.38629436 6 0 1.6956156 TRUE
1.781709133 3.451574 63 0.43825493 0 1.178655 7 60 1.7137979 TRUE
0.385262401 3.6674 69 1.59938758 0 -1.38629436 6 0 1.7316555 FALSE
1.446918983 3.124565 68 0.30010459 0 -1.38629436 6 0 1.7664417 FALSE
0.512823626 3.719651 65 -1.38629436 0 -0.7985077 7 70 1.8000583 TRUE
-0.400477567 3.865979 67 1.81645208 0 -1.38629436 7 20 1.8164521 FALSE
1.040276712 3.128951 67 0.22314355 0 0.04879016 7 80 1.8484548 TRUE
2.409644165 3.37588 65 -1.38629436 0 1.61938824 6 0 1.8946169 TRUE
0.285178942 4.090169 65 1.96290773 0 -0.7985077 6 0 1.9242487 TRUE
0.182321557 3.80443779474821 65 1.70474809 0 -1.38629436 6 0 2.008214 FALSE
1.2753628 3.037354 71 1.2669476 0 -1.38629436 6 0 2.008214 TRUE
0.009950331 3.267666 54 -1.38629436 0 -1.38629436 6 0 2.0215476 FALSE
-0.010050336 3.216874 63 -1.38629436 0 -0.7985077 6 0 2.0476928 TRUE
1.30833282 4.11985 64 2.17133681 0 -1.38629436 7 5 2.0856721 FALSE
1.423108334 3.657131 73 -0.5798185 0 1.65822808 8 15 2.1575593 TRUE
0.457424847 2.374906 64 -1.38629436 0 -1.38629436 7 15 2.1916535 TRUE
2.660958594 4.085136 68 1.37371558 1 1.83258146 7 35 2.2137539 TRUE
0.797507196 3.013081 56 0.93609336 0 -0.16251893 7 5 2.2772673 TRUE
0.620576488 3.141995 60 -1.38629436 0 -1.38629436 9 80 2.2975726 TRUE
1.442201993 3.68261 68 -1.38629436 0 -1.38629436 7 10 2.3075726 FALSE
0.58221562 3.865979 62 1.71379793 0 -0.43078292 6 0 2.3272777 TRUE
1.771556762 3.896909 61 -1.38629436 0 0.81093022 7 6 2.3749058 FALSE
1.486139696 3.409496 66 1.74919985 0 -0.43078292 7 20 2.5217206 TRUE
1.663926098 3.392829 61 0.61518564 0 -1.38629436 7 15 2.5533438 TRUE
2.727852828 3.995445 79 1.87946505 1 2.65675691 9 100 2.5687881 TRUE
1.16315081 4.035125 68 1.71379793 0 -0.43078292 7 40 2.5687881 FALSE
1.745715531 3.498022 43 -1.38629436 0 -1.38629436 6 0 2.5915164 FALSE
1.220829921 3.568123 70 1.37371558 0 -0.7985077 6 0 2.5915164 FALSE
1.091923301 3.993603 68 -1.38629436 0 -1.38629436 7 50 2.6567569 TRUE
1.660131027 4.234831 64 2.07317193 0 -1.38629436 6 0 2.677591 TRUE
0.512823626 3.633631 64 1.4929041 0 0.04879016 7 70 2.6844403 FALSE
2.12704052 4.121473 68 1.76644166 0 1.44691898 7 40 2.6912431 FALSE
3.153590358 3.516013 59 -1.38629436 0 -1.38629436 7 5 2.7047113 FALSE
1.266947603 4.280132 66 2.12226154 0 -1.38629436 7 15 2.7180005 TRUE
0.97455964 2.865054 47 -1.38629436 0 0.50077529 7 4 2.7880929 FALSE
0.463734016 3.764682 49 1.42310833 0 -1.38629436 6 0 2.7942279 TRUE
0.542324291 4.178226 70 0.43825493 0 -1.38629436 7 20 2.8063861 TRUE
1.061256502 3.851211 61 1.29472717 0 -1.38629436 7 40 2.8124102 TRUE
0.457424847 4.524502 73 2.32630162 0 -1.38629436 6 0 2.8419982 TRUE
1.997417706 3.719651 63 1.61938824 1 1.9095425 7 40 2.8535925 FALSE
2.77570885 3.524889 72 -1.38629436 0 1.55814462 9 95 2.8535925 TRUE
2.034705648 3.917011 66 2.00821403 1 2.1102132 7 60 2.8820035 FALSE
2.073171929 3.623007 64 -1.38629436 0 -1.38629436 6 0 2.8820035 FALSE
1.458615023 3.836221 61 1.32175584 0 -0.43078292 7 20 2.8875901 FALSE
2.02287119 3.878466 68 1.78339122 0 1.32175584 7 70 2.9204698 TRUE
2.198335072 4.050915 72 2.30757263 0 -0.43078292 7 10 2.9626924 TRUE
-0.446287103 4.408547 69 -1.38629436 0 -1.38629436 6 0 2.9626924 TRUE
1.193922468 4.780383 72 2.32630162 0 -0.7985077 7 5 2.9729753 TRUE
1.864080131 3.593194 60 -1.38629436 1 1.32175584 7 60 3.0130809 TRUE
1.160020917 3.341093 77 1.74919985 0 -1.38629436 7 25 3.0373539 TRUE
1.214912744 3.825375 69 -1.38629436 1 0.22314355 7 20 3.0563569 FALSE
1.838961071 3.236716 60 0.43825493 1 1.178655 9 90 3.0750055 FALSE
2.999226163 3.849083 69 -1.38629436 1 1.9095425 7 20 3.2752562 TRUE
3.141130476 3.263849 68 -0.05129329 1 2.42036813 7 50 3.3375474 TRUE
2.010894999 4.433789 72 2.12226154 0 0.50077529 7 60 3.3928291 TRUE
2.537657215 4.354784 78 2.32630162 0 -1.38629436 7 10 3.4355988 TRUE
2.648300197 3.582129 69 -1.38629436 1 2.58399755 7 70 3.4578927 TRUE
2.779440197 3.823192 63 -1.38629436 0 0.37156356 7 50 3.5130369 FALSE
1.467874348 3.070376 66 0.55961579 0 0.22314355 7 40 3.5160131 TRUE
2.513656063 3.473518 57 0.43825493 0 2.32727771 7 60 3.5307626 TRUE
2.613006652 3.888754 77 -0.52763274 1 0.55961579 7 30 3.5652984 TRUE
2.677590994 3.838376 65 1.11514159 0 1.74919985 9 70 3.5709402 FALSE
1.562346305 3.709907 60 1.69561561 0 0.81093022 7 30 3.5876769 TRUE
3.302849259 3.51898 64 -1.38629436 1 2.32727771 7 60 3.6309855 TRUE
2.024193067 3.731699 58 1.63899671 0 -1.38629436 6 0 3.6800909 TRUE
1.731655545 3.369018 62 -1.38629436 1 0.30010459 7 30 3.7123518 TRUE
2.807593831 4.718052 65 -1.38629436 1 2.46385324 7 60 3.9843437 TRUE
1.562346305 3.69511 76 0.93609336 1 0.81093022 7 75 3.993603 TRUE
3.246490992 4.101817 68 -1.38629436 0 -1.38629436 6 0 4.029806 TRUE
2.532902848 3.677566 61 1.34807315 1 -1.38629436 7 15 4.1295508 TRUE
2.830267834 3.876396 68 -1.38629436 1 1.32175584 7 60 4.3851468 TRUE
3.821003607 3.896909 44 -1.38629436 1 2.1690537 7 40 4.6844434 TRUE
2.907447359 3.396185 52 -1.38629436 1 2.46385324 7 10 5.1431245 FALSE
2.882563575 3.77391 68 1.55814462 1 1.55814462 7 80 5.477509 TRUE
3.471966453 3.974998 68 0.43825493 1 2.90416508 7 20 5.5829322 FALSE
\.
CREATE TEMP VIEW scaled AS
  SELECT (lcavol - avg(lcavol) OVER w) / stddev_samp(lcavol) OVER w AS lcavol,
         (lweight - avg(lweight) OVER w) / stddev_samp(lweight) OVER w AS lweight,
         (age - avg(age) OVER w) / stddev_samp(age) OVER w AS age,
         (lbph - avg(lbph) OVER w) / stddev_samp(lbph) OVER w AS lbph,
         (svi - avg(svi) OVER w) / stddev_samp(svi) OVER w AS svi,
         (lcp - avg(lcp) OVER w) / stddev_samp(lcp) OVER w AS lcp,
         (gleason - avg(gleason) OVER w) / stddev_samp(gleason) OVER w AS gleason,
         (pgg45 - avg(pgg45) OVER w) / stddev_samp(pgg45) OVER w AS pgg45, lpsa, train
  FROM prostate WINDOW w AS ();
SELECT is((SELECT rows FROM persona.fit('prostate', 'linear_regression', 'SELECT * FROM scaled WHERE train', 'lpsa',
                                        '{"ignore": ["train"]}')), 67::bigint, 'prostate: the training set');
SELECT is(round((pg_temp.coefficient('prostate', term)).estimate::numeric, 3), published, 'prostate: ' || term)
FROM (VALUES ('(intercept)', 2.465), ('lcavol', 0.680), ('lweight', 0.263), ('age', -0.141), ('lbph', 0.210), ('svi',
  0.305),
             ('lcp', -0.288), ('gleason', -0.021), ('pgg45', 0.267)) v(term, published);
SELECT is(round(avg((lpsa - persona.predict('prostate', s)) ^ 2)::numeric, 3), 0.521,
  'prostate: the published test error')
FROM scaled s WHERE NOT train;

-- Collinear columns: the mean of y is the best there is, 2/3 for each row; x1 and x3 follow from it.
CREATE TEMP TABLE seed (x1 float8, x2 float8, x3 float8, y float8);
INSERT INTO seed VALUES (100, 10, 30, 1), (200, 20, 60, 0), (300, 30, 90, 1);
SELECT lives_ok($$SELECT persona.fit('seed', 'linear_regression', 'seed', 'y')$$, 'collinear columns are no error');
SELECT pg_temp.near(persona.predict('seed', s), 2.0 / 3, 1e-15, 'collinear columns: row ' || x1) FROM seed s;
SELECT is((SELECT array_agg(c.term ORDER BY c.term_no) FROM persona.deployed_coefficient c WHERE name = 'seed'
  AND estimate IS NULL),
          ARRAY['x2', 'x3'], 'terms collinear with earlier ones have no estimate');
SELECT is((SELECT (std_error, statistic, p_value, ci_low, ci_high)::text FROM persona.deployed_coefficient
  WHERE name = 'seed'
           AND term = 'x3'), '(,,,,)', 'nor anything else');
SELECT is(pg_temp.metric('seed', 'rank'), 2::float8, 'the rank counts the others');
SELECT lives_ok($$SELECT persona.fit('const', 'linear_regression',
  'SELECT g AS x, 7.25 AS c, 1e-30 * (g % 2) AS tiny, 3.0 * g + 1 AS y FROM generate_series(1, 9) g', 'y')$$,
    'a constant column');
SELECT is((pg_temp.coefficient('const', 'c')).estimate, NULL, 'has no estimate');
SELECT isnt((pg_temp.coefficient('const', 'tiny')).estimate, NULL, 'a column in tiny units has');
SELECT pg_temp.near(persona.predict('const', '{"x": 100, "c": 8, "tiny": 0}'), 301, 1e-13, 'prediction stays right');
-- A column that only nearly repeats another is no alias: 1e-6 apart, slope known exactly.
SELECT lives_ok($$SELECT persona.fit('close', 'linear_regression',
  'SELECT g::float8 AS a, g + 1e-6 * (g % 3) AS b, 2 * g + 1 * (g + 1e-6 * (g % 3)) AS y FROM generate_series(1, 30) g',
    'y')$$,
  'nearly collinear');
SELECT pg_temp.near((pg_temp.coefficient('close', 'a')).estimate, 2, 1e-6, 'keeps both');
SELECT pg_temp.near((pg_temp.coefficient('close', 'b')).estimate, 1, 1e-6, 'slopes');

-- Simple cases by hand: y = x on (1,1), (2,2), (3,2): slope 1/2, intercept 2/3, RSS 1/6.
CREATE TEMP TABLE three (x float8, y float8);
INSERT INTO three VALUES (1, 1), (2, 2), (3, 2);
SELECT lives_ok($$SELECT persona.fit('three', 'linear_regression', 'three', 'y')$$, 'three points');
SELECT pg_temp.near((pg_temp.coefficient('three', 'x')).estimate, 0.5, 1e-15, 'slope');
SELECT pg_temp.near((pg_temp.coefficient('three', '(intercept)')).estimate, 2.0 / 3, 1e-14, 'intercept');
SELECT pg_temp.near(pg_temp.metric('three', 'rss'), 1.0 / 6, 1e-14, 'RSS');
SELECT pg_temp.near((pg_temp.coefficient('three', 'x')).std_error, sqrt(1.0 / 6 / 2), 1e-14,
  'std_error: sqrt(sigma^2 / Sxx)');
SELECT lives_ok($$SELECT persona.fit('origin', 'linear_regression', 'three', 'y', '{"intercept": false}')$$,
  'through the origin');
SELECT pg_temp.near((pg_temp.coefficient('origin', 'x')).estimate, 11.0 / 14, 1e-15, 'sum xy / sum xx');
-- Ridge on one column: b = Sxy / (Sxx + l2 Sxx / n) = 1 / (2 + 3 * 2 / 3) = 1/4, through the means (2, 5/3).
SELECT lives_ok($$SELECT persona.fit('ridge', 'linear_regression', 'three', 'y', '{"l2": 3}')$$, 'l2');
SELECT pg_temp.near((pg_temp.coefficient('ridge', 'x')).estimate, 0.25, 1e-15, 'l2 on standardized columns');
SELECT pg_temp.near((pg_temp.coefficient('ridge', '(intercept)')).estimate, 5.0 / 3 - 0.5, 1e-15,
  'the intercept is not penalized');
SELECT is((pg_temp.coefficient('ridge', 'x')).std_error, NULL, 'a penalized fit has no standard errors');
SELECT is(pg_temp.metric('ridge', 'aic'), NULL, 'nor an AIC');
SELECT lives_ok($$SELECT persona.fit('exact', 'linear_regression', 'SELECT * FROM three LIMIT 2', 'y')$$,
  'as many terms as rows');
SELECT is((SELECT count(std_error) FROM persona.deployed_coefficient WHERE name = 'exact'), 0::bigint,
  'no standard errors');
SELECT pg_temp.near(persona.predict('exact', '{"x": 3}'), 3, 1e-15, 'but a line');
SELECT lives_ok($$SELECT persona.fit('few', 'linear_regression', 'SELECT g AS a, g * g AS b, 2 ^ g AS c, g AS y FROM
  generate_series(1, 2) g', 'y')$$, 'fewer rows than terms');
SELECT pg_temp.near(persona.predict('few', '{"a": 2, "b": 4, "c": 4}'), 2, 1e-15, 'still goes through them');
SELECT lives_ok($$SELECT persona.fit('mean', 'linear_regression', 'SELECT y FROM three', 'y')$$, 'no features');
SELECT pg_temp.near(persona.predict('mean', '{}'), 5.0 / 3, 1e-15, 'predict the mean');

-- Levels: group means by SQL.
CREATE TEMP TABLE groups AS SELECT (ARRAY['b', 'a', 'C', 'ä'])[1 + g % 4] AS level, (g * g % 17)::float8 AS y
  FROM generate_series(1, 40) g;
SELECT lives_ok($$SELECT persona.fit('levels', 'linear_regression', 'groups', 'y')$$, 'a label column');
SELECT pg_temp.near(persona.predict('levels', g), avg(y), 1e-13, 'predicts the mean of level ' || level)
FROM groups g GROUP BY level, persona.predict('levels', g);
SELECT is((SELECT array_agg(term ORDER BY term_no) FROM persona.deployed_coefficient WHERE name = 'levels'),
          ARRAY['(intercept)', 'level=a', 'level=b', 'level=ä'], 'levels in byte order, the first is the reference');
SELECT lives_ok($$SELECT persona.fit('types', 'linear_regression',
  'SELECT g::smallint AS s, (g * g)::bigint AS b, (g % 3)::real AS r, (g % 4)::numeric(5, 2) AS n, g % 2 = 0 AS t,
          2.0 * g + 3.0 * g * g + 5.0 * (g % 3) + 7.0 * (g % 4) + CASE WHEN g % 2 = 0 THEN 11 ELSE 0 END AS y
   FROM generate_series(1, 60) g', 'y')$$, 'number types and boolean');
SELECT is((SELECT array_agg(term || ' ' || round(estimate::numeric, 8) ORDER BY term_no)
  FROM persona.deployed_coefficient
           WHERE name = 'types' AND term <> '(intercept)'),
          ARRAY['s 2.00000000', 'b 3.00000000', 'r 5.00000000', 'n 7.00000000', 't=true 11.00000000'],
            'each finds its slope');

SELECT * FROM finish();
ROLLBACK;
