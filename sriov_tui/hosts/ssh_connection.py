"""The SSH connection that this process came by, told by the processes above it: sudo hides it from the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

SERVERS = ("sshd", "sshd-session", "dropbear")
PROC = Path("/proc")


def connection(pid: int = 0, proc: Path = PROC) -> str:
    """SSH_CONNECTION ("client port server port") of this process or the nearest one above it; "" without one."""
    if not pid and (own := os.environ.get("SSH_CONNECTION")):
        return own
    for above in _chain(pid or os.getpid(), proc):
        try:
            entries = (proc / str(above) / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        for entry in entries:
            if entry.startswith(b"SSH_CONNECTION="):
                return entry.partition(b"=")[2].decode("ascii", "replace")
    return ""


def since(pid: int = 0, proc: Path = PROC) -> float | None:
    """When the SSH server process of this connection was started, in seconds since the boot; None without one.

    The kernel counts it in CLOCK_BOOTTIME (proc_pid_stat(5), starttime). Inside tmux or screen there is none:
    such a shell may be older than the connection that shows it.
    """
    for above in _chain(pid or os.getpid(), proc):
        if _name(above, proc) in SERVERS:
            return int(_stat(above, proc)[19]) / os.sysconf("SC_CLK_TCK")
    return None


def _chain(pid: int, proc: Path) -> Iterator[int]:
    """The process and those above it, up to the first."""
    while pid > 0:
        yield pid
        try:
            pid = int(_stat(pid, proc)[1])
        except (OSError, IndexError, ValueError):
            return


def _stat(pid: int, proc: Path) -> list[str]:
    """The fields of /proc/PID/stat after the name, which itself may hold anything: state, ppid, ..."""
    return (proc / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()


def _name(pid: int, proc: Path) -> str:
    try:
        return (proc / str(pid) / "comm").read_text(errors="replace").strip()
    except OSError:
        return ""
