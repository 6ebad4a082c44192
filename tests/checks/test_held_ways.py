"""A VF that a guest holds stays with it where the lab's card has no such step: firmware, eswitch, a restart of mlx5.

The lab's card is an igb, so this is shown on a simulated ConnectX. Its holders have the forms in which the program
reads those of a real kernel: the group's file, as for the guests of tests/lab/test_held.py; the VF's own device below
sysfs; its memory; and a device of which the kernel does not tell the VF.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

import checks
from checks import firmware
from sriov_tui.hosts.host import UNTOLD
from sriov_tui.model import Choices, SriovError, WriteSysfs
from sriov_tui.model.choices import NicChoice
from sriov_tui.probe import gather
from sriov_tui.run.operations import write_attribute
from sriov_tui.run.vf_guard import MODE, refuse_reload, takes
from tests.mellanox_machines import NET0, PF0, connectx
from tests.trouble_machines import VFIO_ID, Bench

COMMAND = "qemu-system-x86_64 -name guest=vm-plain -accel kvm -cpu host -device vfio-pci,host=0000:03:00.2"
FORMS = ("/dev/vfio/{group}", "/sys/bus/pci/devices/{vf}/vfio-dev/vfio0", "/sys/bus/pci/devices/{vf}/resource0", UNTOLD)


@pytest.fixture(params=FORMS, ids=["group", "its own device", "its memory", "not told"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """Eight VFs, all with vfio-pci, the first held."""
    host = Bench.create(connectx(), tmp_path / "machine")
    assert isinstance(host, Bench)
    host.numvfs(PF0, 8)
    host.take(PF0, VFIO_ID["mlx5_core"])
    pf = gather(host).pf(PF0)
    assert pf is not None
    vf = pf.vfs[0]
    row = (request.param.format(group=vf.iommu_group, vf=vf.address), 4711, COMMAND)
    host.change(lambda machine: machine.holders.append(row) if machine.holders is not None else None)
    return host


def test_it_is_named(host: Bench) -> None:
    pf = gather(host).pf(PF0)
    assert pf is not None
    assert {one.vm for vf in pf.vfs for one in vf.holders or ()} == {"vm-plain"}


@pytest.mark.parametrize("value", ["0", "4"])
def test_no_number_takes_it(host: Bench, value: str) -> None:
    with pytest.raises(SriovError, match="vm-plain"):
        write_attribute(host, f"/sys/bus/pci/devices/{PF0}/sriov_numvfs", value, 10.0)


def test_no_mode_of_the_eswitch_takes_it(host: Bench) -> None:
    path = f"/sys/class/net/{NET0}{MODE}"
    with pytest.raises(SriovError, match="vm-plain"):
        write_attribute(host, path, "switchdev", 10.0)


def test_no_restart_of_the_driver_takes_it(host: Bench) -> None:
    for verb in ("restart", "stop", "force-stop"):
        with pytest.raises(SriovError, match="vm-plain"):
            refuse_reload(host, ("/etc/init.d/openibd", verb))


def test_new_firmware_settings_wait_for_the_reboot(host: Bench) -> None:
    wish = Choices(nics=(NicChoice(address=PF0, use="sriov", numvfs=16, bridge="br1", wire="bcast1"),))
    steps = tuple(firmware.steps(gather(host), wish))
    assert steps
    assert {step.disrupts for step in steps} == {"reboot"}


@pytest.mark.parametrize("use", ["sriov", "offload"])
@pytest.mark.parametrize("numvfs", [None, 16])
def test_no_plan_writes_now_what_would_take_it(
    host: Bench, use: Literal["sriov", "offload"], numvfs: int | None
) -> None:
    """Whatever is asked: what touches the VFs waits for the reboot, of which the virtual machine is named."""
    wish = Choices(nics=(NicChoice(address=PF0, use=use, numvfs=numvfs, bridge="br1", wire="bcast1"),))
    facts = gather(host)
    _, steps = checks.evaluate(facts, wish)
    taking = [
        (step.id, operation)
        for step in steps
        if step.disrupts != "reboot"
        for operation in step.operations
        if isinstance(operation, WriteSysfs)
        and operation.path.endswith(("sriov_numvfs", MODE))
        and takes(
            operation.path, *(("8", operation.value) if "numvfs" in operation.path else ("legacy", operation.value))
        )
    ]
    assert taking == []


def test_the_same_card_without_a_guest_is_changed_at_once(host: Bench) -> None:
    """Or the tests above would show nothing."""
    host.change(lambda machine: machine.holders.clear() if machine.holders is not None else None)
    wish = Choices(nics=(NicChoice(address=PF0, use="offload", bridge="br1", wire="bcast1"),))
    _, steps = checks.evaluate(gather(host), wish)
    paths = [
        one.path for step in steps if step.disrupts == "link" for one in step.operations if isinstance(one, WriteSysfs)
    ]
    assert any(path.endswith("sriov_numvfs") for path in paths)
    refuse_reload(host, ("/etc/init.d/openibd", "restart"))
