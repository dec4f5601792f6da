-- persona.funnel: what each accessor answers, how parts merge, what is refused, and that depths are those of self-joins.
BEGIN;
SELECT plan(81);
SET LOCAL search_path = public, persona;  -- the operators of the type, where is() compares
SET LOCAL TimeZone = 'America/New_York';

CREATE TEMP TABLE click (visitor text, ts timestamptz, page text);
INSERT INTO click VALUES
  ('ann', '2024-03-01 10:00+00', 'cart'), ('ann', '2024-03-01 10:10+00', 'address'), ('ann', '2024-03-01 11:00+00', 'pay'),
  ('ben', '2024-03-01 10:00+00', 'cart'), ('ben', '2024-03-01 10:10+00', 'address'), ('ben', '2024-03-01 11:00:00.000001+00', 'pay'),
  ('cat', '2024-03-01 10:00+00', 'pay'), ('cat', '2024-03-01 10:01+00', 'address'), ('cat', '2024-03-01 10:02+00', 'cart'),
  ('dan', '2024-03-01 10:00+00', 'home'), ('dan', NULL, 'cart'), ('eve', NULL, 'cart'), ('fay', '2024-03-01 10:00+00', 'address');
CREATE TEMP TABLE state AS
SELECT visitor, funnel_agg(ts, '1 hour', page = 'cart', page = 'address', page = 'pay') AS f,
       funnel_any_order_agg(ts, '1 hour', page = 'cart', page = 'address', page = 'pay') AS any_order
FROM click GROUP BY visitor;

SELECT is((SELECT array_agg(visitor || ' ' || coalesce(depth(f)::text, 'NULL') ORDER BY visitor) FROM state),
          '{ann 3,ben 2,cat 1,dan 0,eve NULL,fay 0}'::text[], 'depth in order; the window includes its end');
SELECT is((SELECT array_agg(visitor || ' ' || coalesce(depth(any_order)::text, 'NULL') ORDER BY visitor) FROM state),
          '{ann 3,ben 2,cat 3,dan 0,eve NULL,fay 1}'::text[], 'depth in any order');
SELECT is((SELECT array_agg(reached(f, n) ORDER BY n) FROM state, generate_series(1, 3) n WHERE visitor = 'ben'),
          '{t,t,f}'::boolean[], 'reached');
SELECT is((SELECT conversion_seconds(f) FROM state WHERE visitor = 'ann'), 3600::float8, 'seconds of a whole conversion');
SELECT is((SELECT conversion_seconds(f) FROM state WHERE visitor = 'ben'), 600::float8, 'and of as far as one came');
SELECT is((SELECT conversion_seconds(f) FROM state WHERE visitor = 'cat'), 0::float8, 'of one step');
SELECT is((SELECT conversion_seconds(f) FROM state WHERE visitor = 'fay'), NULL, 'of none');
SELECT is((SELECT conversion_seconds(any_order) FROM state WHERE visitor = 'cat'), 120::float8, 'in any order');
SELECT is((SELECT funnel_steps(f) FROM state WHERE visitor = 'fay'), 3, 'number of steps');
SELECT is((SELECT count(*) FILTER (WHERE depth(f) >= 1) || ' ' || count(*) FILTER (WHERE depth(f) >= 2) || ' ' ||
                  count(*) FILTER (WHERE depth(f) >= 3) FROM state), '3 2 1', 'the table of a funnel');
SELECT is(depth(NULL::persona.funnel), NULL, 'an accessor of NULL is NULL');
SELECT is((SELECT funnel_agg(ts, '1 hour', true, true) FROM click WHERE false), NULL, 'no rows: NULL');
SELECT is((SELECT f::text FROM state WHERE visitor = 'ann'),
          'funnel:1 utc ordered steps=3 within=3600000000 events=762602400000000:1,762603000000000:2,762606000000000:4',
          'the text form');
SELECT is((SELECT f::text FROM state WHERE visitor = 'dan'), 'funnel:1 utc ordered steps=3 within=3600000000 events=',
          'of one who took no step');
SELECT is((SELECT f FROM state WHERE visitor = 'eve'), NULL, 'rows without a time are left out');
SELECT is((SELECT pg_column_size(f) FROM state WHERE visitor = 'ann'), 33, 'stored in few bytes');

