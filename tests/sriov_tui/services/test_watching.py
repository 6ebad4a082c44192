"""Watching: nothing is asked at rest, a burst is one look, and only what changed for the checks is printed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sriov_tui.cli import main
from sriov_tui.commands import watching as command
from sriov_tui.facts import HostFacts
from sriov_tui.hosts.machine_file import save
from sriov_tui.message import verbatim
from sriov_tui.model import Finding, Level
from sriov_tui.reports.audit import Report
from sriov_tui.services.watching import QUIET, Change, compare, level_words, settled
from tests import machines


class Script:
    """A Watcher that answers from a list, and then is interrupted as by Ctrl-C."""

    def __init__(self, *answers: bool) -> None:
        self.answers = list(answers)
        self.asked: list[float | None] = []
        self.closed = False

    def wait(self, timeout: float | None = None) -> bool:
        self.asked.append(timeout)
        if not self.answers:
            raise KeyboardInterrupt
        return self.answers.pop(0)

    def close(self) -> None:
        self.closed = True


def finding(name: str, level: Level, title: str = "t") -> Finding:
    return Finding(id=name, level=level, title=verbatim(title))


def test_a_burst_is_one_look_and_at_rest_nobody_asks() -> None:
    burst = Script(*[True] * 64, False)
    assert settled(burst)
    assert burst.answers == []
    assert burst.asked[0] is None, "at rest it sleeps until something comes"
    assert burst.asked[1:] == [QUIET] * 64


def test_a_burst_without_an_end_is_looked_at_all_the_same() -> None:
    endless = Script(*[True] * 100_000)
    assert settled(endless, quiet=1.0, most=0.01)
    assert endless.answers
    assert all(timeout is None or timeout <= 0.01 for timeout in endless.asked)
    assert not settled(Script(False))


def test_what_came_went_and_changed() -> None:
    before = [finding("a", Level.OK), finding("b", Level.WARN), finding("c", Level.OK, "0 VFs"), finding("d", Level.OK)]
    after = [
        finding("a", Level.OK),
        finding("c", Level.OK, "7 VFs"),
        finding("d", Level.FAIL),
        finding("e", Level.INFO),
    ]
    changes = compare(before, after)
    assert [(change.finding.id, level_words(change)) for change in changes] == [
        ("b", "WARN -> -   "),
        ("c", "OK   -> OK  "),
        ("d", "OK   -> FAIL"),
        ("e", "-    -> INFO"),
    ]
    assert compare(after, after) == ()
    assert compare((), after[:1]) == (Change(None, after[0]),)


LOOKS = (
    [finding("vfs.count", Level.FAIL, "0 VFs"), finding("x.y", Level.OK)],
    [finding("vfs.count", Level.FAIL, "0 VFs"), finding("x.y", Level.OK)],
    [finding("vfs.count", Level.OK, "7 VFs")],
)


def watched(form: str) -> tuple[bool, Script]:
    """Three looks, the second of them without a change."""
    looks = iter(LOOKS)
    times = iter(["2026-01-01T00:00:00Z", "2026-01-01T00:00:05Z", "2026-01-01T00:00:09Z"])
    watcher = Script(True, False, True, False)

    def look() -> Report:
        return Report(facts=HostFacts(hostname="kvm07", gathered_at=next(times)), findings=tuple(next(looks)))

    return command.watch(watcher, look, form), watcher


def test_only_changes_are_printed_with_their_time(capsys: pytest.CaptureFixture[str]) -> None:
    handler = signal.getsignal(signal.SIGTERM)
    ready, watcher = watched("text")
    assert ready
    assert watcher.closed
    assert signal.getsignal(signal.SIGTERM) is handler
    head, _, changes = capsys.readouterr().out.partition("Ctrl-C ends.\n")
    assert head.startswith("kvm07 ")
    assert changes.splitlines() == [
        f"2026-01-01T00:00:09Z  OK   -> -     {'x.y':<26} {'host':<14} (gone) t",
        f"2026-01-01T00:00:09Z  FAIL -> OK    {'vfs.count':<26} {'host':<14} 7 VFs",
    ]


def test_in_json_each_line_is_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    watched("json")
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["ready"], second["ready"]) == (False, True)
    assert [(change["was"], change["now"]) for change in first["changes"]] == [(None, "FAIL"), (None, "OK")]
    assert [(change["was"], change["now"]) for change in second["changes"]] == [("OK", None), ("FAIL", "OK")]
    assert second["at"] == "2026-01-01T00:00:09Z"
    assert second["changes"][1]["finding"]["title"] == "7 VFs"


def test_sigterm_ends_it_with_the_last_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    class Terminated(Script):
        def wait(self, timeout: float | None = None) -> bool:
            signal.raise_signal(signal.SIGTERM)
            raise AssertionError("the signal did not end it")

    watcher = Terminated()
    bad = Report(facts=HostFacts(), findings=(finding("a", Level.FAIL),))
    assert command.watch(watcher, lambda: bad, "text") is False
    assert watcher.closed


@pytest.mark.parametrize("kind", ["", "simulated:"])
def test_a_recording_has_nothing_to_watch(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(machines.two_igb(), tmp_path)
    assert main(["audit", "--watch", "--host", f"{kind}{tmp_path}"]) == 1
    assert "a recording does not change" in capsys.readouterr().err
    assert main(["audit", "--watch", "--format", "junit"]) == 1
    assert "--watch has no end" in capsys.readouterr().err


IN_A_NAMESPACE = """
import subprocess
from sriov_tui.hosts.watcher import LocalWatcher
from sriov_tui.services.watching import settled

def ip(*words):
    subprocess.run(("ip", *words), check=True)

watcher = LocalWatcher()
for words in (
    ("link", "add", "v0", "type", "veth", "peer", "name", "v1"), ("address", "add", "192.0.2.1/24", "dev", "v0"),
    ("link", "set", "v0", "up"), ("link", "delete", "v0"),
):
    ip(*words)
    print(" ".join(words[:2]), settled(watcher))
"""


@pytest.mark.subprocess
@pytest.mark.machine
def test_the_kernel_tells_of_links_and_addresses() -> None:
    if os.geteuid() != 0:
        pytest.skip("a network namespace of its own needs root")
    missing = [name for name in ("unshare", "ip") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} not installed here")
    try_it = ["unshare", "-n", "ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1"]
    tried = subprocess.run(try_it, capture_output=True, text=True)
    if tried.returncode:
        pytest.skip(f"no link can be made here: {tried.stderr.strip()}")
    argv = ["unshare", "-n", sys.executable, "-c", IN_A_NAMESPACE]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=50)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["link add True", "address add True", "link set True", "link delete True"]


@pytest.mark.machine
def test_another_thread_ends_the_waiting() -> None:
    from sriov_tui.hosts.watcher import LocalWatcher

    watcher = LocalWatcher()
    ended = threading.Event()

    def wait() -> None:
        while watcher.wait():
            pass
        ended.set()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    watcher.close()
    assert ended.wait(20)
    assert watcher.wait() is False
    thread.join(20)
