"""Which of the chosen cards can offload Open vSwitch, and what a bond above them means. Setting it up comes later."""

from __future__ import annotations

from collections.abc import Iterator

from sriov_tui.facts import ARPHRD_INFINIBAND, HostFacts, Link, Pf
from sriov_tui.model import Choices, Evidence, Finding, Fix, Level, Step

ORDER = 50
NO_ESWITCH = {"igb": "82576 and I350", "ixgbe": "82599, X540 and X550", "i40e": "X710 and XL710"}
BOND_MODES = ("active-backup", "balance-xor", "802.3ad")


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """Per chosen PF: is offload possible, and is its bond whole."""
    for choice in choices.chosen:
        pf = facts.pf(choice.address)
        if pf is None:
            continue
        yield _offload(facts, pf, choice.use == "offload")
        bond = facts.bond_of(pf)
        if bond is not None:
            yield from _bond(facts, choices, pf, bond)


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """None yet: switchdev, hw-offload and bonds are set up by a later version."""
    yield from ()


def why_not(facts: HostFacts, pf: Pf) -> str:
    """Why Open vSwitch cannot be offloaded to this PF; "" where nothing speaks against it."""
    link = facts.link(pf.netdev)
    if link and link.arphrd == ARPHRD_INFINIBAND:
        return "InfiniBand ports cannot be in a bridge."
    if pf.driver in NO_ESWITCH:
        return f"Intel {NO_ESWITCH[pf.driver]} have no switch of their own (no eswitch)."
    if pf.driver != "mlx5_core":
        return f"The host-agent offloads only to ConnectX cards (mlx5_core); this one has {pf.driver or 'no driver'}."
    if not pf.compat_devlink:
        return "The host-agent needs compat/devlink/mode, which only the vendor driver (MLNX_OFED, DOCA-OFED) has."
    return ""


def _offload(facts: HostFacts, pf: Pf, wanted: bool) -> Finding:
    reason = why_not(facts, pf)
    path = f"/sys/class/net/{pf.netdev or '?'}/compat/devlink/mode"
    evidence = (Evidence(path, "there" if pf.compat_devlink else "absent"),)
    if wanted and reason:
        return Finding(
            id="offload.possible",
            level=Level.FAIL,
            subject=pf.address,
            title=f"Offload is not possible on this card. {reason}",
            evidence=evidence,
            fix=Fix(title="Use the card for plain SR-IOV."),
            blocks=True,
        )
    title = f"Plain SR-IOV only. {reason}" if reason else "Offload is possible on this card."
    level = Level.INFO if reason else Level.OK
    return Finding(id="offload.possible", level=level, subject=pf.address, title=title, evidence=evidence)


def _bond(facts: HostFacts, choices: Choices, pf: Pf, bond: Link) -> Iterator[Finding]:
    assert bond.bond is not None
    left_out = [name for name in bond.bond.ports if choices.nic(_address(facts, name)).use == "leave"]
    evidence = (Evidence(f"/sys/class/net/{bond.name}/bonding", f"{bond.bond.mode}: {' '.join(bond.bond.ports)}"),)
    if left_out:
        yield Finding(
            id="bond.ports",
            level=Level.FAIL,
            subject=pf.address,
            title=f"It is a port of {bond.name}; the host-agent takes all ports of a bond, also {', '.join(left_out)}.",
            evidence=evidence,
            fix=Fix(title=f"Choose every port of {bond.name}, or none."),
            blocks=True,
        )
    else:
        yield Finding(id="bond.ports", level=Level.OK, subject=pf.address,
                      title=f"Every port of {bond.name} is chosen.", evidence=evidence)  # fmt: skip
    if choices.nic(pf.address).use == "offload" and bond.bond.mode not in BOND_MODES:
        yield Finding(
            id="bond.mode",
            level=Level.FAIL,
            subject=pf.address,
            title=f"{bond.name} is in mode {bond.bond.mode or '?'}; offload works in {', '.join(BOND_MODES)} only.",
            evidence=evidence,
            fix=Fix(title="Change the bond's mode to 1, 2 or 4."),
            blocks=True,
        )


def _address(facts: HostFacts, netdev: str) -> str:
    return next((pf.address for pf in facts.pfs or () if netdev in (pf.netdevs or ())), "")
