"""What the findings about the audit's own suppressions are about (see `sriov_tui.reports.suppressions`)."""

from __future__ import annotations

from sriov_tui.message import say
from sriov_tui.model import Explanation

FILE = say("sriov-tui itself: the file that was given with --suppress.")

EXPLAINED = (
    Explanation(
        id="audit.suppression-expired",
        title=say("A suppression has expired"),
        means=say("The date in its `expires` is before the day on which the host was read."),
        matters=say("The finding counts again, as was agreed when the suppression was written."),
        fix=say("Fix the finding, or review the reason and set a new date."),
        source=FILE,
    ),
    Explanation(
        id="audit.suppression-unknown",
        title=say("A suppression names no known check"),
        means=say("Its `id` is none that a check has. It may be misspelt, or of another version of sriov-tui."),
        matters=say("It suppresses nothing, though somebody relies on it."),
        fix=say("Write the id as `sriov-tui audit --list` shows it, or remove the suppression."),
        source=FILE,
    ),
    Explanation(
        id="audit.suppression-unused",
        title=say("A suppression is not needed"),
        means=say("No finding but a good one has its id and subject on this host."),
        matters=say("Nothing is wrong. A suppression that is kept for no reason may hide a fault of tomorrow."),
        fix=say("Remove it, unless the file is shared with hosts that need it."),
        source=FILE,
    ),
)
