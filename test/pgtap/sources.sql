-- The text of a source: semicolons and comments around a query, several columns of one name; and a name that outlives
-- its versions or its owner. Expected values: y = 2 x + 1 by hand, and who bought what below; messages are the documented ones.
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(98);

CREATE TABLE pairs (u int, i text, n int);
INSERT INTO pairs VALUES (5, 'i1', 1), (6, 'i1', 1), (6, 'i2', 1), (7, 'i1', 1), (7, 'i2', 1), (8, 'i3', 1);
CREATE FUNCTION dear(x text) RETURNS text COST 100000 LANGUAGE plpgsql AS $$ BEGIN RETURN x; END $$;
CREATE TABLE points AS SELECT i AS x, 2 * i + 1 + (i % 2) * 1e-9 AS y FROM generate_series(1, 30) i;

-- What may stand before and after a query.
CREATE TABLE around (before text, after text);
INSERT INTO around VALUES ('', ';'), ('', ' ;  '), ('', E';\n'), ('', '; -- all of it'), ('', E'; -- all of it\n'), ('', '; /* all of it */'),
  ('', E'\n-- all of it\n;\n/* all; of it */ -- ;'), ('', ' -- all of it'), ('', ' /* ; */'), ('', ' -- ;'), ('-- first;' || E'\n', ';'),
  ('/* first; */ ', '; -- ;'), (E'  \n\t', E';\t\n '), ('(', '); -- in parentheses'), ('WITH q AS (', E') SELECT * FROM q; -- "\n');
CREATE FUNCTION pg_temp.shown(what text, before text, after text) RETURNS text LANGUAGE sql AS $$
  SELECT what || ': ' || translate(format('%L, %L', before, after), E'\n\t', '  ')
$$;
CREATE FUNCTION pg_temp.linear(source text) RETURNS numeric LANGUAGE plpgsql AS $$
BEGIN
  PERFORM persona.fit('line', 'linear_regression', source, 'y');
  PERFORM persona.refresh_model('line');
  RETURN round(persona.predict('line', '{"x": 4}')::numeric, 6);
