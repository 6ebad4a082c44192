"""Which language is spoken, and how a message is said in it: with its values, in another one, beside others."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from sriov_tui import language
from sriov_tui.language import CHINESE, ENGLISH, _
from sriov_tui.language.layout import breaks, pad, width, wrap
from sriov_tui.message import NOTHING, Message, filled, join, lines, plural, say, sentences, verbatim
from sriov_tui.model import Evidence, Finding, Fix, Level, SriovError


@pytest.fixture
def chinese() -> None:
    language.speak(CHINESE)


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, ENGLISH),
        ({"LANG": "C"}, ENGLISH),
        ({"LANG": "zh_CN.UTF-8"}, CHINESE),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, ENGLISH),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.GB18030"}, CHINESE),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, CHINESE),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"}, CHINESE),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "en"}, ENGLISH),
        ({"LANG": "C.UTF-8", "LANGUAGE": "zh_CN"}, ENGLISH),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "de:zh"}, CHINESE),
        ({"LANG": "de_DE.UTF-8"}, ENGLISH),
    ],
)
def test_the_environment_is_read_as_gettext_reads_it(environ: dict[str, str], wanted: str) -> None:
    assert language.of_locale(environ) == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("zh", CHINESE), ("zh-CN", CHINESE), ("ZH_cn.utf8", CHINESE), ("中文", CHINESE), ("en", ENGLISH), ("C", ENGLISH)],
)
def test_a_language_has_many_names(name: str, wanted: str) -> None:
    assert language.named(name) == wanted


def test_an_unknown_language_is_refused_with_the_way_out() -> None:
    with pytest.raises(SriovError, match=r"no language .fr. here") as error:
        language.named("fr")
    assert error.value.hint == "Choose --lang en or --lang zh."


def test_english_needs_no_catalog() -> None:
    assert _("3 of 7 VFs are there.") == "3 of 7 VFs are there."
    assert _(say("run {argv}", argv="ls")) == "run ls"
    assert (language.spoken(), language.other()) == (ENGLISH, CHINESE)


ALONE = say("Each VF is alone in its IOMMU group.")
THREE = say("{numvfs} of {totalvfs} VFs are there.", numvfs=3, totalvfs=7)


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        (ALONE, "每个 VF 独占一个 IOMMU 组。"),
        (THREE, "7 个 VF 中已有 3 个。"),
        (say("  {numvfs} of {totalvfs} VFs are there.", numvfs=3, totalvfs=7), "  7 个 VF 中已有 3 个。"),
        (say("What to do: {title}", title=ALONE), "处理办法：每个 VF 独占一个 IOMMU 组。"),  # a sentence in a sentence
        (sentences(ALONE, THREE), "每个 VF 独占一个 IOMMU 组。7 个 VF 中已有 3 个。"),
        (lines(ALONE, "", THREE), "每个 VF 独占一个 IOMMU 组。\n7 个 VF 中已有 3 个。"),
        (join(", ", (say("up"), "br0")), "已连接、br0"),
        (join(" ", (say("up"), "br0")), "已连接 br0"),
        (say("no such message {value}", value=ALONE), "no such message 每个 VF 独占一个 IOMMU 组。"),
        (join(", ", ("enp1s0", "br0")), "enp1s0, br0"),  # names alone keep their comma
        (plural("1 host", "{count} hosts", 1), "1 台宿主机"),
        (plural("1 host", "{count} hosts", 3), "3 台宿主机"),
        (
            filled(say("lspci -k -s ADDRESS names the modules that fit."), ADDRESS="0000:01:00.0"),
            "lspci -k -s 0000:01:00.0 会列出适用的模块。",
        ),
        (say("no such message {value}", value=3), "no such message 3"),
        (verbatim("Each VF is alone in its IOMMU group."), "Each VF is alone in its IOMMU group."),
        (NOTHING, ""),
    ],
)
def test_a_message_is_looked_up_by_its_template(message: Message, wanted: str) -> None:
    assert _(message) == wanted


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    "text",
    [
        "on", "off", "yes", "no", "unknown", "driver", "network", "wire", "3 of 7 VFs are there.",
        "write /sys/bus/pci/drivers/vfio-pci/bind: invalid argument",
        "Ethernet Controller X710 for 10GbE SFP+, 2 ports",
        "of of of " * 5_000, "{braces} and %s {0}", "enp1s0 中文 [/]",
    ],
)  # fmt: skip
def test_text_of_the_machine_and_values_stay_as_they_are(text: str) -> None:
    assert _(text) == text
    assert text in _(say("run {argv}", argv=text))


@pytest.mark.usefixtures("chinese")
def test_a_finding_is_said_without_its_id_its_subject_and_what_the_machine_wrote() -> None:
    fix = Fix(
        title=say("Load it."),
        manual=verbatim("modprobe vfio-pci"),
        steps=("driver.vfio",),
        verify=say("Load it."),
    )
    finding = Finding(
        id="driver.vfio",
        level=Level.WARN,
        title=say("vfio-pci is loaded."),
        evidence=(Evidence("none", "none"),),
        fix=fix,
    )
    said = language.said(finding)
    assert (said.title, said.fix and said.fix.title) == ("vfio-pci 已加载。", "加载 vfio-pci。")
    assert (said.id, said.subject, said.evidence) == (finding.id, "host", finding.evidence)
    assert language.said(replace(finding, fix=None)).fix is None


def test_a_chinese_sign_takes_two_cells() -> None:
    assert (width("VF 数"), width("abc")) == (5, 3)
    assert pad("驱动", 6) == "驱动  "
    assert pad("驱动", 2) == "驱动"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("模块 vfio 必须现在已加载。", ["模块 vfio ", "必须现在已", "加载。"]),
        ("  模块已加载，现在。", ["  模块已加", "载，现在。"]),
        ("加载一二三，四", ["加载一二", "三，四"]),  # no line begins with a comma
        ("/sys/class/iommu 里的", ["/sys/class/iommu ", "里的"]),  # a word that is too long is left to the screen
        ("four words of English", ["four words of English"]),
        ("短", ["短"]),
    ],
)
def test_a_line_falls_apart_between_two_chinese_signs(text: str, lines: list[str]) -> None:
    ends = [0, *breaks(text, 10), len(text)]
    assert [text[start:end] for start, end in itertools.pairwise(ends)] == lines


def test_chinese_is_wrapped_in_cells_and_a_line_begins_with_no_full_stop() -> None:
    text = "网卡（ConnectX）提供的全部 VF，或者一个也不创建。"
    lines = wrap(text, 12, "> ", "  ")
    assert all(width(line) <= 14 for line in lines)  # a sign may carry the mark behind it over the edge
    assert not any(line.strip()[0] in "，。）" for line in lines)
    assert "".join(line[2:] for line in lines).replace(" ", "") == text.replace(" ", "")
    assert wrap("one two three", 9, "", "  ") == ["one two", "  three"]
