"""A run as Markdown for a ticket, with the checks on the facts that were read after its end."""

from __future__ import annotations

from pathlib import Path

from sriov_tui.reports import run_markdown
from sriov_tui.run import store
from sriov_tui.run import view as run_view
from sriov_tui.services.evaluation import evaluate


def summary(run_dir: Path) -> list[str]:
    """The run and what the host showed afterwards, as Markdown."""
    view = run_view.view(run_dir)
    facts = None if view.running else store.read_facts(run_dir / store.FACTS_AFTER)
    return run_markdown.markdown(view, evaluate(facts, view.plan.choices) if facts else None)
