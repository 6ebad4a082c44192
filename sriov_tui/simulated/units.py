"""Simulated systemd: units that are enabled, and what the ExecStart lines of a oneshot unit do at boot.

Of the shell it knows what such a line may hold: `A || B`, `echo X > FILE`, `cat FILE > FILE`, a `for` over a pattern,
and the commands of the simulated machine. Anything else fails, as an unknown command does.
"""

from __future__ import annotations

import fnmatch
import re
import shlex
from collections.abc import Callable, Sequence
from functools import partial

from sriov_tui.hosts.machine import Machine, exists, names, put_link, remove, resolve, split, text
from sriov_tui.simulated import links, network, ovs
from sriov_tui.simulated.attributes import store
from sriov_tui.simulated.log import log

NETWORKD = "systemd-networkd.service"
UNITS, VENDOR = "/etc/systemd/system", "/usr/lib/systemd/system"
WANTED = f"{UNITS}/multi-user.target.wants"
Output = Callable[[str], None]
Command = Callable[[Machine, Sequence[str], Output], int]
_SHELL = re.compile(r"(?P<mark>-?)/bin/sh -c '(?P<line>[^']*)'")
_UNTIL = re.compile(r"until ! test -e (?P<path>\S+) \|\| grep -qx (?P<word>\w+) (?P=path); do sleep 1; done")
_PORTS = re.compile(r"until (?:test -e /sys/class/net/\S+/master(?: && )?)+; do sleep 1; done")
_LOOP = re.compile(r"for (?P<name>\w+) in (?P<pattern>\S+); do (?P<body>.+); done")


def systemctl(
    machine: Machine, arguments: list[str], output: Output, run: Command, follow: Callable[[Machine], None]
) -> int:
    """`systemctl enable|disable UNIT`, `daemon-reload`; what starts is a unit of ours, networkd and Open vSwitch."""
    match arguments:
        case ["daemon-reload"]:
            return 0
        case ["enable", unit]:
            if f"{UNITS}/{unit}" not in machine.files:
                output(f"Failed to enable unit: Unit file {unit} does not exist.")
                return 1
            put_link(machine, f"{WANTED}/{unit}", f"{UNITS}/{unit}")
            return 0
        case ["disable", unit]:
            remove(machine, f"{WANTED}/{unit}")
            if not machine.dirs.get(WANTED, [unit]):  # systemd 252, shared/install.c: rmdir_parents
                remove(machine, WANTED)
            return 0
        case ["is-active", unit] if unit == NETWORKD:
            return 0
        case ["restart", unit] if unit == NETWORKD:
            return network.networkd(machine, output)
        case ["start", unit] if f"{UNITS}/{unit}" in machine.files:
            return _start(machine, unit, text(machine, f"{UNITS}/{unit}"), run, follow)
    return ovs.systemctl(machine, arguments, output)


def boot(machine: Machine, run: Command, follow: Callable[[Machine], None], late: bool = False) -> None:
    """Start every enabled unit of the administrator, before the network or `late`; what failed stands in the log."""
    for unit in names(machine, WANTED):
        content = text(machine, f"{WANTED}/{unit}")
        condition = re.search(r"^ConditionPathExists=(.+)$", content, re.MULTILINE)
        after = bool(re.search(r"^After=.*\bnetwork\.target\b", content, re.MULTILINE))
        if (
            after == late
            and "Type=oneshot" in content.splitlines()
            and (not condition or _exists(machine, condition[1]))
        ):
            _start(machine, unit, content, run, follow)


def shell(machine: Machine, line: str, run: Command, output: Output) -> int:
    """One line of shell, as far as it is understood."""
    return _shell(machine, line, run, output)


def _exists(machine: Machine, path: str) -> bool:
    return exists(machine, resolve(machine, path))


def _start(machine: Machine, unit: str, content: str, run: Command, follow: Callable[[Machine], None]) -> int:
    """1 where it failed: a line that fails ends it, unless it begins with "-"; then ExecStopPost is run."""
    say = partial(_say, machine, unit)
    for line in _lines(content, "ExecStart"):
        found = _SHELL.fullmatch(line)
        status = _shell(machine, found["line"].replace("$$", "$"), run, say) if found else 127
        follow(machine)
        if status and not (found and found["mark"]):
            log(machine, f"systemd[1]: {unit}: Failed with result 'exit-code'.")
            for last in _lines(content, "ExecStopPost"):
                if stop := _SHELL.fullmatch(last):
                    _shell(machine, stop["line"].replace("$$", "$"), run, say)
            return 1
    return 0


def _say(machine: Machine, unit: str, line: str) -> None:
    log(machine, f"{unit}: {line}")


def _lines(content: str, key: str) -> list[str]:
    return [line.removeprefix(f"{key}=") for line in content.splitlines() if line.startswith(f"{key}=")]


def _shell(machine: Machine, line: str, run: Command, output: Output) -> int:
    if wait := _UNTIL.fullmatch(line):  # a machine that waits changes nothing by it
        return 0 if not _exists(machine, wait["path"]) or text(machine, wait["path"]) == wait["word"] else 1
    if _PORTS.fullmatch(line):
        rows = (links.row_of(machine, name) for name in re.findall(r"/net/(\S+)/master", line))
        return 0 if all(row and row["master"] for row in rows) else 1
    if there := re.fullmatch(r"test (! )?-e (\S+) \|\| (.+)", line):
        return 0 if _exists(machine, there[2]) != bool(there[1]) else _shell(machine, there[3], run, output)
    if loop := _LOOP.fullmatch(line):
        status = 0
        for path in _glob(machine, loop["pattern"]):
            body = loop["body"].replace(f"${{{loop['name']}##*/}}", split(path)[1]).replace(f"${loop['name']}", path)
            status = _shell(machine, body, run, output)
        return status
    status = 1
    for part in line.split(" || "):
        status = _command(machine, part, run, output)
        if status == 0:
            break
    return status


def _glob(machine: Machine, pattern: str) -> list[str]:
    """The last part of a path as a pattern; the pattern itself where nothing fits, as in a shell."""
    above, last = split(pattern)
    found = [f"{above}/{name}" for name in names(machine, above) if fnmatch.fnmatchcase(name, last)]
    return found or [pattern]


def _command(machine: Machine, part: str, run: Command, output: Output) -> int:
    words = shlex.split(part)
    if words[-2:-1] != [">"]:
        return run(machine, words, output)
    match words[:-2]:
        case ["echo", value]:
            pass
        case ["cat", path]:
            value = text(machine, path)
        case _:
            output(f"sh: {part}: not simulated")
            return 2
    try:
        store(machine, words[-1], value)
    except OSError as error:
        output(f"sh: {words[-1]}: {error.strerror}")
        return 1
    return 0
