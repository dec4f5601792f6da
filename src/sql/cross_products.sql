-- persona.cross_products: all that a linear regression needs (docs/summaries/cross_products.md).

-- @include summary_forms type=cross_products
COMMENT ON TYPE persona.cross_products IS
  'Rows, means and cross products of y and up to 100 x, carried to 106 bits: a linear regression that can be merged, and parts be taken out of.';

CREATE FUNCTION persona.cross_products_add(state persona.cross_products, y double precision, x double precision[])
  RETURNS persona.cross_products
  AS 'MODULE_PATHNAME', 'persona_cross_products_add_array' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_add(persona.cross_products, double precision, double precision[]) IS
  'Adds one row to the state of cross_products_agg.';

CREATE FUNCTION persona.cross_products_combine(state persona.cross_products, other persona.cross_products)
  RETURNS persona.cross_products
  AS 'MODULE_PATHNAME', 'persona_cross_products_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_combine(persona.cross_products, persona.cross_products) IS
  'Merges a second state into that of an aggregate: cross_products_agg of parallel workers, and rollup.';

CREATE FUNCTION persona.cross_products_final(state persona.cross_products) RETURNS persona.cross_products
  AS 'MODULE_PATHNAME', 'persona_cross_products_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_final(persona.cross_products) IS
  'Answers the value of cross_products_agg, the last rows taken in.';

CREATE AGGREGATE persona.cross_products_agg(y double precision, VARIADIC x double precision[]) (
  SFUNC = persona.cross_products_add, STYPE = persona.cross_products, FINALFUNC = persona.cross_products_final,
  COMBINEFUNC = persona.cross_products_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.cross_products_agg(double precision, VARIADIC double precision[]) IS
  'Summarizes y and x1, x2, ... for linear_fit, correlation and covariance; a row with a NULL is left out and counted. An array goes in as VARIADIC xs.';

-- The same with the x one by one: without an array, which the server would build anew for every row.
DO $do$
DECLARE
  types text := 'double precision';
  arguments text := 'y double precision';
BEGIN
  FOR x IN 1 .. 24 LOOP
    types := pg_catalog.concat(types, ', double precision');
    arguments := pg_catalog.concat(arguments, ', x', x, ' double precision');
    EXECUTE pg_catalog.format($$
      CREATE FUNCTION persona.cross_products_add(state persona.cross_products, %1$s) RETURNS persona.cross_products
        AS 'MODULE_PATHNAME', 'persona_cross_products_add_numbers' LANGUAGE C IMMUTABLE PARALLEL SAFE;
      COMMENT ON FUNCTION persona.cross_products_add(persona.cross_products, %2$s) IS
        'Adds one row to the state of cross_products_agg.';
      CREATE AGGREGATE persona.cross_products_agg(%1$s) (
        SFUNC = persona.cross_products_add, STYPE = persona.cross_products, FINALFUNC = persona.cross_products_final,
        COMBINEFUNC = persona.cross_products_combine, PARALLEL = SAFE
      );
      COMMENT ON AGGREGATE persona.cross_products_agg(%2$s) IS
        'The same for up to 24 x given one by one, at less cost than as an array.' $$, arguments, types);
  END LOOP;
END
$do$;

CREATE AGGREGATE persona.rollup(persona.cross_products) (
  SFUNC = persona.cross_products_combine, STYPE = persona.cross_products, FINALFUNC = persona.cross_products_final,
  COMBINEFUNC = persona.cross_products_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE persona.rollup(persona.cross_products) IS
  'Merges stored cross products, for instance of days or shards, into what one pass over all their rows would give.';

CREATE FUNCTION persona.merge(a persona.cross_products, b persona.cross_products) RETURNS persona.cross_products
  AS 'MODULE_PATHNAME', 'persona_cross_products_merge' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.merge(persona.cross_products, persona.cross_products) IS
  'Merges the cross products of disjoint rows; NULL counts as no rows, so merge(NULL, b) is b.';

CREATE FUNCTION persona.subtract(c persona.cross_products, part persona.cross_products) RETURNS persona.cross_products
  AS 'MODULE_PATHNAME', 'persona_cross_products_subtract' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION persona.subtract(persona.cross_products, persona.cross_products) IS
  'Takes the rows of a part out again, for instance of a customer who asks to be forgotten; an error where what remains would not be exact to nine digits.';

CREATE FUNCTION persona.cross_products_rows(c persona.cross_products) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_cross_products_rows' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_rows(persona.cross_products) IS
  'Number of complete rows.';

CREATE FUNCTION persona.cross_products_skipped(c persona.cross_products) RETURNS bigint
  AS 'MODULE_PATHNAME', 'persona_cross_products_skipped' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.cross_products_skipped(persona.cross_products) IS
  'Number of rows that were left out because y or an x was NULL.';

CREATE FUNCTION persona.linear_fit(c persona.cross_products)
  RETURNS TABLE (term text, estimate double precision, std_error double precision, statistic double precision,
                 p_value double precision, ci_low double precision, ci_high double precision)
  AS 'MODULE_PATHNAME', 'persona_cross_products_linear_fit' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION persona.linear_fit(persona.cross_products) IS
  'Fits y to an intercept and x1, x2, ... by least squares, as persona.fit does for linear_regression; a term that depends on those before it has no estimate.';

CREATE FUNCTION persona.linear_fit(c persona.cross_products, names text[])
  RETURNS TABLE (term text, estimate double precision, std_error double precision, statistic double precision,
                 p_value double precision, ci_low double precision, ci_high double precision)
  AS 'MODULE_PATHNAME', 'persona_cross_products_linear_fit' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 10;
COMMENT ON FUNCTION persona.linear_fit(persona.cross_products, text[]) IS
  'The same with the x named by their own names, one each, in order.';

CREATE FUNCTION persona.r_squared(c persona.cross_products) RETURNS double precision
  AS 'MODULE_PATHNAME', 'persona_cross_products_r_squared' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.r_squared(persona.cross_products) IS
  'Share of the variance of y that linear_fit explains; NULL where y does not vary.';

CREATE FUNCTION persona.correlation(c persona.cross_products) RETURNS double precision[]
  AS 'MODULE_PATHNAME', 'persona_cross_products_correlation' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.correlation(persona.cross_products) IS
  'Correlation matrix in the order y, x1, x2, ..., with NULL for a column that does not vary; NULL below two rows.';

CREATE FUNCTION persona.covariance(c persona.cross_products) RETURNS double precision[]
  AS 'MODULE_PATHNAME', 'persona_cross_products_covariance' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.covariance(persona.cross_products) IS
  'Sample covariance matrix (denominator n - 1) in the order y, x1, x2, ...; NULL below two rows.';

-- @include summary_comparisons type=cross_products subject=rows
