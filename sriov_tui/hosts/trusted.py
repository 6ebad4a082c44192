"""Files that root acts on or keeps: refused where others could have written them, written for nobody else."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from sriov_tui.message import say
from sriov_tui.model import SriovError


def check_private(folder: Path) -> None:
    """SriovError where others could put files of their own into a folder whose files we act on."""
    status = os.lstat(folder)
    if not stat.S_ISDIR(status.st_mode):
        raise SriovError(
            say("{folder} is not a directory", folder=str(folder)),
            say("Move it away, then run the same command again."),
        )
    if status.st_uid not in (0, os.geteuid()) or status.st_mode & 0o022:
        raise SriovError(
            say(
                "{folder} can be written by others (mode {st_mode}, uid {st_uid})",
                folder=str(folder),
                st_mode=f"{stat.S_IMODE(status.st_mode):04o}",
                st_uid=status.st_uid,
            ),
            say("Look through what is in it, then `chown root {folder}` and `chmod 700 {folder}`.", folder=str(folder)),
        )


def read_trusted(path: Path, limit: int = 64 << 20) -> bytes:
    """A regular file that we will act on; SriovError where anybody but us and root may have written it."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as file:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                raise SriovError(say("{path} is not a regular file", path=str(path)), say("Name the file itself."))
            if status.st_mode & 0o022:
                raise SriovError(
                    say("{path} can be written by others than its owner", path=str(path)),
                    say("Look it through, then `chmod go-w {path}`.", path=str(path)),
                )
            if status.st_uid not in (0, os.geteuid()):
                raise SriovError(
                    say("{path} belongs to another user (uid {st_uid})", path=str(path), st_uid=status.st_uid),
                    say("Look it through, then `chown root {path}`.", path=str(path)),
                )
            data = file.read(limit + 1)
    except OSError as error:
        hint = say("Name a file that exists; root may be needed.")
        raise SriovError(
            say("{path} cannot be read: {strerror}", path=str(path), strerror=error.strerror), hint
        ) from error
    if len(data) > limit:
        raise SriovError(
            say("{path} is larger than {limit} MiB", path=str(path), limit=limit >> 20), say("That is no file of ours.")
        )
    return data


def write(path: Path, text: str) -> None:
    """Write a file of ours durably, mode 0600."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
        file.flush()
        os.fsync(fd)
