"""The codec: there and back without loss, and errors that name the place."""

from __future__ import annotations

import json

import pytest

from sriov_tui.codec import DecodeError, decode, encode
from sriov_tui.facts import HostFacts
from sriov_tui.message import verbatim
from sriov_tui.model import Choices, Finding, Level, Plan, Run, Step, WriteFile, WriteSysfs
from tests.samples import igb_host

PLAN = Plan(
    host="kvm07",
    steps=(
        Step(
            id="a",
            title=verbatim("A"),
            why=verbatim("because"),
            operations=(
                WriteFile(path="/etc/x", text="caf\udce9\n", expect=""),
                WriteFile(path="/etc/y", text=None),
                WriteSysfs(path="/sys/x", value="7", timeout=3),
                Run(argv=("update-grub",), rewrites=("/boot/grub/grub.cfg",)),
            ),
        ),
    ),
    reboot_after=1,
    assumes=(("hostname", "kvm07"),),
)


def test_facts_and_plans_come_back_the_same() -> None:
    for value in (igb_host(), PLAN, Finding(id="a.b", level=Level.WARN, title=verbatim("t"))):
        assert decode(type(value), json.loads(json.dumps(encode(value)))) == value


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"nics": [{"adress": "x"}]}, "nics[0]: unknown key 'adress'; did you mean 'address'?"),
        ({"nics": [{}]}, "nics[0]: the key 'address' is missing"),
        ({"nics": [{"address": "x", "use": "vf"}]}, "nics[0].use: 'vf' is not one of leave, sriov, offload"),
        ({"nics": [{"address": "x", "numvfs": "7"}]}, "nics[0].numvfs: expected a number, found '7'"),
        ({"nics": [{"address": "x", "numvfs": True}]}, "nics[0].numvfs: expected a number, found True"),
        ({"nics": "x"}, "nics: expected a list, found 'x'"),
        ([], "expected a table, found []"),
    ],
)
def test_errors_name_the_place(document: object, message: str) -> None:
    with pytest.raises(DecodeError) as error:
        decode(Choices, document)
    assert str(error.value) == message


def test_an_unknown_operation_is_refused() -> None:
    document = encode(PLAN)
    document["steps"][0]["operations"][0]["kind"] = "format-disk"
    with pytest.raises(DecodeError, match=r"steps\[0\]\.operations\[0\]: kind 'format-disk'"):
        decode(Plan, document)


def test_an_unknown_fact_is_refused() -> None:
    with pytest.raises(DecodeError, match="did you mean 'hostname'"):
        decode(HostFacts, {"hostnme": "x"})
