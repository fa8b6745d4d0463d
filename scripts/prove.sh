#!/usr/bin/env bash
# Long proofs: prove.sh [MINUTES]. Without a number it goes on until it is interrupted. How far it
# came stands in target/prove/; started again it goes on there. A seed that fails is printed, kept in
# target/prove/failed with what it said beside it, and played first the next time.
#
#   schedules   those of the protocol's model, with power cuts and late operations, on both stores
#   orders      run, replay, recount in any order, killed at any step, on both stores
#   deaths      two programs killed one after the other, on both stores
#   answers     read by what was learnt of others, and by the book
#   steps       each step at which a program may die or fail, of which the suite takes some; once for
#               each commit
#   openapi     the local server of France Travail against its publisher's description; once a commit
#   jobs        100,000 job offers of a year, with 20 deaths, on both stores; once a commit
#   hostile     a soak against a server that answers wrongly, with deaths; memory must stay flat
#   old         programs of before leave a migrated store alone; once for each commit
set -euo pipefail
cd "$(dirname "$0")/.."

minutes=${1:-}
state=target/prove
mkdir -p "$state"
end=$(($(date +%s) + ${minutes:-1000000} * 60))
[ -z "$minutes" ] || echo "prove: for $minutes min"

# The old programs take two builds, which no small bound has room for.
commit=$(git rev-parse HEAD 2>/dev/null || echo unknown)
if grep -qxF "$commit" "$state/old" 2>/dev/null; then
  echo "prove: old programs: shown for this commit"
elif [ -z "$minutes" ] || [ -x target/before/target/release/summarizer ]; then
  scripts/prove/old_programs.sh ${BEFORE:+"$BEFORE"}
  echo "$commit" >"$state/old"
else
  echo "prove: old programs: not built yet; scripts/prove/old_programs.sh, or no MINUTES, shows them"
fi

steps() {
  local log=$state/steps.log
  if grep -qxF "$commit" "$state/steps" 2>/dev/null; then
    echo "prove: all steps: shown for this commit"
  elif DAYBOOK_STEPS=all cargo test --quiet --test it -- --nocapture \
    crash:: backup:: later::deaths fixture::a_migration >"$log" 2>&1; then
    grep -q '^test result: ok. [1-9]' "$log"
    echo "$commit" >"$state/steps"
    echo "prove: all steps hold"
  else
    echo "prove: FAILED: all steps (said in $log)" >&2
    exit 1
  fi
}

hostile() {
  local seed log=$state/hostile.log
  seed=$(cat "$state/hostile.next" 2>/dev/null || echo 1000)
  cargo build --release --quiet --bins
  if nice scripts/prove/hostile.py --seed "$seed" >"$log" 2>&1; then
    echo $((seed + 1)) >"$state/hostile.next"
    echo "prove: hostile: seed $seed holds"
  else
    echo "prove: FAILED: hostile: seed $seed (said in $log)" >&2
    exit 1
  fi
}

jobs() {
  local log=$state/jobs.log
  if grep -qxF "$commit" "$state/jobs" 2>/dev/null; then
    echo "prove: job offers: shown for this commit"
  elif cargo build --release --quiet --bins && scripts/prove/openapi.sh "$state" >"$log" 2>&1 &&
    "$state/tools/bin/python" scripts/prove/jobs.py --mongod "$DAYBOOK_MONGOD" >>"$log" 2>&1; then
    echo "$commit" >"$state/jobs"
    echo "prove: 100,000 job offers are had"
  else
    echo "prove: FAILED: job offers (said in $log)" >&2
    exit 1
  fi
}

seeds() {
  [ "$(date +%s)" -ge "$end" ] || scripts/prove/seeds.sh "$state" "$end" "$@" || true
}

cargo test --no-run --quiet --test it
scripts/prove/again.sh "$state"
# They take half an hour and a quarter, which no small bound has room for.
if [ -z "$minutes" ] || [ "$minutes" -ge 40 ]; then
  steps
  jobs
  hostile
fi
while [ "$(date +%s)" -lt "$end" ]; do
  seeds model::all_hold_sqlite 200
  seeds model::all_hold_server 50
  seeds later::orders::in_any_order_with_deaths_sqlite 24
  seeds later::orders::in_any_order_with_deaths_server 12
  seeds crash::two_summarizers_may_die_sqlite 24
  seeds crash::two_summarizers_may_die_server 12
  seeds crash::a_fetcher_and_then_a_summarizer_may_die 24
  seeds learnt::what_was_learnt_changes_nothing 200
done
for played in "$state"/*.next; do
  echo "prove: $(basename "$played" .next): all seeds before $(cat "$played")"
done
if [ -s "$state/failed" ]; then
  echo "prove: these failed:" >&2
  cat "$state/failed" >&2
  exit 1
fi
echo "prove: all held"
