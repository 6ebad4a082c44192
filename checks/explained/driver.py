"""What the findings of `checks.driver` are about."""

from __future__ import annotations

from sriov_tui.model import Explanation

EXPLAINED = (
    Explanation(
        id="driver.bound",
        title="The card has its own driver",
        means="A chosen card is bound to the driver of its maker, not to vfio-pci and not to none.",
        matters="Only that driver makes VFs. Without one the kernel refuses (no driver bound to device; cannot "
        "configure SR-IOV).",
        mend="Load the module that lspci -k names. If the whole card was given to a virtual machine, take it back.",
        source="Linux drivers/pci/iov.c, sriov_numvfs_store.",
    ),
    Explanation(
        id="driver.vfio",
        title="vfio-pci is loaded",
        means="The kernel has the module vfio-pci, and it is loaded.",
        matters="The host-agent binds each VF to it. Without it no VF of any card is reported.",
        mend="modprobe vfio-pci. If there is no such module, install the kernel's extra modules.",
        source="Cloudpods host-agent: isolated_device/sriov_base.go and hostinfo.go; Linux CONFIG_VFIO_PCI.",
    ),
    Explanation(
        id="driver.vfio-boot",
        title="The vfio modules are loaded at every boot",
        means="A file below /etc/modules-load.d lists vfio, vfio_iommu_type1 and vfio_pci.",
        matters="The host-agent loads them too, but a failure of that is only a line in its log.",
        mend="List them in a file there, one a line; the plan does it.",
        source="man modules-load.d; Cloudpods host-agent, hostinfo.go, probeSyncIsolatedDevices.",
    ),
)
