#!/usr/bin/env python3
"""Fills a MongoDB database with what a fixture holds: load_store.py URL < store.jsonl

Each line is a document of a collection, an index, or a view, in canonical Extended JSON.
"""

import sys
from collections import defaultdict

import pymongo
from bson import json_util


def main(url):
    database = pymongo.MongoClient(url).get_default_database()
    documents = defaultdict(list)
    for line in sys.stdin:
        row = json_util.loads(line, json_options=json_util.CANONICAL_JSON_OPTIONS)
        name = row["collection"]
        if "index" in row:
            database[name].create_index([tuple(key) for key in row["index"]])
        elif "pipeline" in row:
            database.command("create", name, viewOn=row["on"], pipeline=row["pipeline"])
        else:
            documents[name].append(row["document"])
    for name, rows in documents.items():
        database[name].insert_many(rows)


if __name__ == "__main__":
    main(sys.argv[1])
