"""HTTP/1.1 on raw sockets: what a client sent, byte for byte, and what it is answered.

Nothing here mends or hides anything: header fields keep their order and spelling, and an answer
may be cut, wrong, slow or endless, as its check wants it.
"""

import dataclasses
import gzip
import json
import socket
import ssl
import threading
import time
from email.utils import formatdate

# A client that sends more in one head or body than this is cut off.
MOST = 1 << 20
# A client that says nothing for so long has gone away.
IDLE = 20.0


@dataclasses.dataclass
class Request:
    """One request as the server saw it."""

    method: str
    target: str
    fields: list
    body: bytes = b""
    at: float = 0.0          # monotonic, when its head was complete
    clock: float = 0.0       # by the clock that the check has put forward
    run: int = 0             # of the client, from 0
    connection: int = 0
    port: int = 0
    secure: bool = False
    sent: int = 0            # bytes of the answer that the client's side took
    ended: float = 0.0
    cut: bool = False        # the client closed before the answer was whole

    @property
    def path(self):
        return self.target.partition("?")[0]

    @property
    def query(self):
        return self.target.partition("?")[2]

    def all(self, name):
        return [value for field, value in self.fields if field.lower() == name.lower()]

    def get(self, name):
        """The value, several joined as RFC 9110 5.3 has it; None where there is none."""
        found = self.all(name)
        return ", ".join(found) if found else None


@dataclasses.dataclass
class Answer:
    """What goes back. `stream` is sent as it is after the head, and the connection then closed."""

    status: int = 200
    fields: list = dataclasses.field(default_factory=list)
    body: bytes = None
    stream: object = None
    delay: float = 0.0
    hang_up: bool = False    # no answer at all
    raw_head: bytes = None
    dated: bool = True

    def head(self, clock):
        if self.raw_head is not None:
            return self.raw_head
        names = {name.lower() for name, _ in self.fields}
        fields = list(self.fields)
        if self.dated and "date" not in names:
            fields.append(("Date", http_date(clock)))
        if self.status != 304 and "content-type" not in names:
            fields.append(("Content-Type", "application/json"))
        bodiless = self.status in (204, 304)
        if self.stream is None and "content-length" not in names and not bodiless:
            fields.append(("Content-Length", str(len(self.body or b""))))
        if self.stream is not None:
            fields.append(("Connection", "close"))
        lines = [f"HTTP/1.1 {self.status} Whatever"] + [f"{n}: {v}" for n, v in fields]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def http_date(seconds):
    return formatdate(seconds, usegmt=True)


def data(number=1, items=3, pad=0, of="k"):
    """A body of JSON that every client here can read; `number` tells versions apart.

    Items are of the series `of`0, `of`1, ...
    """
    rows = [{"k": f"{of}{i}", "price": number + i} for i in range(items)]
    whole = {"id": number, "items": rows}
    if pad:
        whole["pad"] = "x" * pad
    return json.dumps(whole).encode()


def packed(body):
    return gzip.compress(body, mtime=0)


def chunk(part):
    return b"%x\r\n%s\r\n" % (len(part), part)


class Port:
    """A listening socket of a publisher; each connection has a thread."""

    def __init__(self, publisher, number=0, tls=None, host="127.0.0.1"):
        self.publisher, self.tls = publisher, tls
        self.socket = socket.create_server((host, number), backlog=64)
        self.socket.settimeout(0.2)
        self.number = self.socket.getsockname()[1]
        self.open = True
        self.tried = 0
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def close(self):
        self.open = False
        self.socket.close()

    def _listen(self):
        while self.open:
            try:
                peer, _ = self.socket.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            self.tried += 1
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer):
        try:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            peer.settimeout(IDLE)
            if self.tls:
                peer = self.tls.wrap_socket(peer, server_side=True)
            self._converse(peer)
        except (OSError, ssl.SSLError, ValueError):
            pass
        finally:
            shut(peer)

    def _converse(self, peer):
        number = self.publisher.new_connection()
        reader = peer.makefile("rb", buffering=65536)
        while self.open:
            request = read_request(reader)
            if request is None:
                return
            request.connection, request.port = number, self.number
            request.secure = self.tls is not None
            if not self._reply(peer, request):
                return

    def _reply(self, peer, request):
        """Whether the connection goes on."""
        answer = self.publisher.note(request)
        if answer.delay:
            time.sleep(answer.delay)
        # Before it is sent: the client may be quicker with its next request than this thread.
        request.ended = time.monotonic() if answer.stream is None else 0.0
        try:
            if answer.hang_up:
                return False
            self._send(peer, request, answer)
        except OSError:
            request.cut = True
            return False
        finally:
            request.ended = request.ended or time.monotonic()
        wanted = (request.get("connection") or "").lower()
        return answer.stream is None and wanted != "close"

    def _send(self, peer, request, answer):
        head = answer.head(self.publisher.now())
        whole = head + (b"" if answer.status in (204, 304) else answer.body or b"")
        peer.sendall(whole)
        request.sent += len(whole)
        for part in answer.stream or ():
            peer.sendall(part)
            request.sent += len(part)


def shut(peer):
    try:
        peer.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    peer.close()


def read_request(reader):
    """The next request of a connection; None at its end."""
    line = reader.readline(MOST)
    if not line.strip():
        return None
    method, target, _ = line.decode("latin-1").strip().split(" ", 2)
    fields = []
    while True:
        line = reader.readline(MOST)
        if not line or not line.strip():
            break
        name, _, value = line.decode("latin-1").partition(":")
        fields.append((name, value.strip()))
    request = Request(method, target, fields, at=time.monotonic())
    length = request.get("content-length")
    if length and length.isdigit():
        request.body = reader.read(min(int(length), MOST))
    elif "chunked" in (request.get("transfer-encoding") or ""):
        request.body = read_chunks(reader)
    return request


def read_chunks(reader):
    whole = b""
    while len(whole) < MOST:
        size = int(reader.readline(100).split(b";")[0] or b"0", 16)
        whole += reader.read(size)
        reader.readline(100)
        if size == 0:
            break
    return whole
