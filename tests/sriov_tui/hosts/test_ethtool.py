"""What ethtool would print of a link's driver, without an ethtool."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from sriov_tui.hosts.ethtool import driver_information
from sriov_tui.hosts.local import LocalHost

NETS = Path("/sys/class/net")


def rows(text: str) -> Mapping[str, str]:
    return dict(line.partition(": ")[::2] for line in text.splitlines())


@pytest.mark.machine
def test_the_driver_of_a_card_is_asked_of_the_kernel() -> None:
    cards = [path.name for path in NETS.iterdir() if (path / "device/driver").exists()]
    for name in cards:
        told = LocalHost().query(("ethtool", "-i", name))
        assert told.status == 0
        assert rows(told.out).keys() == {"driver", "version", "firmware-version", "expansion-rom-version", "bus-info"}
        assert rows(told.out)["driver"]


@pytest.mark.machine
@pytest.mark.parametrize("name", ["lo", "no-such-link"])
def test_a_link_without_an_answer_says_why(name: str) -> None:
    told = driver_information(name)
    assert told.status
    assert told.out == ""
    assert told.err.startswith("Cannot get driver information: ")


@pytest.mark.machine
@pytest.mark.subprocess
@pytest.mark.skipif(shutil.which("ethtool") is None, reason="no ethtool to compare with")
def test_ethtool_says_the_same() -> None:
    for path in NETS.iterdir():
        done = subprocess.run(["ethtool", "-i", path.name], capture_output=True, text=True, check=False)
        ours = driver_information(path.name)
        assert bool(done.returncode) == bool(ours.status)
        assert rows(ours.out).items() <= rows(done.stdout).items()
