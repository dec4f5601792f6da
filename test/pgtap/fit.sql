-- fit and what an owner does with its versions: sources, keys, versions, deploy, revert, drop, refresh, options,
-- skipped rows, identifiers of every kind. The rows obey spend = 10 + 2 visits + 5 (region = 'south') without an
-- error, so every expected coefficient is known by construction.
BEGIN;
SELECT plan(111);
SET LOCAL client_min_messages = warning;
SET LOCAL TimeZone = 'UTC';

CREATE FUNCTION pg_temp.near(got float8, want float8, relative float8, description text) RETURNS text
LANGUAGE sql AS $$
  SELECT coalesce(CASE WHEN abs(got - want) <= relative * greatest(abs(want), 1e-300) THEN pass(description) END,
                  fail(description) || E'\n' || diag(format('got %s, want %s', got, want)))
$$;
CREATE FUNCTION pg_temp.hint_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE hint text;
BEGIN
  EXECUTE statement;
  RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
  RETURN hint;
END $$;
CREATE FUNCTION pg_temp.estimate(model text, the_term text) RETURNS float8 LANGUAGE sql AS $$
  SELECT c.estimate FROM persona.deployed_coefficient c WHERE c.name = model AND c.term = the_term
$$;
CREATE FUNCTION pg_temp.terms(model text) RETURNS text[] LANGUAGE sql AS $$
  SELECT array_agg(c.term ORDER BY c.term_no) FROM persona.deployed_coefficient c WHERE c.name = model
$$;
CREATE FUNCTION pg_temp.serving(model text) RETURNS int LANGUAGE sql AS $$
  SELECT m.version FROM persona.deployed_model m WHERE m.name = model
$$;

CREATE TABLE sale (sale_id int PRIMARY KEY, spend float8, visits int, region text);
INSERT INTO sale SELECT g, 10 + 2 * (g % 5) + 5 * (g % 2), g % 5, CASE g % 2 WHEN 1 THEN 'south' ELSE 'north' END
FROM generate_series(1, 20) g;

-- A relation.
CREATE TEMP TABLE fitted AS SELECT * FROM persona.fit('spend', 'linear_regression', 'sale', 'spend');
SELECT is(count(*), 1::bigint, 'fit answers one row') FROM fitted;
SELECT is((SELECT (name, version, kind, source, target, key, options::text, rows, skipped)::text FROM fitted),
          '(spend,1,linear_regression,sale,spend,sale_id,{},20,0)', 'the row says what was fitted');
SELECT is((SELECT fitted_by FROM fitted), current_user::regrole, 'and by whom');
SELECT ok((SELECT seconds >= 0 AND format > 0 AND fitted_at BETWEEN now() AND clock_timestamp() FROM fitted),
          'and when, in which format');
SELECT is((SELECT search_path FROM fitted), current_setting('search_path') || ', pg_temp',
          'the search_path is kept, temporary tables last so that they stand in for no other');
SELECT is((SELECT f::text FROM fitted f), (SELECT m::text FROM persona.model m WHERE name = 'spend'),
          'the answer is the row of persona.model');
SELECT is(pg_temp.terms('spend'), ARRAY['(intercept)', 'visits', 'region=south'],
          'terms in the order of the columns, the primary key is none, the first level is the reference');
SELECT pg_temp.near(pg_temp.estimate('spend', '(intercept)'), 10, 1e-14, 'the intercept');
SELECT pg_temp.near(pg_temp.estimate('spend', 'visits'), 2, 1e-14, 'a slope');
SELECT pg_temp.near(pg_temp.estimate('spend', 'region=south'), 5, 1e-14, 'a level');
SELECT results_eq(
  $$SELECT feature, role, type, mean, min, max, levels, shares FROM persona.feature JOIN fitted USING (model_id)
    WHERE role <> 'score' ORDER BY feature_no$$,
  $$VALUES ('visits', 'feature', 'number', 2::float8, 0::float8, 4::float8, NULL::text[], NULL::float8[]),
           ('region', 'feature', 'label', NULL, NULL, NULL, '{north,south}', '{0.5,0.5}'),
           ('spend', 'target', 'number', 16.5, 10, 23, NULL, NULL)$$,
  'the features as the training rows had them');
