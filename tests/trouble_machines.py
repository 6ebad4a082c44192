"""A machine for every entry of the knowledge: a healthy one with one thing put wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from sriov_tui.facts import Feature, HostFacts, Link, Pf, VfSetting
from sriov_tui.hosts.machine import Machine, put_file, put_link, remove
from sriov_tui.probe import gather
from sriov_tui.simulated import SimulatedHost
from sriov_tui.simulated.config import space
from sriov_tui.simulated.drivers import device
from sriov_tui.simulated.functions import join_group
from sriov_tui.simulated.log import log
from tests.builder import HOST_CONF, config_of
from tests.machines import FIRST, SECOND
from tests.mellanox_machines import NET0, NET1, PF0, PF1

CONF = "/etc/yunion/host.conf"
DEVICES = "/sys/bus/pci/devices"
VFIO_ID = {"igb": "8086 10ca", "mlx5_core": "15b3 101e"}
IGB = "sriov_nics:\n- enp1s0\n"
ENTRY = "- enp1s0/br1/bcast1\n"
Change = Callable[["Bench"], None]


class Bench(SimulatedHost):
    """A simulated host with short words for what puts it wrong."""

    def put(self, path: str, text: str | bytes) -> None:
        """A file of the machine, behind the kernel's back."""
        self.change(lambda machine: put_file(machine, path, text))

    def drop(self, path: str) -> None:
        """Remove a file or a directory."""
        self.change(lambda machine: remove(machine, path))

    def says(self, *lines: str) -> None:
        """Lines in the kernel log."""
        for line in lines:
            self.change(partial(log, line=line))

    def go(self, *commands: str) -> None:
        """Commands that must succeed."""
        for command in commands:
            lines: list[str] = []
            assert self.run(command.split(), 10.0, lines.append) == 0, lines

    def numvfs(self, address: str, count: int) -> None:
        """Make so many VFs."""
        self.write_attribute(f"{DEVICES}/{address}/sriov_numvfs", str(count), 10.0)

    def conf(self, lists: str, entries: str = ENTRY, ip: str = "10.0.2.15", interface: str = "mgmt0") -> None:
        """host.conf with these lists and entries of networks."""
        text = HOST_CONF.format(interface=interface, ip=ip)
        first = f"- {interface}/br0/{ip}\n"
        self.put(CONF, text.replace(first, first + entries) + lists)

    def link_up(self, *names: str) -> None:
        """Links with a carrier."""

        def edit(machine: Machine) -> None:
            for row in machine.netlink["links"]:
                if row["name"] in names:
                    row.update(up=True, carrier=True)

        self.change(edit)

    def take(self, address: str, ids: str) -> None:
        """What the host-agent does: every VF of a card to vfio-pci."""
        self.go("modprobe vfio-pci")
        for vf in vfs_of(self, address):
            if vf.driver and vf.driver != "vfio-pci":
                self.write_attribute(f"/sys/bus/pci/drivers/{vf.driver}/unbind", vf.address, 10.0)
        try:
            self.write_attribute("/sys/bus/pci/drivers/vfio-pci/new_id", ids, 10.0)
        except FileExistsError:
            for vf in vfs_of(self, address):
                if not vf.driver:
                    self.write_attribute("/sys/bus/pci/drivers/vfio-pci/bind", vf.address, 10.0)


def vfs_of(host: SimulatedHost, address: str) -> tuple[Any, ...]:
    """The VFs of a card now."""
    pf = gather(host).pf(address)
    return pf.vfs if pf else ()


def igb_idle(host: Bench) -> None:
    """host.conf asks for the first igb port; no VFs yet."""
    host.conf(IGB)
    host.link_up("enp1s0", "enp2s0")


def igb_ready(host: Bench) -> None:
    """All VFs are there, and the host-agent has taken them."""
    igb_idle(host)
    host.numvfs(FIRST, 7)
    host.take(FIRST, VFIO_ID["igb"])


def offload_ready(host: Bench) -> None:
    """A ConnectX port in switchdev mode, its representors in a bridge, flows in the card."""
    _offload(host, NET0)
    host.numvfs(PF0, 8)
    _switchdev(host, PF0)
    _bridge(host, NET0, [f"enp3s0f0_{number}" for number in range(8)])
    host.take(PF0, VFIO_ID["mlx5_core"])


