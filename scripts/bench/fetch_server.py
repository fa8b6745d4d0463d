#!/usr/bin/env python3
"""A loopback HTTP server for the fetcher's benchmark: fetch_server.py BYTES

Prints its port, then serves until its standard input ends. It listens on every address of
127.0.0.0/8, so that each source can have a host of its own. A good path answers BYTES bytes of
JSON with an ETag, and 304 to who shows it. A path that begins with the name of a vice has it:

  /hang/     takes the request and never answers
  /drip/     announces a body and sends one byte a second
  /endless/  sends chunks until the other side closes
  /reset/    closes with a reset in the middle of the head
  /500/      answers 500
  /loop/     redirects in a circle
  /short/    announces more bytes than it sends
  /long/     announces fewer bytes than it sends
  /huge/     announces a terabyte
  /bomb/     sends a gzip of 1 GiB of zeros

On a line `totals` it prints, as JSON, what it has served since the last one.
"""
import asyncio, gzip, hashlib, json, socket, struct, sys

SIZE = int(sys.argv[1])
TOTALS = {"requests": 0, "whole": 0, "unchanged": 0, "body_bytes": 0}
BODIES = {}


def body(path):
    if path not in BODIES:
        text = f'{{"data":{{"stations":[{ITEMS}]}},"of":"{path}'
        text += "x" * (SIZE - len(text) - 2) + '"}'
        etag = '"' + hashlib.sha256(text.encode()).hexdigest()[:16] + '"'
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nETag: {etag}\r\n"
        whole = f"{head}Content-Length: {len(text)}\r\n\r\n{text}".encode()
        same = f"HTTP/1.1 304 Not Modified\r\nETag: {etag}\r\n\r\n".encode()
        BODIES[path] = etag.encode(), whole, same, len(text)
    return BODIES[path]


def items():
    item = '{{"station_id":"{}","num_bikes_available":{},"num_docks_available":{}}}'
    return ",".join(item.format(n, n * 7 % 40, n * 5 % 40) for n in range((SIZE - 300) // 80))


def bomb():
    """Members of 16 MiB each, one after the other, are one gzip."""
    return gzip.compress(bytes(1 << 24), mtime=0) * 64


class Server(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.seen, self.task = transport, b"", None
        if not transport.get_extra_info("peername")[0].startswith("127."):
            transport.abort()

    def connection_lost(self, why):
        if self.task:
            self.task.cancel()

    def data_received(self, data):
        self.seen += data
        while b"\r\n\r\n" in self.seen:
            head, self.seen = self.seen.split(b"\r\n\r\n", 1)
            self.answer(head.split(b" ", 2)[1].decode(), head.lower())

    def answer(self, path, head):
        TOTALS["requests"] += 1
        vice = path.split("/")[1]
        act = getattr(self, "do_" + vice, None) if path.count("/") > 1 else None
        if act:
            return act(path)
        etag, whole, same, size = body(path)
        if b"if-none-match: " + etag in head:
            TOTALS["unchanged"] += 1
            return self.transport.write(same)
        TOTALS["whole"] += 1
        TOTALS["body_bytes"] += size
        self.transport.write(whole)

    def do_hang(self, path):
        pass

    def do_drip(self, path):
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n")
        self.task = asyncio.ensure_future(self.send(b"x", 1.0))

    def do_endless(self, path):
        self.transport.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        self.task = asyncio.ensure_future(self.send(b"10000\r\n" + b"7" * 65536 + b"\r\n", 0.01))

    async def send(self, piece, pause):
        while not self.transport.is_closing():
            if self.transport.get_write_buffer_size() < 1 << 17:
                self.transport.write(piece)
            await asyncio.sleep(pause)

    def do_reset(self, path):
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Le")
        peer = self.transport.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def do_500(self, path):
        self.transport.write(b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops")

    def do_loop(self, path):
        other = path[:-1] if path.endswith("x") else path + "x"
        head = f"HTTP/1.1 302 Found\r\nLocation: {other}\r\nContent-Length: 0\r\n\r\n"
        self.transport.write(head.encode())

    def do_short(self, path):
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 30000\r\n\r\n" + b"[1]" * 100)
        self.transport.close()

    def do_long(self, path):
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n" + b"[1]" * 9000)
        self.transport.close()

    def do_huge(self, path):
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1099511627776\r\n\r\n[")

    def do_bomb(self, path):
        head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: "
        self.transport.write(head + f"{len(BOMB)}\r\n\r\n".encode() + BOMB)


def told():
    """One line of standard input: whoever started this asks, or has ended."""
    line = sys.stdin.readline()
    if not line:
        asyncio.get_running_loop().stop()
        return
    if line.strip() == "totals":
        print(json.dumps(TOTALS), flush=True)
        TOTALS.update(dict.fromkeys(TOTALS, 0))


async def main():
    loop = asyncio.get_running_loop()
    ears = socket.socket()
    ears.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # All of 127.0.0.0/8 is this machine; there is no narrower way to listen on many of them.
    ears.bind(("", 0))
    await loop.create_server(Server, sock=ears, backlog=4096)
    loop.add_reader(sys.stdin, told)
    print(ears.getsockname()[1], flush=True)
    await asyncio.Event().wait()


BOMB, ITEMS = bomb(), items()
try:
    asyncio.run(main())
except (RuntimeError, KeyboardInterrupt):
    pass
