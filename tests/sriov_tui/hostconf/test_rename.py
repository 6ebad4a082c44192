"""Interfaces renamed in host.conf: entries and listen_interface, in every form of list, all else byte for byte."""

from __future__ import annotations

import pytest

from sriov_tui.hostconf import rename
from sriov_tui.model import SriovError

NAMES = {"eth0": "bond0", "eth0.7": "bond0.7"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("networks:\n- eth0/br0/1.2.3.4  # eth0\n", "networks:\n- bond0/br0/1.2.3.4  # eth0\n"),
        ("networks: [eth0/br0/w, eth1/br1/w]\n", "networks: [bond0/br0/w, eth1/br1/w]\n"),
        ('networks:\n  - "eth0/br0/w"\r\n', 'networks:\n  - "bond0/br0/w"\r\n'),
        ("networks: eth0.7/br0/w\n", "networks: bond0.7/br0/w\n"),
        (
            "listen_interface: eth0\nlisten-interface: 'eth0.7'\n",
            "listen_interface: bond0\nlisten-interface: 'bond0.7'\n",
        ),
        ("sriov_nics: [eth0]\nhostname: eth0\n", "sriov_nics: [eth0]\nhostname: eth0\n"),
        ("networks:\n- eth00/eth0/w\n", "networks:\n- eth00/eth0/w\n"),
        ("networks: [\n", "networks: [\n"),
        ("", ""),
    ],
)
def test_only_the_interfaces_change(before: str, after: str) -> None:
    assert rename(before, NAMES) == after
    assert rename(before, {}) == before


@pytest.mark.parametrize(
    "text",
    [
        "<<: {networks: [eth0/br0/w]}\n",
        "x: &a [eth0/br0/w]\nnetworks: *a\n",
        "networks: [&a eth0/br0/w]\nx: *a\n",
    ],
)
def test_what_cannot_be_renamed_is_refused_not_left_out(text: str) -> None:
    with pytest.raises(SriovError, match="in a form that we cannot change") as caught:
        rename(text, NAMES)
    assert caught.value.hint
