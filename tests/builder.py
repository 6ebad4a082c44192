"""Builds complete machines out of a few words each: the firmware's tables, the disk, and what is in the slots."""

from __future__ import annotations

import struct
import uuid
from typing import Any

from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import Machine, put_dir, put_file, put_link
from sriov_tui.simulated.boot import power_on
from sriov_tui.simulated.config import SriovRegisters, space
from sriov_tui.simulated.drivers import NETS, VF_NAMES, add_netdev, device, link_row
from sriov_tui.simulated.functions import add_function
from sriov_tui.simulated.grub import default_entry, update_grub

RELEASE = "6.12.1-amd64"
INTEL, MELLANOX, VIRTIO = (
    ("0x8086", "Intel Corporation"),
    ("0x15b3", "Mellanox Technologies"),
    ("0x1af4", "Red Hat, Inc."),
)
DEPENDENCIES = {  # as Debian 13's modules.dep has them
    "kernel/drivers/vfio/vfio": "",
    "kernel/drivers/vfio/vfio_iommu_type1": "kernel/drivers/vfio/vfio",
    "kernel/drivers/vfio/pci/vfio-pci-core": "kernel/drivers/vfio/vfio kernel/virt/lib/irqbypass",
    "kernel/virt/lib/irqbypass": "",
    "kernel/drivers/vfio/pci/vfio-pci": "kernel/drivers/vfio/pci/vfio-pci-core kernel/drivers/vfio/vfio",
    "kernel/drivers/dca/dca": "",
    "kernel/drivers/i2c/algos/i2c-algo-bit": "",
    "kernel/drivers/net/ethernet/intel/igb/igb": "kernel/drivers/dca/dca kernel/drivers/i2c/algos/i2c-algo-bit",
    "kernel/drivers/net/ethernet/intel/igbvf/igbvf": "",
    "kernel/drivers/net/ethernet/intel/i40e/i40e": "",
    "kernel/drivers/net/ethernet/intel/iavf/iavf": "",
    "kernel/drivers/net/ethernet/intel/ixgbe/ixgbe": "",
    "kernel/drivers/net/ethernet/mellanox/mlx5/core/mlx5_core": "",
}
HOST_CONF = """\
bridge_driver: openvswitch
check_system_services: true
disable_gpu: false
hugepages_option: disable
host_type: hypervisor
listen_interface: br0
local_image_path:
- /opt/cloud/workspace/disks
networks:
- {interface}/br0/{ip}
port: 8885
rack: rack0
report_interval: 60
slots: slot0
"""
IGB = SriovRegisters(total=8, offset=128, stride=2, vf_device=0x10CA)


