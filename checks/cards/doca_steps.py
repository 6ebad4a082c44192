"""The install of DOCA-Host's driver as steps: its local repository, what has to go first, the driver with its proofs.

The order is that of NVIDIA's DOCA-Host Installation and Upgrade and of Azure/azhpc-images, install_doca.sh: only
`doca-ofed`, with kernels and Open vSwitch left as they are. Nothing is ever autoremoved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from checks.boot import initramfs
from checks.cards import doca_host
from sriov_tui.facts import DriverImage, HostFacts
from sriov_tui.message import NOTHING, Message, join, say
from sriov_tui.model import Medium, Operation, Run, Step, WriteFile

REPOSITORY, REMOVE, INSTALL = "driver.repository", "driver.remove", "driver.install"
UNINSTALL = ("/usr/sbin/ofed_uninstall.sh", "--force")
DRIVER = "doca-ofed"
RPMS, DEBS = ("mlnx-ofa_kernel-dkms", "mlnx-ofa_kernel"), ("mlnx-ofed-kernel-dkms", "mlnx-ofed-kernel-utils")
"""The kernel part of the driver, which brings openibd too: ofed_scripts and debian/control of mlnx-ofa_kernel 25.10."""
PATIENCE, BUILD = 1800.0, 3 * 3600.0  # seconds
PIN = "/etc/apt/preferences.d/sriov-tui-doca.pref"
PIN_TEXT = (
    "# Written by sriov-tui: DOCA's local repository goes before newer packages of the same name elsewhere.\n"
    "Package: *\nPin: release l=DOCA-HOST\nPin-Priority: 600\n"
)
_DNF = ("env", "LC_ALL=C", "dnf", "--setopt=clean_requirements_on_remove=False")
_EXCLUDE = tuple(f"--exclude={name}" for name in (*doca_host.KERNELS, "*openvswitch*"))
_APT = (
    "env", "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_SUSPEND=1", "apt-get",
    "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold",
)  # fmt: skip
"""Without questions, with the operator's configuration kept, and without restarts of services by needrestart(1)."""


def steps(facts: HostFacts, image: DriverImage, sha256: str, resolves: tuple[str, ...], now: bool) -> Iterator[Step]:
    """From the file to a driver that is proven to be there for the kernel that boots next."""
    yield _repository(facts, image, sha256)
    old = doca_host.goes_first(facts)
    if old:
        yield _remove(facts, image, old)
    yield Step(
        id=INSTALL,
        title=say("Install the vendor's driver DOCA-OFED of DOCA-Host {version}", version=doca_host.doca(image)),
        why=say(
            "Open vSwitch is offloaded through compat/devlink/mode, which only the vendor's driver has. NVIDIA's "
            "libraries for RDMA take the place of the distribution's. When it is taken back the kernel's own driver "
            "is loaded by the reboot after that, and the libraries stay. The firmware of the cards is left as it is."
        ),
        operations=tuple(_install(facts, image)),
        resolves=() if now else resolves,
        disrupts="no" if now else "reboot",
        after=(REPOSITORY, REMOVE) if old else (REPOSITORY,),
    )


def _repository(facts: HostFacts, image: DriverImage, sha256: str) -> Step:
    medium = Medium(path=image.path, sha256=sha256)
    old = facts.mlx5.doca_host if facts.mlx5 else None
    stays = (
        say("doca-host {old} was there before, and is installed again from its own file", old=old) if old else NOTHING
    )
    add = ("rpm", "-Uvh", "--replacepkgs") if image.kind == "rpm" else ("dpkg", "-i")
    away = (*_DNF, "-y", "remove", "doca-host") if image.kind == "rpm" else ("dpkg", "--purge", "doca-host")
    pin = facts.file(PIN)
    return Step(
        id=REPOSITORY,
        title=say("Add the local repository of DOCA-Host {version}", version=image.version),
        why=say(
            "The package holds NVIDIA's packages as a repository below /usr/share. A dry run then shows what an "
            "install would remove and upgrade, before anything of it is done."
        ),
        operations=(
            *(
                (WriteFile(path=PIN, text=PIN_TEXT, expect=(pin.sha256 or "") if pin else None),)
                if image.kind == "deb"
                else ()
            ),
            Run(argv=(*add, image.path), timeout=PATIENCE, medium=medium, undo=() if old else away, no_way_back=stays),
            Run(argv=(*_DNF, "makecache") if image.kind == "rpm" else (*_APT, "update"), timeout=PATIENCE),
            _dry_run(image),
        ),
    )


