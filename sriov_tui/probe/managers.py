"""What configures the links of this host: every such program that is in use."""

from __future__ import annotations

import re
from typing import Any

from sriov_tui.facts import HostFacts
from sriov_tui.late import regex
from sriov_tui.probe.source import Source, service_runs

NETPLAN, SCRIPTS, SCRIPTS_LOCK = "/etc/netplan", "/etc/sysconfig/network-scripts", "/run/lock/subsys/network"
NETPLANS = (NETPLAN, "/run/netplan", "/lib/netplan")
NETWORKD = ("/etc/systemd/network", "/run/systemd/network")
NETWORKDS = (*NETWORKD, "/usr/local/lib/systemd/network", "/usr/lib/systemd/network")
INTERFACES, INTERFACES_D = "/etc/network/interfaces", "/etc/network/interfaces.d"
PROFILES = "/etc/NetworkManager/system-connections"
PROFILE_FOLDERS = (PROFILES, "/run/NetworkManager/system-connections", "/usr/lib/NetworkManager/system-connections")
WICKED, CLOUD = "/etc/sysconfig/network", "/etc/cloud/cloud.cfg.d"
_SCRIPTS = tuple((SCRIPTS, start, "") for start in ("ifcfg-", "route", "rule"))
OWN_FILES: dict[
    str, tuple[tuple[str, str, str], ...]
] = {  # of each: a folder, and what its files' names begin and end with
    "netplan": tuple((folder, "", ".yaml") for folder in NETPLANS),
    "NetworkManager": (
        *((folder, "", "") for folder in PROFILE_FOLDERS),
        ("/run/NetworkManager/devices", "", ""),
        *_SCRIPTS,
    ),
    "network-scripts": _SCRIPTS,
    "systemd-networkd": tuple((folder, "", end) for folder in NETWORKDS for end in (".network", ".netdev")),
    "ifupdown": ((INTERFACES_D, "", ""), ("/run/network/interfaces.d", "", "")),
    "wicked": ((WICKED, "ifcfg-", ""),),
}
_STANZA = regex(r"^\s*iface\s+(?!lo\s)\S+\s", re.MULTILINE)


def probe(source: Source, facts: HostFacts) -> dict[str, Any]:
    """`network_managers`: netplan, NetworkManager, network-scripts, systemd-networkd, ifupdown, wicked; those in use.

    By files and running services only. None where one of them cannot be known.
    """
    found = {
        "netplan": _any_file(source, NETPLAN, ".yaml"),
        "NetworkManager": service_runs(source, "NetworkManager.service"),
        "network-scripts": _network_scripts(source),
        "systemd-networkd": _networkd(source),
        "ifupdown": _ifupdown(source),
        "wicked": service_runs(source, "wickedd.service"),
    }
    return {} if None in found.values() else {"network_managers": tuple(name for name, used in found.items() if used)}


def _any_file(source: Source, folder: str, ending: str) -> bool | None:
    names = source.names(folder)
    return None if names is None else any(name.endswith(ending) for name in names)


def _network_scripts(source: Source) -> bool | None:
    """The `network` service of EL7 and its like leaves a lock file; NetworkManager reads the same ifcfg files."""
    names = source.names(SCRIPTS)
    if not names:
        return None if names is None else False
    if not any(name.startswith("ifcfg-") and name != "ifcfg-lo" for name in names):
        return False
    return source.exists(SCRIPTS_LOCK)


def _networkd(source: Source) -> bool | None:
    """It touches only what a .network file names."""
    files = [_any_file(source, folder, ".network") for folder in NETWORKD]
    if True in files:
        return service_runs(source, "systemd-networkd.service")
    return None if None in files else False


def _ifupdown(source: Source) -> bool | None:
    names = source.names(INTERFACES_D)
    if names is None:
        return None
    paths = (INTERFACES, *(f"{INTERFACES_D}/{name}" for name in names))
    return any(_STANZA.search(source.text(path) or "") for path in paths)


def network_files(source: Source, facts: HostFacts) -> tuple[str, ...]:
    """The files of the managers in use, which a bond takes over; and those by which cloud-init may be kept from them.

    Of cloud-init only what is named after the network is read: its other files may hold passwords.
    """
    used = facts.network_managers or ()
    paths = [INTERFACES] if "ifupdown" in used else []
    for folder, start, end in dict.fromkeys(place for name in used for place in OWN_FILES[name]):
        names = source.names(folder) or ()
        paths += [f"{folder}/{name}" for name in names if name.startswith(start) and name.endswith(end)]
        for drop_ins in (
            f"{folder}/{name}" for name in names if end in (".network", ".netdev") and name.endswith(f"{end}.d")
        ):
            paths += [f"{drop_ins}/{name}" for name in source.names(drop_ins) or () if name.endswith(".conf")]
    switches = (source.names(CLOUD) or ()) if used else ()
    return (*paths, *(f"{CLOUD}/{name}" for name in switches if "net" in name and name.endswith(".cfg")))
