"""P48 to P54: who asks, and what it offers and shows."""

import re

from checks.asking import plain
from model import Want, check, handed_over, tail
from wire import Answer, data, packed

KEY = "k7-sesame-9f31"


def serve(request, case):
    return Answer(200, [], data())


def agent(case):
    return (case.feed()[0].get("user-agent") or "") if case.feed() else None


def about_agent(fault):
    def judge(case):
        found = agent(case)
        if found is None:
            return "no request"
        return f"User-Agent: {found or '(none)'}" if fault(found, case) else None
    return judge


def nameless(found, case):
    return not re.match(r"[A-Za-z][\w!#$%&'*+.^`|~-]*/\d", found)


def no_contact(found, case):
    text = f"{found} {case.feed()[0].get('from') or ''}"
    return not re.search(r"https?://[\w.-]+|[\w.+-]+@[\w-]+\.[\w.-]+", text)


check("P48", about_agent(nameless), serve)
check("P49", about_agent(no_contact), serve)
check("P50", about_agent(lambda found, case: "mozilla" in found.lower()), serve)
check("P51", lambda case: "it asked" if case.seen else None, serve,
      want=Want(contact=False), needs=("contact",))


def offers_gzip(request):
    offers = (request.get("accept-encoding") or "").lower().replace(" ", "").split(",")
    parts = [offer.partition(";q=") for offer in offers]
    return any(p[0] in ("gzip", "x-gzip", "*") and p[2] not in ("0", "0.0") for p in parts)


def where_offered(request, case):
    if offers_gzip(request):
        return Answer(200, [("Content-Encoding", "gzip")], packed(data(pad=2000)))
    return Answer(200, [], data(pad=2000))


def gzip_offered(case):
    if case.feed() and not offers_gzip(case.feed()[0]):
        return f"Accept-Encoding: {case.feed()[0].get('accept-encoding')}"
    return handed_over(case)


check("P52", gzip_offered, where_offered)


def well_formed(case):
    if not case.feed():
        return "no request"
    request = case.feed()[0]
    host = f"{case.publisher.host()}:{case.publisher.port.number}"
    if request.all("host") != [host]:
        return f"Host: {request.all('host')}, not {host}"
    if request.body or request.get("content-length") not in (None, "0"):
        return "a GET with a body"
    return None


check("P53", well_formed, serve)


def key_shown(case):
    if not [r for r in case.seen if KEY in r.target]:
        return "the key was not sent"
    words = case.words()
    place = words.find(KEY)
    return None if place < 0 else f"printed: {tail(words[:place], 60)}***"


check("P54", key_shown, plain(500, body=b"{}"), want=Want(key_in_query=KEY))
