"""From the boot loader's settings to what a reboot changes, on the simulated machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sriov_tui.hosts.machine import Machine
from sriov_tui.model import SriovError
from sriov_tui.probe import gather
from sriov_tui.simulated import SimulatedHost
from sriov_tui.simulated.grub import Unsupported, evaluate
from tests import machines

DROPIN = "/etc/default/grub.d/90-sriov-tui.cfg"
RULES = "/etc/udev/rules.d/80-sriov-tui.rules"
RULE = (
    'ACTION=="add", SUBSYSTEM=="net", KERNELS=="{}", ATTR{{device/sriov_numvfs}}=="0", '
    'ATTR{{device/sriov_numvfs}}="$attr{{device/sriov_totalvfs}}"\n'
)


def make(build: Callable[[], Machine], folder: Path) -> SimulatedHost:
    return SimulatedHost.create(build(), folder)


def run(host: SimulatedHost, *argv: str) -> list[str]:
    lines: list[str] = []
    assert host.run(argv, 60, lines.append) == 0, lines
    return lines


def test_the_first_update_grub_changes_nothing(tmp_path: Path) -> None:
    host = make(machines.two_igb, tmp_path)
    before = host.read("/boot/grub/grub.cfg"), host.mode("/boot/grub/grub.cfg")
    assert run(host, "update-grub")[-1] == "done"
    assert (host.read("/boot/grub/grub.cfg"), host.mode("/boot/grub/grub.cfg")) == before
    run(host, "grub-script-check", "/boot/grub/grub.cfg")


def test_arguments_take_effect_at_the_next_boot_only(tmp_path: Path) -> None:
    host = make(machines.iommu_off, tmp_path)
    first = gather(host)
    assert first.iommu.active is False
    host.write(DROPIN, b'GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT intel_iommu=on iommu=pt"\n', 0o644)
    host.write("/etc/modules-load.d/sriov-tui.conf", b"# ours\nvfio-pci\n", 0o644)
    run(host, "update-grub")
    pending = gather(host)
    assert pending.kernel == first.kernel
    assert pending.boot.entries is not None
    assert "intel_iommu=on" in pending.boot.entries[0].arguments
    assert pending.module("vfio_pci").loaded is False  # type: ignore[union-attr]
    run(host, "systemctl", "reboot")
    after = gather(SimulatedHost(tmp_path))
    assert after.kernel.boot_id != first.kernel.boot_id
    assert after.kernel.cmdline == (
        "BOOT_IMAGE=/boot/vmlinuz-6.12.1-amd64 root=/dev/vda1 ro console=ttyS0 "
        "quiet intel_iommu=off intel_iommu=on iommu=pt"
    )
    assert (after.iommu.active, (after.pfs or ())[0].domain_type, after.iommu.groups) == (True, "identity", 3)
    assert after.module("vfio_pci").loaded is True  # type: ignore[union-attr]
    assert all(pf.iommu_group is not None for pf in after.pfs or ())


@pytest.mark.parametrize(
    ("arguments", "active"),
    [
        ("quiet", True),
        ("intel_iommu=off", False),
        ("intel_iommu=off intel_iommu=on", True),
        ("intel_iommu=on intel_iommu=off", False),
        ("intel_iommu=on,sm_on", True),
        ("iommu=off", False),
        ("iommu=pt", True),
        ("xintel_iommu=off", True),
    ],
)
def test_the_last_argument_wins(arguments: str, active: bool, tmp_path: Path) -> None:
    host = make(machines.two_igb, tmp_path)
    host.write(DROPIN, f'GRUB_CMDLINE_LINUX="{arguments}"\n'.encode(), 0o644)
    run(host, "update-grub")
    host.reboot()
    assert gather(host).iommu.active is active


def test_no_table_no_iommu_whatever_the_log_says(tmp_path: Path) -> None:
    host = make(machines.bios_off, tmp_path)
    facts = gather(host)
    assert facts.iommu.active is False
    assert facts.kernel.log is not None
    assert any("DMAR: IOMMU enabled" in line for line in facts.kernel.log)
    host.reboot()
    assert gather(host).iommu.active is False


def test_vfs_go_at_a_reboot_and_the_rule_brings_them_back(tmp_path: Path) -> None:
    host = make(machines.two_igb, tmp_path)
    for address in (machines.FIRST, machines.SECOND):
        host.write_attribute(f"/sys/bus/pci/devices/{address}/sriov_numvfs", "7", 60)
    host.write_attribute(f"/sys/bus/pci/devices/{machines.SECOND}/sriov_drivers_autoprobe", "0", 60)
    host.write(RULES, f"# made by sriov-tui\n{RULE.format(machines.FIRST)}".encode(), 0o644)
    host.reboot()
    facts = gather(host)
    assert [(pf.numvfs, len(pf.vfs), pf.autoprobe) for pf in facts.pfs or ()][1:] == [(7, 7, True), (0, 0, True)]
    host.remove(RULES)
    host.reboot()
    assert [pf.numvfs for pf in gather(host).pfs or ()][1:] == [0, 0]
    assert gather(host).problems == ()


def test_a_rule_for_a_nic_that_is_gone_is_passed_over(tmp_path: Path) -> None:
    host = make(machines.two_igb, tmp_path)
    host.write(RULES, (RULE.format("0000:77:00.0") + RULE.format("0000:00:03.0")).encode(), 0o644)
    host.reboot()
    assert [pf.numvfs for pf in gather(host).pfs or ()] == [None, 0, 0]


def test_holders_and_new_ids_do_not_outlive_a_reboot(tmp_path: Path) -> None:
    host = make(machines.two_igb, tmp_path)
    run(host, "modprobe", "vfio-pci")
    host.write_attribute("/sys/bus/pci/drivers/vfio-pci/new_id", "8086 10ca", 10)
    host.write_attribute(f"/sys/bus/pci/devices/{machines.FIRST}/sriov_numvfs", "7", 60)
    host.change(
        lambda machine: machine.holders.append(("/dev/vfio/5", 1, "qemu")) if machine.holders is not None else None
    )
    host.reboot()
    assert host.vfio_holders() == ()
    assert host.listdir("/sys/module") == ("dca", "i2c_algo_bit", "igb")
    host.write_attribute(f"/sys/bus/pci/devices/{machines.FIRST}/sriov_numvfs", "7", 60)
    assert {vf.driver for pf in gather(host).pfs or () for vf in pf.vfs} == {"igbvf"}


def test_the_default_entry_boots_by_number_or_by_title(tmp_path: Path) -> None:
    host = make(machines.two_igb, tmp_path)
    host.write("/boot/vmlinuz-6.1.0-old", b"", 0o644)
    host.write(DROPIN, b"GRUB_DEFAULT='Debian GNU/Linux'\n", 0o644)
    assert "Found linux image: /boot/vmlinuz-6.1.0-old" in run(host, "update-grub")
    host.reboot()
    assert host.read("/proc/sys/kernel/osrelease") == b"6.12.1-amd64\n"


def test_a_machine_without_an_entry_does_not_boot_and_is_left_as_it_was(tmp_path: Path) -> None:
    host = make(machines.two_igb, tmp_path)
    host.write("/boot/grub/grub.cfg", b"# empty\n", 0o644)
    before = host.machine
    with pytest.raises(SriovError, match="does not boot"):
        host.reboot()
    assert SimulatedHost(tmp_path).machine == before


def test_settings_that_are_beyond_the_simulation_keep_the_old_file(tmp_path: Path) -> None:
    host = make(machines.two_igb, tmp_path)
    before = host.read("/boot/grub/grub.cfg")
    host.write(DROPIN, b'GRUB_CMDLINE_LINUX="$(cat /proc/cmdline)"\n', 0o644)
    lines: list[str] = []
    assert host.run(("update-grub",), 60, lines.append) == 1
    assert f"{DROPIN}:1" in lines[-1]
    assert host.read("/boot/grub/grub.cfg") == before


@pytest.mark.parametrize(
    ("script", "value"),
    [
        ("A=x", "x"),
        ('A="x y"', "x y"),
        ("A='x $B'", "x $B"),
        ('A="x $B ${B}z"  # more', "x b bz"),
        ("A=x'y z'\"$B\"", "xy zb"),
        ('A="1"\nA+=" 2"', "1 2"),
        (r'A="a\"b\$c"', 'a"b$c'),
        ("export A=x;", "x"),
        ('  A="$A$NOTHING"', ""),
        ("# A=x", None),
    ],
)
def test_shell_assignments(script: str, value: str | None) -> None:
    variables = {"B": "b"}
    evaluate(script, variables, "f")
    assert variables.get("A") == value


@pytest.mark.parametrize("value", ['"a', "'a", "`x`", '"$(x)"', "a b", '"${B:-x}"', '"$1"'])
def test_other_shell_is_refused_where_it_matters_and_passed_over_elsewhere(value: str) -> None:
    with pytest.raises(Unsupported, match="f:2"):
        evaluate(f"\nGRUB_CMDLINE_LINUX={value}", {}, "f")
    variables: dict[str, str] = {}
    evaluate(f"GRUB_DISTRIBUTOR={value}\nif true; then", variables, "f")
    assert variables == {}
    with pytest.raises(Unsupported):
        evaluate("if x; then GRUB_CMDLINE_LINUX=y; fi", {}, "f")
