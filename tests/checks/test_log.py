"""The kernel log of this boot is read without being asked: what it has against a chosen card, when and how often."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import log
from checks.host_agent.requested import asked_for
from checks.messages import MESSAGES
from checks.messages.pattern import KERNEL
from sriov_tui.facts import HostFacts, Kernel
from sriov_tui.model import Choices, Finding, Level, NicChoice
from sriov_tui.probe import gather
from sriov_tui.simulated import SimulatedHost
from tests.knowledge_lines import line
from tests.machines import FIRST, SECOND, two_igb
from tests.samples import igb_pf

WANT = Choices().with_nic(NicChoice(address=FIRST, use="sriov"))


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> HostFacts:
    return gather(SimulatedHost.create(two_igb(), tmp_path_factory.mktemp("quiet")))


def told(facts: HostFacts, *lines: str, choices: Choices = WANT) -> dict[str, Finding]:
    facts = replace(facts, kernel=replace(facts.kernel, log=(*(facts.kernel.log or ()), *lines)))
    return {f"{one.id} {one.subject}": one for one in log.findings(facts, choices)}


def test_a_quiet_log_is_ok(quiet: HostFacts) -> None:
    assert {key: one.level for key, one in told(quiet).items()} == {f"log.card {FIRST}": Level.OK}
    assert set(told(quiet, choices=asked_for(quiet))) == {f"log.card {FIRST}", f"log.card {SECOND}"}


def test_a_log_that_cannot_be_read_is_not_ok(quiet: HostFacts) -> None:
    blind = replace(quiet, kernel=replace(quiet.kernel, log=None))
    assert [one.level for one in log.findings(blind, WANT)] == [Level.SKIP]


def test_it_tells_what_how_often_and_when(quiet: HostFacts) -> None:
    found = told(
        quiet,
        f"[ 3600.120000] igb {FIRST} enp1s0: Reset adapter",
        f"[ 7325.500000] igb {FIRST} enp1s0: Reset adapter",
        f"[ 7330.000000] pcieport 0000:00:02.0: AER: Corrected error received: {FIRST}",
    )[f"log.card {FIRST}"]
    assert found.level is Level.WARN
    assert "it resets itself (2 times, last 2:02:05 after the boot)" in found.title
    assert "PCIe errors (AER) (once" in found.title
    assert found.fix is not None
    assert "sriov-tui explain card.reset" in found.fix.title
    assert "Reset adapter" in found.evidence[0].text


def test_another_card_s_trouble_is_not_this_one_s(quiet: HostFacts) -> None:
    assert told(quiet, f"igb {SECOND} enp2s0: Reset adapter")[f"log.card {FIRST}"].level is Level.OK
    assert told(quiet, "igb 0000:01:00.01 x: Reset adapter")[f"log.card {FIRST}"].level is Level.OK


def test_a_fault_of_the_iommu_names_the_device_without_its_domain(quiet: HostFacts) -> None:
    found = told(quiet, "DMAR: [DMA Write] Request device [01:00.0] fault addr fee00000 [fault reason 05]")
    assert found[f"log.card {FIRST}"].topic == "dma.fault"


def test_what_a_guest_does_is_only_noted(quiet: HostFacts) -> None:
    found = told(quiet, f"igb {FIRST}: Spoof event(s) detected on VF 2")
    assert found[f"log.card {FIRST}"].level is Level.INFO


def test_a_link_that_goes_up_and_down_is_told(quiet: HostFacts) -> None:
    down = [f"[ {100 * number}.000001] igb {FIRST} enp1s0: igb: enp1s0 NIC Link is Down" for number in range(1, 6)]
    found = told(quiet, *down)[f"log.link {FIRST}"]
    assert "5 times" in found.title
    assert found.detail == "From 0:01:40 to 0:08:20 after the boot."
    assert f"log.link {FIRST}" not in told(quiet, *down[:3])


def test_every_cause_that_it_names_is_one_that_the_kernel_prints() -> None:
    assert set(log.TROUBLES) <= {row.cause for row in MESSAGES if row.where == KERNEL}
    for cause in log.TROUBLES:
        assert any(row.matches(line(cause)) for row in log.ROWS if row.cause == cause) or "no-vectors" in cause


PIECES = (FIRST, SECOND, "01:00.0", "01:10.0", "10000:01:00.0", "enp1s0", "enp2s0", "enp1s0.9", "eth@1", "e-", "x.",
          "a", ":", ".", "-", " ", "0", "[", "中")  # fmt: skip


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), max_size=4))
def test_a_line_names_a_card_where_a_pattern_of_all_its_names_finds_one(lines: list[str]) -> None:
    """The one walk through the log against the plain way: a search for every name of a card in every line."""
    pfs = [replace(igb_pf(FIRST, "enp1s0", numvfs=7), netdevs=("enp1s0", "eth@1", "e-")), igb_pf(SECOND, "enp2s0")]
    facts = HostFacts(pfs=tuple(pfs), kernel=Kernel(log=tuple(lines)))
    for pf in pfs:
        short = [address.partition(":")[2] for address in (pf.address, *(vf.address for vf in pf.vfs))]
        names = "|".join(map(re.escape, (*short, *(pf.netdevs or ()))))
        word = re.compile(rf"(?<![\w.-])(?:[0-9a-f]{{4}}:)?(?:{names})(?![\w.-]*\w)")
        assert log.by_card(facts).get(pf.address, []) == [line for line in lines if word.search(line)]
