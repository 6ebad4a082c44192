"""The lab's stand-in for the host-agent does what the real one did: on the same arrangements, written out as a tree."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from sriov_tui.hosts.machine_file import loads
from tests.checks.test_arrangements import CASES, READ_ONLY
from tests.lab import stand_in_agent as stand_in

PLAIN = [case for case in CASES if "sriov" in case["agent"] and case["agent"]["sriov"]["items"]]


def write_out(case: dict[str, Any], root: Path) -> dict[str, str]:
    """The tree of a machine below `root`; what its lspci prints, by address."""
    import json

    machine = loads(json.dumps(case["machine"]))
    for folder in machine.dirs:
        (root / folder[1:]).mkdir(parents=True, exist_ok=True)
    for path, data in machine.files.items():
        if not path.endswith("/config"):
            (root / path[1:]).parent.mkdir(parents=True, exist_ok=True)
            (root / path[1:]).write_bytes(data)
    for path, target in machine.links.items():
        place = root / path[1:]
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)
    rows = machine.queries["lspci -nnmm -D"].out.splitlines()
    return {row.partition(" ")[0]: row.partition(":")[2] for row in rows}


@pytest.mark.parametrize("case", PLAIN, ids=[case["name"] for case in PLAIN])
def test_the_stand_in_is_the_agent(case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = write_out(case, tmp_path)

    def lspci(form: str, address: str) -> str:
        if form == "-nnmm":
            return next(line for known, line in lines.items() if known.endswith(address))
        links = [tmp_path / f"sys/bus/pci/devices/{known}/driver" for known in lines if known.endswith(address)]
        return "".join(f"Kernel driver in use: {link.readlink().name}\n" for link in links if link.is_symlink())

    def put(path: str, text: str) -> None:
        assert "vfio-pci" in path or path.endswith("/unbind")

    monkeypatch.setattr(stand_in, "lspci", lspci)
    monkeypatch.setattr(stand_in, "NET", f"{tmp_path}{stand_in.NET}")
    monkeypatch.setattr(stand_in, "ROOT", f"{tmp_path}{stand_in.ROOT}")
    if case["name"] not in READ_ONLY:
        monkeypatch.setattr(stand_in, "put", put)
    conf = stand_in.lists(str(tmp_path / "etc/yunion/host.conf"))
    plain = {key: [item.strip("'") for item in items] for key, items in conf.items()}
    told = case["agent"]["sriov"]
    try:
        devices, error = stand_in.sriov_nics(stand_in.interfaces(plain["networks"], plain["sriov_nics"])), ""
    except stand_in.Refused as refused:
        devices, error = [], str(refused).replace(str(tmp_path), "")
    if case["name"] not in READ_ONLY:
        assert error == told["error"]
    fields = {"addr": "Addr", "model": "Model", "vendor_device_id": "VendorDevice", "pf": "Pf", "wire": "Wire",
              "virtfn": "Virtfn"}  # fmt: skip
    assert [{name: device[name] for name in fields} for device in devices] == [
        {name: device[theirs] for name, theirs in fields.items()} for device in told["devices"] or []
    ]
