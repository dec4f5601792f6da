-- What the extension puts into the database: schema, tables, views, functions, comments, privileges, row security; and
-- that the surface users' views depend on has not changed: argument names, defaults and result columns.
BEGIN;
SELECT plan(41 + (SELECT count(*) FROM persona.kind)::int);

CREATE TEMP TABLE member AS
  SELECT d.classid, d.objid FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass
    AND d.refobjid = e.oid
  WHERE e.extname = 'persona' AND d.deptype = 'e';
CREATE TEMP TABLE routine AS SELECT p.* FROM pg_proc p JOIN member m ON m.classid = 'pg_proc'::regclass
  AND m.objid = p.oid;

SELECT has_schema('persona');
SELECT is((SELECT extrelocatable FROM pg_extension WHERE extname = 'persona'), false, 'the schema is fixed');
SELECT is((SELECT count(*) FROM routine WHERE pronamespace <> 'persona'::regnamespace), 0::bigint,
  'everything is in it');
SELECT tables_are('persona',
  '{model_name,model_grant,model,deployment,coefficient,feature,metric,neighbor,history,popularity,factor,factor_block,rule,session,item_session,portrait,portrait_trigger}'::name[]);
SELECT views_are('persona', '{deployed_model,deployed_coefficient,deployed_neighbor,deployed_popularity,deployed_factor,deployed_rule,kind,kind_option,portraits}'::name[]);
SELECT sequences_are('persona', '{model_model_id_seq,deployment_deployment_id_seq}'::name[]);
SELECT bag_hasnt($$SELECT proname::text FROM routine$$, $$SELECT unnest('{user,window,into,offset,time}'::text[])$$,
  'no function is named by a word of the syntax');

-- Comments: on every object and column, so that the reference can be generated.
SELECT is_empty($$SELECT oid::regprocedure FROM routine WHERE obj_description(oid, 'pg_proc') IS NULL$$,
  'every function has a comment');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c JOIN member m ON m.classid = 'pg_class'::regclass
  AND m.objid = c.oid
  WHERE c.relkind IN ('r', 'v') AND obj_description(c.oid, 'pg_class') IS NULL$$,
    'every table and view has a comment');
SELECT is_empty($$SELECT c.oid::regclass, a.attname FROM pg_class c JOIN member m ON m.classid = 'pg_class'::regclass
  AND m.objid = c.oid
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relkind = 'r' AND a.attname NOT IN ('term_no') AND col_description(c.oid, a.attnum) IS NULL$$,
    'every column of a table has a comment');

-- The names users write.
SELECT is_empty($$SELECT oid::regprocedure FROM routine WHERE proargnames && '{user,window,into,offset,time}'$$,
  'no argument is named by a word of the syntax');
