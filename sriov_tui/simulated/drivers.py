"""The simulated driver core: which driver takes which PCI function, and the bind, unbind and new_id attributes.

Follows drivers/base/bus.c and drivers/pci/pci-driver.c of Linux; the functions raise
OSError with the errno that the kernel's write would return.
"""

from __future__ import annotations

import re
from typing import Any

from sriov_tui.cards import FAMILIES
from sriov_tui.hosts.machine import Machine, fail, names, put_dir, put_file, put_link, remove, resolve, split, text
from sriov_tui.simulated.log import log

DEVICES, DRIVERS, NETS = "/sys/bus/pci/devices", "/sys/bus/pci/drivers", "/sys/class/net"
NO_OVERRIDE = "(null)"
VFIO = "vfio-pci"
IDS: dict[str, tuple[str, ...]] = {VFIO: (), "e1000e": ("8086 10d3",)}  # driver -> "vendor device"
VF_NAMES: dict[str, str] = {}
for _family in FAMILIES:
    for _driver, _devices in ((_family.driver, _family.pfs), (_family.guest, _family.vfs)):
        _ids = tuple(f"{_family.vendor:04x} {device:04x}" for device in _devices)
        IDS[_driver] = (*IDS.get(_driver, ()), *_ids)
    for _id in _family.vfs:
        VF_NAMES.setdefault(f"{_family.vendor:04x} {_id:04x}", _family.vf_words)


def device(machine: Machine, address: str) -> str:
    """The directory of a PCI function below /sys/devices; ENODEV where there is no such function."""
    if f"{DEVICES}/{address}" not in machine.links:
        raise fail(address, "ENODEV")
    return resolve(machine, f"{DEVICES}/{address}")


def driver_of(machine: Machine, address: str) -> str:
    """The name of the bound driver, or ""."""
    return split(machine.links.get(f"{device(machine, address)}/driver", ""))[1]


def ids(machine: Machine, address: str) -> str:
    """Vendor and device as `new_id` takes them: "8086 10ca"."""
    at = device(machine, address)
    return " ".join(text(machine, f"{at}/{name}").removeprefix("0x") for name in ("vendor", "device"))


def native_driver(machine: Machine, address: str) -> str:
    """The network driver whose own table has this function, or ""."""
    wanted = ids(machine, address)
    return next((driver for driver, known in IDS.items() if wanted in known), "")


def register(machine: Machine, driver: str) -> None:
    """A PCI driver is loaded: it gets its directory and takes the functions that nobody has."""
    for name in ("bind", "unbind", "new_id", "remove_id"):
        put_file(machine, f"{DRIVERS}/{driver}/{name}", "", 0o200)
    _order(machine).append(driver)
    _attach(machine, driver)


def forget(machine: Machine, driver: str) -> None:
    """A PCI driver that has no function any more goes, and the ids that it was told with it."""
    remove(machine, f"{DRIVERS}/{driver}")
    _dynamic(machine).pop(driver, None)
    if driver in _order(machine):
        _order(machine).remove(driver)


def offer(machine: Machine, address: str) -> None:
    """A function has appeared: of the drivers that want it, the one that was loaded first has it (measured)."""
    for driver in _order(machine):
        if not driver_of(machine, address) and _matches(machine, address, driver) and _may_probe(machine, address):
            _probe(machine, address, driver)


def bind(machine: Machine, driver: str, address: str) -> None:
    """`bind`: ENODEV unless the driver wants this function, EBUSY where another has it."""
    if not _matches(machine, address, driver) or not _may_probe(machine, address):
        raise fail(address, "ENODEV")
    if driver_of(machine, address):
        raise fail(address, "EBUSY")
    if not _probe(machine, address, driver):
        raise fail(address, "EINVAL")


def new_id(machine: Machine, driver: str, value: str) -> None:
    """`new_id`: EEXIST for an id that is already there; then the driver takes what is free."""
    words = value.split()
    if len(words) < 2:
        raise fail(f"{DRIVERS}/{driver}/new_id", "EINVAL")
    wanted = " ".join(word.lower().removeprefix("0x").zfill(4) for word in words[:2])
    known = _dynamic(machine).setdefault(driver, [])
    if wanted in known:
        raise fail(f"{DRIVERS}/{driver}/new_id", "EEXIST")
    known.append(wanted)
    _attach(machine, driver)


def remove_id(machine: Machine, driver: str, value: str) -> None:
    """`remove_id`: ENODEV for an id that is not there."""
    known = _dynamic(machine).get(driver, [])
    wanted = " ".join(word.lower().removeprefix("0x").zfill(4) for word in value.split()[:2])
    if wanted not in known:
        raise fail(f"{DRIVERS}/{driver}/remove_id", "ENODEV")
    known.remove(wanted)


