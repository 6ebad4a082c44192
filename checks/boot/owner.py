"""`drift.owner`: who creates a card's VFs at boot, which file, how many, in which order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from checks.boot import correction, makers
from checks.boot.correction import ID
from checks.boot.makers import Act, Boot
from sriov_tui.facts import HostFacts, Pf, VfMaker
from sriov_tui.message import Message, lines, plural, say, verbatim
from sriov_tui.model import Choices, Evidence, Finding, Fix, Level

READ = Fix(title=say("Check these files as root for anything that writes sriov_numvfs."))
AGENT = say(
    "The host-agent needs all VFs or none: anything between is refused (EBUSY), and then it reports no device at all."
)


@dataclass(frozen=True, slots=True)
class Case:
    """A card with its number of VFs, and what the next boot leaves of it."""

    pf: Pf
    total: int
    wanted: bool
    boot: Boot


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """One for each chosen card, and for others that somebody gives VFs at boot."""
    corrections: dict[str, list[str]] = {}
    for step in correction.steps(facts, choices):
        for key in step.resolves:
            corrections.setdefault(key, []).append(step.id)
    for pf in facts.pfs or ():
        wanted = choices.nic(pf.address).use != "leave"
        total = correction.total_of(facts, choices, pf)
        if not total:
            continue
        boot = makers.next_boot(facts, pf, total, ours=wanted)
        if boot is None:
            if wanted:
                yield _unseen(pf, say("What creates its VFs at boot could not be read."), facts.vf_makers_unread)
        elif wanted or boot.foreign:
            steps = tuple(corrections.get(f"{ID} {pf.address}", ()))
            yield _finding(Case(pf, total, wanted, boot), facts.vf_makers_unread, steps)


def _finding(case: Case, unread: tuple[str, ...], steps: tuple[str, ...]) -> Finding:
    pf, boot = case.pf, case.boot
    partial = boot.count is not None and 0 < boot.count < case.total
    if not case.wanted:
        level, title = Level.INFO, _elsewhere(boot)
    elif partial:
        level = Level.FAIL
        title = say(
            "The next boot leaves {count} of {total} VFs, set by {who}: the host-agent would report no device of any "
            "card.",
            count=boot.count or 0,
            total=case.total,
            who=_last(boot),
        )
    elif boot.count is None or boot.possible:
        return replace(_unseen(pf, _unknown(boot), unread), evidence=_evidence(boot), detail=_order(boot))
    elif boot.count == 0:
        level, title = _none(boot)
    elif unread:
        return _unseen(pf, say("Not every file that may create VFs at boot could be read."), unread)
    elif odd := next((act for act in boot.foreign if act.asks and act.asks > case.total), None):
        level = Level.WARN
        title = say("{who} asks for {asks} VFs, and the card offers {total}.",
                    who=_who(odd.maker), asks=odd.asks or 0, total=case.total)  # fmt: skip
    else:
        level = Level.OK
        title = _fine(boot, case.total)
    return Finding(
        id="drift.owner",
        level=level,
        subject=pf.address,
        title=title,
        detail=lines(_order(boot), AGENT) if level is Level.FAIL else _order(boot),
        evidence=_evidence(boot),
        fix=_fix(case, steps) if level > Level.INFO else None,
    )


def _unseen(pf: Pf, title: Message, unread: tuple[str, ...]) -> Finding:
    evidence = tuple(Evidence(path, "could not be read") for path in unread[:8])
    return Finding(id="drift.owner", level=Level.SKIP, subject=pf.address, title=title, evidence=evidence, fix=READ)


def _unknown(boot: Boot) -> Message:
    vague = next((act.maker for act in boot.acts if act.asks is None), None)
    if vague:
        return say("{who} sets its number of VFs at boot, but the file does not show which number.", who=_who(vague))
    who = _who(boot.possible[0])
    return say("{who} sets a number of VFs at boot, but the file does not show for which card.", who=who)


def _elsewhere(boot: Boot) -> Message:
    if boot.count is None:
        return say("{who} sets VFs on this card at every boot.", who=_who(boot.foreign[-1].maker))
    return plural("The next boot leaves 1 VF on this card, set by {who}.", "The next boot leaves {count} VFs on this "
        "card, set by {who}.", boot.count, who=_last(boot))  # fmt: skip


def _none(boot: Boot) -> tuple[Level, Message]:
    if any(act.counts for act in boot.foreign):
        who = _last(boot)
        return Level.WARN, say("{who} removes its VFs at boot; they do not exist until the host-agent starts.", who=who)
    return Level.INFO, say("Nothing creates its VFs at boot; they do not exist until the host-agent starts.")


def _fine(boot: Boot, total: int) -> Message:
    if not boot.foreign:
        return say("Nothing else on this host sets its number of VFs at boot.")
    who = tuple(_who(act.maker) for act in boot.foreign)
    return say("All {total} VFs will exist after the next boot; they are also set by {who}.", total=total, who=who)


def _last(boot: Boot) -> Message:
    """Who made the number that stays."""
    acts = [act for act in boot.acts if act.counts] or list(boot.foreign)
    return _who(acts[-1].maker) if acts else say("nobody")


def _who(maker: VfMaker) -> Message:
    if not maker.line:
        return verbatim(f"{maker.path}: {maker.text}" if maker.text and not makers.is_ours(maker) else maker.path)
    if maker.runs:
        return say("{path} line {line} (started by {by})", path=maker.path, line=maker.line, by=maker.runs)
    return say("{path} line {line}", path=maker.path, line=maker.line)


def _order(boot: Boot) -> Message:
    """Each in its turn, and those that may have one."""
    if not boot.foreign and not boot.possible:
        return Message()
    return lines(say("In the order of the boot:"), *(_turn(act) for act in boot.acts), *map(_perhaps, boot.possible))


def _turn(act: Act) -> Message:
    who = _who(act.maker)
    if act.asks is None:
        return say("- {who}: unknown number", who=who)
    if act.counts:
        return say("- {who}: {asks}", who=who, asks=act.asks)
    if act.before == act.asks:
        return say("- {who}: {asks}, as before", who=who, asks=act.asks)
    return say("- {who}: {asks}, without effect", who=who, asks=act.asks)


def _perhaps(maker: VfMaker) -> Message:
    return say("- possibly {who}: unknown card", who=_who(maker))


def _evidence(boot: Boot) -> tuple[Evidence, ...]:
    found = (*(act.maker for act in boot.foreign), *boot.possible)
    return tuple(Evidence(_source(maker), " ".join(maker.text.split())[:160]) for maker in found)


def _source(maker: VfMaker) -> str:
    return f"{maker.path}:{maker.line}" if maker.line else maker.path


def _fix(case: Case, steps: tuple[str, ...]) -> Fix:
    """By the step; by hand where the number does not stand in a file that may be changed."""
    if steps:
        return Fix(title=say("Request all {total} VFs there.", total=case.total), steps=steps)
    who = _last(case.boot)
    return Fix(
        title=say("Set {total} in {who}, or remove the line; other cards may depend on it.", total=case.total, who=who),
        manual=say("For modprobe.d and .link files, rebuild the initramfs, too: update-initramfs -u, or dracut -f."),
        verify=say("sriov-tui audit, drift.owner"),
    )
