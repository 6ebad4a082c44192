"""Giving VFs to virtual machines: what QEMU, vfio and the IOMMU say proves the cause."""

from __future__ import annotations

from checks.troubleshooting.cause import Entry, by_text
from sriov_tui.message import say, verbatim

ENTRIES: tuple[Entry, ...] = (
    by_text(
        "dma.fault",
        say("The IOMMU blocked an access of this device to memory."),
        say(
            "Update the BIOS, the card's firmware and the driver in the guest; iommu=pt takes the host's own "
            "devices out."
        ),
        verbatim("dmesg"),
    ),
    by_text(
        "vfio.node-missing",
        say("The VF is not on vfio-pci: the file of its group in /dev/vfio is missing."),
        say("Bind the VF to vfio-pci, or restart the host-agent of this host, which does it."),
        verbatim("ls /dev/vfio"),
    ),
    by_text(
        "vfio.busy",
        say("Another process has the group of this VF open: another virtual machine, or one that did not end."),
        say("Find who holds it, and stop that virtual machine."),
        verbatim("fuser -v /dev/vfio/*"),
    ),
    by_text(
        "vfio.denied",
        say("QEMU may not open the file of the VF's group."),
        say("Let the virtual machine be started by the host-agent; with libvirt add /dev/vfio to cgroup_device_acl."),
        verbatim("ls -l /dev/vfio"),
    ),
    by_text(
        "vfio.container",
        say("vfio has no IOMMU to work with: vfio_iommu_type1 is not loaded, or the IOMMU refuses the device."),
        say("modprobe vfio_iommu_type1; then read the kernel log for RMRR and interrupt remapping."),
        verbatim("lsmod"),
    ),
    by_text(
        "vfio.memlock",
        say("The memory of the virtual machine could not be locked: the limit is too low, or memory is short."),
        say(
            "Raise the limit of locked memory of the process that starts QEMU to the guest's memory and 1 "
            "GiB, or free memory."
        ),
        verbatim('grep -i "locked memory" /proc/PID/limits'),
    ),
    by_text(
        "vfio.dma-map",
        say("The IOMMU cannot map an address of the virtual machine."),
        say(
            "Update QEMU and the kernel; on a processor with 39 address bits give the guest the host's (host-"
            "phys-bits)."
        ),
        verbatim("dmesg"),
    ),
    by_text(
        "vfio.policy",
        say("AppArmor or SELinux forbids QEMU to use the VF."),
        say(
            "Allow /dev/vfio/* in the profile, or relabel with restorecon; do not switch the protection off as a whole."
        ),
        verbatim("ausearch -m avc -ts recent"),
    ),
    by_text(
        "vfio.reset",
        say("The VF does not come back from a reset."),
        say("Stop the virtual machine, then recreate the VFs while none is in use; update the card's firmware."),
        verbatim("dmesg"),
    ),
    by_text(
        "vfio.device-gone",
        say("The VF that the virtual machine wants does not exist on this host."),
        say("See which VFs exist; let the host-agent report its devices again, then start the virtual machine."),
        verbatim("sriov-tui agent"),
    ),
    by_text(
        "vfio.in-guest",
        say("The VF belongs to another virtual machine."),
        say("Detach it there, or give this virtual machine another VF."),
        verbatim("sriov-tui audit --only vfs"),
    ),
    by_text(
        "vfio.agent-open",
        say("The host-agent could not open vfio: the VF is not on vfio-pci, or the IOMMU is off."),
        say("See that the IOMMU is active, then restart the host-agent of this host."),
        verbatim("sriov-tui audit --only iommu"),
    ),
)
