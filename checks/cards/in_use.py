"""Who uses a port or its VFs: what lives on the link, up through bonds, bridges and VLANs."""

from __future__ import annotations

from sriov_tui.facts import HostFacts, Link, Pf
from sriov_tui.hostconf import parse_entry
from sriov_tui.message import Message, say
from sriov_tui.model import HOST_CONF

OVS_DATAPATH = "ovs-system"  # master of every port of every Open vSwitch bridge


def on_port(facts: HostFacts, pf: Pf) -> list[str]:
    """What loses its network while this port's link is down, in words; the SSH session first."""
    found: list[str] = [session_words(facts)] if facts.carries_session(pf.address) else []
    for name in pf.netdevs or ():
        found += on_link(facts, name)
    return list(dict.fromkeys(found))


def session_words(facts: HostFacts) -> Message:
    """The session in words: one that cannot be traced only may run there."""
    if facts.ssh is not None and facts.ssh.untraced:
        return say("perhaps your SSH session, which cannot be traced")
    return say("your SSH session")


def on_link(facts: HostFacts, name: str) -> list[str]:
    """What lives on a link and on everything above it: memberships, addresses, the default route, host.conf."""
    found: list[str] = []
    for link in above(facts, name):
        found += [_membership(facts, link)] if link.master else []
        found += [f"the {link.kind} {link.name}"] if link.parent and link.kind else []
        found += [_address(facts, a.ip, link.name) for a in link.addresses if a.scope == "global"]
        routes = [route for route in facts.routes or () if route.link == link.name]
        found += [f"the default route over {link.name}" for route in routes if route.destination == "default"]
        found += _networks(facts, link.name)
    return list(dict.fromkeys(found))


def above(facts: HostFacts, name: str) -> tuple[Link, ...]:
    """A link and every link above it; of Open vSwitch only the datapath, since netlink does not tell its bridges."""
    order: list[Link] = []
    queue = [name]
    while queue:
        link = facts.link(queue.pop(0))
        if link is None or link in order:
            continue
        order.append(link)
        queue += [link.master] if link.master else []
        queue += [other.name for other in facts.links or () if other.parent == link.name]
    return tuple(order)


def on_vfs(facts: HostFacts, pf: Pf) -> list[str]:
    """What holds or uses the VFs of a PF: virtual machines and other processes, bridges, bonds, addresses."""
    found = []
    for vf in pf.vfs:
        for holder in vf.holders or ():
            who = f"the virtual machine {holder.vm}" if holder.vm else holder.command[:40]
            found.append(f"{vf.address} is held by {who} (pid {holder.pid})")
        for name in vf.netdevs or ():
            found += [f"{vf.address} {name} carries {use}" for use in on_link(facts, name)]
    return found


def _address(facts: HostFacts, ip: str, name: str) -> str:
    node = ", by which Kubernetes knows this host" if ip in (facts.node_ips or ()) else ""
    return f"the address {ip} of {name}{node}"


def _membership(facts: HostFacts, link: Link) -> str:
    if link.master == OVS_DATAPATH:
        return f"{link.name}'s place in an Open vSwitch bridge"
    master = facts.link(link.master)
    if master is not None and master.bond is not None:
        others = [
            port for port in master.bond.ports if port != link.name and (o := facts.link(port)) and o.up and o.carrier
        ]
        return f"the bond {master.name}" + (f" (it goes on over {', '.join(others)})" if others else "")
    return f"the {(master.kind if master else '') or 'bridge'} {link.master}"


def _networks(facts: HostFacts, name: str) -> list[str]:
    """The entries of `networks` in host.conf for this link; the text alone is looked at, whatever its form."""
    file = facts.file(HOST_CONF)
    lines = (file.text or "").splitlines() if file else []
    entries = (parse_entry(line.strip().lstrip("- \t")) for line in lines if "/" in line)
    return [
        f"the network {entry.text} of host.conf" for entry in entries if entry and name in (entry.iface, entry.bridge)
    ]