class Builder:
    """A Debian 13 machine under construction; `done` powers it on and hands it out."""

    def __init__(self, name: str, about: str, arguments: str = "quiet", tables: tuple[str, ...] = ("DMAR",)) -> None:
        self.machine = Machine(name=name, about=about, made_at="2026-01-01T00:00:00Z", complete=True, holders=[])
        self.modules: set[str] = set()
        self._system(name, arguments)
        self._firmware(tables)
        self.link(link_row("lo", arphrd=772, mtu=65536, up=True, carrier=True))
        self.address("lo", "127.0.0.1", 8, "host")

    def file(self, path: str, content: str | bytes, mode: int | None = None) -> None:
        """A file with this content, and the directories above it."""
        put_file(self.machine, path, content, mode)

    def _firmware(self, tables: tuple[str, ...]) -> None:
        for directory in ("/sys/class/iommu", "/sys/kernel/iommu_groups", "/sys/bus/pci/devices", NETS, "/sys/module"):
            put_dir(self.machine, directory)
        for table in ("FACP", "APIC", *tables):
            content = table.encode().ljust(0x24, b"\0") + struct.pack("<2B", 0x2F, 1)
            self.file(f"/sys/firmware/acpi/tables/{table}", content, 0o400)
        for name, value in (("sys_vendor", "Example"), ("product_name", "Server 2U"), ("bios_version", "1.2.3")):
            self.file(f"/sys/class/dmi/id/{name}", f"{value}\n")

    def _system(self, name: str, arguments: str) -> None:
        vendor = "GenuineIntel"
        self.file("/proc/sys/kernel/osrelease", f"{RELEASE}\n")
        self.file("/proc/sys/kernel/hostname", "kvm07\n")
        self.file("/proc/sys/kernel/random/boot_id", f"{uuid.uuid5(uuid.NAMESPACE_DNS, name)}\n")
        self.file(
            "/proc/cpuinfo", f"processor\t: 0\nvendor_id\t: {vendor}\nflags\t\t: fpu vme de pse msr vmx x2apic\n\n"
        )
        self.file("/dev/kvm", b"", 0o660)
        self.file("/sys/kernel/security/lockdown", "[none] integrity confidentiality\n")
        release = 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nNAME="Debian GNU/Linux"\nVERSION_ID="13"\nID=debian\n'
        self.file("/etc/os-release", release, 0o644)
        options = (
            "INTEL_IOMMU",
            "INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF",
            "AMD_IOMMU",
            "PCI_IOV",
            "PCI_REALLOC_ENABLE_AUTO",
        )
        config = "".join(f"CONFIG_{option}=y\n" for option in (*options, "IRQ_REMAP")) + "CONFIG_VFIO_PCI=m\n"
        self.file(f"/boot/config-{RELEASE}", config, 0o644)
        self.file(f"/boot/vmlinuz-{RELEASE}", b"", 0o644)
        dep = "".join(f"{module}.ko.xz:{_ko(needs)}\n" for module, needs in DEPENDENCIES.items())
        self.file(f"/lib/modules/{RELEASE}/modules.dep", dep, 0o644)
        builtin = "kernel/drivers/iommu/intel/iommu.ko\nkernel/drivers/virtio/virtio_pci.ko\n"
        self.file(f"/lib/modules/{RELEASE}/modules.builtin", builtin, 0o644)
        self.file("/etc/default/grub", _grub(arguments), 0o644)
        for directory in ("/etc/default/grub.d", "/etc/modules-load.d", "/usr/lib/modules-load.d", "/etc/udev/rules.d"):
            put_dir(self.machine, directory)
        put_dir(self.machine, "/etc/systemd/system")
        put_dir(self.machine, "/var/lib")
        for query in ("dmesg", "journalctl -k -b 0 --no-pager -o cat"):
            self.machine.queries[query] = Completed(0, "", "")
        self.machine.queries["systemd-detect-virt --container"] = Completed(1, "none\n", "")
        self.machine.environment.update({"euid": "0"})

    def nic(
        self,
        at: str,
        ids: tuple[tuple[str, str], int, str],
        netdev: dict[str, Any],
        *,
        driver: str,
        total: int = 0,
        card: SriovRegisters | None = None,
        firmware: str = "",
        kind: str = "0x020000",
    ) -> None:
        """A network function behind a root port; `at` as in "0000:00:04.0/0000:01:00.0" below pci0000:00."""
        (vendor, maker), number, model = ids
        path = f"/sys/devices/pci0000:00/{at}"
        address = at.rpartition("/")[2]
        add_function(self.machine, path, vendor, f"0x{number:04x}", kind, (maker, model))
        self.file(f"{path}/config", space(int(vendor, 16), number, card))
        self.file(f"{path}/resource", _resource(card is not None))
        speed, width = ("2.5 GT/s PCIe", 1) if driver == "igb" else ("8.0 GT/s PCIe", 8)
        for which in ("current", "max"):
            self.file(f"{path}/{which}_link_speed", f"{speed}\n")
            self.file(f"{path}/{which}_link_width", f"{width}\n")
        if total and card is not None:
            for name, value in (("totalvfs", total), ("numvfs", 0), ("drivers_autoprobe", 1)):
                self.file(f"{path}/sriov_{name}", f"{value}\n")
            for name, value in (("offset", card.offset), ("stride", card.stride)):
                self.file(f"{path}/sriov_{name}", f"{value}\n")
            self.file(f"{path}/sriov_vf_device", f"{card.vf_device:x}\n")
            self.machine.udev[f"pci:v{int(vendor, 16):08X}d{card.vf_device:08X}"] = {
                "ID_VENDOR_FROM_DATABASE": maker,
                "ID_MODEL_FROM_DATABASE": VF_NAMES.get(f"{vendor[2:]} {card.vf_device:04x}", ""),
            }
        module = driver.replace("-", "_")
        self.modules.add(module)
        self.machine.simulation.setdefault("parked", {})[address] = {
            "row": netdev,
            "files": {f"{path}/net/{netdev['name']}/carrier_changes": "2\n"},
        }
        answer = f"driver: {driver}\nversion: {RELEASE}\nfirmware-version: {firmware}\nbus-info: {address}\n"
        self.machine.queries[f"ethtool -i {netdev['name']}"] = Completed(0, answer, "")

    def virtio(self, name: str = "mgmt0", ip: str = "10.0.2.15", session: bool = True) -> None:
        """The NIC of a management network, no SR-IOV, with an address and the SSH session on it."""
        path, address = "/sys/devices/pci0000:00/0000:00:03.0", "0000:00:03.0"
        add_function(self.machine, path, VIRTIO[0], "0x1041", "0x020000", (VIRTIO[1], "Virtio 1.0 network device"))
        put_link(self.machine, f"{path}/driver", "/sys/bus/pci/drivers/virtio-pci")
        put_link(self.machine, f"/sys/bus/pci/drivers/virtio-pci/{address}", path)
        row = link_row(name, "52:54:00:aa:00:01", up=True, carrier=True)
        add_netdev(self.machine, address, row)
        self.machine.queries[f"ethtool -i {name}"] = Completed(
            0, "driver: virtio_net\nversion: 1.0.0\nfirmware-version: \n", ""
        )
        self.address(name, ip, 24)
        self.gateway(name, "10.0.2.2")
        if session:
            self.machine.environment["SSH_CONNECTION"] = f"10.0.2.2 50000 {ip} 22"

    def link(self, row: dict[str, Any]) -> None:
        """A link without hardware: lo, a bond, a bridge, a VLAN."""
        links = self.machine.netlink.setdefault("links", [])
        links.append(row | {"index": 1 + max((link["index"] for link in links), default=0)})

    def index(self, name: str) -> int:
        """The index of the link of this name."""
        found: int = next(row["index"] for row in self.machine.netlink["links"] if row["name"] == name)
        return found

    def address(self, link: str, ip: str, prefixlen: int, scope: str = "global") -> None:
        """An IP address on a link."""
        rows = self.machine.netlink.setdefault("addresses", [])
        rows.append({"index": self.index(link), "ip": ip, "prefixlen": prefixlen, "scope": scope})

    def gateway(self, link: str, ip: str) -> None:
        """The default route."""
        row = {"destination": "default", "link": self.index(link), "gateway": ip}
        self.machine.netlink.setdefault("routes", []).append(row)

    def host_conf(self, interface: str, ip: str) -> None:
        """host.conf as an installer leaves it, with this interface in `networks`."""
        self.file("/etc/yunion/host.conf", HOST_CONF.format(interface=interface, ip=ip), 0o664)

    def power_on(self) -> Machine:
        """Boot it by its own grub.cfg."""
        machine = self.machine
        machine.simulation["boot_modules"] = sorted(self.modules)
        assert update_grub(machine, lambda line: None) == 0
        entry = default_entry(machine)
        assert entry is not None
        self.file("/proc/cmdline", f"BOOT_IMAGE={entry.kernel} {entry.arguments}\n")
        power_on(machine)
        return machine


def config_of(machine: Machine, address: str) -> str:
    """The path of a function's config space."""
    return f"{device(machine, address)}/config"


def _ko(needs: str) -> str:
    return "".join(f" {path}.ko.xz" for path in needs.split())


def _grub(arguments: str) -> str:
    return (
        "GRUB_DEFAULT=0\nGRUB_TIMEOUT=5\n"
        "GRUB_DISTRIBUTOR=`( . /etc/os-release; echo ${NAME:-Debian} ) 2>/dev/null || echo Debian`\n"
        f'GRUB_CMDLINE_LINUX_DEFAULT="{arguments}"\nGRUB_CMDLINE_LINUX="console=ttyS0"\n'
    )


def _resource(sriov: bool) -> str:
    rows = ["0x00000000fe800000 0x00000000fe81ffff 0x0000000000040200"] + [_EMPTY] * 12
    if sriov:
        rows[7] = "0x00000000fe820000 0x00000000fe83ffff 0x0000000000140204"
        rows[10] = "0x00000000fe840000 0x00000000fe85ffff 0x0000000000140204"
    return "\n".join([*rows, ""])


_EMPTY = "0x0000000000000000 0x0000000000000000 0x0000000000000000"
