"""What the host-agent dies of before it probes: each with its own words, and never beside a number of devices."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from checks import agent, hostconf
from sriov_tui.facts import Address, HostFacts, Link, OpenVswitch, OvsBridge, TextFile
from sriov_tui.model import HOST_LOCAL_CONF, Choices, Level
from tests.checks.test_agent import CONF_ONE
from tests.samples import FIRST, igb_host, igb_pf

MGMT, ENTRY = "- mgmt0/br0/10.0.2.15\n", "- enp1s0/br1/bcast1\n"
BRIDGES = OpenVswitch(installed=True, bridges=(OvsBridge(name="br0", ports=("mgmt0",)), OvsBridge(name="br1")))


def host(old: str = "", new: str = "", **changes: object) -> HostFacts:
    """A host that is ready for 7 VFs, with one thing in host.conf replaced."""
    assert old in CONF_ONE
    return igb_host(conf=CONF_ONE.replace(old, new), pfs=(igb_pf(numvfs=7),), **changes)


def with_addresses(facts: HostFacts, name: str, *ips: str, kind: str = "") -> HostFacts:
    """A link with these addresses in place of, or besides, its own."""
    link = facts.link(name) or Link(name=name, index=90, kind=kind)
    changed = replace(link, addresses=tuple(Address(ip=ip, prefixlen=24) for ip in ips))
    return replace(facts, links=(*(one for one in facts.links or () if one.name != name), changed))


def moved(*ips: str) -> HostFacts:
    """The host after the host-agent's first start: br0 has the address of mgmt0, which has these."""
    return with_addresses(with_addresses(host(ovs=BRIDGES), "br0", "10.0.2.15", kind="openvswitch"), "mgmt0", *ips)


STARTS: tuple[tuple[str, HostFacts], ...] = (
    ("as installed", host()),
    ("after the first start", moved()),
    ("without listen_interface", host("listen_interface: br0\n")),
    ("listen on another interface", with_addresses(host("face: br0", "face: enp2s0"), "enp2s0", "192.0.2.1")),
    ("native huge pages", host("report", "hugepages_option: native\nreport", hugepages=((2048, 0), (1048576, 8)))),
    ("a wire's bridge as the host-agent left it",
     with_addresses(replace(moved()), "br1", "169.254.253.1", kind="openvswitch")),
    ("two addresses", with_addresses(host(), "mgmt0", "192.0.2.9", "10.0.2.15")),
)  # fmt: skip

DIES: tuple[tuple[str, HostFacts, str], ...] = (
    ("an entry too short", host(ENTRY, "- enp1s0/br1\n"), "Parse nic conf enp1s0/br1 failed, too short"),
    ("an interface that is absent", host(ENTRY, "- enp9s9/br1/bcast1\n"), "enp9s9 not exists"),
    ("an address that is not there", host("10.0.2.15", "10.0.2.16"), "Ip 10.0.2.16 is not configure on br0/mgmt0 ?"),
    ("an address in other words", host(MGMT, "- mgmt0/br0/FD00::5\n"), "Ip FD00::5 is not configure on br0/mgmt0 ?"),
    ("no interface but an address", host(MGMT, "- /br0/10.0.2.15\n"), "A bridge without interface must have no IP"),
    ("no entry with an address",
     host("listen_interface: br0\nnetworks:\n" + MGMT, "networks:\n"), "No interface suitable to be master NIC"),
    ("an unknown bridge driver", host("openvswitch", "bridge"), "Dirver bridge not found"),
    ("listen_interface that is absent", host("face: br0", "face: eth9"), "Listen interface eth9 master have no IP"),
    ("listen_interface without an address",
     host("face: br0", "face: enp2s0"), "Listen interface enp2s0 master have no IP"),
    ("listen_interface whose address moves",
     host("face: br0", "face: mgmt0"), "Listen interface mgmt0 master have no IP"),
    ("listen_interface, the bridge of a wire",
     host("face: br0", "face: br1"), "Listen interface br1 master have no IP"),
    ("hugepages_option: on", host("report", "hugepages_option: on\nreport"), "Invalid hugepages option"),
    ("native without any page",
     host("report", "hugepages_option: native\nreport", hugepages=((2048, 99), (1048576, 0))), "hugepage 1024 nr 0"),
    ("native of a size that is not there",
     host("report", "hugepages_option: native\nhugepage_size_mb: 16\nreport", hugepages=()), "hugepage 16 nr 0"),
    ("report_interval", host("interval: 60", "interval: 301"), "Option report_interval must no longer than 5 min"),
    ("one interface in two entries", host(ENTRY, f"{ENTRY}- enp1s0/br2/bcast2\n"),
     "Failed to add interface: a port named enp1s0 already exists on bridge br1"),
    ("a port of another bridge",
     host(ovs=OpenVswitch(installed=True, bridges=(OvsBridge(name="br7", ports=("enp1s0",)),))),
     "Failed to add interface: a port named enp1s0 already exists on bridge br7"),
    ("a device with the bridge's name",
     with_addresses(host(), "br1", kind="bridge"), "bridge br1 exists, but not created by this driver????"),
    ("a wire's interface with an address, its bridge there",
     with_addresses(moved(), "enp1s0", "192.0.2.5"), "interface enp1s0 should have no address"),
    ("a wire's bridge with an address",
     with_addresses(moved(), "br1", "192.0.2.6", kind="openvswitch"), "bridge br1 should have no ipv4 address"),
    ("the address is not the first one, its bridge there",
     with_addresses(host(ovs=BRIDGES), "mgmt0", "192.0.2.9", "10.0.2.15"),
     "10.0.2.15!=192.0.2.9, mgmt0 not same as config"),
)  # fmt: skip


