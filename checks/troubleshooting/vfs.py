"""Making VFs: what the kernel, the drivers and the room on the PCI bus refuse."""

from __future__ import annotations

from checks.troubleshooting.cause import Case, Entry
from checks.troubleshooting.judges import by_card, by_finding, first_of
from sriov_tui.cards import DRIVERS, driver_of, obstacle, reactions
from sriov_tui.cards.driver import When
from sriov_tui.facts import Pf
from sriov_tui.message import NOTHING, Message, lines, say, verbatim
from sriov_tui.model import Fix

COUNT = verbatim("cat /sys/bus/pci/devices/ADDRESS/sriov_numvfs")
ALL_OR_NONE = Fix(title=say("Write 0 (while no virtual machine uses a VF), then the total."), verify=COUNT)


def _partial(case: Case, pf: Pf) -> Message | None:
    if pf.numvfs is None or pf.totalvfs is None:
        return None if pf.sriov_capable else NOTHING
    return (
        say("{numvfs} of {totalvfs} VFs are there", numvfs=pf.numvfs, totalvfs=pf.totalvfs)
        if 0 < pf.numvfs < pf.totalvfs
        else NOTHING
    )


def _fewer(case: Case, pf: Pf) -> Message | None:
    if pf.numvfs is None or pf.totalvfs is None:
        return None if pf.sriov_capable else NOTHING
    return (
        say("{numvfs} of {totalvfs} VFs are there", numvfs=pf.numvfs, totalvfs=pf.totalvfs)
        if pf.numvfs < pf.totalvfs
        else NOTHING
    )


def _driverless(case: Case, pf: Pf) -> Message | None:
    if pf.driver not in ("", "vfio-pci"):
        return None if pf.driver is None else NOTHING
    return say("bound to vfio-pci, not to its own driver") if pf.driver else say("no driver is bound to it")


def _sysfs_less(case: Case, pf: Pf) -> Message | None:
    driver = driver_of(pf)
    if driver is None or driver.makes == "sysfs":
        return NOTHING
    return say("the driver {driver} does not take a VF count from sysfs", driver=driver.name)


def _of(when: When) -> str:
    """The drivers that do so, as a source."""
    return "; ".join(f"drivers/net/ethernet/{driver.source}" for driver, _ in reactions(when))


def _none_made(case: Case, pf: Pf) -> Message | None:
    link = case.facts.link(pf.netdev)
    if pf.numvfs != 0 or not pf.totalvfs:
        return NOTHING
    return say("0 VFs, the interface is up") if link and link.up else say("0 VFs, the interface is down")


def _held(case: Case, pf: Pf) -> Message | None:
    held = [
        say("{address} by {vm}", address=vf.address, vm=holder.vm or holder.command[:30])
        for vf in pf.vfs
        for holder in vf.holders or ()
    ]
    return say("held: {held}", held=", ".join(held[:4])) if held else NOTHING


def _fault(case: Case, pf: Pf) -> Message | None:
    found, driver = obstacle(case.facts, pf), driver_of(pf)
    if found is not None and found.kind == "fault":
        return found.title
    return None if driver is not None and driver.fault is not None and case.facts.kernel.log is None else NOTHING


