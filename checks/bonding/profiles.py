"""NetworkManager's keyfiles as it reads them (nm-settings-keyfile(5)), and which profile of a port counts.

What is active is told by /run/NetworkManager/devices/INDEX (NetworkManager's src/core/nm-config.c,
nm_config_device_state_write); without that the profile that would be activated at boot.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, replace
from functools import cached_property

from checks.bonding import BondSpec, Files, Nic, Unsupported
from checks.bonding.config import Config, Gathered, cidr, route
from sriov_tui.late import regex
from sriov_tui.message import say

FOLDER = "/etc/NetworkManager/system-connections"
FOLDERS = (FOLDER, "/run/NetworkManager/system-connections", "/usr/lib/NetworkManager/system-connections")
DEVICES = "/run/NetworkManager/devices"
_LONG = {"802-3-ethernet": "ethernet"}
IDENTITY = ("id", "uuid", "type", "interface-name", "autoconnect", "autoconnect-priority", "timestamp", "master",
            "controller", "slave-type", "port-type")  # fmt: skip
OF_PORT = ("mac-address", "cloned-mac-address", "wake-on-lan", "wake-on-lan-password", "auto-negotiate", "speed",
           "duplex", "port")  # fmt: skip
PORT_SECTIONS = ("ethtool", "sriov")
CARD_METRIC, BOND_METRIC = "100", "300"
"""What NetworkManager gives routes by the type of the link (nm-device.c, nm_device_get_route_metric_default)."""
_ADDRESS = regex(r"address(es)?\d*")
_ROUTE = regex(r"routes?\d+")


@dataclass(frozen=True)
class Profile:
    """A keyfile: `sections` are its lines, comments and all, by the short names of the sections."""

    path: str
    text: str

    @cached_property
    def sections(self) -> dict[str, list[str]]:
        """Section -> its lines."""
        found: dict[str, list[str]] = {}
        lines: list[str] = []
        for line in self.text.splitlines():
            if match := re.fullmatch(r"\s*\[([^\]]+)\]\s*", line):
                lines = found.setdefault(_LONG.get(match[1], match[1]), [])
            else:
                lines.append(line)
        return found

    def values(self, section: str) -> dict[str, str]:
        """The settings of a section."""
        pairs = (line.partition("=") for line in self.sections.get(section, ())
                 if "=" in line and not line.lstrip().startswith("#"))  # fmt: skip
        return {key.strip(): value.strip() for key, _, value in pairs}

    def value(self, section: str, key: str) -> str:
        """A setting, "" where it is not there."""
        return self.values(section).get(key, "")

    @property
    def type(self) -> str:
        """The type of its link, by the short name."""
        found = self.value("connection", "type")
        return _LONG.get(found, found)

    @property
    def iface(self) -> str:
        """The interface that it names."""
        return self.value("connection", "interface-name") or self.value(self.type, "interface-name")

    @property
    def starts(self) -> bool:
        """Whether it is activated by itself."""
        return self.value("connection", "autoconnect").lower() not in ("false", "no", "0")

    @property
    def priority(self) -> int:
        """The higher of two that fit is activated."""
        text = self.value("connection", "autoconnect-priority")
        return int(text) if re.fullmatch(r"-?\d+", text) else 0

    def is_of(self, nic: Nic) -> bool:
        """Whether it is for this link of hardware alone."""
        mac = self.value("ethernet", "mac-address").lower()
        if self.type != "ethernet" or "match" in self.sections or not (self.iface or mac):
            return False
        return self.iface in ("", nic.name) and mac in ("", nic.mac)

    def may_fit(self, nic: Nic) -> bool:
        """Whether it fits this link among others: it names none, or by a pattern."""
        return self.type == "ethernet" and self.iface in ("", nic.name) and not self.value("ethernet", "mac-address")


def profiles(files: Files) -> list[Profile]:
    """Every keyfile that NetworkManager reads; of two with one name that in /run, then /etc, counts."""
    found: dict[str, Profile] = {}
    for folder in (FOLDERS[2], FOLDERS[0], FOLDERS[1]):
        for path, text in sorted(files.items()):
            name = posixpath.basename(path)
            ours = folder == FOLDER and not re.search(r"^\.|~$|\.(pem|der|rpmsave|rpmnew|bak)$", name)
            if posixpath.dirname(path) == folder and (ours or name.endswith(".nmconnection")):
                found[name] = Profile(path, text)
    return list(found.values())


def state_of(nic: Nic, files: Files) -> dict[str, str]:
    """What NetworkManager wrote of a device; nothing where that was not read."""
    return Profile("", files.get(f"{DEVICES}/{nic.index}", "") if nic.index else "").values("device")


def effective(nic: Nic, files: Files, every: list[Profile]) -> Profile | None:
    """The profile that counts for a link; Unsupported where that cannot be told."""
    own = [profile for profile in every if profile.is_of(nic)]
    active = state_of(nic, files).get("connection-uuid", "")
    if active:
        for profile in every:
            if profile.value("connection", "uuid") == active:
                if profile in own or not profile.may_fit(nic):
                    return profile
                raise Unsupported(
                    say("{path} is active on {port}, and fits other ports, too.", path=profile.path, port=nic.name),
                    say("Give {carrier} a profile of its own with nmcli; then read again.", carrier=nic.name),
                )
    starting = [profile for profile in own if profile.starts] or own
    best = [p for p in starting if p.priority == max(other.priority for other in starting)]
    if len(best) > 1:
        raise Unsupported(
            say("{paths} are all for {port}, and which of them is active is not known.",
                paths=tuple(profile.path for profile in best), port=nic.name),
            say("Remove all of them but the one that counts; then read the machine again."),
        )  # fmt: skip
    return best[0] if best else None


def read(wanted: BondSpec, files: Files) -> dict[str, Config]:
    """What the profiles give each interface."""
    every = profiles(files)
    found: dict[str, Config] = {}
    hardware = {nic.name: nic for nic in wanted.hardware}
    uuids = {profile.value("connection", "uuid"): profile.iface for profile in every}
    vlans: dict[str, list[tuple[str, int]]] = {}
    for nic in hardware.values():
        if counts := effective(nic, files, every):
            found[nic.name] = config_of(counts, metric_of(nic, files))
            uuids[counts.value("connection", "uuid")] = nic.name
    for profile in every:
        name = profile.iface or f"({profile.path})"
        if name not in hardware and not any(profile.is_of(nic) for nic in hardware.values()):
            found[name] = config_of(profile, BOND_METRIC if profile.type == "bond" else "")
        if profile.type == "vlan":
            parent = profile.value("vlan", "parent")
            number = profile.value("vlan", "id")
            below = uuids.get(parent) or parent
            vlans.setdefault(below, []).append((profile.iface, int(number) if number.isdigit() else 0))
    for below, above in vlans.items():
        got = found.get(below, Config())
        found[below] = replace(got, vlans=frozenset(above))
    return found


def metric_of(nic: Nic, files: Files) -> str:
    """The metric that routes of this card have where its profile tells none.

    Each card that is active has one of its own (nm-manager.c, nm_manager_device_route_metric_reserve).
    """
    return state_of(nic, files).get("route-metric-default-effective", "") or CARD_METRIC


def routed(profile: Profile) -> list[str]:
    """The sections of it that give addresses, and tell no metric for the routes of these."""
    return [section for section in ("ipv4", "ipv6") if profile.value(section, "method") in ("auto", "dhcp", "manual")
            and profile.value(section, "route-metric") in ("", "-1")]  # fmt: skip


def config_of(profile: Profile, metric: str = "") -> Config:
    """What a profile gives its link; `metric` is that of its routes where it tells none."""
    got = Gathered()
    for section in routed(profile) if metric else ():
        got.add(f"{section}.route-metric", metric)
    for section in profile.sections:
        for key, value in profile.values(section).items():
            if section in ("ipv4", "ipv6"):
                _ip(profile, section, key, value, got)
            elif not _is_identity(section, key):
                got.add(f"{section}.{key}", value)
    got.set_mtu(profile.value("ethernet", "mtu"))
    return got.config


def _ip(profile: Profile, section: str, key: str, value: str, got: Gathered) -> None:
    """A setting of [ipv4] or [ipv6]."""
    if _ADDRESS.fullmatch(key):
        address, _, gateway = value.partition(",")
        got.addresses.append(cidr(address))
        got.routes += [route("default", gateway)] if gateway else []
    elif key == "gateway":
        got.routes.append(route("default", value))
    elif _ROUTE.fullmatch(key):
        to, by, metric = [*value.split(","), "", ""][:3]
        more = profile.value(section, f"{key}_options")
        got.routes.append(route(to, by, " ".join(word for word in (metric, more) if word)))
    elif key.startswith("routing-rule"):
        got.rules.append(f"{section} {value}")
    elif key == "dns":
        got.dns += [one for one in re.split(r"[;,]", value) if one]
    elif key == "method" and value in ("auto", "dhcp"):
        got.dynamic.append("dhcp4" if section == "ipv4" else "ra" if value == "auto" else "dhcp6")
    elif not re.fullmatch(r"route\d+_options", key) and (key, value) != ("route-metric", "-1"):
        got.add(f"{section}.{key}", value)


def _is_identity(section: str, key: str) -> bool:
    """Whether it tells which link, or is hardware's, or told elsewhere."""
    return (
        section in ("bond", *PORT_SECTIONS)
        or (section == "connection" and key in IDENTITY)
        or (section == "ethernet" and key in (*OF_PORT, "mtu"))
        or (section == "vlan" and key in ("parent", "id"))
    )
