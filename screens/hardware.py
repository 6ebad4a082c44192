"""Step 1: every network card of the host, and which ones to use for SR-IOV."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from screens import words
from screens.base import STEP_KEYS, StepScreen
from screens.overlays import TextScreen
from screens.rows import Rows
from sriov_tui.facts import HostFacts, Pf
from sriov_tui.model import State

HEADER = ("Use", "PCI address", "Interface", "Driver", "VFs/max", "NUMA", "Link", "Used by")
LIMITS = (3, 12, 11, 10, 7, 4, 8, 60)


def why_not(pf: Pf) -> str:
    """Why this PF cannot give VFs, or "" where it can."""
    if pf.sriov_capable is None:
        return "its SR-IOV capability could not be read: start as root, or look with `lspci -vv`"
    if not pf.sriov_capable:
        return "this card has no SR-IOV capability"
    if pf.driver == "":
        return "no driver is bound to it: load its driver, then press F5"
    if not pf.totalvfs and pf.nvconfig:
        return ""  # its firmware can be told to offer them
    if pf.totalvfs is None:
        return f"its driver {pf.driver or '?'} offers no VFs (no sriov_totalvfs in sysfs)"
    if pf.totalvfs == 0:
        return "its firmware offers 0 VFs: switch SR-IOV on in the card's setup, then reboot"
    return ""


def row(state: State, pf: Pf) -> tuple[str, ...]:
    """The cells of one PF."""
    use = "no" if why_not(pf) else "[ ]" if state.choices.nic(pf.address).use == "leave" else "[x]"
    return (
        use,
        pf.address,
        pf.netdev or "-",
        "none" if pf.driver == "" else pf.driver or "?",
        f"{words.made(pf)}/{words.offered(pf)}" if pf.sriov_capable else "-",
        "-" if pf.numa_node in (None, -1) else str(pf.numa_node),
        words.link_word(state.facts, pf),
        words.used_by(state.facts, pf),
    )


def detail(facts: HostFacts, pf: Pf) -> Content:
    """Two lines on the marked PF: its name and link to the board, then what to know before choosing it."""
    pcie = f"PCIe {pf.pcie.speed.replace(' PCIe', '')} x{pf.pcie.width}" if pf.pcie else ""
    parts = [part for part in (words.line(pf.name or "unknown card"), pcie) if part]
    first = Content(" · ".join(parts))
    if reason := why_not(pf):
        return words.lines([first, Content.styled(f"Cannot be used: {reason}.", "$warning")])
    if words.carries_ssh(facts, pf.address):
        return words.lines([first, Content.styled("Your SSH session runs over this card.", "bold $warning")])
    return words.lines([first, Content.styled("Can be used. Space chooses it or leaves it alone.", "$success")])


def full(pf: Pf) -> str:
    """All that is known of one PF, for the overlay."""
    pairs = (
        ("Name", pf.name),
        ("Sysfs", pf.path),
        ("Driver", f"{pf.driver or 'none'} {pf.driver_version or ''}"),
        ("Firmware", pf.firmware_version or "unknown"),
        (
            "PCIe",
            f"{pf.pcie.speed} x{pf.pcie.width}, at best {pf.pcie.max_speed} x{pf.pcie.max_width}" if pf.pcie else None,
        ),
        ("IOMMU group", words.number(pf.iommu_group)),
        ("NUMA node", words.number(pf.numa_node)),
        ("VFs", f"{words.made(pf)} now, {words.offered(pf)} offered by the driver"),
        ("ARI", {True: "yes", False: "no", None: None}[pf.ari]),
        ("ACS", {True: "yes", False: "no", None: None}[pf.acs]),
    )
    return "\n".join(f"{name:<12} {words.line(value or 'unknown')}" for name, value in pairs)


class HardwareScreen(StepScreen):
    """All PFs in one table; Space chooses the marked one."""

    STEP = 1
    TITLE_TEXT = "Hardware"
    PREFIXES = ("hardware.",)
    KEYS = (("Space", "Use"), *STEP_KEYS)
    HELP_TEXT = (
        "Every network function of this host, also those without a driver. Choose the ports whose virtual "
        'functions (VFs) virtual machines shall get. A port marked "no" cannot be used; the line below the '
        "table tells why. YOUR SSH marks the port that carries this session. Enter shows all that is known of a port."
    )

    def excerpt(self) -> str:
        """What to choose here."""
        return (
            "Choose the ports that shall give virtual functions (VFs) to virtual machines.\n"
            "Nothing is changed before you have seen the whole plan."
        )

    @property
    def pfs(self) -> tuple[Pf, ...]:
        """The PFs: those that can be used first."""
        return tuple(sorted(self.state.facts.pfs or (), key=lambda pf: (bool(why_not(pf)), pf.address)))

    def body(self) -> Iterable[Widget]:
        """The table and the details of the marked row."""
        if not self.pfs:
            unknown = self.state.facts.pfs is None
            sentence = (
                "The PCI devices could not be read."
                if unknown
                else "There is no network card on the PCI bus of this host."
            )
            yield Static(Content(sentence))
            return
        header, *rows = self.table()
        yield Static(header, id="columns", classes="columns")
        yield Rows(rows, id="pfs")
        yield Static(detail(self.state.facts, self.pfs[0]), id="detail")

    def table(self) -> list[Content]:
        """The header and one line for each PF."""
        rows = [row(self.state, pf) for pf in self.pfs]
        texts = words.columns(HEADER, rows, LIMITS, room=self.app.size.width - 2)
        dim = [False, *(bool(why_not(pf)) for pf in self.pfs)]
        return [
            Content.styled(text, "dim") if dimmed else Content(text) for text, dimmed in zip(texts, dim, strict=True)
        ]

    def refresh_body(self) -> None:
        """Show the marks again."""
        self.query_one("#pfs", Rows).show(self.table()[1:])

    @on(Rows.OptionHighlighted, "#pfs")
    def show_detail(self, event: Rows.OptionHighlighted) -> None:
        """Tell about the marked PF."""
        self.query_one("#detail", Static).update(detail(self.state.facts, self.pfs[event.option_index]))

    @on(Rows.OptionSelected, "#pfs")
    def show_full(self, event: Rows.OptionSelected) -> None:
        """Enter shows all that is known of the marked PF."""
        pf = self.pfs[event.option_index]
        self.app.push_screen(TextScreen(words.pf_label(pf), full(pf)))

    @on(Rows.Toggled, "#pfs")
    def toggle(self, event: Rows.Toggled) -> None:
        """Choose the marked PF, or leave it alone."""
        pf = self.pfs[event.index]
        if reason := why_not(pf):
            self.say(f"Cannot be used: {reason}.")
            return
        nic = self.state.choices.nic(pf.address)
        self.choose(self.state.choices.with_nic(replace(nic, use="sriov" if nic.use == "leave" else "leave")))
