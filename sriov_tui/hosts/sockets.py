"""Established TCP connections, out of /proc/net/tcp and tcp6, as "client port server port"."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Collection, Iterator
from pathlib import Path

ESTABLISHED = "01"  # TCP_ESTABLISHED, include/net/tcp_states.h


def connections(net: Path, inodes: Collection[str]) -> tuple[str, ...]:
    """The established connections whose sockets have these inodes, from the tables in a `net` folder of /proc."""
    return tuple(dict.fromkeys(words for words, inode in _rows(net) if inode in inodes))


def established(net: Path, named: str) -> bool:
    """Whether this connection is there now; an ended one may still be named by an old environment."""
    return any(same(named, words) for words, _ in _rows(net))


def same(one: str, other: str) -> bool:
    """Whether two connections are one, however their addresses are written, and whether or not they tell a zone."""
    return bool(one) and _key(one) == _key(other)


def plain(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address without its zone, one of IPv4 in IPv6 as IPv4; None where it is no address."""
    with contextlib.suppress(ValueError):
        address = ipaddress.ip_address(text.partition("%")[0])
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return mapped or address
    return None


def _key(words: str) -> tuple[object, ...]:
    client, port, server, served = [*words.split(), "", "", "", ""][:4]
    return plain(client) or client, port, plain(server) or server, served


def _rows(net: Path) -> Iterator[tuple[str, str]]:
    """Each established connection and the inode of its socket."""
    for name in ("tcp", "tcp6"):
        try:
            lines = (net / name).read_text("ascii", "replace").splitlines()[1:]
        except OSError:
            continue
        for fields in (line.split() for line in lines):
            if len(fields) > 9 and fields[3] == ESTABLISHED:
                with contextlib.suppress(ValueError):
                    yield f"{_end(fields[2])} {_end(fields[1])}", fields[9]


def _end(text: str) -> str:
    """An address and its port; the kernel prints 32-bit words in the order of the machine."""
    digits, _, port = text.partition(":")
    packed = b"".join(bytes.fromhex(digits[at : at + 8])[::-1] for at in range(0, len(digits), 8))
    return f"{plain(str(ipaddress.ip_address(packed)))} {int(port, 16)}"
