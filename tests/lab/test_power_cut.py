"""The plug is pulled in the middle of an apply: the machine comes up, and both ways out of it work."""

from __future__ import annotations

import time

import pytest

from tests.lab import evidence, walk
from tests.lab.conftest import Boot
from tests.lab.evidence import HOST_CONF
from tests.lab.machine import HERE, PFS, TOTALVFS, LabError, Machine

ANSWERS = f"""\
version = 1
kernel_args = "set"
nics = [{{ address = "{PFS[0]}", use = "sriov", bridge = "{walk.BRIDGE}", wire = "{walk.WIRE}" }}]
"""


@pytest.fixture(scope="module")
def machine(boot: Boot) -> Machine:
    """Ready to apply, the disk's caches written back."""
    machine = boot()
    machine.write("/root/answers.toml", ANSWERS.encode())
    machine.ssh("sync")
    return machine


@pytest.fixture(scope="module")
def before(machine: Machine) -> dict[str, str]:
    """The machine before the program changed anything."""
    return evidence.tree(machine)


def journal(machine: Machine) -> str:
    """The newest run's journal, "" where none is yet."""
    return machine.ssh("cat $(ls -d /var/lib/sriov-tui/runs/*/journal.jsonl 2>/dev/null | tail -1) </dev/null")


def cut_after(machine: Machine, words: str) -> None:
    """Apply, and pull the plug as soon as the journal says these words."""
    machine.ssh("setsid sriov-tui apply --answers /root/answers.toml --yes --new >/dev/null 2>&1 </dev/null &")
    deadline = time.monotonic() + 300
    while words not in journal(machine):
        if time.monotonic() > deadline:
            raise LabError(f"no {words!r} in the journal:\n{journal(machine)}")
    machine.crash()
    machine.up("--keep")


@pytest.mark.station
def test_a_cut_while_the_boot_menu_is_written_is_rolled_back(machine: Machine, before: dict[str, str]) -> None:
    cut_after(machine, "update-grub")
    assert "finished" not in journal(machine)
    machine.ssh("sriov-tui rollback --yes")
    assert evidence.differences(before, evidence.tree(machine)) == {}
    assert machine.read(HOST_CONF) == (HERE / "host.conf").read_bytes()


@pytest.mark.station
def test_a_cut_while_the_vfs_are_made_is_gone_on_with(machine: Machine, before: dict[str, str]) -> None:
    cut_after(machine, "sriov_numvfs")
    done = machine.try_ssh("sriov-tui resume")
    if done.status == 3:
        machine.reboot()
        done = machine.try_ssh("sriov-tui resume")
    assert done.status == 0, done.out + done.err
    assert evidence.numvfs(machine, PFS[0]) == TOTALVFS
    assert evidence.iommu_active(machine)
    machine.ssh("sriov-tui rollback --yes")
    assert evidence.numvfs(machine, PFS[0]) == 0
    assert evidence.differences(before, evidence.tree(machine)) == {}
