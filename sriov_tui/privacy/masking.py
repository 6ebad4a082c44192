"""Takes passwords, tokens and keys out of what is read of a machine, for all that leaves it: recordings and audits.

Lines, columns and what a parser would stumble over stay, so that the same checks find the same faults in what is left.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sriov_tui.facts import Source
from sriov_tui.hosts.host import MAX_FILE, Completed, Reader
from sriov_tui.secrets.text import masked_bytes, masked_line

_NOT_TEXT = ("/sys/", "/lib/", "/boot/config-")
DESCRIPTION = re.compile(r"/servers/[0-9a-fA-F-]{36}/desc$")


def name_alone(data: bytes) -> bytes:
    """Of the host-agent's description of a virtual machine, which has its passwords and keys, the name and the id."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    known = found if isinstance(found, dict) else {}
    return json.dumps({key: str(known.get(key, "")) for key in ("uuid", "name")}, ensure_ascii=False).encode()


class Masked:
    """A `Reader` that passes on what another one reads, every value that looks like a secret replaced."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    @property
    def source(self) -> Source:
        return self._reader.source

    def read(self, path: str, limit: int = MAX_FILE, offset: int = 0) -> bytes:
        data = self._reader.read(path, limit, offset)
        if DESCRIPTION.search(path):
            return name_alone(data)
        return data if path.startswith(_NOT_TEXT) or offset else masked_bytes(data, path)

    def listdir(self, path: str) -> tuple[str, ...]:
        return self._reader.listdir(path)

    def readlink(self, path: str) -> str:
        return self._reader.readlink(path)

    def realpath(self, path: str) -> str:
        return self._reader.realpath(path)

    def mode(self, path: str) -> int:
        return self._reader.mode(path)

    def owner(self, path: str) -> tuple[int, int]:
        return self._reader.owner(path)

    def query(self, argv: Sequence[str], timeout: float = 10.0) -> Completed:
        done = self._reader.query(argv, timeout)
        return Completed(done.status, masked_line(done.out), masked_line(done.err))

    def netlink(self) -> Mapping[str, list[dict[str, Any]]]:
        return self._reader.netlink()

    def udev(self, path: str) -> Mapping[str, str]:
        return self._reader.udev(path)

    def vfio_holders(self) -> tuple[tuple[str, int, str], ...]:
        return tuple((path, pid, masked_line(command)) for path, pid, command in self._reader.vfio_holders())

    def environment(self) -> Mapping[str, str]:
        return self._reader.environment()

    def now(self) -> str:
        return self._reader.now()
