#!/usr/bin/env python3
"""The fetcher, idle and busy, beside an older one and beside peers; medians of runs in turn.

  scripts/bench/fetch.py [--bin FETCHER] [--old FETCHER] [--runs N] [--cases a,b] [--no-peers]

idle17    nothing is due of the shipped sources
idle1000  nothing is due of 1,000 declared ones
cold200   200 sources on 200 loopback addresses, 20 kB each, asked for the first time
again200  the same a minute later: all is unchanged
good1000  1,000 such sources, asked for the first time
bad1000   1,000 sources of which 100 have a vice: they hang, drip, never end, reset, lie...

Peers ask the same addresses: aiohttp (one durable file for each answer; a venv is made below
target/bench), and curl --parallel and Telegraf, where they are there, which sync nothing. Needs
GNU time for the peaks. Prints one line for each case and program, with the ratio to ours.
"""
import argparse, json, os, pathlib, random, shutil, statistics, subprocess, sys, time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "target/bench/fetch"
VENV = ROOT / "target/bench/fetch-venv"
VICES = "hang drip endless reset 500 loop short long huge bomb".split()
NOW, NEXT = "2026-11-21T10:00:30Z", "2026-11-21T10:01:30Z"


def declaration(url, name):
    return f'''title = "{name}"
topic = "bench"

[about]
content     = "Synthetic station status"
zone        = "nowhere"
period      = "1m"
access      = "api"
token       = "none"
licence     = {{ name = "CC0", url = "https://creativecommons.org/publicdomain/zero/1.0/", reuse = "free" }}
attribution = "scripts/bench/fetch.py"
homepage    = "https://example.org/"

[fetch]
url    = "{url}"
every  = "1m"
format = "json"

[samples]
at     = "data.stations[*]"
series = "station_id"

[fields]
bikes = {{ path = "num_bikes_available", unit = "bike", resolution = 1 }}
docks = {{ path = "num_docks_available", unit = "dock", resolution = 1 }}
'''


def made(name):
    """A new home; what an earlier one had stays, for a file system is slow just after deletions."""
    home = WORK / f"{name}-{time.monotonic_ns()}"
    (home / "sources").mkdir(parents=True)
    text = 'contact = "bench@example.org"\n[fetcher]\nsplay = "0s"\n'
    (home / "daybook.toml").write_text(text)
    return home


def served(home):
    """Marks all sources of a home as asked just now."""
    names = [path.stem for path in (home / "sources").glob("*.toml")]
    (home / "data/.state").mkdir(parents=True)
    slots = {name: {"slot": NOW, "hold_until": None, "failures": 0} for name in names}
    (home / "data/.state/fetch.json").write_text(json.dumps(slots))


def shipped(name):
    home = made(name)
    shutil.copytree(ROOT / "sources", home / "sources", dirs_exist_ok=True)
    served(home)
    return home


def synthetic(name, urls):
    home = made(name)
    for place, url in enumerate(urls):
        source = f"bench-{place:04}"
        (home / f"sources/{source}.toml").write_text(declaration(url, source))
    return home


def idle1000(name):
    home = synthetic(name, [f"http://127.0.0.1:9/{n}" for n in range(1000)])
    served(home)
    return home


def addresses(count, port, vices=()):
    draw = random.Random(20261122)
    bad = dict(zip(draw.sample(range(count), len(vices)), vices))
    host = lambda n: f"http://127.{1 + n // 62500}.{n // 250 % 250}.{1 + n % 250}:{port}"
    return [f"{host(n)}/{bad[n] + '/' if n in bad else ''}{n}" for n in range(count)]


def run(command):
    """Seconds on the wall and of CPU, the exit code, and the peak in MiB by GNU time."""
    start, out = time.perf_counter(), WORK / "time"
    timed = ["/usr/bin/time", "-f", "%M", "-o", str(out), "--quiet", *map(str, command)]
    pid = os.posix_spawn(timed[0], timed, os.environ, file_actions=QUIET)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    peak = int(out.read_text().split()[-1]) / 1024
    return wall, usage.ru_utime + usage.ru_stime, peak, os.waitstatus_to_exitcode(status)


NOTHING = os.open(os.devnull, os.O_RDWR)
QUIET = [(os.POSIX_SPAWN_DUP2, NOTHING, 1), (os.POSIX_SPAWN_DUP2, NOTHING, 2)]


class Server:
    def __init__(self):
        command = [sys.executable, str(HERE / "fetch_server.py"), "20000"]
        pipe = subprocess.PIPE
        self.child = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        self.port = int(self.child.stdout.readline())

    def totals(self):
        self.child.stdin.write("totals\n")
        self.child.stdin.flush()
        return json.loads(self.child.stdout.readline())

    def end(self):
        self.child.stdin.close()
        self.child.wait(10)


def fetch(binary, home, now=NOW):
    return [binary, "--home", home, "--now", now, "--quiet"]


def landed(home):
    return len(list((home / "data").glob("bench-*/*.json")))


