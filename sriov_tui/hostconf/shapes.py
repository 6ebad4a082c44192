"""What reading a host.conf yields: options, faults, and where in the file each item stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sriov_tui.facts import grouped
from sriov_tui.hostconf.networks import Network, parse_entry
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


@dataclass(frozen=True, kw_only=True)
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

    @cached_property
    def entries(self) -> tuple[Network, ...]:
        """The entries of `networks` that have the parts of one."""
        return tuple(entry for text in self.networks if (entry := parse_entry(text)))

    def entries_of(self, iface: str) -> tuple[Network, ...]:
        """Those that name this interface."""
        return self._by_iface.get(iface, ())

    def entries_with(self, bridge: str) -> tuple[Network, ...]:
        """Those that name this bridge."""
        return self._by_bridge.get(bridge, ())

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The first entry for each interface as text, those that lack parts included."""
        return {text.split("/")[0]: text for text in reversed(self.networks)}

    @cached_property
    def _by_iface(self) -> Mapping[str, tuple[Network, ...]]:
        return grouped(self.entries, lambda entry: entry.iface)

    @cached_property
    def _by_bridge(self) -> Mapping[str, tuple[Network, ...]]:
        return grouped(self.entries, lambda entry: entry.bridge)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item of one of the three lists stands."""

    key: str
    item: str
    file: str
    line: int


@dataclass(frozen=True, kw_only=True)
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
        return self._places.get((key, item), "host.conf")

    @cached_property
    def _places(self) -> Mapping[tuple[str, str], str]:
        return {(place.key, place.item): f"{place.file}:{place.line}" for place in reversed(self.places)}

    @property
    def worst(self) -> Level:
        """The highest level among the faults."""
        return max((fault.level for fault in self.faults), default=Level.OK)
