#!/usr/bin/env bash
# Plays the next seeds of a test: seeds.sh STATE END TEST HOW_MANY. END is in seconds since 1970; a
# part that is not through by then counts as not played.
set -euo pipefail
state=$1 end=$2 test=$3 many=$4
name=${test//::/.}
next=$(cat "$state/$name.next" 2>/dev/null || echo 1000)
past=$((next + many))
log=$state/$name.log
began=$(date +%s)
left=$((end - began))
[ "$left" -gt 0 ] || exit 0
code=0
DAYBOOK_SEEDS=$next..$past timeout --kill-after=10 "$left" \
  cargo test --quiet --test it -- --exact "$test" --nocapture >"$log" 2>&1 || code=$?
if [ "$code" -eq 124 ] || [ "$code" -eq 137 ]; then
  exit 0
fi
took=$(($(date +%s) - began))
if [ "$code" -eq 0 ]; then
  # A test that did not run proves nothing.
  grep -q '^test result: ok. 1 passed' "$log"
  echo "$past" >"$state/$name.next"
  echo "prove: $test: seeds $next to $((past - 1)) hold ($took s)"
  exit 0
fi
found=$(sed -n 's/^to see it alone: //p' "$log" | sort -u)
if [ -z "$found" ]; then
  echo "prove: $test did not run: see $log" >&2
  exit 1
fi
cp "$log" "$state/$name.$next.failed.log"
echo "$found" | while read -r line; do
  echo "prove: FAILED: $line (said in $state/$name.$next.failed.log)" >&2
  grep -qxF "$line" "$state/failed" 2>/dev/null || echo "$line" >>"$state/failed"
done
echo "$past" >"$state/$name.next"
exit 1
