"""What a check says of a host: findings with evidence and a fix, and what an id is about."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sriov_tui.message import NOTHING, Message, Text, lines


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

    source: Text
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """How a finding is mended: by hand (`manual`), or by the steps with these ids; `verify` tells how to see it."""

    title: Message
    manual: Message = NOTHING
    steps: tuple[str, ...] = ()
    verify: Message = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One statement of one check about one subject.

    `id` is `<module>.<topic>`, stable and never translated; where findings of one id differ in what they are about,
    `topic` says which it is, for troubleshooting: nothing is ever decided by a sentence. `subject` is a PCI address, a
    `file:line` or "host". A finding that `blocks` keeps the wizard from going on.
    """

    id: str
    level: Level
    title: Message
    subject: str = "host"
    detail: Message = NOTHING
    evidence: tuple[Evidence, ...] = ()
    fix: Fix | None = None
    blocks: bool = False
    topic: str = ""

    @property
    def key(self) -> str:
        """The id and the subject: unique in one set of findings."""
        return f"{self.id} {self.subject}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What the findings of one id are about, on whatever host.

    `means` says what is looked at, and when it is not OK; `matters` what goes wrong otherwise;
    `fix` what a person does; `source` where the knowledge is from.
    """

    id: str
    title: Message
    means: Message
    matters: Message
    fix: Message
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
        detail = lines(first.detail, second.title, second.detail)
        by_key[finding.key] = replace(first, detail=detail, blocks=first.blocks or second.blocks)
    yield from by_key.values()
