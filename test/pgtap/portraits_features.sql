-- The features view of a portrait with every summary: one named scalar column an accessor, as the accessor itself answers.
BEGIN;
SELECT plan(5);

CREATE TABLE visit (customer bigint, ts timestamptz, page text, item bigint, amount float8, x float8);
CREATE INDEX ON visit (customer);
INSERT INTO visit
SELECT g % 5, timestamptz '2026-03-01 08:00+00' + g * interval '97 minutes', 'page ' || g % 3, g % 7, (g % 11) + 0.25, sin(g)
FROM generate_series(1, 200) g;
SELECT lives_ok($$SELECT persona.create_portrait('all_of_it', event_time => 'ts', query =>
  'SELECT customer, persona.activity_agg(ts, amount) AS a, persona.moments_agg(amount) AS m, persona.sessions_agg(ts, interval ''8 hours 10 minutes'') AS s,
          persona.affinity_agg(item, amount) AS t, persona.recent_agg(ts, page, 5) AS r, persona.decayed_agg(ts, amount, interval ''30 days'') AS d,
          persona.cross_products_agg(amount, x) AS c, persona.funnel_agg(ts, interval ''3 days'', page = ''page 0'', page = ''page 1'') AS f,
          persona.retention_agg(timestamptz ''2026-03-01 00:00+00'', ts, interval ''7 days'') AS n, count(*) AS visits
   FROM visit GROUP BY customer')$$, 'a portrait of every summary');
INSERT INTO visit SELECT 1, now() - g * interval '1 day', 'page 1', 3, 2.5, g FROM generate_series(1, 3) g;
SELECT is((SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'all_of_it_features'::regclass),
  'customer a_events a_active_days a_first_at a_last_at a_total_amount a_mean_amount a_stddev_amount a_recency_days a_tenure_days a_frequency_30_days '
  'a_mean_gap_days m_count m_nulls m_mean m_variance m_stddev m_skewness m_kurtosis m_min m_max s_session_count s_session_events s_browsing_seconds '
  's_mean_session_seconds s_events_per_session s_bounce_rate t_top_key t_top_share t_key_count t_total_weight t_entropy t_error_bound r_last_item '
  'r_recent_count d_decayed_total d_decayed_count d_decayed_mean d_last_at c_rows c_skipped c_r_squared f_depth f_conversion_seconds n_last_retained '
  'n_early_events n_started_at visits', 'the features, in the order of the columns');
-- By plain SQL: counts, sums, the heaviest item and its share, the last page, R squared as the squared correlation.
SELECT results_eq(
  'SELECT customer, a_events, round(a_total_amount::numeric, 6), m_count, t_top_key, round(t_top_share::numeric, 9), r_last_item, round(c_r_squared::numeric, 9), visits
   FROM all_of_it_features ORDER BY customer',
  $$SELECT customer, count(*), round(sum(amount)::numeric, 6), count(*),
           (SELECT item::text FROM visit w WHERE w.customer = v.customer GROUP BY item ORDER BY sum(amount) DESC, item LIMIT 1),
           round(((SELECT max(total) FROM (SELECT sum(amount) AS total FROM visit w WHERE w.customer = v.customer GROUP BY item) i) / sum(amount))::numeric, 9),
           (array_agg(page ORDER BY ts DESC))[1], round(regr_r2(amount, x)::numeric, 9), count(*)
    FROM visit v GROUP BY customer ORDER BY customer$$, 'the features are what plain SQL answers');
SELECT is((SELECT string_agg(customer::text, ',') FROM persona.check_portrait('all_of_it'), jsonb_to_record(key) AS k(customer bigint)), NULL,
  'and the portrait is what its source says');
SELECT is((SELECT count(*) FROM all_of_it_features_as_of('2026-03-05 00:00+00')), 5::bigint, 'as of a date they are there, too');

SELECT * FROM finish();
ROLLBACK;
