#!/usr/bin/env python3
"""The independent recount over many stores in one process, for tests with hundreds of them.

Each line of the input is JSON, {"served": DIR, "store": URL, "unreadable": [GLOB...], "drop":
whether a MongoDB database may go afterwards}; each is answered by one line, {"differences": [...],
"dead": {source: rows that no live entry names}}.
"""

import contextlib
import io
import json
import sys
from pathlib import Path

import recount


def compare(ask):
    differences = []
    answers = recount.served(Path(ask["served"]), None, differences)
    if not answers:
        differences.append(f"{ask['served']}: no answers to compare")
    expected = recount.expect(answers, ask["unreadable"], differences)
    store = recount.open_store(ask["store"])
    with contextlib.redirect_stdout(io.StringIO()):
        found = recount.Recount(answers, expected, store, None, differences)
        found.run()
    if not isinstance(store, recount.Mongo):
        if ask["drop"] and isinstance(store, recount.Postgres):
            store.drop()
        store.store.close()
    else:
        if ask["drop"]:
            store.store.client.drop_database(store.store.name)
        store.store.client.close()
    return {"differences": differences, "dead": found.dead_rows}


def main():
    for line in sys.stdin:
        try:
            answer = compare(json.loads(line))
        except Exception as error:  # a store that cannot be read is not equal
            answer = {"differences": [f"{type(error).__name__}: {error}"], "dead": {}}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
