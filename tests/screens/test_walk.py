"""The walk: forth and back, read-only, quitting, reading again, the welcome."""

from __future__ import annotations

from dataclasses import replace

import pytest

from screens.services import Services
from sriov_tui.facts import Source
from sriov_tui.message import verbatim
from sriov_tui.model import Choices, NicChoice, RunView, SriovError, State
from sriov_tui.tui.app import WIZARD
from tests.samples import FIRST, igb_host
from tests.screens.driving import opened
from tests.screens.fakes import fake, plan

CHOSEN = Choices().with_nic(NicChoice(address=FIRST, use="sriov", bridge="br1", wire="bcast1"))
DEMOS = (("two-igb", "Two Intel 82576 ports"), ("one-e810", "Intel E810, IOMMU off"))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_forth_and_back_keeps_what_was_typed(size: tuple[int, int]) -> None:
    machine = fake()
    async with opened(machine, size) as app:
        await app.press("space", "f8", "f8", "f8", "f8")
        await app.press(*"br1", "tab", *"net", "f8")
        seen = ["DiffScreen"]
        for _ in range(5):
            await app.press("f7")
            seen.append(app.name)
        assert seen == [screen.__name__ for screen in reversed(WIZARD)]
        assert "[x]" in app.picture
        await app.press(*["f8"] * 4)
        assert "entry /br1/net will be added" in app.picture
        assert machine.saved[-1].nic(FIRST) == NicChoice(address=FIRST, use="sriov", bridge="br1", wire="net")


async def test_back_on_the_first_step_leads_home() -> None:
    async with opened(fake()) as app:
        await app.press("f7")
        assert app.name == "HomeScreen"


async def test_every_step_reaches_its_buttons_by_tab_and_fits_its_rows() -> None:
    async with opened(fake(choices=CHOSEN)) as app:
        for _ in WIZARD:
            rows = app.picture.splitlines()
            assert rows[0].startswith(" step ")
            assert " kvm07 " in rows[0]
            assert rows[0].endswith("REAL")
            assert rows[-1].endswith("F10 Quit")
            await app.tab_to("back")
            await app.tab_to("next")
            if app.name != "DiffScreen":
                await app.press("enter")


async def test_read_only_can_be_looked_through_and_says_why_nothing_is_applied() -> None:
    machine = fake(igb_host(), CHOSEN, mode="read-only")
    async with opened(machine) as app:
        assert app.name == "HomeScreen"
        assert app.picture.splitlines()[0].endswith("RECORDED 2026-01-01 00:00 UTC")
        await app.press(*["f8"] * 6)
        assert app.name == "DiffScreen"
        assert "This is a view of a recording" in app.picture
        assert not app.app.screen.query("#next")
        await app.press("f8")
        assert app.name == "DiffScreen"
    assert not machine.saved
    assert not machine.calls


async def test_a_simulated_machine_is_never_shown_as_real() -> None:
    async with opened(fake(igb_host(source=Source("simulated", "two-igb")), mode="real")) as app:
        await app.press("f8")
        assert app.picture.splitlines()[0].endswith("SIMULATED two-igb")


async def test_without_a_card_the_first_screen_offers_a_demo_with_one_key() -> None:
    opened_names = []
    other = fake(igb_host(source=Source("simulated", "one-e810")), mode="simulated")

    def open_demo(name: str) -> tuple[State, Services]:
        opened_names.append(name)
        return other.state, other.services()

    machine = fake(igb_host(source=Source(), pfs=(), root=False), mode="read-only")
    async with opened(machine, demos=DEMOS, open_demo=open_demo) as app:
        assert "no network card at all" in app.picture
        assert "You are not root" in app.picture
        await app.press("d", "down", "enter")
        assert opened_names == ["one-e810"]
        assert "SIMULATED one-e810" in app.picture


