"""What creating the VFs of a card interrupts: what holds its VFs now, the SSH session, and what lives on its link."""

from __future__ import annotations

from collections.abc import Iterator

from checks.cards import in_use
from sriov_tui import cards
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.message import join, say
from sriov_tui.model import CONFIRM, Evidence, Finding, Fix, Level, NicChoice


def findings(facts: HostFacts, pf: Pf, choice: NicChoice) -> Iterator[Finding]:
    """Each of the three, where it is so."""
    yield from _used(facts, pf)
    yield from _session(facts, pf, choice)
    yield from _drops(facts, pf)


def cuts_session(facts: HostFacts, pf: Pf) -> bool:
    """Whether the SSH session runs over this card, or may."""
    return facts.carries_session(pf.address)


def _used(facts: HostFacts, pf: Pf) -> Iterator[Finding]:
    used = in_use.on_vfs(facts, pf)
    if used and pf.numvfs != pf.totalvfs:
        machines = any(vf.holders for vf in pf.vfs)
        yield Finding(
            id="vfs.held",
            level=Level.FAIL,
            subject=pf.address,
            title=say("Its VFs must be recreated, but virtual machines hold some of them.")
            if machines
            else say("Its VFs must be recreated, but this host itself uses some of them."),
            detail=join("\n", used),
            fix=Fix(
                title=say("Stop these virtual machines or detach the VFs, then read the machine again.")
                if machines
                else say(
                    "Take these interfaces out of their bridge or bond, or remove their addresses; then read again."
                )
            ),
            blocks=True,
        )


def _session(facts: HostFacts, pf: Pf, choice: NicChoice) -> Iterator[Finding]:
    if not cuts_session(facts, pf) or pf.numvfs == pf.totalvfs:
        return
    now = choice.when == "now"
    yield Finding(
        id="vfs.session",
        level=Level.WARN if now else Level.INFO,
        subject=pf.address,
        topic="" if cards.drops_link(pf) is False else "drops",
        title=say(
            "It carries {session}. Its VFs are created now, and removed again unless you confirm within {seconds} s.",
            session=in_use.session_words(facts),
            seconds=int(CONFIRM),
        )
        if now
        else say("It carries {session}, so its VFs are created at the next boot.", session=in_use.session_words(facts)),
        detail=say(
            "To confirm, log in again in a new connection and run `sriov-tui confirm` there, or "
            "press c in the wizard when its screen answers again. Without that the VFs are removed "
            "again by themselves, also when this program is killed."
        )
        if now
        else say("Creating them now would drop the link of the card for some seconds.")
        if cards.drops_link(pf) is not False
        else say("Its driver keeps the link up meanwhile, but your session is not risked for that."),
        fix=Fix(title=say("Choose the next boot to keep this session safe.")) if now else None,
    )


def _drops(facts: HostFacts, pf: Pf) -> Iterator[Finding]:
    used, drops = in_use.on_port(facts, pf), cards.drops_link(pf)
    if used and pf.numvfs != pf.totalvfs and drops is not False and not cuts_session(facts, pf):
        port = pf.netdev or pf.address
        yield Finding(
            id="vfs.link",
            level=Level.WARN,
            subject=pf.address,
            title=say("Creating VFs drops the link of {port} for some seconds, and it is in use.", port=port)
            if drops
            else say(
                "Creating VFs may drop the link of {port}, which is in use: its driver is not known here.", port=port
            ),
            detail=say("It carries:\n{used}", used="\n".join(used)),
            evidence=(Evidence(f"/sys/bus/pci/devices/{pf.address}/driver", pf.driver or ""),),
            fix=Fix(
                title=say("Apply when these can do without it for ten seconds, or move them to another port first.")
            ),
        )
