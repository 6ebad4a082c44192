"""The prediction on a recording of a real host, as it is and with its card moved to another PCI domain."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from checks import agent
from checks.host_agent.forecast import Forecast
from sriov_tui.hosts.machine_file import load, save
from sriov_tui.hosts.recorded import RecordedHost
from sriov_tui.probe import gather

RECORDING = Path(__file__).parents[1] / "hosts" / "lab-7-vfs"
CONF = b"networks:\n- mgmt0/br0/10.0.2.15\n- enp1s0/br1/bcast1\nsriov_nics:\n- enp1s0\n"
PORT = "/sys/devices/pci0000:00/0000:00:02.0/"
PATH = f"{PORT}0000:01:00.0"


def foreseen(folder: Path, domain: str = "0000") -> Forecast:
    """The prediction for the recorded host with an `sriov_nics`, a processor that has KVM, and its card in `domain`."""
    shutil.copytree(RECORDING, folder, dirs_exist_ok=True)
    file = folder / "machine.json"
    text = file.read_text()
    assert PATH in text
    moved = text.replace("0000:01:", f"{domain}:01:").replace(PORT, f"/sys/devices/pci{domain}:00/{domain}:00:02.0/")
    file.write_text(moved)
    machine = load(folder)
    del machine.errors["/etc/yunion/host.conf"]
    machine.files["/etc/yunion/host.conf"] = CONF
    machine.modes["/etc/yunion/host.conf"] = 0o644
    machine.files["/proc/cpuinfo"] = machine.files["/proc/cpuinfo"].replace(b": fpu ", b": fpu vmx ")
    save(machine, folder)
    facts = gather(RecordedHost(folder))
    assert [pf.address for pf in facts.pfs or () if pf.netdev == "enp1s0"] == [f"{domain}:01:00.0"]
    return agent.forecast(facts)


def test_as_recorded(tmp_path: Path) -> None:
    forecast = foreseen(tmp_path)
    assert not forecast.sriov.error
    assert [device.addr for device in forecast.devices] == [f"01:{0x10 + n // 4:02x}.{n * 2 % 8}" for n in range(7)]
    assert {(device.vendor_device_id, device.model, device.pf, device.wire) for device in forecast.devices} == {
        ("8086:10ca", "82576 Virtual Function", "enp1s0", "bcast1")
    }


@pytest.mark.parametrize("domain", ["0001", "10000"])
def test_in_another_pci_domain_nothing_is_reported_and_no_error_either(tmp_path: Path, domain: str) -> None:
    forecast = foreseen(tmp_path, domain)
    assert forecast.devices == ()
    assert forecast.sriov.error == ""
    assert forecast.sriov.changes == ()
    assert [name for name, _ in forecast.sriov.skipped] == ["enp1s0"]
    assert f"outside PCI domain 0000 ({domain}:01:00.0)" in forecast.sriov.skipped[0][1]
