"""Whether a step interrupts the SSH session, judged by what it names: for a plan that was made for another session."""

from __future__ import annotations

from sriov_tui.facts import HostFacts, once_for_facts
from sriov_tui.late import regex
from sriov_tui.model.plans import Run, Step, WriteFile, WriteSysfs

_WORD = regex(r"[\w.@:-]+")
_ADDRESS = regex(r"[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]")


def cuts_session(facts: HostFacts, step: Step) -> bool:
    """Whether a step interrupts the session of these facts, or may: one that names no card and no link may."""
    if step.disrupts not in ("ssh", "link") or facts.ssh is None:
        return False
    if step.disrupts == "ssh" or facts.ssh.untraced:
        return True
    found = named(facts, step)
    if any(_is_of_switch(operation) for operation in step.operations):
        return facts.carries_session(*found, *_in_switch(facts))
    return not found or facts.carries_session(*found)


def _is_of_switch(operation: WriteFile | WriteSysfs | Run) -> bool:
    """Whether it acts on Open vSwitch: its service (openvswitch, openvswitch-switch) or its configuration."""
    return isinstance(operation, Run) and any("openvswitch" in word or word == "ovs-vsctl" for word in operation.argv)


@once_for_facts
def _in_switch(facts: HostFacts) -> tuple[str, ...]:
    """The links that go through Open vSwitch; every one of its ports has its datapath as master."""
    links = facts.links or ()
    return tuple(link.name for link in links if link.kind == "openvswitch" or link.master == "ovs-system")


def named(facts: HostFacts, step: Step) -> set[str]:
    """The cards and the links of this host that a step names."""
    text = " ".join((step.id, *step.resolves, *(_text(operation) for operation in step.operations)))
    links = {word for word in _WORD.findall(text) if facts.link(word)}
    return links | {address for address in _ADDRESS.findall(text) if facts.pf(address)}


def _text(operation: WriteFile | WriteSysfs | Run) -> str:
    match operation:
        case WriteFile():
            return operation.path  # its text may name every link of the host
        case WriteSysfs():
            return operation.path
        case Run():
            return " ".join((*operation.argv, *operation.undo))
