-- session_knn over 500,000 sessions of some 5 items of 20,000, the popular ones in tens of thousands of sessions: the
-- fit, and the latency of ten recommendations for a session at hand in a warm backend. Beside it the formula (without
-- next_item) as a plain query over an indexed table of sessions, whose answers must be the same.
\set ON_ERROR_STOP on
\pset footer off
SET client_min_messages = warning;
SET jit = off;
SET max_parallel_workers_per_gather = 0;

SELECT setseed(0.42) \g /dev/null
-- Half of a session's items are near its first one, the others anywhere; a later session has later times.
CREATE TABLE bench_click AS
SELECT session, CASE WHEN place = 1 OR random() < .5 THEN greatest(0, centre + (20 * random())::integer * sign(place - 1)::integer)
                     ELSE (20000 * random() ^ 4)::integer END AS item, 1000 * session + place AS at
FROM (SELECT s AS session, (20000 * random() ^ 4)::integer AS centre, 2 + floor(-3.5 * ln(1 - random()))::integer AS size
      FROM generate_series(1, 500000) s) s
CROSS JOIN LATERAL generate_series(1, least(size, 40)) place;
VACUUM ANALYZE bench_click;
CREATE TEMP TABLE bench_prefix AS
SELECT row_number() OVER () AS id, array_agg(item::text ORDER BY at) AS items
FROM bench_click WHERE session % 1000 = 7 AND at % 1000 <= 8 GROUP BY session;

CREATE TEMP TABLE bench_run (method text, id bigint, ms float8, items text[]);
CREATE TEMP TABLE bench_fit (method text, seconds float8);
SET check_function_bodies = off;
CREATE FUNCTION pg_temp.plain(wanted text[]) RETURNS text[] LANGUAGE sql AS $query$
  WITH prefix AS (SELECT item::integer, min(cardinality(wanted) - place) AS age
                  FROM unnest(wanted) WITH ORDINALITY AS w(item, place) GROUP BY item),
       weight AS (SELECT item, 0.8::float8 ^ age * d.n::float8 ^ -0.5 AS weight FROM prefix JOIN bench_item d USING (item)),
       near AS (SELECT session, sum(weight * s.size::float8 ^ -0.5) AS sim
                   FROM weight JOIN bench_session s USING (item)
                   GROUP BY session ORDER BY sim DESC, session DESC LIMIT 500),
       matched AS (SELECT session, sim, max(place) AS place
                   FROM near JOIN bench_session USING (session) JOIN prefix USING (item) GROUP BY session, sim)
  SELECT array_agg(item::text ORDER BY score DESC, n DESC)
  FROM (SELECT item, sum(m.sim * exp(-abs(s.place - m.place) / 3.0)) AS score
        FROM matched m JOIN bench_session s USING (session)
        WHERE item NOT IN (SELECT item FROM prefix) GROUP BY item
        ORDER BY score DESC LIMIT 10) best JOIN bench_item USING (item)
$query$;
DO $bench$
DECLARE
  started timestamptz := clock_timestamp();
  method text;
  prefix record;
  answer text[];
BEGIN
  CREATE TABLE bench_session AS
  SELECT session, item, row_number() OVER (PARTITION BY session ORDER BY at) AS place, count(*) OVER (PARTITION BY session) AS size
  FROM (SELECT session, item, max(at) AS at FROM bench_click GROUP BY session, item) e;
  DELETE FROM bench_session WHERE size < 2;
  CREATE TABLE bench_item AS SELECT item, count(*) AS n FROM bench_session GROUP BY item;
  CREATE INDEX ON bench_session (item) INCLUDE (session, size);
  CREATE INDEX ON bench_session (session);
  CREATE INDEX ON bench_item (item);
  ANALYZE bench_session, bench_item;
  INSERT INTO bench_fit VALUES ('plain query', extract(epoch FROM clock_timestamp() - started));
  FOREACH method IN ARRAY ARRAY['session_knn', 'without next_item'] LOOP
    started := clock_timestamp();
    PERFORM persona.fit('bench_' || replace(method, ' ', '_'), 'session_knn', 'bench_click',
                        options => jsonb_build_object('user', 'session', 'item', 'item', 'time', 'at',
                                                      'next_item_weight', CASE method WHEN 'session_knn' THEN 0.2 ELSE 0 END));
    INSERT INTO bench_fit VALUES (method, extract(epoch FROM clock_timestamp() - started));
    FOR turn IN 0 .. 1 LOOP
      FOR prefix IN SELECT * FROM bench_prefix ORDER BY id LOOP
        started := clock_timestamp();
        SELECT array_agg(item ORDER BY rank) INTO answer
        FROM persona.recommend_for_items('bench_' || replace(method, ' ', '_'), prefix.items, 10);
        IF turn > 0 THEN
          INSERT INTO bench_run VALUES (method, prefix.id, 1000 * extract(epoch FROM clock_timestamp() - started), answer);
        END IF;
      END LOOP;
    END LOOP;
  END LOOP;
  FOR turn IN 0 .. 1 LOOP
    FOR prefix IN SELECT * FROM bench_prefix ORDER BY id LIMIT 60 LOOP
      started := clock_timestamp();
      answer := pg_temp.plain(prefix.items);
      IF turn > 0 THEN
        INSERT INTO bench_run VALUES ('plain query', prefix.id, 1000 * extract(epoch FROM clock_timestamp() - started), answer);
      END IF;
    END LOOP;
  END LOOP;
END
$bench$;
SELECT method, round(seconds::numeric, 1) AS fit_seconds, round(p50::numeric, 2) AS p50_ms, round(p99::numeric, 2) AS p99_ms,
       round((max(p50) FILTER (WHERE method = 'plain query') OVER () / p50)::numeric, 1) AS times_faster,
       CASE method WHEN 'session_knn' THEN 5 END AS goal_p50_ms
FROM (SELECT method, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS p50, percentile_cont(0.99) WITHIN GROUP (ORDER BY ms) AS p99
      FROM bench_run GROUP BY method) r
JOIN bench_fit USING (method) ORDER BY p50;
SELECT count(*) AS answers_compared, count(*) FILTER (WHERE ours.items @> plain.items) AS of_the_same_items
FROM bench_run ours JOIN bench_run plain USING (id) WHERE ours.method = 'without next_item' AND plain.method = 'plain query';
