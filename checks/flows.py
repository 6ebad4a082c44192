"""The proof of offload: flows that the card forwards under real traffic, and where there are none, why.

An empty table proves nothing: without traffic there are no flows.
"""

from __future__ import annotations

from collections.abc import Iterator

from checks import offload
from checks.cards import connectx
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.hostconf import reading_of
from sriov_tui.message import NOTHING, say, verbatim
from sriov_tui.model import Choices, Evidence, Finding, Fix, Level, Step

ORDER = 54
REJECTED = (
    say("the card did not take their rules."),
    Fix(
        title=say("See which rules it refuses, and why."),
        manual=say(
            "tc -s filter show dev REPRESENTOR ingress shows in_hw or not_in_hw; dmesg | grep mlx5_core the reason."
        ),
    ),
)
COMMAND = verbatim("ovs-appctl dpctl/dump-flows type=offloaded")


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """One for the host, once anything that shall offload is in switchdev mode."""
    pfs = [pf for pf in offload.wanted(facts, choices) if pf.eswitch and pf.eswitch.mode == "switchdev"]
    if pfs:
        yield _flows(facts, pfs)


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """None: the reasons name the checks whose steps help."""
    yield from ()


def _flows(facts: HostFacts, pfs: list[Pf]) -> Finding:
    ovs = facts.ovs
    evidence = tuple(Evidence(COMMAND, line) for line in ovs.offloaded_sample[:2]) or (
        Evidence(COMMAND, "not counted" if ovs.offloaded is None else f"{ovs.offloaded} of {ovs.flows} flows"),
    )
    if ovs.offloaded:
        title = say(
            "The card forwards {offloaded} of {flows} flows by itself.", offloaded=ovs.offloaded, flows=ovs.flows
        )
        return Finding(id="offload.flows", level=Level.OK, title=title, evidence=evidence)
    found = why_none(facts, pfs)
    if not ovs.flows:
        title = (
            say("No traffic yet: no flows is no failure.")
            if ovs.flows == 0
            else say("Whether flows are offloaded is open.")
        )
        return Finding(
            id="offload.flows",
            level=Level.INFO,
            title=title,
            detail=say("With traffic there would be none either: {found}", found=found[0]) if found else NOTHING,
            evidence=evidence,
            fix=Fix(title=say("Look again while a virtual machine with such a VF sends traffic."), verify=COMMAND),
        )
    reason, fix = found or REJECTED
    return Finding(
        id="offload.flows",
        level=Level.WARN,
        title=say("{flows} flows, and the card forwards none of them: {reason}", flows=ovs.flows, reason=reason),
        evidence=evidence,
        fix=fix,
    )


def why_none(facts: HostFacts, pfs: list[Pf]) -> tuple[str, Fix] | None:
    """The first reason for which nothing is offloaded, in order of need (vswitch.xml); None if all is set up."""
    ovs, reading = facts.ovs, reading_of(facts)
    links = [(pf, facts.link(pf.netdev)) for pf in pfs]
    representors = [rep.netdev for pf in pfs for rep in pf.representors or ()]
    old = [pf for pf in pfs if connectx.without_connections(pf)]
    grouped = bool(old) and not (reading and reading.options.disable_security_group)
    fixed = [pf for pf, link in links if link and link.hw_tc_offload and link.hw_tc_offload.fixed]
    off = [pf for pf, link in links if link and link.hw_tc_offload and not link.hw_tc_offload.on]
    causes = (
        (ovs.hw_offload is not True, say("hw-offload is not set."), say("Fix ovs.hw-offload.")),
        (
            ovs.flow_api is False,
            say("Open vSwitch has not started since hw-offload was set."),
            say("Fix ovs.restarted."),
        ),
        (bool(fixed and off), say("its driver takes no rules of tc."), say("Fix eswitch.tc-offload.")),
        (bool(off), say("hw-tc-offload is off."), say("Fix eswitch.tc-offload.")),
        (
            not any(map(ovs.bridge_of, representors)),
            say("no representor is in a bridge."),
            say("Start a virtual machine with such a VF: the host-agent then puts its representor into the bridge."),
        ),
        (
            grouped,
            say("security groups follow connections, which this card does not offload."),
            say("Fix offload.security-group."),
        ),
        (ovs.tc_policy == "skip_hw", "tc-policy is skip_hw.", say("Fix ovs.tc-policy.")),
    )
    return next(((reason, Fix(title=fix)) for holds, reason, fix in causes if holds), None)
