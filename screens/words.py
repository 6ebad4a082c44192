"""Words and colours that every screen shares; here every sentence takes the reader's language.

All text of the machine passes through `plain`, and is shown as it is by `verbatim` and `name`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from sriov_tui.facts import HostFacts, Pf
from sriov_tui.language import _
from sriov_tui.language.layout import wrap
from sriov_tui.message import Message, say, sentences
from sriov_tui.model import Finding, Level, State

LEVEL_STYLE = {
    Level.OK: "$success",
    Level.INFO: "$secondary",
    Level.WARN: "bold $warning",
    Level.SKIP: "dim",
    Level.FAIL: "bold $error",
}
_CONTROL = {
    code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
_CONTROL |= {ord("\n"): "\n", ord("\t"): "    "}


def plain(text: str) -> str:
    """Text of the machine, safe for a terminal: no control characters, no lone surrogates, tabs as spaces."""
    return text.translate(_CONTROL).encode("utf-8", "replace").decode("utf-8")


def name(text: str) -> str:
    """Text of the machine on one line, as it is."""
    return " ".join(plain(text).split())


def shown(text: str) -> str:
    """A sentence in the reader's language, text of the machine as it is; safe for a terminal."""
    return plain(_(text))


def line(text: str) -> str:
    """A sentence in the reader's language, on one line."""
    return name(_(text))


def content(text: str, style: str = "") -> Content:
    """A sentence in the reader's language as Content; brackets in it are never read as markup."""
    return verbatim(_(text), style)


def verbatim(text: str, style: str = "") -> Content:
    """Text of the machine as Content, as it is."""
    return Content.styled(plain(text), style) if style else Content(plain(text))


def assemble(*parts: str | Content | tuple[str, str]) -> Content:
    """Sentences and Contents one after the other; a pair is a text and its style."""
    pairs = ((part, "") if isinstance(part, str) else part for part in parts)
    return Content("").join([pair if isinstance(pair, Content) else content(*pair) for pair in pairs])


def lines(parts: Iterable[Content]) -> Content:
    """Contents below each other."""
    return Content("\n").join(list(parts))


def fit(text: str, width: int) -> str:
    """Text cut or padded to exactly `width` terminal cells; a cut shows as "…"."""
    text = line(text)
    if cell_len(text) > width:
        text = set_cell_size(text, max(0, width - 1)).rstrip() + "…"
    return set_cell_size(text, width)


def columns(
    header: Sequence[str], rows: Sequence[Sequence[str]], limits: Sequence[int], room: int | None = None
) -> list[str]:
    """Rows as aligned text, the header first: each column as wide as its content, at most its limit.

    Where the whole has `room` cells, the last column gives way, down to 8 cells.
    """
    table = [tuple(map(line, row)) for row in (header, *rows)]
    widths = [min(limit, max(cell_len(row[i]) for row in table)) for i, limit in enumerate(limits)]
    if room is not None:
        widths[-1] = min(widths[-1], max(8, room - sum(widths[:-1]) - 2 * (len(widths) - 1)))
    return ["  ".join(fit(cell, width) for cell, width in zip(row, widths, strict=True)) for row in table]


def keys(*pairs: tuple[str, str]) -> Content:
    """Keys and what they do, for the last row."""
    return Content(" ").join(
        [assemble((key, "bold"), " ", meaning) if meaning else Content(key) for key, meaning in pairs]
    )


