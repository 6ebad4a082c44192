"""Why the IOMMU is off, and what is written for the next boot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import iommu
from sriov_tui.facts import HostFacts, Iommu
from sriov_tui.model import (
    GRUB_DROP_IN,
    Level,
    Run,
    WriteFile,
)
from tests.checks.common import WANT, found, steps
from tests.samples import igb_host, text_file


def iommu_off(cmdline: str = "quiet", tables: tuple[str, ...] | None = ("DMAR",)) -> HostFacts:
    facts = igb_host(iommu=Iommu(tables=tables, units=(), groups=0))
    entry = replace((facts.boot.entries or ())[0], arguments=cmdline)
    kernel = replace(facts.kernel, cmdline=cmdline, config=("CONFIG_INTEL_IOMMU=y",))
    boot = replace(facts.boot, entries=(entry,), settings=("/etc/default/grub",))
    settings = text_file("/etc/default/grub", f'GRUB_CMDLINE_LINUX_DEFAULT="{cmdline}"\nGRUB_CMDLINE_LINUX=""\n')
    return replace(facts, kernel=kernel, boot=boot, files=(*facts.files, settings))


@pytest.mark.parametrize(
    ("facts", "words", "blocks"),
    [
        (iommu_off(), "nothing asked", False),
        (iommu_off("intel_iommu=off"), "off by the argument intel_iommu=off", False),
        (iommu_off("iommu=off"), "off by the argument iommu=off", False),
        (iommu_off("intel_iommu=on", tables=()), "off in the firmware", True),
        (igb_host(iommu=Iommu(tables=("DMAR",))), "cannot be seen", False),
    ],
)
def test_why_the_iommu_is_off(facts: HostFacts, words: str, blocks: bool) -> None:
    finding = found(iommu, facts)["iommu.active host"]
    assert words in finding.title
    assert finding.level in (Level.FAIL, Level.SKIP)
    assert finding.blocks is blocks


def test_dmar_enabled_in_the_log_is_no_proof() -> None:
    facts = iommu_off("intel_iommu=on", tables=())
    facts = replace(facts, kernel=replace(facts.kernel, log=("DMAR: IOMMU enabled",)))
    assert found(iommu, facts)["iommu.active host"].level is Level.FAIL


def test_broken_table_is_quoted() -> None:
    facts = iommu_off("intel_iommu=on")
    line = "DMAR: [Firmware Bug]: No DRHD structure found in DMAR table"
    facts = replace(facts, kernel=replace(facts.kernel, log=(line,)))
    assert line in found(iommu, facts)["iommu.active host"].title


def test_written_arguments_wait_for_the_reboot() -> None:
    facts = iommu_off("quiet")
    entry = replace((facts.boot.entries or ())[0], arguments="quiet intel_iommu=on iommu=pt")
    facts = replace(facts, boot=replace(facts.boot, entries=(entry,)))
    assert "wait for the reboot" in found(iommu, facts)["iommu.active host"].title
    assert "waits for the reboot" in found(iommu, facts)["iommu.arguments host"].title
    assert steps(iommu, facts) == {}


def test_arguments_step_is_a_drop_in_and_the_menu() -> None:
    step = steps(iommu, iommu_off())["iommu.arguments"]
    write, shell, menu, check = step.operations
    assert isinstance(shell, Run)
    assert shell.argv == ("sh", "-n", GRUB_DROP_IN)
    assert isinstance(write, WriteFile)
    assert (write.path, write.expect) == (GRUB_DROP_IN, "")
    assert write.text is not None
    assert write.text.endswith('GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX intel_iommu=on iommu=pt"\n')
    assert isinstance(menu, Run)
    draft = "/boot/grub/.grub.cfg.draft.sriov-tui"
    assert (menu.argv, menu.draft) == (("grub-mkconfig", "-o", draft), draft)
    assert menu.rewrites == ("/boot/grub/grub.cfg",)
    assert isinstance(check, Run)
    assert check.argv[0] == "grub-script-check"
    assert step.disrupts == "reboot"


def test_active_iommu_needs_no_argument_but_takes_it_when_asked() -> None:
    assert steps(iommu, igb_host()) == {}
    assert "iommu.arguments" in steps(iommu, igb_host(), replace(WANT, kernel_args="set"))
    assert steps(iommu, iommu_off(), replace(WANT, kernel_args="leave")) == {}


def test_amd_is_never_given_an_on() -> None:
    facts = igb_host()
    facts = replace(facts, iommu=replace(facts.iommu, tables=("IVRS",)))
    step = steps(iommu, facts, replace(WANT, kernel_args="set"))["iommu.arguments"]
    assert "iommu=pt" in step.title
    assert "on " not in step.title.replace("Write", "")


def test_an_unknown_boot_loader_is_left_alone() -> None:
    facts = iommu_off()
    facts = replace(facts, boot=replace(facts.boot, loader="", entries=None))
    assert steps(iommu, facts) == {}
    finding = found(iommu, facts)["iommu.arguments host"]
    assert finding.fix is not None
    assert "by hand" in finding.fix.title


def test_no_interrupt_remapping_is_a_warning() -> None:
    facts = igb_host()
    facts = replace(facts, iommu=replace(facts.iommu, interrupt_remapping=False))
    assert found(iommu, facts)["iommu.interrupt-remapping host"].level is Level.WARN


def test_an_off_is_replaced_where_it_stands() -> None:
    settings, drop_in = steps(iommu, iommu_off("quiet intel_iommu=off splash"))["iommu.arguments"].operations[:2]
    assert isinstance(settings, WriteFile)
    assert settings.text == 'GRUB_CMDLINE_LINUX_DEFAULT="quiet intel_iommu=on splash"\nGRUB_CMDLINE_LINUX=""\n'
    assert isinstance(drop_in, WriteFile)
    assert drop_in.text is not None
    assert drop_in.text.endswith('GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX iommu=pt"\n')
