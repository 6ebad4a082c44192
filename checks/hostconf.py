"""host.conf: does the host-agent read it, does it name the chosen cards, and the one step that writes it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.bonding import switch, wish
from checks.host_agent import conf_faults, networks
from checks.unseen import look_again
from sriov_tui import hostconf
from sriov_tui.facts import ARPHRD_INFINIBAND, HostFacts, Pf, TextFile
from sriov_tui.hostconf import Options, Reading, reading_of_text
from sriov_tui.message import say, verbatim
from sriov_tui.model import (
    HOST_CONF,
    HOST_LOCAL_CONF,
    Choices,
    Evidence,
    Finding,
    Fix,
    Level,
    NicChoice,
    SriovError,
    Step,
    WriteFile,
    merged,
)

ORDER = 60
STEP = conf_faults.STEP
KEYS = {"sriov": "sriov_nics", "offload": "ovs_offload_nics"}


@dataclass(frozen=True, slots=True)
class Intent:
    """What the choices make of host.conf: the present reading, the new text if there is one, or why there is none.

    `items` are the name of each chosen NIC in the lists, by address; `added` the entries for `networks`;
    `refusals` the reason per address why no entry can be made.
    """

    file: TextFile
    now: Reading
    after: Reading
    text: str | None
    error: SriovError | None
    items: dict[str, str]
    added: dict[str, str]
    refusals: dict[str, str]


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """The file as such, then the chosen cards in it, then its networks."""
    yield from merged(_findings(facts, choices))


def _findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    file = facts.file(HOST_CONF)
    if file is None or file.text is None:
        yield _absent(facts, file)
        return
    intent = _intent(facts, choices, file)
    facts = wish.as_made(facts, choices)
    yield from _faults(intent)
    if intent.error is not None and choices.chosen:
        yield Finding(id="hostconf.edit", level=Level.FAIL, title=intent.error.title,
                      fix=Fix(title=intent.error.hint), blocks=True)  # fmt: skip
    for nic in choices.chosen:
        yield from _nic(facts, intent, nic)
    if intent.after.loads:
        yield from _lists(facts, intent)
        yield from _offload(facts, intent.after)
        yield from networks.findings(facts, intent.after)


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """Back the file up beside itself, then write it."""
    file = facts.file(HOST_CONF)
    if file is None or file.text is None:
        return
    intent = _intent(facts, choices, file)
    file = _left(facts, choices, file)
    if intent.text is None or intent.text == file.text:
        return
    open_keys = tuple(f.key for f in findings(facts, choices) if f.fix and STEP in f.fix.steps)
    yield write_step(facts, file, intent.text, open_keys)


def _left(facts: HostFacts, choices: Choices, file: TextFile) -> TextFile:
    """The file as the step of a bond leaves it that takes the place of a port of Open vSwitch."""
    for choice in choices.bonds:
        file = switch.left_by(facts, wish.wanted(facts, choice), file)
    return file


def write_step(facts: HostFacts, file: TextFile, text: str, resolves: tuple[str, ...]) -> Step:
    """The step that keeps host.conf as it is beside itself, and writes this text."""
    mode = file.mode if file.mode is not None else 0o644
    stamp = re.sub(r"[^0-9TZ]", "", facts.gathered_at) or "backup"
    # The name does not end in .conf: nothing that reads *.conf may take the backup for one.
    backup = WriteFile(path=f"{HOST_CONF}.sriov-tui-{stamp}", text=file.text, mode=mode, expect="")
    return Step(
        id=STEP,
        title=say("Write host.conf"),
        why=say(
            "The host-agent finds its cards there, and reads it when its pod restarts. Within 13 s "
            "sdnagent notices the change and restarts. The file as it is now is kept as {path}.",
            path=backup.path,
        ),
        operations=(backup, WriteFile(path=HOST_CONF, text=text, mode=mode, expect=file.sha256)),
        resolves=resolves,
    )


def proposed(facts: HostFacts, choices: Choices) -> str | None:
    """The new text of host.conf; None where nothing changes, or where it cannot be made."""
    file = facts.file(HOST_CONF)
    if file is None or file.text is None:
        return None
    return _intent(facts, choices, file).text


def diff(facts: HostFacts, choices: Choices) -> str:
    """The unified diff of host.conf; "" where nothing changes."""
    file, text = facts.file(HOST_CONF), proposed(facts, choices)
    if file is None or file.text is None or text is None:
        return ""
    return hostconf.diff(file.text, text, HOST_CONF)


@functools.lru_cache(maxsize=32)
def _edit(
    text: str,
    sriov: tuple[str, ...] | None,
    offload: tuple[str, ...] | None,
    added: tuple[str, ...],
    renames: tuple[tuple[str, str], ...],
) -> str | SriovError:
    try:
        renamed = hostconf.rename(text, dict(renames))
        return hostconf.edit(renamed, sriov_nics=sriov, ovs_offload_nics=offload, add_networks=added)
    except SriovError as error:
        return error


def _intent(facts: HostFacts, choices: Choices, file: TextFile) -> Intent:
    """What the choices make of the file, on the host as it is once the wished bonds are made."""
    text, below = file.text or "", facts.file(HOST_LOCAL_CONF)
    local = below.text if below else None
    now, own = reading_of_text(text, local), reading_of_text(text).options
    listed = {entry.split("/")[0] for entry in now.options.networks}
    renames = tuple(wish.names(facts, choices, listed).items())
    facts = wish.as_made(facts, choices)
    items = {nic.address: item_of(facts, nic) for nic in choices.chosen}
    added: dict[str, str] = {}
    refusals: dict[str, str] = {}
    for nic in choices.chosen:
        _entry_for(facts, now.options, wish.with_network(choices, nic), items[nic.address], renames, added, refusals)
    ports = wish.bond_names(facts, choices)
    lists = {use: _wanted(own, now.options, choices, items, use, ports) for use in KEYS}
    if refusals or not (choices.chosen or choices.bonds):
        return Intent(file, now, now, None, None, items, added, refusals)
    edited = _edit(text, lists["sriov"], lists["offload"], tuple(dict.fromkeys(added.values())), renames)
    if isinstance(edited, SriovError):
        return Intent(file, now, now, None, edited, items, added, refusals)
    after = reading_of_text(edited, local)
    return Intent(file, now, after, edited if edited != text else None, None, items, added, refusals)


def item_of(facts: HostFacts, nic: NicChoice) -> str:
    """The name of a chosen NIC in the lists: its interface, or its bond where it is a port of one."""
    pf = facts.pf(nic.address)
    if pf is None:
        return ""
    bond = facts.bond_of(pf)
    return bond.name if bond is not None else pf.netdev


def _wanted(
    own: Options, merged: Options, choices: Choices, items: dict[str, str], use: str, ports: dict[str, str]
) -> tuple[str, ...] | None:
    """The list in host.conf itself: what is there, a bond for its ports, less what is chosen for the other use, and
    what is missing."""
    present, everywhere = _items(own, use), _items(merged, use)
    mine = [items[nic.address] for nic in choices.chosen if nic.use == use and items[nic.address]]
    elsewhere = {items[nic.address] for nic in choices.chosen if nic.use != use}
    named = dict.fromkeys(ports.get(item, item) for item in present)
    wanted = tuple(item for item in named if item not in elsewhere)
    wanted += tuple(item for item in dict.fromkeys(mine) if item not in everywhere and item not in wanted)
    return wanted if wanted != present or (mine and not present) else None


def _items(options: Options, use: str) -> tuple[str, ...]:
    return options.sriov_nics if use == "sriov" else options.ovs_offload_nics


def _entry_for(
    facts: HostFacts,
    options: Options,
    nic: NicChoice,
    item: str,
    renames: tuple[tuple[str, str], ...],
    added: dict[str, str],
    refusals: dict[str, str],
) -> None:
    """The entry that `networks` needs for a NIC, into `added`; or why it cannot be made, into `refusals`."""
    link, names = facts.link(item), dict(renames)
    known = _interface_known(facts, nic.address)
    if known and not item:
        return
    if any(names.get(iface := entry.split("/")[0], iface) == item for entry in options.networks):
        return
    if link is not None and link.arphrd == ARPHRD_INFINIBAND:
        return
    why = networks.why_no_entry(facts, options, item, nic.bridge, nic.wire)
    if not known:
        why = say("Its network interface, or what lives on it, cannot be seen.")
    if why:
        refusals[nic.address] = why
    else:
        added[nic.address] = f"{item}/{nic.bridge}/{nic.wire}"


def _absent(facts: HostFacts, file: TextFile | None) -> Finding:
    if file is not None and file.state == "unreadable":
        return Finding(
            id="hostconf.present",
            level=Level.SKIP,
            title=say("{host_conf} cannot be read.", host_conf=HOST_CONF),
            fix=look_again(facts, HOST_CONF),
            blocks=True,
        )
    return Finding(
        id="hostconf.present",
        level=Level.FAIL,
        title=say("There is no {host_conf}: this is not a Cloudpods host, or not one yet.", host_conf=HOST_CONF),
        evidence=(Evidence(HOST_CONF, say("absent")),),
        fix=Fix(
            title=say("Add this host to Cloudpods first; its installer writes the file."),
            manual=say("Where the host-agent was given another file by --config, link it to this path."),
        ),
        blocks=True,
    )


def _faults(intent: Intent) -> Iterator[Finding]:
    """What the host-agent stumbles over in the file; what our edit mends does not block."""
    remaining = {conf_faults.identity(fault) for fault in intent.after.faults}
    found = [fault for fault in intent.now.faults if fault.level >= Level.WARN]
    for fault in found:
        mended = intent.text is not None and conf_faults.identity(fault) not in remaining
        yield conf_faults.finding_of(fault, mended)
    yield Finding(
        id="hostconf.loads",
        level=Level.OK if intent.now.loads else Level.FAIL,
        title=(
            say("The host-agent reads host.conf, without surprises.")
            if not found
            else say("The host-agent reads host.conf.")
        )
        if intent.now.loads
        else say("The host-agent cannot read host.conf and will not start."),
        detail=verbatim(intent.now.message),
        evidence=(Evidence(HOST_CONF, f"{len((intent.file.text or '').splitlines())} lines"),),
        fix=None
        if intent.now.loads
        else Fix(
            title=say("Fix the line that the finding about the file names."),
            steps=(STEP,) if intent.after.loads else (),
        ),
        blocks=not intent.after.loads,
    )


def _nic(facts: HostFacts, intent: Intent, nic: NicChoice) -> Iterator[Finding]:
    pf, item, key = facts.pf(nic.address), intent.items[nic.address], KEYS[nic.use]
    if not _interface_known(facts, nic.address):
        yield _unseen(facts, nic.address)
        return
    if pf is None or not item:
        yield Finding(
            id="hostconf.nic",
            level=Level.FAIL,
            subject=nic.address,
            title=say("The card has no network interface, and host.conf knows cards only by that name."),
            fix=Fix(title=say("Load the card's driver, then read the machine again.")),
            blocks=True,
        )
        return
    there = item in _items(intent.now.options, nic.use)
    yield Finding(
        id="hostconf.nic",
        level=Level.OK if there else Level.WARN,
        subject=nic.address,
        title=say("{item} is in {key}.", item=item, key=key)
        if there
        else say("{item} is not in {key} yet.", item=item, key=key),
        evidence=(Evidence(intent.now.place(key, item), f"{key}: {', '.join(_items(intent.now.options, nic.use))}"),),
        fix=None if there else Fix(title=say("Add {item} to {key}.", item=item, key=key), steps=(STEP,)),
    )
    yield _entry(facts, intent, nic, pf, item)


def _interface_known(facts: HostFacts, address: str) -> bool:
    """Whether the interface of a card was looked at, and what is above it: without that host.conf is not edited."""
    pf = facts.pf(address)
    return facts.links is not None and facts.pfs is not None and (pf is None or pf.netdevs is not None)


def _unseen(facts: HostFacts, address: str) -> Finding:
    return Finding(
        id="hostconf.nic",
        level=Level.SKIP,
        subject=address,
        title=say("Which network interface the card has cannot be seen, and host.conf knows cards only by that name."),
        fix=look_again(facts, f"/sys/bus/pci/devices/{address}", "netlink"),
        blocks=True,
    )


def _entry(facts: HostFacts, intent: Intent, nic: NicChoice, pf: Pf, item: str) -> Finding:
    """A card without an entry gets the wire of the first one."""
    entry = next((e for e in intent.now.options.networks if e.split("/")[0] == item), "")
    evidence = (Evidence(HOST_CONF, "networks: " + ", ".join(intent.now.options.networks)),)
    level, fix, blocks = Level.OK, None, False
    if entry:
        title = say("Its entry in networks is {entry}.", entry=entry)
    elif nic.address in intent.refusals:
        level, blocks = Level.FAIL, True
        title = say("{item} has no entry in networks. {refusals}", item=item, refusals=intent.refusals[nic.address])
        fix = Fix(title=say("Give the bridge (a free name such as br1) and the wire as the platform shows it."))
    elif nic.address in intent.added:
        level, title = Level.WARN, say("networks will get {added}.", added=intent.added[nic.address])
        fix = Fix(title=say("Add the entry."), steps=(STEP,))
    else:
        title = say("InfiniBand cards have no entry in networks: they get the wire of the first one.")
    return Finding(id="hostconf.network-entry", level=level, subject=nic.address, title=title, evidence=evidence,
                   fix=fix, blocks=blocks)  # fmt: skip


def _offload(facts: HostFacts, after: Reading) -> Iterator[Finding]:
    """Offload is Open vSwitch's, and InfiniBand has no part in it."""
    options = after.options
    if options.ovs_offload_nics and options.bridge_driver != "openvswitch":
        yield Finding(
            id="hostconf.offload",
            level=Level.FAIL,
            title=say(
                "ovs_offload_nics needs Open vSwitch, but bridge_driver is {bridge_driver}.",
                bridge_driver=options.bridge_driver,
            ),
            fix=Fix(title=say("Use the cards for plain SR-IOV, or change bridge_driver to openvswitch.")),
            blocks=True,
        )
    for item in options.ovs_offload_nics:
        link = facts.link(item)
        if link is not None and link.arphrd == ARPHRD_INFINIBAND:
            yield Finding(
                id="hostconf.offload",
                level=Level.FAIL,
                subject=after.place("ovs_offload_nics", item),
                title=say("{item} is InfiniBand, which Open vSwitch cannot use.", item=item),
                fix=Fix(title=say("Move {item} to sriov_nics.", item=item)),
                blocks=True,
            )


def _lists(facts: HostFacts, intent: Intent) -> Iterator[Finding]:
    """A card that is named twice, by itself or through its bond, has every VF listed twice."""
    options = intent.after.options
    named: dict[str, list[str]] = {}
    for use, key in KEYS.items():
        for item in _items(options, use):
            link = facts.link(item)
            for port in link.bond.ports if link and link.bond else (item,):
                named.setdefault(port, []).append(say("{item} in {key}", item=item, key=key))
    twice = {port: places for port, places in named.items() if len(places) > 1}
    for port, places in twice.items():
        yield Finding(
            id="hostconf.lists",
            level=Level.FAIL,
            subject=port or "host",
            title=say(
                "{port} is named {count_of_places} times ({places}): its VFs would be listed as often.",
                port=port,
                count_of_places=len(places),
                places=", ".join(places),
            ),
            detail=say(
                "The lists of {host_local_conf} are added to those of {host_conf}.",
                host_local_conf=HOST_LOCAL_CONF,
                host_conf=HOST_CONF,
            ),
            fix=Fix(title=say("Keep {port} once, in one of the two lists.", port=port)),
            blocks=True,
        )
    if named and not twice:
        yield Finding(id="hostconf.lists", level=Level.OK, title=say("No card is named twice."))
