"""What sets right each thing that keeps flows in software: never a restart that would end the operator's session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from checks import ovs as ovs_check
from checks.troubleshooting.cause import Case, Judge, Judgement
from sriov_tui.message import Message, lines, say, verbatim
from sriov_tui.model import Fix


def fixed_by(judge: Judge, fix: Callable[[Case], Fix]) -> Judge:
    """The judgement with the fix for just this."""

    def judged(case: Case) -> Judgement:
        judgement = judge(case)
        return replace(judgement, fix=fix(case)) if judgement.found else judgement

    return judged


def _restart(case: Case) -> Message:
    """How Open vSwitch is restarted on this host: never over a session that runs through it."""
    if ovs_check.carries_session(case.facts):
        return say("Your session runs through Open vSwitch: restart it only from the console, or with the next reboot.")
    if not case.facts.ovs.unit:
        return ovs_check.CONTAINER
    return say(
        "The traffic of its virtual machines stops for a moment meanwhile: systemctl restart {unit}",
        unit=case.facts.ovs.unit,
    )


def told(case: Case) -> Fix:
    """Open vSwitch is not told to offload, or was not restarted since."""
    if case.facts.ovs.hw_offload:
        return Fix(title=say("Restart Open vSwitch: it reads hw-offload when it starts."), manual=_restart(case))
    tell = verbatim(" ".join(ovs_check.SET))
    return Fix(title=say("Tell Open vSwitch to offload, then restart it."), manual=lines(tell, _restart(case)))


def switched(case: Case) -> Fix:
    """The switch of the card is in legacy mode."""
    return Fix(
        title=say("Put the card into switchdev mode."),
        manual=say("The wizard does it in the order that the card needs, while no virtual machine uses its VFs."),
    )


def given(case: Case) -> Fix:
    """hw-tc-offload is off."""
    return Fix(title=say("Switch hw-tc-offload on."), manual=verbatim("ethtool -K INTERFACE hw-tc-offload on"))


def used(case: Case) -> Fix:
    """tc-policy leaves the card out."""
    command = verbatim("ovs-vsctl remove Open_vSwitch . other_config tc-policy")
    return Fix(
        title=say("Let Open vSwitch use the card again, then restart it."), manual=lines(command, _restart(case))
    )


def started(case: Case) -> Fix:
    """No representor is in a bridge."""
    return Fix(title=say("Start a virtual machine with such a VF: the host-agent then adds its representor."))
