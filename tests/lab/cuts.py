"""The plug pulled: at which moment of which work, and what must be so after it.

The plug is `kill -9` of QEMU, with its disk in mode "writeback". What the guest has not written yet is lost with its
memory; what it has written without a flush may be lost, since QEMU holds the maps of new clusters back until then;
what it has flushed is QEMU's word that it is in the file, and a killed process takes nothing out of that. So only
what was fsynced is sure to be there, as with a disk that has a cache of its own. A reset is gentler: the guest's
memory is lost, what it has written stays.
"""

from __future__ import annotations

import random
import shlex
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from tests.lab import evidence, walk
from tests.lab.evidence import HOST_CONF, STATE_DIR
from tests.lab.machine import HERE, NETDEVS, PFS, TOTALVFS, LabError, Machine

Phase = Literal["apply", "boot", "resume", "rollback"]
ANSWERS = f"""\
version = 1
kernel_args = "set"
nics = [{{ address = "{PFS[0]}", use = "sriov", bridge = "{walk.BRIDGE}", wire = "{walk.WIRE}" }}]
"""
OLD_CONF = (HERE / "host.conf").read_bytes()
NEW_CONF = (
    OLD_CONF.decode()
    .replace("- mgmt0/br0/10.0.2.15\n", f"- mgmt0/br0/10.0.2.15\n- {NETDEVS[0]}/{walk.BRIDGE}/{walk.WIRE}\n")
    .replace("ssl_ca_certs:", f"sriov_nics:\n- {NETDEVS[0]}\nssl_ca_certs:")
    .encode()
)
COMMANDS: dict[Phase, str] = {
    "apply": "sriov-tui apply --answers /root/answers.toml --yes --new",
    "resume": "sriov-tui resume",
    "rollback": "sriov-tui rollback --yes",
}
# Starts the work and tells the journal's new lines, until the connection ends.
_BEGIN = """\
runs={state}/runs; run() {{ ls $runs 2>/dev/null | tail -n1; }}; old=$(run)
[ {new} ] && seen=0 || seen=$(wc -l <$runs/$old/journal.jsonl)
setsid {command} >/root/out.txt 2>&1 </dev/null &
until [ ! {new} ] || [ "$(run)" != "$old" ]; do sleep 0.1; done
journal=$runs/$(run)/journal.jsonl
until [ -e $journal ]; do sleep 0.1; done
exec tail -n +$((seen + 1)) -s 0.1 -f $journal
"""
WAIT = 3600.0  # seconds for a line; only a machine that hangs takes as long


@dataclass(frozen=True, slots=True)
class Moment:
    """When the plug is pulled: so many seconds after this line of the journal; without a line, after the start."""

    phase: Phase
    line: int | None
    seconds: float

    def __str__(self) -> str:
        after = "its start" if self.line is None else f"line {self.line} of its journal"
        return f"{self.phase}, {self.seconds:.2f} s after {after}"


