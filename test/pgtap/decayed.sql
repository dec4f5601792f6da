-- persona.decayed: the formula against plain SQL, that any partition agrees, times before the last event, what is refused.
BEGIN;
SELECT plan(63);
SET LOCAL search_path = public, persona;  -- the operators of the type, where is() compares
SET LOCAL TimeZone = 'America/New_York';

CREATE TEMP TABLE event (customer int, ts timestamptz, amount float8);
INSERT INTO event VALUES
  (1, '2024-01-01 00:00+00', 100), (1, '2024-01-15 00:00+00', 40), (1, '2024-01-08 00:00+00', -8), (1, NULL, 1), (1, '2024-01-20 00:00+00', NULL),
  (2, '2024-01-01 12:00+00', 100), (3, NULL, 7);
CREATE TEMP TABLE state AS SELECT customer, persona.decayed_agg(ts, amount, '7 days') AS d FROM event GROUP BY customer;

-- By hand: 100 / 4 - 8 / 2 + 40 = 61 on the 15th, of the weights 1/4 + 1/2 + 1.
SELECT is((SELECT persona.decayed_total(d, timestamptz '2024-01-15 00:00+00') FROM state WHERE customer = 1), 61::float8, 'total at the last event');
SELECT is((SELECT persona.decayed_total(d, timestamptz '2024-01-29 00:00+00') FROM state WHERE customer = 1), 15.25::float8, 'two half-lives later');
SELECT is((SELECT persona.decayed_total(d, timestamptz '2024-01-01 00:00+00') FROM state WHERE customer = 1), 244::float8, 'before the last: by the formula');
SELECT is((SELECT persona.decayed_count(d, timestamptz '2024-01-15 00:00+00') FROM state WHERE customer = 1), 1.75::float8, 'count');
SELECT is((SELECT persona.decayed_count(d, timestamptz '2024-01-22 00:00+00') FROM state WHERE customer = 1), 0.875::float8, 'count a half-life later');
SELECT is((SELECT persona.decayed_mean(d) FROM state WHERE customer = 1), 61 / 1.75::float8, 'mean, the same as of any time');
SELECT is((SELECT persona.last_at(d) FROM state WHERE customer = 1), '2024-01-15 00:00+00'::timestamptz, 'a row without an amount is left out');
SELECT is((SELECT persona.half_life(d) FROM state WHERE customer = 1), interval '7 days', 'half-life');
SELECT is((SELECT persona.decayed_total(d, timestamptz '2024-01-01 12:00+00' + i * interval '7 days') FROM state WHERE customer = 2), 100 / 2::float8 ^ i,
          i || ' half-lives after noon') FROM generate_series(0, 4) i;
SELECT is((SELECT d FROM state WHERE customer = 3), NULL, 'only rows without a time: NULL');
SELECT is((SELECT persona.decayed_agg(ts, amount, '7 days') FROM event WHERE false), NULL, 'no rows: NULL');
SELECT is(persona.decayed_mean(NULL::persona.decayed), NULL, 'an accessor of NULL is NULL');
SELECT is((SELECT persona.decayed_agg(timestamptz '2000-01-08 00:00+00', 2.5, '7 days')::text), 'decayed:1 utc half_life=604800000000 last=604800000000 total=2.5 weight=1', 'the text form');

-- Local times and dates.
SELECT is(persona.decayed_total(persona.decayed_agg(date '2024-03-09', 8, '1 day'), date '2024-03-12'), 1::float8, 'dates, over a change of the clock');
SELECT is(persona.decayed_total(persona.decayed_agg(date '2024-03-09', 8, '1 day'), timestamp '2024-03-11 00:00'), 2::float8, 'a date as of a local time');
SELECT is(persona.decayed_total(persona.decayed_agg(timestamp '2024-03-09 06:00', 8, '12 hours'), timestamp '2024-03-09 18:00'), 4::float8, 'local times');
SELECT is(persona.decayed_count(persona.decayed_agg(timestamp '2024-03-09 00:00', 8, '1 day'), date '2024-03-10'), 0.5::float8, 'count as of a date');
SELECT is(persona.decayed_count(persona.decayed_agg(date '2024-03-09', 8, '1 day'), timestamp '2024-03-10 00:00'), 0.5::float8, 'count as of a local time');
SELECT is(persona.last_at_local(persona.decayed_agg(date '2024-03-09', 8, '1 day')), timestamp '2024-03-09 00:00', 'the last event, local');
SELECT is(persona.half_life(persona.decayed_agg(date '2024-03-09', 8, '36 hours')), interval '1 day 12 hours', 'a half-life of days and hours');
SELECT throws_ok($$ SELECT persona.last_at(persona.decayed_agg(date '2024-01-01', 1, '1 day')) $$, '22000', 'decayed total of local times has no instants', 'the instant of a local one');
SELECT throws_ok($$ SELECT persona.last_at_local(d) FROM state $$, '22000', 'decayed total of UTC times has no local times', 'the local time of an instant');
SELECT throws_ok($$ SELECT persona.decayed_total(persona.decayed_agg(date '2024-01-01', 1, '1 day'), now()) $$, '22000', NULL, 'an instant as of a local one');
SELECT throws_ok($$ SELECT persona.decayed_total(d, date '2024-01-01') FROM state $$, '22000', NULL, 'a date as of a UTC one');
SELECT throws_ok($$ SELECT persona.decayed_count(d, localtimestamp) FROM state $$, '22000', NULL, 'a local time as of a UTC one');

