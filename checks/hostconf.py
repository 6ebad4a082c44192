"""host.conf: does the host-agent read it, does it name the chosen cards, and the one step that writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.bonding import switch, wish
from checks.host_agent import conf_faults, networks
from checks.host_agent.intent import KEYS, Intent, intent_of, interface_known, items_of
from checks.unseen import look_again
from sriov_tui import hostconf
from sriov_tui.facts import ARPHRD_INFINIBAND, HostFacts, Pf, TextFile
from sriov_tui.hostconf import Reading
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
    Step,
    WriteFile,
    merged,
    once_for_choices,
)

ORDER = 60
STEP = conf_faults.STEP
EXCERPT = 8  # items of a list: each NIC of a long one would show them all


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """The file as such, then the chosen cards in it, then its networks."""
    yield from _found(facts, choices)


@once_for_choices
def _found(facts: HostFacts, choices: Choices) -> tuple[Finding, ...]:
    return tuple(merged(_findings(facts, choices)))


def _findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    file = facts.file(HOST_CONF)
    if file is None or file.text is None:
        yield _absent(facts, file)
        return
    intent = intent_of(facts, choices)
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
    intent = intent_of(facts, choices)
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
    stamp = f"{re.sub(r'[^0-9TZ]', '', facts.gathered_at) or 'backup'}-{(file.sha256 or '')[:8]}"
    # Two of one second differ in their digests. It does not end in .conf: who reads *.conf may not take it for one.
    # It has the passwords, too, and no ACL of the file: so it is for its owner alone.
    backup = WriteFile(path=f"{HOST_CONF}.sriov-tui-{stamp}", text=file.text, mode=mode & 0o600, expect="")
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
    return intent_of(facts, choices).text


def diff(facts: HostFacts, choices: Choices) -> str:
    """The unified diff of host.conf; "" where nothing changes."""
    file, text = facts.file(HOST_CONF), proposed(facts, choices)
    if file is None or file.text is None or text is None:
        return ""
    return hostconf.diff(file.text, text, HOST_CONF)


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
    if not interface_known(facts, nic.address):
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
    there = item in items_of(intent.now.options, nic.use)
    yield Finding(
        id="hostconf.nic",
        level=Level.OK if there else Level.WARN,
        subject=nic.address,
        title=say("{item} is in {key}.", item=item, key=key)
        if there
        else say("{item} is not in {key} yet.", item=item, key=key),
        evidence=(Evidence(intent.now.place(key, item), f"{key}: {', '.join(items_of(intent.now.options, nic.use))}"),),
        fix=None if there else Fix(title=say("Add {item} to {key}.", item=item, key=key), steps=(STEP,)),
    )
    yield _entry(facts, intent, nic, pf, item)


def _unseen(facts: HostFacts, address: str) -> Finding:
    return Finding(
        id="hostconf.nic",
        level=Level.SKIP,
        subject=address,
        title=say("Which network interface the card has cannot be seen, and host.conf knows cards only by that name."),
        fix=look_again(facts, f"/sys/bus/pci/devices/{address}", "netlink"),
        blocks=True,
    )


def _excerpt(items: tuple[str, ...], item: str) -> str:
    """A list, as far as it is short; of a long one this item, or its beginning."""
    if len(items) <= EXCERPT:
        return ", ".join(items)
    return item or f"{', '.join(items[:EXCERPT])}, ... ({len(items)})"


def _entry(facts: HostFacts, intent: Intent, nic: NicChoice, pf: Pf, item: str) -> Finding:
    """A card without an entry gets the wire of the first one."""
    entry = intent.now.options.texts.get(item, "")
    evidence = (Evidence(HOST_CONF, f"networks: {_excerpt(intent.now.options.networks, entry)}"),)
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
        for item in items_of(options, use):
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
