"""The files of a host once the operations of a step are done: what is written word for word is known beforehand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import reduce, wraps

from sriov_tui.facts import HostFacts, TextFile
from sriov_tui.model import UNITS, WANTED_UNITS, Choices, Operation, Run, Step, WriteFile


def with_files(facts: HostFacts, step: Step) -> HostFacts:
    """The facts with each file that the step writes, of those that were looked at; of what a command writes the text
    is not known."""
    for operation in step.operations:
        for path, file in _changes(facts, operation).items():
            files = tuple(file if one.path == path else one for one in facts.files)
            facts = facts if files == facts.files else replace(facts, files=files)
    return facts


def _changes(facts: HostFacts, operation: Operation) -> dict[str, TextFile]:
    match operation:
        case WriteFile(path=path, text=text):
            return {path: _file(path, text, operation.mode)}
        case Run(argv=("systemctl", "enable", unit)):
            unit_file = facts.file(f"{UNITS}/{unit}")
            link = TextFile(path=f"{WANTED_UNITS}/{unit}", state="present")
            return {link.path: replace(unit_file, path=link.path) if unit_file else link}
        case Run(argv=("systemctl", "disable", unit)):
            return {f"{WANTED_UNITS}/{unit}": _file(f"{WANTED_UNITS}/{unit}", None, 0)}
        case Run(rewrites=paths):
            there = (path for path in paths if (file := facts.file(path)) and file.state == "present")
            return {path: TextFile(path=path, state="present") for path in there}
    return {}


def _file(path: str, text: str | None, mode: int) -> TextFile:
    if text is None:
        return TextFile(path=path, state="absent")
    digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
    return TextFile(path=path, state="present", text=text, sha256=digest, mode=mode)


Effect = Callable[[HostFacts, Choices, Step, HostFacts], HostFacts]
Effects = Callable[[HostFacts, Choices, tuple[Step, ...], HostFacts], HostFacts]


def one_by_one(effect: Effect) -> Effects:
    """What the steps of a check do to the host, told for one step, as `checks.expected` asks for it."""

    @wraps(effect)
    def expected(facts: HostFacts, choices: Choices, steps: tuple[Step, ...], after: HostFacts) -> HostFacts:
        return reduce(lambda now, step: effect(facts, choices, step, now), steps, after)

    return expected
