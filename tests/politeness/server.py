#!/usr/bin/env python3
"""The publishers of the politeness checks, for any client.

server.py --list
    all checks, with their sources
server.py P01 --port 8099
    serves P01 on this port, says how to point a client at it and when to start it, asks after
    each start how it ended, and scores what came
server.py P01 --command 'curl -sSf {url}'
    starts the command itself: {url}, {urls} and {now} are filled in, POLITENESS_NOW is the
    instant that the client is to take for now; exit code 0 is a good end, and output a body
"""

import argparse
import datetime
import pathlib
import shlex
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import model
from clients.base import execute
from publisher import Publisher, authority, settle

WANTS = {
    "secrets": "header fields that hold a key: {}",
    "key_in_query": "a secret `key` in the query: {}",
    "timeout": "give up after {} s",
    "max_bytes": "take {} bytes at most",
    "form": "the answer is {}",
    "splay": "its own spread within the minute: {}",
    "method": "method {}",
    "pages": "follow pages: {}",
    "max_pages": "follow {} pages at most",
    "auth": "{}: client `check`, secret `client-secret-42`, address /token",
    "ping": "ping /ping/x after a good run",
    "every": "ask every {}",
}


def main():
    options = arguments()
    checks = {check.number: check for check in model.load()}
    if options.list or not options.check:
        for check in checks.values():
            memory = " (memory)" if check.memory else ""
            print(f"{check.number}  {check.title}{memory}  [{check.source}]")
        return 0
    if options.check not in checks:
        raise SystemExit(f"no check {options.check}; --list shows all")
    return serve(checks[options.check], options)


def serve(check, options):
    case = model.Case(check)
    publisher = Publisher(case, options.port)
    try:
        explain(check, publisher)
        for number, run in enumerate(check.all_runs()):
            case.begin(number, run)
            reports = [start(case, run, options) for _ in range(2 if run.twice else 1)]
            settle(case, 1)
            case.reports.append(reports)
        show(case)
        why = check.judge(case)
    finally:
        publisher.close()
    print(f"{check.number}: {f'FAIL: {why}' if why else 'pass'}")
    return 1 if why else 0


def explain(check, publisher):
    print(f"{check.number}: a polite client {check.title}\nsource: {check.source}\n")
    print("address: " + " ".join(publisher.urls(check.all_runs()[0])))
    plain = model.Want()
    for name, words in WANTS.items():
        value = getattr(check.want, name)
        if value != getattr(plain, name):
            print("set: " + words.format(value))
    if not check.want.contact:
        print("set: no contact")
    if check.want.secure:
        print(f"set: trust {authority() / 'ca.pem'} "
              f"({check.want.trust if check.want.trust == 'source' else 'as the machine does'})")
    print(f"starts: {len(check.all_runs())}\n", flush=True)


def start(case, run, options):
    now = datetime.datetime.fromtimestamp(case.base + run.after, datetime.UTC)
    instant = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    urls = case.publisher.urls(run)
    if options.command:
        command = options.command.format(url=shlex.quote(urls[0]), now=instant,
                                         urls=" ".join(map(shlex.quote, urls)))
        code, out, err = execute(["sh", "-c", command], options.folder,
                                 {"POLITENESS_NOW": instant})
        return model.Report(code == 0, int(bool(out)) if code == 0 else 0, out + err)
    forget = "; it has forgotten everything" if run.fresh else ""
    print(f"start {case.run + 1}: at {instant}, {run.after} s after the first{forget}")
    print("  " + " ".join(urls), flush=True)
    well = input("  did it end well? [y/n] ").strip().lower().startswith("y")
    bodies = input("  how many bodies did it hand over? [0] ").strip()
    words = input("  what did it say (one line)? ")
    return model.Report(well, int(bodies or 0), words)


def show(case):
    for request in case.seen:
        print(f"start {request.run + 1}: {request.method} {request.target} "
              f"(connection {request.connection}, port {request.port}, {request.sent} bytes sent)")
        for name, value in request.fields:
            print(f"    {name}: {value}")
    print()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("check", nargs="?")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--command")
    parser.add_argument("--folder", default=tempfile.gettempdir(),
                        help="where the command runs")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
