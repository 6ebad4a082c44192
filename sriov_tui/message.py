"""Sentences of ours as data: an English template and its values. A plain `str` is the machine's, and shown as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from string import Formatter
from typing import TypeAlias

Value: TypeAlias = "str | int | float | tuple[Value, ...] | None"
"""What stands in a sentence: a Message among them is translated, all else is left alone; a tuple is a list, None "?".

Where its name begins with a capital, so does it, in English: `say("{Fault}.", Fault=...)` makes a sentence of it.
"""

JOINTS = ("\n", " ", "; ", ", ", ": ", " · ", " and ", "")
"""What may stand between messages that are shown together; such a message has the joint as its template."""
PARTS = "parts"  # the value of such a message
LONGEST, HOLES, LARGEST, DEEPEST = 4000, 50, 100_000, 12
"""Of a message out of a file: characters of its template, values in it, characters of these, messages in messages."""
STAND_INS = ("ADDRESS", "INTERFACE")
"""Words in a sentence that stand for a value, where a value has their name; a person reads them where none has."""


class Message(str):
    """English text that keeps what it was made of, so that it can be shown in another language.

    It is a str, so that JSON, logs and comparisons have the English; what is cut from it or pasted to it is a plain
    str again, and no sentence of ours. `template` "" marks a text that cannot be translated: that of an older journal.
    """

    __slots__ = ("many", "template", "values")
    template: str
    many: str  # the template for every count but 1, where the sentence has a plural
    values: Mapping[str, Value]

    def __new__(
        cls, text: str = "", template: str = "", many: str = "", values: Mapping[str, Value] | None = None
    ) -> Message:
        message = str.__new__(cls, text)
        message.template, message.many, message.values = template, many, values or {}
        return message

    @property
    def translatable(self) -> bool:
        """Whether it was made of a template, or of parts."""
        return bool(self.template) or PARTS in self.values

    @property
    def english(self) -> str:
        """The English text as a plain str."""
        return str.__str__(self)


Text = Message | str
"""Text that is shown: a sentence of ours, or the machine's own."""
NOTHING = Message()
_PLAIN = frozenset((str, Message, int))


def say(template: str, /, **values: Value) -> Message:
    """A sentence: `say("{numvfs} of {totalvfs} VFs are there.", numvfs=3, totalvfs=7)`; the template is a literal."""
    return built(template, values) if values else _bare(template)


@cache
def _bare(template: str) -> Message:
    """A sentence without values is always the same one."""
    return built(template, {})


def plural(one: str, many: str, count: int, /, **values: Value) -> Message:
    """A sentence about `count` things: `plural("1 VF is held.", "{count} VFs are held.", len(vfs))`."""
    return built(one, {"count": count, **values}, many)


def join(joint: str, parts: Iterable[str]) -> Message:
    """Sentences, or text of the machine, beside each other; `joint` is one of JOINTS. Empty parts are left out."""
    if joint not in JOINTS:
        raise ValueError(joint)
    return built(joint, {PARTS: tuple(part for part in parts if part)})


def lines(*parts: str) -> Message:
    """Sentences, or text of the machine, below each other."""
    return join("\n", parts)


def sentences(*parts: str) -> Message:
    """Sentences one after the other."""
    return join(" ", parts)


def verbatim(text: str) -> Message:
    """Text of the machine where a sentence is expected: shown as it is in every language."""
    return text if isinstance(text, Message) else Message(text)


def filled(message: Message, **stand_ins: str) -> Message:
    """The sentence with values for some of STAND_INS, as in `ip link set INTERFACE up`."""
    if not message.translatable:
        return Message(stood_for(message.english, stand_ins))
    return built(message.template, {**message.values, **stand_ins}, message.many)


def built(template: str, values: Mapping[str, Value], many: str = "") -> Message:
    """A message from its parts, as JSON keeps them. ValueError, KeyError or IndexError where they do not fit."""
    return Message(formatted(template, values, many), template, many, values)


def formatted(
    template: str, values: Mapping[str, Value], many: str = "", say_value: Callable[[Value], str] | None = None
) -> str:
    """The text of a template with these values; `many` is the template for every count but 1."""
    text_of = say_value or listed
    if PARTS in values and template in JOINTS:
        parts = values[PARTS]
        return stood_for(template.join(map(text_of, parts if isinstance(parts, tuple) else (parts,))), values)
    if many and values.get("count") != 1:
        template = many
    if not values:
        return template
    # Names with a capital, as STAND_INS have, do more than stand in their sentence.
    if say_value is None and min(values) > "Z" and _PLAIN.issuperset(map(type, values.values())):
        return template.format_map(values)
    told = {name: text_of(value) for name, value in values.items()}
    if say_value is None:
        told |= {name: text[:1].upper() + text[1:] for name, text in told.items() if name.istitle()}
    return stood_for(template.format_map(told), values)


def listed(value: Value, separator: str = ", ") -> str:
    """A value as text."""
    if isinstance(value, tuple):
        return separator.join(listed(one, separator) for one in value)
    return "?" if value is None else str(value)


def stood_for(text: str, values: Mapping[str, Value]) -> str:
    """The text with what stands for STAND_INS, where the values have that."""
    for word in STAND_INS:
        if word in values:
            text = re.sub(rf"\b{word}\b", lambda _, value=values[word]: str(value), text)  # type: ignore[misc]
    return text


def to_plain(message: Message) -> str | dict[str, object]:
    """A message as JSON keeps it: the English text, and what it was made of."""
    if not message.translatable:
        return message.english
    many = {"many": message.many} if message.many else {}
    values = {name: _plain(value) for name, value in message.values.items()}
    return {"text": message.english, "template": message.template, **many, "values": values}


def from_plain(document: object, depth: int = 0) -> Message:
    """A message out of JSON; a plain text, as older versions wrote it, stays that. ValueError where it is neither.

    The document may be a stranger's: a template may do no more than name values, and each level of messages in
    messages may not make the text many times as long.
    """
    if depth > DEEPEST:
        raise ValueError(depth)
    match document:
        case str(text):
            return Message(text)
        case {"template": str(template), "values": dict(values), **rest}:
            many = rest.get("many", "")
            found = {name: _value(value, depth) for name, value in values.items() if isinstance(name, str)}
            _check(template, found)
            _check(many, found)
            return built(template, found, str(many))
        case {"text": str(text)}:
            return Message(text)
    raise ValueError(document)


def _plain(value: Value) -> object:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return to_plain(value) if isinstance(value, Message) else value


def _value(document: object, depth: int) -> Value:
    if isinstance(document, list):
        return tuple(_value(one, depth + 1) for one in document) if depth < DEEPEST else ()
    if isinstance(document, dict):
        return from_plain(document, depth + 1)
    if document is None or isinstance(document, str | int | float):
        return document
    raise ValueError(document)


def _check(template: object, values: Mapping[str, Value]) -> None:
    if not isinstance(template, str):
        raise ValueError(template)
    if len(template) > LONGEST or sum(len(listed(value)) for value in values.values()) > LARGEST:
        raise ValueError(template[:80])
    if (template in JOINTS and PARTS in values) or not values:
        return
    if template.count("{") > HOLES:
        raise ValueError(template[:80])
    for _, name, form, conversion in Formatter().parse(template):
        if name is not None and (name not in values or form or conversion):
            raise ValueError(template)
