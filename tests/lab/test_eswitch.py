"""A real eswitch (the kernel's netdevsim): what brings a ConnectX to switchdev brings it there too, and back.

The unit and the rules are those that the checks make for a ConnectX, written by the engine; only the device's place in
sysfs and devlink is another, and the two files of PCI that netdevsim lacks are left out.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.lab.conftest import Boot
from tests.lab.machine import Machine

HANDLE = "netdevsim/netdevsim10"
AT = "/sys/bus/netdevsim/devices/netdevsim10"
VFS = 4  # netdevsim's most
CARD = f"""\
import json
from dataclasses import replace
from sriov_tui.facts import Pf
from sriov_tui.hosts.local import LocalHost
from sriov_tui.model import Choices, NicChoice
from sriov_tui.probe import gather
from sriov_tui.probe.eswitch import eswitch, representors
from sriov_tui.probe.source import Source

host = LocalHost()
facts = gather(host)
# netdevsim counts its ports from 1, a ConnectX from 0.
uplink = next(replace(link, phys_port_name="p0") for link in facts.links if link.phys_port_name == "p1")
source = Source(host, "eswitch")
pf = Pf(address="netdevsim10", vendor=0x15B3, device=0x101D, driver="mlx5_core", netdevs=(uplink.name,),
        totalvfs={VFS}, numvfs=0, autoprobe=True, compat_devlink=True,
        eswitch=eswitch(source, "{HANDLE}", ""), representors=representors(facts.links, "netdevsim10", uplink))
facts = replace(facts, pfs=(*facts.pfs, pf))
choices = Choices().with_nic(NicChoice(address=pf.address, use="offload"))
"""
PLAN = f"""\
{CARD}
from checks import eswitch, names
from sriov_tui import plan

steps = [*names.steps(facts, choices), *(step for step in eswitch.steps(facts, choices) if step.id == eswitch.AT_BOOT)]
text = plan.to_json(plan.build(facts, Choices(), [replace(step, resolves=()) for step in steps]))
for old, new in (
    ("pci/netdevsim10", "{HANDLE}"),
    ("/sys/bus/pci/devices/netdevsim10/sriov_drivers_autoprobe", "/run/autoprobe"),
    ("cat /sys/bus/pci/devices/netdevsim10/sriov_totalvfs", "echo {VFS}"),
    ("/sys/bus/pci/devices/netdevsim10", "{AT}"),
):
    assert old in text, old
    text = text.replace(old, new)
print(text)
"""
LOOK = f"""\
{CARD}
print(json.dumps({{
    "mode": pf.eswitch.mode, "uplink": uplink.name, "switch": uplink.phys_switch_id,
    "representors": [[one.vf, one.netdev] for one in pf.representors],
    "tc": {{link.name: bool(link.hw_tc_offload and link.hw_tc_offload.on) for link in facts.links
           if link.phys_port_name[:2] in ("p1", "pf")}},
}}))
"""


def look(machine: Machine) -> dict[str, Any]:
    """The eswitch as the program's own probes see it, and who has hw-tc-offload on."""
    seen: dict[str, Any] = json.loads(machine.ssh("python3 -", stdin=LOOK.encode()))
    return seen


@pytest.fixture(scope="module")
def machine(boot: Boot) -> Machine:
    """With netdevsim's card of two ports."""
    machine = boot()
    machine.eswitch()
    return machine


def test_legacy_vfs_switchdev_offload_and_back(machine: Machine) -> None:
    before = look(machine)
    assert (before["mode"], before["representors"]) == ("legacy", [])
    uplink, stem = before["uplink"], before["uplink"].removesuffix("np1")

    machine.ssh("umask 077; python3 - >/root/plan.json", stdin=PLAN.encode())
    done = machine.try_ssh("sriov-tui apply /root/plan.json --yes --new")
    assert done.status in (0, 3), done.out + done.err
    unit = machine.ssh("ls /etc/systemd/system | grep netdevsim10")
    # What systemd does at boot.
    machine.ssh(f"systemctl start {unit} || {{ journalctl -u {unit}; exit 1; }}")
    seen = look(machine)
    assert seen["mode"] == "switchdev"
    assert seen["uplink"] == uplink, "the card kept its name"
    assert seen["switch"]
    assert seen["representors"] == [[vf, f"{stem}_{vf}"] for vf in range(VFS)]
    assert seen["tc"] == dict.fromkeys((uplink, *(f"{stem}_{vf}" for vf in range(VFS))), True)
    assert machine.ssh(f"cat {AT}/sriov_numvfs") == str(VFS)

    machine.ssh(f"systemctl stop {unit}")  # what was started here; systemd keeps an active unit in mind
    machine.ssh(f"devlink dev eswitch set {HANDLE} mode legacy; echo 0 >{AT}/sriov_numvfs; sriov-tui rollback --yes")
    after = look(machine)
    assert (after["mode"], after["representors"], after["uplink"]) == ("legacy", [], uplink)
    assert machine.try_ssh(f"ls /etc/systemd/system/{unit}").status
    assert "not-found" in machine.ssh(f"systemctl show -p LoadState {unit}")
