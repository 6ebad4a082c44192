"""The files of systemd-networkd as it reads them (systemd.network(5), systemd.netdev(5)).

Of all .network files that fit an interface the first by name counts; of two with one name the one in /etc, then /run.
Drop-ins are read after their file, as if they stood at its end.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from checks.bonding import BondSpec, Files, Nic, Unsupported
from checks.bonding.config import Config, Gathered, cidr, fits, route
from sriov_tui.message import say

FOLDER = "/etc/systemd/network"
FOLDERS = (FOLDER, "/run/systemd/network", "/usr/local/lib/systemd/network", "/usr/lib/systemd/network",
           "/lib/systemd/network")  # fmt: skip
UNDERSTOOD = ("Name", "MACAddress", "PermanentMACAddress", "Type", "Kind")
"""What a [Match] may ask for here; whether anything else fits a link cannot be told from files."""
PORT_SECTIONS = ("SR-IOV",)


@dataclass(frozen=True)
class Unit:
    """A .network or .netdev file with its drop-ins."""

    path: str
    text: str

    @cached_property
    def settings(self) -> list[tuple[int, str, str, str]]:
        """(number of the section, its name, key, value) in their order; an empty value clears what came before."""
        found: list[tuple[int, str, str, str]] = []
        number, section, joined = 0, "", ""
        for line in self.text.splitlines():
            stripped = joined + line.strip()
            joined = ""
            if not stripped or stripped[0] in "#;":
                continue
            if stripped.endswith("\\"):
                joined = stripped[:-1] + " "
            elif stripped.startswith("["):
                number, section = number + 1, stripped.strip("[]")
            elif "=" in stripped:
                key, _, value = stripped.partition("=")
                if not value.strip():
                    found = [one for one in found if one[1:3] != (section, key.strip())]
                else:
                    found.append((number, section, key.strip(), value.strip()))
        return found

    def values(self, section: str, key: str) -> list[str]:
        """Every value of a setting, in whole lines."""
        return [value for _, name, k, value in self.settings if (name, k) == (section, key)]

    def last(self, section: str, key: str) -> str:
        """The value that counts of a setting that has one, or ""."""
        return (self.values(section, key) or [""])[-1]

    @property
    def asks(self) -> set[str]:
        """The settings of its [Match]."""
        return {key for _, section, key, _ in self.settings if section == "Match"}

    def matches(self, nic: Nic) -> bool:
        """Whether its [Match] fits a link by what is understood; one without any settings fits none."""
        own, permanent = self._macs("MACAddress"), self._macs("PermanentMACAddress")
        by_mac = (not own or nic.mac in own) and (not permanent or (nic.mac in permanent and not nic.made))
        kinds = self.values("Match", "Kind") + self.values("Match", "Type")
        by_kind = all(_is_kind(value, nic.made) for value in kinds)
        return bool(self.asks) and by_kind and by_mac and _is_named(nic.name, self.values("Match", "Name"))

    def _macs(self, key: str) -> list[str]:
        return [mac.lower().replace("-", ":") for value in self.values("Match", key) for mac in value.split()]


def _is_kind(value: str, made: bool) -> bool:
    """Type= or Kind= of a card, or of a link that a .netdev file makes; the usual way to say "a card" is Kind=!*."""
    if value.startswith("!"):
        return not made or value != "!*"
    return value in (("vlan", "bond", "bridge", "dummy") if made else ("ether",))


def _is_named(name: str, values: list[str]) -> bool:
    """Name=: globs; a "!" in front of a line turns all of it round (systemd's config_parse_match_strv)."""
    plain = [glob for value in values if not value.startswith("!") for glob in value.split()]
    turned = [glob for value in values if value.startswith("!") for glob in value[1:].split()]
    if any(fits(name, glob) for glob in turned):
        return False
    return not plain or any(fits(name, glob) for glob in plain)


def units(files: Files, ending: str) -> list[Unit]:
    """The files with this ending that count, in networkd's order, their drop-ins at the end."""
    found: dict[str, Unit] = {}
    for folder in reversed(FOLDERS):
        for path, text in files.items():
            if posixpath.dirname(path) == folder and path.endswith(ending):
                found[posixpath.basename(path)] = Unit(path, text)
    drop_ins: dict[str, dict[str, str]] = {}
    for folder in reversed(FOLDERS):
        for path, text in files.items():
            at, name = posixpath.split(path)
            if posixpath.dirname(at) == folder and at.endswith(f"{ending}.d") and name.endswith(".conf"):
                drop_ins.setdefault(posixpath.basename(at)[:-2], {})[name] = text
    for name, parts in drop_ins.items():
        if name in found:
            text = found[name].text
            for _, part in sorted(parts.items()):
                text += ("" if text.endswith("\n") else "\n") + part
            found[name] = Unit(found[name].path, text)
    return [found[name] for name in sorted(found)]


def file_of(nic: Nic, networks: list[Unit]) -> Unit | None:
    """The .network file that counts for a link; Unsupported where that depends on what is not understood."""
    for unit in networks:
        if unit.matches(nic):
            if more := sorted(unit.asks - set(UNDERSTOOD)):
                raise Unsupported(
                    say("{path} matches {name} by {keys}, which is not understood here.",
                        path=unit.path, name=nic.name, keys=tuple(more)),
                    say("Match by Name= or MACAddress= there; then read the machine again."),
                )  # fmt: skip
            return unit
    return None


def made(wanted: BondSpec, name: str) -> Nic:
    """A link that is no hardware: the bond and the VLANs above it have the MAC of the port."""
    on_port = name in (*wanted.names.values(), *wanted.names)
    return Nic(name, wanted.mac if on_port else "", made=True)


def read(wanted: BondSpec, files: Files) -> dict[str, Config]:
    """What the files give each interface of the hardware, of a .netdev file, or that a file names plainly."""
    networks, netdevs = units(files, ".network"), units(files, ".netdev")
    numbers = {unit.last("NetDev", "Name"): unit.last("VLAN", "Id") for unit in netdevs}
    nics = {nic.name: nic for nic in wanted.hardware}
    names = [*nics, *numbers, *(name for unit in networks for value in unit.values("Match", "Name")
                                for name in value.split() if not set(name) & set("*?[!"))]  # fmt: skip
    found = {}
    for name in dict.fromkeys(names):
        unit = file_of(nics.get(name) or made(wanted, name), networks)
        if unit is not None:
            found[name] = config_of(unit, numbers)
    return found


def config_of(unit: Unit, numbers: dict[str, str]) -> Config:
    """What a .network file gives a link."""
    got = Gathered()
    grouped: dict[int, tuple[str, list[tuple[str, str]]]] = {}
    for number, section, key, value in unit.settings:
        if section in ("Address", "Route", "RoutingPolicyRule"):
            grouped.setdefault(number, (section, []))[1].append((key, value))
        elif section == "Network" and key == "VLAN":
            got.vlans += [(name, int(numbers.get(name) or 0)) for name in value.split()]
        elif section == "Network" and key in _TAKEN:
            _TAKEN[key](value, got)
        elif section not in ("Match", *PORT_SECTIONS) and (section, key) != ("Link", "MTUBytes"):
            got.add(f"{section}.{key}", value)
    for section, pairs in grouped.values():
        _group(section, pairs, got)
    got.set_mtu(unit.last("Link", "MTUBytes"))
    return got.config


def _group(section: str, pairs: list[tuple[str, str]], got: Gathered) -> None:
    """A section whose settings belong together."""
    values = dict(pairs)
    if section == "Address":
        got.addresses.append(cidr(values.get("Address", "")))
        got.rest += [(f"Address.{key}", value) for key, value in pairs if key != "Address"]
    elif section == "Route":
        more = " ".join(f"{key}={value}" for key, value in pairs if key not in ("Destination", "Gateway"))
        got.routes.append(route(values.get("Destination", "default"), values.get("Gateway", ""), more))
    else:
        got.rules.append(" ".join(f"{key}={value}" for key, value in pairs))


def _dhcp(value: str, got: Gathered) -> None:
    both = ["dhcp4", "dhcp6"]
    got.dynamic += {"yes": both, "true": both, "ipv4": both[:1], "ipv6": both[1:]}.get(value, [])


def _accept_ra(value: str, got: Gathered) -> None:
    if value in ("yes", "true"):
        got.dynamic.append("ra")
    else:
        got.add("Network.IPv6AcceptRA", value)


_TAKEN: dict[str, Callable[[str, Gathered], None]] = {
    "Address": lambda value, got: got.addresses.append(cidr(value)),
    "Gateway": lambda value, got: got.routes.append(route("default", value)),
    "DNS": lambda value, got: got.dns.extend(value.split()),
    "DHCP": _dhcp,
    "IPv6AcceptRA": _accept_ra,
}
"""Settings of [Network] that have a form of their own."""
