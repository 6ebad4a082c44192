"""Names in switchdev mode: which rules are written, word for word, and names that would be too long."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from checks import names
from sriov_tui.facts import HostFacts, TextFile
from sriov_tui.model import NAMES_RULES_FILE, Level, WriteFile
from tests import mellanox_machines as cards
from tests import offload_machines as hosts
from tests.checks.common import found, steps
from tests.mellanox_machines import NET0, PF0, PF1
from tests.offload_machines import ONE, facts_of, pf_of, want

GOLDEN = Path(__file__).parents[1] / "golden" / "offload" / "names.rules"
OTHER = 'ACTION=="add", KERNELS=="0000:81:00.0", ENV{.SRIOV_TUI_PORT}=="own", NAME:="enp129s0f0"'


def managed(*programs: str) -> HostFacts:
    return replace(facts_of(cards.connectx()), network_managers=programs)


def written(facts: HostFacts, text: str) -> HostFacts:
    file = TextFile(path=NAMES_RULES_FILE, state="present", text=text, sha256="s")
    return replace(facts, files=tuple(file if f.path == NAMES_RULES_FILE else f for f in facts.files))


def rules_of(facts: HostFacts, offload: bool = True) -> str | None:
    write = steps(names, facts, want(use="offload" if offload else "sriov"))["names.rules"].operations[0]
    assert isinstance(write, WriteFile)
    return write.text


def test_the_rules_word_for_word() -> None:
    assert rules_of(managed("NetworkManager")) == GOLDEN.read_text()


@pytest.mark.subprocess
@pytest.mark.skipif(not shutil.which("udevadm"), reason="udevadm is not installed here")
def test_udev_takes_the_rules() -> None:
    asked = subprocess.run(["udevadm", "verify", "--help"], capture_output=True, text=True, check=False)
    if asked.returncode:
        pytest.skip("this udevadm has no verify (systemd before 254)")
    done = subprocess.run(["udevadm", "verify", "--no-style", GOLDEN], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.subprocess
def test_a_real_shell_finds_the_number_of_a_vf() -> None:
    line = next(line for line in GOLDEN.read_text().splitlines() if "PROGRAM" in line)
    command = line.partition("/bin/sh -c '")[2].partition("'")[0].replace("$$", "$")
    for port, number in (("pf0vf3", "3"), ("c1pf1vf127", "127")):
        words = ["/bin/sh", "-c", command.replace("$attr{phys_port_name}", port)]
        assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == f"{number}\n"


def test_without_network_manager_nothing_is_said_to_it() -> None:
    assert "NM_UNMANAGED" not in (rules_of(managed("ifupdown")) or "")
    assert "NM_UNMANAGED" in (rules_of(replace(managed(), network_managers=None)) or "")


def test_pinned_once_written() -> None:
    facts = managed("ifupdown")
    assert found(names, facts, want())[f"names.pinned {PF0}"].level is Level.WARN
    after = written(facts, rules_of(facts) or "")
    assert {f.level for f in found(names, after, want()).values()} == {Level.OK}
    assert not steps(names, after, want())


def test_lines_of_others_stay_and_those_of_cards_that_do_not_offload_go() -> None:
    facts = managed("ifupdown")
    both = (rules_of(facts) or "").replace(names.FOOTER, f"{OTHER}\n{names.FOOTER}")
    text = rules_of(written(facts, both), offload=False)
    assert text == names.HEADER + f"{OTHER}\n" + names.FOOTER
    assert rules_of(written(facts, rules_of(facts) or ""), offload=False) is None
    assert not steps(names, facts, want(use="sriov"))


@pytest.mark.parametrize(
    ("netdev", "total", "stem"),
    [
        (NET0, 127, "enp3s0f0"),
        ("enp130s0f1np1", 127, "enp130s0f1"),
        ("enp130s0f1nxyz", 100, "vf03000"),
        ("ens1f0np0", 1, "ens1f0"),
        ("abcdefghijklm", 10, "abcdefghijklm"),
        ("abcdefghijklm", 11, "vf03000"),
    ],
)
def test_no_name_is_longer_than_15_bytes(netdev: str, total: int, stem: str) -> None:
    facts = hosts.with_pf(facts_of(cards.connectx()), netdevs=(netdev,), totalvfs=total)
    facts = hosts.with_pf(facts, nvconfig=None)
    assert names.stem(facts, ONE, pf_of(facts)) == stem
    assert len(f"{stem}_{total - 1}") <= 15


def test_two_ports_never_share_a_stem() -> None:
    facts = hosts.with_pf(facts_of(cards.connectx()), netdevs=("enp3s0f1np0",))
    stems = {names.stem(facts, want(), pf_of(facts, address)) for address in (PF0, PF1)}
    assert stems == {"vf03000", "vf03001"}
