\echo Use "CREATE EXTENSION persona VERSION '0.1'" to load this file. \quit
CREATE SCHEMA persona;
COMMENT ON SCHEMA persona IS
  'Customer portraits: mergeable summaries of events, models whose coefficients are rows, scores and recommendations in any query.';
GRANT USAGE ON SCHEMA persona TO PUBLIC;
-- persona.activity: when a customer was active and what it amounted to (docs/summaries.md).

CREATE TYPE persona.activity;

CREATE FUNCTION persona.activity_in(cstring) RETURNS persona.activity
  AS 'MODULE_PATHNAME', 'persona_activity_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.activity_in(cstring) IS
  'Reads the text form of persona.activity, every relation between its parts checked.';

CREATE FUNCTION persona.activity_out(persona.activity) RETURNS cstring
  AS 'MODULE_PATHNAME', 'persona_activity_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.activity_out(persona.activity) IS
  'Writes the text form of persona.activity: exact whatever extra_float_digits is.';

CREATE FUNCTION persona.activity_recv(internal) RETURNS persona.activity
  AS 'MODULE_PATHNAME', 'persona_activity_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.activity_recv(internal) IS
  'Reads the binary form of persona.activity, every relation between its parts checked.';

CREATE FUNCTION persona.activity_send(persona.activity) RETURNS bytea
  AS 'MODULE_PATHNAME', 'persona_activity_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.activity_send(persona.activity) IS
  'Writes the binary form of persona.activity: its bytes in network order.';

CREATE TYPE persona.activity (
  INPUT = persona.activity_in, OUTPUT = persona.activity_out, RECEIVE = persona.activity_recv, SEND = persona.activity_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = main
);
COMMENT ON TYPE persona.activity IS
  'When a customer was active and what the events amounted to: counts, first and last, active days, hours and weekdays, mean and deviation of the amounts, in a few hundred bytes that can be merged.';

CREATE FUNCTION persona.activity_add(state persona.activity, ts timestamp with time zone) RETURNS persona.activity
  AS 'MODULE_PATHNAME', 'persona_activity_add_utc' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.activity_add(persona.activity, timestamp with time zone) IS
  'Adds one event at an instant to the state of activity_agg.';

CREATE FUNCTION persona.activity_add(state persona.activity, ts timestamp with time zone, amount double precision) RETURNS persona.activity
  AS 'MODULE_PATHNAME', 'persona_activity_add_utc' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.activity_add(persona.activity, timestamp with time zone, double precision) IS
  'Adds one event at an instant and its amount to the state of activity_agg.';

CREATE FUNCTION persona.activity_add(state persona.activity, ts timestamp without time zone) RETURNS persona.activity
  AS 'MODULE_PATHNAME', 'persona_activity_add_local' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.activity_add(persona.activity, timestamp without time zone) IS
  'Adds one event at a wall-clock time to the state of activity_agg.';

CREATE FUNCTION persona.activity_add(state persona.activity, ts timestamp without time zone, amount double precision) RETURNS persona.activity
  AS 'MODULE_PATHNAME', 'persona_activity_add_local' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.activity_add(persona.activity, timestamp without time zone, double precision) IS
  'Adds one event at a wall-clock time and its amount to the state of activity_agg.';

CREATE FUNCTION persona.activity_add(state persona.activity, ts date) RETURNS persona.activity
  AS 'MODULE_PATHNAME', 'persona_activity_add_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.activity_add(persona.activity, date) IS
  'Adds one event at a date to the state of activity_agg.';

CREATE FUNCTION persona.activity_add(state persona.activity, ts date, amount double precision) RETURNS persona.activity
  AS 'MODULE_PATHNAME', 'persona_activity_add_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.activity_add(persona.activity, date, double precision) IS
  'Adds one event at a date and its amount to the state of activity_agg.';

