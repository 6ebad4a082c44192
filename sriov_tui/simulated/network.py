"""The simulated tools that configure the network: ifup and ifdown, nmcli, netplan, and systemd-networkd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sriov_tui.hosts.machine import Machine, exists, names, put_dir
from sriov_tui.simulated import declared, links
from sriov_tui.simulated.declared import Declared, Iface
from sriov_tui.simulated.drivers import NETS, link_row

Output = Callable[[str], None]


def ifup(machine: Machine, arguments: list[str], output: Output) -> int:
    """`ifup NAME`, of ifupdown or of network-scripts."""
    iface = _own(machine).get(arguments[-1])
    if iface is None:
        output(f"ifup: unknown interface {arguments[-1]}")
        return 1
    return _up(machine, iface, output)


def ifdown(machine: Machine, arguments: list[str], output: Output) -> int:
    """`ifdown [--force] NAME`: what was made for it goes; of a card the addresses."""
    name = arguments[-1]
    row = links.row_of(machine, name)
    if row is None:
        output(f"ifdown: interface {name} not configured")
        return 0
    if row["kind"]:
        return links.ip(machine, ["link", "delete", name], output)
    links.flush(machine, row)
    return links.ip(machine, ["link", "set", name, "down"], output) if not row["master"] else 0


def netplan(machine: Machine, arguments: list[str], output: Output) -> int:
    """`netplan generate`, `netplan apply`."""
    if arguments not in (["generate"], ["apply"]):
        output(f"netplan {' '.join(arguments)}: not simulated")
        return 2
    found = declared.netplan(machine)
    return _all(machine, found, output) if arguments == ["apply"] else 0


def networkd(machine: Machine, output: Output) -> int:
    """`systemctl restart systemd-networkd`."""
    return _all(machine, declared.networkd(machine), output)


def nmcli(machine: Machine, arguments: list[str], output: Output) -> int:
    """`nmcli connection reload`, `connection up NAME`, `device connect NAME`, and what only shows something."""
    found = declared.profiles(machine)
    match arguments[2:] if arguments[:1] == ["--wait"] else arguments:
        case ["general", "status"] | ["device", "show", _] | ["connection", "reload"]:
            return 0
        case ["device", "set", _, "managed", _]:
            return 0
        case ["-g", "connection.uuid", "connection", "show", name]:
            if f"{name}.nmconnection" in names(machine, declared.PROFILES):
                return 0
            output(f"Error: {name} - no such connection profile.")
            return 10
        case ["connection", "up", name] | ["device", "connect", name]:
            port = name.rpartition("-")[2]
            above = [iface for iface in found.values() if port in iface.ports] or [found[port]]
            return _all(machine, {i.name: i for i in (*above, *_vlans_on(found, above))}, output)
    output(f"nmcli {' '.join(arguments)}: not simulated")
    return 2


def shut_down(machine: Machine) -> None:
    """Bonds and VLANs that a tool makes are gone with the kernel."""
    for read in declared.TOOLS.values():
        for iface in read(machine).values():
            if (iface.mode or iface.vlan) and links.row_of(machine, iface.name):
                links.ip(machine, ["link", "delete", iface.name], lambda line: None)


def boot(machine: Machine) -> None:
    """Every tool brings up what its files declare."""
    for read in declared.TOOLS.values():
        _all(machine, read(machine), lambda line: None)


def _own(machine: Machine) -> Declared:
    """What ifup knows: a host has one or the other."""
    return declared.ifupdown(machine) if exists(machine, declared.INTERFACES) else declared.scripts(machine)


def _vlans_on(found: Declared, below: list[Iface]) -> list[Iface]:
    return [iface for iface in found.values() if iface.parent in [lower.name for lower in below]]


def _all(machine: Machine, found: Declared, output: Output) -> int:
    """Ports of bonds are left to their bond."""
    ports = {port for iface in found.values() for port in iface.ports}
    order = sorted(found.values(), key=lambda iface: (bool(iface.vlan), iface.name))
    return max((_up(machine, iface, output) for iface in order if iface.name not in ports), default=0)


def _up(machine: Machine, iface: Iface, output: Output) -> int:
    if iface.mode and links.row_of(machine, iface.name) is None:
        links.add_bond(machine, iface.name, iface.mode, iface.mac)
    if iface.vlan and links.row_of(machine, iface.name) is None:
        _add_vlan(machine, iface)
    row = links.row_of(machine, iface.name)
    if row is None:
        output(f"Cannot find device {iface.name}")
        return 1
    for port in iface.ports:
        if status := _enslave(machine, port, iface.name, output):
            return status
    if not row["master"]:
        links.ip(machine, ["link", "set", iface.name, "up"], output)
        _address(machine, row, iface)
    return 0


def _enslave(machine: Machine, port: str, bond: str, output: Output) -> int:
    row, master = links.row_of(machine, port), links.row_of(machine, bond)
    if row is None:
        output(f"Cannot find device {port}")
        return 1
    if master is not None and row["master"] == master["index"]:
        return 0
    links.flush(machine, row)
    row["up"] = False
    return links.ip(machine, ["link", "set", port, "master", bond], output)


def _add_vlan(machine: Machine, iface: Iface) -> None:
    parent = links.row_of(machine, iface.parent)
    if parent is None:
        return
    index = 1 + max(row["index"] for row in machine.netlink["links"])
    row = link_row(iface.name, parent["mac"], kind="vlan", vlan=iface.vlan, parent=parent["index"])
    machine.netlink["links"].append(row | {"index": index})
    put_dir(machine, f"{NETS}/{iface.name}")


def _address(machine: Machine, row: dict[str, Any], iface: Iface) -> None:
    """Exactly the declared addresses; what has none declared keeps its own."""
    if not iface.addresses:
        return
    links.flush(machine, row)
    for cidr in iface.addresses:
        ip, _, length = cidr.partition("/")
        address = {"index": row["index"], "ip": ip, "prefixlen": int(length or 24), "scope": "global"}
        machine.netlink.setdefault("addresses", []).append(address)
    if iface.gateway:
        route = {"destination": "default", "link": row["index"], "gateway": iface.gateway}
        machine.netlink.setdefault("routes", []).append(route)