def bond_ready(host: Bench) -> None:
    """Both ports of a ConnectX in a bond that the card forwards."""
    bond(host)
    _bridge(host, "bond0", [f"enp3s0f{port}_{number}" for port in range(2) for number in range(8)], NET0, NET1)
    for pf in (PF0, PF1):
        host.take(pf, VFIO_ID["mlx5_core"])


def bond(host: Bench, mode: str = "802.3ad", switchdev: tuple[str, ...] = (PF0, PF1), count: int = 8,
         bound: bool = False) -> None:  # fmt: skip
    """VFs, switchdev and a bond of both ports; `bound` VFs are taken before the bond is made."""
    _offload(host, "bond0")
    for pf in (PF0, PF1):
        host.numvfs(pf, count)
        if pf in switchdev:
            _switchdev(host, pf)
        if bound:
            host.take(pf, VFIO_ID["mlx5_core"])
    host.go(f"ip link add bond0 type bond mode {mode}", "ip link set bond0 up")
    for net in (NET0, NET1):
        host.go(f"ip link set {net} down", f"ip link set {net} master bond0")


def _offload(host: Bench, name: str) -> None:
    host.conf(f"ovs_offload_nics:\n- {name}\n", f"- {name}/br1/bcast1\n")


def _switchdev(host: Bench, pf: str) -> None:
    for vf in vfs_of(host, pf):
        if vf.driver:
            host.write_attribute(f"/sys/bus/pci/drivers/{vf.driver}/unbind", vf.address, 10.0)
    host.go(f"devlink dev eswitch set pci/{pf} mode switchdev")


def _bridge(host: Bench, uplink: str, representors: list[str], *ports: str) -> None:
    host.change(lambda machine: machine.simulation["ovs"].update(traffic=True))
    host.go("ovs-vsctl add-br br1", f"ovs-vsctl add-port br1 {uplink}")
    host.go(*(f"ovs-vsctl add-port br1 {name}" for name in representors))
    host.go(*(f"ethtool -K {name} hw-tc-offload on" for name in (*(ports or (uplink,)), *representors)))
    host.go("ovs-vsctl set Open_vSwitch . other_config:hw-offload=true", "systemctl restart openvswitch-switch")


# -- what is put wrong -------------------------------------------------------------------------------------------------


def dead_iommu(host: Bench) -> None:
    """The kernel did not start the IOMMU, whatever else is so."""

    def edit(machine: Machine) -> None:
        remove(machine, "/sys/class/iommu/dmar0")
        for name in tuple(machine.dirs["/sys/kernel/iommu_groups"]):
            remove(machine, f"/sys/kernel/iommu_groups/{name}")
        for address in tuple(machine.dirs[DEVICES]):
            remove(machine, f"{device(machine, address)}/iommu_group")

    host.change(edit)


def short_config(size: int) -> Change:
    """Config space that ends early."""

    def edit(machine: Machine) -> None:
        for address in (FIRST, SECOND):
            path = config_of(machine, address)
            machine.files[path] = machine.files[path][:size]

    return lambda host: host.change(edit)


def not_root(host: Bench) -> None:
    """As a plain user: 64 bytes of config space."""
    short_config(64)(host)
    host.change(lambda machine: machine.environment.update(euid="1000"))


def not_requested(host: Bench) -> None:
    """A kernel that wants to be asked for the IOMMU, and is not."""
    path = next(path for path in host.machine.files if path.startswith("/boot/config-"))
    config = host.machine.files[path].replace(b"CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF=y\n", b"")
    host.put(path, config)
    host.reboot()


