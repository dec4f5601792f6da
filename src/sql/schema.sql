CREATE SCHEMA persona;
COMMENT ON SCHEMA persona IS
  'Customer portraits: mergeable summaries of events, models whose coefficients are rows, scores and recommendations in any query.';
GRANT USAGE ON SCHEMA persona TO PUBLIC;
