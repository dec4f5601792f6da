-- What a model's scores depend on, and whether the rows it scores still look like those it was fitted on.

CREATE FUNCTION persona.importance(model text, OUT rank integer, OUT feature text, OUT importance float8, OUT share float8)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL UNSAFE ROWS 20 AS 'MODULE_PATHNAME', 'persona_importance';
COMMENT ON FUNCTION persona.importance(text) IS
  'What moves a model''s scores: the standard deviation, over the training rows, of what each feature adds to the linear predictor, the largest first, and its share of their sum.';
