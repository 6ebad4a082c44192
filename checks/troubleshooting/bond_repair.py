"""A bond whose mode no card can forward, given one that every switch takes: active-backup."""

from __future__ import annotations

from collections.abc import Iterator

from checks.cards import in_use, vf_lag
from checks.troubleshooting.cause import Case
from sriov_tui.facts import HostFacts, Link
from sriov_tui.message import say
from sriov_tui.model import Run, Step

MODE = "active-backup"


def steps(case: Case) -> tuple[Step, ...]:
    """For the first such bond of these cards; () where something lives on it, which a person has to move first."""
    facts = case.facts
    ports = (facts.link(name) for pf in case.pfs for name in pf.netdevs or ())
    names = {port.master for port in ports if port is not None}
    for bond in facts.links or ():
        if bond.name in names and bond.bond is not None and vf_lag.wrong_mode(bond) and _free(facts, bond):
            return (_step(bond, bond.bond.mode, bond.bond.ports),)
    return ()


def _free(facts: HostFacts, bond: Link) -> bool:
    """Only host.conf may name it."""
    return not facts.carries_session(bond.name) and all(
        use.endswith(" of host.conf") for use in in_use.on_link(facts, bond.name)
    )


def _step(bond: Link, mode: str, ports: tuple[str, ...]) -> Step:
    return Step(
        id=f"bond.mode:{bond.name}",
        title=say("Change {name} from mode {mode} to {mode2}", name=bond.name, mode=mode, mode2=MODE),
        why=say(
            "Cards forward {bond_modes} only, and {mode} needs nothing of the switch. Nothing but "
            "host.conf uses {name} now. Change its mode in the system's network configuration, too: "
            "at the next boot it is read from there.",
            bond_modes=", ".join(vf_lag.MODES),
            mode=MODE,
            name=bond.name,
        ),
        operations=tuple(_operations(bond, mode, ports)),
        disrupts="link",
    )


def _operations(bond: Link, mode: str, ports: tuple[str, ...]) -> Iterator[Run]:
    """The kernel changes the mode of a bond only while it is down and has no ports (bond_options.c, BOND_OPT_MODE)."""
    at = ("ip", "link", "set")
    if bond.up:
        yield Run(argv=(*at, bond.name, "down"), undo=(*at, bond.name, "up"))
    for port in ports:
        yield Run(argv=(*at, port, "nomaster"), undo=(*at, port, "master", bond.name))
    words = (*at, bond.name, "type", "bond", "mode")
    yield Run(argv=(*words, MODE), undo=(*words, mode))
    for port in ports:
        yield Run(argv=(*at, port, "master", bond.name), undo=(*at, port, "nomaster"))
    if bond.up:
        yield Run(argv=(*at, bond.name, "up"), undo=(*at, bond.name, "down"))
