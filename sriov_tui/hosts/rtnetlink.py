"""Questions to rtnetlink on a socket of our own, answered in pyroute2's message classes.

`import pyroute2` alone imports asyncio, multiprocessing and everything else that it can do, which takes longer than a
whole audit. Its message classes are small, but lie below that package: so they are imported without its `__init__`.
"""

from __future__ import annotations

import errno
import importlib
import importlib.util
import itertools
import os
import socket
import struct
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from sriov_tui.message import say

HEADER = struct.Struct("=IHHII")  # struct nlmsghdr (include/uapi/linux/netlink.h)
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLM_F_REQUEST, NLM_F_DUMP, NLM_F_DUMP_INTR = 0x1, 0x300, 0x10
GETLINK, GETADDR, GETROUTE = 18, 22, 26  # RTM_GET*; the answer is RTM_NEW*, two less (include/uapi/linux/rtnetlink.h)
ROUTE = struct.Struct("=8BI")  # struct rtmsg
RTA_DST, RTA_SRC = 1, 2
LINK = struct.Struct("=BxHiII")  # struct ifinfomsg
IFLA_EXT_MASK = 29  # include/uapi/linux/if_link.h
ROOM = 1 << 18  # bytes of one answer; the kernel fills at most 32 KiB of a dump's
TRIES = 8  # of a dump during which something changed


class Rtnetlink:
    """A socket of rtnetlink; every question raises OSError where the kernel refuses it."""

    def __init__(self) -> None:
        self._classes = _classes()
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE)
        self._socket.bind((0, 0))
        self._numbers = itertools.count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def links(self) -> list[Any]:
        """Every link, without its VFs: above about 100 of them a dump breaks (pyroute2 issue 813)."""
        return self._dump(GETLINK, bytes(16))

    def link(self, index: int, ext_mask: int) -> list[Any]:
        """One link with what RTEXT_FILTER_* of `ext_mask` asks for, such as its VFs."""
        request = LINK.pack(socket.AF_UNSPEC, 0, index, 0, 0) + _attribute(IFLA_EXT_MASK, struct.pack("=I", ext_mask))
        return list(self._ask(GETLINK, request, 0))

    def addresses(self) -> list[Any]:
        """Every address."""
        return self._dump(GETADDR, bytes(8))

    def routes(self) -> list[Any]:
        """Every route of IPv4 and IPv6, of every table."""
        families = (socket.AF_INET, socket.AF_INET6)
        return [route for family in families for route in self._dump(GETROUTE, bytes([family, *bytes(11)]))]

    def way(self, to: bytes, source: bytes) -> list[Any]:
        """The route by which packets of this source address go to an address, both as packed bytes."""
        family = socket.AF_INET if len(to) == 4 else socket.AF_INET6
        bits = 8 * len(to)
        request = (
            ROUTE.pack(family, bits, bits, 0, 0, 0, 0, 0, 0) + _attribute(RTA_DST, to) + _attribute(RTA_SRC, source)
        )
        return list(self._ask(GETROUTE, request, 0))

    def _dump(self, kind: int, request: bytes) -> list[Any]:
        """All objects of a kind, asked for again where they changed meanwhile: some may be missing then."""
        for _ in range(TRIES):
            found = list(self._ask(kind, request, NLM_F_DUMP))
            if not any(message["header"]["flags"] & NLM_F_DUMP_INTR for message in found):
                return found
        raise OSError(errno.EAGAIN, say("the network changes faster than it can be read"))

    def _ask(self, kind: int, request: bytes, flags: int) -> Iterator[Any]:
        number = next(self._numbers)
        header = HEADER.pack(HEADER.size + len(request), kind, NLM_F_REQUEST | flags, number, 0)
        self._socket.sendto(header + request, (0, 0))
        while True:
            data = self._socket.recv(ROOM)
            at = 0
            while at + HEADER.size <= len(data):
                length, answer, _, of, _ = HEADER.unpack_from(data, at)
                if of == number:  # else it is of a question that was given up
                    if answer == NLMSG_DONE:
                        return
                    if answer == NLMSG_ERROR:
                        (code,) = struct.unpack_from("=i", data, at + HEADER.size)
                        raise OSError(-code, os.strerror(-code))
                    message = self._classes[kind](data[at : at + length])
                    message.decode()
                    yield message
                    if not flags:
                        return
                at += (length + 3) & ~3


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value


def _classes() -> dict[int, Any]:
    with _without_init("pyroute2"):
        from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg
        from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg
        from pyroute2.netlink.rtnl.rtmsg import rtmsg
    return {GETLINK: ifinfmsg, GETADDR: ifaddrmsg, GETROUTE: rtmsg}


@contextmanager
def _without_init(name: str) -> Iterator[None]:
    """Let modules below a package be imported without it; who imports it afterwards gets all of it."""
    spec = importlib.util.find_spec(name) if name not in sys.modules else None
    if spec is None or spec.submodule_search_locations is None:
        yield
        return
    package = types.ModuleType(name)
    package.__path__ = list(spec.submodule_search_locations)
    package.__spec__ = spec
    sys.modules[name] = package
    try:
        yield
    finally:
        del sys.modules[name]
