"""The file where there is nothing, and where everything is old."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import sriov_tui
from tests.dist.conftest import note
from tests.dist.one_file import DIST, FILE, good, in_root, kept, put_machine, run
from tests.terminal.tty import Tty

OLDEST_KERNEL = (3, 10)
OLDEST_GLIBC = (2, 17)


@pytest.fixture(params=["empty", "oldest Debian"])
def root(request: pytest.FixtureRequest, root_only: None, tmp_path: Path) -> Path:
    """A root tree with the file in it: with nothing else, and the oldest Debian there is."""
    found = tmp_path / "root"
    if request.param == "empty":
        found.mkdir()
    else:
        found = request.getfixturevalue("oldest_debian")
        shutil.rmtree(found / "machine", ignore_errors=True)
    shutil.copy(FILE, found / "sriov-tui")
    return found


def test_it_needs_no_library_of_the_host() -> None:
    assert "INTERP" not in good(run(["readelf", "-lW", FILE]))
    assert "There is no dynamic section" in good(run(["readelf", "-dW", FILE]))
    versions = {tuple(map(int, found.split("."))) for found in re.findall(r"GLIBC_([\d.]+)", _symbols(FILE))}
    note(f"highest glibc symbol version that it needs from the host: {max(versions, default='none, it is static')}")
    assert all(version <= OLDEST_GLIBC for version in versions)


def test_its_c_library_runs_on_an_old_kernel(environment: dict[str, str]) -> None:
    """The library's note tells the oldest kernel that it works on."""
    place = Path(environment["TMPDIR"])
    with Tty(command=(str(FILE), "--demo"), environment=environment) as tty:
        tty.wait_for("Set up", most=60)
        (library,) = place.glob("sriov-tui-*/staticx-*/libc.so.6")
        needs = re.search(r"ABI: (\d+)\.(\d+)", good(run(["readelf", "-nW", library])))
        tty.press("f10")
        assert tty.end() == 0
    assert needs, "libc.so.6 has no such note"
    note(f"oldest kernel that its C library is made for: {needs[1]}.{needs[2]}")
    assert (int(needs[1]), int(needs[2])) <= OLDEST_KERNEL


def _symbols(path: Path) -> str:
    return run(["readelf", "-VW", path]).stdout


def test_it_starts_and_audits(root: Path) -> None:
    assert good(run(in_root(root, "/sriov-tui", "--version"))) == f"sriov-tui {sriov_tui.__version__}\n"
    done = run(in_root(root, "/sriov-tui", "audit"))
    assert done.returncode == 2
    assert done.stderr == ""
    assert "Not ready." in done.stdout
    assert "Traceback" not in done.stdout


def test_the_wizard_draws_its_first_step(root: Path) -> None:
    with Tty(command=tuple(in_root(root, "/sriov-tui", "--demo")), environment={"LANG": "C.UTF-8"}) as tty:
        tty.wait_for("F8 Set up", most=30)
        tty.press("f8")
        tty.wait_for("step 1/6", most=20)
        tty.press("f10")
        assert tty.end() == 0


def test_apply_and_rollback(root: Path) -> None:
    put_machine(root / "machine")
    before = kept(root / "machine")
    argv = ["/sriov-tui", "apply", "--host", "simulated:/machine", "--answers", "/machine/answers.toml", "--yes"]
    assert "Verified" in run(in_root(root, *argv)).stdout
    assert kept(root / "machine") != before
    good(run(in_root(root, "/sriov-tui", "rollback", "--host", "simulated:/machine", "--yes")))
    assert kept(root / "machine") == before


def test_the_debian_package_is_installed_and_goes(oldest_debian: Path) -> None:
    package = DIST / f"sriov-tui_{sriov_tui.__version__}_amd64.deb"
    shutil.copy(package, oldest_debian / "package.deb")
    run(in_root(oldest_debian, "dpkg", "-i", "/package.deb")).check_returncode()
    assert good(run(in_root(oldest_debian, "sriov-tui", "--version"))) == f"sriov-tui {sriov_tui.__version__}\n"
    listed = good(run(in_root(oldest_debian, "dpkg", "-L", "sriov-tui"))).split()
    assert "/usr/share/doc/sriov-tui/copyright" in listed
    run(in_root(oldest_debian, "dpkg", "-r", "sriov-tui")).check_returncode()
    for path in ("usr/bin/sriov-tui", "usr/share/doc/sriov-tui"):
        assert not (oldest_debian / path).exists()
