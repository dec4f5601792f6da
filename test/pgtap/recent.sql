-- persona.recent: the order and the ties, what each accessor answers, that any partition gives the same bytes and the same
-- as ORDER BY ... LIMIT k, and what is refused.
BEGIN;
SELECT plan(61);
SET LOCAL search_path = public, persona;  -- the operators of the type, where is() compares
SET LOCAL TimeZone = 'America/New_York';

CREATE TEMP TABLE event (customer int, ts timestamptz, item text);
INSERT INTO event VALUES
  (1, '2024-01-01 00:00+00', 'tea'), (1, '2024-01-03 00:00+00', 'jam'), (1, '2024-01-03 00:00+00', 'bun'), (1, '2024-01-02 00:00+00', 'tea'),
  (2, '2024-02-01 00:00+00', 'mug'), (3, NULL, 'mug'), (3, '2024-02-01 00:00+00', NULL);
CREATE TEMP TABLE state AS SELECT customer, persona.recent_agg(ts, item, 3) AS r FROM event GROUP BY customer;

SELECT is((SELECT persona.items(r) FROM state WHERE customer = 1), '{bun,jam,tea}'::text[], 'newest first, ties by their bytes');
SELECT is((SELECT persona.item_times(r) FROM state WHERE customer = 1),
          '{2024-01-03 00:00+00,2024-01-03 00:00+00,2024-01-02 00:00+00}'::timestamptz[], 'their times');
SELECT is((SELECT persona.last_item(r) FROM state WHERE customer = 1), 'bun', 'the last');
SELECT is((SELECT persona.recent_count(r) FROM state WHERE customer = 1), 3, 'three of four');
SELECT is((SELECT persona.recent_count(r) FROM state WHERE customer = 2), 1, 'one of one');
SELECT is((SELECT persona.recent_k(r) FROM state WHERE customer = 2), 3, 'of at most three');
SELECT is((SELECT r FROM state WHERE customer = 3), NULL, 'rows without a time or an item are left out: NULL');
SELECT is((SELECT persona.recent_agg(ts, item, 3) FROM event WHERE false), NULL, 'no rows: NULL');
SELECT is(persona.items(NULL::persona.recent), NULL, 'an accessor of NULL is NULL');
SELECT is((SELECT r::text FROM state WHERE customer = 1),
          'recent:1 utc text k=3 events=757555200000000:"bun",757555200000000:"jam",757468800000000:"tea"', 'the text form');
SELECT is((SELECT persona.items(persona.recent_agg(ts, item, 5)) FROM (VALUES (timestamptz '2024-01-01', 'a'), ('2024-01-01', 'a'), ('2024-01-01', 'a')) v(ts, item)),
          '{a,a,a}'::text[], 'equal events are events of their own');

-- Bigint items.
CREATE TEMP TABLE numbered AS
SELECT persona.recent_agg(ts, item, 3) AS r FROM (VALUES (timestamptz '2024-01-01', 10::bigint), ('2024-01-02', 10), ('2024-01-02', 9), ('2024-01-02', -5)) v(ts, item);
SELECT is((SELECT persona.items_bigint(r) FROM numbered), '{-5,9,10}'::bigint[], 'ties in the order of numbers');
SELECT is((SELECT persona.items(r) FROM numbered), '{-5,9,10}'::text[], 'as texts too');
SELECT is((SELECT persona.last_item(r) FROM numbered), '-5', 'and the last');
SELECT is((SELECT persona.items_bigint(persona.recent_agg(now(), i, 100)) FROM unnest('{9223372036854775807,-9223372036854775808}'::bigint[]) i),
          '{-9223372036854775808,9223372036854775807}'::bigint[], 'the ends of bigint');
SELECT is((SELECT persona.items(persona.recent_agg(now(), i, 2)) FROM generate_series(1, 3) i), '{1,2}'::text[], 'an integer item is a bigint');
SELECT throws_ok($$ SELECT persona.items_bigint(r) FROM state $$, '22000', 'recent items that are texts are no bigints', 'bigints of texts');

-- Local times and dates.
SELECT is((SELECT persona.item_times_local(persona.recent_agg(d, 'x', 2)) FROM (VALUES (date '2024-01-01'), ('2024-01-03'), ('2024-01-02')) v(d)),
          '{2024-01-03 00:00,2024-01-02 00:00}'::timestamp[], 'a date is its midnight');
SELECT is((SELECT persona.item_times_local(persona.recent_agg(t, 7, 2)) FROM (VALUES (timestamp '2024-01-01 23:30')) v(t)),
          '{2024-01-01 23:30}'::timestamp[], 'a local time is itself');
