"""The simulated eswitch: its modes, how they are set, who refuses them, and the representors that come with switchdev.

simulation["eswitch"][PF] = {"mode", "inline", "encap", "steering_mode"}; a PF without driver has none. The texts are
the kernel's (eswitch_offloads); that bound VFs are refused with "Failed setting eswitch to offloads" is the reading of
NVIDIA's "make sure that all VFs are unbound".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import Machine, fail, names, put_file, remove, split, text
from sriov_tui.simulated import ovs
from sriov_tui.simulated.drivers import NETS, add_netdev, device, driver_of, link_row
from sriov_tui.simulated.links import row_of
from sriov_tui.simulated.log import log
from sriov_tui.simulated.mellanox.driver import MODULE, vendor_loaded
from sriov_tui.simulated.mellanox.firmware import cards, dpu, model_of, ports

LEGACY = {"mode": "legacy", "inline": "none", "encap": "basic", "steering_mode": "dmfs"}
CHOICES = {
    "mode": ("legacy", "switchdev"),
    "inline": ("none", "link", "network", "transport"),
    "encap": ("none", "basic"),
    "steering_mode": ("dmfs", "smfs"),
}
BUSY, FAILED = "Can't change mode, E-Switch is busy", "Failed setting eswitch to offloads"
MODES = {"legacy": "LEGACY", "switchdev": "OFFLOADS"}  # in the kernel log
INFINIBAND = 32
RULES = "/etc/udev/rules.d"
_NAMES = re.compile(
    r'ACTION=="add", KERNELS=="(?P<address>[^"]+)", [^,]*, (?P<tc>RUN\+="/sbin/ethtool -K \$name hw-tc-offload on", )?'
    r'PROGRAM=="[^"]+", NAME:="(?P<stem>[^"]+)_%c"'
)
_SET = re.compile(r"dev eswitch set pci/(?P<address>[0-9a-f:.]+) (?P<pairs>.+)")
_WORDS = {"mode": "mode", "inline-mode": "inline", "encap-mode": "encap", "encap": "encap"}


class Refused(Exception):
    """The kernel's answer to a change that it does not make: the errno's name, and its words where it has any."""

    def __init__(self, name: str, words: str = "") -> None:
        super().__init__(words)
        self.name, self.words = name, words


def state(machine: Machine, address: str) -> dict[str, str]:
    """The eswitch of a PF; changes of it stay."""
    table: dict[str, dict[str, str]] = machine.simulation.setdefault("eswitch", {})
    return table.setdefault(address, dict(LEGACY))


def is_switchdev(machine: Machine, address: str) -> bool:
    """Whether a PF is in switchdev mode."""
    return state(machine, address)["mode"] == "switchdev"


def uplink(machine: Machine, address: str) -> dict[str, Any] | None:
    """The PF's own interface, or None where it has none (no driver)."""
    rows = [row_of(machine, name) for name in names(machine, f"{device(machine, address)}/net")]
    return next((row for row in rows if row and "vf" not in row["phys_port_name"]), None)


def vfs(machine: Machine, address: str) -> list[str]:
    """The VFs of a PF by index."""
    at = device(machine, address)
    found = sorted((int(name[6:]), name) for name in names(machine, at) if name.startswith("virtfn"))
    return [split(machine.links[f"{at}/{name}"])[1] for _, name in found]


def bound(machine: Machine, address: str) -> list[str]:
    """The VFs of a PF that a driver has, vfio-pci included."""
    return [vf for vf in vfs(machine, address) if driver_of(machine, vf)]


# -- setting it --------------------------------------------------------------------------------------------------------


def change(machine: Machine, address: str, values: dict[str, str]) -> None:
    """Set what `devlink dev eswitch set` names; Refused as mlx5 does."""
    _may_be_asked(machine, address)
    current = state(machine, address)
    for name, word in values.items():
        if word not in CHOICES[name]:
            raise Refused("EINVAL")
    if values.get("mode", current["mode"]) != current["mode"]:
        _may_change_mode(machine, address, values["mode"])
        count = len(vfs(machine, address))
        for verb, mode in (("Disable", current["mode"]), ("Enable", values["mode"])):
            words = f"mode({MODES[mode]}), nvfs({count}), necvfs(0), active vports({count + 1})"
            log(machine, f"mlx5_core {address}: E-Switch: {verb}: {words}")
    current.update(values)


