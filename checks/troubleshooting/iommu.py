"""BIOS, IOMMU, kernel arguments and what VFIO says of them."""

from __future__ import annotations

from checks.messages.pattern import PASTED
from checks.platform.iommu_verdict import rebooted_in_vain
from checks.troubleshooting.cause import NOT, Case, Entry, Judgement
from checks.troubleshooting.judges import by_finding, by_verdict, fact, first_of
from sriov_tui.message import Message, Text, say, verbatim
from sriov_tui.model import Evidence, Fix, Level

GROUPS = say("ls /sys/kernel/iommu_groups is not empty.")
REBOOT = say("cat /proc/cmdline after the reboot.")


def _misspelt(case: Case) -> Judgement:
    """A wrong option is a cause while the IOMMU is off; AMD's unknown `on` is harmless where it is active."""
    if case.facts.iommu.active is None:
        return Judgement(found=None)
    harmless = case.facts.iommu.active and not any(where == PASTED for where, _ in case.lines)
    return NOT if harmless else Judgement(found=True)


def _in_vain(case: Case) -> tuple[Text, Text, Message] | None:
    vain = " ".join(rebooted_in_vain(case.facts))
    line = case.facts.kernel.cmdline or ""
    return (
        ("/proc/cmdline", line, say("A reboot was made for {vain}, and the kernel still lacks it.", vain=vain))
        if vain
        else None
    )


def _no_group(case: Case) -> Judgement:
    lone = [vf.address for pf in case.pfs for vf in pf.vfs if vf.group_members == ()]
    if case.facts.iommu.active is False or lone:
        where = Evidence("/sys/kernel/iommu_groups", f"not in it: {', '.join(lone[:3]) or 'any device'}")
        return Judgement(found=True, evidence=(where,))
    return NOT if case.facts.iommu.active else Judgement(found=None)


def _no_remapping(case: Case) -> Judgement:
    return NOT if case.facts.iommu.unsafe_interrupts else Judgement(found=True)


