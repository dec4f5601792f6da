-- What recommenders store beside the neighbors of their items, and what is done with recommenders as a whole.

ALTER TABLE persona.neighbor ADD COLUMN attribute text;
ALTER TABLE persona.neighbor ALTER COLUMN neighbors SET STORAGE EXTERNAL, ALTER COLUMN scores SET STORAGE EXTERNAL;
COMMENT ON TABLE persona.neighbor IS
  'The items of a recommender, each with its neighbors, where its kind has any, in one row; persona.deployed_neighbor has them one a row.';
COMMENT ON COLUMN persona.neighbor.item_no IS
  'Numbers the items from 0 by falling popularity, then by id: of two equal scores the smaller number wins.';
COMMENT ON COLUMN persona.neighbor.scores IS 'What each neighbor gains when a user has the item; in some kinds less than 0.';
COMMENT ON COLUMN persona.neighbor.attribute IS 'The item''s value in the column of option diversity_key.';

ALTER TABLE persona.history ADD COLUMN ages integer[], ADD COLUMN segment text;
COMMENT ON COLUMN persona.history.items IS 'Item numbers, persona.neighbor.item_no, the oldest basket first.';
COMMENT ON COLUMN persona.history.weights IS 'Weight of each item in its basket.';
COMMENT ON COLUMN persona.history.ages IS 'How many baskets the user has had since each; NULL for models of before 0.5.';
COMMENT ON COLUMN persona.history.segment IS 'The user''s segment, of the option segment.';

CREATE TABLE persona.popularity (
  model_id   bigint NOT NULL REFERENCES persona.model ON DELETE CASCADE,
  segment_no integer NOT NULL,
  segment    text,
  items      integer[] NOT NULL,
  scores     real[] NOT NULL,
  PRIMARY KEY (model_id, segment_no)
);
CREATE INDEX popularity_segment_idx ON persona.popularity (model_id, segment);
ALTER TABLE persona.popularity ALTER COLUMN items SET STORAGE EXTERNAL, ALTER COLUMN scores SET STORAGE EXTERNAL;
COMMENT ON TABLE persona.popularity IS
  'A recommender''s items by popularity, over all users and by segment; persona.deployed_popularity has them one a row.';
COMMENT ON COLUMN persona.popularity.model_id IS 'The version, persona.model.model_id.';
COMMENT ON COLUMN persona.popularity.segment_no IS 'Numbers the segments; 0 stands for all users.';
COMMENT ON COLUMN persona.popularity.segment IS 'A value of the column of option segment; NULL for all users.';
COMMENT ON COLUMN persona.popularity.items IS 'Item numbers, the most popular first.';
COMMENT ON COLUMN persona.popularity.scores IS
  'In how many baskets each item is, without baskets how many users have it; with a half-life what is left of that.';

CREATE TABLE persona.factor (
  model_id bigint NOT NULL REFERENCES persona.model ON DELETE CASCADE,
  role     text NOT NULL CHECK (role IN ('item', 'user')),
  id       text NOT NULL,
  item_no  integer,
  norm     real NOT NULL,
  factors  real[] NOT NULL,
  PRIMARY KEY (model_id, role, id)
);
CREATE INDEX factor_item_idx ON persona.factor (model_id, item_no) WHERE role = 'item';
COMMENT ON TABLE persona.factor IS
  'Vectors of items and users, whose inner product is the score: for queries, for features of other models, and castable to the vector of pgvector.';
COMMENT ON COLUMN persona.factor.model_id IS 'The version, persona.model.model_id.';
COMMENT ON COLUMN persona.factor.role IS 'Item or user.';
COMMENT ON COLUMN persona.factor.id IS 'The id of the item or user as text.';
COMMENT ON COLUMN persona.factor.item_no IS 'The item''s number, persona.neighbor.item_no; NULL for a user.';
COMMENT ON COLUMN persona.factor.norm IS 'Length of the vector.';
COMMENT ON COLUMN persona.factor.factors IS 'The vector.';

CREATE TABLE persona.factor_block (
  model_id bigint NOT NULL REFERENCES persona.model ON DELETE CASCADE,
  block_no integer NOT NULL,
  items    integer[] NOT NULL,
  factors  real[] NOT NULL,
  PRIMARY KEY (model_id, block_no)
);
ALTER TABLE persona.factor_block ALTER COLUMN items SET STORAGE EXTERNAL, ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE persona.factor_block IS
  'The vectors of a model''s items once more, a thousand a row and the longest first: what recommend reads.';