def python():
    """A Python with aiohttp."""
    binary = VENV / "bin/python"
    if subprocess.run([binary, "-c", "import aiohttp"], capture_output=True).returncode if binary.exists() else True:
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        pip = [VENV / "bin/pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "aiohttp==3.13.2"], check=True)
    return binary


def peers(wanted):
    if not wanted:
        return {}
    found = {"aiohttp": aiohttp}
    if shutil.which("curl"):
        found["curl"] = curl
    if shutil.which("telegraf"):
        found["telegraf"] = telegraf
    return found


def aiohttp(urls, folder):
    (WORK / "urls").write_text("\n".join(urls))
    return [python(), HERE / "peer_aiohttp.py", WORK / "urls", folder]


def curl(urls, folder):
    folder.mkdir(exist_ok=True)
    lines = []
    for place, url in enumerate(urls):
        etag = f'etag-save = "{folder}/{place}.etag"\netag-compare = "{folder}/{place}.etag"'
        (folder / f"{place}.etag").touch()
        lines.append(f'url = "{url}"\noutput = "{folder}/{place}.json"\n{etag}\n')
    (WORK / "curl").write_text("next\n".join(lines))
    return ["curl", "--silent", "--parallel", "--parallel-immediate", "--parallel-max", "200", "--config", WORK / "curl"]


def telegraf(urls, folder):
    listed = ",".join(f'"{url}"' for url in urls)
    text = f'''[agent]
omit_hostname = true
[[inputs.http]]
urls = [{listed}]
data_format = "json"
[[outputs.file]]
files = ["{WORK}/telegraf.out"]
'''
    (WORK / "telegraf.conf").write_text(text)
    return ["telegraf", "--once", "--quiet", "--config", WORK / "telegraf.conf"]


def idle(make):
    homes = {}

    def case(name, programs, server, wanted):
        for program, binary in programs.items():
            if program not in homes:
                homes[program] = make(f"{name}-{program}")
                run(fetch(binary, homes[program]))  # What a first run keeps is there.
            yield program, run(fetch(binary, homes[program])), ""
        yield "python -c 0", run([sys.executable, "-c", "0"]), ""
    return case


def busy(count, vices=()):
    """Asked for the first time, and once more where nobody has a vice."""
    def case(name, programs, server, wanted):
        urls = addresses(count, server.port, vices)
        for program, binary in programs.items():
            home = synthetic(f"{name}-{program}", urls)
            server.totals()
            figures = run(fetch(binary, home))
            sent = server.totals()
            yield program, figures, f"{landed(home)} files, {sent['requests']} requests"
            if not vices:
                figures = run(fetch(binary, home, NEXT))
                sent = server.totals()
                words = f"{landed(home)} files, {sent['unchanged']} unchanged, {sent['body_bytes']} bytes"
                yield f"{program} again", figures, words
        for program, command in ({} if vices else peers(wanted)).items():
            folder = WORK / f"{name}-{program}-{time.monotonic_ns()}"
            yield program, run(command(urls, folder)), ""
            again = run(command(urls, folder))
            if program != "telegraf":
                yield f"{program} again", again, f"{server.totals()['unchanged']} unchanged"
    return case


CASES = {
    "idle17": idle(shipped),
    "idle1000": idle(idle1000),
    "cold200": busy(200),
    "good1000": busy(1000),
    "bad1000": busy(1000, VICES * 10),
}


def show(name, seen, words):
    print(f"{name}: load {os.getloadavg()[0]:.1f}")
    ours = seen["daybook"]
    for program, runs in seen.items():
        wall, cpu, peak = (statistics.median(column) for column in list(zip(*runs))[:3])
        base = seen.get("daybook again") if program.endswith(" again") and "daybook again" in seen else ours
        ratio = statistics.median(run[0] / own[0] for run, own in zip(runs, base))
        usage = statistics.median(run[1] / max(own[1], 1e-9) for run, own in zip(runs, base))
        codes = {run[3] for run in runs}
        print(
            f"  {program:16} wall {wall * 1000:8.1f} ms ({ratio:5.2f})  cpu {cpu * 1000:8.1f} ms"
            f" ({usage:5.2f})  peak {peak:6.1f} MiB  exit {sorted(codes)}  {words[program]}",
            flush=True,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", default=ROOT / "target/release/fetcher")
    older = os.environ.get("OLD_BIN")
    older = older and pathlib.Path(older) / "fetcher"
    parser.add_argument("--old", default=older, help="an older fetcher to compare with")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--cases", default="idle17,idle1000,cold200,good1000")
    parser.add_argument("--no-peers", action="store_true")
    asked = parser.parse_args()
    programs = {"daybook": asked.bin} | ({"older": asked.old} if asked.old else {})
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    server = Server()
    try:
        for name in asked.cases.split(","):
            seen, words = {}, {}
            for _ in range(asked.runs):
                for program, figures, said in CASES[name](name, programs, server, not asked.no_peers):
                    seen.setdefault(program, []).append(figures)
                    words[program] = said
            show(name, seen, words)
    finally:
        server.end()


main()
