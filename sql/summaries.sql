-- Summaries as one types them: an aggregate makes a value, plain functions read it, rollup and merge add values up.
\pset null '(null)'
SET TimeZone = 'UTC';

CREATE TABLE purchase (customer text, ts timestamptz, amount numeric);
INSERT INTO purchase VALUES
  ('ann', '2024-03-01 09:30+00', 20), ('ann', '2024-03-08 18:05+00', 35.50), ('ann', '2024-03-08 18:10+00', 4.50),
  ('ben', '2024-03-04 12:00+00', 100), ('ben', '2024-03-05 12:00+00', NULL),
  ('cat', NULL, 12);

-- One value a customer.
CREATE TABLE portrait AS
SELECT customer, persona.activity_agg(ts, amount::float8) AS activity FROM purchase GROUP BY customer;

SELECT customer, persona.events(activity), persona.active_days(activity), persona.first_at(activity),
       persona.last_at(activity)
FROM portrait ORDER BY customer;

SELECT customer, persona.total_amount(activity), persona.mean_amount(activity),
       round(persona.stddev_amount(activity)::numeric, 6) AS stddev_amount
FROM portrait ORDER BY customer;

-- Recency, tenure and frequency as of a time.
SELECT customer, persona.recency_days(activity, timestamptz '2024-03-11 12:00+00') AS recency_days,
       persona.tenure_days(activity, timestamptz '2024-03-11 12:00+00') AS tenure_days,
       round(persona.frequency(activity, timestamptz '2024-03-11 12:00+00', 30)::numeric, 6) AS events_a_month,
       round(persona.mean_gap_days(activity)::numeric, 6) AS mean_gap_days
FROM portrait ORDER BY customer;

-- When in the day and in the week.
SELECT customer, persona.hour_profile(activity), persona.weekday_profile(activity) FROM portrait ORDER BY customer;

-- Everybody together, from what is stored.
SELECT persona.events(persona.rollup(activity)) AS events, persona.total_amount(persona.rollup(activity)) AS total
FROM portrait;

-- A day's purchases come in.
UPDATE portrait
SET activity = persona.merge(portrait.activity, today.activity)
FROM (SELECT 'cat' AS customer, persona.activity_agg(timestamptz '2024-03-12 08:00+00', 9.99) AS activity) today
WHERE portrait.customer = today.customer;
SELECT customer, persona.events(activity) FROM portrait ORDER BY customer;

-- The text form is exact whatever extra_float_digits is.
SET extra_float_digits = 0;
SELECT customer, activity FROM portrait ORDER BY customer;
RESET extra_float_digits;

-- Dates and local times have a clock of their own.
SELECT persona.first_at_local(persona.activity_agg(d)), persona.recency_days(persona.activity_agg(d), date '2024-03-11')
FROM (VALUES (date '1900-01-01'), ('2024-03-01')) v (d);
SELECT persona.first_at(persona.activity_agg(date '2024-03-01'));
SELECT persona.recency_days(activity, date '2024-03-11') FROM portrait WHERE customer = 'ann';
SELECT persona.merge(activity, persona.activity_agg(date '2024-03-01')) FROM portrait WHERE customer = 'ann' GROUP BY activity;

-- What cannot be summarized says how to leave it out.
SELECT persona.activity_agg(timestamptz 'infinity', 1);
SELECT persona.activity_agg(now(), 'NaN');
SELECT persona.frequency(activity, timestamptz '2024-03-11', -1) FROM portrait;
SELECT 'activity:1 utc events=2'::persona.activity;
SELECT 'activity:1 utc events=2 first=0 last=0 amounts=0 total=0 m2=0 hours=0:1 weekdays=6:2 days=0:1'::persona.activity;

-- Moments of a number.
SELECT persona.moments_agg(amount::float8) AS m FROM purchase \gset
SELECT :'m'::persona.moments;
SELECT persona.moments_count(m), persona.moments_nulls(m), persona.mean(m), persona.moments_min(m), persona.moments_max(m),
       round(persona.moments_variance(m)::numeric, 6) AS variance, round(persona.moments_stddev(m)::numeric, 6) AS stddev,
       round(persona.skewness(m)::numeric, 6) AS skewness, round(persona.kurtosis(m)::numeric, 6) AS kurtosis
FROM (SELECT :'m'::persona.moments) s (m);
SELECT persona.moments_agg('Infinity');

-- No rows.
SELECT persona.activity_agg(ts), persona.moments_agg(amount::float8) FROM purchase WHERE false;

-- Equality and hashing: DISTINCT, joins and unique keys.
SELECT count(*) FROM (SELECT DISTINCT activity FROM (SELECT activity FROM portrait UNION ALL SELECT activity FROM portrait) u) d;
SELECT a.customer FROM portrait a JOIN portrait b ON a.activity OPERATOR(persona.=) b.activity ORDER BY 1;
SELECT a.customer, b.customer, a.activity OPERATOR(persona.=) b.activity AS same
FROM portrait a, portrait b WHERE a.customer <= b.customer ORDER BY 1, 2;

-- Binary COPY there and back.
\set ON_ERROR_STOP on
SELECT format('%s/summaries.bin', current_setting('data_directory')) AS file \gset
COPY portrait TO :'file' (FORMAT binary);
CREATE TABLE copied (LIKE portrait);
COPY copied FROM :'file' (FORMAT binary);
SELECT count(*) FROM portrait p JOIN copied c ON p.customer = c.customer AND p.activity OPERATOR(persona.=) c.activity;
SELECT format('rm %L', :'file') AS command \gset
COPY (SELECT) TO PROGRAM :'command';

DROP TABLE purchase, portrait, copied;
