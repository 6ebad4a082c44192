"""The command line: the wizard without a command, and the commands for everything that it does."""

from __future__ import annotations

import argparse
import contextlib
import errno
import gc
import importlib
import itertools
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from sriov_tui import __version__, language
from sriov_tui.commands.parser import Parser
from sriov_tui.message import say
from sriov_tui.model import SriovError

COMMANDS = (
    "audit", "explain", "troubleshoot", "plan", "apply", "confirm", "rollback", "resume", "history", "uninstall",
    "collect", "device", "hostconf", "agent", "answers", "guide", "fleet",
)  # fmt: skip
PROCESSES = {"engine": "engine_process", "guard": "guard_process"}  # what the program starts; not for people
FOR_PROGRAMS = ("json", "junit", "csv", "prometheus")  # formats that are the same in every language
COLLECTOR = (100_000, 20, 100)  # what we make is mostly kept: to look through it again and again finds nothing
CLOSED = say("standard output is closed. Nothing was done; redirect it to /dev/null.")
DESCRIPTION = say(
    "Set up NIC SR-IOV on a Cloudpods KVM host, and prove that it works.\n\n"
    "Without a command the wizard starts: six steps from the card in its slot to the VFs\n"
    "that the host-agent reports. Nothing is changed before its last step, and that step\n"
    "shows every change first.\n"
)


def run() -> NoReturn:
    """The program as a process: once it is done it ends at once, for to take apart what the kernel frees takes long."""
    gc.set_threshold(*COLLECTOR)
    status = main()
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    sys.dont_write_bytecode = True  # the audit writes nothing, not even a cache of ours
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] in PROCESSES:
        return _process(*words)
    if sys.stdout is None:  # what is opened next would take its place, and be written to
        print(f"sriov-tui: {CLOSED}", file=sys.stderr)
        return 1
    try:
        language.speak(_language(words))
        if argv is None:
            _warn_root()
        named = [word for word in words if word in COMMANDS][:1]
        args = parser(named or (COMMANDS if words else ())).parse_args(words)
        if getattr(args, "json", False) or getattr(args, "format", "") in FOR_PROGRAMS:
            language.speak(language.ENGLISH)
        status: int = args.run(args)
        sys.stdout.flush()
    except SriovError as error:
        from sriov_tui.commands.common import complain

        return complain(error)
    except BrokenPipeError:
        # The reader of our output went away, as `head` does; there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _failed(error)
    except KeyboardInterrupt:
        return 130
    return status


def _warn_root() -> None:
    """Tell root, on standard error, where the program itself may be changed by others."""
    if os.geteuid() != 0 or hasattr(sys, "frozen"):  # the one file is unpacked into a folder of root's own
        return
    from sriov_tui.hosts.trusted import open_to_others
    from sriov_tui.language import _
    from sriov_tui.language.layout import printable

    package = Path(__file__).parent
    if warning := open_to_others((package.parent, package, Path(__file__), Path(sys.executable))):
        print("sriov-tui:", printable(_(warning)), file=sys.stderr)


def _failed(error: OSError) -> int:
    """What the system refused, as a sentence; where the disk under our output is full, that it is not complete."""
    from sriov_tui.commands.common import complain
    from sriov_tui.hosts.os_errors import sentence

    if error.errno != errno.ENOSPC or error.filename is not None:
        return complain(sentence(error))
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python tries once more at its end
    return complain(
        SriovError(say("standard output: {strerror}. The output is not complete.", strerror=error.strerror))
    )


def _process(name: str, *arguments: str) -> int:
    status: int = importlib.import_module(f"sriov_tui.commands.{PROCESSES[name]}").main(arguments)
    return status


def _language(words: Sequence[str]) -> str:
    """The language that --lang or the environment asks for: it has to be known before the help is printed."""
    asked = [word for pair in itertools.pairwise(words) if pair[0] == "--lang" for word in pair[1:]]
    asked += [word.removeprefix("--lang=") for word in words if word.startswith("--lang=")]
    found = language.named(asked[-1]) if asked else language.of_locale()
    if language.can_show(found, sys.stdout.encoding):
        return found
    if asked:
        print(language.PLAIN, file=sys.stderr)
    return language.ENGLISH


def parser(commands: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
    """The parser with these commands: each is a module, and those that are not asked for are not imported."""
    from sriov_tui.commands import wizard

    parser = Parser(prog="sriov-tui", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", action="version", version=f"sriov-tui {__version__}")
    wizard.add_options(parser)
    subparsers = parser.add_subparsers(title=say("commands"), metavar="COMMAND")
    for name in commands:
        importlib.import_module(f"sriov_tui.commands.{name}").register(subparsers)
    return parser
