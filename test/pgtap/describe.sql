-- persona.describe and persona.duplicates: every figure against the SQL that would compute it over seeded data, any type
-- of column, what is refused, and that a source is read once, as the caller, in bounded memory.
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(108);
SELECT setseed(0.25);

CREATE TABLE sales AS
SELECT i, 1 + floor(random() * random() * 40)::int AS quantity, round((exp(random() * 4))::numeric, 1) AS price,
       floor(exp(random() * 6))::float8 / 8 AS weight, floor(random() * 9000)::bigint + 5000000000 AS big, (random() * 99)::int::real / 4 AS ratio,
       date '2024-01-01' + floor(random() * 200 * random())::int AS day,
       timestamptz '2024-03-01 00:00+00' + floor(random() * 5000) * interval '1 minute' AS at,
       floor(random() * 400) * interval '90 seconds' AS took, time '06:00' + floor(random() * 300) * interval '3 minutes' AS clock,
       'shop ' || floor(random() * 30) AS shop, random() < 0.3 AS online
FROM generate_series(1, 6000) i;
UPDATE sales SET quantity = NULL, price = CASE WHEN i % 2 = 0 THEN price END, day = NULL, at = NULL, took = NULL, clock = NULL, shop = NULL, online = NULL WHERE i % 10 = 0;
UPDATE sales SET quantity = 1000, price = 99999.9, weight = -1e6, day = '1900-01-01', at = '2038-01-19 00:00+00', took = '3 days' WHERE i % 701 = 0;
INSERT INTO sales SELECT * FROM sales WHERE i <= 130;
INSERT INTO sales SELECT * FROM sales WHERE i <= 7;
CREATE TEMP TABLE profile AS SELECT * FROM persona.describe('sales');

-- The source as a whole.
SELECT is((SELECT rows FROM profile WHERE ordinal = 0), (SELECT count(*) FROM sales), 'rows');
SELECT is((SELECT nulls FROM profile WHERE ordinal = 0), (SELECT count(*) FROM sales s WHERE NOT s IS NOT NULL), 'rows with a NULL');
SELECT is((SELECT distinct_values FROM profile WHERE ordinal = 0), (SELECT count(*) FROM (SELECT DISTINCT * FROM sales) d), 'distinct rows');
SELECT is((SELECT duplicate_rows FROM profile WHERE ordinal = 0), 144::bigint, 'duplicate rows: 130, and 7 twice over');
SELECT is((SELECT array_agg(column_name ORDER BY ordinal) FROM profile WHERE ordinal > 0),
          (SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'sales'::regclass AND attnum > 0), 'a row a column');
