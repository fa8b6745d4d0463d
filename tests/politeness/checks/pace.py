"""P42 to P47: how fast, how many at once, and when."""

from model import HOUR, MINUTE, Want, at, busiest_second, check, every
from publisher import most_at_once
from wire import Answer, data

SIX = 6
MOST_A_SECOND = 4


def serve(request, case):
    return Answer(200, [], data())


def slowly(request, case):
    return Answer(200, [], data(), delay=0.7)


def loop(number, count=SIX):
    return Want(paths=[f"/{number}/{n}.json" for n in range(count)])


def all_asked(case, count=SIX):
    found = len({r.target for r in case.feed()})
    return None if found >= count else f"{found} of {count} addresses were asked"


def paced(case):
    most = busiest_second(case.feed())
    return all_asked(case) or (f"{most} requests within a second" if most > MOST_A_SECOND else None)


def two_at_once(case):
    most = most_at_once(case.feed())
    return all_asked(case) or (f"{most} requests at once" if most > 2 else None)


def apart(case):
    """In the second run: what is new may be asked at once."""
    times = [r.at for r in case.feed(1)]
    fault = None if len(times) >= SIX else f"{len(times)} of {SIX} sources were asked"
    width = 0 if fault else max(times) - min(times)
    return fault or (None if width >= 2 else f"all within {width:.1f} s")


def connections(case):
    used = len({r.connection for r in case.feed()})
    return all_asked(case) or (f"{used} connections" if used > 2 else None)


check("P42", paced, serve, timed=True, want=loop("P42"), needs=("loop",))
check("P43", two_at_once, slowly, timed=True, want=loop("P43"), needs=("loop",))
check("P44", paced, serve, timed=True, want=Want(sources=SIX), needs=("sources",))
check("P45", apart, serve, timed=True, runs=at(0, 60),
      want=Want(sources=SIX, splay=True, hosts=SIX), needs=("sources", "schedule"))


def over_the_hour(case):
    runs = case.check.all_runs()
    minutes = {}
    for request in case.feed():
        after = runs[request.run].after
        if after >= HOUR:
            minutes.setdefault(request.path, []).append(after)
    if len(minutes) < SIX:
        return f"{len(minutes)} of {SIX} sources were asked in the later hours"
    for path, found in minutes.items():
        if len(found) != 2 or abs(found[1] - found[0] - HOUR) > 5 * MINUTE:
            return f"{path} was asked at minutes {[t // MINUTE for t in found]}"
    places = {found[0] % HOUR for found in minutes.values()}
    return None if len(places) >= 3 else f"in {len(places)} different minutes only"


check("P46", over_the_hour, serve, want=Want(sources=SIX, every="1h"),
      runs=every(5 * MINUTE, 36), keeps="schedule", needs=("sources",))
check("P47", connections, serve, want=loop("P47"), needs=("loop",))
