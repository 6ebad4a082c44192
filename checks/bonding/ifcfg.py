"""ifcfg files as their readers take them (initscripts' network-functions; nm-settings-ifcfg-rh(5))."""

from __future__ import annotations

import posixpath
import re
import shlex

from checks.bonding import Files, Unsupported
from checks.bonding.config import Config, Gathered, cidr, route
from sriov_tui.late import regex
from sriov_tui.message import say

FOLDER = "/etc/sysconfig/network-scripts"
LEFT_OUT = regex(r"(~|\.bak|\.old|\.orig|\.rpmnew|\.rpmorig|\.rpmsave)$")
"""Endings of files that initscripts does not read (network-functions, __sed_discard_ignored_files)."""
BESIDE = ("route-", "route6-", "rule-", "rule6-")
_ASSIGNED = regex(r"\s*(?:export\s+)?(?P<key>\w+)=(?P<value>.*)")
_IDENTITY = ("DEVICE", "NAME", "TYPE", "ONBOOT", "HWADDR", "MACADDR", "UUID", "VLAN", "PHYSDEV", "VLAN_ID", "NETMASK",
             "ETHTOOL_OPTS", "BONDING_MASTER", "BONDING_OPTS", "MASTER", "SLAVE", "REORDER_HDR")  # fmt: skip


def settings(text: str) -> dict[str, str]:
    """The assignments of a file, the last of each key."""
    found = {}
    for line in text.splitlines():
        if match := _ASSIGNED.fullmatch(line.split("\0")[0]):
            try:
                words = shlex.split(match["value"], comments=True)
            except ValueError:
                words = [match["value"].strip()]
            found[match["key"]] = " ".join(words[:1])
    return found


def key_of(line: str) -> str:
    """The key of a line, "" where it assigns nothing."""
    match = _ASSIGNED.match(line)
    return match["key"] if match else ""


def is_plain(line: str) -> bool:
    """Whether a line is an assignment of a value, blank, or a comment: no more shell than that."""
    stripped = line.strip()
    if not stripped or stripped.startswith("#"):
        return True
    match = _ASSIGNED.fullmatch(line)
    if not match or re.search(r"[$`]", match["value"]):
        return False
    try:
        return len(shlex.split(match["value"], comments=True)) <= 1
    except ValueError:
        return False


def profiles(files: Files) -> dict[str, dict[str, str]]:
    """Every ifcfg file that is in force -> its settings."""
    own = (path for path in files if path.startswith(f"{FOLDER}/ifcfg-") and not LEFT_OUT.search(path))
    return {path: settings(files[path]) for path in own}


def named(path: str, values: dict[str, str]) -> str:
    """The interface, or the alias, that a file is about; "" where it is told by its MAC alone."""
    return values.get("DEVICE") or ("" if "HWADDR" in values else posixpath.basename(path).removeprefix("ifcfg-"))


def file_of(port: str, mac: str, files: Files) -> str:
    """The path of a port's ifcfg file, by DEVICE, else by HWADDR, else by its name; "" where it has none.

    Unsupported where there are two for it: which of them counts is told by nothing.
    """
    own = profiles(files)
    by_name = [path for path, values in own.items() if values.get("DEVICE") == port]
    by_mac = [path for path, values in own.items() if mac and "DEVICE" not in values
              and values.get("HWADDR", "").lower() == mac]  # fmt: skip
    if len(by_name + by_mac) > 1:
        raise Unsupported(
            say("{paths} are all for {port}.", paths=tuple(by_name + by_mac), port=port),
            say("Remove all of them but the one that counts; then read the machine again."),
        )
    if by_name or by_mac:
        return (by_name + by_mac)[0]
    path = f"{FOLDER}/ifcfg-{port}"
    return path if path in own and "DEVICE" not in own[path] and "HWADDR" not in own[path] else ""


def family(path: str, values: dict[str, str]) -> str:
    """The interface of a file, that of an alias (eth0:1) as well."""
    return named(path, values).partition(":")[0]


