"""The restart of the host-agent, from the result of a run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sriov_tui.message import Message, say, verbatim
from sriov_tui.model import Finding, Level, SriovError
from sriov_tui.tui import session
from tests.agent_node import Node, added
from tests.samples import CONF, FIRST, igb_host
from tests.screens.driving import Driven, opened
from tests.screens.fakes import Fake
from tests.screens.test_run import running, view

Tell = Callable[[Message], None]
ASKED = CONF.replace("10.0.2.15\n", "10.0.2.15\n- enp1s0/br1/bcast1\n") + "sriov_nics:\n- enp1s0\n"


def verified() -> Fake:
    """A machine whose run did what it promised."""
    machine = running(view("done", "done", "done", outcome="applied"))
    machine.find = lambda choices: (
        Finding(id="iommu.active", level=Level.OK, title=verbatim("The IOMMU is active")),
        Finding(id="vfs.count", level=Level.OK, subject=FIRST, title=verbatim("7 VFs")),
    )
    return machine


def ask() -> tuple[Message, ...]:
    """What it interrupts."""
    return (say("Virtual machines go on running."),)


async def to_question(app: Driven) -> None:
    """From the result to the question."""
    await app.until("h Agent")
    await app.press("h")
    await app.until("Virtual machines go on running.")


async def test_it_is_not_offered_where_there_is_no_way() -> None:
    def no_way() -> tuple[Message, ...]:
        raise SriovError(verbatim("No container."), verbatim("Look."))

    for way in (None, no_way):
        async with opened(verified(), ask_agent=way) as app:
            await app.until("Verified")
            await app.settle()
            assert "h Agent" not in app.picture
            await app.press("h")
            assert "That is not possible now." in app.words


async def test_the_safe_answer_is_first_and_nothing_is_restarted() -> None:
    called: list[Tell] = []
    async with opened(verified(), ask_agent=ask, restart_agent=called.append) as app:
        await to_question(app)
        await app.press("enter")
        assert (app.name, called) == ("RunScreen", [])


async def test_what_it_reports_is_told_as_it_comes_and_the_host_is_read_again() -> None:
    machine, goes_on = verified(), threading.Event()

    def restart(tell: Tell) -> bool:
        tell(say("{devices} of {expected} devices so far.", devices=7, expected=14))
        goes_on.wait(20)
        tell(verbatim("14 of 14 devices were reported by the host-agent."))
        return True

    async with opened(machine, ask_agent=ask, restart_agent=restart) as app:
        await to_question(app)
        await app.press("tab", "enter")
        await app.until("7 of 14 devices so far.")
        assert "14 of 14" not in app.picture
        goes_on.set()
        await app.until("It reported what was foreseen.")
        assert "14 of 14 devices were reported" in app.picture
        await app.press("escape")
        await app.until("Verified")
        assert machine.calls == ["gather", "gather"]
        assert app.picture.splitlines()[-1].count("h Agent") == 1


async def test_enter_asks_and_nothing_is_asked_while_something_runs() -> None:
    machine = verified()
    async with opened(machine, ask_agent=ask) as app:
        await app.until("Enter or h restarts the host-agent here")
        await app.press("enter")
        await app.until("Virtual machines go on running.")
        await app.press("escape", "u", "tab", "enter")
        assert machine.calls[-1] == "rollback"
        await app.press("h")
        assert app.name == "RunScreen"
        assert "That is not possible now." in app.words


async def test_its_error_is_shown_with_the_cause() -> None:
    def restart(tell: Tell) -> bool:
        tell(say("The cause: {cause} ({id})", cause="fewer VFs than the total", id="vf.partial"))
        return False

    async with opened(verified(), ask_agent=ask, restart_agent=restart) as app:
        await to_question(app)
        await app.press("tab", "enter")
        await app.until("That is not what was foreseen.")
        assert "vf.partial" in app.picture


async def test_a_refusal_says_why_and_the_way_out() -> None:
    def restart(tell: Tell) -> bool:
        raise SriovError(verbatim("crictl did not stop it [/]."), verbatim("Use kubectl."))

    async with opened(verified(), ask_agent=ask, restart_agent=restart) as app:
        await to_question(app)
        await app.press("tab", "enter")
        await app.until("crictl did not stop it [/].")
        assert "Use kubectl." in app.picture
        assert "foreseen" not in app.picture


async def test_closing_the_box_does_not_stop_it() -> None:
    goes_on, ended = threading.Event(), threading.Event()

    def restart(tell: Tell) -> bool:
        goes_on.wait(20)
        tell(verbatim("nobody looks"))
        ended.set()
        return True

    async with opened(verified(), ask_agent=ask, restart_agent=restart) as app:
        await to_question(app)
        await app.press("tab", "enter", "escape")
        await app.until("The restart goes")
        goes_on.set()
        assert ended.wait(20)
        await app.settle()
        assert app.name == "RunScreen"


@contextmanager
def on(node: Node, monkeypatch: pytest.MonkeyPatch, state_dir: Path) -> Iterator[session.Session]:
    """A session of a real machine that is this node."""
    facts = igb_host(conf=ASKED)
    monkeypatch.setattr(session, "facts_of", lambda spec: facts)
    monkeypatch.setattr(session, "open_reader", lambda spec: node)
    monkeypatch.setattr(session, "open_host", lambda spec: node)
    monkeypatch.setattr(session, "state_dir_for", lambda spec: state_dir)
    monkeypatch.setattr("time.sleep", node.pause)
    yield session.Session("local")


def test_a_session_restarts_it_and_then_leads_with_what_was_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    node = Node(says=added(7))
    monkeypatch.setattr("sriov_tui.services.agent_restart.carry_out.__defaults__", (node.pause,))
    with on(node, monkeypatch, tmp_path) as made:
        services = made.services()
        assert services.ask_agent is not None
        assert any("go on running" in str(line) for line in services.ask_agent())
        told: list[Message] = []
        assert services.restart_agent(told.append)
        assert told[-1] == "7 of 7 devices were reported by the host-agent."
        assert made.state().commands[0] == told[-1]
        assert not any("kubectl delete pod" in str(line) for line in made.state().commands)


def test_a_view_that_cannot_write_offers_no_restart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with on(Node(), monkeypatch, tmp_path):
        assert session.Session("local", read_only=True).services().ask_agent is None
