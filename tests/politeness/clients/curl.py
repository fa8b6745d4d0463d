"""curl, as a careful script would use it.

It keeps the body, the ETag and the date of the last good answer, and nothing else; it holds a
lock; it takes an answer over only when curl ended well.
"""

import hashlib
import shutil

from clients.base import Client, Session, execute, report
from publisher import authority

NO_TIMES = "the script keeps validators only: when to ask is cron's line"


class Curl(Client):
    name = "curl"
    keeps = frozenset(("validators", "lock"))
    keeps_words = NO_TIMES
    lacks = {
        "sources": "a script for each source knows nothing of the others",
        "schedule": "when it starts is cron's line",
        "pages": "it follows no pages",
        "oauth2": "it has no flow for tokens of its own",
        "robots": "it fetches the one address that a person names",
        "pings": "it has none",
        "contact": "it has no setting for one",
        "content": "it hands bytes over and does not look into them",
    }

    def __init__(self):
        code, out, _ = execute(["curl", "--version"], "/")
        if code:
            raise FileNotFoundError("no curl on this machine")
        self.version = out.split()[1]

    def session(self, case, folder):
        return Script(self, case, folder)


class Script(Session):
    def forget(self):
        shutil.rmtree(self.folder)
        self.folder.mkdir()

    def start(self, run):
        urls = self.publisher.urls(run)
        if len(urls) > 1:
            return self.loop(urls)
        url = urls[0]
        if self.want.key_in_query:
            url += f"?key={self.want.key_in_query}"
        place = self.folder / hashlib.sha256(url.encode()).hexdigest()[:8]
        place.mkdir(exist_ok=True)
        return self.one(url, place, run.fields or {})

    def common(self):
        command = ["curl", "-sSfL", "--compressed", "--retry", "2", "--retry-max-time", "20",
                   "--max-time", str(self.want.timeout)]
        if self.want.max_bytes:
            command += ["--max-filesize", str(self.want.max_bytes)]
        if self.want.trust:
            command += ["--cacert", str(authority() / "ca.pem")]
        for name, value in (self.want.secrets or {}).items():
            command += ["-H", f"{name}: {value}"]
        if self.want.method == "POST":
            command += ["-d", '{"query": 1}', "-H", "Content-Type: application/json"]
        return command

    def loop(self, urls):
        command = [*self.common(), "--fail-early", "--rate", "2/s", "--remote-name-all", *urls]
        code, out, err = execute(command, self.folder)
        kept = sum(1 for f in self.folder.iterdir() if f.is_file() and f.stat().st_size)
        return report(code, kept, out, err)

    def one(self, url, place, plain):
        command = ["flock", "-n", "-E", "75", str(place / "lock"), *self.common(), "-R",
                   "-o", "body.new", "-D", "head.new", "-w", "%{http_code}",
                   "--etag-save", "etag.new"]
        if (place / "etag").exists():
            command += ["--etag-compare", "etag"]
        if "last-modified:" in read(place / "head").lower():
            command += ["-z", "body"]
        for name, value in plain.items():
            command += ["-H", f"{name}: {value}"]
        code, out, err = execute([*command, url], place)
        if code == 75:
            return report(code, 0, "another one is at work")
        status, delivered = out[-3:], 0
        if code == 0 and status == "304":
            delivered = int((place / "body").exists())
        elif code == 0 and (place / "body.new").exists():
            delivered = self.take_over(place)
        for name in ("body.new", "head.new", "etag.new"):
            (place / name).unlink(missing_ok=True)
        # `test -s`: a script that has no body to go on with stops.
        empty = not delivered and status not in ("204", "")
        return report(code or empty, delivered, out, err)

    def take_over(self, place):
        if not (place / "body.new").stat().st_size:
            return 0
        for name in ("body", "head", "etag"):
            (place / name).unlink(missing_ok=True)
            if (place / f"{name}.new").exists():
                (place / f"{name}.new").rename(place / name)
        if not read(place / "etag").strip():
            (place / "etag").unlink(missing_ok=True)
        return 1


def read(path):
    return path.read_text("latin-1") if path.exists() else ""
