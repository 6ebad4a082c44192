"""The advice by hand, followed to the letter and held against our own judge: what it leads to is what was asked for."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import iommu
from checks.boot import arguments, loaders
from checks.boot.by_hand import changes
from sriov_tui.facts import Boot, BootEntry, HostFacts
from sriov_tui.hosts.machine import put_file
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.model import Choices
from sriov_tui.probe import gather
from sriov_tui.simulated.boot import reboot
from sriov_tui.simulated.commands import run
from tests import boot_machines
from tests.samples import igb_host

WANTED = ("intel_iommu=on", "iommu=pt")
TOKENS = st.sampled_from(
    ("ro", "quiet", "intel_iommu=off", "intel_iommu=on", "intel_iommu=on,sm_on", "intel_iommu=sm_on,off", "iommu=off",
     "iommu=nopt", "iommu=pt,off", "iommu=pt", "noiommu", "pci=nomsi", "pci=realloc=off", "root=/dev/sda1", "a=\"b c\"")
)  # fmt: skip
LOADERS = ("", "grub-debian", "grub2", "grub2-bls", "systemd-boot", "proxmox", "kernelstub", "sdbootutil", "ostree")
REMOVED = (
    r"^Remove ([^(\n]+)", r'--remove-args="([^"]+)"', r'--delete-options "([^"]+)"', r"--delete-if-present=(\S+)",
)  # fmt: skip
ADDED = (
    r"^(?:By hand: )?Add (.+?) to ", r' --args="([^"]+)"', r'--add-options "([^"]+)"', r"--append-if-missing=(\S+)",
)  # fmt: skip


def host(line: str, loader: str = "grub-debian") -> HostFacts:
    entry = BootEntry(title="Linux", kernel="/vmlinuz-6.12.1", arguments=line)
    return replace(igb_host(), boot=Boot(loader=loader, entries=(entry,), default_title="Linux"))


def followed(advice: str, line: str) -> str:
    """The arguments after a person did what the words say: removed each that is named, then added at the end."""
    gone = {token for pattern in REMOVED for text in re.findall(pattern, advice, re.M) for token in _tokens(text)}
    added = [token for pattern in ADDED for text in re.findall(pattern, advice, re.M) for token in _tokens(text)]
    return " ".join([*(token for token in arguments.tokens(line) if token not in gone), *added])


def _tokens(text: str) -> tuple[str, ...]:
    return arguments.tokens(text)


@pytest.mark.parametrize("loader", LOADERS)
@given(st.lists(TOKENS, max_size=8))
def test_what_the_words_say_brings_every_argument_into_force(loader: str, tokens: list[str]) -> None:
    line = " ".join(tokens)
    unwanted = arguments.stuck(line, ("DMAR",))
    advice = loaders.hand_advice(host(line, loader), WANTED, unwanted)
    after = followed(advice, line)
    assert arguments.missing(after, WANTED) == (), advice
    assert arguments.off(after, ("DMAR",)) == (), advice
    ours = ("intel_iommu", "iommu", "noiommu")
    others = [token for token in tokens if arguments.key_of(token) not in ours]
    assert [token for token in arguments.tokens(after) if arguments.key_of(token) not in ours] == others


@given(st.lists(TOKENS, max_size=8))
def test_nothing_is_removed_that_need_not_be(tokens: list[str]) -> None:
    _, gone = changes(" ".join(tokens), WANTED, ())
    assert {arguments.key_of(token) for token in gone} <= {"intel_iommu", "iommu"}
    assert not {*gone} & {*WANTED}


@pytest.mark.parametrize("name", ["debian-bios", "centos7-bios", "openeuler22-bios"])
def test_an_off_in_the_settings_that_are_read_last_is_removed_with_its_place(name: str) -> None:
    """GRUB_CMDLINE_LINUX_DEFAULT stands behind GRUB_CMDLINE_LINUX: an on that is only added has no effect."""
    machine = boot_machines.named(name)
    path = "/etc/default/grub"
    settings = f'{machine.files[path].decode()}GRUB_CMDLINE_LINUX_DEFAULT="quiet intel_iommu=off"\n'
    put_file(machine, path, settings)
    menu = gather(RecordedHost(machine)).boot.config
    command = ("update-grub",) if "debian" in name else ("grub2-mkconfig", "-o", menu)
    assert run(machine, command, lambda line: None) == 0
    machine = reboot(machine)
    facts = gather(RecordedHost(machine))
    assert facts.iommu.active is False
    (finding,) = (finding for finding in iommu.findings(facts, Choices()) if finding.id == "iommu.active")
    assert finding.fix is not None
    advice = finding.fix.manual
    assert f"{path}:{len(settings.splitlines())}" in advice
    (gone,) = re.findall(r"Remove (\S+) \(", advice)
    words, variable = re.findall(r"^Add (.+?) to (\w+) in /etc/default/grub", advice, re.M)[0]
    lines = [line.replace(f" {gone}", "") for line in settings.splitlines()]
    put_file(machine, path, "\n".join([*lines, f'{variable}="${variable} {words}"', ""]))
    assert run(machine, command, lambda line: None) == 0
    assert gather(RecordedHost(reboot(machine))).iommu.active is True
