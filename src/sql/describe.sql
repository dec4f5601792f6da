-- What is in a source: a profile of its columns, and the rows that repeat.

CREATE FUNCTION persona.describe(source text,
    OUT ordinal integer, OUT column_name text, OUT type text, OUT rows bigint, OUT nulls bigint, OUT nan bigint, OUT infinite bigint,
    OUT distinct_values bigint, OUT duplicate_rows bigint, OUT commonest text, OUT commonest_share float8,
    OUT mean float8, OUT stddev float8, OUT min text, OUT q05 text, OUT q25 text, OUT median text, OUT q75 text, OUT q95 text, OUT max text,
    OUT outliers bigint, OUT estimated boolean)
  RETURNS SETOF record LANGUAGE C STABLE PARALLEL UNSAFE COST 100000 ROWS 20 AS 'MODULE_PATHNAME', 'persona_describe';
COMMENT ON FUNCTION persona.describe(text) IS
  'Profiles every column of a relation or SELECT in one pass: NULLs, distinct values, commonest value, mean, quantiles, extremes, outliers. Ordinal 0 is the source as a whole, with its duplicate rows.';

CREATE FUNCTION persona.duplicates(source text, keys text[] DEFAULT NULL,
    OUT keys jsonb, OUT copies bigint, OUT row_data jsonb)
  RETURNS SETOF record LANGUAGE C STABLE PARALLEL UNSAFE COST 100000 ROWS 1000 AS 'MODULE_PATHNAME', 'persona_duplicates';
COMMENT ON FUNCTION persona.duplicates(text, text[]) IS
  'Every row of a relation or SELECT that agrees with another in the key columns, or in all columns when none are named; NULLs agree with each other.';
