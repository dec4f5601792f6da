#!/usr/bin/env bash
# Kind als on 1,000,000 events of 50,000 users and 5,000 items, 64 factors: seconds an iteration (the difference between
# long and short fits, so that reading and storing do not count), with one thread and with two, beside alternating least
# squares written with numpy and LAPACK's Cholesky solver for every user and item, one thread.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=bench/recommender_events
. bench/recommender_events
# shellcheck source=bench/python
. bench/python
make_events

theirs=$(psql -X -q -c 'COPY (SELECT DISTINCT customer, sku FROM bench_event) TO STDOUT (FORMAT csv)' | python -c '
import sys, time
import numpy as np
from scipy.linalg.lapack import dposv
rows = np.loadtxt(sys.stdin, delimiter=",", dtype=np.int64)
users, items = (np.unique(column, return_inverse=True)[1] for column in rows.T)
factors, alpha, penalty = 64, 0.1, 0.005

def lists(own, other):
    order = np.argsort(own, kind="stable")
    return np.split(other[order], np.cumsum(np.bincount(own))[:-1])

def solve(history, vectors):
    gram = alpha * (vectors.T @ vectors)
    identity = np.eye(factors)
    result = np.empty((len(history), factors))
    for row, known in enumerate(history):
        y = vectors[known]
        ridge = penalty * (len(known) + alpha * len(vectors))
        result[row] = dposv(gram + y.T @ y + ridge * identity, y.sum(0))[1]
    return result

by_user, by_item = lists(users, items), lists(items, users)
y = np.random.default_rng(0).normal(0, 0.1 / np.sqrt(factors), (len(by_item), factors))
begin = time.perf_counter()
for iteration in range(2):
    x = solve(by_user, y)
    y = solve(by_item, x)
print((time.perf_counter() - begin) / 2)
')
for threads in 1 2; do
  short=$(recommender_seconds als "{\"iterations\": 1, \"threads\": $threads}")
  long=$(recommender_seconds als "{\"iterations\": 9, \"threads\": $threads}")
  each=$(awk -v a="$long" -v b="$short" 'BEGIN { print (a - b) / 8 }')
  awk -v threads="$threads" -v a="$each" -v b="$theirs" -v whole="$long" 'BEGIN {
    printf "%d thread(s): %.2f s an iteration here, %.2f s by numpy with one, ratio %.2f (goal 1.0 with one); a fit of 9 iterations %.2f s\n", threads, a, b, a / b, whole }'
  if [ "$threads" = 1 ]; then one=$each; fi
done
awk -v a="$one" -v b="$each" 'BEGIN { printf "two threads: %.2f times as fast as one\n", a / b }'
