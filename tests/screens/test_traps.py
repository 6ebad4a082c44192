"""Keys and layouts that were traps: each of these did something else than the screen said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import Input

from screens.header import Header
from screens.key_row import KeyRow
from screens.steps import STEPS, rail, step_of
from sriov_tui.facts import DriverImage, Source
from sriov_tui.language.layout import hang, width
from sriov_tui.message import verbatim
from sriov_tui.model import Choices, DriverChoice, Finding, Level, NicChoice, Plan, Step, WriteSysfs
from tests.samples import FIRST, SECOND, igb_host, igb_pf
from tests.screens.driving import Driven, opened
from tests.screens.fakes import fake

OPEN = Choices().with_nic(NicChoice(address=FIRST, use="sriov"))
CHOSEN = Choices().with_nic(NicChoice(address=FIRST, use="sriov", bridge="br1", wire="bcast1"))


def focus(app: Driven) -> str:
    """The id of what has the focus."""
    return app.app.screen.focused.id or "" if app.app.screen.focused else ""


async def to_network(app: Driven) -> None:
    """To step 5."""
    await app.press(*["f8"] * 4)
    assert app.name == "OffloadScreen"


async def test_after_a_stop_the_cursor_is_in_the_field_that_blocks_and_typing_goes_there() -> None:
    async with opened(fake(choices=OPEN)) as app:
        await to_network(app)
        await app.tab_to("next")
        await app.press("f8")
        assert focus(app) == "bridge-0"
        await app.press(*"br1")
        assert app.name == "OffloadScreen"
        assert app.app.screen.query_one("#bridge-0", Input).value == "br1"
        await app.press("f8")
        assert focus(app) == "wire-0"


@pytest.mark.parametrize("letter", list("ledragqbnp") + list("123456"))
async def test_no_letter_does_anything_unseen_on_a_screen_with_fields(letter: str) -> None:
    async with opened(fake(choices=OPEN)) as app:
        await to_network(app)
        await app.tab_to("findings")
        before = app.picture
        await app.press(letter)
        assert app.name == "OffloadScreen"
        assert app.picture == before


@pytest.mark.parametrize(("key", "screen"), [("g", "StepsScreen"), ("a", "AuditScreen"), ("e", "ExplainScreen")])
async def test_letters_stand_for_keys_where_there_is_no_field(key: str, screen: str) -> None:
    async with opened(fake()) as app:
        await app.press(key)
        assert app.name == screen


async def test_n_goes_to_the_next_match_and_nowhere_else() -> None:
    async with opened(fake()) as app:
        await app.press("n")
        assert app.name == "HardwareScreen"


async def test_the_last_row_names_only_keys_that_work_where_the_focus_is() -> None:
    async with opened(fake(choices=OPEN)) as app:
        assert app.picture.splitlines()[-1].startswith("Space Use")
        await app.tab_to("next")
        assert app.picture.splitlines()[-1].startswith("F1 Help")
        await app.press(*["f8"] * 4)
        await app.tab_to("bridge-0")
        assert "/ Find" not in app.picture.splitlines()[-1]
        await app.tab_to("findings")
        assert "/ Find" in app.picture.splitlines()[-1]


async def test_the_rail_shows_where_one_is_and_what_blocks_and_leads_along() -> None:
    async with opened(fake(choices=OPEN)) as app:
        assert " step 1/6 Hardware  [1] 2 3 4 5! 6 " in app.picture.splitlines()[0]
        await app.press("4")
        assert " 1+ 2+ 3+ [4] 5! 6 " in app.picture.splitlines()[0]
        await app.press("ctrl+g")
        assert "5  Network and offload   blocks: `networks` has no entry" in app.picture
        await app.press("6")
        assert app.name == "OffloadScreen", "the step that blocks is before it"
        await app.press("ctrl+g", "up", "up", "up", "enter")
        assert app.name == "IommuScreen"


async def test_no_way_along_the_rail_past_what_blocks_here() -> None:
    async with opened(fake(choices=OPEN)) as app:
        await to_network(app)
        await app.press("ctrl+g", "6")
        assert app.name == "OffloadScreen"
        assert focus(app) == "bridge-0"
        await app.press("ctrl+g", "1")
        assert app.name == "HardwareScreen"


@pytest.mark.parametrize("host", ["kvm07", "a-very-long-name-of-a-host-in-a-rack", "中文主机名中文主机名中文主机名"])
@pytest.mark.parametrize("width", [70, 80, 120])
async def test_a_long_name_hides_neither_the_step_nor_the_mode(host: str, width: int) -> None:
    machine = fake(igb_host(source=Source("simulated", "connectx-driver"), hostname=host), CHOSEN, mode="simulated")
    async with opened(machine, (width, 24)) as app:
        await app.press(*["f8"] * 5)
        first = app.picture.splitlines()[0]
        assert first.startswith(" step 5/6 Network and offload ")
        assert first.endswith("SIMULATED connectx-driver")


@pytest.mark.parametrize("keys", [("f1",), ("f1", "?"), ("f2",), ("f10",), ("ctrl+g",)])
async def test_a_box_shows_still_whether_this_is_real_and_its_keys(keys: tuple[str, ...]) -> None:
    async with opened(fake()) as app:
        await app.press("space", *keys)
        assert app.name not in ("HardwareScreen", "")
        first, *_, last = app.picture.splitlines()
        assert first.startswith(" step 1/6 Hardware ")
        assert first.endswith(" REAL")
        assert "Esc" in last


async def test_below_the_least_size_no_key_acts_unseen_but_those_that_quit() -> None:
    async with opened(fake()) as app:
        await app.pilot.resize_terminal(60, 15)
        await app.until("This window is too small.")
        await app.press("f8", "space", "f9", "q")
        await app.pilot.resize_terminal(80, 24)
        await app.until("step 1/6")
        assert "[x]" not in app.picture
        await app.pilot.resize_terminal(60, 15)
        await app.until("This window is too small.")
        await app.press("f10")
    assert app.app.return_value == 0


async def test_with_a_mouse_marks_keys_and_steps_do_what_they_show() -> None:
    async with opened(fake()) as app:
        row = next(n for n, text in enumerate(app.picture.splitlines()) if SECOND in text)
        await app.pilot.click(offset=(2, row))
        await app.settle()
        assert f"[x]  {SECOND}" in app.picture
        last = app.picture.splitlines()[-1]
        await app.pilot.click(KeyRow, offset=(last.index("F2 Explain"), 0))
        await app.settle()
        assert app.name == "ExplainScreen"
        await app.press("escape")
        first = app.picture.splitlines()[0]
        await app.pilot.click(Header, offset=(first.index(" 3 ") + 1, 0))
        await app.settle()
        assert app.name == "DriverScreen"
        await app.pilot.click(Header, offset=(app.picture.splitlines()[0].index("F6"), 0))
        await app.settle()
        assert "F6 English" in app.picture
        await app.press("f6")


@pytest.mark.parametrize("number", range(1, len(STEPS) + 1))
def test_the_rail_marks_every_step_in_its_place(number: int) -> None:
    marks = rail(number, {2, 5})
    assert [mark.strip("[]+!") for mark in marks] == list("123456")
    assert [n for n, mark in enumerate(marks, 1) if mark.startswith("[")] == [number]
    assert [n for n, mark in enumerate(marks, 1) if "!" in mark] == [2, 5]


def test_every_finding_belongs_to_one_step() -> None:
    finding = Finding(id="iommu.active", level=Level.OK, title=verbatim("x"))
    assert step_of(finding) == 2
    assert step_of(replace(finding, id="hostconf.network-entry")) == 5
    assert step_of(replace(finding, id="hostconf.nic")) == 6


async def test_review_and_question_continue_a_line_below_its_text() -> None:
    long = WriteSysfs(path=f"/sys/bus/pci/devices/{FIRST}/sriov_numvfs", value="word " * 30)
    step = Step(id="x", title=verbatim("Title " * 25), why=verbatim("because " * 20), operations=(long,))
    machine = fake(choices=CHOSEN)
    machine.state = replace(machine.state, plan=Plan(steps=(step,)))
    machine.evaluate = lambda choices: machine.state  # type: ignore[method-assign]
    async with opened(machine) as app:
        app.app.state = machine.state
        await app.press("6")
        for text, indent in (("Title", 5), ("because", 5), ("word", 9)):
            rows = [row for row in app.picture.splitlines() if row.strip().startswith(f"{text} {text}")]
            assert rows, text
            assert all(row.startswith(" " * indent) for row in rows), app.picture
        await app.press("f8")
        rows = [row for row in app.picture.splitlines() if "because because" in row]
        assert len(rows) > 1
        assert len({row.index("because") for row in rows}) == 1


@given(st.text(st.sampled_from("ab -=/中文。，")), st.integers(10, 60), st.integers(0, 8))
def test_hanging_lines_lose_nothing_but_spaces_at_their_ends(text: str, cells: int, rest: int) -> None:
    lines = hang(text, cells, rest).split("\n")
    assert all(line.startswith(" " * rest) for line in lines[1:])
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width(line) <= cells or " " not in line.strip() for line in lines[:-1])


async def test_the_header_of_the_driver_table_is_one_line_at_80_columns() -> None:
    pf = replace(igb_pf(), vendor=0x15B3, driver="mlx5_core", driver_version="5.4.130-1.yn20230805.el7.x86_64")
    pf = replace(pf, firmware_version="22.41.1000 (MT_0000000359)")
    async with opened(fake(igb_host(source=Source("machine"), pfs=(pf,)), CHOSEN)) as app:
        await app.press("3")
        rows = app.picture.splitlines()
        header = next(n for n, row in enumerate(rows) if "PCI address   Interface" in row)
        assert FIRST in rows[header + 1]


async def test_the_digest_of_the_chosen_file_stands_below_the_one_to_type() -> None:
    pf = replace(igb_pf(), vendor=0x15B3, driver="mlx5_core")
    image = DriverImage(path="/root/x.iso", kind="iso", sha256="ab" * 32)
    facts = igb_host(source=Source("machine"), pfs=(pf,), images=(image,))
    async with opened(fake(facts, replace(CHOSEN, driver=DriverChoice(image="/root/x.iso")))) as app:
        await app.press("3")
        assert "ab" * 32 in app.picture