SELECT is((SELECT persona.items(persona.recent_agg(t, 'x', 2)) FROM (VALUES (timestamp '2024-01-01 23:30')) v(t)), '{x}'::text[], 'with a text');
SELECT is((SELECT persona.items(persona.recent_agg(d, 7, 2)) FROM (VALUES (date '2024-01-01')) v(d)), '{7}'::text[], 'a date with a bigint');
SELECT throws_ok($$ SELECT persona.item_times(persona.recent_agg(date '2024-01-01', 'x', 2)) $$, '22000', 'recent items of local times have no instants', 'instants of local times');
SELECT throws_ok($$ SELECT persona.item_times_local(persona.recent_agg(now(), 'x', 2)) $$, '22000', 'recent items of UTC times have no local times', 'local times of instants');

-- Bad input.
SELECT throws_ok($$ SELECT persona.recent_agg(timestamptz 'infinity', 'x', 3) $$, '22008', 'event time is infinite or out of range', 'an infinite time');
SELECT throws_ok($$ SELECT persona.recent_agg(date '-infinity', 'x', 3) $$, '22008', NULL, 'an infinite date');
SELECT throws_ok(format('SELECT persona.recent_agg(now(), ''x'', %s)', k), '22023', 'k must be from 1 to 100', 'k = ' || k) FROM unnest('{0,-1,101}'::int[]) k;
SELECT throws_ok($$ SELECT persona.recent_agg(now(), 'x', NULL) $$, '22004', 'k must not be null', 'no k');
SELECT throws_ok($$ SELECT persona.recent_agg(now(), 'x', i) FROM generate_series(1, 2) i $$, '22023',
                 'cannot put the last 1 items together with the last 2', 'k that changes');
SELECT lives_ok($$ SELECT persona.recent_agg(now(), repeat('x', 10), 100) $$, 'the longest item of a hundred');
SELECT throws_ok($$ SELECT persona.recent_agg(now(), repeat('x', 11), 100) $$, '22001', 'item of 11 bytes is too long', 'a longer one');
SELECT throws_ok($$ SELECT persona.recent_agg(ts, item, 100) FROM (VALUES (timestamptz '2024-01-02', 'x'), ('2024-01-01', repeat('x', 11))) v(ts, item) $$, '22001', NULL,
                 'whether or not it would be kept');
SELECT throws_ok($$ SELECT persona.recent_agg(now(), repeat('x', 100000), 1) $$, '22001', NULL, 'a compressed one');
SELECT throws_ok($$ SELECT persona.recent_agg(now(), repeat('é', 128), 1) $$, '22001', 'item of 256 bytes is too long', 'bytes, not characters');

-- Merging.
SELECT is((SELECT persona.merge(r, NULL) FROM state WHERE customer = 1), (SELECT r FROM state WHERE customer = 1), 'NULL is no events');
SELECT is((SELECT persona.merge(NULL, r) FROM state WHERE customer = 1), (SELECT r FROM state WHERE customer = 1), 'on either side');
SELECT is(persona.merge(NULL::persona.recent, NULL), NULL, 'and both');
SELECT is((SELECT persona.items(persona.merge(a.r, b.r)) FROM state a, state b WHERE a.customer = 1 AND b.customer = 2), '{mug,bun,jam}'::text[], 'the last of both');
SELECT throws_ok($$ SELECT persona.merge(persona.recent_agg(now(), 'x', 3), persona.recent_agg(localtimestamp, 'x', 3)) $$, '22000',
                 'cannot merge recent items of UTC times with those of local times', 'two clocks');
SELECT throws_ok($$ SELECT persona.merge(persona.recent_agg(now(), 'x', 3), persona.recent_agg(now(), 1, 3)) $$, '22000',
                 'cannot merge recent items that are texts with those that are bigints', 'two types of item');
SELECT throws_ok($$ SELECT persona.merge(persona.recent_agg(now(), 'x', 3), persona.recent_agg(now(), 'x', 4)) $$, '22023',
                 'cannot put the last 3 items together with the last 4', 'two k');
SELECT throws_ok($$ SELECT persona.rollup(r) FROM (SELECT persona.recent_agg(now(), 'x', i) AS r FROM generate_series(3, 4) i GROUP BY i) q $$, '22023', NULL, 'in rollup');
SELECT throws_ok($$ SELECT persona.recent_add(r, now(), 'x', 3) FROM state WHERE customer = 1 $$, 'XX000', NULL, 'a transition function outside an aggregate');
SELECT throws_ok($$ SELECT persona.recent_combine(r, r) FROM state WHERE customer = 1 $$, 'XX000', NULL, 'a combine function outside one');
-- An aggregate of another's making may begin with any state.
CREATE AGGREGATE pg_temp.odd_start(timestamptz, bigint, integer) (SFUNC = persona.recent_add, STYPE = persona.recent, INITCOND = 'recent:1 utc text k=3 events=5:"a"');
SELECT throws_ok($$ SELECT pg_temp.odd_start(now(), 1::bigint, 3) $$, '22000', NULL, 'a state of another type of item');

-- Against plain SQL.
CREATE TABLE public.persona_many AS
SELECT i % 97 AS customer, timestamptz '2015-06-01 00:00+00' + (i * 7919 % 1009) * interval '37 hours' AS ts,
       i::bigint * 104729 % 523 - 200 AS number, 'Ä' || chr(97 + i % 26) || (i::bigint * 15485863 % 311) AS name
