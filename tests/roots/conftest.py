"""A root of Debian 12 with dkms, headers and a compiler, and with apt and dnf; skipped where it cannot be made."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

INCLUDE = "dkms,dnf,rpm,createrepo-c,gcc,make,dpkg-dev,apt-utils,linux-headers-amd64,kmod"
READY = "SRIOV_TUI_DOCA_ROOT"  # a tar file that an earlier run left: to make one takes five minutes


@pytest.fixture(scope="session")
def system() -> Iterator[Path]:
    """The root as a tar file."""
    if ready := os.environ.get(READY):
        yield Path(ready)
        return
    if os.geteuid() != 0 or not shutil.which("mmdebstrap"):
        pytest.skip("it needs root and mmdebstrap")
    with tempfile.TemporaryDirectory(prefix="sriov-doca-") as folder:
        path = Path(folder) / "root.tar"
        make = ["mmdebstrap", "--quiet", "--variant=important", f"--include={INCLUDE}", "bookworm", str(path)]
        if subprocess.run(make, capture_output=True, check=False).returncode:
            pytest.skip("Debian 12 cannot be bootstrapped here")
        yield path


@pytest.fixture
def new_root(system: Path) -> Iterator[Callable[[], Path]]:
    """Unpacks a root of its own, with the devices that builds need."""
    with tempfile.TemporaryDirectory(prefix="sriov-root-") as folder:

        def unpack() -> Path:
            root = Path(folder)
            root.chmod(0o755)
            subprocess.run(["tar", "-C", root, "-xf", system, "--exclude=./dev/*"], check=True)
            (root / "dev").mkdir(exist_ok=True)
            for name, minor in (("null", 3), ("zero", 5), ("random", 8), ("urandom", 9)):
                os.mknod(root / "dev" / name, 0o666 | 0o020000, os.makedev(1, minor))
                (root / "dev" / name).chmod(0o666)
            (root / "dev/fd").symlink_to("/proc/self/fd")
            for path in ("etc/apt/sources.list", "etc/apt/sources.list.d/0000bookworm.list"):
                (root / path).unlink(missing_ok=True)
            return root

        yield unpack
