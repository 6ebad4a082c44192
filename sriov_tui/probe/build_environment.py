"""The host as an installer of the vendor's driver finds it: compiler, headers, room, and every kernel's mlx5_core."""

from __future__ import annotations

import re
from typing import Any, Literal

from sriov_tui.facts import DriverGround, HostFacts, KernelModules
from sriov_tui.facts.driver import BUILD_TOOLS, mok_path
from sriov_tui.facts.mellanox import COMPAT
from sriov_tui.late import regex
from sriov_tui.probe.source import Source, installed

TOOLSETS = "/opt/rh"
MIRROR = "mirrorlist.centos.org"  # gone since 2024-07-01, the end of CentOS 7
IP_VENDOR = "/opt/mellanox/iproute2/sbin/ip"
MODULE = "mlx5_core"
UNINSTALLER = "/usr/sbin/ofed_uninstall.sh"
GLOBS = ("*doca*", "*mlnx*", "*ofed*", "*mft*", "rdma-core*", "libibverbs*", "librdmacm*")
PACKAGES = {
    "dpkg-query": ("dpkg-query", "-W", r"-f=${db:Status-Abbrev}${Package}\n", *GLOBS),
    "rpm": ("rpm", "-qa", "--qf", r"%{NAME}\n", *GLOBS),
}
_COMPILER = regex(r"gcc(?:-\d+)?(?: version| \([^()]*(?:\([^()]*\)[^()]*)*\))? (\d+(?:\.\d+)+)")
_VERSION = regex(r"\d+(?:\.\d+)*")
_TOOLSET = regex(r"(?:devtoolset|gcc-toolset)-\d{1,2}")
_MACHINES = (("x86_64", ("x86_64", "amd64")), ("aarch64", ("aarch64", "arm64")))


def probe(source: Source, facts: HostFacts) -> dict[str, Any]:
    """`driver_ground`; nothing where there is no such card."""
    if not any(pf.mellanox for pf in facts.pfs or ()):
        return {}
    release = facts.kernel.release
    ground = DriverGround(
        machine=_machine(source, release),
        minor=_minor(source),
        headers=_headers(source, release),
        kernel_compiler=_kernel_compiler(source),
        compilers=_compilers(source),
        room_tmp=_room(source, "/tmp"),
        room_usr=_room(source, "/usr"),
        kernels=_kernels(source),
        built_for=_built_for(source, facts),
        mirror_gone=_mirror_gone(source),
        ip_vendor=source.exists(IP_VENDOR),
        room_var=_room(source, "/var"),
        dkms=_dkms(source),
        tools_missing=_tools_missing(source),
        uninstaller=source.exists(UNINSTALLER),
        packages=_packages(source, facts),
        mok=_mok(source, facts),
    )
    return {"driver_ground": ground}


def _machine(source: Source, release: str) -> str | None:
    """By the kernel's release where its end tells it; else by the dynamic loader that is there."""
    for name, ends in _MACHINES:
        if release.endswith(ends):
            return name
    loaders = {"x86_64": "/lib64/ld-linux-x86-64.so.2", "aarch64": "/lib/ld-linux-aarch64.so.1"}
    return next((name for name, path in loaders.items() if source.exists(path)), None)


def _minor(source: Source) -> str:
    for path in ("/etc/redhat-release", "/etc/debian_version"):
        if found := _VERSION.search(source.text(path) or ""):
            return found[0]
    return ""


def _headers(source: Source, release: str) -> bool | None:
    names = source.names(f"/lib/modules/{release}/build")
    return None if names is None else bool(names)


def _kernel_compiler(source: Source) -> str | None:
    found = _COMPILER.search(source.text("/proc/version") or "")
    return found[1] if found else None


def _compilers(source: Source) -> tuple[tuple[str, str], ...] | None:
    """The gcc of the path, then those of Red Hat's toolsets, the newest first."""
    there = installed(source, "gcc")
    if there is None:
        return None
    sets = sorted((name for name in source.names(TOOLSETS) or () if _TOOLSET.fullmatch(name)), key=_number)
    paths = [f"{TOOLSETS}/{name}/root/usr/bin/gcc" for name in reversed(sets)]
    found = []
    for path in (*(("gcc",) if there else ()), *(path for path in paths if source.exists(path))):
        done = source.ask((path, "-dumpfullversion", "-dumpversion"))
        if done.status == 0 and (version := _VERSION.match(done.out.strip())):
            found.append((path, version[0]))
    return tuple(found)


