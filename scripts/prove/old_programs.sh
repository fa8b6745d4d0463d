#!/usr/bin/env bash
# Shows that programs of before the store had a version fail on a migrated one before they write
# anything. Builds them from the commit before that change, in a work tree of its own under target/.
# Usage: scripts/prove/old_programs.sh [COMMIT]; with MONGODB=mongodb://HOST/DATABASE on that store too.
set -euo pipefail
cd "$(dirname "$0")/../.."

before=${1:-$(git log --format=%H --grep='^store: give it a version' -1)^}
old=target/before
if [ ! -x "$old/target/release/summarizer" ]; then
  git worktree remove --force "$old" 2>/dev/null || true
  git worktree add --detach "$old" "$before" >/dev/null
  (cd "$old" && cargo build --release --bins)
fi
cargo build --release --bins
new=$PWD/target/release
old=$PWD/$old/target/release

fail() {
  echo "prove: $*" >&2
  exit 1
}

# One answer lands, counted by the old programs; the new ones bring the store to their version; one
# more lands, and the old summarizer must leave it.
prove() { # STORE-URL
  local store=$1 home code=0
  home=$(mktemp -d)
  mkdir -p "$home/sources" "$home/one/feed" "$home/two/feed"
  printf 'store = "%s"\n' "${store//HOME/$home}" >"$home/daybook.toml"
  sed "s/^every.*/every = \"1h\"/" tests/cases/config/good-samples/source.toml >"$home/sources/feed.toml"
  echo '{"data":{"stations":[]}}' >"$home/one/feed/feed_2026-11-21T10-05-00Z.json"
  echo '{"data":{"stations":[]}} ' >"$home/two/feed/feed_2026-11-21T11-05-00Z.json"
  "$old/fetcher" --home "$home" run --replay "$home/one" --onto 2026-11-21
  "$old/summarizer" --home "$home" run --all || true
  "$new/summarizer" --home "$home" run --all || true
  "$new/fetcher" --home "$home" run --replay "$home/two" --onto 2026-11-21
  find "$home/data" -name 'feed_*' -newer "$home/daybook.toml" | sort >"$home/before.txt"
  "$old/summarizer" --home "$home" run --all && code=0 || code=$?
  find "$home/data" -name 'feed_*' -newer "$home/daybook.toml" | sort >"$home/after.txt"
  [ "$code" -eq 2 ] || fail "the old summarizer ended with $code on $store"
  cmp "$home/before.txt" "$home/after.txt" || fail "the old summarizer moved answers on $store"
  "$new/summarizer" --home "$home" audit | tail -1
  rm -rf "$home"
  echo "prove: on ${store%%:*} the old summarizer ended with 2 and left all answers"
}

prove sqlite:HOME/daybook.sqlite
[ -z "${MONGODB:-}" ] || prove "$MONGODB"
