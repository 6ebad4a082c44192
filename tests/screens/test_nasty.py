"""Every string of the machine replaced by what breaks careless screens: no exception, no lost button."""

from __future__ import annotations

import dataclasses
import enum
from typing import Any

import pytest
from rich.cells import cell_len

from screens import words
from sriov_tui.app import WIZARD
from sriov_tui.model import Choices, Evidence, Finding, Fix, Level, NicChoice, RunView
from tests.samples import FIRST, igb_host
from tests.screens.driving import opened
from tests.screens.fakes import fake, plan

NASTY = ("[/]", "中文网卡", "x" * 200, "a\x1b[31m\x07\r\nb\udc80", "[bold $error on")
KEPT = {
    "address",
    "id",
    "level",
    "source",
    "kind",
    "state",
    "outcome",
    "disrupts",
    "pci",
    "subject",
    "use",
    "mode",
    "pfs",
}


def nasty(value: Any, text: str) -> Any:
    """The same value with every string inside replaced, but for the keys by which things find each other."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        return dataclasses.replace(
            value, **{n: nasty(v, text) for n, v in fields.items() if n not in KEPT or n == "pfs"}
        )
    if isinstance(value, tuple):
        return tuple(nasty(item, text) for item in value)
    return text if isinstance(value, str) and not isinstance(value, enum.Enum) else value


def findings(text: str) -> tuple[Finding, ...]:
    """A finding with this text everywhere for each step."""
    fix = Fix(title=text, manual=text, steps=(text,), verify=text)
    names = ("hardware.x", "iommu.x", "driver.x", "vfs.x", "offload.x", "hostconf.network-entry")
    return tuple(
        Finding(
            id=name, level=Level.WARN, subject=FIRST, title=text, detail=text, evidence=(Evidence(text, text),), fix=fix
        )
        for name in names
    )


@pytest.mark.parametrize("text", NASTY)
async def test_no_text_of_the_machine_breaks_a_screen(text: str) -> None:
    machine = fake(
        nasty(igb_host(source="this machine"), text), Choices().with_nic(NicChoice(address=FIRST, use="sriov"))
    )
    machine.find = lambda choices: findings(text)
    machine.state = dataclasses.replace(
        machine.evaluate(machine.state.choices),
        diff=text,
        forecast=(text,),
        plan=nasty(plan(machine.state.choices), text),
    )
    good = machine.state
    machine.evaluate = lambda choices: dataclasses.replace(good, choices=choices)  # type: ignore[method-assign]
    async with opened(machine) as app:
        await app.press("f2", "escape", "f9", "down", "f2", "escape", "escape")
        for screen in WIZARD:
            assert app.name == screen.__name__
            assert app.picture.splitlines()[0].endswith("REAL")
            await app.tab_to("back")
            await app.tab_to("next")
            await app.press("f8")
        assert app.name == "ConfirmScreen"
        await app.tab_to("answer-0")


@pytest.mark.parametrize("text", NASTY)
async def test_a_run_with_any_text_shows_and_keeps_its_buttons(text: str) -> None:
    made = nasty(plan(Choices().with_nic(NicChoice(address=FIRST, use="sriov"))), text)
    run = RunView(id=text, plan=made, outcome="failed", error=text, output=(text,) * 9, started_at=text)
    machine = fake(igb_host(source="this machine"), run=dataclasses.replace(run, running=True, outcome=""))
    machine.view = run
    async with opened(machine) as app:
        await app.until("Failed.")
        await app.tab_to("undo")
        await app.tab_to("quit")


@pytest.mark.parametrize("text", NASTY)
def test_columns_stay_aligned_in_cells(text: str) -> None:
    rows = words.columns(("A", "B"), [(text, "b"), ("a", text)], (10, 60), room=30)
    assert len({cell_len(row) for row in rows}) == 1
    assert cell_len(rows[0]) <= 30


def test_plain_text_is_safe_for_a_terminal() -> None:
    assert words.plain("a\x1b[31m\x9bb\t\udc80\u202e") == "a\ufffd[31m\ufffdb    ?\ufffd"
