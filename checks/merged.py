"""One finding for each id and subject: what is found twice at one place is told in one finding's detail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sriov_tui.model import Finding


def merged(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings in order; of those that share a key the worst, with the titles of the others in its detail."""
    by_key: dict[str, Finding] = {}
    for finding in findings:
        other = by_key.get(finding.key)
        if other is None:
            by_key[finding.key] = finding
            continue
        first, second = (finding, other) if finding.level > other.level else (other, finding)
        detail = "\n".join(text for text in (first.detail, second.title, second.detail) if text)
        by_key[finding.key] = replace(first, detail=detail, blocks=first.blocks or second.blocks)
    yield from by_key.values()
