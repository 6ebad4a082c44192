"""The rule for commit subjects, the hooks, and what an issue asks for."""

from __future__ import annotations

import re
import shlex

import pytest
from ruamel.yaml import YAML

from sriov_tui import __version__
from tests.documents.pages import ROOT
from tools.commit_subject import faults


@pytest.mark.parametrize(
    "message", ["Name the driver that refuses", "Merge branch 'x'", "Say it\n\nWhy it is said.", "Name it\n# a comment"]
)
def test_a_good_subject(message: str) -> None:
    assert faults(message) == []


@pytest.mark.parametrize(
    "message", ["", "name the driver", "Name the driver.", "Added a driver", "N" * 73, "Name it\nand why"]
)
def test_a_bad_subject(message: str) -> None:
    assert len(faults(message)) == 1


def test_the_hooks_need_no_network() -> None:
    config = YAML(typ="safe").load((ROOT / ".pre-commit-config.yaml").read_text())
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    lint = (ROOT / "Makefile").read_text().partition("\nlint:")[2].partition("\n\n")[0]
    tools = set(re.findall(r"\$\(BIN\)/([\w-]+)", lint))
    entries = [shlex.split(hook["entry"])[0] for hook in config["repos"][0]["hooks"]]
    assert all(entry.startswith(".venv/bin/") for entry in entries)
    assert tools <= {entry.rpartition("/")[2] for entry in entries}  # what `make lint` runs, a hook runs, too


def test_an_issue_asks_for_a_recording_and_says_how_it_is_masked() -> None:
    for page in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.md"):
        text = page.read_text("utf-8")
        assert re.search(r"sriov-tui collect .*HOST\.sriov", text)
        assert "masked" in text
        assert "--anonymize" in text


def test_the_newest_section_of_the_changes_is_this_version_or_the_next() -> None:
    headings = re.findall(r"^## (\d+)\.(\d+)\.(\d+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    versions = [tuple(map(int, heading)) for heading in headings]
    assert versions == sorted(versions, reverse=True)
    own = re.match(r"(\d+)\.(\d+)\.(\d+)", __version__)
    assert own
    assert versions[0] >= tuple(map(int, own.groups()))