SELECT bag_eq(
  $$SELECT proname::text || '(' || pg_get_function_arguments(oid) || ')' FROM routine
    WHERE proname IN ('fit', 'refresh_model', 'refresh_all', 'deploy', 'revert', 'drop_model', 'grant_model',
      'revoke_model', 'predict', 'predict_array', 'classify', 'reasons',
                      'scale', 'scale_array', 'recommend', 'recommend_for_items', 'similar_items', 'preference', 'evaluate', 'probabilities',
                        'explain', 'fold', 'calibration', 'gains', 'cross_validate', 'compare', 'importance', 'what_if', 'drift',
                        'recommend_all', 'tune')$$,
  $$SELECT unnest(ARRAY[
    'calibration(model text, source text, bins integer DEFAULT 10, OUT bin integer, OUT rows bigint, OUT lowest double precision, OUT highest double precision, OUT predicted double precision, OUT observed double precision, OUT lower double precision, OUT upper double precision)',
    'classify(model text, features jsonb)', 'classify(model text, features record)',
      'classify(model text, features text)',
    'compare(models text[], source text, options jsonb DEFAULT ''{}''::jsonb, OUT model text, OUT version integer, OUT metric text, OUT value double precision, OUT rank integer)',
    'cross_validate(kind text, source text, target text, folds integer DEFAULT 5, options jsonb DEFAULT ''{}''::jsonb, key text DEFAULT NULL::text, seed bigint DEFAULT 0, OUT fold integer, OUT metric text, OUT value double precision, OUT sd double precision)',
    'drift(model text, source text, OUT feature text, OUT psi double precision, OUT ks double precision, OUT assessment text, OUT rows bigint, OUT outside double precision, OUT missing double precision, OUT training_missing double precision, OUT mean double precision, OUT training_mean double precision)',
    'fold(key bigint, folds integer, seed bigint DEFAULT 0)', 'fold(key text, folds integer, seed bigint DEFAULT 0)',
    'fold(key uuid, folds integer, seed bigint DEFAULT 0)',
    'gains(model text, source text, bins integer DEFAULT 10, OUT bin integer, OUT rows bigint, OUT total double precision, OUT rate double precision, OUT lift double precision, OUT cumulative_share double precision, OUT cumulative_gain double precision, OUT cumulative_lift double precision, OUT threshold double precision)',
    'importance(model text, OUT rank integer, OUT feature text, OUT importance double precision, OUT share double precision)',
    'what_if(model text, features jsonb, changes jsonb, OUT score double precision, OUT new_score double precision, OUT difference double precision)',
    'what_if(model text, features record, changes jsonb, OUT score double precision, OUT new_score double precision, OUT difference double precision)',
    'what_if(model text, features text, changes jsonb, OUT score double precision, OUT new_score double precision, OUT difference double precision)',
    'deploy(model text, version integer)', 'drop_model(model text)',
    'evaluate(model text, source text, options jsonb DEFAULT ''{}''::jsonb, OUT metric text, OUT value double precision)',
    'explain(model text, features jsonb, OUT rank integer, OUT term text, OUT value text, OUT estimate double precision, OUT contribution double precision)',
    'explain(model text, features record, OUT rank integer, OUT term text, OUT value text, OUT estimate double precision, OUT contribution double precision)',
    'explain(model text, features text, OUT rank integer, OUT term text, OUT value text, OUT estimate double precision, OUT contribution double precision)',
    'fit(model text, kind text, source text, target text DEFAULT NULL::text, options jsonb DEFAULT ''{}''::jsonb, key text DEFAULT NULL::text, deploy boolean DEFAULT true)',
    'grant_model(model text, grantee text, privilege text DEFAULT ''use''::text)',
    'predict(model text, features jsonb)', 'predict(model text, features record)',
      'predict(model text, features text)',
    'predict_array(model text, features double precision[])',
    'preference(model text, user_id bigint, item_id bigint)', 'preference(model text, user_id bigint, item_id text)',
    'preference(model text, user_id text, item_id bigint)', 'preference(model text, user_id text, item_id text)',
    'probabilities(model text, features jsonb, OUT class text, OUT probability double precision)',
    'probabilities(model text, features record, OUT class text, OUT probability double precision)',
    'probabilities(model text, features text, OUT class text, OUT probability double precision)',
    'reasons(model text, features jsonb, k integer DEFAULT 3)',
      'reasons(model text, features record, k integer DEFAULT 3)',
      'reasons(model text, features text, k integer DEFAULT 3)',
    'recommend(model text, user_id bigint, k integer DEFAULT 10, exclude_seen boolean DEFAULT NULL::boolean, candidates text[] DEFAULT NULL::text[], exclude text[] DEFAULT NULL::text[], options jsonb DEFAULT ''{}''::jsonb, OUT rank integer, OUT item text, OUT score double precision, OUT reason text, OUT because text[])',
    'recommend(model text, user_id text, k integer DEFAULT 10, exclude_seen boolean DEFAULT NULL::boolean, candidates text[] DEFAULT NULL::text[], exclude text[] DEFAULT NULL::text[], options jsonb DEFAULT ''{}''::jsonb, OUT rank integer, OUT item text, OUT score double precision, OUT reason text, OUT because text[])',
    'recommend_all(IN model text, IN destination text, IN k integer DEFAULT 10, IN exclude_seen boolean DEFAULT NULL::boolean, IN candidates text[] DEFAULT NULL::text[], IN exclude text[] DEFAULT NULL::text[], IN options jsonb DEFAULT ''{}''::jsonb)',
    'recommend_for_items(model text, items text[], k integer DEFAULT 10, exclude_seen boolean DEFAULT NULL::boolean, candidates text[] DEFAULT NULL::text[], exclude text[] DEFAULT NULL::text[], options jsonb DEFAULT ''{}''::jsonb, OUT rank integer, OUT item text, OUT score double precision, OUT reason text, OUT because text[])',
    'refresh_all()', 'refresh_model(model text)', 'revert(model text)',
      'revoke_model(model text, grantee text, privilege text DEFAULT ''use''::text)',
    'scale(model text, features jsonb)', 'scale(model text, features record)', 'scale(model text, features text)',
    'scale_array(model text, features double precision[])',
    'similar_items(model text, item_id bigint, k integer DEFAULT 10, candidates text[] DEFAULT NULL::text[], exclude text[] DEFAULT NULL::text[], OUT rank integer, OUT item text, OUT score double precision)',
    'similar_items(model text, item_id text, k integer DEFAULT 10, candidates text[] DEFAULT NULL::text[], exclude text[] DEFAULT NULL::text[], OUT rank integer, OUT item text, OUT score double precision)',
    'tune(kind text, source text, target text, grid jsonb, options jsonb DEFAULT ''{}''::jsonb, key text DEFAULT NULL::text, metric text DEFAULT NULL::text, OUT rank integer, OUT options jsonb, OUT metric text, OUT value double precision, OUT seconds double precision)'])$$,
  'the surface is frozen');
