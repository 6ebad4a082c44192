"""What the findings of `checks.hardware` are about."""

from __future__ import annotations

from sriov_tui.message import say
from sriov_tui.model import Explanation

EXPLAINED = (
    Explanation(
        id="hardware.present",
        title=say("A network card that can do SR-IOV"),
        means=say("At least one network card shows the SR-IOV capability (id 0x0010) in its PCI config space."),
        matters=say("Without such a card there are no virtual functions (VFs), whatever else is set."),
        fix=say(
            "Put a card with SR-IOV into a slot. If one is there, switch SR-IOV on in the BIOS, "
            "globally and on the card's own page; some cards hide the capability while it is off."
        ),
        source="Linux include/uapi/linux/pci_regs.h; drivers/pci/iov.c, sriov_init.",
    ),
    Explanation(
        id="hardware.pf",
        title=say("How many VFs a card offers"),
        means=say(
            "The kernel shows sriov_totalvfs for a card that it accepted for SR-IOV. It does not for "
            "one whose firmware offers 0 VFs, or whose VF BARs are smaller than a page. And what is "
            "shown is of no use where the port is bound to vfio-pci, has no network interface (as "
            "InfiniBand without ib_ipoib), is in an error state, or where its driver creates no VFs "
            "through sysfs (mlx4_core, enic)."
        ),
        matters=say(
            "The host-agent makes exactly as many VFs as sriov_totalvfs says. A card in sriov_nics "
            "without this file makes it report no VF of any card."
        ),
        fix=say(
            "ConnectX: mstconfig -d ADDRESS set SRIOV_EN=1 NUM_OF_VFS=N, then reboot. Other cards: "
            "SR-IOV on the card's own page in the BIOS. No driver: load it."
        ),
        source="Linux drivers/pci/iov.c, sriov_init; NVIDIA's manual of mlxconfig.",
    ),
    Explanation(
        id="hardware.pcie",
        title=say("Speed and width of the PCIe link"),
        means=say("The PCIe link of a chosen card runs slower or narrower than the card can."),
        matters=say("All VFs share this link. SR-IOV works; it may be slower than the network."),
        fix=say("Use a slot with enough lanes of that speed, if the network needs it."),
        source="Linux sysfs: current_link_speed, max_link_speed, current_link_width, max_link_width.",
    ),
    Explanation(
        id="hardware.ssh",
        title=say("The card that carries your session"),
        means=say("The SSH session is followed from its address through bridges, bonds and VLANs down to the cards."),
        matters=say("A change that drops this card's link drops the session, and may lock you out of the host."),
        fix=say(
            "Nothing is wrong. Such a change waits for the next boot, or undoes itself unless a new "
            "connection confirms it."
        ),
        source="SSH_CONNECTION and the kernel's links and routes. Linux drivers igb, ixgbe, i40e, ngbe and txgbe "
        "close and reopen the port when VFs come or go.",
    ),
    Explanation(
        id="hardware.session",
        title=say("A session that cannot be traced"),
        means=say(
            "There is an SSH session, or another remote terminal, and it cannot be followed to a network card: "
            "through address translation, a tunnel, a container, or another network namespace."
        ),
        matters=say("A change that drops a link may cut it. So each card is treated as if it carried the session."),
        fix=say("Log in over SSH to an address of the host itself, outside tmux and screen, or work at the console."),
        source="SSH_CONNECTION (sshd(8)), /proc/net/tcp, and the kernel's links, addresses and routes.",
    ),
    Explanation(
        id="hardware.chosen",
        title=say("A card is chosen"),
        means=say(
            "Neither sriov_nics nor ovs_offload_nics of host.conf names a card, and none is marked in the wizard."
        ),
        matters=say("The host-agent reports VFs of the cards in these lists only."),
        fix=say("Run the wizard and mark the ports, or name their interfaces in /etc/yunion/host.conf."),
        source="Cloudpods host-agent: pkg/hostman/options/options.go, SRIOVNics and OvsOffloadNics.",
    ),
    Explanation(
        id="hardware.root",
        title=say("Seen as root"),
        means=say(
            "sriov-tui runs as another user than root. The kernel shows such a user 64 bytes of a "
            "card's config space, no ACPI tables, and often no kernel log."
        ),
        matters=say("What could not be read counts as unknown, never as good. Nothing can be changed."),
        fix=say("Run it as root: sudo sriov-tui audit."),
        source="Linux drivers/pci/pci-sysfs.c, pci_read_config; drivers/acpi/sysfs.c.",
    ),
    Explanation(
        id="hardware.container",
        title=say("Seen from the host itself"),
        means=say("sriov-tui runs inside a container."),
        matters=say("A container has files, interfaces and processes of its own: what is read may not be the host's."),
        fix=say("Run sriov-tui on the host itself."),
        source="systemd-detect-virt --container.",
    ),
)
