"""What a plan does for the findings of a host, told alike by the review, `plan`, its JSON and the ticket."""

from __future__ import annotations

from dataclasses import replace

import pytest

from screens.review import review
from sriov_tui.message import verbatim
from sriov_tui.model import Choices, Finding, Fix, Level, NicChoice, State, Step
from sriov_tui.probe import gather
from sriov_tui.reports import run_json
from sriov_tui.reports.outlook import Outlook, groups, line, outlook
from sriov_tui.services.evaluation import evaluate
from tests import acs_machines, machines
from tests.future_scenes import Memory

FIRST = machines.FIRST
ONE = Choices(nics=(NicChoice(address=FIRST, use="sriov", bridge="br1", wire="wire1"),))


def state_of(*now: Finding, then: tuple[Finding, ...] = (), resolves: tuple[str, ...] = ()) -> State:
    """A plan with one step, and the findings before and after it."""
    step = Step(id="do", title=verbatim("Do"), why=verbatim(""), operations=(), resolves=resolves)
    plan = replace(State().plan, choices=ONE, steps=(step,))
    return State(choices=ONE, plan=plan, findings=now, foretell=lambda: then)


def finding(id: str, level: Level, subject: str = "host", blocks: bool = False) -> Finding:
    """One with nothing else in it."""
    return Finding(id=id, level=level, subject=subject, title=verbatim("So."), blocks=blocks)


def ids(found: Outlook) -> tuple[set[str], ...]:
    """The three groups by their keys."""
    return tuple({one.key for one in group} for group in (found.blocking, found.done, found.left))


def test_a_plan_that_switches_the_iommu_on_is_not_told_to_leave_nothing() -> None:
    """Seen: the review said that the host-agent will report no device, and the run then verified seven."""
    state = evaluate(gather(Memory(machines.iommu_off())), ONE)
    found = outlook(state)
    assert {"iommu.active host", "agent.iommu host", "agent.forecast host"} <= {one.key for one in found.done}
    assert (found.blocking, found.left) == ((), ())
    assert state.forecast[0] == "sriov_nics: the host-agent will report 7 devices."
    shown = [content.plain for content in review(state)]
    assert not any("no device" in text for text in shown[shown.index("Done by this plan:") + 12 :])
    assert "sriov_nics: the host-agent will report 7 devices." in shown


def test_what_a_plan_cannot_change_is_left_after_it() -> None:
    found = outlook(evaluate(gather(Memory(acs_machines.no_acs())), ONE))
    assert {one.id for one in found.left if one.level is Level.FAIL} == {"iommu.acs", "vfs.isolation"}


def test_every_reader_is_told_the_same() -> None:
    state = evaluate(gather(Memory(acs_machines.no_acs())), ONE)
    shown = [content.plain for content in review(state)]
    told = run_json.planned(state, ())
    for title, findings in groups(outlook(state)):
        start = shown.index(title) + 1
        assert shown[start : start + len(findings)] == [f"  {line(one)}" for one in findings]
    assert [one["id"] for one in told["left"]] == [one.id for one in outlook(state).left]
    assert {one["id"] for one in told["open"]} == {"iommu.acs", "vfs.isolation"}
    assert told["blocking"] == []


def test_a_finding_is_in_one_group() -> None:
    bad, fine = finding("a.x", Level.FAIL), finding("a.x", Level.OK)
    assert ids(outlook(state_of(bad, then=(fine,)))) == (set(), {"a.x host"}, set())
    assert ids(outlook(state_of(bad, then=(bad,)))) == (set(), set(), {"a.x host"})
    assert ids(outlook(state_of(fine, then=(bad,)))) == (set(), set(), {"a.x host"})
    stops = replace(bad, blocks=True)
    assert ids(outlook(state_of(stops, then=(stops,)))) == ({"a.x host"}, set(), set())


@pytest.mark.parametrize("promised", [False, True])
def test_what_can_be_seen_only_afterwards_is_not_called_left(promised: bool) -> None:
    """SKIP about the host that is expected says that nobody can know; only where it is so today, it stays."""
    bad, unseen = finding("a.x", Level.WARN), finding("a.x", Level.SKIP)
    resolves = ("a.x host",) if promised else ()
    done = {"a.x host"} if promised else set[str]()
    assert ids(outlook(state_of(bad, then=(unseen,), resolves=resolves))) == (set(), done, set())
    assert ids(outlook(state_of(unseen, then=(unseen,), resolves=resolves)))[2] == {"a.x host"} - done


def test_of_a_future_that_was_not_computed_nothing_is_called_done() -> None:
    bad = finding("a.x", Level.FAIL)
    assert ids(outlook(replace(state_of(bad), foretell=None))) == (set(), set(), {"a.x host"})


def test_a_line_that_the_plan_moves_is_the_same_finding() -> None:
    now = finding("hostconf.key", Level.WARN, "/etc/yunion/host.conf:7")
    then = replace(now, subject="/etc/yunion/host.conf:9", fix=Fix(title=verbatim("Remove it.")))
    assert ids(outlook(state_of(now, then=(then,)))) == (set(), set(), {then.key})


def test_cards_that_are_not_chosen_are_in_no_group() -> None:
    other = finding("vfs.count", Level.FAIL, machines.SECOND)
    assert ids(outlook(state_of(other, then=(other,)))) == (set(), set(), set())
