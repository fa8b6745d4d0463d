"""P27 to P41: what a client does when it is asked for patience, or fails."""

from checks.asking import plain
from model import (DAY, MINUTE, Run, Want, at, at_most, at_most_runs, check, every, first, held)
from wire import Answer, data, http_date

TEN = 10 * MINUTE
PATIENT = at(0, 60, 300, 540, 1800)


def then_well(status, *fields):
    """The failure in the first run, the data ever after."""
    def answer(request, case):
        return Answer(status, list(fields), b"{}") if case.run == 0 else Answer(200, [], data())
    return answer


def dated(request, case):
    if case.run:
        return Answer(200, [], data())
    return Answer(503, [("Retry-After", http_date(case.now() + TEN))], b"{}")


def no_sooner(case):
    """Held across runs, and within the first one, too."""
    again = f"{len(case.feed(0))} requests in the first run" if len(case.feed(0)) > 1 else None
    return first(again, held(case, TEN, 1800))


check("P27", no_sooner, then_well(429, ("Retry-After", "600")), runs=PATIENT, keeps="times")
check("P28", no_sooner, dated, runs=PATIENT, keeps="times")


def soon(request, case):
    if len(case.seen) == 1:
        return Answer(503, [("Retry-After", "2")], b"{}")
    return Answer(200, [], data())


def two_seconds(case):
    asked = case.feed()
    if not asked:
        return "no request"
    gap = asked[1].at - asked[0].ended if len(asked) > 1 else 9
    return None if gap >= 1.95 else f"asked again after {gap:.2f} s"


check("P29", two_seconds, soon, timed=True)
check("P30", lambda case: at_most_runs(case, 10), plain(503, ("Retry-After", "0"), body=b"{}"),
      runs=every(MINUTE, 20), keeps="times")


def clamped(case):
    runs = case.check.all_runs()
    return held(case, 120, runs[-1].after)


check("P31", clamped, then_well(503, ("Retry-After", "99999999999")),
      runs=at(0, 60, 2 * DAY, 8 * DAY), keeps="times")


def less_and_less(case):
    fault = at_most_runs(case, 10)
    if fault:
        return fault
    asked = case.runs_with_requests()
    gaps = [b - a for a, b in zip(asked, asked[1:])] + [len(case.reports) - asked[-1]]
    if len(asked) == 1:
        return "it never came back"
    return None if max(gaps) >= 4 * gaps[0] else f"pauses of {gaps} min"


check("P32", less_and_less, plain(500, body=b"{}"), runs=every(MINUTE, 31), keeps="times")
check("P33", lambda case: at_most(case, 6), plain(500, body=b"{}"))


def out_of_step(case):
    """The pauses between the repetitions, of clients that know nothing of each other."""
    pauses = []
    for run in range(len(case.reports)):
        asked = case.feed(run)
        if not asked:
            return "no request"
        pauses.append([after.at - before.ended for before, after in zip(asked, asked[1:])])
    if not any(pauses):
        return None
    shown = ", ".join("+".join(f"{pause:.2f}" for pause in some) for some in pauses)
    case.note = f"pauses of {shown} s"
    same = list(zip(*pauses, strict=False))[:2]
    apart = [max(some) - min(some) > max(0.03, 0.05 * max(some)) for some in same]
    return None if any(apart) else case.note


check("P34", out_of_step, plain(500, body=b"{}"), needs=("repeats",), timed=True,
      runs=[Run(60 * n, fresh=True) for n in range(4)])
check("P35", lambda case: at_most(case, 1), plain(404, body=b"{}"))
check("P36", lambda case: at_most_runs(case, 4), plain(410, body=b"{}"),
      runs=every(MINUTE, 10), keeps="times")


def refused(case):
    fault = at_most_runs(case, 4)
    most = max((len(case.feed(run)) for run in case.runs_with_requests()), default=0)
    return fault or (f"{most} requests in one run" if most > 1 else None)


check("P37", refused, plain(401, ("WWW-Authenticate", "Bearer"), body=b"{}"),
      runs=every(MINUTE, 10), keeps="times")
check("P38", no_sooner, then_well(403, ("Retry-After", "600")), runs=PATIENT, keeps="times")


def limited(request, case):
    if len(case.seen) == 1:
        return Answer(200, [], data())
    return Answer(429, [("Retry-After", "600")], b"{}")


check("P39", lambda case: at_most(case, 4), limited, needs=("loop",),
      want=Want(paths=[f"/P39/{n}.json" for n in range(8)]))


def hang_up(request, case):
    return Answer(hang_up=True)


def posts(case):
    other = [r.method for r in case.seen if r.method != "POST"]
    if other:
        return f"it sent {other[0]}"
    return at_most(case, 1)


check("P40", lambda case: at_most(case, 6), hang_up)
check("P41", posts, hang_up, want=Want(method="POST"), needs=("post",))