SELECT pg_temp.near((SELECT sd FROM persona.feature JOIN fitted USING (model_id) WHERE feature = 'visits'),
                    (SELECT stddev_samp(visits)::float8 FROM sale), 1e-14, 'sd is the sample deviation');
SELECT is((SELECT array_length(quantiles, 1) FROM persona.feature JOIN fitted USING (model_id)
           WHERE feature = 'visits'), 21, 'quantiles at 0, 0.05, ..., 1');
SELECT is((SELECT value FROM persona.metric JOIN fitted USING (model_id) WHERE metric = 'rank'), 3::float8,
          'metrics of the fit');

-- Sources that are queries: none has a primary key.
SELECT is((SELECT key FROM persona.fit('q', 'linear_regression', 'SELECT visits, spend FROM sale', 'spend')), NULL,
          'a query has no key of its own');
SELECT is((SELECT version FROM persona.fit('q', 'linear_regression', 'SELECT visits, spend, sale_id FROM sale',
                                           'spend', key => 'sale_id')), 2, 'a key may be named');
SELECT is(pg_temp.terms('q'), ARRAY['(intercept)', 'visits'], 'and is no feature');
SELECT is((SELECT rows FROM persona.fit('q', 'linear_regression', s, 'spend')), 20::bigint, 'a source: ' || what)
FROM (VALUES
  (1, 'trailing semicolons', E'SELECT visits, spend FROM sale ; ;\n'),
  (2, 'a comment at the end', 'SELECT visits, spend FROM sale -- the shop'),
  (3, 'comments at the front', E'-- one\n/* two; */ SELECT visits, spend FROM sale'),
  (4, 'a CTE', 'WITH s AS (SELECT * FROM sale) SELECT visits, spend FROM s'),
  (5, 'TABLE', 'TABLE sale'),
  (6, 'parentheses', '(SELECT visits, spend FROM sale)'),
  (7, 'upper and lower case', 'sElEcT visits, spend FROM sale'),
  (8, 'UNION ALL', 'SELECT visits, spend FROM sale WHERE visits < 2 UNION ALL '
                   'SELECT visits, spend FROM sale WHERE visits >= 2'),
  (9, 'a qualified relation', 'public.sale'),
  (10, 'a quoted relation', '"public"."sale"'),
  (11, 'blanks around a relation', E'  \t sale\n'),
  (12, 'a semicolon in a literal', $s$SELECT visits, spend FROM sale WHERE region <> ';'$s$)) v(n, what, s)
ORDER BY n;
SELECT is((SELECT rows FROM persona.fit('v', 'linear_regression', 'VALUES (1, 2), (2, 4), (3, 6.5)', 'column2')),
          3::bigint, 'a source: VALUES');
SELECT is((SELECT rows FROM persona.fit('q', 'linear_regression',
             'SELECT region, spend FROM sale ORDER BY spend LIMIT 7', 'spend')), 7::bigint, 'a source: LIMIT');
CREATE VIEW sale_view AS SELECT sale_id, spend, visits FROM sale;
SELECT is((SELECT key FROM persona.fit('q', 'linear_regression', 'sale_view', 'spend')), NULL,
          'a view has no primary key');
SELECT is(pg_temp.terms('q'), ARRAY['(intercept)', 'sale_id', 'visits'], 'so all its columns are features');
CREATE TABLE two_keys (a int, b int, x float8, y float8, PRIMARY KEY (b, a));
INSERT INTO two_keys SELECT g, g % 3, g % 4, 1 + g % 4 FROM generate_series(1, 12) g;
SELECT is((SELECT key FROM persona.fit('two', 'linear_regression', 'two_keys', 'y')), 'a, b',
          'a primary key of two columns');
