-- persona.activity: what each aggregate and accessor answers, how parts merge, what is refused, and that states
-- survive storing, sorting, hashing, windows and parallel plans.
BEGIN;
SELECT plan(72);
SET LOCAL search_path = public, persona;  -- the operators of the type, where is() compares
SET LOCAL TimeZone = 'America/New_York';

CREATE TEMP TABLE event (customer int, ts timestamptz, amount float8);
-- Customer 1: Saturday, Monday (twice) and Sunday in 2022, UTC; customer 2: one event; customer 3: no time.
INSERT INTO event VALUES
  (1, '2022-01-01 09:15+00', 10), (1, '2022-01-03 09:45+00', 20), (1, '2022-01-03 23:59:59.999999+00', NULL),
  (1, '2022-01-09 00:00+00', 60), (2, '2022-05-05 05:05+00', 5), (3, NULL, 7);
CREATE TEMP TABLE state AS SELECT customer, persona.activity_agg(ts, amount) AS a FROM event GROUP BY customer;

SELECT is((SELECT persona.events(a) FROM state WHERE customer = 1), 4::bigint, 'events');
SELECT is((SELECT persona.active_days(a) FROM state WHERE customer = 1), 3::bigint, 'active days');
SELECT is((SELECT persona.first_at(a) FROM state WHERE customer = 1), '2022-01-01 09:15+00'::timestamptz, 'first');
SELECT is((SELECT persona.last_at(a) FROM state WHERE customer = 1), '2022-01-09 00:00+00'::timestamptz, 'last');
SELECT is((SELECT persona.total_amount(a) FROM state WHERE customer = 1), 90::float8, 'total');
SELECT is((SELECT persona.mean_amount(a) FROM state WHERE customer = 1), 30::float8,
          'mean over the events with an amount');
-- (20^2 + 10^2 + 30^2) / 2 = 700
SELECT is((SELECT persona.stddev_amount(a) FROM state WHERE customer = 1), sqrt(700::float8), 'sample deviation');
SELECT is((SELECT persona.recency_days(a, timestamptz '2022-01-19 12:00+00') FROM state WHERE customer = 1),
          10.5::float8, 'recency');
SELECT is((SELECT persona.tenure_days(a, timestamptz '2022-01-11 09:15+00') FROM state WHERE customer = 1),
          10::float8, 'tenure');
SELECT is((SELECT persona.frequency(a, timestamptz '2022-01-11 09:15+00', 30) FROM state WHERE customer = 1),
          12::float8, 'frequency: 4 events in 10 days is 12 in 30');
SELECT is((SELECT persona.frequency(a, timestamptz '2022-05-05 06:00+00', 7) FROM state WHERE customer = 2),
          7::float8, 'frequency: a tenure under a day is a day');
SELECT is((SELECT round(persona.mean_gap_days(a)::numeric, 9) FROM state WHERE customer = 1),
          round((extract(epoch FROM timestamptz '2022-01-09 00:00+00' - '2022-01-01 09:15+00') / 86400 / 3)::numeric, 9),
          'mean gap');
SELECT is((SELECT persona.hour_profile(a) FROM state WHERE customer = 1),
          '{1,0,0,0,0,0,0,0,0,2,0,0,0,0,0,0,0,0,0,0,0,0,0,1}'::bigint[], 'hours, UTC whatever TimeZone is');
SELECT is((SELECT persona.weekday_profile(a) FROM state WHERE customer = 1), '{2,0,0,0,0,1,1}'::bigint[],
          'weekdays from Monday');
SELECT is((SELECT persona.mean_gap_days(a) FROM state WHERE customer = 2), NULL, 'no gap for one event');
SELECT is((SELECT persona.stddev_amount(a) FROM state WHERE customer = 2), NULL, 'no deviation of one amount');
SELECT is((SELECT a FROM state WHERE customer = 3), NULL, 'only rows without a time: NULL');
SELECT is((SELECT persona.activity_agg(ts) FROM event WHERE false), NULL, 'no rows: NULL');
SELECT is((SELECT persona.total_amount(persona.activity_agg(ts)) FROM event), NULL, 'no amounts: no total');
SELECT is((SELECT persona.mean_amount(persona.activity_agg(ts, NULL)) FROM event), NULL, 'no amounts: no mean');
SELECT is(persona.events(NULL::persona.activity), NULL, 'an accessor of NULL is NULL');

