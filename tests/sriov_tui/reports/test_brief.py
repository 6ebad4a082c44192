"""A plan at a glance: what it interrupts and what cannot be undone is said first, and never too little."""

from __future__ import annotations

from dataclasses import replace

from sriov_tui.facts import SshSession
from sriov_tui.message import verbatim
from sriov_tui.model import Choices, NicChoice, Plan, Run, Step
from sriov_tui.reports.brief import brief, warnings
from tests.samples import FIRST, SECOND, igb_host
from tests.screens.fakes import plan

PLAIN = Choices().with_nic(NicChoice(address=FIRST, use="sriov"))
OFFLOAD = Choices().with_nic(NicChoice(address=FIRST, use="offload"))


def over(*ports: str) -> SshSession:
    """A session over these ports."""
    return SshSession(client="10.0.0.1", server="10.0.0.2", links=("enp1s0",), pfs=ports)


def test_it_counts_steps_and_reboots_and_names_the_link_that_drops() -> None:
    facts = igb_host(ssh=over(SECOND))
    told = brief(plan(PLAIN), facts)
    assert told == "3 steps, 1 reboot, SSH session safe, the link of enp1s0 drops, all can be undone"
    assert list(warnings(plan(PLAIN), facts)) == ["VFs bypass Open vSwitch: security groups have no effect on them."]


def test_a_cut_session_comes_first() -> None:
    facts = igb_host(ssh=over(FIRST))
    assert "your SSH session may be cut" in brief(plan(PLAIN), facts)
    assert next(warnings(plan(PLAIN), facts)) == "Step 2 may cut your SSH session: Make 7 VFs on enp1s0"


def test_what_cannot_be_undone_is_counted_and_named() -> None:
    final = Run(argv=("mlxconfig",), no_way_back=verbatim("The firmware is written."))
    made = Plan(steps=(Step(id="x", title=verbatim("X"), why=verbatim("y"), operations=(final,), confirm=90.0),))
    facts = igb_host(ssh=None)
    assert brief(made, facts) == "1 step, no reboot, no link drops, 1 step cannot be undone"
    assert list(warnings(made, facts)) == [
        "Step 1 cannot be undone: The firmware is written.",
        "Step 1 is rolled back automatically unless you confirm it within 90 s.",
    ]


def test_a_step_that_names_no_port_may_drop_any_link_and_offload_bypasses_nothing() -> None:
    made = replace(plan(OFFLOAD), steps=(replace(plan(OFFLOAD).steps[2], disrupts="link"),), reboot_after=None)
    facts = igb_host(ssh=over(SECOND))
    assert "links drop" in brief(made, facts)
    assert not any("bypass" in text for text in warnings(made, facts))
