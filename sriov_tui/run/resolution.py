"""What a package manager would do, by its dry run, and whether this host may stand it.

`apt-get -s` prints a line for each act (apt-private/private-install.cc); `dnf --assumeno` a table by headings
(dnf/cli/output.py, list_transaction; libdnf5's has the same headings), then that it was aborted, with status 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sriov_tui.late import regex
from sriov_tui.message import Message, say

_APT = regex(r"(Inst|Remv) (\S+)(?: \[([^]\s]+)\])?")
_HEADING = regex(r"(Installing|Reinstalling|Upgrading|Removing|Downgrading|Skipping)[\w /]*:$")
_REPLACING = regex(r"\s+replacing\s+(\S+?)(?:\.(?:x86_64|aarch64|noarch|i686))?\s")
_ACTS = {"Upgrading": "upgraded", "Removing": "removed", "Downgrading": "downgraded", "Installing": "installed",
         "Reinstalling": "installed"}  # fmt: skip
ABORTED, NOTHING_TO_DO = "Operation aborted", "Nothing to do."

OF_VENDOR = regex(
    r"(?:doca|mlnx|mlx|mft|ofed|flexio|dpa-|dpacc|rshim|hcoll|sharp|knem|xpmem|libxpmem|dpcp|libvma|nvlsm|rdma|ibacm|"
    r"ibsim|ibutils|ibverbs|libib(?:verbs|umad|mad|netdisc|cm|dm)|librdma|libmlx|libmthca|libopensm|infiniband|iwpmd|opensm|libosm|perftest|qperf|"
    r"srp|iser|isert|mstflint|ucx|libucx|openmpi|libopenmpi|mpitests|dapl|compat-dapl|kernel-mft|"
    r"(?:python3-)?pyverbs|python3-pyverbs|sos(?:report)?$|"
    r"kmod-(?:mlnx|iser|isert|srp|kernel-mft|knem|xpmem|mlx))"
)
"""RDMA in user space and what NVIDIA brings: all that an install of its driver may replace or take away."""
KERNEL = regex(
    r"(?:kernel|kernel-(?:core|modules|modules-core|modules-extra|devel|headers|default|default-devel)|"
    r"linux-(?:image|modules|headers|generic|virtual)(?:-\S+)?)"
)
SWITCH = regex(r"(?:\S*-)?(?:openvswitch|ovs)(?:-\S+)?")


@dataclass(slots=True)
class Resolution:
    """Names of packages, in the order in which they are told."""

    installed: list[str] = field(default_factory=list)
    upgraded: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    downgraded: list[str] = field(default_factory=list)


def of_apt(lines: Iterable[str]) -> Resolution:
    """What `apt-get -s` tells; which of the upgrades go down stands in a list before."""
    found, going_down = Resolution(), set[str]()
    listing = False
    for line in lines:
        if match := _APT.match(line):
            names = found.removed if match[1] == "Remv" else found.upgraded if match[3] else found.installed
            names.append(match[2].partition(":")[0])
        listing = line.startswith("  ") if listing and line.startswith(" ") else "will be DOWNGRADED:" in line
        if listing and line.startswith("  "):
            going_down |= set(line.split())
    found.downgraded = [name for name in found.upgraded if name in going_down]
    found.upgraded = [name for name in found.upgraded if name not in going_down]
    return found


def of_dnf(lines: Iterable[str]) -> Resolution:
    """What `dnf --assumeno` tells; a package that another replaces is removed."""
    found, act, name = Resolution(), "", ""
    for line in lines:
        if heading := _HEADING.match(line):
            act = _ACTS.get(heading[1], "")
        elif line.startswith("Transaction Summary"):
            act = ""
        elif act and (match := _REPLACING.match(line)):
            if match[1] != name:
                found.removed.append(match[1])
        elif act and re.match(r" \S", line):
            name = line.split()[0]
            getattr(found, act).append(name)
    return found


def refused(found: Resolution, kernel: str) -> Message | None:
    """What this host may not stand; None where nothing speaks against it. `kernel` is the running one's release."""
    return next(_refusals(found, kernel), None)


def _refusals(found: Resolution, kernel: str) -> Iterator[Message]:
    taken = [name for name in (*found.removed, *found.downgraded) if not OF_VENDOR.match(name)]
    every = (*found.installed, *found.upgraded, *found.removed, *found.downgraded)
    if names := [name for name in every if SWITCH.fullmatch(name)]:
        yield say("it would change Open vSwitch: {names}", names=_told(names))
    if names := [name for name in every if KERNEL.fullmatch(name) and not (kernel and kernel in name)]:
        yield say("it would change the kernel: {names}", names=_told(names))
    if taken:
        yield say("it would remove packages that are not for RDMA and not NVIDIA's: {names}", names=_told(taken))


def _told(names: list[str]) -> str:
    return ", ".join(names[:12]) + (f" (+{len(names) - 12})" if len(names) > 12 else "")
