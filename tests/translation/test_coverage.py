"""On machines of every kind no sentence of the program is left in English where Chinese is spoken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

import checks
from sriov_tui import language
from sriov_tui.hosts.machine import Machine
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.language import _
from sriov_tui.model import State
from sriov_tui.probe import gather
from sriov_tui.reports import plan_text
from sriov_tui.services.evaluation import evaluate
from tests import machines, mellanox_machines
from tests.checks.test_explained import every_state

PROSE = re.compile(r"\b[a-z]+,? [a-z]+,? [a-z]{2,}\b")
QUOTED = re.compile(r"`[^`]*`|\"[^\"]*\"|'[^']*'|（[^）]*）|\([^)]*\)")
SAID_BY_MACHINES = (
    "no such file", "invalid argument", "no such device", "Permission denied", "kernel buffer", "Buffer too small",
    "integrated ConnectX", "get sriov nic devices",
)  # fmt: skip
COMMANDS = re.compile(r"(?:devlink|ip link|kubectl|systemctl|ethtool|lspci|mstconfig|grub2?-\w+|tc -s)[^，；。：]*")


def sentences(state: State) -> Iterator[str]:
    for finding in state.findings:
        yield from (finding.title, finding.detail)
        if finding.fix:
            yield from (finding.fix.title, finding.fix.manual, finding.fix.verify)
    for step in state.plan.steps:
        yield from (step.title, step.why)
    yield from state.forecast


def foreign(text: str) -> bool:
    """Whether English prose of our own is in a text."""
    own = COMMANDS.sub("", QUOTED.sub("", text))
    return bool(PROSE.search(own)) and not any(word in text for word in SAID_BY_MACHINES)


@pytest.mark.parametrize("build", [*machines.ALL, *mellanox_machines.ALL])
def test_no_sentence_is_left_in_english(build: Callable[[], Machine]) -> None:
    facts = gather(RecordedHost(build()))
    states = [evaluate(facts, choices) for choices in every_state(facts)]
    language.speak(language.CHINESE)
    said = {text: _(text) for state in states for text in sentences(state)}
    assert [line for shown in said.values() for line in shown.splitlines() if foreign(line)] == []
    for state in states:
        lines = [
            line for line in plan_text.describe(state.plan, facts) if not line.strip().startswith(("| ", "+", "-"))
        ]
        assert [line for line in lines if foreign(line)] == []


def test_this_test_would_see_english() -> None:
    assert foreign("网卡 is not there at all")
    assert not foreign("运行 kubectl -n onecloud get pods on a node")
    assert checks.MODULES
