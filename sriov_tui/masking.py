"""Takes passwords out of a recording before it leaves the machine."""

from __future__ import annotations

import re
from dataclasses import replace

from sriov_tui.host import Completed
from sriov_tui.machine import Machine

MASK = "MASKED"
_SECRET = r"[\w.-]*(?:password|passwd|passphrase|secret|token|credential)[\w.-]*"
_HARMLESS = r"(?:true|false|null|~|[|>][-+\d]*|\d{1,3})?[ \t\r]*(?:#.*)?$"
_YAML = re.compile(rf"(?im)^(?P<key>[ \t]*(?:- )?['\"]?{_SECRET}['\"]?[ \t]*:[ \t]+)(?!{_HARMLESS})(?P<value>.*)$")
_BLOCK = re.compile(
    rf"(?im)^(?P<key>(?P<indent>[ \t]*)['\"]?{_SECRET}['\"]?[ \t]*:[^\n]*\n)"
    r"(?P<value>(?:(?P=indent)(?:[ \t]+\S|- ).*\n?)+)"
)
_ARGUMENT = re.compile(rf"(?i)(?P<key>\b{_SECRET}=|\bdata=)(?P<value>[^\s,]+)")
_GRUB = re.compile(r"(?m)^(?P<key>[ \t]*password(?:_pbkdf2)?[ \t]+\S+[ \t]+)(?P<value>\S+)")
_NOT_TEXT = ("/sys/", "/lib/", "/boot/config-")


def masked(machine: Machine) -> Machine:
    """The same machine with every value that looks like a password replaced by the word MASKED.

    Looked for in the files below /etc and /boot, the kernel's command line, the output of commands and the command
    lines of processes. Line endings and the rest of each file stay.
    """
    return replace(
        machine,
        files={path: _mask_file(path, data) for path, data in machine.files.items()},
        queries={k: Completed(q.status, _arguments(q.out), _arguments(q.err)) for k, q in machine.queries.items()},
        holders=None if machine.holders is None else [(p, pid, _arguments(line)) for p, pid, line in machine.holders],
    )


def _mask_file(path: str, data: bytes) -> bytes:
    if path.startswith(_NOT_TEXT):
        return data
    text = data.decode("utf-8", "surrogateescape")
    for pattern in (_BLOCK, _YAML, _GRUB):
        text = pattern.sub(_hide, text)
    return _arguments(text).encode("utf-8", "surrogateescape")


def _arguments(text: str) -> str:
    return _ARGUMENT.sub(_hide, text)


def _hide(match: re.Match[str]) -> str:
    value = match["value"]
    blank = value[: len(value) - len(value.lstrip(" \t-"))]
    return f"{match['key']}{blank}{MASK}{value[len(value.rstrip()) :]}"
