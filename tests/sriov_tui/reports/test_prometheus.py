"""The audit for the textfile collector: a format that it takes, the values of the audit, none for what is unknown."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sriov_tui import cli
from sriov_tui.facts import HostFacts
from sriov_tui.hosts.machine_file import save
from sriov_tui.message import say
from sriov_tui.model import Choices, Finding, Level, NicChoice
from sriov_tui.reports.audit import Report
from sriov_tui.reports.prometheus import HELP, to_prometheus
from tests import machines
from tests.machines import FIRST
from tests.samples import igb_host, igb_pf

LABEL = r'[a-z]+="(?:[^"\\\n]|\\[\\n"])*"'
SAMPLE = re.compile(rf"(sriov_tui_[a-z_]+)((?:\{{{LABEL}(?:,{LABEL})*\}})?) (-?\d+)")


def samples(facts: HostFacts, *findings: Finding, choices: Choices | None = None) -> dict[str, int]:
    """Metric with labels -> value; each line is one of the format, and no sample is there twice."""
    found: dict[str, int] = {}
    for line in to_prometheus(Report(facts=facts, findings=findings), choices or Choices()):
        if line.startswith("#"):
            assert re.fullmatch(r"# (HELP sriov_tui_\w+ [^\n]+|TYPE sriov_tui_\w+ (gauge|counter))", line), line
            continue
        match = SAMPLE.fullmatch(line)
        assert match, line
        assert match[1] + match[2] not in found, line
        found[match[1] + match[2]] = int(match[3])
    return found


def test_the_vfs_that_are_wanted_there_and_held() -> None:
    facts = igb_host(pfs=(igb_pf(numvfs=7),))
    wanted = Choices(nics=(NicChoice(address=FIRST, use="sriov"),))
    found = samples(facts, choices=wanted)
    at = f'address="{FIRST}",interface="enp1s0"'
    assert found[f'sriov_tui_vfs{{{at},state="total"}}'] == 7
    assert found[f'sriov_tui_vfs{{{at},state="wanted"}}'] == 7
    assert found[f'sriov_tui_vfs{{{at},state="there"}}'] == 7


def test_what_is_unknown_has_no_sample() -> None:
    facts = igb_host()
    blind = replace(facts, pfs=tuple(replace(pf, numvfs=None) for pf in facts.pfs or ()))
    assert not any('state="there"' in name for name in samples(blind))
    assert not any("sriov_tui_vfs" in name for name in samples(replace(facts, pfs=None)))


def test_two_findings_of_one_id_and_subject_are_one_sample() -> None:
    one = Finding(id="log.card", level=Level.WARN, subject=FIRST, title=say("One."))
    found = samples(igb_host(), one, replace(one, title=say("Two.")))
    assert found[f'sriov_tui_finding{{id="log.card",subject="{FIRST}",level="WARN"}}'] == 1
    assert found['sriov_tui_findings{level="WARN"}'] == 2


@given(st.text())
def test_any_name_is_a_label(name: str) -> None:
    samples(igb_host(), Finding(id="log.card", level=Level.FAIL, subject=name, title=say("It failed.")))


def test_ready_is_what_the_exit_status_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(machines.two_igb(), tmp_path / "host")
    argv = ["audit", "--host", str(tmp_path / "host"), "--format", "prometheus"]
    for options, ready in (([], None), (["--only", "hardware.present"], 1)):
        status = cli.main([*argv, *options])
        out = capsys.readouterr().out
        assert f"\nsriov_tui_ready {int(status == 0)}\n" in f"\n{out}"
        assert ready is None or status == 0
    assert {line.split()[2] for line in out.splitlines() if line.startswith("# HELP")} <= {*HELP}


def test_the_help_is_english_in_every_language(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(machines.two_igb(), tmp_path / "host")
    cli.main(["--lang", "zh", "audit", "--host", str(tmp_path / "host"), "--format", "prometheus"])
    assert capsys.readouterr().out.isascii()
