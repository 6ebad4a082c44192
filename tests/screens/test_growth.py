"""The table of all cards takes as much work again for as many cards again: counted in lines, not in time."""

from __future__ import annotations

from screens.hardware import row
from sriov_tui.model import State
from tests.many_cards import lines, many_cards

SMALL, SLACK = 24, 1.05


def test_the_work_of_the_hardware_table_grows_as_the_cards_do() -> None:
    def work(count: int) -> int:
        facts, choices = many_cards(count, "used")
        state = State(facts=facts, choices=choices)
        facts.link(""), facts.links_of("")  # the indexes are there
        return lines(lambda: [row(state, pf) for pf in facts.pfs or ()])

    work(SMALL)  # what the first use alone does
    few, some, many = (work(count) for count in (SMALL, 2 * SMALL, 4 * SMALL))
    assert many - some <= 2 * (some - few) * SLACK
