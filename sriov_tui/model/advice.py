"""What troubleshooting hands out, as plain data: to the command line, to JSON and to the screen."""

from __future__ import annotations

from dataclasses import dataclass

from sriov_tui.message import Message, Text
from sriov_tui.model import Finding, Plan


@dataclass(frozen=True, slots=True)
class Question:
    """What only a person knows: a key for `--answer`, the question, and the answers (none = any text)."""

    key: str
    text: Message
    answers: tuple[str, ...] = ("yes", "no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """The cause of a trouble as a finding (its id is the entry's), or what keeps it from being named.

    `also` are other causes that are there too; `unknown` what cannot be seen and what would tell; `paste` the
    programs whose messages would say more; `looked` the entries that were judged; `plan` mends the cause, and is
    empty where no step does; `diff` is what it changes in host.conf.
    """

    symptom: str = ""
    cause: Finding | None = None
    source: str = ""
    also: tuple[Finding, ...] = ()
    ask: Question | None = None
    unknown: tuple[Message, ...] = ()
    paste: tuple[Text, ...] = ()
    looked: tuple[str, ...] = ()
    plan: Plan = Plan()
    diff: str = ""