def level(value: Level) -> Content:
    """The level's word, padded to four cells, in its colour."""
    return Content.styled(value.name.ljust(4), LEVEL_STYLE[value])


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Blocking findings first, then by falling level; otherwise in their own order."""
    return tuple(sorted(findings, key=lambda finding: (not finding.blocks, -finding.level)))


def hanging(text: str, width: int, first: int, rest: int) -> str:
    """A sentence on lines of at most `width` cells; `first` are taken on the first line, `rest` on the others."""
    told = wrap(line(text), width, " " * first, " " * rest)
    return "\n".join(told)[first:]


def finding_line(finding: Finding, width: int = 1 << 30) -> Content:
    """One finding: "!" where the wizard stops at it, level, subject, title; a long title goes on below itself."""
    subject = "" if finding.subject == "host" else name(finding.subject) + "  "
    mark = Content.styled("! ", "bold $error") if finding.blocks else Content("  ")
    title = hanging(finding.title, width, 8 + cell_len(subject), 8)
    return Content.assemble(mark, level(finding.level), "  ", Content.styled(subject, "dim"), title)


def mode_word(state: State) -> Message:
    """Whom the screen shows: REAL, READ-ONLY, SIMULATED NAME, or RECORDED and when; only this machine is ever REAL."""
    source = state.facts.source
    if state.mode == "simulated" or source.kind == "simulated":
        return sentences(say("SIMULATED"), name(source.name or source.words))
    if source.kind == "recording":
        when = name(state.facts.gathered_at)[:16].replace("T", " ")
        return say("RECORDED {when} UTC", when=when) if when else say("RECORDED")
    if state.mode == "read-only":
        return say("READ-ONLY") if source.kind == "machine" else say("READ-ONLY {source}", source=name(source.words))
    return say("REAL") if source.kind == "machine" else Message(name(source.words).upper())


def acts_here(state: State) -> bool:
    """Whether what is applied changes this machine."""
    return state.mode == "real" and state.facts.source.kind == "machine"


def why_read_only(state: State) -> Message:
    """Why nothing can be applied in this view, and what to do to apply."""
    if state.facts.source.kind == "recording":
        return say("This is a view of a recording: nothing can be applied to it. Run sriov-tui on the host itself.")
    if state.facts.root is False:
        return say("You are not root: nothing can be applied. Run `sudo sriov-tui` to apply this plan.")
    return say("This view is read-only: nothing can be applied. Start sriov-tui without --read-only to apply.")


def pf_label(pf: Pf) -> str:
    """A PF's address with its interface name, as in "0000:01:00.0 enp1s0"."""
    return f"{pf.address} {pf.netdev}".strip()


def carries_ssh(facts: HostFacts, address: str) -> bool:
    """Whether this PF carries the SSH session that we run in, or may: one that cannot be traced may run over any."""
    return facts.carries_session(address)


def your_ssh(facts: HostFacts) -> Message:
    """The mark of a card that carries the session, or may."""
    return say("YOUR SSH?") if facts.ssh is not None and facts.ssh.untraced else say("YOUR SSH")


def used_by(facts: HostFacts, pf: Pf) -> str:
    """What uses a PF: the SSH session first, then masters and addresses of its links."""
    words = [_(your_ssh(facts))] if carries_ssh(facts, pf.address) else []
    named = (link for name in pf.netdevs or () if (link := facts.link(name)) and link.pci != pf.address)
    for link in (*facts.links_of(pf.address), *named):
        words += [link.master] if link.master else []
        words += [f"{address.ip}/{address.prefixlen}" for address in link.addresses if address.scope == "global"]
    held = sum(1 for vf in pf.vfs if vf.holders)
    words += [_(say("{held} VF in use", held=held))] if held else []
    return " ".join(words) or "-"


def link_word(facts: HostFacts, pf: Pf) -> str:
    """The link's state in words: up, no cable, down, or "-" where there is no interface."""
    link = facts.link(pf.netdev) if pf.netdev else None
    if link is None:
        return "-"
    if not link.up:
        return say("down")
    return {True: say("up"), False: say("no cable"), None: say("up ?")}[link.carrier]


def made(pf: Pf) -> str:
    """How many VFs a PF has now; where its firmware offers none there is no sriov_numvfs, and it has none."""
    return number(0 if pf.numvfs is None and pf.nvconfig else pf.numvfs)


def offered(pf: Pf) -> str:
    """How many VFs a PF offers; none, where its firmware can be read and sysfs has no sriov_totalvfs."""
    return number(0 if pf.totalvfs is None and pf.nvconfig else pf.totalvfs)


def number(value: int | None) -> str:
    """A number, or "?" where it is unknown."""
    return "?" if value is None else str(value)
