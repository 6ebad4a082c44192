"""Which machine the program works on, and its facts."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sriov_tui.facts import HostFacts
from sriov_tui.hosts.host import Host, Reader
from sriov_tui.hosts.local import LocalHost
from sriov_tui.message import say
from sriov_tui.model import STATE_DIR, Choices, SriovError
from sriov_tui.probe import gather
from sriov_tui.run.view import rebooted_for


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
    raise SriovError(say("A recording cannot be changed."), say("Leave --host out to work on this machine."))


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
