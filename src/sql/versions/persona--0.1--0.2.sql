\echo Use "ALTER EXTENSION persona UPDATE" to load this file. \quit
-- The catalog of models: one row a thing, readable by any BI tool, visible to the owner's members and grantees.
-- Ordinary roles read under row-level security; only the extension's C code writes, as the tables' owner.

CREATE TABLE persona.model_name (
  name  text PRIMARY KEY CHECK (name <> '' AND strpos(name, '@') = 0),
  owner regrole NOT NULL
);
COMMENT ON TABLE persona.model_name IS 'Names of models and who owns them; members of the owner may fit, deploy, refresh and drop.';
COMMENT ON COLUMN persona.model_name.name IS 'The name by which queries address the deployed version; name@8 addresses version 8.';
COMMENT ON COLUMN persona.model_name.owner IS 'The role that first fitted the name; a stored source always runs as this role.';

CREATE TABLE persona.model_grant (
  name      text NOT NULL REFERENCES persona.model_name ON DELETE CASCADE,
  grantee   regrole NOT NULL,
  privilege text NOT NULL CHECK (privilege = 'use'),
  grantor   regrole NOT NULL,
  PRIMARY KEY (name, grantee, privilege)
);
COMMENT ON TABLE persona.model_grant IS 'Who else may use a model: predict, explain, recommend and evaluate with it, and read its rows.';
COMMENT ON COLUMN persona.model_grant.name IS 'The model''s name; the grant covers all its versions.';
COMMENT ON COLUMN persona.model_grant.grantee IS 'The role that was granted; - stands for everybody (public).';
COMMENT ON COLUMN persona.model_grant.privilege IS 'Use: predict, explain, recommend, evaluate.';
COMMENT ON COLUMN persona.model_grant.grantor IS 'The model''s owner, on whose behalf the grant was made.';

CREATE TABLE persona.model (
  model_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name        text NOT NULL REFERENCES persona.model_name ON DELETE CASCADE,
  version     integer NOT NULL CHECK (version > 0),
  kind        text NOT NULL,
  source      text NOT NULL,
  search_path text NOT NULL,
  time_zone   text NOT NULL,
  date_style  text NOT NULL,
  target      text,
  key         text,
  options     jsonb NOT NULL,
  fitted_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  fitted_by   regrole NOT NULL,
  rows        bigint NOT NULL,
  skipped     bigint NOT NULL,
  seconds     float8 NOT NULL,
  format      integer NOT NULL,
  UNIQUE (name, version)
);
COMMENT ON TABLE persona.model IS 'Every version of every model; a version never changes once it is fitted.';
COMMENT ON COLUMN persona.model.model_id IS 'Identifies the version in coefficient, feature, metric, neighbor and history.';
COMMENT ON COLUMN persona.model.name IS 'The model''s name.';
COMMENT ON COLUMN persona.model.version IS 'Counts the fits of a name from 1.';
COMMENT ON COLUMN persona.model.kind IS 'What was fitted: see persona.kind.';
COMMENT ON COLUMN persona.model.source IS 'The relation or query the rows came from; a refresh reads it again, as the model''s owner.';
COMMENT ON COLUMN persona.model.search_path IS 'The search_path under which the source''s names are looked up.';
COMMENT ON COLUMN persona.model.time_zone IS 'The TimeZone under which the source is read.';
COMMENT ON COLUMN persona.model.date_style IS 'The DateStyle under which the source is read.';
COMMENT ON COLUMN persona.model.target IS 'The column that the model predicts.';
COMMENT ON COLUMN persona.model.key IS 'The columns that identify a row and are no features.';
COMMENT ON COLUMN persona.model.options IS 'The options given to fit; the rest have the defaults of persona.kind_option.';
COMMENT ON COLUMN persona.model.fitted_at IS 'When the fit was stored.';
COMMENT ON COLUMN persona.model.fitted_by IS 'The role that ran the fit.';
COMMENT ON COLUMN persona.model.rows IS 'Rows the model was fitted on.';
COMMENT ON COLUMN persona.model.skipped IS 'Rows left out because a value was NULL, NaN or infinite.';
COMMENT ON COLUMN persona.model.seconds IS 'How long the fit took, without storing it.';
COMMENT ON COLUMN persona.model.format IS 'Version of the stored rows'' layout; a loader refuses one it does not know.';

