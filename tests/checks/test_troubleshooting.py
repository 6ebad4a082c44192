"""Every entry of the knowledge is found where it is so, and no other; on healthy machines none is.

`python -m pytest tests/checks/test_troubleshooting.py -s -k table` prints the table of entries, machines and results.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checks.explained import explanations
from checks.messages import MESSAGES
from checks.messages.pattern import KERNEL, ways
from checks.troubleshooting import ENTRIES, ORDER, SYMPTOMS, entry, speaking_of
from checks.troubleshooting.old_ids import OLD
from sriov_tui.facts import HostFacts
from sriov_tui.model.advice import Advice
from sriov_tui.probe import gather
from sriov_tui.services import troubleshooting
from sriov_tui.services.trouble_search import find
from tests.knowledge_lines import NEAR, line
from tests.trouble_machines import Bench, Trouble
from tests.troubles import HEALTHY, TROUBLES


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


# The table of messages.


def test_the_table_of_messages(healthy: dict[str, tuple[HostFacts, troubleshooting.Lines]]) -> None:
    """Printed with -s; a row matches its lines, no other row's, no near miss, and nothing of healthy machines."""
    quiet = [line for _, logged in healthy.values() for _, line in logged]
    wrong: list[tuple[str, str]] = []
    for row in MESSAGES:
        told = [line for line in quiet if row.matches(line)]
        other = [line for one in MESSAGES if one.cause != row.cause for line in one.lines if row.matches(line)]
        unmatched = [line for line in row.lines if not row.matches(line)]
        near = [NEAR[row.cause]] if row.matches(NEAR.get(row.cause, "")) else []
        print(f"{row.cause:<26} {len(row.lines)} wordings, {row.where}, {row.versions}; {row.source[:40]}")
        wrong += [(row.regex, line) for line in (*told, *other, *unmatched, *near)]
        assert len(set(row.lines)) >= 2, row.regex
        assert row.versions, row.regex
        assert len(row.source) > 8, row.regex
        assert entry(row.cause), row.cause
    print(f"{len(MESSAGES)} families of {len({row.cause for row in MESSAGES})} causes")
    assert wrong == []
    assert len(MESSAGES) >= 150


def test_no_pattern_can_take_more_than_linear_time() -> None:
    """`.*` stands only between the parts of a pattern, which are looked for in turn; nothing that repeats repeats."""
    parts = {
        part.pattern for row in MESSAGES for regex in (row.regex, row.given) for way in ways(regex) for part in way
    }
    bare = {part: re.sub(r"\\.", "x", part) for part in parts}
    assert [part for part, text in bare.items() if re.search(r"\.[*+{]|\)[*+{]", text)] == []


def test_a_text_proves_a_cause_only_with_what_stands_around_it() -> None:
    def causes(text: str) -> set[str]:
        return {one.id for one in speaking_of(text.splitlines())}

    full = "-bash: echo: write error: No space left on device"
    assert causes(f"$ echo 64 > /sys/class/net/eth2/device/sriov_numvfs\n{full}") == {"vf.no-vectors"}
    assert causes(full) == set()
    assert causes("tar: Cannot write: No space left on device") == {"ofed.disk-full"}
    assert causes("dpif_netlink|ERR|failed to offload flow: No space left on device: eth3") == {"flow.table-full"}
    assert causes("devlink answers: Invalid argument") == {"switchdev.refused"}
    assert causes("Invalid argument") == set()


def test_a_line_in_the_log_is_kept_by_the_probe() -> None:
    from sriov_tui.probe.system import LOG_WORDS

    lost = [line for row in MESSAGES if row.where == KERNEL for line in row.lines if not LOG_WORDS.search(line)]
    assert lost == []


def test_an_old_line_is_no_cause_once_it_is_mended(tmp_path: Path) -> None:
    mended = next(one for one in TROUBLES if one.entry == "vf.some-exist")
    host = mended.host(tmp_path)
    host.numvfs("0000:01:00.0", 0)
    host.numvfs("0000:01:00.0", 7)
    facts = gather(host)
    assert troubleshooting.advise(facts, "", troubleshooting.logs(host, facts), {}).cause is None
    assert troubleshooting.advise(facts, line("vf.some-exist"), troubleshooting.logs(host, facts), {}).cause is None


# The tree.


def test_the_order_and_the_tree_name_every_entry() -> None:
    assert len(set(ORDER)) == len(ORDER) == len(ENTRIES)
    led = {id for s in SYMPTOMS for id in (*s.entries, *(id for _, ids in s.branches for id in ids))}
    named = {id for id in ORDER if id in led or f"{id.partition('.')[0]}." in led}
    assert named == set(ORDER)
    assert {id for id in led if not id.endswith(".")} <= set(ORDER)


def test_the_ids_of_earlier_versions_mean_the_same() -> None:
    for old, new in OLD.items():
        found = entry(old)
        assert found is not None
        assert found.id == new
        assert entry(old.lower()) == found
    assert not set(ORDER) & set(explanations())


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


def test_every_text_for_a_person_is_a_sentence() -> None:
    for one in ENTRIES:
        assert one.cause.endswith("."), one.id
        assert one.fix.title, one.id
        assert one.fix.verify, one.id
        assert len(one.source) > 8, one.id
        assert one.looks_at, one.id
