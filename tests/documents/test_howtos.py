"""The how-tos of ARCHITECTURE.md, followed to the letter in a copy of the tree, pass what `make test` would ask."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documents.pages import ROOT, Block, blocks
from tools.translation.__main__ import messages

FILES = tuple(block for block in blocks(ROOT / "ARCHITECTURE.md") if block.language == "python")
COPIED = ("checks", "sriov_tui", "screens", "tests", "tools", "pyproject.toml", "ARCHITECTURE.md")
LEFT_OUT = ("__pycache__", "lab", "bench", "ansible", "golden", "demo", "dist", "terminal")


def path_of(block: Block) -> str:
    (path,) = block.words
    return path


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with the files of the blocks in it."""
    folder = tmp_path_factory.mktemp("tree")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(*LEFT_OUT))
        else:
            shutil.copy2(ROOT / name, folder / name)
    if (ROOT / ".mypy_cache").is_dir():  # it makes this quick after `make lint`; it is a copy, nothing is written back
        shutil.copytree(ROOT / ".mypy_cache", folder / ".mypy_cache", dirs_exist_ok=True, ignore_dangling_symlinks=True)
    for block in FILES:
        (folder / path_of(block)).write_text(block.text)
    return folder


def run(tree: Path, *words: str) -> str:
    """Run a module of the environment in the tree; its output. It has to end with 0."""
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_blocks_are_a_check_and_its_test() -> None:
    assert [path_of(block) for block in FILES] == ["checks/naming.py", "tests/checks/test_naming.py"]


@pytest.mark.subprocess
def test_format_lint_and_types(tree: Path) -> None:
    files = [path_of(block) for block in FILES]
    run(tree, "ruff", "format", "--check", *files)
    run(tree, "ruff", "check", *files)
    run(tree, "mypy", *files)


@pytest.mark.subprocess
def test_its_own_test_and_those_that_look_at_every_check(tree: Path) -> None:
    run(
        tree, "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "tests/checks/test_naming.py",
        "tests/translation/test_sentences.py", "tests/checks/test_explained.py", "tests/checks/test_new_check.py",
        "-k", "not machine",
    )  # fmt: skip


@pytest.mark.subprocess
def test_its_sentences_are_found_for_the_catalog(tree: Path) -> None:
    program = "from tools.translation.__main__ import messages; print(*messages(), sep='\\n')"
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", program], cwd=tree, env=environment, capture_output=True, check=True)
    new = set(done.stdout.decode().splitlines()) - {str(one) for one in messages()} - _lines()
    assert "This host has no name of its own." in new
    assert "This host is called {name}." in new


def _lines() -> set[str]:
    return {line for one in messages() for line in str(one).splitlines()}
