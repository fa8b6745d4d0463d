#!/usr/bin/env python3
"""Unpacks a recording: unpack_recording.py ARCHIVE.tar.xz OUT

OUT must not exist. It appears whole or not at all, and only with files that a recording may hold.
"""

import re
import shutil
import sys
import tarfile
from pathlib import Path

NAME = re.compile(
    r"PROVENANCE\.md|([a-z0-9-]{1,64})/\1_\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ"
    r"(_i-[A-Za-z0-9.-]{1,64})?\.[a-z]{1,8}"
)
FILES_MAX = 10_000
BYTES_MAX = 512 * 1024 * 1024


def unpack(archive, out):
    files = size = 0
    with tarfile.open(archive, "r:xz") as tar:
        for member in tar:
            files, size = files + 1, size + member.size
            if not (member.isreg() and NAME.fullmatch(member.name)):
                raise ValueError(f"{member.name!r} is nothing that a recording holds")
            if files > FILES_MAX or size > BYTES_MAX:
                raise ValueError(f"more than {FILES_MAX} files or {BYTES_MAX} bytes")
            path = out / member.name
            path.parent.mkdir(parents=True, exist_ok=True)
            with tar.extractfile(member) as content, open(path, "xb") as file:
                shutil.copyfileobj(content, file)
    return files, size


def main(archive, out):
    if out.exists():
        sys.exit(f"unpack_recording: {out} is there already")
    partial = out.with_name(out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        files, size = unpack(archive, partial)
    except (OSError, EOFError, ValueError, tarfile.TarError) as error:
        shutil.rmtree(partial, ignore_errors=True)
        sys.exit(f"unpack_recording: {archive}: {error}")
    partial.rename(out)
    print(f"{out}: {files} files, {size:,} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
