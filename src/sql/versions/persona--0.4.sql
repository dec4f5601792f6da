\echo Use "CREATE EXTENSION persona" to load this file. \quit
CREATE SCHEMA persona;
COMMENT ON SCHEMA persona IS
  'Customer portraits: mergeable summaries of events, models whose coefficients are rows, scores and recommendations in any query.';
GRANT USAGE ON SCHEMA persona TO PUBLIC;
-- persona.activity: when a customer was active and what it amounted to (docs/summaries/activity.md).

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
-- persona.moments: count, extremes and the first four moments of a number (docs/summaries/moments.md).

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
-- persona.sessions: visits, runs of events without a long gap (docs/summaries/sessions.md).

CREATE TYPE persona.sessions;

CREATE FUNCTION persona.sessions_in(cstring) RETURNS persona.sessions
  AS 'MODULE_PATHNAME', 'persona_sessions_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.sessions_in(cstring) IS
  'Reads the text form of persona.sessions, every relation between its parts checked.';

CREATE FUNCTION persona.sessions_out(persona.sessions) RETURNS cstring
  AS 'MODULE_PATHNAME', 'persona_sessions_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.sessions_out(persona.sessions) IS
  'Writes the text form of persona.sessions: exact whatever extra_float_digits is.';

CREATE FUNCTION persona.sessions_recv(internal) RETURNS persona.sessions
  AS 'MODULE_PATHNAME', 'persona_sessions_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.sessions_recv(internal) IS
  'Reads the binary form of persona.sessions, every relation between its parts checked.';

CREATE FUNCTION persona.sessions_send(persona.sessions) RETURNS bytea
  AS 'MODULE_PATHNAME', 'persona_sessions_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.sessions_send(persona.sessions) IS
  'Writes the binary form of persona.sessions: its bytes in network order.';

CREATE TYPE persona.sessions (
  INPUT = persona.sessions_in, OUTPUT = persona.sessions_out, RECEIVE = persona.sessions_recv, SEND = persona.sessions_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = main
);
COMMENT ON TYPE persona.sessions IS
  'Visits, that is runs of events of which each comes at most a gap after the one before: first and last time and number of events of each, exact when parts that overlap are merged, in 4 to 6 bytes a session of whole seconds.';

CREATE FUNCTION persona.sessions_add(state persona.sessions, ts timestamp with time zone) RETURNS persona.sessions
  AS 'MODULE_PATHNAME', 'persona_sessions_add_utc' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.sessions_add(persona.sessions, timestamp with time zone) IS
  'Adds one event at an instant to the state of sessions_agg, sessions being parted by more than 30 minutes.';

CREATE FUNCTION persona.sessions_add(state persona.sessions, ts timestamp with time zone, gap interval) RETURNS persona.sessions
  AS 'MODULE_PATHNAME', 'persona_sessions_add_utc' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.sessions_add(persona.sessions, timestamp with time zone, interval) IS
  'Adds one event at an instant to the state of sessions_agg, with the gap that parts sessions.';

CREATE FUNCTION persona.sessions_add(state persona.sessions, ts timestamp without time zone) RETURNS persona.sessions
  AS 'MODULE_PATHNAME', 'persona_sessions_add_local' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.sessions_add(persona.sessions, timestamp without time zone) IS
  'Adds one event at a wall-clock time to the state of sessions_agg, sessions being parted by more than 30 minutes.';

CREATE FUNCTION persona.sessions_add(state persona.sessions, ts timestamp without time zone, gap interval) RETURNS persona.sessions
  AS 'MODULE_PATHNAME', 'persona_sessions_add_local' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.sessions_add(persona.sessions, timestamp without time zone, interval) IS
  'Adds one event at a wall-clock time to the state of sessions_agg, with the gap that parts sessions.';

CREATE FUNCTION persona.sessions_add(state persona.sessions, ts date) RETURNS persona.sessions
  AS 'MODULE_PATHNAME', 'persona_sessions_add_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.sessions_add(persona.sessions, date) IS
  'Adds one event at a date to the state of sessions_agg, sessions being parted by more than 30 minutes.';

CREATE FUNCTION persona.sessions_add(state persona.sessions, ts date, gap interval) RETURNS persona.sessions
  AS 'MODULE_PATHNAME', 'persona_sessions_add_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.sessions_add(persona.sessions, date, interval) IS
  'Adds one event at a date to the state of sessions_agg, with the gap that parts sessions.';

CREATE FUNCTION persona.sessions_combine(state persona.sessions, other persona.sessions) RETURNS persona.sessions
  AS 'MODULE_PATHNAME', 'persona_sessions_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.sessions_combine(persona.sessions, persona.sessions) IS
  'Merges a second state into that of an aggregate: sessions_agg of parallel workers, and rollup.';

CREATE FUNCTION persona.sessions_final(state persona.sessions) RETURNS persona.sessions
  AS 'MODULE_PATHNAME', 'persona_sessions_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.sessions_final(persona.sessions) IS
  'Writes the state of an aggregate in the one form in which it is stored.';

