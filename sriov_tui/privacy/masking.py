"""Takes passwords, tokens and keys out of what is read of a machine, for all that leaves it: recordings and audits.

Lines, columns and what a parser would stumble over stay, so that the same checks find the same faults in what is left.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sriov_tui.facts import Source
from sriov_tui.hosts.host import MAX_FILE, Completed, Reader

MASK = "MASKED"
_NAME = r"(?:password|passwd|passphrase|secret|token|credential|psk|wep-key|(?:api|access|private)_?key)"
_SECRET = rf"[\w.-]{{0,64}}{_NAME}[\w.-]{{0,64}}"
_SWITCH = r"['\"]?(?:true|false|yes|no|on|off|[tfyn])['\"]?"
_HARMLESS = rf"(?:{_SWITCH}|null|~|[|>][-+\d]*|\d{{1,3}})?[ \t\r]*(?:#.*)?$"
_NUMBER = re.compile(r"[-+]?(?:0x[0-9a-fA-F]+|\d[\d._]*)")  # as in auth_token_cache_size: no secret, but who knows
_YAML = re.compile(rf"(?im)^(?P<key>[ \t]*(?:- )?['\"]?{_SECRET}['\"]?[ \t]*:[ \t]+)(?!{_HARMLESS})(?P<value>.*)$")
_BLOCK = re.compile(
    rf"(?im)^(?P<key>(?P<indent>[ \t]*)['\"]?{_SECRET}['\"]?[ \t]*:[^\n]*\n)"
    r"(?P<value>(?:(?P=indent)(?:[ \t]+\S|- ).*\n?)+)"
)
_PEM = re.compile(r"(?P<key>-----BEGIN [A-Z ]*PRIVATE KEY-----\r?\n)(?P<value>(?:(?!-----).*\n?)*)")
_GRUB = re.compile(r"(?m)^(?P<key>[ \t]*password(?:_pbkdf2)?[ \t]+\S+[ \t]+)(?P<value>\S+)")
_ARGUMENT = re.compile(rf"(?i)(?P<key>\b{_SECRET}=|\bdata=)(?P<value>[^\s,]+)")
_ITEM = re.compile(rf"(?i)(?P<key>\"{_SECRET}\"\s*:\s*\")(?P<value>[^\"\n]+)")
_HEADER = re.compile(
    r"(?i)(?P<key>\b(?:authorization|[\w-]{0,64}-token)\b['\"]?[:=]\s*(?:\w+ )?)(?P<value>[^\s,'\"]{8,})"
)
_LOGIN = re.compile(r"(?P<key>\w://[^\s:/@]{0,64}:)(?P<value>[^\s/@]+)(?=@)")
_SIMPLE = re.compile(r"(?:[A-Za-z0-9][^\s:#'\"]*|\"[^\"\\]*\"|'[^']*')(?:[ \t]+#.*)?")
_NOT_TEXT = ("/sys/", "/lib/", "/boot/config-")


class Masked:
    """A `Reader` that passes on what another one reads, every value that looks like a secret replaced."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    @property
    def source(self) -> Source:
        return self._reader.source

    def read(self, path: str, limit: int = MAX_FILE, offset: int = 0) -> bytes:
        data = self._reader.read(path, limit, offset)
        if path.startswith(_NOT_TEXT) or b"\0" in data:
            return data
        return mask_file(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def listdir(self, path: str) -> tuple[str, ...]:
        return self._reader.listdir(path)

    def readlink(self, path: str) -> str:
        return self._reader.readlink(path)

    def realpath(self, path: str) -> str:
        return self._reader.realpath(path)

    def mode(self, path: str) -> int:
        return self._reader.mode(path)

    def owner(self, path: str) -> tuple[int, int]:
        return self._reader.owner(path)

    def query(self, argv: Sequence[str], timeout: float = 10.0) -> Completed:
        done = self._reader.query(argv, timeout)
        return Completed(done.status, mask_line(done.out), mask_line(done.err))

    def netlink(self) -> Mapping[str, list[dict[str, Any]]]:
        return self._reader.netlink()

    def udev(self, path: str) -> Mapping[str, str]:
        return self._reader.udev(path)

    def vfio_holders(self) -> tuple[tuple[str, int, str], ...]:
        return tuple((path, pid, mask_line(command)) for path, pid, command in self._reader.vfio_holders())

    def environment(self) -> Mapping[str, str]:
        return self._reader.environment()

    def now(self) -> str:
        return self._reader.now()


def mask_file(text: str) -> str:
    """The text of a configuration file without its secrets: YAML, GRUB's scripts, kernel arguments, keys."""
    for pattern in (_PEM, _BLOCK):
        text = pattern.sub(_hide_lines, text)
    for pattern in (_YAML, _GRUB):
        text = pattern.sub(_hide, text)
    return mask_line(text)


def mask_line(text: str) -> str:
    """What commands print, and their own command lines: NAME=VALUE, JSON, headers, and logins in addresses."""
    for pattern in (_ARGUMENT, _ITEM, _HEADER, _LOGIN):
        text = pattern.sub(_hide, text)
    return text


def _hide(match: re.Match[str]) -> str:
    return match["key"] + _mask(match["value"])


def _hide_lines(match: re.Match[str]) -> str:
    return match["key"] + "".join(_mask(line) for line in match["value"].splitlines(keepends=True))


def _mask(value: str) -> str:
    """The mask in the place of a value, the white space and the dash of a list item around it kept.

    A number stays a number, which an option may have to be; a value that YAML might stumble over keeps its shape:
    it may be what is wrong with the file.
    """
    begin = len(value) - len(value.lstrip(" \t-"))
    end = len(value.rstrip())
    core = value[begin:end]
    if _NUMBER.fullmatch(core):
        hidden = re.sub(r"[1-9a-fA-F]", "1", core)
    else:
        hidden = MASK if _SIMPLE.fullmatch(core) else re.sub(r"(?<!\\)[^\W\d_]", "a", re.sub(r"\d", "0", core))
    return value[:begin] + (hidden if core else "") + value[max(begin, end) :]
