"""What configures the links of this host: every such program that is in use."""

from __future__ import annotations

import re
from typing import Any

from sriov_tui.facts import HostFacts
from sriov_tui.probe.source import Source, service_runs

NETPLAN, SCRIPTS, SCRIPTS_LOCK = "/etc/netplan", "/etc/sysconfig/network-scripts", "/run/lock/subsys/network"
NETWORKD = ("/etc/systemd/network", "/run/systemd/network")
INTERFACES, INTERFACES_D = "/etc/network/interfaces", "/etc/network/interfaces.d"
PROFILES = "/etc/NetworkManager/system-connections"
OWN_FILES = {  # of each manager: a folder, and what the names of its files begin and end with
    "netplan": ((NETPLAN, "", ".yaml"),),
    "NetworkManager": ((PROFILES, "", ""), (SCRIPTS, "ifcfg-", ""), (SCRIPTS, "route", ""), (SCRIPTS, "rule", "")),
    "network-scripts": ((SCRIPTS, "ifcfg-", ""), (SCRIPTS, "route", ""), (SCRIPTS, "rule", "")),
    "systemd-networkd": ((NETWORKD[0], "", ".network"), (NETWORKD[0], "", ".netdev")),
    "ifupdown": ((INTERFACES_D, "", ""),),
}
_STANZA = re.compile(r"^\s*iface\s+(?!lo\s)\S+\s", re.MULTILINE)


def probe(source: Source, facts: HostFacts) -> dict[str, Any]:
    """`network_managers`: netplan, NetworkManager, network-scripts, systemd-networkd, ifupdown; those that are in use.

    By files and running services only. None where one of them cannot be known.
    """
    found = {
        "netplan": _any_file(source, NETPLAN, ".yaml"),
        "NetworkManager": service_runs(source, "NetworkManager.service"),
        "network-scripts": _network_scripts(source),
        "systemd-networkd": _networkd(source),
        "ifupdown": _ifupdown(source),
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
    """The files of the managers in use: what a bond takes over is read there."""
    used = facts.network_managers or ()
    paths = [INTERFACES] if "ifupdown" in used else []
    for folder, start, end in (place for name in used for place in OWN_FILES[name]):
        names = source.names(folder) or ()
        paths += [f"{folder}/{name}" for name in names if name.startswith(start) and name.endswith(end)]
    return tuple(paths)
