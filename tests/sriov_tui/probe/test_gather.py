"""gather: the same facts from every kind of machine, unknown kept apart from no, and never an exception."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from sriov_tui.codec import decode, encode
from sriov_tui.facts import (
    Holder,
    HostFacts,
)
from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import Machine
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.probe import gather
from sriov_tui.probe.config_space import parse
from sriov_tui.probe.grub import menu
from sriov_tui.probe.holders import vm_id, vm_name
from tests import machines

FIRST = machines.FIRST

# The hex dump of QEMU's igb: header, capability list from 0x100, SR-IOV at 0x160.
IGB_SRIOV = bytes.fromhex("100001000000000010000000080008000000000080000200" + "0000ca10" + "5305000001000000")


def facts_of(machine: Machine) -> HostFacts:
    """What the probes make of a machine."""
    return gather(RecordedHost(machine))


def test_healthy_machine_is_known_whole() -> None:
    facts = facts_of(machines.two_igb())
    assert facts.problems == ()
    pf = facts.pf(FIRST)
    assert pf is not None
    assert (pf.driver, pf.totalvfs, pf.numvfs, pf.netdev, pf.autoprobe) == ("igb", 7, 0, "enp1s0", True)
    assert pf.sriov is not None
    assert (pf.sriov.total, pf.sriov.vf_device, pf.ari) == (8, 0x10CA, True)
    assert pf.name
    assert "82576" in pf.name
    assert facts.ssh is not None
    assert facts.ssh.links == ("mgmt0",)
    assert facts.iommu.active
    assert facts.boot.loader == "grub-debian"


def test_ssh_over_a_bond_leads_to_both_ports() -> None:
    facts = facts_of(machines.bond_ssh())
    assert facts.ssh is not None
    assert facts.ssh.pfs == ("0000:03:00.0", "0000:03:00.1")


def test_without_root_what_cannot_be_seen_is_unknown() -> None:
    facts = facts_of(machines.unreadable())
    pf = facts.pf(FIRST)
    assert pf is not None
    assert facts.root is False
    assert (pf.sriov, pf.ari, pf.config_bytes) == (None, None, 64)
    assert facts.iommu.interrupt_remapping is None
    assert facts.modules_load is None
    assert {problem.source for problem in facts.problems} >= {"/etc/yunion/host.conf", "/etc/modules-load.d", "dmesg"}


@pytest.mark.parametrize("build", [machines.garbage, machines.no_pci, machines.unreadable, machines.bios_off])
def test_no_machine_makes_a_probe_fail(build: Callable[[], Machine]) -> None:
    facts = facts_of(build())
    assert not [problem for problem in facts.problems if "the probe failed" in problem.reason]
    assert decode(HostFacts, json.loads(json.dumps(encode(facts)))) == facts


def test_a_broken_reader_leaves_facts_unknown_and_says_why() -> None:
    class Broken(RecordedHost):
        def read(self, path: str, limit: int = 0, offset: int = 0) -> bytes:
            raise RuntimeError("gone")

    facts = gather(Broken(machines.two_igb()))
    assert facts.pfs is None
    assert any(problem.reason == "the probe failed: RuntimeError: gone" for problem in facts.problems)


def test_sriov_capability_of_qemus_igb() -> None:
    config = bytes(0x100) + (0x160 << 20 | 1 << 16 | 0x0E).to_bytes(4, "little")
    config = config.ljust(0x160, b"\0") + IGB_SRIOV
    space = parse(config.ljust(4096, b"\0"))
    assert space.sriov is not None
    assert (space.sriov.initial, space.sriov.total, space.sriov.offset, space.sriov.stride) == (8, 8, 128, 2)
    assert space.sriov.vf_device == 0x10CA
    assert space.sriov.ari_hierarchy
    assert not space.sriov.enabled
    assert (space.ari, space.acs) == (True, False)


@pytest.mark.parametrize("length", [0, 64, 0x100, 0x104, 0x162, 0x170, 4095])
def test_config_space_cut_anywhere_does_not_raise(length: int) -> None:
    config = bytes(0x100) + (0x160 << 20 | 0x0E).to_bytes(4, "little") + bytes(0x5C) + IGB_SRIOV
    space = parse(config[:length])
    assert (space.ari is None) == (length <= 0x100)


def test_a_loop_of_capabilities_ends() -> None:
    looping = bytes(0x100) + (0x100 << 20 | 0x10).to_bytes(4, "little")
    assert parse(looping.ljust(4096, b"\0")).sriov is not None


GRUB = """\
set default="1>0"
if [ x ] ; then
   set default="0"
fi
menuentry 'Debian GNU/Linux' --class debian {
    linux   /boot/vmlinuz-6.1 root=UUID=1 ro  quiet intel_iommu=on
}
submenu 'Advanced' {
    menuentry "Debian, recovery" {
        linuxefi /vmlinuz-6.1 root=UUID=1 single
    }
}
"""


def test_grub_entries_with_submenus_and_default() -> None:
    entries, default = menu(GRUB)
    assert [entry.title for entry in entries] == ["Debian GNU/Linux", "Debian, recovery"]
    assert entries[0].arguments == "root=UUID=1 ro  quiet intel_iommu=on"
    assert default == "Debian GNU/Linux"


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("/usr/bin/qemu-system-x86_64 -name guest=web,debug-threads=on -m 1", "web"),
        ("qemu-kvm -name web-1 -m 1", "web-1"),
        ("/usr/bin/dpdk -l 1", ""),
    ],
)
def test_vm_name(command: str, name: str) -> None:
    assert vm_name(command) == name


ID = "4f2c9d1e-8f0b-4a63-8f55-0c2d8a9b7e10"


@pytest.mark.parametrize(
    ("command", "id"),
    [
        (f"qemu-system-x86_64 -uuid {ID} -name web1,debug-threads=on", ID),
        (f"/usr/local/qemu -name web1 -pidfile /opt/cloud/workspace/servers/{ID}/pid", ID),
        ("qemu-system-x86_64 -name web1 -uuid none", ""),
    ],
)
def test_the_id_of_a_virtual_machine(command: str, id: str) -> None:
    assert vm_id(command) == id
    assert Holder(pid=1, command=command, vm="web1", id=id).who == f"web1 {id}".strip()


def test_a_flood_in_the_kernel_log_does_not_hide_what_the_boot_said() -> None:
    machine = machines.two_igb()
    flood = "".join(f"[{number}.0] DMAR: fault {number}\n" for number in range(10_000))
    machine.queries["dmesg"] = Completed(0, f"[0.1] DMAR: IOMMU enabled\n{flood}[9999.0] 7 VFs\n", "")
    log = gather(RecordedHost(machine)).kernel.log
    assert log is not None
    assert len(log) == 400
    assert (log[0], log[-1]) == ("[0.1] DMAR: IOMMU enabled", "[9999.0] 7 VFs")
