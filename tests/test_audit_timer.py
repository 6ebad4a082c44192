"""The timer that the packages bring: what it runs is a command of ours that only reads, and systemd takes the units."""

from __future__ import annotations

import configparser
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from sriov_tui import cli
from sriov_tui.model import STATE_DIR

UNITS = Path(__file__).parents[1] / "packaging/systemd"
SERVICE, TIMER = UNITS / "sriov-tui-audit.service", UNITS / "sriov-tui-audit.timer"


def unit(path: Path) -> configparser.ConfigParser:
    """A unit file, as far as it is an INI file."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path)
    return parser


def test_what_it_runs_is_an_audit_against_the_baseline() -> None:
    program, *words = shlex.split(unit(SERVICE)["Service"]["ExecStart"])
    args = cli.parser().parse_args(words)
    assert program == "/usr/bin/sriov-tui"
    assert args.baseline == unit(SERVICE)["Unit"]["ConditionPathExists"] == f"{STATE_DIR}/baseline.json"
    assert args.only == ["baseline"]


def test_the_timer_starts_that_service_again_and_again() -> None:
    assert TIMER.stem == SERVICE.stem
    assert unit(TIMER)["Timer"]["OnUnitActiveSec"]
    assert unit(TIMER)["Install"]["WantedBy"] == "timers.target"


@pytest.mark.subprocess
def test_systemd_takes_both(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze here")
    for path in (SERVICE, TIMER):
        text = path.read_text().replace("/usr/bin/sriov-tui", "/bin/true")
        (tmp_path / path.name).write_text(text.replace("Documentation=man:sriov-tui(8)\n", ""))
    paths = [str(tmp_path / path.name) for path in (SERVICE, TIMER)]
    done = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True, check=False)
    assert "sriov-tui-audit" not in done.stderr, done.stderr
