\echo Use "ALTER EXTENSION persona UPDATE" to load this file. \quit
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
-- How good a model is on rows it has not seen: calibration, gains, cross-validation and comparison.

CREATE FUNCTION persona.fold(key text, folds integer, seed bigint DEFAULT 0) RETURNS integer
  LANGUAGE C STRICT IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'persona_fold_text';
COMMENT ON FUNCTION persona.fold(text, integer, bigint) IS
  'Which of 1 to folds a key falls into: by a hash that is the same on every machine, so that a split repeats.';
CREATE FUNCTION persona.fold(key bigint, folds integer, seed bigint DEFAULT 0) RETURNS integer
  LANGUAGE C STRICT IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'persona_fold_bigint';
COMMENT ON FUNCTION persona.fold(bigint, integer, bigint) IS 'The fold of a number, the same as that of its digits as text.';
CREATE FUNCTION persona.fold(key uuid, folds integer, seed bigint DEFAULT 0) RETURNS integer
  LANGUAGE sql STRICT IMMUTABLE PARALLEL SAFE RETURN persona.fold(key::text, folds, seed);
COMMENT ON FUNCTION persona.fold(uuid, integer, bigint) IS 'The fold of a UUID, the same as that of its text.';

CREATE FUNCTION persona.calibration(model text, source text, bins integer DEFAULT 10, OUT bin integer, OUT rows bigint,
    OUT lowest float8, OUT highest float8, OUT predicted float8, OUT observed float8, OUT lower float8, OUT upper float8)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL UNSAFE ROWS 10 AS 'MODULE_PATHNAME', 'persona_calibration';
COMMENT ON FUNCTION persona.calibration(text, text, integer) IS
  'Whether scores mean what they say: rows in bins of equal size by score, the lowest first, each with its mean score, the mean of the target and that mean''s 95 % confidence limits.';

CREATE FUNCTION persona.gains(model text, source text, bins integer DEFAULT 10, OUT bin integer, OUT rows bigint,
    OUT total float8, OUT rate float8, OUT lift float8, OUT cumulative_share float8, OUT cumulative_gain float8,
    OUT cumulative_lift float8, OUT threshold float8)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL UNSAFE ROWS 10 AS 'MODULE_PATHNAME', 'persona_gains';
COMMENT ON FUNCTION persona.gains(text, text, integer) IS
  'What contacting the best scores first brings: rows in bins of equal size, the highest scores first, each with the positives (or the sum of the target) in it, its lift over the average, and the share of all positives reached so far.';

CREATE FUNCTION persona.cross_validate(kind text, source text, target text, folds integer DEFAULT 5, options jsonb DEFAULT '{}',
    key text DEFAULT NULL, seed bigint DEFAULT 0, OUT fold integer, OUT metric text, OUT value float8, OUT sd float8)
  RETURNS SETOF record LANGUAGE C STABLE PARALLEL UNSAFE ROWS 60 COST 10000 AS 'MODULE_PATHNAME', 'persona_cross_validate';
COMMENT ON FUNCTION persona.cross_validate(text, text, text, integer, jsonb, text, bigint) IS
  'How good a model of this kind would be: each fold of the rows is predicted by a model fitted on the others. Rows with fold NULL are the mean over the folds and its spread.';

CREATE FUNCTION persona.compare(models text[], source text, options jsonb DEFAULT '{}', OUT model text, OUT version integer,
    OUT metric text, OUT value float8, OUT rank integer)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL UNSAFE ROWS 30 AS 'MODULE_PATHNAME', 'persona_compare';
COMMENT ON FUNCTION persona.compare(text[], text, jsonb) IS
  'Several models, or versions such as churn@8, measured on the same rows and ranked by each metric, 1 being the best.';
-- What a model's scores depend on, and whether the rows it scores still look like those it was fitted on.

ALTER TABLE persona.feature ADD COLUMN ranks float8[];
COMMENT ON COLUMN persona.feature.ranks IS 'Share of the sample''s values at or below each of the quantiles; NULL in models from before version 0.4.';
COMMENT ON COLUMN persona.feature.role IS 'Feature, target, offset, or score for the scores of the training rows.';

CREATE FUNCTION persona.importance(model text, OUT rank integer, OUT feature text, OUT importance float8, OUT share float8)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL UNSAFE ROWS 20 AS 'MODULE_PATHNAME', 'persona_importance';
COMMENT ON FUNCTION persona.importance(text) IS
  'What moves a model''s scores: the standard deviation, over the training rows, of what each feature adds to the linear predictor, the largest first, and its share of their sum.';

CREATE FUNCTION persona.what_if(model text, features record, changes jsonb,
    OUT score float8, OUT new_score float8, OUT difference float8)
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'persona_what_if';
COMMENT ON FUNCTION persona.what_if(text, record, jsonb) IS
  'The score of a row, its score with the values of changes in place of its own, and the difference.';
CREATE FUNCTION persona.what_if(model text, features jsonb, changes jsonb,
    OUT score float8, OUT new_score float8, OUT difference float8)
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'persona_what_if';
COMMENT ON FUNCTION persona.what_if(text, jsonb, jsonb) IS 'The same for a row given as a JSON object.';
CREATE FUNCTION persona.what_if(model text, features text, changes jsonb,
    OUT score float8, OUT new_score float8, OUT difference float8)
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'persona_what_if';
COMMENT ON FUNCTION persona.what_if(text, text, jsonb) IS 'The same for a row given as the text of a JSON object.';

CREATE FUNCTION persona.drift(model text, source text, OUT feature text, OUT psi float8, OUT ks float8, OUT assessment text,
    OUT rows bigint, OUT outside float8, OUT missing float8, OUT training_missing float8, OUT mean float8, OUT training_mean float8)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL UNSAFE ROWS 20 AS 'MODULE_PATHNAME', 'persona_drift';
COMMENT ON FUNCTION persona.drift(text, text) IS
  'Whether the rows a model scores still look like those it was fitted on: for the score and each feature the population stability index, stable below 0.1, moderate up to 0.25 and major above, and the Kolmogorov-Smirnov distance.';
