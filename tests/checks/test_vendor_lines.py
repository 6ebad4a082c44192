"""What installing a vendor's driver prints when it fails is recognised, group by group.

`python -m pytest tests/checks/test_vendor_lines.py -s` prints the groups with the cause of each line.
"""

from __future__ import annotations

import pytest

from checks.messages import MESSAGES
from checks.troubleshooting import speaking_of
from tests.vendor_lines import GROUPS

TAUGHT = frozenset(line.strip() for row in MESSAGES for line in row.lines)


def test_there_are_36_groups() -> None:
    assert len(GROUPS) == len({name for name, _ in GROUPS}) == 36


@pytest.mark.parametrize(("name", "lines"), GROUPS, ids=[name for name, _ in GROUPS])
def test_each_line_of_a_group_names_its_cause_and_no_other(name: str, lines: tuple[tuple[str, str], ...]) -> None:
    for cause, line in lines:
        found = [one.id for one in speaking_of(line.splitlines())]
        print(f"{name}: {line.strip()} -> {', '.join(found)}")
        assert found == [cause], line


def test_most_lines_are_not_those_that_the_patterns_were_made_from() -> None:
    lines = [line for _, lines in GROUPS for _, line in lines]
    assert sum(line.strip() in TAUGHT for line in lines) <= len(lines) / 3
