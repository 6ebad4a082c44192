"""Many audits side by side: what is no audit is named, who differs is found, and no text of a host is ever obeyed."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from sriov_tui import cli
from sriov_tui.fleet import tables
from sriov_tui.fleet.compare import outliers, shared
from sriov_tui.fleet.hosts import Fleet
from sriov_tui.fleet.packed import opened
from sriov_tui.fleet.page import to_html
from sriov_tui.fleet.reading import read_fleet
from sriov_tui.language.layout import printable
from sriov_tui.message import verbatim
from sriov_tui.model import Evidence, Finding, Fix, Level, SriovError
from sriov_tui.reports import audit
from tests.fleets import HOSTILE
from tests.samples import igb_host

BAD = Finding(
    id="iommu.active", level=Level.FAIL, title=verbatim("Not active."),
    detail=verbatim("why"), evidence=(Evidence("/sys", "empty"),),
    fix=Fix(title=verbatim("Fix it."), manual=verbatim("so")),
)  # fmt: skip
GOOD = Finding(id="driver.vfio", level=Level.OK, title=verbatim("Loaded."))


def document(name: str, *findings: Finding, **facts: Any) -> dict[str, Any]:
    """An audit of the sample host by this name; `facts` replace parts of its summary."""
    made: dict[str, Any] = json.loads(
        audit.to_json(audit.Report(facts=igb_host(hostname=name), findings=findings or (GOOD,)))
    )
    made["facts"] |= facts
    made["gathered_at"] = datetime.now(UTC).isoformat()
    return made


def nic(**changes: Any) -> dict[str, Any]:
    """A card of a summary."""
    return {"address": "0000:01:00.0", "model": "8086:10c9", "name": "82576", "driver": "igb", "numvfs": 7} | changes


def fleet_of(folder: Path, *documents: object) -> Fleet:
    """These documents as files, read."""
    for number, one in enumerate(documents):
        (folder / f"{number}.json").write_text(one if isinstance(one, str) else json.dumps(one))
    return read_fleet(folder)


def test_hosts_are_read_the_worst_first(tmp_path: Path) -> None:
    fleet = fleet_of(tmp_path, document("a"), document("b", BAD, GOOD), document("c", GOOD))
    assert [(host.name, host.state) for host in fleet.hosts] == [("b", "FAIL"), ("a", "READY"), ("c", "READY")]
    (first,) = fleet.in_state("FAIL")
    assert first.open == (BAD,)
    assert (first.kernel, [nic.model for nic in first.nics]) == ("6.12.1-amd64", ["8086:10c9", "8086:10c9"])
    assert tables.verdict(fleet) == "3 hosts: 1 FAIL, 2 READY."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "no audit: "),
        ("[]", "it has no findings"),
        ('{"findings": [], "version": 99}', "version 99"),
        ('{"findings": [{"id": "a"}], "version": 1}', "no audit: 'level'"),
        ('{"findings": [{"id": 7, "level": "OK"}], "version": 1}', "id is not a text"),
        ('{"findings": [], "version": 1, "facts": {"nics": [{"numvfs": "7"}]}}', "numvfs is not a number"),
        ('{"findings": [7], "version": 1}', "no audit: "),
        ('{"findings": [], "version": 1, "facts": [1]}', "no audit: "),
        ('{"findings": [], "version": 1, "problems": 7}', "no audit: "),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_audit_is_named_and_the_others_are_read(tmp_path: Path, text: str, reason: str) -> None:
    fleet = fleet_of(tmp_path, text, document("a"))
    assert [host.name for host in fleet.hosts] == ["a"]
    assert [one.file for one in fleet.broken] == ["0.json"]
    assert reason in fleet.broken[0].reason
    assert "0.json" in "\n".join(tables.to_text(fleet))


def test_audits_of_before_the_summary_are_read(tmp_path: Path) -> None:
    old = document("a")
    del old["facts"]
    fleet = fleet_of(tmp_path, old, document("b"))
    assert (fleet.hosts[0].kernel, fleet.hosts[0].nics) == (None, ())
    assert outliers(fleet) == ()


def test_one_name_twice_is_told_apart_by_its_file(tmp_path: Path) -> None:
    fleet = fleet_of(tmp_path, document("localhost"), document("localhost"), document(""))
    assert [host.name for host in fleet.hosts] == ["2", "localhost (0.json)", "localhost (1.json)"]


def test_a_folder_without_audits_is_a_sentence(tmp_path: Path) -> None:
    for folder, words in ((tmp_path, "No audit is in"), (tmp_path / "none", "is not a folder")):
        with pytest.raises(SriovError, match=words):
            read_fleet(folder)


def test_findings_are_counted_by_hosts(tmp_path: Path) -> None:
    twice = Finding(id="vfs.count", level=Level.WARN, title=verbatim("0 of 7."))
    fleet = fleet_of(tmp_path, document("a", BAD, twice, twice), document("b", twice), document("c"))
    assert [(one.id, one.level, one.hosts) for one in shared(fleet)] == [
        ("vfs.count", Level.WARN, ("a", "b")),
        ("iommu.active", Level.FAIL, ("a",)),
    ]


def test_who_differs_from_the_majority(tmp_path: Path) -> None:
    line = "BOOT_IMAGE=/a root=UUID=1 quiet intel_iommu=on"
    documents = [document(f"h{n}", nics=[nic(firmware="1.2")], arguments=f"{line} id={n}") for n in range(3)]
    other = {
        "nics": [nic(firmware="1.1", driver="", numvfs=0)],
        "arguments": "root=UUID=2 quiet id=3",
        "kernel": "5.10",
    }
    fleet = fleet_of(tmp_path, *documents, document("odd", **other))
    found = {(one.kind, one.what): (one.value, one.usual, one.share, one.known) for one in outliers(fleet)}
    assert {one.hosts for one in outliers(fleet)} == {("odd",)}
    assert found == {
        ("VF count", "0000:01:00.0 82576 (8086:10c9)"): ("0", "7", 3, 4),
        ("driver", "82576 (8086:10c9)"): ("no driver", "igb", 3, 4),
        ("firmware", "82576 (8086:10c9)"): ("1.1", "1.2", 3, 4),
        ("kernel", "release"): ("5.10", "6.12.1-amd64", 3, 4),
        ("kernel argument", "intel_iommu"): ("absent", "on", 3, 4),
        ("kernel argument", "root"): ("UUID=2", "UUID=1", 3, 4),
    }


def test_without_a_majority_nobody_differs(tmp_path: Path) -> None:
    assert outliers(fleet_of(tmp_path, document("a", kernel="5"), document("b", kernel="6"))) == ()


def test_what_is_unknown_differs_from_nothing(tmp_path: Path) -> None:
    unknown = nic(driver=None, numvfs=None, firmware=None)
    fleet = fleet_of(tmp_path, *(document(n, nics=[nic()]) for n in "abc"), document("d", nics=[unknown], kernel=None))
    assert outliers(fleet) == ()


def page_of(fleet: Fleet, before: Fleet | None = None) -> str:
    """The page, and the hosts that it keeps compressed as its script opens them."""
    text = "".join(to_html(fleet, before))
    return text + "".join(
        html for part in re.findall("(?m)^<p>(.*)</p>$", text.partition('id="packed"')[2]) for html in opened(part)
    )


class Page(HTMLParser):
    """The elements of a page and their attributes; the parser fails on nothing, so the test looks for what is there."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.names: set[str] = set()
        self.links: set[str] = set()
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.names |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src")}
        self.ids |= {value or "" for name, value in attrs if name == "id"}


