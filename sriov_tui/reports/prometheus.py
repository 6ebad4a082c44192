"""An audit in the text format of Prometheus, for the textfile collector of the node exporter.

The format is that of https://prometheus.io/docs/instrumenting/exposition_formats/; what is unknown has no sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from sriov_tui.facts import HostFacts, Pf
from sriov_tui.model import Choices, Finding, Level
from sriov_tui.reports.audit import Report

Sample = tuple[Mapping[str, str], int | float]
HELP = {
    "sriov_tui_ready": "1 where no finding is as bad as --fail-on, none blocks and all was seen, as the exit status 0.",
    "sriov_tui_audit_time_seconds": "When the host was read, in seconds since 1970.",
    "sriov_tui_findings": "How many findings have this level.",
    "sriov_tui_finding": "1 for each finding that is WARN, FAIL or SKIP (not seen).",
    "sriov_tui_unreadable": "How many sources could not be read.",
    "sriov_tui_vfs": "VFs of a port: total = the card offers, wanted = asked for, there = exist, held = in use.",
    "sriov_tui_vf_rx_dropped_total": "Packets to a VF that the card dropped, where its driver counts them.",
    "sriov_tui_vf_tx_dropped_total": "Packets of a VF that the card dropped, where its driver counts them.",
}
COUNTERS = ("sriov_tui_vf_rx_dropped_total", "sriov_tui_vf_tx_dropped_total")


def to_prometheus(report: Report, choices: Choices) -> Iterator[str]:
    """The lines, each metric with its HELP and TYPE; `choices` is what the host was held against."""
    for name, samples in _metrics(report, choices):
        rows = list(samples)
        if rows:
            yield f"# HELP {name} {HELP[name]}"
            yield f"# TYPE {name} {'counter' if name in COUNTERS else 'gauge'}"
            yield from (f"{name}{_labels(labels)} {value}" for labels, value in rows)


def _metrics(report: Report, choices: Choices) -> Iterator[tuple[str, Iterable[Sample]]]:
    facts = report.facts
    yield "sriov_tui_ready", [({}, int(report.ready))]
    yield "sriov_tui_audit_time_seconds", _time(facts.gathered_at)
    levels = [finding.level for finding in report.findings]
    yield "sriov_tui_findings", [({"level": level.name}, levels.count(level)) for level in Level]
    yield "sriov_tui_finding", _findings(report.findings)
    yield "sriov_tui_unreadable", [({}, len({problem.source for problem in facts.problems}))]
    pfs = [pf for pf in facts.pfs or () if pf.totalvfs is not None]
    yield "sriov_tui_vfs", [sample for pf in pfs for sample in _vfs(pf, choices)]
    for name, field in zip(COUNTERS, ("rx_dropped", "tx_dropped"), strict=True):
        yield name, [sample for pf in pfs for sample in _counters(facts, pf, field)]


def _time(gathered_at: str) -> Iterator[Sample]:
    try:
        yield {}, int(datetime.fromisoformat(gathered_at).timestamp())
    except ValueError:
        return


def _findings(findings: Iterable[Finding]) -> Iterator[Sample]:
    """Each once: two of one id and subject would be one sample given twice, which the collector refuses."""
    bad = ((finding.id, finding.subject, finding.level.name) for finding in findings if finding.level >= Level.WARN)
    for id, subject, level in dict.fromkeys(bad):
        yield {"id": id, "subject": subject, "level": level}, 1


def _vfs(pf: Pf, choices: Choices) -> Iterator[Sample]:
    choice = choices.nic(pf.address)
    wanted = 0 if choice.use == "leave" else pf.totalvfs if choice.numvfs is None else choice.numvfs
    held = [vf.holders for vf in pf.vfs]
    known = not any(holders is None for holders in held)
    values = {
        "total": pf.totalvfs,
        "wanted": wanted,
        "there": pf.numvfs,
        "held": sum(bool(holders) for holders in held) if known else None,
    }
    for state, value in values.items():
        if value is not None:
            yield {"address": pf.address, "interface": pf.netdev or "", "state": state}, value


def _counters(facts: HostFacts, pf: Pf, field: str) -> Iterator[Sample]:
    link = facts.link(pf.netdev) if pf.netdev else None
    for vf in (link and link.vfs) or ():
        value = getattr(vf, field)
        if value is not None:
            yield {"address": pf.address, "interface": pf.netdev or "", "vf": str(vf.index)}, value


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    """Backslash, quote and line end as the format has them; bytes that are no UTF-8 made visible."""
    plain = value.encode("utf-8", "backslashreplace").decode()
    return plain.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