@dataclass(slots=True)
class Work:
    """One go as it was seen from here: the journal's lines, each with its second since the first."""

    lines: list[tuple[float, str]] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """From the first line to the last."""
        return self.lines[-1][0] if self.lines else 0.0


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How each work went when nothing was cut: what moments are drawn from."""

    boot: float  # seconds
    works: dict[Phase, Work]

    def moment(self, phase: Phase, number: int, dice: random.Random) -> Moment:
        """Every second one at a line of the journal, the others by the time; told by lines, since the pace varies."""
        if phase not in self.works:
            return Moment(phase, None, dice.uniform(0, self.boot))
        lines = [seconds for seconds, _ in self.works[phase].lines]
        if number % 2 == 1:
            return Moment(phase, dice.randrange(len(lines)), 0.0)
        at = dice.uniform(0, lines[-1])
        line = max(index for index, seconds in enumerate(lines) if seconds <= at)
        return Moment(phase, line, at - lines[line])


def prepare(machine: Machine, answers: str) -> None:
    """Ready to be cut: the answers laid down, and all that is on the disk flushed."""
    machine.write("/root/answers.toml", answers.encode())
    # A fifth of each boot, and there are many.
    machine.ssh("systemctl -q mask --now openvswitch-switch ovsdb-server ovs-vswitchd ovs-record-hostname; sync")


@contextmanager
def started(machine: Machine, phase: Phase) -> Iterator[Iterator[str]]:
    """Begin a work in the machine; the lines of its journal as they come."""
    new = '"x"' if phase == "apply" else '""'
    script = _BEGIN.format(state=STATE_DIR, new=new, command=COMMANDS[phase])
    ssh = subprocess.Popen(
        shlex.split(machine.target(False, script)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    watchdog = threading.Timer(WAIT, ssh.kill)
    watchdog.start()
    assert ssh.stdout is not None
    try:
        yield iter(ssh.stdout)
    finally:
        watchdog.cancel()
        ssh.kill()
        ssh.wait()


def whole(machine: Machine, phase: Phase) -> Work:
    """Do a work to its end."""
    work = Work()
    with started(machine, phase) as lines:
        first = 0.0
        for line in lines:
            first = first or time.monotonic()
            work.lines.append((time.monotonic() - first, line))
            if '"kind": "finished"' in line:
                break
        else:
            raise LabError(f"{phase} did not finish:\n{machine.ssh('cat /root/out.txt')}")
    settled(machine)
    return work


def settled(machine: Machine) -> None:
    """Wait until the program has ended: it looks at the machine once more after its last line."""
    machine.ssh("while pgrep -f '[b]in/sriov-tui|[s]riov_tui.commands' >/dev/null; do sleep 0.5; done")


def cut(machine: Machine, moment: Moment) -> None:
    """Do a work until the moment, and pull the plug."""
    if moment.line is None:
        machine.ssh("setsid systemctl reboot >/dev/null 2>&1 </dev/null &")
        time.sleep(moment.seconds)
        machine.crash()
        return
    with started(machine, moment.phase) as lines:
        for number, line in enumerate(lines):
            if number == moment.line or '"kind": "finished"' in line:
                time.sleep(moment.seconds)
                machine.crash()
                return
        raise LabError(f"no such moment: {moment}\n{machine.ssh('cat /root/out.txt')}")


def resume(machine: Machine) -> None:
    """Go on to the end, over the reboot where one is asked for."""
    done = machine.try_ssh("sriov-tui resume")
    if done.status == 3:
        machine.reboot()
        done = machine.try_ssh("sriov-tui resume")
    assert done.status == 0, f"resume: status {done.status}\n{done.out}\n{done.err}"


def stands(machine: Machine) -> None:
    """Everything that the plan promised, asked of the kernel, of the files and of the audit."""
    assert machine.read(HOST_CONF) == NEW_CONF
    assert evidence.numvfs(machine, PFS[0]) == TOTALVFS
    assert evidence.iommu_active(machine)
    arguments = evidence.kernel_arguments(machine)
    assert [arguments.count(word) for word in ("intel_iommu=on", "iommu=pt")] == [1, 1]
    consistent(machine)


def is_as_before(machine: Machine, before: dict[str, str]) -> None:
    """Every byte, mode and owner; and no VF."""
    assert evidence.differences(before, evidence.tree(machine)) == {}
    assert [evidence.numvfs(machine, pf) for pf in PFS] == [0, 0]


def consistent(machine: Machine) -> None:
    """host.conf is one of its two versions, and the audit says of IOMMU and VFs what the kernel says."""
    conf = machine.read(HOST_CONF)
    assert conf in (OLD_CONF, NEW_CONF), conf
    report = evidence.audit(machine)
    assert not [finding for finding in report["findings"] if finding["id"].endswith(".crashed")]
    assert (evidence.finding(report, "iommu.active")["level"] == "OK") is evidence.iommu_active(machine)
    if conf == NEW_CONF:
        counts = [f for f in report["findings"] if f["id"] == "vfs.count" and f.get("subject") == PFS[0]]
        assert [f["level"] == "OK" for f in counts] == [evidence.numvfs(machine, PFS[0]) == TOTALVFS], counts