-- Local times and dates.
SELECT is((SELECT persona.first_at_local(persona.activity_agg(d)) FROM (VALUES (date '2022-07-14'), ('2022-07-20')) v(d)),
          timestamp '2022-07-14 00:00', 'a date is its midnight, by no time zone');
SELECT is((SELECT persona.hour_profile(persona.activity_agg(d)) FROM (VALUES (date '2022-07-14')) v(d)),
          '{1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}'::bigint[], 'dates count at midnight');
SELECT is((SELECT persona.weekday_profile(persona.activity_agg(d, 5)) FROM (VALUES (date '2022-07-14')) v(d)),
          '{0,0,0,1,0,0,0}'::bigint[], 'a Thursday stays a Thursday');
SELECT is((SELECT persona.last_at_local(persona.activity_agg(t)) FROM (VALUES (timestamp '2022-07-14 23:30')) v(t)),
          timestamp '2022-07-14 23:30', 'a local time is itself');
SELECT is((SELECT persona.recency_days(persona.activity_agg(d), date '2022-07-24') FROM (VALUES (date '2022-07-14')) v(d)),
          10::float8, 'recency as of a date');
SELECT is((SELECT persona.tenure_days(persona.activity_agg(d, 1), timestamp '2022-07-24 12:00')
           FROM (VALUES (date '2022-07-14')) v(d)), 10.5::float8, 'tenure as of a local time');
SELECT is((SELECT persona.frequency(persona.activity_agg(d), date '2022-07-24', 365) FROM (VALUES (date '2022-07-14')) v(d)),
          36.5::float8, 'frequency as of a date');
SELECT is((SELECT persona.weekday_profile(persona.activity_agg(d)) FROM (VALUES (date '1900-01-01')) v(d)),
          '{1,0,0,0,0,0,0}'::bigint[], '1900-01-01 was a Monday');
SELECT is((SELECT persona.first_at_local(persona.activity_agg(d)) FROM (VALUES (date '2020-01-01'), ('0044-03-15 BC')) v(d)),
          timestamp '0044-03-15 00:00 BC', 'a date before Christ');
SELECT ok((SELECT bool_and(persona.first_at_local(s) = t AND persona.last_at_local(s) = t)
           FROM (SELECT t, persona.activity_agg(t) AS s
                 FROM unnest('{4714-11-24 BC,294276-12-31 23:59:59.999999,1999-12-31 23:59:59.999999}'::timestamp[]) t
                 GROUP BY t) q), 'the ends of time');

-- Mixing the clocks.
SELECT throws_ok($$ SELECT persona.first_at(persona.activity_agg(date '2022-01-01')) $$, '22000',
                 'activity of local times has no instants', 'first_at of a local state');
SELECT throws_ok($$ SELECT persona.last_at(persona.activity_agg(date '2022-01-01')) $$, '22000', NULL, 'last_at of one');
SELECT throws_ok($$ SELECT persona.first_at_local(persona.activity_agg(now())) $$, '22000',
                 'activity of UTC times has no local times', 'first_at_local of a UTC state');
SELECT throws_ok($$ SELECT persona.last_at_local(persona.activity_agg(now())) $$, '22000', NULL, 'last_at_local of one');
SELECT throws_ok($$ SELECT persona.recency_days(persona.activity_agg(date '2022-01-01'), now()) $$, '22000', NULL,
                 'an instant as of a local state');
SELECT throws_ok($$ SELECT persona.tenure_days(persona.activity_agg(now()), date '2022-01-01') $$, '22000', NULL,
                 'a date as of a UTC state');
SELECT throws_ok($$ SELECT persona.frequency(persona.activity_agg(now()), localtimestamp, 30) $$, '22000', NULL,
                 'a local time as of a UTC state');
