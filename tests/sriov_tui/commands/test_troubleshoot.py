"""`troubleshoot` on the command line: what it says, what it asks, and that --apply mends and proves it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from checks.troubleshooting import ENTRIES, SYMPTOMS
from sriov_tui.cli import main
from sriov_tui.hostconf import read
from tests.knowledge_lines import line
from tests.machines import FIRST, two_igb
from tests.trouble_machines import CONF, Bench, igb_idle, igb_ready
from tests.troubles import TROUBLES, conf, count

Say = Callable[..., tuple[int, str, str]]
AT = f"/sys/bus/pci/devices/{FIRST}"


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Run `troubleshoot`; status, output and errors."""

    def run(*words: str) -> tuple[int, str, str]:
        status = main(("troubleshoot", *words))
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.fixture
def bench(tmp_path: Path) -> Callable[..., tuple[Bench, str]]:
    """A machine, brought to its trouble; and how --host names it."""

    def make(*changes: Callable[[Bench], None]) -> tuple[Bench, str]:
        host = Bench.create(two_igb(), tmp_path / "m")
        assert isinstance(host, Bench)
        for change in changes:
            change(host)
        return host, f"simulated:{tmp_path / 'm'}"

    return make


Make = Callable[..., tuple[Bench, str]]


def test_the_cause_with_what_was_read_and_what_to_do(bench: Make, say: Say) -> None:
    _, host = bench(igb_idle, count(4))
    status, out, _ = say("fewer", "VFs", "than", "asked", "--host", host)
    assert status == 2
    for words in (
        "Symptom: Fewer VFs",
        "Cause vf.partial:",
        f"{AT}/sriov_numvfs",
        "Fix: Make all VFs",
        "--apply",
        "Source:",
    ):
        assert words in out


def test_json_says_the_same(bench: Make, say: Say) -> None:
    _, host = bench(igb_idle, count(4))
    status, out, _ = say("--host", host, "--json")
    document = json.loads(out)
    assert status == 2
    assert (document["version"], document["found"], document["cause"]["id"]) == (1, True, "vf.partial")
    assert [step["id"] for step in document["plan"]["steps"]] == document["cause"]["fix"]["steps"]


def test_nothing_found(bench: Make, say: Say) -> None:
    _, host = bench(igb_ready)
    status, out, _ = say("no", "VFs", "in", "climc", "--host", host)
    assert status == 0
    assert "No cause was found" in out
    assert json.loads(say("--host", host, "--json")[1])["found"] is False


