"""Runs programs in turn and tells medians: what the benchmarks share.

Every round runs each program once, so that a machine whose speed drifts, or that others use too,
is as fast or slow for all of them; a ratio is the median of the rounds' own ratios."""
import json, os, pathlib, shutil, statistics, subprocess, sys, time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WORK = ROOT / "target/bench"
BIN = pathlib.Path(os.environ.get("DAYBOOK_BIN", ROOT / "target/release"))
HERE = pathlib.Path(__file__).resolve().parent
RUNS = int(os.environ.get("RUNS", "5"))


class Run:
    """What one process took: wall and CPU seconds, peak MiB."""

    def __init__(self, command, quiet=True):
        before = time.monotonic()
        sink = subprocess.DEVNULL if quiet else None
        child = subprocess.Popen([str(part) for part in command], stdout=sink, cwd=WORK)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        self.wall = time.monotonic() - before
        self.cpu = used.ru_utime + used.ru_stime
        self.peak = used.ru_maxrss / 1024
        if child.returncode != 0:
            sys.exit(f"bench: {' '.join(map(str, command))} ended with {child.returncode}")


def in_turn(programs, runs=RUNS):
    """`programs`: name to (prepare, command); what is prepared is not measured."""
    taken = {name: [] for name in programs}
    for turn in range(runs):
        # Whoever comes behind a heavy one would always pay for it.
        order = list(programs.items())
        for name, (prepare, command) in order if turn % 2 == 0 else reversed(order):
            prepare()
            taken[name].append(Run(command))
    return taken


def tell(subject, taken, ours, notes=()):
    """Prints a table, and keeps it for others in target/bench/SUBJECT.json."""
    median = lambda name, what: statistics.median(getattr(run, what) for run in taken[name])
    print(f"\n== {subject}: medians of {len(taken[ours])} rounds, load {os.getloadavg()[0]:.1f}")
    rows = {}
    for name in taken:
        pairs = list(zip(taken[name], taken[ours]))
        ratio = statistics.median(a.wall / b.wall for a, b in pairs)
        work = statistics.median(a.cpu / b.cpu for a, b in pairs)
        wall, cpu, peak = (median(name, what) for what in ("wall", "cpu", "peak"))
        rows[name] = {"wall": wall, "cpu": cpu, "peak": peak, "ratio": ratio, "work": work}
        print(f"{name:22} wall {wall:7.3f} s   cpu {cpu:7.3f} s   peak {peak:6.1f} MiB   "
              f"{ratio:5.2f} x the time, {work:5.2f} x the CPU of {ours}")
    for note in notes:
        print(f"   {note}")
    with open(WORK / f"{subject}.json", "w") as file:
        json.dump({"load": os.getloadavg(), "cores": os.cpu_count(), "rows": rows}, file, indent=1)
    return rows


def python(*packages):
    """The Python of a virtual environment with these packages, made below target/bench."""
    venv = WORK / "venv"
    program = venv / "bin/python"
    names = [package.split("==")[0] for package in packages]
    try:
        subprocess.run([program, "-c", f"import {', '.join(names)}"], check=True,
                       stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        if not program.exists():
            subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([program, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                        *packages], check=True)
    return program


def own(program, home, now, *arguments, bins=BIN):
    """The command of one of our programs in a home."""
    return [bins / program, "--home", home, "--quiet", "--now", now, *arguments]


def fresh(folder, kept):
    """Puts a copy of `kept`, made of hard links, in the place of `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["cp", "-al", kept, folder], check=True)


def made(folder, make, by=None):
    """Makes a folder, whole or not at all, where it is not there or `by` is newer than it."""
    if folder.exists() and by and by.stat().st_mtime > folder.stat().st_mtime:
        shutil.rmtree(folder)
    if not folder.exists():
        new = folder.with_name(folder.name + ".new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        make(new)
        new.rename(folder)
    return folder
