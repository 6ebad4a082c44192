"""The simulated VF-LAG: the kernel decides again when a bond, mode or VF count changes (mlx5/core/lag/lag.c)."""

from __future__ import annotations

from typing import Any

from sriov_tui.hosts.machine import Machine, put_file, remove
from sriov_tui.simulated.links import ports_of
from sriov_tui.simulated.log import log
from sriov_tui.simulated.mellanox.eswitch import bound, is_switchdev, uplink, vfs
from sriov_tui.simulated.mellanox.firmware import cards, ports

DEBUG = "/sys/kernel/debug/mlx5"
MODES = ("active-backup", "balance-xor", "802.3ad")
MAX_VFS = 64


def follow(machine: Machine) -> None:
    """Decide for every card of which something changed; a VF that is bound later changes nothing."""
    seen: dict[str, Any] = machine.simulation.setdefault("lag", {})
    for card in cards(machine):
        pfs = ports(machine, card)
        if len(pfs) < 2:
            continue
        now = [_of_port(machine, pf) for pf in pfs]
        before = seen.get(card, {})
        if before.get("ports") != now:
            seen[card] = {"ports": now, "type": _decide(machine, pfs, before.get("type", ""))}
        _show(machine, pfs, seen[card]["type"])


def _of_port(machine: Machine, pf: str) -> list[Any]:
    """What the decision depends on, as plain values."""
    bond = _bond(machine, pf)
    members = sorted(row["name"] for row in ports_of(machine, bond)) if bond else []
    return [bond["bond_mode"] if bond else "", members, is_switchdev(machine, pf), len(vfs(machine, pf))]


def _bond(machine: Machine, pf: str) -> dict[str, Any] | None:
    link = uplink(machine, pf)
    rows = machine.netlink.get("links", ())
    return next((row for row in rows if link and row["kind"] == "bond" and row["index"] == link["master"]), None)


def _decide(machine: Machine, pfs: list[str], before: str) -> str:
    """The type of the LAG, "" where there is none."""
    wanted, reasons = _wanted(machine, pfs)
    if any(bound(machine, pf) for pf in pfs) and "switchdev" in (wanted, before) and wanted != before:
        words = "Failed to activate VF LAG" if wanted else "Failed to deactivate VF LAG; driver restart required"
        reasons = [words, "Make sure all VFs are unbound prior to VF LAG activation or deactivation"]
        wanted = before
    for reason in reasons:
        log(machine, f"mlx5_core {pfs[0]}: lag: {reason}")
    if wanted and wanted != before:
        log(machine, f"mlx5_core {pfs[0]}: lag map: port 1:1 port 2:2")
        log(machine, f"mlx5_core {pfs[0]}: lag: shared_fdb:{int(wanted == 'switchdev')} mode:queue_affinity")
    return wanted


def _wanted(machine: Machine, pfs: list[str]) -> tuple[str, list[str]]:
    bonds = [_bond(machine, pf) for pf in pfs]
    bond = bonds[0]
    if bond is None or any(other is not bond for other in bonds) or len(ports_of(machine, bond)) != len(pfs):
        return "", []
    if bond["bond_mode"] not in MODES:
        return "", ["Can't activate LAG offload, TX type isn't supported"]
    if any(len(vfs(machine, pf)) > MAX_VFS for pf in pfs):
        return "", ["Can't activate LAG offload, PF is configured with more than 64 VFs"]
    switchdev = {is_switchdev(machine, pf) for pf in pfs}
    if switchdev == {True}:
        return "switchdev", []
    return ("roce", []) if switchdev == {False} and not any(vfs(machine, pf) for pf in pfs) else ("", [])


def _show(machine: Machine, pfs: list[str], kind: str) -> None:
    for pf in pfs:
        at = f"{DEBUG}/{pf}/lag"
        put_file(machine, f"{at}/state", "active\n" if kind else "disabled\n")
        for name, value in (("type", kind), ("members", "\n".join(pfs))):
            if kind:
                put_file(machine, f"{at}/{name}", f"{value}\n")
            else:
                remove(machine, f"{at}/{name}")
