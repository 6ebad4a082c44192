"""The command line's parser: `argparse` with its help in the language that is spoken."""

from __future__ import annotations

import argparse
import copy
from typing import Any, NoReturn

from sriov_tui.language import ENGLISH, _, spoken
from sriov_tui.language.layout import printable, width, wrap
from sriov_tui.message import say

ARGPARSE = {  # what argparse itself says, by its own templates
    "usage: ": say("usage: "),
    "options": say("options"),
    "positional arguments": say("positional arguments"),
    "show this help message and exit": say("show this help message and exit"),
    "show program's version number and exit": say("show program's version number and exit"),
    "%(prog)s: error: %(message)s\n": say("%(prog)s: error: %(message)s\n"),
    "the following arguments are required: %s": say("the following arguments are required: %s"),
    "unrecognized arguments: %s": say("unrecognized arguments: %s"),
    "argument %(argument_name)s: %(message)s": say("argument %(argument_name)s: %(message)s"),
    "expected one argument": say("expected one argument"),
    "expected at least one argument": say("expected at least one argument"),
    "not allowed with argument %s": say("not allowed with argument %s"),
    "one of the arguments %s is required": say("one of the arguments %s is required"),
    "ignored explicit argument %r": say("ignored explicit argument %r"),
    "invalid choice: %(value)r (choose from %(choices)s)": say("invalid choice: %(value)r (choose from %(choices)s)"),
    "invalid %(type)s value: %(value)r": say("invalid %(type)s value: %(value)r"),
    "ambiguous option: %(option)s could match %(matches)s": say("ambiguous option: %(option)s could match %(matches)s"),
}


def _argparse(text: str | None) -> str | None:
    """What argparse looks up in gettext's default domain, out of our own catalog; also None, where it has no text."""
    return None if text is None else _(ARGPARSE.get(text, text))


setattr(argparse, "_", _argparse)  # noqa: B010  the module's own name for gettext, which it has for this


class Parser(argparse.ArgumentParser):
    """A parser whose help is translated when it is printed; it and every command below it take --lang."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.add_argument(
            "--lang", metavar="LANG", default=argparse.SUPPRESS, help=say("speak English (en) or Chinese (zh)")
        )

    def error(self, message: str) -> NoReturn:
        """What is wrong with the words; they may hold anything."""
        super().error(printable(message))

    def format_help(self) -> str:
        """The help; in English just as `argparse` makes it."""
        if spoken() == ENGLISH:
            return super().format_help()
        told = copy.deepcopy(self)
        told.formatter_class = _Formatter
        translate(told)
        return super(Parser, told).format_help()


def translate(parser: argparse.ArgumentParser) -> None:
    """Put the sentences of a parser into the language that is spoken; those of the commands below it stay."""
    parser.description, parser.epilog = (text and _(text).strip() for text in (parser.description, parser.epilog))
    for group in parser._action_groups:
        group.title = _argparse(group.title)
    for action in parser._actions:
        commands = action._choices_actions if isinstance(action, argparse._SubParsersAction) else []
        for one in (action, *commands):
            one.help = _argparse(one.help)


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Wraps in cells, at Chinese signs, too."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, _argparse("usage: "))

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrap(text, width)

    def _fill_text(self, text: str, cells: int, indent: str) -> str:
        lines = (
            line for given in text.splitlines() for line in (wrap(given, cells) if width(given) > cells else [given])
        )
        return "\n".join(f"{indent}{line}" for line in lines)
