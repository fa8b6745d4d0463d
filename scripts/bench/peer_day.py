"""The day of gen_report.py as a document needs it: what is drawn, and the rows of the tables.
The peers of the report share it, so that they differ only in how they make the PDF."""
import json


def load(path, rows):
    """Figures in their order, and tables; the table of all records has so many rows."""
    with open(path) as file:
        day = json.load(file)
    whole = {field: {series: (min(h[0] for h in hours if h), max(h[1] for h in hours if h),
                              sum(h[2] for h in hours if h) / sum(h[3] for h in hours if h))
                     for series, hours in all_.items()} for field, all_ in day["hourly"].items()}
    figures = [("line", name, values) for name, values in day["lines"].items()]
    tables = []
    for field, series in whole.items():
        spots = day["places"] if len(series) > 100 else []
        if spots:
            points = [(lon, lat, mean) for (_, lat, lon), (_, _, mean) in zip(spots, series.values())]
        else:
            points = [(k % 6, k // 6, mean) for k, (_, _, mean) in enumerate(series.values())]
        figures.append(("map", field, points))
        moved = sorted(series, key=lambda name: series[name][0] - series[name][1])[:12 if spots else 24]
        panels = [(name, [h[2] / h[3] for h in day["hourly"][field][name] if h]) for name in moved]
        figures.append(("multiples", field, panels))
        least = sorted(series, key=lambda name: series[name][2])[:20 if spots else 12]
        tables.append((field, ["Series", "Least", "Mean", "Greatest"],
                       [[name] + [f"{v:.2f}" for v in (series[name][0], series[name][2], series[name][1])]
                        for name in least]))
    head = ["Time", "Magnitude", "Depth", "Latitude", "Longitude", "Place"]
    for name, at, most in (("magnitude", 1, rows), ("depth", 2, 20)):
        figures.append(("map", f"earthquakes by {name}", [(r[4], r[3], r[at]) for r in day["records"]]))
        greatest = sorted(day["records"], key=lambda r: -r[at])[:most]
        tables.append((f"Earthquakes by {name}", head, [[str(v) for v in r] for r in greatest]))
    return figures, tables
