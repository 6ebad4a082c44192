"""Why the host-agent will not start: what it does with host.conf before it looks for a single VF.

In its own order: `prepareEnv` (huge pages), the bridge driver, each entry of `networks` (`NewNIC` and
`ConfirmToConfig`), then its master interface. It dies of the first. Source: Cloudpods
pkg/hostman/hostinfo/hostinfo.go (Init, prepareEnv, parseConfig), hostinfohelper.go (NewNIC) and
hostbridge/hostbridge.go.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from sriov_tui.facts import HostFacts, Link
from sriov_tui.hostconf import Network, Options, Reading, parse_entry
from sriov_tui.message import Message, say
from sriov_tui.model import HOST_CONF, HOST_LOCAL_CONF

DRIVERS = ("openvswitch", "linux_bridge")
HUGEPAGES = ("disable", "native", "transparent")
LONGEST_REPORT = 300  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Something that the host-agent dies of: `message` in its words, `title` and `fix` in ours.

    `certain` is False where older releases start all the same. `topic` is the tail of the finding's id.
    """

    topic: str
    where: str
    message: str
    title: Message
    fix: Message
    certain: bool = True


def obstacles(facts: HostFacts, reading: Reading) -> Iterator[Obstacle]:
    """Everything that keeps the host-agent from starting, in the order in which it meets it."""
    yield from _environment(facts, reading.options)
    if reading.options.bridge_driver not in DRIVERS:
        driver = reading.options.bridge_driver
        yield Obstacle(
            topic="bridge-driver-unknown",
            where=HOST_CONF,
            message=f"Dirver {driver} not found",
            title=say("The host-agent has no bridge driver {driver!r}: it will not start.", driver=driver),
            fix=say("Write `bridge_driver: openvswitch`, or remove the line."),
        )
    before: dict[str, Network] = {}
    for text in reading.options.networks:
        entry, where = parse_entry(text), reading.place("networks", text)
        if entry is None:
            yield Obstacle(
                topic="entry-form",
                where=where,
                message=f"Parse nic conf {text} failed, too short",
                title=say("{entry!r} has fewer than three parts: the host-agent will not start.", entry=text),
                fix=say("Write INTERFACE/BRIDGE/IP or INTERFACE/BRIDGE/WIRE."),
            )
            continue
        if facts.links is not None:
            yield from _entry(facts, reading.options, where, entry)
        yield from _twice(where, entry, before)
        before.setdefault(entry.iface, entry)
    if facts.links is not None and reading.options.networks:
        yield from _master(facts, reading.options)


def unseen(facts: HostFacts, options: Options) -> Iterator[Message]:
    """What would have to be seen to tell whether it starts."""
    if facts.links is None:
        yield say("The network links of this host could not be read.")
    if options.hugepages_option == "native" and facts.hugepages is None:
        yield say("The huge pages of this host could not be read.")
    local = facts.file(HOST_LOCAL_CONF)
    if local is not None and local.state == "unreadable":
        yield say("{path} could not be read, and its values win over those of host.conf.", path=HOST_LOCAL_CONF)


def _environment(facts: HostFacts, options: Options) -> Iterator[Obstacle]:
    if options.report_interval > LONGEST_REPORT:
        yield Obstacle(
            topic="report-interval",
            where=HOST_CONF,
            message="Option report_interval must no longer than 5 min",
            title=say("report_interval is {seconds}: above 300 the host-agent will not start.",
                      seconds=options.report_interval),
            fix=say("Write 300 or less, or remove the line: the default is 60."),
        )  # fmt: skip
    size = options.hugepage_size_mb
    if options.hugepages_option not in HUGEPAGES:
        yield Obstacle(
            topic="hugepages",
            where=HOST_CONF,
            message="Invalid hugepages option",
            title=say("hugepages_option is {value!r}: the host-agent will not start.", value=options.hugepages_option),
            fix=say("Write disable, native or transparent."),
        )
    elif options.hugepages_option == "native" and _reserved(facts, size) == 0:
        yield Obstacle(
            topic="hugepages",
            where=HOST_CONF,
            message=f"hugepage {size} nr 0",
            title=say("hugepages_option is native, but no huge page of {size} MB is reserved: the host-agent will "
                      "not start.", size=size),
            fix=say("Reserve huge pages of this size with the kernel arguments hugepagesz= and hugepages=, or write "
                    "another hugepages_option."),
        )  # fmt: skip


def _reserved(facts: HostFacts, size: int) -> int | None:
    """How many huge pages of so many MB there are."""
    return None if facts.hugepages is None else dict(facts.hugepages).get(size * 1024, 0)


