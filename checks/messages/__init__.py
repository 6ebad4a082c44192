"""Every message that is known, by families: rows of data, those of one program or layer in a module.

The lines of a row are what a test holds it to. What drivers say when they refuse VFs is in the table of drivers.
"""

from __future__ import annotations

import re

from checks.messages import cards, cloudpods, guests, installing, making, offloading
from checks.messages.pattern import KERNEL, Pattern
from sriov_tui.cards import reactions
from sriov_tui.cards.driver import When
from sriov_tui.facts import grouped

REFUSALS: tuple[tuple[When, str], ...] = (
    ("down", "vf.port-down"), ("resetting", "card.busy"), ("safe-mode", "card.safe-mode"), ("busy", "card.busy"),
    ("no-resources", "vf.fewer-made"), ("assigned", "vf.held"),
)  # fmt: skip


def _refused(when: When, cause: str) -> tuple[Pattern, ...]:
    """The lines that drivers leave in the kernel log when they refuse in this situation."""
    logs: dict[str, list[str]] = {}
    source = ""
    for driver, reaction in reactions(when):
        logs.setdefault(reaction.log, []).append(driver.name)
        source = source or f"Linux drivers/net/ethernet/{driver.source}"
    return tuple(
        Pattern(cause, re.escape(log), KERNEL, "Linux 6.12", source,
                (*(f"{name} 0000:3b:00.0: {log}" for name in names), f"kernel: {names[0]} 0000:65:00.1: {log}"))
        for log, names in logs.items()
    )  # fmt: skip


MESSAGES: tuple[Pattern, ...] = (
    *(one for module in (making, cards, guests, offloading, installing, cloudpods) for one in module.MESSAGES),
    *(one for when, cause in REFUSALS for one in _refused(when, cause)),
)


_BY_CAUSE = grouped(MESSAGES, lambda one: one.cause)


def of(cause: str) -> tuple[Pattern, ...]:
    """The messages that speak of a cause."""
    return _BY_CAUSE.get(cause, ())
