"""Many hosts by their audits: what is compared and shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from sriov_tui.fleet import age
from sriov_tui.message import Message
from sriov_tui.model import Finding, Level

HostState = Literal["FAIL", "BLOCKED", "SKIP", "WARN", "READY"]
STATES: tuple[HostState, ...] = ("FAIL", "BLOCKED", "SKIP", "WARN", "READY")


@dataclass(frozen=True, slots=True, kw_only=True)
class Nic:
    """A PF as the audit's `facts` tell it; None = unknown."""

    address: str
    slot: str | None = None
    model: str | None = None
    name: str | None = None
    interface: str | None = None
    driver: str | None = None
    driver_version: str | None = None
    firmware: str | None = None
    numvfs: int | None = None
    totalvfs: int | None = None
    numa: int | None = None
    use: str | None = None  # sriov or offload, as host.conf lists it; "" = neither
    wires: tuple[str, ...] | None = None
    held: int | None = None  # VFs that a process holds


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetHost:
    """One host by its audit: `name` is unique in the fleet, `file` is where the audit stands below its folder."""

    name: str
    file: str
    hostname: str = ""
    gathered_at: str = ""
    os: str | None = None
    machine: str | None = None
    bios: str | None = None
    kernel: str | None = None
    arguments: str | None = None
    nics: tuple[Nic, ...] = ()
    findings: tuple[Finding, ...] = ()
    problems: int = 0  # how much could not be read on the host

    @property
    def state(self) -> HostState:
        """The worst level of its findings; BLOCKED where none is FAIL, but one that is milder blocks the set-up.

        The audit calls a host ready in the states WARN and READY, and in no other.
        """
        worst = max((finding.level for finding in self.findings), default=Level.OK)
        if worst is Level.FAIL:
            return "FAIL"
        if any(finding.blocks for finding in self.findings):
            return "BLOCKED"
        return "SKIP" if worst is Level.SKIP else "WARN" if worst is Level.WARN else "READY"

    def count(self, level: Level) -> int:
        """How many of its findings have this level."""
        return sum(finding.level is level for finding in self.findings)

    @property
    def open(self) -> tuple[Finding, ...]:
        """What is WARN or worse, or blocks: the worst first, of one level what blocks."""
        bad = (finding for finding in self.findings if finding.level >= Level.WARN or finding.blocks)
        return tuple(sorted(bad, key=lambda finding: (-finding.level, not finding.blocks)))


@dataclass(frozen=True, slots=True)
class Broken:
    """A file that is no audit, and why."""

    file: str
    reason: Message


@dataclass(frozen=True, slots=True)
class Fleet:
    """All that was read from one folder: hosts by state and name, then the files that are no audits.

    `missing` are the hosts that were expected and have no audit; an audit is stale `days` days before `now`.
    """

    hosts: tuple[FleetHost, ...] = ()
    broken: tuple[Broken, ...] = ()
    missing: tuple[str, ...] = ()
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    days: int = age.STALE_DAYS

    def stale(self, host: FleetHost) -> Message:
        """Why the audit of this host says nothing about today, or NOTHING."""
        return age.stale(host.gathered_at, self.now, self.days)

    @property
    def all_stale(self) -> tuple[FleetHost, ...]:
        """The hosts whose audits are stale."""
        return tuple(host for host in self.hosts if self.stale(host))

    def in_state(self, state: HostState) -> tuple[FleetHost, ...]:
        """The hosts in this state."""
        return tuple(host for host in self.hosts if host.state == state)