# -- one entry ---------------------------------------------------------------------------------------------------------


def _entry(facts: HostFacts, options: Options, where: str, entry: Network) -> Iterator[Obstacle]:
    """The address it waits for, the interface, then the bridge as it is."""
    if not entry.iface and entry.ip:
        yield Obstacle(
            topic="entry-form",
            where=where,
            message="A bridge without interface must have no IP",
            title=say("{entry} has an address but no interface: the host-agent will not start.", entry=entry.text),
            fix=say("Write INTERFACE/BRIDGE/IP."),
        )
        return
    if entry.iface and facts.link(entry.iface) is None:
        yield Obstacle(
            topic="entry-form",
            where=where,
            message=f"{entry.iface} not exists",
            title=say("There is no interface {name}: the host-agent will not start.", name=entry.iface),
            fix=say("Write the present name of the interface (names change with drivers and slots)."),
        )
        return
    yield from _address(facts, where, entry)
    yield from _bridge(facts, options, where, entry)


def _address(facts: HostFacts, where: str, entry: Network) -> Iterator[Obstacle]:
    """It compares the address as text, and link-local ones do not count."""
    present = {ip for name in (entry.iface, entry.bridge) for ip in addresses(facts.link(name))}
    for ip in (entry.ip, entry.second_ip):
        if ip and ip not in present:
            yield Obstacle(
                topic="entry-ip",
                where=where,
                message=f"Ip {ip} is not configure on {entry.bridge}/{entry.iface} ?",
                title=say("{ip} is on neither {iface} nor {bridge}: the host-agent will not start after waiting 60 s "
                          "for it.", ip=ip, iface=entry.iface, bridge=entry.bridge),
                fix=say("Write the address that the interface has now, as `ip address` shows it."),
            )  # fmt: skip


def _bridge(facts: HostFacts, options: Options, where: str, entry: Network) -> Iterator[Obstacle]:
    link, driver = facts.link(entry.bridge), options.bridge_driver
    owned = owns_bridge(facts, driver, entry.bridge)
    if owned and entry.ip:
        yield from _moved(facts, where, entry)
    elif owned:
        yield from _wire(facts, where, entry)
    elif link is not None:
        yield Obstacle(
            topic="entry-bridge",
            where=where,
            message=f"bridge {entry.bridge} exists, but not created by this driver????",
            title=say("{bridge} exists and is not a bridge of the driver {driver}: the host-agent will not start.",
                      bridge=entry.bridge, driver=driver),
            fix=say("Write another name for the bridge, or remove that device."),
        )  # fmt: skip
    holder = facts.ovs.bridge_of(entry.iface) if driver == "openvswitch" and entry.iface else ""
    if holder and holder != entry.bridge:
        yield _held(where, entry, holder)
    if owned and not entry.second_ip and ":" not in entry.ip:
        yield from _ipv6(facts, where, entry)


def _moved(facts: HostFacts, where: str, entry: Network) -> Iterator[Obstacle]:
    """The bridge is there without the address: the interface must have it as its first one."""
    on_bridge, first = addresses(facts.link(entry.bridge)), _of_family(facts.link(entry.iface), entry.ip)
    if entry.ip not in on_bridge and first and first[0] != entry.ip:
        yield Obstacle(
            topic="entry-ip",
            where=where,
            message=f"{entry.ip}!={first[0]}, {entry.iface} not same as config",
            title=say("{ip} is not the first address of {iface}, which is {first}: the host-agent will not start.",
                      ip=entry.ip, iface=entry.iface, first=first[0]),
            fix=say("Make it the first address of the interface, or name the first one in the entry."),
        )  # fmt: skip


def _wire(facts: HostFacts, where: str, entry: Network) -> Iterator[Obstacle]:
    """Neither the interface nor the bridge may have an address once the bridge is there."""
    for name, message in (
        (entry.iface, f"interface {entry.iface} should have no address"),
        (entry.bridge, f"bridge {entry.bridge} should have no ipv4 address"),
    ):
        for ip in _of_family(facts.link(name), "0.0.0.0")[:1]:
            yield Obstacle(
                topic="entry-wire",
                where=where,
                message=message,
                title=say("{entry} names a wire, but {name} has the address {ip}: the host-agent will not start.",
                          entry=entry.text, name=name, ip=ip),
                fix=say("Write {ip} in place of the wire, or take it from {name}.", ip=ip, name=name),
            )  # fmt: skip


