"""`python -m tools.manual FOLDER`: write the whole manual into a folder."""

from __future__ import annotations

import argparse
from pathlib import Path

import shtab
from argparse_manpage.manpage import Manpage

import sriov_tui
from checks.explained import matching
from sriov_tui import cli
from sriov_tui.commands.explain import listing, to_markdown

SHELLS = {"bash": "sriov-tui.bash", "zsh": "_sriov-tui"}
PATHS = {"FILE": shtab.FILE, "PLAN": shtab.FILE, "DIR": shtab.DIRECTORY}  # metavar -> what a shell offers for it
SUMMARY = "set up NIC SR-IOV on a Cloudpods KVM host, and prove that it works"


def man_page() -> str:
    """The manual page, in section 8: for the administrator."""
    about = {
        "description": SUMMARY,
        "project_name": "sriov-tui",
        "version": sriov_tui.__version__,
        "manual_title": "System administration",
        "manual_section": 8,
    }
    parser = cli.parser()
    page = Manpage(parser, about)
    for name, command in commands(parser).items():
        if command.epilog:
            page.add_section(f"More about 'sriov-tui {name}'", "=", _as_it_is(command.epilog))
    return str(page)


def commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Every command, and those below it, as its words -> its parser."""
    found: dict[str, argparse.ArgumentParser] = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                found |= {name: command} | {f"{name} {words}": below for words, below in commands(command).items()}
    return found


def _as_it_is(text: str) -> str:
    """A text with its own line ends, in the words of roff (groff_char(7) for the backslash and the dash)."""
    lines = text.replace("\\", "\\e").replace("-", "\\-").splitlines()
    return "\n".join((".nf", *(f"\\&{line}" for line in lines), ".fi"))


def completion(shell: str) -> str:
    """The completion for a shell of SHELLS."""
    parser = cli.parser()
    for command in (parser, *commands(parser).values()):
        for action in command._actions:
            if action.metavar in PATHS:
                action.complete = PATHS[str(action.metavar)]  # type: ignore[attr-defined]
    return str(shtab.complete(parser, shell))


def pages() -> dict[str, str]:
    """A page for each finding and one that lists them, as file name -> Markdown."""
    entries = matching([])
    found = {f"{entry.id}.md": to_markdown(entry) for entry in entries}
    rows = [f"| [{entry.id}]({entry.id}.md) | {entry.title} |" for entry in entries]
    found["README.md"] = ["# What the audit looks at", "", *listing((), "markdown"), *rows]
    return {name: "\n".join(lines) + "\n" for name, lines in found.items()}


def write(folder: Path) -> None:
    """Write everything below a folder, which is made."""
    (folder / "checks").mkdir(parents=True, exist_ok=True)
    (folder / "sriov-tui.8").write_text(man_page())
    for shell, name in SHELLS.items():
        (folder / name).write_text(completion(shell))
    for name, text in pages().items():
        (folder / "checks" / name).write_text(text)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tools.manual", description=__doc__)
    parser.add_argument("folder", type=Path)
    write(parser.parse_args().folder)
