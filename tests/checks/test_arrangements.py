"""The prediction on complete machines against what the host-agent's own code reported on the same trees.

Cloudpods commit 2de2952: its probe was run on each arrangement, with all VFs there already. `agent` in the data is what
it said: devices or the error of each list, or the message it ended with before it probed.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from checks.host_agent.forecast import PREFIX, Forecast, ListForecast, forecast
from sriov_tui.hosts.machine_file import loads
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.probe import gather

DATA = Path(__file__).parents[1] / "data" / "host-agent-arrangements.jsonl.gz"
CASES: list[dict[str, Any]] = [json.loads(line) for line in gzip.decompress(DATA.read_bytes()).splitlines()]
READ_ONLY = ("one_good_one_partial",)  # a read-only file stands for the kernel that refuses: another word for the error


def foreseen(case: dict[str, Any]) -> Forecast:
    """The prediction for a case."""
    return forecast(gather(RecordedHost(loads(json.dumps(case["machine"])))))


def devices(part: ListForecast) -> list[tuple[object, ...]]:
    """The fields of each device that the data has, in order."""
    return [(d.addr, d.model, d.vendor_device_id, d.pf, d.wire, d.representor, d.virtfn) for d in part.devices]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_as_the_agent_reported(case: dict[str, Any]) -> None:
    now, truth = foreseen(case), case["agent"]
    assert now.loads
    if "message" in truth:
        assert not now.starts
        assert now.message == truth["message"]
        assert now.devices == ()
        return
    for part in (now.sriov, now.offload):
        told = truth["sriov" if part is now.sriov else "offload"]
        if case["name"] in READ_ONLY:
            assert bool(part.error) is bool(told["error"])
        else:
            assert part.error == (PREFIX[part.key] + told["error"].replace("\n", "") if told["error"] else "")
        fields = ("Addr", "Model", "VendorDevice", "Pf", "Wire", "Rep", "Virtfn")
        assert devices(part) == [tuple(device[name] for name in fields) for device in told["devices"] or []]


def test_the_data_is_whole() -> None:
    assert len(CASES) == 84
    assert sum("message" in case["agent"] for case in CASES) == 1
