"""Real rpm, dnf, dpkg, apt and dkms with a stand-in for DOCA-Host: the plan's own operations, and their judgements."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from checks.cards import doca_steps
from sriov_tui.facts import DriverImage, HostFacts, Kernel, Os
from sriov_tui.hosts.local import LocalHost
from sriov_tui.model import Plan, RunView
from sriov_tui.probe.image import look
from sriov_tui.run import rollback, store
from sriov_tui.run import view as run_view
from sriov_tui.run.engine import apply
from tests.roots import stand_in_doca as stand_in

pytestmark = [pytest.mark.subprocess, pytest.mark.machine]


class Rooted(LocalHost):
    """A root below a folder in which commands are run."""

    def __init__(self, root: Path) -> None:
        super().__init__(str(root))
        self.root = root

    def run(self, argv: Sequence[str], timeout: float, output: Callable[[str], None]) -> int:
        return LocalHost().run(("chroot", str(self.root), *argv), timeout, output)


class Way:
    """A plan of the steps that the check makes, in a root."""

    def __init__(self, root: Path, kind: str, end: str, state: Path) -> None:
        self.root, self.kind, self.chroot = root, kind, stand_in.chroot_of(root)
        path = stand_in.make(root, self.chroot, kind, end)
        self.host = Rooted(root)
        self.image: DriverImage = look(self.host, path)
        self.kernel = next(iter(self.host.listdir("/lib/modules")))
        facts = HostFacts(kernel=Kernel(release=self.kernel), os=Os(id="debian", version="12"))
        steps = tuple(doca_steps.steps(facts, self.image, self.image.sha256, (), now=True))
        self.plan = Plan(steps=steps)
        self.run = store.create(self.plan, "local", state, facts)

    def apply(self) -> RunView:
        apply(self.run, self.host)
        return run_view.view(self.run)

    def said(self, *argv: str) -> str:
        done = subprocess.run(["chroot", self.root, *argv], capture_output=True, text=True, check=False)
        return done.stdout


@pytest.mark.parametrize("kind", stand_in.KINDS)
def test_the_driver_is_there_and_is_taken_back(kind: str, new_root: Callable[[], Path], tmp_path: Path) -> None:
    way = Way(new_root(), kind, "success", tmp_path)
    assert (way.image.error, way.image.package) == ("", "doca-host")
    assert way.image.version.startswith("3.2.1-044000")
    view = way.apply()
    assert view.outcome == "applied", (view.error, view.output)
    modinfo = ("modinfo", "-k", way.kernel, "-F", "depends", "mlx5_core")
    assert way.said(*modinfo).strip() == "mlx_compat"
    assert rollback.rollback(way.run, way.host) == "rolled-back", run_view.view(way.run).output
    assert "mlx_compat" not in way.said(*modinfo).split(",")
    assert stand_in.DKMS_NAME[kind] not in way.said("dkms", "status")
    assert not way.said("sh", "-c", "ls /etc/apt/sources.list.d /etc/yum.repos.d | grep doca").strip()


@pytest.mark.parametrize("kind", stand_in.KINDS)
def test_a_build_that_fails_while_the_package_manager_ends_well_is_told(
    kind: str, new_root: Callable[[], Path], tmp_path: Path
) -> None:
    way = Way(new_root(), kind, "failed build", tmp_path)
    view = way.apply()
    assert view.outcome == "failed"
    assert f"DKMS has not built the driver for Linux {way.kernel}, though the package manager ended well" in view.error
    assert "The kernel is newer than this release of the driver" in view.error
    assert f"/var/lib/dkms/{stand_in.DKMS_NAME[kind]}/{stand_in.VERSION}/build/make.log" in view.error
    assert rollback.rollback(way.run, way.host) == "rolled-back"


@pytest.mark.parametrize("kind", stand_in.KINDS)
def test_what_would_take_another_package_ends_at_the_dry_run(
    kind: str, new_root: Callable[[], Path], tmp_path: Path
) -> None:
    way = Way(new_root(), kind, "takes", tmp_path)
    view = way.apply()
    assert view.outcome == "failed"
    assert f"it would remove packages that are not for RDMA and not NVIDIA's: {stand_in.VICTIM}" in view.error
    assert dict(view.states)[doca_steps.INSTALL] == "waiting"
    assert stand_in.DKMS_NAME[kind] not in way.said("dkms", "status")
