"""Names that Linux allows and shells do not: read like any other, without a traceback."""

from __future__ import annotations

import json
import string

import pytest

import checks
from checks.host_agent.forecast import forecast
from sriov_tui.facts import HostFacts
from sriov_tui.hosts.host import QueryRefused, check_query
from sriov_tui.hosts.machine_file import loads
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.model import Choices, NicChoice
from sriov_tui.probe import gather
from tests.checks.test_arrangements import CASES

ODD = "eth#1"
TEXT = json.dumps(next(case["machine"] for case in CASES if case["name"] == f"odd_{ODD}"), ensure_ascii=False)
NAMES = (
    "a;b", "eth#1", "a%d", "$(id)", "`id`", "a|b", "a&&b", "--help", "-K", "[red]", "[bold]", '"', "*", "?",
    "a\\b", "~", "..a", "{x}", "%s", "网卡0", "\U0001f600", "a\u2003b", "xxxxxxxxxxxxxxx",
)  # fmt: skip


def facts_with(name: str) -> HostFacts:
    """A machine whose card with 2 VFs has this interface name, in host.conf too."""
    return gather(RecordedHost(loads(TEXT.replace(ODD, json.dumps(name, ensure_ascii=False)[1:-1]))))


@pytest.mark.parametrize("name", NAMES)
def test_a_card_of_this_name_is_read_and_foreseen(name: str) -> None:
    facts = facts_with(name)
    now = forecast(facts)
    assert [(device.pf, device.virtfn) for device in now.devices] == [(name, 0), (name, 1)]
    address = next(pf.address for pf in facts.pfs or () if pf.netdevs == (name,))
    found, _ = checks.evaluate(facts, Choices(nics=(NicChoice(address=address, use="sriov"),)))
    assert not [finding.id for finding in found if finding.id.endswith(".crashed")]


def test_every_character_that_a_name_may_have_is_asked_about() -> None:
    for char in {*string.printable, "\x7f", "é"} - {*string.whitespace, "/"}:
        check_query(("ethtool", "-i", f"a{char}b"))
    for name in ("a b", "a\nb", "a/b", "", "x" * 16):
        with pytest.raises(QueryRefused):
            check_query(("ethtool", "-i", name))


def test_a_driver_with_an_odd_name_is_not_asked_about() -> None:
    text = TEXT.replace("bus/pci/drivers/igb", "bus/pci/drivers/i g b;x")
    assert {pf.driver for pf in gather(RecordedHost(loads(text))).pfs or ()} >= {"i g b;x"}
