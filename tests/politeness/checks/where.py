"""P55 to P66: redirects and TLS."""

from checks.who import KEY, serve
from model import Run, Want, at_most, check, first, handed_over, nothing_handed_over
from wire import Answer, data


def elsewhere(request, case):
    """Leads to another host."""
    if request.port == case.publisher.other.number:
        return Answer(200, [], data())
    there = case.publisher.url("/elsewhere/feed.json", other=True)
    return Answer(302, [("Location", there)])


def kept_at_home(field):
    def judge(case):
        home = [r for r in case.seen if r.port != case.publisher.other.number]
        if not home or not any(KEY in (r.get(field) or "") for r in home):
            return f"{field} was not sent where it belongs"
        taken = [r for r in case.elsewhere() if KEY in str(r.fields) + r.target]
        return "the key was sent to the other host" if taken else None
    return judge


check("P55", kept_at_home("authorization"), elsewhere,
      want=Want(secrets={"Authorization": f"Bearer {KEY}"}))
check("P56", kept_at_home("x-api-key"), elsewhere, want=Want(secrets={"X-Api-Key": KEY}))

WAYS = {"/P57/feed.json": (301, "b.json"), "/P57/b.json": (302, "/P57/c.json?x=1"),
        "/P57/c.json": (307, "./d.json"), "/P57/d.json": (308, "../P57/end.json")}
SEE_OTHER = {"/P57/feed.json": (303, "end.json")}


def onward(request, case):
    ways = WAYS if case.run == 0 else SEE_OTHER
    if request.path in ways:
        status, place = ways[request.path]
        return Answer(status, [("Location", place)])
    return Answer(200, [], data()) if request.path == "/P57/end.json" else Answer(404)


check("P57", lambda case: handed_over(case, 2), onward, runs=[Run(0), Run(60, fresh=True)])


def circle(request, case):
    there = "b.json" if request.path.endswith("feed.json") else "feed.json"
    return Answer(302, [("Location", there)])


check("P58", lambda case: first(at_most(case, 21), nothing_handed_over(case)), circle)


def for_good(request, case):
    if request.path == "/P59/new-home.json":
        return Answer(200, [], data())
    return Answer(301, [("Location", "/P59/new-home.json")])


def told(*words):
    def judge(case):
        if not case.seen:
            return "no request"
        text = case.words()
        return None if any(word in text for word in words) else "nothing of it was said"
    return judge


check("P59", told("new-home.json"), for_good)


def not_there(case):
    if not [r for r in case.seen if r.port != case.publisher.other.number]:
        return "no request"
    return "it went there" if case.elsewhere() else None


check("P60", not_there, elsewhere, want=Want(secure="good", trust="machine"))


def inside(request, case):
    if request.port == case.publisher.other.number:
        return Answer(200, [], data())
    there = case.publisher.url("/inside.json", other=True)
    return Answer(302, [("Location", there)])


check("P61", not_there, inside, want=Want(host="name"))


def to_a_file(request, case):
    return Answer(302, [("Location", "file:///etc/hostname")])


check("P62", nothing_handed_over, to_a_file)


def unasked(case):
    if case.seen:
        return "it asked all the same"
    if case.delivered() or case.well():
        return "it ended as if all were well"
    return None if case.publisher.port.tried else "it did not connect"


check("P63", unasked, serve, want=Want(secure="unknown", trust="machine"))
check("P64", unasked, serve, want=Want(secure="wrong", trust="machine"))
check("P65", unasked, serve, want=Want(secure="expired", trust="machine"))
check("P66", handed_over, serve, want=Want(secure="good", trust="source"))
