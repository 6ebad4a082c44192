"""ifupdown: /etc/network/interfaces (interfaces(5)).

The stanzas of the carrier get the bond's name and keep their options. The bond itself is made by lines of iproute2 in
`pre-up`: `bond-*` options work only where the package ifenslave is installed, these lines everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.bonding import WHO, Files, Recipe, Unclear, Wanted, cleared, renamed
from sriov_tui.message import say
from sriov_tui.model import Run

MAIN = "/etc/network/interfaces"
_KEYWORD = re.compile(r"\s*(iface|auto|allow-\S+|mapping|source|source-directory|no-auto-down|no-scripts|rename)\b")


@dataclass(frozen=True, slots=True)
class Stanza:
    """Lines of a file that belong together: a keyword's line and its options, or what stands before the first."""

    path: str
    lines: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """The words of its first line."""
        return self.lines[0].split()

    @property
    def iface(self) -> str:
        """The interface that it configures, "" where it is about something else."""
        return self.words[1] if self.words[:1] == ["iface"] and len(self.words) > 3 else ""

    @property
    def idle(self) -> bool:
        """Whether it gives the interface no address and does nothing else."""
        return self.words[-1] == "manual" and not any(
            line.strip() and line.strip()[0] != "#" for line in self.lines[1:]
        )


def make(wanted: Wanted, files: Files) -> Recipe:
    """The stanzas of the bond in the place of the carrier's, else at the end of the main file."""
    stanzas = [stanza for path, text in files.items() for stanza in _stanzas(path, text)]
    for stanza in stanzas:
        if stanza.words[:1] == ["mapping"] and set(stanza.words) & set(wanted.ports):
            raise Unclear(say("{path} has a mapping for {ports}.", path=stanza.path, ports=" and ".join(wanted.ports)))
        if stanza.iface in wanted.ports and stanza.iface != wanted.carrier and not stanza.idle:
            raise Unclear(
                say("{path} configures {iface}, too.", path=stanza.path, iface=stanza.iface),
                say("Remove its stanza from {path}.", path=stanza.path),
            )
    mine = [stanza for stanza in stanzas if wanted.carrier and stanza.iface == wanted.carrier]
    bond = _bond(wanted, mine) if mine else {}
    texts = {path: "".join(_rewritten(wanted, path, stanzas, bond)) for path in files}
    if not mine:
        if wanted.carrier:
            raise Unclear(say("No stanza of {main} configures {carrier}.", main=MAIN, carrier=wanted.carrier))
        text = texts.get(MAIN, "")
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        new = Stanza(MAIN, (f"iface {wanted.name} inet manual\n",))
        texts[MAIN] = text + gap + "".join(_bond(wanted, [new])[new])
    down = [old for old, _ in wanted.vlans] + [port for port in wanted.ports if _known(stanzas, port)]
    up = [wanted.name, *(new for _, new in wanted.vlans)]
    return Recipe(
        before=(*(Run(argv=("ifdown", name), undo=("ifup", name), fades=True) for name in down), cleared(wanted.name)),
        files={path: text for path, text in texts.items() if text != files.get(path)},
        after=tuple(Run(argv=("ifup", name), undo=("ifdown", "--force", name)) for name in up),
    )


def _stanzas(path: str, text: str) -> Iterator[Stanza]:
    lines: list[str] = []
    joined = False
    for line in text.splitlines(keepends=True):
        if lines and _KEYWORD.match(line) and not joined:
            yield from _split(path, lines)
            lines = []
        lines.append(line)
        joined = line.rstrip("\r\n").endswith("\\")
    yield from _split(path, lines)


def _split(path: str, lines: list[str]) -> Iterator[Stanza]:
    """Blank lines and comments at the end stand before the next stanza; they are one of their own."""
    end = len(lines)
    while end > 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    if lines:
        yield Stanza(path, tuple(lines[:end]))
    if lines[end:]:
        yield Stanza(path, ("", *lines[end:]))


def _known(stanzas: list[Stanza], port: str) -> bool:
    return any(stanza.iface == port and not stanza.idle for stanza in stanzas)


def _rewritten(wanted: Wanted, path: str, stanzas: list[Stanza], bond: dict[Stanza, list[str]]) -> Iterator[str]:
    for stanza in stanzas:
        if stanza.path != path:
            continue
        if stanza in bond:
            yield from bond[stanza]
        elif stanza.words and (stanza.words[0] == "auto" or stanza.words[0].startswith("allow-")):
            yield from _listed(wanted, stanza)
        elif stanza.iface not in wanted.ports:
            yield from _other(wanted, stanza)


def _listed(wanted: Wanted, stanza: Stanza) -> Iterator[str]:
    """`auto` and `allow-hotplug` without the ports and the VLANs: these come with the bond, and after it."""
    words = [word for word in stanza.words if word not in wanted.ports and word not in dict(wanted.vlans)]
    text = stanza.lines[0] if words == stanza.words else f"{' '.join(words)}\n"
    if len(words) > 1:
        yield text
        yield from stanza.lines[1:]


def _other(wanted: Wanted, stanza: Stanza) -> Iterator[str]:
    """VLANs stand on the bond now; every other stanza is as it was."""
    if stanza.iface not in dict(wanted.vlans):
        yield from stanza.lines
        return
    yield from (renamed(line, wanted.names) for line in stanza.lines)


def _bond(wanted: Wanted, mine: list[Stanza]) -> dict[Stanza, list[str]]:
    """Each of the carrier's stanzas as one of the bond: the first makes it, the last removes it."""
    made = {}
    for number, stanza in enumerate(mine):
        lines = [renamed(line, wanted.names) for line in stanza.lines]
        if not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        if number == 0:
            ports = [f"iface {port} inet manual\n" for port in wanted.ports]
            auto = f"auto {' '.join([wanted.name, *(new for _, new in wanted.vlans)])}\n"
            head = [f"# {WHO}: a bond of {' and '.join(wanted.ports)}.\n", *ports, auto]
            lines = [*head, lines[0], *_up(wanted), *lines[1:]]
        if number == len(mine) - 1:
            lines.append(f"    post-down ip link delete {wanted.name} || true\n")
        made[stanza] = lines
    return made


def _up(wanted: Wanted) -> Iterator[str]:
    options = {name: value for name, value in wanted.options.items() if name != "primary"}
    words = " ".join(f"{name} {value}" for name, value in options.items())
    add = f"ip link add {wanted.name} address {wanted.mac} type bond mode {wanted.mode} {words}"
    yield f"    pre-up test -e /sys/class/net/{wanted.name} || {add}\n"
    for port in wanted.ordered:
        yield f"    pre-up ip link set {port} down\n"
        yield f"    pre-up ip link set {port} master {wanted.name}\n"
    if "primary" in wanted.options:
        yield f"    pre-up ip link set {wanted.name} type bond primary {wanted.options['primary']}\n"
