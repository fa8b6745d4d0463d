"""What a check is, what a client is asked to do for it, and what came of it."""

import dataclasses
import pathlib
import re
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORDS = ROOT / "docs" / "politeness-checks.md"
MINUTE = 60
HOUR = 3600
DAY = 24 * HOUR


class Lacks(Exception):
    """The client by its nature has no such thing: the check is not applicable, for this reason."""


@dataclasses.dataclass
class Want:
    """How a client is to be set up for a check, whatever its own words for it are."""

    paths: list = None           # addresses at the publisher; a loop where there are several
    every: str = "1m"
    secrets: dict = None         # header fields that hold a key
    key_in_query: str = None     # a secret value of the parameter `key`
    timeout: int = 10            # seconds
    max_bytes: int = None
    form: str = "json"           # or "html"
    secure: str = None           # a certificate of the server: good, wrong, expired, unknown
    trust: str = None            # our CA is trusted: "machine" or "source"
    host: str = None             # None: 127.0.0.1; "name": a name of this machine
    sources: int = 1             # so many sources, each with an address of its own
    hosts: int = 1               # on so many hosts: 127.0.0.1, 127.0.0.2, ...
    splay: bool = False          # the client's own spread within the minute is at work
    method: str = "GET"
    pages: str = None            # "header_link"
    max_pages: int = None
    auth: str = None             # "oauth2_client_credentials"
    ping: bool = False
    contact: bool = True


@dataclasses.dataclass
class Run:
    """One start of the client, so many seconds after the first, by a clock put forward."""

    after: int = 0
    twice: bool = False
    paths: list = None           # other addresses than the check's
    fresh: bool = False          # the client has forgotten everything
    fields: dict = None          # header fields that are declared, and hold no key


@dataclasses.dataclass
class Report:
    """What the client itself says of a run."""

    well: bool
    delivered: int = 0           # bodies handed over in this run, also by way of 304
    words: str = ""


@dataclasses.dataclass
class Check:
    number: str
    answer: object               # (request, case) -> Answer
    judge: object                # case -> why it fails, or None
    runs: list = None
    want: Want = dataclasses.field(default_factory=Want)
    keeps: str = None            # what a client must keep between runs: validators, times, ...
    needs: tuple = ()            # loop, sources, pages, ...: n/a for clients without
    title: str = ""
    source: str = ""
    memory: bool = False
    judged: bool = True          # else only told
    timed: bool = False          # fractions of a second count: run when little else runs

    def all_runs(self):
        return self.runs or [Run()]


CHECKS = []


def check(number, judge, answer, **more):
    CHECKS.append(Check(number, answer, judge, **more))


def every(seconds, times, start=0):
    """So many runs, at one distance."""
    return [Run(start + seconds * i) for i in range(times)]


def at(*seconds):
    return [Run(second) for second in seconds]


def published():
    """Number to (title, source, memory), from the page that was published first."""
    row = re.compile(r"\| (P\d\d) \| (.*?) \| .* \| .* \| (.*?) \| (yes|no) \|$")
    found = {}
    for line in WORDS.read_text().splitlines():
        match = row.match(line)
        if match:
            number, title, source, memory = match.groups()
            found[number] = (title, source, memory == "yes")
    return found


def load():
    """All checks in their order, with their published words."""
    from checks import asking, fresh, pace, pages, patience, robots, where, who, whole  # noqa: F401

    words = published()
    known = {one.number for one in CHECKS}
    astray = known.symmetric_difference(words)
    if astray or len(known) != len(CHECKS):
        raise SystemExit(f"in the page or in the code only, or twice: {sorted(astray)}")
    for one in CHECKS:
        one.title, one.source, one.memory = words[one.number]
        if one.memory != bool(one.keeps):
            raise SystemExit(f"{one.number}: page and code disagree about memory")
    return sorted(CHECKS, key=lambda one: one.number)


class Case:
    """One check with one client: the publisher's state, what was seen, what was reported."""

    def __init__(self, check):
        self.check = check
        self.seen = []
        self.reports = []        # a list of reports for each run
        self.state = {}
        self.run = 0
        self.base = time.time() // MINUTE * MINUTE
        self.offset = 0
        self.began = time.monotonic()
        self.publisher = None
        self.note = ""

    def begin(self, number, run):
        self.run, self.offset, self.began = number, run.after, time.monotonic()

    def now(self):
        return self.base + self.offset + (time.monotonic() - self.began)

    def feed(self, run=None):
        """Requests for the data themselves: no robots.txt, tokens, pings, or other ports."""
        aside = ("/robots.txt", "/token", "/ping")
        mine = [r for r in self.seen if not r.path.startswith(aside)]
        return [r for r in mine if run is None or r.run == run]

    def of(self, prefix):
        return [r for r in self.seen if r.path.startswith(prefix)]

    def elsewhere(self):
        return [r for r in self.seen if r.port == self.publisher.other.number]

    def runs_with_requests(self):
        return sorted({r.run for r in self.feed()})

    def asked_within(self, first, last):
        """Whether a run of these seconds (inclusive) made a request."""
        runs = self.check.all_runs()
        return any(first <= runs[n].after <= last for n in self.runs_with_requests())

    def well(self, run=-1):
        return all(report.well for report in self.reports[run])

    def delivered(self, run=None):
        reports = self.reports if run is None else [self.reports[run]]
        return sum(report.delivered for some in reports for report in some)

    def words(self):
        return "\n".join(report.words for some in self.reports for report in some)


# ---- judgements that several checks share; each returns why it fails, or None ----


def first(*reasons):
    return next((reason for reason in reasons if reason), None)


def requests_of(case, run):
    found = case.feed(run)
    return found, None if found else f"run {run + 1} made no request"


def nothing_handed_over(case):
    if case.delivered():
        return f"{case.delivered()} bodies were handed over"
    if case.well():
        return "the run ended as if all were well"
    return None if case.seen else "no request"


def handed_over(case, number=1):
    if case.delivered() < number:
        return f"{case.delivered()} bodies of {number} arrived: {tail(case.words())}"
    return None if case.well() else f"the run did not end well: {tail(case.words())}"


def at_most(case, number, of=None):
    found = len(case.feed() if of is None else of)
    if not case.seen:
        return "no request"
    return f"{found} requests" if found > number else None


def at_most_runs(case, number):
    asked = len(case.runs_with_requests())
    if asked == 0:
        return "no request"
    return f"requests in {asked} of {len(case.reports)} runs" if asked > number else None


def held(case, until, back_by):
    """Nothing is asked after the first run before `until`, and something by `back_by`."""
    runs = case.check.all_runs()
    if not case.feed(0):
        return "no request in the first run"
    early = [runs[n].after for n in case.runs_with_requests() if 0 < runs[n].after < until]
    if early:
        return f"asked again after {early[0] // MINUTE} min"
    if back_by is not None and not case.asked_within(until, back_by):
        return "did not come back"
    return None


def busiest_second(requests):
    """The most requests that begin within any one second."""
    times = sorted(r.at for r in requests)
    return max((sum(1 for t in times if start <= t < start + 1) for start in times), default=0)


def tail(words, length=160):
    return " ".join(words.split())[-length:]
