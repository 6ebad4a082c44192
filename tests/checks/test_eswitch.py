"""Switchdev mode: judged, done at once or at boot, in the card's own order, and taken back."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import checks
from checks import agent, eswitch, vfs
from checks.cards import offload_unit, vf_rules
from sriov_tui import plan as plans
from sriov_tui.facts import Address, Feature, Holder, HostFacts, SshSession, TextFile, Vf
from sriov_tui.hosts.machine import Machine
from sriov_tui.model import (
    NAMES_RULES_FILE,
    UDEV_RULES_FILE,
    UNITS,
    Choices,
    Level,
    Run,
    SriovError,
    WriteFile,
    WriteSysfs,
)
from sriov_tui.probe import gather
from sriov_tui.run import store
from sriov_tui.run.engine import apply
from sriov_tui.run.operations import write_attribute
from sriov_tui.run.rollback import rollback
from sriov_tui.run.vf_guard import MODE
from sriov_tui.simulated import SimulatedHost
from tests import mellanox_machines as cards
from tests import offload_machines as hosts
from tests.checks.common import found, steps
from tests.mellanox_machines import NET0, NET1, PF0, PF1
from tests.offload_machines import ONE, facts_of, pf_of, want

AT = f"/sys/bus/pci/devices/{PF0}"
NOW = f"eswitch.now:{PF0}"
COMPAT = f"/sys/class/net/{NET0}/compat/devlink"
GOLDEN = Path(__file__).parents[1] / "golden" / "offload"


@pytest.mark.parametrize(("name", "model"), [("connectx-6-dx", "connectx-6-dx"), ("connectx-6-lx", "connectx-6-lx")])
def test_the_unit_word_for_word(name: str, model: str) -> None:
    text = offload_unit.unit(pf_of(facts_of(cards.connectx(model)))).text
    assert text == (GOLDEN / f"{name}.service").read_text()


@pytest.mark.subprocess
@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed here")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    pf = pf_of(facts_of(cards.connectx()))
    path = tmp_path / "offload.service"
    path.write_text(offload_unit.unit(pf).text)
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "offload.service" in line] == []


@pytest.mark.subprocess
def test_a_real_shell_takes_every_line(tmp_path: Path) -> None:
    """On a tree that stands for /sys, with a devlink that fails: the vendor driver's file is written instead."""
    pf = pf_of(facts_of(cards.connectx()))
    tree, tools, said = tmp_path / "root", tmp_path / "bin", tmp_path / "said"
    device, compat = tree / AT[1:], tree / COMPAT[1:]
    for folder in (device / "net" / NET0, device / "net" / "enp3s0f0_0", compat, tools):
        folder.mkdir(parents=True)
    (device / "sriov_totalvfs").write_text("8\n")
    for tool, status in (("devlink", 1), ("ethtool", 0), ("udevadm", 0)):
        (tools / tool).write_text(f'#!/bin/sh\necho "{tool} $*" >> {said}\nexit {status}\n')
        (tools / tool).chmod(0o755)
    for line in offload_unit.unit(pf).text.splitlines():
        if line.startswith("ExecStart="):
            command = line.partition("'")[2][:-1].replace("$$", "$").replace("/sys/", f"{tree}/sys/")
            subprocess.run(["/bin/sh", "-c", command], check=True, env={"PATH": f"{tools}:/usr/bin:/bin"})
    assert [(device / f"sriov_{name}").read_text() for name in ("numvfs", "drivers_autoprobe")] == ["8\n", "1\n"]
    assert (compat / "mode").read_text() == "switchdev\n"
    assert said.read_text().splitlines() == [
        f"devlink dev eswitch set pci/{PF0} mode switchdev",
        "udevadm settle --timeout=60",
        "ethtool -K enp3s0f0_0 hw-tc-offload on",
        f"ethtool -K {NET0} hw-tc-offload on",
    ]


def held(facts: HostFacts) -> HostFacts:
    first, *others = vfs_of(8)
    return hosts.with_pf(
        facts, numvfs=8, vfs=(replace(first, holders=(Holder(pid=7, command="qemu", vm="web"),)), *others)
    )


