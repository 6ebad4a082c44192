"""A few small files out of an ISO 9660 image, without mounting it; with the names of Rock Ridge where it has them.

The image may come from anywhere: every offset and length in it is only believed within the bounds below.
ECMA-119 (sections 8.4, 9.1); IEEE P1282 for the NM entry.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sriov_tui.message import say

SECTOR = 2048
FIRST = 16  # sector of the first volume descriptor
MOST_DIRECTORY = 1 << 20  # bytes of a directory that are looked at
MOST_FILE = 64 << 10  # bytes of a file

Read = Callable[[int, int], bytes]
"""(offset, length) to at most so many bytes."""


class NotIso(ValueError):
    """The bytes are no ISO 9660 image; the message says what is wrong with them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or directory in an image."""

    name: str
    sector: int
    size: int
    directory: bool


class Iso:
    """The root of an image: its entries, their content."""

    def __init__(self, read: Read) -> None:
        self._read = read
        descriptor = read(FIRST * SECTOR, SECTOR)
        if len(descriptor) < SECTOR or descriptor[1:6] != b"CD001" or descriptor[0] != 1:
            raise NotIso(say("there is no volume descriptor of an ISO 9660 image in it"))
        root = _record(descriptor[156:190])
        if root is None:
            raise NotIso(say("its root directory cannot be found"))
        self.root = tuple(self._entries(root))

    def directory(self, name: str) -> tuple[Entry, ...]:
        """The entries of a directory in the root; () where there is none of this name."""
        found = next((entry for entry in self.root if entry.name == name and entry.directory), None)
        return tuple(self._entries(found)) if found else ()

    def text(self, name: str) -> str:
        """The beginning of a file in the root; "" where there is none of this name."""
        found = next((entry for entry in self.root if entry.name == name and not entry.directory), None)
        if found is None:
            return ""
        return self._read(found.sector * SECTOR, min(found.size, MOST_FILE)).decode("utf-8", "replace")

    def _entries(self, directory: Entry) -> Iterator[Entry]:
        size = min(directory.size, MOST_DIRECTORY)
        data = self._read(directory.sector * SECTOR, size)
        at = 0
        while at < len(data):
            length = data[at]
            if length == 0:  # records do not cross sectors: the rest of this one is empty
                at = (at // SECTOR + 1) * SECTOR
                continue
            entry = _record(data[at : at + length])
            if entry is not None and entry.name not in ("", "\0", "\1"):
                yield entry
            at += length


def _record(data: bytes) -> Entry | None:
    if len(data) < 34:
        return None
    (sector,) = struct.unpack_from("<I", data, 2)
    (size,) = struct.unpack_from("<I", data, 10)
    length = data[32]
    plain = data[33 : 33 + length].decode("latin-1")
    area = data[33 + length + (1 - length % 2) :]
    name = _rock_ridge(area) or plain.partition(";")[0].rstrip(".").lower()
    return Entry(name=name, sector=sector, size=size, directory=bool(data[25] & 2))


def _rock_ridge(area: bytes) -> str:
    """The name in the NM entries of a system use area; "" where it has none."""
    name, at = b"", 0
    while at + 4 <= len(area) and area[at + 2] >= 4:
        length = area[at + 2]
        if area[at : at + 2] == b"NM" and length > 5:
            name += area[at + 5 : at + length]
        at += length
    return name.decode("utf-8", "replace")
