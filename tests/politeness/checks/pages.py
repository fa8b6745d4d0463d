"""P79 to P86: pages and tokens."""

import json

from checks.where import kept_at_home
from checks.who import KEY
from model import Want, at, at_most, busiest_second, check, first, handed_over, nothing_handed_over
from wire import Answer, data

HEADER = {"pages": "header_link"}


def number(request):
    return int((request.query or "page=1").rpartition("=")[2])


def page(case, this, following):
    """One page of data; `following` is a number, an address or None."""
    fields = []
    if following is not None:
        place = following
        if isinstance(following, int):
            place = case.publisher.url(f"/{case.check.number}/feed.json?page={following}")
        fields = [("Link", f'<{place}>; rel="next"')]
    return Answer(200, fields, data(10 * this, of=f"page{this}-"))


def three(request, case):
    this = number(request)
    return page(case, this, this + 1 if this < 3 else None)


def once_each(case):
    asked = [number(r) for r in case.feed()]
    if asked != [1, 2, 3]:
        return f"pages {asked} were asked"
    return handed_over(case, 3)


check("P79", once_each, three, want=Want(**HEADER), needs=("pages",))


def circle(request, case):
    this = number(request)
    if len(case.seen) > 40:
        return Answer(500, [], b"{}")
    return page(case, this, this % 3 + 1)


def noticed(case):
    asked = sorted({number(r) for r in case.feed()})
    return first(None if asked == [1, 2, 3] else f"pages {asked} were asked",
                 at_most(case, 6), nothing_handed_over(case))


check("P80", noticed, circle,
      want=Want(**HEADER), needs=("pages",))


def endless(request, case):
    this = number(request)
    return page(case, this, this + 1 if this < 30 else None)


def eight(request, case):
    this = number(request)
    return page(case, this, this + 1 if this < 8 else None)


def paced_pages(case):
    most = busiest_second(case.feed())
    few = None if len(case.feed()) >= 8 else f"{len(case.feed())} of 8 pages were asked"
    return few or (f"{most} requests within a second" if most > 4 else None)


def bounded(case):
    few = None if len(case.feed()) >= 5 else f"{len(case.feed())} pages were asked"
    return first(few, at_most(case, 6))


check("P81", bounded, endless, want=Want(**HEADER, max_pages=5), needs=("pages",))
check("P82", paced_pages, eight, timed=True, want=Want(**HEADER), needs=("pages",))


def limited(request, case):
    if number(request) == 2:
        return Answer(429, [("Retry-After", "600")], b"{}")
    return three(request, case)


def stopped(case):
    asked = [number(r) for r in case.feed()]
    return first(None if asked == [1, 2] else f"pages {asked} were asked",
                 nothing_handed_over(case))


check("P83", stopped, limited, want=Want(**HEADER), needs=("pages",))


def astray(request, case):
    if request.port == case.publisher.other.number:
        return Answer(200, [], data(20, of="page2-"))
    there = case.publisher.url("/elsewhere/feed.json?page=2", other=True)
    return page(case, 1, there)


check("P84", kept_at_home("authorization"), astray, needs=("pages",),
      want=Want(**HEADER, secrets={"Authorization": f"Bearer {KEY}"}))


def tokens(refused=False):
    def answer(request, case):
        if request.path == "/token":
            case.state["tokens"] = case.state.get("tokens", 0) + 1
            token = {"access_token": f"t{case.state['tokens']}", "token_type": "Bearer",
                     "expires_in": 3600}
            return Answer(200, [("Cache-Control", "no-store")], json.dumps(token).encode())
        known = (request.get("authorization") or "").startswith("Bearer t")
        if refused or not known:
            challenge = 'Bearer error="invalid_token"'
            return Answer(401, [("WWW-Authenticate", challenge)], b"{}")
        return Answer(200, [], data())
    return answer


AUTH = Want(auth="oauth2_client_credentials")


def one_token(case):
    asked, got = len(case.of("/token")), case.delivered()
    if asked == 0 or got < 3:
        return f"{asked} tokens were asked for, {got} bodies of 3 arrived"
    return None if asked == 1 else f"{asked} tokens were asked for"


def renewed_once(case):
    data_asked, asked = len(case.feed()), len(case.of("/token"))
    if not asked or not data_asked:
        return f"{asked} requests for tokens, {data_asked} for data"
    over = data_asked > 2 or asked > 2
    return f"{asked} requests for tokens, {data_asked} for data" if over else None


check("P85", one_token, tokens(), want=AUTH, runs=at(0, 60, 120), keeps="token",
      needs=("oauth2",))
check("P86", renewed_once, tokens(refused=True), want=AUTH, needs=("oauth2",))
