"""The host-agent of this node is restarted by whatever is there, and what it then says is held against the forecast."""

from __future__ import annotations

import pytest

from sriov_tui.facts import HostFacts
from sriov_tui.model import SriovError
from sriov_tui.services import agent_restart, agent_runtime
from sriov_tui.services.agent_restart import Answer
from sriov_tui.services.agent_runtime import NoWay, Way
from tests.agent_node import CONTAINERD, ID, K3S, POD, Node, added, labels
from tests.samples import CONF, igb_host, igb_pf

ASKED = CONF.replace("10.0.2.15\n", "10.0.2.15\n- enp1s0/br1/bcast1\n") + "sriov_nics:\n- enp1s0\n"


def host() -> HostFacts:
    """A host of which the host-agent will report seven devices."""
    return igb_host(conf=ASKED)


def restarted(node: Node, facts: HostFacts | None = None) -> tuple[Answer, list[str]]:
    """What came of it, and what was told."""
    facts = facts or host()
    told: list[str] = []
    way = agent_restart.way_of(node, facts)
    return agent_restart.carry_out(node, facts, way, told.append, node.pause), told


@pytest.mark.parametrize("socket", [CONTAINERD, K3S])
@pytest.mark.parametrize(
    ("tool", "command"),
    [
        ("crictl", "crictl --runtime-endpoint unix://{socket} stop --timeout 30 " + ID),
        ("ctr", "ctr -a {socket} -n k8s.io tasks kill --signal SIGTERM " + ID),
    ],
)
def test_the_container_host_alone_is_stopped(tool: str, command: str, socket: str) -> None:
    node = Node(tools=(tool,), socket=socket, says=added(7))
    answer, told = restarted(node)
    assert node.ran == [command.format(socket=socket)]
    assert answer.agrees
    assert told[-1] == "7 of 7 devices were reported by the host-agent."


def test_kubectl_deletes_the_pod_of_this_node_where_there_is_no_runtime() -> None:
    node = Node(tools=("kubectl",), says=added(7))
    way = agent_runtime.find(node, "kvm07")
    assert isinstance(way, Way)
    assert way.whole
    restarted(node)
    assert node.ran == [f"kubectl --request-timeout=5s -n onecloud delete pod {POD} --wait=false"]


def test_one_that_does_not_end_by_itself_is_killed() -> None:
    node = Node(tools=("ctr",), stubborn=True, says=added(7))
    answer, _ = restarted(node)
    assert [line.split()[-2] for line in node.ran] == ["SIGTERM", "SIGKILL"]
    assert answer.agrees


@pytest.mark.parametrize(
    "names",
    [
        labels(pod="default-host-image-x7k2p"),
        labels(container="sdnagent"),
        labels(space="default"),
        labels(pod="default-host-deployer-ab"),
        {},
    ],
)
@pytest.mark.parametrize("tool", ["crictl", "ctr"])
def test_no_other_container_is_taken_for_it(tool: str, names: dict[str, str]) -> None:
    assert isinstance(agent_runtime.find(Node(tools=(tool,), containers=((ID, names),)), "kvm07"), NoWay)


def test_two_pods_are_not_chosen_from() -> None:
    node = Node(containers=((ID, labels()), ("b2", labels(pod="default-host-aaaaa"))))
    with pytest.raises(SriovError, match="More than one pod"):
        agent_restart.way_of(node, host())
    assert node.ran == []


@pytest.mark.parametrize("output", ["", "{", "[]", '{"containers": 3}', '{"containers": [{"labels": []}]}', "[" * 9999])
def test_what_a_runtime_prints_is_not_trusted(output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Node, "_answer", lambda self, argv, line: output)
    for tool in ("crictl", "ctr"):
        assert isinstance(agent_runtime.find(Node(tools=(tool,)), "kvm07"), NoWay)


def test_nothing_is_stopped_where_an_error_is_foreseen() -> None:
    """The platform forgets the devices that it does not report: so the cause is fixed first."""
    node = Node(says=added(7))
    with pytest.raises(SriovError, match="will report no device"):
        agent_restart.way_of(node, igb_host(conf=ASKED, pfs=(igb_pf(numvfs=4),)))
    with pytest.raises(SriovError, match="asks for no device"):
        agent_restart.way_of(node, igb_host(conf=CONF))
    assert node.ran == []


def test_what_it_interrupts_is_said_before() -> None:
    text = "\n".join(agent_restart.ask(host(), agent_restart.way_of(Node(), host())))
    for said in (POD, "crictl", "go on running", "will report 7 devices"):
        assert said in text


def test_fewer_than_foreseen_is_no_agreement() -> None:
    answer, told = restarted(Node(says=added(5)))
    assert not answer.agrees
    assert "5 of 7 devices were reported by the host-agent." in told


def test_an_error_is_named_with_its_cause_and_its_fix() -> None:
    line = ("[error] getSRIOVNics: get sriov nic devices write /sys/class/net/enp1s0/device/sriov_numvfs: "
            "device or resource busy")  # fmt: skip
    answer, told = restarted(Node(says=["[info] probing", line]))
    assert answer.reported.errors == (line,)
    assert [one.id for one in answer.reported.causes] == ["vf.partial"]
    assert any("vf.partial" in text for text in told)
    assert any(text.startswith("How to fix it: ") for text in told)


def test_one_that_ends_is_named_though_the_kubelet_starts_it_again() -> None:
    answer, told = restarted(Node(says=["[fatal] Ip 10.0.2.99 is not configure on br0/enp3s0 ?"]))
    assert [one.id for one in answer.reported.causes] == ["conf.address"]
    assert not answer.agrees
    assert any("10.0.2.99" in text for text in told)


def test_what_it_says_and_goes_on_is_no_error() -> None:
    node = Node(says=["[warning] Cannot find argument networkss", *added(7)])
    assert restarted(node)[0].agrees


def test_what_the_old_start_said_does_not_count() -> None:
    answer, _ = restarted(Node(says=added(6)))
    assert answer.reported.devices == 6


def test_one_that_stays_away_or_silent_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_restart, "PATIENCE", 3)
    answer, told = restarted(Node())
    assert not answer.started
    assert "It did not start within 3 s. Look at `kubectl -n onecloud get pods`." in told
    answer, told = restarted(Node(says=["[info] nothing about it"] * 9))
    assert answer.started
    assert "It started, and said nothing about devices within 3 s." in told


def test_a_runtime_that_refuses_is_quoted() -> None:
    with pytest.raises(SriovError, match="cannot stop it"):
        restarted(Node(fails=1))
