"""host.conf against the choices: what is found, what would be written, and that a right apply leaves all OK."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from checks import hostconf
from sriov_tui.facts import Bond, HostFacts, Link, TextFile
from sriov_tui.model import HOST_CONF, HOST_LOCAL_CONF, Choices, Finding, Level, NicChoice, WriteFile
from tests.samples import CONF, FIRST, SECOND, igb_host, igb_pf, text_file

WISH = Choices(nics=(NicChoice(address=FIRST, use="sriov", bridge="br1", wire="bcast1"),))
BARE = Choices(nics=(NicChoice(address=FIRST, use="sriov"),))
DONE = CONF.replace("10.0.2.15\n", "10.0.2.15\n- enp1s0/br1/bcast1\n") + "sriov_nics:\n- enp1s0\n"


def found(facts: HostFacts, choices: Choices = WISH) -> dict[str, Finding]:
    """The findings by key; a key that comes twice is an error."""
    all_of = list(hostconf.findings(facts, choices))
    by_key = {finding.key: finding for finding in all_of}
    assert len(by_key) == len(all_of), "two findings share a key"
    return by_key


def with_links(facts: HostFacts, *links: Link) -> HostFacts:
    """The host with these links in the place of, or besides, its own."""
    names = {link.name for link in links}
    return replace(facts, links=(*(link for link in facts.links or () if link.name not in names), *links))


def test_the_change_is_proposed_in_the_style_of_the_file() -> None:
    assert hostconf.proposed(igb_host(), WISH) == DONE
    assert "+- enp1s0/br1/bcast1\n" in hostconf.diff(igb_host(), WISH)


def test_before_the_apply_the_open_points_name_the_step() -> None:
    keys = found(igb_host())
    for key in (f"hostconf.nic {FIRST}", f"hostconf.network-entry {FIRST}"):
        assert keys[key].level is Level.WARN
        assert keys[key].fix
        assert keys[key].fix.steps == ("hostconf.write",)  # type: ignore[union-attr]
    assert not any(finding.blocks for finding in keys.values())


def test_after_the_apply_all_is_ok_and_nothing_is_left_to_write() -> None:
    facts = igb_host(conf=DONE)
    assert {finding.level for finding in found(facts).values()} == {Level.OK}
    assert list(hostconf.steps(facts, WISH)) == []
    assert hostconf.proposed(facts, WISH) is None
    assert hostconf.diff(facts, WISH) == ""


def test_the_step_backs_up_and_writes_what_it_read() -> None:
    facts = igb_host()
    (step,) = hostconf.steps(facts, WISH)
    backup, write = step.operations
    assert isinstance(backup, WriteFile)
    assert isinstance(write, WriteFile)
    digest = hashlib.sha256(CONF.encode()).hexdigest()
    assert backup.path == f"{HOST_CONF}.sriov-tui-20260101T000000Z-{digest[:8]}"
    assert (backup.text, backup.expect) == (CONF, "")
    assert (write.path, write.text, write.mode) == (HOST_CONF, DONE, 0o644)
    assert write.expect == digest
    assert set(step.resolves) == {f"hostconf.nic {FIRST}", f"hostconf.network-entry {FIRST}"}


def test_the_mode_of_the_file_is_kept_and_its_backup_is_for_the_owner_alone() -> None:
    facts = igb_host()
    facts = replace(facts, files=(text_file(HOST_CONF, CONF, mode=0o664), *facts.files[1:]))
    (step,) = hostconf.steps(facts, WISH)
    assert [operation.mode for operation in step.operations if isinstance(operation, WriteFile)] == [0o600, 0o664]


def test_every_resolved_finding_is_ok_afterwards() -> None:
    (step,) = hostconf.steps(igb_host(), WISH)
    after = found(igb_host(conf=DONE))
    assert step.resolves
    assert all(after[key].level is Level.OK for key in step.resolves)


def test_without_bridge_and_wire_nothing_is_written() -> None:
    finding = found(igb_host(), BARE)[f"hostconf.network-entry {FIRST}"]
    assert finding.level is Level.FAIL
    assert finding.blocks
    assert "bridge and wire" in finding.title
    assert list(hostconf.steps(igb_host(), BARE)) == []


@pytest.mark.parametrize(
    ("bridge", "wire", "says"),
    [
        ("br1", "", "wire must be given"),
        ("", "w", "bridge must be given"),
        ("a-name-too-long-x", "w", "not a valid bridge name"),
        ("b/r", "w", "not a valid bridge name"),
        ("br1", "w x", "not a valid wire name"),
        ("br1", "10.0.0.1", "not a valid wire name"),
        ("br0", "w", "taken by mgmt0/br0/10.0.2.15"),
        ("lo", "w", "already a network card"),
    ],
)
def test_an_entry_that_must_not_be_made(bridge: str, wire: str, says: str) -> None:
    choices = Choices(nics=(NicChoice(address=FIRST, use="sriov", bridge=bridge, wire=wire),))
    finding = found(igb_host(), choices)[f"hostconf.network-entry {FIRST}"]
    assert finding.blocks
    assert says in finding.title


def test_a_card_with_the_management_address_gets_no_wire_entry() -> None:
    mgmt = igb_pf("0000:00:03.0", "mgmt0")
    choices = Choices(nics=(NicChoice(address=mgmt.address, use="sriov", bridge="br1", wire="w"),))
    listed = CONF.replace("mgmt0/br0/10.0.2.15", "x/br0/10.0.2.15")
    finding = found(igb_host(conf=listed, pfs=(mgmt,)), choices)[f"hostconf.network-entry {mgmt.address}"]
    assert finding.blocks
    assert "10.0.2.15" in finding.title


def test_items_that_are_there_stay() -> None:
    conf = CONF + "sriov_nics: [enp2s0]\n"
    assert (hostconf.proposed(igb_host(conf=conf), WISH) or "").endswith("sriov_nics: [enp2s0, enp1s0]\n")


def test_a_card_listed_in_host_local_conf_is_not_listed_twice() -> None:
    facts = igb_host(conf=DONE.replace("sriov_nics:\n- enp1s0\n", ""))
    local = text_file(HOST_LOCAL_CONF, "sriov_nics: [enp1s0]\n")
    facts = replace(facts, files=(*(f for f in facts.files if f.path != HOST_LOCAL_CONF), local))
    assert found(facts)[f"hostconf.nic {FIRST}"].level is Level.OK
    assert hostconf.proposed(facts, WISH) is None


def test_a_card_named_in_both_files_has_its_vfs_twice() -> None:
    facts = igb_host(conf=DONE)
    local = text_file(HOST_LOCAL_CONF, "sriov_nics: [enp1s0]\n")
    facts = replace(facts, files=(*(f for f in facts.files if f.path != HOST_LOCAL_CONF), local))
    assert found(facts)["hostconf.lists enp1s0"].blocks


def test_a_card_in_both_lists_is_found() -> None:
    conf = DONE.replace("enp1s0\n", "enp1s0\n- enp2s0\n") + "ovs_offload_nics: [enp2s0]\n"
    assert found(igb_host(conf=conf))["hostconf.lists enp2s0"].level is Level.FAIL


def test_a_change_of_use_moves_the_card() -> None:
    choices = Choices(nics=(NicChoice(address=FIRST, use="offload", bridge="br1", wire="bcast1"),))
    text = hostconf.proposed(igb_host(conf=DONE), choices) or ""
    assert "ovs_offload_nics:\n- enp1s0\n" in text
    assert "sriov_nics" not in text


def test_a_bond_is_listed_under_its_own_name_and_not_with_its_port() -> None:
    bond = Link(name="bond0", index=9, kind="bond", bond=Bond(mode="802.3ad", ports=("enp1s0", "enp2s0")))
    ports = [
        Link(name=name, index=i, master="bond0", pci=pci)
        for name, i, pci in (("enp1s0", 3, FIRST), ("enp2s0", 4, SECOND))
    ]
    facts = with_links(igb_host(), bond, *ports)
    choices = WISH.with_nic(NicChoice(address=SECOND, use="sriov", bridge="br1", wire="bcast1"))
    text = hostconf.proposed(facts, choices) or ""
    assert "- bond0/br1/bcast1\n" in text
    assert text.endswith("sriov_nics:\n- bond0\n")
    both = with_links(igb_host(conf=text.replace("- bond0\n", "- bond0\n- enp1s0\n")), bond, *ports)
    assert found(both, choices)["hostconf.lists enp1s0"].blocks


def test_an_infiniband_card_needs_no_entry() -> None:
    facts = with_links(igb_host(), Link(name="enp1s0", index=3, arphrd=32, pci=FIRST))
    assert found(facts, BARE)[f"hostconf.network-entry {FIRST}"].level is Level.OK
    assert "enp1s0/" not in (hostconf.proposed(facts, BARE) or "enp1s0/")


@pytest.mark.parametrize(("state", "says"), [("absent", "not a Cloudpods host"), ("unreadable", "cannot be read")])
def test_no_host_conf(state: str, says: str) -> None:
    facts = replace(igb_host(), files=(TextFile(path=HOST_CONF, state=state),))
    (finding,) = hostconf.findings(facts, WISH)
    assert finding.id == "hostconf.present"
    assert finding.blocks
    assert says in finding.title
    assert list(hostconf.steps(facts, WISH)) == []


def test_a_file_that_the_host_agent_cannot_read_blocks_with_its_line() -> None:
    keys = found(igb_host(conf=CONF.replace("- mgmt0", "-mgmt0")))
    assert keys["hostconf.loads host"].blocks
    assert keys["hostconf.yaml-dash host.conf:5"].level is Level.FAIL
    assert keys["hostconf.edit host"].blocks


def test_a_null_list_is_mended_by_the_step() -> None:
    facts = igb_host(conf=CONF + "sriov_nics:\n")
    keys = found(facts)
    assert keys["hostconf.loads host"].level is Level.FAIL
    assert not keys["hostconf.loads host"].blocks
    (step,) = hostconf.steps(facts, WISH)
    assert "hostconf.loads host" in step.resolves


@pytest.mark.parametrize(
    ("extra", "key", "blocks"),
    [
        ("sriov_nics: [enp1s0]\nsriov-nics: [enp1s0]\n", "hostconf.key-two-spellings host.conf:8", True),
        ("Networks: []\n", "hostconf.key-misspelt host.conf:7", True),
        ("sriov_nics: a,b\n", "hostconf.item-comma host.conf:7", True),
        ("disable_security_group: true\n", "hostconf.key-configmap host.conf:7", False),
        ("rack: r\nrack: s\n", "hostconf.key-duplicate host.conf:8", False),
    ],
)
def test_traps_in_the_file(extra: str, key: str, blocks: bool) -> None:
    assert found(igb_host(conf=CONF + extra))[key].blocks is blocks


def test_a_missing_line_end_is_mended_by_the_step() -> None:
    finding = found(igb_host(conf=CONF.rstrip("\n")))["hostconf.newline-missing host.conf:6"]
    assert finding.fix
    assert finding.fix.steps == ("hostconf.write",)


def test_keys_that_an_installer_leaves_are_no_noise() -> None:
    conf = DONE.replace("disable_gpu", "enable_rbac: true\nhealth_driver: etcd\ndisable_gpu")
    assert {finding.level for finding in found(igb_host(conf=conf)).values()} == {Level.OK}


def test_the_security_group_option_is_never_written() -> None:
    assert "security_group" not in (hostconf.proposed(igb_host(), WISH) or "security_group")


def test_offload_needs_open_vswitch_and_ethernet() -> None:
    conf = DONE.replace("sriov_nics", "ovs_offload_nics")
    assert not any(key.startswith("hostconf.offload") for key in found(igb_host(conf=conf), Choices()))
    other = conf.replace("bridge_driver: openvswitch", "bridge_driver: linux_bridge")
    assert found(igb_host(conf=other), Choices())["hostconf.offload host"].blocks
    facts = with_links(igb_host(conf=conf), Link(name="enp1s0", index=3, arphrd=32, pci=FIRST))
    assert "InfiniBand" in found(facts, Choices())["hostconf.offload host.conf:9"].title
