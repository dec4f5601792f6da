-- persona.activity: when a customer was active and what it amounted to (docs/summaries/activity.md).

-- @include summary_forms type=activity
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

-- @include summary_comparisons type=activity subject=customers