SELECT is(pg_temp.terms('two'), ARRAY['(intercept)', 'x'], 'neither is a feature');
SELECT is((SELECT key FROM persona.fit('two', 'linear_regression', 'two_keys', 'y', key => 'a')), 'a',
          'a key that is named counts alone');
SELECT is(pg_temp.terms('two'), ARRAY['(intercept)', 'b', 'x'], 'and the rest are features');

-- Versions: deployed or not, addressed, reverted, dropped.
SELECT is((SELECT version FROM persona.fit('ver', 'linear_regression',
  'SELECT 1.0 * g AS y, g AS x FROM generate_series(1, 5) g',
                                           'y')), 1, 'version 1');
SELECT is((SELECT version FROM persona.fit('ver', 'linear_regression',
  'SELECT 2.0 * g AS y, g AS x FROM generate_series(1, 5) g',
                                           'y', deploy => false)), 2, 'version 2, not deployed');
SELECT is(pg_temp.serving('ver'), 1, 'version 1 goes on serving');
SELECT is((SELECT version FROM persona.fit('ver', 'linear_regression',
  'SELECT 3.0 * g AS y, g AS x FROM generate_series(1, 5) g',
                                           'y')), 3, 'version 3');
SELECT is(pg_temp.serving('ver'), 3, 'serves');
SELECT pg_temp.near(persona.predict('ver', '{"x": 10}'), 30, 1e-13, 'the name is what serves');
SELECT pg_temp.near(persona.predict('ver@1', '{"x": 10}'), 10, 1e-13, 'name@1');
SELECT pg_temp.near(persona.predict('ver@2', '{"x": 10}'), 20, 1e-13, 'name@2, never deployed');
SELECT is((SELECT (name, version)::text FROM persona.deploy('ver', 2)), '(ver,2)', 'deploy answers the model');
SELECT pg_temp.near(persona.predict('ver', '{"x": 10}'), 20, 1e-13, 'and serves from the next call on');
SELECT is((SELECT version FROM persona.revert('ver')), 3, 'revert');
SELECT is((SELECT version FROM persona.revert('ver')), 1, 'revert again goes one further back');
SELECT pg_temp.near(persona.predict('ver', '{"x": 10}'), 10, 1e-13, 'and serves');
SELECT throws_ok($$SELECT persona.revert('ver')$$, '55000', 'model "ver" has no earlier deployment to revert to',
                 'nothing before the first');
SELECT results_eq($$SELECT version, action FROM persona.deployment WHERE name = 'ver' ORDER BY deployment_id$$,
                  $$VALUES (1, 'deploy'), (3, 'deploy'), (2, 'deploy'), (3, 'revert'), (1, 'revert')$$,
                  'deployments are kept, in order');
SELECT is((SELECT version FROM persona.deploy('ver', 1)), 1, 'deploying what serves');
SELECT throws_ok($$SELECT persona.revert('ver')$$, '55000', NULL, 'gives nothing to revert to');
SELECT is((SELECT version FROM persona.deploy('ver', 3)), 3, 'deploy after reverts');
SELECT is((SELECT version FROM persona.revert('ver')), 1, 'revert after that');
SELECT throws_ok($$SELECT persona.drop_model('ver@1')$$, '55006', 'version 1 of model "ver" serves now',
                 'the serving version is not dropped');
SELECT alike(pg_temp.hint_of($$SELECT persona.drop_model('ver@1')$$), 'Deploy another version first%',
  'and a hint says what to do');
SELECT is((SELECT version FROM persona.drop_model('ver@2')), 2, 'another version is');
SELECT throws_ok($$SELECT persona.predict('ver@2', '{"x": 10}')$$, '42704', 'model "ver@2" does not exist',
  'and gone');
