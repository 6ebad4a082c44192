"""Open vSwitch above cards that shall offload: is it told to, has it started since, and may it use the hardware."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from checks import eswitch, offload
from checks.cards import connectx, in_use
from checks.written import one_by_one
from sriov_tui.facts import HostFacts, OpenVswitch
from sriov_tui.hostconf import reading_of
from sriov_tui.message import NOTHING, say, verbatim
from sriov_tui.model import CONFIRM, Choices, Evidence, Finding, Fix, Level, Run, Step

ORDER = 53
CONNECTIONS_SINCE = (2, 13)
SET = ("ovs-vsctl", "set", "Open_vSwitch", ".", "other_config:hw-offload=true")
UNSET = ("ovs-vsctl", "remove", "Open_vSwitch", ".", "other_config", "hw-offload")
CONTAINER = say(
    "Open vSwitch runs in a container here: kubectl -n onecloud get pods --field-selector "
    "spec.nodeName=NODE shows its ovs-vswitchd pod, kubectl -n onecloud delete pod NAME restarts it. "
    "The virtual machines' traffic stops meanwhile."
)


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """hw-offload, the start since it was set, and tc-policy; nothing where no card shall offload."""
    if not offload.wanted(facts, choices):
        return
    ovs = facts.ovs
    yield _hw_offload(ovs, _step(facts, choices))
    if ovs.hw_offload:
        yield _restarted(ovs, _step(facts, choices))
    tracks = _tracks_connections(facts, choices)
    if tracks and ovs.installed:
        yield _connections(ovs)
    if ovs.tc_policy not in (None, "none"):
        yield _tc_policy(ovs, tracks)


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """Tell it to offload; it starts anew at the reboot where there is one, else at once."""
    ovs, name = facts.ovs, _step(facts, choices)
    if not offload.wanted(facts, choices) or not ovs.installed or ovs.hw_offload is None:
        return
    if name == "ovs.restart":
        if not ovs.hw_offload or ovs.flow_api is False:
            yield _restart(facts, choices)
    elif not ovs.hw_offload:
        later = say(" It takes effect when Open vSwitch starts at the reboot.") if _reboots(facts, choices) else NOTHING
        yield Step(
            id="ovs.hw-offload",
            title=say("Let Open vSwitch offload flows (hw-offload)"),
            why=say("Without it no flow is given to a card.{later}", later=later),
            operations=(Run(argv=SET, undo=UNSET),),
            resolves=("ovs.hw-offload host", *(("ovs.restarted host",) if later else ())),
        )


@one_by_one
def expected(facts: HostFacts, choices: Choices, step: Step, after: HostFacts) -> HostFacts:
    """Told to offload, and started again where the step does that; the flows are counted then."""
    told = replace(after, ovs=replace(after.ovs, hw_offload=True, flows=None, offloaded=None))
    return booted(told) if step.id == "ovs.restart" else told


def booted(facts: HostFacts) -> HostFacts:
    """Started again: what its log and its flows say shows only then."""
    if not facts.ovs.installed:
        return facts
    return replace(facts, ovs=replace(facts.ovs, log=None, flows=None, offloaded=None, offloaded_sample=()))


def _step(facts: HostFacts, choices: Choices) -> str:
    """The step that makes it offload: at once only where no reboot comes, and a unit of systemd can be restarted."""
    now = not _reboots(facts, choices) and facts.ovs.unit and facts.ovs.running
    return "ovs.restart" if now else "ovs.hw-offload"


def _reboots(facts: HostFacts, choices: Choices) -> bool:
    return bool(eswitch.waiting(facts, choices))


def _restart(facts: HostFacts, choices: Choices) -> Step:
    """The first operation changes nothing; its way back is the restart that follows when hw-offload is unset again."""
    unit, cuts = f"{facts.ovs.unit}.service", carries_session(facts)
    active, restart = ("systemctl", "is-active", unit), ("systemctl", "restart", unit)
    told = () if facts.ovs.hw_offload else (Run(argv=SET, undo=UNSET),)
    return Step(
        id="ovs.restart",
        title=say("Let Open vSwitch offload flows, and restart it"),
        why=say(
            "It takes hw-offload when it starts. While it restarts, the traffic of every virtual "
            "machine on its bridges stops for a moment, and so does your SSH session."
        )
        if cuts
        else say(
            "It takes hw-offload when it starts. While it restarts, the traffic of every virtual "
            "machine on its bridges stops for a moment."
        ),
        operations=(Run(argv=active, undo=restart), *told, Run(argv=restart, undo=active)),
        resolves=("ovs.hw-offload host", "ovs.restarted host"),
        disrupts="ssh" if cuts else "link",
        after=tuple(f"eswitch.now:{pf.address}" for pf in offload.wanted(facts, choices)),
        confirm=CONFIRM if cuts else 0.0,
    )


def carries_session(facts: HostFacts) -> bool:
    """Whether the SSH session goes through a bridge of Open vSwitch; where its bridges are not known, it may."""
    ports = (
        link.name for link in facts.links or () if link.master == in_use.OVS_DATAPATH or facts.ovs.bridge_of(link.name)
    )
    return facts.carries_session(*ports) or (facts.ssh is not None and facts.ovs.bridges is None)


def _hw_offload(ovs: OpenVswitch, step: str) -> Finding:
    command = "ovs-vsctl get Open_vSwitch . other_config:hw-offload"
    if not ovs.installed:
        absent = ovs.installed is False
        return Finding(
            id="ovs.hw-offload",
            level=Level.FAIL if absent else Level.SKIP,
            title=say("Open vSwitch is not installed.")
            if absent
            else say("Whether Open vSwitch is installed cannot be seen."),
            evidence=(Evidence("ovs-vsctl", "not found"),) if absent else (),
            fix=Fix(title=say("Make this host a host of the platform first: that installs Open vSwitch.")),
            blocks=absent,
        )
    if ovs.hw_offload is None:
        return Finding(
            id="ovs.hw-offload",
            level=Level.SKIP,
            title=say("Open vSwitch does not answer."),
            fix=Fix(title=say("Start it."), manual=say("{command} shows whether it answers.", command=command)),
        )
    if ovs.hw_offload:
        return Finding(
            id="ovs.hw-offload",
            level=Level.OK,
            title=say("Open vSwitch is set to offload flows."),
            evidence=(Evidence(command, "true"),),
        )
    return Finding(
        id="ovs.hw-offload",
        level=Level.WARN,
        title=say("Open vSwitch is not set to offload flows (hw-offload)."),
        evidence=(Evidence(command, "false"),),
        fix=Fix(
            title=say("Set hw-offload, then restart it."), manual=NOTHING if ovs.unit else CONTAINER, steps=(step,)
        ),
    )


def _restarted(ovs: OpenVswitch, step: str) -> Finding:
    """By the log of the daemon that runs: each start says whether flows are offloaded."""
    said = next((line for line in ovs.log or () if "flow api" in line.lower() or "hw offload is" in line.lower()), "")
    evidence = (Evidence("/var/log/openvswitch/ovs-vswitchd.log", said or "no word of the flow API"),)
    if ovs.flow_api:
        return Finding(
            id="ovs.restarted",
            level=Level.OK,
            evidence=evidence,
            title=say("Open vSwitch has started since, and says that it offloads."),
        )
    if ovs.flow_api is None:
        return Finding(
            id="ovs.restarted",
            level=Level.INFO,
            title=say("Whether Open vSwitch has started since hw-offload was set cannot be seen: its log is not here."),
            fix=Fix(title=say("Restart it if it has not."), manual=NOTHING if ovs.unit else CONTAINER),
        )
    restart = Fix(
        title=say("Restart it: the virtual machines' traffic stops for a moment."),
        manual=NOTHING if ovs.unit else CONTAINER,
        steps=(step,) if step == "ovs.restart" else (),
    )
    return Finding(
        id="ovs.restarted",
        level=Level.WARN,
        title=say("Open vSwitch has not started since hw-offload was set, and so does not offload yet."),
        evidence=evidence,
        fix=restart,
    )


def _tracks_connections(facts: HostFacts, choices: Choices) -> bool:
    """Whether security groups are on and a card could offload them: their flows follow connections."""
    reading = reading_of(facts)
    cards = [pf for pf in offload.wanted(facts, choices) if pf.mellanox and pf.device is not None]
    able = any(not connectx.without_connections(pf) for pf in cards)
    return able and reading is not None and not reading.options.disable_security_group


def _connections(ovs: OpenVswitch) -> Finding:
    """Open vSwitch gives flows with ct to tc since 2.13 (lib/netdev-offload-tc.c)."""
    found = re.match(r"(\d+)\.(\d+)", ovs.version or "")
    old = found is not None and (int(found[1]), int(found[2])) < CONNECTIONS_SINCE
    evidence = (Evidence("ovs-vsctl get Open_vSwitch . ovs_version", ovs.version or "not read"),)
    if found is None:
        return Finding(
            id="ovs.connections",
            level=Level.SKIP,
            title=say("The version of Open vSwitch could not be read: security groups are offloaded from 2.13 on."),
            evidence=evidence,
            fix=Fix(title=say("See `ovs-vsctl --version`.")),
        )
    if not old:
        title = say("Open vSwitch can offload flows that follow connections (security groups).")
        return Finding(id="ovs.connections", level=Level.OK, title=title, evidence=evidence)
    return Finding(
        id="ovs.connections",
        level=Level.WARN,
        title=say("Open vSwitch {version} cannot offload security groups, which needs 2.13: their flows stay in "
                  "software.", version=ovs.version or ""),
        evidence=evidence,
        fix=Fix(title=say("Use Open vSwitch 2.13 or later, or switch security groups off for this host "
                          "(`disable_security_group: true` in /etc/yunion/host_local.conf).")),
    )  # fmt: skip


def _tc_policy(ovs: OpenVswitch, tracks: bool) -> Finding:
    hardware = ovs.tc_policy != "skip_hw"
    if tracks and ovs.tc_policy == "skip_sw":
        return Finding(
            id="ovs.tc-policy",
            level=Level.WARN,
            title=say("tc-policy is skip_sw while security groups are on: tc tracks the first packets of a connection "
                      "in software, which skip_sw forbids."),
            evidence=(Evidence("ovs-vsctl get Open_vSwitch . other_config:tc-policy", "skip_sw"),),
            fix=Fix(
                title=say("Remove the setting, then restart Open vSwitch."),
                manual=verbatim("ovs-vsctl remove Open_vSwitch . other_config tc-policy"),
            ),
        )  # fmt: skip
    return Finding(
        id="ovs.tc-policy",
        level=Level.INFO if hardware else Level.FAIL,
        title=say(
            "tc-policy is {tc_policy}: what the card does not take is not forwarded by tc.", tc_policy=ovs.tc_policy
        )
        if hardware
        else say("tc-policy is {tc_policy}: no flow is given to a card.", tc_policy=ovs.tc_policy),
        evidence=(Evidence("ovs-vsctl get Open_vSwitch . other_config:tc-policy", ovs.tc_policy or ""),),
        fix=Fix(
            title=say("Remove the setting, then restart Open vSwitch."),
            manual=verbatim("ovs-vsctl remove Open_vSwitch . other_config tc-policy"),
        ),
    )
