"""The table of troubles: every entry of the knowledge with a machine that has it, and the healthy machines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from checks.troubleshooting.causes import ENTRIES
from sriov_tui.facts import Eswitch, Feature, HostFacts, Link, NvSetting
from sriov_tui.hosts.machine import Machine
from tests import machines
from tests import mellanox_machines as cards
from tests import trouble_machines as do
from tests.knowledge_lines import line
from tests.machines import FIRST
from tests.mellanox_machines import NET0, PF0, READY
from tests.trouble_machines import ENTRY, IGB, Bench, Trouble, igb_idle, igb_ready, offload_ready

two_igb, connectx = machines.two_igb, cards.connectx


def lx() -> Machine:
    """A ConnectX-6 Lx."""
    return cards.connectx("connectx-6-lx")


def old_driver() -> Machine:
    """A ConnectX with the kernel's own driver, and Open vSwitch."""
    return cards.connectx(vendor=False)


def many() -> Machine:
    """A ConnectX whose firmware offers 65 VFs."""
    return cards.connectx(settings=READY | {"NUM_OF_VFS": "65"})


def said(entry: str, number: int = 0) -> Trouble:
    """A message that the operator pastes, on a machine that shows nothing else."""
    return Trouble(entry, two_igb, (igb_ready,), words=line(entry, number))


def logged(entry: str, *before: do.Change, number: int = 0) -> Trouble:
    """A message in the kernel log of a machine that was brought so far."""
    return Trouble(entry, two_igb, (*(before or (igb_ready,)), lambda host: host.says(line(entry, number))))


def conf(lists: str, entries: str = ENTRY, ip: str = "10.0.2.15") -> do.Change:
    """Another host.conf."""
    return lambda host: host.conf(lists, entries, ip)


def commands(*lines: str) -> do.Change:
    """Commands that an operator ran."""
    return lambda host: host.go(*lines)


def count(number: int) -> do.Change:
    """So many VFs on the first igb port."""
    return lambda host: host.numvfs(FIRST, number)


def broken_driver(host: Bench) -> None:
    """The first port without its driver."""
    host.write_attribute("/sys/bus/pci/drivers/igb/unbind", FIRST, 10.0)


def no_autoprobe(host: Bench) -> None:
    """VFs that no driver may take."""
    host.write_attribute(f"{do.DEVICES}/{FIRST}/sriov_drivers_autoprobe", "0", 10.0)
    host.numvfs(FIRST, 7)


def locked(host: Bench) -> None:
    """A kernel that is locked down."""
    host.put("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n")


def no_remapping(host: Bench) -> None:
    """A DMAR table that does not offer it."""
    path = "/sys/firmware/acpi/tables/DMAR"
    host.put(path, b"DMAR".ljust(0x24, b"\0") + b"\x2f\x00")


def no_virtualization(host: Bench) -> None:
    """A processor without vmx."""
    host.put("/proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu vme de pse msr x2apic\n\n")


