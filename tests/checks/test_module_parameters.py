"""Module parameters among the kernel arguments: the array form, unknown names, and counts that break the agent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import iommu
from checks.boot import module_parameters
from sriov_tui.facts import HostFacts, Module
from sriov_tui.hosts.host import Completed
from sriov_tui.model import Level, WriteFile
from sriov_tui.probe import gather
from sriov_tui.simulated import SimulatedHost
from tests.checks.common import WANT, steps
from tests.machines import two_igb
from tests.samples import FIRST, igb_host

IGB = Module(name="igb", loaded=True, parameters=(("max_vfs", "uint"), ("debug", "int")))
ARRAY = Module(name="igb", loaded=True, parameters=(("max_vfs", "array of int"),))


def host(module: Module = IGB) -> HostFacts:
    facts = igb_host()
    return replace(facts, modules=(*(other for other in facts.modules if other.name != module.name), module))


@pytest.mark.parametrize(
    ("module", "token", "written"),
    [
        (IGB, "igb.max_vfs=7", "igb.max_vfs=7"),
        (ARRAY, "igb.max_vfs=7", "igb.max_vfs=7,7"),
        (ARRAY, "igb.max-vfs=7", "igb.max-vfs=7,7"),
        (ARRAY, "igb.max_vfs=7,0", "igb.max_vfs=7,0"),
        (ARRAY, "igb.max_vfs", "igb.max_vfs"),
        (replace(ARRAY, parameters=None), "igb.max_vfs=7", "igb.max_vfs=7"),
        (ARRAY, "pci=realloc", "pci=realloc"),
    ],
)
def test_one_value_for_an_array_is_given_to_every_port(module: Module, token: str, written: str) -> None:
    assert module_parameters.expanded(host(module), token) == written


def test_the_array_form_is_what_the_next_boot_gets() -> None:
    step = steps(iommu, host(ARRAY), replace(WANT, arguments=("igb.max_vfs=7",)))["iommu.arguments"]
    text = next(op.text for op in step.operations if isinstance(op, WriteFile))
    assert text is not None
    assert "igb.max_vfs=7,7" in text


@pytest.mark.parametrize(
    ("module", "token", "level", "words"),
    [
        (IGB, "igb.max_vfs=7", None, ""),
        (IGB, "igb.max_vfs=0", None, ""),
        (IGB, "igb.max_vfs=4", Level.FAIL, f"makes 4 VFs on {FIRST}, which offers 7"),
        (ARRAY, "igb.max_vfs=7,3", Level.FAIL, "makes 3 VFs on 0000:02:00.0"),
        (IGB, "igb.max_vsf=7", Level.WARN, "has no parameter max_vsf"),
        (IGB, "igb.debug=16", None, ""),
        (replace(IGB, parameters=None), "igb.max_vfs=4", None, ""),
        (IGB, "other.max_vfs=4", None, ""),
    ],
)
def test_what_is_wrong_with_it(module: Module, token: str, level: Level | None, words: str) -> None:
    findings = list(module_parameters.findings(host(module), replace(WANT, arguments=(token,))))
    assert [finding.level for finding in findings] == ([] if level is None else [level])
    assert all(words in finding.title and finding.subject == token and finding.fix for finding in findings)
    assert all(finding.blocks is (level is Level.FAIL) for finding in findings)


def test_they_are_read_from_modinfo(tmp_path: object) -> None:
    machine = two_igb()
    machine.queries["modinfo -F parm igb"] = Completed(
        0, "max_vfs:Maximum number of virtual functions to allocate per physical function (uint)\n"
        "debug:Debug level (0=none,...,16=all) (int)\nodd:no type\n", "",
    )  # fmt: skip
    facts = gather(SimulatedHost.create(machine, tmp_path))  # type: ignore[arg-type]
    igb = facts.module("igb")
    assert igb is not None
    assert igb.parameters == (("max_vfs", "uint"), ("debug", "int"), ("odd", ""))
