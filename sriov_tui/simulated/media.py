"""Simulated images: what `mount` and `tar` make of a file, and the small commands around them.

simulation["media"][PATH] says what is in an image and how its installer ends (see `simulated.mellanox.installer`);
simulation["opened"] is the path of the one whose content is there now.
"""

from __future__ import annotations

from collections.abc import Callable

from sriov_tui.hosts.machine import Machine, exists, put_dir, put_file, remove, split, text
from sriov_tui.model import MEDIA_DIR

MOUNTS = "/proc/self/mounts"
Output = Callable[[str], None]


def opened(machine: Machine) -> str:
    """The image whose content is at MEDIA_DIR; "" for none."""
    return str(machine.simulation.get("opened", ""))


def _open(machine: Machine, path: str) -> None:
    machine.simulation["opened"] = path
    put_file(machine, f"{MEDIA_DIR}/mlnxofedinstall", b"", 0o755)


def _close(machine: Machine) -> None:
    machine.simulation.pop("opened", None)
    remove(machine, f"{MEDIA_DIR}/mlnxofedinstall")


def _mount(machine: Machine, arguments: list[str], output: Output) -> int:
    path, at = arguments[-2:]
    if path not in machine.files or at not in machine.dirs:
        output(f"mount: {at}: special device {path} does not exist.")
        return 32
    if path not in machine.simulation.get("media", {}):
        output(f"mount: {at}: wrong fs type, bad option, bad superblock on /dev/loop0.")
        return 32
    rows = text(machine, MOUNTS)
    put_file(machine, MOUNTS, f"{rows}\n/dev/loop0 {at} iso9660 ro,nosuid,nodev,relatime 0 0\n".lstrip("\n"))
    _open(machine, path)
    return 0


def _umount(machine: Machine, arguments: list[str], output: Output) -> int:
    at = arguments[-1]
    rows = text(machine, MOUNTS).splitlines()
    kept = [row for row in rows if row.split(" ")[1:2] != [at]]
    if kept == rows:
        output(f"umount: {at}: not mounted.")
        return 32
    put_file(machine, MOUNTS, "".join(f"{row}\n" for row in kept))
    _close(machine)
    return 0


def _tar(machine: Machine, arguments: list[str], output: Output) -> int:
    path = next((word.removeprefix("--file=") for word in arguments if word.startswith("--file=")), "")
    if path not in machine.simulation.get("media", {}):
        output("gzip: stdin: not in gzip format")
        return 2
    _open(machine, path)
    return 0


def _mkdir(machine: Machine, arguments: list[str], output: Output) -> int:
    put_dir(machine, arguments[-1])
    return 0


def _rm(machine: Machine, arguments: list[str], output: Output) -> int:
    path = arguments[-1]
    if path != MEDIA_DIR:
        output(f"rm: {path}: not simulated")
        return 2
    _close(machine)
    while path not in ("/run", "/") and not machine.dirs.get(path):  # as it was before anything was opened
        remove(machine, path)
        path = split(path)[0]
    return 0


def _test(machine: Machine, arguments: list[str], output: Output) -> int:
    return 0 if arguments[:1] == ["-f"] and exists(machine, arguments[-1]) else 1


COMMANDS: dict[str, Callable[[Machine, list[str], Output], int]] = {
    "mount": _mount,
    "umount": _umount,
    "tar": _tar,
    "mkdir": _mkdir,
    "rm": _rm,
    "test": _test,
}
