"""The link that carries ssh is changed: what nobody confirms is undone, and a cut connection loses nothing."""

from __future__ import annotations

import json
import shlex
import subprocess
import time

import pytest

from tests.lab import evidence
from tests.lab.conftest import Boot
from tests.lab.machine import NETDEVS, TOTALVFS, LabError, Machine
from tests.lab.screen import Screen

CARRIER = "0000:03:00.0"  # mgmt0, the port that ssh comes in by
SECONDS = 40.0
FLAGS = "/sys/class/net/mgmt0/flags"
RUN = "$(ls -d /var/lib/sriov-tui/runs/* | tail -1)"
NOW = f"""\
version = 1
nics = [{{ address = "{CARRIER}", use = "sriov", when = "now" }}]
"""
ANSWERS = """\
version = 1
kernel_args = "set"
nics = [{ address = "0000:01:00.0", use = "sriov", bridge = "br1", wire = "w" }]
"""
# A plan that really takes the link down, and a file before and after it.
CUT = f"""\
import sys
from sriov_tui import plan
from sriov_tui.hosts.local import LocalHost
from sriov_tui.model import Choices, Step, WriteFile, WriteSysfs
from sriov_tui.probe import gather

flags = int(open({FLAGS!r}).read(), 16)
steps = [
    Step(id="first", title="First", why="", operations=(WriteFile(path="/etc/first", text="1"),)),
    Step(id="cut", title="Take mgmt0 down", why="", disrupts="ssh", confirm={SECONDS},
         operations=(WriteSysfs(path={FLAGS!r}, value=hex(flags & ~1)),)),
    Step(id="last", title="Last", why="", operations=(WriteFile(path="/etc/last", text="1"),)),
]
print(plan.to_json(plan.build(gather(LocalHost()), Choices(), steps)))
"""

KILL = f"""\
until [ {RUN} -nt /root/started ] && grep -q '"waiting"' {RUN}/journal.jsonl; do sleep 0.2; done
sleep 3
kill -9 $(cut -d' ' -f1 /var/lib/sriov-tui/lock) && date >/root/killed
"""


class Patient(Machine):
    """A login into an emulated processor that has other work may take long."""

    def target(self, tty: bool, command: str) -> str:
        return super().target(tty, command).replace("ssh ", "ssh -o ConnectTimeout=60 ", 1)


@pytest.fixture(scope="module")
def machine(boot: Boot) -> Machine:
    """Its ssh comes in by an igb port; a processor with svm, so that KVM stands in nobody's way."""
    machine = Patient(boot("--ssh-nic", "igb", "--cpu", "phenom").name)
    machine.write("/root/now.toml", NOW.encode())
    machine.write("/root/cut.py", CUT.encode())
    machine.ssh("chmod 600 /root/now.toml; umask 077; python3 /root/cut.py >/root/cut.json")
    return machine


