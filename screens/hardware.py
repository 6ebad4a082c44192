"""Step 1: every network card of the host, and which ones to use for SR-IOV."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget

from screens import words
from screens.base import STEP_KEYS, StepScreen
from screens.device import row as drawn
from screens.text import Text
from screens.widgets import Marks, Rows
from sriov_tui.cards import obstacle
from sriov_tui.facts import Pf
from sriov_tui.message import Message, say, sentences
from sriov_tui.model import Evaluate, Finding, State
from sriov_tui.reports.card import draw
from sriov_tui.reports.offered import listed

HEADER = (
    say("Use"),
    say("PCI address"),
    say("Interface"),
    say("Driver"),
    "VFs/max",
    "NUMA",
    say("Link"),
    say("Used by"),
)
WIDEST = 160  # cells: as -widest, where the list and the card stand side by side
LIMITS = (4, 12, 11, 10, 7, 4, 8, 60)


def row(state: State, pf: Pf) -> tuple[str, ...]:
    """The cells of one PF."""
    use = say("no") if obstacle(state.facts, pf) else "[ ]" if state.choices.nic(pf.address).use == "leave" else "[x]"
    return (
        use,
        pf.address,
        pf.netdev or "-",
        say("none") if pf.driver == "" else pf.driver or "?",
        f"{words.made(pf)}/{words.offered(pf)}" if pf.sriov_capable else "-",
        "-" if pf.numa_node in (None, -1) else str(pf.numa_node),
        words.link_word(state.facts, pf),
        words.used_by(state.facts, pf),
    )


def detail(state: State, pf: Pf, listed: str | None) -> Content:
    """Two lines on the marked PF: its name and link to the board, then what is now and what you wish.

    `listed` is the list of host.conf that names it, "" where none does, None where that is not known.
    """
    pcie = f"PCIe {pf.pcie.speed.replace(' PCIe', '')} x{pf.pcie.width}" if pf.pcie else ""
    first = words.content(" · ".join(part for part in (words.line(pf.name or say("unknown card")), pcie) if part))
    if found := obstacle(state.facts, pf):
        reason = sentences(say("Cannot be used."), found.title, found.fix)
        return words.lines([first, words.content(reason, "$warning")])
    names = {None: say("host.conf not known"), "": say("not in host.conf")}.get(
        listed, say("in {listed} of host.conf", listed=listed)
    )
    now = say("Now {pf} of {pf2} VFs, {names}.", pf=words.made(pf), pf2=words.offered(pf), names=names)
    leaves = state.choices.nic(pf.address).use == "leave"
    wish = say("Stays as it is; Space chooses it.") if leaves else say("Will be used; Space leaves it as it is.")
    parts = [first, words.assemble(now, " ", (wish, "" if leaves else "$success"))]
    if words.carries_ssh(state.facts, pf.address):
        parts.append(words.content(say("Your SSH session runs over this card."), "bold $warning"))
    return words.lines(parts)


class HardwareScreen(StepScreen):
    """All PFs in one table; Space chooses the marked one."""

    STEP = 1
    KEYS = ((say("Space"), say("Use")), *STEP_KEYS)
    ABOUT: ClassVar[dict[str, str]] = {
        "pfs": say(
            "The ports, one a line: Space or Enter selects the marked one or leaves it unchanged, F3 "
            "shows the whole card, / looks for a name or an address. Below the list: the state of "
            "the marked port now, and what you requested."
        )
    }
    HELP_TEXT = say(
        "Every network function of this host, also those without a driver. Choose the ports whose "
        'virtual functions (VFs) go to virtual machines. A port marked "no" cannot be used; the line '
        "below the table shows why. YOUR SSH marks the port that carries this session. F3 shows "
        "the whole card."
    )

    def excerpt(self) -> Message:
        """What to choose here."""
        return say(
            "Choose the ports that should provide virtual functions (VFs) for virtual "
            "machines. Nothing changes until you have reviewed the whole plan."
        )

    def __init__(self, state: State, evaluate: Evaluate) -> None:
        super().__init__(state, evaluate)
        self.listed = listed(state.facts)

    @property
    def pfs(self) -> tuple[Pf, ...]:
        """The PFs: those that can be used first."""
        return tuple(
            sorted(self.state.facts.pfs or (), key=lambda pf: (bool(obstacle(self.state.facts, pf)), pf.address))
        )

    def body(self) -> Iterable[Widget]:
        """The table and the details of the marked row."""
        if not self.pfs:
            unknown = self.state.facts.pfs is None
            sentence = (
                say("The PCI devices could not be read.")
                if unknown
                else say("There is no network card on the PCI bus of this host.")
            )
            yield Text(words.content(sentence))
            return
        header, *rows = self.table()
        yield Horizontal(
            Vertical(
                Text(header, id="columns", classes="columns"),
                Marks(rows, id="pfs"),
                Text(self.about_marked(0), id="detail"),
                id="ports",
            ),
            Text(self.whole_card(0), id="whole-card", classes="crop"),
        )

    def table(self) -> list[Content]:
        """The header and one line for each PF."""
        rows = [row(self.state, pf) for pf in self.pfs]
        texts = words.columns(HEADER, rows, LIMITS, room=self.room())
        dim = [False, *(bool(obstacle(self.state.facts, pf)) for pf in self.pfs)]
        return [words.verbatim(text, "dim" if dimmed else "") for text, dimmed in zip(texts, dim, strict=True)]

    def room(self) -> int:
        """Cells for a line of the table; in the widest windows the marked card stands beside it."""
        whole = self.app.size.width - 2
        return whole * 55 // 100 - 1 if self.app.size.width >= WIDEST else whole

    def whole_card(self, index: int) -> Content:
        """The card of the PF on this line, with its ports and their VFs, as F3 draws it; only where it is shown."""
        if self.app.size.width < WIDEST:
            return Content("")
        return words.lines([drawn(line.text) for line in draw(self.state.facts, self.pfs[index].address)])

    def place_of(self, finding: Finding) -> Widget | None:
        """The line of the port."""
        rows = next(iter(self.query("#pfs").results(Rows)), None)
        at = next((index for index, pf in enumerate(self.pfs) if pf.address == finding.subject), None)
        if rows is not None and at is not None:
            rows.highlighted = at
        return rows

    def about_marked(self, index: int) -> Content:
        """What stands below the table about the PF on this line."""
        pf = self.pfs[index]
        return detail(self.state, pf, None if self.listed is None else self.listed.get(pf.address, ""))

    def refresh_body(self) -> None:
        """Show the marks again, and what they mean."""
        for rows in self.query("#pfs").results(Rows):
            header, *texts = self.table()
            rows.show(texts)
            self.query_one("#columns", Text).update(header)
            self.show_marked(rows.highlighted or 0)

    def on_resize(self) -> None:
        """The last column takes what room there is."""
        self.refresh_body()

    def card_in_focus(self) -> str:
        """The marked PF."""
        rows = next(iter(self.query("#pfs").results(Rows)), None)
        return self.pfs[rows.highlighted or 0].address if rows else ""

    @on(Rows.OptionHighlighted, "#pfs")
    def show_detail(self, event: Rows.OptionHighlighted) -> None:
        """Tell about the marked PF."""
        self.show_marked(event.option_index)

    def show_marked(self, index: int) -> None:
        """What stands below and beside the table."""
        self.query_one("#detail", Text).update(self.about_marked(index))
        self.query_one("#whole-card", Text).update(self.whole_card(index))

    @on(Rows.Toggled, "#pfs")
    def toggle(self, event: Rows.Toggled) -> None:
        """Choose the marked PF, or leave it alone."""
        pf = self.pfs[event.index]
        if found := obstacle(self.state.facts, pf):
            self.say(sentences(say("Cannot be used."), found.title))
            return
        nic = self.state.choices.nic(pf.address)
        self.choose(self.state.choices.with_nic(replace(nic, use="sriov" if nic.use == "leave" else "leave")))
