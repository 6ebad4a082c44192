"""What the choices ask for in bonds, against the host: the bond to be made, and the host as it is with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from checks.bonding import BondSpec, Nic, Switched
from sriov_tui.facts import Bond, BondPort, HostFacts, Link, OpenVswitch, Pf
from sriov_tui.model import BondChoice, Choices, NicChoice, once_for_choices

LONGEST = 15  # IFNAMSIZ without its end
RTPROT_DHCP = 16  # include/uapi/linux/rtnetlink.h; dhcpcd and the network managers use it, dhclient does not


def ports_of(facts: HostFacts, choice: BondChoice) -> tuple[Pf, ...]:
    """The PFs of a bond's ports that are there and have an interface."""
    pfs = (facts.pf(address) for address in choice.ports)
    return tuple(pf for pf in pfs if pf is not None and pf.netdev)


def is_made(facts: HostFacts, choice: BondChoice) -> bool:
    """Whether the bond is there as it is wished."""
    link = facts.link(choice.name)
    if link is None or link.bond is None or link.bond.mode != choice.mode:
        return False
    return set(link.bond.ports) == {pf.netdev for pf in ports_of(facts, choice)}


def carriers(facts: HostFacts, choice: BondChoice) -> tuple[str, ...]:
    """The ports that carry something which would have to move over: addresses, VLANs, routes.

    A router gives IPv6 addresses to every port that is up, so these count only where nothing else does.
    """
    names = [pf.netdev for pf in ports_of(facts, choice)]
    found = [name for name in names if any(_vlans(facts, name)) or any("." in ip for ip in _ips(facts, name))
             or facts.ovs.bridge_of(name)]  # fmt: skip
    return tuple(found or [name for name in names if any(_ips(facts, name))])


def _ips(facts: HostFacts, name: str) -> Iterator[str]:
    """The addresses of a link and the gateways of its routes."""
    link = facts.link(name)
    yield from (address.ip for address in link.addresses if address.scope == "global") if link else ()
    yield from (route.gateway for route in facts.routes or () if route.link == name and route.gateway)


def _metric(facts: HostFacts, name: str) -> int:
    """The metric of the IPv4 routes that DHCP gave a link; 0 where it has none, or none that is known."""
    own = (route for route in facts.routes or () if route.link == name and route.protocol == RTPROT_DHCP)
    found = (route.metric for route in own if ":" not in route.destination + route.gateway)
    return next((metric for metric in found if metric), 0)


def _vlans(facts: HostFacts, name: str) -> Iterator[Link]:
    return (link for link in facts.links_above(name) if link.kind == "vlan")


def wanted(facts: HostFacts, choice: BondChoice) -> BondSpec | None:
    """The bond to be made; None where it is there, or where its two ports are not."""
    pfs = ports_of(facts, choice)
    links = [link for pf in pfs if (link := facts.link(pf.netdev))]
    if len(links) != 2 or links[0].name == links[1].name or is_made(facts, choice):
        return None
    carrier = next(iter(carriers(facts, choice)), "")
    own = next((link for link in links if link.name == carrier), links[0])
    above = [link.name for link in _vlans(facts, carrier)]
    return BondSpec(
        name=choice.name,
        mode=choice.mode,
        ports=(links[0].name, links[1].name),
        macs=(links[0].mac, links[1].mac),
        mac=own.mac,
        carrier=carrier,
        vlans=tuple((link.name, renamed_vlan(link.name, carrier, choice.name)) for link in _vlans(facts, carrier)),
        switched=next(iter(switched(facts, carrier, choice.name)), None),
        metrics=tuple((name, metric) for name in (carrier, *above) if (metric := _metric(facts, name))),
        nics=tuple(Nic(link.name, link.mac, link.index) for link in facts.links or () if not link.kind),
    )


def switched(facts: HostFacts, carrier: str, bond: str) -> list[Switched]:
    """What of a port, the port itself or VLANs on it, is a port of Open vSwitch."""
    own = [Switched(facts.ovs.bridge_of(carrier), carrier, bond)] if carrier and facts.ovs.bridge_of(carrier) else []
    above = [(link, facts.ovs.bridge_of(link.name)) for link in _vlans(facts, carrier)]
    return own + [Switched(bridge, link.name, renamed_vlan(link.name, carrier, bond), link.vlan)
                  for link, bridge in above if bridge]  # fmt: skip


def beside(facts: HostFacts, made: BondSpec) -> tuple[str, ...]:
    """What the carrier has beside its port of Open vSwitch, which only a tool could move."""
    one = made.switched
    if one is None:
        return ()
    return (*_ips(facts, made.carrier), *(name for name, _ in made.vlans if name != one.old))


