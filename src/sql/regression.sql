-- What regressions store beside their coefficients: how a column became terms, and what was missing from it.

ALTER TABLE persona.metric ADD COLUMN group_key text NOT NULL DEFAULT '';
ALTER TABLE persona.metric DROP CONSTRAINT metric_pkey;
ALTER TABLE persona.metric ADD PRIMARY KEY (model_id, group_key, metric);
COMMENT ON COLUMN persona.metric.group_key IS 'The group, for grouped fits; empty for the model of all rows.';