def test_a_pasted_message_also_on_standard_input(bench: Make, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    _, host = bench(igb_ready)
    assert "Cause packages.centos7" in say(line("packages.centos7"), "--host", host)[1]
    monkeypatch.setattr("sys.stdin", io.StringIO(f"Loaded plugins: fastestmirror\n{line('packages.centos7')}\n"))
    status, out, _ = say("-", "--host", host)
    assert status == 2
    assert "Cause packages.centos7" in out


def test_a_question_is_open_until_it_is_answered(bench: Make, say: Say) -> None:
    _, host = bench(igb_idle, count(7))
    status, out, _ = say("no-vfs", "--host", host)
    assert status == 2
    assert "--answer pod-restarted=" in out
    assert "Cause conf.not-read" in say("no-vfs", "--host", host, "--answer", "pod-restarted=no")[1]
    assert say("no-vfs", "--host", host, "--answer", "pod-restarted=yes")[0] == 0


def test_a_question_is_asked_where_somebody_is(bench: Make, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    _, host = bench(igb_idle, count(7))
    said = iter(["perhaps", "no"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda prompt: next(said))
    status, out, _ = say("no-vfs", "--host", host)
    assert status == 2
    assert "Cause conf.not-read" in out


def test_the_branch_of_a_symptom_is_asked_for(bench: Make, say: Say) -> None:
    _, host = bench(igb_ready)
    assert "--answer vm-network=" in say("vm-start", "--host", host)[1]
    assert say("vm-start", "--host", host, "--answer", "vm-network=vf")[0] == 0


def test_bad_input_is_refused_with_a_way_out(bench: Make, say: Say) -> None:
    host, spec = bench(igb_idle, count(4))
    before = host.machine
    for words, told in ((("--answer", "nic"), "KEY=VALUE"),):
        status, out, err = say(*words, "--host", spec)
        assert (status, out) == (1, "")
        assert told in err
    status, _, err = say("--host", spec, "--apply")
    assert status == 1
    assert "--yes" in err
    assert host.machine == before


def test_what_no_step_mends_is_left_to_a_person(bench: Make, say: Say) -> None:
    host, spec = bench(igb_ready)
    before = host.machine
    status, _, err = say(line("packages.centos7"), "--host", spec, "--apply", "--yes")
    assert status == 1
    assert "By hand: Point the repositories to vault.centos.org." in err
    assert host.machine == before


MENDED: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("vf.partial", "", ()),
    ("vf.no-autoprobe", "", ()),
    ("vf.other-driver", "", ()),
    ("conf.null-list", "", ("--answer", "nic=enp1s0")),
    ("conf.nic", "not in networks", ("--answer", "bridge=br1", "--answer", "wire=bcast1")),
    ("conf.nic", "wrong name", ("--answer", "nic=enp1s0")),
    ("flow.setting", "asked only", ()),
    ("lag.mode", "", ()),
)


@pytest.mark.subprocess
def test_a_cause_is_fixed_though_something_else_keeps_the_host_from_being_ready(bench: Make, say: Say) -> None:
    """Seen in the lab: a bond's mode was corrected on a card without an eswitch, and status 7 said nothing of it."""
    _, host = bench(igb_idle, conf("sriov_nics:\n- enp1s0\n- enp9s9\n"), count(4))
    status, out, err = say("vf.partial", "--host", host, "--apply", "--yes")
    assert "not ready" in out
    assert "Fixed: vf.partial no longer holds." in out, out + err
    assert status == 0


@pytest.mark.subprocess
@pytest.mark.parametrize(("id", "name", "answers"), MENDED, ids=lambda value: str(value))
def test_apply_mends_and_judges_again(id: str, name: str, answers: tuple[str, ...], tmp_path: Path, say: Say) -> None:
    trouble = next(one for one in TROUBLES if (one.entry, one.name) == (id, name))
    trouble.host(tmp_path / "m")
    where = ("--host", f"simulated:{tmp_path / 'm'}", *answers)
    words = trouble.words.split()
    status, out, err = say(*words, *where, "--apply", "--yes")
    assert status == 0, out + err
    assert f"Fixed: {id} no longer holds." in out
    assert say(id, *where[:2])[0] == 0


@pytest.mark.subprocess
def test_what_takes_a_reboot_is_pending_until_then(tmp_path: Path, say: Say) -> None:
    trouble = next(one for one in TROUBLES if one.entry == "kernel.iommu-off")
    host = trouble.host(tmp_path / "m")
    where = ("--host", f"simulated:{tmp_path / 'm'}")
    status, out, _ = say(*where, "--apply", "--yes")
    assert status == 3
    assert "Reboot this host" in out
    host.reboot()
    assert json.loads(say("iommu", *where, "--json")[1])["found"] is False


def test_a_null_list_is_taken_out_where_no_card_is_named(bench: Make, say: Say) -> None:
    _, host = bench(igb_ready, conf("sriov_nics:\n"))
    document = json.loads(say("conf.null-list", "--host", host, "--json")[1])
    written = [op for step in document["plan"]["steps"] for op in step["operations"] if op["path"] == CONF]
    assert read(written[-1]["text"].encode()).loads


def test_the_list_names_every_symptom_and_entry(say: Say) -> None:
    status, out, _ = say("--list")
    assert status == 0
    for symptom in SYMPTOMS:
        assert symptom.words in out
    for one in ENTRIES:
        assert f"{one.id:<28} {one.cause}" in out


QUOTED = (
    "--password hunter2-a1",
    "token=hunter2-b2",
    "mysql://root:hunter2-c3@10.0.0.1/db",
    '{"secret": "hunter2-d4"}',
)


@pytest.mark.parametrize("secret", QUOTED)
@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
def test_no_line_of_a_log_is_shown_with_its_secret(bench: Make, say: Say, secret: str, form: tuple[str, ...]) -> None:
    _, host = bench(igb_ready)
    _, out, err = say(f"{line('vf.too-many')} {secret}", "--host", host, *form)
    assert "vf.too-many" in out
    assert "echo: writ" in out
    assert "hunter2" not in out + err


def test_the_files_of_a_fix_are_masked_in_json(bench: Make, say: Say) -> None:
    machine, host = bench(igb_ready, conf("sriov_nics:\nadmin_password: hunter2-e5\n"))
    assert b"hunter2" in machine.read(CONF)
    for form in ((), ("--json",)):
        _, out, _ = say("conf.null-list", "--host", host, *form)
        assert "conf.null-list" in out
        assert "hunter2" not in out
    assert "admin_password: MASKED" in out.replace("\\n", "\n")
