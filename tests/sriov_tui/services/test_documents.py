"""The documents on a terminal: whoever types a command or a heading of the Cloudpods guide is led to what it became."""

from __future__ import annotations

import re

import pytest

from sriov_tui.cli import main
from sriov_tui.language import CHINESE, ENGLISH
from sriov_tui.language.layout import width
from sriov_tui.services.documents import FOLDERS, pages, passages, search, shown, words_of
from tests.documents.pages import ROOT

GUIDE = (  # what the guide has, and what the first passage has to name
    ("igb.max_vfs=7", "vfs.at-boot"),
    ("grub2-mkconfig -o /boot/grub2/grub.cfg", "iommu.arguments"),
    ("yum install -y devtoolset-9", "driver.compiler"),
    ("mount -o loop", "mounted"),
    ("./mlnxofedinstall --add-kernel-support", "mlnxofedinstall"),
    ("dracut -f", "driver.restart"),
    ("openibd restart", "driver.restart"),
    ("mst start", "firmware.vfs"),
    ("mlxconfig NUM_OF_VFS=64", "firmware.vfs"),
    ("82-net-setup-link.rules", "names.pinned"),
    ("cat /proc/cmdline", "iommu.arguments"),
    ("kubectl rollout restart ds default-host", "this node"),
    ("climc isolated-device-list", "--compare"),
    ("climc server-create", "sriov-tui agent"),
    ("disable_security_group", "offload.security-group"),
    ("sriov_nics", "hostconf.nic"),
    ("ovs-vsctl list Open_vSwitch", "ovs.hw-offload"),
    ("dump-flows type=offloaded", "offload.flows"),
    ("dmesg grep DMAR", "iommu.active"),
    ("not enough MMIO resources", "iommu.vf-room"),
    ("ENABLE_HCA(0x104) timeout", "ACS"),
    ("exit status 7", "not ready"),
    ("如何验证一个PCI设备支持SR-IOV？", "hardware.pf"),
    ("如何验证OVS Offload是否生效", "representor"),
    ("检查宿主机 IOMMU 是否打开", "iommu.active"),
    ("SR-IOV 网卡未正常上报", "sriov-tui agent"),
    ("退出码 7", "尚未就绪"),
    ("关闭安全组 disable_security_group", "offload.security-group"),
)


@pytest.mark.parametrize(("words", "named"), GUIDE)
def test_the_guide_leads_to_what_it_became(words: str, named: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["guide", words]) == 0
    said = " ".join(capsys.readouterr().out.split())
    language = CHINESE if any("\u4e00" <= sign <= "\u9fff" for sign in words) else ENGLISH
    (first, *_) = search(words, language)
    assert named in " ".join(" ".join(shown(first, 80)).split()), said


def test_nothing_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["guide", "frobnicate"]) == 2
    assert "Nothing in the documents speaks of 'frobnicate'." in capsys.readouterr().err


@pytest.mark.parametrize("language", FOLDERS)
def test_every_page_is_listed_and_shown_whole(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    option = ["--lang", "zh" if language == CHINESE else "en"]
    assert main(["guide", *option]) == 0
    listed = capsys.readouterr().out
    for page in pages(language):
        assert page in listed
        assert main(["guide", *option, page]) == 0
        said = words_of(capsys.readouterr().out)
        text = re.sub(r"\]\([^)]*\)", "]", (ROOT / "docs" / FOLDERS[language] / f"{page}.md").read_text("utf-8"))
        prose = [line for line in text.splitlines() if line and not line.startswith(("|", "```", "#", "!["))]
        assert {word for line in prose for word in words_of(line) if word.isascii()} - said == set(), page


@pytest.mark.parametrize("language", FOLDERS)
def test_it_fits_the_terminal(language: str) -> None:
    for passage in passages(language):
        for line in shown(passage, 80):
            assert width(line) <= 80 or line.startswith("    "), line
