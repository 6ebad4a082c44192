"""Every key of the answers file, out of the dataclasses of Choices: its meaning, type, default and an example."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sriov_tui.language import _
from sriov_tui.language.layout import wrap
from sriov_tui.message import Message, say, sentences
from sriov_tui.model import Choices

WIDTH = 100  # columns of a comment in the example
MEANS: dict[str, Message] = {
    "version": say("The version of this format."),
    "kernel_args": say(
        "Whether the IOMMU arguments are written for the next boot: auto only where the IOMMU is not active "
        "without them, set always, leave never."
    ),
    "arguments": say("Other kernel arguments for the next boot."),
    "driver.image": say("The vendor's driver, an ISO or tgz file on the host; without it the driver stays as it is."),
    "driver.sha256": say("The SHA-256 that the vendor publishes for this file; it has to match."),
    "driver.firmware": say("Let the installer update the firmware of the cards, too."),
    "driver.restart": say(
        "When the new driver is loaded: boot, or now, which drops every link of these cards for a while."
    ),
    "nics.address": say("The PCI address of the port."),
    "nics.use": say("What the port is for: sriov, offload, or leave, which changes nothing on it."),
    "nics.numvfs": say(
        "How many VFs; without it all that the card offers. Another number is possible only where the total of "
        "the card can be set."
    ),
    "nics.bridge": say("The Open vSwitch bridge of the networks entry, where the interface has none yet."),
    "nics.wire": say("The wire of the networks entry, where the interface has none yet."),
    "nics.when": say(
        "Only for a port that carries your SSH session: boot, or now, which is rolled back unless confirmed."
    ),
    "nics.model": say(
        "The card that is meant, as vendor:device. On another host a different card there is refused; "
        "the wizard writes it."
    ),
    "nics.slot": say("The physical slot of the card, by which it is found on another host; the wizard writes it."),
    "bonds.name": say("The name of the bond, which host.conf has as well."),
    "bonds.mode": say("The mode of the bond, in the kernel's words."),
    "bonds.ports": say("The PCI addresses of its two ports."),
    "bonds.over_session": say(
        "Allow it where a port carries your SSH session; the bond is rolled back unless confirmed."
    ),
}
EXAMPLES: dict[str, Any] = {
    "version": 1,
    "kernel_args": "auto",
    "arguments": ["pci=realloc"],
    "driver.image": "/root/MLNX_OFED_LINUX-5.8-7.0.6.1-rhel7.9-x86_64.iso",
    "driver.sha256": "0" * 64,
    "driver.firmware": False,
    "driver.restart": "boot",
    "nics.address": "0000:01:00.0",
    "nics.use": "sriov",
    "nics.numvfs": 7,
    "nics.bridge": "br1",
    "nics.wire": "bcast0",
    "nics.when": "boot",
    "nics.model": "8086:10c9",
    "nics.slot": "4",
    "bonds.name": "bond0",
    "bonds.mode": "802.3ad",
    "bonds.ports": ["0000:01:00.0", "0000:02:00.0"],
    "bonds.over_session": False,
}
OPTIONAL = ("arguments", "driver", "nics.when", "nics.slot", "bonds")
"""Keys, and tables, that stand in the example as comments: they are not for every host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key; `name` has its table before it, as in nics.use. `default` None means that there is none."""

    name: str
    type: Message
    default: Any
    required: bool

    @property
    def means(self) -> Message:
        """What it means."""
        return MEANS[self.name]

    @property
    def example(self) -> Any:
        """A value that it may have."""
        return EXAMPLES[self.name]

    @property
    def table(self) -> str:
        """The table that it stands in; "" at the top."""
        return self.name.rpartition(".")[0]


def all_keys() -> tuple[Key, ...]:
    """Every key, in the order of the file."""
    return tuple(_keys(Choices, ""))


def _keys(shape: type, table: str) -> Iterator[Key]:
    hints = typing.get_type_hints(shape)
    for field in sorted(dataclasses.fields(shape), key=lambda field: _inner(hints[field.name]) is not None):
        inner = _inner(hints[field.name])
        if inner is not None:
            yield from _keys(inner, f"{field.name}.")
            continue
        required = field.default is dataclasses.MISSING
        default = None if required else field.default
        yield Key(name=table + field.name, type=_type(hints[field.name]), default=default, required=required)


def _inner(hint: Any) -> type | None:
    """The dataclass of a table, or of a list of tables."""
    for shape in (hint, *typing.get_args(hint)[:1]):
        if isinstance(shape, type) and dataclasses.is_dataclass(shape):
            return shape
    return None


def _type(hint: Any) -> Message:
    if typing.get_origin(hint) is typing.Literal:
        return say("one of {words}", words=typing.get_args(hint))
    if typing.get_origin(hint) is tuple:
        return say("a list of texts")
    shape = typing.get_args(hint)[0] if typing.get_origin(hint) in (typing.Union, types.UnionType) else hint
    return {str: say("a text"), int: say("a number"), bool: say("true or false")}[shape]


def toml(value: Any) -> str:
    """A value as TOML has it: text, number, truth and lists of them are written as in JSON."""
    return json.dumps(list(value) if isinstance(value, tuple) else value)


def example() -> str:
    """An answers file with every key, each with what it means; what is not for every host is a comment."""
    lines = _comment(say("An answers file with every key. Keys behind one # are not for every host."))
    table = ""
    for key in all_keys():
        off = "# " if key.name.startswith(OPTIONAL) else ""
        if key.table != table:
            table = key.table
            lines += ["", off + ("[[{}]]" if table in ("nics", "bonds") else "[{}]").format(table)]
        elif not table:
            lines.append("")
        lines += _comment(sentences(key.means, described(key)))
        lines.append(f"{off}{key.name.rpartition('.')[2]} = {toml(key.example)}")
    return "\n".join(lines) + "\n"


def _comment(message: Message) -> list[str]:
    return wrap(_(message), WIDTH, "## ", "## ")


def described(key: Key) -> Message:
    """The type of a key and its default, in a sentence."""
    if key.required:
        return say("({type}; required)", type=key.type)
    if key.default in (None, "", ()):
        return say("({type})", type=key.type)
    return say("({type}; default: {default})", type=key.type, default=toml(key.default))


def schema() -> dict[str, Any]:
    """The JSON Schema of the answers file, which is TOML."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": say("The answers file of sriov-tui").english,
        **_object(Choices, ""),
    }


