#!/usr/bin/env bash
# Kind ease on 1,000,000 events of 50,000 users and 5,000 items, beside numpy.linalg.inv of the same Gram matrix, one
# thread each: the inverse alone, and the whole fit, which reads the events and stores 25 million neighbors, or the 100
# largest of each item.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=bench/recommender_events
. bench/recommender_events
# shellcheck source=bench/python
. bench/python
make_events

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
psql -X -q -c 'COPY (SELECT DISTINCT customer, sku FROM bench_event) TO STDOUT (FORMAT csv)' >"$work/events.csv"
read -r theirs their_memory <<<"$(python - "$work/events.csv" <<'PYTHON'
import resource, sys, time
import numpy as np
import scipy.sparse
rows = np.loadtxt(sys.argv[1], delimiter=",", dtype=np.int64)
users, items = (np.unique(column, return_inverse=True)[1] for column in rows.T)
x = scipy.sparse.csr_matrix((np.ones(len(rows)), (users, items)))
size = np.asarray(x.sum(1)).ravel()
y = scipy.sparse.diags((size.mean() / size) ** 0.25) @ x
gram = (y.T @ y).toarray()
del rows, users, items, x, y
gram[np.diag_indices_from(gram)] = 2 * gram.diagonal() + 300
with open("/proc/self/clear_refs", "w") as refs:
    refs.write("5")
begin = time.perf_counter()
inverse = np.linalg.inv(gram)
seconds = time.perf_counter() - begin
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print("%.3f %.0f" % (seconds, peak / 1024))
PYTHON
)"
"${CXX:-g++}" -std=c++17 -O2 -ftree-vectorize -Isrc bench/invert_time.cpp src/core/linalg/*.cpp src/core/base/cpu.cpp -o "$work/invert_time"
read -r inverse memory <<<"$("$work/invert_time" 5000)"
all=$(recommender_seconds ease '{}')
some=$(recommender_seconds ease '{"neighbors": 100}')
awk -v ours="$inverse" -v memory="$memory" -v theirs="$theirs" -v their_memory="$their_memory" -v all="$all" -v some="$some" 'BEGIN {
  printf "inverse of 5,000 items: %.2f s here, %.2f s by numpy, ratio %.2f (goal 0.7)\n", ours, theirs, ours / theirs
  printf "peak memory: %.0f MB here, %.0f MB by numpy, ratio %.2f (goal 0.5)\n", memory, their_memory, memory / their_memory
  printf "fit with all neighbors: %.2f s, ratio %.2f; with 100 each: %.2f s, ratio %.2f\n", all, all / theirs, some, some / theirs
}'

# The most private memory of the backend during the fit.
psql -X -q -At <<'SQL'
SET client_min_messages = warning;
SELECT count(*) FROM bench_event \g /dev/null
SELECT pg_backend_pid() AS pid \gset
\setenv PID :pid
\! echo 5 >/proc/$PID/clear_refs
SELECT persona.fit('bench_ease', 'ease', 'SELECT customer, sku FROM bench_event',
                   options => '{"user": "customer", "item": "sku"}') \g /dev/null
\! awk '/^VmHWM/ { most = $2 } /^RssShmem/ { shared = $2 } END { printf "the fit in the database: at most %.0f MB of private memory\n", (most - shared) / 1024 }' /proc/$PID/status
SQL
