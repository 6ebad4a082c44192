"""A virtual machine on the lab's host that holds VFs: QEMU's emulated SVM gives that host a working /dev/kvm."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from tests.lab.guest_host import IOMMUFD, PLAIN, ROOM, WAYS
from tests.lab.machine import Machine

PROGRAM = Path(__file__).with_name("guest_host.py")
AT = f"{ROOM}/{PROGRAM.name}"
HOWS = tuple(WAYS)
__all__ = ["HOWS", "IOMMUFD", "PLAIN", "Guest", "Port", "prepare"]


@dataclass(frozen=True, slots=True)
class Port:
    """A VF as the guest sees it; `ids` as 0x8086:0x10ca."""

    name: str
    ids: str
    mac: str
    driver: str
    link: bool


def prepare(machine: Machine) -> None:
    """Put what guests need into the machine; again after each boot."""
    machine.write(AT, PROGRAM.read_bytes())
    machine.ssh(f"python3 {AT} prepare")


class Guest:
    """One virtual machine; `how` is one of `HOWS`."""

    def __init__(self, machine: Machine, name: str, *vfs: str, how: str = PLAIN) -> None:
        self.machine, self.name, self.vfs, self.how = machine, name, vfs, how

    def hold(self) -> Guest:
        """Start its QEMU, which holds the VFs from then on; the guest itself takes some time to boot."""
        self.machine.ssh(shlex.join(["python3", AT, "start", self.name, self.how, *self.vfs]))
        return self

    def wait(self) -> Guest:
        """Wait until the guest has booted and answers."""
        self.machine.ssh(shlex.join(["python3", AT, "wait", self.name]))
        return self

    def start(self) -> Guest:
        """Start it, and wait until it answers."""
        return self.hold().wait()

    def run(self, command: str) -> str:
        """What a shell command prints in the guest."""
        return self.machine.ssh(shlex.join(["python3", AT, "say", self.name, command]))

    def ports(self) -> list[Port]:
        """Its network ports, set up; each waits up to 3 seconds for its link."""
        lines = map(str.split, self.run("look").splitlines())
        return [Port(name, ids, mac, driver, link == "1") for name, ids, mac, driver, link in lines]

    def address(self, cidr: str, port: str = "eth0") -> None:
        """Give a port its address."""
        self.run(f"ip link set {port} up && ip address add {cidr} dev {port}")

    def reaches(self, address: str) -> bool:
        """Whether 3 of 3 pings come back; the first ones of a new neighbour may be lost."""
        self.run(f"ping -q -c 5 -W 1 {address} >/dev/null; true")
        return "3 packets received" in self.run(f"ping -q -c 3 {address}; true")

    @property
    def pid(self) -> int:
        """Its QEMU's process."""
        return int(self.machine.ssh(f"cat {ROOM}/{self.name}.pid"))

    def runs(self) -> bool:
        """Whether its QEMU is there."""
        return self.machine.try_ssh(f"kill -0 $(cat {ROOM}/{self.name}.pid)").status == 0

    def crash(self) -> None:
        """Its kernel panics, and its QEMU ends."""
        pid = self.pid
        self.machine.try_ssh(shlex.join(["python3", AT, "say", self.name, "echo c >/proc/sysrq-trigger"]))
        self.machine.ssh(f"for i in $(seq 300); do kill -0 {pid} 2>/dev/null || exit 0; sleep 0.1; done; exit 1")

    def kill(self) -> None:
        """Its QEMU is killed; nothing where it has ended."""
        pid = f"$(cat {ROOM}/{self.name}.pid)"
        self.machine.try_ssh(f"kill -9 {pid}; for i in $(seq 100); do kill -0 {pid} || break; sleep 0.1; done")