-- Where others were wrong. Steps are given as letters: ab satisfies both.
CREATE FUNCTION pg_temp.depth(within int, VARIADIC events text[]) RETURNS int LANGUAGE sql AS $$
  SELECT persona.depth(persona.funnel_agg(timestamp '2024-01-01' + split_part(e, ':', 1)::int * interval '1 second',
                                          within * interval '1 second', e LIKE '%a%', e LIKE '%b%', e LIKE '%c%'))
  FROM unnest(events) e $$;
SELECT is(pg_temp.depth(10, '0:ab'), 1, 'an event of two steps serves one');
SELECT is(pg_temp.depth(10, '0:ab', '0:ab'), 2, 'two such events two');
SELECT is(pg_temp.depth(10, '0:abc', '1:abc'), 2, 'and no more');
SELECT is(pg_temp.depth(10, '0:a', '8:a', '12:b', '18:c'), 3, 'a later first step opens a better window');
SELECT is(pg_temp.depth(10, '0:a', '5:b', '8:a', '10:c'), 3, 'and the earlier one is not forgotten');
SELECT is(pg_temp.depth(10, '0:a', '1:b', '20:a', '25:b', '30:c'), 3, 'an old chain does not hide a new one');
SELECT is(pg_temp.depth(10, '5:c', '5:b', '5:a'), 3, 'simultaneous events in whatever order of rows');
SELECT is(pg_temp.depth(10, '5:b', '5:a', '5:c'), 3, 'in any of them');
SELECT is(pg_temp.depth(0, '5:ab', '5:a'), 2, 'the event of two steps serves the second');
SELECT is(pg_temp.depth(10, '0:a', '10:b', '11:c'), 2, 'a step beyond the window');
SELECT is(pg_temp.depth(10, '0:a', '0:a', '0:a'), 1, 'duplicates');
SELECT is(pg_temp.depth(10, '0:b', '1:c'), 0, 'no first step, no depth');

-- NULL steps, explicit arrays, dates.
SELECT is((SELECT depth(funnel_agg(ts, '1 day', page = 'cart', NULL)) FROM click WHERE visitor = 'ann'), 1, 'NULL is false');
SELECT is((SELECT depth(funnel_agg(ts, '1 day', VARIADIC ARRAY[NULL, page = 'address', page = 'cart'])) FROM click
           WHERE visitor = 'ann'), 0, 'in an array too');
SELECT is((SELECT depth(funnel_agg(ts, '1 day', VARIADIC ARRAY[page = 'cart', NULL, page = 'pay', page = 'address'])) FROM click
           WHERE visitor = 'ann'), 1, 'whose later elements keep their places');
SELECT is((SELECT depth(funnel_agg(d, '0 days', p = 1, p = 2)) FROM (VALUES (date '2024-01-01', 2), ('2024-01-01', 1)) v(d, p)), 2,
          'dates: on one day there is no order');
SELECT is((SELECT depth(funnel_agg(d, '1 day', p = 1, p = 2)) FROM (VALUES (date '2024-01-01', 1), ('2024-01-03', 2)) v(d, p)), 1,
          'two days apart');
SELECT is((SELECT depth(funnel_any_order_agg(d, '1 day', p = 1, p = 2)) FROM (VALUES (date '2024-01-02', 1), ('2024-01-01', 2)) v(d, p)),
          2, 'dates in any order');
SELECT is((SELECT depth(funnel_any_order_agg(d, '1 day', p = 1, p = 2)) FROM (VALUES (timestamp '2024-01-02', 1), ('2024-01-01', 2)) v(d, p)),
          2, 'local times in any order');
SELECT is((SELECT depth(funnel_agg(ts, '1 day', VARIADIC array_fill(true, '{32}'))) FROM click WHERE visitor = 'ann'), 3, '32 steps');