def _ipv6(facts: HostFacts, where: str, entry: Network) -> Iterator[Obstacle]:
    """Cloudpods 4.0 learned IPv6, and refuses an address that the entry does not name (issue 24645)."""
    for name, message in (
        (entry.iface, f"interface {entry.iface} should have no ipv6 address"),
        (entry.bridge, f"bridge {entry.bridge} shoud have no ipv6 address"),
    ):
        for ip in _of_family(facts.link(name), "::")[:1]:
            yield Obstacle(
                topic="entry-ipv6",
                where=where,
                message=message,
                title=say("{name} has the address {ip}, which {entry} does not name: the host-agent of Cloudpods 4.0 "
                          "or newer will not start.", name=name, ip=ip, entry=entry.text),
                fix=say("Switch automatic IPv6 addresses off on {name}, or write the address at the end of the entry.",
                        name=name),
                certain=False,
            )  # fmt: skip


def _twice(where: str, entry: Network, before: dict[str, Network]) -> Iterator[Obstacle]:
    other = before.get(entry.iface)
    if entry.iface and other is not None and other.bridge != entry.bridge:
        yield _held(where, entry, other.bridge)


def _held(where: str, entry: Network, holder: str) -> Obstacle:
    return Obstacle(
        topic="entry-bridge",
        where=where,
        message=f"Failed to add interface: a port named {entry.iface} already exists on bridge {holder}",
        title=say("{iface} is a port of the bridge {holder} and cannot join {bridge} too: the host-agent will not "
                  "start.", iface=entry.iface, holder=holder, bridge=entry.bridge),
        fix=say("Keep one entry for each interface; take the port out of the other bridge with `ovs-vsctl del-port`."),
    )  # fmt: skip


# -- the master interface ----------------------------------------------------------------------------------------------


def _master(facts: HostFacts, options: Options) -> Iterator[Obstacle]:
    """listen_interface after the bridges are set up, which take the addresses over; else the first entry with an IP."""
    entries = options.entries
    listen = options.listen_interface
    if not listen:
        if entries and not any(entry.ip for entry in entries):
            yield Obstacle(
                topic="entry-order",
                where=HOST_CONF,
                message="No interface suitable to be master NIC",
                title=say("No entry of networks has an address, and there is no listen_interface: the host-agent will "
                          "not start."),
                fix=say("Write the management entry in the form INTERFACE/BRIDGE/IP."),
            )  # fmt: skip
        return
    if _has_address(facts, entries, listen):
        return
    bridge = next((entry.bridge for entry in entries if entry.iface == listen), "")
    yield Obstacle(
        topic="listen-interface",
        where=HOST_CONF,
        message=f"Listen interface {listen} master have no IP",
        title=say("listen_interface is {name}, whose address moves to the bridge {bridge}: the host-agent will not "
                  "start.", name=listen, bridge=bridge)
        if bridge
        else say("listen_interface is {name}, which has no address: the host-agent will not start.", name=listen),
        fix=say("Write `listen_interface: {bridge}`, or remove the line.", bridge=bridge)
        if bridge
        else say("Name an interface that has an address, or remove the line: the host-agent then takes the entry with "
                 "an address."),
    )  # fmt: skip


def _has_address(facts: HostFacts, entries: tuple[Network, ...], name: str) -> bool:
    """Whether an interface has an address once each bridge has taken over that of its interface."""
    for entry in entries:
        if entry.bridge == name:
            return bool(entry.ip)
        if entry.iface == name and entry.ip not in addresses(facts.link(entry.bridge)):
            return False
    return bool(addresses(facts.link(name)))


# -- what is there -----------------------------------------------------------------------------------------------------


def addresses(link: Link | None) -> list[str]:
    """The addresses that count for the host-agent: no link-local ones, which it gives bridges itself."""
    local = ("169.254.", "fe80", "127.")
    found = [_canonical(address.ip) for address in link.addresses] if link else []
    return [ip for ip in found if not ip.startswith(local) and ip != "::1"]


def _canonical(ip: str) -> str:
    """As the kernel and the host-agent write it, which compares texts."""
    try:
        return str(ipaddress.ip_address(ip))
    except ValueError:
        return ip


def _of_family(link: Link | None, like: str) -> list[str]:
    return [ip for ip in addresses(link) if (":" in ip) == (":" in like)]


def owns_bridge(facts: HostFacts, driver: str, name: str) -> bool:
    """Whether the bridge is there and one of this driver's: what `ovs-vsctl list-br` or `brctl show` lists."""
    link = facts.link(name)
    if driver == "linux_bridge":
        return link is not None and link.kind == "bridge"
    if facts.ovs.bridges is not None:
        return name in facts.ovs.bridge_names
    return link is not None and link.kind == "openvswitch"
