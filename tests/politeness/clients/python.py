"""Two peers in Python, in an environment of their own: plain requests, and dlt's REST client."""

import json
import pathlib
import subprocess

from clients.base import Client, Session, execute, report
from publisher import authority

PEER = pathlib.Path(__file__).with_name("peer.py")
# Pinned, so that two runs speak of the same peers.
PACKAGES = ("requests==2.34.2", "dlt==1.31.0")
LACKS = {
    "sources": "one script, one list of addresses",
    "schedule": "when it starts is its caller's",
    "robots": "it fetches the address that a person names",
    "pings": "it has none",
    "contact": "it has no setting for one",
}


def environment(folder):
    """The interpreter of a virtual environment with the peers; made where it is not there yet."""
    python = folder / "venv" / "bin" / "python"
    stamp = folder / "venv" / "packages"
    if not (stamp.exists() and stamp.read_text() == repr(PACKAGES)):
        run(["python3", "-m", "venv", str(folder / "venv")])
        run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES])
        stamp.write_text(repr(PACKAGES))
    return python


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise FileNotFoundError(f"{command[0]}: {done.stderr.strip()[-200:]}")


class Python(Client):
    def __init__(self, python):
        self.python = python
        ask = f"import importlib.metadata as m; print(m.version({self.package!r}))"
        code, out, err = execute([str(python), "-c", ask], "/")
        if code:
            raise FileNotFoundError(err.strip()[-200:])
        self.version = out.strip()

    def session(self, case, folder):
        return Script(self, case, folder)


class Requests(Python):
    name, package = "requests", "requests"
    lacks = {**LACKS, "pages": "it follows no pages", "repeats": "it does not repeat",
             "oauth2": "it has no flow for tokens"}


class Dlt(Python):
    name, package = "dlt", "dlt"
    keeps_words = "its REST client keeps nothing between runs but cursors"
    lacks = LACKS


class Script(Session):
    def start(self, run):
        urls = self.publisher.urls(run)
        if self.want.key_in_query:
            urls = [f"{url}?key={self.want.key_in_query}" for url in urls]
        want = {
            "urls": urls,
            "headers": self.want.secrets or {},
            "timeout": self.want.timeout,
            "ca": str(authority() / "ca.pem") if self.want.trust else None,
            "method": self.want.method,
            "pages": bool(self.want.pages),
            "token_url": self.publisher.url("/token") if self.want.auth else None,
        }
        (self.folder / "want.json").write_text(json.dumps(want))
        command = f'exec "$0" "{PEER}" {self.client.package} < want.json'
        env = {"RUNTIME__DLTHUB_TELEMETRY": "false", "DO_NOT_TRACK": "1"}
        code, out, err = execute(["sh", "-c", command, str(self.client.python)], self.folder, env)
        delivered = 0
        if code == 0:
            delivered = json.loads(out.splitlines()[-1])["delivered"]
        return report(code, delivered, out, err)
