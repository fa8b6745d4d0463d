#!/usr/bin/env python3
"""The independent recount: from what the services answered to what the store must hold.

    recount.py --served DIR --store URL [--day YYYY-MM-DD] [--unreadable GLOB]...
    recount.py --served DIR --export DIR --day YYYY-MM-DD [--unreadable GLOB]...

DIR holds every answer that landed, as <source>/<source>_<instant>[_i-<item>][_r<date>].<ext>: the
instant is that of the fetch, the date the one on which a recorded answer was recorded. From these files, and
from nothing of the crate, every statistic and every record is computed with exact arithmetic; then
the store (sqlite:PATH, mongodb://HOST/DATABASE or postgres://HOST/DATABASE) is read by the rules of its ledger and compared:
counts, extremes and their instants, quantiles and records exactly, sums and second moments to 1e-9.

--day compares one UTC day, that on which answers landed; else all that is there.

--export compares the records that were exported of a UTC day with those of that day by their own
time, out of all answers, whenever they landed: of each id the greatest version by (updated, instant,
hash of the answer), and its first and last sighting. What was corrected days later must be right,
what landed late or before its time must be there, what moved to another day must not.
 --unreadable names served files (a pattern of
file names) of which nothing may be counted. Exit code 0: equal; 1: not; 2: it could not be told.

It shares no code, no table and no declaration with the programs, on purpose: where they are wrong,
this must not be wrong in the same way. A new source needs an entry in SOURCES.
"""

import argparse
import csv
import fnmatch
import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from math import ceil, isfinite
from pathlib import Path
from xml.etree import ElementTree

from kept import Mongo, Postgres, Sqlite, plain, spell

def json_list(*path):
    """The items of a JSON answer: the list at a path."""

    def read(content):
        try:
            document = json.loads(content, parse_constant=refuse)
        except ValueError as error:
            raise Unreadable(str(error)) from error
        found = step_into(document, path)
        if not isinstance(found, list):
            raise Unreadable(f"no list at {'.'.join(path)}")
        return found

    return read


def one(content):
    """The answer as its only item."""
    return [json.loads(content, parse_constant=refuse)]


def rows(delimiter):
    """The rows of a CSV answer, by the names of its header."""

    def read(content):
        lines = content.decode("utf-8").splitlines()
        return list(csv.DictReader(lines, delimiter=delimiter))

    return read


def first_hour(content):
    """The first hour of a forecast."""
    return [json.loads(content, parse_constant=refuse)["properties"]["timeseries"][0]]


def scaled(path, factor, absent=()):
    """A decimal times a factor, as the digits say."""

    def read(item):
        value = step_into(item, path)
        return None if value is None or value in absent else float(Decimal(str(value)) * factor)

    return read


def synop(column, factor=1, absent=("mq", "")):
    return scaled((column,), Decimal(factor), absent)


def ecb_rates(content):
    """Each currency of each day of the ECB's XML."""
    cube = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
    days = ElementTree.fromstring(content).find(cube).findall(cube)
    return [dict(rate.attrib, day=day.get("time")) for day in days for rate in day.findall(cube)]


def at_zero(form):
    """Reads an instant by a form, in UTC unless it has an offset."""

    def read(text):
        at = datetime.strptime(text, form)
        return at.astimezone(timezone.utc).replace(tzinfo=None) if at.tzinfo else at

    return read


def since_1970(seconds):
    return datetime(1970, 1, 1) + timedelta(seconds=seconds)


def fractions(text):
    """An instant with any number of decimals; the store keeps three."""
    whole, _, rest = text.rstrip("Z").partition(".")
    at = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S")
    return at + timedelta(milliseconds=int((rest + "000")[:3]))


def measured(key, time, form):
    """The id of a measurement: its series and its own time."""

    def read(item, answer):
        at = form(step_into(item, time))
        series = key(item, answer) if callable(key) else answer.source if key is None else item[key]
        return f"{series} {at:%Y-%m-%dT%H:%M:%SZ}"

    return read


