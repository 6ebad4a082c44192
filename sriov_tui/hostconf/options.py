"""The host-agent's options as its argument parser takes them: which are known to a file, and which values they take.

A key that is missing in the table is read as unknown, which costs no more than a line of information.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sriov_tui.hostconf import table
from sriov_tui.hostconf.scalars import Value, as_string
from sriov_tui.late import regex
from sriov_tui.message import say

Kind = Literal["text", "list", "bool", "int", "uint", "float"]

_KINDS: dict[str, Kind] = {
    "string": "text", "bool": "bool", "int": "int", "int64": "int", "uint32": "uint", "float32": "float",
    "[]string": "list", "map[string]string": "list",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its token, the kind of its values, its other name and the values it is limited to."""

    token: str
    kind: Kind
    alias: str = ""
    choices: tuple[str, ...] = ()


def _parsed(text: str) -> Iterator[Option]:
    for line in text.split("\n"):
        if line:
            token, go, *rest = line.split(" ")
            more = dict(part.split("=") for part in rest)
            yield Option(
                token, _KINDS[go], more.get("alias", ""), tuple(filter(None, more.get("choices", "").split("|")))
            )


_BASE = {option.token: option for option in _parsed(table.BASE)}
OPTIONS = _BASE | {option.token: option for option in _parsed(table.HOST)}
"""Every option by its token."""
BASE = frozenset(_BASE)
"""Tokens that the ConfigMap replaces as a whole, and the only ones that its file may have."""
ALL = frozenset(OPTIONS)
DEFAULTS = {
    "bridge-driver": "openvswitch", "host-type": "hypervisor", "disable-security-group": "false",
    "hugepages-option": "transparent", "hugepage-size-mb": "1024", "report-interval": "60",
}  # fmt: skip

# An empty key fits the empty short name that every option has: the parser takes the first, a text without effect here.
_ALIASES = {"": "etcd-username"} | {option.alias: option.token for option in OPTIONS.values() if option.alias}
_TRUTHS = {"1": True, "t": True, "T": True, "TRUE": True, "true": True, "True": True} | {
    word: False for word in ("0", "f", "F", "FALSE", "false", "False")
}
_INTEGER = regex(r"([+-]?)0*([0-9]{1,20})")
_DECIMAL = regex(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_HEX = regex(r"[+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+")
_NO_NUMBER = regex(r"[+-]?inf(?:inity)?|nan", re.IGNORECASE)


class BadValue(ValueError):
    """A value that the option cannot take: the host-agent dies of it."""


def known(file: str) -> frozenset[str]:
    """The tokens that the host-agent knows in a file: the ConfigMap's has the base group only."""
    return BASE if file == "common.conf" else ALL


def token(key: str) -> str:
    """A key as the host-agent compares it: trimmed, `_` as `-`, an alias by its proper name."""
    plain = key.strip(" ").replace("_", "-")
    return _ALIASES.get(plain, plain)


def is_list(name: str) -> bool:
    """Whether the option takes any number of values."""
    return OPTIONS[name].kind == "list"


def truth(text: str) -> bool | None:
    """What strconv.ParseBool makes of a text; None where it is an error."""
    return _TRUTHS.get(text)


def strings(name: str, value: Value) -> tuple[str, ...]:
    """The strings that the option `name` gets from a value; raises BadValue where the host-agent dies."""
    if is_list(name):
        if value is None:
            raise BadValue(say("null is not a list"))
        if isinstance(value, dict):
            raise BadValue(say("a map is not a list"))
        return tuple(as_string(item) for item in (value if isinstance(value, list) else [value]))
    text = as_string(value)
    try:
        check(name, text)
    except BadValue:
        if value is None:
            raise BadValue(say("there is no value")) from None
        raise
    return (text,)


def check(name: str, text: str) -> None:
    """Raise BadValue where `text` is no value for the single option `name`."""
    option = OPTIONS[name]
    if option.choices and text not in option.choices:
        raise BadValue(say("'{text}' is not one of {choices}", text=text, choices=", ".join(option.choices)))
    if option.kind == "bool" and truth(text) is None:
        raise BadValue(say("'{text}' is neither true nor false", text=text))
    if option.kind == "int" and not _is_integer(text, -(1 << 63), 1 << 63):
        raise BadValue(say("'{text}' is not a whole number", text=text))
    if option.kind == "uint" and (text[:1] in ("+", "-") or not _is_integer(text, 0, 1 << 64)):
        raise BadValue(say("'{text}' is not a whole number from 0 on", text=text))
    if option.kind == "float" and not _is_float(text):
        raise BadValue(say("'{text}' is not a number", text=text))


def _is_integer(text: str, low: int, above: int) -> bool:
    """strconv.ParseInt and ParseUint: any number of zeros before, no underscores."""
    match = _INTEGER.fullmatch(text)
    return match is not None and low <= int(match[1] + match[2]) < above


def _is_float(text: str) -> bool:
    """strconv.ParseFloat: decimal or hexadecimal, inf and nan, but nothing too large for 64 bits."""
    if _NO_NUMBER.fullmatch(text):
        return True
    try:
        if _HEX.fullmatch(text):
            return math.isfinite(float.fromhex(text))
        return _DECIMAL.fullmatch(text) is not None and math.isfinite(float(text))
    except OverflowError:
        return False
