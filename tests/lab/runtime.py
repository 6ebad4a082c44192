"""Debian's containerd, put into the lab's machine from this machine's own mirror: the base disk stays as it is."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

from tests.lab.machine import HERE, LabError, Machine

PACKAGES = ("containerd", "runc")
PROGRAMS = ("containerd", "containerd-shim-runc-v2", "ctr", "runc")
POD_FILES = ("agent_pod.py", "stand_in_agent.py")
AT = "/opt/agent"


def give_containerd(machine: Machine, folder: Path) -> None:
    """Install its programs, and start it; `folder` is where the packages are kept."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as tar:
        for name in PACKAGES:
            (package,) = _fetched(name, folder)
            subprocess.run(["dpkg-deb", "-x", package, folder / name], check=True)
            for file in sorted((folder / name / "usr").glob("*bin/*")):
                if file.name in PROGRAMS and not file.is_symlink():
                    tar.add(file, f"usr/bin/{file.name}")
    machine.ssh("tar -xz --no-same-owner -C /", stdin=buffer.getvalue())
    machine.ssh("systemd-run --unit=containerd --property=Delegate=yes --property=KillMode=process containerd")
    wait_for(machine, "ctr version")


def give_pod(machine: Machine) -> None:
    """Start the stand-in pod."""
    machine.unpack({name: (HERE / name).read_bytes() for name in POD_FILES}, AT)
    machine.ssh(f"systemd-run --unit=kubelet python3 {AT}/agent_pod.py kubelet")
    wait_for(machine, "ctr -n k8s.io tasks list | grep -q RUNNING")


def wait_for(machine: Machine, command: str) -> None:
    """Until it succeeds."""
    done = machine.try_ssh(f"for i in $(seq 600); do {command} >/dev/null 2>&1 && exit 0; sleep 0.5; done; exit 1")
    if done.status:
        log = machine.ssh("journalctl --no-pager -n 40 -u containerd -u kubelet; ls -R /var/log/pods; true")
        raise LabError(f"{command}\n{log}")


def _fetched(name: str, folder: Path) -> list[Path]:
    if not list(folder.glob(f"{name}_*.deb")):
        subprocess.run(["apt-get", "-qq", "download", name], cwd=folder, check=True)
    return sorted(folder.glob(f"{name}_*.deb"))[-1:]
