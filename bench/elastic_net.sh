#!/usr/bin/env bash
# The whole path of 100 penalties on 1,000,000 rows of 20 columns: persona.fit on the table, beside R's glmnet with the
# same rows already in R's memory; medians of three.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
psql -X -q -v ON_ERROR_STOP=1 -f bench/rows.psql

columns=$(printf 'x%s, ' $(seq 1 20))
if Rscript -e 'library(glmnet)' >/dev/null 2>&1; then
  glmnet=yes
else
  glmnet=
  echo "R with glmnet is missing (Debian: r-cran-glmnet): there is nothing to compare with"
fi

# Milliseconds of persona.fit.
ours() {
  for _ in 1 2 3; do
    psql -X -q -At -c 'SET client_min_messages = warning' -c 'SET max_parallel_workers_per_gather = 0' \
      -c "SELECT 1000 * seconds FROM persona.fit('bench_net', '${1}_regression', 'SELECT ${columns}$2 FROM bench_row', '$2',
                                                 '{\"path\": true, \"l1\": 1}')"
  done | sort -g | sed -n 2p
}

# Milliseconds of glmnet itself. By its defaults it leaves out the end of a path that no longer explains more; fdev and
# devmax make it run the whole of it, as ours does.
theirs() {
  psql -X -q -c "COPY (SELECT ${columns}$2 FROM bench_row) TO STDOUT (FORMAT csv)" | Rscript -e '
    suppressMessages(library(glmnet))
    glmnet.control(fdev = 0, devmax = 1)
    input <- file("stdin")
    rows <- matrix(scan(input, sep = ",", quiet = TRUE), ncol = 21, byrow = TRUE)
    close(input)
    x <- rows[, 1:20]
    y <- rows[, 21]
    family <- commandArgs(TRUE)
    cat(1000 * median(replicate(3, system.time(glmnet(x, y, family = family))[["elapsed"]])))' "$1"
}

compare() {
  local mine
  mine=$(ours "$1" "$2")
  if [ -z "$glmnet" ]; then
    awk -v k="$1" -v a="$mine" 'BEGIN { printf "%s path: %.0f ms in the database\n", k, a }'
  else
    awk -v k="$1" -v a="$mine" -v b="$(theirs "$3" "$4")" 'BEGIN {
      printf "%s path: %.0f ms in the database, %.0f ms by glmnet in memory, ratio %.3f\n", k, a, b, a / b }'
  fi
}

compare linear y gaussian y
compare logistic z binomial 'z::int'
