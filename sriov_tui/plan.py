"""Steps to a Plan: their order, where the reboot is, what must still be so when it is applied; and to JSON and back."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from sriov_tui import codec
from sriov_tui.facts import HostFacts, Pf, TextFile
from sriov_tui.message import Message, join, say, verbatim
from sriov_tui.model import (
    Choices,
    Finding,
    Level,
    Operation,
    Plan,
    Run,
    SriovError,
    Step,
    WriteFile,
    WriteSysfs,
    cuts_session,
    draft_of,
)
from sriov_tui.model.order import ordered

VERSION = 1


def build(facts: HostFacts, choices: Choices, steps: Iterable[Step]) -> Plan:
    """Order the steps: those that need a reboot first, with what they need; then the rest; then those that wait for it.

    A NIC of the choices that the host does not have is a SriovError; steps with the same id or that wait for
    each other are a bug in a check (ValueError).
    """
    given = tuple(steps)
    if len({step.id for step in given}) != len(given):
        raise ValueError(say("two steps with one id: {id}", id=", ".join(step.id for step in given)))
    in_order, reboot_after = ordered(given)
    return Plan(
        version=VERSION,
        host=facts.hostname,
        made_at=facts.gathered_at,
        boot_id=facts.kernel.boot_id or "",
        choices=choices,
        steps=in_order,
        reboot_after=reboot_after,
        assumes=tuple(_assumes(facts, choices, in_order)),
    )


def operations(plan: Plan) -> Iterator[tuple[int, int, Step, Operation]]:
    """Every operation in order, as (number in the whole plan, index of its step, step, operation)."""
    number = 0
    for index, step in enumerate(plan.steps):
        for operation in step.operations:
            yield number, index, step, operation
            number += 1


def changed(plan: Plan, facts: HostFacts, started: bool = False, done: Collection[str] = ()) -> tuple[str, ...]:
    """What is no longer as it was when the plan was made, a sentence each.

    Of a plan that has `started` only the identity of the host and of its NICs is compared: the rest the plan
    itself, or the reboot, may have changed. The session is judged again, for the steps that are not `done`.
    """
    now = dict(_assumes(facts, plan.choices, plan.steps, missing="absent"))
    sentences = []
    for name, value in plan.assumes:
        found = now.get(name)
        if name == _SSH or found == value or (started and not _identity(name)):
            continue
        if name.startswith("mode ") and found is None:
            continue  # the file is gone, which is told
        if name.startswith("file "):
            sentences.append(_file_sentence(name.removeprefix("file "), value, found))
        else:
            sentences.append(
                say(
                    "{Name} was {value} and is now {found}.",
                    Name=_assumption(name),
                    value=value or say("none"),
                    found=found or say("none"),
                )
            )
    return (*sentences, *_cut_off(plan, facts, now[_SSH], done))


def _cut_off(plan: Plan, facts: HostFacts, found: str, done: Collection[str]) -> Iterator[Message]:
    """What would interrupt a session that the plan was not made for, and would not be rolled back by itself."""
    planned = dict(plan.assumes).get(_SSH, "")
    if not set(filter(None, found.split(","))) - set(planned.split(",")):
        return
    for step in plan.steps:
        if step.id not in done and not step.confirm and cuts_session(facts, step):
            yield say(
                "The plan was not made for this SSH session, which this step may interrupt: {step}", step=step.title
            )


def unresolved(plan: Plan, findings: Iterable[Finding]) -> tuple[str, ...]:
    """What the steps claimed to resolve and the host, read again, does not show as OK; a sentence each."""
    by_key = {finding.key: finding for finding in findings}
    sentences = []
    for step in plan.steps:
        for key in step.resolves:
            finding = by_key.get(key)
            if finding is None:
                sentences.append(say("{title}: check {key} reported no result.", title=step.title, key=key))
            elif finding.level > Level.INFO:
                sentences.append(join(": ", (step.title, f"{finding.level.name} {key}", finding.title)))
    return tuple(sentences)


def to_json(plan: Plan) -> str:
    """The plan as a JSON document."""
    return json.dumps(codec.encode(plan), indent=1) + "\n"


def from_json(text: str | bytes, source: str = "plan") -> Plan:
    """A plan from its JSON document; SriovError with the place and the reason where it is none."""
    hint = say("Make a new one with `sriov-tui plan`.")
    try:
        value = json.loads(text)
        if isinstance(value, Mapping) and isinstance(value.get("version"), int) and value["version"] > VERSION:
            raise SriovError(
                say("{source} was made by a newer sriov-tui", source=source),
                say("Use that version, or make a new plan."),
            )
        plan = codec.decode(Plan, value)
        plan = replace(plan, assumes=tuple((_of_today(name), value) for name, value in plan.assumes))
        _check(plan)
    except (ValueError, RecursionError) as error:
        raise SriovError(say("{source} is not a plan: {error}", source=source, error=str(error)), hint) from error
    return plan


_SSH = "ssh"
_UNTRACED = "any"


def _assumes(
    facts: HostFacts, choices: Choices, steps: tuple[Step, ...], missing: str = ""
) -> Iterator[tuple[str, str]]:
    yield "host", facts.hostname
    for choice in choices.chosen:
        pf = facts.pf(choice.address)
        if pf is not None:
            yield from _pf_assumes(pf)
        elif missing:
            yield f"nic {choice.address}", missing
        else:
            raise _gone(facts, choice.address)
    ssh = facts.ssh
    yield _SSH, ",".join((*ssh.pfs, *((_UNTRACED,) if ssh.untraced else ()))) if ssh else ""
    for path in dict.fromkeys(path for step in steps for op in step.operations for path in _files(op)):
        file = facts.file(path)
        if file is not None:
            yield f"file {path}", _file_value(file)
            if file.mode is not None:
                yield f"mode {path}", f"{file.mode:04o}"


def _pf_assumes(pf: Pf) -> Iterator[tuple[str, str]]:
    yield f"nic {pf.address}", f"{pf.vendor or 0:04x}:{pf.device or 0:04x}"
    yield f"driver {pf.address}", pf.driver or ""
    yield f"interface {pf.address}", pf.netdev
    yield f"numvfs {pf.address}", _number(pf.numvfs)
    yield f"totalvfs {pf.address}", _number(pf.totalvfs)


_OLD_NAMES = (  # what plans of 0.1 call their assumptions
    ("The host's name", "host"),
    ("The PF that carries the SSH session", _SSH),
    ("The NIC at ", "nic "),
    ("The driver of ", "driver "),
    ("The interface of ", "interface "),
    ("The number of VFs of ", "numvfs "),
    ("The most VFs of ", "totalvfs "),
)


def _of_today(name: str) -> str:
    """The key of an assumption, also where an older version wrote it as a sentence."""
    return next((new + name.removeprefix(old) for old, new in _OLD_NAMES if name.startswith(old)), name)


def _assumption(name: str) -> Message:
    """What an assumption is about, in words."""
    kind, _, address = name.partition(" ")
    match kind:
        case "host":
            return say("the host's name")
        case "ssh":
            return say("the PF that carries the SSH session")
        case "nic":
            return say("the NIC at {address}", address=address)
        case "driver":
            return say("the driver of {address}", address=address)
        case "interface":
            return say("the interface of {address}", address=address)
        case "numvfs":
            return say("the number of VFs of {address}", address=address)
        case "totalvfs":
            return say("the total number of VFs of {address}", address=address)
        case "mode":
            return say("the mode of {path}", path=address)
    return verbatim(name)


def _number(value: int | None) -> str:
    return "unknown" if value is None else str(value)


def _gone(facts: HostFacts, address: str) -> SriovError:
    if facts.pfs is None:
        return SriovError(
            say(
                "The NIC at {address} cannot be found: the PCI functions of this host could not be read",
                address=address,
            ),
            say("Run on the host itself, as root."),
        )
    known = ", ".join(pf.address for pf in facts.pfs) or say("none")
    return SriovError(
        say("There is no NIC at {address} any more", address=address),
        say(
            "It may have been taken out or moved to another slot. NICs of this host: {known}. Choose again.",
            known=known,
        ),
    )


def _identity(name: str) -> bool:
    return name == "host" or name.startswith("nic ")


def _files(operation: Operation) -> tuple[str, ...]:
    match operation:
        case WriteFile():
            return (operation.path,)
        case Run():
            return operation.rewrites
        case WriteSysfs():
            return ()


def _file_value(file: TextFile) -> str:
    return file.sha256 or "" if file.state == "present" else file.state


def _file_sentence(path: str, value: str, found: str | None) -> Message:
    words = {"absent": say("was absent and exists now"), "unreadable": say("could not be read and now can")}
    return (
        say("{path} is absent now.", path=path)
        if found == "absent"
        else say("{path} {value}.", path=path, value=words.get(value, say("was changed")))
    )


def _check(plan: Plan) -> None:
    """Refuse what no check would make: paths that are relative or climb, attributes outside sysfs, empty commands."""
    if plan.reboot_after is not None and not 0 <= plan.reboot_after <= len(plan.steps):
        raise ValueError(
            say(
                "reboot_after: {reboot_after} is not between 0 and {count_of_steps}",
                reboot_after=plan.reboot_after,
                count_of_steps=len(plan.steps),
            )
        )
    if len({step.id for step in plan.steps}) != len(plan.steps):
        raise ValueError(say("steps: two of them have the same id"))
    for number, index, step, operation in operations(plan):
        place = f"steps[{index}].operations[{number - _first(plan, index)}] ({step.id})"
        paths = (operation.path,) if isinstance(operation, WriteSysfs) else _files(operation)
        for path in paths:
            if not path.startswith("/") or posixpath.normpath(path) != path or "\0" in path:
                raise ValueError(say("{place}: {path} is not a plain absolute path", place=place, path=repr(path)))
        if isinstance(operation, WriteSysfs) and not operation.path.startswith("/sys/"):
            raise ValueError(say("{place}: {path} is not in sysfs", place=place, path=operation.path))
        if isinstance(operation, Run) and not operation.argv:
            raise ValueError(say("{place}: the command is empty", place=place))
        if isinstance(operation, Run) and operation.draft not in ("", *map(draft_of, operation.rewrites[:1])):
            raise ValueError(
                say(
                    "{place}: {draft} is no draft of the first file that it rewrites",
                    place=place,
                    draft=repr(operation.draft),
                )
            )


def _first(plan: Plan, index: int) -> int:
    return sum(len(step.operations) for step in plan.steps[:index])
