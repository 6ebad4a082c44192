"""The host-agent restarted for real, by a real container runtime, and its report held against the forecast."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab import evidence, runtime
from tests.lab.agent_pod import LOGS
from tests.lab.conftest import Boot
from tests.lab.evidence import HOST_CONF
from tests.lab.machine import KVM, NETDEVS, PFS, TOTALVFS, Machine

NICS = len(PFS)
NUMVFS = f"/sys/bus/pci/devices/{PFS[0]}/sriov_numvfs"
RESTART = "sriov-tui agent --restart"


@pytest.fixture(scope="module")
def machine(boot: Boot, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """Both ports in host.conf, no VF made, and a host-agent that started before."""
    machine = boot(*KVM)
    runtime.give_containerd(machine, Path(tmp_path_factory.mktemp("containerd")))
    runtime.give_pod(machine)
    return machine


def ask_for_both(machine: Machine) -> None:
    """host.conf as the wizard leaves it for both ports."""
    machine.give_host_conf()
    for number, netdev in enumerate(NETDEVS, 1):
        machine.ssh(f"sed -i '/^networks:/a\\- {netdev}/br{number}/bcast{number}' {HOST_CONF}")
    machine.ssh(f"printf 'sriov_nics:\\n- {NETDEVS[0]}\\n- {NETDEVS[1]}\\n' >>{HOST_CONF}")


def attempts(machine: Machine) -> int:
    """How often it was started."""
    return len(machine.ssh(f"ls {LOGS}").split())


def test_nothing_is_restarted_without_a_yes(machine: Machine) -> None:
    ask_for_both(machine)
    before = attempts(machine)
    done = machine.try_ssh(f"{RESTART} </dev/null")
    assert done.status == 1, done
    assert "go on running" in done.out
    assert attempts(machine) == before


def test_it_reports_what_was_foreseen(machine: Machine) -> None:
    before = attempts(machine)
    done = machine.try_ssh(f"{RESTART} --yes")
    assert done.status == 0, done.out + done.err
    assert f"{NICS * TOTALVFS} of {NICS * TOTALVFS} devices were reported by the host-agent." in done.out
    assert attempts(machine) == before + 1
    assert [evidence.numvfs(machine, pf) for pf in PFS] == [TOTALVFS] * NICS


def test_an_error_that_is_foreseen_is_not_asked_for(machine: Machine) -> None:
    machine.ssh(f"echo 0 >{NUMVFS}; echo 4 >{NUMVFS}")
    before = attempts(machine)
    done = machine.try_ssh(f"{RESTART} --yes")
    assert done.status == 1, done.out + done.err
    assert "will report no device" in done.err
    assert attempts(machine) == before


def test_an_agent_that_ends_with_an_error_is_named_with_its_cause(machine: Machine) -> None:
    """It meets what no forecast can know: somebody makes 4 VFs between the forecast and its start."""
    machine.ssh(f"echo 0 >{NUMVFS}")
    late = f'echo 4 >{NUMVFS}; exec python3 {runtime.AT}/was.py "$@"'
    wrapper = f"import os, sys\nos.execvp('sh', ['sh', '-c', {late!r}, 'sh', *sys.argv[1:]])\n"
    machine.ssh(f"mv {runtime.AT}/stand_in_agent.py {runtime.AT}/was.py")
    machine.write(f"{runtime.AT}/stand_in_agent.py", wrapper.encode())
    done = machine.try_ssh(f"{RESTART} --yes")
    machine.ssh(f"mv {runtime.AT}/was.py {runtime.AT}/stand_in_agent.py")
    assert done.status == 2, done.out + done.err
    assert f"0 of {NICS * TOTALVFS} devices were reported by the host-agent." in done.out
    assert "device or resource busy" in done.out
    assert "(vf.partial)" in done.out