-- What is refused.
SELECT throws_ok($$ SELECT funnel_agg(now(), '1 hour', true) $$, '22023', 'a funnel has 2 to 32 steps in one dimension', 'one step');
SELECT throws_ok($$ SELECT funnel_agg(now(), '1 hour', VARIADIC array_fill(true, '{33}')) $$, '22023', NULL, '33 steps');
SELECT throws_ok($$ SELECT funnel_agg(now(), '1 hour', VARIADIC '{}'::boolean[]) $$, '22023', NULL, 'no steps');
SELECT throws_ok($$ SELECT funnel_agg(now(), '1 hour', VARIADIC '{{t,f},{t,f}}'::boolean[]) $$, '22023', NULL, 'two dimensions');
SELECT throws_ok($$ SELECT funnel_agg(now(), '1 hour', VARIADIC NULL::boolean[]) $$, '22023', 'the steps of a funnel must not be NULL',
                 'no array');
SELECT throws_ok($$ SELECT funnel_agg(now(), NULL, true, false) $$, '22023', '"within" must not be NULL', 'no time allowed');
SELECT throws_ok($$ SELECT funnel_agg(now(), '-1 s', true, false) $$, '22023', '"within" must not be negative', 'a negative one');
SELECT throws_ok($$ SELECT funnel_agg(now(), '1 month', true, false) $$, '22023', '"within" must not have months', 'months');
SELECT throws_ok($$ SELECT funnel_agg(now(), '2000000000 days', true, false) $$, '22023', '"within" is out of range', 'too many days');
SELECT throws_ok($$ SELECT funnel_agg(timestamptz 'infinity', '1 day', true, false) $$, '22008', 'event time is infinite or out of range',
                 'an infinite time');
SELECT throws_ok($$ SELECT funnel_agg(date '-infinity', '1 day', true, false) $$, '22008', NULL, 'an infinite date');
SELECT throws_ok($$ SELECT funnel_agg(now(), i * interval '1 s', true, false) FROM generate_series(1, 2) i $$, '22023',
                 'funnels allow different times', 'rows that allow different times');
SELECT throws_ok($$ SELECT funnel_agg(now(), '1 s', VARIADIC array_fill(true, ARRAY[i])) FROM generate_series(2, 3) i $$, '22023',
                 'funnels have different numbers of steps', 'rows of different steps');
SELECT throws_ok($$ SELECT merge(f, any_order) FROM state $$, '22000', 'cannot merge a funnel in order with one in any order', 'orders');
SELECT throws_ok($$ SELECT rollup(x) FROM state, LATERAL (VALUES (f), (any_order)) v(x) $$, '22000', NULL, 'in rollup too');
SELECT throws_ok($$ SELECT merge(f, funnel_agg(date '2024-01-01', '1 hour', true, true, true)) FROM state WHERE visitor = 'ann' GROUP BY f $$,
                 '22000', 'cannot merge a funnel of UTC times with one of local times', 'clocks');
SELECT throws_ok($$ SELECT merge(f, funnel_agg(now(), '2 hours', true, true, true)) FROM state WHERE visitor = 'ann' GROUP BY f $$,
                 '22023', 'funnels allow different times', 'times allowed');
SELECT throws_ok($$ SELECT merge(f, funnel_agg(now(), '1 hour', true, true)) FROM state WHERE visitor = 'ann' GROUP BY f $$,
                 '22023', 'funnels have different numbers of steps', 'steps');
SELECT throws_ok($$ SELECT reached(f, 4) FROM state $$, '22023', 'funnel has no such step', 'a step beyond the last');
SELECT throws_ok($$ SELECT reached(f, 0) FROM state $$, '22023', NULL, 'step 0');
SELECT throws_ok($$ SELECT funnel_agg(now() - i * interval '1 s', '1 h', true, false) FROM generate_series(1, 200000) i $$, '54000',
                 'too many events in one funnel', 'more events than a funnel keeps');
SELECT throws_ok($$ SELECT ''::persona.funnel $$, '22P02', 'invalid input syntax for type persona.funnel', 'no text');
SELECT throws_ok($$ SELECT 'funnel:1 utc ordered steps=2 within=0 events=2:1,1:1'::persona.funnel $$, '22P02', NULL, 'a forged text');
SELECT throws_ok($$ SELECT funnel_add(f, now(), '1 hour', '{t,t,t}') FROM state $$, 'XX000', NULL, 'a transition function outside an aggregate');
SELECT throws_ok($$ SELECT funnel_combine(f, f) FROM state $$, 'XX000', NULL, 'a combine function outside one');
SELECT throws_ok($$ SELECT funnel_final(f) FROM state $$, 'XX000', NULL, 'a final function outside one');

