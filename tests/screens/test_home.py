"""Home: the host and its state, its cards, the last run, and every run by keys."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sriov_tui.facts import Source
from sriov_tui.message import verbatim
from sriov_tui.model import Choices, Finding, Level, NicChoice, RunView, StepState
from tests.samples import FIRST, igb_host
from tests.screens.driving import opened
from tests.screens.fakes import Fake, fake, plan
from tests.screens.test_run import view

CHOSEN = Choices().with_nic(NicChoice(address=FIRST, use="sriov", bridge="br1", wire="bcast1"))
OK = Finding(id="hardware.sriov", level=Level.OK, title=verbatim("fine"))


def run(id: str, outcome: str) -> RunView:
    """A run whose steps are done."""
    made = plan(CHOSEN)
    states = tuple((step.id, "done") for step in made.steps)
    return RunView(id=id, plan=made, states=states, outcome=outcome, started_at=f"2026-01-0{id}T09:00:00Z")  # type: ignore[arg-type]


def home(**fields: object) -> Fake:
    """A simulated machine, so that the program opens on Home."""
    machine = fake(igb_host(source=Source("simulated", "two-igb")), CHOSEN)
    machine.state = replace(machine.state, mode="simulated", **fields)  # type: ignore[arg-type]
    return machine


async def test_it_opens_on_the_host_with_its_state_and_what_blocks() -> None:
    bad = Finding(id="iommu.active", level=Level.FAIL, title=verbatim("The IOMMU is not active"), blocks=True)
    async with opened(home(findings=(OK, bad))) as app:
        assert app.name == "HomeScreen"
        assert "kvm07  Not ready. 1 FAIL, 1 OK." in app.picture
        assert "Blocked by: The IOMMU is not active" in app.picture
        assert f"{FIRST}  enp1s0" in app.picture
        assert "0 of 7 VFs" in app.picture
    async with opened(home(findings=(OK,))) as app:
        assert "kvm07  Ready. 1 OK." in app.picture
        assert "Blocked" not in app.picture


async def test_the_last_run_is_there_with_its_outcome() -> None:
    async with opened(home(run=run("1", "applied"))) as app:
        assert "Last run, 2026-01-01 09:00 UTC: applied, 3 of 3 steps." in app.picture


async def test_history_shows_every_run_its_steps_its_ticket_and_its_undo() -> None:
    runs = (run("2", "applied"), run("1", "rolled-back"))
    machine = home(run=runs[0])
    machine.view = replace(runs[0], outcome="rolled-back")
    async with opened(machine, list_runs=lambda: runs, ticket=lambda name: (f"# ticket {name}",)) as app:
        await app.press("h")
        assert app.name == "HistoryScreen"
        assert "2026-01-02 09:00  applied" in app.picture
        assert "2026-01-01 09:00  rolled-back" in app.picture
        assert "Make 7 VFs on enp1s0" in app.picture
        await app.press("enter")
        assert "# ticket 2" in app.picture
        await app.press("escape", "down", "u")
        assert "Nothing is left to take back." in app.picture
        await app.press("up", "u")
        assert "These steps are undone, the last one first" in app.picture
        await app.press("tab", "enter")
        await app.until("Roll back", tries=1)
        assert (app.name, machine.calls) == ("RunScreen", ["rollback"])


async def test_an_older_run_names_the_command_that_undoes_it() -> None:
    runs = (run("2", "applied"), run("1", "applied"))
    async with opened(home(), list_runs=lambda: runs) as app:
        await app.press("h", "down", "u")
        assert "sriov-tui rollback 1" in app.picture


async def test_history_without_a_run_says_so() -> None:
    async with opened(home()) as app:
        await app.press("h")
        assert "No run is kept on this host yet." in app.picture
        await app.press("u", "escape")
        assert app.name == "HomeScreen"


@pytest.mark.parametrize(
    ("asked_in", "now", "states", "words"),
    [
        ("a", "a", ("done", "done", "waiting"), "The reboot comes next: the host has not been rebooted since."),
        ("a", "b", ("done", "done", "waiting"), "The host was rebooted since: the steps after the reboot come next."),
        ("a", "b", ("done", "done", "done"), "The host was rebooted since. What is left is to check what it brought."),
        ("a", "", ("done", "done", "done"), "Whether the host was rebooted since is not known."),
        ("", "b", ("done", "done", "done"), "Whether the host was rebooted since is not known."),
    ],
)
async def test_what_a_run_waits_for_is_what_is_true_now(
    asked_in: str, now: str, states: tuple[StepState, ...], words: str
) -> None:
    made = replace(view(*states, outcome="reboot"), boot_id=asked_in)
    host = igb_host(source=Source())
    host = replace(host, kernel=replace(host.kernel, boot_id=now))
    async with opened(fake(host, run=made)) as app:
        assert words in app.words
        assert ("reboot comes next" in app.words) == (asked_in == now)
