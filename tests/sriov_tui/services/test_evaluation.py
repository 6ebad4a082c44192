"""An evaluation takes as much work again for as many cards again: counted in calls, not in time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sriov_tui.facts import HostFacts
from sriov_tui.model import Choices
from sriov_tui.services.evaluation import evaluate
from tests.many_cards import SHAPES, calls, many_cards

SMALL, SLACK = 24, 1.05


def work(host: tuple[HostFacts, Choices]) -> int:
    return calls(lambda: evaluate(*host))


def fresh(facts: HostFacts, choices: Choices) -> tuple[HostFacts, Choices]:
    """The same without anything that is kept with them."""
    return replace(facts), replace(choices)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_work_of_an_evaluation_grows_as_the_cards_do(shape: str) -> None:
    """The second as many cards cost what the first cost, and so do the next: a quadratic part would show twice."""
    evaluate(*many_cards(SMALL, shape))  # imports and compiles what the first use does
    few, some, many = (work(many_cards(count, shape)) for count in (SMALL, 2 * SMALL, 4 * SMALL))
    assert many - some <= 2 * (some - few) * SLACK


@pytest.mark.parametrize("shape", SHAPES)
def test_every_card_is_judged(shape: str) -> None:
    facts, choices = many_cards(SMALL, shape)
    state = evaluate(facts, choices)
    assert not [finding.id for finding in state.findings if finding.id.endswith(".crashed")]
    assert {nic.address for nic in choices.nics} <= {finding.subject for finding in state.findings}


def test_the_same_facts_are_judged_alike_however_often() -> None:
    """What is kept with the facts is kept for the choices that it was asked for."""
    facts, choices = many_cards(2)
    first, nothing = evaluate(facts, choices), evaluate(facts, Choices())
    assert evaluate(facts, choices) == first
    assert evaluate(*fresh(facts, choices)) == first
    assert evaluate(*fresh(facts, Choices())) == nothing
