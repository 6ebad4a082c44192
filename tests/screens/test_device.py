"""The picture of a network card: from where it opens, what folds, and that a VF is found in a fold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sriov_tui.facts import Holder, Source
from sriov_tui.model import Choices, NicChoice
from tests.samples import FIRST, SECOND, igb_host, igb_pf
from tests.screens.driving import opened
from tests.screens.fakes import Fake, fake

CHOSEN = Choices().with_nic(NicChoice(address=FIRST, use="sriov", bridge="br1", wire="bcast1"))


def busy() -> Fake:
    """A host whose first port has seven VFs, the third one in use."""
    pf = igb_pf(numvfs=7)
    vfs = tuple(replace(vf, holders=(Holder(77, "qemu", "web1"),)) if vf.index == 2 else vf for vf in pf.vfs)
    return fake(igb_host(source=Source(), pfs=(replace(pf, vfs=vfs), igb_pf(SECOND, "enp2s0"))), CHOSEN)


@pytest.mark.parametrize("keys", ["f3", "f8 f8 f3", "f8 f8 f8 d", "f8 f8 f8 enter", "f8 f8 f8 f8 f3", "f9 end f3"])
async def test_it_opens_from_where_a_card_is_marked(keys: str) -> None:
    async with opened(busy()) as app:
        await app.press(*keys.split())
        assert app.name == "DeviceScreen"
        assert f"└─ {FIRST}  enp1s0, IOMMU group 20" in app.picture
        assert "F3 Esc Close" in app.picture
        await app.press("f3")
        assert app.name != "DeviceScreen"


async def test_the_marked_port_is_the_one_that_is_drawn() -> None:
    async with opened(busy()) as app:
        await app.press("down", "f3")
        assert f"Network card of kvm07 · {SECOND}" in app.picture


async def test_a_range_unfolds_and_a_vf_is_found_in_it() -> None:
    async with opened(busy()) as app:
        await app.press("f3")
        assert "VF 0-1      0000:01:10.0 to 0000:01:10.2" in app.picture
        assert "HELD by web1 (process 77)" in app.picture
        await app.press("slash", *"01:11.2", "enter")
        assert "1 of 1" in app.picture
        assert "0000:01:11.2" not in app.picture
        await app.press("space")
        assert "VF 5        0000:01:11.2" in app.picture
        await app.press("space")
        assert "VF 3-6" in app.picture


async def test_where_no_card_is_marked_it_says_so() -> None:
    async with opened(fake()) as app:
        await app.press("f8", "f3")
        assert "No network card is marked or chosen here" in app.picture
        await app.press("f9", "up", "f3")
        assert app.name == "AuditScreen"
        assert "This line is about no network card" in app.picture