FROM generate_series(1, 30000) i;
CREATE TEMP TABLE expected AS
SELECT customer, (array_agg(name ORDER BY ts DESC, name COLLATE "C"))[:10] AS names, (array_agg(number ORDER BY ts DESC, number))[:10] AS numbers,
       (array_agg(ts ORDER BY ts DESC))[:10] AS times FROM persona_many GROUP BY customer;
CREATE TEMP TABLE whole AS
SELECT customer, persona.recent_agg(ts, name, 10) AS names, persona.recent_agg(ts, number, 10) AS numbers FROM persona_many GROUP BY customer;
SELECT is((SELECT count(*) FROM expected e JOIN whole w USING (customer)
           WHERE persona.items(w.names) = e.names AND persona.items_bigint(w.numbers) = e.numbers AND persona.item_times(w.names) = e.times AND persona.item_times(w.numbers) = e.times),
          97::bigint, 'the last ten by ORDER BY');
SELECT is((SELECT count(*) FROM whole w JOIN (
             SELECT customer, persona.rollup(names) AS names, persona.rollup(numbers) AS numbers
             FROM (SELECT customer, ts::date, persona.recent_agg(ts, name, 10) AS names, persona.recent_agg(ts, number, 10) AS numbers FROM persona_many GROUP BY 1, 2) d
             GROUP BY customer) p USING (customer) WHERE w.names = p.names AND w.numbers = p.numbers), 97::bigint, 'rollup of days, to the byte');
SELECT is((SELECT count(*) FROM whole w JOIN (
             SELECT customer, persona.recent_agg(ts, name, 10) AS names FROM (SELECT * FROM persona_many ORDER BY ts) o GROUP BY customer) p USING (customer)
           WHERE w.names = p.names), 97::bigint, 'in the order of time');
SELECT is((SELECT count(*) FROM whole WHERE names::text::persona.recent <> names OR numbers::text::persona.recent <> numbers), 0::bigint, 'text there and back');
SELECT is((SELECT count(*) FROM (SELECT DISTINCT names FROM (SELECT names FROM whole UNION ALL SELECT names FROM whole) u) d), 97::bigint, 'DISTINCT');
SELECT is((SELECT pg_column_size(numbers) FROM whole LIMIT 1), 176, 'ten bigints are 176 bytes');
SELECT is((SELECT array_agg(persona.last_item(r) ORDER BY i) FROM (SELECT i, persona.recent_agg(ts, name, 2) OVER (ORDER BY i) AS r
           FROM (VALUES (1, timestamptz '2024-01-02', 'b'), (2, '2024-01-01', 'a'), (3, '2024-01-03', 'c')) v(i, ts, name)) w), '{b,b,c}'::text[], 'a running window');
CREATE TEMP TABLE stored AS SELECT * FROM whole;
UPDATE stored SET names = persona.merge(names, (SELECT persona.recent_agg(now(), 'new', 10)));
SELECT is((SELECT count(*) FROM stored s JOIN whole w USING (customer)
           WHERE persona.items(s.names) = array_prepend('new'::text, (persona.items(w.names))[:9])), 97::bigint, 'a stored state updated');
CREATE FUNCTION pg_temp.copied() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE file text := current_setting('data_directory') || '/persona_recent.copy';
BEGIN
  EXECUTE format('COPY (SELECT * FROM whole) TO %L (FORMAT binary)', file);
  CREATE TEMP TABLE copied (LIKE whole);
  EXECUTE format('COPY copied FROM %L (FORMAT binary)', file);
  RETURN (SELECT count(*) FROM copied c JOIN whole w USING (customer) WHERE c.names = w.names AND c.numbers = w.numbers);
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
SELECT matches(pg_temp.plan_of('SELECT persona.recent_agg(ts, name, 50) FROM public.persona_many'), 'Partial Aggregate', 'the plan is parallel');
SELECT is((SELECT persona.items(persona.recent_agg(ts, name, 50)) FROM public.persona_many),
          (SELECT array_agg(name) FROM (SELECT name FROM persona_many ORDER BY ts DESC, name COLLATE "C" LIMIT 50) q), 'parallel workers find the last');
SELECT is((SELECT persona.items(persona.rollup(names)) FROM whole),
          (SELECT array_agg(name) FROM (SELECT name FROM persona_many ORDER BY ts DESC, name COLLATE "C" LIMIT 10) q), 'customers together');

-- Forgeries.
SELECT throws_ok(format('SELECT %L::persona.recent', form), '22P02', 'invalid input syntax for type persona.recent', form)
FROM (VALUES (''), ('recent:1 utc text k=1 events=2:"a",1:"b"'), ('recent:1 utc text k=2 events=1:"b",1:"a"')) v(form);

SELECT * FROM finish();
ROLLBACK;
