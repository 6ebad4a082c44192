"""Every string of the machine replaced by what breaks careless screens: no exception, no lost button."""

from __future__ import annotations

import dataclasses
import enum
import re
from dataclasses import replace
from typing import Any

import pytest
from rich.cells import cell_len

from screens import words
from screens.bond import BondScreen
from screens.file_picker import PickScreen
from screens.troubleshoot import TroubleScreen
from screens.waiting import BusyScreen
from sriov_tui import language
from sriov_tui.facts import Holder, Source, SshSession
from sriov_tui.language import _
from sriov_tui.message import say, verbatim
from sriov_tui.model import Choices, Evidence, Finding, Fix, Level, NicChoice, Outcome, RunView
from sriov_tui.model.advice import Advice
from sriov_tui.tui.app import WIZARD
from tests.samples import FIRST, SECOND, igb_host, igb_pf
from tests.screens.driving import opened
from tests.screens.fakes import Fake, fake, plan

NASTY = ("[/]", "中文网卡", "x" * 200, "a\x1b[31m\x07\r\nb\udc80", "[bold $error on")
CHOSEN = Choices().with_nic(NicChoice(address=FIRST, use="sriov", bridge="br1", wire="w"))
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
    "judged",
    "pfs",
}


@pytest.fixture(params=language.NAMES, autouse=True)
def spoken(request: pytest.FixtureRequest) -> str:
    """Every test here, in each language."""
    language.speak(request.param)
    return language.spoken()


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
    fix = Fix(title=verbatim(text), manual=verbatim(text), steps=(text,), verify=verbatim(text))
    names = ("hardware.x", "iommu.x", "driver.x", "vfs.x", "offload.x", "hostconf.network-entry")
    return tuple(
        Finding(
            id=name,
            level=Level.WARN,
            subject=FIRST,
            title=verbatim(text),
            detail=verbatim(text),
            evidence=(Evidence(text, text),),
            fix=fix,
        )
        for name in names
    )


def host(text: str, **fields: object) -> Fake:
    """A host of which every string is this one, with a card chosen that has VFs, one of them held."""
    ssh = SshSession(client="c", server="s", links=("l",), pfs=(FIRST,))
    pf = igb_pf(numvfs=7)
    vfs = (replace(pf.vfs[0], holders=(Holder(7, "qemu"),)), *pf.vfs[1:])
    facts = igb_host(source=Source(), ssh=ssh, pfs=(replace(pf, vfs=vfs), igb_pf(SECOND, "enp2s0")))
    machine = fake(nasty(facts, text), CHOSEN, **fields)
    machine.find = lambda choices: findings(text)
    good = replace(
        machine.evaluate(CHOSEN), diff=text, forecast=(text,), commands=(text,), plan=nasty(plan(CHOSEN), text)
    )
    machine.state = good
    machine.evaluate = lambda choices: replace(good, choices=choices)  # type: ignore[method-assign]
    return machine


@pytest.mark.parametrize("text", NASTY)
async def test_no_text_of_the_machine_breaks_a_screen(text: str) -> None:
    async with opened(host(text)) as app:
        for screen in WIZARD:
            assert app.name == screen.__name__
            assert app.picture.splitlines()[0].endswith(_(say("REAL")))
            await app.reach_all()
            await app.press("f8")
        assert app.name == "ConfirmScreen"
        await app.reach_all()


@pytest.mark.parametrize("text", NASTY[:3])
async def test_no_text_of_the_machine_breaks_an_overlay(text: str) -> None:
    overlays = {
        "f1": "HelpScreen",
        "question_mark": "KeysScreen",
        "f2": "ExplainScreen",
        "f3": "DeviceScreen",
        "f9": "AuditScreen",
        "f9 up enter": "DeviceScreen",
        "f9 enter": "ExplainScreen",
        "f9 end f2": "ExplainScreen",
        "f3 enter": "TextScreen",
        "f8 f8 f8 f8 f8 x enter": "DiffScreen",
    }
    async with opened(host(text)) as app:
        for keys, name in overlays.items():
            await app.press(*keys.split())
            assert app.name == name, keys
            await app.reach_all()
            await app.press("escape", "escape")
        await app.press("f9", "slash", *text[:3], "enter", "n", "escape", "f3", "slash", *"vf", "enter", "space", "f1")
        assert app.name == "HelpScreen"


