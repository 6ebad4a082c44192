"""Open vSwitch above cards that offload: told, restarted at the right moment, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import ovs
from sriov_tui.facts import HostFacts, OvsBridge, SshSession
from sriov_tui.model import Level, Run
from tests import mellanox_machines as cards
from tests import offload_machines as hosts
from tests.checks.common import found, steps
from tests.mellanox_machines import PF0, PF1
from tests.offload_machines import facts_of, want

STARTED = ("ovs-vswitchd (Open vSwitch) 3.1.0",)
ENABLED = (*STARTED, "netdev: Flow API Enabled")
UNIT = "openvswitch-switch.service"


def host(**changes: object) -> HostFacts:
    return hosts.with_ovs(facts_of(cards.connectx()), **changes)


@pytest.mark.parametrize(
    ("changes", "id", "level", "words"),
    [
        ({"installed": False}, "hw-offload", Level.FAIL, "not installed"),
        ({"installed": None}, "hw-offload", Level.SKIP, "cannot be seen"),
        ({"hw_offload": None}, "hw-offload", Level.SKIP, "does not answer"),
        ({"hw_offload": False}, "hw-offload", Level.WARN, "not set"),
        ({"hw_offload": True, "log": ENABLED}, "hw-offload", Level.OK, "is set"),
        ({"hw_offload": True, "log": ENABLED}, "restarted", Level.OK, "says that it offloads"),
        ({"hw_offload": True, "log": (*STARTED, "Flow HW offload is enabled")}, "restarted", Level.OK, "offloads"),
        ({"hw_offload": True, "log": STARTED}, "restarted", Level.WARN, "has not started since"),
        ({"hw_offload": True, "log": None}, "restarted", Level.INFO, "cannot be seen"),
        ({"tc_policy": "skip_hw"}, "tc-policy", Level.FAIL, "no flow is given to a card"),
        ({"tc_policy": "skip_sw"}, "tc-policy", Level.WARN, "while security groups are on"),
    ],
)
def test_what_is_said(changes: dict[str, object], id: str, level: Level, words: str) -> None:
    finding = found(ovs, host(**changes), want())[f"ovs.{id} host"]
    assert (finding.level, words in finding.title) == (level, True), finding.title
    assert finding.fix or level is Level.OK


def test_nothing_where_no_card_offloads() -> None:
    assert not found(ovs, host(), want(use="sriov"))
    assert not steps(ovs, host(), want(use="sriov"))


def test_it_is_told_and_restarted_at_once_and_the_way_back_ends_in_a_restart() -> None:
    (step,) = steps(ovs, host(), want()).values()
    pairs = [(op.argv, op.undo) for op in step.operations if isinstance(op, Run)]
    active, restart = ("systemctl", "is-active", UNIT), ("systemctl", "restart", UNIT)
    assert pairs == [(active, restart), (ovs.SET, ovs.UNSET), (restart, active)]
    assert (step.id, step.disrupts, step.confirm) == ("ovs.restart", "link", 0.0)
    assert step.after == (f"eswitch.now:{PF0}", f"eswitch.now:{PF1}")
    assert "stops for a moment" in step.why


def test_told_already_but_not_restarted() -> None:
    (step,) = steps(ovs, host(hw_offload=True, log=STARTED), want()).values()
    assert ovs.SET not in [op.argv for op in step.operations if isinstance(op, Run)]
    assert not steps(ovs, host(hw_offload=True, log=ENABLED), want())
    assert not steps(ovs, host(hw_offload=True, log=None), want())


def test_at_a_reboot_it_starts_anew_by_itself() -> None:
    (step,) = steps(ovs, host(), want(16)).values()
    assert (step.id, step.operations) == ("ovs.hw-offload", (Run(argv=ovs.SET, undo=ovs.UNSET),))
    assert step.resolves == ("ovs.hw-offload host", "ovs.restarted host")


@pytest.mark.parametrize("unit", ["", None])
def test_in_a_container_the_operator_restarts_it(unit: str | None) -> None:
    (step,) = steps(ovs, host(unit=unit), want()).values()
    assert (step.id, step.resolves) == ("ovs.hw-offload", ("ovs.hw-offload host",))
    fix = found(ovs, host(unit=unit, hw_offload=True, log=STARTED), want())["ovs.restarted host"].fix
    assert fix is not None
    assert "kubectl -n onecloud delete pod" in fix.manual
    assert not fix.steps


@pytest.mark.parametrize(
    ("bridges", "cuts"), [((OvsBridge(name="br0", ports=("mgmt0",)),), True), ((), False), (None, True)]
)
def test_ssh_through_a_bridge_has_to_be_confirmed(bridges: tuple[OvsBridge, ...] | None, cuts: bool) -> None:
    session = SshSession(client="1", server="2", links=("mgmt0",), pfs=("0000:00:03.0",))
    (step,) = steps(ovs, replace(host(bridges=bridges), ssh=session), want()).values()
    assert (step.disrupts, step.confirm) == (("ssh", 90.0) if cuts else ("link", 0.0))
    assert ("your SSH session" in step.why) is cuts


def without(**changes: object) -> HostFacts:
    """A ConnectX-5, which cannot follow connections, on a host whose security groups are on."""
    return hosts.with_ovs(facts_of(cards.connectx("connectx-5")), **changes)


@pytest.mark.parametrize(
    ("version", "level"),
    [("2.12.4", Level.WARN), ("2.13.0", Level.OK), ("3.1.0", Level.OK), (None, Level.SKIP), ("odd", Level.SKIP)],
)
def test_an_open_vswitch_older_than_security_groups_need(version: str | None, level: Level) -> None:
    finding = found(ovs, host(version=version), want())["ovs.connections host"]
    assert finding.level is level
    assert "ovs.connections host" not in found(ovs, without(version=version), want())


def test_skip_sw_is_allowed_where_no_card_follows_connections() -> None:
    assert found(ovs, without(tc_policy="skip_sw"), want())["ovs.tc-policy host"].level is Level.INFO
