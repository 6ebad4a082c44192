"""A network card as a drawing: what is true stands there, what is unknown is said to be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sriov_tui.facts import (
    Address,
    Bond,
    Bridge,
    Eswitch,
    Feature,
    Holder,
    HostFacts,
    Lag,
    Link,
    NvSetting,
    OpenVswitch,
    OvsBridge,
    Pf,
    Representor,
    SshSession,
    Vf,
)
from sriov_tui.reports.card import cards, draw
from sriov_tui.reports.offered import listed
from tests.samples import CONF, FIRST, SECOND, igb_host, igb_pf

LISTED = (
    f"{CONF.replace('report_interval', '- enp1s0/br1/bcast1' + chr(10) + 'report_interval')}sriov_nics:\n- enp1s0\n"
)


def text(facts: HostFacts, address: str = FIRST) -> str:
    """The drawing as one text."""
    return "\n".join(line.text for line in draw(facts, address))


def with_pf(**changes: object) -> HostFacts:
    """The host with its first port changed."""
    return igb_host(pfs=(replace(igb_pf(numvfs=7), **changes), igb_pf(SECOND, "enp2s0")))  # type: ignore[arg-type]


def test_the_whole_of_a_card() -> None:
    root = Bridge(address="0000:00:04.0", ari_forwarding=True, acs_capable=True, acs=("SV", "RR"))
    below = Bridge(address="0000:01:08.0", ari_forwarding=False, acs_capable=False)
    facts = replace(with_pf(bridges=(below, root)), files=igb_host(LISTED).files)
    assert text(facts).splitlines() == [
        "Intel Corporation 82576 Gigabit Network Connection, 1 port",
        "├─ PCI path",
        "│  ├─ 0000:00:04.0  root port, ARI on, ACS SV RR",
        "│  └─ 0000:01:08.0  bridge, ARI off, no ACS",
        "├─ PCIe       2.5 GT/s x1",
        f"├─ sysfs      /sys/devices/pci0000:00/0000:00:04.0/{FIRST}",
        f"└─ {FIRST}  enp1s0, IOMMU group 20",
        "   ├─ driver     igb 6.12.0",
        "   ├─ link       down, MTU 1500, 52:54:00:bb:00:01",
        "   ├─ host.conf  networks, line 6: enp1s0/br1/bcast1  (bridge br1, wire bcast1)",
        "   ├─ host.conf  sriov_nics, line 9: enp1s0",
        "   ├─ offload    no compat/devlink/mode: plain VFs only",
        "   └─ VFs        7 now, 7 offered",
        "      └─ VF 0-6      0000:01:10.0 to 0000:01:11.4  no driver  free  groups 30-36",
    ]


def test_ports_of_one_card_stand_together_and_each_card_once() -> None:
    second = igb_pf(f"{FIRST[:-1]}1", "enp1s1")
    facts = igb_host(pfs=(igb_pf(), second, igb_pf(SECOND, "enp2s0")))
    assert cards(facts) == [FIRST, SECOND]
    assert text(facts, second.address).count("IOMMU group") == 2


def test_what_is_above_a_port_is_told_to_the_top() -> None:
    links = (
        Link(name="enp1s0", index=3, pci=FIRST, master="bond0", up=True, carrier=True),
        Link(name="bond0", index=5, bond=Bond(mode="802.3ad", ports=("enp1s0", "enp2s0")), master="ovs-system",
             addresses=(Address(ip="192.0.2.7", prefixlen=24),)),
        Link(name="bond0.7", index=6, kind="vlan", parent="bond0", vlan=7),
    )  # fmt: skip
    session = SshSession(client="1", server="2", links=("bond0",), pfs=(FIRST,))
    drawn = text(replace(with_pf(), links=links, ssh=session))
    for part in (
        f"{FIRST}  enp1s0, IOMMU group 20  YOUR SSH SESSION",
        "bond       bond0 (802.3ad) with enp2s0, 192.0.2.7/24",
        "OVS        bond0 is a port of Open vSwitch, of which bridge is unknown",
        "VLAN       bond0.7 on bond0",
    ):
        assert part in drawn


def test_a_card_in_switchdev_tells_its_switch_and_its_firmware() -> None:
    facts = with_pf(
        eswitch=Eswitch(mode="switchdev", encap_mode="basic"),
        representors=tuple(Representor(vf=i, netdev=f"enp1s0r{i}") for i in range(7)),
        lag=Lag(state="active", type="roce", members=("enp1s0", "enp2s0")),
        nvconfig=(NvSetting(name="NUM_OF_VFS", current="7", next="16"), NvSetting(name="SRIOV_EN")),
        compat_devlink=True,
    )
    link = Link(name="enp1s0", index=3, pci=FIRST, master="ovs-system", hw_tc_offload=Feature(on=True))
    ovs = OpenVswitch(bridges=(OvsBridge(name="br1", ports=("enp1s0",)),))
    drawn = text(replace(facts, links=(link,), ovs=ovs))
    for part in (
        "OVS        enp1s0 is a port of br1",
        "eswitch    switchdev, encap basic",
        "eswitch    7 representors: enp1s0r0 to enp1s0r6",
        "LAG        active roce enp1s0, enp2s0",
        "needs it, hw-tc-offload on",
        "firmware   NUM_OF_VFS 7, 16 after the next boot",
        "firmware   SRIOV_EN unknown",
    ):
        assert part in drawn


def test_links_that_are_masters_of_each_other_end() -> None:
    links = (Link(name="enp1s0", index=3, pci=FIRST, master="a"), Link(name="a", index=4, master="enp1s0"))
    assert "bridge     a" in text(replace(with_pf(), links=links))


def test_unknown_is_said_and_never_no() -> None:
    drawn = text(HostFacts(pfs=(Pf(address=FIRST, vfs=(Vf(index=0, address="0000:01:10.0"),)),)))
    for part in (
        "unknown card",
        "bridges above the card could not be read",
        "driver     unknown",
        "host.conf  is not there, or cannot be read",
        "offload    unknown",
        "VFs        ? now, ? offered",
        "driver unknown  holder unknown  no IOMMU group known",
    ):
        assert part in drawn
    assert draw(HostFacts(), FIRST)[0].text == f"{FIRST} is not among the network functions that were read."


def test_a_held_vf_has_its_own_line_and_a_shared_group_is_told() -> None:
    vfs = igb_pf(numvfs=7).vfs
    held = replace(vfs[3], holders=(Holder(77, "qemu-system-x86", "web1"),))
    shared = replace(vfs[6], group_members=(vfs[6].address, "0000:02:00.0"))
    drawn = text(with_pf(vfs=(*vfs[:3], held, vfs[4], vfs[5], shared)))
    assert "VF 3        0000:01:10.6  no driver  HELD by web1 (process 77)  group 33" in drawn
    assert "VF 4-5" in drawn
    assert "group 36, shared by 2 functions" in drawn


def test_1016_vfs_are_a_few_lines_and_each_is_found() -> None:
    vfs = tuple(Vf(index=i, address=f"0000:01:{1 + i // 8:02x}.{i % 8}", driver="", iommu_group=40 + i,
                   holders=()) for i in range(127))  # fmt: skip
    ports = tuple(replace(igb_pf(f"0000:01:00.{n}", f"p{n}"), vfs=vfs, numvfs=127) for n in range(8))
    facts = igb_host(pfs=ports)
    drawn = draw(facts, FIRST)
    assert len(drawn) < 80
    assert sum("0000:01:0a.3" in line.find for line in drawn) == 8
    unfolded = draw(facts, FIRST, {vfs[0].address})
    assert len(unfolded) == len(drawn) + 8 * 126


@pytest.mark.parametrize(("conf", "told"), [(LISTED, {FIRST: "sriov_nics"}), (CONF, {}), (":", None)])
def test_which_ports_host_conf_lists(conf: str, told: dict[str, str] | None) -> None:
    assert listed(igb_host(conf)) == told
