"""Hosts that shall get the vendor's driver: images of it, and a CentOS 7.9 with a bare ConnectX-6 Dx."""

from __future__ import annotations

import hashlib
import io
import struct
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import replace

from sriov_tui.facts import HostFacts
from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import Machine, put_dir, put_file, remove
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.model import Choices, DriverChoice
from sriov_tui.probe import gather
from sriov_tui.probe.image import look
from sriov_tui.simulated import ovs
from sriov_tui.simulated.boot import power_on
from sriov_tui.simulated.mellanox import driver
from tests import boot_machines, iso, mellanox_machines
from tests.builder import Builder
from tests.offload_machines import want

RELEASE, DISTRIBUTION = "5.8-7.0.6.1", "rhel7.9"
NAME = f"MLNX_OFED_LINUX-{RELEASE}-{DISTRIBUTION}-x86_64.iso"
PATH = f"/root/{NAME}"
KERNEL = boot_machines.YN
TOOLSET = "/opt/rh/devtoolset-9/root/usr/bin/gcc"
QUERY = "-dumpfullversion -dumpversion"


def content(release: str = RELEASE, distribution: str = DISTRIBUTION, machine: str = "x86_64") -> dict[str, bytes]:
    """What stands in an image, as far as anybody looks at it."""
    debian = distribution.startswith(("debian", "ubuntu"))
    package = {"x86_64": "amd64", "aarch64": "arm64"}[machine] if debian else machine
    file = f"DEBS/mlnx-tools_1_{package}.deb" if debian else f"RPMS/mlnx-tools-1.{package}.rpm"
    return {
        ".mlnx": f"MLNX_OFED_LINUX-{release}\n".encode(),
        "distro": f"{distribution}\n".encode(),
        ".supported_kernels": b"3.10.0-1160.el7.x86_64\n",
        "mlnxofedinstall": b"#!/bin/sh\nexit 0\n",
        file: b"",
    }


def iso_of(files: Mapping[str, bytes]) -> bytes:
    """An ISO image of it."""
    return iso.image(files, executable=("mlnxofedinstall",))


def tgz_of(files: Mapping[str, bytes], folder: str = "MLNX_OFED_LINUX") -> bytes:
    """The same as a compressed tar file, the same bytes each time."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, data in files.items():
            info = tarfile.TarInfo(f"{folder}/{path}")
            info.size, info.mode = len(data), 0o755 if path == "mlnxofedinstall" else 0o644
            archive.addfile(info, io.BytesIO(data))
    return _gzip(out.getvalue())


def _gzip(data: bytes) -> bytes:
    """Stored, not compressed: what a zlib makes of it differs, and a demo machine has to stay as it is."""
    blocks = [data[at : at + 0xFFFF] for at in range(0, len(data), 0xFFFF)]
    last = len(blocks) - 1
    stored = b"".join(
        struct.pack("<BHH", number == last, len(block), len(block) ^ 0xFFFF) + block
        for number, block in enumerate(blocks)
    )
    return b"\x1f\x8b\x08" + bytes(6) + b"\xff" + stored + struct.pack("<2I", zlib.crc32(data), len(data))


def put_image(machine: Machine, path: str = PATH, data: bytes | None = None, end: str = "success") -> str:
    """Lay an image into a machine, which its installer ends so; its SHA-256."""
    data = iso_of(content()) if data is None else data
    put_file(machine, path, data, 0o644)
    made = {"release": RELEASE, "distribution": DISTRIBUTION, "end": end}
    machine.simulation.setdefault("media", {})[path] = made
    return hashlib.sha256(data).hexdigest()


def choose(facts: HostFacts, machine: Machine, path: str = PATH, sha256: str | None = None, use: str = "offload",
           restart: str = "boot") -> tuple[HostFacts, Choices]:  # fmt: skip
    """The facts with this image looked at, and the wish for it and for both ports."""
    image = look(RecordedHost(machine), path)
    wish = DriverChoice(image=path, sha256=image.sha256 if sha256 is None else sha256,
                        restart="now" if restart == "now" else "boot")  # fmt: skip
    return replace(facts, images=(image,)), replace(want(use=use), driver=wish)


def facts_of(machine: Machine) -> HostFacts:
    """What the probes make of it."""
    return gather(RecordedHost(machine))


def centos7(settings: dict[str, str] | None = None, end: str = "success") -> Machine:
    """A CentOS 7.9 on Cloudpods' own kernel with a bare ConnectX-6 Dx; all that a build needs, and the image."""

    def cards(builder: Builder) -> Machine:
        builder.virtio()
        mellanox_machines.plug(builder, "connectx-6-dx", {} if settings is None else settings)
        builder.file("/usr/bin/mstconfig", b"", 0o755)
        ovs.install(builder.machine)
        builder.host_conf("mgmt0", "10.0.2.15")
        return builder.power_on()

    family = next(family for family in boot_machines.FAMILIES if family.name == "centos7-bios")
    machine = boot_machines.build(family, cards)
    put_file(machine, "/etc/redhat-release", "CentOS Linux release 7.9.2009 (Core)\n", 0o644)
    put_file(machine, "/proc/version", f"Linux version {KERNEL} (b@y) (gcc version 9.3.1 20200408 (Red Hat 9.3.1-2))\n")
    equip(machine, "dracut", f"/boot/initramfs-{KERNEL}.img")
    put_file(machine, TOOLSET, b"", 0o755)
    machine.queries[f"gcc {QUERY}"] = Completed(0, "4.8.5\n", "")
    machine.queries[f"{TOOLSET} {QUERY}"] = Completed(0, "9.3.1\n", "")
    repository = "[base]\nmirrorlist=http://mirrorlist.centos.org/?release=$releasever&repo=os\n"
    put_file(machine, "/etc/yum.repos.d/CentOS-Base.repo", repository, 0o644)
    put_image(machine, end=end)
    power_on(machine)
    return replace(machine, name="centos7-connectx-6-dx")


def demo() -> Machine:
    """The same for `--demo`, with the image as a small tar file."""
    machine = centos7()
    remove(machine, PATH)
    del machine.simulation["media"][PATH]
    put_image(machine, PATH.replace(".iso", ".tgz"), tgz_of(content()))
    about = "CentOS 7.9 with a bare ConnectX-6 Dx, and an image of the vendor's driver in /root."
    return replace(machine, name="connectx-driver", about=about)


def equip(machine: Machine, tool: str, initramfs: str) -> None:
    """Headers, a compiler, room, an initramfs with the kernel's own driver in it."""
    release = initramfs.partition("-")[2].removesuffix(".img")
    put_file(machine, f"/lib/modules/{release}/build/Makefile", b"")
    put_file(machine, "/usr/bin/gcc", b"", 0o755)
    put_file(machine, f"/usr/sbin/{tool}", b"", 0o755)
    put_file(machine, initramfs, b"")
    driver.build_initramfs(machine)
    for folder, name in (("/tmp", "tmp"), ("/usr", "usr")):
        rows = (
            f"Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/{name} 60000000 1 50000000 1% {folder}\n"
        )
        machine.queries[f"df -Pk {folder}"] = Completed(0, rows, "")
    for folder in ("/tmp", "/run", "/etc/init.d"):
        put_dir(machine, folder)
    put_file(machine, "/proc/self/mounts", "/dev/mapper/vg-root / ext4 rw 0 0\n")