def vfs_of(count: int) -> tuple[Vf, ...]:
    return tuple(Vf(index=n, address=f"0000:03:01.{n}", driver="", holders=()) for n in range(count))


def carries_ssh(facts: HostFacts) -> HostFacts:
    return replace(facts, ssh=SshSession(client="1", server="2", links=(NET0,), pfs=(PF0,)))


def has_address(facts: HostFacts) -> HostFacts:
    return hosts.with_link(facts, addresses=(Address(ip="10.9.0.1", prefixlen=24),))


def in_bridge(facts: HostFacts) -> HostFacts:
    return hosts.with_link(facts, master="ovs-system")


def mode_unknown(facts: HostFacts) -> HostFacts:
    return hosts.with_pf(facts, eswitch=None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (carries_ssh, "it carries your SSH session"),
        (has_address, "it carries the address 10.9.0.1"),
        (in_bridge, "place in an Open vSwitch bridge"),
        (mode_unknown, "could not be read"),
        (held, "held by the virtual machine web"),
    ],
)
def test_a_port_in_use_waits_for_the_reboot(change: Callable[[HostFacts], HostFacts], words: str) -> None:
    facts = change(facts_of(cards.connectx()))
    made = steps(eswitch, facts, ONE)
    assert set(made) == {"eswitch.at-boot"}
    assert made["eswitch.at-boot"].disrupts == "reboot"
    assert words in made["eswitch.at-boot"].why
    assert f"eswitch.mode {PF0}" in made["eswitch.at-boot"].resolves


@pytest.mark.parametrize("model", ["connectx-5", "connectx-6-dx", "connectx-6-lx"])
def test_an_idle_port_is_done_at_once_in_its_own_order(model: str) -> None:
    made = steps(eswitch, facts_of(cards.connectx(model)), ONE)
    assert made["eswitch.at-boot"].disrupts == "no"
    values = (("drivers_autoprobe", "0"), ("numvfs", "8"), ("drivers_autoprobe", "1"))
    vf_writes = [WriteSysfs(path=f"{AT}/sriov_{name}", value=value) for name, value in values]
    mode = [WriteSysfs(path=f"{COMPAT}/mode", value="switchdev")]
    words = ("ethtool", "-K", NET0, "hw-tc-offload")
    tc = [Run(argv=(*words, "on"), undo=(*words, "off"))]
    first, second = (mode, vf_writes) if model == "connectx-6-lx" else (vf_writes, mode)
    assert list(made[NOW].operations) == [*first, *second, *tc]
    assert (made[NOW].disrupts, made[NOW].after) == ("link", ("names.rules", "driver.vfio"))


def test_a_connectx_4_lx_gets_its_inline_mode_before_switchdev() -> None:
    facts = hosts.with_pf(facts_of(cards.connectx("connectx-5")), device=0x1015)
    paths = [op.path for op in steps(eswitch, facts, ONE)[NOW].operations if isinstance(op, WriteSysfs)]
    assert paths[-2:] == [f"{COMPAT}/inline", f"{COMPAT}/mode"]
    assert found(eswitch, facts, ONE)[f"eswitch.inline {PF0}"].level is Level.WARN
    lines = [line for line in offload_unit.unit(pf_of(facts)).text.splitlines() if "eswitch set" in line]
    assert [("inline" in line, line.startswith("ExecStart=-")) for line in lines] == [(True, True), (False, False)]


def test_vfs_that_are_there_are_made_anew_without_driver() -> None:
    facts = hosts.with_pf(facts_of(cards.connectx()), numvfs=8, vfs=vfs_of(8))
    operations = steps(eswitch, facts, ONE)[NOW].operations
    assert operations[0] == WriteSysfs(path=f"{AT}/sriov_numvfs", value="0")


