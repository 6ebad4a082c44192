"""What the findings about resources of VFs that are yet to be created are about: bus numbers, MMIO, interrupts."""

from __future__ import annotations

from sriov_tui.message import say
from sriov_tui.model import Explanation

IOV = "Linux drivers/pci/iov.c, sriov_enable"

EXPLAINED = (
    Explanation(
        id="iommu.vf-room",
        title=say("Address room for the VFs"),
        means=say("Each VF needs memory addresses (VF BARs). A BAR that starts at 0 was given none by the BIOS."),
        matters=say('Making VFs fails with "not enough MMIO resources for SR-IOV" (cannot allocate memory).'),
        fix=say(
            "Switch Above 4G Decoding and SR-IOV on in the BIOS. If that is not enough, boot with "
            "pci=realloc; it can harm other cards, so it is proposed only where a BAR lacks "
            "addresses. The VFs are then made after that boot."
        ),
        source=f"{IOV}; the lines 7 to 12 of a card's resource file.",
    ),
    Explanation(
        id="iommu.vf-buses",
        title=say("Bus numbers for the VFs"),
        means=say(
            "From the card's offset and stride follows the bus of its last VF. The PCIe port above "
            "the card must lead to that bus."
        ),
        matters=say("VFs on a bus beyond it cannot be made (bus number out of range)."),
        fix=say(
            "Switch SR-IOV and ARI on in the BIOS, so that it keeps bus numbers; else boot with pci=assign-busses."
        ),
        source=f"{IOV}, pci_iov_virtfn_bus.",
    ),
    Explanation(
        id="iommu.ari",
        title=say("ARI forwarding above the card"),
        means=say(
            "With ARI a card has more than 8 functions on one bus. The port above it must forward them (DevCtl2 bit 5)."
        ),
        matters=say("VFs may need other buses, or answer with ffff:ffff only."),
        fix=say("Switch ARI on in the BIOS; remove pci=noari from the kernel arguments."),
        source="Linux drivers/pci/pci.c, pci_configure_ari; the PCI Express specification, ARI.",
    ),
    Explanation(
        id="iommu.acs",
        title=say("ACS keeps the VFs apart"),
        means=say(
            "The card's IOMMU group has no port above it as a member; while no IOMMU is active, every port above it "
            "has ACS. The kernel groups the VFs as it groups the card."
        ),
        matters=say(
            "Where a port does not keep its functions apart, all VFs below it share one IOMMU group, and a group can "
            "only be given away whole: no VF can be given to a virtual machine alone."
        ),
        fix=say("Switch ACS on in the BIOS, or use a slot that hangs directly on the processor."),
        source="Linux drivers/pci/pci.c, pci_acs_enabled; drivers/iommu/iommu.c, pci_device_group.",
    ),
    Explanation(
        id="iommu.msix",
        title=say("Interrupts for the VFs"),
        means=say("The kernel may use MSI-X, and the card's firmware keeps vectors for its VFs."),
        matters=say("A VF without interrupts cannot be driven by a guest."),
        fix=say("Remove pci=nomsi from the kernel arguments. ConnectX: give VFs vectors (mstconfig, NUM_VF_MSIX)."),
        source="Linux drivers/pci/iov.c, sriov_vf_total_msix; kernel-parameters.txt, pci=nomsi.",
    ),
)
