"""P17 to P26: not before it is old, and not more than once."""

from checks.asking import sends
from model import HOUR, MINUTE, Run, Want, at, at_most, check, every, held, requests_of
from wire import Answer, data, http_date

TEN = 10 * MINUTE
TIMES = at(0, 60, 300, 540, 720, 900)


def fresh(*fields):
    return lambda request, case: Answer(200, list(fields), data())


def expires(request, case):
    return Answer(200, [("Expires", http_date(case.now() + TEN))], data())


def past_expires(request, case):
    fields = [("Expires", http_date(case.now() - HOUR)), ("Cache-Control", "max-age=600")]
    return Answer(200, fields, data())


def ten_minutes(case):
    return held(case, TEN, 900)


check("P17", ten_minutes, fresh(("Cache-Control", "max-age=600")), runs=TIMES, keeps="times")
check("P18", ten_minutes, expires, runs=TIMES, keeps="times")
check("P19", ten_minutes, past_expires, runs=TIMES, keeps="times")


def comes_back(first, last):
    def judge(case):
        _, fault = requests_of(case, 0)
        back = case.asked_within(first, last)
        return fault or (None if back else f"not asked again within {last // MINUTE} min")
    return judge


check("P20", comes_back(60, 180), fresh(("Cache-Control", "max-age=600"), ("Age", "570")),
      runs=at(0, 60, 120, 180), keeps="times")


def revalidated(request, case):
    fields = [("ETag", '"n"'), ("Cache-Control", "no-cache, max-age=600")]
    same = request.get("if-none-match") == '"n"'
    return Answer(304, fields) if same else Answer(200, fields, data())


check("P21", lambda case: sends(case, 1, if_none_match='"n"'), revalidated, runs=at(0, 60),
      keeps="validators")


def fresh_again(request, case):
    fields = [("ETag", '"f"')]
    if request.get("if-none-match") == '"f"':
        return Answer(304, fields + [("Cache-Control", "max-age=600")])
    return Answer(200, fields + [("Cache-Control", "max-age=0")], data())


def held_by_304(case):
    if not [r for r in case.feed(1) if r.get("if-none-match")]:
        return "no conditional request at 1 min"
    runs = case.check.all_runs()
    early = [n for n in case.runs_with_requests() if 60 < runs[n].after < 660]
    if early:
        return f"asked again at {runs[early[0]].after // MINUTE} min"
    return None if case.asked_within(660, 900) else "did not come back"


check("P22", held_by_304, fresh_again, runs=at(0, 60, 120, 300, 540, 720, 900), keeps="times")

EIGHT_DAYS = 8 * 24 * HOUR
check("P23", comes_back(HOUR, EIGHT_DAYS), fresh(("Cache-Control", "max-age=315360000")),
      runs=at(0, 2 * HOUR, 25 * HOUR, 3 * 24 * HOUR, EIGHT_DAYS), keeps="times")
# At once when it is new, and again where its own minute of the hour is among the ten.
check("P24", lambda case: at_most(case, 2), fresh(), runs=every(MINUTE, 11), keeps="schedule",
      want=Want(every="1h"))


def slow(request, case):
    return Answer(200, [], data(), delay=1.0)


check("P25", lambda case: at_most(case, 1), slow, runs=[Run(0, twice=True)], keeps="lock")


def one_get(case):
    seen = [f"{r.method} {r.path}" for r in case.seen]
    path = f"/{case.check.number}/feed.json"
    return None if seen == [f"GET {path}"] else f"asked {', '.join(seen) or 'nothing'}"


check("P26", one_get, fresh())
