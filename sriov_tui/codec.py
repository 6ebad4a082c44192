"""Frozen dataclasses to and from plain JSON values, strictly: an unknown key is an error that names it.

Our own because it is the whole of what we need, starts in no time, and its errors say where
in the document the fault is; the audit must start faster than a general library imports.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import reprlib
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sriov_tui.message import NOTHING, Message, Text, from_plain, say, to_plain

T = TypeVar("T")
PLAIN = (str, int, bool, float)  # most values; looked at first


class DecodeError(ValueError):
    """A document that does not fit its shape; the message starts with the place, as in `nics[0].use`."""


def encode(value: Any) -> Any:
    """Turn dataclasses, enums and tuples into dicts, names and lists; defaults are left out."""
    if value is None or type(value) in PLAIN:
        return value
    if isinstance(value, Message):
        return to_plain(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        tag = {"kind": value.KIND} if hasattr(value, "KIND") else {}
        return tag | {
            name: encode(getattr(value, name))
            for name, field in _fields(type(value)).items()
            if not _is_default(field, getattr(value, name))
        }
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    return value


def decode(shape: type[T], value: Any, where: str = "") -> T:
    """Build `shape` from plain values; raises DecodeError with the place and the reason."""
    return typing.cast(T, _decode(shape, value, where))


def _is_default(field: dataclasses.Field[Any], value: Any) -> bool:
    return field.default is not dataclasses.MISSING and value == field.default and type(value) is type(field.default)


@functools.cache
def _fields(shape: Any) -> dict[str, dataclasses.Field[Any]]:
    return {field.name: field for field in dataclasses.fields(shape)}


@functools.cache
def _hints(shape: type) -> dict[str, Any]:
    return {name: hint for name, hint in typing.get_type_hints(shape).items() if not _is_classvar(hint)}


def _is_classvar(hint: Any) -> bool:
    return typing.get_origin(hint) is typing.ClassVar


def _decode(shape: Any, value: Any, where: str) -> Any:
    if shape is Any or (type(value) is shape and shape in PLAIN):
        return value
    if shape == Text:
        return value if type(value) is str else _decode_message(value, where)
    if shape is Message:
        return _decode_message(value, where)
    origin, args = typing.get_origin(shape), typing.get_args(shape)
    if origin in (typing.Union, types.UnionType):
        return _decode_union(args, value, where)
    if origin is typing.Literal:
        return _one_of(args, value, value, where)
    if origin is tuple:
        return _decode_tuple(args, value, where)
    if origin is dict:
        return _decode_dict(args, value, where)
    if dataclasses.is_dataclass(shape):
        return _decode_dataclass(typing.cast(type, shape), value, where)
    return _decode_scalar(shape, value, where)


def _decode_message(value: Any, where: str) -> Message:
    try:
        return from_plain(value)
    except (ValueError, RecursionError) as error:
        raise DecodeError(
            say("{where}expected a text, found {value}", where=_at(where), value=_shown(value))
        ) from error


def _decode_scalar(shape: Any, value: Any, where: str) -> Any:
    if issubclass(shape, enum.Enum):
        return _one_of(tuple(shape.__members__), value, shape.__members__.get(value), where)
    if shape is float and type(value) is int:
        return float(value)
    if type(value) is not shape:
        raise DecodeError(
            say(
                "{where}expected {shape}, found {value}",
                where=_at(where),
                shape=_plain_name(shape),
                value=_shown(value),
            )
        )
    return value


def _one_of(words: tuple[Any, ...], value: Any, result: Any, where: str) -> Any:
    if value not in words:
        raise DecodeError(
            say(
                "{where}{value} is not one of {str}",
                where=_at(where),
                value=_shown(value),
                str=", ".join(map(str, words)),
            )
        )
    return result


def _decode_dict(args: tuple[Any, ...], value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DecodeError(say("{where}expected a table, found {value}", where=_at(where), value=_shown(value)))
    return {str(key): _decode(args[1], item, f"{where}.{key}") for key, item in value.items()}


def _decode_union(args: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and type(None) in args:
        return None
    shapes = [arg for arg in args if arg is not type(None)]
    tagged = {shape.KIND: shape for shape in shapes if hasattr(shape, "KIND")}
    if tagged:
        kind = value.get("kind") if isinstance(value, dict) else None
        if kind not in tagged:
            raise DecodeError(
                say(
                    "{where}kind {kind} is not one of {tagged}",
                    where=_at(where),
                    kind=repr(kind),
                    tagged=", ".join(tagged),
                )
            )
        return _decode(tagged[kind], {k: v for k, v in value.items() if k != "kind"}, where)
    errors = []
    for shape in shapes:
        try:
            return _decode(shape, value, where)
        except DecodeError as error:
            errors.append(error)
    raise errors[0]


def _decode_tuple(args: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise DecodeError(say("{where}expected a list, found {value}", where=_at(where), value=_shown(value)))
    if len(args) == 2 and args[1] is Ellipsis:
        return tuple(_decode(args[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if len(value) != len(args):
        raise DecodeError(
            say(
                "{where}expected {count_of_args} items, found {count_of_value}",
                where=_at(where),
                count_of_args=len(args),
                count_of_value=len(value),
            )
        )
    return tuple(_decode(arg, item, f"{where}[{i}]") for i, (arg, item) in enumerate(zip(args, value, strict=True)))


def _decode_dataclass(shape: type, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise DecodeError(say("{where}expected a table, found {value}", where=_at(where), value=_shown(value)))
    hints, fields = _hints(shape), _fields(shape)
    for key in value:
        if key not in fields:
            import difflib

            near = difflib.get_close_matches(str(key)[:64], fields, n=1)
            hint = say("; did you mean {near}?", near=repr(near[0])) if near else NOTHING
            raise DecodeError(say("{where}unknown key {key}{hint}", where=_at(where), key=_shown(key), hint=hint))
    dot = f"{where}." if where else ""
    given = {key: _decode(hints[key], item, f"{dot}{key}") for key, item in value.items()}
    for name, field in fields.items():
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if required and name not in given:
            raise DecodeError(say("{where}the key {name} is missing", where=_at(where), name=repr(name)))
    return shape(**given)


def _shown(value: Any) -> str:
    """A value in a sentence: of a long or a deep one only the beginning."""
    short = reprlib.Repr()
    short.maxstring = short.maxother = short.maxlong = 80
    return short.repr(value)


def _at(where: str) -> str:
    return f"{where}: " if where else ""


def _plain_name(shape: type) -> str:
    return {str: "text", bool: say("true or false"), int: "a number", float: "a number"}.get(shape, shape.__name__)
