"""`sriov-tui uninstall`: what of ours is on this host; take it back, or leave it and forget it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from sriov_tui.commands import common, following
from sriov_tui.language import _
from sriov_tui.language.layout import pad
from sriov_tui.message import Message, plural, say
from sriov_tui.model import GRUB_DROP_IN, UNITS, SriovError
from sriov_tui.reports import run_json
from sriov_tui.reports.run_words import outcome_word
from sriov_tui.run import rollback, store
from sriov_tui.services import ours
from sriov_tui.services.machine import open_host, open_reader, spec_for, state_dir_for

TEXT = say(
    "Show what of sriov-tui is on this host: files that act at boot, backups of host.conf, the\n"
    "records of the runs. Without an option nothing is changed.\n\n"
    "What was set up works without the program: VFs are created at each boot by udev and systemd.\n"
    "So you may remove the program and leave the rest. With --take-back every run that can be\n"
    "taken back is rolled back, the newest first, as `sriov-tui rollback` does it. With --forget the\n"
    "records and the backups are removed; then nothing can be taken back any more.\n\n"
    "The program itself is removed by what brought it: `apt remove sriov-tui`,\n"
    "`rpm -e sriov-tui`, or delete the one file.\n"
)
EXIT_STATUS = say(
    "exit status:\n  0  shown, or done\n  1  refused, nothing was changed\n"
    "  4  failed, or something could not be put back; the last lines show what\n"
    "  6  a step of the rollback was not confirmed in time and was applied again\n"
)
UNFINISHED = {
    "wait": say("Its engine still works. Wait until it has ended; `sriov-tui resume` shows it."),
    "reboot": say(
        "It waits for a reboot. Reboot and run `sriov-tui resume`, or run `sriov-tui uninstall --take-back`."
    ),
    "resume": say("Run `sriov-tui resume` to finish it, or `sriov-tui uninstall --take-back` to undo it."),
}


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "uninstall",
        help=say("show what of sriov-tui is on this host; take it back, or leave it"),
        description=TEXT,
        epilog=EXIT_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    common.add_host_option(parser)
    parser.add_argument("--take-back", action="store_true", help=say("roll back every run, the newest first"))
    parser.add_argument("--forget", action="store_true", help=say("then remove the records and the backups"))
    parser.add_argument("--yes", action="store_true", help=say("do not ask"))
    parser.add_argument("--force", action="store_true", help=say("put back also what somebody else changed since"))
    following.add_format_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show; where it is asked for, take back and forget."""
    spec, tell = spec_for(args), following.teller(args)
    reader, state_dir = open_reader(spec), state_dir_for(spec)
    found = ours.look(reader, state_dir)
    tell(_lines(found, str(state_dir)))
    status = 0
    if args.take_back or args.forget:
        following.need_root(spec, reader.environment().get("euid") == "0")
        if found.unreadable:
            raise SriovError(
                say("Nothing was done: {folders} could not be read.", folders=", ".join(found.unreadable)),
                say("Run it as root."),
            )
        if not args.take_back:
            _refuse_open(found)
        following.confirm(args.yes, _question(args))
        status = _take_back(args, found) if args.take_back else 0
        if args.forget and status == 0:
            host = open_host(spec)
            ours.forget(host, ours.look(host, state_dir), state_dir)
        found = ours.look(reader, state_dir)
        tell(["", *_after(found, str(state_dir))])
    if args.format == "json":
        print(run_json.dumps(_document(found, status)))
    return status


def _refuse_open(found: ours.Ours) -> None:
    """SriovError where a run is not finished: without its record nothing could continue it or undo it."""
    if found.next:
        raise SriovError(
            say("Run {run} is not finished, so its record stays.", run=found.records[-1].run.name),
            UNFINISHED[found.next],
        )


def _question(args: argparse.Namespace) -> Message:
    if not args.forget:
        return say("These runs will be taken back.")
    if args.take_back:
        return say("These runs will be taken back, then records and backups removed.")
    return say("Records and backups will be removed. What was set up stays, and cannot be taken back any more.")


def _take_back(args: argparse.Namespace, found: ours.Ours) -> int:
    """Roll back, the newest run first; stops at the first that is not taken back whole."""
    host = open_host(spec_for(args))
    for record in found.standing:
        store.check_journal(record.run)
        if held := store.holder(record.run.parent.parent):
            raise store.busy(held)
        rollback.check(record.undo, host, args.force)
        options = ["--rollback", *(["--force"] if args.force else [])]
        outcome = following.launch_and_follow(record.run, *options, tell=following.teller(args))
        if status := following.EXIT.get(outcome, 4):
            return status
    return 0


def _lines(found: ours.Ours, state_dir: str) -> Iterator[str]:
    if found.nothing:
        yield _(say("Nothing of sriov-tui is on this host but the program."))
        return
    yield from _files(say("Acts at boot, also without the program:"), found.settings)
    yield from _files(say("Backups:"), found.backups)
    if found.state:
        yield _(say("Records of the runs, below {state_dir}:", state_dir=state_dir))
    for record in found.records:
        word = _(outcome_word(record.view)) if record.view else _(say("not readable: {error}", error=record.error))
        left = plural("1 change can be taken back", "{count} changes can be taken back", record.changes)
        yield f"  {record.run.name:<18} {pad(word, 16)} {_(left) if record.changes else ''}".rstrip()
    for folder in found.unreadable:
        yield _(
            say("{path} could not be read: what of ours is there is not known. Reading it needs root.", path=folder)
        )


def _files(title: Message, files: tuple[ours.Left, ...]) -> Iterator[str]:
    if files:
        yield _(title)
        yield from (f"  {one.path}  {_(one.what)}" for one in files)


def _after(found: ours.Ours, state_dir: str) -> Iterator[str]:
    """What is still there, and how a file that no record takes back is removed."""
    if found.nothing:
        yield _(say("Nothing of sriov-tui is left but the program."))
        return
    yield _(say("This is left:"))
    yield from _lines(found, state_dir)
    if found.settings and not found.standing:
        yield _(say("No record can take these files back. To remove them by hand: {command}", command=by_hand(found)))


def by_hand(found: ours.Ours) -> str:
    """The commands that remove the files that no record takes back."""
    units = [one.path.rpartition("/")[2] for one in found.settings if one.path.startswith(f"{UNITS}/")]
    commands = [" ".join(("systemctl", "disable", "--now", *units))] if units else []
    commands.append(" ".join(("rm", *(one.path for one in found.settings))))
    if any(one.path == GRUB_DROP_IN for one in found.settings):
        commands.append("update-grub")
    return " && ".join(commands)


def _document(found: ours.Ours, status: int) -> dict[str, Any]:
    return {
        "version": run_json.VERSION,
        "status": status,
        "settings": [one.path for one in found.settings],
        "backups": [one.path for one in found.backups],
        "records": found.state,
        "runs": [
            {"run": one.run.name, "outcome": one.view.outcome if one.view else None, "changes": one.changes}
            for one in found.records
        ],
        "next": found.next,
        "unreadable": list(found.unreadable),
    }