-- Merging, storing, comparing.
SELECT is((SELECT merge(f, NULL) FROM state WHERE visitor = 'ann'), (SELECT f FROM state WHERE visitor = 'ann'), 'NULL is no events');
SELECT is((SELECT merge(NULL, f) FROM state WHERE visitor = 'ann'), (SELECT f FROM state WHERE visitor = 'ann'), 'on either side');
SELECT is(merge(NULL::persona.funnel, NULL), NULL, 'and both');
SELECT is((SELECT rollup(f) FROM (SELECT funnel_agg(ts, '1 hour', page = 'cart', page = 'address', page = 'pay') AS f FROM click
                                  WHERE visitor = 'ann' GROUP BY ts) q), (SELECT f FROM state WHERE visitor = 'ann'),
          'the funnel of parts, each with one step');

CREATE AGGREGATE pg_temp.rollup_from(persona.funnel) (SFUNC = persona.funnel_combine, STYPE = persona.funnel, FINALFUNC = persona.funnel_final,
  INITCOND = 'funnel:1 utc ordered steps=3 within=3600000000 events=762601000000000:1');
SELECT is((SELECT depth(pg_temp.rollup_from(f)) || ' ' || depth(pg_temp.rollup_from(f) FILTER (WHERE false)) FROM state WHERE visitor = 'fay'),
          '2 1', 'an aggregate of one''s own that begins with a stored state');

-- A clickstream with many events at one time: 200 visitors, 12 events each within 200 s, 3 steps and other pages.
CREATE TABLE public.persona_clicks AS
SELECT i AS id, i % 200 AS visitor, timestamptz '2024-01-01 00:00+00' + hash % 200 * interval '1 second' AS ts,
       hash / 1000 % 4 AS page
FROM (SELECT i, ('x' || substr(md5(i::text), 1, 7))::bit(28)::int AS hash FROM generate_series(1, 2400) i) h;
CREATE TEMP TABLE answer AS
SELECT visitor, funnel_agg(ts, '40 s', page = 1, page = 2, page = 3) AS f,
       funnel_any_order_agg(ts, '40 s', page = 1, page = 2, page = 3) AS any_order
FROM public.persona_clicks GROUP BY visitor;
SELECT is((SELECT count(DISTINCT depth(f)) || ' ' || count(DISTINCT depth(any_order)) FROM answer), '4 2', 'funnels of every depth');
CREATE TEMP TABLE joined AS
SELECT visitor, max(CASE WHEN c.ts - a.ts <= '40 s' THEN 3 WHEN b.ts - a.ts <= '40 s' THEN 2 ELSE 1 END) AS depth,
       min(c.ts) FILTER (WHERE c.ts - a.ts <= '40 s') AS converted
FROM public.persona_clicks a
  LEFT JOIN public.persona_clicks b USING (visitor) LEFT JOIN public.persona_clicks c USING (visitor)
WHERE a.page = 1 AND b.page = 2 AND b.ts >= a.ts AND c.page = 3 AND c.ts >= b.ts GROUP BY visitor;
SELECT is((SELECT count(*) FROM answer LEFT JOIN joined USING (visitor) WHERE (depth(f) = 3) <> (coalesce(depth, 0) = 3)), 0::bigint,
          'three steps, as self-joins find them');
SELECT is((SELECT count(*) FROM answer WHERE (depth(f) >= 2) <> EXISTS (
             SELECT FROM public.persona_clicks a JOIN public.persona_clicks b USING (visitor)
             WHERE visitor = answer.visitor AND a.page = 1 AND b.page = 2 AND b.ts BETWEEN a.ts AND a.ts + interval '40 s')), 0::bigint,
          'two steps');
SELECT is((SELECT count(*) FROM answer WHERE (depth(f) >= 1) <> (visitor IN (SELECT visitor FROM public.persona_clicks WHERE page = 1))),
          0::bigint, 'one step');