COMMENT ON COLUMN persona.factor_block.model_id IS 'The version, persona.model.model_id.';
COMMENT ON COLUMN persona.factor_block.block_no IS 'Numbers the blocks from 0.';
COMMENT ON COLUMN persona.factor_block.items IS 'Item numbers, persona.neighbor.item_no.';
COMMENT ON COLUMN persona.factor_block.factors IS 'Their vectors, one after the other.';

CREATE TABLE persona.rule (
  model_id      bigint NOT NULL REFERENCES persona.model ON DELETE CASCADE,
  rule_no       integer NOT NULL,
  antecedent    text[] NOT NULL,
  consequent    text NOT NULL,
  support       float8 NOT NULL,
  confidence    float8 NOT NULL,
  lift          float8 NOT NULL,
  leverage      float8 NOT NULL,
  conviction    float8 NOT NULL,
  count         bigint NOT NULL,
  antecedent_no integer[] NOT NULL,
  consequent_no integer NOT NULL,
  PRIMARY KEY (model_id, rule_no)
);
CREATE INDEX rule_antecedent_idx ON persona.rule (model_id, (antecedent_no[1]));
COMMENT ON TABLE persona.rule IS 'Association rules: who has the antecedent in a basket tends to have the consequent there too.';
COMMENT ON COLUMN persona.rule.model_id IS 'The version, persona.model.model_id.';
COMMENT ON COLUMN persona.rule.rule_no IS 'Numbers the rules, the highest lift first.';
COMMENT ON COLUMN persona.rule.antecedent IS 'Items that a basket has.';
COMMENT ON COLUMN persona.rule.consequent IS 'The item that goes with them.';
COMMENT ON COLUMN persona.rule.support IS 'Share of all baskets that have antecedent and consequent.';
COMMENT ON COLUMN persona.rule.confidence IS 'Share of the baskets with the antecedent that have the consequent.';
COMMENT ON COLUMN persona.rule.lift IS 'Confidence over the share of all baskets that have the consequent: 1 where they are independent.';
COMMENT ON COLUMN persona.rule.leverage IS 'Support less what it would be if they were independent.';
COMMENT ON COLUMN persona.rule.conviction IS
  'How much more often the rule would be wrong if they were independent; infinity for a rule that always holds.';
COMMENT ON COLUMN persona.rule.count IS 'Baskets that have antecedent and consequent.';
COMMENT ON COLUMN persona.rule.antecedent_no IS 'Item numbers of the antecedent, persona.neighbor.item_no, ascending.';
COMMENT ON COLUMN persona.rule.consequent_no IS 'Item number of the consequent.';

CREATE TABLE persona.session (
  model_id   bigint NOT NULL REFERENCES persona.model ON DELETE CASCADE,
  session_no integer NOT NULL,
  items      integer[] NOT NULL,
  PRIMARY KEY (model_id, session_no)
);
COMMENT ON TABLE persona.session IS 'Past sessions, among which a model of the kind session_knn looks for similar ones.';
COMMENT ON COLUMN persona.session.model_id IS 'The version, persona.model.model_id.';
COMMENT ON COLUMN persona.session.session_no IS 'Numbers the sessions from 0, the oldest first.';
COMMENT ON COLUMN persona.session.items IS 'Item numbers in the order of the session.';

CREATE TABLE persona.item_session (
  model_id bigint NOT NULL REFERENCES persona.model ON DELETE CASCADE,
  item_no  integer NOT NULL,
  sessions integer[] NOT NULL,
  PRIMARY KEY (model_id, item_no)
);
ALTER TABLE persona.item_session ALTER COLUMN sessions SET STORAGE EXTERNAL;
COMMENT ON TABLE persona.item_session IS 'Which sessions have an item.';
COMMENT ON COLUMN persona.item_session.model_id IS 'The version, persona.model.model_id.';
COMMENT ON COLUMN persona.item_session.item_no IS 'The item, persona.neighbor.item_no.';
COMMENT ON COLUMN persona.item_session.sessions IS 'Session numbers, the newest first.';

ALTER TABLE persona.popularity ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.factor ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.factor_block ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.rule ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.session ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.item_session ENABLE ROW LEVEL SECURITY;
CREATE POLICY visible ON persona.popularity FOR SELECT
  USING (EXISTS (SELECT FROM persona.model m WHERE m.model_id = popularity.model_id));
CREATE POLICY visible ON persona.factor FOR SELECT
  USING (EXISTS (SELECT FROM persona.model m WHERE m.model_id = factor.model_id));