def detach(machine: Machine, address: str) -> None:
    """Take a function from its driver; its network interface goes with it and comes back by the same name."""
    at = device(machine, address)
    remove(machine, f"{DRIVERS}/{driver_of(machine, address)}/{address}")
    remove(machine, f"{at}/driver")
    parked = machine.simulation.setdefault("parked", {})
    for name in names(machine, f"{at}/net"):
        row = next(row for row in machine.netlink["links"] if row["name"] == name)
        kept = {path: machine.files[path].decode() for path in machine.files if path.startswith(f"{at}/net/{name}/")}
        if "vf" not in row["phys_port_name"]:  # representors are made anew
            parked[address] = {"row": row, "files": kept}
        machine.netlink["links"].remove(row)
        remove(machine, f"{NETS}/{name}")
    remove(machine, f"{at}/net")


def add_netdev(machine: Machine, address: str, row: dict[str, Any], files: dict[str, str] | None = None) -> None:
    """Give a function a network interface, in sysfs and in netlink."""
    at = device(machine, address)
    net = f"{at}/net/{row['name']}"
    content = {f"{net}/address": f"{row['mac']}\n", f"{net}/type": f"{row['arphrd']}\n"} | (files or {})
    for path, value in content.items():
        put_file(machine, path, value)
    put_link(machine, f"{net}/device", at)
    put_link(machine, f"{NETS}/{row['name']}", net)
    links = machine.netlink.setdefault("links", [])
    index = 1 + max((link["index"] for link in links), default=0)
    links.append(row | {"index": row.get("index") or index})


def _attach(machine: Machine, driver: str) -> None:
    for address in names(machine, DEVICES):
        if not driver_of(machine, address) and _matches(machine, address, driver) and _may_probe(machine, address):
            _probe(machine, address, driver)


def _matches(machine: Machine, address: str, driver: str) -> bool:
    override = text(machine, f"{device(machine, address)}/driver_override", NO_OVERRIDE)
    if override != NO_OVERRIDE:
        return override == driver
    return ids(machine, address) in (*IDS.get(driver, ()), *_dynamic(machine).get(driver, ()))


def _may_probe(machine: Machine, address: str) -> bool:
    """pci_device_can_probe(): a VF whose PF says no is taken by nobody, unless an override names the driver."""
    at = device(machine, address)
    if f"{at}/physfn" not in machine.links or text(machine, f"{at}/driver_override", NO_OVERRIDE) != NO_OVERRIDE:
        return True
    return text(machine, f"{at}/physfn/sriov_drivers_autoprobe", "1") == "1"


def _probe(machine: Machine, address: str, driver: str) -> bool:
    at = device(machine, address)
    if driver == VFIO and f"{at}/iommu_group" not in machine.links:
        log(machine, f"vfio-pci {address}: probe with driver vfio-pci failed with error -22")
        return False
    put_link(machine, f"{at}/driver", f"{DRIVERS}/{driver}")
    put_link(machine, f"{DRIVERS}/{driver}/{address}", at)
    if driver != VFIO:
        _start_netdev(machine, address, at)
    return True


def _start_netdev(machine: Machine, address: str, at: str) -> None:
    parked = machine.simulation.get("parked", {}).pop(address, None)
    if parked is not None:
        add_netdev(machine, address, {**parked["row"], "index": 0}, parked["files"])
    elif f"{at}/physfn" in machine.links:
        put_dir(machine, f"{at}/net")
        add_netdev(machine, address, _vf_row(machine, address, at))


def _vf_row(machine: Machine, address: str, at: str) -> dict[str, Any]:
    """A VF's interface is called after its PF's: enp1s0v0 (systemd.net-naming-scheme, v239)."""
    pf = resolve(machine, f"{at}/physfn")
    index = next(n for n, target in _virtfns(machine, pf) if target == address)
    stem = re.sub(r"np\d+$", "", next(iter(names(machine, f"{pf}/net")), f"pf{address[5:7]}"))
    number = int(address[5:7] + address[8:10] + address[11:], 16)
    mac = "02:00:00:" + ":".join(f"{number >> shift & 0xFF:02x}" for shift in (16, 8, 0))
    return link_row(f"{stem[:10]}v{index}", mac)


def _virtfns(machine: Machine, pf: str) -> list[tuple[int, str]]:
    return [
        (int(name[6:]), split(machine.links[f"{pf}/{name}"])[1])
        for name in names(machine, pf)
        if name.startswith("virtfn")
    ]


def link_row(name: str, mac: str = "", **changes: Any) -> dict[str, Any]:
    """A row of netlink's "links", as `LocalHost` gives it; the index is found when the interface is added."""
    row = {
        "name": name,
        "index": 0,
        "kind": "",
        "arphrd": 1,
        "mac": mac,
        "mtu": 1500,
        "up": False,
        "carrier": None,
        "master": 0,
        "parent": 0,
        "vlan": None,
        "bond_mode": None,
        "phys_port_name": "",
    }
    return row | changes


def _dynamic(machine: Machine) -> dict[str, list[str]]:
    found: dict[str, list[str]] = machine.simulation.setdefault("dynamic_ids", {})
    return found


def _order(machine: Machine) -> list[str]:
    found: list[str] = machine.simulation.setdefault("driver_order", [])
    return found
