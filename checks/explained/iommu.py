"""What the findings of `checks.iommu` and `checks.boot.menu` are about; the room for VFs has a page of its own."""

from __future__ import annotations

from sriov_tui.message import say
from sriov_tui.model import Explanation

BOOT = say("Debian, Red Hat and SUSE's manuals of GRUB, grubby and update-grub; the boot menu itself.")

EXPLAINED = (
    Explanation(
        id="iommu.firmware",
        title=say("The firmware offers the IOMMU"),
        means=say(
            "The BIOS publishes an ACPI table about the IOMMU: DMAR (Intel), IVRS (AMD), or on Arm an IORT with at "
            "least one SMMU in it. An IORT alone proves nothing: every Arm server has one."
        ),
        matters=say("Without the table the kernel does not know of an IOMMU, and no argument helps."),
        fix=say(
            "Switch VT-d (Intel), AMD IOMMU or the SMMU (Arm) on in the BIOS. VT-x and SVM are other "
            "settings and do not enable it."
        ),
        source="Linux drivers/iommu/intel/dmar.c, drivers/iommu/amd/init.c, drivers/acpi/arm64/iort.c; "
        "/sys/firmware/acpi/tables.",
    ),
    Explanation(
        id="iommu.active",
        title=say("The IOMMU is active"),
        means=say(
            "/sys/class/iommu and /sys/kernel/iommu_groups both have entries. That alone proves it. "
            'Lines of the kernel log do not: "DMAR: IOMMU enabled" is printed by the reader of the '
            "arguments, on machines without an IOMMU, too."
        ),
        matters=say(
            "vfio-pci takes a VF only if it is in an IOMMU group. Without the IOMMU the host-agent reports no VF."
        ),
        fix=say(
            "The finding names the layer at fault: firmware, an argument that switches it off, no "
            "request for it, or a failed start. Fix that layer."
        ),
        source="Linux drivers/iommu/intel/iommu.c, intel_iommu_init; drivers/vfio/pci/vfio_pci_core.c.",
    ),
    Explanation(
        id="iommu.arguments",
        title=say("Kernel arguments for the IOMMU, now and at the next boot"),
        means=say(
            "The running kernel's arguments, those that the boot menu will pass, and those that this "
            "host needs are compared. An argument counts as key and value: intel_iommu=on,sm_on is "
            "not a lone intel_iommu=on, and the last of a key counts."
        ),
        matters=say(
            "Without them some Intel kernels leave the IOMMU off. An argument in a file that the "
            "boot menu was not made from has no effect."
        ),
        fix=say(
            "Let the plan write them; then reboot once. If they are still missing after a reboot, "
            "the machine boots from another menu: rebooting again changes nothing."
        ),
        source="Linux Documentation/admin-guide/kernel-parameters.txt; kernel/params.c. " + BOOT,
    ),
    Explanation(
        id="iommu.boot-entries",
        title=say("All boot entries pass the same"),
        means=say("Every normal entry of the boot menu passes the arguments that the default entry passes."),
        matters=say("After a kernel update, or a choice at the console, the host would come up without its IOMMU."),
        fix=say(
            "Write the boot menu again, or change the entries that the finding lists. Rescue entries are left alone."
        ),
        source=BOOT,
    ),
    Explanation(
        id="iommu.menu",
        title=say("The boot menu is as its settings"),
        means=say(
            "GRUB boots by the menu that grub-mkconfig made of /etc/default/grub and its drop-ins. What is in the "
            "settings has to be in the menu, and what the menu passes for the IOMMU and the VFs in the settings."
        ),
        matters=say(
            "A change of the settings has no effect until the menu is made of them. An argument that only the menu "
            "has is gone after the next update of a kernel."
        ),
        fix=say(
            "Run update-grub, or grub2-mkconfig with the path of the menu. Write into the settings what should stay."
        ),
        source=BOOT,
    ),
    Explanation(
        id="iommu.default-kernel",
        title=say("The next boot starts the kernel that runs now"),
        means=say(
            "The default entry of the boot menu starts the kernel that is running, by the version in the name of its "
            "image. An image without a version in its name may be any kernel."
        ),
        matters=say(
            "Vendor drivers are built for one kernel. With another one the card may come up with the "
            "kernel's own driver, under another name, or not at all."
        ),
        fix=say(
            "If you want the new kernel, nothing; otherwise choose the running one (grubby "
            "--set-default, GRUB_DEFAULT)."
        ),
        source=BOOT,
    ),
    Explanation(
        id="iommu.arguments-kept",
        title=say("No kernel argument gets lost"),
        means=say("The default boot entry has every argument of the running kernel."),
        matters=say(
            "An argument that was typed at the console, or written into another menu, is gone after "
            "the reboot: a console, a crash kernel, or a card's setting with it."
        ),
        fix=say("Add the argument to the boot loader's settings if the host needs it."),
        source="/proc/cmdline and the boot menu.",
    ),
    Explanation(
        id="iommu.module-parameter",
        title=say("Module parameters that are asked for"),
        means=say(
            "Each argument such as igb.max_vfs=7 among your choices is compared with the parameters "
            "that the driver has, and a count of VFs with the total that the card offers."
        ),
        matters=say(
            "A parameter that the driver does not have does nothing. A count below the total is made "
            "at each boot, and then the host-agent reports no VF of any card."
        ),
        fix=say("Write the parameter's name as modinfo -p shows it; give the total as the count, or leave it out."),
        source="modinfo; Linux kernel/params.c; Cloudpods host-agent: isolated_device/sriov_base.go.",
    ),
    Explanation(
        id="iommu.cpu",
        title=say("The processor's virtualization"),
        means=say(
            "/proc/cpuinfo shows vmx (Intel VT-x) or svm (AMD). Newer kernels hide the flag when the BIOS locked it."
        ),
        matters=say("Without it there is no KVM, and the host-agent probes no network card at all."),
        fix=say("Switch VT-x or SVM on in the BIOS. Inside a virtual machine its own host must pass it on."),
        source="Linux arch/x86/kernel/cpu/feat_ctl.c; Cloudpods host-agent, hostinfo.go, probeSyncIsolatedDevices.",
    ),
    Explanation(
        id="iommu.lockdown",
        title=say("Kernel lockdown"),
        means=say("With Secure Boot the kernel may be locked down (integrity or confidentiality)."),
        matters=say(
            "Unsigned modules, such as a vendor driver that was built here, do not load. Firmware "
            "tools cannot write the card's settings."
        ),
        fix=say("Enrol the key that signs the driver (mokutil --import), or switch Secure Boot off."),
        source="Linux security/lockdown/lockdown.c; man kernel_lockdown.7.",
    ),
    Explanation(
        id="iommu.interrupt-remapping",
        title=say("Interrupts are remapped"),
        means=say("The IOMMU remaps interrupts: the kernel says so, or the firmware's table offers it."),
        matters=say(
            "Without it the kernel refuses to give a VF to a virtual machine (No interrupt remapping "
            "support), unless vfio is set to do without it. Then a guest could disturb the host."
        ),
        fix=say(
            "Switch Interrupt Remapping on in the BIOS. allow_unsafe_interrupts avoids this check, at your own risk."
        ),
        source="Linux drivers/iommu/irq_remapping.c; drivers/vfio/vfio_iommu_type1.c.",
    ),
)
