"""Unknown is not "no", on every test machine; `python -m tests.unknown_matrix` does it for each kind of error."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sriov_tui.facts import Iommu
from sriov_tui.message import verbatim
from sriov_tui.model import Evidence, Finding, Level
from tests.samples import igb_host
from tests.unknown_allowed import ALLOWED, allowed
from tests.unknown_matrix import NUMBERS, all_machines, broken, without_fields, wrong

MACHINES = all_machines()
OK = Finding(id="x.y", level=Level.OK, title=verbatim("The driver igb 6.1 is loaded."))


@pytest.mark.parametrize("name", MACHINES)
def test_nothing_becomes_ok_or_absent_by_not_being_read(name: str) -> None:
    found = {
        (kind, finding.id, NUMBERS.sub("#", finding.title), NUMBERS.sub("#", hidden))
        for hidden, kind, finding in broken(MACHINES[name](), cards=not name.startswith("boot "))
        if not allowed(finding, hidden)
    }
    assert not found, "\n".join(f"{kind}: {id} {title!r} without {hidden}" for kind, id, title, hidden in sorted(found))


def test_every_exception_has_a_reason() -> None:
    for one in ALLOWED:
        print(f"{one.id} {one.title!r} without {one.without!r}: {one.reason}")
        assert len(one.reason) > 10


@pytest.mark.parametrize(
    ("after", "kinds"),
    [
        (OK, []),
        (replace(OK, title=verbatim("The driver igb is loaded.")), []),
        (replace(OK, title=verbatim("The driver mlx5_core is loaded.")), ["new OK"]),
        (replace(OK, subject="0000:01:00.0"), ["new OK"]),
        (replace(OK, level=Level.FAIL, title=verbatim("There is no driver.")), ["new FAIL"]),
        (replace(OK, level=Level.FAIL, title=verbatim("The driver cannot be read.")), []),
        (replace(OK, level=Level.SKIP, title=verbatim("There is no driver.")), []),
        (replace(OK, level=Level.SKIP, evidence=(Evidence("/sys/x", "absent"),)), ["evidence"]),
        (replace(OK, level=Level.SKIP, evidence=(Evidence("/sys/y", "absent"),)), []),
        (replace(OK, id="x.crashed", level=Level.FAIL, title=verbatim("It cannot be read.")), ["crash"]),
    ],
)
def test_the_rule(after: Finding, kinds: list[str]) -> None:
    assert [kind for kind, _ in wrong([OK], [after], "/sys/x")] == kinds


def test_fields_are_taken_away_also_of_what_stands_in_others() -> None:
    seen = dict(without_fields(igb_host(iommu=Iommu(tables=("DMAR",), units=("dmar0",)))))
    assert seen["iommu.tables"].iommu == Iommu(units=("dmar0",))
    assert (seen["pfs[1].totalvfs"].pfs or ())[1].totalvfs is None
    assert seen["pfs"].pfs is None
    assert "ssh" not in seen
