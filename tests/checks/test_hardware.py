"""Which cards there are and why one cannot be used."""

from __future__ import annotations

import pytest

from checks import hardware
from sriov_tui.facts import SshSession
from sriov_tui.model import (
    Choices,
    Level,
)
from tests.checks.common import found, with_pf
from tests.samples import FIRST, igb_host


def test_healthy_hardware() -> None:
    findings = found(hardware, igb_host())
    assert findings["hardware.present host"].level is Level.OK
    assert findings[f"hardware.pf {FIRST}"].level is Level.OK
    assert "hardware.chosen host" not in findings


def test_nothing_chosen_blocks() -> None:
    assert found(hardware, igb_host(), Choices())["hardware.chosen host"].blocks


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"totalvfs": None, "sriov": None, "config_bytes": 64}, "cannot be seen"),
        ({"totalvfs": None, "sriov": None}, "no SR-IOV capability"),
        ({"totalvfs": 0}, "firmware offers 0 VFs"),
        ({"totalvfs": None, "driver": ""}, "no driver is bound"),
        ({"totalvfs": None}, "the kernel offers no VFs"),
    ],
)
def test_why_a_card_cannot_be_used(changes: dict[str, object], words: str) -> None:
    finding = found(hardware, with_pf(igb_host(), **changes))[f"hardware.pf {FIRST}"]
    assert words in finding.title
    assert finding.level is not Level.OK
    assert finding.fix is not None


def test_no_pci_and_no_card_are_told_apart() -> None:
    assert "could not be read" in found(hardware, igb_host(pfs=None))["hardware.present host"].title
    assert "No network card" in found(hardware, igb_host(pfs=()))["hardware.present host"].title


def test_ssh_card_is_marked() -> None:
    facts = igb_host(ssh=SshSession(client="a", server="b", links=("enp1s0",), pfs=(FIRST,)))
    assert f"hardware.ssh {FIRST}" in found(hardware, facts)
