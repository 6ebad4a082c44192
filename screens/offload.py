"""Step 5: the network that each chosen card belongs to, and whether Open vSwitch offload is possible on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from screens import words
from screens.base import STEP_KEYS, StepScreen, pair
from screens.bond import Answer, BondScreen, there_now, wished
from screens.long_pane import LongPane
from screens.text import Text
from screens.widgets import Field, Marks, Pane, Rows
from sriov_tui.message import NOTHING, Message, say
from sriov_tui.model import HOST_CONF, Finding, Level, NicChoice

ROWS = 5  # of a card
ENTRY, POSSIBLE = "hostconf.network-entry", "offload.possible"


def missing_entry(findings: Iterable[Finding], nic: NicChoice) -> bool:
    """Whether `networks` has no entry for this card: then bridge and wire are asked for."""
    entries = [finding for finding in findings if finding.id == ENTRY and finding.subject == nic.address]
    return bool(nic.bridge or nic.wire) or any(finding.level >= Level.WARN for finding in entries)


class OffloadScreen(StepScreen):
    """For each chosen card: its entry in `networks` or the fields to make one, then offload and bond."""

    STEP = 5
    told = 0  # cards that the body has told so far
    HELP_TEXT = say(
        "The host-agent finds the platform network (wire) of a VF through the entry of its card in "
        "`networks` of {host_conf}: interface/bridge/wire. A card without an entry is put on the "
        "wire of the first entry, which is almost never right. Give a bridge name that is not used "
        "yet, such as br1, and the name of the wire as the platform shows it. Never make such an "
        "entry for an interface that has an IP address.\n\nOffload moves the traffic of VFs through "
        "Open vSwitch into the card. It needs a ConnectX card, the vendor's driver and switchdev "
        "mode. Where it is possible, Space on the line switches it; the line also shows the card's "
        "mode now. A port that something uses changes its mode at the next boot, the others at once, "
        "and at every boot a systemd unit sets it again. Open vSwitch is restarted now, or by the "
        "reboot.\n\nA bond of two ports is made by the tool that configures this host's network. To "
        "be offloaded it must have both ports of one card; then it is one switch in the card "
        "(VF-LAG), and host.conf names the bond alone.",
        host_conf=HOST_CONF,
    )

    ABOUT: ClassVar[dict[str, str]] = {
        "bridge": say(
            "The name of a bridge for this card that is not there yet, such as br1: up to 15 letters and digits."
        ),
        "wire": say(
            "The name of the platform network (wire), as the platform shows it; its VFs get their addresses there."
        ),
        "bond": say(
            "Enter opens the box of a new bond: two ports, a mode, a name; what is there now is shown next to it."
        ),
        "offload": say("Space switches between plain VFs and VFs whose traffic Open vSwitch moves into the card."),
    }

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """Space on the line of a card that can offload."""
        return ((say("Space"), say("Offload")), *STEP_KEYS)

    def excerpt(self) -> Message:
        """What this is about."""
        return say(
            "Each card belongs to one platform network, by its entry in host.conf.\n"
            "Offload to Open vSwitch is an option of some cards only."
        )

    def pane(self) -> Pane:
        """The cards that are seen, the others once they come near."""
        return LongPane(self.body(), self.rows_left, id="body")

    def body(self) -> Iterable[Widget]:
        """A block for each chosen card."""
        if not self.state.choices.chosen:
            yield Text(
                words.content(
                    say("No card is chosen: go back to step 1 to choose one, or go on to change nothing here.")
                )
            )
        for index in range(len(self.state.choices.chosen)):
            self.told = index + 1
            yield from self.card(index, self.state.choices.chosen[index])
        if self.state.choices.chosen:
            yield Rows([self.bond_line()], id="bond", classes="spaced")

    def rows_left(self) -> int:
        """Those of the cards that were not told yet, and the line of the bond."""
        return (len(self.state.choices.chosen) - self.told) * ROWS + 1

    def bond_line(self) -> Content:
        """The wish for a bond beside what is there; Enter opens its box."""
        now, wish = there_now(self.state.facts), wished(self.state.choices)
        return words.content(
            say(
                "New bond    {value}",
                value=words.fit(say("{wish} (now: {now}). Enter changes it.", wish=wish, now=now), 64),
            )
        )

    @on(Rows.OptionSelected, "#bond")
    def open_bond(self) -> None:
        """Show the box of the bond, and take what it hands back."""
        self.app.push_screen(BondScreen(self.state.facts, self.state.choices), self.take_bonds)

    async def take_bonds(self, answer: Answer) -> None:
        """Take the wish; the cards are shown anew, since two ports of a bond have one network."""
        if answer is None:
            return
        self.choose(replace(self.state.choices, bonds=answer))
        await self.query_one(LongPane).show_anew(self.body())
        self.query_one("#bond").focus()

    def place_of(self, finding: Finding) -> Widget | None:
        """The field that is empty, or else the first of its card; the line of the bond."""
        at = next((i for i, nic in enumerate(self.state.choices.chosen) if nic.address == finding.subject), None)
        if finding.id.startswith("bond.") or at is None:
            return next(iter(self.query("#bond")), None)
        fields = [field for kind in ("bridge", "wire") for field in self.query(f"#{kind}-{at}").results(Input)]
        fields.sort(key=lambda field: bool(field.value.strip()))
        return fields[0] if fields else next(iter(self.query(f"#offload-{at}")), None)

    def card(self, index: int, nic: NicChoice) -> Iterable[Widget]:
        """The block of one card."""
        pf = self.state.facts.pf(nic.address)
        name = words.name(pf.name or "") if pf else ""
        label = words.name(words.pf_label(pf)) if pf else nic.address
        yield Text(words.assemble((label, "bold"), "  ", (name, "dim")), classes="crop")
        wish = next((bond for bond in self.state.choices.bonds if nic.address in bond.ports), None)
        if wish is not None and nic.address != wish.ports[0]:
            yield pair(
                say("Network"), say("that of {name}: see {ports}", name=words.name(wish.name), ports=wish.ports[0])
            )
        elif missing_entry(self.state.findings, nic):
            yield pair(say("Network now"), say("no entry in host.conf; to leave it unchanged, unmark it in step 1"))
            yield Horizontal(
                Text(words.content(say("    request")), classes="label"),
                Text(words.content(say("bridge ")), classes="cells"),
                self.field("bridge", index, nic.bridge, say("such as br1")),
                Text(words.content(say("  wire ")), classes="cells"),
                self.field("wire", index, nic.wire, say("its name on the platform")),
                classes="field",
            )
        else:
            yield pair(say("Network"), self.entry(nic))
        yield self.offload_line(index, nic)
        bond = self.state.facts.bond_of(pf) if pf else None
        text = (
            say("port of {name}, which host.conf names", name=words.name(bond.name))
            if bond
            else say("not part of a bond")
        )
        if wish is not None:
            text = (
                say("{text}; will be a port of {name}", text=text, name=words.name(wish.name))
                if bond
                else say("none now; will be a port of {name}", name=words.name(wish.name))
            )
        yield pair(say("Bond"), text)

    def finding(self, id: str, nic: NicChoice) -> Finding | None:
        """The finding of this id about this card."""
        return next((f for f in self.state.findings if f.id == id and f.subject == nic.address), None)

    def entry(self, nic: NicChoice) -> Message:
        """What is known of the card's entry in `networks`."""
        found = self.finding(ENTRY, nic)
        return found.title if found else say("nothing is known of its entry in host.conf")

    def can_offload(self, nic: NicChoice) -> bool:
        """Whether the check says that offload is possible, or it is wished and has to be taken back."""
        found = self.finding(POSSIBLE, nic)
        return nic.use == "offload" or (found is not None and found.level is Level.OK)

    def field(self, kind: str, index: int, value: str, hint: str) -> Input:
        """A field for one part of the entry."""
        longest = 15 if kind == "bridge" else 64  # IFNAMSIZ less its end; the platform's column
        return Field(value, hint=hint, id=f"{kind}-{index}", most=longest).add_class(kind)

    def offload_line(self, index: int, nic: NicChoice) -> Widget:
        """Offload as a line to toggle where it is possible, else the reason why not, in the check's words."""
        if not self.can_offload(nic):
            found = self.finding(POSSIBLE, nic)
            return pair(say("Offload"), (words.line(found.title) if found else say("not known of this card")))
        return Marks([self.offload_mark(nic)], id=f"offload-{index}")

    def offload_mark(self, nic: NicChoice) -> Content:
        """The line with its mark, and the mode of the card's switch now."""
        pf = self.state.facts.pf(nic.address)
        now = (
            say("; {mode} now", mode=words.name(pf.eswitch.mode)) if pf and pf.eswitch and pf.eswitch.mode else NOTHING
        )
        return words.content(
            say("Offload     [x] through Open vSwitch (switchdev{now})", now=now)
            if nic.use == "offload"
            else say("Offload     [ ] through Open vSwitch (switchdev{now})", now=now)
        )

    @on(Rows.Toggled)
    def toggle(self, event: Rows.Toggled) -> None:
        """Switch between plain VFs and offload."""
        if not (event.rows.id or "").startswith("offload-"):
            return
        nic = self.state.choices.chosen[int((event.rows.id or "").removeprefix("offload-"))]
        nic = replace(nic, use="sriov" if nic.use == "offload" else "offload")
        self.choose(self.state.choices.with_nic(nic))
        event.rows.show([self.offload_mark(nic)])

    @on(Input.Changed)
    def take(self, event: Input.Changed) -> None:
        """Take a bridge or wire name as it is typed."""
        kind, _, index = (event.input.id or "").partition("-")
        nic, value = self.state.choices.chosen[int(index)], event.value.strip()
        changed = replace(nic, bridge=value) if kind == "bridge" else replace(nic, wire=value)
        if changed != nic:
            self.choose(self.state.choices.with_nic(changed))
