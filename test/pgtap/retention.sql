-- persona.retention: what each accessor answers, cohort matrices, how parts merge, what is refused, and that periods are
-- those of plain SQL.
BEGIN;
SELECT plan(72);
SET LOCAL search_path = public, persona;  -- the operators of the type, where is() compares
SET LOCAL TimeZone = 'America/New_York';

CREATE TEMP TABLE purchase (customer text, start date, d date);
INSERT INTO purchase VALUES
  ('ann', '2024-01-31', '2024-01-31'), ('ann', '2024-01-31', '2024-02-28'), ('ann', '2024-01-31', '2024-03-01'),
  ('ann', '2024-01-31', '2024-05-30'), ('ann', '2024-01-31', '2024-01-30'),
  ('ben', '2024-02-10', '2024-02-10'), ('cat', '2024-02-10', NULL), ('dan', NULL, '2024-02-10');
CREATE TEMP TABLE state AS SELECT customer, retention_agg(start, d, '1 month') AS r FROM purchase GROUP BY customer;

SELECT is((SELECT retained_periods(r) FROM state WHERE customer = 'ann'), '{0,1,3}'::int[], 'months, each counted from the start');
SELECT is((SELECT array_agg(retained(r, n) ORDER BY n) FROM state, generate_series(0, 5) n WHERE customer = 'ann'),
          '{t,t,f,t,f,f}'::boolean[], 'retained');
SELECT is((SELECT last_retained(r) FROM state WHERE customer = 'ann'), 3, 'the last active period');
SELECT is((SELECT early_events(r) FROM state WHERE customer = 'ann'), 1::bigint, 'an event before the start is counted apart');
SELECT is((SELECT early_events(r) FROM state WHERE customer = 'ben'), 0::bigint, 'none before it');
SELECT is((SELECT started_at_local(r) FROM state WHERE customer = 'ann'), timestamp '2024-01-31 00:00', 'the start');
SELECT is((SELECT retained(r, 0) FROM state WHERE customer = 'cat'), false, 'a start without an event: not retained');
SELECT is((SELECT last_retained(r) FROM state WHERE customer = 'cat'), NULL, 'no last period');
SELECT is((SELECT retained_periods(r) FROM state WHERE customer = 'cat'), '{}'::int[], 'no periods');
SELECT is((SELECT r FROM state WHERE customer = 'dan'), NULL, 'rows without a start are left out');
SELECT is((SELECT retained(r, 100000) FROM state WHERE customer = 'ann'), false, 'beyond all periods');
SELECT is((SELECT retention_agg(start, d, '1 month') FROM purchase WHERE false), NULL, 'no rows: NULL');
SELECT is(retained(NULL::persona.retention, 0), NULL, 'an accessor of NULL is NULL');
SELECT is((SELECT r::text FROM state WHERE customer = 'ann'), 'retention:1 local start=759974400000000 months=1 early=1 periods=0-1,3',
          'the text form');
SELECT is((SELECT retention_agg(start, d, '7 days')::text FROM purchase WHERE customer = 'ben'),
          'retention:1 local start=760838400000000 micros=604800000000 early=0 periods=0', 'of a fixed period');
SELECT is((SELECT pg_column_size(retention_agg(start, d, '1 month')) FROM purchase WHERE customer = 'ann'), 41, 'a bit a period');

-- Cohorts.
SELECT is((SELECT array_agg(cohort || ' ' || customers || ' ' || counts::text ORDER BY cohort)
           FROM (SELECT date_trunc('month', started_at_local(r))::date AS cohort, count(r) AS customers, retained_counts(r) AS counts
                 FROM state WHERE r IS NOT NULL GROUP BY 1) m),
          '{"2024-01-01 1 {1,1,0,1}","2024-02-01 2 {1}"}'::text[], 'a cohort matrix, a customer who never came counted');
SELECT is((SELECT retained_counts(r) FROM state), '{2,1,0,1}'::bigint[], 'counts of all customers, NULL left out');
SELECT is((SELECT retained_counts(r) FROM state WHERE customer = 'cat'), '{}'::bigint[], 'of one who never came');
SELECT is((SELECT retained_counts(r) FROM state WHERE customer = 'dan'), NULL, 'of none');
SELECT is((SELECT array_agg(c ORDER BY customer) FROM (SELECT customer, retained_counts(r) OVER (ORDER BY customer)::text AS c FROM state) w),
          '{"{1,1,0,1}","{2,1,0,1}","{2,1,0,1}","{2,1,0,1}"}'::text[], 'a running window');
