"""Putting a file in place so that a save by somebody else at the same moment is not lost."""

from __future__ import annotations

import ctypes
import errno
import functools
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from sriov_tui.hosts.host import Changed

NOREPLACE, EXCHANGE = 1, 2  # RENAME_NOREPLACE and RENAME_EXCHANGE, include/uapi/linux/fs.h
AT_FDCWD = -100
UNSUPPORTED = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)  # by the file system, or by an old kernel


def put(temporary: str, target: Path, expect: str | None) -> None:
    """Rename `temporary` to `target`, which must have this SHA-256 ("" = absent, None = anything); Changed where not.

    The two are exchanged, and what was there is looked at afterwards: nothing can come in between.
    """
    if expect is None:
        os.rename(temporary, target)
        return
    try:
        _rename(temporary, target, EXCHANGE if expect else NOREPLACE)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EEXIST):
            raise Changed(target) from error
        if error.errno not in UNSUPPORTED:
            raise
        if _digest(target) != expect:
            raise Changed(target) from error
        os.rename(temporary, target)
        return
    if expect:
        _look(temporary, target, expect)


def _look(temporary: str, target: Path, expect: str) -> None:
    """Whether what was there is what was expected; else it goes back, or whatever was saved since."""
    ours = _digest(target)
    if _digest(Path(temporary)) == expect:
        os.unlink(temporary)
        return
    _rename(temporary, target, EXCHANGE)
    if _digest(Path(temporary)) != ours:  # they saved once more meanwhile: that is the newest
        _rename(temporary, target, EXCHANGE)
    raise Changed(target)


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""


def _rename(one: str, other: Path, flags: int) -> None:
    call = _renameat2()
    if call is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if call(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), flags):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(other))


@functools.cache
def _renameat2() -> Callable[..., int] | None:
    """renameat2(2) of the C library; None where that is too old."""
    return getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
