"""The simulated ConnectX reacts as firmware, driver and kernel do: set, reboot, switchdev, representors, refusals."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sriov_tui.codec import decode, encode
from sriov_tui.facts import Eswitch, Feature, HostFacts, Pf
from sriov_tui.hosts.machine import Machine
from sriov_tui.hosts.recorded import RecordedHost, RecordingHost
from sriov_tui.probe import gather
from sriov_tui.simulated import SimulatedHost
from sriov_tui.simulated.mellanox import driver
from tests import mellanox_machines as cards
from tests.mellanox_machines import NET0, OFED, PF0, PF1

DEVICES, MLX5 = "/sys/bus/pci/devices", "/sys/bus/pci/drivers/mlx5_core"
BUSY = "Error: mlx5_core: Can't change mode, E-Switch is busy."
FAILED = "Error: mlx5_core: Failed setting eswitch to offloads."


class Bench(SimulatedHost):
    """A simulated host with short words for what an operator does."""

    def go(self, command: str) -> tuple[int, list[str]]:
        """Run a command; its status and its lines."""
        lines: list[str] = []
        return self.run(command.split(), 10.0, lines.append), lines

    def numvfs(self, pf: str, count: int) -> None:
        """Make so many VFs."""
        self.write_attribute(f"{DEVICES}/{pf}/sriov_numvfs", str(count), 10.0)

    def unbind(self, pf: str) -> None:
        """Take all VFs of a PF from their driver."""
        for vf in self.pf(pf).vfs:
            if vf.driver:
                self.write_attribute(f"/sys/bus/pci/drivers/{vf.driver}/unbind", vf.address, 10.0)

    def switchdev(self, pf: str, count: int = 2) -> None:
        """VFs, unbound, then switchdev."""
        self.numvfs(pf, count)
        self.unbind(pf)
        assert self.go(f"devlink dev eswitch set pci/{pf} mode switchdev") == (0, [])

    def facts(self) -> HostFacts:
        """What the probes make of it now."""
        return gather(self)

    def pf(self, address: str) -> Pf:
        """A PF as the probes see it now."""
        found = self.facts().pf(address)
        assert found is not None
        return found

    def log(self) -> str:
        """The kernel log."""
        return self.query(("dmesg",)).out


@pytest.fixture
def bench(tmp_path: Path) -> Callable[[Machine], Bench]:
    def make(machine: Machine) -> Bench:
        host = Bench.create(machine, tmp_path)
        assert isinstance(host, Bench)
        return host

    return make


Make = Callable[[Machine], Bench]


@pytest.mark.parametrize("build", [*cards.ALL, cards.factory_new, cards.locked])
def test_facts_survive_a_recording_and_the_codec(build: Callable[[], Machine], tmp_path: Path) -> None:
    recorder = RecordingHost(RecordedHost(build()))
    facts = gather(recorder)
    recorder.save(tmp_path, "x")
    again = gather(RecordedHost(tmp_path))
    assert (again.pfs, again.links, again.ovs, again.mlx5) == (facts.pfs, facts.links, facts.ovs, facts.mlx5)
    assert (again.firmware_tool, again.network_managers) == (facts.firmware_tool, facts.network_managers)
    assert decode(HostFacts, json.loads(json.dumps(encode(facts)))) == facts


def test_a_change_that_changes_nothing_changes_nothing(bench: Make) -> None:
    host = bench(cards.connectx())
    before = host.machine
    host.go("true")
    assert host.machine == before


# Firmware


def test_firmware_counts_come_with_the_reboot_for_both_ports(bench: Make) -> None:
    host = bench(cards.factory_new())
    pf = host.pf(PF0)
    assert (pf.totalvfs, pf.sriov and pf.sriov.total) == (None, 0)
    assert host.go(f"mstconfig -y -d {PF0} set SRIOV_EN=1 NUM_OF_VFS=64")[0] == 0
    for address in (PF0, PF1):
        pf = host.pf(address)
        setting = pf.setting("NUM_OF_VFS")
        assert setting is not None
        assert (setting.default, setting.current, setting.next, setting.pending) == ("0", "0", "64", True)
        assert pf.totalvfs is None
    host.reboot()
    for address in (PF0, PF1):
        pf = host.pf(address)
        setting = pf.setting("SRIOV_EN")
        assert setting is not None
        assert (setting.current, setting.pending) == ("True(1)", False)
        assert (pf.totalvfs, pf.numvfs, pf.sriov and pf.sriov.total) == (64, 0, 64)
        host.numvfs(address, 64)
    assert len({vf.address for address in (PF0, PF1) for vf in host.pf(address).vfs}) == 128


def test_without_vfs_in_the_firmware_the_files_go_again(bench: Make) -> None:
    host = bench(cards.connectx())
    assert host.go(f"mstconfig -y -d {PF1} set SRIOV_EN=False")[0] == 0
    host.reboot()
    assert [host.pf(address).totalvfs for address in (PF0, PF1)] == [None, None]


def test_a_count_of_its_own_for_each_pf(bench: Make) -> None:
    host = bench(cards.connectx())
    host.go(f"mstconfig -y -d {PF0} set PF_NUM_OF_VF_VALID=1 PF_NUM_OF_VF=4")
    host.reboot()
    assert host.pf(PF0).totalvfs == 4


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("NO_SUCH=1", "-E- The Device doesn't support NO_SUCH parameter"),
        ("NUM_OF_VFS=128", "-E- Failed to set configuration"),
        ("NUM_OF_VFS=-1", "-E- Failed to set configuration"),
        ("SRIOV_EN=maybe", "-E- Failed to set configuration"),
        ("LINK_TYPE_P1=0", "-E- Failed to set configuration"),
        ("NUM_OF_VFS=4 SRIOV_EN=2", "-E- Failed to set configuration"),
    ],
)
def test_bad_settings_change_nothing(bench: Make, words: str, line: str) -> None:
    host = bench(cards.connectx())
    before = host.machine
    assert host.go(f"mstconfig -y -d {PF0} set {words}") == (3, [line])
    assert host.machine == before


def test_lockdown_keeps_the_tool_out(bench: Make) -> None:
    host = bench(cards.locked())
    assert host.go(f"mstconfig -y -d {PF0} set NUM_OF_VFS=4") == (3, ["-E- Failed to open the device"])
    assert "Lockdown: mstconfig: direct PCI access is restricted" in host.log()
    facts = host.facts()
    assert facts.kernel.lockdown == "integrity"
    assert any("Lockdown" in line for line in facts.kernel.log or ())
    assert host.pf(PF0).nvconfig is None


def test_a_tool_that_is_not_installed(bench: Make) -> None:
    host = bench(cards.connectx(tool="mlxconfig"))
    assert host.go(f"mstconfig -y -d {PF0} set NUM_OF_VFS=4")[0] == 127
    assert host.go(f"mlxconfig -y -d {PF0} set NUM_OF_VFS=4")[0] == 0
    assert host.go("mlxconfig -y -d 0000:07:00.0 set NUM_OF_VFS=4")[0] == 3
    assert host.facts().firmware_tool == "mlxconfig"


def test_a_dpu_is_not_reset_with_its_host_and_keeps_its_switch(bench: Make) -> None:
    host = bench(cards.dpu())
    assert host.pf(PF0).dpu
    host.go(f"mstconfig -y -d {PF0} set NUM_OF_VFS=16")
    host.reboot()
    pf = host.pf(PF0)
    setting = pf.setting("NUM_OF_VFS")
    assert setting is not None
    assert (setting.pending, pf.totalvfs, pf.eswitch) == (True, 8, None)
    done = host.go(f"devlink dev eswitch set pci/{PF0} mode switchdev")
    assert done == (1, ["kernel answers: Operation not permitted"])


# Eswitch


def compat(netdev: str, name: str = "mode") -> str:
    return f"/sys/class/net/{netdev}/compat/devlink/{name}"


@pytest.mark.parametrize("model", ["connectx-5", "connectx-6-dx", "connectx-7"])
def test_switchdev_brings_a_representor_for_each_vf(bench: Make, model: str) -> None:
    host = bench(cards.connectx(model))
    assert host.pf(PF0).eswitch == Eswitch(mode="legacy", inline_mode="none", encap_mode="basic", steering_mode="dmfs")
    host.switchdev(PF0, 3)
    pf = host.pf(PF0)
    assert pf.eswitch is not None
    assert pf.eswitch.mode == "switchdev"
    assert [(r.vf, r.netdev) for r in pf.representors or ()] == [(n, f"enp3s0f0_{n}") for n in range(3)]
    assert pf.netdevs == (NET0,)
    assert host.pf(PF1).representors == ()
    links = [host.facts().link(name) for name in (NET0, "enp3s0f0_0")]
    assert len({link.phys_switch_id for link in links if link}) == 1
    assert [link.phys_port_name for link in links if link] == ["p0", "pf0vf0"]
    assert host.read(compat(NET0)) == b"switchdev\n"
    assert "E-Switch: Enable: mode(OFFLOADS), nvfs(3)" in host.log()
    host.numvfs(PF0, 0)
    assert host.pf(PF0).representors == ()
    host.numvfs(PF0, 2)
    assert len(host.pf(PF0).representors or ()) == 2


def test_back_to_legacy_and_after_a_reboot_there_are_none(bench: Make) -> None:
    host = bench(cards.connectx())
    host.switchdev(PF0)
    assert host.go(f"devlink dev eswitch set pci/{PF0} mode legacy") == (0, [])
    assert host.pf(PF0).representors == ()
    host.switchdev(PF1)
    host.reboot()
    pf = host.pf(PF1)
    assert pf.eswitch is not None
    assert (pf.eswitch.mode, pf.representors, pf.netdevs) == ("legacy", (), ("enp3s0f1np1",))


def test_a_driver_that_goes_takes_the_mode_with_it(bench: Make) -> None:
    host = bench(cards.connectx())
    host.switchdev(PF0)
    host.write_attribute(f"{MLX5}/unbind", PF0, 10.0)
    pf = host.pf(PF0)
    assert (pf.netdevs, pf.eswitch, pf.representors) == ((), None, None)
    host.write_attribute(f"{MLX5}/bind", PF0, 10.0)
    pf = host.pf(PF0)
    assert pf.eswitch is not None
    assert (pf.netdevs, pf.eswitch.mode) == ((NET0,), "legacy")


def test_the_vendor_drivers_files_set_the_mode_too(bench: Make) -> None:
    host = bench(cards.connectx())
    host.numvfs(PF0, 2)
    with pytest.raises(OSError, match="Invalid argument"):
        host.write_attribute(compat(NET0), "switchdev", 10.0)
    host.unbind(PF0)
    host.write_attribute(compat(NET0), "switchdev\n", 10.0)
    host.write_attribute(compat(NET0, "steering_mode"), "smfs\n", 10.0)
    eswitch = host.pf(PF0).eswitch
    assert eswitch is not None
    assert (eswitch.mode, eswitch.steering_mode) == ("switchdev", "smfs")
    with pytest.raises(OSError, match="Invalid argument"):
        host.write_attribute(compat(NET0), "sideways", 10.0)


def test_the_kernels_own_driver_has_no_such_files_and_other_names(bench: Make) -> None:
    host = bench(cards.connectx(vendor=False))
    assert host.pf(PF0).compat_devlink is False
    host.switchdev(PF0, 1)
    pf = host.pf(PF0)
    assert [r.netdev for r in pf.representors or ()] == ["enp3s0f0npf0vf0"]
    link = host.facts().link("enp3s0f0npf0vf0")
    assert link is not None
    assert link.hw_tc_offload == Feature(on=True)


def test_bound_vfs_keep_the_mode(bench: Make) -> None:
    host = bench(cards.connectx())
    host.numvfs(PF0, 2)
    done = host.go(f"devlink dev eswitch set pci/{PF0} mode switchdev")
    assert done == (1, [FAILED, "kernel answers: Invalid argument"])


def test_connectx_6_lx_wants_switchdev_before_the_vfs(bench: Make) -> None:
    host = bench(cards.connectx("connectx-6-lx"))
    host.numvfs(PF0, 2)
    host.unbind(PF0)
    assert host.go(f"devlink dev eswitch set pci/{PF0} mode switchdev")[1][0] == FAILED
    assert "status bad resource state(0x9)" in host.log()
    host.numvfs(PF0, 0)
    assert host.go(f"devlink dev eswitch set pci/{PF0} mode switchdev") == (0, [])
    host.numvfs(PF0, 2)
    assert len(host.pf(PF0).representors or ()) == 2


def test_infiniband_has_no_eswitch(bench: Make) -> None:
    host = bench(cards.infiniband())
    done = host.go(f"devlink dev eswitch set pci/{PF0} mode switchdev")
    assert done == (1, ["kernel answers: Operation not supported"])
    pf = host.pf(PF0)
    assert (pf.eswitch, pf.compat_devlink, pf.netdevs) == (Eswitch(mode=""), False, ("ib0",))


@pytest.mark.parametrize(
    "command",
    [
        "devlink dev eswitch set pci/0000:09:00.0 mode switchdev",
        f"devlink dev eswitch set pci/{PF0} mode sideways",
        f"devlink dev eswitch set pci/{PF0} mode",
        f"devlink dev param set pci/{PF0} name x value y cmode runtime",
        "ip link set nothing up",
        "ip link set enp3s0f0np0 txqueuelen 9000",
        "ethtool -K nothing hw-tc-offload on",
        "ethtool -K mgmt0 hw-tc-offload on",
        "ovs-vsctl add-port br9 enp3s0f0np0",
        "systemctl restart nothing",
    ],
)
def test_what_cannot_be_done_changes_nothing(bench: Make, command: str) -> None:
    host = bench(cards.connectx())
    before = host.machine
    status, lines = host.go(command)
    assert status
    assert lines
    assert host.machine == before


def test_hw_tc_offload_is_switched(bench: Make) -> None:
    host = bench(cards.connectx())
    assert host.go(f"ethtool -K {NET0} hw-tc-offload on") == (0, [])
    link, other = host.facts().link(NET0), host.facts().link("mgmt0")
    assert link is not None
    assert other is not None
    assert (link.hw_tc_offload, other.hw_tc_offload) == (Feature(on=True), None)
    status, lines = host.go("ethtool -K mgmt0 hw-tc-offload on")
    assert (status, lines[-1]) == (1, "Could not change any device features")


# Drivers


def test_a_vendor_driver_works_from_the_next_load(bench: Make) -> None:
    host = bench(cards.connectx(vendor=False))
    facts = host.facts().mlx5
    assert facts is not None
    assert (facts.loaded_vendor, facts.installed_vendor, facts.stale, facts.ofed) == (False, False, False, "")
    host.change(lambda machine: driver.install(machine, OFED))
    facts = host.facts().mlx5
    assert facts is not None
    assert (facts.loaded_vendor, facts.installed_vendor, facts.stale) == (False, True, True)
    assert facts.ofed == f"MLNX_OFED_LINUX-{OFED}"
    host.reboot()
    facts = host.facts().mlx5
    assert facts is not None
    assert (facts.loaded_vendor, facts.stale, host.pf(PF0).compat_devlink) == (True, False, True)
    assert host.pf(PF0).driver_version == facts.loaded_version == "5.8-1.1.2"


def test_an_errno_is_the_kernels(bench: Make) -> None:
    host = bench(cards.dpu())
    with pytest.raises(OSError, match="not permitted") as error:
        host.write_attribute(compat(NET0), "switchdev", 10.0)
    assert error.value.errno == errno.EPERM
