#!/usr/bin/env bash
# Runs the readers of foreign bytes under a fuzzer, one target after the other: fuzz.sh SECONDS
# [TARGET...]. Seeds are the project's own cases. It needs a C++ compiler (for libFuzzer) and brings
# cargo-fuzz itself, into target/. What breaks a target is kept in fuzz/artifacts/<target>/; to see it
# again: fuzz.sh 0 TARGET FILE.
set -euo pipefail
cd "$(dirname "$0")/.."

CARGO_FUZZ=0.13.2
seconds=${1:?how many seconds for each target}
shift
root=$PWD
tools=$root/target/tools
export PATH=$tools/bin:$PATH
# A stable compiler will do: no sanitizer, only the counters of libFuzzer and our own assertions.
export RUSTC_BOOTSTRAP=1
fuzz() {
  CARGO_TARGET_DIR=$root/target/fuzz cargo fuzz "$@"
}

if ! cargo fuzz --version 2>/dev/null | grep -qF "$CARGO_FUZZ"; then
  echo "fuzz: installing cargo-fuzz $CARGO_FUZZ into target/tools"
  CARGO_TARGET_DIR=$root/target/cargo-fuzz \
    cargo install --quiet --locked --version "$CARGO_FUZZ" --root "$tools" cargo-fuzz
fi

cd fuzz
if [ "$seconds" = 0 ]; then
  fuzz run --sanitizer none "$1" "$2"
  exit
fi

fuzz build --sanitizer none
fuzz run --sanitizer none seeds 2>"$root/target/fuzz/seeds.log" || {
  cat "$root/target/fuzz/seeds.log" >&2
  exit 1
}
broken=()
for target in ${*:-$(cargo fuzz list | grep -v '^seeds$')}; do
  echo "fuzz: $target, $seconds s"
  fuzz run --sanitizer none "$target" -- -max_total_time="$seconds" -max_len=4096 -timeout=10 \
    -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 || broken+=("$target")
done
if [ ${#broken[@]} -gt 0 ]; then
  echo "fuzz: broken: ${broken[*]}; see fuzz/artifacts/" >&2
  exit 1
fi
echo "fuzz: all held"
