"""Sentences of ours as data: an English template and its values. A plain `str` is the machine's, and shown as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

Value: TypeAlias = "str | int | float | tuple[Value, ...]"
"""What stands in a sentence; a Message among them is translated, everything else is left alone. A tuple is a list."""

JOINTS = ("\n", " ", "; ", ", ", ": ", " · ", "")
"""What may stand between messages that are shown together; such a message has the joint as its template."""


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
        message = super().__new__(cls, text)
        message.template, message.many, message.values = template, many, values or {}
        return message

    @property
    def english(self) -> str:
        """The English text as a plain str."""
        return str.__str__(self)


NOTHING = Message()


def say(template: str, /, **values: Value) -> Message:
    """A sentence: `say("{numvfs} of {totalvfs} VFs are there.", numvfs=3, totalvfs=7)`; the template is a literal."""
    return built(template, values)


def plural(one: str, many: str, count: int, /, **values: Value) -> Message:
    """A sentence about `count` things, `{count}` in both templates: `plural("1 VF", "{count} VFs", len(vfs))`."""
    return built(one, {"count": count, **values}, many)


def join(joint: str, parts: Iterable[str]) -> Message:
    """Sentences, or text of the machine, beside each other; `joint` is one of JOINTS. Empty parts are left out."""
    return built(joint, {"parts": tuple(part for part in parts if part)})


def lines(*parts: str) -> Message:
    """Sentences, or text of the machine, below each other."""
    return join("\n", parts)


def sentences(*parts: str) -> Message:
    """Sentences one after the other."""
    return join(" ", parts)


def verbatim(text: str) -> Message:
    """Text of the machine where a sentence is expected: shown as it is in every language."""
    return Message(text)


def built(template: str, values: Mapping[str, Value], many: str = "") -> Message:
    """A message from its parts, as JSON keeps them. ValueError, KeyError or IndexError where they do not fit."""
    return Message(formatted(template, values, many), template, many, values)


def formatted(template: str, values: Mapping[str, Value], many: str = "", separator: str = ", ") -> str:
    """The text of a template with these values."""
    if template in JOINTS and "parts" in values:
        return listed(values["parts"], template)
    if many and values.get("count") != 1:
        template = many
    if not values:
        return template
    return template.format(**{name: listed(value, separator) for name, value in values.items()})


def listed(value: Value, separator: str = ", ") -> str:
    """A value as text."""
    return separator.join(listed(one, separator) for one in value) if isinstance(value, tuple) else str(value)
