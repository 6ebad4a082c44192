"""Ten thousand hosts: what is kept of them, what the page weighs, and who differs, counted without a square."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sriov_tui.fleet import packed, reading
from sriov_tui.fleet.compare import outliers
from sriov_tui.fleet.hosts import Fleet, FleetHost
from sriov_tui.fleet.page import to_html
from tests.fleets import write_fleet

HOSTS = 300
MOST = 10_000_000 // 10_000  # bytes of the page for each host: 10,000 in 10 MB


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """Many hosts, most of one kind."""
    folder = tmp_path_factory.mktemp("many")
    write_fleet(folder, HOSTS, broken=False)
    return reading.read_fleet(folder)


def test_a_finding_of_many_hosts_is_kept_once(fleet: Fleet) -> None:
    findings = [finding for host in fleet.hosts for finding in host.findings]
    assert len({id(finding) for finding in findings}) * 20 < len(findings)


def test_a_host_more_costs_the_page_less_than_a_kilobyte(fleet: Fleet) -> None:
    whole, half = (sum(map(len, to_html(Fleet(hosts)))) for hosts in (fleet.hosts, fleet.hosts[: HOSTS // 2]))
    assert whole - half < MOST * (HOSTS - HOSTS // 2)


def test_the_page_is_made_a_part_at_a_time(fleet: Fleet) -> None:
    assert max(map(len, to_html(fleet))) * 4 < sum(map(len, to_html(fleet)))


def test_every_packed_host_is_there_once_and_in_order(fleet: Fleet) -> None:
    parts = [part.removeprefix("<p>").removesuffix("</p>\n") for part in to_html(fleet) if part.startswith("<p>eN")]
    hosts = [html for part in parts for html in packed.opened(part)]
    assert [html.partition("<h1>")[2].partition("</h1>")[0] for html in hosts] == [host.name for host in fleet.hosts]


@given(st.lists(st.none() | st.lists(st.sampled_from(["a=1", "a=2", "b", "c=1", "d=1", "d=2"])), max_size=9))
def test_who_differs_is_who_is_not_as_most_are(lines: list[list[str] | None]) -> None:
    hosts = tuple(
        FleetHost(name=str(number), file="", arguments=None if line is None else " ".join(line))
        for number, line in enumerate(lines)
    )
    known = {host.name: host.arguments.split() for host in hosts if host.arguments is not None}
    wanted = set()
    for name in "abcd":
        values = {
            host: " ".join(word[2:] or "given" for word in words if word[0] == name) or "absent"
            for host, words in known.items()
        }
        for usual, share in Counter(values.values()).items():
            if share * 2 > len(values):
                wanted |= {(name, host, value, usual, share) for host, value in values.items() if value != usual}
    assert {(o.what, host, o.value, o.usual, o.share) for o in outliers(Fleet(hosts)) for host in o.hosts} == wanted


def test_an_argument_of_its_own_on_every_host_is_no_square() -> None:
    class Counted(str):
        looked = 0

        def __hash__(self) -> int:
            Counted.looked += 1
            return super().__hash__()

    hosts = tuple(FleetHost(name=Counted(f"h{n}"), file="", arguments=f"own{n}=1 quiet") for n in range(1000))
    assert len(outliers(Fleet(hosts))) == 1000
    assert Counted.looked < 20 * len(hosts)
