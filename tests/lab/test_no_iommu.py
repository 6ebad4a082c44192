"""A machine whose firmware offers no IOMMU, though the kernel is asked for it; and input that must change nothing."""

from __future__ import annotations

import re

import pytest

from tests.lab import evidence
from tests.lab.conftest import Boot
from tests.lab.evidence import HOST_CONF
from tests.lab.machine import HERE, PFS, Machine

GONE = "0000:09:00.0"
ANSWERS = """\
version = 1
nics = [{{ {key} = "{address}", use = "sriov", bridge = "br1", wire = "bcast1" }}]
"""


@pytest.fixture(scope="module")
def machine(boot: Boot) -> Machine:
    """Asked for by argument, but not there."""
    return boot("--iommu", "none", "--cmdline", "console=ttyS0 no_timer_check intel_iommu=on")


@pytest.fixture(scope="module")
def before(machine: Machine) -> dict[str, str]:
    """The machine as it came."""
    return evidence.tree(machine)


def test_the_audit_blames_the_firmware_and_not_the_arguments(machine: Machine) -> None:
    assert "intel_iommu=on" in evidence.kernel_arguments(machine)
    assert not evidence.iommu_active(machine)
    report = evidence.audit(machine)
    for id in ("iommu.firmware", "iommu.active"):
        finding = evidence.finding(report, id)
        assert finding["level"] == "FAIL", finding
        assert "firmware" in finding["title"], finding
    assert evidence.finding(report, "iommu.active")["detail"].startswith("Verdict: off in firmware.")
    assert machine.try_ssh("sriov-tui audit").status == 2


def refused(machine: Machine, before: dict[str, str], command: str, *words: str) -> None:
    """One clear sentence on standard error with these words, a status that says so, and nothing changed."""
    done = machine.try_ssh(command)
    assert done.status not in (0, 3), done.out
    assert "Traceback" not in done.out + done.err
    for word in words:
        assert word in done.err, done.err
    assert [evidence.numvfs(machine, pf) for pf in PFS] == [0, 0]
    assert evidence.differences(before, evidence.tree(machine), ours="-") == {}


def answers(machine: Machine, key: str = "address", address: str = PFS[0]) -> str:
    """An answers file in the machine; its path."""
    machine.write("/root/answers.toml", ANSWERS.format(key=key, address=address).encode())
    return "/root/answers.toml"


@pytest.mark.parametrize("command", ["sriov-tui --frobnicate", "sriov-tui audit --frobnicate", "sriov-tui frobnicate"])
def test_an_unknown_flag(machine: Machine, before: dict[str, str], command: str) -> None:
    refused(machine, before, command, "frobnicate")


def test_a_typo_in_a_key_of_the_answers(machine: Machine, before: dict[str, str]) -> None:
    refused(machine, before, f"sriov-tui apply --answers {answers(machine, key='adress')} --yes", "adress", "address")


def test_a_nic_that_is_gone(machine: Machine, before: dict[str, str]) -> None:
    refused(machine, before, f"sriov-tui apply --answers {answers(machine, address=GONE)} --yes", GONE)


def test_an_answers_file_that_is_not_there(machine: Machine, before: dict[str, str]) -> None:
    refused(machine, before, "sriov-tui apply --answers /nowhere.toml --yes", "/nowhere.toml")


def test_a_machine_that_cannot_be_set_up_so(machine: Machine, before: dict[str, str]) -> None:
    refused(machine, before, f"sriov-tui apply --answers {answers(machine)} --yes", "iommu.firmware")


def test_without_a_yes(machine: Machine, before: dict[str, str]) -> None:
    refused(machine, before, f"sriov-tui apply --answers {answers(machine)} </dev/null")


@pytest.mark.parametrize("content", [None, bytes(range(256))], ids=["missing", "binary"])
def test_a_host_conf_that_is_none(machine: Machine, content: bytes | None) -> None:
    machine.ssh(f"rm {HOST_CONF}")
    if content is not None:
        machine.write(HOST_CONF, content)
    found = evidence.tree(machine)
    try:
        report = evidence.audit(machine)
        assert [f for f in report["findings"] if f["id"].startswith("hostconf.") and f["level"] == "FAIL"]
        done = machine.try_ssh(f"sriov-tui apply --answers {answers(machine)} --yes")
        assert done.status == 1
        assert "host.conf" in done.err
        assert "Traceback" not in done.out + done.err
        assert evidence.tree(machine) == found
    finally:
        machine.give_host_conf()


def test_a_plain_user_sees_no_traceback(machine: Machine, before: dict[str, str]) -> None:
    done = machine.try_ssh("setpriv --reuid nobody --regid nogroup --clear-groups env HOME=/ sriov-tui audit")
    assert done.status in (0, 2), done.err
    assert "Traceback" not in done.out + done.err
    assert re.search(r"^\s*SKIP|root", done.out, re.MULTILINE)
    refused(machine, before, f"setpriv --reuid nobody --regid nogroup --clear-groups env HOME=/ "
                             f"sriov-tui apply --answers {answers(machine)} --yes")  # fmt: skip


def test_host_conf_is_still_the_installers(machine: Machine) -> None:
    assert machine.read(HOST_CONF) == (HERE / "host.conf").read_bytes()
