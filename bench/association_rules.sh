#!/usr/bin/env bash
# association_rules on two tables of baskets, at support .001 and confidence .8:
# groceries (9,835 baskets, 169 items; PERSONA_DATA names the folder of the real data), which R's package arules answers
# by 410 rules; and 100,000 baskets of some 12 items of 1,000, drawn from patterns of items that are bought together. Beside
# them arules where it is installed, and for rules of two items, of which there must be as many, a plain self-join.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
groceries=${PERSONA_DATA:-../shared/data}/groceries/groceries.csv
if [ -r "$groceries" ]; then
  awk -F, '{ for (i = 1; i <= NF; i++) printf "%d\t%s\n", NR, $i }' "$groceries" >"$folder/groceries"
else
  : >"$folder/groceries"
fi
psql -X -q -v ON_ERROR_STOP=1 -v groceries="$folder/groceries" -v baskets="$folder/baskets" <<'SQL'
SET client_min_messages = warning;
SET jit = off;
SET max_parallel_workers_per_gather = 0;
\pset footer off
CREATE TABLE bench_groceries (basket integer, item text);
\set copy '\\copy bench_groceries FROM ' :'groceries'
:copy
-- A pattern is 4 items, the popular more often; a basket is what remains of three patterns, and two more items.
SELECT setseed(0.42) \g /dev/null
CREATE TEMP TABLE bench_pattern AS
SELECT p AS pattern, (1000 * random() ^ 1.5)::integer AS item FROM generate_series(0, 499) p, generate_series(1, 4);
CREATE TABLE bench_baskets AS
SELECT DISTINCT b.basket, 'item ' || p.item AS item
FROM (SELECT b AS basket, (500 * random() ^ 1.5)::integer AS pattern
      FROM generate_series(1, 100000) b, generate_series(1, 3)) b
JOIN bench_pattern p USING (pattern) WHERE random() < .9
UNION
SELECT b, 'item ' || (1000 * random() ^ 1.5)::integer FROM generate_series(1, 100000) b, generate_series(1, 2);
VACUUM ANALYZE bench_groceries, bench_baskets;
\set copy '\\copy bench_baskets TO ' :'baskets'
:copy
CREATE TEMP TABLE bench_run (data text, method text, rules bigint, seconds float8);
DO $bench$
DECLARE
  data text;
  length int;
  started timestamptz;
  fitted persona.model;
  rules bigint;
BEGIN
  FOR turn IN 0 .. 3 LOOP
    FOREACH data IN ARRAY ARRAY['groceries', 'baskets'] LOOP
      FOREACH length IN ARRAY ARRAY[10, 2] LOOP
        started := clock_timestamp();
        fitted := persona.fit('bench_rules', 'association_rules', 'bench_' || data,
                              options => jsonb_build_object('basket', 'basket', 'item', 'item', 'min_support', .001,
                                                            'min_confidence', CASE length WHEN 2 THEN .3 ELSE .8 END,
                                                            'max_length', length));
        SELECT count(*) INTO rules FROM persona.rule r WHERE r.model_id = fitted.model_id;
        IF turn > 0 THEN
          INSERT INTO bench_run VALUES (data, CASE length WHEN 2 THEN 'two items, confidence .3' ELSE 'confidence .8' END, rules,
                                        extract(epoch FROM clock_timestamp() - started));
        END IF;
      END LOOP;
      IF turn < 3 THEN CONTINUE; END IF;
      started := clock_timestamp();
      EXECUTE format($q$
        WITH basket AS (SELECT DISTINCT basket, item FROM bench_%1$s),
             single AS (SELECT item, count(*) AS n FROM basket GROUP BY item),
             pair AS (SELECT a.item, b.item AS other, count(*) AS n FROM basket a JOIN basket b USING (basket)
                      WHERE a.item <> b.item GROUP BY a.item, b.item)
        SELECT count(*) FROM pair JOIN single USING (item)
        WHERE pair.n >= .001 * (SELECT count(DISTINCT basket) FROM basket) AND pair.n >= .3 * single.n$q$, data) INTO rules;
      INSERT INTO bench_run VALUES (data, 'the same by a self-join', rules, extract(epoch FROM clock_timestamp() - started));
    END LOOP;
  END LOOP;
END
$bench$;
SELECT data, method, rules, round(seconds::numeric, 3) AS seconds,
       round((joined / seconds)::numeric, 1) AS times_faster, CASE WHEN data = 'groceries' AND method = 'confidence .8' THEN 0.3 END AS goal
FROM (SELECT data, method, max(rules) AS rules, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS seconds
      FROM bench_run GROUP BY data, method) own
LEFT JOIN LATERAL (SELECT j.seconds AS joined FROM bench_run j
                   WHERE j.data = own.data AND j.method LIKE '%self-join' AND own.method LIKE 'two%') j ON true
ORDER BY data DESC, method;
SELECT cardinality(antecedent) + 1 AS items_of_a_rule, count(*) AS groceries,
       (ARRAY[29, 229, 140, 12])[cardinality(antecedent) - 1] AS arules
FROM persona.rule r
WHERE r.model_id = (SELECT model_id FROM persona.fit('bench_rules', 'association_rules', 'bench_groceries',
  options => '{"basket": "basket", "item": "item", "min_support": 0.001, "min_confidence": 0.8}'))
GROUP BY 1, 3 ORDER BY 1;
SQL
if command -v Rscript >/dev/null && Rscript -e 'library(arules)' >/dev/null 2>&1; then
  for data in groceries baskets; do
    Rscript -e "suppressMessages(library(arules))
      started <- proc.time()[['elapsed']]
      baskets <- read.transactions('$folder/$data', format = 'single', sep = '\t', cols = 1:2, quote = '')
      read <- proc.time()[['elapsed']]
      rules <- apriori(baskets, parameter = list(supp = 0.001, conf = 0.8), control = list(verbose = FALSE))
      cat('arules, $data:', length(rules), 'rules,', round(proc.time()[['elapsed']] - read, 3), 's after',
          round(read - started, 3), 's of reading\n')"
  done
fi
