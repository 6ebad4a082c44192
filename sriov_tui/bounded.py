"""Input of others, bounded before any work is done on it: a file that is none, is endless or too large, is refused."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any, BinaryIO

from sriov_tui.message import say
from sriov_tui.model import SriovError

TOML_LINE, TOML_DOTS = 8 << 10, 200
"""Characters of a line of TOML, and dots in it: for a key of n parts tomllib makes n tuples of up to n parts."""


def read_file(path: str | Path, limit: int, flags: int = 0) -> tuple[bytes, os.stat_result]:
    """A regular file of at most `limit` bytes and its status, both by one descriptor; OSError where it cannot be read.

    SriovError where it is a device, a pipe (which would never end) or larger.
    """
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC | flags)
    with os.fdopen(fd, "rb") as file:
        status = os.fstat(fd)
        if stat.S_ISDIR(status.st_mode):
            raise SriovError(say("{path} is a folder.", path=str(path)), say("Name a file in it."))
        if not stat.S_ISREG(status.st_mode):
            raise SriovError(say("{path} is not a regular file", path=str(path)), say("Name the file itself."))
        return checked(file.read(limit + 1), limit, str(path)), status


def read_stream(stream: BinaryIO, limit: int, name: str) -> bytes:
    """What comes out of a pipe, to its end; SriovError where that is more than `limit` bytes."""
    return checked(stream.read(limit + 1), limit, name)


def checked(data: bytes, limit: int, name: str) -> bytes:
    """The data; SriovError where it is more than `limit` bytes."""
    if len(data) > limit:
        unit, shift = ("MiB", 20) if limit >= 1 << 20 else ("KiB", 10)
        size = f"{limit >> shift} {unit}"
        raise SriovError(
            say("{path} is larger than {size}.", path=name, size=size),
            say("Nothing of it was used. Look whether it is the file that you mean."),
        )
    return data


def json_value(data: bytes | str, most: int) -> Any:
    """A JSON value of at most so many values; ValueError where it is none, is larger or is nested too deeply.

    A few bytes of JSON, as "[]," is, become twenty times as many: so they are counted before any is made.
    """
    signs: tuple[Any, ...] = (b"[", b"{", b",") if isinstance(data, bytes) else ("[", "{", ",")
    if sum(map(data.count, signs)) > most:
        raise ValueError(say("it has more than {most} values", most=most))
    try:
        return json.loads(data)
    except RecursionError:
        raise ValueError(say("it is nested too deeply")) from None


def toml(data: bytes) -> dict[str, Any]:
    """A TOML document; ValueError with the place where it is none, or is made to keep a parser busy."""
    import tomllib  # 4 ms, and most audits read no TOML

    text = data.decode()
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > TOML_LINE or line.count(".") > TOML_DOTS:
            raise ValueError(say("line {number} is too long", number=number))
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError(say("it is nested too deeply")) from None
