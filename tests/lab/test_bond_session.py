"""The port that carries ssh goes into a bond by each tool: the session lives on; what nobody confirms is undone."""

from __future__ import annotations

import re
import shlex
import subprocess
import threading
import time
from types import TracebackType

import pytest

from tests.lab import evidence
from tests.lab.conftest import SHOWN, Boot
from tests.lab.machine import PFS, Machine
from tests.lab.network_files import INTERFACES, NETWORKS, PROFILES, YAML, Files
from tests.lab.network_tools import TOOLS
from tests.lab.test_bonds import addresses, wish
from tests.lab.test_lost_session import CARRIER, Patient, answers, begin, fresh, outcome, until_answers

ADDRESS = "10.0.2.15/24"
KEYFILE = "[connection]\nid=uplink\nuuid=7c5a3e0e-0f0b-4a1b-9a77-8f7a3a1f5b10\ntype=ethernet\ninterface-name=mgmt0\n\n"
YAML_OF = (
    "network:\n  version: 2\n  renderer: {}\n  ethernets:\n    mgmt0:\n      dhcp4: true\n      dhcp-identifier: mac\n"
)
FILES: dict[str, Files] = {
    "systemd-networkd": {f"{NETWORKS}/10-mgmt.network": f"[Match]\nName=mgmt0\n\n[Network]\nAddress={ADDRESS}\n"
                         "Gateway=10.0.2.2\n"},
    "NetworkManager": {f"{PROFILES}/uplink.nmconnection": f"{KEYFILE}[ipv4]\nmethod=auto\n\n[ipv6]\nmethod=disabled\n"},
    "netplan, networkd": {f"{YAML}/50-cloud-init.yaml": YAML_OF.format("networkd")},
    "netplan, NetworkManager": {f"{YAML}/50-cloud-init.yaml": YAML_OF.format("NetworkManager")},
}  # fmt: skip
"""mgmt0 in the files of a tool; by DHCP the emulated network gives it the same address."""


class Stream:
    """A TCP connection that says something five times a second: whether it lives, and its longest silence."""

    def __init__(self, machine: Machine) -> None:
        argv = shlex.split(machine.target(False, "while echo; do sleep 0.2; done"))
        self._process = subprocess.Popen(argv, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.longest, self._last = 0.0, 0.0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        while self._process.stdout.readline():
            now = time.monotonic()
            self.longest = max(self.longest, now - (self._last or now))
            self._last = now

    def lives(self, within: float = 60) -> bool:
        """Whether something more comes."""
        seen, deadline = self._last, time.monotonic() + within
        while self._last == seen and time.monotonic() < deadline:
            time.sleep(0.2)
        return self._last != seen

    def __enter__(self) -> Stream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="module")
def plain(boot: Boot) -> Machine:
    """Its ssh comes in by an igb port, which ifupdown configures."""
    machine = Patient(boot("--ssh-nic", "igb", "--cpu", "phenom").name)
    machine.write("/root/bond.toml", wish("active-backup", (CARRIER, PFS[0]), over_session=True))
    machine.write("/root/interfaces", machine.read(INTERFACES))
    machine.ssh("chmod 600 /root/bond.toml; echo bonding max_bonds=0 >/etc/modprobe.d/lab.conf")
    return machine


@pytest.fixture(scope="module", params=FILES)
def host(request: pytest.FixtureRequest, plain: Machine) -> tuple[str, Machine]:
    """This tool has mgmt0, and has had it since the boot."""
    tool = request.param
    plain.ssh(f"rm -rf {NETWORKS}/* {PROFILES}/* {YAML}/*; systemctl disable systemd-networkd NetworkManager")
    plain.write(f"{NETWORKS}/10-mgmt.link", b"[Match]\nMACAddress=52:54:00:aa:00:01\n[Link]\nName=mgmt0\n")
    plain.write(INTERFACES, b"auto lo\niface lo inet loopback\n")
    plain.unpack({path: text.encode() for path, text in FILES[tool].items()}, "/",
                 0o644 if tool == "systemd-networkd" else 0o600)  # fmt: skip
    plain.ssh(TOOLS[tool].enable.replace(" --now", ""))
    plain.reboot()
    assert addresses(plain, "mgmt0") == [ADDRESS]
    return tool, plain


def test_what_nobody_confirms_is_undone(host: tuple[str, Machine]) -> None:
    _, machine = host
    before = evidence.tree(machine)
    with begin(machine, "--answers /root/bond.toml") as screen:
        screen.wait_for("Confirm within", timeout=600)
        until_answers(machine, 80)
        assert addresses(machine, "bond0") == [ADDRESS]
    assert outcome(machine, 400) == "unconfirmed"
    assert answers(machine)
    assert addresses(machine, "mgmt0") == [ADDRESS]
    assert machine.try_ssh("test -e /sys/class/net/bond0").status == 1
    assert evidence.differences(before, evidence.tree(machine)) == {}


def test_the_session_lives_and_the_bond_is_there_after_a_boot(
    host: tuple[str, Machine], request: pytest.FixtureRequest
) -> None:
    tool, machine = host
    before = evidence.tree(machine)
    with begin(machine, "--answers /root/bond.toml") as screen, Stream(machine) as stream:
        text = screen.wait_for("Confirm within", timeout=600)
        assert stream.lives(), "the TCP connection from before the bond is dead"
        done = fresh(machine, "sriov-tui confirm", timeout=90)
        assert done.returncode == 0, done.stdout + done.stderr
        assert screen.wait_for_end(timeout=300) == 0, "the session that began the change has not seen its end"
        told = re.search(r"took ([\d.]+) s", " ".join(text.split()))
        assert told, text
        shown = f"the session lived; told: away for at most {told[1]} s; seen from outside: {stream.longest:.1f} s"
    assert outcome(machine, 200) == "applied"
    machine.reboot()
    assert addresses(machine, "bond0") == [ADDRESS]
    assert "Currently Active Slave: mgmt0" in machine.read("/proc/net/bonding/bond0").decode()
    machine.try_ssh("sriov-tui rollback --yes")  # the link goes down under it; the engine goes on
    until_answers(machine, 200)
    assert outcome(machine, 200) == "rolled-back"
    assert addresses(machine, "mgmt0") == [ADDRESS]
    assert evidence.differences(before, evidence.tree(machine)) == {}
    request.node.user_properties.append((SHOWN, (f"{tool}: the port of ssh", "active-backup", shown)))
