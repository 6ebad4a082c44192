"""The IOMMU of whole machines: by the firmware's table and not by the processor, and no reboot that cannot help."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from checks import iommu
from checks.boot import menu
from checks.platform.iommu_arguments import standard
from checks.unseen import look_again
from sriov_tui.facts import HostFacts, Iommu, ProbeProblem, Source
from sriov_tui.hosts.machine import Machine, put_dir, put_file, put_link, remove
from sriov_tui.hosts.machine_file import load
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.model import Choices, Finding, Level, NicChoice
from sriov_tui.probe import gather
from sriov_tui.services.evaluation import evaluate
from tests import boot_machines, machines
from tests.builder import RELEASE
from tests.sriov_tui.probe.test_iort import ITS, ROOT_COMPLEX, SMMU_V3, table

DATA = Path(__file__).parents[1] / "data"
TABLES = "/sys/firmware/acpi/tables"
KUNPENG = "processor\t: 0\nBogoMIPS\t: 200.00\nFeatures\t: fp asimd\nCPU implementer\t: 0x48\nCPU part\t: 0xd01\n"
POWER9 = "processor\t: 0\ncpu\t\t: POWER9, altivec supported\nclock\t\t: 3800.0MHz\n\nplatform\t: PowerNV\n"
ZHAOXIN = "processor\t: 0\nvendor_id\t:   Shanghai  \nflags\t\t: fpu vmx\n"
HYGON = "processor\t: 0\nvendor_id\t: HygonGenuine\nflags\t\t: fpu svm\n"


def judged(machine: Machine, kernel_args: str = "auto") -> tuple[HostFacts, dict[str, Finding], list[str]]:
    """Facts, findings by id and the titles of the plan for the first card that can give VFs."""
    facts = gather(RecordedHost(machine))
    able = [pf for pf in facts.pfs or () if pf.totalvfs][:1]
    nics = tuple(NicChoice(address=pf.address, use="sriov", bridge="br1", wire="bcast1") for pf in able)
    choices = Choices(nics=nics, kernel_args=kernel_args)  # type: ignore[arg-type]
    state = evaluate(facts, choices)
    steps = [str(step.title) for step in iommu.steps(facts, choices)]
    return facts, {finding.id: finding for finding in state.findings}, steps


def with_table(name: str, data: bytes, cpu: str, active: bool = False) -> Machine:
    """Two igb on a machine with another processor and another table, its IOMMU off."""
    machine = machines.iommu_off()
    put_file(machine, "/proc/cmdline", "quiet\n")
    menu_text = machine.files["/boot/grub/grub.cfg"].replace(b" intel_iommu=off", b"")
    put_file(machine, "/boot/grub/grub.cfg", menu_text)
    put_file(machine, "/etc/default/grub", machine.files["/etc/default/grub"].replace(b" intel_iommu=off", b""))
    put_file(machine, "/proc/cpuinfo", cpu)
    remove(machine, f"{TABLES}/DMAR")
    if name:
        put_file(machine, f"{TABLES}/{name}", data)
    if active:
        put_link(machine, "/sys/class/iommu/unit0", "/sys/devices/virtual/iommu/unit0")
        put_dir(machine, "/sys/kernel/iommu_groups/0")
    return machine


def test_an_iort_without_smmu_is_the_firmwares_switch_and_no_argument() -> None:
    facts, findings, steps = judged(load(DATA / "min-iort-nosmmu"))
    assert (facts.iommu.tables, facts.iommu.smmus, facts.iommu.offered) == (("IORT",), 0, False)
    firmware, arguments = findings["iommu.firmware"], findings["iommu.arguments"]
    assert firmware.level is Level.FAIL
    assert firmware.fix is not None
    assert "Advanced > MISC Config > Support Smmu" in firmware.fix.manual
    assert not any(word in firmware.fix.manual for word in ("VT-x", "VT-d", "SVM", "AMD"))
    assert "Verdict: off in firmware" in findings["iommu.active"].detail
    assert steps == []
    assert arguments.level is Level.INFO
    everything = " ".join(
        f"{f.title} {f.detail} {f.fix.title + f.fix.manual if f.fix else ''}" for f in findings.values()
    )
    assert "iommu.passthrough" not in everything
    assert "eboot" not in f"{findings['iommu.active'].fix} {arguments.fix}"
    for request in ("set", "auto", "leave"):
        assert judged(load(DATA / "min-iort-nosmmu"), request)[2] == []


def test_an_image_without_a_version_is_unknown() -> None:
    machine = load(DATA / "noversion")
    _, findings, _ = judged(machine)
    finding = findings["iommu.default-kernel"]
    assert finding.level is Level.SKIP
    assert "grubby" not in f"{finding}"
    assert findings["iommu.arguments-kept"].level is Level.OK
    put_link(machine, "/boot/vmlinuz", "/boot/vmlinuz-5.4.51-std-def-alt1")
    put_file(machine, "/boot/vmlinuz-5.4.51-std-def-alt1", b"")
    assert judged(machine)[1]["iommu.default-kernel"].level is Level.OK
    put_link(machine, "/boot/vmlinuz", "/boot/vmlinuz-5.10.1-std-def-alt1")
    moved = judged(machine)[1]["iommu.default-kernel"]
    assert moved.level is Level.WARN
    assert "grubby" not in f"{moved}"


def test_an_iort_with_an_smmu_is_one_and_needs_no_argument() -> None:
    for active in (True, False):
        machine = with_table("IORT", table(ITS, SMMU_V3, ROOT_COMPLEX), KUNPENG, active)
        _, findings, steps = judged(machine)
        assert findings["iommu.firmware"].level is Level.OK
        assert findings["iommu.active"].level is (Level.OK if active else Level.FAIL)
        assert steps == []
        assert "passthrough" not in f"{findings}"
    assert judged(with_table("IORT", table(SMMU_V3), KUNPENG, True), "set")[2] == [
        "Write iommu.passthrough=1 for the next boot"
    ]


def test_an_iort_that_may_not_be_read_is_unknown() -> None:
    machine = with_table("IORT", table(SMMU_V3), KUNPENG)
    del machine.files[f"{TABLES}/IORT"]
    machine.errors[f"{TABLES}/IORT"] = "EACCES"
    machine.environment["euid"] = "1000"
    facts, findings, steps = judged(machine)
    assert facts.iommu.offered is None
    assert findings["iommu.firmware"].level is Level.SKIP
    assert findings["iommu.firmware"].fix is not None
    assert "as root" in findings["iommu.firmware"].fix.title
    assert "cannot be read" in findings["iommu.active"].title
    assert steps == []


@pytest.mark.parametrize(
    ("name", "cpu", "wanted"),
    [
        ("DMAR", ZHAOXIN, ("intel_iommu=on", "iommu=pt")),
        ("IVRS", HYGON, ("iommu=pt",)),
        ("IVRS", ZHAOXIN, ("iommu=pt",)),
        ("IORT", KUNPENG, ("iommu.passthrough=1",)),
        ("", ZHAOXIN, ()),
    ],
)
def test_the_table_decides_the_arguments_and_not_the_processor(name: str, cpu: str, wanted: tuple[str, ...]) -> None:
    machine = with_table(name, table(SMMU_V3), cpu)
    config = machine.files[f"/boot/config-{RELEASE}"].replace(b"CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF=y\n", b"")
    put_file(machine, f"/boot/config-{RELEASE}", config)
    facts, _, steps = judged(machine)
    assert standard(facts) == wanted
    assert bool(steps) is (name == "DMAR")


def test_amd_that_is_off_without_an_argument_is_no_case_for_a_reboot() -> None:
    _, findings, steps = judged(with_table("IVRS", b"IVRS", HYGON))
    assert "Verdict: unknown" in findings["iommu.active"].detail
    assert steps == []
    assert findings["iommu.arguments"].level is Level.SKIP
    assert judged(with_table("IVRS", b"IVRS", HYGON), "set")[2] == []


def test_what_works_is_offered() -> None:
    machine = with_table("", b"", ZHAOXIN, active=True)
    _, findings, _ = judged(machine)
    assert findings["iommu.active"].level is Level.OK
    assert findings["iommu.firmware"].level is Level.OK
    assert findings["iommu.firmware"].evidence[-1].source == "/sys/class/iommu"


def test_power_is_not_supported_and_not_a_question_of_root() -> None:
    machine = with_table("", b"", POWER9)
    remove(machine, "/sys/firmware/acpi")
    facts, findings, steps = judged(machine)
    firmware, active = findings["iommu.firmware"], findings["iommu.active"]
    assert (facts.cpu.kind, facts.iommu.tables) == ("other", None)
    assert firmware.level is Level.FAIL
    assert "Not supported" in firmware.title
    assert "POWER9" in firmware.title
    assert active.level is Level.SKIP
    assert "root" not in f"{firmware.fix} {active.fix}"
    assert steps == []


@pytest.mark.parametrize("machine", [machines.iommu_off, machines.bios_off, machines.unreadable])
def test_ok_no_argument_is_never_said_beside_an_iommu_that_is_off(machine: object) -> None:
    for request in ("auto", "set", "leave"):
        _, findings, _ = judged(machine(), request)  # type: ignore[operator]
        if findings["iommu.active"].level is not Level.OK:
            assert findings["iommu.arguments"].level is not Level.OK


def test_not_asked_and_no_card_chosen_is_a_warning() -> None:
    facts = gather(RecordedHost(boot_machines.named("centos7-bios")))
    findings = {finding.id: finding for finding in iommu.findings(facts, Choices())}
    assert "nothing asked the kernel" in findings["iommu.active"].title
    assert findings["iommu.arguments"].level is Level.WARN
    assert "intel_iommu=on is missing" in findings["iommu.arguments"].title


def test_the_running_kernels_own_configuration_counts_first() -> None:
    machine = machines.iommu_off()
    put_file(machine, "/proc/config.gz", gzip.compress(b"CONFIG_INTEL_IOMMU=y\nCONFIG_X86=y\n"))
    kernel = gather(RecordedHost(machine)).kernel
    assert (kernel.config, kernel.config_path) == (("CONFIG_INTEL_IOMMU=y",), "/proc/config.gz")
    for damaged in (b"", b"\x1f\x8b", b"no gzip"):
        put_file(machine, "/proc/config.gz", damaged)
        assert gather(RecordedHost(machine)).kernel.config_path == f"/boot/config-{RELEASE}"


def test_the_type_is_that_of_the_cards_own_group() -> None:
    machine = machines.two_igb()
    facts = gather(RecordedHost(machine))
    first, second = (f"/sys/kernel/iommu_groups/{pf.iommu_group}/type" for pf in (facts.pfs or ())[-2:])
    put_file(machine, first, "DMA\n")
    put_file(machine, second, "identity\n")
    facts, findings, _ = judged(machine)
    assert facts.pf(machines.FIRST) is not None
    assert "groups, DMA)" in findings["iommu.active"].title


@pytest.mark.parametrize(
    ("name", "before", "after", "words"),
    [
        (
            "debian-bios",
            "quiet splash",
            "quiet splash intel_iommu=on",
            "older than its settings: it does not pass intel",
        ),
        (
            "centos7-bios",
            "crashkernel=auto",
            "crashkernel=auto iommu=pt",
            "older than its settings: it does not pass iommu",
        ),
        ("openeuler22-uefi", " intel_iommu=off", "", "passes intel_iommu=off, which its settings do not have"),
    ],
)
def test_a_menu_older_than_its_settings_is_found(name: str, before: str, after: str, words: str) -> None:
    machine = boot_machines.named(name)
    facts = gather(RecordedHost(machine))
    clean = {finding.id: finding for finding in menu.findings(facts, ())}
    assert clean["iommu.menu"].level is Level.OK
    settings = machine.files["/etc/default/grub"]
    assert before.encode() in settings
    put_file(machine, "/etc/default/grub", settings.replace(before.encode(), after.encode()))
    stale = {finding.id: finding for finding in menu.findings(gather(RecordedHost(machine)), ())}["iommu.menu"]
    assert stale.level is Level.WARN
    assert words in stale.title
    assert stale.fix is not None
    assert "update-grub" in stale.fix.manual or "grub2-mkconfig -o" in stale.fix.manual


def test_settings_that_are_right_already_are_not_written_again() -> None:
    machine = boot_machines.named("centos7-bios")
    settings = machine.files["/etc/default/grub"]
    put_file(machine, "/etc/default/grub", settings.replace(b"rhgb", b"intel_iommu=on iommu=pt rhgb"))
    facts = gather(RecordedHost(machine))
    choices = Choices(nics=(NicChoice(address=machines.FIRST, use="sriov", bridge="br1", wire="bcast1"),))
    (step,) = iommu.steps(facts, choices)
    assert [type(operation).__name__ for operation in step.operations] == ["Run", "Run"]


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"root": False}, "Run sriov-tui as root."),
        ({"root": False, "source": Source("recording", "kvm07")}, "Record the machine again, as root."),
        ({"root": True, "source": Source("recording", "kvm07")}, "The recording does not hold it"),
        ({"root": True}, "Find out why"),
        ({"root": None}, "Find out why"),
        ({"root": False, "container": "docker"}, "on the host itself"),
    ],
)
def test_root_is_asked_for_only_where_it_was_missing(changes: dict[str, object], title: str) -> None:
    problem = ProbeProblem("system", "/sys/class/iommu", "Input/output error")
    facts = HostFacts(iommu=Iommu(tables=("DMAR",)), problems=(problem,))
    facts = replace(facts, **changes)  # type: ignore[arg-type]
    fix = look_again(facts, "/sys/class/iommu")
    assert title in fix.title
    assert ("Input/output error" in fix.manual) is not ("as root" in fix.title or facts.container == "docker")
