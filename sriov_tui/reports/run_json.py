"""Plans and runs as JSON for programs: what `plan`, `apply`, `resume` and `history` print with --format json.

Each document has `version` 1; keys may be added, none changes its meaning. Exit statuses are those of the text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from sriov_tui.codec import encode
from sriov_tui.model import Finding, Outcome, RunView, State, goal
from sriov_tui.reports.masked import masked_finding
from sriov_tui.reports.outlook import outlook

VERSION = 1
Next = Literal["", "wait", "reboot", "resume"]


def planned(state: State, text: Sequence[str]) -> dict[str, Any]:
    """What would be done: `steps`, whether a `reboot` is in it, the plan as `text`, the `diff` of host.conf.

    `forecast` is what the host-agent will report. `blocking` are the findings that stand in its way, `done` those that
    it settles, `left` those that stay, and `open` those of them that will keep the host from being ready. `confirm`
    marks a step that is undone by itself unless somebody confirms it.
    """
    plan, found = state.plan, outlook(state)
    return {
        "version": VERSION,
        "host": plan.host,
        "steps": [
            {"id": step.id, "title": step.title, "disrupts": step.disrupts, "confirm": step.confirm > 0}
            for step in plan.steps
        ],
        "reboot": plan.reboot_after is not None,
        "text": list(text),
        "diff": state.diff,
        "forecast": list(state.forecast),
        "open": [_told(finding) for finding in goal.still_open(plan.choices, found.left)],
        "blocking": [_told(finding) for finding in found.blocking],
        "done": [_told(finding) for finding in found.done],
        "left": [_told(finding) for finding in found.left],
    }


def _told(finding: Finding) -> dict[str, Any]:
    """A finding, with the secrets in its evidence masked: that is lines of files, and this goes into tickets."""
    plain: dict[str, Any] = encode(masked_finding(finding))
    return plain


def ended(
    view: RunView | None, outcome: Outcome, unresolved: Sequence[str] = (), left: Sequence[Finding] = ()
) -> dict[str, Any]:
    """How a run ended: its `outcome` and steps; `unresolved` is what the host, read again, does not show.

    `open` are the findings that keep the host from being ready although all is applied.
    Without a run nothing was to do; `reboot` then is false and `changed`, too.
    """
    steps = () if view is None else view.states
    return {
        "version": VERSION,
        "run": view.id if view else None,
        "outcome": outcome,
        "changed": any(state in ("done", "failed", "kept") for _, state in steps),
        "reboot": outcome == "reboot",
        "steps": [{"id": name, "state": state} for name, state in steps],
        "error": view.error if view else "",
        "unresolved": list(unresolved),
        "open": [_told(finding) for finding in left],
    }


def listed(views: Iterable[RunView], boot_id: str, unreadable: Sequence[str] = ()) -> dict[str, Any]:
    """Every run, oldest first; `next` is what the newest waits for: "", "wait", "reboot" or "resume".

    `unreadable` names the runs whose files tell nothing.
    """
    runs = list(views)
    return {
        "version": VERSION,
        "boot_id": boot_id,
        "next": next_of(runs[-1], boot_id) if runs else "",
        "runs": [
            {
                "run": view.id,
                "host": view.plan.host,
                "outcome": view.outcome,
                "running": view.running,
                "boot_id": view.plan.boot_id,
                "started_at": view.started_at,
                "finished_at": view.finished_at,
                "steps": [{"id": name, "state": state} for name, state in view.states],
                "error": view.error,
            }
            for view in runs
        ],
        "unreadable": list(unreadable),
    }


def next_of(view: RunView, boot_id: str) -> Next:
    """What a run waits for: its engine, the reboot, or to be resumed; "" where it is over, or failed."""
    if view.running:
        return "wait"
    if view.outcome == "reboot":
        return "reboot" if boot_id == view.boot_id else "resume"
    return "resume" if view.outcome in ("", "stopped", "unconfirmed") else ""


def dumps(document: dict[str, Any]) -> str:
    """One line of ASCII, whatever the locale."""
    return json.dumps(document, ensure_ascii=True)
