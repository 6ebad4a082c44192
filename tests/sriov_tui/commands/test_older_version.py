"""What version 0.1 wrote opens in this one: journal, plan, answers, recording (tests/data/version-0.1)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sriov_tui.cli import main

OLD = Path(__file__).parents[2] / "data" / "version-0.1"


def opened(tmp_path: Path, name: str) -> str:
    """A copy of a simulated machine, as `--host` takes it."""
    shutil.copytree(OLD / name, tmp_path / name)
    spec = f"simulated:{tmp_path / name}"
    for host in (tmp_path / name).glob("state/runs/*/host"):
        host.write_text(spec)
    return spec


@pytest.mark.subprocess
def test_its_run_is_listed_and_rolled_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = opened(tmp_path, "machine")
    assert main(["history", "--host", spec]) == 0
    assert "applied" in capsys.readouterr().out
    assert main(["rollback", "--host", spec, "--yes"]) == 0
    after = json.loads((tmp_path / "machine" / "machine.json").read_text())
    before = json.loads((OLD / "fresh" / "machine.json").read_text())
    assert after["files"]["/etc/yunion/host.conf"] == before["files"]["/etc/yunion/host.conf"]


@pytest.mark.subprocess
def test_its_plan_is_carried_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = opened(tmp_path, "fresh")
    # 7: done, but this machine's host.conf keeps the host-agent from starting, which version 0.1 did not see.
    assert main(["apply", "--host", spec, str(OLD / "plan.json"), "--yes"]) == 7
    assert "Make 7 VFs on enp1s0" in capsys.readouterr().out


def test_its_answers_are_understood(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = opened(tmp_path, "fresh")
    assert main(["plan", "--host", spec, "--answers", str(OLD / "answers.toml"), "--format", "json"]) in (0, 2)
    assert "hostconf.listen-interface" in capsys.readouterr().out


def test_its_recording_is_audited(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--host", str(OLD / "kvm07.sriov")]) == 2
    assert "A network card th" in capsys.readouterr().out
