-- NIST's Statistical Reference Datasets in schema nist: the rows as float8 tables in random order, the certified
-- values, and how many digits a value has of them. Read by test/pgtap/nist.sql and scripts/accuracy, by psql in the
-- repository's folder.
CREATE SCHEMA nist;
CREATE TABLE nist.regression (dataset text, y numeric, x1 numeric, x2 numeric, x3 numeric, x4 numeric, x5 numeric,
  x6 numeric);
CREATE TABLE nist.certified_regression (dataset text PRIMARY KEY, level text, n integer, p integer, sigma numeric,
  r_squared numeric, f numeric);
CREATE TABLE nist.certified_coefficients (dataset text, term text, estimate numeric, std_error numeric,
  PRIMARY KEY (dataset, term));
CREATE TABLE nist.float8_coefficients (dataset text, term text, estimate float8, std_error float8,
  PRIMARY KEY (dataset, term));
CREATE TABLE nist.univariate (dataset text, t integer, y numeric, PRIMARY KEY (dataset, t));
CREATE TABLE nist.certified_univariate (dataset text PRIMARY KEY, level text, n integer, mean numeric, sd numeric,
  autocorrelation numeric);
CREATE TABLE nist.float8_univariate (dataset text PRIMARY KEY, mean float8, sd float8, autocorrelation float8);
CREATE TABLE nist.pi_line (line text);
\copy nist.regression FROM 'test/data/nist/regression.csv' (FORMAT csv, HEADER)
\copy nist.certified_regression FROM 'test/data/nist/certified_regression.csv' (FORMAT csv, HEADER)
\copy nist.certified_coefficients FROM 'test/data/nist/certified_coefficients.csv' (FORMAT csv, HEADER)
\copy nist.float8_coefficients FROM 'test/data/nist/float8_coefficients.csv' (FORMAT csv, HEADER)
\copy nist.univariate FROM 'test/data/nist/univariate.csv' (FORMAT csv, HEADER)
\copy nist.certified_univariate FROM 'test/data/nist/certified_univariate.csv' (FORMAT csv, HEADER)
\copy nist.float8_univariate FROM 'test/data/nist/float8_univariate.csv' (FORMAT csv, HEADER)
\copy nist.pi_line FROM 'test/data/nist/pi_digits.txt'
INSERT INTO nist.univariate
SELECT 'PiDigits', row_number() OVER (), digit::numeric
FROM (SELECT string_agg(line, '') AS digits FROM nist.pi_line) p, string_to_table(p.digits, NULL) digit;
-- By construction one value of .2, and then 500 times .1, .3 (Simon and Lesage 1989).
INSERT INTO nist.univariate
SELECT dataset, t, base + CASE WHEN t = 1 THEN 0.2 WHEN t % 2 = 0 THEN 0.1 ELSE 0.3 END
FROM (VALUES ('NumAcc2', 1), ('NumAcc3', 1000000), ('NumAcc4', 10000000)) v(dataset, base), generate_series(1, 1001) t;

-- A table for each dataset: powers are multiplied as numeric, which is exact, and then rounded once, to float8. The
-- rows are in random order, few a page, so that parallel workers share them.
CREATE FUNCTION nist.degree(dataset text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN dataset LIKE 'Wampler_' THEN 5 WHEN dataset = 'Pontius' THEN 2 WHEN dataset = 'Filip' THEN 10 ELSE 1 END
$$;
CREATE FUNCTION nist.create_table(dataset text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('DROP TABLE IF EXISTS nist.%I', dataset);
  EXECUTE format('CREATE TABLE nist.%I WITH (fillfactor = 10) AS SELECT y::float8 AS y, %s FROM nist.regression
                  WHERE dataset = %L ORDER BY random()', dataset,
    CASE WHEN dataset = 'Longley' THEN (SELECT string_agg(format('x%1$s::float8 AS x%1$s', k), ', ') FROM generate_series(1, 6) k)
    ELSE (SELECT string_agg(format('(%s)::float8 AS x%s', 'x1' || repeat(' * x1', k - 1), k), ', ')
          FROM generate_series(1, nist.degree(dataset)) k) END, dataset);
END
$$;

-- Fits a dataset with the options of its model and nothing else.
CREATE FUNCTION nist.fit(dataset text) RETURNS bigint LANGUAGE sql AS $$
  SELECT rows FROM persona.fit('nist_' || lower(dataset), 'linear_regression', format('SELECT * FROM nist.%I', dataset), 'y',
                               CASE WHEN dataset LIKE 'NoInt_' THEN '{"intercept": false}' ELSE '{}' END::jsonb)
$$;
CREATE VIEW nist.fitted_coefficient AS
SELECT dataset, term, f.estimate, f.std_error
FROM nist.certified_coefficients LEFT JOIN persona.deployed_coefficient f USING (term)
WHERE f.name = 'nist_' || lower(dataset);
CREATE VIEW nist.fitted_metric AS
SELECT dataset, metric, value
FROM nist.certified_regression
JOIN persona.deployed_model m ON m.name = 'nist_' || lower(dataset) JOIN persona.metric USING (model_id);

-- The log relative error of McCullough, "Assessing the reliability of statistical software: part I", The American
-- Statistician 52(4), 1998: about how many digits are right. 15 are certified, so 15 is the most, and given when all
-- of them are met.
CREATE FUNCTION nist.digits(value float8, certified numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN value::numeric = certified OR value = certified::float8 THEN 15
         ELSE least(15, -log10(abs(value - certified::float8) / CASE WHEN certified = 0 THEN 1 ELSE abs(certified::float8) END))
         END::numeric
$$;

-- Plans that are worth their while on large tables, on these small ones.
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SET client_min_messages = warning;
SET parallel_leader_participation = off;

-- Univariate summaries, in one query a dataset: `lag` gives each value its neighbor, and the ends, which the sums of
-- the pairs lack, are added (docs/accuracy.md). `less` is subtracted as numeric, before y becomes float8.
CREATE FUNCTION nist.summary(the_dataset text, less numeric = 0, OUT mean float8, OUT sd float8, OUT autocorrelation float8)
LANGUAGE sql AS $$
  SELECT m + less::float8, persona.moments_stddev(s),
         (persona.covariance(c))[1][2] * (n - 2) / (variance * (n - 1)) + (m - first) * (m - last) / (variance * (n - 1) ^ 2)
  FROM (SELECT persona.moments_agg(y) AS s, persona.cross_products_agg(y, previous) AS c, count(*) AS n,
               min(y) FILTER (WHERE previous IS NULL) AS first, min(y) FILTER (WHERE next IS NULL) AS last
        FROM (SELECT y, lag(y) OVER series AS previous, lead(y) OVER series AS next
              FROM (SELECT t, (y - less)::float8 AS y FROM nist.univariate WHERE dataset = the_dataset) v
              WINDOW series AS (ORDER BY t)) pairs) sums,
       LATERAL (SELECT persona.mean(s) AS m, persona.moments_variance(s) AS variance) moments
$$;
