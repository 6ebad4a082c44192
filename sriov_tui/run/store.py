"""The state directory: one directory per run, the lock of the engine, and a run as it stands told from its files.

STATE_DIR/lock                      held by the one engine that works on this host
STATE_DIR/runs/20260101T000000Z/    plan.json, journal.jsonl, host (how to open the machine),
                                    facts-before.json, facts-after.json, engine.log, stop (a request),
                                    guard (locked by the process that watches a step to be confirmed),
                                    confirmed (see sriov_tui.run.confirmation)
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from sriov_tui import codec, plan
from sriov_tui.facts import HostFacts, source_of
from sriov_tui.hosts.os_errors import told
from sriov_tui.hosts.trusted import check_private, read_trusted, write
from sriov_tui.message import say
from sriov_tui.model import STATE_DIR, Plan, SriovError
from sriov_tui.run import journal
from sriov_tui.run.journal import sync_directory
from sriov_tui.run.launch import engine_argv, guard_argv, launch

KEEP_RUNS = 50
PLAN, HOST, STOP, LOG, GUARD = "plan.json", "host", "stop", "engine.log", "guard"
FACTS_BEFORE, FACTS_AFTER = "facts-before.json", "facts-after.json"


def list_runs(state_dir: str | Path = STATE_DIR) -> tuple[Path, ...]:
    """Every run directory, oldest first; none where there is no state directory or it may not be read."""
    try:
        return tuple(sorted(path for path in (Path(state_dir) / "runs").iterdir() if (path / PLAN).is_file()))
    except OSError:
        return ()


def latest(state_dir: str | Path = STATE_DIR) -> Path | None:
    """The newest run, or None."""
    return (list_runs(state_dir) or (None,))[-1]


def latest_begun(state_dir: str | Path = STATE_DIR) -> Path | None:
    """The newest run that has a line in its journal: one that never began hides none before it. None without one."""
    return next((run for run in reversed(list_runs(state_dir)) if journal.read(run / journal.NAME)[1]), None)


@told
def check_journal(run_dir: Path) -> None:
    """SriovError where the journal of a run is lost: `create` makes it, and a run that began has lines in it."""
    path = run_dir / journal.NAME
    if path.exists() and (path.stat().st_size or not (run_dir / FACTS_AFTER).exists()):
        return
    raise SriovError(
        say("The journal of run {run} is missing, so what it changed is not known.", run=run_dir.name),
        say(
            "Nothing was done. Restore {path} from a backup; `sriov-tui audit` shows how the host is now, and {plan} "
            "what was planned.",
            path=str(path),
            plan=str(run_dir / PLAN),
        ),
    )


def find(name: str, state_dir: str | Path = STATE_DIR) -> Path:
    """The run of this id, or the newest for ""; SriovError naming those that there are."""
    runs = list_runs(state_dir)
    if not runs:
        raise SriovError(
            say("There is no run below {state_dir}", state_dir=str(state_dir)),
            say("`sriov-tui apply` makes one. Reading it needs root."),
        )
    if not name:
        return runs[-1]
    for run in runs:
        if run.name == name:
            return run
    raise SriovError(
        say("There is no run {name}", name=repr(name)),
        say("Runs: {name}.", name=", ".join(run.name for run in runs[-10:])),
    )


def create(new: Plan, spec: str, state_dir: str | Path = STATE_DIR, facts: HostFacts | None = None) -> Path:
    """Make the directory of a new run, mode 0700, with its plan on disk; `spec` tells how the engine opens the host."""
    directory = Path(state_dir) / "runs"
    try:
        for folder in (Path(state_dir), directory):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            check_private(folder)
        _prune(state_dir)
        run = directory / _new_id(state_dir)
        run.mkdir(mode=0o700)
        write(run / HOST, _absolute(spec) + "\n")
        if facts is not None:
            write_facts(run / FACTS_BEFORE, facts)
        write(run / journal.NAME, "")
        write(run / PLAN, plan.to_json(new))
        for folder in (run, directory, directory.parent, directory.parent.parent):
            sync_directory(folder)  # a name that is not on disk takes all below it along
        journal.sync_directory(directory)
    except OSError as error:
        raise SriovError(
            say(
                "The run cannot be kept below {state_dir}: {strerror}",
                state_dir=str(state_dir),
                strerror=error.strerror,
            ),
            say("Run as root, and make room."),
        ) from error
    return run


@told
def check_run(run_dir: Path) -> None:
    """SriovError where anybody but us and root may have written the run: its folders, its plan, its journal."""
    for folder in (run_dir.parent.parent, run_dir.parent, run_dir):
        check_private(folder)
    for name in (PLAN, HOST, journal.NAME):
        if (run_dir / name).exists():
            read_trusted(run_dir / name, 1 << 30)


def start(new: Plan, spec: str, state_dir: str | Path = STATE_DIR, facts: HostFacts | None = None) -> Path:
    """Make a run and launch its engine; SriovError with the process id where another one is at work."""
    if held := holder(state_dir):
        raise busy(held)
    run = create(new, spec, state_dir, facts)
    launch_engine(run)
    return run


@told
def launch_engine(run_dir: Path, *options: str) -> Callable[[], bool]:
    """Launch the engine for a run: to apply or resume it, or with "--rollback" (and "--force") to take it back.

    Returns a function that tells whether it may still be starting, for `run_view.follow`.
    """
    with suppress(FileNotFoundError):
        (run_dir / STOP).unlink()
    unit = f"sriov-tui-{run_dir.name}-{os.urandom(3).hex()}" if read_spec(run_dir) == "local" else ""
    return launch(engine_argv(run_dir, *options), run_dir / LOG, unit)


def launch_guard(run_dir: Path, patience: float = 60.0) -> None:
    """Launch the process that undoes an unconfirmed step where the engine dies; returns once it watches."""
    unit = f"sriov-tui-guard-{run_dir.name}-{os.urandom(3).hex()}" if read_spec(run_dir) == "local" else ""
    alive = launch(guard_argv(run_dir), run_dir / LOG, unit)
    deadline = time.monotonic() + patience
    while not guarded(run_dir):
        if not alive() or time.monotonic() > deadline:
            raise SriovError(
                say("The process that would undo this step, were the engine to die, did not start"),
                say("The step was not started. {run_dir} shows why.", run_dir=str(run_dir / LOG)),
            )
        time.sleep(0.05)


def guarded(run_dir: Path) -> bool:
    """Whether a process watches over the step that is to be confirmed."""
    return _is_held(run_dir / GUARD)


def read_plan(run_dir: Path) -> Plan:
    """The plan of a run."""
    return plan.from_json(read_trusted(run_dir / PLAN), say("The plan {run_dir}", run_dir=str(run_dir / PLAN)))


def read_spec(run_dir: Path) -> str:
    """How the engine opens the machine of a run."""
    return read_trusted(run_dir / HOST).decode().strip()


@told
def write_facts(path: Path, facts: HostFacts) -> None:
    """Keep facts as JSON beside a run."""
    write(path, json.dumps(codec.encode(facts)) + "\n")


def read_facts(path: Path) -> HostFacts | None:
    """Facts kept beside a run; None where there are none, or another version wrote them."""
    try:
        document = json.loads(path.read_bytes())
        if isinstance(document, dict) and isinstance(document.get("source"), str):  # as versions up to 0.1 wrote it
            document["source"] = codec.encode(source_of(document["source"]))
        return codec.decode(HostFacts, document)
    except (OSError, ValueError):
        return None


@told
def request_stop(run_dir: Path) -> None:
    """Ask the engine of a run to stop after the step that it is in."""
    write(run_dir / STOP, "")


@contextmanager
def locked(run_dir: Path, patience: float = 1.0) -> Iterator[None]:
    """Hold the lock of the state directory of a run; SriovError with the holder's process id where it is taken."""
    path = run_dir.parent.parent / "lock"
    fd = told(os.open)(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        told(_take)(fd, time.monotonic() + patience)
        try:
            told(_sign)(fd, f"{os.getpid()} {run_dir.name}\n")
            yield
        finally:
            with suppress(OSError):  # that the lock is free says more than what is in the file
                os.ftruncate(fd, 0)
    finally:
        with suppress(OSError):
            os.close(fd)


def holder(state_dir: str | Path = STATE_DIR) -> tuple[int, str] | None:
    """The engine that works now, as (process id, run id); None where none does."""
    try:
        fd = os.open(Path(state_dir) / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(fd)
    finally:
        os.close(fd)
    return None


def end_engine(run_dir: Path, pid: int, patience: float = 5.0) -> bool:
    """Kill the engine process of a run that does nothing any more; False where this process is none such.

    One that the kernel holds ends as soon as that lets it go, and does nothing before: so it counts as ended.
    """
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if b"engine" not in words or os.fsencode(run_dir.absolute()) not in words:
            return False
        os.kill(pid, signal.SIGKILL)
    except OSError:
        return False
    deadline = time.monotonic() + patience
    while holder(run_dir.parent.parent) and time.monotonic() < deadline:
        time.sleep(0.05)
    return True


def _is_held(path: Path) -> bool:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def running(run_dir: Path) -> bool:
    """Whether an engine works on this run now."""
    held = holder(run_dir.parent.parent)
    return held is not None and held[1] in (run_dir.name, "")


def busy(held: tuple[int, str]) -> SriovError:
    """The refusal of a second engine."""
    return SriovError(
        say(
            "Another run is at work on this host: {held}, process {held2}",
            held=held[1] or say("just starting"),
            held2=held[0],
        ),
        say("Watch it with `sriov-tui resume`, or wait until it has ended."),
    )


def _take(fd: int, deadline: float) -> None:
    # A moment of patience: `holder` takes a shared lock in passing.
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise busy(_holder(fd)) from None
            time.sleep(0.05)


def _sign(fd: int, text: str) -> None:
    """Tell in the lock whose it is."""
    os.ftruncate(fd, 0)
    os.pwrite(fd, text.encode(), 0)


def _holder(fd: int) -> tuple[int, str]:
    pid, _, run = os.pread(fd, 200, 0).decode("ascii", "replace").strip().partition(" ")
    return int(pid) if pid.isdigit() else 0, run


def _absolute(spec: str) -> str:
    """A specification that is the same machine for a process with another working directory."""
    kind, colon, folder = spec.partition(":")
    return f"{kind}:{Path(folder).absolute()}" if colon else kind


def _new_id(state_dir: str | Path) -> str:
    """The time, or where the clock went back, one more than the newest: the order of names is that of the runs."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    names = [run.name for run in list_runs(state_dir)]
    if not names or stamp > names[-1][: len(stamp)]:
        return stamp
    base, _, count = names[-1].partition("-")
    return f"{base}-{int(count or 0) + 1:03d}" if (count or "0").isdigit() else f"{names[-1]}-001"


def _prune(state_dir: str | Path) -> None:
    import shutil  # with the libraries of every archive format, 3 ms

    for run in list_runs(state_dir)[: -KEEP_RUNS + 1]:
        with suppress(OSError):
            shutil.rmtree(run)
