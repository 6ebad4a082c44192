"""A virtual machine of the lab: start it, reach it, pull its plug."""

from __future__ import annotations

import hashlib
import io
import os
import shlex
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from sriov_tui.hosts.host import Completed

HERE = Path(__file__).parent
TOP = HERE.parents[1]
LAB = str(HERE / "lab")
PFS = ("0000:01:00.0", "0000:02:00.0")
NETDEVS = ("enp1s0", "enp2s0")
# A processor with svm, which QEMU emulates, so that KVM is there; and both ports on one wire. One arrangement for all
# that need no other: it is booted once, and saved.
KVM = ("--cpu", "phenom", "--wire")
PATIENCE = 3600.0  # seconds for one command of the lab; on a busy machine a boot alone took ten minutes
TOTALVFS = 7  # what the igb driver offers of the 82576's 8
PACKAGES = ("sriov_tui", "checks", "screens")
PYTHON_PATH = "/usr/local/lib/python3.13/dist-packages"

# What pip writes for the entry point of pyproject.toml.
LAUNCHER = """#!/usr/bin/python3
import sys
from sriov_tui.cli import main
if __name__ == "__main__":
    sys.exit(main())
"""


class LabError(AssertionError):
    """The machine did not do what the test needs; the message holds the command and its output."""


def reason_to_skip(arch: str = "amd64") -> str:
    """Why no lab of this architecture is or can be built on this machine, or ""."""
    check = subprocess.run([LAB, "check", arch], capture_output=True, text=True, check=False)
    return check.stderr.strip().removeprefix("lab: ") if check.returncode else ""


def archive(files: Mapping[str, bytes], mode: int = 0o644) -> bytes:
    """A tar of these files, to be unpacked in the machine."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for path, data in files.items():
            member = tarfile.TarInfo(path.lstrip("/"))
            member.size, member.mode = len(data), mode
            tar.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def sources(*folders: str) -> dict[str, bytes]:
    """The files of the checkout below these folders, as path -> content."""
    found = (path for folder in folders for path in sorted((TOP / folder).rglob("*")))
    keep = (path for path in found if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(TOP)): path.read_bytes() for path in keep}


class Machine:
    """One machine by its name; `ssh` raises LabError where a command fails, unless told not to."""

    def __init__(self, name: str) -> None:
        self.name = name

    def _lab(self, verb: str, *arguments: str, stdin: bytes = b"", timeout: float = PATIENCE) -> Completed:
        argv = [LAB, verb, "--name", self.name, *arguments]
        done = subprocess.run(argv, input=stdin, capture_output=True, timeout=timeout, check=False)
        out, err = (stream.decode(errors="surrogateescape") for stream in (done.stdout, done.stderr))
        return Completed(done.returncode, out, err)

    def _must(self, verb: str, *arguments: str, stdin: bytes = b"", timeout: float = PATIENCE) -> str:
        done = self._lab(verb, *arguments, stdin=stdin, timeout=timeout)
        if done.status:
            words = " ".join(arguments)
            raise LabError(f"lab {verb} {words}: status {done.status}\n{done.out[-4000:]}\n{done.err[-4000:]}")
        return done.out

    def up(self, *options: str) -> None:
        """Boot a fresh copy of the base disk; `options` as `lab up` takes them."""
        self._must("up", *options)

    def try_ssh(self, command: str, stdin: bytes = b"", timeout: float = PATIENCE) -> Completed:
        """Run a shell command in the machine, whatever its exit status."""
        return self._lab("ssh", command, stdin=stdin, timeout=timeout)

    def ssh(self, command: str, stdin: bytes = b"", timeout: float = PATIENCE) -> str:
        """Run a shell command in the machine; what it printed, without the last newline."""
        return self._must("ssh", command, stdin=stdin, timeout=timeout).rstrip("\n")

    def target(self, tty: bool, command: str) -> str:
        """The shell command that runs `command` in the machine, for a terminal multiplexer."""
        argv = self.ssh_argv()
        return shlex.join([*argv[:-1], "-tt" if tty else "-T", argv[-1], command])

    def ssh_argv(self) -> list[str]:
        """The ssh command line that reaches it: ssh, its options, -p and the port, root@ADDRESS."""
        return self._must("target").splitlines()

    def read(self, path: str) -> bytes:
        """A file of the machine, byte for byte."""
        return self.ssh_bytes(f"cat {shlex.quote(path)}")

    def ssh_bytes(self, command: str) -> bytes:
        """As `ssh`, with every byte as it came."""
        return self._must("ssh", command).encode(errors="surrogateescape")

    def write(self, path: str, data: bytes) -> None:
        """Write a file of the machine, and its folders."""
        quoted = shlex.quote(path)
        self.ssh(f"mkdir -p $(dirname {quoted}) && cat >{quoted}", stdin=data)

    def unpack(self, files: Mapping[str, bytes], folder: str, mode: int = 0o644) -> None:
        """Put these files below a folder of the machine."""
        self.ssh(f"mkdir -p {folder} && tar -xz --no-same-owner -C {folder}", stdin=archive(files, mode))

    def exists(self, paths: Iterable[str]) -> bool:
        """Whether all of these paths exist."""
        return self.try_ssh("ls -d " + " ".join(map(shlex.quote, paths))).status == 0

    def boot_id(self) -> str:
        """The kernel's id of this boot."""
        return self.ssh("cat /proc/sys/kernel/random/boot_id")

    def reboot(self) -> None:
        """Reboot it and wait until it answers."""
        self._must("reboot")

    def wait_for_other_boot(self, boot_id: str) -> None:
        """Wait until it answers from another boot than this one: something rebooted it."""
        self._must("wait", boot_id)

    def crash(self) -> None:
        """Pull the plug."""
        self._must("crash")

    def down(self) -> None:
        """Stop it and remove its disk."""
        self._must("down")

    def eswitch(self) -> None:
        """Load the kernel's netdevsim, and a card with an eswitch and two ports of it."""
        self._must("eswitch")

    def console(self) -> str:
        """The serial console's log so far."""
        return self._lab("console").out

    def install(self) -> None:
        """Install the checkout as pip would: packages, entry point, compiled modules, which are kept for the next."""
        files = sources(*PACKAGES)
        digest = hashlib.sha256(repr(sorted(files.items())).encode() + Path(LAB).read_bytes()).hexdigest()[:12]
        kept = Path(self._must("folder").strip()) / f"program-{digest}.tar.gz"
        if kept.exists():
            self.ssh(f"tar -xz -C {PYTHON_PATH}", stdin=kept.read_bytes())
        else:
            self.unpack(files, PYTHON_PATH)
            names = " ".join(PACKAGES)
            self.ssh(f"cd {PYTHON_PATH} && python3 -m compileall -q {names}")
            new = kept.with_suffix(f".{os.getpid()}")
            new.write_bytes(self.ssh_bytes(f"tar -c -C {PYTHON_PATH} {names} | gzip -1"))
            new.rename(kept)
        self.unpack({"sriov-tui": LAUNCHER.encode()}, "/usr/local/bin", 0o755)

    def give_host_conf(self) -> None:
        """Lay /etc/yunion/host.conf down as an installer leaves it."""
        self.write("/etc/yunion/host.conf", (HERE / "host.conf").read_bytes())
