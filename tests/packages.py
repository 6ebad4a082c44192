"""An .rpm and a .deb as far as their headers go, with nothing in them."""

from __future__ import annotations

import io
import lzma
import struct
import tarfile
import zlib


def rpm(name: str, version: str, release: str, machine: str) -> bytes:
    """Lead, signatures of an odd length, main header."""
    return b"\xed\xab\xee\xdb" + bytes(92) + _padded(_header({269: "0" * 40})) + _header(
        {1000: name, 1001: version, 1002: release, 1022: machine}
    )  # fmt: skip


def _header(strings: dict[int, str]) -> bytes:
    store, index = b"", b""
    for tag, text in strings.items():
        index += struct.pack(">4I", tag, 6, len(store), 1)
        store += text.encode() + b"\0"
    return b"\x8e\xad\xe8\x01" + bytes(4) + struct.pack(">II", len(strings), len(store)) + index + store


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 8)


def deb(name: str, version: str, machine: str, packed: str = "xz") -> bytes:
    """An ar archive with the members debian-binary and control.tar."""
    control = f"Package: {name}\nVersion: {version}\nArchitecture: {machine}\nDescription: x\n Version: 9\n".encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("./control")
        info.size = len(control)
        archive.addfile(info, io.BytesIO(control))
    data = out.getvalue()
    if packed == "gz":
        packer = zlib.compressobj(wbits=31)
        data = packer.compress(data) + packer.flush()
    elif packed == "xz":
        data = lzma.compress(data)
    return b"!<arch>\n" + _member("debian-binary", b"2.0\n") + _member(f"control.tar.{packed}".rstrip("."), data)


def _member(name: str, data: bytes) -> bytes:
    return f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode() + data + b"\n" * (len(data) % 2)
