#!/usr/bin/env python3
"""Writes a day for the benchmark of the report: gen_report.py OUT [ROWS]

OUT/recording/  answers of one day as a fetcher would have kept them: 1,450 stations of bikes every
                ten minutes with their names and places, 24 towns of weather, 5,000 earthquakes
OUT/sources/    their declarations: 40 figures, one of them a table of ROWS earthquakes [default: 5000]
OUT/peers.json  the same day for the peers, ready made: hourly figures of each series, the day of
                each line in steps of ten minutes, all records. They read no answers and no store.
Deterministic.
"""

import datetime as dt
import json
import math
import os
import random
import sys

STATIONS, TOWNS, QUAKES, STEPS = 1450, 24, 5000, 144
DAY = dt.datetime(2026, 11, 20, tzinfo=dt.timezone.utc)
rnd = random.Random(20261120)
out = sys.argv[1]
ROWS = int(sys.argv[2]) if len(sys.argv) > 2 else QUAKES

ABOUT = """title = "{title}"
topic = "{topic}"

[about]
content     = "Synthetic {title} for the benchmark"
zone        = "nowhere"
period      = "{every}"
access      = "api"
token       = "none"
licence     = {{ name = "CC0", url = "https://creativecommons.org/publicdomain/zero/1.0/", reuse = "free" }}
attribution = "made by scripts/bench/gen_report.py"
homepage    = "https://example.org/"

[fetch]
url    = "https://example.org/{name}.json"
every  = "{every}"
format = "json"

"""


def declare(name, title, topic, every, rest):
    with open(f"{out}/sources/{name}.toml", "w") as file:
        file.write(ABOUT.format(name=name, title=title, topic=topic, every=every) + rest)


def land(name, at, answer):
    folder = f"{out}/recording/{name}"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/{name}_{at:%Y-%m-%dT%H-%M-%S}Z.json", "w") as file:
        json.dump(answer, file)


def figure(kind, field, rows=None):
    more = "" if rows is None else f"rows  = {rows}\n"
    return f'[[figures]]\nkind  = "{kind}"\nfield = "{field}"\n{more}\n'


def aggregate(name, body, unit, title, resolution="1"):
    head = f'[aggregates.{name}]\n{body}\nunit = "{unit}"\nresolution = {resolution}\n'
    return head + f'trace = "10m"\ntitle = "{title}"\n\n'


# What the peers get.
lines, hourly, places = {}, {}, []


