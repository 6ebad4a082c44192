"""What the host-agent said in its log after a start, held against the forecast: pure, line by line.

Its words: "Add sriov nic: N => ..." for each device, "getSRIOVNics: ..." and "getOvsOffloadNics: ..." for the one error
that leaves a list empty (Cloudpods pkg/hostman/isolated_device/isolated_device_manager.go); what it ends with is a line
of level fatal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from checks.messages.pattern import AGENT
from checks.troubleshooting import Entry, speaking_of
from sriov_tui.late import regex
from sriov_tui.message import Message, plural, say

DEVICE = regex(r"\bAdd sriov nic: \d+ =>")
LIST_ERROR = regex(r"\b(?:getSRIOVNics|getOvsOffloadNics): ")
FATAL = regex(r"^\[fatal\b|\[F \d", re.IGNORECASE)
CRI = regex(r"^\d{4}-\d\d-\d\dT\S+ std(?:out|err) [FP] ")  # what the container runtime writes before each line
HARMLESS = frozenset({"conf.unknown-key", "platform.model"})  # it says them and goes on
LONGEST = 500  # characters of its line that are shown


@dataclass(frozen=True, slots=True)
class Reported:
    """How many devices it reported, and the lines with which it gave up, a list or itself."""

    devices: int = 0
    errors: tuple[str, ...] = ()

    @property
    def causes(self) -> tuple[Entry, ...]:
        """What its errors speak of."""
        return tuple(one for one in speaking_of(self.errors) if _of_agent(one))


def read(so_far: Reported, line: str) -> Reported:
    """What is known after one more line of its log."""
    text = CRI.sub("", line).strip()[:LONGEST]
    if DEVICE.search(text):
        return replace(so_far, devices=so_far.devices + 1)
    if _is_error(text) and text not in so_far.errors:
        return replace(so_far, errors=(*so_far.errors, text))
    return so_far


def read_all(lines: Iterable[str]) -> Reported:
    """What a log says as a whole."""
    reported = Reported()
    for line in lines:
        reported = read(reported, line)
    return reported


def verdict(reported: Reported, expected: int) -> tuple[Message, ...]:
    """What came of it, in sentences: the count against the forecast, then each error with its cause and its fix."""
    count = plural(
        "{devices} of 1 device was reported by the host-agent.",
        "{devices} of {count} devices were reported by the host-agent.",
        expected,
        devices=reported.devices,
    )
    told = [count]
    told += [say("It gave up with: {line}", line=line) for line in reported.errors]
    for one in reported.causes:
        told += [
            say("The cause: {cause} ({id})", cause=one.cause, id=one.id),
            say("How to fix it: {fix}", fix=one.fix.title),
        ]
    return tuple(told)


def _is_error(text: str) -> bool:
    if LIST_ERROR.search(text) or FATAL.search(text):
        return True
    return any(one.id not in HARMLESS and _of_agent(one) for one in speaking_of([text]))


def _of_agent(one: Entry) -> bool:
    return any(pattern.where == AGENT for pattern in one.patterns)
