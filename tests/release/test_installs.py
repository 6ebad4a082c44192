"""Each part of the release is installed, run, upgraded from the version before, and removed."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.dist.one_file import TOP, good, in_root, run
from tests.release.conftest import FILES, RELEASE, VERSION, bootstrap, row

MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
KEPT = "var/lib/sriov-tui/runs/20260101T000000Z/plan.json"  # a run's record: what is installed and removed is not it
OLD_RPM = {"CompressedFileNames", "FileDigests", "PayloadFilesHavePrefix"}  # what rpm 4.11 of EL 7 knows
ALL = "installed, run, upgraded, run, removed: nothing left, the records kept"


def the_program_runs(root: Path, program: str) -> None:
    """It tells its version and audits; the audit of a root tree is not ready, and no traceback."""
    assert good(run(in_root(root, program, "--version"))) == f"sriov-tui {VERSION}\n"
    done = run(in_root(root, program, "audit", "--format", "json"))
    assert (done.returncode, done.stderr) == (2, "")
    assert json.loads(done.stdout)["ready"] is False


def older(folder: Path, pattern: str) -> Path:
    """The one package of the version before that fits this pattern."""
    found = sorted(folder.glob(pattern))
    return found[0] if found else pytest.skip(f"{folder} has no {pattern}")


def put_record(root: Path) -> None:
    (root / KEPT).parent.mkdir(parents=True, exist_ok=True)
    (root / KEPT).write_text("{}")


def left_in(root: Path) -> list[str]:
    """What has our name outside of the records."""
    found = (path for top in ("usr", "etc", "opt") for path in (root / top).rglob("*sriov*tui*"))
    return [str(path.relative_to(root)) for path in found]


def test_the_debian_package(debian: Path, before: tuple[Path, str]) -> None:
    package = RELEASE / f"sriov-tui_{VERSION}_amd64.deb"
    put_record(debian)
    shutil.copy(older(before[0], "*_amd64.deb"), debian / "old.deb")
    shutil.copy(package, debian / "new.deb")
    run(in_root(debian, "dpkg", "-i", "/old.deb")).check_returncode()
    assert run(in_root(debian, "sriov-tui", "--version")).returncode == 0
    upgraded = run(in_root(debian, "dpkg", "-i", "/new.deb"))
    assert (upgraded.returncode, upgraded.stderr) == (0, "")
    the_program_runs(debian, "sriov-tui")
    run(in_root(debian, "dpkg", "--purge", "sriov-tui")).check_returncode()
    assert left_in(debian) == []
    assert (debian / KEPT).exists()
    row(package, "Debian 12, essential packages", f"{ALL} ({before[1]})")


def test_the_rpm_package(debian: Path, before: tuple[Path, str]) -> None:
    """By rpm with a data base of its own in a Debian root: no EL root can be had here."""
    package = RELEASE / f"sriov-tui-{VERSION}-1.x86_64.rpm"
    put_record(debian)
    folder = before[0]
    if not any(folder.glob("*x86_64.rpm")):
        pytest.skip(f"{folder} has no rpm")
    shutil.copy(older(folder, "*x86_64.rpm"), debian / "old.rpm")
    shutil.copy(package, debian / "new.rpm")
    run(in_root(debian, "rpm", "-i", "/old.rpm")).check_returncode()
    assert run(in_root(debian, "sriov-tui", "--version")).returncode == 0
    run(in_root(debian, "rpm", "-U", "/new.rpm")).check_returncode()
    assert good(run(in_root(debian, "rpm", "-V", "sriov-tui"))) == ""
    the_program_runs(debian, "sriov-tui")
    run(in_root(debian, "rpm", "-e", "sriov-tui")).check_returncode()
    assert left_in(debian) == []
    assert (debian / KEPT).exists()
    row(package, "rpm 4.18 in a Debian 12 root", f"{ALL} ({before[1]})")


@pytest.mark.parametrize("machine", MACHINES)
def test_the_rpm_is_one_that_el_7_can_read(machine: str) -> None:
    package = RELEASE / f"sriov-tui-{VERSION}-1.{machine}.rpm"
    if not package.exists():
        pytest.skip(f"the release has none for {machine}")
    asked = good(run(["rpm", "-qp", "--requires", package]))
    assert {line.removeprefix("rpmlib(").partition(")")[0] for line in asked.splitlines()} <= OLD_RPM
    said = good(run(["rpm", "-qp", "--qf", "%{ARCH} %{PAYLOADCOMPRESSOR} %{FILEDIGESTALGO} %{BUILDHOST}", package]))
    assert said == f"{machine} gzip 8 localhost"
    listed = good(run(["rpm", "-qlp", package])).splitlines()
    assert {"/usr/bin/sriov-tui", "/usr/share/man/man8/sriov-tui.8.gz"} < {*listed}
    assert {"/usr/share/bash-completion/completions/sriov-tui", "/usr/share/doc/sriov-tui/LICENSE"} < {*listed}


@pytest.mark.parametrize("machine", MACHINES)
def test_the_one_file(machine: str, tmp_path: Path, before: tuple[Path, str]) -> None:
    """In a root tree with nothing in it; that for aarch64 by qemu-user."""
    if not FILES[machine].exists():
        pytest.skip(f"the release has none for {machine}")
    program = tmp_path / "sriov-tui"
    shutil.copy(older(before[0], f"sriov-tui-*-linux-{machine}"), program)
    assert run(in_root(tmp_path, "/sriov-tui", "--version")).returncode == 0
    shutil.copy(FILES[machine], tmp_path / "new")
    os.replace(tmp_path / "new", program)
    the_program_runs(tmp_path, "/sriov-tui")
    assert FILES[machine].stat().st_size < 30 << 20
    row(
        FILES[machine],
        "an empty root" + (", qemu-user" if machine == "aarch64" else ""),
        f"run, replaced, run ({before[1]})",
    )


def test_the_debian_package_for_arm64(roots: Path, mirror: str, before: tuple[Path, str]) -> None:
    package = RELEASE / f"sriov-tui_{VERSION}_arm64.deb"
    if not package.exists():
        pytest.skip("the release has none for arm64")
    root = bootstrap(roots / "arm64", mirror, "arm64")
    put_record(root)
    shutil.copy(package, root / "new.deb")
    run(in_root(root, "dpkg", "-i", "/new.deb")).check_returncode()
    the_program_runs(root, "sriov-tui")
    run(in_root(root, "dpkg", "--purge", "sriov-tui")).check_returncode()
    assert left_in(root) == []
    row(package, "Debian 12 arm64, qemu-user", "installed, run, removed: nothing left")


def test_the_wheel(tmp_path: Path, before: tuple[Path, str]) -> None:
    (wheel,) = RELEASE.glob("*.whl")
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    run(["python3", "-m", "venv", tmp_path / "venv"]).check_returncode()
    pip: list[str | Path] = [tmp_path / "venv/bin/pip", "install", "--quiet"]
    run([*pip, "--require-hashes", "-r", TOP / "requirements.lock"], environment).check_returncode()
    old = sorted(before[0].glob("*.whl"))
    for one in (*old[:1], wheel):
        run([*pip, "--no-deps", one], environment).check_returncode()
    program = tmp_path / "venv/bin/sriov-tui"
    assert good(run([program, "--version"])) == f"sriov-tui {VERSION}\n"
    assert run([program, "audit", "--host", TOP / "tests/hosts/lab-idle"]).returncode == 2
    run([tmp_path / "venv/bin/pip", "uninstall", "--yes", "sriov-tui"], environment).check_returncode()
    assert not program.exists()
    row(wheel, "a virtual environment", f"installed, {'upgraded, ' if old else ''}run, removed")
