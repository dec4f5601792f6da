-- Distinct counts (postgresql-hll) and quantiles (tdigest) in a portrait, beside persona's own summaries.
SELECT count(*) < 2 AS missing FROM pg_available_extensions WHERE name IN ('hll', 'tdigest') \gset
\if :missing
\echo 1..0 # SKIP the extensions hll and tdigest are not both installed
\q
\endif
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE SCHEMA sketches;  -- where search_path does not reach: the portrait must find their functions all the same
CREATE EXTENSION hll SCHEMA sketches;
CREATE EXTENSION tdigest SCHEMA sketches;
SELECT plan(21);
SET LOCAL search_path = public, sketches;

CREATE TABLE order_line (customer integer NOT NULL, ts timestamptz, product text, amount double precision);
CREATE INDEX ON order_line (customer);
-- 120 customers with 1 to about 800 lines; the amounts are skewed, as amounts are.
CREATE FUNCTION lines(first integer, last integer) RETURNS SETOF order_line LANGUAGE sql AS $$
  SELECT (i * 7919 % 14400 / 1000.0 * (i % 10))::integer, timestamptz '2024-01-01 00:00+00' + i * interval '17 min', 'product ' || i * 104729 % 1009,
         round(exp(i * 15485863 % 10007 / 2000.0)::numeric, 2)::double precision
  FROM generate_series(first::bigint, last) i
$$;
INSERT INTO order_line SELECT * FROM lines(1, 20000);

CREATE FUNCTION portrait_query() RETURNS text LANGUAGE sql AS $f$ SELECT $$
  SELECT customer, persona.activity_agg(ts, amount) AS activity, hll_add_agg(hll_hash_text(product)) AS products,
         tdigest(amount, 100) AS amounts, persona.moments_agg(amount) AS spend
  FROM order_line GROUP BY customer $$ $f$;
SELECT lives_ok($$ SELECT persona.create_portrait('live', portrait_query(), event_time => 'ts') $$, 'a portrait with sketches');
SELECT lives_ok($$ SELECT persona.create_portrait('later', portrait_query(), event_time => 'ts', deferred => true) $$, 'and a deferred one');

SELECT columns_are('public', 'live', '{customer,activity,products,amounts,spend}'::name[]);
SELECT col_type_is('public', 'live', 'products', 'sketches', 'hll', 'the sketch itself is stored');
SELECT is((SELECT array_agg(attname ORDER BY attnum) FROM pg_attribute
           WHERE attrelid = 'live_features'::regclass AND attname ~ '^(products|amounts)'),
          '{products_distinct,amounts_count,amounts_median}'::name[], 'features of sketches');

-- What a recomputation gives. hll agrees exactly: its registers are maxima, whatever the order. A digest merged in other
-- parts has other centroids, and one that grew line by line is the least exact, so its median is judged by its rank.
CREATE VIEW again AS
SELECT customer, hll_cardinality(hll_add_agg(hll_hash_text(product))) AS distinct_products, count(DISTINCT product) AS products, count(*) AS lines,
       percentile_cont('{0.45,0.55}'::float8[]) WITHIN GROUP (ORDER BY amount) AS middle
