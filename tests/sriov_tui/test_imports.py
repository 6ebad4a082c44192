"""What an audit imports: every module costs each audit, and one that comes by accident stays unseen otherwise."""

from __future__ import annotations

import subprocess
import sys

import pytest

AUDIT = """
import sys
from sriov_tui import cli
status = cli.main(["audit", "--format", "json"])
sys.stdout.flush()
print("\\n" + " ".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""
OURS = {"checks", "sriov_tui"}
LIBRARIES = {"pyroute2", "pyudev", "ruamel"}
STANDARD = {
    "abc", "argparse", "array", "ast", "atexit", "base64", "binascii", "bisect", "bz2", "codecs", "collections",
    "concurrent", "contextlib", "copy", "copyreg", "ctypes", "dataclasses", "datetime", "decimal", "difflib", "dis",
    "encodings", "enum", "errno", "fcntl", "fnmatch", "functools", "gc", "genericpath", "gettext", "glob",
    "graphlib", "hashlib", "heapq", "importlib", "inspect", "io", "ipaddress", "itertools", "json", "keyword",
    "linecache", "locale", "logging", "lzma", "marshal", "math", "multiprocessing", "ntpath", "numbers", "opcode",
    "operator", "os", "pathlib", "pickle", "pkgutil", "platform", "posix", "posixpath", "queue", "random", "re",
    "reprlib", "select", "selectors", "shlex", "shutil", "signal", "socket", "stat", "string", "struct",
    "subprocess", "tempfile", "textwrap", "threading", "time", "token", "tokenize", "tomllib", "traceback", "types",
    "typing", "unicodedata", "urllib", "uuid", "warnings", "weakref", "zlib",
}  # fmt: skip
OF_PYTHON = {"builtins", "site", "sitecustomize", "sys", "zipimport"}
"""What Python has, or its virtual environment brings, before a line of ours runs."""


@pytest.mark.subprocess
def test_an_audit_imports_what_it_needs_and_no_more() -> None:
    """Textual, asyncio and the package of pyroute2 itself are among what it must not import."""
    done = subprocess.run([sys.executable, "-c", AUDIT], capture_output=True, text=True, check=True)
    names = {name for name in done.stdout.splitlines()[-1].split() if not name.startswith(("_", "apport"))}
    assert names - OURS - LIBRARIES - STANDARD - OF_PYTHON == set()


LATER = ("checks.troubleshooting", "checks.explained", "sriov_tui.run.engine")
"""Packages and modules that neither an audit nor the first screen needs; they are imported once they are asked for."""
FIRST_SCREEN = """
import os, sys
from sriov_tui.tui.terminal import environment
environment.prepare_environment(dict(os.environ))
import sriov_tui.commands.wizard, sriov_tui.tui.app, sriov_tui.tui.session
print("\\n" + " ".join(sys.modules))
"""


@pytest.mark.subprocess
@pytest.mark.parametrize(
    ("code", "more"),
    [
        (AUDIT.replace('.partition(".")[0]', ""), ("ruamel", "concurrent", "decimal", "uuid")),
        (FIRST_SCREEN, ("ruamel", "tarfile", "sriov_tui.simulated", "sriov_tui.probe.image")),
    ],
    ids=["audit", "first screen"],
)
def test_what_is_asked_for_later_is_imported_later(code: str, more: tuple[str, ...]) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    unwanted = (*LATER, *more)
    found = [name for name in done.stdout.splitlines()[-1].split() if name.startswith(unwanted)]
    assert found == []


@pytest.mark.subprocess
@pytest.mark.parametrize(("words", "status"), [(["explain", "vfs.count"], 0), (["explain", "no.such"], 1)])
def test_the_process_ends_at_once_and_loses_nothing(words: list[str], status: int) -> None:
    """Its whole output is read from a pipe, and its status is that of `main`."""
    code = "import atexit, sys; from sriov_tui import cli; atexit.register(print, 'torn down'); cli.run()"
    argv = [sys.executable, "-c", code, *words]
    ended = subprocess.run(argv, capture_output=True, text=True, check=False)
    plain = subprocess.run([*argv[:2], "import sys; from sriov_tui import cli; sys.exit(cli.main())", *words],
                           capture_output=True, text=True, check=False)  # fmt: skip
    assert (ended.returncode, ended.stdout, ended.stderr) == (plain.returncode, plain.stdout, plain.stderr)
    assert bool(ended.returncode) == bool(status)