@pytest.mark.parametrize(("facts"), [facts for _, facts in STARTS], ids=[name for name, _ in STARTS])
def test_it_starts(facts: HostFacts) -> None:
    now = agent.forecast(facts)
    assert (now.starts, now.message, len(now.devices)) == (True, "", 7)
    assert {f.key: f.level for f in agent.findings(facts, Choices())}["agent.forecast host"] is Level.OK


@pytest.mark.parametrize(("facts", "message"), [case[1:] for case in DIES], ids=[case[0] for case in DIES])
def test_it_dies(facts: HostFacts, message: str) -> None:
    now = agent.forecast(facts)
    assert now.loads
    assert not now.starts
    assert now.message == message
    finding = {f.key: f for f in agent.findings(facts, Choices())}["agent.forecast host"]
    assert finding.level is Level.FAIL
    assert message in finding.detail
    assert any(message in str(f.detail) or f.id == "hostconf.bridge-driver-unknown"
               for f in hostconf.findings(facts, Choices()) if f.blocks)  # fmt: skip


@pytest.mark.parametrize(("facts"), [case[1] for case in DIES], ids=[case[0] for case in DIES])
def test_a_number_of_devices_is_never_said_beside_a_start_that_fails(facts: HostFacts) -> None:
    now = agent.forecast(facts)
    assert now.devices == ()
    text = "\n".join((*agent.lines(now), *(f"{f.title} {f.detail}" for f in agent.findings(facts, Choices()))))
    assert "will not start" in text
    assert "will report" not in text
    assert "may report" not in text
    assert json.loads(json.dumps(asdict(now)))["starts"] is False


def test_an_ipv6_address_that_only_newer_releases_refuse_is_a_doubt() -> None:
    facts = with_addresses(moved(), "br0", "10.0.2.15", "2001:db8::7", kind="openvswitch")
    now = agent.forecast(facts)
    assert (now.starts, len(now.devices), len(now.doubts)) == (True, 7, 1)
    findings = {f.key: f for f in (*agent.findings(facts, Choices()), *hostconf.findings(facts, Choices()))}
    assert findings["agent.forecast host"].level is Level.WARN
    assert findings["hostconf.entry-ipv6 host.conf:5"].level is Level.WARN
    link_local = with_addresses(moved(), "br0", "10.0.2.15", "fe80::1", kind="openvswitch")
    assert agent.forecast(link_local).doubts == ()


def test_two_spellings_are_a_matter_of_chance() -> None:
    facts = host("sriov_nics:\n", "sriov-nics: [enp2s0]\nsriov_nics:\n")
    now = agent.forecast(facts)
    assert any("matter of chance" in line for line in agent.lines(now))
    assert {f.key: f.level for f in agent.findings(facts, Choices())}["agent.forecast host"] is Level.WARN


@pytest.mark.parametrize(
    "changes",
    [{"links": None}, {"hugepages": None}, {"modules": ()}, {"iommu": replace(igb_host().iommu, units=None)}],
    ids=["links", "huge pages", "modules", "iommu"],
)
def test_what_was_not_seen_is_neither_ok_nor_absent(changes: dict[str, object]) -> None:
    facts = replace(host("report", "hugepages_option: native\nreport", hugepages=((1048576, 8),)), **changes)  # type: ignore[arg-type]
    now = agent.forecast(facts)
    assert now.starts
    assert now.unseen
    finding = {f.key: f for f in agent.findings(facts, Choices())}["agent.forecast host"]
    assert finding.level is Level.SKIP


def test_a_file_that_cannot_be_read_is_not_called_absent() -> None:
    pf = replace(igb_pf(numvfs=7), totalvfs=None)
    facts = igb_host(conf=CONF_ONE, pfs=(pf,))
    from sriov_tui.facts import ProbeProblem

    broken = ProbeProblem("pci", f"/sys/bus/pci/devices/{FIRST}/sriov_totalvfs", "Input/output error")
    part = agent.forecast(replace(facts, problems=(broken,))).sriov
    assert "cannot be read: Input/output error" in part.cause
    assert "was not read" in agent.forecast(facts).sriov.cause
    absent = replace(facts, pfs=(replace(pf, counts_vfs=False),))
    assert "offers no VFs" in agent.forecast(absent).sriov.cause


def test_values_that_could_not_be_read_leave_the_forecast_open() -> None:
    facts = igb_host(conf=CONF_ONE)
    assert agent.forecast(facts).unseen == ()
    others = (file for file in facts.files if file.path != HOST_LOCAL_CONF)
    unread = replace(facts, files=(*others, TextFile(path=HOST_LOCAL_CONF, state="unreadable")))
    assert any(HOST_LOCAL_CONF in text for text in agent.forecast(unread).unseen)
