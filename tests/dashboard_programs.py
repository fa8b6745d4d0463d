#!/usr/bin/env python3
"""Programs that read the dashboard's data: dashboard_programs.py BASE DAY

The examples of its page "Data and API" are run as they stand there; /metrics is read by Prometheus'
own parser; /api/v1 is tried against its description by schemathesis. What is odd is printed, and
ends it with 1.
"""

import html
import os
import re
import subprocess
import sys
import tempfile
import urllib.request

import pandas
from prometheus_client.parser import text_string_to_metric_families

SOURCES = 18


def get(base, path):
    with urllib.request.urlopen(base + path, timeout=60) as answer:
        return answer.read().decode()


def examples(base):
    """The examples of the page, by their names."""
    page = get(base, "/en/data")
    found = re.findall(r"<h3>([^<]*)</h3><pre[^>]*><code>(.*?)</code></pre>", page, re.S)
    return {name: html.unescape(text).replace("ADDRESS", base) for name, text in found}


def run_examples(base):
    texts = examples(base)
    assert set(texts) == {"curl", "pandas", "R"}, texts
    commands = {
        "curl": ["sh", "-c", texts["curl"] + " && head -c 5 hours.csv"],
        "pandas": [sys.executable, "-c", texts["pandas"]],
        "R": ["Rscript", "-e", texts["R"]],
    }
    for name, command in commands.items():
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"{name}: {done.stderr}"
        assert ("hour" if name == "curl" else "bikes") in done.stdout, f"{name}: {done.stdout}"


def check_pandas(base, day):
    """What pandas reads are numbers and instants, and all of a day."""
    address = f"{base}/api/v1/hours.csv?source=bikes-oslo&from={day}&to={day}"
    hours = pandas.read_csv(address, parse_dates=["hour"])
    assert hours["mean"].dtype.kind == "f" and str(hours["hour"].dt.tz) == "UTC", hours.dtypes
    assert hours["hour"].nunique() == 24 and hours["series"].nunique() > 200, hours.describe()
    sources = pandas.read_json(f"{base}/api/v1/sources")
    names = [row["name"] for row in sources["data"]]
    assert len(names) == SOURCES, names


def check_metrics(base):
    families = {f.name: f for f in text_string_to_metric_families(get(base, "/metrics"))}
    assert families["daybook_store_up"].samples[0].value == 1
    assert len(families["daybook_source_late"].samples) == SOURCES, families.keys()


def check_description(base):
    tool = os.path.join(os.path.dirname(sys.executable), "schemathesis")
    command = [tool, "run", f"{base}/api/v1/openapi.json", "--url", f"{base}/api/v1"]
    command += ["--checks", "all", "--max-examples", "15", "--no-color", "--seed", "20261128"]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout[-6000:]
    print(re.search(r"\d+ generated, \d+ passed", done.stdout).group())


def main(base, day):
    run_examples(base)
    check_pandas(base, day)
    check_metrics(base)
    check_description(base)
    print("FINE")


if __name__ == "__main__":
    main(*sys.argv[1:])
