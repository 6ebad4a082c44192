"""Configurations of enp2s0 as each tool has them in its files: those that hosts of the field have, one after the other.

Each is the whole of what a test lays down for one configuration; `{tool: {configuration: {path: text}}}`. A machine
has several pairs of ports, and `placed` makes a configuration that of another pair: a plan takes long here, and one
plan can make several bonds.
"""

from __future__ import annotations

import posixpath
import re

Files = dict[str, str]
INTERFACES, STANZAS = "/etc/network/interfaces", "/etc/network/interfaces.d"
CONF_D = "/etc/NetworkManager/conf.d"
NETWORKS, PROFILES, YAML = "/etc/systemd/network", "/etc/NetworkManager/system-connections", "/etc/netplan"
CLOUD = "# This file is generated from information provided by the datasource.  Changes\n# to it will not persist.\n"


def _stanza(body: str, more: str = "") -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"auto enp2s0\niface enp2s0 inet static\n    address 198.51.100.7/24\n{lines}{more}"


_VLAN = "auto enp2s0.100\niface enp2s0.100 inet static\n    address 203.0.113.7/24\n    vlan-raw-device enp2s0\n"
_BARE_VLAN = "auto enp2s0.100\niface enp2s0.100 inet manual\n    vlan-raw-device enp2s0\n"
IFUPDOWN = {
    "static": _stanza("up ip route add 192.0.2.0/24 via 198.51.100.1 dev enp2s0\n",
                      "iface enp2s0 inet6 static\n    address 2001:db8::7/64\n"),
    "dhcp": "allow-hotplug enp2s0\niface enp2s0 inet dhcp\n",
    "several": _stanza("", "iface enp2s0 inet static\n    address 198.51.100.8/24\n"
                       "auto enp2s0:1\niface enp2s0:1 inet static\n    address 192.0.2.7/24\n"),
    "policy": _stanza("up ip route add default via 198.51.100.1 dev enp2s0 table 100\n"
                      "up ip rule add from 198.51.100.7 table 100\ndown ip rule del from 198.51.100.7 table 100\n"),
    "mtu": _stanza("mtu 9000"),
    "vlan": _stanza("", _VLAN),
    "bridge": "iface enp2s0 inet manual\nauto br9\niface br9 inet static\n    address 198.51.100.7/24\n"
              "    bridge_ports enp2s0\n    bridge_fd 0\n",
    "vlan-bridge": _stanza("", f"{_BARE_VLAN}auto br9\niface br9 inet static\n    address 203.0.113.7/24\n"
                           "    bridge_ports enp2s0.100\n    bridge_fd 0\n"),
    "unmanaged": "",
    "spaces": _stanza(""),
    "cloud-init": CLOUD + _stanza(""),
}  # fmt: skip


def _network(network: str, more: str = "", name: str = "enp2s0", link: str = "") -> str:
    return f"[Match]\nName={name}\n\n{link}[Network]\nLinkLocalAddressing=no\n{network}{more}"


_ADDRESS = "Address=198.51.100.7/24\n"
_NETDEV = "[NetDev]\nName=enp2s0.100\nKind=vlan\n\n[VLAN]\nId=100\n"
_BRIDGE = "[NetDev]\nName=br9\nKind=bridge\n"
NETWORKD: dict[str, Files] = {
    "static": {"10-port.network": _network(
        f"{_ADDRESS}Address=2001:db8::7/64\n", "\n[Route]\nDestination=192.0.2.0/24\nGateway=198.51.100.1\n")},
    "dhcp": {"10-port.network": _network("DHCP=ipv4\n", "\n[DHCPv4]\nUseRoutes=no\n")},
    "several": {"10-port.network": _network(
        f"{_ADDRESS}Address=198.51.100.8/24\n", "\n[Address]\nAddress=192.0.2.7/24\n")},
    "policy": {"10-port.network": _network(
        _ADDRESS, "\n[Route]\nGateway=198.51.100.1\nTable=100\n\n[RoutingPolicyRule]\nFrom=198.51.100.7\nTable=100\n")},
    "mtu": {"10-port.network": _network(_ADDRESS, link="[Link]\nMTUBytes=9000\n\n")},
    "vlan": {"10-port.network": _network(f"{_ADDRESS}VLAN=enp2s0.100\n"), "20-vlan.netdev": _NETDEV,
             "20-vlan.network": _network("Address=203.0.113.7/24\n", name="enp2s0.100")},
    "bridge": {"10-port.network": "[Match]\nName=enp2s0\n\n[Network]\nBridge=br9\n", "20-br9.netdev": _BRIDGE,
               "20-br9.network": _network(_ADDRESS, name="br9")},
    "vlan-bridge": {"10-port.network": _network(f"{_ADDRESS}VLAN=enp2s0.100\n"), "20-vlan.netdev": _NETDEV,
                    "20-vlan.network": "[Match]\nName=enp2s0.100\n\n[Network]\nBridge=br9\n", "30-br9.netdev": _BRIDGE,
                    "30-br9.network": _network("Address=203.0.113.7/24\n", name="br9")},
    "unmanaged": {"10-port.network": "[Match]\nName=enp2s0\n\n[Link]\nUnmanaged=yes\n"},
    "spaces": {"10 my port.network": _network(_ADDRESS)},
    "cloud-init": {"10-cloud-init-enp2s0.network": CLOUD + _network(_ADDRESS)},
}  # fmt: skip


