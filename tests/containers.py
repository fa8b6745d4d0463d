"""Makes containers of all sorts in a folder, as others make them and as nobody should.

    python3 tests/containers.py FOLDER

tests/it/containers.rs says what each is and what comes out of it.
"""

import bz2
import gzip
import io
import lzma
import struct
import sys
import tarfile
import zipfile
import zlib
from pathlib import Path

FOLDER = Path(sys.argv[1])
ROWS = b"id,v\na,1\nb,2\n"
OTHER = b"nothing of this is meant\n"
WHEN = (2026, 8, 5, 12, 0, 0)


def put(name, data):
    (FOLDER / name).write_bytes(data)


class Unseekable(io.RawIOBase):
    """A pipe: sizes and sums can only be written behind what they are of."""

    def __init__(self):
        self.data = b""

    def writable(self):
        return True

    def write(self, piece):
        self.data += bytes(piece)
        return len(piece)


def zipped(files, method=zipfile.ZIP_DEFLATED, comment=b"", into=None, force=False):
    out = into or io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.comment = comment
        for name, data in files:
            info = zipfile.ZipInfo(name, WHEN)
            info.compress_type = method
            if name.endswith("/"):
                archive.writestr(info, b"")
                continue
            with archive.open(info, "w", force_zip64=force) as member:
                member.write(data)
    return out.data if into else out.getvalue()


def patched(data, at, values):
    return data[:at] + values + data[at + len(values):]


def zips():
    one = zipped([("rows.csv", ROWS)])
    central, end = one.index(b"PK\x01\x02"), one.index(b"PK\x05\x06")
    put("one.zip", one)
    put("stored.zip", zipped([("rows.csv", ROWS)], zipfile.ZIP_STORED))
    put("streamed.zip", zipped([("rows.csv", ROWS)], into=Unseekable()))
    put("streamed-stored.zip", zipped([("rows.csv", ROWS)], zipfile.ZIP_STORED, into=Unseekable()))
    put("zip64.zip", zipped([("rows.csv", ROWS)], force=True))
    put("folder.zip", zipped([("x/", b""), ("x/rows.csv", ROWS), ("__MACOSX/._rows.csv", OTHER)]))
    put("letters.zip", zipped([("x/données.csv", ROWS), ("lis-moi.txt", OTHER)]))
    put("comment.zip", zipped([("rows.csv", ROWS)], comment=b"made by hand"))
    put("prefixed.zip", b"#!/bin/sh\nexit 1\n" + one)
    put("trailing.zip", one + b"\r\n")
    put("none.zip", zipped([]))
    put("folders.zip", zipped([("x/", b"")]))
    put("empty-file.zip", zipped([("rows.csv", b"")]))
    put("empty-streamed.zip", zipped([("rows.csv", b"")], zipfile.ZIP_STORED, into=Unseekable()))
    twice = zipped([("rows.csv", OTHER), ("rows.csv", ROWS)])
    put("twice.zip", twice)
    put("outside.zip", zipped([("../../etc/rows.csv", ROWS), ("/etc/passwd", OTHER)]))
    put("many.zip", zipped([(f"file-{n}.csv", ROWS) for n in range(40)]))
    put("too-many.zip", zipped([(f"{n}", b"") for n in range(10_001)], zipfile.ZIP_STORED))
    put("bzip2.zip", zipped([("rows.csv", ROWS)], zipfile.ZIP_BZIP2))
    put("lzma.zip", zipped([("rows.csv", ROWS)], zipfile.ZIP_LZMA))
    encrypted = patched(one, 6, b"\x01\x00")
    put("encrypted.zip", patched(encrypted, central + 8, b"\x01\x00"))
    put("encrypted-local-only.zip", encrypted)
    put("cut.zip", one[:-30])
    put("sum.zip", patched(patched(one, 14, b"\0\0\0\0"), central + 16, b"\0\0\0\0"))
    put("sum-local.zip", patched(one, 14, b"\0\0\0\0"))
    put("spoilt.zip", patched(one, 30 + len("rows.csv") + 2, b"\xff\xff"))
    put("size.zip", patched(one, central + 24, struct.pack("<I", 5)))
    put("size-larger.zip", patched(one, central + 24, struct.pack("<I", 500)))
    put("size-huge.zip", patched(one, central + 24, struct.pack("<I", 0xFFFFFFFE)))
    put("packed-size.zip", patched(one, central + 20, struct.pack("<I", 0xFFFFFF)))
    put("name.zip", patched(one, central + 46, b"cows.csv"))
    put("method.zip", patched(one, central + 10, b"\x00\x00"))
    put("offset.zip", patched(one, central + 42, struct.pack("<I", 3)))
    put("count.zip", patched(patched(one, end + 8, b"\x02\x00"), end + 10, b"\x02\x00"))
    put("directory.zip", patched(one, end + 16, struct.pack("<I", 0xFFFFFF)))
    put("bomb.zip", zipped([("rows.csv", bytes(20_000_000))]))
    put("nested.zip", zipped([("rows.zip", one)]))
    put("packed-inside.zip", zipped([("rows.csv.gz", gzip.compress(ROWS))]))
    put("page.zip", b"<!doctype html><title>Log in</title>")
    # Its comment looks like an end, and says that there is nothing.
    put("false-end.zip", zipped([("rows.csv", ROWS)], comment=b"PK\x05\x06" + bytes(18)))


