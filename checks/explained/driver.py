"""What the findings of `checks.driver` are about."""

from __future__ import annotations

from sriov_tui.message import say
from sriov_tui.model import Explanation

EXPLAINED = (
    Explanation(
        id="driver.bound",
        title=say("The card has its own driver"),
        means=say("A chosen card is bound to the driver of its maker, not to vfio-pci and not to none."),
        matters=say(
            "Only that driver makes VFs. Without one the kernel refuses (no driver bound to device; "
            "cannot configure SR-IOV)."
        ),
        fix=say(
            "Load the module that lspci -k names. If a virtual machine or DPDK uses the whole card "
            "(vfio-pci), it cannot provide VFs meanwhile."
        ),
        source="Linux drivers/pci/iov.c, sriov_numvfs_store.",
    ),
    Explanation(
        id="driver.vendor",
        title=say("Which driver an NVIDIA card has, and whether it is enough"),
        means=say(
            "The mlx5_core that is loaded and the one on the disk, by version and srcversion: the "
            "kernel's own or the vendor's (MLNX_OFED, DOCA-OFED), which needs mlx_compat. They differ until the old "
            "one is replaced."
        ),
        matters=say(
            "For plain SR-IOV the kernel's own driver is enough. For ovs_offload_nics the host-agent "
            "writes to /sys/class/net/PF/compat/devlink/mode, which only the vendor's driver has."
        ),
        fix=say(
            "Choose an image of the vendor's driver in step 3. Where it is installed and an older "
            "one is loaded: dracut -f (Debian: update-initramfs -u), then reboot."
        ),
        source="Cloudpods host-agent, isolated_device/nic.go; NVIDIA MLNX_OFED documentation.",
    ),
    Explanation(
        id="driver.kernels",
        title=say("Every kernel that may be booted has the vendor's driver"),
        means=say("modules.dep of each kernel below /lib/modules: whether its mlx5_core needs mlx_compat."),
        matters=say(
            "On RPM distributions the vendor's modules are built for one kernel. After a kernel "
            "update the new one runs with its own driver, and no offload device is reported."
        ),
        fix=say("Boot the new kernel and install the driver again from its image; or keep the old kernel the default."),
        source="NVIDIA MLNX_OFED documentation, kernel updates; dell/omnia #1574.",
    ),
    Explanation(
        id="driver.ip",
        title=say("The `ip` of an InfiniBand host can list its VFs"),
        means=say("A port is InfiniBand and offers VFs, and the `ip` of mlnx-iproute2 is there or not."),
        matters=say(
            "The distribution's ip stops with: Buffer too small for object. Dump terminated. The "
            "host-agent uses ip to set up the VFs of a virtual machine."
        ),
        fix=say("Install mlnx-iproute2 out of the vendor's image, and put its ip first."),
        source="The Cloudpods guide, InfiniBand; sriov-network-operator #1025.",
    ),
    Explanation(
        id="driver.image",
        title=say("The driver image that was chosen can be installed here"),
        means=say(
            "The image's or package's name and its content: release, distribution, architecture; its SHA-256 "
            "against the one that was given; who could write to the file; and whether the release can be "
            "built on this kernel, keeps its switch (E-Switch) there, and is made for these cards."
        ),
        matters=say(
            "The installer runs as root. An image for another distribution or machine, a damaged "
            "one, or one that others could have changed is not run. On a kernel that is too new for it "
            "the driver is built without its switch: plain SR-IOV works, offload does not."
        ),
        fix=say(
            "Fetch the image that F2 names for this host, from the vendor; give it to root alone; "
            "give the SHA-256 of the vendor's page."
        ),
        source="NVIDIA MLNX_OFED documentation, download and install; its source, ofed_scripts/configure.",
    ),
    Explanation(
        id="driver.headers",
        title=say("The headers of the running kernel are there"),
        means=say(
            "/lib/modules/RELEASE/build leads to a directory. Looked at only where modules are built on this host."
        ),
        matters=say("Without them the build of the driver fails after minutes."),
        fix=say("Install kernel-devel (Debian: linux-headers) of exactly this kernel."),
        source="NVIDIA MLNX_OFED documentation, --add-kernel-support.",
    ),
    Explanation(
        id="driver.compiler",
        title=say("There is a compiler as new as the kernel's"),
        means=say(
            "The gcc that built the kernel, by /proc/version, against the one in the path and those below /opt/rh."
        ),
        matters=say("An older compiler does not know options that the kernel was built with, and the build fails."),
        fix=say(
            "On CentOS 7: devtoolset from vault.centos.org, since its mirrors are gone. Elsewhere: "
            "the gcc of the kernel's own build."
        ),
        source="Linux Documentation/kbuild; apache/arrow #43122.",
    ),
    Explanation(
        id="driver.space",
        title=say("There is room to build and install the driver"),
        means=say("Free room in /tmp and /usr, by df."),
        matters=say("The installer ends with status 28, or in the middle."),
        fix=say("Make room there."),
        source="mlnx_add_kernel_support.sh (600 MiB in /tmp at least); experience (5 GiB for a build).",
    ),
    Explanation(
        id="driver.tools",
        title=say("The tools of a build are there"),
        means=say("make, perl, patch, flex and bison are in the path. Looked at before an install of DOCA-Host."),
        matters=say("DKMS builds the driver on this host, and NVIDIA's packages do not bring these tools."),
        fix=say("Install them from the distribution's repositories."),
        source="Lenovo, installation notes of DOCA 3.2.0; Linux Documentation/process/changes.rst.",
    ),
    Explanation(
        id="driver.dkms",
        title=say("DKMS is new enough for the driver"),
        means=say("`dkms --version`. The rpm of DOCA-Host 3.2 and later needs dkms 3.2; its deb brings one."),
        matters=say("DKMS builds the driver, now and for each new kernel. An older one is refused by the package."),
        fix=say("Install it: on Enterprise Linux from EPEL."),
        source="mlnx-ofa_kernel.spec of OFED 25.10; dkms(8).",
    ),
    Explanation(
        id="driver.next-kernel",
        title=say("The driver is built for the kernel that boots next"),
        means=say("The default entry of the boot menu starts the running kernel."),
        matters=say("DKMS builds for the running kernel: another one would start with the kernel's own driver."),
        fix=say("Boot the kernel that is to stay, then install the driver."),
        source="dkms(8); the boot menu.",
    ),
    Explanation(
        id="driver.secure-boot",
        title=say("Secure Boot lets the new driver be loaded"),
        means=say("The UEFI variable SecureBoot; where DKMS builds the driver, also `mokutil --test-key` of its key."),
        matters=say(
            "The kernel refuses a module that no trusted key has signed, and after the reboot the card has no driver. "
            "The installer of MLNX_OFED does not sign what it builds; DKMS does, with a key of this host's own."
        ),
        fix=say(
            "For DOCA-Host enrol the key of DKMS (mokutil --import), reboot, confirm it on the console, then install. "
            "For MLNX_OFED switch Secure Boot off or sign the modules; what comes built is signed by NVIDIA: enrol "
            "that key."
        ),
        source="NVIDIA MLNX_OFED documentation, UEFI Secure Boot; dkms.in, prepare_mok; mokutil(1).",
    ),
    Explanation(
        id="driver.restart",
        title=say("The new driver can be loaded at once"),
        means=say(
            "Nothing uses a port of an NVIDIA card, or a VF of it: no address, no bond, no bridge, no SSH session."
        ),
        matters=say("openibd restart takes every link of these cards down and removes their VFs."),
        fix=say("Load it at the reboot."),
        source="openibd; network-operator #1515.",
    ),
    Explanation(
        id="driver.vfio",
        title=say("vfio-pci is loaded"),
        means=say("The kernel has the module vfio-pci, and it is loaded."),
        matters=say("The host-agent binds each VF to it. Without it no VF of any card is reported."),
        fix=say("modprobe vfio-pci. If there is no such module, install the kernel's extra modules."),
        source="Cloudpods host-agent: isolated_device/sriov_base.go and hostinfo.go; Linux CONFIG_VFIO_PCI.",
    ),
    Explanation(
        id="driver.vfio-boot",
        title=say("The vfio modules are loaded at every boot"),
        means=say("A file below /etc/modules-load.d lists vfio, vfio_iommu_type1 and vfio_pci."),
        matters=say("The host-agent loads them too, but a failure of that is only a line in its log."),
        fix=say("List them in a file there, one a line; the plan does it."),
        source="man modules-load.d; Cloudpods host-agent, hostinfo.go, probeSyncIsolatedDevices.",
    ),
)
