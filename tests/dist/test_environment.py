"""What the file starts on the host sees the host's libraries and environment, never the bundle's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sriov_tui.hosts.programs import ENVIRONMENT, PATH
from sriov_tui.model import Run, WriteFile
from tests.dist.one_file import in_root, put_run, run, unpacked, until
from tests.engine_cases import step

BUNDLE = re.compile(r"LD_|_PYI|_MEI|PYTHON|PYINSTALLER|STATICX|SSL_CERT")
SHELLS = {"PWD", "SHLVL", "_", "OLDPWD"}  # what sh adds by itself

# Tells what it got; `cat` tells the libraries of a program of the host.
TELL = """#!/bin/sh
env >/seen/command
cat /proc/self/maps >/seen/libraries
"""
# As systemd does it: a process of its own in a clean environment.
SYSTEMD_RUN = """#!/bin/sh
env >/seen/systemd-run
printf '%s\\n' "$@" >/seen/arguments
while [ "$1" != -- ]; do shift; done
shift
env -i PATH=/usr/bin:/bin TMPDIR=/place "$@" </dev/null >/dev/null 2>&1 &
"""


def names(text: str) -> set[str]:
    """The variables that `env` printed."""
    return {line.partition("=")[0] for line in text.splitlines()}


@pytest.fixture
def root(oldest_debian: Path) -> Iterator[Path]:
    """A Debian where a run waits, whose step runs a command."""
    for folder in ("seen", "run/systemd/system"):
        (oldest_debian / folder).mkdir(parents=True)
    programs = {"usr/local/sbin/tell": TELL, "usr/local/bin/systemd-run": SYSTEMD_RUN}
    put_run(oldest_debian, programs, [step("one", WriteFile(path="/etc/first", text="1\n"), Run(argv=("tell",)))])
    (oldest_debian / "place").mkdir(exist_ok=True)
    yield oldest_debian
    until(lambda: unpacked(oldest_debian / "place") == [])  # the engine, which is nobody's child
    (oldest_debian / "run/systemd/system").rmdir()


def test_commands_and_systemd_see_the_hosts_own(root: Path) -> None:
    given = {
        "PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22",
    }
    poison = {"LD_LIBRARY_PATH": "/nonexistent", "LD_PRELOAD": "", "PYTHONPATH": "/nonexistent"}
    done = run(in_root(root, "/sriov-tui", "resume"), given | poison)
    assert (root / "etc/first").read_text() == "1\n", done
    assert done.stderr == ""

    seen = {path.name: path.read_text() for path in (root / "seen").iterdir()}
    assert names(seen["command"]) - SHELLS == set(ENVIRONMENT)
    assert not BUNDLE.search(seen["command"])
    assert "/libc" in seen["libraries"]
    assert not BUNDLE.search(seen["libraries"])
    assert names(seen["systemd-run"]) - SHELLS == set(ENVIRONMENT)
    told = [line for line in seen["arguments"].splitlines() if line.startswith("--setenv=")]
    assert {f"--setenv=PATH={PATH}", "--setenv=TMPDIR=/tmp"} <= {*told}
    assert any(line.startswith("--setenv=SRIOV_TUI_SESSION=") for line in told)
