"""The bonds above the chosen cards as they run now: links, the active port, and whether the switch speaks LACP."""

from __future__ import annotations

from collections.abc import Iterator

from sriov_tui.facts import Bond, HostFacts, Link
from sriov_tui.message import Message, say
from sriov_tui.model import Choices, Evidence, Finding, Fix, Level, Step

ORDER = 57


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """Each bond once."""
    pfs = [pf for choice in choices.chosen if (pf := facts.pf(choice.address))]
    for link in dict.fromkeys(bond for pf in pfs if (bond := facts.bond_of(pf))):
        assert link.bond is not None
        yield _links(link, link.bond)
        if link.bond.mode == "active-backup":
            yield _active(link, link.bond)
        if link.bond.mode == "802.3ad":
            yield _lacp(link, link.bond)


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """None: cables and switches are not ours."""
    yield from ()


def _links(link: Link, bond: Bond) -> Finding:
    states = {port.name: port.mii for port in bond.port_states}
    down = tuple(name for name, mii in states.items() if mii not in (None, "up"))
    unknown = tuple(name for name in bond.ports if states.get(name) is None)
    evidence = (Evidence(f"/proc/net/bonding/{link.name}", ", ".join(f"{n} {m or '?'}" for n, m in states.items())),)
    if not bond.ports:
        return _bad("links", Level.FAIL, link, say("{bond} has no ports.", bond=link.name), evidence,
                        say("Add its ports."))  # fmt: skip
    if down:
        every = len(down) == len(bond.ports)
        title = (
            say("No port of {bond} has a link.", bond=link.name)
            if every
            else say("{bond} has no link on {ports}.", ports=down, bond=link.name)
        )
        return _bad("links", Level.FAIL if every else Level.WARN, link, title, evidence,
                        say("Check cable, transceiver and switch port."))  # fmt: skip
    if unknown:
        title = say("The links of {ports} in {bond} could not be read.", ports=unknown, bond=link.name)
        return _bad("links", Level.SKIP, link, title, evidence, say("See /proc/net/bonding/{bond}.", bond=link.name))
    return Finding(id="bond.links", level=Level.OK, subject=link.name, evidence=evidence,
                   title=say("Every port of {bond} has a link.", bond=link.name))  # fmt: skip


def _active(link: Link, bond: Bond) -> Finding:
    file = f"/sys/class/net/{link.name}/bonding/active_slave"
    if bond.active_port is None:
        title = say("The active port of {bond} could not be read.", bond=link.name)
        return _bad("active", Level.SKIP, link, title, (Evidence(file, "not read"),), say("See {file}.", file=file))
    if not bond.active_port:
        title = say("{bond} has no active port: it carries nothing.", bond=link.name)
        return _bad("active", Level.FAIL, link, title, (Evidence(file, "empty"),),
                        say("Bring the link of a port up."))  # fmt: skip
    title = say("{port} is the active port of {bond}.", port=bond.active_port, bond=link.name)
    evidence = (Evidence(file, bond.active_port),)
    return Finding(id="bond.active", level=Level.OK, subject=link.name, title=title, evidence=evidence)


def _lacp(link: Link, bond: Bond) -> Finding:
    file = f"/sys/class/net/{link.name}/bonding/ad_partner_mac"
    if bond.lacp is None:
        title = say("Whether the switch of {bond} speaks LACP could not be read.", bond=link.name)
        return _bad("lacp", Level.SKIP, link, title, (Evidence(file, "not read"),),
                        say("Read it as root: cat /proc/net/bonding/{bond}", bond=link.name))  # fmt: skip
    evidence, fix = (Evidence(file, bond.lacp.partner),), say("Configure its ports as one LACP channel on the switch.")
    if not bond.lacp.answered:
        title = say("The switch does not answer LACP on {bond}: only one of its ports is used.", bond=link.name)
        return _bad("lacp", Level.WARN, link, title, evidence, fix)
    active = bond.lacp.aggregator
    apart = tuple(port.name for port in bond.port_states if None not in (active, port.aggregator)
                  and port.aggregator != active)  # fmt: skip
    if apart:
        title = say("{bond} carries nothing on {ports}: not in the active aggregator.", ports=apart,
                    bond=link.name)  # fmt: skip
        return _bad("lacp", Level.WARN, link, title, evidence, fix)
    return Finding(id="bond.lacp", level=Level.OK, subject=link.name, evidence=evidence,
                   title=say("The switch speaks LACP on {bond}.", bond=link.name))  # fmt: skip


def _bad(topic: str, level: Level, link: Link, title: Message, evidence: tuple[Evidence, ...], fix: Message) -> Finding:
    return Finding(
        id=f"bond.{topic}", level=level, subject=link.name, title=title, evidence=evidence, fix=Fix(title=fix)
    )
