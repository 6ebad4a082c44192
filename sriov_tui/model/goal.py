"""Whether the goal of a run stands: VFs that can be given away one by one, and a host-agent that will report them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sriov_tui.late import regex
from sriov_tui.model.choices import Choices
from sriov_tui.model.findings import Finding, Level

_ADDRESS = regex(r"[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]")


def still_open(choices: Choices, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What keeps the chosen cards from being ready, the worst first: as in an audit, without that of other cards.

    A FAIL, what blocks, and what could not be seen. () where no card is chosen: then there is no such goal.
    """
    if not _mine(choices):
        return ()
    counts = [finding for finding in of_chosen(choices, findings) if finding.level >= Level.SKIP or finding.blocks]
    return tuple(sorted(counts, key=lambda finding: -finding.level))


def of_chosen(choices: Choices, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings without those of cards that are not chosen."""
    mine = _mine(choices)
    return (finding for finding in findings if finding.subject in mine or not _ADDRESS.fullmatch(finding.subject))


def _mine(choices: Choices) -> set[str]:
    return {choice.address for choice in choices.chosen} | {port for bond in choices.bonds for port in bond.ports}
