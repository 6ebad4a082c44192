"""What was read is data: neither its words nor a host's own name decide what it is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from checks.unseen import look_again
from screens import words
from sriov_tui import codec
from sriov_tui.facts import Source, source_of
from sriov_tui.language import source_words
from sriov_tui.model import State
from sriov_tui.run import store
from tests.samples import igb_host

SOURCES = (
    Source(),
    Source("tree", "/mnt"),
    Source("recording", "kvm07"),
    Source("simulated", "two-igb"),
    Source("report", "kvm07.json"),
)


@pytest.mark.parametrize("source", SOURCES)
def test_facts_that_an_older_version_kept_still_open(source: Source, tmp_path: Path) -> None:
    document = codec.encode(igb_host()) | {"source": source.words}
    kept = tmp_path / "facts.json"
    kept.write_text(json.dumps(document))
    assert store.read_facts(kept) == replace(igb_host(), source=source)
    assert source_of(source.words) == source


@pytest.mark.parametrize("name", ["recording", "simulated", "this machine"])
def test_a_name_does_not_make_a_kind(name: str) -> None:
    """A report in a file called "recording of x" is none, and what cannot be read there is not said to be missing."""
    facts = igb_host(source=Source("report", f"{name} of x"))
    assert look_again(facts) == look_again(igb_host(source=Source()))
    assert words.mode_word(State(facts=facts, mode="read-only")).startswith("READ-ONLY")
    assert source_words(facts.source) == f"{name} of x"


def test_only_this_machine_is_acted_on() -> None:
    acted = [source.kind for source in SOURCES if words.acts_here(State(facts=igb_host(source=source), mode="real"))]
    assert acted == ["machine"]