CREATE TABLE persona.deployment (
  deployment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name          text NOT NULL,
  version       integer NOT NULL,
  action        text NOT NULL CHECK (action IN ('deploy', 'revert')),
  deployed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  deployed_by   regrole NOT NULL,
  FOREIGN KEY (name, version) REFERENCES persona.model (name, version) ON DELETE CASCADE
);
CREATE INDEX deployment_name_idx ON persona.deployment (name, deployment_id);
COMMENT ON TABLE persona.deployment IS 'Which version served when: append-only, the last row of a name says what serves now.';
COMMENT ON COLUMN persona.deployment.deployment_id IS 'Orders the deployments.';
COMMENT ON COLUMN persona.deployment.name IS 'The model''s name.';
COMMENT ON COLUMN persona.deployment.version IS 'The version that serves from this row on.';
COMMENT ON COLUMN persona.deployment.action IS 'Deploy, or revert to the version that served before.';
COMMENT ON COLUMN persona.deployment.deployed_at IS 'When it was deployed.';
COMMENT ON COLUMN persona.deployment.deployed_by IS 'The role that deployed it.';

CREATE TABLE persona.coefficient (
  model_id  bigint NOT NULL REFERENCES persona.model ON DELETE CASCADE,
  term_no   integer NOT NULL,
  term      text NOT NULL,
  outcome   text NOT NULL DEFAULT '',
  group_key text NOT NULL DEFAULT '',
  lambda    float8 NOT NULL DEFAULT 0,
  estimate  float8,
  std_error float8,
  statistic float8,
  p_value   float8,
  ci_low    float8,
  ci_high   float8,
  PRIMARY KEY (model_id, group_key, outcome, lambda, term_no)
);
COMMENT ON TABLE persona.coefficient IS 'Coefficients of regression models, one row a term.';
COMMENT ON COLUMN persona.coefficient.model_id IS 'The version, persona.model.model_id.';
COMMENT ON COLUMN persona.coefficient.term_no IS 'Orders the terms as the source''s columns.';
COMMENT ON COLUMN persona.coefficient.term IS '(intercept), a column, or column=level for one level of a text, boolean or enum column.';
COMMENT ON COLUMN persona.coefficient.outcome IS 'The class, for kinds with several; else empty.';
COMMENT ON COLUMN persona.coefficient.group_key IS 'The group, for grouped fits; else empty.';
COMMENT ON COLUMN persona.coefficient.lambda IS 'The penalty, for kinds that store a path; else 0.';
COMMENT ON COLUMN persona.coefficient.estimate IS 'The coefficient; NULL for a term that is constant or collinear with earlier ones.';
COMMENT ON COLUMN persona.coefficient.std_error IS 'Its standard error; NULL in a penalized fit, which has none.';
COMMENT ON COLUMN persona.coefficient.statistic IS 'Estimate / std_error: t for linear, z for logistic regression.';
COMMENT ON COLUMN persona.coefficient.p_value IS 'Two-sided p value of the hypothesis that the coefficient is 0.';
COMMENT ON COLUMN persona.coefficient.ci_low IS 'Lower confidence limit, at the level of the option confidence.';
COMMENT ON COLUMN persona.coefficient.ci_high IS 'Upper confidence limit.';

CREATE TABLE persona.feature (
  model_id   bigint NOT NULL REFERENCES persona.model ON DELETE CASCADE,
  feature_no integer NOT NULL,
  feature    text NOT NULL,
  role       text NOT NULL,
  type       text NOT NULL,
  mean       float8,
  sd         float8,
  min        float8,
  max        float8,
  quantiles  float8[],
  levels     text[],
  shares     float8[],
  PRIMARY KEY (model_id, feature_no)
);
COMMENT ON TABLE persona.feature IS 'The columns a model reads, as its training rows had them.';
COMMENT ON COLUMN persona.feature.model_id IS 'The version, persona.model.model_id.';
COMMENT ON COLUMN persona.feature.feature_no IS 'Orders the features as the source''s columns, the target last.';
COMMENT ON COLUMN persona.feature.feature IS 'The column''s name.';
COMMENT ON COLUMN persona.feature.role IS 'Feature or target.';
COMMENT ON COLUMN persona.feature.type IS 'Number, or label for text, boolean and enum columns.';
COMMENT ON COLUMN persona.feature.mean IS 'Mean of a number.';
COMMENT ON COLUMN persona.feature.sd IS 'Sample standard deviation of a number.';
COMMENT ON COLUMN persona.feature.min IS 'Smallest value.';
COMMENT ON COLUMN persona.feature.max IS 'Largest value.';
COMMENT ON COLUMN persona.feature.quantiles IS 'Quantiles at 0, 0.05, ..., 1 of a seeded sample of 10,000 rows.';
COMMENT ON COLUMN persona.feature.levels IS 'Levels of a label, the reference level first; of a target the negative, then the positive class.';
COMMENT ON COLUMN persona.feature.shares IS 'Share of each level among the rows.';

