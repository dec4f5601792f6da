-- Regressions on real data with all their categorical columns, against R's lm and glm (test/reference): estimates to
-- 1e-6, standard errors to 1e-5, log likelihoods to 1e-8. Data that is not here is skipped by name.
BEGIN;
SELECT plan(35);
SET LOCAL client_min_messages = warning;
SET LOCAL TimeZone = 'UTC';
\i test/reference/load.sql
CREATE TABLE reference.expected_coefficient (dataset text, term text, estimate float8, std_error float8, PRIMARY KEY (dataset, term));
CREATE TABLE reference.expected_model (dataset text PRIMARY KEY, kind text, target text, rows bigint, log_likelihood float8);
\copy reference.expected_coefficient FROM 'test/reference/coefficients.csv' (FORMAT csv, HEADER)
\copy reference.expected_model FROM 'test/reference/models.csv' (FORMAT csv, HEADER)

-- The terms that are not as expected: too far away, missing, or not wanted; NULL when there are none.
CREATE FUNCTION reference.wrong(dataset text, OUT estimate text, OUT std_error text) LANGUAGE sql AS $$
  SELECT string_agg(format('%s: %s, not %s', term, f.estimate, e.estimate), '; ')
           FILTER (WHERE (abs(f.estimate - e.estimate) <= 1e-6 * abs(e.estimate)) IS NOT TRUE),
         string_agg(format('%s: %s, not %s', term, f.std_error, e.std_error), '; ')
           FILTER (WHERE (abs(f.std_error - e.std_error) <= 1e-5 * e.std_error) IS NOT TRUE)
  FROM (SELECT * FROM reference.expected_coefficient e WHERE e.dataset = wrong.dataset) e
  FULL JOIN (SELECT * FROM persona.deployed_coefficient WHERE name = 'reference_' || wrong.dataset) f USING (term)
$$;
CREATE FUNCTION reference.compare(the_dataset text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  wanted reference.expected_model := (SELECT m FROM reference.expected_model m WHERE m.dataset = the_dataset);
  here boolean;
  found bigint;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT FROM reference.%I)', the_dataset) INTO here;
  IF NOT here THEN
    RETURN NEXT skip(format('the data of %s is not in ../shared/data (PERSONA_DATA names its folder)', the_dataset), 5);
    RETURN;
  END IF;
  IF NOT EXISTS (SELECT FROM persona.kind WHERE kind.kind = wanted.kind) THEN
    RETURN NEXT skip(format('there is no %s', wanted.kind), 5);
    RETURN;
  END IF;
  found := (SELECT rows FROM persona.fit('reference_' || the_dataset, wanted.kind, 'reference.' || the_dataset, wanted.target));
  RETURN NEXT is(found, wanted.rows, the_dataset || ': rows');
  RETURN NEXT is((SELECT count(*) FROM persona.deployed_coefficient WHERE name = 'reference_' || the_dataset),
                 (SELECT count(*) FROM reference.expected_coefficient e WHERE e.dataset = the_dataset), the_dataset || ': number of terms');
  RETURN NEXT is((reference.wrong(the_dataset)).estimate, NULL, the_dataset || ': estimates');
  RETURN NEXT is((reference.wrong(the_dataset)).std_error, NULL, the_dataset || ': standard errors');
  RETURN NEXT cmp_ok((SELECT abs(value - wanted.log_likelihood) FROM persona.metric JOIN persona.deployed_model m USING (model_id)
                      WHERE m.name = 'reference_' || the_dataset AND metric = 'log_likelihood'), '<=',
                     1e-8 * abs(wanted.log_likelihood), the_dataset || ': log likelihood');
END
$$;

SELECT reference.compare(dataset) FROM reference.model ORDER BY dataset;
SELECT finish();
ROLLBACK;
