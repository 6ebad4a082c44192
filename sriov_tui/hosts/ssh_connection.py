"""The SSH connection that this process came by, found by the processes above it and the sockets of the server.

A connection is four words as in SSH_CONNECTION: "client port server port". A word that cannot be known is UNKNOWN, as
sshd itself writes it. A terminal multiplexer may be seen over any connection of the host, so it has all of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from sriov_tui.hosts import sockets

SERVERS = ("sshd", "sshd-session", "dropbear")
MULTIPLEXERS = ("tmux", "screen", "SCREEN", "zellij", "abduco", "dtach")  # tmux: "tmux: server"
PROC = Path("/proc")
HANDED = "SRIOV_TUI_SESSION"  # the session, handed to the processes that we start: nothing is above them
UNKNOWN = "UNKNOWN 65535 UNKNOWN 65535"
PSEUDO_TERMINALS = range(136, 144)  # UNIX98_PTY_SLAVE_MAJOR, include/uapi/linux/major.h


def connection(pid: int = 0, proc: Path = PROC) -> str:
    """Every connection that this process may be seen by, four words each; "" at a console and in a service."""
    if not pid and (handed := os.environ.get(HANDED)) is not None:
        return handed
    above = tuple(_chain(pid or os.getpid(), proc))
    named = _named(above, proc) or ("" if pid else os.environ.get("SSH_CONNECTION", ""))
    for one in above:
        name = _name(one, proc)
        if name in SERVERS:
            return _of_server(one, named, proc)
        if name.startswith(MULTIPLEXERS):
            return _of_all_servers(proc)
    if named:
        return named if sockets.established(proc / "net", named) else UNKNOWN
    return UNKNOWN if above and _on_pseudo_terminal(above[0], proc) else ""


def since(pid: int = 0, proc: Path = PROC) -> float | None:
    """When the SSH server process of this connection was started, in seconds since the boot; None without one.

    The kernel counts it in CLOCK_BOOTTIME (proc_pid_stat(5), starttime). Inside tmux or screen there is none:
    such a shell may be older than the connection that shows it.
    """
    for above in _chain(pid or os.getpid(), proc):
        if _name(above, proc) in SERVERS:
            return int(_stat(above, proc)[19]) / os.sysconf("SC_CLK_TCK")
    return None


def _of_server(pid: int, named: str, proc: Path) -> str:
    """The connection of a server process: by its own sockets where they can be seen, else as it was named."""
    found = _held(pid, proc)
    if found is None:
        words = named or UNKNOWN
    else:  # only the name has the zone of a link-local address
        words = named if any(sockets.same(named, one) for one in found) else next(iter(found), UNKNOWN)
    theirs = _namespace(pid, proc)
    if theirs in ("", _namespace(os.getpid(), proc)):  # only root sees another's
        return words
    client, port, _, served = words.split()
    return f"{client} {port} UNKNOWN {served}"


def _of_all_servers(proc: Path) -> str:
    """The connections of all SSH servers of the host."""
    pids = [int(path.name) for path in proc.iterdir() if path.name.isdigit()]
    servers = [pid for pid in pids if _name(pid, proc) in SERVERS]
    words = {_of_server(pid, "", proc) for pid in servers if _held(pid, proc) != ()}
    return " ".join(sorted(words)) or UNKNOWN


def _held(pid: int, proc: Path) -> tuple[str, ...] | None:
    """The established connections of a process; None where its descriptors cannot be seen."""
    try:
        targets = [os.readlink(path) for path in (proc / str(pid) / "fd").iterdir()]
    except OSError:
        return None
    inodes = {found[1] for target in targets if (found := re.fullmatch(r"socket:\[(\d+)\]", target))}
    return sockets.connections(proc / str(pid) / "net", inodes)


def _named(above: tuple[int, ...], proc: Path) -> str:
    """SSH_CONNECTION of the nearest process that has it: sudo takes it away from those below it."""
    for pid in above:
        try:
            entries = (proc / str(pid) / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        for entry in entries:
            words = entry.partition(b"=")[2].decode("ascii", "replace").split()
            if entry.startswith(b"SSH_CONNECTION="):
                return " ".join(words) if len(words) == 4 else UNKNOWN
    return ""


def _namespace(pid: int, proc: Path) -> str:
    try:
        return os.readlink(proc / str(pid) / "ns" / "net")
    except OSError:
        return ""


def _on_pseudo_terminal(pid: int, proc: Path) -> bool:
    """Whether its terminal is one that a program shows somewhere: a container's shell, run0, a page of the web."""
    try:
        number = int(_stat(pid, proc)[4])
    except (OSError, IndexError, ValueError):
        return False
    return (number >> 8) & 0xFFF in PSEUDO_TERMINALS


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