def renamed_vlan(name: str, carrier: str, bond: str) -> str:
    """The name of a VLAN on the bond: `enp1s0.100` becomes `bond0.100`; one with a name of its own keeps it."""
    return f"{bond}{name.removeprefix(carrier)}" if name.startswith(f"{carrier}.") else name


def names(facts: HostFacts, choices: Choices, listed: Collection[str]) -> dict[str, str]:
    """Every interface that host.conf knows by another name then, old -> new.

    These are the carriers and their VLANs; of idle ports the first that is `listed` in networks.
    """
    found: dict[str, str] = {}
    for choice in choices.bonds:
        if made := wanted(facts, choice):
            idle = [port for port in made.ports if port in listed and not made.carrier]
            found |= made.names | {port: made.name for port in idle[:1]}
    return found


@once_for_choices
def as_made(facts: HostFacts, choices: Choices) -> HostFacts:
    """The host as it is once the wished bonds are made: addresses, routes and VLANs on them."""
    for choice in choices.bonds:
        if made := wanted(facts, choice):
            facts = _with(facts, made)
    return facts


def as_found(facts: HostFacts, choice: BondChoice, ports: tuple[str, ...]) -> HostFacts:
    """The host with this bond as it is read afterwards: the states of its ports, and its path, are not known before."""
    before = {link.name for link in facts.links or ()}
    made = as_made(facts, Choices(bonds=(choice,)))
    states = tuple(BondPort(name=port) for port in sorted(ports))
    links = []
    for link in made.links or ():
        bond = link.bond and (replace(link.bond, port_states=states) if link.name == choice.name else link.bond)
        path = link.path if link.name in before else None
        links.append(replace(link, bond=bond, path=path, up=link.up or link.name in ports))
    return replace(made, links=tuple(links))


def _with(facts: HostFacts, made: BondSpec) -> HostFacts:
    below, names = facts.link(made.carrier or made.ports[0]), made.names
    links = tuple(_moved(link, made) for link in facts.links or () if link.name != made.name)
    bond = Link(
        name=made.name,
        index=1 + max((link.index for link in links), default=0),
        kind="bond",
        mac=made.mac,
        mtu=below.mtu if below else 0,
        up=True,
        carrier=True,
        addresses=below.addresses if below and made.carrier else (),
        bond=Bond(mode=made.mode, ports=tuple(sorted(made.ports))),
        master=below.master if below and made.switched and made.switched.new == made.name else "",
    )
    routes = facts.routes and tuple(replace(route, link=names.get(route.link, route.link)) for route in facts.routes)
    ssh = facts.ssh
    if ssh is not None and made.carrier in ssh.links:
        way = [names.get(link, link) for link in ssh.links]
        ssh = replace(ssh, links=tuple(dict.fromkeys([*way, *made.ports])))
    return replace(facts, links=(*links, bond), routes=routes, ssh=ssh, ovs=_in_bridge(facts, made))


def _in_bridge(facts: HostFacts, made: BondSpec) -> OpenVswitch:
    """Open vSwitch with the bond, or the VLAN on it, in the place of the port."""
    one = made.switched
    if one is None:
        return facts.ovs
    bridges = tuple(replace(bridge, ports=_exchanged(bridge.ports, one)) for bridge in facts.ovs.bridges or ())
    plain = facts.ovs.plain_ports
    return replace(facts.ovs, bridges=bridges, plain_ports=plain and _exchanged(plain, one))


def _exchanged(ports: tuple[str, ...], one: Switched) -> tuple[str, ...]:
    return tuple(sorted(one.new if port == one.old else port for port in ports))


def _moved(link: Link, made: BondSpec) -> Link:
    if link.name in made.ports:
        return replace(link, master=made.name, addresses=())
    if link.name in dict(made.vlans):
        return replace(link, name=made.names[link.name], parent=made.name)
    return link


def bond_names(facts: HostFacts, choices: Choices) -> dict[str, str]:
    """The bond of each port of every wished bond: host.conf has to name the bond instead."""
    return {pf.netdev: choice.name for choice in choices.bonds for pf in ports_of(facts, choice)}


def with_network(choices: Choices, nic: NicChoice) -> NicChoice:
    """The choice for a card with the bridge and wire of its bond: those of the first port that tells them."""
    ports = next((bond.ports for bond in choices.bonds if nic.address in bond.ports), ())
    told = next((own for port in ports if (own := choices.nic(port)).bridge or own.wire), nic)
    return replace(nic, bridge=told.bridge, wire=told.wire)


def cuts_session(facts: HostFacts, choice: BondChoice) -> bool:
    """Whether a port of this bond carries the operator's SSH session."""
    return facts.carries_session(*(pf.address for pf in ports_of(facts, choice)))
