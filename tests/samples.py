"""Literal facts for tests that need no machine: a healthy host with two idle igb ports."""

from __future__ import annotations

import hashlib

from sriov_tui.facts import (
    Address,
    Boot,
    BootEntry,
    Cpu,
    HostFacts,
    Iommu,
    Kernel,
    Link,
    Module,
    Os,
    PcieLink,
    Pf,
    Route,
    Source,
    SriovCapability,
    SshSession,
    TextFile,
    Vf,
    VfBar,
)
from sriov_tui.model import HOST_CONF, HOST_LOCAL_CONF

FIRST, SECOND = "0000:01:00.0", "0000:02:00.0"

CONF = """\
bridge_driver: openvswitch
disable_gpu: false
listen_interface: br0
networks:
- mgmt0/br0/10.0.2.15
report_interval: 60
"""


def text_file(path: str, text: str, mode: int = 0o644) -> TextFile:
    """A present file with its digest."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
    return TextFile(path=path, state="present", text=text, sha256=digest, mode=mode)


def igb_vfs(bus: str, driver: str = "", group: int = 30) -> tuple[Vf, ...]:
    """The seven VFs of an igb port on this bus (offset 128, stride 2)."""
    return tuple(
        Vf(
            index=i,
            address=f"0000:{bus}:{0x10 + i // 4:02x}.{i * 2 % 8}",
            driver=driver,
            iommu_group=group + i,
            group_members=(f"0000:{bus}:{0x10 + i // 4:02x}.{i * 2 % 8}",),
            netdevs=(),
            holders=(),
        )
        for i in range(7)
    )


def igb_pf(address: str = FIRST, netdev: str = "enp1s0", numvfs: int = 0) -> Pf:
    """An 82576 port as the lab shows it."""
    return Pf(
        address=address,
        vendor=0x8086,
        device=0x10C9,
        class_code=0x020000,
        name="Intel Corporation 82576 Gigabit Network Connection",
        path=f"/sys/devices/pci0000:00/0000:00:04.0/{address}",
        driver="igb",
        driver_version="6.12.0",
        firmware_version="",
        pcie=PcieLink(speed="2.5 GT/s PCIe", width=1, max_speed="2.5 GT/s PCIe", max_width=1),
        iommu_group=20,
        group_members=(address,),
        config_bytes=4096,
        sriov=SriovCapability(
            initial=8,
            total=8,
            numvfs=numvfs,
            offset=128,
            stride=2,
            vf_device=0x10CA,
            enabled=numvfs > 0,
            ari_hierarchy=True,
        ),
        ari=True,
        acs=False,
        totalvfs=7,
        numvfs=numvfs,
        autoprobe=True,
        vf_bars=(VfBar(index=0, start=0xFE804000, size=0x4000), VfBar(index=3, start=0xFE824000, size=0x4000)),
        netdevs=(netdev,),
        compat_devlink=False,
        vfs=igb_vfs(address[5:7]) if numvfs else (),
    )


def igb_host(conf: str = CONF, **changes: object) -> HostFacts:
    """Two idle igb ports, the IOMMU active, the SSH session on mgmt0; `changes` replace fields of HostFacts."""
    fields: dict[str, object] = {
        "hostname": "kvm07",
        "source": Source("recording", "kvm07"),
        "gathered_at": "2026-01-01T00:00:00Z",
        "root": True,
        "container": "",
        "os": Os(id="debian", version="13", pretty_name="Debian GNU/Linux 13 (trixie)", maker="QEMU", product="Q35"),
        "kernel": Kernel(
            release="6.12.1-amd64",
            cmdline="BOOT_IMAGE=/boot/vmlinuz-6.12.1-amd64 root=/dev/vda1 ro console=ttyS0 quiet",
            config=("CONFIG_INTEL_IOMMU=y", "CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF=y", "CONFIG_PCI_IOV=y"),
            boot_id="11111111-1111-1111-1111-111111111111",
            lockdown="none",
            log=(),
        ),
        "cpu": Cpu(vendor="GenuineIntel", virtualization=True, kvm_device=True),
        "iommu": Iommu(tables=("DMAR",), units=("dmar0",), groups=30, interrupt_remapping=True),
        "boot": Boot(
            loader="grub-debian",
            config="/boot/grub/grub.cfg",
            entries=(
                BootEntry(
                    title="Debian GNU/Linux",
                    kernel="/boot/vmlinuz-6.12.1-amd64",
                    arguments="root=/dev/vda1 ro console=ttyS0 quiet",
                ),
            ),
            default_title="Debian GNU/Linux",
        ),
        "modules": (
            Module(name="vfio_pci", loaded=True, available=True),
            Module(name="vfio_iommu_type1", loaded=True, available=True),
            Module(name="vfio", loaded=True, available=True),
            Module(name="igb", loaded=True, available=True, version="6.12.0"),
        ),
        "vf_makers": (),
        "modules_load": ("vfio", "vfio_iommu_type1", "vfio_pci"),
        "pfs": (igb_pf(), igb_pf(SECOND, "enp2s0")),
        "links": (
            Link(name="lo", index=1, kind="", arphrd=772, up=True),
            Link(
                name="mgmt0",
                index=2,
                mac="52:54:00:aa:00:01",
                mtu=1500,
                up=True,
                carrier=True,
                pci="0000:00:03.0",
                addresses=(Address(ip="10.0.2.15", prefixlen=24),),
            ),
            Link(name="enp1s0", index=3, mac="52:54:00:bb:00:01", mtu=1500, pci=FIRST),
            Link(name="enp2s0", index=4, mac="52:54:00:bb:00:02", mtu=1500, pci=SECOND),
        ),
        "routes": (Route(destination="default", link="mgmt0", gateway="10.0.2.2"),),
        "ssh": SshSession(client="10.0.2.2", server="10.0.2.15", links=("mgmt0",), pfs=("0000:00:03.0",)),
        "files": (
            text_file(HOST_CONF, conf),
            TextFile(path=HOST_LOCAL_CONF, state="absent"),
            TextFile(path="/etc/default/grub.d/90-sriov-tui.cfg", state="absent"),
            TextFile(path="/etc/modules-load.d/sriov-tui.conf", state="absent"),
            TextFile(path="/etc/udev/rules.d/80-sriov-tui.rules", state="absent"),
        ),
    }
    return HostFacts(**(fields | changes))  # type: ignore[arg-type]
