-- What regressions store beside their coefficients: how a column became terms, and what was missing from it.

ALTER TABLE persona.coefficient ADD COLUMN odds_ratio float8, ADD COLUMN vif float8;
COMMENT ON COLUMN persona.coefficient.std_error IS
  'Its standard error, of the kind the option standard_errors says; NULL in a penalized fit and in one that did not converge.';
COMMENT ON COLUMN persona.coefficient.statistic IS
  'Estimate / std_error: t for linear regression, z for logistic and Poisson regression.';
COMMENT ON COLUMN persona.coefficient.odds_ratio IS
  'Exp(estimate): by how much the odds are multiplied when the term grows by 1; for Poisson regression the rate.';
COMMENT ON COLUMN persona.coefficient.vif IS
  'Variance inflation factor, 1 / (1 - R2) of the term explained by the others: 1 when it is independent of them, above 10 nearly redundant.';

CREATE OR REPLACE VIEW persona.deployed_coefficient WITH (security_invoker = true) AS
  SELECT m.name, m.version, c.*
  FROM persona.deployed_model m JOIN persona.coefficient c USING (model_id);
