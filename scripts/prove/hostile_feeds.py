"""The feeds of the hostile publisher: what is declared of each, what a good answer of it holds,
and how the independent recount reads it again."""

import csv
import dataclasses
import io
import json
import re
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

import recount

HEAD = """title = "Hostile {name}"
topic = "soak"
[about]
content = "Generated"
zone = "this machine"
period = "1m"
access = "api"
token = "optional"
attribution = "Nobody"
homepage = "https://example.org/"
licence = {{ name = "CC0", url = "https://example.org/licence", reuse = "free" }}
[fetch]
every = "{every}"
timeout = "1s"
max_bytes = "1MiB"
max_fresh = "2m"
url = "{url}"
"""
SAMPLES = """[samples]
at = "{at}"
series = "{series}"
[fields.v]
path = "{path}"
unit = "piece"
resolution = 0.25
trace = "10m"
"""
TOTAL = """[aggregates.all]
sum = "v"
unit = "piece"
resolution = 0.25
trace = "10m"
"""
RECORDS = """[records]
at = "items[*]"
id = "id"
updated = { path = "updated", unit = "ms" }
[fields.v]
path = "v"
[fields.word]
path = "word"
kind = "text"
"""
MEASURED = """[records]
at = "items[*]"
series = "k"
time = { path = "t", unit = "iso" }
[fields.v]
path = "v"
"""
OAUTH = """[fetch.auth]
type = "oauth2_{type}"
access_token_url = "{token}"
client_id = "daybook"
client_secret = "{{secret:client}}"
"""
# Items of a set of pages, and of one page.
ALL, PAGE = 25, 10
RULE = ("v",), "piece", 0.25, 600
JSON, HTML = "application/json", "text/html; charset=utf-8"


@dataclasses.dataclass
class Feed:
    """A source: `make(rng, ask)` gives fields of the head and a good body."""

    name: str
    kind: str                     # of the body: json, csv, html, zip
    make: object
    declared: str
    rule: dict
    query: str = ""
    every: str = "1m"
    auth: str = None
    paged: bool = False
    status: object = 200

    def declaration(self, base):
        """The text of its file, for a publisher at `base`."""
        url = f"{base}/{self.name}{self.query}"
        text = HEAD.format(name=self.name, every=self.every, url=url)
        return text + self.declared.replace("TOKEN", f"{base}/{self.name}/token")


@dataclasses.dataclass
class Ask:
    """What a good answer depends on."""

    query: dict
    body: dict
    base: str
    name: str
    now: datetime


def asked(request, base, name, now):
    query = {key: values[0] for key, values in parse_qs(request.query).items()}
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        body = {}
    return Ask(query, body, base, name, now)


def quarter(rng):
    return rng.randrange(-4000, 4000) / 4


def stamp(at):
    return int(at.timestamp() * 1000)


def packed(document):
    return json.dumps(document).encode()


def series(rng):
    return [{"k": f"s{n}", "v": quarter(rng)} for n in range(6)]


def samples(rng, _):
    return [], packed({"items": series(rng)})


def one_price(rng, _):
    return [], packed({"v": quarter(rng)})


def version(rng, number, ask):
    return {"id": f"r{number}", "updated": stamp(ask.now) - rng.randrange(600_000),
            "v": quarter(rng), "word": rng.choice(["fair", "grand", "poor", "é ☂"])}


def records(rng, ask):
    newest = stamp(ask.now) // 60_000
    return [], packed({"items": [version(rng, newest - n, ask) for n in range(8)]})


