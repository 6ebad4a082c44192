"""The one file on a real host: copied over ssh to a machine without our packages, and walked there and back."""

from __future__ import annotations

import shlex

import pytest

from tests.dist.one_file import FILE, reason_to_skip
from tests.lab import evidence, walk
from tests.lab.conftest import Boot
from tests.lab.evidence import HOST_CONF, STATE_DIR
from tests.lab.machine import HERE, NETDEVS, PFS, PYTHON_PATH, TOTALVFS, Machine
from tests.lab.screen import Screen

pytestmark = pytest.mark.skipif(bool(reason_to_skip()), reason=reason_to_skip())
PROGRAM = "/usr/local/bin/sriov-tui"
PORT = 1


@pytest.fixture(scope="module")
def machine(boot: Boot) -> Machine:
    """A machine where the file stands in the place of the program, without our libraries and without any Python."""
    machine = boot("--cpu", "phenom")
    machine.write(PROGRAM, FILE.read_bytes())
    machine.ssh(f"chmod 755 {PROGRAM} && rm -rf {PYTHON_PATH} && mv /usr/bin/python3 /usr/bin/not-python3")
    return machine


@pytest.fixture(scope="module")
def before(machine: Machine) -> dict[str, str]:
    """The machine as the installer left it."""
    return evidence.tree(machine)


def is_as_before(machine: Machine, before: dict[str, str]) -> None:
    """Every byte of the boot files and of host.conf, no VF, and nothing unpacked that nobody needs."""
    assert [evidence.numvfs(machine, pf) for pf in PFS] == [0, 0]
    assert evidence.differences(before, evidence.tree(machine)) == {}
    assert machine.read(HOST_CONF) == (HERE / "host.conf").read_bytes()
    ended = "while pgrep -x sriov-tui >/dev/null; do sleep 0.2; done; find /tmp -name 'staticx-*' -o -name '_MEI*'"
    assert machine.ssh(f"timeout 120 sh -c {shlex.quote(ended)}") == ""


@pytest.mark.station
def test_the_audit_tells_of_this_machine(machine: Machine, before: dict[str, str]) -> None:
    done = machine.try_ssh("sriov-tui audit --format json")
    assert (done.status, done.err) == (2, "")
    names = [f"{address} {name} Intel Corporation 82576 " for address, name in zip(PFS, NETDEVS, strict=True)]
    assert [name for name in names if name not in done.out] == []
    is_as_before(machine, before)


@pytest.mark.station
def test_the_wizard_applies_by_a_service_of_systemd(machine: Machine, before: dict[str, str]) -> None:
    with Screen(machine) as screen:
        walk.to_review(screen, PORT)
        is_unchanged = evidence.differences(before, evidence.tree(machine)) == {}
        walk.apply(screen)
        screen.wait_for("Verified", "Failed", "not all is as promised")
        assert "Verified: all that this plan promised is so." in screen.settle()
        screen.press("F10")
        assert screen.wait_for_end() == 0
    assert is_unchanged, "something changed before Apply"
    assert [evidence.numvfs(machine, pf) for pf in PFS] == [0, TOTALVFS]
    assert "Started" in machine.ssh("journalctl -o cat -u 'sriov-tui-*' _PID=1"), "the engine was no service"


@pytest.mark.station
def test_it_stands_after_a_reboot(machine: Machine) -> None:
    machine.reboot()
    assert [evidence.numvfs(machine, pf) for pf in PFS] == [0, TOTALVFS]


@pytest.mark.station
def test_the_way_back(machine: Machine, before: dict[str, str]) -> None:
    machine.ssh("sriov-tui rollback --yes")
    is_as_before(machine, before)


@pytest.mark.station
def test_the_same_by_the_answers_file_and_back(machine: Machine, before: dict[str, str]) -> None:
    assert "Verified" in machine.ssh(f"sriov-tui apply --answers {STATE_DIR}/answers.toml --yes")
    assert [evidence.numvfs(machine, pf) for pf in PFS] == [0, TOTALVFS]
    machine.ssh("sriov-tui rollback --yes")
    is_as_before(machine, before)