# Per source: where items are, what they are called, their fields. A path is a tuple of keys and
# places. Of samples: name -> (path, unit, step of the grid, seconds of a trace bin or None).
SOURCES = {
    "earthquakes-usgs": {
        "kind": "records",
        "items": json_list("features"),
        "id": [
            (("id",), None),
            (("properties", "detail"), r"([^/]+)\.geojson$"),
        ],
        "time": ("properties", "time"),
        "updated": ("properties", "updated"),
        "numbers": {
            "magnitude": ("properties", "mag"),
            "depth": ("geometry", "coordinates", 2),
            "lat": ("geometry", "coordinates", 1),
            "lon": ("geometry", "coordinates", 0),
        },
        "texts": {"place": ("properties", "place")},
    },
    "bikes-baywheels": {
        "kind": "samples",
        "items": json_list("data", "stations"),
        "series": ("station_id",),
        "numbers": {
            "bikes": (("num_bikes_available",), "bike", 1, 600),
            "ebikes": (("num_ebikes_available",), "bike", 1, None),
            "docks": (("num_docks_available",), "dock", 1, 600),
        },
        # name -> (the field, what is made of its values in one answer, unit, step, trace)
        "aggregates": {
            "bikes_in_town": ("bikes", sum, "bike", 1, 600),
            "docks_in_town": ("docks", sum, "dock", 1, 600),
            "stations_empty": ("bikes", lambda values: values.count(0), "station", 1, 600),
        },
    },
    "bikes-baywheels-stations": {
        "kind": "records",
        "items": json_list("data", "stations"),
        "id": [(("station_id",), None)],
        "time": None,
        "updated": None,
        "numbers": {"lat": ("lat",), "lon": ("lon",), "capacity": ("capacity",)},
        "texts": {"name": ("name",)},
    },
    "bikes-velib": {
        "kind": "samples",
        "items": json_list("data", "stations"),
        "wanted": lambda item: item["is_installed"] == 1,
        "series": lambda item, _: str(item["station_id"]),
        "numbers": {
            "bikes": (("num_bikes_available",), "bike", 1, 600),
            "ebikes": (
                lambda item: next(t["ebike"] for t in item["num_bikes_available_types"] if "ebike" in t),
                "bike", 1, None,
            ),
            "docks": (("num_docks_available",), "dock", 1, 600),
        },
        "aggregates": {
            "bikes_in_town": ("bikes", sum, "bike", 1, 600),
            "stations_empty": ("bikes", lambda values: values.count(0), "station", 1, 600),
        },
    },
    "bikes-velib-stations": {
        "kind": "records",
        "items": json_list("data", "stations"),
        "id": lambda item, _: str(item["station_id"]),
        "time": None,
        "updated": None,
        "numbers": {"lat": ("lat",), "lon": ("lon",), "capacity": ("capacity",)},
        "texts": {"name": ("name",)},
    },
    "carbon-uk": {
        "kind": "records",
        "items": json_list("data"),
        "id": measured(None, ("from",), at_zero("%Y-%m-%dT%H:%MZ")),
        "time": lambda item: at_zero("%Y-%m-%dT%H:%MZ")(item["from"]),
        "updated": None,
        "numbers": {"actual": ("intensity", "actual"), "forecast": ("intensity", "forecast")},
        "texts": {"level": ("intensity", "index")},
    },
    "crypto-bitstamp": {
        "kind": "samples",
        "items": one,
        "series": lambda _, answer: answer.item,
        "numbers": {
            "price": (("last",), "EUR", 0.01, 300),
            "bid": (("bid",), "EUR", 0.01, None),
            "ask": (("ask",), "EUR", 0.01, None),
        },
    },
    "earthquakes-emsc": {
        "kind": "records",
        "items": json_list("features"),
        "id": [(("properties", "unid"), None)],
        "time": lambda item: fractions(item["properties"]["time"]),
        "updated": lambda item: fractions(item["properties"]["lastupdate"]),
        "numbers": {
            "magnitude": ("properties", "mag"),
            "depth": ("properties", "depth"),
            "lat": ("properties", "lat"),
            "lon": ("properties", "lon"),
        },
        "texts": {"place": ("properties", "flynn_region")},
    },
    "electricity-eco2mix": {
        "kind": "records",
        "items": json_list(),
        "wanted": lambda item: item["consommation"] is not None,
        "id": measured("perimetre", ("date_heure",), at_zero("%Y-%m-%dT%H:%M:%S%z")),
        "time": lambda item: at_zero("%Y-%m-%dT%H:%M:%S%z")(item["date_heure"]),
        "updated": None,
        "numbers": {
            "consumption": ("consommation",),
            "nuclear": ("nucleaire",),
            "hydro": ("hydraulique",),
            "gas": ("gaz",),
            "wind": ("eolien",),
            "wind_offshore": ("eolien_offshore",),
            "solar": ("solaire",),
            "exchanges": ("ech_physiques",),
            "co2": ("taux_co2",),
        },
        "texts": {},
    },
    "rates-ecb": {
        "kind": "records",
        "items": ecb_rates,
        "id": measured("currency", ("day",), at_zero("%Y-%m-%d")),
        "time": lambda item: at_zero("%Y-%m-%d")(item["day"]),
        "updated": None,
        "numbers": {"rate": ("rate",)},
        "texts": {},
    },
    "rivers-hubeau": {
        "kind": "records",
        "items": json_list("data"),
        "wanted": lambda item: item["code_station"] is not None,
        "id": measured("code_station", ("date_obs",), at_zero("%Y-%m-%dT%H:%M:%SZ")),
        "time": lambda item: at_zero("%Y-%m-%dT%H:%M:%SZ")(item["date_obs"]),
        "updated": None,
        # Millimetres in the answer, metres in the store.
        "numbers": {"height": lambda item: item["resultat_obs"] / 1000},
        "texts": {},
    },
    "bikes-oslo": {
        "kind": "samples",
        "items": json_list("data", "stations"),
        "wanted": lambda item: item["is_installed"] is True,
        "series": ("station_id",),
        "numbers": {
            "bikes": (("num_bikes_available",), "bike", 1, 1800),
            "docks": (("num_docks_available",), "dock", 1, 1800),
        },
        "aggregates": {
            "bikes_in_town": ("bikes", sum, "bike", 1, 1200),
            "stations_empty": ("bikes", lambda values: values.count(0), "station", 1, 1200),
            "stations_full": ("docks", lambda values: values.count(0), "station", 1, 1200),
        },
    },
    "bikes-oslo-stations": {
        "kind": "records",
        "items": json_list("data", "stations"),
        "id": [(("station_id",), None)],
        "time": None,
        "updated": None,
        "numbers": {"lat": ("lat",), "lon": ("lon",), "capacity": ("capacity",)},
        "texts": {"name": ("name",)},
    },
    "parking-malaga": {
        "kind": "samples",
        "items": rows(","),
        "wanted": lambda item: item["dato"] == "OCUPACION",
        "series": ("id",),
        "numbers": {"free": (("libres",), "space", 1, 900)},
        "aggregates": {"free_in_town": ("free", sum, "space", 1, 900)},
    },
    "solar-wind": {
        "kind": "records",
        "items": json_list(),
        "wanted": lambda item: item[0] != "time_tag",
        "id": measured(None, (0,), at_zero("%Y-%m-%d %H:%M:%S.%f")),
        "time": lambda item: at_zero("%Y-%m-%d %H:%M:%S.%f")(item[0]),
        "updated": None,
        "numbers": {"speed": (1,), "density": (2,), "temperature": (3,)},
        "texts": {},
    },
    "solar-xrays": {
        "kind": "records",
        "items": json_list(),
        "wanted": lambda item: item["energy"] == "0.1-0.8nm",
        "id": measured(None, ("time_tag",), at_zero("%Y-%m-%dT%H:%M:%SZ")),
        "time": lambda item: at_zero("%Y-%m-%dT%H:%M:%SZ")(item["time_tag"]),
        "updated": None,
        # Watts in the answer, millionths of them in the store.
        "numbers": {"flux": lambda item: item["flux"] * 1e6},
        "texts": {},
    },
    "space-kp": {
        "kind": "records",
        "items": json_list(),
        "id": measured(None, ("time_tag",), at_zero("%Y-%m-%dT%H:%M:%S")),
        "time": lambda item: at_zero("%Y-%m-%dT%H:%M:%S")(item["time_tag"]),
        "updated": None,
        "numbers": {"kp": ("Kp",), "stations": ("station_count",)},
        "texts": {},
    },
    "tide-seattle": {
        "kind": "records",
        "items": json_list("data"),
        "id": measured(None, ("t",), at_zero("%Y-%m-%d %H:%M")),
        "time": lambda item: at_zero("%Y-%m-%d %H:%M")(item["t"]),
        "updated": None,
        "numbers": {"height": ("v",)},
        "texts": {},
    },
    "weather-metno": {
        "kind": "records",
        "items": first_hour,
        "id": measured(lambda _, answer: answer.item, ("time",), at_zero("%Y-%m-%dT%H:%M:%SZ")),
        "time": lambda item: at_zero("%Y-%m-%dT%H:%M:%SZ")(item["time"]),
        "updated": None,
        "numbers": {
            name: ("data", "instant", "details", key)
            for name, key in (
                ("temperature", "air_temperature"),
                ("wind", "wind_speed"),
                ("pressure", "air_pressure_at_sea_level"),
                ("humidity", "relative_humidity"),
                ("clouds", "cloud_area_fraction"),
            )
        }
        | {"precipitation": ("data", "next_1_hours", "details", "precipitation_amount")},
        "texts": {},
    },
    "weather-openweathermap": {
        "kind": "records",
        "items": one,
        "id": measured(lambda _, answer: answer.item, ("dt",), since_1970),
        "time": lambda item: since_1970(item["dt"]),
        "updated": None,
        "numbers": {
            "temperature": ("main", "temp"),
            "pressure": ("main", "pressure"),
            "humidity": ("main", "humidity"),
            "wind": ("wind", "speed"),
            "rain": ("rain", "1h"),
            "clouds": ("clouds", "all"),
        },
        "texts": {"sky": ("weather", 0, "description")},
    },
    "weather-synop": {
        "kind": "records",
        "items": rows(";"),
        "id": measured("numer_sta", ("date",), at_zero("%Y%m%d%H%M%S")),
        "time": lambda item: at_zero("%Y%m%d%H%M%S")(item["date"]),
        "updated": None,
        "numbers": {
            "gust": synop("raf10"),
            "wind": synop("ff"),
            # Pascals in the answer, hectopascals in the store.
            "pressure": synop("pmer", "0.01"),
            "humidity": synop("u"),
            # Traces are no measurement.
            "rain": synop("rr3", 1, ("mq", "", "-0.100000")),
            # Kelvin in the answer.
            "temperature": lambda item: None
            if item["t"] in ("mq", "")
            else float(Decimal(item["t"]) - Decimal("273.15")),
        },
        "texts": {},
    },
}
# The programs' own journals: no service answered them.
OWN = "daybook"
QUANTILES = (Fraction(5, 100), Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), Fraction(95, 100))
TOLERANCE = Fraction(1, 10**9)
SHOWN_MAX = 20

