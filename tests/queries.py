"""Runs the queries of a document against a MongoDB database and compares with the answers shown.

Each ```js block that calls db.NAME.aggregate([...]) is followed by a ```json block with its
answer, a document a line. Shell syntax (bare keys, ISODate) is read as mongosh would.

  queries.py DOCUMENT URL [--bless]     exit code 0: all answers are as shown
"""

import re
import sys

import pymongo
from bson import json_util

PAIR = re.compile(
    r"```js\n(db\.(\w+)\.aggregate\((.*?)\))\n```\n\n```json\n(.*?)```", re.DOTALL
)
PLAIN = json_util.JSONOptions(
    json_mode=json_util.JSONMode.RELAXED, datetime_representation=json_util.DatetimeRepresentation.ISO8601
)


def pipeline(text):
    """A pipeline as it is typed in mongosh, as documents."""
    text = re.sub(r'ISODate\("([^"]*)"\)', r'{"$date": "\1"}', text)
    text = re.sub(r"([{,]\s*)([$A-Za-z_][\w$]*)\s*:", r'\1"\2":', text)
    return json_util.loads(text)


def shown(document):
    """A document as one line, its instants as plain text."""
    line = json_util.dumps(document, json_options=PLAIN, ensure_ascii=False)
    return re.sub(r'\{"\$date": ("[^"]*")\}', r"\1", line) + "\n"


def main(path, url, bless):
    text = open(path, encoding="utf-8").read()
    database = pymongo.MongoClient(url).get_default_database()
    wrong = []

    def answer(match):
        call, name, stages, before = match.groups()
        rows = list(database[name].aggregate(pipeline(stages)))
        after = "".join(map(shown, rows))
        if not rows or after != before:
            wrong.append(f"{call}\nanswers\n{after}and not\n{before}")
        return match.group(0).replace(f"```json\n{before}```", f"```json\n{after}```")

    new, count = PAIR.subn(answer, text)
    if count != text.count("```js\n") or count < 5:
        wrong.append(f"{path}: {count} queries with an answer of {text.count('```js')}")
    if bless:
        open(path, "w", encoding="utf-8").write(new)
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], "--bless" in sys.argv[3:]))
