"""Small ISO 9660 images with Rock Ridge names, so that no test needs a program to make one; Linux mounts them."""

from __future__ import annotations

import struct
from collections.abc import Mapping

SECTOR = 2048


def image(files: Mapping[str, bytes], executable: tuple[str, ...] = ()) -> bytes:
    """An image with these files, by their paths; a path has one folder at most."""
    folders = sorted({path.partition("/")[0] for path in files if "/" in path})
    sector = 18 + 1 + len(folders)  # descriptors, then a sector for each directory, then the files
    places: dict[str, tuple[int, int]] = {}
    for path, data in files.items():
        places[path] = (sector, len(data))
        sector += max(1, -(-len(data) // SECTOR))
    where = {"": 18} | {name: 19 + index for index, name in enumerate(folders)}
    out = bytearray(sector * SECTOR)
    _put(out, 16, _descriptor(sector, where[""]))
    _put(out, 17, b"\xffCD001\x01")
    for folder, at in where.items():
        rows = [_record(b"\0", at, SECTOR, True, "", first=True), _record(b"\1", where[""], SECTOR, True, "")]
        if not folder:
            rows += [_record(_plain(name, i), where[name], SECTOR, True, name) for i, name in enumerate(folders)]
        own = [path for path in sorted(files) if path.rpartition("/")[0] == folder]
        for index, path in enumerate(own, len(folders)):
            at_file, size = places[path]
            name = path.rpartition("/")[2]
            rows.append(_record(_plain(name, index), at_file, size, False, name, path in executable))
        _put(out, at, b"".join(rows))
    for path, data in files.items():
        _put(out, places[path][0], data)
    return bytes(out)


def _put(out: bytearray, sector: int, data: bytes) -> None:
    out[sector * SECTOR : sector * SECTOR + len(data)] = data


def _both(number: int) -> bytes:
    return struct.pack("<I", number) + struct.pack(">I", number)


def _descriptor(size: int, root: int) -> bytes:
    data = bytearray(b"\x01CD001\x01".ljust(SECTOR, b"\0"))
    data[8:72] = b" " * 64
    data[80:88] = _both(size)
    for at, number in ((120, 1), (124, 1), (128, SECTOR)):
        data[at : at + 4] = struct.pack("<H", number) + struct.pack(">H", number)
    data[156:190] = _record(b"\0", root, SECTOR, True, "", bare=True)
    data[881] = 1
    return bytes(data)


def _plain(name: str, index: int) -> bytes:
    return f"F{index:04}.;1".encode()


def _record(
    plain: bytes, sector: int, size: int, folder: bool, name: str, executable: bool = False, *,
    first: bool = False, bare: bool = False,
) -> bytes:  # fmt: skip
    area = b"SP\x07\x01\xbe\xef\x00" if first else b""
    mode = 0o40755 if folder else 0o100755 if executable else 0o100644
    if not bare:
        area += b"PX\x24\x01" + b"".join(map(_both, (mode, 1, 0, 0)))
    if name:
        area += b"NM" + bytes([5 + len(name), 1, 0]) + name.encode()
    padding = b"" if len(plain) % 2 else b"\0"
    length = 33 + len(plain) + len(padding) + len(area)
    area += b"\0" * (length % 2)
    head = _both(sector) + _both(size) + bytes(7) + bytes([2 if folder else 0, 0, 0])
    tail = struct.pack("<H", 1) + struct.pack(">H", 1) + bytes([len(plain)]) + plain + padding + area
    return bytes([length + length % 2, 0]) + head + tail
