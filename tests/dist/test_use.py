"""The file does what the program does: audit, wizard, apply, rollback, on a machine with everything."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import pytest

import sriov_tui
from tools.manual.__main__ import completion, man_page, pages
from tests.dist.one_file import DIST, FILE, TOP, good, kept, put_machine, run
from tests.terminal.tty import Tty

IDLE = str(TOP / "tests/hosts/lab-idle")


def test_it_tells_its_version(environment: dict[str, str]) -> None:
    assert good(run([FILE, "--version"], environment)) == f"sriov-tui {sriov_tui.__version__}\n"


@pytest.mark.parametrize("options", [(), ("--format", "json")])
def test_the_audit_is_that_of_the_program(environment: dict[str, str], options: tuple[str, ...]) -> None:
    argv = ["audit", "--host", IDLE, *options]
    done, beside = run([FILE, *argv], environment), run([sys.executable, "-m", "sriov_tui", *argv])
    assert done.returncode == beside.returncode == 2
    assert done.stdout == beside.stdout != ""
    assert done.stderr == ""


def test_the_wizard_walks_through_a_demo(environment: dict[str, str]) -> None:
    with Tty(command=(str(FILE), "--demo", "two-igb"), environment=environment) as tty:
        tty.wait_for("F8 Set up", most=30)
        tty.press("f8")
        tty.wait_for("step 1/6", most=20)
        tty.press("space")
        for number in range(2, 6):
            tty.press("f8")
            tty.wait_for(f"step {number}/6", most=20)
        tty.press("f10")
        assert tty.end() == 0


def test_apply_and_rollback_by_an_engine_of_its_own(environment: dict[str, str], tmp_path: Path) -> None:
    """The engine is another process, started from the file; it has to end in a journal that says so."""
    machine = tmp_path / "machine"
    put_machine(machine)
    host, before = f"simulated:{machine}", kept(machine)
    out = run([FILE, "apply", "--host", host, "--answers", machine / "answers.toml", "--yes"], environment)
    assert "Verified" in out.stdout, out
    assert out.stderr == ""
    assert kept(machine) != before
    assert list((machine / "state/runs").iterdir()), "the run kept no journal"
    back = run([FILE, "rollback", "--host", host, "--yes"], environment)
    assert (back.returncode, back.stderr) == (0, ""), back
    assert kept(machine) == before


def test_what_stands_beside_it() -> None:
    names = {path.name for path in DIST.iterdir()}
    built = {name for name in names if not name.endswith(".sha256")}
    assert {FILE.name, f"{FILE.name}.cdx.json", f"sriov-tui_{sriov_tui.__version__}_amd64.deb"} < built
    assert {name.rpartition("-")[2] for name in built if name.endswith(".whl")} == {"any.whl"}
    assert names - built == {f"{name}.sha256" for name in built}
    for name in names - built:
        good(run(["sh", "-c", 'cd "$0" && sha256sum --quiet -c "$1"', DIST, name]))


def test_the_debian_package_holds_the_manual(tmp_path: Path) -> None:
    package = DIST / f"sriov-tui_{sriov_tui.__version__}_amd64.deb"
    modes = {line.split()[0] for line in good(run(["dpkg-deb", "--contents", package])).splitlines()}
    assert modes == {"drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x"}
    good(run(["dpkg-deb", "--extract", package, tmp_path]))
    share = tmp_path / "usr/share"
    assert gzip.decompress((share / "man/man8/sriov-tui.8.gz").read_bytes()).decode() == man_page()
    assert (share / "bash-completion/completions/sriov-tui").read_text() == completion("bash")
    assert (share / "zsh/vendor-completions/_sriov-tui").read_text() == completion("zsh")
    assert {path.name for path in (share / "doc/sriov-tui/checks").iterdir()} == {*pages()}


def test_the_list_of_contents_names_every_part_and_its_licence() -> None:
    listed = json.loads(Path(f"{FILE}.cdx.json").read_text())
    parts = {part["name"]: part for part in listed["components"]}
    assert (listed["bomFormat"], listed["specVersion"]) == ("CycloneDX", "1.6")
    digest = listed["metadata"]["component"]["hashes"][0]["content"]
    assert digest == good(run(["sha256sum", FILE])).split()[0]
    assert {"libtar", "xz-embedded"} <= {*parts}, "what staticx holds of others"
    assert {"textual", "pyroute2", "pyudev", "pyinstaller", "libc6", "libpython3.11", "libudev1", "pci.ids"} <= {*parts}
    assert not {"pytest", "cyclonedx-bom", "pip"} & {*parts}
    assert [name for name, part in parts.items() if not part.get("licenses") or not part.get("version")] == []
    for part in parts.values():
        (licence,) = part["licenses"]
        assert "expression" in licence or "id" in licence["license"], f"{part['name']} has no SPDX expression"
