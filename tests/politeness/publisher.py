"""A publisher for one check: its ports, its certificates, its memory of what was asked."""

import atexit
import functools
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time

from wire import Answer, Port

NAMES = ("ip6-localhost",)
# Another host on this machine.
ELSEWHERE = "127.0.0.2"


class Publisher:
    """Serves one case on a port of its own, with another host beside it."""

    def __init__(self, case, number=0):
        self.case = case
        case.publisher = self
        self.lock = threading.Lock()
        self.connections = 0
        secure = case.check.want.secure
        context = certificates(secure) if secure else None
        self.port = Port(self, number, context)
        self.other = Port(self, host=ELSEWHERE)
        numbers = range(2, case.check.want.hosts + 1)
        self.more = [Port(self, self.port.number, None, f"127.0.0.{n}") for n in numbers]

    def close(self):
        for port in (self.port, self.other, *self.more):
            port.close()

    def new_connection(self):
        with self.lock:
            self.connections += 1
            return self.connections

    def now(self):
        return self.case.now()

    def note(self, request):
        """Keeps the request, and says what is answered."""
        with self.lock:
            request.run, request.clock = self.case.run, self.now()
            self.case.seen.append(request)
            try:
                answer = self.case.check.answer(request, self.case)
            except Exception as error:  # a fault of the check itself must be seen
                answer = Answer(599, body=f"the check failed: {error!r}".encode())
                self.case.state["fault"] = repr(error)
            return answer

    def url(self, path, other=False, name=None):
        secure = self.case.check.want.secure and not other
        host = name or (ELSEWHERE if other else self.host())
        port = self.other if other else self.port
        return f"{'https' if secure else 'http'}://{host}:{port.number}{path}"

    def urls(self, run):
        """What a client is to ask in a run: one address for each of a loop, or of the sources."""
        want, number = self.case.check.want, self.case.check.number
        if want.sources > 1:
            hosts = [f"127.0.0.{n % want.hosts + 1}" for n in range(want.sources)]
            return [self.url(f"/{number}/s{n}.json", name=host) for n, host in enumerate(hosts)]
        paths = run.paths or want.paths or [f"/{number}/feed.json"]
        return [self.url(path) for path in paths]

    def host(self):
        want = self.case.check.want
        if want.secure:
            return "localhost"
        return local_name() if want.host == "name" else "127.0.0.1"


def most_at_once(requests):
    """How many requests were under way at the same time, at most."""
    return max((sum(1 for b in requests if b.at <= a.at < b.ended) for a in requests), default=0)


@functools.cache
def local_name():
    """A name that is not `localhost`, and leads to 127.0.0.1; None where there is none."""
    names = [socket.gethostname(), socket.getfqdn(), *NAMES, *hosts_file()]
    for name in names:
        try:
            found = {info[4][0] for info in socket.getaddrinfo(name, 80, socket.AF_INET)}
        except (OSError, UnicodeError):
            continue
        plain = not name[0].isdigit() and "localhost" not in name.split(".")[0]
        if found == {"127.0.0.1"} and plain:
            return name
    return None


def hosts_file():
    try:
        lines = pathlib.Path("/etc/hosts").read_text().splitlines()
    except OSError:
        return []
    rows = [line.partition("#")[0].split() for line in lines]
    return [name for row in rows if row[:1] == ["127.0.0.1"] for name in row[1:]]


# ---- certificates, made once by the machine's openssl ----


@functools.cache
def authority():
    """A folder with a CA of our own (ca.pem), one that nobody trusts, and what they signed."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="politeness-tls-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in ("ca", "stranger"):
        openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-days", "30", "-subj", f"/CN=politeness {name}",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                "-keyout", f"{name}.key", "-out", f"{name}.pem")
    sign(folder, "good", "ca", "localhost")
    sign(folder, "unknown", "stranger", "localhost")
    sign(folder, "wrong", "ca", "elsewhere.example.org")
    sign(folder, "expired", "ca", "localhost", past=True)
    return folder


def sign(folder, name, by, host, past=False):
    openssl(folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", f"/CN={host}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
    (folder / f"{name}.ext").write_text(
        f"subjectAltName=DNS:{host}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n")
    common = ["-extfile", f"{name}.ext", "-in", f"{name}.csr", "-out", f"{name}.pem"]
    if not past:
        openssl(folder, "x509", "-req", "-CA", f"{by}.pem", "-CAkey", f"{by}.key",
                "-CAcreateserial", "-days", "20", *common)
        return
    (folder / "index.txt").write_text("")
    (folder / "serial").write_text("01\n")
    (folder / "ca.cnf").write_text(
        "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\n"
        "default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")
    openssl(folder, "ca", "-batch", "-config", "ca.cnf", "-cert", f"{by}.pem",
            "-keyfile", f"{by}.key", "-startdate", "20200101000000Z",
            "-enddate", "20200201000000Z", *common)


def openssl(folder, *arguments):
    done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"openssl {arguments[0]}: {done.stderr.strip()}")


@functools.cache
def certificates(name):
    folder = authority()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return context


def settle(case, seconds=0.3):
    """Waits until no answer is under way any more, a moment at most."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and any(not r.ended for r in case.seen):
        time.sleep(0.01)
