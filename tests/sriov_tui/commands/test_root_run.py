"""What root runs, reads and starts is nobody else's to choose: environment, programs, the answers, the tree itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sriov_tui.hosts import programs, trusted
from sriov_tui.hosts.local import LocalHost
from sriov_tui.model import SriovError
from sriov_tui.run import launch
from sriov_tui.services.answers import load_answers, load_trusted_answers

ROOT = Path(__file__).parents[3]
ANSWERS = b'version = 1\n[[nics]]\naddress = "0000:01:00.0"\nuse = "sriov"\nbridge = "br1"\nwire = "w"\n'
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root is protected")


def test_a_pipe_swapped_for_a_link_is_not_what_is_acted_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is swapped after it was opened: what was checked is what is read."""
    answers, theirs = tmp_path / "answers.toml", tmp_path / "theirs.toml"
    answers.write_bytes(ANSWERS)
    theirs.write_bytes(ANSWERS.replace(b"sriov", b"none"))
    opened: list[str] = []
    real = os.open

    def swapping(path: str, *rest: int) -> int:
        fd = real(path, *rest)
        opened.append(os.fspath(path))
        answers.unlink()
        answers.symlink_to(theirs)
        return fd

    monkeypatch.setattr(os, "open", swapping)
    assert load_trusted_answers(answers).nics[0].use == "sriov"
    assert opened == [str(answers)], "it is opened once"


@pytest.mark.parametrize("load", [load_answers, load_trusted_answers])
def test_answers_that_are_a_pipe_a_device_or_endless_are_refused(tmp_path: Path, load: object) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(SriovError) as told:
            load(path)  # type: ignore[operator]
        assert told.value.hint
    (tmp_path / "large").write_bytes(b"#" * (1 << 20))
    with pytest.raises(SriovError, match="larger than 256 KiB"):
        load(tmp_path / "large")  # type: ignore[operator]


@pytest.mark.parametrize(
    "text",
    ["a=" + "[" * 100_000, "a=" + "9" * 5000, "a." * 100_000 + "a=1", "[" + "a." * 4000 + "a]\n" + "b." * 4000 + "c=1"],
)
def test_toml_that_is_made_to_keep_a_parser_busy_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(SriovError, match="is not a TOML file"):
        load_answers(tmp_path / "a.toml")


@pytest.mark.subprocess
@root_only
@pytest.mark.parametrize("variable", ["PYTHONPATH", "PYTHONSTARTUP", "LD_LIBRARY_PATH"])
def test_what_the_caller_would_have_loaded_is_not_loaded(tmp_path: Path, variable: str) -> None:
    """A module of theirs that bears the name of one that we import, and one that every interpreter would."""
    for name in ("argparse", "tomllib", "difflib"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'loaded')!r}, 'w')\nraise SystemExit(9)\n")
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", variable: str(tmp_path), "LANG": "C.UTF-8"}
    argv = [str(ROOT / ".venv/bin/sriov-tui")] if (ROOT / ".venv/bin/sriov-tui").exists() else [sys.executable, "-m"]
    done = subprocess.run(
        [*argv, "explain", "iommu.active"], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "loaded").exists()


@pytest.mark.subprocess
def test_the_engine_gets_nothing_that_the_caller_chose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LD_PRELOAD", "PYTHONSTARTUP", "BASH_ENV", "TEXTUAL_DRIVER", "GCONV_PATH"):
        monkeypatch.setenv(name, str(tmp_path / "nothing.so"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(launch, "SYSTEMD_RUNS", tmp_path / "no systemd")
    running = launch.launch([shutil.which("env", path="/usr/bin:/bin") or "env"], tmp_path / "log")
    while running():
        threading.Event().wait(0.02)
    names = {line.partition("=")[0] for line in (tmp_path / "log").read_text().splitlines()}
    assert names <= {"PATH", *programs.KEPT, *launch.ENVIRONMENT, "SRIOV_TUI_SESSION"}
    assert f"PATH={programs.PATH}\n" in (tmp_path / "log").read_text()


@pytest.mark.subprocess
@pytest.mark.machine
def test_a_program_of_the_callers_path_is_not_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("dmesg", "env"):
        (tmp_path / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    LocalHost().query(("dmesg",))
    said: list[str] = []
    assert LocalHost().run(("env",), 10, said.append) == 0
    assert not (tmp_path / "started").exists()
    assert LocalHost().run(("no-such-program",), 10, said.append) == 127
    assert said[-1] == "no-such-program: not found"
    assert programs.locate("/bin/sh") == "/bin/sh"
    assert programs.locate("no-such-program") is None


@root_only
def test_root_is_told_that_others_may_change_what_it_runs(tmp_path: Path) -> None:
    assert trusted.open_to_others((tmp_path,)) is None
    tmp_path.chmod(0o777)
    assert "its mode is 0777" in str(trusted.open_to_others((tmp_path,)))
    tmp_path.chmod(0o755)
    os.chown(tmp_path, 12345, 12345)
    assert "it belongs to uid 12345" in str(trusted.open_to_others((tmp_path,)))


@pytest.mark.subprocess
@root_only
def test_make_tells_whose_the_environment_is(tmp_path: Path) -> None:
    """As after `sudo make run`: somebody else's make says so, and what to do."""
    if not (make := shutil.which("make")) or not (runuser := shutil.which("setpriv")):
        pytest.skip("there is no make, or no setpriv")
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    for name in (".venv", "sriov_tui", "checks", "screens"):
        (tmp_path / name).mkdir()
    for folder in (tmp_path, *tmp_path.parents):
        if folder.is_relative_to("/tmp") and folder != Path("/tmp"):
            folder.chmod(0o755)
    argv = [runuser, "--reuid=12345", "--clear-groups", make, "-C", str(tmp_path), ".venv/dev"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode
    assert ".venv belongs to root, as after `sudo make run`." in done.stderr
    assert "sudo chown -R" in done.stderr
