"""Where a guest that needs a VF can go: the free VFs of the fleet by card, use and wire, each host with its NUMA node.

Free is what no process held when the host was audited; the platform may have promised it to a guest that is stopped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sriov_tui.fleet.hosts import Fleet, FleetHost, HostState, Nic
from sriov_tui.message import Message, join, say

READY: tuple[HostState, ...] = ("WARN", "READY")  # as the audit calls a host ready


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The VFs of one port; `held` None = not known. `state` is that of the host, `stale` of its audit."""

    host: str
    address: str
    numa: int | None
    vfs: int
    held: int | None
    state: HostState
    stale: bool

    @property
    def free(self) -> int | None:
        """How many nobody holds."""
        return None if self.held is None else self.vfs - self.held

    @property
    def counts(self) -> bool:
        """Whether a guest can go there, as far as the audit says."""
        return bool(self.free) and self.state in READY and not self.stale

    @property
    def words(self) -> Message:
        """The host and its free VFs, and whatever a reader should know before he sends a guest there."""
        notes = (
            say("NUMA {node}", node=self.numa) if self.numa is not None else "",
            "" if self.state in READY else self.state,
            say("stale") if self.stale else "",
        )
        free = "?" if self.free is None else str(self.free)
        told = join(", ", notes)
        return join(" ", (self.host, free, say("({told})", told=told) if told else ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """One kind of VF: the card's name and model, what host.conf lists it for, the wire; the best place first."""

    card: str
    use: str
    wire: str | None  # "" = that of the entry's address; None = unknown
    places: tuple[Place, ...]

    @property
    def free(self) -> int:
        """Free VFs on hosts that are ready, by audits that are not stale."""
        return sum(place.free or 0 for place in self.places if place.counts)

    @property
    def vfs(self) -> int:
        """All VFs of this kind."""
        return sum(place.vfs for place in self.places)

    @property
    def wire_words(self) -> Message:
        """The wire as it is shown."""
        if self.wire is None:
            return say("unknown wire")
        return say("wire {wire}", wire=self.wire) if self.wire else say("the wire of its address")


def supply(fleet: Fleet) -> tuple[Supply, ...]:
    """Every kind of VF that host.conf gives to guests somewhere, that with most free VFs first."""
    kinds: dict[tuple[str, str, str | None], list[Place]] = defaultdict(list)
    for host in fleet.hosts:
        stale = bool(fleet.stale(host))
        for nic in host.nics:
            if nic.use and nic.numvfs:
                for wire in (None,) if nic.wires is None else nic.wires:
                    kinds[card_of(nic), nic.use, wire].append(_place(host, nic, stale))
    found = [
        Supply(card=card, use=use, wire=wire, places=tuple(sorted(places, key=_best)))
        for (card, use, wire), places in kinds.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.free, one.card, one.use, one.wire or "")))


def unlisted(fleet: Fleet) -> Iterator[str]:
    """The hosts of which it is not known what they give: older audits, or no host.conf that could be read."""
    for host in fleet.hosts:
        if any(nic.totalvfs and nic.use is None for nic in host.nics):
            yield host.name


def card_of(nic: Nic) -> str:
    """The card's name and its vendor:device."""
    return " ".join(filter(None, (nic.name, f"[{nic.model}]" if nic.model else "")))


def _place(host: FleetHost, nic: Nic, stale: bool) -> Place:
    return Place(host=host.name, address=nic.address, numa=nic.numa, vfs=nic.numvfs or 0, held=nic.held,
                 state=host.state, stale=stale)  # fmt: skip


def _best(place: Place) -> tuple[bool, int, str, str]:
    return not place.counts, -(place.free or 0), place.host, place.address
