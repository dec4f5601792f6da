-- persona.sessions: what each aggregate and accessor answers, how parts that overlap merge, what is refused, and that
-- it agrees with the window functions one would write instead.
BEGIN;
SELECT plan(67);
SET LOCAL search_path = public, persona;  -- the operators of the type, where is() compares
SET LOCAL TimeZone = 'America/New_York';

CREATE TEMP TABLE event (customer int, ts timestamptz);
-- Customer 1: three visits, 9:00 to 9:25 with four events (two at once), 11:00 alone, 20:00 and exactly 30 minutes later;
-- customer 2: one event; customer 3: no time.
INSERT INTO event VALUES
  (1, '2022-01-01 20:00+00'), (1, '2022-01-01 09:10+00'), (1, '2022-01-01 09:00+00'), (1, NULL), (1, '2022-01-01 11:00+00'),
  (1, '2022-01-01 09:10+00'), (1, '2022-01-01 20:30+00'), (1, '2022-01-01 09:25+00'), (2, '2022-05-05 05:05+00'), (3, NULL);
CREATE TEMP TABLE state AS SELECT customer, persona.sessions_agg(ts) AS s FROM event GROUP BY customer;

SELECT is((SELECT persona.session_count(s) FROM state WHERE customer = 1), 3::bigint, 'sessions');
SELECT is((SELECT persona.session_events(s) FROM state WHERE customer = 1), 7::bigint, 'events');
SELECT is((SELECT persona.browsing_seconds(s) FROM state WHERE customer = 1), 3300::float8, '25 and 0 and 30 minutes');
SELECT is((SELECT persona.mean_session_seconds(s) FROM state WHERE customer = 1), 1100::float8, 'mean session');
SELECT is((SELECT persona.events_per_session(s) FROM state WHERE customer = 1), 7 / 3::float8, 'events a session');
SELECT is((SELECT persona.bounce_rate(s) FROM state WHERE customer = 1), 1 / 3::float8, 'one of three has one event');
SELECT is((SELECT s::text FROM state WHERE customer = 1),
          'sessions:1 utc gap=1800000000 sessions=694342800000000:4:694344300000000,694350000000000:1,694382400000000:2:694384200000000',
          'the text form');
SELECT is((SELECT (persona.session_count(s), persona.browsing_seconds(s), persona.events_per_session(s), persona.bounce_rate(s))::text
           FROM state WHERE customer = 2), '(1,0,1,1)', 'one event is a session of no length');
SELECT is((SELECT s FROM state WHERE customer = 3), NULL, 'rows without a time only: NULL');
SELECT is((SELECT persona.sessions_agg(ts) FROM event WHERE false), NULL, 'no rows: NULL');
SELECT is(persona.session_count(NULL), NULL, 'accessors answer NULL for NULL');

-- The gap.
SELECT is((SELECT persona.session_count(persona.sessions_agg(ts, interval '29 minutes 59.999999 seconds')) FROM event WHERE customer = 1),
          4::bigint, 'a pause longer than the gap parts');
SELECT is((SELECT persona.session_count(persona.sessions_agg(ts, interval '30 minutes')) FROM event WHERE customer = 1),
          3::bigint, 'a pause of the gap itself does not');
SELECT is((SELECT persona.sessions_agg(ts, interval '30 minutes') FROM event), (SELECT persona.sessions_agg(ts) FROM event),
          '30 minutes is the default');
SELECT is((SELECT persona.session_count(persona.sessions_agg(ts, '1 day')) FROM event WHERE customer = 1), 1::bigint, 'a day');
SELECT is((SELECT persona.session_count(persona.sessions_agg(t, interval '24:00')) FROM (VALUES (timestamptz '2024-03-09 12:00-05'),
          ('2024-03-10 12:00-04')) v(t)), 1::bigint, 'a day is 24 hours, also where clocks change');
SELECT throws_ok(format('SELECT persona.sessions_agg(now(), interval %L)', gap), '22023', 'gap must be a positive interval without months',
                 'gap ' || gap) FROM (VALUES ('0'), ('-1 minute'), ('1 month'), ('1 year 1 minute'), ('2000000000 days')) v(gap);
SELECT throws_ok($$ SELECT persona.sessions_agg(now(), NULL::interval) $$, '22004', 'gap must not be NULL', 'no gap');
SELECT throws_ok($$ SELECT persona.sessions_agg(ts, CASE WHEN ts < '2022-01-01 12:00+00' THEN interval '1 hour' ELSE '90 seconds' END)
                    FROM event $$, '22023', 'cannot merge sessions of different gaps', 'a gap that changes');
