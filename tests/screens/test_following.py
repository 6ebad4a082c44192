"""The audit screen follows what changes on the machine, from another thread, and hands it on to the step below."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from sriov_tui.message import verbatim
from sriov_tui.model import Choices, Finding, Level, SriovError
from tests.screens.driving import opened
from tests.screens.fakes import Fake, fake


class Followed:
    """The `follow` of a fake machine: `change` is what the real one does after an event."""

    def __init__(self, machine: Fake) -> None:
        self.machine = machine
        self.changed: Callable[[], object] = lambda: None
        self.ends = 0

    def __call__(self, changed: Callable[[], object]) -> Callable[[], None]:
        self.changed = changed
        return self.end

    def end(self) -> None:
        self.ends += 1

    def change(self, *findings: Finding) -> None:
        """The machine is read again in a thread, and now gives these findings."""

        def follow() -> None:
            self.machine.find = lambda choices: findings
            facts = replace(self.machine.state.facts, gathered_at="2026-01-01T00:00:07Z")
            self.machine.state = replace(self.machine.state, facts=facts)
            self.changed()

        thread = threading.Thread(target=follow)
        thread.start()
        thread.join()


def found(*pairs: tuple[str, Level]) -> tuple[Finding, ...]:
    return tuple(Finding(id=name, level=level, title=verbatim(f"about {name}"), subject=name) for name, level in pairs)


async def test_a_change_is_shown_and_the_cursor_stays_on_its_finding() -> None:
    machine = fake()
    machine.find = lambda choices: found(("hardware.b", Level.WARN), ("hardware.c", Level.OK))
    machine.state = machine.evaluate(Choices())
    follow = Followed(machine)
    async with opened(machine, follow=follow) as app:
        await app.press("f9")
        assert "Audit of kvm07 (REAL, live): 0 FAIL, 1 WARN" in app.picture
        assert "about hardware.b" in app.picture
        follow.change(*found(("hardware.a", Level.FAIL), ("hardware.b", Level.WARN), ("hardware.c", Level.OK)))
        await app.settle()
        assert "(REAL, live): 1 FAIL, 1 WARN" in app.picture
        tree = app.app.screen.query_one("#tree")
        assert app.app.screen.items[tree.highlighted].id == "hardware.b"  # type: ignore[attr-defined]
        follow.change()
        await app.settle()
        assert "(REAL, live): 0 FAIL" in app.picture
        follow.change(*found(("hardware.a", Level.FAIL)))
        await app.press("escape")
        assert follow.ends == 1
        assert "FAIL  hardware.a  about hardware.a" in app.picture, "the step below knows it, too"
        assert app.app.state.facts.gathered_at == "2026-01-01T00:00:07Z"


async def test_where_nothing_can_be_followed_the_audit_is_of_one_moment() -> None:
    def refuse(changed: Callable[[], object]) -> Callable[[], None]:
        raise SriovError(verbatim("no events here"))

    async with opened(fake(), follow=refuse) as app:
        await app.press("f9")
        assert "Audit of kvm07 (REAL): " in app.picture
        await app.press("escape")
        assert app.name == "HardwareScreen"
