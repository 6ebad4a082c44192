"""The screen of many hosts: four views, the search, the way to one host and back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from sriov_tui.fleet.hosts import Broken, Fleet, FleetHost, Nic
from sriov_tui.message import verbatim
from sriov_tui.model import Finding, Level
from sriov_tui.tui.fleet_app import FleetApp
from tests.screens.driving import Driven

NASTY = ("[/]", "中文网卡", "x" * 200, "a\x1b[31m\x07\r\nb\udc80", "[bold $error on")


def host(name: str, level: Level, title: str = "It is so.", firmware: str = "1") -> FleetHost:
    """A host with one finding and one card."""
    finding = Finding(id="iommu.active", level=level, title=verbatim(title), detail=verbatim(title))
    return FleetHost(
        name=name, file=f"{name}.json", kernel="6.12", findings=(finding,), nics=(Nic(address="a", firmware=firmware),)
    )


HOSTS = (host("kvm1", Level.FAIL), host("kvm2", Level.OK, firmware="2"), *(host(f"n{i}", Level.OK) for i in range(30)))


@asynccontextmanager
async def opened(fleet: Fleet, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Driven]:
    """The app on a fleet."""
    app = FleetApp(fleet)
    async with app.run_test(size=size) as pilot:
        driven = Driven(app, pilot)  # type: ignore[arg-type]  # what it drives, any app of ours has
        await driven.until("Quit")
        yield driven


async def test_the_views_and_the_way_to_one_host() -> None:
    async with opened(Fleet(HOSTS, (Broken("half.json", verbatim("no audit")),))) as driven:
        assert "32 hosts: 1 FAIL, 31 READY; 1 file" in driven.picture
        assert "FAIL  kvm1" in driven.picture
        await driven.press("2")
        assert "    1  FAIL  It is so." in driven.picture
        await driven.press("3")
        assert "firmware 2, not 1" in driven.picture
        await driven.press("enter")
        assert "1 of 32" in driven.picture
        assert "kvm2" in driven.picture
        await driven.press("enter")
        assert "Audit of kvm2" in driven.picture
        await driven.press("escape", "escape")
        assert "32 lines" in driven.picture
        await driven.press("5")
        assert "half.json: no audit" in driven.picture
        await driven.press("enter")
        assert "half.json: no audit" in driven.picture


async def test_search_narrows_and_digits_are_typed_into_it() -> None:
    async with opened(Fleet(HOSTS)) as driven:
        await driven.press("slash", *"kvm2")
        assert "1 of 32" in driven.picture
        await driven.press("enter", "enter")
        assert "Audit of kvm2" in driven.picture
        await driven.press("escape", "slash", *"q9")
        assert "0 of 32" in driven.picture
        assert "Nothing here." in driven.picture
        await driven.press("enter", "escape")
        assert "32 lines" in driven.picture


async def test_f10_quits() -> None:
    async with opened(Fleet(HOSTS)) as driven:
        await driven.press("f10")
        assert driven.app.return_value == 0


@pytest.mark.parametrize("text", NASTY)
async def test_no_text_of_a_host_is_markup(text: str, tmp_path: Path) -> None:
    card = Nic(address=text, name=text, firmware="1", driver=text, use=text, wires=(text,), numvfs=7, held=0)
    odd = FleetHost(
        name=text, file=text, kernel=text, arguments=text, nics=(card,),
        findings=(Finding(id=text, level=Level.FAIL, title=verbatim(text), subject=text, detail=verbatim(text)),),
    )  # fmt: skip
    async with opened(Fleet((odd, *HOSTS), (Broken(text, verbatim(text)),))) as driven:
        for keys in (("enter", "down", "escape"), ("2", "enter"), ("3", "enter"), ("4", "enter"), ("5",)):
            await driven.press(*keys)
            assert "F10 Quit" in driven.picture
            assert "\x1b" not in driven.picture


async def test_f6_shows_the_fleet_in_chinese_and_back() -> None:
    async with opened(Fleet(HOSTS, ())) as app:
        english = app.picture
        await app.press("f6")
        assert "32 台宿主机" in app.picture
        assert "1 宿主机  2 检查结果  3 差异" in app.picture
        assert app.picture.splitlines()[-1].endswith("F6 English")
        await app.press("f6")
        assert app.picture == english


async def test_free_vfs_lead_to_their_hosts_and_a_host_without_an_audit_is_listed() -> None:
    card = Nic(address="a", name="82576", numvfs=7, totalvfs=7, use="sriov", wires=("bcast1",), held=2, numa=1)
    fleet = Fleet((FleetHost(name="kvm1", file="kvm1.json", nics=(card,)), *HOSTS[1:]), missing=("kvm9",), days=9999)
    fleet = replace(fleet, hosts=tuple(replace(one, gathered_at=f"{fleet.now:%Y-%m-%dT%H:%MZ}") for one in fleet.hosts))
    async with opened(fleet) as driven:
        await driven.press("4")
        assert "    5  wire bcast1, sriov, 82576" in driven.picture
        assert "kvm1 5 (NUMA 1)" in driven.picture
        await driven.press("enter")
        assert "1 of 33" in driven.picture
        await driven.press("escape", "slash", *"kvm9", "enter")
        assert "This host was expected" in driven.picture
        await driven.press("enter")
        assert "1 of 33" in driven.picture
