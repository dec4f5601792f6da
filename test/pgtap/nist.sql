-- Linear regression and summaries against all linear and univariate sets of NIST's Statistical Reference Datasets, in
-- the default mode: rows in random order, parallel workers, merged states.
BEGIN;
SELECT plan(103);
SELECT setseed(0.25) \g /dev/null
\i test/data/nist/load.sql

-- Digits that must be right: more than these Filip's columns, once they are float8, no longer determine.
CREATE FUNCTION nist.required(dataset text) RETURNS numeric LANGUAGE sql AS $$
  SELECT CASE WHEN dataset = 'Filip' THEN 7 ELSE 9 END
$$;
-- How far an answer may be from the exact one for the float8 columns: the last two digits of a double.
CREATE FUNCTION nist.slack(dataset text) RETURNS float8 LANGUAGE sql AS $$
  SELECT CASE WHEN dataset = 'Filip' THEN 1e-9 ELSE 1e-14 END
$$;
CREATE FUNCTION nist.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  line text;
  lines text := '';
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || query LOOP lines := lines || line || E'\n'; END LOOP;
  RETURN lines;
END
$$;

CREATE TABLE nist.run (turn integer, dataset text, term text, estimate float8, std_error float8);
CREATE TABLE nist.run_metric (turn integer, dataset text, metric text, value float8);
DO $$
BEGIN
  FOR turn IN 0 .. 3 LOOP
    PERFORM nist.create_table(dataset) FROM nist.certified_regression;
    PERFORM set_config('max_parallel_workers_per_gather', least(turn, 4)::text, true);  -- none at first
    PERFORM nist.fit(dataset) FROM nist.certified_regression;
    INSERT INTO nist.run SELECT turn, * FROM nist.fitted_coefficient;
    INSERT INTO nist.run_metric SELECT turn, * FROM nist.fitted_metric;
  END LOOP;
END
$$;
SELECT matches(nist.plan_of('SELECT * FROM nist."Filip"'), 'Workers Planned: [1-9]', 'workers read the rows');
SELECT isnt(array_agg(y), (SELECT array_agg(y ORDER BY x1) FROM nist."Filip"), 'the rows are in random order') FROM nist."Filip";
SELECT is((SELECT count(*) FROM nist.run), 4 * (SELECT count(*) FROM nist.certified_coefficients), 'all terms were fitted');

SELECT cmp_ok(min(nist.digits(r.estimate, c.estimate)), '>=', nist.required(dataset), dataset || ': digits of the estimates')
FROM nist.certified_coefficients c LEFT JOIN nist.run r USING (dataset, term) GROUP BY dataset ORDER BY dataset;
SELECT cmp_ok(min(nist.digits(r.std_error, c.std_error)), '>=', nist.required(dataset), dataset || ': digits of the standard errors')
FROM nist.certified_coefficients c LEFT JOIN nist.run r USING (dataset, term) GROUP BY dataset ORDER BY dataset;
SELECT cmp_ok(min(nist.digits(value, sigma)), '>=', nist.required(dataset), dataset || ': digits of sigma')
FROM nist.certified_regression LEFT JOIN nist.run_metric USING (dataset) WHERE metric = 'sigma' GROUP BY dataset ORDER BY dataset;
SELECT cmp_ok(min(nist.digits(value, r_squared)), '>=', nist.required(dataset), dataset || ': digits of R2')
FROM nist.certified_regression LEFT JOIN nist.run_metric USING (dataset) WHERE metric = 'r_squared' GROUP BY dataset ORDER BY dataset;
SELECT cmp_ok(min(nist.digits(value, f)), '>=', nist.required(dataset), dataset || ': digits of F')
FROM nist.certified_regression LEFT JOIN nist.run_metric USING (dataset)
WHERE metric = 'f_statistic' AND f IS NOT NULL GROUP BY dataset ORDER BY dataset;
SELECT is((SELECT count(*) FROM nist.run_metric WHERE metric = 'f_statistic' AND dataset IN ('Wampler1', 'Wampler2')), 0::bigint,
          'exact fits have no F');

-- Beside the exact answer for the columns as float8 (test/data/nist/exact.py) nothing is lost but the last two digits.
SELECT is((SELECT string_agg(DISTINCT dataset, ' ') FROM nist.run r JOIN nist.float8_coefficients e USING (dataset, term)
           WHERE NOT abs(r.estimate - e.estimate) <= nist.slack(dataset) * abs(e.estimate)), NULL, 'estimates are the exact ones');
SELECT is((SELECT string_agg(DISTINCT dataset, ' ') FROM nist.run r JOIN nist.float8_coefficients e USING (dataset, term)
           WHERE dataset <> 'Wampler2'  -- its residuals are the rounding of y, which counts as an exact fit
             AND NOT abs(r.std_error - e.std_error) <= nist.slack(dataset) * e.std_error), NULL, 'standard errors are the exact ones');
SELECT is((SELECT string_agg(DISTINCT dataset, ' ')
           FROM (SELECT dataset FROM nist.run GROUP BY dataset, term
                 HAVING NOT max(estimate) - min(estimate) <= nist.slack(dataset) * abs(min(estimate))
                     OR NOT max(std_error) - min(std_error) <= nist.slack(dataset) * abs(min(std_error))) q),
          NULL, 'neither the order of the rows nor the number of workers shows');

