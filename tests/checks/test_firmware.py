"""The VF count in the firmware of a ConnectX: judged, set for the next boot, refused with a reason, taken back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import checks
from checks import firmware, vfs
from sriov_tui import plan as plans
from sriov_tui.facts import HostFacts, NvSetting
from sriov_tui.hosts.machine import Machine
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.model import Choices, Level, NicChoice, Run
from sriov_tui.probe import gather
from sriov_tui.run import store
from sriov_tui.run.engine import apply
from sriov_tui.run.rollback import rollback
from sriov_tui.simulated import SimulatedHost
from tests import mellanox_machines as cards
from tests.checks.common import found, steps
from tests.mellanox_machines import PF0, PF1, READY

KEY, CARD = f"firmware.vfs {PF0}", "0000:03:00"


def facts_of(machine: Machine) -> HostFacts:
    return gather(RecordedHost(machine))


def want(numvfs: int | None = None, *addresses: str) -> Choices:
    nics = [NicChoice(address=a, use="sriov", numvfs=numvfs, bridge=f"br{n}", wire="w")
            for n, a in enumerate(addresses or (PF0,), 1)]  # fmt: skip
    return Choices(nics=tuple(nics))


@pytest.mark.parametrize(
    ("machine", "numvfs", "level", "words"),
    [
        (cards.connectx(), None, Level.OK, "offers 8 VFs on each port"),
        (cards.connectx(), 8, Level.OK, "offers 8 VFs on each port"),
        (cards.connectx(), 64, Level.WARN, "offers 8 VFs on each port; 64 are requested"),
        (cards.factory_new(), 64, Level.WARN, "offers 0 VFs on each port; 64 are requested"),
        (cards.factory_new(), None, Level.FAIL, "offers no VFs"),
        (cards.connectx(), 128, Level.FAIL, "offers 1 to 127"),
        (cards.connectx(), 0, Level.FAIL, "offers 1 to 127"),
        (cards.dpu(), 16, Level.FAIL, "DPU mode"),
        (cards.locked(), 16, Level.FAIL, "locked down (integrity)"),
        (cards.connectx(tool=""), 16, Level.FAIL, "Neither mstconfig nor mlxconfig"),
        (cards.connectx(tool=""), None, Level.INFO, "not known"),
    ],
)
def test_what_is_said_and_what_is_done(machine: Machine, numvfs: int | None, level: Level, words: str) -> None:
    facts = facts_of(machine)
    finding = found(firmware, facts, want(numvfs))[KEY]
    assert (finding.level, words in finding.title) == (level, True), finding.title
    assert finding.blocks is (level is Level.FAIL)
    assert bool(steps(firmware, facts, want(numvfs))) is (level is Level.WARN)
    assert finding.fix or level is Level.OK


def test_the_step_is_one_command_by_address_with_its_way_back() -> None:
    step = steps(firmware, facts_of(cards.connectx()), want(64, PF0, PF1))[f"firmware.vfs:{CARD}"]
    (run,) = step.operations
    assert isinstance(run, Run)
    assert run.argv == ("mstconfig", "-y", "-d", PF0, "set", "SRIOV_EN=1", "NUM_OF_VFS=64")
    assert run.undo == ("mstconfig", "-y", "-d", PF0, "set", "SRIOV_EN=1", "NUM_OF_VFS=8")
    assert step.disrupts == "reboot"


def test_ports_with_numbers_of_their_own_are_set_one_by_one() -> None:
    own = READY | {"PF_NUM_OF_VF_VALID": "True(1)", "PF_NUM_OF_VF": "4"}
    facts = facts_of(cards.connectx(settings=own))
    assert found(firmware, facts, want())[KEY].title == "The firmware offers 4 VFs on each port."
    operations = steps(firmware, facts, want(16))[f"firmware.vfs:{CARD}"].operations
    assert [op.argv[3] for op in operations if isinstance(op, Run)] == [PF0, PF1]
    assert all(isinstance(op, Run) and op.argv[-1] == "PF_NUM_OF_VF=16" for op in operations)


def test_one_card_has_one_number() -> None:
    choices = want(64, PF0).with_nic(NicChoice(address=PF1, use="sriov", numvfs=32, bridge="br2", wire="w"))
    finding = found(firmware, facts_of(cards.connectx()), choices)[KEY]
    assert finding.blocks
    assert "64 and 32 VFs are requested on ports of one card" in finding.title
    assert not steps(firmware, facts_of(cards.connectx()), choices)


def test_pending_and_in_vain() -> None:
    facts = facts_of(cards.connectx())
    pf = facts.pf(PF0)
    assert pf is not None
    assert pf.nvconfig is not None

    def with_count(current: str, following: str) -> HostFacts:
        settings = tuple(
            NvSetting(name=s.name, default=s.default, current=current, next=following) if s.name == "NUM_OF_VFS" else s
            for s in pf.nvconfig or ()
        )
        return replace(
            facts, pfs=tuple(replace(p, nvconfig=settings) if p.card == CARD else p for p in facts.pfs or ())
        )

    pending = with_count("8", "16")
    assert "wait for the reboot" in found(firmware, pending, want(16))[KEY].title
    assert not steps(firmware, pending, want(16))
    assert f"vfs.numvfs:{PF0}" not in steps(vfs, pending, want(16))
    vain = found(firmware, with_count("16", "16"), want(16))[KEY]
    assert vain.level is Level.FAIL
    assert "the card was not reset" in vain.title


@pytest.mark.parametrize(("wish", "level"), [(16, Level.INFO), (96, Level.WARN)])
def test_the_price(wish: int, level: Level) -> None:
    finding = found(firmware, facts_of(cards.connectx()), want(wish))[f"firmware.cost {PF0}"]
    assert finding.level is level
    assert f"{wish} MiB of address space" in finding.detail
    assert f"{wish * 11} interrupt vectors" in finding.detail
    assert f"firmware.cost {PF0}" not in found(firmware, facts_of(cards.connectx()), want(8))


@pytest.mark.parametrize("name", ["factory_new", "connectx"])
def test_from_the_wish_over_the_reboot_to_the_vfs_and_back(name: str, tmp_path: Path) -> None:
    host = SimulatedHost.create(getattr(cards, name)(), tmp_path / "machine")
    first, choices = gather(host), want(64, PF0, PF1)
    findings, made = checks.evaluate(first, choices)
    assert [finding.id for finding in findings if finding.blocks] == []
    run = store.create(plans.build(first, choices, made), "simulated:.", tmp_path / "state")
    assert apply(run, host, lambda: gather(host)) == "reboot"
    written = gather(host)
    assert (
        found(firmware, written, choices)[KEY].title
        == "64 VFs on each port are set in the firmware and wait for the reboot."
    )
    host.reboot()
    assert apply(run, host, lambda: gather(host)) == "applied"
    after = gather(host)
    assert [(pf.totalvfs, pf.numvfs, len(pf.vfs)) for pf in after.pfs or () if pf.mellanox] == [(64, 64, 64)] * 2
    assert plans.unresolved(store.read_plan(run), checks.evaluate(after, choices)[0]) == ()
    assert rollback(run, host) == "rolled-back"
    host.reboot()
    back = gather(host)
    assert [(pf.totalvfs, pf.numvfs) for pf in back.pfs or () if pf.mellanox] == [
        (pf.totalvfs, pf.numvfs) for pf in first.pfs or () if pf.mellanox
    ]
