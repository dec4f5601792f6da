-- For tests of summaries that are made in parts (test/recovery/shards.sh, test/pgtap/partitionwise.sql): events, the
-- list of aggregates to try on them, and the comparison of what parts give with what one pass over all events gives.
-- A new aggregate is one line of the list.

-- Events of 3,000 customers over 400 days. Which shard an event is on has nothing to do with its customer.
CREATE TABLE event (
  shard integer NOT NULL, customer integer NOT NULL, channel integer NOT NULL, ts timestamptz NOT NULL,
  started timestamptz NOT NULL, page text NOT NULL, sku text NOT NULL, sku_id bigint NOT NULL,
  amount double precision NOT NULL, minutes double precision NOT NULL, visits double precision NOT NULL
);

-- Hashes with a seed are the same on every server, unlike random().
CREATE FUNCTION draw(i bigint, seed bigint, below bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  'SELECT (pg_catalog.hashint8extended(i, seed) & 1099511627775) % below';
INSERT INTO event
SELECT 1 + draw(i, 1, 2), floor(3000 * (draw(i, 2, 1000000) / 1e6) ^ 2), draw(i, 3, 12),
       timestamptz '2024-01-01 00:00+00' + draw(i, 4, 400 * 86400) * interval '1 s', timestamptz '2024-01-15 00:00+00',
       (ARRAY['home', 'cart', 'address', 'paid'])[1 + draw(i, 5, 4)], 'sku ' || draw(i, 6, 15), draw(i, 6, 15),
       draw(i, 7, 50000) / 100.0, ln(1 + draw(i, 8, 3600)), draw(i, 9, 7) + sin(i)
FROM generate_series(1, 120000) i;
ANALYZE event;

-- An aggregate of event; needs is the function it calls, so that what this build has not is left out. bytes: parts give
-- the same bytes in whatever order they are merged; otherwise sums of doubles are rounded at 2^-106, and what the
-- accessors answer is compared. exact and numbers are what they answer of a summary s.
CREATE TABLE tried (name text PRIMARY KEY, needs text, call text, bytes boolean, exact text, numbers text);
INSERT INTO tried VALUES
  ('activity of times', 'activity_agg(timestamptz)', 'persona.activity_agg(ts)', true,
   'persona.events(s), persona.active_days(s), persona.first_at(s), persona.last_at(s), persona.hour_profile(s), persona.weekday_profile(s)',
   'persona.mean_gap_days(s), persona.recency_days(s, timestamptz ''2025-03-01'')'),
  ('activity', 'activity_agg(timestamptz, float8)', 'persona.activity_agg(ts, minutes)', false,
   'persona.events(s), persona.active_days(s), persona.first_at(s), persona.last_at(s), persona.hour_profile(s), persona.weekday_profile(s)',
   'persona.total_amount(s), persona.mean_amount(s), persona.stddev_amount(s), persona.frequency(s, timestamptz ''2025-03-01'', 30)'),
  ('moments', 'moments_agg(float8)', 'persona.moments_agg(minutes)', false,
   'persona.moments_count(s), persona.moments_nulls(s), persona.moments_min(s), persona.moments_max(s)',
   'persona.mean(s), persona.moments_variance(s), persona.moments_stddev(s), persona.skewness(s), persona.kurtosis(s)'),
  ('decayed', 'decayed_agg(timestamptz, float8, interval)', 'persona.decayed_agg(ts, minutes, ''30 days'')', false,
   'persona.last_at(s), persona.half_life(s)',
   'persona.decayed_total(s, timestamptz ''2025-03-01''), persona.decayed_count(s, timestamptz ''2025-03-01''), persona.decayed_mean(s)'),
  ('funnel', 'funnel_agg(timestamptz, interval, boolean[])',
   'persona.funnel_agg(ts, ''20 days'', page = ''cart'', page = ''address'', page = ''paid'')', true,
   'persona.depth(s), persona.funnel_steps(s)', 'persona.conversion_seconds(s)'),
  ('funnel in any order', 'funnel_any_order_agg(timestamptz, interval, boolean[])',
   'persona.funnel_any_order_agg(ts, ''5 days'', page = ''cart'', page = ''address'', page = ''paid'')', true,
   'persona.depth(s), persona.funnel_steps(s)', 'persona.conversion_seconds(s)'),
  ('retention', 'retention_agg(timestamptz, timestamptz, interval)', 'persona.retention_agg(started, ts, ''1 month'')', true,
   'persona.retained_periods(s), persona.early_events(s), persona.started_at(s)', 'persona.last_retained(s)'),
  ('recent texts', 'recent_agg(timestamptz, text, integer)', 'persona.recent_agg(ts, sku, 10)', true,
   'persona.items(s), persona.item_times(s)', 'persona.recent_count(s)'),
  ('recent integers', 'recent_agg(timestamptz, bigint, integer)', 'persona.recent_agg(ts, sku_id, 5)', true,
   'persona.items_bigint(s), persona.item_times(s)', 'persona.recent_count(s)'),
  ('sessions', 'sessions_agg(timestamptz, interval)', 'persona.sessions_agg(ts, ''36 hours'')', true,
   'persona.session_count(s), persona.session_events(s)',
   'persona.browsing_seconds(s), persona.mean_session_seconds(s), persona.events_per_session(s), persona.bounce_rate(s)'),
  ('affinity of texts', 'affinity_agg(text, float8)', 'persona.affinity_agg(sku, amount)', true,
   'persona.top_keys(s, 5), persona.key_count(s), persona.is_exact(s)', 'persona.total_weight(s), persona.entropy(s)'),
  ('affinity of integers', 'affinity_agg(bigint)', 'persona.affinity_agg(sku_id)', true,
   'persona.top_keys(s, 5), persona.key_count(s), persona.is_exact(s)', 'persona.total_weight(s), persona.entropy(s)'),
  ('cross products', 'cross_products_agg(float8, float8[])', 'persona.cross_products_agg(minutes, amount, visits)', false,
   'persona.cross_products_rows(s), persona.cross_products_skipped(s)', 'VARIADIC persona.covariance(s)');
DELETE FROM tried WHERE to_regprocedure('persona.' || needs) IS NULL;

CREATE FUNCTION agree(a double precision[], b double precision[]) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT cardinality(a) = cardinality(b)
     AND bool_and(x IS NOT DISTINCT FROM y OR coalesce(abs(x - y) <= 1e-12 * greatest(abs(x), abs(y)), false))
  FROM unnest(a, b) u (x, y)
$$;
CREATE FUNCTION numbers(VARIADIC double precision[]) RETURNS double precision[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT $1';

-- The query that tells how many groups two queries of (g, s) have in common, and in how many of all they differ.
CREATE FUNCTION comparison(summary text, one text, other text) RETURNS text LANGUAGE sql AS $$
  SELECT format(
    'WITH a AS (SELECT g, s, s::text AS bytes, ROW(%1$s)::text AS exact, numbers(%2$s) AS numbers FROM (%3$s) q),
          b AS (SELECT g, s, s::text AS bytes, ROW(%1$s)::text AS exact, numbers(%2$s) AS numbers FROM (%4$s) q)
     SELECT count(*) FILTER (WHERE a.s IS NOT NULL AND b.s IS NOT NULL),
            count(*) FILTER (WHERE NOT coalesce(a.exact = b.exact AND agree(a.numbers, b.numbers)
                                                AND (NOT %5$L OR a.s OPERATOR(persona.=) b.s AND a.bytes = b.bytes), false))
     FROM a FULL JOIN b ON a.g = b.g', exact, numbers, one, other, bytes) FROM tried WHERE name = summary
$$;
CREATE FUNCTION compared(summary text, one text, other text, OUT groups bigint, OUT different bigint) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE comparison(summary, one, other) INTO STRICT groups, different;
END
$$;