-- The same from cross_products_agg: in workers, and rolled up from one state a row.
SET LOCAL max_parallel_workers_per_gather = 2;
CREATE TABLE nist.aggregate_run (way text, dataset text, term text, estimate float8, std_error float8);
CREATE TABLE nist.aggregate_r_squared (way text, dataset text, r_squared float8);
CREATE FUNCTION nist.aggregate(dataset text) RETURNS text LANGUAGE sql AS $$
  SELECT format('persona.cross_products_agg(y, %s)', string_agg('x' || k, ', ' ORDER BY k))
  FROM generate_series(1, CASE dataset WHEN 'Longley' THEN 6 ELSE nist.degree(dataset) END) k
$$;
DO $$
DECLARE
  dataset text;
BEGIN
  FOR dataset IN SELECT c.dataset FROM nist.certified_regression c WHERE c.dataset NOT LIKE 'NoInt_' LOOP
    EXECUTE format('CREATE TEMP TABLE sums AS SELECT ''parallel'' AS way, %s AS c FROM nist.%I
                    UNION ALL SELECT ''rolled up'', persona.rollup(c) FROM (SELECT %1$s AS c FROM nist.%2$I GROUP BY ctid) q',
                   nist.aggregate(dataset), dataset);
    INSERT INTO nist.aggregate_run SELECT way, dataset, term, estimate, std_error FROM sums, persona.linear_fit(c);
    INSERT INTO nist.aggregate_r_squared SELECT way, dataset, persona.r_squared(c) FROM sums;
    DROP TABLE sums;
  END LOOP;
END
$$;
SELECT matches(nist.plan_of(format('SELECT %s FROM nist."Filip"', nist.aggregate('Filip'))),
               'Finalize Aggregate\s+->\s+Gather\s+Workers Planned: 2\s+->\s+Partial Aggregate', 'the aggregate is parallel');
SELECT is((SELECT count(*) FROM nist.aggregate_run),
          2 * (SELECT count(*) FROM nist.certified_coefficients WHERE dataset NOT LIKE 'NoInt_'), 'all terms, in both ways');
SELECT cmp_ok(min(least(nist.digits(r.estimate, c.estimate), nist.digits(r.std_error, c.std_error))), '>=', nist.required(dataset),
              dataset || ': digits from cross products')
FROM nist.certified_coefficients c JOIN nist.aggregate_run r USING (dataset, term) GROUP BY dataset ORDER BY dataset;
SELECT is((SELECT string_agg(DISTINCT dataset, ' ') FROM nist.aggregate_run r JOIN nist.float8_coefficients e USING (dataset, term)
           WHERE NOT abs(r.estimate - e.estimate) <= nist.slack(dataset) * abs(e.estimate)), NULL, 'estimates are the exact ones');
SELECT is((SELECT string_agg(DISTINCT dataset, ' ') FROM nist.aggregate_r_squared a JOIN nist.certified_regression c USING (dataset)
           WHERE NOT nist.digits(a.r_squared, c.r_squared) >= nist.required(dataset)), NULL, 'R2 from cross products');

-- Univariate: a mean of 15 digits, deviation and autocorrelation of 13. 1000000.1 and 10000000.1 as float8 leave fewer
-- to deviations of 0.1, unless what they have in common is subtracted while they are numeric.
CREATE TABLE nist.summarized AS
SELECT dataset, s.* FROM nist.certified_univariate,
  LATERAL nist.summary(dataset, CASE dataset WHEN 'NumAcc3' THEN 1000000 WHEN 'NumAcc4' THEN 10000000 ELSE 0 END) s;
SELECT is(nist.digits(s.mean, c.mean), 15::numeric, dataset || ': digits of the mean')
FROM nist.certified_univariate c LEFT JOIN nist.summarized s USING (dataset) ORDER BY dataset;
SELECT cmp_ok(nist.digits(s.sd, c.sd), '>=', 13::numeric, dataset || ': digits of the deviation')
FROM nist.certified_univariate c LEFT JOIN nist.summarized s USING (dataset) ORDER BY dataset;
SELECT cmp_ok(nist.digits(s.autocorrelation, c.autocorrelation), '>=', 13::numeric, dataset || ': digits of the autocorrelation')
FROM nist.certified_univariate c LEFT JOIN nist.summarized s USING (dataset) ORDER BY dataset;
SELECT is((SELECT string_agg(dataset, ' ') FROM nist.float8_univariate e, LATERAL nist.summary(dataset) s
           WHERE NOT abs(s.mean - e.mean) <= 1e-15 * abs(e.mean) OR NOT abs(s.sd - e.sd) <= 1e-14 * e.sd
              OR NOT abs(s.autocorrelation - e.autocorrelation) <= 1e-13 * abs(e.autocorrelation)), NULL,
          'as float8 they have the exact answers for the float8 values');

-- Moments in workers, rows in random order, and one state a row.
CREATE TABLE nist.shuffled WITH (fillfactor = 10) AS
SELECT dataset, y::float8 AS y FROM nist.univariate ORDER BY random();
SELECT matches(nist.plan_of('SELECT dataset, persona.moments_agg(y) FROM nist.shuffled GROUP BY dataset'), 'Partial', 'moments in workers');
CREATE TABLE nist.moments AS
SELECT dataset, persona.moments_agg(y) AS m FROM nist.shuffled GROUP BY dataset
UNION ALL SELECT dataset, persona.rollup(m) FROM (SELECT dataset, persona.moments_agg(y) AS m FROM nist.shuffled GROUP BY dataset, ctid) q GROUP BY dataset;
SELECT is((SELECT string_agg(dataset, ' ') FROM nist.moments m JOIN nist.float8_univariate e USING (dataset)
           WHERE NOT abs(persona.mean(m) - e.mean) <= 1e-15 * abs(e.mean)
              OR NOT abs(persona.moments_stddev(m) - e.sd) <= 1e-14 * e.sd), NULL, 'order and workers do not show in moments');

SELECT finish();
ROLLBACK;