SELECT throws_ok($$ SELECT retained_counts(x) FROM (SELECT r FROM state UNION ALL
                    SELECT retention_agg(start, d, '7 days') FROM purchase WHERE customer = 'ben') q(x) $$, '22023',
                 'retentions have different periods', 'counts of different periods');
SELECT throws_ok($$ SELECT retention_count('{0,1}', r) FROM state $$, 'XX000', NULL, 'a count outside an aggregate');
SELECT throws_ok($$ SELECT retention_count_combine('{0,1}', '{0,1}') $$, 'XX000', NULL, 'combined outside one');
SELECT throws_ok($$ SELECT retention_count_final('{0,1}') $$, 'XX000', NULL, 'finished outside one');

-- Clocks.
SELECT is((SELECT retained_periods(retention_agg(timestamptz '2024-03-09 12:00+00', t, '1 day')) FROM (VALUES
             (timestamptz '2024-03-10 11:59:59+00'), ('2024-03-11 12:00+00'), ('2024-03-12 11:59:59+00')) v(t)), '{0,2}'::int[],
          'a day is 24 hours, whatever the session''s clock does');
SELECT is((SELECT started_at(retention_agg(timestamptz '2024-03-09 12:00+00', NULL, '1 day'))), timestamptz '2024-03-09 12:00+00',
          'the start of instants');
SELECT is((SELECT retained_periods(retention_agg(timestamptz '2024-03-01 02:00+00', timestamptz '2024-04-01 01:00+00', '1 month'))),
          '{0}'::int[], 'months of instants are those of UTC');
SELECT is((SELECT retained_periods(retention_agg(timestamp '2024-03-01 02:00', timestamp '2024-04-01 02:00', '1 month'))), '{1}'::int[],
          'of local times their own');
SELECT is((SELECT retained_periods(retention_agg(date '2024-01-01', date '2024-12-31', '1 year'))), '{0}'::int[], 'a year is 12 months');
SELECT is((SELECT retained_periods(retention_agg(date '2024-01-01', date '2024-12-31', '3 months'))), '{3}'::int[], 'quarters');
SELECT is((SELECT retained_periods(retention_agg(timestamp '2024-01-01', timestamp '2024-01-01 17:59', '6 hours'))), '{2}'::int[], 'hours');
SELECT is((SELECT retained_periods(retention_agg(date '2024-01-01', date '2024-01-01' + 4095, '1 day'))), '{4095}'::int[],
          'the last period there is');
SELECT throws_ok($$ SELECT started_at(r) FROM state $$, '22000', 'retention of local times has no instants', 'started_at of a local state');
SELECT throws_ok($$ SELECT started_at_local(retention_agg(now(), now(), '1 day')) $$, '22000', 'retention of UTC times has no local times',
                 'started_at_local of a UTC state');
SELECT throws_ok($$ SELECT merge(r, retention_agg('2024-01-31'::timestamptz, now(), '1 month')) FROM state WHERE customer = 'ann' GROUP BY r $$,
                 '22000', 'cannot merge a retention of UTC times with one of local times', 'merging clocks');

-- What is refused.
SELECT throws_ok($$ SELECT retention_agg(d, d, '1 month') FROM purchase $$, '22023', 'retentions have different starts', 'rows of different starts');
SELECT throws_ok($$ SELECT rollup(r) FROM state $$, '22023', 'retentions have different starts', 'parts of different starts');
SELECT throws_ok($$ SELECT merge(a.r, b.r) FROM state a, state b WHERE (a.customer, b.customer) = ('ann', 'ben') $$, '22023', NULL, 'two of them');
SELECT throws_ok($$ SELECT retention_agg(date '2024-01-01', date '2024-01-01', i * interval '1 day') FROM generate_series(1, 2) i $$, '22023',
                 'retentions have different periods', 'rows of different periods');
