"""Each tool with each configuration of a port: the bond has what the port had, also after a boot, and gives it back."""

from __future__ import annotations

import pytest

from tests.lab import network_tools as nt
from tests.lab.conftest import SHOWN, Boot
from tests.lab.machine import Machine
from tests.lab.network_files import CASES, at_pair, placed
from tests.lab.test_bonds import MODES

REBOOT = "vlan"  # a boot takes a minute: only the plan that has this configuration
GROUPS = (("static", "dhcp", "several"), ("policy", "mtu", "vlan"), ("vlan-bridge", "spaces", "cloud-init"),
          ("idle", "idle", "idle"))  # fmt: skip
"""What is configured in one plan, each on a pair of ports of its own."""
BY_HAND = {"unmanaged": "ip address replace 198.51.100.7/24 dev enp2s0; ip link set enp2s0 up",
           "taken": "ip link add bond0 type bond"}  # fmt: skip
REFUSED = {
    "bridge": "enp2s0",
    "unmanaged": "enp2s0",
    "taken": "bond0 is already there",
}
"""What every tool refuses: a part of the sentence that says why."""
REFUSED_HERE = {
    "ifupdown": {"vlan-bridge": "bridge_ports enp2s0.100"},
    "NetworkManager": {"auto-default": "writes it again"},
}
"""What this tool alone refuses."""


def runs(tool: str) -> list[tuple[str, ...]]:
    """The groups of configurations for this tool: those that are shown, then those that are refused."""
    here = REFUSED_HERE.get(tool, {})
    shown = [tuple("idle" if case in here else case for case in group) for group in GROUPS]
    return [*shown, tuple(REFUSED), *([tuple(here)] if here else [])]


RUNS = [(tool, cases) for tool in CASES for cases in runs(tool)]


def wish(modes: list[str]) -> bytes:
    """An answers file for a bond of each pair."""
    bonds = []
    for pair, mode in enumerate(modes):
        ports = f'"0000:0{2 * pair + 1}:00.0", "0000:0{2 * pair + 2}:00.0"'
        bonds.append(f'{{ name = "bond{pair}", mode = "{mode}", ports = [{ports}] }}')
    return f"version = 1\nbonds = [{', '.join(bonds)}]\n".encode()


@pytest.fixture(scope="module")
def hosts() -> dict[str, Machine]:
    """The machine that runs, by its tool; none after a failure, whose remains the next test would meet."""
    return {}


@pytest.fixture
def host(request: pytest.FixtureRequest, boot: Boot, hosts: dict[str, Machine]) -> tuple[str, Machine]:
    """A machine on which this tool is at work, beside ifupdown that has mgmt0; a DHCP server on the wire."""
    tool = request.param
    if tool not in hosts:
        hosts.clear()
        machine = boot("--nics", str(2 * nt.PAIRS + 1), "--wire")
        machine.write("/root/peer", nt.PEER.encode())
        machine.ssh(f"modprobe bonding max_bonds=0; modprobe 8021q; sh /root/peer; {nt.TOOLS[tool].enable}")
        hosts[tool] = machine
    return tool, hosts[tool]


@pytest.mark.parametrize(
    ("host", "cases"), RUNS, indirect=["host"], ids=lambda value: value if isinstance(value, str) else "+".join(value)
)
def test_there_and_back(
    host: tuple[str, Machine], hosts: dict[str, Machine], cases: tuple[str, ...], request: pytest.FixtureRequest
) -> None:
    tool, machine = host
    hosts.clear()
    for case, mode, shown in there_and_back(machine, tool, cases):
        request.node.user_properties.append((SHOWN, (f"{tool}: {case}", mode, shown)))
    hosts[tool] = machine


def there_and_back(machine: Machine, tool: str, cases: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """(configuration, mode, what was shown) of each of these, one on each pair of ports, in one plan."""
    first = [run for run in RUNS if run[0] == tool].index((tool, cases))
    modes = [list(MODES)[(pair + first) % len(MODES)] for pair in range(len(cases))]
    files = {path: text for pair, case in enumerate(cases) for path, text in placed(tool, case, pair).items()}
    machine.write("/root/bonds.toml", wish(modes))
    machine.ssh("chmod 600 /root/bonds.toml")
    nt.give(machine, tool, files)
    for pair, case in enumerate(cases):
        machine.ssh(at_pair(BY_HAND.get(case, "true"), pair))
    try:
        reasons = REFUSED | REFUSED_HERE.get(tool, {})
        refused = cases[0] in reasons
        shown = refusals(machine, cases, reasons) if refused else _there_and_back(machine, tool, cases, modes)
    finally:
        if (run := machine.try_ssh("test ! -e /sys/class/net/bond1 || sriov-tui rollback --yes")).status:
            print(run.out, run.err)
        nt.take(machine, tool, files)
    return [(case, mode, text) for case, mode, text in zip(cases, modes, shown, strict=True)]


def refusals(machine: Machine, cases: tuple[str, ...], reasons: dict[str, str]) -> list[str]:
    """Why each was refused; nothing was changed."""
    before, files = nt.settled(machine), nt.files_of(machine)
    done = machine.try_ssh("sriov-tui apply --answers /root/bonds.toml --yes --new")
    assert done.status
    assert nt.network(machine) == before
    assert nt.files_of(machine) == files
    found = []
    for pair, case in enumerate(cases):
        why = nt.why_refused(done.err, f"bond{pair}")
        assert at_pair(reasons[case], pair) in why, done.err
        found.append(f"refused: {why}")
    return found


def _there_and_back(machine: Machine, tool: str, cases: tuple[str, ...], modes: list[str]) -> list[str]:
    before, files = nt.settled(machine), nt.files_of(machine)
    names = {old: new for pair in range(len(cases)) for old, new in (
        (f"enp{2 * pair + 2}s0.100", f"bond{pair}.100"), (f"enp{2 * pair + 2}s0", f"bond{pair}"))}  # fmt: skip
    wanted = nt.carried(before, names)
    done = machine.try_ssh("sriov-tui apply --answers /root/bonds.toml --yes --new")
    assert done.status == 0, done.out + done.err
    told = has_all(machine, tool, wanted, modes)
    if reboots := REBOOT in cases:
        machine.reboot()
        has_all(machine, tool, wanted, modes)
    done = machine.try_ssh("sriov-tui rollback --yes")
    assert done.status == 0, done.out + done.err
    after = nt.until(machine, lambda shown: shown == before)
    assert after == before
    assert nt.files_of(machine) == files
    return [f"shown{', also after a boot' if reboots else ''}{told if case == 'dhcp' else ''}" for case in cases]


def has_all(machine: Machine, tool: str, wanted: dict[str, object], modes: list[str]) -> str:
    """The bonds are there, and what the ports carried is on them; "" or that a lease is another one."""
    for pair, mode in enumerate(modes):
        text = machine.read(f"/proc/net/bonding/bond{pair}").decode()
        assert f"Bonding Mode: {MODES[mode]}" in text
        ports = sorted(line.split()[-1] for line in text.splitlines() if "Slave Interface:" in line)
        assert ports == [f"enp{2 * pair + 1}s0", f"enp{2 * pair + 2}s0"]
    own = "networkd" in tool  # its identity is made of the interface's name: another lease, which is told
    seen = nt.until(machine, lambda shown: nt.leases(nt.carried(shown, {}), own) == nt.leases(wanted, own))
    assert nt.leases(nt.carried(seen, {}), own) == nt.leases(wanted, own)
    return ", with another lease" if nt.carried(seen, {}) != wanted else ""
