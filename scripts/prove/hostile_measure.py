"""Starts programs and measures them, one after the other: python3 -S hostile_measure.py.

A line in is JSON, {"command": [...], "out": FILE, "kill": seconds or null}; a line out tells exit
code, peak memory in KiB, the most descriptors that were open, and seconds. It is a process of its
own, and a small one, since a child begins with the peak of who starts it.
"""

import json
import os
import signal
import sys
import time

# A run that takes longer hangs: the fetcher has 10 s.
LONGEST = 120.0
STEP = 0.01


def measured(command, out, kill):
    began = time.monotonic()
    until = began + (LONGEST if kill is None else kill)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    into = [(os.POSIX_SPAWN_OPEN, 1, out, flags, 0o600), (os.POSIX_SPAWN_DUP2, 1, 2)]
    process = os.posix_spawn(command[0], command, os.environ, file_actions=into)
    descriptors, killed = 0, False
    while True:
        done, status, usage = os.wait4(process, os.WNOHANG)
        if done:
            break
        descriptors = max(descriptors, opened(process))
        if not killed and time.monotonic() >= until:
            os.kill(process, signal.SIGKILL)
            killed = True
        time.sleep(STEP)
    return {"code": os.waitstatus_to_exitcode(status), "rss": usage.ru_maxrss,
            "descriptors": descriptors, "seconds": time.monotonic() - began}


def opened(process):
    try:
        return len(os.listdir(f"/proc/{process}/fd"))
    except OSError:
        return 0


for line in sys.stdin:
    print(json.dumps(measured(**json.loads(line))), flush=True)
