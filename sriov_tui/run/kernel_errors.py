"""What an errno of the kernel means for the operator: the reason in words, and the way out."""

from __future__ import annotations

import errno
import os

from sriov_tui.hosts.host import Changed
from sriov_tui.message import Message, say
from sriov_tui.model import SriovError

# Linux drivers/pci/iov.c, sriov_numvfs_store, and the drivers behind it.
_NUMVFS: dict[int, tuple[Message, Message]] = {
    errno.EBUSY: (
        say("VFs exist already, and the kernel requires setting their number to 0 first"),
        say("Stop the virtual machines that use them, write 0 to sriov_numvfs, then run `sriov-tui resume`."),
    ),
    errno.ERANGE: (
        say("that is more than the card offers"),
        say("`sriov_totalvfs` next to it is the maximum. The firmware may allow more after a change and a reboot."),
    ),
    errno.ENOENT: (
        say("no driver is bound to this function, or its driver cannot make VFs through sysfs"),
        say("Bind the driver of the PF (`lspci -k -s ADDRESS` names it), then run `sriov-tui resume`."),
    ),
    errno.ENOMEM: (
        say("there is not enough PCI memory space (MMIO) for that many VFs"),
        say("In the BIOS enable SR-IOV and `Above 4G Decoding`; where that is not enough, boot with `pci=realloc`."),
    ),
    errno.EPERM: (
        say("the driver refuses this number"),
        say("`dmesg | tail` shows its limit. With kernel lockdown no driver may be reconfigured."),
    ),
    errno.EINVAL: (
        say("the driver refuses, as it does while VFs are in use by virtual machines"),
        say("Stop those virtual machines, look at `dmesg | tail`, then run `sriov-tui resume`."),
    ),
    errno.EAGAIN: (say("the driver is busy with a reset"), say("Wait some seconds, then run `sriov-tui resume`.")),
    errno.EOPNOTSUPP: (
        say("the driver cannot make VFs in its present state, as ice in Safe Mode"),
        say("`dmesg | grep -i 'safe mode'` shows it; the firmware package of the driver is then missing."),
    ),
    errno.ETIMEDOUT: (
        say("the kernel has not answered in time; a virtual machine may hold a VF, or the card's firmware hangs"),
        say(
            "Do not write again. Stop the virtual machines that hold VFs and look at `dmesg | tail`; "
            "the number changes by itself once the card answers."
        ),
    ),
}

_FILES: dict[int, tuple[Message, Message]] = {
    errno.ENOSPC: (say("the disk is full"), say("Make room, then run `sriov-tui resume`.")),
    errno.EDQUOT: (say("the disk quota is used up"), say("Make room, then run `sriov-tui resume`.")),
    errno.EROFS: (
        say("the file system is mounted read-only"),
        say("Mount it read-write, then run `sriov-tui resume`."),
    ),
    errno.EPERM: (
        say("the kernel does not permit it"),
        say("Run as root. `lsattr` shows whether the file is immutable; `chattr -i` ends that."),
    ),
    errno.EACCES: (say("access is denied"), say("Run as root; a security module (SELinux, AppArmor) may refuse, too.")),
    errno.ENOENT: (say("its directory does not exist"), say("Make the directory, then run `sriov-tui resume`.")),
    errno.EBUSY: (
        say("another file is mounted on it (a bind mount, as containers have)"),
        say(
            "`findmnt --target FILE` shows what is mounted there. Change that file where it comes from, or `umount` "
            "it, then run `sriov-tui resume`."
        ),
    ),
    errno.ETIMEDOUT: (say("there was no answer in time"), say("Look at `dmesg | tail`, then run `sriov-tui resume`.")),
}


def is_numvfs(path: str) -> bool:
    """Whether this attribute is the VF count of a PF."""
    return path.endswith("/sriov_numvfs")


def attribute_error(path: str, value: str, error: OSError) -> SriovError:
    """Why an attribute could not be written."""
    known = (_NUMVFS if is_numvfs(path) else {}).get(error.errno or 0)
    return _sentence(say("{value} could not be written to {path}", value=repr(value), path=path), known, error)


def file_error(path: str, error: OSError, verb: str = "written") -> SriovError:
    """Why a file could not be written, removed or read."""
    if isinstance(error, Changed):
        return SriovError(
            say("{path} was saved by somebody else at this very moment", path=path),
            say("What they saved is kept, and nothing was written to it. Run the same command again."),
        )
    return _sentence(say("{path} could not be {verb}", path=path, verb=verb), _FILES.get(error.errno or 0), error)


def not_taken(path: str, wanted: str, found: str) -> SriovError:
    """A write that the kernel called a success, and that changed nothing (hns3_pci_sriov_configure)."""
    if is_numvfs(path):
        return SriovError(
            say(
                "{wanted} VFs were asked for and the driver reported success, but {path} says {found}",
                wanted=wanted,
                path=path,
                found=found,
            ),
            say(
                "Some drivers do so while the link is down: `ip link set DEVICE up`, then `sriov-tui "
                "resume`. `dmesg | tail` shows the driver's reason."
            ),
        )
    return SriovError(
        say("{wanted} was written to {path}, but it reads {found}", wanted=repr(wanted), path=path, found=repr(found)),
        say("`dmesg | tail` may show why the kernel refused."),
    )


def _sentence(what: Message, known: tuple[Message, Message] | None, error: OSError) -> SriovError:
    kernel = os.strerror(error.errno) if error.errno else str(error)
    if known is None:
        return SriovError(
            say("{what}: {kernel}", what=what, kernel=kernel),
            say("`dmesg | tail` may show more; then run `sriov-tui resume`."),
        )
    reason, way_out = known
    return SriovError(say("{what}: {reason} ({kernel})", what=what, reason=reason, kernel=kernel), way_out)
