"""A local package of DOCA-Host that the operator chose: what it is, what it contradicts, and its install by hand.

The commands are those of NVIDIA's DOCA-Host Installation and Upgrade and of Azure/azhpc-images, install_doca.sh. The
exit status proves nothing: a failed DKMS build does not fail the rpm's install (`%post dkms` in the driver's spec).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from sriov_tui.facts import DriverImage, HostFacts
from sriov_tui.message import Message, lines, say

PACKAGE = "doca-host"
KERNELS = ("kernel", "kernel-core", "kernel-modules", "kernel-modules-core", "'kernel-devel*'", "'kernel-headers*'")
"""Left as they are: by name, since DOCA's own kernel-mft is needed."""
DKMS_SINCE = (3, 2)  # on rpm systems; before it the modules come built for one kernel
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
    rpm = facts.os.id in ("centos", "rhel", "rocky", "almalinux", "ol", "sles", "openEuler", "anolis")
    if (image.kind == "rpm" and debian) or (image.kind == "deb" and rpm):
        return say("The package is a .{kind}, and {name} has others.", kind=image.kind, name=facts.os.pretty_name)
    return None


def commands(facts: HostFacts, image: DriverImage) -> Message:
    """The install by hand, with kernels left as they are, and the proof that it went through."""
    return lines(*_commands(facts, image))


def _commands(facts: HostFacts, image: DriverImage) -> Iterator[Message]:
    path = shlex.quote(image.path)
    if facts.mlx5 and (facts.mlx5.ofed or "").startswith("MLNX_OFED"):
        yield say("First remove MLNX_OFED, which the package does not do: `/usr/sbin/ofed_uninstall.sh --force`")
    yield say(
        "Needed before: the headers of {kernel}, gcc, make, perl, flex, bison, dkms 3.2 or newer (rpm: from EPEL).",
        kernel=facts.kernel.release or "?",
    )
    if image.kind == "rpm":
        without = " ".join("=".join(("--exclude", name)) for name in KERNELS)
        yield say("1. `rpm -Uvh {path}`, then `dnf makecache`", path=path)
        yield say(
            "2. Read what it would remove or upgrade: `dnf --assumeno {without} install doca-ofed`. "
            "It must not remove anything that this host needs.",
            without=without,
        )
        yield say("3. `dnf {without} install doca-ofed`", without=without)
    else:
        yield say("1. `dpkg -i {path}`, then `apt-get update`", path=path)
        yield say(
            "2. Read what it would remove or upgrade: `apt-get -s install doca-ofed`. It must not remove anything that "
            "this host needs, nor name a package linux-image."
        )
        yield say("3. `apt-get install doca-ofed`")
    yield _proof(facts, image)
    initramfs = "dracut -f" if image.kind == "rpm" else "update-initramfs -u"
    yield say("5. `{initramfs}`, reboot, and read the host again.", initramfs=initramfs)


def _proof(facts: HostFacts, image: DriverImage) -> Message:
    dkms = image.kind == "deb" or tuple(map(int, doca(image).split(".")[:2])) >= DKMS_SINCE
    if dkms:
        return say(
            "4. Proof, since the exit status tells nothing: `dkms status -m {module}` says installed for {kernel}, and "
            "`modinfo -F depends mlx5_core` names mlx_compat.",
            module="mlnx-ofa_kernel" if image.kind == "rpm" else "mlnx-ofed-kernel",
            kernel=facts.kernel.release or "?",
        )
    return say(
        "4. Proof: `modinfo -F depends mlx5_core` names mlx_compat. If not, the package has no modules for {kernel}: "
        "`dnf install doca-extra`, then `doca-kernel-support` builds them.",
        kernel=facts.kernel.release or "?",
    )
