#!/usr/bin/env bash
# The memory of fits on 1,000,000 rows of 20 columns.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=bench/fit_memory
. bench/fit_memory
psql -X -q -v ON_ERROR_STOP=1 -f bench/rows.psql

columns=$(printf ', x%s' $(seq 1 20))
fit_memory linear_regression "SELECT y$columns FROM bench_row" y
fit_memory logistic_regression "SELECT z$columns FROM bench_row" z
fit_memory poisson_regression "SELECT abs(y)::int % 5 AS n$columns FROM bench_row" n
