"""Names that stay when a card goes to switchdev mode, and VFs that NetworkManager leaves alone: one file of udev rules.

The vendor's own 82-net-setup-link.rules are not touched: what is set here is final (`:=`), so they cannot change it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from checks import firmware, offload
from sriov_tui.facts import HostFacts, Pf, once_for_facts
from sriov_tui.message import say
from sriov_tui.model import (
    NAMES_RULES_FILE,
    Choices,
    Evidence,
    Finding,
    Fix,
    Level,
    Run,
    Step,
    WriteFile,
)

ORDER = 51
LONGEST = 15  # IFNAMSIZ without its end
HEADER = """\
# Written by sriov-tui: the names of cards in switchdev mode and of the representors of their VFs, which take rules of
# tc; NetworkManager leaves VFs and representors alone. The vendor's 82-net-setup-link.rules may stay: := is final.
SUBSYSTEM!="net", GOTO="sriov_tui_end"
ENV{.SRIOV_TUI_PORT}="own"
ATTR{phys_port_name}=="*pf*vf*", ENV{.SRIOV_TUI_PORT}="vf"
ATTR{phys_port_name}=="*pf*sf*", ENV{.SRIOV_TUI_PORT}="sf"
"""
FOOTER = 'LABEL="sriov_tui_end"\n'


def findings(facts: HostFacts, choices: Choices) -> Iterator[Finding]:
    """Per PF that shall offload: is its name pinned, and who else would touch its VFs."""
    file = facts.file(NAMES_RULES_FILE)
    lines = {*file.text.splitlines()} if file and file.text else set()
    for pf in offload.wanted(facts, choices):
        pinned = all(line in lines for line in rules(facts, choices, pf))
        yield Finding(
            id="names.pinned",
            level=Level.OK if pinned else Level.WARN,
            subject=pf.address,
            title=say(
                "It stays {netdev} in switchdev mode, its representors are {facts}_0 and on.",
                netdev=pf.netdev,
                facts=stem(facts, choices, pf),
            )
            if pinned
            else say("In switchdev mode {netdev} may get another name, and host.conf names it.", netdev=pf.netdev),
            evidence=(Evidence(NAMES_RULES_FILE, file.state if file else "not read"),),
            fix=None if pinned else Fix(title=say("Pin its name by a udev rule."), steps=("names.rules",)),
        )


def steps(facts: HostFacts, choices: Choices) -> Iterator[Step]:
    """Write the rules; those of cards that shall not offload any more go."""
    pfs = offload.wanted(facts, choices)
    file = facts.file(NAMES_RULES_FILE)
    wanted = _text(facts, choices, pfs)
    if wanted is None and (file is None or file.text is None or not choices.chosen):
        return
    if file is not None and wanted == file.text:
        return
    yield Step(
        id="names.rules",
        title=say("Pin the names of cards and representors") if pfs else say("Remove the names of representors"),
        why=say("In switchdev mode udev may rename a card, and host.conf, bonds and Open vSwitch know it by its name."),
        operations=(
            WriteFile(path=NAMES_RULES_FILE, text=wanted, expect=(file.sha256 or "") if file else None),
            Run(argv=("udevadm", "control", "--reload"), undo=("udevadm", "control", "--reload")),
        ),
        resolves=tuple(f"names.pinned {pf.address}" for pf in pfs),
    )


def rules(facts: HostFacts, choices: Choices, pf: Pf) -> tuple[str, ...]:
    """The lines about one PF: its own name, its representors, and its VFs."""
    at = f'KERNELS=="{pf.address}", ENV{{.SRIOV_TUI_PORT}}'
    number = "PROGRAM==\"/bin/sh -c 'n=$attr{phys_port_name}; echo $${n##*vf}'\""
    own = f'ACTION=="add", {at}=="own", NAME:="{pf.netdev}"'
    representor = (
        f'ACTION=="add", {at}=="vf", RUN+="/sbin/ethtool -K $name hw-tc-offload on", {number}, '
        f'NAME:="{stem(facts, choices, pf)}_%c"'
    )
    unmanaged = (
        f'{at}=="vf", ENV{{NM_UNMANAGED}}="1"',
        f'ATTR{{device/physfn/uevent}}=="*PCI_SLOT_NAME={pf.address}*", ENV{{NM_UNMANAGED}}="1"',
    )
    managed = facts.network_managers is None or "NetworkManager" in facts.network_managers
    return (own, representor, *(unmanaged if managed else ()))


def stem(facts: HostFacts, choices: Choices, pf: Pf) -> str:
    """What the names of a PF's representors begin with: its own name without npN, as the vendor's rules have it.

    By its place on the bus where that would be longer than 15 bytes with the number of the last VF, or not its alone.
    """
    short = _without_port(pf.netdev)
    last = max((firmware.after_reboot(facts, choices, pf) or pf.totalvfs or 1) - 1, 0)
    if len(f"{short}_{last}".encode()) <= LONGEST and _shorts(facts)[short] < 2:
        return short
    return f"vf{pf.address[5:].replace(':', '').replace('.', '')}"


@once_for_facts
def _shorts(facts: HostFacts) -> Counter[str]:
    """How many PFs have an interface of each short name."""
    return Counter(name for pf in facts.pfs or () for name in {*map(_without_port, pf.netdevs or ())})


def _without_port(netdev: str) -> str:
    return re.sub(r"np\d+$", "", netdev)


def _text(facts: HostFacts, choices: Choices, pfs: tuple[Pf, ...]) -> str | None:
    """The whole file, with the lines of PFs that nothing is decided about as they are; None where nothing is left."""
    file = facts.file(NAMES_RULES_FILE)
    decided = {choice.address for choice in choices.chosen}
    kept = [
        line
        for line in (file.text or "" if file else "").splitlines()
        if (found := re.search(r'KERNELS=="([^"]+)"|PCI_SLOT_NAME=([^*"]+)', line))
        and (found[1] or found[2]) not in decided
    ]
    lines = [*kept, *(line for pf in pfs for line in rules(facts, choices, pf))]
    return HEADER + "".join(f"{line}\n" for line in lines) + FOOTER if lines else None
