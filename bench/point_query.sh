#!/usr/bin/env bash
# Transactions a second of one prepared SELECT by primary key through pgbench, with predict and without, in turn five
# times each: what scoring costs an application's query.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
chmod 755 "$scratch"

psql -X -q -v ON_ERROR_STOP=1 <<'SQL'
SET client_min_messages = warning;
CREATE TABLE bench_profile AS
SELECT g AS id, random() AS recency, random() * 20 AS orders, random() * 100 AS amount, random() AS share,
       random() < 0.3 AS churned
FROM setseed(0.42), generate_series(1, 100000) AS g;
ALTER TABLE bench_profile ADD PRIMARY KEY (id);
VACUUM ANALYZE bench_profile;
SELECT version FROM persona.fit('bench_churn', 'logistic_regression', 'bench_profile', 'churned', key => 'id') \g /dev/null
SQL
cat >"$scratch/plain.sql" <<'SQL'
\set id random(1, 100000)
SELECT id, recency, orders, amount, share FROM bench_profile WHERE id = :id;
SQL
cat >"$scratch/predict.sql" <<'SQL'
\set id random(1, 100000)
SELECT id, recency, orders, amount, share, persona.predict('bench_churn', p) FROM bench_profile AS p WHERE id = :id;
SQL

tps() { pgbench -n -M prepared -T 2 -c 1 -f "$1" 2>/dev/null | sed -n 's/^tps = \([0-9.]*\).*/\1/p'; }
median() { sort -n | sed -n 3p; }

tps "$scratch/plain.sql" >/dev/null
tps "$scratch/predict.sql" >/dev/null
for _ in 1 2 3 4 5; do
  tps "$scratch/plain.sql" >>"$scratch/plain"
  tps "$scratch/predict.sql" >>"$scratch/predict"
done
plain=$(median <"$scratch/plain")
predict=$(median <"$scratch/predict")
awk -v a="$predict" -v b="$plain" 'BEGIN {
  printf "one row by primary key, prepared: %.0f transactions/s with predict, %.0f without, ratio %.2f (at least 0.9)\n", a, b, a / b }'