SELECT throws_ok($$SELECT persona.deploy('ver', 2)$$, '42704', 'model "ver@2" does not exist', 'for deploy too');
SELECT is((SELECT version FROM persona.fit('ver', 'linear_regression',
            'SELECT 4.0 * g AS y, g AS x FROM generate_series(1, 5) g', 'y', deploy => false)), 4, 'numbers go on');
SELECT is((SELECT version FROM persona.drop_model('ver@4')), 4, 'the newest version is dropped');
SELECT is((SELECT name FROM persona.drop_model('ver')), 'ver', 'the model is dropped');
SELECT is((SELECT count(*) FROM persona.model WHERE name = 'ver') + (SELECT count(*) FROM persona.model_name
  WHERE name = 'ver')
          + (SELECT count(*) FROM persona.deployment WHERE name = 'ver')
          + (SELECT count(*) FROM persona.coefficient WHERE model_id NOT IN (SELECT model_id FROM persona.model)),
          0::bigint, 'with everything it had');
SELECT throws_ok($$SELECT persona.predict('ver', '{"x": 10}')$$, '42704', 'model "ver" does not exist',
  'predict says so');
SELECT is((SELECT version FROM persona.fit('ver', 'linear_regression', 'VALUES (1, 1), (2, 3)', 'column1')), 1,
          'the name is free again');
SELECT is((SELECT version FROM persona.fit('idle', 'linear_regression', 'sale', 'spend', deploy => false)), 1,
  'a version that never served');
SELECT throws_ok($$SELECT persona.predict('idle', s) FROM sale s$$, '42704', NULL, 'has no name to be called by');
SELECT pg_temp.near(persona.predict('idle@1', '{"visits": 1, "region": "north"}'), 12, 1e-13, 'but a version');
SELECT is(pg_temp.serving('idle'), NULL, 'and is not in the views');
SELECT throws_ok($$SELECT persona.refresh_model('idle')$$, '55000', 'model "idle" has no deployed version',
  'nor refreshed');

-- A failed fit leaves nothing.
SELECT throws_ok($$SELECT persona.fit('half', 'linear_regression', 'sale', 'nothing')$$, '42703', NULL,
  'a fit that fails');
SELECT is((SELECT count(*) FROM persona.model_name WHERE name = 'half'), 0::bigint, 'leaves no name');

-- Refresh reads the source again and deploys.
UPDATE sale SET spend = spend + 100;
CREATE TEMP TABLE refreshed AS SELECT * FROM persona.refresh_model('spend');
SELECT is((SELECT (name, version, kind, source, target, key, rows)::text FROM refreshed),
          '(spend,2,linear_regression,sale,spend,sale_id,20)', 'the same definition, a new version');
SELECT is(pg_temp.serving('spend'), 2, 'that serves');
SELECT pg_temp.near(pg_temp.estimate('spend', '(intercept)'), 110, 1e-14, 'on the rows of now');
SELECT throws_ok($$SELECT persona.refresh_model('spend@1')$$, '22023', NULL, 'a refresh has no version');
SELECT throws_ok($$SELECT persona.refresh_model('nobody')$$, '42704', 'model "nobody" does not exist',
  'nor an unknown name');
DO $$ BEGIN PERFORM persona.drop_model(name) FROM persona.model_name WHERE name <> 'spend'; END $$;
DO $$ BEGIN CALL persona.refresh_all(); END $$;
SELECT is(pg_temp.serving('spend'), 3, 'refresh_all inside a transaction');
SELECT is((SELECT version FROM persona.fit('fresh', 'linear_regression', 'sale', 'spend', '{"refresh_hours": 24}')),
  1,
          'a model that is to be refreshed once a day');