SELECT is((SELECT count(*) FROM answer WHERE (depth(any_order) = 3) <> EXISTS (
             SELECT FROM public.persona_clicks a JOIN public.persona_clicks b USING (visitor) JOIN public.persona_clicks c USING (visitor)
             WHERE visitor = answer.visitor AND (a.page, b.page, c.page) = (1, 2, 3)
               AND greatest(a.ts, b.ts, c.ts) - least(a.ts, b.ts, c.ts) <= '40 s')), 0::bigint, 'three steps in any order');
SELECT is((SELECT count(*) FROM answer JOIN joined USING (visitor) WHERE depth(f) = 3 AND conversion_seconds(f) <> (
             SELECT min(extract(epoch FROM c.ts - a.ts)) FROM public.persona_clicks a JOIN public.persona_clicks b USING (visitor)
               JOIN public.persona_clicks c USING (visitor)
             WHERE visitor = answer.visitor AND (a.page, b.page, c.page) = (1, 2, 3) AND b.ts >= a.ts AND c.ts >= b.ts
               AND c.ts = joined.converted)), 0::bigint, 'the seconds of the first conversion');
SELECT is((SELECT count(*) FROM answer a JOIN (
             SELECT visitor, rollup(f) AS f, rollup(any_order) AS any_order FROM (
               SELECT visitor, id % 5, funnel_agg(ts, '40 s', page = 1, page = 2, page = 3) AS f,
                      funnel_any_order_agg(ts, '40 s', page = 1, page = 2, page = 3) AS any_order
               FROM public.persona_clicks GROUP BY 1, 2) parts GROUP BY visitor) r USING (visitor)
           WHERE a.f = r.f AND a.any_order = r.any_order), 200::bigint, 'rollup of any parts is one pass, to the byte');
SELECT is((SELECT count(*) FROM answer WHERE f::text::persona.funnel <> f OR any_order::text::persona.funnel <> any_order), 0::bigint,
          'text there and back');
SELECT is((SELECT count(*) FROM (SELECT DISTINCT f FROM (SELECT f FROM answer UNION ALL SELECT f FROM answer) u) d),
          (SELECT count(DISTINCT f::text) FROM answer), 'DISTINCT');
SELECT format('%s/funnel.bin', current_setting('data_directory')) AS file \gset
COPY answer TO :'file' (FORMAT binary);
CREATE TEMP TABLE copied (LIKE answer);
COPY copied FROM :'file' (FORMAT binary);
SELECT format('rm %L', :'file') AS command \gset
COPY (SELECT) TO PROGRAM :'command';
SELECT is((SELECT count(*) FROM answer a JOIN copied c USING (visitor) WHERE a.f = c.f AND a.any_order = c.any_order), 200::bigint,
          'binary COPY there and back');
SELECT is((SELECT array_agg(depth(f) ORDER BY ts) FROM (
             SELECT ts, funnel_agg(ts, '1 hour', page = 'cart', page = 'address', page = 'pay') OVER (ORDER BY ts) AS f
             FROM click WHERE visitor = 'ann') w), '{1,2,3}'::int[], 'a running window');
SELECT is((SELECT depth(funnel_agg(ts, '1 s', page = 1, page = 2, page = 3)) FROM public.persona_clicks), 3, 'an ungrouped funnel');
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
ALTER TABLE public.persona_clicks SET (parallel_workers = 2);
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; plan text := '';
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP plan := plan || line || E'\n'; END LOOP;
  RETURN plan;
END $$;
SELECT matches(pg_temp.plan_of('SELECT funnel_agg(ts, ''40 s'', page = 1, page = 2) FROM public.persona_clicks'),
               'Finalize Aggregate[^$]*Partial Aggregate', 'parallel workers take part');
SELECT is((SELECT count(*) FROM (
             SELECT visitor, funnel_agg(ts, '40 s', page = 1, page = 2, page = 3) AS f,
                    funnel_any_order_agg(ts, '40 s', page = 1, page = 2, page = 3) AS any_order
             FROM public.persona_clicks GROUP BY visitor) p JOIN answer a USING (visitor)
           WHERE a.f = p.f AND a.any_order = p.any_order), 200::bigint, 'and give one pass');

SELECT * FROM finish();
ROLLBACK;
