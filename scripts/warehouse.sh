#!/usr/bin/env bash
# Job offers from pages and from an API, through Daybook, into a lake and a warehouse: recorded
# answers served on loopback -> fetcher -> summarizer -> a bucket (SeaweedFS, encrypted) and
# PostgreSQL -> tables by SQL, the report, the live page. It starts real servers under
# target/warehouse and ends them. Run it twice: nothing doubles. Called by `make warehouse`.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/test_needs.sh doors
programs=${CARGO_TARGET_DIR:-target}/release
place=$PWD/target/warehouse
home=$place/home
python=target/test-needs/doors/bin/python
started=()

fail() {
  echo "warehouse: $*" >&2
  exit 1
}

say() {
  printf '\n== %s\n' "$*" >&2
}

end_all() {
  for process in "${started[@]}"; do
    kill "$process" 2>/dev/null || true
  done
  wait 2>/dev/null || true
}
trap end_all EXIT
trap 'exit 130' INT TERM

# A port that nobody has, low enough that no connection of ours takes it, and the next ones, too.
port() {
  "$python" - <<'PY'
import random, socket
def free(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) != 0
while True:
    port = random.randrange(12000, 22000, 8)
    if all(free(port + n) and free(port + n + 10000) for n in range(5)):
        print(port)
        break
PY
}

# Waits until a command succeeds.
until_ready() {
  local what=$1
  shift
  for _ in $(seq 300); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.1
  done
  fail "$what did not start: see $place"
}

as_nobody() {
  if [ "$(id -u)" -eq 0 ]; then
    setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
  else
    "$@"
  fi
}