SELECT is((SELECT array_agg(type ORDER BY ordinal) FROM profile WHERE ordinal > 0),
          (SELECT array_agg(format_type(atttypid, atttypmod) ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'sales'::regclass AND attnum > 0), 'their types');
SELECT ok(bool_and(NOT estimated), 'nothing is estimated up to 10,000 distinct values') FROM profile;

-- What SQL says of one column.
CREATE FUNCTION pg_temp.by_sql(name text, extra text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
  EXECUTE format('SELECT row(count(*), count(*) - count(%1$I), count(DISTINCT %1$I), (mode() WITHIN GROUP (ORDER BY %1$I))::text,
    round((SELECT count(*) FROM sales s WHERE s.%1$I = (SELECT mode() WITHIN GROUP (ORDER BY %1$I) FROM sales))::numeric / count(%1$I), 12),
    (SELECT s.%1$I::text FROM sales s ORDER BY s.%1$I LIMIT 1), (SELECT s.%1$I::text FROM sales s WHERE s.%1$I IS NOT NULL ORDER BY s.%1$I DESC LIMIT 1)) || '' '' || %2$s FROM sales', name, extra)
  INTO answer;
  RETURN answer;
END $$;
CREATE FUNCTION pg_temp.by_describe(name text) RETURNS text LANGUAGE sql AS $$
  SELECT row(rows, nulls, distinct_values, commonest, round(commonest_share::numeric, 12), min, max) || ' ' FROM profile WHERE column_name = name
$$;
SELECT is(pg_temp.by_describe(column_name), pg_temp.by_sql(column_name, ''''''), 'counts, mode and extremes of ' || column_name)
FROM profile WHERE column_name IN ('quantity', 'price', 'weight', 'big', 'ratio', 'day', 'at', 'took', 'clock', 'shop', 'online') ORDER BY ordinal;
SELECT is((SELECT commonest FROM profile WHERE column_name = 'i'), '1', 'of equally common numbers the smallest');
SELECT is((SELECT commonest FROM persona.describe('SELECT * FROM (VALUES (''b''), (''a''), (''b''), (''a''), (''c'')) v') WHERE ordinal = 1), 'a', 'of equally common texts the first');
SELECT is((SELECT commonest FROM persona.describe('SELECT 1 UNION ALL SELECT 2') WHERE ordinal = 1), NULL, 'none when all occur once');

CREATE FUNCTION pg_temp.quantiles_by_sql(name text, type text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
  EXECUTE format('SELECT percentile_cont(ARRAY[.05, .25, .5, .75, .95]) WITHIN GROUP (ORDER BY %I::%s)::text FROM sales', name, type) INTO answer;
  RETURN answer;
END $$;
SELECT is((SELECT ARRAY[q05, q25, median, q75, q95]::float8[]::text FROM profile WHERE column_name = c),
          pg_temp.quantiles_by_sql(c, 'float8'), 'quantiles of ' || c) FROM unnest('{quantity,price,weight,big,ratio}'::text[]) c;
SELECT is((SELECT ARRAY[q05, q25, median, q75, q95]::text FROM profile WHERE column_name = c),
          (SELECT format('{%s}', (SELECT string_agg(CASE WHEN x LIKE '% %' THEN '"' || x || '"' ELSE x END, ',') FROM unnest(q) x))
           FROM (SELECT CASE c WHEN 'day' THEN (SELECT percentile_disc(ARRAY[.05, .25, .5, .75, .95]) WITHIN GROUP (ORDER BY day) FROM sales)::text[]
                   WHEN 'at' THEN (SELECT percentile_disc(ARRAY[.05, .25, .5, .75, .95]) WITHIN GROUP (ORDER BY at) FROM sales)::text[]
                   ELSE (SELECT percentile_disc(ARRAY[.05, .25, .5, .75, .95]) WITHIN GROUP (ORDER BY clock) FROM sales)::text[] END) q(q)), 'quantiles that occur of ' || c)
FROM unnest('{day,at,clock}'::text[]) c;
SELECT is((SELECT median::interval FROM profile WHERE column_name = 'took'), (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY took) FROM sales), 'median of an interval');
SELECT is((SELECT q25 FROM profile WHERE column_name = 'shop'), NULL, 'no quantiles of text');
SELECT is((SELECT median FROM profile WHERE column_name = 'online'), NULL, 'nor of boolean');

CREATE FUNCTION pg_temp.moments_by_sql(name text, type text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
  EXECUTE format('SELECT row(round(avg(%1$I::%2$s)::numeric, 5), round(stddev_samp(%1$I::%2$s)::numeric, 5),
    (SELECT count(*) FROM sales, (SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY %1$I::float8) AS q25, percentile_cont(0.75) WITHIN GROUP (ORDER BY %1$I::float8) AS q75 FROM sales) q
     WHERE %1$I < q25 - 1.5 * (q75 - q25) OR %1$I > q75 + 1.5 * (q75 - q25)))::text FROM sales', name, type) INTO answer;
  RETURN answer;
END $$;
SELECT is((SELECT row(round(mean::numeric, 5), round(stddev::numeric, 5), outliers)::text FROM profile WHERE column_name = c), pg_temp.moments_by_sql(c, 'numeric'),
          'mean, deviation and outliers of ' || c) FROM unnest('{quantity,price,weight,big,ratio}'::text[]) c;
SELECT cmp_ok((SELECT outliers FROM profile WHERE column_name = 'price'), '>', 5::bigint, 'there are outliers');
SELECT is((SELECT row(round(mean::numeric, 9), round(stddev::numeric, 9))::text FROM profile WHERE column_name = 'took'),
          (SELECT row(round(avg(extract(epoch FROM took)), 9), round(stddev_samp(extract(epoch FROM took)), 9))::text FROM sales), 'an interval in seconds');
SELECT is((SELECT mean FROM profile WHERE column_name = 'day'), NULL, 'a date has no mean');
SELECT is((SELECT outliers FROM profile WHERE column_name = 'day'),
          (SELECT count(*) FROM sales, (SELECT percentile_disc(0.25) WITHIN GROUP (ORDER BY day) AS q25, percentile_disc(0.75) WITHIN GROUP (ORDER BY day) AS q75 FROM sales) q
           WHERE q25 - day > 1.5 * (q75 - q25) OR day - q75 > 1.5 * (q75 - q25)), 'but outliers');

-- No order of the rows, and no parallel plan, changes what is not estimated.
SELECT bag_eq($$SELECT * FROM persona.describe('SELECT * FROM sales ORDER BY md5(i::text)')$$, 'SELECT * FROM profile', 'in another order');
CREATE FUNCTION pg_temp.workers(query text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN ' || query LOOP
    IF line LIKE '%Workers Planned%' THEN RETURN substring(line FROM 'Planned: (\d+)')::int; END IF;
  END LOOP;
  RETURN 0;
END $$;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
ANALYZE sales;
SELECT cmp_ok(pg_temp.workers('SELECT * FROM sales WHERE i * 2 <> 1'), '>', 0, 'a parallel plan');
SELECT bag_eq($$SELECT * FROM persona.describe('SELECT * FROM sales WHERE i * 2 <> 1')$$, 'SELECT * FROM profile', 'read in parallel');
SET LOCAL max_parallel_workers_per_gather = 0;

-- Beyond 10,000 distinct values.
CREATE TABLE large AS
SELECT i, i::float8 / 7 AS x, md5(i::text)::uuid AS u, CASE WHEN i % 10 = 0 THEN 'often' ELSE md5(i::text) END AS word, CASE WHEN i % 200 = 0 THEN 1e6 + i ELSE i % 30011 END AS y
FROM generate_series(1, 120000) i;
INSERT INTO large SELECT * FROM large WHERE i <= 4321;
CREATE TEMP TABLE large_profile AS SELECT * FROM persona.describe('large');
SELECT is((SELECT duplicate_rows FROM large_profile WHERE ordinal = 0), 4321::bigint, 'duplicate rows are exact');
SELECT is((SELECT array_agg(estimated ORDER BY ordinal) FROM large_profile), '{f,t,t,t,t,t}', 'the columns are estimated');
SELECT cmp_ok(abs(distinct_values - 120000), '<', 3840::bigint, 'distinct values within four standard errors of 0.8 %: ' || column_name)
FROM large_profile WHERE column_name IN ('i', 'u');
SELECT is((SELECT distinct_values FROM large_profile WHERE column_name = 'y'), (SELECT count(DISTINCT y) FROM large), 'up to 100,000 they are exact');
SELECT is((SELECT distinct_values FROM persona.describe('SELECT i FROM large WHERE i <= ' || n) WHERE ordinal = 1), n::bigint, n || ' are') FROM unnest('{10001,99999,100000}'::int[]) n;
SELECT cmp_ok((SELECT distinct_values FROM persona.describe('SELECT i FROM large WHERE i <= 100001') WHERE ordinal = 1), '>', 100000::bigint, 'an estimate is known by being more');
SELECT is((SELECT commonest FROM large_profile WHERE column_name = 'word'), 'often', 'the commonest value is found');
SELECT cmp_ok((SELECT abs(commonest_share - (SELECT avg((word = 'often')::int) FROM large)) FROM large_profile WHERE column_name = 'word'), '<=', 0.0002::float8, 'and its share');
SELECT is((SELECT round(mean::numeric, 6) FROM large_profile WHERE column_name = 'x'), (SELECT round(avg(x)::numeric, 6) FROM large), 'the mean is exact');
SELECT is((SELECT round(stddev::numeric, 6) FROM large_profile WHERE column_name = 'x'), (SELECT round(stddev_samp(x)::numeric, 6) FROM large), 'and the deviation');
SELECT is((SELECT row(min, max)::text FROM large_profile WHERE column_name = 'word'), (SELECT row(min(word), max(word))::text FROM large), 'and extremes of text');
SELECT is((SELECT row(min, max)::text FROM large_profile WHERE column_name = 'y'), '(0,1120000)', 'and of numbers');
SELECT cmp_ok(abs((SELECT avg((x < median::float8)::int) FROM large) - 0.5), '<', 0.02, 'the median is near')
FROM large_profile WHERE column_name = 'x';
SELECT cmp_ok(abs(outliers - (SELECT count(*) FROM large WHERE y > 1e5)), '<', 300::bigint, 'outliers are near') FROM large_profile WHERE column_name = 'y';
SELECT bag_eq($$SELECT * FROM persona.describe('large')$$, 'SELECT * FROM large_profile', 'the same rows give the same answer');
SET LOCAL work_mem = '64kB';
SELECT bag_eq($$SELECT * FROM persona.describe('large')$$, 'SELECT * FROM large_profile', 'also when rows are compared on disk');
RESET work_mem;

-- NaN, infinities, great numbers.
CREATE TEMP TABLE odd AS SELECT * FROM persona.describe($$SELECT * FROM (VALUES ('NaN'::float8, 'NaN'::numeric, 'infinity'::date, 1e300::float8, 1e300::float8, '1e400'::numeric, 9007199254740993),
  ('Infinity', 'Infinity', '-infinity', -1e300, 2e300, 7, 9007199254740992), (NULL, 3, '2020-02-02', 0, 4e300, 8, NULL), (5, NULL, NULL, 1, NULL, '-2e400', 1),
  ('-Infinity', 4, NULL, 2, NULL, 9, 2)) v(f, n, d, e, g, huge, b)$$);
SELECT is((SELECT row(nulls, nan, infinite, distinct_values, mean, min, max)::text FROM odd WHERE column_name = 'f'), '(1,1,2,4,5,5,5)', 'float8');
SELECT is((SELECT row(nulls, nan, infinite, distinct_values, mean, min, max)::text FROM odd WHERE column_name = 'n'), '(1,1,1,4,3.5,3,4)', 'numeric');
SELECT is((SELECT row(nulls, nan, infinite, distinct_values, min, max)::text FROM odd WHERE column_name = 'd'), '(2,0,2,3,2020-02-02,2020-02-02)', 'date');
SELECT is((SELECT row(nulls, nan, infinite)::text FROM odd WHERE ordinal = 0), '(3,1,3)', 'rows with such values');
-- By hand: of 1, 2 and 4 the mean and the variance are 7/3.
SELECT is((SELECT round((mean / 1e300)::numeric, 12) || ' ' || round((stddev / 1e300)::numeric, 12) FROM odd WHERE column_name = 'g'), '2.333333333333 1.527525231652', 'numbers whose squares overflow');
SELECT is((SELECT row(mean, stddev, median, left(min, 5), left(max, 5), infinite)::text FROM odd WHERE column_name = 'huge'), '(,,8,-2000,10000,0)', 'numeric beyond float8: no mean');
SELECT is((SELECT row(min, max)::text FROM odd WHERE column_name = 'b'), '(1,9007199254740993)', 'extremes keep every digit');
SELECT is((SELECT array_agg(distinct_values ORDER BY ordinal) FROM persona.describe($$SELECT * FROM (VALUES
  ('NaN'::numeric, 7.5, '{1,2,3,4}'::int[], '[[1], 2]'::jsonb, '[-1,3)'::numrange, 4294967296, '4294967297 us'::interval, '4294967296'::xid8, '00:00:01+00'::timetz),
  ('Infinity', -7.5, '{{1,2},{3,4}}', '[[1, 2]]', '[1,3)', 1, '0', '1', '00:00:01+01'), ('-Infinity', 7.50, '[0:3]={1,2,3,4}', '[[1, -2]]', '[1,2)', -1, '-4294967297 us', '0', '00:00:02+00')) v$$)),
  '{3,3,2,3,3,3,3,3,3,3}', 'values that hash functions of their types do not tell apart');
SELECT is((SELECT row(distinct_values, commonest, commonest_share)::text FROM persona.describe('SELECT * FROM (VALUES (0::float8), (-0.0::float8), (''NaN''), (''NaN''), (''NaN'')) v') WHERE ordinal = 1),
          '(2,NaN,0.6)', '-0 is 0, NaN is NaN');

-- Nothing, and little.
CREATE TABLE nothing ();
SELECT is((SELECT string_agg(row(ordinal, rows, distinct_values, duplicate_rows)::text, ' ') FROM persona.describe('nothing')), '(0,0,0,0)', 'no columns, no rows');
INSERT INTO nothing SELECT FROM generate_series(1, 3);
SELECT is((SELECT string_agg(row(ordinal, rows, distinct_values, duplicate_rows)::text, ' ') FROM persona.describe('nothing')), '(0,3,1,2)', 'no columns, three rows');
SELECT is((SELECT string_agg(row(ordinal, rows, nulls, distinct_values, duplicate_rows, mean, min, q25, outliers)::text, ' ') FROM persona.describe('SELECT * FROM sales WHERE false') WHERE ordinal IN (0, 2)),
          '(0,0,0,0,0,,,,) (2,0,0,0,,,,,)', 'no rows');
SELECT is((SELECT string_agg(row(rows, nulls, distinct_values, duplicate_rows, commonest, mean, min, q25, outliers)::text, ' ' ORDER BY ordinal)
           FROM persona.describe('SELECT NULL::int, NULL::text FROM generate_series(1, 3)')), '(3,3,1,2,,,,,) (3,3,0,,,,,,) (3,3,0,,,,,,)', 'only NULLs');
SELECT is((SELECT row(commonest, commonest_share, mean, stddev, min, q05, q95, max, outliers)::text FROM persona.describe('SELECT 5') WHERE ordinal = 1), '(5,1,5,,5,5,5,5,0)', 'one row');

-- Any type of column, described and compared as GROUP BY would where it can, else by its text.
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE pair AS (a int, j json);
CREATE DOMAIN percent AS numeric CHECK (value <= 100);
CREATE COLLATION no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE zoo (n numeric, p percent, e mood, c char(3), j json, jb jsonb, a int[], ja json[], b bytea, co pair, u uuid, ip inet, pt point, m money, bt bit(3), r int4range, tv tsvector, o "char", iv interval, nc text COLLATE no_case);
INSERT INTO zoo VALUES
  (1.0, 5, 'sad', 'x', '{"a":1}', '{"a":1}', '{1,2}', '{1}', '\x01', '(1,{})', '00000000-0000-0000-0000-000000000001', '10.0.0.1', '(1,2)', 2, '101', '[1,3)', 'a b', 'x', '1 mon', 'yes'),
  (1.00, 5.0, 'sad', 'x  ', '{"a":1}', '{"a" : 1}', '{1,2}', '{1}', '\x01', '(1,{})', '00000000-0000-0000-0000-000000000001', '10.0.0.1', '(1,2)', 2, '101', '[1,2]', 'b a', 'x', '30 days', 'YES'),
  (2, 6, 'happy', 'y', '{"a": 1}', '{"a":2}', '{2,1}', '{2}', '\x02', '(1,"{ }")', '00000000-0000-0000-0000-000000000002', '10.0.0.2', '(2,1)', 3, '111', '[1,9)', 'c', 'y', '1 hour', 'no');
SELECT is((SELECT array_agg(DISTINCT distinct_values) FROM persona.describe('zoo')), '{2}', 'two different values everywhere');
SELECT is((SELECT duplicate_rows FROM persona.describe('zoo') WHERE ordinal = 0), 1::bigint, 'and two different rows');
SELECT is((SELECT row(min, max)::text FROM persona.describe('zoo') WHERE column_name = 'e'), '(sad,happy)', 'an enum in its own order');
SELECT is((SELECT array_agg(column_name ORDER BY ordinal) FROM persona.describe('zoo') WHERE min IS NULL AND ordinal > 0), '{j,jb,a,ja,co,pt,r,tv}', 'no extremes where an order says nothing');
SELECT is((SELECT count(*) FROM persona.duplicates('zoo')), 2::bigint, 'duplicates sees the same');
SELECT is((SELECT string_agg(keys::text, ' ' ORDER BY keys::text) FROM persona.duplicates('zoo', '{j,co,nc}')),
          '{"j": {"a": 1}, "co": {"a": 1, "j": {}}, "nc": "YES"} {"j": {"a": 1}, "co": {"a": 1, "j": {}}, "nc": "yes"}', 'keys by their text or their collation, shown as they are');
SELECT lives_ok($$SELECT persona.describe('SELECT row(1, ''{}''::json), most_common_vals, x.* FROM pg_stats, pg_namespace x LIMIT 50')$$, 'anonymous rows and pseudo types');
SELECT is((SELECT row(distinct_values, left(commonest, 3), length(commonest), length(min), right(max, 3))::text
           FROM persona.describe('SELECT repeat(''é'', 3000000) || i % 2 FROM generate_series(0, 2) i') WHERE ordinal = 1), '(2,ééé,41,41,...)', 'long texts are told apart and shown cut');

-- Names, sources, rights.
SELECT is((SELECT array_agg(column_name ORDER BY ordinal) FROM persona.describe('SELECT 1 AS "Größe ""x""", 2 AS "select", 3 AS a, 4 AS a -- the end') WHERE ordinal > 0), '{"Größe \"x\"",select,a,a}', 'names as they are');
SELECT throws_ok($$SELECT persona.describe(NULL)$$, '22004', 'argument "source" must not be null');
SELECT throws_ok($$SELECT persona.describe('SELECT 1; DROP TABLE sales')$$, '22023', 'source must be a relation or one SELECT');
SELECT throws_ok($$SELECT persona.describe('DELETE FROM sales RETURNING *')$$, '22023', 'source must be a relation or one SELECT');
SELECT throws_ok($$SELECT persona.describe('SELECT 1 / (i - 5) FROM sales')$$, '22012', 'division by zero');
CREATE ROLE looker;
SET LOCAL ROLE looker;
SELECT throws_ok($$SELECT persona.describe('sales')$$, '42501', 'permission denied for table sales', 'describe reads as the caller');
SELECT throws_ok($$SELECT persona.duplicates('sales')$$, '42501', 'permission denied for table sales', 'so does duplicates');
RESET ROLE;
SELECT string_agg(format('i AS c%s', c), ', ') AS columns FROM generate_series(1, 1600) c \gset
SELECT is((SELECT row(count(*), min(distinct_values), max(max))::text FROM persona.describe('SELECT ' || :'columns' || ' FROM generate_series(1, 9) i')), '(1601,9,9)', '1,600 columns');

-- duplicates.
CREATE TABLE visit ("Customer Id" int, "Tag ""x""" text, note json);
INSERT INTO visit VALUES (1, 'a', '{"n": 1}'), (1, 'a', '{"n": 2}'), (NULL, 'b', NULL), (NULL, 'b', '{"n": 3}'), (NULL, 'b', '{"n": 3}'), (2, NULL, NULL), (3, 'a', NULL);
SELECT results_eq($$SELECT keys::text, copies, row_data ->> 'note' FROM persona.duplicates('visit', '{Customer Id,"Tag \"x\""}')$$,
  $$VALUES ('{"Tag \"x\"": "b", "Customer Id": null}', 3::bigint, NULL), ('{"Tag \"x\"": "b", "Customer Id": null}', 3, '{"n": 3}'), ('{"Tag \"x\"": "b", "Customer Id": null}', 3, '{"n": 3}'),
           ('{"Tag \"x\"": "a", "Customer Id": 1}', 2, '{"n": 1}'), ('{"Tag \"x\"": "a", "Customer Id": 1}', 2, '{"n": 2}')$$, 'the most copies first, NULLs agree');
SELECT results_eq($$SELECT keys = row_data, copies, row_data::text FROM persona.duplicates('visit')$$,
  $$SELECT true, 2::bigint, '{"note": {"n": 3}, "Tag \"x\"": "b", "Customer Id": null}' FROM generate_series(1, 2)$$, 'all columns');
SELECT bag_eq($$SELECT * FROM persona.duplicates('visit', '{}')$$, $$SELECT * FROM persona.duplicates('visit', NULL)$$, 'no keys are all keys');
SELECT results_eq($$SELECT keys ->> 'shop', copies, count(*) FROM persona.duplicates('sales', '{shop}') GROUP BY 1, 2 ORDER BY 2 DESC, 1$$,
  $$SELECT shop, count(*), count(*) FROM sales GROUP BY 1 HAVING count(*) > 1 ORDER BY 2 DESC, 1$$, 'as GROUP BY');
SELECT is((SELECT count(*) - count(DISTINCT row_data) FROM persona.duplicates('sales')), 144::bigint, 'as many as describe counts');
SELECT is_empty($$SELECT * FROM persona.duplicates('SELECT * FROM visit WHERE "Customer Id" > 1')$$, 'nothing repeats');
SELECT is((SELECT count(*) FROM persona.duplicates('nothing')), 3::bigint, 'rows without columns agree');
SELECT is((SELECT string_agg(row_data::text, ' ') FROM persona.duplicates('SELECT 1 AS r, 2 AS r_, 3 AS copies, 4 AS row_data, 5 AS k0 FROM generate_series(1, 2) -- twice', '{k0,row_data}')),
          '{"r": 1, "k0": 5, "r_": 2, "copies": 3, "row_data": 4} {"r": 1, "k0": 5, "r_": 2, "copies": 3, "row_data": 4}', 'whatever the columns are called');
SELECT throws_ok($$SELECT persona.duplicates('visit', '{tag}')$$, '42703', 'the source has no column "tag"');
SELECT throws_ok($$SELECT persona.duplicates('visit', '{note,NULL}')$$, '22004', 'argument "keys" must not contain null');
SELECT throws_ok($$SELECT persona.duplicates(NULL)$$, '22004', 'argument "source" must not be null');
SELECT throws_ok($$SELECT persona.duplicates('SELECT 1 AS a, 2 AS a', '{a}')$$, '22023', 'the source has two columns named "a"');
CREATE FUNCTION pg_temp.hint(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE hint text;
BEGIN
  EXECUTE query;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
  RETURN hint;
END $$;
SELECT is(pg_temp.hint($$SELECT persona.duplicates('visit', '{tag}')$$), 'The source has: "Customer Id", "Tag ""x""", note.', 'the hint lists the columns');

-- In a transaction that may write nothing.
SET LOCAL transaction_read_only = on;
SELECT is((SELECT duplicate_rows FROM persona.describe('sales') WHERE ordinal = 0), 144::bigint, 'describe, read only');
SELECT is((SELECT count(*) FROM persona.duplicates('visit')), 2::bigint, 'duplicates, read only');

SELECT * FROM finish();
ROLLBACK;
