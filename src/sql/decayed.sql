-- persona.decayed: a total that fades with a half-life (docs/summaries/decayed.md).

-- @include summary_forms type=decayed
COMMENT ON TYPE persona.decayed IS
  'A total of amounts that fade with a half-life, exact as of any time and in any order of events, in 64 bytes that can be merged.';

CREATE FUNCTION persona.decayed_add(state persona.decayed, ts timestamp with time zone, amount double precision, half_life interval) RETURNS persona.decayed
  AS 'MODULE_PATHNAME', 'persona_decayed_add_utc' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_add(persona.decayed, timestamp with time zone, double precision, interval) IS
  'Adds one amount at an instant to the state of decayed_agg.';

CREATE FUNCTION persona.decayed_add(state persona.decayed, ts timestamp without time zone, amount double precision, half_life interval) RETURNS persona.decayed
  AS 'MODULE_PATHNAME', 'persona_decayed_add_local' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_add(persona.decayed, timestamp without time zone, double precision, interval) IS
  'Adds one amount at a wall-clock time to the state of decayed_agg.';

CREATE FUNCTION persona.decayed_add(state persona.decayed, ts date, amount double precision, half_life interval) RETURNS persona.decayed
  AS 'MODULE_PATHNAME', 'persona_decayed_add_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_add(persona.decayed, date, double precision, interval) IS
  'Adds one amount at a date to the state of decayed_agg.';

CREATE FUNCTION persona.decayed_combine(state persona.decayed, other persona.decayed) RETURNS persona.decayed
  AS 'MODULE_PATHNAME', 'persona_decayed_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_combine(persona.decayed, persona.decayed) IS
  'Merges a second state into that of an aggregate: decayed_agg of parallel workers, and rollup.';

CREATE AGGREGATE persona.decayed_agg(timestamp with time zone, double precision, interval) (
  SFUNC = persona.decayed_add, STYPE = persona.decayed, COMBINEFUNC = persona.decayed_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.decayed_agg(timestamp with time zone, double precision, interval) IS
  'Adds up amounts at instants that fade to their half in every half-life; rows without a time or an amount are left out, and NULL answers no rows.';

CREATE AGGREGATE persona.decayed_agg(timestamp without time zone, double precision, interval) (
  SFUNC = persona.decayed_add, STYPE = persona.decayed, COMBINEFUNC = persona.decayed_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.decayed_agg(timestamp without time zone, double precision, interval) IS
  'Adds up amounts at wall-clock times that fade to their half in every half-life; rows without a time or an amount are left out, and NULL answers no rows.';

CREATE AGGREGATE persona.decayed_agg(date, double precision, interval) (
  SFUNC = persona.decayed_add, STYPE = persona.decayed, COMBINEFUNC = persona.decayed_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.decayed_agg(date, double precision, interval) IS
  'Adds up amounts at dates that fade to their half in every half-life; rows without a time or an amount are left out, and NULL answers no rows.';

CREATE AGGREGATE persona.rollup(persona.decayed) (
  SFUNC = persona.decayed_combine, STYPE = persona.decayed, COMBINEFUNC = persona.decayed_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.rollup(persona.decayed) IS
  'Merges stored decayed totals, for instance of days or shards, into what one pass over all their events would give.';

CREATE FUNCTION persona.merge(a persona.decayed, b persona.decayed) RETURNS persona.decayed
  AS 'MODULE_PATHNAME', 'persona_decayed_merge' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.merge(persona.decayed, persona.decayed) IS
  'Merges two decayed totals of disjoint events; NULL counts as no events, so merge(NULL, b) is b.';

CREATE FUNCTION persona.decayed_total(d persona.decayed, as_of timestamp with time zone) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_decayed_total_utc' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_total(persona.decayed, timestamp with time zone) IS
  'Sum of the amounts as of as_of, an instant, each halved for every half-life since its event.';

CREATE FUNCTION persona.decayed_total(d persona.decayed, as_of timestamp without time zone) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_decayed_total_local' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_total(persona.decayed, timestamp without time zone) IS
  'Sum of the amounts as of as_of, a wall-clock time, each halved for every half-life since its event.';

CREATE FUNCTION persona.decayed_total(d persona.decayed, as_of date) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_decayed_total_date' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_total(persona.decayed, date) IS
  'Sum of the amounts as of as_of, the midnight that begins a date, each halved for every half-life since its event.';

CREATE FUNCTION persona.decayed_count(d persona.decayed, as_of timestamp with time zone) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_decayed_count_utc' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_count(persona.decayed, timestamp with time zone) IS
  'Sum of the weights as of as_of, an instant: an event counts 1 when it happens, and half as much after every half-life.';

CREATE FUNCTION persona.decayed_count(d persona.decayed, as_of timestamp without time zone) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_decayed_count_local' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_count(persona.decayed, timestamp without time zone) IS
  'Sum of the weights as of as_of, a wall-clock time: an event counts 1 when it happens, and half as much after every half-life.';

CREATE FUNCTION persona.decayed_count(d persona.decayed, as_of date) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_decayed_count_date' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_count(persona.decayed, date) IS
  'Sum of the weights as of as_of, the midnight that begins a date: an event counts 1 when it happens, and half as much after every half-life.';

CREATE FUNCTION persona.decayed_mean(d persona.decayed) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_decayed_mean' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_mean(persona.decayed) IS
  'Mean of the amounts, each weighted by how little it has faded; the same as of any time.';

CREATE FUNCTION persona.last_at(d persona.decayed) RETURNS timestamp with time zone
  AS 'MODULE_PATHNAME', 'persona_decayed_last_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.last_at(persona.decayed) IS
  'The last event of a decayed total of timestamptz events.';

CREATE FUNCTION persona.last_at_local(d persona.decayed) RETURNS timestamp without time zone
  AS 'MODULE_PATHNAME', 'persona_decayed_last_at_local' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.last_at_local(persona.decayed) IS
  'The last event of a decayed total of timestamp or date events.';

CREATE FUNCTION persona.half_life(d persona.decayed) RETURNS interval
  AS 'MODULE_PATHNAME', 'persona_decayed_half_life' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.half_life(persona.decayed) IS
  'The time in which an amount fades to its half.';

-- @include summary_comparisons type=decayed subject=customers
