"""The command line's parser: `argparse` with its help in the language that is spoken."""

from __future__ import annotations

import argparse
import copy
from typing import Any

from sriov_tui.language import ENGLISH, _, spoken
from sriov_tui.language.layout import width, wrap


class Parser(argparse.ArgumentParser):
    """A parser whose help is translated when it is printed; it and every command below it take --lang."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.add_argument(
            "--lang", metavar="LANG", default=argparse.SUPPRESS, help="speak English (en) or Chinese (zh)"
        )

    def format_help(self) -> str:
        """The help; in English just as `argparse` makes it."""
        if spoken() == ENGLISH:
            return super().format_help()
        told = copy.deepcopy(self)
        told.description, told.epilog = (text and _(text.strip()) for text in (self.description, self.epilog))
        told.formatter_class = _Formatter
        for action in told._actions:
            _translate(action)
        for group in told._action_groups:
            group.title = group.title and _(group.title)
        return super(Parser, told).format_help()


def _translate(action: argparse.Action) -> None:
    if action.help:
        action.help = _(action.help)
    if isinstance(action, argparse._SubParsersAction):
        for command in action._choices_actions:
            _translate(command)


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Wraps in cells, at Chinese signs, too."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, _("usage:") + " ")

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrap(text, width)

    def _fill_text(self, text: str, cells: int, indent: str) -> str:
        lines = (
            line for given in text.splitlines() for line in (wrap(given, cells) if width(given) > cells else [given])
        )
        return "\n".join(f"{indent}{line}" for line in lines)