CREATE FUNCTION persona.activity_combine(state persona.activity, other persona.activity) RETURNS persona.activity
  AS 'MODULE_PATHNAME', 'persona_activity_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.activity_combine(persona.activity, persona.activity) IS
  'Merges a second state into that of an aggregate: activity_agg of parallel workers, and rollup.';

CREATE AGGREGATE persona.activity_agg(timestamp with time zone) (
  SFUNC = persona.activity_add, STYPE = persona.activity, COMBINEFUNC = persona.activity_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.activity_agg(timestamp with time zone) IS
  'Summarizes the activity of events at instants, seen in UTC; rows without a time are left out, and NULL answers no rows.';

CREATE AGGREGATE persona.activity_agg(timestamp with time zone, double precision) (
  SFUNC = persona.activity_add, STYPE = persona.activity, COMBINEFUNC = persona.activity_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.activity_agg(timestamp with time zone, double precision) IS
  'Summarizes the activity of events at instants, seen in UTC and their amounts; an event whose amount is NULL still counts as an event.';

CREATE AGGREGATE persona.activity_agg(timestamp without time zone) (
  SFUNC = persona.activity_add, STYPE = persona.activity, COMBINEFUNC = persona.activity_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.activity_agg(timestamp without time zone) IS
  'Summarizes the activity of events at wall-clock times; rows without a time are left out, and NULL answers no rows.';

CREATE AGGREGATE persona.activity_agg(timestamp without time zone, double precision) (
  SFUNC = persona.activity_add, STYPE = persona.activity, COMBINEFUNC = persona.activity_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.activity_agg(timestamp without time zone, double precision) IS
  'Summarizes the activity of events at wall-clock times and their amounts; an event whose amount is NULL still counts as an event.';

CREATE AGGREGATE persona.activity_agg(date) (
  SFUNC = persona.activity_add, STYPE = persona.activity, COMBINEFUNC = persona.activity_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.activity_agg(date) IS
  'Summarizes the activity of events at dates; rows without a time are left out, and NULL answers no rows.';

CREATE AGGREGATE persona.activity_agg(date, double precision) (
  SFUNC = persona.activity_add, STYPE = persona.activity, COMBINEFUNC = persona.activity_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.activity_agg(date, double precision) IS
  'Summarizes the activity of events at dates and their amounts; an event whose amount is NULL still counts as an event.';

CREATE AGGREGATE persona.rollup(persona.activity) (
  SFUNC = persona.activity_combine, STYPE = persona.activity, COMBINEFUNC = persona.activity_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.rollup(persona.activity) IS
  'Merges stored activities, for instance of days or shards, into what one pass over all their events would give.';

CREATE FUNCTION persona.merge(a persona.activity, b persona.activity) RETURNS persona.activity
  AS 'MODULE_PATHNAME', 'persona_activity_merge' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.merge(persona.activity, persona.activity) IS
  'Merges two activities of disjoint events; NULL counts as no events, so merge(NULL, b) is b.';

CREATE FUNCTION persona.events(a persona.activity) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_activity_events' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.events(persona.activity) IS
  'Number of events.';

CREATE FUNCTION persona.active_days(a persona.activity) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_activity_active_days' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.active_days(persona.activity) IS
  'Number of different days with an event, exact also after merging.';

CREATE FUNCTION persona.first_at(a persona.activity) RETURNS timestamp with time zone
  AS 'MODULE_PATHNAME', 'persona_activity_first_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.first_at(persona.activity) IS
  'The first event of an activity of timestamptz events.';

CREATE FUNCTION persona.last_at(a persona.activity) RETURNS timestamp with time zone
  AS 'MODULE_PATHNAME', 'persona_activity_last_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.last_at(persona.activity) IS
  'The last event of an activity of timestamptz events.';

CREATE FUNCTION persona.first_at_local(a persona.activity) RETURNS timestamp without time zone
  AS 'MODULE_PATHNAME', 'persona_activity_first_at_local' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.first_at_local(persona.activity) IS
  'The first event of an activity of timestamp or date events.';

CREATE FUNCTION persona.last_at_local(a persona.activity) RETURNS timestamp without time zone
  AS 'MODULE_PATHNAME', 'persona_activity_last_at_local' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.last_at_local(persona.activity) IS
  'The last event of an activity of timestamp or date events.';

CREATE FUNCTION persona.total_amount(a persona.activity) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_activity_total_amount' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.total_amount(persona.activity) IS
  'Sum of the amounts, rounded once; NULL where no event had one.';

CREATE FUNCTION persona.mean_amount(a persona.activity) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_activity_mean_amount' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.mean_amount(persona.activity) IS
  'Mean of the amounts over the events that had one; NULL where none had.';

CREATE FUNCTION persona.stddev_amount(a persona.activity) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_activity_stddev_amount' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.stddev_amount(persona.activity) IS
  'Sample standard deviation of the amounts; NULL below two of them.';

CREATE FUNCTION persona.recency_days(a persona.activity, as_of timestamp with time zone) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_activity_recency_days_utc' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.recency_days(persona.activity, timestamp with time zone) IS
  'Days from the last event to as_of, an instant; negative where as_of lies before it.';

CREATE FUNCTION persona.recency_days(a persona.activity, as_of timestamp without time zone) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_activity_recency_days_local' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.recency_days(persona.activity, timestamp without time zone) IS
  'Days from the last event to as_of, a wall-clock time; negative where as_of lies before it.';

CREATE FUNCTION persona.recency_days(a persona.activity, as_of date) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_activity_recency_days_date' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.recency_days(persona.activity, date) IS
  'Days from the last event to as_of, the midnight that begins a date; negative where as_of lies before it.';

CREATE FUNCTION persona.tenure_days(a persona.activity, as_of timestamp with time zone) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_activity_tenure_days_utc' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.tenure_days(persona.activity, timestamp with time zone) IS
  'Days from the first event to as_of, an instant; negative where as_of lies before it.';

CREATE FUNCTION persona.tenure_days(a persona.activity, as_of timestamp without time zone) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_activity_tenure_days_local' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.tenure_days(persona.activity, timestamp without time zone) IS
  'Days from the first event to as_of, a wall-clock time; negative where as_of lies before it.';

CREATE FUNCTION persona.tenure_days(a persona.activity, as_of date) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_activity_tenure_days_date' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.tenure_days(persona.activity, date) IS
  'Days from the first event to as_of, the midnight that begins a date; negative where as_of lies before it.';

CREATE FUNCTION persona.frequency(a persona.activity, as_of timestamp with time zone, per_days double precision) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_activity_frequency_utc' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.frequency(persona.activity, timestamp with time zone, double precision) IS
  'Events per per_days days between the first event and as_of, an instant; less than a day counts as one day.';

CREATE FUNCTION persona.frequency(a persona.activity, as_of timestamp without time zone, per_days double precision) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_activity_frequency_local' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.frequency(persona.activity, timestamp without time zone, double precision) IS
  'Events per per_days days between the first event and as_of, a wall-clock time; less than a day counts as one day.';

CREATE FUNCTION persona.frequency(a persona.activity, as_of date, per_days double precision) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_activity_frequency_date' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.frequency(persona.activity, date, double precision) IS
  'Events per per_days days between the first event and as_of, the midnight that begins a date; less than a day counts as one day.';

CREATE FUNCTION persona.mean_gap_days(a persona.activity) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_activity_mean_gap_days' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.mean_gap_days(persona.activity) IS
  'Mean time between consecutive events in days, (last - first) / (events - 1); NULL for one event.';

CREATE FUNCTION persona.hour_profile(a persona.activity) RETURNS bigint[]
  AS 'MODULE_PATHNAME', 'persona_activity_hour_profile' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.hour_profile(persona.activity) IS
  'Events by hour of the day, 24 counts from midnight: UTC for timestamptz events, local for others.';

CREATE FUNCTION persona.weekday_profile(a persona.activity) RETURNS bigint[]
  AS 'MODULE_PATHNAME', 'persona_activity_weekday_profile' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.weekday_profile(persona.activity) IS
  'Events by day of the week, 7 counts from Monday: UTC for timestamptz events, local for others.';

-- Equality is equality of bytes; the order is that of the bytes, for DISTINCT, merge joins and unique keys.

CREATE FUNCTION persona.activity_eq(a persona.activity, b persona.activity) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_activity_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.activity_eq(persona.activity, persona.activity) IS
  'Implements = on persona.activity.';

CREATE FUNCTION persona.activity_ne(a persona.activity, b persona.activity) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_activity_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.activity_ne(persona.activity, persona.activity) IS
  'Implements <> on persona.activity.';

CREATE FUNCTION persona.activity_lt(a persona.activity, b persona.activity) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_activity_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.activity_lt(persona.activity, persona.activity) IS
  'Implements < on persona.activity.';

CREATE FUNCTION persona.activity_le(a persona.activity, b persona.activity) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_activity_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.activity_le(persona.activity, persona.activity) IS
  'Implements <= on persona.activity.';

CREATE FUNCTION persona.activity_gt(a persona.activity, b persona.activity) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_activity_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.activity_gt(persona.activity, persona.activity) IS
  'Implements > on persona.activity.';

CREATE FUNCTION persona.activity_ge(a persona.activity, b persona.activity) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_activity_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.activity_ge(persona.activity, persona.activity) IS
  'Implements >= on persona.activity.';

CREATE FUNCTION persona.activity_cmp(a persona.activity, b persona.activity) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_activity_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.activity_cmp(persona.activity, persona.activity) IS
  'Compares the bytes of two persona.activity values: -1, 0 or 1.';

CREATE FUNCTION persona.activity_hash(a persona.activity) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_activity_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.activity_hash(persona.activity) IS
  'Hashes the bytes of a persona.activity, for hash joins and DISTINCT.';

CREATE FUNCTION persona.activity_hash_extended(a persona.activity, seed bigint) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_activity_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.activity_hash_extended(persona.activity, bigint) IS
  'Hashes the bytes of a persona.activity with a seed, for hash partitioning.';

CREATE OPERATOR persona.= (
  LEFTARG = persona.activity, RIGHTARG = persona.activity, FUNCTION = persona.activity_eq,
  COMMUTATOR = OPERATOR(persona.=), NEGATOR = OPERATOR(persona.<>),
  RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR persona.= (persona.activity, persona.activity) IS
  'Whether two summaries are the same, byte for byte.';

CREATE OPERATOR persona.<> (
  LEFTARG = persona.activity, RIGHTARG = persona.activity, FUNCTION = persona.activity_ne,
  COMMUTATOR = OPERATOR(persona.<>), NEGATOR = OPERATOR(persona.=),
  RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR persona.<> (persona.activity, persona.activity) IS
  'Whether two summaries differ in any byte.';

CREATE OPERATOR persona.< (
  LEFTARG = persona.activity, RIGHTARG = persona.activity, FUNCTION = persona.activity_lt,
  COMMUTATOR = OPERATOR(persona.>), NEGATOR = OPERATOR(persona.>=),
  RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR persona.< (persona.activity, persona.activity) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about customers.';

CREATE OPERATOR persona.<= (
  LEFTARG = persona.activity, RIGHTARG = persona.activity, FUNCTION = persona.activity_le,
  COMMUTATOR = OPERATOR(persona.>=), NEGATOR = OPERATOR(persona.>),
  RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR persona.<= (persona.activity, persona.activity) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about customers.';

CREATE OPERATOR persona.> (
  LEFTARG = persona.activity, RIGHTARG = persona.activity, FUNCTION = persona.activity_gt,
  COMMUTATOR = OPERATOR(persona.<), NEGATOR = OPERATOR(persona.<=),
  RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR persona.> (persona.activity, persona.activity) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about customers.';

CREATE OPERATOR persona.>= (
  LEFTARG = persona.activity, RIGHTARG = persona.activity, FUNCTION = persona.activity_ge,
  COMMUTATOR = OPERATOR(persona.<=), NEGATOR = OPERATOR(persona.<),
  RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR persona.>= (persona.activity, persona.activity) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about customers.';

CREATE OPERATOR FAMILY persona.activity_ops USING btree;
COMMENT ON OPERATOR FAMILY persona.activity_ops USING btree IS
  'The order of the bytes of persona.activity.';
CREATE OPERATOR CLASS persona.activity_ops DEFAULT FOR TYPE persona.activity USING btree FAMILY persona.activity_ops AS
  OPERATOR 1 persona.<, OPERATOR 2 persona.<=, OPERATOR 3 persona.=, OPERATOR 4 persona.>=, OPERATOR 5 persona.>,
  FUNCTION 1 persona.activity_cmp(persona.activity, persona.activity);
COMMENT ON OPERATOR CLASS persona.activity_ops USING btree IS
  'Lets DISTINCT, ORDER BY, merge joins and primary keys work on persona.activity, in an order without meaning of its own.';

CREATE OPERATOR FAMILY persona.activity_ops USING hash;
COMMENT ON OPERATOR FAMILY persona.activity_ops USING hash IS
  'Equality of the bytes of persona.activity.';
CREATE OPERATOR CLASS persona.activity_ops DEFAULT FOR TYPE persona.activity USING hash FAMILY persona.activity_ops AS
  OPERATOR 1 persona.=,
  FUNCTION 1 persona.activity_hash(persona.activity), FUNCTION 2 persona.activity_hash_extended(persona.activity, bigint);
COMMENT ON OPERATOR CLASS persona.activity_ops USING hash IS
  'Lets hash joins, hashed DISTINCT and hash partitioning work on persona.activity.';
-- persona.moments: count, extremes and the first four moments of a number (docs/summaries.md).

CREATE TYPE persona.moments;

CREATE FUNCTION persona.moments_in(cstring) RETURNS persona.moments
  AS 'MODULE_PATHNAME', 'persona_moments_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_in(cstring) IS
  'Reads the text form of persona.moments, every relation between its parts checked.';

CREATE FUNCTION persona.moments_out(persona.moments) RETURNS cstring
  AS 'MODULE_PATHNAME', 'persona_moments_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_out(persona.moments) IS
  'Writes the text form of persona.moments: exact whatever extra_float_digits is.';

CREATE FUNCTION persona.moments_recv(internal) RETURNS persona.moments
  AS 'MODULE_PATHNAME', 'persona_moments_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_recv(internal) IS
  'Reads the binary form of persona.moments, every relation between its parts checked.';

CREATE FUNCTION persona.moments_send(persona.moments) RETURNS bytea
  AS 'MODULE_PATHNAME', 'persona_moments_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_send(persona.moments) IS
  'Writes the binary form of persona.moments: its bytes in network order.';

CREATE TYPE persona.moments (
  INPUT = persona.moments_in, OUTPUT = persona.moments_out, RECEIVE = persona.moments_recv, SEND = persona.moments_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = main
);
COMMENT ON TYPE persona.moments IS
  'Count, nulls, minimum, maximum and the first four moments of a number, carried to 106 bits, in 112 bytes that can be merged.';

CREATE FUNCTION persona.moments_add(state persona.moments, x double precision) RETURNS persona.moments
  AS 'MODULE_PATHNAME', 'persona_moments_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_add(persona.moments, double precision) IS
  'Adds one value to the state of moments_agg.';

CREATE FUNCTION persona.moments_combine(state persona.moments, other persona.moments) RETURNS persona.moments
  AS 'MODULE_PATHNAME', 'persona_moments_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_combine(persona.moments, persona.moments) IS
  'Merges a second state into that of an aggregate: moments_agg of parallel workers, and rollup.';

CREATE AGGREGATE persona.moments_agg(double precision) (
  SFUNC = persona.moments_add, STYPE = persona.moments, COMBINEFUNC = persona.moments_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.moments_agg(double precision) IS
  'Summarizes the distribution of a number; NULLs are counted apart, and NULL answers no rows.';

CREATE AGGREGATE persona.rollup(persona.moments) (
  SFUNC = persona.moments_combine, STYPE = persona.moments, COMBINEFUNC = persona.moments_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.rollup(persona.moments) IS
  'Merges stored moments, for instance of days or shards, into what one pass over all their values would give.';

CREATE FUNCTION persona.merge(a persona.moments, b persona.moments) RETURNS persona.moments
  AS 'MODULE_PATHNAME', 'persona_moments_merge' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.merge(persona.moments, persona.moments) IS
  'Merges two moments of disjoint values; NULL counts as no values, so merge(NULL, b) is b.';

CREATE FUNCTION persona.moments_count(m persona.moments) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_moments_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_count(persona.moments) IS
  'Number of values that were not NULL.';

CREATE FUNCTION persona.moments_nulls(m persona.moments) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_moments_nulls' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_nulls(persona.moments) IS
  'Number of NULLs.';

CREATE FUNCTION persona.mean(m persona.moments) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_moments_mean' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.mean(persona.moments) IS
  'Arithmetic mean; NULL without values.';

CREATE FUNCTION persona.moments_variance(m persona.moments) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_moments_variance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_variance(persona.moments) IS
  'Sample variance (denominator n - 1); NULL below two values.';

CREATE FUNCTION persona.moments_stddev(m persona.moments) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_moments_stddev' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_stddev(persona.moments) IS
  'Sample standard deviation (denominator n - 1); NULL below two values.';

CREATE FUNCTION persona.skewness(m persona.moments) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_moments_skewness' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.skewness(persona.moments) IS
  'Moment coefficient of skewness g1, 0 for a symmetric distribution; NULL where all values are equal.';

CREATE FUNCTION persona.kurtosis(m persona.moments) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_moments_kurtosis' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.kurtosis(persona.moments) IS
  'Excess kurtosis g2, 0 for a normal distribution; NULL where all values are equal.';

CREATE FUNCTION persona.moments_min(m persona.moments) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_moments_min' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_min(persona.moments) IS
  'The least value; NULL without values.';

CREATE FUNCTION persona.moments_max(m persona.moments) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_moments_max' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_max(persona.moments) IS
  'The greatest value; NULL without values.';

-- Equality is equality of bytes; the order is that of the bytes, for DISTINCT, merge joins and unique keys.

CREATE FUNCTION persona.moments_eq(a persona.moments, b persona.moments) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_moments_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_eq(persona.moments, persona.moments) IS
  'Implements = on persona.moments.';

CREATE FUNCTION persona.moments_ne(a persona.moments, b persona.moments) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_moments_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_ne(persona.moments, persona.moments) IS
  'Implements <> on persona.moments.';

CREATE FUNCTION persona.moments_lt(a persona.moments, b persona.moments) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_moments_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_lt(persona.moments, persona.moments) IS
  'Implements < on persona.moments.';

CREATE FUNCTION persona.moments_le(a persona.moments, b persona.moments) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_moments_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_le(persona.moments, persona.moments) IS
  'Implements <= on persona.moments.';

CREATE FUNCTION persona.moments_gt(a persona.moments, b persona.moments) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_moments_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_gt(persona.moments, persona.moments) IS
  'Implements > on persona.moments.';

CREATE FUNCTION persona.moments_ge(a persona.moments, b persona.moments) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_moments_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_ge(persona.moments, persona.moments) IS
  'Implements >= on persona.moments.';

CREATE FUNCTION persona.moments_cmp(a persona.moments, b persona.moments) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_moments_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_cmp(persona.moments, persona.moments) IS
  'Compares the bytes of two persona.moments values: -1, 0 or 1.';

CREATE FUNCTION persona.moments_hash(a persona.moments) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_moments_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_hash(persona.moments) IS
  'Hashes the bytes of a persona.moments, for hash joins and DISTINCT.';

CREATE FUNCTION persona.moments_hash_extended(a persona.moments, seed bigint) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_moments_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_hash_extended(persona.moments, bigint) IS
  'Hashes the bytes of a persona.moments with a seed, for hash partitioning.';

CREATE OPERATOR persona.= (
  LEFTARG = persona.moments, RIGHTARG = persona.moments, FUNCTION = persona.moments_eq,
  COMMUTATOR = OPERATOR(persona.=), NEGATOR = OPERATOR(persona.<>),
  RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR persona.= (persona.moments, persona.moments) IS
  'Whether two summaries are the same, byte for byte.';

CREATE OPERATOR persona.<> (
  LEFTARG = persona.moments, RIGHTARG = persona.moments, FUNCTION = persona.moments_ne,
  COMMUTATOR = OPERATOR(persona.<>), NEGATOR = OPERATOR(persona.=),
  RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR persona.<> (persona.moments, persona.moments) IS
  'Whether two summaries differ in any byte.';

CREATE OPERATOR persona.< (
  LEFTARG = persona.moments, RIGHTARG = persona.moments, FUNCTION = persona.moments_lt,
  COMMUTATOR = OPERATOR(persona.>), NEGATOR = OPERATOR(persona.>=),
  RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR persona.< (persona.moments, persona.moments) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about values.';

CREATE OPERATOR persona.<= (
  LEFTARG = persona.moments, RIGHTARG = persona.moments, FUNCTION = persona.moments_le,
  COMMUTATOR = OPERATOR(persona.>=), NEGATOR = OPERATOR(persona.>),
  RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR persona.<= (persona.moments, persona.moments) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about values.';

CREATE OPERATOR persona.> (
  LEFTARG = persona.moments, RIGHTARG = persona.moments, FUNCTION = persona.moments_gt,
  COMMUTATOR = OPERATOR(persona.<), NEGATOR = OPERATOR(persona.<=),
  RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR persona.> (persona.moments, persona.moments) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about values.';

CREATE OPERATOR persona.>= (
  LEFTARG = persona.moments, RIGHTARG = persona.moments, FUNCTION = persona.moments_ge,
  COMMUTATOR = OPERATOR(persona.<=), NEGATOR = OPERATOR(persona.<),
  RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR persona.>= (persona.moments, persona.moments) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about values.';

CREATE OPERATOR FAMILY persona.moments_ops USING btree;
COMMENT ON OPERATOR FAMILY persona.moments_ops USING btree IS
  'The order of the bytes of persona.moments.';
CREATE OPERATOR CLASS persona.moments_ops DEFAULT FOR TYPE persona.moments USING btree FAMILY persona.moments_ops AS
  OPERATOR 1 persona.<, OPERATOR 2 persona.<=, OPERATOR 3 persona.=, OPERATOR 4 persona.>=, OPERATOR 5 persona.>,
  FUNCTION 1 persona.moments_cmp(persona.moments, persona.moments);
COMMENT ON OPERATOR CLASS persona.moments_ops USING btree IS
  'Lets DISTINCT, ORDER BY, merge joins and primary keys work on persona.moments, in an order without meaning of its own.';

CREATE OPERATOR FAMILY persona.moments_ops USING hash;
COMMENT ON OPERATOR FAMILY persona.moments_ops USING hash IS
  'Equality of the bytes of persona.moments.';
CREATE OPERATOR CLASS persona.moments_ops DEFAULT FOR TYPE persona.moments USING hash FAMILY persona.moments_ops AS
  OPERATOR 1 persona.=,
  FUNCTION 1 persona.moments_hash(persona.moments), FUNCTION 2 persona.moments_hash_extended(persona.moments, bigint);
COMMENT ON OPERATOR CLASS persona.moments_ops USING hash IS
  'Lets hash joins, hashed DISTINCT and hash partitioning work on persona.moments.';
