"""A bond wanted on a host whose network stands in files: the wish, the facts, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from checks.bonding import BondChanges, BondSpec, Nic, Unsupported, layers, tools
from checks.bonding import profiles as nm
from sriov_tui.facts import Address, HostFacts, Link, Route, TextFile

MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")
NICS = (Nic("ens1", MACS[0], 2), Nic("ens2", MACS[1], 3), Nic("ens3", "02:00:00:00:00:03", 4))
WANTED = BondSpec(name="bond0", mode="active-backup", ports=("ens1", "ens2"), macs=MACS, mac=MACS[1], carrier="ens2",
                nics=NICS)  # fmt: skip
ON_VLAN = replace(WANTED, vlans=(("ens2.100", "bond0.100"),))
PROFILE = "[connection]\nid={}\nuuid={}\ntype=ethernet\ninterface-name=ens2\n[ipv4]\naddress1={}\nmethod=manual\n"
LIVE = PROFILE.format("live", "u-live", "192.0.2.7/24")
YAML = "network:\n  version: 2\n  ethernets:\n    ens2:\n      dhcp4: true\n      addresses: [{}]\n"
AT = f"{layers.FOLDER}/60-a.yaml"


def profile(name: str) -> str:
    return f"{nm.FOLDER}/{name}.nmconnection"


def facts_with(tool: str, files: Mapping[str, str], *links: Link, routes: tuple[Route, ...] = ()) -> HostFacts:
    read = tuple(
        TextFile(path=path, state="present", text=text, sha256="0", mode=0o600) for path, text in files.items()
    )
    every = {nic.name: Link(name=nic.name, index=nic.index, mac=nic.mac) for nic in NICS} | {
        link.name: link for link in links
    }
    return HostFacts(network_managers=(tool,), files=read, links=tuple(every.values()), routes=routes)


def carrier(*addresses: Address, mtu: int = 1500) -> Link:
    return Link(name="ens2", index=3, mac=MACS[1], mtu=mtu, addresses=addresses)


def text_of(recipe: BondChanges) -> str:
    return "".join(text or "" for text in recipe.files.values())


def refusal(facts: HostFacts, wanted: BondSpec = WANTED) -> str:
    with pytest.raises(Unsupported) as refused:
        tools.choose(facts, wanted)
    return refused.value.why
