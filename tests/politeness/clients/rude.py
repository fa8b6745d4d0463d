"""Clients that are rude on purpose: each check must be failed by one of them.

The hasty one asks at once and again, follows everything, believes every byte and keeps nothing.
The careless one keeps whatever it was ever told, and mends and invents. The mute one asks once,
honours every absurdity, and never comes back.
"""

import re
import socket
import ssl
import threading
import time
import urllib.parse

from clients.base import Client, Session
from model import Report

ALL = frozenset(("validators", "times", "schedule", "lock", "token", "robots"))
AGAIN = 30
HOPS = 60


class Rude(Client):
    keeps = ALL
    version = "0"

    def __init__(self, name):
        self.name = name

    def session(self, case, folder):
        return {"hasty": Hasty, "careless": Careless, "mute": Mute}[self.name](self, case, folder)


class Hasty(Session):
    def start(self, run):
        urls = self.publisher.urls(run)
        if self.want.key_in_query:
            urls = [f"{url}?key={self.want.key_in_query}" for url in urls]
        threads = [threading.Thread(target=self.one, args=(url,)) for url in urls]
        self.got = 0
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.want.ping:
            for _ in range(9):
                exchange(self.publisher.url("/ping/x"), "GET", {})
        return Report(not self.want.ping, self.got, " ".join(urls))

    def one(self, url):
        token = None
        exchange(url, "HEAD", self.headers(None))
        for _ in range(AGAIN):
            if self.want.auth:
                exchange(self.publisher.url("/token"), "POST", {})
                token = "t1"
            status, fields, body = self.follow(url, token)
            if status in (200, 204, 206, 304):
                self.got += 1
                self.pages(fields)
                return
        self.got += 1

    def follow(self, url, token):
        for _ in range(HOPS):
            if not url.startswith("http"):
                return 200, {}, b""
            status, fields, body = exchange(url, self.want.method, self.headers(token))
            if status not in (301, 302, 303, 307, 308):
                break
            url = urllib.parse.urljoin(url, fields.get("location", ""))
        return status, fields, body

    def pages(self, fields):
        for _ in range(AGAIN):
            match = re.search(r"<(.*?)>", fields.get("link", ""))
            if not match:
                return
            status, fields, _ = exchange(match.group(1), "GET", self.headers(None))
            self.got += 1

    def headers(self, token):
        sent = {"User-Agent": "Mozilla/5.0 (X11; Linux)", "Content-Length": "2",
                **(self.want.secrets or {})}
        return {**sent, "Authorization": f"Bearer {token}"} if token else sent


class Careless(Session):
    def __init__(self, *parts):
        super().__init__(*parts)
        self.tag = self.since = None

    def start(self, run):
        for url in self.publisher.urls(run):
            fields = {"If-None-Match": self.tag, "If-Modified-Since": self.since}
            sent = {name: value for name, value in fields.items() if value}
            _, fields, _ = exchange(url, "GET", sent)
            if "etag" in fields:
                self.tag = '"' + fields["etag"].replace('"', "").replace("W/", "") + '"'
            self.since = "Thu, 01 Jan 2026 00:00:00 GMT"
        return Report(True, 1, "")


class Mute(Session):
    def __init__(self, *parts):
        super().__init__(*parts)
        self.asked = False

    def forget(self):
        self.asked = False

    def start(self, run):
        if not self.asked:
            exchange(self.publisher.urls(run)[0], "GET", {})
        self.asked = True
        return Report(False, 0, "")


def exchange(url, method, headers, limit=14):
    """One request on a raw socket; whatever came is taken for the answer."""
    parts = urllib.parse.urlsplit(url)
    end = time.monotonic() + limit
    raw = b""
    try:
        peer = socket.create_connection((parts.hostname, parts.port), timeout=limit)
        if parts.scheme == "https":
            peer = blind().wrap_socket(peer)
        with peer:
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}", "Connection: close"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            peer.sendall("\r\n".join([*lines, "", ""]).encode() + b"{}")
            while time.monotonic() < end and not complete(raw):
                part = peer.recv(1 << 18)
                if not part:
                    break
                raw += part
    except OSError:
        pass
    return understood(raw)


def complete(raw):
    """Whether an answer is whole; only looked at while it is small."""
    if len(raw) > 1 << 16 or b"\r\n\r\n" not in raw:
        return False
    head, _, body = raw.partition(b"\r\n\r\n")
    if head[9:12] in (b"204", b"304"):
        return True
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    return bool(length) and len(body) >= int(length.group(1))


def understood(raw):
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    pairs = [line.partition(":") for line in lines[1:]]
    status = int(head[9:12]) if head[9:12].isdigit() else 0
    return status, {name.lower(): value.strip() for name, _, value in pairs}, body


def blind():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
