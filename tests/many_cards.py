"""A host with as many NVIDIA cards as one likes, every one of them chosen: what grows, and how much work it makes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from types import FrameType
from typing import Any

from checks.cards import vf_rules
from sriov_tui.facts import HostFacts, Link, Pf, TextFile, Vf
from sriov_tui.model import HOST_CONF, UDEV_RULES_FILE, Choices, NicChoice, Use
from tests.mellanox_machines import PF0, connectx
from tests.offload_machines import facts_of

SHAPES = ("plain", "offload", "mixed", "used", "configured", "unseen")
VFS = 8


@cache
def _pattern() -> HostFacts:
    return facts_of(connectx(ports=1))


def address_of(number: int) -> str:
    """The PCI address of a card."""
    return f"0000:{0x10 + number % 200:02x}:{number // 200:02x}.0"


def many_cards(count: int, shape: str = "mixed", wire: str = "wire") -> tuple[HostFacts, Choices]:
    """So many cards of one port, each of them chosen.

    "used": the VFs are there, a VLAN with an address on each port; "configured": host.conf and the rules name all of
    them; "unseen": nothing is known of the links.
    """
    facts = _pattern()
    card = facts.pf(PF0)
    assert card is not None
    link = facts.link(card.netdev)
    assert link is not None
    pfs = [pf for pf in facts.pfs or () if pf != card]
    links = [one for one in facts.links or () if one != link]
    nics = []
    for number in range(count):
        use: Use = "sriov" if shape == "plain" or (shape != "offload" and number % 2) else "offload"
        pf, own = _card(card, link, number)
        pfs.append(with_vfs(pf) if shape == "used" else pf)
        links += [own, _vlan(own)] if shape == "used" else [own]
        nics.append(NicChoice(address=pf.address, use=use, bridge=f"brn{number}", wire=f"{wire}{number}"))
    facts = replace(facts, pfs=tuple(pfs), links=None if shape == "unseen" else tuple(links))
    choices = Choices(nics=tuple(nics))
    return (_configured(facts, choices) if shape == "configured" else facts), choices


def _card(card: Pf, link: Link, number: int) -> tuple[Pf, Link]:
    address, name = address_of(number), f"enp{number}s0np0"
    path = (card.path or "").replace(card.address, address)
    mac = f"b8:ce:f6:{number // 256:02x}:{number % 256:02x}:00"
    own = replace(link, name=name, index=1000 + number, mac=mac, pci=address, path=f"{path}/net/{name}")
    return (
        replace(card, address=address, path=path, netdevs=(name,), iommu_group=number, group_members=(address,)),
        own,
    )


def with_vfs(pf: Pf, count: int = VFS) -> Pf:
    """The card with so many VFs."""
    place = pf.address.rpartition(":")[0]
    made = (
        Vf(index=n, address=f"{place}:{1 + n // 8:02x}.{n % 8}", driver="vfio-pci", netdevs=(), holders=())
        for n in range(count)
    )
    return replace(pf, vfs=tuple(made), numvfs=count, totalvfs=count)


def _vlan(link: Link) -> Link:
    return replace(link, name=f"{link.name}.9"[:15], index=link.index + 5000, kind="vlan", parent=link.name, vlan=9,
                   pci="", path="")  # fmt: skip


def _configured(facts: HostFacts, choices: Choices) -> HostFacts:
    """host.conf and the udev rules as they are after the plan."""
    lists: dict[Use, list[str]] = {"sriov": [], "offload": []}
    entries = ["mgmt0/br0/10.0.2.15"]
    for nic in choices.nics:
        pf = facts.pf(nic.address)
        assert pf is not None
        lists[nic.use].append(pf.netdev)
        entries.append(f"{pf.netdev}/{nic.bridge}/{nic.wire}")
    keys = {"networks": entries, "sriov_nics": lists["sriov"], "ovs_offload_nics": lists["offload"]}
    text = "".join(f"{key}:\n" + "".join(f"- {item}\n" for item in items) for key, items in keys.items())
    rules = "".join(f"{vf_rules.rule(nic.address)}\n" for nic in choices.nics if nic.use == "sriov")
    files = {file.path: file for file in facts.files}
    for path, content in ((HOST_CONF, text), (UDEV_RULES_FILE, rules)):
        files[path] = TextFile(path=path, state="present", text=content, sha256="0" * 64, mode=0o644)
    return replace(facts, files=tuple(files.values()))


def lines(act: Callable[[], object]) -> int:
    """How many lines of Python an act goes through: a loop that calls nothing shows here alone."""
    count = 0

    def count_line(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return count_line

    before = sys.gettrace()
    sys.settrace(count_line)
    try:
        act()
    finally:
        sys.settrace(before)
    return count


def calls(act: Callable[[], object]) -> int:
    """How many calls of Python functions, steps of generators among them, an act takes: work that no clock disturbs."""
    count = 0

    def count_call(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(count_call)
    try:
        act()
    finally:
        sys.setprofile(before)
    return count
