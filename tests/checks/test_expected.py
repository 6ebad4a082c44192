"""What is expected of a host is what is found on it after the run: in every field, on every simulated machine.

A field that cannot be known before is None in what is expected, and only there anything is accepted; the few that are
compared otherwise, or not at all, stand in EXCEPTIONS with the reason.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

import checks
from checks.boot.entries import normal
from sriov_tui.facts import HostFacts
from sriov_tui.model import Level, State, goal
from sriov_tui.probe import gather
from sriov_tui.reports.outlook import outlook
from sriov_tui.run import store
from sriov_tui.services.evaluation import evaluate
from tests.fault_matrix import Plugged, walk
from tests.future_scenes import Scene, scenes

NETWORK = ("/etc/netplan/", "/etc/network/", "/etc/NetworkManager/", "/etc/systemd/network/", "/etc/sysconfig/")
LISTED = "the files of a network tool are listed as they are there; a bond makes others"
KEYS = {"pfs": "address", "links": "name", "files": "path", "modules": "name", "vfs": "index", "entries": "title"}
Differs = Callable[[HostFacts, HostFacts, Any, Any], bool]


def never(expected: HostFacts, found: HostFacts, before: Any, after: Any) -> bool:
    """It is not compared."""
    return False


def of_other_tokens(expected: HostFacts, found: HostFacts, before: str, after: str) -> bool:
    """The tokens are not the same; in which order they stand does not count."""
    return sorted(before.split()) != sorted(after.split())


def of_another_answer(expected: HostFacts, found: HostFacts, before: Any, after: Any) -> bool:
    """Whether the IOMMU is active is not what was foreseen."""
    return expected.iommu.active not in (None, found.iommu.active)


def a_stranger(expected: HostFacts, found: HostFacts, before: Any, name: str) -> bool:
    """A link that is neither one of a new VF nor a representor."""
    link = found.link(name)
    address = link.pci if link else ""
    vfs = {vf.address or "?" for pf in expected.pfs or () for vf in pf.vfs if vf.netdevs is None}
    unplaced = {
        vf.address
        for pf in found.pfs or ()
        if (one := expected.pf(pf.address)) and "?" in {v.address or "?" for v in one.vfs}
        for vf in pf.vfs
    }
    switched = {pf.address for pf in expected.pfs or () if pf.representors is None}
    return address not in vfs | unplaced | switched


def of_no_network_tool(expected: HostFacts, found: HostFacts, before: str, after: str) -> bool:
    """A file that is no network tool's."""
    return not (before or after).startswith(NETWORK)


def said(expected: HostFacts, found: HostFacts, before: str, after: str) -> bool:
    """It was foretold, and otherwise."""
    return bool(before)


def new_ones(expected: HostFacts, found: HostFacts, before: tuple[Any, ...], after: tuple[Any, ...]) -> bool:
    """Something is there that was not foretold."""
    return not {*after} <= {*before}


EXCEPTIONS: dict[str, tuple[Differs, str]] = {
    "gathered_at": (never, "the time of the reading"),
    "source.kind": (never, "a recording before, the simulated machine after"),
    "images": (never, "what the operator named, which no plan changes"),
    "kernel.log": (never, "what drivers and the next boot log is not known; what firmware and BIOS said still holds"),
    "lspci": (never, "a line for each new VF: foretold by the hardware database where it is asked for"),
    "kernel.cmdline": (of_other_tokens, "the boot loader has the arguments of its settings in an order of its own"),
    "boot.entries.arguments": (of_other_tokens, "the same"),
    "iommu.foreseen": (of_another_answer, "stands for units and groups, which are not known before the boot"),
    "pfs.vfs.address": (said, "a card tells where its VFs are once its firmware offers them; Vf.address has no None"),
    "pfs.vfs.foreseen": (never, "marks a VF that is not there yet"),
    "problems": (new_ones, "what could not be read may be read after a boot"),
    "files more": (of_no_network_tool, LISTED),
    "files less": (of_no_network_tool, LISTED),
    "links.index": (never, "the kernel counts; no check reads it"),
    "links.phys_switch_id": (never, "given by the driver with switchdev mode; no check reads it"),
    "links more": (a_stranger, "new VFs and representors have links: their names, and whether, show only then"),
}


