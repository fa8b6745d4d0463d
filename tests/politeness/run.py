#!/usr/bin/env python3
"""Scores Daybook and its peers by all checks of politeness: `make politeness`.

run.py [P01 ...]     these checks only
run.py --self-test   that each check can be failed, and can be passed
"""

import argparse
import os
import pathlib
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import cache
import model
import score
from checks.asking import PLAIN_FEED
from clients.curl import Curl
from clients.daybook import Daybook
from clients.python import Dlt, Requests, environment
from clients.telegraf import Telegraf

TARGET = model.ROOT / "target"


def peers(wanted):
    """The peers that can be had, and those that cannot, with the reason."""
    folder = TARGET / "politeness"
    folder.mkdir(parents=True, exist_ok=True)
    makers = {"curl": Curl, "requests": lambda: Requests(environment(folder)),
              "dlt": lambda: Dlt(environment(folder)), "Telegraf": lambda: Telegraf(folder)}
    found, absent = [], {}
    for name, make in makers.items():
        if wanted and name.lower() not in wanted:
            continue
        try:
            found.append(make())
        except (OSError, subprocess.TimeoutExpired) as error:
            absent[name] = str(error)
    return found, absent


def said(result, number):
    if result.verdict == score.FAIL and sys.stderr.isatty():
        print(f"{result.check.number} {result.client}: {result.why}", file=sys.stderr)


def main():
    options = arguments()
    checks, vectors = model.load(), cache.load()
    if options.checks:
        checks = [check for check in checks if check.number in options.checks]
        vectors = [vector for vector in vectors if vector.number in options.checks]
    if options.self_test:
        import self_test
        return self_test.main(checks, vectors, options.at_once)
    began = time.monotonic()
    clients = []
    if not options.clients or "daybook" in options.clients:
        clients.append(Daybook(options.daybook.resolve()))
    others, absent = peers(options.clients)
    clients += others
    results = score.all_of(clients, checks, options.at_once, said)
    feed = score.all_of(clients, [PLAIN_FEED], options.at_once) if not options.checks else []
    of_vectors = score.all_of(clients, vectors, options.at_once, said)
    page = written(clients, checks, results, absent, time.monotonic() - began)
    page += score.feed_table(feed) + score.vector_table(clients, vectors, of_vectors)
    print(page)
    TARGET.mkdir(exist_ok=True)
    (TARGET / "politeness.md").write_text(page)
    return 1 if any(score.counts(r) for r in results + of_vectors if r.client == "Daybook") else 0


def written(clients, checks, results, absent, seconds):
    named = ", ".join(f"{client.name} {client.version}" for client in clients)
    lines = ["# Politeness", "", f"{named}; {len(checks)} checks in {seconds:.0f} s.", ""]
    for name, why in absent.items():
        lines += [f"**{name} COULD NOT BE HAD: {why}**", ""]
    return "\n".join(lines) + "\n" + score.table(clients, checks, results)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checks", nargs="*")
    parser.add_argument("--daybook", type=pathlib.Path,
                        default=pathlib.Path(os.environ.get("DAYBOOK_FETCHER", "")
                                             or TARGET / "release" / "fetcher"))
    parser.add_argument("--clients", type=lambda text: text.lower().split(","), default=[])
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--self-test", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
