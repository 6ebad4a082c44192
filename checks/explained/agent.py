"""What the findings of `checks.agent` are about: the host-agent's own rules."""

from __future__ import annotations

from sriov_tui.message import say
from sriov_tui.model import Explanation

NIC = "Cloudpods host-agent: isolated_device/nic.go"
BASE = "Cloudpods host-agent: isolated_device/sriov_base.go"

EXPLAINED = (
    Explanation(
        id="agent.forecast",
        title=say("What the host-agent will report"),
        means=say(
            "Its rules are followed on what was read of this host: which VFs it will report at its "
            "next start, with which name and wire, or with which error none."
        ),
        matters=say("It reports all or nothing: one error of one card, and no device of that list is reported."),
        fix=say("Fix the cause that is named. The host-agent reads host.conf only when its pod starts."),
        source=f"{NIC}, getSRIOVNics and getOvsOffloadNics.",
    ),
    Explanation(
        id="agent.kvm",
        title=say("The host-agent probes network cards at all"),
        means=say("host_type is hypervisor, and KVM works: /dev/kvm is there, or kvm-intel or kvm-amd can be loaded."),
        matters=say("Otherwise it skips the whole search for VFs, without a message."),
        fix=say("Switch VT-x or SVM on in the BIOS; set host_type: hypervisor."),
        source="Cloudpods host-agent: hostinfo.go, probeSyncIsolatedDevices; isolated_device/isolated_device.go.",
    ),
    Explanation(
        id="agent.iommu",
        title=say("The IOMMU, as the host-agent needs it"),
        means=say("IOMMU groups exist. The host-agent itself does not look: it just fails."),
        matters=say('It stops with "vfio-pci/bind: invalid argument" and reports no VF.'),
        fix=say("Fix iommu.active."),
        source=f"{BASE}; Linux drivers/vfio/pci/vfio_pci_core.c (probe fails with error -22).",
    ),
    Explanation(
        id="agent.vfio",
        title=say("vfio-pci, as the host-agent needs it"),
        means=say("The kernel has vfio-pci, loaded or to be loaded. The host-agent runs modprobe at its start."),
        matters=say("Without it there is nothing to bind VFs to, and none is reported."),
        fix=say("Install the kernel's extra modules, or a kernel with CONFIG_VFIO_PCI."),
        source="Cloudpods host-agent: hostinfo.go, probeSyncIsolatedDevices.",
    ),
    Explanation(
        id="agent.nic-name",
        title=say("Every name in the lists is found"),
        means=say(
            "Each item of sriov_nics and ovs_offload_nics is exactly the name of a card, or of a bond in networks."
        ),
        matters=say(
            "A name that is not found is passed over without a word: its VFs are missing, and no log says why."
        ),
        fix=say(
            "Write the name as `ip link` shows it now. Names change with drivers, slots and "
            "switchdev (an np0 at the end)."
        ),
        source=f"{NIC}; hostinfo.go, getNicsInterfaces.",
    ),
    Explanation(
        id="agent.pci-domain",
        title=say("The card is in PCI domain 0000"),
        means=say("The card's path begins with /sys/devices/pci0000:."),
        matters=say("The host-agent passes over cards in other domains (Intel VMD, many Arm hosts) without a word."),
        fix=say(
            "Move the card to a slot of domain 0000, or switch VMD off for its slot. Else take it out of the list."
        ),
        source=f"{NIC}, the filter on /sys/devices/pci0000:.",
    ),
    Explanation(
        id="agent.partial-vfs",
        title=say("No partial number of VFs, on any card in the lists"),
        means=say("sriov_numvfs of each card in the lists is 0 or the total."),
        matters=say(
            "Anything between makes the kernel refuse the host-agent's write (device or resource "
            "busy), and no device of any card is reported. A common cause is igb.max_vfs=4 on a card "
            "with 7."
        ),
        fix=say("Make all VFs or none; take max_vfs out of the kernel arguments or set it to the total."),
        source=f"{BASE}, ensureNumvfsEqualTotalvfs; Linux drivers/pci/iov.c, sriov_numvfs_store.",
    ),
    Explanation(
        id="agent.autoprobe",
        title=say("Drivers may take the VFs"),
        means=say("sriov_drivers_autoprobe of the card is 1."),
        matters=say(
            "With 0 the kernel lets vfio-pci take no VF, though it accepts the write: the host-agent "
            'fails with "no such device".'
        ),
        fix=say("Write 1 into it, and recreate the VFs."),
        source="Linux drivers/pci/pci-driver.c, pci_device_can_probe.",
    ),
    Explanation(
        id="agent.sriov",
        title=say("Each card in the lists offers VFs"),
        means=say("sriov_totalvfs is there and not 0."),
        matters=say(
            "Where the file is missing, the host-agent reports no device of any other card either. "
            "With 0 it reports none of this card, without a message."
        ),
        fix=say("See hardware.pf for the reason, or take the card out of the list."),
        source=f"{BASE}, ensureNumvfsEqualTotalvfs.",
    ),
    Explanation(
        id="agent.held",
        title=say("No virtual machine holds a VF that is to be offloaded"),
        means=say("When it switches to switchdev, the host-agent unbinds every VF of the card, whoever has it."),
        matters=say("A virtual machine would lose its network, and the unbinding may hang."),
        fix=say("Stop the virtual machines that are named, or detach the VFs, before the host-agent restarts."),
        source=f"{NIC}, getOvsOffloadNics.",
    ),
    Explanation(
        id="agent.bond",
        title=say("A bond that its card can offload"),
        means=say("The bond is in mode 1, 2 or 4, and its ports are on one card."),
        matters=say("Else the card does not join the ports into one switch, and the bond is not offloaded."),
        fix=say(
            "Set the bond up again with ports of one card, both in switchdev mode before they join "
            "it; or use plain SR-IOV."
        ),
        source="Linux drivers/net/ethernet/mellanox/mlx5/core/lag/lag.c.",
    ),
    Explanation(
        id="agent.bond-mode",
        title=say("Plain VFs fit the bond of their card"),
        means=say(
            "A bond above plain VFs is in mode active-backup, where the switch takes its ports for separate ones."
        ),
        matters=say(
            "In 802.3ad, balance-xor and the like the switch may send a frame for a VF to the other port, where "
            "nobody takes it."
        ),
        fix=say("Use active-backup, or offload the bond (VF-LAG), or a card without a bond."),
        source="Linux Documentation/networking/bonding.rst; NVIDIA, SR-IOV and VF-LAG.",
    ),
    Explanation(
        id="agent.offload-bridge",
        title=say("One uplink for each bridge"),
        means=say("Cards that offload without a bond have a bridge each."),
        matters=say("Two uplinks of one bridge make a loop, and flows over the other card are not offloaded."),
        fix=say("Make a bond of both ports of one card, or give each card an entry of its own in networks."),
        source="Open vSwitch documentation, bonding; NVIDIA, OVS offload using ASAP2 Direct.",
    ),
)