def pending(host: Bench) -> None:
    """The menu has the argument, the running kernel was started before that."""
    not_requested(host)
    host.put("/etc/default/grub.d/90-sriov-tui.cfg", 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX intel_iommu=on"\n')
    host.go("update-grub")


def no_capability(host: Bench) -> None:
    """The first port without SR-IOV."""

    def edit(machine: Machine) -> None:
        machine.files[config_of(machine, FIRST)] = space(0x8086, 0x10C9, None)
        for name in ("totalvfs", "numvfs", "drivers_autoprobe", "offset", "stride", "vf_device"):
            remove(machine, f"{device(machine, FIRST)}/sriov_{name}")

    host.change(edit)


def no_room(host: Bench) -> None:
    """VF BARs without addresses."""
    path = f"{device(host.machine, FIRST)}/resource"
    rows = host.machine.files[path].decode().splitlines()
    rows[7] = rows[10] = "0x0000000000000000 0x000000000001ffff 0x0000000000140204"
    host.put(path, "\n".join([*rows, ""]))


def shared_group(host: Bench) -> None:
    """Two VFs in one group."""
    first, second = vfs_of(host, FIRST)[:2]
    host.change(lambda machine: join_group(machine, second.address, first.iommu_group))


def no_group(host: Bench) -> None:
    """A VF in no group."""
    vf = vfs_of(host, FIRST)[0]

    def edit(machine: Machine) -> None:
        remove(machine, f"{device(machine, vf.address)}/iommu_group")
        remove(machine, f"/sys/kernel/iommu_groups/{vf.iommu_group}/devices/{vf.address}")

    host.change(edit)


def held(host: Bench) -> None:
    """A virtual machine has a VF, and the removal waits for it."""
    group = vfs_of(host, FIRST)[0].iommu_group
    holder = (f"/dev/vfio/{group}", 4711, "qemu-system-x86_64 -name web1")
    host.change(lambda machine: machine.holders.append(holder) if machine.holders is not None else None)
    host.says("vfio-pci 0000:01:10.0: Relaying device request to user (#0)")


def stubbed(host: Bench) -> None:
    """A VF at pci-stub."""
    vf = vfs_of(host, FIRST)[0].address
    host.change(lambda machine: put_link(machine, f"{device(machine, vf)}/driver", "/sys/bus/pci/drivers/pci-stub"))


def no_vfio(host: Bench) -> None:
    """A kernel without vfio-pci."""
    path = next(path for path in host.machine.files if path.endswith("/modules.dep"))
    lines = host.machine.files[path].decode().splitlines(keepends=True)
    host.put(path, "".join(line for line in lines if "vfio-pci.ko" not in line.partition(":")[0]))


def link_down(host: Bench) -> None:
    """The first port is down."""

    def edit(machine: Machine) -> None:
        for row in machine.netlink["links"]:
            if row["name"] == "enp1s0":
                row.update(up=False, carrier=False)

    host.change(edit)


def on_cards(**changes: Any) -> Callable[[HostFacts], HostFacts]:
    """Facts with fields of every ConnectX replaced."""

    def changed(pf: Pf) -> Pf:
        return replace(pf, **changes) if pf.mellanox else pf

    return lambda facts: replace(facts, pfs=tuple(changed(pf) for pf in facts.pfs or ()))


def on_link(name: str, **changes: Any) -> Callable[[HostFacts], HostFacts]:
    """Facts with fields of one link replaced."""
    return lambda facts: replace(
        facts, links=tuple(replace(link, **changes) if link.name == name else link for link in facts.links or ())
    )


def with_link(link: Link) -> Callable[[HostFacts], HostFacts]:
    """Facts with one link more."""
    return lambda facts: replace(facts, links=(*(facts.links or ()), link))


def vf_table(**settings: Any) -> Callable[[HostFacts], HostFacts]:
    """Facts in which the first port has these settings for each of its VFs."""
    return on_link("enp1s0", vfs=tuple(VfSetting(index=number, **settings) for number in range(7)))


def low_mtu(facts: HostFacts) -> HostFacts:
    """The first port below a bridge of jumbo frames."""
    bridge = Link(name="br9", index=90, kind="bridge", mtu=9000, up=True, carrier=True)
    return with_link(bridge)(on_link("enp1s0", master="br9", mtu=1500)(facts))


FIXED = on_link(NET0, hw_tc_offload=Feature(on=False, fixed=True))


@dataclass(frozen=True)
class Trouble:
    """An entry, the healthy machine, what is put wrong on it, and what the operator says."""

    entry: str
    machine: Callable[[], Machine]
    change: tuple[Change, ...] = ()
    words: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    facts: Callable[[HostFacts], HostFacts] = lambda facts: facts
    name: str = ""

    def host(self, folder: Path) -> Bench:
        """The machine with its trouble, in this folder."""
        host = Bench.create(self.machine(), folder)
        assert isinstance(host, Bench)
        for change in self.change:
            change(host)
        return host
