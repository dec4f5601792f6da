-- Portraits: one row a customer, kept by triggers in the transaction that made the event (docs/portraits.md).

CREATE TABLE persona.portrait (
  portrait     regclass PRIMARY KEY,
  source       regclass NOT NULL,
  recomputed   regclass NOT NULL,
  features     regclass NOT NULL,
  delta        regclass,
  event_time   text,
  query        text NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  refreshed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE persona.portrait IS 'Every portrait and the relations that belong to it; read it through the view persona.portraits.';
COMMENT ON COLUMN persona.portrait.portrait IS 'The table that holds one row a key.';
COMMENT ON COLUMN persona.portrait.source IS 'The table of events.';
COMMENT ON COLUMN persona.portrait.recomputed IS 'The view that computes the portrait anew from all events: the definition itself.';
COMMENT ON COLUMN persona.portrait.features IS 'The view with one named scalar column an accessor, as of now.';
COMMENT ON COLUMN persona.portrait.delta IS 'The table that collects what is not folded in yet, of a deferred portrait.';
COMMENT ON COLUMN persona.portrait.event_time IS 'The column of the source that tells when an event happened.';
COMMENT ON COLUMN persona.portrait.query IS 'The query as it was given to create_portrait.';
COMMENT ON COLUMN persona.portrait.created_at IS 'When the portrait was created.';
COMMENT ON COLUMN persona.portrait.refreshed_at IS 'When it was last computed or refreshed.';

-- A trigger finds its portrait by the table it is on and its name, which a dump carries over; never by arguments, which
-- anybody could give.
CREATE TABLE persona.portrait_trigger (
  relation     regclass NOT NULL,
  trigger_name text NOT NULL,
  portrait     regclass NOT NULL REFERENCES persona.portrait ON DELETE CASCADE,
  PRIMARY KEY (relation, trigger_name)
);
COMMENT ON TABLE persona.portrait_trigger IS 'Which portrait a trigger keeps up to date.';
COMMENT ON COLUMN persona.portrait_trigger.relation IS 'The table or partition the trigger is on.';
COMMENT ON COLUMN persona.portrait_trigger.trigger_name IS 'The trigger''s name.';
COMMENT ON COLUMN persona.portrait_trigger.portrait IS 'The portrait.';

SELECT pg_catalog.pg_extension_config_dump('persona.portrait', '');
SELECT pg_catalog.pg_extension_config_dump('persona.portrait_trigger', '');

-- A portrait is visible to who may read it.
ALTER TABLE persona.portrait ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona.portrait_trigger ENABLE ROW LEVEL SECURITY;
CREATE POLICY visible ON persona.portrait FOR SELECT
  USING (pg_catalog.has_table_privilege(portrait::pg_catalog.oid, 'SELECT'));
CREATE POLICY visible ON persona.portrait_trigger FOR SELECT
  USING (EXISTS (SELECT FROM persona.portrait p WHERE p.portrait = portrait_trigger.portrait));
GRANT SELECT ON persona.portrait, persona.portrait_trigger TO PUBLIC;

CREATE VIEW persona.portraits WITH (security_invoker = true) AS
SELECT p.portrait, pg_catalog.pg_get_userbyid(c.relowner) AS owner, p.source, p.delta IS NOT NULL AS deferred, p.event_time,
       p.features, p.recomputed, p.delta, p.query, p.created_at, p.refreshed_at
FROM persona.portrait p JOIN pg_catalog.pg_class c ON c.oid = p.portrait::pg_catalog.oid;
COMMENT ON VIEW persona.portraits IS 'The portraits you may read, with their source, their features view and their definition.';
GRANT SELECT ON persona.portraits TO PUBLIC;

CREATE FUNCTION persona.create_portrait(portrait text, query text, event_time text DEFAULT NULL, deferred boolean DEFAULT false)
  RETURNS persona.portraits LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_create_portrait';
COMMENT ON FUNCTION persona.create_portrait(text, text, text, boolean) IS
  'Creates a table with one row a key that stays right the moment an event commits, its features view, and its functions as of any date.';

CREATE FUNCTION persona.refresh_portrait(portrait text, repair boolean DEFAULT NULL)
  RETURNS persona.portraits LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_refresh_portrait';
COMMENT ON FUNCTION persona.refresh_portrait(text, boolean) IS
  'Folds what a deferred portrait has collected into it; for a portrait that is not deferred, or with repair, compares it with its source and recomputes the keys that differ.';

CREATE FUNCTION persona.check_portrait(portrait text, OUT key jsonb, OUT column_name text, OUT stored text, OUT recomputed text)
  RETURNS SETOF record LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_check_portrait';
COMMENT ON FUNCTION persona.check_portrait(text) IS
  'Lists the keys whose stored row differs from what the source gives now, and warns of partitions whose rows are not seen: no rows mean all is well.';

CREATE FUNCTION persona.drop_portrait(portrait text) RETURNS void
  LANGUAGE C STRICT VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_drop_portrait';
COMMENT ON FUNCTION persona.drop_portrait(text) IS
  'Drops a portrait with its view, its functions and the triggers on its source.';

CREATE FUNCTION persona.maintain_portrait() RETURNS trigger
  LANGUAGE C VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'persona_maintain_portrait';
COMMENT ON FUNCTION persona.maintain_portrait() IS
  'Keeps a portrait up to date; create_portrait attaches it to the source.';

CREATE FUNCTION persona.portrait_same(a text, b text) RETURNS boolean
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'persona_portrait_same';
COMMENT ON FUNCTION persona.portrait_same(text, text) IS
  'Whether the text forms of two values differ by no more than the rounding of sums: numbers to one part in 10^9, everything else exactly.';

COMMENT ON PROCEDURE persona.refresh_all() IS
  'Refreshes what the caller may refresh: first every deferred portrait that has collected something, then every model that is older than its option refresh_hours; commits after each where it may. For pg_cron.';
