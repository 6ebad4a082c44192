"""The ways through every screen and overlay, for tests and for the measurement of what they send."""

from __future__ import annotations

Walk = tuple[tuple[tuple[str, ...], str, bool], ...]  # keys, what stands there, whether the cursor moves in a list
WIZARD: Walk = (
    ((), "welcome", False),
    (("f8",), "step 1/6", False),
    (("f3",), "Network card of kvm07", True),
    (("enter",), "─ Line ─", False),
    (("escape", "/", "v", "f", "i", "o"), "of 16", True),
    (("escape", "escape", "f1"), "Help: step 1/6", False),
    (("?",), "─ Keys ─", False),
    (("escape", "escape", "f2"), "hardware.sriov", False),
    (("escape", "f9"), "Audit of kvm07", True),
    (("f4",), "Troubleshooting of kvm07", True),
    (("escape", "down", "down", "space", "f8"), "step 2/6", True),
    (("f8",), "step 3/6", False),
    (("f8",), "step 4/6", False),
    (("f8",), "step 5/6", False),
    (("tab", "tab", "enter"), "─ Bond ─", False),
    (("escape", "f7", "f8"), "step 5/6", False),
    (("b", "r", "1", "tab", "n", "f8"), "step 6/6", True),
    (("f8",), "Apply this plan?", False),
    (("tab", "enter"), "Applied, but not all is as promised", False),
    (("m",), "/state/summary.md", False),
)
FLEET: Walk = (
    ((), "sriov-tui fleet", True),
    (("2",), "2 Findings", False),
    (("3",), "3 Differences", False),
    (("4",), "4 Unreadable", False),
    (("1", "/", "0", "2", "0"), "1 of 40", False),
    (("enter", "enter"), "Audit of lab020", True),
)
