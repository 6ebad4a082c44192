"""What the commands that work on runs share: asking before, following the engine, the exit status after."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from sriov_tui import plan as plans
from sriov_tui.commands import common
from sriov_tui.hosts.host import Host
from sriov_tui.language import _
from sriov_tui.language.layout import pad
from sriov_tui.message import NOTHING, Message, say, sentences
from sriov_tui.model import Event, Finding, Outcome, Plan, Run, SriovError, State, goal
from sriov_tui.reports import outlook, run_json
from sriov_tui.reports.run_words import OUTCOME_WORDS, state_word
from sriov_tui.run import journal, store, vendor_installer
from sriov_tui.run import view as run_view
from sriov_tui.run.stages import begins, stage
from sriov_tui.services.evaluation import evaluate
from sriov_tui.services.machine import gather_for, open_host, spec_for, with_image

STARTS = {"apply": say("apply"), "resume": say("resume"), "rollback": say("rollback")}
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
EXIT_STATUS = say(
    "exit status:\n  0  done, and the host read again shows it\n  1  refused, nothing was changed\n  "
    "3  a reboot is needed; after it, run `sriov-tui resume`\n  4  failed, or something could not be "
    "put back; the last lines show what\n  5  stopped at a step's end, as asked\n  6  a step was not "
    "confirmed in time and was rolled back\n  7  done, but the host is not ready: VFs cannot be "
    "given away, or the host-agent will not report them\n"
)


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
        "--format",
        choices=("text", "json"),
        default="text",
        help=say("json prints one document at the end (default: text)"),
    )


def teller(args: argparse.Namespace) -> Tell:
    """What prints lines for people: nothing does where a program reads."""
    return common.print_lines if args.format == "text" else lambda lines: None


def need_root(spec: str, root: bool | None) -> None:
    """SriovError where this machine is to be changed by somebody who may not."""
    if spec == "local" and root is False:
        raise SriovError(say("Changing this host needs root."), say("Run the same command with sudo."))


def open_to_change(args: argparse.Namespace) -> tuple[str, Host]:
    """The machine that a command is about, by its spec and opened; SriovError where the caller may not change it."""
    spec = spec_for(args)
    host = open_host(spec)
    need_root(spec, host.environment().get("euid") == "0")
    return spec, host


def confirm(yes: bool, question: Message) -> None:
    """Have `yes` typed; SriovError where the answer is another, or where nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise SriovError(
            say("Nobody is here to confirm, so nothing was changed."), say("Give --yes to go on without a question.")
        )
    try:
        answer = input("\n" + _(sentences(question, say("Type yes to continue:"))) + " ")
    except EOFError:
        answer = ""
    if answer.strip() != "yes":
        raise SriovError(say("Not confirmed, so nothing was changed."), say("Type the whole word yes to go on."))


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
    tell([_(say("Run {name}, journal {run_dir}", name=run_dir.name, run_dir=str(run_dir / journal.NAME)))])
    sys.stdout.flush()
    stages = Stages(store.read_plan(run_dir))
    try:
        for event in run_view.follow(run_dir, position, alive):
            tell([*stages.moved(event), *line(event)])
            sys.stdout.flush()
    except KeyboardInterrupt:
        tell(["", _(say("The run continues in the background; `sriov-tui resume` shows it again."))])
        raise
    return run_view.view(run_dir).outcome


class Stages:
    """Tells each new stage of the driver's install once, by its output as it comes."""

    def __init__(self, plan: Plan) -> None:
        acts = (act for _, _, _, act in plans.operations(plan) if isinstance(act, Run))
        self._stages = next((found for act in acts if (found := vendor_installer.stages(act.argv))), ())
        self._lines: list[str] = []
        self._at = 0

    def moved(self, event: Event) -> list[str]:
        """A line where this event begins a new stage; none for any other."""
        if event.kind in ("step", "finished"):
            self._lines, self._at = [], 0
        if event.kind != "output":
            return []
        self._lines.append(event.text)
        at = stage(self._lines, self._stages) if begins(event.text, self._stages) else None
        if at is None or at.number <= self._at:
            return []
        self._at = at.number
        return [
            _(
                say(
                    "{at} stage {number} of {of}: it {title}",
                    at=event.at[11:19],
                    number=at.number,
                    of=at.of,
                    title=at.title,
                )
            )
        ]


def _ended(outcome: str) -> Message:
    return next((word for known, word in OUTCOME_WORDS.items() if known == outcome), Message(outcome))


def line(event: Event) -> list[str]:
    """An event as one line (an error with its way out: some); nothing for those that only the rollback needs."""
    time = event.at[11:19]
    match event.kind:
        case "start":
            return [f"{time} {_(STARTS.get(event.state, NOTHING)) or event.state}"]
        case "step":
            return [f"{time} {pad(_(state_word(event.state)), 6)} {_(event.text or event.step)}"]
        case "operation" if event.state in ("failed", "kept"):
            return []
        case "output":
            return [f"{time}        | {event.text}"]
        case "note" | "confirm":
            return [f"{time} {_(event.text)}"] if event.text else []
        case "finished":
            first, *rest = _(event.text).splitlines() or [""]
            return [
                f"{time} {_(_ended(event.state))}{': ' if first else ''}{first}",
                *(f"         {text}" for text in rest),
            ]
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
        yield from (f"  {_(outlook.line(finding))}" for finding in left)
        return
    yield _(say("Verified: the host, read again, shows what was asked for."))
    yield from forecast_lines(state)


def forecast_lines(state: State) -> Iterator[str]:
    """What the host-agent will report, as the review has it."""
    if state.forecast:
        yield ""
        yield _(say("What the host-agent will report at its next start"))
        yield from (f"  {_(line)}" for line in state.forecast)


def foreseen(state: State) -> Iterator[str]:
    """What comes of a plan: the findings in its way, done by it and left after it; what the host-agent will report."""
    for title, findings in outlook.groups(outlook.outlook(state)):
        yield ""
        yield _(title)
        for finding in findings:
            yield f"  {_(outlook.line(finding))}"
            if finding.blocks:  # who or what is concerned
                yield from (f"    {line}" for line in _(finding.detail).splitlines())
    yield from forecast_lines(state)
