"""P87 to P93: robots.txt, and pings."""

from model import HOUR, Want, at, check, first
from wire import Answer, data

TEXT = ("Content-Type", "text/plain")
HTML = ("Content-Type", "text/html; charset=utf-8")
PAGE = (b"<!DOCTYPE html><html><head><title>Prices</title></head><body><table>"
        b"<tr><td class=k>a</td><td class=price>1</td></tr></table></body></html>")
SCRAPE = Want(form="html")


def site(robots):
    """A page in HTML beside a robots.txt: a text, a status, or a function of the request."""
    def answer(request, case):
        if request.path != "/robots.txt":
            return Answer(200, [HTML], PAGE)
        rules = robots(request) if callable(robots) else robots
        if isinstance(rules, int):
            return Answer(rules, [TEXT], b"")
        return Answer(200, [TEXT], rules.encode())
    return answer


def asks_the_page(wanted):
    def judge(case):
        robots, pages = case.of("/robots.txt"), case.feed()
        if not robots:
            return "robots.txt was not asked"
        if wanted and not pages:
            return "the page was not asked"
        if not wanted and pages:
            return "the page was asked"
        before = pages and pages[0].at < robots[0].at
        return "the page was asked first" if before else None
    return judge


def named(request):
    """Rules by the product token of who asks: it alone is allowed."""
    token = (request.get("user-agent") or "nobody").partition("/")[0].split()[0]
    return f"User-agent: *\nDisallow: /\n\nUser-agent: {token}\nAllow: /\n"


check("P87", asks_the_page(False), site("User-agent: *\nDisallow: /P87/\n"), want=SCRAPE,
      needs=("robots",))
check("P88", asks_the_page(True), site(404), want=SCRAPE, needs=("robots",))
check("P89", asks_the_page(False), site(503), want=SCRAPE, needs=("robots",))


def once_an_hour(case):
    asked = [r.run for r in case.of("/robots.txt")]
    pages = None if len(case.runs_with_requests()) >= 3 else "the page was not asked each time"
    if asked.count(0) != 1 or 3 not in asked:
        return f"robots.txt was asked in runs {[run + 1 for run in asked]}"
    early = 1 in asked or 2 in asked
    return first("robots.txt was asked again within the hour" if early else None, pages)


check("P90", once_an_hour, site("User-agent: *\nDisallow: /elsewhere/\n"), want=SCRAPE,
      runs=at(0, 600, 1200, 25 * HOUR), keeps="robots", needs=("robots",))
check("P91", asks_the_page(True), site(named), want=SCRAPE, needs=("robots",))


def pings(status):
    def answer(request, case):
        if request.path.startswith("/ping"):
            return Answer(status, [TEXT], b"OK" if status == 200 else b"")
        return Answer(200, [], data())
    return answer


def pinged(case):
    total = len(case.of("/ping"))
    most = max(len([r for r in case.of("/ping") if r.run == n]) for n in range(3))
    if not total:
        return "no ping"
    return f"{most} pings in one run" if most > 5 else None


def not_failed(case):
    total = len(case.of("/ping"))
    if not total:
        return "no ping"
    if total > 6:
        return f"{total} pings"
    return None if case.well(0) and case.delivered() else "the run failed"


PING = Want(ping=True)
check("P92", pinged, pings(200), want=PING, runs=at(0, 60, 120), needs=("pings",))
check("P93", not_failed, pings(500), want=PING, needs=("pings",))
