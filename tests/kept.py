"""Reads the rows of a store as docs/store.md describes them: SQLite's tables, MongoDB's
collections, and the bytes beside the plain figures. It shares nothing with the programs."""

import json
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path


def spell(at):
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def since_1970(ms):
    return datetime(1970, 1, 1) + timedelta(milliseconds=ms)


class Bytes:
    """Bytes that are read one value after the other."""

    def __init__(self, data):
        self.data, self.at = bytes(data), 0

    def take(self, length):
        self.at += length
        if self.at > len(self.data):
            raise ValueError("the bytes end too early")
        return self.data[self.at - length : self.at]

    def count(self):
        value, shift = 0, 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    def int(self):
        value = self.count()
        return value >> 1 ^ -(value & 1)

    def float(self):
        return float_of(int.from_bytes(self.take(8), "little"))

    def on_grid(self, step, base):
        place = self.count()
        beside = self.int() if place & 1 else 0
        if beside == 2**63 - 1:
            return self.float()
        place >>= 1
        key = base + (place >> 1 ^ -(place & 1))
        return float_of((bits_of(point(key, step)) + beside) % 2**64)


def bits_of(value):
    import struct

    return struct.unpack("<q", struct.pack("<d", value))[0]


def float_of(bits):
    import struct

    return struct.unpack("<d", (bits % 2**64).to_bytes(8, "little"))[0]


def point(key, step):
    """A place of the grid; by division where the step is one part of a whole number."""
    parts = float(round(1 / step))
    exact = abs(step) < 1 and abs(step * parts - 1) < 1e-12
    return key / parts if exact else key * step


def nearest(value, step):
    """The place of the grid nearest to a value, of two the one away from zero."""
    scaled = value / step
    whole = int(scaled)
    return whole + (1 if scaled > 0 else -1) if abs(scaled - whole) >= 0.5 else whole


def pairs(data):
    found, key = [], 0
    for place in range(data.count()):
        key = data.int() if place == 0 else key + data.count()
        found.append((key, data.count()))
    return found


def statistics(plain, rest, unit, form, step, trace, hour):
    """The statistics of a field: `plain` are its figures, `rest` the bytes beside them, `hour` is
    the start of the hour."""
    data = Bytes(rest)
    if data.take(1)[0] != 1:
        raise ValueError("statistics of an unknown form")
    flags = data.take(1)[0]
    if flags & 1:
        presence = 2**60 - 1
    elif flags & 2:
        presence = sum({1 << minute for minute in data.take(data.take(1)[0])})
    else:
        presence = int.from_bytes(data.take(8), "little")
    scale = 1000 if flags & 4 else 1
    first = data.int() * scale
    at = {"first": first, "last": first + data.int() * scale}
    for name, flag in (("min_at", 16), ("max_at", 32)):
        if flags & flag:
            at[name] = first + data.int() * scale
    m2 = data.float() if flags & 8 else None
    if form == "thinned":
        quantiles = {"kind": "dropped"}
    elif step is None:
        quantiles = {"kind": "sketch", "zero": data.count()}
        quantiles["positive"], quantiles["negative"] = pairs(data), pairs(data)
    else:
        counts = pairs(data) if flags & 64 else None
        if counts is None:
            points = data.count()
            low = data.int() if points else 0
            counts = [(low + place, data.count()) for place in range(points)]
            counts = [(key, n) for key, n in counts if n]
        quantiles = {
            "kind": "grid",
            "step": step,
            "keys": [key for key, _ in counts],
            "counts": [n for _, n in counts],
        }
    if m2 is None:
        m2 = moment(plain, quantiles, step)
    told = lambda ms: spell(since_1970(hour + ms))
    result = {name: plain[name] for name in ("count", "sum", "min", "max")}
    result |= {name: told(at[name]) for name in ("min_at", "max_at") if name in at}
    result |= {
        "unit": unit,
        "m2": m2,
        "first": {"at": told(at["first"]), "value": plain["first"]},
        "last": {"at": told(at["last"]), "value": plain["last"]},
        "presence": presence,
        "quantiles": quantiles,
        "trace": bins(data, trace, step, plain["min"]) if trace else None,
    }
    if data.at != len(data.data):
        raise ValueError("bytes too many")
    return result


def moment(plain, quantiles, step):
    """Of equal values zero; else what the histogram tells."""
    if plain["min"] == plain["max"]:
        return 0.0
    keys = [key - quantiles["keys"][0] for key in quantiles["keys"]]
    counts = quantiles["counts"]
    total = sum(counts)
    apart = total * sum(n * k * k for n, k in zip(counts, keys)) - sum(
        n * k for n, k in zip(counts, keys)
    ) ** 2
    return point(point(apart / total, step), step)


