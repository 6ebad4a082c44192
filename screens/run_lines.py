"""A run as lines of text: its steps, its time, and whether what it promised came true."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from textual.content import Content

from screens import words
from sriov_tui.message import NOTHING, Message, say
from sriov_tui.model import Finding, Level, RunView, Step, goal
from sriov_tui.reports.run_words import STATES

STATE_STYLE = {
    "waiting": "dim",
    "doing": "bold",
    "done": "$success",
    "failed": "bold $error",
    "undone": "$warning",
    "kept": "$warning",
}


def elapsed(run: RunView, now: float) -> Message:
    """How long the run takes or took, as in "1 min 05 s", without the time that it waited; "" where that is unknown."""
    start = _seconds(run.started_at)
    if start is None:
        return NOTHING
    ends = (_seconds(run.finished_at), _seconds(run.waits_since), now)
    end = next(end for end in ends if end is not None)
    return took(max(0, int(end - start - run.waited)))


def progress(run: RunView, now: float) -> Message:
    """How long it takes so far, and how long the step at work usually takes, where that is worth a word."""
    gone = elapsed(run, now)
    return say("{gone} (this step usually takes {usual})", gone=gone, usual=run.usual) if run.usual else gone


def took(seconds: int) -> Message:
    """A time in words."""
    return (
        say("{seconds} min {seconds2} s", seconds=seconds // 60, seconds2=f"{seconds % 60:02}")
        if seconds >= 60
        else say("{seconds} s", seconds=seconds)
    )


def countdown(run: RunView, now: float) -> Message:
    """How long the step at work still waits for a confirmation; `now` is CLOCK_BOOTTIME."""
    left = max(0, int(run.confirm_until - now))
    return say("Press c within {left} s to keep it; otherwise it is rolled back.", left=left)


def stage_line(run: RunView) -> Message:
    """How far the driver's installer is, as a bar and in words; "" while none is at work."""
    if run.stage is None:
        return NOTHING
    number, of, title = run.stage
    return say(
        "[{value}{value2}] stage {number} of {of}: it {title}",
        value="#" * number,
        value2="." * (of - number),
        number=number,
        of=of,
        title=title,
    )


def _seconds(stamp: str) -> float | None:
    try:
        when = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def step_rows(run: RunView) -> list[Content]:
    """Each step with its state, in plan order; the reboot stands where it belongs."""
    states = dict(run.states)
    rows = []
    for number, step in enumerate(run.plan.steps, 1):
        state = states.get(step.id, "waiting")
        rows.append(words.assemble((words.fit(STATES[state], 8), STATE_STYLE[state]), f"{number:>2}  ", step.title))
        if number == run.plan.reboot_after:
            rows.append(words.verbatim(f"        --  {words.line(say('reboot'))}", "dim"))
    return rows


def doing(run: RunView) -> Step | None:
    """The step that is being done."""
    busy = {step_id for step_id, state in run.states if state == "doing"}
    return next((step for step in run.plan.steps if step.id in busy), None)


def verdict(run: RunView, findings: Iterable[Finding]) -> list[Content]:
    """For every finding that the plan promised to resolve: what the checks say now."""
    now = {finding.key: finding for finding in findings}
    rows = []
    for key in dict.fromkeys(key for step in run.plan.steps for key in step.resolves):
        found = now.get(key)
        if found is None:
            told = say("{key}: the checks report nothing about it any more", key=key)
            rows.append(words.assemble("  ", words.level(Level.SKIP), "  ", told))
        else:
            rows.append(words.finding_line(found))
    return rows


def promised(run: RunView, findings: Iterable[Finding]) -> bool:
    """Whether every promised finding is OK."""
    now = {finding.key: finding.level for finding in findings}
    return all(now.get(key) is Level.OK for step in run.plan.steps for key in step.resolves)


def conclusion(run: RunView, findings: Iterable[Finding]) -> tuple[Message, bool]:
    """What came of it in one sentence, and whether the goal stands."""
    found = tuple(findings)
    if not promised(run, found):
        return say("Applied, but not all is as promised; see below."), False
    if left := goal.still_open(run.plan.choices, found):
        return say("Done, but not ready: {why}", why=left[0].title), False
    return say("Verified: all that this plan promised is so."), True
