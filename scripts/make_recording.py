#!/usr/bin/env python3
"""Makes a recording of answers that others recorded: make_recording.py SAMPLES WHICH OUT.tar.xz

WHICH is `demo` for demo/recording.tar.xz, the day that the demonstration shows, or `tests` for
tests/fixtures/recording.tar.xz. SAMPLES is a folder with the files named below; where they come
from, and what is re-wrapped here, stands in demo/PROVENANCE.md and tests/fixtures/README.md. Names
become <source>/<source>_<instant>[_i-<item>].<ext>; bytes stay, but for those of the functions
that say otherwise. The same samples give the same archive, byte for byte.
"""

import csv
import io
import json
import re
import sys
import tarfile
from datetime import datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Of the complete days that the archive holds, the one with the strongest earthquake (6.4).
QUAKE_DAY = "20250520"
# Single answers, with the instant of their recording: as the answer itself tells it (Vélib'), or
# a likely one soon after the last thing that it tells.
SINGLE = {
    "bikes-velib-stations_2025-10-18T09-11-19Z.json": "gbfs_velib/station_information_2025-10-18.json",
    "carbon-uk_2026-08-04T22-55-00Z.json": "uk_carbon_intensity/intensity_2026-08-03.json",
    "earthquakes-emsc_2025-04-26T13-50-00Z.json": "emsc/fdsnws_event_geojson_2025-04-26.json",
    "electricity-eco2mix_2023-10-03T23-55-00Z.json": "eco2mix_odre/exports_json_v2.1_national-tr_2023-10.json",
    "rates-ecb_2018-09-12T14-30-00Z.xml": "ecb/eurofxref-daily_2018-09.xml",
}
# Series of answers, each under the name of its instant; the last part of a name may be a place.
SERIES = {
    "bikes-oslo": "gbfs_oslo/station_status_2023-08-11.tar.xz",
    "bikes-velib": "gbfs_velib/station_status_rewrapped_2022-06-08_09.tar.xz",
    "parking-malaga": "parking_malaga/ocupappublicosmun_2026-08-21.tar.xz",
    "rivers-hubeau": "hubeau/observations_tr_rewrapped_2026-08-21_22.tar.xz",
    "space-kp": "swpc_kp/noaa-planetary-k-index_2026-08-21.tar.xz",
    "weather-metno": "metno_locationforecast/compact_12places_2026-08-21.tar.xz",
    "weather-openweathermap": "openweathermap/weather_4cities_2026-08-21.tar.xz",
}
NAME = re.compile(r"([a-z-]+)_(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)(?:_([a-z]+))?\.(json|csv)")
# A whole day of Vélib' was recorded from one evening to the next: what was before and after it
# would stand on the page a second time.
VELIB = range(20220608184300, 20220609184300)
TOWNS = {"amsterdam": "2759794", "belgrade": "792680", "omsk": "1496153", "singapore": "1880252"}
EXPECTED = {
    "demo": {
        "bikes-oslo": 71,
        "bikes-oslo-stations": 1,
        "bikes-velib": 38,
        "bikes-velib-stations": 1,
        "carbon-uk": 1,
        "earthquakes-emsc": 1,
        "earthquakes-usgs": 24,
        "electricity-eco2mix": 1,
        "parking-malaga": 38,
        "rates-ecb": 1,
        "rivers-hubeau": 25,
        "solar-wind": 24,
        "solar-xrays": 24,
        "space-kp": 8,
        "tide-seattle": 24,
        "weather-metno": 393,
        "weather-openweathermap": 92,
        "weather-synop": 8,
    },
    "tests": {"bikes-baywheels": 126, "bikes-baywheels-stations": 1, "earthquakes-usgs": 24},
}


def archived(path):
    with tarfile.open(path) as tar:
        for member in tar:
            if member.isfile():
                yield Path(member.name).name, tar.extractfile(member).read()


def stamp(instant):
    return instant.strftime("%Y-%m-%dT%H-%M-%SZ")


def quakes(samples):
    for path in (samples / "archives/usgs_all_hour_hourly").iterdir():
        if found := re.fullmatch(rf"all_hour_({QUAKE_DAY}T\d{{6}})Z\.json", path.name):
            instant = datetime.strptime(found[1], "%Y%m%dT%H%M%S")
            yield f"earthquakes-usgs_{stamp(instant)}.json", path.read_bytes()


def bay_wheels(samples):
    kinds = {"station_status": "bikes-baywheels", "station_information": "bikes-baywheels-stations"}
    for name, content in archived(samples / "archives/gbfs_baywheels_station_status_24h.tar.xz"):
        if found := re.fullmatch(r"(\w+?)_(\d{8}T\d{6})Z\.json", name):
            instant = datetime.strptime(found[2], "%Y%m%dT%H%M%S")
            if found[1] in kinds:
                yield f"{kinds[found[1]]}_{stamp(instant)}.json", content


def series(samples):
    for source, sample in SERIES.items():
        for name, content in archived(samples / sample):
            _, instant, place, ext = NAME.fullmatch(name).groups()
            if source == "bikes-velib" and int(re.sub(r"\D", "", instant)) not in VELIB:
                continue
            if source == "rivers-hubeau":
                content = rivers(content)
            item = f"_i-{TOWNS.get(place, place)}" if place else ""
            yield f"{source}_{instant}{item}.{ext}", content


