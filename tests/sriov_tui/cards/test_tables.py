"""The tables are whole: every name in one is in the other, no id is told twice, and every line has its reader."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from checks.troubleshooting import speaking_of
from sriov_tui.cards import DRIVERS, FAMILIES, Driver, Family, driver_named, vf_family
from sriov_tui.hosts.host import LOG_WORDS as READ
from sriov_tui.probe.system import LOG_WORDS as KEPT
from tests.card_machines import FAULTS


def test_every_family_has_its_driver_in_the_table() -> None:
    assert {family.driver for family in FAMILIES} <= {driver.name for driver in DRIVERS}


def test_names_are_told_once() -> None:
    for names in ([driver.name for driver in DRIVERS], [family.name for family in FAMILIES]):
        assert len(names) == len(set(names))


def test_an_id_has_one_family() -> None:
    for one, other in combinations(FAMILIES, 2):
        if one.vendor == other.vendor:
            both = f"{one.name}, {other.name}"
            assert not set(one.pfs) & (set(other.pfs) | set(other.vfs)), both
            assert not set(other.pfs) & set(one.vfs), both
            assert not set(one.vfs) & set(other.vfs) or (one.guest, one.vf_words) == (other.guest, other.vf_words), both


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_vf_leads_to_its_driver_in_the_guest(family: Family) -> None:
    assert family.pfs
    assert family.vfs
    assert family.source
    assert not set(family.pfs) & set(family.vfs)
    for device in family.vfs:
        found = vf_family(family.vendor, device)
        assert found is not None
        assert found.guest == family.guest


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.name)
def test_what_a_driver_says_is_read_kept_and_known_to_troubleshooting(driver: Driver) -> None:
    assert driver.source
    assert (driver.makes == "sysfs") or not driver.reactions
    for reaction in driver.reactions:
        line = f"{driver.name} 0000:3b:00.0: {reaction.log}"
        assert any(word in line for word in READ), line
        assert KEPT.search(line), line
        assert speaking_of([line]), line


@pytest.mark.parametrize("name", [driver.name for driver in DRIVERS if driver.fault])
def test_a_fault_is_read_and_so_is_its_end(name: str) -> None:
    driver = driver_named(name)
    assert driver is not None
    assert driver.fault is not None
    came, went = FAULTS[name]
    for line in came:
        assert re.search(driver.fault.log, line)
    assert not re.search(driver.fault.log, went)
    assert re.search(driver.fault.over, went)
    for line in (*came, went):
        assert any(word in line for word in READ)
        assert KEPT.search(line)
