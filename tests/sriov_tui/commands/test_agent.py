"""`sriov-tui agent`: the prediction, the comparison with climc's table, and what kubectl tells."""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from checks import agent as prediction
from sriov_tui.commands import agent
from sriov_tui.facts import HostFacts
from sriov_tui.hosts.host import Completed, NotRecorded, check_query
from sriov_tui.model import SriovError
from sriov_tui.services import cluster
from sriov_tui.services.agent_restart import carry_out
from tests.agent_node import Node, added
from tests.samples import CONF, igb_host, igb_pf

ASKED = CONF.replace("10.0.2.15\n", "10.0.2.15\n- enp1s0/br1/bcast1\n") + "sriov_nics:\n- enp1s0\n"
PODS = "pod/default-climc-6c9\npod/default-host-image-x7k2p\npod/default-host-sdnagent-abcde\n"


@dataclass
class Cluster:
    """A machine whose kubectl gives these answers, by verb; without one there is no kubectl."""

    answers: dict[str, Completed] = field(default_factory=dict)
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def query(self, argv: Sequence[str], timeout: float = 10.0) -> Completed:
        check_query(argv)
        self.asked.append(tuple(argv))
        return self.answers.get(argv[4], Completed(127, "", "kubectl: not found"))


def on(monkeypatch: pytest.MonkeyPatch, facts: HostFacts, reader: object = None) -> None:
    """Let the command see these facts, and this machine's kubectl."""
    monkeypatch.setattr("sriov_tui.commands.agent.open_reader", lambda spec: reader or Cluster())
    monkeypatch.setattr("sriov_tui.commands.agent.gather", lambda reader: facts)


def run(*argv: str) -> int:
    """Parse and run as the command line does."""
    parser = argparse.ArgumentParser()
    agent.register(parser.add_subparsers(required=True))
    args = parser.parse_args(argv)
    status: int = args.run(args)
    return status