DO $$ BEGIN CALL persona.refresh_all(); END $$;
SELECT is((pg_temp.serving('fresh'), pg_temp.serving('spend'))::text, '(1,4)', 'is left alone while it is young');
CREATE TABLE doomed AS SELECT * FROM sale;
DO $$ BEGIN PERFORM persona.fit('doomed', 'linear_regression', 'doomed', 'spend'); END $$;
DROP TABLE doomed;
SET LOCAL client_min_messages = error;
DO $$ BEGIN CALL persona.refresh_all(); END $$;
SET LOCAL client_min_messages = warning;
SELECT is((pg_temp.serving('doomed'), pg_temp.serving('spend'))::text, '(1,5)',
          'a source that fails keeps its version and holds up no other');
SELECT throws_ok($$SELECT persona.refresh_model('doomed')$$, '42P01', NULL, 'alone it is an error');
-- The search_path of the fit is the search_path of the refresh.
CREATE SCHEMA other;
CREATE TABLE other.sale AS SELECT 1.0::float8 AS spend, 1 AS visits, 'north' AS region, 5 AS sale_id
  FROM generate_series(1, 3);
SET LOCAL search_path = other, public, persona;
SELECT is((SELECT rows FROM persona.refresh_model('spend')), 20::bigint,
  'a refresh finds the table that the fit found');
RESET search_path;

-- A temporary table may be a source, but does not stand in for another in fit or refresh alike.
CREATE TEMP TABLE passing AS SELECT g AS x, 2 * g AS y FROM generate_series(1, 6) g;
SELECT is((SELECT rows FROM persona.fit('passing', 'linear_regression', 'passing', 'y')), 6::bigint,
  'a temporary table');
SELECT is((SELECT rows FROM persona.refresh_model('passing')), 6::bigint, 'refreshed');
CREATE TABLE passing_by AS SELECT g AS x, 2 * g AS y FROM generate_series(1, 7) g;
CREATE TEMP TABLE passing_by AS SELECT g AS x, 2 * g AS y FROM generate_series(1, 8) g;
SELECT is((SELECT rows FROM persona.fit('passing_by', 'linear_regression', 'SELECT * FROM passing_by', 'y')),
          (SELECT rows FROM persona.refresh_model('passing_by')), 'fit and refresh read the same table');

-- Options: a null is the default; deploy null is the default.
SELECT is((SELECT version FROM persona.fit('opt', 'linear_regression', 'sale', 'spend',
  '{"l2": null, "ignore": null}', NULL, NULL)),
          1, 'nulls among the options');
SELECT is(pg_temp.serving('opt'), 1, 'deploy NULL deploys');
SELECT is(pg_temp.terms('opt'), ARRAY['(intercept)', 'visits', 'region=south'], 'nothing ignored');
SELECT lives_ok($$SELECT persona.fit('opt', 'linear_regression', 'sale', 'spend', '{"features": ["visits"]}')$$,
  'features');
SELECT is(pg_temp.terms('opt'), ARRAY['(intercept)', 'visits'], 'only those');
SELECT lives_ok($$SELECT persona.fit('opt', 'linear_regression', 'sale', 'spend',
  '{"ignore": ["visits"], "intercept": false}')$$, 'ignore');
SELECT is(pg_temp.terms('opt'), ARRAY['region=south'], 'not those');
SELECT is((SELECT options FROM persona.deployed_model WHERE name = 'opt'),
  '{"ignore": ["visits"], "intercept": false}'::jsonb,
          'options are stored as given');

-- NULL, NaN and infinite values are skipped and counted, in any type that has them.
CREATE TABLE holes (x float8, r real, n numeric, t text, y float8);
INSERT INTO holes SELECT g, g % 2, g % 3, 'a', 3 * g FROM generate_series(1, 8) g;
INSERT INTO holes VALUES (NULL, 1, 1, 'a', 1), (1, NULL, 1, 'a', 1), (1, 1, NULL, 'a', 1), (1, 1, 1, NULL, 1), (1, 1,
  1, 'a', NULL),
  ('NaN', 1, 1, 'a', 1), ('inf', 1, 1, 'a', 1), ('-inf', 1, 1, 'a', 1), (1, 'NaN', 1, 'a', 1), (1, 'inf', 1, 'a', 1),
  (1, 1, 'NaN', 'a', 1), (1, 1, 'inf', 'a', 1), (1, 1, '-inf', 'a', 1), (1, 1, 1, 'a', 'NaN'), (1, 1, 1, 'a', '-inf');
