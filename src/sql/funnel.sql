-- persona.funnel: how far a customer went through a series of steps (docs/summaries/funnel.md).

-- @include summary_forms type=funnel
COMMENT ON TYPE persona.funnel IS
  'The events of a customer that are steps of a funnel, a few bytes each, from which follows how many steps he took within the time allowed; exact also after merging.';

CREATE FUNCTION persona.funnel_add(state persona.funnel, ts timestamp with time zone, within interval, steps boolean[]) RETURNS persona.funnel
  AS 'MODULE_PATHNAME', 'persona_funnel_add_utc' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.funnel_add(persona.funnel, timestamp with time zone, interval, boolean[]) IS
  'Adds one event at an instant and the steps it satisfies to the state of funnel_agg.';

CREATE FUNCTION persona.funnel_add(state persona.funnel, ts timestamp without time zone, within interval, steps boolean[]) RETURNS persona.funnel
  AS 'MODULE_PATHNAME', 'persona_funnel_add_local' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.funnel_add(persona.funnel, timestamp without time zone, interval, boolean[]) IS
  'Adds one event at a wall-clock time and the steps it satisfies to the state of funnel_agg.';

CREATE FUNCTION persona.funnel_add(state persona.funnel, ts date, within interval, steps boolean[]) RETURNS persona.funnel
  AS 'MODULE_PATHNAME', 'persona_funnel_add_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.funnel_add(persona.funnel, date, interval, boolean[]) IS
  'Adds one event at a date and the steps it satisfies to the state of funnel_agg.';

CREATE FUNCTION persona.funnel_any_order_add(state persona.funnel, ts timestamp with time zone, within interval, steps boolean[]) RETURNS persona.funnel
  AS 'MODULE_PATHNAME', 'persona_funnel_any_order_add_utc' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.funnel_any_order_add(persona.funnel, timestamp with time zone, interval, boolean[]) IS
  'Adds one event at an instant and the steps it satisfies to the state of funnel_any_order_agg.';

CREATE FUNCTION persona.funnel_any_order_add(state persona.funnel, ts timestamp without time zone, within interval, steps boolean[]) RETURNS persona.funnel
  AS 'MODULE_PATHNAME', 'persona_funnel_any_order_add_local' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.funnel_any_order_add(persona.funnel, timestamp without time zone, interval, boolean[]) IS
  'Adds one event at a wall-clock time and the steps it satisfies to the state of funnel_any_order_agg.';

CREATE FUNCTION persona.funnel_any_order_add(state persona.funnel, ts date, within interval, steps boolean[]) RETURNS persona.funnel
  AS 'MODULE_PATHNAME', 'persona_funnel_any_order_add_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.funnel_any_order_add(persona.funnel, date, interval, boolean[]) IS
  'Adds one event at a date and the steps it satisfies to the state of funnel_any_order_agg.';

CREATE FUNCTION persona.funnel_combine(state persona.funnel, other persona.funnel) RETURNS persona.funnel
  AS 'MODULE_PATHNAME', 'persona_funnel_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.funnel_combine(persona.funnel, persona.funnel) IS
  'Merges a second state into that of an aggregate: funnel_agg and funnel_any_order_agg of parallel workers, and rollup.';

CREATE FUNCTION persona.funnel_final(state persona.funnel) RETURNS persona.funnel
  AS 'MODULE_PATHNAME', 'persona_funnel_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.funnel_final(persona.funnel) IS
  'Gives the state of a funnel aggregate its stored form: events sorted, those left out that cannot matter.';

