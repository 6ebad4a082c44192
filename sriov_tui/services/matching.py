"""Which card of this host an answers file means: found by model and place, never by an interface's name.

The place of a card is its PCI address, or the slot that it is in. Bus numbers, and with them addresses, differ
between two hosts of one kind as soon as another card is in one of them; what is printed beside the slot does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sriov_tui.facts import HostFacts, Pf
from sriov_tui.facts.pci import model, place
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
            wrong = f"Two cards of the answers are {pf.address} here."
        if wrong and nic.use != "leave":
            differences.append(wrong)
        elif not wrong and pf is not None:
            nics.append(replace(nic, address=pf.address, model="", slot=""))
            here[nic.address] = pf.address
    bonds = tuple(replace(bond, ports=tuple(here.get(port, port) for port in bond.ports)) for bond in choices.bonds)
    for bond in bonds:
        absent = [port for port in bond.ports if facts.pf(port) is None]
        differences += [f"No network card at {port}, which is a port of the bond {bond.name}." for port in absent]
    if differences:
        raise SriovError(" ".join(differences), "\n  ".join([*_elsewhere(choices, facts), "Nothing was changed."]))
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


def _difference(nic: NicChoice, pf: Pf | None, facts: HostFacts) -> str:
    """Why this is not the card that is meant, in a sentence; "" where it is."""
    if pf is None:
        where = f"{nic.address} (slot {nic.slot})" if nic.slot else nic.address
        expected = f"; the answers expect {nic.model} there" if nic.model else ""
        return f"No network card at {where} on {facts.hostname or 'this machine'}{expected}."
    if nic.model and model(pf) != nic.model:
        found = model(pf)
        words = f"{pf.name or 'a card without a name'} ({found})" if found else "a card whose model cannot be read"
        return f"{pf.address} is {words} here, the answers expect {nic.model}."
    here = place(pf)
    if nic.slot and here and here != nic.slot:
        return f"{pf.address} is in slot {here} here, the answers expect slot {nic.slot}."
    return ""


def _elsewhere(choices: Choices, facts: HostFacts) -> Iterator[str]:
    """Where this host has cards of the models that are wanted."""
    for wanted in dict.fromkeys(nic.model for nic in choices.chosen if nic.model):
        found = [
            f"{pf.address} (slot {place(pf)})" if place(pf) else pf.address
            for pf in facts.pfs or ()
            if model(pf) == wanted
        ]
        yield f"{wanted} is here at {', '.join(found)}." if found else f"This host has no {wanted}."
    if not any(nic.model for nic in choices.chosen):
        yield "Compare with `sriov-tui audit`; a card that moved to another slot has another address."
