"""What a virtual machine needs to get one of these VFs: the platform's commands, and the driver inside.

The commands are those of the Cloudpods guide, "SR-IOV NIC"; which driver a VF has, of `sriov_tui.cards`.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from checks.host_agent.devices import Device
from checks.host_agent.forecast import Forecast
from sriov_tui.cards import Family, vf_family
from sriov_tui.message import Message, say
from sriov_tui.model.commands import Command

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


def driver(vendor_device_id: str) -> Message:
    """What drives a VF with these ids in the guest, and since when Linux has it."""
    family = _family(vendor_device_id)
    if family is None:
        return say("the VF driver of this card's maker")
    if family.since:
        return say(
            "the driver {name}, in Linux only since {year}; an older guest needs the maker's own",
            name=family.guest,
            year=family.since,
        )
    return say("the driver {name}, which every common Linux has", name=family.guest)


def _family(vendor_device_id: str) -> Family | None:
    vendor, _, device = vendor_device_id.partition(":")
    try:
        return vf_family(int(vendor, 16), int(device, 16))
    except ValueError:
        return None


def _of(model: str, ids: str, devices: tuple[Device, ...]) -> Iterator[str]:
    count = sum((device.model, device.vendor_device_id) == (model, ids) for device in devices)
    if not model:
        yield say(
            "  {count} VFs {ids}: their model is known once they exist; `sriov-tui agent` shows it then.",
            count=count,
            ids=ids,
        )
    else:
        wish = f"sriov-nic-model={model}"
        net = shlex.quote(wish)
        yield Command(f"  climc server-create --disk DISK --net {net} --ncpu 2 --mem-spec 4G NAME --auto-start")
        yield Command(f"  climc server-attach-network SERVER {shlex.quote(f'{wish}:NETWORK')}")
    yield say("    In the guest: {inside}; lspci -k shows whether it is bound.", inside=driver(ids))
    family = _family(ids)
    if family is not None and family.guest == "mlx5_core":
        yield from VENDOR
