"""The way back of a run, from its journal alone: newest operation first, nothing of others overwritten.

Every thing that an operation touched is compared before it is put back: it must be as we left it. What somebody
changed since is kept and said, unless forced. VFs that a virtual machine holds are never taken away.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from sriov_tui.facts import HostFacts
from sriov_tui.hosts.host import Host
from sriov_tui.hosts.os_errors import sentence
from sriov_tui.language import _
from sriov_tui.message import lines, say
from sriov_tui.model import CONFIRM, Disrupts, Event, Outcome, SriovError, Step, cuts_session
from sriov_tui.probe import gather_uses
from sriov_tui.run import confirmation, store
from sriov_tui.run.context import Context, boot_id, progress, text_of
from sriov_tui.run.journal import NAME, Journal, read
from sriov_tui.run.kernel_errors import is_numvfs
from sriov_tui.run.operations import Before, attribute
from sriov_tui.run.undo import NotRestored, Undo, undo, undo_list, undo_sysfs, unrecorded
from sriov_tui.run.vf_guard import pf_address, refuse_used, takes

ACTS_AT_BOOT = ("/etc/udev/rules.d/", "/etc/systemd/system/")


def rollback(
    run_dir: Path,
    host: Host,
    force: bool = False,
    step: str = "",
    interrupted: Callable[[], bool] = lambda: False,
    watch: confirmation.Watch = confirmation.ALONE,
) -> Outcome:
    """Take a run back, or with `step` that step and all that was done after it; the caller holds the lock.

    With `force`, also what somebody changed since. `interrupted` and `watch` are those of `engine.apply`.

    Where a VF is in use nothing at all is done. A step whose undo may cut the SSH session is applied again unless
    somebody confirms in time. Errors of one operation do not keep the others from being taken back; the outcome is
    "rolled-back" only where everything is as before, or was said to have no way back.
    """
    store.check_journal(run_dir)
    events, _ = read(run_dir / NAME)
    todo = undo_list(events, step)
    with Journal(run_dir / NAME) as journal:
        context = Context(host=host, journal=journal, boot_id=boot_id(host))
        try:
            made = [] if step else _boot_effects(context, events, todo)
            facts = check(todo, host, force)
            for record in made:
                _refuse_used_vfs(host, record, force, facts)
            confirmed = cutting(run_dir, todo, host, facts)
        except SriovError as error:
            return context.finish("rollback-failed", text_of(error))
        context.record("start", state="rollback")
        try:
            problems: list[str] = list(unrecorded(events))
            for part in _by_step(todo):
                act = functools.partial(_take_back, context, part, force, problems)
                if cuts := confirmed.get(part[0].step):
                    confirmation.carry_out(context, run_dir, cuts, act, interrupted, watch, back=True)
                else:
                    act()
            problems += _undo_boot_effects(context, made, facts)
        except confirmation.Undone as undone:
            return context.finish(undone.outcome, undone.text)
        except SriovError as error:
            return context.finish("rollback-failed", text_of(error))
        except OSError as error:
            return context.finish("rollback-failed", text_of(sentence(error)))
        except Exception as error:
            context.finish("rollback-failed", say("A fault in sriov-tui itself: {error}", error=repr(error)))
            raise
        if problems:
            return context.finish("rollback-failed", lines(*problems))
        return context.finish("rolled-back" if len(todo) == len(undo_list(events)) else "partly-back")


def check(todo: tuple[Undo, ...], host: Host, force: bool = False) -> HostFacts:
    """SriovError naming the use where taking back would take away a VF that is in use; else what was read for that."""
    facts = gather_uses(host)
    for one in todo:
        for record in one.records:
            if record["what"] == "sysfs":
                _refuse_used_vfs(host, record, force, facts)
    return facts


def cutting(run_dir: Path, todo: tuple[Undo, ...], host: Host, facts: HostFacts) -> dict[str, Step]:
    """The steps whose undo may cut the SSH session, each with the time in which it is to be confirmed.

    SriovError where one of them could not be applied again, since its plan cannot be read.
    """
    if facts.ssh is None:
        return {}
    try:
        steps = {step.id: step for step in store.read_plan(run_dir).steps}
    except SriovError:
        steps = {}
    found: dict[str, Step] = {}
    for one in todo:
        step = steps.get(one.step)
        if not _drops(host, one, facts) and not (step and cuts_session(facts, replace(step, disrupts=_now(step)))):
            continue
        if step is None:
            raise SriovError(
                say("Taking back {step} may cut your SSH session, and its plan cannot be read.", step=one.step),
                say("It could not be applied again if you lost the host. Run the rollback at the console."),
            )
        found[one.step] = replace(step, confirm=step.confirm or CONFIRM)
    return found


def _now(step: Step) -> Disrupts:
    """What a step cut is of the session that it was planned in: this one is judged by what the step names."""
    return "link" if step.disrupts == "ssh" else step.disrupts


def _drops(host: Host, one: Undo, facts: HostFacts) -> bool:
    """Whether it takes VFs, or a mode, from a card that carries the session."""
    return any(
        record["what"] == "sysfs"
        and (address := pf_address(host, record["path"]))
        and facts.carries_session(address)
        and _changes(host, record)
        for record in one.records
    )


def _changes(host: Host, record: Before) -> bool:
    try:
        return attribute(host, record["path"]) != record["value"]
    except SriovError:
        return False


def _take_back(context: Context, part: tuple[Undo, ...], force: bool, problems: list[str]) -> bool:
    problems += undo(context, part, force)
    return True


def _by_step(todo: tuple[Undo, ...]) -> list[tuple[Undo, ...]]:
    return [tuple(part) for _, part in itertools.groupby(todo, key=lambda one: one.step)]


def describe(todo: tuple[Undo, ...]) -> list[str]:
    """What a rollback will do, a line each, in its order."""
    lines = filter(None, (_words(record) for one in todo for record in one.records))
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
                else _(say("cannot be undone: {stays}", stays=stays))
                if stays
                else ""
            )


def _refuse_used_vfs(host: Host, record: Before, force: bool, facts: HostFacts) -> None:
    if not pf_address(host, record["path"]):
        return
    try:
        now = attribute(host, record["path"])
    except SriovError:
        return
    if (force or now == record["wrote"]) and takes(record["path"], now, record["value"]):
        refuse_used(host, record["path"], facts)


def _boot_effects(context: Context, events: tuple[Event, ...], todo: tuple[Undo, ...]) -> list[Before]:
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


def _undo_boot_effects(context: Context, made: list[Before], facts: HostFacts) -> Iterator[str]:
    for record in made:
        address = pf_address(context.host, record["path"])
        if facts.carries_session(address):  # nothing makes them any more: the next boot takes them
            context.record(
                "note",
                text=say("The VFs of {pf} stay until the next boot: your SSH session may run over it.", pf=address),
            )
            continue
        try:
            undo_sysfs(context.host, record, force=False, rebooted=False)
        except NotRestored:
            continue  # not what our files make
        except SriovError as error:
            yield text_of(error)
