"""Which tool makes a bond on this host: the one whose files configure the port that carries something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from checks.bonding import (
    BondChanges,
    BondSpec,
    Files,
    NotMine,
    Unsupported,
    ifcfg,
    ifupdown,
    keyfile,
    layers,
    netplan,
    network_files,
    networkd,
    profiles,
    proof,
    scripts,
    stanzas,
    wicked,
)
from checks.bonding.config import Configs
from sriov_tui.facts import HostFacts
from sriov_tui.message import say
from sriov_tui.model import Operation, Run, WriteFile

PATIENCE = 60  # seconds until a tool has put both ports into the bond
Room = Callable[[BondSpec, Files], BondChanges]
Read = Callable[[BondSpec, Files], Configs]
ROOMS: dict[str, tuple[Room, Read, tuple[str, ...]]] = {
    "netplan": (netplan.make, netplan.read, layers.FOLDERS),
    "NetworkManager": (keyfile.make, keyfile.read, (*profiles.FOLDERS, profiles.DEVICES, ifcfg.FOLDER)),
    "network-scripts": (scripts.make, scripts.read, (ifcfg.FOLDER,)),
    "systemd-networkd": (networkd.make, networkd.read, network_files.FOLDERS),
    "ifupdown": (ifupdown.make, ifupdown.read, (stanzas.MAIN, *stanzas.FOLDERS)),
    "wicked": (wicked.make, wicked.read, (wicked.FOLDER,)),
}
"""For each word of `HostFacts.network_managers`: the room, its reader, and the beginnings of the paths of its files."""
SAME_FILES = ({"NetworkManager", "network-scripts"}, {"netplan", "systemd-networkd"}, {"netplan", "NetworkManager"})
"""Tools that read one another's files: that both know a port is no conflict."""
CLOUD_INIT = ("generated from information provided by the datasource", "cloud-init")
CLOUD_FOLDER = "/etc/cloud/cloud.cfg.d"
CLOUD_OFF = f"{CLOUD_FOLDER}/99-sriov-tui-network.cfg"
CLOUD_TEXT = (
    "# Written by sriov-tui: cloud-init would write the network configuration again.\nnetwork: {config: disabled}\n"
)


def choose(facts: HostFacts, wanted: BondSpec) -> tuple[str, BondChanges]:
    """The tool that makes this bond, and what it takes; Unsupported where none can.

    Only where no file of a tool configures the carrier is the next one asked: what one refuses no other may do.
    """
    used = [name for name in facts.network_managers or () if name in ROOMS]
    if not used:
        unread = facts.network_managers is None
        raise Unsupported(
            say("What configures the network of this host could not be read.")
            if unread
            else say("What configures the network of this host is not known.")
        )
    refusals: list[Unsupported] = []
    for name in used:
        files = files_of(facts, name)
        try:
            recipe = ROOMS[name][0](wanted, files)
        except NotMine as unclear:
            refusals.append(unclear)
            continue
        _only_one(facts, wanted, name, used)
        proof.prove(facts, wanted, name, ROOMS[name][1], files, recipe)
        return name, _without_cloud_init(facts, recipe, files)
    raise refusals[0]


def _only_one(facts: HostFacts, wanted: BondSpec, tool: str, used: list[str]) -> None:
    """Unsupported where another tool in use configures a port, too: it would go on doing so."""
    for other in used:
        if other == tool or {other, tool} in SAME_FILES:
            continue
        for port, got in ROOMS[other][1](wanted, files_of(facts, other)).items():
            if port in wanted.ports and not got.idle:
                raise Unsupported(
                    say("{tool} and {other} both configure {port}.", tool=tool, other=other, port=port),
                    say("Remove {port} from the files of one of them; then read the machine again.", port=port),
                )


def _without_cloud_init(facts: HostFacts, recipe: BondChanges, files: Files) -> BondChanges:
    """The recipe with cloud-init told not to write the network files again, where it wrote one that changes."""
    its = [path for path in recipe.files if any(word in files.get(path, "")[:800] for word in CLOUD_INIT)]
    its += [path for path in recipe.files if path in files and "cloud-init" in path and path not in its]
    off = any(file.path.startswith(f"{CLOUD_FOLDER}/") and file.text and "config: disabled" in file.text
              for file in facts.files)  # fmt: skip
    if not its or off:
        return recipe
    told = say(
        "cloud-init wrote {path}; {off} keeps it from writing that again (cloud-init's documented switch).",
        path=its[0],
        off=CLOUD_OFF,
    )
    return replace(recipe, files={**recipe.files, CLOUD_OFF: CLOUD_TEXT}, told=(*recipe.told, told))


def files_of(facts: HostFacts, tool: str) -> dict[str, str]:
    """The files of a tool that were read, path -> text; Unsupported where one could not be."""
    starts = ROOMS[tool][2]
    own = [f for f in facts.files if any(f.path == start or f.path.startswith(f"{start}/") for start in starts)]
    for file in own:
        if file.state == "unreadable":
            raise Unsupported(
                say("{path} could not be read, and may configure a port.", path=file.path),
                say("Read it as root; then read the machine again."),
            )
    return {f.path: f.text for f in own if f.text is not None}


def operations(facts: HostFacts, wanted: BondSpec, recipe: BondChanges) -> tuple[Operation, ...]:
    """The recipe in its order, then a wait until the bond has its ports."""
    return (*recipe.before, *writes(facts, recipe), *recipe.after, enslaved(wanted))


def writes(facts: HostFacts, recipe: BondChanges) -> tuple[WriteFile, ...]:
    """The files of a recipe; one that is there keeps its mode."""
    found = []
    for path, text in recipe.files.items():
        file = facts.file(path)
        there = file is not None and file.state == "present"
        mode = file.mode if there and file and file.mode is not None else recipe.mode
        found.append(WriteFile(path=path, text=text, mode=mode, expect=(file.sha256 or "") if there and file else ""))
    return tuple(found)


def enslaved(wanted: BondSpec) -> Run:
    """Waits for both ports: systemd-networkd, and netplan with it, answer before they have done their work."""
    there = " && ".join(f"test -e /sys/class/net/{port}/master" for port in wanted.ports)
    return Run(argv=("timeout", str(PATIENCE), "sh", "-c", f"until {there}; do sleep 1; done"), timeout=PATIENCE + 5.0)
