#!/usr/bin/env python3
"""Holds declarations against the JSON Schema: schema.py SCHEMA FILE.toml...

Prints a line for each: `valid PATH` or `invalid PATH: the first reason`. The validator is
jsonschema from PyPI; it shares nothing with the programs.
"""

import json
import sys
import tomllib
from pathlib import Path

import jsonschema


def main(schema, *files):
    validator = jsonschema.Draft202012Validator(json.loads(Path(schema).read_text()))
    validator.check_schema(validator.schema)
    for file in files:
        try:
            document = tomllib.loads(Path(file).read_text())
        except tomllib.TOMLDecodeError as error:
            print(f"invalid {file}: {error}")
            continue
        errors = sorted(validator.iter_errors(document), key=lambda error: list(error.path))
        print(f"invalid {file}: {errors[0].message[:200]}" if errors else f"valid {file}")


if __name__ == "__main__":
    main(*sys.argv[1:])
