"""Every command in the documents runs on a simulated machine, or is marked as one that needs hardware or a build."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from sriov_tui import cli
from sriov_tui.hosts.machine_file import save
from sriov_tui.services.answers_keys import example
from tests import machines
from tests.documents.pages import FENCE, ROOT, Block, blocks, pages

MARKS = {"hardware", "build"}  # `sh hardware`: a host with a card, or keys; `sh build`: git, make, a network
SHELLS = ("console", "sh", "bash", "shell")
USED = tuple(page for page in pages() if page.parent.name != "ISSUE_TEMPLATE")
RUN = tuple(  # the pages in Chinese have the same commands, see test_paths.py
    page for page in USED if page.parent.name != "zh-CN" and any(block.language == "console" for block in blocks(page))
)
INLINE = re.compile(r"`(sriov-tui(?: [^`]*)?)`")


def commands(block: Block) -> list[str]:
    """The commands of a block, without what they print, and without comments."""
    lines = block.text.splitlines()
    if block.language == "console":
        lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    return [line for line in (re.sub(r"(^|\s)#.*", "", line).strip() for line in lines) if line]


def parser_of(words: list[str]) -> argparse.ArgumentParser:
    """The parser of the command, or of the action below it, that these words begin with."""
    parser = cli.parser()
    for word in words:
        below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
        if not below or word.startswith("-"):
            break
        if word not in below[0].choices:
            assert not word.islower(), f"there is no command {word}"
            break
        parser = below[0].choices[word]
    return parser


def unknown(command: str) -> list[str]:
    """The options of a command that it does not have."""
    words = shlex.split(re.split(r"[|>]|&&", command)[0])[1:]
    known = parser_of(words)._option_string_actions
    return [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]


@pytest.mark.parametrize("page", USED, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_of_commands_says_where_it_runs(page: Path) -> None:
    for block in blocks(page):
        if block.language in SHELLS[1:]:
            assert MARKS.intersection(block.words), f"{block.name}: use console, or mark it with one of {MARKS}"
        elif block.language != "console":
            assert "sriov-tui " not in block.text or block.words, f"{block.name}: a command in a block without a mark"


@pytest.mark.parametrize("page", USED, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_is_named_is_there(page: Path) -> None:
    named = INLINE.findall(FENCE.sub("", page.read_text("utf-8")))
    named += [line for block in blocks(page) for line in commands(block) if line.startswith("sriov-tui")]
    assert {command: found for command in named if (found := unknown(command))} == {}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with what the documents speak of: a machine, baseline, answers.toml, host.conf, audits of two hosts."""
    monkeypatch.chdir(tmp_path)
    save(machines.two_igb(), tmp_path / "machine")
    (tmp_path / "answers.toml").write_text(example())
    (tmp_path / "answers.toml").chmod(0o600)
    shutil.copy(ROOT / "tests/lab/host.conf", tmp_path / "host.conf")
    (tmp_path / "audits").mkdir()
    cli.main(["audit", "--host", f"simulated:{tmp_path / 'machine'}", "--format", "json"])
    audit = json.loads(capsys.readouterr().out)
    (tmp_path / "baseline.json").write_text(json.dumps(audit))
    for name in ("kvm07", "kvm08"):
        audit["host"] = name
        (tmp_path / "audits" / f"{name}.json").write_text(json.dumps(audit))
    return tmp_path


@pytest.mark.subprocess
@pytest.mark.parametrize("page", RUN, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_run(page: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for block in blocks(page):
        if block.language == "toml":
            (place / block.words[0]).write_text(block.text)
        for command in commands(block) if block.language == "console" else ():
            program, *words = shlex.split(command)
            assert program == "sriov-tui"
            if "--host" in parser_of(words)._option_string_actions and words[:2] != ["hostconf", "check"]:
                words += ["--host", f"simulated:{place / 'machine'}"]
            status = cli.main(words)
            said = capsys.readouterr()
            assert status in (0, 2), f"{block.name}: {command}: {status}\n{said.out}{said.err}"
            assert said.out.strip(), command
            assert "Traceback" not in said.out + said.err
