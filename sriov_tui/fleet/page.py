"""A fleet as one HTML page that needs nothing else: no network, no library; without scripts its tables still read.

Every text of a host is escaped, and the page's own policy allows no script but ours, by its digest. What a host's name
leads to is compressed: 10,000 hosts make less than 10 MB.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from importlib import resources
from urllib.parse import urlencode

from sriov_tui.fleet import age
from sriov_tui.fleet import packed as packing
from sriov_tui.fleet.changes import Change, changes
from sriov_tui.fleet.compare import Outlier, Shared, outliers, shared
from sriov_tui.fleet.hosts import STATES, Fleet, FleetHost
from sriov_tui.fleet.supply import Supply, supply, unlisted
from sriov_tui.fleet.tables import NO_AUDIT, about, change_words, hosts_of, lines, nic_rows, some, verdict
from sriov_tui.language import _, spoken
from sriov_tui.language.layout import printable
from sriov_tui.message import join, plural, say
from sriov_tui.model import Finding, Level

Cell = tuple[str, str]  # attributes of the td, its HTML
NAMES = 12  # how many hosts a row links to
Row = tuple[str, tuple[Cell, ...]]  # attributes of the tr, its cells


def to_html(fleet: Fleet, before: Fleet | None = None) -> Iterator[str]:
    """The page in parts: the overview with its tables, and the hosts that the names in it lead to."""
    css, js = (resources.files("sriov_tui.fleet").joinpath(f"page.{kind}").read_text("utf-8") for kind in ("css", "js"))
    policy = f"default-src 'none'; style-src '{_digest(css)}'; script-src '{_digest(js)}'; base-uri 'none'"
    links = {host.name: f"h{number}" for number, host in enumerate(fleet.hosts)}
    yield f'<!doctype html><html lang="{spoken().replace("_", "-")}"><head><meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f"<title>SR-IOV: {_(hosts_of(len(fleet.hosts)))}</title><style>{css}</style></head><body><main>\n"
    for part in _overview(fleet, links, before):
        yield f"{part}\n"
    yield from _hosts(fleet)
    yield f"</main><script>{js}</script></body></html>\n"


def _hosts(fleet: Fleet) -> Iterator[str]:
    """Where the script shows a host, and all of them, compressed; without a script, how else they are read."""
    old = _(say("This browser is too old to open a host. `sriov-tui fleet DIR --show HOST` prints the same."))
    absent = _(say("There is no such host on this page."))
    script = _(say("A host opens by a script. `sriov-tui fleet DIR --show HOST` prints the same."))
    yield f'<noscript><p class="WARN">{_text(script)}</p></noscript>\n'
    words = f'data-old="{_text(old)}" data-none="{_text(absent)}"'
    yield f'<div id="host" data-size="{packing.SIZE}" {words} hidden></div>\n'
    yield '<div id="packed" hidden>\n'
    for part in packing.parts(fleet.hosts):
        articles: dict[int, str] = {}  # by the finding, which `reading` keeps once for all hosts that have it
        yield f"<p>{packing.packed(_host(host, fleet.stale(host), articles) for host in part)}</p>\n"
    yield "</div>\n"


def _overview(fleet: Fleet, links: Mapping[str, str], before: Fleet | None) -> Iterator[str]:
    title = _(plural("SR-IOV on 1 host", "SR-IOV on {count} hosts", len(fleet.hosts)))
    yield f'<div class="all"><h1>{title}</h1>'
    yield f'<p class="dim">{_text(_(verdict(fleet)))}</p>'
    yield '<div class="tools" hidden>'
    hint = _(say("Search hosts, cards, findings"))
    yield f'<input id="search" type="search" aria-label="{_(say("Search"))}" placeholder="{hint}">'
    yield f'<button type="button" data-state="" aria-pressed="true">{_(say("All"))}</button>'
    for state in STATES:
        if hosts := fleet.in_state(state):
            yield f'<button type="button" class="{state}" data-state="{state}">{state} {len(hosts)}</button>'
    yield f'<small id="shown" role="status" data-words="{_(say("SHOWN of ALL hosts"))}"></small></div>'
    yield f"<h2>{_(say('Findings by number of hosts'))}</h2>"
    rows = (_finding_row(one, links) for one in shared(fleet))
    yield from _table("findings", (say("#Hosts"), say("Level"), say("Check"), say("Finding"), say("Where")), rows)
    yield f"<h2>{_(say('Who differs from the majority'))}</h2>"
    rows = (_outlier_row(one, links) for one in outliers(fleet))
    yield from _table(
        "outliers", (say("What"), say("Of"), say("The majority"), say("Here"), say("#Hosts"), say("Where")), rows
    )
    yield f"<h2>{_(say('Free VFs by card and wire'))}</h2>"
    columns = (say("Card"), say("Wire"), say("For"), say("#Free"), "#VFs", say("Where"))
    yield from _table("supply", columns, (_supply_row(one, links) for one in supply(fleet)))
    if unknown := [*unlisted(fleet)]:
        yield f'<p class="dim">{_text(_(join(": ", (say("Not known"), some(unknown)))))}</p>'
    if before is not None:
        yield f"<h2>{_(say('Changed since the audits before'))}</h2>"
        rows = (_change_row(one, links) for one in changes(before, fleet))
        heads = (say("Host"), say("Level"), say("Check"), say("Where"), say("Finding"))
        yield from _table("changes", heads, rows)
    yield f"<h2>{_(say('Hosts'))}</h2>"
    head = (
        say("Host"),
        say("State"),
        "#FAIL",
        "#WARN",
        say("Worst finding"),
        say("Cards"),
        "#VFs",
        say("Kernel"),
        say("Audited"),
    )
    yield from _table("hosts", head, _host_rows(fleet, links))
    if fleet.broken:
        yield f"<h2>{_(say('Could not be read'))}</h2>"
        files = (("", (_cell(one.file), _cell(_(one.reason)))) for one in fleet.broken)
        yield from _table("broken", (say("File"), say("Reason")), files)
    yield "</div>"


def _finding_row(one: Shared, links: Mapping[str, str]) -> Row:
    words = _number(len(one.hosts)), _level(one.level.name, one.level), _cell(one.id, "code"), _cell(_(one.title))
    return _find(one.hosts), (*words, _where(one.hosts, links, one.id))


def _outlier_row(one: Outlier, links: Mapping[str, str]) -> Row:
    usual = _(say("{usual} ({share} of {known})", usual=one.usual, share=one.share, known=one.known))
    words = (_cell(_(text)) for text in (one.kind, one.what, usual, one.value))
    return _find(one.hosts), (*words, _number(len(one.hosts)), _where(one.hosts, links))


def _supply_row(one: Supply, links: Mapping[str, str]) -> Row:
    places = (f'<a href="#{links[place.host]}">{_text(_(place.words))}</a>' for place in one.places[:NAMES])
    more = _(say("and {more} more", more=len(one.places) - NAMES)) if len(one.places) > NAMES else ""
    words = (_cell(one.card), _cell(_(one.wire_words)), _cell(one.use), _number(one.free), _number(one.vfs))
    return _find(place.host for place in one.places), (*words, ("", f"{', '.join(places)} {more}"))


def _change_row(one: Change, links: Mapping[str, str]) -> Row:
    host = ("", f'<a href="#{links[one.host]}">{_text(one.host)}</a>')
    return "", (host, _cell(change_words(one)), _cell(one.id, "code"), _cell(one.subject), _cell(_(one.title)))


def _host_rows(fleet: Fleet, links: Mapping[str, str]) -> Iterator[Row]:
    """Every host with an audit, then those that were expected and have none."""
    yield from (_host_row(host, links[host.name], fleet.stale(host)) for host in fleet.hosts)
    for name in fleet.missing:
        words = (_cell(name), ("", '<span class="word FAIL">MISSING</span>'), *[_number("")] * 2)
        yield "", (*words, _cell(_(NO_AUDIT)), *[_cell("")] * 4)


def _host_row(host: FleetHost, link: str, stale: str) -> Row:
    worst = _(host.open[0].title) if host.open else ""
    cards = dict.fromkeys(nic.name or nic.model or "" for nic in host.nics if nic.totalvfs)
    return (
        f' data-is="{host.state}"{_find(finding.id for finding in host.open)}',
        (
            ("", f'<a href="#{link}">{_text(host.name)}</a>'),
            _level(host.state, Level.FAIL if host.state == "BLOCKED" else Level.__members__.get(host.state, Level.OK)),
            _number(host.count(Level.FAIL)),
            _number(host.count(Level.WARN)),
            _cell(worst),
            _cell(", ".join(cards)),
            _number(sum(nic.numvfs or 0 for nic in host.nics)),
            _cell(host.kernel or ""),
            _audited(host, stale),
        ),
    )


def _audited(host: FleetHost, stale: str) -> Cell:
    """When, in UTC; a stale one is marked by a word."""
    mark = f' <span class="word WARN" title="{_text(_(stale))}">{_(say("stale"))}</span>' if stale else ""
    return "", f"{_text(age.shown(host.gathered_at))}{mark}"


def _host(host: FleetHost, stale: str, articles: dict[int, str]) -> Iterator[str]:
    """A host in full; its findings are pieces of their own, since other hosts have the same."""
    yield f'<section class="host"><p><a class="back" href="#">{_(say("All hosts"))}</a></p>'
    yield f'<h1>{_text(host.name)}</h1><p><span class="word {host.state}">{host.state}</span>'
    time = age.shown(host.gathered_at) or say("at an unknown time")
    audited = _(say("audited {gathered_at}", gathered_at=time))
    yield f'<span class="dim"> {_text(audited)}, {_text(host.file)}</span></p>'
    if stale:
        yield f'<p class="WARN">{_text(_(stale))}</p>'
    values = "".join(f"<dt>{_(label)}</dt><dd>{_text(_(value))}</dd>" for label, value in about(host))
    yield f"<dl>{values}</dl>"
    if host.nics:
        rows = (("", tuple(_cell(_(value)) for value in row)) for row in nic_rows(host))
        heads = (say("Address"), say("Interface"), say("Card"), say("Driver"), say("Firmware"), "VFs")
        yield from _table("", heads, rows)
    for finding in host.findings:
        if id(finding) not in articles:
            articles[id(finding)] = _article(finding)
    yield from (articles[id(finding)] for finding in host.open)
    good = [finding for finding in host.findings if finding.level < Level.WARN]
    rest = _(plural("1 finding is OK or INFO", "{count} findings are OK or INFO", len(good)))
    yield f"<details><summary>{rest}</summary>"
    yield from (articles[id(finding)] for finding in good)
    yield "</details></section>"


def _article(finding: Finding) -> str:
    more = "\n".join(lines(finding))
    return (
        f'<article><span class="word {finding.level.name}">{finding.level.name}</span> {_text(_(finding.title))} '
        f"<small><code>{_text(finding.id)}</code> {_text(finding.subject)}</small>"
        f"{f'<pre>{_text(more)}</pre>' if more else ''}</article>"
    )


def _table(id: str, head: Iterable[str], rows: Iterable[Row]) -> Iterator[str]:
    """A table of (attributes, cells); a heading with "#" stands over numbers."""
    heads = "".join(
        f'<th scope="col"{" class=number" if word[0] == "#" else ""}>{_(word).lstrip("#")}</th>' for word in head
    )
    yield f'<div class="wide"><table{f" id={id}" if id else ""}><thead><tr>{heads}</tr></thead><tbody>'
    for attributes, cells in rows:
        yield f"<tr{attributes}>{''.join(f'<td{more}>{html}</td>' for more, html in cells)}</tr>"
    yield "</tbody></table></div>"


def _where(names: tuple[str, ...], links: Mapping[str, str], check: str = "") -> Cell:
    """The first hosts as links; the others are found by a search for the check."""
    html = ", ".join(f'<a href="#{links[name]}">{_text(name)}</a>' for name in names[:NAMES])
    more = _(say("and {more} more", more=len(names) - NAMES)) if len(names) > NAMES else ""
    return "", f'{html} <a href="#{urlencode({"q": check})}">{more}</a>' if more and check else f"{html} {more}"


def _find(words: Iterable[str]) -> str:
    """What a search finds the row by, beside what stands in it."""
    return f' data-find="{_text(" ".join(words))}"'


def _level(word: str, level: Level) -> Cell:
    return f' data-value="{int(level):03d}"', f'<span class="word {word}">{word}</span>'


def _number(value: int | str) -> Cell:
    return ' class="number"', str(value)


def _cell(text: str, tag: str = "") -> Cell:
    return "", f"<{tag}>{_text(text)}</{tag}>" if tag else _text(text)


def _text(text: str) -> str:
    """Text as HTML, also inside of quotes; controls and halves of surrogates are made visible."""
    return escape("\n".join(map(printable, text.split("\n"))), quote=True)


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
