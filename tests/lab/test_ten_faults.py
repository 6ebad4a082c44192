"""Ten faults, put in for real: `troubleshoot` names each, mends it where a step exists, and the kernel shows it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.lab import evidence
from tests.lab.conftest import Boot
from tests.lab.evidence import HOST_CONF
from tests.lab.machine import NETDEVS, PFS, TOTALVFS, Machine
from tests.lab.walk import BRIDGE, WIRE

FIRST, NET = PFS[0], NETDEVS[0]
BONDING = "/sys/class/net/bond0/bonding"
AT = f"/sys/bus/pci/devices/{FIRST}"
ENTRY = f"- {NET}/{BRIDGE}/{WIRE}"
NICS = f"printf 'sriov_nics:\\n- {NET}\\n' >>{HOST_CONF}"
WIRED = f"sed -i '/^networks:/a\\{ENTRY}' {HOST_CONF}"
VFS = f"echo {TOTALVFS} >{AT}/sriov_numvfs"


@dataclass(frozen=True)
class Fault:
    """How it is put in, what the operator says, the cause, what the program is told to mend it, the proof."""

    name: str
    put: str
    words: str
    cause: str
    proof: str
    answers: str = ""


STUB = f"""
modprobe pci-stub; {VFS}; vf=$(basename $(readlink {AT}/virtfn0))
[ ! -e /sys/bus/pci/devices/$vf/driver ] || echo $vf >/sys/bus/pci/devices/$vf/driver/unbind
echo pci-stub >/sys/bus/pci/devices/$vf/driver_override; echo $vf >/sys/bus/pci/drivers/pci-stub/bind
"""
BOND = f"""
modprobe bonding max_bonds=0
ip link add bond0 type bond mode 0
for net in {" ".join(NETDEVS)}; do ip link set $net down; ip link set $net master bond0; done
printf 'ovs_offload_nics:\\n- bond0\\n' >>{HOST_CONF}; sed -i '/^networks:/a\\- bond0/{BRIDGE}/{WIRE}' {HOST_CONF}
"""
FAULTS = (
    Fault("4 of 7 VFs", f"{NICS}; {WIRED}; echo 4 >{AT}/sriov_numvfs", "fewer-vfs", "vf.partial",
          f"[ $(cat {AT}/sriov_numvfs) = {TOTALVFS} ]"),
    Fault("a VF bound to another driver", f"{NICS}; {WIRED}; {STUB}", "vf-bind", "vf.other-driver",
          f"! readlink {AT}/virtfn*/driver | grep -q pci-stub && [ $(cat {AT}/sriov_numvfs) = {TOTALVFS} ]"),
    Fault("a NIC missing from networks", NICS, "no-vfs", "conf.nic", f"grep -qx -e '{ENTRY}' {HOST_CONF}",
          answers=f"--answer bridge={BRIDGE} --answer wire={WIRE}"),
    Fault("a null list", f"{WIRED}; printf 'sriov_nics:\\n' >>{HOST_CONF}", "host-offline", "conf.null-list",
          f"sriov-tui hostconf check {HOST_CONF} && grep -qx -e '- {NET}' {HOST_CONF}", answers=f"--answer nic={NET}"),
    Fault("OVS without hw-offload", "systemctl start openvswitch-switch", "offload-flows", "flow.setting",
          "ovs-vsctl get Open_vSwitch . other_config:hw-offload | grep -q true"),
    Fault("a bond in mode 0", BOND, "bond", "lag.mode",
          f"grep -q active-backup {BONDING}/mode && [ $(wc -w <{BONDING}/slaves) = 2 ]"),
    Fault("autoprobe off", f"{NICS}; {WIRED}; echo 0 >{AT}/sriov_drivers_autoprobe; {VFS}", "vf-bind",
        "vf.no-autoprobe",
          f"[ $(cat {AT}/sriov_drivers_autoprobe) = 1 ]"),
    Fault("a wrong interface name", f"{WIRED}; printf 'sriov_nics:\\n- enp9s9\\n' >>{HOST_CONF}", "no-vfs", "conf.nic",
          f"grep -qx -e '- {NET}' {HOST_CONF} && ! grep -q enp9s9 {HOST_CONF}", answers=f"--answer nic={NET}"),
)  # fmt: skip
CLEAN = f"""
for pf in {" ".join(PFS)}; do echo 0 >/sys/bus/pci/devices/$pf/sriov_numvfs
echo 1 >/sys/bus/pci/devices/$pf/sriov_drivers_autoprobe; done; ip link del bond0 2>/dev/null; true
"""


def judged(machine: Machine, words: str) -> dict[str, Any]:
    """What `troubleshoot --json` says."""
    done = machine.try_ssh(f"sriov-tui troubleshoot {words} --json")
    assert done.status in (0, 2), done.out + done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


@pytest.fixture(scope="module")
def healthy(boot: Boot) -> Machine:
    """A processor with svm, which QEMU emulates: the host-agent would look for devices."""
    return boot("--cpu", "phenom")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_named_mended_and_gone(healthy: Machine, fault: Fault) -> None:
    healthy.give_host_conf()
    healthy.ssh(CLEAN)
    healthy.ssh(fault.put)
    found = judged(healthy, fault.words)
    assert found["cause"]["id"] == fault.cause, found
    done = healthy.try_ssh(f"sriov-tui troubleshoot {fault.words} {fault.answers} --apply --yes")
    assert done.status == 0, done.out + done.err
    assert f"Fixed: {fault.cause}" in done.out
    assert healthy.try_ssh(fault.proof).status == 0, healthy.ssh(f"tail -20 {HOST_CONF}")
    assert "cause" not in judged(healthy, fault.cause)


def test_the_iommu_off_and_the_argument_missing(boot: Boot) -> None:
    """An argument keeps the IOMMU off; once the menu is right the running kernel still lacks it, until the reboot."""
    machine = boot("--cmdline", "console=ttyS0 no_timer_check intel_iommu=off")
    assert not evidence.iommu_active(machine)
    assert judged(machine, "iommu")["cause"]["id"] == "kernel.iommu-off"
    done = machine.try_ssh("sriov-tui troubleshoot iommu --apply --yes")
    assert done.status == 3, done.out + done.err
    assert "intel_iommu=on" not in evidence.kernel_arguments(machine)
    assert judged(machine, "iommu")["cause"]["id"] == "kernel.arguments-pending"
    machine.reboot()
    assert machine.try_ssh("sriov-tui resume").status == 0
    assert evidence.iommu_active(machine)
    assert "intel_iommu=on" in evidence.kernel_arguments(machine)
    for id in ("kernel.iommu-off", "kernel.arguments-pending"):
        assert "cause" not in judged(machine, id)
