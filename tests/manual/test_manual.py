"""The manual as its readers use it: by man, by a shell that completes, by following links."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import tools.manual.__main__ as manual
from checks.explained import matching
from sriov_tui import cli

COMPLETE = """\
set -f; source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"
_shtab_sriov_tui
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole manual."""
    folder = tmp_path_factory.mktemp("manual")
    manual.write(folder)
    return folder


def offered(folder: Path, *words: str) -> set[str]:
    """What bash offers at the end of these words."""
    argv = ["bash", "--norc", "-c", COMPLETE, "bash", str(folder / "sriov-tui.bash"), *words]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=folder)
    assert not done.stderr
    return set(done.stdout.split())


@pytest.mark.subprocess
def test_bash_completes_commands_options_values_and_files(folder: Path) -> None:
    assert set(cli.COMMANDS) <= offered(folder, "sriov-tui", "")
    assert offered(folder, "sriov-tui", "trou") == {"troubleshoot"}
    assert {"--only", "--suppress"} <= offered(folder, "sriov-tui", "audit", "--")
    assert offered(folder, "sriov-tui", "audit", "--format", "j") == {"json", "junit"}
    assert "sriov-tui.8" in offered(folder, "sriov-tui", "audit", "--answers", "sriov-tui.")
    assert offered(folder, "sriov-tui", "fleet", "che") == {"checks"}


@pytest.mark.subprocess
@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_zsh_can_read_its_completion(folder: Path) -> None:
    subprocess.run(["zsh", "-n", str(folder / "_sriov-tui")], check=True)


@pytest.mark.subprocess
@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_the_page_is_typeset_without_a_warning(folder: Path) -> None:
    argv = ["groff", "-man", "-Tutf8", "-ww", "-P-cbou", str(folder / "sriov-tui.8")]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert "SRIOV-TUI(8)" in done.stdout
    # As the programs print it: dashes that can be copied, and the lines of an exit status apart.
    assert "    sriov-tui [-h] [--lang LANG]" in done.stdout
    assert re.search(r"^ +2  not ready, or not known to be$", done.stdout, re.MULTILINE)


def test_the_page_tells_every_command_and_every_option(folder: Path) -> None:
    page = (folder / "sriov-tui.8").read_text().replace("\\", "")
    for name, command in manual.commands(cli.parser()).items():
        assert f"sriov-tui {name}" in page
        for action in command._actions:
            for option in action.option_strings:
                assert option in page or option in ("-h", "--help"), (name, option)


def test_every_finding_has_a_page_and_every_link_leads_to_one(folder: Path) -> None:
    pages = folder / "checks"
    assert {f"{entry.id}.md" for entry in matching([])} | {"README.md"} == {path.name for path in pages.iterdir()}
    links = re.findall(r"\]\((.*?)\)", (pages / "README.md").read_text())
    assert sorted(links) == sorted(path.name for path in pages.iterdir() if path.name != "README.md")


def test_the_manual_is_there_in_chinese(folder: Path) -> None:
    english, chinese = ((folder / name / "sriov-tui.8").read_text("utf-8") for name in ("", "zh_CN"))
    assert "退出码" in chinese
    assert "not ready, or not known to be" in english
    assert "not ready, or not known to be" not in chinese
    for name in manual.commands(cli.parser()):
        assert f"sriov-tui {name}" in chinese.replace("\\", "")
    pages = {path.name for path in (folder / "checks").iterdir()}
    assert {path.name for path in (folder / "zh_CN" / "checks").iterdir()} == pages
    assert "## 为什么重要" in (folder / "zh_CN" / "checks" / "vfs.count.md").read_text("utf-8")