def _may_be_asked(machine: Machine, address: str) -> None:
    """mlx5_eswitch_check(): only Ethernet ports have one, and only who manages it may ask."""
    if driver_of(machine, address) != MODULE:
        raise Refused("ENODEV")
    link = uplink(machine, address)
    if link is not None and link["arphrd"] == INFINIBAND:
        raise Refused("EOPNOTSUPP")
    if dpu(machine, address):
        raise Refused("EPERM")


def _may_change_mode(machine: Machine, address: str, mode: str) -> None:
    if ovs.offloads_on(machine, _switch_ports(machine, address)):
        raise Refused("EBUSY", BUSY)
    if bound(machine, address):
        raise Refused("EINVAL", FAILED)
    model = model_of(machine, address)
    if mode == "switchdev" and vfs(machine, address) and model is not None and model.of.mode_first:
        log(machine, f"mlx5_core {address}: mlx5_cmd_out_err:808:(pid 4711): CREATE_FLOW_TABLE(0x930) op_mod(0x0) "
                     "failed, status bad resource state(0x9), syndrome (0x98afbb), err(-22)")  # fmt: skip
        log(machine, f"mlx5_core {address}: E-Switch: Failed to create slow path FDB Table err -22")
        raise Refused("EINVAL", FAILED)


def _switch_ports(machine: Machine, address: str) -> list[str]:
    return list(names(machine, f"{device(machine, address)}/net")) if is_switchdev(machine, address) else []


def devlink(machine: Machine, arguments: list[str], output: Callable[[str], None]) -> int:
    """`devlink dev eswitch set pci/ADDRESS mode MODE [inline-mode X] [encap-mode Y]`."""
    found = _SET.fullmatch(" ".join(arguments))
    words = found["pairs"].split() if found else []
    pairs = dict(zip(words[::2], words[1::2], strict=False))
    if not found or len(words) % 2 or not set(pairs) <= set(_WORDS):
        output(f"devlink {' '.join(arguments)}: not simulated")
        return 2
    if model_of(machine, found["address"]) is None:
        output("kernel answers: No such device")
        return 1
    try:
        change(machine, found["address"], {_WORDS[name]: word for name, word in pairs.items()})
    except Refused as refused:
        if refused.words:
            output(f"Error: mlx5_core: {refused.words}.")
        output(f"kernel answers: {fail('', refused.name).strerror}")
        return 1
    return 0


def store_compat(machine: Machine, path: str, name: str, value: str) -> None:
    """A write to compat/devlink/NAME; OSError as the vendor driver's store returns it."""
    address = split(path.partition("/net/")[0])[1]
    try:
        change(machine, address, {name: value.strip()})
    except Refused as refused:
        if refused.words:
            log(machine, f"mlx5_core {address}: {refused.words}")
        raise fail(path, refused.name) from refused


# -- what follows from it ----------------------------------------------------------------------------------------------


def follow(machine: Machine) -> None:
    """Representors, the vendor driver's files and devlink's answers, as the modes and VFs are now."""
    for card in cards(machine):
        for address in ports(machine, card):
            if driver_of(machine, address) != MODULE:
                machine.simulation.get("eswitch", {}).pop(address, None)
            _show_uplink(machine, address)
            _show_representors(machine, address)
            machine.queries[f"devlink -j dev eswitch show pci/{address}"] = _answer(machine, address)


def boot(machine: Machine) -> None:
    """The driver starts anew: legacy mode, and hw-tc-offload as nobody has switched it on yet."""
    machine.simulation.update(eswitch={})
    for card in cards(machine):
        for link in filter(None, (uplink(machine, address) for address in ports(machine, card))):
            if link.get("hw_tc_offload") == "on":
                link["hw_tc_offload"] = "off"


