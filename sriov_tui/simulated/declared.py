"""What the network configuration of a simulated machine declares: bonds, VLANs and addresses, out of each tool's files.

Only what a plan of ours writes, or takes over, is understood: static IPv4 addresses, one gateway, bonds and VLANs.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sriov_tui.hosts.machine import Machine, names, text

INTERFACES = "/etc/network/interfaces"
SCRIPTS = "/etc/sysconfig/network-scripts"
PROFILES = "/etc/NetworkManager/system-connections"
NETWORKD = "/etc/systemd/network"
NETPLAN = "/etc/netplan"


@dataclass(slots=True)
class Iface:
    """An interface as it is declared; `addresses` in CIDR form, `parent` below a VLAN."""

    name: str
    mode: str = ""
    mac: str = ""
    ports: list[str] = field(default_factory=list)
    parent: str = ""
    vlan: int = 0
    addresses: list[str] = field(default_factory=list)
    gateway: str = ""


Declared = dict[str, Iface]


class _Ifaces(dict[str, Iface]):
    """A name that is only referred to is there, too."""

    def __missing__(self, name: str) -> Iface:
        self[name] = Iface(name)
        return self[name]


def ifupdown(machine: Machine) -> Declared:
    """interfaces(5), with bonds made by iproute2 in `pre-up`."""
    found = _Ifaces()
    iface = Iface("")
    for line in text(machine, INTERFACES).splitlines():
        match line.split():
            case ["iface", name, "inet", *_]:
                iface = found[name]
                _by_name(iface)
            case ["iface", *_]:
                iface = Iface("")
            case ["address", address]:
                iface.addresses.append(address)
            case ["gateway", gateway]:
                iface.gateway = gateway
            case ["vlan-raw-device", parent]:
                iface.parent = parent
            case ["pre-up", *words]:
                _pre_up(iface, " ".join(words))
    return found


def _pre_up(iface: Iface, line: str) -> None:
    if made := re.search(r"ip link add \S+ address (\S+) type bond mode (\S+)", line):
        iface.mac, iface.mode = made[1], made[2]
    if port := re.fullmatch(r"ip link set (\S+) master \S+", line):
        iface.ports.append(port[1])


def _by_name(iface: Iface) -> None:
    parent, dot, number = iface.name.rpartition(".")
    if dot and number.isdigit():
        iface.parent, iface.vlan = parent, int(number)


def scripts(machine: Machine) -> Declared:
    """ifcfg files."""
    found = _Ifaces()
    for name in names(machine, SCRIPTS):
        if not name.startswith("ifcfg-"):
            continue
        lines = (line.partition("=") for line in text(machine, f"{SCRIPTS}/{name}").splitlines())
        values = {key.strip(): value.strip().strip("'\"") for key, _, value in lines}
        iface = found[values.get("DEVICE", name.removeprefix("ifcfg-"))]
        _by_name(iface)
        options = dict(pair.split("=") for pair in values.get("BONDING_OPTS", "").split())
        iface.mode, iface.mac = options.get("mode", ""), values.get("MACADDR", "")
        if "IPADDR" in values:
            iface.addresses.append(f"{values['IPADDR']}/{values.get('PREFIX', '24')}")
        iface.gateway = values.get("GATEWAY", "")
        if "MASTER" in values:
            found[values["MASTER"]].ports.append(iface.name)
    return found


def _ini(content: str) -> dict[tuple[str, str], list[str]]:
    """(section, key) -> values."""
    found: dict[tuple[str, str], list[str]] = {}
    section = ""
    for line in content.splitlines():
        if line.startswith("["):
            section = line.strip("[] \t")
        elif "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault((section, key.strip()), []).append(value.strip())
    return found


def _one(values: dict[tuple[str, str], list[str]], section: str, key: str) -> str:
    return values.get((section, key), [""])[-1]


def profiles(machine: Machine) -> Declared:
    """NetworkManager's keyfiles, and the ifcfg files that it reads, too."""
    found = _Ifaces(scripts(machine))
    for name in (name for name in names(machine, PROFILES) if not name.startswith(".")):
        values = _ini(text(machine, f"{PROFILES}/{name}"))
        iface = found[_one(values, "connection", "interface-name")]
        iface.mode, iface.mac = _one(values, "bond", "mode"), _one(values, "ethernet", "cloned-mac-address")
        iface.parent, iface.vlan = _one(values, "vlan", "parent"), int(_one(values, "vlan", "id") or 0)
        if address := _one(values, "ipv4", "address1"):
            cidr, _, gateway = address.partition(",")
            iface.addresses, iface.gateway = [cidr], gateway
        if master := _one(values, "connection", "master"):
            found[master].ports.append(iface.name)
    return found