def _number(name: str) -> int:
    return int(name.rpartition("-")[2])


def _room(source: Source, path: str) -> int | None:
    """Bytes free: the fourth number of the last line of df's portable format, in KiB."""
    done = source.ask(("df", "-Pk", path))
    words = (done.out.strip().splitlines() or [""])[-1].split()
    return int(words[3]) << 10 if done.status == 0 and len(words) >= 6 and words[3].isdigit() else None


def _kernels(source: Source) -> tuple[KernelModules, ...] | None:
    releases = source.names("/lib/modules")
    if releases is None:
        return None
    found = ((release, source.data(f"/lib/modules/{release}/modules.dep")) for release in releases)
    return tuple(KernelModules(release=release, vendor=_vendor(data)) for release, data in found if data is not None)


def _vendor(data: bytes) -> bool | None:
    """Whether the mlx5_core of a modules.dep needs mlx_compat, as the vendor's does wherever it lies."""
    for line in data.decode("utf-8", "replace").splitlines():
        path, _, needs = line.partition(":")
        if _module(path) == MODULE:
            return COMPAT in map(_module, needs.split())
    return None


def _module(path: str) -> str:
    return path.rpartition("/")[2].partition(".ko")[0].replace("-", "_")


def _built_for(source: Source, facts: HostFacts) -> str | None:
    path = facts.mlx5.installed_path if facts.mlx5 else None
    if not path:
        return path
    try:
        real = source.reader.realpath(path)
    except OSError:
        real = path
    found = re.match(r"(?:/usr)?/lib/modules/([^/]+)/", real)
    return found[1] if found else None


def _mirror_gone(source: Source) -> bool:
    names = [name for name in source.names("/etc/yum.repos.d") or () if name.endswith(".repo")]
    texts = (source.text(f"/etc/yum.repos.d/{name}") or "" for name in names[:50])
    lines = (line.strip() for text in texts for line in text.splitlines())
    return any(MIRROR in line for line in lines if not line.startswith("#"))


def _dkms(source: Source) -> str | None:
    """`dkms --version`: "dkms-3.0.10", of older ones "dkms: 2.8.7"."""
    there = installed(source, "dkms")
    if not there:
        return None if there is None else ""
    found = re.match(r"dkms[-: ]+(\d+(?:\.\d+)*)", source.ask(("dkms", "--version")).out.strip())
    return found[1] if found else None


def _tools_missing(source: Source) -> tuple[str, ...] | None:
    there = [(name, installed(source, name)) for name in BUILD_TOOLS]
    return None if any(seen is None for _, seen in there) else tuple(name for name, seen in there if not seen)


def _packages(source: Source, facts: HostFacts) -> tuple[str, ...] | None:
    """The first program that is there is asked: a Debian may have an rpm too, whose database is empty."""
    for program, argv in PACKAGES.items():
        if not installed(source, program) or (program == "rpm" and not (facts.mlx5 and facts.mlx5.ofed)):
            continue
        done = source.ask(argv)
        if done.status not in (0, 1):  # dpkg-query ends with 1 where a pattern has no package
            return None
        lines = done.out.splitlines()
        names = (line[3:] for line in lines if line.startswith("ii ")) if program == "dpkg-query" else lines
        return tuple(sorted({name.strip() for name in names if name.strip()}))
    return None


def _mok(source: Source, facts: HostFacts) -> Literal["", "requested", "enrolled"] | None:
    """What `mokutil --test-key` says of it; its status is 0 for a key that is not enrolled."""
    if not facts.kernel.secure_boot:
        return None
    path = mok_path(facts.os.id)
    if not source.exists(path):
        return "" if source.exists(path) is False else None
    done = source.ask(("mokutil", "--test-key", path))
    if "is already enrolled" in done.out or "is already in db" in done.out:
        return "enrolled"
    if "is already in the enrollment request" in done.out:
        return "requested"
    return "" if "is not enrolled" in done.out else None
