"""Answers that many ask for, computed once: kept with the facts that they are about, and gone with them.

Facts and choices are frozen, and are compared by identity here: so what is kept cannot go stale.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from sriov_tui.facts import HostFacts
from sriov_tui.model.choices import Choices

Answer = TypeVar("Answer")


def once_for_facts(compute: Callable[[HostFacts], Answer]) -> Callable[[HostFacts], Answer]:
    """`compute`, carried out once for the same facts. Its answer is shared: it must not be changed."""

    @wraps(compute)
    def ask(facts: HostFacts) -> Answer:
        if compute not in facts.kept:
            facts.kept[compute] = compute(facts)
        answer: Answer = facts.kept[compute]
        return answer

    return ask


def once_for_choices(compute: Callable[[HostFacts, Choices], Answer]) -> Callable[[HostFacts, Choices], Answer]:
    """`compute`, carried out once for the same facts and choices; of several choices the last ones are kept."""

    @wraps(compute)
    def ask(facts: HostFacts, choices: Choices) -> Answer:
        kept = facts.kept.get(compute)
        if kept is None or kept[0] is not choices:
            kept = facts.kept[compute] = (choices, compute(facts, choices))
        answer: Answer = kept[1]
        return answer

    return ask