def hostile(folder: Path) -> Fleet:
    """Every text of a host is markup, a formula, or bytes that are no characters."""
    bad = Finding(
        id=HOSTILE, level=Level.FAIL, title=verbatim(HOSTILE), subject=HOSTILE,
        detail=verbatim(f"{HOSTILE}\n\x1b[31m\x00\ud800"),
        evidence=(Evidence(HOSTILE, HOSTILE),), fix=Fix(title=verbatim(HOSTILE), manual=verbatim(HOSTILE)),
    )  # fmt: skip
    card = nic(
        **dict.fromkeys(("name", "model", "driver", "firmware", "interface", "slot", "use"), HOSTILE), wires=[HOSTILE]
    )
    facts = {
        "nics": [card],
        "arguments": HOSTILE,
        "kernel": HOSTILE,
        "os": HOSTILE,
        "bios": HOSTILE,
        "machine": HOSTILE,
    }
    odd = document("=1+1", bad, nics=[nic(firmware=HOSTILE)])
    return fleet_of(folder, document(HOSTILE, bad, **facts), odd, document("c", nics=[nic()]), "[]")


def test_no_text_of_a_host_is_ever_markup(tmp_path: Path) -> None:
    text = page_of(hostile(tmp_path))
    page = Page(text)
    assert page.tags.count("script") == 1
    assert "img" not in page.tags
    assert not any(name.startswith("on") for name in page.names)
    assert "style" not in page.names
    assert all(link.startswith("#") for link in page.links)
    assert {link for link in page.links if link.startswith("#h")} == {"#h0", "#h1", "#h2"}
    assert "\x1b" not in text
    assert "default-src 'none'" in text
    text.encode()


def test_the_page_allows_its_own_script_by_its_digest(tmp_path: Path) -> None:
    import base64
    import hashlib

    text = page_of(fleet_of(tmp_path, document("a")))
    for tag in ("script", "style"):
        inside = text.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in text


def test_csv_is_whole_and_no_formula(tmp_path: Path) -> None:
    fleet = hostile(tmp_path)
    before = replace(fleet, hosts=tuple(replace(host, findings=()) for host in fleet.hosts))
    for table in tables.TABLES:
        rows = list(csv.reader(io.StringIO(tables.to_csv(fleet, table, before))))
        assert len(rows) > 1
        assert {len(row) for row in rows} == {len(rows[0])}
        assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
        assert all(printable(cell) == cell for row in rows for cell in row)
    assert "'=1+1,FAIL" in tables.to_csv(fleet, "hosts")
    assert "UNREADABLE" in tables.to_csv(fleet, "hosts")


def test_the_command_line(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    fleet_of(tmp_path, document("kvm1", BAD), document("kvm2"), "{")

    def told(*options: str) -> tuple[int, str]:
        status = cli.main(["fleet", str(tmp_path), *options])
        done = capsysbinary.readouterr()
        return status, (done.out + done.err).decode()

    status, text = told("--format", "text")
    assert (status, "2 hosts: 1 FAIL, 1 READY; 1 file could not be read." in text) == (0, True)
    assert told("--format", "csv")[1].startswith("host,state,")
    assert told("--format", "csv", "--table", "findings")[1].startswith("hosts,level,")
    assert told("--format", "html")[1].startswith("<!doctype html>")
    status, text = told("--show", "kvm1")
    assert "What to do: Fix it." in text
    status, text = told("--show", "kvm9")
    assert (status, "There is no audit of 'kvm9'" in text) == (1, True)
    status, text = told()
    assert (status, "no terminal here" in text) == (1, True)
