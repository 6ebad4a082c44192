"""The firmware of the simulated cards: three values of every setting, one store per card for all its ports.

Kept as simulation["cards"][CARD] = {"model": NAME, "nv": {SETTING: [default, current, next]}}, where CARD is the PCI
address without the function.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from typing import Any

from sriov_tui.hosts.host import Completed
from sriov_tui.hosts.machine import Machine, names, put_file, remove, text
from sriov_tui.simulated.config import OFFSET, find
from sriov_tui.simulated.drivers import DEVICES, device
from sriov_tui.simulated.log import log
from sriov_tui.simulated.mellanox.models import COMMON, MODELS, WORDS, Model

DEFAULT, CURRENT, NEXT = range(3)
TOOLS = ("mstconfig", "mlxconfig")
ATTRIBUTES = ("totalvfs", "numvfs", "drivers_autoprobe", "offset", "stride", "vf_device")
OPEN_FAILED = "-E- Failed to open the device\n"


def insert(machine: Machine, card: str, model: str, settings: dict[str, str]) -> None:
    """A card is plugged in at this address, its firmware set so and in force; its functions are already there."""
    defaults = COMMON | MODELS[model].settings
    nv = {name: [value, settings.get(name, value), settings.get(name, value)] for name, value in defaults.items()}
    machine.simulation.setdefault("cards", {})[card] = {"model": model, "nv": nv}


def cards(machine: Machine) -> dict[str, Any]:
    """Every card by its address."""
    found: dict[str, Any] = machine.simulation.get("cards", {})
    return found


def model_of(machine: Machine, address: str) -> Model | None:
    """The model of the card that this function is on; None where it is none of ours."""
    card = cards(machine).get(address.rpartition(".")[0])
    return MODELS[card["model"]] if card else None


def ports(machine: Machine, card: str) -> list[str]:
    """The PFs of a card."""
    found = [address for address in names(machine, DEVICES) if address.rpartition(".")[0] == card]
    return [address for address in found if f"{device(machine, address)}/physfn" not in machine.links]


def value(machine: Machine, address: str, name: str) -> str:
    """The value of a setting that is in force, as mstconfig prints it."""
    nv = cards(machine)[address.rpartition(".")[0]]["nv"]
    return str(nv[name][CURRENT]) if name in nv else ""


def dpu(machine: Machine, address: str) -> bool:
    """Whether the card's own processor owns its switch."""
    return value(machine, address, "INTERNAL_CPU_MODEL").startswith("EMBEDDED_CPU")


def boot(machine: Machine) -> None:
    """The machine was reset: what was set for the next boot is in force. A DPU is not reset with its host."""
    for card, state in cards(machine).items():
        if not str(state["nv"].get("INTERNAL_CPU_MODEL", [""] * 3)[CURRENT]).startswith("EMBEDDED_CPU"):
            for row in state["nv"].values():
                row[CURRENT] = row[NEXT]
        functions = ports(machine, card)
        for port, address in enumerate(functions):
            _offer(machine, address, _total(machine, address), port, len(functions))


def _total(machine: Machine, address: str) -> int:
    if not value(machine, address, "SRIOV_EN").startswith("True"):
        return 0
    own = value(machine, address, "PF_NUM_OF_VF_VALID").startswith("True")
    return int(value(machine, address, "PF_NUM_OF_VF" if own else "NUM_OF_VFS"))


def _offer(machine: Machine, address: str, total: int, port: int, count: int) -> None:
    """Let config space and sysfs say how many VFs there may be; with none, sysfs has no sriov_ files (iov.c)."""
    at = device(machine, address)
    model = model_of(machine, address)
    assert model is not None
    offset = count - port + total * port  # the VFs stand behind all PFs, those of the second port last
    config = bytearray(machine.files[f"{at}/config"])
    if (capability := find(bytes(config))) is not None:
        struct.pack_into("<3H", config, capability + 0x0C, total, total, 0)
        struct.pack_into("<2H", config, capability + OFFSET, offset, 1)
        machine.files[f"{at}/config"] = bytes(config)
    values = (total, 0, 1, offset, 1, f"{model.of.vfs[0]:x}")
    for name, content in zip(ATTRIBUTES, values, strict=True):
        if total:
            put_file(machine, f"{at}/sriov_{name}", f"{content}\n")
        else:
            remove(machine, f"{at}/sriov_{name}")


