"""What a fleet says of hosts that it does not know: no audit, an old one, one from the future, a file that is none."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sriov_tui import cli
from sriov_tui.fleet import age
from sriov_tui.fleet.changes import changes
from sriov_tui.fleet.expected import read_expected
from sriov_tui.fleet.hosts import FleetHost
from sriov_tui.fleet.reading import read_fleet
from sriov_tui.fleet.tables import host_text, to_csv, to_text, verdict
from sriov_tui.message import verbatim
from sriov_tui.model import Finding, Level, SriovError
from sriov_tui.reports.audit import Report
from tests.samples import igb_host
from tests.sriov_tui.fleet.test_fleet import BAD, GOOD, document, fleet_of, page_of

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
MILD = Finding(id="vfs.at-boot", level=Level.WARN, title=verbatim("Not at boot."), blocks=True)


def dated(name: str, time: str, *findings: Finding) -> dict[str, Any]:
    return document(name, *findings) | {"gathered_at": time}


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ("2025-11-30T12:00:00Z", "This audit is 365 days old."),
        ("2026-11-29T12:00:00Z", "This audit is 1 day old."),
        ("2099-01-01T00:00:00Z", "This audit is from the future (2099-01-01 00:00 UTC). Check the clock of the host."),
        ("", "The time of this audit is unknown."),
        ("yesterday", "The time of this audit is unknown."),
        ("2026-11-30T12:30:00Z", ""),
        ("2026-11-30T19:00:00+08:00", ""),
    ],
)
def test_an_audit_is_as_old_as_it_says(time: str, words: str) -> None:
    assert age.stale(time, NOW, days=1) == words


@given(st.datetimes(timezones=st.timezones()))
def test_a_time_is_shown_in_utc_whatever_the_zone(time: datetime) -> None:
    text = time.isoformat()
    if age.time_of(text) is not None:
        assert age.shown(text) == age.shown(age.time_of(text).isoformat())  # type: ignore[union-attr]
        assert age.shown(text).endswith(" UTC")


def test_stale_audits_are_marked_everywhere(tmp_path: Path) -> None:
    fleet = fleet_of(tmp_path, dated("old", "2025-01-01T00:00:00Z", GOOD), document("new", GOOD))
    assert verdict(fleet) == "2 hosts: 2 READY; 1 audit is stale."
    (old,) = fleet.all_stale
    assert old.name == "old"
    for text in ("\n".join(to_text(fleet)), page_of(fleet), to_csv(fleet, "hosts"), *host_text(old, fleet.stale(old))):
        if "Stale" in text or "audited" in text:
            assert "old" in text
    assert "days old" in "\n".join(host_text(old, fleet.stale(old)))
    assert page_of(fleet).count(">stale</span>") == 1
    assert to_csv(fleet, "hosts").count("days old") == 1


def test_expected_hosts_without_an_audit_are_named(tmp_path: Path) -> None:
    listed = tmp_path / "expected"
    listed.write_text("# the racks\nkvm1\nkvm2.example  # by its file\n\nkvm3\nkvm4.example\n")
    folder = tmp_path / "audits"
    folder.mkdir()
    for name, host in (("kvm1", "kvm1"), ("kvm2.example", "a-name-of-its-own"), ("x", "kvm4")):
        (folder / f"{name}.json").write_text(json.dumps(document(host, GOOD)))
    fleet = read_fleet(folder, read_expected(listed))
    assert fleet.missing == ("kvm3",)
    assert verdict(fleet) == "3 hosts: 3 READY; 1 expected host has no audit."
    assert "kvm3" in "\n".join(to_text(fleet))
    assert "MISSING" in page_of(fleet)
    assert "kvm3,MISSING" in to_csv(fleet, "hosts")


def test_an_inventory_of_ansible_is_understood(tmp_path: Path) -> None:
    listed = tmp_path / "inventory.json"
    inventory = {"_meta": {"hostvars": {"a": {}}}, "all": {"children": ["kvm"]}, "kvm": {"hosts": ["a", "b"]}}
    listed.write_text(json.dumps(inventory))
    assert read_expected(listed) == ("a", "b")
    for text in ("", "# nobody\n", "{", "{}", "[]"[:0]):
        listed.write_text(text)
        with pytest.raises(SriovError):
            read_expected(listed)
    with pytest.raises(SriovError):
        read_expected(tmp_path / "none")


@given(st.lists(st.tuples(st.sampled_from(Level), st.booleans()), max_size=6))
def test_a_host_is_as_ready_in_the_fleet_as_in_its_audit(levels: list[tuple[Level, bool]]) -> None:
    findings = tuple(Finding(id="a.b", level=level, title=verbatim("x"), blocks=blocks) for level, blocks in levels)
    host = FleetHost(name="a", file="a.json", findings=findings)
    assert (host.state in ("READY", "WARN")) == Report(facts=igb_host(), findings=findings).ready
    assert (host.state == "FAIL") == (host.count(Level.FAIL) > 0)


def test_a_finding_has_the_level_of_its_audit(tmp_path: Path) -> None:
    fleet = fleet_of(tmp_path, document("a", MILD))
    (host,) = fleet.hosts
    assert (host.state, host.count(Level.FAIL), host.count(Level.WARN)) == ("BLOCKED", 0, 1)
    assert "1 BLOCKED" in verdict(fleet)


def test_every_file_that_is_no_audit_is_named(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    for name in ("notes.txt", "a.JSON", "b.json.gz", "below/c.json~", "below/bad.json"):
        (tmp_path / name).write_text("{}")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "nowhere.json").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe.json")
    fleet = fleet_of(tmp_path, document("a", GOOD))
    named = {one.file for one in fleet.broken}
    assert named == {
        "notes.txt", "a.JSON", "b.json.gz", "below/c.json~", "below/bad.json", "loop", "nowhere.json", "pipe.json",
    }  # fmt: skip
    assert [host.name for host in fleet.hosts] == ["a"]


def test_what_changed_since_the_audits_before(tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    (tmp_path / "now").mkdir()
    fixed = Finding(id="driver.vfio", level=Level.FAIL, title=verbatim("Not loaded."))
    before = fleet_of(tmp_path / "before", document("a", fixed), document("b", GOOD), document("c", BAD))
    now = fleet_of(tmp_path / "now", document("a", GOOD), document("b", GOOD, BAD), document("d", BAD))
    found = [(one.host, one.id, one.was, one.now) for one in changes(before, now)]
    assert found == [("b", "iommu.active", None, Level.FAIL), ("a", "driver.vfio", Level.FAIL, Level.OK)]
    assert "b  - -> FAIL  iommu.active  Not active." in "\n".join(to_text(now, before))
    assert "FAIL -&gt; OK" in page_of(now, before)
    assert "a,driver.vfio,host,FAIL,OK,Loaded." in to_csv(now, "changes", before)


def test_the_command_line_takes_all_of_it(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    folder = tmp_path / "audits"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps(dated("a", (datetime.now(UTC) - timedelta(days=3)).isoformat(), GOOD)))
    (tmp_path / "expected").write_text("a\nz\n")
    options = ["--format", "text", "--expect", str(tmp_path / "expected"), "--before", str(folder), "--stale-days", "2"]
    assert cli.main(["fleet", str(folder), *options]) == 0
    text = capsysbinary.readouterr().out.decode()
    assert "1 audit is stale; 1 expected host has no audit." in text
    assert cli.main(["fleet", str(folder), "--format", "csv", "--table", "changes"]) == 1
    assert b"--before DIR" in capsysbinary.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["fleet", str(folder), "--stale-days", "0"])