CREATE POLICY visible ON persona.factor_block FOR SELECT
  USING (EXISTS (SELECT FROM persona.model m WHERE m.model_id = factor_block.model_id));
CREATE POLICY visible ON persona.rule FOR SELECT
  USING (EXISTS (SELECT FROM persona.model m WHERE m.model_id = rule.model_id));
CREATE POLICY visible ON persona.session FOR SELECT
  USING (EXISTS (SELECT FROM persona.model m WHERE m.model_id = session.model_id));
CREATE POLICY visible ON persona.item_session FOR SELECT
  USING (EXISTS (SELECT FROM persona.model m WHERE m.model_id = item_session.model_id));
GRANT SELECT ON persona.popularity, persona.factor, persona.factor_block, persona.rule, persona.session, persona.item_session TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('persona.popularity', '');
SELECT pg_catalog.pg_extension_config_dump('persona.factor', '');
SELECT pg_catalog.pg_extension_config_dump('persona.factor_block', '');
SELECT pg_catalog.pg_extension_config_dump('persona.rule', '');
SELECT pg_catalog.pg_extension_config_dump('persona.session', '');
SELECT pg_catalog.pg_extension_config_dump('persona.item_session', '');

CREATE VIEW persona.deployed_rule WITH (security_invoker = true) AS
  SELECT m.name, m.version, r.*
  FROM persona.deployed_model m JOIN persona.rule r USING (model_id);
COMMENT ON VIEW persona.deployed_rule IS 'Association rules of the models that serve now.';

CREATE VIEW persona.deployed_factor WITH (security_invoker = true) AS
  SELECT m.name, m.version, f.*
  FROM persona.deployed_model m JOIN persona.factor f USING (model_id);
COMMENT ON VIEW persona.deployed_factor IS 'Vectors of items and users of the models that serve now.';

CREATE VIEW persona.deployed_popularity WITH (security_invoker = true) AS
  SELECT m.name, m.version, p.segment, x.rank::integer AS rank, n.item, x.score::float8 AS score
  FROM persona.deployed_model m
  JOIN persona.popularity p USING (model_id)
  CROSS JOIN LATERAL ROWS FROM (unnest(p.items), unnest(p.scores)) WITH ORDINALITY AS x(item_no, score, rank)
  JOIN persona.neighbor n ON n.model_id = m.model_id AND n.item_no = x.item_no;
COMMENT ON VIEW persona.deployed_popularity IS
  'The items of the recommenders that serve now by popularity, over all users (segment NULL) and by segment.';
GRANT SELECT ON persona.deployed_rule, persona.deployed_factor, persona.deployed_popularity TO PUBLIC;

-- What is done with a recommender as a whole.
CREATE PROCEDURE persona.recommend_all(model text, destination text, k integer DEFAULT 10, exclude_seen boolean DEFAULT NULL,
    candidates text[] DEFAULT NULL, exclude text[] DEFAULT NULL, options jsonb DEFAULT '{}')
  LANGUAGE C AS 'MODULE_PATHNAME', 'persona_recommend_all';
COMMENT ON PROCEDURE persona.recommend_all(text, text, integer, boolean, text[], text[], jsonb) IS
  'Writes the k best items of every user of the model''s source into a table (user_id, rank, item, score), made where it is missing, in place of the rows it has.';

CREATE FUNCTION persona.tune(kind text, source text, target text, grid jsonb, options jsonb DEFAULT '{}', key text DEFAULT NULL,
    metric text DEFAULT NULL, OUT rank integer, OUT options jsonb, OUT metric text, OUT value float8, OUT seconds float8)
  RETURNS SETOF record LANGUAGE C STABLE PARALLEL UNSAFE ROWS 10 COST 10000 AS 'MODULE_PATHNAME', 'persona_tune';
COMMENT ON FUNCTION persona.tune(text, text, text, jsonb, jsonb, text, text) IS
  'Tries every combination of a grid of options on rows held out of the source, for recommenders each user''s last basket, and ranks them.';

COMMENT ON FUNCTION persona.evaluate(text, text, jsonb) IS
  'How well a model does on rows it has not seen: R2, RMSE and MAE; AUC, log loss and the figures of a confusion matrix; of a recommender hit rate, recall, NDCG and others at k.';
COMMENT ON FUNCTION persona.compare(text[], text, jsonb) IS
  'Several models, or versions such as churn@8, measured on the same rows and ranked by each metric, 1 being the best; recommenders beside what is merely popular.';
