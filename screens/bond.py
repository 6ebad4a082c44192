"""The bond of step 5: its ports, mode and name, beside what is there now. Nothing is done here but to choose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input

from screens import words
from screens.header import above
from screens.key_row import KeyRow
from screens.text import Text
from screens.widgets import Field, Marks, Pane, PushButton, Rows, TooSmall
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.message import Message, join, say
from sriov_tui.model import BOND_CHOICES, BondChoice, Choices

MODES = {
    "802.3ad": say("mode 4, LACP; the switch has to be set up for it"),
    "active-backup": say("mode 1, one link at a time; any switch"),
    "balance-xor": say("mode 2; a static channel on the switch"),
}
Answer = tuple[BondChoice, ...] | None
"""The bonds that are wished now; None where everything stays as it was."""


def there_now(facts: HostFacts) -> str:
    """The bonds that the kernel has."""
    found = [
        say(
            "{name}: {mode} of {ports}",
            name=link.name,
            mode=link.bond.mode or "?",
            ports=", ".join(link.bond.ports) or say("no ports"),
        )
        for link in facts.links or ()
        if link.bond
    ]
    return words.line("; ".join(found)) or say("no bond")


def wished(choices: Choices) -> str:
    """The bonds that are to be made."""
    found = [
        say(
            "{name}, {mode}, of {ports}",
            name=bond.name,
            mode=bond.mode,
            ports=" and ".join(bond.ports) or say("no ports"),
        )
        for bond in choices.bonds
    ]
    return join("; ", found) if found else say("leave as it is")


class BondScreen(ModalScreen[Answer]):
    """A box with the ports to mark, the mode, the name; Esc leaves everything as it was."""

    AUTO_FOCUS = "#bond-ports"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f10,ctrl+q,ctrl+c", "cancel", "Cancel")]

    def __init__(self, facts: HostFacts, choices: Choices) -> None:
        super().__init__()
        self.facts = facts
        self.others = choices.bonds[1:]
        chosen = tuple(nic.address for nic in choices.chosen)
        self.wish = choices.bonds[0] if choices.bonds else BondChoice(ports=chosen if len(chosen) == 2 else ())
        self.pfs = [pf for pf in facts.pfs or () if pf.netdev]

    def compose(self) -> ComposeResult:
        """What is there, the three choices, the answers."""
        yield from above(self)
        with Vertical(classes="box") as box:
            box.border_title = words.content(say("Bond"))
            with Pane(classes="text"):
                yield Text(words.assemble((say("Now   "), "dim"), there_now(self.facts)))
                yield Text(words.content(say("Mark two ports with Space. What one of them carries moves to the bond.")))
                yield Marks(self.port_lines(), id="bond-ports")
                yield Text(words.content(say("Mode: Space or Enter.")), classes="spaced")
                yield Marks(self.mode_lines(), id="bond-modes")
                yield Horizontal(
                    Text(words.content(say("Name  ")), classes="cells"),
                    Field(self.wish.name, hint=say("such as bond0"), most=15, id="bond-name"),
                    classes="field",
                )
                yield from self.session_line()
            yield Text("", id="bond-said", classes="crop")
            with Horizontal(classes="answers"):
                yield PushButton(say("Leave as it is"), "bond-leave")
                yield PushButton(say("Create this bond"), "bond-take")
        yield KeyRow(((say("Space"), say("Mark")), ("Tab", say("Next part")), ("Esc", say("Leave as it is"))))
        yield TooSmall()

    def session_line(self) -> Iterable[Rows]:
        """Only where a port carries the session: whether that may be moved."""
        if any(words.carries_ssh(self.facts, pf.address) for pf in self.pfs):
            yield Marks([self.session_mark()], id="bond-session")

    def session_mark(self) -> Content:
        """The line with its mark."""
        mark = "[x]" if self.wish.over_session else "[ ]"
        return words.content(
            say("{mark} Also over the link of this SSH session: rolled back unless confirmed", mark=mark)
        )

    def port_lines(self) -> list[Content]:
        """Every port with its mark and what it carries now."""
        limits, header = (3, 12, 15, 26), ("", "", "", "")
        rows = [(self.mark(pf), pf.address, pf.netdev, self.carries(pf)) for pf in self.pfs]
        return [words.content(text) for text in words.columns(header, rows, limits)[1:]]

    def mark(self, pf: Pf) -> str:
        """Whether it is a port of the wish."""
        return "[x]" if pf.address in self.wish.ports else "[ ]"

    def carries(self, pf: Pf) -> Message:
        """What a port carries now, in a word."""
        link = self.facts.link(pf.netdev)
        if words.carries_ssh(self.facts, pf.address):
            return words.your_ssh(self.facts)
        if link is None:
            return Message("?")
        found: list[str] = [say("port of {master}", master=link.master)] if link.master else []
        found += [address.ip for address in link.addresses if address.scope == "global"]
        found += [other.name for other in self.facts.links or () if other.parent == link.name]
        return join(", ", found) if found else say("idle")

    def mode_lines(self) -> list[Content]:
        """The three modes, the wished one marked."""
        return [
            words.content(
                say("(o) {mode}: {modes}", mode=mode, modes=MODES[mode])
                if mode == self.wish.mode
                else say("( ) {mode}: {modes}", mode=mode, modes=MODES[mode])
            )
            for mode in BOND_CHOICES
        ]

    @on(Rows.Toggled)
    def change(self, event: Rows.Toggled) -> None:
        """Mark or unmark a port, take a mode, allow the session's link to move."""
        at = event.index
        match event.rows.id:
            case "bond-ports":
                address = self.pfs[at].address
                ports = tuple(port for port in self.wish.ports if port != address)
                self.wish = replace(self.wish, ports=ports if address in self.wish.ports else (*ports, address))
                self.query_one("#bond-ports", Rows).show(self.port_lines())
            case "bond-modes":
                self.wish = replace(self.wish, mode=BOND_CHOICES[at])
                self.query_one("#bond-modes", Rows).show(self.mode_lines())
            case _:
                self.wish = replace(self.wish, over_session=not self.wish.over_session)
                self.query_one("#bond-session", Rows).show([self.session_mark()])

    @on(Input.Changed, "#bond-name")
    def take_name(self, event: Input.Changed) -> None:
        """Take the name as it is typed."""
        self.wish = replace(self.wish, name=event.value.strip())

    @on(Button.Pressed)
    def press(self, event: Button.Pressed) -> None:
        """Take the wish, or wish no bond."""
        if event.button.id == "bond-leave":
            self.dismiss(self.others)
        elif len(self.wish.ports) != 2:
            count = len(self.wish.ports)
            self.query_one("#bond-said", Text).update(
                words.content(say("A bond has two ports; {count} are marked.", count=count))
            )
            self.query_one("#bond-ports").focus()
        else:
            self.dismiss((self.wish, *self.others))

    def action_cancel(self) -> None:
        """Everything stays as it was."""
        self.dismiss(None)