def test_agent_prints_the_prediction(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    on(monkeypatch, igb_host(conf=ASKED))
    assert run("agent") == 0
    out = capsys.readouterr().out
    assert "will report 7 devices" in out
    assert "kubectl -n onecloud get pods --field-selector spec.nodeName=kvm07\n" in out
    assert "climc isolated-device-list --host kvm07 --limit 0\n" in out
    assert "rollout" not in out


def test_agent_restart(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Refused without a yes where nobody can be asked; with it, 0 for what was foreseen and 2 for anything else."""
    facts = igb_host(conf=ASKED)
    for says, status in ((added(7), 0), (added(6), 2)):
        node = Node(says=says)
        monkeypatch.setattr("sriov_tui.commands.agent.open_host", lambda spec, node=node: node)
        monkeypatch.setattr("sriov_tui.commands.agent.gather", lambda reader: facts)
        monkeypatch.setattr("sriov_tui.services.agent_restart.carry_out", partial(carry_out, pause=node.pause))
        monkeypatch.setattr("sys.stdin", io.StringIO())
        with pytest.raises(SriovError, match="Nobody is here to confirm"):
            run("agent", "--restart")
        assert node.ran == []
        assert "go on running" in capsys.readouterr().out
        assert run("agent", "--restart", "--yes") == status
        assert f"{7 - bool(status)} of 7 devices were reported" in capsys.readouterr().out


def test_agent_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    facts = igb_host(conf=ASKED, pfs=(igb_pf(numvfs=4),))
    on(monkeypatch, facts)
    assert run("agent", "--json") == 2
    document = json.loads(capsys.readouterr().out)
    assert document["reports"] == 0
    assert "busy" in document["forecast"]["sriov"]["error"]


def table(*addresses: str, ids: str = "8086:10ca") -> str:
    """A table as climc prints it."""
    rows = "".join(f"| id{n} | NIC | {address} | {ids} | 82576 |\n" for n, address in enumerate(addresses))
    head = "+----+\n| ID | Dev_type | Addr | Vendor_device_id | Model |\n+----+\n"
    return f"{head}{rows}| x | GPU-HPC | 81:00.0 | 10de:1db4 | V |\n"


def test_compare() -> None:
    forecast = prediction.forecast(igb_host(conf=ASKED, pfs=(igb_pf(numvfs=7),)))
    addresses = [device.addr for device in forecast.devices]
    assert agent.compare(forecast, table(*addresses)).agrees
    short = agent.compare(forecast, table(*addresses[1:], "02:10.0"))
    assert short.missing == (addresses[0],)
    assert short.unexpected == ("02:10.0",)
    other = agent.compare(forecast, table(*addresses, ids="8086:1520"))
    assert other.different[0] == "01:10.0: 8086:1520 in place of 8086:10ca"


def test_only_nics_of_the_table_count() -> None:
    forecast = prediction.forecast(igb_host())
    assert forecast.devices == ()
    gpu = table().replace("| V |", "| NIC accelerator |")
    assert agent.compare(forecast, gpu).agrees
    assert agent.compare(forecast, "01:10.0 8086:10ca\n").unexpected == ("01:10.0",)  # no table at all: every line


def test_one_page_of_several_is_refused() -> None:
    forecast = prediction.forecast(igb_host(conf=ASKED))
    whole = "***  Total: 7 Pages: 1 Limit: 20 Offset: 0 Page: 1  ***\n"
    assert agent.compare(forecast, table() + whole).missing
    with pytest.raises(SriovError, match="one page of 2") as refused:
        agent.compare(forecast, table() + whole.replace("Pages: 1", "Pages: 2"))
    assert "--limit 0" in refused.value.hint


@pytest.mark.parametrize(
    ("change", "status"),
    [("", 0), ("listen_interface: enp1s0\n", 2), ("sriov-nics: [enp1s0]\n", 1)],
    ids=["certain", "will not start", "a matter of chance"],
)
def test_the_exit_status(
    change: str, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    on(monkeypatch, igb_host(conf=ASKED + change))
    assert run("agent") == status
    assert ("will report" in capsys.readouterr().out) is (status != 2)


def test_compare_from_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    on(monkeypatch, igb_host(conf=ASKED))
    (tmp_path / "table").write_text(table("01:10.0"))
    assert run("agent", "--compare", str(tmp_path / "table")) == 2
    assert "01:10.2 is not in the table" in capsys.readouterr().out


def pods(text: str) -> Cluster:
    """A cluster with these pods on the node, and a log."""
    log = "I started\nE getSRIOVNics: write sriov_numvfs: device or resource busy\nI done\n"
    return Cluster({"get": Completed(0, text, ""), "logs": Completed(0, log, "")})


def test_the_pod_of_this_node_is_named_and_nothing_else_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = pods(f"{PODS}pod/default-host-q8w2z\n")
    on(monkeypatch, igb_host(conf=ASKED), machine)
    assert run("agent") == 0
    out = capsys.readouterr().out
    assert "kubectl -n onecloud delete pod default-host-q8w2z" in out
    assert "logs -f default-host-q8w2z -c host" in out
    assert "get pods" not in out
    assert [argv[4] for argv in machine.asked] == ["get"]
    assert "spec.nodeName=kvm07" in machine.asked[0]


def test_the_log_is_printed_where_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    on(monkeypatch, igb_host(conf=ASKED), pods("pod/default-host-q8w2z\n"))
    assert run("agent", "--log", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["pod"] == {"name": "default-host-q8w2z", "why": ""}
    assert document["log"] == ["E getSRIOVNics: write sriov_numvfs: device or resource busy"]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, "not configured here"),
        (Completed(1, "", "The connection to the server localhost:8080 was refused\n"), "8080 was refused"),
        (Completed(124, "", "kubectl: no answer within 10 s"), "no answer within 10 s"),
        (Completed(0, PODS, ""), "no pod of the host-agent on kvm07"),
        (Completed(0, "pod/default-host-aaaaa\npod/default-host-bbbbb\n", ""), "more than one pod"),
    ],
)
def test_without_a_pod_the_commands_are_shown_to_be_copied(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answer: Completed | None, says: str
) -> None:
    on(monkeypatch, igb_host(conf=ASKED), Cluster({"get": answer} if answer else {}))
    assert run("agent", "--log") == 0
    out = capsys.readouterr().out
    assert says in out
    assert "kubectl -n onecloud delete pod POD" in out


def test_a_recording_without_the_answer_and_a_strange_name() -> None:
    class Recording(Cluster):
        def query(self, argv: Sequence[str], timeout: float = 10.0) -> Completed:
            raise NotRecorded(" ".join(argv))

    assert "not configured" in cluster.find(Recording(), "kvm07").why  # type: ignore[arg-type]
    machine = pods("pod/default-host-q8w2z\n")
    assert "not a valid node name" in cluster.find(machine, "kvm 07; rm").why  # type: ignore[arg-type]
    assert machine.asked == []
