"""The table of troubles: every entry of the knowledge with a machine that has it, and the healthy machines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

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
    host.says(line("T19"))


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
    Trouble("T01", cards.factory_new),
    Trouble("T02", two_igb, (conf(IGB), do.no_capability)),
    Trouble("T03", two_igb, (igb_ready, do.not_root)),
    Trouble("T04", two_igb, (igb_ready, do.short_config(256))),
    Trouble("T47", connectx, (commands(f"mstconfig -y -d {PF0} set NUM_OF_VFS=16"),)),
    replace(said("T47"), name="pasted"),
    Trouble("T48", two_igb, (igb_ready, locked, lambda host: host.says(line("T48")))),
    Trouble("T49", connectx, (commands(f"mstconfig -y -d {PF0} set NUM_OF_VFS=16"),), answers={"rebooted": "yes"}),
    Trouble("T49", connectx, facts=settings("16", "16"), name="in force, not offered"),
    # IOMMU.
    Trouble("T16", machines.bios_off),
    Trouble("T17", two_igb, (igb_idle, do.not_requested)),
    Trouble("T18", machines.iommu_off),
    Trouble("T19", two_igb, (igb_idle, misspelt)),
    Trouble("T20", two_igb, (igb_idle, do.pending)),
    said("T21"),
    logged("T22", igb_idle, do.dead_iommu),
    Trouble("T23", two_igb, (igb_ready, no_remapping)),
    replace(logged("T23"), name="by the log"),
    logged("T24"),
    Trouble("T25", two_igb, (igb_ready, do.no_group, lambda host: host.says(line("T25")))),
    Trouble("T26", two_igb, (igb_ready, do.shared_group)),
    replace(said("T26"), name="pasted"),
    logged("T27"),
    replace(logged("T27", number=1), name="older Linux"),
    Trouble("T63", two_igb, (igb_ready, no_virtualization)),
    Trouble("T66", two_igb, (igb_idle, do.no_vfio)),
    logged("T67"),
    # Making VFs.
    said("T05"),
    Trouble("T06", two_igb, (count(4), lambda host: host.says(line("T06")))),
    Trouble("T07", two_igb, (igb_idle, broken_driver)),
    logged("T08", igb_idle),
    logged("T09", igb_idle),
    Trouble("T10", two_igb, (igb_idle, count(3), lambda host: host.says(line("T10")))),
    Trouble("T11", two_igb, (igb_idle, do.no_room)),
    replace(logged("T11", igb_idle), name="by the log"),
    logged("T12", igb_idle),
    logged("T13", igb_idle),
    logged("T14"),
    logged("T15"),
    Trouble("T31", two_igb, (igb_ready, do.held)),
    logged("T61", igb_idle),
    logged("T62", igb_idle),
    logged("P10", igb_idle),
    logged("P09", igb_idle),
    said("P08"),
    # Which driver has a VF.
    Trouble("T28", two_igb, (igb_idle, no_autoprobe)),
    said("T29"),
    Trouble("T30", two_igb, (igb_ready, conf("")), answers={"host-uses-vfs": "yes"}),
    said("H05"),
    said("H08"),
    Trouble("H06", two_igb, (igb_ready, do.stubbed)),
    # The host-agent.
    Trouble("H01", two_igb, (igb_ready, conf("sriov_nics:\n\t- enp1s0\n"))),
    Trouble("H02", two_igb, (igb_ready, conf(IGB, ip="10.0.2.99"))),
    Trouble("H03", two_igb, (igb_ready, conf("sriov_nics:\n"))),
    Trouble("T32", two_igb, (igb_idle, count(4))),
    replace(said("T32"), name="pasted"),
    Trouble("T33", two_igb, (igb_ready,), facts=other_domain),
    Trouble("T34", old_driver, (conf(f"ovs_offload_nics:\n- {NET0}\n", f"- {NET0}/br1/bcast1\n"),)),
    Trouble("T35", connectx, (offload_ready,), facts=do.with_link(SF)),
    Trouble("T36", two_igb, (igb_ready, conf(IGB, "")), name="not in networks"),
    Trouble("T36", two_igb, (igb_ready, conf("sriov_nics:\n- enp9s9\n")), name="wrong name"),
    Trouble("T37", connectx, (conf(f"sriov_nics:\n- {RENAMED}\n", f"- {RENAMED}/br1/bcast1\n"),)),
    said("T65"),
    Trouble("T68", two_igb, (igb_idle, count(7)), answers={"pod-restarted": "no"}),
    # The vendor's driver.
    Trouble("P19", old_driver, facts=driver(ofed="MLNX_OFED_LINUX-5.8-1.1.2.1")),
    Trouble("T38", connectx, (offload_ready,), facts=driver(loaded_srcversion="0BAD")),
    *(said(id) for id in ("T39", "T40", "T41", "T42", "T43", "T44", "T45", "T46", "T60")),
    # Offload.
    Trouble("P03", lx, (lx_with_vfs,)),
    said("T50"),
    said("T51"),
    said("T52"),
    Trouble("T53", connectx, (lambda host: do.bond(host, switchdev=(PF0,)),)),
    Trouble("T54", connectx, (lambda host: do.bond(host, bound=True),)),
    Trouble("T55", connectx, (lambda host: do.bond(host, mode="balance-rr"),)),
    Trouble("T56", many, (lambda host: do.bond(host, count=65),)),
    Trouble("T57", connectx, (offload_ready,), facts=switch(hw_offload=False), name="hw-offload"),
    Trouble("T57", connectx, (offload_ready,), facts=switch(log=("(Open vSwitch) 3.1.0",)), name="restart"),
    Trouble("T57", connectx, (offload_ready,), facts=LEGACY, name="legacy"),
    Trouble("T57", connectx, (offload_ready, commands(f"ethtool -K {NET0} hw-tc-offload off")), name="hw-tc-offload"),
    Trouble("T57", connectx, (offload_ready,), facts=switch(tc_policy="skip_hw"), name="tc-policy"),
    Trouble("T57", connectx, (offload_ready,), facts=no_ports, name="no bridge"),
    Trouble("T57", connectx, words="offload shows no flows", name="asked only"),
    Trouble("T58", connectx, (offload_ready,),
            facts=do.on_link(NET0, hw_tc_offload=Feature(on=False, fixed=True))),
    Trouble("T59", connectx, (offload_ready,), facts=switch(offloaded=0, flows=9)),
    Trouble("T59", connectx, (offload_ready,), facts=switch(offloaded=0, flows=0), answers={"traffic": "yes"},
            name="asked"),
    Trouble("H07", two_igb, (igb_ready,), words="offload-flows"),
    # The network.
    Trouble("T64", machines.bond_ssh, (lambda host: host.conf("sriov_nics:\n- bond0\n", "", "192.0.2.7", "bond0"),)),
    Trouble("P16", two_igb, (igb_ready, do.link_down)),
)  # fmt: skip

HEALTHY: tuple[tuple[str, Callable[[], Machine], do.Change], ...] = (
    ("igb", two_igb, igb_ready),
    ("offload", connectx, offload_ready),
    ("bond", connectx, do.bond_ready),
)
