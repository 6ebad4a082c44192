"""The commands that change a simulated machine."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from functools import partial

from sriov_tui.hosts.machine import Machine, resolve, text
from sriov_tui.simulated import links, media, network, ovs, units
from sriov_tui.simulated.follow import follow
from sriov_tui.simulated.grub import evaluate, update_grub
from sriov_tui.simulated.grub2 import grubby, mkconfig
from sriov_tui.simulated.mellanox import doca, eswitch, firmware, installer
from sriov_tui.simulated.modules import modprobe

Output = Callable[[str], None]
_ASSIGNED = re.compile(r"[A-Z_]+=")


def run(machine: Machine, argv: Sequence[str], output: Output) -> int:
    """Run a command; 127 for one that the simulated machine does not have, 2 for arguments that it does not know."""
    program, *arguments = argv
    if program == "env":
        first = next((at for at, word in enumerate(arguments) if not _ASSIGNED.match(word)), len(arguments) - 1)
        return run(machine, arguments[first:], output)
    command = _COMMANDS.get(program)
    if command is None:
        output(f"{program}: not found on the simulated machine")
        return 127
    return command(machine, arguments, output)


def _update_grub(machine: Machine, arguments: list[str], output: Output) -> int:
    return _unknown("update-grub", arguments, output) if arguments else update_grub(machine, output)


def _grub_mkconfig(machine: Machine, arguments: list[str], output: Output) -> int:
    if len(arguments) != 2 or arguments[0] != "-o":
        return _unknown("grub-mkconfig", arguments, output)
    return update_grub(machine, output, arguments[1])


def _sh(machine: Machine, arguments: list[str], output: Output) -> int:
    """`sh -n FILE` on a settings file: its quotes have to be closed; `sh -c LINE`, as units have it."""
    if arguments[:1] == ["-c"] and len(arguments) == 2:
        return units.shell(machine, arguments[1], run, output)
    if arguments[:1] != ["-n"] or len(arguments) != 2:
        return _unknown("sh", arguments, output)
    for number, line in enumerate(text(machine, arguments[1]).splitlines(), 1):
        try:
            shlex.split(line, comments=True)
        except ValueError:
            output(f"sh: {number}: {arguments[1]}: Syntax error: Unterminated quoted string")
            return 2
    return 0


def _grub_script_check(machine: Machine, arguments: list[str], output: Output) -> int:
    """1 also for an empty file (what grub-script-check of GRUB 2.06 does)."""
    path = arguments[-1] if arguments else ""
    content = text(machine, path) if path else ""
    if not content:
        output(f"Script `{path}' contains no commands and will do nothing")
        return 1
    if content.count("{\n") != sum(line.strip() == "}" for line in content.splitlines()):
        output("error: syntax error.")
        return 1
    return 0


def _udevadm(machine: Machine, arguments: list[str], output: Output) -> int:
    if arguments[:1] == ["settle"] or arguments in (["control", "--reload"], ["control", "--reload-rules"]):
        return 0  # rules are read at every boot, and nothing here is late
    return _unknown("udevadm", arguments, output)


def _cmp(machine: Machine, arguments: list[str], output: Output) -> int:
    """`cmp FILE FILE`: 1 where they differ."""
    if len(arguments) != 2:
        return _unknown("cmp", arguments, output)
    first, second = (text(machine, resolve(machine, path)) for path in arguments)
    if first != second:
        output(f"{arguments[0]} {arguments[1]} differ: byte 1, line 1")
    return int(first != second)


def _unknown(program: str, arguments: list[str], output: Output) -> int:
    output(f"{program} {' '.join(arguments)}: not simulated")
    return 2


_COMMANDS: dict[str, Callable[[Machine, list[str], Output], int]] = {
    "update-grub": _update_grub,
    "grub-mkconfig": _grub_mkconfig,
    "grub-script-check": _grub_script_check,
    "grub2-mkconfig": lambda machine, arguments, output: mkconfig(machine, arguments, output, evaluate),
    "grub2-script-check": _grub_script_check,
    "grubby": grubby,
    "sh": _sh,
    "modprobe": modprobe,
    "udevadm": _udevadm,
    **{tool: partial(firmware.run, tool) for tool in firmware.TOOLS},
    "devlink": eswitch.devlink,
    "ip": links.ip,
    "ethtool": links.ethtool,
    "ovs-vsctl": ovs.vsctl,
    "systemctl": lambda machine, arguments, output: units.systemctl(machine, arguments, output, run, follow),
    "timeout": lambda machine, arguments, output: run(machine, arguments[1:], output),
    "cmp": _cmp,
    "sleep": lambda machine, arguments, output: 0,  # time is not simulated
    "ifup": network.ifup,
    "ifdown": network.ifdown,
    "netplan": network.netplan,
    "nmcli": network.nmcli,
    **media.COMMANDS,
    **installer.COMMANDS,
    **doca.COMMANDS,
}