def read(files: Files, macs: dict[str, str]) -> dict[str, Config]:
    """What the files give each interface; `macs` are those of the hardware, MAC -> name."""
    parts: dict[str, list[Config]] = {}
    for path, values in profiles(files).items():
        name = family(path, values) or macs.get(values.get("HWADDR", "").lower(), f"({path})")
        parts.setdefault(name, []).append(_config(values))
        if above := vlan_of(path, values):
            parts.setdefault(above[0], []).append(Config(vlans=frozenset([(name, above[1])])))
    for path, text in files.items():
        prefix, _, name = posixpath.basename(path).partition("-")
        if path.startswith(f"{FOLDER}/") and f"{prefix}-" in BESIDE and not LEFT_OUT.search(path):
            parts.setdefault(name, []).append(_beside(prefix, text))
    return {name: _added(found) for name, found in parts.items()}


def vlan_of(path: str, values: dict[str, str]) -> tuple[str, int] | None:
    """(interface below, number) of a VLAN."""
    name = family(path, values)
    below, dot, number = name.rpartition(".")
    below, number = values.get("PHYSDEV", below if dot else ""), values.get("VLAN_ID", number)
    if values.get("VLAN", "no") not in ("yes", "true", "1") and values.get("TYPE", "").lower() != "vlan":
        return None
    number = (re.search(r"\d+$", number) or [""])[0]
    return (below, int(number)) if below and number else None


def _config(values: dict[str, str]) -> Config:
    got = Gathered()
    for key, value in values.items():
        if match := re.fullmatch(r"IPADDR(\d*)", key):
            got.addresses.append(cidr(value, values.get(f"PREFIX{match[1]}") or values.get(f"NETMASK{match[1]}", "")))
        elif key in ("IPV6ADDR", "IPV6ADDR_SECONDARIES"):
            got.addresses += [cidr(one) for one in value.split()]
        elif re.fullmatch(r"GATEWAY\d*|IPV6_DEFAULTGW", key):
            got.routes.append(route("default", value.partition("%")[0]))
        elif re.fullmatch(r"DNS\d+", key):
            got.dns.append(value)
        elif key == "IPV6INIT":
            on = value == "yes" and values.get("IPV6_AUTOCONF", "yes") == "yes"
            got.dynamic += ["ra"] if on else []
        elif key in ("BOOTPROTO", "DHCPV6C"):
            got.dynamic += {"dhcp": ["dhcp4"], "bootp": ["dhcp4"], "yes": ["dhcp6"]}.get(value, [])
        elif key != "MTU" and not re.fullmatch(r"(PREFIX|NETMASK)\d*", key) and key not in _IDENTITY:
            got.add(key, value)
    got.set_mtu(values.get("MTU", ""))
    return got.config


def _beside(prefix: str, text: str) -> Config:
    """A file of routes or rules: lines of `ip route`, or ADDRESS0=, NETMASK0=, GATEWAY0=."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip() and line.strip()[0] != "#"]
    if prefix.startswith("rule"):
        return Config(rules=frozenset(f"{'-6 ' if prefix == 'rule6' else ''}{line}" for line in lines))
    found, values = [], settings(text)
    for key, value in values.items():
        if match := re.fullmatch(r"ADDRESS(\d+)", key):
            mask = values.get(f"NETMASK{match[1]}", "")
            found.append(route(cidr(value, mask), values.get(f"GATEWAY{match[1]}", ""), ""))
    for line in lines if not values else ():
        match = re.fullmatch(r"(?:to )?(?P<to>\S+)(?: via (?P<by>\S+))?(?P<more>.*)", line)
        found += [route(match["to"], match["by"] or "", match["more"].strip())] if match else []
    return Config(routes=frozenset(found))


def _added(parts: list[Config]) -> Config:
    sets = {name: frozenset().union(*(getattr(part, name) for part in parts))
            for name in ("addresses", "dynamic", "routes", "rules", "vlans", "rest")}  # fmt: skip
    mtu = next((part.mtu for part in parts if part.mtu is not None), None)
    return Config(dns=tuple(dns for part in parts for dns in part.dns), mtu=mtu, **sets)
