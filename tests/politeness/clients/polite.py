"""A client that passes every check: the proof that they can be passed, all by one client.

It is a model, not a product: it keeps its memory in the object, and reads the clock of the case.
"""

import json
import random
import threading
import time
import urllib.parse
import zlib

from clients.base import Client, Session
from clients.polite_fresh import seconds_fresh
from clients.polite_http import (
    Bad,
    Limits,
    Link,
    gunzip,
    is_private,
    next_page,
    retry_after,
)
from clients.rude import ALL
from model import DAY, HOUR, MINUTE, Report

AGENT = "polite/1.0 (+https://example.org/polite; polite@example.org)"
REDIRECTS = (301, 302, 303, 307, 308)
PAUSE = 0.3


class Polite(Client):
    name, version, keeps = "polite", "1.0", ALL

    def session(self, case, folder):
        return Memory(self, case, folder)


class Hold(Exception):
    """The publisher asks for patience, or the request failed: until when it is left alone."""

    def __init__(self, seconds, words, whole=False):
        super().__init__(words)
        self.seconds, self.whole = seconds, whole


class Memory(Session):
    def __init__(self, *parts):
        super().__init__(*parts)
        self.lock = threading.Lock()
        self.forget()

    def forget(self):
        self.known, self.robots, self.token, self.plain = {}, None, None, None
        self.words, self.links, self.last = [], {}, 0.0

    def start(self, run):
        if not self.lock.acquire(blocking=False):
            return Report(True)
        try:
            return self.run(run)
        finally:
            self.links = {}
            self.lock.release()

    def run(self, run):
        if not self.want.contact:
            return Report(False, 0, "nobody is asked without a contact")
        self.words, well, delivered = [], True, 0
        if run.fields != self.plain:
            # What is declared otherwise is another request: nothing of before is about it.
            self.plain, self.known = run.fields, {}
        urls = self.publisher.urls(run)
        due = []
        for url in self.spread(urls):
            if not self.is_due(url):
                continue
            due.append(url)
            try:
                delivered += self.source(url)
                self.known[url]["failures"] = 0
            except (Hold, Bad) as hold:
                well = False
                self.words.append(str(hold).replace(str(self.want.key_in_query), "***"))
                self.leave_alone(url, hold)
                if getattr(hold, "whole", False):
                    break
        if well and due and self.want.ping:
            self.ping()
        return Report(well, delivered, "\n".join(self.words))

    def spread(self, urls):
        """The sources in the order of their seconds; the second run on waits for them."""
        if self.want.splay and all(url in self.known for url in urls):
            for url in sorted(urls):
                time.sleep(0.5)
                yield url
        else:
            yield from urls

    def is_due(self, url):
        now, state = self.case.now(), self.known.get(url)
        if state is None:
            self.known[url] = {"asked": now, "until": 0, "failures": 0}
            return True
        every = HOUR if self.want.every == "1h" else MINUTE
        shift = zlib.crc32(urllib.parse.urlsplit(url).path.encode()) % (every // MINUTE) * MINUTE
        slot = (now - shift) // every
        if slot == (state["asked"] - shift) // every or now < state["until"]:
            return False
        state["asked"] = now
        return True

    def leave_alone(self, url, hold):
        state = self.known[url]
        state["failures"] += 1
        own = MINUTE * 2 ** min(state["failures"] - 1, 5) * random.uniform(0.5, 1)
        state["until"] = self.case.now() + min(max(getattr(hold, "seconds", 0), own), DAY)

    # ---- one source: robots, token, pages ----

    def source(self, url):
        if self.want.form == "html" and not self.allowed(url):
            self.words.append("robots.txt forbids it")
            return 0
        bodies, seen, address = [], set(), url
        while address:
            if address in seen:
                raise Hold(0, "the pages go in a circle")
            if len(seen) >= (self.want.max_pages or 100):
                raise Hold(0, "more pages than allowed")
            seen.add(address)
            status, fields, body = self.authorized(address, url)
            bodies += [body] if body is not None else []
            address = next_page(address, fields) if self.want.pages else None
        return len(bodies)

    def authorized(self, address, source):
        if not self.want.auth:
            return self.patient(address, source)
        for last in (False, True):
            if not self.token or self.token[1] < self.case.now():
                self.renew()
            try:
                return self.patient(address, source)
            except Hold:
                if last or self.token[0] is None or not self.refused:
                    raise
                self.token = None

    def renew(self):
        form = "grant_type=client_credentials"
        status, fields, body = self.exchange(self.publisher.url("/token"), "POST", {}, form)
        found = json.loads(body)
        self.token = (found["access_token"], self.case.now() + 0.8 * found["expires_in"])

    def allowed(self, url):
        now = self.case.now()
        if not self.robots or self.robots[1] < now:
            address = urllib.parse.urljoin(url, "/robots.txt")
            status, _, body = self.exchange(address, "GET", {})
            rules = body.decode() if status == 200 else ("" if status < 500 else None)
            self.robots = (rules, now + DAY)
        return may(self.robots[0], urllib.parse.urlsplit(url).path)

    def ping(self):
        try:
            self.exchange(self.publisher.url("/ping/polite"), "GET", {})
        except Bad as bad:
            self.words.append(f"ping: {bad}")

    # ---- one request with its repetitions and redirects ----

    def patient(self, address, source):
        for attempt in range(3):
            try:
                return self.once(address, source)
            except Hold as hold:
                wait = hold.seconds + random.uniform(0.05, 1)
                if attempt == 2 or hold.seconds > 5 or not getattr(hold, "again", False):
                    raise
                time.sleep(wait)

    def once(self, address, source):
        memory = self.known[source].setdefault("kept", {})
        try:
            place, answer = self.follow(address, source, memory)
        except Bad as bad:
            hold = Hold(0, f"{address}: {bad}")
            hold.again = bad.again and self.want.method == "GET"
            raise hold from bad
        return self.taken(address, place, memory, source, *answer)

    def follow(self, address, source, memory):
        place, hops, for_good = address, 0, True
        while True:
            answer = self.exchange(place, self.want.method, self.fields(place, source, memory))
            if answer[0] not in REDIRECTS:
                break
            hops, for_good = hops + 1, for_good and answer[0] in (301, 308)
            following = urllib.parse.urljoin(place, answer[1].get("location", ""))
            self.check_way(place, following, hops)
            place = following
        if hops and for_good:
            self.words.append(f"{address} has moved for good to {place}")
        return place, answer

    def check_way(self, place, following, hops):
        old, new = urllib.parse.urlsplit(place), urllib.parse.urlsplit(following)
        if hops > 5 or new.scheme not in ("http", "https"):
            raise Bad("redirected too often, or not to the web")
        if old.scheme == "https" and new.scheme == "http":
            raise Bad("redirected from https to http")
        inside = is_private(new.hostname) and not is_private(old.hostname)
        if inside and new.hostname != old.hostname:
            raise Bad("redirected into a private network")

    def fields(self, place, source, memory):
        kept = memory.get(place, {})
        names = {"etag": "If-None-Match", "modified": "If-Modified-Since"}
        sent = {field: kept[key] for key, field in names.items() if kept.get(key)}
        sent |= self.plain or {}
        old, new = urllib.parse.urlsplit(source), urllib.parse.urlsplit(place)
        if (old.scheme, old.netloc) == (new.scheme, new.netloc):
            sent |= self.want.secrets or {}
            if self.token:
                sent["Authorization"] = f"Bearer {self.token[0]}"
        return sent

    def taken(self, address, place, memory, source, status, fields, body):
        """What an answer is worth: the body, or `Hold`."""
        kept = memory.get(place, {})
        self.refused = status == 401
        for name in ("deprecation", "sunset"):
            if name in fields:
                self.words.append(f"the publisher says {name.title()}: {fields[name]}")
        if status == 304 and kept:
            return self.unchanged(memory, place, source, fields)
        if status == 204:
            return status, fields, None
        if status != 200:
            wait = retry_after(fields, self.case.now())
            hold = Hold(wait, f"{address}: answered {status}", status == 429)
            hold.again = status >= 500
            raise hold
        if self.want.form == "json":
            try:
                json.loads(body)
            except ValueError as error:
                raise Hold(0, f"{address}: no JSON") from error
        memory[place] = {"etag": fields.get("etag"), "body": body,
                         "modified": fields.get("last-modified")}
        self.keep_fresh(source, fields)
        return status, fields, body

    def unchanged(self, memory, place, source, fields):
        kept = memory[place]
        if fields.get("etag", kept["etag"]) != kept["etag"]:
            memory.pop(place)
            raise Hold(0, "304 for another version than the one at hand")
        kept["modified"] = fields.get("last-modified", kept["modified"])
        self.keep_fresh(source, fields)
        return 304, fields, kept["body"]

    def keep_fresh(self, source, fields):
        """Sources of which a test asks nothing have no freshness; a day is the most."""
        now = self.case.now()
        self.known[source]["until"] = now + min(seconds_fresh(fields.all, now), DAY)

    def exchange(self, url, method, fields, form=None):
        time.sleep(max(0.0, self.last + PAUSE - time.monotonic()))
        self.last = time.monotonic()
        if self.want.key_in_query and "?" not in url:
            url += f"?key={self.want.key_in_query}"
        limits = Limits(self.want.timeout, self.want.max_bytes or 32 << 20)
        parts = urllib.parse.urlsplit(url)
        where = (parts.scheme, parts.hostname, parts.port)
        link = self.links.pop(where, None) or Link(*where, bool(self.want.trust))
        body = form if form is not None else ('{"query": 1}' if method == "POST" else None)
        sent = {"User-Agent": AGENT, "Accept-Encoding": "gzip", **fields}
        status, got, raw = link.exchange(method, parts, sent, body, limits)
        if link.alive:
            self.links[where] = link
        if status in (200, 206) and got.get("content-encoding") == "gzip":
            raw = gunzip(raw, limits.bytes)
        return status, got, raw


def may(rules, path):
    """Whether robots.txt allows the path to `polite`; None is the complete disallow."""
    if rules is None:
        return False
    groups, names, fresh = {}, [], True
    for line in rules.lower().splitlines():
        key, _, value = (part.strip() for part in line.partition(":"))
        if key == "user-agent":
            names = [*names, value] if fresh else [value]
            fresh = True
        elif key in ("allow", "disallow"):
            fresh = False
            for name in names:
                groups.setdefault(name, []).append((key, value))
    mine = groups.get("polite", groups.get("*", []))
    hits = [(len(value), key) for key, value in mine if value and path.lower().startswith(value)]
    return max(hits, default=(0, "allow"))[1] == "allow"
