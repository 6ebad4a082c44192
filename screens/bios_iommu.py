"""Step 2: the IOMMU by its layers, and what to do about the kernel arguments of the next boot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar, Literal

from textual import on
from textual.content import Content
from textual.widget import Widget

from screens import words
from screens.base import STEP_KEYS, StepScreen, pair
from screens.text import Text
from screens.widgets import Marks, Rows
from sriov_tui.facts import HostFacts
from sriov_tui.language import _
from sriov_tui.message import Message, say
from sriov_tui.model import Finding

Arguments = Literal["auto", "set", "leave"]
CHOICES: tuple[tuple[Arguments, str], ...] = (
    ("auto", say("only where the IOMMU is not active without them (recommended)")),
    ("set", say("write the IOMMU arguments for the next boot in any case")),
    ("leave", say("leave the kernel arguments alone")),
)
SHOWN = 4
MARKS = {True: (say("yes"), "$success"), False: (say("no"), "bold $error"), None: (say("unknown"), "$warning")}


def mark(value: bool | None) -> Content:
    """A layer's state as one word of seven cells."""
    word, style = MARKS[value]
    return words.verbatim(words.fit(word, 7), style)


def layers(facts: HostFacts) -> list[Content]:
    """BIOS, kernel, in use: each with the word, and what was seen."""
    iommu = facts.iommu
    tables = True if iommu.active else iommu.offered
    units = None if iommu.units is None else bool(iommu.units)
    seen_tables = ", ".join(iommu.tables or ()) or say("no DMAR, IVRS or IORT table: switch it on in the BIOS setup")
    if tables is False and iommu.tables:
        seen_tables = say("an IORT table without an SMMU: switch it on in the BIOS setup")
    seen_units = ", ".join((iommu.units or ())[:4]) or say("/sys/class/iommu is empty")
    seen_groups = say("{groups} groups in /sys/kernel/iommu_groups", groups=words.number(iommu.groups))
    rows = (
        ("CPU", say("virtualization"), facts.cpu.virtualization, words.line(facts.cpu.vendor)),
        (
            "BIOS",
            say("announces an IOMMU"),
            tables,
            (say("not readable") if tables is None else words.line(seen_tables)),
        ),
        (
            say("Kernel"),
            say("found its units"),
            units,
            (say("not readable") if units is None else words.line(seen_units)),
        ),
        (say("In use"), say("active"), iommu.active, seen_groups),
    )
    return [
        words.assemble((words.fit(layer, 7), "bold"), words.fit(claim, 19), mark(value), "  ", seen)
        for layer, claim, value, seen in rows
    ]


def arguments(facts: HostFacts) -> tuple[str, str]:
    """The kernel arguments now, and those of the next boot."""
    entries = facts.boot.entries or ()
    entry = next(
        (entry for entry in entries if entry.title == facts.boot.default_title), entries[0] if entries else None
    )
    following = (
        entry.arguments
        if entry
        else say("unknown: boot loader {loader}", loader=facts.boot.loader or say("not recognised"))
    )
    return words.name(facts.kernel.cmdline or _(say("unknown"))), words.line(following)


def since_reboot(changes: tuple[str, ...]) -> list[Content]:
    """What the reboot, or a visit to the BIOS, changed; the first few."""
    told = [words.content(say("Since the reboot: {change}", change=words.line(change))) for change in changes[:SHOWN]]
    more = (
        [words.content(say("and {count_of_changes} more changes", count_of_changes=len(changes) - SHOWN))]
        if len(changes) > SHOWN
        else []
    )
    return [*told, *more]


class IommuScreen(StepScreen):
    """The layers, the arguments, and one choice."""

    STEP = 2
    KEYS = ((say("Space"), say("Pick")), *STEP_KEYS)
    ABOUT: ClassVar[dict[str, str]] = {
        "arguments": say(
            "What happens to the kernel arguments at the next boot. Space or Enter selects the marked line; "
            "(o) shows the selection. What they are now, and what they would be, is shown above; "
            "leave changes nothing."
        )
    }
    HELP_TEXT = say(
        "A virtual machine can be given a VF only where the IOMMU is active. The BIOS has to "
        "announce it, the kernel has to find its units, and groups have to exist: only the last "
        "line proves that it works. The kernel arguments are advice; some kernels need none. A "
        "change of them takes effect at the next boot."
    )

    def excerpt(self) -> Message:
        """What this is about."""
        return say(
            "VFs reach virtual machines only through an active IOMMU (VT-d, AMD-Vi, SMMU).\n"
            "Groups in use are the only proof that it is."
        )

    def body(self) -> Iterable[Widget]:
        """Layers, arguments, choice."""
        yield Text(words.lines(layers(self.state.facts)))
        if self.state.changes:
            yield Text(words.lines(since_reboot(self.state.changes)))
        now, following = arguments(self.state.facts)
        yield Text("")
        yield pair(say("Now"), now)
        yield pair(say("Next boot"), following)
        yield Text(words.content(say("Kernel arguments")), classes="title")
        yield Marks(self.marks(), id="arguments")

    def marks(self) -> list[Content]:
        """The three choices, the picked one marked."""
        picked = self.state.choices.kernel_args
        return [
            words.assemble("(o)" if name == picked else "( )", f" {name:<6} ", meaning) for name, meaning in CHOICES
        ]

    def place_of(self, finding: Finding) -> Widget | None:
        """The one choice of this step."""
        return self.query_one("#arguments")

    def refresh_body(self) -> None:
        """Show the marks again."""
        self.query_one("#arguments", Rows).show(self.marks())

    @on(Rows.Toggled, "#arguments")
    def pick(self, event: Rows.Toggled) -> None:
        """Take the marked choice."""
        self.choose(replace(self.state.choices, kernel_args=CHOICES[event.index][0]))
