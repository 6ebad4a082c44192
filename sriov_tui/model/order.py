"""The order of the steps of a plan, and the place of its reboot."""

from __future__ import annotations

import graphlib
import heapq
from collections.abc import Mapping

from sriov_tui.message import say
from sriov_tui.model.plans import Step


def ordered(steps: tuple[Step, ...]) -> tuple[tuple[Step, ...], int | None]:
    """Steps in the order of a plan, and how many come before its reboot, None where it has none.

    Those that need a reboot come first, with what they need; then the rest; then those that wait for it. Steps that
    wait for each other are a bug in a check (ValueError).
    """
    by_id = {step.id: step for step in steps}
    needs = {step.id: [name for name in step.after if name in by_id] for step in steps}
    ids = _stable(needs)
    reboots = {step.id for step in steps if step.disrupts == "reboot"}
    if not reboots:
        return tuple(by_id[name] for name in ids), None
    waits: set[str] = set()
    for name in ids:
        if any(need in waits or (need in reboots and name not in reboots) for need in needs[name]):
            waits.add(name)
    first: set[str] = set()
    for name in reversed(ids):
        if name not in waits and (name in reboots or name in first):
            first |= {name, *needs[name]}
    parts = ([n for n in ids if n in first], [n for n in ids if n not in first | waits], [n for n in ids if n in waits])
    return tuple(by_id[name] for part in parts for name in part), len(parts[0]) + len(parts[1])


def _stable(needs: Mapping[str, list[str]]) -> list[str]:
    """A topological order that keeps the given one wherever it may."""
    sorter = graphlib.TopologicalSorter(needs)
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        raise ValueError(say("steps wait for each other: {args}", args=" -> ".join(error.args[1]))) from error
    place = {name: index for index, name in enumerate(needs)}
    names, heap, ordered = list(needs), [place[name] for name in sorter.get_ready()], []
    heapq.heapify(heap)
    while heap:
        name = names[heapq.heappop(heap)]
        ordered.append(name)
        sorter.done(name)
        for ready in sorter.get_ready():
            heapq.heappush(heap, place[ready])
    return ordered
