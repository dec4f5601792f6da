-- persona.affinity: what a customer prefers, by weight (docs/summaries/affinity.md).

-- @include summary_forms type=affinity
COMMENT ON TYPE persona.affinity IS
  'What a customer prefers: how much weight fell on each key, exactly while the keys fit into 2,000 bytes and on the heaviest with a bound on the error past that. Can be merged.';

CREATE FUNCTION persona.affinity_add(state persona.affinity, key text) RETURNS persona.affinity
  AS 'MODULE_PATHNAME', 'persona_affinity_add_text' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_add(persona.affinity, text) IS
  'Adds one event with a text key to the state of affinity_agg.';

CREATE FUNCTION persona.affinity_add(state persona.affinity, key text, weight double precision) RETURNS persona.affinity
  AS 'MODULE_PATHNAME', 'persona_affinity_add_text' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_add(persona.affinity, text, double precision) IS
  'Adds the weight of one event with a text key to the state of affinity_agg.';

CREATE FUNCTION persona.affinity_add(state persona.affinity, key bigint) RETURNS persona.affinity
  AS 'MODULE_PATHNAME', 'persona_affinity_add_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_add(persona.affinity, bigint) IS
  'Adds one event with a bigint key to the state of affinity_agg.';

CREATE FUNCTION persona.affinity_add(state persona.affinity, key bigint, weight double precision) RETURNS persona.affinity
  AS 'MODULE_PATHNAME', 'persona_affinity_add_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_add(persona.affinity, bigint, double precision) IS
  'Adds the weight of one event with a bigint key to the state of affinity_agg.';

CREATE FUNCTION persona.affinity_combine(state persona.affinity, other persona.affinity) RETURNS persona.affinity
  AS 'MODULE_PATHNAME', 'persona_affinity_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.affinity_combine(persona.affinity, persona.affinity) IS
  'Merges a second state into that of an aggregate: affinity_agg of parallel workers, and rollup.';

