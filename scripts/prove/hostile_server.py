"""A publisher whose answers are hostile by a seeded choice for each request.

Each source has a host of its own on this machine, since a host that fails is left alone whole. What
was sent is kept by its hash, with whether anything of it may be counted.
"""

import gzip
import hashlib
import itertools
import json
import random
import sys
import threading
import time
from collections import Counter, defaultdict
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "politeness"))

from hostile_feeds import FEEDS, HTML, JSON, asked
from wire import Answer, Port, chunk

GOOD, BAD = "good", "bad"
HTML_PAGE = b"<!DOCTYPE html><title>Please log in</title><h1>Please log in</h1><p>Who are you?</p>"
BOMB = gzip.compress(b" " * (48 << 20), mtime=0)
DEEP = b'{"items": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
PATIENCE = ("1", "30", "120", "-5", "soon", "1e3", "Wed, 99 Foo 2026 00:00:00 GMT", "")
ETAGS = ('""', "bare", 'W/"a"', '"a", "b"', '"' + "x" * 5000 + '"', '"é"', 'w/"low"', '"a"b"')
AGES = ("max-age=99999999999999999999", "max-age=-1", "max-age=soon", "max-age=31536000, immutable",
        "no-store, max-age=60", "s-maxage=5,,=,max-age", 'max-age="60"')
TOTALS = (0, -1, 7, 10**30, "many", None, 24, 26)
DAMAGE = ("gzip_cut", "gzip_bent", "gzip_bomb", "short", "reset_head", "reset_body", "drip",
          "headers", "garbage")
STATUSES = ("500", "502", "503", "503_later", "500_later", "429", "403", "404", "401", "204", "206")
WAYS = ("to_itself", "in_circle", "elsewhere", "kept_method", "for_good", "off_the_web")
BODIES = ("html", "empty", "cut", "bent", "other_type")
OF_JSON = ("deep", "huge", "twice")
ODD = ("odd_etag", "odd_date", "odd_age", "not_modified", "unasked_304", "hints", "zipped")
OF_PAGES = ("endless", "repeated", "lying_total")
TOKENS = ("500", "html", "no_token", "at_once", "negative", "eternal", "as_text", "empty", "drip")
ROBOTS = ("500", "in_circle", "reset_head", "403_html", "huge", "good")