SERVED = re.compile(
    r"([a-z0-9-]+)_(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)(?:_i-([A-Za-z0-9.-]+))?"
    r"(?:_r(\d{4}-\d\d-\d\d))?\.(?:json|xml|csv)"
)
SNAPSHOT = re.compile(
    r"([a-z0-9-]+)_(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)(?:_i-([A-Za-z0-9.-]+))?"
    r"(?:_r(\d{4}-\d\d-\d\d))?_[0-9a-f]{6}(?:[0-9a-f]{6})?_([0-9a-f]{8})\.(?:json|xml|csv)"
)
DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


class Unreadable(Exception):
    """An item, or a whole answer, that nothing may be counted of."""


# --- what was served ----------------------------------------------------------------------------


class Answer:
    """One served file: its instant, its bytes' hashes and what can be read in it."""

    def __init__(self, path, match):
        self.name = path.name
        self.source, stamp, self.item, recorded = match.groups()
        self.at = datetime.strptime(stamp, "%Y-%m-%dT%H-%M-%SZ")
        shift = (self.at.date() - date.fromisoformat(recorded)).days if recorded else 0
        self.shift = timedelta(days=shift)
        self.content = path.read_bytes()
        self.hash = hashlib.sha256(self.content).hexdigest()
        self.key = (self.source, stamp, self.item, recorded, self.hash[:8])
        # Positions: those of the list, and one more for the aggregates.
        self.length = 0
        self.missing = set()
        self.whole = False

    def items(self, rule):
        """The list of items; nothing of a broken answer is believed."""
        return rule["items"](self.content)


