"""Folders of drop-in files as systemd, udev, kmod and netplan read them: by name, /etc before /run before /usr."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from sriov_tui.hosts.host import NotRecorded
from sriov_tui.late import regex
from sriov_tui.probe.source import Source

WRITES = regex(r"sriov_numvfs|mlx5_num_vfs")
REFUSED = (errno.EACCES, errno.EPERM, errno.EIO)
SCRIPT_LIMIT = 64 << 10  # bytes of a script that are looked at


def drop_ins(source: Source, folders: tuple[str, ...], ending: str, unread: list[str]) -> Iterator[tuple[str, str]]:
    """(path, text) of each file, by name; of files with one name only that of the first folder counts."""
    paths: dict[str, str] = {}
    for folder in folders:
        names = source.names(folder)
        if names is None:
            unread.append(folder)
        for name in names or ():
            if name.endswith(ending) and not name.startswith("."):
                paths.setdefault(name, f"{folder}/{name}")
    for _, path in sorted(paths.items()):
        text = text_of(source, path, unread)
        if text:
            yield path, text


def text_of(source: Source, path: str, unread: list[str]) -> str | None:
    """A text file whole; None where it is absent, or (noted in `unread`) cannot be read."""
    problems = len(source.problems)
    data = source.data(path, 1 << 20)
    if data is None and len(source.problems) > problems:
        unread.append(path)
    return None if data is None else data.decode("utf-8", "surrogateescape")


def script_of(source: Source, path: str, unread: list[str]) -> str | None:
    """The text of a script; None where it is absent, no script (a folder, no `#!`), or (noted) cannot be read."""
    try:
        data = source.reader.read(path, SCRIPT_LIMIT)
    except OSError as error:
        if isinstance(error, NotRecorded) or error.errno in REFUSED:
            source.problem(path, error.strerror or str(error))
            unread.append(path)
        return None
    return data.decode("utf-8", "surrogateescape") if data.startswith(b"#!") else None


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """(number, line) of the lines that are no comments, those that end in a backslash joined by newlines."""
    number, held = 0, ""
    for at, line in enumerate(text.split("\n"), 1):
        if not held:
            number = at
        if not held and line.lstrip().startswith(("#", ";")):
            continue
        if line.endswith("\\"):
            held += line + "\n"
            continue
        if whole := (held + line):
            yield number, whole
        held = ""
    if held:
        yield number, held
