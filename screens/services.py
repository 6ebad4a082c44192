"""What screens are given by the app, and what they hand back to it."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sriov_tui.message import Message, say
from sriov_tui.model import Choices, Evaluate, Plan, RunView, SriovError, State
from sriov_tui.model.advice import Advice


class Nav(enum.Enum):
    """Where the operator wants to go from a screen."""

    NEXT = "next"
    BACK = "back"
    REREAD = "reread"
    QUIT = "quit"
    APPLY = "apply"
    RESUME = "resume"
    ROLLBACK = "rollback"
    DEMO = "demo"
    READ_ONLY = "read-only"
    REBOOT = "reboot"
    MEND = "mend"
    LANGUAGE = "language"
    JUMP = "jump"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a screen hands back: a direction, the choices as they stand, and a name where one was picked."""

    nav: Nav
    choices: Choices
    name: str = ""


def _nothing() -> None:
    """The action of a service that this view does not have."""


def _no_summary(after: State | None) -> tuple[str, tuple[str, ...]]:
    """The summary where there is no run."""
    raise SriovError(say("There is no run to sum up."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that the app may ask for; each raises SriovError where it cannot, with the way out.

    `evaluate` follows the machine as last gathered. `gather` reads the machine again and takes
    seconds: it runs in a thread. `start_run` starts the engine on a plan and returns at once;
    `resume_run` goes on with the unfinished one; `confirm_run` keeps the step that is undone
    otherwise. `view_run` reads the journal and is cheap. `save_summary` writes the last run as
    Markdown and gives (path, lines); it takes the State after the run, None where the host was not
    read again. `demos` are (name, sentence) of simulated machines; `open_demo` and
    `open_read_only` give the State and Services to go on with. `troubleshoot` takes one of
    the `symptoms` and the answers to questions. `report_crash` keeps a traceback and returns
    where. `list_images` gives the names in a folder that are folders (True) or driver images;
    `look_at_image` reads one whole, which takes seconds, and what `evaluate` says follows it.
    `list_runs` gives every run, the newest first, and `ticket` one by its id as Markdown.
    `save_plan` writes the plan of a State as Markdown and as JSON, and gives both paths.
    `ask_agent` says what a restart of the host-agent interrupts, and fails where there is no way for it;
    `restart_agent` does it, tells what comes, and gives whether it reported what was foreseen: both in a thread.
    `follow` reads the machine again whenever it tells that something changed, and then
    calls what it was given, in a thread; it returns what ends that.
    """

    evaluate: Evaluate
    gather: Callable[[], State]
    save_answers: Callable[[Choices], None]
    start_run: Callable[[Plan], None]
    view_run: Callable[[], RunView | None]
    resume_run: Callable[[], None] = _nothing
    stop_run: Callable[[], None] = _nothing
    rollback_run: Callable[[], None] = _nothing
    confirm_run: Callable[[], None] = _nothing
    reboot: Callable[[], None] = _nothing
    save_summary: Callable[[State | None], tuple[str, tuple[str, ...]]] = _no_summary
    demos: tuple[tuple[str, str], ...] = ()
    open_demo: Callable[[str], tuple[State, Services]] | None = None
    open_read_only: Callable[[], tuple[State, Services]] | None = None
    symptoms: Callable[[], tuple[tuple[str, str], ...]] = tuple
    troubleshoot: Callable[[str, Mapping[str, str]], Advice] | None = None
    report_crash: Callable[[str], str] = field(default=lambda text: "")
    list_images: Callable[[str], tuple[tuple[str, bool], ...]] | None = None
    look_at_image: Callable[[str], None] | None = None
    list_runs: Callable[[], tuple[RunView, ...]] = tuple
    ticket: Callable[[str], tuple[str, ...]] = field(default=lambda name: ())
    follow: Callable[[Callable[[], object]], Callable[[], None]] | None = None
    save_plan: Callable[[State], tuple[str, ...]] | None = None
    ask_agent: Callable[[], tuple[Message, ...]] | None = None
    restart_agent: Callable[[Callable[[Message], None]], bool] = field(default=lambda tell: False)
