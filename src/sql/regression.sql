-- What regressions store beside their coefficients: how a column became terms, and what was missing from it.

ALTER TABLE persona.metric ADD COLUMN group_key text NOT NULL DEFAULT '';
ALTER TABLE persona.metric DROP CONSTRAINT metric_pkey;
ALTER TABLE persona.metric ADD PRIMARY KEY (model_id, group_key, metric);
COMMENT ON COLUMN persona.metric.group_key IS 'The group, for grouped fits; empty for the model of all rows.';
ALTER TABLE persona.feature
  ADD COLUMN source_column text,
  ADD COLUMN element integer,
  ADD COLUMN basis text,
  ADD COLUMN knots float8[],
  ADD COLUMN missing bigint;
COMMENT ON TABLE persona.feature IS 'The columns a model reads, and what it makes of them, as its training rows had them.';
COMMENT ON COLUMN persona.feature.feature IS
  'The column''s name, or that of what is read of it: ordered_at.weekday, v[1].';
COMMENT ON COLUMN persona.feature.role IS 'Feature, target or offset.';
COMMENT ON COLUMN persona.feature.levels IS
  'Levels of a label or of bins, the reference level first and NULL, for missing values, last; of a target the negative, then the positive class.';
COMMENT ON COLUMN persona.feature.source_column IS 'The source''s column it is computed from; NULL when that has its name.';
COMMENT ON COLUMN persona.feature.element IS 'Which element of an array, from 1; NULL for a column that is none.';
COMMENT ON COLUMN persona.feature.basis IS
  'How it becomes terms: linear, label, bins, spline, or a part of a date such as weekday; NULL in models of before 0.4.';
COMMENT ON COLUMN persona.feature.knots IS 'Edges of bins, or knots of a spline, as they were used.';
COMMENT ON COLUMN persona.feature.missing IS
  'Rows of the source in which it was NULL, NaN or infinite: why rows were skipped, or what was imputed.';

ALTER TABLE persona.coefficient ADD COLUMN mean float8;
COMMENT ON COLUMN persona.coefficient.term IS
  '(intercept), a column, column=level, spline(column,1), column=NULL for what is missing, or a:b for a product of two.';
COMMENT ON COLUMN persona.coefficient.mean IS
  'Mean of the term in the training rows, with which explanations compare a row; NULL for the intercept.';
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

COMMENT ON COLUMN persona.coefficient.outcome IS
  'Of a target with more than two classes: the class whose odds against the first, the reference, the term changes; else empty.';
COMMENT ON COLUMN persona.feature.shares IS 'Share of each level among the rows, by their weight for a target.';
COMMENT ON FUNCTION persona.predict(text, record) IS
  'The model''s mean, or probability of the positive class, for a row; columns are found by name, extra ones ignored; NULL where one is NULL. A model of more than two classes has probabilities and classify instead.';
COMMENT ON FUNCTION persona.classify(text, record) IS
  'The class of a row: of two the positive one from the option threshold on, of several the most probable.';
COMMENT ON FUNCTION persona.explain(text, record) IS
  'What each column added to the score''s linear predictor compared with the average training row, the largest first; of several classes to that of the most probable one, beyond the mean of all.';