def fresh(machine: Machine, command: str, timeout: float = 90) -> subprocess.CompletedProcess[str]:
    """Run a command in a connection of its own, as somebody who logs in again."""
    return subprocess.run(
        shlex.split(machine.target(False, command)),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def answers(machine: Machine) -> bool:
    """Whether a new login works now."""
    try:
        return fresh(machine, "true", timeout=15).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def until_answers(machine: Machine, seconds: float) -> float:
    """Wait until a new login works; the seconds that it took."""
    start = time.monotonic()
    while not answers(machine):
        if time.monotonic() - start > seconds:
            raise LabError(f"no login within {seconds:.0f} s\n{machine.console()[-3000:]}")
        time.sleep(1)
    return time.monotonic() - start


def begin(machine: Machine, what: str) -> Screen:
    """Start an apply in a session of its own."""
    return Screen(machine, f"sriov-tui apply {what} --yes --new")


def events(machine: Machine) -> list[dict[str, object]]:
    """The newest run's journal."""
    lines = fresh(machine, f"cat {RUN}/journal.jsonl").stdout.splitlines()
    return [json.loads(line) for line in lines]


def outcome(machine: Machine, seconds: float = 120) -> str:
    """The newest run's outcome, once it has one."""
    deadline = time.monotonic() + seconds
    while True:
        last = events(machine)[-1]
        if last["kind"] == "finished":
            return str(last["state"])
        if time.monotonic() > deadline:
            raise LabError(f"no outcome: {last}")
        time.sleep(1)


def wait_for_silence(machine: Machine, seconds: float = 300) -> None:
    """Wait until no login works any more."""
    deadline = time.monotonic() + seconds
    while answers(machine):
        if time.monotonic() > deadline:
            raise LabError("the link was not cut")
        time.sleep(2)


def files(machine: Machine) -> list[str]:
    """Which of the plan's files are there."""
    return fresh(machine, "ls /etc/first /etc/last 2>/dev/null").stdout.split()


def test_a_link_that_is_really_down_comes_back_by_itself(machine: Machine) -> None:
    with begin(machine, "/root/cut.json"):
        wait_for_silence(machine)
        took = until_answers(machine, SECONDS + 60)
    print(f"silent for {took:.0f} s of {SECONDS:.0f} s to confirm")
    assert outcome(machine) == "unconfirmed"
    assert files(machine) == ["/etc/first"]
    machine.ssh("sriov-tui rollback --yes")
    assert files(machine) == []


def test_also_when_the_engine_is_killed_while_it_waits(machine: Machine) -> None:
    # What kills it runs in the machine, since nothing reaches it from outside.
    machine.write("/root/kill.sh", KILL.encode())
    machine.ssh("touch /root/started; sleep 1; setsid sh /root/kill.sh >/root/kill.log 2>&1 </dev/null &")
    with begin(machine, "/root/cut.json"):
        wait_for_silence(machine)
        took = until_answers(machine, SECONDS + 60)
    print(f"engine killed; silent for {took:.0f} s of {SECONDS:.0f} s to confirm")
    assert fresh(machine, "cat /root/killed").returncode == 0
    assert outcome(machine) == "unconfirmed"
    assert "engine ended" in str(events(machine)[-1]["text"])
    assert files(machine) == ["/etc/first"]
    machine.ssh("sriov-tui rollback --yes")


def test_vfs_of_the_carrying_port_nobody_confirms(machine: Machine) -> None:
    with begin(machine, "--answers /root/now.toml") as screen:
        screen.wait_for("Confirm within", timeout=300)
        until_answers(machine, 80)
        assert evidence.numvfs(machine, CARRIER) == TOTALVFS
        refused = machine.try_ssh("sriov-tui confirm")  # the connection that all commands of the tests share
        assert refused.status == 1
        assert "made before the step began" in refused.err
    assert outcome(machine, 200) == "unconfirmed"
    assert evidence.numvfs(machine, CARRIER) == 0
    assert answers(machine)


def test_vfs_of_the_carrying_port_confirmed_from_a_new_connection(machine: Machine) -> None:
    with begin(machine, "--answers /root/now.toml") as screen:
        screen.wait_for("Confirm within", timeout=300)
        done = fresh(machine, "sriov-tui confirm", timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Confirmed" in done.stdout
    assert outcome(machine) == "applied"
    assert evidence.numvfs(machine, CARRIER) == TOTALVFS
    machine.ssh("sriov-tui rollback --yes")
    assert evidence.numvfs(machine, CARRIER) == 0


def test_the_connection_cut_in_the_middle_of_an_apply(machine: Machine) -> None:
    before = evidence.tree(machine)
    machine.write("/root/answers.toml", ANSWERS.encode())
    with begin(machine, "--answers /root/answers.toml") as screen:
        screen.wait_for("doing", timeout=300)
        run = fresh(machine, f"echo {RUN}").stdout.strip()
    # The window is closed: the ssh client is gone with it.
    seen = fresh(machine, "sriov-tui resume", timeout=300)
    assert f"Run {run.rpartition('/')[2]}, journal {run}/journal.jsonl" in seen.stdout or "is finished" in seen.stdout
    assert next(event["state"] for event in events(machine) if event["kind"] == "start") == "apply"
    assert fresh(machine, f"echo {RUN}").stdout.strip() == run, "no second run was made"
    assert outcome(machine, 300) in ("applied", "reboot")
    assert NETDEVS[0] in machine.read("/etc/yunion/host.conf").decode()
    machine.ssh("sriov-tui rollback --yes")
    assert evidence.differences(before, evidence.tree(machine)) == {}
