"""The answers file: written and read back; a fault in it is told in one sentence and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from sriov_tui.model import BondChoice, Choices, NicChoice, SriovError
from sriov_tui.services.answers import encode_answers, load_answers
from sriov_tui.services.matching import matched
from tests.samples import FIRST, SECOND, igb_host, igb_pf

CHOICES = Choices(
    kernel_args="set", nics=(NicChoice(address=FIRST, use="sriov", numvfs=7, bridge="br1", wire='二层 "x"'),)
)


def test_written_and_read_back(tmp_path: Path) -> None:
    file = tmp_path / "answers.toml"
    file.write_text(encode_answers(CHOICES, igb_host()))
    assert load_answers(file).nics[0].model == "8086:10c9"
    assert matched(load_answers(file), igb_host()) == CHOICES
    assert f"# {FIRST}: enp1s0, Intel Corporation 82576" in file.read_text()


def test_bonds_are_written_and_read_back(tmp_path: Path) -> None:
    file = tmp_path / "answers.toml"
    bond = BondChoice(name="bond1", mode="balance-xor", ports=(FIRST, SECOND), over_session=True)
    facts = igb_host(pfs=(igb_pf(), igb_pf(SECOND, "enp2s0")))
    file.write_text(encode_answers(Choices(bonds=(bond,)), facts))
    assert matched(load_answers(file), facts).bonds == (bond,)
    with pytest.raises(SriovError, match=f"No network card at {SECOND}, which is a port of the bond bond1"):
        matched(load_answers(file), igb_host(pfs=(igb_pf(),)))


def test_machine_text_cannot_break_out_of_its_comment(tmp_path: Path) -> None:
    file = tmp_path / "answers.toml"
    file.write_text(encode_answers(CHOICES, igb_host(hostname='x\nkernel_args = "leave"')))
    assert load_answers(file).kernel_args == "set"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('kernel_arg = "set"', "unknown key 'kernel_arg'; did you mean 'kernel_args'?"),
        ("version = 9", "version 9"),
        ("[[nics]", "is not a TOML file"),
        ("\xff", "not a TOML file"),
        ('[[nics]]\naddress = "a"\nmodell = "8086:10c9"', "unknown key 'modell'; did you mean 'model'?"),
        ('[[nics]]\naddress = "a"\nmodel = 7', "nics[0].model"),
        ('[[bonds]]\nmode = "balance-rr"', "bonds[0].mode"),
        ('[[nics]]\naddress = "a"\n[[nics]]\naddress = "a"', "more than once"),
    ],
)
def test_a_fault_is_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "answers.toml"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(SriovError) as error:
        load_answers(file)
    assert words in error.value.title
    assert str(file) in error.value.title
    assert "\n" not in error.value.title
    assert error.value.hint


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(SriovError, match=str(path)):
            load_answers(path)