SELECT throws_ok($$ SELECT persona.merge(persona.activity_agg(now()), persona.activity_agg(date '2022-01-01')) $$,
                 '22000', 'cannot merge an activity of UTC times with one of local times', 'merging them');

-- Bad input.
SELECT throws_ok($$ SELECT persona.activity_agg(timestamptz 'infinity') $$, '22008',
                 'event time is infinite or out of range', 'an infinite time');
SELECT throws_ok($$ SELECT persona.activity_agg(timestamp '-infinity', 1) $$, '22008', NULL, 'an infinite local time');
SELECT throws_ok($$ SELECT persona.activity_agg(date 'infinity') $$, '22008', NULL, 'an infinite date');
SELECT throws_ok($$ SELECT persona.activity_agg(date '400000-01-01') $$, '22008', NULL, 'a date beyond timestamps');
SELECT throws_ok($$ SELECT persona.activity_agg(now(), 'NaN') $$, '22003', 'amount is NaN or infinite', 'NaN');
SELECT throws_ok($$ SELECT persona.activity_agg(now(), '-Infinity') $$, '22003', NULL, 'an infinite amount');
SELECT throws_ok($$ SELECT persona.activity_agg(now(), x) FROM (VALUES (1e308::float8), (1e308)) v(x) $$, '22003',
                 'value out of range: overflow', 'an infinite total');
SELECT throws_ok($$ SELECT persona.recency_days(persona.activity_agg(now()), timestamptz 'infinity') $$, '22008', NULL,
                 'as of infinity');
SELECT throws_ok($$ SELECT persona.frequency(persona.activity_agg(now()), now(), 0) $$, '22023', NULL, 'per 0 days');
SELECT throws_ok($$ SELECT persona.frequency(persona.activity_agg(now()), now(), 'NaN') $$, '22023', NULL, 'per NaN days');
SELECT lives_ok($$ SELECT persona.activity_agg(t) FILTER (WHERE isfinite(t))
                   FROM (VALUES (timestamptz 'infinity')) v(t) $$, 'the filter the hint names');
SELECT throws_ok($$ SELECT ''::persona.activity $$, '22P02', 'invalid input syntax for type persona.activity', 'no text');
SELECT throws_ok($$ SELECT replace(persona.activity_agg(now())::text, 'events=1', 'events=2')::persona.activity $$,
                 '22P02', NULL, 'a forged text');
SELECT throws_ok($$ SELECT persona.activity_add(a, now()) FROM state WHERE customer = 1 $$, 'XX000', NULL,
                 'a transition function outside an aggregate');
SELECT throws_ok($$ SELECT persona.activity_combine(a, a) FROM state WHERE customer = 1 $$, 'XX000', NULL,
                 'a combine function outside an aggregate');

-- Merging.
CREATE TEMP TABLE daily AS
SELECT customer, date_trunc('day', ts, 'UTC') AS day, persona.activity_agg(ts, amount) AS a FROM event GROUP BY 1, 2;
SELECT is((SELECT persona.rollup(a) FROM daily WHERE customer = 1), (SELECT a FROM state WHERE customer = 1),
          'rollup of the days is the whole');
SELECT is((SELECT persona.merge(s.a, s.a) = persona.rollup(q.a) FROM state s, LATERAL (VALUES (s.a), (s.a)) q(a)
           WHERE customer = 1 GROUP BY s.a), true, 'merge is a rollup of two');
SELECT is((SELECT persona.merge(a, NULL) FROM state WHERE customer = 1), (SELECT a FROM state WHERE customer = 1),
          'NULL is no events');
SELECT is((SELECT persona.merge(NULL, a) FROM state WHERE customer = 1), (SELECT a FROM state WHERE customer = 1),
          'on either side');
SELECT is(persona.merge(NULL::persona.activity, NULL), NULL, 'and both');
SELECT is((SELECT a::text FROM state WHERE customer = 1),
          'activity:1 utc events=4 first=694343700000000 last=695001600000000 amounts=3 total=90 m2=1400 '
          'hours=0:1,9:2,23:1 weekdays=1:2,6:1,7:1 days=125:105000000000', 'the text form');

