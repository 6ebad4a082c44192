"""The keys of the answers file: none is missing, the example is one, and the schema takes what the program takes."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from sriov_tui.cli import main
from sriov_tui.model import Choices, NicChoice
from sriov_tui.services.answers import decode_answers, encode_answers, load_answers
from sriov_tui.services.answers_keys import EXAMPLES, MEANS, all_keys, example, schema
from tests.samples import FIRST, igb_host

WHOLE = re.sub(r"^# ", "", example(), flags=re.MULTILINE)  # what is not for every host, too


def test_every_key_is_explained_and_no_other() -> None:
    names = [key.name for key in all_keys()]
    assert set(names) == set(MEANS) == set(EXAMPLES)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("text", [example(), WHOLE])
def test_the_example_is_an_answers_file(text: str) -> None:
    document = tomllib.loads(text)
    assert decode_answers(document, "example").nic(FIRST).numvfs == 7
    Draft202012Validator(schema()).validate(document)


def test_the_whole_example_has_every_key() -> None:
    document = tomllib.loads(WHOLE)
    tables = {"driver": document.pop("driver"), "nics": document.pop("nics")[0], "bonds": document.pop("bonds")[0]}
    found = {*document, *(f"{table}.{name}" for table, values in tables.items() for name in values)}
    assert found == {key.name for key in all_keys()}


@pytest.mark.parametrize(
    "text",
    ['kernel_arg = "set"', 'kernel_args = "x"', '[[nics]]\nuse = "sriov"', '[[nics]]\naddress = "a"\nnumvfs = "7"'],
)
def test_the_schema_refuses_what_the_program_refuses(text: str) -> None:
    document = tomllib.loads(text)
    assert not Draft202012Validator(schema()).is_valid(document)
    with pytest.raises(Exception, match="example"):
        decode_answers(document, "example")


def test_what_is_written_fits_the_schema() -> None:
    choices = Choices(nics=(NicChoice(address=FIRST, use="leave"),))
    document = tomllib.loads(encode_answers(choices, igb_host()))
    Draft202012Validator(schema()).validate(document)
    assert document["nics"][0]["use"] == "leave"


def test_a_nic_without_use_is_told_and_read(tmp_path: Path) -> None:
    said: list[str] = []
    file = tmp_path / "answers.toml"
    file.write_text(f'[[nics]]\naddress = "{FIRST}"\nnumvfs = 7\n[[nics]]\naddress = "b"\nuse = "leave"\n')
    choices = load_answers(file, said.append)
    assert choices.nic(FIRST).use == "leave"
    assert [str(message) for message in said] == [
        f'{file}: {FIRST} has no `use`, so nothing is done with it. Write use = "sriov", "offload" or "leave".'
    ]


def test_plan_tells_it_on_standard_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "answers.toml"
    file.write_text('[[nics]]\naddress = "0000:01:00.0"\n')
    demo = Path(__file__).parents[3] / "sriov_tui" / "demo" / "two-igb"
    main(["plan", "--host", str(demo), "--answers", str(file)])
    assert "0000:01:00.0 has no `use`" in capsys.readouterr().err


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["answers"]) == 0
    listed = capsys.readouterr().out
    assert all(key.name in listed for key in all_keys())
    assert main(["answers", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == schema()
    assert main(["answers", "--example"]) == 0
    assert capsys.readouterr().out == example()
