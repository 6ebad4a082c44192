"""A real host: recorded, carried out and audited here; and watched while its VFs come and go."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.conftest import Boot
from tests.lab.machine import PFS, TOP, TOTALVFS, Machine
from tests.timeless import timeless

NUMVFS = f"/sys/bus/pci/devices/{PFS[0]}/sriov_numvfs"
COMES = 120  # seconds in which a line is to come: under software emulation one look takes about ten


@pytest.fixture(scope="module")
def machine(boot: Boot) -> Machine:
    """With an IOMMU, two idle ports, and a secret on its kernel's command line and in its host.conf."""
    machine = boot("--cmdline", "console=ttyS0 no_timer_check rd.iscsi.password=hush5ecret")
    machine.ssh("echo 'admin_password: hush5ecret' >>/etc/yunion/host.conf")
    return machine


def here(*argv: str) -> str:
    """What the program prints on this machine, without any right on the other."""
    done = subprocess.run([sys.executable, "-m", "sriov_tui", *argv], cwd=TOP, capture_output=True, text=True)
    assert done.returncode in (0, 2), done.stderr
    return done.stdout


@pytest.mark.parametrize("vfs", [0, TOTALVFS])
def test_the_recording_gives_the_same_audit_elsewhere(machine: Machine, vfs: int, tmp_path: Path) -> None:
    machine.ssh(f"echo {vfs} >{NUMVFS}; udevadm settle; rm -f /root/lab.sriov; sriov-tui collect /root/lab.sriov")
    there = {form: machine.try_ssh(f"sriov-tui audit --format {form}").out for form in ("text", "json")}
    file = tmp_path / "lab.sriov"
    file.write_bytes(machine.read("/root/lab.sriov"))
    assert 1000 < file.stat().st_size < 1 << 20
    for form, printed in there.items():
        found = here("audit", "--host", str(file), "--format", form)
        assert timeless(form, found) == timeless(form, printed)
        assert "hush5ecret" not in found
    report = json.loads(here("audit", "--host", str(file), "--format", "json"))
    assert report["source"] == f"recording of {report['host']}"


def test_the_anonymous_recording_has_the_same_levels_and_ids(machine: Machine, tmp_path: Path) -> None:
    machine.ssh("rm -f /root/other.sriov; sriov-tui collect --anonymize-ip /root/other.sriov")
    own = machine.ssh("cat /sys/class/net/enp1s0/address; hostname").split()
    file = tmp_path / "other.sriov"
    file.write_bytes(machine.read("/root/other.sriov"))
    text = subprocess.run(["zcat"], input=file.read_bytes(), capture_output=True, check=True).stdout.decode()
    for name in (own[0], "10.0.2.15", "hush5ecret"):
        assert name not in text
    assert not re.search(rf'"name": "{own[1]}"', text)
    levels = [
        [(finding["id"], finding["level"]) for finding in json.loads(printed)["findings"]]
        for printed in (
            machine.try_ssh("sriov-tui audit --format json").out,
            here("audit", "--host", str(file), "--format", "json"),
        )
    ]
    assert levels[0] == levels[1]


def wait_for(machine: Machine, pattern: str) -> None:
    """Wait until a line of the watching audit has this pattern."""
    look = f"until grep -qE -e {shlex.quote(pattern)} /root/watch.txt; do sleep 0.2; done"
    done = machine.try_ssh(f"timeout {COMES} sh -c {shlex.quote(look)}")
    assert done.status == 0, machine.ssh("cat /root/watch.txt /root/watch.err")


def test_vfs_that_come_and_go_are_seen_by_the_watching_audit(machine: Machine) -> None:
    machine.ssh(f"echo 0 >{NUMVFS}; udevadm settle")
    machine.ssh("sriov-tui audit --watch >/root/watch.txt 2>/root/watch.err </dev/null & echo $! >/root/watch.pid")
    wait_for(machine, "^Watching for changes")
    switches = "grep ^voluntary_ctxt_switches /proc/$(cat /root/watch.pid)/status"
    machine.ssh("udevadm settle; sleep 5")
    assert machine.ssh(switches) == machine.ssh(f"sleep 5; {switches}"), "it wakes up although nothing happens"
    machine.ssh(f"echo {TOTALVFS} >{NUMVFS}")
    wait_for(machine, rf"Z  .* -> .*{PFS[0]} .*{TOTALVFS} VFs")
    machine.ssh(f"echo 0 >{NUMVFS}")
    wait_for(machine, rf"-> - .*{PFS[0]} .*\(gone\)")
    machine.ssh("kill -TERM $(cat /root/watch.pid)")
    machine.ssh("timeout 60 sh -c 'while kill -0 $(cat /root/watch.pid) 2>/dev/null; do sleep 0.2; done'")
    assert machine.ssh("cat /root/watch.err") == ""