def _show_uplink(machine: Machine, address: str) -> None:
    link = uplink(machine, address)
    if link is None:
        return
    at = f"{device(machine, address)}/net/{link['name']}/compat"
    ethernet = link["arphrd"] != INFINIBAND
    if ethernet:
        link.setdefault("hw_tc_offload", "off")
    link["phys_switch_id"] = _switch_id(machine, address) if is_switchdev(machine, address) else ""
    remove(machine, at)
    for name, word in state(machine, address).items() if vendor_loaded(machine) and ethernet else ():
        path = f"{at}/devlink/{name}"
        put_file(machine, path, f"{word}\n", 0o644)
        if dpu(machine, address):
            del machine.files[path]
            machine.errors[path] = "EPERM"


def _switch_id(machine: Machine, address: str) -> str:
    """From the MAC of the PF, as mlx5 makes it."""
    return text(machine, f"{NETS}/{(uplink(machine, address) or {}).get('name', '')}/address").replace(":", "")


def _show_representors(machine: Machine, address: str) -> None:
    at = f"{device(machine, address)}/net"
    link = uplink(machine, address)
    count = len(vfs(machine, address)) if link and is_switchdev(machine, address) else 0
    port = address[-1]
    wanted = {f"pf{port}vf{index}": index for index in range(count)}
    there = {row["phys_port_name"] for name in names(machine, at) if (row := row_of(machine, name))}
    for name in names(machine, at):
        row = row_of(machine, name)
        if row and "vf" in row["phys_port_name"] and row["phys_port_name"] not in wanted:
            machine.netlink["links"].remove(row)
            remove(machine, f"{NETS}/{name}")
            remove(machine, f"{at}/{name}")
    for port_name, index in wanted.items() if link else ():
        if port_name not in there and link is not None:
            _add_representor(machine, address, link["name"], port_name, index)


def _add_representor(machine: Machine, address: str, pf: str, port_name: str, index: int) -> None:
    """Named by the vendor's udev rules or by systemd's (net-naming-scheme(7)); the kernel's own name where too long.

    A rule of the administrator with a final name (`:=`) wins, and may let hw-tc-offload be switched on.
    """
    rule = _rule(machine, address)
    stem = rule["stem"] if rule else re.sub(r"np\d+$", "", pf)
    name = f"{stem}_{index}" if rule or vendor_loaded(machine) else f"{stem}n{port_name}"
    if len(name) > 15:
        name = f"eth{max(row['index'] for row in machine.netlink['links'])}"
    # `wanted_features |= NETIF_F_HW_TC` is the younger driver's
    feature = "off" if vendor_loaded(machine) and not (rule and rule["tc"]) else "on"
    mac = f"02:00:{int(address[5:7], 16):02x}:{address[-1]:>02}:00:{index:02x}"
    row = link_row(name, mac, phys_port_name=port_name, phys_switch_id=_switch_id(machine, address)) | {
        "hw_tc_offload": feature
    }
    at = f"{device(machine, address)}/net/{name}"
    add_netdev(machine, address, row, {f"{at}/phys_port_name": f"{port_name}\n"})


def _rule(machine: Machine, address: str) -> re.Match[str] | None:
    """The line of udev rules that names the representors of this PF."""
    lines = (line for name in names(machine, RULES) for line in text(machine, f"{RULES}/{name}").splitlines())
    found = (_NAMES.fullmatch(line) for line in lines)
    return next((match for match in found if match and match["address"] == address), None)


def _answer(machine: Machine, address: str) -> Completed:
    try:
        _may_be_asked(machine, address)
    except Refused as refused:
        return Completed(1, "", f"kernel answers: {fail('', refused.name).strerror}\n")
    now = state(machine, address)
    values = {"mode": now["mode"], "inline-mode": now["inline"], "encap-mode": now["encap"]}
    return Completed(0, json.dumps({"dev": {f"pci/{address}": values}}) + "\n", "")