# -- mstconfig ---------------------------------------------------------------------------------------------------------


def refresh(machine: Machine) -> None:
    """Let the installed tools' queries say what is in the firmware now."""
    for tool in TOOLS:
        if not _installed(machine, tool):
            continue
        for card in cards(machine):
            for address in ports(machine, card):
                machine.queries[f"{tool} -d {address} -e q"] = _query(machine, address)


def _installed(machine: Machine, tool: str) -> bool:
    return f"/usr/bin/{tool}" in machine.files


def _query(machine: Machine, address: str) -> Completed:
    if locked(machine):
        return Completed(3, OPEN_FAILED, "")
    rows = []
    for name, (default, current, following) in sorted(cards(machine)[address.rpartition(".")[0]]["nv"].items()):
        mark = "*" if following != default or following != current else " "
        rows.append(f"{mark}       {name:<44}{default:<21}{current:<21}{following:<20}\n")
    title = f"{'Configurations:':<52}{'Default':<21}{'Current':<21}Next Boot\n"
    note = "The '*' shows parameters with next value different from default/current value.\n"
    return Completed(0, _device(machine, address) + title + "".join(rows) + note, "")


def _device(machine: Machine, address: str) -> str:
    model = model_of(machine, address)
    assert model is not None
    rows = (("Device type:", model.kind), ("Name:", model.part), ("Description:", model.about), ("Device:", address))
    return "\nDevice #1:\n----------\n\n" + "".join(f"{key:<20}{word:<20}\n" for key, word in rows) + "\n"


def locked(machine: Machine) -> bool:
    """Whether the kernel's lockdown keeps programs from config space."""
    return re.search(r"\[(integrity|confidentiality)\]", text(machine, "/sys/kernel/security/lockdown")) is not None


def run(tool: str, machine: Machine, arguments: list[str], output: Callable[[str], None]) -> int:
    """`mstconfig -y -d ADDRESS set NAME=VALUE...`; 3 with the tool's words where it refuses."""
    if not _installed(machine, tool):
        output(f"{tool}: not found on the simulated machine")
        return 127
    if arguments[:2] != ["-y", "-d"] or arguments[3:4] != ["set"] or len(arguments) < 5:
        output(f"{tool} {' '.join(arguments)}: not simulated")
        return 2
    address = arguments[2]
    card = cards(machine).get(address.rpartition(".")[0])
    if card is None or locked(machine):
        if card is not None:
            log(machine, f"Lockdown: {tool}: direct PCI access is restricted; see man kernel_lockdown.7")
        output(OPEN_FAILED.strip())
        return 3
    wanted = dict(argument.partition("=")[::2] for argument in arguments[4:])
    printed = {name: _printed(name, word, MODELS[card["model"]]) for name, word in wanted.items() if name in card["nv"]}
    unknown = [name for name in wanted if name not in card["nv"]]
    if unknown or None in printed.values():
        words = f"The Device doesn't support {unknown[0]} parameter" if unknown else "Failed to set configuration"
        output(f"-E- {words}")
        return 3
    output("Applying... Done!")
    for name, word in printed.items():
        card["nv"][name][NEXT] = word
    output("-I- Please reboot machine to load new configurations.")
    return 0


def _printed(name: str, word: str, model: Model) -> str | None:
    """A value as a query prints it, from the number or the word that it was set by; None for nonsense."""
    known = WORDS.get(name)
    if known is None:
        too_many = name in ("NUM_OF_VFS", "PF_NUM_OF_VF") and word.isdigit() and int(word) > model.max_vfs
        return str(int(word)) if word.isdigit() and not too_many else None
    upper = [entry.upper() for entry in known]
    plain = word.partition("(")[0].upper()
    number = int(plain) if plain.isdigit() else upper.index(plain) if plain and plain in upper else -1
    return f"{known[number]}({number})" if 0 <= number < len(known) and known[number] else None
