"""Simulated `update-grub`: from /etc/default/grub and its drop-ins to /boot/grub/grub.cfg, and the entry that boots.

The settings are shell. What is evaluated here is assignments with quotes, variables and `+=`; whatever else touches
the kernel arguments is refused in words, since a guess would make the simulation lie.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sriov_tui.hosts.machine import Machine, names, put_file, resolve, text
from sriov_tui.simulated import grub2

DEFAULTS, DROPINS, CONFIG = "/etc/default/grub", "/etc/default/grub.d", "/boot/grub/grub.cfg"
LINUX, DEFAULT = "GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_DEFAULT"
_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)(?P<more>\+?)=(?P<value>.*)$")
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")


class Unsupported(ValueError):
    """Shell that the simulation does not evaluate."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A menu entry on the top level of grub.cfg."""

    title: str
    kernel: str
    arguments: str


def update_grub(machine: Machine, output: Callable[[str], None], to: str = CONFIG) -> int:
    """Write a new menu; 1 with a reason, and the old file kept, where the settings cannot be evaluated."""
    output("Generating grub configuration file ...")
    variables: dict[str, str] = {}
    dropins = (f"{DROPINS}/{name}" for name in names(machine, DROPINS) if name.endswith(".cfg"))
    try:
        for path in (DEFAULTS, *dropins):
            evaluate(text(machine, path), variables, path)
    except Unsupported as error:
        output(f"update-grub (simulated): {error}")
        return 1
    kernels = sorted((n for n in names(machine, "/boot") if n.startswith("vmlinuz-")), reverse=True)
    for kernel in kernels:
        output(f"Found linux image: /boot/{kernel}")
    put_file(machine, resolve(machine, to), _config(machine, kernels, variables), 0o600)
    output("done")
    return 0


def evaluate(script: str, variables: dict[str, str], where: str) -> None:
    """Apply the assignments of a settings file; Unsupported for other shell that concerns the kernel arguments."""
    for number, line in enumerate(script.splitlines(), 1):
        plain = line.strip()
        if not plain or plain.startswith("#"):
            continue
        matters = "GRUB_CMDLINE" in plain or "GRUB_DEFAULT" in plain
        found = _ASSIGNMENT.match(plain)
        try:
            if found:
                value = _value(found["value"], variables)
                variables[found["name"]] = variables.get(found["name"], "") + value if found["more"] else value
            elif matters:
                raise Unsupported("not a plain assignment")
        except Unsupported as error:
            if matters:
                raise Unsupported(f"{where}:{number}: {error}") from None


def _value(source: str, variables: dict[str, str]) -> str:
    """One shell word: quoted and bare parts, with variables outside single quotes."""
    result, rest = "", source
    while rest and rest[0] not in " \t;#":
        if rest[0] == "'":
            part, closed, rest = rest[1:].partition("'")
            if not closed:
                raise Unsupported("a quote is not closed")
            result += part
            continue
        pattern = r'"((?:[^"\\]|\\.)*)"' if rest[0] == '"' else r"((?:[^\s;#'\"\\]|\\.)+)"
        found = re.match(pattern, rest)
        if not found:
            raise Unsupported("a quote is not closed")
        result += _expand(found[1], variables)
        rest = rest[found.end() :]
    if rest.strip(" \t;") and not rest.lstrip(" \t;").startswith("#"):
        raise Unsupported("more than one word")
    return result


def _expand(part: str, variables: dict[str, str]) -> str:
    pieces = re.split(r"(\\.)", part)
    for index, piece in enumerate(pieces):
        if index % 2:
            pieces[index] = piece[1]
            continue
        pieces[index] = _VARIABLE.sub(lambda found: variables.get(found[1] or found[2], ""), piece)
        if "`" in piece or "$" in _VARIABLE.sub("", piece):
            raise Unsupported("a command or an expansion beyond $NAME")
    return "".join(pieces)


def _config(machine: Machine, kernels: list[str], variables: dict[str, str]) -> str:
    root = f"root={machine.simulation.get('root', '/dev/vda1')} ro"
    always, normal = variables.get(LINUX, ""), variables.get(DEFAULT, "")
    system = "Debian GNU/Linux"
    lines = ["# Made by update-grub.", f'set default="{variables.get("GRUB_DEFAULT", "0")}"', "set timeout=5", ""]
    if kernels:
        lines += _menu(system, kernels[0], f"{root} {always} {normal}")
    lines.append(f"submenu 'Advanced options for {system}' {{")
    for kernel in kernels:
        title = f"{system}, with Linux {kernel.removeprefix('vmlinuz-')}"
        lines += [f"\t{line}" for line in _menu(title, kernel, f"{root} {always} {normal}")]
        lines += [f"\t{line}" for line in _menu(f"{title} (recovery mode)", kernel, f"{root} single {always}")]
    return "\n".join([*lines, "}", ""])


def _menu(title: str, kernel: str, arguments: str) -> list[str]:
    return [
        f"menuentry '{title}' --class debian --class gnu-linux {{",
        f"\tlinux\t/boot/{kernel} {' '.join(arguments.split())}",
        f"\tinitrd\t/boot/initrd.img-{kernel.removeprefix('vmlinuz-')}",
        "}",
    ]


def default_entry(machine: Machine) -> Entry | None:
    """What grub.cfg would boot: the entry that `set default` names by number or title; None where there is none."""
    script = text(machine, machine.simulation.get("grub_cfg", CONFIG))
    if "\nblscfg" in script:
        entry = grub2.default(machine)
        return Entry(entry.title, entry.kernel, entry.options) if entry else None
    entries, depth, title = [], 0, ""
    for line in script.splitlines():
        if found := re.match(r"\s*menuentry '([^']*)'", line):
            title = found[1] if depth == 0 else ""
        elif title and (found := re.match(r"\s*linux(?:16|efi)?\s+(\S+)\s*(.*)", line)):
            entries.append(Entry(title, found[1], found[2].strip()))
            title = ""
        depth += line.rstrip().endswith("{")
        depth -= line.strip() == "}"
    wanted = re.search(r'set default="([^"$]*)"', script)  # not ${next_entry}, which a real grub.cfg looks at first
    name = wanted[1] if wanted else "0"
    if 'set default="${saved_entry}"' in script:
        name = grub2.environment(machine).get("saved_entry", "0")
    numbered = entries[int(name) : int(name) + 1] if name.isdigit() else [e for e in entries if e.title == name]
    return next(iter(numbered or entries), None)