CREATE AGGREGATE persona.funnel_agg(timestamp with time zone, interval, VARIADIC boolean[]) (
  SFUNC = persona.funnel_add, STYPE = persona.funnel, FINALFUNC = persona.funnel_final,
  COMBINEFUNC = persona.funnel_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.funnel_agg(timestamp with time zone, interval, VARIADIC boolean[]) IS
  'Keeps the events at instants, seen in UTC that satisfy any of 2 to 32 steps, to be taken in the order given, the last at most the interval after the first; an event serves one step of a chain.';

CREATE AGGREGATE persona.funnel_agg(timestamp without time zone, interval, VARIADIC boolean[]) (
  SFUNC = persona.funnel_add, STYPE = persona.funnel, FINALFUNC = persona.funnel_final,
  COMBINEFUNC = persona.funnel_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.funnel_agg(timestamp without time zone, interval, VARIADIC boolean[]) IS
  'Keeps the events at wall-clock times that satisfy any of 2 to 32 steps, to be taken in the order given, the last at most the interval after the first; an event serves one step of a chain.';

CREATE AGGREGATE persona.funnel_agg(date, interval, VARIADIC boolean[]) (
  SFUNC = persona.funnel_add, STYPE = persona.funnel, FINALFUNC = persona.funnel_final,
  COMBINEFUNC = persona.funnel_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.funnel_agg(date, interval, VARIADIC boolean[]) IS
  'Keeps the events at dates that satisfy any of 2 to 32 steps, to be taken in the order given, the last at most the interval after the first; an event serves one step of a chain.';

CREATE AGGREGATE persona.funnel_any_order_agg(timestamp with time zone, interval, VARIADIC boolean[]) (
  SFUNC = persona.funnel_any_order_add, STYPE = persona.funnel, FINALFUNC = persona.funnel_final,
  COMBINEFUNC = persona.funnel_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.funnel_any_order_agg(timestamp with time zone, interval, VARIADIC boolean[]) IS
  'Keeps the events at instants, seen in UTC that satisfy any of 2 to 32 steps, to be taken in any order, the last at most the interval after the first; an event serves one step of a chain.';

CREATE AGGREGATE persona.funnel_any_order_agg(timestamp without time zone, interval, VARIADIC boolean[]) (
  SFUNC = persona.funnel_any_order_add, STYPE = persona.funnel, FINALFUNC = persona.funnel_final,
  COMBINEFUNC = persona.funnel_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.funnel_any_order_agg(timestamp without time zone, interval, VARIADIC boolean[]) IS
  'Keeps the events at wall-clock times that satisfy any of 2 to 32 steps, to be taken in any order, the last at most the interval after the first; an event serves one step of a chain.';

CREATE AGGREGATE persona.funnel_any_order_agg(date, interval, VARIADIC boolean[]) (
  SFUNC = persona.funnel_any_order_add, STYPE = persona.funnel, FINALFUNC = persona.funnel_final,
  COMBINEFUNC = persona.funnel_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.funnel_any_order_agg(date, interval, VARIADIC boolean[]) IS
  'Keeps the events at dates that satisfy any of 2 to 32 steps, to be taken in any order, the last at most the interval after the first; an event serves one step of a chain.';

CREATE AGGREGATE persona.rollup(persona.funnel) (
  SFUNC = persona.funnel_combine, STYPE = persona.funnel, FINALFUNC = persona.funnel_final,
  COMBINEFUNC = persona.funnel_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.rollup(persona.funnel) IS
  'Merges stored funnels of one customer, for instance of days or shards, into what one pass over all their events would give.';

CREATE FUNCTION persona.merge(a persona.funnel, b persona.funnel) RETURNS persona.funnel
  AS 'MODULE_PATHNAME', 'persona_funnel_merge' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.merge(persona.funnel, persona.funnel) IS
  'Merges two funnels of disjoint events of one customer; NULL counts as no events, so merge(NULL, b) is b.';

CREATE FUNCTION persona.depth(f persona.funnel) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_funnel_depth' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.depth(persona.funnel) IS
  'Number of steps taken within the time allowed, 0 to the number of steps of the funnel.';

CREATE FUNCTION persona.reached(f persona.funnel, step integer) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_funnel_reached' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.reached(persona.funnel, integer) IS
  'Whether at least that many steps were taken within the time allowed: depth(f) >= step.';

CREATE FUNCTION persona.conversion_seconds(f persona.funnel) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_funnel_conversion_seconds' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.conversion_seconds(persona.funnel) IS
  'Seconds from the first to the last step of the earliest chain of the greatest depth; NULL at depth 0.';

CREATE FUNCTION persona.funnel_steps(f persona.funnel) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_funnel_steps' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.funnel_steps(persona.funnel) IS
  'Number of steps that the funnel has, taken or not.';

-- @include summary_comparisons type=funnel subject=depth
