#!/usr/bin/env bash
# The same fits by exporting the rows to Debian's scikit-learn: COPY to CSV, read by pandas, fitted; beside persona.fit
# on the table.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=bench/python
. bench/python
psql -X -q -v ON_ERROR_STOP=1 -f bench/rows.psql
columns=$(printf 'x%s, ' $(seq 1 20))

for target in y z; do
  export TARGET=$target
  begin=$EPOCHREALTIME
  psql -X -q -c "COPY (SELECT ${columns}$target::text FROM bench_row) TO STDOUT (FORMAT csv)" | python -c '
import os, sys
import pandas
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
rows = pandas.read_csv(sys.stdin, header=None)
x = rows.iloc[:, :20].to_numpy()
y = rows.iloc[:, 20].to_numpy()
if os.environ["TARGET"] == "y":
    LinearRegression().fit(x, y)
else:
    make_pipeline(StandardScaler(), LogisticRegression(penalty="none", tol=1e-8, max_iter=1000)).fit(x, y)
'
  theirs=$(awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { print 1000 * (b - a) }')
  kind=$([ "$target" = y ] && echo linear_regression || echo logistic_regression)
  ours=$(psql -X -q -At -c 'SET client_min_messages = warning' -c 'SET max_parallel_workers_per_gather = 0' \
    -c "SELECT 1000 * seconds FROM persona.fit('bench_sklearn', '$kind', 'SELECT ${columns}$target FROM bench_row', '$target')")
  awk -v k="$kind" -v a="$ours" -v b="$theirs" 'BEGIN {
    printf "%s: %.0f ms in the database, %.0f ms by export to scikit-learn, ratio %.3f\n", k, a, b, a / b }'
done
