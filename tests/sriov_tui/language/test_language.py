"""Which language is spoken, and how a sentence is found again in a text: from a file, in a list, with its values."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from sriov_tui import language
from sriov_tui.language import CHINESE, ENGLISH, _
from sriov_tui.language.layout import breaks, pad, width, wrap
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
    assert _("run {argv}", argv="ls") == "run ls"
    assert (language.spoken(), language.other()) == (ENGLISH, CHINESE)


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Each VF is alone in its IOMMU group.", "每个 VF 独占一个 IOMMU 组。"),
        ("3 of 7 VFs are there.", "7 个 VF 中已有 3 个。"),
        ("  3 of 7 VFs are there.", "  7 个 VF 中已有 3 个。"),
        ("Not yet: Make 7 VFs.", "还不行：创建 7 个 VF。"),  # a sentence in a sentence
        ("Load it. Make 7 VFs.", "加载它。创建 7 个 VF。"),  # one after the other
        ("Load it.\nMake 7 VFs.", "加载它。\n创建 7 个 VF。"),
        ("up, no MAC, br0", "已连接, 没有 MAC, br0"),  # in a list
        (
            "enp1s0: SRIOV_EN is False in the firmware: it offers 0 VFs.",
            "enp1s0: 固件中 SRIOV_EN 为 False：它提供 0 个 VF。",
        ),
        ("Looking at this host 12 s", "正在检查本机 12 秒"),
        ("The IOMMU is not active.", "IOMMU 没有启用。"),  # made a sentence of by a capital letter and a full stop
        # Advice about a card has its address in the place of ADDRESS.
        ("lspci -k -s 0000:01:00.0 names the modules that fit.", "lspci -k -s 0000:01:00.0 会列出适用的模块。"),
        ("enp1s0 中文 [/]", "enp1s0 中文 [/]"),
        ("", ""),
        ("0000:01:00.0", "0000:01:00.0"),
    ],
)
def test_a_sentence_is_found_in_a_text(text: str, wanted: str) -> None:
    assert _(text) == wanted
    assert _(wanted) == wanted


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    "text",
    [
        "# Written by hand: the rules of our own site, do not remove them",
        "vfio-pci 0000:01:10.0: enabling device (0000 -> 0002)",
        "write /sys/bus/pci/drivers/vfio-pci/bind: invalid argument",
        "the place of the cat",
        "BOOT_IMAGE=/boot/vmlinuz-6.12.1 root=/dev/vda1 ro quiet intel_iommu=on",
        "x" * 100_000,
        "of of of " * 5_000,
        "a of " * 400,
        "{braces} and %s {0}",
    ],
)
def test_what_a_machine_wrote_is_left_alone(text: str) -> None:
    assert _(text) == text


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("text", ["7 of 7 of " * 190, "run " * 450 + "x", "Not yet: " * 200 + "x"])
def test_sentences_in_sentences_without_end_do_no_harm(text: str) -> None:
    assert len(_(text)) > 100


@pytest.mark.usefixtures("chinese")
def test_the_values_of_a_message_that_is_named_stay_as_they_are() -> None:
    assert _("run {argv}", argv="echo none of the VFs") == "运行 echo none of the VFs"
    assert _("no such message {value}", value=3) == "no such message 3"


@pytest.mark.usefixtures("chinese")
def test_a_finding_is_said_without_its_id_its_subject_and_what_was_read() -> None:
    fix = Fix(title="Load it.", manual="modprobe vfio-pci", steps=("driver.vfio",), verify="Load it.")
    finding = Finding(
        id="driver.vfio", level=Level.WARN, title="vfio-pci is loaded.", evidence=(Evidence("none", "none"),), fix=fix
    )
    said = language.said(finding)
    assert (said.title, said.fix and said.fix.title) == ("vfio-pci 已加载。", "加载它。")
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
