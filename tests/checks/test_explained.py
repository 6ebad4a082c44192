"""Every id that a finding can have is explained, and every explained id is one that a finding can have."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import checks
import sriov_tui.hostconf
from checks.explained import covers, explain, explanations, matching, nearest
from sriov_tui.facts import HostFacts
from sriov_tui.model import Choices, NicChoice
from sriov_tui.probe import gather
from sriov_tui.reports import baseline, suppressions
from sriov_tui.simulated import SimulatedHost
from tests import boot_machines, machines

CHECKS = Path(checks.__file__).parent
HOSTCONF = Path(sriov_tui.hostconf.__file__).parent
ID = re.compile(r"[a-z_]+\.[a-z0-9-]+")
MADE = (
    "__init__.py",
    "conf_faults.py",
    "networks.py",
    "bond.py",
    "bond_state.py",
)  # these put ids together: .crashed, a fault, a topic
TOPICS = {"networks.py": "hostconf", "bond.py": "bond", "bond_state.py": "bond"}
FAULT = re.compile(r'"((?:bridge-driver|encoding|format|item|key|networks|newline|value|yaml)\.[a-z0-9-]+)"')


def written() -> set[str]:
    """Every id that stands in the sources: in each `Finding(id=...)`, by topic in `networks`, by fault."""
    ids: set[str] = set()
    for path in (
        *(path for path in CHECKS.rglob("*.py") if path.parent.name not in ("explained", "troubleshooting")),
        Path(suppressions.__file__),
    ):
        for call in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)):
            ids.update(_of_call(path, call))
    ids.update(re.findall(r'"(baseline\.[a-z-]+)"', Path(baseline.__file__).read_text()))
    for file in ("faults.py", "item_faults.py", "explain.py"):
        ids.update(f"hostconf.{name.replace('.', '-')}" for name in FAULT.findall((HOSTCONF / file).read_text()))
    return ids | {f"{checks.short_name(module)}.crashed" for module in checks.MODULES}


def _of_call(path: Path, call: ast.Call) -> Iterator[str]:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name == "_bad" and path.name in TOPICS and isinstance(call.args[0], ast.Constant):
        yield f"{TOPICS[path.name]}.{call.args[0].value!s}"
    if name == "Obstacle":
        topics = (keyword.value for keyword in call.keywords if keyword.arg == "topic")
        yield from (f"hostconf.{value.value!s}" for value in topics if isinstance(value, ast.Constant))
    for value in (keyword.value for keyword in call.keywords if name == "Finding" and keyword.arg == "id"):
        found = [node.value for node in ast.walk(value) if isinstance(node, ast.Constant)]
        whole = [text for text in found if isinstance(text, str) and ID.fullmatch(text)]
        made = isinstance(value, ast.JoinedStr) and path.name in MADE
        assert whole or made, f"{path.name}:{value.lineno}: the id is not one that this test can read"
        yield from whole


def every_state(facts: HostFacts) -> Iterator[Choices]:
    """Nothing chosen, and every card for each use."""
    yield Choices()
    for use in ("sriov", "offload"):
        nics = tuple(NicChoice(address=pf.address, use=use, bridge="br9", wire="w9") for pf in facts.pfs or ())
        yield Choices(kernel_args="set", nics=nics)


def test_every_id_in_the_sources_is_explained_and_no_other() -> None:
    assert set(explanations()) == written()


@pytest.mark.parametrize("name", [*(b.__name__ for b in machines.ALL if b is not machines.big), *boot_machines.NAMES])
def test_every_finding_on_every_machine_is_explained(name: str, tmp_path: Path) -> None:
    build = getattr(machines, name, None)
    machine = build() if build else boot_machines.named(name)
    facts = gather(SimulatedHost.create(machine, tmp_path / "machine"))
    found = {f.id for choices in every_state(facts) for f in checks.evaluate(facts, choices)[0]}
    assert found <= set(explanations())
    assert not any(id.endswith(".crashed") for id in found)


def test_an_explanation_says_something_in_every_part() -> None:
    for entry in explanations().values():
        assert ID.fullmatch(entry.id)
        assert len(entry.title) <= 60
        for text in (entry.means, entry.matters, entry.fix, entry.source):
            assert len(text) >= 10, entry.id
            assert text.endswith((".", ")")), entry.id
            assert text.isprintable(), entry.id


def test_no_id_is_explained_twice() -> None:
    texts = [path.read_text() for path in (CHECKS / "explained").glob("*.py")]
    texts += [
        text.partition("\nEXPLAINED = (")[2].partition("\n)\n")[0] for text in map(Path.read_text, CHECKS.glob("*.py"))
    ]
    ids = [id for text in texts for id in re.findall(r'^ +id="([a-z_.0-9-]+)"', text, re.MULTILINE)]
    ids += [id for text in texts for id in re.findall(r'_(?:entry|fatal)\(\s*"([a-z0-9-]+)"', text)]
    assert len(ids) == len(set(ids))
    assert len(ids) + len(checks.MODULES) == len(explanations())


def test_words_mean_ids() -> None:
    assert covers("vfs", "vfs.count")
    assert covers("vfs.", "vfs.count")
    assert covers("hostconf.yaml", "hostconf.yaml-tab")
    assert not covers("vf", "vfs.count")
    assert not covers("vfs.count", "vfs.counted")
    assert {entry.id.partition(".")[0] for entry in matching(["bond", "drift"])} == {"bond", "drift"}
    assert len(matching([])) == len(explanations())


def test_the_nearest_id() -> None:
    for wrong, right in (("vfs.cuont", "vfs.count"), ("iomu", "iommu"), ("partial-vfs", "agent.partial-vfs")):
        assert nearest(wrong) == right
    assert nearest("qqqqqqqq") == ""


def test_a_fault_is_explained_as_hostconf_check_prints_it() -> None:
    found = explain("value.null-list")
    assert found is not None
    assert found.id == "hostconf.value-null-list"