def _profile(four: str, more: str = "", id: str = "port", six: str = "[ipv6]\nmethod=disabled\n") -> str:
    return (f"[connection]\nid={id}\nuuid=7c5a3e0e-0f0b-4a1b-9a77-8f7a3a1f5b10\ntype=ethernet\n"
            f"interface-name=enp2s0\n\n{more}[ipv4]\n{four}\n{six}")  # fmt: skip


def _made(name: str, kind: str, body: str, four: str, number: int, more: str = "") -> str:
    return (f"[connection]\nid={name}\nuuid=1b2d9a5e-6f6d-4a3e-8f1a-7a8b9c0d1e0{number}\ntype={kind}\n"
            f"interface-name={name}\n{more}\n{body}[ipv4]\n{four}\n[ipv6]\nmethod=disabled\n")  # fmt: skip


_MANUAL = "method=manual\naddress1=198.51.100.7/24\n"
_OFF = "method=disabled\n"
_VLAN_OF = "[vlan]\nid=100\nparent=enp2s0\n\n"
_ON_VLAN = "method=manual\naddress1=203.0.113.7/24\n"
_NO_STP = "[bridge]\nstp=false\n\n"
_PORT_OF = "master=br9\nslave-type=bridge\n"
NETWORK_MANAGER: dict[str, Files] = {
    "static": {"port.nmconnection": _profile(
        f"{_MANUAL}route1=192.0.2.0/24,198.51.100.1\n", six="[ipv6]\nmethod=manual\naddress1=2001:db8::7/64\n")},
    "dhcp": {"port.nmconnection": _profile("method=auto\nnever-default=true\n")},
    "several": {"port.nmconnection": _profile(f"{_MANUAL}address2=198.51.100.8/24\naddress3=192.0.2.7/24\n")},
    "policy": {"port.nmconnection": _profile(
        f"{_MANUAL}route1=0.0.0.0/0,198.51.100.1\nroute1_options=table=100\n"
        "routing-rule1=priority 500 from 198.51.100.7 table 100\n")},
    "mtu": {"port.nmconnection": _profile(_MANUAL, "[ethernet]\nmtu=9000\n\n")},
    "vlan": {"port.nmconnection": _profile(_MANUAL),
             "vlan.nmconnection": _made("enp2s0.100", "vlan", _VLAN_OF, _ON_VLAN, 1)},
    "bridge": {"port.nmconnection": "[connection]\nid=port\nuuid=7c5a3e0e-0f0b-4a1b-9a77-8f7a3a1f5b10\ntype=ethernet\n"
               f"interface-name=enp2s0\n{_PORT_OF}", "br9.nmconnection": _made("br9", "bridge", _NO_STP, _MANUAL, 2)},
    "vlan-bridge": {"port.nmconnection": _profile(_MANUAL),
                    "vlan.nmconnection": _made("enp2s0.100", "vlan", _VLAN_OF, "", 1, _PORT_OF).partition("[ipv4]")[0],
                    "br9.nmconnection": _made("br9", "bridge", _NO_STP, _ON_VLAN, 2)},
    "unmanaged": {"../conf.d/unmanaged.conf": "[keyfile]\nunmanaged-devices=interface-name:enp2s0\n"},
    "spaces": {"my uplink port.nmconnection": _profile(_MANUAL, id="my uplink port")},
    "cloud-init": {"cloud-init-enp2s0.nmconnection": "# Generated by cloud-init. Changes will be lost.\n\n"
                   + _profile(_MANUAL, id="cloud-init enp2s0")},
    "auto-default": {"../conf.d/10-desktop.conf": "[main]\nno-auto-default=*,except:interface-name:enp2s0\n"},
}  # fmt: skip


def _yaml(ethernet: str, more: str = "", id: str = "enp2s0") -> str:
    body = "".join(f"      {line}\n" for line in ethernet.splitlines())
    return (f"network:\n  version: 2\n  renderer: RENDERER\n  ethernets:\n    {id}:\n      link-local: []\n"
            f"{body}{more}")  # fmt: skip


