"""Who uses a port or its VFs: what lives on the link, up through bonds, bridges and VLANs."""

from __future__ import annotations

from collections.abc import Iterator

from sriov_tui.facts import Holder, HostFacts, Link, Pf, Vf, once_for_facts
from sriov_tui.hostconf import parse_entry
from sriov_tui.message import NOTHING, Message, say, verbatim
from sriov_tui.model import HOST_CONF

UNTOLD = "anon_inode:[vfio-device]"  # see `sriov_tui.hosts.host`
USER_SPACE = ("uio_pci_generic", "igb_uio", "uio_hv_generic", "xen-pciback", "pciback")
UNUSED = ("pci-stub", "pci_stub")  # these keep every other driver away, and let nobody use the function
OVS_DATAPATH = "ovs-system"  # master of every port of every Open vSwitch bridge


def on_port(facts: HostFacts, pf: Pf) -> list[Message]:
    """What loses its network while this port's link is down, in words; the SSH session first."""
    found = [session_words(facts)] if facts.carries_session(pf.address) else []
    for name in pf.netdevs or ():
        found += on_link(facts, name)
    return list(dict.fromkeys(found))


def session_words(facts: HostFacts) -> Message:
    """The session in words: one that cannot be traced only may run there."""
    if facts.ssh is not None and facts.ssh.untraced:
        return say("perhaps your SSH session, which cannot be traced")
    return say("your SSH session")


def on_link(facts: HostFacts, name: str) -> list[Message]:
    """What lives on a link and on everything above it: memberships, addresses, the default route, host.conf."""
    found: list[Message] = []
    for link in above(facts, name):
        found += [_membership(facts, link)] if link.master else []
        found += [say("the {kind} {name}", kind=link.kind, name=link.name)] if link.parent and link.kind else []
        found += [_address(facts, a.ip, link.name) for a in link.addresses if a.scope == "global"]
        found += [say("the default route over {name}", name=link.name)] * (link.name in default_routes(facts))
        found += _networks(facts, link.name)
    return list(dict.fromkeys(found))


def above(facts: HostFacts, name: str) -> tuple[Link, ...]:
    """A link and every link above it; of Open vSwitch only the datapath, since netlink does not tell its bridges."""
    order: dict[str, Link] = {}
    queue = [name]
    while queue:
        link = facts.link(queue.pop(0))
        if link is None or link.name in order:
            continue
        order[link.name] = link
        queue += [link.master] if link.master else []
        queue += [other.name for other in facts.links_above(link.name)]
    return tuple(order.values())


def on_vfs(facts: HostFacts, pf: Pf) -> list[Message]:
    """What holds or uses the VFs of a PF: virtual machines and other processes, bridges, bonds, addresses."""
    return [use for vf in pf.vfs for use in _on_vf(facts, vf)]


def _on_vf(facts: HostFacts, vf: Vf) -> Iterator[Message]:
    """What cannot be seen is counted as a use, unless it is shown that there is none."""
    if vf.holders is None:
        yield say("who uses {vf} cannot be seen", vf=vf.address)
    yield from (_held(vf, holder) for holder in vf.holders or ())
    if vf.driver in USER_SPACE:
        yield say("{vf} is bound to {driver}, by which DPDK or a guest uses it", vf=vf.address, driver=vf.driver)
    elif vf.driver and vf.netdevs == () and vf.driver not in UNUSED and "vfio" not in vf.driver:
        yield say(
            "{vf} has the driver {driver} and no interface here: a container or another network namespace may have it",
            vf=vf.address,
            driver=vf.driver,
        )
    for name in vf.netdevs or ():
        if (link := facts.link(name)) and link.xdp:
            yield say("{vf} {link} has an XDP program attached", vf=vf.address, link=name)
        if facts.ssh and name in facts.ssh.links:  # one that is not traced needs an address or a master here, see below
            yield say("{vf} {link} carries {use}", vf=vf.address, link=name, use=session_words(facts))
        for use in on_link(facts, name):
            yield say("{vf} {link} carries {use}", vf=vf.address, link=name, use=use)


def _held(vf: Vf, holder: Holder) -> Message:
    who = say("the virtual machine {vm}", vm=holder.who) if holder.vm else verbatim(holder.command[:40])
    if holder.device == UNTOLD:
        return say("{vf} may be held by {who} (process {pid})", vf=vf.address, who=who, pid=holder.pid)
    if "vfio" in holder.device or not holder.device:
        return say("{vf} is held by {who} (process {pid})", vf=vf.address, who=who, pid=holder.pid)
    return say(
        "{vf} is held by {who} (process {pid}), which has its {device} open",
        vf=vf.address,
        who=who,
        pid=holder.pid,
        device=holder.device,
    )


def _address(facts: HostFacts, ip: str, name: str) -> Message:
    node = say(", by which Kubernetes knows this host") if ip in (facts.node_ips or ()) else NOTHING
    return say("the address {ip} of {name}{node}", ip=ip, name=name, node=node)


def _membership(facts: HostFacts, link: Link) -> Message:
    if link.master == OVS_DATAPATH:
        return say("{name}'s place in an Open vSwitch bridge", name=link.name)
    master = facts.link(link.master)
    if master is not None and master.bond is not None:
        others = [
            port for port in master.bond.ports if port != link.name and (o := facts.link(port)) and o.up and o.carrier
        ]
        return (
            say("the bond {name} (it goes on over {others})", name=master.name, others=", ".join(others))
            if others
            else say("the bond {name}", name=master.name)
        )
    return say("the {kind} {master}", kind=(master.kind if master else "") or "bridge", master=link.master)


@once_for_facts
def default_routes(facts: HostFacts) -> frozenset[str]:
    """The links of the default routes."""
    return frozenset(route.link for route in facts.routes or () if route.destination == "default")


def _networks(facts: HostFacts, name: str) -> list[Message]:
    """The entries of `networks` in host.conf for this link."""
    return [say("the network {text} of host.conf", text=text) for text in _entries(facts).get(name, ())]


@once_for_facts
def _entries(facts: HostFacts) -> dict[str, list[str]]:
    """What looks like an entry of `networks`, by interface and bridge: the text alone counts, whatever its form."""
    file = facts.file(HOST_CONF)
    lines = (file.text or "").splitlines() if file else []
    found: dict[str, list[str]] = {}
    for line in lines:
        if "/" in line and (entry := parse_entry(line.strip().lstrip("- \t"))):
            for name in dict.fromkeys((entry.iface, entry.bridge)):
                found.setdefault(name, []).append(entry.text)
    return found
