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