SELECT throws_ok($$ SELECT persona.merge(persona.sessions_agg(now(), '1 hour'), persona.sessions_agg(now())) $$, '22023',
                 'cannot merge sessions of different gaps', 'merging other gaps');
SELECT throws_ok($$ SELECT persona.rollup(s) FROM (SELECT persona.sessions_agg(now(), '1 hour') UNION ALL SELECT s FROM state) q(s) $$,
                 '22023', NULL, 'rolling up other gaps');

-- Clocks: timestamptz is UTC, timestamp and date are local, by no time zone.
SELECT is((SELECT persona.sessions_agg(t)::text FROM (VALUES (timestamp '2000-01-01 00:00'), ('2000-01-01 00:10')) v(t)),
          'sessions:1 local gap=1800000000 sessions=0:2:600000000', 'local times');
SELECT is((SELECT persona.sessions_agg(d)::text FROM (VALUES (date '2000-01-02'), ('2000-01-01')) v(d)),
          'sessions:1 local gap=1800000000 sessions=0:1,86400000000:1', 'dates');
SELECT is((SELECT persona.session_count(persona.sessions_agg(d, '1 day')) FROM (VALUES (date '2024-02-28'), ('2024-02-29'), ('2024-03-01'),
          ('2024-03-03'), ('2024-03-03')) v(d)), 2::bigint, 'streaks of days');
SELECT is((SELECT persona.sessions_agg(t, '30 minutes')::text FROM (VALUES (timestamp '2000-01-01 00:00')) v(t)),
          'sessions:1 local gap=1800000000 sessions=0:1', 'local times with a gap');
SELECT throws_ok($$ SELECT persona.merge(persona.sessions_agg(now()), persona.sessions_agg(localtimestamp)) $$, '22000',
                 'cannot merge sessions of UTC times with those of local times', 'merging clocks');
SELECT throws_ok($$ SELECT persona.rollup(s) FROM (SELECT s FROM state UNION ALL SELECT persona.sessions_agg(current_date)) q(s) $$,
                 '22000', NULL, 'rolling up clocks');

-- Bad input.
SELECT throws_ok($$ SELECT persona.sessions_agg(timestamptz 'infinity') $$, '22008', 'event time is infinite or out of range', 'an infinite time');
SELECT throws_ok($$ SELECT persona.sessions_agg(timestamp '-infinity', '1 hour') $$, '22008', NULL, 'an infinite local time');
SELECT throws_ok($$ SELECT persona.sessions_agg(date 'infinity') $$, '22008', NULL, 'an infinite date');
SELECT lives_ok($$ SELECT persona.sessions_agg(t) FILTER (WHERE isfinite(t)) FROM (VALUES (timestamptz 'infinity')) v(t) $$,
                'the filter the hint names');
SELECT throws_ok($$ SELECT ''::persona.sessions $$, '22P02', 'invalid input syntax for type persona.sessions', 'no text');
SELECT throws_ok($$ SELECT 'sessions:1 utc gap=1800000000 sessions=0:1,60000000:1'::persona.sessions $$, '22P02', NULL,
                 'sessions that are one');
SELECT throws_ok($$ SELECT persona.sessions_add(s, now()) FROM state $$, 'XX000', NULL, 'a transition function outside an aggregate');
SELECT throws_ok($$ SELECT persona.sessions_add(s, now(), '1 hour') FROM state $$, 'XX000', NULL, 'the one with a gap');
SELECT throws_ok($$ SELECT persona.sessions_combine(s, s) FROM state $$, 'XX000', NULL, 'a combine function outside an aggregate');

-- Merging.
SELECT is((SELECT persona.merge(s, NULL) FROM state WHERE customer = 1), (SELECT s FROM state WHERE customer = 1), 'NULL is no events');
SELECT is((SELECT persona.merge(NULL, s) FROM state WHERE customer = 1), (SELECT s FROM state WHERE customer = 1), 'on either side');
SELECT is(persona.merge(NULL::persona.sessions, NULL), NULL, 'and both');
SELECT is((SELECT persona.rollup(s) FROM state WHERE customer IN (1, 3)), (SELECT s FROM state WHERE customer = 1), 'rollup of one and a NULL');
SELECT is((SELECT persona.merge(a.s, b.s)::text FROM (SELECT persona.sessions_agg(t) AS s FROM (VALUES (timestamp '2000-01-01 00:00'), ('2000-01-01 00:40')) v(t)) a,
             (SELECT persona.sessions_agg(timestamp '2000-01-01 00:20') AS s) b),
          'sessions:1 local gap=1800000000 sessions=0:3:2400000000', 'an event between two sessions makes them one');