CREATE TABLE persona.metric (
  model_id bigint NOT NULL REFERENCES persona.model ON DELETE CASCADE,
  metric   text NOT NULL,
  value    float8,
  PRIMARY KEY (model_id, metric)
);
COMMENT ON TABLE persona.metric IS 'Figures of each fit on its own training rows.';
COMMENT ON COLUMN persona.metric.model_id IS 'The version, persona.model.model_id.';
COMMENT ON COLUMN persona.metric.metric IS 'R_squared, sigma, log_likelihood, aic, converged, ...';
COMMENT ON COLUMN persona.metric.value IS 'Its value.';

CREATE TABLE persona.neighbor (
  model_id  bigint NOT NULL REFERENCES persona.model ON DELETE CASCADE,
  item_no   integer NOT NULL,
  item      text NOT NULL,
  support   bigint NOT NULL,
  neighbors integer[] NOT NULL,
  scores    real[] NOT NULL,
  PRIMARY KEY (model_id, item_no)
);
CREATE UNIQUE INDEX neighbor_item_idx ON persona.neighbor (model_id, item) INCLUDE (item_no);
COMMENT ON TABLE persona.neighbor IS 'The items of a recommender, each with its neighbors in one row; persona.deployed_neighbor has them one a row.';
COMMENT ON COLUMN persona.neighbor.model_id IS 'The version, persona.model.model_id.';
COMMENT ON COLUMN persona.neighbor.item_no IS 'Numbers the items from 0 by falling support, then by id: of two equal scores the smaller number wins.';
COMMENT ON COLUMN persona.neighbor.item IS 'The item''s id as text.';
COMMENT ON COLUMN persona.neighbor.support IS 'Distinct users who have the item.';
COMMENT ON COLUMN persona.neighbor.neighbors IS 'Item numbers of its neighbors, the nearest first.';
COMMENT ON COLUMN persona.neighbor.scores IS 'Similarity of each neighbor.';

CREATE TABLE persona.history (
  model_id bigint NOT NULL REFERENCES persona.model ON DELETE CASCADE,
  user_id  text NOT NULL,
  items    integer[] NOT NULL,
  weights  real[] NOT NULL,
  PRIMARY KEY (model_id, user_id)
);
COMMENT ON TABLE persona.history IS 'Users'' items at the time of the fit, kept only where the source cannot be asked for one user cheaply.';
COMMENT ON COLUMN persona.history.model_id IS 'The version, persona.model.model_id.';
COMMENT ON COLUMN persona.history.user_id IS 'The user''s id as text.';
COMMENT ON COLUMN persona.history.items IS 'Item numbers, persona.neighbor.item_no.';
COMMENT ON COLUMN persona.history.weights IS 'Weight of each item.';

-- Who sees what: members of the owner and of a grantee. Results are visible where their model is.
ALTER TABLE persona.model_name ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.model_grant ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.model ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.deployment ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.coefficient ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.feature ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.metric ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.neighbor ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.history ENABLE ROW LEVEL SECURITY;

CREATE POLICY visible ON persona.model_grant FOR SELECT
  USING (grantee = 0::regrole OR pg_has_role(grantee, 'USAGE') OR pg_has_role(grantor, 'USAGE'));
CREATE POLICY visible ON persona.model_name FOR SELECT
  USING (pg_has_role(owner, 'USAGE')
         OR EXISTS (SELECT FROM persona.model_grant g
                    WHERE g.name = model_name.name
                      AND (g.grantee = 0::regrole OR pg_has_role(g.grantee, 'USAGE'))));
CREATE POLICY visible ON persona.model FOR SELECT
  USING (EXISTS (SELECT FROM persona.model_name n WHERE n.name = model.name));
CREATE POLICY visible ON persona.deployment FOR SELECT
  USING (EXISTS (SELECT FROM persona.model_name n WHERE n.name = deployment.name));
