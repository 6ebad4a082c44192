"""What a check says of a host: findings with evidence and a fix, and what an id is about."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace


class Level(enum.IntEnum):
    """How bad a finding is. Serialised by name; the gaps leave room without renumbering."""

    OK = 0
    INFO = 25
    WARN = 50
    SKIP = 100
    FAIL = 200


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was read and where: a path or a command line, and its text."""

    source: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """How a finding is mended: by hand (`manual`), or by the steps with these ids; `verify` tells how to see it."""

    title: str
    manual: str = ""
    steps: tuple[str, ...] = ()
    verify: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One statement of one check about one subject.

    `id` is `<module>.<topic>`, stable and never translated; `subject` is a PCI address, a
    `file:line` or "host". A finding that `blocks` keeps the wizard from going on.
    """

    id: str
    level: Level
    title: str
    subject: str = "host"
    detail: str = ""
    evidence: tuple[Evidence, ...] = ()
    fix: Fix | None = None
    blocks: bool = False

    @property
    def key(self) -> str:
        """The id and the subject: unique in one set of findings."""
        return f"{self.id} {self.subject}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What the findings of one id are about, on whatever host.

    `means` says what is looked at, and when it is not OK; `matters` what goes wrong otherwise;
    `mend` what a person does; `source` where the knowledge is from.
    """

    id: str
    title: str
    means: str
    matters: str
    mend: str
    source: str


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
