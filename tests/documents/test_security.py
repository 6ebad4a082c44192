"""The table of faults in SECURITY.md: each row names a test, and each test that it names is there."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

TOP = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (TOP / "SECURITY.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| fault", "| ---"))
]


def test_each_fault_has_a_test_that_is_there() -> None:
    assert len(ROWS) > 30
    for fault, happens, shown in ROWS:
        assert happens, fault
        named = re.findall(r"`((?:\w+/)*test_\w+\.py)`", shown)
        assert named, fault
        for path in named:
            assert (TOP / "tests" / path).exists() or (TOP / "tests" / "sriov_tui" / path).exists(), path
        for module in re.findall(r"`python -m ([\w.]+)`", shown):
            assert find_spec(module), module
