#!/usr/bin/env python3
"""A fetcher's run with nothing due, in a home with three sources: what cron pays each minute."""
import json, shutil
from measure import ROOT, WORK, in_turn, own, tell

NAMES = ("earthquakes-usgs", "bikes-baywheels", "bikes-baywheels-stations")

home = WORK / "idle"
shutil.rmtree(home, ignore_errors=True)
(home / "sources").mkdir(parents=True)
(home / "data/.state").mkdir(parents=True)
for name in NAMES:
    shutil.copy(ROOT / f"sources/{name}.toml", home / "sources")
slots = {name: {"slot": "2026-11-21T10:00:30Z"} for name in NAMES}
(home / "data/.state/fetch.json").write_text(json.dumps(slots))
command = own("fetcher", home, "2026-11-21T10:00:40Z", "--contact", "bench@example.org")
tell("idle", in_turn({"daybook": (lambda: None, command)}, 20), "daybook")
