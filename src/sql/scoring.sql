-- Scoring and explaining rows inside queries.

CREATE FUNCTION persona.predict_support(internal) RETURNS internal
  LANGUAGE C STRICT IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'persona_predict_support';
COMMENT ON FUNCTION persona.predict_support(internal) IS 'Planner support: passes the columns of a row instead of forming it.';

CREATE FUNCTION persona.predict_columns(model text, names text[], present "any", VARIADIC columns "any") RETURNS float8
  LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'persona_predict_columns';
COMMENT ON FUNCTION persona.predict_columns(text, text[], "any", VARIADIC "any") IS
  'What the planner makes of predict(model, row); call predict instead.';

CREATE FUNCTION persona.predict(model text, features record) RETURNS float8
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 10 SUPPORT persona.predict_support
  AS 'MODULE_PATHNAME', 'persona_predict_record';
COMMENT ON FUNCTION persona.predict(text, record) IS
  'The model''s mean, or probability of the positive class, for a row; columns are found by name, extra ones ignored; NULL where one is NULL.';

CREATE FUNCTION persona.predict(model text, features jsonb) RETURNS float8
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'persona_predict_jsonb';
COMMENT ON FUNCTION persona.predict(text, jsonb) IS 'The score of a row given as a JSON object.';

CREATE FUNCTION persona.predict(model text, features text) RETURNS float8
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'persona_predict_text';
COMMENT ON FUNCTION persona.predict(text, text) IS 'The score of a row given as the text of a JSON object.';

CREATE FUNCTION persona.predict_array(model text, features float8[]) RETURNS float8
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'persona_predict_array';
COMMENT ON FUNCTION persona.predict_array(text, float8[]) IS
  'The score of a row given as numbers in the order of persona.feature.feature_no; 22000 when their count differs.';

CREATE FUNCTION persona.classify(model text, features record) RETURNS text
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'persona_classify';
COMMENT ON FUNCTION persona.classify(text, record) IS 'The class of a row: positive from the option threshold on.';
CREATE FUNCTION persona.classify(model text, features jsonb) RETURNS text
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'persona_classify';
COMMENT ON FUNCTION persona.classify(text, jsonb) IS 'The class of a row given as a JSON object.';
CREATE FUNCTION persona.classify(model text, features text) RETURNS text
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'persona_classify';
COMMENT ON FUNCTION persona.classify(text, text) IS 'The class of a row given as the text of a JSON object.';

CREATE FUNCTION persona.probabilities(model text, features record, OUT class text, OUT probability float8)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL SAFE COST 50 ROWS 2 AS 'MODULE_PATHNAME', 'persona_probabilities';
COMMENT ON FUNCTION persona.probabilities(text, record) IS 'The probability of each class for a row.';
CREATE FUNCTION persona.probabilities(model text, features jsonb, OUT class text, OUT probability float8)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL SAFE COST 50 ROWS 2 AS 'MODULE_PATHNAME', 'persona_probabilities';
COMMENT ON FUNCTION persona.probabilities(text, jsonb) IS 'The probability of each class for a row given as a JSON object.';
CREATE FUNCTION persona.probabilities(model text, features text, OUT class text, OUT probability float8)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL SAFE COST 50 ROWS 2 AS 'MODULE_PATHNAME', 'persona_probabilities';
COMMENT ON FUNCTION persona.probabilities(text, text) IS 'The probability of each class for a row given as the text of a JSON object.';

CREATE FUNCTION persona.explain(model text, features record,
    OUT rank integer, OUT term text, OUT value text, OUT estimate float8, OUT contribution float8)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL SAFE COST 100 ROWS 10 AS 'MODULE_PATHNAME', 'persona_explain';
COMMENT ON FUNCTION persona.explain(text, record) IS
  'What each column added to the score''s linear predictor compared with the average training row, the largest first.';
CREATE FUNCTION persona.explain(model text, features jsonb,
    OUT rank integer, OUT term text, OUT value text, OUT estimate float8, OUT contribution float8)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL SAFE COST 100 ROWS 10 AS 'MODULE_PATHNAME', 'persona_explain';
COMMENT ON FUNCTION persona.explain(text, jsonb) IS 'The explanation of a row given as a JSON object.';
CREATE FUNCTION persona.explain(model text, features text,
    OUT rank integer, OUT term text, OUT value text, OUT estimate float8, OUT contribution float8)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL SAFE COST 100 ROWS 10 AS 'MODULE_PATHNAME', 'persona_explain';
COMMENT ON FUNCTION persona.explain(text, text) IS 'The explanation of a row given as the text of a JSON object.';

CREATE FUNCTION persona.reasons(model text, features record, k integer DEFAULT 3) RETURNS text
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'persona_reasons';
COMMENT ON FUNCTION persona.reasons(text, record, integer) IS 'The k strongest reasons for a row''s score as one line of text.';
CREATE FUNCTION persona.reasons(model text, features jsonb, k integer DEFAULT 3) RETURNS text
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'persona_reasons';
COMMENT ON FUNCTION persona.reasons(text, jsonb, integer) IS 'The reasons for the score of a row given as a JSON object.';
CREATE FUNCTION persona.reasons(model text, features text, k integer DEFAULT 3) RETURNS text
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'persona_reasons';
COMMENT ON FUNCTION persona.reasons(text, text, integer) IS 'The reasons for the score of a row given as the text of a JSON object.';

CREATE FUNCTION persona.evaluate(model text, source text, options jsonb DEFAULT '{}', OUT metric text, OUT value float8)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL UNSAFE ROWS 10 AS 'MODULE_PATHNAME', 'persona_evaluate';
COMMENT ON FUNCTION persona.evaluate(text, text, jsonb) IS
  'How well a model predicts the target of rows it has not seen: R2, RMSE and MAE, or AUC, log loss and the figures of a confusion matrix.';
