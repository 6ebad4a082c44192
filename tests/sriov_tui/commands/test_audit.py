"""`audit` and `explain` on the command line: profiles, selection, suppressions, one definition of ready, the schema."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from sriov_tui.cli import main
from sriov_tui.commands import audit
from sriov_tui.hosts.machine import Machine
from sriov_tui.hosts.machine_file import save
from sriov_tui.model import Choices, NicChoice
from tests import boot_machines, machines
from tests.machines import FIRST, SECOND
from tests.samples import igb_host

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def host(tmp_path: Path) -> str:
    """A healthy machine that asks for no card yet."""
    save(machines.two_igb(), tmp_path / "host")
    return str(tmp_path / "host")


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Run the program; status, output and errors."""

    def run(*words: str) -> tuple[int, str, str]:
        status = main(words)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def closed(schema: Any) -> Any:
    """The published schema is open to keys of later versions; here every key must be described."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    return inner | {"additionalProperties": False} if "properties" in schema and "type" in schema else inner


@pytest.mark.parametrize(
    "build",
    [*(b for b in machines.ALL if b is not machines.big), boot_machines.named],
    ids=lambda build: str(build.__name__),
)
def test_the_json_is_as_the_schema_says(build: Callable[..., Machine], tmp_path: Path, say: Say) -> None:
    save(build(boot_machines.NAMES[0]) if build is boot_machines.named else build(), tmp_path / "host")
    (tmp_path / "s.toml").write_text('[[suppress]]\nid = "hardware.ssh"\nreason = "so"\nexpires = 2099-01-01\n')
    schema = json.loads(say("audit", "--schema")[1])
    jsonschema.Draft202012Validator.check_schema(schema)
    where = ("--host", str(tmp_path / "host"), "--format", "json")
    for options in ((), ("--profile", "offload"), ("--suppress", str(tmp_path / "s.toml"), "--fail-on", "warn")):
        status, out, _ = say("audit", *where, *options)
        document = json.loads(out)
        jsonschema.Draft202012Validator(closed(schema)).validate(document)
        assert status == (0 if document["ready"] else 2)


def test_the_schema_refuses_what_is_wrong(say: Say) -> None:
    schema = json.loads(say("audit", "--schema")[1])
    assert schema["properties"]["version"]["const"] == 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"version": 2}, closed(schema))


def test_the_status_and_every_format_agree(host: str, say: Say) -> None:
    for options in (("--only", "iommu"), ("--fail-on", "warn"), ("--profile", "sriov"), ()):
        status, text, _ = say("audit", "--host", host, *options)
        document = json.loads(say("audit", "--host", host, *options, "--format", "json")[1])
        suite = ElementTree.fromstring(say("audit", "--host", host, *options, "--format", "junit")[1])
        bad = int(suite.get("failures") or 0) + int(suite.get("errors") or 0)
        assert (status == 0) is document["ready"] is (bad == 0) is (text.splitlines()[-1].startswith("Ready."))


def test_what_cannot_be_seen_is_not_ready(tmp_path: Path, say: Say) -> None:
    save(machines.unreadable(), tmp_path / "host")
    status, out, _ = say("audit", "--host", str(tmp_path / "host"), "--only", "hardware.pf")
    assert status == 2
    assert "Not known to be ready" in out


def test_only_and_skip(host: str, say: Say) -> None:
    def ids(*options: str) -> set[str]:
        found = re.findall(
            r"^(?:OK|INFO|WARN|SKIP|FAIL) +(\S+)", say("audit", "--host", host, *options)[1], re.MULTILINE
        )
        return set(found)

    everything = ids()
    assert ids("--only", "iommu.active") == {"iommu.active"}
    assert ids("--only", "iommu", "--skip", "iommu.arguments") == {
        id for id in everything if id.startswith("iommu.") and id not in ("iommu.arguments", "iommu.arguments-kept")
    }
    assert ids("--skip", "iommu") == {id for id in everything if not id.startswith("iommu.")}


@pytest.mark.parametrize("option", ["--only", "--skip"])
def test_a_typo_is_refused_before_the_machine_is_read(option: str, tmp_path: Path, say: Say) -> None:
    status, out, err = say("audit", "--host", str(tmp_path / "none"), option, "iommu.actve")
    assert (status, out) == (1, "")
    assert "There is no check 'iommu.actve'" in err
    assert "Did you mean iommu.active?" in err


def test_a_check_that_failed_itself_is_never_filtered(host: str, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("a fault of ours")

    monkeypatch.setattr("checks.vfs.findings", fail)
    status, out, _ = say("audit", "--host", host, "--only", "iommu")
    assert status == 2
    assert "vfs.crashed" in out


def test_suppressions_from_a_file(host: str, tmp_path: Path, say: Say) -> None:
    (tmp_path / "s.toml").write_text(
        '[[suppress]]\nid = "hardware.chosen"\nreason = "a spare host"\nexpires = 2026-01-01\n'
        '[[suppress]]\nid = "hardware.chsen"\nreason = "typo"\n'
        '[[suppress]]\nid = "hardware.ssh"\nreason = "old"\nexpires = 2025-12-31\n'
    )
    assert say("audit", "--host", host)[0] == 2
    status, out, _ = say("audit", "--host", host, "--suppress", str(tmp_path / "s.toml"))
    assert status == 0
    assert "Reason: a spare host (until 2026-01-01)" in out
    assert "What to do: Did you mean hardware.chosen?" in out
    assert "audit.suppression-expired" in out
    assert say("audit", "--host", host, "--suppress", str(tmp_path / "s.toml"), "--fail-on", "warn")[0] == 2
    status, _, err = say("audit", "--host", host, "--suppress", str(tmp_path / "none"))
    assert status == 1
    assert "No such file" in err


def test_profiles() -> None:
    facts = igb_host()
    chosen = Choices(nics=(NicChoice(address=SECOND, use="sriov", bridge="br1"),))
    assert audit.expected(facts, chosen, "auto") == chosen
    offload = audit.expected(facts, chosen, "offload")
    assert offload.nics == (NicChoice(address=SECOND, use="offload", bridge="br1"),)
    spread = audit.expected(facts, None, "sriov")
    carries = facts.ssh.pfs if facts.ssh else ()
    assert {nic.address for nic in spread.chosen} == {FIRST, SECOND} - set(carries)
    assert not audit.expected(facts, None, "auto").chosen


def test_the_list_of_checks(say: Say) -> None:
    status, out, _ = say("audit", "--list")
    assert status == 0
    assert "vfs.count                        All the VFs that a card offers, or none" in out
    assert "hostconf.yaml-tab" in out
    some = say("audit", "--list", "--only", "names")[1]
    assert [line.split()[0] for line in some.splitlines() if line.startswith("names")] == [
        "names.crashed",
        "names.pinned",
    ]
    entries = json.loads(say("audit", "--list", "--format", "json")[1])
    assert set(entries[0]) == {"id", "title", "means", "matters", "fix", "source"}
    assert say("audit", "--list", "--format", "junit")[0] == 1


def test_explain(say: Say) -> None:
    status, out, _ = say("explain", "vfs.count")
    assert status == 0
    for words in ("vfs.count: ", "What it means", "Why it matters", "How to fix it", "Source", "sriov_base.go"):
        assert words in out
    assert max(map(len, out.splitlines())) <= 80
    page = say("explain", "vfs.count", "--format", "markdown")[1]
    assert page.startswith("# vfs.count\n")
    assert "\n## Why it matters\n" in page
    assert json.loads(say("explain", "vfs.count", "--format", "json")[1])[0]["id"] == "vfs.count"


def test_explain_without_an_id_or_with_a_beginning_lists(say: Say) -> None:
    assert say("explain")[1] == say("audit", "--list")[1]
    listed = say("explain", "drift")[1]
    assert "drift.vfs" in listed
    assert "vfs.count" not in listed
    assert say("explain", "--format", "markdown")[1].startswith("| id | what it looks at |")


def test_explain_of_an_unknown_id_names_the_nearest(say: Say) -> None:
    status, out, err = say("explain", "vfs.cuont")
    assert (status, out) == (2, "")
    assert "Did you mean vfs.count?" in err
