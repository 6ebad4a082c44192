"""The timer of the packages on a real host: a VF that is taken away by hand is told within the period of the timer."""

from __future__ import annotations

import time

import pytest

from tests.lab.conftest import Boot
from tests.lab.machine import KVM, PFS, TOP, TOTALVFS, Machine

UNITS = TOP / "packaging/systemd"
SERVICE, TIMER = "sriov-tui-audit.service", "sriov-tui-audit.timer"
NUMVFS = f"/sys/bus/pci/devices/{PFS[0]}/sriov_numvfs"
PERIOD = 30  # seconds, in place of 15 minutes: the one thing that is changed in the units
FASTER = f"""\
[Timer]
OnBootSec=
OnUnitActiveSec=
OnActiveSec=1s
OnUnitInactiveSec={PERIOD}s
RandomizedDelaySec=0
AccuracySec=1s
"""
PATIENCE = 600.0  # seconds: an audit takes long on a machine without virtualization


@pytest.fixture(scope="module")
def machine(boot: Boot) -> Machine:
    """With all VFs of one port, a baseline of that, and the timer, started."""
    machine = boot(*KVM)
    machine.ssh(f"echo {TOTALVFS} >{NUMVFS}; udevadm settle")
    machine.ssh("test -e /usr/bin/sriov-tui || ln -s $(command -v sriov-tui) /usr/bin/sriov-tui")
    machine.ssh("mkdir -p -m 700 /var/lib/sriov-tui")
    machine.ssh("sriov-tui audit --format json >/var/lib/sriov-tui/baseline.json; test $? -le 2")
    for name in (SERVICE, TIMER):
        machine.write(f"/usr/lib/systemd/system/{name}", (UNITS / name).read_bytes())
    machine.write(f"/etc/systemd/system/{TIMER}.d/faster.conf", FASTER.encode())
    machine.ssh(f"systemctl daemon-reload && systemctl start {TIMER}")
    return machine


def journal(machine: Machine) -> str:
    """What the audits of the timer said."""
    return machine.ssh(f"journalctl -u {SERVICE} -o cat --no-pager")


def wait(machine: Machine, words: str, beside: str) -> str:
    """The journal once it has these words after what was there before; the service has then ended."""
    end = time.monotonic() + PATIENCE
    while words not in (said := journal(machine).removeprefix(beside)):
        assert time.monotonic() < end, f"{words} was not said:\n{said}"
        time.sleep(2)
    return said


def test_a_vf_that_is_taken_away_by_hand_is_told_and_one_put_back_too(machine: Machine) -> None:
    wait(machine, "Nothing changed since the baseline", "")

    before = journal(machine)
    machine.ssh(f"echo 0 >{NUMVFS}; echo {TOTALVFS - 1} >{NUMVFS}; udevadm settle")
    said = wait(machine, f"The number of VFs changed from {TOTALVFS} to {TOTALVFS - 1}.", before)
    assert PFS[0] in said
    machine.ssh(f"systemctl is-failed {SERVICE} || sleep 5; systemctl is-failed {SERVICE}")

    before = journal(machine)
    machine.ssh(f"echo 0 >{NUMVFS}; echo {TOTALVFS} >{NUMVFS}; udevadm settle")
    wait(machine, "Nothing changed since the baseline", before)
    assert machine.try_ssh(f"systemctl is-failed {SERVICE}").status != 0
