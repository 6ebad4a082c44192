"""What the kernel does with SR-IOV's sysfs attributes: asserted on the simulated machine and on the lab's real one.

Each function takes a machine and the address of an idle PF with at least two VFs on offer, and leaves it with
0 VFs. No fixtures here: the lab calls these functions on its own.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sriov_tui.hosts.host import Host

DEVICES, DRIVERS = "/sys/bus/pci/devices", "/sys/bus/pci/drivers"
TIMEOUT = 60.0
VFIO = "vfio-pci"


def more_than_the_total_is_out_of_range(host: Host, pf: str) -> None:
    _refused(host, f"{DEVICES}/{pf}/sriov_numvfs", str(_total(host, pf) + 1), errno.ERANGE)
    assert _numvfs(host, pf) == 0


def nonsense_is_invalid(host: Host, pf: str) -> None:
    for value in ("seven", "-1", "1 2"):
        _refused(host, f"{DEVICES}/{pf}/sriov_numvfs", value, errno.EINVAL)
    assert _numvfs(host, pf) == 0


def the_same_number_changes_nothing(host: Host, pf: str) -> None:
    _set(host, pf, 0)
    with _with_vfs(host, pf, 2):
        before = _vfs(host, pf)
        _set(host, pf, 2)
        assert _vfs(host, pf) == before


def another_number_is_busy(host: Host, pf: str) -> None:
    with _with_vfs(host, pf, 1):
        _refused(host, f"{DEVICES}/{pf}/sriov_numvfs", "2", errno.EBUSY)
        assert _numvfs(host, pf) == 1


def without_a_driver_there_is_no_entry(host: Host, pf: str) -> None:
    driver = _driver(host, pf)
    host.write_attribute(f"{DRIVERS}/{driver}/unbind", pf, TIMEOUT)
    try:
        assert not _driver(host, pf)
        _refused(host, f"{DEVICES}/{pf}/sriov_numvfs", "1", errno.ENOENT)
        _refused(host, f"{DRIVERS}/{driver}/unbind", pf, errno.ENODEV)
    finally:
        host.write_attribute(f"{DRIVERS}/{driver}/bind", pf, TIMEOUT)
    assert _driver(host, pf) == driver


def all_vfs_appear_and_go(host: Host, pf: str) -> None:
    total = _total(host, pf)
    before = host.listdir(DEVICES)
    grouped = _target(host, f"{DEVICES}/{pf}/iommu_group")
    with _with_vfs(host, pf, total):
        vfs = _vfs(host, pf)
        assert len(set(vfs)) == total
        assert set(host.listdir(DEVICES)) == {*before, *vfs}
        for vf in vfs:
            _is_a_vf(host, vf, pf)
            assert bool(_target(host, f"{DEVICES}/{vf}/iommu_group")) == bool(grouped)
        listed = host.query(("lspci", "-nnmm", "-D")).out
        assert all(f"{vf} " in listed for vf in vfs)
    assert host.listdir(DEVICES) == before
    assert not _vfs(host, pf)


def _is_a_vf(host: Host, vf: str, pf: str) -> None:
    assert _target(host, f"{DEVICES}/{vf}/physfn") == pf
    assert host.read(f"{DEVICES}/{vf}/class") == host.read(f"{DEVICES}/{pf}/class")
    assert host.read(f"{DEVICES}/{vf}/vendor") == host.read(f"{DEVICES}/{pf}/vendor")
    assert host.read(f"{DEVICES}/{vf}/device") != host.read(f"{DEVICES}/{pf}/device")
    group = _target(host, f"{DEVICES}/{vf}/iommu_group")
    if group:
        assert vf in host.listdir(f"/sys/kernel/iommu_groups/{group}/devices")


def the_total_cannot_be_written(host: Host, pf: str) -> None:
    _refused(host, f"{DEVICES}/{pf}/sriov_totalvfs", "1", errno.EACCES)


def vfio_pci_takes_a_vf_that_names_it(host: Host, pf: str) -> None:
    assert host.run(("modprobe", VFIO), TIMEOUT, print) == 0
    with _with_vfs(host, pf, 1):
        (vf,) = _vfs(host, pf)
        _give_to_vfio(host, vf)
        assert _driver(host, vf) == (VFIO if _target(host, f"{DEVICES}/{vf}/iommu_group") else "")


def _give_to_vfio(host: Host, vf: str) -> None:
    host.write_attribute(f"{DEVICES}/{vf}/driver_override", VFIO, TIMEOUT)
    if driver := _driver(host, vf):
        host.write_attribute(f"{DRIVERS}/{driver}/unbind", vf, TIMEOUT)
    grouped = bool(_target(host, f"{DEVICES}/{vf}/iommu_group"))
    assert _errno(host, f"{DRIVERS}/{VFIO}/bind", vf) == (0 if grouped else errno.EINVAL)


def without_autoprobe_nothing_binds(host: Host, pf: str) -> None:
    """pci_device_can_probe in pci-driver.c: `new_id` says yes and does nothing, `bind` says ENODEV."""
    assert host.run(("modprobe", VFIO), TIMEOUT, print) == 0
    host.write_attribute(f"{DEVICES}/{pf}/sriov_drivers_autoprobe", "0", TIMEOUT)
    try:
        with _with_vfs(host, pf, 1):
            (vf,) = _vfs(host, pf)
            assert not _driver(host, vf)
            with _new_id(host, vf) as ids:
                assert not _driver(host, vf)
                _refused(host, f"{DRIVERS}/{VFIO}/bind", vf, errno.ENODEV)
                _refused(host, f"{DRIVERS}/{VFIO}/new_id", ids, errno.EEXIST)
    finally:
        host.write_attribute(f"{DEVICES}/{pf}/sriov_drivers_autoprobe", "1", TIMEOUT)


CONTRACT: tuple[Callable[[Host, str], None], ...] = (
    more_than_the_total_is_out_of_range,
    nonsense_is_invalid,
    the_same_number_changes_nothing,
    another_number_is_busy,
    without_a_driver_there_is_no_entry,
    all_vfs_appear_and_go,
    the_total_cannot_be_written,
    vfio_pci_takes_a_vf_that_names_it,
    without_autoprobe_nothing_binds,
)


@contextmanager
def _with_vfs(host: Host, pf: str, count: int) -> Iterator[None]:
    _set(host, pf, count)
    try:
        assert _numvfs(host, pf) == count
        yield
    finally:
        _set(host, pf, 0)
    assert _numvfs(host, pf) == 0


@contextmanager
def _new_id(host: Host, vf: str) -> Iterator[str]:
    words = (host.read(f"{DEVICES}/{vf}/{name}").decode().strip().removeprefix("0x") for name in ("vendor", "device"))
    ids = " ".join(words)
    host.write_attribute(f"{DRIVERS}/{VFIO}/new_id", ids, TIMEOUT)
    try:
        yield ids
    finally:
        host.write_attribute(f"{DRIVERS}/{VFIO}/remove_id", ids, TIMEOUT)


def _set(host: Host, pf: str, count: int) -> None:
    host.write_attribute(f"{DEVICES}/{pf}/sriov_numvfs", str(count), TIMEOUT)


def _refused(host: Host, path: str, value: str, number: int) -> None:
    found = _errno(host, path, value)
    assert found == number, f"{path} <- {value!r}: {os.strerror(found)}, expected {os.strerror(number)}"


def _errno(host: Host, path: str, value: str) -> int:
    """The errno of a write; 0 where it was accepted."""
    try:
        host.write_attribute(path, value, TIMEOUT)
    except OSError as error:
        return error.errno or errno.EIO
    return 0


def _numvfs(host: Host, pf: str) -> int:
    return int(host.read(f"{DEVICES}/{pf}/sriov_numvfs"))


def _total(host: Host, pf: str) -> int:
    return int(host.read(f"{DEVICES}/{pf}/sriov_totalvfs"))


def _vfs(host: Host, pf: str) -> list[str]:
    found = sorted(
        (name for name in host.listdir(f"{DEVICES}/{pf}") if name.startswith("virtfn")), key=lambda n: int(n[6:])
    )
    return [_target(host, f"{DEVICES}/{pf}/{name}") for name in found]


def _driver(host: Host, address: str) -> str:
    return _target(host, f"{DEVICES}/{address}/driver")


def _target(host: Host, path: str) -> str:
    try:
        return os.path.basename(host.readlink(path))
    except FileNotFoundError:
        return ""
