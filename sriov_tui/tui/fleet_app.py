"""The screen of `sriov-tui fleet`: an app of one screen.

Import this only after `terminal.prepare_environment`: Textual reads its settings at import.
"""

from __future__ import annotations

import sys

from screens.fleet import FleetScreen
from sriov_tui.fleet.hosts import Fleet
from sriov_tui.language import _
from sriov_tui.language.layout import printable
from sriov_tui.message import say
from sriov_tui.tui.terminal import environment
from sriov_tui.tui.terminal_app import TerminalApp


class FleetApp(TerminalApp):
    """The collected audits; it only reads."""

    def __init__(self, fleet: Fleet, *, plain: bool = False) -> None:
        super().__init__(plain=plain)
        self.fleet = fleet

    def on_mount(self) -> None:
        """Show the one screen."""
        super().on_mount()
        self.show()

    def show(self) -> None:
        """Show it, and again in the other language where that is asked for."""
        self.push_screen(FleetScreen(self.fleet), self.closed)

    def closed(self, again: bool | None) -> None:
        """The screen was left."""
        if not again:
            self.exit(0)
            return
        self.show()


def run_fleet(fleet: Fleet, *, plain: bool = False) -> int:
    """Show the fleet; the exit status: 0, 1 after a crash, 128 + the signal's number."""
    environment.end_with_parent()
    app = FleetApp(fleet, plain=plain)
    app.run(mouse=False)
    if app.crash:
        last = app.crash.strip().splitlines()[-1]
        told = say("sriov-tui stopped by a fault of its own: {last}. `--format text` needs no screen.", last=last)
        print(printable(_(told)), file=sys.stderr)
    return app.return_code or 0
