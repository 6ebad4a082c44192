"""The entries of `networks` against the machine.

A wrong entry costs more than a card: the host-agent does not start, or flushes an address and
the host is gone from the network.
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.cards import in_use
from checks.host_agent import startup
from checks.host_agent.startup import Obstacle
from sriov_tui.facts import HostFacts, Link
from sriov_tui.hostconf import Network, Options, Reading, parse_entry
from sriov_tui.hostconf.networks import is_name, wire_fault
from sriov_tui.message import NOTHING, Message, join, say
from sriov_tui.model import HOST_CONF, Evidence, Finding, Fix, Level

OVS_PORT = "ovs-system"  # the master that netlink shows for every port of an Open vSwitch bridge
TOLD_BY_READING = ("bridge-driver-unknown",)  # obstacles that a fault of `hostconf` is about already


def findings(facts: HostFacts, reading: Reading) -> Iterator[Finding]:
    """What keeps the host-agent from starting, then each entry that breaks a rule; or one that all of them hold."""
    found = [_obstacle(one) for one in startup.obstacles(facts, reading) if one.topic not in TOLD_BY_READING]
    found += [finding for text in reading.options.networks for finding in _entry(facts, reading, text)]
    found += _order(reading)
    yield from found
    if not found and reading.options.networks:
        yield Finding(
            id="hostconf.networks",
            level=Level.OK if facts.links is not None else Level.SKIP,
            title=say("The entries of networks fit this machine.")
            if facts.links is not None
            else say("networks cannot be compared with the machine: its links are not known."),
            evidence=(Evidence(HOST_CONF, ", ".join(reading.options.networks)),),
        )


def _obstacle(one: Obstacle) -> Finding:
    return Finding(
        id=f"hostconf.{one.topic}",
        level=Level.FAIL if one.certain else Level.WARN,
        subject=one.where,
        title=one.title,
        detail=say("Its message: {message}", message=one.message),
        fix=Fix(title=one.fix),
        blocks=one.certain,
    )


def why_no_entry(facts: HostFacts, options: Options, iface: str, bridge: str, wire: str) -> Message:
    """Why `iface/bridge/wire` must not be added, as a sentence; "" where it may."""
    if not bridge or not wire:
        missing = join(" and ", ("" if bridge else say("bridge"), "" if wire else say("wire")))
        return say("To make one, its {missing} must be given.", missing=missing)
    if not is_name(bridge):
        return say("{bridge} is not a valid bridge name: 1 to 15 letters, digits, dots or dashes.", bridge=repr(bridge))
    if fault := wire_fault(wire):
        return say("{wire} is not a valid wire name: {fault}.", wire=repr(wire), fault=fault)
    if used := options.entries_with(bridge):
        return say("The bridge {bridge} is taken by {used}.", bridge=bridge, used=used[0].text)
    link = facts.link(bridge)
    if link is not None and not _bridge_fits(link, options.bridge_driver):
        return say(
            "{bridge} is already a {kind} on this machine; choose another name.",
            bridge=bridge,
            kind=link.kind or say("network card"),
        )
    return address_danger(facts, options, iface) or _taken(facts, iface, bridge)


def address_danger(facts: HostFacts, options: Options, iface: str) -> Message:
    """Why a wire-form entry for this interface would cost the host its network; "" where it would not."""
    flush = say("The host-agent would flush it, and the host would be unreachable.")
    for ip in startup.addresses(facts.link(iface)):
        return say("{iface} has the address {ip}. {flush}", iface=iface, ip=ip, flush=flush)
    if iface in in_use.default_routes(facts):
        return say("The default route goes over {iface}. {flush}", iface=iface, flush=flush)
    if _carries_session(facts, iface):
        return say("It carries {session}. {flush}", session=in_use.session_words(facts), flush=flush)
    if options.listen_interface == iface:
        return say("{iface} is the listen_interface. {flush}", iface=iface, flush=flush)
    return NOTHING


def _carries_session(facts: HostFacts, iface: str) -> bool:
    """Whether the SSH session runs over an interface itself: a VLAN above it keeps its frames and its address."""
    if facts.ssh is None or facts.ssh.untraced or iface not in facts.ssh.links:
        return facts.carries_session(iface)
    return not any(link.name in facts.ssh.links for link in facts.links_above(iface))


def _taken(facts: HostFacts, iface: str, bridge: str) -> Message:
    link = facts.link(iface)
    if link is None or not link.master or link.master in (bridge, OVS_PORT):
        return NOTHING
    master = facts.link(link.master)
    if master is not None and master.bond is not None:
        return say(
            "{iface} is a port of {master}; only the bond itself can be in networks.", iface=iface, master=link.master
        )
    return say("{iface} is already a port of {master}.", iface=iface, master=link.master)


def _bridge_fits(link: Link, driver: str) -> bool:
    return link.kind == ("bridge" if driver == "linux_bridge" else "openvswitch")


def _entry(facts: HostFacts, reading: Reading, text: str) -> Iterator[Finding]:
    where = reading.place("networks", text)
    entry = parse_entry(text)
    if entry is None:
        return
    yield from _form(where, entry)
    if facts.links is None:
        return
    yield from _flushed(facts, reading, where, entry)
    yield from _bridge(facts, reading, where, entry)


def _bad(topic: str, where: str, title: Message, fix: Message, level: Level = Level.FAIL) -> Finding:
    return Finding(id=f"hostconf.{topic}", level=level, subject=where, title=title, fix=Fix(title=fix),
                   blocks=level >= Level.FAIL)  # fmt: skip


def _form(where: str, entry: Network) -> Iterator[Finding]:
    """Names that Linux or the platform does not take, and what the host-agent ignores."""
    if not is_name(entry.bridge):
        yield _bad("entry-form", where, say("{name} in {text} is not a valid bridge name.", name=repr(entry.bridge),
                                            text=entry.text),
                   say("A name has 1 to 15 bytes, no spaces and no slashes."))  # fmt: skip
    if not entry.ip and (fault := wire_fault(entry.wire)):
        yield _bad("entry-form", where, say("{wire} in {text} is not a valid wire name: {fault}.",
                                            wire=repr(entry.wire), text=entry.text, fault=fault),
                   say("Write the wire's name as the platform shows it."))  # fmt: skip
    if entry.rest and not entry.second_ip:
        yield _bad("entry-form", where, say("/{rest} at the end of {text} is ignored.", rest="/".join(entry.rest),
                                            text=entry.text),
                   say("Remove it: an entry has no prefix length."), Level.WARN)  # fmt: skip


def _flushed(facts: HostFacts, reading: Reading, where: str, entry: Network) -> Iterator[Finding]:
    """The host-agent starts, makes the bridge, and flushes the address that the host is reached by."""
    if entry.ip or not entry.iface or startup.owns_bridge(facts, reading.options.bridge_driver, entry.bridge):
        return
    if danger := address_danger(facts, reading.options, entry.iface):
        yield _bad("entry-wire", where, say("{entry} names a wire. {danger}", entry=entry.text, danger=danger),
                   say("Write the address in place of the wire, or use another interface."))  # fmt: skip


def _bridge(facts: HostFacts, reading: Reading, where: str, entry: Network) -> Iterator[Finding]:
    """A bridge for each entry, and an interface that nothing else holds."""
    if any(other.text != entry.text for other in reading.options.entries_with(entry.bridge)):
        yield _bad("entry-bridge", where, say("The bridge {bridge} is in two entries of networks.",
                                              bridge=entry.bridge),
                   say("Give each entry a bridge of its own."))  # fmt: skip
    taken = _taken(facts, entry.iface, entry.bridge)
    if taken:
        yield _bad("entry-bridge", where, taken, say("Name the bond or the bridge's own entry instead."))


def _order(reading: Reading) -> Iterator[Finding]:
    """The first entry is the management one."""
    options = reading.options
    entries = options.entries
    with_ip = [entry for entry in entries if entry.ip]
    if with_ip and entries[0] is not with_ip[0] and not options.listen_interface:
        where = reading.place("networks", with_ip[0].text)
        title = say("The management entry is not the first one of networks.")
        yield _bad("entry-order", where, title, say("Move it to the front."), Level.WARN)
