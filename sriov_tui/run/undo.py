"""Undoing operations, from what the journal holds of them: newest first, nothing of others overwritten.

Every thing that an operation touched is compared before it is put back: it must be as we left it. What somebody
changed since is kept and said, unless forced. VFs that somebody uses are never taken away.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from sriov_tui.hosts.host import Host
from sriov_tui.hosts.os_errors import sentence
from sriov_tui.message import NOTHING, Message, Text, say, verbatim
from sriov_tui.model import Event, SriovError, StepState
from sriov_tui.run import menus, seal
from sriov_tui.run.context import Context, progress, text_of, whole
from sriov_tui.run.driver_image import clear
from sriov_tui.run.kernel_errors import is_numvfs
from sriov_tui.run.operations import (
    Before,
    FileState,
    attribute,
    file_record,
    file_state,
    put_file,
    run_command,
    sentence_of,
    sweep,
    write_attribute,
    xattrs_of,
)

UNLOAD = ("modprobe", "-r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """One operation to take back: what was before it, and the digests of what a command left (path -> SHA-256)."""

    number: int
    step: str
    title: Message
    records: tuple[Before, ...]
    left: dict[str, str]
    ended: bool  # the act came to an end, so that `left` is complete
    boot_id: str  # the boot of the last that was done about it


class NotRestored(Exception):
    """A thing that was not put back, and why; `planned` where that was said before the start."""

    def __init__(self, reason: Text, planned: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.planned = planned


def undo_list(events: tuple[Event, ...], step: str = "") -> tuple[Undo, ...]:
    """What is to be taken back, newest first: every operation with a whole `before` that is not undone yet.

    With the id of a `step`, nothing of the steps before it: what came after may stand on it, what came before does not.
    """
    before = {number: records for number, records in progress(events).before.items() if whole(records)}
    last: dict[int, Event] = {}
    steps: dict[int, str] = {}
    titles: dict[str, Message] = {}
    for event in events:
        if event.kind == "step" and event.text:
            titles.setdefault(event.step, verbatim(event.text))
        if event.number is not None:
            steps[event.number] = event.step
            if event.kind in ("before", "operation"):
                last[event.number] = event
    begun = [number for number, name in steps.items() if name == step]
    first = min(begun, default=max(steps, default=0) + 1) if step else 0
    return tuple(
        Undo(
            number=number,
            step=steps[number],
            title=titles.get(steps[number], NOTHING),
            records=tuple(before[number]),
            left=_left(events, number),
            ended=last[number].kind == "operation",
            boot_id=last[number].boot_id,
        )
        for number in sorted(before, reverse=True)
        if number >= first and last[number].state != "undone"
    )


def unrecorded(events: tuple[Event, ...]) -> Iterator[Message]:
    """What was done and has no whole record of what was before it: a line was lost, and it cannot be taken back."""
    found = progress(events)
    for number, done in sorted(found.done.items()):
        if not whole(found.before.get(number, [])):
            yield say(
                (
                    "The journal does not record what was there before operation {number} of {step}: put "
                    "it back by hand."
                ),
                number=number,
                step=done.step,
            )


def _left(events: tuple[Event, ...], number: int) -> dict[str, str]:
    ends = [event.before for event in events if event.number == number and event.kind == "operation" and event.before]
    return ends[-1] if ends else {}


def undo(context: Context, todo: tuple[Undo, ...], force: bool) -> Iterator[str]:
    """Take every operation back; yields a line for each that is not as it was."""
    place = {one.step: number for number, one in reversed(tuple(enumerate(todo)))}
    todo = tuple(sorted(todo, key=lambda one: (place[one.step], menus.is_made(one.records))))  # after its settings
    worst: dict[str, StepState] = {}
    rank: list[StepState] = ["undone", "kept", "failed"]
    for index, one in enumerate(todo):
        if one.step not in worst:
            context.record("step", step=one.step, state="doing", text=one.title)
        state, text, planned = _undo_one(context, one, force)
        context.record("operation", step=one.step, number=one.number, state=state, text=text)
        worst[one.step] = max(worst.get(one.step, "undone"), state, key=rank.index)
        if index + 1 == len(todo) or todo[index + 1].step != one.step:
            context.record("step", step=one.step, state=worst[one.step], text=one.title)
        if state != "undone" and not planned:
            yield text


def _undo_one(context: Context, undo: Undo, force: bool) -> tuple[StepState, str, bool]:
    state: StepState = "undone"
    reasons: list[str] = []
    planned = True
    for record in undo.records:
        try:
            _undo_record(context, undo, record, force)
        except NotRestored as kept:
            state = state if state == "failed" else "kept"
            reasons.append(kept.reason)
            planned = planned and kept.planned
        except (SriovError, OSError) as error:
            state, planned = "failed", False
            reasons.append(text_of(sentence(error) if isinstance(error, OSError) else error))
    return state, "\n".join(reasons), planned


def _undo_record(context: Context, undo: Undo, record: Before, force: bool) -> None:
    seal.check(record)
    match record["what"]:
        case "file":
            _undo_file(context, undo, record, force)
        case "sysfs":
            undo_sysfs(context.host, record, force, rebooted=undo.boot_id != context.boot_id)
        case "command":
            _undo_command(context, undo, record)
        case what:
            raise SriovError(
                say("The journal holds a change of the kind {what}", what=repr(what)),
                say("A newer sriov-tui made it; use that."),
            )


def _undo_file(context: Context, undo: Undo, record: Before, force: bool) -> None:
    host, path = context.host, record["path"]
    sweep(host, path)
    now = file_state(host, path)
    if all(record.get(key) == value for key, value in file_record(now).items()):
        return
    ours = record.get("wrote", undo.left.get(path) if undo.ended else None)
    if menus.is_to_be_made(host, record, now, ours):
        menus.make(host, record)
        return
    # A command that was cut may have left anything: what it left is ours.
    if ours is not None and now.digest != ours and now.digest != _digest(record) and not force:
        raise NotRestored(
            say(
                "{path} was changed by somebody else since, so it is left as it is. `sriov-tui rollback "
                "--force` puts back what was there before the run.",
                path=path,
            )
        )
    if record["state"] == "absent":
        put_file(host, now, None, 0, None)
        return
    content = base64.b64decode(record["content"])
    if gone := menus.missing_kernel(host, content, now.data):
        raise NotRestored(
            say("{path} is left as it is: what was there before names {kernel}, which is gone.", path=path, kernel=gone)
        )
    uid, _, gid = record["owner"].partition(":")
    mode, owner, xattrs = int(record["mode"], 8), (int(uid), int(gid)), xattrs_of(record)
    if "wrote" in record and now.data is not None and not force:  # what we write keeps all these, so this is theirs
        xattrs = None
        if not _is_ours(record, now):
            mode, owner = now.mode, now.owner
            context.record("note", step=undo.step, number=undo.number, text=_kept_access(record, now))
    put_file(host, now, content, mode, owner, xattrs)


def _is_ours(record: Before, now: FileState) -> bool:
    """Whether owner and mode are as we left them, or as they were before; older versions did not record their mode."""
    modes = {record["mode"], record.get("wrote_mode", f"{now.mode:o}")}
    return f"{now.mode:o}" in modes and f"{now.owner[0]}:{now.owner[1]}" == record["owner"]


def _kept_access(record: Before, now: FileState) -> Message:
    return say(
        "Somebody has changed the mode or the owner of {path} since: they stay {mode}, {owner}. `sriov-tui rollback "
        "--force` makes them {mode_before}, {owner_before}.",
        path=record["path"],
        mode=f"{now.mode:04o}",
        owner=f"{now.owner[0]}:{now.owner[1]}",
        mode_before=f"{int(record['mode'], 8):04o}",
        owner_before=record["owner"],
    )


def _digest(record: Before) -> str:
    return "" if record["state"] == "absent" else sha256(base64.b64decode(record["content"])).hexdigest()


def undo_sysfs(host: Host, record: Before, force: bool, rebooted: bool) -> None:
    """Write the value from before; NotRestored where somebody else has written the attribute since."""
    path, before = record["path"], record["value"]
    now = attribute(host, path)
    if now not in (before, record["wrote"]) and not force and not (rebooted and _made_at_boot(host, path, now)):
        raise NotRestored(
            say(
                "{path} was changed by somebody else since and reads {now}, so it is left. `sriov-tui "
                "rollback --force` writes {before}.",
                path=path,
                now=now,
                before=before,
            )
        )
    if is_numvfs(path) and "0" not in (now, before) and now != before:
        write_attribute(host, path, "0", float(record["timeout"]))  # the kernel knows no other way
    write_attribute(host, path, before, float(record["timeout"]))


def _made_at_boot(host: Host, path: str, now: str) -> bool:
    """Whether a VF count is what our udev rule or the host-agent makes at every boot: all that the card offers."""
    return is_numvfs(path) and now == attribute(host, path.replace("sriov_numvfs", "sriov_totalvfs"))


def _undo_command(context: Context, undo: Undo, record: Before) -> None:
    argv = tuple(json.loads(record["undo"]))
    if "medium" in record:
        clear(context.host, lambda line: None)  # where the run was cut
        if argv and not _there(context.host, argv[0]):
            return  # what takes back came out of the image too: nothing was installed
    if argv[:2] == UNLOAD and (users := _bound(context.host, argv[2:])):
        raise NotRestored(
            say("{module} stays loaded: {users} use it.", module=" ".join(argv[2:]), users=tuple(users)), planned=True
        )
    if argv:
        run_command(
            context.host,
            argv,
            float(record["timeout"]),
            lambda line: context.record("output", step=undo.step, number=undo.number, text=line[:500]),
        )
    elif record["stays"]:
        raise NotRestored(say("It cannot be undone here: {record}.", record=sentence_of(record["stays"])), planned=True)


def _bound(host: Host, modules: tuple[str, ...]) -> list[str]:
    """The PCI functions that the drivers of these modules have now: others may have bound theirs since the run."""
    found: list[str] = []
    for module in modules:
        folder = f"/sys/module/{module.replace('-', '_')}/drivers"
        drivers = [name.removeprefix("pci:") for name in _names(host, folder)] or [module]
        for driver in drivers:
            found += [name for name in _names(host, f"/sys/bus/pci/drivers/{driver}") if name.count(":") == 2]
    return found


def _names(host: Host, folder: str) -> tuple[str, ...]:
    try:
        return host.listdir(folder)
    except OSError:
        return ()


def _there(host: Host, path: str) -> bool:
    try:
        host.mode(path)
    except OSError:
        return False
    return True
