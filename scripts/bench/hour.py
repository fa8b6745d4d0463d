#!/usr/bin/env python3
"""The hour summary: 600 snapshots of 1,450 stations, 263 MB, become hourly statistics.

Ours reads, counts, writes a durable store and empties the spool; chDB, Polars, DuckDB and plain
Python count the same quantities over the same files and write no store. MONGODB=1 adds ours on a
real MongoDB server; OLD_BIN names a folder of older programs."""
import itertools, os, pathlib, shutil, subprocess, sys
from measure import BIN, HERE, WORK, fresh, in_turn, made, own, python, tell
from servers import mongod

PEERS = ("chdb==4.4.0", "polars==2.1.0", "duckdb==2.0.1", "pyarrow")


def corpus(folder):
    subprocess.run([sys.executable, HERE / "gen_corpus.py", folder, "600", "1450"], check=True)


def landed(folder):
    (folder / "sources").mkdir()
    shutil.copy(HERE / "velib.toml", folder / "sources")
    command = own("fetcher", folder, "2026-11-21T00:10:00Z", "run", "--replay", files, "--onto", "2026-11-20")
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def ours(name, bins, store=None):
    """A fresh home of landed snapshots for each round."""
    home, rounds = WORK / f"home-{name}", itertools.count()

    def prepare():
        fresh(home, kept)
        if store:
            # An empty database for each round.
            (home / "daybook.toml").write_text(f'store = "{store}bench{next(rounds)}"\n')

    return prepare, own("summarizer", home, "2026-11-21T00:30:00Z", bins=bins)


WORK.mkdir(parents=True, exist_ok=True)
files = made(WORK / "corpus", corpus)
kept = made(WORK / "landed", landed)
interpreter = python(*PEERS)
peer = lambda name: (lambda: None, [interpreter, HERE / f"peer_{name}.py", files])
programs = {"daybook": ours("new", BIN)}
if "OLD_BIN" in os.environ:
    programs["daybook before"] = ours("old", pathlib.Path(os.environ["OLD_BIN"]))
programs |= {name: peer(name) for name in ("chdb", "polars", "duckdb", "python")}
stop = lambda: None
if os.environ.get("MONGODB") == "1":
    url, stop = mongod()
    programs["daybook on MongoDB"] = ours("mongodb", BIN, url)
try:
    taken = in_turn(programs)
finally:
    stop()
rows = tell("hour", taken, "daybook", ["daybook writes a durable store; the peers write none"])
best = min(("chdb", "polars", "duckdb", "python"), key=lambda name: rows[name]["wall"])
print(f"   the best peer is {best}: {rows[best]['ratio']:.2f} times the wall time of daybook (aim: 3)")
