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
