"""Name, version and architecture of an .rpm or .deb by its own header, without rpm or dpkg: either may be elsewhere.

The formats: rpm.org, "RPM V4 package format"; deb(5). A file may be anybody's: every length in it is bounded.
"""

from __future__ import annotations

import io
import lzma
import re
import struct
import tarfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from sriov_tui.late import regex
from sriov_tui.message import say

Read = Callable[[int, int], bytes]  # offset, length
MOST_HEADER = 16 << 20  # bytes of a header, packed or not
MOST_ENTRIES = 10_000  # of an rpm's header
MOST_MEMBERS = 16  # of a deb, and of what stands before its control file
_LEAD, _MAGIC = b"\xed\xab\xee\xdb", b"\x8e\xad\xe8\x01"
_TAGS = {1000: "name", 1001: "version", 1002: "release", 1022: "machine"}  # rpmtag.h
_STRING = 6  # RPM_STRING_TYPE
_PLAIN = regex(r"[\w.+~:-]{1,200}", re.ASCII)


class NotPackage(ValueError):
    """The file is no package, or a damaged one."""


class Unreadable(ValueError):
    """A package whose header is packed in a way that Python cannot unpack here (zstd)."""


@dataclass(frozen=True, slots=True)
class Header:
    """An rpm's version and release stand together, as in a deb: "3.2.1-044000_25.10_rhel9"."""

    name: str
    version: str
    machine: str


def rpm(read: Read) -> Header:
    """The main header, which follows the lead (96 bytes) and the signatures; these are padded to 8 bytes."""
    if read(0, 4) != _LEAD:
        raise NotPackage(say("it does not begin as one"))
    end = 96 + _size(read, 96)
    start = end + -end % 8
    size = _size(read, start)
    count = struct.unpack(">I", read(start + 8, 4))[0]
    data = read(start, size)
    if len(data) != size:
        raise NotPackage(say("it ends too early"))
    entries, store = data[16 : 16 + 16 * count], data[16 + 16 * count :]
    found = dict.fromkeys(_TAGS.values(), "")
    for tag, kind, offset, _ in struct.iter_unpack(">4I", entries):
        if tag in _TAGS and kind == _STRING and offset < len(store):
            found[_TAGS[tag]] = store[offset : offset + 256].partition(b"\0")[0].decode("utf-8", "replace")
    return _header(found["name"], "-".join((found["version"], found["release"])), found["machine"])


def _size(read: Read, at: int) -> int:
    head = read(at, 16)
    if len(head) != 16 or head[:4] != _MAGIC:
        raise NotPackage(say("it has no header"))
    count, store = struct.unpack(">II", head[8:])
    size = 16 + 16 * int(count) + int(store)
    if count > MOST_ENTRIES or size > MOST_HEADER:
        raise NotPackage(say("its header is larger than any"))
    return size


def deb(read: Read) -> Header:
    """The file `control` of the member control.tar of an ar archive."""
    if read(0, 8) != b"!<arch>\n":
        raise NotPackage(say("it does not begin as one"))
    at = 8
    for _ in range(MOST_MEMBERS):
        head = read(at, 60)
        size = head[48:58].strip()
        if len(head) != 60 or head[58:] != b"`\n" or not size.isdigit():
            break
        name = head[:16].decode("ascii", "replace").strip().rstrip("/")
        if name.startswith("control.tar"):
            if int(size) > MOST_HEADER:
                raise NotPackage(say("its header is larger than any"))
            fields = _fields(_control(name, read(at + 60, int(size))))
            return _header(fields.get("Package", ""), fields.get("Version", ""), fields.get("Architecture", ""))
        at += 60 + int(size) + int(size) % 2
    raise NotPackage(say("it has no header"))


def _control(name: str, data: bytes) -> str:
    try:
        with tarfile.open(fileobj=io.BytesIO(_unpacked(name, data)), mode="r:") as archive:
            for number, member in enumerate(archive):
                if number > MOST_MEMBERS:
                    break
                if member.name.removeprefix("./") == "control" and member.isfile():
                    file = archive.extractfile(member)
                    return (file.read(64 << 10) if file else b"").decode("utf-8", "replace")
    except (tarfile.TarError, lzma.LZMAError, zlib.error, EOFError) as error:
        raise NotPackage(str(error)) from error
    raise NotPackage(say("it has no header"))


def _unpacked(name: str, data: bytes) -> bytes:
    ending = name.removeprefix("control.tar")
    if ending == "":
        return data
    if ending == ".gz":
        return zlib.decompressobj(wbits=31).decompress(data, MOST_HEADER)
    if ending == ".xz":
        return lzma.LZMADecompressor(memlimit=256 << 20).decompress(data, MOST_HEADER)
    if ending in (".zst", ".bz2", ".lzma"):  # deb(5)
        raise Unreadable(name)
    raise NotPackage(say("it has no header"))


def _fields(text: str) -> dict[str, str]:
    rows = (line.partition(":") for line in text.splitlines() if line[:1].strip())
    return {name: value.strip() for name, _, value in rows}


def _header(name: str, version: str, machine: str) -> Header:
    words = (name, version, machine)
    if not all(_PLAIN.fullmatch(word) for word in words):
        raise NotPackage(say("its header names no package"))
    return Header(*words)