def refuse(constant):
    raise ValueError(f"{constant} is not JSON")


def served(folder, day, differences):
    answers = []
    for path in sorted(folder.glob("*/*")):
        match = SERVED.fullmatch(path.name)
        if match is None or match[1] != path.parent.name or match[1] not in SOURCES:
            differences.append(f"{path}: no answer of a source known here")
            continue
        answer = Answer(path, match)
        if day is None or answer.at.date() == day:
            answers.append(answer)
    return answers


def step_into(value, path):
    for step in path:
        if isinstance(step, int):
            inside = isinstance(value, list) and step < len(value)
        else:
            inside = isinstance(value, dict) and step in value
        if not inside:
            return None
        value = value[step]
    return value


def number(item, path):
    """The number as the nearest double, exactly; None when it is absent."""
    value = path(item) if callable(path) else step_into(item, path)
    if value is None:
        return None
    plain_text = isinstance(value, str) and DECIMAL.fullmatch(value)
    if isinstance(value, bool) or not (plain_text or isinstance(value, (int, float))):
        raise Unreadable(f"{value!r} is no number")
    try:
        return exact(float(value))
    except (OverflowError, ValueError) as error:
        raise Unreadable(f"{value!r} is not finite") from error


def text(item, path):
    value = step_into(item, path)
    if value is None or isinstance(value, str):
        return value
    raise Unreadable(f"{value!r} is no text")


def instant(item, path, shift):
    """An instant given in milliseconds, moved for a recording, in the store's spelling."""
    if callable(path):
        return spell(path(item) + shift)
    value = None if path is None else step_into(item, path)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unreadable(f"{value!r} is no instant")
    return spell(datetime(1970, 1, 1) + timedelta(milliseconds=value) + shift)


def hour_of(at):
    return spell(at.replace(minute=0, second=0, microsecond=0))


def identity(item, alternatives, answer):
    if callable(alternatives):
        return alternatives(item, answer)
    for path, capture in alternatives:
        value = step_into(item, path)
        if not isinstance(value, str):
            continue
        match = re.search(capture or "(.+)", value)
        if match:
            return match[1]
    raise Unreadable("no id")


# --- what must be in the store ------------------------------------------------------------------