def misspelt(host: Bench) -> None:
    """intel_iommu=pt, on a kernel that has to be asked."""
    host.put("/etc/default/grub.d/90-x.cfg", 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX intel_iommu=pt"\n')
    host.go("update-grub")
    do.not_requested(host)
    host.says(line("kernel.argument-misspelt"))


def lx_with_vfs(host: Bench) -> None:
    """VFs first, as the host-agent makes them."""
    host.conf(f"ovs_offload_nics:\n- {NET0}\n", f"- {NET0}/br1/bcast1\n")
    host.numvfs(PF0, 8)


def settings(current: str, following: str) -> Callable[[HostFacts], HostFacts]:
    """NUM_OF_VFS now and at the next boot."""
    number = NvSetting(name="NUM_OF_VFS", current=current, next=following)
    valid = NvSetting(name="PF_NUM_OF_VF", current="0", next="0")
    return do.on_cards(nvconfig=(number, valid))


def driver(**changes: Any) -> Callable[[HostFacts], HostFacts]:
    """Another mlx5_core than the healthy one."""
    return lambda facts: replace(facts, mlx5=replace(facts.mlx5, **changes) if facts.mlx5 else None)


def switch(**changes: Any) -> Callable[[HostFacts], HostFacts]:
    """Another Open vSwitch than the healthy one."""
    return lambda facts: replace(facts, ovs=replace(facts.ovs, **changes))


def no_ports(facts: HostFacts) -> HostFacts:
    """Open vSwitch's bridges have no ports."""
    bridges = tuple(replace(bridge, ports=()) for bridge in facts.ovs.bridges or ())
    return replace(facts, ovs=replace(facts.ovs, bridges=bridges))


def other_domain(facts: HostFacts) -> HostFacts:
    """The first port below another PCI root."""
    pfs = tuple(
        replace(pf, path=pf.path.replace("pci0000:00", "pci0001:00")) if pf.path and pf.address == FIRST else pf
        for pf in facts.pfs or ()
    )
    return replace(facts, pfs=pfs)


BAD_ROWS = (two_igb, (igb_ready,))
RENAMED = f"{NET0}".removesuffix("np0")
SF = Link(name="eth9", index=99, pci=PF0, phys_port_name="pf0sf88", up=True, carrier=True)
LEGACY = do.on_cards(eswitch=Eswitch(mode="legacy"))

TROUBLES: tuple[Trouble, ...] = (
    # What the firmware, config space and rights say.
    Trouble("firmware.no-vfs", cards.factory_new),
    Trouble("card.no-sriov", two_igb, (conf(IGB), do.no_capability)),
    Trouble("host.not-root", two_igb, (igb_ready, do.not_root)),
    Trouble("card.short-config", two_igb, (igb_ready, do.short_config(256))),
    Trouble("firmware.pending", connectx, (commands(f"mstconfig -y -d {PF0} set NUM_OF_VFS=16"),)),
    replace(said("firmware.pending"), name="pasted"),
    Trouble("kernel.lockdown", two_igb, (igb_ready, locked, lambda host: host.says(line("kernel.lockdown")))),
    Trouble("firmware.not-taken", connectx, (commands(f"mstconfig -y -d {PF0} set NUM_OF_VFS=16"),),
        answers={"rebooted": "yes"}),
    Trouble("firmware.not-taken", connectx, facts=settings("16", "16"), name="in force, not offered"),
    # IOMMU.
    Trouble("bios.iommu-off", machines.bios_off),
    Trouble("kernel.iommu-not-requested", two_igb, (igb_idle, do.not_requested)),
    Trouble("kernel.iommu-off", machines.iommu_off),
    Trouble("kernel.argument-misspelt", two_igb, (igb_idle, misspelt)),
    Trouble("kernel.arguments-pending", two_igb, (igb_idle, do.pending)),
    said("grub.wrapper"),
    logged("bios.iommu-broken", igb_idle, do.dead_iommu),
    Trouble("bios.no-remapping", two_igb, (igb_ready, no_remapping)),
    replace(logged("bios.no-remapping"), name="by the log"),
    logged("vfio.no-remapping"),
    Trouble("vfio.no-group", two_igb, (igb_ready, do.no_group, lambda host: host.says(line("vfio.no-group")))),
    Trouble("vfio.shared-group", two_igb, (igb_ready, do.shared_group)),
    replace(said("vfio.shared-group"), name="pasted"),
    logged("vfio.rmrr"),
    replace(logged("vfio.rmrr", number=1), name="older Linux"),
    Trouble("bios.no-virtualization", two_igb, (igb_ready, no_virtualization)),
    Trouble("vfio.missing", two_igb, (igb_idle, do.no_vfio)),
    logged("bios.ioapic"),
    # Making VFs.
    said("vf.too-many"),
    Trouble("vf.some-exist", two_igb, (count(4), lambda host: host.says(line("vf.some-exist")))),
    Trouble("card.no-driver", two_igb, (igb_idle, broken_driver)),
    logged("card.no-sysfs", igb_idle),
    logged("vf.port-down", igb_idle),
    Trouble("vf.fewer-made", two_igb, (igb_idle, count(3), lambda host: host.says(line("vf.fewer-made")))),
    Trouble("bios.no-room", two_igb, (igb_idle, do.no_room)),
    replace(logged("bios.no-room", igb_idle), name="by the log"),
    logged("bios.no-buses", igb_idle),
    logged("bios.no-bars", igb_idle),
    logged("bios.enable-hca"),
    logged("bios.no-ari"),
    Trouble("vf.held", two_igb, (igb_ready, do.held)),
    logged("vf.driver-limit", igb_idle),
    logged("card.safe-mode", igb_idle),
    logged("card.fault", igb_idle),
    logged("card.busy", igb_idle),
    said("bios.no-memory"),
    # Which driver has a VF.
    Trouble("vf.no-autoprobe", two_igb, (igb_idle, no_autoprobe)),
    said("vfio.unknown-id"),
    Trouble("vfio.stale-id", two_igb, (igb_ready, conf("")), answers={"host-uses-vfs": "yes"}),
    said("vfio.id-exists"),
    said("vfio.unbind-early"),
    Trouble("vf.other-driver", two_igb, (igb_ready, do.stubbed)),
    # The host-agent.
    Trouble("conf.unreadable", two_igb, (igb_ready, conf("sriov_nics:\n\t- enp1s0\n"))),
    Trouble("conf.entry", two_igb, (igb_ready, conf(IGB, ip="10.0.2.99"))),
    Trouble("conf.null-list", two_igb, (igb_ready, conf("sriov_nics:\n"))),
    Trouble("vf.partial", two_igb, (igb_idle, count(4))),
    replace(said("vf.partial"), name="pasted"),
    Trouble("card.pci-domain", two_igb, (igb_ready,), facts=other_domain),
    Trouble("switchdev.kernel-driver", old_driver, (conf(f"ovs_offload_nics:\n- {NET0}\n", f"- {NET0}/br1/bcast1\n"),)),
    Trouble("switchdev.subfunction", connectx, (offload_ready,), facts=do.with_link(SF)),
    Trouble("conf.nic", two_igb, (igb_ready, conf(IGB, "")), name="not in networks"),
    Trouble("conf.nic", two_igb, (igb_ready, conf("sriov_nics:\n- enp9s9\n")), name="wrong name"),
    Trouble("name.changed", connectx, (conf(f"sriov_nics:\n- {RENAMED}\n", f"- {RENAMED}/br1/bcast1\n"),)),
    said("ovs.no-module"),
    Trouble("conf.not-read", two_igb, (igb_idle, count(7)), answers={"pod-restarted": "no"}),
    # The vendor's driver.
    Trouble("ofed.other-kernel", old_driver, facts=driver(ofed="MLNX_OFED_LINUX-5.8-1.1.2.1")),
    Trouble("ofed.not-loaded", connectx, (offload_ready,), facts=driver(loaded_srcversion="0BAD")),
    *(said(id) for id in ("module.unsigned", "ofed.packages", "ofed.build", "packages.centos7", "ofed.disk-full",
        "ofed.distribution", "ofed.mixed", "ofed.in-use", "ip.vf-list")),
    # Offload.
    Trouble("switchdev.lx-order", lx, (lx_with_vfs,)),
    said("switchdev.busy"),
    said("switchdev.unsupported"),
    said("switchdev.ice-order"),
    Trouble("lag.inactive", connectx, (lambda host: do.bond(host, switchdev=(PF0,)),)),
    Trouble("lag.vfs-bound", connectx, (lambda host: do.bond(host, bound=True),)),
    Trouble("lag.mode", connectx, (lambda host: do.bond(host, mode="balance-rr"),)),
    Trouble("lag.too-many-vfs", many, (lambda host: do.bond(host, count=65),)),
    Trouble("flow.setting", connectx, (offload_ready,), facts=switch(hw_offload=False), name="hw-offload"),
    Trouble("flow.setting", connectx, (offload_ready,), facts=switch(log=("(Open vSwitch) 3.1.0",)), name="restart"),
    Trouble("flow.setting", connectx, (offload_ready,), facts=LEGACY, name="legacy"),
    Trouble("flow.setting", connectx, (offload_ready, commands(f"ethtool -K {NET0} hw-tc-offload off")),
        name="hw-tc-offload"),
    Trouble("flow.setting", connectx, (offload_ready,), facts=switch(tc_policy="skip_hw"), name="tc-policy"),
    Trouble("flow.setting", connectx, (offload_ready,), facts=no_ports, name="no bridge"),
    Trouble("flow.setting", connectx, words="offload shows no flows", name="asked only"),
    Trouble("flow.tc-fixed", connectx, (offload_ready,),
            facts=do.on_link(NET0, hw_tc_offload=Feature(on=False, fixed=True))),
    Trouble("flow.rejected", connectx, (offload_ready,), facts=switch(offloaded=0, flows=9)),
    Trouble("flow.rejected", connectx, (offload_ready,), facts=switch(offloaded=0, flows=0), answers={"traffic": "yes"},
            name="asked"),
    Trouble("ovs.down", connectx, (offload_ready,), facts=switch(running=False), words="vm-network",
            answers={"vm-network": "ovs"}),
    Trouble("flow.no-card", two_igb, (igb_ready,), words="offload-flows"),
    # The network.
    Trouble("net.link-drops", machines.bond_ssh, (lambda host: host.conf("sriov_nics:\n- bond0\n", "", "192.0.2.7",
        "bond0"),)),
    Trouble("vf.mac-twice", two_igb, (igb_ready,), facts=do.vf_table(mac="52:54:00:00:00:01")),
    Trouble("vf.mac-zero", two_igb, (igb_ready, do.held), facts=do.vf_table(mac="00:00:00:00:00:00"),
            words="vm-network", answers={"vm-network": "vf"}),
    Trouble("vf.link-off", two_igb, (igb_ready,), facts=do.vf_table(link_state="disable")),
    said("net.mtu"),
    Trouble("net.mtu", two_igb, (igb_ready,), facts=do.low_mtu, words="mtu"),
    Trouble("net.port-down", two_igb, (igb_ready, do.link_down)),
)  # fmt: skip

TROUBLES += tuple(said(one.id) for one in ENTRIES if one.judge is None and one.id not in {it.entry for it in TROUBLES})

HEALTHY: tuple[tuple[str, Callable[[], Machine], do.Change], ...] = (
    ("igb", two_igb, igb_ready),
    ("offload", connectx, offload_ready),
    ("bond", connectx, do.bond_ready),
)