SELECT is((SELECT array_agg(DISTINCT prorows::int) FROM routine WHERE prokind = 'f'
  AND (proname LIKE 'recommend%' OR proname = 'similar_items')), '{10}', 'ROWS 10, so that a join by item uses an index');
SELECT is_empty($$SELECT oid::regprocedure FROM routine WHERE proname IN ('predict', 'predict_columns',
  'predict_array', 'classify', 'explain', 'probabilities', 'reasons', 'scale', 'scale_array')
  AND (provolatile <> 's' OR proparallel <> 's')$$, 'scoring is stable and parallel safe');
SELECT is_empty($$SELECT oid::regprocedure FROM routine WHERE proconfig IS NOT NULL$$,
  'no function carries a SET, which would cost at every row');
SELECT is_empty($$SELECT oid::regprocedure FROM routine WHERE prosecdef$$, 'none is SECURITY DEFINER');
SELECT is((SELECT array_agg(oid::regprocedure::text) FROM routine WHERE prosupport <> 0),
  '{"persona.predict(text,record)"}', 'only predict of a row has the planner''s support');
SELECT is_empty($$SELECT oid::regprocedure FROM routine WHERE NOT has_function_privilege('pg_monitor', oid,
  'EXECUTE')$$, 'PUBLIC may execute everything');
SELECT ok(has_schema_privilege('pg_monitor', 'persona', 'USAGE') AND NOT has_schema_privilege('pg_monitor', 'persona',
  'CREATE'), 'PUBLIC may use the schema and create nothing in it');

