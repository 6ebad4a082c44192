"""systemd-networkd: .netdev and .network files (systemd.network(5)).

Of all files that fit an interface the first by name counts, so new ones that come first are enough: none is changed.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace

from checks.bonding import (
    MIIMON,
    WHO,
    BondChanges,
    BondSpec,
    Files,
    Nic,
    NotMine,
    Unsupported,
    cleared,
    named_elsewhere,
    names_in,
    other_lease,
    removed,
    renamed,
    taken,
    unknown_setting,
)
from checks.bonding import config as configs
from checks.bonding import network_files as nf
from checks.bonding.network_files import FOLDER, Unit
from sriov_tui.late import regex
from sriov_tui.message import Message, say
from sriov_tui.model import Run

FIRST = "00-sriov-tui"
SERVICE = "systemd-networkd.service"
RESTART = ("systemctl", "restart", SERVICE)
NETPLANS = "10-netplan-"  # how netplan calls the files that it makes of its own
SECTIONS = ("Network", "Address", "Route", "RoutingPolicyRule", "NextHop", "DHCP", "DHCPv4", "DHCPv6",
            "DHCPPrefixDelegation", "IPv6AcceptRA", "IPv6SendRA", "IPv6Prefix", "IPv6RoutePrefix", "DHCPServer",
            "Neighbor", "IPv6AddressLabel")  # fmt: skip
LINK = (
    "MTUBytes",
    "RequiredForOnline",
    "RequiredFamilyForOnline",
    "ARP",
    "Multicast",
    "AllMulticast",
    "ActivationPolicy",
)
STACKS = regex(
    r"Bond|Bridge|VRF|MACVLAN|MACVTAP|IPVLAN|IPVTAP|VXLAN|Tunnel|Xfrm|MACsec|IPoIB|BatmanAdvanced|PrimarySlave|"
    r"ActiveSlave|ConfigureWithoutCarrier"
)
"""Settings of [Network] by which something else stands on the link, or it on that: their meaning changes on a bond."""


def read(wanted: BondSpec, files: Files) -> configs.Configs:
    """What networkd gives each interface; that a port joins the bond is ours and counts for nothing."""
    found = dict(nf.read(wanted, files))
    for name, got in found.items():
        own = {("Network.Bond", wanted.name), ("Network.PrimarySlave", "yes")} if name in wanted.ports else set()
        found[name] = replace(got, rest=frozenset(got.rest - own))
    return found


def make(wanted: BondSpec, files: Files) -> BondChanges:
    """New files that come first, and a restart of the service: it keeps the links that are as they shall be."""
    networks, netdevs = nf.units(files, ".network"), nf.units(files, ".netdev")
    nics = {nic.name: nic for nic in wanted.hardware}
    told = tuple(message for port in wanted.ports if port != wanted.carrier
                 for message in _free(nics[port], networks, nics.get(wanted.carrier)))  # fmt: skip
    _names_are_free(wanted, files)
    told += _lease(wanted, nics, networks)
    texts: dict[str, str | None] = {}
    stem = f"{FOLDER}/{FIRST}-{wanted.name}"
    carried: dict[str, Unit] = {}
    texts[f"{stem}.netdev"] = netdev(wanted)
    texts[f"{stem}.network"] = _network(wanted, wanted.carrier, wanted.name, networks, carried)
    for port in wanted.ports:
        texts[f"{stem}-{port}.network"] = (
            f"# {WHO}: a port of {wanted.name}.\n[Match]\nName={port}\n\n[Network]\nBond={wanted.name}\n"
            + ("PrimarySlave=yes\n" if wanted.options.get("primary") == port else "")
            + (_of_port(carried[port]) if port in carried else "")
        )
    for old, new in wanted.vlans:
        texts[f"{FOLDER}/{FIRST}-{new}.netdev"] = _vlan(wanted, old, netdevs)
        texts[f"{FOLDER}/{FIRST}-{new}.network"] = _network(wanted, old, new, networks, carried)
    return BondChanges(
        before=(
            Run(argv=("systemctl", "is-active", SERVICE), undo=RESTART),
            *(Run(argv=removed(old), undo=RESTART, fades=True) for old, _ in wanted.vlans),
            cleared(wanted.name),
        ),
        files=texts,
        after=(Run(argv=RESTART),),
        told=told,
    )


def _names_are_free(wanted: BondSpec, files: Files) -> None:
    """Unsupported where a new name is configured already, or another file stands on an old one."""
    new = {wanted.name, *dict(wanted.vlans).values()} - set(dict(wanted.vlans))
    olds = [*wanted.ports, *(old for old, then in wanted.names.items() if old != then)]
    for unit in (*nf.units(files, ".network"), *nf.units(files, ".netdev")):
        for _, section, key, value in unit.settings:
            is_name = (section, key) in (("Match", "Name"), ("NetDev", "Name"))
            if is_name and (found := set(value.split()) & new):
                raise taken(unit.path, min(found))
            stands = section not in ("Match", "NetDev") and not (section == "Network" and key in ("VLAN", "Bridge"))
            if stands and (old := names_in(value, olds)) and not _is_own(unit, wanted):
                raise named_elsewhere(unit.path, old, f"{key}={value}")


def _is_own(unit: Unit, wanted: BondSpec) -> bool:
    names = [name for value in unit.values("Match", "Name") for name in value.split()]
    return any(name in wanted.names for name in names)


def _free(nic: Nic, networks: list[Unit], carrier: Nic | None) -> list[Message]:
    """What becomes of the configuration of the port that carries nothing; Unsupported where it has an address.

    One file for both ports is the carrier's, and moves with it.
    """
    unit = nf.file_of(nic, networks)
    if unit is None or (carrier is not None and nf.file_of(carrier, networks) is unit):
        return []
    got = nf.config_of(unit, {})
    if got.addresses or got.routes or got.rules or got.vlans:
        raise Unsupported(
            say("{path} gives {port} an address, too.", path=unit.path, port=nic.name),
            say("Remove it from {path}.", path=unit.path),
        )
    if any(STACKS.fullmatch(key) for _, section, key, _ in unit.settings if section == "Network"):
        raise Unsupported(
            say("{path} configures {port}, too.", path=unit.path, port=nic.name),
            say("Remove it from {path}.", path=unit.path),
        )
    if not got.dynamic:
        return []
    return [say("{path} no longer counts for {port}: DHCP ends there.", path=unit.path, port=nic.name)]


def _lease(wanted: BondSpec, nics: dict[str, Nic], networks: list[Unit]) -> tuple[Message, ...]:
    """What is to be told of an address by DHCP."""
    unit = nf.file_of(nics[wanted.carrier], networks) if wanted.carrier else None
    if unit is None or "dhcp4" not in nf.config_of(unit, {}).dynamic:
        return ()
    by_mac = any(unit.last(section, "ClientIdentifier") == "mac" for section in ("DHCP", "DHCPv4"))
    return () if by_mac else (other_lease(wanted, "ClientIdentifier=mac"),)


def netdev(wanted: BondSpec) -> str:
    """The bond itself."""
    policy = (
        [f"TransmitHashPolicy={wanted.options['xmit_hash_policy']}"] if "xmit_hash_policy" in wanted.options else []
    )
    lines = [
        f"# {WHO}: a bond of {' and '.join(wanted.ports)}.",
        "[NetDev]",
        f"Name={wanted.name}",
        "Kind=bond",
        f"MACAddress={wanted.mac}",
        "",
        "[Bond]",
        f"Mode={wanted.mode}",
        f"MIIMonitorSec={MIIMON}ms",
        *policy,
    ]
    return "".join(f"{line}\n" for line in lines)


def _network(wanted: BondSpec, old: str, new: str, networks: list[Unit], carried: dict[str, Unit]) -> str:
    """What the first file for the old name says, for the new one."""
    about = f"# {WHO}: in the place of "
    if not old:
        return f"# {WHO}: the bond has no address.\n[Match]\nName={new}\n\n[Network]\nLinkLocalAddressing=no\n"
    nic = next((nic for nic in wanted.hardware if nic.name == old), nf.made(wanted, old))
    unit = nf.file_of(nic, networks)
    if unit is None or posixpath.basename(unit.path).startswith(NETPLANS):
        raise NotMine(say("No file of {folder} configures {old}.", folder=FOLDER, old=old))
    _understood(unit, old)
    carried[old] = unit
    text = renamed(unit.text, wanted.names)
    parts = re.split(r"(?m)^(?=\[)", text)
    kept = [part for part in parts[1:] if part.partition("]")[0].strip("[") not in ("Match", *nf.PORT_SECTIONS)]
    body = "".join(part if part.endswith("\n") else f"{part}\n" for part in kept)
    return f"{about}{unit.path} for {old}.\n{parts[0]}[Match]\nName={new}\n\n{body}"


def _understood(unit: Unit, name: str) -> None:
    """Unsupported where a file has a setting that has no known meaning for a bond."""
    for _, section, key, value in unit.settings:
        known = section in (*SECTIONS, *nf.PORT_SECTIONS, "Match") or (section == "Link" and key in LINK)
        if not known or (section == "Network" and STACKS.fullmatch(key) and (key != "Bridge" or "." not in name)):
            raise unknown_setting(unit.path, f"{section}.{key}", name)
        if section == "Link" and key == "MTUBytes" and not value.isdigit():
            raise unknown_setting(unit.path, f"{key}={value}", name)


def _of_port(unit: Unit) -> str:
    """The sections of the carrier's file that stay with the port."""
    parts = re.split(r"(?m)^(?=\[)", unit.text)
    own = [part for part in parts if part.startswith("[") and part.partition("]")[0].strip("[") in nf.PORT_SECTIONS]
    return "".join(f"\n{part.rstrip()}\n" for part in own)


def _vlan(wanted: BondSpec, old: str, netdevs: list[Unit]) -> str:
    for unit in netdevs:
        if old in unit.values("NetDev", "Name"):
            for _, section, key, _ in unit.settings:
                if (section, key) == ("NetDev", "MACAddress") or section not in ("NetDev", "VLAN", "Match"):
                    raise unknown_setting(unit.path, f"{section}.{key}", old)
            return f"# {WHO}: in the place of {unit.path}.\n{renamed(unit.text, wanted.names)}"
    raise Unsupported(say("No .netdev file of {folder} makes {old}.", folder=FOLDER, old=old))
