"""Open vSwitch: whether it runs, what it is told about offload, and what it does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True, kw_only=True)
class OvsBridge:
    """A bridge of Open vSwitch and its ports; `datapath` is "system" (the kernel's) or "netdev" (DPDK, user space)."""

    name: str
    ports: tuple[str, ...] = ()
    datapath: str = "system"


@dataclass(frozen=True, kw_only=True)
class OpenVswitch:
    """Open vSwitch on this host; without `installed` everything else is unknown.

    `hw_offload` and `tc_policy` are other_config's values, the defaults (False, "none") where they are not set. The
    flows are counted only with hw_offload: `flows` of all kinds, `offloaded` of those that the card forwards.
    `plain_ports` are those of which the database tells no tag, trunks, bond or the like.
    """

    installed: bool | None = None
    unit: str | None = None  # "openvswitch", "openvswitch-switch"; "" = no unit, as where it runs in a container
    running: bool | None = None  # the ovs-vswitchd process
    version: str | None = None
    hw_offload: bool | None = None
    tc_policy: str | None = None
    bridges: tuple[OvsBridge, ...] | None = None
    plain_ports: tuple[str, ...] | None = None
    log: tuple[str, ...] | None = None  # lines on starts and flow API since the last start in this log file
    flows: int | None = None
    offloaded: int | None = None
    offloaded_sample: tuple[str, ...] = ()

    def bridge_of(self, port: str) -> str:
        """The bridge that has this port, or ""."""
        return self._bridges.get(port, "")

    @cached_property
    def _bridges(self) -> dict[str, str]:
        return {port: bridge.name for bridge in reversed(self.bridges or ()) for port in bridge.ports}

    @cached_property
    def bridge_names(self) -> frozenset[str]:
        """The names of its bridges; none where they are not known."""
        return frozenset(bridge.name for bridge in self.bridges or ())

    @property
    def flow_api(self) -> bool | None:
        """Whether the running daemon said that it offloads flows; None without a log."""
        if self.log is None:
            return None
        return any("flow api enabled" in line.lower() or "flow hw offload is enabled" in line.lower()
                   for line in self.log)  # fmt: skip
