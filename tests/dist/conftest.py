"""Tests of the built file; without one all are skipped, with the reason."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dist.one_file import may_mount, reason_to_skip, unpacked

HERE = Path(__file__).parent
SUITES = ("buster", "bullseye", "bookworm")  # the oldest first
_notes: list[str] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here starts processes."""
    own = [item for item in items if item.path.parent == HERE]
    reason = reason_to_skip() if own else ""
    for item in own:
        item.add_marker(pytest.mark.subprocess)
        if reason and item.path.name != "test_loader.py":
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was found out."""
    for note in _notes:
        terminalreporter.write_line(f"one file: {note}")


def note(text: str) -> None:
    """Have a line printed after the tests."""
    _notes.append(text)


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment with a folder to unpack into; nothing of that may be left there."""
    place = tmp_path / "place"
    place.mkdir()
    yield {"TMPDIR": str(place), "LANG": "C.UTF-8", "TERM": "xterm-256color"}
    assert unpacked(place) == []


@pytest.fixture
def root_only() -> None:
    """Skips where other roots cannot be entered."""
    if not may_mount():
        pytest.skip("only root can mount and change the root folder")


@pytest.fixture(scope="session")
def oldest_debian() -> Iterator[Path]:
    """A root tree of the oldest Debian that this machine's mirror has."""
    if not may_mount() or not shutil.which("mmdebstrap"):
        pytest.skip("it needs root and mmdebstrap")
    listed = ["apt-get", "indextargets", "--format", "$(REPO_URI)"]
    lines = subprocess.run(listed, capture_output=True, text=True, check=False).stdout.splitlines()
    mirror = next((line for line in lines if line.rstrip("/").endswith("/debian")), "")
    # Not below pytest's folder: apt gives up root, and may not enter that.
    with tempfile.TemporaryDirectory(prefix="sriov-debian-") as folder:
        Path(folder).chmod(0o755)
        for suite in SUITES if mirror else ():
            root = Path(folder) / suite
            make = ["mmdebstrap", "--quiet", "--variant=essential", "--architectures=amd64", suite, str(root)]
            if subprocess.run([*make, f"deb {mirror} {suite} main"], capture_output=True, check=False).returncode == 0:
                libc = next(root.glob("lib/x86_64-linux-gnu/libc-2*"), Path("an unknown C library")).name
                note(f"the oldest Debian that can be had here is {suite} ({libc})")
                yield root
                return
        pytest.skip(f"no Debian can be bootstrapped here from {mirror or 'any mirror of apt'}")
