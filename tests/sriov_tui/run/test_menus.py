"""Going back after others went on: a kernel came and another went, a GPU was given to our driver."""

from __future__ import annotations

from pathlib import Path

import pytest

from sriov_tui.hosts.machine import Machine, put_file, put_link, remove
from sriov_tui.model import Choices, NicChoice
from sriov_tui.probe import gather
from sriov_tui.run import store
from sriov_tui.run.engine import apply
from sriov_tui.run.rollback import rollback
from sriov_tui.services.evaluation import evaluate
from sriov_tui.simulated import SimulatedHost
from sriov_tui.simulated.grub import update_grub
from tests import machines
from tests.builder import RELEASE
from tests.engine_cases import DROPIN, GRUB, back, host, new_run, plans
from tests.fakes import File

NEWER = "6.12.2-amd64"


def applied(machine: Machine, tmp_path: Path) -> tuple[SimulatedHost, Path]:
    simulated = SimulatedHost.create(machine, tmp_path / "machine")
    choices = Choices(kernel_args="set", nics=(NicChoice(address=machines.FIRST, use="sriov"),))
    facts = gather(simulated)
    run_dir = store.create(
        evaluate(facts, choices).plan, f"simulated:{tmp_path / 'machine'}", tmp_path / "state", facts
    )
    assert apply(run_dir, simulated, lambda: gather(simulated)) in ("reboot", "applied")
    return simulated, run_dir


def kernel_update(machine: Machine) -> None:
    put_file(machine, f"/boot/vmlinuz-{NEWER}", b"")
    remove(machine, f"/boot/vmlinuz-{RELEASE}")
    assert update_grub(machine, lambda line: None) == 0
    if NEWER.encode() not in machine.files[GRUB]:  # a real update-grub lists what is in /boot
        machine.files[GRUB] = machine.files[GRUB].replace(RELEASE.encode(), NEWER.encode())


@pytest.mark.parametrize("force", [False, True])
def test_a_menu_that_names_a_deleted_kernel_is_never_put_back(force: bool, tmp_path: Path) -> None:
    simulated, run_dir = applied(machines.iommu_off(), tmp_path)
    assert b"intel_iommu=on" in simulated.machine.files[GRUB]
    simulated.change(kernel_update)
    outcome = rollback(run_dir, simulated, force)
    menu = simulated.machine.files[GRUB]
    assert outcome == "rolled-back"
    assert b"intel_iommu=on" not in menu, "it was made again from the settings, after those were put back"
    assert DROPIN not in simulated.machine.files


def test_a_changed_menu_is_made_again_from_its_settings(tmp_path: Path) -> None:
    machine, run_dir = host(), new_run(plans()["menu"], tmp_path)
    assert apply(run_dir, machine) == "reboot"
    machine.files[GRUB] = File(b"# generated\nlinux quiet intel_iommu=on\n\nlinux another\n", 0o444)
    assert back(run_dir, machine) == "rolled-back"
    assert machine.files[GRUB] == File(b"# generated\nlinux quiet ", 0o444)
    assert DROPIN not in machine.files


def test_an_entry_of_a_deleted_kernel_is_left_also_when_forced(tmp_path: Path) -> None:
    machine, run_dir = host(), new_run(plans()["reboot-last"], tmp_path)
    machine.files[GRUB] = File(b"linux /vmlinuz-1 quiet\n", 0o444)
    machine.files["/boot/vmlinuz-1"] = File(b"")
    assert apply(run_dir, machine) == "reboot"
    del machine.files["/boot/vmlinuz-1"]
    machine.files[GRUB] = File(b"linux /vmlinuz-2 quiet\n", 0o444)
    machine.files["/boot/vmlinuz-2"] = File(b"")
    assert back(run_dir, machine, force=True) == "rollback-failed"
    assert machine.files[GRUB].data == b"linux /vmlinuz-2 quiet\n"


def gpu(machine: Machine) -> None:
    at = "/sys/devices/pci0000:00/0000:00:09.0"
    put_file(machine, f"{at}/class", "0x030200\n")
    put_link(machine, "/sys/bus/pci/devices/0000:00:09.0", at)
    put_link(machine, f"{at}/driver", "/sys/bus/pci/drivers/vfio-pci")
    put_link(machine, "/sys/bus/pci/drivers/vfio-pci/0000:00:09.0", at)


def test_a_driver_that_another_device_uses_by_now_stays(tmp_path: Path) -> None:
    simulated, run_dir = applied(machines.two_igb(), tmp_path)
    assert "/sys/module/vfio_pci" in simulated.machine.dirs
    simulated.change(gpu)
    assert rollback(run_dir, simulated) == "rolled-back"
    assert "/sys/module/vfio_pci" in simulated.machine.dirs
    assert "/sys/devices/pci0000:00/0000:00:09.0/driver" in simulated.machine.links


def test_a_driver_that_nobody_uses_goes(tmp_path: Path) -> None:
    simulated, run_dir = applied(machines.two_igb(), tmp_path)
    assert rollback(run_dir, simulated) == "rolled-back"
    assert "/sys/module/vfio_pci" not in simulated.machine.dirs
