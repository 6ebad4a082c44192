"""A plan in words, exactly what the engine will do: the one description for screens, commands and tickets."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from sriov_tui.facts import HostFacts
from sriov_tui.language import _
from sriov_tui.language.layout import printable
from sriov_tui.message import Text, join, say, sentences
from sriov_tui.model import MEDIA_DIR, Disrupts, Operation, Plan, Run, Step, WriteFile, WriteSysfs
from sriov_tui.secrets.text import masked_file

JUDGED = {
    "resolution": say(
        "a dry run: the run ends here where it would change the kernel or Open vSwitch, or remove a package that is "
        "neither for RDMA nor NVIDIA's"
    ),
    "built": say("judged by its output: it has to say installed for this kernel"),
    "vendor": say("judged by its output: it has to name mlx_compat"),
}

Kind = Literal["title", "why", "operation", "added", "removed", "content", "undo", "effect", "reboot"]
INDENT: dict[Kind, int] = {"title": 0, "effect": 4, "why": 4, "reboot": 4, "operation": 6, "undo": 6}  # others: 8
EFFECTS: dict[Disrupts, Text] = {
    "no": "",
    "link": say("The link of this port goes down for a few seconds."),
    "ssh": say("This SSH session goes through it and may be cut; the run continues without it."),
    "reboot": say("Takes effect at the next boot."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plan, and what it is: a screen takes its colour from that, all take the indent from it."""

    kind: Kind
    text: Text

    def __str__(self) -> str:
        return " " * INDENT.get(self.kind, 8) + printable(_(self.text))


def describe(plan: Plan, facts: HostFacts | None = None) -> list[str]:
    """The numbered plan as text in the reader's language, an empty line between two steps; see `lines`."""
    found: list[str] = []
    for line in lines(plan, facts):
        found += [""] if line.kind in ("title", "reboot") and found else []
        found.append(str(line))
    return found


def lines(plan: Plan, facts: HostFacts | None = None) -> Iterator[Line]:
    """Each operation in full, how it is undone, what it interrupts, and where the reboot is.

    With the facts that the plan was made from, a file that exists is shown as a unified diff; without them
    its whole new text is shown. Secrets in it are masked: a plan goes into tickets and terminals' logs.
    """
    if not plan.steps:
        yield Line("title", say("Nothing to do: this host is already as chosen."))
    for index, step in enumerate(plan.steps):
        if plan.reboot_after == index:
            yield Line("reboot", say("-- reboot, then `sriov-tui resume` --"))
        yield from of_step(step, facts, index + 1)
    if plan.steps and plan.reboot_after == len(plan.steps):
        yield Line("reboot", say("-- reboot --"))


def of_step(step: Step, facts: HostFacts | None, number: int = 0) -> Iterator[Line]:
    """A step: title, reason, every operation with its undo, what it interrupts."""
    yield Line("title", join("", (f"{number:>2}. ", step.title)) if number else step.title)
    for reason in _(step.why).splitlines():
        yield Line("why", reason)
    for operation in step.operations:
        yield from _operation(operation, facts)
        yield Line("undo", say("Undo: {how}", how=_undo(operation, facts)))
    yield from (Line("effect", text) for text in effects(step))


def effects(step: Step) -> Iterator[Text]:
    """What a step interrupts, and how it has to be confirmed."""
    if EFFECTS[step.disrupts]:
        yield EFFECTS[step.disrupts]
    if step.confirm:
        yield say("Rolled back automatically unless confirmed within {seconds} s.", seconds=f"{step.confirm:.0f}")
        yield say("To confirm, log in again and run `sriov-tui confirm`, or press c in the wizard.")


def _operation(operation: Operation, facts: HostFacts | None) -> Iterator[Line]:
    match operation:
        case WriteFile(text=None):
            yield Line("operation", say("remove {path}", path=operation.path))
        case WriteFile():
            yield from _file(operation, facts)
        case WriteSysfs():
            yield Line("operation", say("write {value} to {path}", value=operation.value, path=operation.path))
        case Run():
            yield from _command(operation)


