"""Does at sysfs what the host-agent does at its start for `sriov_nics`, and prints what it would report, as JSON.

Written from what is known of the host-agent alone (pkg/hostman/isolated_device/nic.go, sriov_base.go, gpu.go): it
shares no code with the prediction that it is held against. Runs in the lab's machine: `python3 - HOST_CONF`, one
file, no imports of ours. It begins where the host-agent has found that KVM works.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import subprocess
import sys
from typing import Any

NET = "/sys/class/net"
ROOT = "/sys/devices/pci0000:"
VFIO = "/sys/bus/pci/drivers/vfio-pci"
LABEL = r"[\w\s.,:;()\[\]/&+*|<>!?~-]*"  # lacks #, ' and @, as the host-agent's does
LSPCI = re.compile(
    rf'^(?P<addr>[0-9a-f]{{2}}:[0-9a-f]{{2}}\.[0-9a-f]) "{LABEL} \[[0-9a-f]{{4}}\]" '
    rf'"{LABEL} \[(?P<vendor>[0-9a-f]{{4}})\]" "(?P<name>{LABEL}) \[(?P<device>[0-9a-f]{{4}})\]"'
)
ERRORS = {2: "no such file or directory", 16: "device or resource busy", 17: "file exists", 19: "no such device",
          22: "invalid argument", 12: "cannot allocate memory", 34: "numerical result out of range"}  # fmt: skip


class Refused(Exception):
    """An error as Go words it: nothing of the list is reported."""


def get(path: str) -> str:
    """A file's text, as ioutil.ReadFile."""
    try:
        with open(path) as file:
            return file.read().strip()
    except OSError as error:
        raise Refused(f"open {path}: {ERRORS.get(error.errno or 0, error.strerror)}") from error


def put(path: str, text: str) -> None:
    """Write a file that exists, as fileutils2.FilePutContents."""
    try:
        descriptor = os.open(path, os.O_WRONLY)
    except OSError as error:
        raise Refused(f"open {path}: {ERRORS.get(error.errno or 0, error.strerror)}") from error
    try:
        os.write(descriptor, text.encode())
    except OSError as error:
        raise Refused(f"write {path}: {ERRORS.get(error.errno or 0, error.strerror)}") from error
    finally:
        os.close(descriptor)


def lists(path: str) -> dict[str, list[str]]:
    """The block lists of a host.conf that a test wrote; no YAML reader, so that none can be wrong in both places."""
    found: dict[str, list[str]] = {}
    key = ""
    with open(path) as file:
        for line in file:
            if line.startswith("- "):
                found[key].append(line[2:].strip())
            elif ":" in line:
                key = line.partition(":")[0]
                found[key] = []
    return found


def interfaces(networks: list[str], items: list[str]) -> dict[str, str]:
    """Interface -> wire (getNicsInterfaces of hostinfo.go)."""
    wires = {}
    for item in items:
        match = [entry for entry in networks if entry.split("/")[0] == item]
        wire = wire_of(match[0] if match else networks[0])
        slaves = f"{NET}/{item}/bonding/slaves"
        names = get(slaves).split(" ") if match and os.path.exists(slaves) else [item]
        wires.update(dict.fromkeys(names, wire))
    return wires


def wire_of(entry: str) -> str:
    """The wire of an entry; of one in the IP form the platform finds it, which is "" here."""
    third = entry.split("/")[2]
    try:
        ipaddress.ip_address(third)
    except ValueError:
        return third
    return ""


def sriov_nics(wires: dict[str, str]) -> list[dict[str, Any]]:
    """getSRIOVNics: every NIC below PCI domain 0000, one error ends it all."""
    devices = []
    for name in sorted(os.listdir(NET)):
        if name in wires and os.path.realpath(f"{NET}/{name}").startswith(ROOT):
            devices += devices_of(name, wires[name])
    return devices


def devices_of(name: str, wire: str) -> list[dict[str, Any]]:
    """ensureNumvfsEqualTotalvfs, then every virtfn link in the directory's order."""
    at = f"{NET}/{name}/device"
    now, total = get(f"{at}/sriov_numvfs"), get(f"{at}/sriov_totalvfs")
    if now != total:
        put(f"{at}/sriov_numvfs", total)
    devices = []
    for link in sorted(entry for entry in os.listdir(at) if entry.startswith("virtfn")):
        address = os.path.basename(os.readlink(f"{at}/{link}"))
        device = describe(address)
        bind(device["addr"], device["vendor_device_id"])
        devices.append({**device, "pf": name, "virtfn": int(link.removeprefix("virtfn")), "wire": wire})
    return devices


def describe(address: str) -> dict[str, str]:
    """addr, vendor:device and model out of `lspci -nnmm`; all empty where the pattern does not fit."""
    match = LSPCI.match(lspci("-nnmm", address))
    if match is None:
        return {"addr": "", "vendor_device_id": ":", "model": ""}
    inner = re.findall(r"\[([^\[\]]*)\]", match["name"])
    return {
        "addr": match["addr"],
        "vendor_device_id": f"{match['vendor']}:{match['device']}",
        "model": inner[-1] if inner else match["name"],
    }


def bind(address: str, ids: str) -> None:
    """Keep a VF that vfio-pci has; else unbind it, and hand it over by new_id, or by bind."""
    driver = re.search(r"Kernel driver in use: (\S+)", lspci("-k", address))
    if driver and driver[1] == "vfio-pci":
        return
    if driver:
        put(f"/sys/bus/pci/devices/0000:{address}/driver/unbind", f"0000:{address}")
    try:
        put(f"{VFIO}/new_id", ids.replace(":", " "))
    except Refused:
        try:
            put(f"{VFIO}/bind", f"0000:{address}")
        except Refused as error:
            raise Refused(f"bind driver {address} : {error}") from error


def lspci(form: str, address: str) -> str:
    """One answer of lspci."""
    return subprocess.run(["lspci", form, "-s", address], capture_output=True, text=True, check=False).stdout


def main() -> None:
    """Load vfio as the host-agent does, probe, print."""
    for module in ("vfio", "vfio_iommu_type1", "vfio-pci"):
        subprocess.run(["modprobe", module], capture_output=True, check=False)
    conf = lists(sys.argv[1])
    try:
        devices, error = sriov_nics(interfaces(conf["networks"], conf.get("sriov_nics", []))), ""
    except Refused as refused:
        devices, error = [], f"get sriov nic devices {refused}"
    print(json.dumps({"devices": devices, "error": error}))


if __name__ == "__main__":
    main()
