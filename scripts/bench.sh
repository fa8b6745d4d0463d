#!/usr/bin/env bash
# The hour-summary job: 600 snapshots of 1,450 stations become hourly statistics in the store.
# Ours (extraction, statistics, store, emptying the spool) and chDB's (statistics only, no store)
# take turns, so that their ratio holds on a machine whose speed drifts. Also: a fetcher's run
# with nothing due. Usage: scripts/bench.sh [RUNS]; needs python3, pip, GNU time.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-5}
work=target/bench
venv=$work/venv
mkdir -p "$work"
[ -x /usr/bin/time ] || { echo "bench: GNU time is needed: apt-get install time" >&2; exit 1; }
[ -d "$work/corpus" ] || python3 scripts/bench/gen_corpus.py "$work/corpus" 600 1450
if ! "$venv/bin/python" -c 'import chdb' 2>/dev/null; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check chdb==4.4.0
fi

# A home in which all 600 snapshots have landed; each run gets a copy made of hard links.
landed=$work/landed
if [ ! -d "$landed" ]; then
  rm -rf "$landed.new"
  mkdir -p "$landed.new/sources"
  cp scripts/bench/velib.toml "$landed.new/sources/"
  target/release/fetcher --home "$landed.new" --quiet --now 2026-11-21T00:10:00Z run --replay "$work/corpus" --onto 2026-11-20
  mv "$landed.new" "$landed"
fi

timed() { # NAME COMMAND...: wall seconds, CPU seconds, peak KiB
  local name=$1
  shift
  /usr/bin/time -f "$name %e %U %S %M" -a -o "$work/times" "$@" >/dev/null
}

: >"$work/times"
for _ in $(seq "$runs"); do
  rm -rf "$work/home"
  cp -al "$landed" "$work/home"
  timed daybook target/release/summarizer --home "$work/home" --quiet \
    --now 2026-11-21T00:30:00Z
  timed chdb "$venv/bin/python" scripts/bench/peer_chdb.py "$work/corpus"
done

# Nothing due: the second run of the same minute, in a home with three sources.
rm -rf "$work/idle"
mkdir -p "$work/idle/data/.state" "$work/idle/sources"
cp sources/{earthquakes-usgs,bikes-baywheels,bikes-baywheels-stations}.toml "$work/idle/sources/"
printf '{"earthquakes-usgs":{"slot":"%s"},"bikes-baywheels":{"slot":"%s"},"bikes-baywheels-stations":{"slot":"%s"}}' \
  2026-11-21T10:00:30Z 2026-11-21T10:00:30Z 2026-11-21T10:00:30Z >"$work/idle/data/.state/fetch.json"
for _ in $(seq 20); do
  timed idle target/release/fetcher --home "$work/idle" --contact bench@example.org \
    --now 2026-11-21T10:00:40Z
done

python3 - "$work/times" <<'PY'
import statistics, sys
rows = {}
for line in open(sys.argv[1]):
    name, *figures = line.split()
    wall, user, system, peak = map(float, figures)
    rows.setdefault(name, []).append((wall, user + system, peak / 1024))
for name, runs in rows.items():
    wall, cpu, peak = (statistics.median(column) for column in zip(*runs))
    print(f"{name:8} wall {wall:6.3f} s   cpu {cpu:6.3f} s   peak {peak:6.1f} MiB   ({len(runs)} runs, medians)")
ratio = statistics.median(b[0] / a[0] for a, b in zip(rows["daybook"], rows["chdb"]))
print(f"chDB takes {ratio:.2f} times the wall time of daybook (median of pairs)")
PY
echo "where the time goes:"
rm -rf "$work/home"
cp -al "$landed" "$work/home"
target/release/summarizer --home "$work/home" --verbose --now 2026-11-21T00:30:00Z 2>&1 | head -4
