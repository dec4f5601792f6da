-- Prints the tables of docs/accuracy.md. Digits are rounded down to one decimal; those that exact arithmetic keeps of
-- float8 columns are computed from its answers in test/data/nist.
\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on
\pset fieldsep ' | '
BEGIN;
SELECT setseed(0.5) \g /dev/null
\i test/data/nist/load.sql
SELECT nist.create_table(dataset), nist.fit(dataset) FROM nist.certified_regression \g /dev/null

CREATE FUNCTION nist.shown(digits numeric) RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(CASE WHEN digits = 15 THEN '15' ELSE trunc(digits, 1)::text END, '')
$$;
CREATE TABLE nist.place (dataset text PRIMARY KEY, place serial);
INSERT INTO nist.place
VALUES ('Norris'), ('Pontius'), ('NoInt1'), ('NoInt2'), ('Filip'), ('Longley'), ('Wampler1'), ('Wampler2'), ('Wampler3'),
  ('Wampler4'), ('Wampler5'), ('PiDigits'), ('Lottery'), ('Lew'), ('Mavro'), ('Michelso'), ('NumAcc1'), ('NumAcc2'),
  ('NumAcc3'), ('NumAcc4');

SELECT $$| set | difficulty | rows | terms | estimates | standard errors | sigma | R2 | F | estimates at best | errors at best |
|---|---|---|---|---|---|---|---|---|---|---|$$;
SELECT format('| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |', dataset, level, n, p,
              nist.shown(min(nist.digits(f.estimate, c.estimate))), nist.shown(min(nist.digits(f.std_error, c.std_error))),
              (SELECT nist.shown(nist.digits(value, sigma)) FROM nist.fitted_metric m WHERE m.dataset = r.dataset AND metric = 'sigma'),
              (SELECT nist.shown(nist.digits(value, r_squared)) FROM nist.fitted_metric m WHERE m.dataset = r.dataset AND metric = 'r_squared'),
              (SELECT nist.shown(nist.digits(value, r.f)) FROM nist.fitted_metric m WHERE m.dataset = r.dataset AND metric = 'f_statistic'),
              nist.shown(min(nist.digits(e.estimate, c.estimate))), nist.shown(min(nist.digits(e.std_error, c.std_error))))
FROM nist.certified_regression r JOIN nist.place USING (dataset) JOIN nist.certified_coefficients c USING (dataset)
  JOIN nist.float8_coefficients e USING (dataset, term) LEFT JOIN nist.fitted_coefficient f USING (dataset, term)
GROUP BY r.dataset, place ORDER BY place;

SELECT $$
| set | difficulty | values | mean | deviation | autocorrelation | deviation at best | autocorrelation at best |
|---|---|---|---|---|---|---|---|$$;
SELECT format('| %s | %s | %s | %s | %s | %s | %s | %s |', dataset || note, level, n, nist.shown(nist.digits(s.mean, c.mean)),
              nist.shown(nist.digits(s.sd, c.sd)), nist.shown(nist.digits(s.autocorrelation, c.autocorrelation)),
              CASE WHEN less = 0 THEN nist.shown(nist.digits(e.sd, c.sd)) END,
              CASE WHEN less = 0 THEN nist.shown(nist.digits(e.autocorrelation, c.autocorrelation)) END)
FROM (SELECT dataset, '' AS note, 0 AS less FROM nist.certified_univariate
      UNION ALL VALUES ('NumAcc3', ', less 1000000', 1000000), ('NumAcc4', ', less 10000000', 10000000)) v
  JOIN nist.place USING (dataset) JOIN nist.certified_univariate c USING (dataset) JOIN nist.float8_univariate e USING (dataset),
  LATERAL nist.summary(dataset, less) s
ORDER BY place, less;
ROLLBACK;
