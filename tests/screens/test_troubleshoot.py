"""The troubleshooting screen: from a symptom to the cause, the question, the review, the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from textual.events import Paste

from sriov_tui.facts import HostFacts, Source
from sriov_tui.message import verbatim
from sriov_tui.model import Evidence, Finding, Fix, Level, Plan, Step, WriteSysfs
from sriov_tui.model.advice import Advice, Question
from tests.samples import FIRST, igb_host
from tests.screens.driving import Driven, opened
from tests.screens.fakes import fake

SYMPTOMS = (("no-vfs", "No VFs in climc isolated-device-list"), ("bond", "A bond is not offloaded"))
STEP = Step(id="vfs.numvfs", title=verbatim("Make 7 VFs"), why=verbatim("The host-agent wants all of them."),
            operations=(WriteSysfs(path=f"/sys/bus/pci/devices/{FIRST}/sriov_numvfs", value="7"),))  # fmt: skip
CAUSE = Finding(id="vf.partial", level=Level.FAIL, title=verbatim("Only some of the VFs are there."), subject=FIRST,
                evidence=(Evidence("sriov_numvfs", "4"),), fix=Fix(title=verbatim("Make all VFs.")))  # fmt: skip
MENDABLE = Advice(cause=CAUSE, plan=Plan(host="kvm07", steps=(STEP,)))
ASK = Question("uses-vf", verbatim("Does this VM use a VF?"))


def told(advice: Advice, asked: list[tuple[str, dict[str, str]]] | None = None) -> dict[str, Any]:
    """Services that give this advice, and note what they were asked."""

    def troubleshoot(words: str, answers: Mapping[str, str]) -> Advice:
        if asked is not None:
            asked.append((words, dict(answers)))
        return Advice(ask=ASK) if advice.cause and asked is not None and not answers else advice

    return {"symptoms": lambda: SYMPTOMS, "troubleshoot": troubleshoot}


def without_cards() -> HostFacts:
    """A host on which the program opens with the welcome screen."""
    return igb_host(source=Source("recording", "kvm07"))


async def to_trouble(driven: Driven) -> None:
    await driven.press("f4")
    await driven.until("Troubleshooting of")
    await driven.settle()


async def test_a_symptom_leads_to_the_cause_and_its_review_and_run() -> None:
    machine = fake()
    machine.state = machine.evaluate(machine.state.choices)
    async with opened(machine, **told(MENDABLE)) as driven:
        await driven.press("f9")
        assert "F4 Trouble" in driven.picture
        await to_trouble(driven)
        assert "F8 Fix it" not in driven.picture
        await driven.press("down", "enter")
        picture = await driven.until("Only some of the VFs")
        assert "Make all VFs." in picture
        assert "F8 Fix it" in picture
        await driven.press("f8")
        picture = await driven.until("Review and apply")
        assert "1. Make 7 VFs" in picture
        await driven.press("f8")
        await driven.tab_to("answer-1")
        await driven.press("enter")
        await driven.until("Verified")
        assert machine.calls[0] == "start"
        assert machine.view is not None
        assert machine.view.plan == MENDABLE.plan


async def test_back_from_the_review_is_where_one_was_with_all_findings() -> None:
    machine = fake()
    async with opened(machine, **told(MENDABLE)) as driven:
        await driven.press("f9")
        await to_trouble(driven)
        await driven.press("enter")
        await driven.until("Only some of the VFs")
        await driven.press("f8")
        await driven.until("Review and apply")
        await driven.press("f7")
        await driven.until("step 1/6")
        assert driven.app.state == machine.evaluate(machine.state.choices)


async def test_only_a_person_knows() -> None:
    asked: list[tuple[str, dict[str, str]]] = []
    async with opened(fake(), **told(MENDABLE, asked)) as driven:
        await driven.press("f9")
        await to_trouble(driven)
        await driven.press("down", "down", "enter")
        await driven.until("Does this VM use a VF?")
        await driven.tab_to("answer-1")
        await driven.press("enter")
        await driven.until("Only some of the VFs")
    assert asked == [("bond", {}), ("bond", {"uses-vf": "yes"})]


async def test_no_answer_is_no_cause() -> None:
    asked: list[tuple[str, dict[str, str]]] = []
    async with opened(fake(), **told(MENDABLE, asked)) as driven:
        await driven.press("f9")
        await to_trouble(driven)
        await driven.press("enter")
        await driven.until("Does this VM use a VF?")
        await driven.press("escape")
        await driven.until("No cause was found")
    assert len(asked) == 1


@pytest.mark.parametrize("mode", ["real", "read-only"])
async def test_a_view_that_cannot_write_mends_nothing(mode: str) -> None:
    async with opened(fake(facts=without_cards(), mode=mode), **told(MENDABLE)) as driven:
        assert "F4 Trouble" in driven.picture, "the welcome screen"
        await to_trouble(driven)
        await driven.press("enter")
        picture = await driven.until("Only some of the VFs")
        assert ("Fix it" in picture) is (mode == "real")
        await driven.press("escape")
        assert driven.name == "HomeScreen"


async def test_what_is_not_known_is_said_and_machine_text_is_no_markup() -> None:
    advice = Advice(
        looked=("firmware.no-vfs", "card.no-sriov"),
        unknown=(verbatim("T01: [/] cannot be seen"),),
        paste=("QEMU", "[bold]ip"),
    )
    async with opened(fake(), **told(advice)) as driven:
        await driven.press("f9")
        await to_trouble(driven)
        await driven.press("enter")
        picture = await driven.until("No cause was found; 2 were looked at.")
        assert "T01: [/] cannot be seen" in picture
        await driven.tab_to("close")
        await driven.press("enter")
        assert driven.name == "HardwareScreen"


async def test_a_pasted_message_is_looked_for_with_all_its_lines() -> None:
    asked: list[tuple[str, dict[str, str]]] = []
    async with opened(fake(), **told(Advice(looked=("a.b",)), asked)) as driven:
        await to_trouble(driven)
        driven.app.screen.query_one("#said").focus()
        driven.app.screen.query_one("#said").post_message(Paste("$ echo 7 > sriov_numvfs\nwrite error: Device busy\n"))
        await driven.settle()
        assert "write error: Device busy" in driven.picture
        await driven.press("enter")
        await driven.until("No cause was found; 1 was looked at.")
    assert asked == [("$ echo 7 > sriov_numvfs\nwrite error: Device busy", {})]


async def test_what_is_open_on_the_host_stands_where_no_cause_is() -> None:
    advice = Advice(looked=("a.b",), elsewhere=(CAUSE,), near=(("bond", verbatim("A bond is not offloaded")),))
    async with opened(fake(), **told(advice)) as driven:
        await to_trouble(driven)
        await driven.press("enter")
        picture = await driven.until("something is wrong on this host")
        assert "FAIL vf.partial: Only some of the VFs are there." in picture
        assert "Fix: Make all VFs." in picture
        assert "bond: A bond is not offloaded" in picture


@pytest.mark.parametrize("keys", [(), ("f2",), ("f3",), ("f1",), ("f9",), ("f8",)])
async def test_f4_works_from_every_screen(keys: tuple[str, ...]) -> None:
    async with opened(fake(), **told(MENDABLE)) as driven:
        if keys:
            await driven.press(*keys)
        await to_trouble(driven)
