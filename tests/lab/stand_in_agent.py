"""Does at sysfs what the host-agent does at its start for `sriov_nics`, and prints what it would report, as JSON.

Written from what is known of the host-agent alone (pkg/hostman/hostinfo/hostinfo.go, hostinfohelper.go,
pkg/hostman/isolated_device/nic.go, sriov_base.go, gpu.go): it shares no code with the prediction that it is held
against. Runs in the lab's machine: `python3 - HOST_CONF`, one file, no imports of ours. It makes no bridge: of those
that it would make it only remembers which address they take over.
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
LABEL = "[A-Za-z0-9_ +.,:;&/()[\\]-]+"  # the only characters that the host-agent reads in a name
CODE = r" \[([0-9A-Fa-f]{4})\]"
LSPCI = re.compile(
    rf'([0-9A-Fa-f]{{2}}:[0-9A-Fa-f]{{2}}\.[0-9A-Fa-f]) "{LABEL}{CODE}" "{LABEL}{CODE}" "({LABEL}){CODE}"'
    rf' .*"(?:{LABEL}{CODE})?" "'
)
BRACKETS = re.compile(rf"{LABEL} \[({LABEL})\]")
DRIVERS = ("openvswitch", "linux_bridge")
HUGEPAGES = ("disable", "native", "transparent")
ERRORS = {2: "no such file or directory", 16: "device or resource busy", 17: "file exists", 19: "no such device",
          22: "invalid argument", 12: "cannot allocate memory", 34: "numerical result out of range"}  # fmt: skip


class Dies(Exception):
    """The message that the host-agent ends with before it probes."""


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


def scalar(path: str, key: str, default: str) -> str:
    """The value of a key that a test wrote on one line, in YAML 1.1's words."""
    with open(path) as file:
        found = [line.partition(":")[2].strip() for line in file if line.startswith(f"{key}:")]
    return {"on": "true"}.get(found[-1], found[-1]) if found else default


def start(path: str, networks: list[str]) -> None:
    """prepareEnv, the bridge driver, NewNIC for each entry, then the master interface."""
    if scalar(path, "hugepages_option", "transparent") not in HUGEPAGES:
        raise Dies("Invalid hugepages option")
    driver = scalar(path, "bridge_driver", "openvswitch")
    if driver not in DRIVERS:
        raise Dies(f"Dirver {driver} not found")
    taken: dict[str, str] = {}
    has = {bridge for entry in networks if (bridge := new_nic(entry, taken))}
    listen = scalar(path, "listen_interface", "")
    if listen and listen not in has and (listen in taken or not addresses(listen)):
        raise Dies(f"Listen interface {listen} master have no IP")
    if not listen and not has:
        raise Dies("No interface suitable to be master NIC")


def new_nic(entry: str, taken: dict[str, str]) -> str:
    """NewNIC: the bridge where it takes over an address, else ""; `taken` is interface to bridge."""
    parts = entry.split("/")
    if len(parts) < 3:
        raise Dies(f"Parse nic conf {entry} failed, too short")
    iface, bridge, third = parts[:3]
    ip = "" if wire_of(entry) else third
    if ip and ip not in addresses(iface) + addresses(bridge):
        raise Dies(f"Ip {ip} is not configure on {bridge}/{iface} ?")
    if not os.path.exists(f"{NET}/{iface}"):
        raise Dies(f"{iface} not exists")
    if taken.setdefault(iface, bridge) != bridge:
        raise Dies(f"Failed to add interface: a port named {iface} already exists on bridge {taken[iface]}")
    return bridge if ip else ""


def addresses(name: str) -> list[str]:
    """The addresses of an interface, link-local ones left out."""
    done = subprocess.run(["ip", "-o", "address", "show", "dev", name], capture_output=True, text=True, check=False)
    found = re.findall(r" inet6? (\S+?)/", done.stdout)
    return [ip for ip in found if not ip.startswith(("169.254.", "fe80"))]


def interfaces(networks: list[str], items: list[str]) -> list[tuple[str, str]]:
    """Interface and wire, once for each entry that names the item (getNicsInterfaces of hostinfo.go)."""
    found = []
    for item in items:
        match = [entry for entry in networks if entry.split("/")[0] == item]
        slaves = f"{NET}/{item}/bonding/slaves"
        names = get(slaves).split(" ") if match and os.path.exists(slaves) else [item]
        for entry in match or networks[:1]:
            found += [(name, wire_of(entry)) for name in names]
    return found


def wire_of(entry: str) -> str:
    """The wire of an entry; of one in the IP form the platform finds it, which is "" here."""
    third = entry.split("/")[2]
    if "%" in third:
        return third
    try:
        ipaddress.ip_address(third)
    except ValueError:
        return third
    return ""


def sriov_nics(nics: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """getSRIOVNics: every NIC below PCI domain 0000, one error ends it all."""
    devices = []
    for name in sorted(os.listdir(NET), key=os.fsencode):
        if os.path.realpath(f"{NET}/{name}").startswith(ROOT):
            for wire in [wire for one, wire in nics if one == name]:
                devices += devices_of(name, wire)
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
    """addr, vendor:device and model out of `lspci -nnmm`; without an address `lspci -k -s` fails."""
    match = LSPCI.search(lspci("-nnmm", address))
    if match is None:
        raise Refused("exit status 1")
    addr, _, vendor, name, device, _ = match.groups()
    inner = BRACKETS.search(name)
    return {"addr": addr, "vendor_device_id": f"{vendor}:{device}", "model": inner[1] if inner else name}


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
        start(sys.argv[1], conf["networks"])
        devices, error = sriov_nics(interfaces(conf["networks"], conf.get("sriov_nics", []))), ""
    except Dies as dies:
        print(json.dumps({"message": str(dies), "devices": [], "error": ""}))
        return
    except Refused as refused:
        devices, error = [], f"get sriov nic devices {refused}"
    print(json.dumps({"message": "", "devices": devices, "error": error}))


if __name__ == "__main__":
    main()
