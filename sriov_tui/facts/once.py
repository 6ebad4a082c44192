"""Answers that many ask for, computed once: kept with the facts that they are about, and gone with them.

Facts are frozen, and are compared by identity here: so what is kept cannot go stale.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from sriov_tui.facts.host import HostFacts
from sriov_tui.facts.pci import Pf

Answer = TypeVar("Answer")
Rest = ParamSpec("Rest")


def once_for_facts(compute: Callable[[HostFacts], Answer]) -> Callable[[HostFacts], Answer]:
    """`compute`, carried out once for the same facts. Its answer is shared: it must not be changed."""

    @wraps(compute)
    def ask(facts: HostFacts) -> Answer:
        if compute not in facts.kept:
            facts.kept[compute] = compute(facts)
        answer: Answer = facts.kept[compute]
        return answer

    return ask


def once_for_pf(
    compute: Callable[Concatenate[HostFacts, Pf, Rest], Answer],
) -> Callable[Concatenate[HostFacts, Pf, Rest], Answer]:
    """`compute`, carried out once for the same facts, port and other arguments, which can be hashed."""

    @wraps(compute)
    def ask(facts: HostFacts, pf: Pf, /, *args: Rest.args, **kwargs: Rest.kwargs) -> Answer:
        kept = facts.kept.setdefault(compute, {})
        key = (pf.address, args, *kwargs.items())
        if key not in kept or kept[key][0] is not pf:
            kept[key] = pf, compute(facts, pf, *args, **kwargs)
        answer: Answer = kept[key][1]
        return answer

    return ask
