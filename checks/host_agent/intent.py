"""What the choices make of host.conf: the names and entries that the chosen cards need, and the new text."""

from __future__ import annotations

import functools
from collections.abc import Collection
from dataclasses import dataclass

from checks.bonding import wish
from checks.host_agent import networks
from sriov_tui import hostconf
from sriov_tui.facts import ARPHRD_INFINIBAND, HostFacts, TextFile
from sriov_tui.hostconf import Options, Reading, reading_of_text
from sriov_tui.message import say
from sriov_tui.model import HOST_CONF, HOST_LOCAL_CONF, Choices, NicChoice, SriovError, once_for_choices

KEYS = {"sriov": "sriov_nics", "offload": "ovs_offload_nics"}


@dataclass(frozen=True, slots=True)
class Intent:
    """What the choices make of host.conf: the present reading, the new text if there is one, or why there is none.

    `items` are the name of each chosen NIC in the lists, by address; `added` the entries for `networks`;
    `refusals` the reason per address why no entry can be made.
    """

    file: TextFile
    now: Reading
    after: Reading
    text: str | None
    error: SriovError | None
    items: dict[str, str]
    added: dict[str, str]
    refusals: dict[str, str]


@once_for_choices
def intent_of(facts: HostFacts, choices: Choices) -> Intent:
    """What the choices make of the file, which is there, on the host as it is once the requested bonds are created."""
    file = facts.file(HOST_CONF)
    assert file is not None
    text, below = file.text or "", facts.file(HOST_LOCAL_CONF)
    local = below.text if below else None
    now, own = reading_of_text(text, local), reading_of_text(text).options
    listed = now.options.texts.keys()
    renames = tuple(wish.names(facts, choices, listed).items())
    facts = wish.as_made(facts, choices)
    items = {nic.address: item_of(facts, nic) for nic in choices.chosen}
    added: dict[str, str] = {}
    refusals: dict[str, str] = {}
    to_come = dict(renames)
    named = {to_come.get(name, name) for name in listed}
    for nic in choices.chosen:
        _entry_for(facts, now.options, wish.with_network(choices, nic), items[nic.address], named, added, refusals)
    ports = wish.bond_names(facts, choices)
    lists = {use: _wanted(own, now.options, choices, items, use, ports) for use in KEYS}
    if refusals or not (choices.chosen or choices.bonds):
        return Intent(file, now, now, None, None, items, added, refusals)
    edited = _edit(text, lists["sriov"], lists["offload"], tuple(dict.fromkeys(added.values())), renames)
    if isinstance(edited, SriovError):
        return Intent(file, now, now, None, edited, items, added, refusals)
    after = reading_of_text(edited, local)
    return Intent(file, now, after, edited if edited != text else None, None, items, added, refusals)


def item_of(facts: HostFacts, nic: NicChoice) -> str:
    """The name of a chosen NIC in the lists: its interface, or its bond where it is a port of one."""
    pf = facts.pf(nic.address)
    if pf is None:
        return ""
    bond = facts.bond_of(pf)
    return bond.name if bond is not None else pf.netdev


def items_of(options: Options, use: str) -> tuple[str, ...]:
    """The list of cards for this use."""
    return options.sriov_nics if use == "sriov" else options.ovs_offload_nics


def interface_known(facts: HostFacts, address: str) -> bool:
    """Whether the interface of a card was looked at, and what is above it: without that host.conf is not edited."""
    pf = facts.pf(address)
    return facts.links is not None and facts.pfs is not None and (pf is None or pf.netdevs is not None)


@functools.lru_cache(maxsize=32)
def _edit(
    text: str,
    sriov: tuple[str, ...] | None,
    offload: tuple[str, ...] | None,
    added: tuple[str, ...],
    renames: tuple[tuple[str, str], ...],
) -> str | SriovError:
    try:
        renamed = hostconf.rename(text, dict(renames))
        return hostconf.edit(renamed, sriov_nics=sriov, ovs_offload_nics=offload, add_networks=added)
    except SriovError as error:
        return error


def _wanted(
    own: Options, merged: Options, choices: Choices, items: dict[str, str], use: str, ports: dict[str, str]
) -> tuple[str, ...] | None:
    """The list in host.conf itself: what is there, a bond for its ports, less what is chosen for the other use, and
    what is missing."""
    present, everywhere = items_of(own, use), items_of(merged, use)
    mine = [items[nic.address] for nic in choices.chosen if nic.use == use and items[nic.address]]
    elsewhere = {items[nic.address] for nic in choices.chosen if nic.use != use}
    kept = [item for item in dict.fromkeys(ports.get(item, item) for item in present) if item not in elsewhere]
    there = {*everywhere, *kept}
    wanted = (*kept, *(item for item in dict.fromkeys(mine) if item not in there))
    return wanted if wanted != present or (mine and not present) else None


def _entry_for(
    facts: HostFacts,
    options: Options,
    nic: NicChoice,
    item: str,
    named: Collection[str],
    added: dict[str, str],
    refusals: dict[str, str],
) -> None:
    """The entry that `networks` needs for a NIC, into `added`; or why it cannot be made, into `refusals`.

    `named` are the interfaces that have an entry already.
    """
    link = facts.link(item)
    known = interface_known(facts, nic.address)
    if (known and not item) or item in named:
        return
    if link is not None and link.arphrd == ARPHRD_INFINIBAND:
        return
    why = networks.why_no_entry(facts, options, item, nic.bridge, nic.wire)
    if not known:
        why = say("Its network interface, or what lives on it, cannot be seen.")
    if why:
        refusals[nic.address] = why
    else:
        added[nic.address] = f"{item}/{nic.bridge}/{nic.wire}"
