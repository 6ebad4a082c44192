"""Starting the engine: what it is started as, and what is said where it cannot be."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sriov_tui.model import SriovError
from sriov_tui.run import launch


def test_the_engine_is_this_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert launch.engine_argv(tmp_path, "--rollback")[0] == sys.executable
    monkeypatch.setattr(launch, "PROGRAM", ("/loader", "/program"))
    assert launch.engine_argv(tmp_path, "--rollback") == ["/loader", "/program", "engine", str(tmp_path), "--rollback"]
    assert launch.guard_argv(tmp_path) == ["/loader", "/program", "guard", str(tmp_path)]


@pytest.mark.subprocess
def test_a_program_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(SriovError) as told:
        launch.launch([str(tmp_path / "gone"), "engine"], tmp_path / "log")
    assert told.value.title == f"{tmp_path}/gone cannot be started: No such file or directory."
    assert told.value.hint
