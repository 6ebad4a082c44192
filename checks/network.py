"""The network of the VFs: what their port has set for each, and the MTU of the port itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sriov_tui.facts import HostFacts, Link, Pf, VfSetting
from sriov_tui.message import plural, say, verbatim
from sriov_tui.model import Choices, Evidence, Finding, Fix, Level, Step

ORDER = 84
ZERO = "00:00:00:00:00:00"
NAMED = 4  # VFs in a sentence


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """For each chosen card; of what cannot be read nothing is said."""
    macs: Counter[str | None] = Counter(
        vf.mac for link in facts.links or () for vf in link.vfs or () if vf.mac not in (None, ZERO)
    )
    for pf in facts.pfs or ():
        link = facts.link(pf.netdev)
        if link is None or choices.nic(pf.address).use == "leave":
            continue
        if link.vfs is not None:
            yield _mac(pf, link.vfs, macs)
            yield _state(pf, link)
        yield from _mtu(facts, pf, link)


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """The platform sets what a VF has."""
    yield from ()


def _mac(pf: Pf, vfs: tuple[VfSetting, ...], macs: Counter[str | None]) -> Finding:
    held = {vf.index for vf in pf.vfs if vf.holders}
    twice = [vf for vf in vfs if macs[vf.mac] > 1]
    bare = [vf for vf in vfs if vf.mac == ZERO and vf.index in held]
    bad = twice or bare
    if not bad:
        return Finding(
            id="network.mac",
            level=Level.OK,
            subject=pf.address,
            title=plural(
                "Its VF has a MAC address of its own.", "No two of its {count} VFs share a MAC address.", len(vfs)
            ),
        )
    which = ", ".join(verbatim(f"VF {vf.index} {vf.mac}") for vf in bad[:NAMED])
    return Finding(
        id="network.mac",
        level=Level.FAIL if twice else Level.WARN,
        subject=pf.address,
        title=say("VFs share a MAC address: {which}.", which=which)
        if twice
        else say("VFs that virtual machines use have no MAC address: {which}.", which=which),
        evidence=(Evidence(f"ip link show dev {pf.netdev}", which),),
        fix=Fix(
            title=say("Stop the virtual machine and start it again on the platform."),
            manual=say("The host-agent sets the MAC address of a VF when it starts the virtual machine."),
        ),
        topic="twice" if twice else "zero",
    )


def _state(pf: Pf, link: Link) -> Finding:
    off = [vf for vf in link.vfs or () if vf.link_state == "disable"]
    if not off:
        return Finding(
            id="network.vf-link", level=Level.OK, subject=pf.address, title=say("The link of no VF is switched off.")
        )
    which = ", ".join(str(vf.index) for vf in off[:NAMED])
    return Finding(
        id="network.vf-link",
        level=Level.WARN,
        subject=pf.address,
        title=say("The link of these VFs is switched off: {which}.", which=which),
        evidence=(Evidence(f"ip link show dev {pf.netdev}", f"vf {which}: link-state disable"),),
        fix=Fix(
            title=say("Set it to auto, so that it follows the port."),
            manual=verbatim("\n".join(f"ip link set dev {pf.netdev} vf {vf.index} state auto" for vf in off[:NAMED])),
        ),
        topic="disable",
    )


def _mtu(facts: HostFacts, pf: Pf, link: Link) -> Iterator[Finding]:
    above = facts.link(link.master) if link.master else None
    if above is None or not link.mtu or above.mtu <= link.mtu or above.kind not in ("bond", "bridge"):
        return
    yield Finding(
        id="network.mtu",
        level=Level.WARN,
        subject=pf.address,
        title=say(
            "Its MTU is {mtu}, and {above} above it has {more}: larger packets are dropped.",
            mtu=link.mtu,
            above=above.name,
            more=above.mtu,
        ),
        evidence=(Evidence(f"ip link show dev {pf.netdev}", f"mtu {link.mtu}; {above.name}: mtu {above.mtu}"),),
        fix=Fix(
            title=say("Give the port the MTU of {above}.", above=above.name),
            manual=verbatim(f"ip link set dev {pf.netdev} mtu {above.mtu}"),
        ),
        topic="below",
    )