def enter(series, field, step, value):
    low, high, total, count = hourly.setdefault(field, {}).setdefault(series, {}).get(step // 6, (1e9, -1e9, 0, 0))
    hourly[field][series][step // 6] = (min(low, value), max(high, value), round(total + value, 3), count + 1)


def line(name, step, value):
    lines.setdefault(name, []).append(round(value, 2))


def bikes():
    fields = ["bikes", "docks", "electric"]
    paths = ["num_bikes_available", "num_docks_available", "num_ebikes_available"]
    rest = '[samples]\nat     = "data.stations[*]"\nseries = "station_id"\nlabels = "stations"\n\n'
    for field, path in zip(fields, paths):
        rest += f'[fields.{field}]\npath = "{path}"\nunit = "{field[:-1] if field != "electric" else "bike"}"\n'
        rest += f'resolution = 1\ntrace = "10m"\ntitle = "{field.capitalize()}"\n\n'
    sums = [(f"all_{field}", f'sum = "{field}"', field) for field in fields]
    none = [(f"no_{field}", f'count = "{field}"\nequals = 0', field) for field in fields]
    most = [(f"most_{field}", f'max = "{field}"', field) for field in fields]
    names = {"all": "in town, {}", "no": "stations without {}", "most": "most {} at a station"}
    for name, body, field in sums + none + most:
        unit = "station" if name.startswith("no_") else "bike"
        rest += aggregate(name, body, unit, names[name.split("_")[0]].format(field).capitalize())
    rest += "".join(figure("line", name) for name, _, _ in sums + none + most)
    rest += "".join(figure("map", field) for field in fields)
    rest += "".join(figure("multiples", field, 12) for field in fields)
    rest += "".join(figure("table", field, 20) for field in fields)
    declare("bikes", "Bikes", "bikes", "10m", rest)

    capacity = [rnd.randint(10, 60) for _ in range(STATIONS)]
    spots = [(48.8 + rnd.gauss(0.06, 0.04), 2.25 + rnd.gauss(0.1, 0.07)) for _ in range(STATIONS)]
    ids = [str(213688169 + k) for k in range(STATIONS)]
    listed = []
    for k, (lat, lon) in enumerate(spots):
        name = f"{rnd.choice(['Place', 'Rue', 'Quai', 'Avenue'])} {rnd.choice('ABCDEFGHIJKLMNOP')}{k}"
        listed.append({"station_id": ids[k], "name": name, "lat": round(lat, 5), "lon": round(lon, 5)})
        places.append([name, round(lat, 5), round(lon, 5)])
    land("stations", DAY, {"data": {"stations": listed}})
    declare("stations", "Stations", "bikes", "1d", """[records]
at = "data.stations[*]"
id = "station_id"

[fields]
name = { path = "name", kind = "text" }
lat  = { path = "lat", unit = "°" }
lon  = { path = "lon", unit = "°" }
""")
    held = [rnd.randint(0, c) for c in capacity]
    swing = [rnd.uniform(-1, 1) for _ in range(STATIONS)]
    for step in range(STEPS):
        rows, tide = [], math.sin(step / STEPS * 2 * math.pi)
        for k in range(STATIONS):
            move = rnd.choice((-2, -1, 0, 0, 1, 2)) + round(tide * swing[k] * 1.5)
            held[k] = min(capacity[k], max(0, held[k] + move))
            electric = held[k] * (k % 7) // 10
            rows.append({"station_id": ids[k], "num_bikes_available": held[k],
                         "num_ebikes_available": electric, "num_docks_available": capacity[k] - held[k],
                         "is_installed": 1, "is_returning": 1, "is_renting": 1})
            for field, value in zip(fields, (held[k], capacity[k] - held[k], electric)):
                enter(ids[k], field, step, value)
        at = DAY + dt.timedelta(minutes=10 * step)
        land("bikes", at, {"last_updated": int(at.timestamp()), "data": {"stations": rows}})
        for field, path in zip(fields, paths):
            values = [row[path] for row in rows]
            line(f"all_{field}", step, sum(values))
            line(f"no_{field}", step, values.count(0))
            line(f"most_{field}", step, max(values))


def weather():
    fields = {"temperature": ("°C", 9, 6), "wind": ("m/s", 8, 4), "pressure": ("hPa", 1012, 9)}
    rest = '[samples]\nat     = "list[*]"\nseries = "id"\nlabels = "towns"\n\n'
    for field, (unit, _, _) in fields.items():
        rest += f'[fields.{field}]\npath = "{field}"\nunit = "{unit}"\nresolution = 0.1\n'
        rest += f'trace = "10m"\ntitle = "{field.capitalize()}"\n\n'
    kinds = {"mean": "Mean", "min": "Least", "max": "Greatest"}
    for field, (unit, _, _) in fields.items():
        for kind, word in kinds.items():
            rest += aggregate(f"{kind}_{field}", f'{kind} = "{field}"', unit, f"{word} {field}", "0.1")
    rest += "".join(figure("line", f"{kind}_{field}") for field in fields for kind in kinds)
    rest += "".join(figure("map", field) for field in fields)
    rest += "".join(figure("multiples", field, 24) for field in fields)
    rest += "".join(figure("table", field, 12) for field in fields)
    declare("weather", "Weather", "weather", "10m", rest)
    towns = [{"id": f"t{k:02}", "name": f"Town {k + 1}", "lat": round(rnd.uniform(43, 50), 3),
              "lon": round(rnd.uniform(-4, 8), 3)} for k in range(TOWNS)]
    land("towns", DAY, {"list": towns})
    declare("towns", "Towns", "weather", "1d", """[records]
at = "list[*]"
id = "id"

[fields]
name = { path = "name", kind = "text" }
lat  = { path = "lat", unit = "°" }
lon  = { path = "lon", unit = "°" }
""")
    for step in range(STEPS):
        rows = []
        for k in range(TOWNS):
            row = {"id": f"t{k:02}"}
            for field, (_, middle, wide) in fields.items():
                tide = math.sin(step / STEPS * 2 * math.pi + k / 5)
                row[field] = round(middle + wide * tide + rnd.gauss(0, wide / 12), 1)
                enter(row["id"], field, step, row[field])
            rows.append(row)
        land("weather", DAY + dt.timedelta(minutes=10 * step), {"list": rows})
        for field in fields:
            values = [row[field] for row in rows]
            line(f"mean_{field}", step, sum(values) / TOWNS)
            line(f"min_{field}", step, min(values))
            line(f"max_{field}", step, max(values))


def quakes():
    declare("quakes", "Earthquakes", "earth", "1h", """[records]
at   = "features[*]"
id   = "id"
time = { path = "properties.time", unit = "ms" }
noun = { en = "earthquake", fr = "séisme" }

[fields]
magnitude = { path = "properties.mag" }
depth     = { path = "geometry.coordinates[2]", unit = "km" }
lat       = { path = "geometry.coordinates[1]", unit = "°" }
lon       = { path = "geometry.coordinates[0]", unit = "°" }
place     = { path = "properties.place", kind = "text" }

""" + figure("map", "magnitude") + figure("map", "depth") + figure("table", "magnitude", ROWS)
            + figure("table", "depth", 20))
    rows, hours = [], [[] for _ in range(24)]
    for k in range(QUAKES):
        at = DAY + dt.timedelta(seconds=k * 86400 // QUAKES)
        magnitude, depth = round(rnd.expovariate(0.6), 2), round(rnd.uniform(0, 300), 1)
        lon, lat = round(rnd.uniform(-180, 180), 3), round(rnd.uniform(-70, 75), 3)
        place = f"{rnd.randint(1, 200)} km NW of Somewhere {k}"
        rows.append([f"{at:%H:%M}", magnitude, depth, lat, lon, place])
        hours[at.hour].append({"id": f"us{k:06}", "properties": {"mag": magnitude, "place": place,
                               "time": int(at.timestamp() * 1000)},
                               "geometry": {"type": "Point", "coordinates": [lon, lat, depth]}})
    for hour, features in enumerate(hours):
        land("quakes", DAY + dt.timedelta(hours=hour, minutes=59), {"features": features})
    return rows


os.makedirs(f"{out}/sources")
bikes()
weather()
records = quakes()
with open(f"{out}/peers.json", "w") as file:
    fields = {field: {series: [hours.get(h) for h in range(24)] for series, hours in all_.items()}
              for field, all_ in hourly.items()}
    json.dump({"lines": lines, "hourly": fields, "places": places, "records": records}, file)
