"""What is installed is all that there is: a package that is not named in pyproject.toml is in no wheel."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_package_is_installed() -> None:
    named = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]
    files = (path for top in ("checks", "screens", "sriov_tui") for path in (ROOT / top).rglob("*.py"))
    assert {*named} == {".".join(path.parent.relative_to(ROOT).parts) for path in files}