start_postgres() {
  local initdb data=/var/tmp/daybook-warehouse-$(id -u)
  initdb=$(command -v initdb || ls -d /usr/lib/postgresql/*/bin/initdb | tail -n 1)
  bin=$(dirname "$(readlink -f "$initdb")")
  pg=$(port)
  [ -e "$place/begun" ] || rm -rf "$data"
  if [ ! -d "$data" ]; then
    install -d -m 700 "$data"
    [ "$(id -u)" -ne 0 ] || chown 65534:65534 "$data"
    as_nobody "$bin/initdb" -D "$data" -U postgres -A trust --locale=C --encoding=UTF8 \
      --no-instructions >/dev/null
  fi
  as_nobody "$bin/postgres" -D "$data" -c listen_addresses=127.0.0.1 -c port="$pg" \
    -c unix_socket_directories= >"$place/postgres.log" 2>&1 &
  until_ready PostgreSQL "$bin/pg_isready" -q -h 127.0.0.1 -p "$pg"
  started+=("$(head -n 1 "$data/postmaster.pid")")
  sql() { "$bin/psql" -h 127.0.0.1 -p "$pg" -U postgres -X -q -P footer=off -c "$1"; }
}

start_buckets() {
  s3=$(port)
  mkdir -p "$place/buckets"
  cp tests/lake/identities.json "$place/s3.json"
  target/test-needs/weed -logtostderr=true mini -dir="$place/buckets" -ip=127.0.0.1 \
    -ip.bind=127.0.0.1 -s3.port="$s3" -master.port=$((s3 + 1)) -volume.port=$((s3 + 2)) \
    -filer.port=$((s3 + 3)) -admin.port=$((s3 + 4)) -webdav=false -admin.ui=false \
    -s3.port.iceberg=0 -s3.port.lance=0 -s3.config="$place/s3.json" -bucket=city-lake \
    -s3.autoCreateBucket=false >"$place/buckets.log" 2>&1 &
  started+=($!)
  until_ready SeaweedFS "$python" tests/lake/bucket.py "http://127.0.0.1:$s3" list city-lake
}

serve_jobs() {
  mkdir -p "$place/served"
  tar -xJf demo/jobs.tar.xz -C "$place/served"
  # As if they had changed, so that a second run gets them again and nothing is "not modified".
  touch "$place"/served/*
  web=$(port)
  python3 -m http.server --bind 127.0.0.1 --directory "$place/served" "$web" \
    >"$place/served.log" 2>&1 &
  started+=($!)
  until_ready "the publisher" python3 -c \
    "import urllib.request as u; u.urlopen('http://127.0.0.1:$web/jobs.html')"
}

make_home() {
  # The publishers are our own here: each run may ask. The offers are old: without the day of their
  # publication a report shows those that were seen on its day.
  local often='s#^every .*#every = "1m"#; /^quota /d; /^time /d'
  mkdir -p "$home/sources"
  sed "s#^url .*fake-jobs.*#url = \"http://127.0.0.1:$web/jobs.html\"#; $often" \
    demo/jobs-pages.toml | cat - demo/jobs-figures.toml >"$home/sources/jobs-pages.toml"
  sed "s#^url .*api/remote-jobs.*#url = \"http://127.0.0.1:$web/remote-jobs.json\"#; $often" \
    sources/jobs-remotive.toml | cat - demo/jobs-figures.toml >"$home/sources/jobs-remotive.toml"
  cat >"$home/daybook.toml" <<TOML
store   = "postgres://postgres@127.0.0.1:$pg/postgres"
contact = "warehouse@example.org"
[fetcher]
splay = "0s"
[summarizer]
archive = "s3://city-lake/jobs"
[archive]
endpoint = "http://127.0.0.1:$s3"
TOML
  printf 'archive_key_id = "least"\narchive_key = "leastsecret"\n' >"$home/secrets.toml"
  chmod 600 "$home/secrets.toml"
}

run() {
  local program=$1 code=0
  shift
  printf '$ %s --home %s %s\n' "$program" "${home#"$PWD/"}" "$*" >&2
  "$programs/$program" --home "$home" "$@" || code=$?
  [ "$code" -eq 0 ] || fail "$program ended with exit code $code"
}

tables() {
  local jobs="(SELECT title, place FROM daybook.records_jobs_pages
               UNION ALL SELECT title, place FROM daybook.records_jobs_remotive) jobs"
  local ranked="(SELECT title, count(*) AS offers, row_number() OVER (ORDER BY count(*) DESC, title)
                 AS place, count(*) OVER () AS jobs FROM $jobs GROUP BY title) ranked"
  say "the 10 jobs offered most"
  sql "SELECT title, offers FROM $ranked WHERE place <= 10 ORDER BY place"
  say "10 in the middle"
  sql "SELECT title, offers FROM $ranked WHERE place > (jobs - 10) / 2 AND place <= (jobs - 10) / 2 + 10
       ORDER BY place"
  say "the 10 offered least"
  sql "SELECT title, offers FROM $ranked WHERE place > jobs - 10 ORDER BY place"
  say "the 5 countries or regions with most offers"
  sql "SELECT trim(region) AS region, count(*) AS offers
       FROM $jobs, unnest(string_to_array(place, ',')) AS region
       GROUP BY 1 ORDER BY offers DESC, 1 LIMIT 5"
  say "the balance: offers, and how many different jobs; then the objects in the lake"
  sql "SELECT (SELECT count(*) FROM $jobs) AS offers,
              (SELECT count(DISTINCT title) FROM $jobs) AS jobs"
  "$python" tests/lake/bucket.py "http://127.0.0.1:$s3" list city-lake | grep -c 'tar.zst$'
}

pictures() {
  local report page
  report=$(ls -t "$home"/reports/*.pdf | head -n 1)
  pdftoppm -r 60 -png "$report" "$place/report"
  page=$(port)
  "$programs/analyzer" --home "$home" serve --listen "127.0.0.1:$page" >"$place/page.log" 2>&1 &
  started+=($!)
  until_ready "the page" python3 -c \
    "import urllib.request as u; u.urlopen('http://127.0.0.1:$page/healthz')"
  timeout 40 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1280,2400 \
    --timeout=8000 --screenshot="$place/page.png" \
    "http://127.0.0.1:$page/en/topic/jobs" >/dev/null 2>&1 || fail "the page has no picture"
  say "the report, its pages, and the live page:"
  echo "$report"
  ls "$place"/report-*.png "$place/page.png"
}

mkdir -p "$place"
start_postgres
start_buckets
serve_jobs
make_home
touch "$place/begun"
say "1 of 4: fetch the pages and the API"
run fetcher run
say "2 of 4: count; archive what was counted"
run summarizer run --all
run summarizer audit
say "3 of 4: print the report"
run analyzer report --date "$(date -u +%F)"
tables
say "4 of 4: pictures"
pictures