def _command(operation: Run) -> Iterator[Line]:
    if medium := operation.medium:
        yield Line(
            "operation",
            say("with the package {path}", path=medium.path)
            if medium.package
            else say("with {path} unpacked at {place}", path=medium.path, place=MEDIA_DIR)
            if medium.unpacked
            else say("with {path} mounted read-only at {place}", path=medium.path, place=MEDIA_DIR),
        )
        yield Line("content", say("refused unless its SHA-256 is {digest}", digest=medium.sha256))
    yield Line("operation", say("run {argv}", argv=shlex.join(operation.argv)))
    if operation.judged:
        yield Line("content", JUDGED[operation.judged])
    for path in operation.rewrites:
        yield Line(
            "content",
            say("its output replaces {path}", path=path)
            if operation.draft
            else say("which rewrites {path}", path=path),
        )


def _file(operation: WriteFile, facts: HostFacts | None) -> Iterator[Line]:
    text = masked_file(operation.text or "", operation.path)
    file = facts.file(operation.path) if facts is not None else None
    path, mode = operation.path, f"{operation.mode:04o}"
    if copied := _copied(operation, facts):
        copy = say(
            "new file {path} (mode {mode}): a copy of {copied} as it is now", path=path, mode=mode, copied=copied
        )
        yield Line("operation", copy)
        return
    if file is None or file.state != "present" or file.text is None:
        new = say("new file {path} (mode {mode}):", path=path, mode=mode)
        yield Line(
            "operation", new if _is_new(operation, facts) else say("write {path} (mode {mode}):", path=path, mode=mode)
        )
        yield from (Line("content", f"| {line}") for line in _shown(_split(text)))
        return
    was = f"{file.mode:04o}" if file.mode is not None else mode
    yield Line(
        "operation",
        say("change {path} (mode {mode}):", path=path, mode=mode)
        if was == mode
        else say("change {path} (mode {was} becomes {mode}):", path=path, was=was, mode=mode),
    )
    before = masked_file(file.text, operation.path)
    for line in _shown(difflib.unified_diff(_split(before), _split(text), "before", "after")):
        added, removed = line.startswith("+") and line[:3] != "+++", line.startswith("-") and line[:3] != "---"
        yield Line("added" if added else "removed" if removed else "content", line)


def _copied(operation: WriteFile, facts: HostFacts | None) -> str:
    """The file of which this one becomes a copy; its text is not shown again."""
    others = (file for file in (facts.files if facts else ()) if file.path != operation.path)
    return next((file.path for file in others if file.text == operation.text), "")


def _is_new(operation: WriteFile, facts: HostFacts | None) -> bool:
    file = facts.file(operation.path) if facts is not None else None
    return operation.expect == "" or (file is not None and file.state == "absent")


def _split(text: str) -> list[str]:
    # str.splitlines would also split at a form feed and the like, and the diff would show lines that are none.
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _shown(text: Iterable[str]) -> Iterator[str]:
    for line in text:
        yield printable(line.removesuffix("\n"))
        if not line.endswith("\n"):
            yield "\\ No newline at end of file"


def _undo(operation: Operation, facts: HostFacts | None) -> Text:
    match operation:
        case WriteFile():
            return say("remove the file.") if _is_new(operation, facts) else say("restore the file as it was before.")
        case WriteSysfs():
            return say("restore the value before; where that removes VFs, only if nothing uses them.")
        case Run(no_way_back=reason) if reason:
            return say("impossible: {reason}", reason=reason)
        case Run(rewrites=(), undo=()):
            return say("nothing to take back.")
        case Run(rewrites=files, undo=undo):
            restore = say("restore the files as they were before.") if files else ""
            again = say("Run `{argv}`.", argv=shlex.join(undo)) if undo else ""
            return sentences(restore, again)
