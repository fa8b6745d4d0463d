"""Telegraf's inputs.http, run once: TELEGRAF names the binary, or it stands in the PATH."""

import json
import os
import pathlib
import shutil

from clients.base import Client, Session, execute, report
from publisher import authority

ONCE = "run once here: its collection_jitter is not at work"


class Telegraf(Client):
    name = "Telegraf"
    keeps_words = "inputs.http keeps nothing from one gathering to the next"
    lacks = {
        "schedule": ONCE,
        "pages": "inputs.http follows no pages",
        "robots": "it fetches the addresses that a person names",
        "pings": "it has none",
        "contact": "it has no setting for one",
        "repeats": "it does not repeat within a gathering",
    }

    def __init__(self, folder):
        places = [os.environ.get("TELEGRAF"), folder / "telegraf", shutil.which("telegraf")]
        found = [str(place) for place in places if place and pathlib.Path(place).exists()]
        if not found:
            raise FileNotFoundError("no telegraf in $TELEGRAF, target/politeness or the PATH")
        self.binary = found[0]
        code, out, err = execute([self.binary, "version"], "/")
        if code:
            raise FileNotFoundError(err.strip()[-200:])
        self.version = version(self.binary, out)

    def session(self, case, folder):
        return Agent(self, case, folder)


def version(binary, said):
    """What it says of itself; where it was built by `go install`, what Go wrote into it."""
    if "unknown" not in said:
        return said.split()[1]
    code, out, _ = execute(["go", "version", "-m", binary], "/")
    lines = [line.split() for line in out.splitlines()]
    found = [line[2] for line in lines if line[:1] == ["mod"] and len(line) > 2]
    return found[0].lstrip("v") if not code and found else "unknown"


class Agent(Session):
    def start(self, run):
        urls = self.publisher.urls(run)
        if self.want.key_in_query:
            urls = [f"{url}?key={self.want.key_in_query}" for url in urls]
        groups = [[url] for url in urls] if self.want.sources > 1 else [urls]
        parts = ["[agent]", "omit_hostname = true", "[[outputs.file]]", 'files = ["stdout"]']
        for group in groups:
            parts += self.input(group)
        (self.folder / "telegraf.conf").write_text("\n".join(parts) + "\n")
        command = [self.client.binary, "--config", "telegraf.conf", "--once"]
        code, out, err = execute(command, self.folder)
        delivered = len({line for line in out.splitlines() if line.startswith("http")})
        return report(code, delivered, out, err)

    def input(self, urls):
        want = self.want
        parts = ["[[inputs.http]]", f"urls = {json.dumps(urls)}", 'data_format = "json"',
                 f'timeout = "{want.timeout}s"', f'method = "{want.method}"']
        if want.method == "POST":
            parts.append("body = '{\"query\": 1}'")
        if want.trust:
            parts.append(f"tls_ca = {json.dumps(str(authority() / 'ca.pem'))}")
        if want.auth:
            parts += [f"token_url = {json.dumps(self.publisher.url('/token'))}",
                      'client_id = "check"', 'client_secret = "client-secret-42"']
        if want.secrets:
            pairs = ", ".join(f"{json.dumps(k)} = {json.dumps(v)}" for k, v in want.secrets.items())
            parts.append(f"headers = {{ {pairs} }}")
        return parts
