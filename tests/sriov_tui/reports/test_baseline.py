"""What changed since an audit that was good: each kind of change, what is not known, and what is no baseline."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.explained import explanations
from sriov_tui import cli
from sriov_tui.hosts.machine_file import save
from sriov_tui.message import say
from sriov_tui.model import Finding, Level, SriovError
from sriov_tui.reports import baseline
from tests import machines

NIC: dict[str, Any] = {
    "address": "0000:01:00.0", "slot": "4/00.0", "model": "8086:10c9", "name": "82576", "interface": "enp1s0",
    "driver": "igb", "driver_version": "6.1.0", "firmware": "1.2", "numvfs": 7, "totalvfs": 7,
}  # fmt: skip
FACTS: dict[str, Any] = {
    "os": "Debian 12", "machine": None, "bios": "1", "host_conf": "ab" * 32, "kernel": "6.1.0-1",
    "arguments": "iommu=pt", "nics": [NIC],
}  # fmt: skip
GOOD = Finding(id="vfs.count", level=Level.OK, subject="0000:01:00.0", title=say("7 VFs."))
BEFORE: dict[str, Any] = {
    "version": 1, "host": "kvm07", "gathered_at": "2026-11-01T00:00:00Z", "facts": FACTS,
    "findings": [{"id": "vfs.count", "level": "OK", "subject": "0000:01:00.0"}],
}  # fmt: skip


def after(change: Callable[[dict[str, Any]], None], *findings: Finding) -> list[tuple[str, Level, str]]:
    now = copy.deepcopy(FACTS)
    change(now)
    found = baseline.compare(BEFORE, "kvm07", now, findings or (GOOD,))
    return [(finding.id, finding.level, finding.title) for finding in found]


def test_nothing_changed_is_ok() -> None:
    assert [row[:2] for row in after(lambda now: None)] == [("baseline.unchanged", Level.OK)]


@pytest.mark.parametrize(
    ("change", "id", "title"),
    [
        (lambda now: now.update(kernel="6.1.0-2"), "baseline.host", "The kernel changed from 6.1.0-1 to 6.1.0-2."),
        (lambda now: now.update(arguments=""), "baseline.host", "The kernel arguments changed from iommu=pt to -."),
        (lambda now: now.update(host_conf="cd" * 32), "baseline.host-conf", "/etc/yunion/host.conf has changed."),
        (lambda now: now.update(host_conf=""), "baseline.host-conf", "/etc/yunion/host.conf is gone."),
        (lambda now: now["nics"].clear(), "baseline.card", "The card 82576 is gone."),
        (lambda now: now["nics"].append(NIC | {"address": "0000:02:00.0"}), "baseline.card", "The card is new."),
        (lambda now: now["nics"][0].update(model="1:1"), "baseline.card", "The card changed from 8086:10c9 to 1:1."),
        (lambda now: now["nics"][0].update(firmware="1.3"), "baseline.nic", "The firmware changed from 1.2 to 1.3."),
        (lambda now: now["nics"][0].update(driver=""), "baseline.nic", "The driver changed from igb to -."),
        (lambda now: now["nics"][0].update(numvfs=6), "baseline.vfs", "The number of VFs changed from 7 to 6."),
        (lambda now: now["nics"][0].update(numvfs=0), "baseline.vfs", "The number of VFs changed from 7 to 0."),
    ],
)  # fmt: skip
def test_each_change_is_told_and_counts(change: Callable[[dict[str, Any]], None], id: str, title: str) -> None:
    assert after(change) == [(id, Level.FAIL, title)]


@pytest.mark.parametrize("key", ["os", "bios", "host_conf", "kernel", "arguments", "nics"])
def test_what_cannot_be_read_now_is_not_known_to_be_the_same(key: str) -> None:
    ((_, level, title),) = after(lambda now: now.update({key: None}))
    assert level is Level.SKIP
    assert "cannot be read now" in title


def test_what_was_not_known_then_cannot_have_changed() -> None:
    before = BEFORE | {"facts": FACTS | {"nics": None, "bios": None, "host_conf": None}}
    (found,) = baseline.compare(before, "kvm07", FACTS, (GOOD,))
    assert found.id == "baseline.unchanged"


def test_a_finding_that_became_worse_is_told() -> None:
    bad = Finding(id="vfs.count", level=Level.WARN, subject="0000:01:00.0", title=say("6 VFs."))
    new = Finding(id="log.card", level=Level.FAIL, subject="", title=say("It failed."))
    rows = after(lambda now: None, bad, new)
    assert [row[2] for row in rows] == [
        "vfs.count was OK and is WARN: 6 VFs.",
        "log.card was OK and is FAIL: It failed.",
    ]


def test_the_baseline_of_another_host_is_refused() -> None:
    with pytest.raises(SriovError, match="The baseline is of kvm07, and this host is kvm08"):
        baseline.compare(BEFORE, "kvm08", FACTS, ())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not JSON"),
        ("[]", "is not an audit of this format"),
        ("{}", "is not an audit of this format"),
        (json.dumps(BEFORE | {"version": 2}), "is not an audit of this format"),
        (json.dumps(BEFORE | {"facts": []}), "is not an audit of this format"),
        (json.dumps(BEFORE | {"findings": [1]}), "is not an audit of this format"),
        (json.dumps(BEFORE | {"facts": FACTS | {"nics": {}}}), "is not an audit of this format"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_what_is_no_baseline_is_refused_by_name(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(text)
    with pytest.raises(SriovError, match=words):
        baseline.load(str(tmp_path / "b.json"))


@given(st.dictionaries(st.sampled_from([*FACTS, *NIC]), st.none() | st.text() | st.integers() | st.lists(st.text())))
def test_values_of_any_type_are_compared_and_never_fail(values: dict[str, Any]) -> None:
    nic = {key: value for key, value in values.items() if key in NIC}
    facts = {key: value for key, value in values.items() if key in FACTS and key != "nics"}
    before = BEFORE | {"facts": FACTS | facts | {"nics": [NIC | nic]}}
    assert {finding.id for finding in baseline.compare(before, "kvm07", FACTS, ())} <= {*explanations()}


def test_the_audit_tells_by_its_exit_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A good host, its own baseline, and then a VF fewer."""
    machine = machines.two_igb()
    save(machine, tmp_path / "host")
    cli.main(["audit", "--host", str(tmp_path / "host"), "--format", "json"])
    (tmp_path / "good.json").write_text(capsys.readouterr().out)
    argv = ["audit", "--host", str(tmp_path / "host"), "--baseline", str(tmp_path / "good.json"), "--only", "baseline"]
    assert cli.main(argv) == 0
    assert "Nothing changed since the baseline of" in capsys.readouterr().out
    document = json.loads((tmp_path / "good.json").read_text())
    nic = next(nic for nic in document["facts"]["nics"] if nic["numvfs"] == 0)
    nic["numvfs"] = 5
    (tmp_path / "good.json").write_text(json.dumps(document))
    assert cli.main(argv) == 2
    out = capsys.readouterr().out
    assert "The number of VFs changed from 5 to 0." in out
    assert out.endswith("Not ready. 1 FAIL.\n")


def test_a_change_may_be_accepted_for_a_while(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(machines.two_igb(), tmp_path / "host")
    cli.main(["audit", "--host", str(tmp_path / "host"), "--format", "json"])
    document = json.loads(capsys.readouterr().out)
    document["facts"]["kernel"] = "5.10"
    (tmp_path / "good.json").write_text(json.dumps(document))
    (tmp_path / "accept.toml").write_text('[[suppress]]\nid = "baseline.host"\nreason = "updated, ticket 4711"\n')
    argv = ["audit", "--host", str(tmp_path / "host"), "--baseline", str(tmp_path / "good.json"), "--only", "baseline"]
    assert cli.main(argv) == 2
    assert cli.main([*argv, "--suppress", str(tmp_path / "accept.toml")]) == 0
