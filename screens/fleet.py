"""Many hosts side by side: hosts by state, findings by number of hosts, who differs; Enter goes to the host."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from screens import words
from screens.audit import AuditScreen
from screens.bilingual import BilingualScreen
from screens.key_row import KeyRow
from screens.text import Text
from screens.widgets import Field, Pane, Rows, TooSmall
from sriov_tui import language
from sriov_tui.facts import HostFacts, Kernel, Source
from sriov_tui.fleet import age
from sriov_tui.fleet.compare import outliers, shared
from sriov_tui.fleet.hosts import Fleet, FleetHost
from sriov_tui.fleet.supply import supply
from sriov_tui.fleet.tables import NO_AUDIT, about, nic_rows, supply_words, verdict
from sriov_tui.language import _
from sriov_tui.message import join, plural, say
from sriov_tui.model import Level, State

VIEWS = (say("Hosts"), say("Findings"), say("Differences"), say("Free VFs"), say("Unreadable"))
KEYS = (
    ("1-5", say("View")),
    ("/", say("Find")),
    ("Enter", say("Open")),
    ("Tab", say("Details")),
    ("Esc", say("All")),
    ("F10", say("Quit")),
)
STYLE = {"FAIL": Level.FAIL, "BLOCKED": Level.FAIL, "SKIP": Level.SKIP, "WARN": Level.WARN}


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a view, what stands beside it, and the hosts that it is about."""

    row: Content
    detail: Content
    hosts: tuple[str, ...] = ()
    find: str = ""


def host_items(fleet: Fleet) -> Iterable[Item]:
    """Every host, the worst first."""
    for host in fleet.hosts:
        worst = words.line(host.open[0].title) if host.open else say("Nothing is WARN or worse.")
        stale = fleet.stale(host)
        row = words.assemble(
            _state(host), "  ", words.fit(host.name, 16), "  ", say("(stale) ") if stale else "", worst
        )
        find = " ".join([host.name, host.state, worst, *(one.id for one in host.open), *_cards(host)])
        yield Item(row, _about(host, stale), (host.name,), find)
    for name in fleet.missing:
        row = words.assemble(words.level(Level.SKIP), "  ", words.fit(name, 16), "  ", NO_AUDIT)
        yield Item(row, words.lines([words.verbatim(words.name(name), "bold"), words.content(NO_AUDIT)]), find=name)


def finding_items(fleet: Fleet) -> Iterable[Item]:
    """Every finding that is WARN or worse, that of most hosts first."""
    for one in shared(fleet):
        row = words.assemble(f"{len(one.hosts):>5}  ", words.level(one.level), "  ", words.line(one.title))
        detail = [words.content(one.id, "bold"), words.content(one.title), *_hosts(one.hosts)]
        yield Item(row, words.lines(detail), one.hosts, f"{one.id} {one.title}")


def difference_items(fleet: Fleet) -> Iterable[Item]:
    """Who differs from the majority, a line for each value."""
    for one in outliers(fleet):
        row = words.assemble(
            f"{len(one.hosts):>5}  ",
            say("{kind} {value}, not {usual}: {what}", kind=one.kind, value=one.value, usual=one.usual, what=one.what),
        )
        detail = [
            words.content(words.line(f"{one.kind}, {one.what}"), "bold"),
            words.content(say("Here: {value}", value=one.value)),
            words.content(
                say("On {share} of {known} hosts: {usual}", share=one.share, known=one.known, usual=one.usual)
            ),
            *_hosts(one.hosts),
        ]
        yield Item(row, words.lines(detail), one.hosts, f"{one.kind} {one.what} {one.value}")


def supply_items(fleet: Fleet) -> Iterable[Item]:
    """Every kind of VF that guests get, that with most free ones first."""
    for one in supply(fleet):
        row = words.assemble(f"{one.free:>5}  ", words.line(join(", ", (one.wire_words, one.use, one.card))))
        detail = [
            words.content(words.line(supply_words(one)), "bold"),
            words.content(""),
            *(words.content(words.line(place.words)) for place in one.places),
        ]
        hosts = tuple(dict.fromkeys(place.host for place in one.places))
        yield Item(row, words.lines(detail), hosts, f"{one.card} {one.wire} {one.use} {' '.join(hosts)}")


def broken_items(fleet: Fleet) -> Iterable[Item]:
    """The files that are no audits."""
    for one in fleet.broken:
        file = words.verbatim(words.name(one.file), "bold")
        yield Item(words.content(join(": ", (one.file, one.reason))), words.lines([file, words.content(one.reason)]))


MAKERS = (host_items, finding_items, difference_items, supply_items, broken_items)