async def test_r_opens_the_read_only_view() -> None:
    other = fake(mode="read-only")
    machine = fake(igb_host(source=Source(), pfs=()))
    async with opened(machine, open_read_only=lambda: (other.state, other.services())) as app:
        await app.press("r")
        assert app.name == "HardwareScreen"
        assert "READ-ONLY" in app.picture


async def test_an_unfinished_run_is_told_first_and_goes_on_with_one_key() -> None:
    made = plan(CHOSEN)
    states = tuple((step.id, "done" if n == 0 else "waiting") for n, step in enumerate(made.steps))
    run = RunView(id="1", plan=made, states=states, outcome="reboot", started_at="2026-01-01T00:00:00Z")  # type: ignore[arg-type]
    machine = fake(choices=CHOSEN, run=run, changes=("the IOMMU is active",))
    machine.view = run

    def resume() -> None:
        machine.view = replace(run, states=tuple((step.id, "done") for step in made.steps), outcome="rolled-back")

    async with opened(machine, demos=DEMOS, resume_run=resume) as app:
        assert "1 of 3 steps done" in app.picture
        assert "The reboot changed: the IOMMU is active" in app.picture
        await app.press("enter")
        await app.until("Rolled back: everything that the run changed is as it was before.")


async def test_quit_asks_only_where_something_is_unsaved() -> None:
    machine = fake()
    async with opened(machine) as app:
        await app.press("space", "f10")
        assert "not saved yet" in app.picture
        await app.press("escape")
        assert "[x]" in app.picture
        await app.press("q", "tab", "enter")
    assert machine.saved[-1].nic(FIRST).use == "sriov"
    assert app.app.return_value == 0
    async with opened(fake()) as app:
        await app.press("q")
    assert app.app.return_value == 0


async def test_reading_again_keeps_the_choices() -> None:
    machine = fake()
    async with opened(machine) as app:
        await app.press("space", "f5")
        await app.until("[x]")
        assert machine.calls == ["gather"]


async def test_an_error_is_shown_with_its_way_out() -> None:
    def fails() -> State:
        raise SriovError(verbatim("The machine is gone."), verbatim("Look at its console."))

    async with opened(fake(), gather=fails) as app:
        await app.press("f5")
        await app.until("Look at its console.")
        await app.press("escape")
        assert app.name == "HardwareScreen"


async def test_a_window_that_is_too_small_says_so_and_recovers() -> None:
    async with opened(fake()) as app:
        await app.pilot.resize_terminal(60, 18)
        await app.until("This window is too small.")
        await app.pilot.resize_terminal(80, 24)
        await app.until("PCI address")
        await app.tab_to("next")


async def test_the_cursor_follows_the_marked_row_and_the_buttons() -> None:
    async with opened(fake()) as app:
        await app.press("down")
        row = next(n for n, text in enumerate(app.picture.splitlines()) if "0000:02:00.0" in text)
        await app.cursor_on(row)
        assert app.app.cursor_position.x == 1
        await app.tab_to("back")
        await app.cursor_on(22)


async def test_audit_help_and_explanation_open_and_close_over_a_step() -> None:
    async with opened(fake(choices=CHOSEN)) as app:
        await app.press("f9")
        assert "Audit of kvm07 (REAL): 0 FAIL" in app.picture
        assert "WARN  0 VFs now, 7 wanted" in app.picture
        await app.press("escape", "f1")
        assert "Help: step 1/6 Hardware" in app.picture
        await app.press("escape", "e")
        assert "hardware.sriov" in app.picture
        await app.press("escape")
        assert app.name == "HardwareScreen"


async def test_the_footer_of_the_first_screen_is_whole_at_80_columns() -> None:
    machine = fake(igb_host(source=Source(), pfs=()))
    demos = (("two-igb", "Two ports."),)
    async with opened(machine, demos=demos, open_read_only=lambda: (machine.state, machine.services())) as app:
        last = app.picture.splitlines()[-1]
        assert last.startswith("F8 Set up h History d Demo r Read-only")
        assert last.endswith("q Quit")
