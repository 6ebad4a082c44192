"""What the findings of `checks.vfs` are about."""

from __future__ import annotations

from sriov_tui.message import say
from sriov_tui.model import Explanation

AGENT = "Cloudpods host-agent: isolated_device/sriov_base.go, ensureNumvfsEqualTotalvfs"

EXPLAINED = (
    Explanation(
        id="vfs.count",
        title=say("All the VFs that a card offers, or none"),
        means=say("sriov_numvfs is compared with sriov_totalvfs, and with the links virtfn0, virtfn1 and so on."),
        matters=say(
            "At each start the host-agent writes the total into sriov_numvfs. With a number between "
            "0 and the total the kernel refuses (device or resource busy), and then no VF of any "
            "card is reported."
        ),
        fix=say(
            "Make all VFs, or none. For fewer, lower the card's own total where that is possible "
            "(ConnectX: NUM_OF_VFS, one value for both ports)."
        ),
        source=f"{AGENT}; Linux drivers/pci/iov.c, sriov_numvfs_store.",
    ),
    Explanation(
        id="vfs.held",
        title=say("No VF that must be recreated is in use"),
        means=say(
            "Where the number of VFs has to change, every VF goes away first. Who holds one is "
            "looked for in /proc (open vfio groups), in bridges, in bonds and among the addresses."
        ),
        matters=say(
            "While a virtual machine holds a VF, the write hangs and blocks the card. What the host "
            "itself uses would lose its network."
        ),
        fix=say(
            "Stop the virtual machines that are named or detach the VFs; take the interfaces out of their bridges."
        ),
        source="Linux drivers/vfio/pci/vfio_pci_core.c, vfio_pci_core_request (Relaying device request to user).",
    ),
    Explanation(
        id="vfs.session",
        title=say("Making VFs and your session"),
        means=say("The card that carries your SSH session gets its VFs at the next boot, or now if you chose so."),
        matters=say("Making them drops the link for some seconds, longer where a switch port has to come up again."),
        fix=say(
            "Leave it for the next boot. If you need them now, confirm from a new connection within the time given."
        ),
        source="Linux drivers igb, ixgbe, i40e, ngbe and txgbe: they reset the port when VFs come or go.",
    ),
    Explanation(
        id="vfs.link",
        title=say("Making VFs and others on the port"),
        means=say(
            "The port carries a bridge, a bond, an address or a network of host.conf, and its driver "
            "drops the link when VFs come or go."
        ),
        matters=say("What is on the port has no network for some seconds, running virtual machines too."),
        fix=say("Apply when that does no harm, or move them to another port first."),
        source="Linux drivers igb, ixgbe, i40e, ngbe and txgbe: they reset the port when VFs come or go.",
    ),
    Explanation(
        id="vfs.isolation",
        title=say("Each VF is alone in its IOMMU group"),
        means=say("/sys/kernel/iommu_groups shows every VF in a group, and no other device in it."),
        matters=say(
            "A group is given to one virtual machine as a whole; QEMU refuses a VF that shares its "
            "group (all devices within the iommu_group must be bound to their vfio bus driver)."
        ),
        fix=say("Switch ACS on in the BIOS, or use another slot. VFs in no group: fix iommu.active first."),
        source="Linux drivers/iommu/iommu.c, pci_device_group; drivers/vfio/group.c.",
    ),
    Explanation(
        id="vfs.at-boot",
        title=say("The VFs are there from boot on"),
        means=say(
            "A udev rule of sriov-tui makes all VFs of the card as soon as it appears; for bnxt_en and bnx2x, "
            "which create VFs only while the link is up, a systemd unit raises the link first."
        ),
        matters=say("VFs do not outlive a reboot. Without the rule they wait for the start of the host-agent."),
        fix=say("Let the plan write the rule. It reads the total itself and stays true when the firmware changes it."),
        source=f"man udev, ATTR and $attr; {AGENT}.",
    ),
    Explanation(
        id="vfs.unmanaged",
        title=say("NetworkManager leaves the VFs alone"),
        means=say("On a host that NetworkManager configures, a udev rule marks the VFs of the card as not its own."),
        matters=say(
            "It asks for an address by DHCP on every VF as soon as it appears, and a route over a VF may take the "
            "host off its network. With vfio-pci the interfaces go, but at every boot they come first."
        ),
        fix=say("Apply the plan: its rule sets NM_UNMANAGED for these VFs."),
        source="NetworkManager(8), NM_UNMANAGED; sriov-network-operator's rule 10-nm-disable.",
    ),
)
