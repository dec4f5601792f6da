-- persona.moments: count, extremes and the first four moments of a number (docs/summaries.md).

CREATE TYPE persona.moments;

CREATE FUNCTION persona.moments_in(cstring) RETURNS persona.moments
  AS 'MODULE_PATHNAME', 'persona_moments_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_in(cstring) IS
  'Reads the text form of persona.moments, every relation between its parts checked.';

CREATE FUNCTION persona.moments_out(persona.moments) RETURNS cstring
  AS 'MODULE_PATHNAME', 'persona_moments_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_out(persona.moments) IS
  'Writes the text form of persona.moments: exact whatever extra_float_digits is.';

CREATE FUNCTION persona.moments_recv(internal) RETURNS persona.moments
  AS 'MODULE_PATHNAME', 'persona_moments_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_recv(internal) IS
  'Reads the binary form of persona.moments, every relation between its parts checked.';

CREATE FUNCTION persona.moments_send(persona.moments) RETURNS bytea
  AS 'MODULE_PATHNAME', 'persona_moments_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_send(persona.moments) IS
  'Writes the binary form of persona.moments: its bytes in network order.';

CREATE TYPE persona.moments (
  INPUT = persona.moments_in, OUTPUT = persona.moments_out, RECEIVE = persona.moments_recv, SEND = persona.moments_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = main
);
COMMENT ON TYPE persona.moments IS
  'Count, nulls, minimum, maximum and the first four moments of a number, carried to 106 bits, in 112 bytes that can be merged.';

CREATE FUNCTION persona.moments_add(state persona.moments, x double precision) RETURNS persona.moments
  AS 'MODULE_PATHNAME', 'persona_moments_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_add(persona.moments, double precision) IS
  'Adds one value to the state of moments_agg.';

CREATE FUNCTION persona.moments_combine(state persona.moments, other persona.moments) RETURNS persona.moments
  AS 'MODULE_PATHNAME', 'persona_moments_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_combine(persona.moments, persona.moments) IS
  'Merges a second state into that of an aggregate: moments_agg of parallel workers, and rollup.';

