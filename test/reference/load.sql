-- The real data sets that fits are compared on, in schema reference: each table holds a target and the features of its
-- model, rows complete. What is small is in test/reference/data; the others are read from the folder PERSONA_DATA
-- names, else ../shared/data, and their tables stay empty where it is missing. Read by test/pgtap/reference.sql and
-- test/reference/regenerate, by psql in the repository's folder.
CREATE SCHEMA reference;
CREATE TABLE reference.model (dataset text PRIMARY KEY, kind text, target text);
INSERT INTO reference.model VALUES
  ('spector', 'logistic_regression', 'grade'), ('birthwt', 'logistic_regression', 'low'),
  ('birthwt_grams', 'linear_regression', 'bwt'), ('prostate', 'linear_regression', 'lpsa'),
  ('online_shoppers', 'logistic_regression', 'revenue'), ('bank', 'logistic_regression', 'y'),
  ('online_retail', 'poisson_regression', 'orders');

-- Spector and Mazzeo, "Program effectiveness in teaching intermediate microeconomics", J. Econ. Educ. 11(2), 1980.
CREATE TABLE reference.spector (gpa float8, tuce integer, psi integer, grade integer);
\copy reference.spector FROM 'test/reference/data/spector.csv' (FORMAT csv, HEADER)

-- Hosmer and Lemeshow, "Applied Logistic Regression", 1989: birthwt of the R package MASS.
CREATE TABLE reference.birth (low integer, age integer, lwt integer, race integer, smoke integer, ptl integer, ht integer,
  ui integer, ftv integer, bwt integer);
\copy reference.birth FROM 'test/reference/data/birthwt.csv' (FORMAT csv, HEADER)
CREATE TABLE reference.birthwt_grams AS
SELECT age, lwt, (ARRAY['white', 'black', 'other'])[race] AS race, smoke = 1 AS smoke, ptl, ht, ui, ftv, bwt FROM reference.birth;
CREATE TABLE reference.birthwt AS
SELECT low, age, lwt, (ARRAY['white', 'black', 'other'])[race] AS race, smoke = 1 AS smoke, ptl, ht, ui, ftv FROM reference.birth;

-- Stamey et al., J. Urology 141(5), 1989, as in Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning".
CREATE TABLE reference.man (lcavol float8, lweight float8, age integer, lbph float8, svi integer, lcp float8,
  gleason integer, pgg45 integer, lpsa float8, train boolean);
\copy reference.man FROM 'test/reference/data/prostate.csv' (FORMAT csv, HEADER)
CREATE TABLE reference.prostate AS
SELECT lcavol, lweight, age, lbph, svi, lcp, 'score ' || gleason AS gleason, pgg45, lpsa FROM reference.man;

-- Sakar et al., "Real-time prediction of online shoppers' purchasing intention", 2018 (UCI). Levels with few sessions, in
-- which nobody or everybody bought, are put together: their coefficients would be infinite.
CREATE TABLE reference.session (administrative integer, administrative_duration float8, informational integer,
  informational_duration float8, product_related integer, product_related_duration float8, bounce_rates float8,
  exit_rates float8, page_values float8, special_day float8, month text, operating_systems text, browser text,
  region text, traffic_type text, visitor_type text, weekend boolean, revenue boolean);
\copy reference.session FROM PROGRAM 'cat "${PERSONA_DATA:-../shared/data}/online_shoppers/online_shoppers_intention.csv" 2>/dev/null || true' (FORMAT csv, HEADER)
CREATE FUNCTION reference.common(label text, rows bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN rows < 100 THEN 'rare' ELSE 'no ' || label END
$$;
CREATE TABLE reference.online_shoppers AS
SELECT administrative, administrative_duration, informational, informational_duration, product_related,
       product_related_duration, bounce_rates, exit_rates, page_values, special_day, month,
       reference.common(operating_systems, count(*) OVER (PARTITION BY operating_systems)) AS operating_systems,
       reference.common(browser, count(*) OVER (PARTITION BY browser)) AS browser,
       reference.common(region, count(*) OVER (PARTITION BY region)) AS region,
       reference.common(traffic_type, count(*) OVER (PARTITION BY traffic_type)) AS traffic_type,
       visitor_type, weekend, revenue
FROM reference.session;

-- Moro, Cortez and Rita, "A data-driven approach to predict the success of bank telemarketing", 2014 (UCI, bank-full).
CREATE TABLE reference.bank (age integer, job text, marital text, education text, "default" text, balance integer,
  housing text, loan text, contact text, day integer, month text, duration integer, campaign integer, pdays integer,
  previous integer, poutcome text, y text);
\copy reference.bank FROM PROGRAM 'gzip -dc "${PERSONA_DATA:-../shared/data}/bank/bank-full.csv.gz" 2>/dev/null || true' (FORMAT csv, HEADER, DELIMITER ';')

-- Chen, Sain and Guo, "Data mining for the online retail industry", 2012 (UCI, Online Retail): how often a customer of the
-- first nine months orders in the last three, from what he did before.
CREATE TABLE reference.order_line (invoice_no text, stock_code text, description text, quantity integer,
  ordered_at timestamp, unit_price numeric, customer_id bigint, country text);
\copy reference.order_line FROM PROGRAM 'gzip -dc "${PERSONA_DATA:-../shared/data}/online_retail/onlineretail.csv.gz" 2>/dev/null || true' (FORMAT csv, HEADER, NULL 'NA')
CREATE TABLE reference.online_retail AS
WITH purchase AS (
  SELECT * FROM reference.order_line WHERE customer_id IS NOT NULL AND quantity > 0 AND unit_price > 0
), before AS (
  SELECT customer_id, count(DISTINCT invoice_no)::integer AS past_orders, count(DISTINCT stock_code)::integer AS products,
         ln(sum(quantity * unit_price))::float8 AS log_amount, DATE '2011-09-01' - max(ordered_at)::date AS recency_days,
         DATE '2011-09-01' - min(ordered_at)::date AS tenure_days,
         CASE WHEN min(country) IN ('EIRE', 'France', 'Germany', 'United Kingdom') THEN min(country) ELSE 'Elsewhere' END AS country
  FROM purchase WHERE ordered_at < '2011-09-01' GROUP BY customer_id
)
SELECT past_orders, products, log_amount, recency_days, tenure_days, country, coalesce(orders, 0) AS orders
FROM before LEFT JOIN (SELECT customer_id, count(DISTINCT invoice_no)::integer AS orders
                       FROM purchase WHERE ordered_at >= '2011-09-01' GROUP BY customer_id) later USING (customer_id);
DROP TABLE reference.birth, reference.man, reference.session, reference.order_line;
