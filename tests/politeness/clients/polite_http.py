"""The exchange of the polite model client: bounded, verified, whole or not at all."""

import http.client
import ipaddress
import re
import ssl
import time
import urllib.parse
import zlib

from clients.polite_fresh import date
from publisher import authority


class Bad(Exception):
    """No answer that can be used; `again` where the same may well succeed a little later."""

    def __init__(self, words, again=False):
        super().__init__(words)
        self.again = again


class Fields(dict):
    """Header fields by their lower-case names, the first value of each; `all` has the others."""

    def __init__(self, pairs):
        super().__init__((name.lower(), value) for name, value in reversed(pairs))
        self.all = {}
        for name, value in pairs:
            self.all.setdefault(name.lower(), []).append(value)


class Limits:
    def __init__(self, seconds, most):
        self.end, self.bytes = time.monotonic() + seconds, most

    def left(self):
        left = self.end - time.monotonic()
        if left <= 0:
            raise Bad("not done in time")
        return left


class Link:
    """A connection to one host, used again while it lives."""

    def __init__(self, scheme, host, port, ours):
        if scheme == "https":
            context = ssl.create_default_context(cafile=authority() / "ca.pem" if ours else None)
            self.link = http.client.HTTPSConnection(host, port, timeout=5, context=context)
        else:
            self.link = http.client.HTTPConnection(host, port, timeout=5)
        self.alive = True

    def exchange(self, method, parts, fields, body, limits):
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            self.link.request(method, target, body, fields)
            answer = self.link.getresponse()
            got = Fields(answer.getheaders())
            raw = self.read(answer, got, limits)
        except ssl.SSLError as error:
            raise Bad(str(error)) from error
        except (OSError, http.client.HTTPException) as error:
            raise Bad(f"{type(error).__name__} {error}", again=True) from error
        self.alive = not answer.will_close
        return answer.status, got, raw

    def read(self, answer, got, limits):
        raw = b""
        while True:
            if self.link.sock:
                self.link.sock.settimeout(limits.left())
            limits.left()
            part = answer.read1(65536)
            if not part:
                break
            raw += part
            if len(raw) > limits.bytes:
                self.link.close()
                raise Bad("over the cap")
        answer.close()
        length = got.get("content-length")
        if length and answer.status not in (204, 304) and len(raw) < int(length):
            raise Bad("cut")
        return raw


def gunzip(raw, most):
    squeezed = zlib.decompressobj(31)
    try:
        plain = squeezed.decompress(raw, most + 1)
    except zlib.error as error:
        raise Bad("damaged gzip") from error
    if len(plain) > most or not squeezed.eof:
        raise Bad("over the cap, or a gzip without its end")
    return plain


def is_private(host):
    """Of an address; a name is taken at its word, but for localhost."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost"


def retry_after(fields, now):
    text = fields.get("retry-after", "")
    return float(text) if text.isdigit() else max(0.0, date(text, now) - now)


def next_page(address, fields):
    match = re.search(r'<([^>]*)>; *rel="next"', fields.get("link", ""))
    return urllib.parse.urljoin(address, match.group(1)) if match else None
