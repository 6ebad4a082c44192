"""What troubleshooting hands out, as plain data: to the command line, to JSON and to the screen."""

from __future__ import annotations

from dataclasses import dataclass

from sriov_tui.message import NOTHING, Message, Text
from sriov_tui.model import Finding, Level, Plan


@dataclass(frozen=True, slots=True)
class Question:
    """What only a person knows: a key for `--answer`, the question, and the answers (none = any text)."""

    key: str
    text: Message
    answers: tuple[str, ...] = ("yes", "no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """The cause of a trouble as a finding (its id is the entry's), or what keeps it from being named.

    `also` are other causes of it that are there too; `elsewhere` what is wrong on this host besides: causes that the
    words do not speak of and, where there is no cause, the open findings of the audit. `near` are the ids and titles
    nearest to words that are not understood; `advice` is what holds of the symptom on every host. `unknown` is what
    cannot be seen and what would tell; `paste` the programs whose messages would say more; `looked` the causes that
    were judged; `plan` fixes the cause, and is empty where no step does; `diff` is what it changes in host.conf.
    """

    symptom: Text = ""
    advice: Message = NOTHING
    cause: Finding | None = None
    source: str = ""
    also: tuple[Finding, ...] = ()
    elsewhere: tuple[Finding, ...] = ()
    near: tuple[tuple[str, Message], ...] = ()
    ask: Question | None = None
    unknown: tuple[Message, ...] = ()
    paste: tuple[Text, ...] = ()
    looked: tuple[str, ...] = ()
    plan: Plan = Plan()
    diff: str = ""

    @property
    def trouble(self) -> bool:
        """Whether there is something to do or to answer: a cause, a question, or a finding that the host fails."""
        return bool(self.cause or self.ask or any(one.level is Level.FAIL for one in self.elsewhere))
