#!/usr/bin/env bash
# What needs servers that `make test` does not start. The suites of stores, of deaths and of homes
# run once more with PostgreSQL in the place of MongoDB, and the tests of `doors` as they are.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/test_needs.sh doors
export DAYBOOK_MONGOD=$PWD/target/mongod/mongod
export DAYBOOK_PYTHON=$PWD/target/test-needs/doors/bin/python
export DAYBOOK_SERVER=postgres

# Not these: they damage documents of MongoDB by hand, or read views that only it and SQLite have.
cargo test --profile suite --features lake --test it -- \
  doors:: store:: crash:: model:: homes:: identity:: readers:: refused:: lost:: later:: backup:: \
  copies:: past:: corridor:: \
  --skip store::journals::what_a_fetch_took_is_shown_where_it_is_not_as_a_rule "$@"
