"""Evaluating a host with every card chosen, as keys of the wizard do: what a card costs, from 4 to 256 of them."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Iterator

from sriov_tui.cli import COLLECTOR
from sriov_tui.services.evaluation import evaluate
from tests.bench.table import Result, Row, seconds
from tests.many_cards import calls, many_cards

SIZES, ROUNDS = (4, 16, 64, 256), 5
GOAL_SECONDS = 0.1


def measure() -> Iterator[Result]:
    """Each size beside the smallest: the time of a card, and its work in calls, which no busy machine disturbs.

    Half of the cards shall offload. host.conf is edited and read anew each time, since every round has other wires.
    """
    gc.set_threshold(*COLLECTOR)  # as in the program
    times: dict[int, list[float]] = {size: [] for size in SIZES}
    for round in range(ROUNDS + 1):
        for size in SIZES:
            took = timed(size, f"round{round}")
            times[size] += [took] if round else []
    work = {size: counted(size) for size in SIZES}
    for size in SIZES:
        took = statistics.median(times[size])
        yield Row(
            what=f"evaluation of {size} cards, all chosen",
            ours=f"{seconds(took)}, {work[size]:,} calls",
            other=f"{seconds(took / size)}, {work[size] // size:,} calls a card",
            ratio=(work[size] / size) / (work[SIZES[0]] / SIZES[0]),
            goal=f"below {seconds(GOAL_SECONDS)}" if size == SIZES[-1] else "",
            met=took < GOAL_SECONDS if size == SIZES[-1] else None,
        )


def counted(size: int) -> int:
    """The calls of one evaluation."""
    host = many_cards(size, wire="counted")
    return calls(lambda: evaluate(*host))


def timed(size: int, wire: str) -> float:
    """The seconds of the processor that one evaluation takes."""
    facts, choices = many_cards(size, wire=wire)
    begin = time.process_time()
    evaluate(facts, choices)
    return time.process_time() - begin
