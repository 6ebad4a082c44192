"""Two real hosts by Ansible over SSH: audit, check mode, setup, reboot, resume, nothing the second time, a refusal.

The answers ask for a kernel argument, and so for a reboot. Needs what `make ansible` sets up.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from sriov_tui.fleet.reading import read_fleet
from tests.ansible.playing import BIN, COLLECTION, run
from tests.lab import evidence, walk
from tests.lab.machine import PFS, TOP, TOTALVFS, Machine

pytestmark = [
    pytest.mark.station,
    pytest.mark.skipif(not (BIN / "ansible-playbook").exists(), reason="Ansible is not set up: make ansible"),
]
ANSWERS = f"""\
version = 1
kernel_args = "set"
[[nics]]
address = "{PFS[0]}"
use = "sriov"
bridge = "{walk.BRIDGE}"
wire = "{walk.WIRE}"
model = "8086:10c9"
slot = "1/00.0"
"""
ARGUMENT = "iommu=pt"  # what the answers ask for on an AMD processor
CPU = ("--cpu", "phenom")  # QEMU emulates its svm; without it nothing is whole


class Lab:
    """Two machines, an inventory of them, and a folder for the audits."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.audits = folder, folder / "audits"
        self.audits.mkdir()
        self.machines = {name: Machine(f"ansible-{name}-{os.getpid()}") for name in ("kvm1", "kvm2")}
        above = folder / "collections" / "ansible_collections" / "sriov_tui"
        above.mkdir(parents=True)
        (above / "host").symlink_to(COLLECTION)
        (folder / "answers.toml").write_text(ANSWERS)

    def up(self) -> None:
        """Boot both, with the checkout installed and a host.conf."""
        lines = ["[all:vars]", "ansible_user=root", "ansible_python_interpreter=/usr/bin/python3", "[kvm]"]
        for name, machine in self.machines.items():
            machine.up(*CPU)
            machine.install()
            machine.give_host_conf()
            _, *options, target = machine.ssh_argv()
            port = options[options.index("-p") + 1]
            host = target.rpartition("@")[2]
            common = shlex.quote(shlex.join(options))
            lines.append(f"{name} ansible_host={host} ansible_port={port} ansible_ssh_common_args={common}")
        (self.folder / "inventory").write_text("\n".join(lines) + "\n")

    def rollout(self, *options: str, **values: object) -> tuple[int, str, dict[str, dict[str, int]]]:
        """The rollout over both; its exit status, its text and the recap."""
        single = sorted((TOP / "dist").glob("sriov-tui-*-linux-x86_64"))
        program = {"host_program_source": str(single[-1])} if single else {"host_program": "/usr/local/bin/sriov-tui"}
        given = {
            "host_answers": str(self.folder / "answers.toml"),
            "host_audits": str(self.audits),
            **program,
            **values,
        }
        played = run(self.folder, "sriov_tui.host.rollout", "-e", json.dumps(given), *options)
        return played.status, played.text, played.stats


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Both machines, up until the module ends."""
    lab = Lab(tmp_path_factory.mktemp("ansible"))
    try:
        lab.up()
        yield lab
    finally:
        for machine in lab.machines.values():
            machine.down()


def changed(stats: dict[str, dict[str, int]]) -> dict[str, int]:
    """How many tasks changed something, by host."""
    return {host: counts["changed"] for host, counts in stats.items()}


def test_audit(lab: Lab) -> None:
    status, text, stats = lab.rollout()
    assert status == 0, text
    # The first time, the role may copy the single file; nothing else may change.
    assert all(count <= 1 for count in changed(stats).values())
    fleet = read_fleet(lab.audits)
    assert [len(host.nics) for host in fleet.hosts] == [3, 3]
    assert {nic.slot for host in fleet.hosts for nic in host.nics if nic.totalvfs} == {"1/00.0", "2/00.0"}


def test_check_mode_tells_and_changes_nothing(lab: Lab) -> None:
    before = {name: evidence.tree(machine) for name, machine in lab.machines.items()}
    status, text, stats = lab.rollout("--check", "--diff", host_apply=True)
    assert status == 0, text
    assert changed(stats) == {"kvm1": 1, "kvm2": 1}
    assert "+sriov_nics:" in text
    for name, machine in lab.machines.items():
        assert evidence.differences(before[name], evidence.tree(machine), ours="-") == {}


def test_another_card_is_refused(lab: Lab) -> None:
    (lab.folder / "answers.toml").write_text(ANSWERS.replace("8086:10c9", "8086:1521"))
    before = evidence.tree(lab.machines["kvm1"])
    status, text, _ = lab.rollout(host_apply=True)
    (lab.folder / "answers.toml").write_text(ANSWERS)
    assert status == 2
    assert "(8086:10c9) here, the answers expect 8086:1521." in text
    assert evidence.differences(before, evidence.tree(lab.machines["kvm1"]), ours="-") == {}


def test_setup_reboots_and_goes_on_one_after_the_other(lab: Lab) -> None:
    boots = {name: machine.boot_id() for name, machine in lab.machines.items()}
    status, text, _ = lab.rollout(host_apply=True, host_reboot_timeout=900)
    assert status == 0, text
    for name, machine in lab.machines.items():
        assert machine.boot_id() != boots[name]
        assert ARGUMENT in evidence.kernel_arguments(machine)
        assert evidence.numvfs(machine, PFS[0]) == TOTALVFS


def test_the_second_run_changes_nothing(lab: Lab) -> None:
    before = {name: evidence.tree(machine) for name, machine in lab.machines.items()}
    status, text, stats = lab.rollout(host_apply=True)
    assert status == 0, text
    assert changed(stats) == {"kvm1": 0, "kvm2": 0}
    for name, machine in lab.machines.items():
        assert evidence.differences(before[name], evidence.tree(machine)) == {}
    assert {host.state for host in read_fleet(lab.audits).hosts} <= {"READY", "WARN"}