def gzips():
    one = gzip.compress(ROWS, mtime=0)
    put("one.gz", one)
    halves = [gzip.compress(part, mtime=0) for part in (ROWS[:7], b"", ROWS[7:])]
    put("members.gz", b"".join(halves))
    named = io.BytesIO()
    with gzip.GzipFile("rows.csv", "wb", fileobj=named, mtime=0) as file:
        file.write(ROWS)
    put("named.gz", named.getvalue())
    put("cut.gz", one[:-3])
    put("sum.gz", patched(one, len(one) - 8, b"\0\0\0\0"))
    put("padded.gz", one + bytes(512))
    put("trailing.gz", one + b"junk")
    put("bomb.gz", gzip.compress(bytes(20_000_000)))
    put("plain.gz", ROWS)
    put("zlib.gz", zlib.compress(ROWS))
    put("twice.gz", gzip.compress(one))
    put("xz.gz", lzma.compress(ROWS))
    put("bzip2.gz", bz2.compress(ROWS))


def tarred(files, form=tarfile.USTAR_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, data in files:
            info = tarfile.TarInfo(name)
            if data is None:
                info.type = tarfile.DIRTYPE
                archive.addfile(info)
            elif isinstance(data, tuple):
                info.type, info.linkname = data
                archive.addfile(info)
            else:
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def summed(header):
    """A header of a tar with its right sum."""
    blank = patched(header, 148, b" " * 8)
    return patched(blank, 148, b"%06o\0 " % sum(blank))


def tars():
    long = "folder/" * 30 + "rows.csv"
    one = tarred([("rows.csv", ROWS)])
    put("one.tar", one)
    put("folder.tar", tarred([("x", None), ("x/rows.csv", ROWS), ("x/read.me", OTHER)]))
    put("gnu-long.tar", tarred([(long, ROWS), ("other.txt", OTHER)], tarfile.GNU_FORMAT))
    put("pax-long.tar", tarred([(long, ROWS), ("other.txt", OTHER)], tarfile.PAX_FORMAT))
    put("pax-letters.tar", tarred([("données.csv", ROWS)], tarfile.PAX_FORMAT))
    links = [("rows.csv", (tarfile.SYMTYPE, "/etc/passwd")), ("b.csv", (tarfile.LNKTYPE, "a"))]
    put("links.tar", tarred(links))
    put("twice.tar", tarred([("rows.csv", OTHER), ("rows.csv", ROWS)]))
    put("outside.tar", tarred([("../../rows.csv", ROWS), ("/etc/passwd", OTHER)]))
    put("none.tar", tarred([]))
    put("cut.tar", tarred([("rows.csv", ROWS * 100)])[:900])
    # Cut between two files: what is left looks whole, but for its end.
    put("cut-between.tar", tarred([("rows.csv", ROWS), ("more.csv", ROWS)])[:1024])
    put("bare.tar", one[:1536])
    put("sum.tar", patched(one, 3, b"x"))
    put("size.tar", summed(patched(one[:512], 124, b"77777777777\0")) + one[512:])
    v7 = patched(one[:512], 257, bytes(8))
    put("v7.tar", summed(v7) + one[512:])
    sparse = patched(tarred([("rows.csv", ROWS)], tarfile.GNU_FORMAT)[:512], 156, b"S")
    put("sparse.tar", summed(sparse) + one[512:])
    holes = io.BytesIO()
    with tarfile.open(fileobj=holes, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("GNUSparseFile.0/rows.csv")
        info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0",
                            "GNU.sparse.name": "rows.csv", "GNU.sparse.realsize": "13"}
        info.size = len(ROWS)
        archive.addfile(info, io.BytesIO(ROWS))
    put("pax-sparse.tar", holes.getvalue())
    put("one.tgz", gzip.compress(one, mtime=0))
    put("folder.tgz", gzip.compress(tarred([("x/rows.csv", ROWS), ("x/read.me", OTHER)]), mtime=0))
    put("cut.tgz", gzip.compress(one, mtime=0)[:-9])
    put("plain.tgz", gzip.compress(ROWS, mtime=0))
    put("tar.gz", gzip.compress(one, mtime=0))
    put("bomb.tgz", gzip.compress(tarred([("zeros", bytes(20_000_000))])))


if __name__ == "__main__":
    zips()
    gzips()
    tars()
