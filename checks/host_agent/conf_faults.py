"""The faults that reading host.conf shows, as findings of `checks.hostconf`."""

from __future__ import annotations

import re

from sriov_tui.hostconf import Fault
from sriov_tui.message import Message, say
from sriov_tui.model import Finding, Fix, Level

STEP = "hostconf.write"


def identity(fault: Fault) -> tuple[str, str, str]:
    """A fault without its line numbers, which an edit above it moves."""
    return fault.id, fault.file, re.sub(r"\bline [0-9]+", "line", fault.message)


def _sentence(message: Message) -> Message:
    """A fault's message as a sentence; a name at its start keeps its case."""
    if message.partition(" ")[0] in ("a", "an", "the", "this", "everything", "byte", "control", "lists"):
        return say("{Fault}.", Fault=message)
    return say("{fault}.", fault=message)


def finding_of(fault: Fault, mended: bool) -> Finding:
    """The finding about a fault; one that our edit mends does not block."""
    where = f"{fault.file}:{fault.line}" if fault.line else fault.file
    return Finding(
        id=f"hostconf.{fault.id.replace('.', '-')}",
        level=fault.level,
        subject=where,
        title=_sentence(fault.message),
        topic=_key(fault.message),
        fix=Fix(title=fault.fix or say("Look at the line."), steps=(STEP,) if mended else ()),
        blocks=fault.level >= Level.FAIL and not mended,
    )


def _key(message: Message) -> str:
    """The key of host.conf that a fault's message names, itself or by a sentence in it; "" where it names none."""
    if "key" in message.values:
        return str(message.values["key"])
    inner = (_key(value) for value in message.values.values() if isinstance(value, Message))
    return next(filter(None, inner), "")