@pytest.mark.parametrize(
    ("changes", "id", "level", "words"),
    [
        ({"eswitch": None}, "eswitch.mode", Level.SKIP, "cannot be read"),
        ({"representors": None}, "eswitch.representors", Level.SKIP, "cannot be read"),
        ({}, "eswitch.mode", Level.WARN, "legacy mode; switchdev is requested"),
        ({}, "eswitch.steering", Level.INFO, "dmfs"),
        ({}, "eswitch.tc-offload", Level.WARN, "off"),
        ({}, "eswitch.at-boot", Level.WARN, "After a reboot"),
    ],
)
def test_what_is_said(changes: dict[str, object], id: str, level: Level, words: str) -> None:
    finding = found(eswitch, hosts.with_pf(facts_of(cards.connectx()), **changes), ONE)[f"{id} {PF0}"]
    assert (finding.level, words in finding.title) == (level, True), finding.title
    assert finding.fix


def test_what_no_step_can_mend_blocks() -> None:
    facts = facts_of(cards.connectx())
    pf = pf_of(facts)
    assert pf.eswitch is not None
    none = found(eswitch, hosts.with_pf(facts, eswitch=replace(pf.eswitch, mode="")), ONE)[f"eswitch.mode {PF0}"]
    fixed = hosts.with_link(facts, hw_tc_offload=Feature(on=False, fixed=True))
    tc = found(eswitch, fixed, ONE)[f"eswitch.tc-offload {PF0}"]
    assert (none.blocks, tc.blocks, "CONFIG_MLX5_CLS_ACT" in tc.title) == (True, True, True)
    assert not any(isinstance(op, Run) for op in steps(eswitch, fixed, ONE)[NOW].operations)


def test_a_vf_without_representor_is_found() -> None:
    facts = hosts.in_place(facts_of(cards.connectx()))
    facts = hosts.with_pf(facts, numvfs=2, totalvfs=2, vfs=vfs_of(2), representors=())
    finding = found(eswitch, facts, ONE)[f"eswitch.representors {PF0}"]
    assert (finding.level, finding.title) == (Level.FAIL, "2 of its VFs have no representor: 0, 1.")


@pytest.mark.parametrize("machine", [cards.infiniband(), cards.dpu(), cards.connectx(vendor=False)])
def test_a_card_that_cannot_offload_gets_no_unit(machine: Machine) -> None:
    facts = facts_of(machine)
    assert not found(eswitch, facts, ONE)
    assert not steps(eswitch, facts, ONE)


def test_the_udev_rule_of_a_card_that_offloads_goes() -> None:
    text = vf_rules.HEADER + "".join(f"{vf_rules.rule(address)}\n" for address in (PF0, PF1))
    facts = facts_of(cards.connectx())
    file = TextFile(path=UDEV_RULES_FILE, state="present", text=text, sha256="s")
    facts = replace(facts, files=tuple(file if f.path == UDEV_RULES_FILE else f for f in facts.files))
    write = steps(vfs, facts, ONE)["vfs.at-boot"].operations[0]
    assert isinstance(write, WriteFile)
    assert (write.text, write.expect) == (vf_rules.HEADER + vf_rules.rule(PF1) + "\n", "s")
    gone = steps(vfs, facts, want())["vfs.at-boot"].operations[0]
    assert isinstance(gone, WriteFile)
    assert gone.text is None


def walk(machine: Machine, choices: Choices, tmp_path: Path) -> tuple[SimulatedHost, Path, HostFacts]:
    """Apply, reboot where it is asked for, and prove that every promise was kept."""
    host = SimulatedHost.create(machine, tmp_path / "machine")
    first = gather(host)
    findings, made = checks.evaluate(first, choices)
    assert [finding.key for finding in findings if finding.blocks] == []
    plan = plans.build(first, choices, made)
    run = store.create(plan, "simulated:.", tmp_path / "state")
    outcome = apply(run, host, lambda: gather(host))
    if plan.reboot_after is not None:
        assert outcome == "reboot"
        host.reboot()
        outcome = apply(run, host, lambda: gather(host))
    assert outcome == "applied"
    after = gather(host)
    assert plans.unresolved(plan, checks.evaluate(after, choices)[0]) == ()
    return host, run, after