-- Storing, comparing, windows, parallel plans.
SELECT is((SELECT count(*) FROM (SELECT DISTINCT a FROM (SELECT a FROM state UNION ALL SELECT a FROM state) u) d), 3::bigint,
          'DISTINCT');
SELECT is((SELECT count(*) FROM state x JOIN state y USING (a)), 2::bigint, 'a join on states');
SELECT is((SELECT array_agg(persona.events(a) ORDER BY ts) FROM (SELECT ts, persona.activity_agg(ts, amount) OVER (ORDER BY ts) AS a
           FROM event WHERE customer = 1) w), '{1,2,3,4}'::bigint[], 'a running window');
CREATE TEMP TABLE stored (id int PRIMARY KEY, a persona.activity UNIQUE);
INSERT INTO stored SELECT customer, a FROM state WHERE customer < 3;
UPDATE stored SET a = persona.merge(stored.a, daily.a) FROM daily WHERE daily.customer = 2 AND id = 2;
SELECT is((SELECT persona.events(a) FROM stored WHERE id = 2), 2::bigint, 'a stored state updated');
SELECT is((SELECT persona.events(persona.rollup(a)) FROM stored), 6::bigint, 'rollup reads stored states');
SELECT is((SELECT persona.events(a) FROM stored WHERE id = 1), 4::bigint, 'and leaves them as they were');

CREATE TEMP TABLE many AS
SELECT i % 97 AS customer, timestamptz '2015-06-01 00:00+00' + (i * 7919 % 100003) * interval '37 minutes' AS ts, (i % 1000)::float8 AS amount
FROM generate_series(1, 30000) i;
SELECT is((SELECT count(*) FROM (
             SELECT customer, persona.activity_agg(ts, amount) AS a, count(*) AS n, count(DISTINCT (ts AT TIME ZONE 'UTC')::date) AS days,
                    min(ts) AS first, max(ts) AS last, sum(amount) AS total
             FROM many GROUP BY customer) q
           WHERE (persona.events(a), persona.active_days(a), persona.first_at(a), persona.last_at(a), persona.total_amount(a))
                 = (n, days, first, last, total)), 97::bigint, 'agrees with the built-in aggregates');
SELECT is((SELECT count(*) FROM (SELECT customer, persona.activity_agg(ts, amount) AS a FROM many GROUP BY customer) whole
           JOIN (SELECT customer, persona.rollup(a) AS a
                 FROM (SELECT customer, ts::date AS day, persona.activity_agg(ts, amount) AS a FROM many GROUP BY 1, 2) d
                 GROUP BY customer) parts USING (customer)
           WHERE persona.hour_profile(whole.a) = persona.hour_profile(parts.a)
             AND persona.weekday_profile(whole.a) = persona.weekday_profile(parts.a)
             AND persona.active_days(whole.a) = persona.active_days(parts.a)
             AND abs(persona.stddev_amount(whole.a) - persona.stddev_amount(parts.a)) < 1e-13 * persona.stddev_amount(whole.a)),
          97::bigint, 'rollup of daily states is one pass');
SELECT is((SELECT count(*) FROM (SELECT persona.activity_agg(ts, amount) AS a FROM many GROUP BY customer) q
           WHERE a::text::persona.activity <> a), 0::bigint, 'text there and back');
SELECT ok((SELECT max(pg_column_size(a)) < 800 FROM (SELECT persona.activity_agg(ts, amount) AS a FROM many GROUP BY customer) q),
          'seven years in under 800 bytes');
CREATE TABLE public.persona_parallel AS SELECT * FROM many;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
SELECT is((SELECT persona.events(persona.activity_agg(ts, amount)) FROM public.persona_parallel), 30000::bigint,
          'parallel workers add up');
SELECT is((SELECT persona.hour_profile(persona.activity_agg(ts, amount)) FROM public.persona_parallel),
          (SELECT persona.hour_profile(persona.activity_agg(ts, amount)) FROM many), 'to the same profile');

SELECT * FROM finish();
ROLLBACK;
