"""What reading a host.conf yields: options, faults, and where in the file each item stands."""

from __future__ import annotations

from dataclasses import dataclass

from sriov_tui.message import NOTHING, Message
from sriov_tui.model import Level

LISTS = ("networks", "sriov_nics", "ovs_offload_nics")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something in a file that stops or misleads the host-agent, or that is worth knowing.

    `line` and `column` count from 1 and are 0 where the whole file is meant; `file` is
    "host.conf", "host_local.conf" or "common.conf" (the ConfigMap).
    """

    id: str
    level: Level
    message: Message
    fix: Message = NOTHING
    line: int = 0
    column: int = 0
    file: str = "host.conf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options that concern us, with the values the host-agent runs with; () = absent or empty."""

    networks: tuple[str, ...] = ()
    sriov_nics: tuple[str, ...] = ()
    ovs_offload_nics: tuple[str, ...] = ()
    disable_security_group: bool = False
    listen_interface: str = ""
    bridge_driver: str = "openvswitch"
    host_type: str = "hypervisor"
    hugepages_option: str = "transparent"
    hugepage_size_mb: int = 1024
    report_interval: int = 60  # seconds


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item of one of the three lists stands."""

    key: str
    item: str
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A host.conf as the host-agent would run with it; `message` is what it dies with where it does not load.

    `others` are further readings of the same files, where chance decides at each start of the host-agent (two
    spellings of one option); empty where there is one reading only.
    """

    loads: bool
    message: str = ""
    options: Options = Options()
    unknown_keys: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    places: tuple[Place, ...] = ()
    others: tuple[Reading, ...] = ()

    def place(self, key: str, item: str) -> str:
        """`file:line` of an item, or the file's name where it is in none of the lists."""
        found = (place for place in self.places if place.key == key and place.item == item)
        return next((f"{place.file}:{place.line}" for place in found), "host.conf")

    @property
    def worst(self) -> Level:
        """The highest level among the faults."""
        return max((fault.level for fault in self.faults), default=Level.OK)
