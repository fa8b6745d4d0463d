#!/usr/bin/env python3
"""100,000 job offers over twelve months, on a local server that behaves as France Travail does:
every open offer exactly once, with few requests, killed on the way; beside it a plain walk through
the pages, as collectors do it.

    scripts/prove/jobs.py --programs DIR --mongod PATH [--offers N] [--kills N] [--ceiling N]

prints what it measured, and ends with 1 where something does not hold.
"""

import argparse
import csv
import datetime
import json
import math
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import pandas

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOW = "2026-11-01T00:00:00Z"
FROM = "2025-09-01"
SEARCH = "/partenaire/offresdemploi/v2/offres/search"
CODES = ["K1906", "M1405", "M1811", "M1827", "M1851"]


class Server:
    def __init__(self, offers, ceiling):
        command = [sys.executable, ROOT / "tests/france_travail/server.py", "--now", NOW, "--burst", "0"]
        command += ["--offers", str(offers), "--ceiling", str(ceiling), "--any-token", "plain"]
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self.child.stdout.readline())}"

    def ask(self, path):
        with urllib.request.urlopen(self.url + path) as answer:
            return answer.read().decode()

    def open(self):
        return set(self.ask("/_/open").split())

    def pages(self, origin):
        return json.loads(self.ask("/_/counts")).get(f"search origin {origin}", 0)


def home(folder, server, ceiling):
    (folder / "sources").mkdir(parents=True)
    text = (ROOT / "sources/france-travail.toml").read_text()
    for host in ["https://api.francetravail.io", "https://entreprise.francetravail.fr"]:
        text = text.replace(host + "/", server.url + "/")
    text = text.replace("maximum_offset = 3001", f"maximum_offset = {ceiling - 149}")
    # What the store has is looked at by an export, which its terms do not let out.
    text = text.replace('share       = "aggregates"\n', "")
    (folder / "sources/france-travail.toml").write_text(text)
    secrets = folder / "secrets.toml"
    secrets.write_text('france-travail-id = "PAR_daybook_test"\nfrance-travail-key = "a-secret-of-nobody"\n')
    secrets.chmod(0o600)
    (folder / "daybook.toml").write_text(
        'contact = "you@example.org"\n[fetcher]\npace = "0ms"\nsplay = "0s"\nreserve = "1MiB"\n'
    )


def program(args, name, folder, store, *more):
    return [str(pathlib.Path(args.programs) / name), "--home", str(folder), "--store", store, *more]


def backfill(args, folder, store, server):
    """Runs it, killed so often, at chance instants of its way; how long, its greatest memory in MiB,
    its status, what it said, and how often it was killed."""
    command = program(args, "fetcher", folder, store, "backfill", "france-travail", "--from", FROM)
    command += ["--now", NOW, "--rate-limit-delay", "0", "--output", str(folder / "offers.csv")]
    began, chance, killed = time.monotonic(), random.Random(args.kills), 0
    asked = lambda: sum(server.pages(origin) for origin in "12")
    first, step = asked(), args.offers / 150 / (args.kills + 2)
    for kill in range(args.kills):
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while asked() - first < (kill + 1) * step and child.poll() is None:
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 0.3))
        killed += child.poll() is None
        child.send_signal(signal.SIGKILL)
        child.wait()
    # What the kernel says of a child's memory after its end is that of this process, too.
    with tempfile.TemporaryFile("w+") as said:
        child, memory = subprocess.Popen(command, stdout=said), 0
        while child.poll() is None:
            memory = max(memory, peak(child.pid))
            time.sleep(0.1)
        said.seek(0)
        return time.monotonic() - began, memory, child.returncode, said.read(), killed


