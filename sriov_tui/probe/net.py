"""Links and routes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sriov_tui.facts import Address, Bond, Feature, HostFacts, Link, Route, VfSetting
from sriov_tui.probe.bonds import bond
from sriov_tui.probe.session import session
from sriov_tui.probe.source import Source

STACKED = ("vlan", "macvlan", "macvtap", "ipvlan", "ipvtap", "macsec")  # of others the parent may be elsewhere


def probe(source: Source, facts: HostFacts) -> dict[str, Any]:
    """`links`, `routes` and `ssh`."""
    try:
        dumps = source.reader.netlink()
    except OSError as error:
        source.problem("netlink", error.strerror or str(error))
        return {"ssh": session(source, facts)}
    names = {row["index"]: row["name"] for row in dumps["links"]}
    links = tuple(_link(source, row, names, dumps) for row in dumps["links"])
    routes = tuple(
        Route(
            destination=row["destination"],
            link=names.get(row["link"], ""),
            gateway=row["gateway"],
            protocol=row.get("protocol"),
            metric=row.get("metric"),
        )
        for row in dumps["routes"]
    )
    ways = {(row["client"], row["server"]): names.get(row["link"], "") for row in dumps.get("ways", ())}
    known = replace(facts, links=links, routes=routes)
    return {"links": links, "routes": routes, "ssh": session(source, known, ways)}


def _link(source: Source, row: Mapping[str, Any], names: Mapping[int, str], dumps: Mapping[str, Any]) -> Link:
    # netlink's "parent" of a veth or tunnel may be an index of another namespace.
    parent = names.get(row["parent"], "") if row["kind"] in STACKED else ""
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
        xdp=row.get("xdp"),
        hw_tc_offload=_feature(row.get("hw_tc_offload")),
        compat_devlink=source.exists(f"/sys/class/net/{row['name']}/compat/devlink/mode") if not row["kind"] else False,
        addresses=tuple(
            Address(
                ip=address["ip"],
                prefixlen=address["prefixlen"],
                scope=address["scope"],
                permanent=address.get("permanent"),
            )
            for address in dumps["addresses"]
            if address["index"] == row["index"]
        ),
        vfs=_vfs(dumps, row["index"]),
    )


def _vfs(dumps: Mapping[str, Any], link: int) -> tuple[VfSetting, ...] | None:
    """What this port has set for its VFs; a recording may be older than the key."""
    rows = [row for row in dumps.get("vfs", ()) if row["link"] == link]
    names = [name for name in VfSetting.__slots__ if name != "index"]
    return tuple(VfSetting(index=row["vf"], **{name: row.get(name) for name in names}) for row in rows) or None


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
