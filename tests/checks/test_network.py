"""What the port has set for its VFs: read by netlink, judged by the audit, shown with the card."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from checks import network
from sriov_tui.facts import HostFacts, VfSetting
from sriov_tui.hosts.netlink import vf_row
from sriov_tui.model import Choices, Finding, Level, NicChoice
from sriov_tui.probe import gather
from sriov_tui.reports.card import draw
from sriov_tui.simulated import SimulatedHost
from tests.machines import FIRST, two_igb
from tests.trouble_machines import low_mtu, on_link, vf_table

WANT = Choices().with_nic(NicChoice(address=FIRST, use="sriov"))
GOOD = tuple(VfSetting(index=n, mac=f"52:54:00:00:00:0{n}", link_state="auto") for n in range(3))


class Attributes(dict[str, Any]):
    """Attributes as pyroute2 hands them out."""

    def get_attr(self, name: str) -> Any:
        return self.get(name)


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> HostFacts:
    return gather(SimulatedHost.create(two_igb(), tmp_path_factory.mktemp("m")))


def found(facts: HostFacts) -> dict[str, Finding]:
    return {one.id: one for one in network.findings(facts, WANT)}


def test_what_cannot_be_read_is_not_judged(facts: HostFacts) -> None:
    assert found(facts) == {}


def test_a_good_table_is_ok(facts: HostFacts) -> None:
    judged = found(on_link("enp1s0", vfs=GOOD)(facts))
    assert {one.level for one in judged.values()} == {Level.OK}
    assert set(judged) == {"network.mac", "network.vf-link"}


def test_the_same_address_twice_is_a_failure_also_on_another_port(facts: HostFacts) -> None:
    twice = found(vf_table(mac="52:54:00:00:00:01")(facts))["network.mac"]
    assert (twice.level, twice.topic) == (Level.FAIL, "twice")
    apart = on_link("enp2s0", vfs=GOOD[:1])(on_link("enp1s0", vfs=GOOD[:1])(facts))
    assert found(apart)["network.mac"].topic == "twice"


def test_a_zero_address_matters_only_where_a_virtual_machine_has_the_vf(facts: HostFacts) -> None:
    assert found(vf_table(mac="00:00:00:00:00:00")(facts))["network.mac"].level is Level.OK


def test_a_link_that_is_switched_off_and_a_low_mtu_are_told(facts: HostFacts) -> None:
    off = found(on_link("enp1s0", vfs=(*GOOD, VfSetting(index=3, link_state="disable")))(facts))["network.vf-link"]
    assert off.level is Level.WARN
    assert off.fix is not None
    assert off.fix.manual == "ip link set dev enp1s0 vf 3 state auto"
    assert found(low_mtu(facts))["network.mtu"].level is Level.WARN


def test_the_card_is_drawn_with_the_table(facts: HostFacts) -> None:
    setting = VfSetting(index=2, mac="52:54:00:00:00:02", vlan=5, spoofchk=True, trust=False, link_state="auto")
    drawn = "\n".join(line.text for line in draw(on_link("enp1s0", vfs=(setting,))(facts), FIRST))
    assert "VF 2     52:54:00:00:00:02  vlan 5  spoofchk on  trust off  link-state auto" in drawn
    assert "VF table" not in "\n".join(line.text for line in draw(facts, FIRST))


def test_the_kernel_s_list_becomes_a_row_and_what_a_driver_leaves_out_is_unknown() -> None:
    whole = Attributes(
        IFLA_VF_MAC={"vf": 4, "mac": "52:54:00:00:00:04"},
        IFLA_VF_VLAN={"vf": 4, "vlan": 7, "qos": 1},
        IFLA_VF_SPOOFCHK={"vf": 4, "spoofchk": 1},
        IFLA_VF_TRUST={"vf": 4, "trust": 0xFFFFFFFF},
        IFLA_VF_LINK_STATE={"vf": 4, "link_state": 2},
        IFLA_VF_RATE={"vf": 4, "min_tx_rate": 0, "max_tx_rate": 1000},
        IFLA_VF_STATS=Attributes(IFLA_VF_STATS_RX_DROPPED=9),
    )
    row = vf_row(whole)
    assert row == {"vf": 4, "mac": "52:54:00:00:00:04", "vlan": 7, "qos": 1, "spoofchk": True, "trust": None,
                   "link_state": "disable", "min_tx_rate": 0, "max_tx_rate": 1000, "rx_dropped": 9,
                   "tx_dropped": None}  # fmt: skip
    assert vf_row(Attributes(IFLA_VF_MAC={"vf": 0, "mac": "00:00:00:00:00:00"}))["spoofchk"] is None


def test_the_rows_of_a_machine_become_facts(tmp_path: Any) -> None:
    machine = two_igb()
    index = next(row["index"] for row in machine.netlink["links"] if row["name"] == "enp1s0")
    machine.netlink["vfs"] = [{"link": index, "vf": 1, "mac": "52:54:00:00:00:01", "trust": True}]
    link = gather(SimulatedHost.create(machine, tmp_path)).link("enp1s0")
    assert link is not None
    assert link.vfs == (VfSetting(index=1, mac="52:54:00:00:00:01", trust=True),)
    assert replace(link, vfs=None).vfs is None
