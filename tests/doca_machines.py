"""Hosts that shall get DOCA-Host's driver: an openEuler 22.03 and an Ubuntu 24.04 with a bare ConnectX-6 Dx."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from sriov_tui.facts.driver import BUILD_TOOLS
from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import Machine, put_dir, put_file
from sriov_tui.probe.build_environment import PACKAGES
from sriov_tui.simulated import ovs
from sriov_tui.simulated.boot import power_on
from sriov_tui.simulated.mellanox import driver
from tests import boot_machines, mellanox_machines, packages
from tests.boot_machines import DEBIAN, Family
from tests.builder import Builder
from tests.driver_machines import QUERY, equip

RELEASE = "25.10-1.7.1"  # of the driver in DOCA-Host 3.2.1
RPM_VERSION, DEB_VERSION = "3.2.1-044000_25.10_openeuler2203sp3", "3.2.1-044000-25.10-ubuntu2404"
RPM, DEB = f"/root/doca-host-{RPM_VERSION}.x86_64.rpm", f"/root/doca-host_{DEB_VERSION}_amd64.deb"
OPENEULER = next(family for family in boot_machines.FAMILIES if family.name == "openeuler22-bios")
UBUNTU = Family(
    name="ubuntu24",
    os='NAME="Ubuntu"\nID="ubuntu"\nID_LIKE="debian"\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04.3 LTS"\n',
    how=boot_machines.debian,
    release="6.8.0-88-generic",
    settings=DEBIAN,
    efi="ubuntu",
)
FAMILIES = {"openeuler": OPENEULER, "ubuntu": UBUNTU}


def path(name: str) -> str:
    """The package of this machine."""
    return RPM if name == "openeuler" else DEB


def build(name: str, end: str = "success") -> Machine:
    """The machine with all that a build needs and the package in /root, whose install ends so."""
    family = FAMILIES[name]

    def cards(builder: Builder) -> Machine:
        builder.virtio()
        mellanox_machines.plug(builder, "connectx-6-dx", {})
        builder.file("/usr/bin/mstconfig", b"", 0o755)
        ovs.install(builder.machine)
        builder.host_conf("mgmt0", "10.0.2.15")
        return builder.power_on()

    machine = boot_machines.build(family, cards)
    rpm, release = name == "openeuler", family.release
    put_file(machine, "/proc/version", f"Linux version {release} (b@y) (gcc (GCC) 10.3.1) #1 SMP\n")
    equip(machine, "dracut" if rpm else "update-initramfs", f"/boot/{'initramfs' if rpm else 'initrd.img'}-{release}"
          + (".img" if rpm else ""))  # fmt: skip
    for folder in ("/etc/apt/preferences.d", "/var/lib/dkms", "/usr/sbin"):
        put_dir(machine, folder)
    for tool in (*BUILD_TOOLS, "dkms", "dnf" if rpm else "apt-get", "rpm" if rpm else "dpkg-query"):
        put_file(machine, f"/usr/bin/{tool}", b"", 0o755)
    machine.queries[f"gcc {QUERY}"] = Completed(0, "12.3.0\n", "")
    machine.queries["dkms --version"] = Completed(0, "dkms-3.2.1\n", "")
    machine.queries["df -Pk /var"] = machine.queries["df -Pk /usr"]
    listed = "rpm" if rpm else "dpkg-query"
    machine.queries[" ".join(PACKAGES[listed])] = Completed(0, "rdma-core\n" if rpm else "ii  librdmacm1\n", "")
    put_package(machine, name, end)
    power_on(machine)
    return replace(machine, name=f"{name}-connectx-6-dx")


def put_package(machine: Machine, name: str, end: str = "success") -> str:
    """Lay the package into the machine; its SHA-256."""
    version = RPM_VERSION if name == "openeuler" else DEB_VERSION
    data = (
        packages.rpm("doca-host", version.partition("-")[0], version.partition("-")[2], "x86_64")
        if name == "openeuler"
        else packages.deb("doca-host", version, "amd64")
    )
    put_file(machine, path(name), data, 0o644)
    machine.simulation.setdefault("media", {})[path(name)] = {"release": RELEASE, "doca": version, "end": end}
    return hashlib.sha256(data).hexdigest()


def with_ofed(name: str) -> Machine:
    """The same with MLNX_OFED 24.10 on the disk and loaded, and its uninstaller."""
    machine = build(name)
    driver.install(machine, "24.10-1.1.4.0")
    put_file(machine, "/usr/sbin/ofed_uninstall.sh", b"", 0o755)
    driver.build_initramfs(machine)
    power_on(machine)
    return replace(machine, name=f"{machine.name}-mlnx-ofed")
