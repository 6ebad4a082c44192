"""The tools that configure a network, on a machine of the lab: set one to work, and read what the kernel then has."""

from __future__ import annotations

import json
import re
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from checks.bonding import renamed
from tests.lab.machine import Machine
from tests.lab.network_files import CONF_D, INTERFACES, STANZAS, YAML, Files

PATIENCE = 90.0  # seconds until a tool has done its work, on an emulated processor
PAIRS = 3
PORTS = tuple(f"enp{number}s0" for number in range(1, 2 * PAIRS + 1))
BONDS = tuple(f"bond{pair}" for pair in range(PAIRS))
BRIDGES = tuple(f"br{9 + pair}" for pair in range(PAIRS))
# The wire's last port is on a network of its own, with a DHCP server.
PEER = """
ip netns add peer 2>/dev/null || exit 0
ip link set enp7s0 netns peer
in="ip netns exec peer"
$in ip link set lo up; $in ip link set enp7s0 up; $in ip address add 100.64.0.1/24 dev enp7s0
printf 'interface enp7s0\\nstart 100.64.0.50\\nend 100.64.0.99\\nlease_file /run/udhcpd.leases\\n\
pidfile /run/udhcpd.pid\\noption subnet 255.255.255.0\\noption lease 86400\\n' >/run/udhcpd.conf
: >/run/udhcpd.leases
$in setsid busybox udhcpd -f /run/udhcpd.conf >/run/udhcpd.log 2>&1 </dev/null &
"""
PLAIN = ("ifupdown", "systemd-networkd")  # their files may be read by all; the others refuse that
_CLEAN = f"""
for link in $(ls /sys/class/net); do
    case $link in *.100 | br9 | br1? | bond?) ip link delete $link;; esac
done
for port in {" ".join(PORTS)}; do
    ip link set $port nomaster; ip link set $port down; ip address flush dev $port; ip link set $port mtu 1500
done
for table in 100 101 102; do
    while ip rule del table $table 2>/dev/null; do :; done
done
true
"""
_READ = "ip -j -d address; ip -4 -j route show table all; ip -6 -j route show table all; ip -4 -j rule; ip -6 -j rule"


@dataclass(frozen=True, slots=True)
class Tool:
    """How a tool takes files up that were laid down, and lets them go."""

    start: str
    stop: str
    enable: str = "true"


# As on servers: without it each port is given a profile with DHCP.
_MANAGER = f"printf '[main]\\nno-auto-default=*\\n' >{CONF_D}/00-server.conf; systemctl enable --now NetworkManager"
_NOT_OURS = "--exclude=mgmt0 --exclude=lo"
_NETPLAN_GONE = f"rm -rf {YAML}/*; netplan apply"
TOOLS = {
    "ifupdown": Tool(f"ifup -a {_NOT_OURS}; ifup -a --allow=hotplug {_NOT_OURS}",
                     f"ifdown -a --force {_NOT_OURS}; ifdown -a --allow=hotplug --force {_NOT_OURS}",
                     f"echo 'source {STANZAS}/*' >>{INTERFACES}"),
    "systemd-networkd": Tool("systemctl restart systemd-networkd", "systemctl stop systemd-networkd",
                             "systemctl enable --now systemd-networkd"),
    "NetworkManager": Tool(
        "nmcli general reload; nmcli connection reload; "
        "nmcli -t -f uuid,autoconnect connection | sed -n 's/:yes$//p' | "
        "while read id; do nmcli --wait 30 connection up uuid $id; done; true",
        "nmcli general reload; nmcli connection reload", _MANAGER),
    "netplan, networkd": Tool("netplan apply", _NETPLAN_GONE, "systemctl enable --now systemd-networkd"),
    "netplan, NetworkManager": Tool("netplan apply", _NETPLAN_GONE,
                                    _MANAGER),
}  # fmt: skip


def give(machine: Machine, tool: str, files: Files) -> None:
    """Lay these files down, and have the tool take them up."""
    machine.unpack({path: text.encode() for path, text in files.items()}, "/", 0o644 if tool in PLAIN else 0o600)
    machine.ssh(TOOLS[tool].start)


