"""The run screen from literal views of a journal."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from screens.run_lines import conclusion, countdown, elapsed, progress, stage_line, step_rows, verdict
from sriov_tui.message import say, verbatim
from sriov_tui.model import (
    Choices,
    Event,
    Finding,
    Level,
    NicChoice,
    Outcome,
    Plan,
    Run,
    RunView,
    SriovError,
    StepState,
)
from sriov_tui.model.commands import Command
from sriov_tui.run.confirmation import boottime
from sriov_tui.run.view import fold
from tests.samples import FIRST, SECOND
from tests.screens.driving import opened
from tests.screens.fakes import Fake, fake, plan

CHOSEN = Choices().with_nic(NicChoice(address=FIRST, use="sriov", bridge="br1", wire="bcast1"))
PLAN = plan(CHOSEN)


def view(*states: StepState, outcome: Outcome = "", running: bool = False, **fields: str) -> RunView:
    """A run of the plan with these states of its steps."""
    pairs = tuple((step.id, state) for step, state in zip(PLAN.steps, states, strict=True))
    return RunView(id="1", plan=PLAN, states=pairs, outcome=outcome, running=running, **fields)  # type: ignore[arg-type]


def running(made: RunView) -> Fake:
    """A machine on which this run is at work, so that the app opens on it."""
    machine = fake(choices=CHOSEN, run=replace(made, running=True, outcome=""))
    machine.view = made
    return machine


def test_steps_and_reboot_stand_in_plan_order() -> None:
    rows = [row.plain for row in step_rows(view("done", "doing", "waiting"))]
    assert rows == [
        "done     1  Set the IOMMU kernel arguments",
        "        --  reboot",
        "doing    2  Make 7 VFs on enp1s0",
        "waiting  3  List enp1s0 in host.conf",
    ]


@pytest.mark.parametrize(
    ("start", "finish", "text"),
    [
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:09Z", "9 s"),
        ("1970-01-01T00:00:00Z", "", "1 min 40 s"),
        ("", "", ""),
        ("not a time", "", ""),
        ("1970-01-01T02:00:00Z", "", "0 s"),
    ],
)
def test_elapsed(start: str, finish: str, text: str) -> None:
    assert elapsed(RunView(started_at=start, finished_at=finish), 100.0) == text


def test_done_is_what_the_checks_say_and_nothing_else() -> None:
    run = view("done", "done", "done", outcome="applied")
    good = (
        Finding(id="iommu.active", level=Level.OK, title=verbatim("active")),
        Finding(id="vfs.count", level=Level.OK, subject=FIRST, title=verbatim("7 VFs")),
    )
    assert conclusion(run, good) == ("Verified: all that this plan promised is so.", True)
    assert conclusion(run, good[:1])[0].startswith("Applied, but not all is as promised")
    for level, subject in ((Level.FAIL, "host"), (Level.SKIP, FIRST)):
        other = Finding(id="agent.x", level=level, subject=subject, title=verbatim("x is off."))
        assert conclusion(run, (*good, other)) == ("Done, but not ready: x is off.", False)
    elsewhere = Finding(id="agent.x", level=Level.FAIL, subject=SECOND, title=verbatim("x"))
    assert conclusion(run, (*good, elsewhere))[1]
    assert "the checks report nothing about it" in verdict(run, good[:1])[1].plain


async def test_while_it_runs_there_is_stop_and_roll_back_and_no_back() -> None:
    machine = running(view("done", "doing", "waiting", running=True))
    machine.view = replace(machine.view or RunView(), output=("Generating grub configuration file ...",))
    async with opened(machine) as app:
        assert app.name == "RunScreen"
        assert "Step 2 of 3" in app.picture
        assert "Generating grub configuration" in app.picture
        assert "Back" not in app.picture.replace("Roll back", "")
        await app.press("f7")
        assert app.name == "RunScreen"
        await app.press("s")
        assert machine.calls == ["stop"]
        machine.view = view("done", "done", "waiting", outcome="stopped")
        await app.until("Stopped between two steps")
        await app.tab_to("resume")
        await app.tab_to("undo")


async def test_the_stage_of_an_installer_stands_above_its_lines() -> None:
    at_work = replace(view("doing", "waiting", "waiting", running=True), stage=(3, 9, "builds [/]"), output=("a line",))
    async with opened(running(at_work)) as app:
        await app.until("[###......] stage 3 of 9: it builds [/]")
        assert "a line" in app.picture
    assert stage_line(view("done", "waiting", "waiting")) == ""


async def test_roll_back_of_a_running_plan_stops_it_first() -> None:
    machine = running(view("done", "doing", "waiting", running=True))
    async with opened(machine) as app:
        await app.press("u")
        assert "Set the IOMMU kernel arguments" in app.picture
        await app.press("tab", "enter")
        assert machine.calls == ["stop"]
        machine.view = view("done", "done", "waiting", outcome="stopped")
        for _ in range(100):
            await app.pilot.pause(0.02)
            if "rollback" in machine.calls:
                break
        assert machine.calls == ["stop", "rollback"]
        machine.view = view("undone", "undone", "waiting", outcome="rolled-back")
        await app.until("Rolled back: everything that the run changed is as it was before.")


async def test_the_first_screen_asks_before_it_rolls_back() -> None:
    machine = fake(run=view("done", "done", "waiting", outcome="reboot"))
    async with opened(machine) as app:
        assert app.name == "HomeScreen"
        await app.tab_to("undo")
        await app.press("enter")
        assert "These steps are undone, the last one first" in app.picture
        await app.press("enter")  # the focus is on the safe answer
        assert (app.name, machine.calls) == ("HomeScreen", [])
        await app.press("enter", "tab", "enter")
        assert machine.calls == ["rollback"]


async def test_an_apply_is_verified_by_the_checks() -> None:
    machine = running(view("done", "done", "done", outcome="applied"))
    machine.find = lambda choices: (
        Finding(id="iommu.active", level=Level.OK, title=verbatim("The IOMMU is active")),
        Finding(id="vfs.count", level=Level.OK, subject=FIRST, title=verbatim("7 VFs")),
    )
    async with opened(machine) as app:
        await app.until("Verified: all that this plan promised is so.")
        assert "gather" in machine.calls
        assert f"OK    {FIRST}  7 VFs" in app.picture


async def test_what_is_not_as_promised_is_named() -> None:
    machine = running(view("done", "done", "done", outcome="applied"))
    async with opened(machine) as app:
        await app.until("Applied, but not all is as promised")
        assert "WARN  The IOMMU is not active" in app.picture


async def test_a_failure_shows_its_reason_and_offers_the_way_back_first() -> None:
    machine = running(view("done", "failed", "waiting", outcome="failed", error="write: Device or resource busy"))
    async with opened(machine) as app:
        await app.until("Device or resource busy")
        assert app.app.screen.focused is not None
        assert app.app.screen.focused.id == "undo"


async def test_a_reboot_is_done_only_after_the_name_was_typed() -> None:
    machine = running(view("done", "waiting", "waiting", outcome="reboot"))
    async with opened(machine) as app:
        await app.until("The rest waits for the reboot.")
        await app.press("enter", *"kvm0", "enter")
        assert machine.calls == []
        await app.press("7", "enter")
        await app.settle()
    assert machine.calls == ["reboot"]
    assert app.app.return_value == 0


async def test_a_run_that_cannot_start_says_why() -> None:
    machine = fake(choices=CHOSEN)

    def refuses(made: object) -> None:
        raise SriovError(verbatim("The host has changed since."), verbatim("Press F5 and look again."))

    async with opened(machine, start_run=refuses) as app:
        await app.press(*["f8"] * 6, "tab", "enter")
        await app.until("The host has changed since. Press F5 and look again.")
        await app.tab_to("restart")


async def test_an_older_run_is_not_taken_for_the_result_of_this_one() -> None:
    machine = fake(choices=CHOSEN)
    machine.view = view("done", "done", "done", outcome="applied", started_at="1970-01-01T00:00:00Z")
    async with opened(machine, start_run=lambda made: machine.calls.append("start")) as app:
        await app.press(*["f8"] * 6, "tab", "enter")
        await app.until("Starting.")
        await app.pilot.pause(0.4)
        assert machine.calls == ["start"]
        assert "Applied" not in app.picture
        machine.view = view("done", "failed", "waiting", outcome="failed", error="EBUSY")
        await app.until("EBUSY")


async def test_a_step_to_be_confirmed_counts_down_in_words_and_c_confirms() -> None:
    waiting = replace(view("done", "doing", "waiting", running=True), confirm_until=boottime() + 80)
    machine = running(waiting)
    machine.view = waiting
    async with opened(machine) as app:
        picture = await app.until("Press c within")
        assert "otherwise it is rolled back" in app.words
        assert "`sriov-tui confirm`" in picture
        assert "c Confirm s Stop after step u Roll back F1 Help F2 Explain F9 Audit F10 Quit" in picture
        await app.press("c")
        assert machine.calls == ["confirm"]
        machine.view = view("done", "doing", "waiting", running=True)
        await app.until(": Make 7 VFs")
        assert "c Confirm" not in app.picture
        machine.view = view("done", "undone", "waiting", outcome="unconfirmed")
        await app.until("A step was not confirmed in time, so it was rolled back.")


def test_the_countdown_ends_at_0() -> None:
    assert "within 5 s" in countdown(RunView(confirm_until=105.9), 100.0)
    assert "within 0 s" in countdown(RunView(confirm_until=90.0), 100.0)


async def test_m_saves_a_summary_tells_where_and_shows_it() -> None:
    machine = running(view("done", "done", "done", outcome="applied"))
    async with opened(machine) as app:
        await app.until("not all is as promised")
        await app.press("m")
        assert "Saved in /state/summary.md" in app.picture
        assert "# sriov-tui on kvm07" in app.picture
        assert machine.calls == ["gather", "summary"]


async def test_a_summary_of_a_run_that_failed_says_that_nothing_was_read_again() -> None:
    machine = running(view("done", "failed", "waiting", outcome="failed"))
    async with opened(machine) as app:
        await app.until("A step failed.")
        await app.press("m")
        assert machine.calls == ["summary without the host"]


async def test_a_summary_that_cannot_be_saved_says_why() -> None:
    def refuses(after: object) -> tuple[str, tuple[str, ...]]:
        raise SriovError(verbatim("No room."), verbatim("Make room."))

    machine = running(view("done", "failed", "waiting", outcome="failed"))
    async with opened(machine, save_summary=refuses) as app:
        await app.until("A step failed.")
        await app.press("m")
        assert "No room. Make room." in app.words


async def test_an_engine_that_is_slow_to_start_is_not_taken_for_one_that_was_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("screens.run.GLANCE", 0.0)
    monkeypatch.setattr("screens.run.POLL", 0.01)
    machine = fake(choices=CHOSEN)
    looks: list[RunView] = []

    def start(plan: Plan) -> None:
        machine.view = RunView(id="1", plan=plan)

    def view() -> RunView | None:
        if machine.view is not None:
            looks.append(machine.view)
            if len(looks) > 20:
                return replace(
                    machine.view, states=tuple((s.id, "done") for s in machine.view.plan.steps), outcome="applied"
                )
        return machine.view

    async with opened(machine, start_run=start, view_run=view) as app:
        await app.press(*["f8"] * 6, "tab", "enter")
        seen = ""
        while len(looks) < 20:
            seen += app.picture
            await app.settle()
        assert "cut off" not in seen
        await app.until("done     3")


async def test_a_verified_run_begins_with_commands_that_c_copies_whole() -> None:
    net = "'sriov-nic-model=82576 Virtual Function with a long name'"
    create = Command(f"  climc server-create --disk DISK --net {net} --ncpu 2 --mem-spec 4G NAME --auto-start")
    told = ("", verbatim("To restart it:"), Command("  kubectl delete pod POD"), "", say("To use it:"), create)
    machine = running(view("done", "done", "done", outcome="applied"))
    machine.state = replace(machine.state, commands=told)
    machine.find = lambda choices: (
        Finding(id="iommu.active", level=Level.OK, title=verbatim("The IOMMU is active")),
        Finding(id="vfs.count", level=Level.OK, subject=FIRST, title=verbatim("7 VFs")),
    )
    async with opened(machine) as app:
        picture = await app.until("To restart it:")
        rows = picture.splitlines()
        first = next(n for n, row in enumerate(rows) if "Verified" in row)
        assert "To restart it:" in rows[first + 2]
        assert any(net in row for row in rows)  # never broken inside quotes
        assert "c Copy" in picture
        await app.press("c")
        assert app.app.clipboard == "kubectl delete pod POD"
        await app.press("down", "down", "down", "down", "c")
        assert app.app.clipboard == create.strip()
        assert "Sent to the clipboard." in app.words


async def test_what_is_left_begins_with_its_way_out() -> None:
    machine = running(view("done", "done", "done", outcome="applied"))
    async with opened(machine) as app:
        await app.until("Applied, but not all is as promised")
        assert "What to do: Let the plan set the kernel arguments" in app.picture


def test_time_that_it_waited_is_no_time_that_it_took() -> None:
    at = "2026-01-01T00:{:02}:00Z".format
    events = (
        Event(kind="start", at=at(0)),
        Event(kind="confirm", at=at(1), state="waiting", before={"until": "1"}),
        Event(kind="confirm", at=at(4), state="confirmed"),
        Event(kind="finished", at=at(5), state="reboot"),
        Event(kind="start", at=at(30)),
        Event(kind="finished", at=at(31), state="applied"),
    )
    assert elapsed(fold("1", PLAN, events), 0.0) == "3 min 00 s"
    now = datetime.fromisoformat(at(50)).timestamp()
    assert elapsed(fold("1", PLAN, events[:2], running=True), now) == "1 min 00 s"
    cut = (events[0], Event(kind="step", at=at(2)), Event(kind="start", at=at(20)))
    assert elapsed(fold("1", PLAN, cut, running=True), datetime.fromisoformat(at(21)).timestamp()) == "3 min 00 s"


def test_a_step_that_takes_minutes_says_how_many_it_usually_takes() -> None:
    (long,) = (replace(PLAN.steps[0], operations=(Run(argv=("./mlnxofedinstall", "--force")),)),)
    made = replace(PLAN, steps=(long,))
    events = (Event(kind="start", at="2026-01-01T00:00:00Z"), Event(kind="step", at="", step=long.id, state="doing"))
    told = progress(fold("1", made, events, running=True), datetime.fromisoformat("2026-01-01T00:00:09Z").timestamp())
    assert told == "9 s (this step usually takes 5 to 30 min)"
    assert progress(fold("1", PLAN, (), running=True), 0.0) == ""