-- Bad input.
SELECT throws_ok($$ SELECT persona.decayed_agg(timestamptz 'infinity', 1, '1 day') $$, '22008', 'event time is infinite or out of range', 'an infinite time');
SELECT throws_ok($$ SELECT persona.decayed_total(d, timestamptz '-infinity') FROM state $$, '22008', 'as_of is infinite or out of range', 'as of infinity');
SELECT throws_ok($$ SELECT persona.decayed_agg(now(), 'NaN', '1 day') $$, '22003', 'amount is NaN or infinite', 'NaN');
SELECT throws_ok($$ SELECT persona.decayed_agg(now(), 1, NULL) $$, '22004', 'half_life must not be null', 'no half-life');
SELECT throws_ok($$ SELECT persona.decayed_agg(now(), 1, '1 month') $$, '22023', 'half_life must not contain months', 'months');
SELECT throws_ok(format('SELECT persona.decayed_agg(now(), 1, %L)', h), '22023', 'half_life must be from 1 microsecond to 100,000 days', h)
FROM unnest('{0,-1 day,100001 days,2147483647 days,-2147483648 days}'::text[]) h;
SELECT throws_ok($$ SELECT persona.decayed_agg(now(), 1, i * interval '1 day') FROM generate_series(7, 8) i $$, '22023',
                 'cannot put together decayed totals with half-lives of 7 days and 8 days', 'a half-life that changes');
SELECT throws_ok($$ SELECT persona.decayed_agg(now(), x, '1 day') FROM (VALUES (1.7e308::float8), (1.7e308)) v(x) $$, '22003', 'value out of range: overflow', 'an infinite total');
SELECT throws_ok($$ SELECT persona.decayed_total(persona.decayed_agg(timestamptz '2024-01-01', 1, '1 second'), timestamptz '2023-01-01') $$, '22003',
                 'value out of range: overflow', 'a year of seconds before the last event');
SELECT is(persona.decayed_total(persona.decayed_agg(timestamptz '2004-01-01', 1, '1 second'), timestamptz '2024-01-01'), 0::float8, 'twenty years of seconds after it');

-- Merging.
SELECT is((SELECT persona.merge(d, NULL) FROM state WHERE customer = 1), (SELECT d FROM state WHERE customer = 1), 'NULL is no events');
SELECT is((SELECT persona.merge(NULL, d) FROM state WHERE customer = 1), (SELECT d FROM state WHERE customer = 1), 'on either side');
SELECT is((SELECT persona.decayed_total(persona.merge(a.d, b.d), timestamptz '2024-01-15 12:00+00') FROM state a, state b WHERE a.customer = 1 AND b.customer = 2),
          61 * 2::float8 ^ (-0.5 / 7) + 25, 'totals add up');
SELECT is((SELECT persona.merge(a.d, b.d) = persona.merge(b.d, a.d) FROM state a, state b WHERE a.customer = 1 AND b.customer = 2), true, 'the same whichever is first');
SELECT throws_ok($$ SELECT persona.merge(d, persona.decayed_agg(localtimestamp, 1, '7 days')) FROM state GROUP BY d $$, '22000',
                 'cannot merge a decayed total of UTC times with one of local times', 'two clocks');
SELECT throws_ok($$ SELECT persona.merge(d, persona.decayed_agg(now(), 1, '14 days')) FROM state GROUP BY d $$, '22023',
                 'cannot put together decayed totals with half-lives of 7 days and 14 days', 'two half-lives');
SELECT throws_ok($$ SELECT persona.decayed_add(d, now(), 1, '7 days') FROM state $$, 'XX000', NULL, 'a transition function outside an aggregate');
SELECT throws_ok($$ SELECT persona.decayed_combine(d, d) FROM state $$, 'XX000', NULL, 'a combine function outside one');

