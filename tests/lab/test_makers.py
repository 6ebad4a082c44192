"""Others that create VFs at boot, for real: three of seven after a boot, told by the audit, corrected, seven of seven.

A root port that does not keep its functions apart is foretold, and what comes of it is not called verified.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from tests.lab import evidence
from tests.lab.conftest import Boot
from tests.lab.machine import NETDEVS, PFS, TOTALVFS, Machine

PF, NETDEV, PART = PFS[0], NETDEVS[0], 3
ANSWERS = f'version = 1\n[[nics]]\naddress = "{PF}"\nuse = "sriov"\nbridge = "br1"\nwire = "bcast1"\n'
ISOLATION = {"iommu.acs", "vfs.isolation"}

# As on a host whose initramfs has every driver.
IN_INITRAMFS = "echo igb >>/etc/initramfs-tools/modules && update-initramfs -u"
NOT_IN_INITRAMFS = "sed -i /^igb$/d /etc/initramfs-tools/modules && update-initramfs -u"


@dataclass(frozen=True, slots=True)
class Left:
    """A file of somebody else, what makes it count, and what takes it away again."""

    path: str
    text: str
    enable: str = "true"
    disable: str = "true"
    needs: str = ""


MAKERS = {
    "link": Left(
        "/etc/systemd/network/20-vfs.link",
        f"[Match]\nPath=pci-{PF}\n\n[Link]\nNamePolicy=keep kernel database onboard slot path\n"
        f"SR-IOVVirtualFunctions={PART}\n",
    ),
    "rule": Left(
        "/etc/udev/rules.d/70-vfs.rules",
        f'ACTION=="add", SUBSYSTEM=="net", KERNELS=="{PF}", ATTR{{device/sriov_numvfs}}="{PART}"\n',
    ),
    "modprobe": Left(
        "/etc/modprobe.d/igb.conf",
        f"options igb max_vfs={PART}\n",
        IN_INITRAMFS,
        NOT_IN_INITRAMFS,
    ),
    "netplan": Left(
        "/etc/netplan/20-vfs.yaml",
        f"network:\n  version: 2\n  ethernets:\n    {NETDEV}:\n      virtual-function-count: {PART}\n",
        # Its service starts before the network and waits for no card (netplan, src/sriov.c): one that comes later
        # than the initramfs, it does not see.
        f"chmod 600 /etc/netplan/20-vfs.yaml && {IN_INITRAMFS}",
        NOT_IN_INITRAMFS,
        needs="netplan",
    ),
}


@pytest.fixture(scope="module")
def machine(boot: Boot) -> Machine:
    """Both ports chosen, since a driver's parameter is of both, and all of their VFs there at every boot."""
    found = boot("--cpu", "phenom")
    second = ANSWERS.partition("\n")[2].replace(PF, PFS[1]).replace("br1", "br2").replace("bcast1", "bcast2")
    found.write("/root/answers.toml", (ANSWERS + second).encode())
    found.ssh("chmod 600 /root/answers.toml")
    assert "Verified" in found.ssh("sriov-tui apply --answers /root/answers.toml --yes")
    return found


def reboot(machine: Machine) -> None:
    """Until the boot is over: ssh answers before the last of them had its turn."""
    machine.reboot()
    machine.try_ssh("systemctl is-system-running --wait; udevadm settle")


@pytest.mark.parametrize("name", MAKERS)
def test_found_told_corrected_and_all_there_after_the_boot(machine: Machine, name: str) -> None:
    left = MAKERS[name]
    if left.needs and machine.try_ssh(f"command -v {left.needs}").status:
        pytest.skip(f"{left.needs} is not on the lab's disk")
    machine.write(left.path, left.text.encode())
    machine.ssh(left.enable)
    try:
        reboot(machine)
        assert evidence.numvfs(machine, PF) == PART, "it does not act on this machine"
        owner = next(f for f in evidence.audit(machine)["findings"] if f["id"] == "drift.owner" and f["subject"] == PF)
        assert owner["level"] == "FAIL"
        assert left.path in owner["title"]
        assert "Verified" in machine.ssh("sriov-tui apply --answers /root/answers.toml --yes")
        reboot(machine)
        assert [evidence.numvfs(machine, pf) for pf in PFS] == [TOTALVFS, TOTALVFS]
        assert evidence.not_ok(evidence.audit(machine)) == {}
        machine.ssh("sriov-tui rollback --yes")
        assert machine.read(left.path) == left.text.encode()
    finally:
        machine.ssh(f"rm -f {left.path} && {left.disable}")


def test_a_port_without_acs_is_foretold_and_not_verified(boot: Boot) -> None:
    port = "pcie-root-port,id=open,slot=9,chassis=9,disable-acs=on"
    machine = boot("--cpu", "phenom", "--nics", "0", "--device", port, "--device", "igb,bus=open")
    machine.write("/root/answers.toml", ANSWERS.encode())
    machine.ssh("chmod 600 /root/answers.toml")
    planned = json.loads(machine.ssh("sriov-tui plan --answers /root/answers.toml --format json"))
    assert "iommu.acs" in {finding["id"] for finding in planned["open"]}
    done = machine.try_ssh("sriov-tui apply --answers /root/answers.toml --yes")
    assert done.status == 7, done.out
    assert "Done, but not ready: " in done.out
    assert evidence.numvfs(machine, PF) == TOTALVFS
    assert {bound.group_size > 1 for bound in evidence.bind_as_the_agent_does(machine, PF)} == {True}
    failing = {finding["id"] for finding in evidence.audit(machine)["findings"] if finding["level"] == "FAIL"}
    assert failing >= ISOLATION