-- Tables and views: readable by all, under row security, writable by none.
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c JOIN member m ON m.classid = 'pg_class'::regclass
  AND m.objid = c.oid
  WHERE CASE WHEN c.relkind IN ('r', 'v') THEN NOT has_table_privilege('pg_monitor', c.oid, 'SELECT') END$$,
    'PUBLIC may select');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c JOIN member m ON m.classid = 'pg_class'::regclass
  AND m.objid = c.oid
  WHERE c.relkind IN ('r', 'v') AND has_table_privilege('pg_monitor', c.oid,
    'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')$$, 'and nothing else');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c JOIN member m ON m.classid = 'pg_class'::regclass
  AND m.objid = c.oid
  WHERE CASE c.relkind WHEN 'S' THEN has_sequence_privilege('pg_monitor', c.oid, 'USAGE, UPDATE') END$$,
    'nor the sequences');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c JOIN member m ON m.classid = 'pg_class'::regclass
  AND m.objid = c.oid
  WHERE c.relkind = 'r' AND NOT (c.relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid
    AND p.polcmd = 'r'))$$, 'every table has row security and a policy');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c JOIN member m ON m.classid = 'pg_class'::regclass
  AND m.objid = c.oid
  WHERE c.relkind = 'v' AND c.relname LIKE 'deployed%' AND NOT 'security_invoker=true' = ANY (coalesce(c.reloptions,
    '{}'))$$, 'the views read as their caller');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c JOIN member m ON m.classid = 'pg_class'::regclass
  AND m.objid = c.oid
  WHERE c.relkind IN ('r', 'S') AND NOT c.oid = ANY ((SELECT extconfig FROM pg_extension
    WHERE extname = 'persona')::oid[])$$, 'every table and sequence is dumped');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c JOIN member m ON m.classid = 'pg_class'::regclass
  AND m.objid = c.oid
  WHERE c.relkind = 'r' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)$$,
    'every table has a primary key');
SELECT columns_are('persona', 'model',
  '{model_id,name,version,kind,source,search_path,time_zone,date_style,target,key,options,fitted_at,fitted_by,rows,skipped,seconds,format}'::name[]);
SELECT columns_are('persona', 'coefficient',
  '{model_id,term_no,term,outcome,group_key,lambda,estimate,std_error,statistic,p_value,ci_low,ci_high,odds_ratio,vif,mean}'::name[]);
SELECT columns_are('persona', 'metric', '{model_id,metric,value,group_key}'::name[]);
SELECT columns_are('persona', 'deployed_neighbor', '{name,version,item,support,rank,neighbor,score}'::name[]);
SELECT columns_are('persona', 'deployed_popularity', '{name,version,segment,rank,item,score}'::name[]);
SELECT columns_are('persona', 'deployed_rule',
  '{name,version,model_id,rule_no,antecedent,consequent,support,confidence,lift,leverage,conviction,count,antecedent_no,consequent_no}'::name[]);
SELECT columns_are('persona', 'deployed_factor', '{name,version,model_id,role,id,item_no,norm,factors}'::name[]);
SELECT col_is_pk('persona', 'model_name', 'name', 'a name is unique');

-- Kinds and options: what the views list is what fit takes.
SELECT results_eq($$SELECT kind, task FROM persona.kind ORDER BY 1$$,
  $$VALUES ('als', 'recommendation'), ('association_rules', 'recommendation'), ('blend', 'recommendation'),
    ('ease', 'recommendation'), ('item_knn', 'recommendation'), ('linear_regression', 'regression'),
    ('logistic_regression', 'classification'), ('next_item', 'recommendation'), ('poisson_regression', 'regression'),
    ('popularity', 'recommendation'), ('repurchase', 'recommendation'), ('scaler', 'transformation'),
    ('session_knn', 'recommendation')$$, 'kinds');
SELECT is_empty($$SELECT kind FROM persona.kind WHERE summary !~ '^[A-Z].*\.$'$$,
  'each says in a sentence what it is');
SELECT is_empty($$SELECT kind, option FROM persona.kind_option WHERE summary !~ '\.$' OR summary ~ '  |" "'$$,
  'so does each option');
SELECT is_empty($$SELECT kind, option FROM persona.kind_option GROUP BY kind, option HAVING count(*) > 1$$,
  'no option twice');
SELECT is_empty($$SELECT DISTINCT type FROM persona.kind_option WHERE type NOT IN ('boolean', 'integer', 'number',
  'text', 'text[]', 'number[]', 'object', 'object of number[]', 'object of text[]')$$, 'types of options');
SELECT is_empty($$SELECT kind, option FROM persona.kind_option WHERE NOT CASE type
  WHEN 'boolean' THEN jsonb_typeof(default_value) = 'boolean' WHEN 'text' THEN jsonb_typeof(default_value) = 'string'
  WHEN 'text[]' THEN jsonb_typeof(default_value) = 'array' ELSE jsonb_typeof(default_value) = 'number' END$$,
    'defaults are of the option''s type');
