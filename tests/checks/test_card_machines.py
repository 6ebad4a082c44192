"""Recorded machines with cards that cannot do what they seem to, and what is right to say of each."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import checks
from checks.host_agent.requested import asked_for
from sriov_tui.cards import obstacle
from sriov_tui.facts import HostFacts
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.model import Choices, Finding, Level, NicChoice, Run, Step, WriteFile
from sriov_tui.probe import gather
from sriov_tui.reports.card import draw

FOLDER = Path(__file__).parents[1] / "data" / "card-machines"


@cache
def judged(name: str) -> tuple[HostFacts, Choices, dict[str, Finding], tuple[Step, ...]]:
    facts = gather(RecordedHost(FOLDER / name))
    choices = asked_for(facts)
    findings, steps = checks.evaluate(facts, choices)
    return facts, choices, {finding.key: finding for finding in findings}, tuple(steps)


def test_a_count_that_cannot_be_read_is_neither_absent_nor_there() -> None:
    _, _, findings, steps = judged("eio-total")
    for key in ("hardware.pf 0000:1a:00.1", "vfs.count 0000:1a:00.1", "agent.sriov 0000:1a:00.1"):
        assert findings[key].level is Level.SKIP, key
        assert findings[key].fix is not None
    assert findings["hardware.pf 0000:1a:00.1"].evidence[0].text == "Input/output error"
    assert findings["agent.forecast host"].level is Level.SKIP
    words = " ".join(f"{one.text}" for finding in findings.values() for one in finding.evidence
                     if "0000:1a:00.1/sriov" in one.source)  # fmt: skip
    assert "absent" not in words
    assert not any(step.id.startswith("vfs.") for step in steps)


def test_where_no_card_can_be_chosen_the_wizard_is_no_advice() -> None:
    _, _, findings, _ = judged("f17-r740-c7")
    fix = findings["iommu.active host"].fix
    assert fix is not None
    assert "wizard" not in fix.title + fix.manual
    assert "grub2-mkconfig" in fix.manual
    assert "Broadcom BCM574xx" in findings["hardware.pf 0000:19:00.0"].title


def test_a_port_of_dpdk_cannot_be_chosen_and_is_not_said_to_be_a_virtual_machines() -> None:
    facts, _, findings, _ = judged("f24-dpdk")
    pf = facts.pf("0000:08:00.0")
    assert pf is not None
    found = obstacle(facts, pf)
    assert found is not None
    assert found.kind == "vfio"
    assert "vfio-pci (a virtual machine or DPDK)" in findings["hardware.pf 0000:08:00.0"].title
    chosen = Choices(nics=(NicChoice(address=pf.address, use="sriov"),))
    again, steps = checks.evaluate(facts, chosen)
    assert next(one for one in again if one.key == f"vfs.count {pf.address}").level is Level.FAIL
    assert "given to a virtual machine" not in " ".join(one.title for one in again)
    assert not any(pf.address in step.id for step in steps)


def test_a_hidden_capability_is_not_told_as_none() -> None:
    facts, *_ = judged("f24-dpdk")
    lines = [line.text for line in draw(facts, "0000:01:00.0")]
    assert any("hides it" in line for line in lines)
    assert not any("has no SR-IOV" in line for line in lines)


def test_a_udev_rule_is_no_help_to_a_driver_that_needs_the_link() -> None:
    _, _, findings, steps = judged("min-bnxt-rule")
    finding = findings["vfs.at-boot 0000:3b:00.1"]
    assert finding.level is Level.WARN
    assert "while the link is down" in finding.title
    step = next(step for step in steps if step.id == "vfs.at-boot")
    rules, unit = [one for one in step.operations if isinstance(one, WriteFile)]
    assert "0000:3b:00.1" not in (rules.text or "")
    assert unit.path == "/etc/systemd/system/sriov-tui-vfs-0000:3b:00.1.service"
    lines = (unit.text or "").splitlines()
    commands = [line for line in lines if line.startswith("ExecStart=")]
    assert "up" in commands[0]
    assert "sriov_numvfs" in commands[1]
    now = next(step for step in steps if step.id == "vfs.numvfs:0000:3b:00.1")
    assert now.operations[0] == Run(
        argv=("ip", "link", "set", "dev", "em2", "up"), undo=("ip", "link", "set", "dev", "em2", "down")
    )
    assert findings["agent.forecast host"].level is Level.WARN
    assert "drift.vfs 0000:3b:00.1" not in findings


def test_without_vfs_by_sysfs_it_fails_before_the_plan() -> None:
    _, _, findings, steps = judged("min-cx3")
    finding = findings["vfs.count 0000:01:00.0"]
    assert finding.level is Level.FAIL
    assert finding.blocks
    assert "mlx4_core" in finding.title
    assert findings["agent.forecast host"].level is Level.FAIL
    assert not any(step.id.startswith("vfs.") for step in steps)


def test_infiniband_is_named_with_what_to_do() -> None:
    _, _, findings, _ = judged("min-ib")
    finding = findings["hardware.pf 0000:15:00.0"]
    assert finding.level is Level.WARN
    assert "InfiniBand" in finding.title
    assert finding.fix is not None
    assert "LINK_TYPE_P1" in finding.fix.manual
    assert findings["hardware.chosen host"].blocks


def test_what_was_not_seen_is_not_there() -> None:
    _, _, findings, _ = judged("min-rtl")
    assert findings["hardware.present host"].level is Level.SKIP
    assert findings["hardware.pf 0000:03:00.0"].level is Level.SKIP
    assert not any("can do SR-IOV is there" in finding.title for finding in findings.values())
    fix = findings["iommu.active host"].fix
    assert fix is not None
    assert "wizard" not in fix.title


def test_two_interfaces_of_one_function_are_two_ports() -> None:
    facts, *_ = judged("min-cx3")
    pf = facts.pf("0000:01:00.0")
    assert pf is not None
    both = replace(facts, pfs=(replace(pf, netdevs=("ens2", "ens2d1")),))
    lines = [line.text for line in draw(both, pf.address)]
    assert "2 ports" in lines[0]
    assert any("ens2, ens2d1" in line for line in lines)
    assert sum("link " in line for line in lines) == 2


def test_a_driver_in_an_error_state_is_foreseen_and_drawn() -> None:
    facts, choices, *_ = judged("min-cx3")
    pf = facts.pf("0000:01:00.0")
    assert pf is not None
    line = f"ice {pf.address}: The DDP package file was not found or could not be read. Entering Safe Mode"
    ice = replace(facts, kernel=replace(facts.kernel, log=(line,)),
                  pfs=(replace(pf, driver="ice", vendor=0x8086, device=0x1592),))  # fmt: skip
    findings = {finding.key: finding for finding in checks.evaluate(ice, choices)[0]}
    assert findings["vfs.count 0000:01:00.0"].level is findings["agent.forecast host"].level is Level.FAIL
    assert "safe mode" in findings["vfs.count 0000:01:00.0"].title
    assert findings["hardware.pf 0000:01:00.0"].evidence[0].text == line
    assert any("safe mode" in one.text for one in draw(ice, pf.address))
