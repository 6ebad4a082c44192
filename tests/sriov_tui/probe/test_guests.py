"""What runs on the host, which a reboot ends: read of the machine, and said before the reboot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from screens.run_offers import running_guests
from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import put_dir
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.probe import gather
from tests import machines
from tests.samples import igb_host

QEMU = """\
4711 /usr/bin/qemu-system-x86_64 -name guest=web,debug-threads=on -m 4096
4712 qemu-kvm -name db -m 1
4713 qemu
"""


@pytest.mark.parametrize(
    ("answer", "guests"),
    [
        (Completed(0, QEMU, ""), ("web (process 4711)", "db (process 4712)", "process 4713")),
        (Completed(1, "", ""), ()),
        (Completed(127, "", "pgrep: not found"), None),
    ],
)
def test_the_virtual_machines_that_run(answer: Completed, guests: tuple[str, ...] | None) -> None:
    machine = machines.two_igb()
    machine.queries["pgrep -a qemu"] = answer
    assert gather(RecordedHost(machine)).guests == guests


def test_the_containers_that_run() -> None:
    machine = machines.two_igb()
    assert gather(RecordedHost(machine)).containers == 0
    for name in ("a", "b"):
        put_dir(machine, f"/run/containerd/io.containerd.runtime.v2.task/k8s.io/{name}")
    assert gather(RecordedHost(machine)).containers == 2


def test_they_are_named_before_the_reboot() -> None:
    facts = replace(igb_host(), guests=("web", "db"), containers=31)
    assert running_guests(facts) == "2 virtual machines run here: web, db. 31 containers run."
    one = running_guests(replace(facts, guests=("web (process 7)",), containers=0))
    assert one == "1 virtual machine runs here: web (process 7)."
    assert running_guests(replace(facts, guests=(), containers=0)) == "No virtual machine runs."
    assert "not known" in running_guests(replace(facts, guests=None))
    many = running_guests(replace(facts, guests=tuple(f"vm{n}" for n in range(20))))
    assert many.startswith("20 virtual machines")
    assert "and 12 more" in many