def take(machine: Machine, tool: str, files: Files) -> None:
    """Have the tool let go, remove the files, and leave the two ports as they come."""
    stop = TOOLS[tool].stop
    paths = shlex.join(files)
    remove = f"rm -f {paths}" if files else "true"
    machine.ssh(f"{stop}; {remove}" if tool in PLAIN else f"{remove}; {stop}")
    machine.ssh(_CLEAN)


def network(machine: Machine) -> dict[str, Any]:
    """What the kernel has of the two ports, of the bond and of what stands on them, by name.

    Link-local addresses, routes that the kernel makes, and rules that are always there count for nothing.
    """
    found = [
        json.loads(line) for line in machine.ssh(f"{{ {_READ}; }} | tr -s '\\n' ' '").replace("] [", "]\n[").split("\n")
    ]
    links = {link["ifname"]: link for link in found[0] if link}
    names = [
        name for name in links if name in (*PORTS, *BONDS, *BRIDGES) or links[name].get("link") in (*PORTS, *BONDS)
    ]
    shown: dict[str, Any] = {name: _link(links[name]) for name in names}
    for family, routes in (("4", found[1]), ("6", found[2])):
        for route in routes:
            if route.get("dev") in shown and route.get("protocol") not in ("kernel", None):
                words = [str(route.get(key)) for key in ("dst", "gateway", "table", "metric") if route.get(key)]
                shown[route["dev"]].setdefault(f"routes {family}", []).append(" ".join(words))
    shown["rules"] = sorted(f"{rule.get('src')} {rule.get('table')}" for rule in found[3] + found[4]
                            if rule.get("table") not in ("local", "main", "default"))  # fmt: skip
    return shown


def _link(link: dict[str, Any]) -> dict[str, Any]:
    """A link's own part."""
    addresses = [f"{one['local']}/{one['prefixlen']}" for one in link["addr_info"] if one.get("scope") == "global"]
    own: dict[str, Any] = {"addresses": sorted(addresses), "mtu": link["mtu"], "mac": link["address"]}
    own |= {"vlan": link["linkinfo"]["info_data"]["id"]} if link.get("linkinfo", {}).get("info_kind") == "vlan" else {}
    own |= {"below": link["link"]} if link.get("link") else {}
    return own | ({"master": link["master"]} if link.get("master") else {})


def carried(shown: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """What is carried, with the links called by other names: without ports in a bond, and links that have nothing."""
    text = renamed(json.dumps(shown), names)
    return {name: got for name, got in json.loads(text).items()
            if name in ("rules", *BRIDGES) or got["addresses"] or got.get("routes 4") or "below" in got}  # fmt: skip


def leases(shown: dict[str, Any], any_is_right: bool) -> dict[str, Any]:
    """The same, with an address by DHCP called "lease" where any is right."""
    return dict(json.loads(re.sub(r"100\.64\.0\.\d+/24", "lease", json.dumps(shown)))) if any_is_right else shown


def until(machine: Machine, is_so: Callable[[dict[str, Any]], bool], seconds: float = PATIENCE) -> dict[str, Any]:
    """Read until this is so, or the time is over; what was read last."""
    deadline = time.monotonic() + seconds
    while not is_so(shown := network(machine)) and time.monotonic() < deadline:
        time.sleep(1)
    return shown


def settled(machine: Machine) -> dict[str, Any]:
    """What is there once two looks agree."""
    seen: list[dict[str, Any]] = []

    def agree(shown: dict[str, Any]) -> bool:
        seen.append(shown)
        return len(seen) > 2 and seen[-3] == seen[-2] == shown

    return until(machine, agree)


def files_of(machine: Machine) -> dict[str, str]:
    """Kind, mode and SHA-256 of everything below /etc, but for the database of Open vSwitch."""
    look = r"find /etc -xdev -path /etc/openvswitch -prune -o -printf '%p\t%y %m %U:%G %l\n'"
    kinds = dict(line.split("\t", 1) for line in machine.ssh(look).splitlines())
    sums = machine.ssh("find /etc -xdev -path /etc/openvswitch -prune -o -type f -print0 | xargs -0 sha256sum")
    for line in sums.splitlines():
        digest, path = line.split("  ", 1)
        kinds[path] = f"{kinds.get(path, '')} {digest}"
    return kinds


def why_refused(text: str, bond: str) -> str:
    """Why this bond was refused, out of what the program printed."""
    return " ".join(re.findall(rf"bond\.\w+ {bond}: (.*)", text))
