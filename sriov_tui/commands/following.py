"""What the commands that work on runs share: asking before, following the engine, the exit status after."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from sriov_tui import plan as plans
from sriov_tui.commands import common
from sriov_tui.language import _
from sriov_tui.language.layout import pad
from sriov_tui.message import say
from sriov_tui.model import Event, Finding, Outcome, Plan, SriovError, State, goal
from sriov_tui.reports import run_json
from sriov_tui.run import journal, store, vendor_installer
from sriov_tui.run import view as run_view
from sriov_tui.services.evaluation import evaluate
from sriov_tui.services.machine import gather_for, spec_for, with_image

Tell = Callable[[Iterable[str]], None]
EXIT: dict[Outcome, int] = {
    "applied": 0,
    "rolled-back": 0,
    "partly-back": 0,
    "reboot": 3,
    "failed": 4,
    "rollback-failed": 4,
    "stopped": 5,
    "unconfirmed": 6,
}
NOT_READY = 7
EXIT_STATUS = """\
exit status:
  0  done, and the host read again shows it
  1  refused, nothing was changed
  3  a reboot is needed; after it, run `sriov-tui resume`
  4  failed, or something could not be put back; the last lines tell what
  5  stopped at a step's end, as asked
  6  a step was not confirmed in time and was undone
  7  done, but the host is not ready: VFs cannot be given away, or the host-agent will not report them
"""


def register(
    subparsers: argparse._SubParsersAction[argparse.ArgumentParser], name: str, short: str, text: str
) -> argparse.ArgumentParser:
    """A parser whose help reads like a manual page, with --host and the exit status."""
    parser = subparsers.add_parser(
        name,
        help=short,
        description=text,
        epilog=EXIT_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    common.add_host_option(parser)
    return parser


def add_format_option(parser: argparse.ArgumentParser) -> None:
    """`--format json`: one document at the end, for programs."""
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="json prints one document at the end (default: text)"
    )


def teller(args: argparse.Namespace) -> Tell:
    """What prints lines for people: nothing does where a program reads."""
    return common.print_lines if args.format == "text" else lambda lines: None


def need_root(spec: str, root: bool | None) -> None:
    """SriovError where this machine is to be changed by somebody who may not."""
    if spec == "local" and root is False:
        raise SriovError("Changing this host needs root.", "Run the same command with sudo.")


def confirm(yes: bool, question: str) -> None:
    """Have `yes` typed; SriovError where the answer is another, or where nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise SriovError(
            "Nobody is here to confirm, so nothing was changed.", "Give --yes to go on without a question."
        )
    try:
        answer = input("\n" + _(f"{question} Type yes to go on:") + " ")
    except EOFError:
        answer = ""
    if answer.strip() != "yes":
        raise SriovError("Not confirmed, so nothing was changed.", "Type the whole word yes to go on.")


def launch_and_follow(run_dir: Path, *options: str, tell: Tell = common.print_lines) -> Outcome:
    """Launch the engine for a run and print what it does until it ends; the engine goes on without us."""
    if held := store.holder(run_dir.parent.parent):
        raise store.busy(held)
    _, position = journal.read(run_dir / journal.NAME)
    return follow(run_dir, position, store.launch_engine(run_dir, *options), tell)


def follow(
    run_dir: Path, position: int, alive: Callable[[], bool] = lambda: True, tell: Tell = common.print_lines
) -> Outcome:
    """Print the events of a run as they come; its outcome."""
    tell([_(f"Run {run_dir.name}, journal {run_dir / journal.NAME}")])
    sys.stdout.flush()
    stages = Stages()
    try:
        for event in run_view.follow(run_dir, position, alive):
            tell([*stages.moved(event), *line(event)])
            sys.stdout.flush()
    except KeyboardInterrupt:
        tell(["", _("The engine goes on without this terminal; `sriov-tui resume` watches it again.")])
        raise
    return run_view.view(run_dir).outcome


class Stages:
    """Tells each new stage of the driver's installer once, by its output as it comes."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._at = 0

    def moved(self, event: Event) -> list[str]:
        """A line where this event begins a new stage; none for any other."""
        if event.kind in ("step", "finished"):
            self._lines, self._at = [], 0
        if event.kind != "output":
            return []
        self._lines.append(event.text)
        at = vendor_installer.stage(self._lines) if vendor_installer.begins(event.text) else None
        if at is None or at.number <= self._at:
            return []
        self._at = at.number
        return [_(f"{event.at[11:19]} stage {at.number} of {at.of}: it {at.title}")]


def line(event: Event) -> list[str]:
    """An event as one line (an error with its way out: some); nothing for those that only the rollback needs."""
    time = event.at[11:19]
    match event.kind:
        case "start":
            return [f"{time} {_(event.state)}"]
        case "step":
            return [f"{time} {pad(_(event.state), 6)} {_(event.text or event.step)}"]
        case "operation" if event.state in ("failed", "kept"):
            return []
        case "output":
            return [f"{time}        | {event.text}"]
        case "note" | "confirm":
            return [f"{time} {_(event.text)}"] if event.text else []
        case "finished":
            first, *rest = _(event.text).splitlines() or [""]
            return [f"{time} {_(event.state)}{': ' if first else ''}{first}", *(f"         {text}" for text in rest)]
        case _:
            return []


def conclude(outcome: Outcome, args: argparse.Namespace, run_dir: Path) -> int:
    """The exit status; after an apply the host is read again, and it has to show what was asked for, and be ready."""
    view, tell = run_view.view(run_dir), teller(args)
    if outcome != "applied":
        if args.format == "json":
            print(run_json.dumps(run_json.ended(view, outcome)))
        return EXIT.get(outcome, 4)
    state = evaluate(with_image(spec_for(args), gather_for(args), view.plan.choices), view.plan.choices)
    missing = plans.unresolved(view.plan, state.findings)
    left = goal.still_open(view.plan.choices, state.findings)
    tell(_conclusion(missing, left, state))
    if args.format == "json":
        print(run_json.dumps(run_json.ended(view, outcome, missing, left)))
    return 4 if missing else NOT_READY if left else 0


def _conclusion(missing: tuple[str, ...], left: tuple[Finding, ...], state: State) -> Iterator[str]:
    """What the host, read again, shows."""
    if missing:
        yield _(say("Applied, but the host does not show it:"))
        yield from (f"  {_(text)}" for text in missing)
        return
    if left:
        yield _(say("Done, but not ready: {why}", why=left[0].title))
        yield from (f"  {line}" for line in finding_lines(left))
        return
    yield _(say("Verified: the host, read again, shows what was asked for."))
    yield from forecast_lines(state)


def finding_lines(findings: Iterable[Finding]) -> Iterator[str]:
    """A line for each finding."""
    return (f"{finding.level.name} {finding.id} {finding.subject}: {_(finding.title)}" for finding in findings)


def forecast_lines(state: State) -> Iterator[str]:
    """What the host-agent will report, as the review has it."""
    if state.forecast:
        yield ""
        yield _(say("What the host-agent will report at its next start"))
        yield from (f"  {_(line)}" for line in state.forecast)


def foreseen(plan: Plan, state: State) -> Iterator[str]:
    """What comes of a plan: what will still be open after it, and what the host-agent will report."""
    if left := goal.left_by(plan, state.findings):
        yield ""
        yield _(say("After this plan the host will not be ready:"))
        yield from (f"  {line}" for line in finding_lines(left))
    yield from forecast_lines(state)
