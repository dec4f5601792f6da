-- Summaries of a hash-partitioned table: aggregated partition by partition, by the partition key and by other
-- keys, in one process and in parallel workers, they are what one pass over a table without partitions gives.
BEGIN;
\ir ../recovery/merged_summaries.sql
SELECT plan((SELECT 6 * count(*)::integer FROM tried) + 3);

CREATE TABLE parted (LIKE event) PARTITION BY HASH (customer);
SELECT format('CREATE TABLE parted_%s PARTITION OF parted FOR VALUES WITH (MODULUS 4, REMAINDER %s)', r, r) FROM generate_series(0, 3) r
\gexec
INSERT INTO parted SELECT * FROM event;
ANALYZE parted;
SELECT is((SELECT count(DISTINCT tableoid) || ' ' || bool_and(n > 20000) FROM (SELECT tableoid, count(*) AS n FROM parted GROUP BY 1) p), '4 true',
          'events in every partition');

-- Every aggregate by the partition key, by another, and in all.
CREATE VIEW asked AS
SELECT name, by, groups,
       comparison(name, format('SELECT %s AS g, %s AS s FROM event GROUP BY 1', key, call),
                  format('SELECT %s AS g, %s AS s FROM parted GROUP BY 1', key, call)) AS query
FROM tried, (VALUES ('customer', 'customer', 3000), ('channel', 'channel', 12), ('all', 'shard * 0', 1)) k (by, key, groups);

-- Groups and differing groups of a comparison, the kinds of aggregation in its plan (the partitions', the plain table's
-- and the comparison's own), and whether it is parallel.
CREATE FUNCTION answer(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  plan json;
  groups bigint;
  different bigint;
BEGIN
  EXECUTE query INTO STRICT groups, different;
  EXECUTE 'EXPLAIN (COSTS OFF, FORMAT JSON) ' || query INTO STRICT plan;
  RETURN (
    SELECT format('%s groups, %s differ: %s', groups, different, string_agg(format('%s %s', n, mode), ', ' ORDER BY mode))
    FROM (SELECT node ->> 'Partial Mode' AS mode, count(*) AS n
          FROM jsonb_path_query(plan::jsonb, 'strict $.** ? (@."Node Type" == "Aggregate")') node GROUP BY 1) a
  ) || CASE WHEN plan::jsonb @@ 'strict $.**."Workers Planned" > 0' THEN '; parallel' ELSE '' END;
END
$$;

SET LOCAL enable_partitionwise_aggregate = on;
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT is(answer(query), format('%s groups, 0 differ: %s', groups, CASE by WHEN 'customer' THEN '6 Simple' ELSE '1 Finalize, 4 Partial, 2 Simple' END),
          format('%s by %s', name, by)) FROM asked;

SET LOCAL max_parallel_workers_per_gather = 4;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT is(answer(query),
          format('%s groups, 0 differ: %s; parallel', groups,
                 CASE by WHEN 'customer' THEN '1 Finalize, 1 Partial, 5 Simple' ELSE '2 Finalize, 5 Partial, 1 Simple' END),
          format('%s by %s in parallel', name, by)) FROM asked;
CREATE FUNCTION workers(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) ' || query INTO STRICT plan;
  RETURN plan::jsonb @@ 'strict $.**."Workers Launched" > 0';
END
$$;
SELECT ok(workers('SELECT channel, persona.activity_agg(ts) FROM parted GROUP BY channel'), 'workers that are planned do run');

-- The comparison itself: one partition alone is not the whole.
SELECT is((SELECT array_agg(DISTINCT different = 12) FROM tried, LATERAL compared(name,
             format('SELECT channel AS g, %s AS s FROM event GROUP BY 1', call),
             format('SELECT channel AS g, %s AS s FROM parted_0 GROUP BY 1', call)) c), '{t}', 'one partition alone differs');

SELECT * FROM finish();
ROLLBACK;
