"""The knowledge: causes of trouble as data, judged purely, in an order in which the first found is the cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from checks.troubleshooting import agent, binding, driver, firmware, iommu, network, offload, vfs
from checks.troubleshooting.cause import PASTED, Case, Entry, Judgement, Pattern
from checks.troubleshooting.symptoms import SYMPTOMS, Symptom, find
from sriov_tui.message import join, say
from sriov_tui.model import Fix
from sriov_tui.model.advice import Question

__all__ = [
    "ENTRIES", "ORDER", "PASTED", "SYMPTOMS", "Case", "Diagnosis", "Entry", "Found", "Judgement", "Pattern", "Question",
    "Symptom", "diagnose", "entry", "find", "speaking_of",
]  # fmt: skip

ORDER = (
    # What keeps others from being seen: the rights, the file, names and drivers that are gone, the host-agent's start.
    "T03", "T04", "H03", "H01", "T37", "T07", "H02",
    # A text of these proves its cause whatever else is so.
    "T21", "T39", "T40", "T41", "T42", "T43", "T44", "T45", "T46", "T60", "T48", "T50", "T52",
    # The IOMMU from the firmware up, each before what follows from it.
    "T22", "T16", "T20", "T18", "T19", "T17", "T63", "T67", "T24", "T23", "T27", "T26",
    # The card: its name and place, its driver, its firmware.
    "T33", "T49", "T47", "T01", "T02", "T08", "P19", "T38", "T34", "T36", "T35", "T65",
    # Making VFs; the room for them before their number.
    "T12", "T13", "T11", "P08", "T14", "T09", "T61", "T62", "P10", "P09", "T31", "T10", "T05", "T32", "T06", "T15",
    # The driver of the VFs.
    "T66", "T28", "H06", "T25", "T29", "H05", "H08", "T30",
    # Offload: the card, the bond, then the settings in the order of a packet.
    "P03", "T51", "T55", "T56", "T54", "T53", "T58", "T57", "H07", "T59",
    # What is left when all of that is in order.
    "T64", "P16", "T68",
)  # fmt: skip
_MODULES = (firmware, iommu, vfs, binding, agent, driver, offload, network)
ENTRIES: tuple[Entry, ...] = tuple(
    sorted((entry for module in _MODULES for entry in module.ENTRIES), key=lambda entry: ORDER.index(entry.id))
)


@dataclass(frozen=True, slots=True)
class Found:
    """An entry with what was found of it on this host."""

    entry: Entry
    judgement: Judgement

    @property
    def fix(self) -> Fix:
        """How it is mended here: the entry's fix, made more exact by what this host shows."""
        own, here = self.entry.fix, self.judgement.fix
        if here is None:
            return own
        manual = join("\n", dict.fromkeys((here.manual, own.manual)))
        return Fix(title=here.title, manual=manual, steps=here.steps or own.steps, verify=here.verify or own.verify)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """The cause, what else is so, the one question that would decide, and what cannot be known.

    `looked` are the ids of all entries that were judged, in order; `texts` where a text could be pasted from.
    """

    symptom: Symptom | None = None
    cause: Found | None = None
    also: tuple[Found, ...] = ()
    ask: Question | None = None
    unknown: tuple[Found, ...] = ()
    looked: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


def entry(id: str) -> Entry | None:
    """The entry of this id, in any case."""
    return next((one for one in ENTRIES if one.id == id.upper()), None)


def speaking_of(lines: Sequence[str]) -> tuple[Entry, ...]:
    """The entries that one of these lines speaks of."""
    return tuple(one for one in ENTRIES if any(p.matches(line) for line in lines for p in one.patterns))


def diagnose(case: Case, symptom: Symptom | None = None, only: str = "") -> Diagnosis:
    """Judge what comes into question, in order: one entry, those of pasted lines, of the symptom, or all."""
    pasted = speaking_of([line for where, line in case.lines if where == PASTED])
    ids = {only} if only else {one.id for one in pasted}
    ids = ids or set(symptom.candidates(_branch(case, symptom)) if symptom else ORDER)
    candidates = [one for one in ENTRIES if one.id in ids]
    judged = [Found(one, _judged(one, case)) for one in candidates]
    causes = [one for one in judged if one.judgement.found]
    unknown = tuple(one for one in judged if one.judgement.found is None and (one.judgement.tells or one.judgement.ask))
    asked = [one.judgement.ask for one in unknown if one.judgement.ask]
    if symptom and symptom.ask and symptom.ask.key not in case.answers and not pasted:
        asked.insert(0, symptom.ask)
    places = dict.fromkeys(p.where for one in candidates for p in one.patterns if p.where not in _READ)
    return Diagnosis(
        symptom=symptom,
        cause=causes[0] if causes else None,
        also=tuple(causes[1:]),
        ask=asked[0] if asked and not causes else None,
        unknown=unknown,
        looked=tuple(one.id for one in candidates),
        texts=tuple(places),
    )


_READ = (say("the kernel log"), "ovs-vswitchd.log")


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
