"""The way back of a run, from its journal alone: newest operation first, nothing of others overwritten.

Every thing that an operation touched is compared before it is put back: it must be as we left it. What somebody
changed since is kept and said, unless forced. VFs that a virtual machine holds are never taken away.
"""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sriov_tui.hosts.host import Host
from sriov_tui.language import _
from sriov_tui.message import NOTHING, Message, Text, say, verbatim
from sriov_tui.model import Event, Outcome, SriovError, StepState
from sriov_tui.run.context import Context, boot_id, progress, text_of, whole
from sriov_tui.run.driver_image import clear
from sriov_tui.run.journal import NAME, Journal, read
from sriov_tui.run.kernel_errors import is_numvfs
from sriov_tui.run.operations import (
    Before,
    attribute,
    file_record,
    file_state,
    in_use,
    lowers,
    put_file,
    run_command,
    sweep,
    vf_holders,
    write_attribute,
)

ACTS_AT_BOOT = ("/etc/udev/rules.d/", "/etc/systemd/system/")


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


class Kept(Exception):
    """A thing that was not put back, and why; `planned` where that was said before the start."""

    def __init__(self, reason: Text, planned: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.planned = planned


def rollback(run_dir: Path, host: Host, force: bool = False, step: str = "") -> Outcome:
    """Take a run back, or with `step` that step and all that was done after it; the caller holds the lock.

    With `force`, also what somebody changed since.

    Where a VF is in use nothing at all is done. Errors of one operation do not keep the others from being
    taken back; the outcome is "rolled-back" only where everything is as before, or was said to have no way back.
    """
    events, _ = read(run_dir / NAME)
    todo = undo_list(events, step)
    with Journal(run_dir / NAME) as journal:
        context = Context(host=host, journal=journal, boot_id=boot_id(host))
        try:
            made = [] if step else _of_a_boot(context, events, todo)
            check(todo, host)
            for record in made:
                _refuse_held_vfs(host, record)
        except SriovError as error:
            return context.finish("rollback-failed", text_of(error))
        context.record("start", state="rollback")
        try:
            problems = [*undo(context, todo, force), *_unmake(context, made)]
        except Exception as error:
            context.finish("rollback-failed", say("A fault in sriov-tui itself: {error}", error=repr(error)))
            raise
        if problems:
            return context.finish("rollback-failed", "\n".join(problems))
        return context.finish("rolled-back" if len(todo) == len(undo_list(events)) else "partly-back")


def check(todo: tuple[Undo, ...], host: Host) -> None:
    """SriovError naming the process where taking back would take away a VF that is in use."""
    for undo in todo:
        for record in undo.records:
            if record["what"] == "sysfs":
                _refuse_held_vfs(host, record)


def describe(todo: tuple[Undo, ...]) -> list[str]:
    """What a rollback will do, a line each, in its order."""
    lines = filter(None, (_words(record) for undo in todo for record in undo.records))
    return [f"{number:>2}. {line}" for number, line in enumerate(lines, 1)]


def _words(record: Before) -> str:
    match record["what"]:
        case "file" if record["state"] == "absent":
            return _(say("remove {path}, which was not there", path=record["path"]))
        case "file":
            return _(say("put back {path} as it was, mode {mode}", path=record["path"], mode=record["mode"]))
        case "sysfs":
            return _(say("write {value} to {path}", value=record["value"], path=record["path"]))
        case _:
            undo, stays = json.loads(record.get("undo", "[]")), record.get("stays")
            return (
                _(say("run {argv}", argv=" ".join(undo)))
                if undo
                else _(say("no way back: {stays}", stays=stays))
                if stays
                else ""
            )


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


def _left(events: tuple[Event, ...], number: int) -> dict[str, str]:
    ends = [event.before for event in events if event.number == number and event.kind == "operation" and event.before]
    return ends[-1] if ends else {}


def _refuse_held_vfs(host: Host, record: Before) -> None:
    if not is_numvfs(record["path"]):
        return
    try:
        now = attribute(host, record["path"])
    except SriovError:
        return
    if now == record["wrote"] and lowers(now, record["value"]) and (held := vf_holders(host, record["path"])):
        raise in_use(record["path"], held)


def undo(context: Context, todo: tuple[Undo, ...], force: bool) -> Iterator[str]:
    """Take every operation back; yields a line for each that is not as it was."""
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


def _of_a_boot(context: Context, events: tuple[Event, ...], todo: tuple[Undo, ...]) -> list[Before]:
    """VFs and modes that our own files, which are still there, made at a boot: as if the run had written them.

    A run that was cut had not come to them yet; a rollback that was cut had taken them back before the files.
    """
    found = progress(events)
    records = [record for one in todo for record in one.records]
    if not any(record["what"] == "file" and record["path"].startswith(ACTS_AT_BOOT) for record in records):
        return []
    seen = dict.fromkeys(found.ground, found.ground_boot)  # the boot of the last that was done about each
    for event in events:
        if event.kind == "operation" and event.number in found.before:
            seen |= dict.fromkeys((record.get("path", "") for record in found.before[event.number]), event.boot_id)
    left = found.ground.keys() - {record["path"] for record in records if record["what"] == "sysfs"}
    made = []
    for path in reversed([path for path in found.ground if path in left and seen[path] != context.boot_id]):
        with contextlib.suppress(SriovError):
            now, before = attribute(context.host, path), found.ground[path]
            wrote = attribute(context.host, path.replace("sriov_numvfs", "sriov_totalvfs")) if is_numvfs(path) else now
            if now != before:
                made.append({"path": path, "value": before, "wrote": wrote, "timeout": "300"})
    return made


def _unmake(context: Context, made: list[Before]) -> Iterator[str]:
    for record in made:
        try:
            _undo_sysfs(context.host, record, force=False, rebooted=False)
        except Kept:
            continue  # not what our files make
        except SriovError as error:
            yield text_of(error)


def _undo_one(context: Context, undo: Undo, force: bool) -> tuple[StepState, str, bool]:
    state: StepState = "undone"
    reasons: list[str] = []
    planned = True
    for record in undo.records:
        try:
            _undo_record(context, undo, record, force)
        except Kept as kept:
            state = state if state == "failed" else "kept"
            reasons.append(kept.reason)
            planned = planned and kept.planned
        except SriovError as error:
            state, planned = "failed", False
            reasons.append(text_of(error))
    return state, "\n".join(reasons), planned


def _undo_record(context: Context, undo: Undo, record: Before, force: bool) -> None:
    match record["what"]:
        case "file":
            _undo_file(context.host, undo, record, force)
        case "sysfs":
            _undo_sysfs(context.host, record, force, rebooted=undo.boot_id != context.boot_id)
        case "command":
            _undo_command(context, undo, record)
        case what:
            raise SriovError(
                say("The journal holds a change of the kind {what}", what=repr(what)),
                say("A newer sriov-tui made it; use that."),
            )


def _undo_file(host: Host, undo: Undo, record: Before, force: bool) -> None:
    path = record["path"]
    sweep(host, path)
    now = file_state(host, path)
    if all(record.get(key) == value for key, value in file_record(now).items()):
        return
    ours = record.get("wrote", undo.left.get(path) if undo.ended else None)
    # A command that was cut may have left anything: what it left is ours.
    if ours is not None and now.digest != ours and now.digest != _digest(record) and not force:
        raise Kept(
            say(
                "{path} was changed by somebody else since, so it is left as it is. `sriov-tui rollback "
                "--force` puts back what was there before the run.",
                path=path,
            )
        )
    if record["state"] == "absent":
        put_file(host, now.path, None, 0, None)
        return
    uid, _, gid = record["owner"].partition(":")
    put_file(host, now.path, base64.b64decode(record["content"]), int(record["mode"], 8), (int(uid), int(gid)))


def _digest(record: Before) -> str:
    return "" if record["state"] == "absent" else sha256(base64.b64decode(record["content"])).hexdigest()


def _undo_sysfs(host: Host, record: Before, force: bool, rebooted: bool) -> None:
    path, before = record["path"], record["value"]
    now = attribute(host, path)
    if now not in (before, record["wrote"]) and not force and not (rebooted and _made_at_boot(host, path, now)):
        raise Kept(
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
    if argv:
        run_command(
            context.host,
            argv,
            float(record["timeout"]),
            lambda line: context.record("output", step=undo.step, number=undo.number, text=line[:500]),
        )
    elif record["stays"]:
        raise Kept(say("There is no way back here: {record}.", record=record["stays"]), planned=True)


def _there(host: Host, path: str) -> bool:
    try:
        host.mode(path)
    except OSError:
        return False
    return True
