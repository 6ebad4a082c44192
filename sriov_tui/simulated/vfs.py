"""The simulated SR-IOV core: what a write to `sriov_numvfs` does (drivers/pci/iov.c), and how each driver answers it.

How a driver answers is its entry in `sriov_tui.cards`. What is so of a card comes from the machine, or, where sysfs
does not show it, from simulation["conditions"]: address -> "safe-mode", "resetting", "busy", "no-resources".
"""

from __future__ import annotations

import re

from sriov_tui.cards import Driver, Reaction, driver_named
from sriov_tui.hosts.machine import Machine, fail, names, put_file, put_link, split, text
from sriov_tui.simulated import lspci
from sriov_tui.simulated.config import SriovRegisters
from sriov_tui.simulated.drivers import VF_NAMES, VFIO, detach, device, driver_of, native_driver, offer
from sriov_tui.simulated.functions import GROUPS, add_function, join_group, remove_vfs, set_config
from sriov_tui.simulated.log import log
from sriov_tui.simulated.modules import autoload


def store_numvfs(machine: Machine, address: str, value: str, new: bool = False) -> None:
    """Make or remove VFs; raises OSError as the kernel's write does, ETIMEDOUT where it would hang.

    `new`: the interface has only just appeared, as when udev applies its rules, and so it is still down.
    """
    at = device(machine, address)
    path = f"{at}/sriov_numvfs"
    wanted, current = _number(value, path), int(text(machine, path, "0"))
    if wanted > int(text(machine, f"{at}/sriov_totalvfs", "0")):
        raise fail(path, "ERANGE")
    if wanted == current:
        return
    driver = driver_of(machine, address)
    if driver in ("", VFIO):
        reason = "no driver bound to device; cannot configure SR-IOV"
        log(machine, f"pci {address}: {reason}" if not driver else f"{driver} {address}: {_NO_SYSFS}")
        raise fail(path, "ENOENT")
    known = driver_named(driver)
    if known is not None and known.makes != "sysfs":
        log(machine, f"{driver} {address}: {_NO_SYSFS}")
        raise fail(path, "ENOENT")
    if current and wanted:
        log(machine, f"{driver} {address}: {current} VFs already enabled. Disable before enabling {wanted} VFs")
        raise fail(path, "EBUSY")
    if known is not None and (reaction := _reaction(machine, address, known, wanted, new)):
        log(machine, f"{driver} {address}: {reaction.log}")
        if reaction.errno:
            raise fail(path, reaction.errno)
        return  # and the write succeeds: hence "read back everything"
    if wanted == 0:
        _refuse_held(machine, address, path)
        remove_vfs(machine, address)
    else:
        _add_vfs(machine, address, wanted)
    if known is not None and known.drops_link:
        _flap(machine, at)


_NO_SYSFS = "driver does not support SR-IOV configuration via sysfs"


def _reaction(machine: Machine, address: str, driver: Driver, wanted: int, new: bool) -> Reaction | None:
    """How this driver refuses, as its port is now. That VFs are given away no driver sees with VFIO: the core waits."""
    conditions = {machine.simulation.get("conditions", {}).get(address, "")}
    if new or not _is_up(machine, device(machine, address)):
        conditions.add("down")
    if not wanted:
        conditions.discard("no-resources")
    return next((one for one in driver.reactions if one.when in conditions), None)


def _number(value: str, path: str) -> int:
    """kstrtou16() with base 0."""
    word = value.strip()
    if not re.fullmatch(r"0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*", word):
        raise fail(path, "EINVAL")
    number = int(word, 16 if word[1:2] in ("x", "X") else 8 if word[0] == "0" else 10)
    if number > 0xFFFF:
        raise fail(path, "ERANGE")
    return number


