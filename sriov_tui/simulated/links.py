"""Simulated links as `ip link` and `ethtool -K` change them, and what sysfs shows of bonds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sriov_tui.facts import BOND_MODES
from sriov_tui.hosts.machine import Machine, put_dir, put_file, put_link, remove, resolve, text
from sriov_tui.simulated.drivers import NETS, link_row

VIRTUAL = "/sys/devices/virtual/net"
PARTNER = "00:1c:73:00:00:99"  # the switch at the other end; simulation["lacp_partner"] may be another, or none
Output = Callable[[str], None]


def row_of(machine: Machine, name: str) -> dict[str, Any] | None:
    """The link of this name; changes of it stay."""
    return next((row for row in machine.netlink.get("links", ()) if row["name"] == name), None)


def ports_of(machine: Machine, bond: dict[str, Any]) -> list[dict[str, Any]]:
    """The links whose master this one is."""
    return [row for row in machine.netlink["links"] if row["master"] == bond["index"]]


def add_bond(machine: Machine, name: str, mode: str, mac: str = "") -> None:
    """A new bond without ports."""
    index = 1 + max((row["index"] for row in machine.netlink.get("links", ())), default=0)
    row = link_row(name, mac or "02:00:00:00:00:ff", kind="bond", bond_mode=mode) | {"index": index}
    machine.netlink.setdefault("links", []).append(row)
    put_dir(machine, f"{VIRTUAL}/{name}")
    put_link(machine, f"{NETS}/{name}", f"{VIRTUAL}/{name}")


def ip(machine: Machine, arguments: list[str], output: Output) -> int:
    """`ip link add NAME type bond mode MODE`, `ip link del NAME`, `ip link set NAME up|down|master BOND|nomaster|type
    bond mode MODE`."""
    match arguments:
        case ["link", "add", name, "type", "bond", "mode", mode, *_]:
            return _add(machine, name, mode, output)
        case ["link", "add", name, "address", mac, "type", "bond", "mode", mode, *_]:
            return _add(machine, name, mode, output, mac)
        case ["link", "add", "link", below, "name", name, "type", "vlan", "id", number]:
            return _add_vlan(machine, below, name, int(number), output)
        case ["link", "del" | "delete", name]:
            return _delete(machine, name, output)
        case ["link", "set", "dev", *rest] | ["link", "set", *rest] if len(rest) >= 2:
            return _set(machine, rest[0], rest[1:], output)
    output(f"ip {' '.join(arguments)}: not simulated")
    return 2


def _add_vlan(machine: Machine, below: str, name: str, number: int, output: Output) -> int:
    parent = row_of(machine, below)
    if parent is None or row_of(machine, name) is not None:
        output(f'Cannot find device "{below}"' if parent is None else "RTNETLINK answers: File exists")
        return 2
    row = link_row(name, parent["mac"], kind="vlan", vlan=number, parent=parent["index"])
    machine.netlink["links"].append(row | {"index": 1 + max(other["index"] for other in machine.netlink["links"])})
    put_dir(machine, f"{NETS}/{name}")
    return 0


def _add(machine: Machine, name: str, mode: str, output: Output, mac: str = "") -> int:
    word = BOND_MODES[int(mode)] if mode.isdigit() and int(mode) < len(BOND_MODES) else mode
    if row_of(machine, name) is not None or word not in BOND_MODES:
        output("RTNETLINK answers: File exists" if word in BOND_MODES else 'Error: argument of "mode" is wrong')
        return 2
    add_bond(machine, name, word, mac)
    return 0


def _delete(machine: Machine, name: str, output: Output) -> int:
    row = row_of(machine, name)
    if row is None or row["kind"] not in ("bond", "vlan"):
        output(f'Cannot find device "{name}"' if row is None else "RTNETLINK answers: Operation not supported")
        return 1 if row is None else 2
    for port in ports_of(machine, row):
        port |= {"master": 0, "up": False, "carrier": None}
    for above in [
        other for other in machine.netlink["links"] if other["kind"] == "vlan" and other["parent"] == row["index"]
    ]:
        _delete(machine, above["name"], output)
    flush(machine, row)
    machine.netlink["links"].remove(row)
    remove(machine, f"{NETS}/{name}")
    remove(machine, f"{VIRTUAL}/{name}")
    return 0


def flush(machine: Machine, row: dict[str, Any]) -> None:
    """A link loses its addresses and routes."""
    for table, key in (("addresses", "index"), ("routes", "link")):
        rows = machine.netlink.get(table, [])
        rows[:] = [other for other in rows if other[key] != row["index"]]


def _set(machine: Machine, name: str, words: list[str], output: Output) -> int:
    row = row_of(machine, name)
    if row is None:
        output(f'Cannot find device "{name}"')
        return 1
    match words:
        case ["up"] | ["down"]:
            row["up"] = words == ["up"]
            row["carrier"] = True if row["up"] else None
        case ["nomaster"]:
            row |= {"master": 0, "up": False, "carrier": None}  # bond_main.c, __bond_release_one closes it
        case ["master", master]:
            return _enslave(machine, row, master, output)
        case ["type", "bond", "primary", _]:
            pass
        case ["mtu", number]:
            row["mtu"] = int(number)
        case ["type", "bond", "mode", mode]:
            return _set_mode(machine, row, mode, output)
        case _:
            output(f"ip link set {name} {' '.join(words)}: not simulated")
            return 2
    return 0


def _enslave(machine: Machine, row: dict[str, Any], master: str, output: Output) -> int:
    """bond_enslave() takes no port that is up (drivers/net/bonding/bond_main.c)."""
    bond = row_of(machine, master)
    if bond is None or row["up"]:
        output("Error: Device can not be enslaved while up." if bond else f'Device "{master}" does not exist.')
        return 2
    row |= {"master": bond["index"], "up": True, "carrier": True}
    return 0


def _set_mode(machine: Machine, bond: dict[str, Any], mode: str, output: Output) -> int:
    """Only of a bond that is down and has no ports (drivers/net/bonding/bond_options.c, BOND_OPT_MODE)."""
    if ports_of(machine, bond) or bond["up"] or mode not in BOND_MODES:
        why = "Directory not empty" if ports_of(machine, bond) else "Device or resource busy"
        output(f"RTNETLINK answers: {why}" if mode in BOND_MODES else 'Error: argument of "mode" is wrong')
        return 2
    bond["bond_mode"] = mode
    return 0


def ethtool(machine: Machine, arguments: list[str], output: Output) -> int:
    """`ethtool -K NAME hw-tc-offload on|off`."""
    if len(arguments) != 4 or arguments[0] != "-K" or arguments[2] != "hw-tc-offload":
        output(f"ethtool {' '.join(arguments)}: not simulated")
        return 2
    row, wanted = row_of(machine, arguments[1]), arguments[3]
    if row is None:
        output("netlink error: no device matches name (offset 24)")
        return 1
    now = row.get("hw_tc_offload") or "off [fixed]"
    if "[fixed]" in now and not now.startswith(wanted):
        output(f"Actual changes:\nhw-tc-offload: {now.partition(' ')[0]} [requested {wanted}]")
        output("Could not change any device features")
        return 1
    row["hw_tc_offload"] = now if "[fixed]" in now else wanted
    return 0


# -- what sysfs shows of bonds -----------------------------------------------------------------------------------------


def follow(machine: Machine) -> None:
    """Let sysfs show the bonds and their ports as they are now."""
    links = machine.netlink.get("links", [])
    bonds = {row["index"]: row for row in links if row["kind"] == "bond" and row["bond_mode"] in BOND_MODES}
    for bond in bonds.values():
        _show_bond(machine, bond)
    shown = set()
    for row in links:
        if row["master"] in bonds and f"{NETS}/{row['name']}" in machine.links:
            shown.add(_show_port(machine, row, bonds[row["master"]]))
    for path in [path for path in machine.dirs if path.endswith("/bonding_slave") and path not in shown]:
        remove(machine, path)


def _show_bond(machine: Machine, bond: dict[str, Any]) -> None:
    at = f"{VIRTUAL}/{bond['name']}"
    ports = ports_of(machine, bond)
    up = [port for port in ports if port["up"] and port["carrier"]]
    bond["carrier"] = bool(up) if bond["up"] else None
    lacp, partner = bond["bond_mode"] == "802.3ad", machine.simulation.get("lacp_partner", PARTNER)
    values = {
        "mode": f"{bond['bond_mode']} {BOND_MODES.index(bond['bond_mode'])}",
        "slaves": " ".join(port["name"] for port in ports),
        "xmit_hash_policy": text(machine, f"{at}/bonding/xmit_hash_policy") or "layer2 0",
        "miimon": text(machine, f"{at}/bonding/miimon") or "100",
        "lacp_rate": "slow 0",
        "active_slave": up[0]["name"] if up and bond["bond_mode"] == "active-backup" else "",
        "ad_partner_mac": (partner or "00:00:00:00:00:00") if lacp else "",
        "ad_num_ports": str(len(up) if partner else min(1, len(up))) if lacp else "",
        "ad_aggregator": "1" if lacp else "",
    }
    for name, value in values.items():
        put_file(machine, f"{at}/bonding/{name}", f"{value}\n")
    put_link(machine, f"{NETS}/{bond['name']}", at)


def _show_port(machine: Machine, port: dict[str, Any], bond: dict[str, Any]) -> str:
    """The directory that shows it."""
    at = f"{resolve(machine, NETS + '/' + port['name'])}/bonding_slave"
    active = text(machine, f"{VIRTUAL}/{bond['name']}/bonding/active_slave")
    alone = not machine.simulation.get("lacp_partner", PARTNER)
    first = ports_of(machine, bond)[0]["name"] == port["name"]
    values = {
        "state": "backup" if active and active != port["name"] else "active",
        "mii_status": "up" if port["carrier"] else "down",
        "ad_aggregator_id": ("1" if first or not alone else "2") if bond["bond_mode"] == "802.3ad" else "N/A",
    }
    for name, value in values.items():
        put_file(machine, f"{at}/{name}", f"{value}\n")
    return at
