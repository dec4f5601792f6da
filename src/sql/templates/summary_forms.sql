CREATE TYPE persona.@type@;

CREATE FUNCTION persona.@type@_in(cstring) RETURNS persona.@type@
  AS 'MODULE_PATHNAME', 'persona_@type@_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.@type@_in(cstring) IS
  'Reads the text form of persona.@type@, every relation between its parts checked.';

CREATE FUNCTION persona.@type@_out(persona.@type@) RETURNS cstring
  AS 'MODULE_PATHNAME', 'persona_@type@_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.@type@_out(persona.@type@) IS
  'Writes the text form of persona.@type@: exact whatever extra_float_digits is.';

CREATE FUNCTION persona.@type@_recv(internal) RETURNS persona.@type@
  AS 'MODULE_PATHNAME', 'persona_@type@_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.@type@_recv(internal) IS
  'Reads the binary form of persona.@type@, every relation between its parts checked.';

CREATE FUNCTION persona.@type@_send(persona.@type@) RETURNS bytea
  AS 'MODULE_PATHNAME', 'persona_@type@_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION persona.@type@_send(persona.@type@) IS
  'Writes the binary form of persona.@type@: its bytes in network order.';

CREATE TYPE persona.@type@ (
  INPUT = persona.@type@_in, OUTPUT = persona.@type@_out, RECEIVE = persona.@type@_recv, SEND = persona.@type@_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = main
);