SELECT results_eq($$SELECT kind, array_agg(option ORDER BY option COLLATE "C") FROM persona.kind_option GROUP BY kind
  ORDER BY kind$$,
  $$VALUES ('als',
             '{alpha,basket,decay,diversity_key,factors,item,iterations,lambda,min_support,refresh_hours,regularization_exponent,seed,segment,threads,time,user,weight}'::text[]),
           ('association_rules',
             '{basket,diversity_key,item,max_length,max_rules,min_confidence,min_lift,min_support,refresh_hours,segment,time,user,weight}'),
           ('blend', '{basket,diversity_key,item,models,refresh_hours,segment,time,user,weight,weights}'),
           ('ease',
             '{basket,decay,diversity_key,drop,item,lambda,min_support,neighbors,refresh_hours,segment,time,user,user_normalization,weight}'),
           ('item_knn',
             '{basket,decay,diversity_key,exponents,item,min_support,neighbors,refresh_hours,segment,shrinkage,similarity,time,user,user_normalization,weight}'),
           ('linear_regression',
             '{bins,cluster,confidence,date_parts,features,folds,group_by,ignore,interactions,intercept,l1,l2,lambda_rule,max_levels,memory,nulls,offset,path,refresh_hours,seed,splines,standard_errors,unseen,weight}'),
           ('logistic_regression',
             '{bins,class_weight,cluster,confidence,date_parts,features,folds,group_by,ignore,interactions,intercept,l1,l2,lambda_rule,max_iterations,max_levels,memory,nulls,offset,path,refresh_hours,seed,splines,standard_errors,threshold,tolerance,unseen,weight}'),
           ('next_item',
             '{backward,basket,decay,diversity_key,exponents,item,lag_exponent,min_support,neighbors,refresh_hours,segment,time,user,weight}'),
           ('poisson_regression',
             '{bins,cluster,confidence,date_parts,features,folds,group_by,ignore,interactions,intercept,l1,l2,lambda_rule,max_iterations,max_levels,memory,nulls,offset,path,refresh_hours,seed,splines,standard_errors,tolerance,unseen,weight}'),
           ('popularity', '{basket,diversity_key,half_life,item,refresh_hours,segment,time,user,weight}'),
           ('repurchase',
             '{basket,decay,diversity_key,item,min_support,neighbors,pairs_weight,popularity_weight,refresh_hours,segment,time,user,weight}'),
           ('scaler', '{clip,features,ignore,method,methods,refresh_hours,seed}'),
           ('session_knn',
             '{basket,decay,diversity_key,item,item_exponent,min_support,next_item_weight,position_scale,refresh_hours,segment,session_exponent,sessions,time,user,weight}')$$,
             'options');
SET LOCAL client_min_messages = warning;
SELECT persona.fit('earlier', 'popularity', 'SELECT g % 3 AS x, g % 4 AS c FROM generate_series(1, 40) g', options => '{"user": "x", "item": "c"}') IS NULL \g /dev/null
SELECT persona.fit('other', 'item_knn', 'SELECT g % 3 AS x, g % 4 AS c FROM generate_series(1, 40) g', options => '{"user": "x", "item": "c"}') IS NULL \g /dev/null
SELECT lives_ok(format($$SELECT persona.fit('defaults', %L, %L, %L, %L)$$, kind,
  'SELECT g % 3 AS x, g % 4 AS c, g % 2 AS y, g AS z FROM generate_series(1, 40) g',
                       CASE WHEN task NOT IN ('recommendation', 'transformation') THEN 'y' END,
                       (SELECT jsonb_object_agg(option, CASE option WHEN 'user' THEN '"x"' WHEN 'item' THEN '"c"'
                         WHEN 'time' THEN '"z"'
                         WHEN 'models' THEN '["earlier", "other"]' WHEN 'weights' THEN '[1, 1]' ELSE default_value END) FROM persona.kind_option o WHERE o.kind = k.kind)),
                kind || ' takes all its options with their defaults') FROM persona.kind k;

SELECT * FROM finish();
ROLLBACK;
