"""A check is one file: dropped into the package it is found, audited, listed and explained; no other is touched."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import checks
from sriov_tui.hosts.machine_file import save
from tests import machines
from tests.documents.pages import ROOT, blocks

DRIVE = """\
import sys
from sriov_tui.cli import main
for words in (["audit", "--host", sys.argv[1]], ["audit", "--list"], ["explain", "naming.host"],
              ["audit", "--host", sys.argv[1], "--only", "naming", "--format", "junit"]):
    print(">>>", *words[:2], main(words))
"""


@pytest.mark.subprocess
def test_a_dropped_file_is_a_check(tmp_path: Path) -> None:
    source = Path(checks.__file__).parent
    shutil.copytree(source, tmp_path / "checks", ignore=shutil.ignore_patterns("__pycache__"))
    new = next(block for block in blocks(ROOT / "ARCHITECTURE.md") if block.words == ("checks/naming.py",))
    (tmp_path / "checks" / "naming.py").write_text(new.text)
    save(machines.two_igb(), tmp_path / "host")
    done = subprocess.run(
        [sys.executable, "-c", DRIVE, str(tmp_path / "host")],
        capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    audit, listed, explained, junit = done.stdout.split(">>>")[:4]
    assert done.stderr == ""
    assert "OK    naming.host                host           This host is called kvm07." in audit
    assert "naming.host                      The host has a name of its own" in listed
    assert "naming.crashed" in listed
    assert "hostnamectl set-hostname NAME" in explained
    assert 'tests="1"' in junit
    assert 'classname="naming.host"' in junit


def test_the_order_is_that_of_the_wizard() -> None:
    orders = [module.ORDER for module in checks.MODULES]
    assert orders == sorted(set(orders))
    names = [checks.short_name(module) for module in checks.MODULES]
    steps = ["hardware", "iommu", "driver", "firmware", "vfs"]
    assert [name for name in names if name in steps] == steps
