"""The few ways in which entries judge: by a finding, by a card, by the verdict on the IOMMU, by an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from checks.platform.iommu_verdict import WORDS, Word, verdict
from checks.troubleshooting.cause import NOT, Case, Judge, Judgement
from checks.unseen import look_again
from sriov_tui.facts import Pf
from sriov_tui.message import Message, Text, say, sentences, verbatim
from sriov_tui.model import Evidence, Level
from sriov_tui.model.advice import Question

AT = "/sys/bus/pci/devices"
BAD = (Level.WARN, Level.FAIL)


def by_finding(*ids: str, levels: tuple[Level, ...] = BAD, topic: str = "") -> Judge:
    """What the audit found already: its evidence, its sentence and its fix; a SKIP of it leaves this unknown."""

    def judge(case: Case) -> Judgement:
        mine = [f for f in case.findings if f.id in ids]
        for finding in mine:
            if finding.level in levels and topic in ("", finding.topic):
                evidence = finding.evidence or (Evidence(finding.subject, finding.title),)
                subject = finding.subject if case.facts.pf(finding.subject) else ""
                return Judgement(found=True, subject=subject, evidence=evidence, here=finding.title, fix=finding.fix)
        skipped = next((f for f in mine if f.level is Level.SKIP), None)
        if skipped is not None:
            return Judgement(found=None, tells=sentences(skipped.title, skipped.fix.title if skipped.fix else ""))
        return NOT

    return judge


def by_card(look: Callable[[Case, Pf], str | None]) -> Judge:
    """The first card of which `look` has something to say: a sentence if so, "" if not, None if it cannot be seen."""

    def judge(case: Case) -> Judgement:
        unknown = None
        for pf in case.pfs:
            said = look(case, pf)
            if said:
                name = f"{pf.address} {pf.netdev}".strip()
                evidence = (Evidence(f"{AT}/{pf.address}", said),)
                return Judgement(found=True, subject=pf.address, evidence=evidence, here=verbatim(f"{name}: {said}."))
            unknown = pf if said is None else unknown
        if unknown is not None or case.facts.pfs is None:
            return Judgement(
                found=None, tells=sentences(say("This cannot be seen of the card."), look_again(case.facts, AT).title)
            )
        return NOT

    return judge


def by_verdict(*words: Word) -> Judge:
    """The state of the IOMMU, as the audit tells it in iommu.active."""

    def judge(case: Case) -> Judgement:
        state = verdict(case.facts)
        if state.word in words:
            about = "iommu.firmware" if state.word == "off in firmware" else "iommu.active"
            fix = next((f.fix for f in case.findings if f.id == about), None)
            return Judgement(
                found=True, evidence=state.evidence, here=say("The IOMMU is {word}.", word=WORDS[state.word]), fix=fix
            )
        return Judgement(found=None, tells=state.tells) if state.word == "unknown" else NOT

    return judge


def by_answer(question: Question, *yes: str, given: Judge | None = None) -> Judge:
    """What a person says; asked only where the facts in `given` leave it open."""

    def judge(case: Case) -> Judgement:
        facts = given(case) if given else Judgement(found=True)
        if not facts.found:
            return facts
        answer = case.answers.get(question.key)
        if answer is None:
            return Judgement(found=None, ask=question, tells=question.text, evidence=facts.evidence)
        if answer not in (yes or ("yes",)):
            return NOT
        said = Evidence("your answer", f"{question.text} {answer}")
        return replace(facts, evidence=(*facts.evidence, said))

    return judge


def first_of(*judges: Judge) -> Judge:
    """The first of several that finds; else the first that cannot tell."""

    def judge(case: Case) -> Judgement:
        judged = [one(case) for one in judges]
        found = next((one for one in judged if one.found), None)
        return found or next((one for one in judged if one.found is None), NOT)

    return judge


def fact(look: Callable[[Case], tuple[Text, Text, Message] | None]) -> Judge:
    """One look at the facts: (source, what it says, the sentence about this host), or None where it is not so."""

    def judge(case: Case) -> Judgement:
        said = look(case)
        if said is None:
            return NOT
        source, text, here = said
        return Judgement(found=True, evidence=(Evidence(source, text),), here=here)

    return judge