def peak(pid):
    """The most memory that a process had, in MiB."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0)


def plain_walk(server):
    """As collectors walk: profession by profession, month by month, pages until a short one or
    1,000 rows; of both origins together."""
    ids, requests = set(), 0
    end = datetime.datetime(2026, 11, 1, tzinfo=datetime.timezone.utc)
    for code in CODES:
        for month in range(12):
            to = end - datetime.timedelta(days=30 * month)
            since = to - datetime.timedelta(days=30)
            start = 0
            while start < 1000:
                pairs = {
                    "codeROME": code,
                    "minCreationDate": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "maxCreationDate": to.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "range": f"{start}-{start + 149}",
                    "sort": "1",
                }
                request = urllib.request.Request(f"{server.url}{SEARCH}?{urllib.parse.urlencode(pairs)}")
                request.add_header("Authorization", "Bearer plain")
                requests += 1
                with urllib.request.urlopen(request) as answer:
                    body = answer.read()
                rows = json.loads(body)["resultats"] if body else []
                ids.update(row["id"] for row in rows)
                if len(rows) < 150:
                    break
                start += 150
    return ids, requests


def records(args, folder, store):
    """The ids in the store, by the program's own export."""
    for name, more in [
        ("summarizer", ["--now", "2026-11-01T03:10:00Z"]),
        ("summarizer", ["--now", "2026-11-01T03:10:00Z", "audit"]),
        ("analyzer", ["--now", "2026-11-01T03:20:00Z", "export", "--from", FROM, "--to", "2026-11-01", "--out", str(folder / "out")]),
    ]:
        done = subprocess.run(program(args, name, folder, store, *more), capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{name} {more}: {done.stdout}{done.stderr}")
        if "audit" in more:
            print("  audit:", done.stdout.strip().splitlines()[-1])
    with open(folder / "out/france-travail_records.csv", newline="") as file:
        return [row["id"] for row in csv.DictReader(file)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", default=str(ROOT / "target/release"))
    parser.add_argument("--mongod", default=str(ROOT / "target/mongod/mongod"))
    parser.add_argument("--offers", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--ceiling", type=int, default=3150)
    args = parser.parse_args()
    csv.field_size_limit(1 << 24)
    good = True
    with tempfile.TemporaryDirectory() as base:
        base = pathlib.Path(base)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        (base / "db").mkdir()
        mongod = subprocess.Popen(
            [args.mongod, "--dbpath", str(base / "db"), "--port", str(port), "--quiet"],
            stdout=subprocess.DEVNULL,
        )
        try:
            stores = [("SQLite", ""), ("MongoDB", f"mongodb://127.0.0.1:{port}/jobs")]
            for kind, store in stores:
                server = Server(args.offers, args.ceiling)
                opened = server.open()
                if kind == "SQLite":
                    found, requests = plain_walk(server)
                    share = 100 * len(found) / len(opened)
                    print(f"a plain walk: {len(found)} of {len(opened)} offers ({share:.1f} %), {requests} requests")
                folder = base / kind
                home(folder, server, args.ceiling)
                store = store or f"sqlite:{folder}/store.sqlite"
                before = [server.pages(origin) for origin in "12"]
                took, memory, status, said, kills = backfill(args, folder, store, server)
                pages = [server.pages(origin) - was for origin, was in zip("12", before)]
                with open(folder / "offers.csv", newline="", encoding="utf-8") as file:
                    rows = [row["id"] for row in csv.DictReader(file)]
                print(f"{kind}: {len(rows)} rows, {len(set(rows))} ids of {len(opened)}; {took:.0f} s, {memory:.0f} MiB")
                lines = said.splitlines()
                print("\n".join(line for line in lines if "records" in line))
                read = pandas.read_csv(folder / "offers.csv", dtype=str)
                print(f"  pandas: {read.shape[0]} rows, {read.shape[1]} columns, {read['id'].nunique()} ids")
                good &= status == 0 and len(rows) == len(set(rows)) and set(rows) == opened
                good &= read.shape == (len(opened), 28)
                by_origin = {origin: int(server.ask(f"/_/origin?of={origin}")) for origin in "12"}
                for origin, asked in zip("12", pages):
                    least = math.ceil(by_origin[origin] / 150)
                    # A page is asked again at most for each kill.
                    print(f"  origin {origin}: {by_origin[origin]} offers, {asked} requests, {asked / least:.3f} x {least}")
                    good &= asked <= 1.2 * least + args.kills
                print(f"  both: {sum(pages)} requests, {kills} kills")
                good &= kills == args.kills
                stored = records(args, folder, store)
                print(f"  store: {len(stored)} records, {len(set(stored))} ids")
                good &= len(stored) == len(set(stored)) and set(stored) == opened
                good &= memory < 100
                server.child.kill()
                shutil.rmtree(folder)
        finally:
            mongod.kill()
    print("holds" if good else "DOES NOT HOLD")
    sys.exit(not good)


if __name__ == "__main__":
    main()
