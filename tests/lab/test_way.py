"""The whole way on one machine: by keys, over a reboot, back, by the answers file, over a reboot, back again."""

from __future__ import annotations

import pytest

from tests.lab import evidence, walk
from tests.lab.conftest import Boot
from tests.lab.evidence import HOST_CONF, STATE_DIR
from tests.lab.machine import HERE, KVM, NETDEVS, PFS, TOTALVFS, Machine
from tests.lab.screen import Screen
from tests.lab.trace import trace

PORT = 1  # the second of the two, so that taking the first by habit is seen
OURS = ("/etc/modules-load.d/sriov-tui.conf", "/etc/udev/rules.d/80-sriov-tui.rules")
HOST_CONF_AFTER = (
    (HERE / "host.conf")
    .read_text()
    .replace("- mgmt0/br0/10.0.2.15\n", f"- mgmt0/br0/10.0.2.15\n- {NETDEVS[PORT]}/{walk.BRIDGE}/{walk.WIRE}\n")
    .replace("ssl_ca_certs:", f"sriov_nics:\n- {NETDEVS[PORT]}\nssl_ca_certs:")
    .encode()
)


@pytest.fixture(scope="module")
def machine(boot: Boot) -> Machine:
    """KVM is there, so that the audit can be all OK."""
    return boot(*KVM)


@pytest.fixture(scope="module")
def before(machine: Machine) -> dict[str, str]:
    """The machine as the installer left it."""
    return evidence.tree(machine)


def stands(machine: Machine, before: dict[str, str]) -> None:
    """What an operator was promised, asked of the kernel, of the files and of the audit."""
    assert evidence.iommu_active(machine)
    assert [evidence.numvfs(machine, pf) for pf in PFS] == [TOTALVFS if pf == PFS[PORT] else 0 for pf in PFS]
    assert machine.read(HOST_CONF) == HOST_CONF_AFTER
    changed = evidence.differences(before, evidence.tree(machine))
    backups = {path for path in changed if path.startswith(f"{HOST_CONF}.sriov-tui-")}
    assert set(changed) - backups == {HOST_CONF, *OURS}
    assert evidence.not_ok(evidence.audit(machine)) == {}
    bound = evidence.bind_as_the_agent_does(machine, PFS[PORT])
    assert [(vf.driver, vf.group_size) for vf in bound] == [("vfio-pci", 1)] * TOTALVFS
    assert evidence.not_ok(evidence.audit(machine)) == {}


def is_as_before(machine: Machine, before: dict[str, str]) -> None:
    """The way back: every byte of the boot files and of host.conf, and no VF."""
    assert [evidence.numvfs(machine, pf) for pf in PFS] == [0, 0]
    assert evidence.differences(before, evidence.tree(machine)) == {}
    assert machine.read(HOST_CONF) == (HERE / "host.conf").read_bytes()


@pytest.mark.station
def test_the_walk_by_keys(machine: Machine, before: dict[str, str]) -> None:
    with Screen(machine) as screen:
        lines = walk.to_review(screen, PORT)
        assert evidence.differences(before, evidence.tree(machine)) == {}, "something changed before Apply"
        walk.apply(screen)
        screen.wait_for("Verified", "Failed", "not all is as promised")
        assert "Verified: all that this plan promised is so." in screen.settle()
        screen.press("F10")
        assert screen.wait_for_end() == 0
    assert evidence.apply_diff((HERE / "host.conf").read_bytes(), walk.shown_diff(lines)) == machine.read(HOST_CONF)
    stands(machine, before)


def test_the_audit_only_reads(machine: Machine) -> None:
    seen = trace(machine, "sriov-tui", "audit", "--format", "json")
    assert seen.changes == ()
    assert seen.strangers(("sriov-tui", "audit", "--format", "json")) == ()


@pytest.mark.station
def test_it_stands_after_a_reboot(machine: Machine, before: dict[str, str]) -> None:
    machine.reboot()
    stands(machine, before)


@pytest.mark.station
def test_the_walk_again_finds_nothing_to_do(machine: Machine) -> None:
    with Screen(machine) as screen:
        walk.open_wizard(screen)
        for number in range(2, walk.STEPS + 1):
            walk.next_step(screen, number)
        assert "Nothing to do: this host is already as chosen." in walk.review(screen)


@pytest.mark.station
def test_the_way_back(machine: Machine, before: dict[str, str]) -> None:
    machine.ssh("sriov-tui rollback --yes")
    is_as_before(machine, before)


@pytest.mark.station
def test_the_same_by_the_answers_file(machine: Machine, before: dict[str, str]) -> None:
    out = machine.ssh(f"sriov-tui apply --answers {STATE_DIR}/answers.toml --yes")
    assert "Verified" in out
    stands(machine, before)


@pytest.mark.station
def test_it_stands_after_another_reboot(machine: Machine, before: dict[str, str]) -> None:
    machine.reboot()
    stands(machine, before)


@pytest.mark.station
def test_the_way_back_again(machine: Machine, before: dict[str, str]) -> None:
    machine.ssh("sriov-tui rollback --yes")
    is_as_before(machine, before)