_ADDRESSES = "addresses: [198.51.100.7/24]\n"
_ON_LINK = "  vlans:\n    enp2s0.100:\n      id: 100\n      link: enp2s0\n      link-local: []\n"
_BRIDGE_OF = "  bridges:\n    br9:\n      interfaces: "
_PLAIN = "      parameters: {stp: false}\n      link-local: []\n"
NETPLAN: dict[str, Files] = {
    "static": {"50-port.yaml": _yaml('addresses: [198.51.100.7/24, "2001:db8::7/64"]\n'
                                     "routes: [{to: 192.0.2.0/24, via: 198.51.100.1}]\n")},
    "dhcp": {"50-port.yaml": _yaml("dhcp4: true\ndhcp4-overrides: {use-routes: false}\n")},
    "several": {"50-port.yaml": _yaml("addresses: [198.51.100.7/24, 198.51.100.8/24]\n"),
                "60-more.yaml": "network:\n  ethernets:\n    enp2s0:\n      addresses:\n      - 192.0.2.7/24\n"},
    "policy": {"50-port.yaml": _yaml(f"{_ADDRESSES}routes: [{{to: default, via: 198.51.100.1, table: 100}}]\n"
                                     "routing-policy: [{from: 198.51.100.7, table: 100, priority: 500}]\n")},
    "mtu": {"50-port.yaml": _yaml(f"{_ADDRESSES}mtu: 9000\n")},
    "vlan": {"50-port.yaml": _yaml(_ADDRESSES, f"{_ON_LINK}      addresses: [203.0.113.7/24]\n")},
    "bridge": {"50-port.yaml": _yaml("", f"{_BRIDGE_OF}[enp2s0]\n      {_ADDRESSES}{_PLAIN}")},
    "vlan-bridge": {"50-port.yaml": _yaml(_ADDRESSES, f"{_ON_LINK}{_BRIDGE_OF}[enp2s0.100]\n"
                                          f"      addresses: [203.0.113.7/24]\n{_PLAIN}")},
    "unmanaged": {"50-port.yaml": "network:\n  version: 2\n  renderer: RENDERER\n"},
    "spaces": {"50 my port.yaml": _yaml(f'{_ADDRESSES}match: {{macaddress: "52:54:00:bb:00:02"}}\nset-name: enp2s0\n',
                                        id='my-uplink')},
    "cloud-init": {"50-cloud-init.yaml": CLOUD + _yaml("dhcp4: false\n"), "60-static.yaml": _yaml(_ADDRESSES)},
}  # fmt: skip


def _at(folder: str, cases: dict[str, Files], old: str = "", new: str = "") -> dict[str, Files]:
    return {case: {f"{folder}/{name}".replace("/system-connections/..", ""): text.replace(old, new) if old else text
                   for name, text in files.items()} for case, files in cases.items()}  # fmt: skip


def _stanza_path(case: str) -> str:
    return f"{STANZAS}/" + {"spaces": "my port", "cloud-init": "50-cloud-init"}.get(case, "port")


CASES: dict[str, dict[str, Files]] = {
    "ifupdown": {case: {_stanza_path(case): text} if text else {} for case, text in IFUPDOWN.items()},
    "systemd-networkd": _at(NETWORKS, NETWORKD),
    "NetworkManager": _at(PROFILES, NETWORK_MANAGER),
    "netplan, networkd": _at(YAML, NETPLAN, "RENDERER", "networkd"),
    "netplan, NetworkManager": _at(YAML, NETPLAN, "RENDERER", "NetworkManager"),
}


def placed(tool: str, case: str, pair: int) -> Files:
    """The files of a configuration for this pair of ports, with addresses and names of its own."""
    found = {}
    for path, text in CASES[tool].get(case, {}).items():
        folder, name = posixpath.split(path)
        stem, ending = posixpath.splitext(name)
        found[f"{folder}/{stem}{f'-{pair}' if pair else ''}{ending}"] = at_pair(text, pair)
    return found


def at_pair(text: str, pair: int) -> str:
    """A text about enp1s0 and enp2s0 as one about the ports of this pair."""
    for old, new in (("enp1s0", f"enp{2 * pair + 1}s0"), ("enp2s0", f"enp{2 * pair + 2}s0"), ("br9", f"br{9 + pair}"),
                     ("00:bb:00:02", f"00:bb:00:0{2 * pair + 2}"), ("198.51.100.", f"198.51.{100 + pair}."),
                     ("203.0.113.", f"203.0.{113 + pair}."), ("192.0.2.", f"192.0.{2 + pair}."),
                     ("2001:db8::", f"2001:db8:{pair}::" if pair else "2001:db8::"), ("f5b10", f"f5b1{pair}"),
                     ("c0d1e0", f"c0d1e{pair}"), ("id=port", f"id=port{pair}"), ("my-uplink", f"my-uplink{pair}"),
                     ("bond0", f"bond{pair}")):  # fmt: skip
        text = text.replace(old, new)
    return re.sub(r"(?i)(table[ =:]+)100\b", rf"\g<1>10{pair}", text)