FROM order_line GROUP BY customer;
CREATE FUNCTION stale(features regclass) RETURNS TABLE (customers bigint, counts bigint, distinct_counts bigint, medians bigint) LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE format(
    'SELECT count(f.customer), count(*) FILTER (WHERE f.amounts_count IS DISTINCT FROM a.lines OR f.spend_count IS DISTINCT FROM a.lines),
            count(*) FILTER (WHERE f.products_distinct IS DISTINCT FROM a.distinct_products),
            count(*) FILTER (WHERE NOT coalesce(f.amounts_median BETWEEN middle[1] AND middle[2], false))
     FROM again a LEFT JOIN %s f USING (customer)', features);
END
$$;
SELECT is((SELECT min(lines) || ' to ' || max(lines) FROM again), '1 to 2205', 'customers of few lines and of many');
SELECT results_eq($$ SELECT * FROM stale('live_features') $$, $$ VALUES (131::bigint, 0::bigint, 0::bigint, 0::bigint) $$, 'as created');
SELECT is((SELECT (products BETWEEN 800 AND 1009) AND abs(products_distinct / products - 1) < 0.1
           FROM live_features JOIN again USING (customer) ORDER BY lines DESC LIMIT 1), true, 'products_distinct estimates count(DISTINCT)');

-- One statement of many customers, many statements of one line, one without what is counted, one of a new customer.
INSERT INTO order_line SELECT * FROM lines(20001, 24000);
DO $$ BEGIN FOR i IN 24001..24400 LOOP INSERT INTO order_line SELECT * FROM lines(i, i); END LOOP; END $$;
INSERT INTO order_line VALUES (1, now(), NULL, NULL);
INSERT INTO order_line VALUES (1000, '2024-06-01 00:00+00', 'product 1', 9.5);
SELECT is((SELECT count(*) FROM order_line WHERE customer <> 1), (SELECT sum(activity_events)::bigint FROM live_features WHERE customer <> 1),
          'every line is in the live portrait');
SELECT results_eq($$ SELECT * FROM stale('live_features') $$, $$ VALUES (132::bigint, 1::bigint, 0::bigint, 0::bigint) $$,
                  'live: distinct counts as recomputed, medians within their error; customer 1 has a line without an amount');
SELECT is((SELECT amounts_count || ' of ' || activity_events || ', ' || spend_nulls FROM live_features WHERE customer = 1),
          (SELECT count(amount) || ' of ' || count(*) || ', 1' FROM order_line WHERE customer = 1), 'which is counted apart');
SELECT is_empty($$ SELECT * FROM persona.check_portrait('live') $$, 'check_portrait finds nothing');

SELECT isnt_empty($$ SELECT * FROM stale('later_features') WHERE counts > 100 AND distinct_counts > 50 $$, 'the deferred portrait knows nothing yet');
SELECT lives_ok($$ SELECT persona.refresh_portrait('later') $$, 'until it is refreshed');
SELECT results_eq($$ SELECT * FROM stale('later_features') $$, $$ VALUES (132::bigint, 1::bigint, 0::bigint, 0::bigint) $$, 'then it is the same');
SELECT is_empty($$ SELECT * FROM persona.check_portrait('later') $$, 'and check_portrait finds nothing');

-- Sketches cannot forget, so the keys of deleted and changed lines are computed anew.
DELETE FROM order_line WHERE customer = 2 AND product < 'product 5';
UPDATE order_line SET amount = amount * 10, product = 'changed' WHERE customer = 3;
SELECT persona.refresh_portrait('later') \g /dev/null
SELECT is((SELECT count(*) FROM again a JOIN live_features l USING (customer) JOIN later_features d USING (customer)
           WHERE customer IN (2, 3) AND l.products_distinct = a.distinct_products AND d.products_distinct = a.distinct_products
             AND l.amounts_median BETWEEN middle[1] AND middle[2] AND d.amounts_median BETWEEN middle[1] AND middle[2]), 2::bigint,
          'DELETE and UPDATE');
SELECT is_empty($$ SELECT * FROM persona.check_portrait('live') UNION ALL SELECT * FROM persona.check_portrait('later') $$,
                'nor after them');

-- Stored sketches add up like summaries: all customers in one row.
SELECT is((SELECT hll_cardinality(hll_union_agg(products)) FROM live), (SELECT hll_cardinality(hll_add_agg(hll_hash_text(product))) FROM order_line),
          'distinct products of all customers');
SELECT ok((SELECT tdigest_percentile(d, 0.95) BETWEEN min(p[1]) AND min(p[2])
           FROM (SELECT tdigest(amounts) AS d FROM live) s,
                (SELECT percentile_cont('{0.94,0.96}'::float8[]) WITHIN GROUP (ORDER BY amount) AS p FROM order_line) q), 'a quantile of all lines');

UPDATE live SET products = hll_empty(), amounts = NULL WHERE customer = 5;
SELECT results_eq($$ SELECT column_name FROM persona.check_portrait('live') ORDER BY 1 $$, ARRAY['amounts', 'products'], 'a wrong sketch is found');

SELECT * FROM finish();
ROLLBACK;
