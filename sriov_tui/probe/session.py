"""The SSH session that we run in: from its addresses and its route through all links down to the cards."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping

from sriov_tui.facts import HostFacts, Link, SshSession
from sriov_tui.facts.net import Untraced
from sriov_tui.late import regex
from sriov_tui.probe.source import Source

OVS_DATAPATH = "ovs-system"  # master of every port of every Open vSwitch bridge
LOOPBACK = 772  # ARPHRD_LOOPBACK, include/uapi/linux/if_arp.h
ADDRESS = regex(r"[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]")
Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
Ways = Mapping[tuple[str, str], str]


def session(source: Source, facts: HostFacts, ways: Ways | None = None) -> SshSession | None:
    """The session of SSH_CONNECTION ("client port server port", some of them one after the other); None without one.

    `ways` has the link by which the kernel answers (client, server); where that is not known the main table tells.
    """
    words = source.reader.environment().get("SSH_CONNECTION", "").split()
    if not words:
        return None
    if len(words) % 4:
        return SshSession(client="", server="", untraced="unknown")
    found = [_one(source, facts, words[at], words[at + 2], ways or {}) for at in range(0, len(words), 4)]
    return SshSession(
        client=", ".join(dict.fromkeys(one.client for one in found)),
        server=", ".join(dict.fromkeys(one.server for one in found)),
        links=tuple(dict.fromkeys(name for one in found for name in one.links)),
        pfs=tuple(sorted({pf for one in found for pf in one.pfs})),
        untraced=next((one.untraced for one in found if one.untraced), ""),
    )


def _one(source: Source, facts: HostFacts, client: str, server: str, ways: Ways) -> SshSession:
    """One connection: it comes in by the link of the server's address, and goes out by the route to the client."""
    to, by = _address(client), _address(server)
    if to is None or by is None:
        return SshSession(client=client, server=server, untraced="unknown" if to is None else "elsewhere")
    if facts.links is None:
        return SshSession(client=client, server=server, untraced="links")
    inward = tuple(_with_address(facts.links, by))
    way = ways.get((client, server), "")
    outward = (way,) if way else tuple(_routed(facts, to, inward))
    paths = [below(name, facts.links) for name in dict.fromkeys((*inward, *outward))]
    links = tuple(dict.fromkeys(name for path in paths for name in path))
    untraced: Untraced = "address" if not inward else "route" if not outward else ""
    if not untraced and (facts.pfs is None or not all(_hardware(facts, path) for path in paths)):
        untraced = "hardware"
    try:
        pfs = tuple(sorted({pf for name in links for pf in _pfs(source, facts, name)}))
    except OSError:
        pfs, untraced = (), untraced or "hardware"
    return SshSession(client=client, server=server, links=links, pfs=pfs, untraced=untraced)


def _address(word: str) -> Ip | None:
    """An address with its zone; one of IPv4 in IPv6 as IPv4. None where sshd could not tell it."""
    try:
        address = ipaddress.ip_address(word)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _zone(address: Ip) -> str:
    return (address.scope_id or "") if isinstance(address, ipaddress.IPv6Address) else ""


def _with_address(links: tuple[Link, ...], address: Ip) -> Iterator[str]:
    """Every link that has this address; of those of a link-local one, the one that its zone names."""
    zone, plain = _zone(address), ipaddress.ip_address(str(address).partition("%")[0])
    for link in links:
        if zone in ("", link.name, str(link.index)) and any(_address(a.ip) == plain for a in link.addresses):
            yield link.name


def _routed(facts: HostFacts, to: Ip, inward: tuple[str, ...]) -> Iterator[str]:
    """The links of the longest route of the main table to an address; the link of a neighbour is known already."""
    if _zone(to) or to.is_link_local or to.is_loopback:
        yield from inward
        return
    found = [(network.prefixlen, name) for network, name in _networks(facts, to.version) if to in network]
    best = max((length for length, _ in found), default=-1)
    yield from dict.fromkeys(name for length, name in found if length == best)


def _networks(facts: HostFacts, version: int) -> Iterator[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, str]]:
    """The networks that a route, or an address with its prefix, leads to."""
    everything = "0.0.0.0/0" if version == 4 else "::/0"
    rows = [(everything if r.destination == "default" else r.destination, r.link) for r in facts.routes or ()]
    rows += [(f"{a.ip}/{a.prefixlen}", link.name) for link in facts.links or () for a in link.addresses]
    for text, name in rows:
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            continue
        if network.version == version:
            yield network, name


def _hardware(facts: HostFacts, path: tuple[str, ...]) -> bool:
    """Whether a card is at the lower end of a path: a tunnel, or a pair of ends, leads out of our sight."""
    links = [link for name in path if (link := facts.link(name))]
    return any(not link.kind and link.arphrd != LOOPBACK for link in links)


def _pfs(source: Source, facts: HostFacts, name: str) -> Iterator[str]:
    """The PFs whose reset drops a link: its own, that of the VF it belongs to, or the one above it in the PCI tree.

    OSError where that cannot be seen.
    """
    link = facts.link(name)
    if link is None or link.kind or link.arphrd == LOOPBACK:
        return
    for pf in facts.pfs or ():
        vfs = [vf for vf in pf.vfs if vf.address == link.pci or name in (vf.netdevs or ())]
        if link.pci == pf.address or name in (pf.netdevs or ()) or vfs:
            yield pf.address
            return
    above = ADDRESS.findall(source.reader.realpath(f"/sys/class/net/{name}"))
    yield from (pf.address for pf in facts.pfs or () if pf.address in above)


def below(name: str, links: tuple[Link, ...]) -> tuple[str, ...]:
    """A link and every link under it: bond and bridge ports, a VLAN's parent, Open vSwitch's ports.

    Which port of Open vSwitch belongs to which bridge netlink does not tell, so all count.
    """
    by_name = {link.name: link for link in links}
    order, queue = [], [name]
    while queue:
        current = queue.pop(0)
        if current in order or current not in by_name:
            continue
        order.append(current)
        link = by_name[current]
        master = OVS_DATAPATH if link.kind == "openvswitch" else current
        queue += [other.name for other in links if other.master == master]
        queue += [link.parent] if link.parent else []
    return tuple(order)