def bins(data, seconds, step, least):
    length = -(-3600 // seconds)
    if length <= 64:
        bits = int.from_bytes(data.take(-(-length // 8)), "little")
        places = [place for place in range(length) if bits >> place & 1]
    else:
        places = [place for place, _ in pairs(data)]
    base = 0 if step is None else nearest(least, step)
    value = lambda base: data.float() if step is None else data.on_grid(step, base)
    rows = []
    for place in places:
        twice = data.count()
        count, low = twice >> 1, value(base)
        high, total = low, low * count
        if not twice & 1:
            high = value(base)
            total = value(0 if step is None else nearest(low, step) * count)
        rows.append((place, count, total, low, high))
    columns = list(zip(*rows)) or [()] * 5
    return {"step": seconds} | dict(zip(("bins", "counts", "sums", "mins", "maxs"), columns))


class Sqlite:
    """The rows of a SQLite store, each with what its commit says."""

    def __init__(self, url):
        path = Path(url.removeprefix("sqlite:")).absolute()
        self.store = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
        self.store.row_factory = sqlite3.Row

    def ledger(self):
        for row in self.store.execute("SELECT * FROM ledger"):
            columns = dict(row)
            yield json.loads(columns.pop("entry")) | columns

    def rows(self, table):
        commits = self.store.execute(
            "SELECT number, commit_id, source, hour, batch FROM commits "
            "JOIN feeds ON feeds.number = feed".replace("number,", "commits.number,", 1)
        )
        for number, commit, source, hour, batch in commits.fetchall():
            head = {"commit_id": commit, "source": source, "batch": batch}
            head["hour"] = spell(since_1970(hour * 1000))
            span = (number << 24, (number + 1) << 24)
            if table == "summaries":
                yield from self.summaries(head, span, hour * 1000)
            else:
                yield from self.records(head, span, hour * 1000)
                yield from self.lines(head, span)

    def summaries(self, head, span, hour):
        series = {}
        for row in self.store.execute(
            "SELECT n.name AS series, f.name AS field, f.unit, f.form, f.step, f.trace, s.* "
            "FROM summaries s JOIN names n ON n.number = s.series "
            "JOIN fields f ON f.number = s.field WHERE s.id >= ? AND s.id < ? ORDER BY s.id",
            span,
        ):
            row = dict(zip(row.keys()[:6], tuple(row)[:6])) | {
                key: row[key] for key in ("count", "sum", "min", "max", "first", "last", "rest")
            }
            fields = series.setdefault(row["series"], {})
            fields[row["field"]] = field(row, row["rest"], hour)
        for name, fields in series.items():
            yield head | {"series": name, "fields": fields}

    def records(self, head, span, hour):
        for row in self.store.execute(
            "SELECT n.name AS record, r.time_ms, r.updated_ms, a.after_ms, a.hash, r.first_ms, "
            "r.last_ms, h.names, r.body FROM records r JOIN names n ON n.number = r.name "
            "JOIN answers a ON a.commit_number = r.id >> 24 AND a.place = r.answer "
            "JOIN shapes h ON h.number = r.shape WHERE r.id >= ? AND r.id < ?",
            span,
        ):
            told = lambda ms: None if ms is None else spell(since_1970(ms))
            yield head | {
                "id": row["record"],
                "time": told(row["time_ms"]),
                "updated": told(row["updated_ms"]),
                "instant": told(hour + row["after_ms"]),
                "hash": row["hash"].hex(),
                "first_seen": told(hour + row["first_ms"]),
                "last_seen": told(hour + row["last_ms"]),
                "values": dict(zip(json.loads(row["names"]), json.loads(row["body"]))),
            }

    def lines(self, head, span):
        for (text,) in self.store.execute(
            "SELECT lines FROM runs WHERE id >= ? AND id < ?", span
        ):
            yield from lines_of(head, json.loads(text))


def lines_of(head, lines):
    """As many rows as a run has lines: a list of thirteen or more tells two."""
    for line in lines:
        for _ in range(2 if len(line) >= 13 else 1):
            yield head | {"line": line}


def field(row, rest, hour):
    if row["form"] == "texts":
        texts = json.loads(rest) if isinstance(rest, str) else rest
        return {"unit": row["unit"], "count": row["count"], "texts": texts}
    return statistics(row, rest, row["unit"], row["form"], row["step"], row["trace"], hour)


class Mongo:
    """The rows of a MongoDB store, each with what its commit says."""

    def __init__(self, url):
        import pymongo
        from pymongo.read_concern import ReadConcern

        client = pymongo.MongoClient(url, serverSelectionTimeoutMS=10_000)
        self.store = client.get_default_database("daybook").with_options(
            read_concern=ReadConcern("majority")
        )

    def ledger(self):
        for document in self.store.ledger.find():
            yield plain(document)

    def rows(self, table):
        commits = {}
        for commit in self.store.commits.find():
            head = {key: commit[key] for key in ("source", "batch")}
            head |= {"commit_id": commit["commit"], "hour": spell(commit["hour"])}
            commits[commit["_id"]] = head, commit["hour"]
        known = {document["_id"]: document for document in self.store.fields.find()}
        if table == "summaries":
            for row in self.store.summary_rows.find():
                head, hour = commits[row["commit"]]
                start = (hour - datetime(1970, 1, 1)) // timedelta(milliseconds=1)
                fields = {
                    name: field(known[kept["field"]] | kept, kept.get("rest", kept.get("texts")), start)
                    for name, kept in row["fields"].items()
                }
                yield head | {"series": row["series"], "fields": fields}
            return
        for row in self.store.record_rows.find():
            head, _ = commits[row["commit"]]
            yield head | plain(row) | {"hash": row["hash"].hex()} | head
        for row in self.store.runs.find():
            yield from lines_of(commits[row["commit"]][0], row["lines"])


def plain(value):
    """Dates as the programs spell them."""
    if isinstance(value, datetime):
        return spell(value)
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def whole(text):
    """A text as it was given: PostgreSQL has none with the character zero."""
    return text.replace("\x010", "\0").replace("\x011", "\x01")


class Postgres:
    """The rows of a PostgreSQL store, each with what its commit says."""

    def __init__(self, url):
        import psycopg
        from psycopg.rows import dict_row
        from urllib.parse import parse_qs, urlsplit, urlunsplit

        parts = urlsplit(url)
        schema = parse_qs(parts.query).get("schema", ["daybook"])[0]
        bare = urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
        self.schema, options = schema, f"-c search_path={schema} -c timezone=UTC"
        self.store = psycopg.connect(bare, options=options, row_factory=dict_row, autocommit=True)

    def drop(self):
        self.store.execute(f"DROP SCHEMA {self.schema} CASCADE")

    def all(self, sql):
        return self.store.execute(sql).fetchall()

    def ledger(self):
        for row in self.all("SELECT source, keeper, day, number, entry FROM ledger"):
            yield json.loads(whole(row.pop("entry"))) | row

    def rows(self, table):
        commits = {}
        for row in self.all(
            "SELECT c.number, commit_id, source, hour, batch FROM commits c "
            "JOIN feeds f ON f.number = c.feed"
        ):
            commits[row.pop("number")] = plain({k: utc(v) for k, v in row.items()})
        if table == "summaries":
            yield from self.summaries(commits)
            return
        for row in self.all(
            "SELECT r.*, n.name AS record, body::text AS said FROM records r "
            "JOIN names n ON n.number = r.name"
        ):
            told = lambda key: None if row[key] is None else spell(utc(row[key]))
            values = json.loads(row["said"])
            yield commits[row["commit_number"]] | {
                "id": whole(row["record"]),
                "time": told("time"),
                "updated": told("updated_at"),
                "instant": told("fetched_at"),
                "hash": row["hash"].hex(),
                "first_seen": told("first_seen_at"),
                "last_seen": told("last_seen_at"),
                "values": {
                    whole(name): whole(value) if isinstance(value, str) else value
                    for name, value in values.items()
                },
            }
        for row in self.all("SELECT commit_number, lines::text AS lines FROM runs"):
            yield from lines_of(commits[row["commit_number"]], json.loads(row["lines"]))

    def summaries(self, commits):
        series = {}
        for row in self.all(
            "SELECT n.name AS series, f.name AS field, f.unit, f.form, f.step, f.trace, "
            "s.commit_number, s.count, s.sum, s.min, s.max, s.first, s.last, s.rest, s.texts "
            "FROM summaries s JOIN names n ON n.number = s.series "
            "JOIN fields f ON f.number = s.field"
        ):
            hour = datetime.strptime(commits[row["commit_number"]]["hour"], "%Y-%m-%dT%H:%M:%S.%fZ")
            start = (hour - datetime(1970, 1, 1)) // timedelta(milliseconds=1)
            rest = row["texts"] if row["rest"] is None else row["rest"]
            fields = series.setdefault((row["commit_number"], whole(row["series"])), {})
            fields[row["field"]] = field(row, rest, start)
        for (commit, name), fields in series.items():
            yield commits[commit] | {"series": name, "fields": fields}


def utc(value):
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value