SELECT throws_ok($$ SELECT merge(r, retention_agg(date '2024-02-10', NULL, '30 days')) FROM state WHERE customer = 'ben' GROUP BY r $$, '22023',
                 'retentions have different periods', 'parts of different periods');
SELECT throws_ok($$ SELECT retention_agg(now(), now(), '1 month 1 day') $$, '22023', 'period must not mix months with days', 'a mixed period');
SELECT throws_ok($$ SELECT retention_agg(now(), now(), '0 s') $$, '22023', 'period must be positive', 'no period');
SELECT throws_ok($$ SELECT retention_agg(now(), now(), '-1 month') $$, '22023', 'period must be positive', 'a negative one');
SELECT throws_ok($$ SELECT retention_agg(now(), now(), '-1 day') $$, '22023', NULL, 'of days');
SELECT throws_ok($$ SELECT retention_agg(now(), now(), NULL) $$, '22023', 'period must not be NULL', 'an unknown one');
SELECT throws_ok($$ SELECT retention_agg(now(), now(), '2000000000 days') $$, '22023', 'period is out of range', 'one beyond all time');
SELECT throws_ok($$ SELECT retention_agg(date '2024-01-01', date '2024-01-01' + 4096, '1 day') $$, '22003',
                 'event lies too many periods after the start', 'an event beyond the last period');
SELECT throws_ok($$ SELECT retention_agg(timestamptz 'infinity', now(), '1 day') $$, '22008', 'start is infinite or out of range', 'an infinite start');
SELECT throws_ok($$ SELECT retention_agg(date '-infinity', '2024-01-01', '1 day') $$, '22008', NULL, 'an infinite date');
SELECT throws_ok($$ SELECT retention_agg(now(), 'infinity', '1 day') $$, '22008', 'event time is infinite or out of range', 'an infinite time');
SELECT throws_ok($$ SELECT retained(r, -1) FROM state $$, '22023', 'n must not be negative', 'period -1');
SELECT throws_ok($$ SELECT ''::persona.retention $$, '22P02', 'invalid input syntax for type persona.retention', 'no text');
SELECT throws_ok($$ SELECT 'retention:1 utc start=0 micros=0 early=0 periods=0'::persona.retention $$, '22P02', NULL, 'a forged text');
SELECT throws_ok($$ SELECT retention_add(r, date '2024-02-10', NULL, '1 month') FROM state $$, 'XX000', NULL,
                 'a transition function outside an aggregate');
SELECT throws_ok($$ SELECT retention_combine(r, r) FROM state $$, 'XX000', NULL, 'a combine function outside one');

-- Merging, storing, comparing.
SELECT is((SELECT merge(r, NULL) FROM state WHERE customer = 'ann'), (SELECT r FROM state WHERE customer = 'ann'), 'NULL is no events');
SELECT is((SELECT merge(NULL, r) FROM state WHERE customer = 'ann'), (SELECT r FROM state WHERE customer = 'ann'), 'on either side');
SELECT is(merge(NULL::persona.retention, NULL), NULL, 'and both');
SELECT is((SELECT rollup(r) FROM (SELECT retention_agg(start, d, '1 month') AS r FROM purchase WHERE customer = 'ann' GROUP BY d) q),
          (SELECT r FROM state WHERE customer = 'ann'), 'rollup of the days is the whole');
SELECT is((SELECT array_agg(last_retained(r) ORDER BY d) FROM (
             SELECT d, retention_agg(start, d, '1 month') OVER (ORDER BY d) AS r FROM purchase WHERE customer = 'ann') w),
          '{NULL,0,0,1,3}'::int[], 'a running window');

-- Purchases of 500 customers against plain SQL.
CREATE TABLE public.persona_purchases AS
SELECT i AS id, i % 500 AS customer, timestamp '2019-12-15' + hash % 1000 * interval '1 day' + hash % 86400 * interval '1 second' AS ts
FROM (SELECT i, ('x' || substr(md5(i::text), 1, 7))::bit(28)::int AS hash FROM generate_series(1, 5000) i) h;
CREATE TEMP VIEW since AS
SELECT *, min(ts) OVER (PARTITION BY customer) AS start FROM public.persona_purchases;
CREATE TEMP TABLE answer AS
SELECT customer, retention_agg(start, ts, '1 month') AS monthly, retention_agg(start, ts, '7 days') AS weekly FROM since GROUP BY customer;
-- The n-th month is the last that begins, by PostgreSQL's own arithmetic, not after ts.
CREATE TEMP TABLE plain AS
SELECT customer, date_trunc('month', start) AS cohort, ts,
       (SELECT max(n) FROM generate_series(0, 40) n WHERE start + n * interval '1 month' <= ts) AS month,
       floor(extract(epoch FROM ts - start) / 604800)::int AS week
