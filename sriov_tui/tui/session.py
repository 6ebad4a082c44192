"""One sitting of the wizard: what the app may ask for, done on the machine that it is about."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from checks.agent import foreseen
from checks.host_agent import guest_commands
from checks.host_agent.requested import asked_for
from screens.services import Services
from sriov_tui import plan as plans
from sriov_tui.facts import HostFacts
from sriov_tui.hosts import trusted
from sriov_tui.hosts.os_errors import told
from sriov_tui.message import Message, say
from sriov_tui.model import Choices, Mode, Plan, RunView, SriovError, State
from sriov_tui.model.advice import Advice
from sriov_tui.reports import run_markdown
from sriov_tui.run import store
from sriov_tui.run import view as run_view
from sriov_tui.services import cluster
from sriov_tui.services.answers import SAVED, encode_answers, load_answers
from sriov_tui.services.changes import changes
from sriov_tui.services.demos import DEMOS, demo_machine
from sriov_tui.services.evaluation import evaluate
from sriov_tui.services.machine import facts_of, open_host, open_reader, state_dir_for, with_image
from sriov_tui.services.matching import matched
from sriov_tui.services.tickets import summary
from sriov_tui.services.watching import open_watcher, settled

SUMMARY = "summary.md"
PLAN_MARKDOWN, PLAN_JSON = "plan.md", "plan.json"
LEFT = "facts-left.json"  # the host as the wizard last saw it: what a visit to the BIOS is compared to


class Session:
    """A machine (by its specification), the facts last gathered of it, and the State that follows."""

    def __init__(self, spec: str, *, read_only: bool = False, facts: HostFacts | None = None) -> None:
        self._spec = spec
        self._state_dir = state_dir_for(spec)
        self._facts = facts or facts_of(spec)
        self._left = None if spec.startswith("recorded:") else store.read_facts(self._state_dir / LEFT)
        self._reported: tuple[Message, ...] = ()  # what the host-agent said after it was restarted here
        self._read_only = read_only or spec.startswith("recorded:") or self._facts.root is not True

    def state(self, choices: Choices | None = None) -> State:
        """The State for these choices; without any, for those that were saved, or that host.conf asks for."""
        if choices is None:
            choices = self._saved() or asked_for(self._facts)
            self._facts = with_image(self._spec, self._facts, choices)
        state = evaluate(self._facts, choices)
        view = self.view_run()
        agent = self._reported or cluster.commands(self._facts)
        words = (*agent, *guest_commands.lines(foreseen(self._facts, choices)))
        return replace(state, mode=self._mode(), run=view, changes=self._changes(view), commands=words)

    def services(self) -> Services:
        """What the app is handed for this machine."""
        writes = not self._read_only
        return Services(
            evaluate=self.state,
            gather=self._gather,
            save_answers=told(self._save) if writes else lambda choices: None,
            start_run=told(self._start) if writes else _refuse,
            view_run=self.view_run,
            resume_run=told(self._resume) if writes else _refuse,
            stop_run=told(self._stop) if writes else _refuse,
            rollback_run=told(self._rollback) if writes else _refuse,
            confirm_run=told(self._confirm) if writes else _refuse,
            save_summary=told(self._save_summary) if writes else _refuse_path,
            reboot=told(self._reboot) if writes else _refuse,
            demos=DEMOS,
            open_demo=open_demo,
            open_read_only=self._open_read_only,
            report_crash=self._report_crash,
            symptoms=_symptoms,
            troubleshoot=self._troubleshoot,
            list_images=self._list_images,
            look_at_image=self._look_at_image,
            list_runs=self._list_runs,
            ticket=lambda name: tuple(summary(store.find(name, self._state_dir))),
            follow=self._follow if self._spec == "local" else None,
            save_plan=told(self._save_plan) if writes else None,
            ask_agent=self._ask_agent if writes and self._spec == "local" else None,
            restart_agent=told(self._restart_agent) if writes else lambda tell: False,
        )

    def view_run(self) -> RunView | None:
        """The newest run of this machine, as its journal tells it."""
        run = store.latest(self._state_dir)
        try:
            return run_view.view(run) if run else None
        except SriovError:
            return None

    def _list_runs(self) -> tuple[RunView, ...]:
        """Every run that can be read, the newest first."""
        found = list[RunView]()
        for run in reversed(store.list_runs(self._state_dir)):
            with contextlib.suppress(SriovError):
                found.append(run_view.view(run))
        return tuple(found)

    def _mode(self) -> Mode:
        if self._read_only:
            return "read-only"
        return "simulated" if self._spec.startswith("simulated:") else "real"

    def _saved(self) -> Choices | None:
        path = self._state_dir / SAVED
        try:
            return matched(load_answers(path), self._facts)
        except SriovError:
            return None

    def _changes(self, view: RunView | None) -> tuple[str, ...]:
        """What is different since the unfinished run began, or the wizard was left, told once the host was rebooted."""
        if view is None or view.outcome in ("applied", "rolled-back", "partly-back"):
            left = self._left
            return changes(left, self._facts) if left and left.kernel.boot_id != self._facts.kernel.boot_id else ()
        if view.plan.boot_id == self._facts.kernel.boot_id:
            return ()
        run = store.find(view.id, self._state_dir)
        before = store.read_facts(run / store.FACTS_AFTER) or store.read_facts(run / store.FACTS_BEFORE)
        return changes(before, self._facts) if before else ()

    def _troubleshoot(self, words: str, answers: Mapping[str, str]) -> Advice:
        from sriov_tui.services import troubleshooting

        logged = troubleshooting.logs(open_reader(self._spec), self._facts)
        return troubleshooting.advise(self._facts, words, logged, answers)

    def _gather(self) -> State:
        images = self._facts.images
        self._facts = replace(facts_of(self._spec), images=images)
        return self.state()

    def _list_images(self, folder: str) -> tuple[tuple[str, bool], ...]:
        from sriov_tui.probe.image import candidates

        try:
            found = candidates(open_reader(self._spec), folder)
        except OSError as error:
            raise SriovError(
                say("{folder} cannot be listed: {strerror}", folder=folder, strerror=error.strerror),
                say("Choose another folder."),
            ) from error
        return tuple((one.name, one.folder) for one in found)

    def _look_at_image(self, path: str) -> None:
        from sriov_tui.probe.image import look

        image = look(open_reader(self._spec), path)
        others = (other for other in self._facts.images if other.path != path)
        self._facts = replace(self._facts, images=(*others, image))

    def _follow(self, changed: Callable[[], object]) -> Callable[[], None]:
        watcher = open_watcher(self._spec)
        ended = threading.Event()

        def follow() -> None:
            while settled(watcher) and not ended.is_set():
                self._facts = replace(facts_of(self._spec), images=self._facts.images)
                if not ended.is_set():
                    changed()

        def end() -> None:
            ended.set()
            watcher.close()

        threading.Thread(target=follow, name="follow", daemon=True).start()
        return end

    def _save(self, choices: Choices) -> None:
        self._state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        trusted.write(self._state_dir / SAVED, encode_answers(choices, self._facts))
        store.write_facts(self._state_dir / LEFT, self._facts)

    def _save_plan(self, state: State) -> tuple[str, ...]:
        from sriov_tui.reports import plan_markdown

        self._state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        trusted.write(self._state_dir / PLAN_MARKDOWN, "\n".join((*plan_markdown.markdown(state), "")))
        trusted.write(self._state_dir / PLAN_JSON, plans.to_json(state.plan))
        return str(self._state_dir / PLAN_MARKDOWN), str(self._state_dir / PLAN_JSON)

    def _ask_agent(self) -> tuple[Message, ...]:
        from sriov_tui.services import agent_restart

        return agent_restart.ask(self._facts, agent_restart.way_of(open_reader(self._spec), self._facts))

    def _restart_agent(self, tell: Callable[[Message], None]) -> bool:
        from checks.host_agent.reported import verdict
        from sriov_tui.services import agent_restart

        if held := store.holder(self._state_dir):
            raise store.busy(held)
        host, facts = open_host(self._spec), facts_of(self._spec)  # it may have changed since it was asked
        answer = agent_restart.carry_out(host, facts, agent_restart.way_of(host, facts), tell)
        self._reported = verdict(answer.reported, answer.expected) if answer.agrees else ()
        return answer.agrees

    def _start(self, plan: Plan) -> None:
        self._reported = ()
        store.start(plan, self._spec, self._state_dir, self._facts)

    def _latest(self) -> Path:
        return store.find("", self._state_dir)

    def _resume(self) -> None:
        store.launch_engine(self._latest())

    def _stop(self) -> None:
        store.request_stop(self._latest())

    def _rollback(self) -> None:
        store.launch_engine(self._latest(), "--rollback")

    def _confirm(self) -> None:
        from sriov_tui.run import confirmation  # with all that the engine needs to take a step back

        waits = confirmation.of(self._latest())
        if waits is None or not waits.acted:
            raise SriovError(say("Nothing waits for a confirmation any more."))
        confirmation.confirm(self._latest(), waits, say("by a key in the wizard"))

    def _save_summary(self, after: State | None) -> tuple[str, tuple[str, ...]]:
        run = self._latest()
        lines = tuple(run_markdown.markdown(run_view.view(run), after))
        trusted.write(run / SUMMARY, "\n".join((*lines, "")))
        return str(run / SUMMARY), lines

    def _reboot(self) -> None:
        host = open_host(self._spec)
        lines: list[str] = []
        if host.run(("systemctl", "reboot"), 60.0, lines.append) != 0:
            raise SriovError(
                say("The reboot did not start."), say("{lines} Reboot by hand.", lines=" ".join(lines[-3:]))
            )

    def _open_read_only(self) -> tuple[State, Services]:
        session = Session(self._spec, read_only=True)
        return session.state(), session.services()

    def _report_crash(self, text: str) -> str:
        folder = self._state_dir if os.access(self._state_dir, os.W_OK) else Path(tempfile.gettempdir())
        fd, path = tempfile.mkstemp(prefix="sriov-tui-crash-", suffix=".log", dir=folder)
        with os.fdopen(fd, "w") as file:
            file.write(text)
        return path


def open_demo(name: str) -> tuple[State, Services]:
    """A fresh simulated machine of this name, below the temporary directory."""
    from sriov_tui.simulated import SimulatedHost

    folder = Path(tempfile.mkdtemp(prefix="sriov-tui-demo-"))
    SimulatedHost.create(demo_machine(name), folder)
    session = Session(f"simulated:{folder}")
    return session.state(), session.services()


def _symptoms() -> tuple[tuple[str, str], ...]:
    """What troubleshooting knows is imported once it is asked for: the first screen is there sooner."""
    from sriov_tui.services import troubleshooting

    return troubleshooting.symptoms()


def _refuse_path(_: State | None) -> tuple[str, tuple[str, ...]]:
    raise _cannot_write()


def _refuse(*_: object) -> None:
    raise _cannot_write()


def _cannot_write() -> SriovError:
    return SriovError(say("This view cannot change the machine."), say("Run sriov-tui as root on the host itself."))
