"""What people read is made as a Message: no plain text and no f-string of ours is left in the source."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.translation.unsaid import of_source, unsaid

MACHINE = Path(__file__).with_name("machine_text.txt")
"""Texts with two words and more that a machine writes or reads: names of menus, patterns, keys, ids, citations."""


def test_every_sentence_of_ours_is_a_message() -> None:
    known = set(MACHINE.read_text(encoding="utf-8").splitlines())
    found = {" ".join(text.split()): files for text, files in unsaid().items()}
    assert {text: files for text, files in found.items() if text not in known} == {}, (
        "make it a message, see `say` in sriov_tui/message.py, or add it to machine_text.txt where a machine writes it"
    )
    assert known - set(found) == set(), "these are gone: take them out of machine_text.txt"


@pytest.mark.parametrize(
    "source",
    [
        'title = "Each VF is alone."',
        'title = f"{pf.numvfs} of {pf.totalvfs} VFs are there."',
        "show(f\"It {'is' if x else 'was'} there.\")",
        'show("It is." + (" None is reported." if x else ""))',
        'show({True: "all is well", None: "not known"}[x])',
        'x = "lspci -k names the modules that fit."',
    ],
)
def test_a_sentence_that_is_no_message_is_seen(source: str) -> None:
    assert of_source(source)


@pytest.mark.parametrize(
    "source",
    [
        '"""What this module is about."""',
        'say("Each VF is alone.")',
        'plural("1 VF is there.", "{count} VFs are there.", 3)',
        'Finding(id="two words")',
        'if "are wished" in title: pass',
        'x = "kubectl -n onecloud get pods"',
        'x = "# Written by sriov-tui: a file."',
        'x = "intel_iommu iommu_pt"',
        'x = r"bus .. out of .* range"',
        'assert x, "this cannot be"',
        'match x:\n    case "two words": pass',
    ],
)
def test_what_a_program_reads_is_no_sentence(source: str) -> None:
    assert of_source(source) == []
