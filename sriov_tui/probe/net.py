"""Links, routes, and the way that this SSH session takes down to the hardware."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sriov_tui.facts import Address, Bond, Feature, HostFacts, Link, Route, SshSession
from sriov_tui.probe.bonds import bond
from sriov_tui.probe.source import Source

OVS_DATAPATH = "ovs-system"  # master of every port of every Open vSwitch bridge


def probe(source: Source, facts: HostFacts) -> dict[str, Any]:
    """`links`, `routes` and `ssh`."""
    try:
        dumps = source.reader.netlink()
    except OSError as error:
        source.problem("netlink", error.strerror or str(error))
        return {"ssh": session(source.reader.environment(), (), {})}
    names = {row["index"]: row["name"] for row in dumps["links"]}
    links = tuple(_link(source, row, names, dumps) for row in dumps["links"])
    routes = tuple(
        Route(destination=row["destination"], link=names.get(row["link"], ""), gateway=row["gateway"])
        for row in dumps["routes"]
    )
    return {"links": links, "routes": routes, "ssh": session(source.reader.environment(), links, _pf_of(facts))}


def _pf_of(facts: HostFacts) -> dict[str, str]:
    """Interface name -> PF address; a VF's interface leads to its PF, since the PF's reset drops it too."""
    found = {name: pf.address for pf in facts.pfs or () for name in pf.netdevs or ()}
    return found | {name: pf.address for pf in facts.pfs or () for vf in pf.vfs for name in vf.netdevs or ()}


def _link(source: Source, row: Mapping[str, Any], names: Mapping[int, str], dumps: Mapping[str, Any]) -> Link:
    # netlink's "parent" of a veth or tunnel may be an index of another namespace.
    parent = names.get(row["parent"], "") if row["kind"] in ("vlan", "macvlan", "macvtap", "ipvlan") else ""
    return Link(
        name=row["name"],
        index=row["index"],
        kind=row["kind"],
        arphrd=row["arphrd"],
        mac=row["mac"],
        mtu=row["mtu"],
        up=row["up"],
        carrier=row["carrier"],
        master=names.get(row["master"], ""),
        parent=parent,
        vlan=row["vlan"],
        bond=_bond(source, row, dumps["links"]) if row["kind"] == "bond" else None,
        path=source.real(f"/sys/class/net/{row['name']}"),
        pci=_pci(source, row["name"]),
        phys_port_name=row["phys_port_name"],
        phys_switch_id=row.get("phys_switch_id", ""),  # a recording may be older than this key and the next
        hw_tc_offload=_feature(row.get("hw_tc_offload")),
        compat_devlink=source.exists(f"/sys/class/net/{row['name']}/compat/devlink/mode") if not row["kind"] else False,
        addresses=tuple(
            Address(ip=address["ip"], prefixlen=address["prefixlen"], scope=address["scope"])
            for address in dumps["addresses"]
            if address["index"] == row["index"]
        ),
    )


def _bond(source: Source, row: Mapping[str, Any], links: list[Mapping[str, Any]]) -> Bond:
    ports = sorted(other["name"] for other in links if other["master"] == row["index"])
    return bond(source, row["name"], row["bond_mode"] or "", tuple(ports))


def _feature(words: str | None) -> Feature | None:
    """A feature in ethtool's words: on, off, "off [fixed]"."""
    return Feature(on=words.startswith("on"), fixed=words.endswith("[fixed]")) if words else None


def _pci(source: Source, name: str) -> str:
    """The PCI function of a link. A virtio link's device is a child of it: the PF list knows that one."""
    target = source.target(f"/sys/class/net/{name}/device") or ""
    return target if target.count(":") == 2 else ""


def session(environment: Mapping[str, str], links: tuple[Link, ...], pf_of: Mapping[str, str]) -> SshSession | None:
    """The SSH session of SSH_CONNECTION ("client port server port") and what carries it; None without one."""
    words = environment.get("SSH_CONNECTION", "").split()
    if len(words) != 4:
        return None
    client, _, server, _ = words
    top = next((link.name for link in links if any(address.ip == server for address in link.addresses)), "")
    carrying = below(top, links) if top else ()
    pfs = tuple(sorted({pf_of[name] for name in carrying if name in pf_of}))
    return SshSession(client=client, server=server, links=carrying, pfs=pfs)


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
