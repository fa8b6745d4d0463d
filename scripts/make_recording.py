#!/usr/bin/env python3
"""Makes the recorded day: make_recording.py SAMPLES OUT.tar.xz

SAMPLES holds the answers named below and archives/ with gbfs_baywheels_station_status_24h.tar.xz
and usgs_all_hour_hourly/; where they come from stands in demo/PROVENANCE.md. Answers are copied
byte for byte; only their names change, to <source>/<source>_<instant>[_i-<item>].<ext>. The same
samples give the same tar, byte for byte.
"""

import io
import re
import sys
import tarfile
from pathlib import Path

BIKES = "gbfs_baywheels_station_status_24h.tar.xz"
QUAKES = "usgs_all_hour_hourly"
# Of the complete days that the archive holds, the one with the strongest earthquake (6.4).
QUAKE_DAY = "20250520"
SOURCES = {
    "all_hour": "earthquakes-usgs",
    "station_status": "bikes-baywheels",
    "station_information": "bikes-baywheels-stations",
}
# Single answers, with the instant of their recording: as the answer itself tells it (Vélib',
# Bitstamp), or a likely one soon after the last thing that it tells.
SINGLE = {
    "bikes-velib_2025-10-18T09-09-16Z.json": "gbfs_velib/station_status_2025-10-18.json",
    "bikes-velib-stations_2025-10-18T09-11-19Z.json": "gbfs_velib/station_information_2025-10-18.json",
    "carbon-uk_2026-08-04T22-55-00Z.json": "uk_carbon_intensity/intensity_2026-08-03.json",
    "crypto-bitstamp_2019-09-10T13-02-25Z_i-btceur.json": "bitstamp/ticker_btceur_2019-09.json",
    "earthquakes-emsc_2025-04-26T13-50-00Z.json": "emsc/fdsnws_event_geojson_2025-04-26.json",
    "electricity-eco2mix_2023-10-03T23-55-00Z.json": "eco2mix_odre/exports_json_v2.1_national-tr_2023-10.json",
    "rates-ecb_2018-09-12T14-30-00Z.xml": "ecb/eurofxref-daily_2018-09.xml",
    "rivers-hubeau_2026-09-30T10-45-00Z.json": "hubeau/observations_tr_H_2026-09-30_excerpt.json",
}
EXPECTED = {"earthquakes-usgs": 24, "bikes-baywheels": 126, "bikes-baywheels-stations": 1}
NAME = re.compile(r"(all_hour|station_status|station_information)_(\d{8})T(\d{6})Z\.json")


def quakes(archives):
    for path in (archives / QUAKES).iterdir():
        if path.name.startswith(f"all_hour_{QUAKE_DAY}T"):
            yield path.name, path.read_bytes()


def bikes(archives):
    with tarfile.open(archives / BIKES) as tar:
        for member in tar:
            if member.isfile():
                yield Path(member.name).name, tar.extractfile(member).read()


def place(name):
    """Where an archived answer goes in the recording; None for feeds that Daybook does not read."""
    match = NAME.fullmatch(name)
    if match is None:
        return None
    kind, day, clock = match.groups()
    date = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    source = SOURCES[kind]
    return f"{source}/{source}_{date}T{clock[:2]}-{clock[2:4]}-{clock[4:]}Z.json"


def check(files):
    """A replay keeps the time of day and drops the date, so no time may come twice."""
    clocks = {}
    for name in files:
        source, clock = name.split("/")[0], name[-len("19-07-02Z.json"):]
        if clock in clocks.setdefault(source, set()):
            sys.exit(f"make_recording: {name}: another answer has the same time of day")
        clocks[source].add(clock)
    found = {source: len(times) for source, times in clocks.items()}
    if found != EXPECTED:
        sys.exit(f"make_recording: found {found}, expected {EXPECTED}")


def member(name, content):
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o644
    return info, io.BytesIO(content)


def main(samples, out):
    files, archives = {}, samples / "archives"
    for reader in (quakes, bikes):
        for name, content in reader(archives):
            if place(name):
                files[place(name)] = content
    check(files)
    for name, sample in SINGLE.items():
        files[f"{name.split('_')[0]}/{name}"] = (samples / sample).read_bytes()
    files["PROVENANCE.md"] = (Path(__file__).parent.parent / "demo/PROVENANCE.md").read_bytes()
    with tarfile.open(out, "w:xz", preset=9, format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(files):
            tar.addfile(*member(name, files[name]))
    print(f"{out}: {len(files)} files, {out.stat().st_size:,} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
