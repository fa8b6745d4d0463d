#!/usr/bin/env python3
"""Looks for secrets in everything below some folders or files, however they are spelt there.

    canary.py --secret TEXT [--secret TEXT...] PATH...
    canary.py --secrets HOME/secrets.toml PATH...

Looked at: names and bytes of all files, also what is compressed inside (gzip, the streams of a
PDF), as they are and decoded over and over (percent signs, escapes of JSON and HTML), in either
case, as base64 of either alphabet, as hex, as UTF-16. It shares nothing with the programs that it
watches. Prints each find with its place, never the secret; exits with 1 when there is one.
Left out: secrets.toml itself, and the answers of publishers (--raw looks at them too), which are
kept as they came.
"""
import argparse
import base64
import gzip
import html
import os
import re
import sys
import tomllib
import urllib.parse
import zlib

ANSWERS = re.compile(r"_\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ_.*\.(json|ndjson|csv|xml|html)$|\.body$")


def decoded(data):
    """One layer of every encoding off."""
    data = urllib.parse.unquote_to_bytes(data)
    text = data.decode("latin-1")
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)
    text = re.sub(r"\\x([0-9a-fA-F]{2})", lambda m: chr(int(m[1], 16)), text)
    text = re.sub(r"\\(.)", r"\1", html.unescape(text))
    return text.encode("latin-1", "ignore")


def layers(data):
    for _ in range(6):
        yield data
        after = decoded(data)
        if after == data:
            return
        data = after


def folded(data):
    data = data.lower().replace(b"\0", b"")
    return data.translate(bytes.maketrans(b"-_+", b" / "))


def needles(secret):
    """In each case, since only ASCII is folded, and in the letters of old."""
    cases = {secret, secret.lower(), secret.upper()}
    raws = {text.encode(code, "ignore") for text in cases for code in ("utf-8", "latin-1")}
    return set().union(*(needles_of(raw) for raw in raws))


def needles_of(raw):
    out = {raw, raw.rstrip(b"="), raw.hex().encode(), raw.replace(b"\\", b"")}
    for before in range(3):
        whole = base64.b64encode(b"x" * before + raw)
        # What only the secret decides: without the letters that its neighbours share.
        out.add(whole[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6])
    return {folded(needle) for needle in out if len(needle) >= 4}


def inside(data):
    """The data, and what is compressed in it."""
    yield "", data
    if data[:2] == b"\x1f\x8b":
        try:
            yield " (unzipped)", gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            pass
    if data[:5] == b"%PDF-":
        for place, part in enumerate(re.findall(rb"stream\r?\n(.*?)endstream", data, re.S)):
            try:
                yield f" (stream {place})", zlib.decompressobj().decompress(part)
            except zlib.error:
                pass


def finds(name, data, secrets):
    for where, part in inside(data):
        spelt = [folded(layer) for layer in layers(part)]
        for number, wanted in enumerate(secrets, 1):
            if any(needle in layer for layer in spelt for needle in wanted):
                yield f"{name}{where}: secret {number}"


def files(paths, raw):
    for path in paths:
        if os.path.isfile(path):
            yield path
        for folder, _, names in os.walk(path):
            for name in names:
                kept = raw or not ANSWERS.search(name) or "/daybook/" in folder + "/"
                if name != "secrets.toml" and kept:
                    yield os.path.join(folder, name)


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("--secret", action="append", default=[])
    asked.add_argument("--secrets")
    asked.add_argument("--raw", action="store_true")
    asked.add_argument("path", nargs="+")
    asked = asked.parse_args()
    texts = list(asked.secret)
    if asked.secrets:
        with open(asked.secrets, "rb") as file:
            texts += tomllib.load(file).values()
    secrets = [needles(text) for text in texts]
    found, count = [], 0
    for path in files(asked.path, asked.raw):
        count += 1
        with open(path, "rb") as file:
            data = file.read()
        found += finds(path, data, secrets)
        found += finds(f"the name of {path}", os.path.basename(path).encode(), secrets)
    print("\n".join(found) or f"canary: {len(secrets)} secrets, {count} files, none found")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
