"""Bonds as each tool that configures the network writes them down: one room for each tool.

A room turns a `Wanted` and the tool's own files into a `Recipe`. The configuration of the port that carries
something becomes that of the bond, line for line; nothing that a room does not understand is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sriov_tui.message import NOTHING, Message, say
from sriov_tui.model import Operation, Run

Files = Mapping[str, str]
"""The files of a tool, path -> text."""
MIIMON = 100  # milliseconds; without it a port whose link is down goes on being used
POLICY = "layer3+4"
WHO = "Written by sriov-tui"


@dataclass(frozen=True, slots=True)
class Nic:
    """A link: what files match it by. One that is `made`, a VLAN or a bond, has its MAC of the link below it."""

    name: str
    mac: str
    index: int = 0
    made: bool = False


@dataclass(frozen=True, slots=True)
class Switched:
    """A port of a bridge of Open vSwitch, and its name on the bond: the carrier itself, or a VLAN with this number."""

    bridge: str
    old: str
    new: str
    vlan: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BondSpec:
    """A bond to be made of two interfaces.

    `carrier` is the port whose configuration moves over, "" where both are idle; `mac` is that of the carrier, or of
    the first port. `macs` are those of the ports; `vlans` the VLANs above the carrier, as (name now, name then).
    `nics` are the links of hardware: a glob in a file may fit any of them. `switched` is what of the carrier is a port
    of Open vSwitch, whose bridge then has its addresses. `metrics` are those of the IPv4 routes that DHCP gave the
    carrier and its VLANs, by the name now.
    """

    name: str
    mode: str
    ports: tuple[str, str]
    macs: tuple[str, str]
    mac: str
    carrier: str = ""
    vlans: tuple[tuple[str, str], ...] = ()
    nics: tuple[Nic, ...] = ()
    switched: Switched | None = None
    metrics: tuple[tuple[str, int], ...] = ()

    @property
    def hardware(self) -> tuple[Nic, ...]:
        """Every link of hardware, the ports among them."""
        own = tuple(Nic(name, mac) for name, mac in zip(self.ports, self.macs, strict=True))
        known = {nic.name for nic in self.nics}
        return (*self.nics, *(nic for nic in own if nic.name not in known))

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
class BondChanges:
    """What makes a bond and what takes it back.

    The undo of `before` puts the old configuration to work: it runs when `files` (path -> text, None = removed) are
    as they were. `after` puts the new one to work; its undo removes the bond. `mode` is that of new files.
    """

    before: tuple[Run, ...]
    files: dict[str, str | None]
    after: tuple[Run, ...]
    mode: int = 0o644
    told: tuple[Message, ...] = ()

    @property
    def commands(self) -> tuple[Operation, ...]:
        """The commands alone."""
        return (*self.before, *self.after)


BY_HAND = say("Make the bond by hand; then read the machine again.")


class Unsupported(Exception):
    """A room does not understand what is there: why, as a sentence, what a person can do, and the words for it."""

    def __init__(self, why: Message, way_out: Message = BY_HAND, manual: Message = NOTHING) -> None:
        super().__init__(why)
        self.why, self.way_out, self.manual = why, way_out, manual


class NotMine(Unsupported):
    """No file of this tool configures the port that carries something: another tool may."""


def unknown_setting(path: str, setting: str, iface: str) -> Unsupported:
    """The refusal of a setting that has no known meaning for a bond."""
    return Unsupported(
        say(
            "{path} has the setting {setting} for {iface}, and what it means for a bond is not known here.",
            path=path,
            setting=setting,
            iface=iface,
        ),
        say("Remove {setting} from {path}, or make the bond by hand; then read the machine again.",
            setting=setting, path=path),
    )  # fmt: skip


def named_elsewhere(path: str, old: str, line: str) -> Unsupported:
    """The refusal where something else in the files stands on an interface that gets another name."""
    return Unsupported(
        say("{path} names {old} in a place that does not move with it: {line}", path=path, old=old, line=line),
        say("Remove that line from {path}, or make the bond by hand; then read the machine again.", path=path),
    )


def taken(path: str, name: str) -> Unsupported:
    """The refusal where a new name is configured already."""
    return Unsupported(
        say("{path} already configures {name}.", path=path, name=name),
        say("Remove that configuration, or choose another name for the bond."),
    )


def names_in(text: str, names: Iterable[str]) -> str:
    """The first of these interfaces that a text names as a whole word, or ""."""
    return next((name for name in names if renamed(text, {name: ""}) != text), "")


def other_lease(wanted: BondSpec, setting: str) -> Message:
    """What DHCP of systemd-networkd means for the address: its IAID is made of the name (src/network/networkd-dhcp4.c,
    sd-dhcp-client's dhcp_identifier_set_iaid), and a bond has no name that udev made."""
    return say(
        "{bond} may get another address by DHCP than {port} has: systemd-networkd makes its identity of the name of an "
        "interface. It stays the same with {setting}, if {port} has had that since before the bond.",
        bond=wanted.name, port=wanted.carrier, setting=setting,
    )  # fmt: skip


def removed(name: str) -> tuple[str, ...]:
    """The command that removes a link, and does nothing where it is not there: an undo may come before the act."""
    return ("sh", "-c", f"test ! -e /sys/class/net/{name} || ip link delete {name}")


def cleared(name: str) -> Run:
    """The last command before the files: its undo removes the bond once they are as they were.

    Also where nobody here made it: after a power cut the boot makes it, as soon as the files say so.
    """
    return Run(argv=removed(name), undo=removed(name))


def renamed(text: str, names: Mapping[str, str]) -> str:
    """The text with whole words replaced: names of interfaces. `enp1s0.100` is a word of its own.

    In the name of a sysctl (net.ipv4.conf.enp1s0.rp_filter) the interface is a part between dots.
    """
    for old, new in names.items():
        text = re.sub(rf"(?<![\w.-]){re.escape(old)}(?![\w-]|\.\w)", new, text)
        text = re.sub(rf"(\bnet\.\w+\.(?:conf|neigh)\.){re.escape(old)}(?=\.\w)", rf"\g<1>{new}", text)
    return text