ENTRIES = (
    Entry(
        id="card.no-driver",
        cause=say("The card has no driver of its own, and only that can make VFs."),
        looks_at=say("the driver of the card"),
        line="or",
        judge=by_card(_driverless),
        fix=Fix(
            title=say("Bind the card's own driver."),
            manual=say("lspci -k -s ADDRESS names the modules that fit."),
            verify=verbatim("ls -l /sys/bus/pci/devices/ADDRESS/driver"),
        ),
        source="Linux drivers/pci/iov.c, sriov_numvfs_store.",
    ),
    Entry(
        id="card.no-sysfs",
        cause=say("This driver does not let VFs be made through sysfs."),
        looks_at=say("the driver of the card, the kernel log"),
        line="or",
        judge=by_card(_sysfs_less),
        fix=Fix(
            title=say("Use another card for the host-agent, or a newer driver."),
            manual=lines(*(driver.instead for driver in DRIVERS if driver.instead)),
            verify=COUNT,
        ),
        source="Linux drivers/pci/iov.c; drivers mlx4 and enic.",
    ),
    Entry(
        id="vf.port-down",
        cause=say("The driver makes no VF while the interface is down; some call that a success."),
        looks_at=say("the kernel log, the VF count, the link"),
        judge=by_card(_none_made),
        fix=Fix(
            title=say("Bring the interface up, then write the count again."),
            manual=say("ip link set dev INTERFACE up; a udev rule comes too early for such a card, a unit does not."),
            verify=COUNT,
        ),
        source=_of("down"),
    ),
    Entry(
        id="vf.driver-limit",
        cause=say("The driver cannot make so many VFs with its present settings."),
        looks_at=say("the kernel log, the VF count"),
        judge=by_card(_fewer),
        fix=Fix(title=say("Lower the number of traffic classes (DCB) or of macvlans, or of VFs."), verify=COUNT),
        source="Linux drivers ixgbe and i40e.",
    ),
    Entry(
        id="card.safe-mode",
        cause=say("The E810 runs in safe mode, without its DDP package, and has no SR-IOV in it."),
        looks_at=say("the kernel log"),
        fix=Fix(
            title=say("Install the package below /lib/firmware/intel/ice/ddp, then reload ice."),
            verify=verbatim("dmesg | grep -i 'DDP package'"),
        ),
        source=_of("safe-mode"),
    ),
    Entry(
        id="bios.no-buses",
        cause=say("The VFs would be on PCI buses that the slot does not reach."),
        looks_at=say("the kernel log, the bus numbers of the port above the card"),
        line="or",
        judge=by_finding("iommu.vf-buses"),
        fix=Fix(
            title=say("Switch ARI (and SR-IOV) on in the BIOS; else boot with pci=assign-busses, or make fewer VFs."),
            verify=COUNT,
        ),
        source="Linux drivers/pci/iov.c, sriov_enable.",
    ),
    Entry(
        id="bios.no-bars",
        cause=say("The VF BARs have no addresses."),
        looks_at=say("the text, the VF BARs"),
        fix=Fix(
            title=say("Switch Above 4G Decoding on in the BIOS; if that is not enough, boot with pci=realloc."),
            verify=COUNT,
        ),
        source="Linux drivers/pci/iov.c.",
    ),
    Entry(
        id="bios.no-room",
        cause=say("The BIOS left no address room for the VFs."),
        looks_at=say("the VF BARs (lines 7 to 12 of `resource`), the kernel log"),
        line="or",
        judge=by_finding("iommu.vf-room"),
        fix=Fix(
            title=say("Switch Above 4G Decoding on in the BIOS; if that is not enough, boot with pci=realloc."),
            manual=say("A smaller number of VFs in the firmware needs less room."),
            verify=COUNT,
        ),
        source="Linux drivers/pci/iov.c; the guide's FAQ 2.",
    ),
    Entry(
        id="bios.no-memory",
        cause=say("There was no memory on the PCI bus for the VFs: SR-IOV or Above 4G is off in this host's BIOS."),
        looks_at=say("the text that was pasted"),
        fix=Fix(
            title=say("Switch SR-IOV and Above 4G Decoding on in the BIOS; then, if needed, boot with pci=realloc."),
            verify=COUNT,
        ),
        source="openshift-docs #32619 (BZ 1953626).",
    ),
    Entry(
        id="bios.enable-hca",
        cause=say("The card's firmware does not enable the VFs: ACS, ARI or the IOMMU is off in the BIOS."),
        looks_at=say("the kernel log"),
        fix=Fix(
            title=say("Switch ACS, PCIe ARI Support and IOMMU on in the BIOS; update the card's firmware."),
            verify=say("dmesg shows no new ENABLE_HCA line after the VFs are made."),
        ),
        source="Linux mlx5/core/cmd.c; the guide's FAQ 3.",
    ),
    Entry(
        id="bios.no-ari",
        cause=say("The VFs cannot be reached: ARI forwarding is off on the port above the card."),
        looks_at=say("the kernel log, DevCtl2 of the port"),
        line="or",
        judge=by_finding("iommu.ari"),
        fix=Fix(
            title=say("Switch ARI on in the BIOS, and take pci=noari out of the kernel arguments."),
            verify=say("lspci -n shows the VFs' own ids, not ffff:ffff."),
        ),
        source="GPUOpen MxGPU #18; Linux drivers/pci/pci.c, pci_configure_ari.",
    ),
    Entry(
        id="vf.held",
        cause=say("A virtual machine holds a VF, so the write that removes the VFs waits for it."),
        looks_at=say("the kernel log, the open vfio groups"),
        judge=by_card(_held),
        fix=Fix(title=say("Stop the virtual machine, or detach its VF."), verify=COUNT),
        source="Linux drivers/vfio/pci/vfio_pci_core.c, vfio_pci_core_request; ironcore dpservice #599.",
    ),
    Entry(
        id="vf.fewer-made",
        cause=say("The driver made fewer VFs than were asked for: its resources do not suffice."),
        looks_at=say("the kernel log, the VF count"),
        judge=by_card(_fewer),
        fix=Fix(title=say("Lower the card's total to what it can make, where its firmware allows that."), verify=COUNT),
        source="Linux drivers/pci/iov.c, sriov_numvfs_store.",
    ),
    Entry(
        id="card.fault",
        cause=say("The card's firmware is in an error state: its driver creates no VFs, or has lost the port."),
        looks_at=say("the kernel log"),
        line="or",
        judge=by_card(_fault),
        fix=Fix(
            title=say("Switch the host off and on again; if the error returns, update the card's firmware."),
            verify=verbatim("dmesg | grep 'health recovery'"),
        ),
        source="Linux drivers/net/ethernet/mellanox/mlx5/core/health.c, mlx5_health_try_recover.",
    ),
    Entry(
        id="card.busy",
        cause=say("The driver is still at work on an earlier change of the VFs, or its firmware restarts."),
        looks_at=say("the kernel log"),
        fix=Fix(title=say("Wait a minute, then write the count again."), verify=COUNT),
        source=_of("busy"),
    ),
    Entry(
        id="vf.too-many",
        cause=say("More VFs were asked for than the card offers."),
        looks_at=say("sriov_totalvfs; the number requested"),
        line="or",
        judge=by_finding("vfs.count", topic="requested"),
        fix=Fix(
            title=say("Ask for the total, or raise it in the firmware (ConnectX: NUM_OF_VFS)."),
            verify=verbatim("cat /sys/bus/pci/devices/ADDRESS/sriov_totalvfs"),
        ),
        source="Linux drivers/pci/iov.c, sriov_numvfs_store.",
    ),
    Entry(
        id="vf.some-exist",
        cause=say("Some VFs are there already, and the kernel makes others only after 0."),
        looks_at=say("the VF count, the kernel log"),
        judge=first_of(by_finding("agent.partial-vfs"), by_card(_partial)),
        fix=ALL_OR_NONE,
        source="Linux drivers/pci/iov.c, sriov_numvfs_store.",
    ),
)
