"""What on the disk creates VFs at boot, beside sriov-tui: each place as it stands, in the order of the boot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MakerKind = Literal["parameter", "link", "link-implied", "rule", "netplan", "unit", "profile", "script", "cron"]
ALL = "all"  # a count: whatever the card offers (sriov_totalvfs)


@dataclass(frozen=True, slots=True, kw_only=True)
class VfMaker:
    """One line that sets a number of VFs at boot.

    `count` is the number as it stands there ("3"; "3,3" for the ports of a driver in turn), ALL, or "" where it cannot
    be told; `start` is the column of that number in the line, None where it does not stand there. `pfs` are the
    addresses of the cards that it is about, None where that cannot be told. `runs` is the unit, rule or table that
    starts a script, "" where the file acts by itself.
    """

    kind: MakerKind
    path: str
    line: int  # counted from 1
    text: str
    count: str
    start: int | None = None
    pfs: tuple[str, ...] | None = None
    runs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Initramfs:
    """The running kernel's initramfs and what builds it (dracut, update-initramfs); "" = none, None = unknown."""

    path: str | None = None
    tool: str | None = None