class FleetScreen(BilingualScreen[bool]):
    """Five views of one fleet; a search, or a finding that was opened, narrows the hosts.

    It gives True where it shall be shown again, since another language is spoken now.
    """

    AUTO_FOCUS = "#tree"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(number), f"view({number - 1})", show=False) for number in range(1, 6)),
        Binding("slash,f3", "find", "Find"),
        Binding("escape", "all", "All", priority=True),  # before the list, which has a search of its own
        Binding("f10,q,ctrl+q,ctrl+c", "close", "Quit"),
        Binding("tab", "app.focus_next", show=False),
        Binding("shift+tab", "app.focus_previous", show=False),
    ]

    def __init__(self, fleet: Fleet) -> None:
        super().__init__()
        self.fleet = fleet
        self.views = tuple(tuple(maker(fleet)) for maker in MAKERS)
        self.view = 0
        self.only: tuple[str, ...] = ()
        self.items: tuple[Item, ...] = self.views[0]

    def compose(self) -> ComposeResult:
        """The verdict, the views, the search, the list and what is beside it."""
        yield Text(words.content(say(" sriov-tui fleet · {fleet}", fleet=verdict(self.fleet))), classes="bar")
        yield Text("", id="views")
        yield Field(hint=say("find a host, a card, a check"), id="find")
        with Vertical(id="audit"):
            yield Rows(id="tree")
            with Pane(id="detail"):
                yield Text("", id="detail-text")
        other = () if self.app.has_class("-plain") else (("F6", language.NAMES[language.other()]),)
        yield KeyRow((*KEYS, *other))
        yield TooSmall()

    def fill(self) -> None:
        """Show the hosts."""
        self.show_items()

    def show_items(self) -> None:
        """The lines of this view that the search leaves."""
        wanted = self.query_one("#find", Input).value.lower().split()
        self.items = tuple(
            item
            for item in self.views[self.view]
            if (not self.only or self.view or not {*item.hosts}.isdisjoint(self.only))
            and all(word in f"{item.find} {item.row.plain}".lower() for word in wanted)
        )
        self.query_one("#views", Text).update(self._heads())
        rows = self.query_one("#tree", Rows)
        rows.show([item.row for item in self.items])
        rows.highlighted = 0 if self.items else None
        self.show_detail()

    def _heads(self) -> Content:
        heads = [
            words.content(f"{number} {_(name)}", "reverse" if number == self.view + 1 else "")
            for number, name in enumerate(VIEWS, 1)
        ]
        shown, there = len(self.items), len(self.views[self.view])
        lines = plural("1 line", "{count} lines", shown)
        if shown != there:
            lines = say("{shown} of {there}", shown=shown, there=there)
        return Content("  ").join([*heads, words.content(lines, "dim")])

    @on(Rows.OptionHighlighted, "#tree")
    def show_detail(self) -> None:
        """Show what belongs to the marked line."""
        item = self._marked()
        self.query_one("#detail-text", Text).update(item.detail if item else words.content(say("Nothing here.")))

    def _marked(self) -> Item | None:
        at = self.query_one("#tree", Rows).highlighted
        return self.items[at] if at is not None and at < len(self.items) else None

    @on(Rows.OptionSelected, "#tree")
    def open_marked(self) -> None:
        """A host's whole audit; of a finding or a difference, the hosts that have it."""
        item = self._marked()
        if item is None or not item.hosts:
            return
        if self.view == 0:
            host = next(host for host in self.fleet.hosts if host.name == item.hosts[0])
            self.app.push_screen(AuditScreen(_audit(host)))
        else:
            self.only, self.view = item.hosts, 0
            self.query_one("#find", Input).value = ""
            self.show_items()

    def action_view(self, number: int) -> None:
        """Another view, of all."""
        self.view, self.only = number, ()
        self.show_items()

    def action_find(self) -> None:
        """To the search."""
        self.query_one("#find", Input).focus()

    @on(Input.Changed, "#find")
    def search(self) -> None:
        """Narrow the list while a word is typed."""
        self.show_items()

    @on(Input.Submitted, "#find")
    def to_list(self) -> None:
        """From the search into the list."""
        self.query_one("#tree", Rows).focus()

    def action_all(self) -> None:
        """Show all lines again."""
        self.only = ()
        self.query_one("#find", Input).value = ""
        self.query_one("#tree", Rows).focus()
        self.show_items()

    async def say_again(self) -> None:
        """Be shown again."""
        self.dismiss(True)

    def action_close(self) -> None:
        """Quit."""
        self.dismiss(False)


def _state(host: FleetHost) -> Content:
    level = STYLE.get(host.state)
    return words.level(level) if level is not None else words.content(say("OK  "), words.LEVEL_STYLE[Level.OK])


def _cards(host: FleetHost) -> Iterable[str]:
    return (part for nic in host.nics for part in (nic.name, nic.model, nic.driver, nic.firmware) if part)


def _about(host: FleetHost, stale: str) -> Content:
    parts = [words.verbatim(words.name(f"{host.name} {age.shown(host.gathered_at)}"), "bold")]
    parts += [words.content(stale)] if stale else []
    parts += [words.content(f"{label}: {value}") for label, value in about(host)]
    parts += [words.content(words.line("  ".join(filter(None, row)))) for row in nic_rows(host)]
    return words.lines(parts)


def _hosts(names: tuple[str, ...]) -> list[Content]:
    return [Content(""), words.verbatim(", ".join(map(words.name, names)))]


def _audit(host: FleetHost) -> State:
    """What the screen of one audit shows, out of what was kept of it."""
    facts = HostFacts(hostname=host.name, source=Source("report", host.file), kernel=Kernel(release=host.kernel or ""))
    return State(facts=facts, findings=host.findings)
