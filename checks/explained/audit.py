"""What the findings about the audit's own suppressions are about (see `sriov_tui.reports.suppressions`)."""

from __future__ import annotations

from sriov_tui.model import Explanation

FILE = "sriov-tui itself: the file that was given with --suppress."

EXPLAINED = (
    Explanation(
        id="audit.suppression-expired",
        title="A suppression has expired",
        means="The date in its `expires` is before the day on which the host was read.",
        matters="The finding counts again, as was agreed when the suppression was written.",
        mend="Mend the finding, or look at the reason again and give a new date.",
        source=FILE,
    ),
    Explanation(
        id="audit.suppression-unknown",
        title="A suppression names no known check",
        means="Its `id` is none that a check has. It may be misspelt, or of another version of sriov-tui.",
        matters="It suppresses nothing, though somebody relies on it.",
        mend="Write the id as `sriov-tui audit --list` shows it, or remove the suppression.",
        source=FILE,
    ),
    Explanation(
        id="audit.suppression-unused",
        title="A suppression is not needed",
        means="No finding but a good one has its id and subject on this host.",
        matters="Nothing is wrong. A suppression that is kept for no reason may hide a fault of tomorrow.",
        mend="Remove it, unless the file is shared with hosts that need it.",
        source=FILE,
    ),
)