CREATE AGGREGATE persona.affinity_agg(text) (
  SFUNC = persona.affinity_add, STYPE = persona.affinity, COMBINEFUNC = persona.affinity_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.affinity_agg(text) IS
  'Summarizes how often each text key occurs; rows whose key is NULL are left out.';

CREATE AGGREGATE persona.affinity_agg(text, double precision) (
  SFUNC = persona.affinity_add, STYPE = persona.affinity, COMBINEFUNC = persona.affinity_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.affinity_agg(text, double precision) IS
  'Summarizes how much weight, for instance money, fell on each text key; weights are not negative, and rows whose key or weight is NULL are left out.';

CREATE AGGREGATE persona.affinity_agg(bigint) (
  SFUNC = persona.affinity_add, STYPE = persona.affinity, COMBINEFUNC = persona.affinity_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.affinity_agg(bigint) IS
  'Summarizes how often each bigint key occurs; rows whose key is NULL are left out.';

CREATE AGGREGATE persona.affinity_agg(bigint, double precision) (
  SFUNC = persona.affinity_add, STYPE = persona.affinity, COMBINEFUNC = persona.affinity_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.affinity_agg(bigint, double precision) IS
  'Summarizes how much weight, for instance money, fell on each bigint key; weights are not negative, and rows whose key or weight is NULL are left out.';

CREATE AGGREGATE persona.rollup(persona.affinity) (
  SFUNC = persona.affinity_combine, STYPE = persona.affinity, COMBINEFUNC = persona.affinity_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.rollup(persona.affinity) IS
  'Merges stored affinities, for instance of days or shards, into what one pass over all their events would give, as long as the keys fit.';

CREATE FUNCTION persona.merge(a persona.affinity, b persona.affinity) RETURNS persona.affinity
  AS 'MODULE_PATHNAME', 'persona_affinity_merge' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.merge(persona.affinity, persona.affinity) IS
  'Merges two affinities of disjoint events; NULL counts as no events, so merge(NULL, b) is b.';

CREATE FUNCTION persona.top_keys(a persona.affinity, k integer) RETURNS text[]
  AS 'MODULE_PATHNAME', 'persona_affinity_top_keys' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.top_keys(persona.affinity, integer) IS
  'The k heaviest keys, the heaviest first; equal ones in byte order, bigints in numeric order.';

CREATE FUNCTION persona.top_key(a persona.affinity) RETURNS text
  AS 'MODULE_PATHNAME', 'persona_affinity_top_key' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.top_key(persona.affinity) IS
  'The heaviest key, the first of top_keys.';

CREATE FUNCTION persona.keys(a persona.affinity, OUT key text, OUT weight double precision, OUT error double precision)
  RETURNS SETOF record
  AS 'MODULE_PATHNAME', 'persona_affinity_keys' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 20;
COMMENT ON FUNCTION persona.keys(persona.affinity) IS
  'The keys that are kept, the heaviest first: the true weight of each lies from weight to weight + error, and error is 0 where it is exact.';

CREATE FUNCTION persona.share(a persona.affinity, key text) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_affinity_share_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.share(persona.affinity, text) IS
  'Part of the total weight that fell on a text key, 0 to 1; 0 of a key that is not there, NULL where the total is 0.';

CREATE FUNCTION persona.share(a persona.affinity, key bigint) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_affinity_share_bigint' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.share(persona.affinity, bigint) IS
  'Part of the total weight that fell on a bigint key, 0 to 1; 0 of a key that is not there, NULL where the total is 0.';

CREATE FUNCTION persona.key_weight(a persona.affinity, key text) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_affinity_key_weight_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.key_weight(persona.affinity, text) IS
  'Weight that fell on a text key, 0 of one that is not there; the true weight is at most error_bound more.';

CREATE FUNCTION persona.key_weight(a persona.affinity, key bigint) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_affinity_key_weight_bigint' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.key_weight(persona.affinity, bigint) IS
  'Weight that fell on a bigint key, 0 of one that is not there; the true weight is at most error_bound more.';

CREATE FUNCTION persona.entropy(a persona.affinity) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_affinity_entropy' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.entropy(persona.affinity) IS
  'Shannon entropy of the shares in nats: 0 for a single key, ln n for n equal ones; exp of it is the number of equal keys as varied as these. NULL where the total is 0.';

CREATE FUNCTION persona.similarity(a persona.affinity, b persona.affinity) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_affinity_similarity' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.similarity(persona.affinity, persona.affinity) IS
  'Cosine between the weights of two affinities: 1 for the same shares, 0 without a common key; NULL where a total is 0.';

CREATE FUNCTION persona.total_weight(a persona.affinity) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_affinity_total_weight' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.total_weight(persona.affinity) IS
  'Sum of all weights, also those of keys that were not kept, rounded once.';

CREATE FUNCTION persona.key_count(a persona.affinity) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_affinity_key_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.key_count(persona.affinity) IS
  'Number of different keys that are kept: of all keys where is_exact.';

CREATE FUNCTION persona.is_exact(a persona.affinity) RETURNS boolean
  AS 'MODULE_PATHNAME', 'persona_affinity_is_exact' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.is_exact(persona.affinity) IS
  'Whether all keys fit, so that every answer is exact.';

CREATE FUNCTION persona.error_bound(a persona.affinity) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_affinity_error_bound' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.error_bound(persona.affinity) IS
  'The most that the true weight of any key, kept or not, exceeds its key_weight by; 0 where is_exact.';

CREATE FUNCTION persona.exact_part(a persona.affinity) RETURNS text
  AS 'MODULE_PATHNAME', 'persona_affinity_exact_part' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.exact_part(persona.affinity) IS
  'The text form where is_exact, else only the total weight: what does not depend on the order of the events, for comparing a stored affinity with one built anew.';

-- @include summary_comparisons type=affinity subject=customers
