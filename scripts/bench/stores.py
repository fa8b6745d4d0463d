#!/usr/bin/env python3
"""The recorded day into each store and out of it: SQLite, MongoDB, PostgreSQL, in turn.

  count   its answers become rows: what the summarizer does, in a fresh home and an empty store
  copy    the rows go from the SQLite of a home into an empty store: `summarizer store copy --stay`
  export  all its rows as CSV files: what a reader gets

Rows are the hours of each field of each series and the versions of records, as the export has them.
Real servers on this machine, which sync what they promise; their own CPU is not counted."""
import csv, itertools, shutil, subprocess, sys
from measure import ROOT, WORK, fresh, in_turn, made, own, tell
from servers import mongod, postgres

DAY, NOW = "2026-10-31", "2026-11-01T01:15:00Z"
STORES = ("SQLite", "MongoDB", "PostgreSQL")
numbers = itertools.count()


def landed(folder):
    """A home in which the answers of the recorded day wait."""
    recording = folder.with_name("recording")
    shutil.rmtree(recording, ignore_errors=True)
    subprocess.run([sys.executable, ROOT / "scripts/unpack_recording.py", ROOT / "demo/recording.tar.xz", recording], check=True)
    shutil.copytree(ROOT / "sources/lists", folder / "sources/lists")
    for source in (ROOT / "sources").glob("*.toml"):
        if (recording / source.stem).is_dir():
            shutil.copy(source, folder / "sources")
    (folder / "daybook.toml").touch()
    done("fetcher", folder, f"{DAY}T23:59:59Z", "run", "--replay", recording, "--onto", DAY)


def done(program, home, now, *rest):
    subprocess.run(own(program, home, now, *rest), check=True, stdout=subprocess.DEVNULL)


def new(store):
    """The address of an empty store."""
    if store == "SQLite":
        return f"sqlite:{WORK / 'stores-new.sqlite'}"
    return f"{bases[store]}bench{next(numbers)}"


def counting(store):
    home = WORK / f"stores-count-{store}"

    def prepare():
        fresh(home, waiting)
        settings = home / "daybook.toml"
        settings.unlink()
        settings.write_text("" if store == "SQLite" else f'store = "{new(store)}"\n')

    return prepare, own("summarizer", home, NOW)


def copying(store):
    """A command is made before its address is known: it stands in a file, and the shell reads it."""
    home, address = WORK / "stores-full", WORK / f"stores-to-{store}"

    def prepare():
        for file in WORK.glob("stores-new.sqlite*"):
            file.unlink()
        address.write_text(new(store))

    line = " ".join(map(str, own("summarizer", home, NOW, "store", "copy", f"sqlite:{home}/daybook.sqlite")))
    return prepare, ["sh", "-c", f'exec {line} "$(cat {address})" --stay']


def exporting(store):
    out = WORK / f"stores-out-{store}"
    address = ("--store", held[store])
    return (lambda: shutil.rmtree(out, ignore_errors=True),
            own("analyzer", WORK / "stores-full", NOW, "export", "--from", DAY, "--out", out, *address))


def counted(out):
    """The lines of all tables but their heads."""
    rows = 0
    for table in out.rglob("*.csv"):
        with open(table, newline="") as file:
            rows += sum(1 for _ in csv.reader(file)) - 1
    return rows


WORK.mkdir(parents=True, exist_ok=True)
waiting = made(WORK / "stores-waiting", landed)
bases, stops = {}, []
try:
    for name, start in (("MongoDB", mongod), ("PostgreSQL", postgres)):
        bases[name], stop = start()
        stops.append(stop)
    fresh(WORK / "stores-full", waiting)
    done("summarizer", WORK / "stores-full", NOW)
    first = f"sqlite:{WORK / 'stores-full/daybook.sqlite'}"
    held = {"SQLite": first, "MongoDB": new("MongoDB"), "PostgreSQL": new("PostgreSQL")}
    for name in STORES[1:]:
        done("summarizer", WORK / "stores-full", NOW, "store", "copy", first, held[name], "--stay")
    jobs = {"export": exporting, "count": counting, "copy": copying}
    rows = None
    for job, make in jobs.items():
        taken = in_turn({name: make(name) for name in STORES})
        rows = rows or {counted(WORK / f"stores-out-{name}") for name in STORES}
        if len(rows) != 1:
            sys.exit(f"bench: the stores do not give as many rows: {rows}")
        told = tell(f"stores-{job}", taken, "SQLite")
        for name in STORES:
            print(f"   {name}: {max(rows) / told[name]['wall']:,.0f} rows/s")
finally:
    for stop in stops:
        stop()
