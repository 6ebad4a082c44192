"""As `sriov_tui.facts.once`, for answers that are about the choices, too."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from sriov_tui.facts import HostFacts
from sriov_tui.model.choices import Choices

Answer = TypeVar("Answer")


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
