"""Real servers for the benchmarks, each on a free port, on the disk that the homes are on.

Each function gives what the server answers to (a database's name is added behind it), and how it is
ended. They are as a package leaves them: they sync what they promise."""
import os, pathlib, shutil, socket, subprocess, time
from measure import ROOT, WORK

NOBODY = 65534


def free():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return str(one.getsockname()[1])


def mongod():
    tools, data = ROOT / "target/mongod", WORK / "mongod"
    script = ROOT / "scripts/mongod.sh"
    subprocess.run([script, "fetch", tools], check=True)
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    (data / "mongod").symlink_to(tools / "mongod")
    port = free()
    subprocess.run([script, "start", data, port], check=True)
    return f"mongodb://127.0.0.1:{port}/", lambda: subprocess.run([script, "stop", data], check=True)


def postgres():
    """PostgreSQL refuses to be root's: then it is nobody's, in a folder that nobody can reach."""
    root = os.geteuid() == 0
    nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if root else {}
    found = shutil.which("initdb") or max(map(str, pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb")))
    bins = pathlib.Path(found).resolve().parent
    data = pathlib.Path("/var/tmp") / f"daybook-bench-{os.geteuid()}"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700)
    if root:
        os.chown(data, NOBODY, NOBODY)
    say = {"check": True, "stdout": subprocess.DEVNULL, "cwd": "/", **nobody}
    subprocess.run([bins / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--locale=C", "--encoding=UTF8"], **say)
    port, log = free(), open(WORK / "postgres.log", "w")
    server = subprocess.Popen([bins / "postgres", "-D", data, "-c", "listen_addresses=127.0.0.1", "-c", f"port={port}",
                               "-c", "unix_socket_directories="], stdout=log, stderr=log, cwd="/", **nobody)
    for _ in range(300):
        if subprocess.run([bins / "pg_isready", "-q", "-h", "127.0.0.1", "-p", port]).returncode == 0:
            break
        time.sleep(0.1)

    def stop():
        server.terminate()
        server.wait()
        shutil.rmtree(data)

    return f"postgres://postgres@127.0.0.1:{port}/postgres?schema=", stop
