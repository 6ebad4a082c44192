"""The command line on every kind of machine: no traceback, unknown said as unknown, bad input told in one sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sriov_tui.cli import main
from sriov_tui.hosts.machine import Machine
from sriov_tui.hosts.machine_file import save
from sriov_tui.model import HOST_CONF
from sriov_tui.reports.audit import FORMATS
from tests import machines

FIRST = machines.FIRST
ANSWERS = f'version = 1\n[[nics]]\naddress = "{FIRST}"\nuse = "sriov"\nbridge = "br1"\nwire = "bcast1"\n'
BUILDERS = (
    machines.two_igb, machines.iommu_off, machines.bios_off, machines.no_pci, machines.garbage, machines.unreadable,
    machines.bond_ssh, machines.connectx6,
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[Machine], str]:
    """Save a machine, to be opened with --host."""

    def put(machine: Machine) -> str:
        save(machine, tmp_path / machine.name)
        return str(tmp_path / machine.name)

    return put


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """Answers that fit the two-igb machine."""
    (tmp_path / "answers.toml").write_text(ANSWERS)
    return tmp_path / "answers.toml"


@pytest.fixture
def files(tmp_path: Path) -> Iterator[None]:
    """Fails where the test changed a recorded machine."""
    yield
    for recording in tmp_path.glob("*/machine.json"):
        assert sorted(path.name for path in recording.parent.iterdir()) == ["machine.json"]


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("build", BUILDERS)
def test_audit_of_every_machine(
    build: Callable[[], Machine], form: str, folder: Callable[[Machine], str], capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["audit", "--host", folder(build()), "--format", form, "--fail-on", "warn"])
    out = capsys.readouterr().out
    assert status == 2
    assert "crashed" not in out
    assert "Traceback" not in out
    assert "\x1b" not in out
    if form == "json":
        document = json.loads(out)
        assert document["host"]
        assert not document["ready"]


def test_what_cannot_be_seen_is_said_so(folder: Callable[[Machine], str], capsys: pytest.CaptureFixture[str]) -> None:
    main(["audit", "--host", folder(machines.unreadable())])
    out = capsys.readouterr().out
    assert "Not run as root" in out
    assert "/etc/yunion/host.conf: Permission denied" in out
    assert "No network card with SR-IOV" not in out


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["plan", "--answers", "{answers}.none"], "No such file"),
        (["plan", "--answers", "{typo}"], "unknown key 'adress'; did you mean 'address'?"),
        (["plan", "--answers", "{gone}"], "No network card at 0000:09:00.0"),
        (["apply", "--answers", "{answers}", "--yes"], "A recording cannot be changed"),
        (["apply", "{answers}", "--yes"], ""),
        (["audit", "--host", "{tmp}/none"], "{tmp}/none"),
        (["hostconf", "check", "{tmp}/none"], "{tmp}/none"),
    ],
)
def test_bad_input_is_one_clear_refusal(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    folder: Callable[[Machine], str],
    answers: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "typo.toml").write_text(ANSWERS.replace("address", "adress"))
    (tmp_path / "gone.toml").write_text(ANSWERS.replace(FIRST, "0000:09:00.0"))
    names = {"answers": answers, "typo": tmp_path / "typo.toml", "gone": tmp_path / "gone.toml", "tmp": tmp_path}
    given = [argument.format(**names) for argument in arguments]
    if "--host" not in given and given[0] != "hostconf":
        given += ["--host", folder(machines.two_igb())]
    status = main(given)
    captured = capsys.readouterr()
    assert status not in (0, 2) or given[0] == "hostconf"
    assert status != 0
    assert captured.err.startswith("sriov-tui: ")
    assert "Traceback" not in captured.err
    assert words.format(**names) in captured.err


def test_an_unknown_flag_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["audit", "--fix"])
    assert exit_.value.code == 2
    assert "--fix" in capsys.readouterr().err


@pytest.mark.parametrize("data", [b"\x00\xff\xfe\x01" * 99, None, b""])
def test_a_broken_host_conf_is_named_and_never_written(
    data: bytes | None, folder: Callable[[Machine], str], answers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = machines.two_igb()
    if data is None:
        del machine.files[HOST_CONF]
        machine.dirs[HOST_CONF.rpartition("/")[0]].remove("host.conf")
    else:
        machine.files[HOST_CONF] = data
    where = folder(machine)
    assert main(["audit", "--host", where]) == 2
    assert "hostconf." in capsys.readouterr().out
    assert main(["plan", "--host", where, "--answers", str(answers)]) == 2
    assert "Write host.conf" not in capsys.readouterr().out


def test_a_plan_is_refused_once_the_host_changed(
    folder: Callable[[Machine], str], answers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = folder(machines.two_igb())
    saved = tmp_path / "plan.json"
    assert main(["plan", "--host", where, "--answers", str(answers), "--output", str(saved)]) == 0
    assert saved.stat().st_mode & 0o077 == 0
    machine = machines.two_igb()
    machine.files[HOST_CONF] += b"# edited\n"
    save(machine, Path(where))
    before = (Path(where) / "machine.json").read_bytes()
    assert main(["apply", "--host", f"simulated:{where}", "--yes", str(saved)]) == 1
    assert HOST_CONF in capsys.readouterr().err
    assert (Path(where) / "machine.json").read_bytes() == before


def test_help_of_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (
        "audit",
        "explain",
        "plan",
        "apply",
        "rollback",
        "resume",
        "history",
        "collect",
        "hostconf",
        "agent",
    ):
        with pytest.raises(SystemExit) as exit_:
            main([command, "--help"])
        assert exit_.value.code == 0
        assert len(capsys.readouterr().out.splitlines()) > 8


def test_the_help_has_no_none_where_argparse_has_no_text(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "None" not in capsys.readouterr().out


@pytest.mark.subprocess
def test_the_audit_needs_no_textual(folder: Callable[[Machine], str]) -> None:
    """Without Textual, Rich, our screens and a catalog, in every format, with every option that imports more."""
    program = """
import sys
for name in ("textual", "rich", "screens", "sriov_tui.tui.app", "sriov_tui.language.catalog"):
    sys.modules[name] = None
from sriov_tui.cli import main
where = ["audit", "--host", sys.argv[1]]
for words in (where, [*where, "--format", "json"], [*where, "--format", "junit"], [*where, "--format", "markdown"],
              [*where, "--only", "vfs", "--profile", "sriov"], ["audit", "--list"], ["explain", "vfs.count"]):
    print(f"<{main(words)}>")
"""
    argv = [sys.executable, "-c", program, folder(machines.two_igb())]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    assert [line for line in done.stdout.splitlines() if line[:1] == "<" and line[-2:] in ("0>", "2>")] == [
        "<2>", "<2>", "<2>", "<2>", "<0>", "<0>", "<0>",
    ]  # fmt: skip
    assert "\nNot ready. " in done.stdout
    assert '"ready": false' in done.stdout


def test_collect_then_audit_says_the_same(
    folder: Callable[[Machine], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = folder(machines.two_igb())
    assert main(["collect", "--host", first, str(tmp_path / "again")]) == 0
    capsys.readouterr()
    main(["audit", "--host", first, "--format", "json"])
    original = json.loads(capsys.readouterr().out)
    main(["audit", "--host", str(tmp_path / "again"), "--format", "json"])
    assert json.loads(capsys.readouterr().out)["findings"] == original["findings"]
