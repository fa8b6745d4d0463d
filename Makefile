# make demo                          the recorded day, from answers to a printed report
# make demo CONTACT=you@example.org  today's, fetched from the network
# make demo STORE=mongodb            with a real MongoDB server instead of SQLite
# make warehouse                     recorded job offers into a bucket and PostgreSQL, with tables
# make test                          every test; installs what they need (Debian packages as root)
# make test-doors                    what needs further servers (PostgreSQL, S3); brings them, too
# make lint                          format and clippy
# make fuzz                          the readers of foreign bytes under a fuzzer, 3 min each
# make fuzz SECONDS=10 TARGETS=xml   shorter, and only these (`ls fuzz/targets`)
# make foreign FOREIGN=FOLDER       JSONTestSuite and csv-spectrum, where that folder holds them
# make prove                         long proofs, until interrupted; goes on where it was
# make prove MINUTES=15              the same, bounded
# make politeness                    Daybook and its peers before a publisher that judges manners
# make bench                         what each job takes, beside programs that do the same
# make bench SUBJECTS="hour report"  only these (scripts/bench.sh says which there are)
# make guard                         the instructions of the kernels, held against those kept

CONTACT ?=
STORE ?= sqlite
SECONDS ?= 180
TARGETS ?=
MINUTES ?=
BEFORE ?=
SUBJECTS ?=
export CONTACT STORE

TOOLS := $(CURDIR)/target

.PHONY: demo warehouse test test-doors lint guard bench fuzz foreign prove politeness

demo:
	cargo build --release --bins
	@scripts/demo.sh

warehouse:
	cargo build --release --features lake --bins
	@scripts/warehouse.sh

test:
	scripts/test_needs.sh
	DAYBOOK_MONGOD='$(TOOLS)/mongod/mongod' \
	DAYBOOK_PYTHON='$(TOOLS)/test-needs/venv/bin/python' \
	cargo test --profile suite --features lake -- --skip doors::

test-doors:
	scripts/test_doors.sh

lint:
	cargo fmt --check
	cargo clippy --all-targets --features lake -- -D warnings
	cargo clippy -- -D warnings

politeness:
	cargo build --release --bin fetcher
	nice tests/politeness/run.py

bench:
	cargo build --release --bins
	scripts/bench.sh $(SUBJECTS)

guard:
	scripts/guard.py

fuzz:
	@scripts/fuzz.sh $(SECONDS) $(TARGETS)

foreign:
	FOREIGN='$(abspath $(FOREIGN))' cargo test --test it -- foreign:: --nocapture

prove:
	scripts/test_needs.sh
	@DAYBOOK_MONGOD='$(TOOLS)/mongod/mongod' \
	DAYBOOK_PYTHON='$(TOOLS)/test-needs/venv/bin/python' \
	BEFORE='$(BEFORE)' scripts/prove.sh $(MINUTES)
