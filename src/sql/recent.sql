-- persona.recent: the last k items of a customer, newest first (docs/summaries/recent.md).

-- @include summary_forms type=recent
COMMENT ON TYPE persona.recent IS
  'The last k items of a customer with their times, newest first, in at most 2,000 bytes that can be merged: the input of sequence models and of "bought last".';

CREATE FUNCTION persona.recent_add(state persona.recent, ts timestamp with time zone, item text, k integer) RETURNS persona.recent
  AS 'MODULE_PATHNAME', 'persona_recent_add_utc_text' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.recent_add(persona.recent, timestamp with time zone, text, integer) IS
  'Adds one text item at an instant to the state of recent_agg.';

CREATE FUNCTION persona.recent_add(state persona.recent, ts timestamp without time zone, item text, k integer) RETURNS persona.recent
  AS 'MODULE_PATHNAME', 'persona_recent_add_local_text' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.recent_add(persona.recent, timestamp without time zone, text, integer) IS
  'Adds one text item at a wall-clock time to the state of recent_agg.';

CREATE FUNCTION persona.recent_add(state persona.recent, ts date, item text, k integer) RETURNS persona.recent
  AS 'MODULE_PATHNAME', 'persona_recent_add_date_text' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.recent_add(persona.recent, date, text, integer) IS
  'Adds one text item at a date to the state of recent_agg.';

CREATE FUNCTION persona.recent_add(state persona.recent, ts timestamp with time zone, item bigint, k integer) RETURNS persona.recent
  AS 'MODULE_PATHNAME', 'persona_recent_add_utc_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.recent_add(persona.recent, timestamp with time zone, bigint, integer) IS
  'Adds one bigint item at an instant to the state of recent_agg.';

CREATE FUNCTION persona.recent_add(state persona.recent, ts timestamp without time zone, item bigint, k integer) RETURNS persona.recent
  AS 'MODULE_PATHNAME', 'persona_recent_add_local_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.recent_add(persona.recent, timestamp without time zone, bigint, integer) IS
  'Adds one bigint item at a wall-clock time to the state of recent_agg.';

CREATE FUNCTION persona.recent_add(state persona.recent, ts date, item bigint, k integer) RETURNS persona.recent
  AS 'MODULE_PATHNAME', 'persona_recent_add_date_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.recent_add(persona.recent, date, bigint, integer) IS
  'Adds one bigint item at a date to the state of recent_agg.';

CREATE FUNCTION persona.recent_combine(state persona.recent, other persona.recent) RETURNS persona.recent
  AS 'MODULE_PATHNAME', 'persona_recent_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.recent_combine(persona.recent, persona.recent) IS
  'Merges a second state into that of an aggregate: recent_agg of parallel workers, and rollup.';

CREATE AGGREGATE persona.recent_agg(timestamp with time zone, text, integer) (
  SFUNC = persona.recent_add, STYPE = persona.recent, COMBINEFUNC = persona.recent_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.recent_agg(timestamp with time zone, text, integer) IS
  'Keeps the last k text items at instants, newest first; items of one time come in the order of their bytes, and one too long for k is an error.';

CREATE AGGREGATE persona.recent_agg(timestamp without time zone, text, integer) (
  SFUNC = persona.recent_add, STYPE = persona.recent, COMBINEFUNC = persona.recent_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.recent_agg(timestamp without time zone, text, integer) IS
  'Keeps the last k text items at wall-clock times, newest first; items of one time come in the order of their bytes, and one too long for k is an error.';

CREATE AGGREGATE persona.recent_agg(date, text, integer) (
  SFUNC = persona.recent_add, STYPE = persona.recent, COMBINEFUNC = persona.recent_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.recent_agg(date, text, integer) IS
  'Keeps the last k text items at dates, newest first; items of one time come in the order of their bytes, and one too long for k is an error.';

CREATE AGGREGATE persona.recent_agg(timestamp with time zone, bigint, integer) (
  SFUNC = persona.recent_add, STYPE = persona.recent, COMBINEFUNC = persona.recent_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.recent_agg(timestamp with time zone, bigint, integer) IS
  'Keeps the last k bigint items at instants, newest first; items of one time come in ascending order.';

CREATE AGGREGATE persona.recent_agg(timestamp without time zone, bigint, integer) (
  SFUNC = persona.recent_add, STYPE = persona.recent, COMBINEFUNC = persona.recent_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.recent_agg(timestamp without time zone, bigint, integer) IS
  'Keeps the last k bigint items at wall-clock times, newest first; items of one time come in ascending order.';

CREATE AGGREGATE persona.recent_agg(date, bigint, integer) (
  SFUNC = persona.recent_add, STYPE = persona.recent, COMBINEFUNC = persona.recent_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.recent_agg(date, bigint, integer) IS
  'Keeps the last k bigint items at dates, newest first; items of one time come in ascending order.';

CREATE AGGREGATE persona.rollup(persona.recent) (
  SFUNC = persona.recent_combine, STYPE = persona.recent, COMBINEFUNC = persona.recent_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.rollup(persona.recent) IS
  'Merges stored recent items, for instance of days or shards, into the last k of all their events.';

CREATE FUNCTION persona.merge(a persona.recent, b persona.recent) RETURNS persona.recent
  AS 'MODULE_PATHNAME', 'persona_recent_merge' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.merge(persona.recent, persona.recent) IS
  'Merges the recent items of disjoint events into the last k of both; NULL counts as no events, so merge(NULL, b) is b.';

CREATE FUNCTION persona.items(r persona.recent) RETURNS text[]
  AS 'MODULE_PATHNAME', 'persona_recent_items' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.items(persona.recent) IS
  'The last items, newest first, as texts whatever their type was.';

CREATE FUNCTION persona.items_bigint(r persona.recent) RETURNS bigint[]
  AS 'MODULE_PATHNAME', 'persona_recent_items_bigint' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.items_bigint(persona.recent) IS
  'The last items, newest first, of a summary of bigint items.';

CREATE FUNCTION persona.item_times(r persona.recent) RETURNS timestamp with time zone[]
  AS 'MODULE_PATHNAME', 'persona_recent_item_times' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.item_times(persona.recent) IS
  'When the last items were, newest first, in step with items: of a summary of timestamptz events.';

CREATE FUNCTION persona.item_times_local(r persona.recent) RETURNS timestamp without time zone[]
  AS 'MODULE_PATHNAME', 'persona_recent_item_times_local' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.item_times_local(persona.recent) IS
  'When the last items were, newest first, in step with items: of a summary of timestamp or date events.';

CREATE FUNCTION persona.last_item(r persona.recent) RETURNS text
  AS 'MODULE_PATHNAME', 'persona_recent_last_item' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.last_item(persona.recent) IS
  'The newest item.';

CREATE FUNCTION persona.recent_count(r persona.recent) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_recent_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.recent_count(persona.recent) IS
  'How many items are kept: the number of events, at most k.';

CREATE FUNCTION persona.recent_k(r persona.recent) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_recent_k' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.recent_k(persona.recent) IS
  'How many items are kept at most.';

-- @include summary_comparisons type=recent subject=customers