ENTRIES = (
    Entry(
        id="bios.iommu-broken",
        cause=say("The BIOS describes the IOMMU wrongly, and the kernel leaves it off."),
        looks_at=say("the kernel log, whether the IOMMU is active"),
        judge=by_verdict("initialisation failed"),
        fix=Fix(title=say("Update the BIOS, or ask its maker with the line."), verify=GROUPS),
        source="Linux drivers/iommu/intel/dmar.c, drivers/iommu/amd/init.c.",
    ),
    Entry(
        id="bios.iommu-off",
        cause=say("The IOMMU is off in the BIOS."),
        looks_at=verbatim("/sys/firmware/acpi/tables (DMAR, IVRS, IORT), /sys/kernel/iommu_groups"),
        judge=by_verdict("off in firmware"),
        fix=Fix(
            title=say("Switch VT-d (AMD: IOMMU) on in the BIOS, then reboot."),
            verify=say("ls /sys/firmware/acpi/tables shows DMAR, IVRS or IORT."),
        ),
        source="Linux drivers/acpi; the guide's FAQ 1.",
    ),
    Entry(
        id="kernel.arguments-pending",
        cause=say("The kernel arguments are written, but the running kernel was started without them."),
        looks_at=say("/proc/cmdline against the boot menu"),
        judge=first_of(fact(_in_vain), by_verdict("pending reboot")),
        fix=Fix(
            title=say("Reboot. Where that was done already, the machine boots another menu or another kernel."),
            manual=say("BOOT_IMAGE= in /proc/cmdline, `grubby --info=DEFAULT` and `efibootmgr -v` show which."),
            verify=REBOOT,
        ),
        source="GRUB manual, section 6.1; sriov-network-operator #1016 (a reboot that changed nothing).",
    ),
    Entry(
        id="kernel.iommu-off",
        cause=say("A kernel argument switches the IOMMU off."),
        looks_at=say("/proc/cmdline (of repeated arguments the last one counts)"),
        judge=by_verdict("off by argument"),
        fix=Fix(title=say("Remove the argument from the boot settings, then reboot."), verify=REBOOT),
        source="Linux drivers/iommu/intel/iommu.c, intel_iommu_setup.",
    ),
    Entry(
        id="kernel.argument-misspelt",
        cause=say("An IOMMU argument is misspelt, and the kernel ignores it."),
        looks_at=say("the kernel log, whether the IOMMU is active"),
        judge=_misspelt,
        fix=Fix(
            title=say("Write intel_iommu=on iommu=pt; on AMD only iommu=pt, whose IOMMU is on by itself."),
            manual=say("AMD's `Unknown option - 'on'` alone is harmless: see whether iommu.active is OK."),
            verify=REBOOT,
        ),
        source="Linux drivers/iommu/intel/iommu.c, drivers/iommu/amd/init.c; mondoohq/cnspec #3835.",
    ),
    Entry(
        id="kernel.iommu-not-requested",
        cause=say("Nothing asked the kernel for the IOMMU that the BIOS offers, or it is built without it."),
        looks_at=say("/proc/cmdline, the kernel's build options"),
        judge=by_verdict("not requested", "not built"),
        fix=Fix(title=say("Add intel_iommu=on iommu=pt to the boot settings, then reboot."), verify=REBOOT),
        source="Linux CONFIG_INTEL_IOMMU_DEFAULT_ON; the guide's FAQ 1.",
    ),
    Entry(
        id="grub.wrapper",
        cause=say("grub2-mkconfig was pointed at the small file on the EFI partition, and refused to overwrite it."),
        looks_at=say("the text that was pasted"),
        fix=Fix(
            title=say("Write /boot/grub2/grub.cfg, or better: grubby --update-kernel=ALL --args='...'."),
            verify=verbatim("grubby --info=ALL"),
        ),
        source="grub2-mkconfig of RHEL 9.",
    ),
    Entry(
        id="bios.ioapic",
        cause=say("The AMD BIOS leaves an IOAPIC out of its IVRS table, and the kernel gives interrupt remapping up."),
        looks_at=say("the kernel log"),
        fix=Fix(
            title=say("Update the BIOS; until then ivrs_ioapic= in the kernel arguments."),
            verify=verbatim("dmesg | grep 'Interrupt remapping enabled'"),
        ),
        source="Linux drivers/iommu/amd/init.c, check_ioapic_information.",
    ),
    Entry(
        id="vfio.no-remapping",
        cause=say("A virtual machine did not start because the host does not remap interrupts."),
        looks_at=say("the kernel log, allow_unsafe_interrupts"),
        judge=_no_remapping,
        fix=Fix(
            title=say("Switch Interrupt Remapping on in the BIOS."),
            manual=say("vfio_iommu_type1.allow_unsafe_interrupts=1 does without; a guest may then inject interrupts."),
            verify=verbatim("dmesg | grep -i remapping"),
        ),
        source="Linux drivers/vfio/vfio_iommu_type1.c.",
    ),
    Entry(
        id="bios.no-remapping",
        cause=say("Interrupt remapping is off: VFs may not attach to virtual machines."),
        looks_at=say("the kernel log, the flags of the DMAR table"),
        line="or",
        judge=by_finding("iommu.interrupt-remapping"),
        fix=Fix(title=say("Switch Interrupt Remapping on in the BIOS."), verify=verbatim("dmesg | grep -i remapping")),
        source="Linux drivers/iommu/intel/irq_remapping.c.",
    ),
    Entry(
        id="vfio.rmrr",
        cause=say("The BIOS reserves memory for this slot (RMRR), and the kernel does not give the device away."),
        looks_at=say("the kernel log"),
        fix=Fix(
            title=say("Exclude the slot from shared memory with the maker's tool (HPE: conrep), or use another slot."),
            verify=say("The virtual machine starts."),
        ),
        source="Linux drivers/iommu/intel/iommu.c, drivers/iommu/iommu.c.",
    ),
    Entry(
        id="vfio.shared-group",
        cause=say("The VF shares its IOMMU group with other devices, so QEMU refuses it."),
        looks_at=say("the IOMMU groups of the VFs"),
        line="or",
        judge=by_finding("vfs.isolation", topic="shared"),
        fix=Fix(
            title=say("Switch ACS on in the BIOS, or use another slot."),
            verify=verbatim("sriov-tui audit --only vfs.isolation"),
        ),
        source="QEMU hw/vfio/pci.c; Linux drivers/vfio/group.c.",
    ),
    Entry(
        id="vfio.no-group",
        cause=say("vfio-pci refused the VF because it is in no IOMMU group."),
        looks_at=say("the kernel log, the IOMMU groups"),
        judge=_no_group,
        fix=Fix(title=say("Fix the IOMMU (iommu.active), then recreate the VFs."), verify=GROUPS),
        source="Linux drivers/vfio/pci/vfio_pci_core.c.",
    ),
    Entry(
        id="bios.no-virtualization",
        cause=say("The processor's virtualization is off in the BIOS."),
        looks_at=say("the flags vmx and svm in /proc/cpuinfo, the kernel log"),
        line="or",
        judge=by_finding("iommu.cpu", "agent.kvm"),
        fix=Fix(
            title=say("Switch VT-x (AMD: SVM) on in the BIOS."),
            verify=verbatim("grep -c -w -e vmx -e svm /proc/cpuinfo"),
        ),
        source="Linux arch/x86/kernel/cpu/feat_ctl.c, amd.c; arch/x86/kvm.",
    ),
    Entry(
        id="vfio.missing",
        cause=say("The kernel has no vfio-pci module."),
        looks_at=say("/lib/modules of the running kernel"),
        line="or",
        judge=by_finding("driver.vfio", "agent.vfio", levels=(Level.FAIL,)),
        fix=Fix(
            title=say("Install the kernel's extra modules (kernel-modules-extra), or a kernel with CONFIG_VFIO_PCI."),
            verify=verbatim("modinfo -n vfio-pci"),
        ),
        source="Linux drivers/vfio/pci/Kconfig.",
    ),
)
