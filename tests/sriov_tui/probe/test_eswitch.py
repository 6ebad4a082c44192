"""The eswitch from devlink or the vendor driver's files, representors among the links, LAG out of debugfs."""

from __future__ import annotations

import json

import pytest

from sriov_tui.facts import Eswitch, Lag, Link, Pf, Representor
from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import Machine, put_file, remove
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.probe import gather
from sriov_tui.probe.eswitch import parse, representors
from sriov_tui.simulated.drivers import add_netdev, link_row
from tests import machines

PF = "0000:03:00.0"
HANDLE = f"pci/{PF}"
QUERY = f"devlink -j dev eswitch show {HANDLE}"
NET = "/sys/class/net/enp3s0f0np0"
SWITCHDEV = Eswitch(mode="switchdev", inline_mode="none", encap_mode="basic")


def answer(**values: object) -> str:
    return json.dumps({"dev": {HANDLE: values}})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (answer(**{"mode": "switchdev", "inline-mode": "none", "encap-mode": "basic"}), SWITCHDEV),
        (answer(**{"mode": "switchdev", "inline-mode": "none", "encap": "enable"}), SWITCHDEV),
        (f"{HANDLE}: mode switchdev inline-mode none encap-mode basic\n", SWITCHDEV),
        (f"{HANDLE}: mode switchdev inline-mode none encap enable\n", SWITCHDEV),
        (f"{HANDLE}: mode legacy", Eswitch(mode="legacy")),
        (answer(mode="legacy"), Eswitch(mode="legacy")),
        (answer(mode=1), None),
        (answer(), None),
        ('{"dev":{"pci/0000:09:00.0":{"mode":"legacy"}}}', None),
        ("pci/0000:09:00.0: mode legacy", None),
        ('{"dev":[]}', None),
        ("[]", None),
        ("{", None),
        ("", None),
    ],
)
def test_devlinks_words(text: str, expected: Eswitch | None) -> None:
    assert parse(text, HANDLE) == expected


def first(machine: Machine) -> Pf:
    facts = gather(RecordedHost(machine))
    found = facts.pf(PF)
    assert found is not None
    return found


def plain() -> Machine:
    """The demo's card, of which devlink tells nothing and the driver has no compat files."""
    machine = machines.connectx6()
    machine.queries.pop(QUERY, None)
    remove(machine, "/sys/kernel/debug/mlx5")
    return machine


def compat(machine: Machine, **files: str) -> None:
    for name, value in files.items():
        put_file(machine, f"/sys/devices/pci0000:00/0000:00:01.0/{PF}/net/enp3s0f0np0/compat/devlink/{name}", value)


def test_devlink_is_asked_first_and_compat_adds_what_it_does_not_tell() -> None:
    machine = plain()
    machine.queries[QUERY] = Completed(0, answer(**{"mode": "legacy", "inline-mode": "none"}), "")
    compat(machine, mode="switchdev\n", steering_mode="smfs\n")
    assert first(machine).eswitch == Eswitch(mode="legacy", inline_mode="none", steering_mode="smfs")


def test_compat_answers_where_devlink_cannot() -> None:
    machine = plain()
    compat(machine, mode="switchdev\n", inline="none\n", encap="basic\n")
    assert first(machine).eswitch == Eswitch(mode="switchdev", inline_mode="none", encap_mode="basic", source="compat")


def test_no_eswitch_is_known_and_no_answer_is_not() -> None:
    machine = plain()
    machine.queries[QUERY] = Completed(1, "", "kernel answers: Operation not supported\n")
    assert first(machine).eswitch == Eswitch(mode="")
    machine.queries[QUERY] = Completed(1, "", "kernel answers: Connection timed out\n")
    assert first(machine).eswitch is None
    machine.queries[QUERY] = Completed(0, "{", "")
    reasons = {problem.source: problem.reason for problem in gather(RecordedHost(machine)).problems}
    assert reasons[QUERY] == "an answer that is not understood"


def link(name: str, port: str, pci: str = PF, switch: str = "") -> Link:
    return Link(name=name, index=1, phys_port_name=port, pci=pci, phys_switch_id=switch)


def test_representors_by_device_or_by_switch_and_port() -> None:
    uplink = link("p0", "p0", switch="aa")
    links = (
        uplink,
        link("rep10", "pf0vf10"),
        link("rep2", "pf0vf2"),
        link("external", "c1pf0vf3"),
        link("sub", "pf0sf88"),
        link("other", "pf1vf0", pci="0000:03:00.1"),
        link("same", "pf0vf4", pci="", switch="aa"),
        link("port1", "pf1vf4", pci="", switch="aa"),
        link("elsewhere", "pf0vf5", pci="", switch="bb"),
    )
    assert representors(links, PF, uplink) == (
        Representor(2, "rep2"),
        Representor(3, "external"),
        Representor(4, "same"),
        Representor(10, "rep10"),
    )
    assert representors((link("x", "pf0vf0", pci=""),), PF, None) == ()


def test_a_representor_is_not_taken_for_the_pfs_own_interface() -> None:
    machine = plain()
    row = link_row("a0", phys_port_name="pf0vf0")
    at = f"/sys/devices/pci0000:00/0000:00:01.0/{PF}/net/a0"
    add_netdev(machine, PF, row, {f"{at}/phys_port_name": "pf0vf0\n"})
    pf = first(machine)
    assert pf.netdevs == ("enp3s0f0np0",)
    assert pf.representors == (Representor(0, "a0"),)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        ({"state": "disabled\n"}, Lag(state="disabled")),
        ({"state": "active\n", "type": "switchdev\n", "members": f"{PF}\n0000:03:00.1\n"},
         Lag(state="active", type="switchdev", members=(PF, "0000:03:00.1"))),
        ({"state": "active\n"}, Lag(state="active")),
        ({"state": ""}, None),
    ],
)  # fmt: skip
def test_lag(files: dict[str, str], expected: Lag | None) -> None:
    machine = plain()
    for name, value in files.items():
        put_file(machine, f"/sys/kernel/debug/mlx5/{PF}/lag/{name}", value)
    assert first(machine).lag == expected


def test_lag_that_may_not_be_read_is_unknown_and_told() -> None:
    machine = plain()
    path = f"/sys/kernel/debug/mlx5/{PF}/lag/state"
    machine.errors[path] = "EACCES"
    facts = gather(RecordedHost(machine))
    assert path in [problem.source for problem in facts.problems]
