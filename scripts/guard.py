#!/usr/bin/env python3
"""Holds the instructions of the kernels against those that are kept: guard.py [--bless] [NAME...]

A busy machine changes seconds, and hardly the count of instructions: valgrind counts those of
benches/kernels.rs, and what takes more than TOLERANCE above the count in benches/instructions.txt
fails. Another compiler makes other code: then LOOSE is the bound, until --bless keeps new counts.
Installs valgrind as root where it lacks; without it nothing is judged, and that fails too.
"""
import json, os, pathlib, re, shutil, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEPT = ROOT / "benches/instructions.txt"
OUT = ROOT / "target/guard"
TOLERANCE, LOOSE = 0.02, 0.15


def fail(words):
    sys.exit(f"guard: {words}")


def valgrind():
    """The program, installed where that can be done."""
    if shutil.which("valgrind"):
        return "valgrind"
    install = "apt-get install -qq -y --no-install-recommends valgrind"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("guard: installing valgrind", flush=True)
        subprocess.run(["apt-get", "update", "-qq"])
        subprocess.run(install.split(), env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, stdout=subprocess.DEVNULL)
    return shutil.which("valgrind") or fail(
        f"NOTHING WAS CHECKED: valgrind is not here and could not be installed.\n  sudo apt-get update && sudo {install}")


def built():
    """The program with the kernels, built as a release is."""
    command = ["cargo", "build", "--release", "--bench", "kernels", "--message-format=json-render-diagnostics"]
    made = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if made.returncode != 0:
        fail("the kernels do not build")
    for line in made.stdout.splitlines():
        artifact = json.loads(line)
        if artifact.get("target", {}).get("name") == "kernels" and artifact.get("executable"):
            return artifact["executable"]
    fail("cargo built no kernels")


def count(program, name):
    """The instructions of one kernel, between the begin and the end of its measured part."""
    OUT.mkdir(parents=True, exist_ok=True)
    command = [valgrind(), "--tool=callgrind", "--collect-atstart=no", "--toggle-collect=kernels::measured*",
               f"--callgrind-out-file={OUT / name}.out", program, name]
    # One thread: what two share out is another count each time.
    run = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "RAYON_NUM_THREADS": "1"})
    counted = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not counted or int(counted[1]) < 1000:
        fail(f"{name} did not run under valgrind:\n{run.stderr}")
    return int(counted[1])


def compiler():
    told = subprocess.run(["rustc", "-vV"], capture_output=True, text=True, cwd=ROOT).stdout
    part = lambda key: re.search(rf"^{key}: (.*)$", told, re.M)[1]
    return f"{part('release')} {part('host')}"


def kept():
    """The compiler and the counts that are kept."""
    lines = [line.split() for line in KEPT.read_text().splitlines() if line and line[0] != "#"]
    return " ".join(lines[0][1:]), {name: int(number) for name, number in lines[1:]}


def bless(found):
    lines = [f"{name:<16} {number}" for name, number in found.items()]
    head = "# Instructions of benches/kernels.rs, by `scripts/guard.py --bless`; see docs/performance.md.\n"
    KEPT.write_text(head + f"compiler {compiler()}\n" + "\n".join(lines) + "\n")


def main():
    names = [argument for argument in sys.argv[1:] if argument != "--bless"]
    blesses = "--bless" in sys.argv[1:]
    valgrind()
    program = built()
    known = subprocess.run([program], capture_output=True, text=True, check=True).stdout.split()
    if unknown := [name for name in names if name not in known]:
        fail(f"no kernel is called {', '.join(unknown)}; there are {', '.join(known)}")
    before, counts = kept() if KEPT.exists() else ("", {})
    if before and before != compiler():
        print(f"guard: the counts are of {before}, this is {compiler()}: only what is {LOOSE:.0%} more fails")
    bound = TOLERANCE if before == compiler() else LOOSE
    worse, found = [], dict(counts) if names else {}
    for name in names or known:
        found[name] = count(program, name)
        change = found[name] / counts[name] - 1 if name in counts else None
        told = "not kept yet" if change is None else f"{change:+.1%}"
        print(f"{name:<16} {found[name] / 1e6:10.2f} M instructions   {told}", flush=True)
        if change is None or change > bound:
            worse.append((name, told))
    if blesses:
        return bless(found)
    gone = [name for name in counts if name not in known]
    for name, told in worse:
        print(f"guard: {name} takes {told} against {KEPT.relative_to(ROOT)}, and {bound:.0%} is let pass.\n"
              f"  what takes them: callgrind_annotate --inclusive=yes target/guard/{name}.out", file=sys.stderr)
    if worse or gone:
        fail(f"{len(worse)} kernels are slower{', and gone are ' + ', '.join(gone) if gone else ''}.\n"
             "hint: where that is meant, scripts/guard.py --bless keeps the new counts; say why in the commit")
    print(f"guard: {len(found)} kernels within {bound:.0%}")


main()
