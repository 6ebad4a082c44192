"""A local package of DOCA-Host that the operator chose: what it is, what it contradicts, and what is done by hand.

Sources: NVIDIA's DOCA-Host Installation and Upgrade; Azure/azhpc-images, install_doca.sh.
"""

from __future__ import annotations

import re
import shlex

from sriov_tui.facts import DriverImage, HostFacts
from sriov_tui.late import regex
from sriov_tui.message import Message, lines, say, verbatim

PACKAGE = "doca-host"
KERNELS = ("kernel", "kernel-core", "kernel-modules", "kernel-modules-core", "kernel-devel*", "kernel-headers*")
"""Left as they are: by name, since DOCA's own kernel-mft is needed."""
DKMS_SINCE = (3, 2)  # on rpm systems; before it the modules come built for one kernel
RPM = ("centos", "rhel", "rocky", "almalinux", "ol", "sles", "openEuler", "anolis", "kylin", "ctyunos", "opencloudos",
       "alinux", "tencentos", "bclinux")  # fmt: skip
"""os-release's ID of those with rpm and nothing else; UOS has both kinds."""
_OWN = regex(r"doca-ofed-(?!userspace|source)")
UPDATES = {"3.2.0": "25.10-1.2.2", "3.2.1": "25.10-1.7.1"}  # the driver in it, where its source was read


def is_package(image: DriverImage) -> bool:
    """Whether the file is a package, not an image of MLNX_OFED."""
    return image.kind in ("rpm", "deb")


def doca(image: DriverImage) -> str:
    """The version of DOCA: "3.2.1"; "" where the package's own does not begin with one."""
    found = re.match(r"\d+\.\d+\.\d+(?=-)", image.version)
    return found[0] if found else ""


def driver(image: DriverImage, release: str) -> str:
    """The driver's release as exactly as it is known: the package tells its year and month only."""
    return UPDATES.get(doca(image), release)


def other_package(image: DriverImage) -> Message | None:
    """Why the file is not the package that is wanted."""
    if image.package and image.package != PACKAGE:
        return say("The file is the package {package}, not doca-host.", package=image.package)
    if not doca(image):
        return say("Neither the name nor the header of the package says which DOCA-Host it is.")
    return None


def other_kind(facts: HostFacts, image: DriverImage) -> Message | None:
    """Why a package of this kind cannot be installed on this distribution; None where that is not known."""
    debian = facts.os.id in ("debian", "ubuntu")
    rpm = facts.os.id in RPM
    if (image.kind == "rpm" and debian) or (image.kind == "deb" and rpm):
        return say("The package is a .{kind}, and {name} has others.", kind=image.kind, name=facts.os.pretty_name)
    return None


def by_hand(facts: HostFacts, image: DriverImage) -> tuple[Message, Message] | None:
    """Why this package is not installed by the plan, and how it is by hand; None where the plan can do it."""
    if facts.os.id == "sles":
        return say("this program does not use zypper"), _zypper(image)
    if image.kind == "rpm" and () < _release(image) < DKMS_SINCE:
        return say("before DOCA 3.2 an rpm has no DKMS, and its modules are for the distribution's first kernel"), (
            _kernel_support(facts, image)
        )
    return None


def goes_first(facts: HostFacts) -> str:
    """The driver of the vendor's that is there and has to go before another one comes; "" for none."""
    ofed = facts.mlx5.ofed if facts.mlx5 else None
    return ofed or ""


def distributions_own(facts: HostFacts) -> tuple[str, ...]:
    """Packages of the distribution's own DOCA-OFED: `doca-ofed-<kernel flavour>` in Ubuntu 26.04's archive."""
    if facts.mlx5 and facts.mlx5.doca_host:
        return ()
    names = facts.driver_ground.packages if facts.driver_ground else None
    return tuple(name for name in names or () if _OWN.match(name))


def module(image: DriverImage) -> str:
    """The driver's name in DKMS: its rpm and its deb have other ones."""
    return "mlnx-ofa_kernel" if image.kind == "rpm" else "mlnx-ofed-kernel"


def _release(image: DriverImage) -> tuple[int, ...]:
    """DOCA's release by its first two numbers; () where it is not told."""
    return tuple(int(part) for part in doca(image).split(".")[:2] if part)


def _zypper(image: DriverImage) -> Message:
    return lines(
        verbatim(f"rpm -Uvh {shlex.quote(image.path)}"),
        verbatim("zypper --no-refresh install --dry-run doca-ofed"),
        say("Read what it would remove; then the same without --dry-run, `dracut -f`, and reboot."),
    )


def _kernel_support(facts: HostFacts, image: DriverImage) -> Message:
    """NVIDIA's order for rpm systems up to 3.1, as Lenovo's install notes of DOCA 2.10 have it."""
    without = " ".join(f"--exclude={shlex.quote(name)}" for name in KERNELS)
    return lines(
        say("1. `rpm -Uvh {path}`, then `dnf makecache`", path=shlex.quote(image.path)),
        say(
            "2. Where {kernel} is not the distribution's first kernel: `dnf {without} install doca-extra`, then "
            "`/opt/mellanox/doca/tools/doca-kernel-support -k {kernel}`. It fetches what its build needs by "
            "itself, and leaves /tmp/DOCA.*/doca-kernel-repo-*.rpm",
            kernel=facts.kernel.release or "?",
            without=without,
        ),
        say(
            "3. `rpm -Uvh` of that file, `dnf makecache`, `dnf {without} install doca-ofed-userspace`, then `dnf "
            "--disablerepo=doca install doca-kernel-{dotted}`",
            without=without,
            dotted=re.sub(r"[-_]", ".", facts.kernel.release or "?"),
        ),
        say(
            "4. Read what it would remove: `dnf --assumeno {without} install doca-ofed`; then the same without "
            "--assumeno.",
            without=without,
        ),
        say("5. `modinfo -F depends mlx5_core` has to name mlx_compat. Then `dracut -f`, and reboot."),
    )
