"""Cards and VFs: what the kernel, the driver or the firmware says of them proves the cause."""

from __future__ import annotations

from checks.troubleshooting.cause import Entry, by_text
from sriov_tui.message import say, verbatim

ENTRIES: tuple[Entry, ...] = (
    by_text(
        "vf.no-vectors",
        say("The card has no interrupt vectors (MSI-X) left for so many VFs."),
        say("Ask for fewer VFs, or give each VF fewer vectors (ConnectX: NUM_VF_MSIX)."),
        verbatim("lspci -vv -s ADDRESS"),
    ),
    by_text(
        "vf.no-resources",
        say("The driver could not create the VFs: the PCI bus or the card's firmware refused."),
        say(
            "Read the kernel lines above it: they name the resource. Then check the BIOS (Above 4G, SR-IOV) "
            "and the card's firmware."
        ),
        verbatim("dmesg"),
    ),
    by_text(
        "card.no-count-file",
        say("The card has no sriov_numvfs file: it has no SR-IOV now, or its driver offers none."),
        say("Take the card out of the list, or switch SR-IOV on in its firmware and in the BIOS."),
        verbatim("sriov-tui audit --only hardware"),
    ),
    by_text(
        "card.no-module",
        say("The driver refuses the optical module (SFP), and has no port without it."),
        say("Use a module that the driver knows; ixgbe accepts others with allow_unsupported_sfp=1."),
        verbatim("ethtool -m INTERFACE"),
    ),
    by_text(
        "card.nvm-newer",
        say("The card's firmware (NVM) and the driver are of different ages."),
        say("Update the older of the two: the driver where the NVM is newer, else the NVM."),
        verbatim("ethtool -i INTERFACE"),
    ),
    by_text(
        "card.firmware-refused",
        say("The card's firmware answered the driver with an error (HWRM)."),
        say("Update firmware and driver to one release; a power cycle clears a firmware that hangs."),
        verbatim("ethtool -i INTERFACE"),
    ),
    by_text(
        "card.firmware-silent",
        say("The card's firmware does not answer the driver."),
        say("Switch the host off at the mains for some seconds; if it stays silent, burn the firmware again."),
        verbatim("mstflint -d ADDRESS q"),
    ),
    by_text(
        "card.probe-failed",
        say("The driver could not start the card: it has no interface, and no VFs."),
        say(
            "Read the kernel lines above this one: they name the reason. After an update of the driver, reboot; where "
            "it stays, boot the kernel before, or take the driver's next release."
        ),
        verbatim("dmesg"),
    ),
    by_text(
        "card.command-refused",
        say("The card's firmware refused a command of the driver."),
        say("Update firmware and driver to releases that belong together; give the syndrome to NVIDIA's support."),
        verbatim("mstflint -d ADDRESS q"),
    ),
    by_text(
        "card.memory",
        say("The driver could not give the card's firmware the memory that it asked for."),
        say("Free memory of the host, or use fewer VFs: each VF takes some megabytes."),
        verbatim("free -m"),
    ),
    by_text(
        "card.power",
        say("The slot gives the card less power than it needs, or it is too hot."),
        say("Put the card into a slot of 75 W and with cooling, or connect its power cable."),
        verbatim("dmesg"),
    ),
    by_text(
        "card.slow-slot",
        say("The slot is slower than the card: fewer lanes or an older PCIe."),
        say("Move the card to a slot with all its lanes; set the slot's speed to Auto in the BIOS."),
        verbatim("lspci -vv -s ADDRESS"),
        logged=False,
    ),
    by_text(
        "card.tx-hang",
        say("The card stopped sending, and its driver resets it."),
        say(
            "Update driver and firmware; switch off power saving (ASPM) in the BIOS; look for AER lines in "
            "the kernel log."
        ),
        verbatim("ethtool -S INTERFACE"),
    ),
    by_text(
        "card.reset",
        say("The card resets itself, or its reset failed."),
        say("Update driver and firmware; if the reset failed, reload the driver in a maintenance window or reboot."),
        verbatim("dmesg"),
    ),
    by_text(
        "card.aer",
        say("The PCIe link reports errors of this card (AER)."),
        say("Seat the card again, or try another slot; corrected errors alone are harmless while they are few."),
        verbatim("dmesg"),
    ),
    by_text(
        "card.gone",
        say("The card has left the PCIe bus."),
        say("Switch the host off at the mains, seat the card again, and look at its power and its temperature."),
        verbatim("lspci -s ADDRESS"),
    ),
    by_text(
        "vf.mac-set",
        say("The guest asks for another MAC address or VLAN than the host has set for its VF."),
        say("Leave the address in the guest as it is; for a bond or bridge in the guest set `trust on` for this VF."),
        verbatim("ip link show dev INTERFACE"),
    ),
    by_text(
        "vf.spoofed",
        say("The card drops packets of a VF whose sender address is not its own (spoof check)."),
        say(
            "Use the MAC that the platform gave to the VM, or switch off the check of its source MAC "
            "(SrcMacCheck) on the platform."
        ),
        verbatim("ip -s link show dev INTERFACE"),
    ),
    by_text(
        "vf.untrusted",
        say("The VF is not trusted: the card refuses promiscuous mode, more addresses or more VLANs."),
        say("ip link set dev INTERFACE vf NUMBER trust on, where the guest needs that (bond, bridge, VRRP)."),
        verbatim("ip link show dev INTERFACE"),
    ),
    by_text(
        "vf.malicious",
        say("The card took a packet of a VF for an attack, and stopped the VF (malicious driver detection)."),
        say("Update the driver in the guest; the VF works again after its driver was loaded again there."),
        verbatim("dmesg"),
    ),
    by_text(
        "vf.mailbox",
        say("The driver of a VF cannot talk to the driver of its card: the port is down or resets."),
        say("Bring the port up on the host, then load the VF's driver again in the guest."),
        verbatim("ip link show dev INTERFACE"),
    ),
    by_text(
        "vf.mac-refused",
        say("The driver refuses this setting of the VF (MAC, VLAN, trust, rate)."),
        say("Take a number of a VF that exists; in switchdev mode set VLAN and rate on the representor instead."),
        verbatim("ip link show dev INTERFACE"),
    ),
    by_text(
        "firmware.tool",
        say("The firmware tool did not reach the card, or does not know the setting."),
        say("Name the card by its PCI address; read the list of settings with `mstconfig -d ADDRESS q`."),
        verbatim("mstconfig -d ADDRESS q"),
    ),
    by_text(
        "firmware.not-in-driver",
        say("The driver package has no firmware for this card: it is one of a server maker's."),
        say("Take the firmware of the server's maker (the PSID names it); the driver works without that."),
        verbatim("mstflint -d ADDRESS q"),
    ),
    by_text(
        "bond.no-carrier",
        say("A port of the bond has lost its link, or the switch sends no LACP."),
        say("Look at cable and switch port; mode 4 needs LACP on the switch."),
        verbatim("cat /proc/net/bonding/INTERFACE"),
    ),
)
