"""Who has a device open, by its number: under any path, in a chroot, deleted, mapped only, in another namespace."""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import signal
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sriov_tui.hosts.host import UNTOLD
from sriov_tui.hosts.open_devices import _at, open_devices

VF = "0000:01:10.0"
PCI = f"../../devices/pci0000:00/0000:00:04.0/{VF}"
KINDS = {
    "../../devices/virtual/vfio/12": "/dev/vfio/12",
    "../../devices/virtual/vfio/noiommu-3": "/dev/vfio/noiommu-3",
    f"{PCI}/vfio-dev/vfio3": f"/sys/bus/pci/devices/{VF}/vfio-dev/vfio3",
    f"{PCI}/uio/uio0": f"/sys/bus/pci/devices/{VF}/uio/uio0",
    f"{PCI}/infiniband_verbs/uverbs1": f"/sys/bus/pci/devices/{VF}/infiniband_verbs/uverbs1",
    f"{PCI}/mlx5_core.vnet.0/vdpa0/vhost-vdpa-0": f"/sys/bus/pci/devices/{VF}/mlx5_core.vnet.0/vdpa0/vhost-vdpa-0",
    "../../devices/virtual/mem/null": "",
    "../../devices/virtual/misc/vfio": "",  # the container, which every user of VFIO opens
}


@pytest.mark.parametrize("target", KINDS)
def test_the_kernels_tree_tells_which_device_a_number_is(target: str) -> None:
    assert _at(target) == KINDS[target]


def chrooted(folder: Path) -> None:
    (folder / "dev").mkdir()
    os.mknod(folder / "dev" / "x", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    os.chroot(folder)
    os.open("/dev/x", os.O_RDWR)


def deleted(folder: Path) -> None:
    os.mknod(folder / "x", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    os.open(folder / "x", os.O_RDWR)
    os.unlink(folder / "x")


def other_mounts(folder: Path) -> None:
    """A mount namespace of its own, with its root pivoted away, as a container has it."""
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.unshare(0x20000) == 0  # CLONE_NEWNS
    (folder / "dev").mkdir()
    os.mknod(folder / "dev" / "x", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    assert libc.mount(None, b"/", None, 0x44000, None) == 0  # MS_REC | MS_PRIVATE
    assert libc.mount(b"%b/dev" % os.fsencode(folder), b"/mnt", None, 0x1000, None) == 0  # MS_BIND
    os.open("/mnt/x", os.O_RDWR)


def mapped(folder: Path) -> None:
    """/dev/zero shared is a mapping of its own in the kernel, so a file stands in for the resource of a device."""
    path = folder / VF / "resource0"
    path.parent.mkdir()
    path.write_bytes(b"\0" * 4096)
    with path.open("r+b") as file:
        KEPT.append(mmap.mmap(file.fileno(), 4096, mmap.MAP_SHARED))


KEPT: list[mmap.mmap] = []


@contextmanager
def child(act: Callable[[Path], None], folder: Path) -> Iterator[int]:
    """A process that does this and waits."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            act(folder)
            os.write(theirs, b"x")
            signal.pause()
        finally:
            os._exit(1)
    os.close(theirs)
    try:
        if os.read(ours, 1) != b"x":
            pytest.skip("this needs root")
        yield pid
    finally:
        os.close(ours)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


@pytest.mark.machine
@pytest.mark.subprocess
@pytest.mark.parametrize("act", [chrooted, deleted, other_mounts, mapped])
def test_a_holder_is_found_wherever_it_opened_the_device(act: Callable[[Path], None], tmp_path: Path) -> None:
    char = tmp_path / "char"
    char.mkdir()
    (char / "1:3").symlink_to("../../devices/virtual/vfio/12")
    folder = tmp_path / "folder"
    folder.mkdir()
    expected = f"/sys/bus/pci/devices/{VF}/resource0" if act is mapped else "/dev/vfio/12"
    with child(act, folder) as pid:
        (tmp_path / "proc").mkdir()
        (tmp_path / "proc" / str(pid)).symlink_to(f"/proc/{pid}")  # of others nothing may be seen in a container
        found = open_devices(str(tmp_path / "proc"), str(char))
    assert expected in [device for device, holder, _ in found if holder == pid]


def test_who_may_not_see_all_processes_does_not_call_a_device_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "77" / "fd").mkdir(parents=True)

    def refuse(path: str) -> list[str]:
        if path.endswith("/fd"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return ["77"]

    monkeypatch.setattr("sriov_tui.hosts.open_devices.os.listdir", refuse)
    with pytest.raises(PermissionError):
        open_devices(str(tmp_path))


def test_in_a_container_nobody_is_called_free(tmp_path: Path) -> None:
    (tmp_path / "self" / "ns").mkdir(parents=True)
    (tmp_path / "self" / "ns" / "pid").write_text("another namespace")
    with pytest.raises(PermissionError, match="container"):
        open_devices(str(tmp_path))


def test_a_device_of_vfio_that_the_kernel_does_not_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process = tmp_path / "77"
    (process / "fd").mkdir(parents=True)
    (process / "cmdline").write_bytes(b"dpdk\0")
    (process / "fd" / "3").symlink_to(UNTOLD)
    real = os.stat
    anonymous = os.stat_result((0o600, 0, 0, 1, 0, 0, 0, 0, 0, 0))
    monkeypatch.setattr(
        "sriov_tui.hosts.open_devices.os.stat", lambda path: anonymous if str(path).endswith("fd/3") else real(path)
    )
    assert open_devices(str(tmp_path)) == [(UNTOLD, 77, "dpdk")]
    (process / "fdinfo").mkdir()
    (process / "fdinfo" / "3").write_text(f"pos: 0\nvfio-device-syspath: /sys/devices/pci0000:00/{VF}\n")
    assert open_devices(str(tmp_path)) == [(f"/sys/bus/pci/devices/{VF}/vfio-dev", 77, "dpdk")]
