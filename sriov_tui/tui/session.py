"""One sitting of the wizard: what the app may ask for, done on the machine that it is about."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from checks import guest
from checks.agent import foreseen
from checks.asked import asked_for
from screens.base import Services
from sriov_tui.answers import encode_answers
from sriov_tui.changes import changes
from sriov_tui.commands import advice, agent, common, watching
from sriov_tui.demos import DEMOS, demo_machine
from sriov_tui.facts import HostFacts
from sriov_tui.matching import matched
from sriov_tui.model import Choices, Mode, Plan, RunView, SriovError, State
from sriov_tui.probe.image import candidates, look
from sriov_tui.run import run_view, runs, ticket
from sriov_tui.trouble import Advice
from sriov_tui.watching import settled

ANSWERS = "answers.toml"
SUMMARY = "summary.md"
LEFT = "facts-left.json"  # the host as the wizard last saw it: what a visit to the BIOS is compared to


class Session:
    """A machine (by its specification), the facts last gathered of it, and the State that follows."""

    def __init__(self, spec: str, *, read_only: bool = False, facts: HostFacts | None = None) -> None:
        self._spec = spec
        self._state_dir = common.state_dir_for(spec)
        self._facts = facts or common.facts_of(spec)
        self._left = None if spec.startswith("recorded:") else runs.read_facts(self._state_dir / LEFT)
        self._read_only = read_only or spec.startswith("recorded:") or self._facts.root is not True

    def state(self, choices: Choices | None = None) -> State:
        """The State for these choices; without any, for those that were saved, or that host.conf asks for."""
        if choices is None:
            choices = self._saved() or asked_for(self._facts)
            self._facts = common.with_image(self._spec, self._facts, choices)
        state = common.evaluate(self._facts, choices)
        view = self.view_run()
        told = (*agent.commands(self._facts), *guest.lines(foreseen(self._facts, choices)))
        return replace(state, mode=self._mode(), run=view, changes=self._changes(view), commands=told)

    def services(self) -> Services:
        """What the app is handed for this machine."""
        writes = not self._read_only
        return Services(
            evaluate=self.state,
            gather=self._gather,
            save_answers=self._save if writes else lambda choices: None,
            start_run=self._start if writes else _refuse,
            view_run=self.view_run,
            resume_run=self._resume if writes else _refuse,
            stop_run=self._stop if writes else _refuse,
            rollback_run=self._rollback if writes else _refuse,
            confirm_run=self._confirm if writes else _refuse,
            save_summary=self._save_summary if writes else _refuse_path,
            reboot=self._reboot if writes else _refuse,
            demos=DEMOS,
            open_demo=open_demo,
            open_read_only=self._open_read_only,
            report_crash=self._report_crash,
            symptoms=advice.symptoms(),
            troubleshoot=self._troubleshoot,
            list_images=self._list_images,
            look_at_image=self._look_at_image,
            follow=self._follow if self._spec == "local" else None,
        )

    def view_run(self) -> RunView | None:
        """The newest run of this machine, as its journal tells it."""
        run = runs.latest(self._state_dir)
        try:
            return run_view.view(run) if run else None
        except SriovError:
            return None

    def _mode(self) -> Mode:
        if self._spec.startswith("simulated:"):
            return "simulated"
        return "read-only" if self._read_only else "real"

    def _saved(self) -> Choices | None:
        path = self._state_dir / ANSWERS
        try:
            return matched(common.load_answers(path), self._facts)
        except SriovError:
            return None

    def _changes(self, view: RunView | None) -> tuple[str, ...]:
        """What is different since the unfinished run began, or the wizard was left, told once the host was rebooted."""
        if view is None or view.outcome in ("applied", "rolled-back", "partly-back"):
            left = self._left
            return changes(left, self._facts) if left and left.kernel.boot_id != self._facts.kernel.boot_id else ()
        if view.plan.boot_id == self._facts.kernel.boot_id:
            return ()
        run = runs.find(view.id, self._state_dir)
        before = runs.read_facts(run / runs.FACTS_AFTER) or runs.read_facts(run / runs.FACTS_BEFORE)
        return changes(before, self._facts) if before else ()

    def _troubleshoot(self, words: str, answers: Mapping[str, str]) -> Advice:
        logged = advice.logs(common.open_reader(self._spec), self._facts)
        return advice.advise(self._facts, words, logged, answers)

    def _gather(self) -> State:
        images = self._facts.images
        self._facts = replace(common.facts_of(self._spec), images=images)
        return self.state()

    def _list_images(self, folder: str) -> tuple[tuple[str, bool], ...]:
        try:
            found = candidates(common.open_reader(self._spec), folder)
        except OSError as error:
            raise SriovError(f"{folder} cannot be listed: {error.strerror}", "Choose another folder.") from error
        return tuple((one.name, one.folder) for one in found)

    def _look_at_image(self, path: str) -> None:
        image = look(common.open_reader(self._spec), path)
        others = (other for other in self._facts.images if other.path != path)
        self._facts = replace(self._facts, images=(*others, image))

    def _follow(self, changed: Callable[[], object]) -> Callable[[], None]:
        watcher = watching.open_watcher(self._spec)
        ended = threading.Event()

        def follow() -> None:
            while settled(watcher) and not ended.is_set():
                self._facts = replace(common.facts_of(self._spec), images=self._facts.images)
                if not ended.is_set():
                    changed()

        def end() -> None:
            ended.set()
            watcher.close()

        threading.Thread(target=follow, name="follow", daemon=True).start()
        return end

    def _save(self, choices: Choices) -> None:
        self._state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        runs.write(self._state_dir / ANSWERS, encode_answers(choices, self._facts))
        runs.write_facts(self._state_dir / LEFT, self._facts)

    def _start(self, plan: Plan) -> None:
        runs.start(plan, self._spec, self._state_dir, self._facts)

    def _latest(self) -> Path:
        return runs.find("", self._state_dir)

    def _resume(self) -> None:
        runs.launch_engine(self._latest())

    def _stop(self) -> None:
        runs.request_stop(self._latest())

    def _rollback(self) -> None:
        runs.launch_engine(self._latest(), "--rollback")

    def _confirm(self) -> None:
        from sriov_tui.run import confirming  # with all that the engine needs to take a step back

        waits = confirming.of(self._latest())
        if waits is None or not waits.acted:
            raise SriovError("Nothing waits for a confirmation any more.")
        confirming.confirm(self._latest(), waits, "by a key in the wizard")

    def _save_summary(self, after: State | None) -> tuple[str, tuple[str, ...]]:
        run = self._latest()
        lines = tuple(ticket.markdown(run_view.view(run), after))
        runs.write(run / SUMMARY, "\n".join((*lines, "")))
        return str(run / SUMMARY), lines

    def _reboot(self) -> None:
        host = common.open_host(self._spec)
        lines: list[str] = []
        if host.run(("systemctl", "reboot"), 60.0, lines.append) != 0:
            raise SriovError("The reboot did not start.", f"{' '.join(lines[-3:])} Reboot by hand.")

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


def _refuse_path(_: State | None) -> tuple[str, tuple[str, ...]]:
    raise _cannot_write()


def _refuse(*_: object) -> None:
    raise _cannot_write()


def _cannot_write() -> SriovError:
    return SriovError("This view cannot change the machine.", "Run sriov-tui as root on the host itself.")
