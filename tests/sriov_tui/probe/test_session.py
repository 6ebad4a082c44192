"""The SSH session, however its addresses are written: traced to its card, or counted as running over all of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from checks import evaluate
from sriov_tui import plan as plans
from sriov_tui.facts import HostFacts
from sriov_tui.hosts import sockets, ssh_connection
from sriov_tui.hosts.machine import Machine
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.message import verbatim
from sriov_tui.model import BondChoice, Choices, NicChoice, Plan, Step, WriteSysfs
from sriov_tui.probe import gather
from tests import machines

FIRST, SECOND, MGMT = machines.FIRST, machines.SECOND, "0000:00:03.0"


def seen(connection: str, *addresses: tuple[str, int, str], machine: Machine | None = None) -> HostFacts:
    """Two igb ports with these addresses on the first one, and a session."""
    machine = machine or machines.two_igb()
    index = next(row["index"] for row in machine.netlink["links"] if row["name"] in ("enp1s0", "bond0"))
    for ip, prefixlen, scope in addresses:
        machine.netlink["addresses"].append({"index": index, "ip": ip, "prefixlen": prefixlen, "scope": scope})
    machine.environment["SSH_CONNECTION"] = connection
    return gather(RecordedHost(machine))


V4, LINK = ("192.168.7.7", 24, "global"), ("fe80::1", 64, "link")


@pytest.mark.parametrize(
    ("connection", "address", "pfs"),
    [
        ("192.168.7.9 5 192.168.7.7 22", V4, (FIRST,)),
        ("10.9.9.9 5 192.168.7.7 22", V4, (MGMT, FIRST)),  # the answers take the default route
        ("fe80::9%enp1s0 5 fe80::1%enp1s0 22", LINK, (FIRST,)),
        ("fe80::9%3 5 fe80::1%3 22", LINK, (FIRST,)),
        ("fe80::9 5 fe80::1 22", LINK, (FIRST,)),
        ("::ffff:192.168.7.9 5 ::ffff:192.168.7.7 22", V4, (FIRST,)),
        ("2001:db8::9 5 2001:db8:0:0::1 22", ("2001:db8::1", 64, "global"), (FIRST,)),
        ("10.0.2.2 5 10.0.2.15 22", V4, (MGMT,)),
    ],
)
def test_a_session_is_traced_to_its_cards(connection: str, address: tuple[str, int, str], pfs: tuple[str, ...]) -> None:
    ssh = seen(connection, address).ssh
    assert ssh is not None
    assert (ssh.pfs, ssh.untraced) == (pfs, "")


UNTRACED = {
    "DNAT": ("10.9.9.9 5 172.30.1.1 22", "address"),
    "UNKNOWN": ("UNKNOWN 65535 UNKNOWN 65535", "unknown"),
    "namespace": ("10.9.9.9 5 UNKNOWN 22", "elsewhere"),
    "garbage": ("[/] 中文", "unknown"),
    "reverse tunnel": ("127.0.0.1 5 127.0.0.1 22", "hardware"),
    "no route": ("2001:db8::9 5 fd00::7 22", "route"),
    "another's zone": ("fe80::9%enp2s0 5 fe80::1%enp2s0 22", "address"),
}
GIVEN = {"no route": ("fd00::7", 64, "global"), "another's zone": LINK}


@pytest.mark.parametrize("name", UNTRACED)
def test_a_session_that_cannot_be_traced_may_run_over_any_card(name: str) -> None:
    connection, reason = UNTRACED[name]
    machine = machines.two_igb()
    if name == "no route":
        machine.netlink["routes"].clear()
    facts = seen(connection, GIVEN.get(name, V4), machine=machine)
    assert facts.ssh is not None
    assert facts.ssh.untraced == reason
    assert all(facts.carries_session(pf.address) for pf in facts.pfs or ())


def test_without_links_a_session_is_not_traced() -> None:
    machine = machines.two_igb()
    machine.errors["netlink"] = "EPERM"
    ssh = gather(RecordedHost(machine)).ssh
    assert ssh is not None
    assert ssh.untraced == "links"


@pytest.mark.parametrize("kind", ["wireguard", "tun", "veth", "dummy", "vxlan"])
def test_an_address_above_a_tunnel_is_not_traced(kind: str) -> None:
    machine = machines.two_igb()
    row = {**machine.netlink["links"][-1], "name": "x0", "index": 77, "kind": kind}
    machine.netlink["links"].append(row)
    machine.netlink["addresses"].append({"index": 77, "ip": "100.64.0.1", "prefixlen": 10, "scope": "global"})
    ssh = seen("100.64.0.2 5 100.64.0.1 22", machine=machine).ssh
    assert ssh is not None
    assert ssh.untraced == "hardware"


def test_the_answers_may_take_another_link_than_the_questions() -> None:
    machine = machines.two_igb()
    second = next(row["index"] for row in machine.netlink["links"] if row["name"] == "enp2s0")
    machine.netlink["ways"] = [{"client": "10.9.9.9", "server": "192.168.7.7", "link": second}]
    ssh = seen("10.9.9.9 5 192.168.7.7 22", V4, machine=machine).ssh
    assert ssh is not None
    assert ssh.pfs == (FIRST, SECOND)


def cutting(machine: Machine, when: str) -> tuple[Step, ...]:
    """The steps of the machine's widest choices that drop a link."""
    facts = gather(RecordedHost(machine))
    pfs = [pf for pf in facts.pfs or () if pf.totalvfs]
    choices = [
        Choices(nics=tuple(NicChoice(address=pf.address, use=use, when=when) for pf in pfs), bonds=bonds)  # type: ignore[arg-type]
        for use in ("sriov", "offload")
        for bonds in ((), (BondChoice(ports=tuple(pf.address for pf in pfs[:2]), over_session=True),))
    ]
    steps = (step for choice in choices for step in evaluate(facts, choice)[1])
    return tuple(step for step in steps if step.disrupts in ("link", "ssh"))


