"""What the simulated machine claims of the kernel, asked of a real kernel and a real driver."""

from __future__ import annotations

import pytest

from tests.lab.conftest import Boot
from tests.lab.machine import PFS, PYTHON_PATH, Machine, sources
from tests.sriov_tui.simulated.contract import CONTRACT

RUN_ONE = """\
import sys
from sriov_tui.hosts.local import LocalHost
from tests.sriov_tui.simulated import contract
getattr(contract, sys.argv[1])(LocalHost(), sys.argv[2])
"""


@pytest.fixture(scope="module", params=["intel", "none"])
def machine(boot: Boot, request: pytest.FixtureRequest) -> Machine:
    """With an IOMMU and without one: the contract speaks of both."""
    machine = boot("--iommu", request.param)
    tests = {path: data for path, data in sources("tests/sriov_tui").items() if path.endswith(("contract.py",))}
    machine.unpack({**tests, "tests/__init__.py": b"", "tests/sriov_tui/__init__.py": b""}, PYTHON_PATH)
    machine.write("/root/run_one.py", RUN_ONE.encode())
    return machine


@pytest.mark.parametrize("name", [function.__name__ for function in CONTRACT])
def test_the_kernel_keeps(machine: Machine, name: str) -> None:
    done = machine.try_ssh(f"python3 -B /root/run_one.py {name} {PFS[0]}")
    assert done.status == 0, done.out + done.err
