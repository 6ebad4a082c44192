"""What was written, where the next boot finds it: durable for the kernel, and below /boot for a boot loader, too.

GRUB reads a file system without its journal. Seen in the lab: after a power cut it booted the menu of before a rename
that had been fsynced; it might as well have found a file whose blocks were given away. So what is below /boot has to
leave the journal for its place on the disk before it counts as done.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

FREEZE, THAW = 0xC0045877, 0xC0045878  # FIFREEZE and FITHAW of linux/fs.h
CHECKPOINT = 0x4004662B  # EXT4_IOC_CHECKPOINT of ext4.h, since Linux 5.15
BOOT = Path("/boot")


def settle(directory: Path) -> None:
    """Make the names in a directory durable; OSError where the disk refuses."""
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
        if directory == BOOT or BOOT in directory.parents:
            _empty_journal(fd)
    finally:
        os.close(fd)


def _empty_journal(fd: int) -> None:
    """Have the file system of this directory write its journal's content to its place, as far as there is a way.

    ext4 is asked for just that. Else a file system of its own is frozen and thawed, as distributions do after they
    wrote a menu. That of the whole host is never frozen: every virtual machine on it would wait.
    """
    try:
        fcntl.ioctl(fd, CHECKPOINT, b"\0\0\0\0")
    except OSError:
        if os.fstat(fd).st_dev != os.stat("/").st_dev:
            _freeze_and_thaw(fd)


def _freeze_and_thaw(fd: int) -> None:
    """Freeze a file system for a moment. A child thaws it, should we be killed in this moment.

    One that cannot be frozen is left alone: vfat has no journal, and one that somebody else froze is theirs to thaw.
    """
    watched, ours = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(ours)
            if os.read(watched, 1) == b"":  # we were killed: nothing was said of how it ended
                _ask(fd, THAW)
        finally:
            os._exit(0)
    try:
        os.close(watched)
        if _ask(fd, FREEZE):
            _ask(fd, THAW)
        os.write(ours, b"x")
    finally:
        os.close(ours)
        os.waitpid(child, 0)


def _ask(fd: int, request: int) -> bool:
    """Whether the kernel did it."""
    try:
        fcntl.ioctl(fd, request, 0)
    except OSError:
        return False
    return True