class Publisher:
    """All hosts; `now` is the simulated instant, `kind` turns hostility off."""

    def __init__(self, seed, now):
        self.seed, self.now_at, self.kind = seed, now, False
        self.lock = threading.Lock()
        self.connections, self.turns, self.served = itertools.count(1), Counter(), Counter()
        self.bodies, self.kept = defaultdict(dict), {}
        self.tokens, self.refresh = defaultdict(list), ["refresh-0"]
        self.named = {feed.name: feed for feed in FEEDS}
        self.feeds, self.bases, self.ports = {}, {}, []
        for number, feed in enumerate(FEEDS):
            host = f"127.0.0.{number + 10}"
            port = Port(self, host=host)
            base = f"http://{host}:{port.number}"
            self.ports.append(port)
            self.feeds[port.number], self.bases[feed.name] = feed, base

    def close(self):
        for port in self.ports:
            port.close()

    def new_connection(self):
        return next(self.connections)

    def now(self):
        return self.now_at.timestamp()

    def note(self, request):
        with self.lock:
            try:
                return self.answer(request)
            except Exception as error:  # a fault of the publisher itself must be seen
                self.served[f"PUBLISHER FAILED: {error!r}"] += 1
                return Answer(599)

    def answer(self, request):
        # A redirect leads to other hosts, too: there it is the same source.
        feed = self.named.get(request.path.split("/")[1], self.feeds[request.port])
        self.turns[feed.name] += 1
        rng = random.Random(f"{self.seed} {feed.name} {self.turns[feed.name]}")
        if request.path == "/robots.txt":
            return self.robots(rng)
        if request.path.endswith("/token"):
            return self.token(feed, rng, request)
        if feed.auth and not self.known(feed, request):
            self.served["token refused"] += 1
            return Answer(401, body=b"{}")
        name, base = request.path.strip("/"), self.bases[feed.name]
        fields, body = feed.make(rng, asked(request, base, feed.name, self.now_at))
        call = SimpleNamespace(rng=rng, feed=feed, base=base, path=name, request=request,
                               fields=fields, body=body, key=request.target, status=feed.status)
        return self.reply(call, self.choose(call))

    def choose(self, call):
        """Half of the answers are good; of sets of pages more, or none would become whole."""
        if self.kind or call.rng.random() < (0.8 if call.feed.paged else 0.45):
            return "good"
        groups = [STATUSES, DAMAGE, WAYS, BODIES, ODD]
        groups += [OF_JSON] if call.feed.kind == "json" else []
        groups += [OF_PAGES] * 2 if call.feed.paged else []
        name = call.rng.choice(call.rng.choice(groups))
        # A slow answer costs its whole time-out.
        return "good" if name == "drip" and call.rng.random() < 0.8 else name

    def reply(self, call, name):
        self.served[name] += 1
        if name[0].isdigit():
            return self.status(call, name)
        return getattr(self, name)(call)

    # Whole answers.

    def good(self, call, *fields, judged=GOOD):
        digest = hashlib.sha256(call.body).hexdigest()
        self.bodies[call.feed.name].setdefault(digest, judged)
        own = [*call.fields, *fields]
        names = {name for name, _ in own}
        tag = f'"{digest[:16]}"'
        if "ETag" not in names and judged == GOOD:
            own.append(("ETag", tag))
            self.kept[call.key] = tag
        return Answer(call.status, own, call.body)

    def not_modified(self, call):
        """A 304, where what the client has is what was given last."""
        if call.request.get("if-none-match") == self.kept.get(call.key, ""):
            return Answer(304, [("ETag", self.kept[call.key])])
        return self.good(call)

    def unasked_304(self, call):
        if call.request.get("if-none-match"):
            return self.good(call)
        return Answer(304, [("ETag", '"never"')])

    def odd_etag(self, call):
        return self.good(call, ("ETag", call.rng.choice(ETAGS)))

    def odd_date(self, call):
        dates = [format_datetime(self.now_at.replace(year=year), usegmt=True)
                 for year in (1970, 2100, 9999)]
        date = call.rng.choice([*dates, "yesterday", ""])
        return self.good(call, ("Date", date), ("Age", call.rng.choice(["-1", "9" * 30, "x"])))

    def odd_age(self, call):
        return self.good(call, ("Cache-Control", call.rng.choice(AGES)),
                         ("Expires", call.rng.choice(["0", "-1", "Fri, 01 Jan 9999 00:00:00 GMT"])))

    def other_type(self, call):
        call.fields = [f for f in call.fields if f[0] != "Content-Type"]
        kinds = ("image/png", HTML, "application/octet-stream", "text/plain; charset=utf-7", "///")
        return self.good(call, ("Content-Type", call.rng.choice(kinds)))

    def hints(self, call):
        answer = self.good(call)
        early = b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n" * 20
        return Answer(answer.status, body=call.body, raw_head=early + answer.head(self.now()))

    def zipped(self, call):
        answer = self.good(call, ("Content-Encoding", "gzip"))
        answer.body = gzip.compress(call.body, mtime=0)
        return answer

    # Bodies that are none, or less than they seem.

    def judged_bad(self, call, body, *fields):
        call.body = body
        return self.good(call, *fields, judged=BAD)

    def html(self, call):
        call.fields = []
        return self.judged_bad(call, HTML_PAGE, ("Content-Type", HTML))

    def empty(self, call):
        return self.judged_bad(call, b"")

    def cut(self, call):
        if call.feed.kind in ("csv", "html"):
            return self.short(call)
        return self.judged_bad(call, call.body[: call.rng.randrange(1, len(call.body))])

    def bent(self, call):
        rubbish = bytes(call.rng.randrange(256) for _ in range(300))
        return self.judged_bad(call, b"\x00\xff" + rubbish)

    def deep(self, call):
        return self.judged_bad(call, DEEP)

    def huge(self, call):
        """One value is no number that a machine holds: its item cannot be read."""
        call.body = call.body.replace(b'"v": ', call.rng.choice([b'"v": 1e400, "w": ',
                                      b'"v": ' + b"9" * 400 + b', "w": ']), 1)
        return self.good(call)

    def twice(self, call):
        document = json.loads(call.body)
        if call.feed.paged or "items" not in document:
            return self.good(call)
        document["items"] += document["items"][:3]
        call.body = json.dumps(document).encode()
        return self.good(call)

    # Sets of pages.

    def endless(self, call):
        """There is always one more page."""
        document = json.loads(call.body)
        document |= {"total": 10**6, "more": True, "next": f"at-{call.rng.randrange(10**6)}"}
        url = f"{call.base}/{call.path}?page={call.rng.randrange(9, 10**6)}"
        if call.feed.name == "link":
            document["next"] = url
        call.fields = [("Link", f'<{url}>; rel="next"'), ("Content-Range", "items 0-9/1000000")]
        call.body = json.dumps(document).encode()
        return self.good(call)

    def repeated(self, call):
        """The parameter is not known: this is the first page, and leads to itself."""
        call.request.target = call.request.path
        call.request.body = b"{}"
        ask = asked(call.request, call.base, call.feed.name, self.now_at)
        call.fields, call.body = call.feed.make(random.Random(1), ask)
        call.fields += [("Link", f'<{call.base}{call.key}>; rel="next"')]
        return self.good(call)

    def lying_total(self, call):
        total = call.rng.choice(TOTALS)
        call.body = json.dumps(json.loads(call.body) | {"total": total, "more": total}).encode()
        call.fields = [("Content-Range", f"items 0-9/{total}")]
        return self.good(call)

    # Answers that are failures.

    def status(self, call, name):
        code, _, later = name.partition("_")
        fields = []
        if later or code == "429":
            fields.append(("Retry-After", call.rng.choice(PATIENCE)))
        if code == "206":
            call.status, part = 206, ("Content-Range", f"bytes 0-9/{len(call.body) + 9}")
            # Of rows and pages a part can be read as well.
            if call.feed.kind in ("csv", "html"):
                return self.good(call, part)
            return self.judged_bad(call, call.body[:-2], part)
        return Answer(int(code), fields, b"" if code == "204" else b"no")

    def to(self, call, code, url):
        return Answer(code, [("Location", url)], b"")

    def to_itself(self, call):
        return self.to(call, 302, call.key)

    def in_circle(self, call):
        return self.to(call, 302, f"/{call.path}?round={call.rng.randrange(3)}")

    def elsewhere(self, call):
        other = call.rng.choice(list(self.bases.values()))
        return self.to(call, call.rng.choice([302, 303]), f"{other}{call.key}")

    def kept_method(self, call):
        return self.to(call, 307, call.key + ("&" if "?" in call.key else "?") + "moved=1")

    def for_good(self, call):
        return self.to(call, 301, call.key + ("&" if "?" in call.key else "?") + "moved=2")

    def off_the_web(self, call):
        # A long way names its source, too: it may be gone on another host.
        long = f"/{call.path}/{'x' * 9000}"
        ways = ("file:///etc/passwd", "ftp://127.0.0.1/", "//", "http://[::1", "\x7f", long)
        return self.to(call, 302, call.rng.choice(ways))

    # Answers that do not come whole.

    def reset_head(self, _):
        return Answer(hang_up=True)

    def reset_body(self, call):
        part = call.body[: len(call.body) // 2]
        return Answer(200, [("Transfer-Encoding", "chunked")], stream=[chunk(part)])

    def short(self, call):
        long = ("Content-Length", str(len(call.body) + 100))
        return Answer(200, [*call.fields, long], stream=[call.body])

    def drip(self, call):
        return Answer(200, [("Content-Length", "100000")], stream=slowly())

    def headers(self, _):
        lines = (b"X-%d: %s\r\n" % (n, b"a" * 900) for n in range(5000))
        return Answer(raw_head=b"HTTP/1.1 200 OK\r\n", stream=lines)

    def garbage(self, call):
        whole = bytes(call.rng.randrange(256) for _ in range(500))
        return Answer(raw_head=whole, stream=[])

    def gzip_cut(self, call):
        whole = gzip.compress(call.body, mtime=0)
        return Answer(200, [("Content-Encoding", "gzip")], whole[: len(whole) // 2])

    def gzip_bent(self, call):
        whole = bytearray(gzip.compress(call.body, mtime=0))
        whole[-6] ^= 0x55
        return Answer(200, [("Content-Encoding", "gzip")], bytes(whole))

    def gzip_bomb(self, _):
        return Answer(200, [("Content-Encoding", "gzip")], BOMB)

    # Beside the data.

    def robots(self, rng):
        """The first answers are all that can go wrong; what is readable is kept for a day."""
        self.turns["robots"] += 1
        turn = min(self.turns["robots"], len(ROBOTS)) - 1
        name = "good" if self.kind else ROBOTS[turn]
        self.served[f"robots {name}"] += 1
        text = [("Content-Type", "text/plain")]
        rules = b"User-agent: *\nDisallow: /hidden/\n"
        if name == "in_circle":
            return Answer(302, [("Location", "/robots.txt")])
        if name == "reset_head":
            return Answer(hang_up=True)
        if name == "403_html":
            return Answer(503, [("Content-Type", HTML)], HTML_PAGE)
        if name == "500":
            return Answer(500, text, b"")
        return Answer(200, text, rules + b"# x\n" * (300_000 if name == "huge" else 0))

    def known(self, feed, request):
        token = (request.get("authorization") or "").removeprefix("Bearer ")
        return token in self.tokens[feed.name][-1:]

    def token(self, feed, rng, request):
        """Tokens, and lies; a new refresh token with each, of which the one before still serves."""
        name = "good" if self.kind or rng.random() < 0.5 else rng.choice(TOKENS)
        self.served[f"token {name}"] += 1
        plain = {"500": Answer(500, body=b"no"), "empty": Answer(200, body=b""),
                 "html": Answer(200, [("Content-Type", HTML)], HTML_PAGE),
                 "no_token": Answer(200, body=b'{"token_type": "bearer"}'),
                 "drip": Answer(200, [("Content-Length", "1000")], stream=slowly())}
        if name in plain:
            return plain[name]
        if feed.auth == "refresh" and not self.refreshed(request):
            self.served["refresh token refused"] += 1
            return Answer(400, body=b'{"error": "invalid_grant"}')
        lives = {"at_once": 0, "negative": -60, "eternal": 10**30, "as_text": "3600", "good": 900}
        token = f"token-{self.turns[feed.name]}"
        self.tokens[feed.name].append(token)
        told = {"access_token": token, "token_type": "Bearer", "expires_in": lives[name]}
        if feed.auth == "refresh":
            told["refresh_token"] = self.refresh[-1]
        return Answer(200, [("Content-Type", JSON)], json.dumps(told).encode())

    def refreshed(self, request):
        form = request.body.decode()
        if not any(f"refresh_token={token}" in form.split("&") for token in self.refresh[-2:]):
            return False
        if f"refresh_token={self.refresh[-1]}" in form.split("&"):
            self.refresh.append(f"refresh-{len(self.refresh)}")
        return True


def slowly():
    for _ in range(40):
        time.sleep(0.25)
        yield b" "
