"""The true line and cause of a file that the host-agent cannot read: it names the first line whatever the fault."""

from __future__ import annotations

import re

from sriov_tui.hostconf.shapes import Fault
from sriov_tui.hostconf.source import Source
from sriov_tui.late import regex
from sriov_tui.message import Message, say, verbatim
from sriov_tui.model import Level

_CULPRITS: tuple[tuple[str, re.Pattern[str], Message, Message], ...] = (
    (
        "yaml.conflict",
        regex(r"(<{7}|={7}|>{7})( |$)"),
        say("a mark left by a merge conflict"),
        say("Keep one side of the conflict and remove the marks."),
    ),
    (
        "yaml.dots",
        regex(r"\s*(\.{4,}|…+)\s*$"),
        say("a line of dots, copied from the documentation"),
        say("Remove the line."),
    ),
    (
        "yaml.tab",
        regex(r" *(-[ ]*)?\t[ \t]*\S"),
        say("a tab before the text"),
        say("Use spaces: YAML takes no tab at the beginning of a line or after a dash."),
    ),
    (
        "yaml.wide-colon",
        regex(r"\s*[\w-]+\s*："),
        say("a full-width colon"),
        say("Type the colon of the ASCII set, then a space."),
    ),
    (
        "yaml.nbsp",
        regex("[ ]*(-[ ]*)?[\u00a0\u3000\u200b\ufeff]"),
        say("an invisible or no-break space before the text"),
        say("Type the line again with ordinary spaces."),
    ),
    (
        "yaml.dash",
        regex(r"\s*-[^\s-]"),
        say("a list item without a space after the dash"),
        say("Put a space after the dash."),
    ),
    (
        "yaml.colon",
        regex(r"\s*[A-Za-z_][\w-]*:[^\s/:]"),
        say("a key without a space after the colon"),
        say("Put a space after the colon."),
    ),
    (
        "yaml.equals",
        regex(r"\s*[A-Za-z_][\w-]*\s*="),
        say("a `key=value` line in a YAML file"),
        say("Write `key: value`."),
    ),
)
_KINDS = {
    "encoding": ("encoding.not-utf-8", say("Save the file as UTF-8; also comments must be UTF-8.")),
    "control": ("yaml.control", say("Remove the character; retype the line if it cannot be seen.")),
    "version": ("yaml.version", say("Remove the %YAML line.")),
    "root": ("yaml.not-a-map", say("Write `key: value` lines.")),
    "value": ("value.bad", say("Give the key a value of its kind, or remove the line.")),
    "anchor": ("yaml.anchor", say("Write the value out instead of `*name`.")),
    "deep": ("yaml.deep", say("Remove the nested brackets.")),
}
_INDENT = ("mapping values are not allowed", "expected <block end>", "did not find expected")


def fatal(source: Source) -> Fault:
    """The one fault that keeps the host-agent from reading this file, at its true place."""
    error = source.error
    assert error is not None, "only a file that the YAML reader refused is fatal"
    line, column = source.at(error.index)
    name, fix = _KINDS.get(error.kind, ("yaml.syntax", say("Fix the line, then check the file again.")))
    message = error.message
    if error.kind == "value":
        name, message, fix = _value(message)
    elif error.kind in ("syntax", "root", "deep", "key", "anchor"):
        culprit = _culprit(source.text, line)
        if culprit is not None:
            line, column, name, message, fix = culprit
        elif message.startswith(_INDENT):
            name, fix = "yaml.indent", say("Indent the line like its neighbours.")
            message = say("the line does not fit the lines above ({message})", message=message)
    return Fault(
        id=name,
        level=Level.FAIL,
        file=source.file,
        line=line,
        column=column,
        fix=fix,
        message=say("{message}. The host-agent will not start: {message2}", message=message, message2=source.message),
    )


def _value(message: str) -> tuple[str, Message, Message]:
    key = message.split(":", 1)[0]
    if message.endswith("null is not a list"):
        return (
            "value.null-list",
            say("{key} has no items", key=key),
            say("Write `{key}: []`, or remove the line.", key=key),
        )
    if message.endswith("a map is not a list"):
        return (
            "value.map-for-list",
            say("{key} is a map where a list is expected", key=key),
            say("Write `- item` lines below {key}.", key=key),
        )
    return "value.bad", verbatim(message), say("Give {key} a value of its kind, or remove the line.", key=key)


def _culprit(text: str, noticed: int) -> tuple[int, int, str, Message, Message] | None:
    """The nearest line at or before the place where the parser noticed that has a fault we know by sight."""
    lines = text.split("\n")
    for number in range(min(noticed + 1, len(lines)), 0, -1):
        for name, pattern, message, fix in _CULPRITS:
            match = pattern.match(lines[number - 1])
            if match:
                return number, max(match.end(), 1), name, message, fix
    return None
