"""Step 4: how many VFs each chosen card gives, and the truth about what the host-agent makes of it."""

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
from screens.base import STEP_KEYS, StepScreen
from screens.long_pane import LongPane
from screens.text import Text
from screens.widgets import Field, Marks, Pane, Rows
from sriov_tui.facts import Pf
from sriov_tui.language import _
from sriov_tui.message import Message, say
from sriov_tui.model import Finding, NicChoice

VENDOR_MELLANOX = 0x15B3
HEADER = (say("PCI address"), say("Interface"), say("Now"), say("Offered"))
LIMITS = (12, 15, 5, 7)
ROWS = 3  # of a card


def total_changeable(pf: Pf) -> bool:
    """Whether the number that the card offers can be set: ConnectX, by NUM_OF_VFS in its firmware."""
    return pf.vendor == VENDOR_MELLANOX


class VfsScreen(StepScreen):
    """One line for each chosen card: now, offered, and a field only where the number is a real choice."""

    STEP = 4
    told = 0  # cards that the body has told so far
    ABOUT: ClassVar[dict[str, str]] = {
        "wish": say(
            "How many VFs this card should offer. Empty means all that it offers now; another number "
            "is written into its firmware and takes effect after a reboot. Digits only; the line "
            "below shows the result."
        ),
        "card": say("A card whose driver offers one number of VFs and no other. F3 shows the whole card."),
        "when": say("Space or Enter switches between now and the next boot, for a card that carries your SSH session."),
    }
    HELP_TEXT = say(
        "At each start the host-agent writes the number that the driver offers (sriov_totalvfs) "
        "into sriov_numvfs. 0 VFs or exactly this number work; with any other number the kernel "
        "answers EBUSY and the host-agent reports no VF of any card. So a smaller number is a "
        "choice only where the card's firmware can offer fewer: on ConnectX cards (NUM_OF_VFS, "
        "one number for both ports). A card that carries your SSH session makes its VFs at the "
        "next boot; made now, its link drops, and the VFs are removed again by themselves unless "
        "you press c afterwards or run `sriov-tui confirm` in a new connection."
    )

    KEYS = ((say("Space"), say("Now")), *STEP_KEYS)

    def excerpt(self) -> Message:
        """The truth about the number."""
        return say(
            "At its start the host-agent makes as many VFs as the driver offers; any other\n"
            "number makes it report none, of any card. Step 1 can leave a card unchanged."
        )

    @property
    def chosen(self) -> tuple[tuple[NicChoice, Pf | None], ...]:
        """The chosen cards with what is known of them."""
        return tuple((nic, self.state.facts.pf(nic.address)) for nic in self.state.choices.chosen)

    def pane(self) -> Pane:
        """The cards that are seen, the others once they come near."""
        return LongPane(self.body(), self.rows_left, id="body")

    def body(self) -> Iterable[Widget]:
        """A line for each chosen card, and below it what will be."""
        if not self.chosen:
            yield Text(
                words.content(
                    say("No card is chosen: go back to step 1 to choose one, or go on to change nothing here.")
                )
            )
            return
        header, *rows = self.table()
        yield Text(words.verbatim(f"{header}  {_(say('Request'))}"), classes="columns")
        for index, text in enumerate(rows):
            self.told = index + 1
            nic, pf = self.chosen[index]
            if pf is not None and total_changeable(pf):
                yield Horizontal(
                    Text(words.verbatim(f"{text}  "), classes="cells"), self.field(index, nic), classes="field"
                )
            else:
                yield Rows([words.verbatim(f"{text}  {_(say('all'))}")], id=f"card-{index}")
            yield Text(self.statement(nic, pf), id=f"will-{index}", classes="note")
            if pf is not None and words.carries_ssh(self.state.facts, pf.address) and pf.numvfs != pf.totalvfs:
                yield Marks([self.when_line(nic)], id=f"when-{index}", classes="note")

    def rows_left(self) -> int:
        """Those of the cards that were not told yet."""
        return (len(self.chosen) - self.told) * ROWS

    @on(Rows.OptionSelected)
    def show_card(self, event: Rows.OptionSelected) -> None:
        """Enter on a card shows the whole of it."""
        if event.option_list.id != "findings":
            self.action_device()

    def field(self, index: int, nic: NicChoice) -> Input:
        """The field for the wish; empty means all that the card offers."""
        value = "" if nic.numvfs is None else str(nic.numvfs)
        return Field(value, hint=say("all"), digits=True, most=4, id=f"wish-{index}")

    def when_line(self, nic: NicChoice) -> Content:
        """Whether a card that carries the session has its VFs made now."""
        return words.assemble(
            "[x] " if nic.when == "now" else "[ ] ",
            say("Now instead of at the next boot. It carries your SSH session: rolled back unless you confirm"),
        )

    def statement(self, nic: NicChoice, pf: Pf | None) -> Content:
        """What the number will be, and who decides it."""
        if pf is None:
            return words.content(say("This card is not in the host any more."), "bold $error")
        offered, wish = words.offered(pf), nic.numvfs
        if not pf.totalvfs and wish is None and total_changeable(pf):
            return words.content(
                say("Its firmware offers none: type how many each port should have, 16 for example."), "$warning"
            )
        if wish is not None and wish != pf.totalvfs and total_changeable(pf):
            return words.content(
                say(
                    "{wish} instead of {offered}: the firmware has to offer {wish} (NUM_OF_VFS), after a reboot.",
                    wish=wish,
                    offered=offered,
                ),
                "$warning",
            )
        reason = (
            say("empty = all offered")
            if total_changeable(pf)
            else say("{driver} offers no other number", driver=words.line(pf.driver or say("its driver")))
        )
        return words.content(
            say("Will have {offered} VFs, as offered ({reason}).", offered=offered, reason=reason), "dim"
        )

    def table(self) -> list[str]:
        """The aligned part of each line, the header first."""
        rows = [
            (
                nic.address,
                pf.netdev if pf else "-",
                words.made(pf) if pf else "?",
                words.offered(pf) if pf else "?",
            )
            for nic, pf in self.chosen
        ]
        return words.columns(HEADER, rows, LIMITS)

    def place_of(self, finding: Finding) -> Widget | None:
        """The field or the line of the card."""
        at = next((i for i, (nic, _) in enumerate(self.chosen) if nic.address == finding.subject), None)
        return next((found for kind in ("wish", "card") for found in self.query(f"#{kind}-{at}")), None)

    @on(Rows.Toggled)
    def toggle_when(self, event: Rows.Toggled) -> None:
        """Now or at the next boot, for a card that carries the session."""
        name = event.rows.id or ""
        nic, _ = self.chosen[int(name.removeprefix("when-"))]
        changed = replace(nic, when="boot" if nic.when == "now" else "now")
        self.choose(self.state.choices.with_nic(changed))
        event.rows.show([self.when_line(changed)])

    @on(Input.Changed)
    def take_wish(self, event: Input.Changed) -> None:
        """Take the number as it is typed; what is no number yet changes nothing."""
        index = int((event.input.id or "wish-0").removeprefix("wish-"))
        try:
            wish = int(event.value) if event.value.strip() else None
        except ValueError:
            return
        nic, pf = self.chosen[index]
        if wish != nic.numvfs:
            self.choose(self.state.choices.with_nic(replace(nic, numvfs=wish)))
            self.query_one(f"#will-{index}", Text).update(self.statement(replace(nic, numvfs=wish), pf))
