"""A text that a program prints, as a row of data: what it looks like, where, since when, and the cause it speaks of."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from sriov_tui.message import Text, say

PASTED = say("the pasted text")
KERNEL, AGENT, VSWITCHD = say("the kernel log"), say("the host-agent's log"), "ovs-vswitchd.log"
SHELL, QEMU, DEVLINK, MODPROBE = say("the shell"), "QEMU", "devlink", "modprobe"
LONGEST = 4096  # characters of a line that are looked at: no program's message is longer


@dataclass(frozen=True, slots=True)
class Pattern:
    """One family of messages.

    `cause` is the id of what it speaks of, `where` the program that prints it, `versions` which of its versions do;
    `lines` are what it prints, word for word, one for each wording. `given` is what the text around it must show where
    the line alone proves nothing: "No space left on device" is a full disk, a full table or no interrupt left.

    In `regex` a `.*` stands between parts that are looked for one after the other, never inside of a group: so the
    time grows with the line, and not with its square.
    """

    cause: str
    regex: str
    where: Text = KERNEL
    versions: Text = "Linux 6.12"
    source: str = ""
    lines: tuple[str, ...] = ()
    given: str = ""

    def may_be_in(self, text: str) -> bool:
        """Whether a line of this text may be one of these messages: one look at a long text, in place of one a line."""
        return any(not parts or parts[0].search(text) for parts in ways(self.regex))

    def matches(self, line: str, text: str = "") -> bool:
        """Whether this line, of this text, is one of these messages."""
        return _in(self.regex, line) and (not self.given or _in(self.given, line) or _in(self.given, text))


def _in(regex: str, text: str) -> bool:
    text = text[:LONGEST]
    return any(_in_order(parts, text) for parts in ways(regex))


def _in_order(parts: tuple[re.Pattern[str], ...], text: str) -> bool:
    at = 0
    for part in parts:
        found = part.search(text, at)
        if found is None:
            return False
        at = found.end()
    return True


@functools.cache
def ways(regex: str) -> tuple[tuple[re.Pattern[str], ...], ...]:
    """The alternatives of a pattern, each as the parts that follow one another with anything between."""
    return tuple(
        tuple(re.compile(part, re.IGNORECASE | re.MULTILINE) for part in _split(way, ".*") if part)
        for way in _split(regex, "|")
    )


def _split(regex: str, at: str) -> list[str]:
    """A regular expression, cut where `at` stands outside of groups and character classes."""
    parts, depth, inside, index = [""], 0, False, 0
    while index < len(regex):
        if not depth and not inside and regex.startswith(at, index):
            parts.append("")
            index += len(at)
            continue
        letter = regex[index]
        if letter == "\\":
            letter = regex[index : index + 2]
        elif inside:
            inside = letter != "]" or parts[-1].endswith(("[", "[^"))
        elif letter == "[":
            inside = True
        else:
            depth += (letter == "(") - (letter == ")")
        parts[-1] += letter
        index += len(letter)
    return parts