FROM since;
SELECT ok((SELECT max(month) > 25 AND count(DISTINCT month) > 25 FROM plain), 'many months');
SELECT is((SELECT count(*) FROM answer JOIN (
             SELECT customer, array_agg(DISTINCT month ORDER BY month) AS months, array_agg(DISTINCT week ORDER BY week) AS weeks
             FROM plain GROUP BY customer) p USING (customer)
           WHERE retained_periods(monthly) = months AND retained_periods(weekly) = weeks), 500::bigint, 'the months and weeks of plain SQL');
SELECT is((SELECT count(*) FROM (
             SELECT date_trunc('month', started_at_local(monthly)) AS cohort, retained_counts(monthly) AS counts FROM answer GROUP BY 1) m
           JOIN LATERAL unnest(counts) WITH ORDINALITY u(customers, n) ON true
           LEFT JOIN (SELECT cohort, month, count(DISTINCT customer) AS customers FROM plain GROUP BY 1, 2) p
             ON p.cohort = m.cohort AND p.month = n - 1
           WHERE u.customers <> coalesce(p.customers, 0)), 0::bigint, 'the cohort matrix of plain SQL');
SELECT is((SELECT sum(c) FROM (SELECT unnest(retained_counts(monthly)) AS c FROM answer) u),
          (SELECT count(DISTINCT (customer, month))::numeric FROM plain), 'with nothing left over');
SELECT is((SELECT count(*) FROM answer a JOIN (
             SELECT customer, rollup(r) AS r FROM (
               SELECT customer, id % 7, retention_agg(start, ts, '1 month') AS r FROM since GROUP BY 1, 2) parts GROUP BY customer) r
           USING (customer) WHERE a.monthly = r.r), 500::bigint, 'rollup of any parts is one pass, to the byte');
SELECT is((SELECT count(*) FROM answer WHERE monthly::text::persona.retention <> monthly OR weekly::text::persona.retention <> weekly),
          0::bigint, 'text there and back');
SELECT is((SELECT count(*) FROM (SELECT DISTINCT weekly FROM (SELECT weekly FROM answer UNION ALL SELECT weekly FROM answer) u) d),
          500::bigint, 'DISTINCT');
SELECT format('%s/retention.bin', current_setting('data_directory')) AS file \gset
COPY answer TO :'file' (FORMAT binary);
CREATE TEMP TABLE copied (LIKE answer);
COPY copied FROM :'file' (FORMAT binary);
SELECT format('rm %L', :'file') AS command \gset
COPY (SELECT) TO PROGRAM :'command';
SELECT is((SELECT count(*) FROM answer a JOIN copied c USING (customer) WHERE a.monthly = c.monthly AND a.weekly = c.weekly), 500::bigint,
          'binary COPY there and back');
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
CREATE TABLE public.persona_starts WITH (parallel_workers = 2) AS SELECT * FROM since;
CREATE TABLE public.persona_retentions WITH (parallel_workers = 2) AS SELECT * FROM answer;
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; plan text := '';
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP plan := plan || line || E'\n'; END LOOP;
  RETURN plan;
END $$;
SELECT matches(pg_temp.plan_of('SELECT retained_counts(monthly) FROM public.persona_retentions'), 'Finalize Aggregate[^$]*Partial Aggregate',
               'parallel workers take part');
SELECT is((SELECT retained_counts(monthly) FROM public.persona_retentions), (SELECT retained_counts(monthly) FROM answer),
          'and count the same customers');
SELECT is((SELECT count(*) FROM answer a JOIN (SELECT customer, retention_agg(start, ts, '1 month') AS r FROM public.persona_starts
                                               GROUP BY customer) p USING (customer) WHERE a.monthly = p.r), 500::bigint,
          'the retentions of parallel workers');

SELECT * FROM finish();
ROLLBACK;
