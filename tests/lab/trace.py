"""What a command did to the machine, by `strace -f`: everything that is not reading."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from sriov_tui.hosts.host import QUERIES
from tests.lab.machine import LabError, Machine

CALLS = (
    "%file,%process,ftruncate,fallocate,fchmod,fchown,fsetxattr,fremovexattr,"
    "init_module,finit_module,delete_module,reboot,sethostname,settimeofday,ioctl,sendto,sendmsg,sendmmsg"
)
LOOKS = re.compile(
    r"access|faccessat2?|getcwd|l?stat|newfstatat|statx|statfs|readlink(at)?|l?getxattr|listxattr|chdir|v?fork|clone3?|"
    r"wait4|waitid|exit(_group)?|execve(at)?"
)
IOCTLS = re.compile(r"FIOCLEX|FIONBIO|FIONREAD|TCGETS2?|TIOCGWINSZ|TIOCGPGRP|SIOCETHTOOL|SIOCGIFINDEX")
WRITES = re.compile(r"\b(O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|O_TMPFILE)\b")
OVSDB_READS = ("get_schema", "list_dbs", "monitor", "monitor_cond", "monitor_cond_since", "set_db_change_aware", "echo")
HARMLESS_FILES = ("/dev/null", "/dev/tty")


@dataclass(frozen=True, slots=True)
class Trace:
    """The lines of a trace that change something or may, the commands that were started, and the number of calls."""

    changes: tuple[str, ...]
    commands: tuple[tuple[str, ...], ...]
    calls: int

    def strangers(self, itself: tuple[str, ...]) -> tuple[str, ...]:
        """Commands that are neither this one itself nor on the list of read-only ones."""
        lines = {" ".join(argv) for argv in self.commands if argv != itself}
        return tuple(sorted(line for line in lines if not any(query.fullmatch(line) for query in QUERIES)))


def trace(machine: Machine, *argv: str) -> Trace:
    """Run a command in the machine under strace, each thread and child in a file of its own."""
    machine.ssh(
        f"rm -rf /root/trace && mkdir /root/trace && cd /root && strace -ff -qq -s 65536 -e trace={CALLS} "
        f"-o /root/trace/t {' '.join(argv)} >/root/trace/out 2>/root/trace/err; true"
    )
    lines = machine.ssh("cat /root/trace/t.*").splitlines()
    errors = machine.ssh("cat /root/trace/err")
    if len(lines) < 100:
        raise LabError(f"too little was traced: {lines}\n{errors}")
    return read(lines)


def read(lines: list[str]) -> Trace:
    """Judge the lines of a trace."""
    calls = [line for line in lines if re.match(r"\w+\(", line)]
    changes = tuple(line for line in calls if _changes(line))
    commands = tuple(_argv(line) for line in calls if line.startswith("execve("))
    return Trace(changes, commands, len(calls))


def _changes(line: str) -> bool:
    name = line.partition("(")[0]
    if name in ("open", "openat", "openat2"):
        return bool(WRITES.search(_without_text(line))) and not any(f'"{path}"' in line for path in HARMLESS_FILES)
    if name == "ioctl":
        return not IOCTLS.fullmatch(re.split(r"[,)]", line)[1].strip())
    if name.startswith("send"):
        return not (_asks_netlink(line) or _asks_ovsdb(line))
    return not LOOKS.fullmatch(name)


def _without_text(line: str) -> str:
    return re.sub(r'"(?:[^"\\]|\\.)*"', '""', line)


def _asks_netlink(line: str) -> bool:
    """Whether these are rtnetlink messages that get; of each kind's four numbers the third is "get" (rtnetlink.h)."""
    types = re.findall(r"nlmsg_type=(\w+)", line)
    return bool(types) and all(
        kind.startswith("RTM_GET") or (kind.startswith("0x") and int(kind, 16) % 4 == 2) for kind in types
    )


def _asks_ovsdb(line: str) -> bool:
    """Whether this is a message to ovsdb-server that only reads (RFC 7047, section 4.1), or the answer to its echo."""
    found = re.match(r'send\w+\(\d+, ("(?:[^"\\]|\\.)*")', line)
    try:
        message = json.loads(json.loads(found[1])) if found else None
    except ValueError:
        return False
    if not isinstance(message, dict):
        return False
    if message.get("method") == "transact":
        operations = [part for part in message["params"] if isinstance(part, dict)]
        return all(part.get("op") in ("select", "wait", "comment", "assert") for part in operations)
    return message.get("method", "echo") in OVSDB_READS


def _argv(line: str) -> tuple[str, ...]:
    found = re.match(r'execve\("(?:[^"\\]|\\.)*", (\[.*?\]), (?:0x|\[)', line)
    if not found:
        raise LabError(f"an execve that cannot be read: {line}")
    return tuple(json.loads(found[1]))
