"""Lines of shell that write sriov_numvfs: which number, and into the attribute of which card."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sriov_tui.facts import ALL, HostFacts, MakerKind, VfMaker
from sriov_tui.late import regex
from sriov_tui.probe.makers.cards import by_path
from sriov_tui.probe.makers.places import WRITES

changed = replace
DISTRIBUTION = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/lib/", "/usr/lib/", "/usr/lib64/", "/dev/", "/sys/",
                "/proc/", "/run/")  # fmt: skip
_WRITE = regex(
    r"(?P<what>[^;&\n]*?)(?:\d?>{1,2}\||>{1,2}|\|\s*(?:sudo\s+)?tee(?:\s+-a)?)\s*[\"']?"
    r"(?P<path>[^\s;&|\"'<>]*(?:sriov_numvfs|mlx5_num_vfs))"
)
_READ = regex(r"(?:^|[\s;&|'\"=(])(?:cmp|cat|grep|head|test|\[)\s[^>|;&$]*sriov_numvfs[^>|;&$]*$")  # read, not written
_NUMBER = regex(r"(?:echo|printf)\s+(?:-\w+\s+)*(?:[\"']?)(?P<count>\d+)(?:\\n)?[\"']?\s*$")


def may_be_own(program: str) -> bool:
    """Whether a program may be the operator's: what a distribution installs is not looked into."""
    return program.startswith("/") and not program.startswith(DISTRIBUTION)


def only_reads(line: str) -> bool:
    """Whether a line names the attribute and does no more than look at it."""
    return _READ.search(line) is not None


def makers(facts: HostFacts, kind: MakerKind, path: str, text: str, runs: str = "") -> Iterator[VfMaker]:
    """The lines of a script that write; one of unknown number where it only names the attribute, in a variable say."""
    found: list[VfMaker] = []
    named: tuple[int, str] | None = None
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("#") or not WRITES.search(line):
            continue
        if not only_reads(line):
            named = named or (number, line)
        found += line_makers(facts, kind, path, number, line)
    if not found and named:
        found.append(VfMaker(kind=kind, path=path, line=named[0], text=named[1], count=""))
    for maker in found:
        yield replace(maker, runs=runs)


def line_makers(facts: HostFacts, kind: MakerKind, path: str, number: int, line: str) -> Iterator[VfMaker]:
    """Each write in a line."""
    for write in _WRITE.finditer(line):
        what = write["what"]
        literal = _NUMBER.search(what)
        fields: dict[str, Any] = {"kind": kind, "path": path, "line": number, "text": line}
        yield VfMaker(
            count=literal["count"] if literal else ALL if "sriov_totalvfs" in what else "",
            start=write.start("what") + literal.start("count") if literal else None,
            pfs=by_path(facts, write["path"]),
            **fields,
        )
