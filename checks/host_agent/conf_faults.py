"""The faults that reading host.conf shows, as findings of `checks.hostconf`."""

from __future__ import annotations

import re

from sriov_tui.hostconf import Fault
from sriov_tui.model import Finding, Fix, Level

STEP = "hostconf.write"


def identity(fault: Fault) -> tuple[str, str, str]:
    """A fault without its line numbers, which an edit above it moves."""
    return fault.id, fault.file, re.sub(r"\bline [0-9]+", "line", fault.message)


def _sentence(message: str) -> str:
    """A fault's message as a sentence; a name at its start keeps its case."""
    first = message.partition(" ")[0]
    start = (
        first.capitalize() if first in ("a", "an", "the", "this", "everything", "byte", "control", "lists") else first
    )
    return f"{start}{message[len(first) :]}.".replace("..", ".")


def finding_of(fault: Fault, mended: bool) -> Finding:
    """The finding about a fault; one that our edit mends does not block."""
    where = f"{fault.file}:{fault.line}" if fault.line else fault.file
    return Finding(
        id=f"hostconf.{fault.id.replace('.', '-')}",
        level=fault.level,
        subject=where,
        title=_sentence(fault.message),
        fix=Fix(title=fault.fix or "Look at the line.", steps=(STEP,) if mended else ()),
        blocks=fault.level >= Level.FAIL and not mended,
    )
