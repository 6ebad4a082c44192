"""A stand-in for DOCA-Host: packages with real headers and scripts, and a driver of two small modules for DKMS.

mlx5_core needs mlx_compat, as the vendor's does. `end` is "success", "failed build" (the package manager ends with 0
all the same) or "takes" (another package of the host would go).
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

VERSION = "25.10.OFED.25.10.1.7.1.1"
KINDS = ("rpm", "deb")
ENDS = ("success", "failed build", "takes")
DKMS_NAME = {"rpm": "mlnx-ofa_kernel", "deb": "mlnx-ofed-kernel"}
VICTIM = "stand-in-vmm"
Chroot = Callable[..., None]

ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C"}

COMPAT = """#include <linux/module.h>
int sriov_tui_compat(void) { return 0; }
EXPORT_SYMBOL(sriov_tui_compat);
MODULE_LICENSE("GPL");
"""
CORE = """#include <linux/module.h>
int sriov_tui_compat(void);
static int __init start(void) { return sriov_tui_compat(); }
module_init(start);
MODULE_LICENSE("GPL");
MODULE_VERSION("25.10-1.7.1");
"""
BROKEN = CORE + "int broken(struct dpll_ffo_param *p) { return p->x; }\n"
ADD = """dkms add -m {name} -v {version} || true
for build in /lib/modules/*/build; do
    kernel=${{build#/lib/modules/}}; kernel=${{kernel%/build}}
    dkms install -m {name} -v {version} -k "$kernel" || true
done
"""
REMOVE = "dkms remove -m {name} -v {version} --all || true\n"


def sources(kind: str, end: str) -> dict[str, str]:
    """What lies below /usr/src for DKMS."""
    name = DKMS_NAME[kind]
    conf = (
        f'PACKAGE_NAME="{name}"\nPACKAGE_VERSION="{VERSION}"\nAUTOINSTALL=yes\n'
        'BUILT_MODULE_NAME[0]="mlx_compat"\nDEST_MODULE_LOCATION[0]="/updates/dkms"\n'
        'BUILT_MODULE_NAME[1]="mlx5_core"\nDEST_MODULE_LOCATION[1]="/updates/dkms"\n'
    )
    core = BROKEN if end == "failed build" else CORE
    files = {"dkms.conf": conf, "Makefile": "obj-m += mlx_compat.o mlx5_core.o\n", "mlx_compat.c": COMPAT,
             "mlx5_core.c": core}  # fmt: skip
    return {f"usr/src/{name}-{VERSION}/{file}": text for file, text in files.items()}


def scripts(kind: str) -> tuple[str, str]:
    """After the install, and before the removal: a build that fails does not fail the package."""
    words = {"name": DKMS_NAME[kind], "version": VERSION}
    return ADD.format(**words), REMOVE.format(**words)


def make(root: Path, chroot: Chroot, kind: str, end: str) -> str:
    """Build the packages inside of a root; the path of doca-host there."""
    return (_rpms if kind == "rpm" else _debs)(root, chroot, end)


def _put(tree: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text)


# -- deb ---------------------------------------------------------------------------------------------------------------


def _debs(root: Path, chroot: Chroot, end: str) -> str:
    work = root / "making"
    post, pre = scripts("deb")
    _deb(work, "mlnx-ofed-kernel-dkms", VERSION, "Depends: dkms", sources("deb", end), post, pre)
    conflict = f"\nConflicts: {VICTIM}" if end == "takes" else ""
    _deb(work, "doca-ofed", "3.2.1-044000", f"Depends: mlnx-ofed-kernel-dkms{conflict}", {})
    _deb(work, VICTIM, "1", "", {})
    pool = root / "making/host/usr/share/doca-host/repo"
    pool.mkdir(parents=True)
    for name in ("mlnx-ofed-kernel-dkms", "doca-ofed"):
        chroot("dpkg-deb", "--build", f"/making/{name}", "/making/host/usr/share/doca-host/repo")
    chroot("sh", "-c", "cd /making/host/usr/share/doca-host/repo && dpkg-scanpackages . >Packages 2>/dev/null")
    chroot("sh", "-c", "cd /making/host/usr/share/doca-host/repo && apt-ftparchive "
           "-o APT::FTPArchive::Release::Label=DOCA-HOST release . >/tmp/Release && mv /tmp/Release .")  # fmt: skip
    line = "deb [trusted=yes] file:/usr/share/doca-host/repo ./\n"
    version = "3.2.1-044000-25.10-debian125"
    _deb(work, "host", version, "", {"etc/apt/sources.list.d/doca.list": line}, package="doca-host")
    chroot("dpkg-deb", "--build", "/making/host", "/root")
    chroot("dpkg-deb", "--build", f"/making/{VICTIM}", "/root")
    chroot("dpkg", "-i", f"/root/{VICTIM}_1_amd64.deb")
    return f"/root/doca-host_{version}_amd64.deb"


def _deb(work: Path, folder: str, version: str, more: str, files: dict[str, str], post: str = "", pre: str = "",
         package: str = "") -> None:  # fmt: skip
    tree = work / folder
    fields = (
        f"Package: {package or folder}\nVersion: {version}\nArchitecture: amd64\nMaintainer: Nobody <x@example.org>\n"
    )
    _put(tree, files | {"DEBIAN/control": f"{fields}{more}\nDescription: stand-in\n".replace("\n\n", "\n")})
    for name, script in (("postinst", post), ("prerm", pre)):
        if script:
            (tree / "DEBIAN" / name).write_text(f"#!/bin/sh\nset -e\n{script}")
            (tree / "DEBIAN" / name).chmod(0o755)


# -- rpm ---------------------------------------------------------------------------------------------------------------

SPEC = """Name: {name}
Version: {version}
Release: {release}
Summary: stand-in
License: GPL
AutoReqProv: no
{more}
%define __os_install_post %{{nil}}
%define _build_id_links none
%description
Stand-in.
%install
mkdir -p %{{buildroot}}
cp -a {tree}/. %{{buildroot}}/
{scripts}
%files
{files}
"""


def _rpms(root: Path, chroot: Chroot, end: str) -> str:
    work = root / "making"
    post, pre = scripts("rpm")
    written = f"%post\n{post}\n%preun\n{pre}"
    _rpm(work, chroot, "sh", "1", "1", "Provides: /bin/sh", {})
    _rpm(work, chroot, VICTIM, "1", "1", "", {})
    _rpm(work, chroot, "mlnx-ofa_kernel-dkms", VERSION, "1", "", sources("rpm", end), written)
    replaced = f"\nObsoletes: {VICTIM}" if end == "takes" else ""
    _rpm(work, chroot, "doca-ofed", "3.2.1", "044000", f"Requires: mlnx-ofa_kernel-dkms{replaced}", {})
    for name in ("mlnx-ofa_kernel-dkms", "doca-ofed"):
        chroot("mkdir", "-p", "/making/doca-host/usr/share/doca-host/repo")
        chroot("sh", "-c", f"cp /root/rpmbuild/RPMS/*/{name}-*.rpm /making/doca-host/usr/share/doca-host/repo")
    chroot("createrepo_c", "--quiet", "/making/doca-host/usr/share/doca-host/repo")
    listed = "[doca]\nname=DOCA\nbaseurl=file:///usr/share/doca-host/repo\ngpgcheck=0\nenabled=1\n"
    version, release = "3.2.1", "044000_25.10_rhel9"
    _rpm(work, chroot, "doca-host", version, release, "", {"etc/yum.repos.d/doca.repo": listed})
    built = "/root/rpmbuild/RPMS/*"
    chroot("sh", "-c", f"rpm -i --nodeps {built}/sh-1-1.*.rpm {built}/{VICTIM}-1-1.*.rpm")
    name = f"doca-host-{version}-{release}.x86_64.rpm"
    chroot("cp", f"/root/rpmbuild/RPMS/x86_64/{name}", "/root")
    return f"/root/{name}"


def _rpm(work: Path, chroot: Chroot, name: str, version: str, release: str, more: str, files: dict[str, str],
         written: str = "") -> None:  # fmt: skip
    tree = work / name
    tree.mkdir(parents=True, exist_ok=True)
    _put(tree, files)
    listed = "\n".join(f"/{path.relative_to(tree)}" for path in sorted(tree.rglob("*")) if path.is_file())
    spec = SPEC.format(name=name, version=version, release=release, more=more, tree=f"/making/{name}", scripts=written,
                       files=listed)  # fmt: skip
    (work / f"{name}.spec").write_text(spec)
    chroot("rpmbuild", "--quiet", "-bb", f"/making/{name}.spec")


def chroot_of(root: Path) -> Chroot:
    """Runs a command in a root, and raises with its output where it fails."""

    def chroot(*argv: str) -> None:
        done = subprocess.run(["chroot", root, *argv], capture_output=True, text=True, check=False,
                              env=ENVIRONMENT)  # fmt: skip
        assert done.returncode == 0, (argv, done.stdout[-3000:], done.stderr[-3000:])

    return chroot
