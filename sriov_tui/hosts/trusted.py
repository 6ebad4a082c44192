"""Files that root acts on or keeps: refused where others could have written them, written for nobody else."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from sriov_tui.bounded import read_file
from sriov_tui.message import Message, say
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
        data, status = read_file(path, limit)
    except OSError as error:
        hint = say("Name a file that exists; root may be needed.")
        raise SriovError(
            say("{path} cannot be read: {strerror}", path=str(path), strerror=error.strerror), hint
        ) from error
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
    return data


def open_to_others(paths: Iterable[Path]) -> Message | None:
    """That root runs a program which somebody else may change, by the first of these paths that shows it."""
    for path in paths:
        status = os.stat(path)
        if status.st_uid not in (0, os.geteuid()):
            reason = say("it belongs to uid {uid}", uid=status.st_uid)
        elif status.st_mode & 0o002 or (status.st_mode & 0o020 and status.st_gid != 0):
            reason = say("its mode is {mode}", mode=f"{stat.S_IMODE(status.st_mode):04o}")
        else:
            continue
        return say(
            "You run this as root from {path}, which others may change ({reason}): whoever can do so, can become root "
            "here. Use the package or the one file, or a checkout that belongs to root.",
            path=str(path),
            reason=reason,
        )
    return None


def write(path: Path, text: str) -> None:
    """Write a file of ours durably, mode 0600."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
        file.flush()
        os.fsync(fd)
