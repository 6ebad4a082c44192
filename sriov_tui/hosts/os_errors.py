"""Every error of the operating system as a sentence with a way out, so that none ends in a traceback."""

from __future__ import annotations

import errno
import functools
import os
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from sriov_tui.message import Message, say
from sriov_tui.model import SriovError

P = ParamSpec("P")
T = TypeVar("T")

WAYS_OUT: dict[int, Message] = {
    errno.ENOSPC: say("The disk is full. Make room, then run the same command again."),
    errno.EDQUOT: say("The disk quota is used up. Make room, then run the same command again."),
    errno.EROFS: say(
        "The file system is mounted read-only; `dmesg | tail` may show why. Remount it read-write, "
        "then run the same command again."
    ),
    errno.EACCES: say("Run the same command as root. SELinux or AppArmor may refuse it, too."),
    errno.EPERM: say(
        "Run the same command as root. `lsattr` shows whether the file is immutable; `chattr -i` ends it."
    ),
    errno.EIO: say("The disk reports errors: look at `dmesg | tail`, and replace it before you go on."),
    errno.ENOENT: say("It was removed meanwhile. Run the same command again."),
    errno.EMFILE: say("Too many files are open. Run the same command in a new login."),
    errno.ENFILE: say("Too many files are open on this host. End what has them open, then run the same command again."),
    errno.ENOMEM: say("The memory is used up. Free some, then run the same command again."),
    errno.ESTALE: say("A network file system has lost the file. Mount it again, then run the same command again."),
}
UNKNOWN = say("`dmesg | tail` may show more; then run the same command again.")


def sentence(error: OSError) -> SriovError:
    """What an error of the operating system means for the operator."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    path = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes | os.PathLike) else ""
    title = (
        say("{path} cannot be used: {reason}", path=path, reason=reason)
        if path
        else say("The operating system refused: {reason}", reason=reason)
    )
    return SriovError(title, WAYS_OUT.get(error.errno or 0, UNKNOWN))


def told(function: Callable[P, T]) -> Callable[P, T]:
    """A function that raises SriovError where it would raise OSError."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except OSError as error:
            raise sentence(error) from error

    return wrapper
