"""Every entry of the knowledge is found where it is so, and no other; on healthy machines none is.

`python -m pytest tests/checks/test_troubleshooting.py -s -k table` prints the table of entries, machines and results.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.troubleshooting import ENTRIES, ORDER, SYMPTOMS, entry, find, speaking_of
from sriov_tui.facts import HostFacts
from sriov_tui.model import SriovError
from sriov_tui.model.advice import Advice
from sriov_tui.probe import gather
from sriov_tui.services import troubleshooting
from tests.knowledge_lines import LINES
from tests.trouble_machines import Bench, Trouble
from tests.troubles import HEALTHY, TROUBLES

SHARED = {"T29": {"T28"}}  # a text that several causes print


def judged(trouble: Trouble, folder: Path) -> Advice:
    host = trouble.host(folder)
    facts = trouble.facts(gather(host))
    return troubleshooting.advise(facts, trouble.words, troubleshooting.logs(host, facts), trouble.answers)


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[HostFacts, troubleshooting.Lines]]:
    machines = {}
    for name, build, ready in HEALTHY:
        host = Bench.create(build(), tmp_path_factory.mktemp(name))
        assert isinstance(host, Bench)
        ready(host)
        facts = gather(host)
        machines[name] = (facts, troubleshooting.logs(host, facts))
    return machines


@pytest.mark.parametrize("name", [name for name, _, _ in HEALTHY])
def test_a_healthy_machine_is_met_with_silence(
    name: str, healthy: dict[str, tuple[HostFacts, troubleshooting.Lines]]
) -> None:
    facts, logged = healthy[name]
    for words in ("", *(symptom.id for symptom in SYMPTOMS if name == "offload" or symptom.id != "offload-flows")):
        found = troubleshooting.advise(facts, words, logged, {"vm-network": "vf"})
        assert found.cause is None, (words, found.cause)
        assert found.ask is None, words


def test_a_healthy_machine_is_silent_entry_by_entry(
    healthy: dict[str, tuple[HostFacts, troubleshooting.Lines]],
) -> None:
    for one in ENTRIES:
        for facts, logged in healthy.values():
            assert troubleshooting.advise(facts, one.id, logged, {}).cause is None, one.id


def test_the_table_of_entries_machines_and_results(tmp_path: Path) -> None:
    """Printed with -s; asserted in any case: each entry has a machine, and on each machine its entry is the cause."""
    wrong = []
    for number, trouble in enumerate(sorted(TROUBLES, key=lambda one: one.entry)):
        found = judged(trouble, tmp_path / str(number))
        result = "found" if found.cause and found.cause.id == trouble.entry else f"NOT: {found.cause}"
        what = trouble.name or " ".join(trouble.words.split())[:34]
        also = f", and behind it {' '.join(one.id for one in found.also)}" if found.also else ""
        print(f"{trouble.entry:<4} {trouble.machine.__name__:<12} {what:<35} {result}{also}")
        if found.cause is None or found.cause.id != trouble.entry or not found.cause.evidence:
            wrong.append((trouble.entry, trouble.name, found.cause, found.unknown))
    assert {trouble.entry for trouble in TROUBLES} == set(ORDER)
    assert not wrong


# The texts.


def test_every_entry_with_a_text_has_lines_and_no_other() -> None:
    assert set(LINES) == {one.id for one in ENTRIES if one.patterns}


@pytest.mark.parametrize("id", sorted(LINES))
def test_the_patterns_match_what_is_printed_and_not_its_neighbour(id: str) -> None:
    one = entry(id)
    assert one is not None
    lines, near = LINES[id]
    for line in lines:
        assert {other.id for other in speaking_of([line])} - SHARED.get(id, set()) == {id}, line
    for pattern in one.patterns:
        assert any(pattern.matches(line) for line in lines), pattern
        assert not pattern.matches(near), pattern
        assert pattern.versions
    assert id not in {other.id for other in speaking_of([near])}


def test_a_line_in_the_log_is_kept_by_the_probe() -> None:
    from sriov_tui.probe.system import LOG_WORDS

    for one in ENTRIES:
        for pattern in one.patterns if any(p.where == "the kernel log" for p in one.patterns) else ():
            lines = [line for line in LINES[one.id][0] if pattern.matches(line)]
            assert pattern.where != "the kernel log" or any(LOG_WORDS.search(line) for line in lines), pattern


def test_an_old_line_is_no_cause_once_it_is_mended(tmp_path: Path) -> None:
    mended = next(one for one in TROUBLES if one.entry == "T06")
    host = mended.host(tmp_path)
    host.numvfs("0000:01:00.0", 0)
    host.numvfs("0000:01:00.0", 7)
    facts = gather(host)
    assert troubleshooting.advise(facts, "", troubleshooting.logs(host, facts), {}).cause is None
    assert troubleshooting.advise(facts, LINES["T06"][0][0], troubleshooting.logs(host, facts), {}).cause is None


# The tree.


def test_the_order_and_the_tree_name_every_entry() -> None:
    assert len(set(ORDER)) == len(ORDER) == len(ENTRIES)
    led = {id for s in SYMPTOMS for id in (*s.entries, *(id for _, ids in s.branches for id in ids))}
    assert led == set(ORDER)
    assert {f"T{number:02}" for number in range(1, 69)} <= set(ORDER)


@pytest.mark.parametrize(
    ("words", "id"),
    [
        ("no VFs in climc", "no-vfs"),
        ("host offline after restart", "host-offline"),
        ("VM does not start", "vm-start"),
        ("offload shows no flows", "offload-flows"),
        ("network lost after reboot", "network-lost"),
        ("VF write refused", "vf-write"),
        ("driver install failed", "driver-install"),
        ("fewer VFs than asked", "fewer-vfs"),
        ("a VM has no network", "vm-network"),
        ("vf-bind", "vf-bind"),
    ],
)
def test_the_operators_words_lead_to_a_symptom(words: str, id: str) -> None:
    symptom = find(words)
    assert symptom is not None
    assert symptom.id == id


def test_words_that_mean_nothing_are_refused_with_a_way_out() -> None:
    with pytest.raises(SriovError, match="no symptom") as refused:
        troubleshooting.meant("purple elephants")
    assert "--list" in refused.value.hint


def test_every_text_for_a_person_is_a_sentence() -> None:
    for one in ENTRIES:
        assert one.cause.endswith("."), one.id
        assert one.fix.title, one.id
        assert one.fix.verify, one.id
        assert len(one.source) > 8, one.id
        assert one.looks_at, one.id
