"""The vectors of http-tests/cache-tests that say something about a poller.

`cache_vectors.json` holds them as data (BSD 3-Clause, its licence stands in the file). What was
changed on the way: each request of a vector is one start of the poller, a minute after the one
before, with the clock put forward; dates are seconds from the server's present; freshness of
seconds is multiplied (`scaled`) so that a minute fits in; the body is data. A vector that says
nothing about a poller has its reason, `not`, and stands in docs/politeness-checks.md.

What the words of a vector mean for a poller that is due each minute:
- `cached`: it may use what it has, so it must not ask in that minute;
- `not_cached`: it may not, so it must ask;
- `etag_validated`, `lm_validated`: it must ask with exactly that validator, and end well.
"""

import json
import pathlib

from model import Case, Check, Run, Want
from wire import Answer, data, http_date

FILE = pathlib.Path(__file__).with_name("cache_vectors.json")
VALIDATED = {"etag_validated": ("etag", "if-none-match"),
             "lm_validated": ("last-modified", "if-modified-since")}
JUDGED = ("required", "optimal")


def vectors():
    return json.loads(FILE.read_text())["vectors"]


def load():
    """A check for each vector that applies; `kind` says whether it is judged or told only."""
    checks = []
    for vector in vectors():
        if "not" in vector:
            continue
        requests = vector["requests"]
        runs = [Run(60 * n, fields=dict(request.get("sends", [])))
                for n, request in enumerate(requests)]
        expects = {request.get("expects") for request in requests}
        keeps = "times" if "cached" in expects or "not_cached" in expects else "validators"
        one = Check(vector["id"], answer(requests), judge(requests), runs, Want(), keeps)
        one.title, one.memory = vector["name"], True
        one.source = f"{vector['suite']}, {vector['kind']}"
        one.judged = vector["kind"] in JUDGED
        checks.append(one)
    return checks


def answer(requests):
    def respond(request, case):
        wanted = requests[case.run]
        fields = [(name, shown(value, case)) for name, value in wanted.get("answers", [])]
        for field, condition in VALIDATED.values():
            kept = before(case, field)
            if kept is not None and request.get(condition) == kept:
                return Answer(304, fields)
        fields = [pair for pair in fields if pair[0].lower() != "content-length"]
        case.state[case.run] = fields
        return Answer(200, fields, data(case.run + 1))
    return respond


def before(case, field, run=None):
    """A field of the last whole answer before a run."""
    earlier = [n for n in case.state if n < (case.run if run is None else run)]
    fields = case.state[max(earlier)] if earlier else []
    return next((value for name, value in fields if name.lower() == field), None)


def shown(value, case):
    return http_date(case.now() + value) if isinstance(value, int) else value


def judge(requests):
    def judged(case: Case):
        if not case.feed(0):
            return "no request in the first run"
        for run, wanted in enumerate(requests[1:], 1):
            fault = one(case, run, wanted)
            if fault:
                return f"run {run + 1}: {fault}"
        return None
    return judged


def one(case, run, wanted):
    asked, expects = case.feed(run), wanted.get("expects")
    if expects == "cached":
        return "it asked, though its answer was fresh" if asked else None
    if not asked:
        return "it did not ask"
    if expects in VALIDATED:
        field, condition = VALIDATED[expects]
        kept = before(case, field, run)
        if asked[0].get(condition) != kept:
            return f"{condition}: {asked[0].get(condition)}, not {kept}"
        if not case.well(run) or not case.delivered(run):
            return "304 did not end well with a body"
    for name, value in wanted.get("expects_fields", []):
        if asked[0].get(name) != value:
            return f"{name}: {asked[0].get(name)}, not {value}"
    return None


def page():
    """The part of the published page that this file makes: what does not apply, and why."""
    reasons = {}
    for vector in vectors():
        if "not" in vector:
            reasons.setdefault((vector["suite"], vector["not"]), []).append(vector["id"])
    lines = ["| suite | vectors that do not apply | why |", "|---|---|---|"]
    for (suite, why), names in reasons.items():
        lines.append(f"| {suite} | {', '.join(f'`{name}`' for name in names)} | {why} |")
    counts = {}
    for vector in vectors():
        key = "not" if "not" in vector else vector["kind"]
        counts[key] = counts.get(key, 0) + 1
    told = (f"{counts['required'] + counts['optimal']} vectors are judged "
            f"({counts['required']} required, {counts['optimal']} optimal), {counts['check']} are "
            f"told only (`check`), {counts['not']} do not apply.")
    return "\n".join([told, "", *lines])