@pytest.mark.parametrize("name", UNTRACED)
@pytest.mark.parametrize("when", ["boot", "now"])
@pytest.mark.parametrize("build", machines.ALL, ids=lambda build: build.__name__)
def test_no_plan_drops_a_link_below_an_untraced_session_for_good(build: object, when: str, name: str) -> None:
    machine = build()  # type: ignore[operator]
    if name in GIVEN:
        return
    machine.environment["SSH_CONNECTION"] = UNTRACED[name][0]
    assert [step.id for step in cutting(machine, when) if not step.confirm] == []


def test_the_same_plans_do_drop_links_where_no_session_runs_over_them() -> None:
    assert [step.id for step in cutting(machines.two_igb(), "now") if not step.confirm]


# -- a plan that was made for another session --------------------------------------------------------------------------


def link_plan(facts: HostFacts) -> Plan:
    choices = Choices(nics=(NicChoice(address=FIRST, use="sriov"),))
    return plans.build(facts, choices, evaluate(facts, choices)[1])


@pytest.mark.parametrize("started", [False, True])
def test_a_plan_made_at_a_console_is_judged_against_the_session_that_applies_it(started: bool) -> None:
    plan = link_plan(replace(gather(RecordedHost(machines.two_igb())), ssh=None))
    assert any(step.disrupts == "link" for step in plan.steps)
    for connection in ("192.168.7.9 5 192.168.7.7 22", "UNKNOWN 65535 UNKNOWN 65535"):
        (sentence,) = plans.changed(plan, seen(connection, V4), started)
        assert "was not made for this SSH session" in sentence
    assert plans.changed(plan, seen("10.0.2.2 5 10.0.2.15 22"), started) == ()
    done = [step.id for step in plan.steps]
    assert plans.changed(plan, seen("192.168.7.9 5 192.168.7.7 22", V4), True, done) == ()


def test_a_step_that_names_no_card_may_cut_any_session() -> None:
    facts = seen("10.0.2.2 5 10.0.2.15 22")
    step = Step(
        id="x",
        title=verbatim("x"),
        why=verbatim(""),
        operations=(WriteSysfs(path="/sys/x", value="1"),),
        disrupts="link",
    )
    plan = plans.build(replace(facts, ssh=None), Choices(), [step])
    assert len(plans.changed(plan, facts)) == 1


# -- which connection it is --------------------------------------------------------------------------------------------

OURS, OTHER = "192.0.2.1 50000 192.0.2.7 22", "192.0.2.5 50001 192.0.2.7 22"