@pytest.mark.parametrize("text", NASTY[:3])
@pytest.mark.parametrize("outcome", ["", "failed", "applied"])
async def test_a_run_with_any_text_shows_and_keeps_its_buttons(text: str, outcome: Outcome) -> None:
    made = nasty(plan(CHOSEN), text)
    run = RunView(id=text, plan=made, outcome=outcome, error=text, output=(text,) * 9, started_at=text)
    machine = host(text, run=replace(run, running=True, outcome=""))
    machine.state = replace(machine.state, run=replace(run, running=True, outcome=""))
    machine.view = replace(run, running=True) if not outcome else run
    async with opened(machine) as app:
        assert app.name == "RunScreen"
        ended = _(say("Applied, but not all is as promised; see below."))
        await app.until({"": _(say("Stop after this step")), "applied": ended}.get(outcome, _(say("Summary"))))
        await app.reach_all()
        if outcome:
            await app.press("m")
            await app.until("/state/summary.md")
            await app.reach_all()


@pytest.mark.parametrize("text", NASTY[:3])
async def test_a_trouble_with_any_text_keeps_its_buttons(text: str) -> None:
    made = nasty(
        Advice(cause=findings(text)[0], unknown=(verbatim("a"),), paste=("b",), plan=plan(CHOSEN), diff="c"), text
    )
    machine = host(text)
    symptoms = ((text, text),) * 9
    async with opened(machine) as app:
        app.app.push_screen(TroubleScreen(machine.state, symptoms, lambda symptom, answers: made))
        await app.settle()
        await app.reach_all()
        await app.press("escape")
        app.app.push_screen(TroubleScreen(machine.state, symptoms, lambda symptom, answers: made))
        await app.settle()
        await app.press("down", "enter")
        await app.reach_all()


@pytest.mark.parametrize("text", NASTY[:3])
async def test_the_boxes_of_a_bond_and_of_an_image_keep_their_buttons(text: str) -> None:
    machine = host(text)
    async with opened(machine) as app:
        app.app.push_screen(BondScreen(machine.state.facts, CHOSEN))
        await app.settle()
        await app.reach_all()
        await app.press("escape")
        app.app.push_screen(PickScreen(f"/{text}", lambda folder: ((text, True), (text, False))))
        await app.settle()
        await app.reach_all()


@pytest.mark.parametrize("text", NASTY)
async def test_a_wait_shows_its_sentence_whole(text: str) -> None:
    async with opened(host(text)) as app:
        app.app.push_screen(BusyScreen(text))
        await app.settle()
        shown = [line.strip("│ ") for line in app.picture.splitlines() if "│" in line]
        whole = re.escape("".join(words.plain(text).split()))
        assert re.fullmatch(rf"{whole}(\d+(s|秒))?", "".join("".join(shown).split())), "the seconds come after a second"


@pytest.mark.parametrize("text", NASTY)
async def test_a_welcome_with_any_text_keeps_its_buttons(text: str) -> None:
    run = RunView(id=text, plan=plan(CHOSEN), outcome="failed", error=text, started_at=text)
    machine = host(text)
    machine.state = replace(machine.state, run=run, changes=(text,) * 5)
    async with opened(machine, demos=((text, text),) * 4) as app:
        assert app.name == "HomeScreen"
        await app.reach_all()


@pytest.mark.parametrize("text", NASTY)
def test_columns_stay_aligned_in_cells(text: str) -> None:
    rows = words.columns(("A", "B"), [(text, "b"), ("a", text)], (10, 60), room=30)
    assert len({cell_len(row) for row in rows}) == 1
    assert cell_len(rows[0]) <= 30


def test_plain_text_is_safe_for_a_terminal() -> None:
    assert words.plain("a\x1b[31m\x9bb\t\udc80\u202e") == "a\ufffd[31m\ufffdb    ?\ufffd"
