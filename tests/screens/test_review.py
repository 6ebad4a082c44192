"""The review: its steps fold to their titles and out again, and it can be saved."""

from __future__ import annotations

from pathlib import Path

from screens.review import review, rows_of
from screens.widgets import Rows
from sriov_tui.message import verbatim
from sriov_tui.model import SriovError, State
from sriov_tui.plan import from_json
from sriov_tui.services.demos import demo_machine
from sriov_tui.simulated import SimulatedHost
from sriov_tui.tui.session import Session
from tests.screens.driving import Driven, opened
from tests.screens.fakes import fake
from tests.screens.test_run import CHOSEN


def marked(app: Driven) -> str:
    """The marked line."""
    rows = app.app.screen.query_one("#review", Rows)
    return str(rows.get_option_at_index(rows.highlighted or 0).prompt)


def test_what_is_folded_is_counted_and_found_and_what_a_step_interrupts_stays() -> None:
    state = fake(choices=CHOSEN).state
    whole, folded = rows_of(state, 200), rows_of(state, 200, {1, 2, 3})
    assert [row.content for row in whole] == review(state, 200)
    hidden = sum(row.hidden.count("\n") + 1 for row in folded if row.hidden)
    assert len(whole) - len(folded) == hidden
    assert [str(row.content) for row in folded if row.step == 2] == [
        " 2. Make 7 VFs on enp1s0  [+ 3 lines]",
        "    The link of this port goes down for a few seconds.",
    ]
    assert any("sriov_numvfs" in row.hidden for row in folded)
    assert any("reboot, then" in str(row.content) for row in folded)


async def test_enter_folds_the_marked_step_and_out_again() -> None:
    async with opened(fake(choices=CHOSEN), size=(120, 60)) as app:
        await app.press(*["f8"] * 5, "/", *"GRUB_CMDLINE", "enter", "enter")
        assert "| GRUB_CMDLINE_LINUX=x" not in app.picture
        assert marked(app).startswith(" 1. Set the IOMMU kernel arguments  [+")
        assert "write 7 to" in app.picture
        await app.press("enter")
        assert "| GRUB_CMDLINE_LINUX=x" in app.picture
        assert marked(app) == " 1. Set the IOMMU kernel arguments"


async def test_x_folds_all_steps_and_a_search_still_finds_what_is_in_them() -> None:
    async with opened(fake(choices=CHOSEN)) as app:
        await app.press(*["f8"] * 5, "x")
        assert "write 7 to" not in app.picture
        assert "3. List enp1s0 in host.conf" in app.picture
        await app.press("/", *"sriov_numvfs", "enter")
        assert marked(app).startswith(" 2. Make 7 VFs")
        await app.press("escape", "x")
        await app.until("write 7 to")
        assert marked(app) == " 2. Make 7 VFs on enp1s0"


async def test_s_saves_the_plan_and_says_where_or_why_not() -> None:
    saved: list[State] = []

    def save(state: State) -> tuple[str, ...]:
        saved.append(state)
        return ("/state/plan.md", "/state/plan.json")

    async with opened(fake(choices=CHOSEN), save_plan=save) as app:
        await app.press(*["f8"] * 5, "s")
        assert "/state/plan.md" in app.picture
        assert "/state/plan.json" in app.picture
        assert [len(state.plan.steps) for state in saved] == [3]

    def refuses(state: State) -> tuple[str, ...]:
        raise SriovError(verbatim("No room [/]."), verbatim("Make room."))

    async with opened(fake(choices=CHOSEN), save_plan=refuses) as app:
        await app.press(*["f8"] * 5, "s")
        assert "No room [/]. Make room." in app.words


def test_a_session_saves_what_apply_takes(tmp_path: Path) -> None:
    SimulatedHost.create(demo_machine("two-igb"), tmp_path / "machine")
    made = Session(f"simulated:{tmp_path / 'machine'}")
    state = made.state(CHOSEN)
    save = made.services().save_plan
    assert save is not None
    markdown, plan = map(Path, save(state))
    assert markdown.read_text().startswith("# ")
    assert from_json(plan.read_text()) == state.plan
    assert plan.stat().st_mode & 0o077 == 0