END $$;
CREATE FUNCTION pg_temp.basket(source text, options jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM persona.fit('basket', 'item_knn', source, options => options);
  PERFORM persona.refresh_model('basket');
  RETURN (SELECT string_agg(item || ' ' || reason, ', ' ORDER BY rank) FROM persona.recommend('basket', 5, 1));
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ': ' || SQLERRM;
END $$;
SELECT is(pg_temp.linear(before || 'SELECT x, y FROM points' || after), 9.000000, pg_temp.shown('regression', before, after)) FROM around;
SELECT is(pg_temp.basket(before || 'SELECT u, i FROM pairs' || after, '{"user": "u", "item": "i"}'), 'i2 goes with i1', pg_temp.shown('live', before, after)) FROM around;
SELECT is(pg_temp.basket(before || 'SELECT u, dear(i) AS i FROM pairs OFFSET 0' || after, '{"user": "u", "item": "i"}'), 'i2 goes with i1',
          pg_temp.shown('stored', before, after)) FROM around;
SELECT is(round(value::numeric, 6), 1.000000, 'evaluate takes such a source, too')
FROM persona.evaluate('line', 'SELECT x, y FROM points; -- all of it') WHERE metric = 'r2';
SELECT throws_ok(format('SELECT persona.fit(''two'', %L, %L, %L, %L)', kind, source, target, options), '22023', 'source must be a relation or one SELECT', kind || ': ' || translate(source, E'\n', ' '))
FROM (VALUES ('linear_regression', 'y', '{}'), ('item_knn', NULL, '{"user": "x", "item": "y"}')) k(kind, target, options),
     (VALUES ('SELECT x, y FROM points; SELECT x, y FROM points'), ('SELECT x, y FROM points; DROP TABLE points'), ('-- nothing'), ('/* nothing */;'),
             ('SELECT 1; --' || E'\n' || 'SELECT x, y FROM points')) s(source);
SELECT throws_like(format('SELECT persona.fit(''wrong'', ''item_knn'', %L, NULL, ''{"user": "u", "item": "i"}'')', source), 'syntax error at or near%', 'no way out of the parentheses: ' || source)
FROM (VALUES ('SELECT u, i FROM pairs) s; --'), ('SELECT u, i FROM pairs) s WHERE true --')) s(source);
SELECT is((SELECT count(*) FROM points), 30::bigint, 'nothing is dropped');

-- Columns of one name.
SELECT is(pg_temp.basket('SELECT u, i, ' || more || ' FROM pairs', options::jsonb), '22023: the source has two columns named "' || name || '"', more || ' ' || options)
FROM (VALUES ('8 AS u', 'u', '{"user": "u", "item": "i"}'), ('n::text AS i', 'i', '{"user": "u", "item": "i"}'),
             ('n, n', 'n', '{"user": "u", "item": "i", "weight": "n"}'), ('n, u, i', 'u', '{"user": "u", "item": "i", "weight": "n"}')) v(more, name, options);
SELECT is(pg_temp.basket('SELECT a.*, b.n FROM pairs a JOIN pairs b USING (u, i)', '{"user": "u", "item": "i"}'), 'i2 goes with i1',
          'a name that no option names may be there twice');
SELECT throws_ok(format('SELECT persona.fit(''twice'', %L, %L, ''y'')', kind, source), '22023', 'the source has two columns named "' || name || '"', kind || ': ' || source)
FROM (VALUES ('linear_regression'), ('logistic_regression')) k(kind),
     (VALUES ('SELECT x, x, y FROM points', 'x'), ('SELECT x, y, y FROM points', 'y'), ('SELECT a.*, b.x FROM points a, points b', 'x')) s(source, name);
SELECT is((SELECT count(*) FROM persona.model_name WHERE name IN ('two', 'wrong', 'twice')), 0::bigint, 'no failure takes a name');

-- The last version takes the name with it.
CREATE ROLE first_owner;
CREATE ROLE second_owner;
GRANT SELECT ON points, pairs TO PUBLIC;
CREATE FUNCTION pg_temp.as_role(role text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
  PERFORM set_config('role', role, true);
  EXECUTE query INTO answer;
  PERFORM set_config('role', 'none', true);
  RETURN answer;
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ': ' || SQLERRM;
END $$;
CREATE FUNCTION pg_temp.fit_z(role text, deploy boolean) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.as_role(role, format('SELECT version FROM persona.fit(''z'', ''linear_regression'', ''public.points'', ''y'', deploy => %L)', deploy))
$$;
SELECT is(pg_temp.fit_z('first_owner', false), '1', 'a version that does not serve');
SELECT is(pg_temp.fit_z('first_owner', false), '2', 'and another');
SELECT is(pg_temp.as_role('first_owner', $$SELECT (persona.drop_model('z@1')).version$$), '1', 'drop one');
SELECT is(pg_temp.fit_z('second_owner', true), '42501: model name "z" is taken', 'the name stays');
SELECT is(pg_temp.as_role('first_owner', $$SELECT (persona.drop_model('z@2')).version$$), '2', 'drop the last');
SELECT is((SELECT count(*) FROM persona.model_name WHERE name = 'z'), 0::bigint, 'the name is free');
SELECT is(pg_temp.as_role('first_owner', $$SELECT persona.drop_model('z')$$), '42704: model "z" does not exist', 'there is nothing left to drop');
SELECT is(pg_temp.fit_z('second_owner', true), '1', 'anybody may have it');
SELECT is(pg_temp.as_role('second_owner', $$SELECT persona.drop_model('z@1')$$), '55006: version 1 of model "z" serves now', 'one that serves is not dropped so');
SELECT is(pg_temp.fit_z('second_owner', false), '2', 'one more');
SELECT is(pg_temp.as_role('second_owner', $$SELECT (persona.drop_model('z@2')).version$$), '2', 'is dropped');
SELECT is(pg_temp.as_role('second_owner', $$SELECT round(persona.predict('z', '{"x": 4}')::numeric, 6)$$), '9.000000', 'and the one that serves goes on');

-- An owner who is gone.
CREATE ROLE leaver;
CREATE FUNCTION pg_temp.fit_left(model text, source text) RETURNS text LANGUAGE sql AS $$
  SELECT pg_temp.as_role('leaver', format('SELECT name FROM persona.fit(%L, ''item_knn'', %L, options => ''{"user": "u", "item": "i"}'')', model, source))
$$;
SELECT is(pg_temp.fit_left('left', 'public.pairs'), 'left', 'a model of one who will leave');
SELECT is(pg_temp.fit_left('left stored', 'SELECT u, public.dear(i) AS i FROM public.pairs OFFSET 0'), 'left stored', 'and one with histories');
SELECT is(pg_temp.as_role('leaver', $$SELECT name FROM persona.fit('left line', 'linear_regression', 'public.points', 'y')$$), 'left line', 'and a line');
DROP ROLE leaver;
SELECT throws_ok(query, '42704', 'the owner of model "' || model || '" no longer exists', query)
FROM (VALUES ('left', $$SELECT persona.refresh_model('left')$$), ('left', $$SELECT persona.recommend('left', 5)$$), ('left', $$SELECT persona.recommend('left', '5')$$),
             ('left', $$SELECT persona.preference('left', 5, 'i2')$$), ('left stored', $$SELECT persona.refresh_model('left stored')$$),
             ('left line', $$SELECT persona.refresh_model('left line')$$)) v(model, query);
SET LOCAL client_min_messages = error;  -- it warns of each of these
SELECT lives_ok('CALL persona.refresh_all()', 'refreshing all goes on to the others');
SELECT is((SELECT max(version) FROM persona.model WHERE name LIKE 'left%'), 1, 'and leaves these');
SELECT is(round(persona.predict('left line', '{"x": 4}')::numeric, 6), 9.000000, 'which score as before');
SELECT is((SELECT item FROM persona.similar_items('left', 'i1')), 'i2', 'and find what is near');
SELECT is((persona.drop_model(name)).name, name, 'a superuser drops ' || name) FROM (VALUES ('left'), ('left line'), ('left stored')) v(name);

SELECT * FROM finish();
ROLLBACK;
