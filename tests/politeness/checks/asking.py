"""P01 to P16: asking only whether it changed."""

from model import Check, Run, at, check, every, first, nothing_handed_over, requests_of
from wire import Answer, data

WHEN = "Sun, 22 Nov 2026 02:41:07 GMT"
LATER = "Sun, 22 Nov 2026 09:00:00 GMT"
NONE_MATCH, SINCE = "if-none-match", "if-modified-since"


def version(number, etag=None, modified=None, **more):
    """A version of the feed, or 304 where the request has its validator."""
    def answer(request, case):
        fields = [("ETag", etag)] if etag else []
        fields += [("Last-Modified", modified)] if modified else []
        given = request.get(NONE_MATCH)
        if given is not None:
            same = etag is not None and given == etag
        else:
            same = modified is not None and request.get(SINCE) == modified
        if same:
            return Answer(304, fields)
        return Answer(200, fields, data(number), **more)
    return answer


def sends(case, run, **wanted):
    """The first request of a run has exactly these values; None: has none of it."""
    found, fault = requests_of(case, run)
    for name, value in wanted.items():
        field = name.replace("_", "-")
        got = None if fault else found[0].get(field)
        if not fault and got != value:
            fault = f"{field} of run {run + 1}: {got!r}, not {value!r}"
    return fault


def second_sends(**wanted):
    return lambda case: sends(case, 1, **wanted)


TWO = at(0, 60)
THREE = at(0, 60, 120)
EVEN = '"v1,2;{a}/b=\'c\'"'

check("P01", second_sends(if_none_match=EVEN), version(1, EVEN), runs=TWO, keeps="validators")
check("P02", second_sends(if_none_match='W/"w-1"'), version(1, 'W/"w-1"'), runs=TWO,
      keeps="validators")


def not_mended(case):
    found, fault = requests_of(case, 1)
    got = None if fault else found[0].get(NONE_MATCH)
    return fault or (f"If-None-Match: {got}" if got not in (None, "no-quotes") else None)


check("P03", not_mended, version(1, "no-quotes"), runs=TWO, keeps="validators")
check("P04", second_sends(if_modified_since=WHEN), version(1, None, WHEN), runs=TWO,
      keeps="validators")
check("P05", second_sends(if_none_match='"b"', if_modified_since=WHEN), version(1, '"b"', WHEN),
      runs=TWO, keeps="validators")
check("P06", second_sends(if_none_match=None, if_modified_since=None), version(1), runs=TWO,
      keeps="validators")


def by_run(*answers):
    """One behaviour for each run; the last one for all further ones."""
    def answer(request, case):
        return answers[min(case.run, len(answers) - 1)](request, case)
    return answer


def plain(status, *fields, body=b""):
    return lambda request, case: Answer(status, list(fields), body)


check("P07", lambda case: sends(case, 2, if_none_match='"two"'),
      by_run(version(1, '"one"'), version(2, '"two"')), runs=THREE, keeps="validators")


def never(case, value):
    bad = [r for r in case.seen if value in (r.get(NONE_MATCH) or "")]
    _, fault = requests_of(case, 0)
    if not fault and len(case.runs_with_requests()) < 2:
        fault = "it did not come back"
    return fault or (f"it sent {value} in run {bad[0].run + 1}" if bad else None)


check("P08", lambda case: never(case, "bad"),
      by_run(version(1, '"good"'), plain(503, ("ETag", '"bad"')), version(2, '"good-2"')),
      runs=at(0, 60, 600, 4000), keeps="validators")


def has_the_body(case):
    if not case.feed(1):
        return "no second request"
    if not case.feed(1)[0].get(NONE_MATCH):
        return "the second request was not conditional"
    if not case.well(1):
        return "304 was taken for a failure"
    return None if case.delivered(1) else "no body after 304"


check("P09", has_the_body, version(1, '"same"'), runs=TWO, keeps="validators")


def refreshed(request, case):
    if case.run == 0:
        return Answer(200, [("ETag", '"same"'), ("Last-Modified", WHEN)], data())
    if request.get(NONE_MATCH) == '"same"' or request.get(SINCE):
        return Answer(304, [("ETag", '"same"'), ("Last-Modified", LATER)])
    return Answer(200, [("ETag", '"same"'), ("Last-Modified", LATER)], data())


