"""Puts clients through checks, and writes the table."""

import concurrent.futures
import dataclasses
import pathlib
import shutil
import tempfile
import threading

from model import Case, Lacks
from publisher import Publisher, authority, local_name, settle

PASS, FAIL, NOT = "pass", "FAIL", "n/a"
# Where fractions of a second are judged, a busy machine must not change the verdict.
TIMED_AT_ONCE = 3


@dataclasses.dataclass
class Result:
    client: str
    check: object
    verdict: str
    why: str = ""
    note: str = ""


def judge(client, check):
    """One check with one client."""
    try:
        client.applies(check)
        if check.want.host == "name" and not local_name():
            raise Lacks("no name of this machine but localhost leads to 127.0.0.1")
    except Lacks as lacks:
        return Result(client.name, check, NOT, str(lacks))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="politeness-"))
    case = Case(check)
    publisher = Publisher(case)
    try:
        session = client.session(case, folder)
        for number, run in enumerate(check.all_runs()):
            if run.fresh and number:
                session.forget()
            case.begin(number, run)
            case.reports.append(started(session, run))
            settle(case)
        if "fault" in case.state:
            raise RuntimeError(f"{check.number}: {case.state['fault']}")
        why = check.judge(case)
    finally:
        publisher.close()
        shutil.rmtree(folder, ignore_errors=True)
    return Result(client.name, check, FAIL if why else PASS, why or "", case.note)


def started(session, run):
    if not run.twice:
        return [session.start(run)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda _: session.start(run), range(2)))


def all_of(clients, checks, at_once=8, said=None):
    """The results of all checks with all clients, several at a time, the longest first."""
    lock, done = threading.Lock(), []

    def one(pair):
        result = judge(*pair)
        with lock:
            done.append(result)
            if said:
                said(result, len(done))
        return result

    pairs = [(client, check) for check in checks for client in clients]
    # Made before there are threads: all must speak of the same authority.
    if any(check.want.secure for check in checks):
        authority()
    pairs.sort(key=lambda pair: -len(pair[1].all_runs()))
    results = []
    for timed, workers in ((False, at_once), (True, min(at_once, TIMED_AT_ONCE))):
        some = [pair for pair in pairs if pair[1].timed == timed]
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            results += pool.map(one, some)
    order = {client.name: n for n, client in enumerate(clients)}
    return sorted(results, key=lambda r: (r.check.number, order[r.client]))


def table(clients, checks, results):
    """Markdown: a row for each check, a column for each client; then the reasons."""
    found = {(r.client, r.check.number): r for r in results}
    names = [client.name for client in clients]
    lines = ["| no. | a polite client | " + " | ".join(names) + " |",
             "|-----|-----------------|" + "---|" * len(names)]
    for check in checks:
        cells = [found[name, check.number].verdict for name in names]
        lines.append(f"| {check.number} | {check.title} | " + " | ".join(cells) + " |")
    lines += ["", *summary(names, results), "", "## Why", ""]
    for result in results:
        if result.verdict == FAIL or result.note:
            words = result.why if result.verdict == FAIL else f"{result.note}"
            verdict = f"{result.check.number} {result.client}: {result.verdict}"
            lines.append(f"- {verdict}: {words.replace('|', '/')}")
    lines += ["", "## Not applicable", "", *not_applicable(names, results)]
    return "\n".join(lines) + "\n"


def counts(result):
    """Whether it is a failure that counts."""
    return result.verdict == FAIL and result.check.judged


def feed_table(results):
    """What an unchanging feed without validators costs: told, not judged."""
    if not results:
        return ""
    lines = ["", f"## {results[0].check.title[0].upper()}{results[0].check.title[1:]}", ""]
    return "\n".join([*lines, *(f"- {r.client}: {r.note}" for r in results)]) + "\n"


def vector_table(clients, vectors, results):
    """What came of the vectors of a cache, by client; each that failed by name."""
    lines = ["", "## Vectors of http-tests/cache-tests", "",
             "| client | passed | failed | told only: as expected | otherwise | n/a |",
             "|---|---|---|---|---|---|"]
    failed = []
    for client in clients:
        mine = [r for r in results if r.client == client.name]
        row = [sum(1 for r in mine if r.check.judged and r.verdict == v) for v in (PASS, FAIL)]
        row += [sum(1 for r in mine if not r.check.judged and r.verdict == v) for v in (PASS, FAIL)]
        row.append(sum(1 for r in mine if r.verdict == NOT))
        lines.append(f"| {client.name} | " + " | ".join(map(str, row)) + " |")
        failed += [r for r in mine if r.verdict == FAIL]
    lines.append("")
    for result in sorted(failed, key=lambda r: (not r.check.judged, r.client)):
        word = "FAIL" if result.check.judged else "otherwise"
        lines.append(f"- {result.client}: {word}: `{result.check.number}` ({result.check.source}): "
                     f"{result.why}")
    return "\n".join(lines) + "\n"


def summary(names, results):
    lines = ["| client | passed | failed | n/a |", "|---|---|---|---|"]
    for name in names:
        counts = [sum(1 for r in results if r.client == name and r.verdict == verdict)
                  for verdict in (PASS, FAIL, NOT)]
        lines.append(f"| {name} | " + " | ".join(map(str, counts)) + " |")
    return lines


def not_applicable(names, results):
    lines = []
    for name in names:
        reasons = {}
        for result in results:
            if result.client == name and result.verdict == NOT:
                reasons.setdefault(result.why, []).append(result.check.number)
        lines += [f"- {name}: {why}: {', '.join(which)}" for why, which in reasons.items()]
    return lines