CREATE AGGREGATE persona.sessions_agg(timestamp with time zone) (
  SFUNC = persona.sessions_add, STYPE = persona.sessions, FINALFUNC = persona.sessions_final,
  COMBINEFUNC = persona.sessions_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.sessions_agg(timestamp with time zone) IS
  'Summarizes the sessions of events at instants: an event more than 30 minutes after the one before begins a new session; rows without a time are left out, and NULL answers no rows.';

CREATE AGGREGATE persona.sessions_agg(timestamp with time zone, interval) (
  SFUNC = persona.sessions_add, STYPE = persona.sessions, FINALFUNC = persona.sessions_final,
  COMBINEFUNC = persona.sessions_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.sessions_agg(timestamp with time zone, interval) IS
  'Summarizes the sessions of events at instants: an event more than gap after the one before begins a new session; the gap must be the same in every row.';

CREATE AGGREGATE persona.sessions_agg(timestamp without time zone) (
  SFUNC = persona.sessions_add, STYPE = persona.sessions, FINALFUNC = persona.sessions_final,
  COMBINEFUNC = persona.sessions_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.sessions_agg(timestamp without time zone) IS
  'Summarizes the sessions of events at wall-clock times: an event more than 30 minutes after the one before begins a new session; rows without a time are left out, and NULL answers no rows.';

CREATE AGGREGATE persona.sessions_agg(timestamp without time zone, interval) (
  SFUNC = persona.sessions_add, STYPE = persona.sessions, FINALFUNC = persona.sessions_final,
  COMBINEFUNC = persona.sessions_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.sessions_agg(timestamp without time zone, interval) IS
  'Summarizes the sessions of events at wall-clock times: an event more than gap after the one before begins a new session; the gap must be the same in every row.';

CREATE AGGREGATE persona.sessions_agg(date) (
  SFUNC = persona.sessions_add, STYPE = persona.sessions, FINALFUNC = persona.sessions_final,
  COMBINEFUNC = persona.sessions_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.sessions_agg(date) IS
  'Summarizes the sessions of events at dates, midnight each: every date is a session of its own.';

CREATE AGGREGATE persona.sessions_agg(date, interval) (
  SFUNC = persona.sessions_add, STYPE = persona.sessions, FINALFUNC = persona.sessions_final,
  COMBINEFUNC = persona.sessions_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.sessions_agg(date, interval) IS
  'Summarizes the sessions of events at dates, midnight each: with a gap of one day a session is a streak of days without a day left out.';

CREATE AGGREGATE persona.rollup(persona.sessions) (
  SFUNC = persona.sessions_combine, STYPE = persona.sessions, FINALFUNC = persona.sessions_final,
  COMBINEFUNC = persona.sessions_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.rollup(persona.sessions) IS
  'Merges stored sessions, for instance of days or shards, into what one pass over all their events would give: sessions that touch across parts become one.';

CREATE FUNCTION persona.merge(a persona.sessions, b persona.sessions) RETURNS persona.sessions
  AS 'MODULE_PATHNAME', 'persona_sessions_merge' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.merge(persona.sessions, persona.sessions) IS
  'Merges the sessions of disjoint events, which may lie anywhere in time; NULL counts as no events, so merge(NULL, b) is b.';

CREATE FUNCTION persona.session_count(s persona.sessions) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_sessions_session_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.session_count(persona.sessions) IS
  'Number of sessions.';

CREATE FUNCTION persona.session_events(s persona.sessions) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_sessions_session_events' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.session_events(persona.sessions) IS
  'Number of events in all sessions.';

CREATE FUNCTION persona.browsing_seconds(s persona.sessions) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_sessions_browsing_seconds' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.browsing_seconds(persona.sessions) IS
  'Seconds spent in all sessions, from the first to the last event of each; a session of one event counts 0.';

CREATE FUNCTION persona.mean_session_seconds(s persona.sessions) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_sessions_mean_session_seconds' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.mean_session_seconds(persona.sessions) IS
  'Mean length of a session in seconds, those of one event counting 0.';

CREATE FUNCTION persona.events_per_session(s persona.sessions) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_sessions_events_per_session' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.events_per_session(persona.sessions) IS
  'Mean number of events in a session.';

CREATE FUNCTION persona.bounce_rate(s persona.sessions) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_sessions_bounce_rate' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.bounce_rate(persona.sessions) IS
  'Share of the sessions that have exactly one event, from 0 to 1.';

-- Equality is equality of bytes; the order is that of the bytes, for DISTINCT, merge joins and unique keys.

CREATE FUNCTION persona.sessions_eq(a persona.sessions, b persona.sessions) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_sessions_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.sessions_eq(persona.sessions, persona.sessions) IS
  'Implements = on persona.sessions.';

CREATE FUNCTION persona.sessions_ne(a persona.sessions, b persona.sessions) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_sessions_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.sessions_ne(persona.sessions, persona.sessions) IS
  'Implements <> on persona.sessions.';

CREATE FUNCTION persona.sessions_lt(a persona.sessions, b persona.sessions) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_sessions_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.sessions_lt(persona.sessions, persona.sessions) IS
  'Implements < on persona.sessions.';

CREATE FUNCTION persona.sessions_le(a persona.sessions, b persona.sessions) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_sessions_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.sessions_le(persona.sessions, persona.sessions) IS
  'Implements <= on persona.sessions.';

CREATE FUNCTION persona.sessions_gt(a persona.sessions, b persona.sessions) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_sessions_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.sessions_gt(persona.sessions, persona.sessions) IS
  'Implements > on persona.sessions.';

CREATE FUNCTION persona.sessions_ge(a persona.sessions, b persona.sessions) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_sessions_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.sessions_ge(persona.sessions, persona.sessions) IS
  'Implements >= on persona.sessions.';

CREATE FUNCTION persona.sessions_cmp(a persona.sessions, b persona.sessions) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_sessions_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.sessions_cmp(persona.sessions, persona.sessions) IS
  'Compares the bytes of two persona.sessions values: -1, 0 or 1.';

CREATE FUNCTION persona.sessions_hash(a persona.sessions) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_sessions_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.sessions_hash(persona.sessions) IS
  'Hashes the bytes of a persona.sessions, for hash joins and DISTINCT.';

CREATE FUNCTION persona.sessions_hash_extended(a persona.sessions, seed bigint) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_sessions_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.sessions_hash_extended(persona.sessions, bigint) IS
  'Hashes the bytes of a persona.sessions with a seed, for hash partitioning.';

CREATE OPERATOR persona.= (
  LEFTARG = persona.sessions, RIGHTARG = persona.sessions, FUNCTION = persona.sessions_eq,
  COMMUTATOR = OPERATOR(persona.=), NEGATOR = OPERATOR(persona.<>),
  RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR persona.= (persona.sessions, persona.sessions) IS
  'Whether two summaries are the same, byte for byte.';

CREATE OPERATOR persona.<> (
  LEFTARG = persona.sessions, RIGHTARG = persona.sessions, FUNCTION = persona.sessions_ne,
  COMMUTATOR = OPERATOR(persona.<>), NEGATOR = OPERATOR(persona.=),
  RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR persona.<> (persona.sessions, persona.sessions) IS
  'Whether two summaries differ in any byte.';

CREATE OPERATOR persona.< (
  LEFTARG = persona.sessions, RIGHTARG = persona.sessions, FUNCTION = persona.sessions_lt,
  COMMUTATOR = OPERATOR(persona.>), NEGATOR = OPERATOR(persona.>=),
  RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR persona.< (persona.sessions, persona.sessions) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about visits.';

CREATE OPERATOR persona.<= (
  LEFTARG = persona.sessions, RIGHTARG = persona.sessions, FUNCTION = persona.sessions_le,
  COMMUTATOR = OPERATOR(persona.>=), NEGATOR = OPERATOR(persona.>),
  RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR persona.<= (persona.sessions, persona.sessions) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about visits.';

CREATE OPERATOR persona.> (
  LEFTARG = persona.sessions, RIGHTARG = persona.sessions, FUNCTION = persona.sessions_gt,
  COMMUTATOR = OPERATOR(persona.<), NEGATOR = OPERATOR(persona.<=),
  RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR persona.> (persona.sessions, persona.sessions) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about visits.';

CREATE OPERATOR persona.>= (
  LEFTARG = persona.sessions, RIGHTARG = persona.sessions, FUNCTION = persona.sessions_ge,
  COMMUTATOR = OPERATOR(persona.<=), NEGATOR = OPERATOR(persona.<),
  RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR persona.>= (persona.sessions, persona.sessions) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about visits.';

CREATE OPERATOR FAMILY persona.sessions_ops USING btree;
COMMENT ON OPERATOR FAMILY persona.sessions_ops USING btree IS
  'The order of the bytes of persona.sessions.';
CREATE OPERATOR CLASS persona.sessions_ops DEFAULT FOR TYPE persona.sessions USING btree FAMILY persona.sessions_ops AS
  OPERATOR 1 persona.<, OPERATOR 2 persona.<=, OPERATOR 3 persona.=, OPERATOR 4 persona.>=, OPERATOR 5 persona.>,
  FUNCTION 1 persona.sessions_cmp(persona.sessions, persona.sessions);
COMMENT ON OPERATOR CLASS persona.sessions_ops USING btree IS
  'Lets DISTINCT, ORDER BY, merge joins and primary keys work on persona.sessions, in an order without meaning of its own.';

CREATE OPERATOR FAMILY persona.sessions_ops USING hash;
COMMENT ON OPERATOR FAMILY persona.sessions_ops USING hash IS
  'Equality of the bytes of persona.sessions.';
CREATE OPERATOR CLASS persona.sessions_ops DEFAULT FOR TYPE persona.sessions USING hash FAMILY persona.sessions_ops AS
  OPERATOR 1 persona.=,
  FUNCTION 1 persona.sessions_hash(persona.sessions), FUNCTION 2 persona.sessions_hash_extended(persona.sessions, bigint);
COMMENT ON OPERATOR CLASS persona.sessions_ops USING hash IS
  'Lets hash joins, hashed DISTINCT and hash partitioning work on persona.sessions.';
-- persona.affinity: what a customer prefers, by weight (docs/summaries/affinity.md).

CREATE TYPE persona.affinity;

CREATE FUNCTION persona.affinity_in(cstring) RETURNS persona.affinity
  AS 'MODULE_PATHNAME', 'persona_affinity_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_in(cstring) IS
  'Reads the text form of persona.affinity, every relation between its parts checked.';

CREATE FUNCTION persona.affinity_out(persona.affinity) RETURNS cstring
  AS 'MODULE_PATHNAME', 'persona_affinity_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_out(persona.affinity) IS
  'Writes the text form of persona.affinity: exact whatever extra_float_digits is.';

CREATE FUNCTION persona.affinity_recv(internal) RETURNS persona.affinity
  AS 'MODULE_PATHNAME', 'persona_affinity_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_recv(internal) IS
  'Reads the binary form of persona.affinity, every relation between its parts checked.';

CREATE FUNCTION persona.affinity_send(persona.affinity) RETURNS bytea
  AS 'MODULE_PATHNAME', 'persona_affinity_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_send(persona.affinity) IS
  'Writes the binary form of persona.affinity: its bytes in network order.';

CREATE TYPE persona.affinity (
  INPUT = persona.affinity_in, OUTPUT = persona.affinity_out, RECEIVE = persona.affinity_recv, SEND = persona.affinity_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = main
);
COMMENT ON TYPE persona.affinity IS
  'What a customer prefers: how much weight fell on each key, exactly while the keys fit into 2,000 bytes and on the heaviest with a bound on the error past that. Can be merged.';

CREATE FUNCTION persona.affinity_add(state persona.affinity, key text) RETURNS persona.affinity
  AS 'MODULE_PATHNAME', 'persona_affinity_add_text' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_add(persona.affinity, text) IS
  'Adds one event with a text key to the state of affinity_agg.';

CREATE FUNCTION persona.affinity_add(state persona.affinity, key text, weight double precision) RETURNS persona.affinity
  AS 'MODULE_PATHNAME', 'persona_affinity_add_text' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_add(persona.affinity, text, double precision) IS
  'Adds the weight of one event with a text key to the state of affinity_agg.';

CREATE FUNCTION persona.affinity_add(state persona.affinity, key bigint) RETURNS persona.affinity
  AS 'MODULE_PATHNAME', 'persona_affinity_add_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_add(persona.affinity, bigint) IS
  'Adds one event with a bigint key to the state of affinity_agg.';

CREATE FUNCTION persona.affinity_add(state persona.affinity, key bigint, weight double precision) RETURNS persona.affinity
  AS 'MODULE_PATHNAME', 'persona_affinity_add_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_add(persona.affinity, bigint, double precision) IS
  'Adds the weight of one event with a bigint key to the state of affinity_agg.';

CREATE FUNCTION persona.affinity_combine(state persona.affinity, other persona.affinity) RETURNS persona.affinity
  AS 'MODULE_PATHNAME', 'persona_affinity_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_combine(persona.affinity, persona.affinity) IS
  'Merges a second state into that of an aggregate: affinity_agg of parallel workers, and rollup.';

CREATE AGGREGATE persona.affinity_agg(text) (
  SFUNC = persona.affinity_add, STYPE = persona.affinity, COMBINEFUNC = persona.affinity_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.affinity_agg(text) IS
  'Summarizes how often each text key occurs; rows whose key is NULL are left out.';

CREATE AGGREGATE persona.affinity_agg(text, double precision) (
  SFUNC = persona.affinity_add, STYPE = persona.affinity, COMBINEFUNC = persona.affinity_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.affinity_agg(text, double precision) IS
  'Summarizes how much weight, for instance money, fell on each text key; weights are not negative, and rows whose key or weight is NULL are left out.';

CREATE AGGREGATE persona.affinity_agg(bigint) (
  SFUNC = persona.affinity_add, STYPE = persona.affinity, COMBINEFUNC = persona.affinity_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.affinity_agg(bigint) IS
  'Summarizes how often each bigint key occurs; rows whose key is NULL are left out.';

CREATE AGGREGATE persona.affinity_agg(bigint, double precision) (
  SFUNC = persona.affinity_add, STYPE = persona.affinity, COMBINEFUNC = persona.affinity_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.affinity_agg(bigint, double precision) IS
  'Summarizes how much weight, for instance money, fell on each bigint key; weights are not negative, and rows whose key or weight is NULL are left out.';

CREATE AGGREGATE persona.rollup(persona.affinity) (
  SFUNC = persona.affinity_combine, STYPE = persona.affinity, COMBINEFUNC = persona.affinity_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.rollup(persona.affinity) IS
  'Merges stored affinities, for instance of days or shards, into what one pass over all their events would give, as long as the keys fit.';

CREATE FUNCTION persona.merge(a persona.affinity, b persona.affinity) RETURNS persona.affinity
  AS 'MODULE_PATHNAME', 'persona_affinity_merge' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.merge(persona.affinity, persona.affinity) IS
  'Merges two affinities of disjoint events; NULL counts as no events, so merge(NULL, b) is b.';

CREATE FUNCTION persona.top_keys(a persona.affinity, k integer) RETURNS text[]
  AS 'MODULE_PATHNAME', 'persona_affinity_top_keys' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.top_keys(persona.affinity, integer) IS
  'The k heaviest keys, the heaviest first; equal ones in byte order, bigints in numeric order.';

CREATE FUNCTION persona.top_key(a persona.affinity) RETURNS text
  AS 'MODULE_PATHNAME', 'persona_affinity_top_key' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.top_key(persona.affinity) IS
  'The heaviest key, the first of top_keys.';

CREATE FUNCTION persona.keys(a persona.affinity, OUT key text, OUT weight double precision, OUT error double precision)
  RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'persona_affinity_keys' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 20;
COMMENT ON FUNCTION persona.keys(persona.affinity) IS
  'The keys that are kept, the heaviest first: the true weight of each lies from weight to weight + error, and error is 0 where it is exact.';

CREATE FUNCTION persona.share(a persona.affinity, key text) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_affinity_share_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.share(persona.affinity, text) IS
  'Part of the total weight that fell on a text key, 0 to 1; 0 of a key that is not there, NULL where the total is 0.';

CREATE FUNCTION persona.share(a persona.affinity, key bigint) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_affinity_share_bigint' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.share(persona.affinity, bigint) IS
  'Part of the total weight that fell on a bigint key, 0 to 1; 0 of a key that is not there, NULL where the total is 0.';

CREATE FUNCTION persona.key_weight(a persona.affinity, key text) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_affinity_key_weight_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.key_weight(persona.affinity, text) IS
  'Weight that fell on a text key, 0 of one that is not there; the true weight is at most error_bound more.';

CREATE FUNCTION persona.key_weight(a persona.affinity, key bigint) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_affinity_key_weight_bigint' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.key_weight(persona.affinity, bigint) IS
  'Weight that fell on a bigint key, 0 of one that is not there; the true weight is at most error_bound more.';

CREATE FUNCTION persona.entropy(a persona.affinity) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_affinity_entropy' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.entropy(persona.affinity) IS
  'Shannon entropy of the shares in nats: 0 for a single key, ln n for n equal ones; exp of it is the number of equal keys as varied as these. NULL where the total is 0.';

CREATE FUNCTION persona.similarity(a persona.affinity, b persona.affinity) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_affinity_similarity' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.similarity(persona.affinity, persona.affinity) IS
  'Cosine between the weights of two affinities: 1 for the same shares, 0 without a common key; NULL where a total is 0.';

CREATE FUNCTION persona.total_weight(a persona.affinity) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_affinity_total_weight' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.total_weight(persona.affinity) IS
  'Sum of all weights, also those of keys that were not kept, rounded once.';

CREATE FUNCTION persona.key_count(a persona.affinity) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_affinity_key_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.key_count(persona.affinity) IS
  'Number of different keys that are kept: of all keys where is_exact.';

CREATE FUNCTION persona.is_exact(a persona.affinity) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_affinity_is_exact' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.is_exact(persona.affinity) IS
  'Whether all keys fit, so that every answer is exact.';

CREATE FUNCTION persona.error_bound(a persona.affinity) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_affinity_error_bound' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.error_bound(persona.affinity) IS
  'The most that the true weight of any key, kept or not, exceeds its key_weight by; 0 where is_exact.';

CREATE FUNCTION persona.exact_part(a persona.affinity) RETURNS text
  AS 'MODULE_PATHNAME', 'persona_affinity_exact_part' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.exact_part(persona.affinity) IS
  'The text form where is_exact, else only the total weight: what does not depend on the order of the events, for comparing a stored affinity with one built anew.';

-- Equality is equality of bytes; the order is that of the bytes, for DISTINCT, merge joins and unique keys.

CREATE FUNCTION persona.affinity_eq(a persona.affinity, b persona.affinity) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_affinity_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_eq(persona.affinity, persona.affinity) IS
  'Implements = on persona.affinity.';

CREATE FUNCTION persona.affinity_ne(a persona.affinity, b persona.affinity) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_affinity_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_ne(persona.affinity, persona.affinity) IS
  'Implements <> on persona.affinity.';

CREATE FUNCTION persona.affinity_lt(a persona.affinity, b persona.affinity) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_affinity_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_lt(persona.affinity, persona.affinity) IS
  'Implements < on persona.affinity.';

CREATE FUNCTION persona.affinity_le(a persona.affinity, b persona.affinity) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_affinity_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_le(persona.affinity, persona.affinity) IS
  'Implements <= on persona.affinity.';

CREATE FUNCTION persona.affinity_gt(a persona.affinity, b persona.affinity) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_affinity_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_gt(persona.affinity, persona.affinity) IS
  'Implements > on persona.affinity.';

CREATE FUNCTION persona.affinity_ge(a persona.affinity, b persona.affinity) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_affinity_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_ge(persona.affinity, persona.affinity) IS
  'Implements >= on persona.affinity.';

CREATE FUNCTION persona.affinity_cmp(a persona.affinity, b persona.affinity) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_affinity_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_cmp(persona.affinity, persona.affinity) IS
  'Compares the bytes of two persona.affinity values: -1, 0 or 1.';

CREATE FUNCTION persona.affinity_hash(a persona.affinity) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_affinity_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_hash(persona.affinity) IS
  'Hashes the bytes of a persona.affinity, for hash joins and DISTINCT.';

CREATE FUNCTION persona.affinity_hash_extended(a persona.affinity, seed bigint) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_affinity_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_hash_extended(persona.affinity, bigint) IS
  'Hashes the bytes of a persona.affinity with a seed, for hash partitioning.';

CREATE OPERATOR persona.= (
  LEFTARG = persona.affinity, RIGHTARG = persona.affinity, FUNCTION = persona.affinity_eq,
  COMMUTATOR = OPERATOR(persona.=), NEGATOR = OPERATOR(persona.<>),
  RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR persona.= (persona.affinity, persona.affinity) IS
  'Whether two summaries are the same, byte for byte.';

CREATE OPERATOR persona.<> (
  LEFTARG = persona.affinity, RIGHTARG = persona.affinity, FUNCTION = persona.affinity_ne,
  COMMUTATOR = OPERATOR(persona.<>), NEGATOR = OPERATOR(persona.=),
  RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR persona.<> (persona.affinity, persona.affinity) IS
  'Whether two summaries differ in any byte.';

CREATE OPERATOR persona.< (
  LEFTARG = persona.affinity, RIGHTARG = persona.affinity, FUNCTION = persona.affinity_lt,
  COMMUTATOR = OPERATOR(persona.>), NEGATOR = OPERATOR(persona.>=),
  RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR persona.< (persona.affinity, persona.affinity) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about customers.';

CREATE OPERATOR persona.<= (
  LEFTARG = persona.affinity, RIGHTARG = persona.affinity, FUNCTION = persona.affinity_le,
  COMMUTATOR = OPERATOR(persona.>=), NEGATOR = OPERATOR(persona.>),
  RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR persona.<= (persona.affinity, persona.affinity) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about customers.';

CREATE OPERATOR persona.> (
  LEFTARG = persona.affinity, RIGHTARG = persona.affinity, FUNCTION = persona.affinity_gt,
  COMMUTATOR = OPERATOR(persona.<), NEGATOR = OPERATOR(persona.<=),
  RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR persona.> (persona.affinity, persona.affinity) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about customers.';

CREATE OPERATOR persona.>= (
  LEFTARG = persona.affinity, RIGHTARG = persona.affinity, FUNCTION = persona.affinity_ge,
  COMMUTATOR = OPERATOR(persona.<=), NEGATOR = OPERATOR(persona.<),
  RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR persona.>= (persona.affinity, persona.affinity) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about customers.';

CREATE OPERATOR FAMILY persona.affinity_ops USING btree;
COMMENT ON OPERATOR FAMILY persona.affinity_ops USING btree IS
  'The order of the bytes of persona.affinity.';
CREATE OPERATOR CLASS persona.affinity_ops DEFAULT FOR TYPE persona.affinity USING btree FAMILY persona.affinity_ops AS
  OPERATOR 1 persona.<, OPERATOR 2 persona.<=, OPERATOR 3 persona.=, OPERATOR 4 persona.>=, OPERATOR 5 persona.>,
  FUNCTION 1 persona.affinity_cmp(persona.affinity, persona.affinity);
COMMENT ON OPERATOR CLASS persona.affinity_ops USING btree IS
  'Lets DISTINCT, ORDER BY, merge joins and primary keys work on persona.affinity, in an order without meaning of its own.';

CREATE OPERATOR FAMILY persona.affinity_ops USING hash;
COMMENT ON OPERATOR FAMILY persona.affinity_ops USING hash IS
  'Equality of the bytes of persona.affinity.';
CREATE OPERATOR CLASS persona.affinity_ops DEFAULT FOR TYPE persona.affinity USING hash FAMILY persona.affinity_ops AS
  OPERATOR 1 persona.=,
  FUNCTION 1 persona.affinity_hash(persona.affinity), FUNCTION 2 persona.affinity_hash_extended(persona.affinity, bigint);
COMMENT ON OPERATOR CLASS persona.affinity_ops USING hash IS
  'Lets hash joins, hashed DISTINCT and hash partitioning work on persona.affinity.';
-- persona.recent: the last k items of a customer, newest first (docs/summaries/recent.md).

CREATE TYPE persona.recent;

CREATE FUNCTION persona.recent_in(cstring) RETURNS persona.recent
  AS 'MODULE_PATHNAME', 'persona_recent_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.recent_in(cstring) IS
  'Reads the text form of persona.recent, every relation between its parts checked.';

CREATE FUNCTION persona.recent_out(persona.recent) RETURNS cstring
  AS 'MODULE_PATHNAME', 'persona_recent_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.recent_out(persona.recent) IS
  'Writes the text form of persona.recent: exact whatever extra_float_digits is.';

CREATE FUNCTION persona.recent_recv(internal) RETURNS persona.recent
  AS 'MODULE_PATHNAME', 'persona_recent_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.recent_recv(internal) IS
  'Reads the binary form of persona.recent, every relation between its parts checked.';

CREATE FUNCTION persona.recent_send(persona.recent) RETURNS bytea
  AS 'MODULE_PATHNAME', 'persona_recent_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.recent_send(persona.recent) IS
  'Writes the binary form of persona.recent: its bytes in network order.';

CREATE TYPE persona.recent (
  INPUT = persona.recent_in, OUTPUT = persona.recent_out, RECEIVE = persona.recent_recv, SEND = persona.recent_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = main
);
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

-- Equality is equality of bytes; the order is that of the bytes, for DISTINCT, merge joins and unique keys.

CREATE FUNCTION persona.recent_eq(a persona.recent, b persona.recent) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_recent_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.recent_eq(persona.recent, persona.recent) IS
  'Implements = on persona.recent.';

CREATE FUNCTION persona.recent_ne(a persona.recent, b persona.recent) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_recent_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.recent_ne(persona.recent, persona.recent) IS
  'Implements <> on persona.recent.';

CREATE FUNCTION persona.recent_lt(a persona.recent, b persona.recent) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_recent_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.recent_lt(persona.recent, persona.recent) IS
  'Implements < on persona.recent.';

CREATE FUNCTION persona.recent_le(a persona.recent, b persona.recent) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_recent_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.recent_le(persona.recent, persona.recent) IS
  'Implements <= on persona.recent.';

CREATE FUNCTION persona.recent_gt(a persona.recent, b persona.recent) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_recent_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.recent_gt(persona.recent, persona.recent) IS
  'Implements > on persona.recent.';

CREATE FUNCTION persona.recent_ge(a persona.recent, b persona.recent) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_recent_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.recent_ge(persona.recent, persona.recent) IS
  'Implements >= on persona.recent.';

CREATE FUNCTION persona.recent_cmp(a persona.recent, b persona.recent) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_recent_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.recent_cmp(persona.recent, persona.recent) IS
  'Compares the bytes of two persona.recent values: -1, 0 or 1.';

CREATE FUNCTION persona.recent_hash(a persona.recent) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_recent_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.recent_hash(persona.recent) IS
  'Hashes the bytes of a persona.recent, for hash joins and DISTINCT.';

CREATE FUNCTION persona.recent_hash_extended(a persona.recent, seed bigint) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_recent_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.recent_hash_extended(persona.recent, bigint) IS
  'Hashes the bytes of a persona.recent with a seed, for hash partitioning.';

CREATE OPERATOR persona.= (
  LEFTARG = persona.recent, RIGHTARG = persona.recent, FUNCTION = persona.recent_eq,
  COMMUTATOR = OPERATOR(persona.=), NEGATOR = OPERATOR(persona.<>),
  RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR persona.= (persona.recent, persona.recent) IS
  'Whether two summaries are the same, byte for byte.';

CREATE OPERATOR persona.<> (
  LEFTARG = persona.recent, RIGHTARG = persona.recent, FUNCTION = persona.recent_ne,
  COMMUTATOR = OPERATOR(persona.<>), NEGATOR = OPERATOR(persona.=),
  RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR persona.<> (persona.recent, persona.recent) IS
  'Whether two summaries differ in any byte.';

CREATE OPERATOR persona.< (
  LEFTARG = persona.recent, RIGHTARG = persona.recent, FUNCTION = persona.recent_lt,
  COMMUTATOR = OPERATOR(persona.>), NEGATOR = OPERATOR(persona.>=),
  RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR persona.< (persona.recent, persona.recent) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about customers.';

CREATE OPERATOR persona.<= (
  LEFTARG = persona.recent, RIGHTARG = persona.recent, FUNCTION = persona.recent_le,
  COMMUTATOR = OPERATOR(persona.>=), NEGATOR = OPERATOR(persona.>),
  RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR persona.<= (persona.recent, persona.recent) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about customers.';

CREATE OPERATOR persona.> (
  LEFTARG = persona.recent, RIGHTARG = persona.recent, FUNCTION = persona.recent_gt,
  COMMUTATOR = OPERATOR(persona.<), NEGATOR = OPERATOR(persona.<=),
  RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR persona.> (persona.recent, persona.recent) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about customers.';

CREATE OPERATOR persona.>= (
  LEFTARG = persona.recent, RIGHTARG = persona.recent, FUNCTION = persona.recent_ge,
  COMMUTATOR = OPERATOR(persona.<=), NEGATOR = OPERATOR(persona.<),
  RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR persona.>= (persona.recent, persona.recent) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about customers.';

CREATE OPERATOR FAMILY persona.recent_ops USING btree;
COMMENT ON OPERATOR FAMILY persona.recent_ops USING btree IS
  'The order of the bytes of persona.recent.';
CREATE OPERATOR CLASS persona.recent_ops DEFAULT FOR TYPE persona.recent USING btree FAMILY persona.recent_ops AS
  OPERATOR 1 persona.<, OPERATOR 2 persona.<=, OPERATOR 3 persona.=, OPERATOR 4 persona.>=, OPERATOR 5 persona.>,
  FUNCTION 1 persona.recent_cmp(persona.recent, persona.recent);
COMMENT ON OPERATOR CLASS persona.recent_ops USING btree IS
  'Lets DISTINCT, ORDER BY, merge joins and primary keys work on persona.recent, in an order without meaning of its own.';

CREATE OPERATOR FAMILY persona.recent_ops USING hash;
COMMENT ON OPERATOR FAMILY persona.recent_ops USING hash IS
  'Equality of the bytes of persona.recent.';
CREATE OPERATOR CLASS persona.recent_ops DEFAULT FOR TYPE persona.recent USING hash FAMILY persona.recent_ops AS
  OPERATOR 1 persona.=,
  FUNCTION 1 persona.recent_hash(persona.recent), FUNCTION 2 persona.recent_hash_extended(persona.recent, bigint);
COMMENT ON OPERATOR CLASS persona.recent_ops USING hash IS
  'Lets hash joins, hashed DISTINCT and hash partitioning work on persona.recent.';
-- persona.decayed: a total that fades with a half-life (docs/summaries/decayed.md).

CREATE TYPE persona.decayed;

CREATE FUNCTION persona.decayed_in(cstring) RETURNS persona.decayed
  AS 'MODULE_PATHNAME', 'persona_decayed_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_in(cstring) IS
  'Reads the text form of persona.decayed, every relation between its parts checked.';

CREATE FUNCTION persona.decayed_out(persona.decayed) RETURNS cstring
  AS 'MODULE_PATHNAME', 'persona_decayed_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_out(persona.decayed) IS
  'Writes the text form of persona.decayed: exact whatever extra_float_digits is.';

CREATE FUNCTION persona.decayed_recv(internal) RETURNS persona.decayed
  AS 'MODULE_PATHNAME', 'persona_decayed_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_recv(internal) IS
  'Reads the binary form of persona.decayed, every relation between its parts checked.';

CREATE FUNCTION persona.decayed_send(persona.decayed) RETURNS bytea
  AS 'MODULE_PATHNAME', 'persona_decayed_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_send(persona.decayed) IS
  'Writes the binary form of persona.decayed: its bytes in network order.';

CREATE TYPE persona.decayed (
  INPUT = persona.decayed_in, OUTPUT = persona.decayed_out, RECEIVE = persona.decayed_recv, SEND = persona.decayed_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = main
);
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

-- Equality is equality of bytes; the order is that of the bytes, for DISTINCT, merge joins and unique keys.

CREATE FUNCTION persona.decayed_eq(a persona.decayed, b persona.decayed) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_decayed_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_eq(persona.decayed, persona.decayed) IS
  'Implements = on persona.decayed.';

CREATE FUNCTION persona.decayed_ne(a persona.decayed, b persona.decayed) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_decayed_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_ne(persona.decayed, persona.decayed) IS
  'Implements <> on persona.decayed.';

CREATE FUNCTION persona.decayed_lt(a persona.decayed, b persona.decayed) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_decayed_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_lt(persona.decayed, persona.decayed) IS
  'Implements < on persona.decayed.';

CREATE FUNCTION persona.decayed_le(a persona.decayed, b persona.decayed) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_decayed_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_le(persona.decayed, persona.decayed) IS
  'Implements <= on persona.decayed.';

CREATE FUNCTION persona.decayed_gt(a persona.decayed, b persona.decayed) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_decayed_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_gt(persona.decayed, persona.decayed) IS
  'Implements > on persona.decayed.';

CREATE FUNCTION persona.decayed_ge(a persona.decayed, b persona.decayed) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_decayed_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_ge(persona.decayed, persona.decayed) IS
  'Implements >= on persona.decayed.';

CREATE FUNCTION persona.decayed_cmp(a persona.decayed, b persona.decayed) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_decayed_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_cmp(persona.decayed, persona.decayed) IS
  'Compares the bytes of two persona.decayed values: -1, 0 or 1.';

CREATE FUNCTION persona.decayed_hash(a persona.decayed) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_decayed_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_hash(persona.decayed) IS
  'Hashes the bytes of a persona.decayed, for hash joins and DISTINCT.';

CREATE FUNCTION persona.decayed_hash_extended(a persona.decayed, seed bigint) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_decayed_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.decayed_hash_extended(persona.decayed, bigint) IS
  'Hashes the bytes of a persona.decayed with a seed, for hash partitioning.';

CREATE OPERATOR persona.= (
  LEFTARG = persona.decayed, RIGHTARG = persona.decayed, FUNCTION = persona.decayed_eq,
  COMMUTATOR = OPERATOR(persona.=), NEGATOR = OPERATOR(persona.<>),
  RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR persona.= (persona.decayed, persona.decayed) IS
  'Whether two summaries are the same, byte for byte.';

CREATE OPERATOR persona.<> (
  LEFTARG = persona.decayed, RIGHTARG = persona.decayed, FUNCTION = persona.decayed_ne,
  COMMUTATOR = OPERATOR(persona.<>), NEGATOR = OPERATOR(persona.=),
  RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR persona.<> (persona.decayed, persona.decayed) IS
  'Whether two summaries differ in any byte.';

CREATE OPERATOR persona.< (
  LEFTARG = persona.decayed, RIGHTARG = persona.decayed, FUNCTION = persona.decayed_lt,
  COMMUTATOR = OPERATOR(persona.>), NEGATOR = OPERATOR(persona.>=),
  RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR persona.< (persona.decayed, persona.decayed) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about customers.';

CREATE OPERATOR persona.<= (
  LEFTARG = persona.decayed, RIGHTARG = persona.decayed, FUNCTION = persona.decayed_le,
  COMMUTATOR = OPERATOR(persona.>=), NEGATOR = OPERATOR(persona.>),
  RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR persona.<= (persona.decayed, persona.decayed) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about customers.';

CREATE OPERATOR persona.> (
  LEFTARG = persona.decayed, RIGHTARG = persona.decayed, FUNCTION = persona.decayed_gt,
  COMMUTATOR = OPERATOR(persona.<), NEGATOR = OPERATOR(persona.<=),
  RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR persona.> (persona.decayed, persona.decayed) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about customers.';

CREATE OPERATOR persona.>= (
  LEFTARG = persona.decayed, RIGHTARG = persona.decayed, FUNCTION = persona.decayed_ge,
  COMMUTATOR = OPERATOR(persona.<=), NEGATOR = OPERATOR(persona.<),
  RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR persona.>= (persona.decayed, persona.decayed) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about customers.';

CREATE OPERATOR FAMILY persona.decayed_ops USING btree;
COMMENT ON OPERATOR FAMILY persona.decayed_ops USING btree IS
  'The order of the bytes of persona.decayed.';
CREATE OPERATOR CLASS persona.decayed_ops DEFAULT FOR TYPE persona.decayed USING btree FAMILY persona.decayed_ops AS
  OPERATOR 1 persona.<, OPERATOR 2 persona.<=, OPERATOR 3 persona.=, OPERATOR 4 persona.>=, OPERATOR 5 persona.>,
  FUNCTION 1 persona.decayed_cmp(persona.decayed, persona.decayed);
COMMENT ON OPERATOR CLASS persona.decayed_ops USING btree IS
  'Lets DISTINCT, ORDER BY, merge joins and primary keys work on persona.decayed, in an order without meaning of its own.';

CREATE OPERATOR FAMILY persona.decayed_ops USING hash;
COMMENT ON OPERATOR FAMILY persona.decayed_ops USING hash IS
  'Equality of the bytes of persona.decayed.';
CREATE OPERATOR CLASS persona.decayed_ops DEFAULT FOR TYPE persona.decayed USING hash FAMILY persona.decayed_ops AS
  OPERATOR 1 persona.=,
  FUNCTION 1 persona.decayed_hash(persona.decayed), FUNCTION 2 persona.decayed_hash_extended(persona.decayed, bigint);
COMMENT ON OPERATOR CLASS persona.decayed_ops USING hash IS
  'Lets hash joins, hashed DISTINCT and hash partitioning work on persona.decayed.';
-- persona.cross_products: all that a linear regression needs (docs/summaries/cross_products.md).

CREATE TYPE persona.cross_products;

CREATE FUNCTION persona.cross_products_in(cstring) RETURNS persona.cross_products
  AS 'MODULE_PATHNAME', 'persona_cross_products_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_in(cstring) IS
  'Reads the text form of persona.cross_products, every relation between its parts checked.';

CREATE FUNCTION persona.cross_products_out(persona.cross_products) RETURNS cstring
  AS 'MODULE_PATHNAME', 'persona_cross_products_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_out(persona.cross_products) IS
  'Writes the text form of persona.cross_products: exact whatever extra_float_digits is.';

CREATE FUNCTION persona.cross_products_recv(internal) RETURNS persona.cross_products
  AS 'MODULE_PATHNAME', 'persona_cross_products_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_recv(internal) IS
  'Reads the binary form of persona.cross_products, every relation between its parts checked.';

CREATE FUNCTION persona.cross_products_send(persona.cross_products) RETURNS bytea
  AS 'MODULE_PATHNAME', 'persona_cross_products_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_send(persona.cross_products) IS
  'Writes the binary form of persona.cross_products: its bytes in network order.';

CREATE TYPE persona.cross_products (
  INPUT = persona.cross_products_in, OUTPUT = persona.cross_products_out, RECEIVE = persona.cross_products_recv, SEND = persona.cross_products_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = main
);
COMMENT ON TYPE persona.cross_products IS
  'Rows, means and cross products of y and up to 100 x, carried to 106 bits: a linear regression that can be merged, and parts be taken out of.';

CREATE FUNCTION persona.cross_products_add(state persona.cross_products, y double precision, x double precision[])
  RETURNS persona.cross_products
  AS 'MODULE_PATHNAME', 'persona_cross_products_add_array' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_add(persona.cross_products, double precision, double precision[]) IS
  'Adds one row to the state of cross_products_agg.';

CREATE FUNCTION persona.cross_products_combine(state persona.cross_products, other persona.cross_products)
  RETURNS persona.cross_products
  AS 'MODULE_PATHNAME', 'persona_cross_products_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_combine(persona.cross_products, persona.cross_products) IS
  'Merges a second state into that of an aggregate: cross_products_agg of parallel workers, and rollup.';

CREATE FUNCTION persona.cross_products_final(state persona.cross_products) RETURNS persona.cross_products
  AS 'MODULE_PATHNAME', 'persona_cross_products_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_final(persona.cross_products) IS
  'Answers the value of cross_products_agg, the last rows taken in.';

CREATE AGGREGATE persona.cross_products_agg(y double precision, VARIADIC x double precision[]) (
  SFUNC = persona.cross_products_add, STYPE = persona.cross_products, FINALFUNC = persona.cross_products_final,
  COMBINEFUNC = persona.cross_products_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.cross_products_agg(double precision, VARIADIC double precision[]) IS
  'Summarizes y and x1, x2, ... for linear_fit, correlation and covariance; a row with a NULL is left out and counted. An array goes in as VARIADIC xs.';

-- The same with the x one by one: without an array, which the server would build anew for every row.
DO $do$
DECLARE
  types text := 'double precision';
  arguments text := 'y double precision';
BEGIN
  FOR x IN 1 .. 24 LOOP
    types := pg_catalog.concat(types, ', double precision');
    arguments := pg_catalog.concat(arguments, ', x', x, ' double precision');
    EXECUTE pg_catalog.format($$
      CREATE FUNCTION persona.cross_products_add(state persona.cross_products, %1$s) RETURNS persona.cross_products
        AS 'MODULE_PATHNAME', 'persona_cross_products_add_numbers' LANGUAGE C IMMUTABLE PARALLEL SAFE;
      COMMENT ON FUNCTION persona.cross_products_add(persona.cross_products, %2$s) IS
        'Adds one row to the state of cross_products_agg.';
      CREATE AGGREGATE persona.cross_products_agg(%1$s) (
        SFUNC = persona.cross_products_add, STYPE = persona.cross_products, FINALFUNC = persona.cross_products_final,
        COMBINEFUNC = persona.cross_products_combine, PARALLEL = SAFE
      );
      COMMENT ON AGGREGATE persona.cross_products_agg(%2$s) IS
        'The same for up to 24 x given one by one, at less cost than as an array.' $$, arguments, types);
  END LOOP;
END
$do$;

CREATE AGGREGATE persona.rollup(persona.cross_products) (
  SFUNC = persona.cross_products_combine, STYPE = persona.cross_products, FINALFUNC = persona.cross_products_final,
  COMBINEFUNC = persona.cross_products_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.rollup(persona.cross_products) IS
  'Merges stored cross products, for instance of days or shards, into what one pass over all their rows would give.';

CREATE FUNCTION persona.merge(a persona.cross_products, b persona.cross_products) RETURNS persona.cross_products
  AS 'MODULE_PATHNAME', 'persona_cross_products_merge' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.merge(persona.cross_products, persona.cross_products) IS
  'Merges the cross products of disjoint rows; NULL counts as no rows, so merge(NULL, b) is b.';

CREATE FUNCTION persona.subtract(c persona.cross_products, part persona.cross_products) RETURNS persona.cross_products
  AS 'MODULE_PATHNAME', 'persona_cross_products_subtract' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.subtract(persona.cross_products, persona.cross_products) IS
  'Takes the rows of a part out again, for instance of a customer who asks to be forgotten; an error where what remains would not be exact to nine digits.';

CREATE FUNCTION persona.cross_products_rows(c persona.cross_products) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_cross_products_rows' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_rows(persona.cross_products) IS
  'Number of complete rows.';

CREATE FUNCTION persona.cross_products_skipped(c persona.cross_products) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_cross_products_skipped' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_skipped(persona.cross_products) IS
  'Number of rows that were left out because y or an x was NULL.';

CREATE FUNCTION persona.linear_fit(c persona.cross_products)
  RETURNS TABLE (term text, estimate double precision, std_error double precision, statistic double precision,
                 p_value double precision, ci_low double precision, ci_high double precision)
  AS 'MODULE_PATHNAME', 'persona_cross_products_linear_fit' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION persona.linear_fit(persona.cross_products) IS
  'Fits y to an intercept and x1, x2, ... by least squares, as persona.fit does for linear_regression; a term that depends on those before it has no estimate.';

CREATE FUNCTION persona.linear_fit(c persona.cross_products, names text[])
  RETURNS TABLE (term text, estimate double precision, std_error double precision, statistic double precision,
                 p_value double precision, ci_low double precision, ci_high double precision)
  AS 'MODULE_PATHNAME', 'persona_cross_products_linear_fit' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION persona.linear_fit(persona.cross_products, text[]) IS
  'The same with the x named by their own names, one each, in order.';

CREATE FUNCTION persona.r_squared(c persona.cross_products) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_cross_products_r_squared' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.r_squared(persona.cross_products) IS
  'Share of the variance of y that linear_fit explains; NULL where y does not vary.';

CREATE FUNCTION persona.correlation(c persona.cross_products) RETURNS double precision[]
  AS 'MODULE_PATHNAME', 'persona_cross_products_correlation' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.correlation(persona.cross_products) IS
  'Correlation matrix in the order y, x1, x2, ..., with NULL for a column that does not vary; NULL below two rows.';

CREATE FUNCTION persona.covariance(c persona.cross_products) RETURNS double precision[]
  AS 'MODULE_PATHNAME', 'persona_cross_products_covariance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.covariance(persona.cross_products) IS
  'Sample covariance matrix (denominator n - 1) in the order y, x1, x2, ...; NULL below two rows.';

-- Equality is equality of bytes; the order is that of the bytes, for DISTINCT, merge joins and unique keys.

CREATE FUNCTION persona.cross_products_eq(a persona.cross_products, b persona.cross_products) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_cross_products_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_eq(persona.cross_products, persona.cross_products) IS
  'Implements = on persona.cross_products.';

CREATE FUNCTION persona.cross_products_ne(a persona.cross_products, b persona.cross_products) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_cross_products_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_ne(persona.cross_products, persona.cross_products) IS
  'Implements <> on persona.cross_products.';

CREATE FUNCTION persona.cross_products_lt(a persona.cross_products, b persona.cross_products) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_cross_products_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_lt(persona.cross_products, persona.cross_products) IS
  'Implements < on persona.cross_products.';

CREATE FUNCTION persona.cross_products_le(a persona.cross_products, b persona.cross_products) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_cross_products_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_le(persona.cross_products, persona.cross_products) IS
  'Implements <= on persona.cross_products.';

CREATE FUNCTION persona.cross_products_gt(a persona.cross_products, b persona.cross_products) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_cross_products_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_gt(persona.cross_products, persona.cross_products) IS
  'Implements > on persona.cross_products.';

CREATE FUNCTION persona.cross_products_ge(a persona.cross_products, b persona.cross_products) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_cross_products_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_ge(persona.cross_products, persona.cross_products) IS
  'Implements >= on persona.cross_products.';

CREATE FUNCTION persona.cross_products_cmp(a persona.cross_products, b persona.cross_products) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_cross_products_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_cmp(persona.cross_products, persona.cross_products) IS
  'Compares the bytes of two persona.cross_products values: -1, 0 or 1.';

CREATE FUNCTION persona.cross_products_hash(a persona.cross_products) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_cross_products_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_hash(persona.cross_products) IS
  'Hashes the bytes of a persona.cross_products, for hash joins and DISTINCT.';

CREATE FUNCTION persona.cross_products_hash_extended(a persona.cross_products, seed bigint) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_cross_products_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_hash_extended(persona.cross_products, bigint) IS
  'Hashes the bytes of a persona.cross_products with a seed, for hash partitioning.';

CREATE OPERATOR persona.= (
  LEFTARG = persona.cross_products, RIGHTARG = persona.cross_products, FUNCTION = persona.cross_products_eq,
  COMMUTATOR = OPERATOR(persona.=), NEGATOR = OPERATOR(persona.<>),
  RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR persona.= (persona.cross_products, persona.cross_products) IS
  'Whether two summaries are the same, byte for byte.';

CREATE OPERATOR persona.<> (
  LEFTARG = persona.cross_products, RIGHTARG = persona.cross_products, FUNCTION = persona.cross_products_ne,
  COMMUTATOR = OPERATOR(persona.<>), NEGATOR = OPERATOR(persona.=),
  RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR persona.<> (persona.cross_products, persona.cross_products) IS
  'Whether two summaries differ in any byte.';

CREATE OPERATOR persona.< (
  LEFTARG = persona.cross_products, RIGHTARG = persona.cross_products, FUNCTION = persona.cross_products_lt,
  COMMUTATOR = OPERATOR(persona.>), NEGATOR = OPERATOR(persona.>=),
  RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR persona.< (persona.cross_products, persona.cross_products) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about rows.';

CREATE OPERATOR persona.<= (
  LEFTARG = persona.cross_products, RIGHTARG = persona.cross_products, FUNCTION = persona.cross_products_le,
  COMMUTATOR = OPERATOR(persona.>=), NEGATOR = OPERATOR(persona.>),
  RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR persona.<= (persona.cross_products, persona.cross_products) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about rows.';

CREATE OPERATOR persona.> (
  LEFTARG = persona.cross_products, RIGHTARG = persona.cross_products, FUNCTION = persona.cross_products_gt,
  COMMUTATOR = OPERATOR(persona.<), NEGATOR = OPERATOR(persona.<=),
  RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR persona.> (persona.cross_products, persona.cross_products) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about rows.';

CREATE OPERATOR persona.>= (
  LEFTARG = persona.cross_products, RIGHTARG = persona.cross_products, FUNCTION = persona.cross_products_ge,
  COMMUTATOR = OPERATOR(persona.<=), NEGATOR = OPERATOR(persona.<),
  RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR persona.>= (persona.cross_products, persona.cross_products) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about rows.';

CREATE OPERATOR FAMILY persona.cross_products_ops USING btree;
COMMENT ON OPERATOR FAMILY persona.cross_products_ops USING btree IS
  'The order of the bytes of persona.cross_products.';
CREATE OPERATOR CLASS persona.cross_products_ops DEFAULT FOR TYPE persona.cross_products USING btree FAMILY persona.cross_products_ops AS
  OPERATOR 1 persona.<, OPERATOR 2 persona.<=, OPERATOR 3 persona.=, OPERATOR 4 persona.>=, OPERATOR 5 persona.>,
  FUNCTION 1 persona.cross_products_cmp(persona.cross_products, persona.cross_products);
COMMENT ON OPERATOR CLASS persona.cross_products_ops USING btree IS
  'Lets DISTINCT, ORDER BY, merge joins and primary keys work on persona.cross_products, in an order without meaning of its own.';

CREATE OPERATOR FAMILY persona.cross_products_ops USING hash;
COMMENT ON OPERATOR FAMILY persona.cross_products_ops USING hash IS
  'Equality of the bytes of persona.cross_products.';
CREATE OPERATOR CLASS persona.cross_products_ops DEFAULT FOR TYPE persona.cross_products USING hash FAMILY persona.cross_products_ops AS
  OPERATOR 1 persona.=,
  FUNCTION 1 persona.cross_products_hash(persona.cross_products), FUNCTION 2 persona.cross_products_hash_extended(persona.cross_products, bigint);
COMMENT ON OPERATOR CLASS persona.cross_products_ops USING hash IS
  'Lets hash joins, hashed DISTINCT and hash partitioning work on persona.cross_products.';
-- persona.funnel: how far a customer went through a series of steps (docs/summaries/funnel.md).

CREATE TYPE persona.funnel;

CREATE FUNCTION persona.funnel_in(cstring) RETURNS persona.funnel
  AS 'MODULE_PATHNAME', 'persona_funnel_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.funnel_in(cstring) IS
  'Reads the text form of persona.funnel, every relation between its parts checked.';

CREATE FUNCTION persona.funnel_out(persona.funnel) RETURNS cstring
  AS 'MODULE_PATHNAME', 'persona_funnel_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.funnel_out(persona.funnel) IS
  'Writes the text form of persona.funnel: exact whatever extra_float_digits is.';

CREATE FUNCTION persona.funnel_recv(internal) RETURNS persona.funnel
  AS 'MODULE_PATHNAME', 'persona_funnel_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.funnel_recv(internal) IS
  'Reads the binary form of persona.funnel, every relation between its parts checked.';

CREATE FUNCTION persona.funnel_send(persona.funnel) RETURNS bytea
  AS 'MODULE_PATHNAME', 'persona_funnel_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.funnel_send(persona.funnel) IS
  'Writes the binary form of persona.funnel: its bytes in network order.';

CREATE TYPE persona.funnel (
  INPUT = persona.funnel_in, OUTPUT = persona.funnel_out, RECEIVE = persona.funnel_recv, SEND = persona.funnel_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = main
);
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

-- Equality is equality of bytes; the order is that of the bytes, for DISTINCT, merge joins and unique keys.

CREATE FUNCTION persona.funnel_eq(a persona.funnel, b persona.funnel) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_funnel_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.funnel_eq(persona.funnel, persona.funnel) IS
  'Implements = on persona.funnel.';

CREATE FUNCTION persona.funnel_ne(a persona.funnel, b persona.funnel) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_funnel_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.funnel_ne(persona.funnel, persona.funnel) IS
  'Implements <> on persona.funnel.';

CREATE FUNCTION persona.funnel_lt(a persona.funnel, b persona.funnel) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_funnel_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.funnel_lt(persona.funnel, persona.funnel) IS
  'Implements < on persona.funnel.';

CREATE FUNCTION persona.funnel_le(a persona.funnel, b persona.funnel) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_funnel_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.funnel_le(persona.funnel, persona.funnel) IS
  'Implements <= on persona.funnel.';

CREATE FUNCTION persona.funnel_gt(a persona.funnel, b persona.funnel) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_funnel_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.funnel_gt(persona.funnel, persona.funnel) IS
  'Implements > on persona.funnel.';

CREATE FUNCTION persona.funnel_ge(a persona.funnel, b persona.funnel) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_funnel_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.funnel_ge(persona.funnel, persona.funnel) IS
  'Implements >= on persona.funnel.';

CREATE FUNCTION persona.funnel_cmp(a persona.funnel, b persona.funnel) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_funnel_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.funnel_cmp(persona.funnel, persona.funnel) IS
  'Compares the bytes of two persona.funnel values: -1, 0 or 1.';

CREATE FUNCTION persona.funnel_hash(a persona.funnel) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_funnel_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.funnel_hash(persona.funnel) IS
  'Hashes the bytes of a persona.funnel, for hash joins and DISTINCT.';

CREATE FUNCTION persona.funnel_hash_extended(a persona.funnel, seed bigint) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_funnel_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.funnel_hash_extended(persona.funnel, bigint) IS
  'Hashes the bytes of a persona.funnel with a seed, for hash partitioning.';

CREATE OPERATOR persona.= (
  LEFTARG = persona.funnel, RIGHTARG = persona.funnel, FUNCTION = persona.funnel_eq,
  COMMUTATOR = OPERATOR(persona.=), NEGATOR = OPERATOR(persona.<>),
  RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR persona.= (persona.funnel, persona.funnel) IS
  'Whether two summaries are the same, byte for byte.';

CREATE OPERATOR persona.<> (
  LEFTARG = persona.funnel, RIGHTARG = persona.funnel, FUNCTION = persona.funnel_ne,
  COMMUTATOR = OPERATOR(persona.<>), NEGATOR = OPERATOR(persona.=),
  RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR persona.<> (persona.funnel, persona.funnel) IS
  'Whether two summaries differ in any byte.';

CREATE OPERATOR persona.< (
  LEFTARG = persona.funnel, RIGHTARG = persona.funnel, FUNCTION = persona.funnel_lt,
  COMMUTATOR = OPERATOR(persona.>), NEGATOR = OPERATOR(persona.>=),
  RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR persona.< (persona.funnel, persona.funnel) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about depth.';

CREATE OPERATOR persona.<= (
  LEFTARG = persona.funnel, RIGHTARG = persona.funnel, FUNCTION = persona.funnel_le,
  COMMUTATOR = OPERATOR(persona.>=), NEGATOR = OPERATOR(persona.>),
  RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR persona.<= (persona.funnel, persona.funnel) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about depth.';

CREATE OPERATOR persona.> (
  LEFTARG = persona.funnel, RIGHTARG = persona.funnel, FUNCTION = persona.funnel_gt,
  COMMUTATOR = OPERATOR(persona.<), NEGATOR = OPERATOR(persona.<=),
  RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR persona.> (persona.funnel, persona.funnel) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about depth.';

CREATE OPERATOR persona.>= (
  LEFTARG = persona.funnel, RIGHTARG = persona.funnel, FUNCTION = persona.funnel_ge,
  COMMUTATOR = OPERATOR(persona.<=), NEGATOR = OPERATOR(persona.<),
  RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR persona.>= (persona.funnel, persona.funnel) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about depth.';

CREATE OPERATOR FAMILY persona.funnel_ops USING btree;
COMMENT ON OPERATOR FAMILY persona.funnel_ops USING btree IS
  'The order of the bytes of persona.funnel.';
CREATE OPERATOR CLASS persona.funnel_ops DEFAULT FOR TYPE persona.funnel USING btree FAMILY persona.funnel_ops AS
  OPERATOR 1 persona.<, OPERATOR 2 persona.<=, OPERATOR 3 persona.=, OPERATOR 4 persona.>=, OPERATOR 5 persona.>,
  FUNCTION 1 persona.funnel_cmp(persona.funnel, persona.funnel);
COMMENT ON OPERATOR CLASS persona.funnel_ops USING btree IS
  'Lets DISTINCT, ORDER BY, merge joins and primary keys work on persona.funnel, in an order without meaning of its own.';

CREATE OPERATOR FAMILY persona.funnel_ops USING hash;
COMMENT ON OPERATOR FAMILY persona.funnel_ops USING hash IS
  'Equality of the bytes of persona.funnel.';
CREATE OPERATOR CLASS persona.funnel_ops DEFAULT FOR TYPE persona.funnel USING hash FAMILY persona.funnel_ops AS
  OPERATOR 1 persona.=,
  FUNCTION 1 persona.funnel_hash(persona.funnel), FUNCTION 2 persona.funnel_hash_extended(persona.funnel, bigint);
COMMENT ON OPERATOR CLASS persona.funnel_ops USING hash IS
  'Lets hash joins, hashed DISTINCT and hash partitioning work on persona.funnel.';
-- persona.retention: in which periods after a start a customer was active (docs/summaries/retention.md).

CREATE TYPE persona.retention;

CREATE FUNCTION persona.retention_in(cstring) RETURNS persona.retention
  AS 'MODULE_PATHNAME', 'persona_retention_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.retention_in(cstring) IS
  'Reads the text form of persona.retention, every relation between its parts checked.';

CREATE FUNCTION persona.retention_out(persona.retention) RETURNS cstring
  AS 'MODULE_PATHNAME', 'persona_retention_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.retention_out(persona.retention) IS
  'Writes the text form of persona.retention: exact whatever extra_float_digits is.';

CREATE FUNCTION persona.retention_recv(internal) RETURNS persona.retention
  AS 'MODULE_PATHNAME', 'persona_retention_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.retention_recv(internal) IS
  'Reads the binary form of persona.retention, every relation between its parts checked.';

CREATE FUNCTION persona.retention_send(persona.retention) RETURNS bytea
  AS 'MODULE_PATHNAME', 'persona_retention_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.retention_send(persona.retention) IS
  'Writes the binary form of persona.retention: its bytes in network order.';

CREATE TYPE persona.retention (
  INPUT = persona.retention_in, OUTPUT = persona.retention_out, RECEIVE = persona.retention_recv, SEND = persona.retention_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = main
);
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

-- Equality is equality of bytes; the order is that of the bytes, for DISTINCT, merge joins and unique keys.

CREATE FUNCTION persona.retention_eq(a persona.retention, b persona.retention) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_retention_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.retention_eq(persona.retention, persona.retention) IS
  'Implements = on persona.retention.';

CREATE FUNCTION persona.retention_ne(a persona.retention, b persona.retention) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_retention_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.retention_ne(persona.retention, persona.retention) IS
  'Implements <> on persona.retention.';

CREATE FUNCTION persona.retention_lt(a persona.retention, b persona.retention) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_retention_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.retention_lt(persona.retention, persona.retention) IS
  'Implements < on persona.retention.';

CREATE FUNCTION persona.retention_le(a persona.retention, b persona.retention) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_retention_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.retention_le(persona.retention, persona.retention) IS
  'Implements <= on persona.retention.';

CREATE FUNCTION persona.retention_gt(a persona.retention, b persona.retention) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_retention_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.retention_gt(persona.retention, persona.retention) IS
  'Implements > on persona.retention.';

CREATE FUNCTION persona.retention_ge(a persona.retention, b persona.retention) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_retention_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.retention_ge(persona.retention, persona.retention) IS
  'Implements >= on persona.retention.';

CREATE FUNCTION persona.retention_cmp(a persona.retention, b persona.retention) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_retention_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.retention_cmp(persona.retention, persona.retention) IS
  'Compares the bytes of two persona.retention values: -1, 0 or 1.';

CREATE FUNCTION persona.retention_hash(a persona.retention) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_retention_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.retention_hash(persona.retention) IS
  'Hashes the bytes of a persona.retention, for hash joins and DISTINCT.';

CREATE FUNCTION persona.retention_hash_extended(a persona.retention, seed bigint) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_retention_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.retention_hash_extended(persona.retention, bigint) IS
  'Hashes the bytes of a persona.retention with a seed, for hash partitioning.';

CREATE OPERATOR persona.= (
  LEFTARG = persona.retention, RIGHTARG = persona.retention, FUNCTION = persona.retention_eq,
  COMMUTATOR = OPERATOR(persona.=), NEGATOR = OPERATOR(persona.<>),
  RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR persona.= (persona.retention, persona.retention) IS
  'Whether two summaries are the same, byte for byte.';

CREATE OPERATOR persona.<> (
  LEFTARG = persona.retention, RIGHTARG = persona.retention, FUNCTION = persona.retention_ne,
  COMMUTATOR = OPERATOR(persona.<>), NEGATOR = OPERATOR(persona.=),
  RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR persona.<> (persona.retention, persona.retention) IS
  'Whether two summaries differ in any byte.';

CREATE OPERATOR persona.< (
  LEFTARG = persona.retention, RIGHTARG = persona.retention, FUNCTION = persona.retention_lt,
  COMMUTATOR = OPERATOR(persona.>), NEGATOR = OPERATOR(persona.>=),
  RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR persona.< (persona.retention, persona.retention) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about periods.';

CREATE OPERATOR persona.<= (
  LEFTARG = persona.retention, RIGHTARG = persona.retention, FUNCTION = persona.retention_le,
  COMMUTATOR = OPERATOR(persona.>=), NEGATOR = OPERATOR(persona.>),
  RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR persona.<= (persona.retention, persona.retention) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about periods.';

CREATE OPERATOR persona.> (
  LEFTARG = persona.retention, RIGHTARG = persona.retention, FUNCTION = persona.retention_gt,
  COMMUTATOR = OPERATOR(persona.<), NEGATOR = OPERATOR(persona.<=),
  RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR persona.> (persona.retention, persona.retention) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about periods.';

CREATE OPERATOR persona.>= (
  LEFTARG = persona.retention, RIGHTARG = persona.retention, FUNCTION = persona.retention_ge,
  COMMUTATOR = OPERATOR(persona.<=), NEGATOR = OPERATOR(persona.<),
  RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR persona.>= (persona.retention, persona.retention) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about periods.';

CREATE OPERATOR FAMILY persona.retention_ops USING btree;
COMMENT ON OPERATOR FAMILY persona.retention_ops USING btree IS
  'The order of the bytes of persona.retention.';
CREATE OPERATOR CLASS persona.retention_ops DEFAULT FOR TYPE persona.retention USING btree FAMILY persona.retention_ops AS
  OPERATOR 1 persona.<, OPERATOR 2 persona.<=, OPERATOR 3 persona.=, OPERATOR 4 persona.>=, OPERATOR 5 persona.>,
  FUNCTION 1 persona.retention_cmp(persona.retention, persona.retention);
COMMENT ON OPERATOR CLASS persona.retention_ops USING btree IS
  'Lets DISTINCT, ORDER BY, merge joins and primary keys work on persona.retention, in an order without meaning of its own.';

CREATE OPERATOR FAMILY persona.retention_ops USING hash;
COMMENT ON OPERATOR FAMILY persona.retention_ops USING hash IS
  'Equality of the bytes of persona.retention.';
CREATE OPERATOR CLASS persona.retention_ops DEFAULT FOR TYPE persona.retention USING hash FAMILY persona.retention_ops AS
  OPERATOR 1 persona.=,
  FUNCTION 1 persona.retention_hash(persona.retention), FUNCTION 2 persona.retention_hash_extended(persona.retention, bigint);
COMMENT ON OPERATOR CLASS persona.retention_ops USING hash IS
  'Lets hash joins, hashed DISTINCT and hash partitioning work on persona.retention.';
-- The catalog of models: one row a thing, readable by any BI tool, visible to the owner's members and grantees.
-- Ordinary roles read under row-level security; only the extension's C code writes, as the tables' owner.

CREATE TABLE persona.model_name (
  name  text PRIMARY KEY CHECK (name <> '' AND strpos(name, '@') = 0),
  owner regrole NOT NULL
);
COMMENT ON TABLE persona.model_name IS 'Names of models and who owns them; members of the owner may fit, deploy, refresh and drop.';
COMMENT ON COLUMN persona.model_name.name IS 'The name by which queries address the deployed version; name@8 addresses version 8.';
COMMENT ON COLUMN persona.model_name.owner IS 'The role that first fitted the name; a stored source always runs as this role.';

CREATE TABLE persona.model_grant (
  name      text NOT NULL REFERENCES persona.model_name ON DELETE CASCADE,
  grantee   regrole NOT NULL,
  privilege text NOT NULL CHECK (privilege = 'use'),
  grantor   regrole NOT NULL,
  PRIMARY KEY (name, grantee, privilege)
);
COMMENT ON TABLE persona.model_grant IS 'Who else may use a model: predict, explain, recommend and evaluate with it, and read its rows.';
COMMENT ON COLUMN persona.model_grant.name IS 'The model''s name; the grant covers all its versions.';
COMMENT ON COLUMN persona.model_grant.grantee IS 'The role that was granted; - stands for everybody (public).';
COMMENT ON COLUMN persona.model_grant.privilege IS 'Use: predict, explain, recommend, evaluate.';
COMMENT ON COLUMN persona.model_grant.grantor IS 'The model''s owner, on whose behalf the grant was made.';

CREATE TABLE persona.model (
  model_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name        text NOT NULL REFERENCES persona.model_name ON DELETE CASCADE,
  version     integer NOT NULL CHECK (version > 0),
  kind        text NOT NULL,
  source      text NOT NULL,
  search_path text NOT NULL,
  time_zone   text NOT NULL,
  date_style  text NOT NULL,
  target      text,
  key         text,
  options     jsonb NOT NULL,
  fitted_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  fitted_by   regrole NOT NULL,
  rows        bigint NOT NULL,
  skipped     bigint NOT NULL,
  seconds     float8 NOT NULL,
  format      integer NOT NULL,
  UNIQUE (name, version)
);
COMMENT ON TABLE persona.model IS 'Every version of every model; a version never changes once it is fitted.';
COMMENT ON COLUMN persona.model.model_id IS 'Identifies the version in coefficient, feature, metric, neighbor and history.';
COMMENT ON COLUMN persona.model.name IS 'The model''s name.';
COMMENT ON COLUMN persona.model.version IS 'Counts the fits of a name from 1.';
COMMENT ON COLUMN persona.model.kind IS 'What was fitted: see persona.kind.';
COMMENT ON COLUMN persona.model.source IS 'The relation or query the rows came from; a refresh reads it again, as the model''s owner.';
COMMENT ON COLUMN persona.model.search_path IS 'The search_path under which the source''s names are looked up.';
COMMENT ON COLUMN persona.model.time_zone IS 'The TimeZone under which the source is read.';
COMMENT ON COLUMN persona.model.date_style IS 'The DateStyle under which the source is read.';
COMMENT ON COLUMN persona.model.target IS 'The column that the model predicts.';
COMMENT ON COLUMN persona.model.key IS 'The columns that identify a row and are no features.';
COMMENT ON COLUMN persona.model.options IS 'The options given to fit; the rest have the defaults of persona.kind_option.';
COMMENT ON COLUMN persona.model.fitted_at IS 'When the fit was stored.';
COMMENT ON COLUMN persona.model.fitted_by IS 'The role that ran the fit.';
COMMENT ON COLUMN persona.model.rows IS 'Rows the model was fitted on.';
COMMENT ON COLUMN persona.model.skipped IS 'Rows left out because a value was NULL, NaN or infinite.';
COMMENT ON COLUMN persona.model.seconds IS 'How long the fit took, without storing it.';
COMMENT ON COLUMN persona.model.format IS 'Version of the stored rows'' layout; a loader refuses one it does not know.';

CREATE TABLE persona.deployment (
  deployment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name          text NOT NULL,
  version       integer NOT NULL,
  action        text NOT NULL CHECK (action IN ('deploy', 'revert')),
  deployed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  deployed_by   regrole NOT NULL,
  FOREIGN KEY (name, version) REFERENCES persona.model (name, version) ON DELETE CASCADE
);
CREATE INDEX deployment_name_idx ON persona.deployment (name, deployment_id);
COMMENT ON TABLE persona.deployment IS 'Which version served when: append-only, the last row of a name says what serves now.';
COMMENT ON COLUMN persona.deployment.deployment_id IS 'Orders the deployments.';
COMMENT ON COLUMN persona.deployment.name IS 'The model''s name.';
COMMENT ON COLUMN persona.deployment.version IS 'The version that serves from this row on.';
COMMENT ON COLUMN persona.deployment.action IS 'Deploy, or revert to the version that served before.';
COMMENT ON COLUMN persona.deployment.deployed_at IS 'When it was deployed.';
COMMENT ON COLUMN persona.deployment.deployed_by IS 'The role that deployed it.';

CREATE TABLE persona.coefficient (
  model_id  bigint NOT NULL REFERENCES persona.model ON DELETE CASCADE,
  term_no   integer NOT NULL,
  term      text NOT NULL,
  outcome   text NOT NULL DEFAULT '',
  group_key text NOT NULL DEFAULT '',
  lambda    float8 NOT NULL DEFAULT 0,
  estimate  float8,
  std_error float8,
  statistic float8,
  p_value   float8,
  ci_low    float8,
  ci_high   float8,
  PRIMARY KEY (model_id, group_key, outcome, lambda, term_no)
);
COMMENT ON TABLE persona.coefficient IS 'Coefficients of regression models, one row a term.';
COMMENT ON COLUMN persona.coefficient.model_id IS 'The version, persona.model.model_id.';
COMMENT ON COLUMN persona.coefficient.term_no IS 'Orders the terms as the source''s columns.';
COMMENT ON COLUMN persona.coefficient.term IS '(intercept), a column, or column=level for one level of a text, boolean or enum column.';
COMMENT ON COLUMN persona.coefficient.outcome IS 'The class, for kinds with several; else empty.';
COMMENT ON COLUMN persona.coefficient.group_key IS 'The group, for grouped fits; else empty.';
COMMENT ON COLUMN persona.coefficient.lambda IS 'The penalty, for kinds that store a path; else 0.';
COMMENT ON COLUMN persona.coefficient.estimate IS 'The coefficient; NULL for a term that is constant or collinear with earlier ones.';
COMMENT ON COLUMN persona.coefficient.std_error IS 'Its standard error; NULL in a penalized fit, which has none.';
COMMENT ON COLUMN persona.coefficient.statistic IS 'Estimate / std_error: t for linear, z for logistic regression.';
COMMENT ON COLUMN persona.coefficient.p_value IS 'Two-sided p value of the hypothesis that the coefficient is 0.';
COMMENT ON COLUMN persona.coefficient.ci_low IS 'Lower confidence limit, at the level of the option confidence.';
COMMENT ON COLUMN persona.coefficient.ci_high IS 'Upper confidence limit.';

CREATE TABLE persona.feature (
  model_id   bigint NOT NULL REFERENCES persona.model ON DELETE CASCADE,
  feature_no integer NOT NULL,
  feature    text NOT NULL,
  role       text NOT NULL,
  type       text NOT NULL,
  mean       float8,
  sd         float8,
  min        float8,
  max        float8,
  quantiles  float8[],
  levels     text[],
  shares     float8[],
  PRIMARY KEY (model_id, feature_no)
);
COMMENT ON TABLE persona.feature IS 'The columns a model reads, as its training rows had them.';
COMMENT ON COLUMN persona.feature.model_id IS 'The version, persona.model.model_id.';
COMMENT ON COLUMN persona.feature.feature_no IS 'Orders the features as the source''s columns, the target last.';
COMMENT ON COLUMN persona.feature.feature IS 'The column''s name.';
COMMENT ON COLUMN persona.feature.role IS 'Feature or target.';
COMMENT ON COLUMN persona.feature.type IS 'Number, or label for text, boolean and enum columns.';
COMMENT ON COLUMN persona.feature.mean IS 'Mean of a number.';
COMMENT ON COLUMN persona.feature.sd IS 'Sample standard deviation of a number.';
COMMENT ON COLUMN persona.feature.min IS 'Smallest value.';
COMMENT ON COLUMN persona.feature.max IS 'Largest value.';
COMMENT ON COLUMN persona.feature.quantiles IS 'Quantiles at 0, 0.05, ..., 1 of a seeded sample of 10,000 rows.';
COMMENT ON COLUMN persona.feature.levels IS 'Levels of a label, the reference level first; of a target the negative, then the positive class.';
COMMENT ON COLUMN persona.feature.shares IS 'Share of each level among the rows.';

CREATE TABLE persona.metric (
  model_id bigint NOT NULL REFERENCES persona.model ON DELETE CASCADE,
  metric   text NOT NULL,
  value    float8,
  PRIMARY KEY (model_id, metric)
);
COMMENT ON TABLE persona.metric IS 'Figures of each fit on its own training rows.';
COMMENT ON COLUMN persona.metric.model_id IS 'The version, persona.model.model_id.';
COMMENT ON COLUMN persona.metric.metric IS 'R_squared, sigma, log_likelihood, aic, converged, ...';
COMMENT ON COLUMN persona.metric.value IS 'Its value.';

CREATE TABLE persona.neighbor (
  model_id  bigint NOT NULL REFERENCES persona.model ON DELETE CASCADE,
  item_no   integer NOT NULL,
  item      text NOT NULL,
  support   bigint NOT NULL,
  neighbors integer[] NOT NULL,
  scores    real[] NOT NULL,
  PRIMARY KEY (model_id, item_no)
);
CREATE UNIQUE INDEX neighbor_item_idx ON persona.neighbor (model_id, item) INCLUDE (item_no);
COMMENT ON TABLE persona.neighbor IS 'The items of a recommender, each with its neighbors in one row; persona.deployed_neighbor has them one a row.';
COMMENT ON COLUMN persona.neighbor.model_id IS 'The version, persona.model.model_id.';
COMMENT ON COLUMN persona.neighbor.item_no IS 'Numbers the items from 0 by falling support, then by id: of two equal scores the smaller number wins.';
COMMENT ON COLUMN persona.neighbor.item IS 'The item''s id as text.';
COMMENT ON COLUMN persona.neighbor.support IS 'Distinct users who have the item.';
COMMENT ON COLUMN persona.neighbor.neighbors IS 'Item numbers of its neighbors, the nearest first.';
COMMENT ON COLUMN persona.neighbor.scores IS 'Similarity of each neighbor.';

CREATE TABLE persona.history (
  model_id bigint NOT NULL REFERENCES persona.model ON DELETE CASCADE,
  user_id  text NOT NULL,
  items    integer[] NOT NULL,
  weights  real[] NOT NULL,
  PRIMARY KEY (model_id, user_id)
);
COMMENT ON TABLE persona.history IS 'Users'' items at the time of the fit, kept only where the source cannot be asked for one user cheaply.';
COMMENT ON COLUMN persona.history.model_id IS 'The version, persona.model.model_id.';
COMMENT ON COLUMN persona.history.user_id IS 'The user''s id as text.';
COMMENT ON COLUMN persona.history.items IS 'Item numbers, persona.neighbor.item_no.';
COMMENT ON COLUMN persona.history.weights IS 'Weight of each item.';

-- Who sees what: members of the owner and of a grantee. Results are visible where their model is.
ALTER TABLE persona.model_name ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.model_grant ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.model ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.deployment ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.coefficient ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.feature ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.metric ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.neighbor ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.history ENABLE ROW LEVEL SECURITY;

CREATE POLICY visible ON persona.model_grant FOR SELECT
  USING (grantee = 0::regrole OR pg_has_role(grantee, 'USAGE') OR pg_has_role(grantor, 'USAGE'));
CREATE POLICY visible ON persona.model_name FOR SELECT
  USING (pg_has_role(owner, 'USAGE')
         OR EXISTS (SELECT FROM persona.model_grant g
                    WHERE g.name = model_name.name
                      AND (g.grantee = 0::regrole OR pg_has_role(g.grantee, 'USAGE'))));
CREATE POLICY visible ON persona.model FOR SELECT
  USING (EXISTS (SELECT FROM persona.model_name n WHERE n.name = model.name));
CREATE POLICY visible ON persona.deployment FOR SELECT
  USING (EXISTS (SELECT FROM persona.model_name n WHERE n.name = deployment.name));
CREATE POLICY visible ON persona.coefficient FOR SELECT
  USING (EXISTS (SELECT FROM persona.model m WHERE m.model_id = coefficient.model_id));
CREATE POLICY visible ON persona.feature FOR SELECT
  USING (EXISTS (SELECT FROM persona.model m WHERE m.model_id = feature.model_id));
CREATE POLICY visible ON persona.metric FOR SELECT
  USING (EXISTS (SELECT FROM persona.model m WHERE m.model_id = metric.model_id));
CREATE POLICY visible ON persona.neighbor FOR SELECT
  USING (EXISTS (SELECT FROM persona.model m WHERE m.model_id = neighbor.model_id));
CREATE POLICY visible ON persona.history FOR SELECT
  USING (EXISTS (SELECT FROM persona.model m WHERE m.model_id = history.model_id));

GRANT SELECT ON persona.model_name, persona.model_grant, persona.model, persona.deployment,
  persona.coefficient, persona.feature, persona.metric, persona.neighbor, persona.history TO PUBLIC;

-- A dump of the database carries the models; the identities go on where they were.
SELECT pg_catalog.pg_extension_config_dump('persona.model_name', '');
SELECT pg_catalog.pg_extension_config_dump('persona.model_grant', '');
SELECT pg_catalog.pg_extension_config_dump('persona.model', '');
SELECT pg_catalog.pg_extension_config_dump('persona.deployment', '');
SELECT pg_catalog.pg_extension_config_dump('persona.coefficient', '');
SELECT pg_catalog.pg_extension_config_dump('persona.feature', '');
SELECT pg_catalog.pg_extension_config_dump('persona.metric', '');
SELECT pg_catalog.pg_extension_config_dump('persona.neighbor', '');
SELECT pg_catalog.pg_extension_config_dump('persona.history', '');
SELECT pg_catalog.pg_extension_config_dump('persona.model_model_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('persona.deployment_deployment_id_seq', '');

-- What serves now, by name and version. Invoker rights, so that the policies above hold through the views.
CREATE VIEW persona.deployed_model WITH (security_invoker = true) AS
  SELECT m.*, d.deployed_at, d.deployed_by
  FROM persona.model_name n
  CROSS JOIN LATERAL (SELECT x.version, x.deployed_at, x.deployed_by FROM persona.deployment x
                      WHERE x.name = n.name ORDER BY x.deployment_id DESC LIMIT 1) d
  JOIN persona.model m ON m.name = n.name AND m.version = d.version;
COMMENT ON VIEW persona.deployed_model IS 'The version of each model that serves now.';

CREATE VIEW persona.deployed_coefficient WITH (security_invoker = true) AS
  SELECT m.name, m.version, c.*
  FROM persona.deployed_model m JOIN persona.coefficient c USING (model_id);
COMMENT ON VIEW persona.deployed_coefficient IS 'Coefficients of the models that serve now.';

CREATE VIEW persona.deployed_neighbor WITH (security_invoker = true) AS
  SELECT m.name, m.version, i.item, i.support, x.rank::integer AS rank, o.item AS neighbor, x.score::float8 AS score
  FROM persona.deployed_model m
  JOIN persona.neighbor i USING (model_id)
  CROSS JOIN LATERAL ROWS FROM (unnest(i.neighbors), unnest(i.scores)) WITH ORDINALITY AS x(neighbor_no, score, rank)
  JOIN persona.neighbor o ON o.model_id = i.model_id AND o.item_no = x.neighbor_no;
COMMENT ON VIEW persona.deployed_neighbor IS 'Neighbors of each item in the recommenders that serve now, one a row, the nearest first.';

GRANT SELECT ON persona.deployed_model, persona.deployed_coefficient, persona.deployed_neighbor TO PUBLIC;

-- The kinds and their options, from the registry in the library.
CREATE FUNCTION persona.kinds(OUT kind text, OUT task text, OUT summary text) RETURNS SETOF record
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'persona_kinds';
COMMENT ON FUNCTION persona.kinds() IS 'The model kinds this version can fit; read it through the view persona.kind.';
CREATE FUNCTION persona.kind_options(OUT kind text, OUT option text, OUT type text, OUT default_value jsonb, OUT summary text)
  RETURNS SETOF record LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'persona_kind_options';
COMMENT ON FUNCTION persona.kind_options() IS 'The options of each kind; read it through the view persona.kind_option.';
CREATE VIEW persona.kind AS SELECT * FROM persona.kinds();
COMMENT ON VIEW persona.kind IS 'The model kinds that fit knows.';
CREATE VIEW persona.kind_option AS SELECT * FROM persona.kind_options();
COMMENT ON VIEW persona.kind_option IS 'The options of each kind, with type, default and meaning.';
GRANT SELECT ON persona.kind, persona.kind_option TO PUBLIC;

-- Fitting and deploying.
CREATE FUNCTION persona.fit(model text, kind text, source text, target text DEFAULT NULL,
                            options jsonb DEFAULT '{}', key text DEFAULT NULL, deploy boolean DEFAULT true)
  RETURNS persona.model LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_fit';
COMMENT ON FUNCTION persona.fit(text, text, text, text, jsonb, text, boolean) IS
  'Fits a new version of a model from a relation or a SELECT, reading it once as the caller; stores its rows and deploys it.';

CREATE FUNCTION persona.refresh_model(model text) RETURNS persona.model
  LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_refresh_model';
COMMENT ON FUNCTION persona.refresh_model(text) IS
  'Fits the deployed version''s definition again on today''s rows, as the model''s owner, and deploys the result.';

CREATE PROCEDURE persona.refresh_all()
  LANGUAGE C AS 'MODULE_PATHNAME', 'persona_refresh_all';
COMMENT ON PROCEDURE persona.refresh_all() IS
  'Refreshes every model the caller may refresh that is older than its option refresh_hours, committing after each where it may; for pg_cron.';

CREATE FUNCTION persona.deploy(model text, version integer) RETURNS persona.model
  LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_deploy';
COMMENT ON FUNCTION persona.deploy(text, integer) IS 'Makes a version the one that serves, from the commit on.';

CREATE FUNCTION persona.revert(model text) RETURNS persona.model
  LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_revert';
COMMENT ON FUNCTION persona.revert(text) IS 'Deploys the version that served before the present one.';

CREATE FUNCTION persona.drop_model(model text) RETURNS persona.model
  LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_drop_model';
COMMENT ON FUNCTION persona.drop_model(text) IS
  'Drops a model with all its versions, or with name@version one version that does not serve.';

CREATE FUNCTION persona.grant_model(model text, grantee text, privilege text DEFAULT 'use') RETURNS persona.model
  LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_grant_model';
COMMENT ON FUNCTION persona.grant_model(text, text, text) IS
  'Lets a role, or public, predict, explain, recommend and evaluate with a model.';

CREATE FUNCTION persona.revoke_model(model text, grantee text, privilege text DEFAULT 'use') RETURNS persona.model
  LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_revoke_model';
COMMENT ON FUNCTION persona.revoke_model(text, text, text) IS 'Takes back what grant_model gave.';
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
-- What is in a source: a profile of its columns, and the rows that repeat.

CREATE FUNCTION persona.describe(source text,
    OUT ordinal integer, OUT column_name text, OUT type text, OUT rows bigint, OUT nulls bigint, OUT nan bigint, OUT infinite bigint,
    OUT distinct_values bigint, OUT duplicate_rows bigint, OUT commonest text, OUT commonest_share float8,
    OUT mean float8, OUT stddev float8, OUT min text, OUT q05 text, OUT q25 text, OUT median text, OUT q75 text, OUT q95 text, OUT max text,
    OUT outliers bigint, OUT estimated boolean)
  RETURNS SETOF record LANGUAGE C STABLE PARALLEL UNSAFE COST 100000 ROWS 20 AS 'MODULE_PATHNAME', 'persona_describe';
COMMENT ON FUNCTION persona.describe(text) IS
  'Profiles every column of a relation or SELECT in one pass: NULLs, distinct values, commonest value, mean, quantiles, extremes, outliers. Ordinal 0 is the source as a whole, with its duplicate rows.';

CREATE FUNCTION persona.duplicates(source text, keys text[] DEFAULT NULL,
    OUT keys jsonb, OUT copies bigint, OUT row_data jsonb)
  RETURNS SETOF record LANGUAGE C STABLE PARALLEL UNSAFE COST 100000 ROWS 1000 AS 'MODULE_PATHNAME', 'persona_duplicates';
COMMENT ON FUNCTION persona.duplicates(text, text[]) IS
  'Every row of a relation or SELECT that agrees with another in the key columns, or in all columns when none are named; NULLs agree with each other.';
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
-- Portraits: one row a customer, kept by triggers in the transaction that made the event (docs/portraits.md).

CREATE TABLE persona.portrait (
  portrait     regclass PRIMARY KEY,
  source       regclass NOT NULL,
  recomputed   regclass NOT NULL,
  features     regclass NOT NULL,
  delta        regclass,
  event_time   text,
  query        text NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  refreshed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE persona.portrait IS 'Every portrait and the relations that belong to it; read it through the view persona.portraits.';
COMMENT ON COLUMN persona.portrait.portrait IS 'The table that holds one row a key.';
COMMENT ON COLUMN persona.portrait.source IS 'The table of events.';
COMMENT ON COLUMN persona.portrait.recomputed IS 'The view that computes the portrait anew from all events: the definition itself.';
COMMENT ON COLUMN persona.portrait.features IS 'The view with one named scalar column an accessor, as of now.';
COMMENT ON COLUMN persona.portrait.delta IS 'The table that collects what is not folded in yet, of a deferred portrait.';
COMMENT ON COLUMN persona.portrait.event_time IS 'The column of the source that tells when an event happened.';
COMMENT ON COLUMN persona.portrait.query IS 'The query as it was given to create_portrait.';
COMMENT ON COLUMN persona.portrait.created_at IS 'When the portrait was created.';
COMMENT ON COLUMN persona.portrait.refreshed_at IS 'When it was last computed or refreshed.';

-- A trigger finds its portrait by the table it is on and its name, which a dump carries over; never by arguments, which
-- anybody could give.
CREATE TABLE persona.portrait_trigger (
  relation     regclass NOT NULL,
  trigger_name text NOT NULL,
  portrait     regclass NOT NULL REFERENCES persona.portrait ON DELETE CASCADE,
  PRIMARY KEY (relation, trigger_name)
);
COMMENT ON TABLE persona.portrait_trigger IS 'Which portrait a trigger keeps up to date.';
COMMENT ON COLUMN persona.portrait_trigger.relation IS 'The table or partition the trigger is on.';
COMMENT ON COLUMN persona.portrait_trigger.trigger_name IS 'The trigger''s name.';
COMMENT ON COLUMN persona.portrait_trigger.portrait IS 'The portrait.';

SELECT pg_catalog.pg_extension_config_dump('persona.portrait', '');
SELECT pg_catalog.pg_extension_config_dump('persona.portrait_trigger', '');

-- A portrait is visible to who may read it.
ALTER TABLE persona.portrait ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.portrait_trigger ENABLE ROW LEVEL SECURITY;
CREATE POLICY visible ON persona.portrait FOR SELECT
  USING (pg_catalog.has_table_privilege(portrait::pg_catalog.oid, 'SELECT'));
CREATE POLICY visible ON persona.portrait_trigger FOR SELECT
  USING (EXISTS (SELECT FROM persona.portrait p WHERE p.portrait = portrait_trigger.portrait));
GRANT SELECT ON persona.portrait, persona.portrait_trigger TO PUBLIC;

CREATE VIEW persona.portraits WITH (security_invoker = true) AS
SELECT p.portrait, pg_catalog.pg_get_userbyid(c.relowner) AS owner, p.source, p.delta IS NOT NULL AS deferred, p.event_time,
       p.features, p.recomputed, p.delta, p.query, p.created_at, p.refreshed_at
FROM persona.portrait p JOIN pg_catalog.pg_class c ON c.oid = p.portrait::pg_catalog.oid;
COMMENT ON VIEW persona.portraits IS 'The portraits you may read, with their source, their features view and their definition.';
GRANT SELECT ON persona.portraits TO PUBLIC;

CREATE FUNCTION persona.create_portrait(portrait text, query text, event_time text DEFAULT NULL, deferred boolean DEFAULT false)
  RETURNS persona.portraits LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_create_portrait';
COMMENT ON FUNCTION persona.create_portrait(text, text, text, boolean) IS
  'Creates a table with one row a key that stays right the moment an event commits, its features view, and its functions as of any date.';

CREATE FUNCTION persona.refresh_portrait(portrait text, repair boolean DEFAULT NULL)
  RETURNS persona.portraits LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_refresh_portrait';
COMMENT ON FUNCTION persona.refresh_portrait(text, boolean) IS
  'Folds what a deferred portrait has collected into it; for a portrait that is not deferred, or with repair, compares it with its source and recomputes the keys that differ.';

CREATE FUNCTION persona.check_portrait(portrait text, OUT key jsonb, OUT column_name text, OUT stored text, OUT recomputed text)
  RETURNS SETOF record LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_check_portrait';
COMMENT ON FUNCTION persona.check_portrait(text) IS
  'Lists the keys whose stored row differs from what the source gives now, and warns of partitions whose rows are not seen: no rows mean all is well.';

CREATE FUNCTION persona.drop_portrait(portrait text) RETURNS void
  LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_drop_portrait';
COMMENT ON FUNCTION persona.drop_portrait(text) IS
  'Drops a portrait with its view, its functions and the triggers on its source.';

CREATE FUNCTION persona.maintain_portrait() RETURNS trigger
  LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_maintain_portrait';
COMMENT ON FUNCTION persona.maintain_portrait() IS
  'Keeps a portrait up to date; create_portrait attaches it to the source.';

CREATE FUNCTION persona.portrait_same(a text, b text) RETURNS boolean
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'persona_portrait_same';
COMMENT ON FUNCTION persona.portrait_same(text, text) IS
  'Whether the text forms of two values differ by no more than the rounding of sums: numbers to one part in 10^9, everything else exactly.';

COMMENT ON PROCEDURE persona.refresh_all() IS
  'Refreshes what the caller may refresh: first every deferred portrait that has collected something, then every model that is older than its option refresh_hours; commits after each where it may. For pg_cron.';
-- What regressions store beside their coefficients: how a column became terms, and what was missing from it.

ALTER TABLE persona.metric ADD COLUMN group_key text NOT NULL DEFAULT '';
ALTER TABLE persona.metric DROP CONSTRAINT metric_pkey;
ALTER TABLE persona.metric ADD PRIMARY KEY (model_id, group_key, metric);
COMMENT ON COLUMN persona.metric.group_key IS 'The group, for grouped fits; empty for the model of all rows.';
ALTER TABLE persona.feature
  ADD COLUMN source_column text,
  ADD COLUMN element integer,
  ADD COLUMN basis text,
  ADD COLUMN knots float8[],
  ADD COLUMN missing bigint;
COMMENT ON TABLE persona.feature IS 'The columns a model reads, and what it makes of them, as its training rows had them.';
COMMENT ON COLUMN persona.feature.feature IS
  'The column''s name, or that of what is read of it: ordered_at.weekday, v[1].';
COMMENT ON COLUMN persona.feature.role IS 'Feature, target or offset.';
COMMENT ON COLUMN persona.feature.levels IS
  'Levels of a label or of bins, the reference level first and NULL, for missing values, last; of a target the negative, then the positive class.';
COMMENT ON COLUMN persona.feature.source_column IS 'The source''s column it is computed from; NULL when that has its name.';
COMMENT ON COLUMN persona.feature.element IS 'Which element of an array, from 1; NULL for a column that is none.';
COMMENT ON COLUMN persona.feature.basis IS
  'How it becomes terms: linear, label, bins, spline, or a part of a date such as weekday; NULL in models of before 0.4.';
COMMENT ON COLUMN persona.feature.knots IS 'Edges of bins, or knots of a spline, as they were used.';
COMMENT ON COLUMN persona.feature.missing IS
  'Rows of the source in which it was NULL, NaN or infinite: why rows were skipped, or what was imputed.';

ALTER TABLE persona.coefficient ADD COLUMN mean float8;
COMMENT ON COLUMN persona.coefficient.term IS
  '(intercept), a column, column=level, spline(column,1), column=NULL for what is missing, or a:b for a product of two.';
COMMENT ON COLUMN persona.coefficient.mean IS
  'Mean of the term in the training rows, with which explanations compare a row; NULL for the intercept.';
ALTER TABLE persona.coefficient ADD COLUMN odds_ratio float8, ADD COLUMN vif float8;
COMMENT ON COLUMN persona.coefficient.std_error IS
  'Its standard error, of the kind the option standard_errors says; NULL in a penalized fit and in one that did not converge.';
COMMENT ON COLUMN persona.coefficient.statistic IS
  'Estimate / std_error: t for linear regression, z for logistic and Poisson regression.';
COMMENT ON COLUMN persona.coefficient.odds_ratio IS
  'Exp(estimate): by how much the odds are multiplied when the term grows by 1; for Poisson regression the rate.';
COMMENT ON COLUMN persona.coefficient.vif IS
  'Variance inflation factor, 1 / (1 - R2) of the term explained by the others: 1 when it is independent of them, above 10 nearly redundant.';

CREATE OR REPLACE VIEW persona.deployed_coefficient WITH (security_invoker = true) AS
  SELECT m.name, m.version, c.*
  FROM persona.deployed_model m JOIN persona.coefficient c USING (model_id);

COMMENT ON COLUMN persona.coefficient.outcome IS
  'Of a target with more than two classes: the class whose odds against the first, the reference, the term changes; else empty.';
COMMENT ON COLUMN persona.feature.shares IS 'Share of each level among the rows, by their weight for a target.';
COMMENT ON FUNCTION persona.predict(text, record) IS
  'The model''s mean, or probability of the positive class, for a row; columns are found by name, extra ones ignored; NULL where one is NULL. A model of more than two classes has probabilities and classify instead.';
COMMENT ON FUNCTION persona.classify(text, record) IS
  'The class of a row: of two the positive one from the option threshold on, of several the most probable.';
COMMENT ON FUNCTION persona.explain(text, record) IS
  'What each column added to the score''s linear predictor compared with the average training row, the largest first; of several classes to that of the most probable one, beyond the mean of all.';
-- How good a model is on rows it has not seen: calibration, gains, cross-validation and comparison.

CREATE FUNCTION persona.fold(key text, folds integer, seed bigint DEFAULT 0) RETURNS integer
  LANGUAGE C STRICT IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'persona_fold_text';
COMMENT ON FUNCTION persona.fold(text, integer, bigint) IS
  'Which of 1 to folds a key falls into: by a hash that is the same on every machine, so that a split repeats.';
CREATE FUNCTION persona.fold(key bigint, folds integer, seed bigint DEFAULT 0) RETURNS integer
  LANGUAGE C STRICT IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'persona_fold_bigint';
COMMENT ON FUNCTION persona.fold(bigint, integer, bigint) IS 'The fold of a number, the same as that of its digits as text.';
CREATE FUNCTION persona.fold(key uuid, folds integer, seed bigint DEFAULT 0) RETURNS integer
  LANGUAGE sql STRICT IMMUTABLE PARALLEL SAFE RETURN persona.fold(key::text, folds, seed);
COMMENT ON FUNCTION persona.fold(uuid, integer, bigint) IS 'The fold of a UUID, the same as that of its text.';

CREATE FUNCTION persona.calibration(model text, source text, bins integer DEFAULT 10, OUT bin integer, OUT rows bigint,
    OUT lowest float8, OUT highest float8, OUT predicted float8, OUT observed float8, OUT lower float8, OUT upper float8)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL UNSAFE ROWS 10 AS 'MODULE_PATHNAME', 'persona_calibration';
COMMENT ON FUNCTION persona.calibration(text, text, integer) IS
  'Whether scores mean what they say: rows in bins of equal size by score, the lowest first, each with its mean score, the mean of the target and that mean''s 95 % confidence limits.';

CREATE FUNCTION persona.gains(model text, source text, bins integer DEFAULT 10, OUT bin integer, OUT rows bigint,
    OUT total float8, OUT rate float8, OUT lift float8, OUT cumulative_share float8, OUT cumulative_gain float8,
    OUT cumulative_lift float8, OUT threshold float8)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL UNSAFE ROWS 10 AS 'MODULE_PATHNAME', 'persona_gains';
COMMENT ON FUNCTION persona.gains(text, text, integer) IS
  'What contacting the best scores first brings: rows in bins of equal size, the highest scores first, each with the positives (or the sum of the target) in it, its lift over the average, and the share of all positives reached so far.';

CREATE FUNCTION persona.cross_validate(kind text, source text, target text, folds integer DEFAULT 5, options jsonb DEFAULT '{}',
    key text DEFAULT NULL, seed bigint DEFAULT 0, OUT fold integer, OUT metric text, OUT value float8, OUT sd float8)
  RETURNS SETOF record LANGUAGE C STABLE PARALLEL UNSAFE ROWS 60 COST 10000 AS 'MODULE_PATHNAME', 'persona_cross_validate';
COMMENT ON FUNCTION persona.cross_validate(text, text, text, integer, jsonb, text, bigint) IS
  'How good a model of this kind would be: each fold of the rows is predicted by a model fitted on the others. Rows with fold NULL are the mean over the folds and its spread.';

CREATE FUNCTION persona.compare(models text[], source text, options jsonb DEFAULT '{}', OUT model text, OUT version integer,
    OUT metric text, OUT value float8, OUT rank integer)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL UNSAFE ROWS 30 AS 'MODULE_PATHNAME', 'persona_compare';
COMMENT ON FUNCTION persona.compare(text[], text, jsonb) IS
  'Several models, or versions such as churn@8, measured on the same rows and ranked by each metric, 1 being the best.';
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