def measured(rng, ask):
    """A value for each minute from `from` to `to`."""
    ends = (ask.query.get(key) for key in ("from", "to"))
    first, last = (datetime.fromisoformat(end) if end else ask.now for end in ends)
    steps = range(int(first.timestamp()) // 60, int(last.timestamp()) // 60 + 1)
    told = lambda step: f"{datetime.fromtimestamp(step * 60, UTC):%Y-%m-%dT%H:%M:%SZ}"
    items = [{"k": f"s{n}", "t": told(step), "v": quarter(rng)} for step in steps for n in (0, 1)]
    return [], packed({"items": items})


def page(rng, ask, start, **more):
    items = [version(rng, n, ask) for n in range(start, min(start + PAGE, ALL))]
    return packed({"items": items, **more})


def by_offset(rng, ask):
    return [], page(rng, ask, int(ask.query.get("offset", 0)), total=ALL)


def by_number(rng, ask):
    number = int(ask.query.get("page", 1))
    return [], page(rng, ask, (number - 1) * PAGE, more=number * PAGE < ALL)


def by_cursor(rng, ask):
    start = int(str(ask.body.get("after") or "at-0").removeprefix("at-"))
    following = {"next": f"at-{start + PAGE}"} if start + PAGE < ALL else {}
    return [], page(rng, ask, start, **following)


def next_url(ask):
    number = int(ask.query.get("page", 1))
    url = f"{ask.base}/{ask.name}?page={number + 1}" if number * PAGE < ALL else None
    return url, (number - 1) * PAGE


def by_header(rng, ask):
    url, start = next_url(ask)
    return [("Link", f'<{url}>; rel="next"')] if url else [], page(rng, ask, start)


def by_link(rng, ask):
    url, start = next_url(ask)
    return [], page(rng, ask, start, next=url)


def by_range(rng, ask):
    start = int(ask.query.get("range", "0-9").partition("-")[0])
    last = min(start + PAGE, ALL) - 1
    return [("Content-Range", f"items {start}-{last}/{ALL}")], page(rng, ask, start)


def table(rng, _):
    rows = [f"{row['k']},{row['v']}" for row in series(rng)]
    return [("Content-Type", "text/csv")], "\n".join(["k,v", *rows, ""]).encode()


def archive(rng, ask):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("table.csv", table(rng, ask)[1])
    return [("Content-Type", "application/zip")], whole.getvalue()


def shown(rng, _):
    rows = [f"<tr><td class=k>{r['k']}<td class=v>{r['v']}" for r in series(rng)]
    text = f"<!DOCTYPE html><title>Prices</title><table>{''.join(rows)}</table>"
    return [("Content-Type", HTML)], text.encode()


# --- the same again, for the recount ------------------------------------------------------------


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


def unpacked(content):
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return rows_of(file.read("table.csv"))


def cells(content):
    found = re.findall(r"<td class=k>(\w+)<td class=v>([-.\d]+)", content.decode())
    return [{"k": key, "v": value} for key, value in found]


def of_samples(items, **more):
    return {"kind": "samples", "items": items, "series": ("k",), "numbers": {"v": RULE}} | more


ITEMS = recount.json_list("items")
OF_RECORDS = {
    "kind": "records", "items": ITEMS, "id": [(("id",), None)], "time": None,
    "updated": ("updated",), "numbers": {"v": ("v",)}, "texts": {"word": ("word",)},
}
AT = recount.at_zero("%Y-%m-%dT%H:%M:%SZ")
OF_MEASURED = {
    "kind": "records", "items": ITEMS, "id": recount.measured("k", ("t",), AT),
    "time": lambda item: AT(item["t"]), "updated": None, "numbers": {"v": ("v",)}, "texts": {},
}
OF_SAMPLES = of_samples(ITEMS)
SUMMED = of_samples(ITEMS, aggregates={"all": ("v", sum, "piece", 0.25, 600)})
OF_LOOP = of_samples(recount.one, series=lambda _, answer: answer.item)


def pages(name, make, words, head="", **more):
    declared = f'format = "json"\n{head}[fetch.pages]\nmax_pages = 12\n{words}\n{RECORDS}'
    return Feed(name, "json", make, declared, OF_RECORDS, every="2m", paged=True, **more)


def plain(name, make, form, reading, rule, **more):
    kind = more.pop("kind", form)
    return Feed(name, kind, make, f'format = "{form}"\n{reading}', rule, **more)


KEYED = SAMPLES.format(at="items[*]", series="k", path="v")
ROWS = SAMPLES.format(at="@", series="k", path="v")
FEEDS = [
    plain("plain", samples, "json", KEYED + TOTAL, SUMMED),
    plain("records", records, "json", RECORDS, OF_RECORDS),
    plain("windows", measured, "json", 'range = "3m"\ncatch_up = "all"\n' + MEASURED, OF_MEASURED,
          query="?from={from}&to={to}"),
    pages("offset", by_offset, 'type = "offset"\nlimit = 10\ntotal_path = "total"'),
    pages("number", by_number, 'type = "page_number"\nhas_more_path = "more"'),
    pages("cursor", by_cursor,
          'type = "cursor"\ncursor_path = "next"\ncursor_body_path = "after"',
          'body = { question = "all" }\n'),
    pages("header", by_header, 'type = "header_link"'),
    pages("link", by_link, 'type = "json_link"\nnext_url_path = "next"'),
    pages("range", by_range, 'type = "range"\nlimit = 10', status=206),
    plain("client", samples, "json", OAUTH.format(type="client_credentials", token="TOKEN") + KEYED,
          OF_SAMPLES, auth="client"),
    plain("refresh", records, "json", OAUTH.format(type="refresh_token", token="TOKEN")
          + 'refresh_token = "{secret:refresh}"\n' + RECORDS, OF_RECORDS, auth="refresh"),
    plain("table", table, "csv", ROWS, of_samples(rows_of)),
    plain("archive", archive, "csv", 'unpack = "zip"\n' + ROWS, of_samples(unpacked), kind="zip"),
    plain("page", shown, "html", SAMPLES.format(at="tr", series=".k", path=".v"),
          of_samples(cells)),
    plain("loop", one_price, "json", 'items = ["one", "two", "three"]\n'
          + SAMPLES.format(at="@", series="$item", path="v"), OF_LOOP, query="/{item}"),
]
