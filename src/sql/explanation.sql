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
