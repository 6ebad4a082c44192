"""What grows: VFs in an evaluation, and cards in the table of step 1. The work is counted in lines, beside the time."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from screens.hardware import row
from sriov_tui.cli import COLLECTOR
from sriov_tui.model import State
from sriov_tui.services.evaluation import evaluate
from tests.bench.table import Result, Row, seconds
from tests.many_cards import lines, many_cards, with_vfs

CARDS = (4, 16, 64, 256)
VFS, PORTS = (1, 127, 508), 8  # of each of so many ports: 8 to 4,064


def measure() -> Iterator[Result]:
    """Each size beside the smallest."""
    gc.set_threshold(*COLLECTOR)  # as in the program
    yield from grown("evaluation of {} VFs, all chosen", [(PORTS * count, with_so_many(count)) for count in VFS])
    yield from grown("the table of step 1 with {} cards", [(count, table_of(count)) for count in CARDS])


def grown(what: str, acts: list[tuple[int, Callable[[], Callable[[], object]]]]) -> Iterator[Row]:
    """A row for each size; an act is prepared anew each time, so that nothing is kept from before."""
    acts[0][1]()()  # what the first use alone does
    first = lines(acts[0][1]()) / acts[0][0]
    for size, prepare in acts:
        work, act = lines(prepare()), prepare()
        begin = time.process_time()
        act()
        took = time.process_time() - begin
        yield Row(
            what=what.format(f"{size:,}"),
            ours=f"{seconds(took)}, {work:,} lines",
            other=f"{work / size:,.0f} lines for one",
            ratio=work / size / first,
            goal="at most 1.1: nothing above linear",
            met=work / size / first <= 1.1,
        )


def with_so_many(count: int) -> Callable[[], Callable[[], object]]:
    """The evaluation of a host whose ports have so many VFs each."""

    def prepare() -> Callable[[], object]:
        facts, choices = many_cards(PORTS)
        pfs = tuple(with_vfs(pf, count) if pf.mellanox else pf for pf in facts.pfs or ())
        facts = replace(facts, pfs=pfs)
        return lambda: evaluate(facts, choices)

    return prepare


def table_of(count: int) -> Callable[[], Callable[[], object]]:
    """The rows of the table of so many cards."""

    def prepare() -> Callable[[], object]:
        facts, choices = many_cards(count, "used")
        state = State(facts=facts, choices=choices)
        return lambda: [row(state, pf) for pf in facts.pfs or ()]

    return prepare
