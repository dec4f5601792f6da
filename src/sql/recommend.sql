-- Recommendations inside queries. Items leave as text: a bigint customer may buy products with text codes.

CREATE FUNCTION persona.recommend(model text, user_id text, k integer DEFAULT 10, exclude_seen boolean DEFAULT NULL,
    candidates text[] DEFAULT NULL, exclude text[] DEFAULT NULL, options jsonb DEFAULT '{}',
    OUT rank integer, OUT item text, OUT score float8, OUT reason text, OUT because text[])
  RETURNS SETOF record LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000 ROWS 10 AS 'MODULE_PATHNAME', 'persona_recommend';
COMMENT ON FUNCTION persona.recommend(text, text, integer, boolean, text[], text[], jsonb) IS
  'The k best items for a user by the items he has now, filters first; the popular ones where too few are left, or the user is new.';

CREATE FUNCTION persona.recommend(model text, user_id bigint, k integer DEFAULT 10, exclude_seen boolean DEFAULT NULL,
    candidates text[] DEFAULT NULL, exclude text[] DEFAULT NULL, options jsonb DEFAULT '{}',
    OUT rank integer, OUT item text, OUT score float8, OUT reason text, OUT because text[])
  RETURNS SETOF record LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000 ROWS 10 AS 'MODULE_PATHNAME', 'persona_recommend';
COMMENT ON FUNCTION persona.recommend(text, bigint, integer, boolean, text[], text[], jsonb) IS
  'The k best items for a user with a number as id.';

CREATE FUNCTION persona.recommend_for_items(model text, items text[], k integer DEFAULT 10, exclude_seen boolean DEFAULT NULL,
    candidates text[] DEFAULT NULL, exclude text[] DEFAULT NULL, options jsonb DEFAULT '{}',
    OUT rank integer, OUT item text, OUT score float8, OUT reason text, OUT because text[])
  RETURNS SETOF record LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000 ROWS 10 AS 'MODULE_PATHNAME', 'persona_recommend_for_items';
COMMENT ON FUNCTION persona.recommend_for_items(text, text[], integer, boolean, text[], text[], jsonb) IS
  'The k items that go best with a basket.';

CREATE FUNCTION persona.similar_items(model text, item_id text, k integer DEFAULT 10,
    candidates text[] DEFAULT NULL, exclude text[] DEFAULT NULL, OUT rank integer, OUT item text, OUT score float8)
  RETURNS SETOF record LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000 ROWS 10 AS 'MODULE_PATHNAME', 'persona_similar_items';
COMMENT ON FUNCTION persona.similar_items(text, text, integer, text[], text[]) IS
  'The k items nearest to an item; none for an item the model does not know.';

CREATE FUNCTION persona.similar_items(model text, item_id bigint, k integer DEFAULT 10,
    candidates text[] DEFAULT NULL, exclude text[] DEFAULT NULL, OUT rank integer, OUT item text, OUT score float8)
  RETURNS SETOF record LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000 ROWS 10 AS 'MODULE_PATHNAME', 'persona_similar_items';
COMMENT ON FUNCTION persona.similar_items(text, bigint, integer, text[], text[]) IS
  'The k items nearest to an item with a number as id.';

CREATE FUNCTION persona.preference(model text, user_id text, item_id text) RETURNS float8
  LANGUAGE C STRICT STABLE PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'persona_preference';
COMMENT ON FUNCTION persona.preference(text, text, text) IS
  'The score of one item for one user: 0 where nothing the user has is near it, NULL for an item the model does not know.';
CREATE FUNCTION persona.preference(model text, user_id bigint, item_id text) RETURNS float8
  LANGUAGE C STRICT STABLE PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'persona_preference';
COMMENT ON FUNCTION persona.preference(text, bigint, text) IS 'The score of one item for one user with a number as id.';
CREATE FUNCTION persona.preference(model text, user_id text, item_id bigint) RETURNS float8
  LANGUAGE C STRICT STABLE PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'persona_preference';
COMMENT ON FUNCTION persona.preference(text, text, bigint) IS 'The score of one item with a number as id for one user.';
CREATE FUNCTION persona.preference(model text, user_id bigint, item_id bigint) RETURNS float8
  LANGUAGE C STRICT STABLE PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'persona_preference';
COMMENT ON FUNCTION persona.preference(text, bigint, bigint) IS 'The score of one item for one user, both with numbers as ids.';