def _card(machine: Machine, at: str) -> SriovRegisters:
    try:
        return SriovRegisters(
            total=int(text(machine, f"{at}/sriov_totalvfs")),
            offset=int(text(machine, f"{at}/sriov_offset")),
            stride=int(text(machine, f"{at}/sriov_stride")),
            vf_device=int(text(machine, f"{at}/sriov_vf_device"), 16),
        )
    except ValueError:
        raise fail(f"{at}/sriov_numvfs", "EIO") from None  # a machine that was made without them


def vf_addresses(address: str, card: SriovRegisters, count: int) -> list[str]:
    """Where the VFs of a PF stand: its routing id, plus the offset, plus the index times the stride."""
    first = int(address[5:7], 16) << 8 | int(address[8:10], 16) << 3 | int(address[11:])
    numbers = (first + card.offset + index * card.stride for index in range(count))
    return [f"{address[:5]}{n >> 8:02x}:{n >> 3 & 0x1F:02x}.{n & 7}" for n in numbers]


def _add_vfs(machine: Machine, address: str, count: int) -> None:
    at = device(machine, address)
    card = _card(machine, at)
    vendor = text(machine, f"{at}/vendor")
    grouped = f"{at}/iommu_group" in machine.links
    put_file(machine, f"{at}/sriov_numvfs", f"{count}\n")
    set_config(machine, at, count)
    number = 1 + max((int(name) for name in names(machine, GROUPS)), default=-1)
    for index, vf in enumerate(vf_addresses(address, card, count)):
        made = f"{split(at)[0]}/{vf}"
        model = VF_NAMES.get(f"{vendor[2:]} {card.vf_device:04x}", "Device")
        maker = machine.udev.get(at, {}).get("ID_VENDOR_FROM_DATABASE", "")
        add_function(machine, made, vendor, f"0x{card.vf_device:04x}", text(machine, f"{at}/class"), (maker, model))
        put_link(machine, f"{made}/physfn", at)
        put_link(machine, f"{at}/virtfn{index}", made)
        if grouped:
            join_group(machine, vf, number + index)
        offer(machine, vf)
        autoload(machine, native_driver(machine, vf))  # also where another driver was quicker
    lspci.refresh(machine)


def unbind(machine: Machine, driver: str, address: str) -> None:
    """`unbind`: ENODEV unless this driver has the function; a PF's VFs go before their driver does."""
    if driver_of(machine, address) != driver:
        raise fail(address, "ENODEV")
    at = device(machine, address)
    if text(machine, f"{at}/sriov_numvfs", "0") != "0":
        _refuse_held(machine, address, f"{at}/driver/unbind")
        remove_vfs(machine, address)
    detach(machine, address)


def _refuse_held(machine: Machine, address: str, path: str) -> None:
    vfs = [split(vf)[1] for vf in _vfs(machine, address)]
    known = {_group(machine, vf) for vf in vfs}.union(
        *(names(machine, f"{device(machine, vf)}/vfio-dev") for vf in vfs)
    )
    for held, _, _ in machine.holders or ():
        name = split(held)[1].removeprefix("noiommu-")
        if ("/vfio" in held and name in known) or any(f"/{vf}/" in held for vf in vfs):
            log(machine, "vfio-pci: No device request channel registered, blocked until released by user")
            raise fail(path, "ETIMEDOUT")


def _vfs(machine: Machine, address: str) -> list[str]:
    at = device(machine, address)
    return [split(machine.links[f"{at}/{name}"])[1] for name in names(machine, at) if name.startswith("virtfn")]


def _group(machine: Machine, address: str) -> str:
    return split(machine.links.get(f"{device(machine, address)}/iommu_group", ""))[1]


def _is_up(machine: Machine, at: str) -> bool:
    return any(row["up"] for row in machine.netlink.get("links", ()) if row["name"] in names(machine, f"{at}/net"))


def _flap(machine: Machine, at: str) -> None:
    """The driver closes and reopens the port: its carrier drops and comes back."""
    for name in names(machine, f"{at}/net") if _is_up(machine, at) else ():
        path = f"{at}/net/{name}/carrier_changes"
        put_file(machine, path, f"{int(text(machine, path, '0')) + 2}\n")
