-- Equality is equality of bytes; the order is that of the bytes, for DISTINCT, merge joins and unique keys.

CREATE FUNCTION persona.@type@_eq(a persona.@type@, b persona.@type@) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_@type@_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.@type@_eq(persona.@type@, persona.@type@) IS
  'Implements = on persona.@type@.';

CREATE FUNCTION persona.@type@_ne(a persona.@type@, b persona.@type@) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_@type@_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.@type@_ne(persona.@type@, persona.@type@) IS
  'Implements <> on persona.@type@.';

CREATE FUNCTION persona.@type@_lt(a persona.@type@, b persona.@type@) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_@type@_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.@type@_lt(persona.@type@, persona.@type@) IS
  'Implements < on persona.@type@.';

CREATE FUNCTION persona.@type@_le(a persona.@type@, b persona.@type@) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_@type@_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.@type@_le(persona.@type@, persona.@type@) IS
  'Implements <= on persona.@type@.';

CREATE FUNCTION persona.@type@_gt(a persona.@type@, b persona.@type@) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_@type@_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.@type@_gt(persona.@type@, persona.@type@) IS
  'Implements > on persona.@type@.';

CREATE FUNCTION persona.@type@_ge(a persona.@type@, b persona.@type@) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_@type@_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.@type@_ge(persona.@type@, persona.@type@) IS
  'Implements >= on persona.@type@.';

CREATE FUNCTION persona.@type@_cmp(a persona.@type@, b persona.@type@) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_@type@_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.@type@_cmp(persona.@type@, persona.@type@) IS
  'Compares the bytes of two persona.@type@ values: -1, 0 or 1.';

CREATE FUNCTION persona.@type@_hash(a persona.@type@) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_@type@_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.@type@_hash(persona.@type@) IS
  'Hashes the bytes of a persona.@type@, for hash joins and DISTINCT.';

CREATE FUNCTION persona.@type@_hash_extended(a persona.@type@, seed bigint) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_@type@_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.@type@_hash_extended(persona.@type@, bigint) IS
  'Hashes the bytes of a persona.@type@ with a seed, for hash partitioning.';

CREATE OPERATOR persona.= (
  LEFTARG = persona.@type@, RIGHTARG = persona.@type@, FUNCTION = persona.@type@_eq,
  COMMUTATOR = OPERATOR(persona.=), NEGATOR = OPERATOR(persona.<>),
  RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR persona.= (persona.@type@, persona.@type@) IS
  'Whether two summaries are the same, byte for byte.';

CREATE OPERATOR persona.<> (
  LEFTARG = persona.@type@, RIGHTARG = persona.@type@, FUNCTION = persona.@type@_ne,
  COMMUTATOR = OPERATOR(persona.<>), NEGATOR = OPERATOR(persona.=),
  RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR persona.<> (persona.@type@, persona.@type@) IS
  'Whether two summaries differ in any byte.';

CREATE OPERATOR persona.< (
  LEFTARG = persona.@type@, RIGHTARG = persona.@type@, FUNCTION = persona.@type@_lt,
  COMMUTATOR = OPERATOR(persona.>), NEGATOR = OPERATOR(persona.>=),
  RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR persona.< (persona.@type@, persona.@type@) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about @subject@.';

CREATE OPERATOR persona.<= (
  LEFTARG = persona.@type@, RIGHTARG = persona.@type@, FUNCTION = persona.@type@_le,
  COMMUTATOR = OPERATOR(persona.>=), NEGATOR = OPERATOR(persona.>),
  RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR persona.<= (persona.@type@, persona.@type@) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about @subject@.';

CREATE OPERATOR persona.> (
  LEFTARG = persona.@type@, RIGHTARG = persona.@type@, FUNCTION = persona.@type@_gt,
  COMMUTATOR = OPERATOR(persona.<), NEGATOR = OPERATOR(persona.<=),
  RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR persona.> (persona.@type@, persona.@type@) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about @subject@.';

CREATE OPERATOR persona.>= (
  LEFTARG = persona.@type@, RIGHTARG = persona.@type@, FUNCTION = persona.@type@_ge,
  COMMUTATOR = OPERATOR(persona.<=), NEGATOR = OPERATOR(persona.<),
  RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR persona.>= (persona.@type@, persona.@type@) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about @subject@.';

CREATE OPERATOR FAMILY persona.@type@_ops USING btree;
COMMENT ON OPERATOR FAMILY persona.@type@_ops USING btree IS
  'The order of the bytes of persona.@type@.';
CREATE OPERATOR CLASS persona.@type@_ops DEFAULT FOR TYPE persona.@type@ USING btree FAMILY persona.@type@_ops AS
  OPERATOR 1 persona.<, OPERATOR 2 persona.<=, OPERATOR 3 persona.=, OPERATOR 4 persona.>=, OPERATOR 5 persona.>,
  FUNCTION 1 persona.@type@_cmp(persona.@type@, persona.@type@);
COMMENT ON OPERATOR CLASS persona.@type@_ops USING btree IS
  'Lets DISTINCT, ORDER BY, merge joins and primary keys work on persona.@type@, in an order without meaning of its own.';

CREATE OPERATOR FAMILY persona.@type@_ops USING hash;
COMMENT ON OPERATOR FAMILY persona.@type@_ops USING hash IS
  'Equality of the bytes of persona.@type@.';
CREATE OPERATOR CLASS persona.@type@_ops DEFAULT FOR TYPE persona.@type@ USING hash FAMILY persona.@type@_ops AS
  OPERATOR 1 persona.=,
  FUNCTION 1 persona.@type@_hash(persona.@type@), FUNCTION 2 persona.@type@_hash_extended(persona.@type@, bigint);
COMMENT ON OPERATOR CLASS persona.@type@_ops USING hash IS
  'Lets hash joins, hashed DISTINCT and hash partitioning work on persona.@type@.';