def _remove(facts: HostFacts, image: DriverImage, old: str) -> Step:
    names = facts.driver_ground.packages if facts.driver_ground else None
    metas = tuple(name for name in names or () if name in (DRIVER, "doca-kernel"))
    gone = (*_DNF, "-y", "remove", *metas) if image.kind == "rpm" else ("dpkg", "--remove", *metas)
    stays = say("{old} is installed again from its own image or package", old=old)
    return Step(
        id=REMOVE,
        title=say("Remove {old}, which has to go first", old=old),
        why=_what_goes(names),
        operations=(
            *((Run(argv=gone, timeout=PATIENCE, no_way_back=stays),) if metas else ()),
            Run(argv=UNINSTALL, timeout=PATIENCE, no_way_back=stays),
        ),
        after=(REPOSITORY,),
    )


def _what_goes(names: tuple[str, ...] | None) -> Message:
    """NVIDIA's own uninstaller removes its packages and those for RDMA; the loaded driver stays until the reboot."""
    if not names:
        return say(
            "NVIDIA's uninstaller removes its packages and those for RDMA; which these are cannot be seen before. The "
            "loaded driver stays until the reboot."
        )
    return say(
        "NVIDIA's uninstaller removes its packages and those for RDMA. There are: {names}. The loaded driver stays "
        "until the reboot.",
        names=join(", ", names),
    )


def _dry_run(image: DriverImage) -> Run:
    argv = (
        (*_DNF, "--assumeno", *_EXCLUDE, "install", DRIVER) if image.kind == "rpm" else (*_APT, "-s", "install", DRIVER)
    )
    return Run(argv=argv, timeout=PATIENCE, judged="resolution")


def _with(image: DriverImage, act: Literal["install", "remove"]) -> tuple[str, ...]:
    """The command that brings the driver, or takes its kernel part and its service away."""
    tool = (*_DNF, "-y", *_EXCLUDE) if image.kind == "rpm" else (*_APT, "-y")
    kernel = RPMS if image.kind == "rpm" else DEBS
    return (*tool, act, DRIVER, *(kernel if act == "remove" else ()))


def _install(facts: HostFacts, image: DriverImage) -> Iterator[Operation]:
    kernel, module = facts.kernel.release, doca_host.module(image)
    before, after = initramfs.around(facts)
    yield from before
    yield _dry_run(image)
    yield Run(argv=_with(image, "install"), timeout=BUILD, undo=_with(image, "remove"))
    yield Run(argv=("dkms", "status", "-m", module, "-k", kernel), judged="built")
    yield Run(argv=("modinfo", "-k", kernel, "-F", "depends", "mlx5_core"), judged="vendor")
    yield from after


def expected(facts: HostFacts, image: DriverImage, step: Step, after: HostFacts) -> HostFacts:
    """With the repository, without the old driver, with the new one on the disk: what it leaves shows only then."""
    mlx5, ground = after.mlx5, after.driver_ground
    if mlx5 is None:
        return after
    if step.id == REPOSITORY:
        there = image.version if mlx5.ofed and not mlx5.ofed.startswith("MLNX_OFED") else mlx5.doca_host
        mlx5 = replace(mlx5, doca_host=there)
    if step.id == INSTALL:
        mlx5 = replace(
            mlx5,
            ofed=None,
            doca_host=image.version,
            installed_path=None,
            installed_version=doca_host.UPDATES.get(doca_host.doca(image)),
            installed_srcversion=None,
            installed_depends=None,
        )
    if step.id == REMOVE:
        mlx5 = replace(mlx5, ofed="", doca_host="", installed_path=None, installed_version=None,
                       installed_srcversion=None, installed_depends=None)  # fmt: skip
    ground = ground and replace(
        ground, room_tmp=None, room_usr=None, room_var=None, kernels=None, built_for=None, ip_vendor=None,
        packages=None, uninstaller=None, dkms=None, tools_missing=None, mok=None, compilers=None,
    )  # fmt: skip
    return replace(after, mlx5=mlx5, driver_ground=ground)