def rivers(content):
    """Re-wrapped before; here cut to the gauges that are asked for."""
    with open(ROOT / "sources/lists/river-gauges.csv") as listed:
        asked = {row["code"] for row in csv.DictReader(listed)}
    answer = json.loads(content)
    answer["data"] = [row for row in answer["data"] if row["code_station"] in asked]
    answer["count"] = len(answer["data"])
    return compact(answer)


def oslo_stations(samples):
    """Re-wrapped: the recorder kept the list of stations as CSV; here it has its envelope again."""
    text = (samples / "gbfs_oslo/station_information_2022-10-23.csv").read_text()
    stations = list(csv.DictReader(io.StringIO(text)))
    for station in stations:
        station["lat"], station["lon"] = float(station["lat"]), float(station["lon"])
        station["capacity"] = int(station["capacity"])
    answer = {"ttl": 10, "version": "2.3", "data": {"stations": stations}}
    yield "bikes-oslo-stations_2022-10-23T12-00-00Z.json", compact(answer)


def synop(samples):
    """Cut: the rows of one day out of the file of a month, by the hour of observation, as the
    service gives them; the header and the rows as they were."""
    lines = (samples / "meteofrance_synop/synop_2024-12-07.csv").read_text().splitlines(True)
    for hour in range(0, 24, 3):
        rows = [line for line in lines[1:] if f";20241207{hour:02}0000;" in line]
        name = f"weather-synop_2024-12-07T{hour:02}-40-00Z_i-{hour:02}.csv"
        yield name, "".join(lines[:1] + rows).encode()


def solar_wind(samples):
    """Re-wrapped: the minutes of one day out of an answer of a week, as 24 answers of an hour, in
    the columns of the feed that took that one's place; what it did not have is null."""
    head = ["time_tag", "speed", "density", "temperature", "bx", "by", "bz", "bt", "vx", "vy", "vz"]
    head.append("propagated_time_tag")
    rows = json.loads((samples / "swpc_solar_wind/plasma-7-day_2024-05-08.json").read_bytes())[1:]
    for hour in range(24):
        own = [row for row in rows if row[0].startswith(f"2024-05-06 {hour:02}:")]
        own = [[time, speed, density, heat] + [None] * 8 for time, density, speed, heat in own]
        yield f"solar-wind_2024-05-06T{hour:02}-59-30Z.json", compact([head, *own])


def hourly(source, rows, time_of, form, reach, instants):
    """Cut out of one answer: those that the service gives at these instants, each with the rows of
    the `reach` before it."""
    timed = [(datetime.strptime(time_of(row), form), row) for row in rows]
    for instant in instants:
        own = [row for time, row in timed if instant - reach < time <= instant]
        yield f"{source}_{stamp(instant)}.json", own


def xrays(samples):
    """A day from 02:02 to 02:00: what was recorded after midnight comes first on the page."""
    rows = json.loads((samples / "swpc_xrays/xrays-1-day_2022-04-26.json").read_bytes())
    first = datetime(2022, 4, 25, 2, 59, 30)
    instants = [first + timedelta(hours=hour) for hour in range(24)]
    for name, own in hourly("solar-xrays", rows, lambda row: row["time_tag"],
                            "%Y-%m-%dT%H:%M:%SZ", timedelta(hours=6), instants):
        yield name, compact(own)


def tide(samples):
    """Of the month that was recorded, the day on which the tide went furthest."""
    answer = json.loads((samples / "noaa_coops/water_level_9447130_2015-01.json").read_bytes())
    instants = [datetime(2015, 1, 21, hour, 59, 30) for hour in range(24)]
    for name, own in hourly("tide-seattle", answer["data"], lambda row: row["t"],
                            "%Y-%m-%d %H:%M", timedelta(hours=24), instants):
        yield name, compact({"metadata": answer["metadata"], "data": own})


def single(samples):
    for name, sample in SINGLE.items():
        yield name, (samples / sample).read_bytes()


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


READERS = {
    "demo": [quakes, series, oslo_stations, synop, solar_wind, xrays, tide, single],
    "tests": [quakes, bay_wheels],
}


def check(which, files):
    """A replay keeps the time of day and drops the date, so no time may come twice."""
    found, times = {}, set()
    for name in files:
        source = name.split("/")[0]
        found[source] = found.get(source, 0) + 1
        time = (source, name[len(f"{source}/{source}_2023-07-18T"):])
        if time in times:
            sys.exit(f"make_recording: {name}: another answer has the same time of day")
        times.add(time)
    if found != EXPECTED[which]:
        sys.exit(f"make_recording: found {found}, expected {EXPECTED[which]}")


def member(name, content):
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o644
    return info, io.BytesIO(content)


def main(samples, which, out):
    files = {}
    for reader in READERS[which]:
        for name, content in reader(samples):
            files[f"{name.split('_')[0]}/{name}"] = content
    check(which, files)
    if which == "demo":
        files["PROVENANCE.md"] = (ROOT / "demo/PROVENANCE.md").read_bytes()
    with tarfile.open(out, "w:xz", preset=9, format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(files):
            tar.addfile(*member(name, files[name]))
    print(f"{out}: {len(files)} files, {out.stat().st_size:,} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[2] not in READERS:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