def not_the_earlier(case):
    found, fault = requests_of(case, 2)
    if fault:
        return fault
    tag, since = found[0].get(NONE_MATCH), found[0].get(SINCE)
    return first(f"If-None-Match: {tag}" if tag != '"same"' else None,
                 f"If-Modified-Since: {since}" if since not in (None, LATER) else None)


check("P10", not_the_earlier, refreshed, runs=THREE, keeps="validators")


def other_tag(request, case):
    if case.run == 0:
        return Answer(200, [("ETag", '"one"')], data(1))
    if request.get(NONE_MATCH):
        return Answer(304, [("ETag", '"two"')])
    return Answer(200, [("ETag", '"two"')], data(2))


def no_frozen_body(case):
    """A request may name "two" only once the body of "two" has come."""
    got_two = False
    for request in case.feed():
        if '"two"' in (request.get(NONE_MATCH) or "") and not got_two:
            return f'run {request.run + 1} sent "two", of which no body ever came'
        got_two |= request.run > 0 and not request.get(NONE_MATCH)
    conditional = any(r.get(NONE_MATCH) for r in case.feed(1))
    return None if conditional else "the second request was not conditional"


check("P11", no_frozen_body, other_tag, runs=at(0, 60, 600, 4000), keeps="validators")
check("P12", nothing_handed_over, plain(304, ("ETag", '"x"')))

OTHER = Run(60, paths=["/P13/feed.json?part=two"])


def of_another_address(case):
    found, fault = requests_of(case, 1)
    sent = [] if fault else [n for n in (NONE_MATCH, SINCE) if found[0].get(n)]
    return fault or (f"it sent {', '.join(sent)}" if sent else None)


check("P13", of_another_address, version(1, '"x"', WHEN), runs=[Run(0), OTHER],
      keeps="validators")


def led(request, case):
    if request.path.endswith("/target.json"):
        return version(1, '"target"')(request, case)
    return Answer(302, [("Location", "target.json")])


def target_is_asked_so(case):
    there = [r for r in case.feed(1) if r.path.endswith("/target.json")]
    if not there:
        return "the second run did not come to the target"
    tag = there[0].get(NONE_MATCH)
    return None if tag == '"target"' else f"If-None-Match there: {tag}"


check("P14", target_is_asked_so, led, runs=TWO, keeps="validators")


def cut(request, case):
    body = data(pad=5000)
    fields = [("ETag", '"cut"'), ("Content-Length", str(len(body)))]
    return Answer(200, fields, stream=iter([body[:2000]]))


check("P15", lambda case: never(case, "cut"), cut, runs=at(0, 60, 600, 4000),
      keeps="validators")

POLLS = 200
FEED = version(1, '"feed-1"', WHEN)
BODY = data(1, pad=20_000)


def unchanging(request, case):
    answer = FEED(request, case)
    if answer.status == 200:
        answer.body = BODY
    return answer


def saved(case):
    """The part of the bytes that was saved, against as many whole answers."""
    sent = sum(r.sent for r in case.feed())
    whole = max((r.sent for r in case.feed()), default=0) * len(case.feed())
    return 1 - sent / whole if whole else 0.0


def five_percent(case):
    asked = len(case.runs_with_requests())
    part = saved(case)
    case.note = f"{part:.1%} of the bytes saved in {asked} polls"
    if asked < POLLS // 2:
        return f"asked in {asked} of {POLLS} runs only"
    if case.delivered() < asked or not all(case.well(n) for n in range(len(case.reports))):
        return "not each poll ended well with a body"
    return None if part >= 0.95 else case.note


check("P16", five_percent, unchanging, runs=every(60, POLLS), keeps="validators")


def without_validators(request, case):
    return Answer(200, [], BODY)


def reported(case):
    case.note = f"{saved(case):.1%} of the bytes saved in {len(case.runs_with_requests())} polls"


# Told beside P16, not judged: the same feed without validators.
PLAIN_FEED = Check("P16-plain", without_validators, reported, every(60, 20), judged=False)
PLAIN_FEED.title = "the feed of P16 without validators, 20 polls"
