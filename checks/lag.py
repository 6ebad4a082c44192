"""Bonds whose card shall forward them (VF-LAG): of which ports, active now and at every boot, and free of bridges."""

from __future__ import annotations

from collections.abc import Iterator

from checks import eswitch, offload
from checks.bonding import wish
from checks.cards import lag_unit, vf_lag
from checks.cards.eswitch_state import in_place
from sriov_tui.facts import HostFacts, Link, Pf
from sriov_tui.message import say, verbatim
from sriov_tui.model import Choices, Evidence, Finding, Fix, Level, Step

ORDER = 56


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """Per bond above a card that shall offload; of one that is still to be made, what it will be."""
    for bond, pfs in _bonds(facts, choices):
        if why := vf_lag.wrong_ports(facts, bond, pfs):
            yield Finding(
                id="bond.card",
                level=Level.FAIL,
                subject=bond.name,
                title=say("{name} {why}: the card cannot forward it.", name=bond.name, why=why),
                evidence=(Evidence(f"/sys/class/net/{bond.name}/bonding/slaves", " ".join(vf_lag.ports_of(bond))),),
                fix=Fix(
                    title=say("Make it of both ports of one card and nothing else; or use the card for plain SR-IOV.")
                ),
                blocks=True,
            )
            continue
        yield _lag(facts, choices, bond, pfs)
        yield _at_boot(facts, pfs)
    for bond, _ in _bonds(facts, choices):
        yield from _bridges(facts, bond)


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """The unit that waits at boot, for each card that shall forward a bond."""
    for bond, pfs in _bonds(facts, choices):
        if vf_lag.wrong_ports(facts, bond, pfs) or (unit := lag_unit.unit(pfs)).complete(facts):
            continue
        later = any(pf in eswitch.waiting(facts, choices) for pf in pfs)
        yield Step(
            id=f"bond.lag-unit:{pfs[0].card}",
            title=say("Wait at every boot until {name} is one switch in the card", name=bond.name),
            why=say(
                "A VF that is bound before keeps the card from joining its ports (VF-LAG). A systemd "
                "unit waits for it before Kubernetes starts; it needs nothing of sriov-tui."
            ),
            operations=tuple(unit.write(facts)),
            resolves=(f"bond.at-boot {pfs[0].card}", f"bond.lag {bond.name}"),
            disrupts="reboot" if later or _is_late(facts, bond, pfs) else "no",
        )


def _bonds(facts: HostFacts, choices: Choices) -> list[tuple[Link, tuple[Pf, ...]]]:
    """The bonds above ports that shall offload, as they will be, with all of their ports that are PFs."""
    made, found = wish.as_made(facts, choices), {}
    for pf in offload.wanted(facts, choices):
        bond = made.bond_of(pf)
        if bond is not None:
            found[bond] = facts.pfs_of_netdevs(vf_lag.ports_of(bond))
    return list(found.items())


def _is_late(facts: HostFacts, bond: Link, pfs: tuple[Pf, ...]) -> bool:
    """Whether it is there with both ports in switchdev mode and not active: the right order comes at the next boot."""
    there = facts.link(bond.name) == bond
    return there and all(in_place(pf) for pf in pfs) and not all(_active(pf) for pf in pfs)


def _active(pf: Pf) -> bool:
    return pf.lag is None or (pf.lag.state == "active" and pf.lag.type in ("", "switchdev"))


def _lag(facts: HostFacts, choices: Choices, bond: Link, pfs: tuple[Pf, ...]) -> Finding:
    there = facts.link(bond.name) is not None
    level, title, fix = (
        Level.WARN,
        say("{name} is not forwarded by the card yet.", name=bond.name),
        Fix(
            title=say("It is once both ports are in switchdev mode, with no VF bound, and the bond is up."),
            steps=(f"bond.lag-unit:{pfs[0].card}", f"bond.make:{bond.name}"),
        ),
    )
    if there and all(in_place(pf) for pf in pfs):
        if any(pf.lag is None for pf in pfs):
            level, title = Level.INFO, say("Whether the card forwards {name} cannot be read.", name=bond.name)
            fix = Fix(
                title=say("Look for it in the kernel log."), manual=verbatim("dmesg | grep -e 'lag map' -e shared_fdb")
            )
        elif all(_active(pf) for pf in pfs):
            level, title = Level.OK, say("The card forwards {name} (VF-LAG is active).", name=bond.name)
        else:
            level, title = Level.FAIL, say("The card does not forward {name}: VF-LAG is not active.", name=bond.name)
            fix = Fix(
                title=say("Reboot: then VFs, switchdev mode and bond come in the right order."),
                manual=verbatim(f"dmesg | grep -i {pfs[0].address}.*lag tells the driver's reason."),
                steps=(f"bond.lag-unit:{pfs[0].card}",),
            )
    return Finding(
        id="bond.lag",
        level=level,
        subject=bond.name,
        title=title,
        evidence=tuple(Evidence(lag_unit.state_file(pf), pf.lag.state if pf.lag else "not read") for pf in pfs),
        fix=None if level is Level.OK else fix,
    )


def _at_boot(facts: HostFacts, pfs: tuple[Pf, ...]) -> Finding:
    card, unit = pfs[0].card, lag_unit.unit(pfs)
    ready = unit.complete(facts)
    return Finding(
        id="bond.at-boot",
        level=Level.OK if ready else Level.WARN,
        subject=card,
        title=say("At boot no VF is bound before the card forwards the bond.")
        if ready
        else say("At boot a VF may be bound before the card forwards the bond, which then stays in software."),
        evidence=(Evidence(unit.path, unit.state(facts)),),
        fix=None if ready else Fix(title=say("Write a systemd unit that waits."), steps=(f"bond.lag-unit:{card}",)),
    )


def _bridges(facts: HostFacts, bond: Link) -> Iterator[Finding]:
    """A bridge that has a port of the bond itself takes its packets away from the bond."""
    if facts.link(bond.name) is None:
        return
    for port in vf_lag.ports_of(bond):
        if bridge := facts.ovs.bridge_of(port):
            yield Finding(
                id="bond.bridge",
                level=Level.FAIL,
                subject=bond.name,
                title=say(
                    "The bridge {bridge} of Open vSwitch still holds {port}, a port of {name}.",
                    bridge=bridge,
                    port=port,
                    name=bond.name,
                ),
                detail=say("Removing an entry from networks does not take the port out of its bridge."),
                evidence=(Evidence(f"ovs-vsctl list-ports {bridge}", port),),
                fix=Fix(
                    title=say("Take it out of the bridge."), manual=verbatim(f"ovs-vsctl del-port {bridge} {port}")
                ),
                blocks=True,
            )
