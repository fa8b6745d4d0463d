# make demo                          the recorded day, from answers to a printed report
# make demo CONTACT=you@example.org  today's, fetched from the network
# make demo STORE=mongodb            with a real MongoDB server instead of SQLite
# make test                          every test; installs what they need (Debian packages as root)
# make lint                          format and clippy
# make bench                         the hour-summary job beside chDB's, and an idle run

CONTACT ?=
STORE ?= sqlite
export CONTACT STORE

TOOLS := $(CURDIR)/target

.PHONY: demo test lint bench

demo:
	cargo build --release --bins
	@scripts/demo.sh

test:
	scripts/test_needs.sh
	DAYBOOK_MONGOD='$(TOOLS)/mongod/mongod' \
	DAYBOOK_PYTHON='$(TOOLS)/test-needs/venv/bin/python' \
	cargo test

lint:
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings

bench:
	cargo build --release --bins
	scripts/bench.sh
