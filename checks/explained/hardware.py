"""What the findings of `checks.hardware` are about."""

from __future__ import annotations

from sriov_tui.model import Explanation

EXPLAINED = (
    Explanation(
        id="hardware.present",
        title="A network card that can do SR-IOV",
        means="At least one network card shows the SR-IOV capability (id 0x0010) in its PCI config space.",
        matters="Without such a card there are no virtual functions (VFs), whatever else is set.",
        mend="Put a card with SR-IOV into a slot. If one is there, switch SR-IOV on in the BIOS, globally and on the "
        "card's own page; some cards hide the capability while it is off.",
        source="Linux include/uapi/linux/pci_regs.h; drivers/pci/iov.c, sriov_init.",
    ),
    Explanation(
        id="hardware.pf",
        title="How many VFs a card offers",
        means="The kernel shows sriov_totalvfs for a card that it accepted for SR-IOV. It does not for one whose "
        "firmware offers 0 VFs, or whose VF BARs are smaller than a page. And what is shown is of no use where the "
        "port is bound to vfio-pci, has no network interface (as InfiniBand without ib_ipoib), is in an error state, "
        "or where its driver creates no VFs through sysfs (mlx4_core, enic).",
        matters="The host-agent makes exactly as many VFs as sriov_totalvfs says. A card in sriov_nics without this "
        "file makes it report no VF of any card.",
        mend="ConnectX: mstconfig -d ADDRESS set SRIOV_EN=1 NUM_OF_VFS=N, then reboot. Other cards: SR-IOV on the "
        "card's own page in the BIOS. No driver: load it.",
        source="Linux drivers/pci/iov.c, sriov_init; NVIDIA's manual of mlxconfig.",
    ),
    Explanation(
        id="hardware.pcie",
        title="Speed and width of the PCIe link",
        means="The PCIe link of a chosen card runs slower or narrower than the card can.",
        matters="All VFs share this link. SR-IOV works; it may be slower than the network.",
        mend="Use a slot with enough lanes of that speed, if the network needs it.",
        source="Linux sysfs: current_link_speed, max_link_speed, current_link_width, max_link_width.",
    ),
    Explanation(
        id="hardware.ssh",
        title="The card that carries your session",
        means="The SSH session is followed from its address through bridges, bonds and VLANs down to the cards.",
        matters="A change that drops this card's link drops the session, and may lock you out of the host.",
        mend="Nothing is wrong. Such a change waits for the next boot, or undoes itself unless a new connection "
        "confirms it.",
        source="SSH_CONNECTION and the kernel's links and routes. Linux drivers igb, ixgbe, i40e, ngbe and txgbe "
        "close and reopen the port when VFs come or go.",
    ),
    Explanation(
        id="hardware.chosen",
        title="A card is chosen",
        means="Neither sriov_nics nor ovs_offload_nics of host.conf names a card, and none is marked in the wizard.",
        matters="The host-agent reports VFs of the cards in these lists only.",
        mend="Run the wizard and mark the ports, or name their interfaces in /etc/yunion/host.conf.",
        source="Cloudpods host-agent: pkg/hostman/options/options.go, SRIOVNics and OvsOffloadNics.",
    ),
    Explanation(
        id="hardware.root",
        title="Seen as root",
        means="sriov-tui runs as another user than root. The kernel shows such a user 64 bytes of a card's config "
        "space, no ACPI tables, and often no kernel log.",
        matters="What could not be read counts as unknown, never as good. Nothing can be changed.",
        mend="Run it as root: sudo sriov-tui audit.",
        source="Linux drivers/pci/pci-sysfs.c, pci_read_config; drivers/acpi/sysfs.c.",
    ),
    Explanation(
        id="hardware.container",
        title="Seen from the host itself",
        means="sriov-tui runs inside a container.",
        matters="A container has files, interfaces and processes of its own: what is read may not be the host's.",
        mend="Run sriov-tui on the host itself.",
        source="systemd-detect-virt --container.",
    ),
)