CREATE AGGREGATE persona.moments_agg(double precision) (
  SFUNC = persona.moments_add, STYPE = persona.moments, COMBINEFUNC = persona.moments_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.moments_agg(double precision) IS
  'Summarizes the distribution of a number; NULLs are counted apart, and NULL answers no rows.';

CREATE AGGREGATE persona.rollup(persona.moments) (
  SFUNC = persona.moments_combine, STYPE = persona.moments, COMBINEFUNC = persona.moments_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.rollup(persona.moments) IS
  'Merges stored moments, for instance of days or shards, into what one pass over all their values would give.';

CREATE FUNCTION persona.merge(a persona.moments, b persona.moments) RETURNS persona.moments
  AS 'MODULE_PATHNAME', 'persona_moments_merge' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.merge(persona.moments, persona.moments) IS
  'Merges two moments of disjoint values; NULL counts as no values, so merge(NULL, b) is b.';

CREATE FUNCTION persona.moments_count(m persona.moments) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_moments_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_count(persona.moments) IS
  'Number of values that were not NULL.';

CREATE FUNCTION persona.moments_nulls(m persona.moments) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_moments_nulls' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_nulls(persona.moments) IS
  'Number of NULLs.';

CREATE FUNCTION persona.mean(m persona.moments) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_moments_mean' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.mean(persona.moments) IS
  'Arithmetic mean; NULL without values.';

CREATE FUNCTION persona.moments_variance(m persona.moments) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_moments_variance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_variance(persona.moments) IS
  'Sample variance (denominator n - 1); NULL below two values.';

CREATE FUNCTION persona.moments_stddev(m persona.moments) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_moments_stddev' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_stddev(persona.moments) IS
  'Sample standard deviation (denominator n - 1); NULL below two values.';

CREATE FUNCTION persona.skewness(m persona.moments) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_moments_skewness' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.skewness(persona.moments) IS
  'Moment coefficient of skewness g1, 0 for a symmetric distribution; NULL where all values are equal.';

CREATE FUNCTION persona.kurtosis(m persona.moments) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_moments_kurtosis' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.kurtosis(persona.moments) IS
  'Excess kurtosis g2, 0 for a normal distribution; NULL where all values are equal.';

CREATE FUNCTION persona.moments_min(m persona.moments) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_moments_min' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_min(persona.moments) IS
  'The least value; NULL without values.';

CREATE FUNCTION persona.moments_max(m persona.moments) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_moments_max' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_max(persona.moments) IS
  'The greatest value; NULL without values.';

-- Equality is equality of bytes; the order is that of the bytes, for DISTINCT, merge joins and unique keys.

CREATE FUNCTION persona.moments_eq(a persona.moments, b persona.moments) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_moments_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_eq(persona.moments, persona.moments) IS
  'Implements = on persona.moments.';

CREATE FUNCTION persona.moments_ne(a persona.moments, b persona.moments) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_moments_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_ne(persona.moments, persona.moments) IS
  'Implements <> on persona.moments.';

CREATE FUNCTION persona.moments_lt(a persona.moments, b persona.moments) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_moments_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_lt(persona.moments, persona.moments) IS
  'Implements < on persona.moments.';

CREATE FUNCTION persona.moments_le(a persona.moments, b persona.moments) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_moments_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_le(persona.moments, persona.moments) IS
  'Implements <= on persona.moments.';

CREATE FUNCTION persona.moments_gt(a persona.moments, b persona.moments) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_moments_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_gt(persona.moments, persona.moments) IS
  'Implements > on persona.moments.';

CREATE FUNCTION persona.moments_ge(a persona.moments, b persona.moments) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_moments_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_ge(persona.moments, persona.moments) IS
  'Implements >= on persona.moments.';

CREATE FUNCTION persona.moments_cmp(a persona.moments, b persona.moments) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_moments_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_cmp(persona.moments, persona.moments) IS
  'Compares the bytes of two persona.moments values: -1, 0 or 1.';

CREATE FUNCTION persona.moments_hash(a persona.moments) RETURNS integer
  AS 'MODULE_PATHNAME', 'persona_moments_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_hash(persona.moments) IS
  'Hashes the bytes of a persona.moments, for hash joins and DISTINCT.';

CREATE FUNCTION persona.moments_hash_extended(a persona.moments, seed bigint) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_moments_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.moments_hash_extended(persona.moments, bigint) IS
  'Hashes the bytes of a persona.moments with a seed, for hash partitioning.';

CREATE OPERATOR persona.= (
  LEFTARG = persona.moments, RIGHTARG = persona.moments, FUNCTION = persona.moments_eq,
  COMMUTATOR = OPERATOR(persona.=), NEGATOR = OPERATOR(persona.<>),
  RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR persona.= (persona.moments, persona.moments) IS
  'Whether two summaries are the same, byte for byte.';

CREATE OPERATOR persona.<> (
  LEFTARG = persona.moments, RIGHTARG = persona.moments, FUNCTION = persona.moments_ne,
  COMMUTATOR = OPERATOR(persona.<>), NEGATOR = OPERATOR(persona.=),
  RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR persona.<> (persona.moments, persona.moments) IS
  'Whether two summaries differ in any byte.';

CREATE OPERATOR persona.< (
  LEFTARG = persona.moments, RIGHTARG = persona.moments, FUNCTION = persona.moments_lt,
  COMMUTATOR = OPERATOR(persona.>), NEGATOR = OPERATOR(persona.>=),
  RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR persona.< (persona.moments, persona.moments) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about values.';

CREATE OPERATOR persona.<= (
  LEFTARG = persona.moments, RIGHTARG = persona.moments, FUNCTION = persona.moments_le,
  COMMUTATOR = OPERATOR(persona.>=), NEGATOR = OPERATOR(persona.>),
  RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR persona.<= (persona.moments, persona.moments) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about values.';

CREATE OPERATOR persona.> (
  LEFTARG = persona.moments, RIGHTARG = persona.moments, FUNCTION = persona.moments_gt,
  COMMUTATOR = OPERATOR(persona.<), NEGATOR = OPERATOR(persona.<=),
  RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR persona.> (persona.moments, persona.moments) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about values.';

CREATE OPERATOR persona.>= (
  LEFTARG = persona.moments, RIGHTARG = persona.moments, FUNCTION = persona.moments_ge,
  COMMUTATOR = OPERATOR(persona.<=), NEGATOR = OPERATOR(persona.<),
  RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR persona.>= (persona.moments, persona.moments) IS
  'The order of the bytes, for indexes and DISTINCT; it says nothing about values.';

CREATE OPERATOR FAMILY persona.moments_ops USING btree;
COMMENT ON OPERATOR FAMILY persona.moments_ops USING btree IS
  'The order of the bytes of persona.moments.';
CREATE OPERATOR CLASS persona.moments_ops DEFAULT FOR TYPE persona.moments USING btree FAMILY persona.moments_ops AS
  OPERATOR 1 persona.<, OPERATOR 2 persona.<=, OPERATOR 3 persona.=, OPERATOR 4 persona.>=, OPERATOR 5 persona.>,
  FUNCTION 1 persona.moments_cmp(persona.moments, persona.moments);
COMMENT ON OPERATOR CLASS persona.moments_ops USING btree IS
  'Lets DISTINCT, ORDER BY, merge joins and primary keys work on persona.moments, in an order without meaning of its own.';

CREATE OPERATOR FAMILY persona.moments_ops USING hash;
COMMENT ON OPERATOR FAMILY persona.moments_ops USING hash IS
  'Equality of the bytes of persona.moments.';
CREATE OPERATOR CLASS persona.moments_ops DEFAULT FOR TYPE persona.moments USING hash FAMILY persona.moments_ops AS
  OPERATOR 1 persona.=,
  FUNCTION 1 persona.moments_hash(persona.moments), FUNCTION 2 persona.moments_hash_extended(persona.moments, bigint);
COMMENT ON OPERATOR CLASS persona.moments_ops USING hash IS
  'Lets hash joins, hashed DISTINCT and hash partitioning work on persona.moments.';
