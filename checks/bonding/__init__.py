"""Bonds as each tool that configures the network writes them down: one room for each tool.

A room turns a `Wanted` and the tool's own files into a `Recipe`. The configuration of the port that carries
something becomes that of the bond, line for line; nothing that a room does not understand is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sriov_tui.message import Message, say
from sriov_tui.model import Operation, Run

Files = Mapping[str, str]
"""The files of a tool, path -> text."""
MIIMON = 100  # milliseconds; without it a port whose link is down goes on being used
POLICY = "layer3+4"
WHO = "Written by sriov-tui"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A bond to be made of two interfaces.

    `carrier` is the port whose configuration moves over, "" where both are idle; `mac` is that of the carrier, or of
    the first port. `macs` are those of the ports; `vlans` the VLANs above the carrier, as (name now, name then).
    """

    name: str
    mode: str
    ports: tuple[str, str]
    macs: tuple[str, str]
    mac: str
    carrier: str = ""
    vlans: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> dict[str, str]:
        """Every name that changes, old -> new."""
        return ({self.carrier: self.name} if self.carrier else {}) | dict(self.vlans)

    @property
    def options(self) -> dict[str, str]:
        """The options beside the mode, in the kernel's words. The carrier stays the active port in mode 1."""
        if self.mode != "active-backup":
            return {"miimon": str(MIIMON), "xmit_hash_policy": POLICY}
        return {"miimon": str(MIIMON)} | ({"primary": self.carrier} if self.carrier else {})

    @property
    def ordered(self) -> tuple[str, ...]:
        """The ports, the carrier first."""
        return tuple(sorted(self.ports, key=lambda port: port != self.carrier))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What makes a bond and what takes it back.

    The undo of `before` puts the old configuration to work: it runs when `files` (path -> text, None = removed) are
    as they were. `after` puts the new one to work; its undo removes the bond. `mode` is that of new files.
    """

    before: tuple[Run, ...]
    files: dict[str, str | None]
    after: tuple[Run, ...]
    mode: int = 0o644

    @property
    def commands(self) -> tuple[Operation, ...]:
        """The commands alone."""
        return (*self.before, *self.after)


BY_HAND = say("Make the bond by hand; then read the machine again.")


class Unclear(Exception):
    """A room does not understand what is there: why, as a sentence, and what a person can do."""

    def __init__(self, why: Message, way_out: Message = BY_HAND) -> None:
        super().__init__(why)
        self.why, self.way_out = why, way_out


def removed(name: str) -> tuple[str, ...]:
    """The command that removes a link, and does nothing where it is not there: an undo may come before the act."""
    return ("sh", "-c", f"test ! -e /sys/class/net/{name} || ip link delete {name}")


def cleared(name: str) -> Run:
    """The last command before the files: its undo removes the bond once they are as they were.

    Also where nobody here made it: after a power cut the boot makes it, as soon as the files say so.
    """
    return Run(argv=removed(name), undo=removed(name))


def renamed(text: str, names: Mapping[str, str]) -> str:
    """The text with whole words replaced: names of interfaces. `enp1s0.100` is a word of its own."""
    for old, new in names.items():
        text = re.sub(rf"(?<![\w.-]){re.escape(old)}(?![\w-]|\.\w)", new, text)
    return text
