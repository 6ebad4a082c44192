"""The fleet's page in headless Chromium: it sorts and searches without a network, and obeys no text of a host."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import pytest

from sriov_tui.fleet.page import to_html
from sriov_tui.fleet.reading import read_fleet
from tests.browser import chromium
from tests.fleets import HOSTILE, write_fleet
from tests.sriov_tui.fleet.test_fleet import document, hostile

pytestmark = [
    pytest.mark.subprocess,
    pytest.mark.skipif(not chromium.program(), reason="Chromium is not installed (Debian: apt install chromium)"),
]


@dataclass
class Row:
    """A row of a table as the browser shows it."""

    table: str
    cells: list[str]
    hidden: bool


class Shown(HTMLParser):
    """The rows of each table of a document."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self._table, self._in_cell = "", False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "table":
            self._table = values.get("id") or ""
        elif tag == "tr":
            self.rows.append(Row(self._table, [], "hidden" in values))
        elif tag == "td":
            self.rows[-1].cells.append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.rows[-1].cells[-1] += data

    def column(self, table: str, number: int = 0) -> list[str]:
        """The visible cells of one column, from the top."""
        return [row.cells[number] for row in self.rows if row.table == table and row.cells and not row.hidden]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a page with 200 hosts."""
    folder = tmp_path_factory.mktemp("fleet")
    write_fleet(folder / "audits", 200)
    (folder / "page.html").write_text("".join(to_html(read_fleet(folder / "audits"))))
    return (folder / "page.html").as_uri()


def shown(page: str, **view: str) -> Shown:
    """What stands there with this view in the address."""
    return Shown(chromium.dom(f"{page}#{urlencode(view)}"))


def test_everything_is_shown_at_first(page: str) -> None:
    whole = shown(page)
    assert len(whole.column("hosts")) == 200
    assert "firmware" in whole.column("outliers")
    assert whole.column("broken") == ["half.json", "list.json"]


def test_search_leaves_the_rows_that_hold_every_word(page: str) -> None:
    found = shown(page, q="KVM013")
    assert found.column("hosts") == ["kvm013"]
    assert found.column("outliers") == ["firmware"]
    by_check = shown(page, q="iommu.active")
    assert by_check.column("hosts")[:3] == ["kvm020", "kvm030", "kvm060"]
    assert set(by_check.column("hosts", 1)) == {"FAIL"}
    assert shown(page, q="no such thing").column("hosts") == []


def test_a_state_leaves_its_hosts(page: str) -> None:
    assert set(shown(page, state="FAIL").column("hosts", 1)) == {"FAIL"}


def test_columns_sort_as_text_and_as_numbers(page: str) -> None:
    names = shown(page, sort="hosts.0").column("hosts")
    assert names == sorted(names)
    assert shown(page, sort="hosts.0", desc="1").column("hosts") == names[::-1]
    counts = [int(count) for count in shown(page, sort="findings.0").column("findings")]
    assert counts == sorted(counts)
    assert len(set(counts)) > 1
    assert len({len(str(count)) for count in counts}) > 1  # as text, 12 would come before 2
    levels = shown(page, sort="findings.1", desc="1").column("findings", 1)
    assert levels == sorted(levels, key=("FAIL", "SKIP", "WARN").index)


def test_a_host_opens_with_its_findings_and_cards(page: str) -> None:
    for number in (0, 63, 64, 199):  # both sides of where a part of the packed hosts ends
        document = chromium.dom(f"{page}#h{number}")
        opened = document.partition('<section class="host">')[2].partition("</section>")[0]
        name = opened.partition("<h1>")[2].partition("</h1>")[0]
        assert f'<a href="#h{number}">{name}</a>' in document
        assert "<article>" in opened
        assert "VFs</td>" in opened
        assert '<div class="all" hidden="">' in document
    assert '<section class="host">' not in chromium.dom(page)


def test_a_host_that_is_not_there_says_so(page: str) -> None:
    document = chromium.dom(f"{page}#h9999")
    assert '<p class="WARN">There is no such host on this page.</p>' in document


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    audits = tmp_path / "audits"
    audits.mkdir()
    text = "".join(to_html(hostile(audits)))
    file = tmp_path / "page.html"
    # Where a script of a host ran, the mark would be in the title.
    file.write_text(text.replace("alert(1)", "document.title='RAN'").replace("alert(2)", "document.title='RAN'"))
    after = chromium.dom(file.as_uri())
    assert "<title>RAN" not in after
    assert "<title>RAN" not in chromium.dom(f"{file.as_uri()}#h0")
    assert HOSTILE.replace("alert(1)", "document.title='RAN'").replace("alert(2)", "document.title='RAN'") in (
        Shown(after).column("hosts")
    )


def test_what_would_load_from_elsewhere_is_refused_by_the_page_itself(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(document("a")))
    text = "".join(to_html(read_fleet(tmp_path))).replace("</main>", "<script>document.title='RAN'</script></main>")
    (tmp_path / "page.html").write_text(text)
    assert "<title>RAN" not in chromium.dom((tmp_path / "page.html").as_uri())
