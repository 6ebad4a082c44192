"""Firmware settings out of mstconfig's text in all its forms, and what they are taken for."""

from __future__ import annotations

from pathlib import Path

import pytest

from sriov_tui.facts import NvSetting, Pf, nv_number, nv_word
from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import Machine, put_file, remove
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.probe import gather
from sriov_tui.probe.firmware import parse
from tests import machines

FIXTURES = Path(__file__).parents[4] / "shared" / "fixtures"
HEAD = "Configurations:      Default     Current     Next Boot\n"
PF = "0000:03:00.0"
QUERY = f"mstconfig -d {PF} -e q"


def setting(text: str, name: str = "NUM_OF_VFS") -> NvSetting | None:
    return next((row for row in parse(text) if row.name == name), None)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("         NUM_OF_VFS     8    16    64   ", ("8", "16", "64", False)),
        ("*        NUM_OF_VFS     8    16    64", ("8", "16", "64", False)),
        ("*    RO  NUM_OF_VFS     8    16    64", ("8", "16", "64", True)),
        ("RO       NUM_OF_VFS     8    16    64", ("8", "16", "64", True)),
        ("NUM_OF_VFS\t8\t16\t64", ("8", "16", "64", False)),
        ("         NUM_OF_VFS     N/A  N/A   64", (None, None, "64", False)),
        ("         NUM_OF_VFS     8    16", None),
        ("         NUM_OF_VFS     8    16    64   128", None),
        ("         NUM_OF_VFS", None),
        ("         num_of_vfs     8    16    64", None),
        ("\x1b[31m[/bold] NUM_OF_VFS 8 16 64", None),
    ],
)
def test_rows(row: str, expected: tuple[str | None, str | None, str | None, bool] | None) -> None:
    found = setting(HEAD + row + "\n")
    assert (found and (found.default, found.current, found.next, found.read_only)) == expected


def test_the_header_names_the_columns() -> None:
    one = setting("Configurations:          Next Boot\n    NUM_OF_VFS       4\n")
    assert one == NvSetting(name="NUM_OF_VFS", next="4")
    assert one.pending is None
    two = setting("Configurations:     Current     Next Boot\n    NUM_OF_VFS    4   8\n")
    assert two == NvSetting(name="NUM_OF_VFS", current="4", next="8")
    assert two.pending
    assert parse("    NUM_OF_VFS    4   8\n") == ()
    assert parse("") == ()


def test_a_name_that_begins_with_ro_is_not_read_only() -> None:
    found = setting(HEAD + "   ROCE_NEXT_PROTOCOL   254  254  254\n", "ROCE_NEXT_PROTOCOL")
    assert found is not None
    assert not found.read_only


@pytest.mark.parametrize(
    ("value", "number", "word"),
    [("8", 8, "8"), ("True(1)", 1, "True"), ("ETH(2)", 2, "ETH"), ("0x10", 16, "0x10"), ("_256KB(1)", 1, "_256KB"),
     ("%d", None, "%d"), ("Array[0..7]", None, "Array[0..7]"), ("", None, ""), (None, None, ""), ("08", 8, "08")],
)  # fmt: skip
def test_values(value: str | None, number: int | None, word: str) -> None:
    assert (nv_number(value), nv_word(value)) == (number, word)


@pytest.mark.skipif(not FIXTURES.is_dir(), reason="the shared folder with the fixtures is not here")
def test_what_real_cards_print() -> None:
    connectx4 = {row.name: row for row in parse((FIXTURES / "mstconfig-query-extended.txt").read_text())}
    assert connectx4["NUM_OF_VFS"].default == "8"
    assert nv_number(connectx4["SRIOV_EN"].current) == 1
    assert connectx4["PF_NUM_OF_VF_VALID"] == NvSetting(
        name="PF_NUM_OF_VF_VALID", default="False(0)", current="False(0)", next="False(0)"
    )
    connectx6 = {row.name: row for row in parse((FIXTURES / "mstflint-and-mstconfig.txt").read_text())}
    assert connectx6["SRIOV_EN"] == NvSetting(name="SRIOV_EN", next="False(0)")


def dpu(model: str, *owners: str) -> bool | None:
    names = ("INTERNAL_CPU_PAGE_SUPPLIER", "INTERNAL_CPU_ESWITCH_MANAGER")
    rows = [NvSetting(name=name, current=owner) for name, owner in zip(names, owners, strict=False)]
    return Pf(address=PF, nvconfig=(NvSetting(name="INTERNAL_CPU_MODEL", current=model), *rows)).dpu


def test_dpu_mode() -> None:
    assert dpu("EMBEDDED_CPU(1)", "ECPF(0)", "ECPF(0)")
    assert dpu("EMBEDDED_CPU(1)")  # newer firmware has the one setting only
    assert dpu("EMBEDDED_CPU(1)", "EXT_HOST_PF(1)", "EXT_HOST_PF(1)") is False
    assert dpu("SEPARATED_HOST(0)", "ECPF(0)", "ECPF(0)") is False
    assert Pf(address=PF, nvconfig=()).dpu is False
    assert Pf(address=PF).dpu is None


def card(answer: Completed | None, tool: str = "mstconfig") -> Machine:
    """The demo's ConnectX-6 Dx, with this tool and its answer for the first port."""
    machine = machines.connectx6()
    remove(machine, "/usr/bin/mstconfig")
    for query in [query for query in machine.queries if "config -d" in query]:
        del machine.queries[query]
    if answer is not None:
        put_file(machine, f"/usr/bin/{tool}", b"", 0o755)
        machine.queries[QUERY.replace("mstconfig", tool)] = answer
    return machine


@pytest.mark.parametrize("tool", ["mstconfig", "mlxconfig"])
def test_settings_reach_the_pf(tool: str) -> None:
    text = HEAD + "*  NUM_OF_VFS  0  8  64\n   SRIOV_EN  False(0)  True(1)  True(1)\n   ROCE_CONTROL  1  1  1\n"
    facts = gather(RecordedHost(card(Completed(0, text, ""), tool)))
    pf = facts.pf(PF)
    assert pf is not None
    assert facts.firmware_tool == tool
    assert pf.setting("NUM_OF_VFS") == NvSetting(name="NUM_OF_VFS", default="0", current="8", next="64")
    assert pf.setting("ROCE_CONTROL") is None  # not among those that matter
    assert pf.dpu is False


def test_without_a_tool_the_settings_are_unknown_and_that_is_known() -> None:
    facts = gather(RecordedHost(card(None)))
    assert facts.firmware_tool == ""
    assert [pf.nvconfig for pf in facts.pfs or ()] == [None] * 3
    assert not [problem for problem in facts.problems if problem.probe == "firmware"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Completed(3, "\n-E- Failed to open the device\n", ""), "-E- Failed to open the device"),
        (Completed(1, "Device #1:\n", "-E- Cannot access NV register.\n"), "-E- Cannot access NV register."),
        (Completed(124, "", "mstconfig: no answer within 20 s"), "mstconfig: no answer within 20 s"),
        (Completed(0, "", ""), "exit status 0"),
        (Completed(0, "[/]\x1b]0;x\x07\n", ""), "[/]\x1b]0;x\x07"),
    ],
)
def test_a_failure_is_unknown_and_told(answer: Completed, reason: str) -> None:
    facts = gather(RecordedHost(card(answer)))
    pf = facts.pf(PF)
    assert pf is not None
    assert pf.nvconfig is None
    assert pf.dpu is None
    assert (QUERY, reason) in [(problem.source, problem.reason) for problem in facts.problems]
