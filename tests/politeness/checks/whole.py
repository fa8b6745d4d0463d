"""P67 to P78: only what is whole, and what it is."""

import time
import zlib

from checks.asking import never, plain
from checks.where import told
from model import Want, at, check, first, nothing_handed_over
from wire import Answer, chunk, data, http_date, packed

MIB = 1 << 20


def short(request, case):
    body = data(items=5000)
    fields = [("Content-Length", str(len(body)))]
    return Answer(200, fields, stream=iter([body[: len(body) // 2]]))


def endless_chunk(request, case):
    fields = [("Transfer-Encoding", "chunked")]
    return Answer(200, fields, stream=iter([chunk(data()), chunk(b" " * 100)]))


def half_gzip(request, case):
    body = packed(data(items=2000))
    return Answer(200, [("Content-Encoding", "gzip")], body[: len(body) // 2])


check("P67", nothing_handed_over, short)
check("P68", nothing_handed_over, endless_chunk)
check("P69", nothing_handed_over, half_gzip)


def large(request, case):
    def parts():
        yield chunk(data()[:-1] + b', "pad": "')
        for _ in range(24 * 16):
            yield chunk(b"x" * (MIB // 16))
        yield chunk(b'"}') + chunk(b"")
    return Answer(200, [("Transfer-Encoding", "chunked")], stream=parts())


def sent_at_most(mib):
    def judge(case):
        most = max((r.sent for r in case.seen), default=0)
        if most > mib * MIB:
            return f"it took {most / MIB:.0f} MiB"
        return nothing_handed_over(case)
    return judge


check("P70", sent_at_most(12), large, want=Want(max_bytes=MIB))


def bomb_bytes():
    """A gzip of data and 48 MiB of blanks, made a piece at a time."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    whole = squeeze.compress(data()[:-1])
    for _ in range(48):
        whole += squeeze.compress(b" " * MIB)
    return whole + squeeze.compress(b"}") + squeeze.flush()


def bomb(request, case):
    if "bomb" not in BOMB:
        BOMB["bomb"] = bomb_bytes()
    return Answer(200, [("Content-Encoding", "gzip")], BOMB["bomb"])


BOMB = {}
check("P71", nothing_handed_over, bomb, want=Want(max_bytes=MIB))


def drip(request, case):
    body = data(pad=20)[:40]

    def parts():
        for byte in body:
            yield bytes([byte])
            time.sleep(0.3)
        case.state["dripped"] = True
    return Answer(200, [("Content-Length", "5000")], stream=parts())


def ended_early(case):
    if not case.seen:
        return "no request"
    longest = max((r.ended or time.monotonic()) - r.at for r in case.seen)
    slow = f"it waited {longest:.0f} s" if longest > 9 or case.state.get("dripped") else None
    return first(slow, nothing_handed_over(case))


check("P72", ended_early, drip, want=Want(timeout=3))


def headers_without_end(request, case):
    head = f"HTTP/1.1 200 OK\r\nDate: {http_date(case.now())}\r\n".encode()
    line = b"X-More: " + b"x" * 1000 + b"\r\n"

    def parts():
        for _ in range(64 * 16):
            yield line * 64
        yield b"Content-Length: 2\r\n\r\n{}"
    return Answer(raw_head=head, stream=parts())


check("P73", sent_at_most(32), headers_without_end)


def a_part(request, case):
    body = data()[:100].ljust(100)
    return Answer(206, [("Content-Range", "bytes 0-99/5000")], body)


check("P74", nothing_handed_over, a_part)


def nothing_there(case):
    if len(case.feed()) != 1:
        return f"{len(case.feed())} requests"
    return "a body was handed over" if case.delivered() else None


check("P75", nothing_there, plain(204))

PAGE = b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body>Back soon</body></html>"
HTML = ("Content-Type", "text/html; charset=utf-8")


def not_well(case):
    if not case.seen:
        return "no request"
    return "it ended as if all were well" if case.well(0) else None


check("P76", not_well, plain(200, HTML, body=PAGE), needs=("content",))
check("P77", lambda case: never(case, "page"), plain(200, HTML, ("ETag", '"page"'), body=PAGE),
      runs=at(0, 60, 600, 4000), keeps="validators", needs=("content",))


def announced(request, case):
    fields = [("Deprecation", "@1795000000"), ("Sunset", "Tue, 01 Jun 2027 00:00:00 GMT")]
    return Answer(200, fields, data())


check("P78", told("eprecat", "unset"), announced)
