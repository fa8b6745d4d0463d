#!/usr/bin/env python3
"""The report: 40 figures of a day with 1,450 stations and 5,000 records, from the store to a PDF.

One of them is a table of all 5,000 records; ROWS=100 makes it one of those.
Ours reads the store, digests, lays out and writes. Typst, and matplotlib with reportlab, are given
the day's hourly figures ready made, and draw as many figures and tables as simply as they can."""
import os, pathlib, subprocess, sys
from measure import BIN, HERE, WORK, in_turn, made, own, python, tell

ROWS = os.environ.get("ROWS", "5000")
NOW, DAY = "2026-11-21T01:15:00Z", "2026-11-20"


def home(folder, bins):
    """A home in which the day is counted."""
    (folder / "daybook.toml").write_text('[report]\nlanguage = "en"\nzone = "UTC"\n')
    (folder / "sources").symlink_to(day / "sources")
    for program, rest in (("fetcher", ["run", "--replay", day / "recording", "--onto", DAY]), ("summarizer", ["run"])):
        now = f"{DAY}T23:59:59Z" if program == "fetcher" else NOW
        subprocess.run(own(program, folder, now, *rest, bins=bins), check=True, stdout=subprocess.DEVNULL)


def pages(path):
    """By pdfinfo, where that is here."""
    try:
        told = subprocess.run(["pdfinfo", path], capture_output=True, text=True).stdout
    except OSError:
        return "?"
    return next((line.split()[1] for line in told.splitlines() if line.startswith("Pages")), "?")


WORK.mkdir(parents=True, exist_ok=True)
make = [sys.executable, HERE / "gen_report.py"]
day = made(WORK / f"report-day-{ROWS}", lambda folder: subprocess.run([*make, folder, ROWS], check=True))
interpreter = python("typst", "matplotlib", "reportlab")
nothing = lambda: None
programs, files = {}, {}
bins = {"daybook": BIN}
if "OLD_BIN" in os.environ:
    bins["daybook before"] = pathlib.Path(os.environ["OLD_BIN"])
for name, folder in bins.items():
    place = name.removeprefix("daybook").replace(" ", "-") + "-" + ROWS
    kept = made(WORK / f"report-home{place}", lambda new: home(new, folder), folder / "summarizer")
    out = WORK / f"report-out{place}"
    command = own("analyzer", kept, NOW, "report", "--date", DAY, "--out", out, bins=folder)
    programs[name], files[name] = (nothing, command), out / f"daybook_{DAY}.pdf"
for name in ("typst", "reportlab"):
    out = WORK / f"{name}.pdf"
    programs[name] = (nothing, [interpreter, HERE / f"peer_{name}.py", day / "peers.json", out, ROWS])
    files[name] = out
taken = in_turn(programs)
notes = [f"{name}: {pages(path)} pages, {path.stat().st_size / 1e6:.2f} MB" for name, path in files.items()]
tell("report", taken, "daybook", notes)
