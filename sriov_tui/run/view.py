"""A run told from its plan and its journal alone: for the screens, for `history`, and for whoever attaches to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import cast, get_args

from sriov_tui.message import Text, lines, say
from sriov_tui.model import STATE_DIR, Event, Outcome, Plan, Run, RunView, SriovError, StepState
from sriov_tui.plan import operations
from sriov_tui.run import journal, store, vendor_installer
from sriov_tui.run.stages import Stages, stage

LAST_OUTPUT = 200
INITRAMFS = {"dracut", "update-initramfs"}


def view(run_dir: Path) -> RunView:
    """The run as it stands now."""
    running = store.running(run_dir)
    events, _ = journal.read(run_dir / journal.NAME)
    return fold(run_dir.name, store.read_plan(run_dir), events, running)


def fold(name: str, plan: Plan, events: tuple[Event, ...], running: bool = False) -> RunView:
    """A plan and its events as one view."""
    states: dict[str, StepState] = {step.id: "waiting" for step in plan.steps}
    outcome: Outcome = ""
    error, started, finished, boot_id, output, until = "", "", "", "", [], 0.0
    installing, stages = _installing(plan)
    waited, waits_since = _waits(events)
    installed: list[str] = []
    for event in events:
        match event.kind:
            case "start":
                started, finished, outcome, error = started or event.at, "", "", ""
            case "step" if event.step in states and event.state in get_args(StepState):
                states[event.step] = cast(StepState, event.state)
            case "output":
                output.append(event.text)
                if event.number == installing:
                    installed.append(event.text)
            case "confirm":
                until = float(event.before["until"]) if event.state == "waiting" else 0.0
            case "finished":
                until = 0.0
                finished, outcome, error, boot_id = event.at, _outcome(event.state), event.text, event.boot_id
            case _:
                pass
    return RunView(
        id=name,
        plan=plan,
        states=tuple(states.items()),
        outcome=outcome,
        error=error,
        output=tuple(output[-LAST_OUTPUT:]),
        started_at=started,
        finished_at=finished,
        boot_id=boot_id,
        running=running,
        stage=_stage(installed, stages) if running and output and output[-1:] == installed[-1:] else None,
        confirm_until=until,
        waited=waited,
        waits_since=waits_since,
        usual=_usual(plan, states) if running else "",
    )


def _usual(plan: Plan, states: dict[str, StepState]) -> Text:
    """How long the step at work usually takes: a guide for whoever waits, of the two kinds that take minutes."""
    at_work = next((step for step in plan.steps if states[step.id] == "doing"), None)
    argvs = [act.argv for act in at_work.operations if isinstance(act, Run)] if at_work else []
    if any(map(vendor_installer.stages, argvs)):
        return vendor_installer.USUAL
    return say("1 to 3 min") if any(INITRAMFS.intersection(argv) for argv in argvs) else ""


def _waits(events: tuple[Event, ...]) -> tuple[float, str]:
    """How long nothing was done between two events, in seconds, and since when that is so now ("" = it is not).

    From the end of one part of the work to the start of the next (a reboot, a stop, a cut), and while a step
    waits to be confirmed.
    """
    waited, since, last = 0.0, "", ""
    for event in events:
        if event.kind == "start" and last:
            waited, since = waited + seconds_between(since or last, event.at), ""
        elif event.kind == "confirm":
            waiting = event.state == "waiting"
            if since and not waiting:
                waited, since = waited + seconds_between(since, event.at), ""
            elif waiting:
                since = since or event.at
        elif event.kind == "finished":
            waited, since = waited + (seconds_between(since, event.at) if since else 0.0), event.at
        last = event.at
    return waited, since


def seconds_between(begin: str, end: str) -> float:
    """The seconds from one time of the journal to another; 0 where either is none, or the clock went back."""
    try:
        return max(0.0, (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds())
    except (ValueError, TypeError):
        return 0.0


def _installing(plan: Plan) -> tuple[int | None, Stages]:
    """The number of the operation that installs the driver, and its stages."""
    for number, _, _, act in operations(plan):
        if isinstance(act, Run) and (stages := vendor_installer.stages(act.argv)):
            return number, stages
    return None, ()


def _stage(lines: list[str], stages: Stages) -> tuple[int, int, str] | None:
    at = stage(lines, stages)
    return (at.number, at.of, at.title) if at else None


def unfinished(state_dir: str | Path = STATE_DIR) -> Path | None:
    """The newest run, where it was cut off, stopped, failed, or waits for a reboot; None where nothing is open."""
    run = store.latest(state_dir)
    if run is None or store.running(run):
        return None
    return run if view(run).outcome not in ("applied", "rolled-back", "partly-back") else None


def rebooted_for(state_dir: str | Path, boot_id: str | None) -> tuple[str, ...]:
    """The steps of the newest run that wait for a boot, where the host was booted since that was asked for.

    What such a step did not bring, another reboot will not bring either. () where the run was taken back.
    """
    try:
        run = store.latest_begun(state_dir)
        if run is None or boot_id is None:
            return ()
        events, _ = journal.read(run / journal.NAME)
        seen = fold(run.name, store.read_plan(run), events)
    except SriovError:
        return ()
    asked = [event.boot_id for event in events if event.kind == "finished" and event.state == "reboot"]
    if seen.outcome in ("", "rolled-back", "rollback-failed") or asked[-1:] in ([], [boot_id]):
        return ()
    done = {name for name, state in seen.states if state == "done"}
    return tuple(step.id for step in seen.plan.steps if step.disrupts == "reboot" and step.id in done)


def follow(
    run_dir: Path, start: int, alive: Callable[[], bool], patience: float = 120.0, pause: float = 0.05
) -> Iterator[Event]:
    """The events of a run as they come, from byte `start` of the journal until the engine has finished or is gone.

    `alive` is what `launch` returned. A SriovError with the engine's log where it ends without a word.
    """
    deadline, seen = time.monotonic() + patience, False
    while True:
        works = store.running(run_dir)
        events, start = journal.read(run_dir / journal.NAME, start)
        for event in events:
            yield event
            if event.kind == "finished":
                _until_free(run_dir, pause)
                return
        seen = seen or works or bool(events)
        if not works and not events and (seen or not alive() or time.monotonic() > deadline):
            raise _silent(run_dir)
        time.sleep(pause)


def _until_free(run_dir: Path, pause: float, patience: float = 60.0) -> None:
    """Wait until the engine, which reads the host once more, lets go of the lock: the next command must not meet it."""
    deadline = time.monotonic() + patience
    while store.running(run_dir) and time.monotonic() < deadline:
        time.sleep(pause)


def _silent(run_dir: Path) -> SriovError:
    try:
        log = (run_dir / store.LOG).read_text(errors="replace").strip()[-2000:]
    except OSError:
        log = ""
    return SriovError(
        say("The engine of run {name} ended without an outcome", name=run_dir.name),
        lines(log, say("`sriov-tui resume` goes on, `sriov-tui rollback` goes back.")),
    )


def _outcome(state: str) -> Outcome:
    return cast(Outcome, state) if state in get_args(Outcome) else "failed"
