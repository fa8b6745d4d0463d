#!/usr/bin/env bash
# Holds the local server of France Travail against the publisher's description of its API, by a
# public tool (schemathesis, from PyPI): every answer has a declared status, content type and form.
# openapi.sh FOLDER, in which the tool is kept.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1"
# The tool keeps notes where it is started.
cd "$1"

tools=$PWD/tools
if ! "$tools/bin/schemathesis" --version >/dev/null 2>&1; then
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check schemathesis==4.32.5 pandas
fi
coproc server {
  python3 "$root/tests/france_travail/server.py" --offers 300 --burst 0 --any-token plain
}
read -r port <&"${server[0]}"
"$tools/bin/schemathesis" run "$root/tests/france_travail/openapi.json" \
  --url "http://127.0.0.1:$port/partenaire/offresdemploi" -H 'Authorization: Bearer plain' \
  --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
  --max-examples 40 --seed 1
kill "$server_PID"
