-- persona.retention: in which periods after a start a customer was active (docs/summaries/retention.md).

-- @include summary_forms type=retention
COMMENT ON TYPE persona.retention IS
  'In which periods after a start, of days or calendar months, a customer was active: one bit a period, exact also after merging.';

CREATE FUNCTION persona.retention_add(state persona.retention, start timestamp with time zone, ts timestamp with time zone, period interval) RETURNS persona.retention
  AS 'MODULE_PATHNAME', 'persona_retention_add_utc' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.retention_add(persona.retention, timestamp with time zone, timestamp with time zone, interval) IS
  'Adds one event at an instant to the state of retention_agg.';

CREATE FUNCTION persona.retention_add(state persona.retention, start timestamp without time zone, ts timestamp without time zone, period interval) RETURNS persona.retention
  AS 'MODULE_PATHNAME', 'persona_retention_add_local' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.retention_add(persona.retention, timestamp without time zone, timestamp without time zone, interval) IS
  'Adds one event at a wall-clock time to the state of retention_agg.';

CREATE FUNCTION persona.retention_add(state persona.retention, start date, ts date, period interval) RETURNS persona.retention
  AS 'MODULE_PATHNAME', 'persona_retention_add_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.retention_add(persona.retention, date, date, interval) IS
  'Adds one event at a date to the state of retention_agg.';

CREATE FUNCTION persona.retention_combine(state persona.retention, other persona.retention) RETURNS persona.retention
  AS 'MODULE_PATHNAME', 'persona_retention_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.retention_combine(persona.retention, persona.retention) IS
  'Merges a second state into that of an aggregate: retention_agg of parallel workers, and rollup.';

CREATE AGGREGATE persona.retention_agg(timestamp with time zone, timestamp with time zone, interval) (
  SFUNC = persona.retention_add, STYPE = persona.retention, COMBINEFUNC = persona.retention_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.retention_agg(timestamp with time zone, timestamp with time zone, interval) IS
  'Marks the periods after a customer''s start in which he had events at instants, seen in UTC; a start without an event (ts NULL) makes a customer who was never active.';

CREATE AGGREGATE persona.retention_agg(timestamp without time zone, timestamp without time zone, interval) (
  SFUNC = persona.retention_add, STYPE = persona.retention, COMBINEFUNC = persona.retention_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.retention_agg(timestamp without time zone, timestamp without time zone, interval) IS
  'Marks the periods after a customer''s start in which he had events at wall-clock times; a start without an event (ts NULL) makes a customer who was never active.';

CREATE AGGREGATE persona.retention_agg(date, date, interval) (
  SFUNC = persona.retention_add, STYPE = persona.retention, COMBINEFUNC = persona.retention_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.retention_agg(date, date, interval) IS
  'Marks the periods after a customer''s start in which he had events at dates; a start without an event (ts NULL) makes a customer who was never active.';

CREATE AGGREGATE persona.rollup(persona.retention) (
  SFUNC = persona.retention_combine, STYPE = persona.retention, COMBINEFUNC = persona.retention_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.rollup(persona.retention) IS
  'Merges stored retentions of one customer, for instance of days or shards, into what one pass over all their events would give.';

CREATE FUNCTION persona.merge(a persona.retention, b persona.retention) RETURNS persona.retention
  AS 'MODULE_PATHNAME', 'persona_retention_merge' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.merge(persona.retention, persona.retention) IS
  'Merges two retentions of one customer, of one start and period; NULL counts as no events, so merge(NULL, b) is b.';

CREATE FUNCTION persona.retained(r persona.retention, n integer) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_retention_retained' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.retained(persona.retention, integer) IS
  'Whether the customer was active in the n-th period after the start, period 0 being the one that begins at it.';

CREATE FUNCTION persona.retained_periods(r persona.retention) RETURNS integer[]
  AS 'MODULE_PATHNAME', 'persona_retention_retained_periods' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.retained_periods(persona.retention) IS
  'The numbers of the active periods, ascending; empty where there are none.';

CREATE FUNCTION persona.last_retained(r persona.retention) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_retention_last_retained' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.last_retained(persona.retention) IS
  'The number of the last active period; NULL where there is none.';

CREATE FUNCTION persona.early_events(r persona.retention) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_retention_early_events' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.early_events(persona.retention) IS
  'Number of events before the start, which count in no period: more than 0 hints at a wrong start.';

CREATE FUNCTION persona.started_at(r persona.retention) RETURNS timestamp with time zone
  AS 'MODULE_PATHNAME', 'persona_retention_started_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.started_at(persona.retention) IS
  'The start of a retention of timestamptz events.';

CREATE FUNCTION persona.started_at_local(r persona.retention) RETURNS timestamp without time zone
  AS 'MODULE_PATHNAME', 'persona_retention_started_at_local' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.started_at_local(persona.retention) IS
  'The start of a retention of timestamp or date events.';

CREATE FUNCTION persona.retention_count(state bigint[], r persona.retention) RETURNS bigint[]
  AS 'MODULE_PATHNAME', 'persona_retention_count' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.retention_count(bigint[], persona.retention) IS
  'Adds one customer to the state of retained_counts: the period, then the customers active in each.';

CREATE FUNCTION persona.retention_count_combine(state bigint[], other bigint[]) RETURNS bigint[]
  AS 'MODULE_PATHNAME', 'persona_retention_count_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.retention_count_combine(bigint[], bigint[]) IS
  'Adds the state of a second worker to that of retained_counts.';

CREATE FUNCTION persona.retention_count_final(state bigint[]) RETURNS bigint[]
  AS 'MODULE_PATHNAME', 'persona_retention_count_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.retention_count_final(bigint[]) IS
  'Takes the counts out of the state of retained_counts.';

CREATE AGGREGATE persona.retained_counts(persona.retention) (
  SFUNC = persona.retention_count, STYPE = bigint[], FINALFUNC = persona.retention_count_final,
  COMBINEFUNC = persona.retention_count_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.retained_counts(persona.retention) IS
  'Counts customers by period: element n + 1 is the number of retentions active in period n, up to the last that any is. Grouped by cohort it gives one row of a cohort matrix.';

-- @include summary_comparisons type=retention subject=periods
