"""Open vSwitch's database, log and flows; and that nothing is asked where it is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sriov_tui.facts import OpenVswitch, OvsBridge
from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import Machine, put_dir, put_file
from sriov_tui.hosts.recorded import RecordedHost, RecordingHost
from sriov_tui.probe import gather
from sriov_tui.probe.ovs import DATABASE, FLOWS, LOG, LOG_WORDS, database
from tests import machines

FLOW_FIXTURE = Path(__file__).parents[4] / "shared" / "fixtures" / "ovs-dump-flows-offloaded.txt"
# What ovs-vsctl 3.1 answered over a database with two bridges, one with a port and a bond of Open vSwitch's own.
ANSWER = """\
{"data":[["2.12.4",["map",[["hw-offload","true"]]]]],"headings":["ovs_version","other_config"]}
{"data":[["br0",["set",[["uuid","p0"],["uuid","p1"],["uuid","p2"]]],""],["br1",["uuid","p3"],"netdev"]],\
"headings":["name","ports","datapath_type"]}
{"data":[[["uuid","p3"],"br1",["uuid","i3"]],[["uuid","p0"],"br0",["uuid","i0"]],\
[["uuid","p1"],"eth0",["uuid","i1"]],[["uuid","p2"],"b0",["set",[["uuid","i4"],["uuid","i5"]]]]],\
"headings":["_uuid","name","interfaces"]}
{"data":[[["uuid","i0"],"br0"],[["uuid","i1"],"eth0"],[["uuid","i3"],"br1"],[["uuid","i4"],"eth1"],\
[["uuid","i5"],"eth2"]],"headings":["_uuid","name"]}
"""
EMPTY = """\
{"data":[[["set",[]],["map",[]]]],"headings":["ovs_version","other_config"]}
{"data":[],"headings":["name","ports","datapath_type"]}
{"data":[],"headings":["_uuid","name","interfaces"]}
{"data":[],"headings":["_uuid","name"]}
"""
FLOW = "recirc_id(0),in_port(2),eth(),eth_type(0x0800), packets:9, bytes:9, used:0.1s, actions:3\n"
LOG_TEXT = """\
2026-01-01T00:00:00.1Z|00002|bridge|INFO|ovs-vswitchd (Open vSwitch) 2.12.4
2026-01-01T00:00:00.2Z|00009|netdev|INFO|netdev: Flow API Enabled
2026-01-02T00:00:00.1Z|00002|bridge|INFO|ovs-vswitchd (Open vSwitch) 2.12.4
"""


def line(argv: tuple[str, ...]) -> str:
    return " ".join(argv)


GREP = line(("grep", "-aiF", *(part for word in LOG_WORDS for part in ("-e", word)), LOG))
OFFLOADED, EVERY = line((*FLOWS, "type=offloaded")), line(FLOWS)


def with_ovs(machine: Machine, answer: Completed, unit: str = "openvswitch") -> Machine:
    """The machine with Open vSwitch installed and running."""
    put_file(machine, "/usr/bin/ovs-vsctl", b"", 0o755)
    put_file(machine, f"/usr/lib/systemd/system/{unit}.service", "")
    put_dir(machine, "/sys/fs/cgroup/system.slice/ovs-vswitchd.service")
    machine.queries[line(DATABASE)] = answer
    return machine


def ovs_of(machine: Machine) -> OpenVswitch:
    return gather(RecordedHost(machine)).ovs


def test_the_database() -> None:
    assert database(ANSWER) == {
        "version": "2.12.4",
        "hw_offload": True,
        "tc_policy": "none",
        "bridges": (
            OvsBridge(name="br0", ports=("b0", "br0", "eth0", "eth1", "eth2")),
            OvsBridge(name="br1", ports=("br1",), datapath="netdev"),
        ),
    }
    assert database(EMPTY) == {"version": None, "hw_offload": False, "tc_policy": "none", "bridges": ()}


@pytest.mark.parametrize("text", ["", "{}", ANSWER[:300], "null\n" * 4, "[]\n[]\n[]\n[]\n", json.dumps({"data": 1})])
def test_an_answer_that_is_no_database_is_unknown_and_told(text: str) -> None:
    facts = gather(RecordedHost(with_ovs(machines.two_igb(), Completed(0, text, ""))))
    assert (facts.ovs.installed, facts.ovs.running, facts.ovs.hw_offload, facts.ovs.bridges) == (True, True, None, None)
    assert [problem.source for problem in facts.problems] == ["ovs-vsctl"]


def test_a_hanging_wrapper_is_asked_once() -> None:
    machine = with_ovs(machines.connectx6(), Completed(124, "", "ovs-vsctl: no answer within 8 s"))
    recorder = RecordingHost(RecordedHost(machine))
    assert gather(recorder).ovs.hw_offload is None
    assert [query for query in recorder.machine().queries if query.startswith(("ovs-", "grep"))] == [line(DATABASE)]


def test_flows_and_log_of_a_host_that_offloads() -> None:
    machine = with_ovs(machines.connectx6(), Completed(0, ANSWER, ""), unit="openvswitch-switch")
    put_file(machine, LOG, "")
    machine.queries[GREP] = Completed(0, LOG_TEXT + LOG_TEXT.splitlines()[1].replace("Enabled", "ENABLED"), "")
    machine.queries[OFFLOADED] = Completed(0, FLOW * 7 + "a warning\n", "")
    machine.queries[EVERY] = Completed(0, FLOW * 9, "")
    ovs = ovs_of(machine)
    assert (ovs.unit, ovs.offloaded, ovs.flows, len(ovs.offloaded_sample)) == ("openvswitch-switch", 7, 9, 5)
    assert ovs.flow_api
    assert ovs.bridge_of("eth1") == "br0"
    assert ovs.bridge_of("eth9") == ""


def test_only_what_the_log_says_since_the_last_start_counts() -> None:
    machine = with_ovs(machines.connectx6(), Completed(0, ANSWER, ""))
    put_file(machine, LOG, "")
    machine.queries[GREP] = Completed(0, LOG_TEXT, "")
    assert ovs_of(machine).flow_api is False
    machine.queries[GREP] = Completed(1, "", "")
    assert ovs_of(machine).log == ()
    machine.queries[GREP] = Completed(2, "", "grep: Permission denied\n")
    assert ovs_of(machine).flow_api is None


def test_without_a_card_or_hw_offload_one_command_is_enough() -> None:
    recorder = RecordingHost(RecordedHost(with_ovs(machines.two_igb(), Completed(0, EMPTY, ""))))
    assert gather(recorder).ovs.hw_offload is False
    assert [query for query in recorder.machine().queries if query.startswith(("ovs-", "grep"))] == [line(DATABASE)]


@pytest.mark.parametrize(("comm", "running"), [("ovs-vswitchd\n", True), ("bash\n", None), (None, None)])
def test_a_daemon_in_a_container_is_found_by_its_pid_file(comm: str | None, running: bool | None) -> None:
    machine = machines.two_igb()
    put_file(machine, "/usr/bin/ovs-vsctl", b"", 0o755)
    put_file(machine, "/run/openvswitch/ovs-vswitchd.pid", "4711\n")
    if comm is not None:
        put_file(machine, "/proc/4711/comm", comm)
    assert ovs_of(machine).running is running
    assert ovs_of(machine).unit == ""


def test_without_open_vswitch_nothing_is_asked_and_that_is_known() -> None:
    assert ovs_of(machines.two_igb()) == OpenVswitch(installed=False)


@pytest.mark.skipif(not FLOW_FIXTURE.exists(), reason="the shared folder with the fixtures is not here")
def test_what_a_real_host_dumped() -> None:
    machine = with_ovs(machines.connectx6(), Completed(0, ANSWER, ""))
    machine.queries[OFFLOADED] = Completed(0, FLOW_FIXTURE.read_text(), "")
    assert ovs_of(machine).offloaded == 4
