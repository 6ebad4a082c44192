"""The knowledge: causes of trouble as data, judged purely, in an order in which the first found is the cause."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from checks.messages.pattern import KERNEL, PASTED, VSWITCHD, Pattern
from checks.troubleshooting.cause import Case, Entry, Judgement
from checks.troubleshooting.causes import ENTRIES, ORDER, entry
from checks.troubleshooting.symptoms import SYMPTOMS, Symptom
from sriov_tui.message import Text, join, say
from sriov_tui.model import Fix
from sriov_tui.model.advice import Question

__all__ = [
    "ENTRIES", "ORDER", "PASTED", "SYMPTOMS", "Case", "Diagnosis", "Entry", "Found", "Judgement", "Pattern",
    "Question", "Symptom", "diagnose", "entry", "speaking_of",
]  # fmt: skip

IOMMU = (
    "bios.iommu-broken", "bios.iommu-off", "kernel.arguments-pending", "kernel.iommu-off", "kernel.iommu-not-requested",
)  # fmt: skip
BEHIND: dict[str, tuple[str, ...]] = {
    "vfio": (*IOMMU, "vf.no-autoprobe", "vf.other-driver"),
    "vf": (*IOMMU, "card.no-driver", "vf.no-autoprobe", "vf.partial"),
    "bios": IOMMU,
    "switchdev": ("switchdev.lx-order", "switchdev.kernel-driver"),
    "flow": ("flow.tc-fixed", "flow.setting", "flow.no-card"),
    "conf": ("conf.null-list", "conf.unreadable", "conf.entry", "conf.nic"),
    "platform": ("conf.null-list", "conf.unreadable", "conf.entry", "conf.nic"),
}  # fmt: skip
"""What a message of such a cause can stand for, where the host itself shows it: a message narrows the search, and
does not shut out what was read."""


@dataclass(frozen=True, slots=True)
class Found:
    """An entry with what was found of it on this host."""

    entry: Entry
    judgement: Judgement

    @property
    def fix(self) -> Fix:
        """How it is fixed here: the entry's fix, made more exact by what this host shows."""
        own, here = self.entry.fix, self.judgement.fix
        if here is None:
            return own
        manual = join("\n", dict.fromkeys((here.manual, own.manual)))
        return Fix(title=here.title, manual=manual, steps=here.steps or own.steps, verify=here.verify or own.verify)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """The cause, what else is so, the one question that would decide, and what cannot be known.

    `elsewhere` are causes that are there, but that neither the words nor the message speak of. `looked` are the ids
    of all entries that were judged for the words, in order; `texts` where a text could be pasted from.
    """

    symptom: Symptom | None = None
    cause: Found | None = None
    also: tuple[Found, ...] = ()
    elsewhere: tuple[Found, ...] = ()
    ask: Question | None = None
    unknown: tuple[Found, ...] = ()
    looked: tuple[str, ...] = ()
    texts: tuple[Text, ...] = ()


def speaking_of(lines: Sequence[str]) -> tuple[Entry, ...]:
    """The entries that one of these lines speaks of."""
    return _speaking_of(tuple(dict.fromkeys(lines)))


@functools.lru_cache(maxsize=2)
def _speaking_of(lines: tuple[str, ...]) -> tuple[Entry, ...]:
    text = "\n".join(lines)
    return tuple(
        one
        for one in ENTRIES
        if any(p.matches(line, text) for p in one.patterns if p.may_be_in(text) for line in lines)
    )


def diagnose(case: Case, symptom: Symptom | None = None, only: str = "") -> Diagnosis:
    """Judge the whole host, and choose the cause among what comes into question, in order.

    That is one entry, those that pasted lines speak of with what can be behind them, those of the symptom, or all.
    What else is found is told as well, so that a word or a line never hides what is wrong.
    """
    pasted = {one.id for one in speaking_of([line for where, line in case.lines if where == PASTED])}
    behind = {id for one in pasted for id in BEHIND.get(one.partition(".")[0], ())}
    ids = {only} if only else pasted | behind
    ids = ids or (_ids(symptom.candidates(_branch(case, symptom))) if symptom else set(ORDER))
    judged = [Found(one, _judged(one, case)) for one in ENTRIES if not only or one.id == only]
    asked_for = [one for one in judged if one.entry.id in ids]
    causes = [one for one in asked_for if one.judgement.found]
    unknown = tuple(
        one for one in asked_for if one.judgement.found is None and (one.judgement.tells or one.judgement.ask)
    )
    asked = [one.judgement.ask for one in unknown if one.judgement.ask]
    if symptom and symptom.ask and symptom.ask.key not in case.answers and not pasted:
        asked.insert(0, symptom.ask)
    return Diagnosis(
        symptom=symptom,
        cause=causes[0] if causes else None,
        also=tuple(causes[1:]),
        elsewhere=tuple(one for one in judged if one.judgement.found and one.entry.id not in ids),
        ask=asked[0] if asked and not causes else None,
        unknown=unknown,
        looked=tuple(one.entry.id for one in asked_for),
        texts=_places(one.entry for one in asked_for),
    )


def _ids(names: Sequence[str]) -> set[str]:
    """The ids that these name: a name that ends with a dot means all that begin so."""
    return {id for id in ORDER for name in names if id == name or (name.endswith(".") and id.startswith(name))}


def _places(entries: Iterable[Entry]) -> tuple[Text, ...]:
    """Whose messages would tell more, where they are not read anyway."""
    found = dict.fromkeys(pattern.where for one in entries for pattern in one.patterns)
    return tuple(where for where in found if where not in (KERNEL, VSWITCHD))


def _branch(case: Case, symptom: Symptom) -> str | None:
    return case.answers.get(symptom.ask.key) if symptom.ask else None


def _judged(one: Entry, case: Case) -> Judgement:
    """Its judgement; an entry that stumbles over what it meets is unknown, and hides no other."""
    try:
        return one.judged(case)
    except Exception as error:
        return Judgement(
            found=None,
            tells=say(
                "Internal error in the {id} check ({name}: {error}).",
                id=one.id,
                name=type(error).__name__,
                error=str(error),
            ),
        )