def _object(shape: type, table: str) -> dict[str, Any]:
    hints = typing.get_type_hints(shape)
    fields = dataclasses.fields(shape)
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in fields if field.default is dataclasses.MISSING],
        "properties": {field.name: _property(hints[field.name], field, table) for field in fields},
    }


def _property(hint: Any, field: dataclasses.Field[Any], table: str) -> dict[str, Any]:
    inner = _inner(hint)
    if inner is not None:
        one = _object(inner, f"{field.name}.")
        return {"type": "array", "items": one} if typing.get_origin(hint) is tuple else one
    about: dict[str, Any] = {"description": MEANS[table + field.name].english}
    if field.default not in (dataclasses.MISSING, None):
        about["default"] = list(field.default) if isinstance(field.default, tuple) else field.default
    return _json_type(hint) | about


def _json_type(hint: Any) -> dict[str, Any]:
    if typing.get_origin(hint) is typing.Literal:
        return {"enum": list(typing.get_args(hint))}
    if typing.get_origin(hint) is tuple:
        return {"type": "array", "items": {"type": "string"}}
    shape = typing.get_args(hint)[0] if typing.get_origin(hint) in (typing.Union, types.UnionType) else hint
    return {"type": {str: "string", int: "integer", bool: "boolean"}[shape]}
