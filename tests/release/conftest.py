"""The release as it stands in release/: each part is installed, run, upgraded and removed in a root of its kind.

Needs `make release`, root and mmdebstrap; without them all is skipped, with the reason. The version before is taken
from the folder SRIOV_TUI_BEFORE; without one a stand-in is packed: the same program under an older version.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import sriov_tui
from tests.dist.one_file import TOP, may_mount, run

RELEASE = TOP / "release"
VERSION = sriov_tui.__version__
STAND_IN = "0.0.9"
FILES = {machine: RELEASE / f"sriov-tui-{VERSION}-linux-{machine}" for machine in ("x86_64", "aarch64")}
_rows: list[tuple[str, str, str]] = []


def reason_to_skip() -> str:
    """Why nothing can be tested here, or ""."""
    if not (RELEASE / "SHA256SUMS").is_file():
        return "there is no release/SHA256SUMS: run make release"
    return "" if may_mount() and shutil.which("mmdebstrap") else "it needs root and mmdebstrap"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here starts processes."""
    own = [item for item in items if item.path.parent == Path(__file__).parent]
    reason = reason_to_skip() if own else ""
    for item in own:
        item.add_marker(pytest.mark.subprocess)
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table of installs."""
    for part, root, what in _rows:
        terminalreporter.write_line(f"{part:<44} {root:<34} {what}")


def row(part: Path, root: str, what: str) -> None:
    """A row of the table that is printed after the tests."""
    _rows.append((part.name, root, what))


@pytest.fixture(scope="session")
def before(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with packages of a version before, and a word for which that is."""
    given = os.environ.get("SRIOV_TUI_BEFORE", "")
    if given:
        return Path(given), "from the release before"
    folder = tmp_path_factory.mktemp("before")
    manual = TOP / "build/manual"
    environment = {"SOURCE_DATE_EPOCH": "1700000000", "HOME": "/root"}
    for machine, file in FILES.items():
        if file.exists():
            old = folder / f"sriov-tui-{STAND_IN}-linux-{machine}"
            shutil.copy(file, old)
            shutil.copy(f"{file}.cdx.json", f"{old}.cdx.json")
            for tool in ("debian", "rpm"):
                run([TOP / "packaging" / tool, old, STAND_IN, manual, folder], environment).check_returncode()
    return folder, "from a stand-in for the version before"


@pytest.fixture(scope="session")
def mirror() -> str:
    """Where apt gets Debian from."""
    asked = ["apt-get", "indextargets", "--format", "$(REPO_URI)"]
    lines = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.splitlines()
    found = next((line for line in lines if line.rstrip("/").endswith("/debian")), "")
    return found or pytest.skip("apt has no mirror of Debian")


@pytest.fixture(scope="session")
def roots(mirror: str) -> Iterator[Path]:
    """A folder for root trees: not below pytest's, as apt gives up root and may not enter that."""
    with tempfile.TemporaryDirectory(prefix="sriov-release-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="session")
def debian(roots: Path, mirror: str) -> Path:
    """A Debian 12 with nothing but what is essential, Python's venv module, and rpm's tools for rpm packages."""
    return bootstrap(roots / "bookworm", mirror, "amd64", "python3-venv,rpm,ca-certificates")


def bootstrap(root: Path, mirror: str, architecture: str, packages: str = "") -> Path:
    """A root tree of Debian 12."""
    options = [f"--architectures={architecture}", *([f"--include={packages}"] if packages else [])]
    make = ["mmdebstrap", "--quiet", "--variant=essential", *options, "bookworm", str(root)]
    subprocess.run([*make, f"deb {mirror} bookworm main"], check=True, capture_output=True)
    return root
