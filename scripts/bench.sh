#!/usr/bin/env bash
# What Daybook takes, beside programs that do the same, in the same run: bench.sh [SUBJECT...]
#
#   hour    600 snapshots of 1,450 stations into the store   chDB, Polars, DuckDB, plain Python
#   shapes  answers of other shapes, MB/s on one core        older programs, by hand
#   fetch   many sources due at once, and none               aiohttp, curl, Telegraf
#   report  40 figures from the store to a PDF               Typst, matplotlib with reportlab
#   idle    a run with nothing due
#   stores  a day into SQLite, MongoDB and PostgreSQL, and out of them: rows a second
#   readers stores of a day, a month, a year                 older programs (only when named)
#
# All of them without a SUBJECT. RUNS=5 rounds; OLD_BIN=FOLDER adds older programs; MONGODB=1 adds a
# real MongoDB server to the hour. Needs python3 with venv, and the network for the peers, once.
# What came of it on which machine, and what limits each: docs/performance.md.
set -euo pipefail
cd "$(dirname "$0")/.."
export RUNS=${RUNS:-5}
subjects=("$@")
[ ${#subjects[@]} -gt 0 ] || subjects=(hour shapes report fetch idle stores)
echo "$(nproc) cores, $(uname -sr), load $(cut -d' ' -f1-3 /proc/loadavg): $(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2-)"
for subject in "${subjects[@]}"; do
  script=scripts/bench/$subject.py
  case $subject in
    hour | report | idle | stores) python3 "$script" ;;
    readers) python3 "$script" ${OLD_BIN:+--old "$OLD_BIN"} ;;
    shapes) cargo bench --quiet --bench speed ;;
    fetch) python3 "$script" --runs "$RUNS" ;;
    *) echo "bench: no subject $subject" >&2 && exit 1 ;;
  esac
done