def differences(expected: HostFacts, found: HostFacts) -> Iterator[tuple[str, Any, Any]]:
    """Each field that was expected otherwise, by its path, with both values."""
    for path, before, after in _differences(comparable(expected), comparable(found), ""):
        differs, _ = EXCEPTIONS.get(path, (None, ""))
        if differs is None or differs(expected, found, before, after):
            yield path, before, after


def comparable(facts: HostFacts) -> HostFacts:
    """Without the entries for rescue, which are not booted by themselves; whoever creates VFs in one order."""
    entries = facts.boot.entries
    makers = facts.vf_makers and tuple(sorted(facts.vf_makers, key=lambda maker: (maker.path, maker.line)))
    return replace(facts, boot=replace(facts.boot, entries=entries and normal(entries)), vf_makers=makers)


def _differences(before: Any, after: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if before is None or before == after:
        return
    name = path.rpartition(".")[2]
    if is_dataclass(before) and type(before) is type(after):
        for field in fields(before):
            yield from _differences(
                getattr(before, field.name), getattr(after, field.name), f"{path}.{field.name}".strip(".")
            )
    elif name in KEYS and isinstance(after, tuple):
        old, new = ({getattr(one, KEYS[name]): one for one in many} for many in (before, after))
        yield from ((f"{path} more", "", key) for key in new.keys() - old.keys())
        yield from ((f"{path} less", key, "") for key in old.keys() - new.keys())
        for key in old.keys() & new.keys():
            yield from _differences(old[key], new[key], path)
    else:
        yield path, before, after


def run(scene: Scene, folder: Path) -> tuple[HostFacts, HostFacts]:
    """What is expected, and what is found after the run with its reboot."""
    machine, facts, choices = scene
    plan = evaluate(facts, choices).plan
    expected = checks.expected(facts, choices)
    if not plan.steps:
        assert expected is facts
        return facts, facts
    host = Plugged(machine)
    assert walk(store.create(plan, "expected", folder), host) == "applied"
    return expected, replace(gather(host), images=facts.images)


def misjudged(state: State, found: HostFacts) -> Iterator[str]:
    """The findings that the outlook has in a group where the host, read again, does not have them."""
    told, after = outlook(state), {finding.key: finding for finding in evaluate(found, state.choices).findings}
    yield from (f"done: {one.key}" for one in told.done if (now := after.get(one.key)) and now.level > Level.INFO)
    for one in told.left:
        now = after.get(one.key)
        yield from () if now and now.level is one.level else (f"left: {one.key}",)
    named = {finding.key for finding in (*told.blocking, *told.left)}
    open_now = (finding for finding in goal.of_chosen(state.choices, after.values()) if finding.level > Level.INFO)
    yield from (f"open: {finding.key}" for finding in open_now if finding.key not in named)


@pytest.mark.parametrize("name", scenes())
def test_the_host_expected_is_the_host_found(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda fd: None)
    for number, scene in enumerate(scenes()[name]()):
        expected, found = run(scene, tmp_path / str(number))
        assert list(differences(expected, found)) == [], (number, scene[2])
        state = evaluate(*scene[1:])
        if not any(finding.blocks for finding in state.findings):
            assert list(misjudged(state, found)) == [], (number, scene[2])


def unknown(value: Any) -> Iterator[tuple[str, Any]]:
    """The value with each of its fields that may be unknown made so."""
    hints = get_type_hints(type(value))
    for field in fields(value):
        if type(None) in get_args(hints[field.name]):
            yield field.name, replace(value, **{field.name: None})


def test_what_is_not_known_of_a_host_breaks_no_forecast() -> None:
    _, facts, choices = list(scenes()["connectx_new"]())[-1]
    pfs = facts.pfs or ()
    cases = [*unknown(facts)]
    cases += [(f"pfs.{name}", replace(facts, pfs=(pf, *pfs[1:]))) for name, pf in unknown(pfs[0])]
    for part in ("iommu", "kernel", "boot", "ovs"):
        cases += [(f"{part}.{name}", replace(facts, **{part: one})) for name, one in unknown(getattr(facts, part))]
    for name, one in cases:
        expected = checks.expected(one, choices)
        found, _ = checks.evaluate(expected, choices)
        assert not [finding.id for finding in found if finding.id.endswith(".crashed")], name