def process(proc: Path, pid: int, parent: int, name: str, words: str = "", sockets: int = 0, terminal: int = 0) -> None:
    folder = proc / str(pid)
    (folder / "fd").mkdir(parents=True)
    (folder / "stat").write_text(f"{pid} ({name}) S {parent} 1 1 {terminal} {'0 ' * 20}\n")
    (folder / "comm").write_text(f"{name}\n")
    (folder / "environ").write_bytes(f"SSH_CONNECTION={words}\0".encode() if words else b"")
    if sockets:
        (folder / "fd" / "4").symlink_to(f"socket:[{sockets}]")
    (folder / "net").symlink_to("../net")


def table(proc: Path, *rows: tuple[str, int]) -> None:
    """/proc/net/tcp with these connections and inodes."""
    (proc / "net").mkdir()

    def end(ip: str, port: str) -> str:
        return bytes(map(int, ip.split(".")))[::-1].hex().upper() + f":{int(port):04X}"

    lines = [" sl local rem st"]
    for words, inode in rows:
        client, port, server, served = words.split()
        lines.append(f"0: {end(server, served)} {end(client, port)} 01 0:0 0:0 0 0 0 {inode} 1")
    (proc / "net" / "tcp").write_text("\n".join([*lines, ""]))


def test_the_server_above_us_tells_by_its_socket(tmp_path: Path) -> None:
    table(tmp_path, (OURS, 11), (OTHER, 12))
    process(tmp_path, 20, 1, "sshd", sockets=12)
    process(tmp_path, 30, 20, "bash", words=OURS)  # somebody exported an older one
    assert ssh_connection.connection(30, tmp_path) == OTHER


def test_a_multiplexer_may_be_seen_over_any_connection(tmp_path: Path) -> None:
    table(tmp_path, (OURS, 11), (OTHER, 12))
    process(tmp_path, 20, 1, "sshd", sockets=11)
    process(tmp_path, 21, 1, "sshd-session", sockets=12)
    process(tmp_path, 22, 1, "sshd")  # the one that listens
    process(tmp_path, 30, 1, "tmux: server", words=OURS)
    process(tmp_path, 31, 30, "bash", words=OURS)
    assert ssh_connection.connection(31, tmp_path) == f"{OURS} {OTHER}"


def test_a_connection_that_has_ended_is_not_known_any_more(tmp_path: Path) -> None:
    table(tmp_path, (OTHER, 12))
    process(tmp_path, 30, 1, "mosh-server", words=OURS)
    assert ssh_connection.connection(30, tmp_path) == ssh_connection.UNKNOWN
    process(tmp_path, 31, 1, "setsid", words=OTHER)
    assert ssh_connection.connection(31, tmp_path) == OTHER


def test_a_shell_of_a_container_is_a_session_and_a_console_is_none(tmp_path: Path) -> None:
    table(tmp_path)
    process(tmp_path, 30, 1, "bash", terminal=136 << 8 | 3)
    process(tmp_path, 31, 1, "bash", terminal=4 << 8 | 64)  # ttyS0
    assert ssh_connection.connection(30, tmp_path) == ssh_connection.UNKNOWN
    assert ssh_connection.connection(31, tmp_path) == ""


def test_a_server_in_another_network_namespace_is_elsewhere(tmp_path: Path) -> None:
    table(tmp_path, (OURS, 11))
    process(tmp_path, 20, 1, "sshd", words=OURS, sockets=11)
    (tmp_path / "20" / "ns").mkdir()
    (tmp_path / "20" / "ns" / "net").symlink_to("net:[4026532999]")
    assert ssh_connection.connection(20, tmp_path) == "192.0.2.1 50000 UNKNOWN 22"


def test_what_we_start_is_handed_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ssh_connection.HANDED, OTHER)
    assert ssh_connection.connection() == OTHER


def test_addresses_are_one_however_they_are_written() -> None:
    assert sockets.same("::ffff:10.0.0.1 1 ::ffff:10.0.0.2 22", "10.0.0.1 1 10.0.0.2 22")
    assert sockets.same("fe80::1%eth0 1 fe80::2%eth0 22", "fe80::1 1 fe80:0::2 22")
    assert not sockets.same("10.0.0.1 1 10.0.0.2 22", "10.0.0.1 2 10.0.0.2 22")
