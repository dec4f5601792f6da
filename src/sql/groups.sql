-- What a group of a grouped fit knows beside its coefficients.

ALTER TABLE persona.feature ADD COLUMN group_key text NOT NULL DEFAULT '';
COMMENT ON COLUMN persona.feature.group_key IS
  'The group whose levels and mean these are, where its coefficients do not say them; empty for all rows.';
COMMENT ON COLUMN persona.feature.role IS
  'Feature, target, offset, group for the column of group_by, or score for the scores of the training rows.';
