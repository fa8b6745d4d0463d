#!/usr/bin/env python3
"""What reading takes over a store of a day, of a month, of a year: the recorded day, and beside it
150 series each minute and 300 records an hour (benches/year.rs; the year takes two minutes).

  scripts/bench/readers.py [--old FOLDER] [--keep]

Each command takes its turn with that of older programs, over the same store. An audit ends with 1:
no journal tells of the made answers. Prints wall and CPU seconds and the greatest memory.
"""
import argparse, os, pathlib, shutil, statistics, subprocess, sys, time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WORK = ROOT / "target/bench/readers"
RECORDING = ROOT / "target/recording"
BIN = pathlib.Path(os.environ.get("DAYBOOK_BIN", ROOT / "target/release"))
RUNS = int(os.environ.get("RUNS", "3"))
STORES = {"day": ("2026-10-31", 1), "month": ("2026-10-01", 31), "year": ("2025-11-01", 365)}
NOW = "2026-11-01T01:16:00Z"
OUT = WORK / "out"
COMMANDS = {
    "day's report": ("analyzer", "report", "--date", "2026-10-31", "--out", OUT),
    "status": ("summarizer", "status"),
    "month's report": ("analyzer", "report", "--month", "--date", "2026-10-15", "--out", OUT),
    "audit of 31 days": ("summarizer", "audit"),
    "nothing out of date": ("analyzer", "report"),
    "export of a month": ("analyzer", "export", "--from", "2026-10-01", "--to", "2026-10-31", "--out", OUT),
}


def made(name):
    home, (first, days) = WORK / name, STORES[name]
    if (home / "made").exists():
        return home
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(ROOT / "sources/lists", home / "sources/lists")
    for source in (ROOT / "sources").glob("*.toml"):
        if (RECORDING / source.stem).is_dir():
            shutil.copy(source, home / "sources")
    (home / "daybook.toml").touch()
    run = lambda *command: subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
    run(BIN / "fetcher", "--home", home, "--now", "2026-10-31T23:59:59Z", "run", "--replay", RECORDING, "--onto", "2026-10-31")
    run(BIN / "summarizer", "--home", home, "--now", "2026-11-01T01:05:00Z", "run")
    year = ["cargo", "bench", "--quiet", "--bench", "year", "--", f"sqlite:{home}/daybook.sqlite", home, first, days, 150, 1, 300]
    subprocess.run([str(part) for part in year], check=True, cwd=ROOT)
    (home / "made").touch()
    return home


def taken(programs, home, command):
    program, *rest = command
    line = [programs / program, "--home", home, "--now", NOW, *rest]
    before = time.monotonic()
    child = subprocess.Popen([str(part) for part in line], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode > 1:
        sys.exit(f"bench: {' '.join(map(str, line))} ended with {child.returncode}")
    return time.monotonic() - before, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main():
    given = argparse.ArgumentParser()
    given.add_argument("--old", type=pathlib.Path)
    given.add_argument("--keep", action="store_true")
    given = given.parse_args()
    sides = {"now": BIN, **({"before": given.old} if given.old else {})}
    for name in STORES:
        home = made(name)
        for what, command in COMMANDS.items():
            rounds = {side: [] for side in sides}
            for side, programs in sides.items():
                if what == "nothing out of date":
                    # Makes what is missing, then looks once more: what follows finds nothing.
                    [taken(programs, home, command) for _ in range(2)]
                rounds[side] = [taken(programs, home, command) for _ in range(RUNS)]
            for side, runs in rounds.items():
                wall, cpu, peak = (statistics.median(run[at] for run in runs) for at in range(3))
                print(f"{name:6} {what:20} {side:7} wall {wall:7.3f} s   cpu {cpu:7.3f} s   peak {peak:6.1f} MiB")
    if not given.keep:
        shutil.rmtree(WORK)


main()
