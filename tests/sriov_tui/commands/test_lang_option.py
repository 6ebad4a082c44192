"""--lang and the locale on the command line: what people read is translated, what programs read never."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sriov_tui import cli, language
from sriov_tui.commands.parser import ARGPARSE, Parser
from sriov_tui.message import Message
from tests.fleets import write_fleet

IDLE = str(Path(__file__).parents[2] / "hosts" / "lab-idle")
Capture = pytest.CaptureFixture[str]


def printed(capsys: Capture, *argv: str) -> str:
    cli.main(argv)
    return capsys.readouterr().out


def test_the_option_stands_before_or_behind_a_command(capsys: Capture) -> None:
    first = printed(capsys, "--lang", "zh", "explain", "vfs.count")
    assert "含义" in first
    assert printed(capsys, "explain", "vfs.count", "--lang=zh") == first
    assert "What it means" in printed(capsys, "--lang", "en", "explain", "vfs.count")


def test_the_locale_decides_where_the_option_does_not(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.delenv("LANGUAGE")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "含义" in printed(capsys, "explain", "vfs.count")
    assert "What it means" in printed(capsys, "explain", "vfs.count", "--lang", "en")


def sentences(parser: argparse.ArgumentParser) -> Iterator[str]:
    """What a parser says: its description, its epilog, the titles of its groups, and the help of all in them."""
    yield from (text for text in (parser.description, parser.epilog) if text)
    yield from (group.title for group in parser._action_groups if group.title and group._group_actions)
    for action in parser._actions:
        listed = action._choices_actions if isinstance(action, argparse._SubParsersAction) else []
        yield from (one.help for one in (action, *listed) if one.help and one.help != argparse.SUPPRESS)


@pytest.mark.parametrize("name", ["", *cli.COMMANDS])
def test_the_help_has_no_english_of_what_is_translated(name: str) -> None:
    english = cli.parser()
    language.speak(language.CHINESE)
    chinese = cli.parser()
    assert isinstance(chinese, Parser)
    words = [word for word in (name,) if word]
    said = squeezed(below(chinese, words).format_help())
    for text in sentences(below(english, words)):
        translated = language._(text if isinstance(text, Message) else ARGPARSE.get(text, text))
        if translated != text:  # a sentence that waits for its translation is test_catalog's
            assert squeezed(text) not in said
            assert squeezed(translated) in said


def below(parser: argparse.ArgumentParser, words: list[str]) -> argparse.ArgumentParser:
    """The parser of a command."""
    for action in parser._actions:
        if words and isinstance(action, argparse._SubParsersAction):
            found = action.choices[words[0]]
            assert isinstance(found, argparse.ArgumentParser)
            return found
    return parser


def squeezed(text: str) -> str:
    """Without what a line break changes."""
    return re.sub(r"\s+", "", text)


def test_where_no_chinese_can_be_shown_it_is_english_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(language, "can_show", lambda name, encoding: name == language.ENGLISH)
    cli.main(["--lang", "zh", "explain", "vfs.count"])
    out, err = capsys.readouterr()
    assert "What it means" in out
    assert err.strip() == language.PLAIN
    assert not language.can_show(language.CHINESE, "ascii")


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "gb18030", "GBK"])
def test_these_encodings_can_show_chinese(encoding: str) -> None:
    assert language.can_show(language.CHINESE, encoding)


def test_these_encodings_cannot() -> None:
    assert not any(language.can_show(language.CHINESE, encoding) for encoding in ("ascii", "latin-1", "", None))


def test_an_unknown_language_is_an_error_with_the_way_out(capsys: Capture) -> None:
    assert cli.main(["--lang", "fr", "explain", "vfs.count"]) == 1
    assert "Choose --lang en or --lang zh." in capsys.readouterr().err


def test_an_error_is_told_in_chinese(capsys: Capture) -> None:
    assert cli.main(["--lang", "zh", "audit", "--host", IDLE, "--only", "nothing.such"]) == 1
    assert "没有检查项 'nothing.such'。" in capsys.readouterr().err


@pytest.mark.parametrize("command", [(), *((name,) for name in cli.COMMANDS)])
def test_the_help_of_every_command_is_chinese(command: tuple[str, ...], capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--lang", "zh", *command, "--help"])
    shown = capsys.readouterr().out
    assert "用法：" in shown
    assert "显示帮助并退出" in shown
    assert "show this help" not in shown
    assert language.other() == language.ENGLISH


@pytest.mark.parametrize(
    "argv",
    [
        ("audit", "--host", IDLE, "--format", "json"),
        ("audit", "--host", IDLE, "--format", "junit"),
        ("audit", "--list", "--format", "json"),
        ("audit", "--schema"),
        ("explain", "vfs.count", "--format", "json"),
        ("agent", "--host", IDLE, "--json"),
        ("troubleshoot", "--host", IDLE, "--json"),
    ],
)
def test_what_programs_read_is_the_same_in_every_language(argv: tuple[str, ...], capsys: Capture) -> None:
    english = printed(capsys, *argv)
    assert printed(capsys, "--lang", "zh", *argv) == english
    assert english.isascii()


def test_the_table_of_a_fleet_for_programs_is_the_same_in_every_language(tmp_path: Path, capsysbinary: Capture) -> None:
    write_fleet(tmp_path / "audits")
    argv = ["fleet", str(tmp_path / "audits"), "--format", "csv", "--table", "findings"]
    cli.main(argv)
    english = capsysbinary.readouterr().out
    cli.main(["--lang", "zh", *argv])
    assert capsysbinary.readouterr().out == english


def test_a_plan_is_chinese_and_what_is_written_stays_word_for_word(tmp_path: Path, capsys: Capture) -> None:
    from sriov_tui.facts import HostFacts
    from sriov_tui.model import Choices, NicChoice
    from sriov_tui.services import answers
    from sriov_tui.services.demos import demo_machine
    from sriov_tui.simulated import SimulatedHost

    SimulatedHost.create(demo_machine("two-igb"), tmp_path / "machine")
    wanted = Choices().with_nic(NicChoice(address="0000:01:00.0", use="sriov", bridge="br9", wire="w9"))
    file = tmp_path / "answers.toml"
    file.write_text(answers.encode_answers(wanted, HostFacts()))
    argv = ("plan", "--host", f"simulated:{tmp_path / 'machine'}", "--answers", str(file))
    english, chinese = (printed(capsys, "--lang", name, *argv).splitlines() for name in ("en", "zh"))
    assert len(english) == len(chinese)
    same = [line for line in english if line.strip().startswith(("| ", "+", "- ", "@@"))]
    assert same == [line for line in chinese if line.strip().startswith(("| ", "+", "- ", "@@"))]
    assert any("Written by sriov-tui" in line for line in same)
    assert "      运行 udevadm control --reload" in chinese
    documents = [json.loads(printed(capsys, "--lang", name, *argv, "--format", "json")) for name in ("en", "zh")]
    assert documents[0]["steps"] == documents[1]["steps"]
    told = [re.sub(r"\d{8}T\d{6}Z", "NOW", "\n".join(document["text"])) for document in documents]
    assert told[0] == told[1]
