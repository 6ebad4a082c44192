"""The simulated host: writes that stay, changes that another process sees, and a kernel that reacts."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from sriov_tui.hosts.machine import Machine
from sriov_tui.hosts.recorded import RecordedHost, RecordingHost
from sriov_tui.model import SriovError
from sriov_tui.probe import gather
from sriov_tui.simulated import SimulatedHost
from tests import machines

FIRST = machines.FIRST
DEVICE, DRIVERS = f"/sys/bus/pci/devices/{FIRST}", "/sys/bus/pci/drivers"
CONF = "/etc/yunion/host.conf"


@pytest.fixture
def host(tmp_path: Path) -> SimulatedHost:
    return SimulatedHost.create(machines.two_igb(), tmp_path)


def attribute(host: SimulatedHost, path: str, value: str) -> None:
    host.write_attribute(path, value, 10.0)


def errno_of(call: Callable[[], object]) -> str:
    try:
        call()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    pytest.fail("it was accepted")


def test_files_keep_bytes_mode_and_owner_and_another_process_sees_them(host: SimulatedHost, tmp_path: Path) -> None:
    other = SimulatedHost(tmp_path)
    assert other.owner(CONF) == (0, 0)
    host.write(CONF, b"\xff\r\n\0", 0o600, (7, 8))
    assert (other.read(CONF), other.mode(CONF), other.owner(CONF)) == (b"\xff\r\n\0", 0o600, (7, 8))
    other.write(CONF, b"again", 0o664)
    assert (host.read(CONF), host.mode(CONF), host.owner(CONF)) == (b"again", 0o664, (7, 8))
    host.remove(CONF)
    host.remove(CONF)
    assert errno_of(lambda: other.read(CONF)) == errno_of(lambda: other.owner(CONF)) == "ENOENT"
    assert "host.conf" not in other.listdir("/etc/yunion")


def test_what_no_kernel_allows_is_refused(host: SimulatedHost) -> None:
    before = host.machine
    assert errno_of(lambda: host.write("/nowhere/file", b"", 0o644)) == "ENOENT"
    assert errno_of(lambda: host.write("/etc", b"", 0o644)) == "EISDIR"
    assert errno_of(lambda: host.write(f"{DEVICE}/sriov_numvfs", b"7", 0o644)) == "EACCES"
    assert errno_of(lambda: host.remove("/proc/cmdline")) == "EACCES"
    assert errno_of(lambda: attribute(host, f"{DEVICE}/sriov_totalvfs", "3")) == "EACCES"
    assert errno_of(lambda: attribute(host, f"{DEVICE}/nothing", "3")) == "ENOENT"
    assert errno_of(lambda: attribute(host, f"{DEVICE}/sriov_drivers_autoprobe", "maybe")) == "EINVAL"
    assert host.machine == before


def test_without_root_nothing_is_written(tmp_path: Path) -> None:
    host = SimulatedHost.create(machines.unreadable(), tmp_path)
    assert errno_of(lambda: host.write("/etc/new", b"", 0o644)) == "EACCES"
    assert errno_of(lambda: attribute(host, f"{DEVICE}/sriov_numvfs", "7")) == "EACCES"


def test_a_recording_cannot_be_simulated(tmp_path: Path) -> None:
    recorder = RecordingHost(RecordedHost(machines.two_igb()))
    gather(recorder)
    recorder.save(tmp_path)
    with pytest.raises(SriovError, match="cannot react"):
        SimulatedHost(tmp_path)


def test_vfs_as_the_probe_sees_them(host: SimulatedHost) -> None:
    attribute(host, f"{DEVICE}/sriov_numvfs", "7\n")
    pf = gather(host).pf(FIRST)
    assert pf is not None
    assert (pf.numvfs, len(pf.vfs), pf.sriov and pf.sriov.numvfs, pf.sriov and pf.sriov.enabled) == (7, 7, 7, True)
    assert [vf.address for vf in pf.vfs][:2] == ["0000:01:10.0", "0000:01:10.2"]
    assert {vf.driver for vf in pf.vfs} == {"igbvf"}  # udev loads it: it is on the disk
    assert pf.vfs[6].netdevs == ("enp1s0v6",)
    groups = [vf.iommu_group for vf in pf.vfs]
    assert len(set(groups)) == 7
    assert all(vf.group_members == (vf.address,) for vf in pf.vfs)
    facts = gather(host)
    assert '"82576 Virtual Function [10ca]"' in dict(facts.lspci)["0000:01:10.0"]
    assert facts.problems == ()
    link = facts.link("enp1s0v0")
    assert link is not None
    assert link.pci == "0000:01:10.0"


def test_the_link_of_a_pf_that_is_up_flaps(tmp_path: Path) -> None:
    host = SimulatedHost.create(machines.bond_ssh(), tmp_path)
    path = "/sys/class/net/enp3s0f0np0/carrier_changes"
    before = int(host.read(path))
    attribute(host, "/sys/bus/pci/devices/0000:03:00.0/sriov_numvfs", "2")
    attribute(host, "/sys/bus/pci/devices/0000:03:00.0/sriov_numvfs", "2")
    assert int(host.read(path)) == before + 2


def test_a_refusal_is_in_the_kernel_log_in_the_kernels_words(host: SimulatedHost) -> None:
    attribute(host, f"{DEVICE}/sriov_numvfs", "2")
    assert errno_of(lambda: attribute(host, f"{DEVICE}/sriov_numvfs", "3")) == "EBUSY"
    assert "2 VFs already enabled. Disable before enabling 3 VFs" in host.query(("dmesg",)).out


@pytest.mark.parametrize(
    ("value", "result"),
    [("0x7", "7"), ("07", "7"), ("8", "ERANGE"), ("65536", "ERANGE"), ("0b1", "EINVAL"), ("1_0", "EINVAL"), ("", "0")],
)
def test_numbers_as_the_kernel_parses_them(host: SimulatedHost, value: str, result: str) -> None:
    if result.isdigit():
        attribute(host, f"{DEVICE}/sriov_numvfs", value)
        assert host.read(f"{DEVICE}/sriov_numvfs").decode() == f"{result}\n"
    else:
        assert errno_of(lambda: attribute(host, f"{DEVICE}/sriov_numvfs", value)) == result


def test_a_held_vf_lets_the_removal_hang_and_nothing_is_lost(host: SimulatedHost) -> None:
    attribute(host, f"{DEVICE}/sriov_numvfs", "7")
    vf = gather(host).pfs[1].vfs[3]  # type: ignore[index]

    def hold(machine: Machine) -> None:
        assert machine.holders is not None
        machine.holders.append((f"/dev/vfio/{vf.iommu_group}", 4242, "qemu-system-x86_64 -name vm1"))

    host.change(hold)
    assert errno_of(lambda: attribute(host, f"{DEVICE}/sriov_numvfs", "0")) == "ETIMEDOUT"
    assert host.read(f"{DEVICE}/sriov_numvfs") == b"7\n"
    assert len([name for name in host.listdir(DEVICE) if name.startswith("virtfn")]) == 7


def test_new_id_takes_all_free_vfs_also_those_made_later(host: SimulatedHost) -> None:
    """The id stays (drivers/pci/pci-driver.c). vfio-pci wins against igbvf where it was loaded first."""
    lines: list[str] = []
    assert host.run(("modprobe", "vfio-pci"), 10, lines.append) == 0
    attribute(host, f"{DRIVERS}/vfio-pci/new_id", "8086 10ca")
    attribute(host, f"{DEVICE}/sriov_numvfs", "7")
    assert {vf.driver for pf in gather(host).pfs or () for vf in pf.vfs} == {"vfio-pci"}
    attribute(host, f"{DRIVERS}/vfio-pci/unbind", "0000:01:10.0")
    attribute(host, f"{DRIVERS}/igbvf/bind", "0000:01:10.0")
    assert host.listdir("/sys/bus/pci/devices/0000:01:10.0/net") == ("enp1s0v0",)
    assert errno_of(lambda: attribute(host, f"{DRIVERS}/vfio-pci/bind", "0000:01:10.0")) == "EBUSY"
    assert errno_of(lambda: attribute(host, f"{DRIVERS}/vfio-pci/new_id", "8086")) == "EINVAL"
    assert errno_of(lambda: attribute(host, f"{DRIVERS}/igbvf/bind", "0000:77:00.0")) == "ENODEV"
    attribute(host, f"{DRIVERS}/vfio-pci/remove_id", "8086 10ca")
    assert errno_of(lambda: attribute(host, f"{DRIVERS}/vfio-pci/remove_id", "8086 10ca")) == "ENODEV"


def test_a_pf_that_loses_its_driver_loses_its_vfs_and_gets_its_name_back(host: SimulatedHost) -> None:
    attribute(host, f"{DEVICE}/sriov_numvfs", "7")
    attribute(host, f"{DEVICE}/driver/unbind", FIRST)
    facts = gather(host)
    pf = facts.pf(FIRST)
    assert pf is not None
    assert (pf.driver, pf.netdevs, pf.vfs, facts.link("enp1s0")) == ("", (), (), None)
    attribute(host, f"{DRIVERS}/igb/bind", FIRST)
    facts = gather(host)
    assert facts.pf(FIRST) is not None
    assert facts.pf(FIRST).netdevs == ("enp1s0",)  # type: ignore[union-attr]
    link = facts.link("enp1s0")
    assert link is not None
    assert (link.mac, link.pci) == ("52:54:00:bb:00:01", FIRST)


def test_commands_that_are_not_simulated_say_so(host: SimulatedHost) -> None:
    lines: list[str] = []
    assert host.run(("mstconfig", "-d", "1"), 10, lines.append) == 127
    assert host.run(("udevadm", "trigger"), 10, lines.append) == 2
    assert host.run(("update-grub", "-o", "x"), 10, lines.append) == 2
    assert host.run(("udevadm", "control", "--reload"), 10, lines.append) == 0
    assert lines == [
        "mstconfig: not found on the simulated machine",
        "udevadm trigger: not simulated",
        "update-grub -o x: not simulated",
    ]


def test_modprobe(host: SimulatedHost) -> None:
    lines: list[str] = []
    assert host.run(("modprobe", "nothere"), 10, lines.append) == 1
    assert lines == ["modprobe: FATAL: Module nothere not found in directory /lib/modules/6.12.1-amd64"]
    assert host.run(("modprobe", "vfio-pci"), 10, lines.append) == 0
    igb = {"igb", "dca", "i2c_algo_bit"}
    assert (
        set(host.listdir("/sys/module")) == {"vfio", "vfio_pci", "vfio_pci_core", "vfio_iommu_type1", "irqbypass"} | igb
    )
    assert host.run(("modprobe", "-r", "vfio_iommu_type1"), 10, lines.append) == 0
    assert host.run(("modprobe", "-r", "vfio"), 10, lines.append) == 1
    assert "modprobe: FATAL: Module vfio is in use." in lines
    assert host.run(("modprobe", "-r", "vfio-pci"), 10, lines.append) == 0
    assert set(host.listdir("/sys/module")) == igb
    assert errno_of(lambda: host.listdir(f"{DRIVERS}/vfio-pci")) == "ENOENT"


def test_the_driver_that_was_loaded_first_takes_a_new_vf(host: SimulatedHost) -> None:
    """Measured in the lab: with igbvf there before vfio-pci, a VF goes to igbvf in spite of the id."""
    attribute(host, f"{DEVICE}/sriov_numvfs", "1")
    attribute(host, f"{DEVICE}/sriov_numvfs", "0")
    assert host.run(("modprobe", "vfio-pci"), 10, print) == 0
    attribute(host, f"{DRIVERS}/vfio-pci/new_id", "8086 10ca")
    attribute(host, f"{DEVICE}/sriov_numvfs", "7")
    assert {vf.driver for pf in gather(host).pfs or () for vf in pf.vfs} == {"igbvf"}


def test_removing_the_driver_of_a_pf_takes_its_vfs_along(host: SimulatedHost) -> None:
    """Measured in the lab: `modprobe -r igb` succeeds with seven VFs there."""
    attribute(host, f"{DEVICE}/sriov_numvfs", "7")
    assert host.run(("modprobe", "-r", "igb"), 10, print) == 0
    assert host.listdir("/sys/class/net") == ("mgmt0",)
    assert host.run(("modprobe", "igb"), 10, print) == 0
    pf = gather(host).pf(FIRST)
    assert pf is not None
    assert (pf.driver, pf.netdevs, pf.numvfs, pf.vfs) == ("igb", ("enp1s0",), 0, ())
