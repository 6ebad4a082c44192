"""The audit against the two programs that an operator would run instead of it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator

from tests.bench.table import Missing, Result, compared
from tests.bench.timing import PROGRAM, TOP, CannotMeasure, alternate, wall

WHAT = "audit --format json on this machine"
AUDIT = (PROGRAM, "audit", "--format", "json")
RIVALS = (("lspci", "-vv"), ("virt-host-validate", "qemu"))
PACKAGES = {"lspci": "pciutils", "virt-host-validate": "libvirt-clients"}
ROUNDS = 9


def measure() -> Iterator[Result]:
    """Both on this machine, in turn."""
    absent = [argv[0] for argv in RIVALS if shutil.which(argv[0]) is None]
    if absent:
        packages = " and ".join(PACKAGES[name] for name in absent)
        yield Missing(WHAT, f"{' and '.join(absent)} not installed here (Debian: {packages})")
        return
    _check()
    ours, other = alternate(audit, rivals, ROUNDS)
    yield compared(WHAT, ours, other, "lspci -vv, then virt-host-validate qemu", goal=1.0)


def audit() -> float:
    """One audit; "not ready" is an answer, too."""
    return wall(AUDIT, allowed=(0, 2))


def rivals() -> float:
    """Both, one after the other; virt-host-validate ends with 1 where something failed."""
    return wall(RIVALS[0]) + wall(RIVALS[1], allowed=(0, 1))


def _check() -> None:
    """The audit has to find something, or its time means nothing."""
    done = subprocess.run(AUDIT, capture_output=True, check=False, cwd=TOP)
    try:
        findings = json.loads(done.stdout)["findings"]
    except (ValueError, KeyError) as error:
        said = done.stderr.decode(errors="replace").strip()[-400:]
        raise CannotMeasure(f"`{' '.join(AUDIT)}` gave no findings: {said}") from error
    if not findings:
        raise CannotMeasure(f"`{' '.join(AUDIT)}` found nothing at all")
