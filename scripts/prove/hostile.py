#!/usr/bin/env python3
"""A soak against a hostile server: hostile.py [--minutes 15] [--seed N] [--store sqlite|URL]
[--programs FOLDER] [--keep]

A home in a temporary folder has sources of all kinds; about half of what their publisher answers is
wrong, by the seed. `fetcher run` is started again and again, by a clock put forward a minute each
time, and `summarizer run` each hour; some are killed. At the end all must be in balance: the audit
says so, and so does the independent recount of what was sent. Memory, descriptors and the files in
data/.state must not have grown. Exit code 0: all held; 1: something did not, named in the last
lines. FOLDER is where the programs are (target/release); --keep leaves the home there.
"""

import argparse
import dataclasses
import json
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from hostile_feeds import FEEDS, recount
from hostile_server import BAD, ROOT, Publisher

START = datetime(2026, 3, 2, 0, 0, 10, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
KILLED = -signal.SIGKILL
FINE = (0, 1, 2)
PANIC = re.compile(r"panicked|RUST_BACKTRACE|stack overflow")
# Fewer hours say nothing about growth.
LEAST_HOURS = 6
GROWTH, SLACK_KIB = 1.15, 2048
NAMED = (r"([a-z0-9-]+)_(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)(?:_(?:i-)?((?<=i-)[A-Za-z0-9.-]+|"
         r"p\d+of\d+))?(?:_r(\d{4}-\d\d-\d\d))?_[0-9a-f]{12}_")
LANDED = re.compile(NAMED + r"[0-9a-f]{8}\.\w+")
SETTINGS = """contact = "soak@example.org"
store = "{store}"
[fetcher]
splay = "0s"
deadline = "10s"
retries = 1
reserve = "1MiB"
pace = "5ms"
[summarizer]
archive = "archive"
"""


@dataclasses.dataclass
class Run:
    """What one run of a program took."""

    tier: str
    code: int
    rss: int                     # KiB
    descriptors: int
    seconds: float


class Soak:
    def __init__(self, options, home):
        self.options, self.home, self.now = options, home, START
        self.rng = random.Random(f"soak {options.seed}")
        plain = options.store == "sqlite"
        self.store = f"sqlite:{home}/daybook.sqlite" if plain else options.store
        self.publisher = Publisher(options.seed, START)
        self.measurer = Measurer(home / "said.txt")
        self.runs, self.state, self.faults = [], [], []
        self.declare()

    def declare(self):
        (self.home / "sources").mkdir()
        (self.home / "daybook.toml").write_text(SETTINGS.format(store=self.store))
        for feed in FEEDS:
            text = feed.declaration(self.publisher.bases[feed.name])
            (self.home / "sources" / f"{feed.name}.toml").write_text(text)
        secrets = self.home / "secrets.toml"
        secrets.write_text('client = "client-secret-42"\nrefresh = "refresh-0"\n')
        secrets.chmod(0o600)
        self.start("fetcher", "check", "--quiet")
        if self.runs.pop().code:
            raise SystemExit("hostile: the declarations are refused")

    # Runs.

    def start(self, tier, *words, may_die=0.0):
        """Runs a program, kills it perhaps, and measures it."""
        known = [run.seconds for run in self.runs[-40:] if run.tier == tier]
        usual = sum(known) / len(known) if known else 0.5
        kill = self.rng.random() * 1.2 * usual if self.rng.random() < may_die else None
        told = f"{self.now:%Y-%m-%dT%H:%M:%SZ}"
        program = self.options.programs / tier
        command = [str(program), "--home", str(self.home), "--now", told, *words]
        run, said = self.measurer.run(tier, command, kill)
        self.runs.append(run)
        self.judge(run, kill, said, " ".join([tier, *words, told]))
        return said

    def judge(self, run, kill, said, what):
        if PANIC.search(said):
            self.faults.append(f"{what}: {said[-600:]}")
        elif run.code == KILLED and kill is None:
            self.faults.append(f"{what}: hangs")
        elif run.code not in FINE and run.code != KILLED:
            self.faults.append(f"{what}: exit code {run.code}: {said[-300:]}")

    def minute(self):
        self.publisher.now_at = self.now
        self.start("fetcher", "run", may_die=0.12)
        if self.now.minute == 5:
            self.start("summarizer", "run", may_die=0.35)
        if self.now.minute == 59:
            self.hour()
        self.now += MINUTE

    def hour(self):
        files = [path for path in (self.home / "data" / ".state").rglob("*") if path.is_file()]
        self.state.append((len(files), sum(path.stat().st_size for path in files)))
        late = self.runs[-60:]
        killed = sum(run.code == KILLED for run in self.runs)
        print(f"{self.now:%d %H}h: {len(self.runs)} runs, {killed} killed, "
              f"{sum(self.publisher.served.values())} answers, "
              f"{max(run.rss for run in late) / 1024:.1f} MiB, "
              f"{max(run.descriptors for run in late)} descriptors, "
              f".state {len(files)} files, {self.state[-1][1]} bytes, "
              f"{len(self.faults)} faults", flush=True)

    def soak(self):
        end = time.monotonic() + self.options.minutes * 60
        while time.monotonic() < end:
            self.minute()
        self.end()

    def end(self):
        """Good answers, no kills, all hours closed; then the balance."""
        self.publisher.kind = True
        for _ in range(3):
            self.publisher.now_at = self.now
            self.start("fetcher", "run")
            self.now += MINUTE
        self.now += 2 * HOUR
        said = self.start("summarizer", "run")
        if self.runs[-1].code == 2:
            self.faults.append(f"the last summarizer did nothing: {said[-600:]}")
        self.audit = self.start("summarizer", "audit")
        # It reads all there is, once: no run to be held against the others.
        audited = self.runs.pop()
        print(f"audit: {audited.rss} KiB, {audited.seconds:.1f} s")
        if audited.code or "the difference is zero" not in self.audit:
            self.faults.append(f"the audit ends with {audited.code}")
        self.publisher.close()
        self.measurer.close()

    # Judgement.

    def grown(self):
        """Whether the last third of the runs took more than the first."""
        for tier in ("fetcher", "summarizer"):
            runs = [run for run in self.runs if run.tier == tier]
            self.flat(f"{tier}: peak KiB", [run.rss for run in runs], SLACK_KIB)
            self.flat(f"{tier}: descriptors", [run.descriptors for run in runs], 2)
        self.flat("files in .state", [files for files, _ in self.state], 2)
        self.flat("bytes in .state", [size for _, size in self.state], 16384)

    def flat(self, what, values, slack):
        third = len(values) // 3
        if not third:
            return
        first, last = max(values[:third]), max(values[-third:])
        print(f"{what}: {first} in the first third, {last} in the last")
        if len(self.state) >= LEAST_HOURS and last > first * GROWTH + slack:
            self.faults.append(f"{what} grew from {first} to {last}")

    def report(self):
        codes = Counter(run.code for run in self.runs)
        count = lambda tier: sum(run.tier == tier for run in self.runs)
        print(f"\n{count('fetcher')} runs of fetcher, {count('summarizer')} of summarizer, "
              f"{codes[KILLED]} killed; exit codes {dict(sorted(codes.items()))}")
        served = self.publisher.served
        print("answers: " + ", ".join(f"{name} {n}" for name, n in sorted(served.items())))
        self.faults += [name for name in served if name.startswith("PUBLISHER FAILED")]
        self.grown()
        print(self.audit.strip())
        self.faults += differences(self)
        for fault in self.faults[:30]:
            print(f"FAILED: {fault}")
        print(f"hostile: {len(self.faults) or 'no'} faults, seed {self.options.seed}")
        return 1 if self.faults else 0


class Measurer:
    """The process that starts the programs."""

    def __init__(self, out):
        self.out = out
        command = [sys.executable, "-S", str(Path(__file__).with_name("hostile_measure.py"))]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def run(self, tier, command, kill):
        """A run, and what it said."""
        ask = {"command": command, "out": str(self.out), "kill": kill}
        print(json.dumps(ask), file=self.process.stdin, flush=True)
        told = Run(tier, **json.loads(self.process.stdout.readline()))
        return told, self.out.read_text(errors="replace")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


# --- the independent recount --------------------------------------------------------------------


def differences(soak):
    """What the store does not say as the publisher sent it."""
    recount.SOURCES = {feed.name: feed.rule for feed in FEEDS}
    recount.SNAPSHOT = re.compile(NAMED + r"([0-9a-f]{8})\.\w+")
    found = []
    kept = {path.name: path for path in stored(soak.home)}
    claimed = journaled(soak.home)
    found += [f"{name} landed and is nowhere" for name in sorted(claimed - set(kept))]
    found += [f"{name} is there, and no journal says so" for name in sorted(set(kept) - claimed)]
    expected, answers = recount.Expected(), []
    for name, path in sorted(kept.items()):
        answer = recount.Answer(path, LANDED.fullmatch(name))
        take(soak, answer, expected, found)
        answers.append(answer)
    print(f"{len(claimed)} answers landed, {sum(not a.whole for a in answers)} can be read")
    recount.Recount(answers, expected, recount.open_store(soak.store), None, found).run()
    return found


def take(soak, answer, expected, found):
    """What of an answer must count, by what the publisher knows of it."""
    judged = soak.publisher.bodies[answer.source].get(answer.hash)
    if judged is None:
        named = answer.name.split(".")[0].rsplit("_", 1)[1]
        found.append(f"{answer.name} was never sent whole: {len(answer.content)} bytes, "
                     f"{'the same' if answer.hash.startswith(named) else 'not those'} that landed")
    if judged in (None, BAD):
        answer.whole = True
        return
    expected.take(answer)


def stored(home):
    """All answers, wherever they are by now."""
    own = {feed.name for feed in FEEDS}
    for folder in ("archive", "data"):
        for path in (home / folder).rglob("*"):
            match = LANDED.fullmatch(path.name)
            if match and match[1] in own and not {".state", ".tmp"} & set(path.parts):
                yield path


def journaled(home):
    """The names of what landed, by all journals."""
    names, own = set(), {feed.name for feed in FEEDS}
    for folder in ("archive", "data"):
        for path in (home / folder).rglob("daybook_*"):
            for line in path.read_text().splitlines() if path.is_file() else ():
                told = json.loads(line)
                if told.get("event") == "landed" and told["source"] in own:
                    names |= set(told["snapshots"].split())
    return names


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--store", default="sqlite")
    parser.add_argument("--programs", type=Path, default=ROOT / "target" / "release")
    parser.add_argument("--keep", action="store_true")
    return parser.parse_args()


def main():
    options = arguments()
    home = Path(tempfile.mkdtemp(prefix="hostile-"))
    print(f"hostile: seed {options.seed}, {options.minutes:g} min", flush=True)
    try:
        soak = Soak(options, home)
        soak.soak()
        return soak.report()
    finally:
        if options.keep:
            print(f"hostile: the home is {home}")
        else:
            shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
