-- NAME_as_of and NAME_features_as_of: the portrait of a time sees no event at or after it, on every clock; it is read
-- through the source's indexes; and a model trained on it does not learn from what came later.
BEGIN;
SET LOCAL client_min_messages = error;
SELECT plan(32);
SET LOCAL search_path = public, persona;

CREATE TABLE event (id int PRIMARY KEY, customer int, at_tz timestamptz, at_local timestamp, on_day date, amount float8, category text);
CREATE INDEX ON event (customer);
-- Every sixth hour of 250 days, so that some events are exactly at a cut; whole amounts, whose sums are exact.
INSERT INTO event SELECT i, (i * 7919) % 60, '2024-01-01 00:00+00'::timestamptz + t, '2024-01-01 00:00'::timestamp + t, ('2024-01-01'::timestamp + t)::date, (i * 31) % 97, 'k' || i % 5
FROM (SELECT i, i * interval '6 hours' AS t FROM generate_series(0, 999) i) s;
ANALYZE event;
CREATE FUNCTION portrait_of(name text, relation text, clock text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM persona.create_portrait(name, format('SELECT customer, count(*) AS n, sum(amount) AS total, max(category) FILTER (WHERE amount > 50) AS last_category,
    persona.activity_agg(%1$I, amount) AS a FROM %2$I WHERE amount <> 13 GROUP BY customer', clock, relation), clock);
END $$;
SELECT portrait_of('on_tz', 'event', 'at_tz'), portrait_of('on_local', 'event', 'at_local'), portrait_of('on_date', 'event', 'on_day');

-- The same portrait of a copy that ends before the cut is the independent answer.
CREATE FUNCTION check_cut(name text, clock text, cut text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE type text := (SELECT atttypid::regtype FROM pg_attribute WHERE attrelid = 'event'::regclass AND attname = clock);
BEGIN
  EXECUTE format('CREATE TABLE early AS SELECT * FROM event WHERE %I < %L::%s', clock, cut, type);
  CREATE INDEX ON early (customer);
  PERFORM portrait_of('early_portrait', 'early', clock);
  RETURN QUERY SELECT isnt_empty('TABLE early', name || ' before ' || cut || ': there are events')
    UNION ALL SELECT set_eq(format('SELECT * FROM %I(%L)', name || '_as_of', cut), 'TABLE early_portrait', 'the portrait is that of a copy without the later ones')
    UNION ALL SELECT set_eq(format('SELECT * FROM %I(%L)', name || '_features_as_of', cut), format('SELECT * FROM early_portrait_features_as_of(%L)', cut), 'and so are its features');
  PERFORM persona.drop_portrait('early_portrait');
  DROP TABLE early;
END $$;
SELECT check_cut('on_tz', 'at_tz', '2024-03-01 12:00+00');
SELECT check_cut('on_tz', 'at_tz', '2024-03-01 12:00:00.000001+00');
SELECT check_cut('on_local', 'at_local', '2024-03-01 12:00');
SELECT check_cut('on_date', 'on_day', '2024-03-01');
SELECT is((SELECT sum(b.n) - sum(a.n) FROM (SELECT sum(n) AS n FROM on_tz_as_of('2024-03-01 12:00+00')) a, (SELECT sum(n) AS n FROM on_tz_as_of('2024-03-01 12:00:00.000001+00')) b), 1::numeric,
          'an event exactly at the cut is not before it');
SELECT is_empty($$ SELECT * FROM on_tz_as_of('2024-01-01 00:00+00') $$, 'before the first event there is nobody');
SELECT set_eq($$ SELECT * FROM on_tz_as_of('infinity') $$, 'TABLE on_tz', 'after the last it is the portrait');
SELECT is_empty('SELECT * FROM on_tz_as_of(NULL)', 'at no time there is nobody either');

-- Each accessor's clock is the argument's.
SELECT is_empty($$ SELECT * FROM on_tz_features_as_of('2024-03-01 12:00+00') f JOIN on_tz_as_of('2024-03-01 12:00+00') s USING (customer)
  WHERE f.a_recency_days IS DISTINCT FROM persona.recency_days(s.a, '2024-03-01 12:00+00'::timestamptz) OR f.a_last_at >= '2024-03-01 12:00+00' OR f.a_recency_days <= 0 $$, 'recency counts to the cut');
SELECT results_eq($$ SELECT a_last_at, a_recency_days FROM on_local_features_as_of('2024-03-01 12:00') WHERE customer = 5 $$,
  $$ SELECT max(at_local), (extract(epoch FROM '2024-03-01 12:00' - max(at_local)) / 86400)::float8 FROM event WHERE customer = 5 AND at_local < '2024-03-01 12:00' AND amount <> 13 $$, 'on a local clock');
SELECT results_eq($$ SELECT a_last_at, a_recency_days FROM on_date_features_as_of('2024-03-01') WHERE customer = 5 $$,
  $$ SELECT max(on_day)::timestamp, ('2024-03-01' - max(on_day))::float8 FROM event WHERE customer = 5 AND on_day < '2024-03-01' AND amount <> 13 $$, 'and in days');
SELECT is((SELECT array_agg(p.oid::regprocedure::text || ' ' || concat(provolatile, proparallel, prosecdef) ORDER BY p.proname) FROM pg_proc p WHERE proname ~ '^on_(tz|date)_'),
  ARRAY['on_date_as_of(date) ssf', 'on_date_features_as_of(date) ssf', 'on_tz_as_of(timestamp with time zone) ssf', 'on_tz_features_as_of(timestamp with time zone) ssf'], 'stable, parallel safe, with the rights of who calls');
SELECT is((SELECT array_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum) FROM pg_attribute a WHERE attrelid = 'on_tz_features'::regclass AND attnum > 0),
  (SELECT array_agg(n || ' ' || format_type(t, NULL) ORDER BY i) FROM pg_proc, unnest(proallargtypes, proargnames, proargmodes) WITH ORDINALITY u (t, n, m, i) WHERE proname = 'on_tz_features_as_of' AND m = 't'), 'with the features'' names and types');

-- Read through the table's indexes.
CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; lines text := '';
BEGIN
  FOR line IN EXECUTE 'EXPLAIN ' || query LOOP lines := lines || line || E'\n'; END LOOP;
  RETURN lines;
END $$;
SET LOCAL enable_seqscan = off;
SELECT matches(plan_of(q), 'Index Cond: .*\(customer = 5\)', 'one key is asked from the index: ' || q) || E'\n' || doesnt_match(plan_of(q), 'Function Scan', 'and no function scanned')
FROM (VALUES ($$ SELECT * FROM on_tz_as_of('2024-03-01') WHERE customer = 5 $$), ($$ SELECT a_events FROM on_tz_features_as_of('2024-03-01') WHERE customer = 5 $$),
             ($$ SELECT n FROM on_date_features_as_of('2024-03-01') WHERE customer = 5 $$)) v (q);
SET LOCAL enable_seqscan = on;

-- A model of features as of a cut is the same, coefficient by coefficient, whatever happens at the cut and later.
CREATE FUNCTION coefficients(model text) RETURNS TABLE (term text, estimate float8, std_error float8) LANGUAGE sql AS $$
  SELECT c.term, c.estimate, c.std_error FROM persona.coefficient c JOIN persona.model m USING (model_id) WHERE m.name = model $$;
CREATE FUNCTION train(model text) RETURNS bigint LANGUAGE sql AS $$
  SELECT (persona.fit(model, 'linear_regression', $q$ SELECT n, a_mean_amount, a_recency_days, a_tenure_days, a_mean_gap_days, total FROM on_tz_features_as_of('2024-03-01 12:00+00') $q$, 'total')).rows $$;
SELECT is(train('before'), 60::bigint, 'a model of every customer');
INSERT INTO event SELECT 2000 + i, i % 70, '2024-03-01 12:00+00'::timestamptz + i * interval '1 hour', '2024-03-01 12:00'::timestamp + i * interval '1 hour', '2024-03-01', 10000 + i, 'late' FROM generate_series(0, 200) i;
UPDATE event SET amount = amount * 3 WHERE at_tz >= '2024-03-01 12:00+00';
SELECT is(train('after'), 60::bigint, 'and one after events at the cut and later');
SELECT results_eq($$ SELECT * FROM coefficients('after') ORDER BY 1 $$, $$ SELECT * FROM coefficients('before') ORDER BY 1 $$, 'have the same coefficients to the last bit');
SELECT cmp_ok((SELECT count(*) FROM coefficients('before') WHERE estimate <> 0), '>=', 5::bigint, 'and there are some to differ');
DELETE FROM event WHERE id = 200;
SELECT train('changed');
SELECT isnt_empty($$ SELECT * FROM coefficients('changed') EXCEPT SELECT * FROM coefficients('before') $$, 'while an earlier event would have changed them');

SELECT * FROM finish();
ROLLBACK;
