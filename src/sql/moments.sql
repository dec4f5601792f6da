-- persona.moments: count, extremes and the first four moments of a number (docs/summaries/moments.md).

-- @include summary_forms type=moments
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

-- @include summary_comparisons type=moments subject=values
