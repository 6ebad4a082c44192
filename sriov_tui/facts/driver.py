"""What an install of the vendor's driver starts from: its image, and the host that would build and load it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sriov_tui.message import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageLabel:
    """A release ("5.8-1.1.2.1"), the distribution in the vendor's words ("rhel7.9"), and uname's machine ("x86_64")."""

    release: str = ""
    distribution: str = ""
    machine: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverImage:
    """A file that the operator named: what its name says, what is in it, and who could change it.

    `error` says why it could not be read; then the rest is as far as it was. `exposed` names the file or folder that
    others than root may write, "" where only root may. `kernels` are those that its modules are built for.
    """

    path: str
    error: Text = ""
    kind: Literal["", "iso", "tgz", "rpm", "deb"] = ""  # the last two are packages of DOCA-Host
    size: int = 0  # bytes
    sha256: str = ""
    exposed: str = ""
    named: ImageLabel = ImageLabel()
    content: ImageLabel = ImageLabel()
    kernels: tuple[str, ...] = ()
    installer: bool = False  # mlnxofedinstall is in it
    package: str = ""  # name of a package by its header, "" where that could not be unpacked
    version: str = ""  # of a package, whole: "3.2.1-044000_25.10_rhel9"


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelModules:
    """A kernel on the disk, and whether the mlx5_core that it would load is the vendor's; None where it has none."""

    release: str
    vendor: bool | None = None


BUILD_TOOLS = ("make", "perl", "patch", "flex", "bison")
"""What a build by DKMS starts, and DOCA's packages do not bring: Lenovo's install notes of DOCA 3.2.0 for Linux."""


def mok_path(os_id: str) -> str:
    """The certificate of the key that DKMS signs with on this distribution (dkms.in, prepare_mok)."""
    return "/var/lib/shim-signed/mok/MOK.der" if os_id == "ubuntu" else "/var/lib/dkms/mok.pub"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverGround:
    """The host as an installer of the vendor's driver finds it; looked at only where there is such a card.

    `minor` is the distribution's version to the last part ("7.9.2009"), "" where only os-release tells one.
    `compilers` are (path, version), the default one first. Room is in bytes. `packages` are those of the vendor that
    are installed, asked where its driver is there or where dpkg answers. `mok` is whether the firmware trusts the key
    that DKMS signs with, asked where Secure Boot is on.
    """

    machine: str | None = None  # uname's
    minor: str = ""
    headers: bool | None = None  # /lib/modules/RELEASE/build leads to a directory
    kernel_compiler: str | None = None  # version of the gcc that built the running kernel
    compilers: tuple[tuple[str, str], ...] | None = None
    room_tmp: int | None = None
    room_usr: int | None = None
    kernels: tuple[KernelModules, ...] | None = None
    built_for: str | None = None  # the kernel in whose folder the next mlx5_core lies, links resolved
    mirror_gone: bool = False  # yum still asks for the mirror list of CentOS 7
    ip_vendor: bool | None = None  # the `ip` of mlnx-iproute2 is there
    room_var: int | None = None
    dkms: str | None = None  # its version, "" where it is absent
    tools_missing: tuple[str, ...] | None = None  # of BUILD_TOOLS
    uninstaller: bool | None = None  # /usr/sbin/ofed_uninstall.sh is there
    packages: tuple[str, ...] | None = None
    mok: Literal["", "requested", "enrolled"] | None = None  # "" = not enrolled, or there is no such key yet