SELECT is((SELECT (rows, skipped)::text FROM persona.fit('holes', 'linear_regression', 'holes', 'y')), '(8,15)',
          'rows that are skipped are counted');
SELECT pg_temp.near(pg_temp.estimate('holes', 'x'), 3, 1e-12, 'and do not count in the fit');
SELECT is((SELECT (rows, skipped)::text FROM persona.fit('holes', 'linear_regression', 'holes', 'y',
  '{"features": ["x"]}')),
          '(16,7)', 'a NULL in a column that is not used costs no row');

-- Identifiers of every kind.
CREATE TABLE "客户 ""表""" ("编号" int PRIMARY KEY, "消费 金额" float8, "O'Brien" float8, "a=b" text, "Upper" float8);
INSERT INTO "客户 ""表""" SELECT g, g % 4 + 1, g % 3, CASE WHEN g % 5 < 2 THEN '北 京' ELSE 'it''s "x"' END, g % 7
  FROM generate_series(1, 40) g;
SELECT is((SELECT (name, key)::text FROM persona.fit($$模型 "一" 'x'$$, 'linear_regression', '"客户 ""表"""', '消费 金额')),
          $$("模型 ""一"" 'x'",编号)$$, 'names in Chinese, with quotes and blanks');
SELECT is(pg_temp.terms($$模型 "一" 'x'$$), ARRAY['(intercept)', 'O''Brien', 'a=b=北 京', 'Upper'], 'and their terms');
SELECT pg_temp.near(persona.predict($$模型 "一" 'x'$$, c), persona.predict($$模型 "一" 'x'@1$$, to_jsonb(c)), 1e-14,
                    'a row and its JSON score alike') FROM "客户 ""表""" c WHERE "编号" = 1;
SELECT is((SELECT version FROM persona.refresh_model($$模型 "一" 'x'$$)), 2, 'refreshed by the same name');
SELECT is((SELECT name FROM persona.drop_model($$模型 "一" 'x'$$)), $$模型 "一" 'x'$$, 'and dropped');
SELECT is((SELECT key FROM persona.fit('u', 'linear_regression', 'SELECT * FROM "客户 ""表"""', 'Upper', key => '编号')),
  '编号', 'a key in Chinese');
SELECT is((SELECT key FROM persona.fit('u', 'linear_regression', 'SELECT * FROM "客户 ""表"""', 'Upper',
  key => '"编号", "a=b"')),
          '"编号", "a=b"', 'two keys, quoted');
SELECT is(pg_temp.terms('u'), ARRAY['(intercept)', '消费 金额', 'O''Brien'], 'neither is a feature');
CREATE TABLE "select" (y float8, x float8);
INSERT INTO "select" VALUES (1, 2), (2, 3), (4, 4);
SELECT is((SELECT rows FROM persona.fit('s', 'linear_regression', '"select"', 'y')), 3::bigint,
  'a relation named select, quoted');
CREATE TABLE selection AS TABLE "select";
SELECT is((SELECT rows FROM persona.fit('s', 'linear_regression', 'selection', 'y')), 3::bigint,
  'a relation that begins like a query');

-- What serves, by name and version.
SELECT is((SELECT count(*) FROM persona.deployed_model), (SELECT count(DISTINCT name) FROM persona.deployment),
          'deployed_model has one row a name');
SELECT results_eq($$SELECT DISTINCT name, version FROM persona.deployed_coefficient ORDER BY 1$$,
                  $$SELECT name, version FROM persona.deployed_model ORDER BY 1$$,
                    'deployed_coefficient has what serves');

SELECT * FROM finish();
ROLLBACK;
