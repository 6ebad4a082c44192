"""Which card of this host an answers file means: found by model and place, never by an interface's name.

The place of a card is its PCI address, or the slot that it is in. Bus numbers, and with them addresses, differ
between two hosts of one kind as soon as another card is in one of them; what is printed beside the slot does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sriov_tui.facts import HostFacts, Pf
from sriov_tui.facts.pci import model, place
from sriov_tui.message import NOTHING, Message, lines, say, sentences
from sriov_tui.model import Choices, NicChoice, SriovError


def identified(choices: Choices, facts: HostFacts) -> Choices:
    """The choices with the model and the slot of each card, as they are on this host."""
    return replace(choices, nics=tuple(_identified(nic, facts) for nic in choices.nics))


def matched(choices: Choices, facts: HostFacts) -> Choices:
    """The choices for the cards of this host, by its own addresses; SriovError that tells every difference.

    A card that is wanted for nothing and is not here is left out. Choices without an identity, as people
    and older versions write them, go by the address alone.
    """
    if facts.pfs is None:
        return choices
    nics: list[NicChoice] = []
    here: dict[str, str] = {}
    differences: list[str] = []
    for nic in choices.nics:
        pf = _meant(nic, facts)
        wrong = _difference(nic, pf, facts)
        if not wrong and pf is not None and pf.address in [other.address for other in nics]:
            wrong = say("Two cards of the answers are {address} here.", address=pf.address)
        if wrong and nic.use != "leave":
            differences.append(wrong)
        elif not wrong and pf is not None:
            nics.append(replace(nic, address=pf.address, model="", slot=""))
            here[nic.address] = pf.address
    bonds = tuple(replace(bond, ports=tuple(here.get(port, port) for port in bond.ports)) for bond in choices.bonds)
    for bond in bonds:
        absent = [port for port in bond.ports if facts.pf(port) is None]
        differences += [
            say("No network card at {port}, which is a port of the bond {name}.", port=port, name=bond.name)
            for port in absent
        ]
    if differences:
        raise SriovError(sentences(*differences), lines(*_elsewhere(choices, facts), say("Nothing was changed.")))
    return replace(choices, nics=tuple(sorted(nics, key=lambda nic: nic.address)), bonds=bonds)


def _identified(nic: NicChoice, facts: HostFacts) -> NicChoice:
    pf = facts.pf(nic.address)
    if pf is None:
        return nic
    where = place(pf)
    return replace(nic, model=model(pf), slot=where if len(_at_place(where, facts)) == 1 else "")


def _at_place(where: str, facts: HostFacts) -> list[Pf]:
    return [pf for pf in facts.pfs or () if where and place(pf) == where]


def _meant(nic: NicChoice, facts: HostFacts) -> Pf | None:
    """The card in the slot of the answers where this host has that slot just once, else the one at the address."""
    there = _at_place(nic.slot, facts)
    return there[0] if len(there) == 1 else facts.pf(nic.address)


def _difference(nic: NicChoice, pf: Pf | None, facts: HostFacts) -> Message:
    """Why this is not the card that is meant, in a sentence; "" where it is."""
    if pf is None:
        where = say("{address} (slot {slot})", address=nic.address, slot=nic.slot) if nic.slot else nic.address
        expected = say("; the answers expect {model} there", model=nic.model) if nic.model else NOTHING
        return say(
            "No network card at {where} on {hostname}{expected}.",
            where=where,
            hostname=facts.hostname or say("this machine"),
            expected=expected,
        )
    if nic.model and model(pf) != nic.model:
        found = model(pf)
        words = (
            say("{name} ({found})", name=pf.name or say("a card without a name"), found=found)
            if found
            else say("a card whose model cannot be read")
        )
        return say(
            "{address} is {words} here, the answers expect {model}.", address=pf.address, words=words, model=nic.model
        )
    here = place(pf)
    if nic.slot and here and here != nic.slot:
        return say(
            "{address} is in slot {here} here, the answers expect slot {slot}.",
            address=pf.address,
            here=here,
            slot=nic.slot,
        )
    return NOTHING


def _elsewhere(choices: Choices, facts: HostFacts) -> Iterator[Message]:
    """Where this host has cards of the models that are wanted."""
    for wanted in dict.fromkeys(nic.model for nic in choices.chosen if nic.model):
        found = [
            (say("{address} (slot {pf})", address=pf.address, pf=place(pf)) if place(pf) else pf.address)
            for pf in facts.pfs or ()
            if model(pf) == wanted
        ]
        yield (
            say("{wanted} is here at {found}.", wanted=wanted, found=", ".join(found))
            if found
            else say("This host has no {wanted}.", wanted=wanted)
        )
    if not any(nic.model for nic in choices.chosen):
        yield say("Compare with `sriov-tui audit`; a card that moved to another slot has another address.")
