"""What keeps a port from providing VFs, one thing at a time; None where nothing is known to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sriov_tui.cards import obstacle
from sriov_tui.facts import HostFacts, Link, NvSetting, Pf, ProbeProblem
from tests.samples import igb_host, igb_pf

ICE = {"vendor": 0x8086, "device": 0x1592, "driver": "ice"}
MLX5 = {"vendor": 0x15B3, "device": 0x101D, "driver": "mlx5_core"}
GONE = {"totalvfs": None, "numvfs": None, "sriov": None, "counts_vfs": False}


def kind(facts: HostFacts, pf: Pf, **changes: object) -> str:
    found = obstacle(facts, replace(pf, **changes))  # type: ignore[arg-type]
    if found is not None:
        assert found.title.template
        assert found.fix or found.kind == "no-capability"
    return found.kind if found else ""


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ""),
        ({"driver": None}, ""),
        ({"driver": "a-driver-of-tomorrow"}, ""),
        ({"netdevs": None}, ""),
        ({"counts_vfs": True, "totalvfs": None}, "unseen"),
        ({**GONE, "config_bytes": 64}, "unseen"),
        ({**GONE, "config_bytes": None, "counts_vfs": None}, "unseen"),
        (GONE, "no-capability"),
        ({**GONE, "vendor": 0x1AF4, "device": 0x1041}, "no-capability"),
        ({"driver": "vfio-pci"}, "vfio"),
        ({"driver": ""}, "no-driver"),
        ({"driver": "mlx4_core"}, "not-by-sysfs"),
        ({"driver": "enic"}, "not-by-sysfs"),
        ({"totalvfs": 0}, "firmware"),
        ({"totalvfs": 0, "nvconfig": (NvSetting(name="NUM_OF_VFS", next="0"),)}, ""),
        ({"totalvfs": None, "counts_vfs": False}, "hidden"),
        ({"netdevs": ()}, "no-interface"),
        ({**MLX5, "netdevs": ()}, "no-interface"),
        ({**MLX5, "netdevs": (), "class_code": 0x020700}, "no-interface"),
    ],
)
def test_one_thing_at_a_time(changes: dict[str, object], expected: str) -> None:
    assert kind(igb_host(), igb_pf(), **changes) == expected


def test_the_reason_of_a_failed_read_is_shown() -> None:
    pf = replace(igb_pf(), counts_vfs=True, totalvfs=None)
    path = f"/sys/bus/pci/devices/{pf.address}/sriov_totalvfs"
    found = obstacle(igb_host(problems=(ProbeProblem("pci", path, "Input/output error"),)), pf)
    assert found is not None
    assert found.evidence == (path, "Input/output error")


def test_hidden_is_said_only_of_a_model_that_has_sriov() -> None:
    known = obstacle(igb_host(), replace(igb_pf(), **GONE, vendor=0x8086, device=0x159B))  # type: ignore[arg-type]
    other = obstacle(igb_host(), replace(igb_pf(), **GONE, vendor=0x1AF4, device=0x1041))  # type: ignore[arg-type]
    assert known is not None
    assert other is not None
    assert "Intel E810" in known.title
    assert "BIOS" in known.fix
    assert not other.fix


def test_infiniband_is_named() -> None:
    pf = replace(igb_pf(), **MLX5, netdevs=(), class_code=0x020700)  # type: ignore[arg-type]
    found = obstacle(igb_host(), pf)
    assert found is not None
    assert "InfiniBand" in found.title
    assert "LINK_TYPE_P1" in found.manual
    facts = igb_host(links=(Link(name="ib0", index=9, arphrd=32),))
    assert obstacle(facts, replace(pf, netdevs=("ib0",))) is None


@pytest.mark.parametrize(
    ("changes", "came", "went"),
    [
        (ICE, "Entering Safe Mode", "The DDP package was successfully loaded: ICE OS Default Package version 1.3.36.0"),
        (MLX5, "mlx5_health_try_recover:335:(pid 9): health recovery failed",
         "mlx5_health_try_recover:347:(pid 9): health recovery succeeded"),
    ],
)  # fmt: skip
def test_the_last_word_of_the_log_decides(changes: dict[str, object], came: str, went: str) -> None:
    pf, facts = igb_pf(), igb_host()

    def with_log(*lines: str, of: str = pf.address) -> HostFacts:
        return replace(facts, kernel=replace(facts.kernel, log=tuple(f"{changes['driver']} {of}: {x}" for x in lines)))

    assert kind(with_log(), pf, **changes) == ""
    assert kind(with_log(came), pf, **changes) == "fault"
    assert kind(with_log(came, went), pf, **changes) == ""
    assert kind(with_log(went, came), pf, **changes) == "fault"
    assert kind(with_log(came, of="0000:99:00.0"), pf, **changes) == ""
    assert kind(with_log(came), pf) == ""
    assert kind(replace(facts, kernel=replace(facts.kernel, log=None)), pf, **changes) == ""
