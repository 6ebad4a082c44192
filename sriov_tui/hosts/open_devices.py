"""The devices that processes have open, by device number: whatever path, mount or namespace they were opened in.

/sys/dev/char leads from a number to the device, and the way there names the PCI function that it hangs on: a VFIO
device (vfio-dev), UIO, RDMA (infiniband_verbs), vDPA. A VFIO group is a device of its own.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from sriov_tui.hosts.host import UNTOLD
from sriov_tui.late import regex

FUNCTION = regex(r".*/([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])/(.+)")
GROUP = regex(r".*/virtual/vfio/((?:noiommu-)?\d+)")
SPELLED = regex(r".*/vfio/((?:noiommu-)?\d+|devices/vfio\d+)(?: \(deleted\))?")
SYSPATH = regex(r"vfio-device-syspath:\s*(\S+)")  # vfio_device_fops, since Linux 6.18
# Shared mappings of files; the BARs of a device can be mapped in no other way (vfio_pci_core_mmap, pci_mmap_resource).
SHARED = re.compile(rb"^([0-9a-f]+-[0-9a-f]+) ..[-x]s \S+ \S+ [1-9]\d* +(/(?!memfd:|SYSV).*)$", re.MULTILINE)
FIRST_NAMESPACE = 0xEFFFFFFC  # PROC_PID_INIT_INO, include/linux/proc_ns.h


def open_devices(proc: str = "/proc", char: str = "/sys/dev/char") -> list[tuple[str, int, str]]:
    """(device, process id, command line) as `Reader.vfio_holders` has them; OSError unless all processes are seen."""
    if _hides_processes(proc):
        raise PermissionError(errno.EPERM, "the processes of the host cannot be seen from within a container", proc)
    names: dict[int, str] = {}
    found = []
    for pid in sorted((name for name in os.listdir(proc) if name.isdigit()), key=int):
        devices = {*_descriptors(f"{proc}/{pid}", char, names), *_mappings(f"{proc}/{pid}", char, names)} - {""}
        if devices - {UNTOLD}:
            devices -= {UNTOLD}  # one of those that are named
        command = _command(proc, pid) if devices else None
        if command is not None:  # None: it has just ended, and holds nothing any more
            found += [(device, int(pid), command) for device in sorted(devices)]
    return found


def _hides_processes(proc: str) -> bool:
    try:
        return os.stat(f"{proc}/self/ns/pid").st_ino != FIRST_NAMESPACE
    except FileNotFoundError:
        return False  # a tree, not the kernel's


def _descriptors(process: str, char: str, names: dict[int, str]) -> Iterator[str]:
    try:
        descriptors = os.listdir(f"{process}/fd")
    except (FileNotFoundError, ProcessLookupError, NotADirectoryError):
        return
    for descriptor in descriptors:
        path = f"{process}/fd/{descriptor}"
        try:
            status = os.stat(path)
        except FileNotFoundError:  # it was closed, or this is a tree
            yield _spelled(path)
            continue
        if stat.S_ISCHR(status.st_mode):
            yield _named(status.st_rdev, char, names) or _spelled(path)
        elif not stat.S_IFMT(status.st_mode) and _target(path) == UNTOLD:
            yield _told(f"{process}/fdinfo/{descriptor}")


def _mappings(process: str, char: str, names: dict[int, str]) -> Iterator[str]:
    """What a process has mapped; it may have closed the descriptor since."""
    try:
        maps = Path(process, "maps").read_bytes()
    except OSError:
        return  # a kernel thread, a tree, or it has ended; who may not see it does not see the descriptors either
    for area, name in SHARED.findall(maps):
        path = name.decode("utf-8", "replace")
        if resource := re.fullmatch(r".*/([0-9a-f:]+\.[0-7])/(resource\d(?:_wc)?)(?: \(deleted\))?", path):
            yield f"/sys/bus/pci/devices/{resource[1]}/{resource[2]}"
            continue
        try:
            status = os.stat(f"{process}/map_files/{area.decode()}")
        except OSError:
            continue
        if stat.S_ISCHR(status.st_mode):
            yield _named(status.st_rdev, char, names)


def _named(number: int, char: str, names: dict[int, str]) -> str:
    """The device of this number, "" for one that is none of a PCI function."""
    if number not in names:
        names[number] = _at(_target(f"{char}/{os.major(number)}:{os.minor(number)}"))
    return names[number]


def _at(path: str) -> str:
    if group := GROUP.fullmatch(path):
        return f"/dev/vfio/{group[1]}"
    function = FUNCTION.fullmatch(path)
    return f"/sys/bus/pci/devices/{function[1]}/{function[2]}" if function else ""


def _spelled(path: str) -> str:
    """The device by the name that it was opened by, where the kernel does not know its number."""
    found = SPELLED.fullmatch(_target(path))
    return f"/dev/vfio/{found[1]}" if found else ""


def _told(fdinfo: str) -> str:
    """Which device a descriptor of VFIO stands for, where the kernel tells."""
    try:
        found = SYSPATH.search(Path(fdinfo).read_text(errors="replace"))
    except OSError:
        return UNTOLD
    return (_at(f"{found[1]}/vfio-dev") if found else "") or UNTOLD


def _target(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _command(proc: str, pid: str) -> str | None:
    try:
        words = Path(proc, pid, "cmdline").read_bytes().replace(b"\0", b" ")
    except OSError:
        return None
    return words.decode("utf-8", "replace").strip()