@pytest.mark.parametrize(
    ("model", "numvfs"), [("connectx-5", None), ("connectx-6-dx", None), ("connectx-6-dx", 16), ("connectx-6-lx", 16)]
)
def test_from_the_wish_to_the_devices_and_back(model: str, numvfs: int | None, tmp_path: Path) -> None:
    host, run, after = walk(cards.connectx(model), want(numvfs), tmp_path)
    count = numvfs or 8
    devices = agent.forecast(after).offload.devices
    assert len(devices) == 2 * count
    names = {f"{stem}_{n}" for stem in ("enp3s0f0", "enp3s0f1") for n in range(count)}
    assert {device.representor for device in devices} == names
    features = [link.hw_tc_offload for link in after.links or () if link.name in {NET0, NET1, *names}]
    assert features == [Feature(on=True)] * (2 * count + 2)
    assert [vf.driver for address in (PF0, PF1) for vf in pf_of(after, address).vfs] == [""] * (2 * count)
    assert (after.ovs.hw_offload, after.ovs.flow_api) == (True, True)
    host.reboot()
    again = gather(host)
    assert len(agent.forecast(again).offload.devices) == 2 * count
    assert not [f.key for f in checks.evaluate(again, want(numvfs))[0] if f.id.startswith("eswitch.") and f.level > 25]
    assert rollback(run, host) == "rolled-back"
    host.reboot()
    back = gather(host)
    for pf in (pf_of(back), pf_of(back, PF1)):
        assert (pf.totalvfs, pf.numvfs, pf.eswitch and pf.eswitch.mode) == (8, 0, "legacy")
    assert (back.ovs.hw_offload, back.ovs.flow_api) == (False, False)
    assert not [file for file in back.files if file.path.startswith((NAMES_RULES_FILE, UNITS)) and file.text]


def test_a_card_that_shall_not_offload_any_more_loses_its_unit(tmp_path: Path) -> None:
    host, _, after = walk(cards.connectx(), ONE, tmp_path)
    plain = want(addresses=(PF0,), use="sriov")
    assert found(eswitch, after, plain)[f"eswitch.at-boot {PF0}"].level is Level.WARN
    for step in steps(eswitch, after, plain).values():
        for operation in step.operations:
            if isinstance(operation, Run):
                assert host.run(operation.argv, 10.0, print) == 0
            elif isinstance(operation, WriteFile):
                host.remove(operation.path)
    host.reboot()
    assert not found(eswitch, gather(host), plain)
    back = pf_of(gather(host)).eswitch
    assert back is not None
    assert back.mode == "legacy"


def test_a_failed_unit_leaves_the_other_port_alone_and_says_so(tmp_path: Path) -> None:
    host, _, _ = walk(cards.connectx(), want(16), tmp_path)
    host.change(lambda machine: machine.simulation["cards"]["0000:03:00"].update(model="connectx-6-lx"))
    host.reboot()
    after = gather(host)
    assert [pf_of(after, address).eswitch for address in (PF0, PF1)]
    assert f"sriov-tui-offload-{PF0}.service: Failed with result 'exit-code'." in host.query(("dmesg",)).out
    assert found(eswitch, after, want(16))[f"eswitch.mode {PF0}"].level is Level.WARN
    assert pf_of(after).autoprobe


def test_the_mode_is_not_changed_below_a_virtual_machine(tmp_path: Path) -> None:
    host, _, after = walk(cards.connectx(), ONE, tmp_path)
    vf = pf_of(after).vfs[0]
    host.write_attribute(f"/sys/bus/pci/devices/{vf.address}/driver_override", "vfio-pci", 10.0)
    host.write_attribute("/sys/bus/pci/drivers/vfio-pci/bind", vf.address, 10.0)
    holders = host.machine.holders
    assert holders is not None
    host.change(lambda machine: holders.append((f"/dev/vfio/{vf.iommu_group}", 1, "qemu -name web")))
    with pytest.raises(SriovError, match=f"VFs of {PF0} are in use: {vf.address}"):
        write_attribute(host, f"/sys/class/net/{NET0}{MODE}", "legacy", 10.0)
