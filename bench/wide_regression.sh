#!/usr/bin/env bash
# A linear regression of 200 columns on 100,000 rows, beside what numpy takes for its normal equations alone, in
# double precision with the data in memory: X'X, X'y and the solution. One thread each, the least of six runs.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=bench/fit_memory
. bench/fit_memory
# shellcheck source=bench/python
. bench/python

psql -X -q -v ON_ERROR_STOP=1 <<'SQL'
SELECT setseed(0.42) \g /dev/null
SELECT format('CREATE TABLE bench_wide AS SELECT random() AS y, %s FROM generate_series(1, 100000)',
              string_agg(format('random() * %1$s + %1$s AS x%1$s', i), ', ' ORDER BY i)) FROM generate_series(1, 200) i \gexec
UPDATE bench_wide SET y = y + x1 + 2 * x2 - x3;
VACUUM FULL ANALYZE bench_wide;
SQL
ours=$(fit_seconds linear_regression bench_wide y)
scan=$(psql -X -q -At <<'SQL'
SET max_parallel_workers_per_gather = 0;
CREATE TEMP TABLE took (ms float8);
DO $$
DECLARE
  started timestamptz;
BEGIN
  FOR turn IN 1 .. 6 LOOP
    started := clock_timestamp();
    PERFORM sum(x200) FROM bench_wide;
    INSERT INTO took VALUES (extract(epoch FROM clock_timestamp() - started));
  END LOOP;
END
$$;
SELECT min(ms) FROM took;
SQL
)
theirs=$(psql -X -q -c 'COPY bench_wide TO STDOUT (FORMAT csv)' |
  python -c '
import sys
import time

import numpy
import pandas
rows = pandas.read_csv(sys.stdin, header=None).to_numpy()
x = numpy.asfortranarray(numpy.hstack([numpy.ones((len(rows), 1)), rows[:, 1:]]))
y = rows[:, 0].copy()
least = float("inf")
for turn in range(6):
    begin = time.perf_counter()
    numpy.linalg.solve(x.T @ x, x.T @ y)
    least = min(least, time.perf_counter() - begin)
# What numpy calls: the reference implementation of the BLAS is some twenty times slower than a tuned one.
blas = {line.split()[-1].split("/")[-1] for line in open("/proc/self/maps") if "blas" in line}
print(least, " ".join(sorted(blas)))
')
awk -v a="$ours" -v s="$scan" -v b="${theirs%% *}" -v blas="${theirs#* }" 'BEGIN {
  printf "fit in the database %.0f ms, of which a scan that reads the last column %.0f ms; numpy (%s) %.0f ms, ratio %.2f\n",
    1000 * a, 1000 * s, blas, 1000 * b, a / b }'
fit_memory linear_regression bench_wide y
psql -X -q -c 'DROP TABLE bench_wide'