def networkd(machine: Machine) -> Declared:
    """.netdev files, and for each interface the first .network file that fits its name."""
    found = _Ifaces()
    vlans: dict[str, int] = {}
    for name in names(machine, NETWORKD):
        values = _ini(text(machine, f"{NETWORKD}/{name}"))
        if name.endswith(".netdev"):
            iface = found[_one(values, "NetDev", "Name")]
            iface.mode, iface.mac = _one(values, "Bond", "Mode"), _one(values, "NetDev", "MACAddress")
            vlans[iface.name] = int(_one(values, "VLAN", "Id") or 0)
    links = [row["name"] for row in machine.netlink.get("links", ()) if row["name"] not in found]
    for link in [*links, *found]:
        _network(machine, found, link, vlans)
    for name in [name for name, number in vlans.items() if number and not found[name].parent]:
        del found[name]  # a VLAN that no .network file asks for is not made
    return found


def _network(machine: Machine, found: _Ifaces, link: str, vlans: dict[str, int]) -> None:
    for name in names(machine, NETWORKD):
        values = _ini(text(machine, f"{NETWORKD}/{name}"))
        patterns = _one(values, "Match", "Name").split()
        if not name.endswith(".network") or not any(fnmatch.fnmatchcase(link, pattern) for pattern in patterns):
            continue
        found[link].addresses = values.get(("Network", "Address"), [])
        found[link].gateway = _one(values, "Network", "Gateway")
        if bond := _one(values, "Network", "Bond"):
            found[bond].ports.append(link)
        for vlan in values.get(("Network", "VLAN"), ()):
            found[vlan].parent, found[vlan].vlan = link, vlans.get(vlan, 0)
        return


def netplan(machine: Machine) -> Declared:
    """The YAML files, each entry by its set-name or id."""
    from ruamel.yaml import YAML

    found = _Ifaces()
    for file in (name for name in names(machine, NETPLAN) if name.endswith(".yaml")):
        network: dict[str, Any] = (YAML(typ="safe").load(text(machine, f"{NETPLAN}/{file}")) or {}).get("network", {})
        ids = {id: (body or {}).get("set-name", id) for id, body in (network.get("ethernets") or {}).items()}
        for kind in ("ethernets", "bonds", "vlans"):
            for id, body in (network.get(kind) or {}).items():
                _entry(found[ids.get(id, id)], body or {}, ids)
    return found


def _entry(iface: Iface, body: dict[str, Any], ids: dict[str, str]) -> None:
    iface.addresses = list(body.get("addresses", ()))
    iface.gateway = next(
        (route["via"] for route in body.get("routes", ()) if route["to"] in ("default", "0.0.0.0/0")), ""
    )
    iface.mode, iface.mac = body.get("parameters", {}).get("mode", ""), body.get("macaddress", "")
    iface.ports = [ids.get(id, id) for id in body.get("interfaces", ())]
    iface.parent, iface.vlan = ids.get(body.get("link", ""), body.get("link", "")), body.get("id", 0)


TOOLS: dict[str, Callable[[Machine], Declared]] = {
    "ifupdown": ifupdown,
    "network-scripts": scripts,
    "NetworkManager": profiles,
    "systemd-networkd": networkd,
    "netplan": netplan,
}