class Expected:
    """All that the readable items of the answers come to."""

    def __init__(self):
        # (source, hour, series) -> field -> [(instant, value)]
        self.samples = defaultdict(lambda: defaultdict(list))
        # (source, id) -> [version]
        self.records = defaultdict(list)

    def take(self, answer):
        rule = SOURCES[answer.source]
        items = answer.items(rule)
        answer.length = len(items)
        take_item = self.take_sample if rule["kind"] == "samples" else self.take_record
        columns = defaultdict(list)
        for position, item in enumerate(items):
            if not rule.get("wanted", lambda _: True)(item):
                continue
            try:
                values = take_item(answer, rule, item)
            except Unreadable:
                answer.missing.add(position)
                continue
            for name, value in values.items():
                columns[name].append(value)
        if "aggregates" in rule:
            self.take_aggregates(answer, rule["aggregates"], columns)

    def take_sample(self, answer, rule, item):
        values = {name: number(item, rest[0]) for name, rest in rule["numbers"].items()}
        series = rule["series"]
        series = series(item, answer) if callable(series) else text(item, series)
        if not series:
            raise Unreadable("no series")
        values = {name: value for name, value in values.items() if value is not None}
        row = self.samples[answer.source, hour_of(answer.at), series] if values else {}
        for name, value in values.items():
            row[name].append((answer.at, value))
        return values

    def take_record(self, answer, rule, item):
        values = {name: number(item, path) for name, path in rule["numbers"].items()}
        values |= {name: text(item, path) for name, path in rule["texts"].items()}
        version = {
            "values": {name: value for name, value in values.items() if value is not None},
            "time": instant(item, rule["time"], answer.shift),
            "updated": instant(item, rule["updated"], answer.shift),
            "instant": spell(answer.at),
            "hash": answer.hash,
        }
        if rule["time"] and version["time"] is None:
            raise Unreadable("no time")
        self.records[answer.source, identity(item, rule["id"], answer)].append(version)
        return {}

    def take_aggregates(self, answer, aggregates, columns):
        """Aggregates are one item, readable only when all the others are."""
        if answer.missing:
            answer.missing.add(answer.length)
        else:
            row = self.samples[answer.source, hour_of(answer.at), "*"]
            for name, (field, operation, *_) in aggregates.items():
                row[name].append((answer.at, operation(columns[field])))
        answer.length += 1


def expect(answers, unreadable, differences):
    expected = Expected()
    unused = set(unreadable)
    for answer in answers:
        named = [glob for glob in unreadable if fnmatch.fnmatch(answer.name, glob)]
        unused -= set(named)
        if named:
            answer.whole = True
            continue
        try:
            expected.take(answer)
        except Unreadable as error:
            answer.whole = True
            differences.append(f"{answer.name}: {error}; if so it must be, name it --unreadable")
    differences += [f"--unreadable {glob}: no served file has such a name" for glob in unused]
    return expected


# --- what is in the store -----------------------------------------------------------------------


def open_store(url):
    kinds = {"mongodb": Mongo, "postgres": Postgres}
    return kinds.get(url.split(":")[0], Sqlite)(url)


def book(entry):
    """A source has one ledger; of journals each home has its own."""
    return entry["source"], entry.get("keeper") or ""


def live_entries(ledger):
    """An entry lives unless a later one of its ledger replaces its hour."""
    replaced = defaultdict(int)
    for entry in ledger:
        if entry["kind"] in ("recount", "expiry"):
            hour = book(entry), entry["day"], entry["hour"]
            replaced[hour] = max(replaced[hour], entry["number"])
    for entry in ledger:
        if entry["number"] >= replaced[book(entry), entry["day"], entry["hour"]]:
            yield entry


# --- the comparison -----------------------------------------------------------------------------


