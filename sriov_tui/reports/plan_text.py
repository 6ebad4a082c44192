"""A plan in words, word for word what the engine will do: for the screen before the run and for the command line."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterable, Iterator

from sriov_tui.facts import HostFacts
from sriov_tui.language import _
from sriov_tui.language.layout import printable
from sriov_tui.model import MEDIA_DIR, Disrupts, Operation, Plan, Run, Step, WriteFile, WriteSysfs

_DISRUPTS: dict[Disrupts, str] = {
    "no": "",
    "link": "The link of this port goes down for some seconds.",
    "ssh": "This SSH session goes through it and may be cut; the run goes on without it.",
    "reboot": "Takes effect at the next boot.",
}


def describe(plan: Plan, facts: HostFacts | None = None) -> list[str]:
    """The numbered plan: each operation in full, what it disrupts, its way back, and where the reboot is.

    With the facts that the plan was made from, a file that exists is shown as a unified diff; without them
    its whole new text is shown.
    """
    if not plan.steps:
        return [_("Nothing to do: this host is as chosen.")]
    lines: list[str] = []
    for index, step in enumerate(plan.steps):
        if plan.reboot_after == index:
            lines += ["", f"    {_('-- reboot, then `sriov-tui resume` --')}"]
        lines += ["", *_step(index + 1, step, facts)]
    if plan.reboot_after == len(plan.steps):
        lines += ["", f"    -- {_('reboot')} --"]
    return lines[1:]


def _step(number: int, step: Step, facts: HostFacts | None) -> Iterator[str]:
    yield f"{number:>2}. {printable(_(step.title))}"
    if step.why:
        yield f"    {printable(_(step.why))}"
    for operation in step.operations:
        yield from (f"      {line}" for line in _operation(operation, facts))
        yield "      " + _("Way back: {how}", how=_way_back(operation, facts))
    if _DISRUPTS[step.disrupts]:
        yield f"    {_(_DISRUPTS[step.disrupts])}"
    if step.confirm:
        yield "    " + _(f"Undone by itself unless somebody confirms within {step.confirm:.0f} s: log in again and run")
        yield "    " + _("`sriov-tui confirm` there, or press c in the wizard.")


def _operation(operation: Operation, facts: HostFacts | None) -> Iterator[str]:
    match operation:
        case WriteFile(text=None):
            yield _("remove {path}", path=printable(operation.path))
        case WriteFile():
            yield from _file(operation, facts)
        case WriteSysfs():
            yield _("write {value} to {path}", value=printable(operation.value), path=printable(operation.path))
        case Run():
            if medium := operation.medium:
                opened = (
                    "with {path} unpacked at {place}" if medium.unpacked else "with {path} mounted read-only at {place}"
                )
                yield _(opened, path=printable(medium.path), place=MEDIA_DIR)
                yield "  " + _("refused unless its SHA-256 is {digest}", digest=printable(medium.sha256))
            yield _("run {argv}", argv=printable(shlex.join(operation.argv)))
            does = "whose result takes the place of {path}" if operation.draft else "which rewrites {path}"
            yield from ("  " + _(does, path=printable(path)) for path in operation.rewrites)


def _file(operation: WriteFile, facts: HostFacts | None) -> Iterator[str]:
    text = operation.text or ""
    file = facts.file(operation.path) if facts is not None else None
    path = printable(operation.path)
    if copied := _copied(operation, facts):
        copy = "new file {path} (mode {mode}): a copy of {copied} as it is now"
        yield _(copy, path=path, mode=f"{operation.mode:04o}", copied=printable(copied))
        return
    if file is None or file.state != "present" or file.text is None:
        does = "new file {path} (mode {mode}):" if _is_new(operation, facts) else "write {path} (mode {mode}):"
        yield _(does, path=path, mode=f"{operation.mode:04o}")
        yield from (f"  | {line}" for line in _shown(_lines(text)))
        return
    yield _("change {path}:", path=path)
    if file.mode is not None and file.mode != operation.mode:
        yield _(f"  mode {file.mode:04o} becomes {operation.mode:04o}")
    diff = difflib.unified_diff(_lines(file.text), _lines(text), "before", "after")
    yield from (f"  {line}" for line in _shown(diff))


def _copied(operation: WriteFile, facts: HostFacts | None) -> str:
    """The file of which this one becomes a copy; its text is not told again."""
    others = (file for file in (facts.files if facts else ()) if file.path != operation.path)
    return next((file.path for file in others if file.text == operation.text), "")


def _is_new(operation: WriteFile, facts: HostFacts | None) -> bool:
    file = facts.file(operation.path) if facts is not None else None
    return operation.expect == "" or (file is not None and file.state == "absent")


def _lines(text: str) -> list[str]:
    # str.splitlines would also split at a form feed and the like, and the diff would show lines that are none.
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _shown(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield printable(line.removesuffix("\n"))
        if not line.endswith("\n"):
            yield "\\ No newline at end of file"


def _way_back(operation: Operation, facts: HostFacts | None) -> str:
    match operation:
        case WriteFile():
            return _("the file is removed." if _is_new(operation, facts) else "the file as it was before.")
        case WriteSysfs():
            return _("the value before; where that takes VFs away, only while no virtual machine holds one.")
        case Run(no_way_back=reason) if reason:
            return _(f"no way back after this: {printable(reason)}")
        case Run(rewrites=files, undo=undo):
            parts = [_("the files as they were before")] if files else []
            parts += [_("run {argv}", argv=printable(shlex.join(undo)))] if undo else []
            return f"{_(', then ').join(parts)}." if parts else _("nothing to take back.")
