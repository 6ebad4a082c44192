"""The truth table of the IOMMU's layers and their order: seven words, and what proves none of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from checks import iommu
from checks.boot import menu as boot_menu
from checks.platform.iommu_verdict import Word, rebooted_in_vain, verdict
from sriov_tui import plan
from sriov_tui.facts import Boot, BootEntry, Cpu, HostFacts, Iommu, Kernel
from sriov_tui.model import Level
from sriov_tui.probe import gather
from sriov_tui.run import engine, store
from sriov_tui.services.machine import facts_of
from sriov_tui.simulated import SimulatedHost
from tests import boot_machines
from tests.checks.common import WANT, found
from tests.samples import igb_host

PLAIN, DEFAULT_ON = ("CONFIG_INTEL_IOMMU=y",), ("CONFIG_INTEL_IOMMU=y", "CONFIG_INTEL_IOMMU_DEFAULT_ON=y")
AMD, ARM = "AuthenticAMD", "HiSilicon"
BROKEN = "DMAR: [Firmware Bug]: Your BIOS is broken; DMAR reported at address fed90000 returns all ones!"


def host(
    cmdline: str,
    tables: tuple[str, ...] | None = ("DMAR",),
    *,
    config: tuple[str, ...] | None = PLAIN,
    log: tuple[str, ...] | None = (),
    pending: str | None = None,
    cpu: str = "GenuineIntel",
    smmus: int | None = None,
) -> HostFacts:
    """A host whose IOMMU is not in force."""
    entry = BootEntry(title="Linux", kernel="/vmlinuz-6.12.1", arguments=cmdline if pending is None else pending)
    return replace(
        igb_host(),
        cpu=Cpu(vendor=cpu, virtualization=True),
        iommu=Iommu(tables=tables, smmus=smmus, units=(), groups=0),
        kernel=Kernel(release="6.12.1", cmdline=cmdline, config=config, log=log),
        boot=Boot(loader="grub2", config="/boot/grub2/grub.cfg", entries=(entry,), default_title="Linux"),
    )


@pytest.mark.parametrize(
    ("facts", "word", "reason"),
    [
        (igb_host(), "active", ""),
        (igb_host(iommu=Iommu(tables=(), units=("dmar0",), groups=3)), "active", ""),
        (host("intel_iommu=on", ()), "off in firmware", "firmware"),
        (host("intel_iommu=on", (), log=("DMAR: IOMMU enabled",)), "off in firmware", "firmware"),
        (host("intel_iommu=off", ()), "off in firmware", "firmware"),
        (host("intel_iommu=off"), "off by argument", "intel_iommu=off"),
        (host("intel_iommu=on intel_iommu=off"), "off by argument", "intel_iommu=off"),
        (host("intel_iommu=on iommu=off"), "off by argument", "iommu=off"),
        (host("noiommu", config=DEFAULT_ON), "off by argument", "noiommu"),
        (host("amd_iommu=off", ("IVRS",), cpu=AMD, config=None), "off by argument", "amd_iommu=off"),
        (host("quiet"), "not requested", "nothing asked"),
        (host("iommu=pt"), "not requested", "nothing asked"),
        (host("quiet", config=None), "not requested", "nothing asked"),
        (host("xintel_iommu=on"), "not requested", "nothing asked"),
        (host("quiet", config=("CONFIG_AMD_IOMMU=y",)), "not built", "built without CONFIG_INTEL_IOMMU"),
        (host("quiet", ("IVRS",), cpu=AMD), "not built", "built without CONFIG_AMD_IOMMU"),
        (host("intel_iommu=on", log=(BROKEN,)), "initialisation failed", BROKEN),
        (host("quiet", config=DEFAULT_ON, log=("DMAR: Parse DMAR table failure.",)), "initialisation failed", "Parse"),
        (host("quiet", ("IVRS",), cpu=AMD, config=None, log=("AMD-Vi: IVRS table error: ...",)),
         "initialisation failed", "IVRS table error"),
        (host("quiet", pending="quiet intel_iommu=on"), "pending reboot", "wait for the reboot"),
        (host("intel_iommu=off", pending="intel_iommu=on"), "pending reboot", "wait for the reboot"),
        (host("iommu=off intel_iommu=on", pending="intel_iommu=on"), "pending reboot", "wait for the reboot"),
        (host("quiet", pending="intel_iommu=on iommu=off"), "not requested", "nothing asked"),
        (host("intel_iommu=on,sm_on"), "unknown", "the log does not say"),
        (host("quiet", config=DEFAULT_ON), "unknown", "the log does not say"),
        (host("intel_iommu=on", log=None), "unknown", "log cannot be read"),
        (host("quiet", ("IORT",), cpu=ARM, config=None, smmus=1), "unknown", "the log does not say"),
        (host("iommu=off", ("IORT",), cpu=ARM, config=None, smmus=1), "unknown", "the log does not say"),
        (host("quiet", ("IORT",), cpu=ARM, config=("CONFIG_ARM_SMMU=y",), smmus=1), "unknown", "the log does not say"),
        (host("quiet", ("IORT",), cpu=ARM, smmus=1), "not built", "built without CONFIG_ARM_SMMU_V3"),
        (host("quiet", ("IORT",), cpu=ARM), "unknown", "lists an SMMU cannot be read"),
        (host("quiet", ("IORT",), cpu=ARM, smmus=0), "off in firmware", "lists no SMMU"),
        (host("amd_iommu=off"), "not requested", "nothing asked"),
        (host("intel_iommu=off", ("IVRS",), cpu=AMD, config=None), "unknown", "the log does not say"),
        (host("quiet", ("IVRS",), cpu=AMD, config=None, pending="intel_iommu=on"), "unknown", "the log does not say"),
        (host("iommu=pt,off intel_iommu=on"), "off by argument", "iommu=pt,off"),
        (host("intel_iommu=sm_on,off"), "off by argument", "intel_iommu=sm_on,off"),
        (replace(host("quiet"), kernel=Kernel(release="6.12.1", config=PLAIN, log=())), "unknown", "cannot be read"),
        (host("intel_iommu=on", None), "unknown", "cannot be seen"),
        (igb_host(iommu=Iommu()), "unknown", "cannot be read"),
    ],
)  # fmt: skip
def test_the_verdict(facts: HostFacts, word: Word, reason: str) -> None:
    told = verdict(facts)
    assert told.word == word
    assert reason in told.reason
    assert bool(told.tells) == (word == "unknown")
    if word != "active":
        finding = found(iommu, facts)["iommu.active host"]
        assert finding.level in (Level.FAIL, Level.SKIP)
        assert finding.fix is not None
        if facts.iommu.active is False:
            assert told.reason in finding.title
            assert f"Verdict: {word}" in finding.detail


@pytest.mark.parametrize(
    "log",
    [
        ("DMAR: IOMMU enabled",),
        ("ACPI: DMAR 0x000000007FFE2A5C 000050", "DMAR: IOMMU disabled", "DMAR: Host address width 39"),
        ("DMAR-IR: Enabled IRQ remapping in x2apic mode", "iommu: Default domain type: Translated"),
    ],
)
def test_lines_of_the_log_that_prove_nothing(log: tuple[str, ...]) -> None:
    assert verdict(host("intel_iommu=off", log=log)).word == "off by argument"
    assert verdict(host("quiet", log=log)).word == "not requested"


@pytest.mark.parametrize(
    ("log", "offered", "level"),
    [
        (("DMAR-IR: Enabled IRQ remapping in x2apic mode",), None, Level.OK),
        (("AMD-Vi: Interrupt remapping enabled",), None, Level.OK),
        (("DMAR-IR: Not enabling interrupt remapping",), True, Level.WARN),
        (("AMD-Vi: Disabling interrupt remapping",), None, Level.WARN),
        ((), True, Level.OK),
        ((), False, Level.WARN),
        ((), None, None),
    ],
)
def test_interrupt_remapping(log: tuple[str, ...], offered: bool | None, level: Level | None) -> None:
    facts = igb_host()
    facts = replace(facts, iommu=replace(facts.iommu, interrupt_remapping=offered))
    told = found(iommu, replace(facts, kernel=replace(facts.kernel, log=log))).get("iommu.interrupt-remapping host")
    assert (told.level if told else None) == level


def test_lockdown_and_secure_boot_are_told() -> None:
    facts = replace(igb_host(), kernel=replace(igb_host().kernel, lockdown="integrity", secure_boot=True))
    assert "Secure Boot is on" in found(iommu, facts)["iommu.lockdown host"].title
    assert "iommu.lockdown host" not in found(iommu, igb_host())


def test_the_menu_is_compared_entry_by_entry() -> None:
    entries = (
        BootEntry(title="a", kernel="/vmlinuz-6.12.1", arguments="ro intel_iommu=on iommu=pt isolcpus=2"),
        BootEntry(title="b", kernel="/vmlinuz-6.1", arguments="ro intel_iommu=on"),
        BootEntry(title="rescue", kernel="/vmlinuz-0-rescue-1", arguments="ro"),
    )
    facts = replace(host("ro isolcpus=2"), boot=Boot(loader="grub2", entries=entries, default_title="a"))
    findings = {finding.id: finding for finding in boot_menu.findings(facts, ("intel_iommu=on", "iommu=pt"))}
    assert findings["iommu.boot-entries"].level is Level.WARN
    assert findings["iommu.boot-entries"].detail == "b: without iommu=pt"
    assert findings["iommu.default-kernel"].level is Level.OK
    assert findings["iommu.arguments-kept"].level is Level.OK


def test_a_default_that_moved_and_an_argument_that_is_lost() -> None:
    entries = (BootEntry(title="new", kernel="/vmlinuz-6.13.0", arguments="ro"),)
    facts = replace(host("ro quiet"), boot=Boot(loader="grub2", entries=entries, default_title="new"))
    (_, moved) = boot_menu.findings(facts, ())
    assert (moved.id, moved.level) == ("iommu.default-kernel", Level.WARN)
    lost = host("BOOT_IMAGE=/x root=/dev/sda1 ro rd.lvm.lv=a/b", pending="root=/dev/sda1 ro")
    assert "rd.lvm.lv=a/b" in found(iommu, lost)["iommu.arguments-kept host"].title


def test_a_reboot_that_brought_nothing_is_not_proposed_again(tmp_path: Path) -> None:
    spec, machine = f"simulated:{tmp_path}", boot_machines.named("centos7-bios")
    host = SimulatedHost.create(machine, tmp_path)
    facts = facts_of(spec)
    made = plan.build(facts, WANT, iommu.steps(facts, WANT))
    run = store.create(made, spec, tmp_path / "state")
    assert engine.apply(run, host) == "reboot"
    assert verdict(facts_of(spec)).word == "pending reboot"
    cmdline = host.read("/proc/cmdline")
    menu = host.read("/boot/grub2/grub.cfg")
    host.change(
        lambda machine: machine.files.__setitem__("/boot/grub2/grub.cfg", menu.replace(b" intel_iommu=on", b""))
    )
    host.reboot()  # it boots another menu than the one that was written
    host.change(lambda machine: machine.files.__setitem__("/boot/grub2/grub.cfg", menu))
    assert b"intel_iommu" not in host.read("/proc/cmdline")
    assert host.read("/proc/cmdline") != cmdline  # iommu=pt did come: only what lacks is in question
    facts = facts_of(spec)
    assert facts.rebooted_for == ("iommu.arguments",)
    assert rebooted_in_vain(facts) == ("intel_iommu=on",)
    assert not list(iommu.steps(facts, WANT))
    findings = found(iommu, facts)
    assert "intel_iommu=on is still missing after the reboot" in findings["iommu.arguments host"].title
    assert "none is proposed" in findings["iommu.arguments host"].detail
    fixes = [finding.fix for finding in findings.values() if finding.fix]
    assert not any(fix.title.startswith("Reboot") or fix.steps for fix in fixes)


def test_a_module_parameter_that_no_reboot_brought() -> None:
    facts = replace(host("quiet", pending="quiet igb.max_vfs=7 isolcpus=2"), rebooted_for=("iommu.arguments",))
    assert rebooted_in_vain(facts) == ("igb.max_vfs=7",)
    assert rebooted_in_vain(replace(facts, rebooted_for=())) == ()
    assert rebooted_in_vain(replace(facts, rebooted_for=("driver.vfio-boot",))) == ()


def test_after_a_reboot_that_helped_nothing_is_left(tmp_path: Path) -> None:
    spec = f"simulated:{tmp_path}"
    host = SimulatedHost.create(boot_machines.named("almalinux9-uefi"), tmp_path)
    facts = gather(host)
    run = store.create(plan.build(facts, WANT, iommu.steps(facts, WANT)), spec, tmp_path / "state")
    assert engine.apply(run, host) == "reboot"
    host.reboot()
    facts = facts_of(spec)
    assert facts.rebooted_for == ("iommu.arguments",)
    assert rebooted_in_vain(facts) == ()
    assert verdict(facts).word == "active"
    assert found(iommu, facts)["iommu.arguments host"].level is Level.OK
