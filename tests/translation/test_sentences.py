"""The sentences are found in the source as they are written: as texts and f-strings, with choices, with values."""

from __future__ import annotations

import pytest

from tools.translation.sentences import of_source


@pytest.mark.parametrize(
    ("source", "messages"),
    [
        ('title = "Each VF is alone."', ["Each VF is alone."]),
        ('title = f"{pf.numvfs} of {pf.totalvfs} VFs are there."', ["{numvfs} of {totalvfs} VFs are there."]),
        ('say(f"{len(shared)} VFs share {words.line(name)!r}.")', ["{count_of_shared} VFs share {name}."]),
        ('say(f"{a.name} is {b.name}, {a.name} is not.")', ["{name} is {name2}, {name} is not."]),
        ('say(f"It {\'is\' if x else \'was\'} there.")', ["It is there.", "It was there."]),
        ('say("It is." + (" None is reported." if x else ""))', ["It is. None is reported.", "It is."]),
        ('say("It carries:\\n" + "\\n".join(used))', ["It carries:\n{used}"]),
        ('say({True: "all is well", None: "not known"}[x])', ["all is well", "not known"]),
        ('say("Lost: " + ", ".join(f"the {one} port" for one in x))', ["Lost: {value}", "the {one} port"]),
        ('say("Make {} VFs now".format(n))', ["Make {value} VFs now"]),
        ('_("up")', ["up"]),
        ('_("run {argv}", argv=x)', ["run {argv}"]),
        ('x = "lspci -k names the modules that fit."', ["lspci -k names the modules that fit."]),
    ],
)  # fmt: skip
def test_a_sentence_is_found(source: str, messages: list[str]) -> None:
    assert of_source(source) == messages


@pytest.mark.parametrize(
    "source",
    [
        '"""What this module is about."""',
        'Evidence("two words", "and its text")',
        'Finding(id="two words")',
        'if "are wished" in title: pass',
        'x = "kubectl -n onecloud get pods"',
        'x = "# Written by sriov-tui: a file."',
        'x = "intel_iommu iommu_pt"',
        'x = r"bus .. out of .* range"',
        'assert x, "this cannot be"',
        'x = "enp1s0"',
        'match x:\n    case "two words": pass',
    ],
)
def test_what_a_program_reads_is_no_sentence(source: str) -> None:
    assert of_source(source) == []


def test_lone_words_count_where_words_are_shown() -> None:
    source = 'KEYS = (("F8 Next", "next"), ("F1", "Help"))'
    assert of_source(source) == []
    assert of_source(source, words=True) == ["F8 Next", "Help"]