-- Seeded events: 97 customers, in visits, some at the same time, in random order, spread over parts that overlap in time.
CREATE TABLE public.persona_visit AS
SELECT visit % 97 AS customer, start + i * (hashint4(visit) & 1023) * interval '1 second' + (i % 3) * interval '0.25 seconds' AS ts,
       hashint8(visit * 100 + i) & 15 AS part
FROM (SELECT visit, timestamptz '2015-06-01 00:00+00' + (visit::bigint * 7919 % 100003) * interval '37 minutes' AS start
      FROM generate_series(1, 8000) visit) v, generate_series(0, 9) i
WHERE hashint8(visit * 100 + i) & 3 > 0
ORDER BY hashint8(visit * 1000 + i);
CREATE TEMP TABLE by_windows AS
SELECT customer, count(*) AS sessions, sum(n)::bigint AS events, sum(seconds)::float8 AS seconds, count(*) FILTER (WHERE n = 1) AS bounces
FROM (SELECT customer, session, count(*) AS n, extract(epoch FROM max(ts) - min(ts)) AS seconds
      FROM (SELECT customer, ts, sum(begins) OVER (PARTITION BY customer ORDER BY ts) AS session
            FROM (SELECT customer, ts, (ts - lag(ts) OVER (PARTITION BY customer ORDER BY ts) <= interval '30 minutes') IS NOT TRUE AS first
                  FROM public.persona_visit) a, LATERAL (SELECT first::int AS begins) b) c
      GROUP BY customer, session) d
GROUP BY customer;
CREATE TEMP TABLE whole AS SELECT customer, persona.sessions_agg(ts) AS s FROM public.persona_visit GROUP BY customer;
SELECT results_eq($$ SELECT customer, persona.session_count(s), persona.session_events(s), persona.browsing_seconds(s),
                            persona.mean_session_seconds(s), persona.events_per_session(s), persona.bounce_rate(s) FROM whole ORDER BY 1 $$,
                  $$ SELECT customer, sessions, events, seconds, seconds / sessions, events::float8 / sessions, bounces::float8 / sessions
                     FROM by_windows ORDER BY 1 $$, 'agrees with window functions');
SELECT ok((SELECT min(sessions) > 50 AND max(bounces) > 0 AND sum(events) > 4 * sum(sessions) FROM by_windows), 'on data that has sessions of all kinds');
CREATE TEMP TABLE parts AS SELECT customer, part, persona.sessions_agg(ts) AS s FROM public.persona_visit GROUP BY 1, 2;
SELECT setseed(0.7);
SELECT is((SELECT count(*) FROM whole w JOIN (SELECT customer, persona.rollup(s ORDER BY random()) AS s FROM parts GROUP BY customer) p USING (customer, s)),
          97::bigint, 'rollup of overlapping parts in random order is one pass, byte for byte');
SELECT is((SELECT count(*) FROM whole w JOIN (SELECT customer, persona.rollup(s ORDER BY part) AS s
                                              FROM (SELECT customer, part / 4 AS part, persona.rollup(s ORDER BY random()) AS s FROM parts GROUP BY 1, 2) q
                                              GROUP BY customer) p USING (customer, s)), 97::bigint, 'rollup of rollups, too');
CREATE FUNCTION pg_temp.merged(persona.sessions[]) RETURNS persona.sessions LANGUAGE plpgsql AS $$
DECLARE
  total persona.sessions;
  s persona.sessions;
BEGIN
  FOREACH s IN ARRAY $1 LOOP
    total := persona.merge(s, total);
  END LOOP;
  RETURN total;
END $$;
SELECT is((SELECT count(*) FROM whole w JOIN (SELECT customer, pg_temp.merged(array_agg(s ORDER BY random())) AS s FROM parts GROUP BY customer) p USING (customer, s)),
          97::bigint, 'merge in random order, too');
SELECT is((SELECT persona.rollup(s ORDER BY random()) FROM parts), (SELECT persona.sessions_agg(ts) FROM public.persona_visit), 'all customers as one');
SELECT is((SELECT persona.sessions_agg(ts ORDER BY ts) FROM public.persona_visit), (SELECT persona.sessions_agg(ts ORDER BY ts DESC) FROM public.persona_visit),
          'ascending and descending');
