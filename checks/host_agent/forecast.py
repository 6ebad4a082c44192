"""What the host-agent will report after its next start: computed from the facts and host.conf alone.

First whether it starts and probes at all, then its two lists; one error of one NIC or VF, and no device of that list is
reported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from checks.host_agent import kvm, startup
from checks.host_agent.devices import OFFLOAD, Change, Device, Effects, Refused, devices_of
from checks.host_agent.nics import HostNic, host_nics, why_skipped
from sriov_tui.facts import HostFacts
from sriov_tui.hostconf import Options, Reading, reading_of
from sriov_tui.message import NOTHING, Message, Text, say, sentences

__all__ = ["Device", "Forecast", "ListForecast", "forecast", "why_not"]

PREFIX = {"sriov_nics": "get sriov nic devices ", OFFLOAD: "getOvsOffloadNics: "}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListForecast:
    """What comes of one list: devices, or the one error that leaves none; names skipped, and why."""

    key: str
    items: tuple[str, ...] = ()
    devices: tuple[Device, ...] = ()
    error: str = ""
    cause: Message = NOTHING  # of the error: our words
    culprit: str = ""  # of the error: a PCI address or a name
    topic: str = ""  # of the error: the finding that is about it
    skipped: tuple[tuple[str, Message], ...] = ()
    notes: tuple[tuple[str, Message], ...] = ()
    changes: tuple[tuple[Change, Text], ...] = ()
    unseen: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The whole prediction; `message` is what the host-agent dies with, "" where there is no host.conf at all.

    `starts` is False where it dies before it probes: the lists then say what would come of them if it did not. `doubts`
    are what may turn out otherwise, `unseen` what was not read and decides.
    """

    loads: bool
    starts: bool = True
    message: str = ""
    obstacle: Message = NOTHING  # our words for `message`
    idle: Message = NOTHING  # why NICs are not probed at all
    doubts: tuple[Message, ...] = ()
    unseen: tuple[Message, ...] = ()
    sriov: ListForecast = ListForecast(key="sriov_nics")
    offload: ListForecast = ListForecast(key=OFFLOAD)

    @property
    def devices(self) -> tuple[Device, ...]:
        """Every device that it will report, in its order."""
        return self.sriov.devices + self.offload.devices if self.starts else ()

    @property
    def asks(self) -> bool:
        """Whether host.conf asks for any NIC at all."""
        return bool(self.sriov.items or self.offload.items)


def forecast(facts: HostFacts, text: str | None = None) -> Forecast:
    """What the host-agent will report with this host.conf (None = the present one) on this machine as it is."""
    reading = reading_of(facts, text)
    if reading is None:
        return Forecast(loads=False, starts=False)
    if not reading.loads:
        return Forecast(loads=False, starts=False, message=reading.message)
    options, found = reading.options, list(startup.obstacles(facts, reading))
    first = next((one for one in found if one.certain), None)
    idle = _idle(facts, options)
    lists = [
        ListForecast(key=key, items=items) if idle else _list(facts, reading, key, items)
        for key, items in (("sriov_nics", options.sriov_nics), (OFFLOAD, options.ovs_offload_nics))
    ]
    unseen = (*startup.unseen(facts, options), *_unseen_kvm(facts, options), *lists[0].unseen, *lists[1].unseen)
    return Forecast(
        loads=True,
        starts=first is None,
        message=first.message if first else "",
        obstacle=first.title if first else NOTHING,
        idle=idle,
        doubts=(*(one.title for one in found if not one.certain), *_chance(reading)),
        unseen=tuple(dict.fromkeys(unseen)) if options.sriov_nics or options.ovs_offload_nics else (),
        sriov=lists[0],
        offload=lists[1],
    )


def _idle(facts: HostFacts, options: Options) -> Message:
    if options.host_type == "container":
        return say("host_type is container: the host-agent looks for no devices.")
    if kvm.works(facts) is False:
        return say("KVM cannot be used (no /dev/kvm, and kvm-intel or kvm-amd cannot be loaded): the host-agent looks "
                   "for no devices.")  # fmt: skip
    return NOTHING


def _unseen_kvm(facts: HostFacts, options: Options) -> Iterator[Message]:
    if kvm.works(facts) is None and options.host_type != "container":
        yield say("Whether KVM works could not be read.")


def _chance(reading: Reading) -> Iterator[Message]:
    """What the next start may decide otherwise than this reading: the host-agent walks through keys in random order."""
    if not reading.options.networks:
        yield say("networks is empty: the host-agent will guess it, and overwrite host.conf.")
    for fault in reading.faults:
        if fault.id == "key.two-spellings":
            yield say("One option is written in two spellings ({file}, line {line}): which one counts is a matter of "
                      "chance at each start.", file=fault.file, line=fault.line)  # fmt: skip


def _list(facts: HostFacts, reading: Reading, key: str, items: tuple[str, ...]) -> ListForecast:
    """The interfaces by name, as the directory has them; of one name in the order of the list."""
    skipped: list[tuple[str, Message]] = []
    nics = sorted(_found(facts, reading, items, skipped), key=lambda nic: nic.netdev.encode("utf-8", "surrogateescape"))
    devices: list[Device] = []
    effects = Effects()
    refused: Refused | None = None
    try:
        for nic in nics:
            devices += devices_of(facts, nic, key, effects)
    except Refused as error:
        refused = error
    if key == OFFLOAD and items and not refused:
        effects.changes.append(("ovs", say("set other_config:hw-offload=true in Open vSwitch")))
    return ListForecast(
        key=key,
        items=items,
        devices=() if refused else tuple(devices),
        error=PREFIX[key] + refused.error if refused else "",
        cause=refused.cause if refused else NOTHING,
        culprit=refused.culprit if refused else "",
        topic=refused.topic if refused else "",
        skipped=tuple(skipped),
        notes=() if refused else tuple(_notes(nics)),
        changes=tuple(effects.changes),
        unseen=tuple(effects.unseen),
    )


def _found(
    facts: HostFacts, reading: Reading, items: tuple[str, ...], skipped: list[tuple[str, Message]]
) -> Iterator[HostNic]:
    """The interfaces that the host-agent looks at; the names of the others go to `skipped`."""
    asked: set[str] = set()
    told: set[tuple[str, Message]] = set()
    for nic in host_nics(facts, reading, items):
        asked.add(nic.item)
        why = why_skipped(facts, nic)
        if not why:
            yield nic
        elif (nic.netdev, why) not in told:
            told.add((nic.netdev, why))
            skipped.append((nic.netdev, why))
    for item in dict.fromkeys(items):
        if item not in asked:
            skipped.append((item, say("is a bond without ports: the host-agent finds no card behind it")))


def _notes(nics: list[HostNic]) -> Iterator[tuple[str, Message]]:
    told = dict.fromkeys(nic.item for nic in nics if not nic.listed)
    for item in told:
        yield (
            item,
            say("is not in networks: its VFs get the wire of the first entry, and none at all in Cloudpods 3.10"),
        )
    for nic, times in Counter(nic.netdev for nic in nics).items():
        if times > 1:
            yield nic, say("is named {times} times, so each of its VFs is reported {times} times", times=times)


def why_not(now: Forecast) -> Message:
    """All that keeps the prediction from being certain, as one text."""
    return sentences(*now.unseen, *now.doubts)
