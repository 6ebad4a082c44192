"""What a virtual machine needs to get one of these VFs: the platform's commands, and the driver inside.

The commands are those of the Cloudpods guide, "SR-IOV NIC"; which driver a VF has, of each driver's id table in Linux.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from checks.host_agent.devices import Device
from checks.host_agent.forecast import Forecast
from sriov_tui.message import say

DRIVERS = {
    "8086:10ca": "igbvf", "8086:1520": "igbvf", "8086:10ed": "ixgbevf", "8086:1515": "ixgbevf", "8086:1565": "ixgbevf",
    "8086:154c": "iavf", "8086:1889": "iavf", "8086:37cd": "iavf", "15b3:1004": "mlx4_core",
}  # fmt: skip
MAKERS = {"15b3": "mlx5_core", "14e4": "bnxt_en"}  # the others of these makers have one driver for PF and VF
VENDOR = (
    say("    NVIDIA advises its own driver in the guest, too: mount the image for the guest's distribution there, run"),
    "    ./mlnxofedinstall, build the initramfs anew (dracut -f), reboot. For the network alone the guest needs none.",
)


def lines(forecast: Forecast) -> tuple[str, ...]:
    """The commands for each model that is foreseen; () where no device is."""
    devices = forecast.devices
    if not devices:
        return ()
    models = dict.fromkeys((device.model, device.vendor_device_id) for device in devices)
    told = [line for model, ids in models for line in _of(model, ids, devices)]
    return ("", say("To give a VF to a virtual machine (DISK, NAME, SERVER and NETWORK are yours):"), *told)


def driver(vendor_device_id: str) -> str:
    """The module in the guest that drives a VF with these ids; "" where it is not known here."""
    return DRIVERS.get(vendor_device_id, MAKERS.get(vendor_device_id.partition(":")[0], ""))


def _of(model: str, ids: str, devices: tuple[Device, ...]) -> Iterator[str]:
    count = sum((device.model, device.vendor_device_id) == (model, ids) for device in devices)
    if not model:
        yield say(
            "  {count} VFs {ids}: their model is known once they exist; `sriov-tui agent` tells it then.",
            count=count,
            ids=ids,
        )
    else:
        wish = f"sriov-nic-model={model}"
        yield f"  climc server-create --disk DISK --net {shlex.quote(wish)} --ncpu 2 --mem-spec 4G NAME --auto-start"
        yield f"  climc server-attach-network SERVER {shlex.quote(f'{wish}:NETWORK')}"
    name = driver(ids)
    inside = (
        say("the driver {name}, which every common Linux has", name=name)
        if name
        else say("the VF driver of this card's maker")
    )
    yield say("    In the guest: {inside}; lspci -k shows whether it is bound.", inside=inside)
    if name == "mlx5_core":
        yield from VENDOR
