-- Normalizing rows inside queries by a model of the kind scaler.

CREATE FUNCTION persona.scale(model text, features record) RETURNS jsonb
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'persona_scale_record';
COMMENT ON FUNCTION persona.scale(text, record) IS
  'The numbers of a row as a scaler normalizes them, by column; columns are found by name, extra ones ignored; null where one is NULL.';
CREATE FUNCTION persona.scale(model text, features jsonb) RETURNS jsonb
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'persona_scale_jsonb';
COMMENT ON FUNCTION persona.scale(text, jsonb) IS 'The normalized numbers of a row given as a JSON object.';
CREATE FUNCTION persona.scale(model text, features text) RETURNS jsonb
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'persona_scale_text';
COMMENT ON FUNCTION persona.scale(text, text) IS 'The normalized numbers of a row given as the text of a JSON object.';

CREATE FUNCTION persona.scale_array(model text, features float8[]) RETURNS float8[]
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'persona_scale_array';
COMMENT ON FUNCTION persona.scale_array(text, float8[]) IS
  'The normalized numbers of a row given in the order of persona.feature.feature_no, in that order; 22000 when their count differs.';

-- A scaler's parameters are rows of persona.coefficient.
COMMENT ON TABLE persona.coefficient IS 'Coefficients of regression models, one row a term; parameters of scalers, one row a column and parameter.';
COMMENT ON COLUMN persona.coefficient.outcome IS 'The class, for kinds with several; of a scaler the parameter: center, scale, lower, upper; else empty.';
COMMENT ON COLUMN persona.coefficient.group_key IS 'The group, for grouped fits; of a scaler the column''s method; else empty.';
COMMENT ON COLUMN persona.coefficient.estimate IS 'The coefficient, NULL for a term that is constant or collinear with earlier ones; of a scaler the parameter''s value.';