-- Against plain SQL.
CREATE TABLE public.persona_many AS
SELECT i % 97 AS customer, timestamptz '2015-06-01 00:00+00' + (i * 7919 % 100003) * interval '37 minutes' AS ts, sin(i) * (i % 1000) AS amount FROM generate_series(1, 30000) i;
CREATE FUNCTION pg_temp.agrees(d persona.decayed, total float8, size float8, count float8) RETURNS boolean LANGUAGE sql AS $$
  SELECT abs(persona.decayed_total(d, timestamptz '2023-01-01 00:00+00') - total) <= 1e-13 * size
     AND abs(persona.decayed_count(d, timestamptz '2023-01-01 00:00+00') - count) <= 1e-13 * count
     AND abs(persona.decayed_mean(d) - total / count) <= 1e-13 * size / count
$$;
CREATE TEMP TABLE expected AS
SELECT customer, sum(amount * weight) AS total, sum(abs(amount) * weight) AS size, sum(weight) AS count
FROM (SELECT *, power(0.5::float8, extract(epoch FROM timestamptz '2023-01-01 00:00+00' - ts)::float8 / (30 * 86400)) AS weight FROM persona_many) w GROUP BY customer;
CREATE TEMP TABLE whole AS SELECT customer, persona.decayed_agg(ts, amount, '30 days') AS d FROM persona_many GROUP BY customer;
SELECT is((SELECT count(*) FROM expected e JOIN whole USING (customer) WHERE pg_temp.agrees(d, total, size, count)), 97::bigint, 'sum(amount * power(0.5, ...))');
SELECT is((SELECT count(*) FROM expected e JOIN (
             SELECT customer, persona.rollup(d) AS d FROM (SELECT customer, ts::date, persona.decayed_agg(ts, amount, '30 days') AS d FROM persona_many GROUP BY 1, 2) s GROUP BY customer) q USING (customer)
           WHERE pg_temp.agrees(d, total, size, count)), 97::bigint, 'rollup of days');
SELECT is((SELECT count(*) FROM whole WHERE d::text::persona.decayed <> d), 0::bigint, 'text there and back');
SELECT is((SELECT count(*) FROM (SELECT DISTINCT d FROM (SELECT d FROM whole UNION ALL SELECT d FROM whole) u) d), 97::bigint, 'DISTINCT');
SELECT is((SELECT pg_column_size(persona.decayed_agg(ts, amount, '30 days')) FROM persona_many), 64, 'always 64 bytes');
SELECT is((SELECT array_agg(persona.decayed_total(d, date '2000-01-03') ORDER BY i) FROM (SELECT i, persona.decayed_agg(date '2000-01-01' + i, 8, '1 day') OVER (ORDER BY i) AS d
           FROM generate_series(0, 2) i) w), '{2,6,14}'::float8[], 'a running window');
CREATE FUNCTION pg_temp.copied() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE file text := current_setting('data_directory') || '/persona_decayed.copy';
BEGIN
  EXECUTE format('COPY (SELECT * FROM whole) TO %L (FORMAT binary)', file);
  CREATE TEMP TABLE copied (LIKE whole);
  EXECUTE format('COPY copied FROM %L (FORMAT binary)', file);
  RETURN (SELECT count(*) FROM copied c JOIN whole w USING (customer) WHERE c.d = w.d);
END $$;
SELECT is(pg_temp.copied(), 97::bigint, 'COPY BINARY there and back');
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
ANALYZE public.persona_many;
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; plan text := '';
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || query LOOP plan := plan || line || E'\n'; END LOOP;
  RETURN plan;
END $$;
SELECT matches(pg_temp.plan_of($$ SELECT persona.decayed_agg(ts, amount, '30 days') FROM public.persona_many $$), 'Partial Aggregate', 'the plan is parallel');
SELECT ok((SELECT pg_temp.agrees(persona.decayed_agg(ts, amount, '30 days'), (SELECT sum(total) FROM expected), (SELECT sum(size) FROM expected), (SELECT sum(count) FROM expected))
           FROM public.persona_many), 'parallel workers add up');

-- Forgeries.
SELECT throws_ok(format('SELECT %L::persona.decayed', form), '22P02', 'invalid input syntax for type persona.decayed', form)
FROM (VALUES (''), ('decayed:1 utc half_life=0 last=0 total=1 weight=1'), ('decayed:1 utc half_life=1 last=0 total=1 weight=0.5')) v(form);

SELECT * FROM finish();
ROLLBACK;
