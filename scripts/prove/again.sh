#!/usr/bin/env bash
# Plays the seeds that failed before: again.sh STATE. One that holds now is taken off the list.
set -euo pipefail
state=$1
# One that was interrupted left its list.
cat "$state/failed.before" >>"$state/failed" 2>/dev/null || true
[ -s "$state/failed" ] || exit 0
mv "$state/failed" "$state/failed.before"
while read -r line; do
  if env ${line%% *} cargo test --quiet --test it -- --exact "${line##* }" >"$state/again.log" 2>&1 </dev/null; then
    echo "prove: holds now: $line"
  else
    echo "prove: still fails: $line (said in $state/again.log)" >&2
    echo "$line" >>"$state/failed"
  fi
done <"$state/failed.before"
rm "$state/failed.before"
