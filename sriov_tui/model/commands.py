"""Commands for a shell among lines for people: what can be copied is told by its type, never by how it looks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from sriov_tui.late import regex
from sriov_tui.message import Message

_WORD = regex(r"""(?:'[^']*'?|"(?:\\.|[^"\\])*"?|\\.|[^\s'"\\])+""")


class Command(str):
    """A command, with the spaces that stand before it where lines are printed."""

    __slots__ = ()

    @property
    def bare(self) -> str:
        """As a shell takes it."""
        return self.strip()

    def broken(self, cells: int, rest: int = 4) -> list[str]:
        """On lines of at most so many cells, broken between words alone: a shell takes them as one command.

        A word in quotes stays whole, however long it is.
        """
        indent = " " * (len(self) - len(self.lstrip()))
        lines = [""]
        for word in _WORD.findall(self):
            before = indent + " " * rest if len(lines) > 1 else indent
            longer = f"{lines[-1]} {word}" if lines[-1] else before + word
            if lines[-1] and len(longer) > cells - 2:
                lines.append(indent + " " * rest + word)
            else:
                lines[-1] = longer
        return [f"{line} \\" for line in lines[:-1]] + lines[-1:]


def copied(lines: Sequence[str], at: int) -> str:
    """What is copied from this line: the command there, or those that follow the sentence there."""
    line = lines[at] if 0 <= at < len(lines) else ""
    if isinstance(line, Command):
        return line.bare
    return "\n".join(command.bare for command in _following(lines[at + 1 :]))


def _following(lines: Sequence[str]) -> Iterator[Command]:
    """The commands up to the next sentence that begins a part of its own."""
    for line in takewhile(lambda one: not isinstance(one, Message) or one.startswith(" "), lines):
        if isinstance(line, Command):
            yield line
