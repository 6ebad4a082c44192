"""What an errno of the kernel means for the operator: the reason in words, and the way out."""

from __future__ import annotations

import errno
import os

from sriov_tui.hosts.host import Changed
from sriov_tui.message import say
from sriov_tui.model import SriovError

# Linux drivers/pci/iov.c, sriov_numvfs_store, and the drivers behind it.
_NUMVFS: dict[int, tuple[str, str]] = {
    errno.EBUSY: (
        "VFs exist already, and the kernel changes their number only by way of 0",
        "Stop the virtual machines that use them, write 0 to sriov_numvfs, then run `sriov-tui resume`.",
    ),
    errno.ERANGE: (
        "that is more than the card offers",
        "`sriov_totalvfs` beside it tells the most. The firmware may allow more after a change and a reboot.",
    ),
    errno.ENOENT: (
        "no driver is bound to this function, or its driver cannot make VFs through sysfs",
        "Bind the driver of the PF (`lspci -k -s ADDRESS` names it), then run `sriov-tui resume`.",
    ),
    errno.ENOMEM: (
        "there is not enough PCI memory space (MMIO) for that many VFs",
        "In the BIOS enable SR-IOV and `Above 4G Decoding`; where that is not enough, boot with `pci=realloc`.",
    ),
    errno.EPERM: (
        "the driver refuses this number",
        "`dmesg | tail` tells its limit. With kernel lockdown no driver may be reconfigured.",
    ),
    errno.EINVAL: (
        "the driver refuses, as it does while VFs are in use by virtual machines",
        "Stop those virtual machines, look at `dmesg | tail`, then run `sriov-tui resume`.",
    ),
    errno.EAGAIN: ("the driver is busy with a reset", "Wait some seconds, then run `sriov-tui resume`."),
    errno.EOPNOTSUPP: (
        "the driver cannot make VFs in its present state, as ice in Safe Mode",
        "`dmesg | grep -i 'safe mode'` tells; the firmware package of the driver is then missing.",
    ),
    errno.ETIMEDOUT: (
        "the kernel has not answered in time; a virtual machine may hold a VF, or the card's firmware hangs",
        "Do not write again. Stop the virtual machines that hold VFs and look at `dmesg | tail`; "
        "the number changes by itself once the card answers.",
    ),
}

_FILES: dict[int, tuple[str, str]] = {
    errno.ENOSPC: ("the disk is full", "Make room, then run `sriov-tui resume`."),
    errno.EDQUOT: ("the disk quota is used up", "Make room, then run `sriov-tui resume`."),
    errno.EROFS: ("the file system is mounted read-only", "Mount it read-write, then run `sriov-tui resume`."),
    errno.EPERM: (
        "the kernel does not permit it",
        "Run as root. `lsattr` tells whether the file is immutable; `chattr -i` ends that.",
    ),
    errno.EACCES: ("access is denied", "Run as root; a security module (SELinux, AppArmor) may refuse, too."),
    errno.ENOENT: ("its directory does not exist", "Make the directory, then run `sriov-tui resume`."),
    errno.ETIMEDOUT: ("there was no answer in time", "Look at `dmesg | tail`, then run `sriov-tui resume`."),
}


def is_numvfs(path: str) -> bool:
    """Whether this attribute is the VF count of a PF."""
    return path.endswith("/sriov_numvfs")


def attribute_error(path: str, value: str, error: OSError) -> SriovError:
    """Why an attribute could not be written."""
    known = (_NUMVFS if is_numvfs(path) else {}).get(error.errno or 0)
    return _sentence(f"{value!r} could not be written to {path}", known, error)


def file_error(path: str, error: OSError, verb: str = "written") -> SriovError:
    """Why a file could not be written, removed or read."""
    if isinstance(error, Changed):
        return SriovError(
            say("{path} was saved by somebody else at this very moment", path=path),
            say("What they saved is kept, and nothing was written to it. Run the same command again."),
        )
    return _sentence(f"{path} could not be {verb}", _FILES.get(error.errno or 0), error)


def not_taken(path: str, wanted: str, found: str) -> SriovError:
    """A write that the kernel called a success, and that changed nothing (domain facts, section 3)."""
    if is_numvfs(path):
        return SriovError(
            f"{wanted} VFs were asked for and the driver reported success, but {path} says {found}",
            "Some drivers do so while the link is down: `ip link set DEVICE up`, then `sriov-tui resume`. "
            "`dmesg | tail` tells what the driver thought.",
        )
    return SriovError(
        f"{wanted!r} was written to {path}, but it reads {found!r}", "`dmesg | tail` may tell why the kernel refused."
    )


def _sentence(what: str, known: tuple[str, str] | None, error: OSError) -> SriovError:
    kernel = os.strerror(error.errno) if error.errno else str(error)
    if known is None:
        return SriovError(f"{what}: {kernel}", "`dmesg | tail` may tell more; then run `sriov-tui resume`.")
    reason, way_out = known
    return SriovError(f"{what}: {reason} ({kernel})", way_out)
