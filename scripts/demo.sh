#!/usr/bin/env bash
# The three programs in a row, in a home of their own under target/; the last lines printed are
# the report's path and the command that opens the page. Called by `make demo`, which builds first.
#
#   CONTACT=you@example.org   fetch live instead of replaying the recorded day
#   STORE=mongodb             keep the statistics in a real MongoDB server, not in SQLite
set -euo pipefail
cd "$(dirname "$0")/.."

CONTACT=${CONTACT:-}
STORE=${STORE:-sqlite}
programs=${CARGO_TARGET_DIR:-target}/release
mongo=target/mongod

fail() {
  echo "demo: $*" >&2
  exit 1
}

say() {
  printf '\n== %s\n' "$*" >&2
}

# Shows the command, so that it can be tried by hand, and runs it. Exit code 1 means "done in
# part": live, a service may be down and the rest still makes a report; replayed, it is a fault.
run() {
  local program=$1 code=0
  shift
  printf '$ %s' "$programs/$program" >&2
  printf ' %q' "$@" >&2
  printf '\n' >&2
  "$programs/$program" "$@" || code=$?
  [ "$code" -eq 0 ] || { [ "$code" -eq 1 ] && [ -n "$CONTACT" ]; } \
    || fail "$program ended with exit code $code"
}

start_mongod() {
  local port
  scripts/mongod.sh fetch "$mongo"
  scripts/mongod.sh stop "$mongo"
  rm -rf "${mongo:?}/data"
  port=$(python3 -c 'import socket as s; print(s.create_server(("127.0.0.1", 0)).getsockname()[1])')
  trap 'scripts/mongod.sh stop "$mongo"' EXIT
  trap 'exit 130' INT TERM
  scripts/mongod.sh start "$mongo" "$port"
  echo "store = \"mongodb://127.0.0.1:$port/daybook\"" >>"$home/daybook.toml"
}

# An empty home: what an earlier demonstration left is removed.
make_home() {
  rm -rf "${home:?}"
  mkdir -p "$home/sources"
  cp -r sources/lists "$home/sources/"
  for declaration in sources/*.toml; do
    name=$(basename "$declaration" .toml)
    # Live: what needs no key. Replayed: what was recorded.
    if [ -n "$CONTACT" ]; then
      ! grep -q '^token *= "required"' "$declaration" || continue
    elif [ ! -d "target/recording/$name" ]; then
      continue
    fi
    cp "$declaration" "$home/sources/"
  done
  : >"$home/daybook.toml"
  [ -z "$CONTACT" ] || echo "contact = \"$CONTACT\"" >>"$home/daybook.toml"
  case $STORE in
    sqlite) ;;
    mongodb) start_mongod ;;
    *) fail "STORE=$STORE is not known: sqlite (the default) or mongodb" ;;
  esac
}

case $CONTACT in
  '') home=target/demo ;;
  *[!A-Za-z0-9.@_+-]*) fail "CONTACT=$CONTACT is not a plain mail address" ;;
  *@*) home=target/demo-live ;;
  *) fail "CONTACT=$CONTACT is not a mail address" ;;
esac
if [ -z "$CONTACT" ]; then
  rm -rf target/recording
  python3 scripts/unpack_recording.py demo/recording.tar.xz target/recording >&2
fi
make_home

if [ -n "$CONTACT" ]; then
  # The hour that runs is not closed yet: --all takes it all the same.
  day=$(date -u +%F)
  say "1 of 3: fetch every source once, from the network"
  run fetcher --home "$home" run
  say "2 of 3: summarise"
  run summarizer --home "$home" run --all
else
  # One day for all three, whatever midnight does meanwhile; its last hour must be closed.
  day=$(date -u -d '1445 minutes ago' +%F)
  say "1 of 3: replay the recorded day onto $day"
  run fetcher --home "$home" run --replay target/recording --onto "$day"
  say "2 of 3: summarise its hours"
  run summarizer --home "$home" run
fi
say "3 of 3: print the report"
run analyzer --home "$home" report --date "$day"

reports=("$home"/reports/*.pdf)
[ -s "${reports[0]}" ] || fail "no report in $home/reports"
say "the report, with its $STORE store and its snapshots in $home:"
echo "${reports[0]}"
say "the same figures in a browser, at http://127.0.0.1:8080/ once this runs:"
echo "$programs/analyzer --home $home serve"
