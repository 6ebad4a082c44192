"""The BIOS in the words of the machine's maker: only what was seen is given as a path, the rest is marked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import iommu
from checks.platform import bios
from sriov_tui.facts import Bridge, HostFacts, Iommu, Os
from tests.checks.common import found, with_pf
from tests.samples import igb_host


def made_by(maker: str | None) -> HostFacts:
    facts = igb_host(iommu=Iommu(tables=(), units=(), groups=0))
    return replace(facts, os=Os(id="debian", maker=maker, product="2U"))


@pytest.mark.parametrize(
    ("dmi", "name"),
    [
        ("Dell Inc.", "Dell"),
        ("HPE", "HPE"),
        ("HP", "HPE"),
        ("Hewlett Packard Enterprise", "HPE"),
        ("Lenovo", "Lenovo"),
        ("Supermicro", "Supermicro"),
        ("Inspur", "Inspur"),
        ("IEIT SYSTEMS", "Inspur"),
        ("Huawei", "Huawei or xFusion"),
        ("xFusion", "Huawei or xFusion"),
        ("New H3C Technologies Co., Ltd.", "H3C"),
        ("Sugon", "Sugon"),
        ("", ""),
        (None, ""),
    ],
)
def test_the_maker_is_found_by_dmi(dmi: str | None, name: str) -> None:
    facts = made_by(dmi)
    found_maker = bios.maker(facts)
    assert (found_maker.name if found_maker else "") == name
    text = bios.guidance(facts)
    assert (name or "generic") in text
    assert "VT-d" in text or "Virtualization" in text


def test_a_virtual_machine_is_told_so() -> None:
    assert "its own host" in bios.guidance(made_by("QEMU"))


def test_every_path_is_seen_or_marked_as_unverified() -> None:
    for maker in bios.MAKERS:
        facts = made_by(maker.dmi[0])
        for line in bios.guidance(facts, [setting.name for setting in bios.SETTINGS]).splitlines()[1:]:
            assert "unverified" in line or f"as in {bios.SEEN[maker.name]}" in line


def test_a_path_that_a_manual_shows_is_given_with_it() -> None:
    text = bios.guidance(made_by("Supermicro"), ("ACS",))
    assert "Intel VT for Directed I/O (VT-d) > ACS (Access Control Services) Control" in text
    assert "page 93" in text


def test_only_what_this_machine_does_not_show_to_be_on_is_asked_for() -> None:
    port = Bridge(address="0000:00:04.0", ari_forwarding=True, acs=("SV", "RR", "CR", "UF"))
    facts = with_pf(igb_host(), bridges=(port,))
    facts = replace(facts, pfs=(facts.pfs or ())[:1])
    assert list(bios.needed(facts)) == []
    assert list(bios.needed(made_by("Dell Inc."))) == ["IOMMU", "Interrupt remapping", "ARI", "ACS"]


def test_the_finding_carries_it() -> None:
    fix = found(iommu, made_by("Dell Inc."))["iommu.firmware host"].fix
    assert fix is not None
    assert "F2" in fix.manual
    assert "a VF reaches one virtual machine only" in fix.manual
