"""Plain YAML scalars to values as go-yaml v2.4.0 resolves them: YAML 1.1, but no base-60 numbers."""

from __future__ import annotations

import json
import math
import re

from sriov_tui.late import regex

Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]

_TRUE = ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON")
_FALSE = ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF")
_NULL = ("", "~", "null", "Null", "NULL")
_INF = {f"{sign}.{word}": sign for sign in ("", "+", "-") for word in ("inf", "Inf", "INF")}
_MAP: dict[str, tuple[str, Value]] = (
    {word: ("bool", True) for word in _TRUE}
    | {word: ("bool", False) for word in _FALSE}
    | {word: ("null", None) for word in _NULL}
    | {f".{word}": ("float", math.nan) for word in ("nan", "NaN", "NAN")}
    | {word: ("float", -math.inf if sign == "-" else math.inf) for word, sign in _INF.items()}
    | {"<<": ("merge", "<<")}
)
_HINTED = frozenset("+-0123456789yYnNtTfFoO~.")
_INT = regex(r"([+-]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_FLOAT = regex(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_CLOCK = r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?"
_DATE = regex(rf"(\d{{4}})-(\d{{1,2}})-(\d{{1,2}})(?:[Tt]{_CLOCK}(?:Z|[+-]\d\d:\d\d)| +{_CLOCK})?", re.ASCII)
_BASE_64 = regex("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_BROKEN = regex("[\ud800-\udfff]")
_RESOLVABLE = ("", "str", "bool", "int", "float", "null", "timestamp")


class CannotResolve(ValueError):
    """A scalar that its explicit tag does not fit."""


def resolve(text: str, tag: str = "") -> Value:
    """The value of a plain scalar, or of one with the short tag `tag`; raises CannotResolve as go-yaml fails."""
    if tag == "binary":
        return _binary(text)
    if tag == "str" or tag not in _RESOLVABLE:
        return text
    kind, value = _guess(text)
    if tag in ("", kind):
        return value
    if tag == "float" and isinstance(value, int) and kind == "int" and value < 1 << 63:
        return float(value)
    if tag == "timestamp" and kind == "str" and _is_time(text):
        return text
    raise CannotResolve(f"cannot decode !!{kind} `{text}` as a !!{tag}")


def lossy(data: bytes) -> str:
    """Bytes as text as Go writes them to JSON: U+FFFD for each byte that is not UTF-8."""
    return _BROKEN.sub("\ufffd", data.decode("utf-8", "surrogateescape"))


def _binary(text: str) -> str:
    import base64  # 2 ms of each start for what hardly any host.conf holds

    plain = text.replace("\n", "").replace("\r", "")
    if not _BASE_64.fullmatch(plain):
        raise CannotResolve("!!binary value contains invalid base64 data")
    return lossy(base64.b64decode(plain))


def _is_time(text: str) -> bool:
    """Whether Go's time.Parse takes the text in one of the formats of go-yaml."""
    from datetime import datetime

    match = _DATE.fullmatch(text)
    if match is None:
        return False
    try:
        datetime(*(int(part) for part in match.groups() if part is not None))  # type: ignore[arg-type]
    except ValueError:
        return match[1] == "0000"
    return True


def _guess(text: str) -> tuple[str, Value]:
    if text and text[0] not in _HINTED:
        return "str", text  # "<<" as a value is text too
    if text in _MAP:
        return _MAP[text]
    if text[0] == ".":
        return _float(text) or ("str", text)
    if text[0] in "+-0123456789":
        return _number(text) or ("str", text)
    return "str", text


def _number(text: str) -> tuple[str, Value] | None:
    plain = text.replace("_", "")
    match = _INT.fullmatch(plain)
    if match and len(plain) < 100 and not re.match(r"[0-9]{4}-", text):
        sign, *digits = match.groups()
        value = next(int(d, base) for d, base in zip(digits, (16, 2, 8, 10), strict=True) if d is not None)
        value = -value if sign == "-" else value
        if -(1 << 63) <= value < (1 << 63) or (not sign and value < 1 << 64):
            return "int", value
    return _float(plain)


def _float(text: str) -> tuple[str, Value] | None:
    if not _FLOAT.fullmatch(text):
        return None
    value = float(text)
    return None if math.isinf(value) else ("float", value)


def as_string(value: Value) -> str:
    """The string that the host-agent makes of a value where it wants a string (null becomes "null")."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, float):
        return number_string(value)
    if isinstance(value, int):
        return str(value) if -(1 << 63) <= value < 1 << 63 else number_string(float(value))
    if isinstance(value, list):
        return f"[{','.join(_quoted(item) for item in value)}]"
    return "{" + ",".join(f"{_quoted(key)}:{_quoted(value[key])}" for key in sorted(value)) + "}"


def _quoted(value: Value) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else as_string(value)


def number_string(value: float) -> str:
    """A float as strconv.FormatFloat(value, 'f', -1, 64) writes it: no exponent, no needless ".0"."""
    from decimal import Decimal

    text = format(Decimal(repr(value)), "f")
    return "0" if value == 0 else text.removesuffix(".0")
