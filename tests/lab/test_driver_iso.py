"""A real ISO with a stand-in for the vendor's installer: mounted by a real kernel, run, followed, unmounted; each end.

There is no ConnectX in the lab, so the plan is made here and not by the checks; the engine is the real one.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sriov_tui import plan as plans
from sriov_tui.message import verbatim
from sriov_tui.model import MEDIA_DIR, Medium, Plan, Run, Step
from tests.driver_machines import NAME, iso_of
from tests.lab.conftest import Boot
from tests.lab.machine import Machine
from tests.stand_in_installer import ENDS, UNINSTALL, image

PATH, PLAN = f"/root/{NAME}", "/root/plan.json"
APPLY = f"sriov-tui apply {PLAN} --yes --new"
TOOLS = ("xorriso", "genisoimage", "mkisofs")
Make = Callable[[Mapping[str, bytes], Path], bytes]


@pytest.fixture(scope="module")
def machine(boot: Boot) -> Machine:
    """A machine with the program."""
    return boot()


def by_us(files: Mapping[str, bytes], folder: Path) -> bytes:
    """The image that the other tests read."""
    return iso_of(files)


def by_tool(files: Mapping[str, bytes], folder: Path) -> bytes:
    """An image as the vendor makes his: by mkisofs or a program like it."""
    tool = next((tool for tool in TOOLS if shutil.which(tool)), None)
    if tool is None:
        pytest.skip(f"none of {', '.join(TOOLS)} is here")
    tree = folder / "tree"
    for path, data in files.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_bytes(data)
    (tree / "mlnxofedinstall").chmod(0o755)
    words = [tool, *(["-as", "mkisofs"] if tool == "xorriso" else []), "-quiet", "-r", "-o", str(folder / "x.iso")]
    subprocess.run([*words, str(tree)], check=True)
    return (folder / "x.iso").read_bytes()


def lay(machine: Machine, data: bytes, sha256: str = "") -> None:
    """Put the image and a plan that installs it into the machine."""
    machine.write(PATH, data)
    digest = sha256 or hashlib.sha256(data).hexdigest()
    run = Run(argv=(f"{MEDIA_DIR}/mlnxofedinstall", "--force", "--without-fw-update"), timeout=600.0,
              medium=Medium(path=PATH, sha256=digest), undo=(UNINSTALL, "--force"))  # fmt: skip
    step = Step(
        id="driver.install",
        title=verbatim("Install the vendor's driver"),
        why=verbatim("To see it."),
        operations=(run,),
    )
    machine.write(PLAN, plans.to_json(Plan(host=machine.ssh("hostname"), steps=(step,))).encode())


def is_closed(machine: Machine) -> bool:
    """Whether nothing is mounted, no loop device is held, and the folder is gone."""
    mounts = machine.ssh("cat /proc/self/mounts")
    return MEDIA_DIR not in mounts and machine.ssh("losetup -a") == "" and not machine.exists([MEDIA_DIR])


@pytest.mark.parametrize("make", [by_us, by_tool])
def test_it_is_mounted_run_followed_and_unmounted_and_taken_back(machine: Machine, make: Make, tmp_path: Path) -> None:
    lay(machine, make(image("success"), tmp_path))
    done = machine.try_ssh(APPLY)
    assert done.status == 0, done.out
    assert "stage 3 of 9: it builds the packages for this kernel" in done.out
    assert "stage 9 of 9: it is done" in done.out
    assert "the image is writable" not in done.out
    assert machine.exists([UNINSTALL])
    assert is_closed(machine)
    machine.ssh("sriov-tui rollback --yes")
    assert not machine.exists([UNINSTALL])


@pytest.mark.parametrize("end", ENDS)
def test_each_failure_has_its_cause_and_leaves_nothing(machine: Machine, end: str) -> None:
    lay(machine, iso_of(image(end)))
    done = machine.try_ssh(APPLY)
    assert done.status == 4, done.out
    assert ENDS[end] in done.out
    assert is_closed(machine)
    machine.ssh("sriov-tui rollback --yes")


def test_a_wrong_digest_mounts_nothing(machine: Machine) -> None:
    lay(machine, iso_of(image("success")), "0" * 64)
    done = machine.try_ssh(APPLY)
    assert done.status == 4
    assert "is not the image that was chosen" in done.out
    assert not machine.exists([UNINSTALL])
    assert is_closed(machine)


def test_a_cut_engine_leaves_a_mount_that_the_next_go_takes_away(machine: Machine) -> None:
    lay(machine, iso_of(image("success")))
    machine.ssh(f"mkdir -p {MEDIA_DIR} && mount -o loop,ro {PATH} {MEDIA_DIR}")
    assert not is_closed(machine)
    assert machine.try_ssh(APPLY).status == 0
    assert is_closed(machine)