SELECT is((SELECT count(*) FROM whole WHERE s::text::persona.sessions <> s), 0::bigint, 'text there and back');
SELECT ok((SELECT bool_and(pg_column_size(s) < 64 + 10 * persona.session_count(s)) FROM whole), 'ten bytes a session of milliseconds');

-- Windows, where the state goes on after it was read; DISTINCT, joins and keys.
SELECT is((SELECT array_agg(persona.session_count(s) ORDER BY ts) FROM (SELECT ts, persona.sessions_agg(ts) OVER (ORDER BY ts) AS s
           FROM event WHERE customer = 1 AND ts IS NOT NULL) w), '{1,1,1,1,2,3,3}'::bigint[], 'a running window');
SELECT is((SELECT count(*) FROM (SELECT DISTINCT s FROM (SELECT s FROM whole UNION ALL SELECT s FROM whole) u) d), 97::bigint, 'DISTINCT');
CREATE TEMP TABLE stored (customer int PRIMARY KEY, s persona.sessions UNIQUE);
INSERT INTO stored SELECT * FROM whole;
UPDATE stored SET s = persona.merge(stored.s, more.s) FROM (SELECT persona.sessions_agg(timestamptz '2014-01-01 00:00+00') AS s) more WHERE customer < 10;
SELECT is((SELECT sum(persona.session_count(a.s) - persona.session_count(b.s))::int FROM stored a JOIN whole b USING (customer)), 10, 'stored states updated');
SELECT is((SELECT count(*) FROM stored JOIN whole USING (customer, s)), 87::bigint, 'and the others left as they were');
SELECT is((SELECT persona.session_events(persona.rollup(s)) FROM stored), (SELECT count(*) + 10 FROM public.persona_visit), 'rollup reads stored states');
SELECT is((SELECT count(*) FROM whole JOIN stored USING (customer, s)), 87::bigint, 'and leaves them as they were');
-- An aggregate without the final function answers the working state: it is read as the stored form would be.
CREATE AGGREGATE pg_temp.working(timestamptz) (SFUNC = persona.sessions_add, STYPE = persona.sessions);
CREATE TEMP TABLE working AS SELECT customer, pg_temp.working(ts) AS s FROM public.persona_visit GROUP BY customer;
SELECT is((SELECT count(*) FROM working a JOIN whole b USING (customer) WHERE a.s::text = b.s::text AND persona.browsing_seconds(a.s) = persona.browsing_seconds(b.s)
           AND persona.sessions_send(a.s) = persona.sessions_send(b.s) AND persona.merge(a.s, b.s) = persona.merge(b.s, b.s)), 97::bigint, 'working states');
SELECT is((SELECT count(*) FROM whole JOIN (SELECT customer, persona.rollup(s) AS s FROM working GROUP BY customer) r USING (customer, s)), 97::bigint,
          'rollup makes the stored form of them');

-- Binary COPY there and back.
SELECT lives_ok(format('COPY whole TO %L (FORMAT binary)', current_setting('data_directory') || '/sessions.bin'), 'binary copy out');
CREATE TEMP TABLE copied (LIKE whole);
SELECT lives_ok(format('COPY copied FROM %L (FORMAT binary)', current_setting('data_directory') || '/sessions.bin'), 'and in');
SELECT is((SELECT count(*) FROM copied JOIN whole USING (customer, s)), 97::bigint, 'the same values');

-- Parallel plans: workers see parts of a customer that overlap in time.
ANALYZE public.persona_visit;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
CREATE FUNCTION pg_temp.plan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  line text;
  plan text := '';
BEGIN
  FOR line IN EXECUTE 'EXPLAIN ' || query LOOP
    plan := plan || line || E'\n';
  END LOOP;
  RETURN plan;
END $$;
SELECT matches(pg_temp.plan('SELECT customer, persona.sessions_agg(ts) FROM public.persona_visit GROUP BY customer'), 'Partial', 'a parallel plan');
SELECT is((SELECT count(*) FROM whole w JOIN (SELECT customer, persona.sessions_agg(ts) AS s FROM public.persona_visit GROUP BY customer) p USING (customer, s)),
          97::bigint, 'parallel workers give the same bytes');

SELECT * FROM finish();
ROLLBACK;
