"""How many VFs, when they are made, and who may not be disturbed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import vfs
from sriov_tui.facts import Address, Bond, Holder, HostFacts, Link, Route, SshSession, TextFile, Vf, VfBar
from sriov_tui.model import (
    HOST_CONF,
    UDEV_RULES_FILE,
    Choices,
    Level,
    NicChoice,
    WriteFile,
    WriteSysfs,
)
from tests.checks.common import WANT, found, steps, with_pf
from tests.samples import FIRST, SECOND, igb_host, igb_pf, text_file


def test_numbers_between_are_refused() -> None:
    want = Choices(nics=(NicChoice(address=FIRST, use="sriov", numvfs=4),))
    finding = found(vfs, igb_host(), want)[f"vfs.count {FIRST}"]
    assert finding.blocks
    assert "always creates all 7" in finding.title
    assert steps(vfs, igb_host(), want) == {}


def test_making_vfs() -> None:
    planned = steps(vfs, igb_host())
    make = planned[f"vfs.numvfs:{FIRST}"]
    assert make.operations == (WriteSysfs(path=f"/sys/bus/pci/devices/{FIRST}/sriov_numvfs", value="7"),)
    assert make.disrupts == "link"
    rules = planned["vfs.at-boot"].operations[0]
    assert isinstance(rules, WriteFile)
    assert rules.text is not None
    assert f'KERNELS=="{FIRST}"' in rules.text
    assert planned["vfs.at-boot"].disrupts == "no"


def test_a_part_of_the_vfs_goes_by_way_of_zero() -> None:
    facts = with_pf(igb_host(), numvfs=4)
    finding = found(vfs, facts)[f"vfs.count {FIRST}"]
    assert finding.level is Level.FAIL
    values = [op.value for op in steps(vfs, facts)[f"vfs.numvfs:{FIRST}"].operations if isinstance(op, WriteSysfs)]
    assert values == ["0", "7"]


def test_held_vfs_are_never_removed() -> None:
    vf = Vf(index=0, address="0000:01:10.0", driver="vfio-pci", holders=(Holder(pid=9, command="qemu", vm="web"),))
    facts = with_pf(igb_host(), numvfs=4, vfs=(vf,))
    finding = found(vfs, facts)[f"vfs.held {FIRST}"]
    assert finding.blocks
    assert "web (process 9)" in finding.detail
    assert f"vfs.numvfs:{FIRST}" not in steps(vfs, facts)


def test_the_card_of_this_session_waits_for_the_boot() -> None:
    facts = igb_host(ssh=SshSession(client="a", server="b", links=("enp1s0",), pfs=(FIRST,)))
    planned = steps(vfs, facts)
    assert f"vfs.numvfs:{FIRST}" not in planned
    assert planned["vfs.at-boot"].disrupts == "reboot"
    assert f"vfs.count {FIRST}" in planned["vfs.at-boot"].resolves


def test_autoprobe_off_is_switched_on_first() -> None:
    facts = with_pf(igb_host(), autoprobe=False)
    first = steps(vfs, facts)[f"vfs.numvfs:{FIRST}"].operations[0]
    assert first == WriteSysfs(path=f"/sys/bus/pci/devices/{FIRST}/sriov_drivers_autoprobe", value="1")


def test_rules_of_other_cards_stay() -> None:
    first = steps(vfs, igb_host())["vfs.at-boot"].operations[0]
    assert isinstance(first, WriteFile)
    assert first.text is not None
    facts = igb_host()
    files = (*(f for f in facts.files if f.path != UDEV_RULES_FILE), text_file(UDEV_RULES_FILE, first.text))
    facts = replace(facts, files=files)
    assert found(vfs, facts)[f"vfs.at-boot {FIRST}"].level is Level.OK
    assert "vfs.at-boot" not in steps(vfs, facts)
    both = WANT.with_nic(NicChoice(address=SECOND, use="sriov"))
    second = steps(vfs, facts, both)["vfs.at-boot"].operations[0]
    assert isinstance(second, WriteFile)
    assert second.text is not None
    assert second.text.startswith(first.text)
    assert f'KERNELS=="{SECOND}"' in second.text


def test_vfs_without_room_are_made_after_the_boot_that_makes_it() -> None:
    facts = with_pf(igb_host(), vf_bars=(VfBar(index=0, start=0, size=0),))
    assert "iommu.arguments" in steps(vfs, facts)[f"vfs.numvfs:{FIRST}"].after
    assert "iommu.arguments" not in steps(vfs, igb_host())[f"vfs.numvfs:{FIRST}"].after


def made(**changes: object) -> HostFacts:
    """The host with its VFs made."""
    return igb_host(pfs=(replace(igb_pf(numvfs=7), **changes), igb_pf(SECOND, "enp2s0")))  # type: ignore[arg-type]


def test_made_vfs_alone_in_their_groups() -> None:
    findings = found(vfs, made())
    assert findings[f"vfs.count {FIRST}"].level is Level.OK
    assert findings[f"vfs.isolation {FIRST}"].level is Level.OK
    assert f"vfs.numvfs:{FIRST}" not in steps(vfs, made())


@pytest.mark.parametrize(("members", "words"), [(("0000:01:10.0", "0000:01:10.2"), "share"), ((), "no IOMMU group")])
def test_isolation(members: tuple[str, ...], words: str) -> None:
    whole = igb_pf(numvfs=7).vfs
    broken = (replace(whole[0], group_members=members), *whole[1:])
    finding = found(vfs, made(vfs=broken))[f"vfs.isolation {FIRST}"]
    assert finding.level is Level.FAIL
    assert words in finding.title


def test_success_with_fewer_vfs_is_seen() -> None:
    facts = made(vfs=())
    assert found(vfs, facts)[f"vfs.count {FIRST}"].level is not Level.OK


def test_absent_files_are_expected_absent() -> None:
    facts = igb_host()
    assert facts.file(UDEV_RULES_FILE) == TextFile(path=UDEV_RULES_FILE, state="absent")
    write = steps(vfs, facts)["vfs.at-boot"].operations[0]
    assert isinstance(write, WriteFile)
    assert write.expect == ""


SESSION = SshSession(client="a", server="b", links=("enp1s0",), pfs=(FIRST,))
NOW = Choices(nics=(NicChoice(address=FIRST, use="sriov", bridge="br1", wire="bcast1", when="now"),))


def test_the_card_of_this_session_now_is_to_be_confirmed_and_the_rule_comes_after_it() -> None:
    planned = steps(vfs, igb_host(ssh=SESSION), NOW)
    make = planned[f"vfs.numvfs:{FIRST}"]
    assert (make.disrupts, make.confirm) == ("ssh", 90.0)
    assert planned["vfs.at-boot"].after == (make.id,)
    assert planned["vfs.at-boot"].disrupts == "no"
    warning = found(vfs, igb_host(ssh=SESSION), NOW)[f"vfs.session {FIRST}"]
    assert warning.level is Level.WARN
    assert "sriov-tui confirm" in warning.detail
    assert found(vfs, igb_host(ssh=SESSION))[f"vfs.session {FIRST}"].level is Level.INFO


def test_now_changes_nothing_for_a_card_without_the_session() -> None:
    assert steps(vfs, igb_host(), NOW) == steps(vfs, igb_host())
    assert steps(vfs, igb_host())[f"vfs.numvfs:{FIRST}"].confirm == 0


def test_what_lives_on_a_link_that_drops_is_named() -> None:
    links = (
        Link(name="enp1s0", index=3, up=True, carrier=True, pci=FIRST, master="bond0"),
        Link(name="enp9s0", index=5, up=True, carrier=True, master="bond0"),
        Link(name="bond0", index=4, kind="bond", bond=Bond(mode="active-backup", ports=("enp1s0", "enp9s0"))),
        Link(name="bond0.7", index=6, kind="vlan", parent="bond0", addresses=(Address(ip="192.0.2.9", prefixlen=24),)),
    )
    conf = text_file(HOST_CONF, "networks:\n- bond0/br0/192.0.2.9\n")
    facts = igb_host(links=links, routes=(Route(destination="default", link="bond0.7"),), files=(conf,))
    facts = replace(facts, node_ips=("192.0.2.9",))
    finding = found(vfs, facts)[f"vfs.link {FIRST}"]
    assert finding.level is Level.WARN
    assert finding.detail.splitlines()[1:] == [
        "the bond bond0 (it goes on over enp9s0)",
        "the network bond0/br0/192.0.2.9 of host.conf",
        "the vlan bond0.7",
        "the address 192.0.2.9 of bond0.7, by which Kubernetes knows this host",
        "the default route over bond0.7",
    ]
    assert f"vfs.link {FIRST}" not in found(vfs, igb_host())
    quiet = with_pf(facts, driver="mlx5_core")
    assert f"vfs.link {FIRST}" not in found(vfs, quiet)


def test_vfs_that_this_host_itself_uses_are_not_made_anew() -> None:
    vf = Vf(index=0, address="0000:01:10.0", driver="igbvf", netdevs=("enp1s0v0",), holders=())
    link = Link(name="enp1s0v0", index=9, master="br7", pci="0000:01:10.0")
    bridge = Link(name="br7", index=10, kind="bridge", addresses=(Address(ip="192.0.2.9", prefixlen=24),))
    facts = with_pf(igb_host(), numvfs=4, vfs=(vf,))
    facts = replace(facts, links=(*(facts.links or ()), link, bridge))
    finding = found(vfs, facts)[f"vfs.held {FIRST}"]
    assert finding.blocks
    assert "0000:01:10.0 enp1s0v0 carries the bridge br7" in finding.detail
    assert "the address 192.0.2.9 of br7" in finding.detail
    assert f"vfs.numvfs:{FIRST}" not in steps(vfs, facts)
    idle = replace(facts, links=(*(facts.links or ())[:-2], replace(link, master="")))
    assert f"vfs.numvfs:{FIRST}" in steps(vfs, idle)


@pytest.mark.parametrize(
    ("driver", "drops"),
    [("igb", True), ("ngbe", True), ("txgbe", True), ("mlx5_core", False), ("ice", False), ("of-tomorrow", None)],
)
def test_only_a_driver_that_drops_the_link_is_said_to(driver: str, drops: bool | None) -> None:
    links = (Link(name="enp1s0", index=3, up=True, carrier=True, pci=FIRST, master="br0"),)
    facts = with_pf(igb_host(links=links), driver=driver)
    step = steps(vfs, facts)[f"vfs.numvfs:{FIRST}"]
    assert step.disrupts == ("no" if drops is False else "link")
    finding = found(vfs, facts).get(f"vfs.link {FIRST}")
    words = {True: "Creating VFs drops", False: "", None: "Creating VFs may drop"}[drops]
    assert words in (finding.title if finding else "")
    assert (finding is None) == (drops is False)
    assert ("drops for some seconds" in step.why) == (drops is True)
    session = replace(facts, ssh=SshSession(client="a", server="b", links=("enp1s0",), pfs=(FIRST,)))
    told = found(vfs, session)[f"vfs.session {FIRST}"]
    assert ("would drop the link" in told.detail) == (drops is not False)
    assert f"vfs.numvfs:{FIRST}" not in steps(vfs, session)


def test_network_manager_leaves_plain_vfs_alone() -> None:
    facts = igb_host(network_managers=("NetworkManager",))
    assert found(vfs, facts)[f"vfs.unmanaged {FIRST}"].level is Level.WARN
    step = steps(vfs, facts)["vfs.at-boot"]
    write = step.operations[0]
    assert isinstance(write, WriteFile)
    assert write.text is not None
    assert f'PCI_SLOT_NAME={FIRST}*", ENV{{NM_UNMANAGED}}="1"' in write.text
    assert f"vfs.unmanaged {FIRST}" in step.resolves
    files = (*(f for f in facts.files if f.path != UDEV_RULES_FILE), text_file(UDEV_RULES_FILE, write.text))
    assert found(vfs, replace(facts, files=files))[f"vfs.unmanaged {FIRST}"].level is Level.OK
    other = igb_host(network_managers=("ifupdown",))
    assert f"vfs.unmanaged {FIRST}" not in found(vfs, other)
    plain = steps(vfs, other)["vfs.at-boot"].operations[0]
    assert isinstance(plain, WriteFile)
    assert "NM_UNMANAGED" not in (plain.text or "")
