-- persona.sessions: visits, runs of events without a long gap (docs/summaries/sessions.md).

-- @include summary_forms type=sessions
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

-- @include summary_comparisons type=sessions subject=visits
