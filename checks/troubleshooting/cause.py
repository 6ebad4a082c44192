"""What an entry of the knowledge is: a cause, the texts that speak of it, how it is judged, and how it is mended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from checks.messages import of
from checks.messages.pattern import AGENT, KERNEL, PASTED, VSWITCHD, Pattern
from checks.unseen import look_again
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.message import NOTHING, Message, say, sentences
from sriov_tui.model import Choices, Evidence, Finding, Fix, Step, Use
from sriov_tui.model.advice import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Whether a cause is there (None = unknown), what was read, and what this host says of it in a sentence.

    `subject` is a card's address where it is about one; `fix` is more exact than the entry's own; `tells` says for
    unknown what would tell, `ask` what a person could.
    """

    found: bool | None
    subject: str = ""
    evidence: tuple[Evidence, ...] = ()
    here: Message = NOTHING
    fix: Fix | None = None
    tells: Message = NOTHING
    ask: Question | None = None


NOT = Judgement(found=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything that is known of one host's trouble: what was read, what is wanted, what a person said.

    `lines` are (where, line) of the logs that were read and of what was pasted.
    """

    facts: HostFacts
    choices: Choices = Choices()
    findings: tuple[Finding, ...] = ()
    steps: tuple[Step, ...] = ()
    symptom: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)  # the texts by place

    @property
    def pfs(self) -> tuple[Pf, ...]:
        """The cards that this is about: the chosen ones, else all that can do SR-IOV, else all."""
        pfs = self.facts.pfs or ()
        chosen = tuple(pf for pf in pfs if self.wanted(pf) != "leave")
        return chosen or tuple(pf for pf in pfs if pf.sriov_capable is not False) or pfs

    def wanted(self, pf: Pf) -> Use:
        """What host.conf, or the operator, wants of a card."""
        return self.choices.nic(pf.address).use

    @property
    def offloading(self) -> tuple[Pf, ...]:
        """The cards that shall offload; where none is named and the trouble is offload, those that have a switch."""
        named = tuple(pf for pf in self.facts.pfs or () if self.wanted(pf) == "offload")
        if named or self.symptom not in OFFLOAD_SYMPTOMS:
            return named
        return tuple(pf for pf in self.pfs if pf.eswitch is not None and pf.eswitch.mode)

    @property
    def about_offload(self) -> bool:
        """Whether offload is wanted, or is what the operator asks about."""
        return bool(self.offloading) or self.symptom in OFFLOAD_SYMPTOMS

    @property
    def text(self) -> str:
        """All that was pasted: what a line is worth depends on those around it."""
        return self._text_of(PASTED)

    def pasted(self, patterns: tuple[Pattern, ...]) -> Evidence | None:
        """The first line of these texts that a person pasted."""
        return next(self._matching(patterns, (PASTED,)), None)

    def seen(self, patterns: tuple[Pattern, ...]) -> Evidence | None:
        """The newest line of these texts, pasted or in a log; of a log only where the pattern belongs there."""
        logged = tuple(self._matching(patterns, (KERNEL, AGENT, VSWITCHD)))
        return self.pasted(patterns) or (logged[-1] if logged else None)

    def _matching(self, patterns: tuple[Pattern, ...], places: tuple[str, ...]) -> Iterator[Evidence]:
        able = {
            where: tuple(p for p in patterns if _stands_in(p, where) and p.may_be_in(self._text_of(where)))
            for where in places
        }
        text = self.text
        for where, line in self.lines if any(able.values()) else ():
            if any(p.matches(line, text if where == PASTED else "") for p in able.get(where, ())):
                yield Evidence(where, line)

    def _text_of(self, where: str) -> str:
        if where not in self.kept:
            self.kept[where] = "\n".join(line for place, line in self.lines if place == where)
        return self.kept[where]


def _stands_in(pattern: Pattern, where: str) -> bool:
    """Whether its program writes there: the kernel and Open vSwitch have their own logs, the agent's has the rest."""
    if where in (KERNEL, VSWITCHD):
        return pattern.where == where
    return where == PASTED or pattern.where not in (KERNEL, VSWITCHD)


OFFLOAD_SYMPTOMS = ("offload-flows",)
Judge = Callable[[Case], Judgement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One cause of trouble.

    `judge` looks at the facts alone. Where messages speak of it, too, `line` says how they go together: "and" needs
    the text and facts that do not speak against it; "or" is content with either; with "facts" a line of a log, which
    stays when its cause is gone, counts only where the facts cannot tell; "pasted" counts only what a person shows: a
    log that has it is no trouble.
    """

    id: str
    cause: Message
    fix: Fix
    source: str
    looks_at: Message = NOTHING
    judge: Judge | None = None
    line: Literal["and", "or", "facts", "pasted"] = "and"

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """The messages that speak of it."""
        return of(self.id)

    def judged(self, case: Case) -> Judgement:
        """Whether this is a cause of the trouble."""
        by_facts = self.judge(case) if self.judge else None
        if not self.patterns:
            return by_facts or NOT
        seen = case.pasted(self.patterns) if self.line == "pasted" else case.seen(self.patterns)
        if by_facts is None:
            return Judgement(found=True, evidence=(seen,)) if seen else self._unseen(case)
        if self.line == "facts" and by_facts.found is False:
            seen = case.pasted(self.patterns)
        if self.line != "and":
            return _with(Judgement(found=True) if seen and not by_facts.found else by_facts, seen)
        if seen is None:
            return NOT
        return _with(Judgement(found=True, tells=by_facts.tells) if by_facts.found is None else by_facts, seen)

    def _unseen(self, case: Case) -> Judgement:
        """No line is no proof; it is said where a log could not be read at all."""
        if case.facts.kernel.log is None and all(pattern.where == KERNEL for pattern in self.patterns):
            again = look_again(case.facts, "dmesg", "journalctl").title
            return Judgement(found=None, tells=sentences(say("The kernel log cannot be read."), again))
        return NOT


def _with(judgement: Judgement, seen: Evidence | None) -> Judgement:
    if seen is None:
        return judgement
    return replace(judgement, evidence=(seen, *judgement.evidence))


def by_text(id: str, cause: Message, fix: Message, verify: Message, *, logged: bool = True) -> Entry:
    """A cause that a message alone proves; `verify` is the command that shows more."""
    return Entry(
        id=id,
        cause=cause,
        fix=Fix(title=fix, verify=verify),
        source=f"{of(id)[0].source}.",
        looks_at=say("the messages of the programs"),
        line="and" if logged else "pasted",
    )