CREATE POLICY visible ON persona.coefficient FOR SELECT
  USING (EXISTS (SELECT FROM persona.model m WHERE m.model_id = coefficient.model_id));
CREATE POLICY visible ON persona.feature FOR SELECT
  USING (EXISTS (SELECT FROM persona.model m WHERE m.model_id = feature.model_id));
CREATE POLICY visible ON persona.metric FOR SELECT
  USING (EXISTS (SELECT FROM persona.model m WHERE m.model_id = metric.model_id));
CREATE POLICY visible ON persona.neighbor FOR SELECT
  USING (EXISTS (SELECT FROM persona.model m WHERE m.model_id = neighbor.model_id));
CREATE POLICY visible ON persona.history FOR SELECT
  USING (EXISTS (SELECT FROM persona.model m WHERE m.model_id = history.model_id));

GRANT SELECT ON persona.model_name, persona.model_grant, persona.model, persona.deployment,
  persona.coefficient, persona.feature, persona.metric, persona.neighbor, persona.history TO PUBLIC;

-- A dump of the database carries the models; the identities go on where they were.
SELECT pg_catalog.pg_extension_config_dump('persona.model_name', '');
SELECT pg_catalog.pg_extension_config_dump('persona.model_grant', '');
SELECT pg_catalog.pg_extension_config_dump('persona.model', '');
SELECT pg_catalog.pg_extension_config_dump('persona.deployment', '');
SELECT pg_catalog.pg_extension_config_dump('persona.coefficient', '');
SELECT pg_catalog.pg_extension_config_dump('persona.feature', '');
SELECT pg_catalog.pg_extension_config_dump('persona.metric', '');
SELECT pg_catalog.pg_extension_config_dump('persona.neighbor', '');
SELECT pg_catalog.pg_extension_config_dump('persona.history', '');
SELECT pg_catalog.pg_extension_config_dump('persona.model_model_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('persona.deployment_deployment_id_seq', '');

-- What serves now, by name and version. Invoker rights, so that the policies above hold through the views.
CREATE VIEW persona.deployed_model WITH (security_invoker = true) AS
  SELECT m.*, d.deployed_at, d.deployed_by
  FROM persona.model_name n
  CROSS JOIN LATERAL (SELECT x.version, x.deployed_at, x.deployed_by FROM persona.deployment x
                      WHERE x.name = n.name ORDER BY x.deployment_id DESC LIMIT 1) d
  JOIN persona.model m ON m.name = n.name AND m.version = d.version;
COMMENT ON VIEW persona.deployed_model IS 'The version of each model that serves now.';

CREATE VIEW persona.deployed_coefficient WITH (security_invoker = true) AS
  SELECT m.name, m.version, c.*
  FROM persona.deployed_model m JOIN persona.coefficient c USING (model_id);
COMMENT ON VIEW persona.deployed_coefficient IS 'Coefficients of the models that serve now.';

CREATE VIEW persona.deployed_neighbor WITH (security_invoker = true) AS
  SELECT m.name, m.version, i.item, i.support, x.rank::integer AS rank, o.item AS neighbor, x.score::float8 AS score
  FROM persona.deployed_model m
  JOIN persona.neighbor i USING (model_id)
  CROSS JOIN LATERAL ROWS FROM (unnest(i.neighbors), unnest(i.scores)) WITH ORDINALITY AS x(neighbor_no, score, rank)
  JOIN persona.neighbor o ON o.model_id = i.model_id AND o.item_no = x.neighbor_no;
COMMENT ON VIEW persona.deployed_neighbor IS 'Neighbors of each item in the recommenders that serve now, one a row, the nearest first.';

GRANT SELECT ON persona.deployed_model, persona.deployed_coefficient, persona.deployed_neighbor TO PUBLIC;

-- The kinds and their options, from the registry in the library.
CREATE FUNCTION persona.kinds(OUT kind text, OUT task text, OUT summary text) RETURNS SETOF record
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'persona_kinds';
COMMENT ON FUNCTION persona.kinds() IS 'The model kinds this version can fit; read it through the view persona.kind.';
CREATE FUNCTION persona.kind_options(OUT kind text, OUT option text, OUT type text, OUT default_value jsonb, OUT summary text)
  RETURNS SETOF record LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'persona_kind_options';
COMMENT ON FUNCTION persona.kind_options() IS 'The options of each kind; read it through the view persona.kind_option.';
CREATE VIEW persona.kind AS SELECT * FROM persona.kinds();
COMMENT ON VIEW persona.kind IS 'The model kinds that fit knows.';
CREATE VIEW persona.kind_option AS SELECT * FROM persona.kind_options();
COMMENT ON VIEW persona.kind_option IS 'The options of each kind, with type, default and meaning.';
GRANT SELECT ON persona.kind, persona.kind_option TO PUBLIC;

-- Fitting and deploying.
CREATE FUNCTION persona.fit(model text, kind text, source text, target text DEFAULT NULL,
                            options jsonb DEFAULT '{}', key text DEFAULT NULL, deploy boolean DEFAULT true)
  RETURNS persona.model LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_fit';
COMMENT ON FUNCTION persona.fit(text, text, text, text, jsonb, text, boolean) IS
  'Fits a new version of a model from a relation or a SELECT, reading it once as the caller; stores its rows and deploys it.';

CREATE FUNCTION persona.refresh_model(model text) RETURNS persona.model
  LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_refresh_model';
COMMENT ON FUNCTION persona.refresh_model(text) IS
  'Fits the deployed version''s definition again on today''s rows, as the model''s owner, and deploys the result.';

CREATE PROCEDURE persona.refresh_all()
  LANGUAGE C AS 'MODULE_PATHNAME', 'persona_refresh_all';
COMMENT ON PROCEDURE persona.refresh_all() IS
  'Refreshes every model the caller may refresh that is older than its option refresh_hours, committing after each where it may; for pg_cron.';

CREATE FUNCTION persona.deploy(model text, version integer) RETURNS persona.model
  LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_deploy';
COMMENT ON FUNCTION persona.deploy(text, integer) IS 'Makes a version the one that serves, from the commit on.';

CREATE FUNCTION persona.revert(model text) RETURNS persona.model
  LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_revert';
COMMENT ON FUNCTION persona.revert(text) IS 'Deploys the version that served before the present one.';

CREATE FUNCTION persona.drop_model(model text) RETURNS persona.model
  LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_drop_model';
COMMENT ON FUNCTION persona.drop_model(text) IS
  'Drops a model with all its versions, or with name@version one version that does not serve.';

CREATE FUNCTION persona.grant_model(model text, grantee text, privilege text DEFAULT 'use') RETURNS persona.model
  LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_grant_model';
COMMENT ON FUNCTION persona.grant_model(text, text, text) IS
  'Lets a role, or public, predict, explain, recommend and evaluate with a model.';

CREATE FUNCTION persona.revoke_model(model text, grantee text, privilege text DEFAULT 'use') RETURNS persona.model
  LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_revoke_model';
COMMENT ON FUNCTION persona.revoke_model(text, text, text) IS 'Takes back what grant_model gave.';
-- Scoring and explaining rows inside queries.

CREATE FUNCTION persona.predict_support(internal) RETURNS internal
  LANGUAGE C STRICT IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'persona_predict_support';
COMMENT ON FUNCTION persona.predict_support(internal) IS 'Planner support: passes the columns of a row instead of forming it.';

CREATE FUNCTION persona.predict_columns(model text, names text[], present "any", VARIADIC columns "any") RETURNS float8
  LANGUAGE C STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'persona_predict_columns';
COMMENT ON FUNCTION persona.predict_columns(text, text[], "any", VARIADIC "any") IS
  'What the planner makes of predict(model, row); call predict instead.';

CREATE FUNCTION persona.predict(model text, features record) RETURNS float8
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 10 SUPPORT persona.predict_support
  AS 'MODULE_PATHNAME', 'persona_predict_record';
COMMENT ON FUNCTION persona.predict(text, record) IS
  'The model''s mean, or probability of the positive class, for a row; columns are found by name, extra ones ignored; NULL where one is NULL.';

CREATE FUNCTION persona.predict(model text, features jsonb) RETURNS float8
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'persona_predict_jsonb';
COMMENT ON FUNCTION persona.predict(text, jsonb) IS 'The score of a row given as a JSON object.';

CREATE FUNCTION persona.predict(model text, features text) RETURNS float8
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'persona_predict_text';
COMMENT ON FUNCTION persona.predict(text, text) IS 'The score of a row given as the text of a JSON object.';

CREATE FUNCTION persona.predict_array(model text, features float8[]) RETURNS float8
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'persona_predict_array';
COMMENT ON FUNCTION persona.predict_array(text, float8[]) IS
  'The score of a row given as numbers in the order of persona.feature.feature_no; 22000 when their count differs.';

CREATE FUNCTION persona.classify(model text, features record) RETURNS text
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'persona_classify';
COMMENT ON FUNCTION persona.classify(text, record) IS 'The class of a row: positive from the option threshold on.';
CREATE FUNCTION persona.classify(model text, features jsonb) RETURNS text
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'persona_classify';
COMMENT ON FUNCTION persona.classify(text, jsonb) IS 'The class of a row given as a JSON object.';
CREATE FUNCTION persona.classify(model text, features text) RETURNS text
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'persona_classify';
COMMENT ON FUNCTION persona.classify(text, text) IS 'The class of a row given as the text of a JSON object.';

CREATE FUNCTION persona.probabilities(model text, features record, OUT class text, OUT probability float8)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL SAFE COST 50 ROWS 2 AS 'MODULE_PATHNAME', 'persona_probabilities';
COMMENT ON FUNCTION persona.probabilities(text, record) IS 'The probability of each class for a row.';
CREATE FUNCTION persona.probabilities(model text, features jsonb, OUT class text, OUT probability float8)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL SAFE COST 50 ROWS 2 AS 'MODULE_PATHNAME', 'persona_probabilities';
COMMENT ON FUNCTION persona.probabilities(text, jsonb) IS 'The probability of each class for a row given as a JSON object.';
CREATE FUNCTION persona.probabilities(model text, features text, OUT class text, OUT probability float8)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL SAFE COST 50 ROWS 2 AS 'MODULE_PATHNAME', 'persona_probabilities';
COMMENT ON FUNCTION persona.probabilities(text, text) IS 'The probability of each class for a row given as the text of a JSON object.';

CREATE FUNCTION persona.explain(model text, features record,
    OUT rank integer, OUT term text, OUT value text, OUT estimate float8, OUT contribution float8)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL SAFE COST 100 ROWS 10 AS 'MODULE_PATHNAME', 'persona_explain';
COMMENT ON FUNCTION persona.explain(text, record) IS
  'What each column added to the score''s linear predictor compared with the average training row, the largest first.';
CREATE FUNCTION persona.explain(model text, features jsonb,
    OUT rank integer, OUT term text, OUT value text, OUT estimate float8, OUT contribution float8)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL SAFE COST 100 ROWS 10 AS 'MODULE_PATHNAME', 'persona_explain';
COMMENT ON FUNCTION persona.explain(text, jsonb) IS 'The explanation of a row given as a JSON object.';
CREATE FUNCTION persona.explain(model text, features text,
    OUT rank integer, OUT term text, OUT value text, OUT estimate float8, OUT contribution float8)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL SAFE COST 100 ROWS 10 AS 'MODULE_PATHNAME', 'persona_explain';
COMMENT ON FUNCTION persona.explain(text, text) IS 'The explanation of a row given as the text of a JSON object.';

CREATE FUNCTION persona.reasons(model text, features record, k integer DEFAULT 3) RETURNS text
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'persona_reasons';
COMMENT ON FUNCTION persona.reasons(text, record, integer) IS 'The k strongest reasons for a row''s score as one line of text.';
CREATE FUNCTION persona.reasons(model text, features jsonb, k integer DEFAULT 3) RETURNS text
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'persona_reasons';
COMMENT ON FUNCTION persona.reasons(text, jsonb, integer) IS 'The reasons for the score of a row given as a JSON object.';
CREATE FUNCTION persona.reasons(model text, features text, k integer DEFAULT 3) RETURNS text
  LANGUAGE C STRICT STABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'persona_reasons';
COMMENT ON FUNCTION persona.reasons(text, text, integer) IS 'The reasons for the score of a row given as the text of a JSON object.';

CREATE FUNCTION persona.evaluate(model text, source text, options jsonb DEFAULT '{}', OUT metric text, OUT value float8)
  RETURNS SETOF record LANGUAGE C STRICT STABLE PARALLEL UNSAFE ROWS 10 AS 'MODULE_PATHNAME', 'persona_evaluate';
COMMENT ON FUNCTION persona.evaluate(text, text, jsonb) IS
  'How well a model predicts the target of rows it has not seen: R2, RMSE and MAE, or AUC, log loss and the figures of a confusion matrix.';
-- Recommendations inside queries. Items leave as text: a bigint customer may buy products with text codes.

CREATE FUNCTION persona.recommend(model text, user_id text, k integer DEFAULT 10, exclude_seen boolean DEFAULT NULL,
    candidates text[] DEFAULT NULL, exclude text[] DEFAULT NULL, options jsonb DEFAULT '{}',
    OUT rank integer, OUT item text, OUT score float8, OUT reason text, OUT because text[])
  RETURNS SETOF record LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000 ROWS 10 AS 'MODULE_PATHNAME', 'persona_recommend';
COMMENT ON FUNCTION persona.recommend(text, text, integer, boolean, text[], text[], jsonb) IS
  'The k best items for a user by the items he has now, filters first; the popular ones where too few are left, or the user is new.';

CREATE FUNCTION persona.recommend(model text, user_id bigint, k integer DEFAULT 10, exclude_seen boolean DEFAULT NULL,
    candidates text[] DEFAULT NULL, exclude text[] DEFAULT NULL, options jsonb DEFAULT '{}',
    OUT rank integer, OUT item text, OUT score float8, OUT reason text, OUT because text[])
  RETURNS SETOF record LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000 ROWS 10 AS 'MODULE_PATHNAME', 'persona_recommend';
COMMENT ON FUNCTION persona.recommend(text, bigint, integer, boolean, text[], text[], jsonb) IS
  'The k best items for a user with a number as id.';

CREATE FUNCTION persona.recommend_for_items(model text, items text[], k integer DEFAULT 10, exclude_seen boolean DEFAULT NULL,
    candidates text[] DEFAULT NULL, exclude text[] DEFAULT NULL, options jsonb DEFAULT '{}',
    OUT rank integer, OUT item text, OUT score float8, OUT reason text, OUT because text[])
  RETURNS SETOF record LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000 ROWS 10 AS 'MODULE_PATHNAME', 'persona_recommend_for_items';
COMMENT ON FUNCTION persona.recommend_for_items(text, text[], integer, boolean, text[], text[], jsonb) IS
  'The k items that go best with a basket.';

CREATE FUNCTION persona.similar_items(model text, item_id text, k integer DEFAULT 10,
    candidates text[] DEFAULT NULL, exclude text[] DEFAULT NULL, OUT rank integer, OUT item text, OUT score float8)
  RETURNS SETOF record LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000 ROWS 10 AS 'MODULE_PATHNAME', 'persona_similar_items';
COMMENT ON FUNCTION persona.similar_items(text, text, integer, text[], text[]) IS
  'The k items nearest to an item; none for an item the model does not know.';

CREATE FUNCTION persona.similar_items(model text, item_id bigint, k integer DEFAULT 10,
    candidates text[] DEFAULT NULL, exclude text[] DEFAULT NULL, OUT rank integer, OUT item text, OUT score float8)
  RETURNS SETOF record LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000 ROWS 10 AS 'MODULE_PATHNAME', 'persona_similar_items';
COMMENT ON FUNCTION persona.similar_items(text, bigint, integer, text[], text[]) IS
  'The k items nearest to an item with a number as id.';

CREATE FUNCTION persona.preference(model text, user_id text, item_id text) RETURNS float8
  LANGUAGE C STRICT STABLE PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'persona_preference';
COMMENT ON FUNCTION persona.preference(text, text, text) IS
  'The score of one item for one user: 0 where nothing the user has is near it, NULL for an item the model does not know.';
CREATE FUNCTION persona.preference(model text, user_id bigint, item_id text) RETURNS float8
  LANGUAGE C STRICT STABLE PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'persona_preference';
COMMENT ON FUNCTION persona.preference(text, bigint, text) IS 'The score of one item for one user with a number as id.';
CREATE FUNCTION persona.preference(model text, user_id text, item_id bigint) RETURNS float8
  LANGUAGE C STRICT STABLE PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'persona_preference';
COMMENT ON FUNCTION persona.preference(text, text, bigint) IS 'The score of one item with a number as id for one user.';
CREATE FUNCTION persona.preference(model text, user_id bigint, item_id bigint) RETURNS float8
  LANGUAGE C STRICT STABLE PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'persona_preference';
COMMENT ON FUNCTION persona.preference(text, bigint, bigint) IS 'The score of one item for one user, both with numbers as ids.';
