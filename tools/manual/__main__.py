"""`python -m tools.manual FOLDER`: write the whole manual into a folder."""

from __future__ import annotations

import argparse
from pathlib import Path

import shtab
from argparse_manpage.manpage import Manpage

import sriov_tui
from checks.explained import matching
from sriov_tui import cli, language
from sriov_tui.commands.explain import listing, to_markdown
from sriov_tui.commands.parser import translate
from sriov_tui.language import CHINESE, ENGLISH

SHELLS = {"bash": "sriov-tui.bash", "zsh": "_sriov-tui"}
PATHS = {"FILE": shtab.FILE, "PLAN": shtab.FILE, "DIR": shtab.DIRECTORY}  # metavar -> what a shell offers for it
SUMMARY = {
    ENGLISH: "set up NIC SR-IOV on a Cloudpods KVM host, and prove that it works",
    CHINESE: "在 Cloudpods KVM 宿主机上配置网卡 SR-IOV，并证明它可用",
}
PAGES = {ENGLISH: "What the audit looks at", CHINESE: "审计检查的内容"}
MORE = {ENGLISH: "More about 'sriov-tui {name}'", CHINESE: "“sriov-tui {name}”的更多说明"}


def man_page() -> str:
    """The manual page in the language that is spoken, in section 8: for the administrator."""
    about = {
        "description": SUMMARY[language.spoken()],
        "project_name": "sriov-tui",
        "version": sriov_tui.__version__,
        "manual_title": "System administration",
        "manual_section": 8,
    }
    parser = cli.parser()
    for one in (parser, *commands(parser).values()):
        translate(one)
    page = Manpage(parser, about)
    for name, command in commands(parser).items():
        if command.epilog:
            page.add_section(MORE[language.spoken()].format(name=name), "=", _as_it_is(command.epilog))
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
    found["README.md"] = [f"# {PAGES[language.spoken()]}", "", *listing((), "markdown"), *rows]
    return {name: "\n".join(lines) + "\n" for name, lines in found.items()}


def write(folder: Path) -> None:
    """Write everything below a folder, which is made; the pages in Chinese where `man` and people look for them."""
    for speaks in (CHINESE, ENGLISH):
        language.speak(speaks)
        place = folder / ("" if speaks == ENGLISH else speaks)
        (place / "checks").mkdir(parents=True, exist_ok=True)
        (place / "sriov-tui.8").write_text(man_page(), "utf-8")
        for name, text in pages().items():
            (place / "checks" / name).write_text(text, "utf-8")
    for shell, name in SHELLS.items():
        (folder / name).write_text(completion(shell))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tools.manual", description=__doc__)
    parser.add_argument("folder", type=Path)
    write(parser.parse_args().folder)
