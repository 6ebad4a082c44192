"""Which tool makes a bond on this host: the one whose files configure the port that carries something."""

from __future__ import annotations

import re
from collections.abc import Callable

from checks.bonding import Files, Recipe, Unclear, Wanted, ifupdown, keyfile, netplan, networkd, scripts
from sriov_tui.facts import HostFacts
from sriov_tui.message import say
from sriov_tui.model import Operation, Run, WriteFile

PATIENCE = 60  # seconds until a tool has put both ports into the bond
Room = Callable[[Wanted, Files], Recipe]
ROOMS: dict[str, tuple[Room, tuple[str, ...]]] = {
    "netplan": (netplan.make, (netplan.FOLDER,)),
    "NetworkManager": (keyfile.make, (keyfile.FOLDER, scripts.FOLDER)),
    "network-scripts": (scripts.make, (scripts.FOLDER,)),
    "systemd-networkd": (networkd.make, (networkd.FOLDER,)),
    "ifupdown": (ifupdown.make, (ifupdown.MAIN,)),
}
"""For each word of `HostFacts.network_managers`: the room, and the beginnings of the paths of its files."""


def choose(facts: HostFacts, wanted: Wanted) -> tuple[str, Recipe]:
    """The tool that makes this bond, and what it takes; Unclear where none can."""
    used = [name for name in facts.network_managers or () if name in ROOMS]
    if not used:
        unread = facts.network_managers is None
        raise Unclear(
            say("What configures the network of this host could not be read.")
            if unread
            else say("What configures the network of this host is not known.")
        )
    refusals: list[Unclear] = []
    for name in used:
        try:
            recipe = ROOMS[name][0](wanted, files_of(facts, name))
            _prove(facts, wanted, name, recipe)
            return name, recipe
        except Unclear as unclear:
            refusals.append(unclear)
    raise refusals[0]


def files_of(facts: HostFacts, tool: str) -> dict[str, str]:
    """The files of a tool that were read, path -> text."""
    starts = ROOMS[tool][1]
    return {f.path: f.text for f in facts.files if f.text is not None and f.path.startswith(starts)}


def operations(facts: HostFacts, wanted: Wanted, recipe: Recipe) -> tuple[Operation, ...]:
    """The recipe in its order, then a wait until the bond has its ports; a file that is there keeps its mode."""
    writes = []
    for path, text in recipe.files.items():
        file = facts.file(path)
        there = file is not None and file.state == "present"
        mode = file.mode if there and file and file.mode is not None else recipe.mode
        writes.append(WriteFile(path=path, text=text, mode=mode, expect=(file.sha256 or "") if there and file else ""))
    return (*recipe.before, *writes, *recipe.after, enslaved(wanted))


def enslaved(wanted: Wanted) -> Run:
    """Waits for both ports: systemd-networkd, and netplan with it, answer before they have done their work."""
    there = " && ".join(f"test -e /sys/class/net/{port}/master" for port in wanted.ports)
    return Run(argv=("timeout", str(PATIENCE), "sh", "-c", f"until {there}; do sleep 1; done"), timeout=PATIENCE + 5.0)


def _prove(facts: HostFacts, wanted: Wanted, tool: str, recipe: Recipe) -> None:
    """Every address that moves has to stand in what is written, unless it came by DHCP: else it would be lost."""
    text = "\n".join(text for text in recipe.files.values() if text)
    if not wanted.carrier or re.search(r"(?i)dhcp|method=auto", text):
        return
    for name in wanted.names:
        link = facts.link(name)
        for address in link.addresses if link else ():
            if address.scope == "global" and ":" not in address.ip and not _has(text, address.ip):
                raise Unclear(
                    say(
                        "{name} has the address {ip}, which the files of {tool} do not give it.",
                        name=name,
                        ip=address.ip,
                        tool=tool,
                    ),
                    say("Write it into the files of {tool}, or remove it from {name}.", tool=tool, name=name),
                )


def _has(text: str, ip: str) -> bool:
    return re.search(rf"(?<![\d.]){re.escape(ip)}(?![\d.])", text) is not None
