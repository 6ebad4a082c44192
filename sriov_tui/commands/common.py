"""What the commands share: which machine, its facts, and what follows from them and the choices."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from sriov_tui.facts import HostFacts
from sriov_tui.hosts.host import Host, Reader
from sriov_tui.hosts.local import LocalHost
from sriov_tui.language import _
from sriov_tui.model import STATE_DIR, Choices, Explanation, SriovError, State
from sriov_tui.probe import gather
from sriov_tui.run.run_view import rebooted_for

ANSWERS_LIMIT = 1 << 20  # bytes


def add_host_option(parser: argparse._ActionsContainer) -> None:
    """`--host FILE`: work on a recording, or on a simulated machine, instead of this one."""
    parser.add_argument(
        "--host",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="work on the recording FILE (made by `sriov-tui collect`) instead of this machine; "
        "`simulated:DIR` opens a simulated machine, which can be changed",
    )


def spec_for(args: argparse.Namespace) -> str:
    """The machine's specification: "local", "recorded:FILE" or "simulated:DIR"."""
    given: str = getattr(args, "host", "")
    if not given:
        return "local"
    return given if given.startswith(("simulated:", "local:", "recorded:")) else f"recorded:{given}"


def open_reader(spec: str) -> Reader:
    """The machine of this specification, to read."""
    kind, _, folder = spec.partition(":")
    if kind == "recorded":
        from sriov_tui.hosts.recorded import RecordedHost

        return RecordedHost(Path(folder))
    return open_host(spec)


def open_host(spec: str) -> Host:
    """The machine of this specification, to change; a recording is refused."""
    kind, _, folder = spec.partition(":")
    if kind == "local":
        return LocalHost(folder or "/")
    if kind == "simulated":
        from sriov_tui.simulated import SimulatedHost

        return SimulatedHost(folder)
    raise SriovError("A recording cannot be changed.", "Leave --host out to work on this machine.")


def state_dir_for(spec: str) -> Path:
    """Where runs and answers of this machine are kept: a simulated machine keeps its own."""
    kind, _, folder = spec.partition(":")
    return Path(folder) / "state" if kind == "simulated" or (kind == "local" and folder) else Path(STATE_DIR)


def gather_for(args: argparse.Namespace) -> HostFacts:
    """The facts of the machine that the arguments name."""
    return facts_of(spec_for(args))


def facts_of(spec: str, through: Callable[[Reader], Reader] = lambda reader: reader) -> HostFacts:
    """The facts of a machine, and what it was rebooted for; `through` may stand between it and the probes."""
    reader = open_reader(spec)
    facts = gather(through(reader))
    return replace(facts, rebooted_for=rebooted_by_us(spec, reader, facts))


def with_image(spec: str, facts: HostFacts, choices: Choices) -> HostFacts:
    """The facts with the driver image that is chosen, if any, looked at: seconds, for its digest is made."""
    path = choices.driver.image
    if not path or facts.image(path) is not None:
        return facts
    from sriov_tui.probe.image import look

    return replace(facts, images=(*facts.images, look(open_reader(spec), path)))


def rebooted_by_us(spec: str, reader: Reader, facts: HostFacts) -> tuple[str, ...]:
    """The steps that this machine was rebooted for: they stand in our own runs, and of a recording in itself."""
    if spec.startswith("recorded:"):
        from sriov_tui.hosts.recorded import RecordedHost

        return tuple(reader.machine.rebooted_for) if isinstance(reader, RecordedHost) else ()
    return rebooted_for(state_dir_for(spec), facts.kernel.boot_id)


def load_answers(path: str | Path) -> Choices:
    """The choices in an answers file; SriovError names the file, the place and the reason."""
    import tomllib  # 4 ms, and most audits have no answers file

    from sriov_tui.answers import decode_answers

    try:
        data = Path(path).read_bytes()[: ANSWERS_LIMIT + 1]
        if len(data) > ANSWERS_LIMIT:
            raise SriovError(f"{path} is too large for an answers file.", "Name the file that the wizard saved.")
        return decode_answers(tomllib.loads(data.decode()), str(path))
    except OSError as error:
        raise SriovError(
            f"{path}: {error.strerror}.", "The wizard saves its answers; its last screen says where."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SriovError(
            f"{path} is not a TOML file: {error}.", "Mend that place, or save the answers anew."
        ) from error


def load_trusted_answers(path: str | Path) -> Choices:
    """Like `load_answers`, of a file that we will act on: refused where others may have written it."""
    from sriov_tui.run import runs

    choices = load_answers(path)
    runs.read_trusted(Path(path), ANSWERS_LIMIT)
    return choices


def evaluate(facts: HostFacts, choices: Choices) -> State:
    """Everything that follows from the facts and the choices: pure, and quick enough for every key press."""
    import checks  # the rollback, which imports this module, must not depend on them
    from checks import agent, hostconf
    from sriov_tui import plan as plans

    findings, steps = checks.evaluate(facts, choices)
    return State(
        facts=facts,
        choices=choices,
        findings=findings,
        plan=plans.build(facts, choices, steps),
        diff=hostconf.diff(facts, choices),
        forecast=agent.lines(agent.foreseen(facts, choices)),
        explain=explain,
    )


def explain(id: str) -> Explanation | None:
    """What the findings of this id are about; the texts are imported when the first one is asked for."""
    from checks import explained

    return explained.explain(id)


def complain(error: SriovError) -> int:
    """Print an error for the operator on standard error; exit status 1."""
    print(f"sriov-tui: {_(error.title)}", *([_(error.hint)] if error.hint else []), sep="\n  ", file=sys.stderr)
    return 1


def tell(lines: Iterable[str]) -> None:
    """Print lines for people, in their language."""
    print_lines(map(_, lines))


def print_lines(lines: Iterable[str]) -> None:
    """Print lines as they are; characters that the terminal cannot show are replaced, controls made visible."""
    encoding = sys.stdout.encoding or "ascii"
    for line in lines:
        shown = "".join(char if char.isprintable() or char == "\t" else repr(char)[1:-1] for char in line)
        print(shown.encode(encoding, "backslashreplace").decode(encoding))