class Recount:
    def __init__(self, answers, expected, store, day, differences):
        self.answers, self.expected, self.differences = answers, expected, differences
        self.compared, self.wrong = Counter(), Counter()
        ledger = list(store.ledger())
        live = {entry["commit"]: entry for entry in live_entries(ledger)}
        self.check_numbers(ledger)
        self.dead_rows, rows_found = Counter(), Counter()
        self.summaries, self.records = defaultdict(list), defaultdict(list)
        for table in ("summaries", "records"):
            for row in store.rows(table):
                entry = live.get(row["commit_id"])
                if entry is None:
                    self.dead_rows[row["source"]] += 1
                    continue
                rows_found[row["commit_id"]] += 1
                self.check_row(table, row, entry)
                if day is None or entry["day"] == day.isoformat():
                    self.keep(table, row)
        for commit, entry in live.items():
            if rows_found[commit] != entry["rows"]:
                said = f"{entry['rows']} rows, {rows_found[commit]} are there"
                self.differ(entry["source"], f"entry {entry['day']}/{entry['number']} says {said}")
        self.live = [e for e in live.values() if day is None or e["day"] == day.isoformat()]

    def differ(self, source, what):
        self.wrong[source] += 1
        self.differences.append(f"{source}: {what}")

    def same(self, source, what, found, wanted):
        if found != wanted:
            self.differ(source, f"{what}: {show(found)} in the store, {show(wanted)} recounted")

    def close(self, source, what, found, wanted, scale):
        """Equal to 1e-9 of `scale`, the size of what was added up."""
        if not isfinite(found) or abs(Fraction(found) - wanted) > TOLERANCE * scale:
            self.differ(source, f"{what}: {show(found)} in the store, {show(wanted)} recounted")

    # The ledger and its rows.

    def check_numbers(self, ledger):
        numbers, batches = defaultdict(list), Counter()
        for entry in ledger:
            numbers[book(entry), entry["day"]].append(entry["number"])
            batches[book(entry), entry["batch"]] += 1
        for ((source, _), day), found in numbers.items():
            if sorted(found) != list(range(1, len(found) + 1)):
                self.differ(source, f"the ledger of {day} has the numbers {sorted(found)}")
        for ((source, _), batch), times in batches.items():
            if times > 1:
                self.differ(source, f"batch {batch} has {times} entries")

    def check_row(self, table, row, entry):
        for key in ("source", "hour", "batch"):
            what = f"{key} of a row of {table} under {row['commit_id']}"
            self.same(entry["source"], what, row[key], entry[key])

    def keep(self, table, row):
        if row["source"] == OWN:
            return
        if table == "summaries":
            self.summaries[row["source"], row["hour"], row["series"]].append(row)
        else:
            self.records[row["source"], row["id"]].append(row)

    # Snapshots: each item of each counted once, in the hour of its instant, and no other.

    def check_snapshots(self):
        counted = defaultdict(list)
        for entry in self.live:
            for snapshot in entry["snapshots"] if entry["source"] != OWN else ():
                match = SNAPSHOT.fullmatch(snapshot["id"])
                key = match.groups() if match else snapshot["id"]
                counted[key].append((entry, snapshot["missing"]))
        for answer in self.answers:
            self.check_snapshot(answer, counted.pop(answer.key, []))
            self.compared[answer.source, "snapshots"] += 1
        for found in counted.values():
            for entry, _ in found:
                where = f"entry {entry['day']}/{entry['number']}"
                self.differ(entry["source"], f"{where} names a snapshot that was not served")

    def check_snapshot(self, answer, found):
        if not found:
            self.differ(answer.source, f"{answer.name} is in no live entry")
        times, left = Counter(), None
        for entry, missing in sorted(found, key=lambda pair: pair[0]["number"]):
            if entry["hour"] != hour_of(answer.at):
                self.differ(answer.source, f"{answer.name} is counted in {entry['hour']}")
            if entry["kind"] == "expiry":
                self.differ(answer.source, f"{answer.name} is expired")
            # What an entry misses was missing before; it counted what was, and no longer is.
            done = counted_positions(answer, missing)
            times.update(done if left is None else done & left)
            left = (set(range(answer.length)) if left is None else left) - done
            if answer.whole and missing != "all":
                self.differ(answer.source, f"{answer.name} cannot be read, yet is counted")
        wrong = defaultdict(list)
        for position in sorted(set(times) | set(range(answer.length))):
            readable = not answer.whole and position not in answer.missing
            wanted = 1 if readable and position < answer.length else 0
            if times[position] != wanted:
                wrong[times[position], wanted].append(position)
        for (count, wanted), positions in wrong.items():
            what = f"{answer.name}: times that {len(positions)} items from {positions[0]} on count"
            self.same(answer.source, what, count, wanted)

    # Samples.

    def check_samples(self):
        wanted = {key: fields for key, fields in self.expected.samples.items() if fields}
        for key in sorted(set(wanted) | set(self.summaries)):
            source, hour, series = key
            where = f"{hour[:13]} {series}"
            rows, fields = self.summaries.get(key, []), wanted.get(key, {})
            names = set(fields) | {name for row in rows for name in row["fields"]}
            for name in sorted(names):
                parts = [row["fields"][name] for row in rows if name in row["fields"]]
                self.check_field(source, f"{where} {name}", fields.get(name, []), parts, name)
            self.compared[source, "series-hours"] += 1
            self.compared[source, "values"] += sum(map(len, fields.values()))

    def check_field(self, source, where, readings, parts, name):
        self.same(source, f"{where} count", sum(p["count"] for p in parts), len(readings))
        if not readings or not parts:
            return
        unit, step, trace = measure(SOURCES[source], name)
        values = [value for _, value in readings]
        for part in parts:
            self.same(source, f"{where} unit", part["unit"], unit)
        self.check_extremes(source, where, readings, parts)
        self.check_moments(source, where, values, parts)
        self.check_ends(source, where, readings, parts)
        minutes = sum({1 << at.minute for at, _ in readings})
        presence = 0
        for part in parts:
            presence |= part["presence"]
        self.same(source, f"{where} presence", presence, minutes)
        self.check_quantiles(source, where, values, parts, step)
        self.check_trace(source, where, readings, parts, trace)

    def check_extremes(self, source, where, readings, parts):
        """The least and the greatest value, and the first instant that reached each."""
        for name, pick in (("min", min), ("max", max)):
            wanted, found = pick(value for _, value in readings), pick(exact(p[name]) for p in parts)
            self.same(source, f"{where} {name}", found, wanted)
            at = min(at for at, value in readings if value == wanted)
            told = [p.get(f"{name}_at") for p in parts if exact(p[name]) == found]
            if None in told:
                self.differ(source, f"{where}: a row does not say when its {name} was")
            else:
                self.same(source, f"{where} instant of the {name}", min(told), spell(at))

    def check_moments(self, source, where, values, parts):
        total, squares = sum(values), sum(value * value for value in values)
        size = sum(abs(value) for value in values)
        found = sum(exact(part["sum"]) for part in parts)
        self.close(source, f"{where} sum", float(found), total, size)
        m2 = squares - Fraction(total) ** 2 / len(values)
        found = merged_m2(parts)
        # Where values are equal, what is left is the rounding of their squares.
        self.close(source, f"{where} m2", float(found), m2, max(m2, squares / 10**6))

    def check_ends(self, source, where, readings, parts):
        for end, pick in (("first", min), ("last", max)):
            at = pick(at for at, _ in readings)
            found_at = pick(part[end]["at"] for part in parts)
            self.same(source, f"{where} instant of the {end}", found_at, spell(at))
            wanted = {value for when, value in readings if when == at}
            found = {exact(p[end]["value"]) for p in parts if p[end]["at"] == found_at}
            if not found <= wanted:
                self.same(source, f"{where} {end}", found, wanted)

    def check_quantiles(self, source, where, values, parts, step):
        histogram = Counter()
        for part in parts:
            grid = part["quantiles"]
            if grid["kind"] != "grid" or grid["step"] != step:
                self.differ(source, f"{where}: quantiles are {grid['kind']}, not a grid of {step}")
                return
            if len(grid["keys"]) != len(grid["counts"]):
                self.differ(source, f"{where}: quantiles have keys without counts")
            for key, count in zip(grid["keys"], grid["counts"]):
                histogram[key] += count
        self.same(source, f"{where} count of the grid", sum(histogram.values()), len(values))
        ranked = sorted(values)
        for q in QUANTILES:
            wanted = ranked[ceil(q * len(ranked)) - 1]
            self.same(source, f"{where} quantile {float(q)}", rank(histogram, q, step), wanted)

    def check_trace(self, source, where, readings, parts, step):
        wanted, found = defaultdict(list), defaultdict(list)
        for part in parts:
            trace = part.get("trace")
            if (trace or {}).get("step") != step:
                self.differ(source, f"{where}: the trace is not of {step} s")
                return
            for entry in zip(*(trace[k] for k in ("bins", "counts", "sums", "mins", "maxs")),
                             strict=True) if trace else ():
                if entry[1]:
                    found[entry[0]].append(entry[1:])
        for at, value in readings if step else ():
            wanted[(at.minute * 60 + at.second) // step].append(value)
        for place in sorted(set(wanted) | set(found)):
            self.check_bin(source, f"{where} bin {place}", wanted[place], found[place])

    def check_bin(self, source, where, values, bins):
        self.same(source, f"{where} count", sum(count for count, *_ in bins), len(values))
        if values and bins:
            total = float(sum(exact(found) for _, found, _, _ in bins))
            self.close(source, f"{where} sum", total, sum(values), sum(map(abs, values)))
            self.same(source, f"{where} min", min(exact(b[2]) for b in bins), min(values))
            self.same(source, f"{where} max", max(exact(b[3]) for b in bins), max(values))

    # Records.

    def check_records(self):
        for key in sorted(set(self.expected.records) | set(self.records)):
            source, name = key
            versions, rows = self.expected.records.get(key, []), self.records.get(key, [])
            if not versions or not rows:
                self.differ(source, f"record {name} is {'not ' if versions else ''}in the store, "
                                    f"and was {'' if versions else 'never '}served")
                continue
            self.check_record(source, f"record {name}", versions, rows)
            self.compared[source, "records"] += 1

    def check_record(self, source, where, versions, rows):
        best, found = max(versions, key=order), max(rows, key=order)
        for key in ("time", "updated", "instant", "hash"):
            self.same(source, f"{where} {key}", found[key], best[key])
        # One answer may hold the same version twice, with other values: either is right.
        candidates = [v["values"] for v in versions if order(v) == order(best)]
        values = {k: v if isinstance(v, str) else exact(v) for k, v in found["values"].items()}
        if values not in candidates:
            self.same(source, f"{where} values", values, best["values"])
        seen = [version["instant"] for version in versions]
        first, last = min(r["first_seen"] for r in rows), max(r["last_seen"] for r in rows)
        self.same(source, f"{where} first sighting", first, min(seen))
        self.same(source, f"{where} last sighting", last, max(seen))

    # The outcome.

    def run(self):
        self.check_snapshots()
        self.check_samples()
        self.check_records()
        for source in sorted({answer.source for answer in self.answers} | set(self.wrong)):
            kinds = ("records", "series-hours", "values", "snapshots")
            counts = [f"{self.compared[source, k]} {k}" for k in kinds if self.compared[source, k]]
            wrong = self.wrong[source]
            verdict = f"NOT EQUAL, differences: {wrong}" if wrong else "equal"
            print(f"{source}: {', '.join(counts) or 'nothing'}: {verdict}")
        for source, rows in sorted(self.dead_rows.items()):
            print(f"{source}: {rows} rows of void or unnamed commits, left out")


class Exported:
    """The exported records of a day beside what all answers say of that day."""

    def __init__(self, folder, day, expected, differences):
        self.folder, self.day, self.differences = folder, day.isoformat(), differences
        self.expected = defaultdict(dict)
        for (source, name), versions in expected.records.items():
            best = max(versions, key=order)
            if best["time"] is not None and best["time"][:10] == self.day:
                self.expected[source][name] = versions
        self.sources = {source for source, _ in expected.records if SOURCES[source]["time"]}

    def run(self):
        for source in sorted(self.sources):
            wanted, before = self.expected[source], len(self.differences)
            with open(self.folder / f"{source}_records.csv", encoding="utf-8", newline="") as file:
                found = {row["id"]: row for row in csv.DictReader(file)}
            for name in sorted(set(wanted) | set(found)):
                if name not in found or name not in wanted:
                    not_there = "not " if name not in found else ""
                    self.differ(source, f"{name} is {not_there}exported for {self.day}")
                else:
                    self.check(source, name, wanted[name], found[name])
            verdict = "equal" if len(self.differences) == before else "NOT EQUAL"
            print(f"{source}: {len(wanted)} records of {self.day}: {verdict}")

    def differ(self, source, what):
        self.differences.append(f"{source}: {what}")

    def check(self, source, name, versions, row):
        best, seen = max(versions, key=order), [version["instant"] for version in versions]
        wanted = {"time": best["time"], "updated": best["updated"] or ""}
        wanted |= {"first_seen": min(seen), "last_seen": max(seen)}
        for key, value in wanted.items():
            if row[key] != value:
                self.differ(source, f"{name} {key}: {row[key]!r} exported, {value!r} recounted")
        # One answer may hold the same version twice, with other values: either is right.
        rule = SOURCES[source]
        cells = {key: row[key] for key in [*rule["numbers"], *rule["texts"]] if row[key] != ""}
        found = {k: cells[k] if k in rule["texts"] else exact(float(cells[k])) for k in cells}
        if found not in [v["values"] for v in versions if order(v) == order(best)]:
            said = f"{show(found)} exported, {show(best['values'])} recounted"
            self.differ(source, f"{name} values: {said}")


def counted_positions(answer, missing):
    """Positions of an answer that an entry counts, given what it misses."""
    if missing == "all":
        return set()
    ranges = missing or []
    left_out = {n for start, end in ranges for n in range(start, end + 1)}
    past = {n for n in left_out if n >= answer.length}
    # A position past the list is shown as counted where nothing is.
    return (set(range(answer.length)) - left_out) | past


def measure(rule, name):
    """Unit, grid step and trace step of a field or an aggregate."""
    if name in rule["numbers"]:
        return rule["numbers"][name][1:]
    return rule["aggregates"][name][2:]


def merged_m2(parts):
    """The second moment of all parts, about their common mean."""
    count = sum(part["count"] for part in parts)
    mean = Fraction(sum(exact(part["sum"]) for part in parts)) / count
    apart = (
        part["count"] * (Fraction(exact(part["sum"])) / part["count"] - mean) ** 2
        for part in parts
    )
    return sum(exact(part["m2"]) for part in parts) + sum(apart)


def rank(histogram, q, step):
    """Nearest rank: the least value whose cumulative count reaches q."""
    left = ceil(q * sum(histogram.values()))
    for key in sorted(histogram):
        left -= histogram[key]
        if left <= 0:
            # As decimals: 930555 steps of 0.01 are 9305.55.
            return exact(float(key * Fraction(str(step))))
    return None


def order(version):
    """The order of a record's versions; without `updated` it is the least."""
    return version["updated"] or "", version["instant"], version["hash"]


def exact(value):
    value = Fraction(value)
    return int(value) if value.denominator == 1 else value


def show(value):
    if isinstance(value, dict):
        return ", ".join(f"{key} {show(inner)}" for key, inner in sorted(value.items()))
    if isinstance(value, set):
        return " or ".join(map(show, sorted(value)))
    return str(float(value)) if isinstance(value, Fraction) else repr(value)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--served", type=Path, required=True, metavar="DIR")
    parser.add_argument("--store", metavar="URL")
    parser.add_argument("--export", type=Path, metavar="DIR")
    parser.add_argument("--day", type=date.fromisoformat, metavar="YYYY-MM-DD")
    parser.add_argument("--unreadable", action="append", default=[], metavar="GLOB")
    options = parser.parse_args()
    if not options.store and not (options.export and options.day):
        parser.error("name the --store, or an --export and its --day")
    return options


def main():
    options, differences = arguments(), []
    # Of what was exported of a day, any answer may tell.
    landed = None if options.export else options.day
    answers = served(options.served, landed, differences)
    if not answers:
        differences.append(f"{options.served}: no answers to compare")
    expected = expect(answers, options.unreadable, differences)
    if options.export:
        Exported(options.export, options.day, expected, differences).run()
    else:
        store = open_store(options.store)
        Recount(answers, expected, store, options.day, differences).run()
    for difference in differences[:SHOWN_MAX]:
        print(f"  {difference}")
    if len(differences) > SHOWN_MAX:
        print(f"  and {len(differences) - SHOWN_MAX} more")
    return 1 if differences else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception as error:  # a store that cannot be read tells nothing: neither equal nor not
        print(f"recount: {type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(2)
