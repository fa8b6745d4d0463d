"""What all clients have in common: a folder for a case, and programs that are run in it."""

import os
import signal
import subprocess

from model import Lacks, Report

# No check needs a run of more; a client that takes longer is ended.
LIMIT = 60


class Client:
    """A client that is put through the checks; `keeps` and `lacks` say what does not apply."""

    name = ""
    version = ""
    keeps = frozenset()          # what it keeps from one run to the next
    keeps_words = "it keeps nothing between runs"
    lacks = {}                   # what it by its nature has not: why

    def applies(self, check):
        """Raises `Lacks` where the check cannot be asked of this client."""
        for need in check.needs:
            if need in self.lacks:
                raise Lacks(self.lacks[need])
        if check.keeps and check.keeps not in self.keeps:
            raise Lacks(self.keeps_words)

    def session(self, case, folder):
        """A fresh state for one case; its `start(run)` gives a `Report`."""
        raise NotImplementedError


class Session:
    """One client within one case."""

    def __init__(self, client, case, folder):
        self.client, self.case, self.folder = client, case, folder
        self.want, self.publisher = case.check.want, case.publisher

    def start(self, run):
        raise NotImplementedError

    def forget(self):
        """A new client that knows nothing of the former one."""


def execute(command, folder, env=None, limit=LIMIT):
    """Exit code, standard output, standard error; code 124 where it had to be ended."""
    whole = {"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "LANG": "C.UTF-8",
             "NO_PROXY": "*", **(env or {})}
    child = subprocess.Popen(command, cwd=folder, env=whole, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             start_new_session=True)
    try:
        out, err = child.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        # With all that it started: its session is its own.
        os.killpg(child.pid, signal.SIGKILL)
        out, err = child.communicate()
        return 124, text(out), text(err) + "\n(ended from outside)"
    return child.returncode, text(out), text(err)


def text(raw):
    return (raw or b"").decode("utf-8", "replace")


def report(code, delivered, *words):
    return Report(code == 0, delivered, "\n".join(words))


